"""Sections on levers, pay and profit, SMART, pace of the running year, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.planning.smart import CHECKS, reason_text
from workbench.planning.story.words import (
    chance,
    currency,
    handed,
    known,
    money,
    name,
    reach,
    scale,
    weakest,
    wide,
)
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.study_targets import TargetStudy


def levers(result: TargetStudy, lang: Language) -> Section:
    """What each lever alone does to revenue and to the chance of base."""
    rows = []
    for code, (effect, answer) in result.levers.items():
        amount = effect.amount
        rows.append(
            {
                "label": lever(result, code, lang),
                "mean": amount.mean,
                "range": "",
                "low": amount.difference_low,
                "high": amount.difference_high,
                "before": effect.before,
                "after": effect.after,
                "change": effect.after - effect.before,
                "source": _source(result, answer, lang),
            }
        )
    frame = pd.DataFrame(rows).sort_values("change", ascending=False, ignore_index=True)
    one = scale(result, lang)
    best = frame.iloc[0]
    return Section(
        Block(
            TableView(
                frame,
                [
                    Col("label", lang.say("Lever")),
                    Col("mean", lang.say("Revenue"), "signed_money"),
                    Col("low", lang.say("5% below"), "signed_money"),
                    Col("high", lang.say("5% above"), "signed_money"),
                    Col("after", lang.say("Chance of base"), "probability"),
                    Col("change", lang.say("Change, points"), "points"),
                    Col("source", lang.say("Response")),
                ],
                lang=lang,
                title=lang.say(
                    "{lever} moves the chance of base most: {points}",
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
        note=lang.say("Revenue only: cost of people and margin of a price are not set against it."),
    )


def lever(result: TargetStudy, code: str, lang: Language) -> str:
    """What a lever is called."""
    params = result.params
    if code == "price":
        return lang.say("Price {change}", change=lang.signed_percent(params.price_change))
    if code == "discount":
        return lang.say("Limit of discounts {change}", change=lang.points(params.limit_change))
    start = pd.Timestamp(year=result.year, month=params.hires_from, day=1).date()
    return lang.say(
        "{n} people more from {month}",
        n=lang.number(params.hires),
        month=lang.month(start, long=True),
    )


def _source(result: TargetStudy, answer: object, lang: Language) -> str:
    from workbench.planning.response import Response

    if not isinstance(answer, Response):
        return lang.say(
            "output of colleagues, ramp of {n} months", n=lang.number(result.params.ramp)
        )
    words = {
        "measured": lang.say("measured on {n} products", n=lang.number(answer.units)),
        "assumed": lang.say("assumed"),
    }
    return lang.say(
        "elasticity {value} ± {error}, {source}",
        value=lang.number(answer.estimate, decimals=1),
        error=lang.number(1.645 * answer.error, decimals=1),
        source=words[answer.source],
    )


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
                    Col("profit_low", lang.say("10% below"), "money"),
                    Col("profit_high", lang.say("10% above"), "money"),
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


def smart(result: TargetStudy, lang: Language) -> Section:
    """Checks that did not pass, with their reasons; how many passed."""
    checks = result.checks
    depth = result.targets.tree.table().set_index("node")["depth"]
    failed = checks[~checks["passed"]].assign(depth=lambda rows: rows["node"].map(depth))
    failed = failed.sort_values("depth", kind="stable")
    nodes, at = checks["node"].nunique(), failed["node"].nunique()
    frame = failed.assign(
        label=[name(result, node, lang) for node in failed["node"]],
        told=[lang.pick(*CHECKS[code]) for code in failed["check"]],
        why=[_reason(row, lang) for row in failed.to_dict("records")],
    )
    return Section(
        Block(
            TableView(
                frame[["label", "told", "why"]],
                [
                    Col("label", lang.say("Unit of the organisation")),
                    Col("told", lang.say("Check")),
                    Col("why", lang.say("Reason")),
                ],
                lang=lang,
                title=lang.say(
                    "{passed} of {n} targets pass all five checks",
                    passed=lang.number(nodes - at),
                    n=lang.number(nodes),
                ),
                subtitle=lang.say(
                    "Base targets with a check that does not pass, from the company down"
                ),
                caption=lang.say("SMART checks"),
                max_rows=26,
                keep=24,
            ),
            span=8,
        ),
        lang=lang,
    )


def _reason(row: Any, lang: Language) -> str:
    """Reason of a check, with the marks of the language: reasons are worded for any sheet."""
    words = reason_text(row, lang)
    return lang.pick(words, words.translate(str.maketrans(",()", "，（）")))


def pace(result: TargetStudy, lang: Language) -> Section:
    """The running year: pace, chance of each tier, what must happen."""
    standing = result.standing
    if standing is None:
        return Section(
            lang=lang,
            title=lang.say("There is no running year to follow"),
            reading=lang.say("Pace needs targets of the running year in all three tiers."),
        )
    rows = standing[standing["kind"].isin(["company", "region"])]
    frame = rows[rows["tier"] == "base"].set_index("node")
    for code in ("floor", "base", "stretch"):
        frame[f"p_{code}"] = rows[rows["tier"] == code].set_index("node")["p_hit"]
    if result.deals is not None:
        frame["deals"] = result.deals.set_index("node")["deals"]
    frame = frame.reset_index()
    frame["label"] = [name(result, node, lang) for node in frame["node"]]
    frame["strong"] = frame["kind"] == "company"
    one = scale(result, lang)
    whole = frame.iloc[0]
    columns = [
        Col("label", lang.say("Region")),
        Col("target", lang.say("Base target"), "money"),
        Col("actual", lang.say("So far"), "money"),
        Col("pace", lang.say("Of plan to date"), "percent"),
        *(
            Col(f"p_{code}", words, "probability", group=lang.say("Chance"))
            for code, words in (
                ("floor", lang.say("Floor")),
                ("base", lang.say("Base")),
                ("stretch", lang.say("Stretch")),
            )
        ),
        Col("left", lang.say("Left"), "money"),
    ]
    reading = ""
    if result.deals is not None:
        columns.append(Col("deals", lang.say("Deals of median size"), "integer"))
        size = float(result.deals["size"].iloc[0])
        reading = lang.say(
            "To reach base by 31 December {left} is left: {deals} deals of median size ({size}), or"
            " the regular business that takes their place.",
            left=money(result, float(whole["left"]), lang),
            deals=lang.number(int(whole["deals"])),
            size=money(result, size, lang),
        )
    return Section(
        Block(
            TableView(
                frame,
                columns,
                lang=lang,
                title=lang.say(
                    "{year}: {pace} of the plan to date; base still has a chance of {chance}",
                    year=result.ground.last.year,
                    pace=lang.percent(float(whole["pace"])),
                    chance=lang.probability(float(whole["p_base"])),
                ),
                subtitle=lang.say(
                    "Targets as set, plan to date by months, {unit}; as of {day}",
                    unit=one.unit,
                    day=lang.date(result.ground.last + pd.offsets.MonthEnd(0)),
                ),
                caption=lang.say("Pace of the running year"),
                scale=one,
                currency=currency(result),
                subtotal="strong",
            ),
            span=12,
        ),
        lang=lang,
        reading=reading,
    )


def so_what(result: TargetStudy, lang: Language) -> list[str]:
    """What follows: chance, padding, weakest region, pipeline, limits."""
    table = wide(result)
    said = [
        lang.say(
            "A base target of {amount} has a chance of {chance}; the forecast expects {expected}",
            amount=money(result, float(table["base"].iloc[0]), lang),
            chance=lang.probability(chance(result)),
            expected=money(result, float(table["expected"].iloc[0]), lang),
        )
    ]
    over = float(handed(result)["over"].iloc[-1])
    if result.padding is not None:
        said.append(
            lang.say(
                "Padding of {over} leaves {share} of people at target; without it {before}",
                over=lang.signed_percent(over),
                share=lang.percent(reach(result), decimals=0),
                before=lang.percent(result.plain_reach, decimals=0),
            )
        )
    low = weakest(result)
    said.append(
        lang.say(
            "{region} has the lowest chance of base, {chance}: look at its split before it is"
            " signed",
            region=name(result, low, lang),
            chance=lang.probability(float(table["p_base"][low])),
        )
    )
    if result.cover is not None and known(result.cover["coverage"].iloc[0]):
        short = float(result.cover["short"].iloc[0])
        if short > 0:
            said.append(
                lang.say(
                    "At today's win rate deals of {amount} more are needed in the pipeline",
                    amount=money(result, short, lang),
                )
            )
    said.append(
        lang.say(
            "Limits: the forecast takes accounts to stay with today's owners, and a year ahead to"
            " be as uncertain as past forecasts were"
        )
    )
    return [each + lang.stop for each in said]
