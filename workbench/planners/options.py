"""Choices of a parameter that only the company knows, for `Layout.options`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.company import Company

Both = tuple[str, str]


def regions(company: Company) -> dict[str, Both]:
    """Regions of the company's order lines and teams, with their labels."""
    tables = [name for name in ("order_line", "opportunity", "account") if company.has(name)]
    known: dict[str, None] = {}
    for table in tables:
        rows = company.sql(f"select distinct region from {table} where region is not null")
        known |= dict.fromkeys(sorted(map(str, rows["region"])))
    return {code: _named(company, "region", code) for code in known}


def nodes(company: Company) -> dict[str, Both]:
    """The company (an empty text), its regions, its product lines, and each line of a region."""
    lines: dict[str, Both] = {}
    if company.has("order_line"):
        rows = company.sql(
            "select distinct product_line as code from order_line"
            " where product_line is not null order by code"
        )
        lines = {code: _named(company, "product_line", code) for code in map(str, rows["code"])}
    known = regions(company)
    found: dict[str, Both] = {"": ("Company", "全公司")} | known | lines
    for region, (english, chinese) in known.items():
        for line, (of, zh) in lines.items():
            found[f"{region}/{line}"] = (f"{english} {of}", f"{chinese}{zh}")
    return found


def kpis(company: Company) -> dict[str, Both]:
    """KPIs of the dictionary and of the company's own, by their names."""
    from workbench.kpis import dictionary_of

    return {code: each.names for code, each in dictionary_of(company).items()}


def roles(company: Company) -> dict[str, Both]:
    """Roles of the people on record, with their labels."""
    if not company.has("rep"):
        return {}
    codes = company.sql("select distinct role from rep where role is not null order by role")
    return {str(code): _named(company, "role", code) for code in codes["role"]}


def _named(company: Company, kind: str, code: str) -> Both:
    return company.label(kind, code), company.label(kind, code, "zh")
