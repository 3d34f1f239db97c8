"""What the study of targets takes for granted, in sentences a reader can disagree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.planning.company_year import KINDS
from workbench.planning.story.words import kpi_name
from workbench.planning.study_targets import BY, SEASONS, SIDES
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def assumptions(result: TargetStudy, lang: Language) -> list[tuple[str, str]]:
    """Subject and sentence, in the order in which figures rest on them."""
    return list(_stated(result, lang))


def _others(result: TargetStudy, lang: Language) -> Iterator[tuple[str, str]]:
    """How KPIs beside revenue are drawn, of those that have a target."""
    said = {
        "gross_margin": lang.say(
            "Rates of the last twelve months, drawn to that of all by what chance explains, and"
            " moving together as in past years."
        ),
        "collections": lang.say(
            "Revenue comes in over seven months by measured parts and calendar month; strays as in"
            " past stretches."
        ),
        "new_customers": lang.say(
            "The pace of two years; all have good and bad years together as in the past."
        ),
        "market_share": lang.say(
            "Revenue over a market that grows as it has grown; people have their region's share."
        ),
        "satisfaction": lang.say("As many answers as last year, by the owner of the account."),
    }
    for kpi in result.targets.kpis:
        if kpi in said:
            yield kpi_name(kpi, lang), said[kpi]


def _stated(result: TargetStudy, lang: Language) -> Iterator[tuple[str, str]]:
    say, params = lang.say, result.params
    yield (
        say("Forecast"),
        say(
            "Net revenue by today's owner of the account, people, teams, regions and company"
            " forecast together up to December {year}; accounts stay where they are.",
            year=result.year,
        ),
    )
    yield (
        say("Goal"),
        say(
            "Base grows by {growth} over {year}; floor {floor} and stretch {stretch} of it.",
            growth=lang.percent(result.growth),
            year=result.year - 1,
            floor=lang.percent(params.floor, decimals=0),
            stretch=lang.percent(params.stretch, decimals=0),
        ),
    )
    yield from _others(result, lang)
    if params.split_by != "forecast" or params.season != "forecast" or params.side != "both":
        yield (
            say("Split"),
            say(
                "Over people by {by}, over months by {season}, figures: {side}.",
                by=lang.pick(*BY[params.split_by]),
                season=lang.pick(*SEASONS[params.season]),
                side=lang.pick(*SIDES[params.side]),
            ),
        )
    padding = result.targets.prepared.padding
    levels = lang.pause.join(
        say("{level} {part}", level=lang.pick(*KINDS[kind]), part=lang.percent(padding[kind]))
        for kind in result.targets.tree.levels
        if kind in padding
    )
    yield (
        say("Padding"),
        say("{levels}.", levels=levels) if padding else say("None."),
    )
    if result.promised is not None:
        yield (
            say("Promises"),
            say(
                "Entries are corrected for habit, apart by how far ahead they were made and how"
                " many months they cover. Months nobody entered go by what is entered beside the"
                " forecast of the same months, as one ratio with twelve months in which both are"
                " equal. Entries of heads of teams move those of their people as far as heads have"
                " been nearer."
            ),
        )
    if result.money is not None:
        yield (
            say("Pay", context="targets"),
            say(
                "The company's pay plan as one curve over attainment; at target a person is paid"
                " the own variable part (target pay less base pay) times what the plan pays the"
                " role over it. Margin and selling expense, without variable pay, as in the last"
                " twelve months."
            ),
        )
    deals = result.made.facts.pipeline
    if deals is not None:
        yield (
            say("Coverage"),
            say(
                "{share} of revenue comes through deals; the rest is taken as regular business"
                " that needs none.",
                share=lang.percent(deals.share, decimals=0),
            ),
        )
