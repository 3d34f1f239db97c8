"""What promotions bring: how far they lift the sales of what is promoted, and how much of a month.

Sales of promoted products are held against the same products in the weeks around, and those against
the products of the same line and channel that were not promoted. What is so found in order lines is
taken over to the months of the forecast as a share of each line's regular business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import Outlook
from workbench.forecasting.outlook.monthly import NONE, month_sql
from workbench.forecasting.outlook.scope import Scope
from workbench.text import mark

#: Days between a promotion and the days it is held against: customers buy early, or later.
GAP = 14
#: Days on each side that it is held against, and the fewest of them for a product to count.
AROUND, FEWEST_DAYS = 42, 14
#: Fewest promotions from which a lift is told, and standard errors it must lie from none.
FEWEST, SURE = 5, 2.0
#: Years whose months tell what promotions usually bring.
USUAL_YEARS = 3


@dataclass(frozen=True, eq=False)
class Promotions:
    """What promotions bring.

    Attributes
    ----------
    lifts : pandas.DataFrame
        One row a type: type, promotions (counted), lift (sales as a multiple of what they would
        have been), error (its standard error), kept (whether it is told from none).
    months : pandas.DataFrame
        One row a line and month of the history: product_line, month, share of the line's sales
        that promotions brought.
    usual : pandas.DataFrame
        One row a line and month ahead: product_line, month, share of the line's forecast that
        promotions of the same month usually brought.
    announced : int
        Promotions already entered that run in the months ahead.
    """

    lifts: pd.DataFrame
    months: pd.DataFrame
    usual: pd.DataFrame
    announced: int


def promotions(looked: Scope) -> Promotions:
    """Measure what promotions bring, from what was known on the day.

    Raises
    ------
    MissingTableError
        If there are no promotions or no order lines.
    NotIdentifiedError
        If no type of promotion is told from none.

    Notes
    -----
    For promotion g of products S in a channel, with m_p the mean daily sales of product p on the
    days around (14 to 56 days before and after, without days it was promoted) and r the sales of
    products of the same lines that were not promoted, in the promotion against the days around,
    c_g = r sum_p m_p days. The lift is sum_g a_g / sum_g c_g with a_g what came, its variance that
    of a ratio over promotions. A ratio of ratios: Card and Krueger (1994), "Minimum Wages and
    Employment", AER 84(4), here multiplicative as in Leeflang et al. (2000), "Building Models for
    Marketing Decisions", chapter 9.
    """
    looked.company.require("price_promotion", "order_line")
    offers = _offers(looked)
    sold = _sold(looked, offers)
    lifts = _lifts(offers, sold, looked)
    kept = lifts.loc[lifts["kept"]].set_index("type")["lift"]
    if kept.empty:
        raise NotIdentifiedError(
            mark("promotions are not told from other days"),
            where=f"price_promotion: {len(offers)} rows",
            do=f"{FEWEST} promotions of one type with sales before and after are needed",
        )
    months = _months(looked, kept)
    ahead = offers[pd.to_datetime(offers["start_date"]) > pd.Timestamp(looked.day)]
    ahead = ahead[pd.to_datetime(ahead["start_date"]) <= pd.Timestamp(looked.closing(looked.end))]
    announced = len(ahead.drop_duplicates(["type", "channel", "start_date", "end_date"]))
    return Promotions(lifts, months, _usual(months, looked), announced)


def brought(found: Outlook, made: Promotions) -> tuple[float, float]:
    """What promotions brought in the same months a year before, and are expected to bring now.

    The forecast knows nothing of single promotions: it holds what they usually bring.
    """
    months = found.scope.months
    before = made.months.assign(month=made.months["month"] + pd.DateOffset(years=1))
    past = _share(before, found, months)
    regular = found.history - found.deals_history
    series = list(found.tree.series)
    then = regular.loc[months - pd.DateOffset(years=1), series].to_numpy(float).T
    now = np.stack([found.regular.points[found.tree.place(name)] for name in series])
    return float((past * then).sum()), float((_share(made.usual, found, months) * now).sum())


def multiplied(found: Outlook, made: Promotions, times: float) -> Floats:
    """What series are multiplied by where promotions are so many times the usual ones.

    Their share of regular business grows in proportion, deals stay as they are.

    Parameters
    ----------
    found : Outlook
        As the models say: with the usual promotions.
    made : Promotions
    times : float
        1 is as usual, 0 none.

    Returns
    -------
    numpy.ndarray, shape (series, horizon)
        On points, and so on draws.
    """
    regular = found.regular.points[found.tree.above :]
    whole = regular + found.deals[found.tree.above :]
    added = (times - 1) * _share(made.usual, found, found.scope.months) * regular
    return 1 + np.divide(added, whole, out=np.zeros_like(whole), where=whole > 0)


def _share(table: pd.DataFrame, found: Outlook, months: pd.DatetimeIndex) -> Floats:
    """Shares laid beside the series of the lowest level; shape (series, months)."""
    spread = table.pivot(index="product_line", columns="month", values="share")
    lines = [name.split("/", 1)[1] for name in found.tree.series]
    return spread.reindex(index=lines, columns=months).fillna(0.0).to_numpy(float)


def _offers(looked: Scope) -> pd.DataFrame:
    """Promotions with an end, one row a product (or a line, or all of a channel)."""
    rows = looked.company.sql(
        "select promotion_type as type, product_line, product_id, channel, start_date, end_date"
        " from price_promotion where end_date is not null and promotion_type <> 'price_change'"
        " order by start_date, promotion_type, product_id"
    )
    for name in ("product_line", "product_id", "channel"):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "")
    return rows


#: Order lines, and the rows of `offers` that were in force; no row twice.
_IN_FORCE = """
    (o.product_id = '' or o.product_id = l.product_id)
    and (o.product_line = '' or o.product_line = l.product_line)
    and (o.channel = '' or o.channel = l.channel)
    and l.order_date between o.start_date and o.end_date"""


def _sold(looked: Scope, offers: pd.DataFrame) -> pd.DataFrame:
    """Daily sales of every product in the channels that know promotions."""
    named = sorted(set(offers["channel"]))
    some = "" if "" in named else f"and channel in ({', '.join(map(_text, named)) or 'null'})"
    return looked.company.sql(
        "select channel, product_line, product_id, order_date as day,"
        " sum(net_amount(amount, tax_basis, tax_rate)) as value from order_line"
        f" where order_date <= date '{looked.day}' {some} group by all order by all",
        money="float",
    )


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _lifts(offers: pd.DataFrame, sold: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    pairs = [
        (kind, *pair)
        for channel, rows in sold.groupby(sold["channel"].astype(str), sort=True)
        for kind, pair in _compared(offers[offers["channel"].isin(["", channel])], rows, looked)
    ]
    table = pd.DataFrame(pairs, columns=["type", "came", "else"])
    found = []
    for kind, part in table.groupby("type", sort=True):
        came, otherwise = part["came"].to_numpy(float), part["else"].to_numpy(float)
        lift = came.sum() / otherwise.sum()
        spread = ((came - lift * otherwise) ** 2).sum() * len(part) / max(len(part) - 1, 1)
        error = np.sqrt(spread) / otherwise.sum() if len(part) > 1 else np.nan
        kept = bool(len(part) >= FEWEST and lift - SURE * error > 1)
        found.append((kind, len(part), lift, error, kept))
    return pd.DataFrame(found, columns=["type", "promotions", "lift", "error", "kept"])


def _compared(
    offers: pd.DataFrame, rows: pd.DataFrame, looked: Scope
) -> list[tuple[str, tuple[float, float]]]:
    """Of each promotion in a channel: type, what came, and what would have come without."""
    lines = rows.drop_duplicates("product_id").set_index("product_id")["product_line"]
    ids, line = lines.index.to_numpy(), lines.astype(str).to_numpy()
    first = pd.to_datetime(rows["day"]).min()
    days = (pd.Timestamp(looked.day) - first).days + 1
    sales = np.zeros((len(ids), days))
    when = (pd.to_datetime(rows["day"]) - first).dt.days.to_numpy()
    np.add.at(sales, (lines.index.get_indexer(pd.Index(rows["product_id"])), when), rows["value"])
    free = np.ones(sales.shape, dtype=bool)
    groups = []
    when_and_what: Any = offers.groupby(["type", "start_date", "end_date"], sort=True)
    for (kind, begins, ends), part in when_and_what:
        inside = np.zeros(len(ids), dtype=bool)
        for product, of in part[["product_id", "product_line"]].itertuples(index=False):
            inside |= (ids == product if product else True) & (line == of if of else True)
        start, end = ((pd.Timestamp(day) - first).days for day in (begins, ends))
        if inside.any() and start < days and end >= 0:
            free[inside, max(start, 0) : end + 1] = False
            groups.append((str(kind), inside, start, end))
    found = []
    for kind, inside, start, end in groups:
        if start < 0 or end >= days:
            continue
        pair = _one(sales, free, inside, np.isin(line, line[inside]), start, end)
        if pair is not None:
            found.append((kind, pair))
    return found


def _one(
    sales: Floats, free: np.ndarray, inside: np.ndarray, alike: np.ndarray, start: int, end: int
) -> tuple[float, float] | None:
    number = np.arange(sales.shape[1])
    near = (number >= start - GAP - AROUND) & (number < start - GAP)
    near |= (number > end + GAP) & (number <= end + GAP + AROUND)
    now = (number >= start) & (number <= end)
    counts = (free & near).sum(axis=1)
    mean = (sales * (free & near)).sum(axis=1) / np.maximum(counts, 1)
    told = inside & (counts >= FEWEST_DAYS)
    if not mean[told].sum() > 0:
        return None
    others = alike & ~inside & (counts >= FEWEST_DAYS) & free[:, now].all(axis=1)
    around = mean[others].sum()
    moved = sales[others][:, now].sum(axis=1).sum() / now.sum() / around if around > 0 else 1.0
    return float(sales[told][:, now].sum()), float(mean[told].sum() * now.sum() * moved)


def _months(looked: Scope, kept: pd.Series) -> pd.DataFrame:
    """Share of each line's sales without a deal that promotions brought, by month."""
    company = looked.company
    booked = looked.kpi == "bookings"
    day = "c.signed_date" if booked else "l.recognised_date"
    join = "join contract c on c.contract_id = l.contract_id" if booked else ""
    only = "and c.opportunity_id is null" if booked else ""
    gains = " ".join(
        f"when o.type = {_text(str(kind))} then {1 - 1 / lift!r}" for kind, lift in kept.items()
    )
    rows = company.sql(
        f"""
        with o as (
            select promotion_type as type, coalesce(product_line, '') as product_line,
                coalesce(product_id, '') as product_id, coalesce(channel, '') as channel,
                start_date, end_date
            from price_promotion
            where end_date is not null and promotion_type <> 'price_change'
        ), gained as (
            select l.order_line_id, max(case {gains} else 0 end) as gain
            from order_line l join o on {_IN_FORCE} group by 1
        )
        select coalesce(l.product_line, '{NONE}') as product_line,
            {month_sql(looked, day)} as month,
            sum(net_amount(l.amount, l.tax_basis, l.tax_rate) * coalesce(g.gain, 0))
                / nullif(sum(net_amount(l.amount, l.tax_basis, l.tax_rate)), 0) as share
        from order_line l {join} left join gained g on g.order_line_id = l.order_line_id
        where {day} <= date '{looked.day}' {only} group by all order by all""",
        money="float",
    )
    rows["month"] = pd.to_datetime(rows["month"])
    return rows.assign(share=rows["share"].astype(float).fillna(0.0))


def _usual(months: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    past = months[months["month"] > looked.last - pd.DateOffset(years=USUAL_YEARS)]
    mean = past.groupby(["product_line", past["month"].dt.month])["share"].mean().rename("share")
    ahead = pd.DataFrame({"month": looked.months, "number": looked.months.month})
    usual = mean.rename_axis(["product_line", "number"]).reset_index()
    return ahead.merge(usual, on="number")[["product_line", "month", "share"]]
