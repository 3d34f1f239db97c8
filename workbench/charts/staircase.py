"""Staircase: an error stage by stage, each step judged by its interval.

For forecast value added: which stage makes the figure better, which worse, and which is noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import SHARE, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import extent, floats, need, texts
from workbench.charts.theme import Role, columns
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_COLUMN_GAP, _BAR = 12.0, 14.0


def staircase(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = SHARE,
    width: float = columns(6),
    row_height: float = 28,
    alt: str = "",
) -> Figure:
    """Draw an error that falls or rises from stage to stage.

    Parameters
    ----------
    table : DataFrame
        One row a stage, in their order: `label`, `error` (not negative), `low` and `high` (of the
        change of the error against the row before; missing where it is unknown). Each row's
        change is drawn from the error before to its own.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
        What the errors are.
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
    A step is favourable if its whole interval lies below zero, unfavourable if above, else no
    difference. Bars start at zero.
    """
    table = need(table, "label", "error", "low", "high", chart="staircase")
    error, low, high = (floats(table, name) for name in ("error", "low", "high"))
    writer = measure.writer(lang, error)
    if not np.isfinite(error).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    roles = _judged(low, high)
    words = _words(error, low, high, roles, writer)
    plane, labels, at = _plane(table, error, words, width=width, row_height=row_height)
    chart = plane.draw(
        plane.rects(_bars(plane, error, roles)),
        plane.rules(_joints(plane, error), role=Role.INK3),
        plane.rules([{"x": 0, "x2": 0, "y": 0, "y2": len(table)}], role=Role.INK3),
        *axes.row_labels(plane, labels),
        *_columns(plane, words, roles, at),
    )
    facts = [
        compose.fact(label, f"{value}{lang.paren(change) if change else ''}", lang)
        for label, value, change in zip(
            texts(table, "label"), words[0], map(_digits, words[1]), strict=True
        )
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        key=_key(roles, lang), facts=facts, alt=alt,
    )  # fmt: skip


def _judged(low: np.ndarray, high: np.ndarray) -> list[Role]:
    """Colour of each row: the first is a total, the others are judged by their interval."""
    better, worse = high < 0, low > 0
    later = np.where(better, Role.GOOD, np.where(worse, Role.BAD, Role.LAST))
    return [Role.ACTUAL, *(Role(role) for role in later[1:])]


def _words(
    error: np.ndarray, low: np.ndarray, high: np.ndarray, roles: Sequence[Role], writer: Writer
) -> tuple[list[str], list[str], list[str]]:
    """Return the error, its change with a triangle, and the interval of the change, by row."""
    lang = writer.lang
    change = np.diff(error, prepend=np.nan)
    moved = []
    for value, role in zip(change, roles, strict=True):
        mark = lang.triangle(value, "down") if role in (Role.GOOD, Role.BAD) else ""
        text = writer.difference(value) if np.isfinite(value) else ""
        moved.append(f"{text} {mark}".strip())
    word = lang.pick(" to ", "至")
    spans = [
        word.join((writer.difference(a), writer.difference(b)))
        if np.isfinite(a) and np.isfinite(b)
        else ""
        for a, b in zip(low, high, strict=True)
    ]
    told = [
        span or (lang.say("too few to tell") if row and np.isfinite(change[row]) else "")
        for row, span in enumerate(spans)
    ]
    return [writer(value) for value in error], moved, ["", *told[1:]]


def _plane(
    table: pd.DataFrame,
    error: np.ndarray,
    words: tuple[list[str], list[str], list[str]],
    *,
    width: float,
    row_height: float,
) -> tuple[Plane, list[str], tuple[float, float, float]]:
    """Lay out labels, steps, then the columns of errors, changes and intervals (their px)."""
    labels, left = axes.fitted(texts(table, "label"), 0.3 * width)
    left += _COLUMN_GAP
    spans_at = width - letters.widest(words[2])
    # the triangle hangs behind the digits, so that these stay aligned
    moved_at = spans_at - _COLUMN_GAP - letters.wide(" ▼", bold=True)
    error_at = moved_at - letters.widest(map(_digits, words[1])) - _COLUMN_GAP
    right = width - error_at + letters.widest(words[0], bold=True) + _COLUMN_GAP
    plane = Plane(
        width=width, height=len(table) * row_height, left=left, right=right,
        x=extent(error, zero=True), y=(len(table), 0),
    )  # fmt: skip
    return plane, labels, (error_at, moved_at, spans_at)


def _bars(plane: Plane, error: np.ndarray, roles: Sequence[Role]) -> Rows:
    """Draw the first error from zero and each later one as a step from the one before."""
    half = _BAR / 2 / plane.up * len(error)
    starts = np.concatenate([[0.0], error[:-1]])
    rows: Rows = []
    for row, (start, end, role) in enumerate(zip(starts, error, roles, strict=True)):
        if not (np.isfinite(start) and np.isfinite(end)):
            continue
        px = plane.px(end) - plane.px(start)
        # a step too small to see is still a mark
        end_px = plane.px(start) + (px if abs(px) >= 1.5 else np.copysign(1.5, px))
        rows.append({"x": start, "x2": plane.at_x(end_px), "y": row + 0.5 - half,
                     "y2": row + 0.5 + half, "fill": role.light})  # fmt: skip
    return rows


def _joints(plane: Plane, error: np.ndarray) -> Rows:
    """Lead the end of each step down to the next."""
    half = _BAR / 2 / plane.up * len(error)
    return [
        {"x": value, "x2": value, "y": row + 0.5 + half, "y2": row + 1.5 - half}
        for row, value in enumerate(error[:-1])
        if np.isfinite(value) and np.isfinite(error[row + 1])
    ]


def _columns(
    plane: Plane,
    words: tuple[list[str], list[str], list[str]],
    roles: Sequence[Role],
    at: tuple[float, float, float],
) -> list[Mark]:
    errors, moved, spans = words
    error_at, moved_at, spans_at = at

    def placed(px: float, texts_: Sequence[str]) -> Rows:
        return [
            {"x": plane.at_x(px), "y": row + 0.5, "text": text} for row, text in enumerate(texts_)
        ]

    marks: list[Mark] = [plane.texts(placed(error_at, errors), bold=True, align="right")]
    for role, ink in ((Role.GOOD, Role.GOOD), (Role.BAD, Role.BADTEXT), (Role.LAST, Role.INK2)):
        mine = [text if role is own else "" for text, own in zip(moved, roles, strict=True)]
        digits = [_digits(text) for text in mine]
        signs = [text[len(digit) :] for text, digit in zip(mine, digits, strict=True)]
        marks.append(plane.texts(placed(moved_at, digits), role=ink, align="right"))
        marks.append(plane.texts(placed(moved_at + 4, [s.strip() for s in signs]), role=ink))
    return [*marks, plane.texts(placed(spans_at, spans), role=Role.INK2)]


def _digits(change: str) -> str:
    """A change without its triangle."""
    return change.rstrip(" ▼△")


def _key(roles: Sequence[Role], lang: Language) -> list[KeyEntry]:
    """Name the colours that are there."""
    said = {
        Role.GOOD: lang.say("better"), Role.BAD: lang.say("worse"),
        Role.LAST: lang.say("no difference"),
    }  # fmt: skip
    return [KeyEntry(text, role) for role, text in said.items() if role in roles[1:]]
