"""Satisfaction: mean answer of customers, 0 to 10, by the owner of the account.

A leaf's mean is drawn to that of all by as much as its answers are few; a coming year has as many
answers as the last one, and what they are drawn from moves as it has moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.planning.measures.measured import Measured, rate_cube, shrunk, stream_name
from workbench.scenarios import streams

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

KPI = "satisfaction"
FEWEST = 100
_ANSWERS = """
select account_id, response_id, date_trunc('month', min(answer_date)) as month,
    cast(avg(score) as double) as score
from survey_response where survey = 'customer' and account_id is not null and answer_date <= ?
group by 1, 2 order by 1, 2
"""


def drawn(company: Company, found: Ground, near: Ahead, year: int) -> Measured:
    """Draw the mean answer of a year."""
    company.require("survey_response")
    rows = company.sql(_ANSWERS, [(found.last + pd.offsets.MonthEnd(0)).date()])
    rows["leaf"] = rows["account_id"].map(found.leaf_of)
    rows = rows.dropna(subset="leaf")
    recent = rows[pd.to_datetime(rows["month"]) > found.last - pd.DateOffset(months=12)]
    if len(recent) < FEWEST:
        raise NotIdentifiedError(
            f"{len(recent)} answers of customers in a year tell no satisfaction",
            where="survey_response",
            do=f"ask until there are {FEWEST} a year",
        )
    groups = recent.groupby("leaf")["score"]
    count = groups.size().astype(float).reindex(near.leaves).fillna(0.0).to_numpy(float)
    sums = groups.sum().reindex(near.leaves).fillna(0.0).to_numpy(dtype=np.float64)
    noise = float(recent["score"].var(ddof=1))
    mine, error = shrunk(sums, np.asarray(count, dtype=np.float64), noise)
    years = pd.to_datetime(rows["month"]).dt.year
    by_year = rows.groupby(years)["score"].agg(["mean", "size"])
    means = by_year[by_year["size"] >= FEWEST]["mean"].to_numpy(dtype=np.float64)
    moves = float(np.sqrt((np.diff(means) ** 2).mean())) if len(means) > 1 else 0.1
    rng = streams(near.seed)[stream_name(KPI)]
    many = len(near.values)
    answers = np.maximum(count, 0.5)  # a leaf nobody was asked about still may be
    common = rng.normal(0, moves, (many, 1, 1))
    own = error * rng.standard_normal((many, 1, len(mine)))
    stray = np.sqrt(noise / (answers / 12)) * rng.standard_normal((many, 12, len(mine)))
    values = np.clip(mine + common + own + stray, 0.0, 10.0)
    cube = rate_cube(near, KPI, values, year, unit="score")
    weights = pd.DataFrame(
        np.repeat(answers[:, None] / 12, 12, axis=1),
        index=near.leaves,
        columns=list(cube["period"].values),
    )
    return Measured(KPI, cube, last=float(recent["score"].mean()), weights=weights, unit=0.05)
