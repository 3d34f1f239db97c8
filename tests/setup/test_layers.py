"""The layers of the house: they hold, and a step upward is caught."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from workbench.setup.install import Environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package's code and its contracts."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    code = shutil.ignore_patterns("__pycache__", "*.otf", "*.csv", "*.json", "*.po")
    shutil.copytree(ROOT / "workbench", copy / "workbench", ignore=code)
    return copy


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the contracts of a folder."""
    command = [Environment(ROOT).program("lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_imports_go_down_only(house: Path) -> None:
    held = lint_imports(house)
    assert held.returncode == 0, held.stdout


@pytest.mark.parametrize(
    ("below", "above"),
    [
        ("text", "tables"),
        ("tables", "company"),
        ("charts", "report"),
        ("company", "analysis"),
        ("setup", "company"),
    ],
)
def test_a_step_upward_is_caught(house: Path, below: str, above: str) -> None:
    stray = house / "workbench" / below / "stray.py"
    if not stray.parent.is_dir():
        stray = house / "workbench" / f"{below}.py"
    before = stray.read_text(encoding="utf-8") if stray.exists() else None
    stray.write_text(f"import workbench.{above}\n", encoding="utf-8")
    caught = lint_imports(house)
    stray.write_text(before, encoding="utf-8") if before else stray.unlink()
    assert caught.returncode == 1
    assert f"workbench.{below} is not allowed to import workbench.{above}" in caught.stdout


def test_a_module_without_a_layer_is_caught(house: Path) -> None:
    stray = house / "workbench" / "attic.py"
    stray.write_text("", encoding="utf-8")
    caught = lint_imports(house)
    stray.unlink()
    assert caught.returncode == 1
    assert "attic" in caught.stdout
