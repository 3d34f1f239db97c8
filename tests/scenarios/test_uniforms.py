"""Designs of draws: even where they promise it, and the same bits whoever computes them."""

from __future__ import annotations

import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tests.support.draws import DRAWS, draw_block
from workbench.errors import ParameterError
from workbench.scenarios import blocks, normals, uniforms

METHODS = ("random", "latin", "sobol")


@given(
    method=st.sampled_from(METHODS),
    n=st.integers(1, 300),
    dims=st.integers(1, 6),
    ends=st.tuples(st.integers(0, 300), st.integers(0, 300)),
    seed=st.integers(0, 2**33),
)
def test_any_rows_are_those_of_the_whole_design(method, n, dims, ends, seed):
    start, stop = min(min(ends), n - 1), min(max(*ends, min(ends) + 1), n)
    whole = uniforms(n, dims, seed=seed, name="x", method=method)
    part = uniforms(n, dims, seed=seed, name="x", method=method, rows=slice(start, stop))
    assert whole.shape == (n, dims)
    assert part.tobytes() == whole[start:stop].tobytes()
    assert ((whole > 0) & (whole < 1)).all()


@given(n=st.integers(1, 10_000), size=st.integers(1, 5000))
def test_blocks_cover_each_row_once(n, size):
    rows = np.concatenate([np.arange(n)[rows] for rows in blocks(n, size=size)])
    assert np.array_equal(rows, np.arange(n))


def test_one_two_and_four_processes_give_identical_bits():
    tasks = [(method, rows) for method in METHODS for rows in blocks(DRAWS, size=256)]
    wanted = b"".join(draw_block((method, slice(0, DRAWS))) for method in METHODS)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.support.draws"])
    for workers in (1, 2, 4):
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            # The last block first: order of the work must not matter either.
            parts = list(pool.map(draw_block, tasks[::-1]))[::-1]
        assert hashlib.sha256(b"".join(parts)).digest() == hashlib.sha256(wanted).digest()


@pytest.mark.parametrize("method", ["random", "latin"])
def test_a_named_column_keeps_its_numbers_when_others_come_and_go(method):
    few = uniforms(500, ["price", "volume"], seed=1, name="plan", method=method)
    more = uniforms(500, ["cost", "volume", "churn", "price"], seed=1, name="plan", method=method)
    assert np.array_equal(few, more[:, [3, 1]])


@pytest.mark.parametrize("method", ["random", "sobol"])
def test_more_draws_begin_with_those_drawn_before(method):
    few = uniforms(100, 3, seed=1, name="plan", method=method)
    many = uniforms(1000, 3, seed=1, name="plan", method=method)
    assert np.array_equal(few, many[:100])


@given(n=st.integers(1, 400), seed=st.integers(0, 1000))
def test_a_latin_hypercube_has_one_number_in_each_nth(n, seed):
    drawn = uniforms(n, 3, seed=seed, name="x", method="latin")
    assert np.array_equal(np.sort(np.floor(drawn * n), axis=0), np.tile(np.arange(n), (3, 1)).T)


@pytest.mark.parametrize("seed", range(5))
def test_a_sobol_design_has_one_number_in_each_cell_of_its_net(seed):
    # The first two dimensions are a (0, m, 2)-net in base 2, which scrambling keeps
    # (Sobol 1967; Owen 1995): 2^8 points, each cell of 2^j by 2^(8-j) holds one.
    drawn = uniforms(256, 2, seed=seed, name="x", method="sobol")
    for j in range(9):
        cells = np.floor(drawn * [2**j, 2 ** (8 - j)]).astype(int)
        assert len(np.unique(cells, axis=0)) == 256


def test_even_designs_estimate_a_mean_with_less_error():
    # E of the sum of four squares is 4/3; 40 designs of 256 draws each.
    errors = {
        method: np.std(
            [
                (uniforms(256, 4, seed=seed, name="x", method=method) ** 2).sum(axis=1).mean()
                for seed in range(40)
            ]
        )
        for method in METHODS
    }
    assert errors["latin"] < errors["random"] / 20
    assert errors["sobol"] < errors["random"] / 20


@pytest.mark.parametrize("method", METHODS)
def test_each_method_is_unbiased_and_uniform(method):
    means = np.array(
        [uniforms(64, 2, seed=seed, name="x", method=method).mean() for seed in range(400)]
    )
    assert abs(means.mean() - 0.5) < 4 * means.std() / 20
    drawn = uniforms(4096, 1, seed=5, name="x", method=method)[:, 0]
    assert stats.kstest(drawn, "uniform").pvalue > 0.001


def test_normals_are_normal_and_finite():
    drawn = normals(1 << 14, 2, seed=2, name="x", method="sobol")
    assert np.isfinite(drawn).all()
    assert drawn.mean(axis=0) == pytest.approx([0, 0], abs=1e-3)
    assert drawn.std(axis=0) == pytest.approx([1, 1], abs=2e-3)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"n": 0}, "n is at least 1"),
        ({"dims": 0}, "dims is at least 1"),
        ({"dims": ["a", "a"]}, "a names two columns"),
        ({"method": "halton"}, "no method 'halton'"),
        ({"rows": slice(7, 7)}, "none of the design"),
        ({"n": 2**31, "method": "sobol"}, "at most 2\\^30"),
        ({"dims": 30_000, "method": "sobol"}, "at most 21,201"),
        ({"seed": -1}, "whole number from 0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked, message):
    given = {"n": 10, "dims": 2, "seed": 1, "name": "x"} | asked
    n, dims = given.pop("n"), given.pop("dims")
    with pytest.raises(ParameterError, match=message):
        uniforms(n, dims, **given)
