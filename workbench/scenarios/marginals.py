"""From numbers in (0, 1) to a quantity with a distribution.

The numbers come from `uniforms.py`, or from `copula.py` where quantities hang together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError

#: A frozen scipy distribution, a quantile function, or what was observed.
Marginal = Any


def quantiles(u: ArrayLike, marginal: Marginal) -> np.ndarray:
    """Map numbers in (0, 1) to values by the quantile function of a distribution.

    Parameters
    ----------
    u : array_like
        In the open interval (0, 1).
    marginal : frozen scipy distribution, callable or array_like
        What has ``.ppf``; a function from u to values; or observed values, of which each is drawn
        as often as it occurs and no others (the inverse of their distribution function).

    Returns
    -------
    numpy.ndarray of float64
        Of the shape of `u`, in the unit of the marginal; larger u never gives a smaller value.

    Raises
    ------
    InputError
        If observed values are none, not numbers or missing, or the distribution gives no number.

    Examples
    --------
    >>> quantiles([0.1, 0.5, 0.9], [3.0, 1.0, 2.0]).tolist()
    [1.0, 2.0, 3.0]
    """
    u = np.asarray(u, dtype=float)
    function: Callable[[np.ndarray], ArrayLike] | None = getattr(marginal, "ppf", None)
    if function is None:
        function = marginal if callable(marginal) else None
    values = _observed(u, marginal) if function is None else np.asarray(function(u), dtype=float)
    if values.shape != u.shape or np.isnan(values).any():
        raise InputError(
            "the distribution gives no number for some draws",
            where=f"{marginal!r}",
            do="check its parameters: a scale is above 0, a quantile function takes an array",
        )
    return values


def _observed(u: np.ndarray, sample: ArrayLike) -> np.ndarray:
    try:
        values = np.sort(np.asarray(sample, dtype=float).ravel())
    except (TypeError, ValueError) as error:
        raise InputError(
            "a distribution is a scipy one, a quantile function or observed numbers",
            where=f"{type(sample).__name__}",
            do="freeze it first: scipy.stats.norm(loc, scale)",
        ) from error
    if not values.size or not np.isfinite(values).all():
        raise InputError(
            "observed values are none, or some are missing",
            where=f"{values.size} values",
            do="leave missing values out",
        )
    places = np.ceil(u * values.size).astype(int) - 1
    return values[np.clip(places, 0, values.size - 1)]
