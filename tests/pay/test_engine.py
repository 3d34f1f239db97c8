"""What the parts of a plan do, one fact a test; and that exceptions never vanish."""

from __future__ import annotations

import decimal

import pandas as pd
import pyarrow as pa
import pytest

from tests.pay.little import (
    NAMES,
    credits_of,
    monthly,
    paid,
    people_of,
    plan_of,
    quota_of,
    rated,
)
from workbench.errors import InputError
from workbench.pay import pay, payout
from workbench.text import Language

FLAT = [{"rate": "10%"}]


def _stated(**more):
    return {"label": NAMES, "pays": {"amount": 1_000}} | more


def test_a_factor_of_one_changes_nothing():
    """The months' parts of a year's pay are rounded to date; a factor of 1 leaves them so."""
    factor = {"times": {"indicator": "i"}}
    plan = plan_of(
        {"c": rated([{"rate": "10%"}], modify=[factor])},
        measures={"sales": {"less": "returned"}},
        indicators={"i": {"score": "s", "otherwise": 1}},
    )
    dates = ["2026-01-05", "2026-02-05", "2026-03-05", "2026-03-05"]
    credits = credits_of(
        [0.04, 0.04, 0.04, 0.01],
        dates=dates,
        event=["booked"] * 3 + ["returned"],
        corrects=[None] * 3 + ["L0000"],
    )
    earned = pay(plan, credits).earned["c"]
    assert not earned.changes[0].amount.any()
    assert earned.total[0, :3].tolist() == earned.base[0, :3].tolist() == [0, 1, 0]


# -- windows and gates --------------------------------------------------------------------------


def test_amounts_of_tiers_of_attainment_are_earned_in_proportion():
    """10,000 for the quota, 10,000 more for the half above it: at 125% of 1,000,000 15,000."""
    tiers = [
        {"from": 0, "to": "100%", "amount": 10_000},
        {"from": "100%", "to": "150%", "amount": 10_000},
    ]
    plan = plan_of({"c": rated(tiers, rates={"kind": "interpolated", "on": "attainment"})})
    credits = credits_of([500_000, 750_000], dates=["2026-02-10", "2026-03-10"])
    assert monthly(pay(plan, credits, quota_of([1_000_000])))[1:3] == [5_000, 10_000]
    assert pay(plan, credits).exceptions()["at_stake"].tolist() == [10_000]
    assert payout(plan, quota=1_000_000)([0.5, 1.25, 2]).tolist() == [5_000, 15_000, 20_000]


def test_a_window_starts_anew_where_it_is_not_the_year():
    tiers = [{"rate": "1%"}, {"from": 1_000, "rate": "2%"}]
    credits = credits_of([1_500, 1_500], dates=["2026-03-31", "2026-04-01"])
    assert paid(plan_of({"c": rated(tiers)}), credits) == 10 + 40
    assert paid(plan_of({"c": rated(tiers, accumulate="quarter")}), credits) == 20 + 20


def test_settled_by_the_quarter_is_paid_in_its_last_month():
    plan = plan_of({"c": rated(FLAT, settle="quarter")})
    statement = pay(plan, credits_of([100, 200], dates=["2026-01-05", "2026-02-05"]))
    assert monthly(statement)[:4] == [0, 0, 30, 0]


def test_an_accelerator_waits_for_its_gate_and_is_paid_when_it_opens():
    tiers = [
        {"rate": "1%"},
        {"from": 1_000, "rate": "3%", "needs": {"indicator": "i", "at_least": 1}},
    ]
    plan = plan_of({"c": rated(tiers)}, indicators={"i": {"score": "s", "otherwise": 0}})
    scores = pd.DataFrame({"node": ["R1"], "name": "s", "date": ["2026-03-01"], "value": [1]})
    statement = pay(plan, credits_of([3_000]), scores=scores)
    # open in March alone; what April takes back waits for pay to take it from
    assert (statement.posted["c"][0, :4] / 100).tolist() == [30, 0, 40, -40]
    assert monthly(statement)[:4] == [30, 0, 40, 0]


