"""Funnel: how leads become deals and deals are won, by cohort, with intervals.

Two win rates are in use and both are shown. *Closed basis*: won / (won + lost) among deals closed
in the window; it flatters when lost deals are left open. *Created basis*: won / created among
deals created twelve to twenty-four months before the end, followed to twelve months.
Intervals are Wilson's (1927) at 80%.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.analysis.measure import Asked, measure
from workbench.analysis.scope import Scope

Z80 = 1.2815515655446004


def wilson(successes: object, trials: object, *, z: float = Z80) -> tuple[np.ndarray, np.ndarray]:
    """Wilson score interval of a share (Wilson 1927, JASA 22, 209-212).

    Parameters
    ----------
    successes, trials : array_like of int
        Counts; no trials give the interval 0 to 1.

    Returns
    -------
    lo, hi : arrays of float
    """
    x, n = np.asarray(successes, "float64"), np.asarray(trials, "float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (x + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(x * (n - x) / n + z**2 / 4)
    none = n == 0
    return np.where(none, 0, np.maximum(centre - half, 0)), np.where(
        none, 1, np.minimum(centre + half, 1)
    )


@dataclass(frozen=True)
class WinRates:
    """Both win rates by number and amount, and the sales cycle.

    Attributes
    ----------
    closed, created : float
        Win rate by number, closed and created basis; NaN without deals.
    closed_interval, created_interval : (float, float)
        80% intervals.
    closed_amount : float
        Closed basis by amount.
    cycle_median, cycle_mean : float
        Days from creation to won as the KPI counts them: deals under 3 days are left out.
    backfilled : float
        Share of won deals under 3 days, entered afterwards (补录).
    """

    closed: float
    closed_interval: tuple[float, float]
    created: float
    created_interval: tuple[float, float]
    closed_amount: float
    cycle_median: float
    cycle_mean: float
    backfilled: float


def _deals(scope: Scope) -> str:
    region, join = (
        scope.region_of("o", "created_date")
        if scope.company.has("account") or scope.company.has("assignment")
        else ("o.region", "")
    )
    return scope.company.kept(
        f"""select o.opportunity_id, {region} as region, o.product_line, o.channel, o.source,
            o.rep_id, o.stage, o.status, o.amount, o.first_amount, o.created_date, o.close_date
        from opportunity o {join}
        where {scope.chosen(region)}"""
    )


def asks(scope: Scope) -> list[Asked]:
    """The KPI beside the win rates."""
    return [Asked("sales_cycle")]


def win_rates(scope: Scope) -> WinRates:
    """Win rates and cycle of the window."""
    end = scope.now.end
    row = scope.company.sql(
        f"""
        with deal as (select * from {_deals(scope)}),
        closed as (select * from deal where status <> 'open' and {scope.now.holds("close_date")}),
        created as (
            select status = 'won' and close_date <= created_date + interval 12 month as won
            from deal where created_date > date '{end}' - interval 24 month
              and created_date <= date '{end}' - interval 12 month)
        select (select count(*) from closed) as n_closed,
            (select count(*) from closed where status = 'won') as n_won,
            (select sum(amount) filter (status = 'won') / sum(amount) from closed) as by_amount,
            (select count(*) from created) as n_created,
            (select count(*) from created where won) as created_won,
            (select avg((close_date - created_date < 3)::int) from closed
                where status = 'won') as backfilled""",
        money="float",
    ).iloc[0]
    cycle = measure(scope, "sales_cycle").iloc[0]
    closed = wilson(row["n_won"], row["n_closed"])
    created = wilson(row["created_won"], row["n_created"])
    return WinRates(
        closed=row["n_won"] / row["n_closed"] if row["n_closed"] else float("nan"),
        closed_interval=(float(closed[0]), float(closed[1])),
        created=row["created_won"] / row["n_created"] if row["n_created"] else float("nan"),
        created_interval=(float(created[0]), float(created[1])),
        closed_amount=float(row["by_amount"]),
        cycle_median=float(cycle["value"]),
        cycle_mean=float(cycle["numerator"] / cycle["denominator"]),
        backfilled=float(row["backfilled"]),
    )


def by(scope: Scope, dimension: str) -> pd.DataFrame:
    """Closed-basis win rate by source, region, product_line, channel or rep_id.

    Returns
    -------
    pandas.DataFrame
        The dimension, closed, won, rate, lo80, hi80, amount (won); most closed deals first.
    """
    table = scope.company.sql(
        f"""
        select {dimension}, count(*) as closed, count(*) filter (status = 'won') as won,
            coalesce(sum(amount) filter (status = 'won'), 0) as amount
        from {_deals(scope)} where status <> 'open' and {scope.now.holds("close_date")}
        group by 1 order by closed desc, 1""",
        money="float",
    )
    table["rate"] = table["won"] / table["closed"]
    table["lo80"], table["hi80"] = wilson(table["won"], table["closed"])
    return table


def stages(scope: Scope) -> pd.DataFrame:
    """The funnel of one cohort: leads, deals, stages reached, won.

    The cohort was created six to eighteen months before the end of the window and is followed
    to the end. Which stages a deal reached is read from its snapshots; a stage that was skipped
    counts as passed. Without snapshots only created and won are shown.

    Returns
    -------
    pandas.DataFrame
        step ("lead", "opportunity", stage codes, "won"), count, amount (deals, as first stated),
        conversion from the step before, lo80, hi80.
    """
    end = scope.now.end
    cohort = (
        f"created_date > date '{end}' - interval 18 month"
        f" and created_date <= date '{end}' - interval 6 month"
    )
    order = [stage.code for stage in scope.company.settings.stages if stage.status == "open"]
    reached = _reached(scope, cohort, order)
    steps = ["opportunity", *order[1:], "won"]
    counts = [int((reached["furthest"] >= place).sum()) for place in range(len(steps))]
    amounts = [
        float(reached.loc[reached["furthest"] >= place, "amount"].sum())
        for place in range(len(steps))
    ]
    table = pd.DataFrame({"step": steps, "count": counts, "amount": amounts})
    if not scope.company.has("opportunity_snapshot"):
        table = table[table["step"].isin(["opportunity", "won"])]
    if scope.company.has("lead"):
        table = pd.concat([_leads(scope, cohort), table], ignore_index=True)
    before = table["count"].shift()
    if scope.company.has("lead") and len(table) > 1:
        # Of the leads, those converted; deals also come without a lead.
        before.iloc[1] = float("nan")
    table["conversion"] = table["count"] / before
    table["lo80"], table["hi80"] = wilson(table["count"], before.fillna(0))
    table.loc[before.isna(), ["lo80", "hi80"]] = float("nan")
    if scope.company.has("lead"):
        table.loc[1, ["conversion", "lo80", "hi80"]] = _lead_conversion(scope, cohort)
    return table.reset_index(drop=True)


def _reached(scope: Scope, cohort: str, order: list[str]) -> pd.DataFrame:
    places = " ".join(f"when '{code}' then {place}" for place, code in enumerate(order))
    case = f"case stage {places} else 0 end" if order else "0"
    seen = (
        f"left join (select opportunity_id, max({case}) as seen from opportunity_snapshot"
        " group by 1) s using (opportunity_id)"
        if scope.company.has("opportunity_snapshot")
        else "cross join (select 0 as seen) s"
    )
    return scope.company.sql(
        f"""
        select opportunity_id, coalesce(first_amount, amount) as amount,
            case when status = 'won' then {max(len(order), 1)}
                else greatest(coalesce(seen, 0), {case}) end as furthest
        from {_deals(scope)} deal {seen} where {cohort} order by 1""",
        money="float",
    )


def _leads(scope: Scope, cohort: str) -> pd.DataFrame:
    rows = scope.company.sql(
        f"select count(*) as count from (select *, created_at::date as created_date from lead)"
        f" where {cohort} and {scope.chosen('region')}"
    )
    return pd.DataFrame({"step": ["lead"], "count": rows["count"], "amount": [float("nan")]})


def _lead_conversion(scope: Scope, cohort: str) -> list[float]:
    row = scope.company.sql(
        f"""select count(*) as leads, count(*) filter (
                converted_date <= created_date + interval 90 day) as converted
        from (select *, created_at::date as created_date from lead)
        where {cohort} and {scope.chosen("region")}"""
    ).iloc[0]
    lo, hi = wilson(row["converted"], row["leads"])
    rate = row["converted"] / row["leads"] if row["leads"] else float("nan")
    return [float(rate), float(lo), float(hi)]
