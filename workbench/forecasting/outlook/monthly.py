"""History by month and node: figures of the KPI dictionary, and the part that deals brought.

What deals of the pipeline bring is forecast from the open deals; everything else (dealers,
consumables, service without a deal, cancellations) from its own history. Both parts add up to the
KPI in every month, region and product line.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from workbench.forecasting.outlook.scope import SOURCES, Scope
from workbench.kpis import currency, kpi

#: Region or product line of rows that name none.
NONE = "unassigned"
KEYS = ("region", "product_line")


def cells(looked: Scope, name: str, *, every: bool = False) -> pd.DataFrame:
    """A KPI by month, region and product line (collections have no line).

    Parameters
    ----------
    looked : Scope
    name : str
        A key of `SOURCES`.
    every : bool
        Take all regions, whichever are chosen.

    Returns
    -------
    pandas.DataFrame
        month, region, product_line, value (float): closed months only, those a cell has no row
        for are absent.
    """
    remembered = looked.company.remembered
    asked = ("forecast/cells", name, looked.company.organisation)
    if asked not in remembered:
        remembered[asked] = _cells(looked, name)
    rows = remembered[asked]
    # all figures count by their own date: what was known earlier is the months up to then
    rows = rows[rows["month"] <= looked.last].reset_index(drop=True)
    return rows if every else looked.chosen(rows)


def _cells(looked: Scope, name: str) -> pd.DataFrame:
    """A KPI by month, region and product line, up to the last day of the data."""
    keys = KEYS if name != "collections" else KEYS[:1]
    company, first = looked.company, _first_day(looked, name)
    if first > company.data_as_of:  # the data begin within the last month
        kinds = {"month": "datetime64[us]", **dict.fromkeys(keys, "object"), "value": "float64"}
        return pd.DataFrame(columns=list(kinds)).astype(kinds)
    found = kpi(company, name, start=first, end=company.data_as_of, by=("month", *keys)).table()
    rows = found[["month", *keys, "value"]].copy()
    for key in keys:
        rows[key] = rows[key].astype(object).where(rows[key].notna(), NONE)
    rows["value"] = rows["value"].astype(float).fillna(0.0)
    return rows


def won_cells(looked: Scope) -> pd.DataFrame:
    """Contracts signed on deals of the pipeline, by month, region and product line.

    Cancellations are not taken off: they are no news on open deals, and stay with the rest.

    Returns
    -------
    pandas.DataFrame
        month, region, product_line, value.
    """
    company = looked.company
    _, turned = currency.settle(company, ["contract"])
    source = turned.get("contract", "select * from main.contract")
    owned = company.has("assignment") or company.has("account")
    region = "coalesce(a.region, c.region)" if owned else "c.region"
    join = (
        "left join attribution a on a.account_id = c.account_id"
        " and c.signed_date between a.valid_from and a.valid_to"
    )
    month = month_sql(looked, "c.signed_date")
    rows = company.sql(
        f"""
        with contract as ({source})
        select {month} as month, coalesce({region}, '{NONE}') as region,
            coalesce(c.product_line, '{NONE}') as product_line,
            sum(gross_amount(c.amount, c.tax_basis, c.tax_rate)) as value
        from contract c {join if owned else ""}
        where c.opportunity_id is not null and coalesce(c.contract_type, 'sale') <> 'reversal'
            and c.signed_date <= date '{looked.day}'
        group by all order by all""",
        money="float",
    )
    rows["month"] = pd.to_datetime(rows["month"])
    return looked.chosen(rows)


def wide(looked: Scope, rows: pd.DataFrame, ids: list[str]) -> pd.DataFrame:
    """Rows as a table month x series, without holes; series are named by `series_id`.

    A first month that the data enter late is left out, as it is not whole.
    """
    table = rows.pivot_table(index="month", columns="series_id", values="value", aggfunc="sum")
    first = table.index.min() if len(table) else looked.last
    whole = pd.date_range(first, looked.last, freq="MS")
    return table.reindex(index=whole, columns=ids).fillna(0.0)


def long(table: pd.DataFrame, value: str = "value") -> pd.DataFrame:
    """A table month x series as a panel: series_id, period, and the value under its name."""
    months, series = table.index.to_numpy(), np.asarray(table.columns, dtype=object)
    return pd.DataFrame(
        {
            "series_id": np.repeat(series, len(months)),
            "period": np.tile(months, len(series)),
            value: table.to_numpy(dtype=float).T.ravel(),
        }
    )


def _first_day(looked: Scope, name: str) -> dt.date:
    """First day of the first month the data hold in whole (its first week may lack)."""
    table, column = SOURCES[name]
    found = looked.company.sql(f"select min({column}) as day from {table}")["day"].iloc[0]
    if pd.isna(found):
        return looked.day
    day = pd.Timestamp(found).date()
    month = looked.calendar.period(day)
    if (day - month.start).days > 6:
        day = month.end + dt.timedelta(days=1)
        month = looked.calendar.period(day)
    return month.start


def month_sql(looked: Scope, column: str) -> str:
    """SQL: first calendar day of the month that names the company's month of a date."""
    month = f"date_trunc('month', {column})"
    closing = looked.company.settings.closing_day
    if closing:
        month += f" + case when day({column}) > {closing} then interval 1 month"
        month += " else interval 0 month end"
    return f"cast({month} as date)"
