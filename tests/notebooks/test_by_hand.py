"""Notebooks by hand: cell by cell in a kernel, without papermill, from wherever one stands.

Every notebook of the project is a good citizen; the sales analysis shows the figures of a run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from workbench.recording import MIME
from workbench.setup.notebooks import CHECKED, stripped
from workbench.studies import run_study

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SALES = ROOT / "notebooks" / "07_sales_analysis.ipynb"
#: Key figures that the notebook must show by itself, as issue and contract have it.
LEAST_CHECKED = 5
#: Cells of the sales analysis that draw.
DRAWN = ("result.section", "page = ", "record_results")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def checked(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == "code" and CHECKED in c.source]


def figures(cells: list[Any]) -> dict[str, Any]:
    """What cells have said they recorded: name to value."""
    shown = (output.data[MIME] for cell in cells for output in cell.outputs if "data" in output)
    return {entry["name"]: entry["value"] for entry in shown}


# -- each notebook ------------------------------------------------------------------------------


def test_there_are_notebooks():
    assert SALES in NOTEBOOKS


@every_notebook
def test_at_least_five_key_figures_are_checked(path):
    cells = checked(read(path))
    assert len(cells) >= LEAST_CHECKED
    assert all(cell.outputs and cell.execution_count for cell in cells)


@every_notebook
def test_other_outputs_are_stripped(path):
    text = path.read_text("utf-8")
    assert stripped(text) == text
    others = [c for c in read(path).cells if c.cell_type == "code" and CHECKED not in c.source]
    assert [cell.outputs for cell in others] == [[]] * len(others)


@every_notebook
def test_one_cell_of_literals_holds_the_parameters(path):
    (cell,) = (c for c in read(path).cells if "parameters" in c.metadata.get("tags", ()))
    names: dict[str, Any] = {}
    exec(compile(cell.source, path.name, "exec"), {"__builtins__": {}}, names)
    assert {"company", "lang"} <= set(names)
    plain = (str, int, float, bool, list, tuple, dict, type(None))
    assert all(isinstance(value, plain) for value in names.values())
    assert not Path(names["company"]).is_absolute()


@every_notebook
def test_no_cell_names_a_place_of_its_own(path):
    source = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")
    assert not re.search(r"os\.chdir|getcwd|Path\.cwd|\.\./|__file__", source)


# -- by hand ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def of_run(tmp_path_factory):
    """Key figures that a run of the sales analysis has recorded."""
    run = run_study("sales_analysis", lang="en", project=ROOT, into=tmp_path_factory.mktemp("runs"))
    return {entry["name"]: entry["value"] for entry in run.manifest["results"]}


@pytest.mark.parametrize(
    ("folder", "whole"), [("notebooks", True), (".", False)], ids=["beside it", "at the root"]
)
def test_by_hand_it_shows_what_a_run_records(of_run, monkeypatch, folder, whole):
    monkeypatch.delenv("WORKBENCH_PROJECT", raising=False)
    monkeypatch.delenv("WORKBENCH_RUN", raising=False)
    notebook = read(SALES)
    names = {name: figures([cell]) for cell in checked(notebook) for name in figures([cell])}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    if not whole:  # what is drawn takes its time: once is enough
        notebook.cells = [c for c in notebook.cells if not c.source.startswith(DRAWN)]
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(ROOT / folder)}}
    )
    client.execute()
    shown = figures(checked(notebook))
    assert set(shown) == set(names)
    assert shown == {name: of_run[name] for name in shown}
    if whole:
        sections = [c for c in notebook.cells if c.source.startswith("result.section")]
        assert all("text/html" in cell.outputs[-1].data for cell in sections)
