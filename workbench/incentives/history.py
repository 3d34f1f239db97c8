"""What people were asked for, sold and collected by month, from a company's tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.text import later

if TYPE_CHECKING:
    import datetime as dt

    from workbench.company import Company

#: Measures that plans are paid on here, with the ids of the KPI dictionary.
REVENUE, COLLECTIONS = "revenue_net", "collections"

_QUOTAS = """
select node as rep_id, date_trunc('month', period_start) as month, sum(value) as quota
from target
where level = 'rep' and tier = 'base' and kpi_id = 'revenue_net' and product_line = 'all'
group by 1, 2 order by 1, 2
"""
_REVENUE = """
select rep_id, date_trunc('month', day) as month, sum(net) as revenue_net from (
    select rep_id, recognised_date as day,
        cast(net_amount(amount, tax_basis, tax_rate) as double) as net
    from order_line where recognised_date is not null and rep_id is not null
) group by 1, 2 order by 1, 2
"""
_RETURNS = """
select l.rep_id, date_trunc('month', r.return_date) as month,
    cast(sum(net_amount(r.amount, r.tax_basis, r.tax_rate)) as double) as returned
from return_refund r join order_line l using (order_line_id)
where l.recognised_date is not null and l.rep_id is not null group by 1, 2 order by 1, 2
"""
_RECEIPTS = """
select rep_id, date_trunc('month', receipt_date) as month,
    cast(sum(amount) as double) as collections
from receipt where rep_id is not null group by 1, 2 order by 1, 2
"""


@dataclass(frozen=True, slots=True)
class History:
    """Months of people.

    Attributes
    ----------
    rows : DataFrame
        rep_id, role, month (first day), quota, revenue_net (less returns), collections; one row a
        person and month with a quota. Money in the base currency; revenue without VAT, receipts
        with VAT.
    as_of : date
        Last day of the data; the month it lies in counts if it is its last day.
    """

    rows: pd.DataFrame
    as_of: dt.date

    def complete(self) -> pd.DataFrame:
        """Rows of months that are over."""
        end = self.rows["month"] + pd.offsets.MonthEnd(0)
        return self.rows[end <= pd.Timestamp(self.as_of)]


def history(company: Company) -> History:
    """Read quotas, revenue and collections by person and month.

    Raises
    ------
    MissingTableError
        If rep, target or order_line is not there.
    NotIdentifiedError
        If nobody has a quota.
    """
    company.require("rep", "target", "order_line")
    quotas = company.sql(_QUOTAS)
    if quotas.empty:
        raise NotIdentifiedError(
            later("no person has a target of revenue"),
            where="target, level rep, kpi_id revenue_net, tier base",
            do=later("add targets of people, or hand in draws of attainment"),
        )
    rows = quotas.merge(company.sql(_REVENUE), on=["rep_id", "month"], how="left")
    if company.has("return_refund"):
        rows = rows.merge(company.sql(_RETURNS), on=["rep_id", "month"], how="left")
        returned = rows["returned"].astype(float).fillna(0.0)
        rows[REVENUE] = rows[REVENUE].astype(float).fillna(0.0) - returned
    if company.has("receipt"):
        rows = rows.merge(company.sql(_RECEIPTS), on=["rep_id", "month"], how="left")
    else:
        rows["collections"] = rows["revenue_net"]
    money = ["quota", REVENUE, COLLECTIONS]
    rows[money] = rows[money].astype(float).fillna(0.0)
    rows["month"] = pd.to_datetime(rows["month"])
    rows["role"] = _roles(company, rows)
    return History(rows[["rep_id", "role", "month", *money]], company.data_as_of)


def people_of(company: Company, *, year: int | None = None) -> pd.DataFrame:
    """The table of people as the pay engine reads it, names in both languages.

    With a year, those who are in post in it.
    """
    held = "true"
    if year is not None:
        held = (
            "rep_id in (select rep_id from rep group by rep_id"
            f" having min(hired_date) <= '{year}-12-31'"
            f" and max(coalesce(left_date, '9999-12-31')) >= '{year}-01-01'"
            f" and max(coalesce(valid_to, '9999-12-31')) >= '{year}-01-01')"
        )
    table = company.sql(f"select * from rep where {held} order by rep_id, valid_from")
    for name in ("base_pay", "target_pay"):
        table[name] = table[name].astype(float)
    table = table.rename(columns={"name": "rep_name_zh", "name_en": "rep_name"})
    table["rep_name"] = table["rep_name"].fillna(table["rep_name_zh"])
    return table


def quotas_of(company: Company) -> pd.DataFrame:
    """Monthly quotas of people as the pay engine reads them."""
    return company.sql(
        "select node as rep_id, kpi_id as quota, period_start, period_end,"
        " cast(value as double) as value from target"
        " where level = 'rep' and tier = 'base' and product_line = 'all'"
        " order by node, kpi_id, period_start"
    )


def _roles(company: Company, rows: pd.DataFrame) -> pd.Series:
    """Role of each person in the month, or the first they had."""
    table = company.sql("select rep_id, role, valid_from from rep order by valid_from, rep_id")
    table["valid_from"] = pd.to_datetime(table["valid_from"]).astype("datetime64[ns]")
    ends = (rows["month"] + pd.offsets.MonthEnd(0)).astype("datetime64[ns]")
    asked = pd.DataFrame({"rep_id": rows["rep_id"], "at": ends}).reset_index()
    found = pd.merge_asof(
        asked.sort_values("at"), table, left_on="at", right_on="valid_from", by="rep_id"
    ).set_index("index")["role"]
    first = table.drop_duplicates("rep_id").set_index("rep_id")["role"]
    return found.reindex(rows.index).fillna(rows["rep_id"].map(first))
