"""Run a sweep: what is not done yet, by the workers there are, each case into the journal.

runs/sweeps/NAME/               NAME is that of the file
    journal.jsonl               one line a case that is done
    sweep.yaml, state.json      the file as it was, and how far the sweep is
    meanings.json               labels and units of the key figures
    table.parquet, results.xlsx, report.html, manifest.json     when all cases are done
    tables/NAME/KEY.parquet     result tables, where the file asks for some

A case is named by all that can change its numbers (`Case.key`). So a file that asks for a few
points more runs just those, and after a change of code or data everything is run again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Study
from workbench.executor import Done, Limits, open_executor
from workbench.studies import manifest
from workbench.studies.plan import company_folder, notebook_of, open_at, sources_of
from workbench.studies.project import Project, find_project
from workbench.studies.sweep.cases import Case, Fault, Line, Meaning
from workbench.studies.sweep.designs import Designed, design
from workbench.studies.sweep.journal import Journal, read_lines, unwritable
from workbench.studies.sweep.spec import SweepFile, SweepSpec, read_sweep
from workbench.studies.sweep.status import STATE, read_state, sweep_folder
from workbench.studies.sweep.worker import Answer, Setting, Task
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.studies.sweep.table import SweepResult

MEANINGS, COPY = "meanings.json", "sweep.yaml"

#: Told of finished, failed and all cases, and how many of them stood in the journal before.
Progress = Callable[[int, int, int, int], None]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A sweep that has been worked on to its end.

    Attributes
    ----------
    name : str
    folder : Path
    cases : int
        Asked for.
    finished, failed : int
        Of these.
    before : int
        Of these, stood in the journal at the start and were not run again.
    outdated : int
        Lines of the journal for the same points under other code or data.
    seconds : float
        This time.
    outputs : dict of str to Path
        What was written for people and programs.
    """

    name: str
    folder: Path
    cases: int
    finished: int
    failed: int
    before: int
    outdated: int
    seconds: float
    outputs: Mapping[str, Path] = field(default_factory=dict)


def run_sweep(
    path: str | Path,
    *,
    project: str | Path | Project | None = None,
    company: str | Path | None = None,
    lang: str | Language | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    retry_failed: bool = False,
    on_progress: Progress | None = None,
) -> Sweep:
    """Run what a sweep file asks for and is not done yet; write its table and report.

    Parameters
    ----------
    path : str or Path
        The sweep file.
    project, company, lang
        As for `run_study`; before what the file says.
    workers : int, optional
        Processes; else one a processor.
    scheduler : str, optional
        "local-cluster" or "tcp://host:port": by Dask instead of the local pool.
    retry_failed : bool
        Run again the cases that have failed.
    on_progress : callable, optional

    Returns
    -------
    Sweep

    Raises
    ------
    ParameterError, ProjectError
        If anything asked for is not right; nothing has been run.
    RunError
        If the disk is full or the folder cannot be written; what is done stays done.
    KeyboardInterrupt
        After the workers are ended; what is done stays done.
    """
    plan = plan_sweep(path, project=project, company=company, lang=lang)
    began = time.monotonic()
    with _writable(plan), Journal(plan.folder, plan.lang) as journal:
        shutil.copyfile(plan.file.path, plan.folder / COPY)
        work = _Work(plan, journal, on_progress, retry_failed)
        work.run(workers=workers, scheduler=scheduler)
        outputs = _write_outputs(plan)
    return Sweep(
        name=plan.spec.name,
        folder=plan.folder,
        cases=len(plan.cases),
        finished=len(work.lines) - work.failed,
        failed=work.failed,
        before=work.before,
        outdated=work.outdated,
        seconds=time.monotonic() - began,
        outputs=outputs,
    )


