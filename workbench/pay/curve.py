"""Pay as a fast function of attainment: the plan in floats, for simulation and "what if".

The exact engine settles; this answers what a person of a role would earn at any attainment, for
whole arrays. `payout` makes a curve of a year in which every window ends at the attainment given;
`Payout.by_month` follows attainment month by month, with windows that add up and start anew.
Both agree with the engine to less than half a minor unit (tests/pay/test_curve.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, ParameterError
from workbench.pay.parts import MONTHS, Amount, Factor, Modifier, Needs
from workbench.pay.plan import Component, Plan

Floats = NDArray[np.float64]
#: A quotient of floats that misses a tier by less than this share of it has reached it.
_EDGE = 1e-12


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rate table in floats: pay of a window by its credit.

    Attributes
    ----------
    starts : ndarray, shape (tiers,)
        In units of credit, or shares of the quota.
    rates : ndarray, shape (tiers,)
        Pay for one more unit of credit; of a table with pay at quota, multiples of that.
    whole : bool
        Whether the rate reached holds for everything.
    on_quota, at_quota : bool
        Starts are shares of the quota; rates are multiples of the pay at quota.
    """

    starts: Floats
    rates: Floats
    whole: bool
    on_quota: bool
    at_quota: bool

    def pay(self, credit: ArrayLike, quota: ArrayLike = 1.0, at_quota: ArrayLike = 0.0) -> Floats:
        """Pay of a window with so much credit.

        Parameters
        ----------
        credit, quota, at_quota : array_like
            Of shapes that go together; `at_quota` is the window's pay at 100% of the quota.
        """
        credit, quota = np.asarray(credit, float), np.asarray(quota, float)
        unit: Any = np.where(quota > 0, quota, np.inf) if self.on_quota else 1.0
        at = credit / unit
        edge = at * (1 + _EDGE) if self.whole else at
        number = np.searchsorted(self.starts, edge, side="right" if self.whole else "left") - 1
        number = np.maximum(number, 0)
        if self.whole:
            total = self.rates[number] * at
        else:
            below = np.append(0.0, np.cumsum(np.diff(self.starts) * self.rates[:-1]))
            total = below[number] + self.rates[number] * (at - self.starts[number])
        if self.at_quota:
            return total * np.asarray(at_quota, float)
        return (
            np.where(quota > 0, total * np.where(quota > 0, quota, 1.0), 0.0)
            if (self.on_quota)
            else total
        )


