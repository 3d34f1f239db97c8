"""Effort: reps do more where the pay plan pays more.

The commission rates of some roles were raised, one role after the other. From that day on the
reps of the role bring more, by a constant elasticity: a staggered change whose effect on output
is known. Timing around the quota is another matter: `quotas.py`.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.sample.parameters import planted
from workbench.sample.world import Frame

EFFECTS: dict[str, tuple[str, str]] = {
    "effort": ("Reps do more where commission was raised", "提成提高后销售员投入增加"),
}


@dataclass(frozen=True)
class EffortTruth:
    """Planted parameters of effort and of the plans that call for it."""

    raised: float = planted(1.40, "ratio", "commission rates of the new plan over the old")
    raised_from: dict[str, str] = planted(
        {"hunter": "2024-01-01", "farmer": "2025-01-01"}, "date", "start of the new plan by role"
    )
    elasticity: float = planted(
        0.40, "log output per log commission rate", "effort called for by a higher rate"
    )


def raise_output(frame: Frame, *, truth: EffortTruth) -> None:
    """Set `frame.rep_skill` (log productivity by rep and day) apart before and after new plans.

    What is planted elsewhere holds half way between the plans.
    """
    if not frame.on("effort"):
        return
    role = frame.reps["role"].to_numpy()
    lift = truth.elasticity * np.log(truth.raised)
    for name, since in truth.raised_from.items():
        start = int(frame.calendar.index(np.datetime64(since)))
        rows = np.flatnonzero(role == name)
        frame.rep_skill[rows, :start] -= lift / 2
        frame.rep_skill[rows, start:] += lift / 2


def rate_factor(
    roles: NDArray[np.object_], months: NDArray[np.datetime64], *, truth: EffortTruth
) -> NDArray[np.float64]:
    """Commission rate against the old plan, by rep (role) and month."""
    factor = np.ones((len(roles), len(months)))
    for name, since in truth.raised_from.items():
        after = months >= np.datetime64(since, "M")
        factor[np.ix_(roles == name, after)] = truth.raised
    return factor
