"""A worker of the local pool, from inside: take tasks, do them, answer, until told to end.

Run as a program by `pool.py`. Messages are pickles, one after the other, over what were standard
input and output; whatever a task prints goes where errors go, to the log of the worker. When the
input closes the pool is gone, and the worker ends with all it started, in the middle of a task.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import pickle
import queue
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO

FRAMES = 30  # of a traceback


def main() -> None:
    """Serve until told to end."""
    faulthandler.enable()
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - before anything is imported
        os.dup2(nothing.fileno(), 0)
    try:
        sys.path[:], folder = pickle.load(requests)
    except EOFError:
        return
    import workbench.executor.processes  # noqa: F401 - the end is to find it ready

    worker = _Worker(replies, folder)
    listening = threading.Thread(target=worker.listen, args=(requests,), daemon=True)
    listening.start()
    try:
        worker.serve()
    except OSError:  # nobody reads any more: the other thread is about to end all of it
        listening.join()


class _Worker:
    """Tasks in a queue that one thread fills and the main one empties."""

    def __init__(self, replies: BinaryIO, folder: str) -> None:
        self.replies, self.folder = replies, folder
        self.writing = threading.Lock()
        self.inbox: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self.call: Callable[[Any], Any] = _nothing_loaded

    # -- the thread that listens

    def listen(self, requests: BinaryIO) -> None:
        """Take messages as they come, so that the pool never waits for a task to be over."""
        with contextlib.suppress(EOFError, OSError, pickle.UnpicklingError):
            while True:
                message = pickle.load(requests)
                if message == ("back",):
                    self.give_back()
                else:
                    self.inbox.put(message)
        _end_with_kin(self.folder)

    def give_back(self) -> None:
        """Return what is not begun: another worker may be free."""
        numbers = []
        with contextlib.suppress(queue.Empty):
            while True:
                message = self.inbox.get_nowait()
                if message[0] != "task":  # nothing else comes behind a task but the end
                    self.inbox.put(message)
                    break
                numbers.append(message[1])
        self.send("back", numbers)

    # -- the main thread

    def serve(self) -> None:
        """Do what is in the queue, in order."""
        while (message := self.inbox.get())[0] != "end":
            if message[0] == "load":
                self.call = _loaded(*message[1:])
                self.send("ready")
            else:
                self.send("done", message[1], *_done(self.call, message[2]))

    def send(self, *message: Any) -> None:
        """Write one message, whole."""
        content = pickle.dumps(message, 5)
        with self.writing:
            self.replies.write(content)
            self.replies.flush()


def _done(call: Callable[[Any], Any], content: bytes) -> tuple[bool, Any, float, float]:
    """Whether it went well; the pickled value or error, message and trace; seconds; peak MB."""
    with contextlib.suppress(OSError):
        os.ftruncate(2, 0)  # the log is that of the task under way
    watching = _watch_memory()
    began = time.perf_counter()
    try:
        answer: tuple[bool, Any] = True, _pickled(call(pickle.loads(content)))
    except BaseException as error:  # of a task, sys.exit() too
        answer = False, _told(error)
    return *answer, time.perf_counter() - began, _peak_mb(watching)


def _pickled(value: Any) -> bytes:
    try:
        return pickle.dumps(value, 5)
    except Exception as error:
        message = f"the result cannot be sent back: {type(error).__name__}: {error}"
        raise TypeError(message) from None


def _loaded(function: str, content: bytes) -> Callable[[Any], Any]:
    """The function with what is shared; or one that tells every task why there is none."""
    try:
        module, _, name = function.partition(":")
        found = getattr(importlib.import_module(module), name)
        shared = pickle.loads(content)
    except Exception as error:
        fault, origin = error, error.__traceback__

        def fail(task: Any) -> Any:
            raise fault.with_traceback(origin)  # else each task would add to it

        return fail
    return lambda task: found(shared, task)


def _nothing_loaded(task: Any) -> Any:
    raise RuntimeError("a task came before its function")


def _told(error: BaseException) -> tuple[str, str, str]:
    try:
        message = str(error)
    except Exception:  # an error that cannot say what it is
        message = "?"
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next  # those of this file say nothing of the task
    lines = traceback.format_exception(type(error), error, frames, limit=-FRAMES)
    return type(error).__name__, message, "".join(lines)


def _watch_memory() -> bool:
    """Begin a peak of its own for the task; whether the system allows it (Linux does)."""
    try:
        with open("/proc/self/clear_refs", "wb", buffering=0) as file:  # noqa: PTH123
            file.write(b"5")
    except OSError:
        return False
    return True


def _peak_mb(watched: bool) -> float:
    """Highest resident memory since the watch began; else what is resident now."""
    if watched:
        with open("/proc/self/status", "rb") as file:  # noqa: PTH123
            status = file.read()
        begins = status.index(b"VmHWM:") + len(b"VmHWM:")
        return int(status[begins : status.index(b"kB", begins)]) / 1024
    from workbench.executor.processes import own_mb

    return own_mb()


def _end_with_kin(folder: str) -> None:
    """Leave neither processes nor temporary files: there is no pool any more to clear away."""
    from workbench.executor.processes import end_all, kin

    end_all(kin(os.getpid()))
    shutil.rmtree(folder, ignore_errors=True)
    with contextlib.suppress(OSError):  # until the last worker has gone
        os.rmdir(os.path.dirname(folder))  # noqa: PTH106, PTH120
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
