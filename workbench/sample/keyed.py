"""Draws by key: the same account, day and product draw the same numbers, whatever else there is.

Streams draw in order, so that one order more would shift all later draws. Deliveries and payments
draw by what they belong to instead: with an effect switched off, whatever it does not touch is
paid on the same day as before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class Keyed:
    """Draws for rows that have keys.

    Attributes
    ----------
    streams : Streams
        Named streams; each name gives a seed.
    part : str
        Added to the names: parts of a large company draw apart.
    keys : tuple of integer arrays of one shape
        What a row is: account, day, product ...
    """

    streams: Any
    part: str
    keys: tuple[NDArray[np.int64], ...]

    def uniform(self, name: str) -> Floats:
        """Numbers in [0, 1).

        Notes
        -----
        The keys run through the finaliser of splitmix64 (Steele, Lea and Flood 2014), one by one.
        """
        seed = self.streams[f"{name}{self.part}"].integers(0, 2**63)
        with np.errstate(over="ignore"):
            state = np.full(len(self.keys[0]), np.uint64(seed))
            for key in self.keys:
                state = _mixed(state + np.asarray(key, np.int64).astype(np.uint64) * _STEP)
            state = _mixed(state + _STEP)
        return (state >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def exponential(self, name: str) -> Floats:
        """Exponential numbers of mean 1."""
        return -np.log1p(-self.uniform(name))

    def gamma(self, name: str, shape: float) -> Floats:
        """Gamma numbers of mean 1."""
        return np.asarray(special.gammaincinv(shape, self.uniform(name)) / shape)

    def integers(self, name: str, low: int, high: int) -> NDArray[np.int64]:
        """Whole numbers from `low` to `high`, both included."""
        return low + np.floor(self.uniform(name) * (high - low + 1)).astype(np.int64)


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return np.asarray(state ^ (state >> np.uint64(31)))
