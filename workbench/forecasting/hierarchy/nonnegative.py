"""Reconciled values that are not negative: the nearest that add up, in the same distance.

Series are bounded, so sums are too. Without locks each period stands alone and is solved here;
where locks meet bounds, `bounded.py` goes on from this answer.
"""

from __future__ import annotations

import numpy as np

from workbench.errors import InfeasibleError
from workbench.forecasting.batch import Floats
from workbench.forecasting.hierarchy.projection import Projection

ROUNDING = 1e-12
"""What counts as zero, in parts of the largest value of a period."""
PATIENCE, MOST_TURNS = 3, 10_000
CHUNK = 256


def bounded(projection: Projection, bottom: Floats, *, blocks: Blocks) -> tuple[Floats, Floats]:
    """Nearest values of the series that are not negative.

    Parameters
    ----------
    projection : Projection
    bottom : numpy.ndarray, shape (series, columns)
        Reconciled series, a column for each period (and draw).
    blocks : Blocks
        V between series at their bound; grown here.

    Returns
    -------
    values : numpy.ndarray, shape (series, columns)
        >= 0, exactly 0 where a bound holds.
    pushes : numpy.ndarray, shape (series, columns)
        Multipliers of the bounds, >= 0: ``values = bottom + V pushes``.

    Notes
    -----
    Least (b - x)' V^-1 (b - x) over b >= 0 (Wickramasuriya, Turlach & Hyndman 2020, equation 6)
    has b = x + V z with z >= 0 and z b = 0. Solved by block principal pivoting (Júdice & Pires
    1994; Kim & Park 2011): all series on the wrong side change sides at once; when that has not
    lowered their number for three turns, the last of them alone does, which ends surely.
    """
    values, pushes = bottom.copy(), np.zeros_like(bottom)
    zero = bottom < 0
    open_columns = np.flatnonzero(zero.any(axis=0))
    tolerance = ROUNDING * np.abs(bottom).max(axis=0, initial=0.0)
    fewest = np.full(bottom.shape[1], bottom.shape[0] + 1)
    patience = np.full(bottom.shape[1], PATIENCE)
    for _ in range(MOST_TURNS):
        if not len(open_columns):
            return np.where(zero, 0.0, np.maximum(values, 0.0)), pushes
        _solve(projection, blocks, bottom, zero, open_columns, values, pushes)
        still = []
        for column in open_columns:
            at_zero, size = zero[:, column], tolerance[column]
            wrong = np.where(
                at_zero,
                pushes[:, column] * blocks.scale < -size,
                values[:, column] < -size,
            )
            count = int(wrong.sum())
            if not count:
                continue
            still.append(column)
            if count < fewest[column]:
                fewest[column], patience[column] = count, PATIENCE
            elif patience[column]:
                patience[column] -= 1
            else:
                wrong[: np.flatnonzero(wrong)[-1]] = False
            at_zero ^= wrong
        open_columns = np.array(still, dtype=np.int64)
    raise InfeasibleError(
        "no answer without negative values was found",
        where="nonnegative=True",
        do="give forecasts that are not negative, or take wls_structural",
    )


class Blocks:
    """``V`` between series that have met their bound, grown as more do.

    Parameters
    ----------
    projection : Projection

    Attributes
    ----------
    scale : numpy.ndarray, shape (series,)
        Diagonal of V where known, else 1.
    """

    def __init__(self, projection: Projection) -> None:
        self._projection = projection
        self._place = np.full(len(projection.hierarchy.series), -1)
        self._known = np.zeros(0, dtype=np.int64)
        self._block = np.zeros((0, 0))
        self.scale = np.ones(len(self._place))

    @property
    def known(self) -> np.ndarray:
        """Whether a series is known, shape (series,)."""
        return self._place >= 0

    def between(self, series: np.ndarray) -> Floats:
        """``V[series][:, series]``."""
        new = series[self._place[series] < 0]
        if len(new):
            self.add(new)
        places = self._place[series]
        return self._block[np.ix_(places, places)]

    def add(self, series: np.ndarray) -> None:
        """Learn of series not known yet."""
        known = np.concatenate([self._known, series])
        rows = np.empty((len(known), len(series)))
        for first in range(0, len(series), CHUNK):
            some = series[first : first + CHUNK]
            units = np.zeros((len(self._projection.hierarchy), len(some)))
            units[self._projection.hierarchy.above + some, np.arange(len(some))] = 1.0
            rows[:, first : first + CHUNK] = self._projection.spread(units)[known]
        old = len(self._known)
        block = np.empty((len(known), len(known)))
        block[:old, :old], block[:, old:] = self._block, rows
        block[old:, :old] = rows[:old].T
        self._block, self._known = block, known
        self._place[series] = np.arange(old, len(known))
        self.scale[series] = block.diagonal()[old:]


def _solve(
    projection: Projection,
    blocks: Blocks,
    bottom: Floats,
    zero: np.ndarray,
    columns: np.ndarray,
    values: Floats,
    pushes: Floats,
) -> None:
    """Values and pushes of some columns with the series marked held at zero."""
    new = np.flatnonzero(zero[:, columns].any(axis=1) & ~blocks.known)
    if len(new):
        blocks.add(new)
    for column in columns:
        held = np.flatnonzero(zero[:, column])
        block = blocks.between(held)
        scale = 1.0 / np.sqrt(block.diagonal())
        inside = np.linalg.solve(block * scale[:, None] * scale, -bottom[held, column] * scale)
        pushes[:, column] = 0.0
        pushes[held, column] = inside * scale
    units = np.zeros((len(projection.hierarchy), len(columns)))
    units[projection.hierarchy.above :] = pushes[:, columns]
    values[:, columns] = bottom[:, columns] + projection.spread(units)
