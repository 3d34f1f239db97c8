"""Public series of forecasting competitions, read from the folder that WORKBENCH_REFERENCE names.

What each set is and where it comes from: `benchmarks/README.md`. The last `horizon` observations
of a series are its test part, as in the competitions.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from workbench.forecasting.batch import Batch
    from workbench.forecasting.panel import Panel

SETS = (
    "m3_monthly", "m3_quarterly", "m3_yearly",
    "m1_monthly", "m1_quarterly", "m1_yearly",
    "tourism_monthly", "tourism_quarterly", "tourism_yearly",
    "hospital",
)  # fmt: skip


@dataclass(frozen=True)
class Split:
    """A set parted into what may be fitted and what came."""

    panel: Panel
    history: Batch
    actual: np.ndarray
    horizon: int


def folder() -> Path:
    """The folder `forecast` of the reference data; ends with one line where it is not named."""
    root = os.environ.get("WORKBENCH_REFERENCE")
    if not root or not (Path(root) / "forecast").is_dir():
        print("skipped: WORKBENCH_REFERENCE names no folder with forecast/ in it")
        sys.exit(0)
    return Path(root) / "forecast"


@cache
def split(name: str) -> Split:
    """Read a set."""
    import numpy as np
    import pandas as pd

    from workbench.forecasting.panel import read_panel

    kinds = {"series_id": str, "period": str}
    panel = read_panel(pd.read_csv(folder() / f"{name}.csv.gz", dtype=kinds))
    meta = pd.read_csv(folder() / "meta.csv", dtype=kinds)
    horizon = int(meta.loc[meta["set"] == name, "horizon"].iloc[0])
    batch = panel.batch
    places = batch.offsets[1:, None] - horizon + np.arange(horizon)
    return Split(panel, batch.cut(horizon), batch.values[places], horizon)