# -- what is asked for --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """All that a sweep will do; checked, nothing started.

    Attributes
    ----------
    file : SweepFile
    project : Project
    company : Company
    lang : Language
    designed : Designed
    """

    file: SweepFile
    project: Project
    company: Company
    lang: Language
    designed: Designed

    @property
    def spec(self) -> SweepSpec:
        """What the file says."""
        return self.file.spec

    @property
    def cases(self) -> list[Case]:
        """Cases in order."""
        return self.designed.cases

    @property
    def folder(self) -> Path:
        """Folder of the sweep."""
        return sweep_folder(self.project, self.spec.name)


def plan_sweep(
    path: str | Path,
    *,
    project: str | Path | Project | None = None,
    company: str | Path | None = None,
    lang: str | Language | None = None,
) -> SweepPlan:
    """Read a sweep file and lay it out; raises as `run_sweep` does, starts nothing."""
    home = project if isinstance(project, Project) else find_project(project)
    asked = lang.code if isinstance(lang, Language) else lang
    file = read_sweep(Path(path), Language(asked or home.lang or "en"))
    language = Language(asked or file.spec.lang or home.lang or "en")
    opened = open_at(company_folder(home, company or _named(file, home)), language)
    designed = design(
        file, project=home, base=_base(file.spec, home, opened, language), lang=language
    )
    return SweepPlan(file=file, project=home, company=opened, lang=language, designed=designed)


def _named(file: SweepFile, project: Project) -> Path | None:
    return project.resolve(file.spec.company) if file.spec.company else None


def _base(
    spec: SweepSpec, project: Project, company: Company, lang: Language
) -> Callable[[Study], Mapping[str, Any]]:
    """All but the parameters that can change what is kept of a case."""
    code, lock = manifest.code_hash(project), manifest.lock_hash(project)
    data = company.content_hash

    def base(study: Study) -> dict[str, Any]:
        shared: dict[str, Any] = {
            "study": study.name,
            "mode": spec.mode,
            "code": code,
            "lock": lock,
            "data": data,
            "tables": spec.tables,
        }
        if spec.mode == "notebook":
            shared |= {"lang": lang.code, "notebook": sources_of(notebook_of(project, study, lang))}
        return shared

    return base


# -- doing it -----------------------------------------------------------------------------------


class _Work:
    """The cases that are left, on their way through the workers into the journal."""

    def __init__(
        self, plan: SweepPlan, journal: Journal, on_progress: Progress | None, retry: bool
    ) -> None:
        self.plan, self.journal, self.on_progress = plan, journal, on_progress
        everything = read_lines(plan.folder)
        keys = {case.key for case in plan.cases}
        known = {key: line for key, line in everything.items() if key in keys}
        self.outdated = len(everything) - len(known)
        if retry:
            known = {key: line for key, line in known.items() if line.status == "finished"}
        self.lines: dict[str, Line] = known
        self.before = len(known)
        self.failed = self.failed_before = sum(line.status == "failed" for line in known.values())
        # two points with the same parameters are one case
        left = {case.key: case for case in plan.cases if case.key not in known}
        self.left = list(left.values())
        self.meanings = read_meanings(plan.folder)

    def run(self, *, workers: int | None, scheduler: str | None) -> None:
        self._state("running", workers)
        self._tell()
        if not self.left:
            return
        spec = self.plan.spec
        limits = Limits(
            seconds=spec.time_limit, memory_mb=spec.memory_limit_mb, retries=spec.retries
        )
        try:
            with open_executor(workers=workers, scheduler=scheduler) as executor:
                self._state("running", executor.workers)
                tasks = (Task(study=case.study, params=case.params) for case in self.left)
                done = executor.run(
                    "workbench.studies.sweep.worker:run_case",
                    tasks,
                    shared=self._setting(),
                    limits=limits,
                )
                for each in done:
                    self._keep(self.left[each.place], each)
        except BaseException:
            self._state("stopped", workers)
            raise

    def _setting(self) -> Setting:
        plan = self.plan
        return Setting(
            project=str(plan.project.root),
            company=str(plan.company.folder),
            mode=plan.spec.mode,
            lang=plan.lang.code,
            tables=plan.spec.tables,
        )

    def _keep(self, case: Case, done: Done) -> None:
        """Tables and meanings first: a line in the journal says that all is there."""
        answer: Answer | None = done.value if done.fault is None else None
        fault = done.fault
        if answer is not None:
            self._learn(case.study, answer.meanings)
            for name, content in answer.tables.items():
                _whole(self.plan.folder / "tables" / name / f"{case.key}.parquet", content)
        line = Line(
            key=case.key,
            status="failed" if answer is None else "finished",
            results={} if answer is None else answer.results,
            fault=Fault(kind=fault.kind, error=fault.error, message=fault.message)
            if fault
            else None,
            seconds=round(done.seconds, 4),
            peak_mb=round(done.peak_mb, 1),
            attempts=done.attempts,
            run=answer.run if answer else None,
        )
        self.journal.append(line)
        self.lines[case.key] = line
        self.failed += line.status == "failed"
        self._tell()

    def _learn(self, study: str, meanings: Sequence[Meaning]) -> None:
        known = self.meanings.setdefault(study, {})
        fresh = {each.name: each for each in meanings if each.name not in known}
        if fresh:
            known |= fresh
            plain = {
                name: [asdict(each) for each in of.values()] for name, of in self.meanings.items()
            }
            _write_json(self.plan.folder / MEANINGS, plain)

    def _tell(self) -> None:
        if self.on_progress is not None:
            finished = len(self.lines) - self.failed
            self.on_progress(finished, self.failed, self._asked, self.before)

    @property
    def _asked(self) -> int:
        return self.before + len(self.left)

    def _state(self, status: str, workers: int | None) -> None:
        state = {
            "status": status,
            "cases": self._asked,
            "before": self.before,
            "failed_before": self.failed_before,
            "journal": self.journal.path.stat().st_size if status == "running" else None,
            "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "process": os.getpid(),
            "workers": workers,
        }
        if status != "running":
            state = read_state(self.plan.folder) | {"status": status}
        _write_json(self.plan.folder / STATE, state)


@contextlib.contextmanager
def _writable(plan: SweepPlan) -> Iterator[None]:
    """Tell what the disk refuses, of every file of the sweep, in one way."""
    try:
        yield
    except OSError as error:
        path = Path(error.filename) if error.filename else plan.folder
        raise unwritable(error, path, plan.lang) from error


def _whole(path: Path, content: bytes) -> None:
    """Write a file under another name and rename it: it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)


