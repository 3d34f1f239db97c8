"""Warm kernels: forked from one process that has imported what notebooks need.

Most of a short notebook's time is the start of its kernel and its imports. A batch pays for them
once a worker: `WarmKernels.start` is given to `run_study` in the place of `Kernel`, and papermill
sees no difference. A forked kernel begins as a new one does: own session, folder, environment,
output and chance, nothing of an earlier run. Charts that need the engine of vl-convert, which
must not run before a fork, are drawn by this process for its kernels: `charts/remote.py`.

Only where processes can be forked (POSIX), and only from a process of one thread: elsewhere plain
kernels are started, and the results are the same. A kernel started anew: `kernel.py`. The process
that forks: `warm_process.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.charts import remote
from workbench.errors import WorkbenchWarning
from workbench.studies import warm_process
from workbench.studies.kernel import USUAL, Kernel, Process, fixed

#: A thread of Arrow's memory pool, which would be there from the first import on.
_NO_THREADS = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}

_FORKS = hasattr(os, "fork") and hasattr(socket, "send_fds")
_TRIES = 2
_PATIENCE = 5.0


class WarmKernels:
    """Kernels for the runs of one process, one after the other or several at a time.

    Nothing is started before the first kernel is asked for; that one waits for the imports, two
    or three seconds. Close it, or leave its context, when the last run is done; were the process
    killed instead, all it has started ends by itself.

    Parameters
    ----------
    preload : iterable of str
        Modules to import beside those that the notebooks name.

    Examples
    --------
    >>> with WarmKernels() as warm:  # doctest: +SKIP
    ...     for top in (5, 10, 20):
    ...         run_study("sales_analysis", sets=[f"top={top}"], start_kernel=warm.start)
    """

    def __init__(self, preload: Iterable[str] = ()) -> None:
        self._wanted = dict.fromkeys([*preload, *USUAL])
        self._nursery: _Nursery | None = None
        self._drawings: remote.Drawings | None = None
        self._plain = not _FORKS
        self._lock = threading.Lock()

    def start(
        self, *, cwd: Path, environment: Mapping[str, str], preload: Iterable[str] = ()
    ) -> Kernel:
        """Return a kernel that is starting; called by `run_study` as `Kernel` is.

        Parameters
        ----------
        cwd : Path
            Working directory: the folder of the notebook.
        environment : mapping of str to str
            Added to the one of this process.
        preload : iterable of str
            Modules that the notebook imports; imported once for all kernels that follow.

        Returns
        -------
        Kernel
            Forked, or a plain one where that cannot be done.

        Warns
        -----
        WorkbenchWarning
            If the imports have started a thread: no kernel is forked then, each starts anew.
        """
        preload = list(preload)
        with self._lock:
            for _ in range(_TRIES):
                if not self._plain and (kernel := self._forked(cwd, environment, preload)):
                    return kernel
        return Kernel(cwd=cwd, environment=environment, preload=preload)

    @property
    def pid(self) -> int | None:
        """Process that kernels are forked from; None where none has been started."""
        return self._nursery.pid if self._nursery else None

    def close(self) -> None:
        """End the process that kernels are forked from; once more does nothing."""
        with self._lock:
            if self._nursery is not None:
                self._nursery.close()
            if self._drawings is not None:
                self._drawings.close()
            self._nursery = self._drawings = None

    def __enter__(self) -> WarmKernels:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forked(
        self, cwd: Path, environment: Mapping[str, str], preload: Iterable[str]
    ) -> Kernel | None:
        """Fork a kernel; None where that has failed, and another try may be worth it."""
        self._drawings = self._drawings or _drawings()
        environment = {**environment, remote.ADDRESS: self._drawings.address}
        try:
            self._nursery = self._nursery or _Nursery()
            self._nursery.preload([*self._wanted, *preload])
            return WarmKernel(self._nursery, cwd=cwd, environment=environment)
        except _RefusedError as error:
            if error.module:
                self._plain = True
                warnings.warn(WorkbenchWarning(str(error)), stacklevel=3)
        except OSError:  # it was killed: another one is started
            pass
        if self._nursery is not None:
            self._nursery.close()
        self._nursery = None
        return None


class WarmKernel(Kernel):
    """A kernel forked from a process that has imported what it needs; used as any other."""

    def __init__(self, nursery: _Nursery, *, cwd: Path, environment: Mapping[str, str]) -> None:
        self._nursery = nursery
        super().__init__(cwd=cwd, environment=environment)

    def _begin(self, cwd: Path, environment: Mapping[str, str]) -> Process:
        try:
            return self._nursery.fork(cwd=cwd, environment=environment, log=self._log)
        except BaseException:
            self._folder.cleanup()
            raise


class _RefusedError(Exception):
    """No kernel was forked: `module` has started a thread, or where it is empty, code changed."""

    def __init__(self, module: str) -> None:
        self.module = module
        super().__init__(
            f"importing {module} starts a thread, so kernels cannot be forked and each starts anew"
            if module
            else "the code has changed"
        )


class _Nursery:
    """The process that forks, from outside."""

    def __init__(self) -> None:
        self._control, other = socket.socketpair()
        with other:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(warm_process.__file__), str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **fixed(), **_NO_THREADS},
                pass_fds=[other.fileno()],
                start_new_session=True,  # Ctrl-C reaches the runner, which ends this process
            )
        self._answers = self._control.makefile("rb")
        self._known: set[str] = set()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def preload(self, names: Iterable[str]) -> None:
        """Import what has not been imported yet, and wait for it."""
        if new := [name for name in dict.fromkeys(names) if name not in self._known]:
            self._ask({"preload": new})
            self._known.update(new)

    def fork(self, *, cwd: Path, environment: Mapping[str, str], log: Path) -> _Forked:
        """Fork a kernel, which waits to be told its connection."""
        told, tell = os.pipe()
        status, report = os.pipe()
        try:
            asked = {
                "cwd": str(cwd),
                "environment": dict(environment),
                "log": str(log),
            }
            answer = self._ask(asked, [told, report])
            if "pid" not in answer:
                raise _RefusedError(answer.get("threads", ""))
        except BaseException:
            os.close(tell)
            os.close(status)
            raise
        finally:
            os.close(told)
            os.close(report)
        return _Forked(answer["pid"], tell, status)

    def close(self) -> None:
        """End the process; kernels that still run go on."""
        self._answers.close()
        self._control.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, asked: dict[str, Any], descriptors: Iterable[int] = ()) -> dict[str, Any]:
        line = json.dumps(asked).encode() + b"\n"
        sent = socket.send_fds(self._control, [line], list(descriptors))
        self._control.sendall(line[sent:])
        answer = self._answers.readline()
        if not answer:
            raise ConnectionResetError("the process that forks kernels has ended")
        told: dict[str, Any] = json.loads(answer)
        return told


class _Forked:
    """A process that is no child of this one, used like `subprocess.Popen`."""

    stdout = stderr = None

    def __init__(self, pid: int, tell: int, status: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin = os.fdopen(tell, "wb")
        self._status = status

    def poll(self) -> int | None:
        """Exit code, or minus the signal that ended it; None while it runs."""
        return self._look(0)

    def wait(self) -> int:
        """Wait for it to end; return what `poll` does then."""
        while (code := self._look(None)) is None:
            pass
        return code

    def kill(self) -> None:
        """End it now."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def _look(self, patience: float | None) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], patience)[0]:
            told = os.read(self._status, 16)
            os.close(self._status)
            if not told:  # its parent is gone, and nobody will tell: make sure that it has ended
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, signal.SIGKILL)
            self.returncode = int(told or -signal.SIGKILL)
        return self.returncode


def _drawings() -> remote.Drawings:
    from workbench.charts.render import own_engine

    return remote.Drawings(own_engine)
