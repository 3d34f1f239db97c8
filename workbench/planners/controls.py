"""One control for one parameter: which kind it is, how its value is written and read back.

The kind follows from the declaration: a switch for yes or no, a choice among texts, several of a
list, a slider with a number beside it, a date, lines of text, a small table. A share is shown in
per cent. What is typed may have full-width digits, commas, 万, 亿, million or %. HTML of the
controls: `control_html.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import types
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from workbench.contract import UNIT_WORDS, Parameter, Params
from workbench.text import Language
from workbench.text.money import currency_name

Kind = Literal["switch", "choice", "several", "number", "numbers", "date", "text", "lines", "table"]

#: Steps up to which a number gets a slider beside its box.
MOST_STEPS = 20_000
_SAID_BY_NAME = {"calendar month", "calendar year", *UNIT_WORDS["draws"], *UNIT_WORDS["seed"]}
_WORDS = {"亿": 10**8, "万": 10**4, "千": 10**3, "billion": 10**9, "bn": 10**9, "million": 10**6,
          "m": 10**6, "k": 10**3}  # fmt: skip


@dataclass(frozen=True)
class Control:
    """A parameter as a control.

    Attributes
    ----------
    parameter : Parameter
        The declaration in the language of the page.
    kind : str
    whole : bool
        Whether only whole numbers are taken.
    optional : bool
        Whether it may be empty.
    options : dict of str to str
        Choices and their labels.
    factor : int
        100 for a share, which is shown in per cent, else 1.
    unit : str
        Short unit behind the number.
    columns : tuple of str
        Of a table: names of the columns.
    """

    parameter: Parameter
    kind: Kind
    whole: bool = False
    optional: bool = False
    options: dict[str, str] = field(default_factory=dict)
    factor: int = 1
    unit: str = ""
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of the parameter."""
        return self.parameter.name

    @property
    def slides(self) -> bool:
        """Whether a slider stands beside the number."""
        low, high, step = self.low, self.high, self.step
        return self.kind == "number" and bool(step) and 0 < (high - low) / step <= MOST_STEPS

    @property
    def low(self) -> Decimal:
        """Lowest value of the slider, as shown."""
        return self._end(self.parameter.low, self.parameter.low_open, 1)

    @property
    def high(self) -> Decimal:
        """Highest value of the slider, as shown."""
        return self._end(self.parameter.high, self.parameter.high_open, -1)

    @property
    def step(self) -> Decimal:
        """Step of the slider, as shown."""
        return _decimal(self.parameter.step or 0) * self.factor

    @property
    def decimals(self) -> int:
        """Decimals a number is written with, so that each step can be seen."""
        return 0 if self.whole else max(0, -int(self.step.normalize().as_tuple().exponent))

    def bounds(self, lang: Language) -> str:
        """Say what is allowed, as shown: "0 to 15%"."""
        if self.kind != "number":
            return self.parameter.bounds(lang)
        ends = (self.parameter.low, self.parameter.high)
        low, high = (self.written(each) for each in ends)
        if self.parameter.low_open or self.parameter.high_open:
            return lang.say("between {low} and {high}", low=low, high=high) + self.ending(lang)
        both = lang.say("{low} to {high}", low=low, high=high) if "−" in low else f"{low}–{high}"
        return both + self.ending(lang)

    def ending(self, lang: Language) -> str:
        """The unit as it follows a number."""
        gap = "" if self.unit == "%" else lang.pick(" ", "")
        return gap + self.unit if self.unit else ""

    # -- writing and reading -----------------------------------------------------------------------

    def written(self, value: Any) -> Any:
        """Write a literal as its control holds it: text, true or false, a list, rows."""
        if self.kind == "switch":
            return bool(value)
        if self.kind == "several":
            return list(value or ())
        if self.kind == "table":
            return [[_cell(each) for each in row] for row in self._rows(value)]
        if value is None:
            return ""
        if self.kind == "number":
            return self._number(value)
        if self.kind == "numbers":
            return ", ".join(self._number(each) for each in value)
        if self.kind == "lines":
            return "\n".join(map(str, value))
        return str(value)

    def said(self, value: Any, lang: Language) -> str:
        """Write a literal for people, with its unit."""
        if self.kind == "number" and value is not None:
            return self._number(value) + self.ending(lang)
        if self.kind in ("choice", "several") and self.options:
            codes = value if isinstance(value, list | tuple) else [value]
            every = self.kind == "several" and not codes
            named = (self.options.get(str(code), str(code)) for code in codes if code is not None)
            return lang.say("all") if every else lang.pause.join(named) or "–"
        return self.parameter.written(value, lang)

    def read(self, raw: Any) -> Any:
        """Read what a control holds as a literal; what cannot be read is left for the check."""
        if self.kind == "switch":
            return bool(raw)
        if self.kind == "several":
            return [str(each) for each in raw]
        if self.kind == "table":
            return self._read_rows(raw)
        text = unicodedata.normalize("NFKC", str(raw)).strip()
        if not text and self.optional:
            return None
        if self.kind == "number":
            return self._read_number(text)
        if self.kind == "numbers":
            return [self._read_number(each.strip()) for each in text.split(",") if each.strip()]
        if self.kind == "lines":
            return [line.strip() for line in str(raw).splitlines() if line.strip()]
        return text if self.kind in ("date", "choice") else str(raw)

    def _number(self, value: Any) -> str:
        shown = _decimal(value) * self.factor
        places = f".{self.decimals}"
        if shown != round(shown, self.decimals):  # more digits than a step has: keep them
            shown, places = shown.normalize(), ""
        thousands = "," if self.parameter.grouped else ""
        return f"{shown:{thousands}{places}f}".replace("-", "−")

    def _read_number(self, text: str) -> Any:
        plain = text.replace(",", "").replace(" ", "").replace("−", "-").casefold()
        for unit in {self.unit, self.parameter.unit} - {"", "%"}:
            plain = plain.removesuffix(unicodedata.normalize("NFKC", unit).casefold())
        share = self.factor
        plain = plain.removesuffix("%")
        times = 1
        for word, size in _WORDS.items():
            if plain.endswith(word):
                plain, times = plain.removesuffix(word), size
                break
        try:
            value = Decimal(plain) * times / share
        except InvalidOperation:
            return text
        if not value.is_finite():
            return text
        return int(value) if self.whole and value == int(value) else float(value)

    def _rows(self, value: Any) -> list[list[Any]]:
        if isinstance(value, Mapping):
            return [[key, each] for key, each in value.items()]
        return [[row.get(column) for column in self.columns] for row in value or ()]

    def _read_rows(self, raw: Any) -> Any:
        rows = [[_value(cell) for cell in row] for row in raw if any(str(c).strip() for c in row)]
        if self.columns == ("", ""):
            return {str(row[0]): row[1] for row in rows}
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    def _end(self, bound: float | None, is_open: bool, inwards: int) -> Decimal:
        shown = _decimal(bound or 0) * self.factor
        return shown + inwards * self.step if is_open else shown


