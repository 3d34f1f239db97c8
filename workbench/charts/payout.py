"""Payout: pay over attainment as a line, cliffs as vertical steps, and the people under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.histogram import WHOLE_PERCENT
from workbench.charts.measure import COUNT, Measure, Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.rows import floats, need
from workbench.charts.theme import BODY, Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_FOOT, _BETWEEN, _LOWER = 22.0, 22.0, 0.3


def payout_curve(
    table: pd.DataFrame,
    bins: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    other: pd.DataFrame | None = None,
    names: tuple[str, str] = ("", ""),
    marks: Sequence[tuple[float, str]] = (),
    people: Measure = COUNT,
    measure: Measure = WHOLE_PERCENT,
    width: float = columns(5),
    height: float = 270,
    alt: str = "",
) -> Figure:
    """Draw pay over attainment above the histogram of the people who stand there.

    Parameters
    ----------
    table : DataFrame
        `attainment`, `pay`, in rising order; at a cliff two rows share one attainment.
    bins : DataFrame
        As `charts.bin_table` makes it, over attainment.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit of pay.
    other : DataFrame, optional
        A second plan's curve, drawn thin and grey.
    names : (str, str)
        Names of the two plans, written at the ends of their lines.
    marks : sequence of (attainment, words)
        What is written beside the cliff at that attainment, such as its money.
    people, measure : Measure
        What the bins hold, and what pay is.
    width, height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing.
    """
    table = need(table, "attainment", "pay", chart="payout_curve")
    pay, at = floats(table, "pay"), floats(table, "attainment")
    known = [pay] if other is None else [pay, floats(other, "pay")]
    writer = measure.writer(lang, np.concatenate(known))
    counts = people.writer(lang, floats(bins, "count"))
    if not np.isfinite(pay).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    span = float(at[0]), float(at[-1])
    top = float(np.nanmax(np.concatenate(known))) * 1.06
    left = letters.widest(writer.axis(ticks(0, top))) + axes.GAP
    right = max((letters.wide(name, size=BODY) for name in names if name), default=0.0)
    right += axes.LABEL_GAP if right else 4.0
    above = Plane(
        width=width, height=height, left=left, right=right, top=8,
        bottom=_FOOT + _LOWER * height + _BETWEEN, x=span, y=(0.0, top),
    )  # fmt: skip
    chart = above.draw(
        *axes.grid(above, writer),
        axes.base(above, y=0),
        None if other is None else above.lines(_points(other), role=Role.LAST, width=1.5),
        above.lines(_points(table)),
        above.rules(_cliffs(table), role=Role.BADTEXT, width=2),
        above.texts(_words(above, table, marks), role=Role.BADTEXT, bold=True, dx=6, dy=4),
        above.texts(_ends(above, table, other, names), size=BODY, baseline="middle"),
        *_people(above, bins, counts, height=height),
    )
    return compose.figure(
        chart, above, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=_facts(table, marks, writer), alt=alt,
    )  # fmt: skip


def _points(table: pd.DataFrame) -> Rows:
    """A line that breaks at cliffs: two rows of one attainment begin a new part."""
    at, pay = floats(table, "attainment"), floats(table, "pay")
    part = np.cumsum(np.append(False, np.diff(at) == 0))
    return [
        {"x": x, "y": y, "part": str(number)} for x, y, number in zip(at, pay, part, strict=True)
    ]


def _cliffs(table: pd.DataFrame) -> Rows:
    at, pay = floats(table, "attainment"), floats(table, "pay")
    return [
        {"x": at[row], "x2": at[row], "y": pay[row], "y2": pay[row + 1]}
        for row in np.flatnonzero(np.diff(at) == 0)
    ]


def _words(plane: Plane, table: pd.DataFrame, marks: Sequence[tuple[float, str]]) -> Rows:
    """Words right of the middle of each cliff that has some, where the line leaves room."""
    steps = {round(row["x"], 9): row for row in _cliffs(table)}
    rows: Rows = []
    for at, words in marks:
        step = steps.get(round(at, 9))
        if step is not None:
            rows.append({"x": at, "y": (step["y"] + step["y2"]) / 2, "text": words})
    return [
        r for r in rows if plane.px(r["x"]) + 6 + letters.wide(r["text"], bold=True) < plane.width
    ]


def _ends(
    plane: Plane, table: pd.DataFrame, other: pd.DataFrame | None, names: tuple[str, str]
) -> Rows:
    labels = [(names[0], float(floats(table, "pay")[-1]))]
    if other is not None:
        labels.append((names[1], float(floats(other, "pay")[-1])))
    return axes.end_labels(plane, [label for label in labels if label[0]])


def _people(above: Plane, bins: pd.DataFrame, counts: Writer, *, height: float) -> list[Mark]:
    """Draw the histogram below the curve on the same axis, in the coordinates of the curve."""
    low, high, count = floats(bins, "low"), floats(bins, "high"), floats(bins, "count")
    foot, room = height - _FOOT, _LOWER * height
    most = float(np.nanmax(count)) or 1.0
    inside = (low >= above.x[0] - 1e-9) & (high <= above.x[1] + 1e-9)
    rects: Rows = []
    labels: Rows = []
    for a, b, n in zip(low[inside], high[inside], count[inside], strict=True):
        role = Role.GOOD if a >= 1 - 1e-9 else Role.FC50
        y2 = above.at_y(foot - n / most * (room - 14))
        rects.append({"x": a, "x2": b, "y": above.at_y(foot), "y2": y2, "fill": role.light})
        labels.append(
            {"x": (a + b) / 2, "y": y2, "text": counts(n) if counts(n) != counts(0) else ""}
        )
    fits = letters.widest([row["text"] for row in labels]) <= above.across / max(len(rects), 1)
    line = above.at_y(foot)
    edges = [float(edge) for edge in np.append(low[inside], high[inside][-1:])]
    return [
        above.rects(rects, outline=Role.PAPER),
        above.rules([{"x": above.x[0], "x2": above.x[1], "y": line, "y2": line}], role=Role.INK3),
        above.texts(labels if fits else [], role=Role.INK2, align="center", dy=-8),
        above.texts(
            axes.inside(above, _edges(above, edges, counts.lang, foot)),
            role=Role.INK2, align="center",
        ),
    ]  # fmt: skip


def _edges(plane: Plane, edges: Sequence[float], lang: Language, foot: float) -> Rows:
    words = [lang.percent(edge, decimals=0) for edge in edges]
    pitch = plane.across / max(len(edges) - 1, 1)
    every = next((n for n in (1, 2, 4, 5, 10) if letters.widest(words) + 10 <= n * pitch), 10)
    step = edges[1] - edges[0] if len(edges) > 1 else 1.0
    anchor = round(1 / step)
    return [
        {"x": edge, "y": plane.at_y(foot + 14), "text": text}
        for edge, text in zip(edges, words, strict=True)
        if (round(edge / step) - anchor) % every == 0
    ]


def _facts(table: pd.DataFrame, marks: Sequence[tuple[float, str]], writer: Writer) -> list[str]:
    at, pay = floats(table, "attainment"), floats(table, "pay")
    lang = writer.lang
    facts = [
        compose.fact(lang.percent(x, decimals=0), writer(np.interp(x, at, pay)), lang)
        for x in (0.5, 0.8, 1.0, 1.2, 1.5)
        if at[0] <= x <= at[-1]
    ]
    return [*facts, *(compose.fact(lang.percent(x, decimals=0), words, lang) for x, words in marks)]
