"""What a company's own tables say about behaviour: people's years, and output against rates.

Years: revenue net of VAT of each rep against the sum of its quotas. Elasticity: where commission
rates changed for some roles and not for others, output changed for them and not for others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.company import Company
from workbench.errors import InputError, NotIdentifiedError
from workbench.incentives.behaviour.paths import Years

Floats = NDArray[np.float64]
IN_POST = 12  # months with a quota that make a year of a person's behaviour


@dataclass(frozen=True)
class Observed:
    """Years of people, as shares of their quota.

    Attributes
    ----------
    people : pandas.DataFrame
        rep_id, year, quota (base currency net of VAT), attainment: a row for each of `years`.
    years : Years
        What was moved is not known: 0.
    months : array, shape (12,)
        Share of each month in the quotas of a year.
    """

    people: pd.DataFrame
    years: Years
    months: Floats


@dataclass(frozen=True)
class Elasticity:
    """Relative change of output per relative change of the commission rate.

    Attributes
    ----------
    value, error : float
        Estimate and standard error clustered by person.
    people, changed : int
        People in the estimate, and those whose rate changed.
    """

    value: float
    error: float
    people: int
    changed: int


def observed_years(company: Company, *, first: int, last: int) -> Observed:
    """Years of reps who had a quota in each of their twelve months.

    Raises
    ------
    MissingTableError
        If quotas or order lines are missing.
    InputError
        If nobody had a quota for a whole year.
    """
    sold, quotas = _by_month(company, first, last)
    keys = ["rep_id", "year"]
    asked = quotas.groupby(keys)["quota"].agg(["sum", "size"])
    asked = asked[(asked["size"] >= IN_POST) & (asked["sum"] > 0)]
    if asked.empty:
        raise InputError(
            "no rep has a quota for a whole year",
            where=f"{first} to {last}",
            do="choose years that have quotas by month",
        )
    wide = sold.pivot_table(index=keys, columns="month", values="value", aggfunc="sum")
    booked = wide.reindex(index=asked.index, columns=range(1, 13)).fillna(0.0).to_numpy(float)
    share = booked / asked["sum"].to_numpy(float)[:, None]
    people = asked.reset_index().rename(columns={"sum": "quota"})[[*keys, "quota"]]
    years = Years(share, np.zeros(len(share)))
    whole = quotas.set_index(keys).loc[asked.index].groupby("month")["quota"].sum()
    return Observed(
        people.assign(attainment=years.attainment),
        years,
        np.asarray(whole.to_numpy(float) / whole.sum()),
    )


def observed_elasticity(company: Company, *, first: int, last: int) -> Elasticity:
    """Elasticity of reps' revenue with respect to the commission rate of their role.

    Raises
    ------
    MissingTableError
        If reps, pay plans, quotas or order lines are missing.
    NotIdentifiedError
        If rates did not change for some and stay for others.
    """
    company.require("rep", "pay_plan")
    sold, quotas = _by_month(company, first, last)
    rates = _rates(company, first, last)
    rows = quotas.merge(sold, on=["rep_id", "year", "month"], how="left")
    rows = rows.merge(rates, on=["rep_id", "year", "month"])
    # the first half year of somebody new grows for another reason
    rows = rows[rows["tenure"] > 6]
    return rate_elasticity(
        rows["value"].fillna(0.0).clip(lower=0.0),
        rate=rows["rate"],
        person=rows["rep_id"],
        time=rows["year"] * 12 + rows["month"],
    )


def rate_elasticity(
    output: ArrayLike, *, rate: ArrayLike, person: ArrayLike, time: ArrayLike
) -> Elasticity:
    """Elasticity by Poisson pseudo-likelihood with effects of people and times.

    The mean of output is a(person) b(time) rate^elasticity. The estimate needs only this mean, so
    that months without sales and any spread are allowed (Santos Silva and Tenreyro, "The Log of
    Gravity", Review of Economics and Statistics 88, 2006).

    Parameters
    ----------
    output : array_like, shape (n,)
        Not negative.
    rate : array_like, shape (n,)
        Commission rate, or a factor on it; positive.
    person, time : array_like, shape (n,)
        Keys.

    Raises
    ------
    NotIdentifiedError
        If rates do not differ within people beyond what time explains.
    InputError
        If output is negative or a rate is not positive.
    """
    y, x = np.asarray(output, float), np.asarray(rate, float)
    if not ((y >= 0).all() and (x > 0).all()):
        raise InputError(
            "output is not negative and rates are positive",
            where=f"{int((y < 0).sum())} and {int((x <= 0).sum())} rows",
            do="leave out or set to 0 months whose returns exceed their sales",
        )
    who, when = np.unique(person, return_inverse=True)[1], np.unique(time, return_inverse=True)[1]
    sells = np.bincount(who, weights=y) > 0
    kept = sells[who] & (np.bincount(when, weights=y) > 0)[when]
    y, log_rate, who, when = y[kept], np.log(x[kept]), who[kept], when[kept]
    who, when = np.unique(who, return_inverse=True)[1], np.unique(when, return_inverse=True)[1]
    beta, time_effect = 0.0, np.ones(when.max() + 1)
    for _ in range(200):
        base = np.exp(beta * log_rate)
        mean, time_effect = _fitted(y, base, who, when, time_effect)
        within = _within(log_rate, mean, who, when)
        information = float(mean @ within**2)
        if information <= 1e-10 * float(mean.sum()):
            raise NotIdentifiedError(
                "rates do not change for some people while they stay for others",
                where=f"{who.max() + 1} people",
                do="take a time in which the plan of a role was changed",
            )
        step = float(within @ (y - mean)) / information
        beta += float(np.clip(step, -1, 1))
        if abs(step) < 1e-10:
            break
    else:
        raise NotIdentifiedError("the elasticity does not settle", do="look at output by person")
    scores = np.bincount(who, weights=within * (y - mean))
    people = len(scores)
    error = float(np.sqrt((scores**2).sum() * people / (people - 1))) / information
    low, high = np.full(people, np.inf), np.full(people, -np.inf)
    np.minimum.at(low, who, log_rate)
    np.maximum.at(high, who, log_rate)
    return Elasticity(beta, error, people, int((high - low > 1e-9).sum()))


def _fitted(
    y: Floats, base: Floats, who: NDArray[np.intp], when: NDArray[np.intp], start: Floats
) -> tuple[Floats, Floats]:
    """Means whose sums by person and by time are those of output; effects of time."""
    by_who, by_when = np.bincount(who, weights=y), np.bincount(when, weights=y)
    times = start
    for _ in range(500):
        persons = by_who / np.bincount(who, weights=base * times[when])
        fresh = by_when / np.bincount(when, weights=base * persons[who])
        change = float(np.abs(fresh / times - 1).max())
        times = fresh
        if change < 1e-12:
            break
    return base * persons[who] * times[when], times


def _within(x: Floats, weight: Floats, who: NDArray[np.intp], when: NDArray[np.intp]) -> Floats:
    """What is left of x after weighted means of people and times."""
    rest = x - np.average(x, weights=weight)
    by_who, by_when = np.bincount(who, weights=weight), np.bincount(when, weights=weight)
    for _ in range(500):
        persons = np.bincount(who, weights=weight * rest) / by_who
        rest = rest - persons[who]
        times = np.bincount(when, weights=weight * rest) / by_when
        rest = rest - times[when]
        if max(np.abs(persons).max(), np.abs(times).max()) < 1e-13:
            break
    return rest


def _by_month(company: Company, first: int, last: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Revenue and base quota by rep and month: rep_id, year, month, value or quota."""
    from workbench.kpis import kpi

    company.require("target", "order_line")
    whole = kpi(
        company.at_the_time(),
        "revenue_net",
        start=f"{first}-01-01",
        end=f"{last}-12-31",
        by=["rep_id", "month"],
    )
    frame = whole.frame
    month = pd.to_datetime(frame["month"])
    sold = frame.assign(year=month.dt.year, month=month.dt.month)
    quotas = company.sql(
        "select node as rep_id, year(period_start) as year, month(period_start) as month,"
        " sum(value) as quota from target where level = 'rep' and tier = 'base'"
        " and kpi_id = 'revenue_net' and product_line = 'all'"
        f" and year(period_start) between {first} and {last}"
        " group by all order by all",
        money="float",
    )
    return sold[["rep_id", "year", "month", "value"]], quotas


def _rates(company: Company, first: int, last: int) -> pd.DataFrame:
    """Commission rate of each rep's role by month, with months since hiring."""
    return company.sql(
        "with m as (select unnest(generate_series("
        f"date '{first}-01-01', date '{last}-12-01', interval 1 month))::date as day),"
        " p as (select role, valid_from, max(rate) as rate, coalesce(lead(valid_from) over"
        " (partition by role order by valid_from), date '9999-12-31') as until from pay_plan"
        " where component = 'commission' group by role, valid_from)"
        " select r.rep_id, year(m.day) as year, month(m.day) as month, p.rate,"
        " date_diff('month', r.hired_date, m.day) as tenure"
        " from m join rep r on r.valid_from <= m.day"
        " and coalesce(r.valid_to, date '9999-12-31') >= m.day"
        " join p on p.role = r.role and p.valid_from <= m.day and p.until > m.day"
        " order by all",
        money="float",
    )
