"""Quantities that hang together: the ranks and the distributions asked for, nothing else."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from workbench.errors import InputError, ParameterError, WorkbenchWarning
from workbench.scenarios import blocks, correlated, dependence, quantiles
from workbench.scenarios.ranks import linear_of, rank_of, student

ASKED = pd.DataFrame(
    [[1, 0.7, -0.3], [0.7, 1, 0.1], [-0.3, 0.1, 1]], index=list("abc"), columns=list("abc")
)
MARGINALS = {"a": stats.gamma(2, scale=50), "b": stats.norm(100, 5), "c": stats.lognorm(0.8)}
COPULAS = [{}, {"copula": "t", "df": 4}, {"copula": "t", "df": 1.5}]


@pytest.mark.parametrize("copula", COPULAS, ids=["gaussian", "t4", "t1.5"])
@pytest.mark.parametrize("method", ["random", "latin", "sobol"])
def test_rank_correlations_and_distributions_are_those_asked_for(copula, method):
    drawn = correlated(
        MARGINALS, draws=1 << 15, seed=4, name="x", rank_correlation=ASKED, method=method, **copula
    )
    found = stats.spearmanr(drawn.values).statistic
    assert np.abs(found - ASKED.to_numpy()).max() < 4 * 1.3 / np.sqrt(1 << 15)
    for name, marginal in MARGINALS.items():
        column = drawn.sel(quantity=name).values
        assert stats.kstest(column, marginal.cdf).pvalue > 0.001, name


def test_extremes_come_together_in_a_t_copula_only():
    def both_lowest(**copula: object) -> float:
        joint = dependence("ab", {("a", "b"): 0.5}, **copula)
        u = joint.uniforms(1 << 16, seed=1, name="x")
        return float((u < 0.005).all(axis=1).mean() / 0.005)

    # Lower tail dependence of a t copula (McNeil, Frey and Embrechts 2005, eq. 5.31): r = 0.519
    # at 2 degrees of freedom gives 0.40; of a Gaussian copula it tends to 0.
    r = float(linear_of(0.5, df=2))
    limit = 2 * stats.t.cdf(-np.sqrt(3 * (1 - r) / (1 + r)), 3)
    assert both_lowest(copula="t", df=2) == pytest.approx(limit, abs=0.06)
    assert both_lowest() < limit - 0.15


@pytest.mark.parametrize("df", [1, 2, 4, 7.5])
def test_rank_correlation_of_a_t_copula_meets_an_independent_integral(df):
    # Spearman's rho is 12 times the mean product of the uniforms less 3; here with one scale
    # for both, as the copula is defined, integrated over angle and radius of the normals.
    r, n = 0.6, 1 << 17
    normal = np.random.default_rng(1).multivariate_normal([0, 0], [[1, r], [r, 1]], n)
    t = normal / np.sqrt(np.random.default_rng(2).chisquare(df, n) / df)[:, None]
    u = stats.t.cdf(t, df)
    product = 12 * u[:, 0] * u[:, 1] - 3
    assert abs(product.mean() - rank_of(r, df=df)) < 4 * product.std() / np.sqrt(n)


def test_the_gaussian_relation_meets_an_independent_integral():
    def inner(x: float) -> float:
        return special.ndtr(x) * special.ndtr(0.6 * x / np.sqrt(2 - 0.36)) * stats.norm.pdf(x)

    assert rank_of(0.6) == pytest.approx(12 * integrate.quad(inner, -9, 9)[0] - 3, abs=1e-9)


@given(rank=st.floats(-1, 1), df=st.none() | st.sampled_from([1.0, 2.0, 3.5, 10.0, 500.0]))
def test_rank_and_linear_correlations_are_inverse_to_each_other(rank, df):
    linear = linear_of([rank, -rank], df=df)
    assert linear[0] == -linear[1]
    assert rank_of(linear, df=df)[0] == pytest.approx(rank, abs=5e-6)


def test_many_degrees_of_freedom_are_a_gaussian_copula():
    assert rank_of(0.5, df=1e5) == pytest.approx(float(rank_of(0.5)), abs=1e-5)


@given(
    t=st.floats(-1e300, 1e300),
    df=st.integers(1, 40) | st.floats(0.5, 60),
)
def test_the_series_is_students_distribution(t, df):
    assert student(np.array([t]), df)[0] == pytest.approx(special.stdtr(df, t), abs=1e-12)


def test_ranks_that_cannot_all_hold_are_repaired_and_told():
    impossible = {("a", "b"): 0.9, ("b", "c"): 0.8, ("a", "c"): -0.95}
    with pytest.warns(WorkbenchWarning, match=r"a and c -0\.531 instead of -0\.950") as told:
        joint = dependence("abc", impossible)
    assert len(told) == 1
    assert joint.repair.changed
    drawn = correlated(MARGINALS, draws=1 << 15, seed=1, name="x", rank_correlation=joint)
    assert stats.spearmanr(drawn.values).statistic == pytest.approx(joint.rank, abs=0.02)
    assert joint.table().loc["a", "c"] == joint.rank[0, 2]


def test_perfect_correlations_hold_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        joint = dependence("ab", {("a", "b"): 1.0})
    u = joint.uniforms(1000, seed=1, name="x")
    assert np.abs(u[:, 0] - u[:, 1]).max() < 1e-3


@given(size=st.integers(2, 24), more=st.integers(1, 6), rank=st.floats(0, 0.9))
def test_a_quantity_added_at_the_end_leaves_the_others_bit_identical(size, more, rank):
    def drawn(count: int) -> np.ndarray:
        matrix = np.where(np.eye(count, dtype=bool), 1.0, rank)
        joint = dependence([f"q{place}" for place in range(count)], matrix)
        return joint.uniforms(50, seed=1, name="x")

    assert np.array_equal(drawn(size), drawn(size + more)[:, :size])


@pytest.mark.parametrize("copula", COPULAS[:2], ids=["gaussian", "t"])
def test_blocks_are_rows_of_the_whole(copula):
    asked = {"draws": 1000, "seed": 1, "name": "x", "rank_correlation": ASKED} | copula
    whole = correlated(MARGINALS, **asked)
    parts = [correlated(MARGINALS, rows=rows, **asked) for rows in blocks(1000, size=300)]
    assert np.concatenate([part.values for part in parts]).tobytes() == whole.values.tobytes()
    assert np.concatenate([part["draw"].values for part in parts]).tolist() == list(range(1000))


@given(sample=st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=30))
def test_observed_values_are_drawn_as_often_as_they_occur(sample):
    u = (np.arange(10 * len(sample)) + 0.5) / (10 * len(sample))
    assert sorted(quantiles(u, sample)) == sorted(np.repeat(sample, 10))


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: dependence("ab", np.eye(3)), InputError, "a matrix of 2 rows"),
        (lambda: dependence("ab", [[1, 50], [50, 1]]), InputError, "between -1 and 1"),
        (lambda: dependence("ab", [[0.9, 0], [0, 1]]), InputError, "are 1 on the diagonal"),
        (lambda: dependence("ab", {("a", "d"): 0.1}), InputError, "no two of the quantities"),
        (
            lambda: dependence("ab", {("a", "b"): 0.1, ("b", "a"): 0.5}),
            InputError,
            "a and b have two correlations",
        ),
        (lambda: dependence("ad", ASKED), InputError, "labels of the correlations"),
        (lambda: dependence("ab", np.eye(2), copula="clayton"), ParameterError, "clayton"),
        (lambda: dependence("ab", np.eye(2), copula="t"), ParameterError, "degree of freedom"),
        (lambda: dependence("ab", np.eye(2), copula="t", df=0.5), ParameterError, "df=0.5"),
        (lambda: quantiles([0.5], ["x"]), InputError, "observed numbers"),
        (lambda: quantiles([0.5], [1.0, np.nan]), InputError, "missing"),
        (lambda: quantiles([0.5], stats.norm(0, -1)), InputError, "no number"),
        (
            lambda: correlated(
                MARGINALS, draws=9, seed=1, name="x", rank_correlation=dependence("ab", np.eye(2))
            ),
            InputError,
            "different quantities",
        ),
    ],
)
def test_what_cannot_be_joined_is_refused(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
