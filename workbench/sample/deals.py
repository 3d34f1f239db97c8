"""Deals: where they come from, how they run, what is typed about them.

Arrival: leads that convert (`leads.py`) and deals from customers, tenders, referrals. Course:
`hazards.py`. Here the tables are made: opportunity, its month-end snapshots, quotes, contracts
of won deals and their order lines. A voided deal (作废) is lost without a closing date.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import hazards, leads
from workbench.sample.accounts import scale
from workbench.sample.demand import growth_index
from workbench.sample.hazards import LOST, OPEN, VOID, WON, Deals, Snapshots
from workbench.sample.parameters import SOURCES, STAGES
from workbench.sample.products import APPROVAL_CODES, net_price, piled, wanted
from workbench.sample.world import World, only

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WARM_UP = 260  # days before the data begin from which deals may still be open
LINES = ("equipment", "service")
# Chance that a deal is won, by stage in a picture of open deals: follows from the hazards
# (measured on the medium company); what people type lies above it by `optimism`.
CHANCES = (0.085, 0.14, 0.195, 0.295)
# A few hundred large deals make a year: of several draws the one whose years run most evenly, so
# that the default seed tells of causes and not of luck.
DRAW = "j"
OUTCOMES = ("open", "won", "lost", "lost")
REASON_LABELS = {
    "price": ("Price", "价格"),
    "competitor": ("Competitor", "竞争对手"),
    "budget": ("Budget dropped", "预算取消"),
    "technical": ("Does not fit", "技术不符"),
    "delivery": ("Delivery time", "交期"),
}
REASON_SHARES = (0.36, 0.28, 0.16, 0.12, 0.08)
NAMES = {"equipment": "设备采购", "service": "服务合同"}


def per_part(world: World) -> None:
    """Simulate deals; add opportunity, opportunity_snapshot, quote, contract; append lines."""
    deals = arrivals(world)
    pictures = hazards.run(world, deals)
    kept = _kept(world, deals)
    world.deals = deals
    table, code = _opportunities(world, deals, pictures, kept)
    lines, contracts = _won_lines(world, deals, code)
    _settle_amounts(table, contracts)
    world.add("opportunity", table)
    world.add("opportunity_snapshot", _snapshots(world, deals, pictures, code))
    world.add("quote", _quotes(world, deals, code))
    world.lines.append(lines)
    world.contracts = contracts
    world.deal_codes = code
    _hide(world, deals, code)


def arrivals(world: World) -> Deals:
    """Deals as they are created: account, day, source, line, amount, hidden quality."""
    from_leads = leads.per_deals(world)
    direct = _direct_arrivals(world)
    account = np.concatenate([from_leads["account"], direct["account"]])
    created = np.concatenate([from_leads["day"], direct["day"]])
    source = np.concatenate([from_leads["source"], direct["source"]])
    world.lead_rows = np.concatenate([from_leads["lead"], np.full(len(direct["account"]), -1)])
    rng, truth = world.rng(f"deals/what{DRAW}"), world.truth.deal
    count = len(account)
    buys = direct_state(world, account, created) == "buying"
    line = ((rng.random(count) < truth.line_service * 1.6) & buys).astype(np.int64)
    potential = np.log(np.maximum(world.accounts["potential"].to_numpy()[account], 1e-3))
    centred = potential - potential.mean()
    noise = np.sqrt(truth.amount_sigma**2 - (truth.amount_account * potential.std()) ** 2)
    log_amount = truth.amount_account * centred + noise * rng.standard_normal(count)
    median = np.array([truth.amount_median[each] for each in LINES])[line]
    amount = np.round(np.maximum(median * np.exp(log_amount), 8_000), -2)
    quality = np.zeros(count)
    if world.on("deal_size"):
        quality += truth.size * log_amount
    if world.on("lead_source"):
        quality += np.array([truth.source[each] for each in SOURCES])[source]
    if world.on("frailty"):
        quality += truth.frailty * rng.standard_normal(count)
    pace = np.array([truth.pace.get(each, 1.0) for each in SOURCES])[source]
    if world.on("frailty"):
        pace = pace * np.exp(truth.pace_sd * rng.standard_normal(count))
    return Deals(account, created, source, line, amount, quality, pace)


def direct_state(world: World, account: Ints, day: Ints) -> NDArray[Any]:
    """State of accounts on days: "", "idle", "engaged", "buying"."""
    spells = world.spells
    shift = 4 * len(world.calendar.days)
    key = spells["account_id"].to_numpy() * shift + spells["from_day"].to_numpy() + shift // 2
    ask = account * shift + np.maximum(day, 0) + shift // 2
    place = np.searchsorted(key, ask, side="right") - 1
    same = (place >= 0) & (spells["account_id"].to_numpy()[place] == account)
    inside = same & (spells["to_day"].to_numpy()[place] >= day)
    return np.where(inside, spells["state"].to_numpy(object)[place], "")


def pick_accounts(
    world: World, day: Ints, buying_only: NDArray[np.bool_], rng: np.random.Generator
) -> Ints:
    """An account for each deal: direct, worked on or buying that day, likelier the larger."""
    accounts = world.accounts
    direct = (accounts["kind"] == "direct").to_numpy() & (accounts["duplicate_of"] < 0).to_numpy()
    weight = np.where(direct, accounts["potential"].to_numpy() ** 0.6, 0.0)
    table = np.cumsum(weight)
    # A region that shrinks brings fewer deals.
    level = growth_index(world.frame)
    level = level / level.max(axis=0)
    region = world.frame.province_region[accounts["province"], -1]
    chosen = np.full(len(day), -1)
    open_rows = np.arange(len(day))
    for _ in range(40):
        draw = np.searchsorted(table, rng.random(len(open_rows)) * table[-1], side="right")
        state = direct_state(world, draw, day[open_rows])
        good = (state == "buying") | ((state == "engaged") & ~buying_only[open_rows])
        good &= rng.random(len(draw)) < level[region[draw], np.maximum(day[open_rows], 0)]
        chosen[open_rows[good]] = draw[good]
        open_rows = open_rows[~good]
        if not len(open_rows):
            break
    return chosen


def creation_rate(world: World) -> Floats:
    """Deals created a day, warm-up included: working days, season softened, growth."""
    weights = world.frame.weights["direct"]
    level = growth_index(world.frame).mean(axis=0)
    rate = weights**0.35 * world.calendar.working * level
    year = world.calendar.year == 2025
    rate = rate * world.truth.deal.deals_year * scale(world) / rate[year].sum()
    mirrored = np.arange(-WARM_UP, 0) + 364
    return np.concatenate([rate[mirrored], rate])


def _direct_arrivals(world: World) -> dict[str, Ints]:
    """Deals that begin without a lead."""
    rng, truth = world.rng("deals/arrivals"), world.truth.deal
    names = [source for source in SOURCES if source not in leads.SOURCES_OF_LEADS]
    share = np.array([truth.sources[source] for source in names])
    number = rng.poisson(creation_rate(world) * share.sum())
    day = np.repeat(np.arange(len(number)) - WARM_UP, number)
    source = rng.choice([SOURCES.index(name) for name in names], len(day), p=share / share.sum())
    account = pick_accounts(world, day, source == SOURCES.index("existing"), rng)
    some = account >= 0
    return {"account": account[some], "day": day[some], "source": source[some]}


def _kept(world: World, deals: Deals) -> NDArray[np.bool_]:
    """Deals that are in the records as of today."""
    as_of = world.calendar.as_of
    known = (deals.created <= as_of) & ((deals.close < 0) | (deals.close >= 0))
    early = (deals.outcome != OPEN) & (deals.close < 0)
    return known & ~early


def _opportunities(
    world: World, deals: Deals, pictures: Snapshots, kept: NDArray[np.bool_]
) -> tuple[pd.DataFrame, Ints]:
    """Table opportunity, and the code of each deal in it (-1: not in the records)."""
    rng, calendar, as_of = world.rng("deals/entry"), world.calendar, world.calendar.as_of
    closed = (deals.outcome != OPEN) & (deals.close <= as_of)
    # Open deals stand as in the last picture.
    last = pictures.day == as_of
    stage, amount, expected = deals.stage.copy(), deals.amount.copy(), deals.expected.copy()
    stage[pictures.deal[last]] = pictures.stage[last]
    amount[pictures.deal[last]] = pictures.amount[last]
    expected[pictures.deal[last]] = pictures.expected[last]
    late = (rng.random(len(deals)) < world.truth.deal.backfilled) & world.on("backfill")
    backfilled = late & closed & (deals.outcome != VOID)
    lag = rng.integers(0, 4, len(deals))
    typed = np.where(backfilled, deals.close + lag, deals.created)
    typed = np.where(backfilled, np.minimum(typed, as_of), typed)
    world.backfilled = backfilled
    rows = np.flatnonzero(kept)
    rows = rows[np.lexsort((rows, deals.created[rows]))]
    code = np.full(len(deals), -1)
    code[rows] = np.arange(len(rows))
    ended = closed[rows]
    outcome = np.where(ended, deals.outcome[rows], OPEN)
    day = np.where(ended, deals.close[rows], as_of)
    account = deals.account[rows]
    entered = _stage_day(deals, stage, as_of)[rows]
    stage_code = np.where(
        outcome == OPEN,
        np.array(STAGES, object)[stage[rows]],
        np.array(["", "won", "lost", "void"], object)[outcome],
    )
    probability = _typed(world, deals, stage, np.full(len(deals), as_of))[rows]
    probability = np.select([outcome == OPEN, outcome == WON], [probability, 1.0], 0.0)
    line = np.array(LINES, object)[deals.line[rows]]
    lost = outcome == LOST
    table = pd.DataFrame(
        {
            "opportunity_id": np.arange(len(rows)),
            "name": _deal_names(world, account, line),
            "account_id": account,
            "rep_id": world.rep_at(account, np.maximum(day, 0)).astype(int),
            "region": world.region_at(account, np.maximum(deals.created[rows], 0)),
            "product_line": line,
            "channel": "direct",
            "source": np.array(SOURCES, object)[deals.source[rows]],
            "stage": stage_code,
            "status": np.array(OUTCOMES, object)[outcome],
            "amount": np.where(ended, deals.amount[rows], amount[rows]),
            "first_amount": deals.first_amount[rows],
            "currency": "CNY",
            "tax_basis": "incl",
            "tax_rate": np.where(line == "service", 0.06, 0.13),
            "probability": probability,
            "forecast_category": _category(
                probability, stage[rows], expected[rows] < as_of, outcome
            ),
            "created_date": calendar.date(deals.created[rows]),
            "entered_date": calendar.date(typed[rows]),
            "expected_close_date": calendar.date(np.where(ended, day, expected[rows])),
            "close_date": _date_or_none(world, deals.close[rows], ended & (outcome != VOID)),
            "stage_date": calendar.date(np.where(ended, deals.close[rows], entered)),
            "lost_reason": only(
                np.array(list(REASON_LABELS), object)[rng.choice(5, len(rows), p=REASON_SHARES)],
                lost,
            ),
            "competitor_id": np.where(
                rng.random(len(rows)) < 0.65,
                rng.choice(world.truth.deal.competitors, len(rows), p=_competitors(world)), -1
            ),
            "deal": rows,
        }
    )  # fmt: skip
    known = table["entered_date"] <= pd.Timestamp(calendar.days[as_of])
    assert bool(known.all())
    return table, code


def _competitors(world: World) -> Floats:
    weight = 1.0 / (np.arange(world.truth.deal.competitors) + 1.5)
    return np.asarray(weight / weight.sum())


def _stage_day(deals: Deals, stage: Ints, as_of: int) -> Ints:
    return np.asarray(np.minimum(deals.entered[np.arange(len(deals)), stage], as_of))


def _deal_names(world: World, account: Ints, line: NDArray[Any]) -> NDArray[Any]:
    brand = world.accounts["brand"].to_numpy(object)[account]
    return np.asarray(brand + pd.Series(line).map(NAMES).to_numpy(object))


def _date_or_none(world: World, day: Ints, there: NDArray[np.bool_]) -> pd.Series:
    last = len(world.calendar.days) - 1
    return pd.Series(world.calendar.date(np.clip(day, -2_000, last))).where(there)


def _typed(world: World, deals: Deals, stage: Ints, day: Ints, deal: Any = None) -> Floats:
    """Probabilities as typed: the chance of the stage, the planted optimism, the rep's own."""
    truth = world.truth.deal
    account = deals.account if deal is None else deals.account[deal]
    chance = np.array(CHANCES)[stage]
    rep = world.rep_at(account, day)
    own = world.frame.reps["optimism"].to_numpy()[rep]
    lift = truth.optimism + own if world.on("optimism") else 0.0
    return np.asarray(np.clip(np.round((chance + lift) * 20) / 20, 0.05, 0.95))


