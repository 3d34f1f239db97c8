"""Accounts, reps and their provinces: planted differences found, gone when off."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from tests.sample.demand_side import Demand, on, without
from workbench.sample.generate import make_frame
from workbench.sample.parameters import REGIONS, Truth

CUSTOMER, REP = Truth().customer, Truth().rep


def top_fifth(sample: Demand) -> float:
    """Share of direct running orders with the largest fifth of the accounts that ordered."""
    sums = sample.direct.groupby("account_id")["amount"].sum().sort_values()
    return float(sums.iloc[-len(sums) // 5 :].sum() / sums.sum())


def test_accounts_differ_in_potential():
    assert top_fifth(on()) > 0.70
    assert top_fifth(without("potential")) < 0.62


def per_account(sample: Demand) -> float:
    """Running direct lines a buying account and year, 2025 against 2022."""
    rates = []
    for year in (2022, 2025):
        first = int(sample.frame.calendar.index(np.datetime64(f"{year}-01-01")))
        spells = sample.world.spells[sample.world.spells["state"] == "buying"]
        lived = np.clip(
            np.minimum(spells["to_day"], first + 364) - np.maximum(spells["from_day"], first),
            0,
            365,
        )
        online = sample.world.accounts["kind"].to_numpy()[spells["account_id"]] == "online"
        rates.append((sample.online["year"] == year).sum() / lived[online].sum())
    return float(rates[1] / rates[0])


def test_end_demand_grows():
    assert per_account(on()) / per_account(without("growth")) == pytest.approx(
        np.prod([1 + CUSTOMER.growth[year] for year in (2023, 2024, 2025)]), abs=0.08
    )


def weak(sample: Demand) -> float:
    """Orders of the weak region, January to July 2026 on 2025, against the other regions."""
    lines = pd.concat([sample.direct, sample.online])
    lines = lines[lines["month"] <= 7]
    own = lines["region"] == CUSTOMER.weak_region
    counts = [
        [(rows["year"] == year).sum() for year in (2025, 2026)]
        for rows in (lines[own], lines[~own])
    ]
    return float(counts[0][1] / counts[0][0] / (counts[1][1] / counts[1][0]))


def test_one_region_shrinks():
    assert CUSTOMER.weak_region in REGIONS
    planted = (1 + CUSTOMER.weak_growth) / (1 + CUSTOMER.growth[2026])
    # The region's large customers come and go in both samples; what differs is the effect.
    assert weak(on()) / weak(without("weak_region")) == pytest.approx(planted, abs=0.1)


def churn_gap(sample: Demand) -> float:
    """Share of the customers of 2022 lost by 2026: least content third less most content."""
    direct = pd.concat([sample.direct, sample.online])
    before = set(direct.loc[direct["year"] == 2022, "account_id"])
    after = set(direct.loc[direct["day"] > sample.frame.calendar.as_of - 365, "account_id"])
    accounts = np.array(sorted(before))
    content = sample.world.satisfaction[accounts].mean(axis=1)
    lost = np.array([account not in after for account in accounts])
    low, high = np.quantile(content, [1 / 3, 2 / 3])
    return float(lost[content <= low].mean() - lost[content >= high].mean())


def test_the_discontented_leave():
    assert churn_gap(on()) > 0.15
    assert abs(churn_gap(without("churn"))) < 0.09


def territory(sample: Demand) -> float:
    """Correlation of provinces' planted index with orders an account, larger provinces only."""
    index = on().frame.geo["potential"].to_numpy()
    accounts = sample.world.accounts
    lines = pd.concat([sample.direct, sample.online])
    amount = lines.groupby("account_id")["amount"].sum()
    own = np.log(amount)
    province = accounts["province"].to_numpy()[own.index]
    level = own.groupby(province).agg(["mean", "size"]).query("size >= 40")
    return float(np.corrcoef(level["mean"], np.log(index[level.index]))[0, 1])


def test_provinces_differ_in_potential():
    assert territory(on()) > 0.45
    assert territory(without("territory")) < 0.45


