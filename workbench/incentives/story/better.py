"""Section on the design search: plans that serve a goal better, and why each stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.incentives.behaviour.design import Design
from workbench.incentives.story.words import currency, full, money, role
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.incentives.designs import Designs
    from workbench.incentives.study_incentives import Incentives

KNOBS = {
    "rates": mark("Rates"),
    "thresholds": mark("Thresholds"),
    "accelerator": mark("Accelerator"),
}
GOALS = {
    "profit": mark("profit"),
    "p_hit": mark("chance to reach the target"),
    "fairness": mark("pay for ability"),
}
#: Designs of the front that are shown beside today's.
MOST = 8


def designs(result: Incentives, lang: Language) -> Section:
    """Today's plan and the designs of which none is better in everything."""
    from workbench.errors import NotIdentifiedError
    from workbench.report import WarningBox

    found = result.designs
    if found is None:
        asked = result.params.goal != "none" and bool(result.params.knobs)
        words = (
            lang.say("roles with quotas and costs of products are needed")
            if asked
            else lang.say("no goal of the design search is set")
        )
        error = NotIdentifiedError(words, where="target, unit_cost" if asked else "goal", do="")
        return Section(WarningBox.of(error, lang=lang), lang=lang)
    search = found.search
    unit = lang.scale([search.start.outcome.cost], currency=currency(result))
    rows = [_row(each, found, lang) for each in (search.start, *search.front[:MOST])]
    rows[0]["name"] = lang.say("Today")
    view = TableView(
        pd.DataFrame(rows),
        [
            Col("name", lang.say("Design")),
            *(Col(name, lang.say(KNOBS[name])) for name in result.params.knobs),
            Col("profit", lang.say("Profit"), "signed_money"),
            Col("cost", lang.say("Pay"), "signed_money"),
            Col("p_hit", lang.say("Reach target"), "percent", decimals=0),
            Col("fairness", lang.say("For ability"), "percent"),
            Col("leads", lang.say("No other has more")),
        ],
        lang=lang,
        title=_title(found, result, lang),
        subtitle=lang.say(
            "Change of a year against today, {unit}; {n} designs tried, pay at most {share} of"
            " today's",
            unit=unit.unit,
            n=lang.number(len(search.tried)),
            share=lang.percent(result.params.most_cost, decimals=0),
        ),
        caption=lang.say("Better designs"),
        currency=currency(result),
        scale=unit,
        note=full(
            lang,
            [
                lang.say(
                    "The model of behaviour decides here: people of {roles}, gross margin {margin},"
                    " target {target}; try a design under the proposal before it is believed",
                    roles=lang.pause.join(role(result, each, lang) for each in _roles(result)),
                    margin=lang.percent(found.margin, decimals=0),
                    target=money(result, found.target, lang),
                )
            ],
        ),
    )
    return Section(Block(view, span=12), lang=lang, reading=_reading(found, result, lang))


def table(found: Designs) -> pd.DataFrame:
    """Designs as recorded: design, the three numbers, profit, pay, chance, fairness."""
    made = found.search.table()
    for name in KNOBS:
        made[name] = made[name].fillna(1.0) if name in made else 1.0
    columns = ["design", *KNOBS, "profit", "cost", "p_hit", "fairness"]
    return made[columns].rename(columns={"cost": "design_pay", "fairness": "for_ability"})


def _row(design: Design, found: Designs, lang: Language) -> dict[str, Any]:
    new, old = design.outcome, found.search.start.outcome
    number = found.search.front.index(design) + 1 if design in found.search.front else 0
    return {
        "name": lang.number(number),
        **{name: lang.ratio(design.values.get(name, 1.0), decimals=2) for name in KNOBS},
        "profit": new.profit - old.profit if design is not found.search.start else np.nan,
        "cost": new.cost - old.cost if design is not found.search.start else np.nan,
        "p_hit": new.p_hit,
        "fairness": new.fairness,
        "leads": lang.pause.join(lang.say(GOALS[each]) for each in found.search.leads(design)),
    }


def _title(found: Designs, result: Incentives, lang: Language) -> str:
    best, start = found.search.best, found.search.start
    goal = lang.say(GOALS[found.search.goal])
    if not best.values or best is start:
        return lang.say("No design tried serves {goal} better than today's plan", goal=goal)
    return lang.say(
        "Best for {goal}: {changes}; profit {profit}, pay {cost}",
        goal=goal,
        changes=lang.pause.join(
            f"{lang.say(KNOBS[name]).lower()} {lang.ratio(value, decimals=2)}"
            for name, value in best.values.items()
            if value != 1
        ),
        profit=lang.signed_money(best.outcome.profit - start.outcome.profit,
                                 currency=currency(result)),
        cost=lang.signed_money(best.outcome.cost - start.outcome.cost, currency=currency(result)),
    )  # fmt: skip


def _reading(found: Designs, result: Incentives, lang: Language) -> str:
    best = found.search.best
    if not best.values:
        return ""
    said = found.search.reasons(best, lang, currency=currency(result))
    return lang.sentences(said[len(best.values) :])  # the title says what changes


def _roles(result: Incentives) -> list[str]:
    from workbench.incentives.habits import roles_with_quota

    return roles_with_quota(result.today)
