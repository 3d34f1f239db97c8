"""Sections on causes: why the months ahead differ from a year ago, and from a month ago's view."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.forecasting.judgement.changes import PARTS
from workbench.forecasting.outlook import drivers as found_drivers
from workbench.forecasting.outlook.drivers import CAUSES
from workbench.forecasting.outlook.promotions import brought
from workbench.forecasting.story.words import (
    ahead,
    currency,
    full,
    money,
    node_name,
    one_unit,
    regions,
    tax,
)
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    import datetime as dt

    from workbench.forecasting.judgement import Changes
    from workbench.forecasting.study_forecast import ForecastStudy

KINDS = {"calendar": "calendar", "assumed": "other", "adjustment": "other"}


def drivers(result: ForecastStudy, lang: Language) -> Section:
    """Months ahead against the same months a year before, by cause; season beside."""
    return Section(
        Block(_waterfall(result, lang), span=7),
        Block(_season(result, lang), span=5),
        lang=lang,
        reading=lang.sentences([_calendar_reading(result, lang), _promotion_reading(result, lang)]),
    )


def _waterfall(result: ForecastStudy, lang: Language) -> Any:
    from workbench.charts import Measure, columns, waterfall

    table = result.answer("causes")
    months = result.scope.months
    back = months - pd.DateOffset(years=1)
    names = {
        "before": lang.period(back[0], result.scope.closing(back[-1])),
        "after": ahead(result, lang),
    } | {cause: lang.pick(*words) for cause, words in CAUSES.items()}
    drawn = pd.DataFrame(
        {
            "label": [names[cause] for cause in table["cause"]],
            "value": table["amount"],
            "kind": [
                "total" if cause in ("before", "after") else KINDS.get(cause, "change")
                for cause in table["cause"]
            ],
        }
    )
    amounts = table.set_index("cause")["amount"]
    inner = amounts.drop(["before", "after"])
    main = str(inner.abs().idxmax())
    change = amounts["after"] / amounts["before"] - 1 if amounts["before"] else float("nan")
    return waterfall(
        drawn,
        lang=lang,
        title=lang.say(
            "The months ahead bring {change} on the year, most of it from {cause}",
            change=lang.signed_percent(change),
            cause=_lowered(names[main], lang),
        ),
        subtitle=lang.say(
            "Forecast against the same months a year before, {unit}, {tax}",
            unit="{unit}",
            tax=tax(result, lang),
        ),
        measure=Measure("money", currency=currency(result)),
        width=columns(7),
    )


def _lowered(words: str, lang: Language) -> str:
    return words[0].lower() + words[1:] if lang.code == "en" else words


def _season(result: ForecastStudy, lang: Language) -> Any:
    from workbench.charts import Measure, bars, columns

    table = found_drivers.season(result.outlook)
    strongest = table.iloc[int(table["usual"].to_numpy(float).argmax())]
    drawn = pd.DataFrame(
        {
            "label": [lang.month(month) for month in table["month"]],
            "value": table["usual"],
            "kind": ["fcm" if month == strongest["month"] else "fc50" for month in table["month"]],
        }
    )
    return bars(
        drawn,
        lang=lang,
        title=lang.say(
            "{month} is usually {times} a mean month",
            month=lang.month(strongest["month"]),
            times=lang.ratio(strongest["usual"]),
        ),
        subtitle=lang.say("Place in the year, multiples of the mean month, up to three years"),
        measure=Measure("number", decimals=2),
        width=columns(5),
    )


def _calendar_reading(result: ForecastStudy, lang: Language) -> str:
    table = found_drivers.families(result.outlook)
    names = {
        "working_days": lang.say("working days"),
        "new_year": lang.say("the New Year"),
        "quarter_end": lang.say("quarter ends"),
    }
    kept = [names.get(family, family) for family in table.loc[table["kept"], "family"]]
    if not kept:
        return full(lang, [lang.say("The history shows no effect of the calendar")])
    said = [lang.say("The history shows effects of {families}", families=lang.join(kept))]
    days = result.outlook.regular.days
    notes = days.notes(lang) if days is not None else []
    return lang.sentences([full(lang, said), *notes])


def _promotion_reading(result: ForecastStudy, lang: Language) -> str:
    if not result.has("promotions"):
        return ""
    made = result.answer("promotions")
    then, usual = brought(result.outlook, made)
    strongest = made.lifts[made.lifts["kept"]].sort_values("promotions").iloc[-1]
    said = [
        lang.say(
            "Promotions raise sales of what they promote to {lift} of the usual ({n} measured)",
            lift=lang.ratio(strongest["lift"]),
            n=lang.number(strongest["promotions"]),
        ),
        lang.say(
            "the forecast holds what they usually bring in these months, {usual}, against {then} a"
            " year before",
            usual=money(result, usual, lang),
            then=money(result, then, lang),
        ),
    ]
    if made.announced:
        said.append(
            lang.say(
                "{n} promotions already entered for these months are not added to it",
                n=lang.number(made.announced),
            )
        )
    return full(lang, said)


def changes(result: ForecastStudy, lang: Language) -> Section:
    """The forecast of a month ago, what changed, the forecast now; by cause and by region."""
    return Section(
        Block(_steps(result, lang), span=7), Block(_by_region(result, lang), span=5), lang=lang
    )


def _steps(result: ForecastStudy, lang: Language) -> Any:
    from workbench.charts import Measure, columns, waterfall

    made, day, again = _last(result)
    table = made.by_node()
    row = table[table["series_id"] == result.outlook.nodes[0]].iloc[0]
    rows = [(lang.say("Forecast of {day}", day=lang.date(day)), row["before"], "total")]
    names = PARTS | {"closed": ("Closed months", "已结期间与预测之差")}
    rows += [(lang.pick(*words), row[part], "change") for part, words in names.items() if row[part]]
    rows.append((lang.say("Now, with what came"), row["after"], "total"))
    change = _as_written(result, float(row["before"]), float(row["after"]), lang)
    words = {"amount": money(result, abs(change), lang)}
    title = (
        lang.say("The same months stand {amount} higher than in the last forecast", **words)
        if change > 0
        else lang.say("The same months stand {amount} lower than in the last forecast", **words)
    )
    return waterfall(
        pd.DataFrame(rows, columns=["label", "value", "kind"]),
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Expected in the months forecast then, {unit}, {tax}; {source}",
            unit="{unit}",
            tax=tax(result, lang),
            source=lang.say("made again from what was known")
            if again
            else lang.say("as it was kept"),
        ),
        measure=Measure("money", currency=currency(result)),
        width=columns(7),
    )


def _last(result: ForecastStudy) -> tuple[Changes, dt.date, bool]:
    """Changes since the last forecast, its day, and whether it was made again."""
    if result.has("kept"):
        found = result.answer("kept")
        return found.changes, found.day, False
    step = result.answer("changes")
    return step.changes, step.day, True


def _as_written(result: ForecastStudy, before: float, after: float, lang: Language) -> float:
    """The change between two totals as the chart writes them."""
    scale = one_unit(result, [before, after], lang)
    step = scale.divisor / 10**scale.decimals
    return float((round(after / step) - round(before / step)) * step)


def _by_region(result: ForecastStudy, lang: Language) -> TableView:
    table = _last(result)[0].by_node()
    table = table[table["series_id"].isin(regions(result))]
    scale = one_unit(result, [*table["before"], *table["after"]], lang)
    shown = table.assign(node=[node_name(result, node, lang) for node in table["series_id"]])
    title = lang.say("Change by region")
    if len(shown):
        first = shown.iloc[0]
        title = lang.say(
            "{node} moved most: {change}",
            node=first["node"],
            change=lang.signed_money(float(first["change"]), currency=currency(result)),
        )
    return TableView(
        shown,
        [
            Col("node", lang.say("Region")),
            Col("before", lang.say("Last forecast"), "money"),
            Col("after", lang.say("Now"), "money"),
            Col("change", lang.say("Change"), "signed_money", judged=True),
        ],
        lang=lang,
        title=title,
        subtitle=lang.say("The same months, {unit}", unit=scale.unit),
        caption=lang.say("Change by region"),
        currency=currency(result),
        scale=scale,
    )
