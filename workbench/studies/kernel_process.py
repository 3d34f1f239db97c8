"""The kernel of a run, from inside: import what the notebook will need, then serve.

Run as a program by `kernel.py`, which starts it first of all: while the runner still imports
papermill, this process imports the kernel and the notebook's modules. Over its standard input it
gets two lines of JSON: the modules to import, then the connection file and environment; the
imports stop as soon as the second is there. When the input closes, the runner is gone, and the
kernel ends.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

#: Modules that others import where they are there, at a price, and do without where not: the
#: first builds a grammar for 1.5 seconds, for one format check of jsonschema nobody here asks for;
#: the second is a debugger (0.4 seconds). None in `sys.modules` makes their import fail.
UNWANTED = ("rfc3987_syntax", "debugpy")


@contextlib.contextmanager
def lean_imports() -> Iterator[None]:
    """Import without what is unwanted; whatever asks for it later still gets it."""
    blocked = [name for name in UNWANTED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(blocked))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in blocked:
            del sys.modules[name]


def main() -> None:
    """Serve with what comes over the standard input."""
    told = os.dup(0)
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - before anything heavy is imported
        os.dup2(nothing.fileno(), 0)
    serve(told)


def serve(stream: int) -> None:
    """Import, wait for the connection file, serve until the end.

    Parameters
    ----------
    stream : int
        File descriptor with the lines of JSON.
    """
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(stream, lines), daemon=True).start()
    with lean_imports():
        _import(lines)
        _launch(json.loads(lines.get()))


def _import(lines: queue.SimpleQueue[str]) -> None:
    wanted = json.loads(lines.get())
    import ipykernel.kernelapp  # noqa: F401 - the first thing needed

    for name in wanted:
        if not lines.empty():
            break
        with contextlib.suppress(Exception):  # the notebook will meet it in its own cell
            importlib.import_module(name)


def _launch(told: dict[str, Any]) -> None:
    from ipykernel.kernelapp import IPKernelApp

    from workbench.errors import WorkbenchError

    os.environ.update(told["environment"])
    app = IPKernelApp.instance()
    app.initialize(
        ["-f", told["connection"], "--HistoryManager.enabled=False", "--log-level=ERROR"]
    )
    shell: Any = app.shell
    shell.set_custom_exc((WorkbenchError,), _in_the_language_of_the_run)
    app.start()


def _in_the_language_of_the_run(
    shell: Any, kind: type[Any], error: Any, trace: Any, tb_offset: int | None = None
) -> None:
    """Show an error of ours; engines raise them without a language, a run has one."""
    from workbench.text import Language

    lang = Language(os.environ.get("WORKBENCH_LANG", "en"))
    shell.showtraceback((kind, error.retold(lang.again), trace), tb_offset=tb_offset)


def _listen(stream: int, lines: queue.SimpleQueue[str]) -> None:
    with os.fdopen(stream, encoding="utf-8") as told:
        for line in told:
            lines.put(line)
    os._exit(1)


if __name__ == "__main__":
    main()
