"""Sentences of the report, computed; one that does not hold is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.forecasting.outlook import targets
from workbench.forecasting.story import growth
from workbench.forecasting.story.words import (
    currency,
    full,
    known,
    measure_name,
    money,
    node_name,
    regions,
    span,
)
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

#: A difference of the median to the target below this share of it is none.
FLAT = 0.002
#: Chance below which a node is named as one that will miss.
UNLIKELY = 0.2


def finding(result: ForecastStudy, lang: Language) -> str:
    """The headline of the first page."""
    found = result.outlook
    low, high = found.quantiles([0.1, 0.9])
    if high - low < 1:
        return lang.say(
            "{measure} locked at {amount}",
            measure=measure_name(result, lang),
            amount=money(result, low, lang),
        )
    said = lang.often(span(result, low, high, lang))
    whole = result.scope.from_year_start
    head = (
        lang.say("Full-year {measure}: {range}", measure=_lower(result, lang), range=said)
        if whole
        else lang.say("{measure} ahead: {range}", measure=measure_name(result, lang), range=said)
    )
    chance = hit(result, "base")
    if known(chance):
        head += lang.comma + lang.say(
            "base target reached with a chance of {chance}", chance=lang.probability(chance)
        )
    assumed = growth.headline(result, lang)
    if assumed:
        head += lang.semicolon + assumed
    slipped = _slipped(result)
    if slipped:
        shown = len(result.answer("deciding"))
        head += lang.semicolon + lang.say(
            "{slipped} of the {count} deciding deals slipped twice or more",
            slipped=lang.number(slipped),
            count=lang.number(shown),
        )
    return head


def _lower(result: ForecastStudy, lang: Language) -> str:
    name = measure_name(result, lang)
    return name[0].lower() + name[1:]


def _slipped(result: ForecastStudy) -> int:
    if not result.has("deciding"):
        return 0
    return int(result.answer("deciding")["slipped_often"].sum())


def hit(result: ForecastStudy, tier: str, *, of: str = "targets") -> float:
    """Chance of the company's target of a tier; NaN where there is none."""
    return _of_company(result, of, "probability").get(tier, np.nan)


def goals(result: ForecastStudy, of: str = "targets") -> dict[str, float]:
    """Targets of the company by tier; empty where there is none."""
    return _of_company(result, of, "target")


def _of_company(result: ForecastStudy, of: str, column: str) -> dict[str, float]:
    def read() -> dict[str, float]:
        return targets.of(result.answer(of), column) if result.has(of) else {}

    found: dict[str, float] = result.once(of, column, build=read)
    return found


def lead(result: ForecastStudy, lang: Language) -> str:
    """One line under the headline: what is assumed or held, distance to base, deals, cash."""
    said = [growth.sentence(result, lang), _held(result, lang), _distance(result, lang)]
    return full(lang, [*said, _deals_to_win(result, lang), _cash(result, lang)])


def held_change(result: ForecastStudy) -> float:
    """What locks and overrides change the expected total of the company by."""
    found = result.outlook
    before = (found.regular.points + found.deals + found.assumed)[0].sum()
    return float(found.points[0].sum() - before)


def _held(result: ForecastStudy, lang: Language) -> str:
    if not result.outlook.locks:
        return ""
    change = lang.signed_money(held_change(result), currency=currency(result))
    return lang.say("locks and overrides are in it and make {change}", change=change)


def _distance(result: ForecastStudy, lang: Language) -> str:
    base = goals(result).get("base", np.nan)
    if not known(base):
        return ""
    gap = base - float(result.outlook.quantiles([0.5])[0])
    if abs(gap) < FLAT * base:
        return lang.say(
            "The median meets the base target of {target}", target=money(result, base, lang)
        )
    words = {"target": money(result, base, lang), "gap": money(result, abs(gap), lang)}
    if gap > 0:
        return lang.say("The median lies {gap} below the base target of {target}", **words)
    return lang.say("The median lies {gap} above the base target of {target}", **words)


def _deals_to_win(result: ForecastStudy, lang: Language) -> str:
    if not result.has("deciding") or result.answer("deciding").empty:
        return ""
    table, chance = result.answer("deciding"), hit(result, "base")
    first = table.iloc[0]
    if not known(chance) or chance > 0.98 or first["lift"] < 0.005:
        return ""
    return lang.say(
        "the deal that weighs most, if won, lifts the chance to {chance}",
        chance=lang.probability(min(chance + float(first["lift"]), 1.0)),
    )


