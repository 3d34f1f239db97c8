"""Key figures of a planner: written, compared with the baseline, told in one sentence.

A change is judged by the figure's direction, never by its sign alone; one that is smaller than
twice its own standard error, or than the digits shown, is called no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.report.marks import Direction, Mark
from workbench.report.page import Tile
from workbench.text.numbers import is_missing

if TYPE_CHECKING:
    from workbench.text import Language

Kind = Literal["money", "percent", "probability", "integer", "number", "days", "ratio", "text"]
RATES = ("percent", "probability")
NOISE = 2.0  # standard errors of a difference below which it is none


@dataclass(frozen=True, kw_only=True)
class KeyFigure:
    """One figure of a result.

    Attributes
    ----------
    name, label : str
        Stable name; label for people.
    value : float or None
        Money in full units, shares as 0.08.
    kind : str
        "money", "percent", "probability", "integer", "number", "days", "ratio" or "text".
    currency : str
        ISO 4217, of money.
    unit : str
        Small word after a number of no other kind.
    basis : str
        What it counts, in small: with VAT, of 60 people.
    direction : {"up", "down", "context"}
        Which way is better.
    low, high : float or None
        Ends of its 80% interval.
    noise : float
        Standard error of its difference from the baseline, 0 where it has none.
    second : str
        Second reading where there is no interval.
    decimals : int, optional
        Of a percentage, where one does not show its changes.
    """

    name: str
    label: str
    value: Any
    kind: Kind = "number"
    currency: str = "CNY"
    unit: str = ""
    basis: str = ""
    direction: Direction = "context"
    low: float | None = None
    high: float | None = None
    noise: float = 0.0
    second: str = ""
    decimals: int | None = None

    def written(self, lang: Language) -> tuple[str, str]:
        """Write the figure as number and unit."""
        if self.kind == "text":
            return str(self.value), self.unit
        if is_missing(self.value):
            return "–", ""
        if self.kind == "money":
            return lang.money_parts(self.value, currency=self.currency)
        if self.kind == "percent":
            return lang.number(self.value * 100, decimals=self._places()), "%"
        if self.kind == "probability":
            return lang.probability(self.value).removesuffix("%"), "%"
        if self.kind == "days":
            return lang.number(self.value), lang.say("days")
        if self.kind == "ratio":
            return lang.number(self.value, decimals=2), self.unit or lang.pick("×", "倍")
        return lang.number(self.value, decimals=_decimals(self)), self.unit

    def said(self, lang: Language) -> str:
        """Write the figure with its unit, for a sentence or a table."""
        if self.kind == "money" and not is_missing(self.value):
            return lang.money(self.value, currency=self.currency)
        figure, unit = self.written(lang)
        return figure + (lang.pick(" ", "") if unit and unit != "%" else "") + unit

    def interval(self, lang: Language) -> str:
        """Write the 80% interval, or nothing."""
        if is_missing(self.low) or is_missing(self.high):
            return ""
        if self.kind in RATES:
            return lang.percent_interval(self.low, self.high)
        currency = self.currency if self.kind == "money" else None
        return lang.interval(self.low, self.high, currency=currency)

    # -- against the baseline ---------------------------------------------------------------------

    def difference(self, base: KeyFigure | None) -> float | None:
        """Return the change from the baseline; 0 inside the noise, None where there is none."""
        if base is None or self.kind == "text" or is_missing(self.value) or is_missing(base.value):
            return None
        change = float(self.value) - float(base.value)
        return 0.0 if abs(change) <= NOISE * self.noise else change

    def change(self, base: KeyFigure | None, lang: Language) -> str:
        """Write the change from the baseline with its sign; "" where none is seen."""
        change = self.difference(base)
        if base is None or not change:
            return ""
        written = self._signed(change, base, lang)
        return written if any(digit in written for digit in "123456789") else ""

    def _signed(self, change: float, base: KeyFigure, lang: Language) -> str:
        if self.kind in RATES:
            return lang.points(change, decimals=self._places() if self.kind == "percent" else 0)
        if self.kind == "money" and float(base.value) > 0:
            return lang.signed_percent(change / float(base.value))
        if self.kind == "money":
            return lang.signed_money(change, currency=self.currency)
        return lang.signed(change, decimals=_decimals(self)) + (
            lang.pick(" ", "") + self.unit if self.unit else ""
        )

    def _places(self) -> int:
        return 1 if self.decimals is None else self.decimals

    def tile(self, base: KeyFigure | None, lang: Language, *, tried: bool = True) -> Tile:
        """Return the tile: figure, change against the baseline where any is `tried`, interval."""
        figure, unit = self.written(lang)
        change = self.change(base, lang)
        mark = Mark.of(change, self.difference(base), self.direction) if change else ""
        interval = self.interval(lang)
        return Tile(
            label=self.label,
            basis=self.basis,
            figure=figure,
            unit=unit,
            change=mark or (_unchanged(self.difference(base), lang) if tried else ""),
            against=lang.say("on baseline") if change else "",
            second=lang.say("80% interval {interval}", interval=interval)
            if interval
            else self.second,
        )


def _unchanged(difference: float | None, lang: Language) -> str:
    return "" if difference is None else lang.say("as the baseline")


def _decimals(figure: KeyFigure) -> int:
    if figure.kind in ("integer", "days") or is_missing(figure.value):
        return 0
    return 2 if figure.kind == "ratio" or abs(float(figure.value)) < 10 else 1


def from_summary(
    summary: Mapping[str, Any], labels: Mapping[str, Sequence[str]], lang: Language
) -> list[KeyFigure]:
    """Make key figures of a study's ``summary()`` and ``labels()``, KPIs by their dictionary."""
    from workbench.kpis import KPIS

    made = []
    for name, value in summary.items():
        label = labels.get(name)
        kpi = KPIS.get(name)
        kind = label[2] if label and len(label) > 2 else _KPI_KINDS.get(kpi.unit) if kpi else None
        title = lang.pick(*label[:2]) if label else kpi.name(lang) if kpi else name
        direction = kpi.direction if kpi and kpi.direction in ("up", "down") else "context"
        made.append(
            KeyFigure(
                name=name,
                label=title,
                value=value,
                kind=_known(kind, value),
                direction=direction,  # type: ignore[arg-type]
            )
        )
    return made


