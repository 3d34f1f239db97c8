"""Which levels a hierarchy has, and what its nodes are called, from the keys of its series.

The tree itself and its sums: `structure.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError, ParameterError

TOTAL = "Total"
BETWEEN = " / "
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Level:
    """One level: all nodes that are told apart by the same keys.

    Attributes
    ----------
    keys : tuple of str
        Columns that tell the nodes apart; none for the total.
    start, stop : int
        Its nodes are ``nodes[start:stop]`` of the hierarchy.
    bottom : bool
        Whether its nodes are the series themselves.
    """

    keys: tuple[str, ...]
    start: int
    stop: int
    bottom: bool = False

    @property
    def name(self) -> str:
        """Keys in words: ``state / purpose``, ``Total``, or ``series`` without keys."""
        return BETWEEN.join(self.keys) or ("series" if self.bottom else TOTAL)

    def __len__(self) -> int:
        """Number of nodes."""
        return self.stop - self.start


def read_keys(keys: pd.DataFrame) -> pd.DataFrame:
    """Keys as text, indexed by series.

    Raises
    ------
    InputError
        If a series stands twice, a key is empty, or there is no series.
    """
    table = keys.set_index("series_id") if "series_id" in keys.columns else keys
    if table.empty and not len(table.index):
        raise InputError("there is no series", where="keys", do="give one row a series")
    twice = table.index[table.index.duplicated()]
    if len(twice):
        raise InputError(
            f"series {twice[0]!r} has several rows of keys",
            where="keys",
            do="keep one row a series",
        )
    for column in table.columns:
        empty = table.index[table[column].isna() | (table[column].astype(str).str.strip() == "")]
        if len(empty):
            more = f" and {len(empty) - 1} more" if len(empty) > 1 else ""
            raise InputError(
                f"{len(empty)} series have no {column}",
                where=f"keys, column {column}, series {empty[0]!r}{more}",
                do="fill the key, for example with 'other', so that the series has its place",
            )
    return table.astype(str).rename(columns=str)


def codes_of(table: pd.DataFrame, level: Sequence[str]) -> Codes:
    """Number of the node of each series on a level, in the order of the keys' values."""
    if not level:
        return np.zeros(len(table), dtype=np.int64)
    return np.asarray(table.groupby(list(level), sort=True).ngroup(), dtype=np.int64)


def refines(fine: Codes, coarse: Codes) -> bool:
    """Whether every node of the fine level lies in one node of the coarse one."""
    pairs = fine * (int(coarse.max()) + 1) + coarse
    return len(np.unique(pairs)) == len(np.unique(fine))


def default_levels(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """Total, each key, and keys of different kinds crossed.

    Keys nested in each other (state and region) are of one kind: the finest is crossed with the
    finest of the other kinds, and so is each coarser one in its place. So state, region and purpose
    give total, state, region, purpose, state / purpose and region / purpose. Levels that part the
    series in the same way as an earlier one are left out.
    """
    keys = list(table.columns)
    codes = {key: codes_of(table, [key]) for key in keys}
    above = {
        key: [
            other
            for other in keys
            if other != key
            and refines(codes[key], codes[other])
            and not (refines(codes[other], codes[key]) and keys.index(key) < keys.index(other))
        ]
        for key in keys
    }
    nested = {other for key in keys for other in above[key]}
    kinds = [[key, *above[key]] for key in keys if key not in nested]
    crossed = {
        tuple(key for key in keys if key in chosen) for chosen in product(*kinds) if len(kinds) > 1
    }
    singles: list[tuple[str, ...]] = [(key,) for key in keys]
    return _different(table, [(), *singles, *sorted(crossed, key=lambda one: _size(table, one))])


def checked_levels(
    table: pd.DataFrame, levels: Sequence[str | Sequence[str]]
) -> list[tuple[str, ...]]:
    """Levels as asked for: names of key columns, a single name standing for itself.

    Raises
    ------
    ParameterError
        If a level names a key there is not, or stands twice.
    """
    asked = [(one,) if isinstance(one, str) else tuple(one) for one in levels]
    unknown = [key for one in asked for key in one if key not in table.columns]
    if unknown:
        raise ParameterError(
            f"there is no key {unknown[0]!r}",
            where="levels",
            do=f"choose from {', '.join(table.columns) or 'no keys: give key columns'}",
        )
    if len({frozenset(one) for one in asked}) < len(asked):
        raise ParameterError("a level stands twice", where=f"levels={asked}", do="name it once")
    return asked


def name_nodes(levels: Sequence[pd.DataFrame], labels: Sequence[str]) -> list[str]:
    """Readable names: the values of the keys, with the keys where two nodes would be called alike.

    Parameters
    ----------
    levels : sequence of pandas.DataFrame
        Values of the keys of each node above the bottom, one frame a level.
    labels : sequence of str
        Names already taken by the series at the bottom.
    """
    plain = [BETWEEN.join(row) or TOTAL for level in levels for row in level.to_numpy(dtype=str)]
    spelt = [
        BETWEEN.join(f"{key}={value}" for key, value in zip(level.columns, row, strict=True))
        or f"all={TOTAL}"
        for level in levels
        for row in level.to_numpy(dtype=str)
    ]
    count = pd.Series([*plain, *labels]).value_counts()
    names = [one if count[one] == 1 else long for one, long in zip(plain, spelt, strict=True)]
    every = pd.Index([*names, *labels])
    if every.has_duplicates:
        raise InputError(
            f"two nodes would both be called {every[every.duplicated()][0]!r}",
            where="keys",
            do="rename the series or a key, so that each node has a name of its own",
        )
    return names


def _different(table: pd.DataFrame, levels: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Levels that part the series differently, first come first kept."""
    kept: dict[bytes, tuple[str, ...]] = {}
    for level in levels:
        first_seen = pd.factorize(codes_of(table, level))[0]
        kept.setdefault(first_seen.tobytes(), level)
    return list(kept.values())


def _size(table: pd.DataFrame, level: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return int(codes_of(table, level).max()) + 1, level
