"""The world in which the sample company is simulated: what one room hands on to the next.

**Ids are numbers here.** Every id column of a frame holds local codes 0, 1, 2 ... (-1: missing),
so that rooms look things up by plain indexing: ``world.accounts["potential"].to_numpy()[code]``.
`write.py` turns them into text ("A000123") by the entity the column refers to. Within a part of a
large company codes start at 0 again; the writer adds the offsets, rooms need not know.

**Dates** are numpy datetime64[D]. Days are also counted from `calendar.days[0]` ("day index").
**Money** is float64 in CNY, rounded to the cent (unit prices to four places) when added.

Rooms add declared tables by `world.add(name, frame)`, latent values by `world.hide(name, frame)`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample.parameters import REGIONS
from workbench.scenarios import Streams

if TYPE_CHECKING:
    from workbench.sample.parameters import Size, Truth

FIRST_DAY = np.datetime64("2021-08-01", "D")
AS_OF = np.datetime64("2026-07-31", "D")
LAST_DAY = np.datetime64("2026-12-31", "D")


@dataclass(frozen=True)
class Days:
    """The days simulated, FIRST_DAY to LAST_DAY; what lies after AS_OF is the hidden future.

    Attributes
    ----------
    days : datetime64[D], shape (n,)
    working : bool, shape (n,)
        Worked, by the official notices.
    year, month : int, shape (n,)
        2021 ..., 1 to 12.
    """

    days: NDArray[np.datetime64]
    working: NDArray[np.bool_]
    year: NDArray[np.int64]
    month: NDArray[np.int64]

    @property
    def as_of(self) -> int:
        """Day index of AS_OF."""
        return int((AS_OF - self.days[0]).astype(int))

    def index(self, dates: Any) -> NDArray[np.int64]:
        """Day index of dates."""
        return (np.asarray(dates, "datetime64[D]") - self.days[0]).astype(np.int64)

    def date(self, index: Any) -> NDArray[np.datetime64]:
        """Dates of day indices; a negative index gives days before the first."""
        return self.days[0] + np.asarray(index, np.int64)

    def next_working(self, index: Any) -> NDArray[np.int64]:
        """The same day if worked, else the next worked day (the last day at the end)."""
        places = np.flatnonzero(self.working)
        found = np.searchsorted(places, np.asarray(index))
        return np.asarray(places[np.minimum(found, len(places) - 1)])


@dataclass
class Frame:
    """What the whole company shares: calendar, organisation, products and prices.

    Attributes
    ----------
    seat_rep : int32, shape (seats, days)
        Code of the rep in a seat on a day; the team's manager while the seat is vacant.
    province_region : int, shape (provinces, years)
        Place in REGIONS of the sales region of a province (row of `geo`) in a year; -1 for none.
    list_price : float64, shape (products, days)
        List price a piece with VAT on a day.
    weights : dict of str to float64 array, shape (days,)
        Day weights of demand by channel ("direct", "dealer", "ecommerce"); mean 1 over 2025.
    geo, teams, seats, reps, products, promotions, campaigns, trainings : DataFrame
        See `geography.py`, `organisation.py`, `products.py`, `leads.py`.
    rep_skill : float32, shape (reps, days)
        Log productivity of a rep on a day: skill, ramp, learning, training.
    totals : dict of str to DataFrame
        Sums over all parts, see `World.add_up`.
    """

    truth: Truth
    size: Size
    streams: Streams
    off: frozenset[str]
    calendar: Days
    geo: pd.DataFrame = field(default_factory=pd.DataFrame)
    teams: pd.DataFrame = field(default_factory=pd.DataFrame)
    seats: pd.DataFrame = field(default_factory=pd.DataFrame)
    reps: pd.DataFrame = field(default_factory=pd.DataFrame)
    products: pd.DataFrame = field(default_factory=pd.DataFrame)
    promotions: pd.DataFrame = field(default_factory=pd.DataFrame)
    campaigns: pd.DataFrame = field(default_factory=pd.DataFrame)
    trainings: pd.DataFrame = field(default_factory=pd.DataFrame)
    seat_rep: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))
    rep_skill: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    province_region: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), np.int64))
    list_price: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    weights: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    hidden: dict[str, pd.DataFrame] = field(default_factory=dict)
    totals: dict[str, pd.DataFrame] = field(default_factory=dict)

    def on(self, effect: str) -> bool:
        """Whether an effect is switched on."""
        return effect not in self.off

    def rng(self, name: str) -> np.random.Generator:
        """Named random numbers."""
        return self.streams[name]

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows to a declared table (columns that are not declared are left out on writing)."""
        _append(self.tables, table, frame)

    def hide(self, name: str, frame: pd.DataFrame) -> None:
        """Add rows to a table of latent values, written as truth/<name>.parquet."""
        _append(self.hidden, name, frame)


