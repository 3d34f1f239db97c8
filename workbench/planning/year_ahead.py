"""A year of targets on a company's forecast: draws, pay, coverage, levers.

Each function answers one thing from tables and draws; `year.py` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.compiled import njit
from workbench.errors import NotIdentifiedError
from workbench.planning.company_year import REVENUE, Ground
from workbench.planning.one_currency import in_one_currency
from workbench.planning.response import Response

if TYPE_CHECKING:
    import datetime as dt

    import xarray as xr

    from workbench.company import Company

Floats = NDArray[np.float64]
#: Distance of the attainments at which a pay curve is worked out.
STEP = 0.025
#: Elasticity assumed where prices have not moved enough to measure it, with its error.
ELASTICITY = (-1.5, 0.5)
#: Log uplift assumed of a promotion where none was measured, with its error.
UPLIFT = (0.18, 0.1)
_PROMOTED = """
with months as (
    select product_id, date_trunc('month', order_date) as month,
        sum(cast(quantity as double)) as quantity,
        sum(cast(net_price * quantity as double)) as sold
    from order_line where quantity > 0 and net_price > 0 group by all
),
days as (
    select distinct p.product_id, d.day from price_promotion p,
        unnest(generate_series(cast(p.start_date as timestamp),
            cast(coalesce(p.end_date, p.start_date) as timestamp), interval 1 day)) as d(day)
    where p.promotion_type = 'promotion' and p.product_id is not null
),
marks as (
    select product_id, date_trunc('month', day) as month,
        count(*) / cast(max(day(last_day(day))) as double) as promoted
    from days group by all
)
select m.product_id, m.month, m.quantity, m.sold, coalesce(k.promoted, 0) as promoted
from months m left join marks k on k.product_id = m.product_id and k.month = m.month
order by all
"""


@dataclass(frozen=True)
class Ahead:
    """Futures of all leaves, from the first month not over.

    Attributes
    ----------
    leaves : list of str
    months : pandas.DatetimeIndex
    values : numpy.ndarray, shape (draws, months, leaves)
    seed : int
    known : pandas.DataFrame
        Months that are over, month x leaf.
    kpi : str
        One that adds up.
    """

    leaves: list[str]
    months: pd.DatetimeIndex
    values: Floats
    seed: int
    known: pd.DataFrame
    kpi: str = REVENUE

    def year(self, year: int) -> xr.DataArray:
        """Cube of a year; months that are over hold what came, the same in every draw."""
        from workbench.scenarios import cube

        months = pd.date_range(f"{year}-01-01", periods=12, freq="MS")
        out = np.zeros((len(self.values), 12, len(self.leaves)))
        wide = self.known.reindex(index=months, columns=self.leaves).fillna(0.0)
        for place, month in enumerate(months):
            ahead = self.months.get_indexer(pd.Index([month]))[0]
            out[:, place] = wide.iloc[place] if ahead < 0 else self.values[:, ahead]
        return cube(
            out,
            name=self.kpi,
            unit="count" if self.kpi == "new_customers" else "CNY",
            period=[f"{month:%Y-%m}" for month in months],
            keys={"node": self.leaves},
            seed=self.seed,
            streams=("forecast/draws",),
        )

    def before(self, year: int) -> pd.DataFrame:
        """The year before by leaf and month; months to come as the draws expect."""
        months = pd.date_range(f"{year - 1}-01-01", periods=12, freq="MS")
        mean = pd.DataFrame(self.values.mean(axis=0), index=self.months, columns=self.leaves)
        known = self.known.reindex(columns=self.leaves)
        whole = pd.concat([known, mean.loc[~mean.index.isin(known.index)]])
        return whole.reindex(months).fillna(0.0).T


def history(found: Ground) -> pd.DataFrame:
    """Net revenue, month x leaf."""
    wide = found.sales.pivot_table(index="month", columns="node", values="value", aggfunc="sum")
    return wide.reindex(columns=found.leaves).fillna(0.0)


def forecast_leaves(found: Ground, *, months: int, draws: int, seed: int) -> Ahead:
    """Forecast all leaves together with teams, regions and the company, and draw futures.

    Leaves without a sale in the last twelve months have nothing to forecast and draw 0.
    """
    from workbench.forecasting import forecast

    wide = history(found)
    alive = [leaf for leaf in found.leaves if wide[leaf].tail(12).abs().sum() > 0]
    above = found.tree.table().set_index("node")["parent"]
    region = regions(found)
    levels = pd.DataFrame(
        {
            "series_id": alive,
            "region": [region[leaf] for leaf in alive],
            "middle": [above[leaf] for leaf in alive],
        }
    )
    seen = forecast(
        _filled(wide[alive]),
        months,
        (80,),
        hierarchy=levels,
        regressors="calendar",
        seed=seed,
    )
    drawn = seen.draws(draws).sel(series_id=alive).to_numpy()
    leaves = found.leaves
    values = np.zeros((draws, months, len(leaves)))
    values[:, :, [leaves.index(leaf) for leaf in alive]] = drawn
    ahead = pd.date_range(found.last + pd.DateOffset(months=1), periods=months, freq="MS")
    return Ahead(leaves, ahead, values, seed, history(found))


def _filled(wide: pd.DataFrame) -> pd.DataFrame:
    """Long table of months from each leaf's first sale on; months without a sale are 0."""
    table = wide.reset_index(names="period").melt(
        id_vars="period", var_name="series_id", value_name="value"
    )
    begun = table[table["value"] != 0].groupby("series_id")["period"].min()
    return table[table["period"] >= table["series_id"].map(begun)]


