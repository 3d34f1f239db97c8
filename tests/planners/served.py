"""The app, started on a project of one little study, for browser tests and measurements."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil

from tests.support.companies import make_company, order_lines

HERE = Path(__file__).parent
NOTEBOOK = """\
from workbench.contract import open_project_company, record_results
from workbench.studies import study
from workbench.text import Language

little = study("little")
params = little.params(price=price, people=people, discount=discount)
record_results(little.compute(open_project_company(company), params), Language(lang))
"""
PARAMETERS = 'company = "company"\nlang = "en"\nprice = 100\npeople = 10\ndiscount = 0.1\n'


@dataclass
class App:
    """A running app: its address with the token, its project, its process."""

    address: str
    project: Path
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        """Address without token."""
        return self.address.partition("?")[0]

    def page(self, study: str, **asked: str) -> str:
        """Address of a planner."""
        token = self.address.partition("token=")[2]
        query = "&".join([f"token={token}", *(f"{k}={v}" for k, v in asked.items())])
        return f"{self.origin}voila/render/{study}.ipynb?{query}"

    def nurseries(self) -> list[psutil.Process]:
        """Processes that kernels are forked from: one, and for a moment the next."""
        own = psutil.Process(self.process.pid).children()
        return [each for each in own if "warm_process" in " ".join(each.cmdline())]

    def kernels(self) -> list[psutil.Process]:
        """Processes of kernels, the newest last."""
        found = [kernel for each in self.nurseries() for kernel in each.children()]
        return sorted(found, key=lambda each: each.create_time())

    def kernel_of(self, tab: Any) -> psutil.Process:
        """The kernel behind an open page: it listens where its connection file says."""
        config = "JSON.parse(document.getElementById('jupyter-config-data').text)"
        name = f"kernel-{tab.evaluate(config + '.kernelId')}.json"
        (file,) = Path(tempfile.gettempdir()).glob(f"voila_*/{name}")
        port = json.loads(file.read_text(encoding="utf-8"))["shell_port"]
        return next(
            each
            for each in self.kernels()
            for connection in each.net_connections()
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port
        )


def make_little_project(root: Path) -> Path:
    """Write a project with the little study, its notebook, a page of its own and a company."""
    for name in ("notebooks/planners", "studies", "params"):
        (root / name).mkdir(parents=True)
    (root / "workbench.yaml").write_text("company: company\n", encoding="utf-8")
    make_company(root / "company", {"order_line": order_lines(amount=[100.0])})
    shutil.copy(HERE / "little.py", root / "studies" / "study_little.py")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [nbformat.v4.new_code_cell(PARAMETERS), nbformat.v4.new_code_cell(NOTEBOOK)]
    cells[0].metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "notebooks" / "02_little.ipynb")
    from workbench.planners.app.server import page_notebook

    page = page_notebook("little", ("Little", "小"))
    nbformat.write(page, root / "notebooks" / "planners" / "little.ipynb")
    return root


@contextmanager
def served(project: Path, *, port: int = 8960, lang: str = "en") -> Iterator[App]:
    """Start the app and end it with all its kernels."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "WORKBENCH_APP_TOKEN": ""}
    command = [sys.executable, "-m", "workbench", "app", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--project", str(project), "--lang", lang],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found, "the app did not start"
        yield App(found[0], project, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
