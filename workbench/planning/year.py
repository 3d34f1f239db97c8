"""A year of targets on a company's tables: what is read and drawn once, and what is then set.

`ready` reads, forecasts and adds up, which takes seconds; `set_year` sets targets on it, which
takes a moment, so that a planner can move things. What targets cost and bring: `judged.py`. The
running year: `running.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError, ParameterError
from workbench.planning import year_ahead as ahead
from workbench.planning.bases import bases_of, chosen, seasons_of, split_by
from workbench.planning.company_year import (
    MIDDLE,
    REVENUE,
    Ground,
    ground,
    padding_in,
    targets_of,
)
from workbench.planning.judged import Facts, facts_of
from workbench.planning.lines import Lines, lines_of
from workbench.planning.lock_texts import read_locks
from workbench.planning.measures import measured
from workbench.planning.prepared import Prepared, Rules, prepare
from workbench.planning.promises import promises
from workbench.planning.running import Running, running_year
from workbench.planning.targets import Targets
from workbench.planning.tiers import Goal
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.study_targets import Params

#: Growth asked for where no target of the running year tells one.
GROWTH = 0.05
FURTHEST = 24
#: KPIs that are averaged: their goal is the last figure and points more.
AVERAGED = ("gross_margin", "market_share", "satisfaction")
MONEY = ("collections",)
#: Tiers of an average lie this part as far from base: a rate moves by points, not by tenths.
CLOSER = 0.25


@dataclass(frozen=True, eq=False, repr=False)
class Ready:
    """What a year of targets stands on.

    Attributes
    ----------
    company : Company
    year : int
    ground : Ground
        Tree, names, sales.
    before : pandas.DataFrame
        leaf x month: the year before, months to come as expected.
    last : dict of str to float
        Of the company in the year before, by KPI; of an average, in the last twelve months.
    units : dict of str to float
        That targets of a KPI other than revenue are whole multiples of.
    growth : float
        Asked for by the targets of the running year.
    padding : dict of str to float
        By kind, as in the targets set last.
    promised : pandas.DataFrame or None
        Promises of people, corrected.
    prepared : Prepared
        Draws added up over tree and months.
    bases, seasons : dict
        Weights by leaf, and shares by month, of each other way to split.
    lines : Lines or None
        Parts of product lines; None where there are none.
    facts : Facts
        Pay, margin, pipeline, prices.
    running : Running or None
        The year that runs, beside its targets.
    """

    company: Company
    year: int
    ground: Ground
    before: pd.DataFrame
    last: dict[str, float]
    units: dict[str, float]
    growth: float
    padding: dict[str, float]
    promised: pd.DataFrame | None
    prepared: Prepared
    bases: dict[str, pd.Series]
    seasons: dict[str, np.ndarray]
    lines: Lines | None
    facts: Facts
    running: Running | None


def ready(company: Company, params: Params) -> Ready:
    """Read, forecast and add up; raises as the study's `compute`."""
    found = ground(company, middle=params.middle)
    year = params.year or company.data_as_of.year + 1
    now = found.last.year
    months = (year - now) * 12 + 12 - found.last.month
    if not 0 < months <= FURTHEST:
        raise ParameterError(
            later(
                "the year {year} is over or further than {n} months ahead", year=year, n=FURTHEST
            ),
            where=later("year={year}, data up to {month}", year=year, month=f"{found.last:%Y-%m}"),
            do=later("choose the running year or the next"),
        )
    near = ahead.forecast_leaves(found, months=months, draws=params.draws, seed=params.seed)
    cube = near.year(year)
    before = near.before(year)
    others = measured(company, found, near, year)
    asked = targets_of(company, now)
    growth = _growth(asked, found, now)
    padding = {
        kind: part
        for kind, part in padding_in(asked).items()
        if kind in found.tree.levels or kind not in MIDDLE
    }
    promised = promises(company, found, near, year)
    last = {REVENUE: float(before.to_numpy().sum())}
    last |= {kpi: each.last for kpi, each in others.items()}
    facts = facts_of(company, found, year, seed=params.seed)
    prepared = prepare(
        {REVENUE: cube, **{kpi: each.cube for kpi, each in others.items()}},
        found.tree,
        [Goal(kpi, value=max(value, 0.0)) for kpi, value in last.items()],
        padding=padding,
        weights={kpi: each.weights for kpi, each in others.items() if each.weights is not None},
        bottom_up=promised,
    )
    return Ready(
        company=company,
        year=year,
        ground=found,
        before=before,
        last=last,
        units={kpi: each.unit for kpi, each in others.items()},
        growth=growth,
        padding=padding,
        promised=promised,
        prepared=prepared,
        bases=bases_of(company, found, near, year),
        seasons=seasons_of(found, before, year),
        lines=_lines(company, found),
        facts=facts,
        running=running_year(
            company,
            found,
            near,
            asked,
            padding=padding,
            deals=0.0 if facts.pipeline is None else facts.pipeline.share,
        ),
    )


