"""Numbers in (0, 1) to draw from: pseudo-random, Latin hypercube or scrambled Sobol, one call.

A design of n draws is fixed by seed, name, method and n. Workers each ask for their rows of it
(`blocks`) and get the same bits as one process that asks for all. From these numbers to quantities
with a distribution: `marginals.py`; that hang together: `copula.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from workbench.errors import ParameterError
from workbench.scenarios.streams import Streams, streams

Method = Literal["random", "latin", "sobol"]

#: Rows of a block; the last of a design is shorter.
BLOCK = 4096
#: Ends of (0, 1) in float64: a quantile function has no value at 0 and 1 themselves.
LOWEST, HIGHEST = 2.0**-54, 1 - 2.0**-53
# Sobol numbers are whole multiples of 2^-30; half a step in, none of them is 0.
_BITS = 30


def uniforms(
    n: int,
    dims: int | Sequence[str],
    *,
    seed: int,
    name: str,
    method: Method = "random",
    rows: slice | None = None,
) -> np.ndarray:
    """Draw numbers in the open interval (0, 1).

    Parameters
    ----------
    n : int
        Draws of the whole design. For "sobol" a power of two fills the cube evenly.
    dims : int or sequence of str
        Columns: how many, or one for each name. A named column keeps its numbers when others are
        added or left out ("random" and "latin"); without names, columns at the end may be.
    seed : int
        Not negative.
    name : str
        Of the stream; use a name for one purpose only.
    method : {"random", "latin", "sobol"}
        Independent numbers; a Latin hypercube, which has exactly one number of each column in each
        n-th of (0, 1); or a Sobol sequence scrambled by a random linear matrix and a digital shift.
        All three give unbiased means; the even ones give smaller errors for the same n.
    rows : slice, optional
        Rows to return, as from `blocks(n)`; by default all.

    Returns
    -------
    numpy.ndarray of float64, shape (rows, dims)
        Rows of the design, bit-identical whoever asks for them. A "random" or "sobol" design
        begins as every longer one of its name; of "latin" each n is a design of its own.

    Raises
    ------
    ParameterError
        If n or dims are less than 1, a name occurs twice, or there is no such method.

    Notes
    -----
    McKay, Beckman and Conover (1979), Technometrics 21, 239-245, for the Latin hypercube;
    Matousek (1998), Journal of Complexity 14, 527-556, for the scrambling (scipy.stats.qmc). The
    rows asked for are sought directly, except in "latin", whose permutations belong to the
    design: each worker lays out whole columns and keeps its rows.

    Examples
    --------
    >>> whole = uniforms(10_000, ["price", "volume"], seed=7, name="plan", method="latin")
    >>> part = uniforms(
    ...     10_000, ["price", "volume"], seed=7, name="plan", method="latin", rows=blocks(10_000)[1]
    ... )
    >>> bool((whole[4096:8192] == part).all())
    True
    """
    start, stop = _bounds(n, rows)
    names = _columns(dims)
    if method == "sobol":
        return _sobol(start, stop, dims=len(names), seed=seed, name=name)
    column = _COLUMNS.get(method)
    if column is None:
        raise ParameterError(
            f"there is no method {method!r} of drawing",
            where=f"method={method!r}",
            do='choose "random", "latin" or "sobol"',
        )
    out = np.empty((stop - start, len(names)))
    source = streams(seed)
    for place, own in enumerate(names):
        out[:, place] = column(_generator(source, name, own), n, start, stop)
    return np.clip(out, LOWEST, HIGHEST, out=out)


def normals(
    n: int,
    dims: int | Sequence[str],
    *,
    seed: int,
    name: str,
    method: Method = "random",
    rows: slice | None = None,
) -> np.ndarray:
    """Draw independent standard normal numbers: `uniforms` through the normal quantile function.

    Parameters, errors and shape are those of `uniforms`.
    """
    from scipy.special import ndtri

    return np.asarray(ndtri(uniforms(n, dims, seed=seed, name=name, method=method, rows=rows)))


def blocks(n: int, *, size: int = BLOCK) -> list[slice]:
    """Cut the rows of a design into blocks, for workers to share.

    Parameters
    ----------
    n : int
        Rows of the design, at least 1.
    size : int
        Rows of a block.

    Returns
    -------
    list of slice
        In order; together they cover rows 0 to n - 1.

    Raises
    ------
    ParameterError
        If n or size are less than 1.
    """
    _refuse_none(n=n, size=size)
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]


# -- columns ------------------------------------------------------------------------------------


def _random(generator: np.random.Generator, n: int, start: int, stop: int) -> np.ndarray:
    bits = generator.bit_generator
    assert isinstance(bits, np.random.PCG64)  # a number in [0, 1) takes one step of it
    bits.advance(start)
    return generator.random(stop - start)


def _latin(generator: np.random.Generator, n: int, start: int, stop: int) -> np.ndarray:
    # Places in the n-ths first, of all rows; then where in its n-th each number lies, by row.
    strata = generator.permutation(n)[start:stop]
    return (strata + _random(generator, n, start, stop)) / n


_Column = Callable[[np.random.Generator, int, int, int], np.ndarray]
_COLUMNS: dict[str, _Column] = {"random": _random, "latin": _latin}


def _sobol(start: int, stop: int, *, dims: int, seed: int, name: str) -> np.ndarray:
    from scipy.stats import qmc

    if stop > 2**_BITS:
        raise ParameterError("a Sobol design has at most 2^30 draws", where=f"n={stop}")
    if dims > qmc.Sobol.MAXDIM:
        raise ParameterError(
            f"a Sobol design has at most {qmc.Sobol.MAXDIM:,} columns", where=f"dims={dims}"
        )
    engine = qmc.Sobol(dims, scramble=True, bits=_BITS, rng=streams(seed)[name])
    if start:
        engine.fast_forward(start)
    with warnings.catch_warnings():
        # Of n that is no power of two: the docstring says so, and rows of a block often are none.
        warnings.filterwarnings("ignore", message="The balance properties", category=UserWarning)
        points = np.asarray(engine.random(stop - start))
    return points + 2.0 ** -(_BITS + 1)


def _generator(source: Streams, name: str, column: int | str) -> np.random.Generator:
    if isinstance(column, str):
        return source[f"{name}/{column}"]
    return source.block(name, column)


# -- what is asked for --------------------------------------------------------------------------


def _bounds(n: int, rows: slice | None) -> tuple[int, int]:
    _refuse_none(n=n)
    start, stop, step = (rows or slice(None)).indices(n)
    if step != 1 or start >= stop:
        raise ParameterError(
            "the rows asked for are none of the design",
            where=f"rows={rows}, n={n}",
            do="take a slice of blocks(n)",
        )
    return start, stop


def _columns(dims: int | Sequence[str]) -> Sequence[int | str]:
    if isinstance(dims, int | np.integer):
        _refuse_none(dims=int(dims))
        return range(int(dims))
    names = [dims] if isinstance(dims, str) else list(dims)
    _refuse_none(dims=len(names))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(
            f"{twice[0]} names two columns", where=f"dims={names}", do="name each column once"
        )
    return names


def _refuse_none(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ParameterError(f"{name} is at least 1", where=f"{name}={count}")
