"""From earnings to pay: held back, taken back within limits, drawn in advance, and recovered.

All amounts are int64 minor units by person and month. Each rule is a table of its own, positive
where it adds to pay, so that earnings and rules add up to what is paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from workbench.pay.book import Book
from workbench.pay.exactly import Ints, Ratio, shared
from workbench.pay.plan import Draw, Hold
from workbench.pay.rated import worth

#: What rules are called, English and Chinese.
RULES = {
    "held": ("Held back", "缓发"),
    "released": ("Released", "缓发发放"),
    "forfeited": ("Lost on leaving", "离职不发"),
    "deferred": ("Deduction carried to later months", "结转以后月份扣减"),
    "deducted": ("Deduction carried from earlier months", "扣减以前月份结转"),
    "advance": ("Draw", "预支"),
    "recovered": ("Draw recovered", "预支抵还"),
    "guarantee": ("Guarantee", "保底补足"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Paid:
    """Effects of the payment rules.

    Attributes
    ----------
    effects : dict of (rule, component or "") to int64 array, shape (people, months)
        What a rule adds to pay; rules of a component go into its payroll item.
    draw_balance, debt, held : int64 arrays, shape (people, months)
        Open at the end of each month: advances, deductions carried, pay held back.
    """

    effects: dict[tuple[str, str], Ints]
    draw_balance: Ints
    debt: Ints
    held: Ints


def paid(book: Book, earnings: dict[str, Ints]) -> Paid:
    """Apply the payment rules to the earnings of each component."""
    effects: dict[tuple[str, str], Ints] = {}
    held = np.zeros(book.shape, np.int64)
    for rule in book.plan.payment.hold.values():
        for name in rule.components:
            _hold(book, rule, name, earnings[name], effects, held)
    due = dict(earnings)
    for (_, name), effect in effects.items():
        due[name] = due[name] + effect
    debt = _deduct(book, due, effects)
    balance = np.zeros(book.shape, np.int64)
    for draw in book.plan.payment.draw.values():
        balance += _draw(book, draw, due, effects)
    return Paid(effects, balance, debt, held)


def _hold(
    book: Book,
    rule: Hold,
    name: str,
    earned: Ints,
    effects: dict[tuple[str, str], Ints],
    open_: Ints,
) -> None:
    """Hold back a share, of what is taken back as well, and release it later."""
    last = book.shape[1] - 1
    kept = shared(earned, rule.share, even=book.even)
    held, released = np.zeros(book.shape, np.int64), np.zeros(book.shape, np.int64)
    forfeited = np.zeros(book.shape, np.int64)
    for month in range(book.shape[1]):
        at = last if rule.release is None else month + rule.release
        if rule.release is None and month == last:
            continue  # released in the month in which it would be held
        held[:, month] -= kept[:, month]
        open_[:, month:] += kept[:, month, None]
        if at > last:
            continue  # still held when the plan ends
        gone = rule.in_post & (book.staff.left < book.months.ends[at])
        released[:, at] += kept[:, month]
        forfeited[:, at] -= np.where(gone, kept[:, month], 0)
        open_[:, at:] -= kept[:, month, None]
    for kind, effect in (("held", held), ("released", released), ("forfeited", forfeited)):
        if effect.any():
            effects[kind, name] = effects.get((kind, name), 0) + effect


def _deduct(book: Book, due: dict[str, Ints], effects: dict[tuple[str, str], Ints]) -> Ints:
    """Take back no more than the month allows; the rest waits."""
    rule = book.plan.payment.deduct
    gain = sum((np.maximum(each, 0) for each in due.values()), np.zeros(book.shape, np.int64))
    loss = sum((np.maximum(-each, 0) for each in due.values()), np.zeros(book.shape, np.int64))
    keep = int(rule.keep * 10**book.lines.digits)
    limit = np.minimum(_floor(gain, rule.limit), np.maximum(gain - keep, 0))
    debt = np.zeros(book.shape, np.int64)
    deferred, deducted = np.zeros(book.shape, np.int64), np.zeros(book.shape, np.int64)
    carried = np.zeros(book.shape[0], np.int64)
    for month in range(book.shape[1]):
        now = np.minimum(loss[:, month], limit[:, month])
        deferred[:, month] = loss[:, month] - now
        older = np.minimum(carried, limit[:, month] - now)
        deducted[:, month] = -older
        carried = carried + deferred[:, month] - older
        debt[:, month] = carried
    for kind, effect in (("deferred", deferred), ("deducted", deducted)):
        if effect.any():
            effects[kind, ""] = effect
    return debt


def _floor(values: Ints, share: Fraction) -> Ints:
    return values * share.numerator // share.denominator


def _draw(
    book: Book, draw: Draw, due: dict[str, Ints], effects: dict[tuple[str, str], Ints]
) -> Ints:
    """Top up to the minimum; advances are recovered out of what exceeds it."""
    names = draw.components or tuple(
        name for name, each in book.plan.components.items() if each.payroll != "base"
    )
    earned = sum((due[name] for name in names), np.zeros(book.shape, np.int64))
    carried = [effects[key, ""] for key in ("deferred", "deducted") if (key, "") in effects]
    earned = np.maximum(sum(carried, earned), 0)
    minimum = _minimum(book, draw)
    lacking = np.maximum(minimum - earned, 0)
    kind = "advance" if draw.recoverable else "guarantee"
    effects[kind, ""] = effects.get((kind, ""), 0) + lacking
    balance = np.zeros(book.shape, np.int64)
    if not draw.recoverable:
        return balance
    recovered = np.zeros(book.shape, np.int64)
    open_ = np.zeros(book.shape[0], np.int64)
    for month in range(book.shape[1]):
        if month + 1 >= draw.recover_from:
            excess = np.maximum(earned[:, month] - minimum[:, month], 0)
            back = np.minimum(open_, shared(excess, draw.recover, even=book.even))
            recovered[:, month] = -back
            open_ = open_ - back
        open_ = open_ + lacking[:, month]
        balance[:, month] = open_
    if recovered.any():
        effects["recovered", ""] = effects.get(("recovered", ""), 0) + recovered
    return balance


def _minimum(book: Book, draw: Draw) -> Ints:
    """Minimum of each person's month, for the days in post."""
    staff = book.staff
    value = worth(book, draw.amount, 1) * Ratio.of(staff.days, staff.length)
    who: NDArray[np.bool_] = staff.has_role(draw.roles)
    if draw.months is not None:
        who = who & (staff.tenure >= 0) & (staff.tenure < draw.months)
    return np.where(who, value.rounded(even=book.even), 0)
