"""A forecast under other locks and factors is what it would have been, without learning again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from workbench.errors import ParameterError
from workbench.forecasting import Forecast, forecast
from workbench.forecasting.hierarchy.locks import Lock
from workbench.scenarios import streams

MONTHS = pd.period_range("2021-01", periods=48, freq="M").astype(str)
KEYS = pd.DataFrame(
    {
        "series_id": [f"S{n}" for n in range(12)],
        "region": np.repeat(["East", "South", "North"], 4),
        "line": np.tile(["Equipment", "Service"], 6),
    }
)


def sales() -> pd.DataFrame:
    generator = streams(3)["assumptions"]
    season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(48) / 12)
    values = 100 * season * np.exp(0.1 * generator.standard_normal((12, 48)))
    return pd.DataFrame(
        {
            "series_id": np.repeat(KEYS["series_id"].to_numpy(), 48),
            "period": np.tile(MONTHS, 12),
            "value": values.ravel(),
        }
    )


@pytest.fixture(scope="module")
def made() -> Forecast:
    return forecast(sales(), horizon=6, hierarchy=KEYS)


def mean_of(made: Forecast, node: str) -> np.ndarray:
    return made.points[list(made.panel.ids).index(node)]


def test_other_locks_give_what_a_forecast_with_them_gives(made: Forecast) -> None:
    locks = [Lock("East", 3000.0), Lock("Service", 3900.0, (0, 1, 2, 3, 4, 5))]
    moved = made.changed(locks=locks)
    whole = forecast(sales(), horizon=6, hierarchy=KEYS, locks=locks)
    np.testing.assert_allclose(moved.points, whole.points, rtol=1e-12)
    np.testing.assert_array_equal(moved.draws(20).values, whole.draws(20).values)
    pd.testing.assert_frame_equal(moved.changed().table(), made.table())


def test_a_factor_moves_what_lies_under_the_node_and_all_above(made: Forecast) -> None:
    moved = made.changed(factors={"East": 1.1, "Service": 0.5})
    np.testing.assert_allclose(
        mean_of(moved, "S0"), 1.1 * mean_of(made, "S0"), rtol=1e-9
    )  # East, Equipment
    np.testing.assert_allclose(mean_of(moved, "S1"), 0.55 * mean_of(made, "S1"), rtol=1e-9)
    np.testing.assert_allclose(mean_of(moved, "S4"), mean_of(made, "S4"), rtol=1e-9)
    tree = moved.reconciled.hierarchy
    np.testing.assert_allclose(tree.summing @ moved.points[tree.above :], moved.points, rtol=1e-9)
    width = [high - low for low, high in (one.interval(80) for one in (made, moved))]
    ratio = moved.points / made.points
    np.testing.assert_allclose(width[1], ratio * width[0], rtol=1e-9)


def test_factor_and_lock_hold_together(made: Forecast) -> None:
    moved = made.changed(locks=[Lock("East", 3000.0)], factors={"South": 1.2})
    assert mean_of(moved, "East").sum() == pytest.approx(3000.0, rel=1e-9)
    assert mean_of(moved, "South").sum() > 1.1 * mean_of(made, "South").sum()


@pytest.mark.parametrize(
    ("factors", "says"), [({"Eas": 1.1}, "no node 'Eas'"), ({"East": -1.0}, "multiplied by -1")]
)
def test_a_wrong_factor_is_one_error(made: Forecast, factors: dict[str, float], says: str) -> None:
    with pytest.raises(ParameterError, match=says) as caught:
        made.changed(factors=factors)
    assert caught.value.do


def test_without_a_hierarchy_there_is_nothing_to_lock() -> None:
    with pytest.raises(ParameterError, match="only a forecast of a hierarchy"):
        forecast(sales(), horizon=3).changed(locks=[Lock("S0", 10.0)])
