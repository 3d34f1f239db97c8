"""Lying bars: plain ones with their values, and values with an interval, ranked honestly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import SHARE, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import extent, flags, floats, need, roles, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_BAR = 16  # px
_GAP, _COLUMN_GAP = 5, 12


def bars(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = SHARE,
    width: float = columns(3),
    row_height: float = 29,
    alt: str = "",
) -> Figure:
    """Draw lying bars from zero, each with its value.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, in the order drawn; optional `kind` (name of a `Role`: "actual",
        "last", "fc50", "fcm", "good", "bad", ...; "plan" is outlined), `text` (words at the bar
        instead of the value), `note` (words at the right edge).
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
    width, row_height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing or a kind is no role.
    """
    table = need(table, "label", "value", chart="bars")
    values = floats(table, "value")
    writer = measure.writer(lang, values)
    if not len(table):
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    at_bar = [own or writer(value) for own, value in zip(texts(table, "text"), values, strict=True)]
    plane, labels, notes = _plane(table, values, at_bar, width=width, row_height=row_height)
    filled, outlined = _rects(plane, values, roles(table))
    ends = [
        {"x": max(value, 0.0) if np.isfinite(value) else 0.0, "y": row + 0.5, "text": at_bar[row]}
        for row, value in enumerate(values)
    ]
    chart = plane.draw(
        plane.rects(filled),
        plane.rects(outlined, outline=Role.PLAN),
        _zero(plane, values),
        *axes.row_labels(plane, labels),
        plane.texts(ends, dx=_GAP),
        plane.texts(notes, role=Role.INK2, align="right"),
    )
    facts = [
        compose.fact(label, text, lang)
        for label, text in zip(texts(table, "label"), at_bar, strict=True)
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, facts=facts,
        alt=alt,
    )  # fmt: skip


def _plane(
    table: pd.DataFrame,
    values: np.ndarray,
    at_bar: Sequence[str],
    *,
    width: float,
    row_height: float,
) -> tuple[Plane, list[str], Rows]:
    labels, left = axes.fitted(texts(table, "label"), 0.42 * width)
    left += _COLUMN_GAP
    cut, noted = axes.fitted(texts(table, "note"), 0.3 * width)
    room = width - left - (noted + _COLUMN_GAP if noted else 0)
    low, high = extent(values, zero=True)
    # every value has to fit behind its bar
    per_px = max(
        (max(value, 0.0) - low) / max(room - letters.wide(text) - _GAP, 20)
        for value, text in zip(np.nan_to_num(values), at_bar, strict=True)
    )
    per_px = max(per_px, (high - low) / room)
    plane = Plane(
        width=width, height=len(table) * row_height, left=left,
        x=(low, low + per_px * (width - left)), y=(len(table), 0),
    )  # fmt: skip
    notes: Rows = [
        {"x": plane.at_x(width), "y": row + 0.5, "text": text} for row, text in enumerate(cut)
    ]
    return plane, labels, notes


def _rects(plane: Plane, values: np.ndarray, roles: Sequence[Role]) -> tuple[Rows, Rows]:
    """Return filled and outlined bars; plan and target are never filled."""
    half = _BAR / 2 / plane.up * len(values)
    rows = [
        {"x": 0, "x2": value, "y": row + 0.5 - half, "y2": row + 0.5 + half,
         "fill": (Role.PAPER if role is Role.PLAN else role).light}
        for row, (value, role) in enumerate(zip(values, roles, strict=True))
        if np.isfinite(value)
    ]  # fmt: skip
    plans = {row + 0.5 - half for row, role in enumerate(roles) if role is Role.PLAN}
    return [r for r in rows if r["y"] not in plans], [r for r in rows if r["y"] in plans]


def _zero(plane: Plane, values: np.ndarray) -> Mark | None:
    """Draw the zero rule where bars run to both sides."""
    if not (values < 0).any():
        return None
    return plane.rules([{"x": 0, "x2": 0, "y": 0, "y2": len(values)}], role=Role.INK)


def interval_bars(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = SHARE,
    style: Literal["dot", "bar"] = "dot",
    reference: float | None = None,
    reference_label: str = "",
    join: bool = True,
    width: float = columns(5),
    row_height: float = 27,
    alt: str = "",
) -> Figure:
    """Draw values with their interval; ranks that noise could swap are joined.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, `low`, `high`, in the order drawn (by rank); optional `highlight`
        (bool), `note` (words at the right edge), `tie` (rows with the same value share a rank;
        computed from the intervals if absent).
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen; what joins ranks is added.
    measure : Measure
    style : {"dot", "bar"}
        Bars start at zero; dots may not, the values are printed.
    reference : float, optional
        A vertical rule, such as the company's value, with `reference_label` above.
    join : bool
        Join ranks; False where the order is none of rank (months, stages).
    width, row_height : float
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

    Notes
    -----
    Rows are joined to the first of their group as long as their intervals overlap its own.
    """
    table = need(table, "label", "value", "low", "high", chart="interval_bars")
    value, low, high = (floats(table, name) for name in ("value", "low", "high"))
    writer = measure.writer(lang, value)
    if not np.isfinite(value).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    ranges = [_range(a, b, writer) for a, b in zip(low, high, strict=True)]
    ends = [np.array([reference])] if reference is not None else []
    bounds = extent(value, low, high, *ends, zero=style == "bar", room=0.04)
    plane, labels, places = _interval_plane(
        table, [writer(v) for v in value], ranges, bounds,
        width=width, row_height=row_height, top=18 if reference_label else 0,
    )  # fmt: skip
    groups = _ties(table, low, high) if join else []
    chart = plane.draw(
        *_intervals(plane, table, value, low, high, style=style),
        *_reference(plane, reference, reference_label, len(table)),
        *axes.row_labels(plane, labels),
        *_columns(plane, table, [writer(v) for v in value], ranges, places),
        _joined(plane, groups, places[0]),
    )
    facts = [
        compose.fact(label, f"{writer(v)}{lang.paren(span)}" if span else writer(v), lang)
        for label, v, span in zip(texts(table, "label"), value, ranges, strict=True)
    ]
    if groups:
        subtitle = lang.semicolon.join(
            filter(None, [subtitle, lang.say("ranks joined by a line could be chance")])
        )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, facts=facts,
        alt=alt,
    )  # fmt: skip


def _range(low: float, high: float, writer: Writer) -> str:
    if not (np.isfinite(low) and np.isfinite(high)):
        return ""
    return writer.between(low, high)


def _interval_plane(
    table: pd.DataFrame,
    values: Sequence[str],
    ranges: Sequence[str],
    bounds: tuple[float, float],
    *,
    width: float,
    row_height: float,
    top: float,
) -> tuple[Plane, list[str], tuple[float, float, float]]:
    """Lay out label, plot, then the columns of values, intervals and notes (px of their edges)."""
    labels, left = axes.fitted(texts(table, "label"), 0.34 * width)
    left += _COLUMN_GAP
    _, noted = axes.fitted(texts(table, "note"), 0.25 * width)
    note_at = width - noted
    range_at = note_at - (_COLUMN_GAP if noted else 0) - letters.widest(ranges)
    value_at = range_at - (8 if any(ranges) else 0)
    plot_end = value_at - letters.widest(values, bold=True) - 20
    plane = Plane(
        width=width, height=top + len(table) * row_height, left=left, right=width - plot_end,
        top=top, x=bounds, y=(len(table), 0),
    )  # fmt: skip
    return plane, labels, (plot_end, value_at, range_at)


def _intervals(
    plane: Plane,
    table: pd.DataFrame,
    value: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    *,
    style: str,
) -> list[Mark]:
    px = len(table) / plane.up
    marked = flags(table, "highlight")
    spans = [
        {"x": a, "x2": b, "y": row + 0.5 - 4 * px, "y2": row + 0.5 + 4 * px,
         "fill": Role.FC80.light}
        for row, (a, b) in enumerate(zip(low, high, strict=True))
        if np.isfinite(a) and np.isfinite(b)
    ]  # fmt: skip
    middle = [{"x": v, "y": row + 0.5} for row, v in enumerate(value) if np.isfinite(v)]
    strong = [row for row in middle if marked[int(row["y"])] or not marked.any()]
    quiet = [row for row in middle if row not in strong]
    if style == "dot":
        return [
            plane.rects(spans),
            plane.dots(quiet, role=Role.LAST, radius=4),
            plane.dots(strong, radius=4),
        ]
    solid = [
        {"x": 0, "x2": row["x"], "y": row["y"] - 6 * px, "y2": row["y"] + 6 * px,
         "fill": (Role.ACTUAL if row in strong else Role.LAST).light}
        for row in middle
    ]  # fmt: skip
    ends = [{**span, "y": span["y"] + 4 * px, "y2": span["y"] + 4 * px} for span in spans]
    return [plane.rects(solid), plane.rules(ends, role=Role.FCM, width=2)]


def _reference(plane: Plane, reference: float | None, label: str, count: int) -> list[Mark]:
    if reference is None:
        return []
    top = plane.at_y(plane.top - 2)
    width = letters.wide(label)
    at = min(max(plane.px(reference), plane.left + width / 2), plane.width - width / 2)
    word = {"x": plane.at_x(at), "y": plane.at_y(NOTE / 2 + 1), "text": label}
    return [
        plane.rules([{"x": reference, "x2": reference, "y": top, "y2": count}], role=Role.INK3),
        plane.texts([word], role=Role.INK2, align="center"),
    ]


def _columns(
    plane: Plane,
    table: pd.DataFrame,
    values: Sequence[str],
    ranges: Sequence[str],
    places: tuple[float, float, float],
) -> list[Mark]:
    _, value_at, range_at = places
    notes, _ = axes.fitted(texts(table, "note"), 0.25 * plane.width)

    def at(px: float, words: Sequence[str]) -> Rows:
        return [
            {"x": plane.at_x(px), "y": row + 0.5, "text": text} for row, text in enumerate(words)
        ]

    return [
        plane.texts(at(value_at, values), bold=True, align="right"),
        plane.texts(at(range_at, ranges), role=Role.INK2),
        plane.texts(at(plane.width, notes), role=Role.INK2, align="right"),
    ]


def _ties(table: pd.DataFrame, low: np.ndarray, high: np.ndarray) -> list[tuple[int, int]]:
    """Return first and last row of each run that shares a rank."""
    runs: list[tuple[int, int]] = []
    first = 0
    given = texts(table, "tie") if "tie" in table.columns else None
    for row in range(1, len(table) + 1):
        if row < len(table):
            if given is not None:
                same = given[row] != "" and given[row] == given[first]
            else:
                same = bool(low[row] <= high[first] and low[first] <= high[row])
            if same:
                continue
        if row - 1 > first:
            runs.append((first, row - 1))
        first = row
    return runs


def _joined(plane: Plane, runs: Sequence[tuple[int, int]], px: float) -> Mark | None:
    x = plane.at_x(px + 8)
    rows = [{"x": x, "x2": x, "y": first + 0.25, "y2": last + 0.75} for first, last in runs]
    return plane.rules(rows, role=Role.INK3, width=1.5)
