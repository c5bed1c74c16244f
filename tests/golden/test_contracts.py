"""The example of every power contract, and the group's books: solved, proven, an invoice of each by hand.

A bill below is written from the numbers in the study's file and from what the plan draws, by arithmetic that
knows nothing of the program: it is what the supplier would send. To write the totals anew:

    python -m tests.golden.test_contracts --write
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from optimizer import Plan, Study, solve
from optimizer.solvers import Status

CONFIGS = Path(__file__).parents[2] / "configs"
CONTRACTS = CONFIGS / "contracts"
GOLDEN = Path(__file__).with_name("contract_totals.json")
MIP_GAP_SHARE = 1e-9
TOLERANCE_SHARE = {"value_usd": 1e-6, "mined_btc": 1e-2, "moved": 0.05, "bought": 0.05, "sold": 0.05}
CENT = 0.005
POWER = (  # lines of the ledger that a supplier or a host bills
    *("energy", "delivery", "levies", "peak_charges", "demand_charges", "volume_charges"),
    *("standing_charges", "minimum_bill", "supply_credits", "response_credits", "hosting", "deposits"),
)


def path_of(name: str) -> Path:
    return CONFIGS / "group_accounts.yaml" if name == "group_accounts" else CONTRACTS / f"{name}.yaml"


NAMES = (*sorted(path.stem for path in CONTRACTS.glob("*.yaml")), "group_accounts")


@cache
def solved(name: str) -> Plan:
    study = Study.from_yaml(path_of(name))
    exact = study.solver.model_copy(update={"mip_gap_share": MIP_GAP_SHARE})
    return solve(study.model_copy(update={"solver": exact}))


def totals(plan: Plan) -> dict[str, float]:
    return {
        "value_usd": round(plan.outcome.objective_usd, 2),
        "mined_btc": round(plan.kpis.mined_btc, 2),
        "moved": round(plan.kpis.moved_machines),
        "bought": round(plan.kpis.bought_machines),
        "sold": round(plan.kpis.sold_machines),
    }


@pytest.mark.parametrize("name", NAMES)  # one test of each, so that workers do not solve an example twice
def test_the_example(name: str) -> None:
    plan = solved(name)
    it_is_a_proven_plan_of_whole_machines(plan)
    its_totals_are_the_golden_ones(name, plan)
    its_ledger_is_the_invoice(name, plan)
    if name in TEACHES:
        TEACHES[name](plan)


def it_is_a_proven_plan_of_whole_machines(plan: Plan) -> None:
    """A plan that fails its audit is never returned; one that is not proven or not whole is no example."""
    outcome = plan.outcome
    assert outcome.status in (Status.PROVEN, Status.WITHIN_GAP)
    assert outcome.gap_share is not None
    assert outcome.gap_share <= MIP_GAP_SHARE
    assert outcome.whole_machines, outcome.rounding_note
    assert outcome.rounding_loss_share is not None
    assert -1e-9 < outcome.rounding_loss_share < 1e-3
    stay = next(each for each in plan.alternatives if each.name == "stay put")
    assert plan.kpis.value_usd >= stay.kpis.value_usd - 1e-3 * abs(stay.kpis.value_usd)


def its_totals_are_the_golden_ones(name: str, plan: Plan) -> None:
    found, golden = totals(plan), json.loads(GOLDEN.read_text(encoding="utf-8"))[name]
    assert found.keys() == golden.keys()
    for key, share in TOLERANCE_SHARE.items():
        assert found[key] == pytest.approx(golden[key], rel=share), key


@pytest.mark.parametrize("name", NAMES)
def test_every_price_says_where_it_comes_from(name: str) -> None:
    study = Study.from_yaml(path_of(name))
    for name_of_tariff, tariff in study.tariffs.items():
        assert tariff.source, name_of_tariff
        assert tariff.source_date, name_of_tariff
    assert not study.warnings


@dataclass(frozen=True)
class Drawn:
    """What the meter of a site says for a month: kW and kWh by lot and profile."""

    kw: Mapping[tuple[str, str], float]
    kwh: Mapping[tuple[str, str], float]
    run_hours_each: Mapping[tuple[str, str], float]  # of a machine in service
    revenue_usd: float  # of the coins, before any fee

    @property
    def all_kw(self) -> float:
        return sum(self.kw.values())

    @property
    def all_kwh(self) -> float:
        return sum(self.kwh.values())

    def lot(self, name: str, hours: float, profile: str = "normal") -> float:
        """kW of a lot, which the plan must have run for just so many hours."""
        kw = self.kw[name, profile]
        assert self.kwh[name, profile] == pytest.approx(kw * hours, abs=1e-3)
        return kw


def drawn(plan: Plan, site: str, month: str) -> Drawn:
    rows = plan.running[(plan.running.site == site) & (plan.running.period == month)]
    by = rows.groupby(["lot", "profile"])[["meter_kw", "energy_kwh", "run_hours", "machines"]].sum()
    coins = plan.ledger.query("site == @site and period == @month and line == 'hash_revenue'")
    return Drawn(
        kw=_by_lot_and_profile(by.meter_kw),
        kwh=_by_lot_and_profile(by.energy_kwh),
        run_hours_each=_by_lot_and_profile(by.run_hours / by.machines),
        revenue_usd=float(coins.amount_usd.sum()),
    )


def _by_lot_and_profile(column: pd.Series[float]) -> dict[tuple[str, str], float]:
    places = [(str(lot), str(profile)) for lot, profile in column.index]
    return dict(zip(places, column.to_numpy().tolist(), strict=True))


def booked(plan: Plan, site: str, month: str) -> dict[str, float]:
    """What the ledger pays for power, USD by line, costs positive."""
    rows = plan.ledger[
        (plan.ledger.site == site) & (plan.ledger.period == month) & plan.ledger.line.isin(POWER)
    ]
    return {str(line): -float(amount) for line, amount in rows.groupby("line").amount_usd.sum().items()}


# A bill: ledger lines (joined by " + " where the books split what the invoice has as one) to USD.
Bill = dict[str, float]


def flat(meter: Drawn) -> Bill:
    """44.34 USD/MWh."""
    return {"energy": meter.all_kwh * 0.04434}


def time_of_use(meter: Drawn) -> Bill:
    """March 2027 in New York: 23 workdays of 16 dear hours, 375 others; 376 if the clock stood still."""
    new, old = meter.lot("s21", 743), meter.lot("s19jpro", 375)
    return {
        "energy": new * (368 * 0.056 + 375 * 0.028) + old * 375 * 0.028,
        "delivery": (new * 743 + old * 375) * 0.004,
    }


def tiers(meter: Drawn) -> Bill:
    """January has winter's tiers, and the plan stops where the third begins."""
    assert meter.all_kwh == pytest.approx(2_000_000, abs=1e-3)
    return {"energy + volume_charges": 1_000_000 * 0.055 + 1_000_000 * 0.065}


