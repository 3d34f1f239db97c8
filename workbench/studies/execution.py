"""The notebook of a run, executed by papermill in a kernel: what came of it, and what went wrong.

The run around it: `run.py`. The kernel's process: `kernel.py`.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkbenchError
from workbench.studies.kernel import Kernel
from workbench.studies.kernel_process import lean_imports
from workbench.studies.memory import peak_memory_mb
from workbench.studies.pictures import Pictures
from workbench.studies.plan import Plan, joined
from workbench.text import Language

Progress = Callable[[int, int], None]
Lap = Callable[[str], None]

#: What the operating system says where a file cannot be written.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
UNWRITABLE = FULL | {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EIO, errno.EFBIG}

#: Seconds a kernel may take to start where the run sets no limit.
STARTING = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a notebook was not executed to its end.

    Attributes
    ----------
    kind : str
        "cell" that raised, "time" limit passed, "died" of the kernel, "start" of it failed, "slow
        start" past the limit, "runner" for all else.
    cell : int or None
        Number of the code cell, from 1, where one is to blame.
    line : str
        First line of that cell.
    error, message : str
        Name of the error and what it says.
    cause : Exception
    """

    kind: Literal["cell", "time", "died", "start", "slow start", "runner"]
    cell: int | None = None
    line: str = ""
    error: str
    message: str
    cause: Exception

    @property
    def said(self) -> WorkbenchError:
        """What the error says, its answers apart where it is one of ours."""
        return WorkbenchError.read(self.message)

    def record(self) -> dict[str, Any]:
        """What the manifest keeps of it."""
        names = ("kind", "cell", "line", "error", "message")
        return {name: getattr(self, name) for name in names}


@dataclass
class Execution:
    """A notebook while it is executed.

    Attributes
    ----------
    plan : Plan
    kernel : Kernel
    limit : int or None
        Seconds the kernel may take to start, and a cell to end.
    on_cell : callable or None
        Told the number of cells done and of all cells.
    lap : callable
        Told the name of each part when it ends.
    notebook : NotebookNode or None
        With its outputs, as soon as the kernel has started.
    peak_mb : float or None
        Peak memory of the kernel.
    """

    plan: Plan
    kernel: Kernel
    limit: int | None
    on_cell: Progress | None
    lap: Lap
    notebook: Any = None
    peak_mb: float | None = None
    _cell: int | None = field(default=None, init=False)
    _began: float = field(default=0.0, init=False)

    def run(self, folder: Path) -> Fault | None:
        """Execute the notebook for the run written to a folder; return what went wrong."""
        with lean_imports():
            import papermill

        self.kernel.environment = {"WORKBENCH_RUN": str(folder)}
        self.lap("prepared")
        self._began = time.monotonic()
        fault = None
        try:
            with Pictures(folder / "figures"), _quiet():
                papermill.execute_notebook(
                    _unbraced(self.plan.notebook),
                    None,
                    parameters=self.plan.literals(),
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    request_save_on_cell_execute=False,
                    kernel_manager_class=self.kernel.manager_class(),
                    shutdown_kernel="immediate",
                    resources={"metadata": {"path": str(self.plan.notebook.parent)}},
                    start_timeout=self.limit or STARTING,
                    execution_timeout=self.limit,
                    on_notebook_start=self._begun,
                    on_cell_start=self._cell_begun,
                    on_cell_executed=self._cell_done,
                )
        except Exception as error:
            if isinstance(error, OSError) and error.errno in UNWRITABLE:
                raise  # a full disk is no fault of the notebook
            fault = self._fault(error)
        self.lap("notebook")
        return fault

    def cells(self) -> list[dict[str, Any]]:
        """Cells as executed; as they stand in the file where no kernel has started."""
        return [dict(cell) for cell in self.kept().cells]

    def kept(self) -> Any:
        """The notebook to keep."""
        if self.notebook is None:
            import nbformat

            self.notebook = nbformat.read(self.plan.notebook, as_version=4)
        return self.notebook

    # -- what papermill tells -------------------------------------------------------------------

    def _begun(self, notebook: Any) -> None:
        self.notebook = notebook  # kept so that a notebook that fails is written all the same
        self.lap("kernel")

    def _cell_begun(self, cell_index: int, **_: Any) -> None:
        self._cell = cell_index

    def _cell_done(self, cell_index: int, **_: Any) -> None:
        self.peak_mb = peak_memory_mb(self.kernel.process.pid) or self.peak_mb
        if self.on_cell is not None:
            self.on_cell(cell_index + 1, len(self.notebook.cells))

    # -- what went wrong ------------------------------------------------------------------------

    def _fault(self, error: Exception) -> Fault:
        if self.notebook is None:
            return self._of_start(error)
        return _of_cell(self.notebook.cells, error) or self._of_kernel(error)

    def _of_start(self, error: Exception) -> Fault:
        name, said = type(error).__name__, self.kernel.said.splitlines()
        if time.monotonic() - self._began >= (self.limit or STARTING):
            message = str(self.limit or STARTING)
            return Fault(kind="slow start", error=name, message=message, cause=error)
        return Fault(
            kind="start", error=name, message=said[-1] if said else str(error), cause=error
        )

    def _of_kernel(self, error: Exception) -> Fault:
        from nbclient.exceptions import CellTimeoutError, DeadKernelError

        number, line = self._place()
        fault = Fault(
            kind="runner",
            cell=number,
            line=line,
            error=type(error).__name__,
            message=str(error),
            cause=error,
        )
        if isinstance(error, CellTimeoutError):
            return replace(fault, kind="time", message=str(self.limit))
        if isinstance(error, DeadKernelError):
            return replace(fault, kind="died", message=_ended(self.kernel.process))
        return fault

    def _place(self) -> tuple[int | None, str]:
        """Number and first line of the code cell that was under way."""
        if self._cell is None:
            return None, ""
        cells = self.notebook.cells
        number = sum(cell["cell_type"] == "code" for cell in cells[: self._cell + 1])
        return number, _first_line(cells[self._cell])


