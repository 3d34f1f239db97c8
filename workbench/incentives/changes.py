"""Changes of a plan by a few numbers: rates, thresholds, accelerator and cap, for some roles.

What a planner moves and what the design search tries are the same numbers, so that a design found
can be typed in. Exact rules of one component are written in a plan file.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from workbench.errors import ParameterError
from workbench.pay.plan import Plan, plan_from
from workbench.pay.words import exact_text
from workbench.text import later

#: Above this attainment what a plan pays is its accelerator.
TARGET = Fraction(1)
#: Attainment up to which attainment itself is drawn as a line where it has no cap.
FAR = Fraction(1000)


@dataclass(frozen=True, slots=True)
class Changes:
    """How a plan is changed; the defaults change nothing. Base pay and stated sums stay.

    Attributes
    ----------
    rates : float
        Rates of all tables are multiplied by it.
    thresholds : float
        Starts of tiers, steps and gates are multiplied by it: 0.95 brings 100% to 95%. Tiers
        measured on amounts move likewise.
    accelerator : float
        What tiers and steps from 100% on pay over the one before is multiplied by it; of tables on
        amounts what the tiers after the first do.
    cap : float or None
        Pay of each component with rates is at most so many times the target incentive.
    roles : tuple of str
        Whose pay is changed; everybody's if empty.
    """

    rates: float = 1.0
    thresholds: float = 1.0
    accelerator: float = 1.0
    cap: float | None = None
    roles: tuple[str, ...] = ()

    @property
    def none(self) -> bool:
        """Whether nothing is changed."""
        return replace(self, roles=()) == Changes()


def refuse_unknown(roles: Iterable[str], known: Collection[str]) -> None:
    """Raise a ParameterError for the first of these roles that is not known."""
    for role in roles:
        if role not in known:
            raise ParameterError(
                later("nobody has the role {role}", role=role),
                where="roles",
                do=later("choose from {names}", names=", ".join(sorted(known))),
            )


def changed(plan: Plan, changes: Changes, *, roles: Sequence[str] = ()) -> Plan:
    """Write a plan with its rates, thresholds, accelerator and cap changed.

    Parameters
    ----------
    plan : Plan
    changes : Changes
    roles : sequence of str
        All roles there are; needed where a component is everybody's and some roles are changed.

    Raises
    ------
    ParameterError
        If a role is unknown, or a number is below 0.
    """
    low = min(changes.rates, changes.thresholds, changes.accelerator, changes.cap or 0.0)
    if low < 0 or changes.thresholds == 0:
        raise ParameterError(
            later("a plan cannot be changed so"),
            where=f"{changes}",
            do=later("give numbers from 0 on, thresholds above 0"),
        )
    named = {role for each in plan.components.values() for role in each.roles} | set(roles)
    refuse_unknown(changes.roles, named)
    written = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["plan"] = f"{plan.plan}_changed"
    written["name"] = {"en": f"{plan.name.en}, changed", "zh": f"{plan.name.zh}（调整后）"}
    components: dict[str, Any] = written["components"]
    for name, entry in list(components.items()):
        having = entry.get("roles") or sorted(named)
        mine = [role for role in having if role in changes.roles]
        if entry.get("payroll") == "base" or (changes.roles and not mine):
            continue
        if not changes.roles or len(mine) == len(having):
            _change(entry, plan, changes)
        elif entry.get("pool") is None:  # a pool is one for all who share it
            part = copy.deepcopy(entry) | {"roles": mine}
            _change(part, plan, changes)
            entry["roles"] = [role for role in having if role not in mine]
            components[f"{name}_changed"] = part
            _held_alike(written, name)
    return plan_from(written)


def uncapped(plan: Plan) -> Plan:
    """The plan without limits on pay: no caps, and factors of attainment that go on."""
    written = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["plan"] = f"{plan.plan}_uncapped"
    for entry in written["components"].values():
        kept = [each for each in entry.get("modify", ()) if "cap" not in each]
        for modifier in kept:
            if "times" in modifier and _of_attainment(modifier["times"], plan):
                modifier["times"].pop("cap", None)
        if "modify" in entry:
            entry["modify"] = kept
    return plan_from(written)


def _held_alike(written: dict[str, Any], name: str) -> None:
    """Holds and draws of a component are those of its changed part as well."""
    payment = written.get("payment", {})
    for rule in (*payment.get("hold", {}).values(), *payment.get("draw", {}).values()):
        if name in rule.get("components", ()):
            rule["components"] = [*rule["components"], f"{name}_changed"]


def _change(entry: dict[str, Any], plan: Plan, changes: Changes) -> None:
    times = _exact(changes.thresholds)
    rates = entry.get("rates")
    if rates is not None:
        _change_rates(rates, changes)
        for tier in rates["tiers"]:
            _move_condition(tier.get("needs"), plan, times)
    pool = entry.get("pool")
    if pool is not None and "rate" in pool:
        pool["rate"] = exact_text(min(Fraction(pool["rate"]) * _exact(changes.rates), Fraction(1)))
    for modifier in entry.get("modify", ()):
        if "times" in modifier and _of_attainment(modifier["times"], plan):
            _change_factor(modifier["times"], changes)
        if "matrix" in modifier:
            _change_matrix(modifier["matrix"], plan, changes)
        _move_condition(modifier.get("gate"), plan, times)
    if changes.cap is not None and rates is not None:
        if len(rates["tiers"]) == 1 and entry.get("accumulate") != "transaction":
            entry["accumulate"] = "year"  # a single rate pays the same over any window
        limit = {"cap": {"target_incentive": exact_text(_exact(changes.cap))}, "over": "window"}
        entry["modify"] = [*entry.get("modify", ()), limit]


def _change_rates(rates: dict[str, Any], changes: Changes) -> None:
    tiers, by_amount = rates["tiers"], rates.get("on") != "attainment"
    starts = [Fraction(tier.get("from", 0)) for tier in tiers]
    interpolated = rates.get("kind") == "interpolated"
    word = "amount" if interpolated else "rate"
    levels = [Fraction(tier[word]) for tier in tiers]
    widths = [Fraction(1)] * len(tiers)
    if interpolated:
        widths = [b - a for a, b in zip(starts, [*starts[1:], Fraction(tiers[-1]["to"])],
                                        strict=True)]  # fmt: skip
    slopes = [level / width for level, width in zip(levels, widths, strict=True)]
    slopes = _accelerated(starts, slopes, changes, first=by_amount)
    moved = _exact(changes.thresholds)
    for tier, start, slope, width in zip(tiers, starts, slopes, widths, strict=True):
        tier[word] = exact_text(slope * width * _exact(changes.rates))
        tier["from"] = exact_text(start * moved)
        if "to" in tier:
            tier["to"] = exact_text(Fraction(tier["to"]) * moved)


def _change_factor(factor: dict[str, Any], changes: Changes) -> None:
    """Move and steepen a factor by attainment; attainment itself becomes a line with a bend."""
    moved = _exact(changes.thresholds)
    if not factor.get("steps"):
        if moved == 1 and changes.accelerator == 1:
            return
        low, high = Fraction(factor.get("floor", 0)), Fraction(factor.get("cap", FAR))
        inner = [TARGET] * (low < TARGET < high)
        factor["kind"] = "interpolated"
        factor["steps"] = [{"from": exact_text(at), "factor": exact_text(at)}
                           for at in (low, *inner, high)]  # fmt: skip
        factor.pop("floor", None), factor.pop("cap", None)
    steps = factor["steps"]
    starts = [Fraction(step["from"]) for step in steps]
    levels = [Fraction(step["factor"]) for step in steps]
    levels = _accelerated(starts, levels, changes, line=factor.get("kind") == "interpolated")
    for step, start, level in zip(steps, starts, levels, strict=True):
        step["from"], step["factor"] = exact_text(start * moved), exact_text(level)


def _change_matrix(matrix: dict[str, Any], plan: Plan, changes: Changes) -> None:
    moved = _exact(changes.thresholds)
    table = [[Fraction(each) for each in row] for row in matrix["factors"]]
    for axis in ("down", "across"):
        if not _of_attainment(matrix[axis], plan):
            continue
        starts = [Fraction(each) for each in matrix[axis]["from"]]
        lines = table if axis == "across" else list(zip(*table, strict=True))
        lines = [_accelerated(starts, list(line), changes) for line in lines]
        table = lines if axis == "across" else [list(row) for row in zip(*lines, strict=True)]
        matrix[axis]["from"] = [exact_text(start * moved) for start in starts]
    matrix["factors"] = [[exact_text(each) for each in row] for row in table]


def _move_condition(needs: dict[str, Any] | None, plan: Plan, moved: Fraction) -> None:
    if needs is None or not _of_attainment(needs, plan):
        return
    for bound in ("at_least", "below"):
        if bound in needs:
            needs[bound] = exact_text(Fraction(needs[bound]) * moved)


def _accelerated(
    starts: Sequence[Fraction],
    levels: Sequence[Fraction],
    changes: Changes,
    *,
    first: bool = False,
    line: bool = False,
) -> list[Fraction]:
    """Levels from 100% on, or after the first, farther from or nearer to the one before.

    Of a line through points the level before is that at 100%.
    """
    before = [n for n, at in enumerate(starts) if at < TARGET or (line and at == TARGET)]
    place = 0 if first else max(before, default=0)
    base, times = levels[place], _exact(changes.accelerator)
    return [
        level if number <= place else max(base + times * (level - base), Fraction(0))
        for number, level in enumerate(levels)
    ]


def _of_attainment(entry: Mapping[str, Any], plan: Plan) -> bool:
    return plan.indicators[entry["indicator"]].attainment is not None


def _exact(value: float) -> Fraction:
    return Fraction(str(value))
