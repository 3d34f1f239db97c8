"""Figures that add up as they are written: parts rounded together with their sum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def rounded_together(parts: ArrayLike, *, total: float, step: float) -> np.ndarray:
    """Round parts to a step so that they add up to the rounded total.

    Each part is moved by less than one step: all are rounded down, then those with the largest
    remainders up, until the sum is met (the method of largest remainders).

    Parameters
    ----------
    parts : array_like, shape (n,)
        Exact parts, of either sign.
    total : float
        Their sum as it is written, already a multiple of `step` and less than one step times n
        away from the exact sum.
    step : float
        Last digit written, in the unit of the parts.

    Returns
    -------
    numpy.ndarray, shape (n,)
        Parts as multiples of `step`, in steps (whole numbers as floats).
    """
    exact = np.round(np.asarray(parts, dtype=float) / step, 6)
    down = np.floor(exact)
    short = round(total / step - down.sum())
    up = np.argsort(-(exact - down), kind="stable")[: max(0, min(short, len(down)))]
    down[up] += 1
    return down
