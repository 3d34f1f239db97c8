"""The best contract when effort cannot be seen: closed forms, and solvers that do not know them.

- Linear plan, normal sales, exponential utility (LEN): Holmstrom and Milgrom, "Aggregation and
  Linearity in the Provision of Intertemporal Incentives", Econometrica 55 (1987).
- Square-root schedule, gamma sales: Basu, Lal, Srinivasan and Staelin, "Salesforce Compensation
  Plans: An Agency Theoretic Perspective", Marketing Science 4 (1985).

They are anchors: simple worlds whose answer is known, against which richer ones are held. The
numeric solvers of this file know equations of the problem, not of the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InfeasibleError, ParameterError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class LinearContract:
    """Salary and rate of a linear plan, with what they lead to.

    Attributes
    ----------
    rate : float
        Pay per unit of sales.
    salary : float
        Pay at sales of 0.
    effort, sales, pay, profit : float
        Effort chosen, and expected values.
    """

    rate: float
    salary: float
    effort: float
    sales: float
    pay: float
    profit: float


@dataclass(frozen=True, kw_only=True)
class LinearWorld:
    """Sales h + k t + noise, cost of effort d t^g / g, constant absolute risk aversion.

    Attributes
    ----------
    margin : float
        m, gross margin per unit of sales.
    productivity : float
        k, sales per unit of effort.
    risk_aversion : float
        r, per unit of money.
    cost : float
        d, level of the cost of effort.
    sd : float
        s, standard deviation of sales given effort.
    base : float
        h, sales without effort.
    outside : float
        Certainty equivalent that the person could have elsewhere.
    exponent : float
        g > 1; 2 has the closed form.
    """

    margin: float
    productivity: float
    risk_aversion: float
    cost: float
    sd: float
    base: float = 0.0
    outside: float = 0.0
    exponent: float = 2.0

    def __post_init__(self) -> None:
        _positive(margin=self.margin, productivity=self.productivity, cost=self.cost)
        if self.risk_aversion < 0 or self.sd < 0 or self.exponent <= 1:
            raise ParameterError(
                "risk aversion and sd are not negative, and the exponent of cost is above 1",
                where=f"risk_aversion={self.risk_aversion}, sd={self.sd}, exponent={self.exponent}",
                do="give values within these bounds",
            )

    def contract(self, rate: float) -> LinearContract:
        """What a rate leads to, with the salary that just keeps the person."""
        effort = (max(rate, 0.0) * self.productivity / self.cost) ** (1 / (self.exponent - 1))
        sales = self.base + self.productivity * effort
        spent = self.cost * effort**self.exponent / self.exponent
        risk = self.risk_aversion * rate**2 * self.sd**2 / 2
        salary = self.outside + spent + risk - rate * sales
        pay = salary + rate * sales
        return LinearContract(rate, salary, effort, sales, pay, self.margin * sales - pay)


def best_linear(world: LinearWorld) -> LinearContract:
    """Best linear plan with quadratic cost: rate = m k^2 / (k^2 + r d s^2).

    Raises
    ------
    ParameterError
        If the cost of effort is not quadratic; `solve_linear` takes any exponent.
    """
    if world.exponent != 2:
        raise ParameterError(
            "the closed form holds for a quadratic cost of effort",
            where=f"exponent={world.exponent}",
            do="use solve_linear",
        )
    square = world.productivity**2
    noise = world.risk_aversion * world.cost * world.sd**2
    return world.contract(world.margin * square / (square + noise))


def solve_linear(world: LinearWorld) -> LinearContract:
    """Best linear plan by search for the root of the marginal profit of the rate.

    The person's answer to the rate enters by the theorem on implicit functions: its condition
    rate x k = d t^(g - 1) gives dt/drate = k / (d (g - 1) t^(g - 2)). A search for the top of
    profit itself would find the rate to half the digits only.
    """
    from scipy.optimize import brentq

    def marginal(rate: float) -> float:
        effort = world.contract(rate).effort
        answer = world.productivity / (
            world.cost * (world.exponent - 1) * effort ** (world.exponent - 2)
        )
        gained = (
            world.margin * world.productivity - world.cost * effort ** (world.exponent - 1)
        ) * (answer)
        return float(gained - world.risk_aversion * world.sd**2 * rate)

    # without noise the root is the margin itself: the bracket reaches a little beyond
    rate = brentq(marginal, world.margin * 1e-12, world.margin * 1.001, xtol=1e-300, rtol=8.9e-16)
    return world.contract(float(rate))


# -- square root ----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GammaWorld:
    """Sales gamma with mean h + k t and variance mean^2 / c; cost of effort d t^g.

    The person's utility of pay is s^delta / delta; delta = 1/2 gives 2 sqrt(s).

    Attributes
    ----------
    base, productivity : float
        h and k.
    shape : float
        c, the higher the surer are sales.
    cost, exponent : float
        d and g.
    outside : float
        U0, utility that the person could have elsewhere.
    margin : float
        m, gross margin per unit of sales.
    """

    base: float
    productivity: float
    shape: float
    cost: float
    exponent: float
    outside: float
    margin: float

    def __post_init__(self) -> None:
        _positive(
            productivity=self.productivity, shape=self.shape, cost=self.cost, margin=self.margin
        )
        if self.base < 0 or self.exponent <= 1:
            raise ParameterError(
                "sales without effort are not negative, and the exponent of cost is above 1",
                where=f"base={self.base}, exponent={self.exponent}",
                do="give values within these bounds",
            )

    def mean(self, effort: float) -> float:
        """Mean sales."""
        return self.base + self.productivity * effort

    def disutility(self, effort: float) -> tuple[float, float, float]:
        """V, V', V'' at an effort."""
        d, g = self.cost, self.exponent
        return (
            d * effort**g,
            d * g * effort ** (g - 1),
            d * g * (g - 1) * effort ** (g - 2),
        )


