"""What the hazard of a deal depends on, as columns: the picture, the month ahead, both together.

One row for each deal and month ahead. The stated close enters as the days from the beginning of
the month ahead to the stated day, in hat functions (a linear spline), apart for each stage; the
month ahead enters by its place in the year and its working days.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.calendars import WorkingCalendar
from workbench.forecasting.pipeline.features import month_start
from workbench.forecasting.pipeline.sparse import Columns, Hats, Sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CLOSE_KNOTS = np.array([-400, -180, -90, -45, -20, -7, 0, 8, 16, 24, 31, 45, 65, 100, 160, 320.0])
MONTH_DAYS = 30.44
CHOICES = (
    "source",
    "product_line",
    "channel",
    "region",
    "customer_type",
    "ownership",
    "forecast_category",
)
RARE = 30  # rows below which a label counts as other


@dataclass(frozen=True)
class Design:
    """Columns as they were learned from the rows a model is fitted on.

    Attributes
    ----------
    stages : tuple of str
        Stages with columns of their own.
    labels : dict of str to tuple of str
        For each of `CHOICES`, labels with a column; others share the base.
    size, spread : float
        Mean and standard deviation of the log amount.
    typed : float
        Mean of the typed probability.
    """

    stages: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    size: float
    spread: float
    typed: float

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Design:
        """Learn labels and scales from pictures."""
        logs = _log_amount(rows)
        known = logs[np.isfinite(logs)]
        size, spread = (known.mean(), known.std()) if len(known) else (0.0, 1.0)
        typed = rows["typed"].to_numpy(float)
        typed = typed[np.isfinite(typed)]
        return cls(
            stages=labels(rows["stage"]),
            labels={name: labels(rows[name]) for name in CHOICES},
            size=float(size),
            spread=float(spread) or 1.0,
            typed=float(typed.mean()) if len(typed) else 0.0,
        )

    def columns(self, rows: pd.DataFrame, *, place: Ints, lead: Ints, month: Ints) -> Sparse:
        """Design of pairs of a picture and a month ahead.

        Parameters
        ----------
        rows : pandas.DataFrame
            Pictures, as `Pictures.rows`.
        place : numpy.ndarray of int, shape (n,)
            Row of each pair.
        lead : numpy.ndarray of int, shape (n,)
            Months ahead, from 1.
        month : numpy.ndarray of int, shape (n,)
            Number of the month ahead.

        Returns
        -------
        Sparse
            n rows, first column ones.
        """
        far = np.log(lead.astype(float))
        soon = (lead == 1).astype(float)
        stage, stages = codes(rows["stage"], self.stages)[place], len(self.stages)
        numbers = self._numbers(rows)[place]
        age, stay = numbers[:, 3], numbers[:, 5]
        to_close = rows["to_close"].to_numpy(float)[place]
        curve = Hats.of(to_close - MONTH_DAYS * (lead - 1), CLOSE_KNOTS)
        undated = ~np.isfinite(to_close)
        passed = (np.nan_to_num(to_close, nan=0.0) < 0).astype(float)
        made = Columns()
        made.add(np.ones((len(place), 1)))
        for value in (1.0, soon, far):
            made.labels(stage, stages, value)
        made.spline(curve, codes=stage, count=stages)
        made.spline(curve)
        made.add(np.column_stack([undated, passed, passed * far, passed * soon]))
        made.add(numbers)
        for value in (stay, age):
            made.labels(stage, stages, value)
        for name in CHOICES:
            known = self.labels[name]
            made.labels(codes(rows[name], known)[place], len(known))
        source = self.labels["source"]
        made.labels(codes(rows["source"], source)[place], len(source), far)
        made.add(numbers[:, [1, 3, 5, 7]] * far[:, None])
        made.labels(month % 12, 12)
        made.add(_busy(month)[:, None])
        return made.done()

    def _numbers(self, rows: pd.DataFrame) -> Floats:
        """Numbers of each picture, shape (rows, 15)."""
        logs = _log_amount(rows)
        missing = ~np.isfinite(logs)
        size = np.where(missing, 0.0, (logs - self.size) / self.spread)
        age = np.log1p(np.maximum(rows["age"].to_numpy(float), 0) / 30)
        stay = np.log1p(np.maximum(rows["stage_age"].to_numpy(float), 0) / 30)
        slips = rows["slips"].to_numpy(float)
        past = np.log1p(np.maximum(-np.nan_to_num(rows["to_close"].to_numpy(float)), 0) / 30)
        typed = np.nan_to_num(rows["typed"].to_numpy(float), nan=self.typed) - self.typed
        change = np.clip(np.nan_to_num(rows["change"].to_numpy(float)), -1, 1)
        return np.column_stack(
            (
                *(missing, size, size**2, age, age**2, stay, stay**2, past, past**2, age * past),
                *(slips == 1, slips >= 2, typed, change, rows["first"].to_numpy(float)),
            )
        ).astype(float)


def _busy(month: Ints) -> Floats:
    """Log working days of a month over twenty."""
    known, place = np.unique(month, return_inverse=True)
    days = np.array([_working_days(int(number)) for number in known])
    return np.asarray(np.log(np.maximum(days, 5) / 20)[place])


@cache
def _working_days(month: int) -> float:
    first = month_start(month)
    return float(
        WorkingCalendar().working_days(first.date(), (first + pd.offsets.MonthEnd(0)).date())
    )


def _log_amount(rows: pd.DataFrame) -> Floats:
    amount = rows["amount"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(amount > 0, np.log(amount), np.nan)


def labels(column: pd.Series) -> tuple[str, ...]:
    """Labels of a column that are frequent enough for an effect of their own, sorted."""
    counts = column.value_counts()
    return tuple(sorted(str(label) for label in counts.index[counts >= min(RARE, len(column))]))


def codes(column: pd.Series, labels: tuple[str, ...]) -> Ints:
    """Place of each row's label; -1 for a label that has none."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = pd.Index(column.cat.categories, dtype=object)
        place = pd.Index(list(labels), dtype=object).get_indexer(known)
        return np.asarray(np.append(place, -1)[column.cat.codes.to_numpy()], dtype=np.int64)
    place = pd.Index(list(labels), dtype=object).get_indexer(pd.Index(column, dtype=object))
    return np.asarray(place, dtype=np.int64)
