"""Two plans on the same draws: what the change costs, who wins and who loses.

Both plans see the same credit, so differences are the plans' and not the draws'.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.incentives.cost import PlanCost
from workbench.incentives.payees import Floats
from workbench.scenarios.paired import PairedDifference, paired_difference

#: A change of pay below this share of the pay before is no change.
NO_CHANGE = 0.01


@dataclass(frozen=True)
class Comparison:
    """A proposal against the plan of today.

    Attributes
    ----------
    today, proposal : PlanCost
    paid : int array
        Positions of the people whom one of them pays.
    before, after : array, shape (people paid,)
        Mean variable pay of the year.
    verdicts : array of str, shape (people paid,)
        wins, loses, same.
    """

    today: PlanCost
    proposal: PlanCost
    paid: NDArray[np.intp]
    before: Floats
    after: Floats
    verdicts: NDArray[Any]

    @cached_property
    def cost(self) -> PairedDifference:
        """Difference of the year's variable pay."""
        return paired_difference(
            self.today.total(),
            self.proposal.total(),
            higher_is_better=False,
            unit=self.today.people.plan.currency,
        )

    @cached_property
    def people(self) -> pd.DataFrame:
        """Who wins and loses, most first.

        rep_id, role, today, proposal, difference (mean money), share (of pay today), low, high
        (80% of draws), chance (of earning more), verdict (wins, loses, same).
        """
        staff, mean, before = self.today.people, self.after - self.before, self.before
        difference = (self.proposal.variable - self.today.variable)[:, self.paid]
        low, high = np.quantile(difference, [0.1, 0.9], axis=0)
        table = pd.DataFrame(
            {
                "rep_id": np.array(staff.ids, object)[self.paid],
                "role": staff.roles[self.paid],
                "today": before,
                "proposal": self.after,
                "difference": mean,
                "share": np.where(before > 0, mean / np.where(before > 0, before, 1.0), np.nan),
                "low": low,
                "high": high,
                "chance": (difference > 0).mean(axis=0) + 0.5 * (difference == 0).mean(axis=0),
                "verdict": self.verdicts,
            }
        )
        return table.sort_values(
            ["difference", "rep_id"], ascending=[False, True], ignore_index=True
        )

    def count(self, verdict: str) -> int:
        """How many people win, lose or stay the same."""
        return int((self.verdicts == verdict).sum())

    def by_role(self) -> pd.DataFrame:
        """role, people, wins, loses, same (people), won, lost, difference (money)."""
        roles, change = self.today.people.roles[self.paid], self.after - self.before
        names = sorted(set(roles))
        member = np.array([roles == name for name in names], float).reshape(len(names), -1)
        people = {"people": np.ones(len(roles), bool)}
        people |= {name: self.verdicts == name for name in ("wins", "loses", "same")}
        money = {"won": np.maximum(change, 0.0), "lost": np.minimum(change, 0.0)}
        return pd.DataFrame(
            {
                "role": names,
                **{name: (member @ each).astype(int) for name, each in people.items()},
                **{name: member @ each for name, each in money.items()},
                "difference": member @ change,
            }
        )

    def person(self, rep: str) -> pd.DataFrame:
        """Drill-down: mean pay of a person by item under both plans: item, today, proposal."""
        place = self.today.people.ids.index(rep)
        parts = [
            pd.Series(each.mean_pay[:, place], index=list(each.items)).rename(name)
            for name, each in (("today", self.today), ("proposal", self.proposal))
        ]
        table = pd.concat(parts, axis=1).fillna(0.0).rename_axis("item").reset_index()
        return table[(table["today"] != 0) | (table["proposal"] != 0)].reset_index(drop=True)


def compare(today: PlanCost, proposal: PlanCost) -> Comparison:
    """Set a proposal against the plan of today.

    Raises
    ------
    InputError
        If they are of other people or another number of draws.
    """
    if today.people.ids != proposal.people.ids or len(today.variable) != len(proposal.variable):
        raise InputError(
            "the plans were not run on the same people and draws",
            do="hand both the same draws and people",
        )
    before, after = today.variable.mean(axis=0), proposal.variable.mean(axis=0)
    paid = np.flatnonzero((before > 0) | (after > 0))
    before, after = before[paid], after[paid]
    small = np.abs(after - before) <= NO_CHANGE * np.maximum(before, after)
    verdicts = np.where(small, "same", np.where(after > before, "wins", "loses"))
    return Comparison(today, proposal, paid, before, after, verdicts)
