"""Work beside the page: one thread that does the newest job, and forgets what is overtaken.

The page stays awake while something is computed. A job that is asked for again waits for nobody:
what waited under the same name is dropped, and what runs is stopped if it may take long. So a late
result can never stand over a newer one. A job is not stopped inside an import, which would leave
half a module behind: it is stopped after it.
"""

from __future__ import annotations

import ctypes
import math
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

#: Seconds after which a running job is stopped when a newer one of its name comes.
PATIENCE = 0.5
_AGAIN = 0.05  # seconds until it is tried again to stop a job that imports


class Stopped(BaseException):
    """Raised inside a job that is stopped; no handler of errors shall catch it."""


@dataclass
class Job:
    """Something to do, and whom to tell.

    Attributes
    ----------
    name : str
        Jobs of one name overtake each other.
    do : callable
        Returns the result.
    done : callable
        Told the result, unless the job was overtaken.
    failed : callable
        Told the exception, unless the job was overtaken.
    """

    name: str
    do: Callable[[], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    began: float | None = None
    overtaken: bool = False


@dataclass
class Worker:
    """One thread for jobs, the newest of a name only, in the order in which names came."""

    _jobs: OrderedDict[str, Job] = field(default_factory=OrderedDict)
    _running: Job | None = None
    _thread: threading.Thread | None = None
    _closed: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()

    def submit(self, job: Job, *, first: bool = False, gently: bool = False) -> None:
        """Do a job as soon as the thread is free; before all that wait where `first`.

        What runs under its name is not stopped where `gently`: the new job needs most of it.
        """
        with self._changed:
            self._overtake(job.name, patience=math.inf if gently else PATIENCE)
            self._jobs[job.name] = job
            if first:
                self._jobs.move_to_end(job.name, last=False)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._loop, name="planner", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def cancel(self, name: str) -> bool:
        """Forget a job, waiting or running; whether there was one."""
        with self._changed:
            waited = self._jobs.pop(name, None)
            running = self._running is not None and self._running.name == name
            if running:
                self._overtake(name, patience=0.0)
            return waited is not None or running

    @property
    def busy_since(self) -> float | None:
        """When the job that runs began, by `time.monotonic`; None where none does."""
        return self._running.began if self._running else None

    def wait(self, timeout: float = 60.0) -> bool:
        """Wait until nothing is left to do; for notebooks run from top to bottom, and tests."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._jobs and not self._running, timeout)

    def close(self) -> None:
        """Let the thread end after the job that runs."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify_all()

    def _overtake(self, name: str, patience: float = PATIENCE) -> None:
        self._jobs.pop(name, None)
        job = self._running
        if job is None or job.name != name or job.overtaken:
            return
        job.overtaken = True
        if job.began is not None and time.monotonic() - job.began >= patience:
            self._stop(job)

    def _stop(self, job: Job) -> None:
        """Stop a job now, or as soon as it has ended what it imports."""
        with self._changed:
            if self._running is not job or self._thread is None:
                return
            if not _imports(self._thread):
                _interrupt(self._thread)
                return
        again = threading.Timer(_AGAIN, self._stop, [job])
        again.daemon = True
        again.start()

    def _loop(self) -> None:
        while not self._closed:
            try:
                self._one()
            except Stopped:  # it may come a step late, between two jobs
                continue

    def _one(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            if self._closed:
                return
            _, job = self._jobs.popitem(last=False)
            job.began = time.monotonic()
            self._running = job
        try:
            self._work(job)
        finally:
            self._ended()

    def _work(self, job: Job) -> None:
        try:
            result = job.do()
        except Exception as error:
            job.began = None  # it has ended: telling so may ask for more, and is not stopped
            if not job.overtaken:
                job.failed(error)
            return
        job.began = None
        if not job.overtaken:
            job.done(result)

    def _ended(self) -> None:
        while True:  # a stop that comes late must not end the thread
            try:
                with self._changed:
                    self._running = None
                    self._changed.notify_all()
                _interrupt(threading.current_thread(), withdrawn=True)
                return
            except Stopped:
                continue


def _imports(thread: threading.Thread) -> bool:
    """Whether a thread is in the middle of an import."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _interrupt(thread: threading.Thread | None, *, withdrawn: bool = False) -> None:
    """Raise `Stopped` in a thread at its next step in Python; or take it back if still to come."""
    if thread is not None and thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), None if withdrawn else ctypes.py_object(Stopped)
        )
