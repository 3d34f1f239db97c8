"""Locks and bounds together: the nearest values that add up, are not negative and keep the locks.

Most is solved at once by `nonnegative.py`. Where locks leave it little room, a dual method starts
from the answer without locks, brings in one lock or violated bound after the other, and finds out
on the way when they cannot all hold.
"""

from __future__ import annotations

import numpy as np

from workbench.errors import InfeasibleError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.hierarchy.locks import Fixed, lock_columns
from workbench.forecasting.hierarchy.nonnegative import Blocks, Coupling, bounded
from workbench.forecasting.hierarchy.projection import Projection

DEPENDENT = 1e-10
"""Part of a condition's own variance, below which those that hold already decide it."""
CLOSE = 1e-11
"""What counts as kept, in parts of the largest value."""
REFINED = 3


def within_bounds(
    projection: Projection,
    bottom: Floats,
    held: Floats,
    fixed: Fixed,
    share: Floats,
    blocks: Blocks,
) -> Floats:
    """Nearest values of the series that are not negative and keep the locks.

    Parameters
    ----------
    projection : Projection
    bottom, held : numpy.ndarray, shape (draws, series, periods)
        Reconciled series without and with locks.
    fixed : Fixed
        Locks on these periods that do not contradict each other.
    share : numpy.ndarray, shape (periods,)
        Weights of the periods.
    blocks : Blocks
        V between series at their bound; grown here.

    Returns
    -------
    numpy.ndarray, shape (draws, series, periods)

    Raises
    ------
    InfeasibleError
        If no values that are not negative keep the locks; it names those that clash.
    """
    if not len(fixed):
        alone = np.arange(bottom.shape[0] * bottom.shape[2])
        values, _, _ = bounded(
            projection, _flat(bottom), start=_flat(held), groups=alone, blocks=blocks
        )
        return _unflat(values, bottom)
    together = np.repeat(np.arange(len(bottom)), bottom.shape[2])
    values, _, unsolved = bounded(
        projection,
        _flat(bottom),
        start=_flat(held),
        groups=together,
        blocks=blocks,
        coupling=_coupling(projection, bottom, fixed, share),
    )
    answer = _unflat(values, bottom).copy()
    for draw in unsolved:
        one = bottom[draw]
        _, pushes, _ = bounded(
            projection, one, start=one, groups=np.arange(one.shape[1]), blocks=blocks
        )
        answer[draw] = bounded_locks(
            projection, one, fixed, pushes=pushes, share=share, blocks=blocks
        )
    return answer


def bounded_locks(
    projection: Projection,
    bottom: Floats,
    fixed: Fixed,
    *,
    pushes: Floats,
    share: Floats,
    blocks: Blocks,
) -> Floats:
    """Nearest values of the series that are not negative and keep the locks.

    Parameters
    ----------
    projection : Projection
    bottom : numpy.ndarray, shape (series, periods)
        Reconciled series, no lock or bound held.
    fixed : Fixed
        Locks that do not contradict each other, over these periods.
    pushes : numpy.ndarray, shape (series, periods)
        Multipliers of the bounds where there are no locks and each period weighs one, from
        `bounded`.
    share : numpy.ndarray, shape (periods,)
        Weights of the periods, > 0.
    blocks : Blocks
        V between series at their bound.

    Returns
    -------
    numpy.ndarray, shape (series, periods)

    Raises
    ------
    InfeasibleError
        If no values that are not negative keep the locks; it names those that clash.

    Notes
    -----
    Goldfarb & Idnani (1983), whose inverse of the Hessian is the covariance here, K (x) V. With
    a_j the condition j (a cell, or the sum of a lock), values are x + (K (x) V) sum_j a_j l_j.
    Bounds leave when their multiplier l_j would turn negative; locks, once in, stay.
    """
    state = _Active(projection, fixed, share, bottom)
    state.take_over(pushes, blocks)
    close = CLOSE * max(float(np.abs(bottom).max()), float(np.abs(fixed.values).max()))
    while True:
        open_locks = np.setdiff1d(np.arange(len(fixed)), state.lock[state.lock >= 0])
        missing = (fixed.values - state.sums(state.values))[open_locks]
        worst = int(np.argmax(np.abs(missing))) if len(missing) else -1
        if worst >= 0 and abs(missing[worst]) > close:
            state.bring_in(int(open_locks[worst]), -1, -1, close)
            continue
        series, period = np.unravel_index(int(np.argmin(state.values)), bottom.shape)
        if state.values[series, period] >= -close:
            return state.refined()
        state.bring_in(-1, int(series), int(period), close)


