"""Hierarchies: forecasts that add up over nodes and time, with nodes that can be locked.

`Hierarchy.from_keys` finds the nodes, `reconcile` makes forecasts of them add up, `reconciler`
keeps a method ready for changed forecasts, locks and draws. Over time: `forecast_in_time`. Series
without history: `borrow`.
"""

from workbench.forecasting.hierarchy.analogues import Borrowed, borrow
from workbench.forecasting.hierarchy.locks import Lock, read_locks
from workbench.forecasting.hierarchy.reconcile import (
    METHODS,
    Reconciled,
    Reconciler,
    reconcile,
    reconciler,
)
from workbench.forecasting.hierarchy.structure import Hierarchy
from workbench.forecasting.hierarchy.temporal import forecast_in_time, reconcile_in_time

__all__ = [
    "METHODS",
    "Borrowed",
    "Hierarchy",
    "Lock",
    "Reconciled",
    "Reconciler",
    "borrow",
    "forecast_in_time",
    "read_locks",
    "reconcile",
    "reconcile_in_time",
    "reconciler",
]