@dataclass(frozen=True)
class RootSchedule:
    """Pay (A + B x)^2 on sales x.

    Attributes
    ----------
    a, b : float
        A, and B per unit of sales.
    effort, sales, pay, profit : float
        Effort chosen, and expected values.
    """

    a: float
    b: float
    effort: float
    sales: float
    pay: float
    profit: float

    def __call__(self, sales: ArrayLike) -> Floats:
        """Pay at sales."""
        return np.asarray((self.a + self.b * np.asarray(sales, float)) ** 2)


def root_schedule(world: GammaWorld, *, effort: float | None = None) -> RootSchedule:
    """Best schedule with utility 2 sqrt(pay), at a wanted effort or at the best one.

    B = V' / (2 mu'), A = (U0 + V) / 2 - B mu, and expected pay is
    ((U0 + V) / 2)^2 + (V' / (2 mu'))^2 mu^2 / c (Basu and others 1985, delta = 1/2, gamma sales).

    Raises
    ------
    InfeasibleError
        If A is negative: low sales would then be paid more than middling ones.
    """
    chosen = _best_effort(world) if effort is None else effort
    mean = world.mean(chosen)
    spent, slope, _ = world.disutility(chosen)
    b = slope / (2 * world.productivity)
    a = (world.outside + spent) / 2 - b * mean
    if a < 0:
        raise InfeasibleError(
            "the square-root schedule would pay low sales more than middling ones",
            where=f"A={a:.6g} at effort {chosen:.6g}",
            do="the outside utility is too low for this form; raise it or the sales without effort",
        )
    pay = ((world.outside + spent) / 2) ** 2 + b**2 * mean**2 / world.shape
    return RootSchedule(a, b, chosen, mean, pay, world.margin * mean - pay)


