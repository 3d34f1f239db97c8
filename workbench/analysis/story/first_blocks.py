"""Blocks of the first page: growth, regions, months, dealer cover, overdue; funnel and age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from workbench.analysis.story.sentences import (
    CAUSE_WORDS,
    currency,
    full,
    known,
    latest_cover,
    main_cause,
    period,
)
from workbench.report import Block, Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

KINDS = {"channel_stock": "stock", "calendar": "calendar"}
Against = Literal["plan", "last_year"]
NARROW = 436  # px: one column of the long picture without shrinking its type
DEMAND = ("price", "volume", "mix", "new", "lost")


def scale(result: SalesAnalysis, lang: Language) -> Any:
    """One unit of money for the whole first page."""
    if result.has("heat"):
        values = result.answer("heat")["after"].iloc[:-1]
    elif result.has("pipeline_age"):
        values = result.answer("pipeline_age")["amount"]
    else:
        values = [1e6]
    return lang.scale(list(values), currency=currency(result))


# -- growth by cause -------------------------------------------------------------------------------


def growth(result: SalesAnalysis, lang: Language) -> Block:
    """Waterfall of growth by cause, with a subtotal of end demand; a narrow one for the picture."""
    from workbench.charts import columns

    wide = _waterfall(result, lang, notes=_causes(result, lang), width=columns(7))
    return Block(wide, narrow=_waterfall(result, lang, notes={}, width=NARROW), span=7)


def _waterfall(result: SalesAnalysis, lang: Language, *, notes: dict[str, str], width: int) -> Any:
    from workbench.charts import Measure, waterfall

    found, amounts = result.answer("growth"), rounded_effects(result, lang)
    before = float(found.before)
    rows = [(period(result, lang, prior=True), before, "total", "")]
    rows += [_cause_row(cause, amounts, notes, lang) for cause in DEMAND if cause in amounts]
    if "channel_stock" in amounts or "calendar" in amounts:
        demand = sum(amounts.get(cause, 0.0) for cause in DEMAND)
        rows.append((lang.say("End demand, subtotal"), demand, "subtotal", notes.get("demand", "")))
    rows += [
        _cause_row(cause, amounts, notes, lang)
        for cause in ("channel_stock", "calendar")
        if cause in amounts
    ]
    rows.append((period(result, lang), before + sum(amounts.values()), "total", ""))
    return waterfall(
        pd.DataFrame(rows, columns=["label", "value", "kind", "note"]),
        lang=lang,
        title=_growth_title(result, lang),
        subtitle=lang.say("Change in revenue on the year by cause, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result), scale=scale(result, lang)),
        width=width,
    )


def rounded_effects(result: SalesAnalysis, lang: Language) -> dict[str, float]:
    """Effects rounded to the unit of the page, mix taking the rest: what is read adds up."""
    found, unit = result.answer("growth"), scale(result, lang)
    amounts = {
        cause: round(float(amount) / unit.divisor, unit.decimals) * unit.divisor
        for cause, amount in found.effects.itertuples(index=False)
        if cause != "mix"
    }
    return amounts | {"mix": float(found.change) - sum(amounts.values())}


def _cause_row(
    cause: str, amounts: dict[str, float], notes: dict[str, str], lang: Language
) -> tuple[str, float, str, str]:
    label = lang.pick(*CAUSE_WORDS[cause])
    label = label[0].upper() + label[1:]
    return label, amounts[cause], KINDS.get(cause, "change"), notes.get(cause, "")


def _growth_title(result: SalesAnalysis, lang: Language) -> str:
    found, unit = result.answer("growth"), scale(result, lang)
    amounts = rounded_effects(result, lang)
    change, stock = sum(amounts.values()), amounts.get("channel_stock", 0.0)
    if change > 0 and stock > 0.2 * change:
        return lang.say(
            "Of {change} of growth, {stock} is channel stock ({unit})",
            change=unit(change),
            stock=unit(stock),
            unit=unit.unit,
        )
    cause, _ = main_cause(found)
    return lang.say(
        "Revenue changed by {change}, mostly {cause} {amount} ({unit})",
        change=unit.signed(change),
        cause=lang.pick(*CAUSE_WORDS[cause]),
        amount=unit.signed(amounts[cause]),
        unit=unit.unit,
    )


def _causes(result: SalesAnalysis, lang: Language) -> dict[str, str]:
    """A short cause for each row of the waterfall."""
    found = result.answer("growth")
    notes = {
        "new": lang.say("{n} customers with a first order", n=lang.number(found.new_accounts)),
        "lost": lang.say(
            "{n} without an order for a year, {dealers} of them dealers",
            n=lang.number(found.lost_accounts),
            dealers=lang.number(found.lost_dealers),
        ),
        "calendar": _calendar_note(found.working_days, lang),
    }
    if result.has("discounts"):
        notes["price"] = _price_note(result.answer("discounts"), lang)
    if result.has("sell_out_growth") and known(result.answers["sell_out_growth"]):
        change = lang.signed_percent(result.answers["sell_out_growth"])
        notes["demand"] = lang.say("dealer sell-out {change}", change=change)
    if result.has("cover"):
        notes["channel_stock"] = _stock_note(result, lang)
    if result.has("heat"):
        notes["mix"] = _mix_note(result, lang)
    return notes


def _calendar_note(days: tuple[int, int], lang: Language) -> str:
    more = days[1] - days[0]
    if more == 0:
        return lang.say("{n} working days in both years", n=days[1])
    if more > 0:
        return lang.say("{n} more working days", n=more)
    return lang.say("{n} fewer working days", n=-more)


def _price_note(found: Any, lang: Language) -> str:
    if not known(found.rate):
        return ""
    said = lang.say("{rate} off list", rate=lang.percent(found.rate))
    if known(found.rate_before):
        said += lang.paren(lang.points(found.rate - found.rate_before))
    return said


def _stock_note(result: SalesAnalysis, lang: Language) -> str:
    cover = result.answer("cover").set_index("month_end")["days"]
    end = cover.index[-1]
    before = cover.get(end - pd.DateOffset(years=1) + pd.offsets.MonthEnd(0))
    if not known(before):
        return lang.say("dealer stock {days} days, no demand", days=lang.number(cover.iloc[-1]))
    return lang.say(
        "dealer stock {before} → {now} days, no demand",
        before=lang.number(before),
        now=lang.number(cover.iloc[-1]),
    )


def _mix_note(result: SalesAnalysis, lang: Language) -> str:
    from workbench.analysis import cuts

    lines = cuts.by(result.scope, "product_line")
    if lines.empty or "service" not in set(lines["product_line"]):
        return ""
    share = lines.set_index("product_line")["share"]["service"]
    name = result.scope.company.label("product_line", "service", lang)
    return lang.say("{line} is {share} of revenue", line=name, share=lang.percent(share))


# -- regions ---------------------------------------------------------------------------------------


def regions(result: SalesAnalysis, lang: Language) -> TableView:
    """Growth of regions by product line, attainment and dealer cover beside."""
    company = result.scope.company
    heat = result.answer("heat")
    present = [c for c in heat.columns if c not in ("region", "after", "before", "growth")]
    stated = list(company.settings.labels.get("product_line", {}))
    lines = [c for c in stated if c in present] + [c for c in present if c not in stated]
    table = heat.assign(region=[company.label("region", r, lang) for r in heat["region"]])
    table["attainment"] = _attainment(result, heat["region"])
    columns = [
        Col("region", lang.say("Region")),
        Col("after", lang.say("Revenue"), "money"),
        *[
            Col(
                line,
                _short(company.label("product_line", line, lang)),
                "signed_percent",
                heat=(0.01, 0.05, 0.10),
                group=lang.say("Growth on the year"),
            )
            for line in lines
        ],
        Col(
            "growth",
            lang.say("All lines"),
            "signed_percent",
            heat=(0.01, 0.05, 0.10),
            group=lang.say("Growth on the year"),
            bold=True,
        ),
    ]
    if table["attainment"].notna().any():
        columns.append(Col("attainment", _short(lang.say("Attainment")), "percent"))
    band = company.settings.stock_cover_band
    if result.has("cover_by_region", "cover"):
        cover = latest_cover(result)
        table["cover"] = [
            *heat["region"].iloc[:-1].map(cover),
            result.answer("cover")["days"].iloc[-1],
        ]
        columns.append(
            Col("cover", lang.say("Cover"), "number", decimals=0, band=band, judged=True)
        )
    total = table.iloc[[-1]].assign(region=lang.say("Whole company"))
    return TableView(
        table.iloc[:-1],
        columns,
        lang=lang,
        title=_region_title(result, lang),
        subtitle=lang.say(
            "Revenue in {unit}, without VAT, {period}",
            unit=scale(result, lang).unit,
            period=period(result, lang),
        ),
        caption=lang.say("Growth by region and product line"),
        total=total,
        currency=currency(result),
        scale=scale(result, lang),
        note=_region_note(result, band, lang),
    )


def _short(label: str) -> str:
    """A label that fits a narrow column: long Latin words are cut to six letters and a point."""
    return f"{label[:6]}." if len(label) > 8 and label.isascii() else label


def _region_note(result: SalesAnalysis, band: tuple[float, float], lang: Language) -> str:
    tints = lang.say("Tints at 1, 5 and 10%: petrol up, orange down")
    if not result.has("cover_by_region"):
        return full(lang, [tints])
    cover = lang.say(
        "Cover: days of dealer stock, normal {low}–{high}, △ above",
        low=lang.number(band[0]),
        high=lang.number(band[1]),
    )
    return full(lang, [cover, tints])


def _attainment(result: SalesAnalysis, regions: pd.Series) -> list[float]:
    from workbench.analysis.measure import measure, value

    if not result.scope.company.has("target"):
        return [float("nan")] * len(regions)
    table = measure(result.scope, "attainment", by=("region",)).set_index("region")["value"]
    return [*regions.iloc[:-1].map(table), value(result.scope, "attainment")]


def _region_title(result: SalesAnalysis, lang: Language) -> str:
    heat = result.answer("heat").iloc[:-1].dropna(subset=["growth"])
    label = result.scope.company.label
    if result.has("cover_by_region") and len(heat) >= 5:
        cover = latest_cover(result)
        fast = heat.head(3)["region"]
        least = float(cover.reindex(fast).min())
        if known(least) and least > result.scope.company.settings.stock_cover_band[1]:
            return lang.say(
                "The three fastest regions hold over {days} days of stock",
                days=lang.number(int(least)),
            )
    if len(heat) < 2:
        return lang.say("Revenue by region")
    return lang.say(
        "{best} grows fastest ({high}), {worst} slowest ({low})",
        best=label("region", heat["region"].iloc[0], lang),
        high=lang.signed_percent(heat["growth"].iloc[0]),
        worst=label("region", heat["region"].iloc[-1], lang),
        low=lang.signed_percent(heat["growth"].iloc[-1]),
    )


# -- third row -------------------------------------------------------------------------------------


def months(result: SalesAnalysis, lang: Language) -> Any:
    """Months of the window against plan and last year; January and February together."""
    from workbench.analysis.trend import two_months_together
    from workbench.charts import Measure, bars, columns, variance_bars

    table = two_months_together(result.answer("monthly"))
    labels = [
        lang.months(month, month + pd.DateOffset(months=int(count) - 1))
        if count > 1
        else lang.month(month)
        for month, count in zip(table["month"], table["months"], strict=True)
    ]
    drawn = pd.DataFrame({"label": labels, "actual": table["net"], "last_year": table["last_year"]})
    measure = Measure("money", currency=currency(result), scale=scale(result, lang))
    subtitle = lang.say("Revenue by month, {unit}", unit="{unit}")
    planned = table["plan"].notna().any()
    if not planned and drawn["last_year"].isna().all():
        return bars(
            drawn[["label", "actual"]].rename(columns={"actual": "value"}),
            lang=lang,
            title=lang.say("Revenue by month"),
            subtitle=subtitle,
            measure=measure,
            width=columns(5),
        )
    if planned:
        drawn["plan"] = table["plan"]
    against: Against = "plan" if planned else "last_year"
    return variance_bars(
        drawn,
        lang=lang,
        title=_months_title(drawn, against, scale(result, lang), lang),
        subtitle=subtitle,
        measure=measure,
        against=against,
        width=columns(5),
    )


def _months_title(drawn: pd.DataFrame, against: Against, unit: Any, lang: Language) -> str:
    gap = (drawn["actual"] - drawn[against]).dropna()
    if gap.empty:
        return lang.say("Revenue by month")
    labels = drawn.loc[gap.index, "label"].to_numpy()
    best, worst = int(gap.to_numpy().argmax()), int(gap.to_numpy().argmin())
    words = {
        "best": labels[best],
        "more": unit.signed(gap.iloc[best]),
        "worst": labels[worst],
        "less": unit.signed(gap.iloc[worst]),
    }
    if against == "plan" and (gap < 0).all():
        return lang.say("Every month lies below plan, {worst} most ({less})", **words)
    if against == "plan" and (gap > 0).all():
        return lang.say("Every month lies above plan, {best} most ({more})", **words)
    if against == "plan":
        return lang.say("Against plan: {best} {more} at best, {worst} {less} at worst", **words)
    return lang.say("Against last year: {best} {more} at best, {worst} {less} at worst", **words)


def cover(result: SalesAnalysis, lang: Language) -> Any:
    """Days of dealer cover over 13 months in the normal band; quarter ends marked."""
    from workbench.charts import band_line, columns

    table = result.answer("cover").tail(13).reset_index(drop=True)
    ends = table["month_end"].dt.month.isin([3, 6, 9, 12])
    drawn = pd.DataFrame({"period": table["month_end"], "value": table["days"], "mark": ends})
    band = result.scope.company.settings.stock_cover_band
    last = lang.number(table["days"].iloc[-1])
    loaded = table.loc[ends, "days"].mean() > table.loc[~ends, "days"].mean() + 3
    title = (
        lang.say("Dealers load at quarter ends; cover is {days} days", days=last)
        if loaded
        else lang.say("Dealers hold {days} days of stock", days=last)
    )
    return band_line(
        drawn,
        lang=lang,
        title=title,
        subtitle=lang.say(
            "Days of dealer stock at month end, {period}",
            period=lang.period(
                table["month_end"].iloc[0].replace(day=1), table["month_end"].iloc[-1]
            ),
        ),
        band=band,
        width=columns(4),
    )


BUCKET_ROLES = {"not_due": "last", "d1_30": "fc50", "d31_90": "fcm", "over_90": "bad"}


def buckets(lang: Language) -> dict[str, str]:
    """Names of the ageing buckets."""
    return {
        "not_due": lang.say("Not yet due"),
        "d1_30": lang.say("1–30 days"),
        "d31_90": lang.say("31–90 days"),
        "over_90": lang.say("Over 90 days"),
    }


def ageing(result: SalesAnalysis, lang: Language) -> Block:
    """Receivables by days past due, and who is behind the oldest."""
    from workbench.charts import bars, columns

    table = result.answer("ageing")
    drawn = pd.DataFrame(
        {
            "label": table["bucket"].map(buckets(lang)),
            "value": table["share"],
            "kind": table["bucket"].map(BUCKET_ROLES),
        }
    )
    over = float(table.set_index("bucket")["share"]["over_90"])
    figure = bars(
        drawn,
        lang=lang,
        title=lang.say("{share} is over 90 days late", share=lang.percent(over)),
        subtitle=lang.say("Receivables by days past due, % of all"),
        width=columns(3),
    )
    return Block(figure, note=_over_90(result, lang), span=3)


def _over_90(result: SalesAnalysis, lang: Language) -> str:
    if not result.has("over_90"):
        return ""
    behind = result.answer("over_90")
    if not known(behind["state_share"]) or not known(behind["mean_days"]):
        return ""
    return full(
        lang,
        [
            lang.say(
                "Over 90 days: state-owned customers and public bodies owe {share},"
                " {days} days late on average",
                share=lang.percent(behind["state_share"], decimals=0),
                days=lang.number(behind["mean_days"]),
            )
        ],
    )


# -- companies with opportunities alone ------------------------------------------------------------


def funnel(result: SalesAnalysis, lang: Language) -> Any:
    """The funnel of one cohort."""
    from workbench.analysis.story.deals import funnel_figure

    return funnel_figure(result, lang)


def age(result: SalesAnalysis, lang: Language) -> Any:
    """The open pipeline by age."""
    from workbench.analysis.story.deals import age_figure

    return age_figure(result, lang)
