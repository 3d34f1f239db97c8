"""From a panel to forecasts: groups of series, their evidence, combination and error quantiles.

The data's way: panel -> groups (smooth, intermittent) -> evidence at earlier origins, from a sample
of the group if it is large -> members and weights, error quantiles -> points of all series, chunk
by chunk. What is learnt from the evidence is small, so chunks can be forecast anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ParameterError, RunError
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.combination import Combination, admit, combine
from workbench.forecasting.evidence import Evidence, at_origin, fewest_left, gather, joined
from workbench.forecasting.intervals import ErrorQuantiles, calibrate
from workbench.forecasting.models import model
from workbench.forecasting.paths import lead_ties
from workbench.forecasting.recent import SAMPLE as RECENT_SAMPLE
from workbench.forecasting.recent import brought_to_latest, near_origins
from workbench.forecasting.scale import ScaleModel, learn_scale

if TYPE_CHECKING:
    from workbench.executor import Executor

#: Members that are offered to a panel; the evidence says which are admitted.
SMOOTH = {
    "default": ("dynamic_theta", "ets", "damped", "ar", "ces"),
    "thorough": ("dynamic_theta", "ets", "damped", "ar", "ces", "boost"),
}
#: For demand with pauses, whatever the effort: smoothing models that see no pauses, admitted by
#: evidence, did worse afterwards.
INTERMITTENT = ("imapa", "tsb", "sba", "mean")
#: Share of zeros from which demand counts as intermittent: an average interval of 1.32 periods
#: between demands (Syntetos, Boylan & Croston 2005).
ZERO_SHARE = 1 - 1 / 1.32
#: Season of daily series, in days.
WEEK = 7
#: Most series that evidence is gathered from, rows it aims at, fewest and most origins:
#: what one origin shows may be the mood of one season.
SAMPLE = {"default": 500, "thorough": 1000}
ROWS = {"default": 600, "thorough": 2000}
ORIGINS = {"default": (2, 6), "thorough": (2, 6)}
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

    @cached_property
    def ties(self) -> Floats:
        """Correlation of errors between leads, shape (horizon, horizon), see `paths.lead_ties`."""
        return lead_ties(self.errors, self.quantiles)


def learn(
    batch: Batch, horizon: int, *, effort: str = "default", strata: Ints | None = None
) -> list[Group]:
    """Learn members, weights and error quantiles of each group of series.

    Parameters
    ----------
    batch : Batch
    horizon : int
    effort : {"default", "thorough"}
        Thorough offers more models and gathers more evidence.
    strata : numpy.ndarray of int64, shape (n,), optional
        Kinds of series whose errors may differ in size, such as levels of a hierarchy; evidence is
        gathered from each.

    Raises
    ------
    ParameterError
        If there is no such effort.
    """
    if effort not in SMOOTH:
        raise ParameterError(
            f"there is no effort {effort!r}", where="effort", do=f"choose from {', '.join(SMOOTH)}"
        )
    kinds = np.zeros(len(batch), dtype=np.int64) if strata is None else strata
    sparse = is_intermittent(batch)
    groups = []
    for name, mask, offered in (
        ("smooth", ~sparse, SMOOTH[effort]),
        ("intermittent", sparse, INTERMITTENT),
    ):
        numbers = np.flatnonzero(mask)
        if len(numbers):
            groups.append(_learn_group(name, batch, numbers, kinds, horizon, offered, effort))
    return groups


def _learn_group(
    name: str,
    batch: Batch,
    numbers: Ints,
    strata: Ints,
    horizon: int,
    offered: tuple[str, ...],
    effort: str,
) -> Group:
    parts, samples = [], []
    fewest, most = ORIGINS[effort]
    for kind in np.unique(strata[numbers]):
        mine = numbers[strata[numbers] == kind]
        sample = _sample(batch.take(mine), mine, SAMPLE[effort])
        origins = int(np.clip(np.ceil(ROWS[effort] / len(sample)), fewest, most))
        found = gather(batch.take(sample), horizon, offered, origins=origins)
        parts.append(replace(found, number=sample[found.number]))
        samples.append(sample)
    evidence = joined(parts)
    combination = admit(evidence, squared=name == "intermittent")
    rows = [(evidence, combination.weights), *_near(batch, samples, horizon, combination)]
    points = np.concatenate([combine(one.points, weights) for one, weights in rows])
    whole = joined([replace(one, points=one.points[:0], members=()) for one, _ in rows])
    away = whole.actual - points
    seen = np.isfinite(away).any(axis=1)
    away, points, naive, known = away[seen], points[seen], whole.scale[seen], whole.traits[seen]
    number = whole.number[seen]
    kinds, back = strata[number], batch.lengths[number] - whole.known[seen]
    # what so few leads show of a series' size of errors is left out
    far = back >= horizon if (back >= horizon).any() else np.ones(len(back), dtype=bool)
    told = (away[far], points[far], naive[far], known[far], kinds[far])
    scale = learn_scale(*told, strata=int(strata.max()) + 1)
    errors = brought_to_latest(away / scale.scale(points, naive, known, kinds), back)
    return Group(name, numbers, combination, scale, calibrate(errors), errors, evidence)


def _near(
    batch: Batch, samples: list[Ints], horizon: int, combination: Combination
) -> Iterator[tuple[Evidence, Floats]]:
    """What the combination would have said at origins near the end, and its weights.

    Learnt from these is how large errors are lately; members and weights are not.
    """
    used = np.flatnonzero(combination.weights > 0)
    members = tuple(combination.members[place] for place in used)
    chosen = np.concatenate([one[:: -(-len(one) // RECENT_SAMPLE)] for one in samples])
    some = batch.take(chosen)
    for back in near_origins(horizon):
        able = np.flatnonzero(some.lengths - back >= fewest_left(some))
        if len(able):
            found = at_origin(some, able, np.full(len(able), back), horizon, members)
            yield replace(found, number=chosen[found.number]), combination.weights[used]


def _sample(batch: Batch, numbers: Ints, most: int) -> Ints:
    """At most so many series, spread over what they look like, whatever their names and units."""
    if len(batch) <= most:
        return numbers
    scaled, _ = batch.scaled()
    looks = np.round(scaled.values[scaled.offsets[1:] - 1], 9)
    order = np.lexsort((looks, batch.lengths))
    return numbers[order[np.linspace(0, len(batch) - 1, most).astype(np.int64)]]


def is_intermittent(batch: Batch) -> np.ndarray:
    """Which series have so many zeros that they are demand with pauses.

    Weekdays of daily series on which nothing ever sells are no pauses but their season.
    """
    zeros, counted = batch.values == 0, np.ones(len(batch.values), dtype=bool)
    if batch.season == WEEK:
        counted = ~_closed_days(batch)
    start = batch.offsets[:-1]
    number = np.add.reduceat(counted.astype(np.float64), start)
    share = np.add.reduceat((zeros & counted).astype(np.float64), start) / np.maximum(number, 1.0)
    mask: np.ndarray = ((share >= ZERO_SHARE) | (number == 0)) & (batch.minima() >= 0)
    return mask


def _closed_days(batch: Batch) -> np.ndarray:
    """Days of the week that are zero in all of at least two weeks of a series."""
    series = np.repeat(np.arange(len(batch.lengths)), batch.lengths)
    place = np.arange(len(batch.values)) - batch.offsets[series]
    weekday = series * WEEK + place % WEEK
    sold = np.bincount(weekday, batch.values != 0, minlength=len(batch.lengths) * WEEK)
    closed: np.ndarray = (sold[weekday] == 0) & (batch.lengths[series] >= 2 * WEEK)
    return closed


@dataclass(frozen=True)
class Points:
    """Forecasts of all series.

    Attributes
    ----------
    values : numpy.ndarray, shape (n, horizon)
    scale : numpy.ndarray, shape (n, horizon)
        Usual size of their errors.
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
    strata: Ints | None = None,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Points:
    """Forecast all series by what was learnt, chunk by chunk.

    Parameters
    ----------
    batch : Batch
    groups : list of Group
    horizon : int
    strata : numpy.ndarray of int64, shape (n,), optional
        As for `learn`.
    progress : callable, optional
        Called with series done and series in all.
    executor : Executor, optional
        Workers that share the chunks; the numbers are the same.
    """
    kinds = np.zeros(len(batch), dtype=np.int64) if strata is None else strata
    chunks = [
        (place, group.numbers[start : start + CHUNK])
        for place, group in enumerate(groups)
        for start in range(0, len(group.numbers), CHUNK)
    ]
    learnt = [(group.name, group.combination, group.scale) for group in groups]
    made = Points(
        np.full((len(batch), horizon), np.nan),
        np.empty((len(batch), horizon)),
        np.full(len(batch), "combination", dtype=object),
    )
    done = 0
    for number, part in _parts(batch, kinds, chunks, (learnt, horizon), executor):
        numbers = chunks[number][1]
        made.values[numbers], made.scale[numbers] = part.values, part.scale
        made.made_by[numbers] = part.made_by
        done += len(numbers)
        if progress:
            progress(done, len(batch))
    return made


