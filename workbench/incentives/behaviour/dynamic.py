"""What a person does under a plan: effort month by month, and timing at the end of each window.

A person of productivity theta sells w_t theta e_t and noise in month t, where w_t is the month's
share of the window's quota and e_t the effort; attainment a adds up over the window, at whose end
`pay(attainment)` is paid and counting starts anew. Effort is chosen knowing a; at the end deals
can be held back into the next window or pulled in from it, and more be sold by a concession.

Effort solves max V(a + mu + noise) + s r mu - C(mu) with marginal cost
C'(mu) = r (1 + s) (mu / (w theta))^gamma: the power cost of `effort.py`, measured so that effort
is 1 where a unit of attainment pays the reference rate r and pride in the work adds s r.

Holding back or pulling in inside a window only costs, so that the stock of moved deals need not be
carried from month to month: what is moved stands at the start of the next window. After the last
window one more follows, so that moved deals, and a quota that follows attainment (ratchet), have
their price. Backward and forward steps use the same weights: the expected value of the forward
distribution is the value that the backward pass promised.

The structure follows Misra and Nair, "A Structural Model of Sales-force Compensation Dynamics",
Quantitative Marketing and Economics 9 (2011), and Oyer, "Fiscal Year Ends and Nonlinear Incentive
Contracts", Quarterly Journal of Economics 113 (1998), for timing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, ParameterError
from workbench.incentives.behaviour import dynamic_kernels as kernels
from workbench.incentives.behaviour.person import Behaviour

__all__ = ["MONTHS", "Behaviour", "Pay", "Response", "compile_all", "respond"]

Floats = NDArray[np.float64]
Pay = Callable[[Floats], Floats]
MONTHS = np.full(12, 1 / 12)
RATCHETS = 7  # quotas of the following window for which it is solved


@dataclass(frozen=True)
class Response:
    """What types of people do; types along the first axis, windows along the second.

    Attributes
    ----------
    productivity : array, shape (types,)
        Attainment of a window at effort 1.
    attainment : array, shape (cells,)
        Lower ends of cells of attainment.
    booked, matured : array, shape (types, windows, cells)
        Chances of attainment as paid, and as it would be without moves or concessions.
    effort : array, shape (types, windows, months)
        Expected effort.
    policy : array, shape (types, windows, months, cells)
        Effort chosen at each attainment (centres of cells shifted by half a cell down: nodes).
    pay, sales, held, pulled, conceded, cost, value : array, shape (types, windows)
        Expected pay (currency), booked attainment, deals moved and conceded (shares of quota),
        cost of effort and trouble (currency), and utility of the window (currency at target).
    gave_up : array, shape (types, windows)
        Chance that in the last third of the window effort lies below that of pride and half the
        reference rate, with the target not reached.
    promised : array, shape (types,)
        Utility from the first window on, as the backward pass found it.
    given_away : array, shape (types, windows)
        Price conceded, share of quota.
    chosen, moved : array, shape (types, windows, points)
        What is booked and moved from each point of matured attainment, by who moves dates.
    later : array, shape (types,)
        Expected value of the window after the last, not yet weighted by patience.
    """

    productivity: Floats
    attainment: Floats
    booked: Floats
    matured: Floats
    effort: Floats
    policy: Floats
    pay: Floats
    sales: Floats
    held: Floats
    pulled: Floats
    conceded: Floats
    cost: Floats
    value: Floats
    gave_up: Floats
    promised: Floats
    given_away: Floats
    chosen: Floats
    moved: Floats
    later: Floats

    def share(self, low: float, high: float, *, of: str = "booked") -> Floats:
        """Chance that attainment lies in [low, high), mean of windows; shape (types,)."""
        inside = (self.attainment >= low - 1e-9) & (self.attainment < high - 1e-9)
        return np.asarray(getattr(self, of)[:, :, inside].sum(axis=2).mean(axis=1))

    def quantile(self, uniforms: ArrayLike) -> Floats:
        """Attainment of a window by inverse distribution, the same for the same uniforms.

        Parameters
        ----------
        uniforms : array_like, shape (draws, types) or (draws, types, windows)

        Returns
        -------
        numpy.ndarray, shape as `uniforms`
        """
        drawn = np.asarray(uniforms, float)
        flat = drawn[..., None] if drawn.ndim == 2 else drawn
        out = np.empty(flat.shape)
        for number in range(flat.shape[1]):
            for window in range(flat.shape[2]):
                total = np.cumsum(self.booked[number, window])
                place = np.searchsorted(total, flat[:, number, window] * total[-1], side="left")
                out[:, number, window] = self.attainment[np.minimum(place, len(total) - 1)]
        return out.reshape(drawn.shape)


def respond(
    pay: Pay,
    *,
    productivity: ArrayLike,
    behaviour: Behaviour,
    months: ArrayLike = MONTHS,
    windows: int = 1,
    step: float = 0.005,
    noise: ArrayLike | None = None,
) -> Response:
    """What people do under a plan, exactly for the model and alike in every run.

    Parameters
    ----------
    pay : callable
        Pay of a window at attainment, array in, array out; currency. A plan that pays by quarter
        has four windows of three months, one that adds up over the year one of twelve.
    productivity : array_like, shape (types,)
        Attainment of a window at effort 1; a quota that is too high for somebody means a low one.
    behaviour : Behaviour
    months : array_like, shape (months,)
        Share of each month in the window; scaled to sum 1.
    windows : int
        How many windows follow each other.
    step : float
        Width of the cells of attainment; 1 / step is a whole number, so that 100% is a node.
        Results converge as it falls; 0.005 is within a few thousandths.
    noise : array_like, shape (types,), optional
        Instead of `behaviour.noise`.

    Raises
    ------
    InputError
        If pay is not finite, or shapes do not fit.
    ParameterError
        If step or windows are out of bounds.
    """
    theta = np.atleast_1d(np.asarray(productivity, float))
    spread = np.broadcast_to(
        np.asarray(behaviour.noise if noise is None else noise, float), theta.shape
    )
    weights = _weights(months)
    _check(theta, spread, windows, step)
    grid = _grid(theta, spread, behaviour, step)
    solved = _Solved.of(pay, grid, theta, spread, weights, behaviour, step, windows)
    moving = solved.forward()
    if behaviour.movers in (0.0, 1.0) or not (
        behaviour.hold or behaviour.pull or behaviour.concede
    ):
        return moving
    still = respond(
        pay,
        productivity=theta,
        behaviour=dataclasses.replace(behaviour, movers=0.0),
        months=weights,
        windows=windows,
        step=step,
        noise=spread,
    )
    return _mixed(moving, still, behaviour.movers)


def compile_all() -> None:
    """Compile the kernels on a small example, so that first use is quick."""
    respond(lambda a: a, productivity=[1.0], behaviour=Behaviour(reference_rate=1.0), step=0.05)


@dataclass(frozen=True)
class _Solved:
    """Values and choices of all windows, found backward."""

    grid: Floats
    theta: Floats
    spread: Floats
    weights: Floats
    behaviour: Behaviour
    step: float
    policies: list[Floats]  # by window: (types, months, nodes), expected sales of the month
    ends: list[tuple[Floats, ...]]  # by window: value, booked, moved, conceded at sub-points
    promised: Floats
    pay: Pay

    @classmethod
    def of(
        cls,
        pay: Pay,
        grid: Floats,
        theta: Floats,
        spread: Floats,
        weights: Floats,
        behaviour: Behaviour,
        step: float,
        windows: int,
    ) -> _Solved:
        points = kernels.sub_points(grid, step)
        worth = _utility(pay, behaviour)
        following, quotas = _following(worth, points, grid, theta, spread, weights, behaviour, step)
        policies: list[Floats] = []
        ends: list[tuple[Floats, ...]] = []
        for window in reversed(range(windows)):
            last = window == windows - 1
            limits = np.array([behaviour.hold, behaviour.pull, behaviour.concede])
            end = kernels.window_end(
                points,
                grid,
                worth(points),
                worth(grid),
                worth,
                following,
                quotas,
                limits=limits * (behaviour.movers > 0),
                costs=_costs(behaviour),
                lost=behaviour.lost,
                patience=behaviour.patience,
                ratchet=behaviour.ratchet if last else 0.0,
            )
            terminal = end[0].reshape(len(theta), len(grid), -1).mean(axis=2)
            start, policy = _backward(terminal, theta, spread, weights, behaviour, step)
            policies.insert(0, policy)
            ends.insert(0, end)
            following, quotas = start[:, None, :], np.ones(1)
        promised = following[:, 0, int(np.argmin(np.abs(grid)))]
        return cls(
            grid, theta, spread, weights, behaviour, step, policies, ends, promised, pay
        )  # fmt: skip

    def forward(self) -> Response:
        """Distribution of attainment and expected values, window after window."""
        types, nodes = len(self.theta), len(self.grid)
        points = kernels.sub_points(self.grid, self.step)
        mass = np.zeros((types, nodes))
        mass[:, int(np.argmin(np.abs(self.grid)))] = 1.0
        parts: dict[str, list[Floats]] = {name: [] for name in (*_BY_WINDOW, "chosen", "moved")}
        low = self.behaviour.effort(self.behaviour.reference_rate / 2)
        for policy, (_, booked, moved, conceded) in zip(self.policies, self.ends, strict=True):
            effort, cost, gave_up, mass = kernels.forward(
                mass, policy, self.grid, self.theta, self.spread, self.weights, self.step,
                self.behaviour.reference_rate, self.behaviour.pride, self.behaviour.gamma,
                float(low),
            )  # fmt: skip
            spread_out = np.repeat(mass, kernels.PARTS, axis=1) / kernels.PARTS
            paid = np.asarray(self.pay(booked.ravel()), float).reshape(booked.shape)
            trouble = _trouble(moved, conceded, self.behaviour)
            happy = _utility(self.pay, self.behaviour)(booked.ravel()).reshape(booked.shape)
            expected = {
                "pay": paid,
                "sales": booked,
                "held": np.maximum(moved, 0.0),
                "pulled": np.maximum(-moved, 0.0),
                "conceded": conceded,
            }
            found = {name: (spread_out * each).sum(axis=1) for name, each in expected.items()}
            toil = (spread_out * trouble).sum(axis=1)
            found["cost"] = cost + toil
            found["value"] = (spread_out * happy).sum(axis=1) - cost - toil
            found["given_away"] = self.behaviour.discount * (found["pulled"] + found["conceded"])
            found["gave_up"] = gave_up
            found["effort"] = effort
            found["policy"] = kernels.as_effort(policy, self.theta, self.weights)
            found["booked"] = kernels.histogram(spread_out, booked, self.grid, self.step)
            raw = np.broadcast_to(points, booked.shape)
            found["matured"] = kernels.histogram(spread_out, raw, self.grid, self.step)
            for name, each in found.items():
                parts[name].append(each)
            carried = np.where(moved > 0, moved * (1 - self.behaviour.lost), moved)
            parts["chosen"].append(booked)
            parts["moved"].append(moved)
            mass = kernels.placed(spread_out, carried, self.grid, self.step)
        now = happy - trouble  # what is left of the last window's value is that of the next
        left = (spread_out * (self.ends[-1][0] - now)).sum(axis=1)
        patience = self.behaviour.patience
        stacked = {name: np.stack(each, axis=1) for name, each in parts.items()}
        return Response(
            productivity=self.theta,
            attainment=self.grid,
            promised=self.promised,
            later=left / patience if patience > 0 else np.zeros(types),
            **stacked,
        )


_BY_WINDOW = (
    "booked", "matured", "effort", "policy", "pay", "sales", "held", "pulled", "conceded", "cost",
    "value", "gave_up", "given_away",
)  # fmt: skip


def _backward(
    terminal: Floats,
    theta: Floats,
    spread: Floats,
    weights: Floats,
    behaviour: Behaviour,
    step: float,
) -> tuple[Floats, Floats]:
    return kernels.backward(
        terminal, theta, spread, weights, step, behaviour.reference_rate, behaviour.pride,
        behaviour.gamma, behaviour.most,
    )  # fmt: skip


def _following(
    worth: Pay,
    points: Floats,
    grid: Floats,
    theta: Floats,
    spread: Floats,
    weights: Floats,
    behaviour: Behaviour,
    step: float,
) -> tuple[Floats, Floats]:
    """Value of the window after the last by its start and quota, (types, quotas, nodes).

    In it nothing is moved. Its quota is today's times 1 + ratchet x (attainment - 1)
    where that is above 1: quotas follow success up, hardly ever down.
    """
    quotas = np.ones(1)
    if behaviour.ratchet > 0:
        quotas = np.linspace(1.0, 1 + behaviour.ratchet * (grid[-1] - 1), RATCHETS)
    terminal = np.asarray(worth(points)).reshape(len(grid), -1).mean(axis=1)
    values = [
        _backward(
            np.tile(terminal, (len(theta), 1)), theta / each, spread / each, weights, behaviour,
            step,
        )[0]
        for each in quotas
    ]  # fmt: skip
    return np.stack(values, axis=1), quotas


def _utility(pay: Pay, behaviour: Behaviour) -> Pay:
    """Pay as it is felt: constant absolute risk aversion, slope 1 at target pay."""

    def worth(attainment: Floats) -> Floats:
        paid = np.asarray(pay(np.asarray(attainment, float)), float)
        if paid.shape != np.shape(attainment) or not np.isfinite(paid).all():
            raise InputError(
                "pay is not a finite amount at every attainment",
                where=f"shape {paid.shape} for {np.shape(attainment)} attainments",
                do="hand in a function that takes an array and gives one amount each",
            )
        if behaviour.risk_aversion == 0:
            return paid
        target = float(np.asarray(pay(np.ones(1)), float)[0])
        rate = behaviour.risk_aversion / max(abs(target), behaviour.reference_rate)
        return -np.expm1(-rate * (paid - target)) / rate

    return worth


def _costs(behaviour: Behaviour) -> Floats:
    per_unit = np.array([behaviour.hold_cost, behaviour.pull_cost, behaviour.concede_cost])
    return np.asarray(per_unit * behaviour.reference_rate)


def _trouble(moved: Floats, conceded: Floats, behaviour: Behaviour) -> Floats:
    hold, pull, concede = _costs(behaviour)
    return np.where(moved > 0, hold * moved, -pull * moved) + concede * conceded


def _mixed(moving: Response, still: Response, share: float) -> Response:
    """People who move dates, and those who do not."""
    return dataclasses.replace(
        moving,
        **{
            name: share * getattr(moving, name) + (1 - share) * getattr(still, name)
            for name in (*_BY_WINDOW, "promised", "later")
        },
    )


def _grid(theta: Floats, spread: Floats, behaviour: Behaviour, step: float) -> Floats:
    """Nodes of attainment, whole multiples of the step, wide enough for nearly all outcomes."""
    reach = 5 * spread.max()
    low = int(np.floor((-behaviour.pull - reach) / step))
    most = float(theta.max() * min(behaviour.most, 1.6) + behaviour.hold + behaviour.concede)
    high = int(np.ceil(max(most + reach, 1.5) / step))
    return np.asarray(np.arange(low, high + 1) * step)


def _weights(months: ArrayLike) -> Floats:
    weights = np.atleast_1d(np.asarray(months, float))
    if weights.ndim != 1 or not (weights > 0).all():
        raise InputError(
            "every month has a positive share of the quota",
            where=f"months={weights.tolist()}",
            do="leave out months without quota",
        )
    return np.asarray(weights / weights.sum())


def _check(theta: Floats, spread: Floats, windows: int, step: float) -> None:
    if theta.ndim != 1 or not (np.isfinite(theta) & (theta > 0)).all() or not (spread > 0).all():
        raise InputError(
            "productivity and noise are positive, one each for every type",
            where=f"productivity of shape {theta.shape}",
            do="leave out people without quota",
        )
    whole = abs(1 / step - round(1 / step)) < 1e-6 if step > 0 else False
    if not whole or not 0.001 <= step <= 0.05 or windows < 1:
        raise ParameterError(
            "100% must be a whole number of steps of 0.001 to 0.05, and windows at least 1",
            where=f"step={step}, windows={windows}",
            do="try a step of 0.005",
        )
