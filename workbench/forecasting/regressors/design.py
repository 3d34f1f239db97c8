"""A design: known columns of history and future, aligned with a batch of series.

Columns belong to families that are admitted or left out as a whole; a family may have variants
(the New Year's reach: 7, 14 or 20 days before ...) between which the evidence decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError
from workbench.forecasting.batch import Floats


@dataclass(frozen=True)
class Column:
    """One column of a design.

    Attributes
    ----------
    name : str
    family : str
        What is admitted together.
    title : (str, str)
        English and Chinese.
    prior : float
        Standard deviation, before any data, of the change in log sales per unit of the column.
    calendar : bool
        A function of the calendar alone: it can be told from the season only where the season is
        known, that is in series of some years.
    variants : tuple of str
        Variants of the family that use the column; empty for all.
    """

    name: str
    family: str
    title: tuple[str, str]
    prior: float = 1.0
    calendar: bool = False
    variants: tuple[str, ...] = ()


@dataclass(frozen=True)
class Design:
    """Known columns for the history and the future of each series of a batch.

    Attributes
    ----------
    columns : tuple of Column
    history : numpy.ndarray, shape (sum of lengths, k)
        Row by row beside ``batch.values``.
    future : numpy.ndarray, shape (n, horizon, k)
    """

    columns: tuple[Column, ...]
    history: Floats
    future: Floats

    def __post_init__(self) -> None:
        """Refuse shapes that do not fit and values that are missing."""
        k = len(self.columns)
        if self.history.shape[1:] != (k,) or self.future.shape[2:] != (k,):
            raise InputError(
                f"a design of {k} columns has arrays of other widths",
                where=f"history {self.history.shape}, future {self.future.shape}",
            )
        for part in (self.history, self.future):
            whole = np.isfinite(part).all(axis=tuple(range(part.ndim - 1)))
            holes = np.flatnonzero(~np.asarray(whole))
            if len(holes):
                names = [self.columns[place].name for place in holes]
                raise InputError(
                    f"regressors have missing values: {', '.join(names)}",
                    do="give a value for every period of history and future",
                )

    @classmethod
    def of_timeline(
        cls,
        columns: Sequence[Column],
        matrix: ArrayLike,
        *,
        starts: ArrayLike,
        lengths: ArrayLike,
        horizon: int,
    ) -> Design:
        """Lay one timeline, common to all series, beside each of them.

        Parameters
        ----------
        matrix : array_like, shape (periods, k)
            From the first period of any series to the last period forecast.
        starts, lengths : array_like of int, shape (n,)
            Place of each series' first observation on the timeline, and its observations.

        Raises
        ------
        InputError
            If the timeline ends before the horizon of a series.
        """
        table = np.asarray(matrix, dtype=np.float64)
        first, count = np.asarray(starts, dtype=np.int64), np.asarray(lengths, dtype=np.int64)
        ends = first + count
        if len(ends) and (first.min() < 0 or ends.max() + horizon > len(table)):
            raise InputError(
                "the timeline of the regressors does not cover all series and the horizon",
                where=f"{len(table)} periods, needed {int(ends.max()) + horizon}",
            )
        before = np.cumsum(count) - count
        rows = np.repeat(first - before, count) + np.arange(count.sum())
        return cls(tuple(columns), table[rows], table[ends[:, None] + np.arange(horizon)])

    def beside(self, other: Design) -> Design:
        """The columns of both designs, of the same series and horizon."""
        return Design(
            self.columns + other.columns,
            np.concatenate([self.history, other.history], axis=1),
            np.concatenate([self.future, other.future], axis=2),
        )

    def cut(self, lengths: ArrayLike, steps: int, horizon: int) -> Design:
        """The design as it stood `steps` periods earlier, for a batch cut by as many.

        Parameters
        ----------
        lengths : array_like of int, shape (n,)
            Lengths of the series before the cut.
        steps : int
            Observations taken from each end.
        horizon : int
            At most `steps` plus the horizon of this design.
        """
        count = np.asarray(lengths, dtype=np.int64)
        ends = np.cumsum(count)
        keep = np.arange(ends[-1]) < np.repeat(ends - steps, count)
        n, known, k = self.future.shape
        if horizon > steps + known:
            raise InputError(f"regressors are known {steps + known} steps ahead, not {horizon}")
        last = self.history[(ends - steps)[:, None] + np.arange(steps)].reshape(n, steps, k)
        ahead = np.concatenate([last, self.future], axis=1)[:, :horizon]
        return Design(self.columns, self.history[keep], ahead)

    def families(self) -> tuple[str, ...]:
        """Names of the families, in the order of their columns."""
        return tuple(dict.fromkeys(column.family for column in self.columns))

    def variants(self, family: str) -> tuple[str, ...]:
        """Variants of a family, ("",) where it has none."""
        found = (v for c in self.columns if c.family == family for v in c.variants)
        return tuple(dict.fromkeys(found)) or ("",)

    def members(self, family: str, variant: str = "") -> list[int]:
        """Places of the columns of one variant of a family."""
        return [
            place
            for place, column in enumerate(self.columns)
            if column.family == family and (not column.variants or variant in column.variants)
        ]
