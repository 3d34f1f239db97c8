"""Lines over time: a trend with last year, plan, band and forecast, and the fan.

A level in its normal band: `levels.py`. Small lines: `small.py`. Lines by name: `named.py`. They
need not start at zero; where they do not, the
subtitle says so by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, TOTAL, Measure, Writer
from workbench.charts.plane import Plane
from workbench.charts.rows import (
    PeriodLabel,
    column,
    extent,
    need,
    period_labels,
    period_names,
    spread,
)
from workbench.charts.theme import BODY, Role, columns
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_STEPS = ((95, Role.FC95), (80, Role.FC80), (50, Role.FC50))
_NAMES = {
    "actual": mark("Actual"),
    "last_year": mark("Last year"),
    "plan": mark("Plan"),
    "median": mark("Median"),
    "band": mark("Normal range"),
}
_LINES = {  # role, width, dash; drawn in this order
    "plan": (Role.PLAN, 1.25, (2, 3)),
    "last_year": (Role.LAST, 1.5, None),
    "median": (Role.FCM, 2, (6, 4)),
    "actual": (Role.ACTUAL, 2, None),
}


@dataclass(frozen=True, slots=True)
class Target:
    """A tier at the end of a fan: its name, value and probability of being hit (or None)."""

    label: str
    value: float
    probability: float | None = None
    bold: bool = False


def trend_band(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = MONEY,
    zero: bool = True,
    width: float = columns(7),
    height: float = 230,
    names: Mapping[str, str] | None = None,
    alt: str = "",
) -> Figure:
    """Draw a trend: actual against last year and plan, in a band or with a forecast.

    Parameters
    ----------
    table : DataFrame
        One row a period, evenly spaced. `period` (month Period, date, Timestamp, or words),
        `actual`; optional `last_year`, `plan`; `low` and `high` (a normal band); `median`,
        `low50`, `high50`, `low80`, `high80`, `low95`, `high95` (a forecast; let its first row be
        the last actual, so that they join). Missing values break lines.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
        What the values are.
    zero : bool
        Start the vertical axis at zero; else the subtitle says that it does not.
    width, height : float
        Size in px.
    names : mapping, optional
        Own words for actual, last_year, plan, median, band.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If `period` or `actual` is missing.
    """
    trend = _Trend.read(table, lang=lang, measure=measure, names=names, chart="trend_band")
    return trend.figure(title, subtitle, zero=zero, width=width, height=height, alt=alt)


def fan(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    targets: Sequence[Target] = (),
    measure: Measure = TOTAL,
    zero: bool = False,
    width: float = columns(5),
    height: float = 250,
    names: Mapping[str, str] | None = None,
    alt: str = "",
) -> Figure:
    """Draw a forecast fan to the end of the year, with the tiers of the target at its end.

    Parameters
    ----------
    table : DataFrame
        As in `trend_band`, with the columns of a forecast; start shortly before today.
    targets : sequence of Target
        Short rules at the end with value and probability.
    lang, title, subtitle, measure, zero, width, height, names, alt
        As in `trend_band`.

    Returns
    -------
    Figure
    """
    trend = _Trend.read(
        table, lang=lang, measure=measure, names=names, targets=targets, chart="fan"
    )
    return trend.figure(title, subtitle, zero=zero, width=width, height=height, alt=alt)


@dataclass(frozen=True, slots=True)
class _Trend:
    """Series of a trend, read from its table."""

    table: pd.DataFrame
    lang: Language
    writer: Writer
    names: Mapping[str, str]
    series: Mapping[str, np.ndarray]
    bands: Sequence[tuple[str, Role, np.ndarray, np.ndarray]]
    targets: Sequence[Target] = field(default=())

    @classmethod
    def read(
        cls,
        table: pd.DataFrame,
        *,
        lang: Language,
        measure: Measure,
        names: Mapping[str, str] | None,
        chart: str,
        targets: Sequence[Target] = (),
    ) -> _Trend:
        table = need(table, "period", "actual", chart=chart)
        words = {name: lang.say(text) for name, text in _NAMES.items()} | dict(names or {})
        found = {name: column(table, name) for name in _LINES}
        series = {name: values for name, values in found.items() if values is not None}
        bands = [
            band for band in (
                _band(table, words["band"], Role.WASH, "low", "high"),
                *(_band(table, f"{n}%", role, f"low{n}", f"high{n}") for n, role in _STEPS),
            ) if band is not None
        ]  # fmt: skip
        pooled = [*series.values(), *(end for band in bands for end in band[2:])]
        pooled.append(np.array([target.value for target in targets]))
        writer = measure.writer(lang, np.concatenate(pooled))
        return cls(table, lang, writer, words, series, bands, targets)

    def figure(
        self, title: str, subtitle: str, *, zero: bool, width: float, height: float, alt: str
    ) -> Figure:
        if not self.series:
            return compose.nothing(
                table=self.table, lang=self.lang, writer=self.writer, title=title,
                subtitle=subtitle, width=width,
            )  # fmt: skip
        plane, labels = self._plane(zero=zero, width=width, height=height)
        chart = plane.draw(
            *(self._area(plane, band) for band in self.bands if band[1] is Role.WASH),
            *axes.grid(plane, self.writer),
            *(self._area(plane, band) for band in self.bands if band[1] is not Role.WASH),
            *axes.period_axis(plane, labels),
            axes.base(plane),
            *(self._line(plane, name) for name in _LINES if name in self.series),
            *self._ends(plane),
            *self._tiers(plane),
        )
        return compose.figure(
            chart, plane, table=self.table, writer=self.writer, title=title,
            subtitle=axes.said_of_zero(subtitle, plane.y, self.lang), key=self._key(),
            facts=self._facts(), alt=alt,
        )  # fmt: skip

    def _plane(self, *, zero: bool, width: float, height: float) -> tuple[Plane, list[PeriodLabel]]:
        ends = [end for band in self.bands for end in band[2:]]
        tiers = np.array([target.value for target in self.targets])
        low, high = extent(*self.series.values(), *ends, tiers, zero=zero, room=0.06)
        left = axes.axis_room(self.writer, low, high)
        labels = [text for _, text, _, _ in self._end_labels()] + self._tier_labels()
        right = letters.widest(labels, bold=True) + axes.LABEL_GAP if labels else 4
        count = len(self.table)
        shown = period_labels(self.table["period"], self.lang, room=width - left - right)
        plane = Plane(
            width=width, height=height, left=left, right=right, top=axes.LINE,
            bottom=axes.period_room(shown), y=(low, high),
            x=(0, count - 1) if count > 1 else (-0.5, 0.5),
        )  # fmt: skip
        return plane, shown

    def _area(self, plane: Plane, band: tuple[str, Role, np.ndarray, np.ndarray]) -> Mark:
        _, role, low, high = band
        rows = [{"x": x, "y": y, "y2": y2} for x, (y, y2) in enumerate(zip(low, high, strict=True))]
        return plane.areas(rows, role=role)

    def _line(self, plane: Plane, name: str) -> Mark:
        role, thick, dash = _LINES[name]
        rows = [{"x": x, "y": y} for x, y in enumerate(self.series[name])]
        return plane.lines(rows, role=role, width=thick, dash=dash)

    def _last(self, name: str) -> int:
        return int(np.flatnonzero(np.isfinite(self.series[name]))[-1])

    def _end_labels(self) -> list[tuple[str, str, float, int]]:
        """Name, words, value and row of each line that ends at the right edge."""
        if self.targets:
            return []
        ends = [(name, self._last(name)) for name in reversed(_LINES) if name in self.series]
        return [
            (name, f"{self.names[name]} {self.writer(self.series[name][row])}",
             float(self.series[name][row]), row)
            for name, row in ends if row == len(self.table) - 1
        ]  # fmt: skip

    def _ends(self, plane: Plane) -> list[Mark]:
        """Label lines at their ends, the actual where it stops, and mark its last value."""
        ends = self._end_labels()
        labels = [(text, value) for _, text, value, _ in ends]
        rows = [
            {**row, "name": name}
            for row, (name, *_) in zip(axes.end_labels(plane, labels), ends, strict=True)
        ]
        if "actual" not in self.series:  # nothing is over yet
            return [plane.texts(rows, role=Role.INK2), *self._last_year_inline(plane)]
        row = self._last("actual")
        value = float(self.series["actual"][row])
        at = {"x": row, "y": value}
        text = f"{self.names['actual']} {self.writer(value)}"
        # a total that begins today stands at zero: nothing to write there
        begun = value != 0 or int(np.isfinite(self.series["actual"]).sum()) > 1
        told = any(name == "actual" for name, *_ in ends) or not begun
        here = [] if told else [{**at, "text": text}]
        # ends at the dot, as the line comes from the left, unless the edge is too near
        fits = plane.px(row) >= letters.wide(text, size=BODY, bold=True)
        bold = [row for row in rows if row["name"] == "actual"]
        quiet = [row for row in rows if row["name"] != "actual"]
        return [
            plane.dots([at], radius=3.4),
            plane.texts(bold, bold=True),
            plane.texts(quiet, role=Role.INK2),
            plane.texts(
                here if fits else [],
                size=BODY,
                bold=True,
                align="right",
                dy=self._clear(plane, row, text),
            ),
            plane.texts(
                [] if fits else axes.inside(plane, here, size=BODY, bold=True),
                size=BODY,
                bold=True,
                align="center",
                dy=-12,
            ),
            *self._last_year_inline(plane),
        ]

    def _clear(self, plane: Plane, row: int, text: str) -> float:
        """How far from the last actual its label, which ends there, is free of the line (px).

        Above where that is as near; a line that swings would run through a label just above.
        """
        start = plane.px(row) - letters.wide(text, size=BODY, bold=True)
        values = self.series["actual"]
        known = np.flatnonzero(np.isfinite(values))
        places = np.linspace(plane.at_x(start), row, 40)
        heights = [plane.py(y) for y in np.interp(places, known, values[known])]
        level = plane.py(float(values[row]))
        above, below = min(-12.0, min(heights) - level - 11), max(14.0, max(heights) - level + 12)
        low = level + below <= plane.top + plane.up - BODY / 2
        return below if low and below < -above else above

    def _last_year_inline(self, plane: Plane) -> list[Mark]:
        """Name last year's line under it where the right edge belongs to the targets."""
        if not self.targets or "last_year" not in self.series:
            return []
        known = np.flatnonzero(np.isfinite(self.series["last_year"]))
        row = int(known[int(len(known) * 0.7)])
        at = {"x": row, "y": float(self.series["last_year"][row]), "text": self.names["last_year"]}
        return [plane.texts([at], role=Role.INK2, dx=8, dy=14)]

    def _tier_labels(self) -> list[str]:
        return [
            f"{target.label} {self.writer(target.value)}{self._chance(target)}"
            for target in self.targets
        ]

    def _chance(self, target: Target) -> str:
        if target.probability is None:
            return ""
        return f" · {self.lang.probability(target.probability)}"

    def _tiers(self, plane: Plane) -> list[Mark]:
        start, end = plane.x[0] + 0.75 * (plane.x[1] - plane.x[0]), plane.x[1]
        rules = [{"x": start, "x2": end, "y": t.value, "y2": t.value} for t in self.targets]
        room = {"gap": axes.LINE, "low": 6.0, "high": plane.top + plane.up}
        places = spread([plane.py(t.value) for t in self.targets], **room)
        rows = [
            {"x": end, "y": plane.at_y(place), "text": text, "bold": target.bold}
            for place, text, target in zip(places, self._tier_labels(), self.targets, strict=True)
        ]
        return [
            plane.rules(rules, role=Role.PLAN, width=1.5),
            *(
                plane.texts(
                    [row for row in rows if row["bold"] is bold], bold=bold, dx=axes.LABEL_GAP
                )
                for bold in (False, True)
            ),
        ]

    def _key(self) -> list[KeyEntry]:
        """Name the bands, and the lines whose ends are not labelled."""
        entries = [KeyEntry(label, role) for label, role, _, _ in reversed(self.bands)]
        steps = [entry for entry in entries if entry.role is not Role.WASH]
        if steps:  # the last of them says what they are: 50% 80% 95% interval
            widest = replace(
                steps[-1], label=self.lang.say("{share} interval", share=steps[-1].label)
            )
            entries[entries.index(steps[-1])] = widest
        if self.targets and "median" in self.series:
            entries.append(KeyEntry(self.names["median"], Role.FCM, "dash"))
        if self.targets and "plan" in self.series:
            entries.append(KeyEntry(self.names["plan"], Role.PLAN, "dash"))
        return entries

    def _facts(self) -> list[str]:
        names = period_names(self.table["period"], self.lang)
        ends = [(name, self._last(name)) for name in reversed(_LINES) if name in self.series]
        facts = [
            f"{names[row]}{self.lang.colon}{self.names[name]} {self.writer(self.series[name][row])}"
            for name, row in ends
        ]
        for label, _, low, high in self.bands:
            known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
            if known.size:
                row = int(known[-1])
                facts.append(f"{label} {self.writer(low[row])}–{self.writer(high[row])}")
        return facts + self._tier_labels()


def _band(
    table: pd.DataFrame, label: str, role: Role, low: str, high: str
) -> tuple[str, Role, np.ndarray, np.ndarray] | None:
    ends = column(table, low), column(table, high)
    return None if ends[0] is None or ends[1] is None else (label, role, ends[0], ends[1])
