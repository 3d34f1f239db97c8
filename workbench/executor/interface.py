"""What an executor is asked and what it answers, whoever does the work.

The random numbers of a task come from streams named in the task (`workbench.scenarios`); an
executor promises no order, so that the number of workers cannot change a result.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

#: Of the control group, on Linux: microseconds of CPU a period, or "max".
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


#: One thread each, so that sums come out the same bit for bit and workers share the processors.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one task may take.

    Attributes
    ----------
    seconds : float or None
        Wall time, from its start in a worker that is ready.
    memory_mb : float or None
        Resident memory of the worker and all it started, seen five to ten times a second; memory
        that these processes share is counted once where the system tells (Linux).
    retries : int
        New attempts after the worker died under it. A task that raises, or passes a limit, would
        do so again and is not repeated.
    """

    seconds: float | None = None
    memory_mb: float | None = None
    retries: int = 1


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a task has no value.

    Attributes
    ----------
    kind : str
        "error" raised by the task, "crash" of its worker, "time" or "memory" limit passed.
    error : str
        Name of the error or of the signal.
    message : str
        What it says.
    trace : str
        The traceback, or the last words of the worker; may be empty.
    """

    kind: Literal["error", "crash", "time", "memory"]
    error: str
    message: str
    trace: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """A task that is over.

    Attributes
    ----------
    place : int
        Number of the task as it was given, from 0.
    value : Any
        What the function returned; None where there is a fault.
    fault : Fault or None
    seconds : float
        Wall time of the last attempt.
    peak_mb : float
        Largest resident memory of the worker meanwhile, imports and what tasks share included;
        with all processes it started, as far as they were seen (ten times a second).
    attempts : int
        1, one more for each worker that died under it.
    """

    place: int
    value: Any
    fault: Fault | None
    seconds: float
    peak_mb: float
    attempts: int


class Executor(Protocol):
    """Workers that wait for tasks."""

    @property
    def workers(self) -> int:
        """How many tasks are done at a time."""

    def run(
        self,
        function: str,
        tasks: Iterable[Any],
        *,
        shared: Any = None,
        limits: Limits = NO_LIMITS,
    ) -> Iterator[Done]:
        """Do all tasks; give each as soon as it is over, in no order.

        Parameters
        ----------
        function : str
            "package.module:name"; called in a worker as ``name(shared, task)``. The module is
            imported once a worker.
        tasks : iterable
            Taken as workers get free, so that millions need no memory. A task and its value must
            pickle; one that does not is an "error" of its own.
        shared : Any
            First argument of every call, sent to each worker once.
        limits : Limits

        Yields
        ------
        Done
            One for each task, once.

        Notes
        -----
        Closing the iterator ends what is under way. One `run` of an executor at a time.
        """


def available_cpus() -> int:
    """Processors this process may use, by its affinity and the quota of its container."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        count = min(count, int(quota) // int(period))
    except (OSError, ValueError):  # no quota
        pass
    return max(count, 1)
