"""Notebooks are tests: a figure that changes, or a cell that fails, fails the suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from workbench.setup import notebooks

ROOT = Path(__file__).parents[2]


def run_as_test(folder: Path, *, prints: str, committed: str) -> subprocess.CompletedProcess[str]:
    """Run a notebook of one checked cell under the project's pytest settings."""
    cell = nbformat.v4.new_code_cell(f"{notebooks.CHECKED}\nprint({prints})")
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=f"{committed}\n")]
    path = folder / "figures.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    notebooks.strip([path], write=True)
    command = [sys.executable, "-m", "pytest", "-q", "-c", ROOT / "pyproject.toml"]
    command += ["--rootdir", folder, "-p", "no:cacheprovider", path]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("prints", "committed", "outcome"),
    [("386", "386", "1 passed"), ("387", "386", "1 failed"), ("1 / 0", "386", "1 failed")],
)
def test_a_checked_figure_is_compared(
    tmp_path: Path, prints: str, committed: str, outcome: str
) -> None:
    ran = run_as_test(tmp_path, prints=prints, committed=committed)
    assert outcome in ran.stdout
    assert (ran.returncode == 0) == (outcome == "1 passed")
