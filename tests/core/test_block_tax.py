"""Profit tax: losses carried on, writing off, sale gains, companies, and rates that invite inventing losses.

Every month is a tax year of its own unless a test says otherwise; the rate is 25 %.
"""

import sys
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from optimizer.blocks import BLOCKS, tax
from optimizer.blocks.mining import mining
from optimizer.blocks.tax import lapses_in_time, may_pay_to_invent
from optimizer.certificate import upper_bound
from optimizer.inputs import Inputs
from optimizer.invoices import invoiced
from optimizer.solvers import Options, Status
from tests.core.answers import Answer, answer, same, status
from tests.core.instances import changed, on_offer, on_the_road, quiet, random_inputs, rich_inputs
from tests.core.printed import columns, line, model_of, rows

FALLING = 0.99 ** np.arange(3)
TWO_COMPANIES = {"entities": ("here", "there"), "entity_of_site": [0, 1], "entity_of_hub": [0, 1]}


def yearly(periods: int = 3, **changes: Any) -> dict[str, Any]:
    """Every period is a tax year, taxed in itself at 25 %."""
    return {
        "tax_years": tuple(f"y{number}" for number in range(1, periods + 1)),
        "year_share": np.eye(periods),
        "tax_paid_in": np.arange(periods),
        "tax_rate_share": 0.25,
        **changes,
    }


def earning(*usd: float, **changes: Any) -> Inputs:
    """Ten machines at one site that earn so much a month, each with an upkeep of 100 a month."""
    return quiet(
        sites=1,
        periods=len(usd),
        revenue_usd=np.array(usd),
        maintenance_usd=100.0,
        **(yearly(len(usd)) | changes),
    )


def with_money(data: Inputs, **changes: Any) -> Inputs:
    """The same inputs with other companies or tax years; what is not given about them is neutral."""
    of_money = [each for each in fields(Inputs) if set(each.metadata.get("axes", "")) & set("ey")]
    return changed(data, **({each.name: None for each in of_money} | changes))


def taxes(found: Answer) -> list[float]:
    """Paid by period, as assessed; and the assessment is what the optimum counted on."""
    billed = invoiced(found.lp, found.data, found.solution.values)
    assert same(float(found.lp.objective @ billed), found.value_usd)
    return [-paid for paid in found.money("profit_tax")]


# --- the rows ---------------------------------------------------------------------------------------------


def test_a_study_without_tax_years_has_no_tax() -> None:
    """No column, no row, no line."""
    lp = model_of(quiet(), mining, tax)
    assert "taxable" not in lp.variables
    assert "profit_tax" not in lp.ledger


def test_a_year_is_its_months_and_a_quarter_is_split_between_two() -> None:
    """Two periods, the second a third in the new year: 100 of m1 and 2/3 of 100 of m2, then 1/3 of it."""
    data = quiet(
        sites=1,
        periods=2,
        **yearly(2, year_share=[[1.0, 0.75], [0.0, 0.25]], tax_paid_in=[1, 1], loss_use_share=0.5),
    )
    lp = model_of(data, mining, tax)
    assert rows(lp, "tax_profit") == [
        "tax_profit[base, operator, y1]: -100 running[base, old, home, normal, m1] "
        "-75 running[base, old, home, normal, m2] +taxable[base, operator, y1] "
        "-loss_made[base, operator, y1] +loss_used[base, operator, y1] >= 0",
        "tax_profit[base, operator, y2]: -25 running[base, old, home, normal, m2] "
        "+taxable[base, operator, y2] -loss_made[base, operator, y2] +loss_used[base, operator, y2] >= 0",
    ]
    assert line(lp, "profit_tax") == [
        "base, operator, m2: -0.25 taxable[base, operator, y1] -0.25 cash_taxable[base, operator]"
    ]
    assert line(lp, "deferred_tax") == [
        "base, operator, m2: -0.25 taxable[base, operator, y2] +0.25 cash_taxable[base, operator]"
    ]
    assert rows(lp, "cash_tax") == [
        "cash_tax[base, operator]: -25 running[base, old, home, normal, m2] "
        "+loss_pool[base, operator, y1] +cash_taxable[base, operator] >= 0"
    ]
    assert rows(lp, "cash_tax_share") == [
        "cash_tax_share[base, operator]: -12.5 running[base, old, home, normal, m2] "
        "+cash_taxable[base, operator] >= 0"
    ]
    assert rows(lp, "loss_share") == [
        "loss_share[base, operator, y1]: -0.5 taxable[base, operator, y1] "
        "+0.5 loss_used[base, operator, y1] <= 0",
        "loss_share[base, operator, y2]: -0.5 taxable[base, operator, y2] "
        "+0.5 loss_used[base, operator, y2] <= 0",
    ]


