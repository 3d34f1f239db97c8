"""What a KPI is, and the dictionary of the forty: read from the files beside this one.

`kpis.csv` holds the facts (names, formulas, unit, grain, direction, notes), `rows/*.sql` the
populations, `formulas.yaml` how each figure is made of them. An analyst reads and changes those;
nothing about a single KPI stands in Python, but for the few that compare others (`growth.py`,
`targets.py`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from workbench.kpis.rows import ROWS, Rows

FOLDER = Path(__file__).parent
Both = tuple[str, str]

TIME_CUTS = ("month", "quarter", "year")
ORGANISATION_CUTS = ("region", "team_id", "rep_id")

UNITS: Mapping[str, Both] = MappingProxyType(
    {
        "money": ("money", "金额"),
        "money_per_person": ("money per person", "人均金额"),
        "rate": ("%", "%"),
        "points": ("percentage points", "百分点"),
        "ratio": ("ratio", "倍"),
        "count": ("count", "个"),
        "days": ("days", "天"),
    }
)
"""Units of KPIs. Rates and points are stored as shares: 0.082 is 8.2% or 8.2 points."""

# KPIs made of another one take its cuts, but for what they themselves cannot tell apart.
DERIVED_CUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "growth_on_year": (),  # empty: whatever the KPI compared allows
        "growth_on_previous": (),
        "attainment": (*TIME_CUTS, *ORGANISATION_CUTS, "product_line", "channel"),
        "pacing_gap": (*ORGANISATION_CUTS, "product_line", "channel"),
        "coverage": (*TIME_CUTS, *ORGANISATION_CUTS),
    }
)
DERIVED_TABLES = {"attainment": "target", "pacing_gap": "target", "coverage": "target"}


def pick(both: Both, lang: object) -> str:
    """English or Chinese of a pair; `lang` is "en", "zh" or a `Language`."""
    return both[1] if str(getattr(lang, "code", lang)).startswith("zh") else both[0]


@dataclass(frozen=True, slots=True)
class Part:
    """Sums over the rows of one population.

    Attributes
    ----------
    rows : str
        Name of the population (`ROWS`).
    window : {"period", "year", "months", "balance", "standing"}
        Which days count, as explained in `formulas.yaml`.
    laps : int
        2 adds the window before.
    where : str
        Condition in SQL, or "".
    attributes : tuple of str
        Columns of `account` to have beside the rows.
    per : str
        Expressions that the rows are brought together by before they are counted, or "".
    each : dict of str to str
        Measures of each `per`.
    numerator, denominator, value : str
        Aggregates in SQL; "" for none.
    own : Rows or None
        A population of the company's own, in place of one of `ROWS`.
    """

    rows: str
    window: str = "period"
    laps: int = 1
    where: str = ""
    attributes: tuple[str, ...] = ()
    per: str = ""
    each: Mapping[str, str] = field(default_factory=dict)
    numerator: str = ""
    denominator: str = ""
    value: str = ""
    own: Rows | None = None

    @property
    def population(self) -> Rows:
        """Declaration of its rows."""
        return self.own or ROWS[self.rows]


@dataclass(frozen=True, slots=True)
class Definition:
    """One of the ways in use to compute a KPI.

    Attributes
    ----------
    number : int
        1, 2 or 3; figures print the formula of the one used.
    formulas : (str, str)
        In words, English and Chinese.
    parts : tuple of Part
        Their numerators and denominators are added up.
    inputs : dict of str to Part
        Where `sql` is given: the relations it reads.
    sql : str
        A query over the inputs, or "".
    derived : str
        "attainment", "growth_on_year" ... for KPIs made of others, else "".
    times : float
        Factor of the ratio.
    direction : str
        Where it differs from that of the KPI, else "".
    followed : bool
        Whether what began in the period is followed up to the last day of the data, not only
        to the end of the period.
    without : tuple of str
        Cuts that the rows would allow but the figure does not.
    """

    number: int
    formulas: Both
    parts: tuple[Part, ...] = ()
    inputs: Mapping[str, Part] = field(default_factory=dict)
    sql: str = ""
    derived: str = ""
    times: float = 1.0
    direction: str = ""
    followed: bool = False
    without: tuple[str, ...] = ()

    @property
    def all_parts(self) -> tuple[Part, ...]:
        """Parts and inputs."""
        return (*self.parts, *self.inputs.values())

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables it cannot do without."""
        if self.derived:
            return tuple(filter(None, [DERIVED_TABLES.get(self.derived)]))
        names = {name for part in self.all_parts for name in part.population.tables}
        names |= {"account" for part in self.all_parts if part.attributes}
        return tuple(sorted(names))

    @property
    def optional(self) -> tuple[str, ...]:
        """Tables that are used where they are there."""
        names = {name for part in self.all_parts for name in part.population.optional}
        return tuple(sorted(names - set(self.tables)))

    @property
    def cuts(self) -> tuple[str, ...]:
        """Cuts allowed, times first."""
        if self.derived:
            allowed = DERIVED_CUTS[self.derived]
        else:
            shared = [part.population.cuts for part in self.all_parts]
            common = [cut for cut in shared[0] if all(cut in other for other in shared)]
            allowed = (*TIME_CUTS, *common)
        return tuple(cut for cut in allowed if cut not in self.without)

    @property
    def asks_the_day(self) -> bool:
        """Whether it says `{as_of}`, the last day seen, somewhere."""
        texts = [self.sql]
        for part in self.all_parts:
            rows = part.population
            texts += [part.where, part.per, part.numerator, part.denominator, part.value]
            texts += [*part.each.values(), rows.sql, *(ROWS[name].sql for name in rows.uses)]
        return any("{as_of}" in text for text in texts)

    @property
    def is_ratio(self) -> bool:
        """Whether it has a denominator."""
        return bool(self.sql or self.derived) or any(part.denominator for part in self.parts)


