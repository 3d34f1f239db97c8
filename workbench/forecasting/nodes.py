"""The panel of all nodes of a hierarchy, summed from that of its series."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.forecasting.batch import Batch
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.panel import Panel


def tree_of(hierarchy: Hierarchy | pd.DataFrame, panel: Panel) -> Hierarchy:
    """A hierarchy as it is, or built from the keys of the series that can be forecast."""
    if isinstance(hierarchy, Hierarchy):
        return hierarchy
    refused = [str(one) for one in panel.refused["series_id"]]
    names = hierarchy["series_id"] if "series_id" in hierarchy.columns else hierarchy.index
    return Hierarchy.from_keys(hierarchy[~names.astype(str).isin(refused)])


def node_panel(panel: Panel, tree: Hierarchy) -> Panel:
    """Sum a panel of series into one of all nodes, in the order of the hierarchy.

    Before its first and after its last period a series adds nothing; those that end before the
    others are noted among the repairs.

    Raises
    ------
    InputError
        If the panel lacks a series of the hierarchy or holds another one.
    """
    ids = [str(one) for one in panel.ids]
    place = {name: number for number, name in enumerate(ids)}
    lacking = [name for name in tree.series if name not in place]
    strange = sorted(set(ids) - set(tree.series))
    if lacking or strange:
        raise InputError(
            f"panel and hierarchy differ: {len(lacking)} series lack values, "
            f"{len(strange)} are not in the hierarchy",
            where=f"series {(lacking or strange)[0]}",
            do="give keys and values of the same series; series without any value are left out "
            "of both",
        )
    order = np.array([place[name] for name in tree.series])
    first, last = panel.first[order], panel.last[order]
    begin, end = int(first.min()), int(last.max())
    series = panel.take(order)
    wide = np.zeros((len(order), end - begin + 1))
    seen = np.zeros(wide.shape, dtype=bool)
    lengths = series.batch.lengths
    rows = np.repeat(np.arange(len(order)), lengths)
    columns = np.arange(len(rows)) + np.repeat(first - begin - series.batch.offsets[:-1], lengths)
    wide[rows, columns] = series.batch.values
    seen[rows, columns] = series.observed
    sums = tree.aggregate(wide)
    known = tree.aggregate(seen.astype(np.float64)) > 0
    starts = tree.aggregate(_from_first(first - begin, wide.shape[1])) > 0
    start = starts.argmax(axis=1)
    kept = np.arange(wide.shape[1]) >= start[:, None]
    offsets = np.zeros(len(tree) + 1, dtype=np.int64)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    early = np.flatnonzero(last < end)
    ended = pd.DataFrame(
        {
            "series_id": np.array(tree.series, dtype=object)[early],
            "rule": "ended before the others; counted as zero since",
            "count": end - last[early],
        }
    )
    repairs = [table for table in (panel.repairs, ended) if len(table)]
    return Panel(
        np.array(tree.nodes, dtype=object),
        Batch(sums[kept], offsets, panel.batch.season),
        begin + start,
        panel.calendar,
        known[kept],
        pd.concat(repairs, ignore_index=True) if repairs else panel.repairs,
        panel.refused,
    )


def _from_first(first: np.ndarray, periods: int) -> np.ndarray:
    """1 from the first period of each series on."""
    begun: np.ndarray = (np.arange(periods) >= first[:, None]).astype(np.float64)
    return begun
