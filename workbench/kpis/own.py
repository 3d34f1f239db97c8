"""The company's own dictionary: which definition it uses, and formulas of its own.

In `company.yaml`::

    kpis:
      gross_margin: {definition: 2}                # the second definition is the usual one here
      bookings:                                    # its own formula for a known KPI
        formula: [signed amount of sales contracts, 销售合同签订金额]
        rows: signed
        where: contract_type = 'sale'
        numerator: sum(gross)
      big_orders:                                  # a KPI of its own, from SQL
        name: [Orders over 100,000, 十万元以上订单数]
        formula: [order lines over 100,000 yuan with VAT, 含税十万元以上的订单行数]
        unit: count
        cuts: [account, product_line]
        sql: |
          select account_id, region, rep_id, product_line, order_date as day, 1 as numerator
          from order_line where amount > 100000

The rows of an own SQL have a column `day`, `numerator` and, for a ratio, `denominator`, which are
added up; `account_id`, `region` and `rep_id` where it is cut by account or organisation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.company import Company
from workbench.errors import ParameterError
from workbench.kpis.declare import UNITS, Definition, Kpi, Part, dictionary, parse_definition
from workbench.kpis.rows import ROWS, Rows, spread
from workbench.tables import TABLES

OWN = 0
"""Number of a company's own definition."""


class Override(BaseModel):
    """One entry of `kpis` in `company.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    definition: int | None = Field(None, ge=1, description="Definition used by default.")
    name: tuple[str, str] | None = Field(None, description="English and Chinese name.")
    formula: tuple[str, str] | None = Field(None, description="Formula in words, both languages.")
    unit: str | None = Field(None, description="A unit of the dictionary.")
    direction: Literal["up", "down", "context", "band"] | None = None
    band: tuple[float, float] | None = Field(None, description="Limits of a direction band.")
    tax_basis: Literal["incl", "excl"] | None = None
    sql: str | None = Field(None, description="Rows with day, numerator and denominator.")
    cuts: tuple[str, ...] = Field((), description="Columns of the SQL it can be cut by.")
    rows: str | None = Field(None, description="A population of the dictionary, in place of SQL.")
    where: str = ""
    window: Literal["period", "year"] = "period"
    numerator: str = ""
    denominator: str = ""
    times: float = 1.0

    @property
    def has_formula(self) -> bool:
        """Whether it brings a formula, not only a choice."""
        return self.sql is not None or self.rows is not None


def dictionary_of(company: Company) -> Mapping[str, Kpi]:
    """The KPI dictionary as the company uses it.

    Raises
    ------
    ParameterError
        If an override in `company.yaml` cannot be used; says which and why.
    """
    known = dict(dictionary())
    band = company.settings.stock_cover_band
    known["stock_cover_days"] = _changed(known["stock_cover_days"], band=band)
    for kpi_id, entry in company.settings.kpis.items():
        known[kpi_id] = _overridden(kpi_id, known.get(kpi_id), entry)
    return MappingProxyType(known)


def _changed(kpi: Kpi, **changes: Any) -> Kpi:
    return replace(kpi, **{name: value for name, value in changes.items() if value is not None})


def _overridden(kpi_id: str, known: Kpi | None, entry: Mapping[str, Any]) -> Kpi:
    own = _read(kpi_id, entry)
    given: dict[str, Any] = {"unit": own.unit, "direction": own.direction, "band": own.band}
    given |= {"names": own.name, "tax_basis": own.tax_basis}
    if known is None:
        known = _new(kpi_id, own)
    if own.has_formula:
        definitions = {**known.definitions, OWN: _definition(kpi_id, own)}
        given |= {"definitions": MappingProxyType(definitions), "default": OWN}
    if own.definition is not None:
        given["default"] = own.definition
        if own.definition not in known.definitions:
            raise _refused(kpi_id, f"there is no definition {own.definition}")
    return _changed(known, **given)


def _read(kpi_id: str, entry: Mapping[str, Any]) -> Override:
    try:
        own = Override.model_validate(entry)
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise _refused(kpi_id, "; ".join(faults)) from error
    if own.unit is not None and own.unit not in UNITS:
        raise _refused(kpi_id, f"unit is none of {', '.join(UNITS)}")
    if own.rows is not None and own.rows not in ROWS:
        raise _refused(kpi_id, f"rows is none of {', '.join(ROWS)}")
    if own.rows is not None and not own.numerator:
        raise _refused(kpi_id, "rows needs a numerator")
    if own.has_formula and own.formula is None:
        raise _refused(kpi_id, "a formula of one's own is also said in words: formula: [en, zh]")
    return own


def _new(kpi_id: str, own: Override) -> Kpi:
    if not own.has_formula or own.name is None or own.unit is None:
        raise _refused(kpi_id, "a new KPI has name, formula, unit, and sql or rows")
    return Kpi(
        id=kpi_id,
        names=own.name,
        unit=own.unit,
        direction=own.direction or "context",
        definitions=MappingProxyType({}),
    )


def _definition(kpi_id: str, own: Override) -> Definition:
    assert own.formula is not None
    if own.rows is not None:
        spec = {"rows": own.rows, "where": own.where, "window": own.window, "times": own.times}
        spec |= {"numerator": own.numerator, "denominator": own.denominator}
        return parse_definition(OWN, own.formula, spec)
    rows = _own_rows(kpi_id, own)
    ratio = bool(re.search(r"\bdenominator\b", rows.sql))
    part = Part(
        rows=rows.name,
        window=own.window,
        where=own.where,
        numerator=own.numerator or "sum(numerator)",
        denominator=own.denominator or ("sum(denominator)" if ratio else ""),
        own=rows,
    )
    return Definition(OWN, own.formula, parts=(part,), times=own.times)


def _own_rows(kpi_id: str, own: Override) -> Rows:
    sql = (own.sql or "").strip().rstrip(";")
    words = set(re.findall(r"\w+", sql))
    used = tuple(sorted(words & set(ROWS)))
    tables = {name for name in TABLES if re.search(rf"\b(from|join)\s+{name}\b", sql)}
    tables |= {name for rows in used for name in ROWS[rows].tables}
    optional = {name for rows in used for name in ROWS[rows].optional}
    return Rows(
        name=f"own_{kpi_id}",
        sql=sql,
        titles=("Rows of the company's own query", "公司自定义查询的行"),
        tables=tuple(sorted(tables)),
        optional=tuple(sorted(optional - tables)),
        uses=tuple(name for rows in used for name in (*ROWS[rows].uses, rows)),
        cuts=spread(own.cuts),
        by="account" if "account" in own.cuts else "",
        organisation="",
        settings=(),
        by_period=False,
    )


def _refused(kpi_id: str, why: str) -> ParameterError:
    return ParameterError(
        f"the override of {kpi_id} cannot be used",
        where=f"company.yaml, kpis.{kpi_id}: {why}",
        do="write {definition: 2} to choose one, or name, formula, unit and sql of your own",
    )
