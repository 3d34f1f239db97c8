"""Compiled functions whose kept machine code is never stale.

`numba` keeps compiled code by the file a function stands in, also of functions that have inlined
others; after a change elsewhere it would go on with the old. Here the code of a room is kept in a
folder named by the text of all its files with compiled functions.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
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


# -- which there are, and which are compiled ------------------------------------------------------


def functions() -> dict[str, Any]:
    """Import every compiled function of the package; return them by module and name."""
    from numba.core.dispatcher import Dispatcher

    found = {}
    for path in _files():
        module = import_module(".".join((_PACKAGE.name, *path.with_suffix("").parts)))
        for name, value in vars(module).items():
            if isinstance(value, Dispatcher) and value.py_func.__module__ == module.__name__:
                found[f"{module.__name__}.{name}"] = value
    return found


def ready() -> set[str]:
    """Names of functions that this process has compiled or loaded, with all that they call."""
    every = functions()
    names = {id(function): name for name, function in every.items()}
    reached: set[str] = set()
    ahead = [function for function in every.values() if function.signatures]
    while ahead:
        function = ahead.pop()
        name = names.get(id(function))
        if name is not None and name not in reached:
            reached.add(name)
            ahead += _called(function)
    return reached


def keep(names: Iterable[str]) -> None:
    """Note that these functions are compiled, for this state of their code."""
    place = _note()
    place.parent.mkdir(parents=True, exist_ok=True)
    for old in sorted(place.parent.glob("ready-*"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        old.unlink(missing_ok=True)
    place.write_text(json.dumps(sorted(names)), encoding="utf-8")


def kept() -> list[str] | None:
    """Names of the functions that were noted as compiled; None where their code has changed."""
    place = _note()
    if not place.is_file() or not all(folder.is_dir() for folder in _folders()):
        return None
    names: list[str] = json.loads(place.read_text(encoding="utf-8"))
    return names


def _called(function: Any) -> Iterator[Any]:
    """Compiled functions that a function names, or takes from a module that it names."""
    names = function.py_func.__code__.co_names
    for name in names:
        value = function.py_func.__globals__.get(name)
        if isinstance(value, ModuleType):
            yield from (part for each in names if _compiled(part := getattr(value, each, None)))
        elif _compiled(value):
            yield value


def _compiled(value: Any) -> bool:
    return hasattr(value, "py_func")


# -- folders --------------------------------------------------------------------------------------


def _note() -> Path:
    """File that names what is compiled, by all that decides it."""
    import numba
    from numba.core.registry import cpu_target

    processor = cpu_target.target_context.codegen().magic_tuple()  # as numba's own cache has it
    state = [each.name for each in _folders()]
    state += [sys.version, numba.__version__, *processor]
    digest = hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]
    return _root(_asked()) / f"ready-{digest}.json"


def _folders() -> list[Path]:
    """Folders of all rooms with compiled functions, in their present state."""
    rooms = {path.parts[0] for path in _files()}
    return [_folder(room, _asked()) for room in sorted(rooms)]


def _files() -> list[Path]:
    """Files of the rooms with compiled functions, below the package, in order."""
    found = sorted(_PACKAGE.glob("*/**/*.py"))
    return [path.relative_to(_PACKAGE) for path in found if b"import njit" in path.read_bytes()]


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
    root = _root(asked)
    folder = root / f"{room}-{digest.hexdigest()[:16]}"
    if not folder.is_dir():
        _prune(root, room)
    return folder


def _asked() -> str:
    import numba

    config: Any = numba.config
    return str(config.CACHE_DIR)


def _root(asked: str) -> Path:
    return Path(asked) if asked else _user_cache() / "workbench" / "compiled"


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
