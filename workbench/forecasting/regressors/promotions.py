"""Prices and promotions: from a long table of regressors to a design beside a panel.

`price_columns` makes the columns of the field out of prices and promotion marks: own price as a
logarithm (its effect is the elasticity), own promotions, what competitors in the same market
charge and promote, and what is carried over from the period before. `regressor_design` lays any
long table beside a panel and refuses holes, above all in the future.

Sources
-------
Leeflang, Wittink, Wedel and Naert, "Building Models for Marketing Decisions" (2000), ch. 9: the
multiplicative (SCAN*PRO) model of own and cross effects. Van Heerde, Leeflang and Wittink, "The
estimation of pre- and postpromotion dips with store-level scanner data" (2000): lagged effects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.forecasting.batch import Floats, Ints
from workbench.forecasting.panel import Panel
from workbench.forecasting.periods import read_periods
from workbench.forecasting.regressors.design import Column, Design

_KEYS = ("series_id", "period")
_SHOWN = 3
_PRICE_PRIOR, _MARK_PRIOR = 3.0, 1.0
_TITLES = {
    "deal": ("Deal", "促销"),
    "feature": ("Feature advertisement", "广告推荐"),
    "display": ("Display", "陈列"),
}


def price_columns(
    table: pd.DataFrame,
    *,
    price: str | None = "price",
    promotions: Sequence[str] = (),
    market: str | Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    carry_over: bool = True,
) -> tuple[pd.DataFrame, tuple[Column, ...]]:
    """Make the columns of own and competing prices and promotions.

    Parameters
    ----------
    table : pandas.DataFrame
        series_id, period (sortable within a series) and the columns named below, one row a series
        and period, history and future.
    price : str or None
        Column of prices, > 0, in any unit; its effect is the elasticity.
    promotions : sequence of str
        Columns of marks or shares: deal, feature, display.
    market : str or sequence of str, optional
        Columns that name where series compete (a store, a city). None: nothing of competitors.
    weights : mapping of series_id to float, optional
        Size of each series among its competitors, from history alone; default: all alike.
    carry_over : bool
        Whether the period before is offered too.

    Returns
    -------
    table : pandas.DataFrame
        series_id, period and one column for each of the following.
    columns : tuple of Column

    Raises
    ------
    InputError
        If a column lacks, or a price is missing, zero or negative.
    """
    places = [market] if isinstance(market, str) else list(market or ())
    needed = [*_KEYS, *([price] if price else []), *promotions, *places]
    _refuse_lacking(table, needed)
    table = table.sort_values(list(_KEYS), ignore_index=True)
    made = table[list(_KEYS)].copy()
    columns: list[Column] = []
    if price:
        _refuse_prices(table, price)
        made["price"] = np.log(table[price].astype(float))
        columns.append(_column("price", "price", _PRICE_PRIOR, ("Price (log)", "价格（对数）")))
    for name in promotions:
        made[name] = table[name].astype(float)
        columns.append(_column(name, name, _MARK_PRIOR, _TITLES.get(name, (name, name))))
    own = list(columns)
    if places:
        for column, values in _competing(table, made, own, places, weights or {}):
            made[column.name] = values
            columns.append(column)
    if carry_over:
        for column in own:
            before = made.groupby("series_id", sort=False)[column.name].shift(1)
            name = f"{column.name}_before"
            made[name] = before.fillna(made[column.name])
            titles = (f"{column.title[0]}, period before", f"{column.title[1]}（上期）")
            columns.append(_column(name, name, column.prior, titles))
    return made, tuple(columns)


def regressor_design(
    table: pd.DataFrame,
    panel: Panel,
    *,
    horizon: int,
    columns: Sequence[Column] | None = None,
    observed: NDArray[np.bool_] | None = None,
) -> Design:
    """Lay a long table of regressors beside a panel, for its history and horizon.

    Parameters
    ----------
    table : pandas.DataFrame
        series_id, period and the columns; rows of other series or periods are left out. A table
        without series_id holds for every series.
    columns : sequence of Column, optional
        Default: every numeric column is a family of its own, its prior one deviation.
    observed : numpy.ndarray of bool, shape (sum of lengths,), optional
        Where values of the panel were observed (`observed_mask`); elsewhere a missing regressor
        keeps its last value, because nothing is learnt there.

    Raises
    ------
    InputError
        If a regressor is missing, naming series, period and column, or periods are of another
        kind than the panel's.
    """
    keys = [key for key in _KEYS if key in table.columns or key == "period"]
    chosen = tuple(columns) if columns is not None else _numeric(table, keys)
    names = [column.name for column in chosen]
    _refuse_lacking(table, [*keys, *names])
    lengths = panel.batch.lengths
    ends = np.cumsum(lengths + horizon)
    starts = ends - (lengths + horizon)
    rows, series, places = _cells(table, panel, horizon)
    values = np.full((int(ends[-1]) if len(ends) else 0, len(names)), np.nan)
    values[starts[series] + places] = table[names].to_numpy(np.float64, na_value=np.nan)[rows]
    ahead = starts[:, None] + lengths[:, None] + np.arange(horizon)
    past = np.ones(len(values), dtype=bool)
    past[ahead.ravel()] = False
    if observed is not None:
        filled = np.zeros(len(values), dtype=bool)
        filled[past] = ~np.asarray(observed, dtype=bool)
        _carry(values, filled)
    _refuse_holes(values, names, panel, starts)
    return Design(chosen, values[past], values[ahead])


def observed_mask(table: pd.DataFrame, panel: Panel) -> NDArray[np.bool_]:
    """Tell which values of a panel were in the table it was read from, shape (sum of lengths,)."""
    given = table[table["value"].notna()]
    _, series, places = _cells(given, panel, 0)
    seen = np.zeros(len(panel.batch.values), dtype=bool)
    seen[panel.batch.offsets[series] + places] = True
    return seen


def _competing(
    table: pd.DataFrame,
    made: pd.DataFrame,
    own: Sequence[Column],
    places: list[str],
    weights: Mapping[str, float],
) -> list[tuple[Column, pd.Series]]:
    """What others in the same market and period charge (mean and lowest) and promote."""
    size = made["series_id"].map(weights).fillna(1.0) if weights else pd.Series(1.0, made.index)
    keys = [*(table[place] for place in places), made["period"]]
    others = size.groupby(keys).transform("sum") - size
    found = []
    for column in own:
        part = size * made[column.name]
        rest = part.groupby(keys).transform("sum") - part
        mean = (rest / others.where(others > 1e-12 * size)).rename(column.name)
        name = f"competitor_{column.name}"
        titles = (f"Competitors: {column.title[0]}", f"竞品：{column.title[1]}")
        found.append((_column(name, name, column.prior, titles), _whole(mean, made["series_id"])))
        if column.name == "price":
            lowest = _lowest_other(made["price"], keys)
            titles = ("Lowest price of competitors (log)", "竞品最低价（对数）")
            new = _column("lowest_price", "lowest_price", column.prior, titles)
            found.append((new, _whole(lowest, made["series_id"])))
    return found


def _lowest_other(price: pd.Series, keys: list[pd.Series]) -> pd.Series:
    """Lowest price among the others of a market and period; missing where there are none."""
    order = price.groupby(keys).rank(method="first")
    groups = pd.Series(order, name="order")
    first = price.where(groups == 1).groupby(keys).transform("min")
    second = price.where(groups == 2).groupby(keys).transform("min")
    return first.where(groups > 1, second)


def _whole(values: pd.Series, series: pd.Series) -> pd.Series:
    """Fill periods without competitors by the series' neighbours, or by nothing at all."""
    by = values.groupby(series, sort=False)
    return by.ffill().fillna(by.bfill()).fillna(0.0)


