"""Plans: targets in three tiers by node and month, quotas of reps, forecast entries.

`work_on_dates` is called by `money.py` once revenue dates are known: the plan is drawn up, then
reps work on the dates. The company's base target of a year is last year's revenue and a planned
growth, quotas follow (`quotas.py`). Tables are made at the end, from the sums of all parts.
Revenue is without VAT, bookings and collections are with VAT.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import effort, forecasts, quotas, targets
from workbench.sample.effort import EffortTruth
from workbench.sample.forecasts import ForecastTruth
from workbench.sample.plan_grid import (
    FIRST_YEAR,
    MONTHS,
    YEARS,
    Floats,
    cube_of,
    in_post,
    long_rows,
    month_index,
    nodes,
    quota_by_month,
    years_of,
)
from workbench.sample.quotas import QuotaTruth
from workbench.sample.world import AS_OF, Frame, World

EFFECTS: dict[str, tuple[str, str]] = quotas.EFFECTS | forecasts.EFFECTS | effort.EFFECTS


@dataclass(frozen=True)
class PlanTruth:
    """Planted parameters of targets, quotas, timing, effort and forecasts."""

    quota: QuotaTruth = field(default_factory=QuotaTruth)
    forecast: ForecastTruth = field(default_factory=ForecastTruth)
    effort: EffortTruth = field(default_factory=EffortTruth)


TRUTH = PlanTruth()


@dataclass(frozen=True)
class Draft:
    """A part's plan: base by year, month, region and line; quota by rep and year."""

    base: pd.DataFrame
    quota: Floats


def per_frame(frame: Frame) -> None:
    """Let the new pay plans act on what reps do, before demand is simulated."""
    effort.raise_output(frame, truth=TRUTH.effort)


def draft(world: World, lines: pd.DataFrame, *, truth: PlanTruth = TRUTH) -> Draft:
    """Company plan and quotas, from what the accounts will bring.

    Parameters
    ----------
    lines : pandas.DataFrame
        rep_id, region, product_line, recognised (day), lasting (CNY without VAT, less what
        comes back and usual rebates: as revenue is counted).
    """
    frame = world.frame
    month = month_index(lines["recognised"].to_numpy())
    inside = (month >= 0) & (month < len(MONTHS))
    cells = pd.DataFrame(
        {
            "month": month,
            "region": lines["region"].to_numpy(),
            "product_line": lines["product_line"].to_numpy(),
            "amount": lines["lasting"].to_numpy(),
        }
    )[inside]
    cube = cube_of(cells)
    base = targets.base_targets(cube, truth=truth.quota)
    year_place = years_of(MONTHS) - FIRST_YEAR
    totals = np.array([base[:, :, year_place == place].sum() for place in range(len(YEARS))])
    padding = quotas.padding_of(
        YEARS, truth=truth.quota, streams=frame.streams, on=world.on("padding")
    )
    actual = rep_year(lines, month, len(frame.reps))
    quota = quotas.rep_quotas(
        actual * frame.reps["quota"].to_numpy()[:, None],
        in_post(frame),
        _groups(frame),
        total=totals * padding,
        truth=truth.quota,
        rng=world.rng("plans/quotas"),
    )
    rows = long_rows(base, ("region", "product_line", "month"))
    world.add_up("plan_base", rows, by=["month", "region", "product_line"], values=["amount"])
    by_rep = long_rows(quota, ("rep_id", "year")).assign(natural=actual.ravel())
    world.add_up("rep_quota", by_rep, by=["rep_id", "year"], values=["amount", "natural"])
    return Draft(rows, quota)


def work_on_dates(world: World, lines: pd.DataFrame) -> pd.DataFrame:
    """Draw up the plan, then let reps work on the dates of December and January.

    Parameters
    ----------
    lines : pandas.DataFrame
        rep_id, channel, region, product_line, lasting (CNY without VAT), and the days ordered,
        shipped, received, recognised.
    """
    plan = draft(world, lines)
    direct = lines["channel"] == "direct"  # dealers' orders move their stock, not their date
    recognised = quotas.shift_timing(
        lines["recognised"].to_numpy(),
        lines["ordered"].to_numpy(),
        lines["rep_id"].to_numpy(),
        lines["lasting"].to_numpy(),
        direct.to_numpy(),
        plan.quota,
        first_year=FIRST_YEAR,
        truth=TRUTH.quota,
        rng=world.rng("plans/timing"),
        off=world.frame.off,
    )
    earlier = recognised < lines["recognised"].to_numpy()
    timed = lines.assign(recognised=recognised)
    for name in ("shipped", "received"):
        day = lines[name].to_numpy()
        timed[name] = np.where(earlier, np.minimum(day, recognised), day)
    _note_revenue(world, timed)
    return timed


