"""What is known besides the history: regressors of a forecast, from words and tables to effects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ParameterError
from workbench.forecasting.panel import Panel

if TYPE_CHECKING:
    from workbench.forecasting.regressors import CalendarDesign, Design, Effects


def effects_of(
    panel: Panel, horizon: int, regressors: Any
) -> tuple[Effects | None, CalendarDesign | None]:
    """Effects that the panel shows, and the calendar among the regressors.

    Parameters
    ----------
    panel : Panel
    horizon : int
    regressors : str, pandas.DataFrame, Design, a sequence of them, or None
        As for `forecast`.

    Raises
    ------
    ParameterError
        If a word among them is not "calendar".
    """
    wanted = _listed(regressors)
    days = _days(panel, horizon) if any(isinstance(one, str) for one in wanted) else None
    return _effects(panel, horizon, wanted, days), days


def _listed(regressors: Any) -> list[Any]:
    """Regressors one by one, the words among them checked."""
    if regressors is None:
        return []
    alone = isinstance(regressors, str | pd.DataFrame) or hasattr(regressors, "history")
    wanted = [regressors] if alone else list(regressors)
    for part in wanted:
        if isinstance(part, str) and part != "calendar":
            raise ParameterError(
                f"there are no regressors {part!r}",
                where="regressors",
                do='give "calendar", or a long table of series_id, period and columns',
            )
    return wanted


def _days(panel: Panel, horizon: int) -> CalendarDesign:
    from workbench.forecasting.regressors import calendar_design

    ordinals = np.arange(int(panel.first.min()), int(panel.last.max()) + horizon + 2)
    starts = panel.calendar.starts(ordinals)
    return calendar_design(starts[:-1], starts[1:] - pd.Timedelta(days=1))


def _effects(
    panel: Panel, horizon: int, wanted: list[Any], days: CalendarDesign | None
) -> Effects | None:
    if not wanted or not len(panel):
        return None
    from workbench.forecasting.regressors import fit_effects, regressor_design

    starts, lengths = panel.first - int(panel.first.min()), panel.batch.lengths
    designs: list[Design] = []
    for part in wanted:
        if isinstance(part, str) and days is not None:
            designs.append(days.beside(starts=starts, lengths=lengths, horizon=horizon))
        elif isinstance(part, pd.DataFrame):
            seen = panel.observed
            designs.append(regressor_design(part, panel, horizon=horizon, observed=seen))
        else:
            designs.append(part)
    design = designs[0]
    for other in designs[1:]:
        design = design.beside(other)
    return fit_effects(panel.batch, design, observed=panel.observed)