def test_a_floor_a_cap_and_a_gate():
    plan = plan_of(
        {
            "capped": rated(FLAT, modify=[{"cap": {"amount": 150}, "over": "window"}]),
            "floored": rated(FLAT, accumulate="month", modify=[{"floor": {"amount": 50}}]),
            "gated": rated(
                FLAT, modify=[{"gate": {"indicator": "i", "at_least": 1}, "otherwise": 0.5}]
            ),
        },
        indicators={"i": {"attainment": "sales"}},
    )
    credits = credits_of([1_000, 1_000], dates=["2026-01-05", "2026-02-05"])
    statement = pay(plan, credits, quota_of([12_000]), people_of())
    amounts = {name: (each[0, :3] / 100).tolist() for name, each in statement.posted.items()}
    assert amounts == {
        "capped": [100, 50, 0],
        "floored": [100, 100, 50],
        "gated": [100, 100, 0],
    }


def test_a_return_restates_the_month_it_belongs_to():
    """A month that was capped gives back only what the cap had let through."""
    component = rated(FLAT, accumulate="month", modify=[{"cap": {"amount": 100}}])
    plan = plan_of({"c": component}, measures={"sales": {"less": "returned"}})
    credits = credits_of(
        [1_500, 600],
        dates=["2026-01-05", "2026-02-05"],
        event=["booked", "returned"],
        corrects=[None, "L0000"],
    )
    # 900 would have paid 90
    assert (pay(plan, credits).posted["c"][0, :2] / 100).tolist() == [100, -10]


def test_a_return_belongs_to_the_event_that_a_measure_counts():
    """A deal has one id for all its events; each measure finds its own line of it."""
    measures = {
        "sales": {"events": "booked", "less": "returned"},
        "billed": {"events": "invoiced", "less": "returned"},
    }
    tiers = [{"rate": "10%"}, {"from": 1_000, "rate": "20%"}]
    one = rated(tiers, accumulate="month")
    plan = plan_of({"b": one, "i": one | {"measure": "billed"}}, measures=measures)
    credits = credits_of(
        [1_500, 1_500, 1_500],
        dates=["2026-01-05", "2026-02-05", "2026-03-05"],
        event=["booked", "invoiced", "returned"],
        corrects=[None, None, "D"],
    ).assign(line_id=["D", "D", "R"])
    statement = pay(plan, credits)
    assert (statement.posted["b"][0, :3] / 100).tolist() == [200, 0, -200]
    assert (statement.posted["i"][0, :3] / 100).tolist() == [0, 200, -200]


# -- people -------------------------------------------------------------------------------------


def test_a_stated_pay_is_for_the_days_in_post():
    people = people_of(
        hired_date=[pd.Timestamp("2026-01-17")], left_date=[pd.Timestamp("2026-03-10")]
    )
    absences = pd.DataFrame({"rep_id": ["R1"], "start": ["2026-02-01"], "end": ["2026-02-07"]})
    statement = pay(plan_of({"c": _stated()}), credits_of([1]), None, people, absences=absences)
    assert monthly(statement)[:4] == [483.87, 750, 322.58, 0]  # 15/31, 21/28, 10/31


def test_roles_of_the_day_decide_what_is_paid():
    people = pd.DataFrame(
        {
            "rep_id": "R1",
            "role": ["hunter", "farmer"],
            "valid_from": pd.to_datetime(["2026-01-01", "2026-07-01"]),
            "valid_to": pd.to_datetime(["2026-06-30", None]),
        }
    )
    components = {
        "h": rated(FLAT, roles="hunter"),
        "f": rated([{"rate": "5%"}], roles="farmer"),
    }
    credits = credits_of([100, 100], dates=["2026-06-30", "2026-07-01"])
    assert monthly(pay(plan_of(components), credits, None, people))[5:7] == [10, 5]


def test_a_plan_that_changes_in_mid_year():
    components = {
        "old": rated(FLAT, valid_to="2026-05-15"),
        "new": rated([{"rate": "20%"}], valid_from="2026-05-16"),
    }
    credits = credits_of([100, 100], dates=["2026-05-15", "2026-05-16"])
    assert monthly(pay(plan_of(components), credits))[4] == 30


