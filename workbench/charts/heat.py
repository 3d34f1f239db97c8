"""Heat tables: changes in three steps with their sign, and cohorts in steps of the forecast hue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import CHANGE, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import flags, floats, need, texts
from workbench.charts.theme import NOTE, Role, columns
from workbench.errors import InputError, ParameterError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

UP = (Role.G1, Role.G2, Role.G3)
DOWN = (Role.B1, Role.B2, Role.B3)
_COHORT = (Role.FC95, Role.FC80, Role.FC50)
_HEAD, _COLUMN_GAP = 24.0, 14.0

Limits = tuple[float, float, float]


def heat_table(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    limits: Limits = (0.01, 0.05, 0.10),
    direction: str = "up",
    measure: Measure = CHANGE,
    width: float = columns(5),
    row_height: float = 27,
    alt: str = "",
) -> Figure:
    """Draw changes by row and column, tinted in three steps; the sign stays in the cell.

    Parameters
    ----------
    table : DataFrame
        `row`, `column`, `value`, one line a cell, in the order drawn; optional `total` (bool),
        rows in bold without tint. Cells that are absent or missing are quiet.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    limits : three floats
        From where the steps begin, on the size of the value; the key states them.
    direction : {"up", "down"}
        Whether more is favourable.
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
        If columns are missing or a cell comes twice.
    ParameterError
        If the limits do not rise from above zero.
    """
    table = need(table, "row", "column", "value", chart="heat_table")
    check_limits(limits)
    cells = _Cells.read(table, "row", "column")
    writer = measure.writer(lang, cells.values)
    if not cells.rows:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    plane, labels = _plane(cells.rows, len(cells.columns), width=width, row_height=row_height)
    totals = set(np.array(texts(table, "row"), object)[flags(table, "total")])
    bold = [row in totals for row in cells.rows]
    tints = [
        [None if bold[r] else tint(writer.rounded(value), limits, direction) for value in line]
        for r, line in enumerate(cells.values)
    ]
    words = cells.words(writer)
    chart = plane.draw(
        plane.rects(_rects(plane, tints)),
        *_head(plane, cells.columns),
        *axes.row_labels(plane, labels, bold=bold),
        *_words(plane, words, bold),
        *_sum_rules(plane, bold),
    )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        key=heat_key(tints, limits, direction, writer), facts=_facts(cells, words), alt=alt,
    )  # fmt: skip


def tint(value: float, limits: Limits, direction: str = "up") -> Role:
    """Return the tint of a value: three steps a side, quiet where it is small or missing.

    Give the value as it is written, so that a cell that reads +5% has the tint of 5%.
    """
    if not np.isfinite(value) or abs(value) < limits[0] * (1 - 1e-9):
        return Role.WASH
    step = int(np.searchsorted(np.asarray(limits) * (1 - 1e-9), abs(value), side="right")) - 1
    return (UP if (value > 0) == (direction == "up") else DOWN)[step]


def heat_key(
    tints: Sequence[Sequence[Role | None]], limits: Limits, direction: str, writer: Writer
) -> list[KeyEntry]:
    """Return the key of the steps that occur, worst to best, with their limits."""
    used = {role for line in tints for role in line}
    low = [text.removeprefix("+") for text in writer.axis(limits)]
    lang = writer.lang
    above = [lang.say("{value} and more", value=low[2])]
    ranges = [_span(low[0], low[1]), _span(low[1], low[2]), *above]
    minus = [f"\u2212{text}" for text in low]
    below = [
        _span(minus[0], minus[1], word=lang.pick(" to ", "至")),
        _span(minus[1], minus[2], word=lang.pick(" to ", "至")),
        lang.say("{value} and less", value=minus[2]),
    ]
    up, down = (UP, DOWN) if direction == "up" else (DOWN, UP)
    signed = writer.measure.signed
    entries = list(zip(reversed(below), reversed(down), strict=True)) if signed else []
    entries += list(zip(ranges, up, strict=True))
    return [KeyEntry(text, role) for text, role in entries if role in used]


def check_limits(limits: Limits) -> None:
    """Refuse limits that do not rise from above zero."""
    if len(limits) != 3 or not 0 < limits[0] < limits[1] < limits[2]:
        raise ParameterError(
            "heat steps must rise from above zero",
            where=f"limits={limits}",
            do="give three rising limits, such as (0.01, 0.05, 0.10)",
        )


def _span(low: str, high: str, *, word: str = "–") -> str:
    """Join two limits, the per cent sign once."""
    return f"{low.removesuffix('%')}{word}{high}"


class _Cells:
    """A long table as rows, columns and a matrix, in the order met."""

    def __init__(self, rows: list[str], names: list[str], values: np.ndarray) -> None:
        self.rows, self.columns, self.values = rows, names, values

    def words(self, writer: Writer) -> list[list[str]]:
        """Write every cell; those without a value are empty."""
        return [
            [writer(value) if np.isfinite(value) else "" for value in line] for line in self.values
        ]

    @classmethod
    def read(cls, table: pd.DataFrame, row: str, name: str) -> _Cells:
        rows, names = texts(table, row), texts(table, name)
        down, across = list(dict.fromkeys(rows)), list(dict.fromkeys(names))
        pairs = list(zip(rows, names, strict=True))
        if len(set(pairs)) < len(pairs):
            twice = next(pair for pair in pairs if pairs.count(pair) > 1)
            raise InputError(
                f"the cell {twice[0]} x {twice[1]} comes twice",
                where=f"columns {row}, {name}",
                do="add up or drop one of them",
            )
        values = np.full((len(down), len(across)), np.nan)
        for pair, value in zip(pairs, floats(table, "value"), strict=True):
            values[down.index(pair[0]), across.index(pair[1])] = value
        return cls(down, across, values)


def _plane(
    rows: Sequence[str], count: int, *, width: float, row_height: float, most: float = 110
) -> tuple[Plane, list[str]]:
    """Lay out row labels at the left and cells of equal width, none over `most` px."""
    labels, left = axes.fitted(rows, 0.3 * width, bold=True)
    left += _COLUMN_GAP
    right = max(0.0, width - left - count * most)
    plane = Plane(
        width=width, height=_HEAD + len(rows) * row_height, left=left, right=right, top=_HEAD,
        x=(0, count), y=(len(rows), 0),
    )  # fmt: skip
    return plane, labels


def _rects(plane: Plane, tints: Sequence[Sequence[Role | None]]) -> Rows:
    """Return the cells, 2 px apart."""
    gap_x = 1 / plane.across * plane.x[1]
    gap_y = 1 / plane.up * plane.y[0]
    return [
        {"x": c + gap_x, "x2": c + 1 - gap_x, "y": r + gap_y, "y2": r + 1 - gap_y,
         "fill": role.light}
        for r, line in enumerate(tints)
        for c, role in enumerate(line)
        if role is not None
    ]  # fmt: skip


def _head(plane: Plane, names: Sequence[str]) -> list[Mark]:
    room = plane.across / plane.x[1] - 6
    rows = [
        {"x": c + 0.5, "y": plane.at_y(_HEAD - 12), "text": letters.cut(name, room)}
        for c, name in enumerate(names)
    ]
    return [plane.texts(rows, role=Role.INK2, align="center")]


def _words(plane: Plane, words: Sequence[Sequence[str]], bold: Sequence[bool]) -> list[Mark]:
    rows = [
        {"x": c + 0.5, "y": r + 0.5, "text": text, "bold": bold[r]}
        for r, line in enumerate(words)
        for c, text in enumerate(line)
    ]
    # right-aligned at one place in every cell, so that digits stand under each other
    edge = letters.widest((str(row["text"]) for row in rows), bold=any(bold)) / 2
    return [
        plane.texts([row for row in rows if row["bold"] is flag], align="right", dx=edge, bold=flag)
        for flag in (False, True)
    ]


def _sum_rules(plane: Plane, bold: Sequence[bool]) -> list[Mark]:
    """Rule off rows of totals."""
    left = plane.at_x(0)
    rows = [
        {"x": left, "x2": plane.x[1], "y": r, "y2": r} for r, flag in enumerate(bold) if flag and r
    ]
    return [plane.rules(rows, role=Role.INK3)]


def _facts(cells: _Cells, words: Sequence[Sequence[str]]) -> list[str]:
    """Name the largest changes first."""
    sizes = np.where(np.isfinite(cells.values), np.abs(cells.values), -1)
    order = np.argsort(-sizes, axis=None, kind="stable")
    places = [divmod(int(place), sizes.shape[1]) for place in order]
    return [f"{cells.rows[r]} {cells.columns[c]} {words[r][c]}" for r, c in places if words[r][c]]


def cohort(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure | None = None,
    age_names: Sequence[str] | None = None,
    size_name: str = "",
    width: float = columns(6),
    row_height: float = 38,
    alt: str = "",
) -> Figure:
    """Draw what is left of each cohort by age, as a triangle.

    Parameters
    ----------
    table : DataFrame
        `cohort`, `age` (0, 1, 2, ... periods since the start), `rate` (share), `size` (members
        at the start), one line a cell, oldest cohort first. Unripe cells are absent or missing.
    lang, title, subtitle
    measure : Measure, optional
        None writes whole per cent.
    age_names : sequence of str, optional
        Head of each age; None writes Start, +1, +2.
    size_name : str
        Measure word after the size: 家, "customers"; beside each cohort.
    width, row_height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure
        Three steps of the forecast hue, at thirds of the range of rates after the start; the
        key states them.

    Raises
    ------
    InputError
        If columns are missing or a cell comes twice.
    """
    table = need(table, "cohort", "age", "rate", "size", chart="cohort")
    filled = table.rename(columns={"rate": "value"})
    cells = _Cells.read(filled.assign(age=filled["age"].astype(int)), "cohort", "age")
    writer = (measure or Measure("share", decimals=0)).writer(lang, cells.values)
    if not cells.rows:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    steps, tints = _thirds(cells, writer)
    plane, labels, sizes = _cohort_plane(table, cells, size_name, lang, width, row_height)
    words = cells.words(writer)
    names = age_names or [lang.say("Start") if age == "0" else f"+{age}" for age in cells.columns]
    chart = plane.draw(
        plane.rects(_rects(plane, tints)),
        *_head(plane, names),
        *axes.row_labels(plane, labels),
        plane.texts(sizes, role=Role.INK2, align="right"),
        *_words(plane, words, [False] * len(cells.rows)),
    )
    facts = [
        f"{cells.rows[r]}{lang.colon}{lang.pause.join(text for text in words[r] if text)}"
        for r in range(len(cells.rows))
    ]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        key=_steps_key(steps, tints, writer), facts=facts, alt=alt,
    )  # fmt: skip


def _thirds(cells: _Cells, writer: Writer) -> tuple[list[float], list[list[Role | None]]]:
    """Cut the rates after the start into three steps on whole five per cent, or whole ones."""
    later = cells.values[:, 1:]
    known = later[np.isfinite(later)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 1.0)
    step = 0.05 if high - low >= 0.15 else 0.01
    cuts = [round((low + (high - low) * part) / step) * step for part in (1 / 3, 2 / 3)]
    tints: list[list[Role | None]] = []
    for line in cells.values:
        tints.append([
            None if not np.isfinite(value)
            else Role.WASH if age == 0
            else _COHORT[int(np.searchsorted(cuts, writer.rounded(value) + 1e-9, side="right"))]
            for age, value in enumerate(line)
        ])  # fmt: skip
    return cuts, tints


def _steps_key(
    cuts: Sequence[float], tints: Sequence[Sequence[Role | None]], writer: Writer
) -> list[KeyEntry]:
    low, high = writer.axis(cuts)
    used = {role for line in tints for role in line}
    words = (
        writer.lang.say("under {value}", value=low),
        _span(low, high),
        writer.lang.say("{value} and more", value=high),
    )
    return [KeyEntry(text, role) for text, role in zip(words, _COHORT, strict=True) if role in used]


def _cohort_plane(
    table: pd.DataFrame,
    cells: _Cells,
    size_name: str,
    lang: Language,
    width: float,
    row_height: float,
) -> tuple[Plane, list[str], Rows]:
    """Lay out cohort names, their sizes right-aligned beside them, then the cells."""
    members = zip(texts(table, "cohort"), floats(table, "size"), strict=True)
    first = dict(reversed(list(members)))
    space = lang.pick(" ", "") if size_name else ""
    sizes = [f"{lang.number(first[name])}{space}{size_name}" for name in cells.rows]
    plane, labels = _plane(cells.rows, len(cells.columns), width=width, row_height=row_height)
    named = letters.widest(labels, size=NOTE)
    left = named + 14 + letters.widest(sizes) + _COLUMN_GAP
    most = min(83.0, (width - left) / len(cells.columns))
    plane = Plane(
        width=width, height=plane.height, left=left, top=_HEAD, y=plane.y, x=plane.x,
        right=width - left - most * len(cells.columns),
    )  # fmt: skip
    rows: Rows = [
        {"x": plane.at_x(left - _COLUMN_GAP), "y": row + 0.5, "text": text}
        for row, text in enumerate(sizes)
    ]
    return plane, labels, rows
