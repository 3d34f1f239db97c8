"""Scatter: how two values go together, as points, or as bins where there are many."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, SHARE, Measure, Writer
from workbench.charts.plane import Plane, ticks
from workbench.charts.rows import extent, flags, floats, need, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

#: Over this many points a scatter shows bins.
MOST_POINTS = 2_000

_FOOT = 38.0
_BINS = 40, 24
_STEPS = (Role.FC95, Role.FC80, Role.FC50, Role.FCM)


def scatter(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    x_title: str,
    y_title: str,
    x_measure: Measure = MONEY,
    y_measure: Measure = SHARE,
    x_log: bool = False,
    width: float = columns(6),
    height: float = 280,
    alt: str = "",
) -> Figure:
    """Draw two values against each other; over 2,000 points become bins.

    Parameters
    ----------
    table : DataFrame
        `x`, `y`; optional `label` (words at the point, for a few), `highlight` (bool; the
        others turn grey).
    lang, title, subtitle
    x_title, y_title : str
        What the axes are; "{unit}" is replaced by the unit of each.
    x_measure, y_measure : Measure
    x_log : bool
        Show x on a logarithmic scale, as sizes of deals ask for, and say so; values have to be
        above zero, others are left out.
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
    table = need(table, "x", "y", chart="scatter")
    x, y = floats(table, "x"), floats(table, "y")
    known = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not x_log))
    across, up = x_measure.writer(lang, x[known]), y_measure.writer(lang, y[known])
    placed = np.log10(x, where=known, out=np.full_like(x, np.nan)) if x_log else x
    if not known.any():
        return compose.nothing(
            table=table, lang=lang, writer=up, title=title, subtitle=subtitle, width=width
        )
    plane = _scatter_plane(placed[known], y[known], up, width=width, height=height)
    if known.sum() > MOST_POINTS:
        layers, key = _bins(plane, placed[known], y[known], lang)
    else:
        layers, key = _dots(plane, table.assign(x=placed), known), []
    names = across.under(x_title), up.under(y_title)
    chart = plane.draw(
        *axes.grid(plane, up),
        axes.base(plane),
        *layers,
        *_scatter_axes(plane, across, names, log=x_log),
    )
    count = lang.count(int(known.sum()), one="point", many="points", zh="个点")
    middle = (
        f"{names[0]} {across(np.median(x[known]))}",
        f"{names[1]} {up(np.median(y[known]))}",
    )
    return compose.figure(
        chart, plane, table=table, writer=up, title=title, subtitle=subtitle, key=key,
        facts=[count, lang.say("median") + lang.colon + lang.pause.join(middle)],
        alt=alt,
    )  # fmt: skip


def _scatter_plane(
    x: np.ndarray, y: np.ndarray, up: Writer, *, width: float, height: float
) -> Plane:
    bounds = extent(y, room=0.05)
    return Plane(
        width=width, height=height, left=axes.axis_room(up, *bounds), right=10, top=22,
        bottom=_FOOT, x=extent(x, room=0.04), y=bounds,
    )  # fmt: skip


def _dots(plane: Plane, table: pd.DataFrame, known: np.ndarray) -> list[Mark]:
    lit = flags(table, "highlight")
    labels = texts(table, "label")
    rows = [
        {"x": x, "y": y, "text": labels[row],
         "fill": (Role.ACTUAL if lit[row] or not lit.any() else Role.LAST).light}
        for row, (x, y) in enumerate(zip(floats(table, "x"), floats(table, "y"), strict=True))
        if known[row]
    ]  # fmt: skip
    rows.sort(key=lambda row: row["fill"] == Role.ACTUAL.light)  # highlighted on top
    early = [plane.px(row["x"]) < plane.width * 0.75 for row in rows]
    return [
        plane.dots(rows, radius=3.6),
        plane.texts([row for row, left in zip(rows, early, strict=True) if left], dx=8),
        plane.texts(
            [row for row, left in zip(rows, early, strict=True) if not left], align="right", dx=-8
        ),
    ]


def _bins(
    plane: Plane, x: np.ndarray, y: np.ndarray, lang: Language
) -> tuple[list[Mark], list[KeyEntry]]:
    """Count points in cells, in four steps of the forecast hue with round limits."""
    counts, edges_x, edges_y = np.histogram2d(x, y, bins=_BINS, range=[plane.x, plane.y])
    limits = [1.0]
    for share in (0.5, 0.8, 0.95):
        value = float(np.quantile(counts[counts > 0], share))
        limits.append(max(limits[-1] + 1, float(f"{value:.1g}")))
    rows = [
        {"x": edges_x[i], "x2": edges_x[i + 1], "y": edges_y[j], "y2": edges_y[j + 1],
         "fill": _STEPS[int(np.searchsorted(limits, counts[i, j], side="right")) - 1].light}
        for i, j in zip(*np.nonzero(counts), strict=True)
    ]  # fmt: skip
    names = [
        lang.number(low) + (f"–{lang.number(high - 1)}" if high - 1 > low else "")
        for low, high in pairwise(limits)
    ]
    names.append(lang.say("{value} and more", value=lang.number(limits[-1])))
    names[0] = lang.say("points in a cell") + lang.colon + names[0]
    key = [KeyEntry(name, role) for name, role in zip(names, _STEPS, strict=True)]
    return [plane.rects(rows)], key


def _scatter_axes(plane: Plane, across: Writer, names: tuple[str, str], *, log: bool) -> list[Mark]:
    foot = plane.height - plane.bottom
    values = _log_ticks(*plane.x) if log else ticks(*plane.x, most=6)
    words = [across.axis([10**value])[0] for value in values] if log else across.axis(values)
    rows = [{"x": value, "text": text} for value, text in zip(values, words, strict=True)]
    name = names[0] + (across.lang.paren(across.lang.say("log scale")) if log else "")
    below = {"x": plane.x[1], "y": plane.at_y(foot + 30), "text": name}
    above = {"x": plane.at_x(0), "y": plane.at_y(NOTE / 2), "text": names[1]}
    return [
        axes.below(plane, rows),
        plane.texts([below], role=Role.INK2, align="right"),
        plane.texts([above], role=Role.INK2),
    ]


def _log_ticks(low: float, high: float) -> list[float]:
    """Return logarithms of round values: powers of ten, with 2 and 5 times them where few."""
    steps = (1, 2, 5) if high - low < 3 else (1,)
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    values = [power + float(np.log10(step)) for power in powers for step in steps]
    return [value for value in values if low <= value <= high] or [(low + high) / 2]