def _cells(table: pd.DataFrame, panel: Panel, horizon: int) -> tuple[Ints, Ints, Ints]:
    """Rows that fall into history or horizon of a series: row, series, place from its start."""
    table = table.reset_index(drop=True)
    common = "series_id" not in table.columns
    codes = np.zeros(len(table), dtype=np.int64)
    if not common:
        codes = pd.Index(panel.ids).get_indexer(pd.Index(table["series_id"])).astype(np.int64)
    ordinals, calendar = read_periods(table["period"], codes, None)
    if (calendar.kind, calendar.weeks52) != (panel.calendar.kind, panel.calendar.weeks52):
        raise InputError(
            f"the table has {calendar.kind}s, the panel {panel.calendar.kind}s, "
            "or they count the weeks of a year differently",
            where="column period",
            do="give the regressors by the periods of the panel",
        )
    rows = np.arange(len(table))
    if common:
        rows, codes = np.tile(rows, len(panel)), np.repeat(np.arange(len(panel)), len(rows))
    places = ordinals[rows] - panel.first[codes]
    inside = (codes >= 0) & (places >= 0) & (places < panel.batch.lengths[codes] + horizon)
    rows, codes, places = rows[inside], codes[inside], places[inside]
    twice = pd.DataFrame({"series": codes, "place": places}).duplicated().to_numpy()
    if twice.any():
        at = int(np.flatnonzero(twice)[0])
        raise InputError(
            f"a series has two rows of one period ({int(twice.sum())} such rows in all)",
            where=f"series {panel.ids[codes[at]]}, period {table['period'][rows[at]]}",
            do="a period has one row of regressors",
        )
    return rows, codes, places


