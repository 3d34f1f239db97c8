"""What a sheet is and what its headers mean: the result of recognition, kept as YAML.

A target of a header is written as

    amount           column of the sheet's own table
    account.name     column of a table it refers to: the row there is found or made
    @modified_at     a helper (`HELPERS`): used in reading, not stored under this name
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

How = Literal["mapping", "system", "headers", "values", "answer", ""]

#: Helpers and what they are for.
HELPERS: dict[str, str] = {
    "@modified_at": "when the record was last changed: decides which version is newer",
    "@deleted": "the record was deleted in its system",
    "@won": "closed and won (true or false)",
    "@closed": "closed (true or false)",
    "@active": "false: archived",
    "@amount_net": "the amount without VAT where the amount itself is with VAT",
    "@discount": "discount as 8.5折, share or money; meaning decided against prices",
    "@unit_price": "price a piece, list or net as the other columns show",
    "@expected_revenue": "amount times probability, kept out of every sum",
    "@closing_date": "expected close while open, close date once closed",
    "@province": "name of the province, for the administrative code",
    "@city": "name of the city, for the administrative code",
    "@district": "name of the district, for the administrative code",
    "@split_people": "people who share the credit (协同人)",
    "@object": "object of the system the record belongs to",
}


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """One header and what it is taken for.

    Attributes
    ----------
    header : str
    place : int
        Column of the sheet, from 0.
    target : str or None
        See the module; None: not used (its values stay in the file).
    how : str
        What decided: mapping file, system, headers, values, an answer; "" where nothing did.
    verified : bool
        Whether the header was seen in that system's own documents; else it is inferred.
    read : dict of str to str
        How values are read: `unit` (万元), `order` (dmy, mdy, ymd), `scale` (share, percent),
        `discount` (paid, off, money), `tax_basis` (incl, excl), `prefix` of ids that is left out
        (`zcrm_` in Zoho's exports; its interface gives the bare ids).
    """

    header: str
    place: int
    target: str | None
    how: How = ""
    verified: bool = False
    read: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What recognition could not decide and does not guess.

    Attributes
    ----------
    code : str
        Kind: "table", "column", "tax_basis", "date_order", "percent_scale", "discount", "stage".
    subject : str
        What it is about: a header, a stage name, a sheet.
    options : tuple of str
        Possible answers, likeliest first.
    evidence : str
        Examples of values, short; or a catalogue key with {fields} where `fields` are given.
    fields : dict of str to str
        What the evidence names.
    """

    code: str
    subject: str
    options: tuple[str, ...] = ()
    evidence: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SheetMapping:
    """What a sheet is.

    Attributes
    ----------
    table : str or None
        Declared table; None where it could not be told (then the question says so).
    system : str
        "zoho", "fxiaoke", "salesforce", ..., "generic_zh", "generic_en", "workbench" (our own
        template or export).
    how : str
        What decided the table.
    fields : tuple of FieldMapping
        One for each header, in order.
    set : dict of str to str
        Constants for columns the sheet does not have: `tax_basis: incl`, `currency: CNY`.
    stages : dict of str to str
        Own stage names: open, won, lost or void.
    questions : tuple of Question
        What is left open.
    """

    table: str | None
    system: str
    how: How
    fields: tuple[FieldMapping, ...]
    set: dict[str, str] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()

    def place_of(self, target: str) -> int | None:
        """Column of the sheet that has this target; None if there is none."""
        return next((f.place for f in self.fields if f.target == target), None)