@lru_cache(maxsize=4)
def kept_orders(sample: Demand) -> pd.DataFrame:
    """Running direct lines and days of responsibility by rep and day-group.

    Exposure is each account's own mean rate over its buying days, so that only the rep differs.
    """
    world, frame = sample.world, sample.frame
    spells = world.spells[world.spells["state"] == "buying"]
    direct = (world.accounts["kind"] == "direct").to_numpy()[spells["account_id"]]
    spells = spells[direct]
    lines = sample.direct
    lines = lines[lines["account_id"].isin(spells["account_id"])]
    counts = lines.groupby("account_id").size()
    weight = np.cumsum(np.r_[0, frame.weights["direct"]])
    frames = []
    for start in range(0, frame.calendar.as_of - 29, 30):
        stop = start + 30
        there = spells[(spells["from_day"] <= start) & (spells["to_day"] >= stop - 1)]
        account = there["account_id"].to_numpy()
        rep = world.rep_at(account, np.full(len(account), start + 15))
        frames.append(
            pd.DataFrame(
                {
                    "account_id": account,
                    "start": start,
                    "rep": rep,
                    "season": weight[stop] - weight[start],
                }
            )
        )
    exposure = pd.concat(frames, ignore_index=True)
    number = lines.assign(start=lines["day"] // 30 * 30).groupby(["account_id", "start"]).size()
    key = pd.MultiIndex.from_frame(exposure[["account_id", "start"]])
    exposure["orders"] = number.reindex(key).fillna(0).to_numpy()
    total = exposure.groupby("account_id")[["orders", "season"]].transform("sum")
    exposure["expected"] = exposure["season"] * total["orders"] / total["season"]
    exposure["year"] = frame.calendar.year[exposure["start"] + 15]
    return exposure[exposure["account_id"].isin(counts.index)]


def relative(rows: pd.DataFrame) -> float:
    return float(rows["orders"].sum() / rows["expected"].sum())


def by_skill(sample: Demand) -> float:
    """Orders against expectation: reps of the upper third of planted skill on the lower third."""
    skill = on().frame.reps["skill"].to_numpy()
    rows = kept_orders(sample)
    low, high = np.quantile(skill[rows["rep"]], [1 / 3, 2 / 3])
    own = skill[rows["rep"]]
    return relative(rows[own >= high]) / relative(rows[own <= low])


def test_skilled_reps_keep_more_orders():
    assert by_skill(on()) > 1.05
    assert by_skill(without("skill")) == pytest.approx(1, abs=0.04)


def win_by_skill(sample: Demand) -> float:
    """Win rate of the upper third of planted skill less that of the lower third."""
    closed, skill = sample.closed, on().frame.reps["skill"].to_numpy()
    own = skill[closed["rep_id"]]
    low, high = np.quantile(own, [1 / 3, 2 / 3])
    return float(closed["won"][own >= high].mean() - closed["won"][own <= low].mean())


def test_skilled_reps_win_more_deals():
    assert win_by_skill(on()) > 0.09
    assert abs(win_by_skill(without("skill"))) < 0.05


def by_tenure(sample: Demand) -> float:
    """Orders against expectation: first four months of a rep on those after a year."""
    rows = kept_orders(sample)
    tenure = rows["start"] + 15 - sample.frame.reps["hired"].to_numpy()[rows["rep"]]
    quota = sample.frame.reps["quota"].to_numpy()[rows["rep"]]
    return relative(rows[quota & (tenure < 120)]) / relative(rows[quota & (tenure > 400)])


def test_new_reps_need_half_a_year():
    assert by_tenure(on()) < 0.87
    assert by_tenure(without("ramp")) > 0.92


def by_training(sample: Demand) -> float:
    """Orders within a year after the sales course against other times of the same reps."""
    frame, rows = sample.frame, kept_orders(sample)
    taken = np.zeros((len(frame.reps), len(frame.calendar.days)), bool)
    course = frame.trainings[frame.trainings["course"] == "sales_method"]
    for rep, day in zip(course["rep_id"], course["day"], strict=True):
        taken[rep, day : day + 365] = True
    tenure = rows["start"] + 15 - frame.reps["hired"].to_numpy()[rows["rep"]]
    rows = rows[(tenure > 300) & frame.reps["quota"].to_numpy()[rows["rep"]]]
    inside = taken[rows["rep"], rows["start"] + 15]
    sums = rows.assign(inside=inside).groupby(["rep", "inside"])[["orders", "expected"]].sum()
    ratio = (sums["orders"] / sums["expected"]).unstack().dropna()
    weight = sums["expected"].unstack().dropna().min(axis=1)
    return float(np.average(np.log(ratio[True] / ratio[False]), weights=weight))


def test_the_sales_course_raises_output():
    planted = REP.training_effect * REP.skill_orders
    assert by_training(on()) == pytest.approx(planted, abs=0.045)
    assert abs(by_training(without("training"))) < 0.045


def leavers(off: frozenset[str]) -> tuple[float, float]:
    """Of a company of 300 reps: leaving from February to April; first-year rate on later rate."""
    frame = make_frame(size="medium", off=off)
    reps, calendar = frame.reps[frame.reps["quota"]], frame.calendar
    left = reps[(reps["left"] >= 0) & (reps["left"] <= calendar.as_of)]
    spring = float(np.isin(calendar.month[left["left"]], [2, 3, 4]).mean())
    end = np.where(reps["left"] >= 0, reps["left"], calendar.as_of)
    rates = []
    for low, high in ((0, 365), (365, 10**6)):
        lived = np.minimum(end, reps["hired"] + high) - np.maximum(0, reps["hired"] + low)
        tenure = left["left"] - left["hired"]
        rates.append(tenure.between(low, high - 1).sum() / np.clip(lived, 0, None).sum())
    return spring, float(rates[0] / rates[1])


def test_reps_leave_after_the_bonus_and_in_their_first_year():
    spring, first = leavers(frozenset())
    assert spring > 0.42
    assert first > 1.4
    spring, first = leavers(frozenset({"attrition_season", "attrition_first"}))
    assert spring < 0.33
    assert first < 1.3


def moved_in_january(sample: Demand) -> float:
    """Assignments that begin on a first of January, as a share of those that began earlier."""
    table = sample["assignment"]
    day = table["valid_from"].dt.strftime("%m-%d") == "01-01"
    return float(day.mean())


def test_accounts_move_each_january():
    assert moved_in_january(on()) > 0.03
    assert moved_in_january(without("reorganisation")) < 0.01


def test_a_province_changes_region():
    regions = on()["assignment"].merge(on()["account"][["account_id", "geo_code"]])
    anhui = regions[regions["geo_code"].str[:2] == "34"]
    assert set(anhui.loc[anhui["valid_from"] >= "2024-01-01", "region"]) == {"east"}
    assert "central" in set(anhui.loc[anhui["valid_from"] < "2024-01-01", "region"])


def recalls(sample: Demand) -> int:
    return int((sample["account_pool_event"]["event"] == "recall").sum())


def test_idle_accounts_are_recalled():
    assert recalls(on()) > 1_000
    assert recalls(without("pool")) == 0


def converted(sample: Demand) -> float:
    """Share of accounts claimed again that place a running order within 180 days."""
    events = sample["account_pool_event"].query("event == 'claim'")
    events = events[events["day"] < sample.frame.calendar.as_of - 180]
    first = sample.direct.groupby("account_id")["day"].apply(np.sort)
    hits = 0
    for account, day in zip(events["account_id"], events["day"], strict=True):
        days = first.get(account)
        hits += days is not None and bool(((days >= day) & (days <= day + 180)).any())
    return hits / len(events)


def test_few_accounts_claimed_again_convert():
    # Of those won over some order later than half a year.
    assert 0.4 * CUSTOMER.reclaim < converted(on()) < CUSTOMER.reclaim + 0.02
    assert converted(without("reclaim")) < 0.01


def test_companies_are_entered_twice():
    accounts, hidden = on()["account"], on().world.hidden["duplicates"]
    assert len(hidden) / len(accounts) == pytest.approx(CUSTOMER.duplicates, abs=0.003)
    names = accounts["name"].to_numpy()
    assert (names[hidden["account_id"]] != names[hidden["original_id"]]).all()
    brand = accounts["brand"].to_numpy()
    assert (brand[hidden["account_id"]] == brand[hidden["original_id"]]).all()
    assert "duplicates" not in without("duplicates").world.hidden


def test_second_entries_have_business_of_their_own():
    hidden = on().world.hidden["duplicates"]
    orders = on().lines[on().lines["account_id"].isin(hidden["account_id"])]
    assert orders["account_id"].nunique() > 20


def test_credit_codes_are_missing():
    def missing(sample: Demand) -> float:
        accounts = sample["account"]
        return float(accounts.loc[accounts["duplicate_of"] < 0, "credit_code"].isna().mean())

    assert missing(on()) == pytest.approx(CUSTOMER.without_code, abs=0.02)
    assert missing(without("missing_codes")) == 0
