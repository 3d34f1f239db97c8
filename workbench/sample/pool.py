"""The life of an account: owned, idle, recalled to the pool, claimed again, buying, lost.

A new account is assigned to a rep. Some are won over and buy until they leave, the less content
the sooner; some are worked on without buying yet; the others are recalled after 30 days without
contact or 90 without a deal and wait in the pool until somebody claims them. Few of those convert.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.accounts import NEVER
from workbench.sample.world import World

Ints = NDArray[np.int64]
ROUNDS = 14  # at most so many times owned
INCUMBENT = 0.74  # of the direct accounts entered before the data begin: buying on the first day
ENGAGED = 0.45  # of those not won over: worked on for longer
POOL_DAYS = 300.0  # mean wait in the pool
STATES = ("idle", "engaged", "buying")


def per_part(world: World) -> None:
    """Set world.spells; finish world.accounts; add account, account_pool_event, assignment."""
    world.spells, events = _lives(world)
    _finish_accounts(world)
    world.add("account", _account_table(world))
    world.add("account_pool_event", _event_table(world, events))
    world.add("assignment", _assignments(world))
    _hide(world)


def _lives(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Spells of ownership and the events of the pool, account by account in time."""
    accounts, rng = world.accounts, world.rng("pool/lives")
    last = len(world.calendar.days) - 1
    start = accounts["created_day"].to_numpy().copy()
    running = np.ones(len(accounts), bool)
    spells: list[pd.DataFrame] = []
    events: list[pd.DataFrame] = []
    for number in range(ROUNDS):
        draw, wait, gap, leave, idle, kind = rng.random((6, len(accounts)))
        buys = running & (draw < _chances(world, number, start))
        turn = _turn(world, number, start, running, buys, wait, leave, idle, kind)
        spells += _spells(turn, last)
        first = "assign" if number == 0 else "claim"
        events.append(_events(running, start, first, f"{first}ed"))
        back = running & (turn.recall <= last)
        events.append(_events(back, turn.recall, "recall", turn.reason))
        start = turn.recall + 5 + (-POOL_DAYS * np.log1p(-gap)).astype(int)
        start = np.where(back, start, NEVER)
        start = np.where(start < NEVER, _working(world, start), start)
        running = back & (start <= last - 10)
        if not running.any():
            break
    spell = pd.concat(spells, ignore_index=True)
    spell = spell[(spell["to_day"] >= 0) & (spell["from_day"] <= last)]
    spell = spell.sort_values(["account_id", "from_day"], kind="stable", ignore_index=True)
    event = pd.concat(events, ignore_index=True)
    return spell, event.sort_values(["account_id", "day"], kind="stable", ignore_index=True)


@dataclass(frozen=True)
class _Turn:
    """One time of being owned, for all accounts: who buys from when to when, when recalled."""

    start: Ints
    first: Ints
    end: Ints
    recall: Ints
    buys: NDArray[np.bool_]
    engaged: NDArray[np.bool_]
    other: NDArray[np.bool_]
    reason: NDArray[Any]


def _direct(world: World) -> NDArray[np.bool_]:
    """Direct accounts that are no second entries."""
    accounts = world.accounts
    return np.asarray((accounts["kind"] == "direct") & (accounts["duplicate_of"] < 0))


def _chances(world: World, number: int, start: Ints) -> NDArray[np.float64]:
    """Chance to be won over, the first time owned or a later one."""
    accounts, truth = world.accounts, world.truth.customer
    if number > 0:
        return np.full(len(start), truth.reclaim if world.on("reclaim") else 0.0)
    sure = accounts["customer_type"].isin(["key_account", "online"]).to_numpy()
    return np.where(sure, 1.0, np.where(start < 0, INCUMBENT, truth.first_claim))


