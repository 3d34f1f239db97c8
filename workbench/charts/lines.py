"""Lines over time: a trend with last year, plan, band and forecast; a level in its normal band.

Small lines in tiles and panels: `small.py`. Lines need not start at zero; where they do not, the
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
from workbench.charts.measure import DAYS, MONEY, TOTAL, Measure, Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.rows import (
    PeriodLabel,
    column,
    extent,
    flags,
    floats,
    need,
    period_labels,
    period_names,
    spread,
)
from workbench.charts.theme import BODY, NOTE, Role, columns
from workbench.text import Language, mark

if TYPE_CHECKING:
    import altair as alt

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
_LABEL_GAP, _LABEL_LINE = 8, 16


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
            subtitle=_not_from_zero(subtitle, plane, self.lang), key=self._key(),
            facts=self._facts(), alt=alt,
        )  # fmt: skip

    def _plane(self, *, zero: bool, width: float, height: float) -> tuple[Plane, list[PeriodLabel]]:
        ends = [end for band in self.bands for end in band[2:]]
        tiers = np.array([target.value for target in self.targets])
        low, high = extent(*self.series.values(), *ends, tiers, zero=zero, room=0.06)
        left = axes.axis_room(self.writer, low, high)
        labels = [text for _, text, _, _ in self._end_labels()] + self._tier_labels()
        right = letters.widest(labels, bold=True) + _LABEL_GAP if labels else 4
        count = len(self.table)
        shown = period_labels(self.table["period"], self.lang, room=width - left - right)
        plane = Plane(
            width=width, height=height, left=left, right=right, top=_LABEL_LINE,
            bottom=axes.period_room(shown), y=(low, high),
            x=(0, count - 1) if count > 1 else (-0.5, 0.5),
        )  # fmt: skip
        return plane, shown

    def _area(self, plane: Plane, band: tuple[str, Role, np.ndarray, np.ndarray]) -> alt.Chart:
        _, role, low, high = band
        rows = [{"x": x, "y": y, "y2": y2} for x, (y, y2) in enumerate(zip(low, high, strict=True))]
        return plane.areas(rows, role=role)

    def _line(self, plane: Plane, name: str) -> alt.Chart:
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

    def _ends(self, plane: Plane) -> list[alt.Chart]:
        """Label lines at their ends, the actual where it stops, and mark its last value."""
        ends = self._end_labels()
        room = {"gap": _LABEL_LINE, "low": 6.0, "high": plane.top + plane.up}
        places = spread([plane.py(value) for _, _, value, _ in ends], **room)
        x = plane.at_x(plane.width - plane.right + _LABEL_GAP)
        rows = [
            {"x": x, "y": plane.at_y(place), "text": text, "name": name}
            for place, (name, text, _, _) in zip(places, ends, strict=True)
        ]
        row = self._last("actual")
        value = float(self.series["actual"][row])
        at = {"x": row, "y": value}
        text = f"{self.names['actual']} {self.writer(value)}"
        here = [] if any(name == "actual" for name, *_ in ends) else [{**at, "text": text}]
        # ends at the dot, as the line comes from the left, unless the edge is too near
        fits = plane.px(row) >= letters.wide(text, size=BODY, bold=True)
        bold = [row for row in rows if row["name"] == "actual"]
        quiet = [row for row in rows if row["name"] != "actual"]
        return [
            plane.dots([at], radius=3.4),
            plane.texts(bold, bold=True),
            plane.texts(quiet, role=Role.INK2),
            plane.texts(here if fits else [], size=BODY, bold=True, align="right", dy=-12),
            plane.texts(
                [] if fits else axes.inside(plane, here, size=BODY, bold=True),
                size=BODY,
                bold=True,
                align="center",
                dy=-12,
            ),
            *self._last_year_inline(plane),
        ]

    def _last_year_inline(self, plane: Plane) -> list[alt.Chart]:
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

    def _tiers(self, plane: Plane) -> list[alt.Chart]:
        start, end = plane.x[0] + 0.75 * (plane.x[1] - plane.x[0]), plane.x[1]
        rules = [{"x": start, "x2": end, "y": t.value, "y2": t.value} for t in self.targets]
        room = {"gap": _LABEL_LINE, "low": 6.0, "high": plane.top + plane.up}
        places = spread([plane.py(t.value) for t in self.targets], **room)
        rows = [
            {"x": end, "y": plane.at_y(place), "text": text, "bold": target.bold}
            for place, text, target in zip(places, self._tier_labels(), self.targets, strict=True)
        ]
        return [
            plane.rules(rules, role=Role.PLAN, width=1.5),
            *(
                plane.texts([row for row in rows if row["bold"] is bold], bold=bold, dx=_LABEL_GAP)
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


def band_line(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    band: tuple[float, float] | None = None,
    band_label: str = "",
    measure: Measure = DAYS,
    width: float = columns(4),
    height: float = 180,
    alt: str = "",
) -> Figure:
    """Draw a level in its normal band: peaks marked, the last value judged by the band.

    Parameters
    ----------
    table : DataFrame
        One row a period: `period`, `value`; optional `mark` (bool): values printed.
    band : pair of float, optional
        Normal from, to; the last value outside is unfavourable.
    band_label : str
        Words in the band; empty gives "Normal" with both ends.
    lang, title, subtitle, measure, width, height, alt
        As in `trend_band`; the vertical axis starts at zero.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If `period` or `value` is missing.
    """
    table = need(table, "period", "value", chart="band_line")
    values = floats(table, "value")
    writer = measure.writer(lang, values)
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    plane, labels = _band_plane(table, values, band, writer, width=width, height=height)
    words = band_label or (_band_words(band, writer) if band else "")
    last = int(known[-1])
    outside = band is not None and not band[0] <= values[last] <= band[1]
    at = {"x": last, "y": values[last], "text": writer.single(values[last])}
    role = Role.BADTEXT if outside else Role.INK
    shown = flags(table, "mark") & np.isfinite(values)
    shown[last] = False
    peaks = [{"x": x, "y": values[x], "text": writer(values[x])} for x in np.flatnonzero(shown)]
    chart = plane.draw(
        *_band_layers(plane, band, words, writer),
        *axes.period_axis(plane, labels),
        axes.base(plane),
        plane.lines([{"x": x, "y": y} for x, y in enumerate(values)]),
        plane.dots(peaks),
        plane.texts(peaks, align="center", dy=-11),
        plane.dots([at], role=Role.BADTEXT if outside else Role.ACTUAL, radius=3.9),
        plane.texts([at], size=BODY, bold=True, role=role, dx=_LABEL_GAP),
    )
    names = period_names(table["period"], lang)
    facts = [f"{names[x]} {writer.single(values[x])}" for x in (*np.flatnonzero(shown), last)]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=[*facts, words], alt=alt,
    )  # fmt: skip


def _band_plane(
    table: pd.DataFrame,
    values: np.ndarray,
    band: tuple[float, float] | None,
    writer: Writer,
    *,
    width: float,
    height: float,
) -> tuple[Plane, list[PeriodLabel]]:
    low, high = extent(values, np.array(band) if band else None, zero=True, room=0.08)
    left = letters.widest(writer.axis([0, *(band or ticks(low, high))])) + axes.GAP
    last = values[np.isfinite(values)][-1]
    right = letters.wide(writer.single(last), size=BODY, bold=True) + _LABEL_GAP
    labels = period_labels(table["period"], writer.lang, room=width - left - right)
    count = len(table)
    plane = Plane(
        width=width, height=height, left=left, right=right, top=NOTE, y=(low, high),
        bottom=axes.period_room(labels), x=(0, count - 1) if count > 1 else (-0.5, 0.5),
    )  # fmt: skip
    return plane, labels


def _band_layers(
    plane: Plane, band: tuple[float, float] | None, words: str, writer: Writer
) -> list[alt.Chart]:
    """Draw the normal band with its ends as grid, or a plain grid."""
    if band is None:
        return axes.grid(plane, writer)
    left, right = plane.x
    low, high = band
    area = {"x": left, "x2": right, "y": low, "y2": high, "fill": Role.WASH.light}
    edges = [{"x": left, "x2": right, "y": end, "y2": end} for end in band]
    labels: Rows = []
    ends = (high, low, plane.y[0])
    for value, text in zip(ends, writer.axis(ends), strict=True):
        if all(abs(plane.py(value) - plane.py(label["y"])) >= _LABEL_LINE for label in labels):
            labels.append({"x": left, "y": value, "text": text})
    # In the lower corner of the band, where a line that starts inside it seldom runs; above a
    # band too thin for words.
    thin = plane.py(low) - plane.py(high) < _LABEL_LINE + 2
    inside = {"x": left, "y": high if thin else low, "text": words}
    return [
        plane.rects([area]),
        plane.rules(edges, role=Role.RULE),
        plane.texts(labels, role=Role.INK2, align="right", dx=-axes.GAP),
        plane.texts([inside], role=Role.INK2, baseline="bottom", dx=4, dy=-4),
    ]


def _band_words(band: tuple[float, float], writer: Writer) -> str:
    ends = "–".join(writer.axis(band))
    unit = writer.measure.unit
    if unit:
        ends += writer.lang.pick(f" {unit[0]}", unit[1])
    return writer.lang.say("Normal {range}", range=ends)


def _band(
    table: pd.DataFrame, label: str, role: Role, low: str, high: str
) -> tuple[str, Role, np.ndarray, np.ndarray] | None:
    ends = column(table, low), column(table, high)
    return None if ends[0] is None or ends[1] is None else (label, role, ends[0], ends[1])


def _not_from_zero(subtitle: str, plane: Plane, lang: Language) -> str:
    if plane.y[0] <= 0 <= plane.y[1]:
        return subtitle
    note = lang.say("axis does not start at zero")
    return lang.semicolon.join(filter(None, [subtitle, note]))
