"""Sections on behaviour: what the plan invites to, and what people would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.incentives.story.words import currency, full, money, plan_name, role
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives

HABITS = {
    "sales": ("Sales, share of quota", "销售额（占任务）"),
    "pulled_in": ("Pulled in from the next year", "由次年提前"),
    "held_back": ("Held back into the next year", "压到次年"),
    "given_away": ("Given away in price", "为成交让出的价格"),
    "gave_up": ("Chance to give up in the last third", "最后三分之一放弃的概率"),
    "at_steps": ("Chance to land just over a step", "恰好过台阶的概率"),
    "more_at_steps": ("Of it by moving deals", "其中因挪动订单"),
}


def gaming(result: Incentives, lang: Language) -> Section:
    """The static reading of the plan, most money first."""
    findings = [each for each in result.gaming.findings if each.kind != "net_cliff"]
    components = result.today.people.plan.components
    rows: list[dict[str, Any]] = []
    for each in findings:
        rows.append(
            {
                "kind": each.title(lang),
                "role": role(result, each.role, lang),
                "said": each.said(lang, currency=currency(result)),
                "people": each.people,
                "at_stake": each.at_stake,
            }
        )
    for row, each in zip(rows, findings, strict=True):
        if each.kind == "double":
            names = [
                lang.pick(components[n].label.en, components[n].label.zh)
                for n in each.components
                if n in components
            ]
            row["said"] = lang.say("{names} pay for the same measure", names=lang.pause.join(names))
            row["said"] += lang.stop
    frame = pd.DataFrame(rows, columns=["kind", "role", "said", "people", "at_stake"])
    unit = lang.scale(list(frame["at_stake"].dropna()) or [1.0], currency=currency(result))
    counts = frame["kind"].value_counts()
    view = TableView(
        frame,
        [
            Col("kind", lang.say("Finding")),
            Col("role", lang.say("Role")),
            Col("said", lang.say("What it invites to")),
            Col("people", lang.say("People close"), "number", decimals=1),
            Col("at_stake", lang.say("At stake"), "money", additive=True),
        ],
        lang=lang,
        title=lang.say(
            "The plan invites to {n} things, most often: {kind}",
            n=lang.number(len(findings)),
            kind=counts.index[0],
        )
        if len(findings)
        else lang.say("Nothing in the plan invites to gaming"),
        subtitle=lang.say(
            "Person in the middle of each role, attainment even over the year; at stake in {unit}",
            unit=unit.unit,
        ),
        caption=lang.say("Gaming check"),
        note=full(
            lang,
            [
                lang.say(
                    "Here a step is crossed once for the whole year; the steps on the first page"
                    " count each settlement by itself"
                )
            ],
        ),
        currency=currency(result),
        scale=unit,
        max_rows=16,
        keep=14,
    )
    blocks = [Block(view, span=12)]
    if result.after_tax:
        blocks.append(Block(_after_tax(result, lang), span=12))
    return Section(*blocks, lang=lang)


def _after_tax(result: Incentives, lang: Language) -> TableView:
    """Limits of year-end bonuses at which more pay leaves less."""
    found = result.after_tax
    lost = sum(each.at_stake for each in found)
    frame = pd.DataFrame(
        {
            "limit": [lang.number(each.start) for each in found],
            "tax": [each.amount for each in found],
            "again": [each.end for each in found],
            "people": [each.people for each in found],
            "lost": [each.at_stake for each in found],
        }
    )
    met = [each for each in found if each.people >= 0.05]
    return TableView(
        frame,
        [
            Col("limit", lang.say("Bonus up to")),
            Col("tax", lang.say("Tax on one yuan more"), "number", decimals=2),
            Col("again", lang.say("More is left from"), "number", decimals=2),
            Col("people", lang.say("People in between"), "number", decimals=1),
            Col("lost", lang.say("Lost by them"), "integer"),
        ],
        lang=lang,
        title=lang.say(
            "After tax a larger bonus leaves less just over {limits}; {amount} a year is lost so",
            limits=lang.pause.join(
                lang.exact_money(each.start, currency=currency(result), decimals=0) for each in met
            ),
            amount=money(result, lost, lang),
        )
        if met
        else lang.say("Nobody's bonus is likely to lie where more leaves less after tax"),
        subtitle=lang.say("Year-end bonuses a year ahead, taxed alone; yuan"),
        caption=lang.say("Steps of pay after tax"),
        note=full(
            lang,
            [
                lang.say(
                    "Pay in this report is before tax; the table of the tax is dated and has to be"
                    " checked before somebody relies on it"
                )
            ],
        ),
    )


def behaviour(result: Incentives, lang: Language) -> Section:
    """What people of the largest role would do under both plans."""
    from workbench.errors import NotIdentifiedError
    from workbench.report import WarningBox

    habits = result.habits
    if habits is None:
        error = NotIdentifiedError(
            lang.say("no role has quotas and whole years"), where="target", do=""
        )
        return Section(WarningBox.of(error, lang=lang), lang=lang)
    table = habits.table()
    frame = table.assign(
        name=[lang.pick(*HABITS[each]) for each in table["habit"]],
        change=(table["proposal"] - table["today"]) * 1.0,
    )
    values = table.set_index("habit")
    view = TableView(
        frame,
        [
            Col("name", lang.say("Habit")),
            Col("today", plan_name(result, lang), "percent"),
            Col("proposal", plan_name(result, lang, proposal=True), "percent"),
            Col("change", lang.say("Change, pp"), "points"),
        ],
        lang=lang,
        title=lang.say(
            "Just over a step land {today} today, {proposal} under the proposal",
            today=lang.percent(values["today"]["at_steps"], decimals=0),
            proposal=lang.percent(values["proposal"]["at_steps"], decimals=0),
        ),
        subtitle=lang.say(
            "{role}, expected values of a year", role=role(result, habits.role, lang)
        ),
        caption=lang.say("Habits under both plans"),
    )
    assumed = pd.DataFrame(
        {
            "name": [each.title(lang) for each in habits.assumptions],
            "value": [each.written(lang, currency=currency(result)) for each in habits.assumptions],
            "source": [_source(each.source, lang) for each in habits.assumptions],
        }
    )
    sources = TableView(
        assumed,
        [
            Col("name", lang.say("Assumption")),
            Col("value", lang.say("Value")),
            Col("source", lang.say("Source")),
        ],
        lang=lang,
        title=lang.say("The model rests on these assumptions"),
        subtitle=lang.say("Change them in the parameters, or estimate them from own data"),
        caption=lang.say("Assumptions of behaviour"),
        max_rows=20,
        keep=20,
    )
    before, after = values["today"]["sales"], values["proposal"]["sales"]
    return Section(
        Block(view, span=5),
        Block(sources, span=7),
        lang=lang,
        reading=full(
            lang,
            [
                lang.say(
                    "Sales go from {before} to {after} of quota in the model; costs elsewhere in"
                    " this report take behaviour as it is",
                    before=lang.percent(before),
                    after=lang.percent(after),
                )
            ],
        ),
    )


def _source(source: str, lang: Language) -> str:
    from workbench.incentives.behaviour.assumptions import SOURCES

    return lang.say(SOURCES[source])