def per_part(world: World) -> None:
    """Sums the plans need: revenue of reps by month, bookings by month and region."""
    contracts = world.tables.get("contract")
    if contracts is not None:
        signed = pd.DataFrame(
            {
                "month": (contracts["signed_date"].to_numpy().astype("M8[M]") - MONTHS[0]).astype(
                    np.int64
                ),
                "region": contracts["region"].to_numpy(),
                "amount": contracts["amount"].to_numpy(),
            }
        )
        world.add_up("bookings", signed, by=["month", "region"], values=["amount"])


def _note_revenue(world: World, lines: pd.DataFrame) -> None:
    """Keep what reps brought by month (after timing), for forecasts and pay."""
    rows = pd.DataFrame(
        {
            "rep_id": lines["rep_id"].to_numpy(),
            "month": month_index(lines["recognised"].to_numpy()),
            "amount": lines["lasting"].to_numpy(),
        }
    )
    inside = (rows["month"] >= 0) & (rows["month"] < len(MONTHS)) & (rows["rep_id"] >= 0)
    world.add_up("rep_revenue", rows[inside], by=["rep_id", "month"], values=["amount"])


def per_company(frame: Frame, world: World) -> None:
    """Add `target` and `forecast_entry`; hide what reps would bring without timing."""
    known = frame.totals["rep_quota"]
    hired = frame.reps["hired"].to_numpy()[known["rep_id"]]
    known = known[(known["amount"] > 0) & (hired <= frame.calendar.as_of)]
    frame.hide(
        "rep_years",
        pd.DataFrame(
            {
                "rep_id": known["rep_id"].to_numpy(),
                "year": FIRST_YEAR + known["year"].to_numpy(),
                "quota": known["amount"].round(2).to_numpy(),
                "revenue_without_timing": known["natural"].round(2).to_numpy(),
            }
        ),
    )
    frame.add("target", targets.target_table(frame, truth=TRUTH.quota))
    frame.add("forecast_entry", forecast_entries(frame))


def rep_year(lines: pd.DataFrame, month: NDArray[np.int64], reps: int) -> Floats:
    """Revenue by rep and calendar year."""
    rep = lines["rep_id"].to_numpy()
    inside = (rep >= 0) & (month >= 0) & (month < len(MONTHS))
    place = years_of(MONTHS)[np.where(inside, month, 0)] - FIRST_YEAR
    keys = rep[inside] * len(YEARS) + place[inside]
    sums = np.bincount(
        keys, weights=lines["lasting"].to_numpy()[inside], minlength=reps * len(YEARS)
    )
    return np.asarray(sums.reshape(reps, len(YEARS)), float)


