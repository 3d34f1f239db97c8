"""Sections on dealers (stock, sell-in against sell-out) and on odd days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.story.first_blocks import scale
from workbench.analysis.story.sentences import currency, full, known, period
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis


def dealers(result: SalesAnalysis, lang: Language) -> Section:
    """Sell-in against sell-out, and the dealers behind it."""
    return Section(
        Block(_in_and_out(result, lang), span=12),
        Block(_ranking(result, lang), span=12),
        lang=lang,
        reading=_loading(result, lang),
    )


def _in_and_out(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import Measure, columns, trend_band

    table = result.answer("sell_in_and_out")
    gap = table["sell_in"].tail(12).sum() - table["sell_out"].tail(12).sum()
    amount = lang.money(abs(gap), currency=currency(result))
    title = (
        lang.say("In twelve months dealers took {amount} more than they sold", amount=amount)
        if gap > 0
        else lang.say("In twelve months dealers sold {amount} more than they took", amount=amount)
    )
    return trend_band(
        table.rename(columns={"month": "period", "sell_in": "actual", "sell_out": "last_year"}),
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Sell-in and sell-out by month at our mean price, without VAT, {unit}", unit="{unit}"
        ),
        measure=Measure("money", currency=currency(result), scale=scale(result, lang)),
        names={"actual": lang.say("sell-in"), "last_year": lang.say("sell-out")},
        width=columns(9),
    )


def _loading(result: SalesAnalysis, lang: Language) -> str:
    table = result.answer("cover")
    low, high = result.scope.company.settings.stock_cover_band
    days = table["days"].iloc[-1]
    if not known(days):
        return ""
    words = {"days": lang.number(days), "low": lang.number(low), "high": lang.number(high)}
    if days > high:
        said = lang.say(
            "Cover is {days} days, above the normal {low}–{high}: stock, not demand", **words
        )
    elif days < low:
        said = lang.say(
            "Cover is {days} days, below the normal {low}–{high}: sales may be lost", **words
        )
    else:
        said = lang.say("Cover is {days} days, inside the normal {low}–{high}", **words)
    return full(lang, [said])


def _ranking(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("dealers")
    band = result.scope.company.settings.stock_cover_band
    name = table["name_en"] if lang.code == "en" else table["name"]
    shown = table.assign(
        name=name.fillna(table["name"]),
        region=[result.scope.company.label("region", code, lang) for code in table["region"]],
    )
    over = int((table["days"] > band[1]).sum())
    return TableView(
        shown,
        [
            Col("name", lang.say("Dealer")),
            Col("region", lang.say("Region")),
            Col("after", lang.say("Sell-in"), "money", additive=True),
            Col("growth", lang.say("Sell-in growth"), "signed_percent"),
            Col("sell_out_growth", lang.say("Sell-out growth"), "signed_percent"),
            Col("days", lang.say("Cover"), "number", decimals=0, band=band, judged=True),
            Col("outside", lang.say("Sold outside region"), "percent"),
        ],
        lang=lang,
        title=lang.say(
            "{n} of {all} dealers hold more than {high} days",
            n=lang.number(over),
            all=lang.number(len(table)),
            high=lang.number(band[1]),
        ),
        subtitle=lang.say(
            "Dealers by sell-in, {unit}, {period}",
            unit=scale(result, lang).unit,
            period=period(result, lang),
        ),
        caption=lang.say("Dealers by sell-in, with stock cover and sell-out"),
        currency=currency(result),
        scale=scale(result, lang),
        keep=min(result.params.top, 20),
        max_rows=max(12, result.params.top),
    )


def anomalies(result: SalesAnalysis, lang: Language) -> Section:
    """Days the calendar does not explain, within the window and the year before."""
    table = result.answer("anomalies")
    since = pd.Timestamp(result.scope.prior.start)
    table = table[table["day"] >= since].head(result.params.top) if len(table) else table
    if table.empty:
        return Section(
            lang=lang,
            title=lang.say("No day stands out once the calendar is taken into account"),
            reading=full(
                lang, [lang.say("Month ends, New Year and festivals are expected, not odd")]
            ),
        )
    shown = table.assign(day=[lang.date(day) for day in table["day"]])
    view = TableView(
        shown,
        [
            Col("day", lang.say("Day")),
            Col("net", lang.say("Revenue"), "money"),
            Col("expected", lang.say("Expected"), "money"),
            Col("excess", lang.say("Difference"), "signed_money", judged=True),
            Col("score", lang.say("Score"), "number", decimals=1),
        ],
        lang=lang,
        title=lang.say("{n} days stand out beyond what the calendar explains", n=len(table)),
        subtitle=lang.say(
            "Working days since {date}, {unit}; expected from weekday, month, month end, New Year"
            " and festivals",
            date=lang.date(since),
            unit=lang.scale(list(table["net"]), currency=currency(result)).unit,
        ),
        caption=lang.say("Odd days"),
        currency=currency(result),
        max_rows=result.params.top,
    )
    return Section(view, lang=lang)
