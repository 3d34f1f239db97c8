"""The kernel of a run, from outside: the running interpreter, started early, one BLAS thread.

No kernelspec is registered anywhere: the process is started here and handed to papermill through
a kernel manager of its own. What happens inside it: `kernel_process.py`.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import workbench
from workbench.executor.interface import THREADS
from workbench.studies import kernel_process

if TYPE_CHECKING:
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

#: Imported by what studies call, as a rule inside functions; after the notebook's own imports.
USUAL = ("pandas", "pyarrow.parquet", "duckdb", "IPython.display")


_GLANCE = 0.01


class Process(Protocol):
    """What is asked of the process of a kernel: as `subprocess.Popen`, of which it may be one."""

    pid: int
    returncode: int | None
    stdin: Any
    stdout: Any
    stderr: Any

    def poll(self) -> int | None:
        """Exit code, or minus the signal that ended it; None while it runs."""

    def wait(self) -> int:
        """Wait for it to end; return what `poll` does then."""

    def kill(self) -> None:
        """End it now."""

    def terminate(self) -> None:
        """Ask it to end."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""


class Kernel:
    """A kernel process that is starting, and the manager through which papermill talks to it.

    Parameters
    ----------
    cwd : Path
        Working directory: the folder of the notebook.
    environment : mapping of str to str
        Added to the one of this process.
    preload : iterable of str
        Modules to import while waiting.
    """

    def __init__(
        self, *, cwd: Path, environment: Mapping[str, str], preload: Iterable[str] = ()
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-kernel-")
        self.folder = Path(self._folder.name)
        #: What is only known later; set in the process before it serves.
        self.environment: dict[str, str] = {}
        ipython = str(self.folder / "ipython")  # nobody's start-up files
        own = {**os.environ, **fixed(), "IPYTHONDIR": ipython, **environment}
        self.process = self._begin(cwd, own)
        self.tell(list(preload))

    def _begin(self, cwd: Path, environment: Mapping[str, str]) -> Process:
        """Start the process, whose standard input is kept open."""
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-P", str(kernel_process.__file__)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=environment,
                start_new_session=True,  # Ctrl-C reaches the runner, which ends the kernel
            )

    def tell(self, message: Any) -> None:
        """Send one line of JSON; a process that has ended is found out later."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def serve(self, provisioner: LocalProvisioner, connection: str, *, cwd: str) -> None:
        """Serve at a connection file; Jupyter's provisioner takes the process for its own.

        Parameters
        ----------
        provisioner : LocalProvisioner
        connection : str
            Path of the connection file.
        cwd : str
            Working directory of the process.
        """
        self.tell({"connection": connection, "environment": self.environment})
        provisioner.process = cast(Any, self.process)
        provisioner.pid = provisioner.pgid = cast(Any, self.process.pid)
        provisioner.cwd = cast(Any, cwd)

    def manager_class(self) -> type[Any]:
        """Return a kernel manager that takes over this process instead of starting one."""
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager
        from jupyter_client.provisioning.local_provisioner import LocalProvisioner

        kernel = self
        spec = KernelSpec(argv=[sys.executable], display_name="Python", language="python")

        class Specs(KernelSpecManager):
            def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
                return spec

        class Adopting(LocalProvisioner):
            async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
                kernel.serve(self, str(kernel.connection_file), cwd=kwargs.get("cwd", ""))
                return self.connection_info

            async def wait(self) -> int | None:
                while self.process and await self.poll() is None:  # a killed one ends at once
                    await asyncio.sleep(_GLANCE)
                return await super().wait()

        class Manager(AsyncKernelManager):
            def __init__(self, **kwargs: Any) -> None:
                kwargs |= {
                    "kernel_spec_manager": Specs(),
                    "connection_file": str(kernel.connection_file),
                }
                super().__init__(**kwargs)
                self.provisioner = Adopting(kernel_id="workbench", kernel_spec=spec, parent=self)

        return Manager

    @property
    def connection_file(self) -> Path:
        """File through which runner and kernel find each other."""
        return self.folder / "connection.json"

    @property
    def said(self) -> str:
        """What the process wrote outside of any cell; the reason where it did not start."""
        return self._log.read_text(encoding="utf-8", errors="replace").strip()

    @property
    def _log(self) -> Path:
        return self.folder / "kernel.log"

    def end(self) -> None:
        """End the process and remove its folder; once more does nothing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self._folder.cleanup()

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def imports_of(sources: Iterable[str]) -> list[str]:
    """Return the modules that cells of code import, in order, then the usual ones."""
    found: dict[str, None] = {}
    for source in sources:
        try:
            tree = ast.parse(source)
        except SyntaxError:  # magics; the kernel reads them
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return list(found | dict.fromkeys(USUAL))


def fixed() -> dict[str, str]:
    """Environment of every process that computes a study."""
    above = str(Path(workbench.__file__).parent.parent)
    paths = [above, os.environ.get("PYTHONPATH", "")]
    return {
        **dict.fromkeys(THREADS, "1"),
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONIOENCODING": "utf-8",
        "MPLBACKEND": "agg",
    }
