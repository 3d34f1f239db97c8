"""The words of a plan: exact numbers, both languages, and rules that name their line.

A number of a plan is a fraction, never a float: "4.35%" is 87/2000, "300万" is 3,000,000.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

Both = tuple[str, str]

_SCALES: dict[str, Fraction] = {
    "%": Fraction(1, 100),
    "‰": Fraction(1, 1000),
    "万": Fraction(10**4),
    "亿": Fraction(10**8),
    "": Fraction(1),
}
_NUMBER = re.compile(r"([-+]?\d+(?:[,_]\d{3})*(?:\.\d+)?|[-+]?\.\d+)\s*([%‰万亿]?)", re.ASCII)
#: An amount with the sign, code or word of a currency.
_CURRENCY = re.compile(
    r"(?:[A-Z]{3}|[$€£¥￥])\s*[\d.,]+[万亿]?|[\d.,]+\s*[万亿]?(?:[A-Z]{3}|[$€£元])"
)
_RATIO = re.compile(r"([-+]?\d+)/(\d+)", re.ASCII)


def exact(value: Any) -> Fraction:
    """Read a number exactly: 5%, 0.05, 1/3, 12,000.50, 300万; a float by its shortest decimal.

    Raises
    ------
    PydanticCustomError
        If it is none.
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Fraction(value)
    text = repr(value) if isinstance(value, float) else str(value).strip()
    if found := _RATIO.fullmatch(text):
        below = int(found[2])
        if below:
            return Fraction(int(found[1]), below)
    if found := _NUMBER.fullmatch(text.replace("％", "%").replace("，", ",")):
        return Fraction(re.sub("[,_]", "", found[1])) * _SCALES[found[2]]
    if _CURRENCY.fullmatch(text):
        raise PydanticCustomError("currency_mark", "an amount without a currency")
    try:
        return Fraction(Decimal(text))
    except (ArithmeticError, ValueError) as error:
        raise PydanticCustomError("exact", "a number such as 5%, 0.05, 12,000 or 1/3") from error


def exact_text(value: Fraction) -> str:
    """Write a number so that `exact` gives it back: as a decimal where it ends, else as 1/3."""
    below = value.denominator
    for prime in (2, 5):
        while below % prime == 0:
            below //= prime
    if below != 1:
        return f"{value.numerator}/{value.denominator}"
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    number = Decimal(int(value * 10**digits)).scaleb(-digits)
    return f"{number:f}"


#: A number of a plan.
Exact = Annotated[
    Fraction,
    BeforeValidator(exact),
    PlainSerializer(exact_text, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]


def say(value: Fraction) -> str:
    """Write a rate for people: 0.05 as 5%, 1/3 as 33.3333…%."""
    percent = value * 100
    text = exact_text(percent)
    return f"{text}%" if "/" not in text else f"{float(percent):.4f}…%"


#: Chinese names of entries of a plan file -> the English ones; every part adds its own.
CHINESE: dict[str, str] = {"继承": "extends"}


def word(
    default: Any = ...,
    *,
    title: str,
    help: str,
    zh: Both,
    alias: str | None = None,
    **bounds: Any,
) -> Any:
    """Declare an entry of a plan with its title and meaning in English and Chinese.

    The Chinese title may stand in a plan file in place of the English name.

    Parameters
    ----------
    default : any, optional
        Value where none is written; without it the entry must be there.
    title, help : str
        English.
    zh : (str, str)
        Chinese.
    alias : str, optional
        Name in a file where Python has that word for itself (`from`).
    **bounds
        As for pydantic's `Field`.
    """
    return Field(
        default,
        title=title,
        description=help,
        json_schema_extra={"zh": list(zh)},
        alias=alias,
        **bounds,
    )


#: Words of each choice: its English ones, and the Chinese ones that stand for them.
CHOICES: dict[frozenset[str], dict[str, str]] = {}


def read_as(**words: str) -> BeforeValidator:
    """Read the Chinese words of a choice as its English ones."""
    CHOICES.setdefault(frozenset(words.values()), {}).update(words)
    return BeforeValidator(lambda value: words.get(value, value) if value.__hash__ else value)


class Part(BaseModel):
    """Base of every part of a plan: frozen, and no unknown word is accepted."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, populate_by_name=True
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Learn the Chinese names of the entries; one name has one meaning everywhere."""
        for name, info in cls.model_fields.items():
            extra = info.json_schema_extra
            if not isinstance(extra, dict) or "zh" not in extra:
                raise TypeError(f"{cls.__name__}.{name} is not declared in both languages")
            chinese, english = str(extra["zh"][0]), info.alias or name  # type: ignore[index]
            if CHINESE.setdefault(chinese, english) != english:
                raise TypeError(f"{chinese} stands for {CHINESE[chinese]} and for {english}")


def fault(english: str, chinese: str, *keys: Any) -> PydanticCustomError:
    """Make the error of a rule, with the path of the entry at fault below the part that raises."""
    path = [str(key) for key in keys]
    return PydanticCustomError(
        "broken_rule", "{english}", {"english": english, "zh": chinese, "keys": path}
    )
