"""The part of the cluster executor that runs inside a Dask worker.

A local pool of one process does each task (`pool.py`), so that limits and crashes are as they are
without Dask. The pools are a plugin of the worker: workers that come later get it too, and when it
is taken away, or the worker ends, so do all processes.
"""

from __future__ import annotations

import platform
import queue

from distributed import Worker, WorkerPlugin, get_worker

import workbench
from workbench.executor.interface import Limits
from workbench.executor.packing import Answer, Packed
from workbench.executor.pool import LocalPool
from workbench.executor.pool_worker import Setting
from workbench.text import Language


class Pools(WorkerPlugin):
    """Plugin of a Dask worker: one process for each task it does at a time.

    Parameters
    ----------
    setting : Setting
        The function and what its tasks share; sent to each worker once.
    limits : Limits
    lang : str
        Code of the language of faults.
    """

    def __init__(self, setting: Setting, limits: Limits, lang: str) -> None:
        self.setting, self.limits, self.lang = setting, limits, lang
        self.pools: list[LocalPool] = []
        self.free: queue.LifoQueue[LocalPool] = queue.LifoQueue()

    def __getstate__(self) -> tuple[Setting, Limits, str]:
        return self.setting, self.limits, self.lang

    def __setstate__(self, state: tuple[Setting, Limits, str]) -> None:
        self.__init__(*state)  # type: ignore[misc]

    def setup(self, worker: Worker) -> None:
        """Nothing yet: a pool is opened by the first task."""

    def teardown(self, worker: Worker) -> None:
        """End all processes, those in the middle of a task too."""
        for pool in self.pools:
            pool.close()

    def do(self, tasks: list[Packed]) -> list[Answer]:
        """Do tasks, one after the other, in a process that is free."""
        try:
            pool = self.free.get_nowait()
        except queue.Empty:
            pool = LocalPool(1, lang=Language(self.lang))
            self.pools.append(pool)
        try:
            return list(pool.work(self.setting, iter(tasks), self.limits))
        finally:
            self.free.put(pool)


def do(name: str, tasks: list[Packed]) -> list[Answer]:
    """Do tasks by the plugin of that name, in the Dask worker that was chosen."""
    pools = get_worker().plugins[name]
    assert isinstance(pools, Pools)
    return pools.do(tasks)


def version() -> str:
    """What the processes of this machine compute with."""
    return f"workbench {workbench.__version__}, Python {platform.python_version()}"
