"""What draws and guarantees add to the earnings of a month, on a block of draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.incentives.payees import Floats, Payees
from workbench.pay.plan import Component, Draw

if TYPE_CHECKING:
    from workbench.incentives.blocks import Block

#: Takes month, name, pay of shape (draws, some people), and their positions.
Keep = Callable[[int, str, Floats, NDArray[np.intp]], None]


class Guarantees:
    """What draws add to earnings: guarantees, and advances that are never recovered."""

    def __init__(self, block: Block, keep: Keep) -> None:
        self.block, self.keep = block, keep
        self.everybody = np.arange(block.persons)
        plan = block.people.plan
        self.rules = {
            name: (_minimum(block.people, draw), _counted(draw, plan.components), draw)
            for name, draw in plan.payment.draw.items()
        }
        shape = block.draws, block.persons
        self.sums = {name: np.zeros(shape) for name in self.rules}
        self.open = {name: np.zeros(shape) for name in self.rules}

    def take(self, name: str, pay: Floats, at: NDArray[np.intp]) -> None:
        """Count pay of a component towards the draws that are held against it."""
        for rule, (_, counted, _) in self.rules.items():
            if name in counted:
                self.sums[rule][:, at] += pay

    def month(self, month: int) -> None:
        """Top up at the end of a month."""
        for name, (minimum, _, draw) in self.rules.items():
            earned = np.maximum(self.sums[name], 0.0)
            lacking = np.maximum(minimum[:, month] - earned, 0.0)
            if draw.recoverable and month + 1 >= draw.recover_from:
                excess = np.maximum(earned - minimum[:, month], 0.0) * float(draw.recover)
                back = np.minimum(self.open[name], excess)
                self.open[name] -= back
                lacking = lacking - back
            self.keep(month, name, lacking, self.everybody)
            if draw.recoverable:
                self.open[name] += np.maximum(lacking, 0.0)
            self.sums[name][:] = 0.0


def _counted(draw: Draw, components: Mapping[str, Component]) -> tuple[str, ...]:
    others = tuple(name for name, each in components.items() if each.payroll != "base")
    return draw.components or others


def _minimum(people: Payees, draw: Draw) -> Floats:
    staff = people.staff
    value = people.worth(draw.amount, 1) * staff.days / staff.length
    who = staff.has_role(draw.roles)
    if draw.months is not None:
        who = who & (staff.tenure >= 0) & (staff.tenure < draw.months)
    return np.where(who, value, 0.0)
