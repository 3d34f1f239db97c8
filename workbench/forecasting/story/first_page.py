"""The first page: six tiles, two fans beside twenty outcomes, what is missing and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.forecasting.story import first_blocks, growth
from workbench.forecasting.story.sentences import finding, lead
from workbench.forecasting.story.tiles import tiles
from workbench.forecasting.story.words import currency, looked_at
from workbench.report import Block, Foot, MissingBox, Page, WarningBox
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy


def first_page(result: ForecastStudy, lang: Language) -> Page:
    """The first page of the forecast."""
    return Page(
        study=lang.say("Sales forecast"),
        period=looked_at(result, lang),
        company=result.scope.company.name(lang),
        finding=finding(result, lang),
        lead=lead(result, lang),
        tiles=tiles(result, lang),
        blocks=_blocks(result, lang),
        foot=_foot(result, lang),
        lang=lang,
    )


def _blocks(result: ForecastStudy, lang: Language) -> list[Block]:
    wanted = (
        ("outlook", 5, first_blocks.booked_fan),
        ("money", 4, first_blocks.money_fan),
        ("outlook", 3, first_blocks.dots),
        ("parts", 5, first_blocks.gap_table),
        ("deciding", 7, first_blocks.deals_table),
    )
    blocks = []
    for name, width, build in wanted:
        answer = result.answers[name]
        if hasattr(answer, "error"):
            blocks.append(Block(_box(answer.error, lang), span=width))
        else:
            blocks.append(build(result, lang))
    return blocks


def _box(error: WorkbenchError, lang: Language) -> MissingBox | WarningBox:
    from workbench.errors import MissingTableError

    if isinstance(error, MissingTableError):
        return MissingBox.of(error, lang=lang)
    return WarningBox.of(error, lang=lang)


def _foot(result: ForecastStudy, lang: Language) -> Foot:
    from workbench.forecasting.study_forecast import ORGANISATIONS

    with_vat = result.scope.kpi == "bookings"
    assumed = growth.listed(result, lang)
    basis = lang.semicolon.join(
        [
            lang.say("bookings, collections with VAT; drafts when received")
            if with_vat
            else lang.say("revenue without VAT, collections with VAT"),
            lang.pick(*ORGANISATIONS[result.params.organisation]),
            *([lang.say("assumed: {entries}", entries=assumed)] if assumed else []),
            lang.say("{draws} draws", draws=lang.number(result.params.draws)),
        ]
    )
    day = result.scope.company.data_as_of
    day = min(day, result.params.as_of or day)
    as_of = lang.date(day)
    if result.scope.day != day:
        as_of += lang.comma + lang.say("closed to {day}", day=lang.date(result.scope.day))
    scale = lang.scale([result.outlook.mean[0]], currency=currency(result), coarse=True)
    table = first_blocks.table_scale(result, lang)
    return Foot(
        basis=basis,
        data_as_of=as_of,
        unit=scale.unit
        if scale.unit == table.unit
        else lang.say("charts {charts}, tables {tables}", charts=scale.unit, tables=table.unit),
        left_out=_left_out(result, lang),
    )


def _left_out(result: ForecastStudy, lang: Language) -> str:
    """What is in no figure, or was mended."""
    said = []
    first = result.outlook.history.index[0]
    if first > result.scope.begin:
        said.append(lang.say("months before {month}", month=lang.month(first, year=True)))
    if result.has("pipeline"):
        rows = result.scope.chosen(result.answer("pipeline").rows)
        lacking = int(rows["amount"].isna().sum())
        if lacking:
            said.append(
                lang.say(
                    "{n} open deals without amount, taken as usual for their line",
                    n=lang.number(lacking),
                )
            )
    repairs = result.outlook.regular.panel.repairs
    if len(repairs):
        said.append(lang.say("{n} series mended", n=lang.number(repairs["series_id"].nunique())))
    if result.answers.get("overrides") is not None:
        counts = result.answers["overrides"].counts()
        refused = counts["refused"] + counts["expired"]
        if refused:
            said.append(lang.say("{n} overrides not taken", n=lang.number(refused)))
    return lang.semicolon.join(said) or lang.say("nothing")
