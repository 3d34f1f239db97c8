"""Intervals hold as often as they say, grow with lead and level, and allow for few rows."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.forecasting.intervals import calibrate
from workbench.scenarios import streams


def errors(rows: int, horizon: int, name: str, growth: float = 0.5) -> np.ndarray:
    noise = streams(11)[name].standard_t(6, size=(rows, horizon))
    return noise * np.arange(1, horizon + 1) ** growth


@pytest.mark.parametrize("level", [0.5, 0.8, 0.95])
@pytest.mark.parametrize("rows", [100, 1000])
def test_coverage_of_new_errors(level: float, rows: int) -> None:
    quantiles = calibrate(errors(rows, 6, "seen"))
    fresh = errors(40_000, 6, "fresh")
    covered = (np.abs(fresh) <= quantiles.half_width(level)).mean(axis=0)
    # four standard errors of a quantile from so many rows, neighbours not counted
    assert np.abs(covered - level).max() < 4 * np.sqrt(level * (1 - level) / rows) + 0.01


@pytest.mark.parametrize("rows", [0, 1, 5, 20])
def test_few_rows_pool_leads_and_stay_wide_enough(rows: int) -> None:
    covered = []
    for trial in range(200 if rows else 1):
        quantiles = calibrate(errors(rows, 8, f"few/{trial}"))
        assert quantiles.pooled
        assert (np.diff(quantiles.half_width(0.8)) >= 0).all()
        fresh = errors(200, 8, f"few/fresh/{trial}")
        covered.append((np.abs(fresh) <= quantiles.half_width(0.8)).mean())
    if rows >= 5:
        assert 0.72 < np.mean(covered) < 0.92


def test_widths_never_fall_with_lead_or_level() -> None:
    quantiles = calibrate(errors(300, 10, "flat", growth=0.0))
    widths = np.array([quantiles.half_width(level) for level in (0.5, 0.8, 0.95)])
    assert (np.diff(widths, axis=0) >= 0).all()
    assert (np.diff(widths, axis=1) >= 0).all()


def test_leads_not_seen_borrow_from_those_that_were() -> None:
    seen = errors(200, 6, "part")
    seen[:, 4:] = np.nan
    widths = calibrate(seen).half_width(0.8)
    assert np.isfinite(widths).all()
    assert widths[5] >= widths[3]