def told(fault: Fault, notebook: str, lang: Language) -> str:
    """One sentence on a fault: the notebook, the cell, the reason."""
    said = fault.said.message.strip()
    reason = f"{fault.error}{lang.colon}{said}" if said else fault.error
    match fault.kind:
        case "cell":
            return lang.say(
                "{notebook} failed in code cell {cell}: {reason}",
                notebook=notebook,
                cell=fault.cell,
                reason=reason,
            )
        case "time":
            return lang.say(
                "{notebook} was stopped in code cell {cell}: it took longer than {seconds} s",
                notebook=notebook,
                cell=fault.cell,
                seconds=fault.message,
            )
        case "died":
            return lang.say(
                "the kernel of {notebook} died in code cell {cell} ({how})",
                notebook=notebook,
                cell=fault.cell,
                how=_how(fault.message, lang),
            )
        case "start":
            return lang.say("the kernel did not start")
        case "slow start":
            return lang.say("the kernel did not start within {seconds} s", seconds=fault.message)
        case _:
            return lang.say("{notebook} stopped: {reason}", notebook=notebook, reason=reason)


def advice(fault: Fault, lang: Language) -> str:
    """What can be done about a fault."""
    match fault.kind:
        case "time":
            return lang.say("give it more time with --kernel-timeout, or the cell less to do")
        case "slow start":
            return lang.say("wait until the machine has less to do, or give --kernel-timeout more")
        case "died":
            return lang.say("free memory or give the study less to do, then run again")
        case "start":
            return lang.say("check that ipykernel is installed beside the workbench")
        case _:
            usual = lang.say("open the notebook of the run, mend the cause, run again")
            return fault.said.do or usual


def whole_seconds(limit: float | None) -> int | None:
    """A time limit as papermill takes it, at least one second."""
    return None if limit is None else max(1, math.ceil(limit))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what papermill and its libraries warn of and log from the terminal; errors are told."""
    log, nowhere = logging.getLogger("papermill"), logging.NullHandler()
    log.addHandler(nowhere)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.removeHandler(nowhere)


def _of_cell(cells: list[Any], error: Exception) -> Fault | None:
    """The cell that raised, and what it said."""
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=1):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return Fault(
                    kind="cell",
                    cell=number,
                    line=_first_line(cell),
                    error=output["ename"],
                    message=output["evalue"],
                    cause=error,
                )
    return None


def _ended(process: Any) -> str:
    """How a process ended: its exit code, or the name of a signal; "" where nobody knows."""
    code = getattr(process, "returncode", None)
    if code is None or code >= 0:
        return "" if code is None else str(code)
    return signal.Signals(-code).name if -code in set(signal.Signals) else str(code)


def _how(ended: str, lang: Language) -> str:
    if ended == "SIGKILL":
        return lang.say("killed from outside, as the system does when memory runs out")
    if not ended:
        return lang.say("for a reason that is not known")
    return ended if ended.startswith("SIG") else lang.say("exit code {code}", code=ended)


def _first_line(cell: Any) -> str:
    return next(iter(joined(cell["source"]).strip().splitlines()), "")


def _unbraced(path: Path) -> str:
    """A path as papermill takes it, which formats paths with the parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")