_KPI_KINDS = {"money": "money", "rate": "percent", "days": "days", "count": "integer"}


def _known(kind: str | None, value: Any) -> Kind:
    """The kind a label names, else by the value itself; money and points of any sign are plain."""
    short = (kind or "").removeprefix("signed_")
    if short in ("money", "percent", "probability", "integer", "number", "days", "ratio"):
        return short  # type: ignore[return-value]
    if isinstance(value, str):
        return "text"
    return "integer" if isinstance(value, int) else "number"


# -- the sentence -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changed:
    """A parameter that differs from the baseline, in words."""

    name: str
    title: str
    before: str
    now: str


def sentence(
    figures: Sequence[KeyFigure],
    base: Mapping[str, KeyFigure],
    changed: Sequence[Changed],
    lang: Language,
    *,
    cause: str = "",
) -> str:
    """Say what changed against the baseline, and why.

    Parameters
    ----------
    figures : sequence of KeyFigure
        Of the trial, the main one first.
    base : mapping of str to KeyFigure
        Of the baseline.
    changed : sequence of Changed
        Parameters that differ from it.
    lang : Language
    cause : str
        What most of the change is due to, in words, where that is known.

    Returns
    -------
    str
        "Profit +3.1%, P(target) 62% → 71%, mostly price."
    """
    if not changed:
        gap = lang.pick(" ", "")
        shown = [f"{each.label}{gap}{each.said(lang)}" for each in figures[:3]]
        return lang.say("The baseline: {figures}", figures=lang.comma.join(shown)) + lang.stop
    moved = [told for each in figures if (told := _moved(each, base.get(each.name), lang))]
    if not moved:
        what = lang.join([each.title for each in changed])
        return lang.say("No key figure changes with {what}", what=what) + lang.stop
    why = cause or _what(changed, lang)
    return lang.comma.join(filter(None, [*moved[:3], why])) + lang.stop


def _moved(figure: KeyFigure, base: KeyFigure | None, lang: Language) -> str:
    change = figure.change(base, lang)
    if base is None or not change:
        return ""
    gap = lang.pick(" ", "")
    if figure.kind in ("probability", "integer", "number", "ratio", "days"):
        return f"{figure.label}{gap}{base.said(lang)} → {figure.said(lang)}"
    return f"{figure.label}{gap}{change}"


def _what(changed: Sequence[Changed], lang: Language) -> str:
    if len(changed) > 1:
        return lang.say("with {what}", what=lang.join([each.title for each in changed]))
    (one,) = changed
    return lang.say("{title} {before} → {now}", title=one.title, before=one.before, now=one.now)
