"""The world around: competitors, market size and share, risks, campaigns, service cases.

The market of a line and region grows on its own path; the company's share is what it sold there
over that size, seen by the trade with noise. Cases (tickets) come from goods delivered, more from
customers that are dissatisfied.
"""

# ruff: noqa: RUF009  `planted` only makes dataclass fields

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.clock import NEVER, as_dates, as_days, working_after
from workbench.sample.parameters import LINES, REGIONS, planted
from workbench.sample.risks import RISKS
from workbench.sample.world import AS_OF, FIRST_DAY, Frame, World

EFFECTS: dict[str, tuple[str, str]] = {
    "market_growth": ("Markets grow at their own pace", "各市场按自身速度增长"),
    "rival": ("One competitor gains share in equipment", "一家竞争对手设备份额上升"),
    "case_satisfaction": (
        "Dissatisfied customers open more cases",
        "不满意的客户提交更多工单",
    ),
}
LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "source": {
        "association": ("Trade association", "行业协会"),
        "tenders": ("Published tenders", "公开招标统计"),
        "survey": ("Own survey of dealers", "经销商调研"),
    },
    "category": {
        "customer": ("Customer", "客户"),
        "supply": ("Supply", "供应"),
        "price": ("Price", "价格"),
        "people": ("People", "人员"),
        "channel": ("Channel", "渠道"),
        "policy": ("Policy", "政策"),
    },
    "response": {
        "reduce": ("Reduce", "降低"),
        "transfer": ("Transfer", "转移"),
        "accept": ("Accept", "接受"),
        "avoid": ("Avoid", "规避"),
    },
    "owner": {
        "sales_director": ("Sales director", "销售总监"),
        "finance": ("Finance", "财务"),
        "channel_head": ("Head of channels", "渠道负责人"),
        "product_head": ("Head of products", "产品负责人"),
        "hr": ("Human resources", "人力资源"),
    },
}
COMPETITORS = (
    ("恒岳机电", "Hengyue Mechatronics", None, 1.04),
    ("朗泽装备", "Langze Equipment", "equipment", 0.91),
    ("北溪精工", "Beixi Precision", "equipment", 1.12),
    ("晟澜耗材", "Shenglan Supplies", "consumables", 0.86),
    ("云磬科技", "Yunqing Technology", "consumables", 0.97),
    ("诺川服务", "Nuochuan Services", "service", 0.93),
)
RIVAL = 1
CAMPAIGN_TYPES = ("exhibition", "online", "seminar", "mailing")
CAMPAIGN_NAMES = {
    "exhibition": ("工业装备展", "Industrial equipment fair"),
    "online": ("线上推广", "Online campaign"),
    "seminar": ("技术研讨会", "Technical seminar"),
    "mailing": ("产品邮件", "Product mailing"),
}


@dataclass(frozen=True)
class MarketTruth:
    """Planted parameters of market, campaigns and cases."""

    share: dict[str, float] = planted(
        {"equipment": 0.085, "consumables": 0.115, "service": 0.060},
        "share",
        "of the market by line in 2025, all regions",
    )
    share_spread: float = planted(0.30, "log units", "between regions")
    growth: dict[str, float] = planted(
        {"equipment": 0.035, "consumables": 0.055, "service": 0.090},
        "share a year",
        "growth of the market by line",
    )
    noise: float = planted(0.03, "log units", "error of the published size of a market")
    share_noise: float = planted(0.04, "log units", "error of published shares")
    listed: float = planted(0.62, "share", "of what is not ours held by listed competitors")
    rival_gain: float = planted(0.012, "share a year", "gain of one competitor in equipment")
    campaigns_year: int = planted(34, "number a year", "marketing campaigns")
    campaign_cost: dict[str, float] = planted(
        {"exhibition": 260e3, "online": 90e3, "seminar": 45e3, "mailing": 12e3},
        "CNY without VAT",
        "median cost of a campaign",
    )
    cases: float = planted(0.028, "share of lines", "deliveries with a case, mean satisfaction")
    cases_slope: float = planted(
        -0.40, "log odds per point", "effect of satisfaction on opening a case"
    )
    complaint_slope: float = planted(
        -0.45, "log odds per point", "effect of satisfaction on its being a complaint"
    )
    solve_days: float = planted(4.0, "working days", "mean time to solve a case")


