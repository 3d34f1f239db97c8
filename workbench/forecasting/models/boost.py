"""Gradient boosting across series: one model of all series of a batch corrects the theta method.

For every series, at past origins and for all leads, the model learns by how much the theta method
erred there, in units of the series' yearly changes, from what was known: recent values and means,
the same season of the last two years, slope, noise, lead and the theta forecast itself. A batch
too small to learn from is declined as a whole. A forecast depends on all series of the batch.

LightGBM where the extra `boost` is installed, else scikit-learn's histogram boosting
(`engine_note` says so); the two differ slightly.

Sources
-------
Friedman, "Greedy function approximation: a gradient boosting machine" (2001), algorithm 3 (least
squares). One model for all series and leads as in Montero-Manso and Hyndman, "Principles and
algorithms for forecasting groups of time series" (2021), and in the winning entries of M5.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.registry import Model, model
from workbench.text import Language

#: Rows to learn from: with fewer the model declines; beyond, the oldest origins are left out.
LEAST_ROWS, MOST_ROWS = 1_000, 200_000
#: Small steps of few small trees, the same for all panels.
STEP, TREES, LEAVES, LEAST_LEAF, PENALTY = 0.05, 100, 8, 100, 5.0
#: Origins of one series, a third of a season apart.
ORIGINS = 16
#: Seasons that are longer (weeks of a year) are seen too seldom in fewer than three years.
LONG_SEASON, LONG_SEASONS = 24, 3
_FAR = 4.0  # errors beyond this many units count as this many
_LEAST_UNIT = 0.01  # of the level, for series that hardly move
_DIGITS = 9  # features are rounded, so that a unit of 1,000 changes no split


def points(batch: Batch, horizon: int) -> Floats:
    """Forecast all series by one boosted model.

    Returns
    -------
    numpy.ndarray, shape (n, horizon)
        NaN for series shorter than a season and three observations, and for all where there are
        fewer than `LEAST_ROWS` rows to learn from.
    """
    forecasts = np.full((len(batch), horizon), np.nan)
    least = _least(batch, _season(batch))
    usable = np.flatnonzero(batch.lengths >= least)
    if len(usable) == 0 or horizon < 1:
        return forecasts
    scaled, scale = batch.take(usable).scaled()
    view = _View(scaled, horizon)
    features, targets = _training(view, least)
    if len(targets) < LEAST_ROWS:
        return forecasts
    predict = _fitted(*_in_fixed_order(features, targets))
    known, base, unit = view.at(np.arange(len(usable)), scaled.lengths)
    corrected = base + predict(known).reshape(base.shape) * unit[:, None]
    floor = np.where(scaled.minima() >= 0, 0.0, -np.inf)[:, None]
    forecasts[usable] = np.maximum(corrected, floor) * scale[:, None]
    return forecasts


def engine_note(lang: Language) -> str:
    """Say which engine boosts; empty where it is LightGBM."""
    if _has_lightgbm():
        return ""
    return lang.say(
        "LightGBM is not installed: gradient boosting is done by scikit-learn. "
        "Install the extra 'boost' for the usual one."
    )


MODEL_BOOST = Model("boost", ("Gradient boosting", "梯度提升"), points)


def _season(batch: Batch) -> int:
    return batch.season if batch.season > 1 else 4


def _least(batch: Batch, season: int) -> int:
    """Observations from which a series is forecast."""
    return season + 3 if season <= LONG_SEASON else LONG_SEASONS * season


class _View:
    """What is known of the series of a batch at any origin, for leads 1 to the horizon."""

    def __init__(self, batch: Batch, horizon: int) -> None:
        lengths = batch.lengths
        self.batch, self.horizon, self.season = batch, horizon, _season(batch)
        rows = np.repeat(np.arange(len(batch)), lengths)
        columns = np.arange(len(batch.values)) - np.repeat(batch.offsets[:-1], lengths)
        self.matrix = np.zeros((len(batch), int(lengths.max())))
        self.matrix[rows, columns] = batch.values
        self.base = model("theta").points
        self.step = max(1, self.season // 3)

    def later(self, series: Ints, known: Ints) -> Floats:
        """What came after, shape (origins, horizon)."""
        return self.matrix[series[:, None], known[:, None] + np.arange(self.horizon)]

    def at(self, series: Ints, known: Ints) -> tuple[Floats, Floats, Floats]:
        """Features, base forecasts and unit at origins.

        Parameters
        ----------
        series, known : numpy.ndarray of int, shape (origins,)
            Number of the series, and its observations known at the origin.

        Returns
        -------
        features : numpy.ndarray, shape (origins * horizon, k)
        base : numpy.ndarray, shape (origins, horizon)
            Forecasts of the theta method; the mean of the last season where it declines.
        unit : numpy.ndarray, shape (origins,)
            Mean change of the last season against the one before, > 0: how far a forecast of this
            series is usually off.
        """
        season, horizon = self.season, self.horizon
        recent = self._back(series, known, np.arange(season))
        older = self._back(series, known, np.arange(season) + season)
        middle = recent.mean(axis=1)
        level = np.abs(recent).mean(axis=1)
        least = _LEAST_UNIT * np.where(level > 0, level, 1.0)
        unit: Floats = np.maximum(np.abs(recent - older).mean(axis=1), least)
        subset = self.batch.take(series)
        base = self.base(subset.cut(subset.lengths - known), horizon)
        base = np.where(np.isfinite(base), base, middle[:, None])
        phase = season - 1 - np.arange(horizon) % season
        last_year = self._back(series, known, phase)
        whole = (known >= 2 * season)[:, None]
        year_before = np.where(whole, self._back(series, known, phase + season), last_year)
        half = max(1, season // 2)
        own = [
            recent[:, : min(season, 6)] - middle[:, None],
            recent[:, :3].mean(axis=1) - middle,
            recent[:, :half].mean(axis=1) - recent[:, half:].mean(axis=1),
            middle - np.where(whole, older, recent).mean(axis=1),
            recent.std(axis=1),
            np.abs(np.diff(recent, axis=1)).mean(axis=1),
            base.mean(axis=1) - middle,
            level,
        ]
        each = [
            last_year - middle[:, None],
            year_before - middle[:, None],
            last_year - year_before,
            base - middle[:, None],
            base - last_year,
        ]
        lead = np.tile(np.arange(1, horizon + 1), len(series))
        features: Floats = np.column_stack(
            [
                np.repeat(np.column_stack(own) / unit[:, None], horizon, axis=0),
                (np.stack(each, axis=2) / unit[:, None, None]).reshape(-1, len(each)),
                lead,
                (lead - 1) // season,
            ]
        )
        return np.round(features, _DIGITS), base, unit

    def _back(self, series: Ints, known: Ints, steps: Ints) -> Floats:
        """Values so many steps before the last known one; the first where there are fewer."""
        places = np.maximum(known[:, None] - 1 - steps, 0)
        return self.matrix[series[:, None], places]


def _training(view: _View, least: int) -> tuple[Floats, Floats]:
    """Features and errors of the base, in units, at earlier origins."""
    features, targets, rows = [], [], 0
    for back in range(ORIGINS):
        known = view.batch.lengths - view.horizon - back * view.step
        series = np.flatnonzero(known >= least)
        rows += len(series) * view.horizon
        if len(series) == 0 or (back and rows > MOST_ROWS):
            break
        what, base, unit = view.at(series, known[series])
        errors = (view.later(series, known[series]) - base) / unit[:, None]
        features.append(what)
        targets.append(np.clip(errors, -_FAR, _FAR).ravel())
    if not targets:
        return np.empty((0, 0)), np.empty(0)
    return np.concatenate(features), np.concatenate(targets)


def _in_fixed_order(features: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """Rows by their content, so that the order of the series changes nothing."""
    rounded = np.round(targets, _DIGITS)
    order = np.lexsort((rounded, *features.T))
    return features[order], rounded[order]


def _fitted(features: Floats, targets: Floats) -> Any:
    """Fit the trees and return the function that predicts."""
    if _has_lightgbm():
        import lightgbm

        settings = {
            "objective": "regression",
            "learning_rate": STEP,
            "num_leaves": LEAVES,
            "min_data_in_leaf": LEAST_LEAF,
            "feature_fraction": 0.7,
            "lambda_l2": PENALTY,
            "num_threads": 1,
            "deterministic": True,
            "force_row_wise": True,
            "seed": 0,
            "verbose": -1,
        }
        data = lightgbm.Dataset(features, targets, free_raw_data=True)
        return lightgbm.train(settings, data, num_boost_round=TREES).predict
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(
        learning_rate=STEP,
        max_iter=TREES,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=LEAST_LEAF,
        l2_regularization=PENALTY,
        early_stopping=False,
        random_state=0,
    )
    return trees.fit(features, targets).predict


def _has_lightgbm() -> bool:
    return find_spec("lightgbm") is not None
