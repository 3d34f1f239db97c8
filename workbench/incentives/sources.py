"""From a company's drawn revenue and collections to the credit that a plan's measures ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.incentives.blocks import Credit
from workbench.incentives.history import COLLECTIONS, REVENUE, quotas_of
from workbench.pay.parts import Measure
from workbench.pay.plan import Plan

if TYPE_CHECKING:
    from workbench.company import Company


def credits_for(company: Company, plan: Plan, drawn: dict[str, Any]) -> dict[str, Credit]:
    """Credit of each measure of a plan, from draws of revenue and collections.

    What counts when it is paid follows collections, all else revenue. A measure of margin is
    revenue times the company's margin rate of the last twelve months.

    Raises
    ------
    NotIdentifiedError
        If a measure counts pieces: nothing of them is drawn.
    """
    result = {}
    for name, measure in plan.measures.items():
        if measure.unit == "count":
            raise NotIdentifiedError(
                f"the measure {name} counts pieces, and only money is drawn",
                where=f"measures.{name}",
                do="run the plan by incentives.cost.plan_cost with a cube of its own",
            )
        source = drawn[COLLECTIONS if _on_collection(measure) else REVENUE]
        share = _margin(company) if "margin" in measure.value else 1.0
        values = np.asarray(source.values)
        result[name] = Credit(values, np.full(values.shape[1:], share))
    return result


def quotas_for(company: Company, plan: Plan) -> pd.DataFrame:
    """Quotas under the names that a plan asks for; measures without their own have revenue's."""
    table = quotas_of(company)
    asked = {
        each.quota or each.attainment for each in plan.indicators.values() if each.attainment
    } | {
        each.rates.quota or each.measure
        for each in plan.components.values()
        if each.rates is not None and each.rates.on == "attainment"
    }
    known = set(table["quota"])
    revenue = table[table["quota"] == REVENUE]
    parts = [table]
    for name in sorted(each for each in asked if each and each not in known):
        measure = plan.measures.get(name)
        share = _margin(company) if measure is not None and "margin" in measure.value else 1.0
        parts.append(revenue.assign(quota=name, value=revenue["value"] * share))
    return pd.concat(parts, ignore_index=True)


def _on_collection(measure: Measure) -> bool:
    return "paid" in measure.events and not {"booked", "shipped", "invoiced"} & set(measure.events)


def _margin(company: Company) -> float:
    """Margin rate of the last twelve months."""
    from workbench.kpis import kpi

    end = pd.Timestamp(company.data_as_of)
    start = end - pd.DateOffset(years=1) + pd.Timedelta(days=1)
    return float(kpi(company, "gross_margin", start=start.date(), end=end.date()).value)
