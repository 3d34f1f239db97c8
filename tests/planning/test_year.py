"""Bases of the split, sheets, entries, SMART, and what is done during the year."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.planning.drawn import MONTHS, SIZES, TREE, revenue
from workbench.errors import InputError, ParameterError
from workbench.planning import Goal, prepare, set_targets
from workbench.planning.bottom_up import CAUSES, corrected, gap_causes, trust
from workbench.planning.pace import elapsed, pace, resplit
from workbench.planning.smart import CHECKS, REASONS, reason_text, smart
from workbench.planning.split import blended, capacity, season
from workbench.planning.target_sheet import unpivot_months
from workbench.text import Language

GOAL = Goal("revenue", value=18_000_000)


@pytest.fixture(scope="module")
def targets():
    return set_targets(revenue(), TREE, GOAL)


# -- bases of the split -------------------------------------------------------------------------


def test_parts_are_blended_as_shares():
    parts = {"history": pd.Series({"a": 30.0, "b": 10.0}), "potential": pd.Series({"a": 1, "b": 3})}
    mixed = blended(parts, mix={"history": 1, "potential": 1})
    assert mixed.to_dict() == pytest.approx({"a": 0.5, "b": 0.5})


def test_capacity_knows_starts_ends_and_leave():
    people = pd.DataFrame(
        {
            "node": ["old", "new", "gone", "away"],
            "start": [pd.NaT, "2027-03-01", pd.NaT, pd.NaT],
            "end": [pd.NaT, pd.NaT, "2027-01-31", pd.NaT],
            "leave_from": [pd.NaT, pd.NaT, pd.NaT, "2027-02-01"],
            "leave_to": [pd.NaT, pd.NaT, pd.NaT, "2027-02-14"],
        }
    )
    found = capacity(people, months=MONTHS[:4], ramp=3)
    assert found.loc["old"].tolist() == [1, 1, 1, 1]
    assert found.loc["new"].tolist() == pytest.approx([0, 0, 0.25, 0.5])
    assert found.loc["gone"].tolist() == [1, 0, 0, 0]
    assert found.loc["away"].tolist() == pytest.approx([1, 0.5, 1, 1])


def test_the_season_follows_the_new_year():
    months = pd.period_range("2020-01", "2025-12", freq="M")
    from workbench.calendars import new_year_share

    reach = new_year_share(
        months.start_time.to_numpy().astype("datetime64[D]"),
        months.end_time.to_numpy().astype("datetime64[D]"),
    )
    planted = np.where(months.month == 12, 1.6, 1.0) * (1 - 0.5 * reach)
    history = pd.Series(100 * planted, index=months)
    # the New Year of 2027 falls on 6 February, that of 2023 on 22 January
    late = season(history, months=pd.period_range("2027-01", "2027-12", freq="M"))
    early = season(history, months=pd.period_range("2023-01", "2023-12", freq="M"))
    assert late.sum() == pytest.approx(1.0)
    assert late.iloc[1] < late.iloc[0] and early.iloc[0] < early.iloc[1]
    assert late.iloc[11] == late.max()


def test_a_season_needs_two_years():
    with pytest.raises(InputError, match="two years"):
        season(pd.Series(1.0, index=MONTHS), months=MONTHS)


# -- sheets -------------------------------------------------------------------------------------


def test_month_columns_become_rows():
    sheet = pd.DataFrame(
        {
            "大区": ["华东", "华北"],
            "1月": [1, 2],
            "2月": [3, None],
            "一季度": [4, 2],
            "合计": [4, 2],
        }
    )
    long = unpivot_months(sheet, year=2027)
    assert list(long.columns) == ["大区", "month", "value"]
    assert [str(month) for month in long["month"]] == ["2027-01", "2027-01", "2027-02"]
    assert long["value"].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    "columns", [["2027-01", "2027-02"], ["202701", "202702"], ["2027年1月", "2027年2月"]]
)
def test_months_may_tell_their_year(columns):
    long = unpivot_months(pd.DataFrame([["x", 1, 2]], columns=["node", *columns]))
    assert [str(month) for month in long["month"]] == ["2027-01", "2027-02"]


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        (pd.DataFrame({"node": ["a"]}), "no column is a month"),
        (pd.DataFrame({"1月": [1], "01月": [2]}), "more than one column"),
        (pd.DataFrame({"1月": ["待定"]}), "not numbers"),
    ],
)
def test_sheets_that_cannot_be_read_say_why(sheet, words):
    with pytest.raises(InputError, match=words):
        unpivot_months(sheet, year=2027)


# -- entries ------------------------------------------------------------------------------------


def record(habit, *, noise, months=24, seed=5):
    rng = np.random.default_rng(seed)
    rows = []
    for number, (who, ratio) in enumerate(habit.items()):
        actual = 100 * np.exp(rng.normal(0, noise, months))
        told = actual / ratio * np.exp(rng.normal(0, noise, months))
        top = 100 * np.exp(rng.normal(0, 0.2 + 0.4 * number, months))
        rows.append(
            pd.DataFrame({"who": who, "submitted": told, "actual": actual, "top_down": top})
        )
    return pd.concat(rows, ignore_index=True)


def test_entries_are_set_right_by_habit():
    past = record({"a1": 1.3, "a2": 0.8}, noise=0.05)
    entries = pd.DataFrame({"node": ["a1", "a2", "new"], "value": [100.0, 100.0, 100.0]})
    found = corrected(entries, past).set_index("node")
    assert found.loc["a1", "value"] == pytest.approx(130, rel=0.03)
    assert found.loc["a2", "value"] == pytest.approx(80, rel=0.03)
    assert found.loc["a2", "value"] < found.loc["new", "value"] < found.loc["a1", "value"]


def test_trust_goes_to_the_side_that_was_nearer():
    sure = trust(record({"a1": 1.0, "a2": 1.0}, noise=0.05))
    unsure = trust(record({"a1": 1.0, "a2": 1.0}, noise=0.6))
    assert (sure > unsure).all() and sure.min() > 0.8
    assert sure["a2"] > sure["a1"]  # his top-down share was further off
    assert ((unsure >= 0) & (unsure <= 1)).all()


def test_causes_sum_to_the_gap():
    entries = pd.DataFrame({"node": ["a1", "a2", "b1"], "value": [1.2e6, 2e6, 3e6]})
    targets = set_targets(revenue(), TREE, GOAL, bottom_up=entries)
    said = pd.Series({"a1": 1e6, "a2": 2.2e6, "b1": 3e6})
    found = gap_causes(targets, kpi="revenue", submitted=said).set_index("node")
    causes = found[list(CAUSES)].sum(axis=1)
    assert causes.to_numpy() == pytest.approx(found["gap"].to_numpy())
    assert (found["heads"] == 0).all()
    own = pd.Series({"a1": 1.1e6, "a2": 2e6, "b1": 2.9e6})
    moved = gap_causes(targets, kpi="revenue", submitted=said, own=own).set_index("node")
    assert moved[list(CAUSES)].sum(axis=1).to_numpy() == pytest.approx(moved["gap"].to_numpy())
    assert moved.loc["company", "heads"] == pytest.approx(0.2e6, abs=1)
    assert found.loc["a", "habit"] == pytest.approx(0.0, abs=1e-6)  # +200,000 and -200,000
    assert found.loc["a", "missing"] == 0 and found.loc["b", "missing"] > 0
    assert found.loc["company", "gap"] == pytest.approx(found.loc[["a", "b"], "gap"].sum())


# -- SMART --------------------------------------------------------------------------------------


def test_smart_gives_reasons_in_both_languages(targets):
    found = smart(targets, sources={"revenue": "order_line"}, tables=["order_line"])
    assert set(found["check"]) == set(CHECKS) and len(found) == 8 * 5
    for row in found.to_dict("records"):
        assert row["reason"] in REASONS
        assert reason_text(row, Language("en")) and reason_text(row, Language("zh"))
    beside = found.iloc[0].to_dict() | {
        "reason": "too_hard",
        "figure": 0.296,
        "low": 0.3,
        "high": 0.8,
    }
    assert reason_text(beside, Language("en")) == "chance 29.6%, below 30%"
    owners = found.query("check == 'specific'").set_index("node")["passed"]
    assert owners["a1"] and not owners["company"]


def test_smart_sees_what_is_out_of_reach(targets):
    hard = targets.change(goals=[Goal("revenue", value=40_000_000)])
    found = smart(hard).query("check == 'achievable' and node == 'company'").iloc[0]
    assert not found["passed"] and found["reason"] == "too_hard"
    assert not smart(hard).query("check == 'measurable'")["passed"].any()


def test_smart_names_conflicts_between_kpis():
    first = revenue()
    against = (first.max() * 1.01 - first).rename("service").assign_attrs(first.attrs)
    goals = [GOAL, Goal("service", value=1e7)]
    found = smart(set_targets({"revenue": first, "service": against}, TREE, goals))
    clash = found[found["reason"] == "conflict"]
    assert len(clash) == 8 and (clash["other"] == "service").all()
    for row in clash.to_dict("records"):
        assert row["figure"] < 0 and "correlation -" in reason_text(row, Language("en"))


# -- during the year ----------------------------------------------------------------------------


def test_elapsed_counts_working_days():
    part = elapsed(pd.Index(MONTHS), on=dt.date(2026, 3, 31))
    assert part.tolist() == [0.0] * 12
    half = elapsed(pd.Index(["2025-06", "2025-07"]), on=dt.date(2025, 6, 15))
    # 2 June 2025 was a day off: 9 of 20 working days
    assert half.tolist() == [9 / 20, 0.0]


def test_pace_learns_from_what_has_come(targets):
    on = dt.date(2027, 6, 30)
    drawn = revenue().isel(period=slice(0, 6)).sum("period")
    means = drawn.mean("draw").to_pandas()
    found = {}
    for name, factor in (("as planned", 1.0), ("ahead", 1.2)):
        actual = (means * factor).rename("value").rename_axis("node").reset_index()
        rows = pace(targets, actual, kpi="revenue", on=on).query("tier == 'base'")
        found[name] = rows.set_index("node")
    assert found["ahead"].loc["company", "p_hit"] > found["as planned"].loc["company", "p_hit"]
    plan = targets.table().query("node == 'a1' and tier == 'base' and month < '2027-07'")
    assert found["ahead"].loc["a1", "planned"] == pytest.approx(plan["target"].sum())
    # a common part of the errors carries on: being ahead says more than what is in the bank
    naive = revenue().isel(period=slice(6, None)).sum(["period", "rep"]).to_numpy()
    left = found["ahead"].loc["company", "left"]
    assert found["ahead"].loc["company", "p_hit"] > (naive >= left).mean()


def test_at_the_end_nothing_is_uncertain(targets):
    actual = pd.DataFrame({"node": list(SIZES), "value": [2e6, 2e6, 4e6, 5e6, 6e6]})
    rows = pace(targets, actual, kpi="revenue", on=dt.date(2027, 12, 31))
    company = rows[rows["node"] == "company"].set_index("tier")
    assert company["p_hit"].tolist() == [1.0, 1.0, 0.0]


def test_a_leavers_target_goes_on_with_the_total_unchanged(targets):
    found = resplit(targets, kpi="revenue", leaver="b1", first="2027-07")
    months = found.groupby("month")[["before", "after"]].sum()
    assert (months["before"] == months["after"]).all()
    left = found.query("node == 'b1'").set_index("month")["after"]
    assert (left.loc["2027-07":] == 0).all()
    assert (left.loc[:"2027-06"] > 0).all()
    assert set(found["node"]) == {"b1", "b2", "b3"}
    more = (found["after"] - found["before"]).groupby(found["node"]).sum()
    goal = targets.target("revenue")[:, 1]
    share = goal[targets.tree.place["b2"]] / sum(
        goal[targets.tree.place[node]] for node in ("b2", "b3")
    )
    assert more["b2"] == pytest.approx(-more["b1"] * share, abs=1e4)


def test_only_leaves_take_over(targets):
    with pytest.raises(ParameterError, match="other people"):
        resplit(targets, kpi="revenue", leaver="b1", first="2027-07", to={"a": 1.0})


def test_preparing_is_kept_apart_from_changing():
    ready = prepare(revenue(draws=50), TREE, GOAL)
    first = ready.targets().years()
    ready.change(goals=[Goal("revenue", value=2e7)])
    pd.testing.assert_frame_equal(ready.targets().years(), first)


def test_corrected_entries_of_the_past_sum_to_what_came():
    # logs of noisy ratios average below the log of the ratio of sums
    past = record({"a1": 1.2, "a2": 0.9}, noise=0.5, months=200)
    entries = past.rename(columns={"who": "node", "submitted": "value"})[["node", "value"]]
    found = corrected(entries, past)
    assert found["value"].sum() == pytest.approx(past["actual"].sum(), rel=1e-9)
