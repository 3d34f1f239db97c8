"""What the hazard of a deal depends on, as columns: the picture, the month ahead, both together.

One row for each deal and month ahead. The stated close enters as the days from the beginning of
the month ahead to the stated day, in hat functions (a linear spline), apart for each stage; the
month ahead enters by its place in the year and its working days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.calendars import WorkingCalendar
from workbench.forecasting.pipeline.features import month_start

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

    def columns(self, rows: pd.DataFrame, *, place: Ints, lead: Ints, month: Ints) -> Floats:
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
        numpy.ndarray, shape (n, p)
            First column ones.
        """
        fixed, stage, bending = self._of_rows(rows)
        far = np.log(lead.astype(float))
        soon = (lead == 1).astype(float)
        own = stage[place]
        to_close = rows["to_close"].to_numpy(float)[place]
        curve = hats(to_close - MONTH_DAYS * (lead - 1), CLOSE_KNOTS)
        undated = ~np.isfinite(to_close)
        curve[undated] = 0.0
        passed = (np.nan_to_num(to_close, nan=0.0) < 0).astype(float)
        parts = [
            np.ones((len(place), 1)),
            own,
            own * soon[:, None],
            own * far[:, None],
            *(own[:, [column]] * curve for column in range(own.shape[1])),
            curve,
            np.column_stack([undated, passed, passed * far, passed * soon]),
            fixed[place],
            bending[place] * far[:, None],
            _calendar(month),
        ]
        return np.hstack(parts)

    def _of_rows(self, rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
        """Columns fixed by the picture; one-hot stages; those that also change with the lead."""
        stage = hot(rows["stage"], self.stages)
        logs = _log_amount(rows)
        missing = ~np.isfinite(logs)
        size = np.where(missing, 0.0, (logs - self.size) / self.spread)
        age = np.log1p(np.maximum(rows["age"].to_numpy(float), 0) / 30)
        stay = np.log1p(np.maximum(rows["stage_age"].to_numpy(float), 0) / 30)
        slips = rows["slips"].to_numpy(float)
        past = np.log1p(np.maximum(-np.nan_to_num(rows["to_close"].to_numpy(float)), 0) / 30)
        typed = np.nan_to_num(rows["typed"].to_numpy(float), nan=self.typed) - self.typed
        change = np.clip(np.nan_to_num(rows["change"].to_numpy(float)), -1, 1)
        numbers = np.column_stack(
            (
                *(missing, size, size**2, age, age**2, stay, stay**2, past, past**2, age * past),
                *(slips == 1, slips >= 2, typed, change, rows["first"].to_numpy(float)),
            )
        )
        source = hot(rows["source"], self.labels["source"])
        choices = [hot(rows[name], self.labels[name]) for name in CHOICES]
        return (
            np.hstack([numbers, stay[:, None] * stage, age[:, None] * stage, *choices]),
            stage,
            np.hstack([source, numbers[:, [1, 3, 5, 7]]]),
        )


def _calendar(month: Ints) -> Floats:
    """Place in the year, and log working days over twenty."""
    known, place = np.unique(month, return_inverse=True)
    days = np.array([_working_days(int(number)) for number in known])
    hot = np.equal.outer(month % 12, np.arange(12)).astype(float)
    return np.column_stack([hot, np.log(np.maximum(days, 5) / 20)[place]])


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


def hot(column: pd.Series, labels: tuple[str, ...]) -> Floats:
    """One column a label, 1 where it stands; other labels have none."""
    codes = pd.Index(list(labels), dtype=object).get_indexer(pd.Index(column, dtype=object))
    return np.equal.outer(codes, np.arange(len(labels))).astype(float)


def hats(values: Floats, knots: Floats) -> Floats:
    """Linear spline basis: each column is 1 at its knot and 0 at the others, flat outside."""
    inside = np.clip(np.nan_to_num(values), knots[0], knots[-1])
    upper = np.clip(np.searchsorted(knots, inside, side="right"), 1, len(knots) - 1)
    share = (inside - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    out = np.zeros((len(values), len(knots)))
    row = np.arange(len(values))
    out[row, upper - 1] = 1 - share
    out[row, upper] += share
    return out