def _turn(
    world: World,
    number: int,
    start: Ints,
    running: NDArray[np.bool_],
    buys: NDArray[np.bool_],
    wait: NDArray[np.float64],
    leave: NDArray[np.float64],
    idle: NDArray[np.float64],
    kind: NDArray[np.float64],
) -> _Turn:
    """What becomes of accounts owned from `start`; the last four are uniform draws."""
    direct = _direct(world)
    begun = (number == 0) & (start < 0)  # buying before the data begin
    first = np.where(begun, start, start + 10 + (wait * 80).astype(int))
    stays = _stays(world, np.maximum(first, 0), leave)
    engaged = running & ~buys & direct & (kind < ENGAGED)
    no_contact = kind > 0.75
    short = np.where(no_contact, 33 + idle * 20, 92 + idle * 45).astype(int)
    long = 200 + (idle * 420).astype(int)
    end = np.select([buys, engaged], [first + stays, start + long], start + short)
    # A lost customer is recalled once 90 days have passed without a deal.
    recall = np.where(buys, end + 92 + (idle * 50).astype(int), end)
    recall = np.where(~direct | (not world.on("pool")), NEVER, recall)
    reason = np.where(buys | engaged | ~no_contact, "no_deal", "no_contact")
    other = running & ~buys & ~engaged
    return _Turn(start, first, end, recall, buys, engaged, other, reason)


def _spells(turn: _Turn, last: int) -> list[pd.DataFrame]:
    """A turn as spells: worked on before the first order, buying, idle until recalled."""
    until = np.minimum(turn.recall, last)
    found = []
    if turn.buys.any():
        bought = (np.maximum(turn.first, 0), np.minimum(turn.end, last))
        found.append(_rows(turn.buys, *bought, "buying"))
        early = turn.buys & (turn.first > turn.start)
        found.append(_rows(early, turn.start, turn.first - 1, "engaged"))
        found.append(_rows(turn.buys & (turn.end < last), turn.end + 1, until, "idle"))
    found.append(_rows(turn.engaged, turn.start, until, "engaged"))
    found.append(_rows(turn.other, turn.start, until, "idle"))
    return found


def _working(world: World, day: Ints) -> Ints:
    last = len(world.calendar.days) - 1
    inside = (day >= 0) & (day <= last)
    return np.where(inside, world.calendar.next_working(np.clip(day, 0, last)), day)


def _stays(world: World, first: Ints, draw: NDArray[np.float64]) -> Ints:
    """Days until a buying customer leaves: quarterly hazard by satisfaction."""
    truth = world.truth.customer
    calendar = world.calendar
    slope = truth.churn_slope if world.on("churn") else 0.0
    base = np.log(truth.churn_base / (1 - truth.churn_base))
    odds = base + slope * (world.satisfaction.astype(float) - truth.satisfaction_mean)
    hazard = np.log1p(np.exp(odds))  # -log(1 - p)
    quarter = (calendar.year - 2021) * 4 + (calendar.month - 1) // 3 - 2
    begin = quarter[np.minimum(first, len(quarter) - 1)]
    columns = np.arange(hazard.shape[1])
    lived = np.where(columns[None, :] >= begin[:, None], hazard, 0.0)
    passed = np.cumsum(lived, axis=1)
    need = -np.log1p(-draw)
    place = (passed < need[:, None]).sum(axis=1)
    before = np.where(place > 0, passed[np.arange(len(place)), np.maximum(place - 1, 0)], 0.0)
    step = hazard[np.arange(len(place)), np.minimum(place, hazard.shape[1] - 1)]
    share = np.clip((need - before) / step, 0, 1)
    days = ((place - begin) + share) * 91.3
    return np.where(place >= hazard.shape[1], NEVER, np.maximum(days, 20)).astype(np.int64)


def _rows(chosen: NDArray[np.bool_], start: Ints, end: Ints, state: str) -> pd.DataFrame:
    rows = np.flatnonzero(chosen)
    return pd.DataFrame(
        {"account_id": rows, "from_day": start[rows], "to_day": end[rows], "state": state}
    )


def _events(chosen: NDArray[np.bool_], day: Ints, event: str, reason: Any) -> pd.DataFrame:
    rows = np.flatnonzero(chosen)
    reasons = np.broadcast_to(np.asarray(reason, object), chosen.shape)
    return pd.DataFrame(
        {"account_id": rows, "day": day[rows], "event": event, "reason": reasons[rows]}
    )


