"""Cubes on disk: Parquet, a long table that any tool reads, or NetCDF.

Both give back the same cube, bit by bit: values, labels with their types, name, order of
dimensions, unit, seed and streams. The same cube gives the same bytes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import InputError
from workbench.scenarios.cube import check_cube

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

# Key of what Parquet columns and NetCDF types cannot say; JSON.
_HEADER = "sales_workbench_cube"
_PARQUET = {"compression": "zstd", "compression_level": 9, "version": "2.6"}
_SUFFIXES = (".parquet", ".nc")


def save_cube(array: xr.DataArray, path: str | Path) -> Path:
    """Write a cube to disk.

    Parameters
    ----------
    array : DataArray
        A cube; attributes beside unit, seed, streams and additive are not kept.
    path : str or Path
        Ends in ``.parquet``: a long table of draw, period, keys and value, the last key running
        fastest. Or in ``.nc``: NetCDF 3.

    Returns
    -------
    Path

    Raises
    ------
    InputError
        If the array is no cube or the path has another ending.
    """
    path = _known(path)
    check_cube(array)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        pq.write_table(_long(array), path, **_PARQUET)
    else:
        _for_netcdf(array).to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")
    return path


def load_cube(path: str | Path) -> xr.DataArray:
    """Read a cube that `save_cube` wrote.

    Raises
    ------
    InputError
        If there is no such file, it holds no cube, or its rows were changed since.
    """
    path = _known(path)
    if not path.is_file():
        raise InputError("there is no cube in this place", where=str(path), do="check the path")
    header, values = (_read_parquet if path.suffix == ".parquet" else _read_netcdf)(path)
    return _cube(header, values)


# -- Parquet ------------------------------------------------------------------------------------


def _long(array: xr.DataArray) -> pa.Table:
    import pyarrow as pa

    columns: dict[str, Any] = {
        str(dim): pa.DictionaryArray.from_arrays(
            pa.array(_places(array.shape, axis)), _arrow_labels(array.coords[dim].values)
        )
        for axis, dim in enumerate(array.dims)
    }
    columns[str(array.name)] = pa.array(array.values.ravel())
    return pa.table(columns).replace_schema_metadata({_HEADER: json.dumps(_header(array))})


def _places(shape: tuple[int, ...], axis: int) -> np.ndarray:
    """Place on one axis of each value, in the order of the values."""
    places = np.arange(shape[axis], dtype=np.int32)
    inner, outer = int(np.prod(shape[axis + 1 :])), int(np.prod(shape[:axis]))
    return np.tile(np.repeat(places, inner), outer)


def _arrow_labels(labels: np.ndarray) -> pa.Array:
    import pyarrow as pa

    if labels.dtype.kind == "M":
        days = labels.astype("datetime64[D]")
        if (days == labels).all():
            return pa.array(days, type=pa.date32())
        return pa.array(labels.astype("datetime64[us]") if _coarse(labels) else labels)
    return pa.array(labels.tolist(), type=pa.string()) if labels.dtype.kind == "U" else labels


def _coarse(labels: np.ndarray) -> bool:
    """Whether the unit of instants is one that Arrow lacks, as hours."""
    return np.datetime_data(labels.dtype)[0] not in ("s", "ms", "us", "ns")


def _read_parquet(path: Path) -> tuple[dict[str, Any], np.ndarray]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        header = json.loads(table.schema.metadata[_HEADER.encode()])
    except (pa.ArrowInvalid, KeyError, TypeError) as error:
        raise _no_cube(path) from error
    columns = [*header["labels"], header["name"]]
    if table.column_names != columns or table.num_rows != int(np.prod(_shape(header))):
        raise _changed(path)
    expected = _long(_cube(header, np.zeros(_shape(header))))
    for dim in header["labels"]:
        found, wanted = (side[dim].combine_chunks() for side in (table, expected))
        if not _plain(found).equals(_plain(wanted)):
            raise _changed(path)
    return header, table[header["name"]].to_numpy()


def _plain(column: Any) -> Any:
    """A column without its dictionary, whose order a writer may choose."""
    import pyarrow as pa

    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


# -- NetCDF -------------------------------------------------------------------------------------


def _for_netcdf(array: xr.DataArray) -> xr.DataArray:
    plain = array.copy(deep=False)
    plain.attrs = {_HEADER: json.dumps(_header(array)), "units": array.attrs["unit"]}
    plain.encoding = {"_FillValue": None}
    for dim in array.dims:
        plain = plain.assign_coords({dim: _netcdf_labels(array.coords[dim].values)})
        plain.coords[dim].encoding = {"_FillValue": None}
    return plain


def _netcdf_labels(labels: np.ndarray) -> np.ndarray:
    """Labels for other readers: NetCDF 3 has no 64-bit integers, and dates are written out."""
    if labels.dtype.kind == "M":
        return np.datetime_as_string(labels)
    if labels.dtype.kind == "i":
        fits = np.abs(labels.astype(float)).max() < 2**31
        return labels.astype(np.int32) if fits else labels.astype(str)
    return labels


def _read_netcdf(path: Path) -> tuple[dict[str, Any], np.ndarray]:
    import xarray as xr

    try:
        with xr.open_dataset(path, engine="scipy", decode_cf=False) as data:
            header = next(
                json.loads(given.attrs[_HEADER])
                for given in data.variables.values()
                if _HEADER in given.attrs
            )
            values = data[header["name"]].values
    except (TypeError, ValueError, LookupError, StopIteration) as error:
        raise _no_cube(path) from error
    if values.shape != _shape(header):
        raise _changed(path)
    return header, values


# -- header -------------------------------------------------------------------------------------


def _header(array: xr.DataArray) -> dict[str, Any]:
    labels = {str(dim): array.coords[dim].values for dim in array.dims}
    kept = ("unit", "seed", "streams", "additive")
    return {
        "name": array.name,
        "labels": {dim: _written(values) for dim, values in labels.items()},
        "types": {dim: _type(values) for dim, values in labels.items()},
        "attrs": {key: array.attrs[key] for key in kept if key in array.attrs},
    }


def _written(labels: np.ndarray) -> list[Any]:
    if labels.dtype.kind == "M":
        return [str(text) for text in np.datetime_as_string(labels)]
    return list(labels.tolist())


def _type(labels: np.ndarray) -> str:
    return "str" if labels.dtype.kind == "U" else str(labels.dtype)


def _shape(header: dict[str, Any]) -> tuple[int, ...]:
    return tuple(len(labels) for labels in header["labels"].values())


def _cube(header: dict[str, Any], values: np.ndarray) -> xr.DataArray:
    import xarray as xr

    coords = {
        dim: np.array(labels, dtype=header["types"][dim])
        for dim, labels in header["labels"].items()
    }
    attrs = dict(header["attrs"])
    attrs |= {key: tuple(attrs[key]) for key in ("streams", "additive") if key in attrs}
    return xr.DataArray(
        np.ascontiguousarray(values, dtype=np.float64).reshape(_shape(header)),
        dims=tuple(coords),
        coords=coords,
        name=header["name"],
        attrs=attrs,
    )


# -- errors -------------------------------------------------------------------------------------


def _known(path: str | Path) -> Path:
    path = Path(path)
    if path.suffix not in _SUFFIXES:
        raise InputError(
            f"a cube is not kept as {path.suffix or 'a file without ending'}",
            where=str(path),
            do="let the name end in .parquet or .nc",
        )
    return path


def _no_cube(path: Path) -> InputError:
    return InputError(
        "the file holds no cube", where=str(path), do="write cubes with scenarios.save_cube"
    )


def _changed(path: Path) -> InputError:
    return InputError(
        "the rows are no longer those of the cube that was saved",
        where=str(path),
        do="save the cube again; a file that was filtered or sorted is read as a plain table",
    )
