"""Compiled functions whose kept machine code is never stale.

`numba` keeps compiled code by the file a function stands in, also of functions that have inlined
others; after a change elsewhere it would go on with the old. Here the code of a room is kept in a
folder named by the text of all its files with compiled functions.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).parent
#: Older states of a room that are kept, for checkouts side by side.
_KEPT = 3


def njit(**options: Any) -> Callable[[F], F]:
    """Compile a function without the interpreter, as `numba.njit(cache=True)` does.

    Parameters
    ----------
    **options
        Of `numba.njit`.
    """

    def compiled(function: F) -> F:
        import numba

        config: Any = numba.config
        before = config.CACHE_DIR
        config.CACHE_DIR = str(_folder(_room(function), before))
        try:
            made: F = numba.njit(**{"cache": True, **options})(function)
        finally:
            config.CACHE_DIR = before
        return made

    return compiled


def _room(function: Callable[..., Any]) -> str:
    """First folder under the package that a function stands in."""
    return function.__module__.split(".")[1] if "." in function.__module__ else function.__module__


@cache
def _folder(room: str, asked: str) -> Path:
    """Folder for the code of a room in its present state."""
    digest = hashlib.sha256()
    for path in sorted((_PACKAGE / room).rglob("*.py")):
        text = path.read_bytes()
        if b"njit" in text:
            digest.update(path.relative_to(_PACKAGE).as_posix().encode())
            digest.update(text)
    root = Path(asked) if asked else _user_cache() / "workbench" / "compiled"
    folder = root / f"{room}-{digest.hexdigest()[:16]}"
    if not folder.is_dir():
        _prune(root, room)
    return folder


def _prune(root: Path, room: str) -> None:
    """Remove what was compiled of states long gone, the oldest first."""
    if not root.is_dir():
        return
    states = sorted(root.glob(f"{room}-*"), key=lambda path: path.stat().st_mtime)
    for old in states[: max(0, len(states) - _KEPT)]:
        shutil.rmtree(old, ignore_errors=True)


def _user_cache() -> Path:
    """Where the system keeps what can be made again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
