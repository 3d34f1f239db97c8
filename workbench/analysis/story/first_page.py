"""The first page: six tiles, growth by cause beside regions, and three causes below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from workbench.analysis.story import first_blocks
from workbench.analysis.story.sentences import currency, finding, known, lead, period
from workbench.kpis import KPIS
from workbench.report import Block, Foot, Mark, MissingBox, Page, Tile
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.overview import Tile as TileFigures
    from workbench.analysis.study_sales_analysis import SalesAnalysis
    from workbench.report.marks import Direction


def first_page(result: SalesAnalysis, lang: Language) -> Page:
    """The first page of the sales analysis."""
    company = result.scope.company
    return Page(
        study=lang.say("Sales analysis"),
        period=period(result, lang),
        company=company.name(lang),
        finding=finding(result, lang),
        lead=lead(result, lang),
        tiles=[
            _tile(kpi_id, figures, result, lang)
            for kpi_id, figures in result.answers["tiles"].items()
        ],
        blocks=_blocks(result, lang),
        foot=_foot(result, lang),
        lang=lang,
    )


def _tile(kpi_id: str, figures: TileFigures, result: SalesAnalysis, lang: Language) -> Tile:
    from workbench.charts import spark

    value, unit = _value(kpi_id, figures.figure.now, result, lang)
    change = _change(kpi_id, figures, lang)
    second, mark = _second(kpi_id, figures, result, lang)
    drawn = figures.spark.rename(columns={"value": "actual"})
    return Tile(
        label=_label(kpi_id, lang),
        basis=_basis(kpi_id, lang),
        figure=value,
        unit=unit,
        change=change,
        against=_against(change, lang),
        second=second,
        second_mark=mark,
        spark=spark(drawn, lang=lang) if drawn["actual"].notna().sum() > 1 else None,
    )


def _against(change: Mark | str, lang: Language) -> str:
    if isinstance(change, Mark):
        return lang.say("on the year")
    return "" if change else lang.say("no year before to compare")


def _label(kpi_id: str, lang: Language) -> str:
    short = {
        "revenue_net": ("Revenue", "收入"),
        "gross_margin": ("Gross margin", "毛利率"),
        "attainment": ("Attainment", "累计达成率"),
    }
    return lang.pick(*short[kpi_id]) if kpi_id in short else KPIS[kpi_id].name(lang)


def _basis(kpi_id: str, lang: Language) -> str:
    words = {
        "bookings": lang.say("with VAT"),
        "revenue_net": lang.say("without VAT"),
        "gross_margin": lang.say("without VAT"),
        "collections": lang.say("with VAT, drafts in"),
        "attainment": lang.say("revenue to date"),
        "overdue_rate": lang.say("of receivables"),
    }
    return words.get(kpi_id, "")


def _value(kpi_id: str, value: float, result: SalesAnalysis, lang: Language) -> tuple[str, str]:
    if KPIS[kpi_id].unit == "money":
        return _money(value, result, lang)
    if KPIS[kpi_id].unit == "rate":
        return lang.number(value * 100, decimals=1) if known(value) else "–", "%"
    return lang.number(value), lang.say("days") if KPIS[kpi_id].unit == "days" else ""


def _money(value: float, result: SalesAnalysis, lang: Language) -> tuple[str, str]:
    """Big figure and small unit; in English without decimals from 100 million, to fit a tile."""
    figure, unit = lang.money_parts(value, currency=currency(result))
    if unit.endswith("million"):
        figure = lang.number(value / 1e6, decimals=0 if abs(value) >= 1e8 else 1)
        unit = unit.replace(" million", "\N{NO-BREAK SPACE}m")
    return figure, unit


def _change(kpi_id: str, figures: TileFigures, lang: Language) -> Any:
    figure, direction = figures.figure, cast("Direction", KPIS[kpi_id].direction)
    if kpi_id == "attainment" and known(figures.extra["year_progress"]):
        done = lang.percent(figures.extra["year_progress"])
        return lang.say("{done} of the year", done=done)
    if KPIS[kpi_id].unit == "rate":
        difference = figure.difference
        return Mark.of(lang.points(difference), difference, direction) if known(difference) else ""
    growth = figure.growth
    return Mark.of(lang.signed_percent(growth), growth, direction) if known(growth) else ""


def _second(
    kpi_id: str, figures: TileFigures, result: SalesAnalysis, lang: Language
) -> tuple[str, Mark | None]:
    extra = figures.extra
    if kpi_id == "revenue_net" and result.has("comparisons"):
        return _comparable(result.answer("comparisons")["revenue_net"], lang), None
    if kpi_id == "gross_margin" and result.has("margin"):
        return _margin(result.answer("margin"), lang), None
    if kpi_id == "collections" and known(extra.get("drafts")):
        return lang.say("{share} in drafts", share=lang.percent(extra["drafts"])), None
    if kpi_id == "overdue_rate":
        return lang.say("over 90 days: {share}", share=lang.percent(extra["over_90"])), None
    if kpi_id == "attainment" and known(extra["pacing_gap"]):
        gap = extra["pacing_gap"]
        time = lang.percent(extra["year_progress"] - gap)
        return lang.say("time {time}", time=time), Mark.of(lang.signed(gap * 100, decimals=1), gap)
    if kpi_id == "bookings":
        return _against_revenue(figures, result, lang), None
    return "", None


def _comparable(comparison: Any, lang: Language) -> str:
    parts = []
    if known(comparison.working_day):
        parts.append(lang.say("daily {change}", change=lang.signed_percent(comparison.working_day)))
    if known(comparison.new_year):
        parts.append(
            lang.say("New Year aligned {change}", change=lang.signed_percent(comparison.new_year))
        )
    return lang.comma.join(parts)


def _margin(change: Any, lang: Language) -> str:
    return lang.say(
        "price {price}, mix {mix}, cost {cost}",
        price=lang.signed(change.price * 100, decimals=1),
        mix=lang.signed(change.mix * 100, decimals=1),
        cost=lang.signed(change.cost * 100, decimals=1),
    )


def _against_revenue(figures: TileFigures, result: SalesAnalysis, lang: Language) -> str:
    revenue = result.answers["tiles"].get("revenue_net")
    if revenue is None or not known(figures.figure.growth) or not known(revenue.figure.growth):
        return ""
    gap = figures.figure.growth - revenue.figure.growth
    if abs(gap) < 0.005:
        return lang.say("in step with revenue")
    return lang.say("ahead of revenue") if gap > 0 else lang.say("behind revenue")


def _blocks(result: SalesAnalysis, lang: Language) -> list[Block]:
    wanted: tuple[tuple[str, int, Callable[[SalesAnalysis, Language], Any]], ...] = (
        ("growth", 7, first_blocks.growth),
        ("heat", 5, first_blocks.regions),
        ("monthly", 5, first_blocks.months),
        ("cover", 4, first_blocks.cover),
        ("ageing", 3, first_blocks.ageing),
    )
    if not result.scope.company.has("order_line"):
        wanted = (("funnel", 7, first_blocks.funnel), ("pipeline_age", 5, first_blocks.age))
    blocks = []
    for name, span, build in wanted:
        answer = result.answers[name]
        if hasattr(answer, "error"):
            blocks.append(Block(MissingBox.of(answer.error, lang=lang), span=span))
        elif answer is not None:
            built = build(result, lang)
            blocks.append(built if isinstance(built, Block) else Block(built, span=span))
    return blocks


def _foot(result: SalesAnalysis, lang: Language) -> Foot:
    company = result.scope.company
    closing = company.settings.closing_day
    as_of = lang.date(company.data_as_of)
    if closing:
        as_of += lang.comma + lang.say("month closes on day {day}", day=closing)
    return Foot(
        basis=lang.semicolon.join(_basis_words(result, lang)),
        data_as_of=as_of,
        unit=lang.say(
            "{unit}; small lines: 13 months, grey = last year",
            unit=first_blocks.scale(result, lang).unit,
        ),
        left_out=_left_out(result, lang),
    )


def _basis_words(result: SalesAnalysis, lang: Language) -> list[str]:
    from workbench.analysis.study_sales_analysis import ORGANISATIONS

    organisation = lang.pick(*ORGANISATIONS[result.params.organisation])
    if not result.scope.company.has("order_line"):
        return [lang.say("amounts as stated in the deals"), organisation]
    return [
        lang.say("revenue without VAT by recognition date"),
        lang.say("bookings and collections with VAT"),
        organisation,
        lang.say("January and February together"),
        lang.say("margin before rebates and freight"),
    ]


def _left_out(result: SalesAnalysis, lang: Language) -> str:
    from workbench.analysis.overview import left_out

    reasons = left_out(result.scope)
    if not reasons:
        return lang.say("nothing")
    words = {
        "unclaimed": lambda n: lang.say("{n} receipts not claimed by an account", n=lang.number(n)),
        "not_recognised": lambda n: lang.say(
            "{n} order lines not recognised yet", n=lang.number(n)
        ),
    }
    return lang.semicolon.join(words[reason](count) for reason, count in reasons.items())
