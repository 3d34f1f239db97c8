"""Planning: targets and the year's plan, composed of what the areas compute.

`set_targets` goes from draws of any KPI to targets in tiers for every node and month, each with
its chance; `prepare` keeps what it needs, so that a planner can move things.
"""

from typing import Any

__all__ = [
    "Goal",
    "Limit",
    "Prepared",
    "Rules",
    "Targets",
    "Tree",
    "prepare",
    "set_targets",
]

_ROOMS = {
    "Goal": "tiers",
    "Limit": "limits",
    "Prepared": "prepared",
    "Rules": "prepared",
    "Targets": "targets",
    "Tree": "tree",
    "prepare": "prepared",
    "set_targets": "targets",
}


def __getattr__(name: str) -> Any:
    # parameters and studies need little of this room; compiled code comes when it is asked for
    if name in _ROOMS:
        from importlib import import_module

        return getattr(import_module(f"workbench.planning.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
