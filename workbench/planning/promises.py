"""What people, and the heads of their teams, promise of a year, set right by how promises came out.

Entries are made for some months ahead. Each is corrected for the habit of who made it, apart by how
far ahead it was made and how many months it covers: far ahead people hope, near the month they
keep a reserve. What is corrected is then carried to the year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.planning.company_year import REVENUE
from workbench.planning.one_currency import in_one_currency

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.year_ahead import Ahead

#: Months of the forecast that entries for a few months are joined with.
CARRIED = 12
#: Columns within which habits are measured apart: months ahead, months covered.
APART = ("lead", "span")
_TOLD = """
with told as (
    select node, entry_date as made, date_trunc('month', period_start) as first,
        date_trunc('month', period_end) as final, sum(cast(value as double)) as value
    from forecast_entry
    where step = ? and level = ? and kpi_id = 'revenue_net'
        and coalesce(product_line, 'all') = 'all' and forecast_category is null
        and entry_date < period_start
    group by all
)
select node, first, final, datediff('month', made, first) as lead,
    datediff('month', first, final) + 1 as span, max(made) as made, arg_max(value, made) as value
from told group by all order by all
"""
_CAME = """
select {who} as who, date_trunc('month', o.recognised_date) as month,
    sum(cast(net_amount(o.amount, o.tax_basis, o.tax_rate) as double)) as value
from order_line o {joined}
where o.recognised_date is not null and o.rep_id is not null group by all order by all
"""
_IN_TEAM = """join rep r on r.rep_id = o.rep_id and o.recognised_date >= r.valid_from
    and (r.valid_to is null or o.recognised_date <= r.valid_to)"""
#: Who speaks in a step: level of the entries, column of who sold, and what that column needs.
_STEPS = {"rep": ("rep", "o.rep_id", ""), "manager": ("team", "r.team_id", _IN_TEAM)}
_ASKED = """
select node as who, date_trunc('month', period_start) as month,
    sum(cast(value as double)) as value
from target
where level = 'rep' and tier = 'base' and kpi_id = 'revenue_net' and product_line = 'all'
group by all order by all
"""


def promises(company: Company, found: Ground, near: Ahead, year: int) -> pd.DataFrame | None:
    """Promises of a year by person; None without entries that can be judged.

    Months of the year that a person entered count as corrected. The others go by one ratio: what
    was entered, relative to the forecast of the same months, joined with `CARRIED` months in which
    both are equal, since a quarter tells little of a year. Where the head of a team entered too,
    the promises of its people are moved together towards the head's, as far as heads have been
    nearer to what came than their people's sum.

    Returns
    -------
    pandas.DataFrame or None
        node, kpi, value (corrected, moved by the head's), own (corrected), submitted (as entered,
        carried in the same way), trust (as of `bottom_up.corrected`).
    """
    from workbench.planning.bottom_up import corrected

    if not company.has("forecast_entry"):
        return None
    ahead, past = _entries(company, "rep", found.last)
    ahead = ahead[ahead["node"].isin(found.people.index)]
    mean = pd.DataFrame(near.values.mean(axis=0), index=near.months, columns=near.leaves)
    if ahead.empty or past.empty:
        return None
    try:
        right = corrected(ahead, past, by=APART)
    except NotIdentifiedError:
        return None
    own = _carried(right, "value", mean, year)
    if own.empty:
        return None
    out = pd.DataFrame(
        {
            "kpi": REVENUE,
            "value": own,
            "own": own,
            "submitted": _carried(right, "submitted", mean, year),
            "trust": right.groupby("node")["trust"].first(),
        }
    ).reindex(own.index)
    out["value"] *= _heads(company, found, past, own, mean, year)
    came = _of_year(near.known, year).reindex(own.index).fillna(0.0)
    for name in ("value", "own", "submitted"):
        out[name] += came
    return out.rename_axis("node").reset_index()


def _heads(
    company: Company,
    found: Ground,
    past: pd.DataFrame,
    own: pd.Series,
    mean: pd.DataFrame,
    year: int,
) -> pd.Series:
    """Factor by which entries of the heads of teams move the promises of their people."""
    from workbench.planning.bottom_up import corrected

    team = found.people["team"].reindex(own.index)
    none = pd.Series(1.0, index=own.index)
    ahead, heads = _entries(company, "manager", found.last)
    ahead = ahead[ahead["node"].isin(set(team))]
    if ahead.empty or heads.empty:
        return none
    people = _sums_of_people(company, past)
    heads = heads.merge(people, on=["who", "first", "final", *APART], how="left")
    try:
        right = corrected(ahead, heads, by=APART)
    except NotIdentifiedError:
        return none
    # the head speaks of all of the team: who promised nothing counts as the forecast has it
    mine = found.people["team"].reindex(mean.columns)
    head = _carried(right, "value", mean.T.groupby(mine).sum().T, year)
    rest = _of_year(mean, year).drop(own.index, errors="ignore")
    sums = own.groupby(team).sum()
    wanted = (head - rest.groupby(mine).sum().reindex(head.index).fillna(0.0)).clip(lower=0)
    weight = right.groupby("node")["trust"].first()
    factor = 1 + weight * (wanted / sums.where(sums > 0) - 1)
    return team.map(factor).astype(float).fillna(1.0)


def _entries(company: Company, step: str, last: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Entries for months to come (node, value ...), and past ones beside what came.

    Of entries for the same months at the same distance the last one counts. Past entries of people
    have the target they were set, where there is one, as `top_down`.
    """
    level, who, joined = _STEPS[step]
    rows = company.sql(_TOLD, [step, level]).astype({"value": float})
    for name in ("first", "final"):
        rows[name] = pd.to_datetime(rows[name])
    came = in_one_currency(company, _CAME.format(who=who, joined=joined), table="order_line")
    over = rows[rows["final"] <= last].rename(columns={"node": "who", "value": "submitted"})
    past = over.assign(actual=_over_months(over, came).fillna(0.0))
    if step == "rep" and company.has("target"):
        past["top_down"] = _over_months(over, company.sql(_ASKED))
    return rows[rows["first"] > last].reset_index(drop=True), past


