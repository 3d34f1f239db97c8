"""Sections on fairness: who reaches target, and how much of pay is luck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.incentives.story.words import full, known, role
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def attainment(result: Incentives, lang: Language) -> Section:
    """Attainment by role: median, what eight in ten reach, shares at target and under half."""
    from workbench.charts import Measure, columns, interval_bars

    table = result.fairness.attainment.sort_values("median", ascending=False, ignore_index=True)
    drawn = pd.DataFrame(
        {
            "label": [role(result, code, lang) for code in table["role"]],
            "low": table["low"],
            "value": table["median"],
            "high": table["high"],
        }
    )
    figure = interval_bars(
        drawn,
        lang=lang,
        title=lang.say(
            "{share} of people reach target, {half} stay under half",
            share=lang.percent(result.fairness.share_at_target(), decimals=0),
            half=lang.percent(result.fairness.share_below_half(), decimals=0),
        ),
        subtitle=lang.say("Attainment of a year ahead, 8 in 10 people and years, with the median"),
        measure=Measure("share", decimals=0),
        reference=1.0,
        reference_label="100%",
        width=columns(6),
    )
    frame = table.assign(name=drawn["label"])
    view = TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("people", lang.say("People"), "integer"),
            Col("median", lang.say("Median"), "percent", decimals=0),
            Col("at_target", lang.say("Reach target"), "percent", decimals=0),
            Col("below_half", lang.say("Under half"), "percent", decimals=0),
        ],
        lang=lang,
        title=_spread(result, lang),
        subtitle=lang.say("People with quotas, a year ahead"),
        caption=lang.say("Attainment by role"),
    )
    return Section(Block(figure, span=6), Block(view, span=6), lang=lang)


def _spread(result: Incentives, lang: Language) -> str:
    table = result.fairness.attainment.sort_values("at_target")
    low, high = table.iloc[0], table.iloc[-1]
    return lang.say(
        "{best} reach target with {high}, {worst} with {low}",
        best=role(result, high["role"], lang),
        high=lang.percent(high["at_target"], decimals=0),
        worst=role(result, low["role"], lang),
        low=lang.percent(low["at_target"], decimals=0),
    )


def luck(result: Incentives, lang: Language) -> Section:
    """Variance of pay by role, split into person and patch, market, and luck of one's own."""
    table = result.fairness.luck
    frame = table.assign(name=[role(result, code, lang) for code in table["role"]])
    frame = frame.sort_values("luck", ascending=False, ignore_index=True)
    share = result.fairness.share_of_luck()
    view = TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("people", lang.say("People"), "integer"),
            Col("skill", lang.say("Person and patch"), "percent", decimals=0),
            Col("market", lang.say("Market"), "percent", decimals=0),
            Col("luck", lang.say("Own luck"), "percent", decimals=0),
            Col("spread", lang.say("Spread"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "{share} of what differs in pay within a role passes with the year",
            share=lang.percent(share, decimals=0) if known(share) else "–",
        ),
        subtitle=lang.say("Shares of the variance of pay over target pay; spread: its deviation"),
        caption=lang.say("Luck and skill in pay by role"),
    )
    return Section(
        Block(view, span=7),
        Block(_lasting(result, lang), span=5),
        lang=lang,
        reading=full(
            lang,
            [
                lang.say(
                    "Person and patch is what stays with somebody over years, the accounts they"
                    " hold included; the plan cannot tell the two apart"
                )
            ],
        ),
    )


def _lasting(result: Incentives, lang: Language) -> Any:
    """What lasts in attainment itself, from years that are over."""
    table = result.levels.roles
    frame = table.assign(name=[role(result, code, lang) for code in table["role"]])
    return TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("mean", lang.say("Mean"), "percent", decimals=0),
            Col("lasting", lang.say("Between people"), "percent", decimals=0),
            Col("passing", lang.say("From year to year"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say("What lasts in attainment is smaller than what passes")
        if (table["lasting"] < table["passing"]).all()
        else lang.say("What lasts in attainment, and what passes"),
        subtitle=lang.say("Standard deviations of attainment, years that are over"),
        caption=lang.say("What lasts in attainment"),
    )
