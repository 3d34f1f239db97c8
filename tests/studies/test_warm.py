"""Warm kernels: runs that know nothing of each other, ends that harm nobody, the same bytes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest

from tests.support.projects import make_project
from workbench.charts import remote
from workbench.errors import RunError, WorkbenchWarning
from workbench.studies import find_project, run_study, warm_process
from workbench.studies.kernel import Kernel
from workbench.studies.warm import WarmKernel, WarmKernels

SECONDS = 60

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")


@pytest.fixture(scope="module")
def warm():
    with WarmKernels(["altair"]) as kernels:
        yield kernels


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return find_project(make_project(tmp_path_factory.mktemp("warm")))


@pytest.fixture
def light(monkeypatch):
    """Import little before the fork, where a test starts a process of its own to fork from."""
    monkeypatch.setattr("workbench.studies.warm.USUAL", ())


def executed(kernel: Kernel, *sources: str) -> list[str]:
    """What cells print when they are executed one after the other; the kernel is ended."""
    with kernel:
        return asyncio.run(_execute(kernel, sources))


async def _execute(kernel: Kernel, sources: tuple[str, ...]) -> list[str]:
    manager = kernel.manager_class()()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        printed = []
        for source in sources:
            said: list[str] = []

            def hear(message: dict, said: list[str] = said) -> None:
                content = message["content"]
                said.append(content.get("text", "") or content.get("evalue", ""))

            await client.execute_interactive(source, output_hook=hear, timeout=SECONDS)
            printed.append("".join(said).strip())
        return printed
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def start(warm: WarmKernels, cwd: Path, **environment: str) -> Kernel:
    return warm.start(cwd=cwd, environment=environment)


# -- nothing is left of an earlier run ----------------------------------------------------------

#: What a cell does to its kernel, and what the next kernel says of it: statement, question, new.
TRACES = {
    "a variable": ("left = 1", "'left' in globals()", "False"),
    "a module's attribute": ("import pandas; pandas.left = 1", "hasattr(pandas, 'left')", "False"),
    "a module put in the place of another": (
        "import sys; sys.modules['json'] = None",
        "__import__('sys').modules['json'] is None",
        "False",
    ),
    "an option of pandas": (
        "import pandas; pandas.set_option('display.max_rows', 7)",
        "pandas.get_option('display.max_rows')",
        "60",
    ),
    "the theme of Altair": (
        "import altair; altair.theme.enable('dark')",
        "altair.theme.active",
        "default",
    ),
    "the environment": (
        "import os; os.environ['LEFT'] = '1'",
        "'LEFT' in os.environ",
        "False",
    ),
    "the folder": ("import os; os.chdir('/')", "os.getcwd() == os.environ['HERE']", "True"),
    "the search path": ("import sys; sys.path.insert(0, 'left')", "'left' in sys.path", "False"),
    "filters of warnings": (
        "import warnings; warnings.simplefilter('error')",
        "warnings.filters[0][0] == 'error'",
        "False",
    ),
    "the precision of decimals": (
        "import decimal; decimal.getcontext().prec = 5",
        "decimal.getcontext().prec",
        "28",
    ),
    "settings of DuckDB": (
        "import duckdb; duckdb.execute('create table left_over (a int)')",
        "duckdb.execute('select count(*) from duckdb_tables()').fetchall()[0][0]",
        "0",
    ),
    "a switch of the interpreter": (
        "import sys; sys.setrecursionlimit(4321)",
        "sys.getrecursionlimit() == 4321",
        "False",
    ),
}
_USED = "import altair, decimal, duckdb, os, pandas, sys, warnings"


@pytest.fixture(scope="module")
def traces(warm, tmp_path_factory):
    """What each question is answered: in the kernel that left a trace, and in the next."""
    here = tmp_path_factory.mktemp("traces")
    questions = [f"print({question})" for _, question, _ in TRACES.values()]
    statements = [statement for statement, _, _ in TRACES.values()]
    both = [line for pair in zip(statements, questions, strict=True) for line in pair]
    left = executed(start(warm, here, HERE=str(here)), _USED, *both)[2::2]
    fresh = executed(start(warm, here, HERE=str(here)), _USED, *questions)[1:]
    return {name: (left[k], fresh[k]) for k, name in enumerate(TRACES)}


@pytest.mark.parametrize("name", TRACES)
def test_a_run_leaves_no_trace_in_the_next(traces, name):
    left, fresh = traces[name]
    assert fresh == TRACES[name][2]
    assert left != fresh


@pytest.mark.parametrize(
    "draw", ["random.random()", "numpy.random.random()", "numpy.random.default_rng().random()"]
)
def test_chance_is_another_in_each_kernel(warm, tmp_path, draw):
    cells = ("import random, numpy", f"print({draw})")
    first, second = (executed(start(warm, tmp_path), *cells)[1] for _ in range(2))
    assert float(first) != float(second)


def test_a_seed_set_in_a_kernel_counts_there_alone(warm, tmp_path):
    seeded = "import random, numpy; random.seed(1); numpy.random.seed(1); {}"
    shown = "print(random.random(), numpy.random.random())"
    alike = [executed(start(warm, tmp_path), seeded.format(shown))[0] for _ in range(2)]
    assert alike[0] == alike[1] == "0.13436424411240122 0.417022004702574"
    after = executed(start(warm, tmp_path), f"import random, numpy; {shown}")[0]
    assert after != alike[0]


def test_a_kernel_has_environment_folder_and_output_of_its_own(warm, tmp_path):
    kernel = start(warm, tmp_path, WORKBENCH_LANG="zh")
    asked = (
        "import os; print(os.getcwd(), os.environ['WORKBENCH_LANG'], os.getsid(0) == os.getpid())"
    )
    with kernel:
        told = asyncio.run(_execute(kernel, (asked, "os.write(2, b'to the log')")))
        assert told[0] == f"{tmp_path} zh True"
        assert "to the log" in kernel.said
    assert not kernel.folder.exists()


def test_kernels_at_the_same_time_are_apart(warm, tmp_path):
    kernels = [start(warm, tmp_path, NUMBER=str(k)) for k in range(3)]
    told = [executed(each, "import os; print(os.environ['NUMBER'])") for each in kernels]
    assert told == [["0"], ["1"], ["2"]]


def test_ten_kernels_in_a_row_are_ten_processes(warm, tmp_path):
    numbers = [executed(start(warm, tmp_path), "import os; print(os.getpid())") for _ in range(10)]
    assert len({number for (number,) in numbers}) == 10


# -- ends ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("import os; os._exit(3)", 3),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV),
    ],
    ids=["exit", "killed", "segfault"],
)
def test_a_kernel_that_crashes_harms_no_other(warm, tmp_path, cell, code):
    before, pid = start(warm, tmp_path), warm.pid
    with start(warm, tmp_path) as kernel:
        assert asyncio.run(_crash(kernel, cell)) == code
        assert kernel.process.poll() == kernel.process.wait() == code
    assert executed(before, "print(1)") == ["1"]
    assert executed(start(warm, tmp_path), "print(2)") == ["2"]
    assert warm.pid == pid


async def _crash(kernel: Kernel, cell: str) -> int | None:
    manager = kernel.manager_class()()
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=SECONDS)
        client.execute(cell)
        return await asyncio.to_thread(kernel.process.wait)
    finally:
        client.stop_channels()
        await manager.cleanup_resources()


def test_an_ended_kernel_is_gone_and_ends_once(warm, tmp_path):
    kernel = start(warm, tmp_path)
    kernel.end()
    assert kernel.process.returncode == -signal.SIGKILL
    kernel.end()
    kernel.process.kill()
    assert not psutil.pid_exists(kernel.process.pid)


@pytest.mark.usefixtures("light")
def test_where_the_process_that_forks_was_killed_another_is_started(tmp_path):
    with WarmKernels() as warm:
        running = start(warm, tmp_path)
        killed = warm.pid
        os.kill(killed, signal.SIGKILL)
        assert running.process.wait() == -signal.SIGKILL  # none is left without a parent
        running.end()
        assert executed(start(warm, tmp_path), "print(1)") == ["1"]
        assert warm.pid not in (None, killed)


_RUNNER = """
import sys, time
from pathlib import Path
from workbench.studies import warm as module

