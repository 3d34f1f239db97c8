"""The names that a plan uses: of measures, indicators and components it declares, and of roles."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from workbench.errors import ParameterError
from workbench.pay.parts import Modifier
from workbench.pay.source import Source
from workbench.text import later

if TYPE_CHECKING:
    from workbench.pay.plan import Plan


def references(plan: Plan) -> Iterator[tuple[tuple[Any, ...], str, Iterable[str]]]:
    """Each name that the plan uses: where, the name, and the names it may be."""
    measures, indicators = list(plan.measures), list(plan.indicators)
    for name, indicator in plan.indicators.items():
        at: tuple[Any, ...] = ("indicators", name)
        for entry in ("attainment", "rank"):
            if (used := getattr(indicator, entry)) is not None:
                yield (*at, entry), used, measures
        for number, used in enumerate(indicator.ratio or ()):
            yield (*at, "ratio", number), used, measures
    for name, component in plan.components.items():
        at = ("components", name)
        if component.measure is not None:
            yield (*at, "measure"), component.measure, measures
        if component.pool is not None:
            if component.pool.measure is not None:
                yield (*at, "pool", "measure"), component.pool.measure, measures
            yield (
                (*at, "pool", "by"),
                component.pool.by,
                ["equal", "base_pay", *measures, *indicators],
            )
        for number, tier in enumerate(component.rates.tiers if component.rates else ()):
            if tier.needs is not None:
                keys = (*at, "rates", "tiers", number, "needs", "indicator")
                yield keys, tier.needs.indicator, indicators
        for number, modifier in enumerate(component.modify):
            for below, used in _of_modifier(modifier):
                yield (*at, "modify", number, *below), used, indicators
    for rule in ("hold", "draw"):
        for name, each in getattr(plan.payment, rule).items():
            for number, used in enumerate(each.components):
                yield ("payment", rule, name, "components", number), used, list(plan.components)


def check_roles(plan: Plan, source: Source, roles: Collection[str]) -> None:
    """Refuse roles that nobody can have: what they name would be paid to nobody."""
    named: list[tuple[tuple[str, ...], Sequence[str]]]
    named = [(("components", n, "roles"), each.roles) for n, each in plan.components.items()]
    for name, draw in plan.payment.draw.items():
        named.append((("payment", "draw", name, "roles"), draw.roles))
    for keys, each in named:
        unknown = next((role for role in each if role not in roles), None)
        if unknown is None:
            continue
        near = difflib.get_close_matches(unknown, roles, n=1, cutoff=0.5)
        raise ParameterError(
            later("{name}: nobody can have the role {role}", name=".".join(keys), role=unknown),
            where=source.place(keys),
            do=later("did you mean {name}?", name=near[0])
            if near
            else later("use one of: {names}", names=", ".join(sorted(roles))),
        )


def _of_modifier(modifier: Modifier) -> Iterator[tuple[tuple[str, ...], str]]:
    if modifier.times is not None:
        yield ("times", "indicator"), modifier.times.indicator
    if modifier.gate is not None:
        yield ("gate", "indicator"), modifier.gate.indicator
    if modifier.matrix is not None:
        yield ("matrix", "down", "indicator"), modifier.matrix.down.indicator
        yield ("matrix", "across", "indicator"), modifier.matrix.across.indicator
