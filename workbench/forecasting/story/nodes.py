"""Sections on nodes: fans, coverage by open deals, hierarchy, where targets will be missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.forecasting.outlook.fans import SHARES
from workbench.forecasting.story import closer, growth, ledger, vintages
from workbench.forecasting.story.sentences import held_change
from workbench.forecasting.story.words import (
    ahead,
    closed,
    currency,
    full,
    known,
    lines,
    measure_name,
    money,
    node_name,
    one_unit,
    period,
    regions,
    tax,
)
from workbench.report import Block, Col, Section, TableView
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.outlook.bookings import Outlook
    from workbench.forecasting.study_forecast import ForecastStudy

#: Months of history shown before the months ahead.
PAST = 18
#: Fans shown of regions and of lines.
MOST = 6


def fans(result: ForecastStudy, lang: Language) -> Section:
    """Months of each region and line, with their fan."""
    wanted = [*regions(result)[:MOST], *lines(result)[:MOST]]
    # one unit for all, so that they can be held against each other
    largest = float(result.outlook.history[wanted].tail(PAST).to_numpy().max()) if wanted else 1.0
    scale = one_unit(result, [largest], lang)
    return Section(
        *(_block(result, node, scale, lang, first=node == wanted[0]) for node in wanted),
        lang=lang,
        reading=_reading(result, lang),
    )


def _block(result: ForecastStudy, node: str, scale: Any, lang: Language, *, first: bool) -> Block:
    """The fan of a node; the key stands with the first alone."""
    return Block(_fan(result, node, scale, lang), span=4, key=None if first else ())


def _fan(result: ForecastStudy, node: str, scale: Any, lang: Language) -> Any:
    from workbench.charts import Measure, columns, trend_band

    found = result.outlook
    expected = float(found.points[found.tree.place(node)].sum())
    before = _year_before(found, node)
    name = node_name(result, node, lang)
    amount = money(result, expected, lang)
    title = (
        lang.say(
            "{node}: {amount} ahead, {change} on the year",
            node=name,
            amount=amount,
            change=lang.change(expected, before),
        )
        if known(before)
        else lang.say("{node}: {amount} ahead", node=name, amount=amount)
    )
    table, place = monthly(found, node), found.tree.place(node)
    if found.growth is not None and np.abs(found.assumed[place]).max() >= 1:
        table = growth.with_plain(table, found.without.draws[:, place])
    return trend_band(
        table,
        lang=lang,
        title=title,
        subtitle=lang.say("By month, {unit}, {tax}", unit="{unit}", tax=tax(result, lang)),
        measure=Measure("money", currency=currency(result), scale=scale),
        width=columns(4),
        height=170,
        names=growth.names(lang),
    )


def monthly(found: Outlook, node: str) -> pd.DataFrame:
    """Table of a fan by month: history, last year beside, and quantiles ahead."""
    place, history = found.tree.place(node), found.history[node]
    past = history.tail(PAST)
    months = [*past.index, *found.scope.months]
    table = pd.DataFrame({"actual": past}, index=pd.DatetimeIndex(months))
    year_before = pd.DatetimeIndex(months) - pd.DateOffset(years=1)
    table["last_year"] = history.reindex(year_before).to_numpy()
    for name, share in SHARES.items():
        ends = np.quantile(found.draws[:, place], share, axis=0)
        fan = pd.DatetimeIndex([found.scope.last, *found.scope.months])
        table[name] = pd.Series([history.iloc[-1], *ends], index=fan).reindex(table.index)
    return table.rename_axis("period").reset_index()


def _year_before(found: Outlook, node: str) -> float:
    back = found.scope.months - pd.DateOffset(years=1)
    values = found.history[node].reindex(back)
    return float(values.sum()) if values.notna().all() else np.nan


def _reading(result: ForecastStudy, lang: Language) -> str:
    found = result.outlook
    change = {
        node: float(found.points[found.tree.place(node)].sum()) / _year_before(found, node) - 1
        for node in regions(result)
    }
    change = {node: value for node, value in change.items() if np.isfinite(value)}
    if len(change) < 2:
        return ""
    best, worst = max(change, key=change.__getitem__), min(change, key=change.__getitem__)
    return full(
        lang,
        [
            lang.say(
                "{best} grows most in the months ahead ({more}), {worst} least ({less})",
                best=node_name(result, best, lang),
                more=lang.signed_percent(change[best], decimals=0),
                worst=node_name(result, worst, lang),
                less=lang.signed_percent(change[worst], decimals=0),
            )
        ],
    )


def coverage(result: ForecastStudy, lang: Language) -> Section:
    """Open deals against what deals still have to bring for base."""
    table = result.answer("coverage")
    scale = one_unit(result, table["open"], lang)
    places = table[table["node"] != result.outlook.nodes[0]]
    short = int((places["coverage"] < places["needed"]).sum())
    view = TableView(
        table.assign(
            node=[node_name(result, node, lang) for node in table["node"]],
            whole=table["node"] == result.outlook.nodes[0],
            spare=table["coverage"] - table["needed"],
        ),
        [
            Col("node", lang.say("Region")),
            Col("target", lang.say("Base target"), "money"),
            Col("missing", lang.say("Missing from deals"), "money"),
            Col("open", lang.say("Open, closing in time"), "money"),
            Col("coverage", lang.say("Coverage"), "number", decimals=1, bold=True),
            Col("needed", lang.say("Needed"), "number", decimals=1),
            Col("spare", lang.say("Spare"), "number", decimals=1, judged=True),
        ],
        lang=lang,
        title=lang.say_n(
            "{n} region has too few open deals for base",
            "{n} regions have too few open deals for base",
            short,
        )
        if short
        else lang.say("Open deals cover what is missing in every region"),
        subtitle=lang.say(
            "{period}, {unit}, {tax}; coverage in multiples",
            period=ahead(result, lang),
            unit=scale.unit,
            tax=tax(result, lang),
        ),
        caption=lang.say("Coverage by open deals"),
        currency=currency(result),
        scale=scale,
        subtotal="whole",
        note=lang.say(
            "Missing: base target less what is booked and what business without a deal is expected"
            " to bring. Needed: 1 over the share of closed amounts won in twelve months."
        ),
    )
    parts = [Block(view, span=9)]
    if result.outlook.handover is not None:
        parts.append(Block(vintages.handover(result, lang), span=7))
    return Section(*parts, lang=lang)


def hierarchy(result: ForecastStudy, lang: Language) -> Section:
    """Regions by product line: totals that add up, what is locked, one node looked at closely."""
    found, order = result.outlook, lines(result)
    values = pd.Series(found.mean, index=list(found.nodes))
    rows = []
    for region in regions(result):
        cells = [float(values.get(f"{region}/{line}", np.nan)) for line in order]
        rows.append([region, *cells, float(values[region])])
    frame = pd.DataFrame(rows, columns=["node", *order, "total"])
    scale = one_unit(result, frame["total"], lang)
    columns_total = [float(values[line]) for line in order]
    whole = float(values.iloc[0])
    # columns add up as written; across, the last digit may be off by one
    for name, total in zip([*order, "total"], [*columns_total, whole], strict=True):
        frame[name] = closed(frame[name].fillna(0.0).to_numpy(float), total, scale)
    bounds = found.draws.sum(axis=2) + found.done.to_numpy()
    low, high = np.quantile(bounds, [0.1, 0.9], axis=0)
    frame["range"] = [
        f"{scale(low[found.tree.place(node)])}–{scale(high[found.tree.place(node)])}"
        for node in frame["node"]
    ]
    locked = {lock.node for lock in found.locks}
    label = result.scope.company.label
    view = TableView(
        frame.assign(
            node=[
                node_name(result, node, lang)
                + (lang.paren(lang.say("locked")) if node in locked else "")
                for node in frame["node"]
            ]
        ),
        [
            Col("node", lang.say("Region")),
            *(Col(line, str(label("product_line", line, lang)), "money") for line in order),
            Col("total", lang.say("All"), "money", bold=True),
            Col("range", lang.say("80% range")),
        ],
        lang=lang,
        title=_largest(result, frame, order, whole, lang),
        subtitle=lang.say(
            "{period}, expected, {unit}, {tax}",
            period=period(result, lang),
            unit=scale.unit,
            tax=tax(result, lang),
        ),
        caption=lang.say("Hierarchy"),
        total={
            "node": node_name(result, found.nodes[0], lang),
            **dict(zip(order, columns_total, strict=True)),
            "total": whole,
            "range": f"{scale(low[0])}–{scale(high[0])}",
        },
        currency=currency(result),
        scale=scale,
        max_rows=30,
        note=_lock_note(result, lang),
    )
    node = closer.node_of(result)
    blocks = [
        Block(view, span=10),
        Block(closer.months(result, node, lang), span=8),
        Block(_fan(result, node, one_unit(result, [_most(found, node)], lang), lang), span=4),
    ]
    made = result.answers.get("overrides")
    if made is None:
        return Section(*blocks, lang=lang)
    reading, entries = ledger.reading(made, lang), ledger.entries(result, made, lang)
    return Section(*blocks, Block(entries, span=12), lang=lang, reading=reading)


def _most(found: Outlook, node: str) -> float:
    """The best month shown of a node's history."""
    return float(found.history[node].tail(PAST).max())


