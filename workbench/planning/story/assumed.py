"""What the study of targets takes for granted, in sentences a reader can disagree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.planning.company_year import KINDS
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.study_targets import TargetStudy


def assumptions(result: TargetStudy, lang: Language) -> list[tuple[str, str]]:
    """Subject and sentence, in the order in which figures rest on them."""
    return list(_stated(result, lang))


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
    padding = result.targets.prepared.padding
    levels = lang.pause.join(
        f"{lang.pick(*KINDS[kind])} {lang.percent(part)}" for kind, part in padding.items()
    )
    yield (
        say("Padding"),
        say("{levels}.", levels=levels) if padding else say("None."),
    )
    if result.promised is not None:
        yield (
            say("Promises"),
            say(
                "Nobody has entered the whole year: entries for the next months, relative to the"
                " forecast of the same months, are carried to the year and corrected for habit."
            ),
        )
    if result.money is not None:
        yield (
            say("Pay"),
            say(
                "The company's pay plan as one curve over attainment, roles weighted by target"
                " pay; margin and selling expense as in the last twelve months."
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
