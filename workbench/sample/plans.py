"""Plans: targets in three tiers by node and month, quotas of reps, forecast entries.

`draft` is called by `money.py` once revenue dates are known and before reps work on them: the
company's base target of a year is last year's revenue and a planned growth, quotas follow
(`quotas.py`). Tables are made at the end, from the sums of all parts. Revenue is without VAT,
bookings and collections are with VAT.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import effort, forecasts, quotas
from workbench.sample.effort import EffortTruth
from workbench.sample.forecasts import ForecastTruth
from workbench.sample.parameters import LINES, REGIONS
from workbench.sample.quotas import QuotaTruth
from workbench.sample.world import AS_OF, Frame, World

Floats = NDArray[np.float64]

EFFECTS: dict[str, tuple[str, str]] = quotas.EFFECTS | forecasts.EFFECTS | effort.EFFECTS
FIRST_YEAR = 2021
YEARS = np.arange(FIRST_YEAR, 2027)
MONTHS = np.arange("2021-08", "2027-01", dtype="M8[M]")
TIERS = ("floor", "base", "stretch")


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
        rep_id, region, product_line, recognised (day), net (CNY without VAT).
    """
    frame = world.frame
    month = month_index(lines["recognised"].to_numpy())
    inside = (month >= 0) & (month < len(MONTHS))
    cells = pd.DataFrame(
        {
            "month": month,
            "region": lines["region"].to_numpy(),
            "product_line": lines["product_line"].to_numpy(),
            "amount": lines["net"].to_numpy(),
        }
    )[inside]
    cube = _cube(cells)
    base = base_targets(cube, truth=truth.quota)
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
    rows = _long(base, ("region", "product_line", "month"))
    world.add_up("plan_base", rows, by=["month", "region", "product_line"], values=["amount"])
    by_rep = _long(quota, ("rep_id", "year")).assign(natural=actual.ravel())
    world.add_up("rep_quota", by_rep, by=["rep_id", "year"], values=["amount", "natural"])
    return Draft(rows, quota)


def per_part(world: World) -> None:
    """Sums the plans need: revenue of reps by month, bookings by month and region."""
    contracts = world.tables.get("contract")
    if contracts is not None:
        signed = pd.DataFrame(
            {
                "month": contracts["signed_date"].to_numpy().astype("M8[M]") - MONTHS[0],
                "region": contracts["region"].to_numpy(),
                "amount": contracts["amount"].to_numpy(),
            }
        )
        signed["month"] = signed["month"].astype(np.int64)
        world.add_up("bookings", signed, by=["month", "region"], values=["amount"])


def note_revenue(world: World, lines: pd.DataFrame) -> None:
    """Keep what reps brought by month (after timing), for forecasts and pay."""
    rows = pd.DataFrame(
        {
            "rep_id": lines["rep_id"].to_numpy(),
            "month": month_index(lines["recognised"].to_numpy()),
            "amount": lines["net"].to_numpy(),
        }
    )
    inside = (rows["month"] >= 0) & (rows["month"] < len(MONTHS)) & (rows["rep_id"] >= 0)
    world.add_up("rep_revenue", rows[inside], by=["rep_id", "month"], values=["amount"])


def per_company(frame: Frame, world: World) -> None:
    """Add `target` and `forecast_entry`; hide what reps would bring without timing."""
    known = frame.totals["rep_quota"]
    known = known[known["amount"] > 0]
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
    frame.add("target", targets(frame))
    frame.add("forecast_entry", forecast_entries(frame))


