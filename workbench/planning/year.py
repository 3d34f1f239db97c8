"""A year of targets on a company's tables: what is read and drawn once, and what is then set.

`ready` reads, forecasts and adds up, which takes seconds; `set_year` sets targets on it, which
takes a moment, so that a planner can move things. What targets cost and bring: `judged.py`. The
running year: `running.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import ParameterError
from workbench.planning import year_ahead as ahead
from workbench.planning.company_year import (
    MIDDLE,
    REVENUE,
    Ground,
    entries_of,
    ground,
    padding_in,
    targets_of,
)
from workbench.planning.judged import Facts, facts_of
from workbench.planning.prepared import Prepared, Rules, prepare
from workbench.planning.running import Running, running_year
from workbench.planning.targets import Targets
from workbench.planning.tiers import Goal

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.study_targets import Params

#: Growth asked for where no target of the running year tells one.
GROWTH = 0.05
FURTHEST = 24


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
    growth : float
        Asked for by the targets of the running year.
    padding : dict of str to float
        By kind, as in the targets set last.
    promised : pandas.DataFrame or None
        Promises of people, corrected.
    prepared : Prepared
        Draws added up over tree and months.
    facts : Facts
        Pay, margin, pipeline, prices.
    running : Running or None
        The year that runs, beside its targets.
    """

    company: Company
    year: int
    ground: Ground
    before: pd.DataFrame
    growth: float
    padding: dict[str, float]
    promised: pd.DataFrame | None
    prepared: Prepared
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
            f"the year {year} is over or further than {FURTHEST} months ahead",
            where=f"year={year}, data up to {found.last:%Y-%m}",
            do="choose the running year or the next",
        )
    near = ahead.forecast_leaves(found, months=months, draws=params.draws, seed=params.seed)
    cube = near.year(found, year)
    before = _before(found, near, year)
    asked = targets_of(company, now)
    growth = _growth(asked, found, now)
    padding = {
        kind: part
        for kind, part in padding_in(asked).items()
        if kind in found.tree.levels or kind not in MIDDLE
    }
    promised = ahead.promises(*entries_of(company), cube, near)
    goal = Goal(REVENUE, growth=growth, last=float(before.to_numpy().sum()))
    prepared = prepare(cube, found.tree, goal, padding=padding, bottom_up=promised)
    return Ready(
        company=company,
        year=year,
        ground=found,
        before=before,
        growth=growth,
        padding=padding,
        promised=promised,
        prepared=prepared,
        facts=facts_of(company, found, year, seed=params.seed),
        running=running_year(company, found, near, asked, padding=padding),
    )


def set_year(made: Ready, params: Params) -> Targets:
    """Set the targets of the year as parameters say."""
    goal = Goal(
        REVENUE,
        growth=growth_of(made, params),
        last=float(made.before.to_numpy().sum()),
        steps={"floor": params.floor, "base": 1.0, "stretch": params.stretch},
        unit=float(params.unit),
    )
    changed: Targets = made.prepared.change(
        goals=[goal],
        padding=padding_of(made, params),
        rules=Rules(residual=params.residual),  # type: ignore[arg-type]
    )
    return changed


def growth_of(made: Ready, params: Params) -> float:
    """Growth of the base target: as told, else what the running year's target asked for."""
    return made.growth if params.growth is None else params.growth


def padding_of(made: Ready, params: Params) -> dict[str, float]:
    """Padding by kind: as told, else that of the targets set last."""
    told = {"region": params.padding_region, "person": params.padding_person}
    told |= dict.fromkeys(MIDDLE, params.padding_middle)
    levels = made.ground.tree.levels
    given = {kind: part for kind, part in told.items() if part is not None and kind in levels}
    return made.padding | given


def _before(found: Ground, near: ahead.Ahead, year: int) -> pd.DataFrame:
    """The year before by leaf and month; months to come as the forecast expects."""
    months = pd.date_range(f"{year - 1}-01-01", periods=12, freq="MS")
    mean = pd.DataFrame(near.values.mean(axis=0), index=near.months, columns=near.leaves)
    known = ahead.history(found).reindex(columns=near.leaves)
    whole = pd.concat([known, mean.loc[mean.index > found.last]])
    return whole.reindex(months).fillna(0.0).T


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
    return gap_causes(targets, kpi=REVENUE, submitted=promised.set_index("node")["submitted"])
