"""Kernels of pages, forked from one process that has imported what planners need.

Half of what a page's start takes is imports. They are done once for all kernels of the app, and lie
in memory once. How, and what happens where that cannot be done: `studies/warm.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from workbench.studies.kernel import Kernel
from workbench.studies.warm import WarmKernels

#: Under which a declaration of a kernel asks for it.
NAME = "workbench-forked"
#: Imported by every page, beside what its study's layout names. Not ipywidgets: it looks for the
#: kernel that it serves when it is imported.
USED = (
    "workbench.planners.widgets",
    "workbench.planners.prepared",
    "numba",
    "scipy.stats",
    "xarray",
)


def offer(warm: WarmKernels, studies: Iterable[str]) -> None:
    """Let kernels of this server be forked.

    Parameters
    ----------
    warm : WarmKernels
        Whoever made it closes it when the server ends.
    studies : iterable of str
        Names of those whose pages are served.
    """
    layouts = [f"workbench.planners.layouts.{name}" for name in studies]
    preload = [*USED, *layouts]

    class Forked(LocalProvisioner):
        _kernel: Kernel | None = None

        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            self._end()  # the one before, where it is started again
            kernel = await asyncio.to_thread(
                warm.start, cwd=Path(kwargs["cwd"]), environment=kwargs["env"], preload=preload
            )
            kernel.serve(self, cast(Any, self.parent).connection_file, cwd=kwargs["cwd"])
            self._kernel = kernel
            return self.connection_info

        async def cleanup(self, restart: bool = False) -> None:
            self._end()
            await super().cleanup(restart)

        def _end(self) -> None:
            if self._kernel is not None:
                self._kernel.end()
                self._kernel = None

    known: dict[str, Any] = KernelProvisionerFactory.instance().provisioners
    known[NAME] = _Loaded(Forked)


class _Loaded:
    """Stands where Jupyter expects the entry point of a package."""

    def __init__(self, provisioner: type[LocalProvisioner]) -> None:
        self.value = f"{__name__}:{provisioner.__name__}"
        self._provisioner = provisioner

    def load(self) -> type[LocalProvisioner]:
        """Return it."""
        return self._provisioner
