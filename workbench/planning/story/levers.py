"""Sections on levers, and on pay and profit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.planning import judged
from workbench.planning.story.words import currency, money, name, scale
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.response import Response
    from workbench.planning.target_study import TargetStudy


def levers(result: TargetStudy, lang: Language) -> Section:
    """What each lever alone does to revenue, to the chance of base and to gross profit."""
    rows = []
    for code, found in result.levers.items():
        amount = found.effect.amount
        rows.append(
            {
                "label": lever(result, code, lang),
                "mean": amount.mean,
                "low": amount.difference_low,
                "high": amount.difference_high,
                "after": found.effect.after,
                "change": found.effect.after - found.effect.before,
                "rate": found.rate,
                "profit": found.profit,
                "source": _source(result, code, found.response, lang),
            }
        )
    frame = pd.DataFrame(rows).sort_values("change", ascending=False, ignore_index=True)
    one = scale(result, lang)
    best = frame.iloc[0]
    known = bool(frame["profit"].notna().all())
    often = lang.say("9 in 10 futures")
    profit = [
        Col("rate", lang.say("Gross margin, points"), "points"),
        Col("profit", lang.say("Gross profit"), "signed_money"),
    ]
    return Section(
        Block(
            TableView(
                frame,
                [
                    Col("label", lang.say("Lever")),
                    Col("mean", lang.say("Revenue"), "signed_money"),
                    Col("low", lang.say("from"), "signed_money", group=often),
                    Col("high", lang.say("to"), "signed_money", group=often),
                    Col("after", lang.say("Chance of base"), "probability"),
                    Col("change", lang.say("Change, points"), "points"),
                    *(profit if known else []),
                    Col("source", lang.say("Response")),
                ],
                lang=lang,
                title=lang.say(
                    "Largest lever on the chance of base: {lever}, {points}",
                    lever=best["label"],
                    points=lang.points(float(best["change"])),
                )
                if best["change"] > 0
                else lang.say("No lever tried raises the chance of base"),
                subtitle=lang.say(
                    "Each alone, on the same futures, targets unchanged, {unit}", unit=one.unit
                ),
                caption=lang.say("Effect of levers"),
                scale=one,
                currency=currency(result),
            ),
            span=12,
        ),
        lang=lang,
        note=lang.say(
            "Competitors follow {follow} of a change of price or a promotion (assumed). Gross"
            " profit at today's margins; pay of people more is not set against it.",
            follow=lang.percent(result.params.follow, decimals=0),
        ),
    )


def lever(result: TargetStudy, code: str, lang: Language) -> str:
    """What a lever is called."""
    params = result.params
    if code == "price":
        return lang.say("Price {change}", change=lang.signed_percent(params.price_change))
    if code == "discount":
        return lang.say("Limit of discounts {change}", change=lang.points(params.limit_change))
    first = judged.first_open(result.ground, result.year)
    month = params.promotion_month if code == "promotion" else max(params.hires_from, first)
    start = pd.Timestamp(year=result.year, month=month, day=1).date()
    if code == "promotion":
        return lang.say(
            "Promotion in {month}, {off} off",
            month=lang.month(start, long=True),
            off=lang.percent(params.promotion_discount, decimals=0),
        )
    return lang.say(
        "{n} people more from {month}",
        n=lang.number(params.hires),
        month=lang.month(start, long=True),
    )


def _source(result: TargetStudy, code: str, answer: Response | None, lang: Language) -> str:
    if answer is None:
        return lang.say(
            "output of colleagues, ramp of {n} months", n=lang.number(result.params.ramp)
        )
    words = {
        "measured": lang.say("measured on {n} products", n=lang.number(answer.units)),
        "assumed": lang.say("assumed"),
    }
    said = {
        "value": lang.number(answer.estimate, decimals=1 if code != "promotion" else 2),
        "error": lang.number(1.645 * answer.error, decimals=1 if code != "promotion" else 2),
        "source": words[answer.source],
    }
    if code == "promotion":
        return lang.say(
            "log uplift {value} ± {error}, {source}; {share} promoted",
            share=lang.percent(result.made.facts.promoted, decimals=0),
            **said,
        )
    return lang.say("elasticity {value} ± {error}, {source}", **said)


def money_section(result: TargetStudy, lang: Language) -> Section:
    """Pay, margin, expense and profit by region."""
    if result.money is None:
        return Section(
            lang=lang,
            title=lang.say("Pay and profit are not known"),
            reading=lang.say("They need the pay plan, targets of people and unit costs."),
        )
    rows = result.money[result.money["kind"].isin(["company", "region"])]
    frame = rows.assign(
        label=[name(result, node, lang) for node in rows["node"]],
        strong=rows["kind"] == "company",
    )
    one = scale(result, lang)
    often = lang.say("8 in 10 futures")
    whole = rows.iloc[0]
    return Section(
        Block(
            TableView(
                frame,
                [
                    Col("label", lang.say("Region")),
                    Col("margin", lang.say("Gross margin"), "money"),
                    Col("expense", lang.say("Expense"), "money"),
                    Col("pay", lang.say("Variable pay"), "money"),
                    Col("profit", lang.say("Profit"), "money", bold=True),
                    Col("profit_low", lang.say("from"), "money", group=often),
                    Col("profit_high", lang.say("to"), "money", group=often),
                    Col("cost_ratio", lang.say("Pay over revenue"), "percent"),
                ],
                lang=lang,
                title=lang.say(
                    "Profit {amount}, variable pay {share} of revenue",
                    amount=money(result, float(whole["profit"]), lang),
                    share=lang.percent(float(whole["cost_ratio"])),
                ),
                subtitle=lang.say(
                    "Expected, {unit}; gross margin less variable pay and selling expense",
                    unit=one.unit,
                ),
                caption=lang.say("Pay and profit by region"),
                scale=one,
                currency=currency(result),
                subtotal="strong",
            ),
            span=12,
        ),
        lang=lang,
    )
