"""Percents and discounts: what a number without a sign means, as the column decides."""

from decimal import Decimal

import numpy as np
import pytest

from workbench.loaders.reasons import VALUES
from workbench.loaders.values import (
    DiscountEvidence,
    PercentEvidence,
    discount_column,
    flag_names,
    money_column,
    parse_discount,
    parse_percent,
    percent_column,
    scale_of,
)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("60%", "0.6"),
        ("60 %", "0.6"),
        ("６０％", "0.6"),
        ("8.25%", "0.0825"),
        ("120%", "1.2"),
        ("1,200%", "12"),
        ("-5%", "-0.05"),
        ("−2.5%", "-0.025"),
        ("(5%)", "-0.05"),
        ("+5%", "0.05"),
        ("5‰", "0.005"),
        ("3个百分点", "0.03"),
        ("-1.2个百分点", "-0.012"),
        ("1.2 pp", "0.012"),
        ("百分之六十", "0.6"),
        ("百分之六点五", "0.065"),
        ("百分之60", "0.6"),
        ("千分之五", "0.005"),
        ("约60%", "0.6"),
        ("60%左右", "0.6"),
        ("60 percent", "0.6"),
        ("25bp", "0.0025"),
        ("0", "0"),
        ("0%", "0"),
        ("60", "0.6"),
        ("0.6", "0.6"),
    ],
)
def test_a_percent_is_read_as_a_share(text, share):
    read = parse_percent(text)
    assert (read.value, read.unit, read.reason) == (Decimal(share), "share", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("六成", "tenths_in_words"),
        ("6成", "tenths_in_words"),
        ("8.5折", "discount_in_percent"),
        ("60%-70%", "percent_range"),
        ("60~70%", "percent_range"),
        ("1", "ambiguous_percent"),
        ("-1", "ambiguous_percent"),
        ("1,5%", "ambiguous_comma"),
        ("待定", "not_yet_known"),
        ("#DIV/0!", "spreadsheet_error"),
        ("高", "not_a_percent"),
        ("60% A", "not_a_percent"),
        ("100元", "not_a_percent"),
        ("百分之五%", "not_a_percent"),
    ],
)
def test_what_is_no_percent_is_refused_with_its_reason(text, reason):
    read = parse_percent(text)
    assert (read.value, read.reason) == (None, reason)
    assert VALUES[reason].verdict == "refused"


@pytest.mark.parametrize("text", ["", "-", "—", "N/A", "无", None])
def test_nothing_is_missing(text):
    assert parse_percent(text).missing
    assert parse_discount(text).missing


@pytest.mark.parametrize(
    ("text", "scale", "share", "flags"),
    [
        ("60", "percent", "0.6", ("scale_decided",)),
        ("0.5", "percent", "0.005", ("scale_decided",)),
        ("1", "percent", "0.01", ("scale_decided",)),
        ("0.6", "share", "0.6", ()),
        ("1", "share", "1", ()),
        ("1.2", "share", "1.2", ()),
        ("60", "mixed", "0.6", ("scale_decided",)),
        ("0.6", "mixed", "0.6", ("mixed_scale",)),
        ("60%", "share", "0.6", ()),
        ("0", "ask", "0", ()),
    ],
)
def test_a_bare_number_follows_the_scale_of_its_column(text, scale, share, flags):
    read = parse_percent(text, scale=scale)
    assert (read.value, read.flags) == (Decimal(share), flags)
    column = percent_column([text], scale=scale)
    assert column.values.to_pylist() == [float(share)]
    assert flag_names(int(column.flags[0])) == flags


def test_where_the_scale_is_to_be_asked_bare_numbers_are_refused():
    read = percent_column(["0.92", "1.08", "50%", "0", None], scale="ask")
    assert read.values.to_pylist() == [None, None, 0.5, 0.0, None]
    assert read.codes == ("ambiguous_percent",)


