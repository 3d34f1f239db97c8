"""Blocks of the first page: cost fan, cost by role, payout curve, winners and losers, steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.incentives.cliffs import at_step
from workbench.incentives.habits import roles_with_quota
from workbench.incentives.story.words import (
    currency,
    full,
    known,
    plan_name,
    role,
    scale,
    step_name,
)
from workbench.report import Block, Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.incentives.payees import Floats
    from workbench.incentives.study_incentives import Incentives

NARROW = 436
_LEVELS = ((50, "q25", "q75"), (80, "q10", "q90"), (95, "q2.5", "q97.5"))
EDGES = tuple(float(each) for each in np.round(np.arange(0, 1.81, 0.1), 2))


def cost_fan(result: Incentives, lang: Language) -> Any:
    """Cost to date and to the year's end against the budget."""
    from workbench.charts import Measure, Target, columns, fan

    table = result.now.fan()
    last = max(result.over - 1, 0)
    drawn = pd.DataFrame({"period": pd.PeriodIndex(table["period"], freq="M")})
    drawn["actual"] = np.where(np.arange(len(table)) <= last, table["q50"], np.nan)
    if not result.over:
        drawn["actual"] = np.nan
    ahead = np.arange(len(table)) >= last
    drawn["median"] = np.where(ahead, table["q50"], np.nan)
    for level, low, high in _LEVELS:
        drawn[f"low{level}"] = np.where(ahead, table[low], np.nan)
        drawn[f"high{level}"] = np.where(ahead, table[high], np.nan)
    drawn = drawn.iloc[max(last - 3, 0) :]
    over = result.now.over(result.budget)
    low, high = np.quantile(result.now.total(), [0.1, 0.9])
    one = scale(result, lang)
    return fan(
        drawn,
        lang=lang,
        title=lang.say(
            "8 years in 10 end at {low}–{high}; chance to exceed {budget}: {chance}",
            low=one(float(low)),
            high=one(float(high)),
            budget=one(result.budget),
            chance=lang.probability(over),
        ),
        subtitle=lang.say("Earned since the year began, {unit}", unit="{unit}"),
        targets=[Target(lang.say("Budget"), result.budget, None, bold=True)],
        measure=Measure("money", currency=currency(result), scale=one),
        width=columns(6),
        height=214,
    )


def by_role(result: Incentives, lang: Language) -> TableView:
    """What each role costs, and how it stands to target."""
    today, people = result.now, result.now.people
    variable = today.variable
    target = people.incentive()
    attained = result.fairness.attainment.set_index("role")
    rows = []
    unit = lang.scale([float(today.total().mean()) / 50], currency=currency(result))
    for code in sorted(set(people.roles)):
        who = (people.roles == code) & (variable.mean(axis=0) > 0)
        if not who.any():
            continue
        sums = variable[:, who].sum(axis=1)
        low, high = np.quantile(sums, [0.1, 0.9])
        rows.append(
            {
                "role": role(result, code, lang),
                "people": int(who.sum()),
                "cost": float(sums.mean()),
                "range": f"{unit(float(low))}–{unit(float(high))}",
                "ratio": float(sums.mean() / target[who].sum()) if target[who].sum() else np.nan,
                "at_target": attained["at_target"].get(code, np.nan),
            }
        )
    frame = pd.DataFrame(rows).sort_values("cost", ascending=False, ignore_index=True)
    total = {
        "role": lang.say("All people"),
        "people": int(frame["people"].sum()),
        "cost": float(today.total().mean()),
        "range": "",
        "ratio": float(today.total().mean() / target.sum()) if target.sum() else np.nan,
        "at_target": result.fairness.share_at_target(),
    }
    first = frame.iloc[0]
    return TableView(
        frame,
        [
            Col("role", lang.say("Role")),
            Col("people", lang.say("People"), "integer"),
            Col("cost", lang.say("Variable pay"), "money"),
            Col("range", lang.say("8 in 10")),
            Col("ratio", lang.say("Of target pay"), "percent", decimals=0),
            Col("at_target", lang.say("Reach target"), "percent", decimals=0),
        ],
        lang=lang,
        title=lang.say(
            "{role}: {share} of variable pay",
            role=first["role"],
            share=lang.percent(first["cost"] / total["cost"], decimals=0),
        ),
        subtitle=lang.say(
            "Expected variable pay of the year, {unit}; target pay: incentive at 100%",
            unit=unit.unit,
        ),
        caption=lang.say("Variable pay by role"),
        total=total,
        currency=currency(result),
        scale=unit,
    )


def payout(result: Incentives, lang: Language) -> Block:
    """Pay over attainment of the largest role, and who stands where."""
    from workbench.charts import columns

    wide = _payout(result, lang, width=columns(5))
    return Block(wide, narrow=_payout(result, lang, width=NARROW), span=5)


def _payout(result: Incentives, lang: Language, *, width: int) -> Any:
    from workbench.charts import payout_curve

    code = (roles_with_quota(result.today) or list(result.today.people.roles))[0]
    table = curve_table(result, code)
    other = curve_table(result, code, proposal=True)
    jump = largest_step(table)
    words = [(jump[0], lang.say("step {change}", change=lang.signed_percent(jump[1], decimals=0)))]
    return payout_curve(
        table,
        result.prepared.attained(code, EDGES),
        lang=lang,
        title=_payout_title(result, code, jump, lang),
        subtitle=lang.say(
            "{role}: pay over pay at 100%; below: people expected in a year; across: attainment",
            role=role(result, code, lang),
        ),
        other=other,
        names=(lang.say("Today"), lang.say("Proposal")),
        marks=words if known(jump[1]) and jump[1] > 0 else (),
        width=width,
        height=226,
    )


