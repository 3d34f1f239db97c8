"""Distributions: how often (histogram), how concentrated (Pareto), how related (scatter)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import COUNT, MONEY, SHARE, Measure, Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.rows import extent, flags, floats, need, spread, texts
from workbench.charts.theme import BODY, NOTE, Role, columns
from workbench.errors import InputError, ParameterError
from workbench.text import Language, mark

if TYPE_CHECKING:
    import altair as alt

#: From this many points on a scatter shows bins.
MOST_POINTS = 2_000

_FOOT, _HEAD = 22.0, 18.0
_BINS = 40, 24
_NAMED_BINS = 5  # in a text alternative
_STEPS = (Role.FC95, Role.FC80, Role.FC50, Role.FCM)
WHOLE_PERCENT = Measure("share", decimals=0)
_LARGEST_FIRST = mark("customers, largest first")


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
    known = np.asarray(pd.to_numeric(pd.Series(np.ravel(values)), errors="coerce"), dtype=float)
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
    words = [writer(count) if count else "" for count in heights]
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
        return [Role(name) if name else Role.ACTUAL for name in texts(table, "kind")]
    lit = flags(table, "highlight")
    return [Role.ACTUAL if flag or not lit.any() else Role.LAST for flag in lit]


def _edge_labels(plane: Plane, table: pd.DataFrame, bounds: np.ndarray, edges: Writer) -> alt.Chart:
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
    return plane.texts(_within(plane, rows), role=Role.INK2, align="center")


def _within(plane: Plane, rows: Rows) -> Rows:
    """Put words under the plot, the outer ones moved inside the drawing."""
    y = plane.at_y(plane.height - plane.bottom + 14)
    return [{**row, "y": y} for row in axes.inside(plane, rows)]


def _marks(plane: Plane, marks: Sequence[tuple[float, str]]) -> list[alt.Chart]:
    """Rule values that matter and name them above, beside the rule so that all fit."""
    rules = [{"x": value, "x2": value, "y": 0, "y2": plane.at_y(_HEAD - 4)} for value, _ in marks]
    words = _within(plane, [{"x": value, "text": text} for value, text in marks])
    return [
        plane.rules(rules, role=Role.INK, dash=(3, 3)),
        plane.texts([{**word, "y": plane.at_y(6)} for word in words], align="center", bold=True),
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


def pareto(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    top: int = 10,
    share: float = 0.2,
    x_title: str = "",
    measure: Measure = MONEY,
    width: float = columns(4),
    height: float = 220,
    alt: str = "",
) -> Figure:
    """Draw how concentrated amounts are: the cumulative share of the largest first.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, one row a customer (or product, dealer), in any order.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit of the values.
    top : int
        How many of the largest are marked with their share.
    share : float
        The share of the largest that is marked (0.2: the top fifth).
    x_title : str
        What is counted along the axis; empty gives "customers, largest first".
    measure : Measure
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
        If columns are missing or the values do not add up to more than zero.
    """
    table = need(table, "label", "value", chart="pareto")
    values = floats(table, "value")
    writer = measure.writer(lang, values)
    values = np.sort(values[np.isfinite(values)])[::-1]
    if not values.size:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    if values.sum() <= 0:
        raise InputError("shares of a total need a total above zero", where="column value")
    cumulated = np.append(0.0, np.cumsum(values) / values.sum())
    part = np.linspace(0, 1, len(cumulated))
    percent = WHOLE_PERCENT.writer(lang, cumulated)
    plane = Plane(
        width=width, height=height, left=axes.axis_room(percent, 0, 1), right=14, top=8,
        bottom=_FOOT + 16, y=(0, max(1.0, float(cumulated.max()))),
    )  # fmt: skip
    points = _points(cumulated, top=top, share=share, lang=lang)
    chart = plane.draw(
        *axes.grid(plane, percent, at=(0, 0.25, 0.5, 0.75, 1)[1:]),
        axes.base(plane, y=0),
        plane.lines([{"x": part[row], "y": cumulated[row]} for row in _thin(len(part))]),
        plane.dots(points, radius=4),
        *_point_words(plane, points),
        *_share_axis(plane, x_title or lang.say(_LARGEST_FIRST), percent),
    )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=[str(point["text"]) for point in points], alt=alt,
    )  # fmt: skip


def _points(cumulated: np.ndarray, *, top: int, share: float, lang: Language) -> Rows:
    """Return the marked points: the first `top`, and the first `share` of all."""
    count = len(cumulated) - 1
    several = max(1, round(share * count))
    names = {
        min(top, count): lang.say("top {n}", n=min(top, count)),
        several: lang.say(
            "top {share} ({n})", share=lang.percent(share, decimals=0), n=lang.number(several)
        ),
    }
    return [
        {"x": row / count, "y": cumulated[row],
         "text": f"{name}{lang.colon}{lang.percent(cumulated[row], decimals=0)}"}
        for row, name in sorted(names.items())
    ]  # fmt: skip


def _point_words(plane: Plane, points: Rows) -> list[alt.Chart]:
    """Name the points below right of them, or left where the edge is near, one above another."""
    room = plane.width - 9
    fits = [
        plane.px(point["x"]) + letters.wide(point["text"], size=BODY, bold=True) <= room
        for point in points
    ]
    wanted = [plane.py(point["y"]) + 10 for point in points]
    low, high = plane.top, plane.top + plane.up - 8
    places = spread(wanted, gap=BODY + 4, low=low, high=high)
    words = [{**point, "y": plane.at_y(place)} for point, place in zip(points, places, strict=True)]
    return [
        plane.texts([w for w, right in zip(words, fits, strict=True) if right is side],
                    size=BODY, bold=True, align="left" if side else "right", dx=9 if side else -9)
        for side in (True, False)
    ]  # fmt: skip


def _thin(count: int, most: int = 300) -> list[int]:
    """Choose the points of a curve: the first hundred, then enough for its shape."""
    if count <= most:
        return list(range(count))
    rest = np.unique(np.linspace(100, count - 1, most - 100).round().astype(int))
    return [*range(100), *map(int, rest)]


def _share_axis(plane: Plane, name: str, percent: Writer) -> list[alt.Chart]:
    places = [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    foot = plane.height - plane.bottom
    rows = [
        {"x": place, "text": text} for place, text in zip(places, percent.axis(places), strict=True)
    ]
    named = {"x": plane.x[1], "y": plane.at_y(foot + 30), "text": name}
    return [
        plane.texts(_within(plane, rows), role=Role.INK2, align="center"),
        plane.texts([named], role=Role.INK2, align="right"),
    ]


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
        bottom=_FOOT + 16, x=extent(x, room=0.04), y=bounds,
    )  # fmt: skip


def _dots(plane: Plane, table: pd.DataFrame, known: np.ndarray) -> list[alt.Chart]:
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
) -> tuple[list[alt.Chart], list[KeyEntry]]:
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


def _scatter_axes(
    plane: Plane, across: Writer, names: tuple[str, str], *, log: bool
) -> list[alt.Chart]:
    foot = plane.height - plane.bottom
    values = _log_ticks(*plane.x) if log else ticks(*plane.x, most=6)
    words = [across.axis([10**value])[0] for value in values] if log else across.axis(values)
    rows = [{"x": value, "text": text} for value, text in zip(values, words, strict=True)]
    name = names[0] + (across.lang.paren(across.lang.say("log scale")) if log else "")
    below = {"x": plane.x[1], "y": plane.at_y(foot + 30), "text": name}
    above = {"x": plane.at_x(0), "y": plane.at_y(NOTE / 2), "text": names[1]}
    return [
        plane.texts(_within(plane, rows), role=Role.INK2, align="center"),
        plane.texts([below], role=Role.INK2, align="right"),
        plane.texts([above], role=Role.INK2),
    ]


def _log_ticks(low: float, high: float) -> list[float]:
    """Return logarithms of round values: powers of ten, with 2 and 5 times them where few."""
    steps = (1, 2, 5) if high - low < 3 else (1,)
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    values = [power + float(np.log10(step)) for power in powers for step in steps]
    return [value for value in values if low <= value <= high] or [(low + high) / 2]
