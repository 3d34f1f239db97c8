"""Many short runs: the executor and a whole sweep against joblib, and how soon a sweep goes on.

joblib is used as a careful user would: two processes, the company opened and the study imported
once in each, results in a list. It keeps no journal, has no limits on time and memory, and starts
anew after a crash; a sweep does all that, checks every parameter, and writes table and report. The
study is that of the tests, so short that nearly all of the time is overhead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-sweep"
TASKS, RUNS, LINES = 10_000, 1_000, 100_000
WORKERS = 2
COUNTED = {"COUNT_FILE": os.devnull}  # the study counts its calls there


def prepare() -> None:
    """Make the project; do as if a sweep of 100,000 runs had been done."""
    from tests.support.sweeps import make_sweep_project, write_sweep
    from workbench.studies.sweep.cases import Line
    from workbench.studies.sweep.journal import Journal
    from workbench.studies.sweep.plan import plan_sweep

    shutil.rmtree(FOLDER, ignore_errors=True)
    make_sweep_project(FOLDER)
    price = {"price": {"from": 0.0, "to": 10.0}}
    write_sweep(FOLDER, "runs", design="latin", vary=price, size=RUNS)
    path = write_sweep(FOLDER, "lines", design="latin", vary=price, size=LINES)
    plan = plan_sweep(path, project=FOLDER)
    with Journal(plan.folder, plan.lang) as journal:
        for case in plan.cases:
            profit = 3.0 * case.params["price"]
            results = {"profit": profit, "calls": 30}
            journal.append(Line(key=case.key, status="finished", results=results, seconds=0.01))


# -- tasks that do nothing ----------------------------------------------------------------------


def square(shared: int, task: int) -> int:
    return shared + task * task


def our_tasks(scheduler: str | None = None) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.executor import open_executor

        def work() -> object:
            with open_executor(workers=WORKERS, scheduler=scheduler) as executor:
                done = executor.run("benchmarks.sweep:square", range(TASKS), shared=1)
                return sum(each.value for each in done)

        return work

    return way


def joblib_tasks(**options: Any) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from joblib import Parallel, delayed

        from benchmarks.sweep import square as named  # so that workers import it

        def work() -> object:
            return sum(
                Parallel(n_jobs=WORKERS, **options)(delayed(named)(1, n) for n in range(TASKS))
            )

        return work

    return way


# -- a sweep ------------------------------------------------------------------------------------


def our_sweep(*, outputs: bool) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.studies.sweep import engine

        os.environ |= COUNTED
        shutil.rmtree(FOLDER / "runs" / "sweeps" / "runs", ignore_errors=True)
        if not outputs:
            engine.write_outputs = lambda *_: {}

        def sweep() -> object:
            done = engine.run_sweep(
                FOLDER / "sweeps" / "runs.yaml", project=FOLDER, workers=WORKERS
            )
            lines = engine.read_lines(done.folder).values()
            return _sum([line.results for line in lines])

        return sweep

    return way


def joblib_sweep() -> Callable[[], object]:
    from joblib import Parallel, delayed

    from benchmarks.sweep import computed
    from workbench.studies.sweep.plan import plan_sweep

    os.environ |= COUNTED
    plan = plan_sweep(FOLDER / "sweeps" / "runs.yaml", project=FOLDER)
    params = [case.params for case in plan.cases]

    def sweep() -> object:
        return _sum(Parallel(n_jobs=WORKERS)(delayed(computed)(each) for each in params))

    return sweep


def computed(params: dict[str, Any]) -> dict[str, Any]:
    study, company = _opened()
    return study.compute(company, study.params(**params)).summary()


@cache
def _opened() -> tuple[Any, Any]:
    from workbench.company import open_company
    from workbench.studies import find_project, study

    project = find_project(FOLDER)
    return study("parabola", project), open_company(FOLDER / "data" / "sample")


def _sum(results: list[dict[str, Any]]) -> object:
    return [len(results), round(sum(sorted(each["profit"] for each in results)), 6)]


# -- going on -----------------------------------------------------------------------------------


def resume(*, outputs: bool) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.studies.sweep import engine

        if not outputs:
            engine.write_outputs = lambda *_: {}

        def told(finished: int, failed: int, asked: int, before: int) -> None:
            if before < asked:
                raise SystemExit("the code has changed since the journal was written")

        def go_on() -> object:
            path = FOLDER / "sweeps" / "lines.yaml"
            return engine.run_sweep(path, project=FOLDER, workers=WORKERS, on_progress=told).before

        return go_on

    return way


JOBS = [
    Job(f"{TASKS:,} tasks that do nothing, 2 workers, their start included",
        {"workbench": our_tasks(), "joblib": joblib_tasks(),
         "joblib, one at a time": joblib_tasks(batch_size=1),
         "workbench by Dask": our_tasks("local-cluster")},
        "under 3 ms a task"),
    Job(f"{RUNS:,} runs of a study of some milliseconds, mode compute, 2 workers",
        {"workbench": our_sweep(outputs=True),
         "workbench, without table and report": our_sweep(outputs=False),
         "joblib loop": joblib_sweep},
        "overhead under 3 ms a run against the joblib loop"),
    Job(f"a sweep of {LINES:,} runs, all in its journal, started again",
        {"until the first run would start": resume(outputs=False),
         "with table and report": resume(outputs=True)},
        "under 3 s until the first run would start"),
]  # fmt: skip

if __name__ == "__main__":
    main("benchmarks.sweep", JOBS, prepare)
