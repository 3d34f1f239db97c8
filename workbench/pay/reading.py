"""Credit lines read from tables, chunk by chunk, into arrays; what cannot be paid is noted.

Each chunk is turned into whole numbers and codes at once and let go, so that many millions of lines
need no more memory than their arrays. An unknown person, another currency or a split that is not
100% is an exception with the money at stake; it is listed, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay import kernels
from workbench.pay.columns import compact, credit_shares, day_numbers, positions, short, steps
from workbench.pay.exactly import Ints, Value, shared, to_units
from workbench.pay.exceptions import Exceptions, Stakes, value_of
from workbench.pay.lines import WHOLE_SHARE, Corrections, Joint, Lines, Words, step_key
from workbench.pay.ordering import in_order
from workbench.pay.parts import LineFactor
from workbench.pay.plan import Plan
from workbench.pay.staff import Months, Staff
from workbench.text import later
from workbench.units import minor_digits

_NEEDED = ("line_id", "rep_id", "date")
_OPTIONAL = ("event", "currency", "share", "split_type", "corrects")
#: Lines that are read at a time.
CHUNK = 1_000_000
#: How far apart in order of day and id lines are held against each other.
_NEAR = 8


def read_lines(
    credits: Any,
    plan: Plan,
    staff: Staff,
    months: Months,
    stakes: Stakes,
    exceptions: Exceptions,
) -> Lines:
    """Read credit lines: line_id, rep_id, date, and the columns that the plan's measures name.

    Further columns, all optional: event (else booked), currency, share and split_type (how the
    credit of a line is divided), corrects (line_id of the line that a return belongs to). Lines of
    events that no measure counts are passed over.

    Parameters
    ----------
    credits : DataFrame, pyarrow.Table, or an iterable of them (chunks)

    Raises
    ------
    InputError
        If a column is missing or of the wrong kind.
    """
    reader = _Reader(plan, staff, months, stakes, exceptions)
    reader.read(_chunks(credits, plan))
    return reader.lines()


@dataclass(slots=True)
class _Reader:
    """Takes chunks in and puts their lines in order."""

    plan: Plan
    staff: Staff
    months: Months
    stakes: Stakes
    exceptions: Exceptions
    count: int = 0
    ids: list[Any] = field(default_factory=list)
    arrays: dict[Any, list[NDArray[Any]]] = field(default_factory=dict)
    words: dict[str, dict[str, int]] = field(default_factory=dict)
    corrects: list[tuple[NDArray[Any], Any]] = field(default_factory=list)

    # -- chunks -----------------------------------------------------------------------------

    def read(self, tables: Iterable[pa.Table]) -> None:
        """Read chunk after chunk, and give back what reading them took."""
        for table in tables:
            self.add(table)
            del table
            pa.default_memory_pool().release_unused()

    def add(self, table: pa.Table) -> None:
        """Read one chunk: keep what can be paid, note what cannot."""
        person = positions(table.column("rep_id"), self.staff)
        day = day_numbers(table.column("date"))
        month = self.months.of(day)
        words = {name: self._coded(table, name) for name in self._word_columns()}
        values, given = self._values(table)
        counted = self._of_events(words["event"], tuple(self.stakes.by_event))
        note = _Notes(self, table, day, month, words["event"], values)
        note.add("unknown_rep", counted & (person < 0))
        note.add("outside_plan", counted & (person >= 0) & (month < 0))
        keep = counted & (person >= 0) & (month >= 0)
        if "currency" in table.column_names:
            foreign = self._exchanged(table.column("currency"), values)
            note.add("other_currency", keep & foreign)
            keep &= ~foreign
        note.add("missing_amount", keep & self._lacking(words["event"], given))
        rows = np.nonzero(keep)[0]
        self._keep_corrections(table, rows)
        arrays: dict[Any, NDArray[Any]]
        arrays = {"person": person, "day": day, "month": month}
        arrays |= {("words", name): codes for name, codes in words.items()}
        arrays |= {("value", key): short(units) for key, units in values.items()}
        for factor in _stepped(self.plan):
            arrays["step", step_key(factor)] = steps(table, factor)
        arrays |= credit_shares(table)
        for key, array in arrays.items():
            # a column that only some chunks have is filled up to here
            before = self.arrays.setdefault(key, [_lacking(key, self.count)])
            before.append(array[rows] if len(rows) < len(array) else array)
        self.ids.append(compact(table.column("line_id"), rows))
        self.count += len(rows)
        for key in self.arrays.keys() - arrays.keys():
            self.arrays[key].append(_lacking(key, len(rows)))

    def _word_columns(self) -> list[str]:
        names = ["event"]
        for measure in self.plan.measures.values():
            names += [*measure.where, *measure.unless]
        names += [each.column for each in _factors(self.plan) if each.values]
        return list(dict.fromkeys(names))

    def _coded(self, table: pa.Table, name: str) -> NDArray[Any]:
        """Number of each line's word; words are numbered as they are met."""
        known = self.words.setdefault(name, {})
        if name not in table.column_names:
            return np.full(len(table), known.setdefault("booked", len(known)), np.int8)
        column = table.column(name)
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_boolean(kind):
            column = pc.if_else(column, "true", "false")
        elif not pa.types.is_string(column.type):
            column = column.cast(pa.string())
        words = column.combine_chunks().dictionary_encode()
        codes = [known.setdefault(text, len(known)) for text in words.dictionary.to_pylist()]
        fitting = np.int8 if len(known) < 2**7 else np.int16 if len(known) < 2**15 else np.int32
        table_ = np.array([*codes, -1], fitting)
        return table_[np.asarray(pc.fill_null(words.indices, len(codes)))]

    def _values(self, table: pa.Table) -> tuple[dict[Value, Ints], dict[Value, NDArray[np.bool_]]]:
        values, given = {}, {}
        for measure in self.plan.measures:
            key = value_of(self.plan, measure)
            if key not in values:
                name, digits = key
                values[key], given[key] = to_units(table.column(name), digits=digits, name=name)
        return values, given

    def _of_events(self, codes: NDArray[Any], events: tuple[str, ...]) -> NDArray[np.bool_]:
        return Words(codes, tuple(self.words["event"])).among(events)

    def _lacking(
        self, codes: NDArray[Any], given: dict[Value, NDArray[np.bool_]]
    ) -> NDArray[np.bool_]:
        """Lines without the amount that a measure counts."""
        lacking = np.zeros(len(codes), bool)
        for name, measure in self.plan.measures.items():
            there = given[value_of(self.plan, name)]
            if not there.all():
                events = (*measure.events, *measure.less)
                lacking |= ~there & self._of_events(codes, events)
        return lacking

    def _exchanged(self, currency: Any, values: dict[Value, Ints]) -> NDArray[np.bool_]:
        """Turn money of other currencies into the plan's; tells where there is no rate."""
        own = np.asarray(pc.fill_null(pc.equal(currency, self.plan.currency), True))
        foreign = ~own
        if own.all():
            return foreign
        money = {value_of(self.plan, n) for n, m in self.plan.measures.items() if m.unit == "money"}
        for code, rate in self.plan.exchange.items():
            at = np.asarray(pc.fill_null(pc.equal(currency, code), False))
            for key in money:
                values[key][at] = shared(values[key][at], rate, even=self._even)
            foreign &= ~at
        return foreign

    @property
    def _even(self) -> bool:
        return self.plan.rounding.mode == "half_even"

    def _keep_corrections(self, table: pa.Table, rows: Ints) -> None:
        if "corrects" not in table.column_names or pa.types.is_null(table.column("corrects").type):
            return
        corrects = table.column("corrects").cast(pa.string())
        told = np.asarray(pc.is_valid(corrects)) & np.asarray(
            pc.fill_null(pc.not_equal(corrects, ""), False)
        )
        at = np.nonzero(told[rows])[0]
        if len(at):
            self.corrects.append((at + self.count, corrects.take(pa.array(rows[at]))))

    # -- all lines --------------------------------------------------------------------------

    def lines(self) -> Lines:
        """Put all lines in order of day and id."""
        if not self.arrays:
            raise InputError(later("no credit lines"), do=later("hand in at least one chunk"))
        kinds = {str(chunk.type) for chunk in self.ids}
        if len(kinds) > 1:
            self.ids = [chunk.cast(pa.string()) for chunk in self.ids]
        ids = pa.chunked_array(self.ids)
        order = in_order(ids, _whole(self.arrays, "day"))
        found = {key: _whole(self.arrays, key, order) for key in list(self.arrays)}
        words = {name: Words(found["words", name], tuple(self.words[name])) for name in self.words}
        share = found.get("share")
        share = None if share is None or (share == WHOLE_SHARE).all() else share
        overlay = found.get("overlay")
        overlay = overlay if overlay is not None and overlay.any() else None
        lines = Lines(
            person=found["person"],
            day=found["day"],
            month=found["month"],
            words=words,
            values={key[1]: each for key, each in found.items() if key[0] == "value"},
            steps={key[1]: each for key, each in found.items() if key[0] == "step"},
            corrections=self._corrections(ids, order, found),
            share=share,
            joint=None if share is None else _joint(ids, order, words["event"].codes, share),
            overlay=overlay,
            ids=ids,
            place=order,
            digits=minor_digits(self.plan.currency),
        )
        self._check_splits(lines)
        self._check_twice(lines)
        return lines

    def _corrections(
        self, ids: Any, order: NDArray[np.int32], found: dict[Any, Any]
    ) -> Corrections | None:
        """Lines that correct others of the same person; notes those that find none."""
        if not self.corrects:
            return None
        person = found["person"]
        position = np.empty(len(order), np.int64)
        position[order] = np.arange(len(order))
        later = position[np.concatenate([at for at, _ in self.corrects])]
        asked = pa.concat_arrays([chunk for _, part in self.corrects for chunk in part.chunks])
        named = pc.unique(asked)
        number = [
            np.asarray(pc.fill_null(pc.index_in(each.cast(pa.string()), value_set=named), -1))
            for each in ids.chunks
        ]
        transaction = np.concatenate(number)[order]
        transaction[later] = -1
        earlier = np.nonzero(transaction >= 0)[0]
        people = len(self.staff)
        by = transaction[earlier].astype(np.int64) * people + person[earlier]
        wanted = np.asarray(pc.index_in(asked, value_set=named)).astype(np.int64)
        of = wanted * people + person[later]
        known = np.isin(of, by)
        self._note_lines("corrects_unknown", np.sort(later[~known]), ids, order, found)
        turn = np.argsort(later)
        later, of = later[turn], of[turn]
        codes = np.unique(np.append(of, by))
        return Corrections(later, np.searchsorted(codes, of), earlier, np.searchsorted(codes, by))

    def _check_splits(self, lines: Lines) -> None:
        """Note transactions whose splits do not come to 100%; thirds may miss it by a hair."""
        if lines.joint is None or lines.share is None:
            return
        rows, codes = lines.joint.rows, lines.joint.codes
        if lines.overlay is not None:
            own = ~lines.overlay[rows]
            rows, codes = rows[own], codes[own]
        if not len(rows):
            return
        size = int(codes.max()) + 1
        total = kernels.summed(lines.share[rows], codes, size)
        first = np.full(size, -1, np.int64)
        first[codes[::-1]] = rows[::-1]
        wrong = np.nonzero((np.abs(total - WHOLE_SHARE) > 100) & (first >= 0))[0]
        found = _facts(lines)
        for kind, some in (
            ("split_over", wrong[total[wrong] > WHOLE_SHARE]),
            ("split_under", wrong[total[wrong] < WHOLE_SHARE]),
        ):
            off = np.abs(total[some] - WHOLE_SHARE) / WHOLE_SHARE
            self._note_lines(kind, first[some], lines.ids, lines.place, found, off)

    def _check_twice(self, lines: Lines) -> None:
        """Note lines that say the same as one before: a file may have been handed in twice.

        Lines of one transaction and day stand together, so that the one before is near.
        """
        same = [lines.day, lines.words["event"].codes, *lines.values.values()]
        same += [each for each in (lines.share, lines.overlay) if each is not None]
        twice = np.zeros(len(lines), bool)
        for apart in range(1, _NEAR):
            rows = np.nonzero(lines.person[apart:] == lines.person[:-apart])[0]
            for column in same:
                rows = rows[column[rows] == column[rows + apart]]
            twice[rows[lines.names(rows) == lines.names(rows + apart)] + apart] = True
        self._note_lines("line_twice", np.nonzero(twice)[0], lines.ids, lines.place, _facts(lines))

    def _note_lines(
        self,
        kind: str,
        rows: Ints,
        ids: Any,
        order: NDArray[np.int32],
        found: dict[Any, Any],
        part: NDArray[np.float64] | None = None,
    ) -> None:
        """Note lines that stand in order already; of transactions the part that is off."""
        if not len(rows):
            return
        own = np.ones(len(rows)) if part is None else part
        about = _about(
            self,
            np.asarray(ids.take(pa.array(order[rows])).cast(pa.string()), object),
            self.staff.ids[found["person"][rows]] if part is None else None,
            found["day"][rows],
            found["month"][rows],
            found["words", "event"][rows],
            {key[1]: each[rows] for key, each in found.items() if key[0] == "value"},
        )
        for column in ("credit", "at_stake"):
            about[column] = (about[column] * own).round(2)
        self.exceptions.add_all(kind, about)


