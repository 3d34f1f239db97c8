"""Histogram: how often values fall into bins, with marks such as a target or approval limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import COUNT, Measure, Writer
from workbench.charts.plane import Plane
from workbench.charts.rows import as_floats, flags, floats, need, roles
from workbench.charts.theme import Role, columns
from workbench.errors import InputError, ParameterError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

WHOLE_PERCENT = Measure("share", decimals=0)

_FOOT, _HEAD = 22.0, 18.0
_NAMED_BINS = 5  # in a text alternative


def bin_table(values: ArrayLike, edges: Sequence[float]) -> pd.DataFrame:
    """Count values in bins, for `histogram`.

    Parameters
    ----------
    values : array_like
        Missing values are left out, as are those outside the edges.
    edges : sequence of float, rising
        A value on an edge belongs to the bin that begins there, on the last edge to the last
        bin. The first may be -inf, the last inf.

    Returns
    -------
    pandas.DataFrame
        low, high, count.

    Raises
    ------
    ParameterError
        If there are fewer than two edges or they do not rise.
    """
    bounds = np.asarray(edges, dtype=float)
    if len(bounds) < 2 or not (np.diff(bounds) > 0).all():
        raise ParameterError("bin edges must rise", where=f"edges={list(edges)}")
    known = as_floats(pd.Series(np.ravel(values)))
    known = known[np.isfinite(known)]
    # a millionth of the narrowest bin keeps 0.1 + 0.05 in the bin that begins at 0.15
    slack = 1e-6 * float(np.diff(bounds).min())
    place = np.searchsorted(bounds, known + slack, side="right") - 1
    place[np.abs(known - bounds[-1]) <= slack] = len(bounds) - 2
    inside = (place >= 0) & (place < len(bounds) - 1)
    counts = np.bincount(place[inside], minlength=len(bounds) - 1)
    return pd.DataFrame({"low": bounds[:-1], "high": bounds[1:], "count": counts})


def histogram(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    marks: Sequence[tuple[float, str]] = (),
    edge: Measure = WHOLE_PERCENT,
    measure: Measure = COUNT,
    width: float = columns(4),
    height: float = 200,
    alt: str = "",
) -> Figure:
    """Draw how often values fall into bins.

    Parameters
    ----------
    table : DataFrame
        `low`, `high`, `count`, bins of equal width in order, the outer ones may be open
        (infinite); optional `highlight` (bool; the others turn grey) or `kind` (name of a role).
        `bin_table` makes it.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit of the counts.
    marks : sequence of (value, words)
        Rules at values such as a target or approval limits, named above.
    edge, measure : Measure
        What the edges and the counts are.
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
        If columns are missing or the bins are not of one width.
    """
    table = need(table, "low", "high", "count", chart="histogram")
    counts = floats(table, "count")
    writer = measure.writer(lang, counts)
    if not np.isfinite(counts).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    low, high = _equal(floats(table, "low"), floats(table, "high"))
    edges = edge.writer(lang, [low, high])
    heights = np.nan_to_num(counts)
    words = [_of_bar(writer, count) for count in heights]
    labelled = letters.widest(words) + 2 <= width / len(table)
    plane = _histogram_plane(
        low, high, counts, writer, labelled=labelled, marked=bool(marks), width=width, height=height
    )
    rects = [
        {"x": a, "x2": b, "y": 0, "y2": count, "fill": role.light}
        for a, b, count, role in zip(low, high, heights, _bin_roles(table), strict=True)
    ]
    tops = [
        {"x": (a + b) / 2, "y": count, "text": text}
        for a, b, count, text in zip(low, high, heights, words, strict=True)
    ]
    chart = plane.draw(
        *([] if labelled else axes.grid(plane, writer)),
        plane.rects(rects, outline=Role.PAPER),
        axes.base(plane, y=0),
        plane.texts(tops, role=Role.INK2, align="center", dy=-8) if labelled else None,
        _edge_labels(plane, table, np.append(low, high[-1]), edges),
        *_marks(plane, marks),
    )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=_bin_facts(table, words, edges), alt=alt,
    )  # fmt: skip


def _equal(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give open bins the width of the others; refuse bins of different widths."""
    widths = (high - low)[np.isfinite(high - low)]
    one = float(np.median(widths)) if widths.size else 1.0
    if widths.size and not np.allclose(widths, one, rtol=1e-6):
        raise InputError(
            "the bins of a histogram differ in width",
            where=f"columns low and high: widths {sorted(set(np.round(widths, 6)))}",
            do="use bins of one width; open the outer ones with infinite ends",
        )
    low, high = low.copy(), high.copy()
    low[0] = low[0] if np.isfinite(low[0]) else high[0] - one
    high[-1] = high[-1] if np.isfinite(high[-1]) else low[-1] + one
    return low, high


