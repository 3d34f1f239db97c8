"""The tree targets are set on: company, regions, provinces, people.

Nodes are kept parents first and children by name, whatever order they were handed in, so that
nothing computed on the tree depends on the order of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import InputError
from workbench.text import later

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: Kind of a node by its depth, where the table tells none.
KINDS = ("company", "region", "province", "person")


@dataclass(frozen=True, eq=False, repr=False)
class Tree:
    """Nodes under one root, parents before their children.

    Attributes
    ----------
    nodes : tuple of str
        Names; the root first, then depth first with children by name, so that what is under a
        node follows it.
    kinds : tuple of str
        Kind of each node, such as "company", "region", "person".
    parent : numpy.ndarray of int64
        Place of each node's parent; -1 of the root.
    """

    nodes: tuple[str, ...]
    kinds: tuple[str, ...]
    parent: Ints

    def __len__(self) -> int:
        """Number of nodes."""
        return len(self.nodes)

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> Tree:
        """Read a tree from a table.

        Parameters
        ----------
        table : pandas.DataFrame
            node, parent (empty for the one root), and optionally kind (by default from the depth:
            company, region, province, person).

        Raises
        ------
        InputError
            If a column is missing, a node occurs twice, a parent is no node, there is not one
            root, or nodes go round in a circle.
        """
        if lacking := [name for name in ("node", "parent") if name not in table.columns]:
            raise InputError(
                f"the tree lacks the column {lacking[0]}",
                where=f"columns {', '.join(map(str, table.columns))}",
                do="give node and parent, and kind if the levels have other names",
            )
        if table["node"].isna().any() or (table["node"] == "").any():
            raise InputError(
                "a node of the tree has no name", where="tree, column node", do="name it"
            )
        nodes = [str(node) for node in table["node"]]
        parents = [
            None if pd.isna(parent) or parent == "" else str(parent) for parent in table["parent"]
        ]
        _check(nodes, parents)
        told = dict(zip(nodes, table["kind"], strict=True)) if "kind" in table else {}
        return _ordered(dict(zip(nodes, parents, strict=True)), told)

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Place of each node by name."""
        return {node: number for number, node in enumerate(self.nodes)}

    @cached_property
    def end(self) -> Ints:
        """Where what is under each node ends: from its own place up to here."""
        end = np.arange(1, len(self) + 1)
        for node in range(len(self) - 1, 0, -1):
            up = self.parent[node]
            end[up] = max(end[up], end[node])
        return end

    @cached_property
    def depth(self) -> Ints:
        """Steps from the root."""
        depth = np.zeros(len(self), dtype=np.int64)
        for node in range(1, len(self)):
            depth[node] = depth[self.parent[node]] + 1
        return depth

    @cached_property
    def leaves(self) -> Ints:
        """Places of the nodes with nothing under them."""
        return np.flatnonzero(self.end == np.arange(1, len(self) + 1))

    @cached_property
    def inner(self) -> Ints:
        """Places of the nodes with children."""
        return np.flatnonzero(self.end > np.arange(1, len(self) + 1))

    @cached_property
    def leaf_number(self) -> Ints:
        """Number of each node among the leaves; -1 of inner nodes."""
        number = np.full(len(self), -1, dtype=np.int64)
        number[self.leaves] = np.arange(len(self.leaves))
        return number

    @cached_property
    def child_lists(self) -> tuple[Ints, Ints]:
        """Children as one list: those of node n are ``children[start[n]:start[n + 1]]``."""
        order = np.argsort(self.parent[1:], kind="stable") + 1
        counts = np.bincount(self.parent[1:], minlength=len(self))
        return np.concatenate([[0], np.cumsum(counts)]), order

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Kinds in the order of their first occurrence from the root down."""
        order = np.argsort(self.depth, kind="stable")
        return tuple(dict.fromkeys(self.kinds[node] for node in order))

    @cached_property
    def kind_number(self) -> Ints:
        """Number of each node's kind among the `levels`."""
        order = {kind: number for number, kind in enumerate(self.levels)}
        return np.array([order[kind] for kind in self.kinds], dtype=np.int64)

    def children(self, node: int) -> Ints:
        """Places of a node's children."""
        start, order = self.child_lists
        return order[start[node] : start[node + 1]]

    def under(self, node: int) -> Ints:
        """Numbers, among the leaves, of those under a node (itself if it is a leaf)."""
        number = self.leaf_number[node : self.end[node]]
        return number[number >= 0]

    def find(self, nodes: Iterable[object], *, where: str) -> Ints:
        """Places of nodes by name.

        Raises
        ------
        InputError
            If one is not in the tree.
        """
        names = [str(node) for node in nodes]
        unknown = [name for name in names if name not in self.place]
        if unknown:
            raise InputError(
                later("not in the tree: {names}", names=_few(unknown, verb=False)),
                where=where,
                do=later("add it to the tree or correct its name"),
            )
        return np.array([self.place[name] for name in names], dtype=np.int64)

    def up(self, values: Floats) -> Floats:
        """Add leaves up to all nodes: shape (leaves, ...) to (nodes, ...)."""
        out = np.empty((len(self), *values.shape[1:]))
        out[self.leaves] = values
        flat = out.reshape(len(self), -1)
        waiting = np.zeros((int(self.depth.max()) + 1, flat.shape[1]))
        _carry(self.depth, self.leaf_number, flat, waiting)
        return out

    def blocks_up(
        self, values: Callable[[Ints], Floats], *, size: int = 128
    ) -> Iterator[tuple[slice, Floats]]:
        """Add leaves up as `up` does, some nodes at a time: draws of a large tree fill a memory.

        Parameters
        ----------
        values : callable
            Numbers of some leaves to their values, shape (leaves, columns).
        size : int
            Nodes at a time.

        Yields
        ------
        tuple of slice and numpy.ndarray, shape (some nodes, columns)
            Places of nodes and their sums, the last nodes first.
        """
        waiting = np.zeros((0, 0))
        for end in range(len(self), 0, -size):
            rows = slice(max(end - size, 0), end)
            leaf = self.leaf_number[rows]
            given = values(leaf[leaf >= 0])
            if end == len(self):
                waiting = np.zeros((int(self.depth.max()) + 1, given.shape[1]))
            sums = np.empty((len(leaf), waiting.shape[1]))
            sums[leaf >= 0] = given
            _carry(self.depth[rows], leaf, sums, waiting)
            yield rows, sums

    def of_kind(self, *kinds: str) -> NDArray[np.bool_]:
        """Which nodes are of one of some kinds, shape (nodes,)."""
        wanted = np.array([kind in kinds for kind in self.levels])
        return wanted[self.kind_number]

    def table(self) -> pd.DataFrame:
        """The tree as a table: node, parent, kind, depth."""
        return self._table.copy(deep=False)

    @cached_property
    def _table(self) -> pd.DataFrame:
        up = [None if parent < 0 else self.nodes[parent] for parent in self.parent]
        return pd.DataFrame(
            {"node": self.nodes, "parent": up, "kind": self.kinds, "depth": self.depth}
        )


