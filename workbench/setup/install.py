"""The environment of a checkout: `.venv` with what `requirements.lock` lists, and nothing twice.

A stamp in `.venv` names the lock, the project file, the Python and the folder it was made for:
while it fits, the next command starts at once.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ProjectError
from workbench.setup import OLDEST, index
from workbench.text import Language

LOCK = "requirements.lock"
_LOCKED = ("--require-hashes", "--compile-bytecode", "-r")
_STAMP = ".sales-workbench"


@dataclass(frozen=True, slots=True)
class Environment:
    """The virtual environment of the project folder `root`."""

    root: Path

    @property
    def folder(self) -> Path:
        """Folder of the environment."""
        return self.root / ".venv"

    @property
    def bin(self) -> Path:
        """Folder of its programs."""
        return self.folder / ("Scripts" if os.name == "nt" else "bin")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.program("python")

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.bin / (f"{name}.exe" if os.name == "nt" else name)

    def ready(self) -> bool:
        """Whether all is installed as the lock and the project file say now."""
        stamp = self.folder / _STAMP
        return stamp.is_file() and stamp.read_text(encoding="utf-8") == self._fingerprint()

    def stamp(self) -> None:
        """Note that all is installed."""
        (self.folder / _STAMP).write_text(self._fingerprint(), encoding="utf-8")

    def unstamp(self) -> None:
        """Note that an installation has begun and may not end."""
        (self.folder / _STAMP).unlink(missing_ok=True)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(str(self.root.resolve()).encode())
        for name in (LOCK, "pyproject.toml", ".venv/pyvenv.cfg"):
            path = self.root / name
            digest.update(path.read_bytes() if path.is_file() else b"")
        return digest.hexdigest()


def ensure(
    root: Path, *, lang: Language, tell: Callable[[str], None], environ: Mapping[str, str]
) -> Environment:
    """Make the environment of the project ready; does nothing when it is.

    Parameters
    ----------
    root : Path
        Folder of the checkout.
    lang : Language
        Language of the messages.
    tell : callable
        Takes one line of progress.
    environ : mapping
        The user's environment, with index, mirror and proxy variables.

    Raises
    ------
    ProjectError
        If `root` is no checkout, or a step of the installation fails.
    """
    env = Environment(root)
    if not (root / LOCK).is_file():
        raise ProjectError(
            lang.say("There is no {file} here", file=LOCK),
            where=str(root),
            do=lang.say("run this in a checkout of Sales Workbench"),
        )
    if env.ready():
        return env
    tell(lang.say("Installing into .venv (about 1.5 GB; a few minutes the first time)"))
    env.unstamp()
    if not _usable(env):
        _create(env, lang=lang, environ=environ)
    _install_uv(env, lang=lang, environ=environ)
    _install_all(env, lang=lang, environ=environ)
    env.stamp()
    return env


def locked(lock: str, name: str) -> str:
    """Return the lines of one package from the text of the lock, hashes included.

    Raises
    ------
    ProjectError
        If the lock does not have it.
    """
    found = re.search(rf"(?m)^{re.escape(name)}==(?:.*\\\n)*.*", lock)
    if not found:
        raise ProjectError(f"{name} is not in the lock", where=LOCK, do="make lock")
    return found.group() + "\n"


def _usable(env: Environment) -> bool:
    """Whether the environment is there, its Python runs, is new enough and has pip."""
    if not env.python.is_file():
        return False
    code = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST})"
    try:
        return subprocess.run([env.python, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def _create(env: Environment, *, lang: Language, environ: Mapping[str, str]) -> None:
    _step(
        [sys.executable, "-m", "venv", "--clear", env.folder],
        message=lang.say("The virtual environment could not be made"),
        do=lang.say(
            "on Debian and Ubuntu: sudo apt-get install python3-venv; "
            "if .venv was in use, close what uses it"
        ),
        environ=environ,
    )


def _install_uv(env: Environment, *, lang: Language, environ: Mapping[str, str]) -> None:
    """Bring uv by pip, in the version and with the hashes of the lock."""
    lines = locked((env.root / LOCK).read_text(encoding="utf-8"), "uv")
    version = lines.split("==")[1].split()[0]
    if _version(env.program("uv")) == version:
        return
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "uv.txt"
        wanted.write_text(lines, encoding="utf-8")
        _step(
            [env.python, "-m", "pip", "install", "-q", "--require-hashes", "-r", wanted],
            message=lang.say("uv, the installer, could not be fetched"),
            do=_network_hint(lang),
            environ=index.for_pip(environ, index.pip_settings(env.python, environ)),
        )


def _install_all(env: Environment, *, lang: Language, environ: Mapping[str, str]) -> None:
    settings = index.pip_settings(env.python, environ)
    uv_environ = index.for_uv(environ, settings)
    install: list[str | Path] = [env.program("uv"), "pip", "install", "--python", env.python]
    _step(
        [*install, *index.uv_options(settings), *_LOCKED, env.root / LOCK],
        message=lang.say("The packages could not be installed"),
        do=_network_hint(lang),
        environ=uv_environ,
    )
    _step(
        [*install, "-q", "--no-deps", "--no-build-isolation", "-e", env.root],
        message=lang.say("The package itself could not be installed"),
        do=lang.say("read the lines above"),
        environ=uv_environ,
    )


def _step(command: list[str | Path], *, message: str, do: str, environ: Mapping[str, str]) -> None:
    """Run one step of the installation; its own words stay on the screen."""
    if subprocess.run(command, env=dict(environ)).returncode:
        raise ProjectError(message, where=" ".join(str(part) for part in command), do=do)


def _version(program: Path) -> str:
    if not program.is_file():
        return ""
    told = subprocess.run([program, "--version"], capture_output=True, encoding="utf-8")
    return told.stdout.split()[1] if told.returncode == 0 else ""


def _network_hint(lang: Language) -> str:
    return lang.say(
        "read the lines above; if this network needs a mirror or a proxy, set PIP_INDEX_URL "
        "(or UV_DEFAULT_INDEX) and HTTPS_PROXY and try again"
    )
