"""A small company with draws, checked by eye."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.scenarios import cube, streams

MONTHS = [f"2027-{month:02d}" for month in range(1, 13)]
SIZES = {"a1": 1.0, "a2": 2.0, "b1": 3.0, "b2": 4.0, "b3": 5.0}
TREE = pd.DataFrame(
    {
        "node": ["company", "a", "b", "a1", "a2", "b1", "b2", "b3"],
        "parent": [None, "company", "company", "a", "a", "b", "b", "b"],
        "kind": ["company", "region", "region", *["person"] * 5],
    }
)


def revenue(*, draws: int = 2000, seed: int = 7, size: float = 1e5, months=MONTHS):
    """Draws of revenue: what is common to all, and what is each person's own."""
    rng = streams(seed)["tests/revenue"]
    common = np.exp(rng.normal(0, 0.15, draws))[:, None, None]
    own = rng.lognormal(0, 0.3, (draws, len(months), len(SIZES)))
    values = size * common * own * np.array(list(SIZES.values()))
    return cube(
        values, name="revenue", unit="CNY", period=months, keys={"rep": list(SIZES)}, seed=seed
    )


def rate(*, draws: int = 2000, seed: int = 7):
    """Draws of a margin rate, which is averaged."""
    rng = streams(seed)["tests/rate"]
    values = np.clip(rng.normal(0.4, 0.05, (draws, 12, len(SIZES))), 0, 1)
    return cube(
        values,
        name="margin_rate",
        unit="share",
        period=MONTHS,
        keys={"rep": list(SIZES)},
        seed=seed,
        additive=False,
    )
