"""The sales analysis twenty times with other parameters: warm kernels against plain papermill.

Ours leaves all that a run keeps: the executed notebook, report, workbook, figures as SVG and PNG,
tables and manifest; two processes share the runs, each with warm kernels. papermill is asked for
less, the executed notebook alone, and starts a kernel for each, two at a time as well. Both agree
on two key figures of every run.

Twenty runs; `WORKBENCH_BENCHMARK_RUNS` makes them fewer.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-notebooks"
PROJECT = Path(__file__).parent.parent
NOTEBOOK = PROJECT / "notebooks" / "07_sales_analysis.ipynb"
RUNS = int(os.environ.get("WORKBENCH_BENCHMARK_RUNS", "20"))
FIGURES = ("revenue_net", "gross_margin")
WORKERS = 2

Case = dict[str, Any]


def cases() -> list[Case]:
    """Parameters of the runs: period, organisation, regions and length of lists."""
    regions: tuple[list[str], ...] = (
        [],
        ["east"],
        ["south", "north"],
        ["east", "south", "north"],
        ["central"],
    )
    all_cases = [
        {"span": span, "organisation": organisation, "regions": chosen}
        for chosen, organisation, span in product(
            regions, ("today", "at_the_time"), ("ytd", "month")
        )
    ]
    return [case | {"top": 5 + number} for number, case in enumerate(all_cases)][:RUNS]


# -- ours ---------------------------------------------------------------------------------------


@cache
def kernels() -> Any:
    """Warm kernels of a worker; they end with it."""
    from workbench.studies.warm import WarmKernels

    return WarmKernels()


def one_run(case: Case) -> list[float]:
    from workbench.studies import run_study

    run = run_study(
        "sales_analysis",
        values=plain(case),
        company=PROJECT / "data" / "sample",
        project=PROJECT,
        into=FOLDER / "ours",
        start_kernel=kernels().start,
    )
    missing = [name for name in ("report.html", "results.xlsx") if not (run.folder / name).exists()]
    if missing:
        raise SystemExit(f"{run.folder} has no {missing[0]}")
    found = {entry["name"]: entry["value"] for entry in run.manifest["results"]}
    return [found[name] for name in FIGURES]


# -- papermill ----------------------------------------------------------------------------------


def one_papermill(numbered: tuple[int, Case]) -> list[float]:
    """Run one; again where another kernel took its port first, as happens once in a few hundred."""
    try:
        return once_papermill(numbered)
    except RuntimeError as error:
        if "Kernel died before replying" not in str(error):
            raise
        return once_papermill(numbered)


def once_papermill(numbered: tuple[int, Case]) -> list[float]:
    import papermill

    number, case = numbered
    os.environ["WORKBENCH_PROJECT"] = str(PROJECT)
    done = papermill.execute_notebook(
        str(NOTEBOOK),
        str(FOLDER / "papermill" / f"{number}.ipynb"),
        parameters=plain(case),
        cwd=str(NOTEBOOK.parent),
        progress_bar=False,
    )
    found = {}
    for output in (output for cell in done.cells for output in cell.get("outputs", ())):
        entry = output.get("data", {}).get("application/vnd.sales-workbench.record+json", {})
        if entry.get("kind") == "result":
            found[entry["name"]] = entry["value"]
    return [found[name] for name in FIGURES]


def plain(case: Case) -> Case:
    """All parameters of the study."""
    return {"as_of": None, "anomaly_limit": 4.0, **case}


# -- ways ---------------------------------------------------------------------------------------


def way(
    name: str, one: Callable[[Any], list[float]], asked: list[Any], workers: int
) -> Callable[[], Callable[[], object]]:
    """Do all runs in so many processes, which are started and imported within the time."""

    def ready() -> Callable[[], object]:
        shutil.rmtree(FOLDER / name, ignore_errors=True)
        (FOLDER / name).mkdir(parents=True)

        def work() -> object:
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                return list(pool.map(one, asked))

        return work

    return ready


def jobs() -> list[Job]:
    """The one job, in three ways."""
    numbered = list(enumerate(cases()))
    return [
        Job(
            f"The sales analysis of the sample company, {len(numbered)} runs",
            {
                f"workbench, {WORKERS} processes": way("ours", one_run, cases(), WORKERS),
                f"papermill, {WORKERS} at a time": way(
                    "papermill", one_papermill, numbered, WORKERS
                ),
            },
            goal="20 runs with all outputs in 40 s, better in 28 s, on 2 cores",
        )
    ]


if __name__ == "__main__":
    main("benchmarks.notebooks", jobs())
