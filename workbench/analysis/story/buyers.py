"""Sections on customers: concentration and segments, cohorts and retention, baskets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.story.sentences import currency, full, known, period
from workbench.kpis import KPIS
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

SEGMENT_NAMES = {
    "champion": ("Champions", "核心客户"),
    "loyal": ("Loyal", "稳定客户"),
    "new": ("New", "新客户"),
    "at_risk": ("At risk", "流失风险"),
    "sleeping": ("Sleeping", "沉默客户"),
}
SEGMENT_RULES = {
    "champion": ("within 90 days, top fifth of revenue", "90天内有订单且收入前20%"),
    "loyal": ("within 90 days", "90天内有订单"),
    "new": ("first order within 90 days", "90天内首单"),
    "at_risk": ("90 to 180 days ago", "90–180天前"),
    "sleeping": ("over 180 days ago", "180天以上无订单"),
}


def customers(result: SalesAnalysis, lang: Language) -> Section:
    """How much few customers make, and who has gone quiet."""
    from workbench.charts import Measure, columns, pareto

    found = result.answer("concentration")
    name = found.curve["name_en"] if lang.code == "en" else found.curve["name"]
    figure = pareto(
        pd.DataFrame({"label": name.fillna(found.curve["name"]), "value": found.curve["net"]}),
        lang=lang,
        title=lang.say(
            "Ten customers make {top}, the top fifth {fifth} of revenue",
            top=lang.percent(found.top10, decimals=0),
            fifth=lang.percent(found.top_fifth, decimals=0),
        ),
        subtitle=lang.say(
            "Share of revenue over customers by size, {n} customers, {period}",
            n=lang.number(found.customers),
            period=period(result, lang),
        ),
        measure=Measure("money", currency=currency(result)),
        width=columns(6),
    )
    reading = lang.say(
        "By group the ten largest make {groups}: this is the risk to watch",
        groups=lang.percent(found.top10_groups),
    )
    return Section(
        Block(figure, span=6),
        Block(_segments(result, lang), span=6),
        lang=lang,
        reading=full(lang, [reading]) if found.top10_groups > found.top10 + 0.002 else "",
    )


def _segments(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("rfm")
    quiet = table.set_index("segment").reindex(["at_risk", "sleeping"])["share"].sum()
    named = table.assign(
        name=[lang.pick(*SEGMENT_NAMES[s]) for s in table["segment"]],
        rule=[lang.pick(*SEGMENT_RULES[s]) for s in table["segment"]],
    )
    return TableView(
        named,
        [
            Col("name", lang.say("Segment")),
            Col("rule", lang.say("Last order")),
            Col("customers", lang.say("Customers"), "integer"),
            Col("net", lang.say("Revenue"), "money"),
            Col("share", lang.say("Share"), "percent"),
            Col("orders", lang.say("Orders each"), "number", decimals=1),
            Col("recency", lang.say("Median days since"), "number", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "{share} of revenue is with customers who have gone quiet", share=lang.percent(quiet)
        ),
        subtitle=lang.say(
            "Customers with orders in 24 months by recency and revenue, {unit}",
            unit=lang.scale(list(table["net"]), currency=currency(result)).unit,
        ),
        caption=lang.say("Customers by recency, frequency and revenue"),
        currency=currency(result),
    )


def retention(result: SalesAnalysis, lang: Language) -> Section:
    """Quarterly cohorts and the KPIs of keeping customers."""
    from workbench.charts import cohort, columns

    table = result.answer("cohorts")
    figure = cohort(
        pd.DataFrame(
            {
                "cohort": table["cohort"],
                "age": table["age"],
                "rate": table["share"],
                "size": table["customers"],
            }
        ),
        lang=lang,
        title=_cohort_title(table, lang),
        subtitle=lang.say(
            "Share of each quarter's new customers ordering in a later quarter; count at left"
        ),
        width=columns(7),
    )
    return Section(Block(figure, span=7), Block(_keeping(result, lang), span=5), lang=lang)


def _cohort_title(table: pd.DataFrame, lang: Language) -> str:
    first = table[table["age"] == 1]
    if len(first) < 2:
        return lang.say("How long new customers stay")
    place = int(first["share"].to_numpy().argmin())
    worst, rest = first.iloc[place], first["share"].drop(first.index[place])
    return lang.say(
        "New customers of {cohort} stayed least: {share} a quarter later, others {low}–{high}",
        cohort=worst["cohort"],
        share=lang.percent(worst["share"], decimals=0),
        low=lang.number(rest.min() * 100),
        high=lang.percent(rest.max(), decimals=0),
    )


def _keeping(result: SalesAnalysis, lang: Language) -> TableView:
    found = result.answer("retention")
    rows = []
    for kpi_id, figure in found.items():
        count = KPIS[kpi_id].unit == "count"
        show: Any = lang.number if count else lang.percent
        change = lang.signed_percent(figure.growth) if count else lang.points(figure.difference)
        known_both = known(figure.now) and known(figure.before)
        rows.append(
            {
                "name": KPIS[kpi_id].name(lang),
                "now": show(figure.now) if known(figure.now) else "–",
                "before": show(figure.before) if known(figure.before) else "–",
                "change": change if known_both else "–",
            }
        )
    kept = found["customer_retention"].now
    return TableView(
        pd.DataFrame(rows),
        [
            Col("name", lang.say("Measure")),
            Col("now", lang.say("Now")),
            Col("before", lang.say("A year ago")),
            Col("change", lang.say("Change")),
        ],
        lang=lang,
        title=lang.say("{share} of last year's customers bought again", share=lang.percent(kept))
        if known(kept)
        else lang.say("Keeping customers"),
        subtitle=lang.say("Definitions stand in the KPI dictionary; windows of the period"),
        caption=lang.say("Retention, repeat purchase and new customers"),
    )


def baskets(result: SalesAnalysis, lang: Language) -> Section:
    """Families bought together more often than chance."""
    table = result.answer("baskets")
    table = table[table["lo95"] > 1].head(result.params.top)
    labels = result.scope.company.label
    drawn = table.assign(
        pair=[
            f"{labels('family', a, lang)} + {labels('family', b, lang)}"
            for a, b in zip(table["first"], table["second"], strict=True)
        ]
    )
    title = (
        lang.say(
            "{pair}: bought together {lift} times as often as chance",
            pair=drawn["pair"].iloc[0],
            lift=lang.number(drawn["lift"].iloc[0], decimals=1),
        )
        if len(drawn)
        else lang.say("No pair of families is bought together more often than chance")
    )
    limits = (0.0, max(2.0, float(drawn["hi95"].max()) if len(drawn) else 2.0))
    view = TableView(
        drawn,
        [
            Col("pair", lang.say("Families")),
            Col("together", lang.say("Baskets"), "integer"),
            Col("support", lang.say("Support"), "percent"),
            Col("confidence", lang.say("Confidence"), "percent"),
            Col("lift", lang.say("Lift"), "number", decimals=2),
            Col(
                "lift", lang.say("95% interval"), "interval", low="lo95", high="hi95", limits=limits
            ),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say("A basket is what one customer bought in a quarter; last 24 months"),
        caption=lang.say("Product families bought together"),
        max_rows=result.params.top,
        note=full(
            lang, [lang.say("Lift is how many times more often than if purchases were unrelated")]
        ),
    )
    return Section(view, lang=lang)
