"""Levers: what price, discount limit, promotion and head count do to targets already drawn.

A response (`response.py`) is measured or assumed; either way it has an error, and draws of it go
with the draws of the forecast. Effects are handed to `Prepared.change(effects=...)`, so that
targets with and without a lever stand on the same draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, ParameterError
from workbench.planning.effects import Effect
from workbench.planning.prepared import Prepared
from workbench.planning.response import Response, discount_limit, measured
from workbench.planning.split import RAMP_MONTHS
from workbench.planning.targets import Targets
from workbench.planning.tiers import base_tier
from workbench.scenarios import PairedDifference, paired_difference, streams

__all__ = [
    "LeverEffect",
    "Response",
    "discount_limit",
    "hires",
    "lever_effect",
    "measured",
    "price",
    "promotion",
]

Floats = NDArray[np.float64]


def price(
    prepared: Prepared,
    *,
    change: float,
    response: Response,
    nodes: Sequence[str] | None = None,
    start: object = None,
    revenue: str = "revenue",
    margin: str | None = None,
    margin_rate: float = 0.35,
    follow: float = 0.0,
) -> list[Effect]:
    """A change of price.

    Parameters
    ----------
    prepared : Prepared
    change : float
        0.03 is 3 % dearer.
    response : Response
        Elasticity of quantity to the price relative to competitors'; about -1 to -3.
    nodes : sequence of str, optional
        Where; everywhere by default.
    start : label of a month, optional
        First month; all by default.
    revenue, margin : str
        KPIs it moves: money of sales, and money of gross margin if it has a goal.
    margin_rate : float
        Of sales before the change.
    follow : float
        Part of the change that competitors follow: of 1 nothing of the relative price is left,
        and customers do not answer.
    """
    if not -0.9 < change < 2 or not 0 <= follow <= 1 or not 0 <= margin_rate < 1:
        raise ParameterError(
            "a price change lies between -90 % and +200 %, what is followed and the margin rate "
            "between 0 and 1",
            where=f"change={change}, follow={follow}, margin_rate={margin_rate}",
            do="correct it",
        )
    answer = _draws(prepared, response, "price") * (1 - follow)
    quantity = np.exp(answer * np.log1p(change))
    moved = {revenue: (1 + change) * quantity - 1}
    if margin is not None and margin_rate > 0:
        moved[margin] = (change + margin_rate) / margin_rate * quantity - 1
    months = _from(prepared, start)
    return [
        Effect(kpi, _leaves(prepared, nodes), months, part)
        for kpi, part in moved.items()
        if kpi in prepared.grounds
    ]


def promotion(
    prepared: Prepared,
    *,
    months: Sequence[object],
    response: Response,
    kpi: str = "revenue",
    nodes: Sequence[str] | None = None,
    discount: float = 0.0,
    dip: float = 0.3,
    follow: float = 0.0,
    share: float = 1.0,
) -> list[Effect]:
    """A promotion: more in its months, less in the month after.

    Parameters
    ----------
    prepared : Prepared
    months : sequence of labels
        In which it runs the whole month.
    response : Response
        Log of the uplift of quantity.
    kpi : str
    nodes : sequence of str, optional
    discount : float
        Off the price while it runs.
    dip : float
        Part of the additional amount that was only bought ahead and is missing in the month after.
    follow : float
        Part of the uplift that competitors' own promotions take away.
    share : float
        Part of the amount that is promoted.
    """
    if not all(0 <= part <= 1 for part in (dip, follow, share)) or not 0 <= discount < 1:
        raise ParameterError(
            "dip, follow, discount and share lie between 0 and 1",
            where=f"dip={dip}, follow={follow}, discount={discount}, share={share}",
            do="correct it",
        )
    ground = prepared.grounds[kpi]
    on = _places(prepared, months)
    uplift = np.expm1(_draws(prepared, response, "promotion") * (1 - follow))
    leaves = _leaves(prepared, nodes)
    during = np.zeros(len(prepared.draws.months))
    during[on] = 1.0
    effects = [Effect(kpi, leaves, during, share * ((1 + uplift) * (1 - discount) - 1))]
    mean = ground.months.mean[prepared.tree.leaves][leaves].sum(axis=0)
    after = np.zeros_like(during)
    for place in on:
        behind = place + 1
        if behind < len(after) and not during[behind] and mean[behind] > 0:
            run = place
            while run in on:
                after[behind] += mean[run] / mean[behind]
                run -= 1
    if dip and after.any():
        # what is missing cannot be more than there is
        missing = np.maximum(-dip * share * uplift, -1 / after.max())
        effects.append(Effect(kpi, leaves, after, missing))
    return effects


def hires(
    prepared: Prepared,
    *,
    leaf: str,
    count: float,
    start: object,
    output: ArrayLike,
    ramp: int = RAMP_MONTHS,
    kpi: str = "revenue",
) -> list[Effect]:
    """More people at a leaf (or, below zero, fewer).

    Parameters
    ----------
    prepared : Prepared
    leaf : str
        Whose target they work for.
    count : float
        People added.
    start : label of a month
        First month.
    output : array_like
        What full sellers bring in a month, as observed; each draw takes one of them.
    ramp : int
        Months to full output.
    """
    observed = np.asarray(output, dtype=np.float64)
    if observed.ndim != 1 or not len(observed) or not np.isfinite(observed).all():
        raise InputError(
            "the output of sellers is a list of amounts", where="output", do="give one a seller"
        )
    place = int(prepared.tree.leaf_number[prepared.tree.find([leaf], where="leaf")[0]])
    if place < 0:
        raise ParameterError(
            "people work at a leaf of the tree", where=f"leaf={leaf}", do="name one of its leaves"
        )
    begin = _places(prepared, [start])[0]
    served = np.arange(len(prepared.draws.months)) - begin
    grown = np.where(served >= 0, np.clip((served + 1) / (ramp + 1), 0.0, 1.0), 0.0)
    seed = prepared.draws.seed or 0
    chosen = streams(seed)["targets/lever/hires"].integers(0, len(observed), prepared.draws.count)
    return [Effect(kpi, np.array([place]), grown, count * observed[chosen], adds=True)]


@dataclass(frozen=True)
class LeverEffect:
    """What a lever does at one node.

    Attributes
    ----------
    amount : PairedDifference
        Of the year's amount, draw by draw.
    before, after : float
        Chance of the target.
    low, high : float
        90 % interval of the change of that chance, both counted on the same draws.
    """

    amount: PairedDifference
    before: float
    after: float
    low: float
    high: float


def lever_effect(
    before: Targets, after: Targets, *, kpi: str, node: str | None = None, tier: str | None = None
) -> LeverEffect:
    """Compare two sets of targets on the same draws, each with its own target.

    Parameters
    ----------
    before, after : Targets
        `after` from ``before.change(effects=...)``.
    kpi : str
    node : str, optional
        The root by default.
    tier : str, optional
        Base by default.
    """
    name = node or before.tree.nodes[0]
    which = before.tiers.index(tier) if tier else base_tier(before.tiers)
    sides = [each.draws(kpi, name) for each in (before, after)]
    place = before.tree.place[name]
    sign = -1.0 if before.prepared.goals[kpi].down else 1.0
    hits = []
    for drawn, each in zip(sides, (before, after), strict=True):
        goal = sign * float(each.target(kpi)[place, which])
        hits.append((sign * drawn >= goal - 1e-7 * abs(goal)).astype(float))
    moved = hits[1] - hits[0]
    half = 1.645 * float(moved.std(ddof=1)) / len(moved) ** 0.5
    change = float(moved.mean())
    return LeverEffect(
        paired_difference(sides[0], sides[1], paired=True),
        float(hits[0].mean()),
        float(hits[1].mean()),
        change - half,
        change + half,
    )


def _draws(prepared: Prepared, response: Response, name: str) -> Floats:
    return response.draws(prepared.draws.count, seed=prepared.draws.seed or 0, name=name)


def _leaves(prepared: Prepared, nodes: Sequence[str] | None) -> NDArray[np.int64]:
    tree = prepared.tree
    if nodes is None:
        return np.arange(len(tree.leaves))
    return np.unique(
        np.concatenate([tree.under(int(at)) for at in tree.find(nodes, where="nodes")])
    )


def _from(prepared: Prepared, start: object) -> Floats:
    months = np.ones(len(prepared.draws.months))
    if start is not None:
        months[: _places(prepared, [start])[0]] = 0.0
    return months


def _places(prepared: Prepared, labels: Sequence[object]) -> list[int]:
    known = prepared.draws.months
    places = known.get_indexer(pd.Index(list(labels)))
    if (places < 0).any():
        raise ParameterError(
            f"month {labels[int(np.flatnonzero(places < 0)[0])]} is not planned",
            where="months of a lever",
            do=f"choose from {known[0]} to {known[-1]}",
        )
    return sorted(int(place) for place in places)