TRUTH = MarketTruth()


def per_frame(frame: Frame) -> None:
    """Competitors and campaigns: known before demand is simulated."""
    frame.add(
        "competitor",
        pd.DataFrame(
            {
                "competitor_id": np.arange(len(COMPETITORS)),
                "name": [name for name, _, _, _ in COMPETITORS],
                "name_en": [name for _, name, _, _ in COMPETITORS],
                "product_line": [line for _, _, line, _ in COMPETITORS],
                "price_index": [index for _, _, _, index in COMPETITORS],
            }
        ),
    )
    frame.campaigns = campaigns(frame)
    frame.add("campaign", frame.campaigns)
    frame.add("risk", risks(frame))


def campaigns(frame: Frame, *, truth: MarketTruth = TRUTH) -> pd.DataFrame:
    """Marketing campaigns of the years simulated, rows in order of their start."""
    rng = frame.rng("market/campaigns")
    scale = max(1.0, frame.size.reps / 60)
    days = len(frame.calendar.days)
    count = round(truth.campaigns_year * days / 365.25 * scale**0.5)
    start = np.sort(rng.integers(0, days - 5, count))
    kind = np.array(CAMPAIGN_TYPES)[rng.choice(4, count, p=(0.24, 0.36, 0.26, 0.14))]
    length = pd.Series(kind).map({"exhibition": 3, "online": 21, "seminar": 1, "mailing": 7})
    begin = frame.calendar.days[frame.calendar.next_working(start)]
    cost = (
        pd.Series(kind).map(truth.campaign_cost) * np.exp(rng.normal(0, 0.35, count)) * scale**0.5
    )
    region = np.array([*REGIONS, None], object)[rng.integers(0, len(REGIONS) + 1, count)]
    month = np.char.replace(begin.astype("M8[M]").astype(str), "-", "年")
    zh = [f"{label}月{CAMPAIGN_NAMES[each][0]}" for each, label in zip(kind, month, strict=True)]
    en = [
        f"{CAMPAIGN_NAMES[each][1]} {label}"
        for each, label in zip(kind, begin.astype("M8[M]").astype(str), strict=True)
    ]
    rows = pd.DataFrame(
        {
            "campaign_id": np.arange(count),
            "name": zh,
            "name_en": en,
            "campaign_type": kind,
            "start_date": begin.astype("M8[s]"),
            "end_date": (begin + length.to_numpy().astype("m8[D]")).astype("M8[s]"),
            "cost": np.round(cost.to_numpy(), -2),
            "currency": "CNY",
            "region": np.where(np.isin(kind, ("online", "mailing")), None, region),
        }
    )
    return rows[rows["start_date"] <= pd.Timestamp(AS_OF)].reset_index(drop=True)


def risks(frame: Frame) -> pd.DataFrame:
    """The register of risks; losses grow with the company."""
    scale = frame.size.reps / 60
    rows = pd.DataFrame(
        RISKS,
        columns=[
            "name",
            "name_en",
            "category",
            "p_month",
            "loss_low",
            "loss_mode",
            "loss_high",
            "owner",
            "response",
        ],
    )
    for name in ("loss_low", "loss_mode", "loss_high"):
        rows[name] = (rows[name] * scale).round(-4)
    return rows.assign(risk_id=np.arange(len(rows)), currency="CNY")


def per_part(world: World) -> None:
    """Cases of a part, and its sales by quarter, line and region for the market's size."""
    lines = world.tables["order_line"]
    done = lines[lines["recognised_date"].notna()]
    net = done["amount"].to_numpy() / (1 + done["tax_rate"].to_numpy())
    sales = pd.DataFrame(
        {
            "quarter": quarters(done["recognised_date"].to_numpy()),
            "product_line": done["product_line"].to_numpy(),
            "region": done["region"].to_numpy(),
            "amount": net,
        }
    )
    keys = ["quarter", "product_line", "region"]
    world.add_up("sales_by_quarter", sales, by=keys, values=["amount"])
    world.add("case", cases(world))


