"""Kernels of the app: forked, started again, ended with their server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from tests.planners.served import make_little_project
from workbench.planners.app import forked
from workbench.studies import warm as module
from workbench.studies.lab import write_kernelspec
from workbench.studies.project import find_project
from workbench.studies.warm import WarmKernels

SAYS = """
import json, os, sys
print(json.dumps([os.getpid(), os.getppid(), os.getcwd(), os.environ["WORKBENCH_PROJECT"],
                  "numba" in sys.modules, "ipywidgets" in sys.modules]))
"""


@asynccontextmanager
async def kernel(place: Path) -> AsyncIterator[tuple[AsyncKernelManager, Any]]:
    """A kernel as the app's server starts it, and a client of it."""
    project = find_project(make_little_project(place / "project"))
    write_kernelspec(place / "jupyter", project, provisioner=forked.NAME)
    specs = KernelSpecManager(kernel_dirs=[str(place / "jupyter" / "kernels")])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    await manager.start_kernel(cwd=str(place))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def said(client: Any, code: str) -> Any:
    """What a cell prints, as JSON."""
    told: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "stream":
            told.append(message["content"]["text"])

    answer = await client.execute_interactive(code, output_hook=hear, timeout=60)
    assert answer["content"]["status"] == "ok", answer["content"]
    return json.loads("".join(told))


def test_kernels_are_forked_with_what_planners_import(tmp_path: Path):
    async def test() -> None:
        async with kernel(tmp_path) as (manager, client):
            pid, above, folder, project, numba, widgets = await said(client, SAYS)
            assert above == warm.pid and numba
            assert not widgets, "they look for their kernel when they are imported"
            assert folder == str(tmp_path) and project == str(tmp_path / "project")
            await manager.restart_kernel(now=True)
            await client.wait_for_ready(timeout=60)
            again = (await said(client, SAYS))[0]
            assert again != pid and not psutil.pid_exists(pid)
        assert not psutil.pid_exists(again)

    with WarmKernels() as warm:
        forked.offer(warm, ["sales_analysis"])
        asyncio.run(test())


def test_a_cell_that_runs_is_interrupted(tmp_path: Path):
    async def test() -> None:
        async with kernel(tmp_path) as (manager, client):
            client.execute("import time; print('begun', flush=True); time.sleep(60)")
            while (await client.get_iopub_msg(timeout=60))["msg_type"] != "stream":
                pass
            await manager.interrupt_kernel()
            answer = await client.get_shell_msg(timeout=60)
            assert answer["content"]["ename"] == "KeyboardInterrupt"

    with WarmKernels() as warm:
        forked.offer(warm, [])
        asyncio.run(test())


def test_where_nothing_can_be_forked_kernels_start_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async def test() -> None:
        async with kernel(tmp_path) as (_, client):
            assert await said(client, "print(6 * 7)") == 42

    monkeypatch.setattr(module, "_FORKS", False)
    with WarmKernels() as warm:
        forked.offer(warm, [])
        asyncio.run(test())
        assert warm.pid is None