@pytest.mark.parametrize(
    ("rule", "leaver", "heir"),
    [("on_collection", 10, 0), ("handover", 4, 0), ("successor", 6, 4), ("none", 0, 0)],
)
def test_credit_after_leaving(rule, leaver, heir):
    people = pd.DataFrame(
        {
            "rep_id": ["R1", "R2"],
            "left_date": [pd.Timestamp("2026-01-31"), None],
            "successor_id": ["R2", None],
        }
    )
    plan = plan_of({"c": rated(FLAT)}, payment={"leaver": {"rule": rule, "share": "40%"}})
    statement = pay(plan, credits_of([100], dates=["2026-02-05"]), None, people)
    assert monthly(statement)[1] == leaver
    assert monthly(statement, rep="R2")[1] == heir
    if rule == "none":
        void = statement.exceptions()
        assert void["kind"].tolist() == ["leaver_void"]
        assert "courts" in statement.exceptions(lang=Language("en"))["meaning"].iloc[0]


def test_void_credit_after_leaving_is_listed_once_at_its_pay():
    more = {"other": rated(FLAT, measure="margin"), "again": rated([{"rate": "2%"}])}
    plan = plan_of(
        {"c": rated(FLAT)} | more,
        measures={"sales": {}, "margin": {"where": {"line_id": "none"}}},
        payment={"leaver": {"rule": "none"}},
    )
    people = people_of(left_date=["2026-02-28"])
    found = pay(plan, credits_of([500], dates="2026-03-05"), None, people).exceptions()
    assert found[["kind", "period", "credit", "at_stake"]].values.tolist() == [
        ["leaver_void", "2026-03", 500, 50]
    ]


def test_months_may_close_on_the_25th():
    plan = plan_of({"c": rated(FLAT)}, starts="2025-12-26", closing_day=25)
    credits = credits_of([100, 100], dates=["2026-01-25", "2026-01-26"])
    statement = pay(plan, credits)
    assert statement.book.months.names[0] == "2026-01"
    assert monthly(statement)[:2] == [10, 10]


# -- payment ------------------------------------------------------------------------------------


def test_held_pay_comes_later_and_is_lost_by_who_left():
    hold = {"h": {"components": "c", "share": "20%", "release": 3, "in_post": True}}
    plan = plan_of({"c": rated(FLAT)}, payment={"hold": hold})
    assert monthly(pay(plan, credits_of([1_000])))[:4] == [80, 0, 0, 20]
    people = people_of(left_date=[pd.Timestamp("2026-02-15")])
    statement = pay(plan, credits_of([1_000]), None, people)
    assert monthly(statement)[:4] == [80, 0, 0, 0]
    assert "forfeited" in statement.ledger()["entry"].tolist()


def test_deductions_leave_the_minimum_and_wait():
    components = {"base": _stated(payroll="base"), "c": rated(FLAT)}
    plan = plan_of(
        components,
        measures={"sales": {"less": "returned"}},
        payment={"deduct": {"limit": "50%", "keep": 700}},
    )
    credits = credits_of(
        [5_000, 5_000],
        dates=["2026-01-05", "2026-02-05"],
        event=["booked", "returned"],
        corrects=[None, "L0000"],
    )
    assert monthly(pay(plan, credits))[:4] == [1_500, 700, 800, 1_000]


def test_a_guarantee_is_not_paid_back():
    draw = {"g": {"amount": {"amount": 300}, "months": 2, "recoverable": False}}
    people = people_of(hired_date=[pd.Timestamp("2026-01-01")])
    plan = plan_of({"c": rated(FLAT)}, payment={"draw": draw})
    credits = credits_of([1_000, 9_000], dates=["2026-01-05", "2026-03-05"])
    assert monthly(pay(plan, credits, None, people))[:4] == [300, 300, 900, 0]


# -- rounding and size --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "per", "pays"),
    [
        ("half_up", "payee", [0.01, 0.0, 0.01]),
        ("half_up", "line", [0.01, 0.01, 0.01]),
        ("half_even", "payee", [0.0, 0.01, 0.01]),
        ("half_even", "line", [0.0, 0.0, 0.0]),
    ],
)
def test_rounding_is_as_stated(mode, per, pays):
    plan = plan_of({"c": rated(FLAT)}, rounding={"mode": mode, "per": per})
    statement = pay(plan, credits_of([0.05, 0.05, 0.05]))
    assert statement.lines()["earned"].tolist() == pays


