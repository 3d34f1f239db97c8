"""Seasons too long for a state at each place (weeks or days of a year): a profile taken out first.

With two or three years an index rests on one or two values. Neighbouring places lend theirs (a
moving mean of three round the year), and the profile is shrunk towards none by years / (years + 1):
the share of an index seen `years` times against a full average when the season varies between
places as much as the values do between years.
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.seasonal_adjustment import Adjusted, Flags, classical_indices

#: Longest season with a state for each of its places.
LONGEST_SEASON = 24


def without_long_season(batch: Batch) -> Adjusted:
    """Take a season longer than 24 out; other batches come back as they are.

    Series shorter than two seasons are left as they are. What is left has no season: its batch has
    season 1.
    """
    count = len(batch)
    positive = batch.minima() > 0.0
    seasonal = np.zeros(count, dtype=np.bool_)
    if batch.season <= LONGEST_SEASON:
        neutral = np.repeat(positive.astype(np.float64)[:, None], batch.season, axis=1)
        return Adjusted(batch, neutral, positive, seasonal)
    values = batch.values.copy()
    indices = np.repeat(positive.astype(np.float64)[:, None], batch.season, axis=1)
    _take_out(values, batch.offsets, batch.season, positive, seasonal, indices)
    return Adjusted(Batch(values, batch.offsets, 1), indices, positive, seasonal)


@njit(cache=True)
def _take_out(
    values: Floats, offsets: Ints, season: int, factors: Flags, seasonal: Flags, indices: Floats
) -> None:
    """Adjust `values` in place; fill `seasonal` and, from the step after the end, `indices`."""
    for i in range(len(offsets) - 1):
        y = values[offsets[i] : offsets[i + 1]]
        n = len(y)
        if n < 2 * season:
            continue
        seasonal[i] = True
        profile = _profile(y, season, factors[i])
        for t in range(n):
            y[t] = y[t] / profile[t % season] if factors[i] else y[t] - profile[t % season]
        for k in range(season):
            indices[i, k] = profile[(n + k) % season]


@njit(cache=True)
def _profile(y: Floats, season: int, factor: bool) -> Floats:
    """Return indices by ``t % season``, smoothed round the year and shrunk."""
    raw = classical_indices(y, season, factor)
    if factor:
        raw = np.log(np.maximum(raw, 1e-2))
    smooth = np.empty(season)
    for j in range(season):
        smooth[j] = (raw[j - 1] + raw[j] + raw[(j + 1) % season]) / 3.0
    years = len(y) / season - 1.0
    smooth = (smooth - smooth.mean()) * (years / (years + 1.0))
    return np.exp(smooth) if factor else smooth