def curve_table(result: Incentives, code: str, *, proposal: bool = False) -> pd.DataFrame:
    """Mean pay of a role over attainment, relative to today's at 100%; cliffs as two rows."""
    unit = float(result.curves.of_role(code, 1.0))
    shown = result.curves_proposal if proposal else result.curves
    return stepped(shown.grid, shown.roles[code] / (unit or 1.0))


def stepped(grid: Floats, pay: Floats) -> pd.DataFrame:
    """A curve as rows: attainment, pay; two rows at an attainment where pay steps."""
    points = np.round(grid, 6)
    twice = np.flatnonzero(np.diff(points) < 1e-6)
    unit = np.interp(1.0, grid, pay) or 1.0
    flat = twice[np.abs(pay[twice + 1] - pay[twice]) < 1e-4 * unit]
    keep = np.setdiff1d(np.arange(len(points)), flat)
    return pd.DataFrame({"attainment": points[keep], "pay": pay[keep]})


def largest_step(table: pd.DataFrame) -> tuple[float, float]:
    """Attainment and height of the largest step of a curve; nan without one."""
    at, pay = table["attainment"].to_numpy(), table["pay"].to_numpy()
    twice = np.flatnonzero(np.diff(at) == 0)
    if not len(twice):
        return float("nan"), float("nan")
    rise = pay[twice + 1] - pay[twice]
    best = int(rise.argmax())
    return float(at[twice][best]), float(rise[best])


def _payout_title(result: Incentives, code: str, jump: tuple[float, float], lang: Language) -> str:
    if known(jump[1]) and jump[1] > 0:
        return lang.say(
            "Crossing {at} lifts the year's pay by {share} of that at target",
            at=lang.percent(jump[0], decimals=0),
            share=lang.percent(jump[1], decimals=0),
        )
    if result.cliffs.empty:
        return lang.say("Pay rises without steps")
    table = curve_table(result, code)
    return lang.say(
        "At 150% of target pay is {share} of that at 100%",
        share=lang.percent(float(np.interp(1.5, table["attainment"], table["pay"])), decimals=0),
    )


def winners(result: Incentives, lang: Language) -> TableView:
    """Winners and losers by role under the proposal."""
    table = result.comparison.by_role()
    frame = table.assign(name=[role(result, code, lang) for code in table["role"]])
    frame = frame.sort_values("difference", ascending=False, ignore_index=True)
    total = {name: float(frame[name].sum()) for name in ("wins", "loses", "same", "difference")}
    unit = lang.scale(list(frame["difference"].abs()), currency=currency(result))
    title = lang.say(
        "{plan}: {wins} win, {loses} lose, {same} stay",
        plan=plan_name(result, lang, proposal=True),
        wins=lang.number(total["wins"]),
        loses=lang.number(total["loses"]),
        same=lang.number(total["same"]),
    )
    return TableView(
        frame,
        [
            Col("name", lang.say("Role")),
            Col("wins", lang.say("Win"), "integer"),
            Col("loses", lang.say("Lose"), "integer"),
            Col("same", lang.say("Same"), "integer"),
            Col("difference", lang.say("Change"), "signed_money"),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Mean pay a year ahead, {unit}; same: within 1%",
            unit=unit.unit,
        ),
        caption=lang.say("Winners and losers by role"),
        total={"name": lang.say("All people"), **total},
        currency=currency(result),
        scale=unit,
    )


def steps(result: Incentives, lang: Language) -> TableView:
    """Money beside the steps of pay."""
    table = result.cliffs.groupby(["measured", "step"], as_index=False)[["times", "money"]].sum()
    table = table.sort_values("money", ascending=False, ignore_index=True)
    names = [
        step_name(result, measured, step, lang)
        for measured, step in zip(table["measured"], table["step"], strict=True)
    ]
    frame = table.assign(name=names)
    unit = lang.scale(list(frame["money"]) or [1.0], currency=currency(result))
    _, amount = at_step(result.cliffs, 1.0)
    whole = float(table["money"].sum())
    title = (
        lang.say(
            "Money at steps: {share} lies at 100%",
            share=lang.percent(amount / whole, decimals=0),
        )
        if amount
        else lang.say("Nobody is beside a step at 100%")
        if whole
        else lang.say("The plan has no steps")
    )
    return TableView(
        frame,
        [
            Col("name", lang.say("Step")),
            Col("times", lang.say("Settlements"), "number", decimals=1),
            Col("money", lang.say("Money"), "money"),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say("Within 2 points, a year ahead, {unit}", unit=unit.unit),
        caption=lang.say("Money at steps of pay"),
        total={
            "name": lang.say("All steps"),
            "times": float(table["times"].sum()),
            "money": whole,
        },
        currency=currency(result),
        scale=unit,
        note=full(lang, [lang.say("One month or year of one person each")]),
    )