@dataclass(frozen=True, eq=False, repr=False)
class PayPlan:
    """What the company's plan pays.

    Attributes
    ----------
    curve : callable
        Attainment to pay as a multiple of pay at target: mean of the plan, by role, roles weighing
        as what they are paid at target.
    over : dict of str to float
        By role, what the plan pays at target over the people's own variable pay at target: plans
        seldom pay just what was agreed on.
    """

    curve: Callable[[Floats], Floats]
    over: dict[str, float]

    def at_target(self, people: pd.DataFrame) -> pd.Series:
        """Pay of a year at target by person, from their role and own variable pay."""
        common = float(np.mean(list(self.over.values()))) if self.over else 1.0
        paid: pd.Series = people["pay"].astype(float) * people["role"].map(self.over).fillna(common)
        return paid


def pay_plan(company: Company, year: int, *, seed: int) -> PayPlan | None:
    """What the company's plan of a year pays; None without a pay plan or people's quotas."""
    from workbench.errors import MissingTableError
    from workbench.incentives.attainment import attainment_draws
    from workbench.incentives.company_plan import company_plan
    from workbench.incentives.cost import plan_cost
    from workbench.incentives.curve import curves, expected_credit
    from workbench.incentives.history import history as quotas_and_sales
    from workbench.incentives.history import people_of
    from workbench.incentives.payees import payees
    from workbench.incentives.sources import Sources, judged

    if not company.has("pay_plan", "target", "rep"):
        return None
    try:
        plan, sources = judged(company_plan(company, year)), Sources(company)
        record, people = quotas_and_sales(company), people_of(company, year=year)
        staff = payees(plan, people, sources.quotas_for(plan))
        drawn = attainment_draws(record, staff, draws=100, seed=seed, known=False)
        credit = sources.credits_for(plan, drawn)
        cost = plan_cost(staff, credit, measure=REVENUE)
        grid = np.round(np.arange(0, 2.51, STEP), 4)
        found = curves(staff, expected_credit(cost, credit), grid)
    except (MissingTableError, NotIdentifiedError):
        return None
    quota = staff.quota(REVENUE).sum(axis=1) > 0
    pay = found.pay[:, quota].sum(axis=1)
    at = int(np.abs(grid - 1).argmin())
    if not pay[at] > 0:
        return None
    agreed = pd.Series(staff.incentive()[quota]).groupby(staff.roles[quota]).sum()
    paid = pd.Series(found.pay[at, quota]).groupby(staff.roles[quota]).sum()
    over = (paid / agreed)[agreed > 0]
    return PayPlan(
        partial(along_curve, pay / pay[at]), {str(role): float(each) for role, each in over.items()}
    )


