"""The figure and what it is: value, formula in use, basis, as-of day."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pandas as pd

from workbench.errors import ParameterError
from workbench.kpis.declare import TIME_CUTS, Definition, Kpi
from workbench.tables import TABLES
from workbench.text import Language

BASES = {"incl": ("with VAT", "含税"), "excl": ("net of VAT", "不含税")}
SUMS = ("value", "numerator", "denominator")


@dataclass(frozen=True)
class KpiResult:
    """One KPI over one period, whole or by cuts.

    Attributes
    ----------
    kpi : Kpi
        Its declaration, with the company's overrides.
    definition : int
        The definition used; 0 is the company's own formula.
    start, end, as_of : date
        The period asked for, and the last day that was seen.
    by : tuple of str
        Cuts.
    currency : str or None
        ISO 4217 code of amounts; None where it is no amount.
    of : Kpi or None
        The KPI compared, for growth and attainment.
    tier : str or None
        The tier of the target, where there is one.
    organisation : date, "today" or "at_the_time"
        Whose organisation rows are counted in.
    left_out : tuple of str
        Tables that would belong in but that the company does not have.
    sql : str
        The statement that gave it.
    """

    kpi: Kpi
    definition: int
    start: dt.date
    end: dt.date
    as_of: dt.date
    by: tuple[str, ...]
    currency: str | None
    frame: pd.DataFrame = field(repr=False)
    of: Kpi | None = None
    tier: str | None = None
    organisation: dt.date | Literal["today", "at_the_time"] = "today"
    left_out: tuple[str, ...] = ()
    sql: str = field(default="", repr=False)

    # -- figures -------------------------------------------------------------------------------

    def table(self) -> pd.DataFrame:
        """Cut columns, value, numerator, denominator; ordered by the cuts.

        A rate is missing where its denominator is zero, negative or missing; a KPI that is no
        ratio has no denominator. Times are the first day of the month that names the period.
        """
        return self.frame.copy()

    @property
    def value(self) -> float:
        """The one figure of a KPI without cuts; NaN where there is none.

        Raises
        ------
        ParameterError
            If it was cut.
        """
        return float(self._only("value"))

    @property
    def numerator(self) -> float:
        """Upper part of a ratio, or the amount itself; only without cuts."""
        return float(self._only("numerator"))

    @property
    def denominator(self) -> float:
        """Lower part of a ratio; NaN where it is none; only without cuts."""
        return float(self._only("denominator"))

    def summary(self) -> dict[str, float]:
        """Key figures of a KPI without cuts: its id and value."""
        return {self.kpi.id: self.value}

    def _only(self, column: str) -> Any:
        if self.by:
            raise ParameterError(
                f"{self.kpi.id} has one {column} for each of {', '.join(self.by)}",
                where=f"by={self.by}",
                do="use .table(), or ask without by",
            )
        return self.frame[column].iloc[0] if len(self.frame) else float("nan")

    # -- what it is ----------------------------------------------------------------------------

    @property
    def _definition(self) -> Definition:
        return self.kpi.definitions[self.definition]

    @property
    def unit(self) -> str:
        """A key of `workbench.kpis.UNITS`."""
        return self.kpi.unit

    @property
    def direction(self) -> str:
        """Which way is better: up, down, context or band; growth goes the way of its KPI."""
        return self._definition.direction or (self.of or self.kpi).direction

    @property
    def band(self) -> tuple[float, float] | None:
        """Limits of a direction "band"."""
        return self.kpi.band

    @property
    def tax_basis(self) -> str | None:
        """Basis of the amounts: "incl", "excl", or None where there are none."""
        return (self.of or self.kpi).tax_basis

    def name(self, lang: Language) -> str:
        """Name; that of the KPI compared comes with it."""
        name = self.kpi.name(lang)
        return f"{name}{lang.colon}{self.of.name(lang)}" if self.of else name

    def formula(self, lang: Language) -> str:
        """Formula in use, in words, with what could not be taken into account."""
        text = self.kpi.formula(lang, self.definition)
        if not self.left_out:
            return text
        missing = lang.join([TABLES[name].title(lang) for name in self.left_out])
        return text + lang.paren(lang.say("without {tables}: not loaded", tables=missing))

    def basis(self, lang: Language) -> str:
        """Tax basis, currency and organisation, for the foot of a page."""
        parts = [lang.pick(*BASES[self.tax_basis])] if self.tax_basis in BASES else []
        parts += [self.currency] if self.currency else []
        if self.organisation == "today":
            parts.append(lang.say("today's organisation"))
        elif self.organisation == "at_the_time":
            parts.append(lang.say("organisation of the time"))
        else:
            day = lang.date(self.organisation)
            parts.append(lang.say("organisation of {day}", day=day))
        return lang.comma.join(parts)

    def unit_label(self, lang: Language) -> str:
        """Unit, in words."""
        if self.unit == "money" and self.currency:
            return lang.money_parts(0, currency=self.currency)[1]
        return self.kpi.unit_label(lang)

    # -- for people ----------------------------------------------------------------------------

    def format(self, lang: Language, value: Any = None) -> str:
        """Write a value of this KPI for running text; its own by default."""
        value = self.value if value is None else value
        return self._write(lang, value)

    def parts(self, lang: Language, value: Any = None) -> tuple[str, str]:
        """Split a value into figure and unit, for a tile: ("3.86", "亿元"), ("12.4%", "")."""
        value = self.value if value is None else value
        if self.unit in ("money", "money_per_person"):
            figure, unit = lang.money_parts(value, currency=self.currency or "CNY")
            return figure, unit + (self._per_person(lang) if unit and self.unit != "money" else "")
        return self._write(lang, value), ""

    def format_change(self, lang: Language, change: Any) -> str:
        """Write a change of this KPI: points for rates, a relative change (0.08 is +8%) else."""
        if self.unit in ("rate", "points"):
            return lang.points(change)
        return lang.signed_percent(change)

    def _write(self, lang: Language, value: Any) -> str:
        unit = self.unit
        if unit == "money":
            return lang.money(value, currency=self.currency or "CNY")
        if unit == "money_per_person":
            text = lang.money(value, currency=self.currency or "CNY")
            return text if pd.isna(value) else text + self._per_person(lang)
        if unit == "rate":
            return lang.percent(value)
        if unit == "points":
            return lang.points(value)
        if unit == "ratio":
            return lang.ratio(value)
        if unit == "days":
            return lang.days(value)
        return lang.number(value)

    @staticmethod
    def _per_person(lang: Language) -> str:
        return lang.pick(" a person", "/人")

    def with_frame(self, frame: pd.DataFrame, **changes: Any) -> KpiResult:
        """The same result with other figures."""
        return replace(self, frame=frame, **changes)

    def html(self, lang: Language) -> str:
        """The figure or its table as a fragment, formula and basis below it."""
        head = self.format(lang) if not self.by else self.frame.to_html(index=False, max_rows=24)
        lines = [self.formula(lang), self.basis(lang), lang.period(self.start, self.as_of)]
        said = "<br>".join(html.escape(line) for line in lines)
        title = html.escape(self.name(lang))
        return f"<div><strong>{title}</strong><div>{head}</div><small>{said}</small></div>"

    def _repr_html_(self) -> str:
        return self.html(Language("en"))


def ratio(frame: pd.DataFrame, *, less: float = 0.0) -> pd.Series:
    """Numerator over denominator where that is positive, less a number; else missing."""
    base = frame["denominator"].where(frame["denominator"] > 0)
    return frame["numerator"] / base - less


def ordered(frame: pd.DataFrame, by: Iterable[str]) -> pd.DataFrame:
    """Rows in the order of the cuts, columns as of `KpiResult.table`."""
    cuts = list(by)
    rest = [column for column in frame.columns if column not in (*cuts, *SUMS)]
    frame = frame[[*cuts, *SUMS, *rest]]
    return frame.sort_values(cuts, ignore_index=True, na_position="last") if cuts else frame


def times_of(by: Iterable[str]) -> list[str]:
    """The time cuts among cuts."""
    return [cut for cut in by if cut in TIME_CUTS]