def _finish_accounts(world: World) -> None:
    """First and last day of buying, status and owner as of today."""
    accounts, as_of = world.accounts, world.calendar.as_of
    buying = world.spells[world.spells["state"] == "buying"]
    first = buying.groupby("account_id")["from_day"].min()
    last = buying.groupby("account_id")["to_day"].max()
    rows = np.arange(len(accounts))
    accounts["start_day"] = first.reindex(rows).fillna(NEVER).astype(int).to_numpy()
    accounts["churn_day"] = last.reindex(rows).fillna(-1).astype(int).to_numpy()
    spells = world.spells
    now = spells[(spells["from_day"] <= as_of) & (spells["to_day"] >= as_of)]
    owned = np.isin(rows, now["account_id"])
    accounts["status"] = np.where(owned, "owned", "pool")
    owner = world.rep_at(rows, np.full(len(rows), as_of))
    accounts["owner_id"] = np.where(owned, owner, -1).astype(np.int64)


def _account_table(world: World) -> pd.DataFrame:
    accounts = world.accounts
    day = np.full(len(accounts), world.calendar.as_of)
    return accounts.assign(
        account_id=np.arange(len(accounts)),
        region=world.region_at(np.arange(len(accounts)), day),
        created_date=world.calendar.date(accounts["created_day"]),
    )


def _event_table(world: World, events: pd.DataFrame) -> pd.DataFrame:
    """Events of the pool since the data begin; the first assignment of old accounts is not kept."""
    as_of = world.calendar.as_of
    events = events[(events["day"] >= 0) & (events["day"] <= as_of)]
    direct = (world.accounts["kind"] == "direct").to_numpy()[events["account_id"]]
    events = events[direct].sort_values(["day", "account_id"], kind="stable", ignore_index=True)
    return events.assign(
        event_id=np.arange(len(events)),
        event_date=world.calendar.date(events["day"]),
        rep_id=world.rep_at(events["account_id"].to_numpy(), events["day"].to_numpy()).astype(int),
    )


def _assignments(world: World) -> pd.DataFrame:
    """Who owned which account when: spells cut where seat, rep, team or region changes."""
    as_of, calendar = world.calendar.as_of, world.calendar
    spells = world.spells[world.spells["from_day"] <= as_of].copy()
    merged = _merged(spells)
    years = calendar.year[: as_of + 1] - calendar.year[0]
    starts = np.flatnonzero(np.diff(years, prepend=-1))
    ends = np.append(starts[1:] - 1, as_of)
    pieces = []
    for year, (first, last) in enumerate(zip(starts, ends, strict=True)):
        part = merged[(merged["from_day"] <= last) & (merged["to_day"] >= first)].copy()
        part["seat"] = world.account_seat[part["account_id"], year]
        part["region_no"] = world.frame.province_region[
            world.accounts["province"].to_numpy()[part["account_id"]], year
        ]
        part["first"] = np.where(year == 0, part["from_day"], np.maximum(part["from_day"], first))
        part["last"] = np.minimum(part["to_day"], last)
        pieces.append(part)
    cut = _by_occupant(world, pd.concat(pieces, ignore_index=True))
    return _joined(world, cut)


def _merged(spells: pd.DataFrame) -> pd.DataFrame:
    """Spells of an account that follow without a gap, as one."""
    account = spells["account_id"].to_numpy()
    start, end = spells["from_day"].to_numpy(), spells["to_day"].to_numpy()
    new = np.ones(len(spells), bool)
    new[1:] = (account[1:] != account[:-1]) | (start[1:] > end[:-1] + 1)
    group = np.cumsum(new) - 1
    return pd.DataFrame(
        {
            "account_id": account[new],
            "from_day": start[new],
            "to_day": pd.Series(end).groupby(group).max().to_numpy(),
        }
    )


