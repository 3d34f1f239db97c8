"""Forecasting: many series at once, hierarchies, pipeline and judgement, with honest intervals.

`forecast` goes from a long table to points, intervals and draws; `backtest` shows what every model
would have said; `reconcile` makes the numbers of a hierarchy add up.
"""

from typing import Any

__all__ = ["Backtest", "Forecast", "Hierarchy", "backtest", "forecast", "reconcile"]

_ROOMS = {
    "Forecast": "forecaster",
    "forecast": "forecaster",
    "Backtest": "backtesting",
    "backtest": "backtesting",
    "Hierarchy": "hierarchy.structure",
    "reconcile": "hierarchy.reconcile",
}


def __getattr__(name: str) -> Any:
    # what parameters and studies need of this room is light; numba and scipy come when asked for
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(f"workbench.forecasting.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
