"""A block of a sweep by its points: what was varied, and each result as a number a point.

Replicates of a point are averaged here, so that what follows compares points. The table of all
runs: `table.py`; what is done with the points: `sensitivity.py`, `pareto.py`, `plots.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from workbench.params import UNIT_WORDS, Parameter
from workbench.studies.sweep.cases import Case, Meaning
from workbench.studies.sweep.spec import Block
from workbench.studies.sweep.table import RESULT, SweepResult, as_text, numeric_results

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from workbench.text import Language

#: Up to so many distinct values a number is shown and judged level by level.
FEW = 12


@dataclass(frozen=True, eq=False)
class Factor:
    """A varied parameter over the points of a block.

    Attributes
    ----------
    name : str
    parameter : Parameter or None
        Its declaration.
    levels : list
        Distinct values; numbers in order, others as they come.
    codes : numpy.ndarray of int, shape (points,)
        Place of each point's value among the levels.
    numeric : bool
        Whether all values are numbers.
    words : callable
        From a value that is none of many numbers to its words.
    """

    name: str
    parameter: Parameter | None
    levels: list[Any]
    codes: np.ndarray
    numeric: bool
    words: Callable[[Any], str]

    @property
    def title(self) -> str:
        """Label for people."""
        return self.parameter.title if self.parameter else self.name

    @property
    def unit(self) -> str:
        """Unit for people; "" for none, and for shares, which are written in per cent."""
        return self.parameter.unit if self.parameter and not self.is_share else ""

    def with_unit(self, lang: Language) -> str:
        """Label with its unit behind it: Price (CNY), 单价（元）."""
        unit = self.unit
        if len(unit) == 3 and unit.isascii() and unit.isupper():
            unit = lang.money_parts(0, currency=unit)[1]
        return self.title + (lang.paren(unit) if unit else "")

    @property
    def is_share(self) -> bool:
        """Whether values are shares, 0.13 for 13%."""
        return self.parameter is not None and self.parameter.unit in UNIT_WORDS["share"]

    @property
    def by_level(self) -> bool:
        """Whether each value is a class of its own: words, or few numbers."""
        return not self.numeric or len(self.levels) <= FEW

    @property
    def numbers(self) -> np.ndarray:
        """Values of the points as numbers, shape (points,); their place where they are none."""
        import numpy as np

        return np.array(self.levels, dtype=float)[self.codes] if self.numeric else self.codes

    def written(self, code: int, lang: Language) -> str:
        """A level for people."""
        value = self.levels[code]
        if self.numeric and self.is_share:
            return lang.percent(value, decimals=self.decimals)
        if self.numeric and (self.parameter is None or self.decimals):
            return lang.number(value, decimals=self.decimals)
        return self.words(value)

    @cached_property
    def decimals(self) -> int:
        """Decimals of its numbers, of shares in per cent: the few written, or what tells many."""
        if not self.numeric:
            return 0
        values = [float(value) * (100 if self.is_share else 1) for value in self.levels]
        if self.by_level:
            needed = max(len(f"{value:.6g}".partition(".")[2]) for value in values)
            return needed if "e" not in "".join(f"{value:.6g}" for value in values) else 6
        if all(isinstance(value, int) for value in self.levels):
            return 0
        return min(max(2 - math.floor(math.log10(values[-1] - values[0])), 0), 6)


@dataclass(frozen=True, eq=False)
class View:
    """One block of a sweep.

    Attributes
    ----------
    number : int
        Of the block.
    block : Block
    study, title : str
        Name of the study, and for people, with the number of the block where it has several.
    meanings : dict of str to Meaning
        Of its key figures that are numbers, in their order.
    factors : tuple of Factor
        Varied parameters, in the order of the file; the seed of replicates is none.
    frame : DataFrame
        Rows of the tidy table.
    first : list of Case
        The first case of each point, in order of point.
    place : numpy.ndarray of int, shape (cases,)
        The point of each row of the frame, from 0.
    """

    number: int
    block: Block
    study: str
    title: str
    meanings: dict[str, Meaning]
    factors: tuple[Factor, ...]
    frame: pd.DataFrame
    first: list[Case]
    place: np.ndarray

    @property
    def points(self) -> int:
        """How many there are."""
        return len(self.first)

    @cached_property
    def runs(self) -> np.ndarray:
        """Finished runs of each point."""
        import numpy as np

        finished = (self.frame["status"] == "finished").to_numpy()
        return np.bincount(self.place, weights=finished, minlength=self.points).astype(int)

    def own_points(self, factor: Factor) -> np.ndarray:
        """Which points tell of a factor: all, or where one varies at a time its own and the base.

        Returns
        -------
        numpy.ndarray of bool, shape (points,)
        """
        import numpy as np

        if self.block.kind != "one_at_a_time":
            return np.ones(self.points, dtype=bool)
        own = [factor.name in case.varied for case in self.first]
        return np.array([True, *own[1:]])

    def values(self, name: str) -> np.ndarray:
        """A result of each run, shape (runs,), missing where it has none."""
        column = self.frame[RESULT + name]
        found: np.ndarray = column.to_numpy(dtype="float64", na_value=float("nan"))
        return found

    def means(self, name: str) -> np.ndarray:
        """A result of each point: the mean over its runs that have it; missing where none has."""
        import numpy as np

        values = self.values(name)
        known = np.isfinite(values)
        count = np.bincount(self.place[known], minlength=self.points)
        total = np.bincount(self.place[known], weights=values[known], minlength=self.points)
        return np.divide(total, count, out=np.full(self.points, np.nan), where=count > 0)

    def point(self, place: int, lang: Language) -> str:
        """A point for people: the values of its varied parameters."""
        parts = [
            f"{factor.title}{lang.pick(' = ', '＝')}{factor.written(factor.codes[place], lang)}"
            for factor in self.factors
        ]
        return lang.semicolon.join(parts)


def views(result: SweepResult) -> list[View]:
    """The blocks of a sweep that have cases, in order."""
    import numpy as np

    of_block = np.array([case.block for case in result.cases])
    numeric = numeric_results(result)
    made = []
    for number in dict.fromkeys(of_block.tolist()):
        cases = [case for case in result.cases if case.block == number]
        made.append(_view(result, number, cases, np.flatnonzero(of_block == number), numeric))
    names = [view.title for view in made]
    return [
        replace(view, title=view.title + result.lang.paren(str(view.number + 1)))
        if names.count(view.title) > 1
        else view
        for view in made
    ]


def _view(
    result: SweepResult, number: int, cases: list[Case], rows: np.ndarray, numeric: Sequence[str]
) -> View:
    import numpy as np

    block, study = result.spec.blocks[number], cases[0].study
    first: dict[int, Case] = {}
    for case in cases:
        first.setdefault(case.point, case)
    order = {point: place for place, point in enumerate(first)}
    frame = result.frame.iloc[rows].reset_index(drop=True)
    known = result.meanings.get(study, {})
    own = [name for name in numeric if frame[RESULT + name].notna().any()]
    varied = list(block.vary) or list(dict.fromkeys(name for case in block.cases for name in case))
    return View(
        number=number,
        block=block,
        study=study,
        title=result.title(study),
        meanings={name: known.get(name) or _unknown(name) for name in own},
        factors=tuple(_factor(result, study, name, list(first.values())) for name in varied),
        frame=frame,
        first=list(first.values()),
        place=np.array([order[case.point] for case in cases], dtype=np.intp),
    )


def _factor(result: SweepResult, study: str, name: str, points: list[Case]) -> Factor:
    import numpy as np

    values = [case.params.get(name) for case in points]
    numeric = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
    keys = values if numeric else [as_text(value) for value in values]
    known = dict(zip(reversed(keys), reversed(values), strict=True))
    names = sorted(known) if numeric else list(dict.fromkeys(keys))
    code = {key: place for place, key in enumerate(names)}
    return Factor(
        name=name,
        parameter=result.parameter(study, name),
        levels=[known[key] for key in names],
        codes=np.array([code[key] for key in keys], dtype=np.intp),
        numeric=numeric,
        words=partial(result.written, study, name),
    )


def _unknown(name: str) -> Meaning:
    words = name.replace("_", " ").capitalize()
    return Meaning(name=name, label=(words, words), kind="number", unit=("", ""))
