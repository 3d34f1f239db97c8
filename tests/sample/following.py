"""Samples in memory for the tests of what follows from demand, made once a process.

An effect is shown in `on()`; the same measure on the sample in which the effect is off must not
show it. To save time several effects that do not touch each other are off together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

import pandas as pd

from workbench.sample.generate import FOLLOWING_ROOMS, make_frame, make_part
from workbench.sample.world import Frame, World

OFF_TOGETHER = (
    frozenset(
        {
            "acceptance_hurry",
            "accelerator",
            "case_satisfaction",
            "dealer_loading",
            "diversion",
            "overlay",
            "pull_in",
            "rep_optimism",
            "returns",
            "rival",
            "slower_payment",
            "split_shipments",
            "survey_satisfaction",
            "team_climate",
            "unclaimed",
            "weak_region",
        }
    ),
    frozenset(
        {
            "bad_debt",
            "collection_peak",
            "cover_drift",
            "dealer_churn",
            "effort",
            "hold_back",
            "joint_payment",
            "leaving_mood",
            "loading_discount",
            "manager_cut",
            "market_growth",
            "padding",
            "rebate",
            "rep_sandbagging",
            "splits",
            "state_pays_late",
        }
    ),
)


@dataclass(frozen=True, repr=False)
class Sample:
    """A whole company in memory; ids are codes, dates are dates."""

    frame: Frame
    world: World
    tables: dict[str, pd.DataFrame]

    def __getitem__(self, name: str) -> pd.DataFrame:
        return self.tables[name]

    def lines(self) -> pd.DataFrame:
        """Order lines with net amount and month of recognition."""
        lines = self["order_line"]
        return lines.assign(net=lines["amount"] / (1 + lines["tax_rate"]))


def on() -> Sample:
    """The sample with all effects."""
    return _sample(frozenset())


def without(effect: str) -> Sample:
    """A sample in which an effect (and some that do not touch it) is off."""
    for group in OFF_TOGETHER:
        if effect in group:
            return _sample(group)
    raise KeyError(effect)


@lru_cache(maxsize=4)
def _sample(off: frozenset[str]) -> Sample:
    frame = make_frame(size="small", off=off)
    world = make_part(frame)
    for room in FOLLOWING_ROOMS:
        step: Any = getattr(import_module(f"workbench.sample.{room}"), "per_company", None)
        if step is not None:
            step(frame, world)
    return Sample(frame, world, {**frame.tables, **world.tables})
