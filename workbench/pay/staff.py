"""Who was what when: role, manager, team, pay and days in post of each person in each month."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError
from workbench.pay.exactly import Ints, to_floats
from workbench.pay.plan import Plan
from workbench.text import later
from workbench.units import minor_digits

FAR = np.iinfo(np.int32).max
#: Person, first and last day of times in which somebody is not in post.
Away = tuple[Ints, ...]


@dataclass(frozen=True, slots=True)
class Months:
    """The months of a plan.

    Attributes
    ----------
    starts, ends : int64 arrays, shape (months,)
        First and last day, in days since 1970-01-01.
    names : tuple of str
        "2026-01", by the month in which each closes.
    """

    starts: Ints
    ends: Ints
    names: tuple[str, ...]

    def of(self, days: NDArray[Any]) -> NDArray[np.int16]:
        """Month of each day, -1 outside the plan."""
        table = np.full(int(self.ends[-1] - self.starts[0]) + 1, -1, np.int16)
        for month, (start, end) in enumerate(zip(self.starts, self.ends, strict=True)):
            table[start - self.starts[0] : end - self.starts[0] + 1] = month
        # a place before and one after the table stand for all days outside
        table = np.concatenate([[-1], table, [-1]]).astype(np.int16)
        return table[np.clip(days - (self.starts[0] - 1), 0, len(table) - 1)]

    def index(self, name: str) -> int:
        """Number of the month that a name such as 2026-03 stands for."""
        if name not in self.names:
            raise InputError(
                later("{month} is no month of the plan", month=name),
                do=later(
                    "name a month from {first} to {last}",
                    first=self.names[0],
                    last=self.names[-1],
                ),
            )
        return self.names.index(name)


def plan_months(plan: Plan) -> Months:
    """Cut a plan into its months; with a closing day they end on it."""
    year, month = plan.starts.year, plan.starts.month
    starts, ends, names = [], [], []
    begin = plan.starts
    for _ in range(plan.months):
        after = dt.date(year + month // 12, month % 12 + 1, 1)
        end = after - dt.timedelta(1)
        if plan.closing_day is not None:
            end = dt.date(year, month, plan.closing_day)
            if end < begin:  # a plan that starts after the closing day: its first month is the next
                year, month = after.year, after.month
                end = dt.date(year, month, plan.closing_day)
                after = dt.date(year + month // 12, month % 12 + 1, 1)
        starts.append(begin)
        ends.append(end)
        names.append(f"{year}-{month:02d}")
        begin, (year, month) = end + dt.timedelta(1), (after.year, after.month)
    return Months(_days(starts), _days(ends), tuple(names))


@dataclass(frozen=True, slots=True)
class Staff:
    """People by month; arrays are of shape (people, months).

    Attributes
    ----------
    ids : ndarray of str, shape (people,)
    names : tuple of ndarray of str
        English and Chinese.
    role, team : int16 arrays
        Codes into `roles` and `teams`; before somebody joins that of the first row, after that of
        the last.
    manager : int32 array
        Position of the manager, -1 without.
    base_pay, incentive : int64 arrays
        Monthly base pay and yearly target incentive, minor units.
    days, length : int64 arrays
        Days in post less leave and less days between two rows of a person; days of the month.
    tenure : int64 array
        Months since joining, 0 in the month of joining; negative before.
    joined, left : int64 arrays, shape (people,)
        Days; `left` is far away for who is in post.
    successor : int32 array, shape (people,)
        Position of who took over, -1 without.
    unit : int
        Minor units of one unit of the currency.
    """

    ids: NDArray[Any]
    names: tuple[NDArray[Any], NDArray[Any]]
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    role: NDArray[np.int16]
    team: NDArray[np.int16]
    manager: NDArray[np.int32]
    base_pay: Ints
    incentive: Ints
    days: Ints
    length: Ints
    tenure: Ints
    joined: Ints
    left: Ints
    successor: NDArray[np.int32]
    index: pd.Index
    unit: int

    def __len__(self) -> int:
        return len(self.ids)

    def has_role(self, roles: tuple[str, ...]) -> NDArray[np.bool_]:
        """Tell where people have one of the roles; no roles are all."""
        if not roles:
            return np.ones(self.role.shape, bool)
        return np.isin(self.role, [self.roles.index(role) for role in roles if role in self.roles])


def staff_of(
    people: pd.DataFrame, plan: Plan, months: Months, absences: pd.DataFrame | None = None
) -> Staff:
    """Read the table of people: columns as those of `rep`, all but `rep_id` optional.

    Parameters
    ----------
    people : DataFrame
        rep_id, role, team_id, manager_id, hired_date, left_date, base_pay, target_pay or
        target_incentive, currency, valid_from, valid_to, successor_id, rep_name, rep_name_zh.
    absences : DataFrame, optional
        Leave: rep_id, start, end (days, both included).

    Raises
    ------
    InputError
        If there is no rep_id, nobody, a person has two rows for one day, or is paid in a currency
        without a rate.
    """
    if "rep_id" not in people or not len(people):
        raise InputError(
            later("people need a row each with rep_id"), do=later("hand in the table of reps")
        )
    rows = people.copy()
    rows["rep_id"] = rows["rep_id"].astype(str)
    for name in ("valid_from", "valid_to", "left_date"):
        if name not in rows:
            rows[name] = None
    rows["_from"] = _day_column(rows["valid_from"], -FAR)
    rows["_to"] = _day_column(rows["valid_to"], FAR)
    rows = rows.sort_values(["rep_id", "_from"], ignore_index=True)
    same = rows["rep_id"].eq(rows["rep_id"].shift())
    if (same & (rows["_from"] <= rows["_to"].shift(fill_value=-FAR))).any():
        twice = rows["rep_id"][same & (rows["_from"] <= rows["_to"].shift(fill_value=-FAR))]
        raise InputError(
            later("{rep} has two rows for one day", rep=twice.iloc[0]),
            where=later("people, valid_from and valid_to"),
            do=later("end the earlier row the day before the later one begins"),
        )
    ids = rows["rep_id"].unique()
    index = pd.Index(np.asarray(ids, dtype=object))
    person = _among(index, rows["rep_id"])
    row = _row_by_month(person, rows, len(ids), months)
    digits = 10 ** minor_digits(plan.currency)
    worth = _worth(rows, plan) * digits
    base = _minor(rows, "base_pay", worth)
    if "target_incentive" in rows:
        incentive = _minor(rows, "target_incentive", worth)
    else:
        target = _minor(rows, "target_pay", worth)
        incentive = np.maximum(target - 12 * base, 0)
    last = np.append(np.nonzero(np.diff(person))[0], len(person) - 1)
    hired = (
        rows.groupby("rep_id", sort=False)["hired_date"].first() if "hired_date" in rows else None
    )
    joined = _day_column(hired, -FAR) if hired is not None else np.full(len(ids), -FAR)
    joined = joined if hired is not None else rows["_from"].to_numpy()[np.append(0, last[:-1] + 1)]
    left = _day_column(rows["left_date"].iloc[last], FAR)
    left = np.minimum(left, rows["_to"].to_numpy()[last])
    both = zip(_leave(absences, index), _between_rows(rows, person), strict=True)
    away = tuple(np.concatenate(each) for each in both)
    team, teams = _codes(rows, "team_id")
    role, roles = _codes(rows, "role")
    return Staff(
        ids=np.asarray(ids, dtype=object),
        names=(_texts(rows, "rep_name", last, ids), _texts(rows, "rep_name_zh", last, ids)),
        roles=roles,
        teams=teams,
        role=role[row],
        team=team[row],
        manager=_positions(rows, "manager_id", index)[row],
        base_pay=base[row],
        incentive=incentive[row],
        days=_days_in_post(joined, left, months, away),
        length=np.broadcast_to(months.ends - months.starts + 1, row.shape),
        tenure=_tenure(joined, months),
        joined=joined.astype(np.int64),
        left=left.astype(np.int64),
        successor=_positions(rows, "successor_id", index)[last],
        index=index,
        unit=digits,
    )


def positions(staff: Staff, names: Any) -> NDArray[np.int64]:
    """Position of each name of a column among the people, -1 for others."""
    return _among(staff.index, names)


def to_day_numbers(values: Any) -> Ints:
    """Days since 1970-01-01 of a column of dates, texts or timestamps; missing ones are far off."""
    return _day_column(pd.Series(values), FAR)


def _row_by_month(
    person: NDArray[Any], rows: pd.DataFrame, people: int, months: Months
) -> NDArray[np.int64]:
    """Row in force at each month's end; the first before joining, the last after leaving."""
    begins = rows["_from"].to_numpy()
    first = np.searchsorted(person, np.arange(people))
    row = np.repeat(first[:, None], len(months.names), axis=1)
    several = np.bincount(person, minlength=people) > 1
    for number in np.nonzero(several[person])[0]:
        row[person[number], months.ends >= begins[number]] = number
    return row


