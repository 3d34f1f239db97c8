"""Rolling-origin evidence: what each model would have said at earlier origins, and what came.

The forecasts of an origin are made from what was known there; nothing is refitted on what followed.
From these errors the combination is admitted and the intervals are calibrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models import models
from workbench.forecasting.scale import error_scale, traits

#: Fewest observations an origin leaves to fit on, and seasons where series have one.
FEWEST = 4
SEASONS_LEFT = 2


@dataclass(frozen=True)
class Evidence:
    """Forecasts of several models at earlier origins.

    Rows are series at an origin; a series may have several. NaN where a lead lies behind the last
    observation, or a model declined.

    Attributes
    ----------
    members : tuple of str
        Names of the models.
    number : numpy.ndarray of int64, shape (rows,)
        Series of each row.
    points : numpy.ndarray, shape (members, rows, horizon)
        Forecasts.
    actual : numpy.ndarray, shape (rows, horizon)
        What came.
    scale : numpy.ndarray, shape (rows,)
        Naive error of the series up to that origin, see `scale.error_scale`.
    traits : numpy.ndarray, shape (rows, traits)
        What else was known of its size of errors, see `scale.traits`.
    known : numpy.ndarray of int64, shape (rows,)
        Observations that were known.
    """

    members: tuple[str, ...]
    number: Ints
    points: Floats
    actual: Floats
    scale: Floats
    traits: Floats
    known: Ints

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.number)


def gather(
    batch: Batch, horizon: int, members: tuple[str, ...], *, origins: int = 1, spacing: int = 0
) -> Evidence:
    """Forecast every series from earlier origins.

    The latest origin lies `horizon` observations before the end, or as near before it as leaves
    enough to fit on; each further one `spacing` observations (half a horizon where 0) earlier.

    Parameters
    ----------
    batch : Batch
    horizon : int
    members : tuple of str
        Names of models.
    origins : int
        At most so many; short series have fewer or none.
    spacing : int
        Observations between origins.
    """
    step = spacing or max(1, horizon // 2)
    lengths, fewest = batch.lengths, fewest_left(batch)
    parts = []
    for origin in range(origins):
        cut = horizon + origin * step
        # the first origin takes short series as far back as they allow
        steps = np.minimum(cut, lengths - fewest) if origin == 0 else np.full(len(batch), cut)
        able = np.flatnonzero((steps >= 1) & (lengths - steps >= fewest))
        if len(able) == 0:
            break
        parts.append(at_origin(batch, able, steps[able], horizon, members))
    return joined(parts) if parts else _nothing(batch, horizon, members)


def fewest_left(batch: Batch) -> Ints:
    """Observations that an origin must leave of each series to fit on."""
    seasons = np.where(batch.lengths > 3 * batch.season, SEASONS_LEFT * batch.season, 0)
    fewest: Ints = np.maximum(FEWEST, seasons)
    return fewest


def joined(parts: Sequence[Evidence]) -> Evidence:
    """Evidence of several origins or samples, of the same members and horizon."""
    return Evidence(
        parts[0].members,
        np.concatenate([part.number for part in parts]),
        np.concatenate([part.points for part in parts], axis=1),
        np.concatenate([part.actual for part in parts]),
        np.concatenate([part.scale for part in parts]),
        np.concatenate([part.traits for part in parts]),
        np.concatenate([part.known for part in parts]),
    )


def at_origin(
    batch: Batch, able: Ints, steps: Ints, horizon: int, members: tuple[str, ...]
) -> Evidence:
    """Forecast some series from one origin each, `steps` observations before their ends.

    Parameters
    ----------
    batch : Batch
    able, steps : numpy.ndarray of int64, shape (rows,)
        Numbers of the series, each longer than its steps. Leads beyond the end are NaN.
    horizon : int
    members : tuple of str
    """
    chosen = batch.take(able)
    history = chosen.cut(steps)
    points = np.stack([model.points(history, horizon) for model in models(members)])
    known = history.lengths
    places = (chosen.offsets[:-1] + known)[:, None] + np.arange(horizon)
    seen = np.arange(horizon) < steps[:, None]
    actual = np.where(seen, chosen.values[np.where(seen, places, 0)], np.nan)
    return Evidence(members, able, points, actual, error_scale(history), traits(history), known)


def _nothing(batch: Batch, horizon: int, members: tuple[str, ...]) -> Evidence:
    none = np.empty(0, dtype=np.int64)
    points = np.empty((len(members), 0, horizon))
    known = traits(batch)[:0]
    return Evidence(members, none, points, np.empty((0, horizon)), np.empty(0), known, none)
