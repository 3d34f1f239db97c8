"""What a recorded name means to people: label, kind and unit, for workbook, manifest and report.

Asked in this order: what was given when it was recorded, names that result tables have in common,
the KPI dictionary, the declared tables (`workbench.tables`), and last the name itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench.contract import UNIT_WORDS
from workbench.tables import TABLES
from workbench.tables.declare import MONEY_KINDS, TEXT_KINDS, UNITS
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa

Both = tuple[str, str]

#: Columns that result tables of many studies have: label, kind. They stand before declared
#: columns, some of which mean another thing in each table.
COMMON: dict[str, tuple[Both, str]] = {
    "after": (("This period", "本期"), "money"),
    "amount": (("Amount", "金额"), "money"),
    "before": (("Same period last year", "去年同期"), "money"),
    "change": (("Change", "增减"), "number"),
    "count": (("Count", "数量"), "integer"),
    "cumulative": (("Cumulative share", "累计占比"), "percent"),
    "customers": (("Customers", "客户数"), "integer"),
    "day": (("Day", "日期"), "date"),
    "days": (("Days", "天数"), "number"),
    "deals": (("Deals", "商机数"), "integer"),
    "expected": (("Expected", "预期"), "number"),
    "growth": (("Growth on year", "同比"), "signed_percent"),
    "hi80": (("80% interval, upper end", "80%区间上限"), "number"),
    "hi95": (("95% interval, upper end", "95%区间上限"), "number"),
    "high": (("Upper end", "上限"), "number"),
    "label": (("Item", "项目"), "text"),
    "last_year": (("Last year", "去年"), "money"),
    "lines": (("Lines", "行数"), "integer"),
    "lo80": (("80% interval, lower end", "80%区间下限"), "number"),
    "lo95": (("95% interval, lower end", "95%区间下限"), "number"),
    "low": (("Lower end", "下限"), "number"),
    "month": (("Month", "月份"), "month"),
    "name": (("Name", "名称"), "text"),
    "name_en": (("Name in English", "英文名称"), "text"),
    "net": (("Net of VAT", "不含税金额"), "money"),
    "orders": (("Orders", "订单数"), "integer"),
    "period": (("Period", "期间"), "month"),
    "plan": (("Plan", "计划"), "money"),
    "rank": (("Rank", "排名"), "integer"),
    "rate": (("Rate", "比率"), "percent"),
    "score": (("Score", "得分"), "number"),
    "share": (("Share", "占比"), "percent"),
    "total": (("Total", "合计"), "number"),
    "value": (("Value", "数值"), "number"),
}

_KPI_KINDS = {
    "money": "money",
    "money_per_person": "money",
    "rate": "percent",
    "points": "points",
    "count": "integer",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """Label, kind and unit of a column or key figure, in one language.

    Attributes
    ----------
    name, label : str
        As recorded; for people.
    kind : str
        As in `workbench.report.Col`, further "price", "datetime", "flag"; "" where not known.
    unit : str
        "" where there is none, or the kind says it (per cent).
    """

    name: str
    label: str
    kind: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A recorded number, text, date or flag with its meaning; `exact` are a decimal's digits."""

    meaning: Meaning
    value: Any
    exact: str = ""

    def written(self, lang: Language) -> str:
        """Write the value with its unit, as a sentence would."""
        kind, unit = self.meaning.kind, self.meaning.unit
        if self.value is None:
            return "–"
        if isinstance(self.value, bool):
            return lang.say("yes") if self.value else lang.say("no")
        if isinstance(self.value, str):
            return self.value
        if kind in ("money", "signed_money"):
            return lang.money(self.value, currency=unit if _is_currency(unit) else "CNY")
        if kind in _RATES:
            return str(getattr(lang, _RATES[kind])(self.value))
        whole = kind == "integer" or float(self.value).is_integer() or abs(self.value) >= 1000
        decimals = 0 if whole else 1 if abs(self.value) >= 10 else 2
        number = lang.number(self.value, decimals=decimals)
        return f"{number} {unit}".strip() if lang.code == "en" else f"{number}{unit}"


_COLUMN_KINDS = {"share": "percent", **dict.fromkeys(TEXT_KINDS, "text")}

_RATES = {
    "percent": "percent",
    "signed_percent": "signed_percent",
    "points": "points",
    "probability": "probability",
    "date": "date",
}


def key_figure(entry: Mapping[str, Any], lang: Language, *, currency: str = "CNY") -> KeyFigure:
    """Read a recorded result from the journal of a run."""
    known = _known(entry["name"], lang, currency)
    given = entry.get("unit") or ""
    kind = entry.get("value_kind") or (_kind_of_unit(given) if given else known.kind)
    unit = _pick(UNIT_WORDS.get(given, given) if isinstance(given, str) else given, lang)
    meaning = Meaning(
        name=entry["name"],
        label=_pick(entry.get("label"), lang) or known.label,
        kind=kind,
        unit=_unit_beside(kind, unit or known.unit, currency),
    )
    return KeyFigure(meaning=meaning, value=entry.get("value"), exact=entry.get("exact", ""))