def _carry(values: Floats, filled: NDArray[np.bool_]) -> None:
    """Where nothing was observed, a missing regressor keeps the value before it.

    Between series nothing is carried wrongly: a series begins and ends with an observed value.
    """
    for column in range(values.shape[1]):
        held = pd.Series(values[:, column]).ffill().to_numpy()
        holes = filled & np.isnan(values[:, column])
        values[holes, column] = held[holes]


def _refuse_holes(values: Floats, names: list[str], panel: Panel, starts: Ints) -> None:
    holes = np.argwhere(np.isnan(values))
    if len(holes) == 0:
        return
    shown = []
    for cell, column in holes[:_SHOWN]:
        series = int(np.searchsorted(starts, cell, side="right")) - 1
        ordinal = int(panel.first[series] + cell - starts[series])
        period = panel.calendar.text(ordinal)
        shown.append(f"series {panel.ids[series]}, period {period}, column {names[column]}")
    more = f" and {len(holes) - _SHOWN:,} more" if len(holes) > _SHOWN else ""
    raise InputError(
        f"{len(holes):,} values of regressors are missing",
        where="; ".join(shown) + more,
        do="give every regressor for all periods of history and horizon",
    )


def _numeric(table: pd.DataFrame, keys: list[str]) -> tuple[Column, ...]:
    """Every numeric column as a family of its own, its prior one deviation of the column."""
    found = []
    for name in table.columns:
        if name in (*keys, "value") or not pd.api.types.is_numeric_dtype(table[name]):
            continue
        spread = float(table[name].astype(float).std())
        text = str(name)
        found.append(_column(text, text, 1.0 / spread if spread > 0 else 1.0, (text, text)))
    return tuple(found)


def _column(name: str, family: str, prior: float, title: tuple[str, str]) -> Column:
    return Column(name, family, title, prior)


def _refuse_lacking(table: pd.DataFrame, needed: Sequence[str]) -> None:
    lacking = [name for name in needed if name not in table.columns]
    if lacking:
        raise InputError(
            f"the table of regressors lacks {', '.join(lacking)}",
            where=f"columns {', '.join(map(str, table.columns[:12]))}",
        )


def _refuse_prices(table: pd.DataFrame, price: str) -> None:
    wrong = ~(table[price] > 0)
    if wrong.any():
        row = table[wrong].iloc[0]
        raise InputError(
            f"{int(wrong.sum()):,} prices are missing, zero or negative",
            where=f"series {row['series_id']}, period {row['period']}, column {price}",
            do="give a price for every period; where nothing was sold, the shelf price",
        )
