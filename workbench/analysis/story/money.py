"""Sections on money: discounts at the approval limits, receivables past due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.story.first_blocks import buckets, scale
from workbench.analysis.story.sentences import choice_label, currency, full, known, period
from workbench.report import Block, Col, Section, TableView
from workbench.tables import table as declared
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis


def discounts(result: SalesAnalysis, lang: Language) -> Section:
    """How much is given off list and how it piles up at the limits."""
    return Section(
        Block(_histogram(result, lang), span=7),
        Block(_by_region(result, lang), span=5),
        lang=lang,
        reading=_discount_reading(result, lang),
    )


def _histogram(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import Measure, columns, histogram

    found = result.answer("discounts")
    limits = result.scope.company.settings.approval_limits
    table = found.histogram[found.histogram["high"] <= 0.30 + 1e-9]
    # One point a bar: half points are too fine to read; the half point at a limit stays inside.
    drawn = (
        table.groupby((table["high"] * 100 - 1e-6).astype(int))
        .agg(low=("low", "min"), high=("high", "max"), count=("list_value", "sum"))
        .reset_index(drop=True)
    )
    drawn["highlight"] = [
        any(abs(high - limit) < 1e-9 for limit in limits) for high in drawn["high"]
    ]
    return histogram(
        drawn,
        lang=lang,
        title=_discount_title(result, lang),
        subtitle=lang.say(
            "Order value at list price by discount, {unit}, {period}",
            unit="{unit}",
            period=period(result, lang),
        ),
        measure=Measure("money", currency=currency(result)),
        marks=tuple(
            (limit, lang.say("limit {limit}", limit=lang.percent(limit, decimals=0)))
            for limit in limits
        ),
        width=columns(7),
    )


def _discount_title(result: SalesAnalysis, lang: Language) -> str:
    found = result.answer("discounts")
    share = found.bunching["share"].sum()
    return lang.say(
        "{share} of order value stops just at an approval limit",
        share=lang.percent(share, decimals=0),
    )


def _discount_reading(result: SalesAnalysis, lang: Language) -> str:
    found = result.answer("discounts")
    if not known(found.rate):
        return ""
    if not known(found.rate_before):
        said = lang.say("Discount off list is {rate}", rate=lang.percent(found.rate))
    else:
        said = lang.say(
            "Discount off list is {rate}, {change} on the year",
            rate=lang.percent(found.rate),
            change=lang.points(found.rate - found.rate_before),
        )
    return full(lang, [said])


def _by_region(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("discounts_by_region")
    named = table.assign(
        region=[result.scope.company.label("region", code, lang) for code in table["region"]]
    )
    deepest = named.loc[named["rate"].idxmax()] if len(named) else None
    return TableView(
        named,
        [
            Col("region", lang.say("Region")),
            Col("rate", lang.say("Discount"), "percent"),
            Col("rate_before", lang.say("A year ago"), "percent"),
            Col("change", lang.say("Change"), "points", judged=True, direction="down"),
        ],
        lang=lang,
        title=lang.say(
            "{region} gives most: {rate} off list",
            region=deepest["region"],
            rate=lang.percent(deepest["rate"]),
        )
        if deepest is not None
        else lang.say("Discount by region"),
        subtitle=lang.say(
            "Discount off list, weighted by list value, {period}", period=period(result, lang)
        ),
        caption=lang.say("Discount by region"),
    )


def receivables(result: SalesAnalysis, lang: Language) -> Section:
    """What is past due, how it moved, who owes it."""
    return Section(
        Block(_overdue_trend(result, lang), span=7),
        Block(_ageing_table(result, lang), span=5),
        Block(_debtors(result, lang), span=12),
        lang=lang,
    )


def _overdue_trend(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import Measure, columns, trend_band

    table = result.answer("overdue")
    first, last = table["overdue"].iloc[0], table["overdue"].iloc[-1]
    title = (
        lang.say(
            "Overdue went from {before} to {now} in a year",
            before=lang.percent(first),
            now=lang.percent(last),
        )
        if known(first)
        else lang.say("{rate} of receivables are past due", rate=lang.percent(last))
    )
    return trend_band(
        pd.DataFrame({"period": table["month_end"], "actual": table["overdue"]}),
        lang=lang,
        title=title,
        subtitle=lang.say("Share of receivables past due at month end"),
        measure=Measure("share", decimals=0),
        zero=False,
        width=columns(7),
    )


def _ageing_table(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("ageing")
    total = table["amount"].sum()
    return TableView(
        table.assign(bucket=table["bucket"].map(buckets(lang))),
        [
            Col("bucket", lang.say("Days past due")),
            Col("items", lang.say("Instalments"), "integer"),
            Col("amount", lang.say("Amount"), "money"),
            Col("share", lang.say("Share"), "percent"),
            Col("share", "", "bar", limits=(0, 1)),
        ],
        lang=lang,
        title=lang.say(
            "Receivables are {amount}", amount=lang.money(total, currency=currency(result))
        ),
        subtitle=lang.say(
            "With VAT, {unit}, {date}",
            unit=lang.scale(list(table["amount"]), currency=currency(result)).unit,
            date=lang.date(result.scope.now.end),
        ),
        caption=lang.say("Receivables by days past due"),
        total={
            "bucket": lang.say("All"),
            "items": table["items"].sum(),
            "amount": total,
            "share": 1.0,
        },
        currency=currency(result),
    )


def _debtors(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("debtors")
    name = table["name_en"] if lang.code == "en" and "name_en" in table else table["name"]
    owner = declared("account").column("ownership")
    shown = table.assign(name=name.fillna(table["name"]))
    if "ownership" in table:
        shown["ownership"] = [choice_label(owner, code, lang) for code in table["ownership"]]
    top = table["overdue"].head(10).sum() / table["overdue"].sum() if len(table) else float("nan")
    columns = [
        Col("name", lang.say("Customer")),
        *([Col("ownership", lang.say("Ownership"))] if "ownership" in table else []),
        Col("receivables", lang.say("Receivables"), "money", additive=True),
        Col("overdue", lang.say("Past due"), "money", additive=True),
        Col("over_90", lang.say("Over 90 days"), "money", additive=True),
        Col("days", lang.say("Oldest, days"), "integer"),
    ]
    return TableView(
        shown,
        columns,
        lang=lang,
        title=lang.say(
            "Ten customers owe {share} of what is past due", share=lang.percent(top, decimals=0)
        ),
        subtitle=lang.say(
            "Customers by amount past due, with VAT, {unit}", unit=scale(result, lang).unit
        ),
        caption=lang.say("Customers with most past due"),
        currency=currency(result),
        scale=scale(result, lang),
        keep=min(result.params.top, 20),
        max_rows=max(12, result.params.top),
    )
