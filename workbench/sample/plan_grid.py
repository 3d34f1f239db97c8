"""The grid of plans: years and months simulated, posts, quotas by month, cubes and rows.

Shared by targets, forecasts, pay and expense.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.parameters import LINES, REGIONS
from workbench.sample.world import Frame

Floats = NDArray[np.float64]
FIRST_YEAR = 2021
YEARS = np.arange(FIRST_YEAR, 2027)
MONTHS = np.arange("2021-08", "2027-01", dtype="M8[M]")


def month_index(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of days in MONTHS; negative or too large outside."""
    months = np.asarray(days).astype("M8[D]").astype("M8[M]")
    return np.asarray((months - MONTHS[0]).astype(np.int64))


def years_of(months: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """Calendar years of months."""
    return np.asarray(months.astype("M8[Y]").astype(np.int64) + 1970)


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


def posted_months(frame: Frame) -> Floats:
    """Share of each month a rep is in post."""
    calendar = frame.calendar
    first = calendar.index(MONTHS.astype("M8[D]"))
    last = np.append(first[1:], len(calendar.days)) - 1
    hired, left = frame.reps["hired"].to_numpy(), frame.reps["left"].to_numpy()
    left = np.where(left < 0, len(calendar.days), left)
    worked = np.minimum(left[:, None], last) - np.maximum(hired[:, None], first) + 1
    return np.clip(worked / (last - first + 1), 0, 1)


def quota_by_month(frame: Frame) -> Floats:
    """Quotas spread over the months in post with the season of the company's plan."""
    base = base_cube(frame.totals["plan_base"]).sum(axis=(0, 1))
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


def cube_of(cells: pd.DataFrame) -> Floats:
    """Rows of region, product_line, month and amount as a cube (regions, lines, months)."""
    region = pd.Categorical(cells["region"], categories=REGIONS).codes.astype(np.int64)
    line = pd.Categorical(cells["product_line"], categories=LINES).codes.astype(np.int64)
    shape = (len(REGIONS), len(LINES), len(MONTHS))
    keys = (region * shape[1] + line) * shape[2] + cells["month"].to_numpy()
    sums = np.bincount(keys, weights=cells["amount"].to_numpy(), minlength=int(np.prod(shape)))
    return np.asarray(sums.reshape(shape), float)


def base_cube(rows: pd.DataFrame) -> Floats:
    """Totals of `plan_base`, stored by place of region and line, as a cube."""
    shape = (len(REGIONS), len(LINES), len(MONTHS))
    cube = np.zeros(shape)
    cube[rows["region"], rows["product_line"], rows["month"]] = rows["amount"]
    return cube


def long_rows(values: Floats, names: tuple[str, ...]) -> pd.DataFrame:
    """Array as rows: one column of places for each axis, and amount."""
    places = np.indices(values.shape).reshape(values.ndim, -1)
    return pd.DataFrame({**dict(zip(names, places, strict=True)), "amount": values.ravel()})


def nodes(level: pd.Series, codes: NDArray[np.int64] | pd.Series) -> NDArray[np.object_]:
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
