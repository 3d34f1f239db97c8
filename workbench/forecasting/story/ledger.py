"""The ledger of overrides: who changed what, from what to what, why, and whether it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.forecasting.judgement import Overridden
from workbench.forecasting.judgement.fates import WHY
from workbench.forecasting.judgement.ledger import STATUSES
from workbench.forecasting.story.judged import node_names, stage_name
from workbench.forecasting.story.words import currency, full, node_name, one_unit
from workbench.report import Col, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy

MOST = 10


def reading(made: Overridden, lang: Language) -> str:
    """How many entries ended how."""
    counts = {name: lang.number(count) for name, count in made.counts().items()}
    return full(
        lang,
        [
            lang.say(
                "Overrides: {applied} applied, {superseded} superseded, {expired} expired,"
                " {refused} refused",
                **counts,
            )
        ],
    )


def entries(result: ForecastStudy, made: Overridden, lang: Language) -> TableView:
    """One row an entry, those that stand first."""
    table = _summed(made)
    scale = one_unit(result, [*table["before"], *table["after"]], lang)
    known = set(result.outlook.nodes)
    shown = table.assign(
        who=node_names(result, table["by_id"].astype(object).fillna("–"), lang),
        step=[stage_name(str(name), lang) for name in table["step"]],
        node=[
            node_name(result, str(name), lang) if name in known else str(code)
            for name, code in zip(table["series_id"], table["entry_id"], strict=True)
        ],
        months=[
            lang.period(first.start_time, last.end_time) if pd.notna(first) else "–"
            for first, last in zip(table["first"], table["last"], strict=True)
        ],
        status=[lang.pick(*STATUSES[name]) for name in table["status"]],
        reason=[
            _reason(given, why, lang)
            for given, why in zip(table["reason_given"], table["why"], strict=True)
        ],
    )
    stands = int((table["status"] == "applied").sum())
    return TableView(
        shown,
        [
            Col("node", lang.say("Node or entry")),
            Col("who", lang.say("By")),
            Col("step", lang.say("Forecast stage")),
            Col("made", lang.say("On"), "date"),
            Col("months", lang.say("Months")),
            Col("before", lang.say("From"), "money"),
            Col("after", lang.say("To"), "money"),
            Col("status", lang.say("Status")),
            Col("reason", lang.say("Reason")),
        ],
        lang=lang,
        title=lang.say(
            "{n} of {count} overrides stand",
            n=lang.number(stands),
            count=lang.number(len(table)),
        ),
        subtitle=lang.say("Figure of the months named, {unit}", unit=scale.unit),
        caption=lang.say("Ledger of overrides"),
        currency=currency(result),
        scale=scale,
        keep=MOST,
    )


def _reason(given: object, why: str, lang: Language) -> str:
    """The reason given for what stands; for anything else why it does not."""
    if why != "stands":
        return lang.pick(*WHY[why])
    return given if isinstance(given, str) and given else lang.say("none given")


def _summed(made: Overridden) -> pd.DataFrame:
    """The ledger by entry: its months, and what it changed from and to in all of them."""
    rows = made.ledger.groupby("entry_id", sort=False)
    more = rows.agg(
        first=("period", "min"),
        last=("period", "max"),
        reason_given=("reason_given", "first"),
        before=("before", lambda values: values.sum(min_count=1)),
        after=("after", lambda values: values.sum(min_count=1)),
    )
    table = made.entries().merge(more, left_on="entry_id", right_index=True)
    rank = table["status"].map({name: place for place, name in enumerate(STATUSES)})
    return table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
