"""A process and all that came from it: who they are, what memory they hold, how they end.

`psutil` is asked, but for the one question it answers by reading every process of the machine:
on Linux each process knows its own children.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

MB = 1024 * 1024


def kin(pid: int) -> list[psutil.Process]:
    """Children of a process, their children and so on; without itself."""
    if not Path(f"/proc/{pid}/task/{pid}/children").is_file():
        return [below for process in processes([pid]) for below in _below(process)]
    found, waiting = [], _children(pid)
    while waiting:
        found.append(waiting.pop())
        waiting += _children(found[-1])
    return processes(found)


def processes(pids: Iterable[int]) -> list[psutil.Process]:
    """Those of the processes that are there."""
    found = []
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found.append(psutil.Process(pid))
    return found


def resident_mb(processes: Iterable[psutil.Process], *, exact: bool = False) -> float:
    """Resident memory of processes together, in MB.

    Parameters
    ----------
    processes : iterable of psutil.Process
        Those that have ended count nothing.
    exact : bool
        Count what they share once, where the system tells; takes some milliseconds.
    """
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            if exact and psutil.LINUX:
                total += process.memory_full_info().pss
            else:
                total += process.memory_info().rss
    return total / MB


def own_mb() -> float:
    """Resident memory of this process, in MB."""
    return resident_mb([psutil.Process()])


def end_tree(pid: int, known: Iterable[psutil.Process] = ()) -> None:
    """Kill a process and what came from it, at once.

    Parameters
    ----------
    pid : int
        Leader of its own process group, as workers are; ended already, its group still ends.
    known : iterable of psutil.Process
        Seen before among its kin; they may have been left behind by a parent that died.
    """
    leader = processes([pid])
    for process in leader:
        with contextlib.suppress(psutil.Error):
            process.suspend()  # so that none is born while the others are counted
    end_all([*known, *kin(pid), *leader])
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def end_all(processes: Iterable[psutil.Process]) -> None:
    """Kill processes; those that have ended, or whose number belongs to another, are left."""
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _below(process: psutil.Process) -> list[psutil.Process]:
    try:
        below: list[psutil.Process] = process.children(recursive=True)
    except psutil.Error:
        return []
    return below


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):  # it ended meanwhile
        for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208 - names, no paths
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:  # noqa: PTH123
                found += map(int, file.read().split())
    return found
