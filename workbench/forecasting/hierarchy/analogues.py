"""New products and customers: the shape of series like them, at a level of their own.

Season, growth and the way up after a launch come from analogues that share keys; they are named in
the result, with their weights, so that a planner can contradict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.hierarchy.levels import read_keys

ANALOGUES = 8
"""Most analogues a new series has."""
GROWTH = (0.5, 2.0)
"""Bounds of the growth borrowed, a year over the year before."""


@dataclass(frozen=True, eq=False)
class Borrowed:
    """Forecast of one series without history.

    Attributes
    ----------
    series_id : str
    points : numpy.ndarray, shape (horizon,)
        Expected values, unit of the history.
    analogues : tuple of str
        Series whose shape it has, most alike first.
    weights : tuple of float
        Their shares, sum 1.
    shared : tuple of tuple of str
        Keys that each analogue shares with it; empty if none shares any and all are taken.
    scale : float
        Average of a period in its first season, given or borrowed.
    given : bool
        Whether the scale was given.
    season : numpy.ndarray, shape (season,)
        Factors of the season by period from the first forecast on, mean 1.
    growth : float
        A season over the one before.
    ramp : numpy.ndarray, shape (season,)
        Part of the later level reached in each period after launch; ones if `launches` is empty.
    launches : tuple of str
        Analogues that were seen to start, from which the way up comes.
    first_seasons : tuple of float
        Average of a period in the analogues' first seasons (their last one where the start was not
        seen): how wide the level may be guessed.
    """

    series_id: str
    points: Floats
    analogues: tuple[str, ...]
    weights: tuple[float, ...]
    shared: tuple[tuple[str, ...], ...]
    scale: float
    given: bool
    season: Floats
    growth: float
    ramp: Floats
    launches: tuple[str, ...]
    first_seasons: tuple[float, ...]


def borrow(
    new: pd.DataFrame,
    *,
    keys: pd.DataFrame,
    history: Batch,
    horizon: int,
    levels: Mapping[str, float] | None = None,
    most: int = ANALOGUES,
) -> list[Borrowed]:
    """Forecast series without history from series that share keys with them.

    Parameters
    ----------
    new : pandas.DataFrame
        A row a new series: `series_id` (a column, or the index) and keys. They start with the
        first period of the horizon.
    keys : pandas.DataFrame
        The same for the series there are, in the order of `history`.
    history : Batch
        Their values, all ending with the last period before the horizon.
    horizon : int
    levels : mapping of str to float, optional
        Average of a period in the first season, for series for which it is planned; otherwise the
        median of the analogues' first seasons.
    most : int
        Most analogues a series has.

    Returns
    -------
    list of Borrowed
        One a new series, in order.

    Raises
    ------
    InputError
        If keys do not fit the history, or no series has a whole season of it.
    ParameterError
        If a level is not a finite number, or `horizon` or `most` is below 1.

    Notes
    -----
    How alike two series are is the sum over keys they share of log(N / n), n of N series having
    that value: to share a small group says more. The season is that of ratios to a moving average,
    sums over sums, so that zeros do no harm; growth and ramp are weighted medians over analogues.
    """
    if horizon < 1 or most < 1:
        raise ParameterError(
            "horizon and most must be at least 1",
            where=f"horizon={horizon}, most={most}",
            do="give whole numbers from 1 on",
        )
    wanted, known = read_keys(new), read_keys(keys)
    if len(known) != len(history) or list(wanted.columns) != list(known.columns):
        raise InputError(
            f"{len(known)} rows of keys with columns {list(known.columns)} do not fit "
            f"{len(history)} series and new ones with {list(wanted.columns)}",
            where="keys, history, new",
            do="give the same key columns, and a row a series in the order of the history",
        )
    usable = np.flatnonzero(history.lengths >= max(history.season, 2))
    if not len(usable):
        raise InputError(
            "no series has a whole season to borrow from",
            where="history",
            do="give a panel with longer series",
        )
    shapes = _Shapes(history, [str(one) for one in known.index])
    likeness = _likeness(wanted, known)
    plans = {str(series): float(value) for series, value in (levels or {}).items()}
    wrong = [series for series, value in plans.items() if not np.isfinite(value)]
    if wrong:
        raise ParameterError(
            f"the level of {wrong[0]!r} is not a number", where="levels", do="give a finite value"
        )
    made = []
    for row, series in enumerate(str(one) for one in wanted.index):
        alike = likeness[row, usable]
        order = np.lexsort((-history.lengths[usable], -alike))[:most]
        chosen = usable[order[alike[order] > 0]] if (alike > 0).any() else usable[order]
        near = likeness[row, chosen]
        weight = near / near.sum() if near.sum() > 0 else np.full(len(chosen), 1 / len(chosen))
        shared = [
            tuple(key for key in known.columns if known[key].iloc[place] == wanted[key].iloc[row])
            for place in chosen
        ]
        made.append(shapes.borrowed(series, chosen, weight, shared, horizon, plans.get(series)))
    return made


class _Shapes:
    """Season, growth, ramp and level of series, told when asked."""

    def __init__(self, history: Batch, names: list[str]) -> None:
        self._history = history
        self._names = names
        self._longest = int(history.lengths.max())

    def borrowed(
        self,
        series: str,
        chosen: Ints,
        weight: Floats,
        shared: list[tuple[str, ...]],
        horizon: int,
        level: float | None,
    ) -> Borrowed:
        """Put together what the analogues show."""
        length = self._history.season
        profile = self._season(chosen, weight)
        launched = [
            place
            for place in chosen
            if self._history.lengths[place] < self._longest
            and self._history.lengths[place] >= 2 * length
        ]
        growth = self._growth(chosen, weight)
        ramp = self._ramp(launched, weight[np.isin(chosen, launched)], profile, growth)
        first = np.array([self._first(place, place in launched) for place in chosen])
        scale = float(np.median(first)) if level is None else level
        ages = np.arange(max(horizon, length))
        shape = profile[ages % length] * growth ** (ages / length)
        shape[:length] *= ramp
        mean = float(shape[:length].mean())
        points = scale * shape[:horizon] / mean if mean > 0 else np.full(horizon, scale)
        return Borrowed(
            series_id=series,
            points=points,
            analogues=tuple(self._names[place] for place in chosen),
            weights=tuple(weight.tolist()),
            shared=tuple(shared),
            scale=scale,
            given=level is not None,
            season=profile,
            growth=growth,
            ramp=ramp,
            launches=tuple(self._names[place] for place in launched),
            first_seasons=tuple(first.tolist()),
        )

    def _season(self, chosen: Ints, weight: Floats) -> Floats:
        """Factors by period after the origin: sums of values over sums of moving averages."""
        length = self._history.season
        profile = np.zeros(length)
        for place, share in zip(chosen, weight, strict=True):
            values = self._history.series(place)
            if len(values) >= 2 * length:
                middle, first = _moving(values, length)
            else:  # one season alone: over its mean
                first = len(values) - length
                middle = np.full(length, values[first:].mean())
            position = (first + np.arange(len(middle)) - len(values)) % length
            above = np.bincount(position, values[first : first + len(middle)], length)
            below = np.bincount(position, middle, length)
            own = np.divide(above, below, out=np.ones(length), where=below > 0)
            own = np.maximum(own, 0.0)
            profile += share * (own / own.mean() if own.mean() > 0 else np.ones(length))
        return profile / profile.mean()

    def _growth(self, chosen: Ints, weight: Floats) -> float:
        """Last season over the one before, of those past their first."""
        length = self._history.season
        rates, shares = [], []
        for place, share in zip(chosen, weight, strict=True):
            values = self._history.series(place)
            grown = len(values) == self._longest and len(values) >= 2 * length
            if not grown and len(values) < 3 * length:
                continue
            last, before = values[-length:].sum(), values[-2 * length : -length].sum()
            if before > 0 and last >= 0:
                rates.append(last / before)
                shares.append(share)
        if not rates:
            return 1.0
        return float(np.clip(_median(np.array(rates), np.array(shares)), *GROWTH))

    def _ramp(self, launched: list[int], weight: Floats, profile: Floats, growth: float) -> Floats:
        """Level by period after launch, over the second season, without season and growth."""
        length = self._history.season
        if not launched:
            return np.ones(length)
        curves = []
        for place in launched:
            values = self._history.series(place)[: 2 * length]
            place_in_season = (np.arange(2 * length) - self._history.lengths[place]) % length
            season = profile[place_in_season] * growth ** (np.arange(2 * length) / length)
            later = season[length:].sum()
            level = values[length:].sum() / later if later > 0 else 0.0
            full = level * season[:length]
            curves.append(np.divide(values[:length], full, out=np.ones(length), where=full > 0))
        ramp = np.array([_median(column, weight) for column in np.array(curves).T])
        padded = np.concatenate([ramp[:1], ramp, ramp[-1:]])
        return np.maximum((padded[:-2] + padded[1:-1] + padded[2:]) / 3, 0.0)

    def _first(self, place: int, launched: bool) -> float:
        values = self._history.series(place)
        length = self._history.season
        return float(values[:length].mean() if launched else values[-length:].mean())


def _likeness(wanted: pd.DataFrame, known: pd.DataFrame) -> Floats:
    """How alike new and known series are, shape (new, known)."""
    alike = np.zeros((len(wanted), len(known)))
    for key in known.columns:
        count = known[key].value_counts()
        told = np.log(len(known) / known[key].map(count).to_numpy(dtype=np.float64))
        same = wanted[key].to_numpy()[:, None] == known[key].to_numpy()
        alike += same * (told + np.finfo(float).eps)  # a key that all share is shared too
    return alike


def _moving(values: Floats, length: int) -> tuple[Floats, int]:
    """Centred moving average over a season, and where it starts."""
    if length % 2:
        kernel = np.full(length, 1 / length)
    else:
        kernel = np.concatenate([[0.5], np.ones(length - 1), [0.5]]) / length
    return np.convolve(values, kernel, mode="valid"), len(kernel) // 2


def _median(values: Floats, weight: Floats) -> float:
    """Weighted median: the value at which half of the weight is reached, averaged at a tie."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    low = int(np.searchsorted(reached, 0.5 - 1e-12))
    high = int(np.searchsorted(reached, 0.5 + 1e-12))
    return float((values[order[low]] + values[order[min(high, len(values) - 1)]]) / 2)