@njit()
def _carry(depth: Ints, leaf: Ints, sums: Floats, waiting: Floats) -> None:
    """From the last node to the first: an inner node takes what waits for it, and adds to above.

    By depth, `waiting` holds what the nodes so far bring the one node above them.
    """
    for node in range(len(sums) - 1, -1, -1):
        level = depth[node]
        if leaf[node] < 0:
            sums[node] = waiting[level]
            waiting[level] = 0.0
        if level:
            waiting[level - 1] += sums[node]


def as_tree(tree: Tree | pd.DataFrame) -> Tree:
    """The tree itself, or the one a table tells."""
    return tree if isinstance(tree, Tree) else Tree.from_table(tree)


def _check(nodes: list[str], parents: list[str | None]) -> None:
    known = set(nodes)
    if len(known) < len(nodes):
        doubles = sorted({node for node in nodes if nodes.count(node) > 1})
        raise InputError(
            f"{_few(doubles)} more than once in the tree",
            where="tree, column node",
            do="give each node one row",
        )
    orphans = [parent for parent in parents if parent is not None and parent not in known]
    if orphans:
        raise InputError(
            f"{_few(sorted(set(orphans)))} named as parent but no node",
            where="tree, column parent",
            do="add a row for it or correct the name",
        )
    roots = [node for node, parent in zip(nodes, parents, strict=True) if parent is None]
    if len(roots) > 1:
        raise InputError(
            f"the tree has {len(roots)} nodes without a parent ({_few(roots, verb=False)})",
            where="tree, column parent",
            do="put them under one root, as the company",
        )
    up = dict(zip(nodes, parents, strict=True))
    circle = _circle(up)
    if circle:
        raise InputError(
            f"the tree goes round in a circle: {' -> '.join(circle)}",
            where="tree, column parent",
            do="give one of them its true parent",
        )
    if not nodes:
        raise InputError("the tree has no node", where="tree", do="give at least one row")


def _circle(up: Mapping[str, str | None]) -> list[str]:
    """A way from a node back to itself; empty if there is none."""
    safe: set[str] = set()
    for start in up:
        path: dict[str, None] = {}
        node: str | None = start
        while node is not None and node not in safe:
            if node in path:
                way = list(path)
                return [*way[way.index(node) :], node]
            path[node] = None
            node = up[node]
        safe.update(path)
    return []


def _ordered(up: Mapping[str, str | None], told: Mapping[str, object]) -> Tree:
    below: dict[str | None, list[str]] = {}
    for node in sorted(up):
        below.setdefault(up[node], []).append(node)
    nodes: list[str] = []
    depth: list[int] = []
    stack = [(below[None][0], 0)]
    while stack:
        node, level = stack.pop()
        nodes.append(node)
        depth.append(level)
        stack += [(child, level + 1) for child in reversed(below.get(node, []))]
    place = {node: number for number, node in enumerate(nodes)}
    parents = [-1 if up[node] is None else place[str(up[node])] for node in nodes]
    kinds = [_kind(told.get(node), level) for node, level in zip(nodes, depth, strict=True)]
    return Tree(tuple(nodes), tuple(kinds), np.array(parents, dtype=np.int64))


def _kind(told: object, level: int) -> str:
    if told is not None and told == told and told != "":  # NaN is not itself
        return str(told)
    return KINDS[min(level, len(KINDS) - 1)]


def _few(names: list[str], *, verb: bool = True) -> str:
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{shown} {'is' if len(names) == 1 else 'are'}" if verb else shown
