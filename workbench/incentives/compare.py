"""Two plans on the same draws: what the change costs, who wins and who loses.

Both plans see the same credit, so differences are the plans' and not the draws'.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.incentives.cost import PlanCost
from workbench.scenarios.paired import PairedDifference, paired_difference

#: A change of pay below this share of the pay before is no change.
NO_CHANGE = 0.01


@dataclass(frozen=True, slots=True)
class Comparison:
    """A proposal against the plan of today.

    Attributes
    ----------
    today, proposal : PlanCost
    cost : PairedDifference
        Of the year's variable pay.
    people : DataFrame
        rep_id, role, today, proposal, difference (mean money), share (of pay today), low, high
        (80% of draws), chance (of earning more), verdict (wins, loses, same).
    """

    today: PlanCost
    proposal: PlanCost
    cost: PairedDifference
    people: pd.DataFrame

    def by_role(self) -> pd.DataFrame:
        """role, people, wins, loses, same (people), won, lost, difference (money)."""
        table = self.people
        grouped = table.groupby("role", sort=True)
        rows = {
            name: table["verdict"].eq(name).groupby(table["role"], sort=True).sum()
            for name in ("wins", "loses", "same")
        }
        return pd.DataFrame(
            {
                "people": grouped.size(),
                **rows,
                "won": table["difference"].clip(lower=0).groupby(table["role"], sort=True).sum(),
                "lost": table["difference"].clip(upper=0).groupby(table["role"], sort=True).sum(),
                "difference": grouped["difference"].sum(),
            }
        ).reset_index()

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
    difference = proposal.variable - today.variable
    low, high = np.quantile(difference, [0.1, 0.9], axis=0)
    mean = after - before
    share = np.where(before > 0, mean / np.where(before > 0, before, 1.0), np.nan)
    small = np.abs(mean) <= NO_CHANGE * np.maximum(before, after)
    table = pd.DataFrame(
        {
            "rep_id": today.people.ids,
            "role": today.people.roles,
            "today": before,
            "proposal": after,
            "difference": mean,
            "share": share,
            "low": low,
            "high": high,
            "chance": (difference > 0).mean(axis=0) + 0.5 * (difference == 0).mean(axis=0),
            "verdict": np.where(small, "same", np.where(mean > 0, "wins", "loses")),
        }
    )
    table = table[(table["today"] > 0) | (table["proposal"] > 0)]
    cost = paired_difference(
        today.total(), proposal.total(), higher_is_better=False, unit=today.people.plan.currency
    )
    table = table.sort_values(["difference", "rep_id"], ascending=[False, True], ignore_index=True)
    return Comparison(today, proposal, cost, table)
