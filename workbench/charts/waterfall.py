"""Waterfall: from one total to another by cause, lying, drawn on the change from zero.

Totals are written beside the drawing instead of drawn in full, so that the causes are seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import MONEY, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import floats, need, texts
from workbench.charts.sums import rounded_together
from workbench.charts.theme import BODY, Role, columns
from workbench.errors import InputError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

KINDS = ("total", "subtotal", "change", "up", "down", "stock", "calendar", "other")

_SUMS = ("total", "subtotal")
_NEUTRAL = {"stock": Role.FC50, "calendar": Role.LAST, "other": Role.LAST}
_CENT = 0.005
_LEAST_BAR, _LEAST_NOTE = 60, 72
_BAR, _LABEL_GAP, _COLUMN_GAP = 0.66, 6, 16


def waterfall(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = MONEY,
    direction: str = "up",
    share: bool = True,
    width: float = columns(7),
    row_height: float = 29,
    alt: str = "",
) -> Figure:
    """Draw the way from one total to another.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, `kind`; optional `note` (the cause, a few words at the right). The
        first and the last row are of kind "total". Between them "change" ("up" and "down" are
        the same: the sign decides the colour), "stock" (channel stock), "calendar", "other",
        and "subtotal", whose value is the sum of the changes above it and may be missing.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
    direction : {"up", "down"}
        Whether more is favourable.
    share : bool
        Write subtotals and the last total also as a share of the first.
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
        If columns are missing, a kind is unknown, the first or last row is no total, or the sums
        do not close to the cent.

    Notes
    -----
    What is written adds up too: totals and subtotals are rounded, the changes between them
    rounded together (`sums.rounded_together`).
    """
    steps = _Steps.read(need(table, "label", "value", "kind", chart="waterfall"), lang, measure)
    plane, labels, notes = _layout(steps, share=share, width=width, row_height=row_height)
    rows = steps.rows(direction)
    chart = plane.draw(
        plane.rects(rows),
        _joints(plane, steps),
        _zero(plane, steps, share=share),
        *axes.row_labels(plane, labels, bold=steps.sums, size=BODY),
        *_values(plane, steps, share=share),
        plane.texts(notes, role=Role.INK2),
    )
    return compose.figure(
        chart, plane, table=table, writer=steps.writer, title=title, subtitle=subtitle,
        key=_key(steps, direction), facts=steps.facts(share=share), alt=alt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Steps:
    """Rows of a waterfall: where each bar runs, exact and as written (in written steps)."""

    labels: Sequence[str]
    notes: Sequence[str]
    kinds: Sequence[str]
    values: np.ndarray
    start: np.ndarray
    end: np.ndarray
    written: np.ndarray
    writer: Writer

    @classmethod
    def read(cls, table: pd.DataFrame, lang: Language, measure: Measure) -> _Steps:
        kinds = texts(table, "kind")
        _check_kinds(kinds)
        values = floats(table, "value")
        labels = texts(table, "label")
        values, start, end = _closed(values, kinds, labels)
        writer = measure.writer(lang, values)
        return cls(
            labels, texts(table, "note"), kinds, values, start, end,
            _written(values, kinds, writer.step), writer,
        )  # fmt: skip

    @property
    def sums(self) -> list[bool]:
        return [kind in _SUMS for kind in self.kinds]

    def role(self, row: int, direction: str) -> Role:
        if self.kinds[row] in _SUMS:
            return Role.ACTUAL
        if self.kinds[row] in _NEUTRAL:
            return _NEUTRAL[self.kinds[row]]
        return Role.GOOD if (self.values[row] >= 0) == (direction == "up") else Role.BAD

    def rows(self, direction: str) -> Rows:
        pad = (1 - _BAR) / 2
        return [
            {"x": self.start[row], "x2": self.end[row], "y": row + pad, "y2": row + 1 - pad,
             "fill": self.role(row, direction).light}
            for row in range(len(self.kinds))
        ]  # fmt: skip

    def text(self, row: int, *, share: bool) -> str:
        """Words at a bar: the first total bare, sums with their change and share of it."""
        step, lang = self.writer.step, self.writer.lang
        value = self.written[row] * step
        if self.kinds[row] not in _SUMS:
            return self.writer.signed(value)
        if row == 0:
            return self.writer(value)
        change = self.written[row] - (self.written[0] if self.kinds[row] == "total" else 0)
        parts = [self.writer.signed(change * step)]
        if share and self.values[0] > 0:
            exact = self.values[row] - (self.values[0] if self.kinds[row] == "total" else 0)
            parts.append(lang.signed_percent(exact / self.values[0]))
        if self.kinds[row] == "subtotal":
            return parts[0] + (lang.paren(parts[1]) if len(parts) > 1 else "")
        return self.writer(value) + lang.paren(lang.comma.join(parts))

    def facts(self, *, share: bool) -> list[str]:
        return [
            compose.fact(label, self.text(row, share=share), self.writer.lang)
            for row, label in enumerate(self.labels)
        ]


def _check_kinds(kinds: Sequence[str]) -> None:
    unknown = sorted(set(kinds) - set(KINDS))
    if unknown:
        raise InputError(
            f"waterfall kinds {', '.join(unknown)} are unknown",
            where="column kind",
            do=f"use {', '.join(KINDS)}",
        )
    if len(kinds) < 2 or kinds[0] != "total" or kinds[-1] != "total":
        raise InputError(
            "a waterfall runs from one total to another",
            where=f"column kind: {', '.join(kinds) or 'no rows'}",
            do='let the first and the last row be of kind "total"',
        )


def _closed(
    values: np.ndarray, kinds: Sequence[str], labels: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fill sums that are missing, refuse those that do not close; return where bars run."""
    values = values.copy()
    level = 0.0
    start, end = np.zeros(len(values)), np.zeros(len(values))
    for row, kind in enumerate(kinds):
        if row == 0 or kind not in _SUMS:
            if not np.isfinite(values[row]):
                raise InputError("a waterfall step has no value", where=f"row {labels[row]!r}")
            if row:
                start[row], end[row], level = level, level + values[row], level + values[row]
            continue
        should = level + (values[0] if kind == "total" else 0.0)
        if np.isfinite(values[row]) and abs(values[row] - should) > _tolerance(values):
            raise InputError(
                f"the waterfall does not close: {labels[row]} is {values[row]:,.2f}, "
                f"its steps add up to {should:,.2f}",
                where=f"row {row + 1} of the table",
                do="give every cause its row; what is left over is a cause of its own",
            )
        values[row], end[row] = should, level
    return values, start, end


