"""Findings about content: small invented frames with the traps of real ones."""

from __future__ import annotations

import datetime as dt
import string
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.loaders import findings_words
from workbench.loaders.findings import FINDINGS, find, find_between, say
from workbench.loaders.outcome import Finding
from workbench.text import Language

TODAY = dt.date(2026, 6, 15)


def deals(**columns: Any) -> pd.DataFrame:
    """40 deals: 10 at each of two open stages, 10 won, 10 lost, nothing wrong with them."""
    n = 40
    created = pd.Series(pd.date_range("2026-01-05", periods=n, freq="D"))
    status = np.repeat(["open", "open", "won", "lost"], 10)
    closed = np.isin(status, ["won", "lost"])
    return pd.DataFrame(
        {
            "opportunity_id": [f"D{i:02}" for i in range(n)],
            "account_id": [f"A{i % 7}" for i in range(n)],
            "stage": np.repeat(["Lead", "Offer", "Won", "Lost"], 10),
            "status": status,
            "amount": [Decimal(f"{1000 + 37 * i}.50") for i in range(n)],
            "created_date": created,
            "expected_close_date": created + pd.Timedelta(days=150),
            "close_date": (created + pd.Timedelta(days=20)).where(closed),
            **columns,
        }
    )


def lines(n: int = 60, **columns: Any) -> pd.DataFrame:
    """Order lines, one a day, nothing wrong with them."""
    quantity = 1.0 + np.arange(n) % 5
    price = 10 + (np.arange(n) % 9) / 4
    return pd.DataFrame(
        {
            "order_line_id": [f"L{i:03}" for i in range(n)],
            "order_id": [str(536365 + i) for i in range(n)],
            "account_id": [f"A{i % 7}" for i in range(n)],
            "order_date": pd.date_range("2026-03-02", periods=n, freq="D"),
            "quantity": quantity,
            "net_price": price,
            "amount": (quantity * price).round(2),
            **columns,
        }
    )


def found(table: str, frame: pd.DataFrame, **options: Any) -> dict[str, list[Finding]]:
    result: dict[str, list[Finding]] = {}
    for finding in find(table, frame, today=TODAY, **options):
        result.setdefault(finding.code, []).append(finding)
    return result


def one(code: str, table: str, frame: pd.DataFrame, **options: Any) -> Finding:
    """The only finding of a code."""
    (finding,) = found(table, frame, **options)[code]
    return finding


def test_sound_frames_have_no_findings():
    assert find("opportunity", deals(), today=TODAY) == ()
    assert find("order_line", lines(91), today=TODAY) == ()
    account = pd.DataFrame({"account_id": ["A1", "A2"], "name": ["甲公司", "乙公司"]})
    assert find("account", account, today=TODAY) == ()


# -- deals ---------------------------------------------------------------------------------------


def test_an_account_missing_only_in_open_deals_gives_the_outcome_away():
    account = [None if i % 2 and i < 20 else f"A{i}" for i in range(40)]
    codes = found("opportunity", deals(account_id=account))
    (finding,) = codes["missing_tells_outcome"]
    assert (finding.count, finding.of) == (10, 40)
    assert finding.fields == {"table": "opportunity", "column": "account_id", "status": "open"}
    assert "missing" not in codes  # said once


def test_amounts_missing_in_all_open_deals_are_told_by_status_and_not_by_stage():
    amount = [None] * 20 + [Decimal(100 + i) for i in range(20)]
    codes = found("opportunity", deals(amount=amount))
    assert codes["missing_tells_outcome"][0].fields["status"] == "open"
    assert "missing_by_stage" not in codes


def test_a_gap_in_won_and_lost_deals_alike_names_both():
    account = [f"A{i}" if i < 20 else None for i in range(40)]
    finding = one("missing_tells_outcome", "opportunity", deals(account_id=account))
    assert finding.fields["status"] == "won,lost"
    assert "赢单、输单" in say(finding, Language("zh"))


