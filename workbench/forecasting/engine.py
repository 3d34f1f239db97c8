"""From a panel to forecasts: groups of series, their evidence, combination and error quantiles.

The data's way: panel -> groups (smooth, intermittent) -> evidence at earlier origins, from a sample
of the group if it is large -> members and weights, error quantiles -> points of all series, chunk
by chunk. What is learnt from the evidence is small, so chunks can be forecast anywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from workbench.errors import ParameterError
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.combination import Combination, admit, combine
from workbench.forecasting.evidence import Evidence, gather
from workbench.forecasting.intervals import ErrorQuantiles, calibrate
from workbench.forecasting.models import model
from workbench.forecasting.scale import ScaleModel, learn_scale

#: Members that are offered to a panel; the evidence says which are admitted.
SMOOTH = {
    "default": ("dynamic_theta", "ets", "damped", "ar", "ces"),
    "thorough": ("dynamic_theta", "ets", "damped", "ar", "ces", "theta", "arima"),
}
INTERMITTENT = {
    "default": ("imapa", "tsb", "sba", "mean"),
    "thorough": ("imapa", "tsb", "sba", "mean", "croston", "ets"),
}
#: Share of zeros from which demand counts as intermittent: an average interval of 1.32 periods
#: between demands (Syntetos, Boylan & Croston 2005).
ZERO_SHARE = 1 - 1 / 1.32
#: Most series that evidence is gathered from, rows it aims at, fewest and most origins:
#: what one origin shows may be the mood of one season.
SAMPLE = {"default": 500, "thorough": 4000}
ROWS = {"default": 600, "thorough": 4000}
ORIGINS = {"default": (2, 6), "thorough": (4, 8)}
CHUNK = 5000


@dataclass(frozen=True)
class Group:
    """Series that share models.

    Attributes
    ----------
    name : {"smooth", "intermittent"}
    numbers : numpy.ndarray of int64
        Its series in the panel.
    combination : Combination
    scale : ScaleModel
        How large the errors of a series are.
    quantiles : ErrorQuantiles
        Of the errors over their scale.
    errors : numpy.ndarray, shape (rows, horizon)
        Scaled errors of the combination at earlier origins.
    evidence : Evidence
    """

    name: str
    numbers: Ints
    combination: Combination
    scale: ScaleModel
    quantiles: ErrorQuantiles
    errors: Floats = field(repr=False)
    evidence: Evidence = field(repr=False)


def learn(batch: Batch, horizon: int, *, effort: str = "default") -> list[Group]:
    """Learn members, weights and error quantiles of each group of series.

    Parameters
    ----------
    batch : Batch
    horizon : int
    effort : {"default", "thorough"}
        Thorough offers more models and gathers more evidence.

    Raises
    ------
    ParameterError
        If there is no such effort.
    """
    if effort not in SMOOTH:
        raise ParameterError(
            f"there is no effort {effort!r}", where="effort", do=f"choose from {', '.join(SMOOTH)}"
        )
    sparse = is_intermittent(batch)
    groups = []
    for name, mask, offered in (
        ("smooth", ~sparse, SMOOTH[effort]),
        ("intermittent", sparse, INTERMITTENT[effort]),
    ):
        numbers = np.flatnonzero(mask)
        if len(numbers):
            groups.append(_learn_group(name, batch, numbers, horizon, offered, effort))
    return groups


def _learn_group(
    name: str, batch: Batch, numbers: Ints, horizon: int, offered: tuple[str, ...], effort: str
) -> Group:
    sample = _sample(batch.take(numbers), SAMPLE[effort])
    fewest, most = ORIGINS[effort]
    origins = int(np.clip(np.ceil(ROWS[effort] / len(sample)), fewest, most))
    evidence = gather(sample, horizon, offered, origins=origins)
    combination = admit(evidence, squared=name == "intermittent")
    mixed = combine(evidence.points, combination.weights)
    away = evidence.actual - mixed
    seen = np.isfinite(away).any(axis=1)
    away, naive, known = away[seen], evidence.scale[seen], evidence.traits[seen]
    scale = learn_scale(away, naive, known)
    errors = away / scale.scale(naive, known)[:, None]
    return Group(name, numbers, combination, scale, calibrate(errors), errors, evidence)


def _sample(batch: Batch, most: int) -> Batch:
    """At most so many series, spread over what they look like, whatever their names and units."""
    if len(batch) <= most:
        return batch
    scaled, _ = batch.scaled()
    looks = np.round(scaled.values[scaled.offsets[1:] - 1], 9)
    order = np.lexsort((looks, batch.lengths))
    return batch.take(order[np.linspace(0, len(batch) - 1, most).astype(np.int64)])


def is_intermittent(batch: Batch) -> np.ndarray:
    """Which series have so many zeros that they are demand with pauses."""
    zeros = np.add.reduceat((batch.values == 0).astype(np.float64), batch.offsets[:-1])
    mask: np.ndarray = (zeros / batch.lengths >= ZERO_SHARE) & (batch.minima() >= 0)
    return mask


@dataclass(frozen=True)
class Points:
    """Forecasts of all series.

    Attributes
    ----------
    values : numpy.ndarray, shape (n, horizon)
    scale : numpy.ndarray, shape (n,)
        Usual error of each series.
    made_by : numpy.ndarray of object, shape (n,)
        "combination", "intermittent", or the model that stood in.
    """

    values: Floats
    scale: Floats
    made_by: np.ndarray


def forecast_points(
    batch: Batch,
    groups: list[Group],
    horizon: int,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Points:
    """Forecast all series by what was learnt, chunk by chunk.

    Parameters
    ----------
    batch : Batch
    groups : list of Group
    horizon : int
    progress : callable, optional
        Called with series done and series in all.
    """
    values = np.full((len(batch), horizon), np.nan)
    scale = np.empty(len(batch))
    made_by = np.full(len(batch), "combination", dtype=object)
    done = 0
    for group in groups:
        for start in range(0, len(group.numbers), CHUNK):
            numbers = group.numbers[start : start + CHUNK]
            part = chunk_points(batch.take(numbers), group, horizon)
            values[numbers], scale[numbers], made_by[numbers] = (
                part.values,
                part.scale,
                part.made_by,
            )
            done += len(numbers)
            if progress:
                progress(done, len(batch))
    return Points(values, scale, made_by)


def chunk_points(batch: Batch, group: Group, horizon: int) -> Points:
    """Forecast the series of one chunk; who is declined by all members gets the naive forecast."""
    values = group.combination.points(batch, horizon)
    name = "combination" if group.name == "smooth" else group.name
    made_by = np.full(len(batch), name, dtype=object)
    missing = ~np.isfinite(values).all(axis=1)
    if missing.any():
        values[missing] = model("naive").points(batch.take(missing), horizon)
        made_by[missing] = "naive"
    # sums of quantities that were never negative are not forecast negative
    values = np.where((batch.minima() >= 0)[:, None], np.maximum(values, 0.0), values)
    return Points(values, group.scale.of(batch), made_by)
