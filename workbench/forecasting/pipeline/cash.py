"""From hazards of payment to money by month: expected, drawn, and as shares of new claims."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.pipeline.claims import Claims
from workbench.forecasting.pipeline.features import month_start
from workbench.forecasting.pipeline.payments import PaymentHazard

Floats = NDArray[np.float64]
POOL = 150  # recent claims of a kind that new ones are paid like
POOL_MONTHS = 18
AT_ONCE = 4_000_000  # claims x draws in memory


def expected_cash(
    left: Floats,
    fresh: Floats,
    begun: Floats,
    *,
    partial: Floats,
    part: float,
    part_left: NDArray[np.bool_],
) -> Floats:
    """Expected money by month of claims that are paid at once or in two parts.

    Parameters
    ----------
    left : numpy.ndarray, shape (n,)
        Still owed.
    fresh, begun : numpy.ndarray, shape (n, horizon)
        Hazards of a payment while nothing, and once a part, is paid.
    partial : numpy.ndarray, shape (n,)
        Chance that the first payment is a part.
    part : float
        Share that such a first payment has.
    part_left : numpy.ndarray of bool, shape (n,)
        A part is paid already.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
    """
    out = np.empty_like(fresh)
    nothing = np.where(part_left, 0.0, 1.0)
    some = np.where(part_left, 1.0, 0.0)
    owed_then = np.where(part_left, left, left * (1 - part))
    for month in range(fresh.shape[1]):
        first, last = nothing * fresh[:, month], some * begun[:, month]
        out[:, month] = first * left * (1 - partial + partial * part) + last * owed_then
        nothing = nothing - first
        some = some - last + first * partial
    return out


def drawn_cash(
    rng: np.random.Generator,
    left: Floats,
    fresh: Floats,
    begun: Floats,
    paths: Floats,
    *,
    partial: Floats,
    part: float,
    part_left: NDArray[np.bool_],
    group: NDArray[np.integer],
    groups: int,
) -> Floats:
    """Draws of the same money, summed by group.

    Parameters
    ----------
    paths : numpy.ndarray, shape (draws, horizon)
        Factors on the odds of a payment that all claims of a draw share.
    group : numpy.ndarray of int, shape (n,)
        Group of each claim, from 0 to `groups` - 1; -1 counts in none.

    Returns
    -------
    numpy.ndarray, shape (draws, horizon, groups)
    """
    draws, horizon = paths.shape
    out = np.zeros((draws, horizon, groups))
    block = max(AT_ONCE // max(draws, 1), 1)
    for low in range(0, len(left), block):
        mine = slice(low, low + block)
        uniform = rng.random((draws, len(left[mine]), 2))
        _pay(
            uniform,
            left[mine],
            fresh[mine],
            begun[mine],
            paths,
            partial[mine],
            part,
            part_left[mine],
            group[mine].astype(np.int64),
            out,
        )
    return out


@njit(cache=True)
def _pay(
    uniform: Floats,
    left: Floats,
    fresh: Floats,
    begun: Floats,
    paths: Floats,
    partial: Floats,
    part: float,
    part_left: NDArray[np.bool_],
    group: NDArray[np.int64],
    out: Floats,
) -> None:
    """Add the payments of claims to `out`.

    Each claim has two uniforms: one for when it is paid, rescaled while nothing comes, one for
    whether the first payment is a part, rescaled for when the rest comes.
    """
    for draw in range(uniform.shape[0]):
        for claim in range(len(left)):
            if group[claim] < 0:
                continue
            begins = part_left[claim]
            rest = left[claim]
            waits, then = uniform[draw, claim, 0], uniform[draw, claim, 1]
            for month in range(fresh.shape[1]):
                hazard = begun[claim, month] if begins else fresh[claim, month]
                factor = paths[draw, month]
                hazard = hazard * factor / (1 - hazard + hazard * factor)
                if waits >= hazard:
                    waits = (waits - hazard) / max(1 - hazard, 1e-12)
                    continue
                if begins or then >= partial[claim]:
                    out[draw, month, group[claim]] += rest
                    break
                out[draw, month, group[claim]] += rest * part
                rest *= 1 - part
                begins = True
                waits = then / partial[claim]


def profile(known: Claims, hazard: PaymentHazard, kind: str, origin: int, horizon: int) -> Floats:
    """Share of claims booked in each month (row) that is paid in each month (column)."""
    rows = known.rows
    like = rows[(rows["kind"] == kind) & (rows["booked_month"] <= origin)]
    recent = like[like["booked_month"] > origin - POOL_MONTHS]
    like = recent if len(recent) else like
    chosen = np.unique(np.linspace(0, len(like) - 1, min(len(like), POOL)).astype(np.int64))
    like = like.iloc[chosen]
    # The pool once for each month of booking; days move along with the month, so that months of
    # 30 and 31 days do not matter.
    month = origin + 1 + np.repeat(np.arange(horizon), len(like))
    moved = pd.concat([like] * horizon, ignore_index=True)
    shift = pd.to_timedelta(
        (_starts(pd.Series(month)) - _starts(moved["booked_month"])).dt.days, unit="D"
    )
    moved = moved.assign(
        booked=moved["booked"] + shift, due=moved["due"] + shift, booked_month=month
    )
    fresh, begun = (
        hazard.monthly(moved, month - 1, horizon, partly=partly) for partly in (False, True)
    )
    amount = moved["amount"].to_numpy(float)
    cash = expected_cash(
        amount,
        fresh,
        begun,
        partial=hazard.partial(amount),
        part=hazard.part,
        part_left=np.zeros(len(moved), bool),
    )
    by_month = cash.reshape(horizon, len(like), horizon).sum(axis=1) / like["amount"].sum()
    out = np.zeros((horizon, horizon))
    for begin in range(horizon):
        out[begin, begin:] = by_month[begin, : horizon - begin]
    return out


def _starts(months: pd.Series) -> pd.Series:
    known = {int(month): month_start(int(month)) for month in months.unique()}
    return months.map(known)
