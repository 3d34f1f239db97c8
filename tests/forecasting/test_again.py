"""Earlier months forecast again: nothing later is known, both forecasts add up, weights shown."""

from pathlib import Path

import pytest

from workbench.company import open_company
from workbench.errors import NotIdentifiedError
from workbench.forecasting.outlook import bookings
from workbench.forecasting.outlook.again import again
from workbench.forecasting.outlook.bookings import TOTAL, Settings
from workbench.forecasting.outlook.deals_ahead import deals_ahead
from workbench.forecasting.outlook.past import earlier
from workbench.forecasting.outlook.said import COMPANY
from workbench.forecasting.outlook.scope import scope

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SETTINGS = Settings(draws=200)


@pytest.fixture(scope="module")
def now():
    looked = scope(open_company(SAMPLE), horizon=3)
    return bookings.outlook(looked, SETTINGS, pipeline=deals_ahead(looked, SETTINGS))


@pytest.fixture(scope="module")
def found(now):
    return again(now, 4)


def test_the_figure_with_deals_is_what_the_study_would_have_said(now, found):
    then = earlier(
        now.scope.earlier(2, horizon=3), Settings(draws=500), deals=True, past=now.handover.past
    )
    rows = found.figures
    first = rows["period"].dt.to_timestamp() == then.scope.months[0]
    mine = rows[first & (rows["stage"] == "pipeline") & (rows["horizon"] == 1)]
    mine = mine.set_index("series_id")["forecast"].reindex(list(then.nodes))
    assert mine.to_numpy() == pytest.approx(then.points[:, 0])


@pytest.mark.parametrize("stage", ["statistical", "pipeline"])
def test_nodes_add_up_in_every_month(now, found, stage):
    rows = found.figures[found.figures["stage"] == stage]
    key = ["period", "horizon"]
    total = rows[rows["series_id"] == TOTAL].set_index(key)["forecast"].sort_index()
    cells = rows[rows["series_id"].isin(now.tree.series)].groupby(key)["forecast"].sum()
    assert cells.reindex(total.index).to_numpy() == pytest.approx(total.to_numpy())


def test_months_that_are_not_over_are_not_scored(now, found):
    known = found.figures.dropna(subset=["actual"])
    assert known["period"].max().start_time == now.scope.last
    assert found.origins == 4
    assert list(found.weights["origins"]) == [4, 3, 2]


def test_stages_stand_in_order_with_what_people_entered_last(found):
    steps = found.staircase.steps
    company = steps[(steps["level"] == COMPANY) & (steps["horizon"] == 1)]
    assert list(company["stage"]) == ["naive", "statistical", "pipeline", "final"]
    assert company["added"].sum() == pytest.approx(company["added_naive"].iloc[-1])


def test_weights_lie_between_both_and_do_not_rise(found):
    weight = found.weights["weight"]
    assert weight.between(0, 1).all() and weight.is_monotonic_decreasing
    # open deals tell of the next months: on the sample company they beat the history alone
    assert (found.weights["pipeline_error"] < found.weights["series_error"]).all()


def test_nothing_is_asked_where_no_month_is_and_deals_are_needed(now):
    assert again(now, 0) is None
    plain = bookings.outlook(now.scope, SETTINGS, pipeline=None)
    with pytest.raises(NotIdentifiedError, match="without deals"):
        again(plain, 3)