def _category(
    probability: Floats, stage: Ints, passed: NDArray[np.bool_], outcome: Any = OPEN
) -> NDArray[Any]:
    """Forecast category by stage and typed probability; a passed date makes it pipeline."""
    commit = (stage == len(STAGES) - 1) & (probability >= 0.40) & ~passed
    best = (stage >= len(STAGES) - 2) & ~passed
    found = np.select([commit, best], ["commit", "best_case"], "pipeline")
    return only(found, np.broadcast_to(np.asarray(outcome) == OPEN, found.shape))


def _snapshots(world: World, deals: Deals, pictures: Snapshots, code: Ints) -> pd.DataFrame:
    """Month-end pictures of open deals that were in the records that day."""
    typed = np.where(world.backfilled, deals.close, deals.created)
    there = (code[pictures.deal] >= 0) & (typed[pictures.deal] <= pictures.day)
    closed = (deals.close[pictures.deal] >= 0) & (deals.close[pictures.deal] <= pictures.day)
    rows = np.flatnonzero(there & ~closed)
    deal, day = pictures.deal[rows], pictures.day[rows]
    probability = _typed(world, deals, pictures.stage[rows], day, deal)
    table = pd.DataFrame(
        {
            "snapshot_date": world.calendar.date(day),
            "opportunity_id": code[deal],
            "stage": np.array(STAGES, object)[pictures.stage[rows]],
            "status": "open",
            "amount": pictures.amount[rows],
            "currency": "CNY",
            "tax_basis": "incl",
            "expected_close_date": world.calendar.date(pictures.expected[rows]),
            "probability": probability,
            "forecast_category": _category(
                probability, pictures.stage[rows], pictures.expected[rows] < day
            ),
        }
    )
    return table.sort_values(["opportunity_id", "snapshot_date"], ignore_index=True)


