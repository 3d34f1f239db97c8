"""Order of day and month in a column: 13/9/2024 among its texts tells what 8/9/2024 is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.loaders.values.date_forms import date_plan
from workbench.loaders.values.texts import coded, digit_sums, planned
from workbench.text import mark


@dataclass(frozen=True, slots=True)
class DateContext:
    """What a column shows of the order of its dates.

    Attributes
    ----------
    order : {"dmy", "mdy"} or None
        As the texts prove it; None where nothing needs or nothing proves it.
    ambiguous : bool
        Whether there are texts that the order would decide, and it is not known.
    evidence : str
        Catalogue key; "" where no text has day and month before the year.
    fields : dict of str to str
    """

    order: Literal["dmy", "mdy"] | None
    ambiguous: bool
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def evidence_text(self) -> str:
        """The evidence in English."""
        return self.evidence.format(**self.fields)


class DateEvidence:
    """Counts of dates such as 13/9/2024 in a column.

    Blocks are added with `update`, other evidence with `merge`. A column whose texts prove both
    orders has none: those that read in one way only are read, the others refused.
    """

    def __init__(self) -> None:
        self.day_first = self.month_first = self.either = 0
        self.examples: dict[str, str] = {}

    def update(self, texts: Any) -> DateEvidence:
        """Add texts (as in `dates.date_column`)."""
        import numpy as np

        column, plans = planned(coded(texts), date_plan, lambda plan: bool(plan.kind))
        slashed = np.array([*(plan.kind == "slashed" for plan in plans), False])
        if not slashed.any():
            return self
        rows = np.flatnonzero(slashed[column.codes])
        number = digit_sums(column, [p.day[0] for p in plans], [p.day[1] for p in plans])[rows]
        first, second = number // 100 % 100, number % 100
        valid = (first > 0) & (second > 0) & (first <= 31) & (second <= 31)
        small = (first <= 12) & (second <= 12)
        for name, where in (
            ("day_first", valid & (first > 12) & (second <= 12)),
            ("month_first", valid & (second > 12) & (first <= 12)),
            ("either", valid & small & (first != second)),
        ):
            setattr(self, name, getattr(self, name) + int(where.sum()))
            if where.any() and name not in self.examples:
                self.examples[name] = str(column.texts[int(rows[np.argmax(where)])].as_py())
        return self

    def merge(self, other: DateEvidence) -> DateEvidence:
        """Add the evidence of other texts of the same column."""
        for name in ("day_first", "month_first", "either"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.examples = {**other.examples, **self.examples}
        return self

    def decide(self) -> DateContext:
        """The order of the column."""
        if self.day_first and self.month_first:
            key = mark("{day} can only begin with the day, {month} only with the month")
            fields = {"day": self.examples["day_first"], "month": self.examples["month_first"]}
            return DateContext(None, self.either > 0, key, fields)
        if self.day_first:
            key = mark("{n} dates can only begin with the day, such as {example}")
            return DateContext("dmy", False, key, self._proof("day_first", self.day_first))
        if self.month_first:
            key = mark("{n} dates can only begin with the month, such as {example}")
            return DateContext("mdy", False, key, self._proof("month_first", self.month_first))
        if self.either:
            key = mark("{n} dates may begin with the day or the month, such as {example}")
            return DateContext(None, True, key, self._proof("either", self.either))
        return DateContext(None, False)

    def _proof(self, name: str, count: int) -> dict[str, str]:
        return {"n": f"{count:,}", "example": self.examples[name]}
