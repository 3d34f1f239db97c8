"""What several parts of the report say: money, roles, plans, sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from workbench.pay.plan import PAYROLL
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and math.isfinite(value)


def full(lang: Language, clauses: Iterable[str]) -> str:
    """Clauses as sentences one after the other."""
    ended = (clause[0].upper() + clause[1:] + lang.stop for clause in clauses if clause)
    return lang.sentences(ended)


def currency(result: Incentives) -> str:
    """Currency of the plan."""
    return result.today.people.plan.currency


def money(result: Incentives, value: float, lang: Language) -> str:
    """An amount in words."""
    return lang.money(value, currency=currency(result))


def scale(result: Incentives, lang: Language) -> Any:
    """One unit of money for the first page."""
    return lang.scale([float(result.now.total().max())], currency=currency(result))


def role(result: Incentives, code: str, lang: Language) -> str:
    """Label of a role."""
    return result.company.label("role", code, lang) if code else lang.say("All people")


def plan_name(result: Incentives, lang: Language, *, proposal: bool = False) -> str:
    """Name of one of the plans."""
    plan = (result.proposal if proposal else result.today).people.plan
    return lang.pick(plan.name.en, plan.name.zh)


def changes_said(result: Incentives, lang: Language) -> str:
    """What the parameters change in the proposal, as one sentence."""
    params = result.params
    said = [
        lang.say(words, value=lang.ratio(value, decimals=2))
        for words, value, usual in (
            (mark("rates {value}"), params.rates, 1.0),
            (mark("thresholds {value}"), params.thresholds, 1.0),
            (mark("accelerator {value}"), params.accelerator, 1.0),
            (mark("cap at {value} the target incentive"), params.cap, None),
        )
        if value != usual
    ]
    whose = lang.pause.join(role(result, each, lang) for each in params.roles)
    return full(
        lang,
        [
            lang.say(
                "{plan}: {changes}, for {whose}",
                plan=plan_name(result, lang, proposal=True),
                changes=lang.pause.join(said),
                whose=whose or lang.say("all roles"),
            )
        ],
    )


def component(result: Incentives, name: str, lang: Language) -> str:
    """Label of a component of today's plan."""
    label = result.today.people.plan.components[name].label
    return lang.pick(label.en, label.zh)


def step_name(result: Incentives, measured: str, step: float, lang: Language) -> str:
    """A step as it stands in the plan: attainment in per cent, or an amount."""
    if measured == "attainment":
        return lang.percent(step, decimals=0)
    return money(result, step, lang)


def payroll(item: str, lang: Language) -> str:
    """Name of a payroll item."""
    return lang.pick(*PAYROLL[item]) if item in PAYROLL else lang.say("Draws and guarantees")


def who(result: Incentives, lang: Language) -> dict[str, str]:
    """What people are called: by number within their role, or by id where it is asked for."""
    return {
        rep: rep if result.params.show_people else f"{role(result, code, lang)} {number}"
        for rep, (code, number) in result.today.people.numbered().items()
    }
