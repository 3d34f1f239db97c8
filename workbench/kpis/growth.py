"""Growth of a KPI: on the same period a year ago, and on the period before.

Three comparisons with a year ago: plain (January and February read together), per working day, and
with the year before restated on this year's New Year. A base of zero or less gives no rate.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from workbench.calendars import WorkingCalendar, aligned_parts, same_period
from workbench.errors import ParameterError
from workbench.kpis.declare import Kpi
from workbench.kpis.periods import FINEST, Span, fiscal, previous, spans
from workbench.kpis.question import Answer, Question
from workbench.kpis.result import KpiResult, ordered, ratio, times_of

PLAIN, PER_WORKING_DAY, ALIGNED = 1, 2, 3
ADDITIVE = ("money", "count")
"""Units of KPIs whose periods can be added up."""


def asks(question: Question) -> list[Question]:
    """What growth compares, as far as it is known beforehand."""
    of = _amount(question, additive=False)
    now = question.about(of)
    on_year = question.kpi.definitions[question.definition].derived == "growth_on_year"
    return [now, _year_ago(question, of)] if on_year else [now]


def on_year(question: Question, answer: Answer) -> KpiResult:
    """Growth on the same period a year ago.

    The numerator is the value of the period, the denominator the value it is compared with:
    both per working day in definition 2, the latter restated in definition 3.

    Raises
    ------
    ParameterError
        If the KPI compared is a rate, or (but for definition 1) cannot be added up.
    """
    of = _amount(question, additive=question.definition != PLAIN)
    now = answer(question.about(of))
    if question.definition == ALIGNED:
        pairs = _aligned(question, answer, now)
    else:
        pairs = _paired(question, now, answer(_year_ago(question, of)))
        if question.definition == PER_WORKING_DAY:
            pairs = _per_working_day(question, pairs)
        else:
            pairs = _two_months_together(question, pairs)
    return _grown(question, now, pairs)


def on_previous(question: Question, answer: Answer) -> KpiResult:
    """Growth on the period before: as long, or the month, quarter or year before each.

    Cut by time, only whole periods that are over have a rate.
    """
    of = _amount(question, additive=False)
    now = answer(question.about(of))
    calendar = fiscal(question.company.settings)
    before, last = previous(question.start, question.seen, calendar)
    times = times_of(question.by)
    if not times:
        then = answer(question.about(of, start=before, end=last, as_of=last))
        return _grown(question, now, _joined(question.by, now.frame, then.frame))
    finest = next(cut for cut in FINEST if cut in times)
    start = calendar.period(question.start, by=finest).start
    start = calendar.period(start - dt.timedelta(days=1), by=finest).start
    then = answer(question.about(of, start=start, end=question.seen))
    whole = [span for span in _spans(question) if _is_whole(span, finest, question)]
    following = {_before(span, finest, question): span for span in whole}
    frame = then.frame[then.frame[finest].isin([pd.Timestamp(day) for day in following])].copy()
    labels = {pd.Timestamp(day): span.labels for day, span in following.items()}
    for cut in [*(cut for cut in times if cut != finest), finest]:
        frame[cut] = frame[finest].map(lambda day, cut=cut: pd.Timestamp(labels[day][cut]))
    return _grown(question, now, _joined(question.by, now.frame, frame))


def _grown(question: Question, now: KpiResult, pairs: pd.DataFrame) -> KpiResult:
    frame = pairs.assign(value=ratio(pairs, less=1.0))
    return question.result(
        ordered(frame, question.by), currency=now.currency, left_out=now.left_out, sql=now.sql
    )


def _amount(question: Question, *, additive: bool) -> Kpi:
    of = question.of
    assert of is not None
    allowed = of.unit in ADDITIVE if additive else of.unit not in ("rate", "points")
    if not allowed:
        raise ParameterError(
            f"growth of {of.id} has no meaning here: its unit is {of.unit}",
            where=f"of={of.id!r}, definition={question.definition}",
            do="show the change of a rate in points; by working days compare amounts and counts",
        )
    return of


def _joined(by: Sequence[str], now: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Values of both as numerator and denominator; cells of either."""
    cuts = list(by)
    upper = now[[*cuts, "value"]].rename(columns={"value": "numerator"})
    lower = then[[*cuts, "value"]].rename(columns={"value": "denominator"})
    if not cuts:
        return pd.concat([upper, lower], axis=1)
    return upper.merge(lower, on=cuts, how="outer")


# -- a year ago --------------------------------------------------------------------------------


