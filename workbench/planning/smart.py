"""SMART in numbers: is a target specific, measurable, achievable, relevant, time-bound?

Each answer has a figure and a reason; nothing is stamped.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier

if TYPE_CHECKING:
    from workbench.text import Language

CHECKS: dict[str, tuple[str, str]] = {
    "specific": ("Specific", "具体"),
    "measurable": ("Measurable", "可衡量"),
    "achievable": ("Achievable", "可达成"),
    "relevant": ("Relevant", "相关"),
    "time_bound": ("Time-bound", "有时限"),
}
#: Units of a year under which they fall into quarters as they may.
FEW = 12
#: Reasons in both languages; fields are those of the row.
REASONS: dict[str, tuple[str, str]] = {
    "owner": ("owned by {owner}", "责任人{owner}"),
    "no_owner": ("nobody owns it", "没有责任人"),
    "table": ("counted from table {table}", "由数据表{table}统计"),
    "no_table": ("no table tells what was reached", "没有可统计达成的数据表"),
    "within": (
        "chance {chance}, within {low:.0%} to {high:.0%}",
        "达成概率{chance}，在{low:.0%}–{high:.0%}之内",
    ),
    "too_hard": ("chance {chance}, below {low:.0%}", "达成概率{chance}，低于{low:.0%}"),
    "too_easy": ("chance {chance}, above {high:.0%}", "达成概率{chance}，高于{high:.0%}"),
    "share": ("{figure:.1%} of the company's goal", "占公司目标{figure:.1%}"),
    "no_share": (
        "{figure:.1%} of the company's goal, below {low:.1%}",
        "占公司目标{figure:.1%}，低于{low:.1%}",
    ),
    "conflict": (
        "runs against {other} (correlation {figure:.2f})",
        "与{other}相互冲突（相关系数{figure:.2f}）",
    ),
    "rhythm": (
        "{months} months, {figure:.0%} in the largest quarter",
        "{months}个月，最大季度占{figure:.0%}",
    ),
    "no_rhythm": (
        "{figure:.0%} of it falls into one quarter, above {high:.0%}",
        "{figure:.0%}集中在一个季度，高于{high:.0%}",
    ),
}
#: The same in short, where figures stand in columns of their own.
SHORT: dict[str, tuple[str, str]] = {
    "owner": ("owned", "有责任人"),
    "no_owner": ("nobody owns it", "没有责任人"),
    "table": ("counted from a table", "有统计来源"),
    "no_table": ("no table tells what was reached", "没有统计来源"),
    "within": ("chance within the range", "达成概率在区间内"),
    "too_hard": ("chance below the range", "达成概率低于下限"),
    "too_easy": ("chance above the range", "达成概率高于上限"),
    "share": ("part of the company's goal", "占公司目标足够"),
    "no_share": ("too small a part of the company's goal", "占公司目标过小"),
    "conflict": ("runs against another KPI", "与另一指标相互冲突"),
    "rhythm": ("spread over the quarters", "各季度分布合理"),
    "no_rhythm": ("too much in one quarter", "过于集中在一个季度"),
}


def smart(
    targets: Targets,
    *,
    owners: Mapping[str, str] | None = None,
    sources: Mapping[str, str] | None = None,
    tables: Collection[str] = (),
    chance: tuple[float, float] = (0.3, 0.8),
    least_share: float = 0.001,
    conflict: float = -0.2,
    largest_quarter: float = 0.5,
    tier: str | None = None,
) -> pd.DataFrame:
    """Check the targets of every node and KPI.

    Parameters
    ----------
    targets : Targets
    owners : mapping of node to str, optional
        Who answers for it; a person's node answers for itself unless owners are handed in.
    sources : mapping of KPI to str, optional
        Table that tells what was reached.
    tables : collection of str
        Tables the company has.
    chance : tuple of float
        Range of the chance that the company calls achievable.
    least_share : float
        Of the company's goal, below which a target is not relevant; of KPIs that add up.
    conflict : float
        Correlation with another KPI of the node below which the two run against each other.
    largest_quarter : float
        Part of the year that one quarter may hold.
    tier : str, optional
        Base by default.

    Returns
    -------
    pandas.DataFrame
        node, kind, kpi, check (a key of `CHECKS`), passed, reason (a key of `REASONS`), figure,
        low, high, owner, table, other, months; one row each of five checks, and one more for
        each conflict.
    """
    low, high = chance
    if not 0 <= low < high <= 1:
        raise ParameterError(
            "an achievable chance is a range within 0 to 1", where=f"chance={chance}", do="correct"
        )
    which = targets.tiers.index(tier) if tier else base_tier(targets.tiers)
    rows: list[dict[str, object]] = []
    owned = owners or {}
    for kpi, found in targets.kpis.items():
        goal = targets.target(kpi)[:, which]
        quarter = _largest_quarter(found.units[which], targets.months)
        few = found.units[which].sum(axis=1) < FEW
        adds_up = targets.prepared.grounds[kpi].held.adds_up
        for place, node in enumerate(targets.tree.nodes):
            base = {"node": node, "kind": targets.tree.kinds[place], "kpi": kpi}
            leaf = targets.tree.leaf_number[place] >= 0
            owner = owned.get(node) or (node if leaf and not owned else "")
            rows.append(base | _told("specific", "owner", bool(owner), owner=owner))
            table = (sources or {}).get(kpi, "")
            rows.append(base | _told("measurable", "table", table in tables, table=table))
            p = float(found.chance[place, which])
            reason = "too_hard" if p < low else "too_easy" if p > high else "within"
            rows.append(
                base | _row("achievable", reason, reason == "within", figure=p, low=low, high=high)
            )
            share = float(goal[place] / goal[0]) if adds_up and goal[0] > 0 else 1.0
            rows.append(
                base
                | _told("relevant", "share", share >= least_share, figure=share, low=least_share)
            )
            part = float(quarter[place]) if adds_up else 3 / len(targets.months)
            rows.append(
                base
                | _told(
                    "time_bound",
                    "rhythm",
                    part <= largest_quarter or len(targets.months) < 6 or few[place],
                    figure=part,
                    high=largest_quarter,
                    months=len(targets.months),
                )
            )
    found_rows = pd.DataFrame([*rows, *_conflicts(targets, conflict)])
    order = {check: number for number, check in enumerate(CHECKS)}
    places = found_rows["node"].map(targets.tree.place)
    keys = found_rows.assign(_at=places, _check=found_rows["check"].map(order))
    return keys.sort_values(["_at", "kpi", "_check"], kind="stable", ignore_index=True).drop(
        columns=["_at", "_check"]
    )


def reason_text(row: Mapping[str, object], lang: Language) -> str:
    """Word the reason of a row of `smart` in a language."""
    sentence = lang.pick(*REASONS[str(row["reason"])])
    said = _chance(row, lang) if "{chance}" in sentence else ""
    return sentence.format(chance=said, **row)


def _chance(row: Mapping[str, object], lang: Language) -> str:
    """A chance in words; with a decimal where it would read as the bound it lies beside."""
    said = lang.probability(row["figure"])
    bounds = [lang.probability(row["low"]), lang.probability(row["high"])]
    return lang.percent(row["figure"]) if said in bounds else said


def _told(check: str, reason: str, passed: bool, **fields: object) -> dict[str, object]:
    return _row(check, reason if passed else f"no_{reason}", passed, **fields)


def _row(check: str, reason: str, passed: bool, **fields: object) -> dict[str, object]:
    empty: dict[str, object] = {
        "figure": np.nan,
        "low": np.nan,
        "high": np.nan,
        "owner": "",
        "table": "",
        "other": "",
        "months": 0,
    }
    return {"check": check, "passed": passed, "reason": reason} | empty | fields


def _largest_quarter(units: np.ndarray, months: pd.Index) -> np.ndarray:
    """Largest part of a year that falls into one calendar quarter, shape (nodes,)."""
    quarters = pd.PeriodIndex([pd.Period(month, freq="M") for month in months]).asfreq("Q")
    codes = pd.factorize(quarters)[0]
    sums = np.stack([units[:, codes == code].sum(axis=1) for code in range(codes.max() + 1)])
    whole = units.sum(axis=1)
    return np.asarray(sums.max(axis=0) / np.where(whole > 0, whole, 1))


def _conflicts(targets: Targets, conflict: float) -> list[dict[str, object]]:
    """Pairs of KPIs of a node whose draws run against each other."""
    names = list(targets.kpis)
    rows: list[dict[str, object]] = []
    if len(names) < 2:
        return rows
    for place, node in enumerate(targets.tree.nodes):
        draws = np.stack([targets.prepared.grounds[kpi].years[place] for kpi in names])
        moving = draws.std(axis=1) > 0
        if moving.sum() < 2:
            continue
        known = np.flatnonzero(moving)
        related = np.corrcoef(draws[known])
        for one in range(len(known)):
            for other in range(one + 1, len(known)):
                if related[one, other] < conflict:
                    rows.append(
                        {"node": node, "kind": targets.tree.kinds[place], "kpi": names[known[one]]}
                        | _row(
                            "relevant",
                            "conflict",
                            False,
                            figure=float(related[one, other]),
                            other=names[known[other]],
                        )
                    )
    return rows
