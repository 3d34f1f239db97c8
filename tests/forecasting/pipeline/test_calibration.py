"""Reliability and Brier score against known cases."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.forecasting.pipeline.calibration import brier, reliability, skill


def test_true_chances_lie_inside_and_false_ones_do_not():
    rng = np.random.default_rng(6)
    chance = rng.beta(1, 4, 20_000)
    happened = rng.random(20_000) < chance
    table = reliability(chance, happened)
    assert table["inside"].all()
    assert table["deals"].tolist() == [2000] * 10
    assert table["chance"].is_monotonic_increasing
    assert table["off"].abs().max() < 0.03
    assert not reliability(np.minimum(chance + 0.1, 1), happened)["inside"].any()


def test_brier_of_hand():
    assert brier([0.0, 1.0, 0.5], [0, 1, 1]) == pytest.approx(0.25 / 3)
    assert skill([0.0, 1.0], [0.5, 0.5], [0, 1]) == 1


@pytest.mark.parametrize("chance", [[0.1], [0.1, 1.2], [0.1, np.nan]])
def test_what_is_no_chance_is_refused(chance):
    with pytest.raises(InputError):
        brier(chance, [0, 1])
