"""Controls as HTML: real form elements, each with its name, help, bounds and place for a fault.

The script (`static/planner.js`) finds a control by `data-name` and what it holds by `data-part`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from workbench.planners.controls import Control
from workbench.planners.layout import Group
from workbench.report.html import element, paragraph, text
from workbench.text import Language

SHORT = 11  # width of a name, Chinese characters twice, that stands beside its control
SHORT_UNIT = 8  # width of a unit that stands in the box; a longer one is told by the help
FEW = 3  # choices that stand side by side
ALL_IN_A_ROW = 22  # width of their words together, each as wide as the widest
IN_A_LIST = 23  # width of a choice that a list beside the name shows whole


def group_html(
    group: Group, controls: dict[str, Control], values: dict[str, Any], uid: str, lang: Language
) -> str:
    """Return a group of controls as a fieldset; a folded one opens on its heading."""
    inside = "".join(
        control_html(controls[name], values[name], uid, lang)
        for name in group.fields
        if name in controls
    )
    inside += paragraph(lang.pick(*group.hint), "hint")
    title = text(lang.pick(*group.title))
    if group.folded:
        heading = f'<summary><i class="chev"></i>{title}</summary>'
        return f'<details class="grp fold">{heading}{inside}</details>'
    return f'<fieldset class="grp"><legend>{title}</legend>{inside}</fieldset>'


def control_html(control: Control, value: Any, uid: str, lang: Language) -> str:
    """Return one control with the value it holds at first."""
    made = _Made(control, control.written(value), f"{uid}-{control.name}", lang)
    body = {
        "number": made.number,
        "switch": made.switch,
        "choice": made.choice,
        "several": made.several,
        "date": made.date,
        "numbers": made.line,
        "text": made.line,
        "lines": made.lines,
        "table": made.table,
    }[control.kind]()
    fault = f'<p class="msg" id="{made.id}-e" role="alert" hidden></p>'
    helped = f'<span class="sr" id="{made.id}-h">{text(made.help())}</span>'
    wide = " long" if made.needs_a_line() else ""
    return (
        f'<div class="ctl{wide} k-{control.kind}" data-name="{control.name}"'
        f' data-kind="{control.kind}" title="{text(made.help())}">{body}{fault}{helped}</div>'
    )


class _Made:
    """The parts of one control."""

    def __init__(self, control: Control, held: Any, id: str, lang: Language) -> None:
        self.control, self.held, self.id, self.lang = control, held, id, lang
        self.title = control.parameter.title

    def needs_a_line(self) -> bool:
        """Whether the name stands above the control: one of them has no room beside the other."""
        listed = self.control.kind == "choice" and not self.in_a_row()
        words = max(map(_width, self.control.options.values()), default=0) if listed else 0
        path = self.control.kind == "text" and _width(self.held) > IN_A_LIST
        return _width(self.title) > SHORT or words > IN_A_LIST or path

    def help(self) -> str:
        bounds = self.control.bounds(self.lang) if self.control.kind == "number" else ""
        allowed = self.lang.paren(bounds) if bounds else ""
        return self.control.parameter.help + allowed

    def label(self) -> str:
        return f'<label for="{self.id}"><span class="nm">{text(self.title)}</span></label>'

    def said(self) -> str:
        return f'aria-describedby="{self.id}-h {self.id}-e"'

    def number(self) -> str:
        control = self.control
        unit = f'<span class="un" aria-hidden="true">{text(control.unit)}</span>'
        box = (
            f'<span class="num"><input id="{self.id}" data-part="value" type="text"'
            f' inputmode="decimal" autocomplete="off" value="{text(self.held)}" {self.said()}>'
            f"{unit if 0 < _width(control.unit) <= SHORT_UNIT else ''}</span>"
        )
        return self.label() + (self.slider() if control.slides else "") + box

    def slider(self) -> str:
        control = self.control
        name = self.lang.say("{title}, slider", title=self.title)
        plain = "" if control.parameter.grouped else " data-plain"
        return (
            '<span class="trk"><u></u>'
            f'<input type="range" data-part="slider" data-decimals="{control.decimals}"'
            f'{plain} min="{_plain(control.low)}" max="{_plain(control.high)}"'
            f' step="{_plain(control.step)}" aria-label="{text(name)}"'
            f' aria-describedby="{self.id}-h"></span>'
        )

    def switch(self) -> str:
        on = " checked" if self.held else ""
        return (
            f'{self.label()}<input id="{self.id}" class="sw-box" type="checkbox" role="switch"'
            f' data-part="value"{on} {self.said()}>'
        )

    def choice(self) -> str:
        options = self.control.options
        if self.in_a_row():
            return self.side_by_side(options)
        empty = [("", "–")] if self.control.optional else []
        listed = "".join(
            f'<option value="{text(code)}"{" selected" if code == self.held else ""}>'
            f"{text(name)}</option>"
            for code, name in [*empty, *options.items()]
        )
        return (
            f'{self.label()}<select id="{self.id}" data-part="value" {self.said()}>'
            f"{listed}</select>"
        )

    def in_a_row(self) -> bool:
        """Whether all choices stand side by side."""
        options = self.control.options
        words = len(options) * max(map(_width, options.values()), default=0)
        return len(options) <= FEW and words <= ALL_IN_A_ROW and not self.control.optional

    def side_by_side(self, options: dict[str, str]) -> str:
        radios = "".join(
            f'<label><input type="radio" name="{self.id}" data-part="radio"'
            f' value="{text(code)}"{" checked" if code == self.held else ""}>'
            f"<span>{text(name)}</span></label>"
            for code, name in options.items()
        )
        return (
            f'<span class="lb nm" id="{self.id}-l">{text(self.title)}</span>'
            f'<span class="seg" role="radiogroup" aria-labelledby="{self.id}-l" {self.said()}>'
            f"{radios}</span>"
        )

    def several(self) -> str:
        boxes = "".join(
            f'<label><input type="checkbox" data-part="several" value="{text(code)}"'
            f"{' checked' if code in self.held else ''}><span>{text(name)}</span></label>"
            for code, name in self.control.options.items()
        )
        return (
            f'<span class="lb nm" id="{self.id}-l">{text(self.title)}</span>'
            f'<span class="sev" role="group" aria-labelledby="{self.id}-l" {self.said()}>'
            f"{boxes}</span>"
        )

    def date(self) -> str:
        return (
            f'{self.label()}<span class="num wide"><input id="{self.id}" type="date"'
            f' data-part="value" value="{text(self.held)}" {self.said()}></span>'
        )

    def line(self) -> str:
        return (
            f'{self.label()}<span class="num wide"><input id="{self.id}" type="text"'
            f' data-part="value" value="{text(self.held)}" {self.said()}></span>'
        )

    def lines(self) -> str:
        return (
            f'{self.label()}<textarea id="{self.id}" rows="2" data-part="value" {self.said()}>'
            f"{text(self.held)}</textarea>"
        )

    def table(self) -> str:
        columns = self.control.columns
        heads = [self.lang.say("Name"), self.lang.say("Value")] if columns == ("", "") else columns
        head = "".join(f'<th scope="col">{text(name)}</th>' for name in heads)
        rows = "".join(_row(row, heads) for row in [*self.held, [""] * len(heads)])
        more = text(self.lang.say("Add a row"))
        return (
            f'<span class="lb nm" id="{self.id}-l">{text(self.title)}</span>'
            f'<table data-part="table" aria-labelledby="{self.id}-l" {self.said()}>'
            f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
            f'<button type="button" class="lnk" data-part="row">{more}</button>'
        )


def _row(cells: Sequence[str], heads: Iterable[str]) -> str:
    return element(
        "tr",
        "".join(
            f'<td><input type="text" data-part="cell" aria-label="{text(head)}"'
            f' value="{text(cell)}"></td>'
            for cell, head in zip(cells, heads, strict=True)
        ),
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _width(words: str) -> int:
    return sum(2 if ord(each) > 0x2E7F else 1 for each in words)
