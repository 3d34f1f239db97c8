"""The style sheet of pages: one text for a report, one that a notebook can carry without harm.

Colours, type and page parts stand in `charts/tokens.css`; what pages need beyond it in `page.css`.
In a report both go into the head once (`style("document")`). In a notebook every output carries
them itself, each rule held inside `.sw` (`style("notebook")`), dark where JupyterLab is dark; the
report writer takes these copies out again (`bare`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Literal

#: Class of the element around every fragment.
SCOPE = "sw"

# Three times, because JupyterLab styles tables inside outputs with two classes and an element.
_INSIDE = f".{SCOPE}" * 3
_DARK = tuple(
    f"{body} {_INSIDE}" for body in ("body[data-jp-theme-light=false]", "body.vscode-dark")
)
_ROOTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((":root", "body", f".{SCOPE}"), (_INSIDE,)),
    ":root[data-theme=dark]": _DARK,
    "html": (),
}
# What JupyterLab sets on outputs and a page does not want; the cell has a margin of its own.
_RESET = """
tbody tr,tbody tr:hover{background:none}
td{text-align:left;max-width:none}
th,td{max-width:none}
svg{max-width:none}
"""
_FLUSH = """
.page,.sect{padding-left:0;padding-right:4px}
.sw>.fig,.sw>.state,.sw>.care,.sw>.reading{width:auto;margin-left:0;margin-right:0}
"""
_NARROW = re.compile(r"@media screen and (?P<width>\(max-width:\d+px\))")
_MARK = "data-workbench"
_COPY = re.compile(rf"<style {_MARK}>.*?</style>", re.DOTALL)


@lru_cache(maxsize=2)
def style(kind: Literal["document", "notebook"] = "document") -> str:
    """Return the style sheet of pages and page parts.

    Parameters
    ----------
    kind : {"document", "notebook"}
        "document" belongs in the head of a page of its own: dark follows the system or
        `data-theme` on the root element, print is light. "notebook" styles only what is inside
        `.sw`, follows the theme of JupyterLab and breaks by the width of the output.

    Returns
    -------
    str
        CSS without a `style` element around it.
    """
    rules = _rules(_source() if kind == "document" else _RESET + _source() + _FLUSH)
    if kind == "notebook":
        rules = (inside for rule in rules for inside in _scoped(*rule))
    return "\n".join(f"{prelude}{{{body}}}" for prelude, body in rules)


def travelling() -> str:
    """Return the notebook style as the element that goes before a fragment."""
    return f"<style {_MARK}>{style('notebook')}</style>"


def bare(html: str) -> str:
    """Take the travelling style elements out of notebook output."""
    return _COPY.sub("", html)


def _source() -> str:
    files = ("workbench.charts", "tokens.css"), ("workbench.report", "page.css")
    texts = (resources.files(room).joinpath(name).read_text("utf-8") for room, name in files)
    return re.sub(r"/\*.*?\*/", "", "\n".join(texts), flags=re.DOTALL)


def _rules(text: str) -> Iterator[tuple[str, str]]:
    """Split CSS into its outermost rules: what stands before the braces and between them."""
    start = depth = opened = 0
    for place, sign in enumerate(text):
        if sign == "{":
            opened = place if depth == 0 else opened
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield " ".join(text[start:opened].split()), text[opened + 1 : place].strip()
                start = place + 1


def _scoped(prelude: str, body: str) -> Iterator[tuple[str, str]]:
    narrow = _NARROW.fullmatch(prelude)
    if narrow:
        inner = "".join(f"{a}{{{b}}}" for rule in _rules(body) for a, b in _scoped(*rule))
        yield f"@container {SCOPE} {narrow['width']}", inner
    elif not prelude.startswith("@"):  # print and the system's dark mode belong to whole pages
        selectors = [held for part in prelude.split(",") for held in _held(part.strip())]
        if selectors:
            yield ",".join(selectors), body


def _held(selector: str) -> tuple[str, ...]:
    if selector.startswith(f".{SCOPE}>"):
        return (_INSIDE + selector.removeprefix(f".{SCOPE}"),)
    return _ROOTS.get(selector, (f"{_INSIDE} {selector}",))
