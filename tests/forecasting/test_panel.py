"""A long table becomes a panel: any form of period, gaps noted, faults named by series and rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.forecasting.panel import read_panel


def table(values: dict[str, list[float]], periods: list[object]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"series_id": name, "period": period, "value": value}
            for name, row in values.items()
            for period, value in zip(periods, row, strict=False)
        ]
    )


@pytest.mark.parametrize(
    ("periods", "kind", "season", "after"),
    [
        (["2025-11", "2025-12", "2026-01"], "month", 12, "2026-02"),
        (["2025/11", "2025/12", "2026/1"], "month", 12, "2026-02"),
        (["2025年11月", "2025年12月", "2026年1月"], "month", 12, "2026-02"),
        (["2025Q3", "2025Q4", "2026Q1"], "quarter", 4, "2026Q2"),
        (["2025年第三季度", "2025年四季度", "2026年一季度"], "quarter", 4, "2026Q2"),
        (["1999-W51", "1999-W52", "2000-W01"], "week", 52, "2000-W02"),
        (["2020-W52", "2020-W53", "2021-W01"], "week", 52, "2021-W02"),
        (["2023", "2024", "2025"], "year", 1, "2026"),
        (["0001", "0002", "0003"], "year", 1, "0004"),
        (["FY2023", "2024财年", "2025年度"], "year", 1, "2026"),
        ([2023, 2024, 2025], "year", 1, 2026),
        ([40, 41, 42], "count", 1, 43),
        (pd.period_range("2025-11", periods=3, freq="M").tolist(), "month", 12, "2026-02"),
        (pd.date_range("2025-11-01", periods=3, freq="MS").tolist(), "month", 12, "2026-02-01"),
        (pd.date_range("2025-11-30", periods=3, freq="ME").tolist(), "month", 12, "2026-02-28"),
        (pd.date_range("2025-01-01", periods=3, freq="QS").tolist(), "quarter", 4, "2025-10-01"),
        (["2025-12-30", "2025-12-31", "2026-01-01"], "day", 7, "2026-01-02"),
        (["2025-12-29", "2026-01-05", "2026-01-12"], "week", 52, "2026-01-19"),
    ],
)
def test_periods_are_read_and_written_in_the_form_they_came(
    periods: list[object], kind: str, season: int, after: object
) -> None:
    panel = read_panel(table({"a": [1.0, 2.0, 3.0]}, periods))
    assert (panel.calendar.kind, panel.calendar.season) == (kind, season)
    assert len(panel.batch.values) == 3
    written = panel.labels(panel.future(1))[0]
    assert str(written) == str(pd.Timestamp(str(after)) if kind_of_date(written) else after)


def kind_of_date(written: object) -> bool:
    return isinstance(written, pd.Timestamp)


def test_weeks_follow_the_calendar_until_a_53rd_one_was_passed_over() -> None:
    weeks = [f"2020-W{week:02d}" for week in range(49, 53)]
    panel = read_panel(table({"a": [1.0] * 4}, list(weeks)))
    assert panel.labels(panel.future(2))[:2].tolist() == ["2020-W53", "2021-W01"]
    panel = read_panel(table({"a": [1.0] * 5}, [*weeks, "2021-W01"]))
    assert panel.repairs.empty  # years of 52 weeks
    with pytest.raises(InputError, match="'2021-W53' is no period"):
        read_panel(table({"a": [1.0]}, ["2021-W53"]))


@given(st.permutations(range(24)))
def test_rows_come_in_any_order(order: list[int]) -> None:
    long = table(
        {"b": [float(n) for n in range(12)], "a": [float(-n) for n in range(12)]},
        [f"2025-{month:02d}" for month in range(1, 13)],
    )
    panel = read_panel(long.iloc[order])
    assert panel.ids.tolist() == ["a", "b"]
    assert panel.batch.series(1).tolist() == [float(n) for n in range(12)]


def test_series_start_and_end_where_they_do() -> None:
    long = pd.concat(
        [table({"a": [1, 2, 3]}, ["2025-01", "2025-02", "2025-03"]), table({"b": [9]}, ["2025-05"])]
    )
    panel = read_panel(long)
    assert panel.batch.lengths.tolist() == [3, 1]
    assert [panel.calendar.text(one) for one in panel.last] == ["2025-03", "2025-05"]
    assert panel.long()["period"].tolist() == ["2025-01", "2025-02", "2025-03", "2025-05"]


def test_a_gap_is_filled_and_noted() -> None:
    panel = read_panel(table({"a": [1.0, 3.0, 4.0]}, ["2025-01", "2025-03", "2025-04"]))
    assert panel.batch.values.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert panel.repairs["series_id"].tolist() == ["a"]
    assert panel.repairs["count"].tolist() == [1]


def test_weekdays_that_no_week_has_are_closed_and_other_gaps_are_filled() -> None:
    days = pd.bdate_range("2025-01-06", periods=20)
    long = table({"a": [5.0] * 20}, days.astype(str).tolist()).drop(index=7)
    panel = read_panel(long)
    assert panel.batch.values[:7].tolist() == [5, 5, 5, 5, 5, 0, 0]
    assert panel.batch.values[9] == pytest.approx(5, abs=0.1)  # the Wednesday that lacked
    assert panel.repairs.set_index("rule")["count"].to_dict() == {
        "weekdays without any value counted as zero": 6,
        "missing periods filled from their neighbours and last year's shape": 1,
    }


def test_a_gap_in_a_season_takes_its_shape() -> None:
    season = np.tile([10.0, 20.0, 30.0, 40.0], 5)
    periods = [f"{2020 + n // 4}Q{n % 4 + 1}" for n in range(20)]
    whole = table({"a": season.tolist()}, periods)
    panel = read_panel(whole.drop(index=11))
    assert panel.batch.values[11] == pytest.approx(40.0, abs=2.5)


def test_what_cannot_be_forecast_is_refused_by_name_and_the_rest_stands() -> None:
    periods = [f"2025-{month:02d}" for month in range(1, 13)]
    long = table({"good": [1.0] * 12, "empty": [np.nan] * 12}, periods)
    sparse = table({"sparse": [1.0, 1.0]}, ["2025-01", "2025-12"])
    panel = read_panel(pd.concat([long, sparse]))
    assert panel.ids.tolist() == ["good"]
    assert set(panel.refused["series_id"]) == {"empty", "sparse"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.rename(columns={"value": "sales"}), "lacks value"),
        (lambda t: t.iloc[:0], "no rows"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "two values of one period"),
        (lambda t: t.assign(value=["1", "x", "3", "4"]), "not a number: 'x'"),
        (lambda t: t.assign(value=[1, np.inf, 3, 4]), "infinite"),
        (lambda t: t.assign(period=["2025-01", "2025Q1", "2025-03", "2025-04"]), "mixed"),
        (lambda t: t.assign(period=["2025-01", "spring", "2025-03", "2025-04"]), "'spring'"),
        (lambda t: t.assign(period=["2025-01", None, "2025-03", "2025-04"]), "period is empty"),
        (lambda t: t.assign(series_id=["a", None, "a", "a"]), "names no series"),
    ],
)
def test_a_fault_of_the_table_is_one_error(change: object, says: str) -> None:
    good = table({"a": [1.0, 2.0, 3.0, 4.0]}, ["2025-01", "2025-02", "2025-03", "2025-04"])
    with pytest.raises(InputError, match=says) as caught:
        read_panel(change(good))  # type: ignore[operator]
    assert caught.value.do


def test_a_quarterly_series_among_months_is_named() -> None:
    months = [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(24)]
    long = pd.concat([table({"m": [1.0] * 24}, months), table({"q": [3.0] * 8}, months[::3])])
    with pytest.raises(InputError, match="only every few") as caught:
        read_panel(long)
    assert caught.value.where == "series q"


def test_another_season_is_taken_as_given() -> None:
    weeks = [*range(40, 60)]
    assert read_panel(table({"a": [1.0] * 20}, weeks), season=52).batch.season == 52
