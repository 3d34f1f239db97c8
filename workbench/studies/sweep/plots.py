"""Pictures of a sweep: a result against each parameter, two parameters together, two results.

A number with few, evenly spaced values is a line with a band over the runs at each value, one with
many a scatter, anything else a row a value. Titles come from `words.py`. What matters:
`effects_plot` here, `tornado.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from workbench.studies.sweep import indices, words
from workbench.studies.sweep.figures import Objective
from workbench.studies.sweep.pareto import front, ranked
from workbench.studies.sweep.sensitivity import Effect, Sensitivity
from workbench.studies.sweep.view import Factor

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from workbench.charts import Figure, Measure

#: Runs at a value from which the middle 80% of them is shown instead of lowest and highest.
ENOUGH_RUNS = 10
#: Points of a Pareto front that are named.
NAMED = 6
#: Rows and columns of a heat table.
MOST_ROWS, MOST_COLUMNS = 16, 8
_MIDDLE = (0.1, 0.9)
_HEIGHT = 256  # of scatters: two rows of pictures fit the first screen


def effects_plot(found: Sensitivity, objective: Objective, *, width: int) -> Figure | None:
    """What each parameter does: shares of the variance, else changes; None where neither is."""
    if found.has_shares:
        return _shares_plot(found, objective, width=width)
    if found.has_changes:
        return changes_plot(found, objective, width=width)
    return None


def changes_plot(found: Sensitivity, objective: Objective, *, width: int) -> Figure:
    """Tornado of the changes of a result."""
    import pandas as pd

    from workbench.studies.sweep.tornado import tornado

    lang = objective.lang
    factors = {factor.name: factor for factor in found.view.factors}
    known = [each for each in found.effects if each.low is not None]
    rows = [
        {
            "label": factors[each.parameter].title,
            "low": objective.change_drawn(each.low),
            "high": objective.change_drawn(each.high),
            "at_low": _at(factors[each.parameter], each.at_low, objective),
            "at_high": _at(factors[each.parameter], each.at_high, objective),
        }
        for each in sorted(known, key=lambda each: each.reach, reverse=True)
    ]
    return tornado(
        pd.DataFrame(rows),
        lang=lang,
        title=words.changes_title(found, objective),
        subtitle=words.changes_subtitle(found, objective),
        measure=objective.changes,
        better=objective.aim,
        width=width,
    )


def response(objective: Objective, factor: Factor, *, width: int) -> Figure:
    """A result against one parameter."""
    if not factor.by_level:
        return _scattered(objective, factor, width=width)
    table = levels(objective, factor)
    if factor.numeric and len(table) > 2 and even(table["value_of"].to_numpy(dtype=float)):
        return _line(table, objective, factor, width=width)
    return _rows(table, objective, factor, width=width)


def levels(objective: Objective, factor: Factor) -> pd.DataFrame:
    """A result at each value of a parameter, over all finished runs there.

    Returns
    -------
    DataFrame
        `code`, `label`, `value_of` (the level), `runs`, `mean`, `low`, `high` (the middle 80% of
        10 runs or more, lowest and highest of fewer, missing where all are alike). Levels without
        a run are left out.
    """
    import numpy as np
    import pandas as pd

    view = objective.view
    codes = np.where(view.own_points(factor), factor.codes, -1)[view.place]
    rows = []
    for code in range(len(factor.levels)):
        values = objective.runs[codes == code]
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        ends = (
            np.quantile(values, _MIDDLE)
            if values.size >= ENOUGH_RUNS
            else (values.min(), values.max())
        )
        rows.append(
            {
                "code": code,
                "label": factor.written(code, objective.lang),
                "value_of": factor.levels[code] if factor.numeric else code,
                "runs": int(values.size),
                "mean": float(values.mean()),
                "low": float(ends[0]) if indices.enough_spread(values) else np.nan,
                "high": float(ends[1]) if indices.enough_spread(values) else np.nan,
            }
        )
    return pd.DataFrame(rows)


def heat(objective: Objective) -> Figure | None:
    """A grid of two parameters: each point against the mean of all; None where it is none."""
    import numpy as np
    import pandas as pd

    from workbench.charts import CHANGE, columns, heat_table

    view, lang = objective.view, objective.lang
    varied = [factor for factor in view.factors if len(factor.levels) > 1]
    if view.block.kind != "grid" or len(varied) != 2:
        return None
    down, across = sorted(varied, key=lambda factor: -len(factor.levels))
    if len(down.levels) > MOST_ROWS or len(across.levels) > MOST_COLUMNS:
        return None
    means = view.means(objective.name)
    middle = float(np.nanmean(means))
    relative = objective.currency is not None and middle > 0
    differences = means / middle - 1 if relative else objective.change_drawn(means - middle)
    table = pd.DataFrame(
        {
            "row": [down.written(code, lang) for code in down.codes],
            "column": [across.written(code, lang) for code in across.codes],
            "value": differences,
            "down": down.codes,
            "across": across.codes,
        }
    ).sort_values(["down", "across"])
    if not (np.abs(differences[np.isfinite(differences)]) > 0).any():
        return None
    return heat_table(
        table,
        lang=lang,
        title=words.heat_title(objective),
        subtitle=words.heat_subtitle(objective, down, across, relative=relative),
        limits=_limits(differences),
        direction="up" if objective.aim == "max" else "down",
        measure=CHANGE if relative else objective.changes,
        width=columns(6 if len(across.levels) <= MOST_COLUMNS / 2 else 12),
    )


def pareto_plot(first: Objective, second: Objective, *, width: int) -> Figure | None:
    """Two results of every point, the front highlighted and named; None without two points."""
    import numpy as np
    import pandas as pd

    from workbench.charts import scatter

    on = front(first.points, second.points, aims=(first.aim, second.aim))
    known = np.isfinite(first.points) & np.isfinite(second.points)
    if known.sum() < 2:
        return None
    best = [place for place in ranked(first.points, aim=first.aim) if on[place]]
    labels = np.full(len(on), "", dtype=object)
    for place in _spaced(best, NAMED):
        labels[place] = str(first.view.first[place].point)
    table = pd.DataFrame(
        {"x": first.points, "y": second.points, "label": labels, "highlight": on}
    )  # fmt: skip
    return scatter(
        table[known],
        lang=first.lang,
        title=words.front_title(len(best), int(known.sum()), first.lang),
        subtitle=words.front_subtitle(first, second),
        x_title=_axis(first),
        y_title=_axis(second),
        x_measure=first.measure,
        y_measure=second.measure,
        width=width,
        height=_HEIGHT,
    )


# -- parts --------------------------------------------------------------------------------------


def _shares_plot(found: Sensitivity, objective: Objective, *, width: int) -> Figure:
    import numpy as np
    import pandas as pd

    from workbench.charts import Measure, interval_bars

    titles = {factor.name: factor.title for factor in found.view.factors}
    order = found.ranked()
    table = pd.DataFrame(
        {
            "label": [titles[each.parameter] for each in order],
            "value": [_share(each.first) for each in order],
            "low": [_share(each.first_low) for each in order],
            "high": [_share(each.first_high) for each in order],
            "note": [_total(each, objective) for each in order],
        }
    )
    return interval_bars(
        table.assign(low=table["low"].clip(lower=0.0), value=table["value"].clip(lower=0.0))
        if np.isfinite(table["low"]).any()
        else table,
        lang=objective.lang,
        title=words.shares_title(found, objective),
        subtitle=words.shares_subtitle(found, objective),
        measure=Measure("share", decimals=0),
        style="bar",
        join=False,
        width=width,
        row_height=34,
    )


def _share(value: float | None) -> float:
    return float("nan") if value is None else value


def _total(effect: Effect, objective: Objective) -> str:
    """Total share with its interval, as words beside the bar."""
    if effect.total is None:
        return ""
    lang = objective.lang
    text = lang.percent(max(effect.total, 0.0), decimals=0)
    if effect.total_low is not None and effect.total_high is not None:
        text += lang.paren(lang.percent_interval(max(effect.total_low, 0.0), effect.total_high))
    return lang.say("total {share}", share=text)


def _at(factor: Factor, code: int | None, objective: Objective) -> str:
    return "" if code is None else factor.written(code, objective.lang)


def _line(table: pd.DataFrame, objective: Objective, factor: Factor, *, width: int) -> Figure:
    from workbench.charts import trend_band

    lang = objective.lang
    drawn = table.rename(columns={"mean": "actual", "label": "period"})
    return trend_band(
        drawn,
        lang=lang,
        title=words.response_title(table, objective, factor),
        subtitle=words.response_subtitle(table, objective, factor),
        measure=objective.measure,
        zero=False,
        width=width,
        names={
            "actual": lang.say("Mean") if (table["runs"] > 1).any() else objective.label,
            "band": words.band(table, lang),
        },
    )


def _rows(table: pd.DataFrame, objective: Objective, factor: Factor, *, width: int) -> Figure:
    from workbench.charts import bars, interval_bars

    if not factor.numeric:
        table = table.sort_values("mean", ascending=objective.aim == "min", kind="stable")
    best = table["mean"].max() if objective.aim == "max" else table["mean"].min()
    drawn = table.assign(value=table["mean"], highlight=table["mean"] == best)
    drawn["kind"] = ["actual" if lit else "last" for lit in drawn["highlight"]]
    some = table["low"].notna().any()
    draw = partial(interval_bars, join=False) if some else bars
    return draw(
        drawn,
        lang=objective.lang,
        title=words.response_title(table, objective, factor),
        subtitle=words.response_subtitle(table, objective, factor),
        measure=objective.measure,
        width=width,
    )


def _scattered(objective: Objective, factor: Factor, *, width: int) -> Figure:
    import pandas as pd

    from workbench.charts import scatter

    across = _measure(factor)
    table = pd.DataFrame({"x": factor.numbers, "y": objective.points})
    given = objective.view.block.vary.get(factor.name)
    return scatter(
        table,
        lang=objective.lang,
        title=words.scatter_title(objective, factor),
        subtitle=words.scatter_subtitle(objective),
        x_title=factor.with_unit(objective.lang),
        y_title=_axis(objective),
        x_measure=across,
        y_measure=objective.measure,
        x_log=getattr(given, "scale", "linear") == "log",
        width=width,
        height=_HEIGHT,
    )


def _measure(factor: Factor) -> Measure:
    from workbench.charts import Measure

    if factor.is_share:
        return Measure("share")
    whole = all(isinstance(value, int) for value in factor.levels)
    return Measure("number", decimals=0 if whole else 2)


def _axis(objective: Objective) -> str:
    unit = objective.lang.paren("{unit}")
    written = objective.measure.writer(objective.lang, objective.points).unit
    return objective.label + (unit if written else "")


def even(values: np.ndarray) -> Literal["", "steps", "ratios"]:
    """Whether values rise by steps that are alike, or ratios."""
    import numpy as np

    steps = np.diff(values)
    if np.allclose(steps, steps[0], rtol=0.05):
        return "steps"
    if not (values > 0).all():
        return ""
    ratios = np.diff(np.log(values))
    return "ratios" if np.allclose(ratios, ratios[0], rtol=0.05) else ""


def _limits(values: np.ndarray) -> tuple[float, float, float]:
    """Three round limits for tints: about a tenth, four and seven tenths of the largest."""
    import numpy as np

    largest = float(np.nanmax(np.abs(values)))
    power = 10.0 ** np.floor(np.log10(largest))
    step = next(size for size in (1, 2, 2.5, 5, 10) if size * power * 1.4 >= largest) * power
    return (step * 0.1, step * 0.4, step * 0.8)


def _spaced(places: Sequence[int], most: int) -> list[int]:
    """At most so many of a list, its ends among them."""
    import numpy as np

    if len(places) <= most:
        return list(places)
    return [places[int(at)] for at in np.linspace(0, len(places) - 1, most).round()]