def _cash(result: ForecastStudy, lang: Language) -> str:
    booked, cash = hit(result, "base"), hit(result, "base", of="money_targets")
    if not known(cash):
        return ""
    said = lang.probability(cash)
    if known(booked) and cash < booked - 0.05:
        return lang.say("collections are tighter: base chance {chance}", chance=said)
    if known(booked) and cash > booked + 0.05:
        return lang.say("collections stand better: base chance {chance}", chance=said)
    return lang.say("collections: base chance {chance}", chance=said)


def so_what(result: ForecastStudy, lang: Language) -> list[str]:
    """What follows from the findings; each sentence only while its finding holds."""
    said = [
        _say_gap(result, lang),
        _say_coverage(result, lang),
        _say_slipped(result, lang),
        _say_regions(result, lang),
        _say_stage(result, lang),
        _say_terms(result, lang),
    ]
    return [full(lang, [sentence]) for sentence in said if sentence]


def _say_gap(result: ForecastStudy, lang: Language) -> str:
    if not result.has("parts"):
        return ""
    table = result.answer("parts").set_index("part")["mean"]
    if "to_come" not in table.index:
        return ""
    left = table["total"] - table["won"]
    if left <= 0:
        return ""
    return lang.say(
        "{amount} of the {left} still to be booked comes from deals that nobody has created yet:"
        " watch how many are created each week",
        amount=money(result, float(table["to_come"]), lang),
        left=money(result, float(left), lang),
    )


def _say_coverage(result: ForecastStudy, lang: Language) -> str:
    if not result.has("coverage"):
        return ""
    table = result.answer("coverage")
    short = table[
        (table["coverage"] < table["needed"]) & (table["node"] != result.outlook.nodes[0])
    ]
    if short.empty:
        return ""
    worst = short.loc[(short["coverage"] / short["needed"]).idxmin()]
    return lang.say(
        "{region} has {there} of cover against {needed} needed: more deals there, not more calls"
        " on the same ones",
        region=node_name(result, worst["node"], lang),
        there=lang.ratio(worst["coverage"]),
        needed=lang.ratio(worst["needed"]),
    )


def _say_slipped(result: ForecastStudy, lang: Language) -> str:
    if not result.has("deciding"):
        return ""
    table = result.answer("deciding")
    late = table[table["passed"]]
    if late.empty:
        return ""
    return lang.say(
        "{count} of the deciding deals have a stated close that has passed: ask for a new date or"
        " close them",
        count=lang.number(len(late)),
    )


def _say_regions(result: ForecastStudy, lang: Language) -> str:
    if not result.has("targets"):
        return ""
    table = result.answer("targets")
    base = table[(table["tier"] == "base") & table["node"].isin(regions(result))]
    weak = base[base["probability"] < UNLIKELY]
    if weak.empty or len(weak) == len(base):
        return ""
    names = lang.pause.join(node_name(result, node, lang) for node in weak["node"])
    return lang.say(
        "{names} will hardly reach base: decide now whether to move targets or people",
        names=names,
    )


def _say_stage(result: ForecastStudy, lang: Language) -> str:
    if not result.has("people"):
        return ""
    from workbench.forecasting.judgement import STAGES
    from workbench.forecasting.outlook.said import COMPANY
    from workbench.forecasting.story.judged import LEVEL_NAMES

    worse = result.answer("people").staircase.negative()
    if worse.empty:
        return ""
    company = worse[worse["level"] == COMPANY]
    row = (worse if company.empty else company).iloc[0]
    return lang.say(
        "{level}: the stage {stage} makes the figure worse by {points} ({months} ahead): use the"
        " stage before it until that changes",
        level=lang.pick(*LEVEL_NAMES[row["level"]]),
        stage=lang.pick(*STAGES[row["stage"]]),
        points=lang.points(abs(row["added"]), sign=False),
        months=lang.count(row["horizon"], one="month", many="months", zh="个月"),
    )


def _say_terms(result: ForecastStudy, lang: Language) -> str:
    if not result.has("customers"):
        return ""
    table = result.answer("customers")
    beyond, owed = float(table["beyond"].sum()), float(table["owed"].sum())
    if beyond < 0.1 * owed:
        return ""
    return lang.say(
        "{amount}, {share} of what is owed, stands on terms beyond the legal limit: shorten them"
        " at the next contract",
        amount=lang.money(beyond, currency=currency(result)),
        share=lang.percent(beyond / owed, decimals=0),
    )