def title_of(name: str, lang: Language) -> str:
    """Label of a declared column, KPI or usual name; the name itself where it is none of these."""
    return _known(name, lang, "").label


def label(entry: Mapping[str, Any], lang: Language) -> str:
    """Name for people of a recorded table or figure; its name where none was given."""
    return _pick(entry.get("label"), lang) or entry["name"].replace("_", " ").capitalize()


def column_meanings(
    columns: Iterable[Mapping[str, Any]],
    schema: pa.Schema,
    lang: Language,
    *,
    currency: str = "CNY",
    codes: Mapping[str, Both] | None = None,
) -> tuple[Meaning, ...]:
    """Read the columns of a recorded table; those its file does not hold are left out.

    Parameters
    ----------
    columns : iterable of mapping
        As in the journal of a run.
    schema : pyarrow.Schema
        Of its file.
    lang : Language
    currency : str
        Of money that names none.
    codes : mapping of str to (str, str), optional
        Labels of codes that may head a column, such as product lines.
    """
    heads = codes or {}
    return tuple(
        _column({"label": heads.get(about["name"]), **about}, schema, lang, currency)
        for about in columns
        if about["name"] in schema.names
    )


def _column(about: Mapping[str, Any], schema: pa.Schema, lang: Language, currency: str) -> Meaning:
    known = _known(about["name"], lang, currency)
    label = _pick(about.get("label"), lang) or known.label
    group = about.get("group")
    kind = about.get("kind") or _fitting(known.kind, schema.field(about["name"]).type)
    unit = _pick(about.get("unit"), lang) or known.unit
    return Meaning(
        name=about["name"],
        label=f"{group}{lang.colon}{label}" if group else label,
        kind=kind,
        unit=_unit_beside(kind, unit, currency),
    )


def _fitting(kind: str, stored: pa.DataType) -> str:
    """Kind by what is stored, where the name's usual kind cannot be: a text is no money."""
    import pyarrow as pa

    if pa.types.is_string(stored):
        return kind if kind in ("text", "month") else "text"
    if pa.types.is_date(stored):
        return "date"
    if pa.types.is_timestamp(stored):
        return "datetime"
    if pa.types.is_boolean(stored):
        return "flag"
    if pa.types.is_decimal(stored):
        return kind if kind in ("money", "price") else "money"
    if pa.types.is_integer(stored):
        return kind if kind in ("money", "number") else "integer"
    return kind if kind not in ("", "text", "date", "month") else "number"


def _known(name: str, lang: Language, currency: str) -> Meaning:
    if name in COMMON:
        both, kind = COMMON[name]
        return Meaning(name, lang.pick(*both), kind, "")
    found = _declared().get(name)
    if found is not None:
        both, kind, unit = found
        unit = (currency, currency) if kind in MONEY_KINDS else unit
        return Meaning(name, lang.pick(*both), kind, lang.pick(*unit))
    return Meaning(name, name.replace("_", " ").capitalize())


@lru_cache(maxsize=1)
def _declared() -> Mapping[str, tuple[Both, str, Both]]:
    """Label, kind and unit of KPIs and of columns that mean the same in all their tables."""
    from workbench.kpis import KPIS

    found: dict[str, tuple[Both, str, Both]] = {}
    titles: dict[str, set[Both]] = {}
    for table in TABLES.values():
        for column in table.columns:
            kind = _COLUMN_KINDS.get(column.kind, str(column.kind))
            unit = UNITS.get(column.unit or "", ("", "")) if kind != "percent" else ("", "")
            found[column.name] = (column.titles, kind, unit)
            titles.setdefault(column.name, set()).add(column.titles)
    found = {name: about for name, about in found.items() if len(titles[name]) == 1}
    for kpi in KPIS.values():
        kind = _KPI_KINDS.get(kpi.unit, "number")
        unit = ("days", "天") if kpi.unit == "days" else ("", "")
        found[kpi.id] = (kpi.names, kind, unit)
    return found


def _pick(given: Any, lang: Language) -> str:
    if not given:
        return ""
    return given if isinstance(given, str) else lang.pick(given[0], given[1])


def _kind_of_unit(unit: str | Sequence[str]) -> str:
    word = unit if isinstance(unit, str) else unit[0]
    if _is_currency(word):
        return "money"
    return {"%": "percent", "share": "percent", "pp": "points"}.get(word, "number")


def _unit_beside(kind: str, unit: str, currency: str) -> str:
    """Unit still to be said beside a value: money says its currency, a share says it itself."""
    if kind in ("money", "signed_money", "price"):
        return unit or currency
    return "" if kind in _RATES else unit


def _is_currency(unit: str) -> bool:
    return len(unit) == 3 and unit.isascii() and unit.isupper()
