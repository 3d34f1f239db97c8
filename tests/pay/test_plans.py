"""The plans that come along, each with the example of its own comment worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.pay.little import credits_of, monthly
from workbench.pay import load_plan, pay

FOLDER = Path("params/incentives/plans")
PLANS = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.stem)
def test_every_plan_is_read_and_commented_in_both_languages(path):
    assert load_plan(path).components
    comments = [line for line in path.read_text(encoding="utf-8").splitlines() if "#" in line]
    text = "".join(line.split("#", 1)[1] for line in comments)
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in text) > 20
    assert sum(letter.isascii() and letter.isalpha() for letter in text) > 20


def test_simple():
    credits = credits_of([4_000_000, 2_000_000], dates=["2026-01-10", "2026-03-10"])
    assert monthly(pay(load_plan(FOLDER / "simple.yaml"), credits))[:3] == [24_000, 0, 16_000]


def test_quota():
    plan = load_plan(FOLDER / "quota.yaml")
    people = pd.DataFrame(
        {"rep_id": ["R1"], "target_incentive": 100_000, "hired_date": pd.Timestamp("2020-01-01")}
    )
    quotas = pd.DataFrame({"rep_id": ["R1"], "value": [1_000_000]})
    scores = pd.DataFrame(
        {"node": "R1", "name": "mbo", "date": ["2026-03-31", "2026-06-30"], "value": [1.1, 0.9]}
    )
    credits = credits_of([600_000, 500_000], dates=["2026-01-10", "2026-06-10"])
    statement = pay(plan, credits, quotas, people, scores=scores)
    assert monthly(statement, "commission")[:6] == [36_000, 0, 0, 0, 0, 36_000]
    assert monthly(statement, "performance")[2:6:3] == [11_000, 9_000]
    missing = statement.exceptions()
    assert missing["period"].tolist() == ["2026-09", "2026-12"]
    assert missing["at_stake"].tolist() == [10_000, 10_000]


def _chinese(**left):
    """R1 and R2 of a team, R3 of another; revenue by which the coefficients are 1.1, 0.9 and 1."""
    ids = ["R1", "R2", "R3"]
    people = pd.DataFrame(
        {
            "rep_id": ids,
            "team_id": ["T", "T", "U"],
            "role": "hunter",
            "base_pay": 10_000,
            "hired_date": pd.Timestamp("2020-01-01"),
        }
        | left
    )
    quotas = pd.DataFrame({"rep_id": ids, "quota": "revenue_net", "value": 1_200_000})
    sold = credits_of(
        [120_000, 1_200_000, 840_000, 1_440_000],
        dates=["2026-01-10", "2026-06-10", "2026-01-10", "2026-01-10"],
        rep=["R1", "R1", "R2", "R3"],
        event="invoiced",
    )
    return people, quotas, sold


def _paid(sold, amounts, dates, **columns):
    """Money that came in for R1, after what was sold."""
    paid = credits_of(amounts, dates=dates, **({"event": "paid"} | columns))
    sold = sold.assign(line_id="I" + sold["line_id"], days_overdue=0)
    return pd.concat([sold, paid], ignore_index=True)


def test_chinese_practice():
    people, quotas, sold = _chinese()
    credits = _paid(sold, [300_000, 100_000], "2026-01-10", days_overdue=[0, 45])
    plan = load_plan(FOLDER / "china.yaml")
    statement = pay(plan, credits, quotas, people)
    january = statement.table().query("rep_id == 'R1'").iloc[0]
    assert january["performance"] == 4_800
    assert january["commission"] == 1_900 - 475
    assert january["pay"] == 10_000 + 4_800 + 1_425
    december = statement.table().query("rep_id == 'R1'").iloc[-1]
    assert december["commission"] == 475  # what was held back
    assert december["year_end"] == 19_800
    gone = people.assign(left_date=[pd.Timestamp("2026-12-30"), None, None])
    paid_ = pay(plan, credits, quotas, gone).table().query("rep_id == 'R1'")
    assert paid_["year_end"].sum() == 0
    text = statement.explain(rep="R1", period="2026-12").text()
    assert "× 1.1 for Personal coefficient 110%" in text


def test_bad_debt_is_taken_back_as_it_was_earned_within_the_limit_of_a_month():
    people, quotas, _ = _chinese()
    months = [f"2026-{month:02d}-05" for month in range(1, 13)]
    sold = credits_of([100_000] * 12, dates=months, event="invoiced")
    credits = _paid(
        sold,
        [1_200_000, 1_200_000],
        ["2026-01-10", "2026-05-10"],
        event=["paid", "bad_debt"],
        corrects=[None, "L0000"],
        days_overdue=[45, 0],
    )
    statement = pay(load_plan(FOLDER / "china.yaml"), credits, quotas, people)
    earned = statement.posted["commission"][0] / 100
    assert earned[0] == 4_800 and earned[4] == -4_800
    # a quarter of it was never paid out; of 14,000 at most 2,800 may go in a month
    assert monthly(statement, "commission")[4] == -2_800
    assert monthly(statement, "commission")[5] == -800
    assert monthly(statement, "commission")[11] == 0
    assert sum(monthly(statement, "commission")) == 0


def test_whole_amount_variant_rerates_the_year():
    people, quotas, sold = _chinese()
    credits = _paid(sold, [4_000_000, 2_000_000], ["2026-01-10", "2026-02-10"], days_overdue=0)
    plan = load_plan(FOLDER / "china_whole.yaml")
    earned = pay(plan, credits, quotas, people).posted["commission"][0] / 100
    assert earned[:2].tolist() == [20_000, 22_000]  # 6,000,000 x 0.7% less 20,000


def test_team():
    people = pd.DataFrame({"rep_id": ["A", "B"], "role": "rep"})
    credits = credits_of(
        [1, 1],
        rep=["A", "B"],
        event="invoiced",
        margin=[300_000, 100_000],
        units=[3, 1],
        product_line=["main", "new"],
    )
    statement = pay(load_plan(FOLDER / "team.yaml"), credits, None, people)
    march = statement.table().set_index(["rep_id", "period"])
    assert march.loc[("A", "2026-03"), "performance"] == 6_000 + 3_000
    assert march.loc[("B", "2026-03"), "performance"] == 2_000 + 1_500
    assert march.loc[("B", "2026-01"), "commission"] == 80


def test_dealer_rebate():
    credits = credits_of(
        [650_000, 500_000, 1_115_500],
        dates=["2026-02-10", "2026-08-10", "2026-10-10"],
        rep="D1",
        event=["invoiced", "invoiced", "paid_in_time"],
    )
    quotas = pd.DataFrame({"rep_id": ["D1"], "quota": "last_year", "value": [1_000_000]})
    statement = pay(load_plan(FOLDER / "dealer_rebate.yaml"), credits, quotas)
    by = statement.totals().set_index("component")["amount"]
    assert by.to_dict() == {
        "base_rebate": 34_500,
        "growth_rebate": 23_000,
        "payment_rebate": 11_500,
    }
    assert monthly(statement, rep="D1")[2::3] == [19_500, 0, 15_000, 34_500]


def test_full_b2b_plan_pays_everything_its_explanation_says():
    people = pd.DataFrame(
        {
            "rep_id": ["M", "R1"],
            "role": ["manager", "hunter"],
            "manager_id": [None, "M"],
            "base_pay": [15_000, 10_000],
            "target_incentive": [100_000, 80_000],
            "hired_date": pd.Timestamp("2020-01-01"),
        }
    )
    quotas = pd.DataFrame({"rep_id": ["R1"], "value": [1_200_000]})
    credits = credits_of(
        [400_000, 300_000, 300_000, 200_000, 8],
        dates=["2026-01-10", "2026-02-10", "2026-03-02", "2026-03-10", "2026-05-05"],
        rep="R1",
        event=["invoiced", "paid", "paid", "invoiced", "invoiced"],
        margin=[150_000.0, 0, 0, 70_000, 0],
        units=[0, 0, 0, 0, 12],
        product_line=["main", "main", "main", "main", "new"],
        days_overdue=[0, 0, 40, 0, 0],
    )
    statement = pay(load_plan(FOLDER / "b2b.yaml"), credits, quotas, people)
    earned = {name: each[1] / 100 for name, each in statement.posted.items()}
    # 300,000 x 0.8%; then 300,000 x 0.8% x 0.8
    assert earned["commission"][1:3].tolist() == [2_400, 1_920]
    # 150,000 x 0.5% in January; 220,000 x 0.8% less that in March
    assert earned["margin_pay"][[0, 2]].tolist() == [750, 1_010]
    assert earned["spiff"][4] == 10 * 60 + 2 * 90
    # quarter: 600,000 of 300,000 (200%), margin 36.7%: 80,000 x 30% / 4 x 1.5
    assert earned["matrix_bonus"][2] == 9_000
    assert statement.posted["override"][0, 1:3].tolist() == [45_000, 45_000]
    for rep in ("M", "R1"):
        tree = statement.explain(rep=rep, period="2026-Q1")
        assert float(tree.amount) == pytest.approx(sum(monthly(statement, rep=rep)[:3]))
        for month in tree.children:
            for part in month.children:
                if part.children:
                    assert part.amount == sum(child.amount for child in part.children), part.label
