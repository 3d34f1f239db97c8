"""Many series at once: values end to end in one array, so that compiled loops walk over them.

Series have any lengths; all of a batch share one season length. Models take a batch and a horizon
and give one row a series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """Series end to end.

    Attributes
    ----------
    values : numpy.ndarray of float64, shape (sum of lengths,)
        Finite; oldest first within a series.
    offsets : numpy.ndarray of int64, shape (n + 1,)
        Series i is ``values[offsets[i]:offsets[i + 1]]``; none is empty.
    season : int
        Observations in a season: 12 for months, 4 for quarters, 1 where there is none.
    """

    values: Floats
    offsets: Ints
    season: int = 1

    @classmethod
    def of(cls, series: Sequence[ArrayLike], season: int = 1) -> Batch:
        """Put series of any lengths into a batch."""
        arrays = [np.asarray(one, dtype=np.float64).ravel() for one in series]
        offsets = np.zeros(len(arrays) + 1, dtype=np.int64)
        np.cumsum([len(one) for one in arrays], out=offsets[1:])
        return cls(np.concatenate(arrays) if arrays else np.empty(0), offsets, season)

    def __len__(self) -> int:
        """Number of series."""
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Ints:
        """Observations of each series."""
        return np.diff(self.offsets)

    def series(self, number: int) -> Floats:
        """Values of one series, a view."""
        return self.values[self.offsets[number] : self.offsets[number + 1]]

    def take(self, numbers: ArrayLike) -> Batch:
        """The series of these numbers (or of a boolean mask), in this order."""
        chosen = np.asarray(numbers)
        if chosen.dtype == bool:
            chosen = np.flatnonzero(chosen)
        lengths = self.lengths[chosen]
        offsets = np.zeros(len(chosen) + 1, dtype=np.int64)
        np.cumsum(lengths, out=offsets[1:])
        places = np.repeat(self.offsets[chosen] - offsets[:-1], lengths) + np.arange(offsets[-1])
        return Batch(self.values[places], offsets, self.season)

    def cut(self, steps: int | ArrayLike) -> Batch:
        """The series without their last `steps` observations: what was known at an origin.

        `steps` is one number or one a series; every series must be longer.
        """
        keep = self.lengths - np.broadcast_to(np.asarray(steps, dtype=np.int64), len(self))
        if len(self) and keep.min() < 1:
            raise ValueError("a series would have no observation left")
        offsets = np.zeros(len(self) + 1, dtype=np.int64)
        np.cumsum(keep, out=offsets[1:])
        places = np.repeat(self.offsets[:-1] - offsets[:-1], keep) + np.arange(offsets[-1])
        return Batch(self.values[places], offsets, self.season)

    def scaled(self) -> tuple[Batch, Floats]:
        """Series divided by their mean absolute value, and what each was divided by.

        Models see numbers near one, so that nothing depends on the unit. A series of zeros is
        divided by one.
        """
        scale = np.add.reduceat(np.abs(self.values), self.offsets[:-1]) / self.lengths
        scale[scale == 0] = 1.0
        return Batch(self.values / np.repeat(scale, self.lengths), self.offsets, self.season), scale

    def minima(self) -> Floats:
        """Smallest value of each series."""
        return np.minimum.reduceat(self.values, self.offsets[:-1])

    def padded(self) -> Floats:
        """Values as a matrix, shape (n, longest), latest on the right; NaN before a start."""
        lengths = self.lengths
        longest = int(lengths.max()) if len(self) else 0
        matrix = np.full((len(self), longest), np.nan)
        rows = np.repeat(np.arange(len(self)), lengths)
        ends = np.repeat(self.offsets[1:], lengths)
        matrix[rows, longest - ends + np.arange(len(self.values))] = self.values
        return matrix
