"""Reading one column of a sheet: from texts to the declared type, with what was decided for it.

`reader_for` looks at the whole column first (order of day and month, share or percent, unit, form
of numbers), then reads it block by block. How single texts are read: `values/`; choices of a
declared column: `choices.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.loaders.mapping import FieldMapping, Question
from workbench.loaders.outcome import Decision
from workbench.tables.declare import Column

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from workbench.loaders.values.parsed import ParsedColumn

TRUE_WORDS = frozenset({"true", "yes", "y", "1", "是", "有", "√", "✓", "对", "t", "x"})
FALSE_WORDS = frozenset({"false", "no", "n", "0", "否", "无", "×", "错", "f"})

#: A number with a measure word behind it; money, scale and per cent are none.
_MEASURED = (
    r"\d\s*(?P<word>台|件|个|套|只|箱|吨|瓶|支|桶|卷|米|公斤|千克|天|小时|人|次|(?i:kg|pcs))$"
)

#: Kinds of the helpers of `mapping.HELPERS`, as of declared columns.
HELPER_KINDS = {
    "@modified_at": "datetime",
    "@deleted": "flag",
    "@won": "flag",
    "@closed": "flag",
    "@active": "flag",
    "@amount_net": "money",
    "@expected_revenue": "money",
    "@unit_price": "price",
    "@closing_date": "date",
    "@discount": "discount",
}


@dataclass(frozen=True, slots=True)
class Read:
    """Texts of a block, read.

    Attributes
    ----------
    values : pyarrow.Array
        In the declared Arrow type; null where missing or refused.
    exact : pyarrow.Array or None
        Money before rounding, decimal128(38, 6).
    units : pyarrow.Array or None
        Currencies that the texts state.
    flags, reasons, codes
        As in `ParsedColumn`.
    """

    values: pa.Array
    flags: np.ndarray[Any, Any] | None = None
    reasons: np.ndarray[Any, Any] | None = None
    codes: tuple[str, ...] = ()
    exact: pa.Array | None = None
    units: pa.Array | None = None


@dataclass(frozen=True)
class Reader:
    """How one header is read.

    Attributes
    ----------
    field : FieldMapping
    kind : str
        A declared kind, or "discount".
    column : Column or None
        The declaration; None for helpers.
    decisions, questions
        What was decided from the evidence, and what could not be.
    """

    field: FieldMapping
    kind: str
    column: Column | None
    read: Callable[[pa.Array], Read]
    decisions: tuple[Decision, ...] = ()
    questions: tuple[Question, ...] = ()
    meaning: str = ""


@dataclass
class _Found:
    decisions: list[Decision] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def reader_for(
    field: FieldMapping,
    column: Column | None,
    texts: pa.ChunkedArray,
    *,
    system: str = "",
    beside: Callable[[str], pa.ChunkedArray | None] = lambda _: None,
) -> Reader:
    """Look at a whole column and say how it is read.

    Parameters
    ----------
    field : FieldMapping
        The header, its target and what the mapping file says of it.
    column : Column or None
        Declaration of the target; None for a helper.
    texts : pyarrow.ChunkedArray of string
        All its cells.
    system : str
        System it comes from, for choices.
    beside : callable
        Texts of another target of the sheet, None where it has none: prices say what a discount
        means.
    """
    kind = column.kind if column else HELPER_KINDS.get(field.target or "", "text")
    if column is not None and column.name in ("phone", "wechat"):  # never numbers, as ids
        kind = "id"
    found = _Found()
    make = _MAKERS.get(kind, _text_reader)
    if kind == "discount":
        read = _discount_reader(field, texts, found, beside)
    else:
        read = make(field, column, texts, found, system)
    meaning = found.decisions[0].answer if kind == "discount" and found.decisions else ""
    return Reader(
        field, kind, column, read, tuple(found.decisions), tuple(found.questions), meaning
    )


def _money_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    from workbench.loaders.values import MoneyEvidence, money_column, unit_of

    evidence = MoneyEvidence()
    evidence.update(texts)
    decided = evidence.decide()
    if decided.number_style == "european":
        found.decisions.append(
            Decision(field.header, "number_style", "european", decided.evidence, decided.fields)
        )
    stated = field.read.get("unit")
    unit, currency = unit_of(f"({stated})" if stated else field.header)
    if unit != 1:
        found.decisions.append(Decision(field.header, "unit", stated or str(unit), field.header))
    scale = 4 if column is not None and column.kind == "price" else 2

    def read(block: pa.Array) -> Read:
        parsed = money_column(
            block, unit=unit, currency=currency, number_style=decided.number_style
        )
        rounded, flags = _rounded(parsed, scale)
        return Read(rounded, flags, parsed.reasons, parsed.codes, parsed.values, parsed.units)

    return read


def _rounded(parsed: ParsedColumn, scale: int) -> tuple[pa.Array, np.ndarray[Any, Any]]:
    """Amounts at the places that are kept, half to even, and a flag where that changed them."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from workbench.loaders.values.parsed import flag_bit

    kept = pc.round(parsed.values, ndigits=scale, round_mode="half_to_even")
    changed = pc.fill_null(pc.not_equal(kept, parsed.values), False)
    flags = parsed.flags | np.where(changed.to_numpy(zero_copy_only=False), flag_bit("rounded"), 0)
    return kept.cast(pa.decimal128(18, scale)), flags.astype("uint32")


