"""Compile the kernels of pay and its cost once, on a small company and a plan with every rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.company import Company

_DRAWS = 200


def compile_all(company: Company, folder: Path) -> None:
    """Pay people by a plan, and draw its cost; what is compiled is kept on disk.

    Parameters
    ----------
    company : Company
        With orders, receipts, people and targets of a whole year.
    folder : Path
        For the file of the plan.
    """
    import yaml

    from workbench.incentives.behaviour.dynamic import compile_all as of_behaviour
    from workbench.incentives.settle import settle
    from workbench.incentives.study_incentives import Params, compute
    from workbench.pay.plan import plan_from

    of_behaviour()
    year = company.data_as_of.year - 1
    plan = _plan(year)
    # to the line with nothing taken back, then to the person with returns, refunds and bad debt
    whole = {name: {**each, "less": []} for name, each in plan["measures"].items()}
    for values in ({**plan, "measures": whole, "rounding": {"per": "line"}}, plan):
        settled = settle(company, plan_from(values), str(year))
        settled.payroll()
        settled.exceptions()
    path = folder / "plan.yaml"
    path.write_text(yaml.safe_dump(plan), encoding="utf-8")
    found = compute(company, Params(draws=_DRAWS, year=year, proposal=str(path)))
    found.summary()


def _plan(year: int) -> dict[str, Any]:
    """Rates of every kind, steps, lines, gates and conditions, for everybody."""
    reached = {"indicator": "reached", "at_least": 0.2}
    plan: dict[str, Any] = {
        "plan": "example",
        "name": {"en": "Example", "zh": "示例"},
        "currency": "CNY",
        "starts": f"{year}-01-01",
        "measures": {
            "paid": {"events": "paid", "less": ["refunded", "bad_debt"]},
            "pieces": {
                "events": "invoiced",
                "less": "returned",
                "value": "units",
                "unit": "count",
            },
        },
        "indicators": {"reached": {"attainment": "paid", "over": "year"}},
        "components": {
            "base": {"payroll": "base", "pays": {"base_pay": 1}},
            "parts": {
                "measure": "paid",
                "accumulate": "year",
                "rates": {
                    "kind": "marginal",
                    "tiers": [{"from": 0, "rate": 0.01}, {"from": 100, "rate": 0.02}],
                },
                "line_factors": [
                    {
                        "column": "days_overdue",
                        "steps": [{"from": 0, "factor": 1}, {"from": 31, "factor": 0.5}],
                    }
                ],
            },
            "all": {
                "measure": "paid",
                "accumulate": "quarter",
                "rates": {
                    "kind": "whole",
                    "on": "attainment",
                    "tiers": [
                        {"from": 0, "rate": 0.01},
                        {"from": 1, "rate": 0.02, "needs": reached},
                    ],
                },
                "modify": [
                    {"gate": reached},
                    {"times": {"indicator": "reached", "floor": 0, "cap": 2}},
                    {
                        "times": {
                            "indicator": "reached",
                            "steps": [{"from": 0, "factor": 1}, {"from": 1, "factor": 1.2}],
                        }
                    },
                ],
            },
            "each": {
                "valid_from": f"{year}-02-01",
                "measure": "pieces",
                "accumulate": "transaction",
                "rates": {"on": "units", "tiers": [{"from": 0, "rate": 6}, {"from": 9, "rate": 9}]},
            },
        },
        "payment": {"hold": {"parts": {"components": ["parts"], "share": 0.2}}},
    }
    for name, component in plan["components"].items():
        component["label"] = {"en": name, "zh": name}
    return plan