@dataclass(frozen=True, slots=True)
class Kpi:
    """One entry of the KPI dictionary.

    Attributes
    ----------
    id : str
        English snake_case.
    names, grains, notes : (str, str)
        Name; what one row of the population is; what to mind. English and Chinese.
    unit : str
        A key of `UNITS`.
    direction : {"up", "down", "context", "band"}
        Which way is better; "band": inside the limits of `band`.
    band : (float, float) or None
        Limits, in the KPI's unit.
    tax_basis : {"incl", "excl"} or None
        Basis of the money it is, or is made of; None where there is no money.
    definitions : dict of int to Definition
        1 is the usual one.
    default : int
        The definition used unless another is asked for.
    """

    id: str
    names: Both
    unit: str
    direction: str
    definitions: Mapping[int, Definition]
    grains: Both = ("", "")
    notes: Both = ("", "")
    band: tuple[float, float] | None = None
    tax_basis: str | None = None
    default: int = 1

    def name(self, lang: object = "en") -> str:
        """Name in the language given."""
        return pick(self.names, lang)

    def formula(self, lang: object = "en", definition: int | None = None) -> str:
        """Formula in words of a definition; the default one if none is given."""
        return pick(self.definitions[definition or self.default].formulas, lang)

    def note(self, lang: object = "en") -> str:
        """What to mind when reading it."""
        return pick(self.notes, lang)

    def grain(self, lang: object = "en") -> str:
        """What one row of the population is."""
        return pick(self.grains, lang)

    def unit_label(self, lang: object = "en") -> str:
        """Unit, in words."""
        return pick(UNITS[self.unit], lang)

    def population(self, lang: object = "en", definition: int | None = None) -> str:
        """Which rows are counted, in words; "" for KPIs made of others."""
        parts = self.definitions[definition or self.default].all_parts
        texts = dict.fromkeys(pick(part.population.titles, lang) for part in parts)
        return pick(("; ", "；"), lang).join(texts)


def parse_definition(number: int, formulas: Both, spec: Any) -> Definition:
    """A definition from its entry in `formulas.yaml` or `company.yaml`."""
    parts = spec if isinstance(spec, list) else [spec]
    first = parts[0]
    named = ("times", "direction", "followed", "derived")
    options = {name: first[name] for name in named if name in first}
    options["without"] = tuple(first.get("without", ()))
    if "derived" in first:
        return Definition(number, formulas, **options)
    if "sql" in first:
        inputs = {name: _part(part) for name, part in first["inputs"].items()}
        return Definition(number, formulas, inputs=inputs, sql=first["sql"], **options)
    return Definition(number, formulas, parts=tuple(map(_part, parts)), **options)


def _part(spec: Mapping[str, Any]) -> Part:
    known = {name: value for name, value in spec.items() if name in Part.__slots__}
    known["attributes"] = tuple(spec.get("with", ()))
    return Part(**known)


@lru_cache(maxsize=1)
def dictionary() -> Mapping[str, Kpi]:
    """The forty KPIs by id, in the order of the file."""
    text = (FOLDER / "formulas.yaml").read_text(encoding="utf-8")
    recipes = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    with (FOLDER / "kpis.csv").open(encoding="utf-8", newline="") as lines:
        facts = list(csv.DictReader(lines))
    return MappingProxyType({row["kpi_id"]: _kpi(row, recipes[row["kpi_id"]]) for row in facts})


def _kpi(row: Mapping[str, str], recipe: Mapping[Any, Any]) -> Kpi:
    direction, _, limits = row["direction"].partition(" ")
    band = tuple(map(float, limits.split("-"))) if limits else None
    return Kpi(
        id=row["kpi_id"],
        names=(row["name_en"], row["name_zh"]),
        unit=row["unit"],
        direction=direction,
        definitions=MappingProxyType(dict(_definitions(row, recipe))),
        grains=(row["grain_en"], row["grain_zh"]),
        notes=(row["note_en"], row["note_zh"]),
        band=(band[0], band[1]) if band else None,
        tax_basis=row["tax_basis"] or None,
    )


def _definitions(
    row: Mapping[str, str], recipe: Mapping[Any, Any]
) -> Iterator[tuple[int, Definition]]:
    for number in (1, 2, 3):
        suffix = "" if number == 1 else str(number)
        formulas = (row[f"formula{suffix}_en"], row[f"formula{suffix}_zh"])
        if formulas[0]:
            yield number, parse_definition(number, formulas, recipe[number])
