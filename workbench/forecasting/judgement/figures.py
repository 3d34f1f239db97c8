"""Figures that can be scored: what each stage said of a period how long before, and what came.

One row a node, period, horizon and stage. Rows come from forecast entries (`from_entries`), from
backtests and pipelines (any table with the columns), and from adding up (`add_up`); they are put
one under the other and scored in `value_added.py`, `gate.py`, `bias.py` and `tracking.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

#: Stages a figure passes, from the plainest, and what they are called.
STAGES: dict[str, tuple[str, str]] = {
    "naive": ("Naive", "朴素预测"),
    "statistical": ("Statistical", "统计预测"),
    "pipeline": ("Pipeline", "商机预测"),
    "rep": ("Rep", "个人"),
    "manager": ("Manager", "经理"),
    "final": ("Final", "最终"),
}
#: Why an entry gives no figure.
LEFT_OUT: dict[str, tuple[str, str]] = {
    "other_kpi": ("is of another KPI", "属其他指标"),
    "part": ("is of one category, not a total", "为单一预测类别，并非合计"),
    "other_money": ("is in another currency or tax basis", "币种或税口径不同"),
    "other_span": ("does not cover one period", "期间跨度不是一个周期"),
    "no_series": ("is of a node that is no series", "节点没有对应序列"),
    "no_day": ("has no day it was made", "缺填报日期"),
    "no_value": ("has no value", "无数值"),
    "replaced": ("was replaced before the next step", "随后被同环节的填报替换"),
}
COLUMNS = ("series_id", "level", "period", "horizon", "stage", "forecast", "actual")
_KEY = ("series_id", "level", "period", "horizon")

Nodes = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True)
class EntryFigures:
    """Figures read from forecast entries.

    Attributes
    ----------
    figures : pandas.DataFrame
        `COLUMNS`; `made` (day) and `entry_id` beside them.
    left_out : pandas.DataFrame
        entry_id, reason: a key of `LEFT_OUT`.
    """

    figures: pd.DataFrame
    left_out: pd.DataFrame


def from_entries(
    entries: pd.DataFrame,
    actuals: pd.DataFrame,
    *,
    kpi_id: str,
    freq: str = "M",
    currency: str | None = None,
    tax_basis: str | None = None,
    series: Nodes | None = None,
) -> EntryFigures:
    """Read figures from rows of `forecast_entry`.

    Parameters
    ----------
    entries : DataFrame
        Columns as the table `forecast_entry` declares them.
    actuals : DataFrame
        series_id, period, actual: what came, for every period that is closed.
    kpi_id : str
        KPI to score.
    freq : str
        Length of a period: "M", "Q" or "Y", or any that pandas has; entries of another span
        are left out.
    currency, tax_basis : str, optional
        Entries in another are left out; None takes what there is, if all are the same.
    series : mapping of (level, node, product line) to series id, optional
        The product line is "all" where an entry names none. By default a node is its own series
        if it is of all product lines.

    Returns
    -------
    EntryFigures
        `horizon` is the number of periods from that of the day it was made to the one forecast:
        an entry of 31 August for September has 1. Of several entries of a step for one horizon
        the latest counts.

    Raises
    ------
    InputError
        If a column is missing, or entries of the KPI mix currencies or tax bases and none is
        chosen.
    """
    import pandas as pd

    need(entries, "entry_id", "entry_date", "step", "kpi_id", "level", "node", "value",
         "period_start", "period_end", what="entries")  # fmt: skip
    rows = described(entries, freq=freq, series=series)
    reason = pd.Series("", index=rows.index, dtype=object)
    _mark(reason, rows["kpi_id"] != kpi_id, "other_kpi")
    for name, wanted in (("currency", currency), ("tax_basis", tax_basis)):
        given = rows.loc[reason == "", name].fillna("none").unique()
        if wanted is None and len(given) > 1:
            raise InputError(
                f"entries of {kpi_id} are in several of {name}: {', '.join(sorted(given))}",
                where=f"column {name} of the entries",
                do=f"choose one by {name}=, the others are then listed as left out",
            )
        if wanted is not None:
            _mark(reason, rows[name].fillna("none") != wanted, "other_money")
    _mark(reason, rows["part"], "part")
    _mark(reason, rows["first"] != rows["last"], "other_span")
    _mark(reason, rows["series_id"].isna(), "no_series")
    _mark(reason, rows["made"].isna(), "no_day")
    _mark(reason, ~np.isfinite(rows["value"]), "no_value")
    rows["horizon"] = rows["first"].array.asi8 - rows["made_in"].array.asi8
    rows = rows.assign(period=rows["first"], stage=rows["step"], forecast=rows["value"])
    kept = rows[reason == ""].sort_values(["made", "order"], kind="stable")
    latest = kept.drop_duplicates([*_KEY, "stage"], keep="last")
    reason[kept.index.difference(latest.index)] = "replaced"
    left = pd.DataFrame({"entry_id": rows["entry_id"], "reason": reason})[reason != ""]
    found = with_actuals(latest.drop(columns="actual", errors="ignore"), actuals, freq=freq)
    return EntryFigures(
        found[[*COLUMNS, "made", "entry_id"]].sort_values([*_KEY, "stage"], ignore_index=True),
        left.reset_index(drop=True),
    )


def add_up(
    figures: pd.DataFrame, parents: pd.DataFrame, actuals: pd.DataFrame, *, level: str
) -> pd.DataFrame:
    """Add up what the parts of a node said, so that a stage can be judged on a higher level.

    Parameters
    ----------
    figures : DataFrame
        `COLUMNS`.
    parents : DataFrame
        series_id, parent; optional period: then the parent of that period, else always the same.
    actuals : DataFrame
        series_id, period, actual of the parents. They are not added up from the parts: a part
        that nobody forecast has sold too.
    level : str
        Level of the parents.

    Returns
    -------
    DataFrame
        `COLUMNS` with the parents as series, and `parts`: how many were added.

    Raises
    ------
    InputError
        If columns are missing or a series has two parents in a period.
    """
    need(figures, *COLUMNS, what="figures")
    need(parents, "series_id", "parent", what="parents")
    on = ["series_id", *(["period"] if "period" in parents.columns else [])]
    doubled = parents.duplicated(on)
    if doubled.any():
        twice = parents.loc[doubled, "series_id"].astype(str).unique()
        raise InputError(
            "a series has two parents at once",
            where=f"parents of {', '.join(twice[:5])}",
            do="give one row for each series, or for each series and period",
        )
    joined = figures.merge(parents[[*on, "parent"]], on=on, how="inner")
    summed = (
        joined.groupby(["parent", "period", "horizon", "stage"], sort=True)
        .agg(forecast=("forecast", "sum"), parts=("forecast", "size"))
        .reset_index()
        .rename(columns={"parent": "series_id"})
        .assign(level=level)
    )
    freq = period_length(figures)
    return with_actuals(summed, actuals, freq=freq)[[*COLUMNS, "parts"]]


def with_actuals(rows: pd.DataFrame, actuals: pd.DataFrame, *, freq: Any = "M") -> pd.DataFrame:
    """Put what came beside rows of series_id and period; NaN where nothing is known yet.

    Raises
    ------
    InputError
        If columns are missing or a period of a series has two actuals.
    """
    need(actuals, "series_id", "period", "actual", what="actuals")
    known = actuals[["series_id", "period", "actual"]].assign(
        period=as_periods(actuals["period"], freq=freq), actual=actuals["actual"].astype(float)
    )
    doubled = known.duplicated(["series_id", "period"])
    if doubled.any():
        first = known[doubled].iloc[0]
        raise InputError(
            f"{int(doubled.sum())} actuals are there twice",
            where=f"series {first['series_id']}, period {first['period']}",
            do="give one row for each series and period",
        )
    return rows.merge(known, on=["series_id", "period"], how="left")


def described(entries: pd.DataFrame, *, freq: str, series: Nodes | None = None) -> pd.DataFrame:
    """Entries with what is read from them: series, day, first and last period, order, part.

    Columns that the table may leave out (currency, tax basis, category, product line, reason,
    person) are there afterwards, missing where nothing was said.
    """
    import pandas as pd

    rows = entries.reset_index(drop=True)
    for name in ("by_id", "product_line", "currency", "tax_basis", "forecast_category", "reason"):
        if name not in rows.columns:
            rows = rows.assign(**{name: pd.Series(None, index=rows.index, dtype=object)})
    lines = rows["product_line"].where(rows["product_line"].notna(), "all")
    keys = list(zip(rows["level"], rows["node"], lines, strict=True))
    named = [
        series.get(key) if series is not None else (key[1] if key[2] == "all" else None)
        for key in keys
    ]
    made = pd.to_datetime(rows["entry_date"])
    return rows.assign(
        series_id=pd.Series(named, index=rows.index, dtype=object),
        made=made,
        made_in=as_periods(made, freq=freq),
        first=as_periods(rows["period_start"], freq=freq),
        last=as_periods(rows["period_end"], freq=freq),
        value=pd.to_numeric(rows["value"], errors="coerce").astype(float),
        part=rows["forecast_category"].notna(),
        # ids rise as entries are made; the longer is the later where digits were added
        order=[f"{len(str(entry)):04d}{entry}" for entry in rows["entry_id"]],
    )


def as_periods(values: pd.Series, *, freq: Any = "M") -> pd.Series:
    """Periods of a column that holds periods, dates or their text.

    Raises
    ------
    InputError
        If periods given are longer than those asked for.
    """
    import pandas as pd

    whole = len(values) > 0 and isinstance(values.iloc[0], pd.Period)
    if not whole and not isinstance(values.dtype, pd.PeriodDtype):
        return pd.Series(pd.PeriodIndex(pd.to_datetime(values), freq=freq), index=values.index)
    given = pd.PeriodIndex(values)
    first, last = given.asfreq(freq, how="S"), given.asfreq(freq, how="E")
    longer = np.flatnonzero(first.asi8 != last.asi8)
    if len(longer):
        raise InputError(
            f"a period is longer than one of {freq}",
            where=f"period {given[longer[0]]}",
            do="give the length of the periods by freq=",
        )
    return pd.Series(first, index=values.index)


def period_length(figures: pd.DataFrame) -> Any:
    """Length of the periods of figures; a month where they are none yet."""
    return getattr(figures["period"].dtype, "freq", "M")


def need(table: pd.DataFrame, *columns: str, what: str) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    InputError
        Naming those that lack.
    """
    lacking = [name for name in columns if name not in table.columns]
    if lacking:
        raise InputError(
            f"{what} lack the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}",
            where=f"table with the columns {', '.join(map(str, table.columns))}",
            do="rename or add them",
        )


def _mark(reason: pd.Series, wrong: pd.Series, code: str) -> None:
    """Give a reason to the rows that are wrong and have none yet."""
    reason[(reason == "") & wrong.to_numpy(dtype=bool)] = code
