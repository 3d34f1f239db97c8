"""What differs between runs, each against a base, and what the difference can come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from workbench.errors import ProjectError
from workbench.studies.compare.draws import DrawsChange, draws_changes
from workbench.studies.compare.inputs import (
    CodeChange,
    DataChange,
    ParameterChange,
    code_change,
    data_change,
    parameter_changes,
)
from workbench.studies.compare.results import ResultsChange, results_change
from workbench.studies.compare.tables import ResultTableChange, table_changes
from workbench.studies.project import Project
from workbench.studies.runs import Run, find_run
from workbench.text import Language

#: Runs are called A, B, C ...; more are no longer read side by side.
MOST = 9


@dataclass(frozen=True)
class Pair:
    """A run against the base.

    Attributes
    ----------
    project : Project
    before, after : Run
        The base, and the other.
    a, b : str
        Their letters.
    lang : Language
    """

    project: Project
    before: Run
    after: Run
    a: str
    b: str
    lang: Language

    @cached_property
    def parameters(self) -> list[ParameterChange]:
        """Parameters that differ."""
        return parameter_changes(self.project, self.before, self.after, self.lang)

    @cached_property
    def data(self) -> DataChange:
        """Data that differ."""
        return data_change(self.project, self.before, self.after, self.lang)

    @cached_property
    def code(self) -> CodeChange:
        """Code that differs."""
        return code_change(self.before, self.after)

    @cached_property
    def results(self) -> ResultsChange:
        """Recorded results that differ."""
        return results_change(self.before, self.after, self.lang)

    @cached_property
    def tables(self) -> tuple[list[ResultTableChange], int]:
        """Recorded tables that differ, and how many are the same."""
        return table_changes(self.before, self.after, self.lang)

    @cached_property
    def draws(self) -> list[DrawsChange]:
        """Draws that both have recorded."""
        return draws_changes(self.before, self.after, self.lang)

    @property
    def languages(self) -> tuple[str, str] | None:
        """Languages of the two, where they are two."""
        pair = [run.manifest.get("lang", "") for run in (self.before, self.after)]
        return (pair[0], pair[1]) if pair[0] != pair[1] else None

    @property
    def causes(self) -> list[str]:
        """What differs of that which decides numbers: "parameters", "data", "code"."""
        differs = {
            "parameters": bool(self.parameters),
            "data": self.data.any,
            "code": self.code.any,
        }
        return [name for name, there in differs.items() if there]

    @property
    def results_differ(self) -> bool:
        """Whether anything that came out differs, rounding apart."""
        found = self.results.changes or self.tables[0]
        return bool(found) or any(not each.is_same for each in self.draws)

    def why(self) -> str:
        """Say what the difference can come from, or that it cannot be told."""
        say, causes = self.lang.say, self.causes
        if not self.results_differ:
            return say("Nothing that came out differs.") if causes else self._nothing()
        if not causes:
            return say(
                "Nothing that decides the numbers differs, and yet they do: the study is not"
                " repeatable, or a file of the run was changed. Run: workbench verify {run}",
                run=f"{self.after.study}/{self.after.id}",
            )
        if causes == ["parameters"]:
            return self._parameters_alone()
        if causes == ["data"]:
            return say("Only the data differ, so the change comes from them alone.")
        if causes == ["code"]:
            return say("Only the code or its packages differ, so the change comes from them alone.")
        return say(
            "{causes} differ, so these two runs cannot tell what each has done. Change one at a"
            " time: workbench run {study} -p {params} runs again with the parameters of {a}.",
            a=self.a,
            causes=self._named(causes),
            study=self.after.study,
            params=f"{self.project.shown(self.before.folder)}/params.yaml",
        )

    def _nothing(self) -> str:
        return self.lang.say("Nothing that decides the numbers differs, and they are the same.")

    def _parameters_alone(self) -> str:
        labels = [each.label for each in self.parameters]
        if [each.name for each in self.parameters] == ["seed"]:
            return self.lang.say("Only the seed differs, so the change is chance.")
        return self.lang.say(
            "Only parameters differ, so the change comes from these alone: {names}.",
            names=self.lang.join(labels),
        )

    def _named(self, causes: Sequence[str]) -> str:
        say = self.lang.say
        words = {"parameters": say("parameters"), "data": say("data"), "code": say("code")}
        named = self.lang.join([words[name] for name in causes])
        return named[:1].upper() + named[1:]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two or more runs, the first of which is the base.

    Attributes
    ----------
    project : Project
    runs : list of Run
    lang : Language
    """

    project: Project
    runs: list[Run]
    lang: Language

    @property
    def letters(self) -> list[str]:
        """Names of the runs: A, B, C ..."""
        return [chr(ord("A") + place) for place in range(len(self.runs))]

    @cached_property
    def pairs(self) -> list[Pair]:
        """Each other run against the base."""
        base, *others = self.runs
        return [
            Pair(self.project, base, run, "A", letter, self.lang)
            for run, letter in zip(others, self.letters[1:], strict=True)
        ]

    @property
    def failed(self) -> list[str]:
        """Letters of runs that did not finish; they are compared by what they have."""
        return [
            letter
            for letter, run in zip(self.letters, self.runs, strict=True)
            if run.status != "finished"
        ]


def compare_runs(
    project: Project, names: Sequence[str], *, lang: str | None = None, speak: Language
) -> Comparison:
    """Find the runs that are meant and put them side by side.

    Parameters
    ----------
    project : Project
    names : sequence of str
        As `find_run` takes them; the first is the base.
    lang : str, optional
        "en" or "zh"; else that of the runs, where they share one, else that of `speak`.
    speak : Language
        Of errors.

    Raises
    ------
    ProjectError
        If there is no such run, fewer than two or too many are named, one is still being written,
        or they are of different studies.
    """
    if not 2 <= len(names) <= MOST:
        raise ProjectError(
            speak.say("2 to {most} runs can be compared, not {n}", most=MOST, n=len(names)),
            do=speak.say("name them: workbench compare RUN_A RUN_B; workbench runs lists them"),
        )
    found = [find_run(project, name, lang=speak) for name in names]
    _refuse(found, speak)
    spoken = {str(run.manifest.get("lang")) for run in found}
    own = spoken.pop() if len(spoken) == 1 else None
    code = lang or (own if own in ("en", "zh") else speak.code)
    return Comparison(project=project, runs=found, lang=Language(code))


def _refuse(found: Sequence[Run], lang: Language) -> None:
    folders = [run.folder for run in found]
    if len(set(folders)) < len(folders):
        raise ProjectError(
            lang.say("a run is named twice"),
            where=lang.pause.join(f"{run.study}/{run.id}" for run in found),
            do=lang.say("name different runs: workbench runs lists them"),
        )
    studies = list(dict.fromkeys(str(run.manifest.get("study", run.study)) for run in found))
    if len(studies) > 1:
        raise ProjectError(
            lang.say("runs of different studies are not compared"),
            where=lang.pause.join(studies),
            do=lang.say("name runs of one study: workbench runs {study}", study=studies[0]),
        )
    for run in found:
        if not run.manifest:
            raise ProjectError(
                lang.say("the run {run} is not finished", run=run.id),
                where=str(run.folder),
                do=lang.say("wait for its end, or run it again"),
            )
