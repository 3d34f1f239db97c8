"""Section on SMART, and what follows from all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.planning.smart import CHECKS, reason_text
from workbench.planning.story.words import (
    chance,
    handed,
    known,
    kpi_name,
    money,
    name,
    reach,
    weakest,
    wide,
)
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def smart(result: TargetStudy, lang: Language) -> Section:
    """Checks that did not pass, with their reasons; how many passed."""
    checks = result.checks
    depth = result.targets.tree.table().set_index("node")["depth"]
    failed = checks[~checks["passed"]].assign(depth=lambda rows: rows["node"].map(depth))
    failed = failed.sort_values("depth", kind="stable")
    each = checks.groupby(["node", "kpi"])["passed"].all()
    frame = failed.assign(
        label=[name(result, node, lang) for node in failed["node"]],
        told=[lang.pick(*CHECKS[code]) for code in failed["check"]],
        why=[_reason(result, row, lang) for row in failed.to_dict("records")],
        of=[kpi_name(code, lang) for code in failed["kpi"]],
    )
    return Section(
        Block(
            TableView(
                frame[["label", "of", "told", "why"]],
                [
                    Col("label", lang.say("Unit of the organisation")),
                    Col("of", lang.say("KPI")),
                    Col("told", lang.say("Check", context="SMART")),
                    Col("why", lang.say("Reason")),
                ],
                lang=lang,
                title=lang.say(
                    "{passed} of {n} targets pass all five checks",
                    passed=lang.number(int(each.sum())),
                    n=lang.number(len(each)),
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


def _reason(result: TargetStudy, row: dict[Any, Any], lang: Language) -> str:
    """Reason of a check, with names in place of codes."""
    named = dict(row)
    if row["owner"] in result.ground.names:
        named["owner"] = name(result, str(row["owner"]), lang)
    if row["other"]:
        named["other"] = kpi_name(str(row["other"]), lang)
    if row["table"]:
        from workbench.tables import table

        named["table"] = lang.pick(*table(str(row["table"])).titles)
    return reason_text(named, lang)


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
