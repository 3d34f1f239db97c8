"""How far counts run above or below what was expected, lately: a local level on the log ratio.

y_m = log of counts over expected = level_m + error, error variance 1 / expected (Poisson) plus
that of the month's own shock; level_m = level_{m-1} + step. The variances of shock and step are
averaged over a grid, each pair weighed by its likelihood: short records do not tell them well, and
the most likely pair alone often says that nothing will ever move.

References
----------
- Harvey (1989), "Forecasting, structural time series models and the Kalman filter", eq. 2.3.4
  (local level), 3.2.3-3.2.4 (filter), 3.4.5 (prediction error likelihood).
- Clayton and Kaldor (1987), "Empirical Bayes estimates of age-standardized relative risks",
  Biometrics 43, eq. 3-5 (`frailty`: gamma ratios, their spread by moments).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEP_SD = (0.0, 0.01, 0.02, 0.03, 0.045, 0.07, 0.1, 0.15)
SHOCK_SD = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45)
FIRST_SD = 0.3  # of the level before any month was seen


@dataclass(frozen=True)
class Level:
    """The level after the last month.

    Attributes
    ----------
    mean, sd : float
        Of the level, log units, given all months.
    step_sd, shock_sd : float
        How far it moves in a month; the month's own deviation from it.
    """

    mean: float
    sd: float
    step_sd: float
    shock_sd: float

    def around(self) -> Level:
        """The same with mean 0, for what has the mean in it already."""
        return replace(self, mean=0.0)

    def paths(self, rng: np.random.Generator, draws: int, horizon: int) -> Floats:
        """Factors on later months, shape (draws, horizon): level, its steps, and shocks.

        Their mean is exp(`mean`) in every month: uncertainty alone does not raise a forecast.
        """
        normal = rng.standard_normal((3, draws, horizon))
        steps = self.step_sd * np.cumsum(normal[1], axis=1)
        logs = self.sd * normal[0][:, :1] + steps + self.shock_sd * normal[2]
        ahead = np.arange(1, horizon + 1)
        spread = self.sd**2 + self.step_sd**2 * ahead + self.shock_sd**2
        return np.asarray(np.exp(self.mean + logs - spread / 2))


NO_LEVEL = Level(0.0, 0.0, 0.0, 0.0)
"""Of counts of which nothing is known."""


def local_level(counts: Floats, expected: Floats) -> Level:
    """Estimate the level from counts and what was expected, by month, oldest first.

    Months with nothing expected are left out; with fewer than six months left, the level is
    that of all of them, and shocks are not told apart from chance.
    """
    used = expected > 0
    ratio = np.log((counts[used] + 0.5) / (expected[used] + 0.5))
    noise = 1 / (expected[used] + 0.5)
    grid = list(itertools.product(STEP_SD, SHOCK_SD)) if used.sum() >= 6 else [(0.0, 0.0)]
    found = np.array([_filter(ratio, noise, *pair) for pair in grid])
    weight = np.exp(found[:, 0] - found[:, 0].max())
    weight /= weight.sum()
    mean = weight @ found[:, 1]
    variance = weight @ (found[:, 2] + (found[:, 1] - mean) ** 2)
    moves = np.sqrt(weight @ np.square(grid))
    return Level(float(mean), float(np.sqrt(variance)), float(moves[0]), float(moves[1]))


def _filter(ratio: Floats, noise: Floats, step: float, shock: float) -> tuple[float, float, float]:
    """Log likelihood, last level and its variance."""
    level, variance, likelihood = 0.0, FIRST_SD**2, 0.0
    for value, own in zip(ratio, noise, strict=True):
        variance += step**2
        total = variance + own + shock**2
        wrong = value - level
        likelihood -= 0.5 * (np.log(total) + wrong**2 / total)
        level += variance / total * wrong
        variance *= 1 - variance / total
    return likelihood, level, variance


def frailty(counts: Floats, expected: Floats) -> Floats:
    """Shrunk log ratio of counts to what was expected, by group.

    Counts are Poisson with mean expected x ratio, ratios gamma with mean 1; the spread of ratios
    comes from the excess of the squared deviations over Poisson's own, the estimate of a ratio
    is (count + k) / (expected + k) with k = 1 / variance.
    """
    excess = float(np.sum((counts - expected) ** 2 - expected))
    spread = excess / max(float(np.sum(expected**2)), 1e-12)
    if spread <= 1e-6:
        return np.zeros(len(counts))
    return np.asarray(np.log((counts + 1 / spread) / (expected + 1 / spread)))
