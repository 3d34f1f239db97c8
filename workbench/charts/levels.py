"""Levels: a line in its normal band, with its peaks printed and the last value judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import DAYS, Measure, Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.rows import (
    PeriodLabel,
    extent,
    flags,
    floats,
    need,
    period_labels,
    period_names,
)
from workbench.charts.theme import BODY, NOTE, Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark


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
        plane.texts([at], size=BODY, bold=True, role=role, dx=axes.LABEL_GAP),
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
    right = letters.wide(writer.single(last), size=BODY, bold=True) + axes.LABEL_GAP
    labels = period_labels(table["period"], writer.lang, room=width - left - right)
    count = len(table)
    plane = Plane(
        width=width, height=height, left=left, right=right, top=NOTE, y=(low, high),
        bottom=axes.period_room(labels), x=(0, count - 1) if count > 1 else (-0.5, 0.5),
    )  # fmt: skip
    return plane, labels


def _band_layers(
    plane: Plane, band: tuple[float, float] | None, words: str, writer: Writer
) -> list[Mark]:
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
        if all(abs(plane.py(value) - plane.py(label["y"])) >= axes.LINE for label in labels):
            labels.append({"x": left, "y": value, "text": text})
    # In the lower corner of the band, where a line that starts inside it seldom runs; above a
    # band too thin for words.
    thin = plane.py(low) - plane.py(high) < axes.LINE + 2
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
