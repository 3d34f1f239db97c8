"""Quantities that hang together: each with its own distribution, joined by rank correlations.

How one quantity varies and how two move together are given apart: distributions in
`marginals.py`, the matrix here, repaired by `nearest.py` where it cannot hold. Rank (Spearman)
correlations do not depend on the distributions, so they are what is asked for and what is drawn.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, ParameterError, WorkbenchWarning
from workbench.scenarios.marginals import Marginal, quantiles
from workbench.scenarios.nearest import SMALLEST, NearestCorrelation, nearest_correlation
from workbench.scenarios.ranks import linear_of, rank_of, student
from workbench.scenarios.uniforms import HIGHEST, LOWEST, Method, uniforms

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

Copula = Literal["gaussian", "t"]
Pairs = Mapping[tuple[str, str], float]

#: Degrees of freedom of a t copula, at least; below them the integral below is not exact enough.
LEAST_FREEDOM = 1.0
# Column of the common shock of a t copula; no quantity has this name.
_SHOCK = "(common shock)"


@dataclass(frozen=True, slots=True)
class Dependence:
    """How quantities hang together, ready to draw from.

    Attributes
    ----------
    names : tuple of str
    rank : numpy.ndarray, shape (k, k)
        Rank correlations that will be drawn, after any repair.
    linear : numpy.ndarray, shape (k, k)
        Correlations of the normal (or t) numbers underneath.
    repair : NearestCorrelation
        What was changed of `linear` so that it can hold.
    copula : {"gaussian", "t"}
    df : float or None
        Degrees of freedom of the t copula.
    """

    names: tuple[str, ...]
    rank: np.ndarray
    linear: np.ndarray
    repair: NearestCorrelation
    copula: Copula
    df: float | None

    def table(self) -> pd.DataFrame:
        """Rank correlations, named."""
        import pandas as pd

        return pd.DataFrame(self.rank, index=list(self.names), columns=list(self.names))

    def uniforms(
        self, n: int, *, seed: int, name: str, method: Method = "random", rows: slice | None = None
    ) -> np.ndarray:
        """Draw numbers in (0, 1) that hang together, shape (rows, k); as `scenarios.uniforms`."""
        from scipy.special import gammaincinv, ndtr, ndtri

        shocked = [*self.names, _SHOCK] if self.df is not None else list(self.names)
        u = uniforms(n, shocked, seed=seed, name=name, method=method, rows=rows)
        width = len(self.names)
        normal = _mixed(ndtri(u[:, :width]), _factor(self.linear))
        if self.df is None:
            joined = ndtr(normal)
        else:
            chi_square = 2 * gammaincinv(self.df / 2, u[:, width])
            joined = student(normal * np.sqrt(self.df / chi_square)[:, None], self.df)
        return np.clip(joined, LOWEST, HIGHEST)


def dependence(
    names: Sequence[str],
    rank_correlation: ArrayLike | pd.DataFrame | Pairs,
    *,
    copula: Copula = "gaussian",
    df: float | None = None,
) -> Dependence:
    """Make a dependence from rank correlations, repaired where they cannot all hold.

    Parameters
    ----------
    names : sequence of str
        Quantities, in the order of the matrix.
    rank_correlation : array_like of shape (k, k), DataFrame or mapping of pairs
        Spearman correlations: a matrix, a frame with the names as labels in any order, or the
        pairs that are not independent, ``{("price", "volume"): -0.4}``.
    copula : {"gaussian", "t"}
        Gaussian, or t, in which extremes come together more often.
    df : float, optional
        Degrees of freedom of the t copula, at least 1; the fewer, the more extremes together.

    Returns
    -------
    Dependence

    Warns
    -----
    WorkbenchWarning
        If correlations were changed; it names the pair that changed most.

    Raises
    ------
    InputError
        If the matrix is not symmetric, does not fit the names, its diagonal is not 1 or a
        correlation lies outside [-1, 1].
    ParameterError
        If the copula is unknown or its degrees of freedom are missing or too few.

    Notes
    -----
    Rank correlation s of a Gaussian copula with linear correlation r: s = 6/pi arcsin(r/2), so
    r = 2 sin(pi s/6) (Kruskal 1958, Journal of the American Statistical Association 53, 814-861).
    Of a t copula, given three independent scales, differences of draws are normal; that gives

        s = 6/pi E arcsin(r sqrt(G2/(G1 + G2) G3/(G1 + G3))),  G1, G2, G3 ~ Gamma(df/2),

    which is integrated numerically and inverted; r = 2 sin(pi s/6) would be wrong by up to 0.015
    at 4 degrees of freedom. Repair is on the linear correlations, which is what is drawn from.
    """
    own = tuple(names)
    freedom = _freedom(copula, df)
    given = _checked(own, _matrix(own, rank_correlation))
    linear = linear_of(given, df=freedom)
    np.fill_diagonal(linear, 1.0)  # the sine of pi/6 in float64 is not quite a half
    found = nearest_correlation(linear, names=own)
    rank = rank_of(found.matrix, df=freedom) if found.steps else given
    if found.changed:
        _warn(own, given, rank)
    return Dependence(own, rank, found.matrix, found, copula, freedom)


def correlated(
    marginals: Mapping[str, Marginal],
    *,
    draws: int,
    seed: int,
    name: str,
    rank_correlation: ArrayLike | pd.DataFrame | Pairs | Dependence,
    copula: Copula = "gaussian",
    df: float | None = None,
    method: Method = "random",
    rows: slice | None = None,
) -> xr.DataArray:
    """Draw quantities, each with its distribution, that hang together by rank correlations.

    Parameters
    ----------
    marginals : mapping of str to distribution
        Each as `quantiles` takes it: a frozen scipy distribution, a quantile function or observed
        values.
    draws : int
        Of the whole design.
    seed, name : int, str
        Of the stream.
    rank_correlation, copula, df
        As in `dependence`; or what that returned, made once for many blocks.
    method : {"random", "latin", "sobol"}
        As in `uniforms`.
    rows : slice, optional
        Draws to return, as from `blocks(draws)`.

    Returns
    -------
    xarray.DataArray, dimensions "draw" and "quantity"
        Labelled by number of the draw and name; attributes seed and streams.

    Raises
    ------
    InputError, ParameterError
        As `dependence`, `uniforms` and `quantiles` do; `dependence` also warns.

    Examples
    --------
    >>> from scipy.stats import norm
    >>> found = correlated(
    ...     {"price": norm(100, 5), "volume": [80.0, 90.0, 120.0]},
    ...     draws=1000, seed=7, name="plan", rank_correlation={("price", "volume"): -0.5},
    ... )
    >>> found.sizes["quantity"]
    2
    """
    import xarray as xr

    if not isinstance(rank_correlation, Dependence):
        rank_correlation = dependence(tuple(marginals), rank_correlation, copula=copula, df=df)
    if rank_correlation.names != tuple(marginals):
        raise InputError(
            "distributions and correlations name different quantities",
            where=f"{', '.join(marginals)}; {', '.join(rank_correlation.names)}",
            do="name them alike, in the same order",
        )
    u = rank_correlation.uniforms(draws, seed=seed, name=name, method=method, rows=rows)
    columns = [quantiles(u[:, place], given) for place, given in enumerate(marginals.values())]
    numbers = np.arange(draws)[rows or slice(None)]
    return xr.DataArray(
        np.column_stack(columns),
        dims=("draw", "quantity"),
        coords={"draw": numbers, "quantity": np.asarray(list(marginals), dtype=str)},
        attrs={"seed": seed, "streams": (name,)},
    )


# BLAS and LAPACK sum in an order that depends on the size. Here each term comes in its place, so
# that a draw has the same bits in any block, and a quantity added at the end leaves those before
# it as they were, bit by bit.


def _factor(matrix: np.ndarray) -> np.ndarray:
    """Lower triangle whose product with its transpose is the matrix (Cholesky)."""
    lower = np.zeros_like(matrix)
    for row in range(len(matrix)):
        for column in range(row):
            known = (lower[row, :column] * lower[column, :column]).sum()
            lower[row, column] = (matrix[row, column] - known) / lower[column, column]
        rest = matrix[row, row] - (lower[row, :row] ** 2).sum()
        lower[row, row] = np.sqrt(max(rest, 0.0)) or SMALLEST
    return lower


def _mixed(normal: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Mix independent columns by a lower triangle, term after term."""
    mixed = np.zeros(normal.shape, order="F")
    for place, weights in enumerate(lower):
        for other in range(place + 1):
            mixed[:, place] += weights[other] * normal[:, other]
    return mixed


