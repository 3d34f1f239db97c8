"""The written sample: same bytes, declared types, keys, references, names, truth, ranges."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml

from tests.sample import demand_side, following
from workbench.errors import ParameterError
from workbench.sample import effects, generate
from workbench.sample.effects import DEMAND
from workbench.sample.generate import make_frame, make_part
from workbench.sample.parameters import SIZES
from workbench.sample.ranges import all_ranges, markdown, measured
from workbench.settings import read_settings
from workbench.tables import TABLES
from workbench.tables.schema import broken_references, faults
from workbench.tables.store import arrow_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny company on disk."""
    folder = tmp_path_factory.mktemp("sample") / "tiny"
    generate(folder, size="tiny")
    return folder


@pytest.fixture(scope="session")
def frames(tiny: Path) -> dict[str, pd.DataFrame]:
    """Its tables as pandas frames."""
    return {path.stem: pd.read_parquet(path) for path in sorted(tiny.glob("*.parquet"))}


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(tiny: Path, tmp_path: Path):
    again, other = tmp_path / "again", tmp_path / "other"
    generate(again, size="tiny")
    assert digest(again) == digest(tiny)
    generate(other, size="tiny", seed=8)
    assert digest(other)["order_line.parquet"] != digest(tiny)["order_line.parquet"]


def test_all_tables_are_there(frames: dict[str, pd.DataFrame]):
    assert set(frames) == set(TABLES)
    assert all(len(frame) for frame in frames.values())


@pytest.mark.parametrize("name", sorted(TABLES))
def test_types_are_those_declared(tiny: Path, name: str):
    stored = pq.read_schema(tiny / f"{name}.parquet")
    declared = arrow_schema(name, stored.names)
    assert [(each.name, each.type) for each in stored] == [(f.name, f.type) for f in declared]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_values_keep_to_the_declaration(frames: dict[str, pd.DataFrame], name: str):
    found = faults(frames[name], name)
    assert found.empty, found.head().to_string()


def test_references_hold(frames: dict[str, pd.DataFrame]):
    lost = broken_references(frames)
    assert lost.empty, lost.to_string()


def test_no_date_lies_after_today(tiny: Path, frames: dict[str, pd.DataFrame]):
    today = pd.Timestamp(read_settings(tiny).data_as_of)
    plans = {"expected_close_date", "due_date", "period_end", "draft_due_date", "end_date"}
    # A campaign or promotion may be planned, a forecast or target concerns a later period.
    begins = {"period_start", "start_date"}
    for name, frame in frames.items():
        for column in TABLES[name].columns:
            if column.kind not in ("date", "datetime") or column.name not in frame:
                continue
            if column.name in plans | begins:
                continue
            days = pd.to_datetime(frame[column.name].astype(str).str[:10], errors="coerce")
            assert not (days > today).any(), f"{name}.{column.name}"


def test_names_stand_in_both_languages(frames: dict[str, pd.DataFrame]):
    for name in ("account", "contact", "product", "rep", "team", "partner", "geo_unit"):
        frame = frames[name]
        assert frame["name"].str.contains(r"[\u4e00-\u9fff]").all(), name
        english = frame["name_en"].dropna()
        assert len(english) == len(frame), name
        assert not english.str.contains(r"[\u4e00-\u9fff]").any(), name


def test_no_phone_number_is_in_use(frames: dict[str, pd.DataFrame]):
    for name in ("account", "contact"):
        assert frames[name]["phone"].dropna().str.fullmatch(r"100\d{8}").all()


def test_settings_are_valid_and_bilingual(tiny: Path, frames: dict[str, pd.DataFrame]):
    settings = read_settings(tiny)
    assert settings.name.en.isascii()
    assert not settings.name.zh.isascii()
    codes = {stage.code for stage in settings.stages}
    assert set(frames["opportunity"]["stage"]) <= codes
    for column, table in (
        ("region", "account"),
        ("product_line", "product"),
        ("family", "product"),
    ):
        assert set(frames[table][column].dropna()) <= set(settings.labels[column]), column


def test_the_truth_explains_every_parameter(tiny: Path):
    truth = yaml.safe_load((tiny / "truth" / "truth.yaml").read_text("utf-8"))
    assert set(truth["effects"]) == set(effects())
    assert all(effect["on"] for effect in truth["effects"].values())

    def leaves(node: dict) -> list[dict]:
        if "value" in node and "meaning" in node:
            return [node]
        return [leaf for each in node.values() for leaf in leaves(each)]

    for room in ("season", "price", "customer", "rep", "deal"):
        found = leaves(truth["parameters"][room])
        assert found
        assert all(leaf["unit"] and leaf["meaning"] for leaf in found)


