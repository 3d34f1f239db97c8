"""Section on all KPIs with a target: goals, chances, and the score of regions over all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.planning.company_year import ROOT
from workbench.planning.story.words import TIERS, kpi_name, kpi_range, kpi_value, name, tier
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def kpis(result: TargetStudy, lang: Language) -> Section:
    """What is wanted of each KPI and how likely it is; regions by their score."""
    blocks = [Block(_goals(result, lang), span=12)]
    if len(result.targets.kpis) > 1:
        blocks.append(Block(_regions(result, lang), span=12))
    without = [
        kpi_name(kpi, lang)
        for kpi, (weight, _) in result.params.others().items()
        if weight and kpi not in result.targets.kpis
    ]
    return Section(
        *blocks,
        lang=lang,
        note=lang.say("No data for a target of: {kpis}.", kpis=lang.pause.join(without))
        if without
        else "",
    )


def _goals(result: TargetStudy, lang: Language) -> TableView:
    goals = result.targets.prepared.goals
    whole = sum(goal.weight for goal in goals.values()) or 1.0
    rows = []
    for kpi, found in result.targets.kpis.items():
        target = result.targets.target(kpi)[0]
        drawn = result.targets.draws(kpi, ROOT)
        low, high = np.quantile(drawn, [0.1, 0.9]).tolist()
        rows.append(
            {
                "label": kpi_name(kpi, lang),
                "weight": goals[kpi].weight / whole,
                "last": kpi_value(result, kpi, result.made.last[kpi], lang),
                "range": kpi_range(result, kpi, low, high, lang),
                **{
                    code: kpi_value(result, kpi, v, lang)
                    for code, v in zip(TIERS, target, strict=True)
                },
                **{f"p_{code}": p for code, p in zip(TIERS, found.chance[0], strict=True)},
            }
        )
    frame = pd.DataFrame(rows)
    hardest = frame.iloc[int(frame["p_base"].to_numpy().argmin())]
    joint = result.targets.joint()
    every = joint[(joint["kind"] == "company") & (joint["tier"] == "base")]
    together = float(every["p_all"].iloc[-1])
    return TableView(
        frame,
        [
            Col("label", lang.say("KPI")),
            Col("weight", lang.say("Weight"), "percent", decimals=0),
            Col("last", lang.say("Year before", context="targets"), right=True),
            Col("range", lang.say("8 in 10 futures"), right=True),
            *(Col(code, tier(code, lang), group=lang.say("Target"), right=True) for code in TIERS),
            *(
                Col(f"p_{code}", tier(code, lang), "probability", group=lang.say("Chance"))
                for code in TIERS
            ),
        ],
        lang=lang,
        title=lang.say(
            "{kpi} is the hardest: {chance}; all base targets at once {all}",
            kpi=hardest["label"],
            chance=lang.probability(float(hardest["p_base"])),
            all=lang.probability(together),
        )
        if len(frame) > 1
        else lang.say("One KPI has a target: {kpi}", kpi=hardest["label"]),
        subtitle=lang.say(
            "Company, {year}; collections include VAT, revenue does not; an average is compared"
            " with the last twelve months",
            year=result.year,
        ),
        caption=lang.say("Targets by KPI"),
    )


def _regions(result: TargetStudy, lang: Language) -> TableView:
    scores = result.scores[result.scores["tier"] == "base"].set_index("node")[["score", "p_hit"]]
    known = {str(node): row for node, row in zip(scores.index, scores.to_numpy(), strict=True)}
    tree = result.targets.tree
    rows = []
    for place, node in enumerate(tree.nodes):
        if tree.kinds[place] not in ("company", "region"):
            continue
        rows.append(
            {
                "label": name(result, node, lang),
                "strong": tree.kinds[place] == "company",
                "score": float(known[node][0]),
                "p_score": float(known[node][1]),
                **{
                    kpi: float(found.chance[place, TIERS.index("base")])
                    for kpi, found in result.targets.kpis.items()
                },
            }
        )
    frame = pd.DataFrame(rows)
    return TableView(
        frame,
        [
            Col("label", lang.say("Region")),
            Col("score", lang.say("Expected score"), "percent", decimals=0),
            Col("p_score", lang.say("Chance of 100%"), "probability"),
            *(
                Col(kpi, kpi_name(kpi, lang), "probability", group=lang.say("Chance of base"))
                for kpi in result.targets.kpis
            ),
        ],
        lang=lang,
        title=lang.say(
            "Weighted score of the company: {score} expected, {chance} for 100%",
            score=lang.percent(float(frame["score"].iloc[0]), decimals=0),
            chance=lang.probability(float(frame["p_score"].iloc[0])),
        ),
        subtitle=lang.say("Attainment of base by KPI, weighted; on the same draws"),
        caption=lang.say("Score and chances by region"),
        subtotal="strong",
    )
