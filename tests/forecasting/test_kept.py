"""Kept forecasts: what later runs read of earlier ones, how they fared, what changed since."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.company import open_company
from workbench.errors import InputError, NotIdentifiedError
from workbench.forecasting.judgement.vintages import SCHEMA
from workbench.forecasting.outlook import bookings
from workbench.forecasting.outlook.bookings import TOTAL, Settings
from workbench.forecasting.outlook.kept import IN_RUN, kept, vintage_of
from workbench.forecasting.outlook.scope import scope

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MONTHS_BACK = (12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)


def _made(looked):
    return bookings.outlook(looked, Settings(draws=200), pipeline=None)


@pytest.fixture(scope="module")
def now():
    return _made(scope(open_company(SAMPLE)))


@pytest.fixture(scope="module")
def runs(now, tmp_path_factory):
    """A folder of runs, one a month, each with its vintage; the first month was run twice."""
    folder = tmp_path_factory.mktemp("runs")
    for back in MONTHS_BACK:
        made = vintage_of(_made(now.scope.earlier(back, horizon=6)))
        stamp = made["origin"].iloc[0] + pd.Timedelta(days=3)
        _write(folder / f"{stamp:%Y%m%dT090000Z}-0123abcd", made)
    wrong = vintage_of(_made(now.scope.earlier(12, horizon=6)))
    _write(folder / "20200101T000000Z-0123abcd", wrong.assign(mean=wrong["mean"] * 9))
    return folder


def _write(run: Path, table: pd.DataFrame) -> None:
    path = run / IN_RUN
    path.parent.mkdir(parents=True)
    table.to_parquet(path)


def test_a_vintage_holds_all_stages_and_the_range_of_the_last(now):
    made = vintage_of(now)
    assert list(made.columns) == list(SCHEMA)
    assert len(made) == 3 * len(now.nodes) * now.scope.horizon
    final = made[(made["stage"] == "final") & (made["series_id"] == TOTAL)]
    assert final["mean"].to_numpy() == pytest.approx(now.points[0])
    assert (final["lo95"] <= final["lo80"]).all() and final["hi80"].notna().all()
    assert made.loc[made["stage"] != "final", "lo80"].isna().all()


def test_earlier_forecasts_are_scored_by_what_came(now, runs):
    found = kept(now, str(runs))
    assert found.vintages["origin"].nunique() == len(MONTHS_BACK)
    whole = found.accuracy[found.accuracy["origin"].isna()]
    next_month = whole[(whole["stage"] == "final") & (whole["horizon"] == 1)].iloc[0]
    assert next_month["rows"] == len(MONTHS_BACK)
    one = found.vintages
    one = one[(one["series_id"] == TOTAL) & (one["stage"] == "final")]
    first = one.sort_values("period").drop_duplicates("origin")
    came = now.history[TOTAL].reindex(first["period"].dt.to_timestamp()).to_numpy()
    error = np.abs(first["mean"].to_numpy() - came).sum() / came.sum()
    assert next_month["error"] == pytest.approx(error)
    assert next_month["error"] < 0.2  # the run made first, nine times too high, does not count


def test_stages_are_held_against_naive(now, runs):
    steps = kept(now, str(runs)).staircase.steps
    nearest = steps[steps["horizon"] == 1]
    assert list(nearest["stage"]) == ["naive", "statistical", "final"]
    assert nearest["periods"].iloc[0] == len(MONTHS_BACK)


def test_the_change_since_the_last_closes(now, runs):
    found = kept(now, str(runs))
    assert found.day == now.scope.earlier(1).day
    cells = found.changes.cells
    parts = [name for name in cells.columns if name in ("closed", "new_actuals", "pipeline")]
    assert cells[[*parts, "override"]].sum(axis=1).to_numpy() == pytest.approx(
        cells["change"].to_numpy(), abs=1e-2
    )
    total = cells[cells["series_id"] == TOTAL]
    assert total["after"].sum() == pytest.approx(
        now.points[0].sum() + now.history[TOTAL].iloc[-1], abs=1
    )


def test_other_measures_regions_and_later_days_do_not_count(now, runs, tmp_path):
    some = dataclasses.replace(now, scope=dataclasses.replace(now.scope, regions=("east",)))
    with pytest.raises(NotIdentifiedError, match="no earlier forecast"):
        kept(some, str(runs))
    _write(tmp_path / "20260801T000000Z-0123abcd", vintage_of(now))
    with pytest.raises(NotIdentifiedError, match="no earlier forecast"):
        kept(now, str(tmp_path))


def test_no_folder_asks_nothing_and_a_wrong_one_is_said(now, tmp_path):
    assert kept(now, "") is None
    with pytest.raises(InputError, match="no folder"):
        kept(now, str(tmp_path / "none"))