module.USUAL = ()
warm = module.WarmKernels()
kernel = warm.start(cwd=Path(sys.argv[1]), environment={})
print(warm.pid, kernel.process.pid, flush=True)
time.sleep(600)
"""


def test_all_processes_end_with_a_runner_that_was_killed(tmp_path):
    command = [sys.executable, "-c", _RUNNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as runner:
        try:
            pids = [int(pid) for pid in runner.stdout.readline().split()]
            assert len(pids) == 2
        finally:
            runner.kill()
    _, alive = psutil.wait_procs(
        [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)], SECONDS
    )
    assert not alive


def in_a_worker(folder: Path) -> int:
    """Start a kernel in a process that leaves without closing anything."""
    warm = WarmKernels()
    _LEFT_OPEN.append(warm)
    with start(warm, folder) as kernel:
        return len(executed(kernel, "print(1)")) + (warm.pid or 0)


_LEFT_OPEN: list[WarmKernels] = []


def test_a_worker_that_closes_nothing_ends_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", [""])  # the worker imports this module, and no program
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pid = pool.submit(in_a_worker, tmp_path).result(SECONDS) - 1
    gone = not psutil.pid_exists(pid) or not psutil.wait_procs([psutil.Process(pid)], SECONDS)[1]
    assert gone


# -- what is refused ----------------------------------------------------------------------------


def test_the_process_that_forks_has_one_thread_and_all_imports(warm, tmp_path):
    wanted = ["workbench.analysis.study_sales_analysis", "workbench.contract"]
    with warm.start(cwd=tmp_path, environment={}, preload=wanted) as kernel:
        assert isinstance(kernel, WarmKernel)
        assert psutil.Process(warm.pid).num_threads() == 1


@pytest.mark.usefixtures("light")
def test_no_kernel_is_forked_from_a_process_with_threads(tmp_path, monkeypatch):
    (tmp_path / "threading_on_import.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with WarmKernels(["threading_on_import"]) as warm:
        with pytest.warns(WorkbenchWarning, match="importing threading_on_import starts a thread"):
            kernel = start(warm, tmp_path)
        assert not isinstance(kernel, WarmKernel)
        assert executed(kernel, "print(1)") == ["1"]
        assert warm.pid is None
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # said once
            start(warm, tmp_path).end()


@pytest.mark.usefixtures("light")
def test_code_that_has_changed_is_imported_anew(tmp_path, monkeypatch):
    module = tmp_path / "changing.py"
    module.write_text("VALUE = 'first'\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    asked = "import changing; print(changing.VALUE)"
    with WarmKernels(["changing"]) as warm:
        assert executed(start(warm, tmp_path), asked) == ["first"]
        before = warm.pid
        assert executed(start(warm, tmp_path), asked) == ["first"]
        assert warm.pid == before
        module.write_text("VALUE = 'the second'\n")
        assert executed(start(warm, tmp_path), asked) == ["the second"]
        assert warm.pid != before


def test_plain_kernels_are_started_where_nothing_can_be_forked(tmp_path, monkeypatch):
    monkeypatch.setattr("workbench.studies.warm._FORKS", False)
    with WarmKernels() as warm, start(warm, tmp_path) as kernel:
        assert type(kernel) is Kernel
        assert warm.pid is None


def test_a_thread_of_a_library_counts():
    assert warm_process.threads() >= 1
    over = threading.Event()
    before = warm_process.threads()
    thread = threading.Thread(target=over.wait)
    thread.start()
    assert warm_process.threads() == before + 1
    over.set()
    thread.join()


# -- whole runs ---------------------------------------------------------------------------------

#: Charts through vl-convert, in the kernel of a plain run and in the runner of a warm one.
_CHARTS = """\
import altair as alt
from workbench.charts import render