def _year_ago(question: Question, of: Kpi) -> Question:
    start, end = same_period(question.start, question.end)
    as_of = same_period(question.as_of, question.as_of)[1]
    return question.about(of, start=start, end=end, as_of=min(end, as_of))


def _paired(question: Question, now: KpiResult, then: KpiResult) -> pd.DataFrame:
    frame = then.frame.copy()
    for cut in times_of(question.by):
        frame[cut] = frame[cut] + pd.DateOffset(years=1)
    return _joined(question.by, now.frame, frame)


def _spans(question: Question) -> list[Span]:
    return spans(
        question.start,
        question.end,
        as_of=question.as_of,
        by=question.by,
        calendar=fiscal(question.company.settings),
    )


def _per_working_day(question: Question, pairs: pd.DataFrame) -> pd.DataFrame:
    calendar = WorkingCalendar()
    rows = []
    for span in _spans(question):
        ago = same_period(span.first, span.seen)
        days = (calendar.working_days(span.first, span.seen), calendar.working_days(*ago))
        rows.append({**_labels(span, question), "days": days[0], "days_ago": days[1]})
    times = times_of(question.by)
    counted = pd.DataFrame(rows)
    joined = pairs.merge(counted, on=times) if times else pairs.merge(counted, how="cross")
    for column, count in (("numerator", "days"), ("denominator", "days_ago")):
        joined[column] = joined[column] / joined[count].where(joined[count] > 0)
    return joined.drop(columns=["days", "days_ago"])


def _labels(span: Span, question: Question) -> dict[str, pd.Timestamp]:
    return {cut: pd.Timestamp(span.labels[cut]) for cut in times_of(question.by)}


def _aligned(question: Question, answer: Answer, now: KpiResult) -> pd.DataFrame:
    """The year before restated: each part's amount by working days here over those there."""
    calendar = WorkingCalendar()
    cuts = [cut for cut in question.by if cut not in FINEST]
    assert question.of is not None
    restated = []
    for span in _spans(question):
        for part in aligned_parts(span.first, span.seen):
            there = calendar.working_days(part.other_start, part.other_end)
            here = calendar.working_days(part.start, part.end)
            then = answer(
                question.about(
                    question.of,
                    start=part.other_start,
                    end=part.other_end,
                    as_of=part.other_end,
                    by=tuple(cuts),
                )
            ).frame
            factor = here / there if there else float("nan")
            restated.append(then.assign(value=then["value"] * factor, **_labels(span, question)))
    whole = pd.concat(restated, ignore_index=True)
    keys = list(question.by)
    if not keys:
        total = pd.DataFrame({"value": [whole["value"].sum(min_count=1)]})
        return _joined(keys, now.frame, total)
    sums = whole.groupby(keys, dropna=False)["value"].sum(min_count=1).reset_index()
    return _joined(keys, now.frame, sums)


def _two_months_together(question: Question, pairs: pd.DataFrame) -> pd.DataFrame:
    """January and February each with the sums of both; neither has a rate of its own."""
    both = (1, 2)
    calendar = fiscal(question.company.settings)
    months = calendar.periods(question.start, question.seen, by="month")
    whole = {
        (month.year, month.number)
        for month in months
        if question.start <= month.start and month.end <= question.seen
    }
    if "month" not in question.by:
        alone = {month.number for month in months} <= set(both)
        if alone and not all((months[0].year, number) in whole for number in both):
            return pairs.assign(denominator=float("nan"))
        return pairs
    sums = ["numerator", "denominator"]
    in_both = pairs["month"].dt.month.isin(both)
    pairs = pairs.assign(of_year=pairs["month"].dt.year)
    keys = ["of_year", *(cut for cut in question.by if cut not in FINEST)]
    together = pairs[in_both].groupby(keys, dropna=False)[sums].transform("sum", min_count=1)
    pairs.loc[in_both, sums] = together
    lone = in_both & ~pairs["of_year"].map(lambda y: all((y, n) in whole for n in both))
    pairs.loc[lone, "denominator"] = float("nan")
    return pairs.drop(columns="of_year")


# -- the period before -------------------------------------------------------------------------


def _is_whole(span: Span, kind: str, question: Question) -> bool:
    period = fiscal(question.company.settings).period(span.last, by=kind)
    return (span.first, span.seen) == (period.start, period.end)


def _before(span: Span, kind: str, question: Question) -> dt.date:
    """Label of the period before a span."""
    calendar = fiscal(question.company.settings)
    period = calendar.period(span.first - dt.timedelta(days=1), by=kind)
    one = spans(period.start, period.end, as_of=period.end, by=(kind,), calendar=calendar)
    return one[0].labels[kind]
