"""Chances of targets from draws: of each node, and of all of a kind together.

Years are counted draw by draw and so exact. Of months, 24 million counts for each KPI of a large
tree, a table of how many draws lie above each of some hundred levels is kept, so that a moved
target has its chances at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.planning.held import Held, Singles
from workbench.planning.tree import Ints, Tree

Floats = NDArray[np.float64]
#: Levels at which draws of a month are counted; they lie closer where values are small.
LEVELS = 512
#: Parts of a threshold by which it may be missed: draws are floats of four bytes.
SLACK = 2e-7


@dataclass(frozen=True, eq=False, repr=False)
class Months:
    """How many draws of each node's month lie above levels between its least and largest.

    Attributes
    ----------
    above : numpy.ndarray of unsigned int, shape (nodes, months, LEVELS + 1)
        Draws above each level.
    low, high : numpy.ndarray, shape (nodes, months)
        Least and largest draw.
    mean : numpy.ndarray, shape (nodes, months)
    whole : bool
        Levels are whole numbers, and chances exact where no more of them are needed.
    draws : int
    """

    above: NDArray[Any]
    low: Floats
    high: Floats
    mean: Floats
    whole: bool
    draws: int

    def chance(self, thresholds: Floats, *, down: bool = False) -> Floats:
        """Share of draws that reach thresholds, shape (nodes, months, ...).

        Where less is better, those at or under them.
        """
        if down:
            over = np.floor(thresholds + 1e-6) + 1 if self.whole else _beyond(thresholds)
            return 1 - self.chance(over)
        flat = thresholds.reshape(*self.low.shape, -1)
        out = _month_chances(self.above, self.low, self.high, self.whole, self.draws, flat)
        return out.reshape(thresholds.shape)


def add_up(held: Held, tree: Tree) -> tuple[Singles, Months]:
    """Years of all nodes draw by draw, shape (nodes, draws), and their months as levels."""
    months = held.values.shape[1]
    kind = np.uint16 if held.draws < 65_535 else np.uint32
    above = np.zeros((len(tree), months, LEVELS + 1), dtype=kind)
    low, high, mean = (np.zeros((len(tree), months)) for _ in range(3))
    year = np.zeros((len(tree), held.draws), dtype=np.float32)
    leaf, depth = tree.leaf_number, tree.depth
    _sums(held.values, held.scale, leaf, depth, held.whole, year, above, low, high, mean)
    return year, Months(above, low, high, mean, held.whole, held.draws)


def _beyond(thresholds: Floats) -> Floats:
    """Just above thresholds, more than floats of four bytes lose."""
    return thresholds + np.abs(thresholds) * 2 * SLACK


def count_hits(
    years: Singles, thresholds: Floats, kinds: Ints, count: int, *, down: bool = False
) -> tuple[Floats, Ints]:
    """Chance of each node's year, and how many of each kind hit in each draw.

    Parameters
    ----------
    years : numpy.ndarray of float32, shape (nodes, draws)
    thresholds : numpy.ndarray, shape (nodes, tiers)
    kinds : numpy.ndarray of int64, shape (nodes,)
        Number of each node's kind, below `count`; -1 is not counted.
    count : int
    down : bool
        Less is better: what is at or under the threshold hits.

    Returns
    -------
    chance : numpy.ndarray, shape (nodes, tiers)
    hits : numpy.ndarray of int32, shape (count, tiers, draws)
    """
    if down:
        years, thresholds = -years, -thresholds
    low = (thresholds - np.abs(thresholds) * SLACK).astype(np.float32)
    return _hits(years, low, kinds, count)


@njit()
def _sums(
    values: NDArray[Any],
    scale: Singles,
    leaf: Ints,
    depth: Ints,
    whole: bool,
    year: Singles,
    above: NDArray[Any],
    low: Floats,
    high: Floats,
    mean: Floats,
) -> None:
    """Add leaves up, from the last node to the first: what is under a node comes just before it.

    So the sums of one node at each depth are all that stands at once.
    """
    months, draws = values.shape[1], values.shape[2]
    sums = np.zeros((depth.max() + 1, months, draws), dtype=np.float32)
    own = np.zeros(draws, dtype=np.float32)
    counts = np.zeros(LEVELS + 1, dtype=np.int64)
    places = np.zeros(draws, dtype=np.int32)
    lanes = np.zeros((4, LEVELS + 1), dtype=np.int32)
    work = np.zeros((2, 256), dtype=np.float32)
    for node in range(len(leaf) - 1, -1, -1):
        for month in range(months):
            mine = own
            if leaf[node] >= 0:
                _amounts(values[leaf[node], month], scale[leaf[node], month], own)
            else:
                mine = sums[depth[node], month]
            _add(year[node], mine)
            found = _levels(mine, whole, places, lanes, work, counts)
            low[node, month], high[node, month], mean[node, month] = found
            for level in range(LEVELS + 1):
                above[node, month, level] = counts[level]
            if node:
                _add(sums[depth[node] - 1, month], mine)
            if leaf[node] < 0:
                mine[:] = np.float32(0.0)


@njit(fastmath=True)
def _amounts(row: NDArray[Any], factor: np.float32, out: Singles) -> None:
    for draw in range(len(row)):
        out[draw] = row[draw] * factor


@njit(fastmath=True)
def _add(into: Singles, row: Singles) -> None:
    for draw in range(len(row)):
        into[draw] += row[draw]


@njit()
def _levels(
    row: Singles,
    whole: bool,
    places: NDArray[np.int32],
    lanes: NDArray[np.int32],
    work: Singles,
    counts: Ints,
) -> tuple[float, float, float]:
    """Count draws above each level; a draw that is a level itself does not lie above it.

    Level b of continuous values is ``low + (high - low) (b / LEVELS)^2``; of whole numbers
    ``low + b step``. `counts[b]` becomes the number of draws above level b; `places`, `lanes` and
    `work` are room to work in.
    """
    low, high = _range(row, work[0], work[1])
    counts[:] = 0
    if high > low:
        if whole:
            step = max(1.0, np.ceil((high - low) / LEVELS))
            _whole_places(row, low, np.float32(1.0 / step), places)
        else:
            # a little less than all, so that the largest draw stays within the last level
            stretch = LEVELS * LEVELS * (1.0 - 1e-6) / (high - low)
            _places(row, low, np.float32(stretch), places)
        _tally(places, lanes)
        running = 0
        for level in range(LEVELS, -1, -1):
            counts[level] = running
            running += lanes[0, level] + lanes[1, level] + lanes[2, level] + lanes[3, level]
    return float(low), float(high), float(_total(row)) / len(row)


@njit(fastmath=True)
def _range(row: Singles, lows: Singles, highs: Singles) -> tuple[np.float32, np.float32]:
    """Least and largest; lane by lane, since one running least must wait for the one before."""
    lanes = len(lows)
    whole = len(row) // lanes * lanes
    lows[:] = row[0]
    highs[:] = row[0]
    for begin in range(0, whole, lanes):
        part = row[begin : begin + lanes]
        for lane in range(lanes):
            lows[lane] = min(lows[lane], part[lane])
            highs[lane] = max(highs[lane], part[lane])
    low, high = lows.min(), highs.max()
    for draw in range(whole, len(row)):
        low = min(low, row[draw])
        high = max(high, row[draw])
    return low, high


@njit(fastmath=True)
def _total(row: Singles) -> np.float32:
    total = np.float32(0.0)
    for draw in range(len(row)):
        total += row[draw]
    return total


@njit(fastmath=True)
def _places(row: Singles, low: np.float32, stretch: np.float32, places: NDArray[np.int32]) -> None:
    for draw in range(len(row)):
        places[draw] = np.int32(np.ceil(np.sqrt((row[draw] - low) * stretch)))


@njit(fastmath=True)
def _whole_places(
    row: Singles, low: np.float32, share: np.float32, places: NDArray[np.int32]
) -> None:
    for draw in range(len(row)):
        places[draw] = np.int32(np.ceil((row[draw] - low) * share))


@njit()
def _tally(places: NDArray[np.int32], lanes: NDArray[np.int32]) -> None:
    """Count places; four counts side by side, since a count must not wait for the one before."""
    lanes[:] = 0
    even = len(places) // 4 * 4
    for draw in range(0, even, 4):
        lanes[0, places[draw]] += 1
        lanes[1, places[draw + 1]] += 1
        lanes[2, places[draw + 2]] += 1
        lanes[3, places[draw + 3]] += 1
    for draw in range(even, len(places)):
        lanes[0, places[draw]] += 1


@njit()
def _month_chances(
    above: NDArray[Any], low: Floats, high: Floats, whole: bool, draws: int, thresholds: Floats
) -> Floats:
    nodes, months, wanted = thresholds.shape
    out = np.empty(thresholds.shape)
    for node in range(nodes):
        for month in range(months):
            least, most = low[node, month], high[node, month]
            for which in range(wanted):
                value = thresholds[node, month, which]
                value -= abs(value) * SLACK
                if value <= least:
                    out[node, month, which] = 1.0
                elif value > most:
                    out[node, month, which] = 0.0
                elif whole:
                    step = max(1.0, np.ceil((most - least) / LEVELS))
                    # a draw reaches the value if it lies above the whole number below it
                    at = (np.ceil(value) - 1.0 - least) / step
                    out[node, month, which] = _between(above[node, month], at) / draws
                else:
                    at = np.sqrt((value - least) / (most - least)) * LEVELS
                    out[node, month, which] = _between(above[node, month], at) / draws
    return out


@njit()
def _between(above: NDArray[Any], at: float) -> float:
    level = min(max(int(at), 0), LEVELS)
    if level >= LEVELS:
        return float(above[LEVELS])
    part = at - level
    return float(above[level]) * (1.0 - part) + float(above[level + 1]) * part


@njit()
def _hits(years: Singles, low: Singles, kinds: Ints, count: int) -> tuple[Floats, Any]:
    nodes, draws = years.shape
    tiers = low.shape[1]
    chance = np.zeros((nodes, tiers))
    hits = np.zeros((count, tiers, draws), dtype=np.int32)
    for node in range(nodes):
        for tier in range(tiers):
            level = low[node, tier]
            row = years[node]
            reached = np.int32(0)
            if kinds[node] >= 0:
                into = hits[kinds[node], tier]
                for draw in range(draws):
                    hit = np.int32(row[draw] >= level)
                    reached += hit
                    into[draw] += hit
            else:
                for draw in range(draws):
                    reached += np.int32(row[draw] >= level)
            chance[node, tier] = reached / draws
    return chance, hits
