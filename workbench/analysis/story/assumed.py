"""What the sales analysis takes for granted, in sentences a reader can disagree with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

_OWNERS = {
    "today": mark("Rows count for the present owner of the account, also those of earlier years."),
    "at_the_time": mark("Rows count for whoever owned the account on their own date."),
}
_OF_LINES = {
    mark("Revenue"): mark(
        "Revenue is without VAT, by the rate of each row, on the day it is recognised; returns"
        " count on their own day."
    ),
    mark("Working days"): mark(
        "Working days follow the official calendar of China with its days worked in lieu."
    ),
    mark("Customer groups"): mark(
        "In the customer groups, new has a first order within 90 days, sleeping has none for 180"
        " days."
    ),
}
_OF_STOCK = mark(
    "Dealer stock is valued at the mean sell-in price of each product; days of cover follow the"
    " sell-out of three months."
)


def assumptions(result: SalesAnalysis, lang: Language) -> list[tuple[str, str]]:
    """Subject and sentence, in the order in which figures rest on them."""
    return list(_stated(result, lang))


def _stated(result: SalesAnalysis, lang: Language) -> Iterator[tuple[str, str]]:
    say, scope, params = lang.say, result.scope, result.params
    yield say("Period"), _compared(result, lang)
    if params.regions:
        names = (scope.company.label("region", code, lang) for code in params.regions)
        said = say("Only these regions: {regions}.", regions=lang.pause.join(names))
        yield say("Regions"), said
    yield say("Organisation"), say(_OWNERS[params.organisation])
    if scope.company.has("order_line"):
        yield from ((say(subject), say(sentence)) for subject, sentence in _OF_LINES.items())
    if scope.company.has("partner_stock", "sell_out"):
        yield say("Dealer stock"), say(_OF_STOCK)


def _compared(result: SalesAnalysis, lang: Language) -> str:
    windows = (result.scope.now, result.scope.prior)
    period, before = (lang.period(each.start, each.end, long=True) for each in windows)
    compared = mark("{period} is compared with {before}.")
    alone = mark("{period} stands alone: the data begin later than {before}.")
    return lang.say(compared if result.scope.has_prior else alone, period=period, before=before)
