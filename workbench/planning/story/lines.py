"""Section on product lines: what each is asked for in each region, and how likely that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.planning.company_year import ROOT
from workbench.planning.story.words import currency, name, scale
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy


def lines(result: TargetStudy, lang: Language) -> Section:
    """Base target and chance by region and line."""
    table = result.lines
    if table is None:
        return Section(
            lang=lang,
            title=lang.say("There are no product lines to split by"),
            reading=lang.say("They need products with a product line, and sales of them."),
        )
    base = table[table["tier"] == "base"]
    wide = base.pivot(index="node", columns="line", values="target")
    chance = base.pivot(index="node", columns="line", values="p_hit")
    order = [ROOT, *(node for node in wide.index if node != ROOT)]
    frame = wide.reindex(order).join(chance.add_prefix("p_")).reset_index()
    frame["label"] = [name(result, str(node), lang) for node in frame["node"]]
    frame["strong"] = frame["node"] == ROOT
    words = {str(line): result.company.label("product_line", line, lang) for line in wide.columns}
    one = scale(result, lang)
    whole = base[base["node"] == ROOT].set_index("line")
    low = str(whole["p_hit"].idxmin())
    return Section(
        Block(
            TableView(
                frame,
                [
                    Col("label", lang.say("Region")),
                    *(
                        Col(line, text, "money", group=lang.say("Base target"))
                        for line, text in words.items()
                    ),
                    *(
                        Col(f"p_{line}", text, "probability", group=lang.say("Chance"))
                        for line, text in words.items()
                    ),
                ],
                lang=lang,
                title=lang.say(
                    "{line} is the least likely line to reach base: {chance}",
                    line=words[low],
                    chance=lang.probability(float(whole["p_hit"][low])),
                ),
                subtitle=lang.say(
                    "Regions' base targets by their lines' parts of the last twelve months, {unit}",
                    unit=one.unit,
                ),
                caption=lang.say("Targets by region and product line"),
                scale=one,
                currency=currency(result),
                subtotal="strong",
            ),
            span=12,
        ),
        lang=lang,
    )