def test_a_date_missing_at_one_stage_is_told_by_stage():
    created = deals()["created_date"].where(deals()["stage"] != "Lead")
    finding = one("missing_by_stage", "opportunity", deals(created_date=created))
    assert (finding.count, finding.fields["stages"]) == (10, "Lead")


def test_a_gap_in_part_of_a_stage_is_told_by_status():
    created = deals()["created_date"].where(deals().index >= 12)
    stage = np.repeat(["Lead", "Offer", "Won", "Lost"], [15, 5, 10, 10])
    codes = found("opportunity", deals(created_date=created, stage=stage))
    assert codes["missing_tells_outcome"][0].fields["status"] == "open"
    assert "missing_by_stage" not in codes


def test_where_all_deals_are_open_a_gap_gives_nothing_away():
    account = [None if i % 2 else f"A{i}" for i in range(40)]
    frame = deals(account_id=account, status="open")
    assert found("opportunity", frame)["missing"][0].count == 20


def test_a_gap_across_statuses_is_only_counted():
    account = [None if i % 4 == 0 else f"A{i}" for i in range(40)]
    codes = found("opportunity", deals(account_id=account))
    assert codes["missing"][0].count == 10
    assert not codes.keys() & {"missing_tells_outcome", "missing_by_stage"}


def test_lost_deals_with_amount_0():
    amount = [Decimal(0) if i >= 30 else Decimal(100 + i) for i in range(40)]
    finding = one("zero_when_lost", "opportunity", deals(amount=amount))
    assert (finding.count, finding.of) == (10, 10)
    some = [Decimal(0) if i >= 35 else Decimal(100 + i) for i in range(40)]
    assert "zero_when_lost" not in found("opportunity", deals(amount=some))


def test_dates_of_open_and_closed_deals():
    frame = deals()
    frame.loc[:2, "expected_close_date"] = pd.NaT
    frame.loc[[5, 6, 30], "expected_close_date"] = pd.Timestamp("2026-02-01")
    frame.loc[7, "expected_close_date"] = pd.Timestamp("2026-03-05")  # the last day itself
    frame.loc[[25, 35, 36], "close_date"] = pd.NaT
    frame.loc[[20], "close_date"] = pd.Timestamp("2026-01-01")
    codes = found("opportunity", frame)
    assert (codes["open_without_expected"][0].count, codes["open_without_expected"][0].of) == (
        3, 20,
    )  # fmt: skip
    assert (codes["expected_past"][0].count, codes["expected_past"][0].fields["day"]) == (
        2, "2026-03-05",
    )  # fmt: skip
    assert (codes["closed_without_day"][0].count, codes["closed_without_day"][0].of) == (3, 20)
    assert "missing" not in codes  # each of these gaps has a sentence of its own
    assert codes["closed_before_created"][0].fields["example"] == "D20"


def test_nothing_closes_for_months_after_the_first_deal():
    close = deals()["close_date"]
    created = deals()["created_date"].where(deals().index > 0, pd.Timestamp("2025-07-01"))
    finding = one("first_close_late", "opportunity", deals(created_date=created))
    assert (finding.fields["first"], finding.fields["day"]) == (
        "2025-07-01", str(close.min().date()),
    )  # fmt: skip
    assert finding.count == 40


# -- lines ---------------------------------------------------------------------------------------


def test_cancellations_and_corrections_of_stock_are_told_apart():
    frame = lines()
    frame.loc[[3, 7, 9], "order_id"] = ["C536379", "c536380", "C-12"]
    frame.loc[[3, 7, 9, 11, 12], "quantity"] *= -1
    frame["amount"] = (frame["quantity"] * frame["net_price"]).round(2)
    frame.loc[[20], "order_id"] = "C99"  # not negative: no cancellation
    codes = found("order_line", frame)
    assert (codes["cancellations"][0].count, codes["cancellations"][0].fields["example"]) == (
        3, "C536379",
    )  # fmt: skip
    assert (codes["negative_quantity"][0].count, codes["negative_quantity"][0].of) == (2, 60)


