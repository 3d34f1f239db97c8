"""Sentences of the report of a sweep, computed from what was found; what does not hold is not said.

The pictures they stand over: `plots.py`. The page: `page.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.studies.sweep.figures import Objective
from workbench.studies.sweep.sensitivity import FEWEST, FEWEST_BASE, Effect, Sensitivity
from workbench.studies.sweep.table import SweepResult, result_names
from workbench.studies.sweep.view import Factor, View
from workbench.text import Language, mark

if TYPE_CHECKING:
    import pandas as pd

_WHY = {
    "list": mark("A list of points does not tell one parameter from another."),
    "one": mark("Only one parameter varies; there is nothing to divide the variation among."),
    "one_at_a_time": mark(
        "One parameter at a time shows changes from the base point; interactions and shares of the "
        "variance are not identified."
    ),
    "holes": mark("Points of the grid are missing; shares of the variance are not identified."),
    "constant": mark("The result is the same at every point; no parameter changes it."),
}
_HOW = {
    "saltelli": mark(
        "First-order share of the variance, bar, with its 95% interval; at the right total shares "
        "with all interactions"
    ),
    "factorial": mark(
        "Share of the variance over the grid, all its levels alike; at the right total shares with "
        "all interactions"
    ),
    "sample": mark("First-order share of the variance with its 95% interval, estimated from {n}"),
}


def finding(objective: Objective) -> str:
    """The finding of a page: what matters most, else the best point."""
    found = objective.found
    if found.has_shares:
        return shares_title(found, objective)
    return changes_title(found, objective) if found.has_changes else best_title(objective)


def what_moves(objective: Objective) -> str:
    """Head over pictures of what matters."""
    return objective.lang.say("What moves {result}", result=objective.label)


def best_title(objective: Objective) -> str:
    """Where a result is best, and how good."""
    from workbench.studies.sweep.pareto import ranked

    order = ranked(objective.points, aim=objective.aim)
    if not order.size:
        return objective.lang.say("No run has finished with a result")
    return objective.lang.say(
        "{result} is best at {value}",
        result=objective.label,
        value=objective.written(objective.points[order[0]]),
    )


def shares_title(found: Sensitivity, objective: Objective) -> str:
    """Which parameter a result varies with most, unless two cannot be told apart."""
    say, order = objective.lang.say, found.ranked()
    first = order[0]
    share = objective.lang.probability(min(max(_size(first), 0.0), 1.0))
    if len(order) > 1 and _overlap(first, order[1]):
        return say(
            "{first} and {second} matter alike for {result}",
            first=_title(found.view, first.parameter),
            second=_title(found.view, order[1].parameter),
            result=objective.label,
        )
    fields = {
        "parameter": _title(found.view, first.parameter),
        "share": share,
        "result": objective.label,
    }
    if first.total is not None:
        return say("{parameter} has a part in {share} of the variation of {result}", **fields)
    return say("{parameter} explains {share} of the variation of {result}", **fields)


def shares_subtitle(found: Sensitivity, objective: Objective) -> str:
    """How the shares were found, and from how much."""
    lang = objective.lang
    count = lang.say_n("{n} point", "{n} points", found.points)
    said = lang.say(_HOW[found.method], n=count)
    left = ""
    if found.left_out:
        left = lang.say_n(
            "{n} point without result left out",
            "{n} points without result left out",
            found.left_out,
        )
    return lang.semicolon.join(filter(None, [said, left]))


def shares_note(found: Sensitivity, lang: Language) -> str:
    """What the shares do not tell."""
    if found.method == "sample":
        return lang.say(
            "Total shares, with interactions, are not identified by this design; the design "
            "sensitivity gives them."
        )
    if found.method == "factorial" and found.view.block.replicates > 1:
        return lang.say("What replicates leave of chance counts as interaction.")
    return ""


def not_identified(found: Sensitivity, lang: Language) -> str:
    """Why there are no shares of the variance; "" where there are."""
    if found.why == "few":
        if found.view.block.kind == "sensitivity":
            return lang.say(
                "{n} complete base points are too few for indices; at least {least} are needed.",
                n=found.points,
                least=FEWEST_BASE,
            )
        return lang.say(
            "{n} points are too few to tell parameters apart; at least {least} are needed.",
            n=found.points,
            least=FEWEST,
        )
    return lang.say(_WHY[found.why]) if found.why else ""


def changes_title(found: Sensitivity, objective: Objective) -> str:
    """Which parameter moves a result furthest."""
    most = max(found.effects, key=lambda each: each.reach)
    return objective.lang.say(
        "{parameter} moves {result} most, by {change}",
        parameter=_title(found.view, most.parameter),
        result=objective.label,
        change=objective.written_change(most.reach, sign=False),
    )


def changes_subtitle(found: Sensitivity, objective: Objective) -> str:
    """From where changes are counted."""
    lang = objective.lang
    if found.base is None:
        return ""
    fields = {"result": objective.label, "value": objective.written(objective.drawn(found.base))}
    said = (
        lang.say("Change of {result} from the base point, {value}", **fields)
        if found.view.block.kind == "one_at_a_time"
        else lang.say("Change of {result} from the mean of the grid, {value}", **fields)
    )
    unit = objective.changes.writer(lang, [found.base]).unit
    return lang.semicolon.join([said, lang.say("in {unit}", unit="{unit}")] if unit else [said])


def response_title(table: pd.DataFrame, objective: Objective, factor: Factor) -> str:
    """At which value of a parameter a result is best on average."""
    lang = objective.lang
    best = table["mean"].max() if objective.aim == "max" else table["mean"].min()
    tied = table[(table["mean"] - best).abs() <= 1e-9 * abs(best)]
    if 1 < len(table) == len(tied):
        return lang.say("{parameter} does not move {result}", parameter=factor.title,
                        result=objective.label)  # fmt: skip
    return lang.say(
        "{result} is best at {parameter} = {value}",
        result=objective.label,
        parameter=factor.title,
        value=lang.join(tied["label"], last="or"),
    )


def response_subtitle(table: pd.DataFrame, objective: Objective, factor: Factor) -> str:
    """What is drawn, in which unit, over what."""
    lang = objective.lang
    over = factor.with_unit(lang)
    parts = [
        lang.say("{result} by {parameter}", result=_with_unit(objective, table), parameter=over)
    ]
    if factor.numeric and len(table) > 2:
        from workbench.studies.sweep.plots import even

        if even(table["value_of"].to_numpy(dtype=float)) == "ratios":
            parts.append(lang.say("log scale"))
    if (table["runs"] > 1).any():
        parts.append(lang.say("mean of the runs at each value"))
    if table["low"].notna().any() and not factor.numeric:
        parts.append(lang.say("interval: {band}", band=band(table, lang)))
    return lang.semicolon.join(parts)


def band(table: pd.DataFrame, lang: Language) -> str:
    """What the band over the runs at a value is."""
    from workbench.studies.sweep.plots import ENOUGH_RUNS

    if (table["runs"] >= ENOUGH_RUNS).all():
        return lang.say("middle 80% of the runs")
    return lang.say("lowest to highest run")


def scatter_title(objective: Objective, factor: Factor) -> str:
    """How a result goes with a parameter over a sample, where it clearly rises or falls."""
    import numpy as np
    from scipy import stats

    lang = objective.lang
    known = np.isfinite(objective.points)
    x, y = factor.numbers[known], objective.points[known]
    fields = {"result": objective.label, "parameter": factor.title}
    if len(x) >= 3 and np.ptp(x) > 0 and np.ptp(y) > 0:
        rank, chance = stats.spearmanr(x, y)
        if chance < 0.01 and abs(rank) >= 0.2:
            says = mark("{result} rises with {parameter}"), mark("{result} falls with {parameter}")
            return lang.say(says[int(rank < 0)], **fields)
    return lang.say("{result} neither clearly rises nor falls with {parameter}", **fields)


def scatter_subtitle(objective: Objective) -> str:
    """What a dot is."""
    lang = objective.lang
    if objective.view.block.replicates > 1:
        return lang.say("One dot a point, the mean of its runs; all other parameters vary as well")
    return lang.say("One dot a run; all other parameters vary as well")


def heat_title(objective: Objective) -> str:
    """Best point of a grid of two parameters."""
    from workbench.studies.sweep.pareto import ranked

    order = ranked(objective.points, aim=objective.aim)
    factors = [factor for factor in objective.view.factors if len(factor.levels) > 1]
    return objective.lang.say(
        "{result} is best at {first} = {value}, {second} = {other}",
        result=objective.label,
        first=factors[0].title,
        value=factors[0].written(factors[0].codes[order[0]], objective.lang),
        second=factors[1].title,
        other=factors[1].written(factors[1].codes[order[0]], objective.lang),
    )


def heat_subtitle(objective: Objective, down: Factor, across: Factor, *, relative: bool) -> str:
    """What stands in the cells."""
    import numpy as np

    lang = objective.lang
    fields = {
        "result": objective.label,
        "down": down.title,
        "across": across.title,
        "mean": objective.written(float(np.nanmean(objective.points))),
    }
    said = lang.say(
        "{result} against the mean of all points, {mean}; {down} down, {across} across", **fields
    )
    unit = objective.changes.writer(lang, objective.points).unit
    if relative or not unit:
        return said
    return lang.semicolon.join([said, lang.say("in {unit}", unit="{unit}")])


def front_title(on: int, of: int, lang: Language) -> str:
    """How many points no other one beats."""
    return lang.say_n(
        "{n} of {of} points is beaten by no other in both",
        "{n} of {of} points are beaten by no other in both",
        on,
        of=lang.number(of),
    )


def front_subtitle(first: Objective, second: Objective) -> str:
    """Which way is better, and what is highlighted."""
    lang = first.lang
    aims = lang.comma.join(aim(each) for each in (first, second))
    return lang.say("Pareto front highlighted, with the number of the point; {aims}", aims=aims)


def unknown_objectives(result: SweepResult) -> str:
    """Say which objectives are no key figure of any run; "" where all are, or no run is done."""
    known, lang = result_names(result), result.lang
    unknown = [name for name in result.spec.objectives if name not in known]
    if not known or not unknown:
        return ""
    return lang.say(
        "Objectives that are no key figure: {names}; there are: {known}.",
        names=lang.pause.join(unknown),
        known=lang.pause.join(known),
    )


def aim(objective: Objective) -> str:
    """Which way is better, in words."""
    say = objective.lang.say
    if objective.aim == "max":
        return say("more {result} is better", result=objective.label)
    return say("less {result} is better", result=objective.label)


# -- parts --------------------------------------------------------------------------------------


def _with_unit(objective: Objective, table: pd.DataFrame) -> str:
    unit = objective.measure.writer(objective.lang, table["mean"]).unit
    if not unit or unit == "%":
        return objective.label
    return objective.label + objective.lang.paren("{unit}")


def _title(view: View, name: str) -> str:
    return next(factor.title for factor in view.factors if factor.name == name)


def _size(effect: Effect) -> float:
    return effect.total if effect.total is not None else effect.first or 0.0


def _overlap(first: Effect, second: Effect) -> bool:
    """Whether the interval of either holds the other: their order could be chance."""
    for low, high in (("total_low", "total_high"), ("first_low", "first_high")):
        ends = getattr(first, low), getattr(second, high)
        if None not in ends:
            return bool(ends[0] <= ends[1])
    return False
