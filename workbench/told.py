"""What the results of a study that tells a story have in common.

A story is a package beside the study that tells it: `page`, `section` and `figures` draw it,
`summary`, `tables`, `LABELS` and `codes` say what is recorded, `assumptions` what is taken for
granted; one that simulates has `draws` as well. All but `LABELS` are functions of the results.
Light, because studies are listed without computing anything.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.errors import BasisError, MissingTableError, NotIdentifiedError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

    from workbench.text import Language


@dataclass(frozen=True)
class Told(ABC):
    """Results that draw a page and sections, each once.

    Attributes
    ----------
    drawn : dict
        What was built so far: pages and sections by name and language, which cells show and whose
        figures the run files, and what several of them ask for.
    """

    drawn: dict[tuple[str, ...], Any] = field(
        default_factory=dict, repr=False, compare=False, kw_only=True
    )

    def figure(self, name: str, decimals: int) -> float | None:
        """A key figure of `summary`, rounded; None where the data do not give it."""
        value = self.summary().get(name)
        return None if value is None else round(value, decimals)

    def page(self, lang: Language) -> Any:
        """The first page."""
        return self.once("page", lang.code, build=lambda: self.story().page(self, lang))

    def section(self, name: str, lang: Language) -> Any:
        """A section of the report, or a box that says which table it lacks."""
        return self.once(name, lang.code, build=lambda: self.story().section(self, name, lang))

    def figures(self, lang: Language) -> dict[str, Any]:
        """Charts of all sections, by name."""
        found: dict[str, Any] = self.story().figures(self, lang)
        return found

    @abstractmethod
    def story(self) -> Any:
        """The package that tells it; imported here by name, so that warm kernels find it ahead."""

    def summary(self) -> dict[str, float]:
        """Key figures by name."""
        found: dict[str, float] = self.story().summary(self)
        return found

    def tables(self) -> dict[str, pd.DataFrame]:
        """Result tables by name."""
        found: dict[str, pd.DataFrame] = self.story().tables(self)
        return found

    def draws(self) -> dict[str, xr.DataArray]:
        """Scenario cubes by name; none where the story has no `draws`."""
        give = getattr(self.story(), "draws", None)
        return dict(give(self)) if give else {}

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Names of key figures, tables and columns: English, Chinese and, where needed, kind."""
        return dict(self.story().LABELS)

    def codes(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Words for the codes of result tables: column, code, English and Chinese."""
        found: dict[str, dict[str, tuple[str, str]]] = self.story().codes(self)
        return found

    def assumptions(self, lang: Language) -> list[tuple[str, str]]:
        """What the figures take for granted: subject and sentence."""
        found: list[tuple[str, str]] = self.story().assumptions(self, lang)
        return found

    def once(self, *key: str, build: Callable[[], Any]) -> Any:
        """What `build` gives, built when it is first asked for under this key."""
        if key not in self.drawn:
            self.drawn[key] = build()
        return self.drawn[key]


@dataclass(frozen=True)
class Missing:
    """A question without an answer: no table, no tax basis of amounts, or too little data."""

    error: MissingTableError | BasisError | NotIdentifiedError


def attempt(question: Callable[[], Any]) -> Any:
    """The answer to a question, or a `Missing` where the data do not give it."""
    try:
        return question()
    except (MissingTableError, BasisError, NotIdentifiedError) as error:
        return Missing(error)


@dataclass(frozen=True)
class WhenAsked(Mapping[str, Any]):
    """Answers that are found when they are first wanted, for a planner that shows one page.

    Attributes
    ----------
    questions : dict of str to callable
    known : dict of str to result or Missing
        Answers found so far, or given.
    """

    questions: dict[str, Callable[[], Any]]
    known: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        """The answer to one question."""
        if name not in self.known:
            self.known[name] = attempt(self.questions[name])
        return self.known[name]

    def __contains__(self, name: object) -> bool:
        """Whether there is such a question; it is not asked."""
        return name in self.known or name in self.questions

    def __iter__(self) -> Iterator[str]:
        """Names of what is given and of the questions."""
        return iter({**self.known, **self.questions})

    def __len__(self) -> int:
        """How many there are."""
        return len({**self.known, **self.questions})


@dataclass(frozen=True)
class Answered(Told):
    """Results whose questions are asked one by one.

    Attributes
    ----------
    answers : mapping of str to result or Missing
    """

    answers: Mapping[str, Any] = field(kw_only=True)

    def answer(self, name: str) -> Any:
        """The answer to one question; raises the error behind a `Missing`."""
        found = self.answers[name]
        if isinstance(found, Missing):
            raise found.error
        return found

    def has(self, *names: str) -> bool:
        """Whether all of these questions have an answer; None is none (no year before)."""
        found = (self.answers[name] for name in names)
        return not any(answer is None or isinstance(answer, Missing) for answer in found)
