"""Accounts: who they are, what they could buy, how content they are, how they pay.

Potential is lognormal and scaled to the planted totals; what an account buys follows from it.
Duplicates are second entries of a company under another spelling; part of its later business is
booked on them (`lines.py`, `deals.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import names
from workbench.sample.organisation import seats_of
from workbench.sample.parameters import REGIONS
from workbench.sample.world import World, only

INDUSTRY_LABELS = {
    "food": ("Food and drink", "食品饮料"),
    "pharma": ("Pharma and medical", "医药"),
    "electronics": ("Electronics", "电子电器"),
    "automotive": ("Automotive", "汽车机械"),
    "chemicals": ("Chemicals", "化工"),
    "building": ("Building materials", "建材线缆"),
    "dealer": ("Trade", "贸易流通"),
}
END_INDUSTRIES = [code for code in INDUSTRY_LABELS if code != "dealer"]
INDUSTRY_SHARES = (0.24, 0.15, 0.20, 0.16, 0.13, 0.12)
REASON_LABELS = {
    "no_contact": ("30 days without contact", "30天未跟进"),
    "no_deal": ("90 days without a deal", "90天无商机"),
    "claimed": ("Claimed from the pool", "公海领取"),
    "assigned": ("Assigned on creation", "新建分配"),
}
OWNERSHIP = {"state": 0.14, "private": 0.66, "foreign": 0.13, "public": 0.07}
KEY_ACCOUNTS = 0.009  # of the direct accounts, by potential
TITLE_LABELS = {
    "buyer": ("Purchasing manager", "采购经理"),
    "equipment": ("Head of equipment", "设备部长"),
    "production": ("Production director", "生产总监"),
    "general": ("General manager", "总经理"),
    "engineer": ("Engineer", "工程师"),
}
LONG_KNOWN = 0.04  # share of accounts, by potential, that were there before the data begin
NEVER = 10**6  # day index after everything


def per_part(world: World) -> None:
    """Set world.accounts, satisfaction, account_seat; add contact, credit_limit; hide latents."""
    accounts = _base(world)
    world.accounts = accounts
    world.satisfaction = _satisfaction(world)
    world.account_seat = _seats(world)
    if world.on("duplicates"):
        _append_duplicates(world)
    world.add("contact", _contacts(world))
    world.add("credit_limit", _credit_limits(world))


def counts(world: World) -> dict[str, int]:
    """Accounts of the part by kind; duplicates are part of the planted number."""
    size, truth = world.frame.size, world.truth.customer
    total = round(size.accounts / size.parts / (1 + truth.duplicates))
    dealers = round(total * truth.shares["dealer"] * size.activity)
    online = round(total * truth.shares["online"])
    return {"direct": total - dealers - online, "dealer": dealers, "online": online}


def scale(world: World) -> float:
    """Yearly totals of the part against the small company."""
    size = world.frame.size
    return size.accounts / 5_000 * size.activity / size.parts


def _base(world: World) -> pd.DataFrame:
    """Accounts without duplicates, direct ones first."""
    rng, frame, truth = world.rng("accounts/who"), world.frame, world.truth.customer
    number = counts(world)
    kind = np.repeat(list(number), list(number.values()))
    count = len(kind)
    weight = frame.geo["weight"].to_numpy()
    province = rng.choice(len(weight), count, p=weight / weight.sum())
    industry = rng.choice(END_INDUSTRIES, count, p=INDUSTRY_SHARES)
    industry = np.where(kind == "dealer", "dealer", industry)
    ownership = rng.choice(list(OWNERSHIP), count, p=list(OWNERSHIP.values()))
    ownership = np.where(kind == "direct", ownership, "private")
    accounts = pd.DataFrame({"kind": kind, "province": province, "industry": industry})
    accounts["ownership"] = ownership
    accounts["geo_code"] = _cities(world, province)
    accounts["potential"] = _potential(world, kind, province)
    accounts["created_day"] = _created(world, kind, accounts["potential"].to_numpy())
    accounts["sensitivity"] = np.exp(0.4 * rng.standard_normal(count))
    habit = pd.Series(ownership).map(truth.habit).to_numpy() * np.exp(
        0.5 * rng.standard_normal(count) - 0.125
    )
    accounts["habit"] = habit
    accounts["bargaining"] = 0.02 * rng.standard_normal(count)
    accounts["duplicate_of"] = -1
    _name(world, accounts)
    _classify(accounts)
    return accounts


def _cities(world: World, province: NDArray[np.int64]) -> NDArray[Any]:
    """A prefecture of each account's province; the first ones hold more industry."""
    rng = world.rng("accounts/cities")
    cities = world.frame.geo["cities"].tolist()
    lengths = np.array([len(each) for each in cities])
    start = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    flat = np.array([city for each in cities for city in each], object)
    place = np.floor(lengths[province] * rng.random(len(province)) ** 1.8).astype(int)
    return flat[start[province] + place]


