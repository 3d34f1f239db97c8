"""Compile the kernels of this room once, on small examples."""

from __future__ import annotations

import numpy as np

from workbench.forecasting.batch import Batch

_SEASON, _HORIZON = 12, 6


def compile_models() -> None:
    """Call every model on small series, with and without zeros; what is compiled is kept."""
    from workbench.forecasting.models.registry import MODELS, model

    for name in MODELS:
        model(name).points(_example(), _HORIZON)


def compile_around() -> None:
    """Call what stands around the models: noise beside regressors, and seasons of weeks."""
    from workbench.forecasting.models.smoothing_season import LONGEST_SEASON, without_long_season
    from workbench.forecasting.regressors.noise import noise_points

    noise_points(_example(), _HORIZON)
    season = LONGEST_SEASON + 1
    without_long_season(Batch.of([3.0 + np.arange(3.0 * season) % season], season))


def _example() -> Batch:
    time = np.arange(60.0)
    return Batch.of(
        [3 + time % 12 + 0.1 * time, np.where(time % 4 == 0, 3.0, 0.0)] * 2, season=_SEASON
    )
