"""The naive stage uses the last season that was known, and nothing later."""

from __future__ import annotations

import pandas as pd
import pytest

from workbench.errors import ParameterError
from workbench.forecasting.judgement.figures import COLUMNS
from workbench.forecasting.judgement.plain import naive_figures

MONTHS = pd.period_range("2024-01", periods=30, freq="M")
ACTUALS = pd.DataFrame({"series_id": "A", "period": MONTHS, "actual": range(30)})


def rows(*cells: tuple[int, int]) -> pd.DataFrame:
    table = pd.DataFrame(
        [
            ("A", "rep", MONTHS[place], horizon, "rep", 1.0, float(place))
            for place, horizon in cells
        ],
        columns=list(COLUMNS),
    )
    return table.astype({"period": "period[M]"})


@pytest.mark.parametrize(
    ("season", "horizon", "back"),
    [(12, 1, 12), (12, 12, 12), (12, 13, 24), (1, 1, 1), (1, 3, 3), (4, 6, 8), (1, 0, 1)],
)
def test_it_reaches_back_whole_seasons_to_what_was_known(
    season: int, horizon: int, back: int
) -> None:
    found = naive_figures(rows((28, horizon)), ACTUALS, season=season)
    assert found["forecast"].tolist() == [28 - back] and found["stage"].tolist() == ["naive"]
    assert found["actual"].tolist() == [28]


def test_rows_without_a_past_are_left_out_and_doubles_said_once() -> None:
    found = naive_figures(rows((5, 1), (20, 1), (20, 1)), ACTUALS)
    assert found["period"].tolist() == [MONTHS[20]]
    assert naive_figures(rows(), ACTUALS).empty
    with pytest.raises(ParameterError, match="season"):
        naive_figures(rows((20, 1)), ACTUALS, season=0)
