"""What a sweep file asks for: `sweeps/NAME.yaml`, typed and checked before anything runs.

    study: sales_analysis
    mode: compute                  # results only; notebook: a full report of each run
    vary:
      regions: [[east], [north], [south]]
      span: [ytd, rolling12]

One study may stand at the top; several are blocks under `studies:`. Which points that makes:
`designs.py`; how what is wrong with it is told: `spec_faults.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from workbench.errors import ParameterError
from workbench.params import broken_rule
from workbench.studies.parameters import Given, read_file
from workbench.studies.sweep.spec_faults import Names, beside_studies, not_valid
from workbench.text import Language

Design = Literal["grid", "list", "latin", "sobol", "one_at_a_time", "sensitivity"]
Mode = Literal["compute", "notebook"]

#: Designs that draw a sample; they need a size.
SAMPLES = frozenset({"latin", "sobol", "sensitivity"})


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Model):
    """A range of a number, as in ``{from: 0.05, to: 0.2, steps: 4}``."""

    low: float = Field(alias="from", description="Lower end, included.")
    high: float = Field(alias="to", description="Upper end, included.")
    steps: int | None = Field(None, ge=2, le=10_000, description="Levels, where levels are needed.")
    scale: Literal["linear", "log"] = Field("linear", description="Even steps, or even ratios.")

    @model_validator(mode="after")
    def _rises(self) -> Range:
        if not self.low < self.high:
            raise broken_rule("`from` lies below `to`", "from须小于to")
        if self.scale == "log" and self.low <= 0:
            raise broken_rule("a logarithmic range lies above 0", "对数范围须大于0")
        return self


def _form(given: Any) -> str:
    """What the values of a parameter were meant as; decides whose fault is told."""
    return "range" if isinstance(given, dict | Range) else "levels"


#: Values of a parameter: a list of them, or a range.
Levels = Annotated[
    Annotated[list[Any], Field(min_length=1), Tag("levels")] | Annotated[Range, Tag("range")],
    Discriminator(_form),
]


class Block(_Model):
    """One study and the points at which it is run."""

    study: str
    params: str | None = Field(None, description="Params file; params/STUDY/base.yaml if empty.")
    set: dict[str, Any] = Field(default_factory=dict, description="Parameters alike in all runs.")
    design: Design | None = Field(None, description="grid, or list where cases are given.")
    vary: dict[str, Levels] = Field(
        default_factory=dict, description="Parameter to its values or range."
    )
    cases: list[dict[str, Any]] = Field(
        default_factory=list, description="Points of a list: parameters to values."
    )
    size: int | None = Field(None, ge=2, le=1_000_000, description="Points of a sample.")
    seed: int = Field(1, ge=0, description="Of the sample, not of the study.")
    replicates: int = Field(
        1, ge=1, le=100_000, description="Runs of each point, each with its own seed."
    )

    @property
    def kind(self) -> Design:
        """The design, also where none is named."""
        return self.design or ("list" if self.cases else "grid")

    @model_validator(mode="after")
    def _whole(self) -> Block:
        if self.cases and self.vary:
            raise broken_rule("`vary` and `cases` exclude each other", "vary与cases只能用其一")
        if self.kind != "list" and self.cases:
            raise broken_rule("`cases` belong to the design list", "cases只用于design: list")
        if self.kind == "list" and not self.cases:
            raise broken_rule("the design list needs `cases`", "design: list须给出cases")
        if self.kind in SAMPLES | {"one_at_a_time"} and not self.vary:
            raise broken_rule(
                f"the design {self.kind} needs `vary`", f"design: {self.kind}须给出vary"
            )
        if self.kind in SAMPLES and self.size is None:
            raise broken_rule("a sample needs its `size`", "抽样须给出size")
        if twice := next((name for name in self.set if name in self.vary), None):
            raise broken_rule(
                f"{twice} stands both in `set` and in `vary`", f"{twice}同时写在set与vary中"
            )
        return self


class SweepSpec(_Model):
    """A sweep file, whole."""

    name: str
    blocks: tuple[Block, ...]
    mode: Mode = "compute"
    company: str | None = None
    lang: Literal["en", "zh"] | None = None
    tables: tuple[str, ...] = Field((), description="Result tables kept of each run.")
    objectives: dict[str, Literal["max", "min"]] = Field(
        default_factory=dict, description="Key figures judged, and which way is better."
    )
    time_limit: float | None = Field(None, gt=0, description="Seconds a run may take.")
    memory_limit_mb: float | None = Field(None, gt=0, description="Memory a run may take, MB.")
    retries: int = Field(1, ge=0, le=10, description="New attempts after a worker has crashed.")


@dataclass(frozen=True, slots=True)
class SweepFile:
    """A sweep file that has been read.

    Attributes
    ----------
    path : Path
    spec : SweepSpec
    given : Given
        Values as written and the line of each key.
    """

    path: Path
    spec: SweepSpec
    given: Given

    def place(self, block: int, *keys: str) -> str:
        """Where a key of a block was written: file and line."""
        several = "studies" in self.given.values
        path = ("studies", str(block), *keys) if several else keys
        for depth in range(len(path), 0, -1):
            if path[:depth] in self.given.places:
                return self.given.places[path[:depth]]
        return self.path.name


def read_sweep(path: Path, lang: Language) -> SweepFile:
    """Read and check a sweep file.

    Raises
    ------
    ParameterError
        If there is no such file, it is no YAML, or anything in it is unknown or out of bounds.
    """
    if not path.is_file():
        raise ParameterError(
            lang.say("there is no sweep file in this place"),
            where=str(path),
            do=lang.say("name an existing file; docs/studies.md shows how one is written"),
        )
    given = read_file(path, lang)
    shared = {key: value for key, value in given.values.items() if key in _OF_SWEEP}
    rest = {key: value for key, value in given.values.items() if key not in _OF_SWEEP}
    names = Names(of_sweep=_OF_SWEEP, of_block=tuple(Block.model_fields), of_range=_OF_RANGE)
    blocks = rest.pop("studies", None)
    if blocks is None:
        blocks, rest = [rest], {}
    if rest:
        raise beside_studies(rest, path.name, given, names, lang)
    try:
        spec = SweepSpec.model_validate({"name": path.stem, "blocks": blocks, **shared})
    except ValidationError as error:
        raise not_valid(error, path.name, given, names, lang) from error
    return SweepFile(path, spec, given)


_OF_SWEEP = tuple(name for name in SweepSpec.model_fields if name not in ("name", "blocks"))
_OF_RANGE = tuple(info.alias or name for name, info in Range.model_fields.items())