# -- what is asked for --------------------------------------------------------------------------


def _freedom(copula: str, df: float | None) -> float | None:
    if copula not in ("gaussian", "t"):
        raise ParameterError(
            f"there is no copula {copula!r}", where="copula", do='choose "gaussian" or "t"'
        )
    if copula == "gaussian":
        return None
    if df is None or not df >= LEAST_FREEDOM:
        raise ParameterError(
            "a t copula has at least 1 degree of freedom",
            where=f"df={df}",
            do="give df; 4 lets extremes come together often, 30 hardly more than a Gaussian",
        )
    return float(df)


def _matrix(names: tuple[str, ...], given: ArrayLike | pd.DataFrame | Pairs) -> np.ndarray:
    if isinstance(given, Mapping):
        return _of_pairs(names, given)
    frame: Any = given
    if hasattr(frame, "loc") and hasattr(frame, "columns"):
        if set(frame.index) != set(names) or set(frame.columns) != set(names):
            raise InputError(
                "the labels of the correlations are not the quantities",
                where=f"{', '.join(map(str, frame.columns))}; {', '.join(names)}",
                do="label rows and columns by the names of the quantities",
            )
        given = frame.loc[list(names), list(names)].to_numpy()
    return np.asarray(given, dtype=float)


def _of_pairs(names: tuple[str, ...], pairs: Pairs) -> np.ndarray:
    matrix = np.eye(len(names))
    for (one, other), value in pairs.items():
        if one == other or one not in names or other not in names:
            raise InputError(
                f"{one} and {other} are no two of the quantities",
                where=f"rank_correlation, {', '.join(names)}",
                do="name two different quantities for each pair",
            )
        row, column = names.index(one), names.index(other)
        if (other, one) in pairs and pairs[other, one] != value:
            raise InputError(
                f"{one} and {other} have two correlations",
                where=f"rank_correlation: {value} and {pairs[other, one]}",
                do="give each pair once",
            )
        matrix[row, column] = matrix[column, row] = value
    return matrix


