"""Draws of attainment from what people did: levels that last, years as they came, one market.

A person's attainment of a year is a level that lasts, shrunk towards the role, times the market of
the year, and a rest that is drawn as it occurred: the twelve months of a colleague's year in the
same role, so that quarters end as they do and collections follow sales as they do. Months of the
plan that are over are what they were.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import InputError, NotIdentifiedError, ParameterError
from workbench.incentives.blocks import side_by_side
from workbench.incentives.history import COLLECTIONS, REVENUE, History
from workbench.incentives.payees import Floats, Payees
from workbench.text import later

if TYPE_CHECKING:
    import xarray as xr

#: Attainment is never drawn below this share, so that credit is not negative.
LOWEST = 0.02
MEASURES = (REVENUE, COLLECTIONS)


@dataclass(frozen=True, slots=True)
class Levels:
    """What lasts in a person and what does not, by role.

    Attributes
    ----------
    people : DataFrame
        rep_id, role, years (of data, this one in part), observed, level (shrunk), error (its
        standard error), collected (collections over revenue).
    roles : DataFrame
        role, mean, lasting (sd between people), passing (sd from year to year).
    market : float
        sd of the company's attainment from year to year, as observed.
    """

    people: pd.DataFrame
    roles: pd.DataFrame
    market: float


def levels(history: History) -> Levels:
    """Estimate levels by empirical Bayes within roles.

    Raises
    ------
    NotIdentifiedError
        If no role has three whole years of people.

    Notes
    -----
    With y the attainment of a person-year less that of the company in the year, between-person
    variance is that of the one-way random model (Searle, Casella and McCulloch 1992, ch. 3), at
    least 0; the level is mean + w (observed - mean), w = lasting^2 / (lasting^2 + passing^2 / n).
    """
    years = _years(history)
    market = _market(years)
    years = years.merge(market.rename("company"), left_on="year", right_index=True)
    years["y"] = years["attainment"] - years["company"] + float(market.mean())
    people, roles = [], []
    for role, rows in years.groupby("role", sort=True):
        mean, lasting, passing = _components(rows)
        roles.append((role, mean, lasting, passing))
        people.append(_shrunk(rows, str(role), mean, lasting, passing))
    whole = years[years["weight"] == 1]
    if len(whole) < 3:
        raise NotIdentifiedError(
            later("there are too few whole years of people to draw from"),
            where=later("{n} person-years", n=len(whole)),
            do=later("hand in draws of attainment as a cube"),
        )
    frame = pd.concat(people, ignore_index=True)
    return Levels(
        frame,
        pd.DataFrame(roles, columns=["role", "mean", "lasting", "passing"]),
        float(market.std(ddof=1)) if len(market) > 2 else 0.0,
    )


def attainment_draws(
    history: History,
    people: Payees,
    *,
    draws: int = 2000,
    seed: int = 7,
    market_sd: float = 0.05,
    known: bool = True,
    found: Levels | None = None,
) -> dict[str, xr.DataArray]:
    """Draw credit of revenue and collections by person and month of a plan.

    Parameters
    ----------
    history : History
    people : Payees
        Plan and people; who has no quota draws nothing.
    draws, seed : int
    market_sd : float
        Standard deviation of the market of a year, as a share; the same for everybody in a draw.
    known : bool
        Months that are over are what they were; otherwise the whole year is drawn.
    found : Levels, optional
        From `levels`.

    Returns
    -------
    dict of str to cube
        `revenue_net` and `collections`: draw x period x person, money.

    Raises
    ------
    ParameterError
        If there are no draws or the sd is negative.
    """
    from workbench.scenarios import cube, streams

    if draws < 1 or not 0 <= market_sd < 1:
        raise ParameterError(
            later("draws are 1 or more, market_sd is a share from 0 to 1"),
            where=f"draws={draws}, market_sd={market_sd}",
        )
    found = found or levels(history)
    donors = _donors(history, found)
    random = streams(seed)
    market = 1 + market_sd * random["incentives/market"].standard_normal(draws)
    market = np.maximum(market, LOWEST)
    quota = people.quota(REVENUE)
    values = {name: side_by_side(len(people.ids), quota.shape[1], draws) for name in MEASURES}
    # one column a person, so that who comes or goes moves nobody else
    for place, (rep, role) in enumerate(zip(people.ids, people.roles, strict=True)):
        if not quota[place].any():
            continue
        person = random[f"incentives/attainment/{rep}"]
        year = _drawn(found, donors, rep, str(role), person, draws) * market[:, None, None]
        for number, name in enumerate(MEASURES):
            values[name][:, :, place] = year[:, number] * quota[place]
    if known:
        _as_they_were(values, history, people)
    period = list(people.names)
    return {
        name: cube(
            each, name=name, unit=people.plan.currency, period=period,
            keys={"person": people.ids}, seed=seed,
            streams=["incentives/market", "incentives/attainment"],
        )
        for name, each in values.items()
    }  # fmt: skip


def given_draws(
    given: xr.DataArray,
    history: History,
    people: Payees,
    *,
    known: bool = True,
    found: Levels | None = None,
) -> dict[str, xr.DataArray]:
    """Credit of revenue and collections from draws that were handed in, of a forecast for instance.

    Parameters
    ----------
    given : cube
        draw x period x person: attainment (unit share) or revenue (the plan's currency).
        Collections follow revenue in the same month at each person's own ratio.
    history, people, known, found
        As for `attainment_draws`.

    Raises
    ------
    InputError
        If the cube is of another unit, or lacks a month of the plan or a person with a quota.
    """
    from workbench.scenarios import cube

    dims = ", ".join(map(str, given.dims))
    if given.dims[:2] != ("draw", "period") or len(given.dims) != 3:
        raise InputError(
            later("draws have the dimensions draw, period and person, not {dims}", dims=dims),
            where=later("cube {name}", name=given.name),
            do=later("make it by {call}", call="scenarios.cube(values, keys={'person': ids})"),
        )
    unit, currency = given.attrs.get("unit"), people.plan.currency
    if unit not in ("share", currency):
        raise InputError(
            later(
                "draws are attainment (share) or money ({currency}), not {unit}",
                currency=currency,
                unit=unit,
            ),
            where=later("cube {name}", name=given.name),
            do=later("convert them before"),
        )
    quota = people.quota(REVENUE)
    asked = [rep for rep, row in zip(people.ids, quota, strict=True) if row.any()]
    period = [str(each)[:7] for each in given.coords["period"].values]
    person = [str(each) for each in given.coords[given.dims[2]].values]
    lacking = [each for each in people.names if each not in period]
    lacking += [each for each in asked if each not in set(person)]
    if lacking:
        raise InputError(
            later("the draws lack {name}; {n} are missing", name=lacking[0], n=len(lacking)),
            where=later("cube {name}", name=given.name),
            do=later("draw every month of the plan and every person with a quota"),
        )
    found = found or levels(history)
    own = found.people.drop_duplicates("rep_id", keep="last").set_index("rep_id")["collected"]
    ratio = own.reindex(people.ids).fillna(float(own.median())).to_numpy()
    count, months = given.sizes["draw"], [period.index(each) for each in people.names]
    values = {name: side_by_side(len(people.ids), len(months), count) for name in MEASURES}
    for rep in asked:
        place = people.ids.index(rep)
        drawn = given.values[:, months, person.index(rep)]
        sold = drawn * quota[place] if unit == "share" else drawn
        values[REVENUE][:, :, place] = sold
        values[COLLECTIONS][:, :, place] = sold * ratio[place]
    if known:
        _as_they_were(values, history, people)
    return {
        name: cube(
            each, name=name, unit=currency, period=list(people.names), keys={"person": people.ids}
        )
        for name, each in values.items()
    }


# -- years and levels ---------------------------------------------------------------------------


def _years(history: History) -> pd.DataFrame:
    """Attainment of person-years; weight is the share of the year that is over."""
    rows = history.complete().assign(year=lambda t: t["month"].dt.year)
    grouped = rows.groupby(["rep_id", "role", "year"], sort=True)
    table = grouped[["quota", *MEASURES]].sum().assign(months=grouped.size()).reset_index()
    table = table[table["quota"] > 0]
    return table.assign(
        attainment=table[REVENUE] / table["quota"], weight=np.minimum(table["months"] / 12, 1.0)
    )


def _market(years: pd.DataFrame) -> pd.Series:
    sums = years.groupby("year")[[REVENUE, "quota"]].sum()
    return sums[REVENUE] / sums["quota"]


def _components(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Mean, lasting and passing sd of a role by the one-way random model on whole years."""
    whole = rows[rows["weight"] == 1]
    if len(whole) < 3:
        return (
            float(np.average(rows["y"], weights=rows["weight"])),
            0.0,
            float(rows["y"].std(ddof=0)),
        )
    mean = float(whole["y"].mean())
    groups = whole.groupby("rep_id")["y"]
    count, size = groups.ngroups, groups.size().to_numpy(float)
    within = float(((whole["y"] - groups.transform("mean")) ** 2).sum())
    between = float((size * (groups.mean().to_numpy() - mean) ** 2).sum())
    if len(whole) == count or count < 2:
        return mean, 0.0, float(whole["y"].std(ddof=1))
    passing = within / (len(whole) - count)
    usual = (len(whole) - (size**2).sum() / len(whole)) / (count - 1)
    lasting = max(between / (count - 1) - passing, 0.0) / usual
    return mean, float(np.sqrt(lasting)), float(np.sqrt(passing))


def _shrunk(
    rows: pd.DataFrame, role: str, mean: float, lasting: float, passing: float
) -> pd.DataFrame:
    grouped = rows.assign(wy=rows["y"] * rows["weight"]).groupby("rep_id", sort=True)
    sums = grouped[["weight", "wy", *MEASURES]].sum()
    observed = sums["wy"] / sums["weight"]
    noise = passing**2 / sums["weight"]
    share = lasting**2 / (lasting**2 + noise) if lasting > 0 else noise * 0.0
    usual = sums[COLLECTIONS].sum() / max(sums[REVENUE].sum(), 1.0)
    collected = sums[COLLECTIONS] / sums[REVENUE].where(sums[REVENUE] > 0)
    # a year's worth of the role stands beside a person's own, for those with few months
    own = sums["weight"] / (sums["weight"] + 1)
    return pd.DataFrame(
        {
            "rep_id": sums.index,
            "role": role,
            "years": sums["weight"].to_numpy(),
            "observed": observed.to_numpy(),
            "level": (mean + share * (observed - mean)).to_numpy(),
            "error": np.sqrt((1 - share) * lasting**2).to_numpy(),
            "collected": (own * collected.fillna(usual) + (1 - own) * usual).to_numpy(),
        }
    )


# -- draws --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Donors:
    """Whole years of a role: shape (years, 2, 12) over the mean monthly quota, and what they were.

    `rest` is by how much a year was off its person's level, scaled to the passing sd.
    """

    months: Floats
    attained: Floats
    rest: Floats
    collected: Floats


def _donors(history: History, found: Levels) -> dict[str, _Donors]:
    rows = history.complete().assign(
        year=lambda t: t["month"].dt.year, number=lambda t: t["month"].dt.month - 1
    )
    size = rows.groupby(["rep_id", "year"])["month"].transform("size")
    total = rows.groupby(["rep_id", "year"])["quota"].transform("min")
    rows = rows[(size == 12) & (total > 0)].sort_values(["role", "rep_id", "year", "number"])
    level = found.people.drop_duplicates("rep_id").set_index("rep_id")["level"]
    market = _market(_years(history))
    result = {}
    for role, part in rows.groupby("role", sort=True):
        part = part[part.groupby(["rep_id", "year"])["month"].transform("size") == 12]
        if part.empty:
            continue
        result[str(role)] = _donor(part, level, market, found.roles.set_index("role").loc[role])
    if result:
        result[""] = _Donors(*(np.concatenate([getattr(each, name) for each in result.values()])
                               for name in _Donors.__slots__))  # fmt: skip
    return result


def _donor(part: pd.DataFrame, level: pd.Series, market: pd.Series, role: Any) -> _Donors:
    quota = part["quota"].to_numpy().reshape(-1, 12)
    money = np.stack([part[name].to_numpy().reshape(-1, 12) for name in MEASURES], axis=1)
    keys = part.iloc[::12]
    attained = money[:, 0].sum(axis=1) / quota.sum(axis=1)
    of_year = keys["year"].map(market).to_numpy() - float(market.mean())
    rest = attained - of_year - keys["rep_id"].map(level).to_numpy()
    spread = float(np.sqrt(np.mean(rest**2))) or 1.0
    collected = money[:, 1].sum(axis=1) / np.maximum(money[:, 0].sum(axis=1), 1.0)
    return _Donors(
        money / quota[:, None, :],
        attained,
        rest * (float(role["passing"]) / spread or 1.0),
        collected,
    )


def _drawn(
    found: Levels, donors: dict[str, _Donors], rep: str, role: str, rng: Any, draws: int
) -> Floats:
    """Credit over quota of a person: (draws, measures, 12 months)."""
    pool = donors.get(role, donors[""])
    rows = found.people[found.people["rep_id"] == rep]
    if len(rows):
        own = rows.iloc[-1]
        level, error, collected = own["level"], own["error"], own["collected"]
    else:
        roles = found.roles.set_index("role")
        about = roles.loc[role] if role in roles.index else roles.mean()
        level, error = about["mean"], about["lasting"]
        collected = float(np.median(pool.collected))
    pick = rng.integers(len(pool.attained), size=draws)
    target = level + error * rng.standard_normal(draws) + pool.rest[pick]
    target = np.maximum(target, LOWEST)
    year = pool.months[pick] * (target / np.maximum(pool.attained[pick], LOWEST))[:, None, None]
    year[:, 1] *= (collected / np.maximum(pool.collected[pick], 0.1))[:, None]
    return np.asarray(year)


def _as_they_were(values: dict[str, Floats], history: History, people: Payees) -> None:
    """Months that are over hold what was sold and collected."""
    rows = history.complete()
    rows = rows.assign(name=rows["month"].dt.strftime("%Y-%m"))
    place = {rep: number for number, rep in enumerate(people.ids)}
    for month, name in enumerate(people.names):
        part = rows[rows["name"] == name]
        if part.empty:
            continue
        for measure in MEASURES:
            values[measure][:, month] = 0.0
        known = part["rep_id"].isin(list(place))
        at = [place[rep] for rep in part["rep_id"][known]]
        for measure in MEASURES:
            values[measure][:, month, at] = part[measure][known].to_numpy()[None, :]