def _days_in_post(joined: Ints, left: Ints, months: Months, away: Away) -> Ints:
    begin = np.maximum(joined[:, None], months.starts[None, :])
    end = np.minimum(left[:, None], months.ends[None, :])
    days = np.maximum(end - begin + 1, 0)
    seen: dict[int, int] = {}  # last day away so far: leave that overlaps counts once
    for person, first, last in sorted(zip(*(each.tolist() for each in away), strict=True)):
        first = max(first, seen.get(person, -FAR) + 1)
        seen[person] = max(last, seen.get(person, -FAR))
        less = np.minimum(last, end[person]) - np.maximum(first, begin[person]) + 1
        days[person] -= np.minimum(np.maximum(less, 0), days[person])
    return days.astype(np.int64)


def _leave(absences: pd.DataFrame | None, index: pd.Index) -> Away:
    """Days of leave of people who are known."""
    if absences is None or not len(absences):
        return (np.zeros(0, np.int64),) * 3
    missing = [each for each in ("rep_id", "start", "end") if each not in absences]
    if missing:
        raise InputError(
            later("absences lack the column {column}", column=missing[0]),
            do=later("hand in rep_id, start and end (days)"),
        )
    who = _among(index, absences["rep_id"])
    from_, to = _day_column(absences["start"], -FAR), _day_column(absences["end"], FAR)
    known = who >= 0
    return who[known], from_[known], to[known]


