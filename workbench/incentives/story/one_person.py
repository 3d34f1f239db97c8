"""One person who is looked at: pay over attainment, and where the year is heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.incentives.one_person import OnePerson
from workbench.incentives.payees import Floats
from workbench.incentives.story.blocks import EDGES, stepped
from workbench.incentives.story.words import currency, money, plan_name, who
from workbench.report import Block, Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.incentives.study_incentives import Incentives

#: Attainments of "what do I earn if".
LEVELS = (0.8, 1.0, 1.2, 1.5)


def own_curve(
    result: Incentives,
    one: OnePerson,
    lang: Language,
    *,
    pay: Floats,
    other: Floats | None = None,
    names: tuple[str, str] = ("", ""),
    width: float,
    height: float,
) -> Figure:
    """Pay over attainment under one plan, thin beside it that under another.

    Parameters
    ----------
    result : Incentives
    one : OnePerson
    lang : Language
    pay, other : array, shape (points of `one.grid`,)
    names : (str, str)
        Of the two plans.
    width, height : float
        Size in px.
    """
    from workbench.charts import bin_table
    from workbench.charts.measure import Measure
    from workbench.charts.payout import payout_curve

    scale = lang.scale([float(pay.max(initial=1.0))], currency=currency(result))
    bins = bin_table(one.ahead[np.isfinite(one.ahead)], list(EDGES))
    bins["count"] *= 100 / max(len(one.ahead), 1)
    return payout_curve(
        stepped(one.grid, pay),
        bins,
        lang=lang,
        title=lang.say(
            "{who}: {usual} at 100%, {more} at 120%",
            who=who(result, lang)[one.rep_id],
            usual=money(result, float(np.interp(1.0, one.grid, pay)), lang),
            more=money(result, float(np.interp(1.2, one.grid, pay)), lang),
        ),
        subtitle=lang.say(
            "Variable pay of a year over attainment, {unit}; below: years of 100", unit="{unit}"
        ),
        other=None if other is None else stepped(one.grid, other),
        names=names,
        measure=Measure("money", currency=currency(result), scale=scale),
        width=width,
        height=height,
    )


def heading(result: Incentives, one: OnePerson, lang: Language) -> str:
    """Where the person's year is heading under today's plan, in a sentence."""
    low, middle, high = np.nanquantile(one.year, [0.1, 0.5, 0.9])
    return lang.say(
        "{who}: {year} heads for {middle} of the quota ({low} to {high} in 8 of 10 cases), which"
        " pays {amount} under today's plan.",
        who=who(result, lang)[one.rep_id],
        year=result.year,
        middle=lang.percent(float(middle), decimals=0),
        low=lang.percent(float(low), decimals=0),
        high=lang.percent(float(high), decimals=0),
        amount=money(result, float(np.median(one.earned)), lang),
    )


def own_blocks(result: Incentives, one: OnePerson, lang: Language) -> list[Block]:
    """Curve and table of the person, for the report."""
    from workbench.charts import columns

    curve = own_curve(
        result,
        one,
        lang,
        pay=one.today,
        other=one.proposal,
        names=(lang.say("Today"), lang.say("Proposal")),
        width=columns(5),
        height=226,
    )
    return [Block(curve, span=5), Block(_own_pay(result, one, lang), span=7)]


def _own_pay(result: Incentives, one: OnePerson, lang: Language) -> TableView:
    """Pay at some attainments under both plans."""
    rows = [(lang.percent(level, decimals=0), *one.at(level)) for level in LEVELS]
    frame = pd.DataFrame(rows, columns=["at", "today", "proposal"])
    frame["change"] = frame["proposal"] - frame["today"]
    scale = lang.scale(list(frame["today"]), currency=currency(result))
    return TableView(
        frame,
        [
            Col("at", lang.say("Attainment")),
            Col("today", plan_name(result, lang), "money"),
            Col("proposal", plan_name(result, lang, proposal=True), "money"),
            Col("change", lang.say("Change"), "signed_money"),
        ],
        lang=lang,
        title=lang.say("What does {who} earn if", who=who(result, lang)[one.rep_id]),
        subtitle=lang.say("Variable pay of a year by attainment, {unit}", unit=scale.unit),
        caption=lang.say("Pay of one person at several attainments"),
        currency=currency(result),
        scale=scale,
        note=heading(result, one, lang),
    )