def test_the_mark_of_a_cancellation_may_stand_in_the_texts_only():
    frame = lines()
    frame.loc[4, "quantity"] = -1.0
    raw = pd.DataFrame({"InvoiceNo": [f"C{i}" if i == 4 else str(i) for i in range(60)]})
    assert one("cancellations", "order_line", frame.drop(columns="order_id"), raw=raw).count == 1


def test_prices_of_0_below_0_and_above_the_list():
    frame = lines(list_price=20.0)
    frame.loc[[1, 2], "net_price"] = 0.0
    frame.loc[[5], "net_price"] = -11.0
    frame.loc[[6], "net_price"] = 20.5
    codes = found("order_line", frame)
    assert (codes["zero_price"][0].count, codes["zero_price"][0].fields["example"]) == (2, "L001")
    assert codes["negative_price"][0].fields["example"] == "L005"
    assert codes["above_list"][0].fields["example"] == "L006"


def test_amounts_that_are_not_quantity_times_price():
    frame = lines()
    frame.loc[[8, 30], "amount"] += 5
    frame.loc[10, "amount"] += 0.01  # rounding
    frame.loc[12, "amount"] = np.nan
    finding = one("amount_apart", "order_line", frame)
    assert (finding.count, finding.of) == (2, 59)
    assert finding.fields["example"] == "L008"
    assert float(finding.fields["value"]) - float(finding.fields["product"]) == 5


def test_equal_lines_but_for_their_key():
    frame = lines()
    double = frame.iloc[[4, 4, 9]].assign(order_line_id=["X1", "X2", "X3"])
    finding = one("equal_lines", "order_line", pd.concat([frame, double], ignore_index=True))
    assert (finding.count, finding.of, finding.fields["example"]) == (3, 63, "X1")


def test_lines_with_two_figures_exchanged_are_not_equal():
    frame = lines()
    frame.loc[[1, 2], "quantity"] = [7.0, 9.0]
    frame.loc[[1, 2], "net_price"] = [9.0, 7.0]
    frame.loc[[1, 2], "amount"] = 63.0
    frame.loc[2, ["order_id", "account_id", "order_date"]] = frame.loc[
        1, ["order_id", "account_id", "order_date"]
    ]
    assert "equal_lines" not in found("order_line", frame)


# -- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "cut"), [(91, None), (88, None), (87, "2026-05-27"), (70, "2026-05-10")]
)
def test_a_last_month_that_ends_early(days, cut):
    codes = found("order_line", lines(days, order_date=pd.date_range("2026-03-02", periods=days)))
    assert [f.fields["day"] for f in codes.get("last_month_cut", [])] == ([cut] if cut else [])


def test_sparse_days_prove_no_cut():
    frame = lines(order_date=pd.date_range("2025-01-02", periods=60, freq="8D"))
    assert "last_month_cut" not in found("order_line", frame)


def test_a_month_without_rows_between_full_ones():
    days = pd.date_range("2025-09-01", "2026-05-31")
    days = days[days.month != 2]
    finding = one("empty_months", "order_line", lines(len(days), order_date=days))
    assert (finding.count, finding.of, finding.fields["month"]) == (1, 9, "2026-02")


def test_days_ahead_and_days_of_empty_cells():
    frame = lines(90)
    frame.loc[3, "order_date"] = pd.Timestamp("2062-03-04")
    frame.loc[[4, 5], "order_date"] = pd.Timestamp("1970-01-01")
    codes = found("order_line", frame)
    assert codes["future_days"][0].fields["day"] == "2062-03-04"
    assert (codes["old_days"][0].count, codes["old_days"][0].fields["day"]) == (2, "1970-01-01")


