"""Section on collections: what is owed and when it comes, by kind of customer and legal terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.story.words import ahead, currency, money, one_unit
from workbench.report import Block, Col, Section, TableView
from workbench.tables import table as declared
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy


def collections(result: ForecastStudy, lang: Language) -> Section:
    """Months ahead by origin of the money; claims by kind of customer."""
    found = result.answer("money")
    parts = found.parts()
    return Section(
        Block(_months(result, parts, lang), span=6),
        Block(_customers(result, lang), span=12),
        lang=lang,
        note=lang.say(
            "Legal limit: 60 days, public bodies 30. Advances and retention money are not counted;"
            " whether the rule applies depends on the size of seller and buyer."
        ),
    )


def _months(result: ForecastStudy, parts: pd.DataFrame, lang: Language) -> TableView:
    scale = one_unit(result, parts["mean"], lang)
    whole = parts[["owed", "booked", "other", "mean", "drafts"]].sum()
    share = float(whole["owed"] / whole["mean"]) if whole["mean"] else float("nan")
    return TableView(
        parts.assign(month=[lang.month(month) for month in parts["month"]]),
        [
            Col("month", lang.say("Month")),
            Col("owed", lang.say("Owed now"), "money"),
            Col("booked", lang.say("Still to be booked"), "money"),
            Col("other", lang.say("Without a claim"), "money"),
            Col("mean", lang.say("Expected"), "money", bold=True),
            Col("drafts", lang.say("of it drafts"), "money"),
        ],
        lang=lang,
        title=lang.say(
            "{share} of the money ahead is owed already", share=lang.percent(share, decimals=0)
        ),
        subtitle=lang.say(
            "{period}, {unit}, with VAT", period=ahead(result, lang), unit=scale.unit
        ),
        caption=lang.say("Collections by month"),
        total={
            "month": lang.say("Total"),
            **{str(name): float(value) for name, value in whole.items()},
        },
        currency=currency(result),
        scale=scale,
        max_rows=24,
    )


def _customers(result: ForecastStudy, lang: Language) -> TableView:
    table = result.answer("customers")
    scale = one_unit(result, table["owed"], lang)
    ownership: Any = declared("account").column("ownership")
    codes = {str(choice) for choice in getattr(ownership, "choices", {})}
    shown = table.assign(
        name=[
            ownership.choice(kind, lang) if kind in codes else lang.say("not stated")
            for kind in table["kind"]
        ],
        beyond_share=table["beyond"] / table["owed"],
        flag=[
            "△" if term > limit else ""
            for term, limit in zip(table["term"], table["limit"], strict=True)
        ],
    )
    beyond = float(table["beyond"].sum())
    return TableView(
        shown,
        [
            Col("name", lang.say("Ownership")),
            Col("owed", lang.say("Owed"), "money"),
            Col("past_due", lang.say("Past due"), "money"),
            Col("expected", lang.say("Expected"), "money", bold=True),
            Col("share", lang.say("of it comes"), "percent", decimals=0),
            Col("term", lang.say("Median term, days"), "integer", mark="flag"),
            Col("limit", lang.say("Legal, days"), "integer"),
            Col("beyond", lang.say("On longer terms"), "money"),
            Col("beyond_share", lang.say("Share"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "{amount} is owed on terms beyond the legal limit",
            amount=money(result, beyond, lang),
        )
        if beyond > 0
        else lang.say("All claims are within legal terms"),
        subtitle=lang.say(
            "Claims by kind of customer and what they bring in the months ahead, {unit}, with VAT",
            unit=scale.unit,
        ),
        caption=lang.say("Claims by kind of customer"),
        currency=currency(result),
        scale=scale,
    )
