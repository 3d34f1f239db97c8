"""What a KPI with a target is told by, and what several of them read alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import NotIdentifiedError

if TYPE_CHECKING:
    import xarray as xr

    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Measured:
    """A KPI of a year.

    Attributes
    ----------
    kpi : str
    cube : DataArray
        draw x period x node.
    last : float
        Of the company in the year before (of an average: in the last twelve months).
    weights : pandas.DataFrame or None
        leaf x month of an average: what a leaf's figure weighs.
    unit : float
        Targets are whole multiples of it.
    """

    kpi: str
    cube: xr.DataArray
    last: float
    weights: pd.DataFrame | None = None
    unit: float = 1.0


def by_leaf(company: Company, found: Ground, kpi_id: str, *, start: pd.Timestamp) -> pd.DataFrame:
    """Numerators and denominators of a KPI by leaf and month: leaf, month, numerator, denominator.

    Accounts belong to today's owner, as in the sales of `Ground`.
    """
    from workbench.kpis import kpi

    table = kpi(
        company,
        kpi_id,
        start=start.date(),
        end=(found.last + pd.offsets.MonthEnd(0)).date(),
        by=("month", "account_id"),
    ).table()
    rows = pd.DataFrame(
        {
            "leaf": table["account_id"].map(found.leaf_of),
            "month": pd.to_datetime(table["month"].astype(str)),
            "numerator": table["numerator"].astype(float),
            "denominator": table["denominator"].astype(float),
        }
    ).dropna(subset="leaf")
    return rows.groupby(["leaf", "month"])[["numerator", "denominator"]].sum().reset_index()


def by_month(
    rows: pd.DataFrame, found: Ground, column: str, *, start: pd.Timestamp
) -> pd.DataFrame:
    """One column of `by_leaf` as month x leaf, 0 where there is nothing."""
    wide = rows.pivot_table(index="month", columns="leaf", values=column, aggfunc="sum")
    months = pd.date_range(start, found.last, freq="MS")
    return wide.reindex(index=months, columns=found.leaves).fillna(0.0)


def first_month(company: Company, table: str, column: str) -> pd.Timestamp:
    """First day of the month in which a table begins.

    Raises
    ------
    NotIdentifiedError
        If it has no rows.
    """
    day = company.sql(f"select min({column}) as day from {table}")["day"].iloc[0]
    if pd.isna(day):
        raise NotIdentifiedError(f"the table {table} has no rows", where=f"{table}.{column}")
    return pd.Timestamp(day).to_period("M").start_time


def rate_cube(near: Ahead, kpi: str, values: Floats, year: int, *, unit: str) -> xr.DataArray:
    """Cube of a KPI that is averaged, from values of shape (draws, months of the year, leaves)."""
    from workbench.scenarios import cube

    return cube(
        values,
        name=kpi,
        unit=unit,
        period=[f"{year}-{month:02d}" for month in range(1, 13)],
        keys={"node": near.leaves},
        seed=near.seed,
        additive=False,
        streams=(stream_name(kpi),),
    )


def stream_name(kpi: str) -> str:
    """Stream of random numbers of a KPI."""
    return f"targets/measures/{kpi}"


def expected_revenue(near: Ahead, year: int) -> pd.DataFrame:
    """Expected revenue of a year, leaf x month, not below zero; every month has some."""
    cube = near.year(year)
    mean = np.maximum(cube.mean("draw").to_numpy().T, 0.0)
    floor = 1e-6 * max(float(mean.mean()), 1e-9)
    return pd.DataFrame(
        mean + floor, index=list(cube["node"].values), columns=list(cube["period"].values)
    )


def shrunk(sums: Floats, weights: Floats, noise: float) -> tuple[Floats, Floats]:
    """Rates of leaves drawn to that of all, and their standard errors.

    Parameters
    ----------
    sums, weights : numpy.ndarray, shape (leaves,)
        A leaf's rate is sum over weight; without weight it is that of all.
    noise : float
        Variance of the rate of a leaf of weight 1.

    Notes
    -----
    Empirical Bayes with normal rates (Efron and Morris 1975, "Data analysis using Stein's
    estimator and its generalizations", JASA 70, section 2, unequal variances): the variance between
    leaves is what their rates vary by beyond their noise.
    """
    all_ = float(sums.sum() / weights.sum())
    known = weights > 0
    rates = np.where(known, sums / np.where(known, weights, 1.0), all_)
    own = np.where(known, noise / np.where(known, weights, 1.0), np.inf)
    share = weights / weights.sum()
    apart = float(share @ (rates - all_) ** 2) - float(share[known] @ own[known])
    between = max(apart, 0.0)
    part = np.where(known, between / (between + own), 0.0) if between > 0 else np.zeros(len(sums))
    return all_ + part * (rates - all_), np.sqrt(between * (1 - part))
