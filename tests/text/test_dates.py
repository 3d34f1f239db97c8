"""Dates: days, months and periods in both languages."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 7, 31),
        datetime(2026, 7, 31, 23, 59),
        "2026-07-31",
        "2026-07-31T08:00:00",
        np.datetime64("2026-07-31T12:00"),
        pd.Timestamp("2026-07-31 12:00"),
        pd.Period("2026-07-31", freq="D"),
        datetime(2026, 7, 30, 16, 30, tzinfo=UTC),  # past midnight in Shanghai
    ],
)
def test_a_day_of_any_kind(day):
    assert EN.date(day) == ZH.date(day) == "2026-07-31"
    assert (ZH.date(day, style="long"), EN.date(day, style="long")) == (
        "2026年7月31日",
        "31 July 2026",
    )
    assert (ZH.date(day, style="short"), EN.date(day, style="short")) == ("7月31日", "31 Jul")


@pytest.mark.parametrize("missing", [None, pd.NaT, np.datetime64("NaT"), pd.NA, float("nan")])
def test_a_missing_day_is_a_dash(missing):
    assert ZH.date(missing) == ZH.period(missing, "2026-01-01") == "–"


@pytest.mark.parametrize("value", ["soon", 20260731, "2026-13-01", object()])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(InputError, match="not a date"):
        EN.date(value)


@pytest.mark.parametrize(
    "month",
    [7, "2026-07", (2026, 7), date(2026, 7, 15), pd.Period("2026-07"), np.datetime64("2026-07")],
)
def test_a_month_of_any_kind(month):
    assert (ZH.month(month), EN.month(month), EN.month(month, long=True)) == ("7月", "Jul", "July")
    with_year = ("7月", "Jul") if month == 7 else ("2026年7月", "Jul 2026")
    assert (ZH.month(month, year=True), EN.month(month, year=True)) == with_year


@pytest.mark.parametrize("month", [0, 13, "2026-13"])
def test_there_are_twelve_months(month):
    with pytest.raises(InputError, match="not a month"):
        EN.month(month)


@pytest.mark.parametrize(
    ("start", "end", "zh", "en"),
    [
        ("2026-01-01", "2026-07-31", "2026年1–7月", "Jan–Jul 2026"),
        ("2026-01-01", "2026-02-28", "2026年1–2月", "Jan–Feb 2026"),
        ("2024-02-01", "2024-02-29", "2024年2月", "Feb 2024"),
        ("2026-01-01", "2026-03-31", "2026年一季度", "Q1 2026"),
        ("2026-02-01", "2026-04-30", "2026年2–4月", "Feb–Apr 2026"),
        ("2026-01-01", "2026-12-31", "2026年", "2026"),
        ("2024-01-01", "2026-12-31", "2024–2026年", "2024–2026"),
        ("2025-08-01", "2026-07-31", "2025年8月–2026年7月", "Aug 2025–Jul 2026"),
        ("2026-07-03", "2026-07-15", "2026年7月3–15日", "3–15 Jul 2026"),
        ("2026-06-26", "2026-07-25", "2026年6月26日–7月25日", "26 Jun–25 Jul 2026"),
        ("2025-12-26", "2026-01-25", "2025年12月26日–2026年1月25日", "26 Dec 2025–25 Jan 2026"),
        ("2026-07-03", "2026-07-03", "2026年7月3日", "3 Jul 2026"),
    ],
)
def test_a_period_is_named_by_the_largest_unit_that_fits(start, end, zh, en):
    assert ZH.period(start, end) == zh
    assert EN.period(start, end) == en


def test_periods_of_pandas_and_long_titles():
    assert ZH.period(pd.Period("2025Q4")) == "2025年四季度"
    assert EN.period(pd.Period("2026-01"), pd.Period("2026-07")) == "Jan–Jul 2026"
    assert EN.period("2026-01-01", "2026-07-31", long=True) == "January to July 2026"
    assert EN.period("2025-08-01", "2026-07-31", long=True) == "August 2025 to July 2026"
    assert ZH.period("2026-01-01", "2026-07-31", long=True) == "2026年1–7月"


def test_a_period_cannot_end_before_it_starts():
    with pytest.raises(InputError, match="ends before"):
        EN.period("2026-07-01", "2026-06-30")


def test_runs_of_months_quarters_and_years():
    assert (ZH.months(1, 2), EN.months(1, 2), EN.months(3, 3)) == ("1–2月", "Jan–Feb", "Mar")
    assert (ZH.quarter(2025, 4), EN.quarter(2025, 4)) == ("2025年四季度", "Q4 2025")
    assert ZH.quarter(2025, 4, short=True) == EN.quarter(2025, 4, short=True) == "2025Q4"
    assert (ZH.year(2026), EN.year(2024, 2026)) == ("2026年", "2024–2026")
    assert (ZH.fiscal_year(2026), EN.fiscal_year(2026)) == ("2026财年", "FY2026")
