"""What a target is split by: history, potential, capacity of people, and the season.

Each gives weights by leaf (and month); `blended` joins them into the `basis` of `set_targets`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import InputError, ParameterError

Floats = NDArray[np.float64]
#: Months a new seller needs to full output, as practitioners of the trade reckon.
RAMP_MONTHS = 6
#: Days before and from New Year's Day on in which little is sold.
BEFORE, AFTER = 7, 14


def blended(parts: Mapping[str, pd.Series], *, mix: Mapping[str, float]) -> pd.Series:
    """Join split weights, each first taken as shares of its own sum.

    Parameters
    ----------
    parts : mapping of str to Series
        Such as history, potential, capacity: a number by leaf, not negative.
    mix : mapping of str to float
        How much each counts, not negative; 0.5 and 0.5 the same as 1 and 1.

    Returns
    -------
    pandas.Series
        Shares by leaf that sum to 1; a leaf one part does not name has nothing of it.

    Raises
    ------
    ParameterError
        If the mix names an unknown part, or is negative or zero throughout.
    InputError
        If a part is negative, or sums to nothing.
    """
    unknown = [name for name in mix if name not in parts]
    total = sum(mix.values())
    if unknown or min(mix.values(), default=-1.0) < 0 or total <= 0:
        raise ParameterError(
            "a mix gives shares, not negative, to parts that are there",
            where=f"mix={dict(mix)}, parts {', '.join(parts)}",
            do="name parts that were handed in",
        )
    shares = []
    for name, part in mix.items():
        values = parts[name].astype(float)
        if (values < 0).any() or not values.sum() > 0:
            raise InputError(
                f"the part {name} is negative or sums to nothing",
                where=f"parts, {name}",
                do="give numbers of 0 or more, or take it out of the mix",
            )
        shares.append(values / values.sum() * part / total)
    joined: pd.Series = pd.concat(shares, axis=1).fillna(0.0).sum(axis=1)
    return joined


def capacity(
    people: pd.DataFrame, *, months: Sequence[Any], ramp: int = RAMP_MONTHS
) -> pd.DataFrame:
    """Part of full output that each person can give in each month.

    Parameters
    ----------
    people : pandas.DataFrame
        node, and optionally start (first day), end (last day), share (of full time), and leave:
        months off in the year, spread evenly, or `leave_from` and `leave_to` (days).
    months : sequence
        Months, as anything pandas reads as a period of a month.
    ramp : int
        Months from a start to full output, growing evenly; the first month gives 1 / (ramp + 1).

    Returns
    -------
    pandas.DataFrame, shape (people, months)
        0 to 1 times the share of full time; index node, columns as `months`.

    Raises
    ------
    ParameterError
        If the ramp is negative.
    """
    if ramp < 0:
        raise ParameterError("a ramp is not negative", where=f"ramp={ramp}", do="give months")
    periods = pd.PeriodIndex([pd.Period(month, freq="M") for month in months])
    first = periods.start_time.normalize().to_numpy()
    last = periods.end_time.normalize().to_numpy()
    days = ((last - first) / np.timedelta64(1, "D") + 1)[None, :]
    start, end = _days(people, "start", first[0]), _days(people, "end", last[-1])
    present = _overlap(start, end, first, last) / days
    off = _overlap(
        _days(people, "leave_from", "NaT"), _days(people, "leave_to", "NaT"), first, last
    )
    present = np.clip(present - off / days, 0.0, 1.0)
    joined = pd.DatetimeIndex(start).to_period("M")
    served = periods.year.to_numpy() * 12 + periods.month.to_numpy()
    served = served[None, :] - np.asarray(joined.year * 12 + joined.month, dtype=float)[:, None]
    told = people["start"].notna().to_numpy() if "start" in people else np.zeros(len(people), bool)
    grown = np.clip((served + 1) / (ramp + 1), 0.0, 1.0)
    grown[~told] = 1.0
    part = _numbers(people, "share", 1.0) * (1 - _numbers(people, "leave", 0.0) / len(periods))
    return pd.DataFrame(present * grown * part[:, None], index=people["node"], columns=list(months))


def season(history: pd.Series, *, months: Sequence[Any], shrink: float = 2.0) -> pd.Series:
    """Share of each coming month in their year, from past months; the New Year where it falls.

    Parameters
    ----------
    history : pandas.Series
        Amounts by month (index read as periods of a month), two years of them at least.
    months : sequence
        Months to come.
    shrink : float
        Years of an even season that the measured one is drawn to: with many years behind it the
        measured season stays as it is.

    Returns
    -------
    pandas.Series
        Shares that sum to 1, index as `months`.

    Raises
    ------
    InputError
        If there are less than two years, or amounts are negative or all zero.

    Notes
    -----
    Each month's part of the mean of the twelve around it, without what the New Year takes: a
    month's part is ``s_m (1 - c w)``, w being its share of the New Year's reach (Lin and Liu
    2003) and c the part of a month that the reach costs, the one with least squares.
    """
    known = pd.Series(
        history.to_numpy(float),
        index=pd.PeriodIndex([pd.Period(month, freq="M") for month in history.index]),
    ).sort_index()
    if len(known) < 24 or (known < 0).any() or not known.sum() > 0:
        raise InputError(
            "a season needs two years of months with amounts that are not negative",
            where=f"history of {len(known)} months",
            do="give more months, or state the season",
        )
    centred = known.rolling(12, min_periods=12).mean().shift(-6).bfill().ffill()
    ratio = (known / centred.where(centred > 0)).fillna(0.0)
    ahead = pd.PeriodIndex([pd.Period(month, freq="M") for month in months])
    reach = _reach(pd.PeriodIndex(ratio.index))
    best = min(
        (_fitted(ratio, reach, cost) for cost in np.linspace(0, 0.9, 46)), key=lambda x: x[0]
    )
    _, cost, factor = best
    years = len(known) / 12
    factor = (factor * years + shrink) / (years + shrink)
    shares = factor[ahead.month.to_numpy() - 1] * (1 - cost * _reach(ahead))
    return pd.Series(shares / shares.sum(), index=list(months))


def _fitted(ratio: pd.Series, reach: Floats, cost: float) -> tuple[float, float, Floats]:
    """Squared error, cost and factors of the months at one cost of the New Year."""
    month = pd.PeriodIndex(ratio.index).month.to_numpy() - 1
    open_ = 1 - cost * reach
    top = np.bincount(month, ratio.to_numpy(float) * open_, minlength=12)
    factor = top / np.maximum(np.bincount(month, open_**2, minlength=12), 1e-12)
    left = ratio.to_numpy(float) - factor[month] * open_
    return float(left @ left), cost, factor


def _reach(months: pd.PeriodIndex) -> Floats:
    from workbench.calendars import new_year_share

    return new_year_share(
        months.start_time.to_numpy().astype("datetime64[D]"),
        months.end_time.to_numpy().astype("datetime64[D]"),
        before=BEFORE,
        after=AFTER,
    )


def _days(people: pd.DataFrame, column: str, default: Any) -> NDArray[np.datetime64]:
    if column not in people:
        return np.full(len(people), np.datetime64(default, "ns"))
    days = pd.to_datetime(people[column]).to_numpy().astype("datetime64[ns]")
    return np.where(np.isnat(days), np.datetime64(default, "ns"), days)


def _overlap(start: Any, end: Any, first: Any, last: Any) -> Floats:
    """Days that stretches (rows) share with months (columns); none where a day is missing."""
    low = np.maximum(start[:, None], first[None, :])
    high = np.minimum(end[:, None], last[None, :])
    days = (high - low) / np.timedelta64(1, "D") + 1
    return np.nan_to_num(np.maximum(days, 0.0), nan=0.0)


def _numbers(people: pd.DataFrame, column: str, default: float) -> Floats:
    if column not in people:
        return np.full(len(people), default)
    return people[column].fillna(default).to_numpy(float)
