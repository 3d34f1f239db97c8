"""One run of a study: check, execute its notebook, write what people and programs read.

Everything that can be wrong with what was asked is found before a kernel starts. The run is
written under a name that says it is not finished and renamed at the end, so that a killed run
never looks like one. While the kernel works, this process makes pictures and imports what the
report will need: on two cores that hides most of it.
"""

from __future__ import annotations

import datetime as dt
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import RunError
from workbench.recording import JOURNAL
from workbench.studies import manifest
from workbench.studies.kernel import Kernel, imports_of
from workbench.studies.kernel_process import lean_imports
from workbench.studies.outcome import Outcome
from workbench.studies.pictures import Pictures
from workbench.studies.plan import Plan, joined, plan_run
from workbench.studies.project import Project
from workbench.studies.runs import NOTEBOOK, STAMP, Run
from workbench.text import Language

Progress = Callable[[int, int], None]
StartKernel = Callable[..., Kernel]


def run_study(
    name: str,
    *,
    params_file: str | Path | None = None,
    sets: Iterable[str] = (),
    company: str | Path | None = None,
    lang: str | Language | None = None,
    project: str | Path | Project | None = None,
    on_cell: Progress | None = None,
    start_kernel: StartKernel = Kernel,
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
    company : str or Path, optional
        Folder of the company, from the working directory; else that of the project.
    lang : str or Language, optional
        "en" or "zh"; else that of the project, else English.
    project : str, Path or Project, optional
        Else looked for upward.
    on_cell : callable, optional
        Told the number of cells done and of all cells.
    start_kernel : callable, optional
        Gives the kernel, called as `Kernel` is; warm ones are forked from a prepared process.

    Returns
    -------
    Run
        Finished.

    Raises
    ------
    ProjectError
        If there is no project, study, notebook or company of that name.
    ParameterError
        If a parameter is unknown, missing or out of bounds; no kernel was started.
    RunError
        If a cell failed; the run is kept with its partial notebook, status "failed".
    """
    plan = plan_run(
        name, params_file=params_file, sets=sets, company=company, lang=lang, project=project
    )
    kernel = start_kernel(
        cwd=plan.notebook.parent,
        environment={"WORKBENCH_PROJECT": str(plan.project.root), "WORKBENCH_LANG": plan.lang.code},
        preload=imports_of(plan.code),
    )
    with kernel:
        return _Execution(plan, kernel, on_cell).run()


@dataclass
class _Execution:
    """One run while it happens."""

    plan: Plan
    kernel: Kernel
    on_cell: Progress | None
    began: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)
    notebook: Any = None

    def run(self) -> Run:
        plan = self.plan
        identity = manifest.identity(
            study=plan.study.name,
            lang=plan.lang.code,
            params=plan.params.literals(),
            sources=plan.sources,
            data=plan.company.content_hash,
            project=plan.project,
        )
        partial, final = _place(plan.project.runs / plan.study.name, identity.digest[:8])
        started = dt.datetime.now(dt.UTC)
        fault = self._execute(partial)
        outcome = self._outcome(partial, identity, started)
        error = None if fault is None else _told(fault, outcome.cells)
        if error is None:
            self._write(outcome)
        record = self._record(outcome, identity, started, error)
        manifest.write(partial, record)
        (partial / JOURNAL).unlink(missing_ok=True)
        partial.rename(final)
        if error is not None:
            raise _run_error(error, final, plan) from fault
        return Run(final)

    # -- the notebook ---------------------------------------------------------------------------

    def _execute(self, folder: Path) -> Exception | None:
        """Execute by papermill; return the fault of a cell or of the kernel, if there was one."""
        with lean_imports():
            import nbformat
            import papermill

        self.kernel.environment = {"WORKBENCH_RUN": str(folder)}
        self._lap("prepared")
        fault = None
        try:
            with Pictures(folder / "figures"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of papermill and its libraries, in this process
                papermill.execute_notebook(
                    _unbraced(self.plan.notebook),
                    None,
                    parameters=self.plan.literals(),
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    request_save_on_cell_execute=False,
                    kernel_manager_class=self.kernel.manager_class(),
                    shutdown_kernel="immediate",
                    resources={"metadata": {"path": str(self.plan.notebook.parent)}},
                    on_notebook_start=self._begun,
                    on_cell_executed=self._cell_done,
                )
        except Exception as error:
            if self.notebook is None:
                raise self._not_started(error) from error
            fault = error
        self._lap("notebook")
        nbformat.write(self.notebook, folder / NOTEBOOK)
        return fault

    def _begun(self, notebook: Any) -> None:
        self.notebook = notebook  # kept so that a notebook that fails is written all the same
        self._lap("kernel")

    def _cell_done(self, cell_index: int, **_: Any) -> None:
        if self.on_cell is not None:
            self.on_cell(cell_index + 1, len(self.notebook.cells))

    def _not_started(self, error: Exception) -> RunError:
        lang = self.plan.lang
        said = self.kernel.said.splitlines()
        return RunError(
            lang.say("the kernel did not start"),
            where=said[-1] if said else f"{type(error).__name__}: {error}",
            do=lang.say("check that ipykernel is installed beside the workbench"),
        )

    # -- what is left ---------------------------------------------------------------------------

    def _outcome(self, folder: Path, identity: manifest.Identity, started: dt.datetime) -> Outcome:
        plan = self.plan
        return Outcome(
            folder=folder,
            cells=[dict(cell) for cell in self.notebook.cells],
            study=plan.study,
            rows=plan.params.describe(plan.lang),
            company=plan.company,
            lang=plan.lang,
            facts=_facts(plan, identity, started),
        )

    def _write(self, outcome: Outcome) -> None:
        outcome.write_report()
        self._lap("report")
        outcome.write_workbook()
        self._lap("workbook")

    def _record(
        self,
        outcome: Outcome,
        identity: manifest.Identity,
        started: dt.datetime,
        error: dict[str, Any] | None,
    ) -> dict[str, Any]:
        plan = self.plan
        return {
            "study": plan.study.name,
            "title": plan.lang.pick(*plan.study.title),
            "status": "finished" if error is None else "failed",
            **({"error": error} if error else {}),
            "hash": identity.digest,
            "started": started.isoformat(timespec="seconds"),
            "lang": plan.lang.code,
            "seed": identity.seed,
            "params": identity.params,
            "company": {
                "path": plan.place,
                "name": plan.company.name(plan.lang),
                "hash": identity.data,
                "tables_read": outcome.data(),
            },
            "notebook": {"path": plan.project.shown(plan.notebook), "hash": identity.notebook},
            "code": identity.code,
            "lock": identity.lock,
            "git": manifest.git_state(plan.project.root),
            "versions": manifest.versions(),
            "seconds": {name: round(spent, 3) for name, spent in self.timings.items()},
            "results": outcome.results(),
            "tables": outcome.files("table"),
            "figures": [*outcome.files("page"), *outcome.files("figure")],
            "warnings": [
                {"category": each.category, "message": each.message, "cell": each.cell}
                for each in outcome.report.warnings
            ],
        }

    def _lap(self, name: str) -> None:
        spent = time.perf_counter() - self.began - sum(self.timings.values())
        self.timings[name] = spent


def _place(folder: Path, digest: str) -> tuple[Path, Path]:
    """Make the folder to write to; return it and its final name. Another second if taken."""
    moment = dt.datetime.now(dt.UTC)
    folder.mkdir(parents=True, exist_ok=True)
    while True:
        name = f"{moment.strftime(STAMP)}-{digest}"
        partial, final = folder / f".{name}.partial", folder / name
        if not final.exists():
            try:
                partial.mkdir()
            except FileExistsError:
                pass
            else:
                return partial, final
        moment += dt.timedelta(seconds=1)


def _facts(plan: Plan, identity: manifest.Identity, started: dt.datetime) -> dict[str, str]:
    say, lang = plan.lang.say, plan.lang
    git = manifest.git_state(plan.project.root)
    changed = lang.paren(say("with changes not committed")) if git and git["dirty"] else ""
    versions = manifest.versions()
    shown = ("python", "sales-workbench", "pandas", "duckdb")
    return {
        say("Study"): lang.pick(*plan.study.title),
        say("Run"): f"{plan.study.name}/{started.strftime(STAMP)}-{identity.digest[:8]}",
        say("Started"): lang.date(started.date()) + started.strftime(" %H:%M UTC"),
        say("Company", context="run"): plan.company.name(lang),
        say("Folder of the data"): plan.place,
        say("Hash of the data"): identity.data[:16],
        say("Notebook"): plan.project.shown(plan.notebook),
        **({say("Code version"): git["commit"][:12] + changed} if git else {}),
        say("Versions"): lang.pause.join(f"{k} {versions[k]}" for k in shown if k in versions),
        **({say("Random seed"): str(identity.seed)} if identity.seed is not None else {}),
    }


def _told(fault: Exception, cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Find the cell that failed and what it said."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                line = next(iter(joined(cell["source"]).strip().splitlines()), "")
                return {
                    "cell": number,
                    "line": line,
                    "error": output["ename"],
                    "message": output["evalue"],
                }
    return {"cell": None, "line": "", "error": type(fault).__name__, "message": str(fault)}


def _run_error(error: dict[str, Any], folder: Path, plan: Plan) -> RunError:
    lang, name = plan.lang, plan.study.notebook
    reason = (
        f"{error['error']}{lang.colon}{error['message'].strip().splitlines()[0]}"
        if error["message"].strip()
        else error["error"]
    )
    if error["cell"] is None:
        message = lang.say("{notebook} stopped: {reason}", notebook=name, reason=reason)
    else:
        message = lang.say(
            "{notebook} failed in code cell {cell}: {reason}",
            notebook=name,
            cell=error["cell"],
            reason=reason,
        )
    rest = "\n".join(error["message"].strip().splitlines()[1:])
    return RunError(
        message + (f"\n{rest}" if rest else ""),
        where=error["line"] or None,
        do=lang.say("open the notebook of the run, mend the cause, run again"),
        kept=f"{plan.project.shown(folder)}/{NOTEBOOK}",
    )


def _unbraced(path: Path) -> str:
    """A path as papermill takes it, which formats paths with the parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")