def test_latent_values_are_not_in_the_tables(frames: dict[str, pd.DataFrame]):
    hidden = {"potential", "satisfaction", "quality", "skill", "kind", "habit"}
    for frame in frames.values():
        assert not hidden & set(frame.columns)


def test_the_future_is_in_the_truth_alone(tiny: Path):
    later = pd.read_parquet(tiny / "truth" / "future_orders.parquet")
    assert pd.to_datetime(later["month"]).min() == pd.Timestamp("2026-08-01")
    assert (later["amount"].astype(float) > 0).all()


def test_an_effect_leaves_what_it_does_not_touch(tmp_path: Path):
    frame = make_frame(size="tiny", off={"friday", "missing_codes"})
    plain = make_frame(size="tiny")
    some, every = (make_part(each, following=False) for each in (frame, plain))
    lines = ["account_id", "product_id", "day", "quantity", "net_price"]
    pd.testing.assert_frame_equal(
        some.tables["order_line"][lines], every.tables["order_line"][lines]
    )
    own = some.tables["account"]["duplicate_of"] < 0
    assert some.tables["account"].loc[own, "credit_code"].notna().all()
    assert not every.tables["account"]["credit_code"].notna().all()


@pytest.mark.parametrize("wrong", [{"size": "huge"}, {"off": {"no_such_effect"}}, {"seed": -1}])
def test_a_wrong_wish_is_refused(tmp_path: Path, wrong: dict):
    with pytest.raises(ParameterError) as caught:
        generate(tmp_path / "x", **{"size": "tiny"} | wrong)
    assert "do" in str(caught.value) or caught.value.do


def test_a_failed_wish_leaves_an_earlier_sample(tiny: Path):
    before = digest(tiny)
    with pytest.raises(ParameterError):
        generate(tiny, size="tiny", off={"no_such_effect"})
    assert digest(tiny) == before


def test_parts_share_no_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    size = SIZES["tiny"]
    parts = type(size)("parts", 1_200, 24, parts=2, level=1)
    monkeypatch.setitem(SIZES, "parts", parts)
    summary = generate(tmp_path / "parts", size="parts")
    folder = summary.folder
    for name in ("account", "order_line", "opportunity", "receipt"):
        key = TABLES[name].key[0]
        count, distinct = (
            duckdb.connect()
            .execute(f"select count(*), count(distinct {key}) from '{folder}/{name}/*.parquet'")
            .fetchone()
        )
        assert count == distinct == summary.rows[name] > 0
    lost = (
        duckdb.connect()
        .execute(
            f"select count(*) from '{folder}/order_line/*.parquet' l anti join"
            f" '{folder}/account/*.parquet' a on l.account_id = a.account_id"
        )
        .fetchone()[0]
    )
    assert lost == 0


def test_every_demand_effect_is_switched_off_somewhere():
    tested = set().union(*demand_side.OFF_TOGETHER) | {"attrition_season", "attrition_first"}
    assert set(DEMAND) <= tested | set().union(*following.OFF_TOGETHER)


def test_the_company_in_the_repository_keeps_to_the_ranges():
    table = measured(ROOT / "data" / "sample")
    outside = table[~table["inside"]]
    assert outside.empty, outside.to_string()
    assert len(table) == len(all_ranges())


def test_the_table_in_the_docs_is_measured():
    text = (ROOT / "docs" / "sample_company.md").read_text("utf-8")
    assert markdown(measured(ROOT / "data" / "sample")) in text


def test_the_company_in_the_repository_is_small():
    files = [path for path in (ROOT / "data" / "sample").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 8e6


def test_the_company_in_the_repository_is_what_the_code_makes(tmp_path: Path):
    # Values, not bytes: another build of the file library may write other bytes.
    frame = make_frame()
    world = make_part(frame, following=False)
    lines = (
        duckdb.connect()
        .execute(
            f"select sum(amount)::double, count(*) from '{ROOT}/data/sample/order_line.parquet'"
            " where channel <> 'dealer'"
        )
        .fetchone()
    )
    own = world.tables["order_line"]
    assert lines[1] == len(own)
    assert lines[0] == pytest.approx(float(np.round(own["amount"].sum(), 2)), abs=0.5)
