"""The same forecast under another assumption: other locks, or nodes that sell so much more.

Nothing is learnt again: what was forecast is scaled where it is said, added up and held to the
locks, which takes milliseconds. That is what a page needs that answers while someone moves a
control.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ParameterError
from workbench.forecasting.batch import Floats

if TYPE_CHECKING:
    from workbench.forecasting.forecaster import Forecast
    from workbench.forecasting.hierarchy.locks import Lock
    from workbench.forecasting.hierarchy.structure import Hierarchy


def changed(
    made: Forecast, *, locks: Sequence[Lock] = (), factors: Mapping[str, float] | None = None
) -> Forecast:
    """A forecast of a hierarchy with other locks and factors than it was made with.

    Parameters
    ----------
    made : Forecast
        Of a hierarchy. Its own locks do not count.
    locks : sequence of Lock
        Nodes whose sum over periods is fixed.
    factors : mapping of node to float, optional
        What the series under a node are multiplied by, > 0, their ranges with them; a series
        under several such nodes by each of them. Under ``top_down_history``, which shares out the
        total by history, only the change of the total is felt.

    Raises
    ------
    ParameterError
        If the forecast has no hierarchy, a node is not known or a factor is not above zero.
    InfeasibleError
        If locks clash.
    """
    ready, before = made.reconciler, made.reconciled
    if ready is None or before is None:
        raise ParameterError(
            "only a forecast of a hierarchy has nodes to lock or to change",
            where="hierarchy=None",
            do="give the keys of the series to forecast(..., hierarchy=)",
        )
    tree, points, scale = ready.hierarchy, before.base, made.scale
    positive = bool((made.panel.batch.minima() >= 0).all())
    if factors:
        bottom = before.unlocked[tree.above :]
        bottom = np.maximum(bottom, 0.0) if positive else bottom
        was = tree.aggregate(bottom)
        points = tree.aggregate(_factor_of_series(tree, factors)[:, None] * bottom)
        # a node's range grows as the node does; where it expects nothing it stays
        scale = scale * np.divide(points, was, out=np.ones_like(was), where=was > 0)
    done = ready.solve(points, locks=locks, nonnegative=positive)
    return replace(made, points=done.points, scale=scale, reconciled=done)


def _factor_of_series(tree: Hierarchy, factors: Mapping[str, float]) -> Floats:
    """Product of the factors of all nodes a series lies under."""
    own = np.ones(len(tree.series))
    for node, factor in factors.items():
        if not factor > 0:
            raise ParameterError(
                f"a node cannot be multiplied by {factor:g}",
                where=f"factors[{node!r}]",
                do="give 1.05 for 5 % more, 0.5 for half",
            )
        under = tree.summing[[tree.place(node)]].indices
        own[under] *= factor
    return own
