"""Calendars: official days, the moon as an oracle for lunar dates, laws of fiscal periods."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import holidays
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.calendars import (
    FiscalCalendar,
    WorkingCalendar,
    aligned_parts,
    aligned_period,
    announced_years,
    chinese_new_year,
    days_from_new_year,
    festival_name,
    new_year_share,
    same_period,
)
from workbench.calendars.days import read_rows, to_days
from workbench.errors import InputError, ParameterError
from workbench.text import Language

CALENDAR = WorkingCalendar()
ZH, EN = Language("zh"), Language("en")
known_days = st.dates(date(2008, 1, 1), date(2050, 12, 31))
fiscal_calendars = st.builds(
    FiscalCalendar,
    start_month=st.integers(1, 12),
    closing_day=st.none() | st.integers(1, 31),
    week_start=st.integers(0, 6),
    named_by=st.sampled_from(["start", "end"]),
)


# -- working days


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2024-02-04", True),  # Sunday in lieu
        ("2024-02-18", True),
        ("2024-02-09", True),  # New Year's Eve was worked that year
        ("2024-02-10", False),
        ("2015-09-03", False),  # Victory Day, once
        ("2015-09-06", True),
        ("2020-01-31", False),  # holiday extended in the epidemic
        ("2020-02-01", False),  # Saturday in lieu, withdrawn by the same notice
        ("2018-12-29", True),  # stands in the notice for 2019
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-02-23", False),
        ("2026-10-10", True),
        ("2026-07-31", True),
    ],
)
def test_days_of_the_notices(day, worked):
    assert CALENDAR.is_working(day) is worked


def test_every_announced_day_agrees_with_the_holidays_package():
    days = np.arange("2015-01-01", "2027-01-01", dtype="datetime64[D]")
    theirs = holidays.country_holidays("CN", years=range(2014, 2028))
    expected = np.array([theirs.is_working_day(day) for day in days.tolist()])
    assert days[CALENDAR.is_working(days) != expected].tolist() == []


# Weekdays of the year less days off by law (11, 13 since 2025); 2015 one day for the parade, 2020
# two for the epidemic.
@pytest.mark.parametrize(
    ("year", "number"),
    [(2015, 249), (2019, 250), (2020, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_working_days_of_a_year(year, number):
    assert CALENDAR.working_days(date(year, 1, 1), date(year, 12, 31)) == number


def test_years_without_a_notice_are_flagged_and_have_the_right_number():
    assert announced_years() == frozenset(range(2015, 2027))
    assert CALENDAR.announced(2026) and not CALENDAR.announced(2027)
    for year in range(2027, 2051):
        first, last = date(year, 1, 1), date(year, 12, 31)
        weekdays = int(np.busday_count(first, last + timedelta(days=1)))
        assert CALENDAR.working_days(first, last) == weekdays - 13
        assert not CALENDAR.is_working(chinese_new_year(year))


def test_a_shutdown_of_the_company_overrides_the_notice():
    own = WorkingCalendar(days_off=(date(2026, 8, 3),), days_worked=(date(2026, 8, 8),))
    assert own.is_working(["2026-08-03", "2026-08-08"]).tolist() == [False, True]
    assert own.working_days("2026-08-01", "2026-08-08") == 5
    assert CALENDAR.is_working("2026-08-03")


@given(known_days, known_days, known_days)
def test_adjoining_periods_add_up(a, b, c):
    a, b, c = sorted([a, b, c])
    first = CALENDAR.working_days(a, b)
    second = CALENDAR.working_days(b + timedelta(days=1), c) if b < c else 0
    assert first + second == CALENDAR.working_days(a, c)


@given(st.dates(date(2012, 1, 1), date(2045, 1, 1)), st.integers(1, 300))
def test_going_on_and_back_by_working_days(day, number):
    there = CALENDAR.add_working_days(day, number)
    assert CALENDAR.is_working(there)
    assert CALENDAR.working_days(day + timedelta(days=1), there) == number
    back = CALENDAR.add_working_days(there, -number)
    assert CALENDAR.is_working(back) and back <= day
    start = CALENDAR.add_working_days(day, 0)
    assert start >= day and CALENDAR.working_days(day, start) == 1


def test_working_days_at_the_end_of_june_2026():
    days = ["2026-06-24", "2026-06-27", "2026-06-29", "2026-06-30"]
    assert CALENDAR.working_day_index(days, from_end=True).tolist() == [5, 2, 2, 1]
    assert CALENDAR.working_day_index(days).tolist() == [17, 19, 20, 21]
    closing = FiscalCalendar(closing_day=25)
    assert CALENDAR.working_day_index("2026-06-24", from_end=True, fiscal=closing) == 2
    assert CALENDAR.working_day_index("2026-06-26", fiscal=closing) == 1


@given(known_days)
def test_the_two_counts_of_a_month_meet(day):
    passed = CALENDAR.working_day_index(day)
    left = CALENDAR.working_day_index(day, from_end=True)
    months = FiscalCalendar()
    whole = CALENDAR.working_days(months.month_start(day), months.month_end(day))
    assert passed + left == whole + CALENDAR.is_working(day)


def test_elapsed_share_runs_from_0_to_1():
    year = ("2026-01-01", "2026-12-31")
    share = CALENDAR.elapsed_share(
        *year, on=["2025-12-31", "2026-01-03", "2026-07-31", "2027-03-01"]
    )
    assert share.tolist() == pytest.approx([0, 0, 143 / 248, 1])
    assert CALENDAR.elapsed_share(*year, on="2026-12-31") == 1.0
    with pytest.raises(InputError, match="no working day"):
        CALENDAR.elapsed_share("2026-02-16", "2026-02-20", on="2026-02-18")


def test_festivals_have_names_in_both_languages():
    days = ["2026-02-16", "2025-10-06", "2027-06-09", "2026-07-01"]
    names = CALENDAR.festival(days).tolist()
    assert names == ["spring_festival", "national_day", "dragon_boat", ""]
    assert festival_name("spring_festival", ZH) == "春节"
    assert festival_name(CALENDAR.festival("2026-05-01"), EN) == "Labour Day"
    with pytest.raises(ParameterError):
        festival_name("halloween", EN)


@pytest.mark.parametrize(
    "dates",
    [
        [date(2026, 2, 14), date(2026, 2, 16)],
        np.array(["2026-02-14", "2026-02-16"], dtype="datetime64[ns]"),
        pd.Series(pd.to_datetime(["2026-02-14 00:00", "2026-02-16 23:59"])),
        pd.DatetimeIndex(["2026-02-14", "2026-02-16"]),
        pd.Series([date(2026, 2, 14), date(2026, 2, 16)]),
        pd.Series([date(2026, 2, 14), date(2026, 2, 16)]).astype("date32[pyarrow]"),
        pd.Series(pd.to_datetime(["2026-02-13 18:00", "2026-02-15 17:00"], utc=True)),
        pd.DatetimeIndex(["2026-02-13 18:00", "2026-02-15 17:00"], tz="UTC"),
        pd.Series(pd.to_datetime(["2026-02-13 18:00", "2026-02-15 17:00"], utc=True)).astype(
            "timestamp[us, UTC][pyarrow]"
        ),
        [datetime(2026, 2, 13, 18, tzinfo=UTC), pd.Timestamp("2026-02-15 17:00", tz="UTC")],
    ],
)
def test_dates_of_any_kind_are_read_as_days_in_shanghai(dates):
    assert CALENDAR.is_working(dates).tolist() == [True, False]


@pytest.mark.parametrize(
    "dates", [None, [None, "2026-01-01"], [pd.NaT], np.datetime64("NaT"), "yesterday", 20260101.5]
)
def test_missing_dates_and_no_dates_are_refused(dates):
    with pytest.raises(InputError, match=r"missing|not dates"):
        to_days(dates)


@pytest.mark.parametrize("day", ["2007-12-31", "2051-01-01"])
def test_days_outside_the_table_are_refused(day):
    with pytest.raises(InputError, match="2008 to 2050"):
        CALENDAR.is_working(day)


# -- the New Year


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (1985, "1985-02-20"),  # the latest
        (1993, "1993-01-23"),
        (2004, "2004-01-22"),
        (2012, "2012-01-23"),
        (2023, "2023-01-22"),
        (2024, "2024-02-10"),
        (2025, "2025-01-29"),
        (2026, "2026-02-17"),
        (2027, "2027-02-06"),
        (2034, "2034-02-19"),  # after the leap eleventh month of 2033
    ],
)
def test_known_new_years(year, day):
    assert chinese_new_year(year).isoformat() == day


def new_moon(number):
    """Beijing date of the new moon `number` after 2000: Meeus, Astronomical Algorithms, ch. 49."""
    century = number / 1236.85
    sun = math.radians(2.5534 + 29.1053567 * number)
    moon = math.radians(201.5643 + 385.81693528 * number)
    node = math.radians(160.7108 + 390.67050284 * number)
    shift = (
        -0.40720 * math.sin(moon) + 0.17241 * math.sin(sun) + 0.01608 * math.sin(2 * moon)
        + 0.01039 * math.sin(2 * node) + 0.00739 * math.sin(moon - sun)
        - 0.00514 * math.sin(moon + sun) + 0.00208 * math.sin(2 * sun)
        - 0.00111 * math.sin(moon - 2 * node) - 0.00057 * math.sin(moon + 2 * node)
    )  # fmt: skip
    julian = 2451550.09766 + 29.530588861 * number + 0.00015437 * century**2 + shift
    delta_t, zone = 69 / 86400, 8 / 24
    return date(2000, 1, 1) + timedelta(days=math.floor(julian - 2451544.5 - delta_t + zone))


@pytest.mark.parametrize(
    ("festival", "day_of_month"), [("new_year", 1), ("dragon_boat", 5), ("mid_autumn", 15)]
)
def test_lunar_days_count_from_a_new_moon(festival, day_of_month):
    moons = {new_moon(number) for number in range(-260, 640)}
    days = [date.fromisoformat(row[festival]) for row in read_rows("china_lunar_days.csv")]
    assert len(days) == 71
    assert [day for day in days if day - timedelta(days=day_of_month - 1) not in moons] == []


def test_every_new_year_lies_in_its_season():
    for year in range(1980, 2051):
        assert (1, 21) <= (chinese_new_year(year).month, chinese_new_year(year).day) <= (2, 20)
    with pytest.raises(InputError, match="1980 to 2050"):
        chinese_new_year(1979)


def test_days_from_the_nearest_new_year():
    days = ["2026-02-17", "2026-02-16", "2025-12-31", "2026-03-03", "2025-08-01"]
    assert days_from_new_year(days).tolist() == [0, -1, -48, 14, 184]
    assert days_from_new_year("2026-02-20") == 3


@given(st.dates(date(1981, 1, 1), date(2049, 12, 31)))
def test_no_new_year_is_nearer(day):
    distances = [abs((day - chinese_new_year(day.year + step)).days) for step in (-1, 0, 1)]
    assert abs(days_from_new_year(day)) == min(distances)


def test_shares_of_the_new_year_by_month():
    months = FiscalCalendar().periods("2025-01-01", "2026-12-31")
    share = new_year_share([m.start for m in months], [m.end for m in months], before=7, after=7)
    assert share.sum() == pytest.approx(2)
    # 22-31 January of 22 January to 4 February 2025; 2026 all in February
    assert share[:2] == pytest.approx([10 / 14, 4 / 14]) and share[13] == 1


def test_a_period_shifted_with_the_new_year():
    # New Year 2026-02-17 and 2025-01-29: 19 days earlier in the year
    assert aligned_period("2026-02-10", "2026-03-02") == (date(2025, 1, 22), date(2025, 2, 11))
    assert aligned_period("2025-12-20", "2025-12-31") == (date(2024, 12, 1), date(2024, 12, 12))


def test_same_period_keeps_the_end_of_february():
    assert same_period("2025-02-01", "2025-02-28") == (date(2024, 2, 1), date(2024, 2, 29))
    assert same_period("2024-02-01", "2024-02-29") == (date(2023, 2, 1), date(2023, 2, 28))
    assert same_period("2026-01-01", "2026-12-31", years=1)[1] == date(2027, 12, 31)


def test_half_a_year_is_cut_at_the_new_year():
    parts = aligned_parts("2026-01-01", "2026-07-31")
    assert [part.name for part in parts] == ["before", "around", "after"]
    around = parts[1]
    assert (around.start, around.end) == (date(2026, 2, 10), date(2026, 3, 2))
    assert (around.other_start, around.other_end) == (date(2025, 1, 22), date(2025, 2, 11))
    assert (parts[0].start, parts[2].end) == (date(2026, 1, 1), date(2026, 7, 31))
    assert (parts[0].other_start, parts[2].other_end) == (date(2025, 1, 1), date(2025, 7, 31))


@given(
    st.dates(date(1982, 1, 1), date(2048, 12, 31)),
    st.integers(1, 365),
    st.sampled_from([-2, -1, 1]),
)
def test_parts_cover_both_periods_once(start, length, years):
    end = start + timedelta(days=length)
    parts = aligned_parts(start, end, years=years)
    assert parts[0].start == start and parts[-1].end == end
    for part, following in pairwise(parts):
        assert following.start - part.end == timedelta(days=1)
        assert following.other_start - part.other_end == timedelta(days=1)
    assert all(p.start <= p.end and p.other_start <= p.other_end for p in parts)
    if len(parts) == 3:
        around = parts[1]
        assert around.end - around.start == around.other_end - around.other_start
        assert (parts[0].other_start, parts[2].other_end) == same_period(start, end, years=years)


def test_summer_needs_no_alignment_and_january_is_shifted():
    (summer,) = aligned_parts("2026-07-01", "2026-07-31")
    assert (summer.other_start, summer.other_end) == (date(2025, 7, 1), date(2025, 7, 31))
    (january,) = aligned_parts("2026-01-01", "2026-01-31")
    assert (january.other_start, january.other_end) == (date(2024, 12, 13), date(2025, 1, 12))


# -- fiscal calendar


def test_closing_on_the_25th():
    fiscal = FiscalCalendar(closing_day=25)
    days = ["2026-07-25", "2026-07-26", "2025-12-25", "2025-12-26"]
    assert fiscal.month(days).tolist() == [7, 8, 12, 1]
    assert fiscal.year(days).tolist() == [2026, 2026, 2025, 2026]
    assert fiscal.quarter(days).tolist() == [3, 3, 4, 1]
    july = fiscal.month_period(2026, 7)
    assert (july.start, july.end, july.days) == (date(2026, 6, 26), date(2026, 7, 25), 30)
    assert fiscal.year_to_date("2026-07-25") == (date(2025, 12, 26), date(2026, 7, 25))


@pytest.mark.parametrize(
    ("closing_day", "end"), [(None, 28), (31, 28), (30, 28), (28, 28), (25, 25)]
)
def test_a_closing_day_that_february_does_not_have_is_its_last(closing_day, end):
    assert FiscalCalendar(closing_day=closing_day).month_period(2026, 2).end == date(2026, 2, end)


def test_a_fiscal_year_from_april():
    fiscal = FiscalCalendar(start_month=4)
    days = ["2026-03-31", "2026-04-01", "2026-12-31", "2027-01-01"]
    assert fiscal.year(days).tolist() == [2025, 2026, 2026, 2026]
    assert fiscal.quarter(days).tolist() == [4, 1, 3, 4]
    assert FiscalCalendar(start_month=4, named_by="end").year("2026-04-01") == 2027
    assert fiscal.year_period(2026).start == date(2026, 4, 1)


@given(fiscal_calendars, st.dates(date(2010, 1, 1), date(2040, 1, 1)))
def test_a_day_lies_in_its_period_and_periods_adjoin(fiscal, day):
    for by in ("week", "month", "quarter", "year"):
        period = fiscal.period(day, by=by)
        assert day in period
        following = fiscal.period(period.end + timedelta(days=1), by=by)
        assert following.start == period.end + timedelta(days=1)
        assert fiscal.period(period.start, by=by) == fiscal.period(period.end, by=by) == period
    assert fiscal.period(day, by="week").start.weekday() == fiscal.week_start
    assert fiscal.period(day, by="month").start == fiscal.month_start(day).item()
    assert fiscal.period(day, by="quarter").number == fiscal.quarter(day)
    assert fiscal.year_period(fiscal.year(day)) == fiscal.period(day, by="year")


@given(fiscal_calendars, st.integers(2012, 2040))
def test_twelve_months_and_four_quarters_make_a_year(fiscal, year):
    whole = fiscal.year_period(year)
    for by, number in (("month", 12), ("quarter", 4), ("year", 1)):
        periods = fiscal.periods(whole.start, whole.end, by=by)
        assert len(periods) == number and sum(period.days for period in periods) == whole.days
    days = np.arange(whole.start, whole.end + timedelta(days=1))
    assert set(fiscal.month(days)) == set(range(1, 13))
    assert (fiscal.year(days) == year).all()


@pytest.mark.parametrize(
    ("fiscal", "by", "zh", "en", "short"),
    [
        (FiscalCalendar(), "month", "2026年7月", "Jul 2026", "7月"),
        (FiscalCalendar(closing_day=25), "month", "2026年7月", "Jul 2026", "7月"),
        (FiscalCalendar(), "quarter", "2026年三季度", "Q3 2026", "2026Q3"),
        (FiscalCalendar(), "year", "2026年", "2026", "2026年"),
        (FiscalCalendar(start_month=4), "quarter", "2026财年二季度", "Q2 FY2026", "FY2026Q2"),
        (FiscalCalendar(start_month=4), "year", "2026财年", "FY2026", "2026财年"),
        (FiscalCalendar(), "week", "2026年7月20日起一周", "week from 20 July 2026", "7月20日"),
    ],
)
def test_names_of_periods(fiscal, by, zh, en, short):
    period = fiscal.period("2026-07-22", by=by)
    assert (period.label(ZH), period.label(EN), period.label(ZH, short=True)) == (zh, en, short)


@pytest.mark.parametrize(
    ("fiscal", "start", "end", "zh"),
    [
        (FiscalCalendar(closing_day=25), "2025-12-26", "2026-07-25", "2026年1–7月"),
        (FiscalCalendar(closing_day=25), "2025-12-26", "2026-12-25", "2026年"),
        (FiscalCalendar(closing_day=25), "2026-01-01", "2026-07-25", "2026年1月1日–7月25日"),
        (FiscalCalendar(), "2026-01-01", "2026-07-31", "2026年1–7月"),
        (FiscalCalendar(start_month=7), "2025-07-01", "2026-06-30", "2025财年"),
    ],
)
def test_names_of_stretches(fiscal, start, end, zh):
    assert fiscal.label(start, end, ZH) == zh


@pytest.mark.parametrize(
    "settings", [{"start_month": 0}, {"closing_day": 32}, {"week_start": 7}, {"named_by": "middle"}]
)
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(ParameterError, match=next(iter(settings))):
        FiscalCalendar(**settings)


def test_unknown_periods_and_turned_ends_are_refused():
    with pytest.raises(ParameterError, match="decade"):
        FiscalCalendar().period("2026-01-01", by="decade")
    with pytest.raises(InputError, match="before the start"):
        FiscalCalendar().periods("2026-02-01", "2026-01-01")