class Chart:
    title = "Bars"

    def svg(self, themed=True):
        values = [{"a": "华东", "b": 3}, {"a": "North", "b": 5}]
        chart = alt.Chart(alt.Data(values=values)).mark_bar().encode(x="a:N", y="b:Q")
        return render.svg(chart, themed=themed)

record("bars", Chart())
"""


@pytest.fixture(scope="module")
def charting(tmp_path_factory):
    import nbformat

    folder = make_project(tmp_path_factory.mktemp("charting"))
    path = folder / "notebooks" / "01_tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(_CHARTS))
    nbformat.write(notebook, path)
    return find_project(folder)


def kept(run) -> dict[str, bytes]:
    """Tables and drawings of a run."""
    found = [path for path in run.folder.rglob("*") if path.parent.name in ("tables", "figures")]
    return {path.relative_to(run.folder).as_posix(): path.read_bytes() for path in found}


def test_a_warm_run_leaves_the_bytes_of_a_plain_one(warm, charting):
    plain = run_study("tiny", sets=["top=3"], lang="zh", project=charting)
    forked = [
        run_study("tiny", sets=["top=3"], lang="zh", project=charting, start_kernel=warm.start)
        for _ in range(2)
    ]
    assert set(kept(plain)) == {
        "tables/by_region.parquet",
        *(f"figures/{name}.{kind}" for name in ("finding", "bars") for kind in ("svg", "png")),
    }
    for run in forked:
        assert kept(run) == kept(plain)
        assert run.manifest["results"] == plain.manifest["results"]


def test_a_failed_run_is_told_as_from_a_plain_kernel(warm, project):
    told = {}
    for note in ("boom", "die", "killed"):
        with pytest.raises(RunError) as caught:
            run_study("tiny", sets=[f"note={note}"], project=project, start_kernel=warm.start)
        told[note] = caught.value.message
    assert told["boom"] == "01_tiny.ipynb failed in code cell 4: ValueError: the data ran away"
    assert "exit code 3" in told["die"]
    assert "killed from outside" in told["killed"]
    run = run_study("tiny", sets=["top=2"], project=project, start_kernel=warm.start)
    assert run.status == "finished"


def test_runs_in_a_row_differ_by_their_parameters_alone(warm, project):
    rows = [
        run_study("tiny", sets=[f"top={top}"], project=project, start_kernel=warm.start).manifest[
            "tables"
        ][0]["rows"]
        for top in (3, 1, 3)
    ]
    assert rows == [3, 1, 3]


def test_a_closed_service_of_drawings_is_done_without(warm, tmp_path):
    gone = remote.Drawings(lambda: None)
    gone.close()
    gone.close()
    assert not Path(gone.address).exists()
    cells = "from workbench.charts import remote; print(remote.remote_engine())"
    kernel = Kernel(cwd=tmp_path, environment={remote.ADDRESS: gone.address})
    assert executed(kernel, cells) == ["None"]
