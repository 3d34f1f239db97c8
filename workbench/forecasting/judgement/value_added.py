"""Forecast value added: does each stage make the figure better than the stage before?

A staircase naive -> statistical -> pipeline -> rep -> manager -> final, for each level and horizon,
on the same rows at every stage. Method: Gilliland (2010), "The Business Forecasting Deal", chapter
4: the value added of a stage is the error before it less the error after it. Where naive is the
better figure for a node: `gate.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from workbench.errors import InputError, ParameterError
from workbench.forecasting.judgement.figures import COLUMNS, STAGES, need
from workbench.forecasting.judgement.over_time import (
    LEAST_PERIODS,
    Estimate,
    Floats,
    ratio_over_time,
)

if TYPE_CHECKING:
    import pandas as pd

    from workbench.text import Language

Measure = Literal["wmape", "scaled"]

MEASURES: dict[str, tuple[str, str]] = {
    "wmape": ("Absolute error in % of what came", "绝对误差占实际的比例"),
    "scaled": (
        "Absolute error as a multiple of naive in the past",
        "绝对误差与历史朴素误差之比",
    ),
}
VERDICTS: dict[str, tuple[str, str]] = {
    "better": ("Better", "有增值"),
    "worse": ("Worse", "负增值"),
    "no_difference": ("No difference", "无差异"),
    "too_few": ("Too few periods to tell", "期数不足，无法判断"),
    "first": ("Start", "起点"),
}


@dataclass(frozen=True)
class ValueAdded:
    """The staircase.

    Attributes
    ----------
    steps : pandas.DataFrame
        One row a level, horizon and stage, in the order of the stages: `stage`, `against` (the
        stage before), `error`, `added` (error before less error after; positive is better),
        `low` and `high` of its interval, `added_naive`, `low_naive`, `high_naive` (against the
        first stage), `verdict` and `verdict_naive` (keys of `VERDICTS`), `periods`, `series`,
        `rows` that it stands on, `rows_left` that lacked a stage or what came.
    measure : {"wmape", "scaled"}
        Unit of the errors: a share of what came, or a multiple of the scale.
    share : float
        How often the intervals hold.
    """

    steps: pd.DataFrame
    measure: Measure
    share: float

    def table(self) -> pd.DataFrame:
        """The steps."""
        return self.steps

    def negative(self) -> pd.DataFrame:
        """Stages that make it worse than the stage before, worst first."""
        worse = self.steps[self.steps["verdict"] == "worse"]
        return worse.sort_values("added", ignore_index=True)

    def stair(self, lang: Language, **where: Any) -> pd.DataFrame:
        """One staircase for `charts.staircase`: label, error, and the change of the error.

        Parameters
        ----------
        lang : Language
            Of the labels.
        **where
            Which one: ``level="company", horizon=1``.
        """
        import pandas as pd

        rows = chosen(self.steps, where)
        labels = [lang.pick(*STAGES[name]) if name in STAGES else name for name in rows["stage"]]
        return pd.DataFrame({
            "label": labels, "error": rows["error"], "low": -rows["high"], "high": -rows["low"],
        })  # fmt: skip


def value_added(
    figures: pd.DataFrame,
    *,
    stages: Sequence[str] = tuple(STAGES),
    by: Sequence[str] = ("level", "horizon"),
    measure: Measure = "wmape",
    share: float = 0.95,
    least: int = LEAST_PERIODS,
) -> ValueAdded:
    """Score each stage against the one before, on the rows that have them all.

    Parameters
    ----------
    figures : DataFrame
        series_id, level, period, horizon, stage, forecast, actual; for measure "scaled" also
        scale (positive, one a series; its mean absolute naive error in the past).
    stages : sequence of str
        In the order of the staircase; those a group has no row of are left out of it.
    by : sequence of str
        Columns whose values make a staircase each.
    measure : {"wmape", "scaled"}
        Sum of absolute errors over the sum of what came, or mean of |error| / scale.
    share : float
        How often the intervals hold.
    least : int
        Fewest periods from which an interval and a verdict are given. Where forecasts overlap by
        h periods, 4h are needed.

    Returns
    -------
    ValueAdded

    Raises
    ------
    InputError
        If columns are missing, or a series, period, horizon and stage is there twice.
    ParameterError
        If the measure is unknown or the share lies outside 0 and 1.

    Notes
    -----
    Intervals are paired: the same rows before and after, summed by period, taken as a series over
    time (`ratio_over_time`). They say how it would be in other months for these nodes, not for
    other nodes. Stages are compared where all of a group are known, so that steps add up:
    added_naive is the sum of the steps.
    """
    if measure not in MEASURES:
        raise ParameterError(
            f"there is no measure {measure!r}", where="measure", do="use wmape or scaled"
        )
    check_share(share)
    table = wide(figures, stages, by=by, scaled=measure == "scaled")
    rows = [
        row
        for key, group in table.groupby(list(by), sort=True, dropna=False)
        for row in _staircase(key, group, stages, by=by, measure=measure, share=share, least=least)
    ]
    return ValueAdded(_steps(rows, by), measure, share)


def wide(
    figures: pd.DataFrame, stages: Sequence[str], *, by: Sequence[str] = (), scaled: bool = False
) -> pd.DataFrame:
    """Put the stages of a series, period and horizon beside each other, with what came.

    Raises
    ------
    InputError
        If columns are missing or a figure is there twice.
    """
    need(figures, *COLUMNS, *by, *(["scale"] if scaled else []), what="figures")
    key = ["series_id", "period", "horizon"]
    rows = figures[figures["stage"].isin(stages)]
    doubled = rows.duplicated([*key, "stage"])
    if doubled.any():
        first = rows[doubled].iloc[0]
        raise InputError(
            f"{int(doubled.sum())} figures are there twice",
            where=f"series {first['series_id']}, {first['period']}, horizon {first['horizon']}, "
            f"stage {first['stage']}",
            do="keep one figure for each series, period, horizon and stage",
        )
    beside = [name for name in {*by, "actual", "scale"} if name in rows.columns]
    beside = [name for name in beside if name not in key]
    about = rows.drop_duplicates(key)[[*key, *sorted(beside)]]
    spread = rows.pivot(index=key, columns="stage", values="forecast").reset_index()
    return about.merge(spread, on=key, how="left")


def period_sums(group: pd.DataFrame, values: Floats) -> Floats:
    """Sum values by period, in the order of time; shape (..., rows) becomes (..., periods)."""
    numbers = group["period"].array.asi8
    _, place = np.unique(numbers, return_inverse=True)
    count = int(place.max()) + 1 if len(place) else 0
    flat = np.atleast_2d(values)
    sums = np.stack([np.bincount(place, weights=line, minlength=count) for line in flat])
    summed: Floats = sums.astype(float)
    return summed if np.ndim(values) > 1 else np.asarray(summed[0])


def verdict(added: Estimate, share: float) -> str:
    """Judge an added value by its interval."""
    if not added.known:
        return "too_few"
    low, high = added.interval(share)
    return "better" if low > 0 else "worse" if high < 0 else "no_difference"


def chosen(rows: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Rows in which all of these columns have these values.

    Raises
    ------
    InputError
        If there is none.
    """
    for name, value in where.items():
        rows = rows[rows[name] == value]
    if not len(rows):
        raise InputError(
            "nothing was scored there",
            where=", ".join(f"{name} {value}" for name, value in where.items()),
            do="choose values that the table has",
        )
    return rows.reset_index(drop=True)


