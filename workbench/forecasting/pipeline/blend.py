"""Pipeline near, time series far: weights of the hand-over by month ahead, and draws mixed by them.

The weight of the pipeline at each month ahead is the one that would have had the least squared
error at past origins, drawn to a prior that falls with the month ahead, and never rises with it:
what is known of open deals wears off. Draws are mixed draw by draw after both sets are ordered by
their totals, so that the mixture keeps the spread of its parts (averaging quantiles, not
densities) and the paths of each draw stay whole.

References
----------
- Bates and Granger (1969), "The combination of forecasts", Operational Research Quarterly 20,
  eq. 1-2 (weight of least squared error).
- Lichtendahl, Grushka-Cockayne and Winkler (2013), "Is it better to average probabilities or
  quantiles?", Management Science 59, sec. 2.
- Barlow et al. (1972), "Statistical inference under order restrictions", ch. 1 (pooling of
  adjacent violators).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.scenarios import check_cube

if TYPE_CHECKING:
    import xarray as xr

Floats = NDArray[np.float64]
NEEDED = ("origin", "lead", "pipeline", "series", "actual")
PRIOR_ORIGINS = 12.0  # past origins that weigh as much as the prior
PRIOR_HALF = 24.0  # months ahead at which the prior trusts both alike


def hand_over(past: pd.DataFrame, *, horizon: int) -> pd.DataFrame:
    """Weights of the pipeline by month ahead, learnt from past origins.

    Parameters
    ----------
    past : pandas.DataFrame
        origin (any label), lead (months ahead, from 1), pipeline, series (what each method
        forecast then), actual. May be empty: the prior then stands alone.
    horizon : int
        Months ahead that need a weight.

    Returns
    -------
    pandas.DataFrame
        lead, origins (past origins it is learnt from), pipeline_error, series_error,
        blend_error (root mean squares; missing without origins), alone (weight of least error
        by itself, missing if undefined), weight (drawn to the prior, not rising).

    Raises
    ------
    InputError
        If a column is missing or a value is not finite.
    """
    missing = [name for name in NEEDED if name not in past.columns]
    if missing:
        raise InputError(
            f"past forecasts lack the column {missing[0]}",
            where=f"columns {', '.join(map(str, past.columns))}",
            do=f"give {', '.join(NEEDED)}",
        )
    if not np.isfinite(past[list(NEEDED[2:])].to_numpy(float)).all():
        raise InputError(
            "past forecasts hold values that are missing or infinite",
            where="pipeline, series or actual",
            do="leave out origins whose months are not over",
        )
    scale = max(float(past["actual"].abs().mean()) if len(past) else 1.0, 1e-12)
    prior = _prior(horizon)
    rows = [
        _one(past[past["lead"] == lead], lead, prior[lead - 1], scale) for lead in _leads(horizon)
    ]
    out = pd.DataFrame(rows)
    out["weight"] = falling(out["weight"].to_numpy(float), 1.0 + out["origins"].to_numpy(float))
    out["blend_error"] = [
        _error(mine, weight * mine["pipeline"] + (1 - weight) * mine["series"])
        for lead, weight in zip(out["lead"], out["weight"], strict=True)
        for mine in [past[past["lead"] == lead]]
    ]
    names = ["lead", "origins", "pipeline_error", "series_error", "blend_error", "alone", "weight"]
    return out[names]


def blended(pipeline: xr.DataArray, series: xr.DataArray, weights: pd.DataFrame) -> xr.DataArray:
    """Mix two cubes of the same quantity by month ahead.

    Parameters
    ----------
    pipeline, series : xarray.DataArray
        Cubes of the same name, unit, periods and keys with as many draws.
    weights : pandas.DataFrame
        lead and weight, as `hand_over` gives; leads in the order of the periods.

    Returns
    -------
    xarray.DataArray
        A cube; draws ordered as those of `pipeline`.

    Raises
    ------
    InputError
        If the cubes do not fit each other or a period has no weight.
    """
    check_cube(pipeline)
    check_cube(series)
    _refuse_misfit(pipeline, series)
    known = weights.set_index("lead")["weight"]
    leads = np.arange(1, pipeline.sizes["period"] + 1)
    if not np.isin(leads, known.index).all():
        raise InputError(
            "a month ahead has no weight",
            where=f"weights for leads {', '.join(map(str, known.index))}",
            do=f"give weights up to lead {leads[-1]}",
        )
    series = series.sel({dim: pipeline[dim].values for dim in pipeline.dims[1:]})
    series = series.transpose(*pipeline.dims)
    own = _by_total(pipeline)
    partner = np.empty_like(own)
    partner[own] = _by_total(series)
    share = known.reindex(leads.tolist()).to_numpy(float).reshape(1, -1, *[1] * (pipeline.ndim - 2))
    mixed = share * pipeline.values + (1 - share) * series.values[partner]
    made = tuple(pipeline.attrs.get("streams", ())) + tuple(series.attrs.get("streams", ()))
    return check_cube(pipeline.copy(data=mixed).assign_attrs(streams=tuple(dict.fromkeys(made))))


def falling(values: Floats, weights: Floats) -> Floats:
    """The closest sequence that never rises (least squares), by pooling adjacent violators."""
    blocks: list[list[float]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] < blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            whole = before[1] + last[1]
            mean = (before[0] * before[1] + last[0] * last[1]) / whole
            blocks.append([mean, whole, before[2] + last[2]])
    return np.concatenate([np.full(int(size), mean) for mean, _, size in blocks])


def _leads(horizon: int) -> range:
    return range(1, horizon + 1)


def _prior(horizon: int) -> Floats:
    """1 in the month at hand, a half after `PRIOR_HALF` months, towards 0 later."""
    lead = np.arange(horizon)
    return np.asarray(1 / (1 + (lead / PRIOR_HALF) ** 2))


def _one(mine: pd.DataFrame, lead: int, prior: float, scale: float) -> dict[str, float]:
    """Weight of one month ahead: a ridge regression of what the series missed, to the prior."""
    apart = ((mine["pipeline"] - mine["series"]) / scale).to_numpy(float)
    missed = ((mine["actual"] - mine["series"]) / scale).to_numpy(float)
    together = float(apart @ apart)
    usual = together / len(mine) if len(mine) and together > 0 else 1.0
    pulled = (float(apart @ missed) + PRIOR_ORIGINS * usual * prior) / (
        together + PRIOR_ORIGINS * usual
    )
    return {
        "lead": lead,
        "origins": len(mine),
        "pipeline_error": _error(mine, mine["pipeline"]),
        "series_error": _error(mine, mine["series"]),
        "alone": float(apart @ missed) / together if together > 0 else np.nan,
        "weight": float(np.clip(pulled, 0, 1)),
    }


def _error(mine: pd.DataFrame, forecast: pd.Series) -> float:
    if mine.empty:
        return float("nan")
    return float(np.sqrt(np.mean((forecast - mine["actual"]) ** 2)))


def _refuse_misfit(pipeline: xr.DataArray, series: xr.DataArray) -> None:
    faults = []
    if pipeline.attrs.get("unit") != series.attrs.get("unit"):
        faults.append(f"units {pipeline.attrs.get('unit')} and {series.attrs.get('unit')}")
    if set(pipeline.dims) != set(series.dims):
        faults.append(f"dimensions {pipeline.dims} and {series.dims}")
    elif pipeline.sizes["draw"] != series.sizes["draw"]:
        faults.append(f"{pipeline.sizes['draw']} and {series.sizes['draw']} draws")
    else:
        for dim in pipeline.dims[1:]:
            if set(pipeline[dim].values.tolist()) != set(series[dim].values.tolist()):
                faults.append(f"labels of {dim}")
    if faults:
        raise InputError(
            "the two cubes cannot be mixed: they differ in " + "; ".join(faults),
            where=f"{pipeline.name} and {series.name}",
            do="forecast the same quantity, months and keys, with as many draws",
        )


def _by_total(array: xr.DataArray) -> NDArray[np.int64]:
    flat = array.values.reshape(array.sizes["draw"], -1).sum(axis=1)
    return np.argsort(flat, kind="stable")