def free_schedule(
    world: GammaWorld, *, effort: float, nodes: int = 60, delta: float = 0.5
) -> tuple[Floats, Floats, float]:
    """Cheapest schedule of any form that calls for an effort, on quadrature nodes.

    Pay at each node is free. Least expected pay subject to utility U0 + V and to marginal utility
    V' has the condition s^(1 - delta) = lambda + mu x score at each node; the two multipliers are
    found by Newton's method on the two constraints.

    Parameters
    ----------
    effort : float
    nodes : int
        Of the Gauss-Laguerre rule with weight x^(c - 1) exp(-x).
    delta : float
        Exponent of the person's utility s^delta / delta, in (0, 1).

    Returns
    -------
    sales, pay : numpy.ndarray, shape (nodes,)
    expected : float
        Expected pay.

    Raises
    ------
    InfeasibleError
        If no schedule with positive pay calls for the effort.
    """
    from scipy.special import roots_genlaguerre

    standard, weight = roots_genlaguerre(nodes, world.shape - 1)
    weight = weight / weight.sum()
    mean = world.mean(effort)
    sales = standard * mean / world.shape
    score = (sales - mean) * world.shape / mean**2 * world.productivity  # d log density / d effort
    spent, slope, _ = world.disutility(effort)
    wanted = np.array([world.outside + spent, slope])
    power = delta / (1 - delta)  # utility is (lambda + mu score)^power / delta
    basis = np.stack([np.ones(nodes), score])
    multiplier = np.array([(wanted[0] * delta) ** (1 / power), 0.0])
    for _ in range(200):
        inner = multiplier @ basis
        reached = basis @ (weight * inner**power) / delta
        slopes = (basis * (weight * power * inner ** (power - 1) / delta)) @ basis.T
        step = np.linalg.solve(slopes, wanted - reached)
        share = _kept_positive(inner, step @ basis)
        multiplier = multiplier + share * step
        if share == 1 and np.abs(step).max() <= 1e-15 * np.abs(multiplier).max():
            break
    inner = multiplier @ basis
    reached = basis @ (weight * inner**power) / delta
    if not np.allclose(reached, wanted, rtol=1e-10, atol=1e-12):
        raise InfeasibleError(
            "no schedule with positive pay calls for this effort",
            where=f"effort={effort}",
            do="ask for less effort, or raise the outside utility",
        )
    pay = inner ** (1 / (1 - delta))
    return sales, pay, float(weight @ pay)


def solve_free(world: GammaWorld, *, nodes: int = 60, delta: float = 0.5) -> tuple[float, float]:
    """Best effort and profit over schedules of any form; knows no closed form.

    Returns
    -------
    effort, profit : float
        The effort is that of a search for the top, exact to about half the digits of profit.
    """
    from scipy.optimize import minimize_scalar

    def loss(effort: float) -> float:
        _, _, pay = free_schedule(world, effort=effort, nodes=nodes, delta=delta)
        return pay - world.margin * world.mean(effort)

    high = _highest_effort(world)
    found = minimize_scalar(loss, bounds=(high * 1e-6, high), method="bounded",
                            options={"xatol": 1e-10 * high})  # fmt: skip
    return float(found.x), -float(found.fun)


def person_answers(
    world: GammaWorld, schedule: Callable[[ArrayLike], Floats], *, nodes: int = 60
) -> float:
    """Effort a person with utility 2 sqrt(pay) chooses under a schedule: root of its condition."""
    from scipy.optimize import brentq
    from scipy.special import roots_genlaguerre

    standard, weight = roots_genlaguerre(nodes, world.shape - 1)
    weight = weight / weight.sum()

    def marginal(effort: float) -> float:
        mean = world.mean(effort)
        sales = standard * mean / world.shape
        score = (sales - mean) * world.shape / mean**2 * world.productivity
        gain = weight @ (2 * np.sqrt(schedule(sales)) * score)
        return float(gain - world.disutility(effort)[1])

    high = 1.0
    while marginal(high) > 0:
        high *= 2
    return float(brentq(marginal, 1e-12, high, xtol=1e-300, rtol=8.9e-16))


def _best_effort(world: GammaWorld) -> float:
    """Root of the marginal profit m mu' - dE[s]/dt of the square-root schedule."""
    from scipy.optimize import brentq

    k, c = world.productivity, world.shape

    def marginal(effort: float) -> float:
        mean = world.mean(effort)
        spent, slope, bend = world.disutility(effort)
        level = (world.outside + spent) * slope / 2
        risk = (2 * slope * bend * mean**2 + 2 * slope**2 * mean * k) / (4 * k**2 * c)
        return world.margin * k - level - risk

    return float(brentq(marginal, 1e-12, _highest_effort(world), xtol=1e-300, rtol=8.9e-16))


def _highest_effort(world: GammaWorld) -> float:
    """An effort whose bare disutility already costs more than the margin brings."""
    high = 1.0
    while ((world.outside + world.disutility(high)[0]) / 2) * world.disutility(high)[1] < (
        world.margin * world.productivity
    ):
        high *= 2
    return high


def _kept_positive(inner: Floats, step: Floats) -> float:
    """Longest share of a step, at most 1, that keeps every value positive."""
    falling = step < 0
    if not falling.any():
        return 1.0
    return float(min(1.0, 0.9 * (-inner[falling] / step[falling]).min()))


def _positive(**values: float) -> None:
    for name, value in values.items():
        if not value > 0:
            raise ParameterError(f"{name} is positive", where=f"{name}={value}", do="give above 0")
