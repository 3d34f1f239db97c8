"""How large errors have been lately: the mood of each origin, and errors brought to the latest.

A panel has calm and restless times that all its series share. Errors at earlier origins tell the
shape of the distribution well, but their size is that of their time. So the size of each origin is
measured, drawn towards the mean by how few rows it rests on, and all errors are brought to a mean
in which late origins count most. Origins near the end, of whose leads only the first have come,
tell of the time just before the forecast.

Weights fall by half with each eighth of the horizon that an origin's errors lie further back, an
exponential smoothing of the log of the size (Brown 1959); the draw towards the mean is that of a
random effect, n / (n + k).
"""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Floats, Ints

#: Leads that have come at the origins near the end, as shares of the horizon.
NEAR = (0.25, 0.5)
#: Most series of a sample that are forecast once more from there.
SAMPLE = 250
#: Age, as a share of the horizon, at which the size of errors counts half.
HALF_LIFE = 0.125
#: Rows of an origin at which its own size counts half.
PRIOR_ROWS = 30.0
_LEAST = 1e-2


def near_origins(horizon: int) -> tuple[int, ...]:
    """Observations that lie behind each of the origins near the end, fewest first."""
    backs = {max(1, round(share * horizon)) for share in NEAR}
    return tuple(sorted(back for back in backs if back < horizon))


def brought_to_latest(errors: Floats, back: Ints) -> Floats:
    """Errors of all origins in the size that they have lately.

    Parameters
    ----------
    errors : numpy.ndarray, shape (rows, horizon)
        Scaled errors, NaN where a lead was not seen.
    back : numpy.ndarray of int64, shape (rows,)
        Observations behind the origin of each row.

    Returns
    -------
    numpy.ndarray, shape (rows, horizon)
    """
    if len(errors) == 0:
        return errors
    horizon = errors.shape[1]
    sizes = _row_sizes(errors)
    backs, place = np.unique(back, return_inverse=True)
    rows = np.bincount(place).astype(np.float64)
    mood = np.bincount(place, sizes) / rows
    mean = float(sizes.mean())
    mood = mean + (mood - mean) * rows / (rows + PRIOR_ROWS)
    seen = np.minimum(backs, horizon)
    age = (backs - seen / 2) / horizon
    # ages count from the youngest, so that no weight vanishes
    weight = rows * seen * 0.5 ** ((age - age.min()) / HALF_LIFE)
    latest = float(weight @ mood / weight.sum())
    return errors * np.exp(latest - mood)[place][:, None]


def _row_sizes(errors: Floats) -> Floats:
    """Log of each row's mean absolute error over what is usual for the leads it has seen."""
    sizes = np.abs(errors)
    seen = np.isfinite(sizes)
    lead = np.arange(1, errors.shape[1] + 1)
    whole = seen.all(axis=1)
    # without a row that has seen all leads, errors are taken to grow as those of a random walk
    usual = sizes[whole].mean(axis=0) if whole.any() else np.sqrt(lead)
    usual = np.maximum(np.maximum.accumulate(usual), _LEAST * max(float(usual.max()), _LEAST))
    total = np.where(seen, sizes, 0.0).sum(axis=1)
    expected = (seen * usual).sum(axis=1)
    return np.log(total / expected + _LEAST)