def _number_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    import pyarrow as pa
    import pyarrow.compute as pc

    from workbench.loaders.values import money_column

    whole = column is not None and column.kind == "integer"
    measure = _measure_word(texts)
    if measure:
        found.decisions.append(Decision(field.header, "measure", measure, ""))

    def read(block: pa.Array) -> Read:
        if measure:
            block = pc.replace_substring_regex(block, rf"(\d)\s*{re.escape(measure)}$", r"\1")
        parsed = money_column(block)
        if whole:
            values = pc.round(parsed.values).cast(pa.int64())
        else:  # by text: the cast of decimals to floats is off in the last digits
            values = parsed.values.cast(pa.string()).cast(pa.float64())
        return Read(values, parsed.flags, parsed.reasons, parsed.codes)

    return read


def _measure_word(texts: pa.ChunkedArray) -> str:
    """The one word that stands behind the numbers of a column (台, 件, pcs); "" if not one."""
    import pyarrow.compute as pc

    found = pc.struct_field(pc.extract_regex(texts, _MEASURED), "word")
    words = {*found.unique().to_pylist()} - {None, ""}
    return words.pop() if len(words) == 1 else ""


def _percent_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    from workbench.loaders.values import PercentEvidence, percent_column

    evidence = PercentEvidence(field.header)
    evidence.update(texts)
    decided = evidence.decide()
    own = "share" if system == "workbench" else None  # our own exports write 0.13
    scale: Any = field.read.get("scale") or own or decided.scale
    if scale == "ask":
        found.questions.append(
            Question(
                "percent_scale",
                field.header,
                ("percent", "share"),
                decided.evidence,
                decided.fields,
            )
        )
    elif decided.bare:
        found.decisions.append(
            Decision(field.header, "percent_scale", scale, decided.evidence, decided.fields)
        )

    def read(block: pa.Array) -> Read:
        parsed = percent_column(block, scale=scale)
        return Read(parsed.values, parsed.flags, parsed.reasons, parsed.codes)

    return read


def _date_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    from workbench.loaders.values import DateEvidence, date_column

    evidence = DateEvidence()
    evidence.update(texts)
    decided = evidence.decide()
    order: Any = field.read.get("order") or decided.order
    if field.read.get("order") is None and decided.ambiguous:
        found.questions.append(
            Question("date_order", field.header, ("mdy", "dmy"), decided.evidence, decided.fields)
        )
    elif order in ("mdy", "dmy"):
        found.decisions.append(
            Decision(field.header, "date_order", order, decided.evidence, decided.fields)
        )
    instant = (column is not None and column.kind == "datetime") or column is None
    end = column is not None and _ends_a_period(column.name)

    def read(block: pa.Array) -> Read:
        parsed = date_column(block, order=order)
        values = _period_end(parsed) if end else parsed.values
        return Read(_as_dates(values, instant), parsed.flags, parsed.reasons, parsed.codes)

    return read


def _ends_a_period(name: str) -> bool:
    """Whether a coarse date ("2026-08") stands for the last day of its period."""
    return name in ("expected_close_date", "due_date", "valid_to", "draft_due_date") or (
        name.endswith("_end") or name == "end_date"
    )


