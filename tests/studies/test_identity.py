"""The hash of a run changes if and only if something named changes.

Named: parameters, language, notebook source, package code, own studies, data, lock file. Everything
else that can happen to a project and its package leaves it as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench
from tests.support.companies import order_lines
from tests.support.projects import make_project
from workbench.studies import find_project, plan_run
from workbench.studies.manifest import identity
from workbench.tables.store import write_parquet

PACKAGE = {
    "__init__.py": "version = 1\n",
    "kpis/sql/sales.sql": "select 1;\n",
    "text/zh.po": 'msgid "a"\n',
    "README.md": "words\n",
    "__pycache__/a.pyc": "bytes\n",
    "template/params/tiny/base.yaml": "top: 1\n",
}


@dataclass
class World:
    """A project, and a package of code beside it, that edits are made to."""

    root: Path
    sets: tuple[str, ...] = ("top=3",)
    lang: str = "en"

    def append(self, name: str, text: str = "# more\n") -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def notebook(self, change: Callable[[dict], object]) -> None:
        path = self.root / "project" / "notebooks" / "01_tiny.ipynb"
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    def cell(self, change: Callable[[dict], object]) -> None:
        self.notebook(lambda content: change(content["cells"][2]))

    def data(self, amount: float) -> None:
        lines = order_lines(region=["north", "east"], amount=[amount, 226.0])
        write_parquet(lines, "order_line", self.root / "project" / "data" / "sample")

    def settle(self, **changes: object) -> None:
        for name, value in changes.items():
            setattr(self, name, value)

    def touch(self) -> None:
        for path in self.root.rglob("*"):
            os.utime(path, (1, 1))

    def digest(self) -> str:
        project = find_project(self.root / "project")
        plan = plan_run("tiny", project=project, sets=self.sets, lang=self.lang)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(workbench, "__file__", str(self.root / "workbench" / "__init__.py"))
            return identity(
                study="tiny",
                lang=plan.lang.code,
                params=plan.params.literals(),
                sources=plan.sources,
                data=plan.company.content_hash,
                project=project,
            ).digest


NAMED: dict[str, Callable[[World], object]] = {
    "a parameter": lambda world: world.settle(sets=("top=4",)),
    "the language": lambda world: world.settle(lang="zh"),
    "source of a cell": lambda world: world.cell(lambda cell: cell.update(source="1 + 1")),
    "kind of a cell": lambda world: world.notebook(
        lambda content: content["cells"][1].update(metadata={})
    ),
    "order of cells": lambda world: world.notebook(lambda content: content["cells"].reverse()),
    "code of the package": lambda world: world.append("workbench/__init__.py"),
    "a formula in SQL": lambda world: world.append("workbench/kpis/sql/sales.sql"),
    "a word of the catalogue": lambda world: world.append("workbench/text/zh.po"),
    "a new module": lambda world: world.append("workbench/new.py"),
    "an own study": lambda world: world.append("project/studies/study_tiny.py"),
    "a row of the data": lambda world: world.data(115.0),
    "settings of the company": lambda world: world.append("project/data/sample/company.yaml"),
    "the lock file": lambda world: world.append("project/requirements.lock", "numpy==2\n"),
}
OTHER: dict[str, Callable[[World], object]] = {
    "docs": lambda world: world.append("project/docs/page.md"),
    "tests": lambda world: world.append("project/tests/test_x.py"),
    "times of files": World.touch,
    "an earlier run": lambda world: world.append("project/runs/tiny/x/manifest.json"),
    "outputs": lambda world: world.cell(lambda c: c.update(outputs=[], execution_count=7)),
    "metadata of a cell": lambda world: world.cell(lambda c: c["metadata"].update(trusted=True)),
    "metadata of the notebook": lambda world: world.notebook(
        lambda content: content["metadata"].update(widgets={})
    ),
    "a README of the package": lambda world: world.append("workbench/README.md"),
    "compiled code": lambda world: world.append("workbench/__pycache__/a.pyc"),
    "the template": lambda world: world.append("workbench/template/params/tiny/base.yaml"),
    "another params file": lambda world: world.append("project/params/tiny/other.yaml", "top: 9\n"),
    "a sweep": lambda world: world.append("project/sweeps/a.yaml", "study: tiny\n"),
    "papers of an import": lambda world: world.append("project/data/sample/imports/1/report.json"),
    "the same written out": lambda world: world.settle(sets=("seed=7", "top=3")),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    root = tmp_path_factory.mktemp("identity") / "world"
    make_project(root / "project")
    for name, text in PACKAGE.items():
        path = root / "workbench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    World(root).data(113.0)
    return root


def digest_after(base: Path, edits: Iterable[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(shutil.copytree(base, Path(folder) / "world")))
        for name in edits:
            (NAMED | OTHER)[name](world)
        return world.digest()


@pytest.mark.parametrize("edit", sorted(NAMED))
def test_whatever_is_named_changes_the_hash(base, edit):
    assert digest_after(base, [edit]) != digest_after(base, [])


@pytest.mark.parametrize("edit", sorted(OTHER))
def test_whatever_is_not_named_does_not(base, edit):
    assert digest_after(base, [edit]) == digest_after(base, [])


@settings(max_examples=25)
@given(named=st.sets(st.sampled_from(sorted(NAMED))), other=st.sets(st.sampled_from(sorted(OTHER))))
def test_the_hash_changes_if_and_only_if_something_named_does(base, named, other):
    # last, as it sets the parameters that "a parameter" would set back
    edits = [*sorted(other - {"the same written out"}), *sorted(named)]
    assert (digest_after(base, edits) != digest_after(base, [])) == bool(named)


def test_a_file_is_read_once_while_it_stays_as_it_is(base, monkeypatch):
    read: list[Path] = []
    opened = Path.open

    def counted(self: Path, *args: object, **options: object) -> object:
        read.append(self)
        return opened(self, *args, **options)

    world = World(base)
    before = world.digest()
    monkeypatch.setattr(Path, "open", counted)
    assert world.digest() == before
    assert [path for path in read if path.suffix in (".parquet", ".sql", ".po")] == []
