"""A whole installation from an index on this machine: what the user set is where it goes.

The index holds a small program called uv that hands over to the real one, and a tiny package, so
that both steps, pip's and uv's, are seen to come from it. No other machine is asked.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import uv
import yaml

from tests.support.wheels import LocalIndex, make_wheel, serve
from workbench.errors import ProjectError
from workbench.setup import install
from workbench.setup.install import Environment
from workbench.text import Language

ROOT = Path(__file__).parents[2]
NUMBERS = count(1)
HAND_OVER = """
import os, subprocess, sys
VERSION = "{version}"
def main():
    if sys.argv[1:] == ["--version"]:
        print("uv", VERSION)
        return 0
    return subprocess.call([os.environ["REAL_UV"], *sys.argv[1:]])
"""
BACKEND = """
import shutil
def build_editable(folder, settings=None, metadata=None):
    return shutil.copy("own-1.0-py3-none-any.whl", folder) and "own-1.0-py3-none-any.whl"
"""
PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "own"
version = "1.0"
"""


@dataclass
class Checkout:
    """A checkout whose lock asks for a uv and a tiny package that only the index has."""

    index: LocalIndex
    root: Path
    base: dict[str, str]

    def lock_new(self) -> str:
        """Put new versions up and into the lock; return the version."""
        version = f"99.0.{next(NUMBERS)}"
        uv_lines = self.index.add(
            "uv", version, {"hand.py": HAND_OVER.format(version=version)}, script="uv = hand:main"
        )
        tiny = self.index.add("sw-tiny", version, {"sw_tiny.py": f"VERSION = {version!r}\n"})
        (self.root / install.LOCK).write_text(uv_lines + tiny, encoding="utf-8")
        self.index.asked.clear()
        return version

    def install(self, **variables: str) -> Environment:
        """Run the set-up with the user's variables."""
        told: list[str] = []
        environ = {**self.base, **variables}
        return install.ensure(self.root, lang=Language("en"), tell=told.append, environ=environ)

    def installed(self) -> str:
        """Version of the tiny package that the environment imports."""
        code = "import sw_tiny; print(sw_tiny.VERSION)"
        return subprocess.check_output(
            [Environment(self.root).python, "-c", code], text=True
        ).strip()

    def served(self, version: str) -> bool:
        """Whether the index handed out both packages."""
        wheels = {path.rpartition("/")[2] for path in self.index.asked}
        return {f"{name}-{version}-py3-none-any.whl" for name in ("uv", "sw_tiny")} <= wheels


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    folder = tmp_path_factory.mktemp("set-up")
    root = folder / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    make_wheel(root, "own", "1.0", {"own.pth": str(root)})
    kept = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT") if key in os.environ}
    base = {
        **kept,
        "HOME": str(folder),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_CACHE_DIR": "1",
        "PIP_RETRIES": "0",
        "REAL_UV": uv.find_uv_bin(),
        "UV_NO_CACHE": "1",
        "UV_NO_CONFIG": "1",
    }
    with serve(folder / "index") as index:
        yield Checkout(index, root, base)


# A host that does not exist: only the proxy can answer for it.
FAR = {"PIP_INDEX_URL": "http://mirror.invalid/simple", "PIP_TRUSTED_HOST": "mirror.invalid"}
WAYS = {
    "pip's index": {"PIP_INDEX_URL": "{url}/simple"},
    "uv's index": {"UV_DEFAULT_INDEX": "{url}/simple"},
    "uv's index, older name": {"UV_INDEX_URL": "{url}/simple"},
    "uv's index with a name": {"UV_DEFAULT_INDEX": "mirror={url}/simple"},
    "pip's extra index": {"PIP_INDEX_URL": "{url}/none", "PIP_EXTRA_INDEX_URL": "{url}/simple"},
    "pip's folder of wheels": {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "{url}/files/"},
    "a proxy": {**FAR, "HTTP_PROXY": "{url}"},
    "pip's proxy": {**FAR, "PIP_PROXY": "{url}"},
}


@pytest.mark.parametrize("way", WAYS)
def test_all_comes_from_where_the_user_says(checkout: Checkout, way: str) -> None:
    version = checkout.lock_new()
    checkout.install(**{k: v.format(url=checkout.index.url) for k, v in WAYS[way].items()})
    assert checkout.installed() == version
    assert checkout.served(version)


def test_pip_conf_is_honoured(checkout: Checkout, tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(f"[global]\nindex-url = {checkout.index.url}/simple\n")
    version = checkout.lock_new()
    checkout.install(PIP_CONFIG_FILE=str(config))
    assert checkout.installed() == version
    assert checkout.served(version)


def test_a_second_time_nothing_is_asked_or_run(checkout: Checkout) -> None:
    checkout.lock_new()
    checkout.install(PIP_INDEX_URL=f"{checkout.index.url}/simple")
    checkout.index.asked.clear()
    assert checkout.install(PATH="").ready()
    assert not checkout.index.asked


def test_a_wheel_that_differs_from_its_hash_is_refused(checkout: Checkout) -> None:
    version = checkout.lock_new()
    make_wheel(checkout.index.folder / "files", "sw-tiny", version, {"sw_tiny.py": "VERSION = 0\n"})
    with pytest.raises(ProjectError, match="packages could not be installed"):
        checkout.install(PIP_INDEX_URL=f"{checkout.index.url}/simple")
    assert not Environment(checkout.root).ready()


def test_an_index_without_the_packages_ends_with_what_to_do(checkout: Checkout) -> None:
    checkout.lock_new()
    with pytest.raises(ProjectError, match="PIP_INDEX_URL"):
        checkout.install(PIP_INDEX_URL=f"{checkout.index.url}/none")
    assert not Environment(checkout.root).ready()


def test_a_broken_environment_is_made_anew(checkout: Checkout) -> None:
    Environment(checkout.root).python.unlink()
    version = checkout.lock_new()
    checkout.install(PIP_INDEX_URL=f"{checkout.index.url}/simple")
    assert checkout.installed() == version


def test_the_conda_way_installs_from_the_lock(checkout: Checkout) -> None:
    """Conda writes the pip part of environment.yml into a file beside it and hands that to pip."""
    checkout.lock_new()
    checkout.install(PIP_INDEX_URL=f"{checkout.index.url}/simple")
    version = checkout.lock_new()
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    pip_part = yaml.safe_load(text)["dependencies"][-1]["pip"]
    (checkout.root / "conda.txt").write_text("\n".join(pip_part), encoding="utf-8")
    last_line = re.search(r"#   pip (install .*-e \.)\n", text).group(1)
    for options in (["install", "-r", "conda.txt"], last_line.split()):
        subprocess.run(
            [Environment(checkout.root).python, "-m", "pip", *options],
            cwd=checkout.root,
            env={**checkout.base, "PIP_INDEX_URL": f"{checkout.index.url}/simple"},
            check=True,
        )
    assert checkout.installed() == version