@dataclass(frozen=True, slots=True)
class _Notes:
    """Notes lines of a chunk that cannot be paid as they stand."""

    reader: _Reader
    table: pa.Table
    day: NDArray[np.int32]
    month: NDArray[np.int16]
    event: NDArray[Any]
    values: dict[Value, Ints]

    def add(self, kind: str, where: NDArray[np.bool_]) -> None:
        rows = np.nonzero(where)[0]
        if not len(rows):
            return
        some = self.table.take(pa.array(rows))
        about = _about(
            self.reader,
            np.asarray(some.column("line_id").cast(pa.string()), object),
            np.asarray(some.column("rep_id").cast(pa.string()), object),
            self.day[rows],
            self.month[rows],
            self.event[rows],
            {key: units[rows] for key, units in self.values.items()},
        )
        if "currency" in some.column_names:
            about["currency"] = np.asarray(some.column("currency").cast(pa.string()), object)
        self.reader.exceptions.add_all(kind, about)


def _facts(lines: Lines) -> dict[Any, Any]:
    """Columns of lines that stand in order, as `_note_lines` reads them."""
    return {
        "person": lines.person,
        "day": lines.day,
        "month": lines.month,
        ("words", "event"): lines.words["event"].codes,
        **{("value", key): each for key, each in lines.values.items()},
    }