def controls(
    params: type[Params],
    lang: Language,
    options: Mapping[str, Mapping[str, tuple[str, str]]] | None = None,
) -> dict[str, Control]:
    """Make the controls of all parameters.

    Parameters
    ----------
    params : type of Params
    lang : Language
    options : mapping, optional
        Choices that only the company knows: parameter to code to (English, Chinese).
    """
    made = {}
    for parameter in params.declared(lang):
        kinds = _members(params.model_fields[parameter.name].annotation)
        known = (options or {}).get(parameter.name)
        listed = {code: lang.pick(*both) for code, both in known.items()} if known else {}
        made[parameter.name] = _control(parameter, kinds, listed or parameter.choices, lang)
    return made


def _control(
    parameter: Parameter, kinds: tuple[Any, ...], options: dict[str, str], lang: Language
) -> Control:
    optional = type(None) in kinds
    kind: Kind = "text"
    columns: tuple[str, ...] = ()
    holder = next((each for each in kinds if get_origin(each)), None)
    inside = [each for each in get_args(holder) if each is not Ellipsis] if holder else []
    if bool in kinds:
        kind = "switch"
    elif any(each in (int, float, Decimal) for each in kinds):
        kind = "number"
    elif dt.date in kinds:
        kind = "date"
    elif holder is not None and get_origin(holder) in (dict, Mapping):
        kind, columns = "table", ("", "")
    elif holder is not None and any(_is_model(each) for each in inside):
        kind, columns = "table", tuple(inside[0].model_fields)
    elif holder is not None and inside and all(each in (int, float, Decimal) for each in inside):
        kind = "numbers"
    elif holder is not None and get_origin(holder) in (tuple, list, set, frozenset):
        kind = "several" if options else "lines"
    elif options:
        kind = "choice"
    share = parameter.unit == lang.pick(*UNIT_WORDS["share"])
    return Control(
        parameter,
        kind,
        whole=int in kinds and float not in kinds,
        optional=optional,
        options=options,
        factor=100 if share else 1,
        unit="%" if share else _short(parameter.unit, lang),
        columns=columns,
    )


def _short(unit: str, lang: Language) -> str:
    """The unit behind a number; a currency by its name, none where the parameter's name says it."""
    if unit in _SAID_BY_NAME:
        return ""
    is_code = len(unit) == 3 and unit.isascii() and unit.isupper()
    return currency_name(unit, lang.code) if is_code else unit


def same(one: Any, other: Any) -> bool:
    """Whether two literals are the same value: 5 and 5.0 are, lists and tuples are."""
    if one == other:
        return True
    left, right = (json.dumps(each, sort_keys=True, default=str) for each in (one, other))
    return left == right


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _value(cell: Any) -> Any:
    text = unicodedata.normalize("NFKC", str(cell)).strip()
    for read in (int, float):
        try:
            return read(text.replace(",", ""))
        except ValueError:
            continue
    return text or None


def _is_model(each: Any) -> bool:
    return isinstance(each, type) and issubclass(each, BaseModel)


def _members(annotation: Any) -> tuple[Any, ...]:
    union = get_origin(annotation) in (Union, types.UnionType)
    return get_args(annotation) if union else (annotation,)
