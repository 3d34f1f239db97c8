"""One call: any series gets a finite forecast, units and names do not matter, nodes add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError, ParameterError
from workbench.forecasting import Forecast, backtest, engine, forecast
from workbench.forecasting.hierarchy.locks import Lock
from workbench.scenarios import streams
from workbench.text import Language

MONTHS = pd.period_range("2021-01", periods=60, freq="M").astype(str).to_numpy()
QUARTERS = [f"{2012 + n // 4}Q{n % 4 + 1}" for n in range(48)]
SEASON = np.array([75, 45, 95, 80, 80, 100, 70, 70, 95, 75, 85, 130]) / 83.3


def long(rows: dict[str, np.ndarray], periods: Any) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame({"series_id": name, "period": periods[-len(row) :], "value": row})
        for name, row in rows.items()
    )


def sales(count: int = 24, length: int = 60, seed: int = 3) -> pd.DataFrame:
    """Seasonal series that grow at different rates with noise in proportion."""
    generator = streams(seed)["sales"]
    rows = {}
    for number in range(count):
        level = 100 * np.exp(
            generator.normal(0, 1) + generator.normal(0.003, 0.004) * np.arange(60)
        )
        noise = np.exp(0.08 * generator.standard_normal(60))
        rows[f"S{number:02d}"] = (level * SEASON[np.arange(60) % 12] * noise)[-length:]
    return long(rows, MONTHS)


@pytest.fixture(scope="module")
def made() -> Forecast:
    return forecast(sales(), horizon=12)


def test_table_has_a_row_a_series_and_period(made: Forecast) -> None:
    table = made.table()
    assert list(table.columns) == [
        "series_id", "period", "mean", "lo80", "hi80", "lo95", "hi95", "model",
    ]  # fmt: skip
    assert len(table) == 24 * 12
    assert table["period"].iloc[0] == "2026-01"
    inside = (table["lo95"] <= table["lo80"]) & (table["lo80"] <= table["mean"])
    assert (inside & (table["mean"] <= table["hi80"]) & (table["hi80"] <= table["hi95"])).all()


def test_the_season_comes_back(made: Forecast) -> None:
    means = made.points.sum(axis=0)
    assert np.corrcoef(means / means.mean(), SEASON)[0, 1] > 0.97


@pytest.mark.parametrize(
    ("effort", "sample"), [("default", 500), ("default", 10), ("thorough", 1000)]
)
def test_naming_order_and_unit_do_not_matter(
    effort: str, sample: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where evidence comes from a sample of the series, and with a model across series."""
    monkeypatch.setitem(engine.SAMPLE, effort, sample)
    table = sales()
    names = sorted(table["series_id"].unique())
    other = dict(zip(names, streams(9)["names"].permutation(names), strict=True))
    renamed = table.assign(series_id=table["series_id"].map(other), value=table["value"] * 1000)
    shuffled = renamed.sample(frac=1, random_state=4)
    again = forecast(shuffled, horizon=12, effort=effort).table()
    back = {new: old for old, new in other.items()}
    again = again.assign(series_id=again["series_id"].map(back))
    here = forecast(table, horizon=12, effort=effort)
    merged = here.table().merge(again, on=["series_id", "period"], suffixes=("", "_again"))
    assert len(merged) == 24 * 12
    assert not here.weights().query("model == 'boost' and scaled_error != scaled_error").size
    for column in ("mean", "lo80", "hi95"):
        np.testing.assert_allclose(merged[f"{column}_again"], 1000 * merged[column], rtol=1e-6)


def test_the_same_call_gives_the_same_bits(made: Forecast) -> None:
    pd.testing.assert_frame_equal(forecast(sales(), horizon=12).table(), made.table(), rtol=0)


