"""One currency for a figure: that of the tables, or the base currency by the rate of the day.

Where all tables of a query carry the same currency, nothing is converted. Where they carry
several, each amount is turned into the base currency by the exchange rate of the row's own date;
without rates the query is refused. The converted table takes the place of the stored one inside
the query, so that populations are written as if there were a single currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from workbench.company import Company
from workbench.errors import BasisError
from workbench.tables import TABLES

# The day whose rate holds for a row; a match settles its instalment at the rate of that one.
DAYS: Mapping[str, str] = MappingProxyType(
    {
        "campaign": "t.start_date",
        "contract": "t.signed_date",
        "expense": "t.expense_date",
        "invoice": "t.invoice_date",
        "market_size": "t.period_end",
        "opportunity": "coalesce(t.close_date, t.created_date)",
        "opportunity_snapshot": "t.snapshot_date",
        "order_line": "coalesce(t.recognised_date, t.order_date)",
        "payroll": "t.month_end",
        "product": "date '9999-12-30'",
        "rebate": "t.period_end",
        "receipt": "t.receipt_date",
        "receipt_match": "coalesce(p.booked_date, t.matched_date)",
        "receivable_plan": "t.booked_date",
        "return_refund": "t.return_date",
        "sell_out": "t.month_end",
        "unit_cost": "t.valid_from",
    }
)
NO_RATE = "an amount has no exchange rate on its day"


def find(company: Company, tables: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Currencies of each table that carries money, in alphabetical order."""
    carrying = [
        name
        for name in sorted(set(tables))
        if company.has(name) and name in DAYS and "currency" in TABLES[name].column_names
    ]
    known = company.remembered.setdefault("currencies", {})
    if asked := [name for name in carrying if name not in known]:
        ends = " union all ".join(
            f"select '{name}' as name, min(currency) as low, max(currency) as high from {name}"
            for name in asked
        )
        rows = company.sql(f"select * from ({ends}) where low is not null order by name")
        known |= dict.fromkeys(asked, ())
        for name, low, high in zip(rows["name"], rows["low"], rows["high"], strict=True):
            known[name] = (str(low),) if low == high else _all(company, str(name))
    return {name: known[name] for name in carrying if known[name]}


def _all(company: Company, name: str) -> tuple[str, ...]:
    rows = company.sql(
        f"select distinct currency from {name} where currency is not null order by 1"
    )
    return tuple(rows["currency"])


def settle(company: Company, tables: Iterable[str]) -> tuple[str, dict[str, str]]:
    """The currency of a figure made of these tables, and the tables that must be converted.

    Returns
    -------
    (str, dict of str to str)
        ISO 4217 code; for each table to convert, the query that takes its place.

    Raises
    ------
    BasisError
        If there are several currencies and no exchange rate for one of them.
    """
    found = find(company, tables)
    every = sorted({currency for each in found.values() for currency in each})
    base = company.settings.base_currency
    if len(every) <= 1:
        return (every[0] if every else base), {}
    _check_rates(company, every, found)
    return base, {name: converted(name, base) for name, own in found.items() if own != (base,)}


def _check_rates(company: Company, every: list[str], found: Mapping[str, tuple[str, ...]]) -> None:
    base = company.settings.base_currency
    rated = set(_all(company, "exchange_rate")) if company.has("exchange_rate") else set()
    unrated = [currency for currency in every if currency not in rated | {base}]
    if unrated:
        named = "; ".join(f"{name}: {', '.join(own)}" for name, own in found.items())
        raise BasisError(
            f"amounts of {' and '.join(every)} cannot be added without exchange rates",
            where=named,
            do=f"add rates of {', '.join(unrated)} to the table exchange_rate",
        )


def converted(name: str, base: str) -> str:
    """A query that gives a table with all its money in the base currency."""
    money = [column for column in TABLES[name].columns if column.kind in ("money", "price")]
    places = {"money": 2, "price": 4}
    amounts = [
        f"cast(round(t.{column.name} * {_rate()}, {places[column.kind]})"
        f" as decimal(18, {places[column.kind]})) as {column.name}"
        for column in money
    ]
    replaced = ", ".join([*amounts, f"'{base}' as currency"])
    source = f"main.{name} t"
    if name == "receipt_match":
        source += " left join main.receivable_plan p on p.plan_id = t.plan_id"
    return f"""select t.* replace ({replaced})
        from {source} left join (
            select currency, rate, rate_date as first_day,
                coalesce(lead(rate_date) over (partition by currency order by rate_date),
                    date '9999-12-31') as next_day
            from main.exchange_rate where currency <> '{base}'
            union all select '{base}', 1.0, date '0001-01-01', date '9999-12-31'
        ) x on x.currency = t.currency
            and x.first_day <= {DAYS[name]} and {DAYS[name]} < x.next_day"""


def _rate() -> str:
    return f"coalesce(x.rate, error('{NO_RATE}'))"
