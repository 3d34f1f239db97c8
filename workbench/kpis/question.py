"""A question about a KPI, all names looked up: what is handed from one computation to another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from workbench.company import Company
from workbench.kpis.declare import Kpi
from workbench.kpis.result import KpiResult


@dataclass(frozen=True)
class Question:
    """What is asked: company, KPI and definition, period, as-of day, cuts.

    `of` is the KPI compared by growth and attainment, else None; `tier` the target's tier.
    """

    company: Company
    kpi: Kpi
    definition: int
    start: dt.date
    end: dt.date
    as_of: dt.date
    by: tuple[str, ...] = ()
    of: Kpi | None = None
    tier: str = "base"

    def about(self, kpi: Kpi, *, definition: int | None = None, **changes: Any) -> Question:
        """The same question about another KPI, with other days or cuts."""
        number = kpi.default if definition is None else definition
        return replace(self, kpi=kpi, definition=number, of=None, **changes)

    @property
    def seen(self) -> dt.date:
        """Last day of the period that is known."""
        return min(self.end, self.as_of)

    def result(self, frame: pd.DataFrame, **more: Any) -> KpiResult:
        """The answer, from its figures."""
        return KpiResult(
            kpi=self.kpi,
            definition=self.definition,
            start=self.start,
            end=self.end,
            as_of=self.as_of,
            by=self.by,
            frame=frame,
            of=self.of,
            organisation=self.company.organisation,
            **more,
        )


Answer = Callable[[Question], KpiResult]
