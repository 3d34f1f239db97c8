"""Shape of a payout curve: where pay jumps, bends, stands still or falls.

A curve is read off a function of attainment; breaks are found between grid points and then located
by bisection, so that a step at 100% is reported at 100%, with its height to the cent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workbench.errors import InputError, ParameterError

if TYPE_CHECKING:
    from workbench.pay.curve import Payout

Floats = NDArray[np.float64]
Pay = Callable[[Floats], Floats]
BEND = 0.02  # change of slope that counts as a break, share of the mean slope
LEVEL = 1e-3  # slope that counts as none, share of the mean slope


@dataclass(frozen=True)
class Break:
    """A place where pay jumps or its slope changes.

    Attributes
    ----------
    at : float
        Attainment; pay to the right holds from here on.
    jump : float
        Pay just above less pay just below, currency.
    before, after : float
        Slope on both sides, currency per unit of attainment.
    """

    at: float
    jump: float
    before: float
    after: float


@dataclass(frozen=True)
class Curve:
    """Pay of a role as a function of attainment.

    Attributes
    ----------
    role : str
    attainment, pay, marginal : array, shape (points,)
        Grid; pay in currency, marginal pay to the right per unit of attainment.
    components : mapping of str to array, shape (points,)
        Parts of pay.
    measures : mapping of str to str
        What each component pays for; those it lacks pay for something of their own.
    function, parts : callable
        Pay, and pay by component, at any attainment.
    quota : float or None
        Money that 100% stands for, currency of pay.
    """

    role: str
    attainment: Floats
    pay: Floats
    marginal: Floats
    components: Mapping[str, Floats]
    measures: Mapping[str, str]
    function: Pay
    parts: Callable[[Floats], Mapping[str, Floats]]
    quota: float | None = None
    breaks: tuple[Break, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "breaks", tuple(_breaks(self.function, self.attainment, self.pay)))

    @property
    def mean_slope(self) -> float:
        """Pay at target over attainment, less pay for nothing."""
        nothing, target = self.function(np.array([0.0, 1.0]))
        spread = float(self.pay.max() - self.pay.min())
        return float(target - nothing) if target > nothing else spread / 2

    def at_zero_slope(self) -> list[tuple[float, float]]:
        """Stretches in which a further sale pays nothing: from, to."""
        flat = np.abs(self.marginal[:-1]) <= LEVEL * max(self.mean_slope, 1e-12)
        return _stretches(self.attainment, flat)

    def falling(self) -> list[tuple[float, float]]:
        """Stretches in which a further sale costs pay: from, to."""
        down = self.marginal[:-1] < -LEVEL * max(self.mean_slope, 1e-12)
        jumps = [each.at for each in self.breaks if each.jump < 0]
        step = self.attainment[1] - self.attainment[0]
        # the grid cell of a jump down is a jump, not a slope
        for at in jumps:
            down &= ~((self.attainment[:-1] < at + 1e-9) & (self.attainment[1:] > at - 1e-9))
        return [each for each in _stretches(self.attainment, down) if each[1] - each[0] > step / 2]

    def jumps_of(self, at: float) -> dict[str, float]:
        """Height of a jump by component, those that jump."""
        edge = 1e-7
        below, above = self.parts(np.array([at - edge])), self.parts(np.array([at + edge]))
        heights = {
            name: float(above[name][0] - below[name][0]) - 2 * edge * self.mean_slope
            for name in above
        }
        least = 1e-3 * max(abs(each) for each in heights.values()) if heights else 0.0
        return {name: each for name, each in heights.items() if abs(each) > max(least, 1e-6)}


def curve(
    pay: Pay,
    *,
    role: str = "",
    parts: Callable[[Floats], Mapping[str, Floats]] | None = None,
    measures: Mapping[str, str] | None = None,
    quota: float | None = None,
    high: float = 2.0,
    step: float = 0.0025,
) -> Curve:
    """Read the curve of a payout function.

    Parameters
    ----------
    pay : callable
        Pay at attainment, array in, array out; currency.
    role : str
    parts : callable, optional
        Pay by component at attainment; one component "pay" by default.
    measures : mapping of str to str, optional
        What each component pays for.
    quota : float, optional
        Money that 100% stands for.
    high : float
        Attainment up to which it is read.
    step : float
        Distance of grid points.

    Raises
    ------
    InputError
        If pay is not finite.
    """
    if not (0 < step <= 0.05 and high > 1):
        raise ParameterError(
            "a curve is read beyond 100%, in steps of at most 5 points",
            where=f"high={high}, step={step}",
            do="keep the defaults, or widen them",
        )
    grid = np.round(np.arange(round(high / step) + 1) * step, 9)
    paid = np.asarray(pay(grid), float)
    if paid.shape != grid.shape or not np.isfinite(paid).all():
        raise InputError(
            "pay is not a finite amount at every attainment",
            where=f"role {role}",
            do="hand in a function that takes an array and gives one amount each",
        )
    split = parts or (lambda attainment: {"pay": np.asarray(pay(attainment), float)})
    slopes = np.diff(paid) / step
    return Curve(
        role,
        grid,
        paid,
        np.append(slopes, slopes[-1]),
        {name: np.asarray(each, float) for name, each in split(grid).items()},
        dict(measures or {}),
        pay,
        split,
        quota,
    )


def curve_of(payout: Payout, *, quota: float | None = None, high: float = 2.0) -> Curve:
    """Read the curve of a plan and role (`workbench.pay.curve.payout`)."""
    measures = {
        name: payout.plan.components[name].measure or ""
        for name in payout.components
        if payout.plan.components[name].measure
    }
    return curve(
        lambda attainment: payout(np.maximum(attainment, 0.0)),
        role=payout.role or "",
        parts=lambda attainment: payout.by_component(np.maximum(attainment, 0.0)),
        measures=measures,
        quota=quota,
        high=high,
    )


def _stretches(grid: Floats, cells: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Runs of cells that hold something, as attainment from and to."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], cells, [False]]).astype(int)))
    return [(float(grid[a]), float(grid[b])) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _breaks(pay: Pay, grid: Floats, paid: Floats) -> list[Break]:
    """Breaks of a curve that is straight, or nearly so, between them."""
    slopes = np.diff(paid) / np.diff(grid)
    spread = (paid.max() - paid.min()) / (grid[-1] - grid[0])
    least = BEND * max(float(spread), 1e-12)
    bends = np.abs(np.diff(slopes)) > least  # at inner nodes 1 ... n-1
    found, node = [], 1
    while node < len(grid) - 1:
        if not bends[node - 1]:
            node += 1
            continue
        inside = node < len(grid) - 2 and bends[node]
        if inside:  # the cell from node to node + 1 belongs to neither side
            before, after = float(slopes[node - 1]), float(slopes[node + 1])
            found.append(_located(pay, grid[node : node + 2], paid[node : node + 2], before, after))
            node += 2
        else:
            found.append(_met(grid, paid, slopes, node))
            node += 1
    return found


def _met(grid: Floats, paid: Floats, slopes: Floats, node: int) -> Break:
    """A kink at a node, or so near to it that the cell beside it shows nearly one slope.

    The lines of the next cells on both sides meet there.
    """
    before = float(slopes[max(node - 2, 0)])
    after = float(slopes[min(node + 1, len(slopes) - 1)])
    left, right = node - 1, node + 1
    rise = paid[right] - after * grid[right] - (paid[left] - before * grid[left])
    at = float(np.clip(rise / (before - after), grid[left], grid[right]))
    return Break(float(np.round(at, 9)), 0.0, before, after)


def _located(pay: Pay, ends: Floats, paid: Floats, before: float, after: float) -> Break:
    """The break inside a cell: where pay leaves the line from the left."""
    low, high = float(ends[0]), float(ends[1])
    scale = max(abs(float(paid[1] - paid[0])), 1e-12)
    for _ in range(60):
        middle = (low + high) / 2
        on_left = paid[0] + before * (middle - ends[0])
        if abs(float(pay(np.array([middle]))[0]) - on_left) <= 1e-9 * scale:
            low = middle
        else:
            high = middle
    at = float(np.round(high, 9))
    jump = float(paid[1] - after * (ends[1] - at) - (paid[0] + before * (at - ends[0])))
    # what the place is uncertain by is no jump
    return Break(at, jump if abs(jump) > 1e-6 * scale else 0.0, before, after)
