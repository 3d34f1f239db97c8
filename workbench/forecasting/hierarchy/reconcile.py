"""Reconciliation: forecasts of all nodes made to add up, with locks, for points and draws.

    done = reconcile(points, hierarchy, method="mint", residuals=residuals)
    done.table()

The covariance a method assumes: `weights.py`. Its projection: `projection.py`. Top-down shares:
`topdown.py`. Over time (month, quarter, year): `temporal.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.errors import ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.hierarchy.bounded import within_bounds
from workbench.forecasting.hierarchy.locks import Fixed, Lock, fix, hold, period_weights
from workbench.forecasting.hierarchy.nonnegative import Blocks
from workbench.forecasting.hierarchy.projection import (
    Projection,
    Summed,
    check_points,
    prepare,
)
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.hierarchy.topdown import forecast_shares, history_shares, share_out
from workbench.forecasting.hierarchy.weights import WEIGHTED, weights

METHODS = {
    "bottom_up": ("Bottom-up", "自下而上"),
    "top_down": ("Top-down by forecast shares", "自上而下（按预测占比）"),
    "top_down_history": ("Top-down by shares of history", "自上而下（按历史占比）"),
    **WEIGHTED,
}
"""Methods with their names in English and Chinese."""

LEAST_SHARE = 1e-6
"""How much a series without sales moves, in parts of the average, when a change is shared out."""

AT_ONCE = 4_000_000
"""Values of draws that are bounded together."""


@dataclass(frozen=True, eq=False)
class Reconciled:
    """Forecasts that add up.

    Attributes
    ----------
    points : numpy.ndarray, shape (nodes, horizon)
        In the order of the hierarchy's nodes, unit of the forecasts.
    hierarchy : Hierarchy
    method : str
    shrinkage : float or None
        Of correlations, for ``mint``.
    locks : tuple of Lock
        Those that are kept and no other implies.
    base : numpy.ndarray, shape (nodes, horizon)
        What was handed in.
    unlocked : numpy.ndarray, shape (nodes, horizon)
        Reconciled without locks and bounds.
    """

    points: Floats
    hierarchy: Hierarchy
    method: str
    shrinkage: float | None
    locks: tuple[Lock, ...] = ()
    base: Floats = field(repr=False, default_factory=lambda: np.zeros((0, 0)))
    unlocked: Floats = field(repr=False, default_factory=lambda: np.zeros((0, 0)))

    def table(self, periods: Sequence[object] | None = None) -> pd.DataFrame:
        """A row a node and period: `node`, `level`, `period`, `mean`, `base`, `before_locks`."""
        nodes = self.hierarchy.table()
        horizon = self.points.shape[1]
        labels = list(range(1, horizon + 1)) if periods is None else list(periods)
        return pd.DataFrame(
            {
                "node": np.repeat(nodes["node"].to_numpy(), horizon),
                "level": np.repeat(nodes["level"].to_numpy(), horizon),
                "period": np.tile(np.array(labels, dtype=object), len(nodes)),
                "mean": self.points.ravel(),
                "base": self.base.ravel(),
                "before_locks": self.unlocked.ravel(),
            }
        )

    def moved(self) -> pd.DataFrame:
        """What locks and bounds changed over the horizon: `node`, `before`, `after`, `change`."""
        before, after = self.unlocked.sum(axis=1), self.points.sum(axis=1)
        table = pd.DataFrame(
            {
                "node": self.hierarchy.nodes,
                "before": before,
                "after": after,
                "change": after - before,
            }
        )
        return table[np.abs(table["change"]) > 1e-9 * np.abs(before).max()].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class Reconciler:
    """A method made ready for one hierarchy; a changed forecast or lock then costs milliseconds.

    Made by `reconciler`. For draws and points of one forecast use the same.
    """

    hierarchy: Hierarchy
    method: str
    projection: Projection
    shares: Floats | None = None
    shrinkage: float | None = None
    proportional: bool = False

    def coherent(self, points: ArrayLike) -> Floats:
        """Values of all nodes, shape (..., nodes, horizon), made to add up; no lock or bound."""
        if self.method not in ("top_down", "top_down_history"):
            return self.projection.coherent(points)
        values = check_points(self.hierarchy, points)
        total = values[..., _total(self.hierarchy), :]
        shares = forecast_shares(self.hierarchy, values) if self.shares is None else self.shares
        return share_out(self.hierarchy, shares, total)

    def solve(
        self,
        points: ArrayLike,
        *,
        locks: Sequence[Lock] = (),
        nonnegative: bool = False,
    ) -> Reconciled:
        """Reconcile points.

        Parameters
        ----------
        points : array_like, shape (nodes, horizon)
        locks : sequence of Lock
        nonnegative : bool

        Raises
        ------
        InfeasibleError
            If the locks cannot all hold.
        """
        base = check_points(self.hierarchy, points)
        unlocked = self.coherent(base)
        fixed = fix(self.hierarchy, locks, base.shape[-1])
        share = period_weights(unlocked[self.hierarchy.above :])
        done = _hold(self._by(unlocked), unlocked, fixed, share, nonnegative)
        return Reconciled(
            done, self.hierarchy, self.method, self.shrinkage, fixed.locks, base, unlocked
        )

    def draws(
        self,
        draws: ArrayLike,
        *,
        mean: Reconciled,
        locks_hold: str = "each",
        nonnegative: bool = False,
    ) -> Floats:
        """Reconcile draws by the map that reconciled the mean.

        Parameters
        ----------
        draws : array_like, shape (draws, nodes, horizon)
            Of all nodes; they need not add up.
        mean : Reconciled
            What `solve` gave: its locks hold here too.
        locks_hold : {"each", "mean"}
            ``each``: every draw keeps the locks, so a locked node has no spread over the locked
            periods. ``mean``: draws are moved as the mean was and keep their spread, so that the
            lock holds on average over them.
        nonnegative : bool
            Whether each draw must not be negative.

        Returns
        -------
        numpy.ndarray, shape (draws, nodes, horizon)
            Each adds up.
        """
        if locks_hold not in ("each", "mean"):
            raise ParameterError(
                f"locks cannot hold for {locks_hold!r}", where="locks_hold", do="each or mean"
            )
        values = self._draws_coherent(check_points(self.hierarchy, draws), mean.base)
        share = period_weights(mean.unlocked[self.hierarchy.above :])
        fixed = fix(self.hierarchy, mean.locks, values.shape[-1])
        if locks_hold == "mean":
            values = values + (mean.points - mean.unlocked)
            fixed = fixed.take([])
        return _hold(self._by(mean.unlocked), values, fixed, share, nonnegative)

    def _draws_coherent(self, draws: Floats, base: Floats) -> Floats:
        if self.method == "top_down" and self.shares is None:  # shares are those of the mean
            total = draws[..., _total(self.hierarchy), :]
            return share_out(self.hierarchy, forecast_shares(self.hierarchy, base), total)
        return self.coherent(draws)

    def _by(self, unlocked: Floats) -> Projection:
        """What shares out the changes of locks and bounds."""
        if not self.proportional:
            return self.projection
        size = np.abs(unlocked[self.hierarchy.above :]).mean(axis=1)
        return Summed(self.hierarchy, _positive(size))


def reconciler(
    hierarchy: Hierarchy,
    method: str = "mint",
    *,
    residuals: ArrayLike | None = None,
    history: ArrayLike | None = None,
    spread: str = "weights",
) -> Reconciler:
    """Make a method ready for a hierarchy.

    Parameters
    ----------
    hierarchy : Hierarchy
    method : str
        One of `METHODS`. ``bottom_up`` sums the series. ``top_down`` shares the total out by the
        shares of forecasts, level by level (Athanasopoulos, Ahmed & Hyndman 2009, equation 8);
        ``top_down_history`` by shares of average history (Gross & Sohl 1990, method F). Others:
        `weights`.
    residuals : array_like, shape (nodes, periods), optional
        One-step errors of the base forecasts, for ``wls_variance`` and ``mint``.
    history : array_like, shape (series, periods), optional
        For ``top_down_history``.
    spread : {"weights", "proportional"}
        How a lock's change is shared: by the weights of the method (what is forecast worse moves
        more), or so that all series under it move by about the same percentage. Methods without
        weights (bottom-up, top-down) always share in proportion.

    Raises
    ------
    ParameterError
        If there is no such method, or it lacks residuals or history.
    """
    if method not in METHODS or spread not in ("weights", "proportional"):
        wrong = method if method not in METHODS else spread
        raise ParameterError(
            f"there is no method {wrong!r}",
            where="method" if method not in METHODS else "spread",
            do=f"choose from {', '.join(METHODS)}; spread is weights or proportional",
        )
    if method in WEIGHTED:
        chosen = weights(hierarchy, method, residuals)
        return Reconciler(
            hierarchy,
            method,
            prepare(hierarchy, chosen),
            shrinkage=chosen.shrinkage,
            proportional=spread == "proportional",
        )
    shares = None
    if method == "top_down_history":
        shares = history_shares(hierarchy, history)
    if method != "bottom_up":
        _total(hierarchy)
    plain = Summed(hierarchy, np.ones(len(hierarchy.series)))
    return Reconciler(hierarchy, method, plain, shares=shares, proportional=True)


def reconcile(
    points: ArrayLike,
    hierarchy: Hierarchy,
    *,
    method: str = "mint",
    residuals: ArrayLike | None = None,
    history: ArrayLike | None = None,
    locks: Sequence[Lock] = (),
    nonnegative: bool = False,
    spread: str = "weights",
) -> Reconciled:
    """Make forecasts of all nodes add up.

    Parameters are those of `reconciler` and of `Reconciler.solve`; to solve again with other
    points or locks, keep the former.

    Raises
    ------
    ParameterError
        If there is no such method or node, or residuals are lacking.
    InputError
        If points do not fit the hierarchy.
    InfeasibleError
        If locks clash, with each other or with values that must not be negative.
    """
    ready = reconciler(hierarchy, method, residuals=residuals, history=history, spread=spread)
    return ready.solve(points, locks=locks, nonnegative=nonnegative)


def _hold(
    projection: Projection, coherent: Floats, fixed: Fixed, share: Floats, nonnegative: bool
) -> Floats:
    """Nearest values that keep locks, and are not negative if asked, for points or draws."""
    held = hold(projection, coherent, fixed, periods=share)
    if not nonnegative or held[..., projection.hierarchy.above :, :].min(initial=0.0) >= 0:
        return held
    return _bounded(projection, coherent, fixed, held=held, share=share)


def _bounded(
    projection: Projection, coherent: Floats, fixed: Fixed, *, held: Floats, share: Floats
) -> Floats:
    above = projection.hierarchy.above
    loose = coherent.reshape(-1, *coherent.shape[-2:])[:, above:]
    answer = held.reshape(-1, *held.shape[-2:])[:, above:].copy()
    blocks = Blocks(projection)
    rows = np.arange(loose.shape[1])
    for periods in _coupled(fixed):
        locks = fixed.within(periods)
        bad = np.flatnonzero((answer[:, :, periods] < 0).any(axis=(1, 2)))
        step = max(1, AT_ONCE // (len(rows) * len(periods)))
        for first in range(0, len(bad), step):
            place = np.ix_(bad[first : first + step], rows, periods)
            answer[place] = within_bounds(
                projection, loose[place], answer[place], locks, share[periods], blocks
            )
    return projection.hierarchy.aggregate(answer).reshape(coherent.shape)


def _coupled(fixed: Fixed) -> list[np.ndarray]:
    """Groups of periods that locks couple, and all periods without a lock as one."""
    from scipy.sparse.csgraph import connected_components

    count, group = connected_components(fixed.periods.T @ fixed.periods, directed=False)
    group[~fixed.periods.any(axis=0)] = count
    return [np.flatnonzero(group == number) for number in np.unique(group)]


def _total(hierarchy: Hierarchy) -> int:
    for level in hierarchy.levels:
        if len(level) == 1:
            return level.start
    raise ParameterError(
        "top-down needs a total, and the hierarchy has none",
        where="levels",
        do="add the level (), or take another method",
    )


def _positive(size: Floats) -> Floats:
    mean = float(size.mean())
    return np.maximum(size, LEAST_SHARE * mean) if mean > 0 else np.ones_like(size)
