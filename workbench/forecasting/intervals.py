"""Intervals that hold as often as they say: conformal, from the errors of earlier origins.

Absolute errors of the combination at rolling origins, each divided by the usual error of its
series, are pooled over the panel, one distribution a lead. The interval of a level is the forecast
plus and minus that quantile, with the correction of split conformal prediction for finite samples,
times the usual error of the series. Where a panel has few series, leads are pooled by how errors
grow with the lead, and a Student t allows for not knowing their size.

Sources: Vovk, Gammerman & Shafer (2005), "Algorithmic learning in a random world"; Stankeviciute,
Alaa & van der Schaar (2021), "Conformal time-series forecasting".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.forecasting.batch import Floats

#: Rows of a lead from which its own distribution is used; with fewer, leads are pooled.
ENOUGH_ROWS = 80
#: Neighbouring leads whose errors count with a lead's own, as a share of the horizon.
NEIGHBOURS = 0.1
#: Errors of a random walk grow with the root of the lead, those around a fixed level not at all.
PRIOR_GROWTH, PRIOR_WEIGHT = 0.3, 12.0
#: Degrees of freedom whose tails are those of errors of series that differ: their 95 % lie four
#: times as far out as their 50 %. Fewer where few rows were seen.
SHAPE = 4.0
GRID = np.linspace(0.0, 1.0, 401)


@dataclass(frozen=True)
class ErrorQuantiles:
    """Quantiles of the scaled absolute error, by lead.

    Attributes
    ----------
    quantiles : numpy.ndarray, shape (horizon, len(GRID))
        Of the absolute error divided by the series' scale; none decreases along either axis.
    rows : numpy.ndarray of int64, shape (horizon,)
        Errors each lead was seen with.
    pooled : bool
        Whether leads were pooled for want of rows.
    """

    quantiles: Floats
    rows: np.ndarray
    pooled: bool

    def half_width(self, level: float) -> Floats:
        """Half the width of an interval, in units of the scale, one a lead.

        Parameters
        ----------
        level : float
            Between 0 and 1.
        """
        # a Student t has allowed for few rows already
        correction = 0.0 if self.pooled else 1 / np.maximum(self.rows, 1)
        corrected = level * (1 + correction) * np.ones(len(self.quantiles))
        return self.at(np.minimum(corrected, 1.0))

    def at(self, share: Floats) -> Floats:
        """Quantiles at one share a lead, shape (..., horizon)."""
        place = np.clip(share, 0, 1) * (len(GRID) - 1)
        low = np.minimum(place.astype(np.int64), len(GRID) - 2)
        rest = place - low
        lead = np.arange(len(self.quantiles))
        value: Floats = (1 - rest) * self.quantiles[lead, low] + rest * self.quantiles[
            lead, low + 1
        ]
        return value

    def errors(self, share: Floats) -> Floats:
        """Errors at probabilities in (0, 1), shape (..., horizon), in units of the scale."""
        sizes = self.at(np.abs(2 * share - 1))
        return np.where(share < 0.5, -sizes, sizes)


def calibrate(errors: Floats) -> ErrorQuantiles:
    """Distribution of scaled absolute errors by lead.

    Parameters
    ----------
    errors : numpy.ndarray, shape (rows, horizon)
        (actual - forecast) / scale; NaN where a lead was not seen.
    """
    sizes = np.abs(errors)
    rows = np.isfinite(sizes).sum(axis=0)
    horizon = sizes.shape[1]
    if rows.min() < ENOUGH_ROWS:
        return ErrorQuantiles(_from_growth(sizes, horizon), rows, pooled=True)
    reach = int(NEIGHBOURS * horizon)
    quantiles = np.empty((horizon, len(GRID)))
    for lead in range(horizon):
        near = sizes[:, max(0, lead - reach) : lead + reach + 1]
        quantiles[lead] = np.quantile(near[np.isfinite(near)], GRID)
    return ErrorQuantiles(_rising(quantiles), rows, pooled=False)


def _rising(quantiles: Floats) -> Floats:
    """The nearest quantiles that do not fall with the lead: those that would are averaged."""
    from scipy.optimize import isotonic_regression

    return np.stack([isotonic_regression(one).x for one in quantiles.T], axis=1)


def _from_growth(sizes: Floats, horizon: int) -> Floats:
    """Quantiles of a Student t whose spread grows with a power of the lead."""
    from scipy.stats import t

    lead = np.arange(1, horizon + 1)
    seen = np.isfinite(sizes) & (sizes > 0)
    if not seen.any():  # nothing is known of the errors: the usual naive error at every root
        spread, freedom = np.sqrt(lead), 3.0
    else:
        logs = np.log(sizes[seen])
        position = np.log(np.broadcast_to(lead, sizes.shape)[seen])
        centred = position - position.mean()
        information = centred @ centred
        growth = (centred @ logs + PRIOR_WEIGHT * PRIOR_GROWTH) / (information + PRIOR_WEIGHT)
        growth = float(np.clip(growth, 0.0, 0.8))
        # the mean absolute value of Student's t of four degrees of freedom is one
        spread = np.mean(sizes[seen] / np.exp(growth * position)) * lead**growth
        # errors of neighbouring leads of a row say nearly the same
        freedom = 1 / (1 / SHAPE + 1 / (2.0 * np.isfinite(sizes).any(axis=1).sum()))
    half = t.ppf(0.5 + np.minimum(GRID, 0.9995) / 2, freedom)
    return spread[:, None] * half[None, :]
