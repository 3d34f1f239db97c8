"""A forecast as a picture: history, what is expected and how far it may lie from that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.figure import Figure
    from workbench.forecasting.forecaster import Forecast

BANDS = (50, 80, 95)


def plot_series(
    made: Forecast, series: str | None = None, *, lang: Language | None = None, history: int = 36
) -> Figure:
    """Draw one series: the last of its history, the expected path, bands of 50, 80 and 95%.

    Parameters
    ----------
    made : Forecast
    series : str, optional
        Name of a series or node; the first where not given (the total of a hierarchy).
    lang : Language, optional
        English where not given.
    history : int
        Periods of the past shown.

    Raises
    ------
    ParameterError
        If there is no such series.
    """
    from workbench.charts.lines import trend_band
    from workbench.charts.measure import Measure

    speak = lang or Language("en")
    ids = [str(one) for one in made.panel.ids]
    if series is not None and series not in ids:
        near = [name for name in ids if series.casefold() in name.casefold()][:3]
        raise ParameterError(
            f"there is no series {series!r}",
            where="series",
            do=f"perhaps {' or '.join(near)}" if near else f"there are {', '.join(ids[:5])} ...",
        )
    place = 0 if series is None else ids.index(series)
    values = made.panel.batch.series(place)[-history:]
    first = int(made.panel.last[place]) - len(values) + 1
    ordinals = np.arange(first, first + len(values) + made.horizon)
    table = pd.DataFrame({"period": [made.panel.calendar.text(int(one)) for one in ordinals]})
    ahead = np.full(len(table), np.nan)
    start = len(values)
    table["actual"] = np.r_[values, np.full(made.horizon, np.nan)]
    ahead[start - 1 :] = np.r_[values[-1], made.points[place]]
    table["median"] = ahead
    for level in BANDS:
        low, high = made.interval(level)
        for name, ends in (("low", low), ("high", high)):
            column = np.full(len(table), np.nan)
            column[start - 1 :] = np.r_[values[-1], ends[place]]
            table[f"{name}{level}"] = column
    low, high = made.interval(80)
    title = speak.say(
        "{series}: {mean} expected in {period}, eight times in ten {low} to {high}",
        series=ids[place],
        mean=_short(made.points[place, -1], speak),
        period=table["period"].iloc[-1],
        low=_short(low[place, -1], speak),
        high=_short(high[place, -1], speak),
    )
    floor = min(float(np.nanmin(values)), float(made.interval(95)[0][place].min()))
    return trend_band(
        table,
        lang=speak,
        title=title,
        measure=Measure("number", decimals=0 if float(np.abs(values).max()) >= 100 else None),
        zero=bool(floor < 0.5 * float(np.nanmax(values))),
        names={"median": speak.say("Expected")},
    )


def _short(value: float, lang: Language) -> str:
    """A number with three digits or more, none that only look exact."""
    size = abs(value)
    decimals = 0 if size >= 100 else 1 if size >= 10 else 2
    return str(lang.number(value, decimals=decimals))
