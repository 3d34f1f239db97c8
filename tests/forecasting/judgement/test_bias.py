"""Bias and tracking signal: planted biases are found, unbiased people are left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from workbench.errors import ParameterError
from workbench.forecasting.judgement import bias_tests, tracking
from workbench.forecasting.judgement.bias import sign_test
from workbench.forecasting.judgement.tracking import (
    cumulated_signal,
    smoothed_limit,
    smoothed_signal,
)
from workbench.scenarios import streams


def said(
    biases: dict[str, float],
    *,
    periods: int = 36,
    noise: float = 0.1,
    horizon: int = 1,
    seed: int = 4,
) -> pd.DataFrame:
    rng = streams(seed)["said"]
    months = pd.period_range("2023-01", periods=periods, freq="M")
    parts = []
    for name, bias in biases.items():
        actual = 100 * np.exp(0.2 * rng.standard_normal(periods))
        forecast = actual * np.exp(bias + noise * rng.standard_normal(periods))
        parts.append(pd.DataFrame({
            "series_id": name, "level": "rep", "period": months, "horizon": horizon,
            "stage": "rep", "forecast": forecast, "actual": actual,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_planted_bias_is_found_with_its_size() -> None:
    planted = {"high": 0.15, "low": -0.12, "none": 0.0}
    table = bias_tests(said(planted), by=("series_id",), measure="log").set_index("series_id")
    assert table["verdict"].to_dict() == {"high": "too_high", "low": "too_low", "none": "no_bias"}
    for name, bias in planted.items():
        assert table.loc[name, "low"] - 0.01 <= bias <= table.loc[name, "high"] + 0.01
    assert table.loc["high", "over"] > 0.8 and table.loc["high", "p_sign"] < 0.001
    relative = bias_tests(said(planted), by=("series_id",)).set_index("series_id")
    assert relative.loc["high", "bias"] == pytest.approx(np.expm1(0.15), abs=0.06)


def test_many_unbiased_people_are_left_alone() -> None:
    table = bias_tests(said({f"R{number}": 0.0 for number in range(200)}), by=("series_id",))
    assert (table["verdict"] != "no_bias").sum() <= 2
    assert (table["p_value"] < 0.05).mean() < 0.1


def test_few_periods_and_missing_pairs_are_said() -> None:
    table = bias_tests(said({"R1": 0.5}, periods=7), by=("series_id",))
    assert table["verdict"].tolist() == ["too_few"] and table["bias"].iloc[0] > 0
    rows = said({"R1": 0.5})
    rows.loc[:3, "actual"] = np.nan
    rows.loc[4, "actual"] = 0.0
    assert bias_tests(rows, by=("series_id",), measure="log")["rows_left"].tolist() == [5]
    assert bias_tests(rows, by=("series_id", "horizon"))["rows_left"].tolist() == [4]
    with pytest.raises(ParameterError, match="no measure"):
        bias_tests(rows, measure="mape")  # type: ignore[arg-type]


def test_longer_horizons_test_the_signs_over_time() -> None:
    table = bias_tests(said({"R1": 0.3}, horizon=3), by=("series_id",))
    assert table["p_sign"].iloc[0] < 0.01


@pytest.mark.parametrize(("over", "under"), [(8, 2), (5, 5), (1, 9), (20, 4)])
def test_sign_test_is_the_exact_binomial(over: int, under: int) -> None:
    errors = np.concatenate([np.ones(over), -np.ones(under), np.zeros(3)])
    expected = stats.binomtest(over, over + under).pvalue
    assert sign_test(errors) == pytest.approx(expected, rel=1e-9)
    assert np.isnan(sign_test(np.zeros(3)))


def test_trigg_signal_meets_its_recursion_by_hand() -> None:
    # g = 0.2: E = .2*10=2, .8*2+.2*-5=.6, .48+.2*20=4.48; M = 2, 2.6, 2.08+4=6.08
    found = smoothed_signal([10, -5, 20], smoothing=0.2)
    assert found == pytest.approx([1.0, 0.6 / 2.6, 4.48 / 6.08], rel=1e-12)
    assert smoothed_signal([0, 0], smoothing=0.2).tolist() == [0, 0]


@pytest.mark.parametrize("smoothing", [0.1, 0.2])
def test_trigg_limit_holds_about_as_often_as_it_says(smoothing: float) -> None:
    errors = streams(6)["trigg"].standard_normal((400, 80))
    last = np.array([smoothed_signal(row, smoothing=smoothing)[-1] for row in errors])
    assert 0.93 <= (np.abs(last) <= smoothed_limit(smoothing)).mean() <= 1.0


def test_cumulated_signal_by_hand() -> None:
    signal, counts = cumulated_signal([10, -2, 6, 6], window=3)
    assert counts.tolist() == [1, 2, 3, 3]
    assert signal == pytest.approx([1, 8 / 6, 14 / 6, 10 / (14 / 3)], rel=1e-12)
    always, _ = cumulated_signal(np.full(12, 7.0), window=12)
    assert always[-1] == 12


def test_alarm_for_who_is_always_high_and_seldom_for_others() -> None:
    people = {"high": 0.3, **{f"R{number}": 0.0 for number in range(60)}}
    found = tracking(said(people, periods=24), by=("series_id",))
    latest = found.latest()
    assert latest.iloc[0]["series_id"] == "high" and latest.iloc[0]["alarm"] == "too_high"
    line = found.line(series_id="high")
    assert len(line) == 24 and line["alarm"].iloc[-1] and line["limit"].min() == found.limit
    others = latest[latest["series_id"] != "high"]
    assert (others["alarm"] != "").mean() <= 0.12
    fixed_alone = (others["cumulated"].abs() > found.limit).mean()
    assert fixed_alone > 0.2  # the reason why chance is reckoned with
    assert (found.signals.groupby("series_id")["alarm"].first() == "").all()


def test_tracking_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ParameterError, match="smoothing"):
        tracking(said({"R1": 0.0}), smoothing=1.0)
    with pytest.raises(ParameterError, match="window"):
        tracking(said({"R1": 0.0}), window=3, least=6)
    assert tracking(said({"R1": 0.0}).head(0)).latest().empty