def test_instants_with_a_zone_and_dates_as_objects_are_days_too():
    lead = pd.DataFrame(
        {
            "lead_id": ["a", "b"],
            "created_at": pd.to_datetime(["2026-06-16 00:30", "2026-06-15 23:00"]).tz_localize(
                "Asia/Shanghai"
            ),
            "converted_date": [dt.date(2026, 6, 20), None],
        }
    )
    columns = {f.fields["column"]: f.count for f in found("lead", lead)["future_days"]}
    assert columns == {"created_at": 1, "converted_date": 1}


# -- amounts and words ---------------------------------------------------------------------------


def test_amounts_in_another_unit():
    amount = [Decimal("12.50") if i < 3 else Decimal(100_000 + 1000 * i) for i in range(40)]
    finding = one("other_unit", "opportunity", deals(amount=amount))
    assert (finding.count, finding.of, finding.fields["value"]) == (3, 40, "12.50")


def test_amounts_that_merely_spread_are_of_one_unit():
    amount = [Decimal(10) ** (i % 6) for i in range(40)]
    assert "other_unit" not in found("opportunity", deals(amount=amount))


def test_words_one_letter_from_a_known_one():
    account = pd.DataFrame(
        {
            "account_id": list("abcdefghi"),
            "industry": ["technolgy"] * 3 + ["medical", "Retail", "software", "制造业", None, None],
            "country": [
                "Philipines",
                "Kenya",
                "Niger",
                "Nigeria",
                "Brasil",
                "中国",
                None,
                "Gambia",
                "Zambia",
            ],
        }
    )
    near = {f.fields["text"]: (f.fields["name"], f.count) for f in find("account", account)
            if f.code == "near_word"}  # fmt: skip
    assert near == {
        "technolgy": ("technology", 3),
        "Philipines": ("Philippines", 1),
        "Brasil": ("Brazil", 1),
    }


def test_words_one_letter_from_a_much_more_frequent_one():
    region = ["Central"] * 40 + ["Centrall"] * 2 + ["East 1"] * 40 + ["East 2"]
    region += ["Northern"] * 5 + ["Northers"] * 4  # as usual as each other: two regions
    finding = one("near_word", "order_line", lines(92, region=region))
    assert (finding.fields["text"], finding.fields["name"]) == ("Centrall", "Central")


def test_words_of_a_column_that_is_not_kept_are_looked_at():
    raw = pd.DataFrame({"Country": ["Germany", "Germny"], "Remark": ["Germny", "x"]})
    account = pd.DataFrame({"account_id": ["a", "b"], "name": ["x1", "x2"]})
    assert one("near_word", "account", account, raw=raw).fields["column"] == "Country"


@pytest.mark.parametrize(
    ("a", "b", "near"),
    [
        ("technolgy", "technology", True),
        ("philipines", "philippines", True),
        ("recieve", "receive", True),
        ("software", "softvare", True),
        ("centrals", "central", True),
        ("technology", "technology", False),
        ("region 1", "region 2", False),
        ("team a", "team b", False),
        ("gtx1000", "gtx1001", False),
        ("austria", "australia", False),
        ("north", "south", False),
        ("abcdef", "badcfe", False),
        ("parking", "parlong", False),
        ("line1", "line2", False),
    ],
)
def test_one_letter_apart(a, b, near):
    assert findings_words.one_letter_apart(a, b) is near
    assert findings_words.one_letter_apart(b, a) is near


@given(st.text(string.ascii_lowercase, min_size=5, max_size=9), st.data())
def test_a_letter_left_out_is_always_seen(word, data):
    place = data.draw(st.integers(0, len(word) - 1))
    assert findings_words.one_letter_apart(word[:place] + word[place + 1 :], word)


