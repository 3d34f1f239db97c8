"""How far each node's forecast is trusted: the covariance of errors that reconciliation minimises.

All of them are a diagonal plus few columns, ``W = diag(own) + shared @ shared.T``, so that none is
ever held as nodes x nodes. What is done with it: `projection.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Floats
from workbench.forecasting.hierarchy.structure import Hierarchy

WEIGHTED = {
    "ols": ("Ordinary least squares", "普通最小二乘"),
    "wls_structural": ("Weighted by number of series", "按序列数加权"),
    "wls_variance": ("Weighted by variance of errors", "按误差方差加权"),
    "mint": ("Minimum trace, shrunk covariance", "最小迹（收缩协方差）"),
}
"""Methods that differ in their covariance alone, with their names in English and Chinese."""

NEED_RESIDUALS = ("wls_variance", "mint")
LEAST = 1e-8
"""Smallest variance of a node, in parts of the median one: a node whose errors are all zero."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Covariance of base forecast errors, up to a factor.

    Attributes
    ----------
    own : numpy.ndarray, shape (nodes,)
        Variance that a node has for itself, > 0.
    shared : numpy.ndarray, shape (nodes, columns)
        What nodes have in common; no columns where errors are taken as unrelated.
    shrinkage : float or None
        Part by which correlations were shrunk, 0 to 1; None where they were not estimated.
    """

    own: Floats
    shared: Floats
    shrinkage: float | None = None

    def times(self, vectors: Floats) -> Floats:
        """``W @ vectors``, shape (nodes, k)."""
        return self.own[:, None] * vectors + self.shared @ (self.shared.T @ vectors)

    def block(self, rows: ArrayLike) -> Floats:
        """``W[rows][:, rows]``."""
        rows = np.asarray(rows, dtype=np.int64)
        shared = self.shared[rows]
        return np.where(rows[:, None] == rows, self.own[rows], 0.0) + shared @ shared.T


def weights(hierarchy: Hierarchy, method: str, residuals: ArrayLike | None = None) -> Weights:
    """Weights of a method.

    Parameters
    ----------
    hierarchy : Hierarchy
    method : str
        ``ols``: W = I. ``wls_structural``: a node's variance is the number of its series
        (Athanasopoulos et al. 2017, section 3.2). ``wls_variance``: mean square of its residuals
        (Hyndman, Lee & Wang 2016). ``mint``: mean cross product of residuals, correlations shrunk
        to zero (Wickramasuriya, Athanasopoulos & Hyndman 2019, section 2.4).
    residuals : array_like, shape (nodes, periods), optional
        One-step errors of the base forecasts; NaN where there is none. For the last two.

    Raises
    ------
    ParameterError
        If there is no such method or it needs residuals.
    InputError
        If residuals are not a row a node, or a node has none.
    """
    if method not in WEIGHTED:
        raise ParameterError(
            f"there are no weights {method!r}",
            where="method",
            do=f"choose from {', '.join(WEIGHTED)}",
        )
    none = np.zeros((len(hierarchy), 0))
    if method == "ols":
        return Weights(np.ones(len(hierarchy)), none)
    if method == "wls_structural":
        return Weights(hierarchy.sizes.astype(np.float64), none)
    errors = _residuals(hierarchy, method, residuals)
    variance = _variances(errors)
    return Weights(variance, none) if method == "wls_variance" else shrunk(errors, variance)


def shrunk(errors: Floats, variance: Floats) -> Weights:
    """Covariance with correlations shrunk to zero (Schäfer & Strimmer 2005, table 2, target D).

    Parameters
    ----------
    errors : numpy.ndarray, shape (nodes, periods)
        NaN where there is none: such an entry adds nothing to a correlation, which is so shrunk
        the more the less two nodes overlap.
    variance : numpy.ndarray, shape (nodes,)
        > 0.

    Notes
    -----
    With x errors over their root mean square and r_ij = sum_t x_it x_jt / T, the intensity is the
    sum over i != j of Var(r_ij) = (sum_t (x_it x_jt)^2 - T r_ij^2) / (T (T - 1)), over that of
    r_ij^2, within 0 and 1. Both sums come from T x T products.
    """
    deviation = np.sqrt(variance)
    x = np.nan_to_num(errors / deviation[:, None])
    periods = x.shape[1]
    square = x * x
    own = square.sum(axis=1) / periods
    crossed = float(np.sum((x.T @ x) ** 2)) / periods**2 - float(own @ own)
    fourth = float(np.sum(square.sum(axis=0) ** 2)) - float(np.sum(square * square))
    noise = (fourth - periods * crossed) / (periods * (periods - 1)) if periods > 1 else np.inf
    shrinkage = float(np.clip(noise / crossed, 0.0, 1.0)) if crossed > 0 else 1.0
    keep = 1.0 - shrinkage
    return Weights(
        own=variance * np.maximum(1.0 - keep * own, LEAST),
        shared=deviation[:, None] * x * np.sqrt(keep / periods),
        shrinkage=shrinkage,
    )


def _residuals(hierarchy: Hierarchy, method: str, residuals: ArrayLike | None) -> Floats:
    if residuals is None:
        raise ParameterError(
            f"method {method!r} needs residuals",
            where="residuals",
            do="give one-step errors of all nodes, or take wls_structural",
        )
    errors = np.asarray(residuals, dtype=np.float64)
    if errors.ndim != 2 or len(errors) != len(hierarchy):
        raise InputError(
            f"residuals of shape {errors.shape} do not fit {len(hierarchy)} nodes",
            where="residuals",
            do="give a row a node, in the order of `hierarchy.nodes`",
        )
    errors = np.where(np.isfinite(errors), errors, np.nan)
    without = np.flatnonzero(np.isnan(errors).all(axis=1))
    if len(without):
        raise InputError(
            f"{len(without)} nodes have no residual",
            where=f"residuals, node {hierarchy.labels[without[0]]!r}",
            do="give at least one for each node, or take wls_structural",
        )
    return errors


def _variances(errors: Floats) -> Floats:
    """Mean squares of residuals, with a floor for nodes that have had no error at all."""
    variance = np.nanmean(errors * errors, axis=1)
    some = variance[variance > 0]
    return np.maximum(variance, LEAST * float(np.median(some))) if len(some) else variance + 1.0
