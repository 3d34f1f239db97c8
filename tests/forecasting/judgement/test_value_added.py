"""The staircase: planted gains and losses come back, steps add up, few periods give no verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.charts import staircase
from workbench.errors import InputError, ParameterError
from workbench.forecasting.judgement import use_naive, value_added
from workbench.scenarios import streams
from workbench.text import Language


def figures(
    errors: dict[str, float], *, series: int = 4, periods: int = 36,
    horizons: tuple[int, ...] = (1,), seed: int = 3, **columns: Any,
) -> pd.DataFrame:  # fmt: skip
    """Stages with errors of these sizes around an actual of about 100."""
    rng = streams(seed)["figures"]
    months = pd.period_range("2023-01", periods=periods, freq="M")
    rows = []
    for place in range(series):
        actual = 100 + 10 * rng.standard_normal(periods)
        for horizon in horizons:
            for stage, size in errors.items():
                said = actual + size * rng.standard_normal(periods)
                rows.append(pd.DataFrame({
                    "series_id": f"S{place}", "level": "region", "period": months,
                    "horizon": horizon, "stage": stage, "forecast": said, "actual": actual,
                    **columns,
                }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


PLANTED = {"naive": 20.0, "statistical": 10.0, "rep": 10.0, "manager": 6.0, "final": 12.0}


def test_each_stage_is_judged_as_planted() -> None:
    steps = value_added(figures(PLANTED, series=12)).steps
    assert steps["stage"].tolist() == list(PLANTED)
    assert steps["verdict"].tolist() == ["first", "better", "no_difference", "better", "worse"]
    assert (steps["verdict_naive"].iloc[1:] == "better").all()
    # mean |error| of a normal is 0.798 of its deviation
    assert steps["error"].to_numpy() == pytest.approx([0.16, 0.08, 0.08, 0.048, 0.096], rel=0.12)


def test_a_stage_that_makes_it_worse_is_named() -> None:
    found = value_added(figures(PLANTED, series=12)).negative()
    assert found["stage"].tolist() == ["final"] and found["against"].tolist() == ["manager"]
    assert found["high"].iloc[0] < 0


def test_a_staircase_is_drawn_from_its_table() -> None:
    result = value_added(figures(PLANTED, series=12))
    table = result.stair(Language("zh"), level="region", horizon=1)
    assert table["label"].tolist() == ["朴素预测", "统计预测", "个人", "经理", "最终"]
    figure = staircase(table, lang=Language("zh"), title="")
    assert [entry.label for entry in figure.key] == ["变好", "变差", "无差异"]
    with pytest.raises(InputError, match="nothing was scored"):
        result.stair(Language("zh"), level="team")


def test_steps_add_up_to_the_gain_on_naive() -> None:
    steps = value_added(figures(PLANTED, horizons=(1, 2))).steps
    for _, group in steps.groupby("horizon"):
        added = group["added"].iloc[1:].cumsum()
        assert np.allclose(added, group["added_naive"].iloc[1:], atol=1e-12)
        assert np.allclose(group["error"].iloc[0] - added, group["error"].iloc[1:], atol=1e-12)


def test_error_is_the_plain_ratio_of_sums() -> None:
    table = figures({"naive": 9.0, "final": 4.0})
    steps = value_added(table).steps.set_index("stage")
    for stage, rows in table.groupby("stage"):
        plain = (rows["forecast"] - rows["actual"]).abs().sum() / rows["actual"].sum()
        assert steps.loc[stage, "error"] == pytest.approx(plain, rel=1e-12)


def test_scaled_measure_counts_series_alike() -> None:
    table = figures({"naive": 9.0, "final": 4.0}, series=2)
    large = table["series_id"] == "S1"
    table["scale"] = np.where(large, 8000.0, 8.0)
    table.loc[large, ["forecast", "actual"]] *= 1000
    steps = value_added(table, measure="scaled").steps.set_index("stage")
    plain = ((table["forecast"] - table["actual"]).abs() / table["scale"]).groupby(table["stage"])
    assert steps.loc["final", "error"] == pytest.approx(plain.mean()["final"], rel=1e-12)


def test_thousandfold_values_give_the_same_shares() -> None:
    table = figures(PLANTED)
    times = table.assign(forecast=table["forecast"] * 1000, actual=table["actual"] * 1000)
    one, other = value_added(table).steps, value_added(times).steps
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


def test_no_value_added_is_found_about_as_often_as_stated() -> None:
    table = figures({"naive": 10.0, "final": 10.0}, series=200, periods=24)
    steps = value_added(table, by=("series_id",)).steps
    found = steps.loc[steps["stage"] == "final", "verdict"]
    assert len(found) == 200 and (found != "no_difference").sum() <= 18  # 99% of draws at 5%


def test_few_periods_give_no_verdict() -> None:
    steps = value_added(figures(PLANTED, periods=7)).steps
    assert set(steps["verdict"].iloc[1:]) == {"too_few"} and steps["low"].isna().all()
    assert steps["error"].notna().all()
    far = value_added(figures(PLANTED, periods=20, horizons=(6,))).steps
    assert set(far["verdict"].iloc[1:]) == {"too_few"}


def test_only_rows_with_all_stages_are_scored_and_the_rest_is_counted() -> None:
    table = figures({"naive": 9.0, "final": 4.0})
    table.loc[(table["stage"] == "final") & (table["series_id"] == "S0"), "forecast"] = np.nan
    table.loc[table["series_id"] == "S1", "actual"] = np.nan
    steps = value_added(table).steps
    assert (steps["series"] == 2).all() and (steps["rows_left"] == 72).all()


def test_stages_that_a_level_has_not_are_no_steps() -> None:
    table = figures({"naive": 9.0, "final": 4.0})
    regions = table.assign(level="region")
    company = table[table["stage"] == "final"].assign(level="company", series_id="all")
    company = company.drop_duplicates(["period"])
    steps = value_added(pd.concat([regions, company])).steps
    assert steps.groupby("level")["stage"].apply(list).to_dict() == {
        "company": ["final"], "region": ["naive", "final"],
    }  # fmt: skip
    assert value_added(table.head(0)).steps.empty


def test_bad_figures_are_named() -> None:
    table = figures({"naive": 9.0})
    with pytest.raises(InputError, match="there twice"):
        value_added(pd.concat([table, table.head(1)]))
    with pytest.raises(InputError, match="lack the column actual"):
        value_added(table.drop(columns="actual"))
    with pytest.raises(ParameterError, match="no measure"):
        value_added(table, measure="mape")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="cannot hold"):
        value_added(table, share=1.0)


def mixed_nodes() -> pd.DataFrame:
    good = figures({"naive": 12.0, "final": 4.0}, series=20)
    bad = figures({"naive": 4.0, "final": 12.0}, series=3, seed=8)
    bad["series_id"] = "B" + bad["series_id"]
    return pd.concat([good, bad], ignore_index=True)


def test_gate_offers_the_nodes_where_naive_is_better() -> None:
    gate = use_naive(mixed_nodes())
    assert sorted(gate.offered()["series_id"]) == ["BS0", "BS1", "BS2"]
    assert (gate.offered()["low"] > 0).all()
    assert len(gate.tested) == 23 and gate.tested["enough"].all()


def test_gate_is_shut_without_a_difference_and_with_few_periods() -> None:
    same = use_naive(figures({"naive": 10.0, "final": 10.0}, series=200, periods=24))
    assert len(same.offered()) <= 1
    short = use_naive(figures({"naive": 1.0, "final": 30.0}, periods=6))
    assert short.offered().empty and not short.tested["enough"].any()
    assert use_naive(figures({"final": 1.0})).tested.empty
    with pytest.raises(ParameterError, match="compared with itself"):
        use_naive(mixed_nodes(), used="naive")


def test_nodes_where_naive_is_clearly_worse_make_no_room_for_chance() -> None:
    clear = figures({"naive": 40.0, "final": 4.0}, series=150)
    same = figures({"naive": 10.0, "final": 10.0}, series=100, seed=9)
    same["series_id"] = "E" + same["series_id"]
    assert len(use_naive(pd.concat([clear, same], ignore_index=True)).offered()) <= 1
