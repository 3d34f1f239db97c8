"""Explore: one KPI of the dictionary by month, and by one cut of the organisation or the offer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from workbench.analysis.measure import measure
from workbench.analysis.scope import Scope, Window
from workbench.errors import ParameterError
from workbench.kpis import Kpi, dictionary_of

MONTHS = 13  # up to the end of the window


@dataclass(frozen=True)
class Explored:
    """One KPI, looked at closely.

    Attributes
    ----------
    kpi : Kpi
    cut : str
        A cut of the organisation or the offer.
    months : DataFrame
        month (first day), value, last_year; empty where the KPI cannot be told by month.
    parts : DataFrame
        The cut, after, before, change (a difference, of rates too); largest first, missing where
        there is no value. Empty where the KPI cannot be told apart by the cut.
    """

    kpi: Kpi
    cut: str
    months: pd.DataFrame
    parts: pd.DataFrame

    @property
    def better(self) -> str:
        """Which way is better: "up", "down", "context" or "band"."""
        return self.kpi.direction


def explore(scope: Scope, kpi_id: str, cut: str) -> Explored:
    """Look at a KPI by month and by a cut, beside the year before.

    Raises
    ------
    ParameterError
        If there is no such KPI.
    """
    known = dictionary_of(scope.company)
    if kpi_id not in known:
        raise ParameterError(
            f"there is no KPI {kpi_id!r}", where=f"kpi={kpi_id!r}", do=f"use one of {list(known)}"
        )
    kpi = known[kpi_id]
    allowed = kpi.definitions[kpi.default].cuts
    return Explored(
        kpi,
        cut,
        _months(scope, kpi_id) if "month" in allowed else _nothing("month", "value", "last_year"),
        _parts(scope, kpi_id, cut) if cut in allowed else _nothing(cut, "after", "before"),
    )


def _months(scope: Scope, kpi_id: str) -> pd.DataFrame:
    end = pd.Timestamp(scope.now.end)
    first = end.to_period("M") - (MONTHS + 11)
    long = Window(first.to_timestamp().date(), scope.now.end)
    values = measure(scope, kpi_id, by=("month",), over=long).set_index("month")["value"]
    shown = pd.date_range(first.to_timestamp() + pd.DateOffset(years=1), end, freq="MS")
    before = values.reindex(shown - pd.DateOffset(years=1)).to_numpy()
    return pd.DataFrame(
        {"month": shown, "value": values.reindex(shown).to_numpy(), "last_year": before}
    )


def _parts(scope: Scope, kpi_id: str, cut: str) -> pd.DataFrame:
    table = _by(scope, kpi_id, cut, scope.now).rename(columns={"value": "after"})
    if scope.has_prior:
        before = _by(scope, kpi_id, cut, scope.prior).rename(columns={"value": "before"})
        table = table.merge(before, on=cut, how="outer")
    else:
        table["before"] = float("nan")
    table["change"] = table["after"] - table["before"]
    order = ["after", cut]
    return table.sort_values(order, ascending=[False, True], ignore_index=True)


def _by(scope: Scope, kpi_id: str, cut: str, over: Window) -> pd.DataFrame:
    return measure(scope, kpi_id, by=(cut,), over=over)[[cut, "value"]]


def _nothing(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({name: [] for name in columns})


def names(scope: Scope, cut: str) -> dict[str, tuple[str, str]]:
    """English and Chinese names of teams or people, of their last day up to the window's end."""
    table = {"team_id": "team", "rep_id": "rep"}.get(cut)
    if table is None or not scope.company.has(table):
        return {}
    rows = scope.company.sql_once(
        f"select {cut} as id, name, coalesce(name_en, name) as name_en, valid_from"
        f" from {table} order by valid_from"
    )
    until: dt.date = scope.now.end
    rows = rows[rows["valid_from"].isna() | (rows["valid_from"] <= pd.Timestamp(until))]
    both = zip(rows["name_en"].astype(str), rows["name"].astype(str), strict=True)
    return dict(zip(rows["id"].astype(str), both, strict=True))