def test_any_series_gets_a_finite_forecast() -> None:
    generator = streams(3)["odd"]
    rows = {
        "one": np.array([5.0]),
        "two": np.array([5.0, 7.0]),
        "three": np.array([5.0, 7.0, 6.0]),
        "constant": np.full(40, 8.0),
        "zero": np.zeros(40),
        "negative": generator.normal(-5, 3, 60),
        "mixed": generator.normal(0, 3, 60),
        "pauses": (generator.random(60) < 0.3) * 4.0,
        "one_sale": np.r_[np.zeros(59), 1.0],
        "huge": 1e12 * np.exp(0.1 * generator.standard_normal(60)),
        "tiny": 1e-9 * np.exp(0.1 * generator.standard_normal(60)),
        "jump": np.r_[np.full(30, 1.0), np.full(30, 1000.0)],
        "short_season": SEASON[:9] * 10,
    }
    made = forecast(long(rows, MONTHS), horizon=18)
    table = made.table()
    assert sorted(table["series_id"].unique()) == sorted(rows)
    assert np.isfinite(table[["mean", "lo80", "hi80", "lo95", "hi95"]].to_numpy()).all()
    means = table.groupby("series_id")["mean"].mean()
    assert means["constant"] == pytest.approx(8.0, rel=1e-3)
    assert means["zero"] == 0.0
    assert means["negative"] < 0
    assert 0 < means["pauses"] < 4
    assert (table.loc[table["series_id"] != "negative", "mean"].groupby(table["series_id"]).min()
            .drop("mixed") >= 0).all()  # fmt: skip


def test_draws_say_what_the_intervals_say(made: Forecast) -> None:
    draws = made.draws(4000)
    assert draws.dims == ("draw", "period", "series_id")
    low, high = made.interval(80)
    inside = (draws.values >= low.T) & (draws.values <= high.T)
    assert inside.mean() == pytest.approx(0.80, abs=0.02)
    np.testing.assert_array_equal(made.draws(50).values, made.draws(50).values)


def test_draws_take_periods_in_any_form() -> None:
    table = sales(count=3)
    table["period"] = pd.PeriodIndex(table["period"], freq="M")
    made = forecast(table, horizon=3)
    assert made.table()["period"].iloc[0] == pd.Period("2026-01", "M")
    assert made.draws(10)["period"].values.tolist() == ["2026-01", "2026-02", "2026-03"]


def test_draws_need_a_common_end() -> None:
    rows = {"a": SEASON.repeat(5), "b": SEASON.repeat(4)}
    table = pd.concat([long({"a": rows["a"]}, MONTHS), long({"b": rows["b"]}, MONTHS[:50])])
    with pytest.raises(ParameterError, match="end in different periods"):
        forecast(table, horizon=3).draws(10)


KEYS = pd.DataFrame(
    {
        "series_id": [f"S{n:02d}" for n in range(24)],
        "region": np.repeat(["East", "South", "North"], 8),
        "line": np.tile(["Equipment", "Service"], 12),
    }
)


@pytest.fixture(scope="module")
def tree() -> Forecast:
    return forecast(sales(), horizon=6, hierarchy=KEYS)


def test_nodes_add_up_in_mean_and_draws(tree: Forecast) -> None:
    assert tree.reconciled is not None
    found = tree.reconciled.hierarchy
    bottom = tree.points[found.above :]
    np.testing.assert_allclose(found.summing @ bottom, tree.points, rtol=1e-9)
    draws = np.moveaxis(tree.draws(200).values, 2, 1)
    sums = found.aggregate(draws[:, found.above :])
    assert np.abs(sums - draws).max() <= 1e-9 * np.abs(draws).max()


def test_a_lock_holds_in_mean_and_draws_and_the_rest_moves(tree: Forecast) -> None:
    before = tree.table().query("series_id == 'East'")["mean"].sum()
    locked = forecast(sales(), horizon=6, hierarchy=KEYS, locks=[Lock("East", 1.1 * before)])
    assert locked.table().query("series_id == 'East'")["mean"].sum() == pytest.approx(1.1 * before)
    east = locked.draws(50).sel(series_id="East").sum("period").values
    np.testing.assert_allclose(east, 1.1 * before, rtol=1e-9)
    assert locked.points[0].sum() > tree.points[0].sum()


def test_sums_spread_as_wide_as_their_own_intervals(tree: Forecast) -> None:
    draws = tree.draws(3000)
    low, high = tree.interval(80)
    for node in ("Total", "East", "Service"):
        place = list(tree.panel.ids).index(node)
        values = draws.sel(series_id=node).values
        width = np.quantile(values, 0.9, axis=0) - np.quantile(values, 0.1, axis=0)
        assert width.mean() == pytest.approx((high - low)[place].mean(), rel=0.35)


