"""Sections on revenue itself: trend and comparisons, cuts, share of market."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.story.first_blocks import scale
from workbench.analysis.story.sentences import currency, full, known, period
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

BASES = {
    "plain": ("Plain, calendar days", "普通同比"),
    "working_day": ("Per working day", "工作日可比"),
    "new_year": ("New-Year-aligned", "春节对齐"),
}


def trend(result: SalesAnalysis, lang: Language) -> Section:
    """Revenue over 25 months beside last year and plan, and growth on three bases."""
    from workbench.charts import Measure, columns, trend_band

    table = result.answer("monthly_long")
    drawn = table.rename(columns={"month": "period", "net": "actual"})
    figure = trend_band(
        drawn[["period", "actual", "last_year", "plan"]].dropna(axis=1, how="all"),
        lang=lang,
        title=_trend_title(result, lang),
        subtitle=lang.say("Revenue by month without VAT, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result), scale=scale(result, lang)),
        width=columns(8),
    )
    return Section(
        Block(figure, span=8),
        Block(_comparison_table(result, lang), span=4),
        lang=lang,
        reading=_trend_reading(result, lang),
    )


def _trend_title(result: SalesAnalysis, lang: Language) -> str:
    table = result.answer("monthly_long").dropna(subset=["net"])
    best = table.loc[table["net"].idxmax()]
    return lang.say(
        "The strongest month was {month} with {amount}",
        month=lang.month(best["month"], year=True),
        amount=lang.money(best["net"], currency=currency(result)),
    )


def _trend_reading(result: SalesAnalysis, lang: Language) -> str:
    comparison = result.answer("comparisons")["revenue_net"]
    if not known(comparison.plain) or not known(comparison.new_year):
        return ""
    gap = comparison.new_year - comparison.plain
    words = {
        "plain": lang.signed_percent(comparison.plain),
        "aligned": lang.signed_percent(comparison.new_year),
    }
    if abs(gap) < 0.005:
        said = lang.say("Plain growth of {plain} is hardly touched by the calendar", **words)
    elif gap < 0:
        said = lang.say(
            "Plain growth of {plain} flatters: New-Year-aligned it is {aligned}", **words
        )
    else:
        said = lang.say(
            "Plain growth of {plain} hides strength: New-Year-aligned it is {aligned}", **words
        )
    return full(lang, [said])


def _comparison_table(result: SalesAnalysis, lang: Language) -> TableView:
    comparison = result.answer("comparisons")["revenue_net"]
    table = comparison.table().assign(
        basis=lambda t: [lang.pick(*BASES[basis]) for basis in t["basis"]]
    )
    before, after = comparison.working_days
    return TableView(
        table,
        [
            Col("basis", lang.say("Compared")),
            Col("growth", lang.say("Growth"), "signed_percent", judged=True),
        ],
        lang=lang,
        title=lang.say("Growth on three bases"),
        subtitle=lang.say("Order revenue before rebates, {period}", period=period(result, lang)),
        caption=lang.say("Growth of revenue, compared in three ways"),
        note=full(
            lang,
            [
                lang.say("Working days: {after}, a year ago {before}", after=after, before=before),
                lang.say("Days near the New Year count what they are worth in this company"),
            ],
        ),
    )


def cuts(result: SalesAnalysis, lang: Language) -> Section:
    """What moved most by region, product line and channel; provinces as tiles."""
    company = result.scope.company
    movers = result.answer("movers").head(result.params.top)
    table = movers.assign(
        **{
            name: [company.label(name, code, lang) for code in movers[name]]
            for name in ("region", "product_line", "channel")
        }
    )
    view = TableView(
        table,
        [
            Col("region", lang.say("Region")),
            Col("product_line", lang.say("Product line")),
            Col("channel", lang.say("Channel")),
            Col("after", lang.say("Revenue"), "money"),
            Col("change", lang.say("Change"), "signed_money", judged=True),
            Col("growth", lang.say("Growth"), "signed_percent"),
        ],
        lang=lang,
        title=_cuts_title(table, result, lang),
        subtitle=lang.say(
            "Largest changes on the year, {unit}, {period}",
            unit=scale(result, lang).unit,
            period=period(result, lang),
        ),
        caption=lang.say("Largest changes by region, product line and channel"),
        currency=currency(result),
        scale=scale(result, lang),
        max_rows=result.params.top,
    )
    parts = [Block(view, span=7)]
    if result.has("provinces") and len(result.answer("provinces")):
        parts.append(Block(_tiles(result, lang), span=5))
    return Section(*parts, lang=lang)


def _cuts_title(table: pd.DataFrame, result: SalesAnalysis, lang: Language) -> str:
    if table.empty:
        return lang.say("Largest changes")
    first = table.iloc[0]
    return lang.say(
        "{region}, {line}, {channel} moved most: {change}",
        region=first["region"],
        line=first["product_line"],
        channel=first["channel"],
        change=lang.signed_money(first["change"], currency=currency(result)),
    )


def _tiles(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import columns, tile_map

    table = result.answer("provinces")
    falling = int((table["growth"] < 0).sum())
    return tile_map(
        table.rename(columns={"growth": "value"})[["geo_code", "value"]],
        lang=lang,
        title=lang.say("{n} of {all} provinces fell on the year", n=falling, all=len(table)),
        subtitle=lang.say("Growth of revenue on the year, %; tiles show no boundaries"),
        width=columns(5),
    )


def market(result: SalesAnalysis, lang: Language) -> Section:
    """Share of market by product line with its range, and the rivals."""
    from workbench.charts import columns, interval_bars

    company = result.scope.company
    lines, whole = result.answer("market_lines"), result.answer("market").iloc[0]
    drawn = pd.DataFrame(
        {
            "label": [company.label("product_line", code, lang) for code in lines["product_line"]],
            "value": lines["share"],
            "low": lines["low"],
            "high": lines["high"],
            "note": [lang.points(change) if known(change) else "" for change in lines["change"]],
        }
    )
    figure = interval_bars(
        drawn,
        lang=lang,
        title=lang.say(
            "Share of market is {share}, {change} on the year",
            share=lang.percent(whole["share"]),
            change=lang.points(whole["change"]),
        )
        if known(whole["change"])
        else lang.say("Share of market is {share}", share=lang.percent(whole["share"])),
        subtitle=lang.say("Last four full quarters, by value; line: range of the market size"),
        style="bar",
        width=columns(6),
    )
    parts = [Block(figure, span=6)]
    if result.has("rivals"):
        parts.append(Block(_rivals(result, lang), span=6))
    return Section(*parts, lang=lang)


def _rivals(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("rivals")
    own = table["who"] == "own"
    name = table["name_en"] if lang.code == "en" else table["name"]
    named = name.fillna(table["name"]).fillna(table["who"]).where(~own, lang.say("Own company"))
    leader = named.iloc[0] if len(table) else ""
    return TableView(
        table.assign(name=named, own=own),
        [
            Col("name", lang.say("Company")),
            Col("share", lang.say("Share"), "percent"),
            Col("change", lang.say("Change"), "points", judged=False),
        ],
        lang=lang,
        title=lang.say("{leader} leads as the trade sees it", leader=leader),
        subtitle=lang.say("Shares estimated by the trade, latest quarter, change on the year"),
        caption=lang.say("Market shares of competitors"),
        subtotal="own",
    )
