"""What changed against the forecast of a month ago, or against the last one kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.judgement import Changes, what_changed
from workbench.forecasting.outlook.bookings import Outlook
from workbench.forecasting.outlook.handover import NO_PAST
from workbench.forecasting.outlook.monthly import long
from workbench.forecasting.outlook.past import FEW_DRAWS, LEAST_HISTORY, earlier
from workbench.text import mark

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True)
class Step:
    """From the last forecast to this one.

    Attributes
    ----------
    changes : Changes
        Of all nodes, with causes that add up.
    before : Outlook
        As it was forecast.
    day : datetime.date
        Of the last forecast.
    """

    changes: Changes
    before: Outlook
    day: dt.date


def a_month_ago(found: Outlook) -> Outlook:
    """Forecast from what was known a month ago.

    Raises
    ------
    NotIdentifiedError
        If there was too little to forecast from.
    """
    looked = found.scope.earlier(1)
    if int((found.history.index <= looked.last).sum()) < LEAST_HISTORY:
        raise NotIdentifiedError(
            mark("a month ago the history was too short to forecast from"),
            where=f"{looked.last:%Y-%m}",
            do=mark("give a longer history"),
        )
    settings = replace(found.settings, draws=FEW_DRAWS)
    past = NO_PAST if found.handover is None else found.handover.past
    return earlier(looked, settings, deals=found.pipeline is not None, past=past)


def since(before: Outlook, found: Outlook) -> Step:
    """Split the change of a forecast from an earlier one."""
    shared = [node for node in found.nodes if node in set(before.nodes)]
    actuals = long(found.history[shared].tail(1), "actual")
    changes = what_changed(vintage(before, shared), vintage(found, shared), actuals=actuals)
    return Step(changes, before, before.scope.day)


def vintage(found: Outlook, nodes: list[str] | None = None) -> pd.DataFrame:
    """Stages of an outlook, as they are kept and compared.

    Returns
    -------
    pandas.DataFrame
        series_id, level, period, stage (statistical: without deals; pipeline: with them; final:
        locks and overrides held), model, mean.
    """
    table = found.table()
    if nodes is not None:
        table = table[table["node"].isin(nodes)]
    regular = pd.DataFrame(
        {
            "node": [node for node in found.nodes for _ in found.scope.months],
            "month": list(found.scope.months) * len(found.nodes),
            "statistical": found.regular.points.ravel(),
            "pipeline": (found.regular.points + found.deals).ravel(),
        }
    )
    rows = table.merge(regular, on=["node", "month"]).rename(columns={"mean": "final"})
    long = rows.melt(
        ["node", "level", "month"],
        value_vars=["statistical", "pipeline", "final"],
        var_name="stage",
        value_name="mean",
    )
    return long.rename(columns={"node": "series_id", "month": "period"}).assign(model="combination")
