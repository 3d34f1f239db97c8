"""What targets cost in pay and bring in profit, on the draws they are judged by; coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier
from workbench.planning.tree import Ints, Tree

Floats = NDArray[np.float64]
Pay = Callable[[Floats], Floats]
RANGE = (0.1, 0.9)
_COLUMNS = (
    "pay", "pay_low", "pay_high", "margin", "expense", "profit", "profit_low", "profit_high",
    "cost_ratio", "p_loss",
)  # fmt: skip


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
    paid = paid_to(target_pay, tree)
    rate, cost = _by_leaf(margin, names), _by_leaf(expense, names)
    places, amounts = tree.leaves, ground.years

    def paying(leaves: Ints) -> Floats:
        out = np.zeros((len(leaves), amounts.shape[1]))
        some = paid[leaves] != 0
        drawn = amounts[places[leaves[some]]].astype(np.float64)
        reached = attainment_pay(pay, drawn, goal[places[leaves[some]]])
        out[some] = paid[leaves[some], None] * reached
        return out

    def bringing(leaves: Ints) -> Floats:
        return np.asarray(amounts[places[leaves]] * rate[leaves, None])

    spent, sold = tree.up(cost), amounts.mean(axis=1).astype(np.float64)
    found = {name: np.empty(len(tree)) for name in _COLUMNS}
    for (rows, handed_out), (_, brought) in zip(
        tree.blocks_up(paying), tree.blocks_up(bringing), strict=True
    ):
        profit = brought - handed_out - spent[rows, None]
        mean = handed_out.mean(axis=1)
        told = (
            mean,
            *_ends(handed_out),
            brought.mean(axis=1),
            spent[rows],
            profit.mean(axis=1),
            *_ends(profit),
            mean / np.where(sold[rows] > 0, sold[rows], np.nan),
            (profit < 0).mean(axis=1),
        )
        for column, values in zip(found.values(), told, strict=True):
            column[rows] = values
    return pd.concat([tree.table()[["node", "kind"]], pd.DataFrame(found)], axis=1)


def paid_to(target_pay: pd.Series, tree: Tree) -> Floats:
    """Variable pay at target of every leaf; 0 of those that are not named, shape (leaves,)."""
    names = [tree.nodes[leaf] for leaf in tree.leaves]
    return target_pay.reindex(names).fillna(0.0).to_numpy(np.float64)


def attainment_pay(pay: Pay, drawn: Floats, target: Floats) -> Floats:
    """Pay as a multiple of pay at target; a target of nothing is met.

    Parameters
    ----------
    pay : callable
        As of `pay_and_profit`.
    drawn : numpy.ndarray, shape (leaves, draws)
    target : numpy.ndarray, shape (leaves,)

    Raises
    ------
    InputError
        If the callable does not answer with one finite number for each.
    """
    asked = target > 0
    reached = drawn / np.where(asked, target, 1.0)[:, None]
    reached[~asked] = 1.0
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
    names = [name for name in ("won", "open", "weighted") if name in pipeline]
    rows = pipeline[names].to_numpy(np.float64)
    whole = np.zeros((len(tree), len(names)))
    np.add.at(whole, tree.find(pipeline["node"], where="pipeline, column node"), rows)
    for node in range(len(tree) - 1, 0, -1):
        whole[tree.parent[node]] += whole[node]
    told = dict(zip(names, whole.T, strict=True))
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
    columns = {"target": goal, "won": told["won"], "left": left, "open": told["open"]}
    if "weighted" in told:
        columns["weighted"] = told["weighted"]
    columns |= {
        "needed": left / rate,
        "coverage": told["open"] / np.where(left > 0, left, np.nan),
        "coverage_needed": 1 / rate,
        "short": np.maximum(left / rate - told["open"], 0.0),
    }
    return pd.concat([tree.table()[["node", "kind"]], pd.DataFrame(columns)], axis=1)


def _ends(drawn: Floats) -> Floats:
    """The quantiles of `RANGE` by row, as `numpy.quantile` has them; sorting rows is quicker."""
    place = np.array(RANGE) * (drawn.shape[1] - 1)
    low = place.astype(int)
    high = np.minimum(low + 1, drawn.shape[1] - 1)
    ordered = np.sort(drawn, axis=1)
    ends = ordered[:, low] + (place - low) * (ordered[:, high] - ordered[:, low])
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