def per_company(frame: Frame, world: World) -> None:
    """Market size and shares, from the sales of all parts."""
    size, share, hidden = market(frame, frame.totals["sales_by_quarter"])
    frame.add("market_size", size)
    frame.add("market_share", share)
    frame.hide("market", hidden)


def quarters(dates: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """First day of the quarter of dates."""
    months = dates.astype("M8[M]").astype(np.int64)
    return np.asarray((months // 3 * 3).astype("M8[M]").astype("M8[s]"))


def market(
    frame: Frame, sales: pd.DataFrame, *, truth: MarketTruth = TRUTH
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Size of markets, published shares, and what both truly are.

    Parameters
    ----------
    sales : pandas.DataFrame
        quarter, product_line, region, amount (own, without VAT).
    """
    rng = frame.rng("market/size")
    rows = _cells(sales)
    year = rows["quarter"].dt.year + (rows["quarter"].dt.month - 1) / 12 - 2025.5
    rate = rows["product_line"].map(truth.growth).to_numpy()
    rate = np.zeros(len(rows)) if not frame.on("market_growth") else rate
    cell = rows.groupby(["product_line", "region"], sort=True).ngroup().to_numpy()
    spread = np.exp(rng.normal(0, truth.share_spread, cell.max() + 1))[cell]
    share = rows["product_line"].map(truth.share).to_numpy() * spread
    level = rows["yearly"].to_numpy() / 4 / share
    true = level * (1 + rate) ** year.to_numpy() * rows["season"].to_numpy()
    seen = np.round(true * np.exp(rng.normal(0, truth.noise, len(rows))), -4)
    width = rng.uniform(0.08, 0.15, len(rows))
    start = rows["quarter"].to_numpy().astype("M8[D]")
    end = ((start.astype("M8[M]") + 3).astype("M8[D]") - 1).astype("M8[s]")
    source = np.where(rows["product_line"] == "service", "survey", "association").astype(object)
    source[(rows["product_line"] == "equipment").to_numpy() & (rng.random(len(rows)) < 0.3)] = (
        "tenders"
    )
    keys = rows[["product_line", "region"]].reset_index(drop=True)
    period = pd.DataFrame({"period_start": rows["quarter"].to_numpy(), "period_end": end})
    size = pd.concat([keys, period], axis=1).assign(
        amount=seen,
        low=np.round(seen * (1 - width), -4),
        high=np.round(seen * (1 + width), -4),
        currency="CNY",
        source=source,
    )
    own = rows["amount"].to_numpy() / true
    shares = _shares(keys, period["period_start"], own, year.to_numpy(), frame, truth)
    hidden = pd.concat([keys, period["period_start"]], axis=1).assign(size=true, share=own)
    return size, shares, hidden


def cases(world: World, *, truth: MarketTruth = TRUTH) -> pd.DataFrame:
    """Tickets: from lines that were recognised, by the customer's satisfaction of the quarter."""
    rng = world.rng("market/cases")
    lines = world.tables["order_line"]
    drawn, kind = rng.random(len(lines)), rng.random(len(lines))
    wait, solve = rng.exponential(18.0, len(lines)), rng.exponential(1.0, len(lines))
    noise = rng.normal(0, 0.7, len(lines))
    satisfaction = satisfaction_at(world, lines["account_id"], lines["order_date"])
    gap = satisfaction - world.truth.customer.satisfaction_mean
    if not world.on("case_satisfaction"):
        gap = np.zeros(len(lines))
    chance = _logistic(np.log(truth.cases / (1 - truth.cases)) + truth.cases_slope * gap)
    opened = as_days(lines["recognised_date"].to_numpy())
    picked = np.flatnonzero((drawn < chance) & (opened < NEVER))
    opened = working_after(opened[picked] + 1 + wait[picked].astype(np.int64), 0)
    complaint = kind[picked] < _logistic(-0.6 + truth.complaint_slope * gap[picked])
    repair = (lines["product_line"].to_numpy()[picked] == "equipment") & (kind[picked] > 0.6)
    closed = working_after(opened, np.ceil(solve[picked] * truth.solve_days).astype(np.int64))
    score = 4.1 + 0.35 * gap[picked] - 0.05 * (closed - opened) + noise[picked]
    until = int(AS_OF.astype(int))
    done = closed <= until
    answered = done & (wait[picked] % 1 < 0.55)
    rows = pd.DataFrame(
        {
            "account_id": lines["account_id"].to_numpy()[picked],
            "product_id": lines["product_id"].to_numpy()[picked],
            "case_type": np.where(complaint, "complaint", np.where(repair, "repair", "question")),
            "opened_date": as_dates(opened),
            "closed_date": as_dates(closed, until=until),
            "score": pd.array(np.clip(np.round(score), 1, 5).astype(int), dtype="Int64"),
        }
    )
    rows.loc[~answered, "score"] = pd.NA
    rows = rows[opened <= until].sort_values(["opened_date", "account_id"], kind="stable")
    return rows.reset_index(drop=True).assign(case_id=np.arange(len(rows)))


def satisfaction_at(world: World, account: pd.Series, dates: pd.Series) -> NDArray[np.float64]:
    """Latent satisfaction of accounts in the quarter of dates."""
    months = dates.to_numpy().astype("M8[M]").astype(np.int64) // 3
    first = int(FIRST_DAY.astype("M8[M]").astype(np.int64)) // 3
    place = np.clip(months - first, 0, world.satisfaction.shape[1] - 1)
    return world.satisfaction[account.to_numpy(), place].astype(float)


def _logistic(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-value)))


def _cells(sales: pd.DataFrame) -> pd.DataFrame:
    """All quarters, lines and regions with own sales, their level of 2025 and the line's season."""
    done = sales[sales["quarter"] >= pd.Timestamp("2021-10-01")]
    done = done[done["quarter"] < pd.Timestamp(AS_OF.astype("M8[M]").astype("M8[s]"))]
    quarters_seen = np.sort(done["quarter"].unique())
    index = pd.MultiIndex.from_product(
        [LINES, REGIONS, quarters_seen], names=["product_line", "region", "quarter"]
    )
    rows = done.set_index(["product_line", "region", "quarter"])["amount"].reindex(
        index, fill_value=0
    )
    table = rows.reset_index()
    in_2025 = table[table["quarter"].dt.year == 2025]
    yearly = in_2025.groupby(["product_line", "region"])["amount"].sum().rename("yearly")
    table = table.merge(yearly.reset_index(), on=["product_line", "region"])
    number = table["quarter"].dt.quarter
    line = table.groupby(["product_line", number.rename("number")])["amount"].transform("mean")
    mean = table.groupby("product_line")["amount"].transform("mean")
    return table.assign(season=np.where(mean > 0, line / mean, 1.0))


def _shares(
    keys: pd.DataFrame,
    start: pd.Series,
    own: NDArray[np.float64],
    year: NDArray[np.float64],
    frame: Frame,
    truth: MarketTruth,
) -> pd.DataFrame:
    """Published shares: our own and those of listed competitors, with the rival's gain."""
    rng = frame.rng("market/shares")
    parts = [
        keys.assign(
            period_start=start,
            who="own",
            share=np.clip(own * np.exp(rng.normal(0, truth.share_noise, len(own))), 0, 1),
        )
    ]
    weights = rng.dirichlet(np.full(len(COMPETITORS), 4.0), len(LINES) * len(REGIONS))
    cell = keys.groupby(["product_line", "region"], sort=False).ngroup().to_numpy()
    for code, (_, _, line, _) in enumerate(COMPETITORS):
        there = (keys["product_line"] == line).to_numpy() if line else np.ones(len(keys), bool)
        share = truth.listed * (1 - own) * weights[cell, code]
        if code == RIVAL and frame.on("rival"):
            share = share + truth.rival_gain * (year + 4)
        share = share * np.exp(rng.normal(0, truth.share_noise, len(own)))
        part = keys.assign(period_start=start, who=f"CP{code + 1:02d}", share=share)
        parts.append(part[there])
    rows = pd.concat(parts, ignore_index=True)
    rows["share"] = rows["share"].clip(0, 1).round(4)
    return rows.sort_values(
        ["product_line", "region", "period_start", "who"], kind="stable", ignore_index=True
    )