def along_curve(values: Floats, at: Floats) -> Floats:
    """Pay between the attainments it was worked out at, every `STEP` from 0; flat beyond them.

    A planner asks this some hundred times a move, so that a search for the place would show.
    """
    at = np.ascontiguousarray(at, dtype=np.float64)
    out = np.empty_like(at)
    _along(values, at.ravel(), out.ravel())
    return out


@njit()
def _along(values: Floats, at: Floats, out: Floats) -> None:
    last = len(values) - 1
    for number in range(len(at)):
        place = min(max(at[number] / STEP, 0.0), float(last))
        low = min(int(place), last - 1)
        out[number] = values[low] + (place - low) * (values[low + 1] - values[low])


def margin_and_expense(company: Company, found: Ground) -> tuple[pd.Series, float]:
    """Gross margin rate by leaf (that of its region), and selling expense over revenue.

    Both of the last twelve months; expense 0 without its table, and without the variable part of
    pay, which targets are judged by.
    """
    from workbench.kpis import kpi

    end = found.last + pd.offsets.MonthEnd(0)
    start = found.last - pd.DateOffset(months=11)
    first, last = start.date(), end.date()
    table = kpi(company, "gross_margin", start=first, end=last, by="region").table()
    rates = dict(zip(table["region"], table["value"].astype(float), strict=True))
    whole = float(kpi(company, "gross_margin", start=first, end=last).value or 0.0)
    region = regions(found)
    margin = pd.Series({leaf: rates.get(region[leaf], whole) for leaf in found.leaves})
    spent = 0.0
    if company.has("expense"):
        rows = in_one_currency(
            company,
            "select expense_type = 'pay' as pay, sum(cast(amount as double)) as amount from expense"
            " where expense_date between ? and ? group by 1 order by 1",
            [first, last],
            table="expense",
        )
        part = np.where(rows["pay"].astype(bool), fixed_part(company, first, last), 1.0)
        spent = float(part @ rows["amount"].to_numpy(float))
    sold = float(history(found).tail(12).to_numpy().sum())
    return margin, spent / sold if sold else 0.0


def fixed_part(company: Company, first: dt.date, last: dt.date) -> float:
    """Part of pay that is fixed: of the payroll between two days, else of today's people as agreed.

    1 where neither tells.
    """
    rows = None
    if company.has("payroll"):
        rows = company.sql(
            "select sum(cast(amount as double)) filter (component = 'base') as fixed,"
            " sum(cast(amount as double)) as whole from payroll where month_end between ? and ?",
            [first, last],
        )
    elif company.has("rep"):
        rows = company.sql(
            "select sum(12 * cast(base_pay as double)) as fixed,"
            " sum(cast(target_pay as double)) as whole from rep"
            " where valid_to is null and left_date is null and base_pay is not null"
        )
    told = [] if rows is None else rows.astype(float).iloc[0].tolist()
    if not told or not np.isfinite(told).all() or told[1] <= 0:
        return 1.0
    return float(np.clip(told[0] / told[1], 0.0, 1.0))


@dataclass(frozen=True, eq=False, repr=False)
class Pipeline:
    """Deals that are open, and what comes of deals.

    Attributes
    ----------
    open : pandas.Series
        Open amount by leaf that may close by the year's end, without VAT.
    win_rate : float
        By amount, of deals that ended in the last 24 months.
    share : float
        Of revenue that comes through deals.
    """

    open: pd.Series
    win_rate: float
    share: float


