"""Hierarchy: which nodes there are, and which series each of them sums.

Nodes stand from the total down to the series, so that all values are ``summing @ bottom``. How
forecasts of all nodes are made to add up: `reconcile.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.hierarchy.levels import (
    BETWEEN,
    Level,
    checked_levels,
    codes_of,
    default_levels,
    name_nodes,
    read_keys,
    refines,
)

TOLERANCE = 1e-9
"""Difference between a node and its sum, in parts of the sum of absolute values under it."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Nodes and what they sum; made by `from_keys`.

    Attributes
    ----------
    nodes : tuple of str
        Name of each node, levels from the total down; series keep their id.
    labels : tuple of str
        The same with the keys of a series in place of its id, where they tell it apart.
    levels : tuple of Level
        The last is that of the series.
    summing : scipy.sparse.csr_array, shape (nodes, series)
        1 where a node holds a series.
    """

    nodes: tuple[str, ...]
    labels: tuple[str, ...]
    levels: tuple[Level, ...]
    summing: sparse.csr_array

    @classmethod
    def from_keys(
        cls, keys: pd.DataFrame, *, levels: Sequence[str | Sequence[str]] | None = None
    ) -> Hierarchy:
        """Build a hierarchy out of the keys of its series.

        Parameters
        ----------
        keys : pandas.DataFrame
            A row a series: `series_id` (a column, or the index) and one column a key, crossed
            (region and product) or nested (state and region).
        levels : sequence, optional
            Levels above the series, from the coarsest down, each a tuple of key columns; ``()`` is
            the total. Without it: total, each key, and keys of different kinds crossed.

        Raises
        ------
        InputError
            If a series stands twice or a key is empty.
        ParameterError
            If a level names a key there is not.
        """
        table = read_keys(keys)
        table.index = table.index.astype(str)
        asked = default_levels(table) if levels is None else checked_levels(table, levels)
        codes = [codes_of(table, level) for level in asked]
        if levels is None:  # a level with a node a series is the bottom itself
            asked, codes = _above(asked, codes, len(table))
        sizes = [int(code.max()) + 1 for code in codes]
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(int)
        frames = [_values(table, level, code) for level, code in zip(asked, codes, strict=True)]
        series = [str(one) for one in table.index]
        names = name_nodes(frames, series)
        bottom = Level(tuple(_telling(table)), int(starts[-1]), int(starts[-1]) + len(table), True)
        spans = zip(asked, starts[:-1], starts[1:], strict=True)
        return cls(
            nodes=(*names, *series),
            labels=(*names, *_series_labels(table, series, names)),
            levels=(*(Level(level, int(a), int(b)) for level, a, b in spans), bottom),
            summing=_summing(codes, starts, len(table)),
        )

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    def __repr__(self) -> str:
        parts = ", ".join(f"{level.name} {len(level)}" for level in self.levels)
        return f"Hierarchy({len(self)} nodes: {parts})"

    @property
    def series(self) -> tuple[str, ...]:
        """Ids of the series at the bottom."""
        return self.nodes[self.above :]

    @property
    def above(self) -> int:
        """Number of nodes that are sums; the others are the series."""
        return len(self.nodes) - int(self.summing.shape[1])

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each node by name or label."""
        names = {label: place for place, label in enumerate(self.labels)}
        return names | {node: place for place, node in enumerate(self.nodes)}

    def place(self, node: str) -> int:
        """Place of a node.

        Raises
        ------
        ParameterError
            If there is none of that name.
        """
        if node not in self.places:
            near = [name for name in self.places if node.casefold() in name.casefold()][:3]
            raise ParameterError(
                f"there is no node {node!r}",
                where="hierarchy",
                do=f"perhaps {' or '.join(near)}" if near else "see `table()` for the nodes",
            )
        return self.places[node]

    @cached_property
    def sums(self) -> sparse.csr_array:
        """What each sum is made of, shape (sums, nodes): 1 for the sum, -1 for its parts.

        The parts are nodes of the smallest level that divides it, not series, which keeps the
        matrix sparse: ``sums @ values`` is zero where, and only where, values are coherent.
        """
        codes = [self.codes(number) for number in range(len(self.levels))]
        rows, columns = [], []
        for number, level in enumerate(self.levels[:-1]):
            finer = next(
                other
                for other in sorted(range(len(codes)), key=lambda one: (len(self.levels[one]), one))
                if (len(self.levels[other]), other) > (len(level), number)
                and refines(codes[other], codes[number])
            )
            parts, first = np.unique(codes[finer], return_index=True)
            rows.append(level.start + codes[number][first])
            columns.append(self.levels[finer].start + parts)
        row = np.concatenate([np.arange(self.above), *rows])
        column = np.concatenate([np.arange(self.above), *columns])
        value = np.concatenate([np.ones(self.above), -np.ones(len(row) - self.above)])
        return sparse.csr_array((value, (row, column)), shape=(self.above, len(self)))

    @cached_property
    def sizes(self) -> Ints:
        """How many series each node holds."""
        return np.diff(self.summing.indptr).astype(np.int64)

    def codes(self, number: int) -> Ints:
        """Number within a level of the node that holds each series, shape (series,)."""
        level = self.levels[number]
        return self.summing[level.start : level.stop].tocsc().indices.astype(np.int64)

    def aggregate(self, values: ArrayLike) -> Floats:
        """Values of all nodes from those of the series.

        Parameters
        ----------
        values : array_like, shape (..., series, periods)
            In the order of `series`; a missing value (NaN) makes every sum over it missing.

        Returns
        -------
        numpy.ndarray, shape (..., nodes, periods)

        Raises
        ------
        InputError
            If there are not as many rows as series.
        """
        array = np.asarray(values, dtype=np.float64)
        if array.ndim < 2 or array.shape[-2] != self.summing.shape[1]:
            raise InputError(
                f"the hierarchy has {self.summing.shape[1]} series, the values "
                f"{array.shape[-2] if array.ndim > 1 else 'no'} rows of them",
                where=f"values of shape {array.shape}",
                do="give a row a series, in the order of `hierarchy.series`",
            )
        return _along_nodes(self.summing, array)

    def aggregate_panel(self, panel: pd.DataFrame) -> pd.DataFrame:
        """Panel of all nodes from that of the series; before a series begins it adds nothing.

        Parameters
        ----------
        panel : pandas.DataFrame
            `series_id`, `period` (anything that sorts) and `value`, a row an observation.

        Returns
        -------
        pandas.DataFrame
            `series_id` (name of the node), `period`, `value`; nodes in order, each from its first
            to its last period with any observation.

        Raises
        ------
        InputError
            If the panel holds a series twice in a period, one that is not in the hierarchy, or a
            series with a period missing between its first and its last.
        """
        wide = self._wide(panel, self.series)
        seen = wide.notna().to_numpy()
        inside = (
            np.maximum.accumulate(seen, axis=1)
            & np.maximum.accumulate(seen[:, ::-1], axis=1)[:, ::-1]
        )
        gaps = np.argwhere(inside & ~seen)
        if len(gaps):
            row, column = gaps[0]
            raise InputError(
                f"{len(gaps)} periods are missing inside of series",
                where=f"series {self.series[row]!r}, period {wide.columns[column]}",
                do="fill the gaps first (a period without sales is a zero)",
            )
        sums = self.aggregate(np.where(seen, wide.to_numpy(dtype=np.float64), 0.0))
        present = self.aggregate(seen.astype(np.float64)) > 0
        long = pd.DataFrame(
            {
                "series_id": np.repeat(np.array(self.nodes, dtype=object), sums.shape[1]),
                "period": np.tile(np.asarray(wide.columns), len(self)),
                "value": sums.ravel(),
            }
        )
        return long[present.ravel()].reset_index(drop=True)

    def check(self, values: ArrayLike | pd.DataFrame, *, tolerance: float = TOLERANCE) -> None:
        """Refuse values of all nodes that do not add up.

        Parameters
        ----------
        values : array_like, shape (nodes, periods), or pandas.DataFrame
            In the order of `nodes`; or a long panel with `series_id`, `period`, `value`.
        tolerance : float
            Difference that passes, in parts of the sum of absolute values under a node.

        Raises
        ------
        InputError
            Naming the node and period that differ most, and by how much.
        """
        labels: Sequence[object] | None = None
        if isinstance(values, pd.DataFrame):
            wide = self._wide(values, self.nodes)
            labels, array = list(wide.columns), wide.fillna(0.0).to_numpy(dtype=np.float64)
        else:
            array = np.asarray(values, dtype=np.float64)
        if array.shape[0] != len(self):
            raise InputError(
                f"the hierarchy has {len(self)} nodes, the values {array.shape[0]} rows",
                where="values",
                do="give a row a node, in the order of `hierarchy.nodes`",
            )
        bottom = array[self.above :]
        apart = array[: self.above] - self.summing[: self.above] @ bottom
        allowed = tolerance * (self.summing[: self.above] @ np.abs(bottom))
        wrong = ~(np.abs(apart) <= allowed)
        if wrong.any():
            raise self._apart(apart, wrong, labels)

    def table(self) -> pd.DataFrame:
        """Nodes: `node`, `label`, `level`, `series` (how many it holds)."""
        names = [level.name for level in self.levels for _ in range(len(level))]
        return pd.DataFrame(
            {"node": self.nodes, "label": self.labels, "level": names, "series": self.sizes}
        )

    def _wide(self, panel: pd.DataFrame, rows: Sequence[str]) -> pd.DataFrame:
        ids = panel["series_id"].astype(str)
        unknown = ids[~ids.isin(rows)]
        if len(unknown):
            raise InputError(
                f"{unknown.nunique()} series of the panel are not in the hierarchy",
                where=f"series {unknown.iloc[0]!r}",
                do="give their keys, or leave them out of the panel",
            )
        twice = panel.duplicated(["series_id", "period"])
        if twice.any():
            row = panel[twice].iloc[0]
            raise InputError(
                f"{int(twice.sum())} observations stand twice",
                where=f"series {row['series_id']!r}, period {row['period']}",
                do="keep one value a series and period",
            )
        wide = panel.assign(series_id=ids).pivot(
            index="series_id", columns="period", values="value"
        )
        return wide.reindex(list(rows)).sort_index(axis=1)

    def _apart(
        self, apart: Floats, wrong: np.ndarray, labels: Sequence[object] | None
    ) -> InputError:
        size = np.where(wrong, np.nan_to_num(np.abs(apart), nan=np.inf), -1.0)
        node, period = (int(one) for one in np.unravel_index(int(np.argmax(size)), size.shape))
        when = labels[period] if labels is not None else f"number {period + 1}"
        difference = apart[node, period]
        told = f"{difference:+.10g} against" if np.isfinite(difference) else "no number, against"
        return InputError(
            f"{int(wrong.sum())} values do not add up; the worst is {told} the sum of its parts",
            where=f"node {self.labels[node]!r}, period {when}",
            do="give the series alone and let `aggregate` sum them, or correct the node",
        )


