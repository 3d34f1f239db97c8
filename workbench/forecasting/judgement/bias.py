"""Is somebody always too high or too low? Tests of bias by person or node.

The test alone: how a rep's figures are set right for it is a matter of the pipeline forecast.
Bias watched month by month: `tracking.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from workbench.errors import ParameterError
from workbench.forecasting.judgement.figures import COLUMNS, need
from workbench.forecasting.judgement.over_time import (
    LEAST_PERIODS,
    discoveries,
    mean_over_time,
    ratio_over_time,
)
from workbench.forecasting.judgement.value_added import check_share, period_sums

if TYPE_CHECKING:
    import pandas as pd

Measure = Literal["relative", "log"]

VERDICTS: dict[str, tuple[str, str]] = {
    "too_high": ("Too high", "偏高"),
    "too_low": ("Too low", "偏低"),
    "no_bias": ("No bias shown", "未见偏差"),
    "too_few": ("Too few periods to tell", "期数不足，无法判断"),
}


def bias_tests(
    figures: pd.DataFrame,
    *,
    by: Sequence[str] = ("stage", "series_id", "horizon"),
    measure: Measure = "relative",
    share: float = 0.95,
    false_finds: float = 0.05,
    least: int = LEAST_PERIODS,
) -> pd.DataFrame:
    """Test whether forecasts are too high or too low in the mean, and more often than not.

    Parameters
    ----------
    figures : DataFrame
        As in `value_added`; rows without an actual are left out and counted.
    by : sequence of str
        Columns whose values are tested each; a column of persons will do.
    measure : {"relative", "log"}
        Sum of errors over the sum of what came, or mean of log(forecast / actual), for which
        only positive pairs count.
    share : float
        How often the intervals hold, each for itself.
    false_finds : float
        Share of the biases named that may be chance.
    least : int
        Fewest periods for a test; four times the longest horizon of the group where that is more.

    Returns
    -------
    DataFrame
        `by`, bias (positive is too high), low, high, p_value (mean), over (share of periods with
        a figure too high), p_sign (sign test), verdict (a key of `VERDICTS`; by p_value over all
        tests together), periods, rows, rows_left.

    Raises
    ------
    InputError
        If columns are missing.
    ParameterError
        If the measure is unknown or a share lies outside 0 and 1.

    Notes
    -----
    The mean is tested against the variance of sums by period with their dependence over time
    (`over_time.py`). The sign test counts periods whose total was too high: exact binomial for one
    period ahead (Dixon and Mood 1946, "The Statistical Sign Test", JASA 41); for longer horizons
    signs of neighbours are not independent, and the mean of the signs is tested as the mean of
    errors is. Periods without an error count for neither side.
    """
    if measure not in ("relative", "log"):
        raise ParameterError(
            f"there is no measure {measure!r}", where="measure", do="use relative or log"
        )
    check_share(share)
    check_share(false_finds)
    need(figures, *COLUMNS, *by, what="figures")
    import pandas as pd

    known = figures["actual"].notna() & figures["forecast"].notna()
    if measure == "log":
        known &= (figures["actual"] > 0) & (figures["forecast"] > 0)
    left = (~known).groupby([figures[name] for name in by]).sum()
    rows = []
    for key, group in figures[known].groupby(list(by), sort=True):
        found = _tested(group, measure=measure, share=share, least=least)
        names = dict(zip(by, key, strict=True))
        rows.append({**names, **found, "rows_left": int(left.get(_plain(key), 0))})
    columns = [
        *by, "bias", "low", "high", "p_value", "over", "p_sign", "periods", "rows", "rows_left",
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["verdict"] = _verdicts(table, false_finds)
    return table


def sign_test(errors: Sequence[float] | np.ndarray) -> float:
    """Return the two-sided probability of so uneven signs among independent errors; exact.

    NaN where no error differs from zero.
    """
    from scipy.special import bdtr

    given = np.asarray(errors, dtype=float)
    over, under = int((given > 0).sum()), int((given < 0).sum())
    count = over + under
    if not count:
        return np.nan
    return float(min(1.0, 2 * bdtr(min(over, under), count, 0.5)))


def _tested(group: pd.DataFrame, *, measure: Measure, share: float, least: int) -> dict[str, Any]:
    overlap = max(int(group["horizon"].max()), 1)
    forecast, actual = (group[name].to_numpy(float) for name in ("forecast", "actual"))
    if measure == "log":
        pairs = np.stack([np.log(forecast / actual), np.ones(len(group))])
    else:
        pairs = np.stack([forecast - actual, np.abs(actual)])
    above, below = period_sums(group, pairs)
    bias = ratio_over_time(above, below, overlap=overlap, least=least)
    low, high = bias.interval(share)
    signs = np.sign(above)[above != 0]
    if not bias.known:
        p_sign = np.nan
    elif overlap == 1:
        p_sign = sign_test(above)
    else:
        p_sign = mean_over_time(signs, overlap=overlap, least=least).p_value()
    return {
        "bias": bias.value, "low": low, "high": high, "p_value": bias.p_value(),
        "over": float((signs > 0).mean()) if len(signs) else np.nan, "p_sign": p_sign,
        "periods": len(above), "rows": len(group),
    }  # fmt: skip


def _verdicts(table: pd.DataFrame, false_finds: float) -> np.ndarray:
    p_values, bias = table["p_value"].to_numpy(float), table["bias"].to_numpy(float)
    found = discoveries(p_values, rate=false_finds)
    named = np.where(found, np.where(bias > 0, "too_high", "too_low"), "no_bias")
    return np.where(np.isfinite(p_values), named, "too_few").astype(object)


def _plain(key: tuple[Any, ...]) -> Any:
    """A key as an index of one level has it."""
    return key[0] if len(key) == 1 else key