def _over_months(rows: pd.DataFrame, monthly: pd.DataFrame) -> pd.Series:
    """Sum of monthly values (who, month, value) over the months of each row; NaN without any."""
    months = pd.to_datetime(monthly["month"])
    wide = monthly.assign(month=months).set_index(["who", "month"])["value"].astype(float)
    each = _by_month(rows).join(wide.rename("came"), on=["who", "month"])
    return each.groupby("row")["came"].sum(min_count=1).reindex(rows.index)


def _by_month(rows: pd.DataFrame) -> pd.DataFrame:
    """Each row once for each of its months: columns of the rows, row (its index), month."""
    each = rows.assign(row=rows.index, _of=rows["span"].map(range)).explode("_of")
    starts = each["first"].dt.to_period("M") + each["_of"].astype(int)
    return each.assign(month=starts.dt.to_timestamp()).drop(columns="_of")


def _sums_of_people(company: Company, past: pd.DataFrame) -> pd.DataFrame:
    """Corrected past entries of people summed by team, as the other side of their heads' entries.

    Each is corrected as `bottom_up.corrected` corrects; a person counts in the team of the time.
    """
    from workbench.planning.bottom_up import corrected

    right = corrected(past.rename(columns={"who": "node", "submitted": "value"}), past, by=APART)
    held = company.sql("select rep_id as node, team_id as who, valid_from, valid_to from rep")
    rows = right.merge(held, on="node")
    ends = pd.to_datetime(rows["valid_to"])
    first = pd.to_datetime(rows["first"])
    rows = rows[(pd.to_datetime(rows["valid_from"]) <= first) & (ends.isna() | (ends >= first))]
    sums = rows.groupby(["who", "first", "final", *APART])["value"].sum()
    return sums.rename("top_down").reset_index()


def _carried(told: pd.DataFrame, column: str, mean: pd.DataFrame, year: int) -> pd.Series:
    """Entries carried to a year by node: months entered as they are, the others by one ratio.

    An entry over several months is shared by what the forecast expects of them; of entries for the
    same month the one made last counts.
    """
    each = _by_month(told)
    each = each[each["month"].isin(mean.index) & each["node"].isin(mean.columns)]
    cells = pd.MultiIndex.from_product([mean.index, mean.columns], names=["month", "node"])
    long = pd.Series(np.maximum(mean.to_numpy(), 0.0).ravel(), index=cells, name="expected")
    each = each.join(long, on=["month", "node"])
    whole = each.groupby("row")["expected"].transform("sum")
    each = each[whole > 0].assign(value=each[column] * each["expected"] / whole)
    each = each.sort_values("made", kind="stable").drop_duplicates(["node", "month"], keep="last")
    sums = each.groupby("node")[["value", "expected"]].sum()
    equal = CARRIED * sums["expected"] / each.groupby("node")["month"].nunique()
    ratio = (sums["value"] + equal) / (sums["expected"] + equal)
    inside = each[each["month"].dt.year == year].groupby("node")[["value", "expected"]].sum()
    inside = inside.reindex(sums.index).fillna(0.0)
    expected = _of_year(mean.clip(lower=0), year).reindex(sums.index)
    whole_year: pd.Series = inside["value"] + ratio * (expected - inside["expected"])
    return whole_year


def _of_year(monthly: pd.DataFrame, year: int) -> pd.Series:
    """Sum over the months of a year, by column."""
    return monthly[pd.DatetimeIndex(monthly.index).year == year].sum()