def test_amounts_may_be_decimals_or_chunks():
    credits = credits_of([100.01, 200.02, 300.03])
    plan = plan_of({"c": rated([{"rate": "33%"}])})
    expected = pay(plan, credits, None, people_of()).minor().tolist()
    decimals = credits.assign(amount=[decimal.Decimal(str(x)) for x in credits["amount"]])
    assert pay(plan, decimals, None, people_of()).minor().tolist() == expected
    chunks = (credits.iloc[[n]] for n in (2, 0, 1))
    assert pay(plan, chunks, None, people_of()).minor().tolist() == expected
    table = pa.Table.from_pandas(credits, preserve_index=False)
    assert pay(plan, table, None, people_of()).minor().tolist() == expected


def test_chunks_may_differ_in_their_optional_columns():
    plan = plan_of({"c": rated(FLAT)})
    one, two = credits_of([100.0, 200.0]), credits_of([300.0, 500.0])
    two["line_id"] = ["L0002", "L0003"]
    two = two.assign(share=[1.0, 0.5], split_type=["split", "overlay"], event="booked")
    statement = pay(plan, iter([one, two]), None, people_of())
    assert statement.table()["pay"].tolist() == [60.0]
    assert statement.lines()["event"].unique().tolist() == ["booked"]


def test_money_of_another_currency_counts_at_the_rate_of_the_plan():
    credits = credits_of([100.01, 50.0], currency=["USD", "EUR"])
    plan = plan_of({"c": rated(FLAT)}, exchange={"USD": "7.1"})
    statement = pay(plan, credits)
    assert statement.lines()["credit"].tolist() == [710.07]  # 710.071
    assert statement.exceptions()["kind"].tolist() == ["other_currency"]


def test_pay_of_people_in_another_currency_counts_at_the_rate_or_is_refused():
    base = {"label": NAMES, "payroll": "base", "pays": {"base_pay": 1}}
    people = people_of(base_pay=[1_000.0], currency=["USD"])
    plan = plan_of({"c": rated(FLAT), "base": base}, exchange={"USD": "7.1"})
    assert monthly(pay(plan, credits_of([0]), None, people))[0] == 7_100
    with pytest.raises(InputError, match="R1 is paid in USD, and the plan in CNY"):
        pay(plan_of({"c": rated(FLAT), "base": base}), credits_of([0]), None, people)


def test_lines_that_no_measure_counts_are_no_exceptions():
    plan = plan_of({"c": rated(FLAT)}, measures={"sales": {"events": "paid"}})
    credits = credits_of([100, 100], rep=["X9", "X9"], event=["booked", "paid"])
    statement = pay(plan, credits, None, people_of())
    assert statement.exceptions()["line_id"].tolist() == ["L0001"]
    assert statement.exceptions()["at_stake"].tolist() == [10]


def test_amounts_too_large_or_too_fine_are_refused():
    plan = plan_of({"c": rated([{"rate": "33.333%"}])})
    with pytest.raises(InputError, match="too large"):
        pay(plan, credits_of([3e13]))
    with pytest.raises(InputError, match="finer than the smallest unit"):
        pay(plan, credits_of([0.005]))


# -- exceptions ---------------------------------------------------------------------------------


def test_exceptions_are_listed_with_the_money_at_stake():
    tiers = [{"rate": "10%"}, {"from": "100%", "rate": "20%"}]
    plan = plan_of(
        {"c": rated(tiers, rates={"on": "attainment"})}, measures={"sales": {"less": "returned"}}
    )
    credits = pd.DataFrame(
        {
            "line_id": ["A", "B", "C", "D", "D", "E", "F", "G"],
            "rep_id": ["R1", "X9", "R1", "R1", "R2", "R3", "R1", "R1"],
            "date": pd.to_datetime(["2026-02-01"] * 6 + ["2027-02-01", "2026-03-01"]),
            "amount": [100.0, 200, 300, 400, 400, 500, 600, None],
            "currency": ["CNY", "CNY", "USD"] + ["CNY"] * 5,
            "share": [1, 1, 1, 0.5, 0.3, 1, 1, 1],
            "event": "booked",
            "corrects": [None] * 8,
        }
    )
    people = pd.DataFrame({"rep_id": ["R1", "R2", "R3"]})
    statement = pay(plan, credits, quota_of([1_000, 1_000], rep=["R1", "R2"]), people)
    found = statement.exceptions().set_index("kind")[["rep_id", "credit", "at_stake"]]
    assert found.loc["unknown_rep"].tolist() == ["X9", 200, 40]
    assert found.loc["other_currency"].tolist() == ["R1", 300, 60]
    assert found.loc["outside_plan"].tolist() == ["R1", 600, 120]
    # a fifth of the 400 is nobody's
    assert found.loc["split_under", ["credit", "at_stake"]].tolist() == [80, 16]
    assert found.loc["missing_quota"].tolist() == ["R3", 500, 50]
    assert found.loc["missing_amount", "rep_id"] == "R1"
    assert len(found) == 6


