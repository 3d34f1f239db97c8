"""Little plans and tables for the tests of pay."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.pay import Plan, Statement, pay, plan_from

NAMES = {"en": "Test", "zh": "测试"}


def rated(tiers: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """Make a component on the measure sales; `rates` and other entries may be given on top."""
    rates = {"tiers": tiers} | more.pop("rates", {})
    return {"label": NAMES, "measure": "sales", "accumulate": "year", "rates": rates} | more


def plan_of(components: dict[str, Any], **more: Any) -> Plan:
    values = {
        "plan": "test",
        "name": NAMES,
        "starts": "2026-01-01",
        "measures": {"sales": {}},
        "components": components,
    }
    return plan_from(values | more)


def credits_of(
    amounts: list[Any], *, dates: Any = "2026-01-05", rep: Any = "R1", **columns: Any
) -> pd.DataFrame:
    count = len(amounts)
    dates = [dates] * count if isinstance(dates, str) else dates
    return pd.DataFrame(
        {
            "line_id": [f"L{number:04d}" for number in range(count)],
            "rep_id": rep,
            "date": pd.to_datetime(dates),
            "amount": amounts,
        }
        | columns
    )


def quota_of(value: Any, *, rep: Any = "R1") -> pd.DataFrame:
    return pd.DataFrame({"rep_id": [rep] if isinstance(rep, str) else rep, "value": value})


def people_of(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"rep_id": ["R1"]} | columns)


def monthly(statement: Statement, column: str = "pay", rep: str = "R1") -> list[float]:
    """Pay of each month of the plan."""
    table = statement.table()
    own = table[table["rep_id"] == rep].set_index("period")[column]
    return [float(own.get(name, 0.0)) for name in statement.book.months.names]


def paid(plan: Plan, credits: pd.DataFrame, **tables: Any) -> float:
    """Pay of the whole plan."""
    return float(pay(plan, credits, **tables).table()["pay"].sum())