def _largest(
    result: ForecastStudy, frame: pd.DataFrame, order: list[str], whole: float, lang: Language
) -> str:
    """Which cell of region and line brings most."""
    if frame.empty or not order or whole <= 0:
        return lang.say("{measure} by region and line", measure=measure_name(result, lang))
    values = frame[order].to_numpy(float)
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    most = float(values.max())
    return lang.say(
        "{node} brings most: {amount}, {share} of the total",
        node=node_name(result, f"{frame['node'].iloc[row]}/{order[column]}", lang),
        amount=money(result, most, lang),
        share=lang.percent(most / whole, decimals=0),
    )


def _lock_note(result: ForecastStudy, lang: Language) -> str:
    found = result.outlook
    assumed = ""
    if found.growth is not None:
        assumed = lang.say(
            "Assumed on top of the models: {entries}.", entries=growth.listed(result, lang)
        )
    return lang.sentences([_held(result, lang), assumed])


def _held(result: ForecastStudy, lang: Language) -> str:
    found = result.outlook
    if not found.locks:
        return lang.say("Every level adds up in every draw; nothing is locked.")
    return lang.say_n(
        "Every level adds up in every draw; {n} lock or override is held and changes the company"
        " by {change}.",
        "Every level adds up in every draw; {n} locks and overrides are held and change the"
        " company by {change}.",
        len(found.locks),
        change=lang.signed_money(held_change(result), currency=currency(result)),
    )