def test_a_return_of_an_unknown_line_and_a_negative_window_are_listed():
    plan = plan_of({"c": rated(FLAT)}, measures={"sales": {"less": "returned"}})
    credits = credits_of([50], event="returned", corrects="lost")
    found = pay(plan, credits).exceptions()
    assert set(found["kind"]) == {"corrects_unknown", "negative_credit", "open_debt"}


def test_credit_without_a_quota_is_listed_at_its_pay_on_target():
    rates = {"on": "attainment", "of": {"target_incentive": "60%"}}
    plan = plan_of({"c": rated([{"rate": 1}], rates=rates)})
    people = people_of(target_incentive=[100_000])
    missing = pay(plan, credits_of([500]), None, people).exceptions().iloc[0]
    assert missing[["kind", "credit", "at_stake"]].tolist() == ["missing_quota", 500, 60_000]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"share": 60}, "a share of 60 is no part"),
        ({"date": "yesterday"}, "yesterday is no date"),
        ({"amount": "many"}, "many is no number"),
        ({"amount": "¥100"}, "¥100 is no number"),
        ({"amount": "100.005"}, "100.005 is finer"),
        ({"amount": True}, "amount holds no numbers"),
    ],
)
def test_what_a_line_cannot_hold_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        pay(plan_of({"c": rated(FLAT)}), credits_of([1]).assign(**change))


def test_dates_of_lines_come_as_people_write_them():
    credits = credits_of([100, 100]).assign(date=["2026/1/5", "2026-02-05"])
    assert monthly(pay(plan_of({"c": rated(FLAT)}), credits))[:2] == [10, 10]


def test_leave_that_overlaps_counts_once_and_who_came_back_was_away():
    plan = plan_of({"base": {"label": NAMES, "payroll": "base", "pays": {"base_pay": 1}}})
    days = {"start": ["2026-04-01", "2026-04-06"], "end": ["2026-04-10", "2026-04-15"]}
    absences = pd.DataFrame({"rep_id": ["R1", "R1"]} | days)
    people = people_of(base_pay=[3_000.0])
    assert monthly(pay(plan, credits_of([0]), None, people, absences=absences))[3] == 1_500
    rows = pd.DataFrame(
        {
            "rep_id": ["R1", "R1"],
            "base_pay": 3_000.0,
            "valid_from": ["2020-01-01", "2026-06-16"],
            "valid_to": ["2026-04-15", None],
        }
    )
    found = monthly(pay(plan, credits_of([0]), None, rows))
    assert found[2:7] == [3_000, 1_500, 0, 1_500, 3_000]


def test_leave_without_its_columns_is_refused():
    absences = pd.DataFrame({"rep_id": ["R1"], "start": ["2026-02-01"]})
    with pytest.raises(InputError, match="absences lack the column end"):
        pay(plan_of({"c": rated(FLAT)}), credits_of([1]), absences=absences)
    bad = absences.assign(end="soon")
    with pytest.raises(InputError, match="soon is no date"):
        pay(plan_of({"c": rated(FLAT)}), credits_of([1]), absences=bad)


def test_people_twice_on_a_day_and_missing_columns_are_refused():
    plan = plan_of({"c": rated(FLAT)})
    with pytest.raises(InputError, match="two rows for one day"):
        pay(plan, credits_of([1]), None, pd.DataFrame({"rep_id": ["R1", "R1"]}))
    with pytest.raises(InputError, match="lack the column rep_id"):
        pay(plan, pd.DataFrame())
    with pytest.raises(InputError, match="lack the column amount"):
        pay(plan, credits_of([1]).drop(columns="amount"))


