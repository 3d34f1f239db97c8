"""Baskets: which product families are bought together more often than chance would have it.

Support, confidence and lift of pairs (Agrawal, Imielinski and Swami 1993). A basket is what one
account ordered in one quarter: machines and their consumables rarely stand on one order.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.analysis.scope import Scope

LEAST = 20  # baskets a pair must share


def pairs(scope: Scope, *, least: int = LEAST) -> pd.DataFrame:
    """Pairs of product families by lift.

    Parameters
    ----------
    least : int
        Baskets that must hold both.

    Returns
    -------
    pandas.DataFrame
        first, second (families), together (baskets), support (share of baskets), confidence
        (share of baskets with `first` that hold `second`), lift, lo95, hi95 (of the lift, by the
        delta method on its logarithm); highest lift first.
    """
    rows = scope.company.sql(
        f"""
        with bought as (
            select distinct account_id, date_trunc('quarter', day) as quarter, product_id
            from {scope.lines}
            where quantity > 0 and day > date '{scope.now.end}' - interval 24 month
              and day <= date '{scope.now.end}')
        select distinct account_id, quarter, coalesce(family, product_line) as family
        from bought join product using (product_id)"""
    )
    families = rows["family"].astype("category")
    baskets = rows.groupby(["account_id", "quarter"]).ngroup().to_numpy()  # -1: of no account
    codes = families.cat.codes.to_numpy()
    known = (baskets >= 0) & (codes >= 0)
    holds = np.zeros((baskets.max(initial=-1) + 1, len(families.cat.categories)), dtype=np.int64)
    holds[baskets[known], codes[known]] = 1
    return _pairs(holds, list(families.cat.categories), least)


def _pairs(holds: np.ndarray, names: list[str], least: int) -> pd.DataFrame:
    together, single, count = holds.T @ holds, holds.sum(axis=0), len(holds)
    first, second = np.nonzero((together >= least) & ~np.eye(len(names), dtype=bool))
    first, second = first[single[first] <= single[second]], second[single[first] <= single[second]]
    both = together[first, second]
    lift = both * count / (single[first] * single[second])
    # Variance of log lift from the multinomial counts of both, first and second.
    error = np.sqrt(np.maximum(1 / both - 1 / single[first] - 1 / single[second] + 1 / count, 0))
    table = pd.DataFrame(
        {
            "first": [names[i] for i in first],
            "second": [names[i] for i in second],
            "together": both,
            "support": both / count,
            "confidence": both / single[first],
            "lift": lift,
            "lo95": lift * np.exp(-1.96 * error),
            "hi95": lift * np.exp(1.96 * error),
        }
    )
    return table.sort_values(["lift", "first"], ascending=[False, True], ignore_index=True)
