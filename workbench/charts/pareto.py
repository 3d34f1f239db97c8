"""Pareto: how concentrated amounts are, as one curve of the cumulative share.

Bars with a cumulative line would need two axes; the curve alone says it, with the points people
ask for marked: the first ten, the first fifth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import MONEY, Measure, Writer
from workbench.charts.plane import Plane, Rows
from workbench.charts.rows import floats, need, spread
from workbench.charts.theme import BODY, Role, columns
from workbench.errors import InputError
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_WHOLE_PERCENT = Measure("share", decimals=0)
_FOOT = 38.0
_LARGEST_FIRST = mark("customers, largest first")


def pareto(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    top: int = 10,
    share: float = 0.2,
    x_title: str = "",
    measure: Measure = MONEY,
    width: float = columns(4),
    height: float = 220,
    alt: str = "",
) -> Figure:
    """Draw how concentrated amounts are: the cumulative share of the largest first.

    Parameters
    ----------
    table : DataFrame
        `label`, `value`, one row a customer (or product, dealer), in any order.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit of the values.
    top : int
        How many of the largest are marked with their share.
    share : float
        The share of the largest that is marked (0.2: the top fifth).
    x_title : str
        What is counted along the axis; empty gives "customers, largest first".
    measure : Measure
    width, height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing or the values do not add up to more than zero.
    """
    table = need(table, "label", "value", chart="pareto")
    values = floats(table, "value")
    writer = measure.writer(lang, values)
    values = np.sort(values[np.isfinite(values)])[::-1]
    if not values.size:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    if values.sum() <= 0:
        raise InputError("shares of a total need a total above zero", where="column value")
    cumulated = np.append(0.0, np.cumsum(values) / values.sum())
    part = np.linspace(0, 1, len(cumulated))
    percent = _WHOLE_PERCENT.writer(lang, cumulated)
    plane = Plane(
        width=width, height=height, left=axes.axis_room(percent, 0, 1), right=14, top=8,
        bottom=_FOOT, y=(0, max(1.0, float(cumulated.max()))),
    )  # fmt: skip
    points = _points(cumulated, top=top, share=share, lang=lang)
    chart = plane.draw(
        *axes.grid(plane, percent, at=(0, 0.25, 0.5, 0.75, 1)[1:]),
        axes.base(plane, y=0),
        plane.lines([{"x": part[row], "y": cumulated[row]} for row in _thin(len(part))]),
        plane.dots(points, radius=4),
        *_point_words(plane, points),
        *_share_axis(plane, x_title or lang.say(_LARGEST_FIRST), percent),
    )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=[str(point["text"]) for point in points], alt=alt,
    )  # fmt: skip


def _points(cumulated: np.ndarray, *, top: int, share: float, lang: Language) -> Rows:
    """Return the marked points: the first `top`, and the first `share` of all."""
    count = len(cumulated) - 1
    several = max(1, round(share * count))
    names = {
        min(top, count): lang.say("top {n}", n=min(top, count)),
        several: lang.say(
            "top {share} ({n})", share=lang.percent(share, decimals=0), n=lang.number(several)
        ),
    }
    return [
        {"x": row / count, "y": cumulated[row],
         "text": f"{name}{lang.colon}{lang.percent(cumulated[row], decimals=0)}"}
        for row, name in sorted(names.items())
    ]  # fmt: skip


def _point_words(plane: Plane, points: Rows) -> list[Mark]:
    """Name the points below right of them, or left where the edge is near, one above another."""
    room = plane.width - 9
    fits = [
        plane.px(point["x"]) + letters.wide(point["text"], size=BODY, bold=True) <= room
        for point in points
    ]
    wanted = [plane.py(point["y"]) + 10 for point in points]
    low, high = plane.top, plane.top + plane.up - 8
    places = spread(wanted, gap=BODY + 4, low=low, high=high)
    words = [{**point, "y": plane.at_y(place)} for point, place in zip(points, places, strict=True)]
    return [
        plane.texts([w for w, right in zip(words, fits, strict=True) if right is side],
                    size=BODY, bold=True, align="left" if side else "right", dx=9 if side else -9)
        for side in (True, False)
    ]  # fmt: skip


def _thin(count: int, most: int = 300) -> list[int]:
    """Choose the points of a curve: the first hundred, then enough for its shape."""
    if count <= most:
        return list(range(count))
    rest = np.unique(np.linspace(100, count - 1, most - 100).round().astype(int))
    return [*range(100), *map(int, rest)]


def _share_axis(plane: Plane, name: str, percent: Writer) -> list[Mark]:
    places = [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    foot = plane.height - plane.bottom
    rows = [
        {"x": place, "text": text} for place, text in zip(places, percent.axis(places), strict=True)
    ]
    named = {"x": plane.x[1], "y": plane.at_y(foot + 30), "text": name}
    return [
        axes.below(plane, rows),
        plane.texts([named], role=Role.INK2, align="right"),
    ]
