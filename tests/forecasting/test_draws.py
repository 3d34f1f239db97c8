"""Draws say what the intervals say, and hang together as the past did."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from workbench.forecasting.batch import Batch
from workbench.forecasting.draws import draw_normals, ties
from workbench.forecasting.intervals import calibrate
from workbench.forecasting.paths import lead_ties, over_leads
from workbench.scenarios import streams

HORIZON = 4


def draw_errors(errors: np.ndarray, batch: Batch, count: int) -> np.ndarray:
    """Draws of a panel whose errors at earlier origins were these, shape (count, n, horizon)."""
    quantiles = calibrate(errors)
    generator = streams(1)["draws"]
    normals = draw_normals(ties(batch, batch.lengths), HORIZON, generator=generator, count=count)
    return quantiles.errors(ndtr(over_leads(normals, lead_ties(errors, quantiles))))


def walk_errors(rows: int) -> np.ndarray:
    return np.cumsum(streams(3)["walk"].standard_normal((rows, HORIZON)), axis=1)


def tied_batch(share: float, count: int = 6, length: int = 80) -> Batch:
    generator = streams(3)["tied"]
    common = generator.standard_normal(length)
    own = generator.standard_normal((count, length))
    return Batch.of(list(np.cumsum(np.sqrt(share) * common + np.sqrt(1 - share) * own, axis=1)))


def test_draws_have_the_quantiles_of_the_intervals() -> None:
    errors = walk_errors(500)
    quantiles = calibrate(errors)
    made = draw_errors(errors, tied_batch(0.5), 20_000)
    assert made.shape == (20_000, 6, HORIZON)
    for level in (0.5, 0.8, 0.95):
        inside = (np.abs(made) <= quantiles.at(np.full(HORIZON, level))).mean(axis=0)
        assert inside == pytest.approx(np.full((6, HORIZON), level), abs=0.015)


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_series_are_tied_as_their_changes_were(share: float) -> None:
    made = draw_errors(walk_errors(500), tied_batch(share), 8000)
    correlation = np.corrcoef(made[:, :, 1], rowvar=False)
    between = correlation[np.triu_indices(6, 1)].mean()
    assert between == pytest.approx(share, abs=0.15)


def test_changes_are_set_side_by_side_by_period() -> None:
    whole = tied_batch(0.9, count=2)
    first, second = whole.series(0), whole.series(1)
    late = Batch.of([first, second[:-10]])
    last = np.array([100, 90])
    assert ties(late, last).share > 0.5
    # the same values, but said to end together: what hung together no longer does
    assert ties(late, np.array([100, 100])).share < 0.3


def test_a_series_without_changes_is_drawn_on_its_own() -> None:
    batch = Batch.of([np.full(40, 7.0), np.arange(40.0) % 5])
    made = draw_errors(walk_errors(50), batch, 100)
    assert np.isfinite(made).all()
    assert made[:, 0].std() > 0
