"""What the study of incentives takes for granted, in sentences a reader can disagree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.incentives.payees import Traits
from workbench.incentives.story.words import changes_said, money, plan_name
from workbench.incentives.study_incentives import changes_of
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def assumptions(result: Incentives, lang: Language) -> list[tuple[str, str]]:
    """Subject and sentence, in the order in which figures rest on them."""
    return list(_stated(result, lang))


def _stated(result: Incentives, lang: Language) -> Iterator[tuple[str, str]]:
    say, params = lang.say, result.params
    if params.plan:
        yield say("Pay plan"), say("{plan}, from a plan file.", plan=plan_name(result, lang))
    else:
        yield (
            say("Pay plan"),
            say(
                "The table of pay plans as it holds in {year}: performance pay by the attainment of"
                " the quarter to date, commission on collections at the rate that the year to date"
                " has reached, the bonus in the plan's year.",
                year=result.year,
            ),
        )
    if not changes_of(params).none:
        yield say("Proposal"), changes_said(result, lang)
    elif not params.proposal:
        yield (
            say("Proposal"),
            say(
                "Factors by steps become lines through the same points; these components pay"
                " {scale} of that, so that the expected cost is that of today.",
                scale=lang.percent(result.scale),
            ),
        )
    yield (
        say("Budget"),
        say("{amount}, as set.", amount=money(result, result.budget, lang))
        if params.budget is not None
        else say(
            "{amount}: last year's share of collections on this year's target of collections.",
            amount=money(result, result.budget, lang),
        ),
    )
    yield (
        say("Attainment"),
        say(
            "Draws of {file}; months of this year that are over are as they were.",
            file=params.given,
        )
        if params.given
        else say(
            "A level of the person shrunk towards the role, and the months of a year that a"
            " colleague of the role has had; months of this year that are over are as they were."
        ),
    )
    if not params.given:
        yield (
            say("Market"),
            say(
                "A year's market swings by {given} for everybody; the years that are over swung by"
                " {seen}.",
                given=lang.percent(params.market_sd),
                seen=lang.percent(result.levels.market),
            ),
        )
    yield (
        say("Collections"),
        say(
            "Collections follow the revenue of the same drawn year at each person's own ratio;"
            " both are credited as the lines of the last twelve months were: shared contracts to"
            " those who share them, in proportion."
        ),
    )
    if result.today.people.traits != Traits():
        yield (
            say("Single lines"),
            say(
                "What is paid line by line is paid on equal lines, as many a month as in the last"
                " twelve; factors of lines, by days overdue for instance, at their mean."
            ),
        )
    yield (
        say("People"),
        say("Those in post in the year; nobody joins or leaves beyond what is known."),
    )