def _between_rows(rows: pd.DataFrame, person: NDArray[Any]) -> Away:
    """Days between two rows of a person, who left and came back."""
    from_, to = rows["_from"].to_numpy(), rows["_to"].to_numpy()
    back = np.nonzero((person[1:] == person[:-1]) & (from_[1:] > to[:-1] + 1))[0]
    return person[back], to[back] + 1, from_[back + 1] - 1


def _tenure(joined: Ints, months: Months) -> Ints:
    """Months since the month of joining."""
    hired = np.searchsorted(months.ends, joined)
    number = np.arange(len(months.names))
    earlier = joined < months.starts[0]
    tenure = number[None, :] - hired[:, None]
    # who joined before the plan: by calendar months
    start = np.datetime64(int(months.starts[0]), "D").astype("datetime64[M]").astype(int)
    known = np.where(joined > -FAR, joined, 0)
    month = known.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    since = np.where(joined > -FAR, start - month, 10_000)
    return np.where(earlier[:, None], number[None, :] + since[:, None], tenure).astype(np.int64)


def _codes(rows: pd.DataFrame, name: str) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    if name not in rows:
        return np.zeros(len(rows), np.int16), ("",)
    codes, words = pd.factorize(rows[name].fillna("").astype(str), sort=True)
    return codes.astype(np.int16), tuple(map(str, words))


def _positions(rows: pd.DataFrame, name: str, index: pd.Index) -> NDArray[np.int32]:
    if name not in rows:
        return np.full(len(rows), -1, np.int32)
    named = rows[name].astype(object).where(rows[name].notna(), "")
    return _among(index, named).astype(np.int32)


def _among(index: pd.Index, names: Any) -> NDArray[np.int64]:
    return np.asarray(index.get_indexer(pd.Index(np.asarray(names.astype(str), dtype=object))))


def _worth(rows: pd.DataFrame, plan: Plan) -> NDArray[np.float64]:
    """What one unit of each row's currency counts in the plan's."""
    if "currency" not in rows:
        return np.ones(len(rows))
    known = {plan.currency: 1.0} | {code: float(rate) for code, rate in plan.exchange.items()}
    codes = rows["currency"].where(rows["currency"].notna(), plan.currency).astype(str)
    worth = codes.map(known).to_numpy(float)
    paid = [name for name in ("base_pay", "target_pay", "target_incentive") if name in rows]
    given = rows[paid].notna().any(axis=1).to_numpy() & np.isnan(worth)
    if given.any():
        raise InputError(
            later(
                "{rep} is paid in {currency}, and the plan in {plan}",
                rep=rows["rep_id"][given].iloc[0],
                currency=codes[given].iloc[0],
                plan=plan.currency,
            ),
            where=later("people, column {column}", column="currency"),
            do=later("state the rate under `exchange` of the plan, or settle them by another plan"),
        )
    return np.nan_to_num(worth)


def _minor(rows: pd.DataFrame, name: str, worth: NDArray[np.float64]) -> Ints:
    """Money of people as whole minor units of the plan's currency."""
    if name not in rows:
        return np.zeros(len(rows), np.int64)
    values = to_floats(rows[name], name=later("people, column {column}", column=name))
    return np.rint(np.nan_to_num(values) * worth).astype(np.int64)


def _texts(rows: pd.DataFrame, name: str, last: NDArray[Any], ids: NDArray[Any]) -> NDArray[Any]:
    if name not in rows:
        return np.asarray(ids, dtype=object)
    given = rows[name].iloc[last].astype(object).to_numpy()
    return np.where(pd.isna(given), ids, given)


def _day_column(values: Any, missing: int) -> Ints:
    given = pd.Series(values)
    try:
        stamps = pd.to_datetime(given, errors="raise")
    except (ValueError, TypeError) as error:
        bad = given[pd.to_datetime(given, errors="coerce").isna() & given.notna()]
        raise InputError(
            later("{value} is no date", value=bad.iloc[0] if len(bad) else given.iloc[0]),
            where=later("column {column}", column=given.name) if given.name else None,
            do=later("write 2026-01-31"),
        ) from error
    if getattr(stamps.dt, "tz", None) is not None:
        stamps = stamps.dt.tz_localize(None)
    days = stamps.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), missing, days.astype(np.int64))


def _days(dates: list[dt.date]) -> Ints:
    return np.array(dates, "datetime64[D]").astype(np.int64)
