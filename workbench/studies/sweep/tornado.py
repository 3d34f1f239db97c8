"""Tornado: how far each parameter moves a result to either side, the longest bar on top."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import Figure, KeyEntry, Measure, Role, axes, compose, letters
from workbench.charts.measure import Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import extent, floats, need, texts
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_BAR, _GAP, _COLUMN_GAP, _ROW = 8.0, 5.0, 12.0, 38.0


def tornado(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str,
    measure: Measure,
    better: str,
    width: float,
) -> Figure:
    """Draw for each parameter the lowest and highest change of a result.

    Parameters
    ----------
    table : DataFrame
        `label`; `low`, `high` (changes, in the unit of the result); `at_low`, `at_high` (words:
        value of the parameter there). In the order drawn.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
        Of the changes.
    better : {"max", "min"}
        Which way is favourable.
    width : float
        Size in px.

    Returns
    -------
    Figure
    """
    table = need(table, "label", "low", "high", "at_low", "at_high", chart="tornado")
    low, high = floats(table, "low"), floats(table, "high")
    writer = measure.writer(lang, np.concatenate([low, high]))
    words = [_words(table, side, writer, lang) for side in ("low", "high")]
    plane, labels = _plane(table, low, high, words, width)
    chart = plane.draw(
        plane.rects([*_bars(plane, low, better), *_bars(plane, high, better)]),
        plane.rules([{"x": 0, "x2": 0, "y": 0, "y2": len(table)}], role=Role.INK),
        *axes.row_labels(plane, labels),
        *_ends(plane, low, high, words),
    )
    facts = [
        f"{label}{lang.colon}{lang.comma.join(filter(None, pair))}"
        for label, pair in zip(texts(table, "label"), zip(*words, strict=True), strict=True)
    ]
    shown = [values for values in (low, high) if (values != 0).any()]
    signs = {bool(each > 0) for values in shown for each in values if each}
    names = {True: lang.say("better"), False: lang.say("worse")}
    key = [
        KeyEntry(names[good], Role.GOOD if good else Role.BAD)
        for good in (True, False)
        if (good == (better == "max")) in signs
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, key=key,
        facts=facts,
    )  # fmt: skip


def _words(table: pd.DataFrame, side: str, writer: Writer, lang: Language) -> list[str]:
    """Change and where: "+1.2 (8%)"; nothing where the base itself is the end."""
    idle = (floats(table, "low") == 0) & (floats(table, "high") == 0)
    words = [
        f"{writer(value)}{lang.paren(at)}" if value else ""
        for value, at in zip(floats(table, side), texts(table, f"at_{side}"), strict=True)
    ]
    if side == "low":
        return words
    return [
        lang.say("no change") if still else word for still, word in zip(idle, words, strict=True)
    ]


def _plane(
    table: pd.DataFrame, low: np.ndarray, high: np.ndarray, words: list[list[str]], width: float
) -> tuple[Plane, list[str]]:
    """Leave room for the words at both ends of the longest bars."""
    labels, left = axes.fitted(texts(table, "label"), 0.32 * width)
    words[:] = [axes.fitted(each, 0.3 * width)[0] for each in words]
    left += _COLUMN_GAP + letters.widest(words[0]) + _GAP
    right = letters.widest(words[1]) + _GAP
    bounds = extent(low, high, zero=True)
    plane = Plane(
        width=width, height=len(table) * _ROW, left=left, right=right, x=bounds,
        y=(len(table), 0),
    )  # fmt: skip
    return plane, labels


def _bars(plane: Plane, values: np.ndarray, better: str) -> Rows:
    half = _BAR / _ROW
    return [
        {"x": 0, "x2": value, "y": row + 0.5 - half, "y2": row + 0.5 + half,
         "fill": (Role.GOOD if (value > 0) == (better == "max") else Role.BAD).light}
        for row, value in enumerate(values)
        if value
    ]  # fmt: skip


def _ends(plane: Plane, low: np.ndarray, high: np.ndarray, words: list[list[str]]) -> list[Mark]:
    """Words at the ends, left of the low one and right of the high one."""
    left = [
        {"x": min(value, 0.0), "y": row + 0.5, "text": words[0][row]}
        for row, value in enumerate(low)
    ]
    right = [
        {"x": max(value, 0.0), "y": row + 0.5, "text": words[1][row]}
        for row, value in enumerate(high)
    ]
    return [plane.texts(left, align="right", dx=-_GAP), plane.texts(right, dx=_GAP)]