def _by_occupant(world: World, pieces: pd.DataFrame) -> pd.DataFrame:
    """Cut pieces where the person behind the seat changes."""
    reps = world.frame.seat_rep[:, : world.calendar.as_of + 1]
    edge = np.zeros(reps.shape, bool)
    edge[:, 1:] = reps[:, 1:] != reps[:, :-1]
    changes = np.cumsum(edge, axis=1)
    seat = pieces["seat"].to_numpy()
    first = np.maximum(pieces["first"].to_numpy(), 0)
    last = pieces["last"].to_numpy()
    more = changes[seat, last] - changes[seat, first]
    row = np.repeat(np.arange(len(pieces)), more + 1)
    step = np.arange(len(row)) - np.repeat(np.cumsum(more + 1) - more - 1, more + 1)
    edges = [np.flatnonzero(each) for each in edge]
    flat = np.concatenate(edges) if len(edges) else np.array([], int)
    base = np.concatenate([[0], np.cumsum([len(each) for each in edges])])
    number = base[seat[row]] + changes[seat[row], first[row]] + step
    begin = np.where(
        step == 0,
        pieces["first"].to_numpy()[row],
        flat[np.clip(number - 1, 0, max(len(flat) - 1, 0))],
    )
    out = pieces.iloc[row].reset_index(drop=True)
    out["first"] = begin
    final = step == more[row]
    following = flat[np.clip(number, 0, max(len(flat) - 1, 0))] - 1
    out["last"] = np.where(final, out["last"], following)
    out["rep_id"] = reps[out["seat"], np.maximum(out["first"], 0)].astype(np.int64)
    return out


def _joined(world: World, cut: pd.DataFrame) -> pd.DataFrame:
    """Join neighbouring pieces with the same owner; dates."""
    cut["team_id"] = world.frame.seats["team"].to_numpy()[cut["seat"]]
    cut = cut.sort_values(["account_id", "first"], kind="stable", ignore_index=True)
    keys = cut[["account_id", "rep_id", "team_id", "region_no"]].to_numpy()
    same = np.zeros(len(cut), bool)
    touching = cut["first"].to_numpy()[1:] == cut["last"].to_numpy()[:-1] + 1
    same[1:] = (keys[1:] == keys[:-1]).all(axis=1) & touching
    group = np.cumsum(~same) - 1
    last = cut["last"].groupby(group).max().to_numpy()
    joined = cut[~same].reset_index(drop=True)
    to = pd.Series(world.calendar.date(last))
    from workbench.sample.parameters import REGIONS

    return pd.DataFrame(
        {
            "account_id": joined["account_id"],
            "rep_id": joined["rep_id"],
            "team_id": joined["team_id"],
            "region": np.array(REGIONS, object)[joined["region_no"]],
            "valid_from": world.calendar.date(joined["first"]),
            "valid_to": to.where(last < world.calendar.as_of),
        }
    )


def _hide(world: World) -> None:
    accounts = world.accounts
    hidden = pd.DataFrame(
        {
            "account_id": np.arange(len(accounts)),
            "kind": accounts["kind"],
            "potential_index": accounts["potential"].round(4),
            "satisfaction": world.satisfaction.mean(axis=1).round(2),
            "price_sensitivity": accounts["sensitivity"].round(3),
            "payment_delay": accounts["habit"].round(1),
            "first_buying_day": _day(world, accounts["start_day"]),
            "last_buying_day": _day(world, accounts["churn_day"]),
        }
    )
    world.hide("accounts", hidden)


def _day(world: World, index: pd.Series) -> pd.Series:
    last = len(world.calendar.days) - 1
    inside = (index >= 0) & (index < last)
    return pd.Series(world.calendar.date(np.clip(index, 0, last))).where(inside)


@dataclass(frozen=True)
class Buying:
    """Buying spells of customers as arrays."""

    account: Ints
    first: Ints
    last: Ints


def buying(world: World) -> Buying:
    """Buying spells, cut to the days simulated."""
    spells = world.spells[world.spells["state"] == "buying"]
    return Buying(
        spells["account_id"].to_numpy(),
        np.maximum(spells["from_day"].to_numpy(), 0),
        np.minimum(spells["to_day"].to_numpy(), len(world.calendar.days) - 1),
    )
