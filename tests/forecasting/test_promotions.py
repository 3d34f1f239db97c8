"""What promotions bring: the planted lift comes back, and the parts close."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.errors import MissingTableError, NotIdentifiedError
from workbench.forecasting.outlook import bookings, drivers
from workbench.forecasting.outlook.bookings import Settings
from workbench.forecasting.outlook.promotions import brought, promotions
from workbench.forecasting.outlook.scope import scope
from workbench.sample.parameters import PriceTruth

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


def test_the_planted_lift_comes_back(company):
    row = promotions(scope(company)).lifts.set_index("type").loc["promotion"]
    planted = PriceTruth().promotion_lift
    assert row["kept"]
    assert abs(row["lift"] - planted) < 2 * row["error"]


def test_only_what_was_known_on_the_day_counts(company):
    then = scope(company).earlier(12)
    made = promotions(then)
    assert made.months["month"].max() <= then.last
    now = promotions(scope(company)).lifts.set_index("type")["promotions"]
    assert made.lifts.set_index("type").loc["promotion", "promotions"] < now["promotion"]
    # what ran after that day was entered, but had not run
    assert made.announced > 0


def test_promotions_are_a_cause_and_the_causes_close(company):
    looked = scope(company)
    found = bookings.outlook(looked, Settings(draws=200), pipeline=None)
    made = promotions(looked)
    with_, without = drivers.causes(found, promoted=made), drivers.causes(found)
    amounts = with_.set_index("cause")["amount"]
    assert amounts.drop(["before", "after"]).sum() == pytest.approx(
        amounts["after"] - amounts["before"], abs=1e-3
    )
    then, usual = brought(found, made)
    assert amounts["promotions"] == pytest.approx(usual - then)
    assert 0 < then < 0.01 * amounts["before"]
    trend = without.set_index("cause")["amount"]["trend"]
    assert amounts["trend"] + amounts["promotions"] == pytest.approx(trend)


def _small(folder: Path, lift: float, *, count: int = 8):
    """Two products sold every day at 100; the first sells `lift` as much in its promotions."""
    days = pd.date_range("2023-01-01", "2025-12-31", freq="D")
    starts = [pd.Timestamp("2023-04-01") + pd.Timedelta(days=120 * n) for n in range(count)]
    promoted = np.zeros(len(days), dtype=bool)
    for start in starts:
        promoted |= (days >= start) & (days < start + pd.Timedelta(days=14))
    # a season that both share must not count as lift
    season = 1 + 0.4 * np.sin(2 * np.pi * days.day_of_year / 365)
    parts = [
        order_lines(
            order_line_id=[f"{product}-{n}" for n in range(len(days))],
            order_date=[str(day.date()) for day in days],
            recognised_date=[str(day.date()) for day in days],
            product_id=product,
            product_line="consumables",
            channel="direct",
            amount=100 * season * np.where(promoted & (product == "P1"), lift, 1.0),
        )
        for product in ("P1", "P2")
    ]
    offers = pd.DataFrame(
        {
            "promotion_id": [f"PR{n}" for n in range(count)],
            "promotion_type": "promotion",
            "product_line": "consumables",
            "product_id": "P1",
            "channel": "direct",
            "start_date": [start.date() for start in starts],
            "end_date": [(start + pd.Timedelta(days=13)).date() for start in starts],
            "price_change": -0.1,
        }
    )
    tables = {"order_line": pd.concat(parts, ignore_index=True), "price_promotion": offers}
    return make_company(folder, tables, {"data_as_of": "2025-12-31"})


def test_a_season_is_no_lift(tmp_path):
    made = promotions(scope(_small(tmp_path / "c", 1.5)))
    row = made.lifts.iloc[0]
    assert row["lift"] == pytest.approx(1.5, abs=0.01)
    april = made.months[made.months["month"] == "2023-04-01"].iloc[0]
    assert 0.05 < april["share"] < 0.2


def test_what_is_not_told_from_none_is_no_number(tmp_path):
    with pytest.raises(NotIdentifiedError, match="not told"):
        promotions(scope(_small(tmp_path / "none", 1.0)))
    with pytest.raises(NotIdentifiedError, match="not told"):
        promotions(scope(_small(tmp_path / "few", 1.5, count=3)))


def test_no_promotions_is_said(tmp_path):
    lines = order_lines(order_line_id=["L1"], order_date=["2025-01-01"], amount=[1.0])
    small = make_company(tmp_path / "c", {"order_line": lines}, {"data_as_of": "2025-03-31"})
    with pytest.raises(MissingTableError):
        promotions(scope(small))
