"""Windows and scopes: which days and which regions are looked at."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.scope import Window, month_of, window
from workbench.errors import ParameterError

D = dt.date


@pytest.mark.parametrize(
    ("span", "as_of", "more", "start"),
    [
        ("ytd", D(2026, 7, 31), {}, D(2026, 1, 1)),
        ("ytd", D(2026, 2, 10), {"fiscal_start_month": 4}, D(2025, 4, 1)),
        ("ytd", D(2026, 7, 25), {"closing_day": 25}, D(2025, 12, 26)),
        ("quarter", D(2026, 8, 15), {}, D(2026, 7, 1)),
        ("quarter", D(2026, 5, 15), {"fiscal_start_month": 2}, D(2026, 5, 1)),
        ("month", D(2026, 8, 15), {}, D(2026, 8, 1)),
        ("month", D(2026, 8, 26), {"closing_day": 25}, D(2026, 8, 26)),
        ("rolling12", D(2026, 7, 31), {}, D(2025, 8, 1)),
        ("rolling12", D(2024, 2, 29), {}, D(2023, 3, 1)),
    ],
)
def test_windows_begin_where_the_span_says(span, as_of, more, start):
    assert window(span, as_of, **more) == Window(start, as_of)


def test_an_unknown_span_is_a_clear_error():
    with pytest.raises(ParameterError, match="'year'"):
        window("year", D(2026, 7, 31))


@pytest.mark.parametrize(
    ("now", "prior"),
    [
        (Window(D(2026, 1, 1), D(2026, 7, 31)), Window(D(2025, 1, 1), D(2025, 7, 31))),
        (Window(D(2025, 2, 1), D(2025, 2, 28)), Window(D(2024, 2, 1), D(2024, 2, 29))),
        (Window(D(2024, 2, 1), D(2024, 2, 29)), Window(D(2023, 2, 1), D(2023, 2, 28))),
    ],
)
def test_the_year_before_ends_with_the_same_month(now, prior):
    assert now.back() == prior


@given(st.dates(D(2000, 1, 1), D(2090, 12, 31)), st.integers(20, 28))
def test_a_day_lies_in_the_window_of_its_own_month(day, closing):
    found = window("month", day, closing_day=closing)
    assert found.start <= day
    assert found.start.day == closing + 1 or (closing == 28 and found.start.day in (1, 29))
    assert month_of(found.start, closing) == month_of(day, closing)


def test_regions_narrow_every_figure(scope_of):
    rows = [("A1", "P1", "direct", "2026-03-03", 10, 100.0)]
    everything, none = scope_of(rows), scope_of(rows, regions=("north", "it's"))
    count = "select count(*) as n from {}"
    assert everything.company.sql(count.format(everything.lines))["n"].iloc[0] == 1
    assert none.company.sql(count.format(none.lines))["n"].iloc[0] == 0
