"""Signals: a line around zero with limits that may widen, alarms marked.

For tracking signals of bias, and other figures whose normal value is zero.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.measure import Measure
from workbench.charts.plane import Plane
from workbench.charts.rows import extent, flags, floats, need, period_labels, period_names
from workbench.charts.theme import BODY, NOTE, Role, columns
from workbench.text import Language

MULTIPLE = Measure("number", decimals=1, signed=True)


def signal_line(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    measure: Measure = MULTIPLE,
    limit_label: str = "",
    width: float = columns(4),
    height: float = 180,
    alt: str = "",
) -> Figure:
    """Draw a signal between its limits.

    Parameters
    ----------
    table : DataFrame
        One row a period: `period`, `value`, `limit` (positive: the signal is normal between
        -limit and limit); optional `alarm` (bool), by default where the value is beyond the limit.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    measure : Measure
        What the signal is.
    limit_label : str
        What the limits are, for the key.
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
        If columns are missing.
    """
    table = need(table, "period", "value", "limit", chart="signal_line")
    values, limit = floats(table, "value"), floats(table, "limit")
    writer = measure.writer(lang, values)
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    alarm = flags(table, "alarm") if "alarm" in table.columns else np.abs(values) > limit
    last = int(known[-1])
    at = {"x": last, "y": values[last], "text": writer(values[last])}
    low, high = extent(values, limit, -limit, room=0.06)
    left = axes.axis_room(writer, low, high)
    right = letters.wide(at["text"], size=BODY, bold=True) + axes.LABEL_GAP
    labels = period_labels(table["period"], lang, room=width - left - right)
    count = len(table)
    plane = Plane(
        width=width, height=height, left=left, right=right, top=NOTE, y=(low, high),
        bottom=axes.period_room(labels), x=(0, count - 1) if count > 1 else (-0.5, 0.5),
    )  # fmt: skip
    alarms = [{"x": x, "y": values[x]} for x in np.flatnonzero(alarm & np.isfinite(values))]
    role = Role.BADTEXT if alarm[last] else Role.INK
    chart = plane.draw(
        plane.areas(
            [{"x": x, "y": -size, "y2": size} for x, size in enumerate(limit)], role=Role.WASH
        ),
        *axes.grid(plane, writer),
        axes.base(plane, y=0),
        *axes.period_axis(plane, labels),
        plane.lines([{"x": x, "y": y} for x, y in enumerate(values)]),
        plane.dots(alarms, role=Role.BAD, radius=4),
        plane.dots([] if alarm[last] else [at], radius=3.4),
        plane.texts([at], size=BODY, bold=True, role=role, dx=axes.LABEL_GAP),
    )
    names = period_names(table["period"], lang)
    facts = [f"{names[x]} {writer(values[x])}" for x in sorted({*np.flatnonzero(alarm), last})]
    key = [KeyEntry(limit_label or lang.say("limits"), Role.WASH)]
    if alarms:
        key.append(KeyEntry(lang.say("alarm"), Role.BAD, "dot"))
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, key=key,
        facts=facts, alt=alt,
    )  # fmt: skip