def test_names_twice_and_names_that_name_nothing():
    names = ["ACME Ltd.", "Acme  LTD", "测试客户", "Test 2", "Globex", "testing equipment co"]
    codes = found("account", pd.DataFrame({"account_id": list("abcdef"), "name": names}))
    assert (codes["double_names"][0].count, codes["double_names"][0].fields["example"]) == (
        2, "ACME Ltd.",
    )  # fmt: skip
    assert (codes["placeholders"][0].count, codes["placeholders"][0].fields["example"]) == (
        2, "测试客户",
    )  # fmt: skip


# -- tables held against each other --------------------------------------------------------------


@pytest.fixture
def company() -> dict[str, pd.DataFrame]:
    return {
        "order_line": lines(
            40,
            product_id=["GTXPro"] * 12 + ["GTX Basic"] * 20 + ["MG Special"] * 7 + ["Nothing"],
            rep_id=["r1"] * 20 + ["r2"] * 20,
        ),
        "product": pd.DataFrame(
            {"product_id": ["GTX Pro", "GTX Basic", "MG Special", "MG Advanced"]}
        ),
        "rep": pd.DataFrame(
            {
                "rep_id": ["r1", "r1", "r2", "r3", "r4"],
                "name": ["Ann", "Ann", "Bo", "Cy", "Di"],
            }
        ),
    }


def test_spellings_that_a_join_loses(company):
    (finding,) = [f for f in find_between(company) if f.code == "spelled_apart"]
    assert (finding.count, finding.of) == (12, 40)
    assert finding.fields == {
        "table": "order_line", "column": "product_id", "other": "product",
        "text": "GTXPro", "name": "GTX Pro",
    }  # fmt: skip


def test_references_to_nothing_and_things_without_rows(company):
    codes = {f.fields["other"]: f for f in find_between(company) if f.code == "unused"}
    assert (codes["rep"].count, codes["rep"].of, codes["rep"].fields["example"]) == (2, 4, "Cy")
    assert (codes["product"].count, codes["product"].of) == (1, 4)
    (broken,) = [f for f in find_between(company) if f.code == "broken_reference"]
    assert (broken.count, broken.fields["example"]) == (1, "Nothing")


def test_a_thing_that_any_table_is_about_is_in_use(company):
    quote = pd.DataFrame({"quote_id": ["q1", "q2"], "rep_id": ["r3", "r3"]})
    (finding,) = [
        f
        for f in find_between({**company, "quote": quote})
        if f.code == "unused" and f.fields["other"] == "rep"
    ]
    assert (finding.count, finding.fields["tables"]) == (1, "order_line,quote")
    assert say(finding, Language("zh")) == (
        "“销售人员”共4个，其中1个在订单明细、报价中没有任何一行，如Di。"
    )


def test_ids_that_differ_by_a_figure_are_not_misspelt(company):
    company["order_line"]["rep_id"] = ["r1"] * 39 + ["r9"]
    codes = {f.code: f for f in find_between(company) if f.fields["other"] == "rep"}
    assert codes["broken_reference"].fields["example"] == "r9"
    assert "spelled_apart" not in codes


def test_rows_that_name_things_by_their_names(company):
    line = company["order_line"].drop(columns="rep_id")
    company["order_line"] = line.assign(**{"rep.name": ["Ann"] * 30 + ["ANN "] * 10})
    apart = [f for f in find_between(company) if f.code == "spelled_apart"]
    assert ("ANN ", "Ann", 10) in [(f.fields["text"], f.fields["name"], f.count) for f in apart]
    assert [f.count for f in find_between(company) if f.fields["other"] == "rep"
            and f.code == "unused"] == [3]  # fmt: skip


def test_a_column_that_is_not_kept_is_held_against_the_table_it_names(company):
    raw = pd.DataFrame(
        {"Product": company["order_line"].pop("product_id"), "Remark": ["GTX Pro"] + ["x"] * 39}
    )
    said = {f.code: f for f in find_between(company, raw={"order_line": raw})
            if f.fields["other"] == "product"}  # fmt: skip
    assert said["spelled_apart"].fields["text"] == "GTXPro"
    assert said["broken_reference"].fields["column"] == "Product"
    assert said["unused"].count == 1


