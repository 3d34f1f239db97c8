"""How sure is a mean over time? Errors of one month and the next hang together, here reckoned with.

A forecast made h months ahead shares its surprises with those of the h - 1 months before, and all
nodes share the surprises of a month. So observations are summed by period first, and the sums are
taken as a series that is correlated over time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Fewest periods from which an interval is given; and periods for each month that forecasts overlap
LEAST_PERIODS, PERIODS_PER_OVERLAP = 8, 4


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or ratio over time.

    Attributes
    ----------
    value : float
    error : float
        Its standard error; NaN where there are too few periods.
    freedom : int
        Degrees of freedom of the t distribution that holds for value / error.
    periods : int
        Periods it stands on.
    """

    value: float
    error: float
    freedom: int
    periods: int

    @property
    def known(self) -> bool:
        """Whether there were enough periods for an interval."""
        return bool(np.isfinite(self.error))

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """Return the two ends of the interval that holds so often; NaN where unknown."""
        if not self.known:
            return np.nan, np.nan
        from scipy.special import stdtrit

        half = self.error * float(stdtrit(self.freedom, (1 + share) / 2))
        return self.value - half, self.value + half

    def p_value(self) -> float:
        """Return the two-sided probability of such a value if the truth were zero."""
        if not self.known:
            return np.nan
        if self.error == 0:
            return 1.0 if self.value == 0 else 0.0
        from scipy.special import stdtr

        return float(2 * stdtr(self.freedom, -abs(self.value / self.error)))


def enough(periods: int, overlap: int, *, least: int = LEAST_PERIODS) -> bool:
    """Whether so many periods allow an interval where forecasts overlap by so many."""
    return periods >= max(least, PERIODS_PER_OVERLAP * overlap)


def ratio_over_time(
    above: ArrayLike, below: ArrayLike, *, overlap: int = 1, least: int = LEAST_PERIODS
) -> Estimate:
    """Estimate a ratio of sums over time, and how sure it is.

    Parameters
    ----------
    above, below : array_like, shape (periods,)
        Sums of one period each, in the order of time; `below` is not negative.
    overlap : int
        Periods ahead of the forecasts: errors less than so many periods apart share surprises.
    least : int
        Fewest periods from which a standard error is given; never less than four an overlap.

    Returns
    -------
    Estimate
        NaN where `below` sums to zero.

    Notes
    -----
    With theta = sum(above) / sum(below), the ratio varies as the mean of
    u_t = (above_t - theta below_t) / mean(below). The variance of that mean is estimated by the
    equal-weighted cosine estimator with B terms, and value / error has t_B,

        L_j = sqrt(2 / T) sum_t cos(pi j (t - 1/2) / T) u_t,   omega = sum_j L_j^2 / B,
        error = sqrt(omega / T),

    after Lazarus, Lewis, Stock and Watson (2018), "HAR Inference: Recommendations for Practice",
    Journal of Business and Economic Statistics 36(4), eq. 9 and 10, with B = T / (2 overlap), so
    that only frequencies below a quarter of 1 / overlap are used, where the spectrum of
    overlapping errors is nearly flat. The tests hold what it covers. Summing over nodes within a
    period first allows any dependence between nodes: Driscoll and Kraay (1998), "Consistent
    Covariance Matrix Estimation with Spatially Dependent Panel Data", Review of Economics and
    Statistics 80(4).
    """
    top, foot = np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    periods, total = len(top), float(foot.sum())
    if not periods or total <= 0:
        return Estimate(np.nan, np.nan, 0, periods)
    value = float(top.sum()) / total
    if not enough(periods, overlap, least=least):
        return Estimate(value, np.nan, 0, periods)
    spread = (top - value * foot) * (periods / total)
    terms = min(max(2, round(periods / (2 * overlap))), periods - 1)
    weights = _cosines(terms, periods) @ spread
    return Estimate(value, float(np.sqrt((weights @ weights) / terms / periods)), terms, periods)


def mean_over_time(values: ArrayLike, *, overlap: int = 1, least: int = LEAST_PERIODS) -> Estimate:
    """Estimate a mean over time, as `ratio_over_time` with one below each value."""
    given = np.asarray(values, dtype=float)
    return ratio_over_time(given, np.ones(len(given)), overlap=overlap, least=least)


def discoveries(p_values: ArrayLike, *, rate: float = 0.05) -> NDArray[np.bool_]:
    """Say which of many tests hold when no more than this share of the finds may be false.

    Parameters
    ----------
    p_values : array_like
        NaN is never found, and does not count as a test.
    rate : float
        Share of false finds allowed.

    Notes
    -----
    Benjamini and Hochberg (1995), "Controlling the False Discovery Rate", Journal of the Royal
    Statistical Society B 57(1): the k smallest are found, k the largest with p_(k) <= k rate / m.
    """
    given = np.asarray(p_values, dtype=float)
    tested = np.flatnonzero(np.isfinite(given))
    order = tested[np.argsort(given[tested], kind="stable")]
    holds = given[order] <= rate * np.arange(1, len(order) + 1) / max(len(order), 1)
    found = np.zeros(len(given), dtype=bool)
    if holds.any():
        found[order[: int(np.flatnonzero(holds)[-1]) + 1]] = True
    return found


def _cosines(terms: int, periods: int) -> Floats:
    """Weights of the cosine series, shape (terms, periods)."""
    number, time = np.arange(1, terms + 1)[:, None], np.arange(periods) + 0.5
    return np.asarray(np.sqrt(2 / periods) * np.cos(np.pi * number * time / periods))
