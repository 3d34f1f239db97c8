"""Funnel: how many of one cohort reach each stage, as left-aligned bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import COUNT, MONEY, Measure
from workbench.charts.plane import Plane
from workbench.charts.rows import column, floats, need, texts
from workbench.charts.theme import BODY, Role, columns
from workbench.text import Language

_BAR = 0.25, 0.75  # of a row; the conversion stands between two bars
_GAP, _COLUMN_GAP = 6, 14


def funnel(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = COUNT,
    amount_measure: Measure = MONEY,
    width: float = columns(6),
    row_height: float = 50,
    alt: str = "",
) -> Figure:
    """Draw the stages of one cohort, with counts, amounts and conversions between them.

    Parameters
    ----------
    table : DataFrame
        `stage`, `count`, first stage first; optional `rate`, `low`, `high`: the share of the
        stage above that came here, with its interval (on the row it leads to); `amount`, written
        after the count.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit of the counts, "{amount_unit}" by that
        of the amounts.
    measure, amount_measure : Measure
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
    """
    table = need(table, "stage", "count", chart="funnel")
    counts = floats(table, "count")
    writer = measure.writer(lang, counts)
    if not np.isfinite(counts).any():
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    amounts, subtitle = _amounts(table, lang, amount_measure, subtitle)
    written = [writer(count) for count in counts]
    plane, stages = _plane(table, counts, written, amounts, width=width, row_height=row_height)
    rates = _rates(table, lang)
    bars = [
        {"x": 0, "x2": count, "y": row + _BAR[0], "y2": row + _BAR[1], "fill": Role.ACTUAL.light}
        for row, count in enumerate(counts) if np.isfinite(count)
    ]  # fmt: skip
    ends = [
        {"x": np.nan_to_num(count), "y": row + 0.5, "text": written[row]}
        for row, count in enumerate(counts)
    ]
    # amounts follow the bold count, so each is moved by the width of its own count
    after = [
        {**end, "x": plane.at_x(plane.px(end["x"]) + _GAP + _wide(written[row]) + 10),
         "text": amounts[row]}
        for row, end in enumerate(ends)
    ]  # fmt: skip
    between = [{"x": 0, "y": row, "text": text} for row, text in enumerate(rates)]
    chart = plane.draw(
        plane.rects(bars),
        *axes.row_labels(plane, stages, size=BODY),
        plane.texts(ends, size=BODY, bold=True, dx=_GAP),
        plane.texts(after, role=Role.INK2),
        plane.texts(between, role=Role.INK2, dx=4),
    )
    facts = [
        compose.fact(stage, text + (lang.paren(rate) if rate else ""), lang)
        for stage, text, rate in zip(texts(table, "stage"), written, _bare(rates), strict=True)
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, facts=facts,
        alt=alt,
    )  # fmt: skip


def _wide(text: str) -> float:
    return letters.wide(text, size=BODY, bold=True)


def _amounts(
    table: pd.DataFrame, lang: Language, measure: Measure, subtitle: str
) -> tuple[list[str], str]:
    values = column(table, "amount")
    if values is None:
        return [""] * len(table), subtitle
    writer = measure.writer(lang, values)
    words = [writer(value) if np.isfinite(value) else "" for value in values]
    return words, subtitle.replace("{amount_unit}", writer.unit)


def _rates(table: pd.DataFrame, lang: Language) -> list[str]:
    """Word the conversion into each stage: 38%（36–40%）; none into the first."""
    rate, low, high = (column(table, name) for name in ("rate", "low", "high"))
    if rate is None:
        return [""] * len(table)
    words = [""]
    for row in range(1, len(table)):
        text = lang.probability(rate[row]) if np.isfinite(rate[row]) else ""
        ends = [np.nan if end is None else end[row] for end in (low, high)]
        if text and np.isfinite(ends).all():
            text += lang.paren(lang.percent_interval(*ends))
        words.append(text)
    return words


def _bare(rates: Sequence[str]) -> list[str]:
    """Take the interval off, for the text alternative."""
    return [rate.split("（")[0].split(" (")[0] for rate in rates]


def _plane(
    table: pd.DataFrame,
    counts: np.ndarray,
    written: Sequence[str],
    amounts: Sequence[str],
    *,
    width: float,
    row_height: float,
) -> tuple[Plane, list[str]]:
    stages, left = axes.fitted(texts(table, "stage"), 0.3 * width, size=BODY)
    left += _COLUMN_GAP
    after = [
        _GAP + _wide(text) + (10 + letters.wide(amount) if amount else 0)
        for text, amount in zip(written, amounts, strict=True)
    ]
    per_px = max(
        np.nan_to_num(count) / max(width - left - words, 20)
        for count, words in zip(counts, after, strict=True)
    )
    plane = Plane(
        width=width, height=len(table) * row_height, left=left,
        x=(0, (per_px or 1.0) * (width - left)), y=(len(table), 0),
    )  # fmt: skip
    return plane, stages
