"""Credit lines as arrays: who, when, how much, and what could not be read.

A line is one event of one transaction for one person. What cannot be paid as it stands (an unknown
person, another currency, a split that is not 100%) is an exception with the money at stake; it is
listed, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.exactly import LIMIT, Ints, common_denominator, shared, to_units
from workbench.pay.parts import LineFactor, Measure
from workbench.pay.plan import Plan
from workbench.pay.staff import Months, Staff
from workbench.units import minor_digits

#: Decimals that counts and shares are kept with.
COUNT_DIGITS, SHARE_DIGITS = 4, 8
_NEEDED = ("line_id", "rep_id", "date")
Credits = pd.DataFrame | Any


@dataclass(slots=True)
class Exceptions:
    """What was found; rows of kind, person, line, month, credit and money at stake."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, kind: str, **about: Any) -> None:
        """Note one."""
        self.rows.append({"kind": kind} | about)


@dataclass(frozen=True, slots=True)
class Lines:
    """Credit lines in order of day and id; arrays of shape (lines,).

    Attributes
    ----------
    table : pyarrow.Table
        The lines as handed in.
    place : int64 array
        Where each line stands in the table.
    person : int32 array
        Position among the staff.
    day, month : arrays
        Day number, and month of the plan.
    anchor : int64 array or None
        The line that each one corrects, else itself; None where no line corrects another.
    share : int64 array or None
        Share of the credit, in units of 10**-8; None where every line has all of its credit.
    overlay : bool array or None
        Credit that is counted apart.
    """

    table: pa.Table
    place: Ints
    person: NDArray[np.int32]
    day: NDArray[np.int32]
    month: NDArray[np.int16]
    anchor: Ints | None
    share: Ints | None
    overlay: NDArray[np.bool_] | None
    digits: int
    cache: dict[str, Any]

    def __len__(self) -> int:
        return len(self.person)

    def matches(self, name: str, values: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell which lines have one of the values in a column, compared as texts."""
        column = self.table.column(name)
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_boolean(kind):
            column = pc.if_else(column, "true", "false")
        elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            column = column.cast(pa.string())
        wanted = pa.array(values, type=kind if pa.types.is_large_string(kind) else pa.string())
        if pa.types.is_dictionary(column.type):
            words = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            known = np.asarray(pc.is_in(words.dictionary, value_set=wanted))
            codes = np.asarray(pc.fill_null(words.indices, len(known)))
            return np.append(known, False)[codes][self.place]
        found = np.asarray(pc.fill_null(pc.is_in(column, value_set=wanted), False))
        return found[self.place]

    def texts(self, name: str, rows: Any) -> NDArray[Any]:
        """Entries of a column as texts, for a few lines."""
        column = self.table.column(name).take(pa.array(self.place[np.asarray(rows)]))
        return np.asarray(column.cast(pa.string()), dtype=object)

    def numbers(self, name: str, digits: int) -> Ints:
        """Whole units of a column of numbers; nothing counts as 0."""
        key = f"{name}/{digits}"
        if key not in self.cache:
            units = to_units(self.table.column(name), digits=digits, name=name)[0]
            self.cache[key] = units[self.place]
        return self.cache[key]


def read_lines(
    credits: Credits, plan: Plan, staff: Staff, months: Months, exceptions: Exceptions
) -> Lines:
    """Read credit lines: line_id, rep_id, date, and the columns that the plan's measures name.

    Further columns, all optional: event (else booked), currency, share and split_type (how the
    credit of a line is divided), corrects (line_id of the line that a return belongs to).

    Parameters
    ----------
    credits : DataFrame, pyarrow.Table, or an iterable of them (chunks)

    Raises
    ------
    InputError
        If a column is missing or of the wrong kind.
    """
    table = _table(credits, plan)
    person = _positions(table.column("rep_id"), staff)
    day = _day_numbers(table.column("date"))
    month = months.of(day)
    keep = (person >= 0) & (month >= 0)
    _note_left_out(table, plan, person, month, exceptions)
    if "currency" in table.column_names:
        own = np.asarray(pc.fill_null(pc.equal(table.column("currency"), plan.currency), True))
        _note(table, plan, keep & ~own, "other_currency", exceptions)
        keep &= own
    _note_no_amount(table, plan, keep, exceptions)
    order = _order(table.column("line_id"), day, keep)
    person, day, month = person[order], day[order], month[order]
    share, overlay = _shares(table, order, plan, exceptions)
    anchor = _anchors(table, order, person, plan, exceptions)
    table = table.drop_columns(["date", "rep_id"])  # read; they are many texts
    digits = minor_digits(plan.currency)
    return Lines(table, order, person, day, month, anchor, share, overlay, digits, {})


def selected(lines: Lines, measure: Measure) -> tuple[Ints, Ints]:
    """Lines that count for a measure, and the credit of each in whole units.

    Returns
    -------
    index : int64 array
        Positions among the lines, rising.
    credit : int64 array
        Minor units of money, or units of 10**-4 of a count.
    """
    counts, taken = _events(lines, measure)
    for name, values in measure.where.items():
        counts &= lines.matches(name, values)
    for name, values in measure.unless.items():
        counts &= ~lines.matches(name, values)
    if lines.overlay is not None and measure.credit != "both":
        counts &= lines.overlay if measure.credit == "overlay" else ~lines.overlay
    elif measure.credit == "overlay":
        counts[:] = False
    index = np.nonzero(counts)[0]
    digits = lines.digits if measure.unit == "money" else COUNT_DIGITS
    credit = _credited(lines, lines.numbers(measure.value, digits), index)
    if taken is not None:
        credit = np.where(taken[index], -np.abs(credit), credit)
    if measure.weights:
        factor, scale = line_factors(lines, measure.weights, index)
        credit = _scaled(credit, factor, scale)
    return index, credit


def line_factors(lines: Lines, factors: tuple[LineFactor, ...], index: Ints) -> tuple[Ints, int]:
    """Product of the factors of each line, as whole numbers over a common denominator."""
    product, scale = np.ones(len(index), np.int64), 1
    for each in factors:
        values = [step.factor for step in each.steps] or list(each.values.values())
        below = common_denominator([*values, each.otherwise])
        if each.steps:
            starts = np.array([float(step.from_) for step in each.steps])
            column = lines.table.column(each.column).cast(pa.float64())
            given = np.nan_to_num(column.to_numpy(), nan=-np.inf)[lines.place[index]]
            at = np.searchsorted(starts, given, side="right")
            table = np.array([int(v * below) for v in [each.otherwise, *values]], np.int64)
            found = table[at]
        else:
            found = np.full(len(index), int(each.otherwise * below), np.int64)
            for name, value in each.values.items():
                found[lines.matches(each.column, (name,))[index]] = int(value * below)
        product, scale = product * found, scale * below
    return product, scale


# -- reading ------------------------------------------------------------------------------------


def _table(credits: Credits, plan: Plan) -> pa.Table:
    if isinstance(credits, pd.DataFrame | pa.Table):
        return _one_table(credits, plan)
    if not isinstance(credits, Iterable):
        raise InputError("credit lines are a DataFrame or chunks of them")
    chunks = [_one_table(chunk, plan) for chunk in credits]
    if not chunks:
        raise InputError("no credit lines", do="hand in at least one chunk")
    return pa.concat_tables(chunks, promote_options="permissive").unify_dictionaries()


def _one_table(credits: Any, plan: Plan) -> pa.Table:
    names = list(credits.columns if isinstance(credits, pd.DataFrame) else credits.column_names)
    used = _columns_of(plan)
    missing = [name for name in (*_NEEDED, *used) if name not in names]
    if missing:
        raise InputError(
            f"credit lines lack the column {missing[0]}",
            where=f"there are {', '.join(map(str, names))}",
            do="add it, or name another column in the plan's measures",
        )
    known = {*_NEEDED, *used, "event", "currency", "share", "split_type", "corrects"}
    wanted = [name for name in names if name in known]
    if isinstance(credits, pa.Table):
        table = credits.select(wanted)
    else:
        table = pa.Table.from_pandas(credits[wanted], preserve_index=False)
    for name in wanted:  # few words, many times
        if name not in (*_NEEDED, "corrects") and _is_text(table.column(name).type):
            number = table.column_names.index(name)
            words = pc.dictionary_encode(table.column(name).cast(pa.string()))
            table = table.set_column(number, name, words)
    return table


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _columns_of(plan: Plan) -> list[str]:
    """Columns that measures and line factors read."""
    names: list[str] = []
    for measure in plan.measures.values():
        names += [measure.value, *measure.where, *measure.unless]
        names += [each.column for each in measure.weights]
    for component in plan.components.values():
        names += [each.column for each in component.line_factors]
    return [name for name in dict.fromkeys(names) if name != "event"]


def _positions(column: Any, staff: Staff) -> NDArray[np.int32]:
    texts = column if not pa.types.is_dictionary(column.type) else column.cast(pa.string())
    known = pa.array([str(each) for each in staff.ids], type=texts.type)
    found = pc.fill_null(pc.index_in(texts, value_set=known), -1)
    return np.asarray(found).astype(np.int32)


def _day_numbers(column: Any) -> NDArray[np.int32]:
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = pc.strptime(column, format="%Y-%m-%d", unit="s")
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    days = column.cast(pa.date32(), safe=False).cast(pa.int32())
    return np.asarray(pc.fill_null(days, -(2**30))).astype(np.int32)


def _order(ids: Any, day: NDArray[np.int32], keep: NDArray[np.bool_]) -> Ints:
    """Order by day, then by id; what is not kept is left out."""
    rows = np.nonzero(keep)[0]
    days = day[rows]
    keys = _packed(ids)
    if keys is None:
        order = np.argsort(np.asarray(pc.rank(ids, tiebreaker="first"))[rows], kind="stable")
    else:
        order = np.arange(len(rows))
        for key in reversed(keys):
            key = key[rows]
            if (key[:-1] <= key[1:])[:].all() and len(order) and order[0] == 0:
                continue
            order = order[np.argsort(key[order], kind="stable")]
    if len(days) and int(days.max()) - int(days.min()) < 2**15:  # small numbers sort by counting
        days = (days - days.min()).astype(np.int16)
    return rows[order[np.argsort(days[order], kind="stable")]]


def _packed(ids: Any) -> list[NDArray[np.uint64]] | None:
    """Numbers that sort as the ids do, the first eight bytes first; None for long ids."""
    array = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    if isinstance(array, pa.ChunkedArray):  # pyarrow keeps very long columns in chunks
        array = pa.concat_arrays(array.chunks)
    if pa.types.is_integer(array.type):
        return [array.to_numpy(zero_copy_only=False).astype(np.uint64)]
    array = array.cast(pa.large_binary())
    offsets = np.frombuffer(array.buffers()[1], np.int64)[
        array.offset : array.offset + len(array) + 1
    ]
    data = np.frombuffer(array.buffers()[2] or b"", np.uint8)
    longest = int(np.diff(offsets).max(initial=0))
    if longest > 24:
        return None
    return [kernels.packed(data, offsets, begin) for begin in range(0, max(longest, 1), 8)]


def _shares(
    table: pa.Table, order: Ints, plan: Plan, exceptions: Exceptions
) -> tuple[Ints | None, NDArray[np.bool_] | None]:
    overlay = None
    if "split_type" in table.column_names:
        texts = table.column("split_type").cast(pa.string())
        overlay = np.asarray(pc.fill_null(pc.equal(texts, "overlay"), False))[order]
        overlay = overlay if overlay.any() else None
    if "share" not in table.column_names:
        return None, overlay
    share, given = to_units(table.column("share"), digits=SHARE_DIGITS, name="share")
    one = 10**SHARE_DIGITS
    share = np.where(given, share, one)[order]
    if (share == one).all():
        return None, overlay
    _check_splits(table, order, plan, share, overlay, exceptions)
    return share, overlay


def _check_splits(
    table: pa.Table,
    order: Ints,
    plan: Plan,
    share: Ints,
    overlay: NDArray[np.bool_] | None,
    exceptions: Exceptions,
) -> None:
    """Note transactions whose splits do not come to 100%; thirds may miss it by a hair."""
    split = np.ones(len(share), bool) if overlay is None else ~overlay
    group, first, size = _joint(table, order[split])
    total = kernels.summed(share[split], group, size)
    for number in np.nonzero(np.abs(total - 10**SHARE_DIGITS) > 100)[0]:
        row = int(order[split][first[number]])
        about = _about(table, plan, row)
        off = abs(int(total[number]) - 10**SHARE_DIGITS) / 10**SHARE_DIGITS
        kind = "split_over" if total[number] > 10**SHARE_DIGITS else "split_under"
        exceptions.add(kind, **about | {"rep_id": None, "credit": about["credit"] * off})


def _joint(table: pa.Table, rows: Ints) -> tuple[Ints, Ints, int]:
    """Number of each transaction and event among rows of the table; with the first of each."""
    at = pa.array(rows)
    frame = pd.DataFrame({"id": np.asarray(table.column("line_id").take(at))})
    if "event" in table.column_names:
        frame["event"] = np.asarray(table.column("event").take(at).cast(pa.string()))
    codes = frame.groupby(list(frame.columns), sort=False, dropna=False).ngroup().to_numpy()
    size = int(codes.max(initial=-1)) + 1
    first = np.full(size, -1, np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return codes.astype(np.int64), first, size


def _anchors(
    table: pa.Table, order: Ints, person: NDArray[np.int32], plan: Plan, exceptions: Exceptions
) -> Ints | None:
    """Position of the line that each one corrects, of the same person; else its own."""
    if "corrects" not in table.column_names:
        return None
    corrects = table.column("corrects").cast(pa.string()).take(pa.array(order))
    given = np.asarray(pc.is_valid(corrects)) & np.asarray(
        pc.fill_null(pc.not_equal(corrects, ""), False)
    )
    later = np.nonzero(given)[0]
    if not len(later):
        return None
    anchor = np.arange(len(person), dtype=np.int64)
    ids = table.column("line_id").cast(pa.string()).take(pa.array(order))
    named = pa.array(pc.unique(corrects.take(pa.array(later))))
    earlier = np.nonzero(np.asarray(pc.is_in(ids, value_set=named)) & ~given)[0]
    found = pd.DataFrame(
        {"id": np.asarray(ids.take(pa.array(earlier))), "person": person[earlier], "at": earlier}
    ).drop_duplicates(["id", "person"])
    asked = pd.DataFrame(
        {"id": np.asarray(corrects.take(pa.array(later))), "person": person[later], "row": later}
    )
    joined = asked.merge(found, on=["id", "person"], how="left")
    known = joined["at"].notna().to_numpy()
    anchor[joined["row"].to_numpy()[known]] = joined["at"].to_numpy()[known].astype(np.int64)
    for row in joined["row"].to_numpy()[~known]:
        exceptions.add("corrects_unknown", **_about(table, plan, int(order[row])))
    return anchor


# -- credit -------------------------------------------------------------------------------------


def _events(lines: Lines, measure: Measure) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """Lines whose event counts, and those of them that take credit back."""
    if "event" not in lines.table.column_names:
        return np.full(len(lines), "booked" in measure.events), None
    counts = lines.matches("event", measure.events)
    if not measure.less:
        return counts, None
    taken = lines.matches("event", measure.less)
    return counts | taken, taken


def _credited(lines: Lines, amounts: Ints, index: Ints) -> Ints:
    """Credit of each line; shares of a transaction add up to it where they come to 100%.

    Each share is rounded down, and the units left go to the largest remainders; of equal ones to
    the first in order of id and person.
    """
    credit = amounts[index]
    if lines.share is None:
        return credit
    share, one = lines.share[index], 10**SHARE_DIGITS
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
    group, _, groups = _joint(lines.table, lines.place[rows])
    if lines.overlay is not None:
        group = group * 2 + lines.overlay[rows]
        groups *= 2
    whole = kernels.summed(share[partial], group, groups)
    given = kernels.summed(down, group, groups)
    most = np.zeros(groups, np.int64)
    np.maximum.at(most, group, size)
    near = np.abs(whole - one) <= 100
    left = np.where(near, most - given, 0)[group]
    rank = _rank_within(group, -rest, lines.person[rows])
    extra = np.where(near[group], rank < left, 2 * rest >= one)
    result = credit.copy()
    result[partial] = np.sign(credit[partial]) * (down + extra)
    return result


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


# -- exceptions ---------------------------------------------------------------------------------


def _note_left_out(
    table: pa.Table,
    plan: Plan,
    person: NDArray[np.int32],
    month: NDArray[np.int16],
    exceptions: Exceptions,
) -> None:
    _note(table, plan, person < 0, "unknown_rep", exceptions)
    _note(table, plan, (person >= 0) & (month < 0), "outside_plan", exceptions)


def _note_no_amount(
    table: pa.Table, plan: Plan, keep: NDArray[np.bool_], exceptions: Exceptions
) -> None:
    for name in dict.fromkeys(measure.value for measure in plan.measures.values()):
        if table.column(name).null_count:
            none = np.asarray(pc.is_null(table.column(name), nan_is_null=True))
            _note(table, plan, keep & none, "missing_amount", exceptions)


def _note(
    table: pa.Table, plan: Plan, rows: NDArray[np.bool_], kind: str, exceptions: Exceptions
) -> None:
    for row in np.nonzero(rows)[0]:
        exceptions.add(kind, **_about(table, plan, int(row)))


def _about(table: pa.Table, plan: Plan, row: int) -> dict[str, Any]:
    """Who, what and how much a line is, and what it would pay at most at the plan's rates."""
    money = [each for each in plan.measures.values() if each.unit == "money"]
    value = table.column(money[0].value)[row].as_py() if money else None
    credit = abs(float(value)) if value is not None else 0.0
    currency = table.column("currency")[row].as_py() if "currency" in table.column_names else None
    return {
        "rep_id": str(table.column("rep_id")[row].as_py()),
        "line_id": str(table.column("line_id")[row].as_py()),
        "date": str(table.column("date")[row].as_py())[:10],
        "credit": credit,
        "at_stake": round(credit * float(_top_rate(plan)), 2),
        "currency": currency or plan.currency,
    }


def _top_rate(plan: Plan) -> Fraction:
    """Highest rate of money that the plan pays."""
    rates = [
        max(component.rates.slopes())
        for component in plan.components.values()
        if component.rates is not None
        and component.rates.of is None
        and plan.measures[component.measure or ""].unit == "money"
    ]
    return max(rates, default=Fraction(0))


__all__ = ["Exceptions", "Lines", "line_factors", "read_lines", "selected", "shared"]
