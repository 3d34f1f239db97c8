"""The parameters of a study: declared once, with bounds, unit, step and both languages.

Validation, papermill's cell, the table of a report, templates of params files and controls are all
made from the declaration. Light on purpose: pydantic is all it imports. Imported through
`contract.py`; how files and --set are read into it: `studies/parameters.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import TYPE_CHECKING, Any, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError, PydanticKnownError

from workbench.errors import ParameterError
from workbench.text import Language, mark

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

Both = tuple[str, str]

#: Names that a notebook's parameters cell or a params file needs for itself.
RESERVED = frozenset({"company", "lang", "extends"})

#: Units that fields may name in one word, English and Chinese. Currency codes need no entry.
UNIT_WORDS: dict[str, Both] = {
    "calendar month": ("calendar month", "月"),
    "calendar year": ("calendar year", "年"),
    "customers": ("customers", "家"),
    "days": ("days", "天"),
    "deals": ("deals", "单"),
    "draws": ("draws", "次抽样"),
    "hours": ("hours", "小时"),
    "months": ("months", "个月"),
    "people": ("people", "人"),
    "per cent": ("%", "%"),
    "pieces": ("pieces", "件"),
    "points": ("points", "分"),
    "products": ("products", "种"),
    "quarters": ("quarters", "个季度"),
    "rows": ("rows", "行"),
    "seed": ("seed", "随机种子"),
    "share": ("share (0.13 = 13%)", "比例（0.13即13%）"),
    "times": ("×", "倍"),
    "weeks": ("weeks", "周"),
    "years": ("years", "年"),
}


def field(
    default: Any = ...,
    *,
    title: str,
    help: str,
    zh: Both,
    unit: str | Both | None = None,
    step: float | None = None,
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
    choices: Mapping[str, Both] | None = None,
    path: bool = False,
) -> Any:
    """Declare one parameter of a study.

    Parameters
    ----------
    default : any, optional
        Value where none is given; without it the parameter must be given.
    title, help : str
        Label and one-sentence meaning, English.
    zh : (str, str)
        Label and meaning, Chinese.
    unit : str or (str, str), optional
        A word of `UNIT_WORDS`, an ISO 4217 code, or (English, Chinese). Numbers need one.
    step : float, optional
        Step of a control, in the unit. Numbers need one.
    ge, le, gt, lt : float, optional
        Bounds, included or not. Numbers need a lower and an upper one.
    choices : mapping of str to (str, str), optional
        Allowed texts, each with its label in English and Chinese.
    path : bool
        Whether the text names a file or folder (`contract.in_project` finds it); what stands in
        it then decides a run as the value does.

    Raises
    ------
    TypeError
        If a title or help is missing in one of the languages, or the unit is not known.
    """
    texts = (title, help, *zh)
    if len(texts) != 4 or not all(isinstance(text, str) and text.strip() for text in texts):
        raise TypeError(f"parameter {title!r} needs title and help in English and Chinese")
    extra: dict[str, Any] = {
        "zh": list(zh),
        "unit": list(_unit(unit)) if unit is not None else None,
        "step": step,
        "choices": {code: list(both) for code, both in choices.items()} if choices else None,
        "path": path or None,
    }
    return Field(
        default,
        title=title,
        description=help,
        ge=ge,
        le=le,
        gt=gt,
        lt=lt,
        json_schema_extra={key: value for key, value in extra.items() if value is not None},
    )


def _unit(unit: str | Both) -> Both:
    if isinstance(unit, tuple):
        return unit
    if unit in UNIT_WORDS:
        return UNIT_WORDS[unit]
    if len(unit) == 3 and unit.isupper():
        return (unit, unit)
    raise TypeError(f"unit {unit!r} is not known: give (English, Chinese) or one of {UNIT_WORDS}")


def broken_rule(english: str, chinese: str) -> PydanticCustomError:
    """Make the error of a rule between parameters, to be raised in a validator of the model.

    Examples
    --------
    >>> class Cap(Params):
    ...     @model_validator(mode="after")
    ...     def _rises(self) -> Self:
    ...         if self.low >= self.high:
    ...             raise broken_rule("low must lie below high", "low须小于high")
    ...         return self
    """
    return PydanticCustomError("broken_rule", "{english}", {"english": english, "zh": chinese})


def own_words(fault: Mapping[str, Any], lang: Language) -> str:
    """What a rule says of itself; what pydantic says where it is none of ours."""
    if fault["type"] == "broken_rule":
        return lang.pick(fault["ctx"]["english"], fault["ctx"]["zh"])
    return str(fault["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")


class Params(BaseModel):
    """Base of the parameters of every study: frozen, and nothing undeclared is accepted.

    Every field is declared with `field`; a number without bounds, unit and step, or any field
    without both languages, raises a TypeError when the class is made.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Hold each declaration against the rules."""
        for name, info in cls.model_fields.items():
            _check_declared(cls.__name__, name, info)

    @field_validator("*", mode="before")
    @classmethod
    def _no_disguise(cls, value: Any, info: ValidationInfo) -> Any:
        """Refuse what pydantic would turn into something else: true into 1, 20260731 into 1970."""
        kinds = _members(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and bool not in kinds and any(k in _NUMBERS for k in kinds):
            raise PydanticKnownError("int_type" if int in kinds else "float_type")
        digits = isinstance(value, int | float) or (isinstance(value, str) and value.isdigit())
        if digits and dt.date in kinds:
            raise PydanticKnownError("date_type")
        return value

    @field_validator("*", mode="after")
    @classmethod
    def _among_choices(cls, value: Any, info: ValidationInfo) -> Any:
        choices = _extra(cls.model_fields[info.field_name or ""]).get("choices")
        items = value if isinstance(value, list | tuple | set | frozenset) else (value,)
        if choices and any(_code(item) not in (None, *choices) for item in items):
            raise ValueError(f"choose one of {', '.join(choices)}")
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say choices as `enum`; what a declaration adds of its own gets names with `x-`."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        for name, about in schema.get("properties", {}).items():
            own = {word: about.pop(word) for word in _OWN_WORDS if word in about}
            choices = own.pop("choices", None)
            if choices and _is_text(cls.model_fields[name].annotation):
                about["enum"] = [*choices, None] if "anyOf" in about else list(choices)
            elif choices and isinstance(about.get("items"), dict):
                about["items"]["enum"] = list(choices)
            about |= {f"x-{word}": value for word, value in own.items()}
        return schema

    def literals(self) -> dict[str, Any]:
        """Return the values as plain literals: what papermill writes into a notebook."""
        return self.model_dump(mode="json")

    @classmethod
    def declared(cls, lang: Language) -> tuple[Parameter, ...]:
        """Return what is declared of each field, in the language given."""
        return tuple(_parameter(name, info, lang) for name, info in cls.model_fields.items())

    @classmethod
    def among(cls, variables: Mapping[str, Any]) -> Self:
        """Make them of the variables of a notebook, `globals()`, each found by its name.

        Raises
        ------
        ParameterError
            If one of them is not there: the parameters cell has not been run, or lacks it. If one
            is of the wrong kind or out of bounds; in the language of the variable `lang`.
        """
        spoken = variables.get("lang")  # "zh", or the Language made of it
        lang = Language("zh" if getattr(spoken, "code", spoken) == "zh" else "en")
        cell = lang.say("cell tagged parameters")
        lacking = [name for name in cls.model_fields if name not in variables]
        if lacking:
            raise ParameterError(
                lang.say("the notebook has no variable {names}", names=", ".join(lacking)),
                where=cell,
                do=lang.say("run that cell, or add it there"),
            )
        try:
            return cls(**{name: variables[name] for name in cls.model_fields})
        except ValidationError as error:
            messages, advice = zip(*_refusals(cls, error, lang), strict=True)
            raise ParameterError(
                lang.semicolon.join(messages),
                where=cell,
                do=lang.semicolon.join(dict.fromkeys(filter(None, advice))) or None,
            ) from None

    @classmethod
    def paths(cls) -> tuple[str, ...]:
        """Names of the parameters that name a file or folder."""
        return tuple(name for name, info in cls.model_fields.items() if _extra(info).get("path"))

    def describe(self, lang: Language) -> tuple[ParameterRow, ...]:
        """Return the rows of a parameter table: label, value, unit, meaning, bounds."""
        return tuple(
            ParameterRow(
                parameter=parameter,
                value=parameter.written(getattr(self, parameter.name), lang),
                is_default=getattr(self, parameter.name) == parameter.default,
            )
            for parameter in self.declared(lang)
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter in one language.

    Attributes
    ----------
    name, title, help, unit : str
        Name as written in files; label, meaning and unit in the language.
    default : any
        Value where none is given; `...` where one must be given.
    low, high : float or None
        Bounds; `low_open` and `high_open` say that the bound itself is not allowed.
    step : float or None
        Step of a control.
    choices : dict of str to str
        Allowed texts and their labels; empty where free.
    """

    name: str
    title: str
    help: str
    unit: str
    default: Any
    low: float | None
    high: float | None
    low_open: bool
    high_open: bool
    step: float | None
    choices: dict[str, str]

    @property
    def required(self) -> bool:
        """Whether a value must be given."""
        return self.default is ...

    @property
    def grouped(self) -> bool:
        """Whether its thousands are set apart: not in 2027, nor in a seed."""
        return self.unit not in _NAMES

    def bounds(self, lang: Language) -> str:
        """Say what is allowed: "3 to 50", "one of: with VAT, without VAT"; "" where free."""
        if self.choices:
            named = (
                f"{code}{lang.paren(name)}" if name != code else code
                for code, name in self.choices.items()
            )
            return lang.pause.join(named)
        closed = not (self.low_open or self.high_open)
        if self.low is not None and self.high is not None and closed:
            return lang.say("{low} to {high}", low=self._end(self.low), high=self._end(self.high))
        return lang.comma.join(filter(None, [self._above(lang), self._below(lang)]))

    def _above(self, lang: Language) -> str:
        if self.low is None:
            return ""
        say = mark("above {low}") if self.low_open else mark("from {low}")
        return lang.say(say, low=self._end(self.low))

    def _below(self, lang: Language) -> str:
        if self.high is None:
            return ""
        say = mark("below {high}") if self.high_open else mark("up to {high}")
        return lang.say(say, high=self._end(self.high))

    def _end(self, value: float) -> str:
        return _digits(value) if self.grouped else f"{value:.10g}"

    def written(self, value: Any, lang: Language) -> str:
        """Write a value for people; a missing one is –."""
        if value is None or value is ...:
            return "–"
        if isinstance(value, bool):
            return lang.say("yes") if value else lang.say("no")
        if isinstance(value, (list, tuple, set, frozenset)):
            return lang.pause.join(self.written(item, lang) for item in value) or "–"
        if isinstance(value, float):
            return _digits(value)
        if isinstance(value, (int, Decimal)):
            return (f"{value:,}" if self.grouped else str(value)).replace("-", "−")
        value = value.value if isinstance(value, Enum) else value
        return self.choices.get(str(value), str(value))


