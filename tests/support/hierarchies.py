"""Hierarchies and forecasts for tests: crossed keys, made by hand or drawn."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from workbench.forecasting.hierarchy.structure import Hierarchy


def crossed(*sizes: int, levels: Sequence[tuple[str, ...]] | None = None) -> Hierarchy:
    """All combinations of keys k0, k1, ..., with all levels between total and series."""
    index = np.indices(sizes).reshape(len(sizes), -1)
    keys = pd.DataFrame({f"k{at}": [f"{at}{one}" for one in row] for at, row in enumerate(index)})
    keys.index = [f"s{at}" for at in range(len(keys))]
    every = [pair for size in range(len(sizes)) for pair in combinations(keys.columns, size)]
    return Hierarchy.from_keys(keys, levels=every if levels is None else levels)


def tree() -> Hierarchy:
    """Total; A, B, C; three series in each."""
    names = [f"{group}{part}" for group in "ABC" for part in "ABC"]
    keys = pd.DataFrame({"series_id": names, "group": [name[0] for name in names]})
    return Hierarchy.from_keys(keys)


@st.composite
def drawn_hierarchies(draw: st.DrawFn) -> Hierarchy:
    """Random keys of 1 to 20 series, with random levels; some levels may be alike."""
    series = draw(st.integers(1, 20))
    width = draw(st.integers(1, 3))
    keys = pd.DataFrame(
        {
            f"k{at}": draw(st.lists(st.sampled_from("abcd"), min_size=series, max_size=series))
            for at in range(width)
        },
        index=[f"s{at}" for at in range(series)],
    )
    every = [pair for size in range(width + 1) for pair in combinations(keys.columns, size)]
    levels = draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    return Hierarchy.from_keys(keys, levels=levels)


def values_for(hierarchy: Hierarchy, seed: int, columns: int = 4) -> np.ndarray:
    """Values of all nodes that do not add up, of about the size of their sums."""
    rng = np.random.default_rng(seed)
    return hierarchy.sizes[:, None] * (1 + 0.5 * rng.normal(size=(len(hierarchy), columns)))


def textbook(hierarchy: Hierarchy, covariance: np.ndarray, points: np.ndarray) -> np.ndarray:
    """S (S' W^-1 S)^-1 S' W^-1 y, densely."""
    summing = hierarchy.summing.toarray()
    inverse = np.linalg.inv(covariance)
    return summing @ np.linalg.solve(summing.T @ inverse @ summing, summing.T @ inverse @ points)