@dataclass
class World:
    """One part of the company (the whole of it, but for large ones): accounts and what they do.

    Attributes
    ----------
    frame : Frame
        Shared by all parts.
    part : int
        Number of the part, from 0.
    accounts : DataFrame
        One row an account, row number = code. Columns of table `account` and latents:
        potential (CNY a year with VAT), satisfaction, sensitivity, habit (payment habit, days
        late relative to terms), start_day, churn_day (day indices; large when never),
        kind ("direct", "dealer", "online"), province (row of frame.geo), duplicate_of (-1).
    satisfaction : float32, shape (accounts, quarters)
        Latent satisfaction, 0 to 10, by quarter from 2021Q3.
    account_seat : int32, shape (accounts, years)
        Seat that owns an account in calendar years 2021 ... 2026.
    spells : DataFrame
        Times an account is owned: account_id, from_day, to_day (day indices, last day included),
        state ("idle", "engaged", "buying").
    lines : list of DataFrame
        Order lines of the rooms of demand, joined by `lines.py`.
    dealer_lines : DataFrame or None
        Order lines of dealers.
    contracts : DataFrame
        Contracts of won deals, on their way to `lines.py`.
    deals, deal_codes, backfilled : Deals, int array, bool array
        Deals as simulated, their code in table opportunity (-1: none), whether typed in late.
    leads, lead_rows : DataFrame, int array
        Leads as simulated, and the lead behind each deal (-1: none).
    tables, hidden : dict of str to DataFrame
    """

    frame: Frame
    part: int = 0
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    satisfaction: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    account_seat: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 0), np.int32))
    spells: pd.DataFrame = field(default_factory=pd.DataFrame)
    lines: list[pd.DataFrame] = field(default_factory=list)
    dealer_lines: pd.DataFrame | None = None
    contracts: pd.DataFrame = field(default_factory=pd.DataFrame)
    deals: Any = None
    deal_codes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    backfilled: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    leads: pd.DataFrame = field(default_factory=pd.DataFrame)
    lead_rows: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    hidden: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def truth(self) -> Truth:
        """Planted parameters."""
        return self.frame.truth

    @property
    def calendar(self) -> Days:
        """Days simulated."""
        return self.frame.calendar

    def on(self, effect: str) -> bool:
        """Whether an effect is switched on."""
        return self.frame.on(effect)

    def rng(self, name: str) -> np.random.Generator:
        """Named random numbers of this part."""
        return self.frame.streams[name if self.part == 0 else f"{name}#{self.part}"]

    def rep_at(self, account: Any, day: Any) -> NDArray[np.int32]:
        """Code of the rep responsible for accounts (codes) on days (indices)."""
        return self.frame.seat_rep[self.seat_at(account, day), np.asarray(day)]

    def seat_at(self, account: Any, day: Any) -> NDArray[np.int32]:
        """Seat that owns accounts on days."""
        year = self.calendar.year[np.asarray(day)] - self.calendar.year[0]
        return self.account_seat[np.asarray(account), year]

    def region_at(self, account: Any, day: Any) -> NDArray[Any]:
        """Sales region (code, text) of accounts on days, by where the account lies."""
        year = self.calendar.year[np.asarray(day)] - self.calendar.year[0]
        province = self.accounts["province"].to_numpy()[np.asarray(account)]
        return np.array(REGIONS, object)[self.frame.province_region[province, year]]

    def add(self, table: str, frame: pd.DataFrame) -> None:
        """Add rows to a declared table (columns that are not declared are left out on writing)."""
        _append(self.tables, table, frame)

    def hide(self, name: str, frame: pd.DataFrame) -> None:
        """Add rows to a table of latent values, written as truth/<name>.parquet."""
        _append(self.hidden, name, frame)

    def add_up(self, name: str, frame: pd.DataFrame, *, by: list[str], values: list[str]) -> None:
        """Add sums of `values` by `by` to the totals of the company, kept over all parts."""
        sums = frame.groupby(by, sort=True, observed=True)[values].sum().reset_index()
        known = self.frame.totals.get(name)
        if known is not None:
            sums = pd.concat([known, sums], ignore_index=True)
            sums = sums.groupby(by, sort=True, observed=True)[values].sum().reset_index()
        self.frame.totals[name] = sums


def only(values: Any, there: Any) -> NDArray[Any]:
    """Values as objects where `there` holds, None elsewhere: text columns with gaps."""
    kept = np.array(values, object, copy=True)
    kept[~np.asarray(there, bool)] = None
    return kept


def _append(tables: dict[str, pd.DataFrame], name: str, frame: pd.DataFrame) -> None:
    known = tables.get(name)
    tables[name] = frame if known is None else pd.concat([known, frame], ignore_index=True)
