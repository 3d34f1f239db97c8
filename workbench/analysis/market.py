"""Market share: own revenue against market size, by product line and region."""

from __future__ import annotations

import pandas as pd

from workbench.analysis.scope import Scope
from workbench.errors import NotIdentifiedError
from workbench.text import later


def shares(scope: Scope, *dimensions: str) -> pd.DataFrame:
    """Own share of the market over the last four full quarters and the four before.

    Parameters
    ----------
    dimensions : str
        product_line, region or both; none for the whole.

    Returns
    -------
    pandas.DataFrame
        The dimensions, own (revenue without VAT), market, share, share_before, change, and the
        range low, high that the range of the market size leaves; largest market first.

    Raises
    ------
    NotIdentifiedError
        If no quarter of the market size has ended.
    """
    chosen = "".join(f"{name}, " for name in dimensions)
    key = f"using ({chosen.rstrip(', ')}, age)" if dimensions else "using (age)"
    rows = scope.company.sql(
        f"""
        with own as (select {chosen} age, sum(own) as own from {_own(scope)} group by all),
        market as (
            select {chosen} age, sum(amount) as market, sum(low) as low, sum(high) as high
            from market_size join {_quarters(scope)} using (period_start)
            where {scope.chosen("region")} group by all)
        select {chosen} age, coalesce(own, 0) as own, market, low, high
        from market left join own {key} order by all""",
        money="float",
    )
    if rows.empty:
        raise _too_early(scope)
    rows["share"] = rows["own"] / rows["market"]
    now, before = rows[rows["age"] == 0], rows[rows["age"] == 1]
    now = now.assign(low=now["own"] / now["high"], high=now["own"] / now["low"]).drop(columns="age")
    if dimensions:
        old = before.set_index(list(dimensions))["share"].rename("share_before")
        now = now.join(old, on=list(dimensions))
    else:
        now = now.assign(share_before=before["share"].iloc[0] if len(before) else float("nan"))
    now["change"] = now["share"] - now["share_before"]
    return now.sort_values("market", ascending=False, ignore_index=True)


def _quarters(scope: Scope) -> str:
    """The last eight full quarters: period_start, period_end, age (0 for the last four)."""
    return f"""(
        select *, (row_number() over (order by period_start desc) - 1) // 4 as age
        from (select distinct period_start, period_end from market_size
            where period_end <= date '{scope.now.end}' order by 1 desc limit 8))"""


def _own(scope: Scope) -> str:
    """Own revenue in these quarters: product_line, region, age, own."""
    return scope.company.kept(
        f"""select product_line, region, age, sum(net) as own
        from {scope.lines} join (
            select age, cast(unnest(generate_series(period_start, period_end, interval 1 day))
                as date) as day
            from {_quarters(scope)}) using (day)
        group by all"""
    )


def _too_early(scope: Scope) -> NotIdentifiedError:
    return NotIdentifiedError(
        later("no quarter with a market size is over"),
        where=later("market_size up to {day}", day=str(scope.now.end)),
        do=later("choose a later last day, or add market sizes of earlier quarters"),
    )


def rivals(scope: Scope) -> pd.DataFrame:
    """Shares as the trade estimates them, latest quarter: who, name, share, change on the year.

    Raises
    ------
    NotIdentifiedError
        As `shares`.
    """
    rows = scope.company.sql(
        f"""
        with weighted as (
            select who, m.period_start, sum(m.share * s.amount) / sum(s.amount) as share
            from market_share m
            join market_size s using (product_line, region, period_start)
            where m.period_start <= date '{scope.now.end}' and {scope.chosen("region")}
            group by all)
        select who, period_start, share from weighted order by all""",
        money="float",
    )
    if rows.empty:
        raise _too_early(scope)
    last = rows["period_start"].max()
    wide = rows.pivot(index="who", columns="period_start", values="share")
    table = pd.DataFrame({"share": wide[last]})
    table["change"] = table["share"] - wide.get(last - pd.DateOffset(years=1), float("nan"))
    names = (
        scope.company.table("competitor", columns=["competitor_id", "name", "name_en"])
        if scope.company.has("competitor")
        else pd.DataFrame({"competitor_id": [], "name": [], "name_en": []})
    )
    table = table.reset_index().merge(names, left_on="who", right_on="competitor_id", how="left")
    return table.drop(columns="competitor_id").sort_values(
        "share", ascending=False, ignore_index=True
    )