@cache
def made_up_prices(month: str) -> tuple[tuple[int, float], ...]:
    """Local hour and USD/kWh of every quarter-hour of a month."""
    with (CONTRACTS / "made_up_quarter_hours.csv").open(encoding="utf-8") as file:
        rows = [(stamp, price) for stamp, price in csv.reader(file) if stamp.startswith(month)]
    return tuple((int(stamp[11:13]), float(price) / 1000) for stamp, price in rows)


def index(meter: Drawn) -> Bill:
    """March has 4 x 743 quarters; each lot runs in its cheapest. Cap 250, floor 0, 2 % lost on the way."""
    prices = sorted(min(0.25, max(0.0, usd)) / 0.98 for _, usd in made_up_prices("2027-03"))
    assert len(prices) == 4 * 743
    energy = 0.0
    for lot, kw in meter.kw.items():
        quarters = 4 * meter.run_hours_each[lot]
        assert quarters == pytest.approx(round(quarters), abs=1e-6)
        energy += kw / 4 * sum(prices[: round(quarters)])
    return {"energy": energy, "delivery": meter.all_kwh * 0.0045}


def ppa_shaped(meter: Drawn) -> Bill:
    """March, 85 % of 4 MW by the sun: owed at 27, left over at the index less 1.5, more at the index plus 2.

    S21 and S19 XP draw 2,572.5 and 2,212.35 kW. The S21 alone use up all but the hours of full sun, so that a
    quarter costs an S19 XP the index plus 2 there, and what is sold for it, the index less 1.5, in full sun.
    """
    sun = [0.0] * 7 + [0.25, 0.5, 0.75] + [1.0] * 6 + [0.75, 0.5, 0.25] + [0.0] * 5
    quarters = [(4000 * 0.85 * sun[hour], usd) for hour, usd in made_up_prices("2027-03")]
    quarters.sort(key=lambda each: each[1] + (0.002 if each[0] < 3400 else -0.0015))
    energy = [sum(kwh for (lot, _), kwh in meter.kwh.items() if lot == name) for name in ("s21", "s19xp")]
    runs = [round(4 * kwh / kw) for kwh, kw in zip(energy, (2572.5, 2212.35), strict=True)]
    total = 0.0
    for place, (volume_kw, usd) in enumerate(quarters):
        draw_kw = 2572.5 * (place < runs[0]) + 2212.35 * (place < runs[1])
        total += volume_kw * 0.027 + max(0.0, draw_kw - volume_kw) * (usd + 0.002)
        total -= max(0.0, volume_kw - draw_kw) * (usd - 0.0015)
    return {
        "energy + standing_charges + supply_credits": total / 4,
        "delivery": meter.all_kwh * 0.0045,
    }


