"""Multinomial logit with a ridge penalty, by Newton steps.

Outcome 0 is the base; each other outcome k has log odds x'b_k against it, plus an offset that is
given. The penalty is half of `ridge` times the squared coefficients, the first column (intercept)
left out. Curvature is taken from an even sample of the rows where there are many, the gradient
from all of them: each step costs little and the end is the same.

References
----------
- Bohning (1992), "Multinomial logistic regression algorithm", Ann. Inst. Stat. Math. 44, eq. 2-4
  (gradient and Hessian).
- Erdogdu and Montanari (2015), "Convergence rates of sub-sampled Newton methods", algorithm 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.forecasting.pipeline.sparse import Sparse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CURVED = 20_000  # rows that curvature is taken from
STEPS = 60


def fit(
    design: Sparse,
    outcome: Ints,
    *,
    weight: Floats | None = None,
    outcomes: int = 3,
    ridge: float = 1.0,
    tolerance: float = 1e-5,
) -> Floats:
    """Coefficients of the log odds against outcome 0.

    Parameters
    ----------
    design : Sparse
        n rows of p columns, the first ones.
    outcome : numpy.ndarray of int, shape (n,)
        0 to `outcomes` - 1.
    weight : numpy.ndarray, shape (n,), optional
        How often each row counts.
    ridge : float
        Penalty; > 0 where an outcome may be missing or columns hang together.
    tolerance : float
        Largest change of the mean log-likelihood a further step could bring (half the Newton
        decrement over the sum of weights).

    Returns
    -------
    numpy.ndarray, shape (p, outcomes - 1)
    """
    count, width = len(design), design.width
    weights = np.ones(count) if weight is None else weight
    penalty = np.full(width, float(ridge))
    penalty[0] = 1e-8
    sample = np.unique(np.linspace(0, count - 1, min(count, CURVED)).astype(np.int64))
    lift = weights.sum() / weights[sample].sum()
    part = design.dense(sample)
    hot = np.equal.outer(outcome, np.arange(1, outcomes)).astype(float)
    beta = _start(design, outcome, hot, weights, ridge, tolerance)
    loss, chance = _loss(design, outcome, weights, beta, penalty)
    factor: object = None
    for step in range(STEPS):
        gradient = design.summed(weights[:, None] * (hot - chance)) - penalty[:, None] * beta
        if step in (0, 2, 5) or step % 8 == 7:  # it hardly changes near the end
            factor = _curvature(part, chance[sample], weights[sample] * lift, penalty)
        move = _solve(factor, gradient)
        if np.sum(move * gradient) / 2 < tolerance * weights.sum():
            return np.asarray(beta + move)
        beta, loss, chance = _search(design, outcome, weights, penalty, beta, move, loss)
    return beta


def chances(design: Sparse, beta: Floats, offset: Floats | None = None) -> Floats:
    """Chances of all outcomes, the base first.

    Parameters
    ----------
    design : Sparse
        n rows of p columns.
    beta : numpy.ndarray, shape (p, outcomes - 1)
    offset : numpy.ndarray, shape (n, outcomes - 1), optional
        Added to the log odds.

    Returns
    -------
    numpy.ndarray, shape (n, outcomes)
        Rows sum to 1.
    """
    odds = design.times(beta)
    if offset is not None:
        odds += offset
    return np.asarray(_shares(odds))


def thinned(outcome: Ints, most: int, *, outcomes: int = 3) -> tuple[Ints, Floats]:
    """An even choice of rows, each outcome apart, and how often each chosen row counts.

    Rare outcomes are kept whole: from the last outcome to the base, each may take an equal part
    of what room is left.
    """
    if len(outcome) <= most:
        return np.arange(len(outcome)), np.ones(len(outcome))
    rows: list[Ints] = []
    weights: list[Floats] = []
    left = most
    for number in sorted(range(outcomes), key=lambda kind: np.count_nonzero(outcome == kind)):
        mine = np.flatnonzero(outcome == number)
        take = min(len(mine), left // (outcomes - len(rows)))
        # Every so many-th row, so that each month and stage is there in its share.
        rows.append(mine[(np.arange(take) * len(mine)) // max(take, 1)])
        weights.append(np.full(take, len(mine) / max(take, 1)))
        left -= take
    chosen = np.concatenate(rows)
    order = np.argsort(chosen, kind="stable")
    return chosen[order], np.concatenate(weights)[order]


def _start(
    design: Sparse, outcome: Ints, hot: Floats, weights: Floats, ridge: float, tolerance: float
) -> Floats:
    """First coefficients: those of a part of the rows where there are many, else the shares."""
    beta = np.zeros((design.width, hot.shape[1]))
    if len(design) > 2 * CURVED:
        part = np.linspace(0, len(design) - 1, CURVED // 2).astype(np.int64)
        lift = weights.sum() / weights[part].sum()
        return fit(
            design.rows(part),
            outcome[part],
            weight=weights[part] * lift,
            outcomes=hot.shape[1] + 1,
            ridge=ridge,
            tolerance=tolerance,
        )
    shares = (weights @ hot + 0.5) / (weights.sum() + 1.5)
    beta[0] = np.log(shares / (1 - min(shares.sum(), 1 - 1e-6)))
    return beta


def _loss(
    design: Sparse, outcome: Ints, weights: Floats, beta: Floats, penalty: Floats
) -> tuple[float, Floats]:
    every = chances(design, beta)
    found = float(_log_likelihood(every, outcome, weights))
    return 0.5 * float(penalty @ (beta**2).sum(axis=1)) - found, every[:, 1:]


@njit(cache=True)
def _shares(odds: Floats) -> Floats:
    """Chances from log odds against the base."""
    out = np.empty((odds.shape[0], odds.shape[1] + 1))
    for row in range(odds.shape[0]):
        top = 0.0
        for kind in range(odds.shape[1]):
            top = max(top, odds[row, kind])
        out[row, 0] = np.exp(-top)
        whole = out[row, 0]
        for kind in range(odds.shape[1]):
            out[row, kind + 1] = np.exp(odds[row, kind] - top)
            whole += out[row, kind + 1]
        for kind in range(out.shape[1]):
            out[row, kind] /= whole
    return out


@njit(cache=True)
def _log_likelihood(chance: Floats, outcome: Ints, weights: Floats) -> float:
    found = 0.0
    for row in range(chance.shape[0]):
        found += weights[row] * np.log(max(chance[row, outcome[row]], 1e-300))
    return found


def _curvature(
    part: NDArray[np.float32], chance: Floats, weights: Floats, penalty: Floats
) -> object:
    """Cholesky factor of the negative Hessian, outcomes as blocks."""
    from scipy.linalg import cho_factor

    width, kinds = part.shape[1], chance.shape[1]
    whole = np.empty((kinds * width, kinds * width))
    for one in range(kinds):
        for other in range(one, kinds):
            bend = weights * chance[:, one] * ((one == other) - chance[:, other])
            block = part.T @ (part * bend[:, None].astype(np.float32))
            rows = slice(one * width, (one + 1) * width)
            columns = slice(other * width, (other + 1) * width)
            whole[rows, columns] = block
            whole[columns, rows] = block.T
    # Single precision leaves an error of its own size on the diagonal.
    steady = np.tile(penalty, kinds) + 1e-6 * np.diag(whole)
    whole[np.diag_indices_from(whole)] += steady
    return cho_factor(whole, lower=True, check_finite=False)


def _solve(factor: object, gradient: Floats) -> Floats:
    from scipy.linalg import cho_solve

    flat = cho_solve(factor, gradient.T.ravel(), check_finite=False)
    return np.asarray(flat.reshape(gradient.shape[1], -1).T)


def _search(
    design: Sparse,
    outcome: Ints,
    weights: Floats,
    penalty: Floats,
    beta: Floats,
    move: Floats,
    loss: float,
) -> tuple[Floats, float, Floats]:
    """The longest of the full, half, quarter ... steps that lowers the loss."""
    for halving in range(20):
        tried = beta + move * 0.5**halving
        found, chance = _loss(design, outcome, weights, tried, penalty)
        if found <= loss:
            return tried, found, chance
    return beta, loss, _loss(design, outcome, weights, beta, penalty)[1]
