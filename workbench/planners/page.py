"""The page of a planner as HTML: panel of controls at left, answer at right, dialogs.

Each part that changes is a region by name (`data-region`), so that only that part is sent again.
Controls: `control_html.py`. Style: `static/planner.css`; behaviour: `static/planner.js`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.planners.control_html import group_html
from workbench.planners.controls import Control
from workbench.planners.key_figures import KeyFigure
from workbench.report.html import element, paragraph, text
from workbench.report.style import style

if TYPE_CHECKING:
    from workbench.planners.layout import Group
    from workbench.planners.scenario_files import Saved
    from workbench.text import Language

#: Regions in the order of the page; all stand in the answer at right but the first.
REGIONS = ("side", "status", "tiles", "say", "tabs", "charts", "strip", "foot")
MOST_COMPARED = 4


@lru_cache(maxsize=1)
def css() -> str:
    """Return the style sheet of a planner, every rule held inside its own element."""
    return style("notebook") + "\n" + asset("planner.css")


def asset(name: str) -> str:
    """Return a file of `static/` as text."""
    return resources.files("workbench.planners").joinpath("static", name).read_text("utf-8")


def frame(uid: str, regions: Mapping[str, str], lang: Language) -> str:
    """Return the whole page with what stands in each region at first."""

    def region(name: str) -> str:
        return f'<div data-region="{name}" class="r-{name}">{regions.get(name, "")}</div>'

    answer = "".join(region(name) for name in REGIONS[1:])
    return (
        f'<div class="sw swp" lang="{lang.html}" data-planner="{uid}"'
        # keys of JupyterLab would take the arrows from the controls
        ' data-lm-suppress-shortcuts="true"><div class="plan">'
        f'<aside class="side" data-region="side">{regions.get("side", "")}</aside>'
        f'<main class="main"><div class="wait" data-part="wait" role="status"'
        f" hidden></div>{answer}</main></div>"
        f'<div class="toast" data-part="toast" role="status" hidden></div></div>'
    )


# -- the panel of controls ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Side:
    """What stands in the panel.

    Attributes
    ----------
    title, question, company : str
    groups : sequence of Group
    controls : dict of str to Control
    values : dict
        Literals.
    saved : sequence of Saved
        Scenarios that can be opened.
    can_save : bool
        Whether there is a project to save into and to run in.
    """

    title: str
    question: str
    company: str
    groups: Sequence[Group]
    controls: dict[str, Control]
    values: dict[str, Any]
    saved: Sequence[Saved]
    can_save: bool


def side_html(side: Side, uid: str, lang: Language) -> str:
    """Return the panel: name, controls in their groups, and what can be done."""
    code, name = lang.pick("zh", "en"), lang.pick("中文", "English")
    groups = (group_html(each, side.controls, side.values, uid, lang) for each in side.groups)
    head = (
        f'<div class="bar"><h1>{text(side.title)}</h1>'
        f'<button type="button" class="lnk" data-do="lang" data-value="{code}"'
        f' lang="{code}">{name}</button></div>'
        f'<p class="hint">{text(side.company)}</p>'
    )
    return head + "".join(groups) + _buttons(side, uid, lang) + _dialogs(side, uid, lang)


def _buttons(side: Side, uid: str, lang: Language) -> str:
    say = lang.say

    def button(do: str, words: str, *, class_: str = "btn", extra: str = "") -> str:
        return (
            f'<button type="button" class="{class_}" data-do="{do}" {extra}>{text(words)}</button>'
        )

    first = [button("ask-save", say("Save as scenario"), class_="btn pri")] if side.can_save else []
    first += [button("run", say("Run as study"))] if side.can_save else []
    steps = (
        button("undo", say("Undo"), extra="disabled"),
        button("redo", say("Redo"), extra="disabled"),
        button("reset", say("Reset all"), extra="disabled"),
    )
    more = (
        button("ask-open", say("Open scenario"), class_="lnk"),
        button("compare", say("Add to comparison"), class_="lnk"),
        button("xlsx", say("Download XLSX"), class_="lnk"),
        button("file", say("Download scenario"), class_="lnk"),
    )
    hint = say("Blue names have been changed; ticks are the baseline. Click a name to reset it.")
    return (
        '<div class="acts">'
        f'<div class="btns">{"".join(first)}</div>'
        f'<div class="btns">{"".join(steps)}</div>'
        f'<div class="btns">{"".join(more)}</div>'
        f'<div class="run" data-part="run" role="status" hidden></div>'
        f"{paragraph(hint, 'hint')}</div>"
    )


def _dialogs(side: Side, uid: str, lang: Language) -> str:
    say = lang.say
    close = f'<button type="button" class="btn" data-do="close">{text(say("Cancel"))}</button>'
    fault = '<p class="msg" data-part="fault" role="alert" hidden></p>'
    save = (
        f'<h2 id="{uid}-st">{text(say("Save as scenario"))}</h2>'
        f"{paragraph(say('A params file that states only what differs from the base.'), 'hint')}"
        f'<label>{text(say("Name"))}<input type="text" data-part="name" maxlength="80"></label>'
        f"<label>{text(say('Reason'))}"
        '<input type="text" data-part="reason" maxlength="300"></label>'
        f'{fault}<div class="btns"><button type="button" class="btn pri" data-do="save">'
        f"{text(say('Save'))}</button>{close}</div>"
    )
    listed = "".join(
        f'<li><button type="button" class="lnk" data-do="load" data-value="{text(each.path.name)}">'
        f'{text(each.name)}</button><span class="hint">{text(each.reason)}</span></li>'
        for each in side.saved
    )
    none = paragraph(say("No scenario has been saved yet."), "hint")
    opened = (
        f'<h2 id="{uid}-ot">{text(say("Open a scenario"))}</h2>'
        f"{f'<ul>{listed}</ul>' if listed else none}"
        f"<label>{text(say('Or a params file'))}"
        '<input type="file" accept=".yaml,.yml" data-part="file"></label>'
        f'{fault}<div class="btns">{close}</div>'
    )
    return (
        f'<dialog data-part="save" aria-labelledby="{uid}-st">{save}</dialog>'
        f'<dialog data-part="open" aria-labelledby="{uid}-ot">{opened}</dialog>'
    )


# -- the answer -----------------------------------------------------------------------------------


def status_html(words: str, seconds: float, note: str, lang: Language) -> str:
    """Return the status line: which scenario, and how long the answer took."""
    written = lang.number(seconds, decimals=2 if seconds < 10 else 0)
    spent = element("b", text(lang.say("{n} s", n=written)))
    tail = f"{spent} {text(note)}" if note else spent
    return f'<div class="bar st"><span>{text(words)}</span><span>{tail}</span></div>'


def tiles_html(
    figures: Iterable[KeyFigure], base: Mapping[str, KeyFigure], lang: Language, *, tried: bool
) -> str:
    """Return the tiles, each against the baseline."""
    tiles = "".join(
        each.tile(base.get(each.name), lang, tried=tried).fragment(lang) for each in figures
    )
    return element("section", tiles, class_="tiles", aria_label=lang.say("Key figures"))


def say_html(sentence: str, lead: str) -> str:
    """Return the sentence, read out when it changes."""
    more = element("span", text(lead)) if lead else ""
    return f'<p class="say" aria-live="polite">{text(sentence)}{more}</p>'


def tabs_html(tabs: Mapping[str, tuple[str, str]], chosen: str, lang: Language) -> str:
    """Return the pages of the answer as buttons; nothing where there is one."""
    if len(tabs) < 2:
        return ""
    buttons = "".join(
        f'<button type="button" data-do="tab" data-value="{text(name)}"'
        f' aria-pressed="{"true" if name == chosen else "false"}">{text(lang.pick(*both))}</button>'
        for name, both in tabs.items()
    )
    return f'<div class="tabs" role="group" aria-label="{text(lang.say("Pages"))}">{buttons}</div>'


def charts_html(blocks: Sequence[str]) -> str:
    """Return the blocks, each in an element of its own so that it can be swapped alone."""
    return f'<div class="g">{"".join(blocks)}</div>'


@dataclass(frozen=True)
class Compared:
    """A row of the comparison: a scenario and its figures; None while they are computed."""

    key: str
    name: str
    figures: Mapping[str, KeyFigure] | None
    current: bool = False
    fixed: bool = False


def strip_html(rows: Sequence[Compared], columns: Sequence[KeyFigure], lang: Language) -> str:
    """Return the comparison of scenarios, the current one tinted; nothing where there is one."""
    if len(rows) < 2:
        return ""
    written = [_one_unit(each, rows, lang) for each in columns]
    heads = "".join(
        f'<th scope="col" class="n">{text(each.label + unit)}</th>'
        for each, (unit, _) in zip(columns, written, strict=True)
    )
    body = "".join(_compared(row, columns, [write for _, write in written], lang) for row in rows)
    first = text(lang.say("Scenario"))
    return (
        f'<figure class="fig" role="group" aria-label="{text(lang.say("Comparison"))}">'
        f"<h2>{text(lang.say('Scenarios side by side'))}</h2>"
        f'<p class="u">{text(lang.say("Same company, same draws"))}</p>'
        f'<table class="tight"><thead><tr><th scope="col">{first}</th>{heads}'
        f'<th scope="col"><span class="sr">{text(lang.say("Remove"))}</span></th></tr></thead>'
        f"<tbody>{body}</tbody></table></figure>"
    )


Write = Callable[[KeyFigure], str]


def _one_unit(column: KeyFigure, rows: Sequence[Compared], lang: Language) -> tuple[str, Write]:
    """Unit for the head of a column of money, and how its cells are written; else each its own."""
    if column.kind != "money":
        return "", lambda figure: figure.said(lang)
    held = [row.figures[column.name] for row in rows if row.figures and column.name in row.figures]
    scale = lang.scale([each.value for each in held], currency=column.currency)
    return lang.paren(scale.unit), lambda figure: scale(figure.value)


def _compared(
    row: Compared, columns: Sequence[KeyFigure], written: Sequence[Write], lang: Language
) -> str:
    cells = "".join(_cell(row, *pair) for pair in zip(columns, written, strict=True))
    remove = (
        ""
        if row.fixed
        else f'<button type="button" class="lnk" data-do="uncompare" data-value="{text(row.key)}"'
        f' aria-label="{text(lang.say("Remove {name}", name=row.name))}">×</button>'
    )
    tint = ' class="cur" aria-current="true"' if row.current else ""
    return f'<tr{tint}><th scope="row">{text(row.name)}</th>{cells}<td>{remove}</td></tr>'


def _cell(row: Compared, column: KeyFigure, write: Write) -> str:
    if row.figures is None:
        return '<td class="n mute">…</td>'
    found = row.figures.get(column.name)
    return f'<td class="n">{text(write(found)) if found else "–"}</td>'


def fault_html(error: Exception, lang: Language, *, kept: bool) -> str:
    """Return the box of a compute that failed; where one is `kept`, a picture stands below it."""
    if isinstance(error, WorkbenchError):
        message = lang.again(error.message)
        more = [lang.again(words) for words in (error.where, error.do) if words]
    else:
        message = lang.say("This could not be computed.")
        more = [f"{type(error).__name__}: {error}"]
    lines = "".join(f'<p class="hint">{_coded(words)}</p>' for words in more if words)
    if kept:
        still = lang.say("The charts show the last result that could be computed.")
        lines += paragraph(still, "hint")
    return f'<div class="care" role="alert"><b>{text(message)}</b>{lines}</div>'


def _coded(words: str) -> str:
    """Words with what stands between back quotes as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", text(words))


def fault_said(error: WorkbenchError, lang: Language) -> str:
    """Return an error in one sentence: what is wrong, which entry, and what would do."""
    entry = (error.where or "").partition(":")[2].strip()
    message, do = lang.again(error.message), lang.again(error.do or "")
    return message + (lang.paren(entry) if entry else "") + (lang.semicolon + do if do else "")
