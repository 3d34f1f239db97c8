"""What the command line shows: errors as three answers, tables, progress, in which language."""

from __future__ import annotations

import contextlib
import locale
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.text import Language, mark

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 160  # where the output is no terminal

#: Marks the root of a project; may say its language.
PROJECT_FILE = "workbench.yaml"


def language_wanted(words: Sequence[str]) -> str:
    """Language of a command: that of `--lang`, else of its project, else of the system."""
    return (
        _option(words, "--lang") or _of_project(_option(words, "--project")) or language_of_system()
    )


def language_of_system() -> str:
    """Language of the system's locale: "en" or "zh"."""
    named = [os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    named.append(locale.getlocale()[0])  # Windows has no such variables
    return "zh" if next(filter(None, named), "").lower().startswith(("zh", "chinese")) else "en"


def error_text(error: WorkbenchError, lang: Language) -> str:
    """Tell an error: what is wrong, then where, what to do and what was kept, if known."""
    named = (
        (lang.say("where"), error.where),
        (lang.say("do"), error.do),
        (lang.say("kept"), error.kept),
    )
    lines = [f"  {name}{lang.colon}{lang.again(text)}" for name, text in named if text]
    return "\n".join([lang.again(error.message), *lines])


def print_table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[int] = (),
    whole: Sequence[int] = (0,),
) -> None:
    """Print rows under their heads, nothing cut off.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequence of str
    right : sequence of int
        Columns set right.
    whole : sequence of int
        Columns whose cells are never broken.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        side: Any = "right" if place in right else "left"
        table.add_column(Text(head), justify=side, no_wrap=place in whole, overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    _console().print(table)


class progress:
    """How far a command is, on one line of the terminal; nothing where there is none.

    Parameters
    ----------
    name : str
        Of the study, or what is under way.
    lang : Language
    words : str
        Catalogue key with {name}, {done} and {whole}.
    """

    def __init__(
        self, name: str, lang: Language, words: str = mark("{name}: cell {done} of {whole}")
    ) -> None:
        self.name, self.lang, self.words = name, lang, words
        self.status: Any = None

    def __enter__(self) -> Callable[[int, int], None] | None:
        if not sys.stderr.isatty():
            return None
        self.status = _console(stderr=True).status(self.lang.say("starting {name}", name=self.name))
        self.status.start()
        return self._tell

    def __exit__(self, *_: object) -> None:
        if self.status is not None:
            self.status.stop()

    def _tell(self, done: int, whole: int) -> None:
        words = self.lang.say(self.words, name=self.name, done=done, whole=whole)
        self.status.update(words)


def has_browser() -> bool:
    """Whether there is a screen to show a page on."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else WIDTH, highlight=False)


# -- which language -------------------------------------------------------------------------------


def _option(words: Sequence[str], name: str) -> str:
    """What stands behind an option; "" where it is not given, or only behind a bare --."""
    for place, word in enumerate(words):
        if word == "--":
            break
        if word == name or word.startswith(f"{name}="):
            return word.partition("=")[2] or next(iter(words[place + 1 :]), "")
    return ""


def _of_project(folder: str) -> str:
    """What the project named or stood in says; read without YAML, so that help stays quick."""
    text = ""
    with contextlib.suppress(OSError):
        begin = Path(folder or os.environ.get("WORKBENCH_PROJECT") or Path.cwd()).resolve()
        found = (each / PROJECT_FILE for each in (begin, *begin.parents))
        file = next((each for each in found if each.is_file()), None)
        text = file.read_text(encoding="utf-8", errors="replace") if file else ""
    said = re.search(r"""(?m)^lang\s*:\s*["']?(en|zh)\b""", text)
    return said[1] if said else ""
