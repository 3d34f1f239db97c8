"""What targets cost in pay and bring in profit, on the draws they are judged by; coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier

Floats = NDArray[np.float64]
Pay = Callable[[Floats], Floats]
RANGE = (0.1, 0.9)


def pay_and_profit(
    targets: Targets,
    *,
    kpi: str,
    pay: Pay,
    target_pay: pd.Series,
    tier: str | None = None,
    margin: pd.Series | float = 1.0,
    expense: pd.Series | float = 0.0,
) -> pd.DataFrame:
    """Pay, margin and profit of every node on the draws of a KPI.

    Parameters
    ----------
    targets : Targets
    kpi : str
        Whose attainment is paid and whose amounts bring the margin; it must add up.
    pay : callable
        Attainment (1 is the target), an array, to pay as a multiple of the pay at target.
    target_pay : Series
        Variable pay at target by leaf, money; leaves it does not name are not paid.
    tier : str, optional
        The tier paid against; base by default.
    margin : Series or float
        Gross margin per unit of the KPI, by leaf; 0.38 where a yuan brings 38 fen.
    expense : Series or float
        Of the year by leaf, money.

    Returns
    -------
    pandas.DataFrame
        node, kind, pay, pay_low, pay_high, margin, expense, profit, profit_low, profit_high
        (means and 80 % of draws), cost_ratio (pay over the KPI), p_loss (that profit is below 0).

    Raises
    ------
    InputError
        If the KPI is averaged, or `pay` does not give one number for each.
    """
    tree, ground = targets.tree, targets.prepared.grounds[kpi]
    if not ground.held.adds_up:
        raise InputError(
            f"{kpi} is averaged, it is no money that pays and earns",
            where=f"kpi={kpi}",
            do="choose one that adds up, such as revenue",
        )
    which = targets.tiers.index(tier) if tier else base_tier(targets.tiers)
    goal = targets.target(kpi)[:, which]
    names = [tree.nodes[leaf] for leaf in tree.leaves]
    paid = target_pay.reindex(names).fillna(0.0).to_numpy(float)
    rate, cost = _by_leaf(margin, names), _by_leaf(expense, names)
    count = targets.prepared.draws.count
    depth = int(tree.depth.max()) + 1
    sums = np.zeros((depth, 3, count))  # of one node at each depth, as leaves come just before it
    rows: list[tuple[float, ...]] = []
    for node in range(len(tree) - 1, -1, -1):
        level, leaf = int(tree.depth[node]), int(tree.leaf_number[node])
        if leaf >= 0:
            drawn = ground.years[node].astype(np.float64)
            mine = np.stack(
                [
                    paid[leaf] * attainment_pay(pay, drawn, float(goal[node])),
                    drawn * rate[leaf],
                    np.full(count, cost[leaf]),
                ]
            )
        else:
            mine = sums[level].copy()
            sums[level] = 0.0
        if node:
            sums[level - 1] += mine
        rows.append(_money(mine, float(ground.years[node].mean())))
    columns = ["pay", "pay_low", "pay_high", "margin", "expense", "profit"]
    columns += ["profit_low", "profit_high", "cost_ratio", "p_loss"]
    found = pd.DataFrame(rows[::-1], columns=columns)
    return pd.concat([tree.table()[["node", "kind"]], found], axis=1)


def attainment_pay(pay: Pay, drawn: Floats, target: float) -> Floats:
    """Pay as a multiple of pay at target; a target of nothing is met.

    Raises
    ------
    InputError
        If the callable does not answer with one finite number for each.
    """
    reached = drawn / target if target > 0 else np.ones_like(drawn)
    answer = np.asarray(pay(reached), dtype=np.float64)
    if answer.shape != reached.shape or not np.isfinite(answer).all():
        raise InputError(
            "the pay curve does not give one finite number for each attainment",
            where=f"pay, asked for {reached.shape}, gave {answer.shape}",
            do="take and return arrays of the same shape",
        )
    return answer


def coverage(
    targets: Targets,
    *,
    kpi: str,
    pipeline: pd.DataFrame,
    tier: str | None = None,
    win_rate: float | Mapping[str, float] = 0.2,
) -> pd.DataFrame:
    """Pipeline that targets need against what is there.

    Parameters
    ----------
    targets : Targets
    kpi : str
    pipeline : pandas.DataFrame
        node (leaf), won (of the period so far), open (amount of open deals that can close in it),
        and optionally weighted (open times its chances).
    tier : str, optional
        Base by default.
    win_rate : float or mapping of node to float
        Share of open amount that is won; of nodes a mapping does not name, that of the node above.

    Returns
    -------
    pandas.DataFrame
        node, kind, target, won, left (target less won, not below 0), open, weighted, needed (left
        over the win rate), coverage (open over left), coverage_needed (1 over the win rate),
        short (needed less open, not below 0).
    """
    tree = targets.tree
    which = targets.tiers.index(tier) if tier else base_tier(targets.tiers)
    goal = targets.target(kpi)[:, which]
    rows = pipeline.groupby("node")[[c for c in ("won", "open", "weighted") if c in pipeline]].sum()
    places = tree.find(rows.index, where="pipeline, column node")
    whole = np.zeros((len(tree), rows.shape[1]))
    whole[places] = rows.to_numpy(float)
    for node in range(len(tree) - 1, 0, -1):
        whole[tree.parent[node]] += whole[node]
    told = dict(zip(rows.columns, whole.T, strict=True))
    rate = np.zeros(len(tree))
    rates = win_rate if isinstance(win_rate, Mapping) else {tree.nodes[0]: win_rate}
    for number, name in enumerate(tree.nodes):
        above = float(rate[tree.parent[number]]) if number else float("nan")
        rate[number] = rates.get(name, above)
    if not ((rate > 0) & (rate <= 1)).all():
        raise InputError(
            "a win rate lies above 0 and not above 1",
            where="win_rate",
            do=f"give one for {tree.nodes[0]}",
        )
    left = np.maximum(goal - told["won"], 0.0)
    found = tree.table()[["node", "kind"]].assign(
        target=goal, won=told["won"], left=left, open=told["open"]
    )
    if "weighted" in told:
        found = found.assign(weighted=told["weighted"])
    return found.assign(
        needed=left / rate,
        coverage=told["open"] / np.where(left > 0, left, np.nan),
        coverage_needed=1 / rate,
        short=np.maximum(left / rate - told["open"], 0.0),
    )


def _money(mine: Floats, sold: float) -> tuple[float, ...]:
    pay, margin, expense = mine
    profit = margin - pay - expense
    (pay_low, low), (pay_high, high) = _ends(np.stack([pay, profit]))
    mean = float(pay.mean())
    return (
        mean,
        float(pay_low),
        float(pay_high),
        float(margin.mean()),
        float(expense.mean()),
        float(profit.mean()),
        float(low),
        float(high),
        mean / sold if sold > 0 else float("nan"),
        float((profit < 0).mean()),
    )


def _ends(drawn: Floats) -> Floats:
    """The quantiles of `RANGE` by row, as `numpy.quantile` has them, with less ado for each row."""
    place = np.array(RANGE) * (drawn.shape[1] - 1)
    low = place.astype(int)
    high = np.minimum(low + 1, drawn.shape[1] - 1)
    parted = np.partition(drawn, [*low, *high], axis=1)
    ends = parted[:, low] + (place - low) * (parted[:, high] - parted[:, low])
    return np.asarray(ends.T)


def _by_leaf(given: pd.Series | float, names: list[str]) -> Floats:
    if isinstance(given, pd.Series):
        values = given.reindex(names).to_numpy(float)
        if not np.isfinite(values).all():
            raise InputError(
                "margin and expense are told for every leaf or as one number",
                where=f"leaf {names[int(np.flatnonzero(~np.isfinite(values))[0])]}",
                do="add it",
            )
        return values
    return np.full(len(names), float(given))
