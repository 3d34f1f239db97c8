"""Effort against pay: how much more is done for how much more money.

A person whose effort e earns a piece rate p, and who also cares for the work itself by s, chooses
e where the marginal cost of effort equals s + p. Two shapes of the cost of effort are in use:

- power:        marginal cost k e^gamma,       e = ((s + p) / k)^(1 / gamma)
- exponential:  marginal cost k exp(gamma e),  e = ln((s + p) / k) / gamma

Model and estimators follow DellaVigna and Pope, "What Motivates Effort? Evidence and Expert
Forecasts", Review of Economic Studies 85 (2018), model and Table 5. The two
estimators here need no start values: with three rates the distance has its one zero in gamma,
otherwise s alone is searched, since given s the rest is a weighted regression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, NotIdentifiedError, ParameterError

Floats = NDArray[np.float64]
Shape = Literal["power", "exponential"]


@dataclass(frozen=True)
class EffortCost:
    """Cost of effort and pride in the work, with what they say about effort.

    Attributes
    ----------
    shape : {"power", "exponential"}
    gamma : float
        Curvature of the marginal cost: its elasticity (power), or its log change per unit of
        effort (exponential).
    k : float
        Level of the marginal cost. It may be very small: see `log_k`.
    s : float
        Pay that the work is worth by itself, in units of the piece rate.
    log_k : float
        Natural logarithm of k.
    """

    shape: Shape
    gamma: float
    k: float
    s: float
    log_k: float

    def effort(self, pay: ArrayLike) -> Floats:
        """Effort at a piece rate.

        Parameters
        ----------
        pay : array_like
            Piece rates in the unit of the estimate, or what else drives as much as such a rate.

        Returns
        -------
        numpy.ndarray
            Effort, in the unit of the estimate; 0 where nothing drives it.
        """
        drive = np.asarray(pay, float) + self.s
        with np.errstate(divide="ignore", invalid="ignore"):
            worth = (np.log(drive) - self.log_k) / self.gamma
            found = np.exp(worth) if self.shape == "power" else np.maximum(worth, 0.0)
        return np.where(drive > 0, found, 0.0)

    def motivation(self, effort: ArrayLike) -> Floats:
        """Piece rate that would call for an effort: the marginal cost there less s.

        It prices what is not money: arms with praise, ranking or a gift are worth so much a unit.
        """
        done = np.asarray(effort, float)
        with np.errstate(divide="ignore"):
            scale = np.log(done) if self.shape == "power" else done
        return np.exp(self.log_k + self.gamma * scale) - self.s

    def cost(self, effort: ArrayLike) -> Floats:
        """Cost of effort from 0, in units of piece rate x effort."""
        done = np.asarray(effort, float)
        if self.shape == "power":
            with np.errstate(divide="ignore"):
                log_cost = self.log_k + (1 + self.gamma) * np.log(done)
            return np.exp(log_cost) / (1 + self.gamma)
        return np.exp(self.log_k) * np.expm1(self.gamma * done) / self.gamma

    def elasticity(self, pay: ArrayLike) -> Floats:
        """Relative change of effort per relative change of the piece rate."""
        rate = np.asarray(pay, float)
        share = rate / (rate + self.s)
        if self.shape == "power":
            return share / self.gamma
        return share / (self.gamma * self.effort(rate))


@dataclass(frozen=True)
class EffortFit:
    """A cost of effort estimated from people, and how well it describes them.

    Attributes
    ----------
    cost : EffortCost
    rss : float
        Sum of squared residuals over people: of effort (exponential) or log effort (power).
    people : float
    errors : dict of str to float
        Standard errors of gamma, log_k and log_s.
    """

    cost: EffortCost
    rss: float
    people: float
    errors: dict[str, float]


def minimum_distance(
    pay: ArrayLike, effort: ArrayLike, *, shape: Shape, weights: ArrayLike | None = None
) -> EffortCost:
    """Cost of effort that comes nearest to the mean efforts of several piece rates.

    Three rates are met exactly (Table 5, columns 1 and 4 of the paper); with more, the weighted
    sum of squared distances of mean effort is made least.

    Parameters
    ----------
    pay : array_like, shape (arms,)
        Piece rates; three or more that differ.
    effort : array_like, shape (arms,)
        Mean effort at each.
    shape : {"power", "exponential"}
    weights : array_like, shape (arms,), optional
        Inverse variances of the means; all alike by default. Three arms need none.

    Raises
    ------
    InputError
        If sizes differ or a number cannot be used.
    NotIdentifiedError
        If effort does not rise with pay, less and less, as the model says.
    """
    rates, means, weight = _arms(pay, effort, weights, shape)
    if len(rates) == 3:
        return _through_three(rates, _scaled(means, shape), shape)
    start = _nearest(rates, _scaled(means, shape), weight, shape)
    return start if shape == "exponential" else _nearest_in_levels(rates, means, weight, start)


def least_squares(
    pay: ArrayLike, effort: ArrayLike, *, shape: Shape, counts: ArrayLike | None = None
) -> EffortFit:
    """Cost of effort by nonlinear least squares over people (Table 5, columns 2 and 5).

    Effort (exponential) or log effort (power) of each person scatters around the model's.

    Parameters
    ----------
    pay, effort : array_like, shape (n,)
        Piece rate and effort of people. Effort may be 0 with the exponential shape only; the
        paper rounds effort to hundreds and takes 25 for those under 50.
    shape : {"power", "exponential"}
    counts : array_like, shape (n,), optional
        How many people a row stands for; 1 by default.

    Raises
    ------
    InputError
        If sizes differ or a number cannot be used.
    NotIdentifiedError
        If effort does not rise with pay, less and less, as the model says.
    """
    rate, done, count = _checked(pay, effort, counts, shape)
    scaled = _scaled(done, shape)
    rates, place = np.unique(rate, return_inverse=True)
    if len(rates) < 3:
        raise _too_few(len(rates))
    people = np.asarray(np.bincount(place, weights=count), float)
    means = np.asarray(np.bincount(place, weights=count * scaled) / people, float)
    if len(rates) == 3:  # three parameters go through three means
        cost = _through_three(rates, means, shape)
    else:
        cost = _nearest(rates, means, people, shape)
    predicted = _predicted(cost, rates)
    rss = float(count @ (scaled - predicted[place]) ** 2)
    return EffortFit(cost, rss, float(count.sum()), _errors(cost, rates, people, rss))


def held_out(
    cost: EffortCost, pay: ArrayLike, effort: ArrayLike, *, se: ArrayLike | None = None
) -> dict[str, Floats]:
    """Compare predicted and actual effort of arms that did not enter the estimate.

    Returns
    -------
    dict of str to array
        predicted, actual, error (predicted less actual) and, with standard errors of the means,
        z: error in standard errors.
    """
    predicted, actual = cost.effort(pay), np.asarray(effort, float)
    found = {"predicted": predicted, "actual": actual, "error": predicted - actual}
    if se is not None:
        found["z"] = found["error"] / np.asarray(se, float)
    return found


# -- estimation -----------------------------------------------------------------------------------


def _through_three(rates: Floats, scaled: Floats, shape: Shape) -> EffortCost:
    """Parameters that meet three (scaled) efforts exactly; see `_scaled`.

    With E = exp(gamma x): (E2 - E0) / (E1 - E0) = (p2 - p0) / (p1 - p0), which has one root.
    """
    from scipy.optimize import brentq

    near, far = scaled[1] - scaled[0], scaled[2] - scaled[0]
    ratio = (rates[2] - rates[0]) / (rates[1] - rates[0])
    if not (0 < near < far and far / near < ratio):
        raise _not_concave(rates)

    def gap(gamma: float) -> float:
        # divided by exp(gamma far), so that no large number arises
        return float(-np.expm1(-gamma * far) - ratio * np.exp(gamma * (near - far)) * lift(gamma))

    def lift(gamma: float) -> float:
        return float(-np.expm1(-gamma * near))

    high = 1.0 / far
    while gap(high) < 0:
        high *= 2
    low = high / 2
    while gap(low) > 0:
        low /= 2
    gamma = float(brentq(gap, low, high, xtol=1e-300, rtol=8.9e-16))
    # k exp(gamma x1) (1 - exp(-gamma near)) = p1 - p0
    log_k = float(np.log(rates[1] - rates[0]) - np.log(lift(gamma)) - gamma * scaled[1])
    s = float(np.exp(log_k + gamma * scaled[0]) - rates[0])
    return _made(shape, gamma, log_k, s)


def _nearest(rates: Floats, scaled: Floats, weight: Floats, shape: Shape) -> EffortCost:
    """Least weighted squares of scaled effort; given s it is a regression on ln(s + p)."""
    from scipy.optimize import minimize_scalar

    def line(log_s: float) -> tuple[float, float, float]:
        drive = np.log(np.exp(log_s) + rates)
        mean_x, mean_y = np.average(drive, weights=weight), np.average(scaled, weights=weight)
        slope = (weight * (drive - mean_x)) @ scaled / (weight @ (drive - mean_x) ** 2)
        rest = scaled - mean_y - slope * (drive - mean_x)
        return float(slope), float(mean_y - slope * mean_x), float(weight @ rest**2)

    top = np.log(rates[-1])
    grid = np.linspace(top - 40, top + 10, 201)
    losses = np.array([line(each)[2] for each in grid])
    best = int(losses.argmin())
    if best in (0, len(grid) - 1):
        raise _not_concave(rates)
    inside = (grid[best - 1], grid[best + 1])
    log_s = float(minimize_scalar(lambda x: line(x)[2], bounds=inside, options={"xatol": 1e-12}).x)
    slope, level, _ = line(log_s)
    if slope <= 0:
        raise _not_concave(rates)
    return _made(shape, 1 / slope, -level / slope, float(np.exp(log_s)))


def _nearest_in_levels(
    rates: Floats, means: Floats, weight: Floats, start: EffortCost
) -> EffortCost:
    """Power shape: distances of effort itself, from the fit to its logarithm."""
    from scipy.optimize import least_squares as solve

    root = np.sqrt(weight)

    def rest(theta: Floats) -> Floats:
        level = (np.log(np.exp(theta[2]) + rates) - np.log(np.exp(theta[2]) + rates[-1])) / np.exp(
            theta[0]
        )
        return np.asarray(root * (np.exp(theta[1] + level) - means) / means.max())

    # logs of gamma, of effort at the highest rate, and of s: of one size and hardly correlated
    highest = float(np.log(start.effort(rates[-1])))
    first = np.array([np.log(start.gamma), highest, np.log(start.s)])
    found = solve(rest, first, x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15)
    if not found.success:
        raise _not_concave(rates)
    gamma, s = float(np.exp(found.x[0])), float(np.exp(found.x[2]))
    log_k = float(np.log(s + rates[-1]) - gamma * found.x[1])
    return _made("power", gamma, log_k, s)


def _errors(cost: EffortCost, rates: Floats, people: Floats, rss: float) -> dict[str, float]:
    """Standard errors from the Jacobian of scaled effort in gamma, log k and log s."""
    drive = np.log(cost.s + rates)
    jacobian = np.column_stack(
        [
            -(drive - cost.log_k) / cost.gamma**2,
            -np.full(len(rates), 1 / cost.gamma),
            cost.s / (cost.s + rates) / cost.gamma,
        ]
    )
    # the columns differ by many powers of ten: brought to one size before the inverse
    size = np.linalg.norm(jacobian, axis=0)
    normal = (jacobian / size).T @ (people[:, None] * jacobian / size)
    freedom = people.sum() - 3
    spread = np.sqrt(np.diag(np.linalg.inv(normal)) * rss / freedom) / size
    return dict(zip(("gamma", "log_k", "log_s"), map(float, spread), strict=True))


def _predicted(cost: EffortCost, rates: Floats) -> Floats:
    return np.asarray((np.log(cost.s + rates) - cost.log_k) / cost.gamma)


def _scaled(effort: Floats, shape: Shape) -> Floats:
    """Effort on the scale on which ln(s + p) acts linearly."""
    return np.log(effort) if shape == "power" else effort


def _made(shape: Shape, gamma: float, log_k: float, s: float) -> EffortCost:
    return EffortCost(shape, gamma, float(np.exp(log_k)), s, log_k)


# -- checks ---------------------------------------------------------------------------------------


def _checked(
    pay: ArrayLike, effort: ArrayLike, weights: ArrayLike | None, shape: Shape
) -> tuple[Floats, Floats, Floats]:
    rate, done = np.atleast_1d(np.asarray(pay, float)), np.atleast_1d(np.asarray(effort, float))
    weight = np.ones(len(rate)) if weights is None else np.asarray(weights, float)
    if shape not in ("power", "exponential"):
        raise ParameterError(
            f"a cost of effort has no shape {shape!r}", do='choose "power" or "exponential"'
        )
    if not rate.shape == done.shape == weight.shape:
        raise InputError(
            "pay, effort and their weights differ in length",
            where=f"{rate.shape}, {done.shape}, {weight.shape}",
            do="give one effort for each rate",
        )
    least = 0.0 if shape == "exponential" else np.nextafter(0, 1)
    good = np.isfinite(rate) & np.isfinite(done) & (rate >= 0) & (done >= least) & (weight > 0)
    if not good.all():
        place = int(np.flatnonzero(~good)[0])
        raise InputError(
            f"{int((~good).sum())} rows cannot be used",
            where=f"first at {place}: pay {rate[place]}, effort {done[place]}",
            do="pay is not negative, effort positive (or 0 with the exponential shape)",
        )
    return rate, done, weight


def _arms(
    pay: ArrayLike, effort: ArrayLike, weights: ArrayLike | None, shape: Shape
) -> tuple[Floats, Floats, Floats]:
    rate, done, weight = _checked(pay, effort, weights, shape)
    if len(np.unique(rate)) < len(rate) or len(rate) < 3:
        raise _too_few(len(np.unique(rate)))
    order = np.argsort(rate)
    return rate[order], done[order], weight[order]


def _too_few(found: int) -> NotIdentifiedError:
    return NotIdentifiedError(
        "gamma, k and s need mean efforts at three piece rates that differ",
        where=f"rates that differ: {found}",
        do="add arms, or join those with the same rate",
    )


def _not_concave(rates: Floats) -> NotIdentifiedError:
    return NotIdentifiedError(
        "effort does not rise with pay, less and less, so that the cost of effort has no estimate",
        where=f"piece rates {rates.tolist()}",
        do="look at mean effort by rate; a rise in a straight line or a fall has no such cost",
    )
