"""People: credit adds up, pay follows the plan, surveys say what people feel."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.sample.following import Sample, on, without
from workbench.sample import people, plans, surveys
from workbench.sample.world import AS_OF, FIRST_DAY

TRUTH = people.TRUTH
EFFORT = plans.TRUTH.effort
TODAY = pd.Timestamp(AS_OF)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return on()


def test_splits_sum_to_a_whole_and_overlay_is_apart(sample: Sample) -> None:
    rows = sample["credit_split"]
    split = rows[rows["split_type"] == "split"]
    assert split.groupby("contract_id")["share"].sum().round(9).eq(1).all()
    assert not rows.duplicated(["contract_id", "rep_id", "split_type"]).any()
    known = sample["contract"].set_index("contract_id")["signed_date"]
    assert rows["contract_id"].isin(known.index).all()
    helper = sample.frame.reps["role"].to_numpy()[
        rows.loc[rows["split_type"] == "overlay", "rep_id"]
    ]
    assert np.isin(helper, ("presales", "manager")).all()


def test_the_planted_share_of_contracts_is_split(sample: Sample) -> None:
    def shared(one: Sample) -> float:
        rows = one["credit_split"].query("split_type == 'split'")
        return float((rows.groupby("contract_id").size() > 1).mean())

    assert shared(sample) == pytest.approx(TRUTH.split_share, abs=0.03)
    assert shared(without("splits")) == 0


def test_pre_sales_are_credited_on_top(sample: Sample) -> None:
    def overlaid(one: Sample) -> float:
        rows = one["credit_split"]
        return (rows["split_type"] == "overlay").sum() / rows["contract_id"].nunique()

    assert 0.1 < overlaid(sample) < TRUTH.overlay_share
    assert overlaid(without("overlay")) == 0


def commission_rates(one: Sample) -> pd.Series:
    """Commission over collections of key account managers, by quota reached to date."""
    frame = one.frame
    _, to_date, _ = people.attainments(frame)
    month = plans_month(one["payroll"]["month_end"])
    pay = one["payroll"].assign(month=month).query("component == 'commission'")
    collected = frame.totals["rep_collections"].rename(columns={"amount": "collected"})
    rows = pay.merge(collected, on=["rep_id", "month"])
    rows = rows[frame.reps["role"].to_numpy()[rows["rep_id"]] == "key_account"]
    reached = to_date[rows["rep_id"], rows["month"]]
    tier = np.select([reached >= 1, (reached >= 0.8)], ["over", "near"], "under")
    return rows.groupby(tier)["amount"].sum() / rows.groupby(tier)["collected"].sum()


def plans_month(dates: pd.Series) -> np.ndarray:
    months = dates.to_numpy().astype("M8[M]")
    return (months - FIRST_DAY.astype("M8[M]")).astype(int)


def test_commission_rates_rise_above_quota(sample: Sample) -> None:
    rates = commission_rates(sample)
    planted = dict(zip(TRUTH.tiers, TRUTH.tier_rates, strict=True))
    assert rates["over"] / rates["near"] == pytest.approx(planted[1.0] / planted[0.8], rel=0.03)
    assert rates["under"] < rates["near"]
    flat = commission_rates(without("accelerator"))
    assert flat["over"] / flat["near"] == pytest.approx(1, abs=0.02)


def test_new_plans_pay_the_planted_rate_from_their_day_on(sample: Sample) -> None:
    plan = sample["pay_plan"].query("component == 'commission' and tier_from == 1")
    for role, since in EFFORT.raised_from.items():
        old, new = plan[plan["role"] == role].sort_values("valid_from").itertuples()
        assert new.valid_from == pd.Timestamp(since)
        assert old.valid_to == pd.Timestamp(since) - pd.Timedelta(days=1)
        assert new.rate / old.rate == pytest.approx(EFFORT.raised, rel=0.001)
    keys = ["role", "component", "tier_from"]
    assert not sample["pay_plan"].duplicated([*keys, "valid_from"]).any()
    assert (sample["pay_plan"].query("role == 'channel'")["valid_to"].isna()).all()


def test_reps_do_more_where_commission_was_raised(sample: Sample) -> None:
    def lift(one: Sample) -> float:
        """Consumables of hunters against those of farmers: 2024 over the years before."""
        lines = one.lines().query("channel == 'direct' and product_line == 'consumables'")
        role = one.frame.reps["role"].to_numpy()[lines["rep_id"]]
        year = lines["order_date"].dt.year
        number = lines["order_id"].groupby([role, year]).nunique()
        ratio = np.log(number["hunter"] / number["farmer"])
        return float(ratio[2024] - ratio[[2022, 2023]].mean())

    planted = EFFORT.elasticity * np.log(EFFORT.raised) * sample.world.truth.rep.skill_orders
    assert lift(sample) - lift(without("effort")) == pytest.approx(planted, abs=0.03)


def test_pay_is_paid_in_post_only_and_follows_the_plan(sample: Sample) -> None:
    pay, reps = sample["payroll"], sample.frame.reps
    assert not pay.duplicated(["rep_id", "month_end", "component"]).any()
    calendar = sample.frame.calendar
    left = reps["left"].to_numpy()[pay["rep_id"]]
    gone = (left >= 0) & (calendar.index(pay["month_end"].to_numpy("M8[D]")) - 31 > left)
    assert not gone.any()
    base = pay.query("component == 'base'")
    whole = reps["base_pay"].to_numpy()[base["rep_id"]]
    assert (base["amount"] <= whole + 0.01).all()
    assert (base["amount"] >= whole - 0.01).mean() > 0.9
    bonus = pay.query("component == 'year_end'")
    assert (bonus["month_end"].dt.month == 1).all()
    months = bonus["amount"] / reps["base_pay"].to_numpy()[bonus["rep_id"]]
    assert 0.5 < months.median() < 4


def test_pay_lies_in_the_planted_range(sample: Sample) -> None:
    reps = sample.frame.reps
    selling = reps[reps["quota"]]
    assert selling["base_pay"].between(8_000, 15_000).all()
    assert 170_000 < selling["target_pay"].median() < 300_000
    expense = sample["expense"]
    year = expense["expense_date"].dt.year == 2025
    spent = expense[year].groupby("expense_type")["amount"].sum()
    received = sample["receipt"]
    collected = received[received["receipt_date"].dt.year == 2025]["amount"].sum()
    assert 0.035 < spent["pay"] / collected < 0.06
    assert set(spent.index) >= {"pay", "travel", "marketing", "freight", "training"}


def test_selling_expense_follows_what_causes_it(sample: Sample) -> None:
    expense = sample["expense"]
    month = expense["expense_date"].dt.to_period("M")
    freight = expense[expense["expense_type"] == "freight"].groupby(month)["amount"].sum()
    lines = sample.lines().query("product_line != 'service'").dropna(subset=["recognised_date"])
    goods = lines.groupby(lines["recognised_date"].dt.to_period("M"))["net"].sum()
    assert np.corrcoef(freight, goods.reindex(freight.index))[0, 1] > 0.9
    held = sample["campaign"]
    held = held[held["end_date"] <= TODAY]
    booked = expense[(expense["expense_type"] == "marketing")]["amount"].round(2)
    assert held["cost"].isin(set(booked)).mean() > 0.95


def test_scores_of_courses_show_skill(sample: Sample) -> None:
    rows = sample["training"]
    skill = sample.frame.reps["skill"].to_numpy()[rows["rep_id"]]
    slope = np.polyfit(skill, rows["score"], 1)[0]
    assert slope == pytest.approx(TRUTH.score_skill, abs=4)
    assert rows["score"].between(30, 100).all()


def test_customers_answer_what_they_feel(sample: Sample) -> None:
    def slope(one: Sample) -> float:
        rows = one["survey_response"].query("survey == 'customer' and question == 'service'")
        quarter = (rows["answer_date"].dt.year - 2021) * 4 + rows["answer_date"].dt.quarter - 3
        felt = one.world.satisfaction[rows["account_id"], quarter]
        return float(np.polyfit(felt, rows["score"], 1)[0])

    assert slope(sample) == pytest.approx(1, abs=0.12)
    assert abs(slope(without("survey_satisfaction"))) < 0.1


def staff(one: Sample) -> pd.DataFrame:
    rows = one["survey_response"].query("survey == 'staff'")
    wide = rows.pivot(index="response_id", columns="question", values="score")
    who = rows.drop_duplicates("response_id").set_index("response_id")
    wide = wide.join(who[["rep_id", "answer_date"]])
    reps = one.frame.reps
    day = one.frame.calendar.index(wide["answer_date"].to_numpy("M8[D]"))
    left = reps["left"].to_numpy()[wide["rep_id"]]
    wide["leaving"] = (left >= 0) & (left - day <= TRUTH.survey.leaving_days)
    wide["own"] = reps["engagement"].to_numpy()[wide["rep_id"]]
    wide["team"] = one.frame.seats["team"].to_numpy()[reps["seat"].to_numpy()[wide["rep_id"]]]
    return wide


def test_who_will_leave_answers_lower_before(sample: Sample) -> None:
    def drop(one: Sample) -> float:
        rows = staff(one)
        gap = rows["stay"] - rows["own"]
        return float(gap[rows["leaving"]].mean() - gap[~rows["leaving"]].mean())

    weight = dict(zip(surveys.STAFF_QUESTIONS, surveys.MOOD_WEIGHTS, strict=True))["stay"]
    assert drop(sample) == pytest.approx(TRUTH.survey.leaving * weight, abs=0.5)
    assert abs(drop(without("leaving_mood"))) < 0.4


def test_teams_differ_in_climate(sample: Sample) -> None:
    def spread(one: Sample) -> float:
        rows = staff(one).query("not leaving")
        gap = rows["engagement"] - rows["own"]
        means = gap.groupby(rows["team"]).agg(["mean", "size"])
        return float(means.loc[means["size"] >= 15, "mean"].std())

    assert spread(sample) == pytest.approx(TRUTH.survey.climate, abs=0.3)
    assert spread(without("team_climate")) < 0.22
