"""One run of a study: check, execute its notebook, write what people and programs read.

Everything that can be wrong with what was asked is found before a kernel starts. The run is
written under a name that says it is not finished and renamed at the end, so that a killed run
never looks like one. While the kernel works, this process makes pictures and imports what the
report will need: on two cores that hides most of it.

What will run: `plan.py`. Its notebook: `execution.py`. What it leaves: `outcome.py`, `manifest.py`.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from workbench.errors import RunError
from workbench.recording import JOURNAL
from workbench.studies import data_prints, manifest, memory
from workbench.studies.execution import (
    FULL,
    Execution,
    Fault,
    Progress,
    advice,
    told,
    whole_seconds,
)
from workbench.studies.kernel import Kernel, imports_of
from workbench.studies.outcome import Outcome
from workbench.studies.params_text import resolved_yaml
from workbench.studies.plan import Plan, plan_run
from workbench.studies.project import Project
from workbench.studies.runs import NOTEBOOK, STAMP, Run, checked_tags
from workbench.text import Language

StartKernel = Callable[..., Kernel]


def run_study(
    name: str,
    *,
    params_file: str | Path | None = None,
    sets: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    company: str | Path | None = None,
    lang: str | Language | None = None,
    project: str | Path | Project | None = None,
    tag: str | Iterable[str] = (),
    kernel_timeout: float | None = None,
    on_cell: Progress | None = None,
    start_kernel: StartKernel = Kernel,
    into: Path | None = None,
) -> Run:
    """Run a study and return what it left.

    Parameters
    ----------
    name : str
        As `workbench studies` lists it.
    params_file : str or Path, optional
        YAML with some of its parameters; ``params/<name>/base.yaml`` where there is one.
    sets : iterable of str
        ``key=value`` over the file.
    values : mapping, optional
        All parameters as literals, in the place of file and sets.
    company : str or Path, optional
        Folder of the company, from the working directory; else that of the project.
    lang : str or Language, optional
        "en" or "zh"; else that of the project, else English.
    project : str, Path or Project, optional
        Else looked for upward.
    tag : str or iterable of str
        Words by which the run is found again.
    kernel_timeout : float, optional
        Seconds the kernel may take to start, and each cell to end; rounded up. No limit on cells
        where none is given.
    on_cell : callable, optional
        Told the number of cells done and of all cells.
    start_kernel : callable, optional
        Gives the kernel, called as `Kernel` is; warm ones are forked from a prepared process.
    into : Path, optional
        Folder in the place of the project's ``runs/``.

    Returns
    -------
    Run
        Finished.

    Raises
    ------
    ProjectError
        If there is no project, study, notebook or company of that name.
    ParameterError
        If a parameter is unknown, missing or out of bounds, or a tag is no word; no kernel was
        started.
    RunError
        If a cell failed, took too long, or its kernel died: the run is kept with its partial
        notebook, status "failed". If its files cannot be written.
    """
    plan = plan_run(
        name,
        params_file=params_file,
        sets=sets,
        values=values,
        company=company,
        lang=lang,
        project=project,
    )
    tags = checked_tags([tag] if isinstance(tag, str) else tag, lang=plan.lang)
    kernel = start_kernel(
        cwd=plan.notebook.parent,
        environment={"WORKBENCH_PROJECT": str(plan.project.root), "WORKBENCH_LANG": plan.lang.code},
        preload=imports_of(plan.code),
    )
    with kernel:
        one = _OneRun(plan, kernel, into or plan.project.runs, tags)
        return one.run(on_cell, whole_seconds(kernel_timeout))


@dataclass
class _OneRun:
    """One run while it happens."""

    plan: Plan
    kernel: Kernel
    runs: Path
    tags: list[str]
    began: float = field(default_factory=time.perf_counter)
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    timings: dict[str, float] = field(default_factory=dict)
    folder: Path | None = None

    def run(self, on_cell: Progress | None, limit: int | None) -> Run:
        memory.forget_peak()
        execution = Execution(self.plan, self.kernel, limit, on_cell, self._lap)
        try:
            partial, final = _place(self.runs / self.plan.study.name, self.identity.digest[:8])
            self.folder = partial
            self._begin(partial)
            fault = execution.run(partial)
            self._finish(partial, execution, fault)
            partial.rename(final)
        except OSError as error:
            raise self._unwritable(error) from error
        if fault is not None:
            raise self._run_error(fault, final) from fault.cause
        return Run(final)

    @cached_property
    def sources(self) -> dict[str, str]:
        """Hash of each file of code."""
        return manifest.sources(self.plan.project)

    @cached_property
    def identity(self) -> manifest.Identity:
        """What decides the numbers; taken while the kernel starts."""
        plan = self.plan
        return manifest.identity(
            study=plan.study.name,
            lang=plan.lang.code,
            params=plan.params.literals(),
            files=plan.files,
            sources=plan.sources,
            data=plan.company.content_hash,
            project=plan.project,
            code=manifest.hash_of(self.sources),
        )

    @cached_property
    def git(self) -> dict[str, Any] | None:
        """State of the code, as `manifest.git_state`."""
        return manifest.git_state(self.plan.project.root)

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of what computes and draws."""
        return manifest.versions()

    # -- what is written ------------------------------------------------------------------------

    def _begin(self, folder: Path) -> None:
        """Keep what the run was asked, also where it fails, while the kernel starts."""
        plan = self.plan
        text = resolved_yaml(plan.study, plan.params, plan.lang)
        (folder / manifest.PARAMS).write_text(text, encoding="utf-8")
        manifest.write_sources(folder, self.sources)
        _ = self.git, self.versions  # taken now, when this process has nothing else to do

    def _finish(self, folder: Path, execution: Execution, fault: Fault | None) -> None:
        import nbformat

        nbformat.write(execution.kept(), folder / NOTEBOOK)
        outcome = self._outcome(folder, execution)
        if fault is None:
            outcome.write_report()
            self._lap("report")
            outcome.write_workbook()
            self._lap("workbook")
        peaks = {"kernel": execution.peak_mb, "runner": memory.peak_memory_mb()}
        manifest.write(folder, self._record(outcome, fault, peaks))
        (folder / JOURNAL).unlink(missing_ok=True)

    def _outcome(self, folder: Path, execution: Execution) -> Outcome:
        plan = self.plan
        return Outcome(
            folder=folder,
            cells=execution.cells(),
            study=plan.study,
            rows=plan.params.describe(plan.lang),
            company=plan.company,
            place=plan.place,
            lang=plan.lang,
            facts=self._facts(),
        )

    def _record(
        self, outcome: Outcome, fault: Fault | None, peaks: Mapping[str, float | None]
    ) -> dict[str, Any]:
        plan, identity = self.plan, self.identity
        return {
            "study": plan.study.name,
            "title": plan.lang.pick(*plan.study.title),
            "status": "finished" if fault is None else "failed",
            **({"error": fault.record()} if fault else {}),
            "tags": self.tags,
            "hash": identity.digest,
            "started": self.started.isoformat(timespec="seconds"),
            "lang": plan.lang.code,
            "seed": identity.seed,
            "params": identity.params,
            "files": identity.files,
            "company": {
                "path": plan.place,
                "name": plan.company.name(plan.lang),
                "hash": identity.data,
                "tables_read": outcome.data(),
                "tables": self._prints(outcome) if fault is None else {},
                "table_hashes": manifest.table_hashes(plan.company),
                "imports": outcome.lineage.record(),
            },
            "notebook": {"path": plan.project.shown(plan.notebook), "hash": identity.notebook},
            "code": identity.code,
            "lock": identity.lock,
            "git": self.git,
            "versions": self.versions,
            "seconds": {name: round(spent, 3) for name, spent in self.timings.items()},
            "peak_mb": dict(peaks),
            "results": outcome.results(),
            "tables": outcome.files("table"),
            "draws": outcome.files("draws"),
            "figures": [*outcome.files("page"), *outcome.files("figure")],
            "assumptions": outcome.stated(),
            "warnings": [
                {"category": each.category, "message": each.message, "cell": each.cell}
                for each in outcome.report.warnings
            ],
        }

    def _prints(self, outcome: Outcome) -> dict[str, dict[str, Any]]:
        """Keep what the tables read hold now, so that a later run can be told what changed."""
        folder = self.plan.project.runs / data_prints.FOLDER
        kept = data_prints.keep(self.plan.company, outcome.tables_read, folder)
        self._lap("prints")
        return {name: {"rows": each.rows, "hash": each.hash} for name, each in kept.items()}

    def _facts(self) -> dict[str, str]:
        """Lines of the report's record, label to text."""
        plan, identity = self.plan, self.identity
        say, lang = plan.lang.say, plan.lang
        shown = ("python", "sales-workbench", "pandas", "duckdb")
        stamp = f"{self.started.strftime(STAMP)}-{identity.digest[:8]}"
        return {
            say("Study"): lang.pick(*plan.study.title),
            say("Run"): f"{plan.study.name}/{stamp}",
            say("Started"): lang.date(self.started.date()) + self.started.strftime(" %H:%M UTC"),
            say("Company", context="run"): plan.company.name(lang),
            say("Folder of the data"): plan.place,
            say("Hash of the data"): identity.data[:16],
            say("Notebook"): plan.project.shown(plan.notebook),
            **manifest.code_facts(self.git, self.versions, shown, lang),
            **({say("Random seed"): str(identity.seed)} if identity.seed is not None else {}),
        }

    def _lap(self, name: str) -> None:
        spent = time.perf_counter() - self.began - sum(self.timings.values())
        self.timings[name] = spent

    # -- what went wrong ------------------------------------------------------------------------

    def _run_error(self, fault: Fault, folder: Path) -> RunError:
        plan, silent = self.plan, fault.kind == "start"
        return RunError(
            told(fault, plan.study.notebook, plan.lang),
            where=(f"{fault.error}: {fault.message}" if silent else fault.said.where or fault.line)
            or None,
            do=advice(fault, plan.lang),
            kept=f"{plan.project.shown(folder)}/{NOTEBOOK}",
        )

    def _unwritable(self, error: OSError) -> RunError:
        lang, folder = self.plan.lang, self.folder
        full = error.errno in FULL
        kept = folder is not None and folder.is_dir()
        return RunError(
            lang.say("the disk is full; the run is not finished")
            if full
            else lang.say("the run cannot be written"),
            where=str(error) if error.filename else f"{folder or self.runs}: {error}",
            do=lang.say("free some space, then run again")
            if full
            else lang.say("see that the folder is there and may be written to, then run again"),
            kept=self.plan.project.shown(folder) if kept and folder else None,
        )


def _place(folder: Path, digest: str) -> tuple[Path, Path]:
    """Make the folder to write to; return it and its final name. Another second if taken."""
    moment = dt.datetime.now(dt.UTC)
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        name = f"{moment.strftime(STAMP)}-{digest}"
        partial, final = folder / f".{name}.partial", folder / name
        if not final.exists() and _made(partial):
            if not final.exists():  # nor was another run of this name renamed meanwhile
                return partial, final
            partial.rmdir()
        moment += dt.timedelta(seconds=1)


def _made(folder: Path) -> bool:
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    return True
