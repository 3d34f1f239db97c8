"""Kept forecasts: added and never changed, scored later; what changed adds up exactly."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.forecasting.judgement import accuracy_over_time, keep, load, scored, what_changed

AUGUST = dt.datetime(2026, 8, 3, 9, 30, 15, 123)
ABOUT: dict[str, Any] = {"kpi_id": "revenue_net", "unit": "CNY excl"}


def vintage(first: str = "2026-08", *, add: float = 0.0, model: str = "theta") -> pd.DataFrame:
    months = pd.period_range(first, periods=3, freq="M")
    rows = [
        (name, month, stage, model, 100.0 + step + add, 80.0, 130.0)
        for name in ("north", "east")
        for month in months
        for step, stage in enumerate(("statistical", "pipeline", "final"))
    ]
    columns = ["series_id", "period", "stage", "model", "mean", "lo80", "hi80"]
    return pd.DataFrame(rows, columns=columns)


def kept(folder: Path, table: pd.DataFrame, month: int, **changed: Any) -> Path:
    given = {"made_at": AUGUST.replace(month=month), **ABOUT,
             "origin": dt.date(2026, month, 1) - dt.timedelta(1)} | changed  # fmt: skip
    return keep(table, folder, **given)


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    path = kept(tmp_path, vintage(), 8)
    rows = load(tmp_path)
    assert len(rows) == 18 and rows["made_at"].iloc[0] == AUGUST.replace(microsecond=0)
    assert rows["origin"].iloc[0] == pd.Timestamp("2026-07-31")
    key = ["series_id", "period", "stage"]
    both = rows.merge(vintage(), on=key, suffixes=("", "_given"))
    assert len(both) == 18 and (both["mean"] == both["mean_given"]).all()
    assert rows["lo95"].isna().all() and set(rows["unit"]) == {"CNY excl"}
    assert sorted(tmp_path.iterdir()) == [path]


def test_nothing_kept_is_ever_changed(tmp_path: Path) -> None:
    path = kept(tmp_path, vintage(), 8)
    before = path.read_bytes()
    assert kept(tmp_path, vintage().sample(frac=1, random_state=1), 8) == path
    with pytest.raises(InputError, match="never changed"):
        kept(tmp_path, vintage(add=1.0), 8)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_load_chooses(tmp_path: Path) -> None:
    kept(tmp_path, vintage(), 8)
    kept(tmp_path, vintage("2026-09"), 9)
    kept(tmp_path, vintage(), 8, kpi_id="bookings", unit="CNY incl")
    assert load(tmp_path, kpi_id="revenue_net")["made_at"].nunique() == 2
    assert set(load(tmp_path, series=["east"], stages=["final"])["series_id"]) == {"east"}
    assert load(tmp_path, since=dt.datetime(2026, 9, 1))["made_at"].nunique() == 1
    assert load(tmp_path, until=dt.datetime(2026, 8, 1)).empty
    assert load(tmp_path, kpi_id="none").empty


def test_bad_vintages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        load(tmp_path / "none")
    with pytest.raises(InputError, match="there twice"):
        kept(tmp_path, pd.concat([vintage(), vintage().head(1)]), 8)
    with pytest.raises(InputError, match="without a mean"):
        kept(tmp_path, vintage(add=np.nan), 8)
    with pytest.raises(InputError, match="KPI id"):
        kept(tmp_path, vintage(), 8, kpi_id="../x")
    (tmp_path / "revenue_net-bad.parquet").write_bytes(b"no parquet")
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)
    vintage().astype({"period": str}).to_parquet(tmp_path / "revenue_net-bad.parquet")
    with pytest.raises(InputError, match="lacks made_at"):
        load(tmp_path)


def actuals(values: dict[str, float]) -> pd.DataFrame:
    rows = [(name, month, value) for name in ("north", "east") for month, value in values.items()]
    return pd.DataFrame(rows, columns=["series_id", "period", "actual"])


def test_accuracy_by_origin_by_hand(tmp_path: Path) -> None:
    kept(tmp_path, vintage(), 8)
    kept(tmp_path, vintage("2026-09", add=48.0), 9)
    came = actuals({"2026-08": 112.0, "2026-09": 120.0})
    rows = scored(load(tmp_path), came)
    assert sorted(rows["horizon"].unique()) == [1, 2, 3] and len(rows) == 36
    table = accuracy_over_time(load(tmp_path), came)
    final = table[(table["stage"] == "final") & (table["horizon"] == 1)].set_index("origin")
    august = final.loc[pd.Timestamp("2026-07-31")]
    assert august["error"] == pytest.approx(10 / 112) and august["bias"] == pytest.approx(-10 / 112)
    september = final.loc[pd.Timestamp("2026-08-31")]
    assert september["bias"] == pytest.approx(30 / 120) and september["inside80"] == 1
    whole = final[final.index.isna()].iloc[0]
    assert whole["rows"] == 4 and whole["error"] == pytest.approx(80 / 464)
    assert np.isnan(whole["low"]) and np.isnan(whole["inside95"])  # two periods give no interval


def test_vintages_of_two_units_do_not_meet(tmp_path: Path) -> None:
    kept(tmp_path, vintage(), 8)
    kept(tmp_path, vintage(), 9, unit="CNY incl")
    with pytest.raises(InputError, match="several unit"):
        scored(load(tmp_path), actuals({"2026-08": 1.0}))


def test_change_is_split_into_its_causes() -> None:
    last, now = vintage(), vintage("2026-09", add=5.0)
    now.loc[now["stage"] == "final", "mean"] -= 20
    now.loc[now["stage"] != "statistical", "mean"] += 2
    found = what_changed(last, now, actuals=actuals({"2026-08": 90.0}))
    cells = found.cells.set_index(["series_id", "period"])
    closed = cells.loc[("east", pd.Period("2026-08", "M"))]
    assert (closed["closed"], closed["change"]) == (-12, -12)
    opened = cells.loc[("east", pd.Period("2026-09", "M"))]
    assert opened[["new_actuals", "pipeline", "override"]].tolist() == [5, 2, -20]
    assert opened["change"] == -13
    assert found.dropped.to_dict("records") == [
        {"series_id": name, "period": pd.Period("2026-11", "M"), "side": "after"}
        for name in ("east", "north")
    ]
    assert found.by_node()["change"].tolist() == [-38, -38]


def test_another_model_is_told_from_new_actuals_by_a_refit() -> None:
    last, now = vintage(), vintage(add=8.0, model="ets")
    blind = what_changed(last, now).cells
    assert (blind["data_and_model"] == 8).all() and (blind["model"] == 0).all()
    refit = last[last["stage"] == "statistical"][["series_id", "period"]].assign(mean=103.0)
    seen = what_changed(last, now, refitted=refit).cells
    assert (seen["new_actuals"] == 3).all() and (seen["model"] == 5).all()
    parts = ["closed", "new_actuals", "model", "data_and_model", "pipeline", "override"]
    for cells in (blind, seen):
        assert np.allclose(cells[parts].sum(axis=1), cells["change"], atol=1e-9)


def test_closed_periods_without_actuals_are_listed_not_guessed() -> None:
    found = what_changed(vintage(), vintage("2026-09"))
    assert set(found.dropped["side"]) == {"before", "after"} and len(found.dropped) == 4
    with pytest.raises(InputError, match="twice"):
        what_changed(pd.concat([vintage(), vintage()]), vintage())