def _won_lines(world: World, deals: Deals, code: Ints) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Order lines and contracts of won deals, those after today included."""
    rng, frame = world.rng("deals/lines"), world.frame
    won = np.flatnonzero((deals.outcome == WON) & (deals.close >= 0))
    won = won[np.argsort(deals.close[won], kind="stable")]
    line = np.array(LINES, object)[deals.line[won]]
    day = deals.close[won]
    power = world.accounts["bargaining"].to_numpy()[deals.account[won]]
    asked = wanted(frame, line, day, rng, shift=power)
    tender = (deals.source[won] == SOURCES.index("tender")) & world.on("tender_price")
    low, high = world.truth.price.tender
    asked = np.where(tender, low + (high - low) * rng.random(len(won)), asked)
    discount, level = piled(frame, asked, rng)
    discount = np.where(tender, np.round(np.clip(asked, low, high), 3), discount)
    limits = np.asarray(world.truth.price.limits)
    level = (discount[:, None] > limits + 1e-9).sum(axis=1)
    product, quantity = _fill(world, line, deals.amount[won], day, discount, rng)
    listed = frame.list_price[product, day]
    net = net_price(listed, discount)
    lines = pd.DataFrame(
        {
            "order_key": np.arange(len(won)),
            "account_id": deals.account[won],
            "product_id": product,
            "day": day,
            "quantity": quantity,
            "list_price": listed,
            "net_price": net,
            "promotion_id": -1,
            "approval": np.array(APPROVAL_CODES, object)[level],
            "channel": "direct",
            "contract_key": np.arange(len(won)),
            "opportunity_id": code[won],
        }
    )
    contracts = lines[["contract_key", "account_id", "day", "opportunity_id"]].assign(
        amount=np.round(quantity * net, 2),
        product_line=line,
        contract_type=np.where(line == "service", "service", "sale"),
        terms=np.where(line == "service", "5-5", "3-3-3-1"),
    )
    return lines, contracts


def _fill(
    world: World,
    line: NDArray[Any],
    amount: Floats,
    day: Ints,
    discount: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:
    """A product whose price fits the amount of a deal, and how many of it."""
    frame = world.frame
    product = np.zeros(len(line), np.int64)
    for each in LINES:
        pool = np.flatnonzero((frame.products["product_line"] == each).to_numpy())
        weight = frame.products["weight_direct"].to_numpy()[pool]
        rows = np.flatnonzero(line == each)
        price = frame.list_price[pool][:, day[rows]] * (1 - discount[rows])
        pieces = amount[rows] / price
        # Few pieces of a machine that fits: one to five are natural, more are not.
        fit = np.exp(-np.abs(np.log(np.maximum(pieces, 1e-6) / 1.6)) * 1.6)
        score = np.log(weight[:, None] * fit + 1e-12) + rng.gumbel(size=fit.shape)
        product[rows] = pool[np.argmax(score, axis=0)]
    price = frame.list_price[product, day] * (1 - discount)
    quantity = np.maximum(1, np.floor(amount / price + rng.random(len(line))))
    return product, quantity


def _settle_amounts(table: pd.DataFrame, contracts: pd.DataFrame) -> None:
    """A won deal's amount is that of its contract."""
    known = contracts[contracts["opportunity_id"] >= 0].set_index("opportunity_id")["amount"]
    signed = table["opportunity_id"].map(known)
    won = table["status"] == "won"
    table.loc[won, "amount"] = signed[won]


