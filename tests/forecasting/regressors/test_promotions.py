"""Prices and promotions: columns of the field, laid beside a panel without holes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.forecasting.panel import read_panel
from workbench.forecasting.regressors import (
    fit_effects,
    observed_mask,
    price_columns,
    regressor_design,
)

SHELF = pd.DataFrame(
    {
        "series_id": ["a"] * 3 + ["b"] * 3 + ["c"] * 3,
        "period": ["2026-01", "2026-02", "2026-03"] * 3,
        "price": [1.0, 2.0, 4.0, 2.0, 2.0, 2.0, 8.0, 4.0, 1.0],
        "deal": [1, 0, 0, 0, 1, 0, 0, 0, 1],
        "store": ["s"] * 9,
    }
)


def _row(table: pd.DataFrame, series: str, period: str) -> pd.Series:
    return table[(table["series_id"] == series) & (table["period"] == period)].iloc[0]


def test_own_and_competing_prices() -> None:
    table, columns = price_columns(SHELF, promotions=("deal",), market="store")
    names = [column.name for column in columns]
    assert names == [
        *("price", "deal", "competitor_price", "lowest_price", "competitor_deal"),
        *("price_before", "deal_before"),
    ]
    january = _row(table, "a", "2026-01")
    assert january["price"] == pytest.approx(0.0)
    assert january["competitor_price"] == pytest.approx((np.log(2) + np.log(8)) / 2)
    assert january["lowest_price"] == pytest.approx(np.log(2))
    assert january["competitor_deal"] == 0.0
    february = _row(table, "c", "2026-02")
    assert february["price_before"] == pytest.approx(np.log(8))
    assert february["competitor_deal"] == pytest.approx(0.5)
    assert january["price_before"] == january["price"]  # the first period has none before


def test_competitors_weigh_by_size() -> None:
    table, _ = price_columns(SHELF, market="store", weights={"a": 1.0, "b": 3.0, "c": 1.0})
    expected = (3 * np.log(2) + np.log(8)) / 4
    assert _row(table, "a", "2026-01")["competitor_price"] == pytest.approx(expected)


def test_a_series_alone_in_its_market_has_no_competitors() -> None:
    alone = SHELF[SHELF["series_id"] == "a"]
    table, _ = price_columns(alone, market="store")
    assert (table[["competitor_price", "lowest_price"]] == 0).all(axis=None)


def test_bad_prices_and_missing_columns_are_refused() -> None:
    with pytest.raises(InputError, match="1 prices are missing, zero or negative") as caught:
        price_columns(SHELF.assign(price=SHELF["price"].where(SHELF.index != 4, 0.0)))
    assert "series b, period 2026-02" in str(caught.value)
    with pytest.raises(InputError, match="lacks display"):
        price_columns(SHELF, promotions=("display",))


PANEL = pd.DataFrame(
    {
        "series_id": ["a"] * 4 + ["b"] * 3,
        "period": ["2026-01", "2026-02", "2026-03", "2026-04", "2026-02", "2026-03", "2026-04"],
        "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    }
)


def _regressors() -> pd.DataFrame:
    months = [f"2026-{month:02d}" for month in range(1, 8)]
    return pd.DataFrame(
        {
            "series_id": ["a"] * 7 + ["b"] * 7 + ["other"] * 7,
            "period": months * 3,
            "x": np.arange(21.0),
            "note": "text",
        }
    )


def test_rows_find_their_place_in_any_order() -> None:
    shuffled = _regressors().sample(frac=1, random_state=1)
    design = regressor_design(shuffled, read_panel(PANEL), horizon=2)
    assert [column.name for column in design.columns] == ["x"]
    assert design.history[:, 0].tolist() == [0, 1, 2, 3, 8, 9, 10]
    assert design.future[:, :, 0].tolist() == [[4, 5], [11, 12]]


def test_a_table_without_series_holds_for_all() -> None:
    common = _regressors().query("series_id == 'a'").drop(columns="series_id")
    design = regressor_design(common, read_panel(PANEL), horizon=2)
    assert design.history[:, 0].tolist() == [0, 1, 2, 3, 1, 2, 3]
    assert design.future[:, :, 0].tolist() == [[4, 5], [4, 5]]


def test_a_hole_in_the_future_names_series_period_and_column() -> None:
    lacking = _regressors().query("not (series_id == 'b' and period == '2026-06')")
    with pytest.raises(InputError, match="1 values of regressors are missing") as caught:
        regressor_design(lacking, read_panel(PANEL), horizon=2)
    assert "series b, period 2026-06, column x" in str(caught.value)
    regressor_design(lacking, read_panel(PANEL), horizon=1)


def test_holes_are_carried_only_where_nothing_was_observed() -> None:
    gap = PANEL.query("not (series_id == 'a' and period == '2026-02')")
    lacking = _regressors().query("not (series_id == 'a' and period == '2026-02')")
    panel = read_panel(gap)
    seen = observed_mask(gap, panel)
    assert seen.tolist() == [True, False, True, True, True, True, True]
    design = regressor_design(lacking, panel, horizon=1, observed=seen)
    assert design.history[:4, 0].tolist() == [0, 0, 2, 3]
    with pytest.raises(InputError, match="period 2026-02, column x"):
        regressor_design(lacking, panel, horizon=1)


def test_doubles_and_other_frequencies_are_refused() -> None:
    doubled = pd.concat([_regressors(), _regressors().iloc[[2]]])
    with pytest.raises(InputError, match="two rows of one period") as caught:
        regressor_design(doubled, read_panel(PANEL), horizon=1)
    assert "series a, period 2026-03" in str(caught.value)
    quarters = _regressors().assign(period="2026Q1")
    with pytest.raises(InputError, match="quarters, the panel months"):
        regressor_design(quarters, read_panel(PANEL), horizon=1)


# Brand 1 of refrigerated orange juice at store 49: week, units, price per ounce, feature (bayesm
# 3.1, data/orangeJuice; Montgomery, "Creating micro-marketing pricing strategies using supermarket
# scanner data", 1997).
JUICE = [
    (40, 3712, 0.05719, 0),
    (43, 1728, 0.05719, 0),
    (44, 2624, 0.05719, 0),
    (45, 3328, 0.05719, 0),
    (46, 3968, 0.05719, 0),
    (47, 2176, 0.05719, 0),
    (49, 2176, 0.05719, 0),
    (50, 3840, 0.05719, 0),
    (51, 3392, 0.05719, 0),
    (52, 4096, 0.05141, 0),
    (53, 4544, 0.05141, 0),
    (54, 5504, 0.05141, 0),
    (55, 3328, 0.05719, 0),
    (56, 5824, 0.05141, 1),
    (57, 2496, 0.05141, 0),
    (58, 3520, 0.05484, 0),
    (59, 3904, 0.05484, 0),
    (60, 3776, 0.05484, 0),
    (61, 3264, 0.05484, 0),
    (62, 5056, 0.05719, 0),
    (63, 5760, 0.04672, 0),
    (64, 5696, 0.04672, 0),
    (65, 3648, 0.05297, 0),
    (66, 3200, 0.05297, 0),
    (67, 8640, 0.03734, 0),
    (68, 6528, 0.03734, 0),
    (69, 5824, 0.05297, 0),
    (70, 7872, 0.04047, 0),
    (71, 5440, 0.04047, 0),
    (72, 2816, 0.05297, 0),
    (73, 3200, 0.05297, 0),
    (74, 9280, 0.03891, 0),
    (75, 4096, 0.05297, 0),
    (76, 3648, 0.05297, 0),
    (77, 2624, 0.05297, 0),
    (78, 2944, 0.05297, 0),
    (79, 2752, 0.05297, 0),
    (80, 3008, 0.05297, 0),
    (81, 30848, 0.02641, 1),
    (82, 3456, 0.05297, 0),
    (83, 20544, 0.03109, 1),
    (84, 7424, 0.05297, 0),
    (85, 22528, 0.03109, 1),
    (86, 6144, 0.03109, 0),
    (88, 9216, 0.03578, 1),
    (90, 3072, 0.05297, 0),
    (91, 28224, 0.03109, 0),
]
# Own-price elasticity of the brand over 42 stores by least squares with store effects, deal and
# feature; brands lie between -1.1 and -3.3.
PUBLISHED = -2.438


def test_the_elasticity_of_one_store_agrees_with_that_of_the_brand() -> None:
    table = pd.DataFrame(JUICE, columns=["period", "value", "price", "feature"])
    table = table.assign(series_id="49/1")
    panel = read_panel(table)
    seen = observed_mask(table, panel)
    made, columns = price_columns(table, promotions=("feature",), carry_over=False)
    design = regressor_design(made, panel, horizon=0, columns=columns, observed=seen)
    found = fit_effects(panel.batch, design, observed=seen, keep=("price", "feature"))
    price, feature = found.table(list(panel.ids)).itertuples(index=False)
    plain = np.column_stack([np.ones(len(table)), np.log(table["price"]), table["feature"]])
    squares = np.linalg.lstsq(plain, np.log(table["value"]), rcond=None)[0]
    assert price.effect == pytest.approx(squares[1], abs=0.1)
    assert feature.effect == pytest.approx(squares[2], abs=0.1)
    assert abs(price.effect - PUBLISHED) < 2 * price.error < 0.7