def _potential(
    world: World, kind: NDArray[Any], province: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Relative potential, mean about 1 by kind: lognormal times the province's index."""
    rng, truth = world.rng("accounts/potential"), world.truth.customer
    sigma = np.where(kind == "direct", truth.potential_sigma, truth.online_sigma)
    if not world.on("potential"):
        sigma = sigma * 0.3
    draw = rng.standard_normal(len(kind))
    index = world.frame.geo["potential"].to_numpy()[province]
    return np.asarray(np.exp(sigma * draw - sigma**2 / 2) * index)


def _created(world: World, kind: NDArray[Any], potential: NDArray[np.float64]) -> NDArray[np.int64]:
    """Day the account was entered: incumbents before the data begin, others through the years.

    The largest accounts have long been known; who comes later is smaller.
    """
    rng, span = world.rng("accounts/created"), world.calendar.as_of
    old = rng.random(len(kind)) < np.where(kind == "direct", 0.44, 0.60)
    for each in ("direct", "online"):
        cut = np.quantile(potential[kind == each], 1 - LONG_KNOWN)
        old |= (kind == each) & (potential > cut)
    before = -(30 + rng.exponential(900, len(kind))).astype(int)
    later = (rng.random(len(kind)) * (span - 5)).astype(int)
    day = np.where(old, before, world.calendar.next_working(np.maximum(later, 0)))
    return np.asarray(np.where(kind == "dealer", before, np.minimum(day, span)))


def _name(world: World, accounts: pd.DataFrame) -> None:
    rng, geo = world.rng("accounts/names"), world.frame.geo
    short = geo["name"].str.replace(
        "(市|省|自治区|壮族自治区|回族自治区|维吾尔自治区)$", "", regex=True
    )
    place = short.str.replace("(壮族|回族|维吾尔)", "", regex=True).to_numpy(object)
    province = accounts["province"].to_numpy()
    place_en = geo["name_en"].to_numpy(object)[province]
    found = names.company_names(place[province], place_en, accounts["industry"].to_numpy(str), rng)
    for column in ("name", "name_en", "place", "brand", "trade", "form"):
        accounts[column] = found[column].to_numpy(object)
    digits = geo["code"].to_numpy(object)[province]
    code = names.credit_codes(digits, rng)
    missing = rng.random(len(accounts)) < world.truth.customer.without_code
    accounts["credit_code"] = only(code, ~missing | (not world.on("missing_codes")))
    accounts["phone"] = names.phones(len(accounts), rng)
    accounts["former_name"] = None


def _classify(accounts: pd.DataFrame) -> None:
    """Customer type, size class, channel, group by potential and kind."""
    kind, potential = accounts["kind"].to_numpy(), accounts["potential"].to_numpy()
    direct = kind == "direct"
    number = int(np.ceil(KEY_ACCOUNTS * direct.sum()))
    cut = np.sort(potential[direct])[-number] if direct.any() else np.inf
    accounts["customer_type"] = np.select(
        [kind == "dealer", kind == "online", direct & (potential >= cut)],
        ["dealer", "online", "key_account"],
        "regular",
    )
    accounts["channel"] = np.select([direct, kind == "dealer"], ["direct", "dealer"], "ecommerce")
    accounts["size_class"] = np.select([potential >= 1.6, potential >= 0.35], ["A", "B"], "C")
    accounts["group_id"] = None
    key = np.flatnonzero(accounts["customer_type"] == "key_account")
    rest = np.flatnonzero(direct & (accounts["customer_type"] == "regular").to_numpy())
    for place, account in enumerate(key[::3]):  # every third key account has sisters
        members = rest[place * 3 : place * 3 + 2]
        accounts.loc[[account, *members], "group_id"] = f"G{account + 1:04d}"


def _satisfaction(world: World) -> NDArray[np.float32]:
    """Satisfaction by account and quarter: own level and a slow walk around it, 0 to 10."""
    rng, truth = world.rng("accounts/satisfaction"), world.truth.customer
    count = len(world.accounts)
    quarters = (world.calendar.year[-1] - 2021) * 4 + 2
    level = truth.satisfaction_mean + truth.satisfaction_sd * rng.standard_normal(count)
    key = (world.accounts["customer_type"] == "key_account").to_numpy()
    level = np.where(key, np.maximum(level, truth.satisfaction_mean) + 0.6, level)  # cared for
    path = np.empty((count, quarters), np.float32)
    deviation = np.zeros(count)
    for quarter in range(quarters):
        deviation = 0.8 * deviation + truth.satisfaction_walk * rng.standard_normal(count)
        path[:, quarter] = np.clip(level + deviation, 0, 10)
    return path


def _seats(world: World) -> NDArray[np.int32]:
    """Seat that owns each account in each year."""
    rng, frame = world.rng("accounts/seats"), world.frame
    accounts = world.accounts
    years = frame.province_region.shape[1]
    group = np.select(
        [
            accounts["kind"] == "dealer",
            accounts["kind"] == "online",
            accounts["customer_type"] == "key_account",
        ],
        ["channel", "online", "key_account"],
        np.where(rng.random(len(accounts)) < 0.6, "hunter", "farmer"),
    )
    place = rng.random(len(accounts))
    owned = np.empty((len(accounts), years), np.int32)
    moved_share = world.truth.rep.moved_accounts if world.on("reorganisation") else 0.0
    for year in range(years):
        moved = rng.random(len(accounts)) < moved_share
        fresh = rng.random(len(accounts))
        place = np.where(moved & (year > 0), fresh, place)
        region = frame.province_region[accounts["province"], year]
        for name in np.unique(group):
            for number in range(len(REGIONS)):
                rows = (group == name) & (region == number)
                seats = seats_of(frame, str(name), number)
                owned[rows, year] = seats[(place[rows] * len(seats)).astype(int)]
    return owned


def _append_duplicates(world: World) -> None:
    """Second entries: another spelling, mostly without credit code, entered later."""
    rng, accounts = world.rng("accounts/duplicates"), world.accounts
    number = round(len(accounts) * world.truth.customer.duplicates)
    candidates = np.flatnonzero((accounts["kind"] != "dealer").to_numpy())
    original = np.sort(rng.choice(candidates, number, replace=False))
    copy = accounts.iloc[original].reset_index(drop=True)
    way = rng.integers(0, 4, number)
    base = copy["place"] + copy["brand"] + copy["trade"]
    other = np.where(copy["form"] == "有限公司", "有限责任公司", "有限公司")
    bracket = copy["brand"] + copy["trade"] + "（" + copy["place"] + "）" + copy["form"]
    older = copy["place"] + copy["brand"] + "实业" + copy["form"]
    half = copy["brand"] + copy["trade"] + "(" + copy["place"] + ")" + copy["form"]
    copy["name"] = np.select([way == 0, way == 1, way == 2], [base + other, bracket, older], half)
    copy["former_name"] = only(accounts["name"].to_numpy()[original], way == 2)
    copy["credit_code"] = only(copy["credit_code"], rng.random(number) < 0.25)
    copy["phone"] = only(copy["phone"], rng.random(number) < 0.5)
    span = world.calendar.as_of - np.maximum(copy["created_day"], 0)
    copy["created_day"] = np.maximum(copy["created_day"], 0) + (
        span * rng.uniform(0.05, 0.9, number)
    ).astype(int)
    copy["duplicate_of"], copy["group_id"] = original, None
    ways = np.array(["legal_form", "brackets", "former_name", "half_width"])[way]
    world.hide(
        "duplicates",
        pd.DataFrame(
            {"account_id": len(accounts) + np.arange(number), "original_id": original, "way": ways}
        ),
    )
    world.accounts = pd.concat([accounts, copy], ignore_index=True)
    world.satisfaction = np.concatenate([world.satisfaction, world.satisfaction[original]])
    world.account_seat = np.concatenate([world.account_seat, world.account_seat[original]])


def _contacts(world: World) -> pd.DataFrame:
    rng, accounts = world.rng("accounts/contacts"), world.accounts
    number = 1 + (rng.random(len(accounts)) < 0.35)
    account = np.repeat(np.arange(len(accounts)), number)
    chinese, english = names.people(len(account), rng)
    title = rng.integers(0, len(TITLE_LABELS), len(account))
    number_text = rng.integers(10, 100, len(account)).astype(str)
    plain = np.char.replace(np.char.lower(english.astype(str)), " ", "_")
    wechat = np.char.add(plain, number_text)
    return pd.DataFrame(
        {
            "contact_id": np.arange(len(account)),
            "account_id": account,
            "name": chinese,
            "name_en": english,
            "job_title": np.array(list(TITLE_LABELS), object)[title],
            "decides": np.isin(title, (2, 3)),
            "phone": names.phones(len(account), rng),
            "wechat": only(wechat, rng.random(len(account)) < 0.6),
        }
    )


def _credit_limits(world: World) -> pd.DataFrame:
    """What direct customers and dealers may owe: two months of potential, terms by type."""
    accounts = world.accounts
    rows = np.flatnonzero((accounts["kind"] != "online") & (accounts["duplicate_of"] < 0))
    kind = accounts["customer_type"].to_numpy()[rows]
    amount = np.maximum(10_000, np.round(accounts["potential"].to_numpy()[rows] * 60_000, -4))
    since = world.calendar.date(np.maximum(accounts["created_day"].to_numpy()[rows], -1500))
    late = accounts["ownership"].isin(["state", "public"]).to_numpy()[rows]
    return pd.DataFrame(
        {
            "account_id": rows,
            "limit_amount": amount,
            "currency": "CNY",
            "terms_days": np.select([kind == "dealer", late], [30, 120], 90),
            "valid_from": since,
        }
    )
