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
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workbench.executor import Done, Limits, open_executor
from workbench.studies.memory import all_kept
from workbench.studies.project import Project
from workbench.studies.sweep.cases import Case, Fault, Line, Meaning
from workbench.studies.sweep.journal import Journal, read_lines, unwritable
from workbench.studies.sweep.outputs import MEANINGS, read_meanings, result_of, write_outputs
from workbench.studies.sweep.plan import SweepPlan, plan_sweep
from workbench.studies.sweep.status import STATE, mark_state
from workbench.studies.sweep.words import unknown_objectives
from workbench.studies.sweep.worker import Answer, Setting, Task
from workbench.studies.whole import write_json, write_whole
from workbench.text import Language

COPY = "sweep.yaml"

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
    warnings : tuple of str
        What the results need care for, a sentence each in the language of the sweep.
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
    warnings: tuple[str, ...] = ()
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
    with all_kept():
        plan = plan_sweep(path, project=project, company=company, lang=lang)
    began = time.monotonic()
    with _writable(plan), Journal(plan.folder, plan.lang) as journal:
        shutil.copyfile(plan.file.path, plan.folder / COPY)
        with all_kept():
            work = _Work(plan, journal, on_progress, retry_failed)
        work.run(workers=workers, scheduler=scheduler)
        result = result_of(plan, work.lines, work.meanings)
        outputs = write_outputs(plan, result)
    return Sweep(
        name=plan.spec.name,
        folder=plan.folder,
        cases=len(plan.cases),
        finished=len(work.lines) - work.failed,
        failed=work.failed,
        before=work.before,
        outdated=work.outdated,
        seconds=time.monotonic() - began,
        warnings=tuple(filter(None, [unknown_objectives(result)])),
        outputs=outputs,
    )


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
        # a full run whose folder was removed is run again
        known = {key: line for key, line in known.items() if _is_there(line, plan.project)}
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
        self._begin(workers)
        self._tell()
        if not self.left:
            return
        spec = self.plan.spec
        limits = Limits(
            seconds=spec.time_limit, memory_mb=spec.memory_limit_mb, retries=spec.retries
        )
        try:
            with open_executor(
                workers=workers, scheduler=scheduler, lang=self.plan.lang
            ) as executor:
                self._begin(executor.workers)
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
            mark_state(self.plan.folder, "stopped")
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
                write_whole(self.plan.folder / "tables" / name / f"{case.key}.parquet", content)
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
        fresh = {each.name: each for each in meanings if each != known.get(each.name)}
        if fresh:
            known |= fresh
            plain = {
                name: [asdict(each) for each in of.values()] for name, of in self.meanings.items()
            }
            write_json(self.plan.folder / MEANINGS, plain)

    def _tell(self) -> None:
        if self.on_progress is not None:
            finished = len(self.lines) - self.failed
            self.on_progress(finished, self.failed, self._asked, self.before)

    @property
    def _asked(self) -> int:
        return self.before + len(self.left)

    def _begin(self, workers: int | None) -> None:
        state = {
            "status": "running",
            "cases": self._asked,
            "before": self.before,
            "failed_before": self.failed_before,
            "journal": self.journal.path.stat().st_size,
            "started": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "process": os.getpid(),
            "workers": workers,
        }
        write_json(self.plan.folder / STATE, state)


def _is_there(line: Line, project: Project) -> bool:
    return line.run is None or (project.root / line.run).is_dir()


@contextlib.contextmanager
def _writable(plan: SweepPlan) -> Iterator[None]:
    """Tell what the disk refuses, of every file of the sweep, in one way."""
    try:
        yield
    except OSError as error:
        path = Path(error.filename) if error.filename else plan.folder
        raise unwritable(error, path, plan.lang) from error
