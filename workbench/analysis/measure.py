"""KPIs of the dictionary over a scope: the window, the year before, the regions chosen.

Every figure that has a KPI is taken from here, so that it is the same on a tile, in a table and
in a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench import kpis
from workbench.analysis.scope import ORDERS, Scope, Window
from workbench.kpis import Ask


@dataclass(frozen=True)
class Asked:
    """A KPI over a window: what `measure` is asked, for `ask_ahead`.

    Attributes
    ----------
    kpi_id : str
        Id in the KPI dictionary.
    by : tuple of str
        Cuts.
    over : Window, optional
        The scope's window by default.
    as_of : datetime.date, optional
        Day of states; the end of the window by default.
    definition : int, optional
        The company's own by default.
    of : str, optional
        The KPI that growth or attainment is about.
    """

    kpi_id: str
    by: tuple[str, ...] = ()
    over: Window | None = None
    as_of: dt.date | None = None
    definition: int | None = None
    of: str | None = None

    def in_scope(self, scope: Scope) -> Ask:
        """The question to the KPI dictionary; by region as well where regions are chosen."""
        over = self.over or scope.now
        by = self.by if "region" in self.by or not scope.regions else (*self.by, "region")
        return Ask(
            self.kpi_id,
            over.start,
            over.end,
            by=by,
            as_of=self.as_of,
            definition=self.definition,
            of=self.of,
        )


def ask_ahead(scope: Scope, asked: Iterable[Asked]) -> None:
    """Find all these figures at once, sooner than one by one; `measure` then has them."""
    asks = [each.in_scope(scope) for each in asked]
    kpis.ask_ahead(scope.company, asks, rows={"ordered": ORDERS})


def measure(scope: Scope, kpi_id: str, **options: Any) -> pd.DataFrame:
    """A KPI over a window, by some cuts, in the regions of the scope.

    Parameters
    ----------
    kpi_id : str
        Id in the KPI dictionary.
    options
        The other attributes of `Asked`: by, over, as_of, definition, of.

    Returns
    -------
    pandas.DataFrame
        The cuts, value, numerator, denominator. Over chosen regions numerators and denominators
        are summed: rates are never averaged.
    """
    asked = Asked(kpi_id, **options)
    table = kpis.kpi(scope.company, **vars(asked.in_scope(scope))).table()
    if not scope.regions:
        return table
    table = table[table["region"].isin(scope.regions)]
    return table.reset_index(drop=True) if "region" in asked.by else _summed(table, asked.by)


def _summed(table: pd.DataFrame, by: tuple[str, ...]) -> pd.DataFrame:
    parts = ["value", "numerator", "denominator"]
    if by:
        grouped = table.groupby(list(by), sort=True)[parts].sum(min_count=1).reset_index()
    else:
        grouped = table[parts].sum(min_count=1).to_frame().T
    rate = grouped["numerator"] / grouped["denominator"].where(grouped["denominator"] > 0)
    is_rate = table["denominator"].notna().any()
    return grouped.assign(value=rate if is_rate else grouped["value"])


def value(scope: Scope, kpi_id: str, *, over: Window | None = None, **options: Any) -> float:
    """One figure, with the options of `measure`; NaN where there is none."""
    table = measure(scope, kpi_id, over=over, **options)
    return float(table["value"].iloc[0]) if len(table) else float("nan")


@dataclass(frozen=True)
class Figure:
    """A KPI now and a year ago.

    Attributes
    ----------
    kpi_id : str
    now, before : float
        Values; NaN where there is none.
    """

    kpi_id: str
    now: float
    before: float

    @property
    def growth(self) -> float:
        """Growth as a share; NaN on a base that is not positive."""
        return self.now / self.before - 1 if self.before > 0 else float("nan")

    @property
    def difference(self) -> float:
        """Difference, for rates."""
        return self.now - self.before


def both_years(scope: Scope, kpi_id: str, **options: Any) -> list[Asked]:
    """What `figure` asks: the window, and the same a year ago where it is known."""
    windows = [scope.now, scope.prior] if scope.has_prior else [scope.now]
    return [Asked(kpi_id, over=window, **options) for window in windows]


def figure(scope: Scope, kpi_id: str, **options: Any) -> Figure:
    """A KPI over the window and over the same window a year ago."""
    before = value(scope, kpi_id, over=scope.prior, **options) if scope.has_prior else float("nan")
    return Figure(kpi_id, value(scope, kpi_id, **options), before)
