"""How a table is declared: columns with meaning, unit, currency and tax basis, in two languages.

One declaration gives validation (`schema.py`), the data dictionary (`dictionary.py`), empty
templates (`template.py`), the labels of reports and the targets of import. It is light on purpose:
pandera is imported only where a table is validated, so that a notebook starts fast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "id",
    "text",
    "choice",
    "date",
    "datetime",
    "money",
    "price",
    "number",
    "integer",
    "share",
    "flag",
]

# Arrow storage of each kind. Money settles to the cent; unit prices carry four places.
ARROW_TYPES: dict[str, str] = {
    "id": "string",
    "text": "string",
    "choice": "string",
    "date": "date32",
    "datetime": "timestamp[us, tz=Asia/Shanghai]",
    "money": "decimal128(18, 2)",
    "price": "decimal128(18, 4)",
    "number": "float64",
    "integer": "int64",
    "share": "float64",
    "flag": "bool",
}
TEXT_KINDS = frozenset({"id", "text", "choice"})
MONEY_KINDS = frozenset({"money", "price"})
TAX_BASES = ("incl", "excl", "none")

Both = tuple[str, str]


def _pick(both: Both, lang: str) -> str:
    return both[1] if str(getattr(lang, "code", lang)).startswith("zh") else both[0]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a declared table.

    Attributes
    ----------
    name : str
        English snake_case name, as stored.
    kind : Kind
        What the values are; decides the Arrow type (`ARROW_TYPES`).
    titles, helps : (str, str)
        Label and one-sentence meaning, English and Chinese.
    needed : bool
        A needed column must be there without gaps; any other may hold gaps or be absent.
    unit : str or None
        Unit of numbers: a key of `UNITS`.
    currency : str or None
        Money only: the column of the same row that holds the ISO 4217 code.
    tax_basis : str or None
        Money only: "incl", "excl" or "none" where fixed, else the row's tax-basis column.
    choices : dict of code to (English, Chinese)
        Allowed values of a choice column.
    references : str or None
        "table.column" whose values this column may hold.
    pattern : str or None
        Regular expression that text must match from start to end.
    check : str or None
        Name of a check in `checks.py` (credit_code, geo_code).
    minimum, maximum : float or None
        Inclusive bounds of numbers.
    private : bool
        Phone, WeChat id or pay: masked in reports unless asked for.
    """

    name: str
    kind: Kind
    titles: Both
    helps: Both
    needed: bool = True
    unit: str | None = None
    currency: str | None = None
    tax_basis: str | None = None
    choices: dict[str, Both] = field(default_factory=dict)
    references: str | None = None
    pattern: str | None = None
    check: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    private: bool = False

    def title(self, lang: object = "en") -> str:
        """Label in the language given ("en", "zh" or a `Language`)."""
        return _pick(self.titles, lang)  # type: ignore[arg-type]

    def help(self, lang: object = "en") -> str:
        """Meaning, one sentence."""
        return _pick(self.helps, lang)  # type: ignore[arg-type]

    def choice(self, code: str, lang: object = "en") -> str:
        """Label of an allowed value; the code itself where none is declared."""
        return _pick(self.choices[code], lang) if code in self.choices else code  # type: ignore[arg-type]

    @property
    def arrow_type(self) -> str:
        """Name of the Arrow type it is stored in."""
        return ARROW_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table: its columns, key and what it is for.

    Attributes
    ----------
    name, area : str
        Name as stored; room of the data dictionary it stands in.
    titles, purposes : (str, str)
        Label, and what the table is for, English and Chinese.
    key : tuple of str
        Columns that identify a row.
    columns : tuple of Column
        In the order of the template.
    """

    name: str
    area: str
    titles: Both
    purposes: Both
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        doubles = {name for name in names if names.count(name) > 1}
        unknown = set(self.key) - set(names)
        if doubles or unknown:
            raise ValueError(f"table {self.name}: doubled {doubles}, key not declared {unknown}")

    def title(self, lang: object = "en") -> str:
        """Label in the language given."""
        return _pick(self.titles, lang)  # type: ignore[arg-type]

    def help(self, lang: object = "en") -> str:
        """What the table is for, one sentence."""
        return _pick(self.purposes, lang)  # type: ignore[arg-type]

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of all columns, declared order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Declaration of one column; KeyError with the nearest names if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}: {', '.join(self.column_names)}")


# Units of numbers, English and Chinese.
UNITS: dict[str, Both] = {
    "pieces": ("pieces", "件"),
    "hours": ("hours", "小时"),
    "days": ("days", "天"),
    "points": ("points", "分"),
    "people": ("people", "人"),
    "share": ("share (0.13 = 13%)", "比例（0.13即13%）"),
    "share per month": ("share per month", "每月比例"),
    "index": ("index (own price = 1)", "指数（我方价格=1）"),
    "base per unit": ("base currency per unit", "每单位外币折合本位币"),
    "10k people": ("10,000 people", "万人"),
    "value": ("unit of the KPI", "随指标单位"),
}
