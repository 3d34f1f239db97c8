"""Sections on deals: the funnel with both win rates, and what moved the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.analysis.story.sentences import choice_label, currency, full, known
from workbench.report import Block, Section, TableView
from workbench.report import Col as Column
from workbench.tables import table as declared
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.analysis.study_sales_analysis import SalesAnalysis

AGES = {
    "0-30": ("Up to 30 days", "30天内"),
    "31-90": ("31–90 days", "31–90天"),
    "91-180": ("91–180 days", "91–180天"),
    "over_180": ("Over 180 days", "180天以上"),
}
MOVES = {
    "created": ("Created", "新建"),
    "increased": ("Increased", "金额上调"),
    "decreased": ("Decreased", "金额下调"),
    "won": ("Won", "赢单"),
    "lost": ("Lost", "输单"),
    "reopened": ("Entered late or reopened", "补录或重开"),
}


def funnel(result: SalesAnalysis, lang: Language) -> Section:
    """Leads to won deals, both win rates, the cycle, and win rate by source."""
    return Section(
        Block(funnel_figure(result, lang), span=6),
        Block(_by_source(result, lang), span=6),
        lang=lang,
        reading=_win_reading(result, lang),
    )


def funnel_figure(result: SalesAnalysis, lang: Language) -> Any:
    """Steps of one cohort with conversion and interval."""
    from workbench.charts import columns
    from workbench.charts import funnel as chart

    table = result.answer("funnel")
    drawn = pd.DataFrame(
        {
            "stage": [_step(step, result, lang) for step in table["step"]],
            "count": table["count"],
            "rate": table["conversion"],
            "low": table["lo80"],
            "high": table["hi80"],
        }
    )
    return chart(
        drawn,
        lang=lang,
        title=_funnel_title(drawn, lang),
        subtitle=lang.say(
            "Created 6 to 18 months ago, followed to the end, count; conversion with 80% interval"
        ),
        width=columns(6),
    )


def _step(step: str, result: SalesAnalysis, lang: Language) -> str:
    names = {
        "lead": declared("lead").title(lang),
        "opportunity": declared("opportunity").title(lang),
        "won": lang.say("Won"),
    }
    return names.get(step) or result.scope.company.label("stage", step, lang)


def _funnel_title(drawn: pd.DataFrame, lang: Language) -> str:
    steps = drawn.dropna(subset=["rate"])
    if steps.empty:
        return lang.say("From enquiry to order")
    weakest = steps.iloc[int(steps["rate"].to_numpy().argmin())]
    return lang.say(
        "The narrowest step leads to {stage}: {rate} pass",
        stage=weakest["stage"],
        rate=lang.percent(weakest["rate"], decimals=0),
    )


def _win_reading(result: SalesAnalysis, lang: Language) -> str:
    rates = result.answer("win_rates")
    parts = []
    if known(rates.closed) and known(rates.created):
        parts.append(
            lang.say(
                "Win rate is {closed} of closed deals ({lo}–{hi}) and {created} of created ones,"
                " {amount} of closed amount",
                closed=lang.percent(rates.closed),
                lo=lang.number(rates.closed_interval[0] * 100, decimals=1),
                hi=lang.percent(rates.closed_interval[1]),
                created=lang.percent(rates.created),
                amount=lang.percent(rates.closed_amount),
            )
        )
    if known(rates.cycle_median):
        parts.append(
            lang.say(
                "the cycle is {median} days at the median and {mean} on average",
                median=lang.number(rates.cycle_median),
                mean=lang.number(rates.cycle_mean),
            )
        )
    if rates.backfilled > 0:
        late = lang.percent(rates.backfilled, decimals=0)
        parts.append(
            lang.say("{late} of won deals were entered afterwards and left out", late=late)
        )
    return full(lang, parts)


def _by_source(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import columns, interval_bars

    table = result.answer("win_by_source")
    table = table[table["closed"] >= 10].sort_values("rate", ascending=False)
    source = declared("opportunity").column("source")
    drawn = pd.DataFrame(
        {
            "label": [choice_label(source, code, lang) for code in table["source"]],
            "value": table["rate"],
            "low": table["lo80"],
            "high": table["hi80"],
            "note": [lang.say("{n} closed", n=lang.number(n)) for n in table["closed"]],
        }
    )
    if drawn.empty:
        title = lang.say("Win rate by source")
    else:
        title = lang.say(
            "{best} deals win most ({high}), {worst} deals least ({low})",
            best=drawn["label"].iloc[0],
            high=lang.percent(drawn["value"].iloc[0], decimals=0),
            worst=drawn["label"].iloc[-1],
            low=lang.percent(drawn["value"].iloc[-1], decimals=0),
        )
    return interval_bars(
        drawn,
        lang=lang,
        title=title,
        subtitle=lang.say("Won of closed deals by source, 80% interval"),
        reference=float(result.answer("win_rates").closed),
        reference_label=lang.say("all"),
        width=columns(6),
    )


def pipeline(result: SalesAnalysis, lang: Language) -> Section:
    """What moved the pipeline, how old it is, how it slips."""
    parts = []
    if result.answer("movement") is not None:
        parts.append(Block(_movement(result, lang), span=7))
    parts.append(Block(age_figure(result, lang), span=5))
    parts.append(Block(_slippage(result, lang), span=12))
    return Section(*parts, lang=lang)


def _movement(result: SalesAnalysis, lang: Language) -> Any:
    from workbench.charts import Measure, columns, waterfall

    found = result.answer("movement")
    rows = [(lang.date(found.first), found.before, "total", "")]
    rows += [
        (
            lang.pick(*MOVES[move]),
            amount,
            "change",
            lang.say("{n} deals", n=lang.number(count)),
        )
        for move, amount, count in found.moves.itertuples(index=False)
    ]
    rows.append((lang.date(found.last), found.after, "total", ""))
    gone = found.moves.set_index("move")["amount"].reindex(["won", "lost"]).fillna(0)
    share = gone["won"] / gone.sum() if gone.sum() else float("nan")
    title = (
        lang.say(
            "Of what left the pipeline, {share} was won", share=lang.percent(share, decimals=0)
        )
        if known(share)
        else lang.say("What moved the pipeline")
    )
    return waterfall(
        pd.DataFrame(rows, columns=["label", "value", "kind", "note"]),
        lang=lang,
        title=title,
        subtitle=lang.say("Open amount between two snapshots, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result)),
        width=columns(7),
    )


def age_figure(result: SalesAnalysis, lang: Language) -> Any:
    """Open amount by age of the deal."""
    from workbench.charts import Measure, bars, columns

    table = result.answer("pipeline_age")
    past = table["past"].sum() / table["amount"].sum() if table["amount"].sum() else float("nan")
    return bars(
        pd.DataFrame(
            {
                "label": [lang.pick(*AGES[age]) for age in table["age"]],
                "value": table["amount"],
                "note": [
                    lang.say("{n} deals, {share}", n=lang.number(n), share=lang.percent(s))
                    for n, s in zip(table["deals"], table["share"], strict=True)
                ],
            }
        ),
        lang=lang,
        title=lang.say(
            "{share} of open amount has an expected date that has passed",
            share=lang.percent(past, decimals=0),
        ),
        subtitle=lang.say("Open amount by age since creation, {unit}", unit="{unit}"),
        measure=Measure("money", currency=currency(result)),
        width=columns(5),
    )


def _slippage(result: SalesAnalysis, lang: Language) -> TableView:
    table = result.answer("slippage").tail(7)
    rate = table["slipped"].sum() / table["expected"].sum() if len(table) else float("nan")
    amount = table["amount_slipped"].sum() / table["amount"].sum() if len(table) else float("nan")
    return TableView(
        table.assign(month=[lang.month(month, year=True) for month in table["month"]]),
        [
            Column("month", lang.say("Month")),
            Column("expected", lang.say("Expected deals"), "integer"),
            Column("slipped", lang.say("Slipped"), "integer"),
            Column("rate", lang.say("Slippage"), "percent"),
            Column("rate", "", "bar", limits=(0, 1)),
            Column("amount", lang.say("Expected amount"), "money"),
            Column("amount_slipped", lang.say("Amount slipped"), "money"),
        ],
        lang=lang,
        title=lang.say(
            "{rate} of deals expected in a month slip ({amount} of amount)",
            rate=lang.percent(rate, decimals=0),
            amount=lang.percent(amount, decimals=0),
        ),
        subtitle=lang.say(
            "Deals expected at the beginning of each month that were not closed in it, {unit}",
            unit=lang.scale(list(table["amount"]), currency=currency(result)).unit,
        ),
        caption=lang.say("Slippage by month"),
        currency=currency(result),
    )
