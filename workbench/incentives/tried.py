"""Another plan than today's, on the same draws of a year ahead: what it changes, and for whom.

What the parameters beside the plan decide (budget, behaviour) is asked of `study_incentives.py`, so
that moving one of them runs no plan again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from workbench.incentives.cliffs import cliffs
from workbench.incentives.compare import Comparison, compare
from workbench.incentives.cost import PlanCost
from workbench.incentives.curve import Curves, curves, grid_of
from workbench.incentives.payees import Floats

if TYPE_CHECKING:
    from workbench.incentives.prepared import Prepared


@dataclass(frozen=True)
class Tried:
    """A plan tried.

    Attributes
    ----------
    prepared : Prepared
        Today's plan.
    cost : PlanCost
        The other plan, on the same draws of a year ahead as today's.
    at_target : dict of str to array, shape (months, people)
        Its credit at 100% by measure.
    scale : float
        By how much the plan without steps pays more at its lines than today's; else 1.
    """

    prepared: Prepared
    cost: PlanCost
    at_target: dict[str, Floats]
    scale: float = 1.0

    @cached_property
    def comparison(self) -> Comparison:
        """The plan against today's."""
        return compare(self.prepared.today, self.cost)

    @cached_property
    def cliffs(self) -> pd.DataFrame:
        """Money beside its steps."""
        return cliffs(self.cost)

    @cached_property
    def grid(self) -> Floats:
        """Attainments at which the pay of both plans is worked out, both sides of each step."""
        return grid_of(self.prepared.people.plan, self.cost.people.plan)

    @cached_property
    def curves(self) -> Curves:
        """Pay over attainment."""
        return curves(self.cost.people, self.at_target, self.grid)

    @cached_property
    def curves_today(self) -> Curves:
        """Pay over attainment under today's plan, at the same attainments."""
        return self.prepared.curves(self.grid)
