"""Draws held by leaf, month and draw, small enough to stay in memory while a planner works.

A cube of one KPI or several becomes one block a KPI: four bytes a value, or two where the whole
would be large. Two bytes are whole steps of a 32,000th of the largest value of a leaf's month, so
that sums and chances are as good as the draws themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.planning.tree import Tree

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
#: Values up to which four bytes each are taken.
SMALL = 100_000_000
STEPS = 32_767


@dataclass(frozen=True, eq=False, repr=False)
class Held:
    """Draws of one KPI on the leaves of a tree.

    Attributes
    ----------
    values : numpy.ndarray of float32 or int16, shape (leaves, months, draws)
        Amounts; of a KPI that is averaged, amount times weight.
    scale : numpy.ndarray of float32, shape (leaves, months)
        What a value is a multiple of.
    weights : numpy.ndarray or None, shape (nodes, months)
        Of a KPI that is averaged, as a rate or a score: what each node's month weighs. None of
        one that adds up.
    whole : bool
        Whether all amounts are whole numbers, as counts are.
    """

    values: NDArray[Any]
    scale: Singles
    weights: Floats | None
    whole: bool

    @property
    def draws(self) -> int:
        """Number of draws."""
        return int(self.values.shape[2])

    @property
    def adds_up(self) -> bool:
        """Whether parts of it sum to the whole."""
        return self.weights is None

    def leaf(self, number: int) -> Singles:
        """Draws of one leaf as amounts, shape (months, draws)."""
        return np.multiply(self.values[number], self.scale[number][:, None], dtype=np.float32)


@dataclass(frozen=True, eq=False, repr=False)
class Draws:
    """Draws of all KPIs on one tree.

    Attributes
    ----------
    tree : Tree
    months : pandas.Index
        Labels of the periods, in order.
    kpis : dict of str to Held
    seed : int or None
        That they were drawn from.
    """

    tree: Tree
    months: pd.Index
    kpis: Mapping[str, Held]
    seed: int | None = None

    @property
    def count(self) -> int:
        """Number of draws."""
        return next(iter(self.kpis.values())).draws


def hold(
    draws: xr.DataArray | Mapping[str, Any] | Draws,
    tree: Tree,
    *,
    weights: Mapping[str, Any] | None = None,
) -> Draws:
    """Hold cubes of draws on the leaves of a tree.

    Parameters
    ----------
    draws : DataArray, mapping of str to DataArray or callable, or Draws
        A scenario cube (draw x period x node), which may have a dimension "kpi" too; or one a
        KPI, or a function that makes it, called when its turn comes so that only one is in memory
        at once. Labels of the node dimension are names of the tree; those of inner nodes are left
        out, since they are sums of the leaves.
    tree : Tree
    weights : mapping of str to table, optional
        For each KPI that does not add up over nodes or periods (share, rate, score): a number by
        leaf, as a Series, or by leaf and month, as a DataFrame with months as columns; what the
        leaf's rate is a rate of, such as expected revenue for a margin rate.

    Raises
    ------
    InputError
        If a leaf has no draws of a KPI, cubes have other months or draws, or a KPI that does not
        add up has no weights.
    """
    if isinstance(draws, Draws):
        return draws
    cubes = dict(_cubes(draws))
    found: dict[str, Held] = {}
    months: pd.Index | None = None
    seed = None
    for kpi, given in cubes.items():
        cube = given() if callable(given) else given
        labels, held = _held(kpi, cube, tree, (weights or {}).get(kpi), many=len(cubes))
        if months is not None and (
            not labels.equals(months) or held.draws != next(iter(found.values())).draws
        ):
            raise InputError(
                "KPIs have other months or another number of draws",
                where=f"draws of {kpi} beside {next(iter(found))}",
                do="draw all KPIs over the same months with the same number of draws",
            )
        months, found[kpi] = labels, held
        seed = cube.attrs.get("seed", seed)
    if months is None:
        raise InputError("no draws were handed in", where="draws", do="give at least one KPI")
    return Draws(tree, months, found, None if seed is None else int(seed))


def from_blocks(blocks: Iterable[NDArray[Any]], *, leaves: int, months: int, count: int) -> Held:
    """Hold draws of a KPI that adds up, made piece by piece so that the whole never stands twice.

    Parameters
    ----------
    blocks : iterable of array_like, shape (some leaves, months, draws)
        In the order of the tree's leaves.
    leaves, months, count : int
        Leaves in all, months, and draws.

    Raises
    ------
    InputError
        If blocks hold another number of leaves, or values that are missing.
    """
    values = np.empty((leaves, months, count), dtype=np.int16)
    scale = np.ones((leaves, months), dtype=np.float32)
    at, whole = 0, True
    for block in blocks:
        part = np.asarray(block)
        if part.shape[1:] != (months, count) or at + len(part) > leaves:
            raise InputError(
                f"a block has shape {part.shape}",
                where=f"blocks, from leaf {at}",
                do=f"give {leaves} leaves in all, each of {months} months by {count} draws",
            )
        values[at : at + len(part)], scale[at : at + len(part)], counts = _steps(part)
        whole &= counts
        at += len(part)
    if at < leaves:
        raise InputError(
            f"blocks hold {at} of {leaves} leaves", where="blocks", do="give all of them"
        )
    return Held(values, scale, None, whole)


def _cubes(draws: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(draws, Mapping):
        return draws.items()
    if not hasattr(draws, "dims"):
        raise InputError(
            f"draws are a scenario cube, not {type(draws).__name__}",
            where="draws",
            do="make one by workbench.scenarios.cube, or hand in a mapping of KPI to cube",
        )
    if "kpi" in draws.dims:
        return [(str(kpi), draws.sel(kpi=kpi, drop=True)) for kpi in draws["kpi"].values]
    return [(str(draws.name or "value"), draws)]


def _held(
    kpi: str, cube: xr.DataArray, tree: Tree, weights: Any, *, many: int
) -> tuple[pd.Index, Held]:
    dims = [str(dim) for dim in cube.dims if dim not in ("draw", "period")]
    if len(dims) != 1 or not {"draw", "period"} <= set(cube.dims):
        raise InputError(
            f"a cube of targets has draw, period and one dimension of nodes, not {cube.dims}",
            where=f"draws of {kpi}",
            do="join further keys into one label a leaf of the tree",
        )
    months = pd.Index(cube["period"].values)
    labels = {str(label): number for number, label in enumerate(cube[dims[0]].values)}
    names = [tree.nodes[leaf] for leaf in tree.leaves]
    without = [name for name in names if name not in labels]
    if without:
        shown = ", ".join(without[:3]) + (f" and {len(without) - 3} more" if without[3:] else "")
        raise InputError(
            f"KPI {kpi} has no data of {shown}",
            where=f"draws of {kpi}, dimension {dims[0]}",
            do="give draws of every leaf of the tree, or take the leaf out of it",
        )
    picked = cube.transpose(dims[0], "period", "draw")
    additive = cube.attrs.get("additive", (dims[0], "period"))
    adds_up = dims[0] in additive and "period" in additive
    table = None if adds_up else _weights(kpi, weights, names, months)
    size = many * len(names) * len(months) * cube.sizes["draw"]
    rows = np.array([labels[name] for name in names])
    whole = bool(adds_up)
    dtype: Any = np.float32 if size <= SMALL else np.int16
    values = np.empty((len(names), len(months), cube.sizes["draw"]), dtype=dtype)
    scale = np.ones((len(names), len(months)), dtype=np.float32)
    for number, row in enumerate(rows):
        part = np.asarray(picked.values[row], dtype=np.float64)
        if not np.isfinite(part).all():
            raise InputError(
                f"draws of {kpi} are missing or infinite",
                where=f"leaf {names[number]}",
                do="give a number for every draw",
            )
        whole &= bool((part == np.floor(part)).all())
        if table is not None:
            part = part * table[number][:, None]
        if dtype is np.float32:
            values[number] = part
        else:
            steps, factor, _ = _steps(part[None])
            values[number], scale[number] = steps[0], factor[0]
    nodes = None if table is None else tree.up(table)
    return months, Held(values, scale, nodes, whole)


def _weights(kpi: str, given: Any, names: Sequence[str], months: pd.Index) -> Floats:
    if given is None:
        raise InputError(
            f"{kpi} does not add up, so that a node's figure needs weights",
            where=f"weights, KPI {kpi}",
            do="give what each leaf weighs, such as its expected revenue for a margin rate",
        )
    table = given.reindex([str(name) for name in names])
    if isinstance(table, pd.Series):
        table = pd.concat([table / len(months)] * len(months), axis=1)
    else:
        table = table.reindex(columns=months)
    values = table.to_numpy(dtype=np.float64)
    if not np.isfinite(values).all() or (values < 0).any() or not values.sum(axis=0).all():
        raise InputError(
            f"weights of {kpi} are missing, negative or all zero in a month",
            where=f"weights, KPI {kpi}",
            do="give each leaf a weight of 0 or more, one of them more",
        )
    return values


def _steps(part: NDArray[Any]) -> tuple[NDArray[np.int16], Singles, bool]:
    """Values as multiples of a step; whole numbers stay as they are."""
    largest = np.abs(part).max(axis=2)
    if not np.isfinite(largest).all():
        raise InputError("draws are missing or infinite", do="give a number for every draw")
    whole = bool(largest.max(initial=0.0) <= STEPS and (part == np.floor(part)).all())
    if whole:
        return part.astype(np.int16), np.ones(largest.shape, dtype=np.float32), True
    scale = (np.where(largest > 0, largest, 1.0) / STEPS).astype(np.float32)
    return np.rint(part / scale[..., None]).astype(np.int16), scale, False
