"""A payslip as a tree: from the pay of a month down to the transaction and the tier.

"2,500.00 credited: 1,000.00 at 1% + 1,500.00 at 2%" is a node of a line with one child per tier.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from workbench.pay.earnings import Change, Earned
from workbench.pay.payment import RULES
from workbench.pay.rated import Rated
from workbench.pay.statement import Statement
from workbench.pay.words import exact_text
from workbench.text import Language


@dataclass(frozen=True, slots=True)
class Node:
    """A sum of money and what it is made of.

    Attributes
    ----------
    text : str
        What it is, in the language asked for.
    amount : Fraction
        Currency units; a tier's may be finer than the minor unit.
    children : tuple of Node
    """

    label: str
    amount: Fraction
    children: tuple[Node, ...] = ()

    def text(self, lang: Language | None = None, *, depth: int | None = None) -> str:
        """Write the tree out, a line for each node, down to a depth."""
        return "\n".join(self._written(lang or Language("en"), 0, depth))

    def _written(self, lang: Language, level: int, depth: int | None) -> Iterator[str]:
        yield "  " * level + self.label + lang.colon + written(lang, self.amount)
        if depth is None or level < depth:
            for child in self.children:
                yield from child._written(lang, level + 1, depth)


def explained(statement: Statement, rep: str, period: str, lang: Language) -> Node:
    """Unfold the pay of a person and period."""
    person = statement._person(rep)
    months = statement.period_months(period)
    parts = [_month(statement, person, month, lang) for month in months]
    name = lang.pick(*(str(names[person]) for names in statement.book.staff.names))
    who = rep if name == rep else f"{rep} {name}"
    label = lang.say("{who}, pay of {period}", who=who, period=period)
    if len(parts) == 1:
        return Node(label, parts[0].amount, parts[0].children)
    parts = [part for part in parts if part.amount or part.children]
    return Node(label, sum((part.amount for part in parts), Fraction(0)), tuple(parts))


def exception_texts(lang: Language) -> dict[str, str]:
    """What each kind of exception means."""
    return {
        "unknown_rep": lang.say("The person of the line is not among the people: not paid"),
        "outside_plan": lang.say("The date lies outside the plan: not paid"),
        "other_currency": lang.say("The line is in another currency: not paid"),
        "split_under": lang.say("The shares of the transaction come to less than 100%"),
        "split_over": lang.say("The shares of the transaction come to more than 100%"),
        "corrects_unknown": lang.say(
            "The line that it corrects is not there: taken off the month it is dated in"
        ),
        "line_twice": lang.say("The same line stands there more than once: paid each time"),
        "missing_quota": lang.say("There is credit but no quota: nothing paid on attainment"),
        "missing_indicator": lang.say("An indicator is missing: counted as 0"),
        "missing_amount": lang.say("The line has no amount: counted as 0"),
        "negative_credit": lang.say("A window holds more returns than sales"),
        "pool_unshared": lang.say("A pool found nobody to share it"),
        "leaver_void": lang.say(
            "Credit after leaving is void by the plan; courts have held such clauses invalid"
        ),
        "open_debt": lang.say("Deductions not made when the plan ends"),
        "open_draw": lang.say("Draws not recovered when the plan ends"),
        "still_held": lang.say("Pay still held back when the plan ends"),
    }


def entry_names(lang: Language) -> dict[str, str]:
    """What the entries of the ledger are called."""
    return {
        "earned": lang.say("Earned"),
        "times": lang.say("Factor"),
        "matrix": lang.say("Matrix of factors"),
        "gate": lang.say("Gate"),
        "cap": lang.say("Cap"),
        "floor": lang.say("Floor"),
        "in_post": lang.say("Not in post"),
        "correction": lang.say("Correction of closed months"),
    } | {rule: lang.pick(*names) for rule, names in RULES.items()}


def written(lang: Language, amount: Fraction) -> str:
    """Write money to the cent, finer where it is finer."""
    cents = amount * 100
    if cents.denominator == 1:
        return lang.number(float(amount), decimals=2)
    return lang.number(float(amount), decimals=6).rstrip("0")


# -- months and components ----------------------------------------------------------------------


def _month(statement: Statement, person: int, month: int, lang: Language) -> Node:
    children = [
        node
        for name, each in statement.earned.items()
        if (node := _component(statement, name, each, person, month, lang)) is not None
    ]
    for (rule, name), effect in statement.paid.effects.items():
        if amount := int(effect[person, month]):
            label = lang.pick(*RULES[rule])
            if name:
                label += lang.paren(_label(statement, name, lang))
            children.append(Node(label, Fraction(amount, statement.unit)))
    total = sum((child.amount for child in children), Fraction(0))
    return Node(statement.book.months.names[month], total, tuple(children))


def _component(
    statement: Statement, name: str, each: Earned, person: int, month: int, lang: Language
) -> Node | None:
    posted = int(statement.posted[name][person, month])
    label = _label(statement, name, lang)
    if month <= statement.closed and posted != each.total[person, month]:
        note = lang.say("as closed; see the statement of that month")
        return Node(label + lang.paren(note), Fraction(posted, statement.unit))
    children = _parts(statement, name, each, person, month, lang)
    if name in statement.corrections and (
        amount := int(statement.corrections[name][person, month])
    ):
        text = lang.say("Correction of closed months")
        months: tuple[Node, ...] = ()
        if month == statement.closed + 1:
            months = tuple(_corrected(statement, name, each, person, lang))
        children.append(Node(text, Fraction(amount, statement.unit), months))
    if not posted and not children:
        return None
    return Node(label, Fraction(posted, statement.unit), tuple(children))


def _parts(
    statement: Statement, name: str, each: Earned, person: int, month: int, lang: Language
) -> list[Node]:
    """What a month earns by what is now known: lines or stated pay, and their changes."""
    children: list[Node] = []
    if each.rated is not None:
        children += _lines(statement, name, each.rated, person, month, lang)
    elif base := int(each.base[person, month]):
        children.append(Node(_stated(statement, name, lang), Fraction(base, statement.unit)))
    for change in each.changes:
        if (amount := int(change.amount[person, month])) or (children and change.factor):
            text = _change(statement, name, change, person, month, lang)
            children.append(Node(text, Fraction(amount, statement.unit)))
    return children


def _corrected(
    statement: Statement, name: str, each: Earned, person: int, lang: Language
) -> Iterator[Node]:
    """Closed months that later facts change: what they earn now, less what was posted."""
    for month in range(statement.closed + 1):
        was, now = int(statement.posted[name][person, month]), int(each.total[person, month])
        if was == now:
            continue
        parts = tuple(_parts(statement, name, each, person, month, lang))
        children = (
            Node(lang.say("As now known"), Fraction(now, statement.unit), parts),
            Node(lang.say("Posted before"), Fraction(-was, statement.unit)),
        )
        period = statement.book.months.names[month]
        yield Node(period, Fraction(now - was, statement.unit), children)


def _label(statement: Statement, name: str, lang: Language) -> str:
    names = statement.plan.components[name].label
    return lang.pick(names.en, names.zh)


def _stated(statement: Statement, name: str, lang: Language) -> str:
    component = statement.plan.components[name]
    if component.pool is not None:
        return lang.say("Share of the pool")
    pays = component.pays
    assert pays is not None
    if pays.amount is not None:
        text = lang.say("Stated: {amount}", amount=written(lang, pays.amount))
    elif pays.base_pay is not None:
        text = lang.say_n(
            "{n} month of base pay",
            "{n} months of base pay",
            1 if pays.base_pay == 1 else 2,
            n=exact_text(pays.base_pay),
        )
    else:
        text = lang.say("{share} of the target incentive", share=_percent(pays.target_incentive))
    return text + (lang.paren(lang.say("by days in post")) if component.prorate else "")


def _change(
    statement: Statement, name: str, change: Change, person: int, month: int, lang: Language
) -> str:
    component = statement.plan.components[name]
    if change.name == "in_post":
        day = lang.date(component.in_post)
        return lang.say("Not in post on {day}", day=day)
    modifier = component.modify[change.number]
    if modifier.cap is not None:
        return lang.say("Cap")
    if modifier.floor is not None:
        return lang.say("Floor")
    names = [
        each.indicator
        for each in (
            modifier.times,
            modifier.gate,
            *((modifier.matrix.down, modifier.matrix.across) if modifier.matrix else ()),
        )
        if each is not None
    ]
    told = [_indicator(statement, each, person, month, lang) for each in names]
    factor = change.factor
    assert factor is not None
    number = _short(Fraction(factor.num[person, month], factor.den[person, month]))
    return lang.say("× {factor} for {reason}", factor=number, reason=lang.join(told))


def _indicator(statement: Statement, name: str, person: int, month: int, lang: Language) -> str:
    """What an indicator is, with its value where there is one."""
    label = statement.plan.indicators[name].label
    text = lang.pick(label.en, label.zh) if label is not None else name
    value, missing = statement.book.indicator(name)
    about = statement.plan.indicators[name]
    if missing[person, month]:
        if about.rank is not None:
            return lang.say("{indicator}: no place", indicator=text)
        return lang.say("{indicator}, which is missing", indicator=text)
    number = Fraction(value.num[person, month], value.den[person, month])
    share = about.attainment is not None or about.ratio is not None
    return f"{text} {_percent(number) if share else _short(number)}"


# -- lines --------------------------------------------------------------------------------------


def _lines(
    statement: Statement, name: str, rated: Rated, person: int, month: int, lang: Language
) -> list[Node]:
    cells = np.nonzero((rated.person == person) & (rated.settlement == month))[0]
    nodes = []
    for cell in cells:
        if again := int(rated.again[cell]):
            text = lang.say("Earlier credit of the window, at what holds now")
            nodes.append(Node(text, Fraction(again, statement.unit)))
        for line in range(rated.first[cell], rated.first[cell + 1]):
            nodes.append(_line(statement, name, rated, int(cell), line, lang))
    return nodes


def _line(
    statement: Statement, name: str, rated: Rated, cell: int, line: int, lang: Language
) -> Node:
    measure = statement.plan.measures[statement.plan.components[name].measure or ""]
    unit = 10 ** statement.book.digits(statement.plan.components[name].measure or "")
    row = int(rated.row[line])
    lines = statement.book.lines
    credit = Fraction(int(rated.amount[line]), unit)
    said = written(lang, credit) if measure.unit == "money" else exact_text(credit)
    if row >= 0:
        day = str(np.datetime64(int(lines.day[row]), "D"))
        ident = str(lines.names([row])[0])
        label = lang.say("{day} {line}, credit {credit}", day=day, line=ident, credit=said)
    else:
        label = lang.say("Company, credit {credit}", credit=said)
    tiers = tuple(_tiers(statement, name, rated, cell, line, lang))
    return Node(label, Fraction(int(rated.pay[line]), statement.unit), tiers)


def _tiers(
    statement: Statement, name: str, rated: Rated, cell: int, line: int, lang: Language
) -> Iterator[Node]:
    component = statement.plan.components[name]
    assert component.rates is not None
    measure = statement.plan.measures[component.measure or ""]
    unit = 10 ** statement.book.digits(component.measure or "")
    worth = Fraction(int(rated.above[cell]), int(rated.below[cell])) if rated.below[cell] else 0
    for tier, amount in _slices(rated, cell, line, component.rates.kind == "whole"):
        slope = rated.scale * int(rated.rates[rated.gate[cell], tier]) * worth / statement.unit
        rate, credit = slope * rated.factor_scale * unit, amount / unit
        factor = Fraction(rated.factor_of(line), rated.factor_scale)
        if measure.unit == "money":
            text = lang.say("{amount} at {rate}", amount=written(lang, credit), rate=_percent(rate))
        else:
            text = lang.say("{n} at {money} each", n=exact_text(credit), money=written(lang, rate))
        if factor != 1:
            told = lang.say("times the line's factor {factor}", factor=_short(factor))
            text += lang.paren(told)
        yield Node(text, credit * rate * factor)


def _slices(rated: Rated, cell: int, line: int, whole: bool) -> Iterator[tuple[int, Fraction]]:
    """Parts of a line by tier, in whole units of the measure."""
    amount = int(rated.amount[line])
    starts = [Fraction(int(each) * int(rated.unit[cell]), rated.scale) for each in rated.starts]
    if whole:
        last = int(rated.first[cell + 1]) - 1 if rated.left is None else line
        reached = int(rated.before(np.array([last]))[0] + rated.amount[last])
        yield (
            max((n for n, start in enumerate(starts) if reached >= start), default=0),
            Fraction(amount),
        )
        return
    before = int(rated.before(np.array([line]))[0])
    low, high = sorted((before, before + amount))
    for tier, start in enumerate(starts):
        from_ = Fraction(low) if tier == 0 else max(Fraction(low), start)
        to = Fraction(high) if tier + 1 == len(starts) else min(Fraction(high), starts[tier + 1])
        if to > from_:
            yield tier, (to - from_) * (1 if amount >= 0 else -1)


def _percent(value: Any) -> str:
    return f"{_short(Fraction(value) * 100)}%"


def _short(value: Fraction) -> str:
    text = exact_text(value)
    return text if "/" not in text and len(text) < 12 else f"{float(value):.4f}"
