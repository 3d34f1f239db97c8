"""One node looked at closely: its months with their fan, and what each of its parts brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.forecasting.outlook.bookings import TOTAL
from workbench.forecasting.outlook.named import node_named
from workbench.forecasting.story.words import (
    ahead,
    closed,
    currency,
    lines,
    money,
    node_name,
    one_unit,
    regions,
    tax,
)
from workbench.report import Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy


def node_of(result: ForecastStudy) -> str:
    """The node that is asked for; the company where none is."""
    said = result.params.node
    return node_named(result.outlook, said, where=f"node: {said}") if said else TOTAL


def below(result: ForecastStudy, node: str) -> list[str]:
    """Parts that add up to a node: regions of the company, else its regions by line."""
    if node == TOTAL:
        return regions(result)
    named = (f"{node}/{line}" for line in lines(result))
    if node in lines(result):
        named = (f"{region}/{node}" for region in regions(result))
    return [name for name in named if name in result.outlook.nodes]


def months(result: ForecastStudy, node: str, lang: Language) -> TableView:
    """Months ahead of a node: its parts, expected in all, range, and the change on the year."""
    found, parts = result.outlook, below(result, node)
    place = found.tree.place(node)
    mean = found.points[place]
    scale = one_unit(result, [float(mean.sum())], lang)
    frame = pd.DataFrame({"month": [lang.month(each) for each in found.scope.months]})
    ends = np.quantile(found.draws[:, place], [0.1, 0.9], axis=0)
    low, high = np.quantile(found.draws[:, place].sum(axis=1), [0.1, 0.9])
    total: dict[str, Any] = {
        "month": ahead(result, lang),
        "total": float(mean.sum()),
        "range": f"{scale(low)}–{scale(high)}",
    }
    # parts of a month add up as written; their columns may be off in the last digit
    written = np.array(
        [closed(found.points[_places(result, parts), at], mean[at], scale)
         for at in range(len(mean))]
    )  # fmt: skip
    for number, part in enumerate(parts):
        frame[part] = written[:, number]
        total[part] = float(found.points[found.tree.place(part)].sum())
    frame = frame.assign(
        total=mean,
        range=[f"{scale(lower)}–{scale(upper)}" for lower, upper in ends.T],
        **_last_year(result, node, mean),
    )
    total |= {"change": _whole_change(frame)}
    return TableView(
        frame,
        [
            Col("month", lang.say("Month")),
            *(Col(part, _short(result, node, part, lang), "money") for part in parts),
            Col("total", lang.say("All"), "money", bold=True),
            Col("range", lang.say("80% range")),
            Col("change", lang.say("On the year"), "signed_percent", decimals=1),
        ],
        lang=lang,
        title=lang.say(
            "{node}: {month} brings most, {amount}",
            node=node_name(result, node, lang),
            month=lang.month(found.scope.months[int(mean.argmax())]),
            amount=money(result, float(mean.max()), lang),
        ),
        subtitle=lang.say(
            "{period}, expected, {unit}, {tax}",
            period=ahead(result, lang),
            unit=scale.unit,
            tax=tax(result, lang),
        ),
        caption=lang.say("Months of a part"),
        total=total,
        currency=currency(result),
        scale=scale,
    )


def _places(result: ForecastStudy, parts: list[str]) -> list[int]:
    return [result.outlook.tree.place(part) for part in parts]


def _last_year(result: ForecastStudy, node: str, mean: np.ndarray) -> dict[str, Any]:
    """The same months a year before, and the change on them; missing where there are none."""
    found = result.outlook
    before = found.history[node].reindex(found.scope.months - pd.DateOffset(years=1))
    known = np.where(before.to_numpy(float) > 0, before.to_numpy(float), np.nan)
    return {"before": known, "change": mean / known - 1}


def _whole_change(frame: pd.DataFrame) -> float:
    before = float(frame["before"].sum(skipna=False))
    return float(frame["total"].sum()) / before - 1 if before > 0 else np.nan


def _short(result: ForecastStudy, node: str, part: str, lang: Language) -> str:
    """Name of a part beside its node: the line within a region, the region within a line."""
    region, _, line = part.partition("/")
    return node_name(result, line if line and region == node else region, lang)
