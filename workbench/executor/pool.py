"""The local pool: worker processes that may die, or be killed, one by one.

The pools of the standard library, joblib and loky give up, or start anew, all workers when one
dies, and none has limits on the time and memory of a task with what it has started. Here each
worker has pipes of its own (`pool_worker.py`), so that one can be ended and the others not notice.

A worker is given more than one task at a time while they are short, so that it need not wait for
the next; what is not begun is taken back when the first takes long or the worker dies.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import shutil
import signal
import tempfile
import time
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ParameterError
from workbench.executor.interface import NO_LIMITS, Done, Fault, Limits
from workbench.executor.packing import PROTOCOL, Answer, Packed, through
from workbench.executor.pool_worker import Inbox, Setting, Worker

if TYPE_CHECKING:
    from workbench.text import Language

#: Seconds between looks at limits and memory.
TICK = 0.1
#: Seconds of work a worker may be given beyond the task it does, and how many tasks.
AHEAD_SECONDS, AHEAD_TASKS = 0.05, 8
#: Bytes of a task to be given ahead: all of them fit into a pipe, so that giving never waits.
AHEAD_BYTES = 2048
#: Seconds that workers without a task have to end by themselves.
GRACE = 2.0


class LocalPool:
    """Worker processes on this machine; started as tasks come, kept until it is closed.

    Parameters
    ----------
    workers : int
    lang : Language
        Of faults.
    """

    def __init__(self, workers: int, *, lang: Language) -> None:
        self.workers = workers
        self.lang = lang
        self.closed = False
        self.team: list[Worker] = []
        self.inbox: Inbox = queue.SimpleQueue()
        self._folder: Path | None = None
        self._started = 0

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
        return through(lambda packed: self.work(setting, packed, limits), tasks, self.lang)

    def work(
        self, setting: Setting, tasks: Iterator[Packed], limits: Limits
    ) -> Generator[Answer, None, None]:
        """Do packed tasks; `run` without packing."""
        yield from _Work(self, setting, tasks, limits).answers()

    def start(self) -> Worker:
        """One more worker."""
        if self.closed:
            raise RuntimeError("the pool is closed")
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="workbench-pool-"))
        self._started += 1
        worker = Worker(self._folder / str(self._started), self.inbox)
        self.team.append(worker)
        return worker

    def drop(self, worker: Worker) -> None:
        """End a worker at once, with all it has started."""
        worker.kill()
        if worker in self.team:
            self.team.remove(worker)

    def close(self) -> None:
        """End all workers; those without a task may tidy up first."""
        self.closed = True
        idle = [worker for worker in self.team if not worker.tasks]
        for worker in idle:
            worker.tell("end")
        until = time.monotonic() + GRACE
        for worker in self.team[:]:
            if worker in idle:
                worker.wait(until - time.monotonic())
            self.drop(worker)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> LocalPool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def packed_shared(shared: Any, lang: Language) -> bytes:
    """Pickle what all tasks share.

    Raises
    ------
    ParameterError
        If it cannot be pickled.
    """
    try:
        return pickle.dumps(shared, PROTOCOL)
    except Exception as error:
        raise ParameterError(
            lang.say("what all tasks share cannot be sent to workers"),
            where=f"shared: {type(error).__name__}: {error}",
        ) from error


class _Work:
    """Tasks on their way through a pool."""

    def __init__(
        self, pool: LocalPool, setting: Setting, tasks: Iterator[Packed], limits: Limits
    ) -> None:
        self.pool, self.setting, self.tasks, self.limits = pool, setting, tasks, limits
        self.back: deque[Packed] = deque()  # given before, to be given again
        self.looked = time.monotonic()

    def answers(self) -> Generator[Answer, None, None]:
        """Yield each as its task is over; left early, what is under way ends."""
        try:
            while True:
                self._give()
                if not self._busy():
                    return
                yield from self._take()
        finally:
            for worker in self._busy():
                self.pool.drop(worker)

    def _busy(self) -> list[Worker]:
        return [worker for worker in self.pool.team if worker.tasks]

    # -- giving

    def _give(self) -> None:
        """Give tasks to those that are free, then some ahead to those that are quick."""
        while len(self._busy()) < self.pool.workers and (task := self._next()) is not None:
            idle = [worker for worker in self.pool.team if not worker.tasks]
            (idle[0] if idle else self.pool.start()).give(task, self.setting)
        for worker in self._busy():
            while len(worker.tasks) < _room(worker) and (task := self._next()) is not None:
                if len(task.content) > AHEAD_BYTES:
                    self.back.appendleft(task)
                    return
                worker.give(task, self.setting)

    def _next(self) -> Packed | None:
        return self.back.popleft() if self.back else next(self.tasks, None)

    # -- taking

    def _take(self) -> Iterator[Answer]:
        """Wait for one message, no longer than until the next look."""
        with contextlib.suppress(queue.Empty):
            worker, message = self.pool.inbox.get(timeout=TICK)
            if worker in self.pool.team:  # else it was ended before this was read
                yield from self._heard(worker, message)
        if time.monotonic() - self.looked >= TICK:
            yield from self._look()
            self.looked = time.monotonic()

    def _heard(self, worker: Worker, message: tuple[Any, ...] | None) -> Iterator[Answer]:
        if message is None:
            yield from self._ended(worker)
        elif message[0] == "ready":
            worker.begin()
        elif message[0] == "back":
            self.back.extendleft(reversed(worker.returned(message[1])))
        else:
            _, _, well, content, seconds, peak = message
            task, peak = worker.tasks.popleft(), max(peak, worker.seen_mb)
            worker.pace, worker.doom = seconds, None  # it came in time after all
            worker.begin()
            fault = None if well else Fault("error", *content)
            answer = content if well else b""
            yield Answer(task.place, answer, fault, seconds, peak, task.deaths + 1)

    def _ended(self, worker: Worker) -> Iterator[Answer]:
        """Blame the task under way; the others go to other workers."""
        self.pool.drop(worker)
        if not worker.tasks:
            return
        task = worker.tasks.popleft()
        self.back.extendleft(reversed(worker.tasks))
        fault = worker.doom
        if fault is None:
            task.deaths += 1
            if task.deaths <= self.limits.retries and not self.pool.closed:
                self.back.appendleft(task)
                return
            fault = self._crash(worker)
        attempts = max(task.deaths, 1) if fault.kind == "crash" else task.deaths + 1
        yield Answer(task.place, b"", fault, worker.elapsed, worker.seen_mb, attempts)

    # -- looking

    def _look(self) -> Iterator[Answer]:
        """See who is over a limit, who holds back tasks not begun, who has ended unheard."""
        for worker in self._busy():
            if worker.is_over:
                yield from self._ended(worker)
                continue
            if worker.elapsed < TICK or worker.doom is not None:
                continue
            worker.recall()
            worker.doom = self._over_time(worker) or self._over_memory(worker)
            if worker.doom is not None:
                worker.kill()  # what it has said until now is heard first, then that it ended

    def _over_time(self, worker: Worker) -> Fault | None:
        limit = self.limits.seconds
        if limit is None or worker.elapsed <= limit:
            return None
        say = self.pool.lang.say
        return Fault(
            "time",
            "TimeLimit",
            say("not done after {limit} seconds", limit=f"{limit:g}"),
            worker.said,
        )

    def _over_memory(self, worker: Worker) -> Fault | None:
        limit, used = self.limits.memory_mb, worker.look_at_memory()
        if limit is None or used <= limit or (used := worker.look_at_memory(exact=True)) <= limit:
            return None
        message = self.pool.lang.say(
            "{used} MB of memory in use, {limit} MB allowed", used=f"{used:.0f}", limit=f"{limit:g}"
        )
        return Fault("memory", "MemoryLimit", message, worker.said)

    def _crash(self, worker: Worker) -> Fault:
        code, say = worker.code, self.pool.lang.say
        if code >= 0:
            name, message = f"exit {code}", say("the worker ended with exit code {code}", code=code)
        else:
            name = _signal_name(-code)
            message = say("the worker was ended by signal {name}", name=name)
        if name == "SIGKILL":
            why = say("by hand, or by the system for want of memory")
            message = self.pool.lang.say("{what} ({reason})", what=message, reason=why)
        return Fault("crash", name, message, worker.said)


def _room(worker: Worker) -> int:
    """How many tasks a worker may hold."""
    if worker.pace is None or worker.doom is not None:
        return 1
    return 1 + min(AHEAD_TASKS, int(AHEAD_SECONDS / max(worker.pace, 1e-6)))


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
