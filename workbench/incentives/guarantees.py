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

#: Takes a name, pay of shape (some people, settlements, draws), the months of the settlements, and
#: the people's positions.
Keep = Callable[[str, Floats, NDArray[np.intp], NDArray[np.intp]], None]


class Guarantees:
    """What draws add to earnings: guarantees, and advances that are never recovered."""

    def __init__(self, block: Block) -> None:
        self.block = block
        plan = block.people.plan
        self.rules = {
            name: (_minimum(block.people, draw), _counted(draw, plan.components), draw)
            for name, draw in plan.payment.draw.items()
        }
        shape = block.persons, block.months, block.draws
        self.sums = {name: np.zeros(shape) for name in self.rules}

    def take(self, name: str, pay: Floats, ends: NDArray[np.intp], at: NDArray[np.intp]) -> None:
        """Count pay of a component towards the draws that are held against it."""
        for rule, (_, counted, _) in self.rules.items():
            if name in counted:
                self.sums[rule][np.ix_(at, ends)] += pay

    def add(self, keep: Keep) -> None:
        """Top up at the end of each month, when all components are known."""
        everybody, months = np.arange(self.block.persons), np.arange(self.block.months)
        for name, (minimum, _, draw) in self.rules.items():
            lacking = np.empty_like(self.sums[name])
            still_open = np.zeros(lacking[:, 0].shape)
            for month in months:
                earned, least = np.maximum(self.sums[name][:, month], 0.0), minimum[:, month, None]
                added = np.maximum(least - earned, 0.0)
                if draw.recoverable and month + 1 >= draw.recover_from:
                    excess = np.maximum(earned - least, 0.0) * float(draw.recover)
                    back = np.minimum(still_open, excess)
                    still_open -= back
                    added = added - back
                if draw.recoverable:
                    still_open += np.maximum(added, 0.0)
                lacking[:, month] = added
            keep(name, lacking, months, everybody)


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
