"""Designs whose rows have few columns that are not zero: one-hot labels, splines, products of both.

Each of `m` entries of a row is a column and a value; entries are kept one after the other for all
rows, so that sums over them run along memory. A row with fewer entries has zeros.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.compiled import njit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]


@dataclass(frozen=True)
class Sparse:
    """A matrix of n rows and `width` columns.

    Attributes
    ----------
    place : numpy.ndarray of int32, shape (m, n)
        Column of each entry.
    value : numpy.ndarray, shape (m, n)
    width : int
    """

    place: Places = field(repr=False)
    value: Floats = field(repr=False)
    width: int

    @classmethod
    def of(cls, dense: ArrayLike) -> Sparse:
        """Every entry of a dense matrix, shape (n, p)."""
        made = Columns()
        made.add(np.asarray(dense, dtype=float))
        return made.done()

    def __len__(self) -> int:
        """Number of rows."""
        return self.value.shape[1]

    def rows(self, chosen: Ints) -> Sparse:
        """Some rows."""
        return Sparse(self.place[:, chosen], self.value[:, chosen], self.width)

    def dense(self, rows: Ints) -> NDArray[np.float32]:
        """Some rows, shape (rows, width), in single precision."""
        out = np.zeros((len(rows), self.width), dtype=np.float32)
        at = np.arange(len(rows))
        for place, value in zip(self.place, self.value, strict=True):
            out[at, place[rows]] += value[rows].astype(np.float32)
        return out

    def times(self, beta: Floats) -> Floats:
        """The product with coefficients of shape (width, k), shape (n, k)."""
        return np.asarray(_times(self.place, self.value, np.ascontiguousarray(beta)))

    def summed(self, weights: Floats) -> Floats:
        """Sums of the rows with weights of shape (n, k), shape (width, k)."""
        return np.asarray(
            _summed(self.place, self.value, np.ascontiguousarray(weights), self.width)
        )


class Columns:
    """Builds a design from left to right."""

    def __init__(self) -> None:
        self._places: list[Places] = []
        self._values: list[Floats] = []
        self._width = 0

    def add(self, values: Floats) -> None:
        """Columns of numbers, shape (n, k)."""
        for column in values.T:
            self._entry(np.full(len(column), self._width), column)
            self._width += 1

    def labels(self, codes: Ints, count: int, value: Floats | float = 1.0) -> None:
        """One column for each of `count` labels; the value stands at the row's, none at -1."""
        known = codes >= 0
        self._entry(self._width + np.where(known, codes, 0), np.where(known, value, 0.0))
        self._width += count

    def spline(self, hats: Hats, *, codes: Ints | None = None, count: int = 1) -> None:
        """A linear spline, apart for each of `count` labels; none at -1."""
        for knot, share in zip(hats.place.T, hats.share.T, strict=True):
            if codes is None:
                self._entry(self._width + knot, share)
                continue
            known = codes >= 0
            place = self._width + np.where(known, codes, 0) * hats.knots + knot
            self._entry(place, np.where(known, share, 0.0))
        self._width += hats.knots * count

    def done(self) -> Sparse:
        """The matrix."""
        return Sparse(np.stack(self._places), np.stack(self._values), self._width)

    def _entry(self, place: Ints, value: Floats) -> None:
        self._places.append(place.astype(np.int32))
        self._values.append(np.asarray(value, dtype=float))


@dataclass(frozen=True)
class Hats:
    """Linear spline basis of values: 1 at a knot and 0 at the others, flat outside.

    Attributes
    ----------
    place : numpy.ndarray of int, shape (n, 2)
        The knots on both sides.
    share : numpy.ndarray, shape (n, 2)
        Their columns; both zero where the value is missing.
    knots : int
    """

    place: Ints
    share: Floats
    knots: int

    @classmethod
    def of(cls, values: Floats, knots: Floats) -> Hats:
        """Basis at values, shape (n,); knots rise."""
        inside = np.clip(np.nan_to_num(values), knots[0], knots[-1])
        upper = np.clip(np.searchsorted(knots, inside, side="right"), 1, len(knots) - 1)
        share = (inside - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
        known = np.isfinite(values)[:, None]
        both = np.column_stack([1 - share, share]) * known
        return cls(np.column_stack([upper - 1, upper]), both, len(knots))

    def times(self, factor: Floats) -> Hats:
        """The basis with each row multiplied."""
        return Hats(self.place, self.share * factor[:, None], self.knots)


@njit(cache=True)
def _times(place: Places, value: Floats, beta: Floats) -> Floats:
    out = np.zeros((value.shape[1], beta.shape[1]))
    for entry in range(value.shape[0]):
        for row in range(value.shape[1]):
            for kind in range(beta.shape[1]):
                out[row, kind] += value[entry, row] * beta[place[entry, row], kind]
    return out


@njit(cache=True)
def _summed(place: Places, value: Floats, weights: Floats, width: int) -> Floats:
    out = np.zeros((width, weights.shape[1]))
    for entry in range(value.shape[0]):
        for row in range(value.shape[1]):
            for kind in range(weights.shape[1]):
                out[place[entry, row], kind] += value[entry, row] * weights[row, kind]
    return out
