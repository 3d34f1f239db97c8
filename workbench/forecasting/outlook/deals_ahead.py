"""What the pipeline says of the months ahead, by region and product line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.monthly import won_cells
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

if TYPE_CHECKING:
    from workbench.forecasting.outlook.bookings import Settings
    from workbench.forecasting.pipeline.forecast import PipelineForecast

#: Share of what won deals brought that contracts must name, before deals are taken apart.
NAMED_SHARE = 0.5


def deals_ahead(looked: Scope, settings: Settings) -> PipelineForecast:
    """The pipeline forecast that goes with a scope.

    Raises
    ------
    MissingTableError, NotIdentifiedError
        If there is none, or contracts do not say which deal they come from: then deals and the
        rest cannot be told apart, and adding both would count deals twice.
    """
    from workbench.forecasting.pipeline.forecast import pipeline_forecast

    looked.company.require("opportunity", "opportunity_snapshot")
    if looked.kpi != "bookings":
        raise NotIdentifiedError(
            mark("open deals tell of bookings, not of revenue"),
            where=f"kpi={looked.kpi}",
            do=mark("forecast bookings to see what open deals bring; it needs the table contract"),
        )
    year = pd.Timestamp(looked.day) - pd.DateOffset(years=1)
    won = looked.company.sql(
        "select coalesce(sum(gross_amount(amount, tax_basis, tax_rate)), 0) as value"
        f" from opportunity where status = 'won' and close_date > date '{year.date()}'"
        f" and close_date <= date '{looked.day}'",
        money="float",
    )["value"].iloc[0]
    signed = won_cells(looked)
    named = signed.loc[signed["month"] > year, "value"].sum()
    if named < NAMED_SHARE * won and not looked.regions:
        raise NotIdentifiedError(
            mark("contracts do not say which deal they come from"),
            where="contract.opportunity_id",
            do=mark("import the deal of each contract; till then bookings are forecast as a whole"),
        )
    late = (looked.last.year * 12 + looked.last.month - 1) - _newest(looked)
    return pipeline_forecast(
        looked.company,
        as_of=looked.day,
        horizon=looked.horizon + max(late, 0),
        seed=settings.seed,
    )


@dataclass(frozen=True)
class Ahead:
    """Deals ahead by cell of region and product line.

    Attributes
    ----------
    keys : pandas.DataFrame
        series_id, region, product_line of each cell.
    draws : numpy.ndarray, shape (draws, cells, horizon)
    mean : numpy.ndarray, shape (cells, horizon)
    """

    keys: pd.DataFrame
    draws: Floats
    mean: Floats


def deal_draws(pipeline: PipelineForecast, looked: Scope, count: int) -> Ahead:
    """Draws and means of deals by cell, chosen regions only."""
    cube, keys = pipeline.draws(count), pipeline.cells
    inside = pipeline.periods.isin(looked.months)
    values = cube.values[:, inside].reshape(count, int(inside.sum()), len(keys))
    means = pipeline.means[:, inside].sum(axis=0)
    some = (values.any(axis=(0, 1)) | means.any(axis=0)) & (
        keys["region"].isin(looked.regions or set(keys["region"])).to_numpy()
    )
    keys = named(keys[some].reset_index(drop=True))
    return Ahead(keys, np.swapaxes(values[:, :, some], 1, 2), means[:, some].T)


def _newest(looked: Scope) -> int:
    """Number of the month of the newest picture that is over on the day."""
    found = looked.company.sql(
        "select max(snapshot_date) as day from opportunity_snapshot"
        f" where snapshot_date <= date '{looked.day}'"
    )["day"].iloc[0]
    if pd.isna(found):
        return looked.last.year * 12 + looked.last.month - 1
    month = looked.calendar.period(pd.Timestamp(found).date())
    over = month.end <= pd.Timestamp(found).date()
    key = np.asarray(looked.calendar.month_key([month.start]))[0].astype(int)
    return int(key) + 1970 * 12 - (not over)


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Name the series of rows by region and product line."""
    return rows.assign(series_id=rows["region"].astype(str) + "/" + rows["product_line"])