def _write_json(path: Path, content: Any) -> None:
    _whole(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


# -- what is there ------------------------------------------------------------------------------


def read_meanings(folder: Path) -> dict[str, dict[str, Meaning]]:
    """Meanings of the key figures found so far: study, name, meaning."""
    path = folder / MEANINGS
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    return {
        study: {
            each["name"]: Meaning(
                name=each["name"],
                label=(each["label"][0], each["label"][1]),
                kind=each["kind"],
                unit=(each["unit"][0], each["unit"][1]),
            )
            for each in meanings
        }
        for study, meanings in stored.items()
    }


def sweep_result(plan: SweepPlan) -> SweepResult:
    """All that the journal holds of the cases asked for."""
    from workbench.studies.sweep.table import SweepResult

    return SweepResult(
        spec=plan.spec,
        cases=plan.cases,
        lines=read_lines(plan.folder, (case.key for case in plan.cases)),
        meanings=read_meanings(plan.folder),
        parameters={
            name: study.params.declared(plan.lang) for name, study in plan.designed.studies.items()
        },
        company=plan.company.name(plan.lang),
        lang=plan.lang,
        facts=_facts(plan),
    )


def _facts(plan: SweepPlan) -> dict[str, str]:
    say, lang = plan.lang.say, plan.lang
    git = manifest.git_state(plan.project.root)
    changed = lang.paren(say("with changes not committed")) if git and git["dirty"] else ""
    versions = manifest.versions()
    shown = ("python", "sales-workbench", "numpy", "pandas", "duckdb", "scipy")
    return {
        say("Sweep file"): plan.project.shown(plan.file.path.resolve()),
        say("Folder of the data"): plan.project.shown(plan.company.folder),
        say("Hash of the data"): plan.company.content_hash[:16],
        **({say("Code version"): git["commit"][:12] + changed} if git else {}),
        say("Versions"): lang.pause.join(f"{k} {versions[k]}" for k in shown if k in versions),
    }


def _write_outputs(plan: SweepPlan) -> dict[str, Path]:
    from workbench.studies.sweep.page import write_outputs

    result = sweep_result(plan)
    outputs = write_outputs(result, plan.folder)
    _gather(plan)
    failed = sum(line.status == "failed" for line in result.lines.values())
    _write_json(
        plan.folder / manifest.MANIFEST,
        {
            "sweep": plan.spec.name,
            "status": "finished",
            "cases": len(plan.cases),
            "failed": failed,
            "ended": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "lang": plan.lang.code,
            "company": {
                "path": plan.project.shown(plan.company.folder),
                "hash": plan.company.content_hash,
            },
            "code": manifest.code_hash(plan.project),
            "lock": manifest.lock_hash(plan.project),
            "git": manifest.git_state(plan.project.root),
            "versions": manifest.versions(),
            "spec": plan.spec.model_dump(mode="json", by_alias=True, exclude_none=True),
        },
    )
    _write_json(plan.folder / STATE, read_state(plan.folder) | {"status": "finished"})
    return outputs


def _gather(plan: SweepPlan) -> None:
    """Put the result tables of all cases into one, the number of the case in front."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.frames import PARQUET

    for name in plan.spec.tables:
        parts = []
        for case in plan.cases:
            part = plan.folder / "tables" / name / f"{case.key}.parquet"
            if part.is_file():
                table = pq.read_table(part)
                number = pa.array([case.number] * table.num_rows, pa.int64())
                parts.append(table.add_column(0, "number", number))
        if parts:
            whole = pa.concat_tables(parts, promote_options="permissive")
            pq.write_table(whole, plan.folder / "tables" / f"{name}.parquet", **PARQUET)
