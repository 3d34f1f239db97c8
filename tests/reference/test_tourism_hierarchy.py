"""Australian trips by state, region and purpose: reconciliation helps as published.

Overnight trips (thousand), 1998Q1 to 2015Q4, Tourism Research Australia, from tsibble's `tourism`;
the last eight quarters are forecast from those before, as in Hyndman & Athanasopoulos,
"Forecasting: Principles and Practice" (3rd ed.), section 11.4. The files are read from the folder
`forecast` of the one that WORKBENCH_REFERENCE names.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.forecasting.batch import Batch
from workbench.forecasting.hierarchy import Hierarchy, Lock, reconciler
from workbench.forecasting.models.registry import model

FOLDER = os.environ.get("WORKBENCH_REFERENCE", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set WORKBENCH_REFERENCE to the folder of the public sets"
)
AHEAD, ORIGINS = 8, 24


def test_mint_helps_as_published() -> None:
    folder = Path(FOLDER) / "forecast"
    hierarchy = Hierarchy.from_keys(pd.read_csv(folder / "tourism_hierarchy_keys.csv"))
    assert [len(level) for level in hierarchy.levels] == [1, 8, 76, 4, 32, 304]
    panel = pd.read_csv(folder / "tourism_hierarchy.csv.gz")
    wide = panel.pivot(index="series_id", columns="period", values="value")
    values = hierarchy.aggregate(wide.loc[list(hierarchy.series)])
    known, later = values[:, :-AHEAD], values[:, -AHEAD:]
    scale = np.abs(known[:, 4:] - known[:, :-4]).mean(axis=1)
    batch = Batch.of(list(known), season=4)
    points = model("ets").points
    base = points(batch, AHEAD)
    errors = [known[:, -k] - points(batch.cut(k), 1)[:, 0] for k in range(1, ORIGINS + 1)]

    def mase(forecast: np.ndarray) -> tuple[float, float]:
        """All nodes, and the series alone."""
        own = np.abs(forecast - later).mean(axis=1) / scale
        return float(own.mean()), float(own[hierarchy.above :].mean())

    ready = reconciler(hierarchy, "mint", residuals=np.array(errors).T)
    done = ready.solve(base)
    hierarchy.check(done.points)
    # statsforecast's ETS has 1.180 and 1.047 before, 1.166 and 1.032 after MinT
    assert mase(done.points)[0] < min(mase(base)[0], 1.166)
    assert mase(done.points)[1] < min(mase(base)[1], 1.032)
    bottom_up = reconciler(hierarchy, "bottom_up").solve(base).points
    assert mase(done.points)[0] < mase(bottom_up)[0]
    lock = Lock("Victoria", 1.1 * float(done.points[hierarchy.place("Victoria")].sum()))
    moved = ready.solve(base, locks=[lock], nonnegative=True).points
    hierarchy.check(moved)
    assert moved[hierarchy.place("Victoria")].sum() == pytest.approx(lock.value, rel=1e-9)
