"""Sections on money: of what pay is made, how it answers to attainment, and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.incentives.cliffs import at_step
from workbench.incentives.story.words import (
    component,
    currency,
    full,
    known,
    money,
    payroll,
    role,
    step_name,
)
from workbench.pay.plan import PAYROLL
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.study_incentives import Incentives


def mix(result: Incentives, lang: Language) -> Section:
    """Pay mix by role, and how steeply pay answers to attainment."""
    return Section(
        Block(_mix(result, lang), span=6),
        Block(_ratios(result, lang), span=6),
        lang=lang,
    )


def _mix(result: Incentives, lang: Language) -> TableView:
    table = result.today.mix()
    wide = table.pivot_table(index="role", columns="payroll", values="share", aggfunc="sum")
    items = [item for item in (*PAYROLL, "draw") if item in wide]
    people = table.drop_duplicates("role").set_index("role")["people"]
    amount = table.groupby("role")["amount"].sum()
    frame = wide[items].assign(people=people, each=amount / people).reset_index()
    frame["name"] = [role(result, code, lang) for code in frame["role"]]
    frame = frame.sort_values("each", ascending=False, ignore_index=True)
    unit = lang.scale(list(frame["each"]), currency=currency(result))
    base = frame["base"].fillna(0.0) if "base" in frame else pd.Series([0.0])
    low, high = float(base.min()), float(base.max())
    return TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("people", lang.say("People"), "integer"),
            Col("each", lang.say("Pay of one"), "money"),
            *[
                Col(
                    item, payroll(item, lang), "percent", decimals=0, group=lang.say("Share of pay")
                )
                for item in items
            ],
        ],
        lang=lang,
        title=lang.say(
            "Base pay makes {low}–{high} of pay, by role",
            low=lang.number(low * 100),
            high=lang.percent(high, decimals=0),
        )
        if high > 0
        else lang.say("The plan holds no base pay"),
        subtitle=lang.say("Mean pay of a year ahead, {unit}, and its parts", unit=unit.unit),
        caption=lang.say("Pay mix by role"),
        currency=currency(result),
        scale=unit,
    )


def _ratios(result: Incentives, lang: Language) -> TableView:
    table = result.curves.ratios()
    frame = table.assign(name=[role(result, code, lang) for code in table["role"]])
    # roles whose pay follows the same plan are equal but for the last bits of sums
    frame = frame.sort_values(
        "leverage",
        ascending=False,
        kind="stable",
        ignore_index=True,
        key=lambda each: each.round(9),
    )
    first = frame.iloc[0]
    unit = lang.scale(list(frame["pay_at_target"]), currency=currency(result))
    return TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("pay_at_target", lang.say("At 100%"), "money"),
            Col("leverage", lang.say("Leverage"), "number", decimals=1),
            Col("at_half", lang.say("At 50%"), "percent", decimals=0),
            Col("upside", lang.say("At 150%"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "{role}: one more per cent around target is {leverage}% of pay",
            role=first["name"],
            leverage=lang.number(first["leverage"], decimals=1),
        ),
        subtitle=lang.say(
            "Variable pay at 100%, {unit}; leverage over 95–105%; at 50 and 150% of that at 100%",
            unit=unit.unit,
        ),
        caption=lang.say("Leverage and upside by role"),
        currency=currency(result),
        scale=unit,
    )


def cliffs(result: Incentives, lang: Language) -> Section:
    """Steps of pay by component: who stands beside them and what hangs there."""
    table = result.cliffs
    frame = table.assign(
        name=[component(result, each, lang) for each in table["component"]],
        at=[
            step_name(result, measured, step, lang)
            for measured, step in zip(table["measured"], table["step"], strict=True)
        ],
    )
    unit = lang.scale(list(frame["each"]) or [1.0], currency=currency(result))
    times, amount = at_step(table, 1.0)
    view = TableView(
        frame,
        [
            Col("name", lang.say("Component")),
            Col("at", lang.say("Step")),
            Col("people", lang.say("People"), "integer"),
            Col("times", lang.say("Settlements"), "number", decimals=1, additive=True),
            Col("each", lang.say("Each"), "money"),
            Col("money", lang.say("Money a year"), "money", additive=True),
        ],
        lang=lang,
        title=lang.say(
            "At 100% alone {times} settlements a year decide over {amount}",
            times=lang.number(times),
            amount=money(result, amount, lang),
        )
        if times
        else lang.say("Nobody is beside a step at 100%")
        if len(table)
        else lang.say("The plan has no steps"),
        subtitle=lang.say(
            "Settlements within two points of a step, and what the step is worth there, {unit}",
            unit=unit.unit,
        ),
        caption=lang.say("Steps of pay by component"),
        currency=currency(result),
        scale=unit,
    )
    cut = result.prepared.cut_by_caps
    said = [
        lang.say("Caps take away {amount} of pay a year ahead", amount=money(result, cut, lang))
        if cut >= 0.5
        else lang.say("No cap of the plan takes pay away")
    ]
    return Section(
        Block(view, span=8),
        Block(_beside(result, lang), span=4),
        lang=lang,
        reading=full(lang, said),
    )


def _beside(result: Incentives, lang: Language) -> TableView:
    """Whole years of people just under and just over target: does pay bend sales?"""
    rows = result.history.complete().assign(year=lambda t: t["month"].dt.year)
    years = rows.groupby(["rep_id", "year"]).agg(
        quota=("quota", "sum"), sold=("revenue_net", "sum"), months=("quota", "size")
    )
    years = years[(years["months"] == 12) & (years["quota"] > 0)]
    attained = (years["sold"] / years["quota"]).to_numpy()
    edges = [(0.92, 0.96), (0.96, 1.0), (1.0, 1.04), (1.04, 1.08)]
    counts = [int(((attained >= low) & (attained < high)).sum()) for low, high in edges]
    frame = pd.DataFrame(
        {
            "name": [
                f"{lang.number(low * 100)}–{lang.percent(high, decimals=0)}" for low, high in edges
            ],
            "years": counts,
        }
    )
    under, over = counts[1], counts[2]
    title = (
        lang.say("{over} years just over target, {under} just under", over=over, under=under)
        if over > under
        else lang.say("No pile of years just over target")
    )
    return TableView(
        frame,
        [Col("name", lang.say("Attainment")), Col("years", lang.say("Years of people"), "integer")],
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Whole years of people with quotas, {n} in all", n=lang.number(len(attained))
        ),
        caption=lang.say("Years around target"),
        note=full(
            lang,
            [lang.say("Without a step at 100% neighbouring rows would be about as large")],
        )
        if known(float(over))
        else "",
    )