def _about(
    reader: _Reader,
    ids: NDArray[Any],
    reps: NDArray[Any] | None,
    day: NDArray[np.int32],
    month: NDArray[np.int16],
    event: NDArray[Any],
    values: dict[Value, Ints],
) -> pd.DataFrame:
    """Who, what and how much lines are, and what they would pay at most at the plan's rates."""
    names = np.array([*reader.months.names, None], object)
    credit, at_stake = np.zeros(len(ids)), np.zeros(len(ids))
    words = tuple(reader.words["event"])
    for code in np.unique(event):
        at = event == code
        part = {key: units[at] for key, units in values.items()}
        credit[at], at_stake[at] = reader.stakes.of(words[code], part)
    dates = np.where(day > -(2**30), day, 0).astype("datetime64[D]").astype(str).astype(object)
    return pd.DataFrame(
        {
            "rep_id": reps,
            "line_id": ids,
            "period": names[month],
            "date": pd.Series(dates, dtype=object).where(day > -(2**30), None),
            "credit": credit,
            "at_stake": at_stake,
            "currency": reader.plan.currency,
        }
    )


# -- tables -------------------------------------------------------------------------------------


def _chunks(credits: Any, plan: Plan) -> Iterator[pa.Table]:
    """Tables of at most `CHUNK` lines, with the columns that are read."""
    if isinstance(credits, pd.DataFrame | pa.Table):
        credits = (credits,)
    if not isinstance(credits, Iterable):
        raise InputError(later("credit lines are a DataFrame or chunks of them"))
    needed = list(dict.fromkeys((*_NEEDED, *_columns_of(plan))))
    for whole in credits:
        names = list(whole.columns if isinstance(whole, pd.DataFrame) else whole.column_names)
        missing = [name for name in needed if name not in names]
        if missing:
            raise InputError(
                later("credit lines lack the column {column}", column=missing[0]),
                where=later("there are {names}", names=", ".join(map(str, names))),
                do=later("add it, or name another column in the plan's measures"),
            )
        wanted = [name for name in names if name in (*needed, *_OPTIONAL)]
        whole = whole.select(wanted) if isinstance(whole, pa.Table) else whole[wanted]
        for begin in range(0, max(len(whole), 1), CHUNK):
            if isinstance(whole, pa.Table):
                yield whole.slice(begin, CHUNK)
            else:
                yield _arrow(whole.iloc[begin : begin + CHUNK])


