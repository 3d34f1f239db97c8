"""`python -m workbench.setup COMMAND`: what `make` calls, and the way without make.

Each command first makes `.venv` ready, which takes no time when it is.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.setup import files, install, lock, notebooks
from workbench.setup.install import Environment
from workbench.terminal import error_text, language_of_system
from workbench.text import Language

ROOT = Path(__file__).resolve().parents[2]
_COMMANDS = {
    "demo": "run the sales analysis on the sample company and print where its report is",
    "test": "check style, types and layers, then run all tests and notebooks",
    "lab": "open JupyterLab on the project",
    "lint": "check style, types and layers only",
    "format": "write code in the house style and strip notebooks",
    "lock": "make requirements.lock anew (--upgrade: with the newest versions)",
    "install": "only make .venv ready",
    "strip": "strip the notebooks given, or all (--check: only say which need it)",
    "files": "say which of the files given, or of all, may not be committed",
}
_DEMO = ["workbench", "run", "sales_analysis", "--company", "data/sample", "--lang"]
_PYTEST = ["pytest", "-q", "-n", "2", "--dist", "loadscope"]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit code.

    Parameters
    ----------
    arguments : list of str, optional
        Command and its options; those of the program by default.
    """
    command, rest = _parse(arguments)
    environ = {**os.environ, "PYTHONUTF8": "1"}
    lang = Language(language_of_system())
    began = time.monotonic()
    try:
        if command == "strip":
            return _strip(rest, lang=lang)
        if command == "files":
            return _files(rest)
        ready = Environment(ROOT).ready()
        env = install.ensure(ROOT, lang=lang, tell=_tell, environ=environ)
        if not ready:
            seconds = lang.number(time.monotonic() - began)
            _tell(lang.say("Ready after {seconds} s", seconds=seconds))
        return _run(command, rest, env=env, lang=lang, environ=environ)
    except WorkbenchError as error:
        print(error_text(error, lang), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parse(arguments: list[str] | None) -> tuple[str, list[str]]:
    width = max(len(name) for name in _COMMANDS)
    listed = "\n".join(f"  {name:<{width}}  {what}" for name, what in _COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="python -m workbench.setup",
        description=f"Set up this checkout and run it.\n\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS, metavar="COMMAND")
    parsed, rest = parser.parse_known_args(arguments)
    return parsed.command, rest


def _run(
    command: str, rest: list[str], *, env: Environment, lang: Language, environ: Mapping[str, str]
) -> int:
    if command == "install":
        return 0
    if command == "lock":
        lock.remake(env, upgrade="--upgrade" in rest, lang=lang, environ=environ)
        return 0
    if command == "format":
        _strip([], lang=lang)
    lint = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]]
    lint.append(["lint-imports", "--no-logo"])
    steps = {
        "demo": [[*_DEMO, lang.code, *rest]],
        "lab": [["workbench", "compile"], ["workbench", "lab", *rest]],
        "lint": lint,
        # compiled before, because each process of the tests would do so for itself
        "test": [*lint, ["workbench", "compile"], [*_PYTEST, *rest]],
        "format": [["ruff", "check", "--fix"], ["ruff", "format"]],
    }
    return _all(steps[command], env=env, lang=lang, environ=environ)


def _all(
    steps: list[list[str]], *, env: Environment, lang: Language, environ: Mapping[str, str]
) -> int:
    """Run every step even if one fails, so that one run tells all; return the first bad code."""
    failed = {}
    for name, *options in steps:
        command = [str(env.program(name)), *options]
        code = subprocess.run(command, cwd=ROOT, env=dict(environ)).returncode
        if code:
            failed[name] = code
    if failed and len(steps) > 1:
        _tell(lang.say("Failed: {steps}", steps=lang.join(failed)))
    return next(iter(failed.values()), 0)


def _strip(rest: list[str], *, lang: Language) -> int:
    """Strip notebooks; as a check or a commit hook, the code says whether any needed it."""
    names = [name for name in rest if not name.startswith("--")]
    found = [Path(name) for name in names] or sorted(ROOT.glob("notebooks/**/*.ipynb"))
    found = [path for path in found if ".ipynb_checkpoints" not in path.parts]
    changed = notebooks.strip(found, write="--check" not in rest)
    if changed:
        _tell(lang.say("Held outputs of a run: {files}", files=lang.join(map(str, changed))))
    return int(bool(changed))


def _files(rest: list[str]) -> int:
    found = files.complaints([Path(name) for name in rest] or files.committed(ROOT))
    print("\n".join(found), end="\n" if found else "")
    return int(bool(found))


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
