"""Locks and overrides put on an outlook: what is fixed, who changed what, what stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import pandas as pd

from workbench.contract import in_project
from workbench.errors import InputError, ParameterError
from workbench.forecasting.fixed import read_lock
from workbench.forecasting.hierarchy.locks import Lock
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.named import COMPANY, node_named
from workbench.text import mark

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.forecasting.judgement import Overridden

_BASIS = {"bookings": "incl", "revenue_net": "excl"}


def read_locks(found: Outlook, given: Sequence[str]) -> list[Lock]:
    """Locks as people write them: ``east=320000000`` fixes a node's total, what came included.

    Parameters
    ----------
    found : Outlook
    given : sequence of str
        Node and value; the node as `named.node_named` takes it.

    Raises
    ------
    ParameterError
        If a node does not exist or is locked twice, or more has come already.
    PydanticCustomError
        If a lock cannot be read.
    """
    locks: list[Lock] = []
    for text in given:
        said, total = read_lock(text)
        node = node_named(found, said, where=f"locks: {text}")
        if any(lock.node == node for lock in locks):
            raise ParameterError(
                mark("a node is locked twice"),
                where=f"locks: {'; '.join(given)}",
                do=mark("keep one total a node"),
            )
        done = float(found.done[node])
        if total < done:
            raise ParameterError(
                mark("more has come already than the lock allows"),
                where=f"locks: {text} < {done:,.0f}",
                do=mark("give the total of the whole period"),
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
    return apply_overrides(
        table,
        entries,
        as_of=found.scope.company.data_as_of,
        kpi_id=found.scope.kpi,
        currency=found.scope.currency,
        tax_basis=_BASIS[found.scope.kpi],
        rules=Rules(locks=ruled, days=days or None),
        series=_nodes(found),
    )


def _nodes(found: Outlook) -> dict[tuple[str, str, str], str]:
    """Nodes by level, node and product line as entries name them: codes, or names of either."""
    label = found.scope.company.label

    def named(column: str, code: str) -> set[str]:
        return {code, label(column, code, "en"), label(column, code, "zh")}

    nodes = {(COMPANY, COMPANY, "all"): TOTAL}
    series = [name.partition("/") for name in found.tree.series]
    regions, lines = {region for region, _, _ in series}, {line for _, _, line in series}
    for name in found.nodes[1:]:
        region, _, line = name.partition("/")
        if line:
            pairs = [(r, n) for r in named("region", region) for n in named("product_line", line)]
            nodes |= {("region", *pair): name for pair in pairs}
        elif name in regions:
            nodes |= {("region", one, "all"): name for one in named("region", name)}
        if name in lines:
            for one in named("product_line", name):
                nodes |= {(COMPANY, COMPANY, one): name, ("product_line", one, "all"): name}
    return nodes


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
    """Entries from a file: the filled-in template, a workbook, CSV or Parquet.

    Headers are ids or names of the columns of forecast_entry, choices codes or their names, the
    KPI its id or name; each in either language.

    Raises
    ------
    InputError
        If there is no such file, or it is no table.
    """
    place = in_project(path)
    do = mark("fill in `workbench template forecast_entry -o entries.xlsx`")
    if not place.is_file():
        raise InputError(mark("there is no file of overrides"), where=path, do=do)
    if place.suffix == ".parquet":
        return pd.read_parquet(place)
    try:
        rows = pd.read_excel(place) if place.suffix in (".xlsx", ".xls") else _read_csv(place)
    except (ValueError, ImportError, BadZipFile) as error:  # pandas' own errors are of these
        what = mark("the file of overrides cannot be read as a table")
        raise InputError(what, where=path, do=do) from error
    return _in_values(_in_codes(rows.dropna(how="all").reset_index(drop=True)))


def _read_csv(place: Path) -> pd.DataFrame:
    """A CSV in UTF-8, or as Chinese Excel writes it."""
    try:
        return pd.read_csv(place, encoding="utf-8-sig")
    except UnicodeDecodeError:
        return pd.read_csv(place, encoding="gb18030")


def _in_values(rows: pd.DataFrame) -> pd.DataFrame:
    """Dates and amounts as the import reads them; what is none is empty, and so refused by row."""
    from workbench.loaders.values import date_column, money_column

    for name in rows.columns.intersection(["entry_date", "period_start", "period_end"]):
        if not pd.api.types.is_datetime64_any_dtype(rows[name]):
            rows[name] = date_column(_texts(rows[name])).values.to_pandas()
    if "value" in rows and not pd.api.types.is_numeric_dtype(rows["value"]):
        rows["value"] = money_column(_texts(rows["value"])).values.to_pandas().astype(float)
    return rows


def _texts(column: pd.Series) -> pa.Array:
    import pyarrow as pa

    return pa.array([None if pd.isna(one) else str(one) for one in column], type=pa.string())


def _in_codes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows under the ids of the columns, choices and KPI by their codes."""
    from workbench.kpis import KPIS
    from workbench.tables import table

    declared = table("forecast_entry")
    ids = {
        name.casefold(): column.name
        for column in declared.columns
        for name in (column.name, column.title("en"), column.title("zh"))
    }
    rows = rows.rename(columns={name: ids.get(str(name).strip().casefold(), name) for name in rows})
    words = {column.name: dict(column.choices) for column in declared.columns if column.choices}
    words["kpi_id"] = {name: (one.name("en"), one.name("zh")) for name, one in KPIS.items()}
    for name in rows.columns.intersection(list(words)):
        codes = {said.casefold(): code for code, both in words[name].items() for said in both}
        rows[name] = [
            codes.get(str(value).strip().casefold(), value) if pd.notna(value) else value
            for value in rows[name]
        ]
    return rows
