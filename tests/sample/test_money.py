"""Money: nothing is paid twice, and every planted habit of payment shows and can be taken away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sample.following import Sample, on, without
from workbench.calendars import chinese_new_year
from workbench.sample import clock, money
from workbench.sample.keyed import Keyed
from workbench.sample.world import AS_OF
from workbench.scenarios import streams

TRUTH = money.TRUTH
TODAY = pd.Timestamp(AS_OF)
YEAR_AGO = TODAY - pd.DateOffset(years=1)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return on()


def cents(values: pd.Series) -> pd.Series:
    return (values * 100).round().astype("int64")


def open_claims(one: Sample, day: pd.Timestamp) -> pd.DataFrame:
    """Claims open on a day: open amount, days late, with channel and ownership of the account."""
    claims, matches = one["receivable_plan"], one["receipt_match"]
    settled = matches[matches["matched_date"] <= day].groupby("plan_id")["amount"].sum()
    claims = claims[claims["booked_date"] <= day]
    left = claims["amount"] - claims["plan_id"].map(settled).fillna(0)
    late = (day - claims["due_date"]).dt.days.clip(lower=0)
    account = one.world.accounts.iloc[claims["account_id"]].reset_index(drop=True)
    rows = claims.reset_index(drop=True).assign(
        left=left.to_numpy(),
        late=late.to_numpy(),
        channel=account["channel"],
        ownership=account["ownership"],
    )
    return rows[rows["left"] > 0.005]


def paid_claims(one: Sample) -> pd.DataFrame:
    """Direct claims with the day the last of them was received (missing while open)."""
    matches = one["receipt_match"].merge(
        one["receipt"][["receipt_id", "receipt_date"]], on="receipt_id"
    )
    claims = one["receivable_plan"].set_index("plan_id")
    sums = matches.groupby("plan_id").agg(paid=("amount", "sum"), on=("receipt_date", "max"))
    claims = claims.join(sums)
    claims["on"] = claims["on"].where(claims["paid"] > claims["amount"] - 0.005)
    account = one.world.accounts.iloc[claims["account_id"]]
    claims["ownership"] = account["ownership"].to_numpy()
    claims["channel"] = account["channel"].to_numpy()
    return claims[claims["channel"] == "direct"]


def test_matches_never_exceed_receipts_or_claims(sample: Sample) -> None:
    matches = sample["receipt_match"]
    for table, key in (("receipt", "receipt_id"), ("receivable_plan", "plan_id")):
        whole = cents(sample[table].set_index(key)["amount"])
        used = cents(matches["amount"]).groupby(matches[key]).sum()
        assert (used <= whole.reindex(used.index)).all()
    assert not matches.duplicated(["receipt_id", "plan_id"]).any()
    received = sample["receipt"].set_index("receipt_id")["receipt_date"]
    assert (matches["matched_date"] >= received.reindex(matches["receipt_id"]).to_numpy()).all()


def test_every_receipt_of_known_claims_is_used_up(sample: Sample) -> None:
    used = sample["receipt_match"].groupby("receipt_id")["amount"].sum()
    matched = sample["receipt"].set_index("receipt_id")["amount"].reindex(used.index)
    assert used.to_numpy() == pytest.approx(matched.to_numpy(), abs=0.005)


def test_equipment_contracts_are_owed_for_in_3_3_3_1(sample: Sample) -> None:
    rows = sample["receivable_plan"]
    staged = rows[rows["contract_id"] >= 0].pivot_table(
        index="contract_id", columns="instalment_type", values="amount", aggfunc="sum"
    )
    whole = staged.dropna()
    shares = whole.div(whole.sum(axis=1), axis=0)[list(money.receivables.INSTALMENTS)]
    assert len(whole) > 800
    near = (shares - np.array(TRUTH.terms.instalments)).abs().max(axis=1) < 0.001
    assert near.mean() > 0.95  # the others gave something back
    held = rows[rows["instalment_type"] == "retention"]
    wait = (held["due_date"] - held["booked_date"]).dt.days
    assert (wait == TRUTH.terms.instalment_days[3]).all()


def test_goods_are_delivered_before_they_are_revenue(sample: Sample) -> None:
    lines = sample["order_line"].set_index("order_line_id")
    sums = (
        sample["delivery"]
        .groupby("order_line_id")
        .agg(quantity=("quantity", "sum"), last=("ship_date", "max"))
    )
    goods = lines[(lines["product_line"] != "service") & lines["recognised_date"].notna()]
    there = sums.reindex(goods.index)
    assert (there["quantity"] == goods["quantity"]).all()
    assert (there["last"] <= goods["recognised_date"]).all()
    assert (goods["recognised_date"] >= goods["order_date"]).all()
    service = lines.index[lines["product_line"] == "service"]
    assert not sample["delivery"]["order_line_id"].isin(service).any()


def test_some_lines_ship_in_two_parts(sample: Sample) -> None:
    def share(one: Sample) -> float:
        several = one["order_line"].query("channel == 'direct' and quantity >= 2")
        number = one["delivery"].groupby("order_line_id").size()
        return float((number.reindex(several["order_line_id"]).dropna() > 1).mean())

    assert TRUTH.delivery.split_share * 0.8 < share(sample) < TRUTH.delivery.split_share_equipment
    assert share(without("split_shipments")) == 0


def test_acceptances_are_hurried_before_a_quarter_ends(sample: Sample) -> None:
    def measure(one: Sample) -> float:
        lines = one["order_line"].query("channel == 'direct' and product_line == 'equipment'")
        day = lines["recognised_date"].dropna()
        day = day[~day.dt.month.isin([1, 12])]  # December has timing of its own
        before = ((day + pd.offsets.QuarterEnd(0) - day).dt.days < 6).sum()
        after = ((day - (day + pd.offsets.QuarterBegin(-1, startingMonth=1))).dt.days < 12).sum()
        return float(before / after)

    assert measure(sample) > 1.4 * measure(without("acceptance_hurry"))


def test_days_outstanding_and_overdue_lie_in_the_planted_range(sample: Sample) -> None:
    ends = pd.date_range(end=TODAY, periods=12, freq="ME")
    lines = sample["order_line"]
    sold = lines[(lines["recognised_date"] > YEAR_AGO) & (lines["recognised_date"] <= TODAY)]
    owed = [open_claims(sample, day)["left"].sum() for day in ends]
    assert 58 < np.mean(owed) / sold["amount"].sum() * 365 < 85
    now, before = open_claims(sample, TODAY), open_claims(sample, YEAR_AGO)

    def share(rows: pd.DataFrame, days: int) -> float:
        return float(rows.loc[rows["late"] > days, "left"].sum() / rows["left"].sum())

    assert 0.15 < share(now, 0) < 0.29
    assert 0.08 < share(now, 90) < 0.16
    assert share(now, 0) - share(before, 0) > -0.01


def test_state_owned_customers_pay_later(sample: Sample) -> None:
    def outstanding(one: Sample) -> tuple[float, float]:
        rows = open_claims(one, TODAY).query("channel == 'direct'")
        lines = one["order_line"]
        lines = lines[(lines["channel"] == "direct") & (lines["recognised_date"] > YEAR_AGO)]
        owner = one.world.accounts["ownership"].to_numpy()[lines["account_id"]]
        public = np.isin(owner, ("state", "public"))
        owed = rows.groupby(rows["ownership"].isin(["state", "public"]))["left"].sum()
        sold = lines["amount"].groupby(public).sum()
        return owed[True] / sold[True] * 365, owed[False] / sold[False] * 365

    def late(one: Sample) -> float:
        rows = paid_claims(one).dropna(subset=["on"])
        days = (rows["on"] - rows["due_date"]).dt.days
        return float(days.groupby(rows["ownership"]).mean()[["state", "private"]].diff().iloc[-1])

    state, _ = outstanding(sample)
    assert 130 < state < 200
    assert late(sample) < -15
    assert abs(late(without("state_pays_late"))) < 8


def test_customers_pay_later_from_autumn_2025(sample: Sample) -> None:
    def unpaid(one: Sample, start: str, end: str) -> float:
        rows = paid_claims(one).query(f"'{start}' <= due_date <= '{end}'")
        late = (rows["on"] - rows["due_date"]).dt.days
        return float(1 - (late <= 0).mean())

    def rise(one: Sample) -> float:
        before = (
            unpaid(one, "2022-10-01", "2023-06-30")
            + unpaid(one, "2023-10-01", "2024-06-30")
            + unpaid(one, "2024-10-01", "2025-06-30")
        ) / 3
        return unpaid(one, "2025-10-01", "2026-06-30") - before

    # The mix of customers moves too; the same draws without the effect show by how much.
    assert rise(sample) - rise(without("slower_payment")) > 0.012


def test_collections_are_chased_before_the_new_year(sample: Sample) -> None:
    def chased(one: Sample) -> float:
        """Share of claims open at the start that are paid in 30 days: chase against June."""
        rows = paid_claims(one)
        shares = []
        for year in (2022, 2023, 2024, 2025):
            eve = pd.Timestamp(chinese_new_year(year))
            for start in (eve - pd.Timedelta(days=31), pd.Timestamp(f"{year}-06-01")):
                late = rows[
                    (rows["booked_date"] < start)
                    & (rows["due_date"] < start)
                    & ~(rows["on"] < start)
                ]
                soon = late["on"] < start + pd.Timedelta(days=30)
                shares.append(soon.mean())
        return float(np.mean(shares[::2]) / np.mean(shares[1::2]))

    assert chased(sample) > 1.25
    assert chased(without("collection_peak")) < 0.9 * chased(sample)


def test_the_planted_share_of_receipts_is_unclaimed(sample: Sample) -> None:
    def unclaimed(one: Sample) -> float:
        rows = one["receipt"].query("amount > 0")
        return float((~rows["receipt_id"].isin(one["receipt_match"]["receipt_id"])).mean())

    assert unclaimed(sample) == pytest.approx(0.04, abs=0.006)
    known = sample["receipt"].query("account_id < 0")
    assert len(known) > 500 and known["payer"].notna().all()
    assert unclaimed(without("unclaimed")) < 0.003


def test_one_receipt_often_settles_several_claims(sample: Sample) -> None:
    def joint(one: Sample) -> float:
        account = one["receipt"].set_index("receipt_id")["account_id"]
        channel = one.world.accounts["channel"].to_numpy()
        rows = one["receipt_match"]
        owner = account.reindex(rows["receipt_id"]).to_numpy()
        rows = rows[(owner >= 0) & (channel[np.maximum(owner, 0)] == "direct")]
        return float((rows.groupby("receipt_id").size() > 1).mean())

    assert joint(sample) > 0.07
    assert joint(without("joint_payment")) < 0.6 * joint(sample)


def test_bad_debt_is_never_paid_and_has_the_planted_rate(sample: Sample) -> None:
    claims = paid_claims(sample)
    exposed = claims[
        ~claims["ownership"].isin(["state", "public"]) & (claims["instalment_type"] != "advance")
    ]
    old = exposed[exposed["due_date"] < "2023-08-01"]
    unpaid = old["on"].isna().mean()
    assert unpaid == pytest.approx(TRUTH.payment.bad, abs=0.004)
    off = paid_claims(without("bad_debt"))
    assert off[off["due_date"] < "2023-08-01"]["on"].isna().mean() < 0.0025


def test_key_accounts_pay_in_six_month_drafts(sample: Sample) -> None:
    rows = sample["receipt"].query("account_id >= 0 and amount > 0")
    kind = sample.world.accounts["customer_type"].to_numpy()[rows["account_id"]]
    share = (rows["method"] == "bank_draft")[kind == "key_account"].mean()
    assert share == pytest.approx(TRUTH.payment.draft_share, abs=0.05)
    drafts = rows[rows["method"].isin(["bank_draft", "commercial_draft"])]
    assert ((drafts["draft_due_date"] - drafts["receipt_date"]).dt.days == 180).all()
    assert rows.loc[~rows.index.isin(drafts.index), "draft_due_date"].isna().all()


def test_returns_are_rare_but_for_e_commerce(sample: Sample) -> None:
    def rates(one: Sample) -> pd.Series:
        lines = one["order_line"].dropna(subset=["recognised_date"])
        back = one["return_refund"]
        back = back[back["reason"] != "contract_reversed"]
        channel = lines.set_index("order_line_id")["channel"]
        given = back.groupby(back["order_line_id"].map(channel))["amount"].sum()
        return given.reindex(["direct", "ecommerce"]).fillna(0) / lines.groupby("channel")[
            "amount"
        ].sum().reindex(["direct", "ecommerce"])

    rate = rates(sample)
    assert rate["ecommerce"] == pytest.approx(TRUTH.invoice.returned["ecommerce"], abs=0.02)
    assert 0.002 < rate["direct"] < 0.02
    whole = sample["return_refund"]["amount"].sum() / sample["order_line"]["amount"].sum()
    assert 0.01 < whole < 0.022
    assert (rates(without("returns")) == 0).all()


def test_cancelled_contracts_bring_no_revenue(sample: Sample) -> None:
    contracts = sample["contract"]
    back = contracts[contracts["contract_type"] == "reversal"].set_index("reverses_id")
    whole = contracts.set_index("contract_id")["amount"]
    lines = sample["order_line"].query("channel == 'direct' and contract_id >= 0")
    lines = lines.join(back[["amount", "signed_date"]], on="contract_id", suffixes=("", "_back"))
    full = lines["amount_back"] == -lines["contract_id"].map(whole)
    cancelled = lines[full & (lines["signed_date"] <= TODAY - pd.Timedelta(days=30))]
    returned = set(sample["return_refund"]["order_line_id"])
    came = cancelled["recognised_date"].notna()
    assert (~came).sum() > 10
    assert cancelled.loc[came, "order_line_id"].isin(returned).mean() > 0.95


def test_red_invoices_correct_blue_ones_of_the_same_customer(sample: Sample) -> None:
    rows = sample["invoice"].set_index("invoice_id")
    assert rows["invoice_number"].is_unique
    assert rows["invoice_number"].str.fullmatch("[0-9]{20}").all()
    red = rows[rows["invoice_type"] == "red"]
    blue = rows.loc[red["corrects_id"]]
    assert (blue["invoice_type"] == "blue").all() and (red["amount"] < 0).all()
    assert (blue["account_id"].to_numpy() == red["account_id"].to_numpy()).all()
    assert (blue["invoice_date"].to_numpy() <= red["invoice_date"].to_numpy()).all()
    assert (rows.loc[rows["invoice_type"] == "blue", "amount"] > 0).all()


def test_dealers_are_invoiced_what_they_ordered(sample: Sample) -> None:
    rows = sample["invoice"].query("invoice_type == 'blue' and order_id >= 0")
    orders = sample["order_line"].query("channel == 'dealer'").groupby("order_id")["amount"].sum()
    billed = rows.groupby("order_id")["amount"].sum().reindex(orders.index).dropna()
    assert len(billed) > 0.98 * len(orders)
    assert billed.to_numpy() == pytest.approx(orders.reindex(billed.index).to_numpy(), abs=0.005)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=2, unique=True))
def test_draws_by_key_depend_on_the_key_alone(keys: list[tuple[int, int]]) -> None:
    one, two = np.array(keys).T
    draws = Keyed(streams(7), "", (one, two)).uniform("law")
    order = np.argsort(two, kind="stable")
    again = Keyed(streams(7), "", (one[order], two[order])).uniform("law")
    assert (again == draws[order]).all()
    assert ((draws >= 0) & (draws < 1)).all() and len(np.unique(draws)) == len(draws)


def test_draws_by_key_are_even() -> None:
    place = np.arange(200_000)
    draws = Keyed(streams(7), "", (place // 400, place % 400))
    counts = np.histogram(draws.uniform("even"), 50, (0, 1))[0]
    assert ((counts - 4_000) ** 2 / 4_000).sum() < 95  # chi-square, 49 degrees: p > 0.0001
    assert draws.exponential("even").mean() == pytest.approx(1, abs=0.01)
    assert draws.gamma("even", 3.0).var() == pytest.approx(1 / 3, abs=0.01)


@given(
    start=st.integers(clock.day("2021-08-01"), clock.day("2027-12-31")),
    number=st.integers(0, 60),
)
def test_working_days_on_are_counted_one_by_one(start: int, number: int) -> None:
    here = np.array([start])
    there = start
    while not clock.is_working(np.array([there]))[0]:
        there += 1
    for _ in range(number):
        there += 1
        while not clock.is_working(np.array([there]))[0]:
            there += 1
    assert clock.working_after(here, number)[0] == there


@given(
    start=st.integers(clock.day("2021-08-01"), clock.day("2027-12-31")),
    exposure=st.floats(0.01, 300),
)
def test_a_hazard_clock_with_even_days_is_a_calendar(start: int, exposure: float) -> None:
    even = clock.HazardClock(np.ones(clock.LAST - clock.FIRST + 1))
    assert even.date(np.array([start]), np.array([exposure]))[0] == start + np.ceil(
        round(exposure, 9)
    )
