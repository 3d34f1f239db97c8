"""The process from which warm kernels are forked: it imports once what every notebook needs.

Run as a program by `warm.py`, over one end of a socket pair. It gets lines of JSON: first the
modules to import, then one line a kernel, with two file descriptors: what the kernel is told, and
where its end is reported. When the socket closes, the runner is gone, and the process ends.

Whatever runs in a thread is lost by a fork, and a lock that it held stays shut for ever. So
nothing here starts a thread: imports only, no drawing, no connection; and where an import has
started one all the same, no kernel is forked but the runner told.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import workbench
from workbench.studies import kernel_process

#: Imported by the kernel, pandas and Arrow as late as the first cell that needs them.
LATE = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.subshell_manager",
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "comm.base_comm",
    "faulthandler",
    "importlib.resources.readers",
    "multiprocessing.connection",
    "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape",
    "psutil",
    "pyarrow.pandas_compat",
    "pyarrow.vendored.version",
    "tornado.platform.asyncio",
)

#: Parts of the package that a notebook has no use for.
_AROUND = ("cli", "commands", "executor", "loaders", "sample", "setup", "studies", "terminal")

_STDIN, _STATUS = 0, 1

# An import of names from the package, wherever it stands; the sources are formatted, and to read
# them as grammar takes a third of the time of all imports.
_IMPORTS = re.compile(r"^[ \t]*from (workbench[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)
_NAME = re.compile(r"\w+")


class Nursery:
    """Imports, forks, and reports how forked processes ended.

    Parameters
    ----------
    control : socket
        Connected to the runner.
    """

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        #: Where the end of each kernel is reported, by its process.
        self._reports: dict[int, int] = {}
        self._threaded = ""
        self._followed: set[str] = set()
        self._files: dict[str, tuple[int, int]] = {}
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)

    def run(self) -> None:
        """Import what the first line says, then fork until the runner is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        while True:
            control = self.control.fileno()
            ready, _, _ = select.select([control, self._woken], [], [])
            if self._woken in ready:
                self._report()
            if control in ready and not self._answer():
                return

    def _answer(self) -> bool:
        """Do what the runner asks; False where it is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(self.control, 1 << 16, 2)
        except ConnectionError:
            return False
        if not data:
            return False
        while not data.endswith(b"\n"):
            data += self.control.recv(1 << 16)
        asked = json.loads(data)
        if "preload" in asked:
            self._preload(asked["preload"])
        else:
            self._tell(self._fork(asked, descriptors))
            for descriptor in descriptors[:1]:
                os.close(descriptor)
        return True

    def _tell(self, answer: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(answer).encode() + b"\n")

    # -- importing ------------------------------------------------------------------------------

    def _preload(self, names: Iterable[str]) -> None:
        gc.disable()  # what is imported stays
        with kernel_process.lean_imports():
            for name in (*LATE, *names):
                self._import(name)
            while later := imported_later(self._followed):
                for name in later:
                    self._import(name)
        self._files = _written(_sources() - set(self._files)) | self._files
        gc.freeze()  # else a collection in a kernel would copy every page it looks at
        self._tell({"ready": True})

    def _import(self, name: str) -> None:
        with contextlib.suppress(Exception):  # the notebook will meet it in its own cell
            importlib.import_module(name)
        if not self._threaded and threads() > 1:
            self._threaded = name

    def _refusal(self) -> dict[str, Any] | None:
        """Why no kernel may be forked now: a thread, or code that has changed since."""
        if self._threaded or threads() > 1:
            return {"threads": self._threaded or "?"}
        now = _written(self._files)
        if changed := [name for name, then in self._files.items() if now.get(name) != then]:
            return {"changed": changed[0]}
        return None

    # -- forking --------------------------------------------------------------------------------

    def _fork(self, asked: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        if refused := self._refusal():
            os.close(descriptors[_STATUS])
            return refused
        pid = os.fork()
        if pid == 0:
            self._become_kernel(asked, descriptors)
        self._reports[pid] = descriptors[_STATUS]
        return {"pid": pid}

    def _become_kernel(self, asked: dict[str, Any], descriptors: list[int]) -> NoReturn:
        code = 1
        try:
            os.setsid()  # Ctrl-C reaches the runner, which ends the kernel
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self._woken, self._wake, descriptors[_STATUS], *self._reports.values()):
                os.close(other)
            self.control.close()
            _fresh(asked)
            kernel_process.serve(descriptors[_STDIN])
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)  # what this process was to do at its end is no business of a kernel

    def _report(self) -> None:
        """Tell how kernels have ended."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._woken, 1 << 10)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                pid, status = ended
                if (report := self._reports.pop(pid, None)) is not None:
                    with contextlib.suppress(BrokenPipeError):
                        os.write(report, str(os.waitstatus_to_exitcode(status)).encode())
                    os.close(report)


def imported_later(followed: set[str]) -> list[str]:
    """Return modules of the package that those loaded import in a function, as a rule.

    Parameters
    ----------
    followed : set of str
        Modules that have been looked at; those looked at now are added.
    """
    found: dict[str, None] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name in followed or not file or not _computes(name):
            continue
        followed.add(name)
        for package, names in _IMPORTS.findall(Path(file).read_text(encoding="utf-8")):
            if _computes(package):
                parts = [f"{package}.{part}" for part in _NAME.findall(names)]
                found |= dict.fromkeys([package, *filter(_is_module, parts)])
    return [name for name in found if name not in sys.modules]


def threads() -> int:
    """Number of threads of this process, those of libraries too where the system tells."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else threading.active_count()


def _computes(name: str) -> bool:
    """Whether a module is of the package, and more than what brings files and runs studies."""
    package, _, rest = name.partition(".")
    return package == "workbench" and rest.partition(".")[0] not in _AROUND


def _is_module(name: str) -> bool:
    """Whether what is imported from a package is one of its modules."""
    package, _, part = name.rpartition(".")
    folder = Path(workbench.__file__).parent.joinpath(*package.split(".")[1:])
    return (folder / f"{part}.py").is_file() or (folder / part / "__init__.py").is_file()


def _fresh(asked: dict[str, Any]) -> None:
    """Make a forked process look like one just started: environment, folder, output, chance."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["cwd"])
    sys.argv = [kernel_process.__file__]
    gc.enable()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()  # Python's own draws start anew by themselves after a fork


def _sources() -> set[str]:
    """Files of the modules imported, but for those installed as packages."""
    found = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    away = (sys.prefix, sys.base_prefix)
    return {name for name in found if name and not name.startswith(away)}


def _written(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Size and time of files that are there."""
    written = {}
    for name in files:
        with contextlib.suppress(OSError):
            about = Path(name).stat()
            written[name] = (about.st_size, about.st_mtime_ns)
    return written


def main() -> None:
    """Serve the runner at the other end of the socket, whose number is the one argument."""
    Nursery(socket.socket(fileno=int(sys.argv[1]))).run()


if __name__ == "__main__":
    main()
