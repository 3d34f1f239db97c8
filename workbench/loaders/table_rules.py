"""What is derived in single tables: status of deals, amounts of order lines, codes of places.

A rule is a function of the block's `Columns`; `rules_for` gives those that apply to a sheet, in
order. Each rule that decides something for the whole sheet says so as a `Decision`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.loaders.outcome import Decision

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.loaders.compose import Columns, Rules

Rule = Callable[["Columns"], None]

#: What parts two people in one cell; a comma of half width only between Chinese names.
_PARTS = re.compile(r"[、，;；/]|\s+[&+]\s+|\band\b")
_CHINESE = re.compile(r"[㐀-鿿]")


def rules_for(rules: Rules) -> list[Rule]:
    """Rules of the sheet's table, in the order they are applied."""
    table = rules.declared.name
    found: list[Rule] = []
    if rules.targets.keys() & {"@province", "@city", "@district"}:
        found.append(_places)
    if table in ("opportunity", "opportunity_snapshot"):
        found.append(_deal_status(rules))
    if table == "opportunity":
        found.append(_deal_dates)
    if table == "order_line":
        found += [_line_amount(rules), _recognised(rules)]
    if table in ("quote", "product") and "@unit_price" in rules.targets:
        found.append(_prices)
    if table in ("quote", "order_line") and "@discount" in rules.targets:
        found.insert(-1, _discounted)
    if table == "contract":
        found.append(_contract_type)
    if table == "invoice":
        found.append(_invoice_type)
    if "@amount_net" in rules.targets:
        found.append(_net_amount)
    if "rep.name" in rules.targets or "@split_people" in rules.targets:
        found.append(_people)
    return found


# -- places --------------------------------------------------------------------------------------


def _places(columns: Columns) -> None:
    from workbench.loaders.places import geo_codes

    if "geo_code" not in columns.rules.declared.column_names:
        return
    parts = ("@district", "@city", "@province")
    codes, flags = geo_codes(*(columns.get(part) for part in reversed(parts)))
    columns.fill("geo_code", codes)
    columns.note(next(part for part in parts if columns.has(part)), flags)


# -- deals ---------------------------------------------------------------------------------------


def _deal_status(rules: Rules) -> Rule:
    """Open, won or lost: from its own column, from flags, from the name of the stage."""
    from workbench.loaders.stages import stage_status

    reader = rules.targets.get("stage")
    names: list[str] = []
    if reader is not None:
        names = [n for n in rules.sheet.column(reader.field.place).unique().to_pylist() if n]
    known = {
        row.stage: row for row in stage_status(names, rules.mapping.system, rules.mapping.stages)
    }
    rules.decisions += [
        Decision(rules.header_of("stage"), "stage", f"{row.stage}: {row.status}", row.evidence)
        for row in known.values()
    ]

    def rule(columns: Columns) -> None:
        import pyarrow as pa

        stages = columns.get("stage")
        by_stage = _mapped(stages, {name: row.status for name, row in known.items()})
        columns.fill("status", _by_flags(columns))
        columns.fill("status", by_stage)
        columns.fill("status", "open")
        if "stage" not in columns.values:
            columns.put("stage", columns.get("status"))
        columns.fill("stage", columns.get("status"))
        notes = _mapped(stages, {name: row.note for name, row in known.items() if row.note})
        told = "lost_reason" in rules.declared.column_names and "status" not in rules.targets
        if told and notes.null_count < len(notes):
            columns.fill("lost_reason", notes)
        prior = _mapped(
            stages,
            {name: row.probability for name, row in known.items()},
            kind=pa.float64(),
        )
        if not columns.has("probability") and prior.null_count < len(prior):
            columns.fill("probability", prior)

    return rule


