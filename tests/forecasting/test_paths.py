"""Errors hang together over leads as they did, so that sums of leads spread as sums did."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from workbench.forecasting.intervals import ErrorQuantiles, calibrate
from workbench.forecasting.paths import lead_ties, over_leads
from workbench.scenarios import streams

HORIZON = 12


def errors(rows: int, *, walk: float, name: str = "paths") -> np.ndarray:
    """A random walk under noise, the same share of the variance at each lead."""
    generator = streams(3)[f"{name}/{walk}"]
    lead = np.arange(1, HORIZON + 1)
    steps = np.cumsum(generator.standard_normal((rows, HORIZON)), axis=1) / np.sqrt(lead)
    return np.sqrt(walk) * steps + np.sqrt(1 - walk) * generator.standard_normal((rows, HORIZON))


def sums(ties: np.ndarray, quantiles: ErrorQuantiles) -> np.ndarray:
    normals = streams(4)["sums"].standard_normal((20_000, HORIZON))
    return np.abs(quantiles.errors(ndtr(over_leads(normals, ties))).sum(axis=1))


@pytest.mark.parametrize("walk", [0.0, 0.3, 1.0])
def test_ties_are_those_of_the_errors(walk: float) -> None:
    seen = errors(2000, walk=walk)
    ties = lead_ties(seen, calibrate(seen))
    np.testing.assert_allclose(np.diag(ties), 1, rtol=1e-12)
    assert np.linalg.eigvalsh(ties).min() >= 0
    assert np.abs(ties - np.corrcoef(seen, rowvar=False)).max() < 0.1


@pytest.mark.parametrize(
    ("walk", "unlike"), [(0.0, 0.0), (0.3, 0.0), (1.0, 0.0), (0.3, 0.6), (1.0, 0.8)]
)
def test_a_sum_over_the_horizon_is_covered_as_often_as_said(walk: float, unlike: float) -> None:
    """Also where series differ in the size of their errors, which correlations know nothing of."""
    size = np.exp(unlike * streams(5)["sizes"].standard_normal((4000, 1)))
    seen = size[:1500] * errors(1500, walk=walk)
    quantiles = calibrate(seen)
    drawn = sums(lead_ties(seen, quantiles), quantiles)
    fresh = np.abs((size[1500:] * errors(2500, walk=walk, name="fresh")).sum(axis=1))
    assert np.mean(fresh <= np.quantile(drawn, 0.8)) == pytest.approx(0.80, abs=0.03)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_without_rows_leads_hang_together_as_usual(rows: int) -> None:
    seen = errors(rows, walk=0.0)
    ties = lead_ties(seen, calibrate(seen))
    assert 0.2 < ties[0, 1] < 0.6
    assert ties[0, 1] > ties[0, -1] > 0


def test_a_lead_that_never_erred_leaves_usual_ties() -> None:
    seen = errors(100, walk=1.0)
    seen[:, 0] = 0.0
    ties = lead_ties(seen, calibrate(seen))
    assert np.isfinite(ties).all()
    np.linalg.cholesky(ties + 1e-9 * np.eye(HORIZON))


def test_one_lead_is_tied_to_itself() -> None:
    seen = errors(50, walk=0.5)[:, :1]
    np.testing.assert_array_equal(lead_ties(seen, calibrate(seen)), [[1.0]])
