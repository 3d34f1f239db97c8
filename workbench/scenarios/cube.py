"""The scenario cube: draws x period x keys of one quantity, with its unit and where it came from.

A cube is a plain `xarray.DataArray`: select, add and average it as xarray does. On disk:
`cube_files.py`. Two cubes compared: `paired.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError

if TYPE_CHECKING:
    import xarray as xr

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def cube(
    values: ArrayLike,
    *,
    name: str,
    unit: str,
    period: ArrayLike,
    keys: Mapping[str, ArrayLike] | None = None,
    seed: int | None = None,
    streams: Sequence[str] = (),
    additive: bool | Sequence[str] = True,
    draw: ArrayLike | None = None,
) -> xr.DataArray:
    """Put draws into a cube.

    Parameters
    ----------
    values : array_like of float, shape (draws, periods, *keys)
        In `unit`, none of them missing.
    name : str
        Of the quantity, as a column would be named.
    unit : str
        A currency code, or a word as parameters have it: "share", "deals", "people" ...
    period : array_like of dates, texts or whole numbers, shape (periods,)
    keys : mapping of str to array_like, optional
        Name of each further dimension to its labels, in the order of the axes.
    seed : int, optional
        That the draws were made from.
    streams : sequence of str
        Names of the streams drawn from.
    additive : bool or sequence of str
        Dimensions over which values may be summed: all, none (rates, prices), or those named (a
        headcount adds up over regions, not over months).
    draw : array_like of int, optional
        Numbers of the draws; by default 0, 1, 2 ...

    Returns
    -------
    xarray.DataArray
        Dimensions "draw", "period" and the keys; attributes unit, seed, streams, additive.

    Raises
    ------
    InputError
        If labels do not fit the values, or anything else keeps them from being a cube.

    Examples
    --------
    >>> sales = cube(
    ...     [[[1.0, 2.0]], [[3.0, 4.0]]], name="sales", unit="CNY", period=["2027-01"],
    ...     keys={"region": ["east", "north"]}, seed=7,
    ... )
    >>> sales.sel(region="east").values.ravel().tolist()
    [1.0, 3.0]
    """
    import xarray as xr

    array = np.asarray(values, dtype=float)
    labels: dict[str, Any] = {"period": period, **(keys or {})}
    dims = ("draw", *labels)
    if array.ndim != len(dims):
        raise InputError(
            f"a cube of {', '.join(dims)} has {len(dims)} axes, the values have {array.ndim}",
            where=f"values of shape {array.shape}",
            do="order the axes as draw, period, keys",
        )
    coords = {"draw": _labels(np.arange(len(array)) if draw is None else draw)}
    coords |= {dim: _labels(given) for dim, given in labels.items()}
    _refuse_misfit(array, coords)
    summed = dims[1:] if additive is True else tuple(additive or ())
    attrs = {"unit": unit, "seed": seed, "streams": tuple(streams), "additive": summed}
    return check_cube(
        xr.DataArray(
            array,
            dims=dims,
            coords=coords,
            name=name,
            attrs={key: value for key, value in attrs.items() if value is not None},
        )
    )


def check_cube(array: xr.DataArray) -> xr.DataArray:
    """Return the array if it is a cube.

    Raises
    ------
    InputError
        If it is none; one error names all that is wrong.
    """
    faults = list(_faults(array))
    if faults:
        name = getattr(array, "name", None)
        raise InputError(
            "; ".join(faults),
            where=f"cube {name}" if name else "cube without a name",
            do="make it by scenarios.cube(values, name=..., unit=..., period=..., keys=...)",
        )
    return array


def total(array: xr.DataArray, *, over: str | Sequence[str]) -> xr.DataArray:
    """Sum a cube over dimensions, keeping its attributes.

    Parameters
    ----------
    array : DataArray
        A cube.
    over : str or sequence of str
        Period, keys, or several of them.

    Raises
    ------
    InputError
        If the cube is not additive over one of them, as rates are not.
    """
    dims = [over] if isinstance(over, str) else list(over)
    additive = tuple(array.attrs.get("additive", ()))
    if wrong := [dim for dim in dims if dim not in additive]:
        raise InputError(
            f"{array.name} does not add up over {', '.join(wrong)}",
            where=f"cube {array.name}, additive over {', '.join(additive) or 'nothing'}",
            do="choose one label, average, or divide totals of what the rate is made of",
        )
    summed = array.sum(dims, keep_attrs=True)
    return summed.assign_attrs(additive=tuple(dim for dim in additive if dim not in dims))


# -- what a cube must be ------------------------------------------------------------------------


def _faults(array: Any) -> Iterator[str]:
    import xarray as xr

    if not isinstance(array, xr.DataArray):
        yield f"a {type(array).__name__} is no cube"
        return
    yield from _faults_of_names(array)
    yield from _faults_of_attributes(array)
    if array.dtype != np.float64:
        yield f"values are {array.dtype}, not float64"
    elif missing := int((~np.isfinite(array.values)).sum()):
        yield f"{missing:,} of {array.size:,} values are missing or infinite"
    for dim in array.dims:
        yield from _faults_of_labels(array, str(dim))


def _faults_of_names(array: xr.DataArray) -> Iterator[str]:
    if array.dims[:2] != ("draw", "period"):
        yield f"dimensions are {', '.join(map(str, array.dims))}; draw and period come first"
    for name in (array.name, *array.dims):
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            yield f"{name!r} is no name: lower-case letters, digits and underscores, a letter first"
    if array.name in array.dims:
        yield f"{array.name} names the cube and a dimension"


def _faults_of_attributes(array: xr.DataArray) -> Iterator[str]:
    unit, seed = array.attrs.get("unit"), array.attrs.get("seed")
    if not (isinstance(unit, str) and unit.strip()):
        yield "the unit is missing"
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int) or seed < 0):
        yield f"seed {seed!r} is no whole number from 0"
    if not all(isinstance(name, str) for name in array.attrs.get("streams", ())):
        yield "streams are not names"
    unknown = set(array.attrs.get("additive", ())) - set(array.dims[1:])
    if unknown:
        yield f"additive over {', '.join(sorted(map(str, unknown)))}, which is no dimension"


def _faults_of_labels(array: xr.DataArray, dim: str) -> Iterator[str]:
    if array.sizes[dim] == 0:
        yield f"{dim} is empty"
    elif dim not in array.coords:
        yield f"{dim} has no labels"
    else:
        labels = array.coords[dim].values
        kinds = "i" if dim == "draw" else "iUM"
        if labels.dtype.kind not in kinds:
            what = "whole numbers" if dim == "draw" else "texts, whole numbers or dates"
            yield f"labels of {dim} are not {what}"
        elif labels.dtype.kind == "M" and np.isnat(labels).any():
            yield f"a label of {dim} is missing"
        elif len(np.unique(labels)) < len(labels):
            yield f"{dim} has a label twice"


def _labels(given: Any) -> np.ndarray:
    """Labels as numpy has them: texts, whole numbers of 64 bits, or instants."""
    import datetime as dt

    values = np.asarray(given)
    if values.dtype.kind in "OT" or hasattr(given, "dtype"):
        kept = list(given)
        if kept and all(isinstance(label, str) for label in kept):
            return np.asarray(kept, dtype=str)
        if kept and all(isinstance(label, dt.date) for label in kept):
            return np.asarray(kept, dtype="datetime64[us]")
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    return values


def _refuse_misfit(array: np.ndarray, coords: Mapping[str, np.ndarray]) -> None:
    for (dim, labels), size in zip(coords.items(), array.shape, strict=True):
        if labels.ndim != 1 or len(labels) != size:
            raise InputError(
                f"{dim} has {labels.size} labels for {size} values",
                where=f"values of shape {array.shape}",
                do=f"give one label for each place of the axis {dim}",
            )
