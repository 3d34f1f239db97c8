"""Cost of a plan over a cube of attainment, beside plain numpy; what-if of one person.

10,000 draws x 500 payees x 12 months of a plan with four components, on prepared draws. The plain
way is what one writes for this one plan with numpy, in blocks of draws so that it fits in memory;
ours runs any plan. Both must give the same cost.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from benchmarks.harness import Job, main

DRAWS, PEOPLE, CASES = 10_000, 500, 50
PLAN: dict[str, Any] = {
    "plan": "benchmark",
    "name": {"en": "Benchmark", "zh": "基准"},
    "starts": "2026-01-01",
    "measures": {"revenue": {}, "margin": {"value": "margin"}},
    "indicators": {
        "quarter": {"attainment": "revenue", "over": "quarter"},
        "year": {"attainment": "revenue", "over": "year"},
        "margin_year": {"attainment": "margin", "over": "year"},
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
            "label": {"en": "Performance pay", "zh": "绩效工资"},
            "pays": {"target_incentive": "20%"},
            "settle": "month",
            "modify": [{"times": {"indicator": "quarter", "floor": 0, "cap": "150%"}}],
        },
        "margin": {
            "label": {"en": "Margin bonus", "zh": "毛利奖"},
            "measure": "margin",
            "settle": "quarter",
            "rates": {"tiers": [{"from": 0, "rate": "1%"}, {"from": 400_000, "rate": "2%"}]},
            "modify": [{"gate": {"indicator": "quarter", "at_least": "80%"}, "otherwise": "50%"}],
        },
        "year_end": {
            "label": {"en": "Year-end bonus", "zh": "年终奖"},
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
                }
            ],
        },
    },
}


@cache
def prepared(draws: int = DRAWS) -> tuple[Any, Any]:
    """People with quotas, and a cube of attainment."""
    import pandas as pd

    from workbench.incentives.payees import payees
    from workbench.pay import plan_from
    from workbench.scenarios import cube, streams

    random = streams(7)
    rng = random["benchmark/people"]
    ids = [f"R{number:04d}" for number in range(PEOPLE)]
    people = pd.DataFrame(
        {
            "rep_id": ids,
            "hired_date": pd.Timestamp("2020-01-01"),
            "base_pay": np.round(rng.uniform(8000, 15000, PEOPLE), -2),
            "target_incentive": np.round(rng.uniform(60_000, 120_000, PEOPLE), -2),
        }
    )
    year = np.round(rng.uniform(6e6, 16e6, PEOPLE), -4)
    quotas = pd.concat(
        pd.DataFrame({"rep_id": ids, "quota": name, "value": year * share})
        for name, share in (("revenue", 1.0), ("margin", 0.35))
    )
    staff = payees(plan_from(PLAN), people, quotas)
    values = random["benchmark/attainment"].lognormal(-0.1, 0.4, (draws, 12, PEOPLE))
    attainment = cube(
        values, name="attainment", unit="share", period=list(staff.names), keys={"person": ids}
    )
    return staff, attainment


def told(total: np.ndarray) -> list[float]:
    """Mean and quantiles of the year's cost, to seven digits."""
    figures = [total.mean(), *np.quantile(total, [0.1, 0.5, 0.9])]
    return [float(f"{value:.7g}") for value in figures]


def ours(threads: int | None) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.incentives.cost import plan_cost

        staff, attainment = prepared()
        plan_cost(staff, attainment[:40])  # compiled code is loaded before

        def work() -> object:
            return told(plan_cost(staff, attainment, threads=threads).total())

        return work

    return way


def plain() -> Callable[[], object]:
    staff, attainment = prepared()
    revenue, margin = staff.quota("revenue").T, staff.quota("margin").T
    incentive, base = staff.staff.incentive[:, 0] / 100, staff.staff.base_pay[:, 0] / 100
    year, months = revenue.sum(axis=0), attainment.shape[1]
    asked = np.stack([revenue[m - m % 3 : m + 1].sum(axis=0) for m in range(months)])

    def block(values: np.ndarray) -> np.ndarray:
        sold, margins = values * revenue, values * margin
        to_date = sold.cumsum(axis=1)
        earned = 0.6 * to_date
        for start, step in ((0.6, 0.4), (1.0, 1.0), (1.5, -1.5)):
            earned += step * np.maximum(to_date - start * year, 0)
        earned *= 0.5 * incentive / year
        pay = np.diff(earned, axis=1, prepend=0.0).sum(axis=(1, 2))
        parts = sold.reshape(len(values), 4, 3, -1).cumsum(axis=2).reshape(sold.shape)
        reached = parts / asked
        pay += (np.clip(reached, 0, 1.5) * (0.2 * incentive / 12)).sum(axis=(1, 2))
        quarter = margins.reshape(len(values), 4, 3, -1).sum(axis=2)
        bonus = 0.01 * quarter + 0.01 * np.maximum(quarter - 400_000, 0)
        pay += np.where(reached[:, 2::3] >= 0.8, bonus, 0.5 * bonus).sum(axis=(1, 2))
        done = to_date[:, -1] / year
        factor = np.select([done >= 1, done >= 0.8, done >= 0.6], [1.5, 1.0, 0.6], 0.0)
        return np.asarray(pay + (factor * 2 * base).sum(axis=1))

    def work() -> object:
        values = attainment.values
        return told(np.concatenate([block(values[at : at + 200]) for at in range(0, DRAWS, 200)]))

    return work


def asking() -> Callable[[], object]:
    from workbench.incentives.curve import what_if

    staff, attainment = prepared(200)
    quota = {name: staff.quota(name).T for name in ("revenue", "margin")}
    credit = {name: attainment.values[0] * each for name, each in quota.items()}
    what_if(staff, credit, rep=staff.ids[7], change={"revenue": quota["revenue"][:, 7]})

    def work() -> object:
        for case in range(CASES):
            share = 0.5 + case / CASES
            change = {name: each[:, 7] * share for name, each in quota.items()}
            what_if(staff, credit, rep=staff.ids[7], change=change)
        return CASES

    return work


JOBS = [
    Job(
        f"{DRAWS:,} draws x {PEOPLE} payees x 12 months of a plan with four components",
        {"workbench": ours(None), "workbench, one thread": ours(1), "plain numpy": plain},
        goal="at most 1.5 s, better 0.7 s",
    ),
    Job(
        f"What one of {PEOPLE} people earns if, {CASES} questions one by one",
        {"workbench": asking},
        goal="under 20 ms a question: under 1 s",
    ),
]

if __name__ == "__main__":
    main("benchmarks.incentives", JOBS)