def test_a_series_that_ended_counts_as_zero_and_is_noted() -> None:
    table = sales()
    ended = table[~((table["series_id"] == "S03") & (table["period"] > "2025-06"))]
    made = forecast(ended, horizon=3, hierarchy=KEYS)
    noted = made.panel.repairs
    assert noted["series_id"].tolist() == ["S03"]
    assert noted["count"].tolist() == [6]


def test_keys_and_values_must_be_of_the_same_series() -> None:
    with pytest.raises(InputError, match="panel and hierarchy differ") as caught:
        forecast(sales(), horizon=3, hierarchy=KEYS.iloc[1:])
    assert "S00" in (caught.value.where or "")


def test_known_prices_move_the_forecast() -> None:
    generator = streams(8)["prices"]
    rows, prices = [], []
    for number in range(20):
        price = np.where(generator.random(66) < 0.2, -0.3, 0.0)
        units = np.exp(4 - 2.0 * price[:60] + 0.1 * generator.standard_normal(60))
        rows.append(pd.DataFrame({"series_id": f"P{number}", "period": range(60), "value": units}))
        prices.append(
            pd.DataFrame({"series_id": f"P{number}", "period": range(66), "price": price})
        )
    known = pd.concat(prices)
    with_price = forecast(pd.concat(rows), horizon=6, regressors=known)
    assert with_price.effects is not None
    assert bool(with_price.effects.families["kept"].all())
    low = known[known["period"] >= 60]["price"].to_numpy() < 0
    mean = with_price.table()["mean"].to_numpy()
    # the table is sorted by name, the prices are not: bring them together by key
    table = with_price.table().merge(known, on=["series_id", "period"])
    ratio = (
        table.loc[table["price"] < 0, "mean"].mean() / table.loc[table["price"] == 0, "mean"].mean()
    )
    assert low.any() and np.isfinite(mean).all()
    assert ratio == pytest.approx(np.exp(0.6), rel=0.1)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"horizon": 0}, "horizon of 0"),
        ({"horizon": 1000}, "horizon of 1000"),
        ({"horizon": 1.5}, "horizon of 1.5"),
        ({"horizon": "12"}, "horizon of 12"),
        ({"levels": (80, 100)}, "interval of 100 percent"),
        ({"levels": 80}, "levels are several numbers"),
        ({"season": 0}, "no 0 periods"),
        ({"locks": [Lock("East", 1.0)]}, "need a hierarchy"),
        ({"method": "ols"}, "need a hierarchy"),
        ({"hierarchy": KEYS, "locks": [Lock("East", "x")]}, "a lock cannot be kept"),  # type: ignore[arg-type]
        ({"effort": "heroic"}, "no effort 'heroic'"),
        ({"regressors": "weather"}, "no regressors 'weather'"),
        ({"hierarchy": KEYS, "method": "magic"}, "no method 'magic'"),
    ],
)
def test_a_wrong_argument_is_one_error(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ParameterError, match=says) as caught:
        forecast(sales(), **{"horizon": 3, **wrong})
    assert caught.value.do


def test_a_series_without_values_does_not_stop_a_hierarchy() -> None:
    empty = sales(count=24).assign(value=lambda t: t["value"].where(t["series_id"] != "S03"))
    made = forecast(empty, horizon=3, hierarchy=KEYS)
    assert made.panel.refused["series_id"].tolist() == ["S03"]
    found = made.reconciled
    assert found is not None and "S03" not in found.hierarchy.series
    np.testing.assert_allclose(found.hierarchy.aggregate(made.points[-23:]), made.points)


def test_a_node_locked_in_a_period_has_no_range_there() -> None:
    made = forecast(sales(), horizon=3, hierarchy=KEYS, locks=[Lock("East", 500.0, (1,))])
    east = made.table().query("series_id == 'East'")
    assert east[["mean", "lo80", "hi80", "lo95", "hi95"]].iloc[1].tolist() == pytest.approx(
        [500.0] * 5
    )
    assert (east["hi80"] > east["lo80"]).tolist() == [True, False, True]


def test_closed_days_stay_closed() -> None:
    days = pd.bdate_range("2024-01-01", periods=150)
    values = 100 + 10 * streams(5)["days"].standard_normal(150)
    long = pd.DataFrame({"series_id": "a", "period": days, "value": values})
    made = forecast(long, horizon=14)
    table = made.table().assign(day=lambda t: pd.to_datetime(t["period"]).dt.day_of_week)
    assert set(table["model"]) == {"combination"}
    assert table.loc[table["day"] < 5, "mean"].between(90, 110).all()
    assert table.loc[table["day"] >= 5, "mean"].max() < 10