@pytest.mark.parametrize(
    ("texts", "scale", "bare"),
    [
        (["60", "80", "100"], "percent", 3),
        (["60", "0", "100"], "percent", 2),
        (["0.6", "0.8", "1"], "share", 3),
        (["0", "1", "1"], "share", 2),  # won or not
        (["0.6", "60"], "mixed", 2),
        (["0.92", "1.08"], "ask", 2),  # attainment, or two small percents
        (["60%", "70%"], "share", 0),
        (["-0.1", "-20"], "mixed", 2),
        (["n/a", None, ""], "share", 0),
    ],
)
def test_a_column_shows_its_scale(texts, scale, bare):
    decided = PercentEvidence().update(texts).decide()
    assert (decided.scale, decided.bare) == (scale, bare)
    assert bool(decided.evidence_text) == bool(bare)


def test_a_header_that_says_per_cent_decides():
    assert PercentEvidence("可能性（%）").update(["0.5", "0.8"]).decide().scale == "percent"
    assert PercentEvidence("可能性").update(["0.5", "0.8"]).decide().scale == "share"


@pytest.mark.parametrize(
    ("header", "scale"),
    [("可能性 (%)", "percent"), ("概率（％）", "percent"), ("Probability, %", "percent"),
     ("完成百分比", "percent"), ("赢率", ""), ("Win rate", ""), ("折扣率", "")],
)  # fmt: skip
def test_headers_that_say_per_cent(header, scale):
    assert scale_of(header) == scale


def test_evidence_of_blocks_adds_up():
    blocks = [["60", "0.5"], ["1", "70%"], ["80", "0"]]
    merged = PercentEvidence()
    for block in blocks:
        merged.merge(PercentEvidence().update(block))
    whole = PercentEvidence().update([text for block in blocks for text in block])
    assert merged.decide() == whole.decide()
    assert whole.decide().fields == {"n": "4", "low": "0.5", "high": "80"}


# -- discounts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "off"),
    [
        ("8.5折", "0.15"),
        ("85折", "0.15"),
        ("９折", "0.1"),
        ("9.55折", "0.045"),
        ("九折", "0.1"),
        ("八五折", "0.15"),
        ("打八八折", "0.12"),
        ("九点五折", "0.05"),
        ("半价", "0.5"),
        ("不打折", "0"),
        ("10折", "0"),
        ("15% off", "0.15"),
        ("减15%", "0.15"),
        ("优惠15%", "0.15"),
    ],
)
@pytest.mark.parametrize("meaning", ["paid", "off", "ask"])
def test_a_discount_that_says_itself_needs_no_column(text, off, meaning):
    read = parse_discount(text, meaning)
    assert (read.value, read.reason) == (Decimal(off), "")
    assert discount_column([text], meaning).values.to_pylist() == [float(off)]


@pytest.mark.parametrize(
    ("text", "paid", "off"),
    [
        ("85", "0.15", "0.85"),
        ("85%", "0.15", "0.85"),
        ("0.85", "0.15", "0.85"),
        ("8.5", "0.15", "0.085"),
        ("15", "0.85", "0.15"),
        ("100", "0", "1"),
        ("1", "0", None),
        ("0", "1", "0"),
        ("120", None, None),
        ("-5", None, None),
    ],
)
def test_a_bare_number_follows_the_meaning_of_its_column(text, paid, off):
    for meaning, wanted in (("paid", paid), ("off", off)):
        read = parse_discount(text, meaning)
        assert read.value == (None if wanted is None else Decimal(wanted))
        assert bool(read.reason) == (wanted is None)
        column = discount_column([text], meaning)
        assert column.values.to_pylist() == [None if wanted is None else float(wanted)]
        assert (column.codes or ("",))[0] == read.reason
    assert parse_discount(text, "ask").value is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [("85", "discount_unclear"), ("0折", "discount_out_of_range"), ("150折",
      "discount_out_of_range"), ("面议", "not_yet_known"), ("赠品", "not_a_discount"),
     ("8折-9折", "not_a_discount")],
)  # fmt: skip
def test_what_is_no_discount_is_refused_with_its_reason(text, reason):
    assert parse_discount(text).reason == reason
    assert VALUES[reason].verdict == "refused"


