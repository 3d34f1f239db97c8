"""Is this a correlation matrix, and if not, which is nearest?

Correlations that were guessed pair by pair, or measured on different data, often cannot all hold
at once. The nearest matrix that can is found and the change is told. Used by `copula.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, NotIdentifiedError, ParameterError

#: Smallest eigenvalue kept: with it a matrix can be factored in float64.
SMALLEST = 1e-8
# A change of correlations below this is rounding, not a repair.
_CHANGED = 1e-6
_STEPS = 20_000
_CLOSE = 1e-11


@dataclass(frozen=True, slots=True)
class NearestCorrelation:
    """The nearest correlation matrix and how far it is.

    Attributes
    ----------
    matrix : numpy.ndarray, shape (k, k)
        Symmetric, ones on the diagonal, no eigenvalue below the bound asked for.
    distance : float
        Frobenius norm of the change of the whole matrix.
    largest_change : float
        Of a pair, signed: repaired less given.
    pair : (str, str)
        Names of that pair; ("", "") for a matrix of one.
    steps : int
        Projections made; 0 where the matrix stands as it was given.
    """

    matrix: np.ndarray
    distance: float
    largest_change: float
    pair: tuple[str, str]
    steps: int

    @property
    def changed(self) -> bool:
        """Whether a correlation moved by more than rounding."""
        return self.distance > _CHANGED


def nearest_correlation(
    matrix: ArrayLike, *, names: Sequence[str] | None = None, smallest: float = SMALLEST
) -> NearestCorrelation:
    """Find the correlation matrix nearest to a symmetric one.

    Parameters
    ----------
    matrix : array_like, shape (k, k)
        Symmetric.
    names : sequence of str, optional
        Of rows and columns, for the report; by default their numbers.
    smallest : float
        Bound below the eigenvalues, at least 0 and below 1.

    Returns
    -------
    NearestCorrelation

    Raises
    ------
    InputError
        If the matrix is not square, not symmetric or holds no numbers.
    ParameterError
        If the bound lies outside [0, 1).
    NotIdentifiedError
        If the projections do not settle; no matrix is returned.

    Notes
    -----
    Nearest in the Frobenius norm, by alternating projections with Dykstra's correction: Higham
    (2002), "Computing the nearest correlation matrix - a problem from finance", IMA Journal of
    Numerical Analysis 22, 329-343, algorithm 3.3. In place of positive semidefinite matrices those
    with eigenvalues of at least `smallest` are projected on.

    Examples
    --------
    >>> found = nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]], smallest=0.0)
    >>> found.matrix[0].round(4).tolist()
    [1.0, 0.7607, 0.1573]
    """
    given = _symmetric(matrix)
    if not 0 <= smallest < 1:
        raise ParameterError("the bound lies in [0, 1)", where=f"smallest={smallest}")
    stands = bool((np.diag(given) == 1).all()) and np.linalg.eigvalsh(given)[0] >= smallest
    found, steps = (given, 0) if stands else _project(given, smallest)
    return _report(given, found, steps, names or [str(place) for place in range(len(given))])


def _project(given: np.ndarray, smallest: float) -> tuple[np.ndarray, int]:
    on_diagonal, correction = given.copy(), np.zeros_like(given)
    for step in range(1, _STEPS + 1):
        start = on_diagonal - correction
        bounded = _bounded(start, smallest)
        correction = bounded - start
        before, on_diagonal = on_diagonal, bounded.copy()
        np.fill_diagonal(on_diagonal, 1.0)
        size = np.abs(on_diagonal).max()
        moved = max(np.abs(on_diagonal - before).max(), np.abs(on_diagonal - bounded).max())
        if moved <= _CLOSE * size:
            # Scaled, not only overwritten: ones on the diagonal, eigenvalues where they are.
            scale = 1 / np.sqrt(np.diag(bounded))
            found = scale[:, None] * bounded * scale
            np.fill_diagonal(found, 1.0)
            return found, step
    raise NotIdentifiedError(
        f"no nearest correlation matrix was found in {_STEPS:,} steps",
        where=f"matrix of {len(given)} rows, last change {moved:.1e}",
        do="look for correlations that contradict each other, or ask for a larger `smallest`",
    )


def _bounded(matrix: np.ndarray, smallest: float) -> np.ndarray:
    """Nearest symmetric matrix with no eigenvalue below the bound."""
    values, vectors = np.linalg.eigh(matrix)
    raised = (vectors * np.maximum(values, smallest)) @ vectors.T
    return (raised + raised.T) / 2


def _symmetric(matrix: ArrayLike) -> np.ndarray:
    given = np.asarray(matrix, dtype=float)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not given.size:
        raise InputError(
            "a correlation matrix is square",
            where=f"matrix of shape {given.shape}",
            do="give one row and one column for each quantity",
        )
    wrong = ~np.isfinite(given) | (np.abs(given - given.T) > 1e-9)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise InputError(
            "a correlation matrix is symmetric and holds numbers only",
            where=f"row {row}, column {column}: {given[row, column]:g}, mirrored "
            f"{given[column, row]:g} (counted from 0)",
            do="give each pair the same number twice",
        )
    return (given + given.T) / 2


def _report(
    given: np.ndarray, found: np.ndarray, steps: int, names: Sequence[str]
) -> NearestCorrelation:
    change = found - given
    pairs = np.triu(change, 1)
    row, column = np.unravel_index(np.abs(pairs).argmax(), pairs.shape)
    return NearestCorrelation(
        matrix=found,
        distance=float(np.linalg.norm(change)),
        largest_change=float(pairs[row, column]),
        pair=(names[row], names[column]) if len(names) > 1 else ("", ""),
        steps=steps,
    )
