"""Pipeline forecast: open deals, deals still to be created, collections, and the hand-over.

What was known when: `features.py`. Chances: `hazard.py`. Draws and the forecast: `simulate.py`,
`forecast.py`. What people said: `baselines.py`, `bias.py`. Money coming in: `collections.py`.
Pipeline near, time series far: `blend.py`. Do chances hold: `calibration.py`.
"""

from workbench.forecasting.pipeline.blend import blended, hand_over
from workbench.forecasting.pipeline.collections import CollectionsForecast, collections_forecast
from workbench.forecasting.pipeline.features import endings, pictures
from workbench.forecasting.pipeline.forecast import PipelineForecast, pipeline_forecast

__all__ = [
    "CollectionsForecast",
    "PipelineForecast",
    "blended",
    "collections_forecast",
    "endings",
    "hand_over",
    "pictures",
    "pipeline_forecast",
]
