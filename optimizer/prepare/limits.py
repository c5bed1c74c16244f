"""The user's own limits over several sites: shared power, shares of the fleet, cash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimizer.config import Study
from optimizer.inputs import Bools, Floats
from optimizer.prepare.dated import holds
from optimizer.prepare.fleet import Fleet
from optimizer.prepare.places import Place
from optimizer.sections.horizon import Period
from optimizer.sections.terms import Budget, Group

Arrays = dict[str, Any]


def limits(
    study: Study, periods: list[Period], where: Sequence[Place], fleet: Fleet, value: Floats, months: Floats
) -> Arrays:
    groups, shares, budget = study.limits.power_groups, study.limits.concentration, study.limits.budget
    count = len(periods)
    weights = {
        "power": np.broadcast_to(fleet.nameplate_kw[:, None], value.shape),
        "hashrate": np.broadcast_to(fleet.nameplate_ths[:, None], value.shape),
        "value": value,
    }
    capex = np.full(count, np.inf)
    if budget is not None and budget.max_capex_usd_per_month is not None:
        capex = budget.max_capex_usd_per_month * months
    return {
        "power_groups": tuple(group.name for group in groups),
        "power_group_members": _members(groups, study, where),
        "power_group_kw": np.array(
            [np.where(holds(g, periods), g.max_power_kw, np.inf) for g in groups]
        ).reshape(-1, count),
        "concentrations": tuple(share.name for share in shares),
        "concentration_members": _members(shares, study, where),
        "concentration_weight": np.array([weights[share.measure] for share in shares]).reshape(
            -1, *value.shape
        ),
        "concentration_max_share": np.array(
            [np.where(holds(share, periods), share.max_share, np.inf) for share in shares]
        ).reshape(-1, count),
        "max_capex_usd": capex,
        "opening_cash_usd": np.inf if budget is None else budget.opening_cash_usd,
        "min_cash_usd": np.array([_floor_usd(budget, period) for period in periods]),
        "cash_in_usd": np.array([_equity_usd(budget, period) for period in periods]),
    }


def _floor_usd(budget: Budget | None, period: Period) -> float:
    """The highest of the period's months."""
    return 0.0 if budget is None else max(budget.floor_usd(month) for month in period.month_names())


def _equity_usd(budget: Budget | None, period: Period) -> float:
    paid = () if budget is None else budget.equity
    return sum((each.amount_usd for each in paid if each.month in period.month_names()), 0.0)


def _members(groups: Sequence[Group], study: Study, where: Sequence[Place]) -> Bools:
    """(g, s) whether the site belongs to each named set."""
    rows = [
        [
            site.id in group.sites
            or place.region in group.regions
            or place.jurisdiction in group.jurisdictions
            or (site.host is not None and site.host in getattr(group, "hosts", ()))
            for place, site in zip(where, study.sites, strict=True)
        ]
        for group in groups
    ]
    return np.array(rows, dtype=bool).reshape(-1, len(study.sites))
