"""Draws of a forecast: each series as its intervals say, series and periods hanging together.

A Gaussian copula ties the draws: over leads as `paths.py` says, over series by how their changes
hung together in the past, shrunk towards independence by what so short a history can tell (Schäfer
& Strimmer 2005, in its average form). The distribution of each series and lead is that of the
intervals, so an interval and the draws say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.forecasting.batch import Batch, Floats, Ints

#: Longest history that ties between series are measured on.
LONGEST = 120


@dataclass(frozen=True)
class Ties:
    """What ties the draws of series together.

    Attributes
    ----------
    history : numpy.ndarray, shape (n, periods)
        Standardised past changes, rows of length one: their products are correlations.
    share : float
        Weight of the observed correlations between series, 0 to 1.
    """

    history: Floats
    share: float


def ties(batch: Batch, last: Ints) -> Ties:
    """Measure what ties series.

    Parameters
    ----------
    batch : Batch
        Histories, n of them.
    last : numpy.ndarray of int64, shape (n,)
        Period each history ends in, so that changes of one period are set side by side.
    """
    history = _changes(batch, last)
    return Ties(history, _share(history))


def draw_normals(ties: Ties, horizon: int, *, generator: np.random.Generator, count: int) -> Floats:
    """Standard normals tied over series, not yet over leads, shape (count, n, horizon)."""
    series, periods = ties.history.shape
    common = generator.standard_normal((count, periods, horizon))
    own = generator.standard_normal((count, series, horizon))
    # a row of zeros (no change was ever seen) has nothing in common with others
    tied = np.where(np.abs(ties.history).sum(axis=1) > 0, ties.share, 0.0)[:, None]
    mixed: Floats = np.sqrt(tied) * (ties.history @ common) + np.sqrt(1 - tied) * own
    return mixed


def _changes(batch: Batch, last: Ints) -> Floats:
    """Change from the season before (or the period before), standardised, by calendar period."""
    lag = batch.season if batch.season <= 24 else 1
    end = int(last.max())
    span = int(min(LONGEST, (batch.lengths - lag).max(initial=1)))
    span = max(span, 1)
    changes = np.zeros((len(batch), span))
    for number in range(len(batch)):
        values = batch.series(number)
        step = lag if len(values) > lag + 3 else 1
        found = values[step:] - values[:-step]
        stop = span - (end - int(last[number]))
        found = found[-stop:] if stop > 0 else found[:0]
        if len(found) > 1:
            found = found - found.mean()
            # robust against the one change that would stand for a whole history
            spread = 1.4826 * np.median(np.abs(found))
            found = np.clip(found, -3 * spread, 3 * spread) if spread > 0 else found
            changes[number, stop - len(found) : stop] = found
    size = np.sqrt((changes**2).sum(axis=1, keepdims=True))
    return np.divide(changes, size, out=np.zeros_like(changes), where=size > 0)


def _share(history: Floats) -> float:
    """How far correlations seen in the past are more than chance."""
    series, periods = history.shape
    chosen = history[np.linspace(0, series - 1, min(series, 400)).astype(np.int64)]
    chosen = chosen[np.abs(chosen).sum(axis=1) > 0]
    if len(chosen) < 2 or periods < 4:
        return 0.0
    seen = chosen @ chosen.T
    pairs = seen[np.triu_indices(len(chosen), 1)]
    observed = float(np.mean(pairs**2))
    chance = float(np.mean([1 / max(1, (row != 0).sum()) for row in chosen]))
    return float(np.clip((observed - chance) / observed, 0.0, 0.98)) if observed > 0 else 0.0
