"""How far counts run above or below what was expected, lately: a local level on the log ratio.

y_m = log of counts over expected = level_m + error, error variance 1 / expected (Poisson) plus
that of the month's own shock; level_m = level_{m-1} + drift + step. The variances of shock and
step, and the drift where there may be one, are averaged over a grid, each point weighed by its
likelihood: short records do not tell them well, and the most likely point alone often says that
nothing will ever move. Ahead the drift wears off.

References
----------
- Harvey (1989), "Forecasting, structural time series models and the Kalman filter", eq. 2.3.4
  (local level), 3.2.3-3.2.4 (filter), 3.4.5 (prediction error likelihood).
- Cook and Weisberg (1982), "Residuals and influence in regression", sec. 2.2.
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
DRIFTS = np.linspace(-0.02, 0.02, 9)
DRIFT_SD = 0.003  # before any month was seen: 4 percent a year
WEARS = 0.95  # of the drift that is left after a month ahead
FIRST_SD = 0.3  # of the level before any month was seen
LEAST_MONTHS = 6  # from which shocks are told from chance
MOST_OWN = 0.75  # own share above which a month says nothing of shocks


@dataclass(frozen=True)
class Level:
    """The level after the last month.

    Attributes
    ----------
    mean, sd : float
        Of the level, log units, given all months.
    step_sd, shock_sd : float
        How far it moves in a month; the month's own deviation from it.
    drift, drift_sd : float
        What it rises by in a month, and how sure that is.
    """

    mean: float
    sd: float
    step_sd: float
    shock_sd: float
    drift: float = 0.0
    drift_sd: float = 0.0

    def around(self) -> Level:
        """The same with mean and drift 0, for what has them in it already."""
        return replace(self, mean=0.0, drift=0.0)

    def ahead(self, horizon: int) -> Floats:
        """Expected level of the months ahead, shape (horizon,)."""
        return self.mean + self.drift * _worn(horizon)

    def paths(self, rng: np.random.Generator, draws: int, horizon: int) -> Floats:
        """Factors on later months, shape (draws, horizon): level, its drift and steps, and shocks.

        Their mean is exp(`ahead`) in every month: uncertainty alone does not raise a forecast.
        """
        normal = rng.standard_normal((3, draws, horizon))
        steps = self.step_sd * np.cumsum(normal[1], axis=1)
        logs = self.sd * normal[0][:, :1] + steps + self.shock_sd * normal[2]
        ahead, worn = np.arange(1, horizon + 1), _worn(horizon)
        spread = self.sd**2 + self.step_sd**2 * ahead + self.shock_sd**2
        if self.drift_sd > 0:
            logs += self.drift_sd * rng.standard_normal((draws, 1)) * worn
            spread = spread + (self.drift_sd * worn) ** 2
        return np.asarray(np.exp(self.ahead(horizon) + logs - spread / 2))


NO_LEVEL = Level(0.0, 0.0, 0.0, 0.0)
"""Of counts of which nothing is known."""


def local_level(
    counts: Floats, expected: Floats, *, own: Floats | None = None, drifts: bool = False
) -> Level:
    """Estimate the level from counts and what was expected, by month, oldest first.

    Parameters
    ----------
    counts, expected : numpy.ndarray, shape (n,)
        Months with nothing expected are left out; with fewer than six months left, the level is
        that of all of them, and shocks are not told apart from chance.
    own : numpy.ndarray, shape (n,), optional
        Share of each month's own count in what was expected of it, where it was fitted with it (an
        effect of its place in the year, seen two or three times, bends towards it). The shock of
        months to come is that of months left out: a residual over one less this share, as of a
        regression (Cook and Weisberg 1982, eq. 2.2.8).
    drifts : bool
        Whether the level may rise or fall steadily.
    """
    used = expected > 0
    ratio = np.log((counts[used] + 0.5) / (expected[used] + 0.5))
    noise = 1 / (expected[used] + 0.5)
    found = _averaged(ratio, noise, drifts=drifts)
    if own is None:
        return found
    apart = own[used] <= MOST_OWN
    if apart.sum() < LEAST_MONTHS:
        return found
    left_out = _averaged(ratio[apart] / (1 - own[used][apart]), noise[apart], drifts=drifts)
    return replace(found, shock_sd=max(found.shock_sd, left_out.shock_sd))


def _averaged(ratio: Floats, noise: Floats, *, drifts: bool) -> Level:
    """The level by all points of the grid, weighed by their likelihood."""
    enough = len(ratio) >= LEAST_MONTHS
    moving = DRIFTS if drifts and enough else (0.0,)
    points = itertools.product(STEP_SD, SHOCK_SD, moving) if enough else [(0.0, 0.0, 0.0)]
    grid = np.array(list(points))
    likelihood, means, variances = _filter(ratio, noise, *grid.T)
    likelihood = likelihood - 0.5 * (grid[:, 2] / DRIFT_SD) ** 2
    weight = np.exp(likelihood - likelihood.max())
    weight /= weight.sum()
    mean = weight @ means
    variance = weight @ (variances + (means - mean) ** 2)
    step, shock, _ = np.sqrt(weight @ np.square(grid))
    drift = weight @ grid[:, 2]
    unsure = np.sqrt(weight @ (grid[:, 2] - drift) ** 2)
    found = (mean, np.sqrt(variance), step, shock, drift, unsure)
    return Level(*(float(value) for value in found))


def _filter(
    ratio: Floats, noise: Floats, step: Floats, shock: Floats, drift: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log likelihood, last level and its variance for each point of the grid."""
    level, variance = np.zeros(len(step)), np.full(len(step), FIRST_SD**2)
    likelihood = np.zeros(len(step))
    for value, own in zip(ratio, noise, strict=True):
        level = level + drift
        variance = variance + step**2
        total = variance + own + shock**2
        wrong = value - level
        likelihood -= 0.5 * (np.log(total) + wrong**2 / total)
        level = level + variance / total * wrong
        variance = variance * (1 - variance / total)
    return likelihood, level, variance


def _worn(horizon: int) -> Floats:
    """Months of drift that are left up to each month ahead."""
    return np.cumsum(WEARS ** np.arange(1, horizon + 1))


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
