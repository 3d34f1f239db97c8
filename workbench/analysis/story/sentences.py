"""Sentences of the report, computed; one that does not hold is not said."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from workbench.tables import Column
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd

    from workbench.analysis.growth import Growth
    from workbench.analysis.study_sales_analysis import SalesAnalysis

LOADED = 0.25  # share of growth from which channel stock is the finding
FLAT = 0.005  # a change below half a percent has no cause worth a headline
CAUSE_WORDS = {
    "price": ("price", "价格"),
    "volume": ("volume", "销量"),
    "mix": ("mix", "结构"),
    "new": ("new customers", "新客户"),
    "lost": ("lost customers", "流失客户"),
    "channel_stock": ("channel stock", "渠道补货"),
    "calendar": ("calendar", "日历"),
}


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and not math.isnan(value)


def choice_label(column: Column, code: object, lang: Language) -> str:
    """Label of a declared choice; a dash where the cell is empty."""
    return column.choice(code, lang) if isinstance(code, str) and code else "–"


def full(lang: Language, clauses: Iterable[str]) -> str:
    """Clauses as sentences one after the other: capital at the head, full stop at the end."""
    ended = (clause[0].upper() + clause[1:] + lang.stop for clause in clauses if clause)
    return lang.sentences(ended)


def finding(result: SalesAnalysis, lang: Language) -> str:
    """The headline of the first page."""
    tiles = result.answers["tiles"]
    if "revenue_net" not in tiles:
        return _pipeline_finding(result, lang)
    revenue = tiles["revenue_net"].figure
    amount = lang.money(revenue.now, currency=currency(result))
    if not known(revenue.growth):
        return lang.say("Revenue is {amount}", amount=amount)
    head = lang.say(
        "Revenue is {amount}, {change} on the year",
        amount=amount,
        change=lang.signed_percent(revenue.growth),
    )
    cause = _cause(result, lang)
    return head + lang.semicolon + cause if cause else head


def _pipeline_finding(result: SalesAnalysis, lang: Language) -> str:
    tiles = result.answers["tiles"]
    parts = []
    if "open_pipeline" in tiles:
        open_amount = lang.money(tiles["open_pipeline"].figure.now, currency=currency(result))
        parts.append(lang.say("{amount} is open in the pipeline", amount=open_amount))
    if "win_rate_count" in tiles and known(tiles["win_rate_count"].figure.now):
        rate = lang.percent(tiles["win_rate_count"].figure.now)
        parts.append(lang.say("{rate} of closed deals are won", rate=rate))
    return lang.semicolon.join(parts) or lang.say("Sales analysis")


def _cause(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("growth"):
        return ""
    growth = result.answer("growth")
    stock = float(growth.amount("channel_stock"))
    change = float(growth.change)
    if abs(change) < FLAT * float(growth.before):
        return ""
    if change > 0 and stock / change >= LOADED:
        share = lang.percent(stock / change, decimals=0)
        said = (
            lang.say("{share} of the growth is channel stock", share=share)
            if stock < change
            else lang.say("all of the growth is channel stock")
        )
        out = result.answers["sell_out_growth"] if result.has("sell_out_growth") else None
        if known(out):
            said += lang.comma + lang.say(
                "sell-out {change}", change=lang.signed_percent(out, decimals=0)
            )
        return said
    cause, amount = main_cause(growth)
    if not amount:
        return ""
    return lang.say(
        "mainly {cause} ({amount})",
        cause=lang.pick(*CAUSE_WORDS[cause]),
        amount=lang.signed_money(amount, currency=currency(result)),
    )


def main_cause(growth: Growth) -> tuple[str, float]:
    """The largest cause that points the same way as the change, and its amount."""
    change = float(growth.change)
    effects = growth.effects.assign(amount=growth.effects["amount"].astype(float))
    same = effects[effects["amount"] * change > 0]
    if same.empty:
        return "volume", 0.0
    row = same.iloc[int(same["amount"].abs().to_numpy().argmax())]
    return str(row["cause"]), float(row["amount"])


def lead(result: SalesAnalysis, lang: Language) -> str:
    """One line under the headline: end demand, regions and stock, margin and overdue."""
    parts = [
        _end_demand(result, lang),
        _loaded_regions(result, lang),
        _margin_and_overdue(result, lang),
    ]
    return full(lang, [part for part in parts if part])


def _end_demand(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("growth"):
        return ""
    growth = result.answer("growth")
    if not growth.before > 0 or not growth.amount("channel_stock"):
        return ""
    rate = float(growth.end_demand / growth.before)
    return lang.say(
        "Without channel stock and calendar, end demand changed by {rate}",
        rate=lang.signed_percent(rate),
    )


def _loaded_regions(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("heat", "cover_by_region"):
        return ""
    heat = result.answer("heat").iloc[:-1]
    fast = set(heat.nlargest(3, "growth")["region"])
    cover = latest_cover(result)
    if len(heat) < 5 or set(cover.nlargest(3).index) != fast:
        return ""
    return lang.say("the three fastest regions also hold the most dealer stock")


def latest_cover(result: SalesAnalysis) -> pd.Series:
    """Days of dealer cover of each region at the end, a Series by region."""
    table = result.answer("cover_by_region")
    last = table[table["month_end"] == table["month_end"].max()]
    return last.set_index("region")["days"]


def _margin_and_overdue(result: SalesAnalysis, lang: Language) -> str:
    tiles, parts = result.answers["tiles"], []
    if "gross_margin" in tiles and known(tiles["gross_margin"].figure.difference):
        parts.append(
            lang.say(
                "gross margin {change}",
                change=lang.points(tiles["gross_margin"].figure.difference),
            )
        )
    if "overdue_rate" in tiles:
        parts.append(
            lang.say(
                "{rate} of receivables past due",
                rate=lang.percent(tiles["overdue_rate"].figure.now),
            )
        )
    return lang.comma.join(parts)


def currency(result: SalesAnalysis) -> str:
    """Base currency of the company."""
    return result.scope.company.settings.base_currency


def period(result: SalesAnalysis, lang: Language, *, prior: bool = False) -> str:
    """The window, or the year before, in words."""
    window = result.scope.prior if prior else result.scope.now
    return lang.period(window.start, window.end)


def so_what(result: SalesAnalysis, lang: Language) -> list[str]:
    """What follows from the findings; each sentence only while its finding holds."""
    sentences = [
        _say_stock(result, lang),
        _say_discounts(result, lang),
        _say_overdue(result, lang),
        _say_weak_region(result, lang),
        _say_slippage(result, lang),
        _say_win_rates(result, lang),
    ]
    return [full(lang, [sentence]) for sentence in sentences if sentence]


def _say_stock(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("growth", "cover"):
        return ""
    stock = float(result.answer("growth").amount("channel_stock"))
    days = result.answer("cover")["days"].iloc[-1]
    high = result.scope.company.settings.stock_cover_band[1]
    if stock <= 0 or days <= high:
        return ""
    return lang.say(
        "Dealers hold {days} days of stock against a normal {high} at most: expect {amount} less"
        " sell-in while it runs down, and set next quarter's dealer targets on sell-out",
        days=lang.number(days),
        high=lang.number(high),
        amount=lang.money(
            result.answer("cover")["stock"].iloc[-1] * (1 - high / days), currency=currency(result)
        ),
    )


def _say_discounts(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("discounts"):
        return ""
    found = result.answer("discounts").bunching.nlargest(1, "times")
    if found.empty or not found["times"].iloc[0] > 1.5:
        return ""
    return lang.say(
        "At the approval limit of {limit} discounts stand {times} times as dense as around it:"
        " review the limit or ask for a reason",
        limit=lang.percent(found["limit"].iloc[0], decimals=0),
        times=lang.number(found["times"].iloc[0], decimals=1),
    )


def _say_overdue(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("over_90", "debtors"):
        return ""
    behind, debtors = result.answer("over_90"), result.answer("debtors")
    if debtors.empty or not known(behind["amount"]):
        return ""
    top = debtors.nlargest(10, "over_90")["over_90"].sum()
    return lang.say(
        "{amount} is more than 90 days past due; ten customers owe {share} of it: begin there",
        amount=lang.money(behind["amount"], currency=currency(result)),
        share=lang.percent(top / behind["amount"], decimals=0),
    )


def _say_weak_region(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("heat"):
        return ""
    heat = result.answer("heat")
    regions = heat.iloc[:-1].dropna(subset=["growth"])
    if len(regions) < 2 or regions["growth"].iloc[-1] >= 0:
        return ""
    weakest = regions.iloc[-1]
    return lang.say(
        "{region} lies {change} against the year before: the only way to see why is deal by deal",
        region=result.scope.company.label("region", weakest["region"], lang),
        change=lang.signed_percent(weakest["growth"]),
    )


def _say_slippage(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("slippage"):
        return ""
    table = result.answer("slippage").tail(6)
    if table.empty:
        return ""
    rate = table["slipped"].sum() / table["expected"].sum()
    return lang.say(
        "{rate} of deals expected in a month slip past it: count on the rest when you commit",
        rate=lang.percent(rate, decimals=0),
    )


def _say_win_rates(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("win_rates"):
        return ""
    rates = result.answer("win_rates")
    if not (known(rates.closed) and known(rates.created)) or rates.closed <= rates.created:
        return ""
    return lang.say(
        "{closed} of closed deals are won, but only {created} of those created:"
        " plan on the second figure",
        closed=lang.percent(rates.closed, decimals=0),
        created=lang.percent(rates.created, decimals=0),
    )
