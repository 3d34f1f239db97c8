"""Collections: laws of the chain, and a year that came out near what was expected."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError, ParameterError
from workbench.forecasting.pipeline import flows
from workbench.forecasting.pipeline.cash import drawn_cash, expected_cash
from workbench.forecasting.pipeline.claims import claims
from workbench.forecasting.pipeline.collections import collections_forecast
from workbench.forecasting.pipeline.features import month_number
from workbench.forecasting.pipeline.terms import beyond_terms, beyond_terms_by_account
from workbench.scenarios import check_cube, cube

ORIGIN_DAY = dt.date(2025, 7, 31)
ORIGIN = month_number(ORIGIN_DAY)


@pytest.fixture(scope="module")
def came(sample):
    """Money on claims booked by the origin, and all receipts, by month after it."""
    owed = sample.sql(
        f"""select date_trunc('month', r.receipt_date) as month, sum(m.amount) as amount
        from receipt_match m join receipt r using (receipt_id) join receivable_plan p
            using (plan_id)
        where p.booked_date <= date '{ORIGIN_DAY}' and r.receipt_date > date '{ORIGIN_DAY}'
        group by 1 order by 1""",
        money="float",
    )["amount"].to_numpy()
    whole = sample.sql(
        f"""select date_trunc('month', receipt_date) as month, sum(amount) as amount
        from receipt where receipt_date > date '{ORIGIN_DAY}' group by 1 order by 1""",
        money="float",
    )["amount"].to_numpy()
    return SimpleNamespace(owed=owed[:12], whole=whole[:12])


def test_claims_know_only_their_day(sample, owed):
    assert owed.rows["booked"].max() <= pd.Timestamp(ORIGIN_DAY)
    assert owed.payments["month"].max() <= ORIGIN
    later = claims(sample)
    both = owed.rows.merge(later.rows, on="plan_id", suffixes=("", "_later"))
    assert len(both) == len(owed.rows)
    assert (both["left_later"] <= both["left"] + 0.01).mean() > 0.99


def test_what_is_owed_is_paid_as_expected(money, came):
    """Months of the first half-year lie within 15% of what came, their sum within 7%."""
    expected = money.means[0]
    np.testing.assert_allclose(expected[:3], came.owed[:3], rtol=0.20)
    assert expected[:6].sum() == pytest.approx(came.owed[:6].sum(), rel=0.07)


def test_the_year_that_came(money, came):
    table = money.table()
    assert table["mean"].sum() == pytest.approx(came.whole.sum(), rel=0.10)
    assert table["mean"][:3].sum() == pytest.approx(came.whole[:3].sum(), rel=0.08)


def test_means_are_those_of_the_draws(money):
    array = check_cube(money.draws(1000))
    drawn = array.sum("region").values
    error = drawn.std(axis=0) / np.sqrt(1000)
    assert (np.abs(drawn.mean(axis=0) - money.table()["mean"]) < 5 * error).all()
    assert (array.values >= 0).all()


def test_drafts_are_a_part_and_turn_into_money_later(money, owed):
    table = money.table()
    assert (table["drafts"] < table["mean"]).all()
    assert 0.02 < table["drafts"].sum() / table["mean"].sum() < 0.15
    receipts = owed.receipts
    held = receipts[receipts["draft"] & (receipts["matures"] == ORIGIN + 1)]["amount"].sum()
    assert table["matured"].iloc[0] == pytest.approx(held)
    # Drafts of half a year: what is received in the first months turns into money within the year.
    assert table["matured"].iloc[6] > 0


def test_public_owners_pay_later(money):
    """Planted: state-owned customers and public bodies pay later."""
    rows = money.owed[money.owed["kind"] == "open_account"].head(300)
    rows = rows.assign(due=pd.Timestamp("2025-08-29"), account_id="none", channel="direct")
    start = np.full(len(rows), ORIGIN)
    left = {}
    for owner in ("private", "state", "public"):
        hazard = money.hazard.monthly(rows.assign(ownership=owner), start, 4, partly=False)
        left[owner] = np.prod(1 - hazard, axis=1).mean()
    assert left["private"] + 0.05 < min(left["state"], left["public"])


def test_the_chase_before_the_new_year_is_found(money):
    """Planted: collections are chased from mid-December to the New Year."""
    rows = money.owed.head(300)
    rows = rows.assign(due=pd.Timestamp("2025-11-20"))
    hazard = money.hazard.monthly(
        rows, np.full(len(rows), month_number(dt.date(2025, 11, 1))), 4, partly=False
    ).mean(axis=0)
    january, march = hazard[1], hazard[3]
    assert january > 1.3 * march


def test_expected_money_by_hand():
    fresh, begun = np.array([[0.5, 0.5]]), np.array([[0.2, 0.2]])
    kept = {"partial": np.array([0.4]), "part": 0.6}
    cash = expected_cash(np.array([100.0]), fresh, begun, part_left=np.array([False]), **kept)
    first = 0.5 * 100 * (0.6 + 0.4 * 0.6)
    second = 0.25 * 100 * (0.6 + 0.4 * 0.6) + 0.5 * 0.4 * 0.2 * 40
    np.testing.assert_allclose(cash, [[first, second]])
    rest = expected_cash(np.array([40.0]), fresh, begun, part_left=np.array([True]), **kept)
    np.testing.assert_allclose(rest, [[8.0, 6.4]])


def test_drawn_money_has_the_expected_mean_and_never_more_than_is_owed():
    rng = np.random.default_rng(0)
    left = rng.uniform(10, 100, 40)
    fresh, begun = rng.uniform(0.1, 0.5, (2, 40, 5))
    kept = {"partial": np.full(40, 0.3), "part": 0.6, "part_left": np.arange(40) % 4 == 0}
    drawn = drawn_cash(
        rng, left, fresh, begun, np.ones((20_000, 5)), group=np.arange(40) % 2, groups=2, **kept
    )
    expected = expected_cash(left, fresh, begun, **kept)
    for group in range(2):
        want = expected[np.arange(40) % 2 == group].sum(axis=0)
        np.testing.assert_allclose(drawn[:, :, group].mean(axis=0), want, rtol=0.02)
        most = left[np.arange(40) % 2 == group].sum()
        assert drawn[:, :, group].sum(axis=1).max() <= most + 1e-6


def test_claims_follow_bookings():
    """Shares planted month by month come back from least squares that are not negative."""
    shares = np.zeros((flows.LAGS, 2))
    shares[0, 0], shares[1, 0], shares[0, 1], shares[2, 1] = 0.3, 0.2, 0.5, 0.4
    flow = flows.Flow("advance", shares, np.zeros(3), 0.0)
    past = np.full((flows.LAGS - 1, 2), 10.0)
    future = np.array([[[10.0, 10.0], [20.0, 10.0], [20.0, 0.0]]])
    np.testing.assert_allclose(flow.booked(past, future), [[14.0, 17.0, 14.0 - 5 + 5]])


def test_planned_bookings_move_collections(sample, money):
    periods = money.periods.to_numpy().astype("datetime64[D]")
    usual = money.bookings.mean(axis=0)
    values = np.tile(usual, (8, 1, 1)) * 1.5
    plan = cube(
        values,
        name="signed",
        unit="CNY",
        period=periods,
        keys={"product_line": ["equipment", "service"]},
    )
    more = collections_forecast(sample, as_of=ORIGIN_DAY, bookings=plan)
    np.testing.assert_allclose(more.means[0], money.means[0])
    assert more.means[1].sum() == pytest.approx(1.5 * money.means[1].sum(), rel=0.12)
    with pytest.raises(InputError, match="do not cover"):
        collections_forecast(sample, as_of=ORIGIN_DAY, bookings=plan.isel(period=slice(1, None)))
    with pytest.raises(ParameterError):
        collections_forecast(sample, horizon=99)


def test_every_claim_is_told(money):
    table = money.claims()
    assert len(table) == len(money.owed)
    assert (table["expected"] <= table["left"] + 1e-6).all()
    assert table["expected"].sum() == pytest.approx(money.means[0].sum())


def test_terms_beyond_the_law_by_a_slow_count(owed):
    table = beyond_terms(owed)
    rows = owed.rows[owed.rows["booked"] > pd.Timestamp("2024-07-31")]
    count = 0
    for line in rows.itertuples():
        limit = 30 if line.ownership == "public" else 60
        days = (line.due - line.booked).days
        count += line.kind not in ("advance", "retention") and days > limit
    assert len(table) == count > 0
    assert (table["over"] > 0).all()
    by_account = beyond_terms_by_account(owed)
    assert by_account["claims"].sum() == count
    assert by_account["amount"].sum() == pytest.approx(table["amount"].sum())