def _checked(names: tuple[str, ...], matrix: np.ndarray) -> np.ndarray:
    if matrix.shape != (len(names), len(names)):
        raise InputError(
            f"{len(names)} quantities have a matrix of {len(names)} rows and columns",
            where=f"rank_correlation of shape {matrix.shape}",
            do="give one row and one column for each quantity",
        )
    outside = np.abs(matrix) > 1
    if outside.any() or not np.allclose(np.diag(matrix), 1, rtol=0, atol=1e-9):
        row, column = np.argwhere(outside)[0] if outside.any() else (0, 0)
        raise InputError(
            "rank correlations lie between -1 and 1, and are 1 on the diagonal",
            where=f"{names[row]} and {names[column]}: {matrix[row, column]:g}",
            do="give shares of 1, not per cent; covariances are no correlations",
        )
    return matrix


def _warn(names: tuple[str, ...], given: np.ndarray, rank: np.ndarray) -> None:
    change = np.triu(rank - given, 1)
    row, column = np.unravel_index(np.abs(change).argmax(), change.shape)
    warnings.warn(
        "the rank correlations cannot all hold; the nearest that can are drawn: "
        f"{names[row]} and {names[column]} {rank[row, column]:.3f} instead of "
        f"{given[row, column]:.3f}, the largest change "
        f"(distance {np.linalg.norm(rank - given):.3f})",
        WorkbenchWarning,
        stacklevel=3,
    )
