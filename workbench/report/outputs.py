"""Outputs of notebook cells as HTML for a report: nothing that runs, nothing from outside.

Of several forms of an output the first that can stand on a still page is taken: HTML, SVG, PNG,
Markdown, text. What only says that something was recorded, and widgets, are left out. Warnings are
read from standard error: ours are for readers of the report, others for the technical notes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.recording import MIME
from workbench.report.boxes import WarningBox
from workbench.report.html import element, own_ids, text
from workbench.report.prose import prose
from workbench.report.style import bare
from workbench.text import Language

#: Outputs that never appear: records of results, and whatever needs a kernel or scripts.
_LEFT_OUT = (MIME, "application/vnd.jupyter.widget-view+json", "application/javascript")
_OURS = "WorkbenchWarning"

_ACTIVE = re.compile(
    r"<(script|iframe|object|embed|style scoped)\b.*?</\1>|<(?:link|base|meta)\b[^>]*>"
    r"|<(style)\s+scoped\b.*?</style>",
    re.DOTALL | re.IGNORECASE,
)
_HANDLER = re.compile(r"""\son\w+\s*=\s*("[^"]*"|'[^']*')""", re.IGNORECASE)
_OUTSIDE = re.compile(
    r"""\s(?:src|href|xlink:href|action|poster|srcset)\s*=\s*(["'])\s*(?:\w+:)?//[^"']*\1""",
    re.IGNORECASE,
)
_WARNING = re.compile(
    r"^(?P<place>\S.*?):(?P<line>\d+): (?P<category>\w*Warning): (?P<message>.*?)"
    r"(?=\n {2}\S|\n\S+?:\d+: \w*Warning: |\Z)",
    re.MULTILINE | re.DOTALL,
)
_SOURCE_LINE = re.compile(r"\n {2}\S[^\n]*")
_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning a cell gave.

    Attributes
    ----------
    category, message : str
    cell : int
        Number of the code cell, from 1.
    """

    category: str
    message: str
    cell: int

    @property
    def for_readers(self) -> bool:
        """Whether it is one of ours: the result stands but needs care."""
        return self.category == _OURS


def drawn(output: Mapping[str, Any], lang: Language) -> str:
    """Write one output of a cell as HTML; "" for what a report does not show.

    Parameters
    ----------
    output : mapping
        As the notebook format has it.
    lang : Language
        Language of the report, for Markdown in both.
    """
    kind = output["output_type"]
    if kind == "stream":
        return _said(_text(output["text"])) if output["name"] == "stdout" else ""
    if kind == "error":
        return _said(f"{output['ename']}: {output['evalue']}")
    data = output.get("data", {})
    if any(mime in data for mime in _LEFT_OUT):
        return ""
    for mime, write in _FORMS.items():
        if mime in data and (shown := write(_text(data[mime]), lang)):
            return shown
    return ""


def still(html: str) -> str:
    """Take out of HTML what runs or comes from elsewhere: scripts, frames, addresses."""
    return _OUTSIDE.sub("", _HANDLER.sub("", _ACTIVE.sub("", bare(html)))).strip()


def warned(outputs: Sequence[Mapping[str, Any]], cell: int) -> list[Warned]:
    """Return the warnings among the outputs of a cell, each once."""
    found = [
        Warned(match["category"], match["message"].strip(), cell)
        for match in _WARNING.finditer(_errors(outputs))
    ]
    return list(dict.fromkeys(found))


def remarks(outputs: Sequence[Mapping[str, Any]]) -> str:
    """Return what a cell wrote to standard error besides warnings."""
    said, rest, end = _errors(outputs), "", 0
    for match in _WARNING.finditer(said):
        rest += said[end : match.start()]
        quoted = _SOURCE_LINE.match(said, match.end())
        end = quoted.end() if quoted else match.end()
    return (rest + said[end:]).strip()


def care(warnings: Sequence[Warned], lang: Language) -> str:
    """Write the warnings that are for readers as boxes, marked where they speak English."""
    boxes = (
        (each, WarningBox(lang=lang, message=each.message).fragment())
        for each in warnings
        if each.for_readers
    )
    return "".join(
        element("div", box, lang="en") if lang.code == "zh" and each.message.isascii() else box
        for each, box in boxes
    )


def _errors(outputs: Sequence[Mapping[str, Any]]) -> str:
    parts = (
        _text(output["text"])
        for output in outputs
        if output["output_type"] == "stream" and output["name"] == "stderr"
    )
    return _TERMINAL.sub("", "".join(parts))


def _text(source: str | Sequence[str]) -> str:
    return source if isinstance(source, str) else "".join(source)


def _said(words: str) -> str:
    words = _TERMINAL.sub("", words).strip()
    return element("pre", text(words), class_="said") if words else ""


def _html(source: str, lang: Language) -> str:
    return still(source)


def _svg(source: str, lang: Language) -> str:
    return own_ids(still(source[source.index("<svg") :])) if "<svg" in source else ""


def _png(source: str, lang: Language) -> str:
    data = "".join(source.split())
    return f'<img src="data:image/png;base64,{text(data)}" alt="">' if data else ""


def _plain(source: str, lang: Language) -> str:
    return _said(source)


_FORMS = {
    "text/html": _html,
    "image/svg+xml": _svg,
    "image/png": _png,
    "text/markdown": prose,
    "text/plain": _plain,
}