def _arrow(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        raise InputError(
            later("a column of the credit lines mixes texts and numbers"),
            where=str(error.args[-1]),
            do=later("give all of its values one kind"),
        ) from error


def _columns_of(plan: Plan) -> list[str]:
    """Columns that measures and line factors read."""
    names: list[str] = []
    for measure in plan.measures.values():
        names += [measure.value, *measure.where, *measure.unless]
    names += [each.column for each in _factors(plan)]
    return [name for name in dict.fromkeys(names) if name != "event"]


def _factors(plan: Plan) -> list[LineFactor]:
    found: list[LineFactor] = []
    for measure in plan.measures.values():
        found += measure.weights
    for component in plan.components.values():
        found += component.line_factors
    return found


def _stepped(plan: Plan) -> list[LineFactor]:
    """Line factors by steps, each kind once."""
    return list({step_key(each): each for each in _factors(plan) if each.steps}.values())


# -- all lines ----------------------------------------------------------------------------------


def _lacking(key: Any, count: int) -> NDArray[Any]:
    """What lines of chunks without a column have in it."""
    if key == "share":
        return np.full(count, WHOLE_SHARE)
    return np.zeros(count, bool if key == "overlay" else np.int8)


def _whole(arrays: dict[Any, list[NDArray[Any]]], key: Any, order: Any = None) -> NDArray[Any]:
    """All of a column; put in order, its parts are let go."""
    parts = [part for part in arrays[key] if len(part)]
    if order is None:
        return np.concatenate(parts) if parts else np.zeros(0, np.int32)
    del arrays[key]
    if not parts:
        return np.zeros(0, np.int64)
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return whole[order]


def _joint(ids: Any, order: NDArray[np.int32], event: NDArray[Any], share: Ints) -> Joint:
    """Lines that share a transaction and event with one that has less or more than all of it."""
    texts = ids.cast(pa.string())
    partial = np.nonzero(share != WHOLE_SHARE)[0]
    named = pc.unique(texts.take(pa.array(order[partial])))
    among = np.asarray(pc.is_in(texts, value_set=named))
    rows = np.nonzero(among[order])[0]
    frame = pd.DataFrame(
        {"id": np.asarray(texts.take(pa.array(order[rows]))), "event": event[rows]}
    )
    codes = frame.groupby(["id", "event"], sort=False, dropna=False).ngroup().to_numpy()
    return Joint(rows, codes.astype(np.int64))
