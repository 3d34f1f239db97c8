"""A worker of the local pool, from outside: one process, its tasks, its pipes, its memory.

What happens inside it: `pool_process.py`. It leads a process group and a session of its own, so
that Ctrl-C in the terminal reaches the pool alone, and all of it can be ended together.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from workbench.executor import pool_process
from workbench.executor.interface import THREADS, Fault
from workbench.executor.packing import PROTOCOL, Packed
from workbench.executor.processes import end_tree, kin, resident_mb

#: Bytes of the log told with a fault.
LAST_WORDS = 4000
#: Seconds after its end until a worker counts as over, though a pipe of its is held open.
UNHEARD = 1.0

#: What workers say, and None when one has ended.
Inbox = queue.SimpleQueue[tuple["Worker", tuple[Any, ...] | None]]


@dataclass(frozen=True, slots=True)
class Setting:
    """The function of a run and what its tasks share, pickled."""

    function: str
    shared: bytes


class Worker:
    """A process that does tasks, one after the other.

    Parameters
    ----------
    folder : Path
        Made here; for its log and temporary files.
    inbox : Inbox
        Where to put what it says.

    Attributes
    ----------
    tasks : deque of Packed
        The first is under way.
    pace : float or None
        Seconds of the last task.
    doom : Fault or None
        Why it is being ended.
    seen_mb : float
        Largest memory seen during the task under way, with all it started.
    """

    def __init__(self, folder: Path, inbox: Inbox) -> None:
        self.folder = folder
        self.tasks: deque[Packed] = deque()
        self.pace: float | None = None
        self.doom: Fault | None = None
        self.seen_mb = 0.0
        self._kin: list[psutil.Process] = []
        self._setting: Setting | None = None
        self._since: float | None = None  # None while it loads
        self._ended: float | None = None
        self._process = _started(folder)
        self._self = [psutil.Process(self._process.pid)]
        threading.Thread(target=_read, args=(self, self._process, inbox), daemon=True).start()
        self._send(([str(Path(path).absolute()) for path in sys.path], str(folder)))

    def give(self, task: Packed, setting: Setting) -> None:
        """Send a task, and before it what its kind needs."""
        if self._setting is not setting:
            if self._setting != setting:
                self._since = None
                self.tell("load", setting.function, setting.shared)
            self._setting = setting
        if not self.tasks and self._since is not None:
            self.begin()
        self.tasks.append(task)
        self.tell("task", task.place, task.content)

    def begin(self) -> None:
        """Count time and memory of the first task from now."""
        self._since, self.seen_mb = time.monotonic(), 0.0

    @property
    def elapsed(self) -> float:
        """Seconds of the task under way; 0 while the worker loads."""
        return 0.0 if self._since is None else time.monotonic() - self._since

    def recall(self) -> None:
        """Ask for the tasks not begun."""
        if len(self.tasks) > 1 and self.pace is not None:
            self.pace = None
            self.tell("back")

    def returned(self, numbers: Collection[int]) -> list[Packed]:
        """Forget tasks that came back, and give them."""
        given = [task for task in self.tasks if task.place in numbers]
        self.tasks = deque(task for task in self.tasks if task.place not in numbers)
        return given

    def look_at_memory(self, *, exact: bool = False) -> float:
        """Resident MB of the worker and all it started; `exact` counts what they share once."""
        self._kin = kin(self._process.pid)
        used = resident_mb(self._self + self._kin, exact=exact)
        self.seen_mb = max(self.seen_mb, used)
        return used

    # -- its end

    @property
    def is_over(self) -> bool:
        """Whether it has ended a while ago; a child that holds its pipe may keep it unheard."""
        if self._process.poll() is None:
            return False
        self._ended = self._ended or time.monotonic()
        return time.monotonic() - self._ended > UNHEARD

    @property
    def code(self) -> int:
        """Exit code of the process that has ended; negative for a signal."""
        return self._process.wait()

    @property
    def said(self) -> str:
        """Last words in its log."""
        with contextlib.suppress(OSError):
            content = _log(self.folder).read_bytes()[-LAST_WORDS:]
            return content.decode("utf-8", "replace").strip("\0\n ")
        return ""

    def wait(self, seconds: float) -> None:
        """Give it time to end by itself."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(seconds, 0))

    def kill(self) -> None:
        """End it with all it has started."""
        end_tree(self._process.pid, self._kin)
        self._process.wait()
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def tell(self, *message: Any) -> None:
        """Send a message; that it has ended is heard otherwise."""
        self._send(message)

    def _send(self, message: Any) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError, ValueError):
            self._process.stdin.write(pickle.dumps(message, PROTOCOL))
            self._process.stdin.flush()


def _started(folder: Path) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True)
    own = {"TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    fixed = dict.fromkeys(THREADS, "1") | {"PYTHONHASHSEED": "0", "PYTHONIOENCODING": "utf-8"}
    with _log(folder).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", str(pool_process.__file__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=os.environ | fixed | own,
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )


def _log(folder: Path) -> Path:
    return folder / "worker.log"


def _read(worker: Worker, process: subprocess.Popen[bytes], inbox: Inbox) -> None:
    """Pass on what a worker says, in a thread of its own, until it ends."""
    assert process.stdout is not None
    with process.stdout as replies, contextlib.suppress(Exception):  # cut off by its end
        while True:
            inbox.put((worker, pickle.load(replies)))
    inbox.put((worker, None))
