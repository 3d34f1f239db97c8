"""The commands: they run before anything is installed, and say things in the user's language."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import ProjectError
from workbench.setup import install, refuse_old_python
from workbench.setup.install import Environment
from workbench.terminal import language_wanted
from workbench.text import Language

ROOT = Path(__file__).parents[2]
LOCK = """\
# made by make lock
alpha==1.0 \\
    --hash=sha256:aa
uv-build==0.1 \\
    --hash=sha256:bb
uv==0.9 ; sys_platform != 'none' \\
    --hash=sha256:cc \\
    --hash=sha256:dd
zeta==2.0 \\
    --hash=sha256:ee
"""


def bare_python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the standard library alone, in the project folder."""
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_the_set_up_needs_the_standard_library_alone() -> None:
    assert bare_python("-c", "import pandas").returncode, "site-packages are still in reach"
    shown = bare_python("-m", "workbench.setup", "--help")
    assert shown.returncode == 0, shown.stderr
    assert all(re.search(rf"^  {name} ", shown.stdout, re.M) for name in ("demo", "test", "lab"))


def test_an_unknown_command_is_an_error() -> None:
    assert bare_python("-m", "workbench.setup", "dmeo").returncode == 2


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_so(version: tuple[int, ...]) -> None:
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        refuse_old_python(version)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 0), (4, 0, 0)])
def test_a_new_python_goes_on(version: tuple[int, ...]) -> None:
    refuse_old_python(version)


@pytest.mark.parametrize(
    ("variables", "system", "code"),
    [
        ({"LANG": "zh_CN.UTF-8"}, None, "zh"),
        ({"LANG": "en_GB.UTF-8"}, "zh_CN", "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, None, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW"}, None, "zh"),
        ({}, "Chinese (Simplified)_China", "zh"),
        ({}, None, "en"),
    ],
)
def test_the_language_is_the_users(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], system: str | None, code: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, variables.get(name, ""))
    monkeypatch.setattr("locale.getlocale", lambda: (system, None))
    assert language_wanted([]) == code


def test_make_offers_what_the_module_offers() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^([\w ]+):\n\t\$\(SETUP\) \$@", makefile, re.M).group(1).split()
    listed = re.findall(r"^  (\w+) ", bare_python("-m", "workbench.setup", "--help").stdout, re.M)
    assert set(targets) == set(listed) - {"strip", "files"}


def test_the_lines_of_one_package_are_found_whole() -> None:
    assert install.locked(LOCK, "uv") == (
        "uv==0.9 ; sys_platform != 'none' \\\n    --hash=sha256:cc \\\n    --hash=sha256:dd\n"
    )
    assert install.locked(LOCK, "zeta") == "zeta==2.0 \\\n    --hash=sha256:ee\n"


def test_a_package_that_is_not_locked_is_an_error() -> None:
    with pytest.raises(ProjectError, match="build is not in the lock"):
        install.locked(LOCK, "build")


def test_a_folder_without_a_lock_is_no_checkout(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=re.escape("requirements.lock")):
        install.ensure(tmp_path, lang=Language("en"), tell=print, environ={})


def ready_environment(root: Path) -> Environment:
    """An environment that says it is ready."""
    (root / ".venv").mkdir()
    for name in ("requirements.lock", "pyproject.toml", ".venv/pyvenv.cfg"):
        (root / name).write_text("as it was\n", encoding="utf-8")
    env = Environment(root)
    assert not env.ready()
    env.stamp()
    assert env.ready()
    return env


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml", ".venv/pyvenv.cfg"])
def test_a_change_of_what_is_asked_for_ends_readiness(tmp_path: Path, name: str) -> None:
    env = ready_environment(tmp_path)
    (tmp_path / name).write_text("changed\n", encoding="utf-8")
    assert not env.ready()


def test_a_moved_checkout_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    ready_environment(tmp_path / "here")
    (tmp_path / "here").rename(tmp_path / "there")
    assert not Environment(tmp_path / "there").ready()


def test_an_installation_that_begins_ends_readiness(tmp_path: Path) -> None:
    env = ready_environment(tmp_path)
    env.unstamp()
    assert not env.ready()
