"""Sections on two plans: what the change costs, who wins and loses, and the closing sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.incentives.cliffs import at_step
from workbench.incentives.story.one_person import own_blocks
from workbench.incentives.story.words import (
    component,
    currency,
    full,
    known,
    money,
    payroll,
    plan_name,
    who,
)
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def compare(result: Incentives, lang: Language) -> Section:
    """Both plans on the same draws: cost, chance, steps, pay at 50, 100 and 150%."""
    frame = pd.DataFrame(_rows(result, lang), columns=["name", "today", "proposal", "change"])
    view = TableView(
        frame,
        [
            Col("name", lang.say("A year ahead")),
            Col("today", plan_name(result, lang), right=True),
            Col("proposal", plan_name(result, lang, proposal=True), right=True),
            Col("change", lang.say("Change"), right=True),
        ],
        lang=lang,
        title=_title(result, lang),
        subtitle=lang.say(
            "Same people, same {n} draws of attainment", n=lang.number(len(result.today.variable))
        ),
        caption=lang.say("Two plans on the same draws"),
    )
    return Section(
        Block(view, span=7),
        Block(_dots(result, lang), span=5),
        lang=lang,
        reading=result.comparison.cost.sentence(
            lang, a=plan_name(result, lang), b=plan_name(result, lang, proposal=True)
        )
        if result.comparison.cost.clear
        else "",
    )


def _title(result: Incentives, lang: Language) -> str:
    found = result.comparison.cost
    if not found.clear:
        return lang.say("The proposal costs the same as today")
    amount = money(result, abs(found.mean), lang)
    if found.mean > 0:
        return lang.say("The proposal costs {amount} more a year", amount=amount)
    return lang.say("The proposal costs {amount} less a year", amount=amount)


def _rows(result: Incentives, lang: Language) -> list[tuple[str, str, str, str]]:
    today, other = result.today, result.proposal

    def amount(value: float) -> str:
        return money(result, value, lang)

    def change(value: float) -> str:
        return lang.signed_money(value, currency=currency(result))

    def share(value: float) -> str:
        return lang.percent(value, decimals=2)

    both = (today, result.cliffs), (other, result.cliffs_proposal)
    values = {
        lang.say("Expected variable pay"): ([c.total().mean() for c, _ in both], amount, change),
        lang.say("One year in ten costs more than"): (
            [np.quantile(c.total(), 0.9) for c, _ in both], amount, change,
        ),
        lang.say("Chance to exceed the budget"): (
            [c.over(result.budget) for c, _ in both], lang.probability, lang.points,
        ),
        lang.say("Share of collections"): (
            [result.share_of_collections(c) for c, _ in both], share, lang.points,
        ),
        lang.say("Money beside steps"): ([t["money"].sum() for _, t in both], amount, change),
        lang.say("Deviation of a person's year"): ([_spread(c) for c, _ in both], amount, change),
    }  # fmt: skip
    return [
        (name, write(float(pair[0])), write(float(pair[1])), signed(float(pair[1] - pair[0])))
        for name, (pair, write, signed) in values.items()
    ]


def _spread(cost: Any) -> float:
    """Mean over people of the standard deviation of their pay over draws."""
    paid = cost.variable[:, cost.variable.mean(axis=0) > 0]
    return float(paid.std(axis=0).mean()) if paid.size else 0.0


def _dots(result: Incentives, lang: Language) -> Any:
    """Differences of cost between the plans, twenty equally likely ones."""
    from workbench.charts import Measure, columns, quantile_dots

    difference = result.proposal.total() - result.today.total()
    low, high = np.quantile(difference, [0.1, 0.9])
    one = lang.scale(list(np.abs([low, high])), currency=currency(result))
    return quantile_dots(
        difference,
        lang=lang,
        title=lang.say(
            "The cost changes by {low} to {high} in 8 years of 10",
            low=one.signed(float(low)),
            high=one.signed(float(high)),
        ),
        subtitle=lang.say("Proposal less today, one dot is 5%, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result), scale=one, signed=True),
        width=columns(5),
    )


def people(result: Incentives, lang: Language) -> Section:
    """The people who win and lose most, and where it comes from."""
    table, names = result.comparison.people, who(result, lang)
    ends = pd.concat([table.head(5), table.tail(5)]).drop_duplicates("rep_id")
    frame = ends.assign(
        name=[names[rep] for rep in ends["rep_id"]],
        from_=[_source(result, rep, lang) for rep in ends["rep_id"]],
    )
    unit = lang.scale(list(frame["today"]), currency=currency(result))
    shares = table["share"].dropna()
    view = TableView(
        frame,
        [
            Col("name", lang.say("Person")),
            Col("today", lang.say("Today"), "money"),
            Col("proposal", lang.say("Proposal"), "money"),
            Col("difference", lang.say("Change"), "signed_money"),
            Col("share", lang.say("Change, %"), "signed_percent"),
            Col("chance", lang.say("Chance to earn more"), "probability"),
            Col("from_", lang.say("Mostly by")),
        ],
        lang=lang,
        title=lang.say(
            "Changes run from {low} to {high} a person",
            low=lang.signed_percent(float(shares.min()), decimals=0),
            high=lang.signed_percent(float(shares.max()), decimals=0),
        ),
        subtitle=lang.say(
            "Mean variable pay a year ahead, {unit}; five at either end", unit=unit.unit
        ),
        caption=lang.say("People who win and lose most"),
        currency=currency(result),
        scale=unit,
        note=""
        if result.params.show_people
        else full(lang, [lang.say("People are numbered within their role; ids show on request")]),
    )
    own = own_blocks(result, result.one, lang) if result.one else []
    return Section(Block(view, span=12), *own, lang=lang)


def _source(result: Incentives, rep: str, lang: Language) -> str:
    """What changes most of a person's variable pay.

    A component that both plans have goes by its name, all others by their payroll item.
    """
    plans = [each.people.plan.components for each in (result.today, result.proposal)]
    change: dict[str, float] = {}
    for item, was, now in result.comparison.person(rep).itertuples(index=False):
        items = [str(plan[item].payroll) for plan in plans if item in plan] or ["draw"]
        if "base" in items:
            continue
        name = component(result, item, lang) if len(items) == 2 else payroll(items[0], lang)
        change[name] = change.get(name, 0.0) + now - was
    most = max(change, key=lambda name: abs(change[name]), default="")
    return most if most and abs(change[most]) >= 1 else "–"


def so_what(result: Incentives, lang: Language) -> list[str]:
    """What follows: cost, steps, fairness, the proposal, limits."""
    over = result.now.over(result.budget)
    total = float(result.now.total().mean())
    said = [
        lang.say(
            "The year ends at {amount} of variable pay against a budget of {budget}; the chance to"
            " exceed it is {chance}",
            amount=money(result, total, lang),
            budget=money(result, result.budget, lang),
            chance=lang.probability(over),
        )
    ]
    times, amount = at_step(result.cliffs, 1.0)
    if times >= 1:
        said.append(
            lang.say(
                "The step at 100% decides over {amount} a year in {times} settlements: a small deal"
                " more or less moves much pay there",
                amount=money(result, amount, lang),
                times=lang.number(times),
            )
        )
    luck = result.fairness.share_of_luck()
    if known(luck) and luck > 0.5:
        said.append(
            lang.say(
                "{luck} of what differs in pay within roles is luck of the year; what lasts in a"
                " person and their accounts is the smaller part",
                luck=lang.percent(luck, decimals=0),
            )
        )
    people = result.comparison.people["verdict"].value_counts()
    said.append(
        lang.say(
            "{plan}: {wins} people win, {loses} lose; money beside steps falls from {before} to"
            " {after}",
            plan=plan_name(result, lang, proposal=True),
            wins=lang.number(int(people.get("wins", 0))),
            loses=lang.number(int(people.get("loses", 0))),
            before=money(result, float(result.cliffs["money"].sum()), lang),
            after=money(result, float(result.cliffs_proposal["money"].sum()), lang),
        )
        if result.cliffs_proposal["money"].sum() < result.cliffs["money"].sum()
        else lang.say(
            "{plan}: {wins} people win, {loses} lose",
            plan=plan_name(result, lang, proposal=True),
            wins=lang.number(int(people.get("wins", 0))),
            loses=lang.number(int(people.get("loses", 0))),
        )
    )
    said.append(
        lang.say(
            "Limits: draws repeat what happened in years that are over, and people are taken to"
            " sell as they did; only the section on behaviour lets them answer"
        )
    )
    return [each + lang.stop for each in said]
