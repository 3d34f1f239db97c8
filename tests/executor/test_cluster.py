"""Dask, with real workers in processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

import workbench
from tests.executor import functions
from tests.executor.support import BEHAVE, DRAWS, TIMES, by_place, children, gone, numbers_in
from workbench.errors import ParameterError, ProjectError
from workbench.executor import Limits, open_executor
from workbench.text import Language

cluster_module = pytest.importorskip("workbench.executor.cluster")


@pytest.fixture(scope="module")
def cluster():
    with open_executor(workers=2, scheduler="local-cluster") as executor:
        yield executor


def dask_workers(executor):
    return list(executor.client.run(os.getpid).values())


def test_draws_are_the_same_as_here(cluster):
    tasks = [(seed, name) for seed in range(4) for name in ("deals/amount", "team/leavers")]
    done = by_place(cluster.run(DRAWS, tasks, shared=50))
    assert cluster.workers == 2
    assert [done[place].value for place in range(8)] == [
        functions.draws(50, task) for task in tasks
    ]


def test_faults_are_those_of_the_local_pool(cluster):
    tasks = [
        ("give", 1),
        ("raise", "no such deal"),
        ("exit", 3),
        ("sleep", 60),
        ("fill_and_wait", 600),
        ("unsendable",),
        ("give", lambda: 0),
        ("give", 2),
    ]
    done = by_place(cluster.run(BEHAVE, tasks, limits=Limits(seconds=1.5, memory_mb=400)))
    kinds = [each.fault and each.fault.kind for _, each in sorted(done.items())]
    assert kinds == [None, "error", "crash", "time", "memory", "error", "error", None]
    assert [done[place].attempts for place in (2, 3)] == [2, 1]
    assert (done[0].value, done[7].value) == (1, 2)


def test_a_worker_killed_in_the_middle_loses_nothing(cluster, tmp_path):
    victim, *_ = dask_workers(cluster)
    tasks = [("note", str(tmp_path / "done"), place) for place in range(200)]
    tasks[40:40] = [("sleep", 0.3)] * 4  # so that both have something under way
    places = []
    for each in cluster.run(BEHAVE, tasks):
        assert each.fault is None
        places.append(each.place)
        if len(places) == 30:
            os.kill(victim, signal.SIGKILL)
    assert sorted(places) == list(range(204))
    assert set(numbers_in(tmp_path / "done", 200)) == set(range(200))
    assert victim not in dask_workers(cluster)


def test_a_run_left_early_ends_what_is_under_way(cluster, tmp_path):
    tasks = [("give", 1), ("lasting", str(tmp_path / "pids")), ("give", 2)]
    for _ in cluster.run(BEHAVE, tasks):
        pids = numbers_in(tmp_path / "pids", 2)
        break
    assert gone(pids)
    assert by_place(cluster.run(TIMES, [4], shared=2))[0].value == 8


def test_nothing_is_left_of_a_cluster(tmp_path):
    before = children()
    with open_executor(workers=1, scheduler="local-cluster") as executor:
        run = executor.run(BEHAVE, [("give", 1), ("lasting", str(tmp_path / "pids"))])
        next(run)
        pids = numbers_in(tmp_path / "pids", 2)
        workers = dask_workers(executor)
        assert set(pids + workers) <= children() - before
    assert gone(pids + workers)


# -- a scheduler that is running


def started(*command):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )


def ended(process):
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.kill()
    process.wait()
    assert gone([each.pid for each in below])


@pytest.fixture
def address():
    """The address of a scheduler without workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard", "--no-jupyter"]
    process = started("distributed.cli.dask_scheduler", *options)
    yield f"tcp://127.0.0.1:{port}"
    if process.poll() is None:
        ended(process)


@pytest.fixture
def worker(address):
    process = started(
        "distributed.cli.dask_worker", address, "--nthreads", "2", "--no-nanny", "--no-dashboard"
    )
    yield process
    if process.poll() is None:
        ended(process)


def test_a_running_scheduler_is_used_and_left_as_it_was(address, worker, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 60)  # until both have started
    with open_executor(scheduler=address) as executor:
        assert executor.workers == 2
        done = by_place(executor.run(TIMES, range(50), shared=2))
        assert [done[place].value for place in range(50)] == list(range(0, 100, 2))
    with open_executor(scheduler=address, workers=1) as executor:
        assert executor.workers == 1
        run = executor.run(BEHAVE, [("give", 1), ("lasting", str(tmp_path / "pids"))])
        next(run)
        pids = numbers_in(tmp_path / "pids", 2)
    assert gone(pids)  # though nobody closed the run
    assert worker.poll() is None


def test_a_scheduler_without_workers_is_said(address, monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 60)
    with socket.socket() as probe:
        until = time.monotonic() + 60
        host, port = address.removeprefix("tcp://").split(":")
        while probe.connect_ex((host, int(port))) and time.monotonic() < until:
            time.sleep(0.1)
    monkeypatch.setattr(cluster_module, "PATIENCE", 2)
    with (
        pytest.raises(ProjectError, match="has no workers") as caught,
        open_executor(scheduler=address),
    ):
        pass
    assert address in caught.value.do


def test_a_scheduler_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setattr(cluster_module, "PATIENCE", 1)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ProjectError, match="cannot be reached"), open_executor(scheduler=address):
        pass


def test_workers_with_another_workbench_are_refused(cluster, monkeypatch):
    monkeypatch.setattr(workbench, "__version__", "0.0.1")  # here, not in the workers
    with pytest.raises(ProjectError, match="another workbench"):
        cluster_module._check_workers(cluster.client, "local-cluster", Language("en"))


def test_what_is_shared_must_pickle(cluster):
    with pytest.raises(ParameterError, match="cannot be sent to workers"):
        cluster.run(TIMES, [1], shared=lambda: 0)
