"""What came out of two runs and differs: recorded numbers, each with its size and a sentence.

Amounts differ by a share of the base, shares by percentage points; both are put in one order by
size. Result tables: `tables.py`. Draws: `draws.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.report.labels import KeyFigure, Meaning, title_of
from workbench.studies.runs import Run
from workbench.text import Language

#: Kinds that are shares: their difference is told in percentage points, never in per cent.
SHARES = frozenset({"percent", "signed_percent", "points", "probability"})

#: Relative difference up to which two numbers differ by rounding of the machine only.
ROUNDING = 1e-9

#: A number that has grown to more than so many times the base is not told in per cent.
MANIFOLD = 10

ChangeState = Literal["changed", "rounding", "gone", "new", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultChange:
    """A recorded result that differs.

    Attributes
    ----------
    name, label : str
    before, after : KeyFigure or None
        None where a run has not recorded it.
    state : str
        "changed" numbers; "rounding" in the last digits only; "new" or "gone"; "other" for text,
        dates, flags and missing values.
    change : float or None
        After less before.
    relative : float or None
        Change as a share of the size of the base; None for shares, and where the base is 0, of
        the other sign or a small part of what it has become.
    """

    name: str
    label: str
    before: KeyFigure | None
    after: KeyFigure | None
    state: ChangeState
    change: float | None = None
    relative: float | None = None

    @property
    def is_share(self) -> bool:
        """Whether the change is one of percentage points."""
        known = self.after or self.before
        return known is not None and known.meaning.kind in SHARES

    @property
    def size(self) -> float:
        """What the changes are put in order by: 0.03 for 3% and for 3 percentage points."""
        if self.change is None or self.before is None or self.after is None:
            return 0.0
        if self.is_share:
            return abs(self.change)
        largest = max(abs(float(self.before.value)), abs(float(self.after.value)))
        return abs(self.change) / largest if largest else 0.0

    def written(self, lang: Language) -> tuple[str, str]:
        """Both values for people, with as many digits as it takes to see them differ."""
        pair = [("–" if each is None else each.written(lang)) for each in (self.before, self.after)]
        if pair[0] == pair[1] and self.change is not None and self.before and self.after:
            pair = [_long(each, lang) for each in (self.before, self.after)]
        return pair[0], pair[1]

    def size_written(self, lang: Language) -> str:
        """The relative change, or that in percentage points, or the bare change."""
        if self.change is None:
            return ""
        if self.is_share:
            return lang.points(self.change, decimals=_places(self.change))
        if self.relative is not None:
            return lang.signed_percent(self.relative, decimals=_places(self.relative))
        return self.change_written(lang)

    def change_written(self, lang: Language) -> str:
        """The change in the unit of the result."""
        known = self.after or self.before
        if self.change is None or known is None:
            return ""
        if known.meaning.kind in SHARES:
            return lang.points(self.change, decimals=_places(self.change))
        if known.meaning.kind in ("money", "signed_money"):
            return lang.signed_money(self.change, currency=known.meaning.unit or "CNY")
        places = 0 if float(self.change).is_integer() else _digits(self.change)
        return _with_unit(lang.signed(self.change, decimals=places), known.meaning.unit, lang)

    def sentence(self, lang: Language, *, a: str = "A", b: str = "B") -> str:
        """Say the change; `a` and `b` are the names of the runs."""
        before, after = self.written(lang)
        fields = {"label": self.label, "before": before, "after": after}
        if self.state == "new":
            return lang.say(
                "{label}: only in run {run}, {value}", label=self.label, run=b, value=after
            )
        if self.state == "gone":
            return lang.say(
                "{label}: only in run {run}, {value}", label=self.label, run=a, value=before
            )
        if self.change is None:
            return lang.say("{label}: {before} → {after}", **fields)
        if self.state == "rounding":
            return lang.say("{label}: the same but for rounding, {before}", **fields)
        if self.is_share:
            size = lang.points(abs(self.change), decimals=_places(self.change), sign=False)
            if self.change > 0:
                return lang.say("{label} is {size} higher: {before} → {after}", size=size, **fields)
            return lang.say("{label} is {size} lower: {before} → {after}", size=size, **fields)
        fields["change"] = self.change_written(lang)
        if self.relative is None:
            return lang.say("{label} changes by {change}: {before} → {after}", **fields)
        size = lang.percent(abs(self.relative), decimals=_places(self.relative))
        if self.change > 0:
            return lang.say(
                "{label} is {size} higher ({change}): {before} → {after}", size=size, **fields
            )
        return lang.say(
            "{label} is {size} lower ({change}): {before} → {after}", size=size, **fields
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsChange:
    """All recorded results of two runs.

    Attributes
    ----------
    changes : list of ResultChange
        Numbers by size, largest first, then others; those of rounding are not among them.
    main : ResultChange or None
        Of these the one that the study records first: what it is about.
    rounding : list of ResultChange
        Numbers that differ in their last digits only.
    same : int
    unsaid : int
        Texts that were not compared, because the runs speak two languages.
    """

    changes: list[ResultChange]
    main: ResultChange | None
    rounding: list[ResultChange]
    same: int
    unsaid: int


def results_change(before: Run, after: Run, lang: Language) -> ResultsChange:
    """Compare what two runs have recorded under the same names."""
    sides = [figures(run, lang) for run in (before, after)]
    speaking = sides[1] if after.manifest.get("lang") == lang.code else sides[0]
    two_languages = before.manifest.get("lang") != after.manifest.get("lang")
    changes: list[ResultChange] = []
    same = unsaid = 0
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        a, b = sides[0].get(name), sides[1].get(name)
        if two_languages and a and b and isinstance(a.value, str) and isinstance(b.value, str):
            unsaid += 1
            continue
        known = speaking.get(name) or a or b
        assert known is not None
        change = _change(known.meaning, a, b)
        if change is None:
            same += 1
        else:
            changes.append(change)
    rounding = [each for each in changes if each.state == "rounding"]
    told = [each for each in changes if each.state != "rounding"]
    main = next((each for each in told if each.change is not None), next(iter(told), None))
    told.sort(key=lambda each: (each.change is None, -each.size))  # stable: else as recorded
    return ResultsChange(changes=told, main=main, rounding=rounding, same=same, unsaid=unsaid)


def figures(run: Run, lang: Language) -> dict[str, KeyFigure]:
    """Recorded results of a run by name, labelled in the language where that is known."""
    own = run.manifest.get("lang") == lang.code
    return {entry["name"]: _figure(entry, lang, own=own) for entry in _recorded(run)}


def _recorded(run: Run) -> Sequence[Mapping[str, Any]]:
    return run.manifest.get("results", ())


def _figure(entry: Mapping[str, Any], lang: Language, *, own: bool) -> KeyFigure:
    name = entry["name"]
    label, unit = entry.get("label", name), entry.get("unit", "")
    if not own and "both" in entry:
        label, unit = entry["both"][0 if lang.code == "en" else 1]
    elif not own and (known := title_of(name, lang)) != name:
        label = known
    meaning = Meaning(name=name, label=label, kind=entry.get("kind", ""), unit=unit)
    return KeyFigure(meaning=meaning, value=entry.get("value"), exact=entry.get("exact", ""))


def _change(meaning: Meaning, a: KeyFigure | None, b: KeyFigure | None) -> ResultChange | None:
    name, label = meaning.name, meaning.label
    if all(each is None or each.value is None for each in (a, b)) and (a is None or b is None):
        return None  # one run has recorded that there is no value, the other nothing
    if a is None or b is None:
        state: ChangeState = "new" if a is None else "gone"
        return ResultChange(name=name, label=label, before=a, after=b, state=state)
    if _equal(a, b):
        return None
    if not (_is_number(a.value) and _is_number(b.value)):
        return ResultChange(name=name, label=label, before=a, after=b, state="other")
    one, other = float(a.value), float(b.value)
    largest = max(abs(one), abs(other))
    alike = not (a.exact and b.exact) and abs(other - one) <= ROUNDING * largest
    comparable = meaning.kind not in SHARES and one * other > 0
    comparable = comparable and abs(other) <= MANIFOLD * abs(one)
    return ResultChange(
        name=name,
        label=label,
        before=a,
        after=b,
        state="rounding" if alike else "changed",
        change=other - one,
        relative=(other - one) / abs(one) if comparable else None,
    )


def _equal(a: KeyFigure, b: KeyFigure) -> bool:
    if a.exact and b.exact:
        return a.exact == b.exact
    return a.value == b.value and isinstance(a.value, bool) == isinstance(b.value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _places(share: float) -> int:
    """Decimals of a per cent that show something of the share: 3.2%, 0.04%."""
    if share == 0 or abs(share) >= 0.0005:
        return 1
    return min(9, -math.floor(math.log10(abs(share) * 100)))


def _digits(value: float) -> int:
    """Decimals that show three digits of a number."""
    return min(9, max(0, 2 - math.floor(math.log10(abs(value))))) if value else 0


def _long(figure: KeyFigure, lang: Language) -> str:
    kind, unit = figure.meaning.kind, figure.meaning.unit
    if kind in ("money", "signed_money"):
        return lang.exact_money(figure.exact or figure.value, currency=unit or "CNY")
    value = float(figure.value)
    if kind in SHARES:
        return f"{value * 100:.10g}%".replace("-", "−")
    return _with_unit(f"{value:,.12g}".replace("-", "−"), unit, lang)


def _with_unit(number: str, unit: str, lang: Language) -> str:
    return f"{number}{lang.pick(' ', '')}{unit}" if unit else number
