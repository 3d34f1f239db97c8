"""Growth by cause: price, volume, mix, new and lost customers, channel stock, calendar.

Revenue of the period less revenue of the same period a year ago, split without remainder:

- new: revenue of accounts whose first order ever lies after the prior period;
- lost: prior revenue of accounts that bought then, not now, and ordered nothing for a year;
- price: quantity now x (price now - price then), by product and channel, less the change in
  rebates (a rebate is a price paid later);
- channel stock: what dealers added to their stock more than a year ago, at last year's price;
- calendar: prior revenue x (working days now / then - 1);
- volume: prior revenue x growth in quantity of its family, less stock and calendar;
- mix: the rest, which is dearer against cheaper products within the families, and products
  that were not sold before.

The last three rows but mix are exact sums; mix closes the total to the cent. Price and volume on
products in both periods follow the usual price-volume-mix scheme (Laspeyres quantities).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pandas as pd

from workbench.analysis.scope import Scope
from workbench.calendars import WorkingCalendar

CAUSES = ("price", "volume", "mix", "new", "lost", "channel_stock", "calendar")
YEAR = 12  # months without an order after which a customer counts as lost


@dataclass(frozen=True)
class Growth:
    """Growth by cause.

    Attributes
    ----------
    effects : pandas.DataFrame
        cause, amount (base currency, without VAT); rows in the order of `CAUSES`; a cause that
        cannot be measured (no dealer stock) is left out, its part lies in volume.
    before, after : Decimal
        Revenue of the prior period and of this one.
    new_accounts, lost_accounts, lost_dealers : int
        How many accounts stand behind new and lost.
    working_days : (int, int)
        Working days of the prior period and of this one.
    """

    effects: pd.DataFrame
    before: Decimal
    after: Decimal
    new_accounts: int
    lost_accounts: int
    lost_dealers: int
    working_days: tuple[int, int]

    @property
    def change(self) -> Decimal:
        """Revenue of this period less that of the prior one."""
        return self.after - self.before

    def amount(self, cause: str) -> Decimal:
        """Amount of one cause; 0 where it was not measured."""
        row = self.effects.loc[self.effects["cause"] == cause, "amount"]
        return row.iloc[0] if len(row) else Decimal(0)

    @property
    def end_demand(self) -> Decimal:
        """Change without channel stock and calendar."""
        return self.change - self.amount("channel_stock") - self.amount("calendar")

    def table(self) -> pd.DataFrame:
        """The effects, with their share of the prior revenue."""
        share = self.effects["amount"].astype(float) / float(self.before)
        return self.effects.assign(share=share)


def growth(scope: Scope, *, calendar: WorkingCalendar) -> Growth:
    """Split the growth of a scope by cause.

    Parameters
    ----------
    scope : Scope
        Needs order_line and product; return_refund, rebate, partner_stock and partner refine it.
    calendar : WorkingCalendar
        Working days of the country.

    Raises
    ------
    MissingTableError
        If order_line or product is not there.
    """
    scope.company.require("order_line", "product")
    cells, accounts = _cells(scope), _accounts(scope)
    rebates = _rebates(scope)
    before, after = (total - rebate for total, rebate in zip(_totals(scope), rebates, strict=True))
    days = tuple(calendar.working_days(w.start, w.end) for w in (scope.prior, scope.now))
    prices = _prices(cells)
    effects = {
        "price": float((cells["net1"] - cells["quantity1"] * prices).sum())
        - float(rebates[1] - rebates[0]),
        "new": float(accounts["new"]),
        "lost": -float(accounts["lost"]),
        "calendar": float(cells["net0"].sum()) * (days[1] / days[0] - 1),
    }
    if scope.company.has("partner_stock", "partner"):
        effects["channel_stock"] = _stock_effect(scope, cells)
    effects["volume"] = (
        _family_volume(cells) - effects.get("channel_stock", 0.0) - effects["calendar"]
    )
    exact = {cause: _exact(effects[cause]) for cause in CAUSES if cause in effects}
    exact["mix"] = after - before - sum(exact.values(), Decimal(0))
    return Growth(
        effects=pd.DataFrame(
            [(cause, exact[cause]) for cause in CAUSES if cause in exact],
            columns=["cause", "amount"],
        ),
        before=before,
        after=after,
        new_accounts=int(accounts["new_accounts"]),
        lost_accounts=int(accounts["lost_accounts"]),
        lost_dealers=int(accounts["lost_dealers"]),
        working_days=(int(days[0]), int(days[1])),
    )


def _exact(value: object) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _totals(scope: Scope) -> tuple[Decimal, Decimal]:
    return _pair(scope, scope.lines)


def _pair(scope: Scope, source: str) -> tuple[Decimal, Decimal]:
    """Exact net of the prior period and of this one, of a source with day and net."""
    row = scope.company.sql(f"""
        select coalesce(sum(net) filter ({scope.prior.holds("day")}), 0) as before,
            coalesce(sum(net) filter ({scope.now.holds("day")}), 0) as after
        from {source}""").iloc[0]
    return row["before"], row["after"]


def _status(scope: Scope) -> str:
    """Accounts with revenue in either period: account_id, status (new, lost, kept), nets."""
    now, prior = scope.now, scope.prior
    return scope.company.kept(f"""
        select account_id, any_value(channel) as channel,
            coalesce(sum(net) filter ({now.holds("day")}), 0) as net1,
            coalesce(sum(net) filter ({prior.holds("day")}), 0) as net0,
            bool_or({now.holds("day")}) as bought1, bool_or({prior.holds("day")}) as bought0,
            case when min(first_order) > date '{prior.end}' and not bought0 then 'new'
                when bought0 and not bought1
                 and max(last_order) <= date '{now.end}' - interval {YEAR} month then 'lost'
                else 'kept' end as status
        from {scope.lines} line
        join (select account_id, min(day) as first_order, max(day) as last_order
            from {scope.orders} where day <= date '{now.end}' group by 1) orders
            using (account_id)
        where {now.holds("day")} or {prior.holds("day")}
        group by account_id""")


def _accounts(scope: Scope) -> pd.Series:
    return scope.company.sql(f"""
        select coalesce(sum(net1) filter (status = 'new'), 0) as new,
            coalesce(sum(net0) filter (status = 'lost'), 0) as lost,
            count(*) filter (status = 'new') as new_accounts,
            count(*) filter (status = 'lost') as lost_accounts,
            count(*) filter (status = 'lost' and channel = 'dealer') as lost_dealers
        from {_status(scope)}""").iloc[0]


def _cells(scope: Scope) -> pd.DataFrame:
    """Quantity and net of kept accounts by product and channel, prior (0) and now (1)."""
    now, prior = scope.now.holds("day"), scope.prior.holds("day")
    return scope.company.sql(
        f"""
        with cell as (
            select product_id, line.channel,
                coalesce(sum(quantity) filter ({prior}), 0) as quantity0,
                coalesce(sum(quantity) filter ({now}), 0) as quantity1,
                coalesce(sum(net) filter ({prior}), 0) as net0,
                coalesce(sum(net) filter ({now}), 0) as net1
            from {scope.lines} line
            join {_status(scope)} status using (account_id)
            where status.status = 'kept' and ({now} or {prior})
            group by all)
        select product_id, channel, coalesce(p.family, p.product_line) as family,
            quantity0, quantity1, net0, net1
        from cell left join product p using (product_id) order by all""",
        money="float",
    )


def _rebates(scope: Scope) -> tuple[Decimal, Decimal]:
    if not scope.company.has("rebate", "partner"):
        return Decimal(0), Decimal(0)
    return _pair(scope, scope.rebates)


def _prices(cells: pd.DataFrame) -> pd.Series:
    """Last year's price of each cell; this year's where there was none, so no price effect."""
    sold0 = (cells["quantity0"] > 0) & (cells["quantity1"] > 0)
    now = cells["net1"] / cells["quantity1"].where(cells["quantity1"] != 0)
    then = cells["net0"] / cells["quantity0"].where(sold0)
    return then.fillna(now).fillna(0.0)


def _family_volume(cells: pd.DataFrame) -> float:
    family = cells.groupby("family")[["quantity0", "quantity1", "net0"]].sum()
    known = family[family["quantity0"] > 0]
    return float((known["net0"] * (known["quantity1"] / known["quantity0"] - 1)).sum())


def _stock_effect(scope: Scope, cells: pd.DataFrame) -> float:
    """(stock added now - stock added then) at last year's dealer price, over products."""
    ends = [
        day
        for window in (scope.prior, scope.now)
        for day in (window.start - pd.Timedelta(days=1), window.end)
    ]
    stock = scope.company.sql(f"""
        select product_id, stock_date, sum(quantity) as quantity
        from partner_stock join partner using (partner_id)
        where stock_date in ({", ".join(f"date '{day}'" for day in ends)})
          and {scope.chosen("partner.region")}
        group by all order by all""")
    if stock.empty:
        return 0.0
    wide = stock.pivot(index="product_id", columns="stock_date", values="quantity").fillna(0.0)
    levels = [wide.get(pd.Timestamp(day), pd.Series(0.0, wide.index)) for day in ends]
    added = (levels[3] - levels[2]) - (levels[1] - levels[0])
    dealer = cells[cells["channel"] == "dealer"].set_index("product_id")
    prices = _prices(dealer).reindex(wide.index).fillna(0.0)
    return float((added * prices).sum())