def _tolerance(values: np.ndarray) -> float:
    return max(_CENT, 1e-9 * float(np.nanmax(np.abs(values))))


def _written(values: np.ndarray, kinds: Sequence[str], step: float) -> np.ndarray:
    """Round to written steps so that everything adds up: totals first, then what lies between.

    Totals are rounded each; the sums from subtotal to subtotal are rounded together to their
    difference, and then the changes within each to that.
    """
    written = np.floor(values / step + 0.5)
    sums = [row for row, kind in enumerate(kinds) if kind in _SUMS]
    totals = [row for row in sums if kinds[row] == "total"]
    for first, last in pairwise(totals):
        ends = [row for row in sums if first < row <= last]
        parts = [slice(a + 1, b) for a, b in pairwise([first, *ends]) if b > a + 1]
        whole = (written[last] - written[first]) * step
        exact = [values[part].sum() for part in parts]
        for part, sum_ in zip(parts, rounded_together(exact, total=whole, step=step), strict=True):
            written[part] = rounded_together(values[part], total=sum_ * step, step=step)
        for row in ends[:-1]:
            changes = [r for r in range(first + 1, row) if kinds[r] not in _SUMS]
            written[row] = written[changes].sum() + written[first] - written[totals[0]]
    return written


def _layout(
    steps: _Steps, *, share: bool, width: float, row_height: float
) -> tuple[Plane, list[str], Rows]:
    """Find the scale at which every value fits beside its bar, before the notes or the edge."""
    count = len(steps.kinds)
    labels, left = axes.fitted(steps.labels, 0.25 * width, size=BODY, bold=True)
    left += _COLUMN_GAP
    sizes = [
        letters.wide(steps.text(row, share=share), size=BODY, bold=steps.sums[row]) + _LABEL_GAP
        for row in range(count)
    ]
    # notes get what the values and some bar leave, and disappear where that is no room
    room = min(0.36 * width, width - left - max(sizes) - _COLUMN_GAP - _LEAST_BAR)
    cut, widest = axes.fitted(steps.notes, room if room >= _LEAST_NOTE else 0)
    notes_at = width - widest
    low = float(min(0.0, steps.end.min()))
    per_px = 0.0  # data units a px
    for row in range(count):
        limit = (notes_at - _COLUMN_GAP if cut[row] else width) - sizes[row] - left
        reach = max(steps.start[row], steps.end[row], 0.0) - low
        per_px = max(per_px, reach / max(limit, 1))
    high = low + (per_px or 1.0) * (width - left)
    plane = Plane(width=width, height=count * row_height, left=left, x=(low, high), y=(count, 0))
    notes: Rows = [
        {"x": plane.at_x(notes_at), "y": row + 0.5, "text": text} for row, text in enumerate(cut)
    ]
    return plane, labels, notes


