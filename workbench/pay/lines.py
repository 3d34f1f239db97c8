"""Credit lines as arrays: who, when, how much.

A line is one event of one transaction for one person. They are read from tables by `reading.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.pay import kernels
from workbench.pay.exactly import COUNT_DIGITS, LIMIT, Ints, Value, common_denominator
from workbench.pay.parts import LineFactor, Measure

#: Decimals that shares are kept with.
SHARE_DIGITS = 8
#: What is whole, in units of shares.
WHOLE_SHARE = 10**SHARE_DIGITS


@dataclass(frozen=True, slots=True)
class Words:
    """A column of words: the number of each line's word among them, -1 for none."""

    codes: NDArray[Any]
    texts: tuple[str, ...]

    def among(self, values: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell which lines have one of the values."""
        known = np.array([*(text in values for text in self.texts), False])
        return known[self.codes]


@dataclass(frozen=True, slots=True)
class Joint:
    """Lines of transactions that people share.

    Attributes
    ----------
    rows : int64 array
        Their positions among the lines, rising.
    codes : int64 array
        Number of the transaction and event that each belongs to.
    """

    rows: Ints
    codes: Ints


@dataclass(frozen=True, slots=True)
class Corrections:
    """Lines that correct others, such as returns, and the lines they may belong to.

    A transaction has a line for each of its events; which of them a return belongs to depends on
    the measure.

    Attributes
    ----------
    later, earlier : int64 arrays
        Positions of the lines that correct and of those that may be corrected, rising.
    of, by : int64 arrays
        Number of the transaction and person, for `later` and for `earlier`.
    """

    later: Ints
    of: Ints
    earlier: Ints
    by: Ints

    def anchors(self, index: NDArray[np.int32]) -> Ints:
        """Where among some lines each one's corrected line stands; its own place for all else."""
        anchor = np.arange(len(index))
        place, there = _found(index, self.earlier)
        first = np.full(int(max(self.of.max(initial=-1), self.by.max(initial=-1))) + 1, -1)
        first[self.by[there][::-1]] = place[there][::-1]  # the earliest counts
        place, there = _found(index, self.later)
        target = first[self.of[there]]
        known = target >= 0
        anchor[place[there][known]] = target[known]
        return anchor


@dataclass(frozen=True, slots=True)
class Lines:
    """Credit lines in order of day and id; arrays of shape (lines,).

    Attributes
    ----------
    person : int32 array
        Position among the staff.
    day, month : arrays
        Day number, and month of the plan.
    words : dict of str to Words
        Columns that are compared with words; `event` is one of them.
    values : dict of (column, decimals) to int32 or int64 array
        Amounts in whole units.
    steps : dict of (column, starts) to int8 array
        Which step of a line factor each line has reached, 0 for none.
    corrections : Corrections or None
        None where no line corrects another.
    share : int64 array or None
        Share of the credit, in units of 10**-8; None where every line has all of its credit.
    joint : Joint or None
        Where there are shares.
    overlay : bool array or None
        Credit that is counted apart.
    ids : pyarrow.ChunkedArray
        Ids of the lines as they came.
    place : int32 array
        Where each line's id stands among them.
    digits : int
        Decimals of the plan's currency.
    """

    person: NDArray[np.int32]
    day: NDArray[np.int32]
    month: NDArray[np.int16]
    words: Mapping[str, Words]
    values: Mapping[Value, NDArray[Any]]
    steps: Mapping[Any, NDArray[np.int8]]
    corrections: Corrections | None
    share: Ints | None
    joint: Joint | None
    overlay: NDArray[np.bool_] | None
    ids: Any
    place: NDArray[np.int32]
    digits: int

    def __len__(self) -> int:
        return len(self.person)

    def names(self, rows: Any) -> NDArray[Any]:
        """Ids of a few lines, as texts."""
        taken = self.ids.take(pa.array(self.place[np.asarray(rows)]))
        return np.asarray(taken.cast(pa.string()), dtype=object)

    def events(self, rows: Any) -> NDArray[Any]:
        """Events of a few lines."""
        words = self.words["event"]
        return np.array(words.texts, object)[words.codes[np.asarray(rows)]]


def selected(lines: Lines, measure: Measure) -> tuple[NDArray[np.int32], Ints]:
    """Lines that count for a measure, and the credit of each in whole units.

    Returns
    -------
    index : int32 array
        Positions among the lines, rising.
    credit : int64 array
        Minor units of money, or units of 10**-4 of a count.
    """
    event = lines.words["event"]
    signs = [
        -1 if text in measure.less else 1 if text in measure.events else 0 for text in event.texts
    ]
    digits = lines.digits if measure.unit == "money" else COUNT_DIGITS
    index, credit = kernels.counted(
        event.codes, np.array([*signs, 0], np.int8), _allowed(lines, measure),
        lines.values[measure.value, digits],
    )  # fmt: skip
    credit = _credited(lines, credit, index)
    if measure.weights:
        factor, scale = line_factors(lines, measure.weights, index)
        credit = _scaled(credit, factor, scale)
    return index, credit


def line_factors(
    lines: Lines, factors: tuple[LineFactor, ...], index: Any
) -> tuple[NDArray[Any], int]:
    """Product of the factors of each line, as whole numbers over a common denominator."""
    product, scale = np.ones(1, np.int64), 1
    for each in factors:
        values = [step.factor for step in each.steps] or list(each.values.values())
        below = common_denominator([*values, each.otherwise])
        table = np.array([int(v * below) for v in [each.otherwise, *values]], np.int64)
        if each.steps:
            found = table[lines.steps[step_key(each)][index]]
        else:
            words = lines.words[each.column]
            names = list(each.values)
            code = [names.index(text) + 1 if text in names else 0 for text in words.texts]
            found = table[np.array([*code, 0])][words.codes[index]]
        product, scale = product * found, scale * below
    return product, scale


def step_key(factor: LineFactor) -> tuple[str, tuple[float, ...]]:
    """What `Lines.steps` knows the steps of a line factor by."""
    return factor.column, tuple(float(step.from_) for step in factor.steps)


def _allowed(lines: Lines, measure: Measure) -> NDArray[np.bool_]:
    """Lines that filters and kind of credit let through; of length 1 for all or none."""
    allowed = np.ones(1, bool)
    for name, values in measure.where.items():
        allowed = allowed & lines.words[name].among(values)
    for name, values in measure.unless.items():
        allowed = allowed & ~lines.words[name].among(values)
    if lines.overlay is not None and measure.credit != "both":
        return allowed & (lines.overlay if measure.credit == "overlay" else ~lines.overlay)
    return np.zeros(1, bool) if measure.credit == "overlay" else allowed


# -- credit -------------------------------------------------------------------------------------


def _credited(lines: Lines, credit: Ints, index: NDArray[np.int32]) -> Ints:
    """Credit of each line; shares of a transaction add up to it where they come to 100%.

    Each share is rounded down, and the units left go to the largest remainders; of equal ones to
    the first in order of id and person.
    """
    if lines.share is None or lines.joint is None:
        return credit
    share, one = lines.share[index], WHOLE_SHARE
    partial = np.nonzero(share != one)[0]
    if not len(partial):
        return credit
    size = np.abs(credit[partial])
    if int(size.max()) >= LIMIT // one:
        product = size.astype(object) * share[partial]
        down, rest = (product // one).astype(np.int64), (product % one).astype(np.int64)
    else:
        down, rest = np.divmod(size * share[partial], one)
    rows = index[partial]
    group = lines.joint.codes[np.searchsorted(lines.joint.rows, rows)]
    if lines.overlay is not None:
        group = group * 2 + lines.overlay[rows]
    groups = int(group.max()) + 1
    whole = kernels.summed(share[partial], group, groups)
    given = kernels.summed(down, group, groups)
    most = np.zeros(groups, np.int64)
    np.maximum.at(most, group, size)
    near = np.abs(whole - one) <= 100
    left = np.where(near, most - given, 0)[group]
    rank = _rank_within(group, -rest, lines.person[rows])
    extra = np.where(near[group], rank < left, 2 * rest >= one)
    credit[partial] = np.sign(credit[partial]) * (down + extra)
    return credit


def _found(index: NDArray[np.int32], rows: Ints) -> tuple[Ints, NDArray[np.bool_]]:
    """Where rows stand in a rising index, and which of them do."""
    place = np.searchsorted(index, rows)
    there = place < len(index)
    there[there] = index[place[there]] == rows[there]
    return place, there


def _rank_within(group: Ints, *keys: NDArray[Any]) -> Ints:
    order = np.lexsort((*reversed(keys), group))
    sorted_group = group[order]
    begins = np.append(True, sorted_group[1:] != sorted_group[:-1])
    number = np.arange(len(group))
    rank = np.empty(len(group), np.int64)
    rank[order] = number - np.maximum.accumulate(np.where(begins, number, 0))
    return rank


def _scaled(credit: Ints, factor: Ints, scale: int) -> Ints:
    product = np.abs(credit) * factor
    return np.sign(credit) * ((2 * product + scale) // (2 * scale))
