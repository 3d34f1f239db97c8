"""Selling expense by month, region and team, and exchange rates.

Pay carries the employer's contributions; freight follows goods delivered, marketing the
campaigns, travel the people in post. Amounts are CNY without VAT.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.sample import plan_grid
from workbench.sample.parameters import REGIONS, planted
from workbench.sample.plan_grid import MONTHS
from workbench.sample.world import AS_OF, Frame


@dataclass(frozen=True)
class ExpenseTruth:
    """Planted parameters of selling expense."""

    contributions: float = planted(0.32, "share of pay", "employer's social contributions")
    support: float = planted(0.55, "ratio", "people in sales support for one person in the team")
    support_pay: float = planted(8_500.0, "CNY a month", "pay of a person in sales support")
    travel: float = planted(4_200.0, "CNY a month", "travel of a person in post")
    marketing: float = planted(42e3, "CNY a month", "marketing of a region besides campaigns")
    freight: float = planted(0.011, "share of goods", "freight of goods sold")
    course: float = planted(900.0, "CNY an hour", "cost of a course, a person")
    other: float = planted(1_500.0, "CNY a month", "other expense of a person in post")


def expense_table(frame: Frame, paid: pd.DataFrame, *, truth: ExpenseTruth) -> pd.DataFrame:
    """All rows of `expense` up to the end of the data.

    Parameters
    ----------
    paid : pandas.DataFrame
        Rows of `payroll`.
    """
    parts = [
        _pay(frame, paid, truth),
        _by_head(frame, "travel", truth.travel),
        _by_head(frame, "other", truth.other),
        _freight(frame, truth),
        _marketing(frame, truth),
        _courses(frame, truth),
    ]
    table = pd.concat(parts, ignore_index=True)
    table = table[(table["amount"] > 0) & (table["expense_date"] <= pd.Timestamp(AS_OF))]
    keys = ["expense_date", "expense_type", "region", "team_id"]
    table = table.sort_values(keys, kind="stable", ignore_index=True)
    table["amount"] = table["amount"].round(2)
    return table.assign(expense_id=np.arange(len(table)), currency="CNY")


def exchange_rates(frame: Frame) -> pd.DataFrame:
    """Simulated monthly rates of two currencies, from the first day of each month."""
    rng = frame.rng("expenses/rates")
    months = MONTHS[MONTHS.astype("M8[D]") <= AS_OF]
    parts = []
    for code, start, end in (("EUR", 7.55, 7.95), ("USD", 6.45, 7.10)):
        steps = rng.normal(0, 0.009, len(months)).cumsum()
        bridge = steps - np.linspace(0, 1, len(months)) * steps[-1]
        level = np.linspace(np.log(start), np.log(end), len(months))
        parts.append(
            pd.DataFrame(
                {
                    "currency": code,
                    "rate_date": months.astype("M8[D]").astype("M8[s]"),
                    "rate": np.round(np.exp(level + bridge), 4),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _ends() -> np.ndarray:
    return np.asarray(((MONTHS + 1).astype("M8[D]") - 1).astype("M8[s]"))


def _teams(frame: Frame) -> pd.DataFrame:
    """Team and region by rep code."""
    seat = frame.reps["seat"].to_numpy()
    seats = frame.seats.iloc[seat]
    return pd.DataFrame({"team_id": seats["team"].to_numpy(), "region": seats["region"].to_numpy()})


def _pay(frame: Frame, paid: pd.DataFrame, truth: ExpenseTruth) -> pd.DataFrame:
    team = _teams(frame).iloc[paid["rep_id"]].reset_index(drop=True)
    rows = team.assign(
        expense_date=paid["month_end"].to_numpy(),
        amount=paid["amount"].to_numpy(),
    )
    support = _by_head(frame, "pay", truth.support * truth.support_pay)
    rows = pd.concat([rows, support], ignore_index=True)
    rows["amount"] = rows["amount"] * (1 + truth.contributions)
    sums = rows.groupby(["expense_date", "region", "team_id"], as_index=False)["amount"].sum()
    return sums.assign(expense_type="pay")


def _by_head(frame: Frame, kind: str, rate: float) -> pd.DataFrame:
    """An amount a month for each person in post, by team; less around the New Year."""
    posted = plan_grid.posted_months(frame)
    team = _teams(frame)
    season = np.where(MONTHS.astype(np.int64) % 12 == 1, 0.6, 1.0)
    noise = np.exp(frame.rng(f"expenses/{kind}").normal(0, 0.15, (len(frame.teams), len(MONTHS))))
    rows = []
    for place, each in enumerate(frame.teams["team_id"]):
        heads = posted[(team["team_id"] == each).to_numpy()].sum(axis=0)
        rows.append(
            pd.DataFrame(
                {
                    "expense_date": _ends(),
                    "expense_type": kind,
                    "region": frame.teams["region"].iloc[place],
                    "team_id": each,
                    "amount": heads * rate * season * noise[place],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def _freight(frame: Frame, truth: ExpenseTruth) -> pd.DataFrame:
    goods = frame.totals["goods_by_month"]
    inside = goods["month"].between(0, len(MONTHS) - 1).to_numpy()
    goods = goods[inside].reset_index(drop=True)
    noise = np.exp(frame.rng("expenses/freight").normal(0, 0.06, len(goods)))
    return pd.DataFrame(
        {
            "expense_date": _ends()[goods["month"]],
            "expense_type": "freight",
            "region": goods["region"],
            "team_id": -1,
            "amount": goods["amount"] * truth.freight * noise,
        }
    )


def _marketing(frame: Frame, truth: ExpenseTruth) -> pd.DataFrame:
    """Campaigns on their last day, and what regions spend besides."""
    ends = _ends()
    scale = max(1.0, frame.size.reps / 60)
    noise = np.exp(frame.rng("expenses/marketing").normal(0, 0.2, (len(REGIONS), len(MONTHS))))
    usual = pd.DataFrame(
        {
            "expense_date": np.tile(ends, len(REGIONS)),
            "region": np.repeat(np.array(REGIONS, object), len(MONTHS)),
            "amount": (truth.marketing * scale * noise).ravel(),
        }
    )
    known = frame.campaigns[["end_date", "region", "cost"]]
    held = known.rename(columns={"end_date": "expense_date", "cost": "amount"})
    return pd.concat([usual, held], ignore_index=True).assign(expense_type="marketing", team_id=-1)


def _courses(frame: Frame, truth: ExpenseTruth) -> pd.DataFrame:
    taken = frame.trainings[frame.trainings["day"] <= frame.calendar.as_of]
    team = _teams(frame).iloc[taken["rep_id"]].reset_index(drop=True)
    month = taken["training_date"].to_numpy().astype("M8[D]").astype("M8[M]")
    rows = team.assign(
        expense_date=((month + 1).astype("M8[D]") - 1).astype("M8[s]"),
        amount=taken["hours"].to_numpy() * truth.course,
    )
    keys = ["expense_date", "region", "team_id"]
    return rows.groupby(keys, as_index=False)["amount"].sum().assign(expense_type="training")
