"""Forecasting models: each a small file that forecasts all series of a batch at once.

A model is a function from a batch and a horizon to one row a series. A row of NaN means that the
model declines the series (too short, not positive, no demand); it never raises for one series.
"""

from workbench.forecasting.models.registry import MODELS, Model, model, models

__all__ = ["MODELS", "Model", "model", "models"]