def test_shared_words_are_compared_between_tables():
    frames = {
        "product": pd.DataFrame({"product_id": ["p"], "product_line": ["Lab equipment"]}),
        "order_line": lines(4, product_line=["Lab-Equipment", "Lab equipment", "Other", None]),
    }
    (finding,) = find_between(frames)
    assert (finding.code, finding.fields["text"]) == ("spelled_apart", "Lab-Equipment")


def test_find_with_others_says_what_concerns_its_own_rows(company):
    line = company.pop("order_line")
    codes = found("order_line", line, others=company)
    assert {"spelled_apart", "broken_reference", "unused"} <= codes.keys()


# -- sentences and laws --------------------------------------------------------------------------


def test_every_rule_has_a_code_of_its_own():
    codes = [rule.code for rule in FINDINGS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        (
            "en",
            'Account is missing in 10 of 40 rows, all of them "Open": that it is missing gives the'
            " outcome away. Do not predict from it.",
        ),
        (
            "zh",
            "40行中有10行缺少“客户编号”，全部为“进行中”：是否缺失本身已透露结果，不可用于预测。",
        ),
    ],
)
def test_sentences_name_columns_and_choices_by_their_labels(lang, sentence):
    fields = {"table": "opportunity", "column": "account_id", "status": "open"}
    assert say(Finding("missing_tells_outcome", 10, 40, fields), Language(lang)) == sentence


def test_every_finding_can_be_said_in_both_languages(company):
    frame = deals(account_id=[None] * 15 + ["A"] * 25, amount=[Decimal(0)] * 40)
    said = [*find("opportunity", frame), *find_between(company), *find("order_line", lines(70))]
    assert len(said) > 5
    for finding in said:
        for lang in (Language("en"), Language("zh")):
            assert "{" not in say(finding, lang)


def test_a_header_that_is_no_column_of_ours_is_said_as_it_stands():
    fields = {"table": "account", "column": "Country", "text": "Germny", "name": "Germany"}
    assert say(Finding("near_word", 1, 2, fields), Language("zh")).startswith("Country：")


@pytest.mark.parametrize(("count", "share"), [(5, "0.5%"), (0.6, "0.1%"), (0.4, "<0.1%")])
def test_a_small_share_is_never_said_as_none(count, share):
    finding = Finding(
        "missing", round(10 * count), 10_000, {"table": "account", "column": "industry"}
    )
    assert f"({share})" in say(finding, Language("en"))


def test_money_is_read_as_decimals_of_python_or_of_arrow():
    amount = [Decimal("12.50") if i < 3 else Decimal(100_000 + 1000 * i) for i in range(40)]
    kind = pd.ArrowDtype(pa.decimal128(18, 2))
    arrow = deals(amount=pd.Series(amount, dtype=kind))
    assert find("opportunity", arrow) == find("opportunity", deals(amount=amount))


def test_an_empty_table_and_a_table_without_rules_have_nothing_to_say():
    assert find("opportunity", deals().iloc[:0]) == ()
    assert find("no_such_table", pd.DataFrame({"a": [1]})) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["open", "won", "lost", None]),
            st.sampled_from(["S1", "S2", None]),
            st.none() | st.decimals(-1000, 10**9, places=2),
            st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2099, 1, 1)),
            st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2099, 1, 1)),
        ),
        max_size=30,
    )
)
def test_any_deals_are_looked_at_and_left_as_they_are(rows):
    names = ["status", "stage", "amount", "created_date", "close_date"]
    frame = pd.DataFrame(rows, columns=names)
    before = frame.copy(deep=True)
    for finding in find("opportunity", frame, today=TODAY):
        assert 0 < finding.count <= finding.of <= len(rows)
        assert say(finding, Language("en"))
    pd.testing.assert_frame_equal(frame, before)
