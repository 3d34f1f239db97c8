"""Targets: revenue, bookings, collections and margin by node and month, in three tiers.

Region targets are rounded first and the company's are their exact sums; teams and reps carry the
padding of their level. Revenue is without VAT, bookings and collections are with VAT.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.sample.parameters import LINES, REGIONS
from workbench.sample.plan_grid import (
    MONTHS,
    YEARS,
    Floats,
    base_cube,
    long_rows,
    nodes,
    quota_by_month,
    years_of,
)
from workbench.sample.quotas import QuotaTruth
from workbench.sample.world import Frame


def target_table(frame: Frame, *, truth: QuotaTruth) -> pd.DataFrame:
    """All rows of `target`: revenue, bookings, collections and margin, in three tiers."""
    quota = truth
    base = base_cube(frame.totals["plan_base"])
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


def _revenue(base: Floats, nodes: tuple[str, ...], level: str, *, lines: bool) -> pd.DataFrame:
    """Revenue targets by node, line (and all lines) and month."""
    whole = np.concatenate([base.sum(axis=1, keepdims=True), base], axis=1)
    rows = long_rows(whole, ("node", "product_line", "month"))
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
    rows = long_rows(share * base[region] * padding, ("node", "month"))
    rows["node"] = nodes(
        pd.Series("team", index=rows.index), frame.teams["team_id"].to_numpy()[rows["node"]]
    )
    rows = rows.rename(columns={"amount": "value"})
    return rows.assign(kpi_id="revenue_net", level="team", product_line="all")


def _rep_targets(frame: Frame, base: Floats, truth: QuotaTruth) -> pd.DataFrame:
    """Quotas of reps by month, for the months in which they have one."""
    months = quota_by_month(frame)
    rows = long_rows(months, ("rep", "month"))
    hired = frame.reps["hired"].to_numpy()[rows["rep"]]
    known = hired <= frame.calendar.as_of  # who comes later has no quota yet
    rows = rows[known & (rows["amount"] >= truth.unit / 2)].reset_index(drop=True)
    rows["node"] = nodes(pd.Series("rep", index=rows.index), rows["rep"].to_numpy())
    rows = rows.rename(columns={"amount": "value"}).drop(columns="rep")
    return rows.assign(kpi_id="revenue_net", level="rep", product_line="all")


def sums_by_region(frame: Frame, kpi: str) -> Floats:
    """Bookings or collections by region and month, to come included."""
    table = frame.totals[kpi]
    out = np.zeros((len(REGIONS), len(MONTHS)))
    region = pd.Categorical(table["region"], categories=REGIONS).codes
    inside = ((table["month"] >= 0) & (table["month"] < len(MONTHS)) & (region >= 0)).to_numpy()
    out[region[inside], table["month"].to_numpy()[inside]] = table["amount"].to_numpy()[inside]
    return out


def _sums_targets(frame: Frame, kpi: str, truth: QuotaTruth) -> pd.DataFrame:
    """Targets of bookings or collections: last year's, a planned growth, the usual months."""
    cells = base_targets(sums_by_region(frame, kpi)[:, None], truth=truth)[:, 0]
    cells = np.round(cells / truth.unit) * truth.unit
    whole = np.concatenate([cells.sum(axis=0, keepdims=True), cells])
    rows = long_rows(whole, ("place", "month"))
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
    rows = long_rows(values, ("product_line", "month"))
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
