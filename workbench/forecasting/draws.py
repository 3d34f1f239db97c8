"""Draws of a forecast: each series as its intervals say, series and periods hanging together.

A Gaussian copula ties the draws: over leads by how the errors of an origin hang together, over
series by how their changes did in the past, shrunk towards independence by what so short a history
can tell (Schäfer & Strimmer 2005, in its average form). The distribution of each series and lead
is that of the intervals, so an interval and the draws say the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.intervals import ErrorQuantiles

#: Rows of evidence from which leads are tied as observed; with fewer as those of a random walk.
ENOUGH_ROWS = 40
#: Longest history that ties between series are measured on.
LONGEST = 120


@dataclass(frozen=True)
class Ties:
    """What ties draws together.

    Attributes
    ----------
    leads : numpy.ndarray, shape (horizon, horizon)
        Correlation of errors between leads.
    history : numpy.ndarray, shape (n, periods)
        Standardised past changes, rows of length one: their products are correlations.
    share : float
        Weight of the observed correlations between series, 0 to 1.
    """

    leads: Floats
    history: Floats
    share: float


def ties(errors: Floats, batch: Batch, last: Ints) -> Ties:
    """Measure what ties leads and series.

    Parameters
    ----------
    errors : numpy.ndarray, shape (rows, horizon)
        Scaled errors at earlier origins, NaN where not seen.
    batch : Batch
        Histories, n of them.
    last : numpy.ndarray of int64, shape (n,)
        Period each history ends in, so that changes of one period are set side by side.
    """
    history = _changes(batch, last)
    return Ties(lead_ties(errors), history, _share(history))


def draw_normals(ties: Ties, *, generator: np.random.Generator, count: int) -> Floats:
    """Standard normals tied over series and leads, shape (count, n, horizon)."""
    series, periods = ties.history.shape
    horizon = len(ties.leads)
    common = generator.standard_normal((count, periods, horizon))
    own = generator.standard_normal((count, series, horizon))
    # a row of zeros (no change was ever seen) has nothing in common with others
    tied = np.where(np.abs(ties.history).sum(axis=1) > 0, ties.share, 0.0)[:, None]
    mixed = np.sqrt(tied) * (ties.history @ common) + np.sqrt(1 - tied) * own
    return mixed @ np.linalg.cholesky(ties.leads + 1e-9 * np.eye(horizon)).T


def errors_at(share: Floats, quantiles: ErrorQuantiles) -> Floats:
    """Errors at probabilities in (0, 1), shape (..., horizon), in units of the scale."""
    sizes = quantiles.at(np.abs(2 * share - 1))
    return np.where(share < 0.5, -sizes, sizes)


def lead_ties(errors: Floats) -> Floats:
    """Correlation of errors between leads; with few rows drawn to that of a random walk."""
    horizon = errors.shape[1]
    lead = np.arange(1, horizon + 1)
    walk = np.sqrt(np.minimum.outer(lead, lead) / np.maximum.outer(lead, lead))
    whole = errors[np.isfinite(errors).all(axis=1)]
    if len(whole) < 3 or horizon == 1:
        return walk
    from scipy.stats import rankdata

    ranks = np.apply_along_axis(rankdata, 0, whole)
    spread = ranks.std(axis=0)
    if (spread == 0).any():
        return walk
    observed = 2 * np.sin(np.pi / 6 * np.corrcoef(ranks, rowvar=False))
    share = len(whole) / (len(whole) + ENOUGH_ROWS)
    mixed = share * observed + (1 - share) * walk
    values, vectors = np.linalg.eigh((mixed + mixed.T) / 2)
    repaired = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    size = np.sqrt(np.diag(repaired))
    tied: Floats = repaired / np.outer(size, size)
    return tied


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
