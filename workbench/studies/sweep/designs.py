"""The points of a sweep: from what a file asks for to the cases to run, all of them checked.

A point is a set of values of the varied parameters. Grids list every combination, the last
parameter varying fastest; samples fill the ranges evenly (`scenarios.uniforms`) and map through
each parameter's range, so that design and parameters vary independently.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from annotated_types import Ge, Gt, Le, Lt

from workbench.contract import Params, Study
from workbench.errors import ParameterError, ProjectError
from workbench.studies import registry
from workbench.studies.manifest import named_files
from workbench.studies.parameters import Given, checked, merged, read_file
from workbench.studies.project import Project
from workbench.studies.sweep.cases import Case
from workbench.studies.sweep.spec import SAMPLES, Block, Range, SweepFile
from workbench.text import Language

if TYPE_CHECKING:
    import numpy as np

#: More runs than this are a slip in a grid rather than a plan.
MOST = 1_000_000

#: Rules that every study has.
_OF_ALL = frozenset(Params.__pydantic_decorators__.field_validators)

Point = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Designed:
    """All cases of a sweep.

    Attributes
    ----------
    cases : list of Case
        In order of number.
    studies : dict of str to Study
        The studies run, by name.
    """

    cases: list[Case]
    studies: dict[str, Study]


def design(
    file: SweepFile, *, project: Project, base: Callable[[Study], Mapping[str, Any]], lang: Language
) -> Designed:
    """Lay out a sweep file into cases.

    Parameters
    ----------
    file : SweepFile
    project : Project
        Where params files and own studies are.
    base : callable
        From a study to all but the parameters that can change a number of its cases: code, data,
        lock; hashed into each key.
    lang : Language
        Of errors.

    Raises
    ------
    ParameterError
        If a parameter is unknown or a value out of bounds at any point; nothing has run yet.
    ProjectError
        If there is no study of a name.
    """
    cases: list[Case] = []
    known: dict[str, Study] = {}
    for number, block in enumerate(file.spec.blocks):
        study = known.get(block.study) or _study(file, number, project, lang)
        known[study.name] = study
        whole = _Block(file, number, block, study, project, lang)
        key, paths = _keys(base(study)), study.params.paths()
        cases += [
            Case(
                number=len(cases) + place,
                block=number,
                point=point,
                replicate=replicate,
                study=study.name,
                params=params,
                varied=varied,
                key=key(params, named_files(paths, params, project)),
            )
            for place, (point, replicate, params, varied) in enumerate(whole.cases())
        ]
    return Designed(cases=cases, studies=known)


def _study(file: SweepFile, block: int, project: Project, lang: Language) -> Study:
    try:
        return registry.card(file.spec.blocks[block].study, project, lang).load()
    except ProjectError as error:
        error.where = error.where or file.place(block, "study")
        raise


def points(block: Block, params: Mapping[str, Any], whole: frozenset[str]) -> Iterator[Point]:
    """Points of a block's design, in order.

    Parameters
    ----------
    block : Block
    params : mapping
        Values of all parameters that the points depart from.
    whole : frozenset of str
        Parameters that are whole numbers.
    """
    if block.kind == "list":
        yield from (dict(case) for case in block.cases)
    elif block.kind == "grid":
        levels = [_levels(name, given, whole) for name, given in block.vary.items()]
        yield from (
            dict(zip(block.vary, values, strict=True)) for values in itertools.product(*levels)
        )
    elif block.kind == "one_at_a_time":
        yield {name: params[name] for name in block.vary if name in params}
        for name, given in block.vary.items():
            for value in _levels(name, given, whole):
                if value != params.get(name):
                    yield {name: value}
    else:
        yield from _sample(block, whole)


def count(block: Block) -> int:
    """Runs a block asks for, without laying them out."""
    if block.kind == "list":
        found = len(block.cases)
    elif block.kind in ("latin", "sobol"):
        found = int(block.size or 0)
    elif block.kind == "sensitivity":
        found = int(block.size or 0) * (len(block.vary) + 2)
    else:
        each = [given.steps or 2 if isinstance(given, Range) else len(given)
                for given in block.vary.values()]  # fmt: skip
        found = 1 + sum(each)
        if block.kind == "grid":
            found = 1
            for levels in each:
                found *= levels
    return found * block.replicates


# -- one block ----------------------------------------------------------------------------------


class _Block:
    """One block on its way to cases: base values, points, replicates, each checked."""

    def __init__(
        self, file: SweepFile, number: int, block: Block, study: Study, project: Project,
        lang: Language,
    ) -> None:  # fmt: skip
        self.file, self.number, self.block = file, number, block
        self.study, self.lang = study, lang
        self._refuse_too_many()
        self._refuse_unknown()
        self._refuse_levels()
        self.below = self._below(project)

    def cases(self) -> Iterator[tuple[int, int | None, dict[str, Any], Point]]:
        """Point, replicate, all parameters and those varied, for each case in order."""
        start = self._checked({}) if self._complete() else {}
        for number, (params, varied) in enumerate(self._points(start)):
            if self.block.replicates == 1:
                yield number, None, params, varied
                continue
            seed = params["seed"]
            if number == 0:  # the seeds are the same at every point
                self._checked(varied | {"seed": seed + self.block.replicates - 1}, "replicates")
            for replicate in range(self.block.replicates):
                own = {"seed": seed + replicate}
                yield number, replicate, params | own, varied | own

    def _points(self, start: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Point]]:
        """All parameters and the varied ones of each point, checked."""
        whole = _whole_numbers(self.study)
        if start and self.block.kind != "list" and self._by_themselves():
            # each value holds by itself, so that every combination of them does
            for point in points(self._values_checked(whole), start, whole):
                yield start | point, point
            return
        for number, point in enumerate(points(self.block, start, whole)):
            keys = ("cases", str(number)) if self.block.kind == "list" else ("vary",)
            params = self._checked(point, *keys)
            yield params, {name: params[name] for name in point}

    def _by_themselves(self) -> bool:
        """Whether values can be checked one by one; of a range that is sampled, its ends alone."""
        sampled = self.block.kind in SAMPLES
        ranges = [name for name, given in self.block.vary.items() if isinstance(given, Range)]
        return _independent(self.study) and not (
            sampled and any(not _bounded_only(self.study, name) for name in ranges)
        )

    def _values_checked(self, whole: frozenset[str]) -> Block:
        """The block with each value of each parameter as the study takes it."""
        vary: dict[str, list[Any] | Range] = {}
        for name, given in self.block.vary.items():
            if isinstance(given, Range) and self.block.kind in SAMPLES:
                for end in (given.low, given.high):
                    self._checked({name: int(end) if name in whole else end}, "vary")
                vary[name] = given
            else:
                levels = _levels(name, given, whole)
                vary[name] = [self._checked({name: level}, "vary")[name] for level in levels]
        return self.block.model_copy(update={"vary": vary})

    def _below(self, project: Project) -> Given:
        """Values that all points share: of the params file and of `set`."""
        named = project.params / self.study.name / "base.yaml"
        if self.block.params is not None:
            named = _found(Path(self.block.params), self.file.path.parent, project.root)
        given = Given()
        if self.block.params is not None or named.is_file():
            given = read_file(named, self.lang)
        return merged(given, self._at(self.block.set, "set"))

    def _complete(self) -> bool:
        """Whether the parameters hold without a point; a required one may only be varied."""
        fields = self.study.params.model_fields
        return all(
            not info.is_required() or name in self.below.values for name, info in fields.items()
        )

    def _checked(self, point: Point, *keys: str) -> dict[str, Any]:
        given = merged(self.below, self._at(point, *keys)) if point else self.below
        return checked(self.study, given, self.lang).literals()

    def _at(self, values: Mapping[str, Any], *keys: str) -> Given:
        places: dict[tuple[str, ...], str] = {
            (name,): self.file.place(self.number, *keys, name) for name in values
        }
        return Given(dict(values), places)

    def _refuse_too_many(self) -> None:
        if (runs := count(self.block)) > MOST:
            raise ParameterError(
                self.lang.say("the sweep asks for {n} runs", n=f"{runs:,}"),
                where=self.file.place(self.number, "vary"),
                do=self.lang.say("take fewer values, or a sample: design latin or sobol"),
            )

    def _refuse_unknown(self) -> None:
        """Point at names no parameter has, and at replicates of a study that draws nothing."""
        fields = self.study.params.model_fields
        if unknown := [name for name in self.block.vary if name not in fields]:
            checked(self.study, self._at({unknown[0]: None}, "vary"), self.lang)
        varied = {*self.block.vary, *(name for case in self.block.cases for name in case)}
        if self.block.replicates > 1 and ("seed" not in fields or "seed" in varied):
            raise ParameterError(
                self.lang.say("the runs of a point cannot differ by their seed"),
                where=self.file.place(self.number, "replicates"),
                do=self.lang.say("replicates need a parameter seed that is not varied itself"),
            )

    def _refuse_levels(self) -> None:
        """A grid needs levels: of a range, its steps."""
        if self.block.kind not in ("grid", "one_at_a_time"):
            return
        for name, given in self.block.vary.items():
            if isinstance(given, Range) and given.steps is None:
                raise ParameterError(
                    self.lang.say("{name} has a range without steps", name=name),
                    where=self.file.place(self.number, "vary", name),
                    do=self.lang.say("give steps, or take a sample: design latin or sobol"),
                )


def _found(path: Path, *folders: Path) -> Path:
    """The file as named from one of the folders; the first where there is none."""
    fitting = [folder / path for folder in folders]
    return next((each for each in fitting if each.is_file()), fitting[0])


def _whole_numbers(study: Study) -> frozenset[str]:
    """Names of the parameters that take whole numbers only."""
    fields = study.params.model_fields.items()
    kinds = {name: get_args(info.annotation) or (info.annotation,) for name, info in fields}
    return frozenset(name for name, kind in kinds.items() if int in kind and float not in kind)


def _independent(study: Study) -> bool:
    """Whether each parameter is judged by itself: no rule of the study reads two of them."""
    rules = study.params.__pydantic_decorators__
    own = [name for name in rules.field_validators if name not in _OF_ALL]
    return not (own or rules.model_validators or rules.root_validators or rules.validators)


def _bounded_only(study: Study, name: str) -> bool:
    """Whether a parameter is a number that is held by its bounds alone: what lies between holds."""
    info = study.params.model_fields[name]
    kinds = set(get_args(info.annotation) or (info.annotation,)) - {type(None)}
    bounds = all(isinstance(rule, (Ge, Gt, Le, Lt)) for rule in info.metadata)
    return kinds <= {int, float} and bounds


def _keys(base: Mapping[str, Any]) -> Callable[[Mapping[str, Any], Mapping[str, str]], str]:
    """From parameters, in the order of their declaration, and the files they name to a key."""
    shared = hashlib.sha256(json.dumps(base, sort_keys=True, ensure_ascii=False).encode())

    def key(params: Mapping[str, Any], files: Mapping[str, str]) -> str:
        own = shared.copy()
        own.update(repr(params).encode())  # of literals: exact, and quicker than JSON
        if files:
            own.update(repr(files).encode())
        return own.hexdigest()[:16]

    return key


# -- values -------------------------------------------------------------------------------------


def _levels(name: str, given: Sequence[Any] | Range, whole: frozenset[str]) -> list[Any]:
    if not isinstance(given, Range):
        return list(given)
    import numpy as np

    spaced = np.geomspace if given.scale == "log" else np.linspace
    values = spaced(given.low, given.high, given.steps or 2)
    if name in whole:
        return [int(value) for value in dict.fromkeys(np.rint(values).tolist())]
    return [float(f"{value:.12g}") for value in values]  # 0.3, not 0.30000000000000004


def _sample(block: Block, whole: frozenset[str]) -> Iterator[Point]:
    """Points of a sample: even in the unit cube, mapped by each parameter's range."""
    cube = _cube(block)
    columns = {
        name: _quantile(given, name in whole)(cube[:, place])
        for place, (name, given) in enumerate(block.vary.items())
    }
    for values in zip(*columns.values(), strict=True):
        yield dict(zip(columns, values, strict=True))