def _along_nodes(matrix: sparse.csr_array, values: Floats) -> Floats:
    """``matrix @ values`` over the last axis but one."""
    if values.ndim == 2:
        return np.asarray(matrix @ values)
    moved = np.moveaxis(values, -2, 0)
    summed = np.asarray(matrix @ moved.reshape(moved.shape[0], -1))
    return np.moveaxis(summed.reshape(matrix.shape[0], *moved.shape[1:]), 0, -2)


def _above(
    levels: list[tuple[str, ...]], codes: list[Ints], series: int
) -> tuple[list[tuple[str, ...]], list[Ints]]:
    kept = [at for at, code in enumerate(codes) if int(code.max()) + 1 < series or not levels[at]]
    return [levels[at] for at in kept], [codes[at] for at in kept]


def _values(table: pd.DataFrame, level: tuple[str, ...], codes: Ints) -> pd.DataFrame:
    """Values of a level's keys, a row a node."""
    _, first = np.unique(codes, return_index=True)
    return table.iloc[first][list(level)]


def _telling(table: pd.DataFrame) -> list[str]:
    """Keys that tell all series apart, none if they do not."""
    return [] if not len(table.columns) or table.duplicated().any() else list(table.columns)


def _series_labels(table: pd.DataFrame, series: list[str], names: list[str]) -> list[str]:
    if not _telling(table):
        return series
    labels = [BETWEEN.join(row) for row in table.to_numpy(dtype=str)]
    if len(set(labels)) < len(labels):
        return series
    taken = {*names, *series}
    return [ids if label in taken else label for label, ids in zip(labels, series, strict=True)]


def _summing(codes: list[Ints], starts: Ints, series: int) -> sparse.csr_array:
    every = np.arange(series)
    rows = [code + start for code, start in zip(codes, starts[:-1], strict=True)]
    row = np.concatenate([*rows, every + starts[-1]])
    column = np.tile(every, len(rows) + 1)
    shape = (int(starts[-1]) + series, series)
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
