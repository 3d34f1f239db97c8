"""Blocks of the first page: the tree with tiers and chances, months, padding, coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.planning import judged
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
    from workbench.planning.target_study import TargetStudy

_STEP = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
#: Of the weakest region and of its weakest province: the page fits a screen.
MOST_MIDDLE, MOST_PEOPLE = 2, 3


def tree_table(result: TargetStudy, lang: Language, *, whole: bool = False) -> TableView:
    """Targets and chances down the tree; on the first page the weakest region is opened."""
    tree = result.targets.tree
    shown = np.arange(len(tree)) if whole else _opened(result)
    frame = wide(result).iloc[shown].reset_index()
    frame["label"] = [
        _stepped(name(result, tree.nodes[place], lang), int(tree.depth[place]) - 1)
        for place in shown
    ]
    frame["strong"] = tree.depth[shown] <= (1 if whole else 0)
    people = int(tree.of_kind("person")[shown].sum())
    one = scale(result, lang)
    said = {"year": result.year, "unit": one.unit}
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
        title=_said_of_regions(result, lang),
        subtitle=lang.say("Revenue of {year} without VAT, {unit}", **said)
        if whole or not people
        else lang.say(
            "Revenue of {year} without VAT, {unit}; opened: the least likely region and {level}",
            level=kind(judged.middle(result.targets), lang).lower(),
            **said,
        ),
        caption=lang.say("Targets and chances by node"),
        scale=one,
        currency=currency(result),
        subtotal="strong",
        max_rows=len(frame),
    )


def _said_of_regions(result: TargetStudy, lang: Language) -> str:
    chances = _chances(result)[result.targets.tree.of_kind("region")]
    said = {
        "name": name(result, weakest(result), lang),
        "chance": lang.probability(float(chances.min())),
    }
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


def _stepped(words: str, steps: int) -> str:
    """A name with a mark for each level below the regions: spaces are lost in tables."""
    return f"{_STEP * steps} {words}" if steps > 0 else words


def _opened(result: TargetStudy) -> NDArray[np.int64]:
    """Company, regions, the weakest provinces of the weakest, largest targets of the first of them.

    Places of nodes, the company first, then regions from the least likely on, each followed by
    what is under it.
    """
    tree, chance = result.targets.tree, _chances(result)
    middle = tree.children(tree.place[weakest(result)])
    middle = middle[tree.of_kind(*MIDDLE)[middle]]
    middle = middle[np.argsort(chance[middle], kind="stable")][:MOST_MIDDLE]
    shown = tree.depth <= 1
    shown[middle] = True
    if len(middle):
        people = tree.children(int(middle[0]))
        goal = result.targets.target("revenue_net")[people, TIERS.index("base")]
        shown[people[np.argsort(goal, kind="stable")[-MOST_PEOPLE:]]] = True
    top = tree.of_kind("company", "region")
    order = chance[top][np.cumsum(top) - 1]  # of the region that a node is under
    order[0] = -1.0
    places = np.flatnonzero(shown)
    return np.asarray(places[np.argsort(order[places], kind="stable")])


def _chances(result: TargetStudy) -> NDArray[np.float64]:
    """Chance of base of every node."""
    return result.targets.kpis["revenue_net"].chance[:, TIERS.index("base")]


def months(result: TargetStudy, lang: Language, *, width: int | None = None) -> Any:
    """Base target of the company by month beside the year before; width in px, half a page."""
    from workbench.charts import Measure, columns, named_lines

    targets = result.targets
    found = targets.kpis["revenue_net"]
    base = found.by_tier[TIERS.index("base")].units[0] * found.unit
    before = result.before.to_numpy().sum(axis=0)
    periods = pd.PeriodIndex(targets.months, freq="M")
    names = [
        lang.say("Target {year}", year=result.year),
        lang.say("{year} by month", year=result.year - 1),
    ]
    drawn = pd.DataFrame(
        {
            "period": periods.append(periods),
            "name": np.repeat(names, len(periods)),
            "value": np.concatenate([base, before]),
        }
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
        highlight=names[0],
        width=width or columns(6),
        height=145,
    )


def padding(result: TargetStudy, lang: Language) -> Any:
    """Sum of the base targets at each level over the company's."""
    from workbench.charts import Measure, bars, columns

    rows = handed(result)
    padded = float(rows["over"].iloc[-1])
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
            "People are asked for {over} more than the company", over=lang.percent(padded)
        )
        if padded >= 0.0005
        else lang.say("No level adds to what it hands down"),
        subtitle=lang.say("Sum of base targets by level, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result), scale=one),
        width=columns(4),
    )


def attained(result: TargetStudy, lang: Language) -> Any:
    """How many people attain how much of base, as expected over all draws."""
    from workbench.charts import columns, histogram, rounded_together

    targets = result.targets
    people = np.flatnonzero(targets.tree.of_kind("person"))
    goal = targets.target("revenue_net")[people, TIERS.index("base")]
    drawn = targets.prepared.grounds["revenue_net"].years[people]
    # a target met to the last unit that draws keep is met, one of nothing by anything
    reached = drawn / np.where(goal > 0, goal, 1.0)[:, None] * (1 + 1e-6)
    reached[goal <= 0] = 1.0
    edges = np.array([-np.inf, *np.round(np.arange(0.5, 1.51, 0.1), 2), np.inf])
    above = np.array([np.count_nonzero(reached >= edge) for edge in edges])
    counts = (above[:-1] - above[1:]) / drawn.shape[1]
    # each side is made whole by itself, so that bars over the target sum to who reaches it
    over = edges[:-1] >= 1 - 1e-9
    met = round(float(counts[over].sum()))
    whole = np.zeros_like(counts)
    for side, total in ((over, met), (~over, len(people) - met)):
        whole[side] = rounded_together(counts[side], total=total, step=1)
    bins = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "count": whole, "highlight": over})
    return histogram(
        bins,
        lang=lang,
        title=lang.say(
            "{n} of {all} people expected to reach base",
            n=lang.number(met),
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
    tree = result.targets.tree
    shown = np.flatnonzero(tree.of_kind("company", "region"))
    frame = result.cover.iloc[shown].reset_index(drop=True)
    frame["label"] = [name(result, tree.nodes[place], lang) for place in shown]
    frame["strong"] = tree.depth[shown] == 0
    one = scale(result, lang)
    there, needed = float(frame["coverage"].iloc[0]), float(frame["coverage_needed"].iloc[0])
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
