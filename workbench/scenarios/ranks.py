"""Between a rank correlation and the linear one beneath a copula; Student's distribution.

For the Gaussian copula a formula, for the t copula an integral. Used by `copula.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

# Up to here the finite series below beats scipy's general function by far.
_SERIES = 30


def rank_of(linear: ArrayLike, *, df: float | None = None) -> np.ndarray:
    """Rank correlation of a Gaussian copula, or of a t copula, from the linear one beneath it."""
    r = np.asarray(linear, dtype=float)
    if df is None:
        return np.asarray(6 / np.pi * np.arcsin(r / 2))
    distinct, places = np.unique(r, return_inverse=True)
    return _rank_of_t(distinct, df)[places].reshape(r.shape)


def linear_of(rank: ArrayLike, *, df: float | None = None) -> np.ndarray:
    """Linear correlation beneath a copula, from its rank correlation; the inverse of `rank_of`."""
    s = np.asarray(rank, dtype=float)
    gaussian = 2 * np.sin(np.pi * s / 6)
    if df is None:
        return np.asarray(gaussian)
    from scipy.interpolate import PchipInterpolator

    # Beside the Gaussian value the t value varies little, so that a short table of their ratio
    # is enough; denser towards 1, where it bends.
    linear = np.sin(np.pi / 2 * np.linspace(0.01, 1, 64))
    known = _rank_of_t(linear, df)
    ratio = PchipInterpolator(known, linear / (2 * np.sin(np.pi * known / 6)))
    return np.asarray(np.clip(gaussian * ratio(np.abs(s)), -1, 1))


def _rank_of_t(linear: np.ndarray, df: float) -> np.ndarray:
    """The expectation in the notes of `copula.dependence`, by Gauss-Legendre quadrature."""
    from scipy.special import gammaincinv

    nodes, weights = np.polynomial.legendre.leggauss(32)
    half = (nodes + 1) / 2
    # Quantiles at a smooth step, flat at both ends, where a quantile function bends without bound.
    gamma = gammaincinv(df / 2, half**3 * (10 - 15 * half + 6 * half**2))
    weights = weights / 2 * 30 * half**2 * (1 - half) ** 2
    root = np.sqrt(gamma / (gamma[:, None] + gamma))
    product = root[:, :, None] * root[:, None, :]
    volume = weights[:, None, None] * weights[:, None] * weights
    return np.array([6 / np.pi * (volume * np.arcsin(r * product)).sum() for r in linear])


def student(t: np.ndarray, df: float) -> np.ndarray:
    """Student's distribution function, exact to about 1e-15.

    Parameters
    ----------
    t : numpy.ndarray
    df : float
        Degrees of freedom, above 0.

    Notes
    -----
    For few and whole degrees of freedom the finite series of Abramowitz and Stegun (1964),
    Handbook of Mathematical Functions, 26.7.3 and 26.7.4, with tan(angle) = t / sqrt(df).
    """
    if df > _SERIES or df != int(df):
        from scipy.special import stdtr

        return np.asarray(stdtr(df, t))
    odd = int(df) % 2
    tangent = np.clip(t / np.sqrt(df), -1e150, 1e150)  # its square stays finite
    square = 1 / (1 + tangent * tangent)
    term = np.sqrt(square)
    sine = tangent * term
    if not odd:
        term = np.ones_like(term)
    inner = np.zeros_like(term)
    for place in range(2 + odd, int(df) + 1, 2):
        inner += term
        term *= square * ((place - 1) / place)
    inside = sine * inner
    return (1 + (2 / np.pi * (np.arctan(tangent) + inside) if odd else inside)) / 2