def _lines(company: Company, found: Ground) -> Lines | None:
    try:
        return lines_of(company, found)
    except NotIdentifiedError:
        return None


def set_year(made: Ready, params: Params) -> Targets:
    """Set the targets of the year as parameters say."""
    goals = goals_of(made, params)
    prepared = split_by(
        made.prepared.only([goal.kpi for goal in goals]),
        basis=chosen(made.bases, params.split_by, field="split_by"),
        season=chosen(made.seasons, params.season, field="season"),
        side=params.side,
    )
    limits = read_locks(
        params.locks,
        kpi=REVENUE,
        nodes={node: made.ground.names[node] for node in prepared.tree.nodes},
        kpis={goal.kpi: kpi_names(goal.kpi) for goal in goals},
    )
    changed: Targets = prepared.change(
        goals=goals,
        padding=padding_of(made, params),
        rules=Rules(limits, params.residual),  # type: ignore[arg-type]
    )
    return changed


def goals_of(made: Ready, params: Params) -> list[Goal]:
    """Goals of revenue and of every other KPI that has a weight and data."""
    steps = {"floor": params.floor, "base": 1.0, "stretch": params.stretch}
    near = {tier: 1 + (step - 1) * CLOSER for tier, step in steps.items()}
    growth = growth_of(made, params)
    goals = [
        Goal(
            REVENUE,
            growth=growth,
            last=made.last[REVENUE],
            steps=steps,
            unit=float(params.unit),
            weight=params.weight_revenue,
        )
    ]
    for kpi, (weight, more) in params.others().items():
        last = made.last.get(kpi, 0.0)
        if not weight or not last > 0:
            continue
        if kpi in AVERAGED:
            told = {tier: (last + (more or 0.0)) * step for tier, step in near.items()}
            goals.append(Goal(kpi, value=told, unit=made.units[kpi], weight=weight))
            continue
        unit = float(params.unit) if kpi in MONEY else made.units[kpi]
        grown = growth if more is None else more
        goals.append(Goal(kpi, growth=grown, last=last, steps=steps, unit=unit, weight=weight))
    return goals


def kpi_names(kpi: str) -> tuple[str, str]:
    """English and Chinese name of a KPI."""
    from workbench.kpis import KPIS

    return KPIS[kpi].names if kpi in KPIS else ("Satisfaction, 0 to 10", "满意度（0–10分）")


def growth_of(made: Ready, params: Params) -> float:
    """Growth of the base target: as told, else what the running year's target asked for."""
    return made.growth if params.growth is None else params.growth


def padding_of(made: Ready, params: Params) -> dict[str, float]:
    """Padding by kind: as told, else that of the targets set last; 0 where neither says."""
    told = {"region": params.padding_region, "person": params.padding_person}
    told |= dict.fromkeys(MIDDLE, params.padding_middle)
    levels = made.ground.tree.levels
    given = {kind: part for kind, part in told.items() if part is not None and kind in levels}
    return {kind: 0.0 for kind in told if kind in levels} | made.padding | given


def _growth(asked: pd.DataFrame, found: Ground, now: int) -> float:
    goal = asked[(asked["level"] == "company") & (asked["tier"] == "base")]["value"].sum()
    sold = ahead.history(found)
    last = float(sold[pd.DatetimeIndex(sold.index).year == now - 1].to_numpy().sum())
    return round(float(goal) / last - 1, 3) if goal > 0 and last > 0 else GROWTH


def causes(targets: Targets, promised: pd.DataFrame | None) -> Any:
    """Why top-down and promises differ; None without promises."""
    from workbench.planning.bottom_up import gap_causes

    if promised is None:
        return None
    rows = promised.set_index("node")
    return gap_causes(targets, kpi=REVENUE, submitted=rows["submitted"], own=rows["own"])
