"""Rows of a declared table from the values of a sheet: constants, defaults, derived columns.

What needs one table only is done here, block by block: status from the stage, an amount from
quantity and price, an administrative code from names, the tax basis from the header. What needs
other rows or tables (ids from names, doubles) is done in `assemble.py`. The rules of single tables
stand in `table_rules.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.loaders import table_rules
from workbench.loaders.mapping import Question, SheetMapping
from workbench.loaders.outcome import Decision
from workbench.loaders.raw import Sheet
from workbench.loaders.readers import Read, Reader
from workbench.tables.declare import MONEY_KINDS, Table
from workbench.tables.store import arrow_type

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Columns without which a row of the table says nothing; one of each group must be there.
ESSENTIAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "account": (("name",),),
    "contact": (("name",),),
    "product": (("name", "product_id"),),
    "partner": (("name",),),
    "rep": (("name", "rep_id"),),
    "team": (("name", "team_id"),),
    "opportunity": (("name", "opportunity_id", "account.name", "account_id", "amount"),),
    "order_line": (("order_date",), ("amount",)),
    "contract": (("signed_date",), ("amount",)),
    "invoice": (("invoice_date",), ("amount",)),
    "receipt": (("receipt_date",), ("amount",)),
    "receivable_plan": (("due_date",), ("amount",)),
    "return_refund": (("return_date",),),
    "expense": (("expense_date",), ("amount",)),
    "delivery": (("ship_date",), ("quantity",)),
    "activity": (("activity_date",),),
    "target": (("value",), ("period_start",)),
    "sell_out": (("month_end",), ("quantity", "amount")),
    "exchange_rate": (("rate",), ("rate_date",)),
}

#: What people call the base currencies of their sheets.
CURRENCY_WORDS = {
    "人民币": "CNY", "元": "CNY", "rmb": "CNY", "￥": "CNY", "¥": "CNY", "cny": "CNY",
    "美元": "USD", "美金": "USD", "$": "USD", "us$": "USD", "欧元": "EUR", "€": "EUR",
    "港币": "HKD", "港元": "HKD", "hk$": "HKD", "日元": "JPY", "英镑": "GBP", "£": "GBP",
}  # fmt: skip


@dataclass
class Made:
    """Rows put together.

    Attributes
    ----------
    columns : dict of str to pyarrow.Array
        Declared columns of the table.
    links : dict of str to pyarrow.Array
        Columns of other tables, as "account.name".
    currency : pyarrow.Array of string
        Currency of each row's money; null for tables without.
    modified : pyarrow.Array of timestamp
    people : pyarrow.Array of string
        Those who share the credit, joined by U+001F; null where it is one.
    deleted, lacking : numpy.ndarray of bool
        Deleted in its system; without what `ESSENTIAL` asks for.
    keyed : bool
        Whether the sheet itself gives the key.
    notes : list of (str, pyarrow.Array)
        Target, and for each row the code of a reason or null.
    """

    columns: dict[str, pa.Array]
    links: dict[str, pa.Array]
    currency: pa.Array
    modified: pa.Array
    people: pa.Array
    deleted: np.ndarray[Any, Any]
    lacking: np.ndarray[Any, Any]
    keyed: bool
    lacking_columns: tuple[str, ...] = ()
    notes: list[tuple[str, pa.Array]] = field(default_factory=list)
    _lacks: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict)

    def lacks(self, column: str) -> np.ndarray[Any, Any]:
        """True for rows that lack what stands first in a group of `ESSENTIAL`."""
        return self._lacks[column]


class Rules:
    """How the rows of one sheet are put together.

    Parameters
    ----------
    sheet, mapping, declared, readers
        The sheet, what it is, its table, how its headers are read.
    defaults : dict of str to str
        Answers for the whole company: `currency`, `tax_basis`, `tax_rate`.
    """

    def __init__(
        self,
        sheet: Sheet,
        mapping: SheetMapping,
        declared: Table,
        readers: list[Reader],
        defaults: dict[str, str],
    ) -> None:
        self.sheet, self.mapping, self.declared = sheet, mapping, declared
        self.readers, self.defaults = readers, defaults
        self.targets = {reader.field.target: reader for reader in readers}
        self.decisions: list[Decision] = []
        self.constants = self._constants()
        self.table_rules = table_rules.rules_for(self)

    # -- what is known beforehand ----------------------------------------------------------------

    def _constants(self) -> dict[str, str]:
        """Values for columns that the sheet does not have."""
        known = dict(self.mapping.set)
        names = self.declared.column_names
        if "tax_basis" in names and "tax_basis" not in self.targets:
            stated = self._stated_basis()
            if stated:
                known.setdefault("tax_basis", stated)
        for name in ("currency", "tax_basis", "tax_rate"):
            if name in self.mapping.set and name in names and name not in self.targets:
                self.decisions.append(Decision("", name, known[name], "mapping"))
            if name not in names or name in known or not self.defaults.get(name):
                continue
            if name not in self.targets:
                known[name] = self.defaults[name]
                self.decisions.append(Decision("", name, known[name], "company"))
            elif self.declared.column(name).needed:  # a target of new customers has no currency
                known[name] = self.defaults[name]
        return {name: value for name, value in known.items() if name in names}

    def _stated_basis(self) -> str:
        """Tax basis that the header of a money column states."""
        for reader in self.readers:
            if reader.kind in MONEY_KINDS and reader.field.read.get("tax_basis"):
                basis = reader.field.read["tax_basis"]
                self.decisions.append(
                    Decision(reader.field.header, "tax_basis", basis, reader.field.header)
                )
                return basis
        return ""

    def open_questions(self, questions: list[Question]) -> list[Question]:
        """Those questions that the constants do not answer, each once."""
        left = [q for q in questions if q.code not in self.constants]
        names = self.declared.column_names
        known = self.constants.keys() | self.targets.keys()
        if "tax_rate" in names and "tax_rate" not in known and self._has_money():
            left.append(Question("tax_rate", self.declared.name, ("0.13", "0.09", "0.06")))
        return left

    def _has_money(self) -> bool:
        return any(reader.kind in MONEY_KINDS for reader in self.readers)

    def refuses_row(self, reader: Reader) -> bool:
        """Whether a cell of this header that cannot be read refuses its row: money and keys."""
        target = reader.field.target or ""
        own = reader.column is not None and "." not in target
        essential = any(target in group for group in ESSENTIAL.get(self.declared.name, ()))
        return own and (reader.kind in MONEY_KINDS or target in self.declared.key or essential)

    def header_of(self, target: str) -> str:
        """Header of a target; "" where the sheet has none."""
        return self.targets[target].field.header if target in self.targets else ""

    # -- one block -------------------------------------------------------------------------------

    def compose(self, reads: list[Read], texts: list[pa.Array], n: int) -> Made:
        """Put the rows of a block together."""
        values = {
            str(reader.field.target): read.values
            for reader, read in zip(self.readers, reads, strict=True)
        }
        columns = Columns(values, n, self, dict(zip(self._names(), reads, strict=True)))
        for name, value in self.constants.items():
            if name != "currency":  # what stands beside an amount goes before it
                columns.fill(name, value)
        columns.currency(self.constants.get("currency"))
        for rule in self.table_rules:
            rule(columns)
        return self._made(columns, n)

    def _names(self) -> list[str]:
        return [str(reader.field.target) for reader in self.readers]

    def _made(self, columns: Columns, n: int) -> Made:
        import numpy as np
        import pyarrow as pa

        values = columns.values
        own = {c: values[c] for c in self.declared.column_names if c in values}
        links = {t: v for t, v in values.items() if "." in t and not t.startswith("@")}
        lacks = self._lacking({**own, **links}, n)
        deleted = columns.truth("@deleted")
        return Made(
            columns=own,
            links=links,
            currency=own.get("currency", pa.nulls(n, pa.string())),
            modified=values.get("@modified_at", pa.nulls(n, pa.timestamp("us", "Asia/Shanghai"))),
            people=values.get("@people", pa.nulls(n, pa.string())),
            deleted=deleted,
            lacking=np.logical_or.reduce([*lacks.values(), np.zeros(n, bool)]),
            keyed=all(k in own for k in self.declared.key),
            lacking_columns=tuple(lacks),
            notes=columns.notes,
            _lacks=lacks,
        )

    def _lacking(self, values: dict[str, Any], n: int) -> dict[str, np.ndarray[Any, Any]]:
        import numpy as np

        lacks = {}
        for group in ESSENTIAL.get(self.declared.name, ()):
            there = [valid(values[name]) for name in group if name in values]
            lacks[group[0]] = ~np.logical_or.reduce([*there, np.zeros(n, bool)])
        return {name: lack for name, lack in lacks.items() if lack.any()}


class Columns:
    """Values of a block by target, with small tools for the rules.

    Attributes
    ----------
    values : dict of str to pyarrow.Array
    n : int
        Rows.
    rules : Rules
    reads : dict of str to Read
        As read, with flags, reasons and stated currencies.
    """

    def __init__(
        self, values: dict[str, Any], n: int, rules: Rules, reads: dict[str, Read]
    ) -> None:
        self.values, self.n, self.rules, self.reads = values, n, rules, reads
        self.notes: list[tuple[str, Any]] = []

    def has(self, *targets: str) -> bool:
        """Whether the sheet has all of these."""
        return all(target in self.values for target in targets)

    def get(self, target: str) -> Any:
        """Values of a target; nulls of its declared type where the sheet has none."""
        import pyarrow as pa

        if target in self.values:
            return self.values[target]
        if target in self.rules.declared.column_names:
            return pa.nulls(self.n, arrow_type(self.rules.declared.column(target).kind))
        return pa.nulls(self.n, pa.string())

    def fill(self, target: str, value: Any) -> None:
        """Put a constant or an array where a value is missing."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = arrow_type(self.rules.declared.column(target).kind)
        if isinstance(value, str):
            value = pa.scalar(value).cast(kind)
        if isinstance(value, pa.Scalar):
            value = pa.repeat(value, self.n)
        value = value.cast(kind)
        there = self.values.get(target)
        self.values[target] = value if there is None else pc.coalesce(there, value)

    def put(self, target: str, value: Any) -> None:
        """Set a target, whatever stood there."""
        self.values[target] = value.cast(arrow_type(self.rules.declared.column(target).kind))

    def note(self, target: str, reasons: Any) -> None:
        """Say of rows what is remarkable: a code of `reasons.REASONS` each, null for nothing."""
        if reasons.null_count < len(reasons):
            self.notes.append((target, reasons))

    def truth(self, target: str) -> np.ndarray[Any, Any]:
        """A flag as numpy bool; missing is false."""
        import numpy as np
        import pyarrow as pa

        if target not in self.values:
            return np.zeros(self.n, bool)
        values = self.values[target]
        assert isinstance(values, pa.BooleanArray)
        return np.asarray(values.fill_null(False))

    def currency(self, default: str | None) -> None:
        """Currency of the rows: its own column, else as stated beside the amounts, else known."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if "currency" not in self.rules.declared.column_names:
            return
        named = self.values.get("currency", pa.nulls(self.n, pa.string()))
        stated = [
            read.units
            for read in self.reads.values()
            if read.units is not None and read.exact is not None
        ]
        found = pc.coalesce(_codes(named), *stated, pa.scalar(default, pa.string()))
        self.values["currency"] = found


def _codes(named: pa.Array) -> pa.Array:
    """Currency words as ISO 4217 codes; what is not known is left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.utf8_lower(pc.utf8_trim_whitespace(named)).dictionary_encode()
    codes = []
    for word in words.dictionary.to_pylist():
        plain = word.upper()
        known = len(plain) == 3 and plain.isascii() and plain.isalpha()
        codes.append(plain if known else CURRENCY_WORDS.get(word))
    return (
        pa.DictionaryArray.from_arrays(
            words.indices, pa.array(codes, pa.string())
        ).dictionary_decode()
        if codes
        else pa.nulls(len(named), pa.string())
    )


def valid(values: pa.Array) -> np.ndarray[Any, Any]:
    """True where there is a value."""
    return values.is_valid().to_numpy(zero_copy_only=False)
