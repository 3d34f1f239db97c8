"""Bottom-up: what people promise, set right by how their promises have turned out.

The habit of each person is shrunk to that of all (`forecasting/pipeline/bias.py`). How much an
entry then counts beside the top-down share goes by how near each has been.

References
----------
- Bates and Granger (1969), "The combination of forecasts", Operational Research Quarterly 20,
  section 3 (weights inverse to squared errors).
- Duan (1983), "Smearing estimate: a nonparametric retransformation method", JASA 78 (what is right
  in logs is too low in money; the factor here is the ratio of sums).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.forecasting.pipeline.bias import LARGEST, bias
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier

Floats = NDArray[np.float64]
#: Months of everybody's errors that a person's own are mixed with.
PRIOR = 12.0
#: Least variance of log errors, so that a short lucky record does not rule alone.
LEAST = 1e-4
CAUSES: dict[str, tuple[str, str]] = {
    "ambition": ("goal less forecast", "目标减预测"),
    "view": ("forecast less corrected entry", "预测减校正后申报"),
    "heads": ("heads of teams see it otherwise", "部门负责人另有判断"),
    "habit": ("correction of the entry for habit", "申报习惯校正"),
    "missing": ("no entry", "未申报"),
}


def corrected(
    entries: pd.DataFrame, past: pd.DataFrame, *, by: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Entries set right for the habit of each person, with the trust they have earned.

    Parameters
    ----------
    entries : pandas.DataFrame
        node, value, and optionally month, kpi and the columns of `by`.
    past : pandas.DataFrame
        who, submitted, actual, the columns of `by`, and optionally top_down: what the person's
        top-down share was. One row a person and month that is over.
    by : tuple of str
        Columns within which habits are measured apart, such as lead (months ahead).

    Returns
    -------
    pandas.DataFrame
        The entries with value corrected, submitted (as it was), ratio (of the two), and trust:
        weight of the corrected entry beside the top-down share, 0 to 1; 0.5 where `past` has no
        top_down.

    Raises
    ------
    InputError, NotIdentifiedError
        If columns are missing, or nothing that was submitted has come due.
    """
    if lacking := [name for name in ("node", "value", *by) if name not in entries.columns]:
        raise InputError(
            f"entries lack the column {lacking[0]}",
            where=f"columns {', '.join(map(str, entries.columns))}",
            do="give node and value",
        )
    habits = bias(past, by=by)
    ratio = habits.rename(columns={"who": "node"})[[*by, "node", "ratio"]]
    joined = entries.merge(ratio, on=[*by, "node"], how="left")
    if by:
        common = habits.drop_duplicates(list(by))[[*by, "all"]]
        of_all = entries[list(by)].merge(common, on=list(by), how="left")["all"]
        of_all = of_all.fillna(float(habits["all"].median()))
    else:
        of_all = pd.Series(float(habits["all"].iloc[0]), index=joined.index)
    told = joined["ratio"].fillna(of_all) * _in_money(entries, past, habits, by)
    trusted = trust(past, by=by)
    return joined.assign(
        submitted=joined["value"],
        value=joined["value"] * told,
        ratio=told,
        trust=joined["node"].map(trusted).fillna(float(trusted.median())),
    )


def trust(past: pd.DataFrame, *, by: tuple[str, ...] = ()) -> pd.Series:
    """Weight of each person's corrected entry against the top-down share.

    Each month is judged with the person's habit as the other months show it, so that a short
    record is not praised for fitting itself.

    Returns
    -------
    pandas.Series
        By person, 0 to 1: ``t / (t + b)``, t and b the mean squared log errors of top-down and
        entry, each mixed with those of all as `PRIOR` months would.
    """
    used = past[(past["submitted"] > 0) & past["actual"].notna()]
    log = _logs(used["actual"] / used["submitted"])
    keys = [used["who"], *(used[name] for name in by)]
    sums, count = log.groupby(keys).transform("sum"), log.groupby(keys).transform("size")
    overall = float(log.mean())
    others = (sums - log + overall) / count  # the mean of all stands in for the month left out
    entry = _mixed((log - others) ** 2, used["who"])
    if "top_down" not in past:
        return pd.Series(0.5, index=entry.index)
    known = used[used["top_down"] > 0]
    apart = _logs(known["actual"] / known["top_down"])
    top = _mixed(apart**2, known["who"]).reindex(entry.index)
    top = top.fillna(float((apart**2).mean()) if len(apart) else np.inf)
    return (top / (top + entry)).fillna(1.0)