@dataclass(frozen=True, slots=True)
class Payout:
    """Pay of people of one role as a function of attainment; money in currency units.

    Attributes
    ----------
    plan : Plan
    role : str or None
    components : tuple of str
        Those that the role is paid by and that were asked for.
    quota : dict of str to array_like
        Yearly quota by name of the quota, of one person or of many.
    base_pay, target_incentive : array_like
        A month, and a year.
    indicators : dict of str to array_like
        Values of indicators that do not follow from attainment (scores, ratios, ranks).
    lines : dict of str to array_like
        Transactions of a month, for components with tiers of single ones: as many equal ones.
    line_factors : dict of str to array_like
        Mean of a component's line factors; 1 where not given.
    left_out : tuple of str
        Components of the role that are not in the curve: pools, whose shares depend on the others,
        and tiers of single transactions without their number.
    """

    plan: Plan
    role: str | None
    components: tuple[str, ...]
    quota: Mapping[str, Any]
    base_pay: Any = 0.0
    target_incentive: Any = 0.0
    indicators: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, Any] = field(default_factory=dict)
    line_factors: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def __call__(self, attainment: ArrayLike, **measures: ArrayLike) -> Floats:
        """Pay of a year in which every window ends at an attainment.

        Parameters
        ----------
        attainment : array_like
            1.0 is 100%, of all measures.
        **measures
            Attainment of single measures, where it differs.

        Returns
        -------
        ndarray
            Pay before payment rules (draws, hold-back), of the shape of attainment and people.
        """
        parts = self.by_component(attainment, **measures)
        return np.asarray(sum(parts.values(), np.zeros(np.shape(attainment))))

    def by_component(self, attainment: ArrayLike, **measures: ArrayLike) -> dict[str, Floats]:
        """Pay of the year by component; see `__call__`."""
        whole = np.asarray(attainment, float)
        given = {name: np.asarray(each, float) for name, each in measures.items()}
        return {name: self._year(name, whole, given) for name in self.components}

    def by_month(
        self, credit: Mapping[str, ArrayLike], *, scores: Mapping[str, ArrayLike] | None = None
    ) -> dict[str, Floats]:
        """Pay by component and month of credit by month, as the engine settles it.

        Parameters
        ----------
        credit : mapping of str to array_like, shape (..., months)
            Credit of each measure in its units; the last axis is the plan's months.
        scores : mapping of str to array_like, shape (..., months)
            Indicators that do not follow from credit; else those of the curve.

        Returns
        -------
        dict of str to ndarray, shape (..., months)
            At the months of settlement; sums over the last axis are the year's pay.
        """
        given = {name: np.asarray(each, float) for name, each in credit.items()}
        months = self.plan.months
        if any(each.shape[-1] != months for each in given.values()):
            raise InputError(f"credit needs {months} months on its last axis")
        known = {**self.indicators, **(scores or {})}
        return {name: self._months(name, given, known) for name in self.components}

    def schedule(self, component: str, *, open_gates: bool = True) -> Schedule:
        """Rate table of a component in floats; shut gates let the tier before go on."""
        rates = self.plan.components[component].rates
        if rates is None:
            raise ParameterError(f"{component} is not paid by rates")
        slopes = [float(slope) for slope in rates.slopes()]
        for number, tier in enumerate(rates.tiers):
            if tier.needs is not None and not open_gates:
                slopes[number] = slopes[number - 1]
        starts = np.array([float(start) for start in rates.starts()])
        on_quota = rates.on == "attainment"
        whole, at_quota = rates.kind == "whole", rates.at_quota is not None
        return Schedule(starts, np.array(slopes), whole, on_quota, at_quota)

    # -- a year at one attainment -----------------------------------------------------------

    def _year(self, name: str, whole: Floats, given: Mapping[str, Floats]) -> Floats:
        component = self.plan.components[name]
        if component.kind == "pool":
            raise InputError(f"{name} shares a pool; what one earns depends on the others")
        months = MONTHS[component.settle]
        settled = self.plan.months / months
        values = {
            key: np.asarray(given.get(each.attainment, whole), float)
            for key, each in self.plan.indicators.items()
            if each.attainment
        } | {key: np.asarray(each, float) for key, each in self.indicators.items()}
        if component.pays is not None:
            pay = np.broadcast_to(self._worth(component.pays, months), whole.shape)
            return self._changed(component, pay, values, months) * settled
        assert component.measure is not None and component.rates is not None
        width = MONTHS[component.window] or self.plan.months
        share = width / 12
        quota = self._quota(component) * share
        credit = given.get(component.measure, whole) * quota
        if _by_transaction(component):
            pay = self._alone(name, credit, width)
        else:
            pay = self._rated(component, credit, quota, width, values)
        pay = pay * np.asarray(self.line_factors.get(name, 1.0), float)
        turns = max(width // months, 1)
        even = self._changed(component, pay / turns, values, months, year=pay, turns=turns)
        return np.asarray(even * (self.plan.months / width))

    def _alone(self, name: str, credit: Floats, months: Any) -> Floats:
        """Pay of a credit that comes in equal transactions, each with tiers of its own."""
        if name not in self.lines:
            raise InputError(
                f"{name} has tiers of single transactions; attainment does not tell them",
                do="say how many there are in a month: payout(..., lines={...})",
            )
        count = np.asarray(self.lines[name], float) * months
        return np.asarray(self.schedule(name).pay(credit / count) * count)

    def _rated(
        self,
        component: Component,
        credit: Floats,
        quota: Any,
        width: int,
        values: Mapping[str, Floats],
    ) -> Floats:
        assert component.rates is not None
        name = next(key for key, each in self.plan.components.items() if each is component)
        at_quota = self._worth(component.rates.at_quota, width) if component.rates.at_quota else 0.0
        gates = {tier.needs for tier in component.rates.tiers if tier.needs is not None}
        pay = self.schedule(name).pay(credit, quota, at_quota)
        if not gates:
            return pay
        if len(gates) > 1:
            raise InputError(f"{name} has several gates; the curve knows one")
        shut = self.schedule(name, open_gates=False).pay(credit, quota, at_quota)
        return np.where(_met(next(iter(gates)), values), pay, shut)

    def _quota(self, component: Component) -> Any:
        """Yearly quota of a component; without one the credit itself is the attainment."""
        assert component.rates is not None
        name = component.rates.quota or component.measure or ""
        if name not in self.quota and component.rates.on != "attainment":
            return np.asarray(self.quota.get("", 1.0), float)
        return self._named(name)

    def _named(self, name: str) -> Floats:
        if name not in self.quota:
            raise InputError(f"the curve needs the quota {name}", do="payout(..., quota=...)")
        return np.asarray(self.quota[name], float)

    def _worth(self, amount: Amount, months: int) -> Any:
        if amount.amount is not None:
            return float(amount.amount)
        if amount.base_pay is not None:
            return float(amount.base_pay) * np.asarray(self.base_pay, float)
        share = float(amount.target_incentive or 0) * months / 12
        return share * np.asarray(self.target_incentive, float)

    def _changed(
        self,
        component: Component,
        pay: Floats,
        values: Mapping[str, Floats],
        months: int,
        *,
        year: Floats | None = None,
        turns: int = 1,
    ) -> Floats:
        """Apply modifiers to the even pay of a settlement; returns the pay of the window."""
        window = year
        for modifier in component.modify:
            if modifier.over == "window" and window is not None:
                width = months * turns
                window = self._modified(modifier, window, values, width)
                pay = window / turns
            else:
                pay = self._modified(modifier, pay, values, months)
                window = pay * turns if window is not None else None
        return pay if window is None else window

    def _modified(
        self, modifier: Modifier, pay: Any, values: Mapping[str, Floats], months: int
    ) -> Floats:
        if modifier.cap is not None:
            return np.minimum(pay, self._worth(modifier.cap, months))
        if modifier.floor is not None:
            return np.maximum(pay, self._worth(modifier.floor, months))
        return np.asarray(pay * modifier_factor(modifier, values))

    # -- months -----------------------------------------------------------------------------

    def _months(self, name: str, credit: Mapping[str, Floats], known: Mapping[str, Any]) -> Floats:
        component = self.plan.components[name]
        shape = np.broadcast_shapes(
            *(each.shape for each in credit.values()), (*np.shape(self.base_pay), self.plan.months)
        )
        width = MONTHS[component.settle]
        columns = np.unique(
            np.minimum((np.arange(self.plan.months) // width + 1) * width, self.plan.months) - 1
        )
        values = self._indicators(credit, known, columns)
        window = max(MONTHS[component.window], width)
        if component.pays is not None:
            pay = np.broadcast_to(
                np.asarray(self._worth(component.pays, width))[..., None],
                (*shape[:-1], len(columns)),
            )
        elif component.measure is not None:
            factor = np.asarray(self.line_factors.get(name, 1.0), float)[..., None]
            if component.window == "transaction":
                one = credit[component.measure]
                alone = self._alone(name, one, 1) if _by_transaction(component) else (
                    self.schedule(name).pay(one))  # fmt: skip
                pay = _summed_within(alone, width)[..., columns] * factor
            else:
                pay = self._grown(component, credit[component.measure], columns, window, values)
                pay = pay * factor
        else:
            raise InputError(f"{name} shares a pool; what one earns depends on the others")
        for modifier in component.modify:
            pay = self._over(modifier, pay, values, width, window)
        result = np.zeros(shape)
        result[..., columns] = pay
        return result

    def _grown(
        self,
        component: Component,
        credit: Floats,
        columns: NDArray[Any],
        window: int,
        values: Mapping[str, Floats],
    ) -> Floats:
        """What the window has earned at each settlement less what it had before."""
        to_date = _summed_within(credit, window)[..., columns]
        assert component.rates is not None
        needs_quota = component.rates.on == "attainment"
        quota = self._quota(component) * (window / 12) if needs_quota else np.asarray(1.0)
        earned = (
            self._rated(component, to_date, quota[..., None], window, values)
            if (component.rates.at_quota is None)
            else self._at_quota(component, to_date, quota, window, values)
        )
        before = np.zeros_like(earned)
        goes_on = columns[1:] // window == columns[:-1] // window
        before[..., 1:] = np.where(goes_on, earned[..., :-1], 0.0)
        return np.asarray(earned - before)

    def _at_quota(
        self,
        component: Component,
        to_date: Floats,
        quota: Any,
        window: int,
        values: Mapping[str, Floats],
    ) -> Floats:
        """As `_rated`, with the people of pay at quota beside the months."""
        assert component.rates is not None and component.rates.at_quota is not None
        name = next(key for key, each in self.plan.components.items() if each is component)
        at_quota = np.asarray(self._worth(component.rates.at_quota, window))[..., None]
        pay = self.schedule(name).pay(to_date, quota[..., None], at_quota)
        gates = [tier.needs for tier in component.rates.tiers if tier.needs is not None]
        if not gates:
            return pay
        shut = self.schedule(name, open_gates=False).pay(to_date, quota[..., None], at_quota)
        return np.where(_met(gates[0], values), pay, shut)

    def _over(
        self, modifier: Modifier, pay: Floats, values: Mapping[str, Floats], width: int, window: int
    ) -> Floats:
        at = self._by_people(modifier)
        if modifier.over == "period":
            return at._modified(modifier, pay, values, width)
        turns = window // width
        total = _summed_within(pay, turns)
        after = at._modified(modifier, total, values, window)
        before = np.zeros_like(after)
        goes_on = np.arange(1, pay.shape[-1]) % turns != 0
        before[..., 1:] = np.where(goes_on, after[..., :-1], 0.0)
        return np.asarray(after - before)

    def _by_people(self, modifier: Modifier) -> Payout:
        """The curve with the people's pay beside an axis of months."""
        return dataclasses.replace(
            self,
            base_pay=np.asarray(self.base_pay, float)[..., None],
            target_incentive=np.asarray(self.target_incentive, float)[..., None],
        )

    def _indicators(
        self, credit: Mapping[str, Floats], known: Mapping[str, Any], columns: NDArray[Any]
    ) -> dict[str, Floats]:
        """Indicators at the settlements, from credit or as given."""
        values = {}
        for key, each in self.plan.indicators.items():
            if key in known:
                value = np.asarray(known[key], float)
                by_month = value.ndim > 0 and value.shape[-1] == self.plan.months
                values[key] = value[..., columns] if by_month else value
            elif each.attainment is not None and {each.attainment} <= set(credit):
                width = MONTHS[each.over]
                above = _summed_within(credit[each.attainment], width)[..., columns]
                quota = self._named(each.quota or each.attainment)[..., None]
                values[key] = above / (quota * (columns % width + 1) / 12)
            elif each.ratio is not None and set(each.ratio) <= set(credit):
                width = MONTHS[each.over]
                top, below = (
                    _summed_within(credit[name], width)[..., columns] for name in each.ratio
                )
                values[key] = np.divide(top, below, out=np.zeros_like(top), where=below != 0)
        return values


def payout(
    plan: Plan,
    *,
    role: str | None = None,
    component: str | Sequence[str] | None = None,
    quota: Any = None,
    base_pay: ArrayLike = 0.0,
    target_incentive: ArrayLike = 0.0,
    indicators: Mapping[str, ArrayLike] | None = None,
    lines: Mapping[str, ArrayLike] | None = None,
    line_factors: Mapping[str, ArrayLike] | None = None,
) -> Payout:
    """Make the payout curve of a role.

    Parameters
    ----------
    plan : Plan
    role : str, optional
        Components of other roles are left out; None takes all.
    component : str or sequence of str, optional
        Only these; none: all but pools, whose shares depend on the others, and tiers of single
        transactions without `lines` (`Payout.left_out` names them).
    quota : number, array or mapping of str to them
        Yearly quota; one number holds for all measures. For components on amounts, attainment 1.0
        is this much credit.
    base_pay, target_incentive : array_like
        Money a month, and a year.
    indicators : mapping of str to array_like, optional
        Scores, ratios and ranks, which attainment does not give.
    lines : mapping of str to array_like, optional
        By component: transactions of a month, taken as equal.
    line_factors : mapping of str to array_like, optional
        By component: mean of its line factors; without it lines are paid in full.

    Returns
    -------
    Payout
        Call it with attainments.

    Raises
    ------
    ParameterError
        If a component is unknown.

    Examples
    --------
    >>> curve = payout(plan, role="hunter", quota=12_000_000, target_incentive=90_000)
    >>> curve(np.linspace(0, 1.5, 301))
    """
    wanted = [component] if isinstance(component, str) else component
    unknown = [name for name in wanted or () if name not in plan.components]
    if unknown:
        raise ParameterError(
            f"the plan has no component {unknown[0]}", do=f"one of {', '.join(plan.components)}"
        )
    of_role = [
        name
        for name, each in plan.components.items()
        if (wanted is None or name in wanted)
        and (role is None or not each.roles or role in each.roles)
    ]
    known = lines or {}
    left_out = tuple(
        name
        for name in (of_role if wanted is None else ())
        if plan.components[name].kind == "pool"
        or (_by_transaction(plan.components[name]) and name not in known)
    )
    names = tuple(name for name in of_role if name not in left_out)
    if quota is None:
        quotas: dict[str, Any] = {}
    elif isinstance(quota, Mapping):
        quotas = dict(quota)
    else:
        quotas = dict.fromkeys(("", *quota_names(plan)), quota)
    return Payout(
        plan,
        role,
        names,
        quotas,
        base_pay,
        target_incentive,
        dict(indicators or {}),
        dict(known),
        dict(line_factors or {}),
        left_out,
    )


def quota_names(plan: Plan) -> tuple[str, ...]:
    """Names of all quotas a plan can ask for: those of measures, and those named apart."""
    named = [each.quota for each in plan.indicators.values()]
    named += [each.rates.quota for each in plan.components.values() if each.rates]
    return tuple(dict.fromkeys([*plan.measures, *(name for name in named if name)]))


def _by_transaction(component: Component) -> bool:
    """Whether single transactions are paid by tiers of their own."""
    return (
        component.rates is not None
        and component.window == "transaction"
        and len(component.rates.tiers) > 1
    )


def modifier_factor(modifier: Modifier, values: Mapping[str, Floats]) -> Any:
    """Factor of a modifier at values of the indicators; 1 where one is not known."""
    if modifier.times is not None:
        value = values.get(modifier.times.indicator)
        return 1.0 if value is None else step_factor(modifier.times, value)
    if modifier.gate is not None:
        if modifier.gate.indicator not in values:
            return 1.0
        return np.where(_met(modifier.gate, values), 1.0, float(modifier.otherwise))
    matrix = modifier.matrix
    if matrix is None or not {matrix.down.indicator, matrix.across.indicator} <= set(values):
        return 1.0
    at = [
        np.maximum(_place([float(each) for each in axis.from_], values[axis.indicator]), 0)
        for axis in (matrix.down, matrix.across)
    ]
    return np.array(matrix.factors, float)[at[0], at[1]]


def step_factor(factor: Factor, value: ArrayLike) -> Floats:
    """Factor by an indicator's value in floats; `earnings.factor_of` is its exact twin."""
    value = np.asarray(value, float)
    if factor.steps:
        starts = [float(step.from_) for step in factor.steps]
        levels = np.array([float(step.factor) for step in factor.steps])
        if factor.kind == "interpolated":
            value = np.interp(value, starts, levels)
        else:
            at = _place(starts, value)
            value = np.where(at < 0, 0.0, levels[np.maximum(at, 0)])
    if factor.floor is not None or factor.cap is not None:
        low = float(factor.floor) if factor.floor is not None else -np.inf
        value = np.clip(value, low, float(factor.cap) if factor.cap is not None else np.inf)
    return np.asarray(value)


def _place(starts: list[float], value: Floats) -> NDArray[np.int64]:
    return np.searchsorted(np.array(starts), value * (1 + _EDGE), side="right") - 1


def _met(needs: Needs, values: Mapping[str, Floats]) -> Any:
    if needs.indicator not in values:
        return True
    value = np.asarray(values[needs.indicator]) * (1 + _EDGE)
    met = value >= float(needs.at_least) if needs.at_least is not None else np.bool_(True)
    return met & (value < float(needs.below)) if needs.below is not None else met


def _summed_within(values: Floats, width: int) -> Floats:
    result = np.array(values, float)
    for begin in range(0, result.shape[-1], width):
        window = result[..., begin : begin + width]
        np.cumsum(window, axis=-1, out=window)
    return result
