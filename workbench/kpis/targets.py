"""KPIs that need a target: attainment, pace gap, pipeline coverage.

A target is the sum of the rows that lie in the period at one level (company, region, team, rep,
channel), of the finest grain that fills it: a year written as months and again as quarters is not
counted twice. Where rows are missing for a part of the period there is no target, but for reps,
who come and go. Targets of rates are not added up.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from workbench.calendars import WorkingCalendar, same_period
from workbench.errors import BasisError, ParameterError
from workbench.kpis.declare import ORGANISATION_CUTS, Kpi
from workbench.kpis.own import dictionary_of
from workbench.kpis.periods import Span, fiscal, spans
from workbench.kpis.question import Answer, Question
from workbench.kpis.result import KpiResult, ordered, ratio, times_of
from workbench.tables import table

LEVELS = {"region": "region", "team_id": "team", "rep_id": "rep", "channel": "channel"}
GRAINS = (31, 92, 184, 366)
"""Longest days of a month, quarter, half-year and year."""
YEARS_OF_SEASON = 3


def asks(question: Question) -> list[Question]:
    """The actual that is set against the target; for coverage it is known only later."""
    of = question.of
    if of is None:
        return []
    derived = question.kpi.definitions[question.definition].derived
    return [(_of_year(question) if derived == "attainment" else question).about(of)]


def attainment(question: Question, answer: Answer) -> KpiResult:
    """Actual over target: of the period, of the year so far over the whole year, or to date."""
    pairs, actual = _against_target(_of_year(question), answer)
    return _result(question, pairs.assign(value=ratio(pairs)), actual)


def _of_year(question: Question) -> Question:
    if question.definition not in (2, 3):
        return question
    year = fiscal(question.company.settings).period(question.seen, by="year")
    end = year.end if question.definition == 2 else question.seen
    return replace(question, start=year.start, end=end)


def pacing_gap(question: Question, answer: Answer) -> KpiResult:
    """Share of the target reached less share of the period elapsed; the table has `elapsed` too."""
    pairs, actual = _against_target(question, answer)
    if question.definition == 2:
        elapsed = _season(question, answer)
    else:
        elapsed = WorkingCalendar().elapsed_share(question.start, question.end, on=question.as_of)
    pairs = pairs.assign(elapsed=elapsed)
    return _result(question, pairs.assign(value=ratio(pairs) - elapsed), actual)


def coverage(question: Question, answer: Answer) -> KpiResult:
    """Open deals expected in the period over the target still open, or over the whole target."""
    known = dictionary_of(question.company)
    booked = replace(question, of=known["bookings"])
    pairs, signed = _against_target(booked, answer)
    expected = answer(question.about(known["open_pipeline"], definition=2))
    _same_basis(expected, signed)
    left = pairs["denominator"]
    if question.definition == 1:
        left = left - pairs["numerator"].fillna(0)
    cells = pairs.assign(denominator=left).drop(columns="numerator")
    cuts = list(question.by)
    upper = expected.frame[[*cuts, "value"]].rename(columns={"value": "numerator"})
    joined = cells.merge(upper, on=cuts, how="outer") if cuts else cells.join(upper)
    joined["numerator"] = joined["numerator"].fillna(0)
    return _result(question, joined.assign(value=ratio(joined)), expected)


def _result(question: Question, frame: pd.DataFrame, actual: KpiResult) -> KpiResult:
    return question.result(
        ordered(frame, question.by),
        currency=actual.currency,
        left_out=actual.left_out,
        sql=actual.sql,
        tier=question.tier,
    )


# -- targets -----------------------------------------------------------------------------------


def _against_target(question: Question, answer: Answer) -> tuple[pd.DataFrame, KpiResult]:
    """Actual as numerator and target as denominator, by the cuts of the question."""
    of = question.of
    assert of is not None
    actual = answer(question.about(of))
    planned = _planned(question, of, actual)
    cuts = list(question.by)
    done = actual.frame[[*cuts, "value"]].rename(columns={"value": "numerator"})
    if not cuts:
        return done.assign(denominator=planned["target"].sum(min_count=1)), actual
    joined = done.merge(planned.rename(columns={"target": "denominator"}), on=cuts, how="outer")
    if not of.definitions[of.default].is_ratio:  # nothing sold against a target is zero, not none
        known = joined["denominator"].notna()
        joined.loc[known, "numerator"] = joined.loc[known, "numerator"].fillna(0)
    return joined, actual


def _planned(question: Question, of: Kpi, actual: KpiResult) -> pd.DataFrame:
    """Targets by the cuts: the cuts, target."""
    level, rows = _rows(question, of)
    _check_basis(question, of, actual, rows)
    periods = _spans(question)
    planned = _tiled(rows, periods, partial=level == "rep", single=_is_rate(of))
    for cut in times_of(question.by):
        labels = pd.DatetimeIndex([span.labels[cut] for span in periods])
        planned[cut] = labels[planned["span"]]
    names = {"node": next((cut for cut in question.by if cut in LEVELS), "node")}
    planned = planned.rename(columns=names)
    return planned[[*question.by, "target"]]


def _is_rate(of: Kpi) -> bool:
    return of.definitions[of.default].is_ratio


def _spans(question: Question) -> list[Span]:
    # A target holds for the whole period, so periods that are not over count in full.
    return spans(
        question.start,
        question.end,
        as_of=question.as_of,
        by=question.by,
        calendar=fiscal(question.company.settings),
    )


def _rows(question: Question, of: Kpi) -> tuple[str, pd.DataFrame]:
    """Level, and its rows of the tier that lie in the period."""
    _check_tier(question.tier)
    levels = [LEVELS[cut] for cut in question.by if cut in LEVELS]
    if len(levels) > 1:
        raise ParameterError(
            f"{question.kpi.id} has targets of one level at a time",
            where=f"by={question.by}",
            do=f"keep one of {', '.join(ORGANISATION_CUTS)} and channel",
        )
    level = levels[0] if levels else "company"
    by_line = "product_line" in question.by
    lines = "product_line <> 'all'" if by_line else "product_line = 'all'"
    rows = _read(question, of, level, lines)
    if by_line and level == "company" and rows.empty:
        rows = _read(question, of, "product_line", "true")
        rows["product_line"] = rows["node"]
    return level, rows


def _read(question: Question, of: Kpi, level: str, lines: str) -> pd.DataFrame:
    rows = question.company.sql_once(
        f"""select node, product_line, period_start, period_end, value, currency, tax_basis
        from target where kpi_id = ? and level = ? and tier = ? and {lines}
        order by node, product_line, period_start, period_end""",
        [of.id, level, question.tier],
        money="float",
    )
    start, end = pd.Timestamp(question.start), pd.Timestamp(question.end)
    inside = (rows["period_start"] >= start) & (rows["period_end"] <= end)
    return rows[inside].reset_index(drop=True)


def _tiled(
    rows: pd.DataFrame, periods: Sequence[Span], *, partial: bool, single: bool
) -> pd.DataFrame:
    """Target of each node and line over each span: span (its place), node, product_line, target.

    `partial` lets a node have rows for a part of a span; `single` wants one row for the whole.
    """
    first, last = (
        np.array([getattr(span, end) for span in periods], "datetime64[D]")
        for end in ("first", "last")
    )
    starts, ends = (
        rows[column].to_numpy().astype("datetime64[D]") for column in ("period_start", "period_end")
    )
    place = first.searchsorted(starts, side="right") - 1  # spans follow each other
    inside = (place >= 0) & (ends <= last[place])
    days = (ends - starts).astype("int64") + 1
    grain = np.searchsorted(GRAINS, days)
    length = (last - first).astype("int64") + 1
    cells: dict[tuple[int, str, str], dict[int, list[int]]] = {}
    names = list(zip(rows["node"].to_list(), rows["product_line"].to_list(), strict=True))
    for number in np.flatnonzero(inside & rows["node"].notna() & rows["product_line"].notna()):
        by_grain = cells.setdefault((int(place[number]), *names[number]), {})
        by_grain.setdefault(int(grain[number]), []).append(int(number))
    values, found = rows["value"].to_numpy(), []
    for key in sorted(cells):
        choices = []
        for size, numbers in cells[key].items():
            short = int(days[numbers].sum()) != length[key[0]]
            if (len(numbers) == 1 and not short) if single else (partial or not short):
                choices.append((short, size, math.fsum(values[numbers])))
        if choices:
            found.append((*key, min(choices)[2]))
    places, nodes, lines, targets = zip(*found, strict=True) if found else ((), (), (), ())
    return pd.DataFrame(
        {
            "span": np.array(places, dtype="int64"),
            "node": pd.array(nodes, dtype="str"),
            "product_line": pd.array(lines, dtype="str"),
            "target": np.array(targets, dtype="float64"),
        }
    )


def _check_tier(tier: str) -> None:
    choices = table("target").column("tier").choices
    if tier not in choices:
        raise ParameterError(
            f"there is no tier {tier!r}", where=f"tier={tier!r}", do=f"use {', '.join(choices)}"
        )


def _check_basis(question: Question, of: Kpi, actual: KpiResult, rows: pd.DataFrame) -> None:
    if actual.currency is None or rows.empty:
        return
    currencies, bases = set(rows["currency"]), set(rows["tax_basis"])
    if currencies != {actual.currency} or bases != {of.tax_basis}:
        raise BasisError(
            f"the target of {of.id} has another basis than the actual",
            where=f"target: {_listed(currencies)} {_listed(bases)};"
            f" actual: {actual.currency} {of.tax_basis}",
            do=f"restate the target in {actual.currency} {of.tax_basis}",
        )


def _listed(values: Sequence[object] | set[object]) -> str:
    return ", ".join(sorted(str(value) for value in values))


def _same_basis(one: KpiResult, other: KpiResult) -> None:
    if (one.currency, one.tax_basis) != (other.currency, other.tax_basis):
        raise BasisError(
            f"{one.kpi.id} and {other.kpi.id} have different bases",
            where=f"{one.currency} {one.tax_basis}; {other.currency} {other.tax_basis}",
            do="add exchange rates, so that both are in the base currency",
        )


# -- season ------------------------------------------------------------------------------------


def _season(question: Question, answer: Answer) -> float:
    """Share of the period that earlier years had reached by the same day; whole company."""
    of = question.of
    assert of is not None
    reached = total = 0.0
    for years in range(1, YEARS_OF_SEASON + 1):
        first, end, seen = (
            _back(day, years) for day in (question.start, question.end, question.seen)
        )
        months = answer(question.about(of, start=first, end=end, as_of=end, by=("month",))).frame
        if len(months) < len(fiscal(question.company.settings).periods(first, end, by="month")):
            continue  # the data do not reach back over that whole period
        upto = answer(question.about(of, start=first, end=seen, as_of=seen, by=()))
        reached += upto.value
        total += float(months["value"].sum())
    return reached / total if total > 0 else float("nan")


def _back(day: dt.date, years: int) -> dt.date:
    return same_period(day, day, years=-years)[0]