def gap_causes(
    targets: Targets, *, kpi: str, submitted: pd.Series, own: pd.Series | None = None
) -> pd.DataFrame:
    """Why top-down and what people entered differ, by node; the causes sum to the gap.

    Parameters
    ----------
    targets : Targets
        Set with the corrected entries as `bottom_up`.
    kpi : str
        One that adds up.
    submitted : Series
        What each leaf entered for the whole period, before correction.
    own : Series, optional
        The same corrected, before heads of teams moved it; by default they moved nothing.

    Returns
    -------
    pandas.DataFrame
        node, kind, top_down (base tier), submitted, gap (top_down less submitted), and the
        causes: ambition (goal above what the draws expect), view (draws above the corrected
        entry as heads of teams moved it), heads (what they moved it by), habit (corrected less
        submitted entry), missing (expected of leaves that entered nothing).
    """
    tree, ground = targets.tree, targets.prepared.grounds[kpi]
    if not ground.held.adds_up:
        raise InputError(f"{kpi} is averaged, its gaps do not sum over causes", where=f"kpi={kpi}")
    found = targets.kpis[kpi]
    leaves = tree.leaves
    top = found.top_down_years[base_tier(targets.tiers)][leaves] * found.unit
    expected = ground.years[leaves].mean(axis=1).astype(np.float64)
    names = [tree.nodes[leaf] for leaf in leaves]
    raw = submitted.reindex(names).to_numpy(float)
    right = np.nansum(ground.bottom_up[leaves], axis=1)
    told = np.isfinite(raw) & np.isfinite(ground.bottom_up[leaves]).any(axis=1)
    alone = right if own is None else own.reindex(names).to_numpy(float)
    causes = {
        "ambition": top - expected,
        "view": np.where(told, expected - right, 0.0),
        "heads": np.where(told, right - np.nan_to_num(alone), 0.0),
        "habit": np.where(told, np.nan_to_num(alone) - np.nan_to_num(raw), 0.0),
        "missing": np.where(told, 0.0, expected),
    }
    said = np.where(told, np.nan_to_num(raw), 0.0)
    columns = {"top_down": top, "submitted": said, "gap": top - said, **causes}
    return tree.table()[["node", "kind"]].assign(
        **{name: tree.up(values) for name, values in columns.items()}
    )


def _in_money(
    entries: pd.DataFrame, past: pd.DataFrame, habits: pd.DataFrame, by: tuple[str, ...]
) -> NDArray[np.float64]:
    """Factor that makes past corrected entries sum to what came, for each entry."""
    used = past[(past["submitted"] > 0) & past["actual"].notna()]
    known = used.merge(habits[[*by, "who", "ratio"]], on=[*by, "who"])
    known = known.assign(said=known["submitted"] * known["ratio"])
    whole = float(known["actual"].sum() / known["said"].sum())
    if not by:
        return np.full(len(entries), whole)
    sums = known.groupby(list(by))[["actual", "said"]].sum()
    factor = (sums["actual"] / sums["said"]).rename("factor").reset_index()
    found = entries[list(by)].merge(factor, on=list(by), how="left")["factor"]
    return np.asarray(found.fillna(whole).to_numpy(float))


def _logs(ratio: pd.Series) -> pd.Series:
    """Log ratios, cut as `bias` cuts them."""
    logs = np.log(np.maximum(ratio.to_numpy(float), 0.05))
    return pd.Series(np.clip(logs, -LARGEST, LARGEST), index=ratio.index)


def _mixed(squares: pd.Series, who: pd.Series) -> pd.Series:
    groups = squares.groupby(who)
    overall = float(squares.mean())
    return ((groups.sum() + PRIOR * overall) / (groups.size() + PRIOR)).clip(lower=LEAST)