def ppa_monthly(meter: Drawn) -> Bill:
    """Exactly what is owed, 85 % of 3 GWh, is drawn: S21 all month, old machines on what they leave."""
    assert meter.all_kwh == pytest.approx(2_550_000, abs=1e-3)
    return {
        "energy + standing_charges + volume_charges": 2_550_000 * 0.043,
        "delivery": 2_550_000 * 0.007,
    }


def hosting_opened(meter: Drawn) -> Bill:
    """Two mean months of the full connection: 2 x 730.5 h x 6.25 c x 3,500 kW; uptime of 93 % where 95 % is
    promised."""
    promised_kwh = meter.all_kwh / 0.93 * 0.95
    return {
        "deposits": 2 * 730.5 * 0.0625 * 3500,
        "energy": meter.all_kwh * 0.0625,
        "response_credits": -(promised_kwh - meter.all_kwh) * 0.03,
    }


def hosting_shared(meter: Drawn) -> Bill:
    """35 % of what pool (2 %) and power leave."""
    energy = meter.all_kwh * 0.046
    return {"energy": energy, "hosting": 0.35 * (meter.revenue_usd * 0.98 - energy)}


def demand(meter: Drawn) -> Bill:
    """December: 75 % of the 6,400 kW of last February are more than is drawn; 4,200 are not exceeded."""
    assert 0.6 * 4200 < meter.all_kw <= 4200
    return {
        "energy": meter.all_kwh * 0.056 / 1.39,
        "demand_charges": 0.75 * 6400 * 12 / 1.39,
    }


def four_cp(meter: Drawn) -> Bill:
    """June has 22 workdays: all is off in 66 hours, and a tenth of 60 / 4 USD remains."""
    kw = meter.lot("s21", 720 - 66) + meter.lot("s19jpro", 720 - 66)
    return {
        "energy": kw * 654 * 0.03348,
        "delivery": kw * 654 * 0.0045,
        "peak_charges": kw * 15 * 0.1,
    }


def twelve_cp(meter: Drawn) -> Bill:
    """The S21 run through 88 candidate hours and pay 5 USD in full, the old are off and pay a third."""
    new, old = meter.lot("s21", 720), meter.lot("s19jpro", 720 - 88)
    return {
        "energy": (new * 720 + old * 632) * 0.03348,
        "delivery": (new * 720 + old * 632) * 0.0045,
        "peak_charges": new * 5 + old * 5 * 0.33,
    }


def interruptible(meter: Drawn) -> Bill:
    """1,500 kW are ready for 3 USD, off for eight hours at 500 USD/MWh; the rest runs all June."""
    ready = meter.lot("s19jpro", 712, "normal, ready to switch off")
    assert ready == pytest.approx(1500, abs=1e-6)
    kwh = (meter.lot("s21", 720) + meter.lot("s19jpro", 720)) * 720 + ready * 712
    return {
        "energy": kwh * 0.040,
        "delivery": kwh * 0.0045,
        "response_credits": -1500 * (3 + 8 * 0.5),
    }


def minimum_bill(meter: Drawn) -> Bill:
    """February of 672 hours stays below the 3.4 GWh of 170,000 USD."""
    energy = meter.all_kwh * 0.05
    return {"energy": energy, "minimum_bill": 170_000 - energy}


def kazakhstan_flat_levy(meter: Drawn) -> Bill:
    """February: 280 night hours at 15 KZT, 392 at 27; 2 KZT on each kWh."""
    new, old = meter.lot("m60s", 672), meter.lot("s19jpro", 280)
    return {
        "energy": (new * (280 * 15 + 392 * 27) + old * 280 * 15) / 525,
        "levies": (new * 672 + old * 280) * 2 / 525,
    }


def kazakhstan_top_up_levy(meter: Drawn) -> Bill:
    """Nights alone: 15 KZT, and the 10 that are missing to 25."""
    old = meter.lot("s19jpro", 280)
    return {"energy": old * 280 * 15 / 525, "levies": old * 280 * 10 / 525}


def vat_not_recovered(meter: Drawn) -> Bill:
    """22 % on energy and on the demand charge."""
    return {
        "energy": meter.all_kwh * 3.5 / 80 * 1.22,
        "demand_charges": meter.all_kw * 500 / 80 * 1.22,
    }


def dated_steps_ethiopia(meter: Drawn) -> Bill:
    """Two steps of three have come."""
    return {"energy": meter.all_kwh * 0.0314 * 1.30 * 1.24}


