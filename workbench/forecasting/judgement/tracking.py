"""The tracking signal: bias watched month by month, with an alarm when it leaves its limits.

Two signals: the smoothed one of Trigg, and the cumulated error over the mean absolute deviation
with its limits of +-4, of which is said how often chance alone crosses them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import ParameterError
from workbench.forecasting.judgement.figures import COLUMNS, need
from workbench.forecasting.judgement.over_time import Floats
from workbench.forecasting.judgement.value_added import chosen

if TYPE_CHECKING:
    import pandas as pd

#: Limits of the cumulated signal, in mean absolute deviations.
LIMIT = 4.0
#: Standard deviations of a normal error in one mean absolute deviation: sqrt(pi / 2).
_PER_MAD = float(np.sqrt(np.pi / 2))


@dataclass(frozen=True)
class Tracking:
    """Signals over time.

    Attributes
    ----------
    signals : pandas.DataFrame
        `by`, period, error, cumulated (error of the window over its mean absolute deviation),
        smoothed (Trigg's, between -1 and 1), chance (limit that chance alone keeps 19 of 20
        times in a window so long), alarm ("too_high", "too_low" or "").
    limit : float
        Of `cumulated`.
    smoothed_limit : float
        Of `smoothed`.
    """

    signals: pd.DataFrame
    by: tuple[str, ...]
    limit: float
    smoothed_limit: float

    def latest(self) -> pd.DataFrame:
        """The last signal of each, alarms first."""
        last = self.signals.groupby(list(self.by), sort=True).tail(1)
        order = last["cumulated"].abs().where(last["alarm"] != "", -1.0)
        return last.iloc[(-order).argsort(kind="stable")].reset_index(drop=True)

    def line(self, **where: Any) -> pd.DataFrame:
        """One signal for `charts.signal_line`: period, value, limit, alarm.

        `where` says which: ``stage="rep", series_id="R0001", horizon=1``.
        """
        rows = chosen(self.signals, where)
        limit = np.maximum(rows["chance"].to_numpy(float), self.limit)
        named = rows[["period", "cumulated"]].rename(columns={"cumulated": "value"})
        return named.assign(limit=limit, alarm=rows["alarm"] != "")


def tracking(
    figures: pd.DataFrame,
    *,
    by: Sequence[str] = ("stage", "series_id", "horizon"),
    smoothing: float = 0.2,
    window: int = 12,
    least: int = 6,
    limit: float = LIMIT,
) -> Tracking:
    """Follow the signal of each person or node over time.

    Parameters
    ----------
    figures : DataFrame
        As in `value_added`; rows without an actual are left out.
    by : sequence of str
        Columns whose values are followed each.
    smoothing : float
        Weight of the latest error in Trigg's signal.
    window : int
        Periods cumulated. Without a window the signal of anybody leaves its limits in time.
    least : int
        Periods before the first alarm.
    limit : float
        Of the cumulated signal.

    Returns
    -------
    Tracking

    Raises
    ------
    InputError
        If columns are missing.
    ParameterError
        If smoothing lies outside 0 and 1, or the window is shorter than `least`.

    Notes
    -----
    An alarm needs both limits crossed to the same side: the fixed one and that of chance,
    1.96 sqrt(pi / 2) sqrt(n) for n independent errors without bias. With 12 months the latter is
    8.5, so that the customary 4 alone would raise an alarm in a third of all unbiased windows.
    """
    if not 0 < smoothing < 1:
        raise ParameterError(f"smoothing cannot be {smoothing:g}", where="smoothing",
                             do="give 0.1 to 0.3")  # fmt: skip
    if not 1 <= least <= window:
        raise ParameterError(
            f"an alarm after {least} periods does not fit a window of {window}",
            where="least, window", do="let the window be the longer",
        )  # fmt: skip
    need(figures, *COLUMNS, *by, what="figures")
    known = figures[figures["actual"].notna() & figures["forecast"].notna()]
    signed = known.assign(error=known["forecast"].astype(float) - known["actual"].astype(float))
    sums = signed.groupby([*by, "period"], sort=True)["error"].sum().reset_index()
    groups = sums.groupby(list(by), sort=True).indices.values()
    columns = {name: np.zeros(len(sums)) for name in ("cumulated", "smoothed", "counts")}
    errors = sums["error"].to_numpy()
    for rows in groups:
        columns["cumulated"][rows], columns["counts"][rows] = cumulated_signal(
            errors[rows], window=window
        )
        columns["smoothed"][rows] = smoothed_signal(errors[rows], smoothing=smoothing)
    counts = columns.pop("counts")
    chance = 1.959964 * _PER_MAD * np.sqrt(counts)
    beyond = (np.abs(columns["cumulated"]) > np.maximum(chance, limit)) & (counts >= least)
    side = np.where(columns["cumulated"] > 0, "too_high", "too_low")
    signals = sums.assign(**columns, chance=chance, alarm=np.where(beyond, side, ""))
    return Tracking(signals, tuple(by), limit, smoothed_limit(smoothing))


def smoothed_signal(errors: ArrayLike, *, smoothing: float) -> Floats:
    """Trigg's tracking signal after each error.

    Notes
    -----
    T_t = E_t / M_t with E_t = g e_t + (1 - g) E_(t-1) and M_t = g |e_t| + (1 - g) M_(t-1);
    Trigg (1964), "Monitoring a Forecasting System", Operational Research Quarterly 15(3). Both
    start at zero and their first weights are the same, so the start cancels. 0 while no error
    was other than zero.
    """
    given = np.asarray(errors, dtype=float)
    found, mean, size = np.zeros(len(given)), 0.0, 0.0
    for place, error in enumerate(given):
        mean = smoothing * error + (1 - smoothing) * mean
        size = smoothing * abs(error) + (1 - smoothing) * size
        found[place] = mean / size if size else 0.0
    return found


def smoothed_limit(smoothing: float) -> float:
    """Limit that Trigg's signal of unbiased normal errors keeps about 19 of 20 times.

    Notes
    -----
    E_t has the variance g / (2 - g) of one error, M_t is near sqrt(2 / pi) of its deviation, so
    the limit is 1.96 sqrt(pi / 2) sqrt(g / (2 - g)): 0.56 for g = 0.1, 0.82 for g = 0.2. M_t
    varies with E_t, for which the signal keeps the limit somewhat more often.
    """
    return float(min(1.0, 1.959964 * _PER_MAD * np.sqrt(smoothing / (2 - smoothing))))


def cumulated_signal(errors: ArrayLike, *, window: int) -> tuple[Floats, Floats]:
    """Cumulated error over the mean absolute deviation, of the last periods up to each.

    Returns
    -------
    signal : numpy.ndarray
        Sum of errors / mean of |errors|; 0 where all errors are zero.
    counts : numpy.ndarray
        Periods in the window.

    Notes
    -----
    Brown (1963), "Smoothing, Forecasting and Prediction of Discrete Time Series", chapter 19, with
    the plain mean of the window for the smoothed deviation.
    """
    given = np.asarray(errors, dtype=float)
    ends = np.arange(1, len(given) + 1)
    starts = np.maximum(ends - window, 0)
    sums, sizes = (np.concatenate([[0.0], np.cumsum(part)]) for part in (given, np.abs(given)))
    counts = (ends - starts).astype(float)
    total, size = sums[ends] - sums[starts], sizes[ends] - sizes[starts]
    mean = size / np.maximum(counts, 1.0)
    return np.divide(total, mean, out=np.zeros(len(given)), where=mean > 0), counts
