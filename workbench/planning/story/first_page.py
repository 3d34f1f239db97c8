"""The first page of targets: six tiles, the tree, coverage, months, padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.planning.story import blocks
from workbench.planning.story.words import (
    chance,
    currency,
    handed,
    known,
    money,
    reach,
    scale,
    wide,
)
from workbench.report import Block, Foot, Page, Tile
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def first_page(result: TargetStudy, lang: Language) -> Page:
    """The first page of targets."""
    cover = blocks.coverage(result, lang)
    return Page(
        study=lang.say("Targets"),
        period=lang.year(result.year),
        company=result.company.name(lang),
        finding=finding(result, lang),
        lead=lead(result, lang),
        tiles=_tiles(result, lang),
        blocks=[
            Block(blocks.tree_table(result, lang), span=7 if cover is not None else 12),
            *([Block(cover, span=5)] if cover is not None else []),
            Block(blocks.months(result, lang), span=7),
            Block(blocks.padding(result, lang), span=5),
        ],
        foot=foot(result, lang),
        lang=lang,
    )


def finding(result: TargetStudy, lang: Language) -> str:
    """The headline: chance of base; padding and what it does."""
    over = float(handed(result)["over"].iloc[-1])
    if result.padding is None or over < 0.0005:
        return lang.say(
            "Base target {amount}: chance {chance}; {share} of people reach theirs",
            amount=money(result, float(wide(result)["base"].iloc[0]), lang),
            chance=lang.probability(chance(result)),
            share=lang.percent(reach(result), decimals=0),
        )
    return lang.say(
        "Chance of base {chance}; padding of {over} takes people who reach target from {before} to"
        " {after}",
        chance=lang.probability(chance(result)),
        over=lang.signed_percent(over),
        before=lang.percent(result.plain_reach, decimals=0),
        after=lang.percent(reach(result), decimals=0),
    )


def lead(result: TargetStudy, lang: Language) -> str:
    """One line under the headline: what padding does to the company, and where it stops."""
    effect = result.padding
    if effect is None:
        return lang.say("Targets are handed down as they are.")
    plain = float(effect.table["p_company"].iloc[0])
    padded = float(effect.table.set_index("scale")["p_company"][1.0])
    moved = padded - plain
    if not effect.helps or effect.stops_at <= 0:
        return lang.say(
            "Padding does not raise the company's chance: with what people are assumed to answer it"
            " moves by {points}.",
            points=lang.points(moved),
        )
    return lang.say(
        "With what people are assumed to answer, padding moves the company's chance by {points};"
        " beyond {stop} it stops helping.",
        points=lang.points(moved),
        stop=lang.signed_percent(effect.stops_at),
    )


def _tiles(result: TargetStudy, lang: Language) -> list[Tile]:
    table = wide(result)
    company = table.iloc[0]
    draws = result.targets.draws("revenue_net", str(table.index[0]))
    low, high = np.quantile(draws, [0.1, 0.9])
    one = lang.scale([float(company["base"])], currency=currency(result), coarse=True)
    people = handed(result).iloc[-1]
    asked, unit = lang.money_parts(float(people["amount"]), currency=currency(result))
    tiles = [
        Tile(
            label=lang.say("Chance of base"),
            basis=money(result, float(company["base"]), lang),
            figure=lang.probability(chance(result)).removesuffix("%"),
            unit="%",
            change=lang.say(
                "floor {floor}, stretch {stretch}",
                floor=lang.probability(chance(result, "floor")),
                stretch=lang.probability(chance(result, "stretch")),
            ),
            second=lang.say("8 in 10: {range}", range=f"{one(float(low))}–{one(float(high))}"),
        ),
        Tile(
            label=lang.say("Asked of people"),
            basis=lang.say("in sum"),
            figure=asked,
            unit=unit.replace(" million", "\N{NO-BREAK SPACE}m"),
            change=lang.signed_percent(float(people["over"])),
            against=lang.say("over the company's"),
            second=lang.say(
                "apart: {amount}",
                amount=money(result, float(people["amount"] - company["base"]), lang),
            ),
        ),
        Tile(
            label=lang.say("People reach base"),
            basis=lang.say("{n} people", n=lang.number(int((table["kind"] == "person").sum()))),
            figure=lang.number(reach(result) * 100),
            unit="%",
            change=lang.say(
                "without padding {share}",
                share=lang.percent(result.plain_reach, decimals=0),
            ),
            second=lang.say("all regions at once {share}", share=lang.probability(_all(result))),
        ),
    ]
    return [*tiles, *_more(result, lang)]


def _all(result: TargetStudy) -> float:
    joint = result.targets.joint()
    rows = joint[(joint["tier"] == "base") & (joint["kind"] == "region")]
    return float(rows["p_all"].iloc[0]) if len(rows) else float("nan")


def _more(result: TargetStudy, lang: Language) -> list[Tile]:
    """Coverage, pay and profit, where the tables give them."""
    tiles = []
    if result.cover is not None and known(result.cover["coverage"].iloc[0]):
        row = result.cover.iloc[0]
        tiles.append(
            Tile(
                label=lang.say("Pipeline coverage"),
                basis=lang.say("deals"),
                figure=lang.number(float(row["coverage"]), decimals=1),
                unit=lang.say("times"),
                change=lang.say(
                    "needed {times}", times=lang.number(float(row["coverage_needed"]), decimals=1)
                ),
                second=lang.say("short {amount}", amount=money(result, float(row["short"]), lang)),
            )
        )
    if result.money is not None:
        row = result.money.iloc[0]
        for label, key, basis in (
            (lang.say("Expected pay"), "pay", lang.say("variable")),
            (lang.say("Profit"), "profit", lang.say("margin less pay, expense")),
        ):
            figure, unit = lang.money_parts(float(row[key]), currency=currency(result))
            # tens of millions have the unit of the figure above in both languages
            size = max(abs(float(row[key])), 1e7)
            one = lang.scale([size], currency=currency(result), coarse=True)
            low, high = one(float(row[f"{key}_low"])), one(float(row[f"{key}_high"]))
            tiles.append(
                Tile(
                    label=label,
                    basis=basis,
                    figure=figure,
                    unit=unit.replace(" million", "\N{NO-BREAK SPACE}m"),
                    change=lang.say(
                        "{share} of revenue",
                        share=lang.percent(float(row[key]) / _expected(result), decimals=1),
                    ),
                    second=lang.say("8 in 10: {range}", range=f"{low}–{high}"),
                )
            )
    return tiles


def _expected(result: TargetStudy) -> float:
    return float(wide(result)["expected"].iloc[0])


def foot(result: TargetStudy, lang: Language) -> Foot:
    """What the figures count, and as of when."""
    return Foot(
        basis=lang.semicolon.join(
            [
                lang.say("revenue without VAT, less returns"),
                lang.say("today's owner of the account"),
                lang.say("all tiers on the same draws"),
            ]
        ),
        data_as_of=lang.date(result.company.data_as_of),
        unit=lang.say("{unit} unless stated", unit=scale(result, lang).unit),
        left_out=lang.say("orders not recognised yet"),
    )