def interval(
    points: Floats, scale: Floats, groups: list[Group], level: float, *, minima: Floats
) -> tuple[Floats, Floats]:
    """Ends of an interval, each of shape (n, horizon).

    Parameters
    ----------
    points, scale : numpy.ndarray, shape (n, horizon)
    groups : list of Group
    level : float
        In percent.
    minima : numpy.ndarray, shape (n,)
        Of the histories: a quantity that was never negative does not become so.
    """
    half = np.empty_like(points)
    for group in groups:
        half[group.numbers] = scale[group.numbers] * group.quantiles.half_width(level / 100)
    low = points - half
    return np.where((minima >= 0)[:, None], np.maximum(low, 0.0), low), points + half


_Learnt = tuple[list[tuple[str, Combination, ScaleModel]], int]


def _parts(
    batch: Batch,
    strata: Ints,
    chunks: list[tuple[int, Ints]],
    learnt: _Learnt,
    executor: Executor | None,
) -> Iterator[tuple[int, Points]]:
    tasks = ((place, batch.take(numbers), strata[numbers]) for place, numbers in chunks)
    if executor is None or len(chunks) < 2:
        yield from enumerate(chunk_points(learnt, task) for task in tasks)
        return
    for done in executor.run(f"{__name__}:chunk_points", tasks, shared=learnt):
        if done.fault is not None:
            raise RunError(
                f"series could not be forecast by a worker: {done.fault.message}",
                where=f"chunk {done.place + 1} of {len(chunks)}",
                do="run it without the executor to see the error itself",
            )
        yield done.place, done.value


def chunk_points(learnt: _Learnt, task: tuple[int, Batch, Ints]) -> Points:
    """Forecast the series of one chunk; who is declined by all members gets the naive forecast."""
    (groups, horizon), (place, batch, strata) = learnt, task
    name, combination, scale = groups[place]
    values = combination.points(batch, horizon)
    made_by = np.full(len(batch), "combination" if name == "smooth" else name, dtype=object)
    missing = ~np.isfinite(values).all(axis=1)
    if missing.any():
        values[missing] = model("naive").points(batch.take(missing), horizon)
        made_by[missing] = "naive"
    # quantities that were never negative are not forecast negative
    values = np.where((batch.minima() >= 0)[:, None], np.maximum(values, 0.0), values)
    return Points(values, scale.of(batch, values, strata), made_by)
