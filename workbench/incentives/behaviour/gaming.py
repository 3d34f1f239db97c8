"""Gaming check: what a payout curve invites to, and the money that hangs on it.

A static reading, without a model of behaviour: it looks at the shape of pay against attainment
(`curve_shape.py`) and at where people stand. What people would do is computed by `dynamic.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError
from workbench.incentives.behaviour.curve_shape import Curve
from workbench.text import Language, mark

Floats = NDArray[np.float64]
NEAR = 0.02  # points of attainment on both sides of a place that count as close to it
RARE = 0.01  # chance below which a tier counts as out of reach
SHORT = 0.03  # shortest stretch without pay that is worth telling
LEAST_RISE = 1e-3  # slope of a component that counts as rising, share of the mean slope
STEEPER = 1.5  # ratio of slopes that makes a kink worth telling

KINDS = {
    "cliff": mark("Step of pay"),
    "drop": mark("Pay falls at a step"),
    "falling": mark("Pay falls with sales"),
    "kink": mark("Kink"),
    "threshold": mark("No pay below a threshold"),
    "dead_zone": mark("Dead zone"),
    "early_cap": mark("Cap before the target"),
    "cap": mark("Cap on pay"),
    "over_sales": mark("Pays more than the sale"),
    "over_margin": mark("Pays more than the margin"),
    "unreachable": mark("Tier out of reach"),
    "double": mark("One sale paid twice"),
    "net_cliff": mark("Step of pay after tax"),
}
_SENTENCES = {
    "cliff": mark(
        "Reaching {start} is worth {amount} at once: people just below hurry, others wait."
    ),
    "drop": mark("Reaching {start} costs {amount} of pay: people stay below it."),
    "falling": mark("From {start} to {end} every further sale lowers pay, by {amount} in all."),
    "kink": mark(
        "At {start} a further point of attainment pays {ratio} of what it paid before: deals are"
        " moved across it."
    ),
    "threshold": mark("Below {end} sales pay nothing: who is far from it gives up."),
    "dead_zone": mark("From {start} to {end} a further sale pays nothing."),
    "early_cap": mark("Pay stops rising at {start}, before the target."),
    "cap": mark("Pay stops rising at {start}: what comes later is held back."),
    "over_sales": mark("From {start} to {end} a further sale pays more than it brings in."),
    "over_margin": mark("From {start} to {end} a further sale pays more than its gross margin."),
    "unreachable": mark("The tier from {start} is reached with a chance of {chance} only."),
    "double": mark("{names} pay for the same measure."),
    "net_cliff": mark(
        "One unit over {from_amount} costs {amount} of tax; only from {to_amount} on is more left"
        " than at the limit."
    ),
}


@dataclass(frozen=True)
class Finding:
    """One thing a plan invites to.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    role : str
    start, end : float
        Attainment at which, or between which, it lies; amounts of bonus for `net_cliff`.
    amount : float
        Height of the step, or pay that is lost, of one person; currency.
    people : float
        Expected number of people close to it or in it; missing without attainments.
    at_stake : float
        Expected money that hangs on it over all people, currency; missing likewise.
    ratio, chance : float
        Slope after over slope before; chance to get that far; missing where not meant.
    components : tuple of str
    """

    kind: str
    role: str
    start: float
    end: float
    amount: float
    people: float = np.nan
    at_stake: float = np.nan
    ratio: float = np.nan
    chance: float = np.nan
    components: tuple[str, ...] = ()

    def title(self, lang: Language) -> str:
        """Name of the kind."""
        return lang.say(KINDS[self.kind])

    def said(
        self, lang: Language, *, currency: str = "CNY", labels: Mapping[str, str] | None = None
    ) -> str:
        """One sentence; `labels` are names of components in the language."""
        net = self.kind == "net_cliff"

        def place(value: float) -> str:
            return lang.percent(value, decimals=0 if abs(value * 100 % 1) < 1e-6 else 1)

        return lang.say(
            _SENTENCES[self.kind],
            start="" if net else place(self.start),
            end="" if net else place(self.end),
            from_amount=lang.exact_money(self.start, currency=currency, decimals=0),
            to_amount=lang.exact_money(self.end, currency=currency),
            amount=lang.exact_money(self.amount, currency=currency, decimals=2 if net else 0),
            ratio=lang.ratio(self.ratio, decimals=1),
            chance=lang.probability(self.chance),
            names=lang.pause.join((labels or {}).get(name, name) for name in self.components),
        )


@dataclass(frozen=True)
class GamingCheck:
    """What was found, most money first."""

    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, *findings: Finding) -> GamingCheck:
        """Put findings in order."""
        return cls(tuple(sorted(findings, key=_order)))

    def table(self) -> pd.DataFrame:
        """kind, role, start, end, amount, people, at_stake, ratio, chance, components."""
        rows = [
            (f.kind, f.role, f.start, f.end, f.amount, f.people, f.at_stake, f.ratio, f.chance,
             ", ".join(f.components))
            for f in self.findings
        ]  # fmt: skip
        columns = [
            "kind", "role", "start", "end", "amount", "people", "at_stake", "ratio", "chance",
            "components",
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def summary(self) -> dict[str, float]:
        """Number of findings, and money and people at steps of pay."""
        steps = [f for f in self.findings if f.kind in ("cliff", "drop")]
        return {
            "findings": float(len(self.findings)),
            "people_at_steps": float(np.nansum([f.people for f in steps])),
            "money_at_steps": float(np.nansum([f.at_stake for f in steps])),
        }


def gaming_check(
    curves: Sequence[Curve],
    *,
    attainment: dict[str, ArrayLike] | None = None,
    margin: float | None = None,
) -> GamingCheck:
    """Read the curves of a plan for what they invite to.

    Parameters
    ----------
    curves : sequence of Curve
        One a role.
    attainment : dict of str to array_like, shape (draws, people) or (people,), optional
        By role: where people stand, or may stand. Without it nothing is said about money.
    margin : float, optional
        Gross margin, share of sales; with the quota of a curve it limits the marginal rate.

    Raises
    ------
    InputError
        If attainments are not finite.
    """
    found: list[Finding] = []
    for curve in curves:
        people = _People.of((attainment or {}).get(curve.role), curve.role)
        for reader in (_steps, _slopes, _stretches, _tiers, _doubles):
            found += reader(curve, people)
        found += _marginal(curve, people, margin)
    return GamingCheck.of(*found)


def net_cliffs(
    tax: Callable[[Floats], Floats],
    limits: Sequence[float],
    *,
    bonuses: ArrayLike | None = None,
    role: str = "",
    unit: float = 1.0,
) -> tuple[Finding, ...]:
    """Bonuses at which one unit more leaves less after tax.

    Parameters
    ----------
    tax : callable
        Tax on a year-end bonus that is taxed alone; array in, array out.
    limits : sequence of float
        Bonuses at which the rate of tax changes.
    bonuses : array_like, optional
        Bonuses of people or draws, shape (draws, people) or (people,).
    unit : float
        One unit of money.

    Returns
    -------
    tuple of Finding
        start: the limit; end: bonus from which more is left than at the limit; amount: tax on one
        unit more; people: bonuses in between; at_stake: what they lose against the limit.
    """
    found = []
    for limit in sorted(limits):
        at, over = (float(tax(np.array([each]))[0]) for each in (limit, limit + unit))
        if over - at <= unit:
            continue
        low, high = limit + unit, limit + (over - at)
        while high - float(tax(np.array([high]))[0]) < limit - at:
            high += over - at
        for _ in range(80):
            middle = (low + high) / 2
            below = middle - float(tax(np.array([middle]))[0]) < limit - at
            low, high = (middle, high) if below else (low, middle)
        people = stake = np.nan
        if bonuses is not None:
            paid = np.atleast_2d(np.asarray(bonuses, float))
            inside = (paid > limit) & (paid < high)
            beside = paid[inside]
            lost = (limit - at) - (beside - tax(beside)) if len(beside) else beside
            people = float(inside.sum(axis=1).mean())
            stake = float(lost.sum()) / len(paid)
        found.append(
            Finding("net_cliff", role, limit, round(high, 2), round(over - at, 2), people, stake)
        )
    return tuple(found)


# -- where people stand ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _People:
    """Attainments of the people of a role, shape (draws, people); None if unknown."""

    reached: Floats | None

    @classmethod
    def of(cls, attainment: ArrayLike | None, role: str) -> _People:
        if attainment is None:
            return cls(None)
        reached = np.atleast_2d(np.asarray(attainment, float))
        if not np.isfinite(reached).all():
            raise InputError(
                "attainments are not finite numbers",
                where=f"role {role}: {int((~np.isfinite(reached)).sum())} of {reached.size}",
                do="leave out people without quota",
            )
        return cls(reached)

    def between(self, low: float, high: float) -> float:
        """Expected number of people in [low, high)."""
        return self.sum(lambda a: ((a >= low) & (a < high)).astype(float))

    def near(self, at: float) -> float:
        """Expected number of people close to a place."""
        return self.between(at - NEAR, at + NEAR)

    def sum(self, of: Callable[[Floats], Floats]) -> float:
        """Expected sum over people of a function of attainment."""
        return np.nan if self.reached is None else float(of(self.reached).sum(axis=1).mean())

    def chance(self, at: float) -> float:
        """Chance to reach a place."""
        return np.nan if self.reached is None else float((self.reached >= at).mean())


# -- readers --------------------------------------------------------------------------------------


def _steps(curve: Curve, people: _People) -> Iterator[Finding]:
    for each in curve.breaks:
        if each.jump:
            near = people.near(each.at)
            yield Finding(
                "cliff" if each.jump > 0 else "drop", curve.role, each.at, each.at,
                abs(each.jump), near, near * abs(each.jump),
                components=tuple(curve.jumps_of(each.at)),
            )  # fmt: skip
    for low, high in curve.falling():
        paid = curve.function(np.array([low, high]))
        inside = people.sum(lambda a, low=low, high=high: ((a > low) & (a < high)) * 1.0)  # type: ignore[misc]
        loss = float(paid[0] - paid[1])
        yield Finding("falling", curve.role, low, high, loss, inside, inside * loss)


def _slopes(curve: Curve, people: _People) -> Iterator[Finding]:
    for each in curve.breaks:
        low, high = sorted((each.before, each.after))
        if low <= 1e-3 * curve.mean_slope or high < STEEPER * low:
            continue  # stretches without pay are told as such
        near = people.near(each.at)
        # pay that moving a deal of two points across the kink changes
        worth = (high - low) * NEAR
        yield Finding(
            "kink", curve.role, each.at, each.at, worth, near, near * worth,
            ratio=each.after / each.before,
        )  # fmt: skip


def _stretches(curve: Curve, people: _People) -> Iterator[Finding]:
    rate, last = curve.mean_slope, float(curve.attainment[-1])
    if not rate:
        return  # a role that the plan pays nothing has no stretch without pay
    for low, high in curve.at_zero_slope():
        if high - low < SHORT:
            continue
        if high >= last - 1e-9:
            kind = "early_cap" if low < 1 - 1e-9 else "cap"
        else:
            kind = "threshold" if low <= 1e-9 else "dead_zone"
        top = np.inf if kind in ("cap", "early_cap") else high

        def unpaid(a: Floats, low: float = low, top: float = top) -> Floats:
            """Sales in the stretch at the mean rate; of a threshold those of who stays below."""
            inside = np.clip(np.minimum(a, top) - low, 0, None)
            return rate * np.where((low > 1e-9) | (a < top), inside, 0.0)

        end = last if np.isinf(top) else high
        yield Finding(
            kind, curve.role, low, high, rate * (end - low),
            people.between(low, np.inf if np.isinf(top) else high), people.sum(unpaid),
            chance=people.chance(low),
        )  # fmt: skip


def _tiers(curve: Curve, people: _People) -> Iterator[Finding]:
    for each in curve.breaks:
        chance = people.chance(each.at)
        better = each.jump > 0 or each.after > each.before
        if better and chance < RARE:
            base = float(curve.function(np.array([each.at - 1e-9]))[0])
            yield Finding(
                "unreachable", curve.role, each.at, float(curve.attainment[-1]),
                float(curve.pay[-1]) - base, people.between(each.at, np.inf),
                people.sum(
                    lambda a, at=each.at, base=base: np.where(  # type: ignore[misc]
                        a >= at, curve.function(a.ravel()).reshape(a.shape) - base, 0.0
                    )
                ),
                chance=chance,
            )  # fmt: skip


def _doubles(curve: Curve, people: _People) -> Iterator[Finding]:
    """Components that pay for one measure and rise in the same place."""
    step = float(curve.attainment[1] - curve.attainment[0])
    names = [name for name in curve.components if curve.measures.get(name)]
    smooth = ~_cells_of_steps(curve)
    for number, first in enumerate(names):
        for second in names[number + 1 :]:
            if curve.measures[first] != curve.measures[second]:
                continue
            rises = [
                np.diff(curve.components[name]) > LEAST_RISE * curve.mean_slope * step
                for name in (first, second)
            ]
            both = np.flatnonzero(rises[0] & rises[1] & smooth)
            if not len(both):
                continue
            total = {name: float(np.interp(1.0, curve.attainment, curve.components[name]))
                     for name in (first, second)}  # fmt: skip
            less = min(total, key=lambda name: total[name])

            def paid(a: Floats, less: str = less) -> Floats:
                return np.asarray(np.interp(a, curve.attainment, curve.components[less]))

            yield Finding(
                "double", curve.role, float(curve.attainment[both[0]]),
                float(curve.attainment[both[-1] + 1]), total[less],
                people.between(-np.inf, np.inf), people.sum(paid), components=(first, second),
            )  # fmt: skip


def _marginal(curve: Curve, people: _People, margin: float | None) -> Iterator[Finding]:
    """Stretches in which a further sale pays more than itself, or than its margin."""
    if curve.quota is None:
        return
    limits = {"over_sales": 1.0} | ({"over_margin": margin} if margin is not None else {})
    slopes = curve.marginal[:-1].copy()
    steps = _cells_of_steps(curve)  # a step is told as a step
    slopes[steps] = np.interp(np.flatnonzero(steps), np.flatnonzero(~steps), slopes[~steps])
    for kind, limit in limits.items():
        over = np.append(slopes > limit * curve.quota, False)
        edges = np.flatnonzero(np.diff(np.concatenate([[False], over]).astype(int)))
        for a, b in zip(edges[::2], edges[1::2], strict=True):
            low, high = float(curve.attainment[a]), float(curve.attainment[b])
            excess = float((slopes[a:b] - limit * curve.quota).mean())
            yield Finding(
                kind, curve.role, low, high, excess * (high - low), people.between(low, np.inf),
                people.sum(
                    lambda x, low=low, high=high, excess=excess: (  # type: ignore[misc]
                        excess * np.clip(np.minimum(x, high) - low, 0, None)
                    )
                ),
                ratio=float(slopes[a:b].max() / curve.quota),
            )  # fmt: skip


def _cells_of_steps(curve: Curve) -> NDArray[np.bool_]:
    """Cells of the grid in which pay jumps."""
    grid, out = curve.attainment, np.zeros(len(curve.attainment) - 1, bool)
    for each in curve.breaks:
        if each.jump:
            out |= (grid[:-1] < each.at - 1e-9) & (grid[1:] > each.at - 1e-9)
    return out


def _order(finding: Finding) -> tuple[float, str, str, float]:
    stake = 0.0 if np.isnan(finding.at_stake) else -finding.at_stake
    return stake, finding.role, finding.kind, finding.start
