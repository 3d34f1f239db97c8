"""Blocks of the first page: two fans, twenty outcomes, what is missing, the deals that decide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.forecasting.outlook.deals import PARTS
from workbench.forecasting.outlook.targets import TIERS
from workbench.forecasting.story import growth
from workbench.forecasting.story.sentences import goals, hit
from workbench.forecasting.story.words import (
    closed,
    currency,
    known,
    measure_name,
    money,
    one_unit,
    period,
    tax,
)
from workbench.report import Block, Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

#: Smaller changes of a chance are written as 0.0 points.
LEAST_LIFT = 0.0005
#: px for the name of a deal.
NAME_ROOM = 240
#: Legal form at the end of a customer's English name, which a table does without.
LEGAL_FORM = re.compile(r",? (Co\.?,? ?Ltd\.?|Ltd\.?|Inc\.?|LLC|Corp\.?|Group)$", re.IGNORECASE)
#: Parts of another size than the deals, on whose scale their ranges would vanish.
UNDRAWN = ("regular", "assumed", "adjustment")
#: Slips from which a deal is marked.
OFTEN = 2


def booked_fan(result: ForecastStudy, lang: Language) -> Block:
    """Cumulated bookings to the end, with the tiers."""
    from workbench.charts import columns

    found = result.outlook
    table = found.fan
    if found.growth is not None:
        begun = float(found.done.iloc[0])
        table = growth.with_plain(table, begun + found.without.draws[:, 0].cumsum(axis=1))
    name = measure_name(result, lang)
    return Block(
        _fan(
            result,
            table,
            "targets",
            title=_median_title(result, float(found.quantiles([0.5])[0]), name, "targets", lang),
            subtitle=lang.say("Total, {unit}", unit="{unit}"),
            width=columns(5),
            lang=lang,
        ),
        span=5,
    )


def money_fan(result: ForecastStudy, lang: Language) -> Block:
    """Cumulated collections to the end, with the tiers."""
    from workbench.charts import columns

    found = result.answer("money")
    median = float(np.median(found.total))
    name = lang.say("Collections")
    return Block(
        _fan(
            result,
            found.fan,
            "money_targets",
            title=_median_title(result, median, name, "money_targets", lang),
            subtitle=lang.say("Total, {unit}", unit="{unit}"),
            width=columns(4),
            lang=lang,
        ),
        key=(),
        span=4,
    )


def _fan(
    result: ForecastStudy,
    table: pd.DataFrame,
    of: str,
    *,
    title: str,
    subtitle: str,
    width: int,
    lang: Language,
) -> Any:
    from workbench.charts import Measure, Target, fan

    aims = goals(result, of)
    tiers = [
        Target(lang.pick(*TIERS[tier]), aims[tier], hit(result, tier, of=of), bold=tier == "base")
        for tier in TIERS
        if tier in aims
    ]
    return fan(
        table,
        lang=lang,
        title=title,
        subtitle=subtitle,
        targets=tiers,
        measure=Measure("money", currency=currency(result), coarse=True),
        width=width,
        height=215,
        names=growth.names(lang),
    )


def _median_title(result: ForecastStudy, median: float, name: str, of: str, lang: Language) -> str:
    base = goals(result, of).get("base", np.nan)
    if not known(base):
        amount = money(result, median, lang)
        return lang.say("{measure}: median {amount}", measure=name, amount=amount)
    words = {"measure": name, "gap": money(result, abs(base - median), lang)}
    if base > median:
        return lang.say("{measure}: {gap} short of base", **words)
    return lang.say("{measure}: {gap} above base", **words)


def dots(result: ForecastStudy, lang: Language) -> Block:
    """The total as twenty outcomes."""
    from workbench.charts import Measure, columns, quantile_dots

    base = goals(result).get("base")
    draws = result.outlook.total()
    shares = (np.arange(20) + 0.5) / 20
    reached = int((np.quantile(draws, shares) >= base).sum()) if base else 0
    title = (
        lang.say_n("Of 20 such years {n} reaches base", "Of 20 such years {n} reach base", reached)
        if base
        else lang.say("Twenty outcomes, equally likely")
    )
    if base and reached == 0:
        title = lang.say("Of 20 such years none reaches base")
    figure = quantile_dots(
        draws,
        lang=lang,
        target=base,
        target_label=lang.pick(*TIERS["base"]),
        title=title,
        subtitle=lang.say(
            "{period}, {unit}; a dot is 5%", period=period(result, lang), unit="{unit}"
        ),
        measure=Measure("money", currency=currency(result), coarse=True),
        width=columns(3),
        height=215,
    )
    return Block(figure, span=3)


def table_scale(result: ForecastStudy, lang: Language) -> Any:
    """One unit of money for the tables of the page."""
    values = result.answer("parts")["mean"].to_numpy(float)
    return one_unit(result, values, lang)


def gap_table(result: ForecastStudy, lang: Language) -> Block:
    """What the total is made of: booked, categories, deals to come, business without a deal."""
    *rows, total = result.answer("parts").to_dict("records")
    scale, done = table_scale(result, lang), result.scope.done
    title = _gap_title(result, {row["part"]: row["mean"] for row in [*rows, total]}, lang)
    if not len(done):  # only months ahead count: nothing has come yet
        rows = [row for row in rows if row["part"] != "won"]
    tops = [row["hi80"] for row in rows if row["part"] not in UNDRAWN and known(row["hi80"])]
    highest = _top(tops)
    name = {part: lang.pick(*words) for part, words in PARTS.items()}
    if result.scope.kpi != "bookings":
        name["won"] = lang.say("Recognised")
    if len(done):
        name["won"] += lang.paren(lang.months(done[0].month, done[-1].month))
    nothing = {"won": lang.say("done")}
    shown = pd.DataFrame(
        {
            "part": [name[row["part"]] for row in rows],
            **{of: [row[of] for row in rows] for of in ("stated", "measured", "typed")},
            "mean": closed([row["mean"] for row in rows], total["mean"], scale),
            "range": [
                _range(row["lo80"], row["hi80"], scale) or nothing.get(row["part"], "–")
                for row in rows
            ],
            "low": [np.nan if row["part"] in UNDRAWN else row["lo80"] for row in rows],
            "high": [np.nan if row["part"] in UNDRAWN else row["hi80"] for row in rows],
        }
    )
    columns = [
        Col("part", lang.say("Part")),
        *([Col("stated", lang.say("Open"), "money")] if shown["stated"].notna().any() else []),
        *(
            [
                Col("measured", lang.say("Measured"), "probability"),
                Col("typed", lang.say("Typed"), "probability"),
            ]
            if shown["measured"].notna().any()
            else []
        ),
        Col("mean", lang.say("Expected"), "money", bold=True),
        Col("range", lang.say("80% range")),
    ]
    if tops:
        columns.append(
            Col(
                "mean",
                lang.say("0–{high}", high=scale(highest)),
                "interval",
                low="low",
                high="high",
                limits=(0, highest),
                width=80,
            )
        )
    view = TableView(
        shown,
        columns,
        lang=lang,
        title=title,
        subtitle=lang.say(
            "What the total is made of, {unit}, {tax}", unit=scale.unit, tax=tax(result, lang)
        ),
        caption=lang.say("What the total is made of"),
        total={
            "part": lang.say("Total"),
            "mean": total["mean"],
            "range": _range(total["lo80"], total["hi80"], scale),
        },
        currency=currency(result),
        scale=scale,
        note=_gap_note(rows, lang),
    )
    return Block(view, span=5)


def _top(values: list[float]) -> float:
    """End of a scale: the largest value, rounded up to two digits."""
    highest = max(values, default=1.0)
    digit = 10 ** np.floor(np.log10(max(highest, 1.0)))
    return float(np.ceil(highest / digit * 2) / 2 * digit)


def _range(low: float, high: float, scale: Any) -> str:
    return f"{scale(low)}–{scale(high)}" if known(low) and known(high) else ""


def _gap_title(result: ForecastStudy, mean: dict[str, float], lang: Language) -> str:
    left = money(result, mean["total"] - mean["won"], lang)
    if "to_come" not in mean:
        return lang.say("{left} is still to come", left=left)
    return lang.say(
        "{left} still to come, {new} of it not created yet",
        left=left,
        new=money(result, mean["to_come"], lang),
    )


def _gap_note(rows: list[dict[str, Any]], lang: Language) -> str:
    given = [[row[name] for name in ("typed", "measured", "stated")] for row in rows]
    both = [values for values in given if all(map(known, values))]
    if not both:
        return lang.say("Ranges do not add up.")
    typed, measured, stated = np.array(both).T
    typed, measured = (float(np.average(each, weights=stated)) for each in (typed, measured))
    return lang.say(
        "Measured: won share of open amounts; typed is {points} higher. Ranges do not add up.",
        points=lang.points(typed - measured, sign=False),
    )


def deals_table(result: ForecastStudy, lang: Language) -> Block:
    """The deals on which the chance of base hangs most."""
    from workbench.charts.letters import cut

    table, scale = result.answer("deciding"), table_scale(result, lang)
    company = result.scope.company
    stages = {stage.code: lang.pick(*stage.labels) for stage in company.settings.stages}
    often = table["slips"].to_numpy() >= OFTEN
    shown = pd.DataFrame(
        {
            "name": [cut(name, NAME_ROOM, size=13) for name in _names(table, lang)],
            "region": [company.label("region", code, lang) for code in table["region"]],
            "stage": [stages.get(code, code) for code in table["stage"]],
            **{name: table[name] for name in ("amount", "month", "slips", "probability", "lift")},
            "mark": np.where(often, "△", ""),
            "points": table["lift"],
        }
    )
    highest = max(float(table["lift"].max()), 0.01) if len(table) else 1.0
    columns = [
        Col("name", lang.say("Deal")),
        Col("region", lang.say("Region")),
        Col("stage", lang.say("Stage")),
        Col("amount", lang.say("Amount"), "money"),
        Col("month", lang.say("Month"), "month"),
        Col("slips", lang.say("Slips"), "integer", mark="mark"),
        Col("probability", lang.say("Measured"), "probability"),
        Col("points", lang.say("If won"), "points"),
        Col("lift", "", "bar", limits=(0, highest), width=64),
    ]
    slipped = int(often.sum())
    count = lang.number(len(table))
    if len(table) and table["lift"].max() < LEAST_LIFT:
        title = lang.say("No single deal changes the chance")
    elif slipped:
        title = lang.say(
            "The {count} deals that decide: {slipped} slipped twice or more",
            count=count,
            slipped=lang.number(slipped),
        )
    else:
        title = lang.say("The {count} deals that decide", count=count)
    view = TableView(
        shown,
        columns,
        lang=lang,
        title=title,
        subtitle=lang.say(
            "{unit}, {tax}; by how much winning the deal lifts the chance of base, in pp",
            unit=scale.unit,
            tax=tax(result, lang),
        ),
        caption=lang.say("Deals that decide"),
        currency=currency(result),
        scale=scale,
        keep=result.params.top,
        max_rows=max(12, result.params.top),
    )
    return Block(view, span=7)


def _names(table: pd.DataFrame, lang: Language) -> list[str]:
    """What a deal is called: in English its customer, in Chinese its own name, else its id."""
    order = ["account_en", "name"] if lang.code == "en" else ["name", "account"]
    rows = zip(*(table[column] for column in (*order, "opportunity_id")), strict=True)
    return [LEGAL_FORM.sub("", str(next(filter(pd.notna, row)))) for row in rows]
