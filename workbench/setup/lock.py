"""The lock: exact versions and hashes of all packages, for every supported Python and system."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import ProjectError
from workbench.setup import OLDEST, index
from workbench.setup.install import LOCK, Environment
from workbench.text import Language

_HEADER = "# Exact versions and hashes; made from pyproject.toml by `make lock`.\n"


def remake(env: Environment, *, upgrade: bool, lang: Language, environ: Mapping[str, str]) -> Path:
    """Write `requirements.lock` anew from `pyproject.toml`.

    Parameters
    ----------
    env : Environment
        A ready environment: its uv resolves.
    upgrade : bool
        Take the newest versions; without, only what pyproject.toml asks for changes.
    lang : Language
        Language of an error.
    environ : mapping
        The user's environment.

    Returns
    -------
    Path
        The lock.

    Raises
    ------
    ProjectError
        If the requirements cannot be met together.

    Notes
    -----
    No header, notes or index address are written: they would differ from machine to machine.
    """
    command: list[str | Path] = [env.program("uv"), "pip", "compile", "pyproject.toml"]
    command += ["--all-extras", "--group", "setup", "--group", "lock"]
    command += ["--universal", "--python-version", ".".join(str(part) for part in OLDEST)]
    command += ["--generate-hashes", "--no-annotate", "--no-header", "--quiet", "-o", LOCK]
    command += ["--upgrade"] if upgrade else []
    settings = index.pip_settings(env.python, environ)
    done = subprocess.run(command, cwd=env.root, env=index.for_lock(environ, settings))
    if done.returncode:
        raise ProjectError(
            lang.say("The requirements cannot be met together"),
            where="pyproject.toml",
            do=lang.say("read the lines above and change the bounds they name"),
        )
    lock = env.root / LOCK
    lock.write_text(_HEADER + lock.read_text(encoding="utf-8"), encoding="utf-8", newline="\n")
    return lock
