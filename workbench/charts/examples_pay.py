"""An invented result table of pay, one figure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from workbench.charts.figure import Figure
from workbench.charts.histogram import bin_table
from workbench.charts.payout import payout_curve
from workbench.text import Language


def pay_at_target(lang: Language) -> Figure:
    """Pay over attainment with a step at 100%, beside a plan without it."""
    p = lang.pick
    table = pd.DataFrame({"attainment": [0, 0.5, 1.0, 1.0, 1.8], "pay": [0, 0.3, 0.72, 1.0, 1.9]})
    other = pd.DataFrame({"attainment": [0, 0.5, 1.0, 1.8], "pay": [0, 0.35, 0.95, 1.8]})
    attained = np.clip(0.92 + 0.28 * np.random.default_rng(3).standard_normal(90), 0.05, 1.75)
    return payout_curve(
        table,
        bin_table(attained, list(np.round(np.arange(0, 1.81, 0.1), 2))),
        lang=lang,
        other=other,
        names=(p("Today", "现行"), p("Proposal", "对比")),
        marks=[(1.0, p("step +28%", "台阶+28%"))],
        title=p("Crossing 100% lifts pay by 28%", "越过100%，报酬增加28%"),
        subtitle=p("Pay over pay at 100%; below: people by attainment",
                   "报酬与达标报酬之比；下方为各达成率的人数"),
    )  # fmt: skip


PAY_EXAMPLES: dict[str, Callable[[Language], Figure]] = {pay_at_target.__name__: pay_at_target}
