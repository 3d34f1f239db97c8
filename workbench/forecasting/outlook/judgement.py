"""Locks and overrides put on an outlook: what is fixed, who changed what, what stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import InputError, ParameterError
from workbench.forecasting.hierarchy.locks import Lock
from workbench.forecasting.outlook.bookings import TOTAL, Outlook

if TYPE_CHECKING:
    from workbench.forecasting.judgement import Overridden

_BASIS = {"bookings": "incl", "revenue_net": "excl"}
COMPANY = "company"


def read_locks(found: Outlook, given: Sequence[str]) -> list[Lock]:
    """Locks as people write them: ``east=320000000`` fixes a node's total, what came included.

    Parameters
    ----------
    found : Outlook
    given : sequence of str
        Node and value; the node is "company" or as the hierarchy names it.

    Raises
    ------
    ParameterError
        If a lock cannot be read, its node does not exist, or more has come already.
    """
    locks = []
    for text in given:
        node, _, value = text.partition("=")
        node = TOTAL if node.strip() == COMPANY else node.strip()
        if node not in found.nodes:
            raise ParameterError(
                f"there is no node {node!r} to lock",
                where=f"locks: {text}",
                do=f"use {COMPANY}, {', '.join(found.nodes[1:12])} ...",
            )
        try:
            total = float(value.replace(",", "").replace("_", ""))
        except ValueError as error:
            raise ParameterError(
                "a lock is written as node=value", where=f"locks: {text}", do="east=320000000"
            ) from error
        done = float(found.done[node])
        if total < done:
            raise ParameterError(
                f"more has come already than the lock allows: {done:,.0f}",
                where=f"locks: {text}",
                do="give the total of the whole period",
            )
        locks.append(Lock(node, total - done))
    return locks


def overridden(
    found: Outlook, entries: pd.DataFrame, locks: Sequence[str], *, days: int = 0
) -> Overridden:
    """Put overrides on an outlook, under its locks.

    Parameters
    ----------
    found : Outlook
    entries : pandas.DataFrame
        Columns of table forecast_entry.
    locks : sequence of str
        As for `read_locks`: no override may change a node that is locked.
    days : int
        Days for which an override stands after it was made; 0 without end.

    Returns
    -------
    Overridden
        `fixed()` gives what reconciliation has to keep; see `locks_of`.
    """
    from workbench.forecasting.judgement import Lock as Ruled
    from workbench.forecasting.judgement import Rules, apply_overrides

    table = found.table().rename(columns={"node": "series_id", "month": "period"})
    ruled = tuple(Ruled(lock.node) for lock in read_locks(found, locks))
    nodes = {(COMPANY, COMPANY, "all"): TOTAL}
    for name in found.nodes[1:]:
        region, _, line = name.partition("/")
        nodes |= {("region", region, line or "all"): name, (COMPANY, COMPANY, name): name}
    return apply_overrides(
        table,
        entries,
        as_of=found.scope.company.data_as_of,
        kpi_id=found.scope.kpi,
        currency=found.scope.currency,
        tax_basis=_BASIS[found.scope.kpi],
        rules=Rules(locks=ruled, days=days or None),
        series=nodes,
    )


def locks_of(made: Overridden, found: Outlook) -> list[Lock]:
    """The overrides that stand, as locks of single months."""
    months = [str(period) for period in pd.PeriodIndex(found.scope.months, freq="M")]
    return [
        Lock(str(row["series_id"]), float(row["value"]), (months.index(str(row["period"])),))
        for row in made.fixed().to_dict("records")
    ]


def entries_ahead(found: Outlook) -> pd.DataFrame:
    """Rows of forecast_entry about what is forecast: the same KPI, months ahead.

    Raises
    ------
    MissingTableError
        If there are no entries.
    """
    looked = found.scope
    looked.company.require("forecast_entry")
    rows = looked.company.table("forecast_entry", money="float")
    ahead = pd.to_datetime(rows["period_end"]) > pd.Timestamp(looked.day)
    return rows[ahead & (rows["kpi_id"] == looked.kpi)].reset_index(drop=True)


def read_entries(path: str) -> pd.DataFrame:
    """Entries from a file: Parquet, CSV or a workbook.

    Raises
    ------
    InputError
        If there is no such file.
    """
    place = Path(path)
    if not place.is_file():
        raise InputError(
            "there is no file of overrides",
            where=path,
            do="give a file with the columns of `workbench template forecast_entry`",
        )
    if place.suffix == ".parquet":
        return pd.read_parquet(place)
    if place.suffix in (".xlsx", ".xls"):
        return pd.read_excel(place)
    return pd.read_csv(place)
