"""What deals bring, month by month: by the open deals near, by the deals' own time series far.

The weight of the pipeline in each month ahead is the one that would have served the company's total
best at past origins (`pipeline/blend.py`), each forecast from what was known then: errors of deals
and of regular business partly cancel, so that the best weight for deals alone is not that of the
total. The hazard is fitted once, on the day of the
oldest origin, and asked again at the later ones: no origin is judged by a fit that saw what
followed it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.outlook.scope import Scope
from workbench.forecasting.pipeline.blend import hand_over
from workbench.forecasting.pipeline.forecast import PipelineForecast, pipeline_forecast
from workbench.told import Missing, attempt

#: Months before the last closed one from which both are asked again.
BACK = (12, 9, 6, 3)
#: Months of deals that their time series needs.
LEAST_HISTORY = 25
#: Where nothing was forecast before, the weights are those of the prior.
NO_PAST = pd.DataFrame(columns=["origin", "lead", "pipeline", "series", "actual"], dtype=float)
NO_PAST["origin"] = pd.to_datetime(NO_PAST["origin"])


@dataclass(frozen=True, eq=False)
class HandOver:
    """Weights of the pipeline by month ahead, and where they come from.

    Attributes
    ----------
    table : pandas.DataFrame
        lead (months ahead, from 1), month, origins (past ones it is learnt from), pipeline_error,
        series_error, blend_error (root mean squares of a month's total; missing without origins),
        alone (weight of least error by itself, missing if undefined), weight (of the pipeline;
        not rising), pipeline, series, blend (what each expects deals to bring).
    past : pandas.DataFrame
        origin (last month known), lead, pipeline, series (what each expected of deals), actual
        (what came in all less what regular business was expected to bring): the evidence.
    """

    table: pd.DataFrame
    past: pd.DataFrame = field(repr=False)

    @property
    def weights(self) -> Floats:
        """Weight of the pipeline by month ahead."""
        return self.table["weight"].to_numpy(float)


def handed_over(
    looked: Scope, past: pd.DataFrame, *, pipeline: Floats, series: Floats | None
) -> HandOver:
    """Learn the weights for the months ahead.

    Parameters
    ----------
    looked : Scope
    past : pandas.DataFrame
        Of `past_of`; later months than the scope knows are left out.
    pipeline, series : numpy.ndarray, shape (horizon,)
        What each expects of the months ahead; without a series the pipeline stands alone.
    """
    known = pd.PeriodIndex(past["origin"], freq="M") + past["lead"].to_numpy(np.int64)
    past = past[known <= pd.Period(looked.last, freq="M")].reset_index(drop=True)
    table = hand_over(past, horizon=looked.horizon)
    if series is None:
        table["weight"], series = 1.0, np.full(looked.horizon, np.nan)
    weight = table["weight"].to_numpy(float)
    blend = weight * pipeline + np.where(weight < 1, (1 - weight) * series, 0.0)
    table.insert(1, "month", looked.months)
    return HandOver(table.assign(pipeline=pipeline, series=series, blend=blend), past)


def partners(pipeline: Floats, series: Floats) -> Ints:
    """Draw of the series that goes with each draw of the pipeline: of the same rank by its total.

    Mixing such pairs averages quantiles, so that the mixture keeps the spread of its parts.

    Parameters
    ----------
    pipeline, series : numpy.ndarray, shape (draws, horizon)
        Of the company.
    """
    out = np.empty(len(pipeline), dtype=np.int64)
    out[_by_total(pipeline)] = _by_total(series)
    return out


def _by_total(draws: Floats) -> Ints:
    return np.argsort(draws.sum(axis=1), kind="stable")


def past_of(looked: Scope, history: pd.Series, whole: pd.Series, *, calendar: bool) -> pd.DataFrame:
    """What both would have said at each past origin of the months that are over by now.

    Parameters
    ----------
    looked : Scope
    history : pandas.Series
        What deals brought, by month, up to the last closed one.
    whole : pandas.Series
        What came in all, of the same months.
    calendar : bool
        Whether time series look for working days and the New Year.

    Returns
    -------
    pandas.DataFrame
        As `HandOver.past`.
    """
    rows = []
    first: PipelineForecast | None = None
    for back in BACK:
        last = looked.last - pd.DateOffset(months=back)
        known = history[history.index <= last]
        if len(known) < LEAST_HISTORY:
            continue
        ahead = min(back, looked.horizon)
        found = attempt(
            partial(
                pipeline_forecast,
                looked.company,
                as_of=looked.closing(last),
                horizon=ahead,
                hazard=None if first is None else first.hazard,
            )
        )
        if isinstance(found, Missing):
            continue
        first = first or found
        months = pd.date_range(last, periods=ahead + 1, freq="MS")[1:]
        deals = pd.Series(_expected(found, looked), index=found.periods).reindex(months)
        rows.append(
            pd.DataFrame(
                {
                    "origin": last,
                    "lead": np.arange(1, ahead + 1),
                    "pipeline": deals.to_numpy(),
                    "series": _series(known, ahead, calendar=calendar),
                    "actual": whole.reindex(months).to_numpy()
                    - _series(whole[known.index] - known, ahead, calendar=calendar),
                }
            )
        )
    told = pd.concat(rows, ignore_index=True) if rows else NO_PAST
    return told.dropna(ignore_index=True)


def _expected(found: PipelineForecast, looked: Scope) -> Floats:
    """Expected of the regions looked at, by month."""
    inside = found.cells["region"].isin(looked.regions or set(found.cells["region"]))
    return np.asarray(found.means.sum(axis=0)[:, inside.to_numpy()].sum(axis=1))


def _series(known: pd.Series, ahead: int, *, calendar: bool) -> Floats:
    from workbench.forecasting.forecaster import forecast

    panel = pd.DataFrame({"series_id": "all", "period": known.index, "value": known.to_numpy()})
    made = forecast(panel, ahead, regressors="calendar" if calendar else None)
    return np.asarray(made.points[0])
