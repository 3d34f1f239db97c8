"""The scenario cube: what it must be, what may be summed, and its way to disk and back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.scenarios import check_cube, cube, load_cube, save_cube, total

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
LABELS = st.one_of(
    st.lists(TEXTS, min_size=1, max_size=4, unique=True),
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=4, unique=True),
    st.lists(st.dates(), min_size=1, max_size=4, unique=True),
    st.lists(
        st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)),
        min_size=1,
        max_size=4,
        unique=True,
    ).map(lambda given: np.array(given, dtype="datetime64[ns]")),
    st.integers(0, 600).map(lambda first: np.arange(first, first + 3).astype("datetime64[M]")),
)


@st.composite
def cubes(draw: st.DrawFn) -> xr.DataArray:
    """Any cube: labels of every kind, any finite values."""
    names = draw(st.lists(st.sampled_from(["region", "account", "k2"]), max_size=2, unique=True))
    labels = {name: draw(LABELS) for name in ["period", *names]}
    shape = (draw(st.integers(1, 3)), *(len(given) for given in labels.values()))
    size = int(np.prod(shape))
    finite = st.floats(allow_nan=False, allow_infinity=False)
    values = draw(st.lists(finite, min_size=size, max_size=size))
    return cube(
        np.array(values).reshape(shape),
        name="sales",
        unit=draw(st.sampled_from(["CNY", "share", "台"])),
        period=labels.pop("period"),
        keys=labels,
        seed=draw(st.none() | st.integers(0, 2**63)),
        streams=draw(st.lists(TEXTS, max_size=2)),
        additive=draw(st.sampled_from([True, False, ["period"]])),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cubes")


@pytest.mark.parametrize("suffix", ["parquet", "nc"])
@given(array=cubes())
def test_a_cube_comes_back_from_disk_bit_by_bit(suffix, array, folder):
    back = load_cube(save_cube(array, folder / f"cube.{suffix}"))
    xr.testing.assert_identical(back, array)
    assert back.dims == array.dims
    assert back.values.tobytes() == array.values.tobytes()
    assert {dim: back[dim].dtype for dim in back.dims} == {
        dim: array[dim].dtype for dim in array.dims
    }
    assert back.attrs == array.attrs
    check_cube(back)


def plan(**changes: Any) -> xr.DataArray:
    given: dict[str, Any] = {
        "name": "sales",
        "unit": "CNY",
        "period": pd.date_range("2027-01-01", periods=2, freq="MS"),
        "keys": {"region": ["east", "north", "south"]},
        "seed": 7,
        "streams": ["plan"],
    }
    return cube(np.arange(24.0).reshape(4, 2, 3), **(given | changes))


@pytest.mark.parametrize("suffix", ["parquet", "nc"])
def test_the_same_cube_gives_the_same_bytes(suffix, tmp_path):
    first, second = (save_cube(plan(), tmp_path / f"{n}.{suffix}") for n in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_other_tools_read_the_parquet_as_a_long_table(tmp_path):
    path = save_cube(plan(), tmp_path / "sales.parquet")
    found = duckdb.sql(f"select * from '{path}' where draw = 1 and region = 'north'").fetchall()
    assert found == [
        (1, dt.date(2027, 1, 1), "north", 7.0),
        (1, dt.date(2027, 2, 1), "north", 10.0),
    ]


def test_other_tools_read_the_netcdf(tmp_path):
    with xr.open_dataset(save_cube(plan(), tmp_path / "sales.nc"), engine="scipy") as data:
        assert data["sales"].dims == ("draw", "period", "region")
        assert data["region"].values.tolist() == ["east", "north", "south"]
        assert data["sales"].attrs["units"] == "CNY"


@pytest.mark.parametrize(
    "change", [lambda frame: frame.iloc[::-1], lambda frame: frame.iloc[1:]], ids=["sorted", "cut"]
)
def test_rows_changed_by_another_tool_are_noticed(change, tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = save_cube(plan(), tmp_path / "sales.parquet")
    table = pq.read_table(path)
    changed = pa.Table.from_pandas(change(table.to_pandas()), preserve_index=False)
    pq.write_table(changed.replace_schema_metadata(table.schema.metadata), path)
    with pytest.raises(InputError, match="no longer those of the cube"):
        load_cube(path)


def test_what_is_no_cube_on_disk_is_refused(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "plain.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    (tmp_path / "broken.nc").write_bytes(b"CDF\x01")
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "plain.nc", engine="scipy")
    for name in ("plain.parquet", "broken.parquet", "broken.nc", "plain.nc"):
        with pytest.raises(InputError, match="holds no cube"):
            load_cube(tmp_path / name)
    with pytest.raises(InputError, match="no cube in this place"):
        load_cube(tmp_path / "missing.nc")
    with pytest.raises(InputError, match=r"not kept as \.csv"):
        save_cube(plan(), tmp_path / "sales.csv")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.transpose("period", "draw", "region"), "draw and period come first"),
        (lambda c: c.where(c > 0), "1 of 24 values are missing"),
        (lambda c: c / 0, "24 of 24 values are missing"),
        (lambda c: c.astype("int64"), "values are int64"),
        (lambda c: c.drop_vars("region"), "region has no labels"),
        (lambda c: c.assign_coords(region=["e", "e", "s"]), "region has a label twice"),
        (lambda c: c.assign_coords(region=[0.5, 1.5, 2.5]), "labels of region are not"),
        (lambda c: c.assign_coords(draw=list("abcd")), "labels of draw are not whole"),
        (lambda c: c.rename("Sales 2027"), "is no name"),
        (lambda c: c.rename(region="Region"), "'Region' is no name"),
        (lambda c: c.rename("region"), "names the cube and a dimension"),
        (lambda c: c.assign_attrs(unit=""), "the unit is missing"),
        (lambda c: c.assign_attrs(seed=-1), "seed -1"),
        (lambda c: c.assign_attrs(additive=("city",)), "additive over city"),
        (lambda c: c.isel(draw=slice(0)), "draw is empty"),
        (lambda c: c.values, "a ndarray is no cube"),
    ],
)
def test_what_is_no_cube_is_refused(change, message):
    with np.errstate(divide="ignore", invalid="ignore"):
        changed = change(plan())
    with pytest.raises(InputError, match=message):
        check_cube(changed)


def test_one_error_names_all_that_is_wrong():
    wrong = plan().assign_attrs(unit="", seed=-1).drop_vars("region")
    with pytest.raises(InputError, match=r"unit is missing.*seed -1.*region has no labels"):
        check_cube(wrong)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keys": {}}, "has 2 axes, the values have 3"),
        ({"keys": {"region": ["east"]}}, "region has 1 labels for 3 values"),
        ({"period": ["2027-01", None]}, "labels of period are not"),
    ],
)
def test_labels_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        plan(**changes)


def test_only_what_adds_up_is_summed():
    people = plan(name="people", unit="people", additive=["region"])
    by_period = total(people, over="region")
    assert by_period.values[0].tolist() == [3.0, 12.0]
    assert by_period.attrs["additive"] == ()
    assert by_period.attrs["unit"] == "people"
    with pytest.raises(InputError, match="people does not add up over period"):
        total(people, over=["region", "period"])
    with pytest.raises(InputError, match="additive over nothing"):
        total(plan(additive=False), over="region")
    assert total(plan(), over=["period", "region"]).values.tolist() == [15.0, 51.0, 87.0, 123.0]
