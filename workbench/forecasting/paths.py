"""How the errors of one forecast hang together over leads, so that sums spread as sums did.

Leads are tied by the rank correlations of errors at earlier origins, drawn towards those of a
random walk under noise. Correlations alone make sums of many leads too wide where series differ in
the size of their errors: pooled errors have heavy tails, which add up as if they came by turns.
So all ties are then made looser or closer until sums over the horizon spread as they did at
earlier origins. The distribution of a single lead is untouched by that.

Gaussian copula with the rank correlation of Kruskal (1958), 2 sin(pi/6 r).
"""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Floats
from workbench.forecasting.intervals import ErrorQuantiles
from workbench.scenarios import streams

#: Rows of evidence at which what was observed counts half.
PRIOR_ROWS = 15
#: Share of a random walk in the errors where nothing was observed; the rest is noise. About what
#: monthly, quarterly and yearly series of public collections show.
WALK = 0.5
#: Level at which the spread of sums is held to what was observed.
LEVEL = 0.8
_TRIALS, _HALVINGS = 2000, 12
_STREAM = "forecast/paths"


def lead_ties(errors: Floats, quantiles: ErrorQuantiles) -> Floats:
    """Correlation of errors between leads, in the normal scores that draws are made of.

    Parameters
    ----------
    errors : numpy.ndarray, shape (rows, horizon)
        Scaled errors at earlier origins, NaN where not seen.
    quantiles : ErrorQuantiles
        Distribution of each lead.

    Returns
    -------
    numpy.ndarray, shape (horizon, horizon)
        Positive definite, ones on the diagonal.
    """
    horizon = errors.shape[1]
    whole = errors[np.isfinite(errors).all(axis=1)]
    usual = _usual(horizon)
    if len(whole) < 3 or horizon == 1:
        return usual
    share = len(whole) / (len(whole) + PRIOR_ROWS)
    observed = _rank_correlations(whole)
    mixed = usual if observed is None else share * observed + (1 - share) * usual
    return _matched(_definite(mixed), whole, quantiles, share)


def over_leads(normals: Floats, ties: Floats) -> Floats:
    """Tie independent standard normals, shape (..., horizon), over their leads."""
    return normals @ np.linalg.cholesky(ties + 1e-9 * np.eye(len(ties))).T


def _usual(horizon: int) -> Floats:
    lead = np.arange(1, horizon + 1)
    walk = np.sqrt(np.minimum.outer(lead, lead) / np.maximum.outer(lead, lead))
    usual: Floats = WALK * walk + (1 - WALK) * np.eye(horizon)
    return usual


def _rank_correlations(whole: Floats) -> Floats | None:
    """None where a lead never varied."""
    from scipy.stats import rankdata

    ranks = rankdata(whole, axis=0)
    if (ranks.std(axis=0) == 0).any():
        return None
    observed: Floats = 2 * np.sin(np.pi / 6 * np.corrcoef(ranks, rowvar=False))
    return observed


def _definite(ties: Floats) -> Floats:
    """The nearest matrix that correlations can form, near enough."""
    values, vectors = np.linalg.eigh((ties + ties.T) / 2)
    repaired = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    size = np.sqrt(np.diag(repaired))
    tied: Floats = repaired / np.outer(size, size)
    return tied


def _matched(ties: Floats, whole: Floats, quantiles: ErrorQuantiles, share: float) -> Floats:
    """Ties at which sums over the horizon spread as those of the rows, as far as rows can tell."""
    normals = streams(0)[_STREAM].standard_normal((_TRIALS, len(ties)))
    drawn = _spread_of_sums(ties, quantiles, normals)
    seen = float(np.quantile(np.abs(whole.sum(axis=1)), LEVEL))
    if seen <= 0 or drawn <= 0:
        return ties
    wanted = drawn * (seen / drawn) ** share
    low, high = 0.0, 2.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _spread_of_sums(_strained(ties, middle), quantiles, normals) < wanted:
            low = middle
        else:
            high = middle
    return _strained(ties, (low + high) / 2)


def _strained(ties: Floats, factor: float) -> Floats:
    """No ties at 0, those given at 1, all leads as one at 2."""
    if factor <= 1:
        return (1 - factor) * np.eye(len(ties)) + factor * ties
    return (2 - factor) * ties + (factor - 1)


def _spread_of_sums(ties: Floats, quantiles: ErrorQuantiles, normals: Floats) -> float:
    from scipy.special import ndtr

    sums = quantiles.errors(ndtr(over_leads(normals, ties))).sum(axis=1)
    return float(np.quantile(np.abs(sums), LEVEL))