def forecast_entries(frame: Frame, *, truth: PlanTruth = TRUTH) -> pd.DataFrame:
    """All rows of `forecast_entry`, made on the last day before each month.

    Revenue by reps, managers and the company; bookings and collections by the company.
    """
    told, off = truth.forecast, frame.off
    actual, plan = _rep_months(frame)
    reps = np.flatnonzero(frame.reps["quota"].to_numpy())
    mine = forecasts.rep_forecasts(
        actual[reps], plan[reps], truth=told, rng=frame.rng("plans/forecast"), off=off
    )
    mine = mine * _in_post_when_made(frame, reps, told)
    team = frame.seats["team"].to_numpy()[frame.reps["seat"].to_numpy()[reps]]
    teams = np.unique(team)
    summed = np.stack([mine[team == each].sum(axis=0) for each in teams])
    managed = forecasts.manager_forecasts(
        summed, truth=told, rng=frame.rng("plans/managers"), off=off
    )
    final = forecasts.final_forecasts(
        managed.sum(axis=0), actual.sum(axis=0), truth=told, rng=frame.rng("plans/final")
    )
    head = frame.teams.set_index("team_id")["seat"].reindex(teams).to_numpy()
    parts = [
        _entries(mine, "rep", "rep", reps, truth).assign(step_order=0),
        _entries(managed, "manager", "team", teams, truth).assign(step_order=1),
        _entries(final[None], "final", "company", np.array([-1]), truth).assign(step_order=2),
        *_company_entries(frame, truth),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["by_id"] = np.where(rows["step"] == "rep", rows["code"], -1)
    boss = rows["step"] == "manager"
    seat = dict(zip(teams, head, strict=True))
    day = frame.calendar.index(rows.loc[boss, "entry_date"].to_numpy().astype("M8[D]"))
    rows.loc[boss, "by_id"] = frame.seat_rep[rows.loc[boss, "code"].map(seat).to_numpy(), day]
    rows = rows.sort_values(
        ["entry_date", "step_order", "kpi_id", "code", "period_start"], kind="stable"
    )
    rows = rows.reset_index(drop=True)
    return rows.assign(entry_id=np.arange(len(rows)), node=nodes(rows["level"], rows["code"]))


def _company_entries(frame: Frame, truth: PlanTruth) -> list[pd.DataFrame]:
    """Final figures for bookings and collections: the two numbers directors commit to."""
    parts = []
    for kpi in ("bookings", "collections"):
        actual = targets.sums_by_region(frame, kpi).sum(axis=0)
        plan = targets.base_targets(actual[None, None], truth=truth.quota)[0]
        rng = frame.rng(f"plans/final/{kpi}")
        first = forecasts.rep_forecasts(
            actual[None], plan, truth=truth.forecast, rng=rng, off=frame.off
        )
        final = forecasts.final_forecasts(first[0], actual, truth=truth.forecast, rng=rng)
        rows = _entries(final[None], "final", "company", np.array([-1]), truth)
        parts.append(rows.assign(step_order=2, kpi_id=kpi, tax_basis="incl"))
    return parts


def _groups(frame: Frame) -> NDArray[np.int64]:
    group = frame.seats["group"].to_numpy()[frame.reps["seat"].to_numpy()]
    return np.unique(group, return_inverse=True)[1]


def _rep_months(frame: Frame) -> tuple[Floats, Floats]:
    """Actual revenue of reps by month (to come included), and their usual share of it."""
    table = frame.totals["rep_revenue"]
    actual = np.zeros((len(frame.reps), len(MONTHS)))
    actual[table["rep_id"], table["month"]] = table["amount"]
    plan = quota_by_month(frame)
    ratio = actual.sum() / max(plan.sum(), 1.0)
    return actual, plan * ratio


def _in_post_when_made(
    frame: Frame, reps: NDArray[np.int64], truth: ForecastTruth
) -> NDArray[np.bool_]:
    """Whether reps were in post when a forecast was made, shape (reps, months, horizons)."""
    hired, left = (frame.reps[name].to_numpy()[reps][:, None, None] for name in ("hired", "left"))
    made = frame.calendar.index(_made(MONTHS[:, None], np.asarray(truth.horizons)))
    return np.asarray((hired <= made) & ((left < 0) | (left >= made)))


def _made(month: NDArray[np.datetime64], ahead: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Day of a forecast: the last one before the first of the months ahead."""
    return np.asarray((month - ahead + 1).astype("M8[D]") - 1)


def _entries(
    values: Floats,
    step: str,
    level: str,
    codes: NDArray[np.int64],
    truth: PlanTruth,
) -> pd.DataFrame:
    """Rows of forecasts of a step: node x month x horizon, those made by the data's end."""
    rows = long_rows(values, ("place", "month", "horizon"))
    month = MONTHS[rows["month"].to_numpy()]
    ahead = np.asarray(truth.forecast.horizons)[rows["horizon"].to_numpy()]
    made = _made(month, ahead)
    unit = truth.quota.unit
    rows = rows.assign(
        entry_date=made.astype("M8[s]"),
        code=codes[rows["place"].to_numpy()],
        step=step,
        level=level,
        kpi_id="revenue_net",
        product_line="all",
        period_start=month.astype("M8[D]").astype("M8[s]"),
        period_end=((month + 1).astype("M8[D]") - 1).astype("M8[s]"),
        value=np.round(rows["amount"].to_numpy() / unit) * unit,
        currency="CNY",
        tax_basis="excl",
    )
    kept = (made >= MONTHS[0].astype("M8[D]")) & (made <= AS_OF) & (rows["amount"] >= unit / 2)
    return rows[np.asarray(kept)].drop(columns=["place", "month", "horizon", "amount"])