LIST = np.array([100.0, 200.0, 50.0, 80.0])
NET = np.array([85.0, 180.0, 47.5, 80.0])


@pytest.mark.parametrize(
    ("texts", "meaning"),
    [
        (["85", "90", "95", "100"], "paid"),
        (["0.85", "0.9", "0.95", "1"], "paid"),
        (["8.5", "9", "9.5", "10"], "paid"),
        (["15", "10", "5", "0"], "off"),
        (["15%", "10%", "5%", "0%"], "off"),
        (["15", "20", "2.5", "0"], "money"),
    ],
)
def test_prices_tell_what_a_column_of_discounts_means(texts, meaning):
    evidence = DiscountEvidence("折扣率").update(texts, list_prices=LIST, net_prices=NET)
    decided = evidence.decide()
    assert decided.meaning == meaning
    assert decided.evidence_text == "3 of 3 rows agree with list and net price"


def test_prices_may_be_decimals_with_gaps():
    listed, net = (money_column([*map(str, prices), None]).values for prices in (LIST, NET))
    evidence = DiscountEvidence("折扣率").update(["85", "90", "95", "100", "70"], listed, net)
    assert evidence.decide().meaning == "paid"
    read = discount_column(["15", "20", "1", "8", "5"], "money", list_prices=listed)
    assert read.values.to_pylist() == [0.15, 0.1, 0.02, 0.1, None]


def test_prices_that_contradict_decide_nothing():
    evidence = DiscountEvidence("折扣率").update(["85", "10", "3", "7"], LIST, NET)
    assert evidence.decide().meaning == "ask"


@pytest.mark.parametrize(
    ("header", "texts", "meaning"),
    [
        ("折扣率", ["85", "15"], "ask"),
        ("折扣", ["0.85", "0.9"], "ask"),
        ("折扣额", ["85", "15"], "money"),
        ("Discount amount", ["85"], "money"),
        ("Discount %", ["15"], "off"),
        ("让利率", ["15"], "off"),
        ("折数", ["85"], "paid"),
        ("折扣", ["8.5折", "9折", "85"], "paid"),
        ("折扣", ["15% off", "15"], "off"),
        ("折扣", ["1200", "50"], "money"),
        ("折扣", ["8.5", "9", "9.5"], "paid"),
    ],
)
def test_headers_and_texts_tell_it_where_prices_do_not(header, texts, meaning):
    assert DiscountEvidence(header).update(texts).decide().meaning == meaning


def test_evidence_of_discounts_adds_up_over_blocks():
    texts = ["85", "90", "95", "100"]
    merged = DiscountEvidence("折扣率")
    for place in range(4):
        part = slice(place, place + 1)
        merged.merge(DiscountEvidence("折扣率").update(texts[part], LIST[part], NET[part]))
    assert merged.decide() == DiscountEvidence("折扣率").update(texts, LIST, NET).decide()


def test_amounts_off_become_shares_of_the_list_price():
    read = discount_column(["15", "1,000元", "9折", None, "300", "面议"], "money",
                           list_prices=[100, 4000, 100, 100, 200, 100])  # fmt: skip
    assert read.values.to_pylist() == [0.15, 0.25, pytest.approx(0.1), None, None, None]
    said = [read.codes[place - 1] if place else "" for place in read.reasons]
    assert said == ["", "", "", "", "discount_out_of_range", "not_a_discount"]


def test_an_amount_off_without_a_list_price_is_no_share():
    read = discount_column(["15", "9折"], "money")
    assert read.values.to_pylist() == [None, pytest.approx(0.1)]
    assert read.codes[read.reasons[0] - 1] == "discount_is_money"