def _flat(values: Floats) -> Floats:
    """(draws, series, periods) as (series, draws x periods)."""
    return values.transpose(1, 0, 2).reshape(values.shape[1], -1)


def _unflat(values: Floats, like: Floats) -> Floats:
    return values.reshape(like.shape[1], like.shape[0], like.shape[2]).transpose(1, 0, 2)


def _coupling(projection: Projection, bottom: Floats, fixed: Fixed, share: Floats) -> Coupling:
    holds = projection.hierarchy.summing[fixed.nodes]
    kept = np.asarray(holds @ _flat(bottom)).reshape(len(fixed), len(bottom), -1)
    return Coupling(
        columns=lock_columns(projection, fixed),
        between=projection.covariance(fixed.nodes),
        counts=np.tile(fixed.periods, len(bottom)),
        weights=np.tile(share, len(bottom)),
        missing=fixed.values - np.einsum("kdh,kh->dk", kept, fixed.periods),
    )


class _Active:
    """Conditions that hold, their multipliers, and the inverse of their matrix A' (K (x) V) A.

    A condition is a lock (`lock` >= 0) or else a series that is zero in a period.
    """

    def __init__(self, projection: Projection, fixed: Fixed, share: Floats, bottom: Floats) -> None:
        self._projection = projection
        self._fixed = fixed
        self._share = share
        self._bottom = bottom
        self._holds = projection.hierarchy.summing[fixed.nodes]
        self._columns = lock_columns(projection, fixed)
        self.values = bottom
        self.lock: Ints = np.zeros(0, dtype=np.int64)
        self._series: Ints = np.zeros(0, dtype=np.int64)
        self._period: Ints = np.zeros(0, dtype=np.int64)
        self._force = np.zeros(0)
        self._inverse = np.zeros((0, 0))

    def take_over(self, pushes: Floats, blocks: Blocks) -> None:
        """Begin with bounds that hold, period by period."""
        self._period, self._series = np.nonzero((pushes > 0).T)
        self.lock = np.full(len(self._series), -1)
        self._inverse = np.zeros((len(self.lock), len(self.lock)))
        for period in np.unique(self._period):
            rows = np.flatnonzero(self._period == period)
            block = blocks.between(self._series[rows]) * self._share[period]
            scale = 1.0 / np.sqrt(block.diagonal())
            inverse = np.linalg.inv(block * scale[:, None] * scale)
            self._inverse[np.ix_(rows, rows)] = inverse * scale[:, None] * scale
        self._force = pushes[self._series, self._period] / self._share[self._period]
        self.values = self._bottom + self._answers(self._force)

    def sums(self, values: Floats) -> Floats:
        """What all locked nodes sum to, shape (locks,)."""
        return np.asarray(np.sum((self._holds @ values) * self._fixed.periods, axis=1))

    def bring_in(self, lock: int, series: int, period: int, close: float) -> None:
        """Make a condition hold, letting go of bounds that would pull."""
        missing = self._missing(lock, series, period)
        sign = float(np.sign(missing)) or 1.0
        answer = sign * self._answer(lock, series, period)
        own = sign * self._one(answer, lock, series, period)
        force = 0.0
        while abs(missing) > close:
            crossed = self._at(answer)
            back = self._inverse @ crossed
            left = own - float(crossed @ back)
            ratio = np.full(len(back) + 1, np.inf)
            pulling = np.flatnonzero((self.lock < 0) & (back > 0))
            ratio[pulling] = self._force[pulling] / back[pulling]
            leaving = int(np.argmin(ratio))
            moves = left > DEPENDENT * own
            step = min(float(ratio[leaving]), abs(missing) / left if moves else np.inf)
            if not np.isfinite(step):
                raise self._clash(lock, back, own)
            self._force = self._force - step * back
            force += step
            if moves:
                self.values = self.values + step * (answer - self._answers(back))
            if step == ratio[leaving]:
                self._drop(leaving)
            else:
                self._border(sign * back, left, lock, series, period, sign * force)
                return
            missing = self._missing(lock, series, period)

    def refined(self) -> Floats:
        """Values with the conditions held to rounding."""
        target = np.where(self.lock < 0, 0.0, self._fixed.values[self.lock])
        for _ in range(REFINED):
            self._force = self._force + self._inverse @ (target - self._at(self.values))
            self.values = self._bottom + self._answers(self._force)
        bounds = self.lock < 0
        values = np.maximum(self.values, 0.0)
        values[self._series[bounds], self._period[bounds]] = 0.0
        return values

    def _missing(self, lock: int, series: int, period: int) -> float:
        target = self._fixed.values[lock] if lock >= 0 else 0.0
        return float(target - self._one(self.values, lock, series, period))

    def _one(self, values: Floats, lock: int, series: int, period: int) -> float:
        if lock < 0:
            return float(values[series, period])
        return float((self._holds[[lock]] @ values)[0] @ self._fixed.periods[lock])

    def _at(self, values: Floats) -> Floats:
        """What the conditions that hold are about, in `values`."""
        found = values[self._series, self._period]
        locked = self.lock >= 0
        if locked.any():
            found[locked] = self.sums(values)[self.lock[locked]]
        return found

    def _answer(self, lock: int, series: int, period: int) -> Floats:
        """How the series answer to a push of one condition, shape (series, periods)."""
        if lock >= 0:
            return np.outer(self._columns[:, lock], self._fixed.periods[lock] * self._share)
        units = np.zeros((len(self._projection.hierarchy), 1))
        units[self._projection.hierarchy.above + series] = 1.0
        answer = np.zeros_like(self._bottom)
        answer[:, period] = self._projection.spread(units)[:, 0] * self._share[period]
        return answer

    def _answers(self, force: Floats) -> Floats:
        """How the series answer to pushes of all conditions."""
        pushes = np.zeros((len(self._projection.hierarchy), len(self._share)))
        bounds = self.lock < 0
        rows = self._projection.hierarchy.above + self._series[bounds]
        pushes[rows, self._period[bounds]] = force[bounds]
        for place in np.flatnonzero(~bounds):
            number = self.lock[place]
            pushes[self._fixed.nodes[number]] += force[place] * self._fixed.periods[number]
        return self._projection.spread(pushes) * self._share

    def _border(
        self, back: Floats, left: float, lock: int, series: int, period: int, force: float
    ) -> None:
        size = len(back)
        inverse = np.empty((size + 1, size + 1))
        inverse[:size, :size] = self._inverse + np.outer(back, back) / left
        inverse[:size, size] = inverse[size, :size] = -back / left
        inverse[size, size] = 1.0 / left
        self._inverse = inverse
        self.lock = np.append(self.lock, lock)
        self._series = np.append(self._series, series)
        self._period = np.append(self._period, period)
        self._force = np.append(self._force, force)

    def _drop(self, place: int) -> None:
        rest = np.delete(np.arange(len(self.lock)), place)
        column = self._inverse[rest, place]
        cut = np.outer(column, column) / self._inverse[place, place]
        self._inverse = self._inverse[np.ix_(rest, rest)] - cut
        self.lock, self._force = self.lock[rest], self._force[rest]
        self._series, self._period = self._series[rest], self._period[rest]

    def _clash(self, lock: int, back: Floats, own: float) -> InfeasibleError:
        variance = 1.0 / np.maximum(self._inverse.diagonal(), np.finfo(float).tiny)
        felt = (np.abs(back) * np.sqrt(variance) > 1e-6 * np.sqrt(own)) & (self.lock >= 0)
        numbers = sorted({*self.lock[felt].tolist(), *([lock] if lock >= 0 else [])})
        several = (
            f"{len(numbers)} locks cannot all hold" if len(numbers) > 1 else "a lock cannot hold"
        )
        return InfeasibleError(
            f"{several} without negative values",
            where="; ".join(str(self._fixed.locks[number]) for number in numbers),
            do="change or release one of them, or allow negative values",
        )
