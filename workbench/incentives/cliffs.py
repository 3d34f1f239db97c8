"""Steps of pay, how often people stand beside them, and the money of the step.

A settlement stands beside a step if the attainment it goes by lies within two points of it: a small
deal more or less then moves much pay. The money is what the step itself is worth to that person at
that settlement.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.incentives.cost import PlanCost

#: Points of attainment on both sides of a step.
BESIDE = 0.02


def cliffs(result: PlanCost) -> pd.DataFrame:
    """Settlements of a year beside steps of pay, by component and role.

    Parameters
    ----------
    result : PlanCost
        From `plan_cost(..., beside=BESIDE)`.

    Returns
    -------
    DataFrame
        component, role, step (attainment), people, times (settlements of a year beside it), money
        (of the step there, a year), each (money of one time); most money first.
    """
    rows = []
    for (name, step), (times, money) in result.beside.items():
        component = result.people.plan.components[name]
        for role in sorted(set(result.people.roles)):
            who = result.people.roles == role
            if (component.roles and role not in component.roles) or not times[who].sum():
                continue
            rows.append(
                {
                    "component": name,
                    "role": role,
                    "step": step,
                    "people": int((who & (times > 0)).sum()),
                    "times": float(times[who].sum()),
                    "money": float(money[who].sum()),
                    "each": float(money[who].sum() / times[who].sum()),
                }
            )
    columns = ["component", "role", "step", "people", "times", "money", "each"]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values("money", ascending=False, kind="stable", ignore_index=True)


def at_step(table: pd.DataFrame, step: float) -> tuple[float, float]:
    """Times and money of one step over all components and roles."""
    rows = table[np.isclose(table["step"], step)]
    return float(rows["times"].sum()), float(rows["money"].sum())
