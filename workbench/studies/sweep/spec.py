"""What a sweep file asks for: `sweeps/NAME.yaml`, typed and checked before anything runs.

    study: sales_analysis
    mode: compute                  # results only; notebook: a full report of each run
    vary:
      regions: [[east], [north], [south]]
      span: [ytd, rolling12]

One study may stand at the top; several are blocks under `studies:`. Which points that makes:
`designs.py`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from workbench.errors import ParameterError
from workbench.studies.parameters import Given, read_file
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
            raise ValueError("`from` lies below `to`")
        if self.scale == "log" and self.low <= 0:
            raise ValueError("a logarithmic range lies above 0")
        return self


class Block(_Model):
    """One study and the points at which it is run."""

    study: str
    params: str | None = Field(None, description="Params file; params/STUDY/base.yaml if empty.")
    set: dict[str, Any] = Field(default_factory=dict, description="Parameters alike in all runs.")
    design: Design | None = Field(None, description="grid, or list where cases are given.")
    vary: dict[str, list[Any] | Range] = Field(
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
        if self.kind == "list" and self.vary:
            raise ValueError("`vary` and `cases` exclude each other")
        if self.kind != "list" and self.cases:
            raise ValueError("`cases` belong to the design list")
        if self.kind == "list" and not self.cases:
            raise ValueError("the design list needs `cases`")
        if self.kind in SAMPLES | {"one_at_a_time"} and not self.vary:
            raise ValueError("the design needs `vary`")
        if self.kind in SAMPLES and self.size is None:
            raise ValueError("a sample needs its `size`")
        if empty := next((name for name, levels in self.vary.items() if levels == []), None):
            raise ValueError(f"{empty} varies over no value")
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
    values = dict(given.values)
    shared = {key: values.pop(key) for key in list(values) if key in _OF_SWEEP}
    blocks = values.pop("studies", None)
    if blocks is None:
        blocks, values = [values], {}
    try:
        spec = SweepSpec.model_validate({"name": path.stem, "blocks": blocks} | shared | values)
    except ValidationError as error:
        raise _told(error, path, given, lang) from error
    return SweepFile(path, spec, given)


_OF_SWEEP = frozenset(SweepSpec.model_fields) - {"blocks"}
_KNOWN = sorted({*_OF_SWEEP, *Block.model_fields, "studies", "from", "to", "steps", "scale"})


def _told(error: ValidationError, path: Path, given: Given, lang: Language) -> ParameterError:
    faults = list(_readable(error.errors()))
    messages, places, advice = [], [], []
    for fault in faults:
        keys = [str(part) for part in fault["loc"]]
        name = next((key for key in reversed(keys) if key in _KNOWN or not key.isdigit()), "?")
        places.append(_place(keys, path, given))
        if fault["type"] == "extra_forbidden":
            messages.append(lang.say("{name} is nothing a sweep file knows", name=name))
            near = difflib.get_close_matches(name, _KNOWN, n=1, cutoff=0.5)
            advice.append(
                lang.say("did you mean {name}?", name=near[0])
                if near
                else lang.say("use one of: {names}", names=lang.join(_KNOWN, last="or"))
            )
        elif fault["type"] == "missing":
            messages.append(lang.say("{name} is missing in the sweep file", name=name))
            advice.append(lang.say("docs/studies.md shows how one is written"))
        else:
            messages.append(lang.say("{name} of the sweep file does not hold", name=name))
            advice.append(str(fault["msg"]).removeprefix("Value error, "))
    return ParameterError(
        lang.semicolon.join(dict.fromkeys(messages)),
        where=lang.semicolon.join(dict.fromkeys(places)),
        do=lang.semicolon.join(dict.fromkeys(advice)),
    )


def _readable(faults: list[Any]) -> Iterator[Mapping[str, Any]]:
    """Of a value that may be a list or a range, tell the fault of the one that was meant."""
    for fault in faults:
        ranged = fault["loc"] and fault["loc"][-1] == "list[any]"
        if not (ranged and any("Range" in other["loc"] for other in faults)):
            yield fault


def _place(keys: list[str], path: Path, given: Given) -> str:
    """File and line of the key; a sweep of one study has its block at the top."""
    several = "studies" in given.values
    if keys[:1] == ["blocks"]:
        keys = ["studies", *keys[1:]] if several else keys[2:]
    for depth in range(len(keys), 0, -1):
        if tuple(keys[:depth]) in given.places:
            return given.places[tuple(keys[:depth])]
    return path.name
