"""The calendar's columns: shares of the New Year, working days, festivals, flags."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.calendars import WorkingCalendar, announced_years, chinese_new_year
from workbench.errors import InputError
from workbench.forecasting.regressors import calendar_design
from workbench.forecasting.regressors.weekdays import daily_working
from workbench.text import Language


def _column(periods: pd.PeriodIndex, name: str) -> np.ndarray:
    design = calendar_design(periods)
    return design.matrix[:, [column.name for column in design.columns].index(name)]


def _share_by_day(period: pd.Period, opens: int, closes: int) -> float:
    """Share of the New Year's window in a period, counted day by day."""
    days = [
        chinese_new_year(year) + pd.Timedelta(days=offset)
        for year in (period.year - 1, period.year, period.year + 1)
        for offset in range(opens, closes)
    ]
    inside = sum(period.start_time.date() <= day <= period.end_time.date() for day in days)
    return inside / (closes - opens)


@pytest.mark.parametrize(
    ("name", "opens", "closes"),
    [
        ("new_year_before_7", -7, 0),
        ("new_year_before_20", -20, 0),
        ("new_year_during_7", 0, 7),
        ("new_year_after_15", 7, 22),
        ("new_year_after_23", 7, 30),
    ],
)
def test_monthly_shares_are_counted_days_less_the_months_mean(
    name: str, opens: int, closes: int
) -> None:
    months = pd.period_range("2001-01", "2006-12", freq="M")
    every = pd.period_range("1981-01", "2049-12", freq="M")
    slow = pd.Series([_share_by_day(month, opens, closes) for month in every], index=every)
    centred = slow - slow.groupby(every.month).transform("mean")
    np.testing.assert_allclose(_column(months, name), centred[months], atol=1e-12)


def test_the_new_year_of_2004_falls_into_january() -> None:
    # 22 January 2004; in 2002 it was 12 February.
    months = pd.period_range("2002-01", "2004-12", freq="M")
    during = pd.Series(_column(months, "new_year_during_7"), index=months)
    assert during["2004-01"] - during["2002-01"] == pytest.approx(1.0)
    assert during["2004-02"] - during["2002-02"] == pytest.approx(-1.0)


def test_quarters_have_no_new_year_because_it_never_leaves_the_first() -> None:
    design = calendar_design(pd.period_range("2010Q1", "2020Q4", freq="Q"))
    assert [column.family for column in design.columns] == ["working_days"]


def test_monthly_working_days_follow_the_official_list() -> None:
    months = pd.period_range("2023-01", "2024-12", freq="M")
    found = pd.Series(_column(months, "working_days"), index=months)
    counts = {
        month: WorkingCalendar().working_days(month.start_time.date(), month.end_time.date())
        for month in (pd.Period("2023-10", "M"), pd.Period("2024-10", "M"))
    }
    ratio = np.log(counts[pd.Period("2024-10", "M")] / counts[pd.Period("2023-10", "M")])
    assert found["2024-10"] - found["2023-10"] == pytest.approx(ratio, abs=1e-12)


def test_days_mark_festivals_days_off_and_weekends_worked() -> None:
    days = pd.period_range("2024-10-01", "2024-11-15", freq="D")
    design = calendar_design(days)
    table = pd.DataFrame(design.matrix, index=days, columns=[c.name for c in design.columns])
    assert table.loc["2024-10-02", "days_off"] == 1  # Wednesday of the holiday
    assert table.loc["2024-10-12", "in_lieu"] == 1  # Saturday worked
    assert table["shopping_1111"].sum() == 11
    assert table["national_day"].sum() == 7


def test_the_last_working_days_of_a_quarter_are_ten() -> None:
    days = pd.period_range("2024-07-01", "2024-12-31", freq="D")
    marked = pd.Series(_column(days, "quarter_end"), index=days)
    assert marked[:"2024-09-30"].sum() == 10
    assert marked["2024-09-30"] == 1
    weeks = pd.period_range("2024-07-01", "2024-12-29", freq="W")
    assert _column(weeks, "quarter_end").max() == pytest.approx(1.0, abs=0.21)


def test_fiscal_months_are_given_by_both_ends() -> None:
    starts = pd.date_range("2020-01-01", periods=37, freq="MS") + pd.Timedelta(days=25)
    design = calendar_design(starts[:-1], starts[1:] - pd.Timedelta(days=1))
    assert "new_year_during_7" in [column.name for column in design.columns]
    assert np.isfinite(design.matrix).all()


def test_years_without_notice_are_flagged_and_said() -> None:
    last = max(announced_years())
    months = pd.period_range(f"{last}-01", f"{last + 1}-12", freq="M")
    design = calendar_design(months)
    assert set(design.flags["year"]) == {last + 1}
    assert set(design.flags["reason"]) == {"expected"}
    assert design.flags["place"].tolist() == list(range(12, 24))
    (note,) = design.notes(Language("en"))
    assert str(last + 1) in note
    assert "尚未公布" in design.notes(Language("zh"))[0]
    earlier = calendar_design(pd.period_range("2001-01", "2001-12", freq="M"))
    assert set(earlier.flags["reason"]) == {"by_law"}


def test_before_2008_the_law_of_the_time_holds() -> None:
    first, worked = daily_working(WorkingCalendar())
    off = [
        str(first + int(place))
        for place in np.flatnonzero(~worked)
        if np.is_busday(first + int(place)) and (first + int(place)).astype(object).year == 2003
    ]
    # 1 January; New Year on Saturday 1 February, so three days from the Monday; May; October.
    assert off == [
        "2003-01-01",
        *("2003-02-03", "2003-02-04", "2003-02-05"),
        *("2003-05-01", "2003-05-02", "2003-05-05"),
        *("2003-10-01", "2003-10-02", "2003-10-03"),
    ]
    assert worked[int((np.datetime64(date(2024, 2, 4)) - first).astype(int))]


@settings(max_examples=8, deadline=None)
@given(st.integers(1981, 2040), st.integers(1, 12), st.integers(13, 60))
def test_monthly_columns_of_a_year_do_not_depend_on_the_stretch_asked_for(
    year: int, month: int, length: int
) -> None:
    months = pd.period_range(f"{year}-{month:02d}", periods=length, freq="M")
    whole = calendar_design(months).matrix
    part = calendar_design(months[:13]).matrix
    np.testing.assert_allclose(whole[:13], part, atol=1e-12)


def test_dates_outside_the_tables_and_mixed_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="1981 to 2049"):
        calendar_design(pd.period_range("1970-01", "1971-12", freq="M"))
    with pytest.raises(InputError, match="different length"):
        calendar_design(["2020-01-01", "2020-02-01"], ["2020-01-31", "2020-04-30"])
    with pytest.raises(InputError, match="last days"):
        calendar_design(["2020-01-01"])
