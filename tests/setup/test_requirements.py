"""The requirements: declared, locked with hashes for everybody, and carried by the package."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from workbench.setup import files

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PYPROJECT["project"]["optional-dependencies"]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = r"[a-z0-9-]+==\S+(?: ; [^\\]+)? \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"


def declared() -> list[Requirement]:
    """All requirements of pyproject.toml: default, extras and set-up."""
    groups = [PYPROJECT["project"]["dependencies"], *EXTRAS.values()]
    groups += PYPROJECT["dependency-groups"].values()
    return [Requirement(line) for group in groups for line in group]


def locked() -> dict[str, set[str]]:
    """Versions in the lock by canonical name."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", LOCK):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def test_the_lock_is_versions_and_hashes_and_nothing_else() -> None:
    without_header = re.sub(r"\A#.*\n", "", LOCK)
    assert re.fullmatch(rf"(?:{ENTRY})+", without_header)


def test_the_lock_names_no_address() -> None:
    assert not re.search(r"://|--(?:index|extra|find|trusted)|/\w+/", LOCK)


@pytest.mark.parametrize("requirement", declared(), ids=lambda r: r.name)
def test_every_requirement_is_locked_in_a_version_it_allows(requirement: Requirement) -> None:
    versions = locked()[canonicalize_name(requirement.name)]
    assert all(requirement.specifier.contains(version) for version in versions)


@pytest.mark.parametrize("name", ["numpy", "pandas", "scipy", "statsmodels", "duckdb", "pyarrow"])
def test_every_python_computes_with_the_same_versions(name: str) -> None:
    assert len(locked()[name]) == 1


def test_pandas_is_asked_for_by_name_and_version() -> None:
    pandas = next(r for r in declared() if r.name == "pandas")
    assert not pandas.specifier.contains("3.0.9")
    assert pandas.specifier.contains("3.1.0")


def test_the_extras_are_those_of_the_manual() -> None:
    assert set(EXTRAS) == {"sql", "boost", "cluster", "bench", "test"}


def test_conda_takes_the_same_lock_and_python() -> None:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    environment = yaml.safe_load(text)
    python, pip, packages = environment["dependencies"]
    oldest = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    assert python.startswith(f"python>={oldest},")
    assert pip == "pip"
    assert packages == {"pip": ["-r requirements.lock"]}
    for readme in ("README.md", "README.zh-CN.md"):
        commands = re.findall(r"(?m)^#   (.+)$", text)
        assert "\n".join(commands) in (ROOT / readme).read_text(encoding="utf-8")


def imported() -> dict[str, str]:
    """Packages of others that the code imports, each with a file that does."""
    found = {}
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            found |= {name.split(".")[0]: path.name for name in names}
    return {k: v for k, v in found.items() if k not in {*sys.stdlib_module_names, "workbench"}}


def test_what_the_code_imports_is_declared() -> None:
    names = {canonicalize_name(requirement.name) for requirement in declared()}
    distributions = packages_distributions()
    stray = {
        module: file
        for module, file in imported().items()
        if not names & {canonicalize_name(name) for name in distributions.get(module, [module])}
        and module != "pydantic_core"  # a part of pydantic, which pins it
    }
    assert not stray


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install .` puts into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    command = [sys.executable, "-c", build, str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def carried(site: Path) -> set[str]:
    """Names of all files in an installed package."""
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def test_the_wheel_carries_package_and_templates(site: Path) -> None:
    places = {"workbench": "workbench", "notebooks": "workbench/template/notebooks"}
    places["params"] = "workbench/template/params"
    places["sweeps"] = "workbench/template/sweeps"
    known = [path.relative_to(ROOT) for path in files.committed(ROOT)]
    wanted = {
        f"{places[path.parts[0]]}/{'/'.join(path.parts[1:])}"
        for path in known
        if path.parts[0] in places
    }
    assert wanted <= carried(site)


def test_the_wheel_carries_nothing_of_the_workshop(site: Path) -> None:
    tops = {path.name for path in site.iterdir() if path.suffix != ".dist-info"}
    assert tops == {"workbench"}
    assert not [name for name in carried(site) if "__pycache__" in name or "checkpoint" in name]


def test_the_wheel_carries_the_licence(site: Path) -> None:
    licences = {name.split("/")[-1] for name in carried(site) if "/licenses/" in name}
    assert {"LICENSE", "NOTICE"} <= licences


def test_an_installed_workbench_makes_a_project(site: Path, tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "workbench", "init", "mine"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    for folder in ("notebooks", "params"):
        ours = {p.relative_to(ROOT) for p in files.committed(ROOT / folder)}
        assert ours
        assert all((tmp_path / "mine" / path).is_file() for path in ours)
