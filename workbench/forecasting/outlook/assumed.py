"""What is assumed on top of the models: draws of the months ahead, scaled from the series up.

Nothing is forecast again. A series' future is multiplied, its range with it, and sums are added up
anew, so that every level agrees in every draw. What has come already stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.growth import Growth, read_growth
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.forecasting.outlook.named import node_named
from workbench.text import mark

#: Name of the parameter of parts, for errors.
PARTS = "assumed_parts"


def grown(
    plain: Outlook, share: float, parts: Sequence[str] = (), *, promoted: Floats | float = 1.0
) -> Outlook:
    """The same months ahead under what is assumed, nothing locked.

    Parameters
    ----------
    plain : Outlook
        As the models say, nothing locked.
    share : float
        Growth of all months that are not over, 0.03 for 3% more.
    parts : sequence of str
        Growth of single nodes as `growth.read_growth` takes it. A series under several of them,
        and under the growth of all, is multiplied by each: 3% for all and 5% for the east make the
        east 1.03 x 1.05; the order does not matter.
    promoted : numpy.ndarray, shape (series, horizon), optional
        What other promotions than the usual multiply series by; `promotions.multiplied`.

    Returns
    -------
    Outlook
        `plain` itself where nothing is assumed.

    Raises
    ------
    ParameterError
        If a node is not known, or a month lies after the last one ahead.
    """
    growth = _factors(plain, share, list(read_growth(parts))) * promoted
    if (growth == 1).all():
        return plain
    changed = replace(plain, growth=growth, base=plain.models)
    return replace(changed, points=changed.grown(plain.points), draws=changed.grown(plain.draws))


def entries(found: Outlook, share: float, parts: Sequence[str]) -> pd.DataFrame:
    """Growth assumed, one row an entry.

    Returns
    -------
    pandas.DataFrame
        node, first (month from which it holds, of those ahead), growth; in the order of the
        hierarchy.
    """
    rows = [(TOTAL, found.scope.months[0], share)] if share else []
    for each in read_growth(parts):
        node, start = _place(found, each)
        if each.share:
            rows.append((node, found.scope.months[start], each.share))
    rows.sort(key=lambda row: (found.tree.place(row[0]), row[1]))
    return pd.DataFrame(rows, columns=["node", "first", "growth"])


def _factors(found: Outlook, share: float, given: Sequence[Growth]) -> Floats:
    """What each series is multiplied by in each month ahead, shape (series, horizon)."""
    tree = found.tree
    out = np.full((len(tree.series), found.scope.horizon), 1.0 + share)
    for node, start, one in sorted((*_place(found, each), each.share) for each in given):
        under = tree.summing[[tree.place(node)]].indices
        out[under, start:] *= 1.0 + one
    return out


def _place(found: Outlook, each: Growth) -> tuple[str, int]:
    """Node of an entry, and number of the month ahead from which it holds."""
    where = f"{PARTS}: {each.text}"
    node = node_named(found, each.node, where=where)
    if each.first is None:
        return node, 0
    months = found.scope.months
    first = pd.Timestamp(*each.first, 1)
    if first > months[-1]:
        raise ParameterError(
            mark("this growth would begin after the last month ahead"),
            where=where,
            do=f"{months[0]:%Y-%m} … {months[-1]:%Y-%m}",
        )
    return node, int((months < first).sum())
