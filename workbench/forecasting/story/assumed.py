"""What the forecast takes for granted, in sentences a reader can disagree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.forecasting.story import growth
from workbench.forecasting.story.sentences import goals
from workbench.forecasting.story.words import full
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

_ORIGINS = {
    "table": mark("Target tiers are those set in the table of targets."),
    "growth": mark(
        "No target is set for these months: base is last year's figure grown by {growth}, floor"
        " and stretch lie {gap} from it."
    ),
}
_DEALS = mark(
    "Deals and business without a deal are drawn independently of each other, given the level of"
    " wins that all deals share."
)
_ALONE = mark("All is forecast from its own history; open deals are not looked at.")
_MONEY = mark(
    "Customers pay as similar ones did; claims still to be booked follow the bookings drawn."
)


def assumptions(result: ForecastStudy, lang: Language) -> list[tuple[str, str]]:
    """Subject and sentence, in the order in which figures rest on them."""
    return list(_stated(result, lang))


def _stated(result: ForecastStudy, lang: Language) -> Iterator[tuple[str, str]]:
    say, looked = lang.say, result.scope
    yield (
        say("Months"),
        say(
            "Closed months up to {day} are known; every later month is forecast whole.",
            day=lang.date(looked.day),
        ),
    )
    if looked.regions:
        names = (looked.company.label("region", code, lang) for code in looked.regions)
        yield say("Regions"), say("Only these regions: {regions}.", regions=lang.pause.join(names))
    if result.outlook.growth is not None:
        yield say("Added to the models"), full(lang, [growth.sentence(result, lang)])
    yield say("Deals"), say(_DEALS if result.has("pipeline") else _ALONE)
    if goals(result):
        grown = lang.percent(result.params.growth)
        gap = lang.percent(result.params.tier_gap)
        origin = result.answer("targets")["origin"].iloc[0]  # the company's stand first
        said = _ORIGINS["table" if origin == "table" else "growth"]
        words = {"growth": grown, "gap": gap} if "{growth}" in said else {}
        yield say("Targets"), say(said, **words)
    if result.has("money") and result.answer("money").claims is not None:
        yield say("Collections"), say(_MONEY)
    if result.outlook.regular.days is not None:
        for note in result.outlook.regular.days.notes(lang):
            yield say("Calendar"), note