def _of_bar(writer: Writer, count: float) -> str:
    """Number above a bar; none where it would be 0, which a bar too low to be seen says itself."""
    written = writer(count)
    return "" if written == writer(0.0) else written


def _histogram_plane(
    low: np.ndarray,
    high: np.ndarray,
    counts: np.ndarray,
    writer: Writer,
    *,
    labelled: bool,
    marked: bool,
    width: float,
    height: float,
) -> Plane:
    top = float(np.nanmax(counts)) or 1.0
    left = 0.0 if labelled else axes.axis_room(writer, 0, top)
    return Plane(
        width=width, height=height, left=left, bottom=_FOOT,
        top=_HEAD * marked + 14, x=(float(low[0]), float(high[-1])), y=(0, top),
    )  # fmt: skip


def _bin_roles(table: pd.DataFrame) -> list[Role]:
    if "kind" in table.columns:
        return roles(table)
    lit = flags(table, "highlight")
    return [Role.ACTUAL if flag or not lit.any() else Role.LAST for flag in lit]


def _edge_labels(plane: Plane, table: pd.DataFrame, bounds: np.ndarray, edges: Writer) -> Mark:
    """Write the values of edges, as many as fit on round ones; open ends have none."""
    finite = np.isfinite(np.append(floats(table, "low"), floats(table, "high")[-1:]))
    words = edges.axis(list(bounds))
    pitch = plane.across / max(len(bounds) - 1, 1)
    every = next((n for n in (1, 2, 5, 10, 20, 50) if letters.widest(words) + 10 <= n * pitch), 50)
    step = bounds[1] - bounds[0]
    rows = [
        {"x": bound, "text": text}
        for bound, text, known in zip(bounds, words, finite, strict=True)
        if known and round(bound / step) % every == 0
    ]
    return axes.below(plane, rows)


def _marks(plane: Plane, marks: Sequence[tuple[float, str]]) -> list[Mark]:
    """Rule values that matter and name them above, as far as the names fit."""
    rules = [{"x": value, "x2": value, "y": 0, "y2": plane.at_y(_HEAD - 4)} for value, _ in marks]
    words = [{"x": value, "y": plane.at_y(6), "text": text} for value, text in marks]
    return [
        plane.rules(rules, role=Role.INK, dash=(3, 3)),
        plane.texts(axes.apart(plane, words, bold=True), align="center", bold=True),
    ]


def _bin_facts(table: pd.DataFrame, words: Sequence[str], edges: Writer) -> list[str]:
    """Name the highlighted bins, else the largest, in their order, after the total."""
    lang, counts, lit = edges.lang, np.nan_to_num(floats(table, "count")), flags(table, "highlight")
    chosen = lit if lit.any() else np.argsort(np.argsort(-counts, kind="stable")) < _NAMED_BINS
    facts = [lang.say("{n} in all", n=lang.number(counts.sum()))]
    ends = zip(floats(table, "low"), floats(table, "high"), words, chosen, strict=True)
    for low, high, text, named in ends:
        if not (text and named):
            continue
        if not np.isfinite(low):
            where = lang.say("under {value}", value=edges(high))
        elif not np.isfinite(high):
            where = lang.say("{value} and more", value=edges(low))
        else:
            where = edges.between(low, high)
        facts.append(f"{where}{lang.colon}{text}")
    return facts
