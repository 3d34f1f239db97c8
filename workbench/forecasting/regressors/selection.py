"""Which known columns are kept, and what they do: evidence of the whole panel.

Families are added one by one, the strongest first; between the variants of a family the evidence
weighs. Evidence is the marginal likelihood, all effects integrated out, so that more columns and
wider priors pay their price.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.regressors import noise as noise_models
from workbench.forecasting.regressors.design import Design
from workbench.forecasting.regressors.pooling import Pooled, pool

#: Log odds from which a family is kept: 20 to 1, "strong" in Kass and Raftery, "Bayes factors"
#: (1995), sec. 3.2.
STRONG = 3.0
#: Innovations further out than this many deviations count as no further (Huber, 1964).
FAR_OUT = 4.0


class Sample:
    """A panel whitened: effects of any choice of columns from sums of squares and products.

    Parameters
    ----------
    working : Batch
        On the scale on which effects add up.
    design : Design
    seen : numpy.ndarray of bool, shape (sum of lengths,)
    labels : numpy.ndarray of int64, shape (n,)
        Group of each series, 0, 1, ...
    """

    def __init__(
        self, working: Batch, design: Design, seen: NDArray[np.bool_], labels: NDArray[np.int64]
    ) -> None:
        self.working, self.design, self.seen, self.labels = working, design, seen, labels
        self.prior = np.array([column.prior for column in design.columns])
        self.columns = design.history * np.repeat(
            _tellable(working, design), working.lengths, axis=0
        )
        self.settle([self.design.variants(f) for f in design.families()], design.families())

    def settle(self, variants: list[tuple[str, ...]], families: Sequence[str]) -> None:
        """Choose the noise beside these families (their middle variants), and whiten all."""
        chosen = [
            place
            for family, some in zip(families, variants, strict=True)
            for place in self.design.members(family, some[len(some) // 2])
        ]
        noise = noise_models.choose_noise(self.working, self.columns[:, chosen], self.seen)
        whitened = noise_models.whiten(self.working, self.columns, self.seen, noise)
        self.values, self.regressors, self.offsets = whitened
        self._weigh(chosen)
        if chosen:
            self._tame(chosen)
            self._weigh(chosen)

    def pooled(self, places: list[int]) -> Pooled:
        """Effects of these columns on all series."""
        grams = self.grams[:, places][:, :, places] / self.variances[:, None, None]
        products = self.products[:, places] / self.variances[:, None]
        return pool(grams, products, self.prior[places], self.labels)

    def _weigh(self, chosen: list[int]) -> None:
        """Sums of products, and the error variance of each series beside the chosen columns."""
        n, k = len(self.working), len(self.design.columns)
        self.grams, self.products = np.zeros((n, k, k)), np.zeros((n, k))
        squares = np.zeros(n)
        for i in range(n):
            part = slice(self.offsets[i], self.offsets[i + 1])
            x, y = self.regressors[part], self.values[part]
            self.grams[i], self.products[i], squares[i] = x.T @ x, x.T @ y, y @ y
        grams, products = self.grams[:, chosen][:, :, chosen], self.products[:, chosen]
        explained, used = np.zeros(n), np.zeros(n)
        if chosen:
            inverse = np.linalg.pinv(grams, rcond=1e-9, hermitian=True)
            explained = np.einsum("ni,nij,nj->n", products, inverse, products)
            used = np.linalg.matrix_rank(grams, hermitian=True).astype(np.float64)
        self.variances = _shrunk_variances(squares, explained, np.diff(self.offsets), used)

    def _tame(self, chosen: list[int]) -> None:
        """Draw far-out innovations in, so that a strike or a typing error teaches little."""
        effects = self.pooled(chosen).effects
        counts = np.diff(self.offsets)
        fitted = np.einsum(
            "tk,tk->t", self.regressors[:, chosen], np.repeat(effects, counts, axis=0)
        )
        far = FAR_OUT * np.repeat(np.sqrt(self.variances), counts)
        self.values = fitted + np.clip(self.values - fitted, -far, far)


def admitted(
    sample: Sample, keep: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Add families one by one, the strongest first, while the evidence is strong."""
    design = sample.design
    waiting = list(design.families())
    kept: dict[str, str] = {}
    base, rows = 0.0, []
    while waiting:
        tried = {family: _tried(sample, kept, family) for family in waiting}
        gains = {family: _mean_log(list(found.values())) - base for family, found in tried.items()}
        forced = [family for family in waiting if family in keep]
        best = max(forced or waiting, key=lambda family: gains[family])
        admit = bool(forced) or gains[best] >= STRONG
        if not admit:
            rows += [(family, gains[family], False, "") for family in waiting]
            break
        variant = max(tried[best], key=lambda name: tried[best][name])
        kept[best] = variant
        base += gains[best]
        rows.append((best, gains[best], True, variant))
        waiting.remove(best)
    table = pd.DataFrame(rows, columns=["family", "evidence", "kept", "variant"])
    return table, {family: design.variants(family) for family in kept}