# --- losses -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("discount", [FALLING, np.ones(3)])
def test_a_loss_is_carried_over_two_years(discount: np.ndarray) -> None:
    """Profits of -800, +300, +800: 300 of the loss in the second year, 500 in the third, tax 25 % of 300.

    Without carrying losses on, tax would be 0, 75 and 200.
    """
    found = answer(earning(20, 130, 180, discount=discount))
    assert taxes(found) == pytest.approx([0, 0, 75])
    assert found.of("loss_used")[0, 0] == pytest.approx([0, 300, 500])
    assert found.of("loss_pool")[0, 0] == pytest.approx([800, 500, 0])


def test_losses_offset_only_a_share_of_a_profit() -> None:
    """Half of 300, half of 800: tax on 150 and 400. Without the limit on 0 and 300."""
    assert taxes(answer(earning(20, 130, 180, discount=FALLING, loss_use_share=0.5))) == [0, 37.5, 100]


def test_losses_brought_in_are_used_first() -> None:
    """Profits of 300 a year and 500 brought in: tax on 0, 100, 300. Forgotten, on 300 each."""
    found = answer(earning(130, 130, 130, discount=FALLING, opening_loss_usd=500.0))
    assert taxes(found) == [0, 25, 75]


def test_a_loss_that_nobody_uses_is_worth_nothing() -> None:
    """Three years of -200: no tax and no refund; a refund would be 50 a year."""
    found = answer(earning(80, 80, 80, discount=FALLING))
    assert taxes(found) == [0, 0, 0]
    assert same(found.value_usd, -200 * FALLING.sum())


def test_a_loss_lapses() -> None:
    """500 brought in, good for one year: 300 of it goes into the first, 200 are gone; tax 0, 75, 75.

    For ever it would be 0, 25, 75. With a loss made and used at once each year, which refreshes old losses,
    it would be 0, 25, 75 as well.
    """
    data = earning(130, 130, 130, discount=FALLING, opening_loss_usd=500.0, loss_life_years=1.0)
    assert lapses_in_time(data).tolist() == [[True, True, False]]
    assert taxes(answer(data)) == pytest.approx([0, 75, 75])


def test_a_loss_lives_from_its_own_year() -> None:
    """-800, then 300 a year; good for two years it offsets 600 and 200 are gone: tax 0, 0, 0, 75.

    For ever: 0, 0, 0, 25. Good for one year: 0, 0, 75, 75.
    """
    falling = 0.99 ** np.arange(4)
    assert taxes(answer(earning(20, 130, 130, 130, discount=falling, loss_life_years=2.0))) == pytest.approx(
        [0, 0, 0, 75]
    )
    assert taxes(answer(earning(20, 130, 130, 130, discount=falling))) == pytest.approx([0, 0, 0, 25])
    assert taxes(answer(earning(20, 130, 130, 130, discount=falling, loss_life_years=1.0))) == pytest.approx(
        [0, 0, 75, 75]
    )


# --- a rate that rises ------------------------------------------------------------------------------------

