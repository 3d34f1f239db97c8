"""Credit lines in order of day and id, however many and in however many chunks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.pay import kernels
from workbench.pay.columns import bytes_of

#: Longest ids that are sorted by their bytes as numbers.
_LONGEST = 24


def in_order(ids: Any, day: NDArray[np.int32]) -> NDArray[np.int32]:
    """Order by day, then by id."""
    order = _by_id(ids)
    if len(day) and int(day.max()) - int(day.min()) < 2**15:  # small numbers sort by counting
        day = (day - day.min()).astype(np.int16)
    if order is None:
        return np.argsort(day, kind="stable").astype(np.int32)
    return order[np.argsort(day[order], kind="stable")]


def _by_id(ids: Any) -> NDArray[np.int32] | None:
    """Order by id; None where they stand in it."""
    keys = _packed(ids)
    if keys is None:
        rank = np.asarray(pc.rank(ids.cast(pa.large_string()), tiebreaker="first"))
        return np.argsort(rank, kind="stable").astype(np.int32)
    if _rising(keys):
        return None
    order = np.arange(len(ids), dtype=np.int32)
    for key in reversed(keys):
        order = order[np.argsort(key[order], kind="stable")]
    return order


def _rising(keys: list[NDArray[np.uint64]]) -> bool:
    """Tell whether numbers, the first the most significant, stand in order."""
    same: Any = True
    for key in keys:
        if (same & (key[:-1] > key[1:])).any():
            return False
        same = same & (key[:-1] == key[1:])
    return True


def _packed(ids: Any) -> list[NDArray[np.uint64]] | None:
    """Numbers that sort as the ids do, the first eight bytes first; None for long ids."""
    if pa.types.is_integer(ids.type):
        return [np.asarray(ids).astype(np.int64).view(np.uint64) ^ np.uint64(2**63)]
    chunks = [bytes_of(chunk) for chunk in ids.chunks if len(chunk)]
    if not chunks:
        return []
    data, offsets = chunks[0]
    first = data[offsets[0] : offsets[1]]
    same = min(kernels.alike(data, offsets, first) for data, offsets in chunks)
    longest = max(int(np.diff(offsets).max()) for _, offsets in chunks)
    if longest - same > _LONGEST:
        return None
    return [
        np.concatenate([kernels.packed(data, offsets, begin) for data, offsets in chunks])
        for begin in range(same, max(longest, same + 1), 8)
    ]
