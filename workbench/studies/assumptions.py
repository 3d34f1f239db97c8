"""What the numbers of a run rest on: settings of the company, its overrides, the usual parameters.

What the study itself takes for granted it says by `assumptions(lang)` of its results.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from workbench.company import Company
from workbench.contract import ParameterRow
from workbench.text import Language, mark

Row = tuple[str, str]

_BASES = {
    "incl": mark("amounts that state none include VAT"),
    "excl": mark("amounts that state none exclude VAT"),
    None: mark("as each row states; none is assumed"),
}


def assumptions(
    company: Company,
    rows: Iterable[ParameterRow],
    stated: Iterable[Mapping[str, str]],
    lang: Language,
) -> list[Row]:
    """What a run has taken for granted, as rows of a table: what, and how it is taken.

    Parameters
    ----------
    company : Company
    rows : iterable of ParameterRow
        Parameters of the run.
    stated : iterable of mapping
        What the study says: subject, which may be "", and text.
    lang : Language
    """
    say = lang.say
    usual = [row.parameter.title for row in rows if row.is_default]
    return [
        *((each["subject"] or say("Stated by the study"), each["text"]) for each in stated),
        *_of_calendar(company, lang),
        *_of_amounts(company, lang),
        *_of_overrides(company, lang),
        *([(say("Parameters left as usual"), lang.pause.join(usual))] if usual else []),
    ]


def _of_calendar(company: Company, lang: Language) -> Iterator[Row]:
    say, settings = lang.say, company.settings
    month = lang.month(dt.date(2000, settings.fiscal_start_month, 1), long=True)
    yield say("Fiscal year"), say("begins in {month}", month=month)
    yield (
        say("Month end"),
        say("closes on day {day}", day=settings.closing_day)
        if settings.closing_day
        else say("last day of the month"),
    )
    yield (
        say("Data complete to"),
        lang.date(settings.data_as_of)
        if settings.data_as_of
        else say("not set: the last day found in the data"),
    )


def _of_amounts(company: Company, lang: Language) -> Iterator[Row]:
    say, settings = lang.say, company.settings
    yield say("Base currency"), settings.base_currency
    yield say("Tax basis"), say(_BASES[settings.tax_basis])
    limits = lang.pause.join(lang.percent(limit, decimals=0) for limit in settings.approval_limits)
    yield say("Discounts that need approval"), limits
    low, high = (lang.number(days) for days in settings.stock_cover_band)
    yield say("Usual days of dealer stock"), say("{low} to {high}", low=low, high=high)


def _of_overrides(company: Company, lang: Language) -> Iterator[Row]:
    say, settings = lang.say, company.settings
    kpis = lang.pause.join(sorted(settings.kpis))
    yield say("KPIs defined by the company"), kpis or say("none; all as in the KPI dictionary")
    if settings.terms:
        words = (f"{term} = {own}" for term, own in sorted(settings.terms.items()))
        yield say("Own words for terms"), lang.pause.join(words)
