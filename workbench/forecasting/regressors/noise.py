"""What is left when trend, season and known effects are gone: two noise models, and whitening.

Seasonal series follow the airline model, others a level that wanders; both on logs or levels.
Whitening turns a regression with such noise into an ordinary one (generalised least squares): the
values and every column of the design go through the same filter.

Sources
-------
Box and Jenkins, "Time Series Analysis" (1970), ch. 9: the airline model
(1 - B)(1 - B^s) y = (1 - t B)(1 - T B^s) e. Regression with it as in Findley et al., "New
capabilities and methods of the X-12-ARIMA seasonal-adjustment program" (1998), eq. 1-3.
Durbin and Koopman, "Time Series Analysis by State Space Methods" (2012), sec. 2.2: filter of the
local level, y = m + e, m' = m + w, var(w) = q var(e); an unobserved value is passed over.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.forecasting.batch import Batch, Floats

#: Longer seasons (weeks of a year) leave too few differences; their series follow the level.
LONGEST_SEASON = 24


def seasonal_series(batch: Batch) -> NDArray[np.bool_]:
    """Tell which series are long enough for the airline model: two and a half seasons."""
    if not 2 <= batch.season <= LONGEST_SEASON:
        return np.zeros(len(batch), dtype=bool)
    return batch.lengths >= batch.season * 2.5


def choose_noise(batch: Batch, columns: Floats, observed: NDArray[np.bool_]) -> Floats:
    """Choose the noise of each series by its likelihood, the columns' effects profiled out.

    Parameters
    ----------
    batch : Batch
        On the scale on which effects add up.
    columns : numpy.ndarray, shape (sum of lengths, k)
    observed : numpy.ndarray of bool, shape (sum of lengths,)

    Returns
    -------
    numpy.ndarray, shape (n, 2)
        (t, T) of the airline model, or (q, -1) of the local level.
    """
    from workbench.forecasting.regressors.noise_kernels import choose_all

    chosen: Floats = choose_all(
        batch.values, batch.offsets, batch.season, seasonal_series(batch), columns, observed
    )
    return chosen


def whiten(
    batch: Batch, columns: Floats, observed: NDArray[np.bool_], noise: Floats
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Pass values and columns through the filter of each series' noise.

    Returns
    -------
    values : numpy.ndarray, shape (sum of kept,)
    columns : numpy.ndarray, shape (sum of kept, k)
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Innovations of the series, independent with equal variance inside a series; their number
        is the length less what the start takes (season + 1, or 1) and what was not observed.
    """
    from workbench.forecasting.regressors.noise_kernels import kept_counts, whiten_all

    kept = kept_counts(batch.offsets, batch.season, observed, noise)
    offsets = np.zeros(len(batch) + 1, dtype=np.int64)
    np.cumsum(kept, out=offsets[1:])
    both = whiten_all(batch.values, batch.offsets, batch.season, columns, observed, noise, offsets)
    return both[:, 0].copy(), both[:, 1:].copy(), offsets


def noise_points(batch: Batch, horizon: int) -> Floats:
    """Forecast by the noise model alone: what a series does when nothing known happens.

    Positive series are forecast on logs. A row of NaN where a forecast overflows.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
    """
    from workbench.forecasting.regressors.noise_kernels import ahead_all

    scaled, scale = batch.scaled()
    positive = np.repeat(scaled.minima() > 0, scaled.lengths)
    values = scaled.values.copy()
    values[positive] = np.log(values[positive])
    working = Batch(values, batch.offsets, batch.season)
    nothing, everything = np.empty((len(values), 0)), np.ones(len(values), dtype=bool)
    noise = choose_noise(working, nothing, everything)
    ahead = ahead_all(values, batch.offsets, batch.season, noise, horizon)
    grown = scaled.minima() > 0
    with np.errstate(over="ignore"):
        ahead[grown] = np.exp(ahead[grown])
    points: Floats = ahead * scale[:, None]
    points[~np.isfinite(points).all(axis=1)] = np.nan
    return points
