"""What is assumed on top of the models: in words, and what it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook import assumed
from workbench.forecasting.outlook.bookings import TOTAL
from workbench.forecasting.story.words import currency, money, node_name
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd

    from workbench.forecasting.study_forecast import ForecastStudy


def entries(result: ForecastStudy) -> pd.DataFrame:
    """Growth assumed, one row an entry; see `outlook.assumed.entries`."""
    params = result.params
    return assumed.entries(result.outlook, params.assumed, params.assumed_parts)


def listed(result: ForecastStudy, lang: Language) -> str:
    """What is assumed: "all +3%, East +5% from Oct 2026, promotions 2×"; "" where nothing is."""
    if result.outlook.growth is None:
        return ""
    said = [
        _entry(result, node, first, growth, lang)
        for node, first, growth in entries(result).itertuples(index=False)
    ]
    if result.params.promoted != 1:
        said.append(lang.say("promotions {times}", times=lang.ratio(result.params.promoted)))
    return lang.pause.join(said)


def _entry(
    result: ForecastStudy, node: str, first: pd.Timestamp, growth: float, lang: Language
) -> str:
    said = lang.say("all") if node == TOTAL else node_name(result, node, lang)
    percent = round(growth * 100, 6)
    change = lang.signed_percent(growth, decimals=0 if percent == round(percent) else 1)
    words = {"node": said, "change": change}
    if first == result.scope.months[0]:
        return lang.say("{node} {change}", **words)
    return lang.say("{node} {change} from {month}", month=lang.month(first, year=True), **words)


def headline(result: ForecastStudy, lang: Language) -> str:
    """What it makes of the median, for the headline; "" where nothing is assumed."""
    if result.outlook.growth is None:
        return ""
    change = lang.signed_money(_median(result) - _median_without(result), currency=currency(result))
    return lang.say("of it assumptions {change}", change=change)


def sentence(result: ForecastStudy, lang: Language) -> str:
    """What is assumed, and the median with and without it; "" where nothing is assumed."""
    if result.outlook.growth is None:
        return ""
    return lang.say(
        "an assumption is in it: on top of the models {entries}; median {with_it} with it,"
        " {without} without",
        entries=listed(result, lang),
        with_it=money(result, _median(result), lang),
        without=money(result, _median_without(result), lang),
    )


def with_plain(table: pd.DataFrame, paths: Floats) -> pd.DataFrame:
    """Put the median of the models alone into the table of a fan, as the line `plan`.

    Parameters
    ----------
    table : pandas.DataFrame
        With a forecast in `median`, which opens at the last closed month.
    paths : numpy.ndarray, shape (draws, horizon)
        What is drawn, without the growth assumed.
    """
    ahead = table["median"].notna().to_numpy()
    line = np.full(len(table), np.nan)
    line[ahead] = [table["median"].to_numpy(float)[ahead][0], *np.median(paths, axis=0)]
    return table.assign(plan=line)


def names(lang: Language) -> dict[str, str]:
    """Words for that line."""
    return {"plan": lang.say("Models alone")}


def _median(result: ForecastStudy) -> float:
    return float(np.median(result.outlook.total()))


def _median_without(result: ForecastStudy) -> float:
    return float(np.median(result.outlook.without.total()))