def risk(result: ForecastStudy, lang: Language) -> Section:
    """Chance of each node to miss its base target."""
    from workbench.charts import Measure, columns, interval_bars

    found = result.outlook
    table = result.answer("targets")
    base = table[table["tier"] == "base"].set_index("node")
    nodes = dict.fromkeys([found.nodes[0], *regions(result), *lines(result)])
    wanted = [node for node in nodes if node in base.index]
    rows = []
    for node in wanted:
        goal = float(base.loc[node, "target"])
        if goal <= 0:
            continue
        low, median, high = found.quantiles([0.1, 0.5, 0.9], node) / goal
        missed = 1 - float(base.loc[node, "probability"])
        rows.append((node, node_name(result, node, lang), median, low, high, missed))
    drawn = pd.DataFrame(rows, columns=["node", "label", "value", "low", "high", "missed"])
    drawn = drawn.sort_values("missed", ascending=False, ignore_index=True)
    drawn["note"] = [
        lang.say("missed: {chance}", chance=lang.probability(value)) for value in drawn["missed"]
    ]
    figure = interval_bars(
        drawn.drop(columns=["node", "missed"]),
        lang=lang,
        title=_risk_title(drawn, lang),
        subtitle=lang.say(
            "Total in % of the base target with its 80% range, {period}",
            period=period(result, lang),
        ),
        measure=Measure("share", decimals=0),
        reference=1.0,
        reference_label=lang.say("base"),
        join=False,
        width=columns(8),
    )
    return Section(Block(figure, span=8), lang=lang, note=_origin_note(table, lang))


def _risk_title(drawn: pd.DataFrame, lang: Language) -> str:
    if drawn.empty:
        return lang.say("Chance to miss base")
    first = drawn.iloc[0]
    if first["missed"] < 0.5:
        return lang.say("Every node is more likely than not to reach base")
    return lang.say(
        "{node} is most likely to miss base: {chance}",
        node=first["label"],
        chance=lang.probability(first["missed"]),
    )


def _origin_note(table: pd.DataFrame, lang: Language) -> str:
    origins = set(table.loc[table["tier"] == "base", "origin"])
    if origins == {"table"}:
        return ""
    if "table" in origins:
        return lang.say(
            "Nodes without a target of their own have their share of the company's, as last year."
        )
    return lang.say(
        "No target is set for these months: targets are grown from last year, and each node has"
        " the share it had then."
    )
