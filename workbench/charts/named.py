"""Lines by name: up to five told apart by colour, or one highlighted among many in grey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import SHARE, Measure, Writer
from workbench.charts.plane import Plane
from workbench.charts.rows import (
    PeriodLabel,
    extent,
    floats,
    need,
    period_labels,
    period_names,
    texts,
)
from workbench.charts.theme import NAMED, Role, columns
from workbench.errors import InputError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark


def named_lines(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = SHARE,
    highlight: str = "",
    zero: bool = True,
    width: float = columns(7),
    height: float = 230,
    alt: str = "",
) -> Figure:
    """Draw one line a name, labelled at its end.

    Parameters
    ----------
    table : DataFrame
        `period`, `name`, `value`, one row a name and period; names in the order of the colours,
        the own company first, periods even and in order. A name may lack periods.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
    highlight : str
        The name drawn in the colour of the own company, all others grey; then names may be many.
    zero : bool
        Start the vertical axis at zero; else the subtitle says that it does not.
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
        If columns are missing, there are more than five names without one highlighted, or the
        highlighted one is not among them.
    """
    table = need(table, "period", "name", "value", chart="named_lines")
    lines = _read(table, highlight)
    writer = measure.writer(lang, floats(table, "value"))
    if not any(np.isfinite(line.values).any() for line in lines):
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    plane, labels = _plane(table, lines, writer, zero=zero, width=width, height=height)
    chart = plane.draw(
        *axes.grid(plane, writer),
        *axes.period_axis(plane, labels),
        axes.base(plane),
        *(line.draw(plane) for line in sorted(lines, key=lambda line: line.bold)),
        *_ends(plane, lines, writer),
    )
    names = period_names(_periods(table), lang)
    facts = [
        f"{line.name}{lang.paren(names[line.last])} {writer(line.values[line.last])}"
        for line in lines
        if line.known
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title,
        subtitle=axes.said_of_zero(subtitle, plane.y, lang), facts=facts, alt=alt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    values: np.ndarray
    role: Role
    bold: bool

    @property
    def known(self) -> bool:
        return bool(np.isfinite(self.values).any())

    @property
    def last(self) -> int:
        return int(np.flatnonzero(np.isfinite(self.values))[-1])

    def draw(self, plane: Plane) -> Mark:
        rows = [{"x": x, "y": y} for x, y in enumerate(self.values)]
        return plane.lines(rows, role=self.role, width=2.25 if self.bold else 1.75)

    def label(self, writer: Writer) -> str:
        return f"{self.name} {writer(self.values[self.last])}"


def _read(table: pd.DataFrame, highlight: str) -> list[_Line]:
    """Return a line a name over all periods, in the roles of the five names or of the one."""
    names = list(dict.fromkeys(texts(table, "name")))
    if highlight and highlight not in names:
        raise InputError(f"{highlight!r} is not among the names", where="highlight")
    if not highlight and len(names) > len(NAMED):
        raise InputError(
            f"{len(names)} lines cannot be told apart by colour",
            where="column name",
            do="highlight one, keep five and sum up the rest, or use small_multiples",
        )
    values = _by_name(table)
    lines = []
    for place, name in enumerate(names):
        role = NAMED[place] if not highlight else Role.ACTUAL if name == highlight else Role.LAST
        bold = name == highlight if highlight else place == 0
        lines.append(_Line(name, values[name], role, bold))
    return lines


def _by_name(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the values of each name over all periods, NaN where it lacks one."""
    place = {period: row for row, period in enumerate(_periods(table))}
    values: dict[str, np.ndarray] = {}
    told = set()
    rows = zip(texts(table, "name"), table["period"], floats(table, "value"), strict=True)
    for name, period, value in rows:
        if (name, period) in told:
            raise InputError(
                f"{name!r} has two values in {period}",
                where="columns name, period and value",
                do="give one row a name and period",
            )
        told.add((name, period))
        values.setdefault(name, np.full(len(place), np.nan))[place[period]] = value
    return values


def _periods(table: pd.DataFrame) -> list[Any]:
    return list(dict.fromkeys(table["period"]))


def _plane(
    table: pd.DataFrame,
    lines: Sequence[_Line],
    writer: Writer,
    *,
    zero: bool,
    width: float,
    height: float,
) -> tuple[Plane, list[PeriodLabel]]:
    low, high = extent(*(line.values for line in lines), zero=zero, room=0.06)
    left = axes.axis_room(writer, low, high)
    words = [line.label(writer) for line in lines if line.known]
    right = min(letters.widest(words, bold=True) + axes.LABEL_GAP, 0.4 * width)
    periods = _periods(table)
    labels = period_labels(periods, writer.lang, room=width - left - right)
    plane = Plane(
        width=width, height=height, left=left, right=right, top=axes.LINE, y=(low, high),
        bottom=axes.period_room(labels), x=(0, max(len(periods) - 1, 1)),
    )  # fmt: skip
    return plane, labels


def _ends(plane: Plane, lines: Sequence[_Line], writer: Writer) -> list[Mark]:
    """Label each line at the right edge, in its own colour where that can be read as text."""
    known = [line for line in lines if line.known]
    ends = [(line.label(writer), float(line.values[line.last])) for line in known]
    room = plane.right - axes.LABEL_GAP
    rows = [
        {**row, "text": letters.cut(row["text"], room, bold=line.bold)}
        for row, line in zip(axes.end_labels(plane, ends), known, strict=True)
    ]
    dots = [
        {"x": line.last, "y": line.values[line.last], "fill": line.role.light} for line in known
    ]
    return [
        plane.dots(dots, radius=3),
        *(
            plane.texts([row for row, line in zip(rows, known, strict=True) if line.bold is bold],
                        bold=bold, role=Role.INK if bold else Role.INK2)
            for bold in (False, True)
        ),
    ]  # fmt: skip