def dated_steps_quebec(meter: Drawn) -> Bill:
    """April 2027: 6.3 c CAD and the first step; 96.7 % of the hours have power."""
    kw = meter.lot("s21", 720 * 0.967)
    return {"energy": kw * 720 * 0.967 * 0.063 * 1.6984 / 1.39}


def ruble_path(meter: Drawn) -> Bill:
    """August 2027: 3.3 RUB, raised by 9 % in July, at 100 to the dollar."""
    return {"energy": meter.all_kwh * 3.3 * 1.09 / 100}


@dataclass(frozen=True)
class Case:
    study: str
    site: str
    month: str
    by_hand: Callable[[Drawn], Bill]


BILLS = (
    Case("flat", "hernandarias", "2027-06", flat),
    Case("time_of_use", "massena", "2027-03", time_of_use),
    Case("tiers", "rustavi", "2027-01", tiers),
    Case("index", "fort-stockton", "2027-03", index),
    Case("ppa_shaped", "fort-stockton", "2027-03", ppa_shaped),
    Case("ppa_monthly", "keflavik", "2027-03", ppa_monthly),
    Case("hosting", "corsicana", "2027-03", hosting_opened),
    Case("hosting", "odessa", "2027-04", hosting_shared),
    Case("demand", "prince-george", "2026-12", demand),
    Case("four_cp", "fort-stockton", "2027-06", four_cp),
    Case("twelve_cp", "fort-stockton", "2027-06", twelve_cp),
    Case("interruptible", "fort-stockton", "2027-06", interruptible),
    Case("minimum_bill", "salalah", "2027-02", minimum_bill),
    Case("kazakhstan_flat_levy", "ekibastuz", "2027-02", kazakhstan_flat_levy),
    Case("kazakhstan_top_up_levy", "ekibastuz", "2027-02", kazakhstan_top_up_levy),
    Case("vat_not_recovered", "divnogorsk", "2027-03", vat_not_recovered),
    Case("dated_steps_ethiopia", "dire-dawa", "2027-03", dated_steps_ethiopia),
    Case("dated_steps_quebec", "baie-comeau", "2027-04", dated_steps_quebec),
    Case("ruble_path", "bratsk", "2027-08", ruble_path),
)


def its_ledger_is_the_invoice(name: str, plan: Plan) -> None:
    """Every line that the books pay for power, to the cent; a line that no invoice has is one too many."""
    bills = [bill for bill in BILLS if bill.study == name]
    assert bills or name == "group_accounts"
    for bill in bills:
        left = booked(plan, bill.site, bill.month)
        for lines, usd in bill.by_hand(drawn(plan, bill.site, bill.month)).items():
            paid = sum(left.pop(line) for line in lines.split(" + "))
            assert paid == pytest.approx(usd, rel=0, abs=CENT), (bill.site, lines)
        assert not left, bill.site


def cheap_nights_are_worth_a_move(plan: Plan) -> None:
    assert plan.kpis.moved_machines > 300


def nights_are_no_longer_cheap(plan: Plan) -> None:
    assert plan.kpis.moved_machines == 0


def old_machines_run_on_what_is_owed_anyway(plan: Plan) -> None:
    """S19j Pro that would earn 5 c run on sunk energy at 0.7 c; priced at the 5.5 c above, none would."""
    assert plan.running[plan.running.lot == "s19jpro"].energy_kwh.sum() > 4e6


def everything_is_used(plan: Plan) -> None:
    """Three companies pay tax, the loan is drawn in full and repaid, a tenth of what is mined is kept."""
    by = plan.ledger.groupby(["line", "entity"]).amount_usd.sum()
    for company in ("yenisei", "irtysh", "pecos"):
        assert by["profit_tax", company] < 0
    assert by["loan_drawn", "pecos"] == pytest.approx(1.2e6, rel=1e-3)
    assert by["loan_principal", "pecos"] == pytest.approx(-by["loan_drawn", "pecos"])
    month = plan.ledger[plan.ledger.period == "2027-06"].groupby("line").amount_usd.sum()
    assert month["coins_held"] == pytest.approx(-0.1 * month["hash_revenue"], rel=1e-9)
    assert set(plan.sales.kind) == {"sold", "handed in"}
    assert {"turbo", "eco"} <= set(plan.running.profile)


TEACHES: dict[str, Callable[[Plan], None]] = {
    "kazakhstan_flat_levy": cheap_nights_are_worth_a_move,
    "kazakhstan_top_up_levy": nights_are_no_longer_cheap,
    "ppa_monthly": old_machines_run_on_what_is_owed_anyway,
    "group_accounts": everything_is_used,
}


def write_golden() -> None:
    golden = {name: totals(solved(name)) for name in NAMES}
    GOLDEN.write_text(json.dumps(golden, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("usage: python -m tests.golden.test_contracts --write")
    write_golden()