def _tried(sample: Sample, kept: dict[str, str], family: str) -> dict[str, float]:
    """Evidence of each variant of a family beside those kept."""
    before = [place for name, v in kept.items() for place in sample.design.members(name, v)]
    return {
        variant: sample.pooled([*before, *sample.design.members(family, variant)]).evidence
        for variant in sample.design.variants(family)
    }


def averaged(
    sample: Sample, families: pd.DataFrame, variants: dict[str, tuple[str, ...]]
) -> tuple[Floats, Floats]:
    """Effects averaged over variants by their evidence (Hoeting et al., 1999, eq. 1-3)."""
    shape = (len(sample.working), len(sample.design.columns))
    if not variants:
        return np.zeros(shape), np.zeros(shape)
    sample.settle(list(variants.values()), list(variants))
    found: list[tuple[list[int], Pooled]] = []
    for choice in product(*variants.values()):
        places = [
            place
            for family, variant in zip(variants, choice, strict=True)
            for place in sample.design.members(family, variant)
        ]
        found.append((places, sample.pooled(places)))
    evidence = np.array([one.evidence for _, one in found])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    means, squares = np.zeros(shape), np.zeros(shape)
    for weight, (places, one) in zip(weights, found, strict=True):
        means[:, places] += weight * one.effects
        squares[:, places] += weight * (one.effects**2 + one.errors**2)
    return means, np.sqrt(np.maximum(squares - means**2, 0.0))


def _tellable(working: Batch, design: Design) -> NDArray[np.bool_]:
    """Which columns a series can speak about, shape (n, k): the calendar's need some seasons."""
    long = noise_models.seasonal_series(working)
    if working.season > noise_models.LONGEST_SEASON:
        long = working.lengths >= working.season
    elif working.season == 1:
        long = np.ones(len(working), dtype=bool)
    calendar = np.array([column.calendar for column in design.columns], dtype=bool)
    return long[:, None] | ~calendar


def _shrunk_variances(
    squares: Floats, explained: Floats, counts: ArrayLike, used: Floats
) -> Floats:
    """Error variances, drawn towards the panel's middle by four degrees of freedom.

    As in Smyth, "Linear models and empirical Bayes methods" (2004), eq. 3, with a fixed weight.
    """
    free = np.asarray(counts) - np.asarray(used, dtype=np.float64)
    left = np.maximum(squares - explained, 0.0)
    sure = free >= 4
    middle = float(np.median(left[sure] / free[sure])) if sure.any() else 0.0
    if not sure.any() and np.any(counts):
        middle = float(squares.sum() / np.sum(counts))
    found: Floats = (left + 4.0 * middle) / (np.maximum(free, 0.0) + 4.0)
    return np.maximum(found, 1e-8)


def _mean_log(evidence: list[float]) -> float:
    """Log of the mean of what these are logs of."""
    logs = np.array(evidence)
    return float(logs.max() + np.log(np.mean(np.exp(logs - logs.max()))))