def _by_flags(columns: Columns) -> pa.Array:
    """Status from "won", "closed" and "archived" flags; null where they say nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    won = columns.truth("@won")
    closed = columns.truth("@closed")
    archived = ~columns.truth("@active") if columns.has("@active") else columns.truth("@deleted")
    zero = pc.fill_null(pc.equal(columns.get("probability"), 0.0), False)
    lost = (closed & ~won & columns.has("@won")) | (archived & zero.to_numpy(zero_copy_only=False))
    return pc.if_else(pa.array(won), "won", pc.if_else(pa.array(lost), "lost", None))


def _deal_dates(columns: Columns) -> None:
    """Closing date: expected while the deal is open, the day it closed afterwards."""
    import pyarrow.compute as pc

    status = columns.get("status")
    open_ = pc.equal(status, "open")
    if columns.has("@closing_date"):
        day = columns.get("@closing_date").cast("date32", safe=False)
        columns.fill("expected_close_date", day)
        columns.fill("close_date", pc.if_else(open_, None, day))
    elif columns.has("expected_close_date") and not columns.has("close_date"):
        columns.fill("close_date", pc.if_else(open_, None, columns.get("expected_close_date")))
    if columns.has("close_date"):  # an open deal has no day on which it closed
        columns.put("close_date", pc.if_else(open_, None, columns.get("close_date")))


# -- orders and money ----------------------------------------------------------------------------


def _line_amount(rules: Rules) -> Rule:
    """Amount of an order line: stated, else quantity times price; price a piece besides."""
    if "amount" not in rules.targets and {"quantity", "@unit_price"} <= rules.targets.keys():
        rules.decisions.append(
            Decision(rules.header_of("@unit_price"), "amount", "quantity × price", "")
        )

    def rule(columns: Columns) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        _prices(columns)
        if columns.has("quantity", "net_price"):
            quantity = columns.get("quantity")
            price = _floats(columns.get("net_price"))
            amount = pc.round(pc.multiply(quantity, price), ndigits=2)
            columns.fill("amount", amount.cast(pa.decimal128(18, 2), safe=False))

    return rule


def _prices(columns: Columns) -> None:
    """A price a piece is the list price of a product and the net price of a line."""
    if columns.has("@unit_price"):
        product = columns.rules.declared.name == "product"
        columns.fill("list_price" if product else "net_price", columns.get("@unit_price"))


def _discounted(columns: Columns) -> None:
    """The price that a line does not state, from the other one and the discount."""
    import pyarrow as pa
    import pyarrow.compute as pc

    _prices(columns)
    rest = pc.subtract(1.0, columns.get("@discount").cast(pa.float64()))
    rest = pc.if_else(pc.greater(rest, 0), rest, None)
    for known, missing, price in (
        ("list_price", "net_price", pc.multiply),
        ("net_price", "list_price", pc.divide),
    ):
        if columns.has(known):
            made = pc.round(price(_floats(columns.get(known)), rest), ndigits=4)
            columns.fill(missing, made.cast(pa.decimal128(18, 4), safe=False))


def _recognised(rules: Rules) -> Rule:
    """Revenue of lines without a date of its own counts on the day of the order; that is said."""
    if "recognised_date" not in rules.targets and "order_date" in rules.targets:
        rules.decisions.append(
            Decision(rules.header_of("order_date"), "recognised_date", "order_date", "")
        )

    def rule(columns: Columns) -> None:
        if not columns.has("recognised_date") and columns.has("order_date"):
            columns.put("recognised_date", columns.get("order_date"))

    return rule


def _net_amount(columns: Columns) -> None:
    """An amount without VAT stands where the sheet has no other."""
    if not columns.has("amount"):
        columns.fill("amount", columns.get("@amount_net"))
        columns.fill("tax_basis", "excl")


def _contract_type(columns: Columns) -> None:
    """Negative contracts are reversals; others are sales unless the sheet says otherwise."""
    columns.fill("contract_type", _by_sign(columns, below="reversal", above="sale"))


def _invoice_type(columns: Columns) -> None:
    """Negative invoices are red-letter ones."""
    columns.fill("invoice_type", _by_sign(columns, below="red", above="blue"))


def _by_sign(columns: Columns, *, below: str, above: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    amount = columns.get("amount")
    negative = pc.less(amount, pa.scalar(Decimal(0), amount.type))
    return pc.if_else(pc.fill_null(negative, False), below, above)


# -- people --------------------------------------------------------------------------------------


def _people(columns: Columns) -> None:
    """Two people in a cell: the first is responsible, all of them share the credit."""
    import pyarrow as pa

    owners, others = columns.get("rep.name"), columns.get("@split_people")
    texts = {*owners.unique().to_pylist(), *others.unique().to_pylist()} - {None}
    apart = {text: people_in(text) for text in texts}
    if others.null_count == len(others) and all(len(people) == 1 for people in apart.values()):
        return
    named, beside = owners.to_pylist(), others.to_pylist()
    first, shared = [], []
    for owner, more in zip(named, beside, strict=True):
        people = list(dict.fromkeys([*apart.get(owner, []), *apart.get(more, [])]))
        first.append(people[0] if people else None)
        shared.append("\x1f".join(people) if len(people) > 1 else None)
    columns.values["rep.name"] = pa.array(first, pa.string())
    columns.values["@people"] = pa.array(shared, pa.string())


def people_in(text: str) -> list[str]:
    """People named in one cell: 林某,王某 are two, "Lin, Demo" is one."""
    parts = _PARTS.split(text)
    if len(parts) == 1 and _CHINESE.search(text):
        parts = text.split(",")
    return [part.strip() for part in parts if part.strip()]


def _floats(decimals: pa.Array) -> pa.Array:
    """Decimals as the nearest float64: Arrow's own cast is off in the last digits."""
    import pyarrow as pa

    return decimals.cast(pa.string()).cast(pa.float64())


def _mapped(values: pa.Array, table: dict[str, Any], *, kind: Any = None) -> pa.Array:
    """Values looked up in a small table; null where it has none."""
    import pyarrow as pa

    coded = values.dictionary_encode()
    found = [table.get(word) for word in coded.dictionary.to_pylist()]
    kind = kind or pa.string()
    if not found:
        return pa.nulls(len(values), kind)
    return pa.DictionaryArray.from_arrays(coded.indices, pa.array(found, kind)).dictionary_decode()
