"""Plans, people and draws for the tests of cost: small, and rich in rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.pay.plan import Plan, plan_from
from workbench.scenarios import cube, streams

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]

#: Base pay apart, four components: accelerated commission of the year to date, performance pay by
#: the quarter's attainment, a gated margin bonus, and a year-end bonus by two coefficients.
B2B: dict[str, Any] = {
    "plan": "b2b",
    "name": {"en": "B2B", "zh": "B2B"},
    "starts": "2026-01-01",
    "measures": {
        "revenue": {"events": ["booked"]},
        "margin": {"events": ["booked"], "value": "margin"},
    },
    "indicators": {
        "quarter": {"attainment": "revenue", "over": "quarter"},
        "year": {"attainment": "revenue", "over": "year"},
        "company": {"attainment": "revenue", "over": "year", "level": "company"},
    },
    "components": {
        "commission": {
            "label": {"en": "Commission", "zh": "提成"},
            "measure": "revenue",
            "accumulate": "year",
            "rates": {
                "on": "attainment",
                "of": {"target_incentive": "50%"},
                "tiers": [
                    {"from": 0, "rate": "60%"},
                    {"from": "60%", "rate": 1},
                    {"from": 1, "rate": 2},
                    {"from": "150%", "rate": "50%"},
                ],
            },
        },
        "performance": {
            "label": {"en": "Performance", "zh": "绩效"},
            "payroll": "performance",
            "pays": {"target_incentive": "20%"},
            "settle": "quarter",
            "modify": [{"times": {"indicator": "quarter", "floor": 0, "cap": "150%"}}],
        },
        "margin_bonus": {
            "label": {"en": "Margin", "zh": "毛利奖"},
            "measure": "margin",
            "settle": "quarter",
            "rates": {"tiers": [{"from": 0, "rate": "1%"}, {"from": "40万", "rate": "2%"}]},
            "modify": [{"gate": {"indicator": "quarter", "at_least": "80%"}, "otherwise": "50%"}],
        },
        "year_end": {
            "label": {"en": "Year end", "zh": "年终奖"},
            "payroll": "year_end",
            "pays": {"base_pay": 2},
            "settle": "year",
            "modify": [
                {
                    "times": {
                        "indicator": "year",
                        "steps": [
                            {"from": "60%", "factor": "60%"},
                            {"from": "80%", "factor": 1},
                            {"from": 1, "factor": "150%"},
                        ],
                    }
                },
                {"times": {"indicator": "company", "floor": "80%", "cap": "120%"}},
            ],
        },
    },
}


def b2b(**changes: Any) -> Plan:
    """The plan with four components."""
    return plan_from({**B2B, **changes})


def staff(count: int, *, seed: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People and their quotas: one in ten joins in the year, one in ten leaves."""
    rng = streams(seed)["tests/staff"]
    ids = [f"R{number:04d}" for number in range(count)]
    drawn = rng.random(count)
    people = pd.DataFrame(
        {
            "rep_id": ids,
            "role": np.where(np.arange(count) % 2, "hunter", "farmer"),
            "team_id": [f"T{number % 5}" for number in range(count)],
            "manager_id": [ids[0] if number % 5 else None for number in range(count)],
            "hired_date": np.where(drawn < 0.1, "2026-04-15", "2020-01-01"),
            "left_date": [None if each < 0.9 else "2026-09-10" for each in drawn],
            "base_pay": np.round(rng.uniform(8000, 15000, count), -2),
            "target_incentive": np.round(rng.uniform(60000, 120000, count), -2),
        }
    )
    people["hired_date"] = pd.to_datetime(people["hired_date"])
    people["left_date"] = pd.to_datetime(people["left_date"])
    quotas = pd.DataFrame(
        {
            "rep_id": ids,
            "quota": "revenue",
            "period_start": pd.Timestamp("2026-01-01"),
            "period_end": pd.Timestamp("2026-12-31"),
            "value": np.round(rng.uniform(6e6, 16e6, count), -4),
        }
    )
    return people, quotas


def money(
    count: int, draws: int, *, level: float = 9e5, name: str = "revenue", seed: int = 7
) -> Any:
    """A cube of credit in whole cents."""
    rng = streams(seed)[f"tests/{name}"]
    values = np.round(level * rng.lognormal(-0.1, 0.45, (draws, 12, count)), 2)
    ids = [f"R{number:04d}" for number in range(count)]
    return cube(
        values, name=name, unit="CNY", period=MONTHS, keys={"person": ids}, seed=seed,
        streams=[f"tests/{name}"],
    )  # fmt: skip


def lines_of(cubes: dict[str, Any], draw: int, columns: dict[str, str]) -> pd.DataFrame:
    """One draw as credit lines: a line for each person and month; columns by measure."""
    first = next(iter(cubes.values()))
    people = [str(each) for each in first.coords["person"].values]
    rows = pd.DataFrame(
        [(month, who) for month in MONTHS for who in people], columns=["month", "rep_id"]
    )
    rows["line_id"] = [f"L{number:06d}" for number in range(len(rows))]
    rows["date"] = pd.to_datetime(rows["month"] + "-15")
    for measure, column in columns.items():
        rows[column] = cubes[measure].values[draw].ravel()
    return rows.drop(columns="month")
