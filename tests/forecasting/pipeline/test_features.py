"""Pictures know nothing of later days, and count what a slow reading counts."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.support.companies import make_company
from workbench.errors import MissingTableError, NotIdentifiedError, ParameterError
from workbench.forecasting.pipeline.features import (
    LOST,
    WON,
    endings,
    month_number,
    month_start,
    pictures,
    remaining,
)

NAMES = ("opportunity", "opportunity_snapshot", "assignment", "account")


def tables_of(company, deals=250):
    """A part of the sample that holds together."""
    frames = {name: company.table(name, money="float") for name in NAMES}
    chosen = frames["opportunity"]["opportunity_id"].iloc[4000 : 4000 + deals]
    for name in NAMES[:2]:
        frame = frames[name]
        frames[name] = frame[frame["opportunity_id"].isin(chosen)].reset_index(drop=True)
    accounts = frames["opportunity"]["account_id"]
    for name in NAMES[2:]:
        frame = frames[name]
        frames[name] = frame[frame["account_id"].isin(accounts)].reset_index(drop=True)
    return frames


@pytest.fixture(scope="module")
def part(sample):
    return tables_of(sample)


def changed(frames, day):
    """The same company with everything after a day turned upside down."""
    stamp = pd.Timestamp(day)
    out = {name: frame.copy() for name, frame in frames.items()}
    deals = out["opportunity"]
    deals["status"], deals["stage"], deals["amount"] = "lost", "lost", 1.0
    deals["close_date"] = stamp + pd.Timedelta(days=40)
    deals["stage_date"] = deals["expected_close_date"] = deals["close_date"]
    deals["probability"], deals["forecast_category"] = 0.0, None
    later = out["opportunity_snapshot"]["snapshot_date"] > stamp
    out["opportunity_snapshot"] = out["opportunity_snapshot"][~later]
    owners = out["assignment"]
    owners = owners[owners["valid_from"] <= stamp].copy()
    # An assignment that ends later is, on the day, one without an end.
    owners["valid_to"] = owners["valid_to"].where(owners["valid_to"] <= stamp)
    out["assignment"] = owners
    return out


def test_changing_the_future_changes_no_feature(part, tmp_path):
    day = dt.date(2024, 3, 31)
    before = pictures(make_company(tmp_path / "a", part), until=day).rows
    after = pictures(make_company(tmp_path / "b", changed(part, day)), until=day).rows
    assert len(before) > 300
    pd.testing.assert_frame_equal(before, after)


def test_later_pictures_do_not_change_earlier_rows(part, tmp_path):
    company = make_company(tmp_path / "a", part)
    every = pictures(company).rows
    upto = pictures(company, until=dt.date(2024, 3, 31)).rows
    early = every[every["day"] <= "2024-03-31"].reset_index(drop=True)
    pd.testing.assert_frame_equal(upto, early)


def test_slips_and_ages_agree_with_a_slow_count(part, tmp_path):
    company = make_company(tmp_path / "a", part)
    rows = pictures(company).rows.set_index(["opportunity_id", "day"])
    deals = part["opportunity"].set_index("opportunity_id")
    for deal, own in list(part["opportunity_snapshot"].groupby("opportunity_id"))[:60]:
        slips, since, stage, last, expected = 0, deals.loc[deal, "created_date"], None, None, None
        for line in own.sort_values("snapshot_date").itertuples():
            slips += expected is not None and line.expected_close_date > expected
            if stage is not None and line.stage != stage:
                since = last
            stage, last, expected = line.stage, line.snapshot_date, line.expected_close_date
            row = rows.loc[(deal, pd.Timestamp(last))]
            assert row["slips"] == slips
            assert row["stage_age"] == (pd.Timestamp(last) - pd.Timestamp(since)).days


def test_a_deal_typed_in_later_was_not_known(part, tmp_path):
    deal = part["opportunity_snapshot"]["opportunity_id"].iloc[0]
    frames = {name: frame.copy() for name, frame in part.items()}
    mine = frames["opportunity"]["opportunity_id"] == deal
    frames["opportunity"].loc[mine, "entered_date"] = pd.Timestamp("2030-01-01")
    rows = pictures(make_company(tmp_path / "a", frames)).rows
    assert deal not in set(rows["opportunity_id"])


def test_voided_deals_are_lost_after_their_last_picture(whole, truth):
    ends = whole.ends.set_index("opportunity_id")
    truth = truth.assign(day=pd.to_datetime(truth["outcome_date"]))
    void = truth[(truth["outcome"] == "void") & (truth["day"] <= "2026-06-30")]
    void = void[void["opportunity_id"].isin(ends.index)]
    found = ends.loc[void["opportunity_id"]]
    assert (found["end"] == LOST).all()
    months = [month_number(day.date()) for day in void["day"]]
    assert (found["month"].to_numpy() == np.array(months)).mean() > 0.99


def test_endings_know_only_their_day(sample):
    ends = endings(sample, until=dt.date(2024, 3, 31))
    assert ends["month"].max() <= month_number(dt.date(2024, 3, 31))
    every = endings(sample)
    both = ends.merge(every, on="opportunity_id", suffixes=("", "_later"))
    assert (both["end"] == both["end_later"]).all()
    assert (both["month"] == both["month_later"]).all()
    won = every[every["end"] == WON]
    assert won.loc[won["late"], "seen"].sum() == 0  # typed in after the close: never pictured


def test_amounts_without_vat_are_smaller_by_the_rate(part, tmp_path):
    company = make_company(tmp_path / "a", part)
    gross, net = pictures(company).rows, pictures(company, basis="excl").rows
    ratio = gross["amount"] / net["amount"]
    equipment = gross["product_line"] == "equipment"
    np.testing.assert_allclose(ratio[equipment], 1.13, rtol=1e-4)
    np.testing.assert_allclose(ratio[~equipment], 1.06, rtol=1e-4)


def test_months_and_what_is_left_of_them():
    assert month_start(month_number(dt.date(2026, 2, 3))) == pd.Timestamp(2026, 2, 1)
    assert month_number(dt.date(2026, 1, 26), 25) == month_number(dt.date(2026, 2, 1))
    assert month_number(dt.date(2026, 12, 26), 25) == month_number(dt.date(2027, 1, 1))
    july = month_number(dt.date(2026, 7, 1))
    assert remaining(july, dt.date(2026, 7, 31)) == 0
    assert remaining(july, dt.date(2026, 6, 30)) == 1
    assert 0.4 < remaining(july, dt.date(2026, 7, 15)) < 0.6
    assert remaining(july, dt.date(2026, 7, 25), 25) == 0
    assert remaining(july, dt.date(2026, 6, 25), 25) == 1


def test_what_cannot_be_read_is_said(sample, part, tmp_path):
    with pytest.raises(NotIdentifiedError, match="no picture"):
        pictures(sample, until=dt.date(2020, 1, 1))
    with pytest.raises(ParameterError, match="tax basis"):
        pictures(sample, basis="both")
    bare = make_company(tmp_path / "a", {"opportunity": part["opportunity"]})
    with pytest.raises(MissingTableError):
        pictures(bare)


def test_without_accounts_and_assignments_the_own_columns_serve(part, tmp_path):
    frames = {name: part[name] for name in NAMES[:2]}
    rows = pictures(make_company(tmp_path / "a", frames)).rows
    assert set(rows["customer_type"]) == {"unknown"}
    owner = part["opportunity"].set_index("opportunity_id")["rep_id"]
    assert (rows["rep_id"] == rows["opportunity_id"].map(owner)).all()