def _period_end(parsed: ParsedColumn) -> pa.Array:
    """First moments of coarse periods moved to their last day; days and instants stay."""
    import pandas as pd
    import pyarrow as pa

    if parsed.units is None:
        return parsed.values
    starts = parsed.values.to_pandas()
    grains = parsed.units.to_pandas()
    for grain, months in (("month", 1), ("quarter", 3), ("half", 6), ("year", 12)):
        at = grains.eq(grain).fillna(False).to_numpy(bool)
        if at.any():
            starts[at] = starts[at] + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    return pa.array(starts, pa.timestamp("us"), from_pandas=True)


def _as_dates(values: pa.Array, instant: bool) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not instant:
        return pc.cast(values, pa.date32(), safe=False)
    return pc.assume_timezone(values, "Asia/Shanghai")


def _flag_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    def read(block: pa.Array) -> Read:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        words = pc.utf8_lower(pc.utf8_trim_whitespace(block))
        true = pc.is_in(words, value_set=pa.array(sorted(TRUE_WORDS)))
        known = pc.or_(true, pc.is_in(words, value_set=pa.array(sorted(FALSE_WORDS))))
        values = pc.if_else(known, true, None)
        odd = pc.and_(pc.is_valid(block), pc.invert(known)).to_numpy(zero_copy_only=False)
        return Read(values, None, odd.astype(np.uint8), ("not_yes_or_no",))

    return read


def _id_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    import pyarrow.compute as pc

    from workbench.loaders.values import id_column

    checked = column.check if column is not None else None
    pattern = column.pattern if column is not None else None
    prefix = re.escape(field.read.get("prefix", ""))

    def read(block: pa.Array) -> Read:
        if prefix:  # Zoho's exports write zcrm_ before the ids of its interface
            block = pc.replace_substring_regex(block, f"^{prefix}", "")
        parsed = id_column(block, check=checked, pattern=pattern)
        return Read(parsed.values, parsed.flags, parsed.reasons, parsed.codes)

    return read


def _choice_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    from workbench.loaders.choices import choice_column

    assert column is not None
    declared = column

    def read(block: pa.Array) -> Read:
        import numpy as np

        codes, unknown = choice_column(block, declared, system)
        return Read(codes, None, np.asarray(unknown, np.uint8), ("unknown_choice",))

    return read


def _discount_reader(
    field: FieldMapping,
    texts: pa.ChunkedArray,
    found: _Found,
    beside: Callable[[str], pa.ChunkedArray | None],
) -> Callable[[pa.Array], Read]:
    from workbench.loaders.values import DiscountEvidence, discount_column, money_column

    listed, net = beside("list_price"), beside("net_price")
    net = net if net is not None else beside("@unit_price")
    evidence = DiscountEvidence(field.header)
    if listed is not None and net is not None:
        prices = {
            "list_prices": money_column(listed).values,
            "net_prices": money_column(net).values,
        }
        evidence.update(texts, **prices)
    else:
        evidence.update(texts)
    decided = evidence.decide()
    meaning: Any = field.read.get("discount") or decided.meaning
    if meaning == "ask":
        found.questions.append(
            Question(
                "discount",
                field.header,
                ("paid", "off", "money"),
                decided.evidence,
                decided.fields,
            )
        )
    else:
        found.decisions.append(
            Decision(field.header, "discount", meaning, decided.evidence, decided.fields)
        )

    def read(block: pa.Array) -> Read:
        if meaning == "money":  # what is taken off tells no share without the price
            import pyarrow as pa

            return Read(pa.nulls(len(block), pa.float64()))
        parsed = discount_column(block, meaning)
        return Read(parsed.values, parsed.flags, parsed.reasons, parsed.codes)

    return read


def _text_reader(
    field: FieldMapping, column: Column | None, texts: pa.ChunkedArray, found: _Found, system: str
) -> Callable[[pa.Array], Read]:
    import pyarrow.compute as pc

    from workbench.tables.export import plain_texts

    def read(block: pa.Array) -> Read:
        values = plain_texts(block)
        if system == "odoo":  # it writes false for an empty text
            values = pc.if_else(pc.equal(values, "FALSE"), None, values)
        return Read(values)

    return read


_MAKERS: dict[str, Callable[..., Callable[[pa.Array], Read]]] = {
    "money": _money_reader,
    "price": _money_reader,
    "number": _number_reader,
    "integer": _number_reader,
    "share": _percent_reader,
    "date": _date_reader,
    "datetime": _date_reader,
    "flag": _flag_reader,
    "id": _id_reader,
    "choice": _choice_reader,
}