def month_index(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of days in MONTHS; negative or too large outside."""
    months = np.asarray(days).astype("M8[D]").astype("M8[M]")
    return np.asarray((months - MONTHS[0]).astype(np.int64))


def years_of(months: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Calendar years of months."""
    return np.asarray(months.astype("M8[Y]").astype(np.int64) + 1970)


def base_targets(cube: Floats, *, truth: QuotaTruth) -> Floats:
    """Base target by region, line and month, from actual revenue of the year before.

    Parameters
    ----------
    cube : array, shape (regions, lines, months)
        Revenue without VAT.

    Notes
    -----
    The first calendar year is a stub; the second is planned on it, scaled up by the season.
    """
    year, month = years_of(MONTHS), MONTHS.astype(np.int64) % 12
    full = [y for y in YEARS if (year == y).sum() == 12]
    shape = np.zeros((cube.shape[1], 12))
    for each in range(12):
        chosen = (month == each) & np.isin(year, full)
        shape[:, each] = cube[:, :, chosen].sum(axis=(0, 2))
    shape /= np.maximum(shape.sum(axis=1, keepdims=True), 1e-9)
    out = np.zeros_like(cube)
    for y in YEARS:
        here = year == y
        before = cube[:, :, year == y - 1].sum(axis=2)
        if y == YEARS[0]:
            scale = shape[:, month[here]].sum(axis=1)
            before = cube[:, :, here].sum(axis=2) / np.maximum(scale, 1e-9)
        elif y == YEARS[1]:
            before = before / np.maximum(shape[:, month[year == YEARS[0]]].sum(axis=1), 1e-9)
        growth = 1 + truth.planned_growth.get(int(y), 0.0)
        out[:, :, here] = before[:, :, None] * growth * shape[None, :, month[here]]
    return out


def rep_year(lines: pd.DataFrame, month: NDArray[np.int64], reps: int) -> Floats:
    """Revenue by rep and calendar year."""
    rep = lines["rep_id"].to_numpy()
    inside = (rep >= 0) & (month >= 0) & (month < len(MONTHS))
    place = years_of(MONTHS)[np.where(inside, month, 0)] - FIRST_YEAR
    keys = rep[inside] * len(YEARS) + place[inside]
    sums = np.bincount(keys, weights=lines["net"].to_numpy()[inside], minlength=reps * len(YEARS))
    return np.asarray(sums.reshape(reps, len(YEARS)), float)


def in_post(frame: Frame) -> Floats:
    """Share of each calendar year (of its days simulated) a rep held a seat with a quota."""
    hired = np.maximum(frame.reps["hired"].to_numpy(), 0)
    left = frame.reps["left"].to_numpy()
    left = np.where(left < 0, len(frame.calendar.days) - 1, left)
    out = np.zeros((len(frame.reps), len(YEARS)))
    for place, year in enumerate(YEARS):
        days = np.flatnonzero(frame.calendar.year == year)
        worked = np.minimum(left, days[-1]) - np.maximum(hired, days[0]) + 1
        out[:, place] = np.clip(worked, 0, None) / 365.25
    return out * frame.reps["quota"].to_numpy()[:, None]


def targets(frame: Frame, *, truth: PlanTruth = TRUTH) -> pd.DataFrame:
    """All rows of `target`: revenue, bookings, collections and margin, in three tiers."""
    quota = truth.quota
    base = _pivot(frame.totals["plan_base"])
    base = np.round(base / quota.unit) * quota.unit
    rows = [
        _revenue(base, REGIONS, "region", lines=True),
        _revenue(base.sum(axis=0, keepdims=True), ("company",), "company", lines=True),
        _team_targets(frame, base.sum(axis=1), quota),
        _rep_targets(frame, base.sum(axis=(0, 1)), quota),
        _sums_targets(frame, "bookings", quota),
        _sums_targets(frame, "collections", quota),
    ]
    money = pd.concat(rows, ignore_index=True)
    tiers = {"floor": quota.floor, "base": 1.0, "stretch": quota.stretch}
    parts = [
        money.assign(tier=tier, value=np.round(money["value"] * scale / quota.unit) * quota.unit)
        for tier, scale in tiers.items()
    ]
    return _dated(pd.concat([*parts, _margins(frame, base)], ignore_index=True))


def forecast_entries(frame: Frame, *, truth: PlanTruth = TRUTH) -> pd.DataFrame:
    """All rows of `forecast_entry` for revenue, made on the last working day before each month."""
    told, off = truth.forecast, frame.off
    actual, plan = _rep_months(frame)
    reps = np.flatnonzero(frame.reps["quota"].to_numpy())
    mine = forecasts.rep_forecasts(
        actual[reps], plan[reps], truth=told, rng=frame.rng("plans/forecast"), off=off
    )
    team = frame.seats["team"].to_numpy()[frame.reps["seat"].to_numpy()[reps]]
    teams = np.unique(team)
    summed = np.stack([mine[team == each].sum(axis=0) for each in teams])
    managed = forecasts.manager_forecasts(
        summed, truth=told, rng=frame.rng("plans/managers"), off=off
    )
    final = forecasts.final_forecasts(
        managed.sum(axis=0),
        actual[reps].sum(axis=0),
        truth=told,
        rng=frame.rng("plans/final"),
    )
    head = frame.teams.set_index("team_id")["seat"].reindex(teams).to_numpy()
    parts = [
        _entries(mine, "rep", "rep", reps, truth).assign(step_order=0),
        _entries(managed, "manager", "team", teams, truth).assign(step_order=1),
        _entries(final[None], "final", "company", np.array([-1]), truth).assign(step_order=2),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows["by_id"] = np.where(rows["step"] == "rep", rows["code"], -1)
    boss = rows["step"] == "manager"
    seat = dict(zip(teams, head, strict=True))
    day = frame.calendar.index(rows.loc[boss, "entry_date"].to_numpy().astype("M8[D]"))
    rows.loc[boss, "by_id"] = frame.seat_rep[rows.loc[boss, "code"].map(seat).to_numpy(), day]
    rows = rows.sort_values(["entry_date", "step_order", "code", "period_start"], kind="stable")
    rows = rows.reset_index(drop=True)
    return rows.assign(entry_id=np.arange(len(rows)), node=_nodes(rows["level"], rows["code"]))


def _groups(frame: Frame) -> NDArray[np.int64]:
    group = frame.seats["group"].to_numpy()[frame.reps["seat"].to_numpy()]
    return np.unique(group, return_inverse=True)[1]


def _cube(cells: pd.DataFrame) -> Floats:
    region = pd.Categorical(cells["region"], categories=REGIONS).codes.astype(np.int64)
    line = pd.Categorical(cells["product_line"], categories=LINES).codes.astype(np.int64)
    shape = (len(REGIONS), len(LINES), len(MONTHS))
    keys = (region * shape[1] + line) * shape[2] + cells["month"].to_numpy()
    sums = np.bincount(keys, weights=cells["amount"].to_numpy(), minlength=int(np.prod(shape)))
    return np.asarray(sums.reshape(shape), float)


def _pivot(rows: pd.DataFrame) -> Floats:
    """Totals of `plan_base`, stored by place of region and line, as a cube."""
    shape = (len(REGIONS), len(LINES), len(MONTHS))
    cube = np.zeros(shape)
    cube[rows["region"], rows["product_line"], rows["month"]] = rows["amount"]
    return cube


def _long(values: Floats, names: tuple[str, ...]) -> pd.DataFrame:
    """Array as rows: one column of places for each axis, and amount."""
    places = np.indices(values.shape).reshape(values.ndim, -1)
    return pd.DataFrame({**dict(zip(names, places, strict=True)), "amount": values.ravel()})


def _revenue(base: Floats, nodes: tuple[str, ...], level: str, *, lines: bool) -> pd.DataFrame:
    """Revenue targets by node, line (and all lines) and month."""
    whole = np.concatenate([base.sum(axis=1, keepdims=True), base], axis=1)
    rows = _long(whole, ("node", "product_line", "month"))
    rows["node"] = np.array(nodes, object)[rows["node"]]
    rows["product_line"] = np.array(("all", *LINES), object)[rows["product_line"]]
    return rows.rename(columns={"amount": "value"}).assign(kpi_id="revenue_net", level=level)


def _team_targets(frame: Frame, base: Floats, truth: QuotaTruth) -> pd.DataFrame:
    """Targets of teams: the region's, padded, by the quotas of the team's reps."""
    padding = truth.team_padding if frame.on("padding") else 1.0
    months = quota_by_month(frame)
    team = frame.seats["team"].to_numpy()[frame.reps["seat"].to_numpy()]
    region = frame.teams["region"].map({name: n for n, name in enumerate(REGIONS)}).to_numpy()
    sums = np.stack([months[team == each].sum(axis=0) for each in frame.teams["team_id"]])
    of_region = np.stack([sums[region == each].sum(axis=0) for each in range(len(REGIONS))])
    share = np.where(of_region[region] > 0, sums / np.maximum(of_region[region], 1), 0)
    rows = _long(share * base[region] * padding, ("node", "month"))
    rows["node"] = _nodes(
        pd.Series("team", index=rows.index), frame.teams["team_id"].to_numpy()[rows["node"]]
    )
    rows = rows.rename(columns={"amount": "value"})
    return rows.assign(kpi_id="revenue_net", level="team", product_line="all")


def _rep_targets(frame: Frame, base: Floats, truth: QuotaTruth) -> pd.DataFrame:
    """Quotas of reps by month, for the months in which they have one."""
    months = quota_by_month(frame)
    rows = _long(months, ("rep", "month"))
    rows = rows[rows["amount"] >= truth.unit / 2].reset_index(drop=True)
    rows["node"] = _nodes(pd.Series("rep", index=rows.index), rows["rep"].to_numpy())
    rows = rows.rename(columns={"amount": "value"}).drop(columns="rep")
    return rows.assign(kpi_id="revenue_net", level="rep", product_line="all")


def quota_by_month(frame: Frame) -> Floats:
    """Quotas spread over the months in post with the season of the company's plan."""
    base = _pivot(frame.totals["plan_base"]).sum(axis=(0, 1))
    table = frame.totals["rep_quota"]
    quota = np.zeros((len(frame.reps), len(YEARS)))
    quota[table["rep_id"], table["year"]] = table["amount"]
    weight = base[None, :] * posted_months(frame)
    place = years_of(MONTHS) - FIRST_YEAR
    out = np.zeros_like(weight)
    for year in range(len(YEARS)):
        here = place == year
        sums = weight[:, here].sum(axis=1, keepdims=True)
        out[:, here] = quota[:, [year]] * np.where(
            sums > 0, weight[:, here] / np.maximum(sums, 1e-9), 0
        )
    return out


def posted_months(frame: Frame) -> Floats:
    """Share of each month a rep is in post."""
    calendar = frame.calendar
    first = calendar.index(MONTHS.astype("M8[D]"))
    last = np.append(first[1:], len(calendar.days)) - 1
    hired, left = frame.reps["hired"].to_numpy(), frame.reps["left"].to_numpy()
    left = np.where(left < 0, len(calendar.days), left)
    worked = np.minimum(left[:, None], last) - np.maximum(hired[:, None], first) + 1
    return np.clip(worked / (last - first + 1), 0, 1)


def _sums_targets(frame: Frame, kpi: str, truth: QuotaTruth) -> pd.DataFrame:
    """Targets of bookings or collections: last year's, a planned growth, the usual months."""
    table = frame.totals[kpi]
    cube = np.zeros((len(REGIONS), 1, len(MONTHS)))
    region = pd.Categorical(table["region"], categories=REGIONS).codes
    inside = ((table["month"] >= 0) & (table["month"] < len(MONTHS)) & (region >= 0)).to_numpy()
    cube[region[inside], 0, table["month"].to_numpy()[inside]] = table["amount"].to_numpy()[inside]
    cells = base_targets(cube, truth=truth)[:, 0]
    cells = np.round(cells / truth.unit) * truth.unit
    whole = np.concatenate([cells.sum(axis=0, keepdims=True), cells])
    rows = _long(whole, ("place", "month"))
    rows["node"] = np.array(("company", *REGIONS), object)[rows["place"]]
    rows["level"] = np.where(rows["place"] == 0, "company", "region")
    rows = rows.rename(columns={"amount": "value"}).drop(columns="place")
    return rows.assign(kpi_id=kpi, product_line="all")


def _margins(frame: Frame, base: Floats) -> pd.DataFrame:
    """Targets of the gross margin rate by line, and of all lines by the plan's mix."""
    aimed = np.array([frame.truth.price.margin[line] for line in LINES])
    weight = base.sum(axis=0)
    mixed = (weight * aimed[:, None]).sum(axis=0) / np.maximum(weight.sum(axis=0), 1)
    values = np.vstack([mixed, np.repeat(aimed[:, None], len(MONTHS), axis=1)])
    rows = _long(values, ("product_line", "month"))
    rows["product_line"] = np.array(("all", *LINES), object)[rows["product_line"]]
    rows = rows.rename(columns={"amount": "value"}).assign(
        kpi_id="gross_margin", level="company", node="company"
    )
    shift = {"floor": -0.01, "base": 0.0, "stretch": 0.01}
    parts = [
        rows.assign(tier=tier, value=np.round(rows["value"] + by, 4)) for tier, by in shift.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """Periods, currencies and tax bases; sorted by key."""
    month = MONTHS[rows["month"].to_numpy()]
    money = (rows["kpi_id"] != "gross_margin").to_numpy()
    net = (rows["kpi_id"] == "revenue_net").to_numpy()
    rows = rows.assign(
        period_start=month.astype("M8[D]").astype("M8[s]"),
        period_end=((month + 1).astype("M8[D]") - 1).astype("M8[s]"),
        currency=pd.Series("CNY", index=rows.index).where(money, None),
        tax_basis=pd.Series(np.where(net, "excl", "incl"), index=rows.index).where(money, None),
    ).drop(columns="month")
    keys = ["kpi_id", "level", "node", "product_line", "period_start", "tier"]
    return rows.sort_values(keys, kind="stable", ignore_index=True)


def _rep_months(frame: Frame) -> tuple[Floats, Floats]:
    """Actual revenue of reps by month (to come included), and their usual share of it."""
    table = frame.totals["rep_revenue"]
    actual = np.zeros((len(frame.reps), len(MONTHS)))
    actual[table["rep_id"], table["month"]] = table["amount"]
    plan = quota_by_month(frame)
    ratio = actual.sum() / max(plan.sum(), 1.0)
    return actual, plan * ratio


def _entries(
    values: Floats, step: str, level: str, codes: NDArray[np.int64], truth: PlanTruth
) -> pd.DataFrame:
    """Rows of forecasts of a step: node x month x horizon, those made by the data's end."""
    rows = _long(values, ("place", "month", "horizon"))
    month = MONTHS[rows["month"].to_numpy()]
    ahead = np.asarray(truth.forecast.horizons)[rows["horizon"].to_numpy()]
    made = (month - ahead + 1).astype("M8[D]") - 1
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


def _nodes(level: pd.Series, codes: NDArray[np.int64] | pd.Series) -> NDArray[np.object_]:
    """Node names: ids of reps and teams as they are written, 'company' at the top."""
    from workbench.sample.write import PREFIXES, SHARED

    number = np.asarray(codes, np.int64) + 1
    out = np.full(len(number), "company", object)
    for name in ("rep", "team"):
        chosen = (level == name).to_numpy()
        if not chosen.any():
            continue
        text = np.char.zfill(number[chosen].astype("U9"), SHARED[name])
        out[chosen] = np.char.add(PREFIXES[name], text).astype(object)
    return out