HOLIDAY = {"tax_rate_share": [[0.0, 0.25, 0.25]], "discount": FALLING}


def test_a_holiday_is_no_time_to_invent_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 a year, the first untaxed: tax 0, 75, 75.

    Without yes-or-no columns the model would report any profit and any loss in the first year at no tax, and
    pay nothing ever after.
    """
    data = earning(130, 130, 130, **HOLIDAY)
    assert may_pay_to_invent(data).tolist() == [[True, False, False]]
    assert taxes(answer(data)) == pytest.approx([0, 75, 75])
    block = sys.modules["optimizer.blocks.tax"]
    monkeypatch.setattr(block, "may_pay_to_invent", lambda data: np.zeros((1, 3), dtype=bool))
    invented = answer(data)
    assert invented.of("taxable")[0, 0, 1:] == pytest.approx([0, 0])
    assert same(invented.value_usd, 300 * FALLING.sum())


def test_a_loss_is_used_as_soon_as_it_can_be() -> None:
    """400 brought in, profits of 300, rates of 10 and 30 %: tax on 0, then 200 and 300 at 30 %, 60 and 90.

    Kept for the dearer years it would be 30, 0 and 60.
    """
    data = earning(130, 130, 130, discount=FALLING, opening_loss_usd=400.0, tax_rate_share=[[0.1, 0.3, 0.3]])
    assert taxes(answer(data)) == pytest.approx([0, 60, 90])


def test_a_share_of_the_profit_is_used_as_soon_as_it_can_be() -> None:
    """Half of 300 in the first year, 150 at 10 %; then half of 300 each: 45 and 45."""
    data = earning(
        *(130, 130, 130),
        discount=FALLING,
        opening_loss_usd=900.0,
        loss_use_share=0.5,
        tax_rate_share=[[0.1, 0.3, 0.3]],
    )
    assert taxes(answer(data)) == pytest.approx([15, 45, 45])


def test_years_that_cannot_tempt_have_no_yes_or_no() -> None:
    """A steady rate and money that loses worth: a linear programme. A rising rate, or none of both: not."""
    steady = earning(130, 130, 130, discount=FALLING)
    assert not may_pay_to_invent(steady).any()
    assert not answer(steady).lp.is_integer.any()
    assert may_pay_to_invent(earning(130, 130, 130)).tolist() == [[True, True, False]]
    rising = replace(steady, tax_rate_share=np.array([[0.2, 0.201, 0.201]]))
    assert not may_pay_to_invent(rising).any()  # a dollar of the second year is worth 1 % less
    with_budget = replace(rising, opening_cash_usd=1e6)
    assert may_pay_to_invent(with_budget).tolist() == [[True, False, False]]  # scarce cash may undo the 1 %


# --- writing off ------------------------------------------------------------------------------------------

CAN_SELL = {"max_sales_per_period": [0.0, np.inf]}
ONE_ORDER = on_offer(3, count=1.0) | {"start_machines": 0.0, "order_usd": 300.0, "discount": FALLING}


def schedule(*shares: float) -> np.ndarray:
    """Written off by age, whenever it was ordered."""
    found = np.zeros((1, 3, 3))
    for age, share in enumerate(shares):
        found += share * np.eye(3, k=age)
    return found


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ((1 / 3, 1 / 3, 1 / 3), [25, 25, 25]),  # 100 off each year
        ((0.5, 0.25, 0.125), [12.5, 31.25, 40.625]),  # half of what is left
        ((1.0, 0.0, 0.0), [0, 25, 50]),  # a loss of 100 at once, carried into the second year
        ((0.0, 0.0, 0.0), [50, 50, 50]),  # never
    ],
)
def test_a_purchase_is_written_off(shares: tuple[float, ...], expected: list[float]) -> None:
    """One machine for 300 earns 200 a year. Deducted as an expense of the year it would be the third row."""
    data = quiet(
        sites=1, **ONE_ORDER, revenue_usd=200.0, **yearly(order_depreciation_share=schedule(*shares))
    )
    found = answer(data)
    assert found.money("purchases") == [-300, 0, 0]
    assert taxes(found) == pytest.approx(expected)


def test_customs_on_an_order_are_written_off_with_it() -> None:
    """30 of customs on 300: 110 a year off; without it 100 and a tax of 25."""
    data = quiet(
        sites=1,
        **ONE_ORDER,
        order_customs_usd=30.0,
        revenue_usd=200.0,
        **yearly(order_depreciation_share=schedule(1 / 3, 1 / 3, 1 / 3)),
    )
    assert taxes(answer(data)) == pytest.approx([22.5, 22.5, 22.5])


def test_what_is_left_at_the_end_is_taxed_on_its_gain() -> None:
    """Half of 300 not yet written off, worth 100: 50 less, 12.5 of tax is saved later. At once: 25 is due."""
    base = quiet(sites=1, **ONE_ORDER, revenue_usd=200.0, end_value_usd=[100.0])
    half = with_money(base, **yearly(order_depreciation_share=schedule(1 / 6, 1 / 6, 1 / 6)))
    assert answer(half).money("deferred_tax") == pytest.approx([0, 0, 12.5])
    at_once = with_money(base, **yearly(order_depreciation_share=schedule(1.0)))
    assert answer(at_once).money("deferred_tax") == pytest.approx([0, 0, -25])


def at_the_end(book_usd: float, worth_usd: float = 100.0, **changes: Any) -> Inputs:
    """Ten machines worth 100 each at the end, in the books at so much; 1,000 earned in each of two years."""
    return quiet(
        sites=1,
        periods=2,
        discount=FALLING[:2],
        end_value_usd=[worth_usd],
        book_usd=book_usd,
        **(yearly(2) | changes),
    )


@pytest.mark.parametrize(
    ("book", "changes", "paid", "at_end"),
    [
        (40.0, {}, [250, 250], 150),  # 600 gained
        (140.0, {}, [250, 250], -100),  # 400 lost, off the last year's 1,000
        (300.0, {}, [250, 250], -250),  # 2,000 lost: no more comes back than the last year's tax
        (40.0, {"opening_loss_usd": 2000.0}, [0, 0], 150),  # used up by the two years
        (40.0, {"opening_loss_usd": 2400.0}, [0, 0], 50),  # 400 left for the gain of 600
        (40.0, {"opening_loss_usd": 9000.0}, [0, 0], 0),
        (40.0, {"opening_loss_usd": 9000.0, "loss_use_share": 0.5}, [125, 125], 75),
        (40.0, {"opening_loss_usd": 9000.0, "loss_life_years": 1.0}, [0, 250], 150),
        (40.0, {"opening_loss_usd": 2400.0, "tax_paid_in": [1, 1]}, [0, 0], 50),  # both years in one period
        (140.0, {"tax_paid_in": [1, 1], "opening_cash_usd": 0.0}, [0, 500], -100),
    ],
)
def test_the_end_is_a_sale_in_the_last_year(
    book: float, changes: dict[str, Any], paid: list[float], at_end: float
) -> None:
    """Tax at 25 % on 1,000 a year, and what 1,000 of machines at the end change in the last year's.

    Without limits the third row would be -500 and rows five to eight 150; with a budget the cash paid is
    still that of the year alone.
    """
    found = answer(at_the_end(book, **changes))
    assert taxes(found) == pytest.approx(paid)
    assert found.money("deferred_tax") == pytest.approx([0, -at_end])


def test_a_company_without_profit_gets_nothing_back() -> None:
    """No income, 300 in the books and 100 of worth: sold now at 90, or held. 500 of tax would not come back.

    Held, they would have been worth 1,000 and 500 more, as if a tax that nobody pays were saved.
    """
    data = at_the_end(300.0, 80.0, revenue_usd=0.0, sale_usd=90.0, max_sales_per_period=np.inf)
    found = answer(data)
    assert found.money("sales") == [900, 0]
    assert found.money("deferred_tax") == [0, 0]
    assert same(found.value_usd, 900.0)


def test_a_company_with_profit_has_no_reason_to_sell_for_the_tax() -> None:
    """150 in the books, worth 100, sold for 99 in the last month: the loss saves the same tax sold or held.

    Counted only when sold, 51 of loss would save 12.75 of each and all ten would go for 1 less than they are
    worth.
    """
    found = answer(at_the_end(150.0, revenue_usd=[100.0, 100.0], sale_usd=[0.0, 99.0], **CAN_SELL))
    assert found.money("sales") == [0, 0]
    assert found.money("deferred_tax") == pytest.approx([0, 125])


def test_the_last_year_is_paid_in_the_last_period() -> None:
    """Paid sooner, a loss at the end could come back before it is made."""
    with pytest.raises(ValueError, match="the last tax year is paid in the last period"):
        answer(at_the_end(0.0, tax_paid_in=[0, 0]))


def test_a_budget_counts_the_tax_in_cash() -> None:
    """Of 1,000 a year 250 are paid; 150 on the machines' gain of 600 are no cash: 1,500 are there, not 1,350.

    Nor are 100 that a loss of 400 would bring back.
    """
    data = at_the_end(40.0, opening_cash_usd=0.0)
    assert status(changed(data, min_cash_usd=[0.0, 1500.0])) is Status.PROVEN
    assert status(changed(data, min_cash_usd=[0.0, 1501.0])) is Status.INFEASIBLE
    given_back = at_the_end(140.0, opening_cash_usd=0.0)
    assert status(changed(given_back, min_cash_usd=[0.0, 1501.0])) is Status.INFEASIBLE


def test_writing_off_sooner_is_worth_more() -> None:
    """300 off at once, 100 a year, or only after the plan: tax is saved ever later.

    At once there is no tax until profits of 200 have passed the 100 of loss. After the plan nothing is left
    to sell, so that 300 are lost in the last year; 200 of them save its tax of 50, the rest nothing.
    """
    base = quiet(sites=1, **(ONE_ORDER | {"discount": [1.0, 0.9, 0.8]}), revenue_usd=200.0)
    shares = ((1.0,), (1 / 3, 1 / 3, 1 / 3), (0.0,))
    found = [answer(with_money(base, **yearly(order_depreciation_share=schedule(*each)))) for each in shares]
    paid = ([0, 25, 50], [25, 25, 25], [50, 50, 0])
    before_tax = 200 * 2.7 - 300
    expected = [before_tax - each[0] - 0.9 * each[1] - 0.8 * each[2] for each in paid]
    assert [each.value_usd for each in found] == pytest.approx(expected)


def test_today_s_machines_write_off_where_they_stand() -> None:
    """Ten with 30 a month left: 1,000 less 300 taxed. On the road for m2 they go on, at the other company.

    Forgotten on the road, the second company would have no loss of 300 in m2 to take into m3.
    """
    here = quiet(sites=1, discount=FALLING, depreciation_usd=30.0, book_usd=[90.0, 60.0, 30.0], **yearly())
    assert taxes(answer(here)) == [175, 175, 175]
    away = quiet(
        **on_the_road(3, 1),
        **TWO_COMPANIES,
        discount=FALLING,
        revenue_usd=[[[0.0] * 3], [[400.0] * 3]],
        depreciation_usd=30.0,
        book_usd=[90.0, 60.0, 30.0],
        **yearly(),
    )
    found = answer(away)
    assert found.standing(1) == [0, 10, 10]
    assert found.of("loss_made")[0, 1] == pytest.approx([300, 0, 0])
    assert taxes(found) == pytest.approx([0, (4000 - 300 - 300) * 0.25, (4000 - 300) * 0.25])


def test_a_sale_is_taxed_on_what_it_brings_over_its_book() -> None:
    """Sold at once for 200 with 150 in the books: 50 gained by each, 12.5 of tax. On proceeds 50."""
    data = quiet(
        sites=1,
        discount=FALLING,
        revenue_usd=0.0,
        sale_usd=200.0,
        max_sales_per_period=np.inf,
        book_usd=[150.0, 100.0, 50.0],
        depreciation_usd=50.0,
        **yearly(),
    )
    found = answer(data)
    assert found.money("sales") == [2000, 0, 0]
    assert taxes(found) == pytest.approx([125, 0, 0])


def test_relocation_is_an_expense_of_the_year() -> None:
    """Moving ten at 40 each to where they earn 300: 3,000 less 400 taxed at 25 %, 650. As capital, 750."""
    data = quiet(periods=1, freight_usd=40.0, revenue_usd=[[[100.0]], [[300.0]]], discount=1.0, **yearly(1))
    assert taxes(answer(data)) == [650]


def test_building_is_written_off_by_its_own_schedule() -> None:
    """10 kW at 30 USD: 300, a third a year. As an expense of the year it would be 175, 250, 250."""
    data = quiet(
        sites=1,
        discount=FALLING,
        built_at_start_kw=0.0,
        build_usd_per_kw=30.0,
        **yearly(building_depreciation_share=schedule(1 / 3, 1 / 3, 1 / 3)),
    )
    assert taxes(answer(data)) == pytest.approx([225, 225, 225])


# --- companies --------------------------------------------------------------------------------------------


def test_one_company_s_loss_is_not_another_s() -> None:
    """Ten machines here lose 100 each and stay open for a signed contract; ten there earn 200.

    Apart: 2,000 taxed at 10 %, 200. Together at 25 %: (2,000 - 1,000), 250.
    """
    data = quiet(
        periods=1,
        start_machines=[[10.0, 10.0]],
        corridors=(),
        corridor_from=np.zeros(0, dtype=int),
        corridor_to=np.zeros(0, dtype=int),
        arrival_period=np.zeros((0, 1), dtype=int),
        maintenance_usd=100.0,
        revenue_usd=[[[0.0]], [[300.0]]],
        **yearly(1),
    )
    apart = with_money(data, **TWO_COMPANIES, **yearly(1, tax_rate_share=[[0.25], [0.1]]))
    assert taxes(answer(apart)) == [200]
    assert taxes(answer(data)) == [250]


def test_machines_go_where_the_tax_is_lower() -> None:
    """100 a month at both ends for 30 of freight: at 40 % here and 10 % there 90 a year are gained for 30.

    Before tax nothing would move. The trip is an expense of the company that it leads to.
    """
    data = quiet(
        freight_usd=30.0, **TWO_COMPANIES, discount=FALLING, **yearly(tax_rate_share=[[0.4] * 3, [0.1] * 3])
    )
    found = answer(data)
    assert found.standing(1) == [10, 10, 10]
    assert taxes(found) == pytest.approx([70, 100, 100])
    assert answer(quiet(freight_usd=30.0, discount=FALLING)).standing(1) == [0, 0, 0]


def test_a_line_that_belongs_to_nobody_is_refused() -> None:
    """With several companies, money by month alone cannot be taxed."""

    def gift(lp: Any, data: Inputs, plan: Any) -> None:
        lp.earn("gift", lp.money("wm"))

    with pytest.raises(ValueError, match="whose is it"):
        answer(quiet(**TWO_COMPANIES, **yearly()), (*BLOCKS, gift))


# --- the proof --------------------------------------------------------------------------------------------


def taxed(data: Inputs, seed: int) -> Inputs:
    """The same study with two tax years, two companies, losses, a share limit and writing off."""
    draw = np.random.default_rng(seed)
    periods, hubs = len(data.periods), len(data.hubs)
    company = np.arange(hubs) % 2
    first = np.clip(2.0 - 0.75 * np.arange(periods), 0.0, 1.0)
    months = np.subtract.outer(np.arange(periods), np.arange(periods)).T
    return with_money(
        data,
        entities=("here", "there"),
        entity_of_hub=company,
        entity_of_site=company[data.hub_of_site],
        tax_years=("y1", "y2"),
        year_share=np.stack([first, 1.0 - first]),
        tax_paid_in=[periods // 2, periods - 1],
        tax_rate_share=draw.uniform(0.05, 0.4, (2, 1)),
        loss_use_share=draw.choice([0.5, 1.0], (2, 1)),
        opening_loss_usd=draw.uniform(0, 600, 2),
        order_depreciation_share=np.where(months >= 0, 0.2 * 0.8**months, 0.0),
        building_depreciation_share=np.where(months >= 0, 0.1, 0.0),
        depreciation_usd=0.02 * data.machine_value_usd,
        book_usd=data.machine_value_usd * (0.5 - 0.02 * np.arange(periods)),
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_is_proven_without_the_solver(seed: int) -> None:
    """Tax ties lots together; with its price on profit each is a longest path again: a tight bound."""
    data = taxed(random_inputs(seed), seed)
    if may_pay_to_invent(data).any():
        pytest.skip("both years are paid in one month")
    found = answer(data)
    bound = upper_bound(found.lp, data, found.plan, found.solution.row_duals)
    assert same(bound, found.value_usd, 1e-7)
    assert not same(found.value_usd, answer(random_inputs(seed)).value_usd, 1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_prices_of_an_interior_point_prove_it_too(seed: int) -> None:
    """The bound may be loose by the method's rounding, never infinite."""
    data = taxed(random_inputs(seed), seed)
    if may_pay_to_invent(data).any():
        pytest.skip("both years are paid in one month")
    found = answer(data, options=Options(method="ipx", ends_at_vertex=False))
    bound = upper_bound(found.lp, data, found.plan, found.solution.row_duals)
    assert same(bound, found.value_usd, 1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_the_split_keeps_the_law_by_itself(seed: int) -> None:
    """Without one yes-or-no column: no year has both a taxed profit and a loss."""
    data = taxed(random_inputs(seed), seed)
    if may_pay_to_invent(data).any():
        pytest.skip("both years are paid in one month")
    found = answer(data)
    assert "in_profit" not in found.lp.variables
    made, taxable, used = (found.of(name)[0] for name in ("loss_made", "taxable", "loss_used"))
    assert np.minimum(made, taxable + used).max() < 1e-6 * max(1.0, np.abs(made).max())


def test_losses_cannot_be_refunded_by_borrowing_from_the_pool() -> None:
    """A loss in the last year alone: nothing to set it against, whatever was paid before."""
    found = answer(earning(130, 130, 20, discount=FALLING))
    assert taxes(found) == [75, 75, 0]


def test_tax_must_be_paid_from_cash() -> None:
    """1,000 of profit and 250 of tax a month later: 750 are left, and a floor of 800 cannot be kept."""
    data = quiet(sites=1, periods=2, revenue_usd=np.array([100.0, 0.0]), discount=FALLING[:2])
    late = with_money(data, **yearly(2, tax_paid_in=[1, 1]), opening_cash_usd=0.0)
    assert taxes(answer(late)) == pytest.approx([0, 250])
    assert status(changed(late, min_cash_usd=[0.0, 800.0])) is Status.INFEASIBLE
    assert status(changed(late, min_cash_usd=[0.0, 750.0])) is Status.PROVEN


def test_yes_or_no_columns_have_room() -> None:
    """A rich study with openings and a rising rate is solved, and its columns named."""
    data = taxed(rich_inputs(3), 3)
    data = replace(data, tax_rate_share=np.array([[0.1, 0.3], [0.2, 0.2]]))
    found = answer(data)
    assert columns(found.lp, "in_profit")[0] == "in_profit[base, here, y1]"