#: Units of whole numbers that name something and count nothing.
_NAMES = {word for unit in ("calendar year", "seed") for word in UNIT_WORDS[unit]}


def _digits(value: float) -> str:
    return f"{value:,.10g}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """One row of a parameter table: the declaration, the value as written, whether it is usual."""

    parameter: Parameter
    value: str
    is_default: bool


def _refusals(
    model: type[Params], error: ValidationError, lang: Language
) -> Iterator[tuple[str, str]]:
    """What is wrong with each parameter, and what is allowed; "" where a rule says it all."""
    declared = {parameter.name: parameter for parameter in model.declared(lang)}
    for fault in error.errors():
        own = own_words(fault, lang)
        parameter = declared.get(str(fault["loc"][0])) if fault["loc"] else None
        if parameter is None:  # a rule between parameters
            yield own, ""
            continue
        message = lang.say(
            "{title} ({name}) cannot be {value}",
            title=parameter.title,
            name=parameter.name,
            value=repr(fault["input"]),
        )
        yield message, lang.say("allowed: {what}", what=parameter.bounds(lang) or own)


# -- checks and readings of declarations --------------------------------------------------------


_NUMBERS = (int, float, Decimal)
_OWN_WORDS = ("zh", "unit", "step", "choices", "path")


def _code(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _extra(info: FieldInfo) -> dict[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}


def _bounds(info: FieldInfo) -> dict[str, Any]:
    found = {}
    for name in ("ge", "gt", "le", "lt"):
        values = [getattr(m, name) for m in info.metadata if getattr(m, name, None) is not None]
        found[name] = values[0] if values else None
    return found


def _check_declared(owner: str, name: str, info: FieldInfo) -> None:
    place, extra, bounds = f"{owner}.{name}", _extra(info), _bounds(info)
    if name in RESERVED:
        raise TypeError(f"{place}: a notebook or params file needs this name; choose another")
    if not (info.title and info.description and extra.get("zh")):
        raise TypeError(f"{place} is not declared with field(): title, help and zh are missing")
    choices, allowed = extra.get("choices"), _codes(info.annotation)
    if choices and allowed and set(choices) != set(allowed):
        raise TypeError(f"{place}: choices {list(choices)} are not those of its type {allowed}")
    if _is_number(info.annotation):
        absent = [word for word in ("unit", "step") if extra.get(word) is None]
        absent += ["ge or gt"] * (bounds["ge"] is None and bounds["gt"] is None)
        absent += ["le or lt"] * (bounds["le"] is None and bounds["lt"] is None)
        if absent:
            raise TypeError(f"{place} is a number and needs {', '.join(absent)}")


def _is_number(annotation: Any) -> bool:
    return any(item in _NUMBERS for item in _members(annotation))


def _is_text(annotation: Any) -> bool:
    return str in _members(annotation) or bool(_codes(annotation))


def _codes(annotation: Any) -> tuple[str, ...]:
    """Texts that the type itself allows: of a Literal or an Enum."""
    enums = (m for m in _members(annotation) if isinstance(m, type) and issubclass(m, Enum))
    return (*_literals(annotation), *(str(item.value) for enum in enums for item in enum))


def _literals(annotation: Any) -> tuple[str, ...]:
    return tuple(
        text for item in _members(annotation) for text in get_args(item) if isinstance(text, str)
    )


def _members(annotation: Any) -> tuple[Any, ...]:
    """Take ``X | None`` apart; any other type stands for itself."""
    union = get_origin(annotation) in (Union, UnionType)
    return get_args(annotation) if union else (annotation,)


def _parameter(name: str, info: FieldInfo, lang: Language) -> Parameter:
    extra, bounds = _extra(info), _bounds(info)
    zh = extra.get("zh", [info.title, info.description])
    choices = extra.get("choices") or {code: (code, code) for code in _codes(info.annotation)}
    return Parameter(
        name=name,
        title=lang.pick(str(info.title), zh[0]),
        help=lang.pick(str(info.description), zh[1]),
        unit=lang.pick(*extra["unit"]) if extra.get("unit") else "",
        default=... if info.is_required() else info.get_default(call_default_factory=True),
        low=bounds["ge"] if bounds["ge"] is not None else bounds["gt"],
        high=bounds["le"] if bounds["le"] is not None else bounds["lt"],
        low_open=bounds["gt"] is not None,
        high_open=bounds["lt"] is not None,
        step=extra.get("step"),
        choices={code: lang.pick(*both) for code, both in choices.items()},
    )
