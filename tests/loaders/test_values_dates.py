"""Dates out of texts: forms, grains, order of day and month, instants, refusals, columns."""

import datetime as dt

import pyarrow as pa
import pytest

from workbench.loaders.reasons import VALUES
from workbench.loaders.values import DateEvidence, date_column, flag_names, parse_date


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024-08-21", "2024-08-21"),
        ("2024/8/1", "2024-08-01"),
        ("2024．8．1", "2024-08-01"),
        ("2024 年 8 月 21 日", "2024-08-21"),
        ("2024年8月21日星期三", "2024-08-21"),
        ("2024-08-21（周三）", "2024-08-21"),
        ("Wed, 21 Aug 2024", "2024-08-21"),
        ("21-Aug-2024", "2024-08-21"),
        ("21 August 2024", "2024-08-21"),
        ("August 21, 2024", "2024-08-21"),
        ("Aug 21st, 2024", "2024-08-21"),
        ("2024-Aug-21", "2024-08-21"),
        ("13/9/2024", "2024-09-13"),
        ("9/13/2024", "2024-09-13"),
        ("9/9/2024", "2024-09-09"),
        ("21.08.2024", "2024-08-21"),
        ("2024-02-29", "2024-02-29"),
        ("20240821", "2024-08-21"),
        ("45292", "2024-01-01"),
        ("25569", "1970-01-01"),
        ("2024-08-21 00:00:00", "2024-08-21"),
        ("1724169600", "2024-08-21"),
    ],
)
def test_a_day(text, value):
    read = parse_date(text)
    assert (read.value, read.grain, read.reason) == (value, "day", "")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2024/8/21 9:05:03", "2024-08-21T09:05:03"),
        ("2024-08-21T09:30", "2024-08-21T09:30:00"),
        ("2024年8月21日9时30分15秒", "2024-08-21T09:30:15"),
        ("2024年8月21日 下午3点", "2024-08-21T15:00:00"),
        ("2024/8/21下午3:05", "2024-08-21T15:05:00"),
        ("2024/8/21 上午12:05", "2024-08-21T00:05:00"),
        ("2024/8/21 中午12:05", "2024-08-21T12:05:00"),
        ("2024/8/21 中午11:30", "2024-08-21T11:30:00"),
        ("2024/8/21 中午1:05", "2024-08-21T13:05:00"),
        ("2024/8/21 晚上9:05", "2024-08-21T21:05:00"),
        ("2024/08/21 3:05:07 PM", "2024-08-21T15:05:07"),
        ("2024/08/21 12:30 AM", "2024-08-21T00:30:00"),
        ("20240821093000", "2024-08-21T09:30:00"),
        ("202408210930", "2024-08-21T09:30:00"),
        ("45298.5", "2024-01-07T12:00:00"),
        ("45525.395833333", "2024-08-21T09:30:00"),
        ("1724203800000", "2024-08-21T09:30:00"),
        ("2024-08-21T09:30:00.5", "2024-08-21T09:30:00.500000"),
    ],
)
def test_a_time_of_day_is_kept(text, value):
    read = parse_date(text)
    assert (read.value, read.grain, read.reason) == (value, "instant", "")


@pytest.mark.parametrize(
    ("text", "value", "shifted"),
    [
        ("2024-08-20T16:00:00Z", "2024-08-21", True),
        ("2024-08-20T16:00:00.000+0000", "2024-08-21", True),
        ("2024-08-21T10:00:00+08:00", "2024-08-21T10:00:00", False),
        ("2024-08-21T00:00:00+08:00", "2024-08-21", False),
        ("2024-08-21T09:30:00+05:30", "2024-08-21T12:00:00", True),
        ("2024-08-21T09:30:00-07:00", "2024-08-22T00:30:00", True),
        ("Wed, 21 Aug 2024 10:00:00 GMT", "2024-08-21T18:00:00", True),
        ("1990-07-01T00:00:00Z", "1990-07-01T09:00:00", True),  # summer time in Shanghai
    ],
)
def test_an_instant_is_moved_to_shanghai(text, value, shifted):
    read = parse_date(text)
    assert read.value == value
    assert ("zone_shifted" in read.flags) == shifted