def check_share(share: float) -> None:
    """Refuse a share that is none.

    Raises
    ------
    ParameterError
        If it lies outside 0 and 1.
    """
    if not 0 < share < 1:
        raise ParameterError(
            f"an interval cannot hold {share:g} of the time", where="share", do="give 0.8 or 0.95"
        )


def _staircase(
    key: Any,
    group: pd.DataFrame,
    stages: Sequence[str],
    *,
    by: Sequence[str],
    measure: Measure,
    share: float,
    least: int,
) -> Iterator[dict[str, Any]]:
    there = [name for name in stages if name in group.columns and group[name].notna().any()]
    whole = group[[*there, "actual"]].notna().all(axis=1)
    if measure == "scaled":
        whole &= group["scale"] > 0
    used = group[whole]
    if not len(there) or not len(used):
        return
    errors = np.abs(used[there].to_numpy(float).T - used["actual"].to_numpy(float))
    weights = np.abs(used["actual"].to_numpy(float))
    if measure == "scaled":
        errors, weights = errors / used["scale"].to_numpy(float), np.ones(len(used))
    sums, below = period_sums(used, errors), period_sums(used, weights)
    overlap = max(int(used["horizon"].max()), 1)
    counts = {
        "periods": len(below), "series": used["series_id"].nunique(), "rows": len(used),
        "rows_left": len(group) - len(used),
    }  # fmt: skip
    names = dict(zip(by, key if isinstance(key, tuple) else (key,), strict=True))
    for place, stage in enumerate(there):
        row = {**names, "stage": stage, "against": there[place - 1] if place else ""}
        row["error"] = ratio_over_time(sums[place], below, overlap=overlap, least=least).value
        for ending, other in (("", place - 1), ("_naive", 0)):
            added = ratio_over_time(
                sums[max(other, 0)] - sums[place], below, overlap=overlap, least=least
            )
            ends = added.interval(share)
            start = place == 0
            row[f"added{ending}"] = np.nan if start else added.value
            row[f"low{ending}"], row[f"high{ending}"] = (np.nan, np.nan) if start else ends
            row[f"verdict{ending}"] = "first" if start else verdict(added, share)
        yield {**row, **counts}


def _steps(rows: list[dict[str, Any]], by: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    columns = [
        *by, "stage", "against", "error", "added", "low", "high", "verdict", "added_naive",
        "low_naive", "high_naive", "verdict_naive", "periods", "series", "rows", "rows_left",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
