"""Partial pooling: effects of single series drawn towards those of their group and panel.

Series with much evidence keep their own effect, series with little take that of the panel. The
spread between series is learnt from the panel (empirical Bayes).

Model, for each series i with whitened values y_i and columns X_i of unit variance:
y_i = X_i b_i + e_i, b_i ~ N(m_group, diag(s^2)),
m_group ~ N(m, diag(r^2)), m ~ N(0, diag(prior^2)).
Only G_i = X_i'X_i and g_i = X_i'y_i are needed.

Sources
-------
Lindley and Smith, "Bayes estimates for the linear model" (1972), sec. 3. Variances: MacKay,
"Bayesian interpolation" (1992), eq. 4.11-4.13, with the fixed point of the EM of Laird and Ware,
"Random-effects models for longitudinal data" (1982).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.batch import Floats

#: Spread between series before data: its variance as a share of the sampling variance of a typical
#: series, so that no unit matters, and what it counts in series.
SPREAD_BEFORE, SPREAD_WEIGHT = 0.25, 2.0
_ROUNDS = 30


@dataclass(frozen=True)
class Pooled:
    """Effects of all series.

    Attributes
    ----------
    effects, errors : numpy.ndarray, shape (n, k)
        Posterior mean and standard deviation of each series' effects.
    centres : numpy.ndarray, shape (groups, k)
        Effects of the groups.
    spreads : numpy.ndarray, shape (groups, k)
        Standard deviation between the series of a group.
    evidence : float
        Log of the odds of these columns against none, all effects integrated out.
    """

    effects: Floats
    errors: Floats
    centres: Floats
    spreads: Floats
    evidence: float


def pool(grams: Floats, products: Floats, prior: Floats, groups: NDArray[np.int64]) -> Pooled:
    """Estimate the effects of all series together.

    Parameters
    ----------
    grams : numpy.ndarray, shape (n, k, k)
        X'X of each series, in units of its error variance; may be singular or zero.
    products : numpy.ndarray, shape (n, k)
        X'y, same unit.
    prior : numpy.ndarray, shape (k,)
        Standard deviations of effects before data.
    groups : numpy.ndarray of int, shape (n,)
        Group of each series, 0, 1, ...
    """
    n, k = products.shape
    count = int(groups.max()) + 1 if n else 0
    first = [_Level.of(grams[groups == g], products[groups == g], prior) for g in range(count)]
    if count > 1:
        # The groups in turn are members of the panel; what it says of each becomes its prior.
        inner = np.array([level.weight for level in first])
        moved = np.array([level.vector for level in first])
        top = _Level.of(inner, moved, prior)
        centres, errors = top.posterior(top.centre(prior))
        evidence = sum(level.own for level in first) + top.own + top.centre_evidence(prior)
    else:
        centres = np.array([level.centre(prior) for level in first]).reshape(count, k)
        errors = np.array([level.centre_error(prior) for level in first]).reshape(count, k)
        evidence = sum(level.own + level.centre_evidence(prior) for level in first)
    effects, deviations = np.empty((n, k)), np.empty((n, k))
    for g, level in enumerate(first):
        rows = groups == g
        effects[rows], own = level.posterior(centres[g])
        deviations[rows] = np.hypot(own, level.pull * errors[g])
    spreads = np.sqrt([level.spread for level in first]).reshape(count, k)
    return Pooled(effects, deviations, centres, spreads, float(evidence))


@dataclass(frozen=True)
class _Level:
    """Members of one group, the spread between them settled.

    `weight` and `vector` are what the members together say of their common centre: precision
    and precision times mean. `own` is the log evidence of the members at a centre of zero.
    """

    grams: Floats
    products: Floats
    spread: Floats
    inverse: Floats  # (G + S^-1)^-1 of each member
    weight: Floats
    vector: Floats
    own: float

    @classmethod
    def of(cls, grams: Floats, products: Floats, prior: Floats) -> _Level:
        """Settle the spread, the centre moving with it, by MacKay's fixed point.

        What each member tells of the spread is one less its pull; the fixed point is that of EM.
        """
        told = np.einsum("nii->i", grams) / max(len(grams), 1)
        before = np.minimum(SPREAD_BEFORE / np.maximum(told, 1e-12), prior**2)
        spread = _settled(
            np.ascontiguousarray(grams), np.ascontiguousarray(products), prior, before
        )
        return cls.at(grams, products, spread)

    @classmethod
    def at(cls, grams: Floats, products: Floats, spread: Floats) -> _Level:
        inverse = np.asarray(np.linalg.inv(grams + np.diag(1.0 / spread)), dtype=np.float64)
        # (G^-1 + S)^-1 = G - G (G + S^-1)^-1 G holds for singular G as well.
        through = grams @ inverse
        weight = (grams - through @ grams).sum(axis=0)
        vector = (products - np.einsum("nij,nj->ni", through, products)).sum(axis=0)
        logs = np.linalg.slogdet(inverse)[1] - np.log(spread).sum()
        won = np.einsum("ni,nij,nj->n", products, inverse, products)
        return cls(
            grams, products, spread, inverse, weight, vector, float(0.5 * (won + logs).sum())
        )

    def centre(self, prior: Floats) -> Floats:
        solved = np.linalg.solve(self.weight + np.diag(prior**-2.0), self.vector)
        return np.asarray(solved, dtype=np.float64)

    def centre_error(self, prior: Floats) -> Floats:
        found: Floats = np.sqrt(np.diag(np.linalg.inv(self.weight + np.diag(prior**-2.0))))
        return found

    def centre_evidence(self, prior: Floats) -> float:
        """Log evidence won by letting the centre be other than zero."""
        precision = self.weight + np.diag(prior**-2.0)
        logs = np.linalg.slogdet(precision)[1] + 2.0 * np.log(prior).sum()
        return float(0.5 * (self.vector @ np.linalg.solve(precision, self.vector) - logs))

    def posterior(self, centre: Floats) -> tuple[Floats, Floats]:
        """Means and standard deviations of the members' effects around a known centre."""
        pulled = self.products + centre / self.spread
        means = np.einsum("nij,nj->ni", self.inverse, pulled)
        return means, np.sqrt(np.einsum("nii->ni", self.inverse))

    @property
    def pull(self) -> Floats:
        """How far each member follows its centre, 0 to 1, by column."""
        share: Floats = np.einsum("nii->ni", self.inverse) / self.spread
        return share


@njit(cache=True)
def _settled(grams: Floats, products: Floats, prior: Floats, before: Floats) -> Floats:
    """The spread after `_ROUNDS` rounds of the fixed point, as `_Level.of` says."""
    count, k = products.shape
    spread = before.copy()
    for _ in range(_ROUNDS):
        weight, vector = np.zeros((k, k)), np.zeros(k)
        inverse = np.empty((count, k, k))
        for n in range(count):
            member = grams[n] + np.diag(1.0 / spread)
            inverse[n] = np.linalg.inv(member)
            through = grams[n] @ inverse[n]
            weight += grams[n] - through @ grams[n]
            vector += products[n] - through @ products[n]
        centre = np.linalg.solve(weight + np.diag(1.0 / prior**2), vector)
        moves, told = SPREAD_WEIGHT * before, np.full(k, float(count))
        for n in range(count):
            mean = inverse[n] @ (products[n] + centre / spread)
            moves = moves + (mean - centre) ** 2
            told -= np.diag(inverse[n]) / spread
        told = np.maximum(told, 0.0)
        spread = np.maximum(moves / (told + SPREAD_WEIGHT), 1e-6 * before)
    return spread
