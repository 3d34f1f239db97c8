"""The six tiles: total, chance of base, collections, coverage, slippage, last year's error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.forecasting.story.sentences import goals, hit
from workbench.forecasting.story.words import (
    a_month_ago,
    ahead,
    currency,
    known,
    measure_name,
    span,
)
from workbench.report import Mark, Tile
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

MISSING = "–"


def tiles(result: ForecastStudy, lang: Language) -> list[Tile]:
    """All tiles, in the order of the page."""
    return [
        _total(result, lang),
        _chance(result, lang),
        _collections(result, lang),
        _coverage(result, lang),
        _slippage(result, lang),
        _error(result, lang),
    ]


def _total(result: ForecastStudy, lang: Language) -> Tile:
    found = result.outlook
    low, median, high = found.quantiles([0.1, 0.5, 0.9])
    figure, unit = _money(median, result, lang)
    before = ""
    if result.has("month_ago"):
        last = float(np.median(a_month_ago(result)))
        amount = lang.money(last, currency=currency(result))
        before = lang.say("a month ago {amount}", amount=amount)
    name = measure_name(result, lang)
    year = lang.say("Full-year {measure}", measure=name[0].lower() + name[1:])
    return Tile(
        label=year if result.scope.from_year_start else name,
        basis=lang.say("median"),
        figure=figure,
        unit=unit,
        change=lang.say("80%: {range}", range=span(result, low, high, lang)),
        second=before,
    )


def _money(value: float, result: ForecastStudy, lang: Language) -> tuple[str, str]:
    """Big figure and small unit; in English without decimals from 100 million, to fit a tile."""
    figure, unit = lang.money_parts(value, currency=currency(result))
    if unit.endswith("million"):
        figure = lang.number(value / 1e6, decimals=0 if abs(value) >= 1e8 else 1)
        unit = unit.replace(" million", "\N{NO-BREAK SPACE}m")
    return figure, unit


def _chance(result: ForecastStudy, lang: Language) -> Tile:
    now = hit(result, "base")
    aims = goals(result)
    change: Mark | str = ""
    if known(now) and result.has("month_ago") and "base" in aims:
        before = float(np.mean(a_month_ago(result) >= aims["base"]))
        difference = now - before
        change = Mark.of(lang.points(difference, decimals=0), round(difference, 2), "up")
    others = lang.say(
        "floor {floor}, stretch {stretch}",
        floor=lang.probability(hit(result, "floor")),
        stretch=lang.probability(hit(result, "stretch")),
    )
    base = lang.money(aims["base"], currency=currency(result)) if aims else ""
    return Tile(
        label=lang.say("Chance of base"),
        basis=base,
        figure=lang.probability(now).rstrip("%") if known(now) else MISSING,
        unit="%" if known(now) else "",
        change=change,
        against=lang.say("on a month ago") if change else "",
        second=others if aims else lang.say("no target to compare with"),
    )


def _collections(result: ForecastStudy, lang: Language) -> Tile:
    label, basis = lang.say("Collections"), lang.say("median")
    if not result.has("money"):
        return Tile(label=label, basis=basis, figure=MISSING, second=lang.say("no receipts"))
    low, median, high = np.quantile(result.answer("money").total, [0.1, 0.5, 0.9])
    figure, unit = _money(median, result, lang)
    aims = goals(result, "money_targets")
    second = ""
    if "base" in aims:
        second = lang.say(
            "base {target}, chance {chance}",
            target=lang.money(aims["base"], currency=currency(result)),
            chance=lang.probability(hit(result, "base", of="money_targets")),
        )
    return Tile(
        label=label,
        basis=basis,
        figure=figure,
        unit=unit,
        change=lang.say("80%: {range}", range=span(result, low, high, lang)),
        second=second,
    )


def _coverage(result: ForecastStudy, lang: Language) -> Tile:
    label, basis = lang.say("Coverage"), ahead(result, lang)
    if not result.has("coverage") or result.answer("coverage").empty:
        return Tile(label=label, basis=basis, figure=MISSING, second=lang.say("no open deals"))
    row = result.answer("coverage").iloc[0]
    if not known(row["coverage"]):
        reached = lang.say("nothing is missing to base")
        return Tile(label=label, basis=basis, figure=MISSING, second=reached)
    needed: Mark | str = ""
    if known(row["needed"]):
        words = lang.say("needed {times}", times=lang.ratio(row["needed"]))
        needed = Mark.of(words, round(row["coverage"] - row["needed"], 1), "up")
    return Tile(
        label=label,
        basis=basis,
        figure=lang.number(row["coverage"], decimals=1),
        unit=lang.pick("×", "倍"),
        change=needed,
        against=lang.say("by win rate"),
        second=lang.say(
            "{amount} missing from deals",
            amount=lang.money(row["missing"], currency=currency(result)),
        ),
    )


def _slippage(result: ForecastStudy, lang: Language) -> Tile:
    label, basis = lang.say("Slippage"), lang.say("by count, 12 months")
    if not result.has("slippage"):
        return Tile(label=label, basis=basis, figure=MISSING, second=lang.say("no pictures"))
    rates = result.answer("slippage")
    change: Mark | str = ""
    if known(rates["before"]):
        difference = rates["rate"] - rates["before"]
        change = Mark.of(lang.points(difference), round(difference, 3), "down")
    second = ""
    if result.has("pipeline"):
        rows = result.scope.chosen(result.answer("pipeline").rows)
        second = lang.say(
            "{n} open past their stated close", n=lang.number((rows["to_close"] < 0).sum())
        )
    return Tile(
        label=label,
        basis=basis,
        figure=lang.number(rates["rate"] * 100, decimals=1) if known(rates["rate"]) else MISSING,
        unit="%",
        change=change,
        against=lang.say("on the year") if change else "",
        second=second,
    )


def _error(result: ForecastStudy, lang: Language) -> Tile:
    label = lang.say("Error a year ago")
    basis = lang.say("made in {month}", month=lang.month(result.scope.last))
    if not result.has("year_ago"):
        return Tile(label=label, basis=basis, figure=MISSING, second=lang.say("too little history"))
    found = result.answer("year_ago")
    words = lang.say("too high") if found.error > 0 else lang.say("too low")
    inside = found.low <= found.actual <= found.high
    held = lang.say("inside its 80%") if inside else lang.say("outside its 80%")
    second = ""
    if result.has("total_before"):
        table = result.answer("total_before")
        second = lang.say(
            "by history alone {inside} of {count} inside",
            inside=lang.number(table["inside"].sum()),
            count=lang.number(len(table)),
        )
    return Tile(
        label=label,
        basis=basis,
        figure=lang.number(abs(found.error) * 100, decimals=1),
        unit="%",
        change=words + lang.comma + held,
        second=second,
    )
