"""The section of one KPI looked at closely: by month, and by the cut that is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.explore import Explored, names
from workbench.analysis.story.sentences import currency, period
from workbench.kpis import UNITS
from workbench.report import Block, Col, Section, TableView
from workbench.report.labels import title_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis
    from workbench.charts import Measure

MONEY = ("money", "money_per_person")
SHARES = ("rate", "points")
CUT_WORDS = {"team_id": ("Team", "团队"), "rep_id": ("Person", "人员")}


@dataclass(frozen=True)
class _Written:
    """How values of a KPI are written, in a chart and in a table."""

    explored: Explored
    lang: Language
    currency: str

    @property
    def unit(self) -> str:
        return self.explored.kpi.unit

    def measure(self) -> Measure:
        from workbench.charts import Measure

        if self.unit in MONEY:
            return Measure("money", currency=self.currency)
        return Measure("share") if self.unit in SHARES else Measure("number", unit=UNITS[self.unit])

    def columns(self) -> tuple[Any, Any]:
        """Kinds of a value and of its change; counts, days and ratios change by a share."""
        if self.unit in MONEY:
            return "money", "signed_money"
        if self.unit in SHARES:
            return ("percent" if self.unit == "rate" else "points"), "points"
        return ("integer" if self.unit == "count" else "number"), "signed_percent"

    def said(self, value: float) -> str:
        """One value in words."""
        if self.unit in MONEY:
            return self.lang.money(value, currency=self.currency)
        if self.unit in SHARES:
            return self.lang.percent(value)
        return self.lang.number(value, decimals=0 if self.unit == "count" else 1)

    def unit_of_changes(self) -> str:
        if self.unit in MONEY:
            table = self.explored.parts
            return self.lang.scale(list(table["after"].dropna()), currency=self.currency).unit
        return self.explored.kpi.unit_label(self.lang)


def explored(result: SalesAnalysis, lang: Language) -> Section:
    """The KPI asked for by month beside the year before, and by the cut asked for."""
    found: Explored = result.answer("explored")
    written = _Written(found, lang, currency(result))
    parts = [Block(_months(result, written, lang), span=7)] if len(found.months) else []
    if len(found.parts):
        parts.append(Block(_parts(result, written, lang), span=5))
    kpi = found.kpi
    if not len(found.parts):
        cut = _cut_word(found.cut, lang)
        words = lang.say("{kpi} cannot be told apart by: {cut}", kpi=kpi.name(lang), cut=cut)
        return Section(*parts, lang=lang, title=words, note=kpi.formula(lang))
    return Section(*parts, lang=lang, note=kpi.formula(lang))


def _months(result: SalesAnalysis, written: _Written, lang: Language) -> Any:
    from workbench.charts import columns, trend_band

    table = written.explored.months
    known = table.dropna(subset=["value"])
    name = written.explored.kpi.name(lang)
    if known.empty:
        title = name
    else:
        last = known.iloc[-1]
        title = lang.say(
            "{kpi} in {month}: {value}",
            kpi=name,
            month=lang.month(last["month"], year=True),
            value=written.said(float(last["value"])),
        )
    drawn = table.rename(columns={"month": "period", "value": "actual"})
    return trend_band(
        drawn.dropna(axis=1, how="all") if len(known) else drawn[["period", "actual"]],
        lang=lang,
        title=title,
        subtitle=lang.say("{kpi} by month, {unit}", kpi=name, unit="{unit}"),
        measure=written.measure(),
        zero=written.unit in MONEY or written.unit == "count",
        width=columns(7),
    )


def _parts(result: SalesAnalysis, written: _Written, lang: Language) -> TableView:
    found = written.explored
    kind, change = written.columns()
    moved = "growth" if change == "signed_percent" else "change"
    known = names(result.scope, found.cut)
    label = result.scope.company.label
    codes = found.parts[found.cut]
    table = found.parts.assign(
        **{found.cut: [_name(code, known, label, found.cut, lang) for code in codes]},
        growth=found.parts["change"] / found.parts["before"].where(found.parts["before"] > 0),
    )
    best = table.iloc[0]
    name = found.kpi.name(lang)
    return TableView(
        table,
        [
            Col(found.cut, _cut_word(found.cut, lang)),
            Col("after", lang.say("This period"), kind),
            Col("before", lang.say("Year before"), kind),
            Col(
                moved,
                lang.say("Change"),
                change,
                judged=found.better in ("up", "down"),
                direction=found.better,  # type: ignore[arg-type]
            ),
        ],
        lang=lang,
        title=lang.say(
            "{kpi}: {first} first with {value}",
            kpi=name,
            first=best[found.cut],
            value=written.said(float(best["after"])),
        )
        if pd.notna(best["after"])
        else name,
        subtitle=lang.comma.join(
            [name, written.unit_of_changes(), period(result, lang)],
        ),
        caption=lang.say("{kpi} by {cut}", kpi=name, cut=_cut_word(found.cut, lang)),
        currency=written.currency,
        max_rows=result.params.top,
    )


def _cut_word(cut: str, lang: Language) -> str:
    return lang.pick(*CUT_WORDS[cut]) if cut in CUT_WORDS else title_of(cut, lang)


def _name(
    code: Any, known: dict[str, tuple[str, str]], label: Any, cut: str, lang: Language
) -> str:
    if pd.isna(code):
        return lang.say("Not assigned")
    return lang.pick(*known[code]) if code in known else str(label(cut, code, lang))