def _zero(plane: Plane, steps: _Steps, *, share: bool) -> Mark:
    """Draw the zero rule, open where the value of a bar left of it stands."""
    rows = []
    for row in range(len(steps.kinds)):
        words = letters.wide(steps.text(row, share=share), size=BODY, bold=steps.sums[row])
        right = max(steps.start[row], steps.end[row])
        crossed = right < 0 and plane.px(right) + _LABEL_GAP + words > plane.px(0)
        if not crossed:
            rows.append({"x": 0, "x2": 0, "y": row, "y2": row + 1})
    return plane.rules(rows, role=Role.INK)


def _joints(plane: Plane, steps: _Steps) -> Mark:
    """Join the end of each bar with the start of the next."""
    pad = (1 - _BAR) / 2
    rows = [
        {"x": level, "x2": level, "y": row + 1 - pad, "y2": row + 1 + pad}
        for row, level in enumerate(steps.end[:-1])
    ]
    return plane.rules(rows, role=Role.INK3, opacity=0.55)


def _values(plane: Plane, steps: _Steps, *, share: bool) -> list[Mark]:
    rows = [
        {"x": max(steps.start[row], steps.end[row], 0.0 if row == 0 else -np.inf),
         "y": row + 0.5, "text": steps.text(row, share=share), "bold": steps.sums[row]}
        for row in range(len(steps.kinds))
    ]  # fmt: skip
    return [
        plane.texts(
            [row for row in rows if row["bold"] is bold], size=BODY, bold=bold, dx=_LABEL_GAP
        )
        for bold in (False, True)
    ]


def _key(steps: _Steps, direction: str) -> list[KeyEntry]:
    lang = steps.writer.lang
    roles = {
        steps.role(row, direction)
        for row in range(len(steps.kinds))
        if steps.values[row] or steps.kinds[row] in _SUMS
    }
    neutral = [
        text for kind, text in (("calendar", lang.say("calendar")), ("other", lang.say("other")))
        if kind in steps.kinds
    ]  # fmt: skip
    up, down = (Role.GOOD, Role.BAD) if direction == "up" else (Role.BAD, Role.GOOD)
    words = {
        up: lang.say("adds"),
        down: lang.say("takes away"),
        Role.FC50: lang.say("channel stock"),
        Role.LAST: lang.join(neutral),
        Role.ACTUAL: lang.say("totals"),
    }
    return [KeyEntry(text, role) for role, text in words.items() if role in roles]