def _quotes(world: World, deals: Deals, code: Ints) -> pd.DataFrame:
    """Quotes of deals that reached the stage: one, for some a second and deeper one."""
    rng, frame, as_of = world.rng("deals/quotes"), world.frame, world.calendar.as_of
    first = deals.entered[:, 2]
    rows = np.flatnonzero((first >= 0) & (first <= as_of) & (code >= 0) & ~world.backfilled)
    again = rng.random(len(rows)) < 0.35
    end = np.where(deals.close[rows] >= 0, deals.close[rows], as_of)
    end = np.minimum(end, as_of)
    second = np.minimum(first[rows] + 5 + rng.integers(0, 25, len(rows)), end)
    deal = np.concatenate([rows, rows[again]])
    day = np.concatenate([first[rows], second[again]])
    day = np.maximum(world.calendar.next_working(day), 0)
    day = np.minimum(day, as_of)
    line = np.array(LINES, object)[deals.line[deal]]
    power = world.accounts["bargaining"].to_numpy()[deals.account[deal]]
    deeper = np.concatenate([np.zeros(len(rows)), np.full(again.sum(), 0.02)])
    asked = wanted(frame, line, day, rng, shift=power - 0.01 + deeper)
    tender = (deals.source[deal] == SOURCES.index("tender")) & world.on("tender_price")
    low, high = world.truth.price.tender
    asked = np.where(tender, low + (high - low) * rng.random(len(deal)), asked)
    discount, level = piled(frame, asked, rng)
    product, quantity = _fill(world, line, deals.amount[deal], day, discount, rng)
    listed = frame.list_price[product, day]
    order = np.lexsort((deal, day))
    table = (
        pd.DataFrame(
            {
                "opportunity_id": code[deal],
                "account_id": deals.account[deal],
                "product_id": product,
                "rep_id": world.rep_at(deals.account[deal], day).astype(int),
                "quote_date": world.calendar.date(day),
                "quantity": quantity,
                "list_price": listed,
                "net_price": net_price(listed, discount),
                "currency": "CNY",
                "tax_basis": "incl",
                "tax_rate": np.where(line == "service", 0.06, 0.13),
                "approval": np.array(APPROVAL_CODES, object)[level],
            }
        )
        .iloc[order]
        .reset_index(drop=True)
    )
    return table.assign(quote_id=np.arange(len(table)))


def _hide(world: World, deals: Deals, code: Ints) -> None:
    """Latent quality, pace and true course of deals, what happens after today included."""
    rows = np.flatnonzero(code >= 0)
    rows = rows[np.argsort(code[rows])]
    last = len(world.calendar.days) - 1
    closes = deals.close[rows]
    world.hide(
        "deals",
        pd.DataFrame(
            {
                "opportunity_id": code[rows],
                "quality": deals.quality[rows].round(3),
                "outcome": np.array(["open", "won", "lost", "void"], object)[deals.outcome[rows]],
                "outcome_date": pd.Series(world.calendar.date(np.clip(closes, 0, last))).where(
                    closes >= 0
                ),
            }
        ),
    )
