"""Known regressors: the calendar, prices and promotions in the forecasts of many series.

What the calendar brings: `calendar.py`. Prices and promotions: `promotions.py`. How their effects
are learnt and put back: `regression.py`, with `noise.py` and `pooling.py` below it.
"""

from workbench.forecasting.regressors.calendar import CalendarDesign, calendar_design
from workbench.forecasting.regressors.design import Column, Design
from workbench.forecasting.regressors.promotions import (
    observed_mask,
    price_columns,
    regressor_design,
)
from workbench.forecasting.regressors.regression import Effects, fit_effects

__all__ = [
    "CalendarDesign",
    "Column",
    "Design",
    "Effects",
    "calendar_design",
    "fit_effects",
    "observed_mask",
    "price_columns",
    "regressor_design",
]
