"""Planners: a study's parameters as controls, its key figures and charts beside them.

`session.py` the planner itself: events in, regions of the page out; `widgets.py` its place in a
notebook. What it shows: `layout.py` (what a study may say about its page), `key_figures.py` (tiles
and sentence), `controls.py` and `page.py` (HTML), `words.py` (what is said around the answer). What
it keeps: `trial.py` (values, faults, undo), `scenario_files.py` (saved scenarios), `pictures.py`
(results drawn, and those computed before), `prepared.py` (the slow part, once for everybody). Work
beside the page: `work.py`, `batch.py` (run as study). Layouts: `layouts/`, one a study. `app/`
serves all of it to a browser.

Nothing here computes: numbers come from the study's own `compute`. Light on purpose: a name is
imported when it is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_PLACES = {
    "Group": "layout",
    "KeyFigure": "key_figures",
    "Layout": "layout",
    "Planner": "widgets",
    "Stack": "layout",
    "View": "layout",
}

__all__ = ["Group", "KeyFigure", "Layout", "Planner", "Stack", "View"]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
