"""The demand side in memory, with all effects and with groups of them switched off.

An effect is shown in `on()`; the same measure on the sample without it must not show it. Effects
that do not touch each other's measures are off together, to save time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from workbench.sample.generate import make_frame, make_part
from workbench.sample.world import Frame, World

OFF_TOGETHER = (
    frozenset(
        {
            "month_end", "festivals", "tender_price", "cost_drift", "churn", "lead_response",
            "backfill", "friday", "missing_codes", "deadline", "territory",
        }
    ),
    frozenset(
        {
            "new_year", "elasticity", "limits", "weak_region", "skill", "deal_size", "reversals",
            "optimism", "duplicates", "reorganisation",
        }
    ),
    frozenset(
        {
            "opening", "ahead", "discount_drift", "potential", "ramp", "lead_source", "reclaim",
            "stale_dates",
        }
    ),
    frozenset({"season", "promotion", "growth", "training", "frailty", "pool"}),
    frozenset({"weekday", "deal_age"}),
)  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class Demand:
    """A company's demand side; ids are codes, `day` counts from 1 August 2021."""

    frame: Frame
    world: World

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.world.tables[name] if name in self.world.tables else self.frame.tables[name]

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Order lines with the calendar of their day; `running` is what no deal brought."""
        lines, calendar = self["order_line"], self.frame.calendar
        day = lines["day"].to_numpy()
        from_end = np.zeros(len(calendar.days), int)
        from_start = np.zeros(len(calendar.days), int)
        month = calendar.days.astype("M8[M]").astype(int)
        for number in np.unique(month):
            worked = np.flatnonzero((month == number) & calendar.working)
            from_start[worked] = np.arange(1, len(worked) + 1)
            from_end[worked] = np.arange(len(worked), 0, -1)
        return lines.assign(
            year=calendar.year[day],
            month=calendar.month[day],
            working=calendar.working[day],
            from_end=from_end[day],
            from_start=from_start[day],
            running=lines["opportunity_id"] < 0,
            kind=self.world.accounts["kind"].to_numpy()[lines["account_id"]],
        )

    @property
    def direct(self) -> pd.DataFrame:
        """Running orders of direct customers."""
        lines = self.lines
        return lines[lines["running"] & (lines["channel"] == "direct")]

    @property
    def online(self) -> pd.DataFrame:
        """Orders of e-commerce."""
        return self.lines[self.lines["channel"] == "ecommerce"]

    @cached_property
    def deals(self) -> pd.DataFrame:
        """Opportunities with won (bool) and the hidden deal behind each."""
        deals = self["opportunity"]
        return deals.assign(won=deals["status"] == "won")

    @property
    def closed(self) -> pd.DataFrame:
        """Deals won or lost."""
        return self.deals[self.deals["close_date"].notna()]


def on() -> Demand:
    """With all effects."""
    return _demand(frozenset())


def without(effect: str) -> Demand:
    """Without an effect, and without some others that do not touch its measure."""
    for group in OFF_TOGETHER:
        if effect in group:
            return _demand(group)
    raise KeyError(effect)


@lru_cache(maxsize=8)
def _demand(off: frozenset[str]) -> Demand:
    frame = make_frame(size="small", off=off)
    return Demand(frame, make_part(frame, following=False))
