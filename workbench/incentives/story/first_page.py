"""The first page: six tiles, the cost fan, cost by role, the payout curve, winners, cliffs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.incentives.cliffs import at_step
from workbench.incentives.story import blocks
from workbench.incentives.story.words import currency, known, money, plan_name, scale
from workbench.report import Block, Foot, Mark, Page, Tile
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def first_page(result: Incentives, lang: Language) -> Page:
    """The first page of incentives."""
    return Page(
        study=lang.say("Incentives"),
        period=lang.fiscal_year(result.year),
        company=result.company.name(lang),
        finding=finding(result, lang),
        lead=lead(result, lang),
        tiles=_tiles(result, lang),
        blocks=[
            Block(blocks.cost_fan(result, lang), span=6),
            Block(blocks.by_role(result, lang), span=6),
            blocks.payout(result, lang),
            Block(blocks.winners(result, lang), span=4),
            Block(blocks.steps(result, lang), span=3),
        ],
        foot=foot(result, lang),
        lang=lang,
    )


def finding(result: Incentives, lang: Language) -> str:
    """The headline: cost, its share of collections, the chance to exceed the budget."""
    return lang.say(
        "Variable pay comes to {amount}, {share} of collections; chance to exceed the budget"
        " {chance}",
        amount=money(result, float(result.now.total().mean()), lang),
        share=lang.percent(_share(result), decimals=2),
        chance=lang.probability(result.now.over(result.budget)),
    )


def lead(result: Incentives, lang: Language) -> str:
    """One line under the headline: people beside steps, at target, and luck."""
    times, amount = at_step(result.cliffs, 1.0)
    clauses = []
    if times >= 1:
        clauses.append(
            lang.say(
                "{times} settlements a year end within two points of the step at 100%, where"
                " {amount} hangs",
                times=lang.number(times),
                amount=money(result, amount, lang),
            )
        )
    clauses.append(
        lang.say(
            "{share} of people with quotas reach target",
            share=lang.percent(result.fairness.share_at_target(), decimals=0),
        )
    )
    luck = result.fairness.share_of_luck()
    if known(luck):
        clauses.append(
            lang.say(
                "{luck} of what differs in pay within roles is luck",
                luck=lang.percent(luck, decimals=0),
            )
        )
    return lang.semicolon.join(clauses) + lang.stop


def _tiles(result: Incentives, lang: Language) -> list[Tile]:
    return [
        _cost(result, lang),
        _chance(result, lang),
        _ratio(result, lang),
        _attainment(result, lang),
        _steps(result, lang),
        _luck(result, lang),
    ]


def _cost(result: Incentives, lang: Language) -> Tile:
    total = result.now.total()
    expected, (low, high) = float(total.mean()), np.quantile(total, [0.1, 0.9])
    figure, unit = lang.money_parts(expected, currency=currency(result))
    gap = expected / result.budget - 1 if result.budget else float("nan")
    one = scale(result, lang)
    return Tile(
        label=lang.say("Variable pay"),
        basis=lang.say("year, earned"),
        figure=figure,
        unit=unit.replace(" million", "\N{NO-BREAK SPACE}m"),
        change=Mark.of(lang.signed_percent(gap), gap, "down") if known(gap) else "",
        against=lang.say("on budget"),
        second=lang.say("8 in 10: {range}", range=f"{one(float(low))}–{one(float(high))}"),
    )


def _chance(result: Incentives, lang: Language) -> Tile:
    chance = lang.probability(result.now.over(result.budget))
    return Tile(
        label=lang.say("Over budget"),
        basis=lang.say("probability"),
        figure=chance.removesuffix("%"),
        unit="%",
        change=lang.say("budget {amount}", amount=money(result, result.budget, lang)),
        second=lang.say(
            "one year in ten: over {amount}",
            amount=scale(result, lang)(float(np.quantile(result.now.total(), 0.9))),
        ),
    )


def _share(result: Incentives) -> float:
    """Variable pay over collections of the year, means of both."""
    collected = result.collected
    return float(result.now.total().mean() / collected) if collected else float("nan")


def _ratio(result: Incentives, lang: Language) -> Tile:
    share = _share(result)
    before = result.last_ratio
    change: Mark | str = ""
    if known(before) and before is not None:
        gap = share - before
        change = Mark.of(lang.points(gap, decimals=2), gap, "down")
    return Tile(
        label=lang.say("Share of collections"),
        basis=lang.say("pay"),
        figure=lang.number(share * 100, decimals=2),
        unit="%",
        change=change,
        against=lang.say("on the year") if change else "",
        second=lang.say(
            "at 100%: {share} of base pay",
            share=lang.percent(_variable_share(result), decimals=0),
        ),
    )


def _variable_share(result: Incentives) -> float:
    """Target incentive over base pay."""
    staff = result.today.people.staff
    base = float((staff.base_pay * staff.days / staff.length).sum())
    incentive = float((staff.incentive * staff.days / staff.length / 12).sum())
    return incentive / base if base else float("nan")


def _attainment(result: Incentives, lang: Language) -> Tile:
    values = result.today.attainment
    own = np.isfinite(values).all(axis=0)
    middle = float(np.median(values[:, own])) if own.any() else float("nan")
    return Tile(
        label=lang.say("Attainment"),
        basis=lang.say("median ahead"),
        figure=lang.number(middle * 100, decimals=1),
        unit="%",
        change=lang.say(
            "{share} reach target",
            share=lang.percent(result.fairness.share_at_target(), decimals=0),
        ),
        second=lang.say(
            "{share} stay under half",
            share=lang.percent(result.fairness.share_below_half(), decimals=0),
        ),
    )


def _steps(result: Incentives, lang: Language) -> Tile:
    times, amount = float(result.cliffs["times"].sum()), float(result.cliffs["money"].sum())
    at, _ = at_step(result.cliffs, 1.0)
    return Tile(
        label=lang.say("Beside a step"),
        basis=lang.say("within 2 points"),
        figure=lang.number(times),
        unit=lang.say("settlements"),
        change=lang.say("{amount} at stake", amount=money(result, amount, lang)),
        second=lang.say("{times} of them at 100%", times=lang.number(at)),
    )


def _luck(result: Incentives, lang: Language) -> Tile:
    luck = result.fairness.share_of_luck()
    skill = 1 - luck
    return Tile(
        label=lang.say("Luck in pay"),
        basis=lang.say("of the variance"),
        figure=lang.number(luck * 100) if known(luck) else "–",
        unit="%",
        change=lang.say("a year, within roles"),
        second=lang.say("person and patch {share}", share=lang.percent(skill, decimals=0))
        if known(skill)
        else "",
    )


def foot(result: Incentives, lang: Language) -> Foot:
    """What the figures count, and as of when."""
    return Foot(
        basis=lang.semicolon.join(
            [
                lang.say("pay before tax, earned"),
                lang.say("revenue without VAT, collections with VAT"),
                plan_name(result, lang),
            ]
        ),
        data_as_of=lang.date(result.company.data_as_of),
        unit=lang.say("{unit} unless stated", unit=scale(result, lang).unit),
        left_out=lang.say("people without pay in the year"),
    )