def test_an_explanation_tells_the_rate_of_the_plan_and_the_factor_apart():
    factor = {"column": "days", "steps": [{"from": 0, "factor": 1}, {"from": 31, "factor": "80%"}]}
    plan = plan_of({"c": rated([{"rate": "3%"}], line_factors=[factor])})
    text = pay(plan, credits_of([10_000, 10_000], days=[30, 31])).explain(
        rep="R1", period="2026-01"
    )
    assert "10,000.00 at 3%: 300.00" in text.text()
    assert "10,000.00 at 3% (times the line's factor 0.8): 240.00" in text.text()


def test_an_explanation_speaks_both_languages():
    tiers = [{"rate": "1%"}, {"from": 1_000, "rate": "2%"}]
    statement = pay(plan_of({"c": rated(tiers)}), credits_of([2_500]))
    english = statement.explain(rep="R1", period="2026-01").text()
    assert "1,000.00 at 1%: 10.00" in english and "1,500.00 at 2%: 30.00" in english
    chinese = statement.explain(rep="R1", period="2026-Q1", lang=Language("zh"))
    assert "1,000.00，费率1%：10.00" in chinese.text(Language("zh"))


def test_a_negative_window_is_listed_in_the_month_that_made_it():
    plan = plan_of({"c": rated(FLAT)})
    statement = pay(plan, credits_of([-50, 20], dates=["2026-03-05", "2026-05-05"]))
    found = statement.exceptions(until="2026-03").set_index("kind")
    assert found.loc["negative_credit", ["period", "credit"]].tolist() == ["2026-03", -50]
    assert statement.exceptions().set_index("kind").loc["negative_credit", "credit"] == -30
    assert not len(statement.exceptions(until="2026-02"))


def test_a_line_handed_in_twice_is_listed():
    plan = plan_of({"c": rated(FLAT)}, measures={"sales": {"events": ["booked", "paid"]}})
    line = credits_of([100], event="booked")
    deal = pd.concat([line, line.assign(event="paid"), line.assign(amount=[50])])
    assert not len(pay(plan, deal).exceptions())
    found = pay(plan, pd.concat([deal, deal])).exceptions()
    assert found["kind"].tolist() == ["line_twice"] * 3
    assert found["credit"].sum() == 250 and found["at_stake"].sum() == 25


def test_a_contest_is_won_by_nobody_where_nothing_was_sold():
    place = {"indicator": "place", "steps": [{"from": 1, "factor": 1}, {"from": 2, "factor": 0}]}
    plan = plan_of(
        {
            "c": {
                "label": NAMES,
                "pays": {"amount": 300},
                "settle": "quarter",
                "modify": [{"times": place}],
            }
        },
        indicators={"place": {"rank": "sales", "over": "quarter"}},
    )
    people = pd.DataFrame({"rep_id": ["R1", "R2"]})
    statement = pay(plan, credits_of([10]), None, people)
    assert monthly(statement)[2::3] == [300, 0, 0, 0] and not any(monthly(statement, rep="R2"))
    assert not len(statement.exceptions())
    assert "place: no place" in statement.explain(rep="R2", period="2026-03").text()


def test_numbers_may_be_texts_as_people_write_them():
    plan = plan_of({"c": rated([{"rate": "10%"}], rates={"on": "attainment"})})
    credits = credits_of(["1,000.50", "1万"], share="60%")
    statement = pay(plan, credits, quota_of(["1,000"]))
    assert monthly(statement)[0] == 660.03
    with pytest.raises(InputError, match="many is no number"):
        pay(plan, credits, quota_of(["many"]))
    for share in (["1/3", "2/3"], [1 / 3, 2 / 3]):
        thirds = credits_of(["1,000.01"] * 2, rep=["R1", "R2"], share=share).assign(line_id="L1")
        statement = pay(plan_of({"c": rated(FLAT)}), thirds)
        assert statement.exceptions().empty and statement.table()["pay"].sum() == 100
    mixed = credits_of([1, 2]).assign(share=pd.Series([1, "60%"], dtype=object))
    with pytest.raises(InputError, match="mixes texts and numbers"):
        pay(plan, mixed, quota_of([1]))


def test_columns_that_are_there_are_named_where_one_is_missing():
    with pytest.raises(InputError, match="金额"):
        pay(plan_of({"c": rated(FLAT)}), credits_of([1]).rename(columns={"amount": "金额"}))
