"""Blocks of the first page: the tree with tiers and chances, months, padding, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.planning.company_year import MIDDLE
from workbench.planning.story.words import (
    TIERS,
    currency,
    handed,
    kind,
    name,
    scale,
    tier,
    weakest,
    wide,
)
from workbench.report import Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.study_targets import TargetStudy

_STEP = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
MOST_PEOPLE = 5


def tree_table(result: TargetStudy, lang: Language, *, whole: bool = False) -> TableView:
    """Targets and chances down the tree; on the first page the weakest region is opened."""
    table = wide(result)
    shown = table if whole else _weakest_first(table, table[_opened(result, table)])
    frame = shown.assign(
        label=[
            _stepped(name(result, str(node), lang), int(depth) - 1)
            for node, depth in shown["depth"].items()
        ],
        strong=shown["depth"] <= (1 if whole else 0),
    ).reset_index()
    one = scale(result, lang)
    chances = table[table["kind"] == "region"]["p_base"]
    return TableView(
        frame,
        [
            Col("label", lang.say("Unit of the organisation")),
            *(Col(code, tier(code, lang), "money", group=lang.say("Target")) for code in TIERS),
            *(
                Col(f"p_{code}", tier(code, lang), "probability", group=lang.say("Chance"))
                for code in TIERS
            ),
        ],
        lang=lang,
        title=_said_of_regions(result, chances, lang),
        subtitle=lang.say("Revenue of {year} without VAT, {unit}", year=result.year, unit=one.unit),
        caption=lang.say("Targets and chances by node"),
        scale=one,
        currency=currency(result),
        subtotal="strong",
        max_rows=len(frame),
        note=""
        if whole
        else lang.say(
            "Opened: the region with the lowest chance and, in its weakest {level}, the {n} largest"
            " targets of people; all nodes stand further below.",
            level=kind(result.params.middle, lang).lower(),
            n=lang.number(MOST_PEOPLE),
        ),
    )


def _said_of_regions(result: TargetStudy, chances: pd.Series, lang: Language) -> str:
    low = weakest(result)
    said = {"name": name(result, low, lang), "chance": lang.probability(float(chances[low]))}
    over = int((chances >= 0.5).sum())
    if not over:
        return lang.say(
            "No region reaches base in half of all futures; lowest: {name} at {chance}", **said
        )
    return lang.say(
        "{over} of {n} regions reach base in half of all futures; lowest: {name} at {chance}",
        over=lang.number(over),
        n=lang.number(len(chances)),
        **said,
    )


def _weakest_first(table: pd.DataFrame, shown: pd.DataFrame) -> pd.DataFrame:
    """Rows with the least likely region first, each followed by what is under it."""
    top = table["kind"].eq("region") | table["kind"].eq("company")
    group = top.cumsum()
    order = table["p_base"].where(top).groupby(group).transform("first")
    order = order.where(table["kind"] != "company", -1.0)
    at = order.reindex(shown.index).argsort(kind="stable")
    return shown.iloc[at]


def _stepped(words: str, steps: int) -> str:
    """A name with a mark for each level below the regions: spaces are lost in tables."""
    return f"{_STEP * steps} {words}" if steps > 0 else words


def _opened(result: TargetStudy, table: pd.DataFrame) -> Any:
    """Company, regions, what is under the weakest, largest targets of its weakest province."""
    low = weakest(result)
    middle = table[(table["parent"] == low) & table["kind"].isin(MIDDLE)]
    shown = (table["depth"] <= 1) | table.index.isin(middle.index)
    if len(middle):
        people = table[table["parent"] == str(middle["p_base"].idxmin())]
        shown |= table.index.isin(people.sort_values("base").index[-MOST_PEOPLE:])
    return shown


def months(result: TargetStudy, lang: Language) -> Any:
    """Base target of the company by month beside the year before."""
    from workbench.charts import Measure, columns, named_lines

    targets = result.targets
    base = targets.kpis["revenue_net"].units[1][0] * float(result.params.unit)
    before = result.before.sum().to_numpy()
    periods = pd.PeriodIndex([pd.Period(month, freq="M") for month in targets.months])
    drawn = pd.concat(
        [
            pd.DataFrame({"period": periods, "name": str(each), "value": values})
            for each, values in (
                (lang.say("Target {year}", year=result.year), base),
                (lang.say("{year} by month", year=result.year - 1), before),
            )
        ],
        ignore_index=True,
    )
    most = int(np.argmax(base))
    return named_lines(
        drawn,
        lang=lang,
        title=lang.say(
            "{month} carries {share} of the year; targets grow by {growth}",
            month=lang.month(periods[most].start_time.date(), long=True),
            share=lang.percent(float(base[most] / base.sum())),
            growth=lang.signed_percent(result.growth),
        ),
        subtitle=lang.say(
            "Base target by month beside {year}, months to come as expected, {unit}",
            year=result.year - 1,
            unit="{unit}",
        ),
        measure=Measure("money", currency=currency(result)),
        highlight=lang.say("Target {year}", year=result.year),
        width=columns(6),
        height=190,
    )


def padding(result: TargetStudy, lang: Language) -> Any:
    """Sum of the base targets at each level over the company's."""
    from workbench.charts import Measure, bars, columns

    rows = handed(result)
    one = lang.scale(list(rows["amount"]), currency=currency(result))
    drawn = pd.DataFrame(
        {
            "label": [kind(code, lang) for code in rows["kind"]],
            "value": rows["amount"],
            "kind": ["plan", *["bad" if over > 0.0005 else "plan" for over in rows["over"][1:]]],
            "text": [
                one(amount) + (f" {lang.signed_percent(over)}" if place else "")
                for place, (amount, over) in enumerate(
                    zip(rows["amount"], rows["over"], strict=True)
                )
            ],
        }
    )
    return bars(
        drawn,
        lang=lang,
        title=lang.say(
            "People are asked for {over} more than the company",
            over=lang.percent(max(float(rows["over"].iloc[-1]), 0.0)),
        ),
        subtitle=lang.say("Sum of base targets by level, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result), scale=one),
        width=columns(4),
    )


def attained(result: TargetStudy, lang: Language) -> Any:
    """How many people attain how much of base, as expected over all draws."""
    from workbench.charts import columns, histogram, rounded_together

    table = wide(result)
    people = [str(node) for node in table.index[table["kind"] == "person"]]
    edges = np.array([-np.inf, *np.round(np.arange(0.5, 1.51, 0.1), 2), np.inf])
    counts = np.zeros(len(edges) - 1)
    for node in people:
        goal = float(table["base"][node])
        drawn = result.targets.draws("revenue_net", node)
        reached = drawn / goal if goal > 0 else np.ones_like(drawn)
        # a target met to the last unit that draws keep is met
        place = np.searchsorted(edges, reached * (1 + 1e-6), side="right") - 1
        counts += np.bincount(place, minlength=len(counts)) / len(drawn)
    whole = rounded_together(counts, total=float(len(people)), step=1)
    over = edges[:-1] >= 1 - 1e-9
    bins = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": whole, "highlight": over})
    return histogram(
        bins,
        lang=lang,
        title=lang.say(
            "{n} of {all} people expected to reach base",
            n=lang.number(float(whole[over].sum())),
            all=lang.number(len(people)),
        ),
        subtitle=lang.say("People by attainment of base, expected over all futures"),
        marks=[(1.0, lang.say("target"))],
        width=columns(4),
        height=190,
    )


def coverage(result: TargetStudy, lang: Language) -> TableView | None:
    """Pipeline needed and there, by region."""
    deals = result.made.facts.pipeline
    if result.cover is None or deals is None:
        return None
    rows = result.cover[result.cover["kind"].isin(["company", "region"])]
    frame = rows.assign(
        label=[name(result, node, lang) for node in rows["node"]],
        strong=rows["kind"] == "company",
    )
    one = scale(result, lang)
    there, needed = float(rows["coverage"].iloc[0]), float(rows["coverage_needed"].iloc[0])
    return TableView(
        frame,
        [
            Col("label", lang.say("Region")),
            Col("left", lang.say("To come from deals"), "money"),
            Col("open", lang.say("Open deals"), "money"),
            Col("short", lang.say("Short"), "money"),
            Col("coverage", lang.say("Coverage"), "number", decimals=1),
        ],
        lang=lang,
        title=lang.say(
            "Open deals cover {there} times what deals must bring; {needed} times are needed",
            there=lang.number(there, decimals=1),
            needed=lang.number(needed, decimals=1),
        ),
        subtitle=lang.say(
            "Base target less regular business, {unit}; needed at a win rate of {rate} by amount",
            unit=one.unit,
            rate=lang.percent(deals.win_rate, decimals=0),
        ),
        caption=lang.say("Coverage by region"),
        scale=one,
        currency=currency(result),
        subtotal="strong",
    )
