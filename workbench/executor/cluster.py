"""The same tasks by Dask: a cluster of processes started here, or a scheduler on another machine.

Dask hands tasks out and gives those of a worker that is gone to another. What its
workers do with them: `cluster_worker.py`. Imported only where Dask is asked for.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from itertools import islice
from typing import TYPE_CHECKING, Any

import dask.config
from distributed import Client, Future, KilledWorker, LocalCluster

from workbench.errors import ProjectError
from workbench.executor.cluster_worker import Pools, do, version
from workbench.executor.interface import NO_LIMITS, Done, Fault, Limits, available_cpus
from workbench.executor.packing import Answer, Packed, through
from workbench.executor.pool import packed_shared
from workbench.executor.pool_worker import Setting
from workbench.executor.processes import end_all, kin, processes

if TYPE_CHECKING:
    from workbench.text import Language

#: Seconds to find a scheduler, and for its first worker to come.
PATIENCE = 5
#: Packets of tasks under way and waiting, for each that can be done at a time.
AHEAD = 3
#: Seconds of work that go to a worker together, and how many tasks at most.
TOGETHER_SECONDS, TOGETHER_TASKS = 0.1, 32
#: Seconds between looks at how many workers there are.
CENSUS = 5.0


@contextlib.contextmanager
def open_cluster(
    address: str | None, *, workers: int | None, lang: Language
) -> Iterator[ClusterExecutor]:
    """Open an executor on a scheduler, or on a cluster started for it.

    Parameters
    ----------
    address : str or None
        "tcp://host:port" of a scheduler; None starts a cluster of processes on this machine.
    workers : int or None
        How many tasks at a time, at most.
    lang : Language

    Raises
    ------
    ProjectError
        If the scheduler cannot be reached, has no workers, or they have another workbench.
    """
    opened = _local(workers or available_cpus()) if address is None else _remote(address, lang)
    with opened as client:
        _check_workers(client, address or "local-cluster", lang)
        executor = ClusterExecutor(client, most=workers, lang=lang)
        try:
            yield executor
        finally:
            executor.close()


class ClusterExecutor:
    """Workers of a Dask cluster.

    Parameters
    ----------
    client : distributed.Client
    most : int or None
        How many tasks at a time, at most.
    lang : Language
        Of faults.
    """

    def __init__(self, client: Client, *, most: int | None, lang: Language) -> None:
        self.client, self.most, self.lang = client, most, lang
        self._flights: dict[str, _Flight] = {}

    @property
    def workers(self) -> int:
        """How many tasks are done at a time, by the workers there are now."""
        threads = sum(self.client.nthreads().values())
        return min(threads, self.most or threads)

    def run(
        self,
        function: str,
        tasks: Iterable[Any],
        *,
        shared: Any = None,
        limits: Limits = NO_LIMITS,
    ) -> Iterator[Done]:
        """Do all tasks; see `Executor.run`."""
        setting = Setting(function, packed_shared(shared, self.lang))
        return through(lambda packed: self._work(setting, packed, limits), tasks, self.lang)

    def _work(
        self, setting: Setting, tasks: Iterator[Packed], limits: Limits
    ) -> Generator[Answer, None, None]:
        name = f"workbench-{uuid.uuid4().hex}"
        self.client.register_plugin(Pools(setting, limits, self.lang.code), name=name)
        self._flights[name] = flight = _Flight(self, name, tasks)
        try:
            yield from flight.answers()
        finally:
            self._stop(name)

    def close(self) -> None:
        """End what is under way."""
        for name in list(self._flights):
            self._stop(name)

    def _stop(self, name: str) -> None:
        """Begin no more of these tasks, and end the processes that do them."""
        flight = self._flights.pop(name, None)
        if flight is None:
            return

        def stop() -> None:
            self.client.cancel(list(flight.flying), force=True)
            self.client.unregister_worker_plugin(name)

        _within_patience(stop)


class _Flight:
    """Tasks on their way through a cluster: some submitted, answers as they land.

    Short ones go several at a time, as a round trip through scheduler and worker takes some
    milliseconds.
    """

    def __init__(self, executor: ClusterExecutor, name: str, tasks: Iterator[Packed]) -> None:
        self.executor, self.name, self.tasks = executor, name, tasks
        self.landed: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self.flying: dict[Future, list[Packed]] = {}
        self.counted, self.room = -CENSUS, 0
        self.together = 1

    def answers(self) -> Generator[Answer, None, None]:
        """Yield each as it lands."""
        while self._submit():
            with contextlib.suppress(queue.Empty):
                future = self.landed.get(timeout=CENSUS)  # wakes for workers that came late
                answers = self._landed(future, self.flying.pop(future))
                pace = max(1e-6, max(answer.seconds for answer in answers))
                self.together = min(TOGETHER_TASKS, max(1, int(TOGETHER_SECONDS / pace)))
                yield from answers

    def _submit(self) -> bool:
        """Keep all workers busy; whether anything is under way."""
        if time.monotonic() - self.counted >= CENSUS:
            self.counted, self.room = time.monotonic(), max(self.executor.workers, 1) * AHEAD
        while len(self.flying) < self.room and (tasks := list(islice(self.tasks, self.together))):
            key = f"{self.name}-{tasks[0].place}"
            future = self.executor.client.submit(do, self.name, tasks, key=key, pure=False)
            self.flying[future] = tasks
            future.add_done_callback(self.landed.put)
        return bool(self.flying)

    def _landed(self, future: Future, tasks: list[Packed]) -> list[Answer]:
        say = self.executor.lang.say
        try:
            answers: list[Answer] = future.result()  # once more, where its worker died after it
            return answers
        except CancelledError as error:
            raise ProjectError(say("the scheduler of the cluster is gone")) from error
        except KilledWorker as error:
            message = say("the workers of the cluster died under it, one after the other")
            fault = Fault("crash", "KilledWorker", message, str(error))
        except Exception as error:
            fault = Fault("error", type(error).__name__, str(error))
        return [Answer(task.place, b"", fault, 0.0, 0.0, 1) for task in tasks]


def _within_patience(tidy: Callable[[], None]) -> None:
    """Tidy up, but do not wait for workers that do not answer: Ctrl-C may have ended them."""

    def quietly() -> None:
        with contextlib.suppress(Exception):  # gone already, and what was to be tidied with it
            tidy()

    thread = threading.Thread(target=quietly, daemon=True)
    thread.start()
    thread.join(PATIENCE)


# -- opening ------------------------------------------------------------------------------------


@contextlib.contextmanager
def _local(workers: int) -> Iterator[Client]:
    """A cluster of processes on this machine; all of them are gone afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="workbench-cluster-") as folder,
        dask.config.set({"temporary-directory": folder}),
    ):
        cluster = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            worker_dashboard_address=None,
            scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
            memory_limit=0,  # that of a task is watched by its pool
            local_directory=folder,
            silence_logs=logging.CRITICAL,
        )
        client = Client(cluster, set_as_default=False)
        try:
            yield client
        finally:
            client.close(timeout=1)
            _end(cluster)


def _end(cluster: LocalCluster) -> None:
    """Close a cluster; its workers have been left without tasks, or do not answer."""
    nannies = list(cluster.workers.values())
    with contextlib.suppress(TimeoutError):
        cluster.close(timeout=PATIENCE)
    for pid in [nanny.pid for nanny in nannies if nanny.pid is not None]:
        end_all([*kin(pid), *processes([pid])])


@contextlib.contextmanager
def _remote(address: str, lang: Language) -> Iterator[Client]:
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ProjectError(
            lang.say("the scheduler cannot be reached"),
            where=address,
            do=lang.say("start it (dask scheduler), or check host, port and firewall"),
        ) from error
    try:
        yield client
    finally:
        client.close(timeout=1)


def _check_workers(client: Client, address: str, lang: Language) -> None:
    """See that there are workers, and that they would compute with the same code."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        raise ProjectError(
            lang.say("the scheduler has no workers"),
            where=address,
            do=lang.say("start some: dask worker {address}", address=address),
        ) from error
    for worker, found in client.run(version, on_error="return").items():
        if found != version():
            raise ProjectError(
                lang.say("a worker of the cluster has another workbench"),
                where=f"{worker}: {found}",
                do=lang.say("install {version} there", version=version()),
            )
