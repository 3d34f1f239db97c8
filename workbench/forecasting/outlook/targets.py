"""Targets of a total in three tiers (保底/基准/挑战), by node, with the chance of each.

From the table of targets where it has the months; else grown from the year before. A node without
a target of its own takes its share of the company's, as it had of the year before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import TOTAL
from workbench.forecasting.outlook.scope import Scope

TIERS: dict[str, tuple[str, str]] = {
    "floor": ("Floor", "保底"),
    "base": ("Base", "基准"),
    "stretch": ("Stretch", "挑战"),
}
#: Where a target comes from.
ORIGINS: dict[str, tuple[str, str]] = {
    "table": ("set", "已下达"),
    "growth": ("grown from last year", "按去年增长推算"),
    "share": ("share of the company's", "按去年占比分摊"),
}


def set_targets(looked: Scope, kpi: str) -> dict[tuple[str, str], float]:
    """Targets set for all months of the total, by node and tier; zero counts as not set.

    Parameters
    ----------
    looked : Scope
    kpi : str

    Returns
    -------
    dict of (str, str) to float
        Empty where the company has no table of targets.
    """
    if not looked.company.has("target"):
        return {}
    first, last = looked.closing(looked.begin), looked.closing(looked.end)
    rows = looked.company.sql(
        f"""select level, node, product_line, tier, period_end, value from target
        where kpi_id = '{kpi}' and level in ('company', 'region')
            and period_end between date '{first}' and date '{last}'
            and currency = '{looked.currency}'
        order by all""",
        money="float",
    )
    rows = rows.assign(node=[_node(*row) for row in rows[_PLACE].itertuples(index=False)])
    months = len(looked.whole)
    sums = rows.groupby(["node", "tier"])["value"].agg(["sum", "size"])
    found = {
        (str(node), str(tier)): float(value)
        for (node, tier), value, size in sums.itertuples()
        if size == months and value > 0
    }
    return _of_regions(found, looked) if looked.regions else found


def tiers(
    last_year: pd.Series,
    *,
    known: Mapping[tuple[str, str], float],
    growth: float,
    gap: float,
    complete: bool = True,
) -> pd.DataFrame:
    """Targets of nodes.

    Parameters
    ----------
    last_year : pandas.Series
        What each node brought in the same months a year before, by node; the company first.
    known : mapping of (str, str) to float
        Targets by node and tier as `set_targets` gives them; empty to grow all from last year.
    growth : float
        Growth of the base tier over last year.
    gap : float
        How far floor and stretch lie from base.
    complete : bool
        Whether the data hold all months of last year; if not, they tell shares, but nothing is
        grown from them.

    Returns
    -------
    pandas.DataFrame
        node, tier, target, origin (a key of `ORIGINS`); without rows where neither is known.
    """
    company = {
        tier: (known[TOTAL, tier], "table")
        if (TOTAL, tier) in known
        else (float(last_year.iloc[0]) * (1 + growth) * factor if complete else np.nan, "growth")
        for tier, factor in zip(TIERS, (1 - gap, 1.0, 1 + gap), strict=True)
    }
    whole = float(last_year.iloc[0])
    rows = []
    for node, before in last_year.items():
        for tier, (target, origin) in company.items():
            if node != TOTAL and (node, tier) in known and company["base"][1] == "table":
                target, origin = known[str(node), tier], "table"
            elif node != TOTAL:
                target, origin = target * float(before) / whole if whole else np.nan, "share"
            rows.append((node, tier, target, origin))
    finite = [row for row in rows if np.isfinite(row[2])]
    columns = list(zip(*finite, strict=True)) or [(), (), (), ()]
    return pd.DataFrame(dict(zip(["node", "tier", "target", "origin"], columns, strict=True)))


def chances(targets: pd.DataFrame, totals: Floats, nodes: tuple[str, ...]) -> pd.DataFrame:
    """Put the chance of each target beside it: the share of draws that reach it."""
    place = {node: number for number, node in enumerate(nodes)}
    drawn = totals[:, [place[node] for node in targets["node"]]]
    hit = np.count_nonzero(drawn >= targets["target"].to_numpy(float), axis=0)
    return targets.assign(probability=hit / len(totals))


def of(targets: pd.DataFrame, column: str = "target") -> dict[str, float]:
    """Targets of the company by tier, or the chance of each with column "probability"."""
    rows = zip(targets["node"], targets["tier"], targets[column], strict=True)
    return {tier: float(value) for node, tier, value in rows if node == TOTAL}


def _of_regions(found: dict[tuple[str, str], float], looked: Scope) -> dict[tuple[str, str], float]:
    """Targets where only some regions are looked at: the total is theirs."""
    kept = {(node, tier): v for (node, tier), v in found.items() if node in looked.regions}
    for tier in TIERS:
        parts = [kept.get((region, tier)) for region in looked.regions]
        if None not in parts:
            kept[TOTAL, tier] = sum(part for part in parts if part is not None)
    return kept


_PLACE = ["level", "node", "product_line"]


def _node(level: str, node: str, line: str) -> str:
    """The hierarchy's name of a node of the table."""
    if level == "company":
        return TOTAL if line == "all" else line
    return node if line == "all" else f"{node}/{line}"
