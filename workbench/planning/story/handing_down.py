"""Sections on how targets are handed down: split, gap to what people promise, padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.planning.bottom_up import CAUSES
from workbench.planning.story.blocks import attained, tree_table
from workbench.planning.story.words import currency, money, name, scale
from workbench.planning.study_targets import BY
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def split(result: TargetStudy, lang: Language) -> Section:
    """Every node with its tiers and chances."""
    rows = result.targets.tree.table()
    return Section(
        Block(tree_table(result, lang, whole=True), span=12),
        lang=lang,
        note=lang.say(
            "Split by {by}{promises}; whole units, sums exact at every level; a level above keeps"
            " less than it hands down where padding is added. {n} nodes.",
            by=lang.pick(*BY[result.params.split_by]),
            promises=lang.say(" and by what its person promises, weighted by past accuracy")
            if result.promised is not None and result.params.side == "both"
            else "",
            n=lang.number(len(rows)),
        ),
    )


def gap(result: TargetStudy, lang: Language) -> Section:
    """Top-down beside bottom-up by region, the difference by cause."""
    if result.causes is None:
        return Section(
            lang=lang,
            title=lang.say("Nobody has entered a forecast that can be judged"),
            reading=lang.say(
                "Bottom-up needs entries of people (forecast_entry) for months to come, and past"
                " ones beside what came."
            ),
        )
    rows = result.causes[result.causes["kind"].isin(["company", "region"])]
    frame = rows.assign(
        label=[name(result, node, lang) for node in rows["node"]],
        strong=rows["kind"] == "company",
    )
    one = scale(result, lang)
    whole = rows.iloc[0]
    causes = {cause: float(whole[cause]) for cause in CAUSES}
    more = float(whole["gap"]) >= 0
    # the one that most opens the gap, not one that closes it again
    largest = max(causes, key=lambda cause: causes[cause] if more else -causes[cause])
    said = {
        "company": money(result, float(whole["top_down"]), lang),
        "people": money(result, float(whole["submitted"]), lang),
    }
    view = TableView(
        frame,
        [
            Col("label", lang.say("Region")),
            Col("top_down", lang.say("Top-down"), "money"),
            Col("submitted", lang.say("Promised"), "money"),
            Col("gap", lang.say("Gap"), "signed_money", bold=True),
            *(
                Col(
                    cause,
                    lang.pick(words[0].capitalize(), words[1]),
                    "signed_money",
                    group=lang.say("of which"),
                )
                for cause, words in CAUSES.items()
                if rows[cause].any()
            ),
        ],
        lang=lang,
        title=lang.say("The company asks for {company}, people promise {people}", **said),
        subtitle=lang.say(
            "Base before padding less promises of people, {unit}; causes sum to the gap",
            unit=one.unit,
        ),
        caption=lang.say("Gap between top-down and bottom-up by cause"),
        scale=one,
        currency=currency(result),
        subtotal="strong",
    )
    direction = (
        lang.say("The wish is above the promises")
        if more
        else lang.say("The promises are above the wish")
    )
    return Section(
        Block(view, span=12),
        lang=lang,
        reading=lang.say(
            "{direction}; largest cause: {cause}, {amount}.",
            direction=direction,
            cause=lang.pick(*CAUSES[largest]),
            amount=lang.signed_money(causes[largest], currency=currency(result)),
        ),
    )


def padding(result: TargetStudy, lang: Language) -> Section:
    """What padding does as it grows."""
    effect = result.padding
    if effect is None:
        return Section(
            Block(attained(result, lang), span=4),
            lang=lang,
            title=lang.say("No level adds to what it hands down"),
            reading=lang.say("Set padding by level to see what it does."),
        )
    table = effect.table
    frame = table.assign(label=[lang.signed_percent(each) for each in table["handed"]])
    columns = [
        Col("label", lang.say("Padding in all")),
        Col("p_company", lang.say("Company reaches base"), "percent"),
        Col("reach", lang.say("People reach base"), "percent"),
        Col("attrition", lang.say("More leavers"), "points"),
        Col("output", lang.say("Output"), "signed_percent"),
    ]
    if "pay" in table:
        columns.append(Col("pay", lang.say("Variable pay"), "money"))
    one = scale(result, lang)
    first, now = table.iloc[0], table[table["scale"] == 1.0].iloc[0]
    view = TableView(
        frame,
        columns,
        lang=lang,
        title=lang.say(
            "The company's chance goes from {before} to {after} with padding of {over}",
            before=lang.percent(float(first["p_company"])),
            after=lang.percent(float(now["p_company"])),
            over=lang.signed_percent(float(now["handed"])),
        ),
        subtitle=lang.say(
            "None, half, as it is, one and a half, double; same futures, people answer as assumed;"
            " pay in {unit}",
            unit=one.unit,
        )
        if "pay" in table
        else lang.say(
            "None, half, as it is, one and a half, double; same futures, people answer as assumed"
        ),
        caption=lang.say("What padding does as it grows"),
        scale=one,
        currency=currency(result),
    )
    return Section(
        Block(view, span=8),
        Block(attained(result, lang), span=4),
        lang=lang,
        note=lang.say(
            "Assumed: one part more target brings {effort} part more output of somebody sure to"
            " reach it; each point fewer who reach target, {attrition} points more leavers, who"
            " take {lost} of a year's output with them.",
            effort=lang.number(effect.response.effort, decimals=2),
            attrition=lang.number(effect.response.attrition, decimals=2),
            lost=lang.percent(effect.response.lost, decimals=0),
        ),
    )