@pytest.mark.parametrize(
    ("text", "value", "grain"),
    [
        ("2024年8月份", "2024-08", "month"),
        ("2024/8", "2024-08", "month"),
        ("2024.08", "2024-08", "month"),
        ("2024.10", "2024-10", "month"),
        ("202408", "2024-08", "month"),
        ("8/2024", "2024-08", "month"),
        ("Aug 2024", "2024-08", "month"),
        ("August 2024", "2024-08", "month"),
        ("2024年第三季度", "2024Q3", "quarter"),
        ("2024年3季度", "2024Q3", "quarter"),
        ("2024-Q3", "2024Q3", "quarter"),
        ("Q3 2024", "2024Q3", "quarter"),
        ("3Q2024", "2024Q3", "quarter"),
        ("2024下半年", "2024H2", "half"),
        ("2024H2", "2024H2", "half"),
        ("H1 2024", "2024H1", "half"),
        ("2024年", "2024", "year"),
        ("2024年度", "2024", "year"),
        ("2024", "2024", "year"),  # the year, not a day of 1905
    ],
)
def test_a_coarser_date_keeps_its_grain(text, value, grain):
    read = parse_date(text)
    assert (read.value, read.grain, read.flags) == (value, grain, ("coarse",))


REFUSED = [
    ("2024-02-30", "invalid_date"),
    ("2023-02-29", "invalid_date"),
    ("2024-13-01", "invalid_date"),
    ("2024-00-10", "invalid_date"),
    ("202413", "invalid_date"),
    ("2024Q5", "invalid_date"),
    ("2024H3", "invalid_date"),
    ("32/1/2024", "invalid_date"),
    ("1900-01-00", "invalid_date"),
    ("2024-08-21 25:00", "invalid_time"),
    ("2024-08-21 09:60", "invalid_time"),
    ("2024-08-21 24:00:00", "invalid_time"),
    ("2024-08-21 上午15:00", "invalid_time"),
    ("2024-08-21T09:30:00+15:00", "invalid_time"),
    ("1969-12-31", "year_out_of_range"),
    ("2101-01-01", "year_out_of_range"),
    ("73416", "year_out_of_range"),
    ("25568", "year_out_of_range"),
    ("9999999999999", "year_out_of_range"),
    ("8/9/2024", "ambiguous_date"),
    ("2024.1", "ambiguous_date"),  # a spreadsheet makes it of 2024.10
    ("24-08-21", "short_year"),
    ("8/21/24", "short_year"),
    ("Aug-24", "short_year"),
    ("8月21日", "no_year"),
    ("8/21", "no_year"),
    ("三季度", "no_year"),
    ("今天", "relative_date"),
    ("昨天", "relative_date"),
    ("下周", "relative_date"),
    ("本月底", "relative_date"),
    ("3天前", "relative_date"),
    ("next week", "relative_date"),
    ("2024年底", "vague_date"),
    ("2024年末", "vague_date"),
    ("2024年8月下旬", "vague_date"),
    ("2024年春节前", "vague_date"),
    ("FY2024", "fiscal_year"),
    ("2024财年", "fiscal_year"),
    ("2024-W34", "week"),
    ("2024年第34周", "week"),
    ("农历八月十五", "lunar_date"),
    ("甲辰年八月", "lunar_date"),
    ("二〇二四年八月", "numerals_in_words"),
    ("2024-08-01至2024-08-31", "two_dates"),
    ("2024/8/1-2024/8/31", "two_dates"),
    ("2024年8月1日~8月31日", "two_dates"),
    ("9:30", "time_only"),
    ("待定", "not_yet_known"),
    ("#REF!", "spreadsheet_error"),
    ("12", "not_a_date"),
    ("123456789", "not_a_date"),
    ("hello", "not_a_date"),
    ("2024-08/21", "not_a_date"),
    ("2024年8月 9:30", "not_a_date"),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_date_is_refused_with_its_reason(text, reason):
    read = parse_date(text)
    assert (read.value, read.reason) == (None, reason)
    assert VALUES[reason].verdict == "refused"


@pytest.mark.parametrize("text", ["", " ", "-", "/", "--", "N/A", "无", "暂无", None])
def test_nothing_is_missing(text):
    assert parse_date(text).missing


@pytest.mark.parametrize(
    ("text", "flag"),
    [("0000-00-00", "zero_date"), ("0000-00-00 00:00:00", "zero_date"), ("9999-12-31", "open_end"),
     ("9999/12/31 23:59:59", "open_end")],
)  # fmt: skip
def test_days_that_stand_for_none_are_missing_and_remarked(text, flag):
    read = parse_date(text)
    assert read.missing
    assert read.flags == (flag,)


@pytest.mark.parametrize(
    ("text", "order", "value", "flags"),
    [
        ("8/9/2024", "mdy", "2024-08-09", ("order_decided",)),
        ("8/9/2024", "dmy", "2024-09-08", ("order_decided",)),
        ("8.9.2024", "dmy", "2024-09-08", ("order_decided",)),
        ("8/21/2024", "mdy", "2024-08-21", ()),
        ("9/9/2024", "dmy", "2024-09-09", ()),
        ("24-08-21", "ymd", "2024-08-21", ("two_digit_year", "order_decided")),
        ("8/21/24", "mdy", "2024-08-21", ("two_digit_year", "order_decided")),
        ("21/8/99", "dmy", "1999-08-21", ("two_digit_year", "order_decided")),
        ("24年8月21日", None, "2024-08-21", ("two_digit_year",)),
        ("69年8月21日", None, "2069-08-21", ("two_digit_year",)),
        ("70年8月21日", None, "1970-08-21", ("two_digit_year",)),
        ("2024-08-09", "dmy", "2024-08-09", ()),
    ],
)
def test_the_order_decides_what_it_has_to(text, order, value, flags):
    read = parse_date(text, order=order)
    assert (read.value, read.flags) == (value, flags)


def test_a_date_against_the_order_stated_is_refused():
    assert parse_date("13/9/2024", order="mdy").reason == "invalid_date"
    assert parse_date("8/9/2024", order="ymd").reason == "ambiguous_date"


def test_numbers_are_no_dates_where_that_is_stated():
    assert parse_date("45525", serial=False).reason == "not_a_date"
    assert parse_date("1724169600000", epoch=False).reason == "not_a_date"
    read = date_column(["45525", "1724169600000"], serial=False, epoch=False)
    assert read.values.null_count == 2


@pytest.mark.parametrize(
    ("texts", "order", "ambiguous"),
    [
        (["8/9/2024", "13/9/2024"], "dmy", False),
        (["8/9/2024", "9/13/2024"], "mdy", False),
        (["8/9/2024", "9/9/2024"], None, True),
        (["9/9/2024"], None, False),
        (["13/9/2024", "9/13/2024", "8/9/2024"], None, True),
        (["13/9/2024", "9/13/2024"], None, False),
        (["2024-08-09", None], None, False),
        (["32/1/2024", "8/9/2024"], None, True),
        ([], None, False),
    ],
)
def test_a_column_shows_the_order_of_its_dates(texts, order, ambiguous):
    decided = DateEvidence().update(texts).decide()
    assert (decided.order, decided.ambiguous) == (order, ambiguous)


def test_evidence_of_blocks_adds_up_and_names_an_example():
    merged = DateEvidence().update(["8/9/2024", "2024-01-01"])
    merged.merge(DateEvidence().update(["13/9/2024"])).merge(DateEvidence().update(["14/9/2024"]))
    whole = DateEvidence().update(["8/9/2024", "2024-01-01", "13/9/2024", "14/9/2024"])
    assert merged.decide() == whole.decide()
    text = whole.decide().evidence_text
    assert text == "2 dates can only begin with the day, such as 13/9/2024"


def test_a_column_tells_values_grains_flags_and_reasons():
    texts = ["2024-08-21", None, "2024-08-21 09:30", "2024Q3", "8/9/2024", "0000-00-00", "45525",
             "2024-08-20T16:00:00Z", "今天"]  # fmt: skip
    read = date_column(pa.array(texts))
    day = dt.datetime(2024, 8, 21)
    assert read.values.type == pa.timestamp("us")
    assert read.values.to_pylist() == [
        day, None, day.replace(hour=9, minute=30), dt.datetime(2024, 7, 1), None, None, day, day,
        None,
    ]  # fmt: skip
    assert read.units.to_pylist() == [
        "day", None, "instant", "quarter", None, None, "day", "day", None,
    ]  # fmt: skip
    assert [flag_names(int(bits)) for bits in read.flags] == [
        (), (), (), ("coarse",), (), ("zero_date",), ("serial",), ("zone_shifted",), (),
    ]  # fmt: skip
    said = [read.codes[place - 1] if place else "" for place in read.reasons]
    assert said == ["", "", "", "", "ambiguous_date", "", "", "", "relative_date"]


@pytest.mark.parametrize("texts", [[], [None, None], pa.chunked_array([], pa.string())])
def test_a_column_without_texts_has_no_dates(texts):
    assert date_column(texts).values.null_count == len(texts)


def test_every_day_of_the_range_is_read_from_each_form():
    first = dt.date(1970, 1, 1)
    days = [first + dt.timedelta(days=n) for n in range(0, 47_482, 7)]
    serial = dt.date(1899, 12, 30)
    for texts in (
        [day.isoformat() for day in days],
        [f"{day.year}年{day.month}月{day.day}日" for day in days],
        [f"{day:%Y%m%d}" for day in days],
        [str((day - serial).days) for day in days],
        [f"{day.day}-{day:%b}-{day.year}" for day in days],
    ):
        assert date_column(texts).values.cast(pa.date32()).to_pylist() == days