def pipeline(company: Company, found: Ground, year: int) -> Pipeline | None:
    """Open deals by owner up to the end of a year; None without opportunities that were won."""
    if not company.has("opportunity"):
        return None
    end = found.last + pd.offsets.MonthEnd(0)
    net = "cast(net_amount(amount, tax_basis, tax_rate) as double)"
    closed = in_one_currency(
        company,
        f"select status, sum({net}) as v, sum({net}) filter (close_date > ?) as year"
        " from opportunity where status in ('won', 'lost')"
        " and coalesce(close_date, stage_date) > ? group by 1 order by 1",
        [(end - pd.DateOffset(years=1)).date(), (end - pd.DateOffset(years=2)).date()],
        table="opportunity",
    ).set_index("status")
    won, lost = (float(closed["v"].get(status, 0.0)) for status in ("won", "lost"))
    if not won > 0:
        return None
    sold = float(history(found).tail(12).to_numpy().sum())
    share = min(float(closed["year"].get("won", 0.0)) / sold, 1.0) if sold else 0.0
    rows = in_one_currency(
        company,
        f"select rep_id, account_id, sum({net}) as open from opportunity where status = 'open'"
        " and expected_close_date between ? and ? group by all order by all",
        [end.date(), pd.Timestamp(year=year, month=12, day=31).date()],
        table="opportunity",
    )
    # deals of somebody who has no target are with whoever the account is with
    mine = rows["rep_id"].isin(found.leaves)
    node = rows["rep_id"].where(mine, rows["account_id"].map(found.leaf_of))
    there = rows["open"].astype(float).groupby(node).sum()
    return Pipeline(there, won / (won + lost), share)


def discounts(company: Company, found: Ground) -> tuple[Floats, Floats]:
    """Discounts off list of the last twelve months, a value a line, and what they were given on."""
    rows = in_one_currency(
        company,
        "select cast(1 - net_price / list_price as double) as off,"
        " cast(list_price * quantity as double) as worth from order_line"
        " where list_price > 0 and quantity > 0 and net_price <= list_price and order_date >= ?"
        " order by all",
        [(found.last - pd.DateOffset(months=11)).date()],
        table="order_line",
    )
    return rows["off"].to_numpy(float), rows["worth"].to_numpy(float)


def price_response(company: Company) -> Response:
    """Elasticity of quantity to the product's own price, measured where prices have moved.

    An assumption (`ELASTICITY`) where they have not, or where what is measured is not negative by
    its own error: dearer goods that sell better are a sign of something else.
    """
    from workbench.planning.response import measured

    assumed = Response(*ELASTICITY)
    if not company.has("order_line"):
        return assumed
    panel = company.sql(
        "select product_id, date_trunc('quarter', order_date) as month,"
        " sum(quantity) as quantity, ln(sum(net_price * quantity) / sum(quantity)) as price"
        " from order_line where quantity > 0 and net_price > 0 group by all order by all"
    ).astype({"quantity": float, "price": float})
    try:
        found = measured(panel, amount="quantity", lever="price")
    except NotIdentifiedError:
        return assumed
    return found if found.estimate + 1.645 * found.error < 0 else assumed


def promotion_response(company: Company, found: Ground) -> tuple[Response, float]:
    """Log uplift of a promoted product's quantity, and part of revenue that has been promoted.

    Measured within products over months, a month counting by the days of it that were promoted;
    an assumption (`UPLIFT`) where promotions have not moved or moved nothing.
    """
    from workbench.planning.response import measured

    assumed = Response(*UPLIFT)
    if not company.has("price_promotion", "order_line"):
        return assumed, 1.0
    panel = company.sql(_PROMOTED).astype({"quantity": float, "promoted": float, "sold": float})
    recent = panel[pd.to_datetime(panel["month"]) > found.last - pd.DateOffset(months=12)]
    shown = panel.groupby("product_id")["promoted"].transform("max") > 0
    share = float(recent[shown.reindex(recent.index)]["sold"].sum() / recent["sold"].sum())
    try:
        found_ = measured(panel, amount="quantity", lever="promoted")
    except NotIdentifiedError:
        return assumed, share or 1.0
    return (found_ if found_.estimate > 1.645 * found_.error else assumed), share or 1.0


def regions(found: Ground) -> dict[str, str]:
    """Region of every leaf."""
    tree = found.tree
    out = {}
    for leaf in tree.leaves:
        at = int(leaf)
        while tree.kinds[at] not in ("region", "company"):
            at = int(tree.parent[at])
        out[tree.nodes[leaf]] = tree.nodes[at]
    return out
