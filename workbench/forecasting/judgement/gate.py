"""The gate "use naive here": nodes and horizons where the plainest figure beats the one in use.

Many nodes are tested at once, so only finds are offered of which at most a stated share is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import ParameterError
from workbench.forecasting.judgement.over_time import (
    LEAST_PERIODS,
    Estimate,
    discoveries,
    ratio_over_time,
)
from workbench.forecasting.judgement.value_added import check_share, period_sums, wide

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Gate:
    """Where to use the plain figure.

    Attributes
    ----------
    tested : pandas.DataFrame
        One row a series and horizon: `error_plain`, `error_used` (shares of what came), `gain`
        (error saved by the plain one), `low`, `high`, `p_value` (of such a gain or more where the
        plain one is no better), `periods`, `use_plain` (bool)
        and `enough` (whether there were enough periods to tell).
    plain, used : str
        The stages compared.
    false_finds : float
        Share of the nodes offered that may be there by chance.
    """

    tested: pd.DataFrame
    plain: str
    used: str
    false_finds: float

    def offered(self) -> pd.DataFrame:
        """Series and horizons where the plain figure is the better one, largest gain first."""
        found = self.tested[self.tested["use_plain"]]
        return found.sort_values("gain", ascending=False, ignore_index=True)


def use_naive(
    figures: pd.DataFrame,
    *,
    used: str = "final",
    plain: str = "naive",
    false_finds: float = 0.05,
    share: float = 0.95,
    least: int = LEAST_PERIODS,
) -> Gate:
    """Find nodes and horizons where a plain figure beats the one in use.

    Parameters
    ----------
    figures : DataFrame
        As in `value_added`.
    used, plain : str
        Stages compared on the rows that have both.
    false_finds : float
        Share of the nodes offered that may be chance (Benjamini and Hochberg over all tests).
    share : float
        How often the intervals shown hold, each for itself.
    least : int
        Fewest periods of a node; four times the horizon where that is more. With fewer there is
        no test, and nothing is offered.

    Returns
    -------
    Gate

    Raises
    ------
    InputError
        As `value_added`.
    ParameterError
        If the stages are the same or a share lies outside 0 and 1.
    """
    if used == plain:
        raise ParameterError("a stage is compared with itself", where=f"used={used!r}")
    check_share(share)
    check_share(false_finds)
    table = wide(figures, (plain, used))
    rows = []
    if {plain, used} <= set(table.columns):
        known = table.dropna(subset=[plain, used, "actual"])
        rows = [
            _tested(key, group, plain=plain, used=used, share=share, least=least)
            for key, group in known.groupby(["series_id", "horizon"], sort=True)
        ]
    tested = _table(rows)
    tested["use_plain"] = discoveries(tested["p_value"].to_numpy(float), rate=false_finds)
    return Gate(tested, plain, used, false_finds)


def _tested(
    key: Any, group: pd.DataFrame, *, plain: str, used: str, share: float,
    least: int,
) -> dict[str, Any]:  # fmt: skip
    series, horizon = key
    actual = group["actual"].to_numpy(float)
    errors = np.abs(group[[plain, used]].to_numpy(float).T - actual)
    sums, below = period_sums(group, errors), period_sums(group, np.abs(actual))

    def ratio(above: Any) -> Estimate:
        return ratio_over_time(above, below, overlap=max(int(horizon), 1), least=least)

    gain = ratio(sums[1] - sums[0])
    low, high = gain.interval(share)
    return {
        "series_id": series, "horizon": horizon, "error_plain": ratio(sums[0]).value,
        "error_used": ratio(sums[1]).value, "gain": gain.value, "low": low, "high": high,
        "p_value": _one_sided(gain), "periods": gain.periods, "enough": gain.known,
    }  # fmt: skip


def _one_sided(gain: Estimate) -> float:
    """Probability of such a gain or more if there were none.

    One-sided, as only gains are offered: with two sides the many nodes where the plain figure is
    clearly worse would count as finds and make room for chance.
    """
    half = gain.p_value() / 2
    return half if gain.value > 0 else 1 - half


def _table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    columns = [
        "series_id", "horizon", "error_plain", "error_used", "gain", "low", "high", "p_value",
        "periods", "enough",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
