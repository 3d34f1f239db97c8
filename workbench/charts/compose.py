"""Putting a figure together: its key, its text alternative, its subtitle with the unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from workbench.charts import axes
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import Writer
from workbench.charts.plane import Plane
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Drawing

#: Facts a text alternative names before it only counts the rest.
MOST_FACTS = 14


def figure(
    chart: Drawing,
    plane: Plane,
    *,
    table: pd.DataFrame,
    writer: Writer,
    title: str,
    subtitle: str,
    key: Sequence[KeyEntry] = (),
    facts: Sequence[str] = (),
    alt: str = "",
) -> Figure:
    """Join a drawing and its words to a figure.

    Parameters
    ----------
    chart, plane
        The drawing and the plane it lies on.
    table : DataFrame
        The result table.
    writer : Writer
        Knows the language and the unit.
    title, subtitle : str
        "{unit}" in the subtitle is replaced.
    key : sequence of KeyEntry
    facts : sequence of str
        Main numbers, for the text alternative.
    alt : str
        A text alternative of the caller's own.
    """
    return Figure(
        chart=chart,
        title=title,
        subtitle=writer.under(subtitle),
        key=tuple(key),
        alt=alt or told(title, facts, unit=writer.unit, lang=writer.lang),
        data=table,
        lang=writer.lang,
        width=round(plane.width),
        height=round(plane.height),
    )


def nothing(
    *, table: pd.DataFrame, lang: Language, writer: Writer, title: str, subtitle: str, width: float
) -> Figure:
    """Return the figure of a table without rows."""
    chart, height = axes.empty(lang, width)
    plane = Plane(width=width, height=height)
    return figure(
        chart,
        plane,
        table=table,
        writer=writer,
        title=title,
        subtitle=subtitle,
        facts=[lang.say("No data")],
    )


def told(title: str, facts: Sequence[str], *, unit: str, lang: Language) -> str:
    """Word a text alternative: the finding, then the numbers with their unit once."""
    kept = [fact for fact in facts if fact]
    if len(kept) > MOST_FACTS:
        more = len(kept) - MOST_FACTS
        kept = [*kept[:MOST_FACTS], lang.say("{n} more", n=more)]
    numbers = lang.comma.join(kept)
    if unit not in ("", "%") and numbers:
        numbers = f"{unit}{lang.colon}{numbers}"
    ended = title if title.endswith((".", "。", "?", "？")) else title + lang.stop
    return lang.sentences([ended if title else "", numbers + lang.stop if numbers else ""])


def fact(label: str, value: str, lang: Language) -> str:
    """Put a label and its value beside each other: "East 12.4", 华东12.4 with a space."""
    return f"{label} {value}".strip()
