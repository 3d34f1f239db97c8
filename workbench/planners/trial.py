"""What is tried: the values of all controls, what is wrong with them, undo and redo.

A value that cannot be used stays in its control with what is allowed beside it; everything else
goes on with the last value that could.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from workbench.contract import Params
from workbench.params import own_words
from workbench.planners.controls import Control, same
from workbench.text import Language

MOST_STEPS_BACK = 200


@dataclass(frozen=True)
class Fault:
    """A control whose value cannot be used: what it holds, and what is allowed."""

    raw: Any
    message: str


@dataclass
class Trial:
    """The values under trial.

    Attributes
    ----------
    params : type of Params
    base : Params
        The baseline.
    now : Params
        The last values that can be used.
    faults : dict of str to Fault
        By parameter.
    name : str
        Name of the scenario loaded or saved last; "" for none.
    """

    params: type[Params]
    base: Params
    now: Params = None  # type: ignore[assignment]
    faults: dict[str, Fault] = field(default_factory=dict)
    name: str = ""
    saved: Params | None = None
    _back: list[Params] = field(default_factory=list)
    _ahead: list[Params] = field(default_factory=list)
    _moving: str = ""

    def __post_init__(self) -> None:
        self.now = self.now or self.base

    # -- questions --------------------------------------------------------------------------------

    def changed(self) -> list[str]:
        """Names of the parameters that differ from the baseline."""
        return differing(self.now, self.base)

    @property
    def unsaved(self) -> bool:
        """Whether it differs from the baseline and from what was saved or loaded last."""
        return bool(self.changed()) and bool(differing(self.now, self.saved or self.base))

    @property
    def steps_back(self) -> int:
        """Steps that can be undone."""
        return len(self._back)

    @property
    def steps_ahead(self) -> int:
        """Steps that can be done again."""
        return len(self._ahead)

    def states(
        self, controls: Mapping[str, Control], standing: Mapping[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """Per control: what it holds, where the baseline is, what is wrong.

        `standing` is what the baseline uses where a parameter is left empty.
        """
        now, base = self.now.literals(), self.base.literals()
        changed = set(self.changed())
        made = {}
        for name, control in controls.items():
            fault = self.faults.get(name)
            stands = control.written(standing.get(name))
            made[name] = {
                "held": fault.raw if fault else control.written(now[name]),
                "base": stands if base[name] is None else control.written(base[name]),
                "stands": stands if control.optional else "",
                "changed": name in changed or fault is not None,
                "fault": fault.message if fault else "",
            }
        return made

    # -- changes ----------------------------------------------------------------------------------

    def set(self, control: Control, raw: Any, lang: Language, *, final: bool = True) -> bool:
        """Put a value into a control; whether the values in use changed.

        `final` is False while a slider moves: such moves are one step of undo together.
        """
        values = {**self.now.literals(), control.name: control.read(raw)}
        try:
            made = self.params.model_validate(values)
        except ValidationError as error:
            self.faults[control.name] = Fault(raw, self._told(error, control, lang))
            return False
        self.faults.pop(control.name, None)
        moved = bool(differing(made, self.now))
        if moved:
            self._keep(control.name)
            self.now = made
        if final:
            self._moving = ""
        return moved

    def refuse(self, control: Control, told: str, lang: Language, *, good: Params) -> None:
        """Take the value of one control back to what could be computed, as if it had not been read.

        It stays in its control with what is wrong.
        """
        name = control.name
        raw = control.written(self.now.literals()[name])
        self.now = self.params.model_validate({**self.now.literals(), name: good.literals()[name]})
        if self._back and not differing(self._back[-1], self.now):
            self._back.pop()
        self._moving = ""
        self.faults[name] = Fault(raw, self._still(told, control, lang))

    def replace(self, params: Params, *, name: str | None = None) -> None:
        """Take other values as a whole, as one step of undo."""
        self.faults.clear()
        if differing(params, self.now):
            self._keep("")
            self.now = params
        if name is not None:
            self.name, self.saved = name, params

    def reset(self, names: Iterable[str] | None = None) -> None:
        """Take some parameters, or all, back to the baseline."""
        base = self.base.literals()
        names = list(base) if names is None else list(names)
        for name in names:
            self.faults.pop(name, None)
        values = {**self.now.literals(), **{name: base[name] for name in names}}
        made = self.params.model_validate(values)
        if differing(made, self.now):
            self._keep("")
            self.now = made

    def undo(self) -> None:
        """Go one step back."""
        self._go(self._back, self._ahead)

    def redo(self) -> None:
        """Go one step ahead again."""
        self._go(self._ahead, self._back)

    def without(self, name: str) -> Params | None:
        """Return the values with one parameter at the baseline; None where rules forbid it."""
        values = {**self.now.literals(), name: self.base.literals()[name]}
        try:
            return self.params.model_validate(values)
        except ValidationError:
            return None

    def _go(self, source: list[Params], target: list[Params]) -> None:
        if source:
            target.append(self.now)
            self.now = source.pop()
            self.faults.clear()
            self._moving = ""

    def _keep(self, moving: str) -> None:
        if not moving or moving != self._moving:
            self._back.append(self.now)
            del self._back[:-MOST_STEPS_BACK]
        self._ahead.clear()
        self._moving = moving

    def _told(self, error: ValidationError, control: Control, lang: Language) -> str:
        return self._still(_allowed(error, control, self.params, lang), control, lang)

    def _still(self, told: str, control: Control, lang: Language) -> str:
        used = self.now.literals()[control.name]
        still = (
            lang.say("The charts stay as they are.")
            if used in (None, "", [])
            else lang.say("The charts still show {value}.", value=control.said(used, lang))
        )
        return lang.sentences([told + lang.stop, still])


def differing(one: Params, other: Params) -> list[str]:
    """Names of the parameters whose values differ."""
    left, right = one.literals(), other.literals()
    return [name for name in left if not same(left[name], right[name])]


def stated(values: Params, base: Params) -> dict[str, Any]:
    """Return what a scenario states: the literals that differ from its base."""
    literals = values.literals()
    return {name: literals[name] for name in differing(values, base)}


def _allowed(error: ValidationError, control: Control, params: type[Params], lang: Language) -> str:
    fault: Mapping[str, Any] = error.errors()[0]
    title = control.parameter.title
    if fault["type"] == "broken_rule":
        return _titled(own_words(fault, lang), params, lang)
    if not fault["loc"] or fault["loc"][0] != control.name:
        return own_words(fault, lang)
    bounds = control.bounds(lang)
    if control.kind == "number" and str(fault["type"]).startswith(("greater", "less")):
        return lang.say("{title} is out of range: {bounds}", title=title, bounds=bounds)
    if control.kind == "number" and control.whole:
        return lang.say("{title} must be a whole number, {bounds}", title=title, bounds=bounds)
    if control.kind == "number":
        return lang.say("{title} must be a number, {bounds}", title=title, bounds=bounds)
    if control.kind == "date":
        return lang.say("{title} must be a date such as 2026-07-31", title=title)
    if bounds:
        return lang.say("{title} must be one of: {bounds}", title=title, bounds=bounds)
    return f"{title}{lang.colon}{fault['msg']}"


def _titled(words: str, params: type[Params], lang: Language) -> str:
    """Words with the names of parameters, which a file has, as the page has them."""
    for each in params.declared(lang):
        if "_" in each.name:  # one without may be a word
            words = words.replace(each.title + lang.paren(each.name), each.title)
            words = re.sub(rf"(?<![A-Za-z_]){each.name}(?![A-Za-z_])", each.title, words)
    return words