def _cube(block: Block) -> np.ndarray:
    """Points in the unit cube, shape (points, parameters).

    For sensitivity the matrices A, B and, for each parameter, A with its column from B, one below
    the other (Saltelli et al., 2010, Computer Physics Communications 181, 259-270).
    """
    import numpy as np

    from workbench.scenarios import uniforms

    size, width = int(block.size or 0), len(block.vary)
    method: Literal["latin", "sobol"] = "latin" if block.kind == "latin" else "sobol"
    if block.kind != "sensitivity":
        return np.asarray(uniforms(size, width, seed=block.seed, name="sweep", method=method))
    both = np.asarray(uniforms(size, 2 * width, seed=block.seed, name="sweep", method=method))
    a, b = both[:, :width], both[:, width:]
    mixed = []
    for place in range(width):
        ab = a.copy()
        ab[:, place] = b[:, place]
        mixed.append(ab)
    return np.concatenate([a, b, *mixed])


def _quantile(given: Sequence[Any] | Range, whole: bool) -> Callable[[np.ndarray], list[Any]]:
    """From numbers in (0, 1) to values: each listed one, or each part of a range, as likely."""
    import numpy as np

    if not isinstance(given, Range):
        levels = list(given)
        return lambda u: [levels[place] for place in (u * len(levels)).astype(int)]
    low, high = given.low, given.high
    if whole:
        return lambda u: [int(value) for value in np.floor(low + u * (high - low + 1))]
    if given.scale == "log":
        return lambda u: (low * (high / low) ** u).tolist()
    return lambda u: (low + u * (high - low)).tolist()
