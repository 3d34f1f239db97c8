"""What judgement added, stage by stage; who leans to one side; where naive is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.forecasting.judgement import (
    STAGES,
    Gate,
    Tracking,
    ValueAdded,
    bias_tests,
    tracking,
    use_naive,
    value_added,
)
from workbench.forecasting.outlook.said import COMPANY, MONTHS, said
from workbench.forecasting.outlook.scope import Scope

#: The stage whose figure a level goes by.
OWN = {"rep": "rep", "team": "manager", COMPANY: "final"}
#: Months of one span in which accuracy is followed over time.
SPAN = 6


@dataclass(frozen=True)
class People:
    """Value that judgement added.

    Attributes
    ----------
    kpi : str
        KPI of the entries.
    staircase : ValueAdded
        By level and months ahead.
    gate : Gate
        Every node and months ahead, its own figure tested against naive; `level` beside them.
    bias : pandas.DataFrame
        Of each stage and months ahead, company.
    leaning : pandas.DataFrame
        Of each rep and team, next month: level, series_id, bias, low, high, verdict.
    signals : Tracking
        Of each node's own figure, next month.
    over_time : pandas.DataFrame
        stage, first, last (months of the span), error, bias, periods: company, next month.
    covered : float
        Share of what came, next month, of reps who had entered a figure; NaN without any.
    left_out : pandas.DataFrame
        Entries that give no figure.
    """

    kpi: str
    staircase: ValueAdded
    gate: Gate
    bias: pd.DataFrame
    leaning: pd.DataFrame
    signals: Tracking
    over_time: pd.DataFrame
    covered: float
    left_out: pd.DataFrame


def people(looked: Scope) -> People:
    """Score what people entered.

    Raises
    ------
    MissingTableError
        If there are no entries.
    NotIdentifiedError
        If none of them can be scored.
    """
    read = said(looked)
    figures = read.figures
    own = _own(figures)
    company = figures[figures["level"] == COMPANY]
    lower = own[(own["level"] != COMPANY) & (own["horizon"] == 1)]
    by = ("level", "series_id")
    return People(
        read.kpi,
        value_added(figures, by=("level", "horizon")),
        _gate(figures, own),
        bias_tests(company[company["stage"].isin(OWN.values())], by=("stage", "horizon")),
        bias_tests(lower, by=by),
        tracking(own[own["horizon"] == 1], by=by),
        _over_time(company[company["horizon"] == 1]),
        _covered(own[own["horizon"] == 1]),
        read.left_out,
    )


def _own(figures: pd.DataFrame) -> pd.DataFrame:
    """The figure each level goes by, as stage "own"."""
    mine = figures[figures["stage"] == figures["level"].map(OWN)]
    return mine.assign(stage="own")


def _gate(figures: pd.DataFrame, own: pd.DataFrame) -> Gate:
    """Nodes whose own figure naive would have beaten."""
    plain = figures[figures["stage"] == "naive"]
    found = use_naive(pd.concat([plain, own], ignore_index=True), used="own")
    levels = own.drop_duplicates("series_id").set_index("series_id")["level"]
    tested = found.tested.assign(level=found.tested["series_id"].map(levels))
    return Gate(tested, found.plain, found.used, found.false_finds)


def _over_time(company: pd.DataFrame) -> pd.DataFrame:
    """Error and bias of every stage in spans of months, the latest span last."""
    known = company.dropna(subset=["actual", "forecast"])
    last = known["period"].max()
    back = (last - known["period"]).map(lambda step: step.n) // SPAN
    rows = []
    spans: Any = known.groupby(["stage", back], sort=True)
    for (stage, span), part in spans:
        error = part["forecast"] - part["actual"]
        whole = part["actual"].abs().sum()
        if span >= MONTHS // SPAN or not whole:
            continue
        first, end = part["period"].min(), part["period"].max()
        share = (error.abs().sum() / whole, error.sum() / whole)
        rows.append((stage, first, end, *share, part["period"].nunique()))
    columns = ["stage", "first", "last", "error", "bias", "periods"]
    table = pd.DataFrame(rows, columns=columns)
    order = table["stage"].map({name: place for place, name in enumerate(STAGES)})
    return table.assign(order=order).sort_values(["order", "first"], ignore_index=True)[columns]


def _covered(own: pd.DataFrame) -> float:
    """Share of the company's sales that reps with a figure made."""
    sums = own.dropna(subset=["actual"]).groupby(["level", "period"])["actual"].sum()
    if not {"rep", COMPANY} <= set(sums.index.get_level_values(0)):
        return float("nan")
    both = pd.concat({"rep": sums["rep"], "all": sums[COMPANY]}, axis=1).dropna().sum()
    return float(both["rep"] / both["all"]) if both["all"] else float("nan")
