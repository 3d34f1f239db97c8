"""Quantile dots: a forecast as so many equally likely outcomes, favourable from the target on.

Twenty dots of 5% each are read as "so many times out of twenty": Kay, Kola, Hullman and Munson
(2016), "When (ish) is My Bus?", CHI, on quantile dotplots.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from workbench.charts import axes, compose, letters
from workbench.charts.figure import Figure
from workbench.charts.measure import TOTAL, Measure, Writer
from workbench.charts.plane import Plane, Rows, ticks
from workbench.charts.theme import Role, columns
from workbench.errors import ParameterError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

_FOOT, _HEAD, _LARGEST = 22.0, 40.0, 24.0


def quantile_dots(
    draws: ArrayLike,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    target: float | None = None,
    target_label: str = "",
    dots: int = 20,
    measure: Measure = TOTAL,
    width: float = columns(3),
    height: float = 210,
    alt: str = "",
) -> Figure:
    """Draw equally likely outcomes as dots, stacked where they are alike.

    Parameters
    ----------
    draws : array_like
        Draws of the outcome; missing ones are left out.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    target : float, optional
        From it on dots are favourable; without it there is nothing to judge.
    target_label : str
        Name of the target, written above its rule with its value.
    dots : int
        How many; each stands for 1 / dots of the chance.
    measure : Measure
        What the outcomes are.
    width, height : float
        Size in px.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure
        Its data: value (middle of each dot's share) and hit.

    Raises
    ------
    ParameterError
        If fewer than two dots are asked for.
    """
    if dots < 2:
        raise ParameterError(f"{dots} dots show no spread", where="dots", do="give 20")
    given = np.asarray(draws, dtype=float).ravel()
    given = given[np.isfinite(given)]
    shares = (np.arange(dots) + 0.5) / dots
    values = np.quantile(given, shares) if len(given) else np.empty(0)
    hit = values >= target if target is not None else np.zeros(len(values), dtype=bool)
    table = pd.DataFrame({"value": values, "hit": hit})
    writer = measure.writer(lang, values)
    if not len(values):
        return compose.nothing(
            table=table, lang=lang, writer=writer, title=title, subtitle=subtitle, width=width
        )
    head = _HEAD if target is not None else 8.0
    edge, step, places = _bins(values, target, width=width, up=height - head - _FOOT)
    stacks = np.array([np.sum(places[:n] == place) for n, place in enumerate(places)])
    size = min(width / (places.max() + 3), (height - head - _FOOT) / (stacks.max() + 1), _LARGEST)
    low, high = edge - step, edge + (places.max() + 2) * step
    plane = Plane(width=width, height=height, top=head, bottom=_FOOT, x=(low, high),
                  y=(0, (height - head - _FOOT) / size))  # fmt: skip
    rows = [
        {"x": edge + (place + 0.5) * step, "y": stack + 0.5,
         "fill": (Role.GOOD if good else Role.FC50).light}
        for place, stack, good in zip(places, stacks, hit, strict=True)
    ]  # fmt: skip
    chart = plane.draw(
        plane.dots(rows, radius=0.47 * size),
        axes.base(plane, y=0),
        axes.below(plane, _labels(plane, writer)),
        *([] if target is None else _target(plane, target, target_label, hit, writer)),
    )
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle,
        facts=_facts(values, hit, target, target_label, writer), alt=alt,
    )  # fmt: skip


def _bins(
    values: np.ndarray, target: float | None, *, width: float, up: float
) -> tuple[float, float, np.ndarray]:
    """Choose bins in which the dots are largest; an edge lies on the target."""
    spread = float(values[-1] - values[0]) or max(abs(float(values[0])), 1.0) * 0.1
    tried = []
    for count in range(4, 15):
        step = spread / (count - 0.5)
        anchor = values[0] - step / 4 if target is None else target
        numbers = np.floor((values - anchor) / step + 1e-9).astype(int)
        first, tallest = int(numbers.min()), np.unique(numbers, return_counts=True)[1].max()
        size = min(width / (numbers.max() - first + 3), up / tallest)
        tried.append((size, -count, anchor + first * step, step, numbers - first))
    _, _, edge, step, places = max(tried, key=lambda one: one[:2])
    return float(edge), float(step), places


def _labels(plane: Plane, writer: Writer) -> Rows:
    values = ticks(*plane.x, most=5)
    return [
        {"x": value, "text": text} for value, text in zip(values, writer.axis(values), strict=True)
    ]


def _target(plane: Plane, target: float, label: str, hit: np.ndarray, writer: Writer) -> list[Mark]:
    """Rule the target, name it, and count the dots on both sides."""
    if not plane.x[0] <= target <= plane.x[1]:
        return _beyond(plane, target, label, hit, writer)
    lang = writer.lang
    top = plane.at_y(0)
    reached, missed = (lang.number(int(number)) for number in (hit.sum(), (~hit).sum()))
    name = f"{label} {writer(target)}".strip()
    right = [(name, Role.INK), (lang.say("hits {n}", n=reached), Role.GOOD)]
    room = plane.width - plane.px(target) - axes.GAP
    flip = max(letters.wide(text, bold=True) for text, _ in right) > room
    sides = [
        plane.texts(
            [{"x": target, "y": plane.at_y(8 + 16 * line), "text": text}],
            bold=True, role=role, dx=-axes.GAP if flip else axes.GAP,
            align="right" if flip else "left",
        )
        for line, (text, role) in enumerate(right)
    ]  # fmt: skip
    said = lang.say("misses {n}", n=missed)
    misses = [{"x": target, "y": plane.at_y(40 if flip else 24), "text": said}]
    fits = letters.wide(said) + axes.GAP <= plane.px(target)
    return [
        plane.rules([{"x": target, "x2": target, "y": 0, "y2": top}], role=Role.INK, width=1.5),
        *sides,
        plane.texts(misses if fits else [], role=Role.INK2, dx=-axes.GAP, align="right"),
    ]


def _beyond(plane: Plane, target: float, label: str, hit: np.ndarray, writer: Writer) -> list[Mark]:
    """Say where a target lies that no dot comes near."""
    above = target > plane.x[1]
    words = f"{label} {writer(target)}".strip()
    words = f"{words} →" if above else f"← {words}"
    count = writer.lang.number(int(hit.sum()))
    lines = [(words, Role.INK), (writer.lang.say("hits {n}", n=count), Role.INK2)]
    edge = plane.x[1] if above else plane.x[0]
    return [
        plane.texts(
            [{"x": edge, "y": plane.at_y(8 + 16 * line), "text": text}],
            bold=line == 0, role=role, align="right" if above else "left",
        )
        for line, (text, role) in enumerate(lines)
    ]  # fmt: skip


def _facts(
    values: np.ndarray, hit: np.ndarray, target: float | None, label: str, writer: Writer
) -> list[str]:
    lang = writer.lang
    facts = [f"{lang.say('median')} {writer(float(np.median(values)))}"]
    if target is not None:
        facts.append(f"{label} {writer(target)}".strip())
        facts.append(lang.say("hits {n}", n=lang.number(int(hit.sum()))))
        facts.append(lang.say("misses {n}", n=lang.number(int((~hit).sum()))))
    return facts