def test_a_panel_without_any_value_has_rows_that_say_why() -> None:
    empty = sales(count=2).assign(value=np.nan)
    made = forecast(empty, horizon=3)
    assert made.table().empty and made.weights().empty
    assert set(made.panel.refused["reason"]) == {"no value at all"}
    with pytest.raises(ParameterError, match="no series to draw"):
        made.draws(10)
    with pytest.raises(InputError, match="no series has"):
        backtest(empty, horizon=3)


def test_a_leaderboard_of_short_histories_is_sorted_too() -> None:
    board = backtest(sales(count=4, length=24), horizon=12, origins=1).table()
    assert board["MASE"].isna().all()
    assert board["sMAPE"].is_monotonic_increasing


def test_backtest_ranks_the_naive_behind() -> None:
    table = backtest(sales(), horizon=6, origins=3).table().set_index("model")
    assert {"naive", "seasonal_naive", "naive2", "combination"} <= set(table.index)
    assert table.loc["naive2", "OWA"] == pytest.approx(1.0)
    assert table.loc["combination", "OWA"] < 0.95
    assert 0.7 < table.loc["combination", "cov80"] < 0.95
    assert table.loc["combination", "series"] == 24


def test_backtest_asks_for_longer_series() -> None:
    with pytest.raises(InputError, match="no series has"):
        backtest(sales(length=8), horizon=6)


WEEKS = [f"{2020 + n // 52}-W{n % 52 + 1:02d}" for n in range(156)]
DAYS = pd.date_range("2025-01-01", periods=120)


@pytest.mark.parametrize(
    ("periods", "season", "first"),
    [
        (MONTHS, 12, "2026-01"),
        (QUARTERS, 4, "2024Q1"),
        ([str(1980 + n) for n in range(48)], 1, "2028"),
        (WEEKS, 52, "2023-W01"),
        (DAYS, 7, pd.Timestamp("2025-05-01")),
    ],
)
def test_every_frequency(periods: Any, season: int, first: object) -> None:
    time = np.arange(len(periods))
    wave = 10 * np.sin(2 * np.pi * time / max(season, 2)) if season > 1 else 0.0
    generator = streams(3)[f"season/{season}"]
    values = {
        f"q{n}": 50 + 0.1 * time + wave + generator.standard_normal(len(time)) for n in range(4)
    }
    made = forecast(long(values, periods), horizon=4)
    assert made.panel.batch.season == season
    table = made.table()
    assert table["period"].iloc[0] == first
    expected = 50 + 0.1 * (len(time) + np.arange(4))
    if season > 1:
        expected = expected + 10 * np.sin(2 * np.pi * (len(time) + np.arange(4)) / season)
    assert np.abs(made.points - expected).max() < 6
    assert (table["lo95"] < table["hi95"]).all()


def test_ranges_hold_as_often_as_they_say_after_calm_times() -> None:
    """Noise has halved two years before the end, and stays so: ranges follow."""
    generator = streams(3)["calm"]
    noise = generator.standard_normal((200, 84)) * np.where(np.arange(84) < 48, 0.2, 0.1)
    values = 100 * SEASON[np.arange(84) % 12] * np.exp(noise)
    months = pd.period_range("2019-01", periods=84, freq="M").astype(str).to_numpy()
    rows = {f"S{n:03d}": row[:72] for n, row in enumerate(values)}
    made = forecast(long(rows, months[:72]), horizon=12)
    for level in (80, 95):
        low, high = made.interval(level)
        inside = 100 * ((low <= values[:, 72:]) & (values[:, 72:] <= high)).mean()
        assert inside == pytest.approx(level, abs=4)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_picture_says_what_is_expected(tree: Forecast, code: str) -> None:
    figure = tree.plot("East", lang=Language(code))
    expected = tree.table().query("series_id == 'East'")["mean"].iloc[-1]
    assert f"{expected:,.0f}" in figure.title
    assert "<svg" in tree._repr_html_()
    with pytest.raises(ParameterError, match="no series 'Eas'") as caught:
        tree.plot("Eas")
    assert "East" in (caught.value.do or "")
