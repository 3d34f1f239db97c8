"""Figures of questions: one by one, or ahead of time, one statement for all that differ in days.

Planning a statement and reading its rows costs more than adding them up. Whoever knows what will
be asked (a page with its tiles, a study) says so first; the answers are remembered while the
company is open, and each question then finds its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from workbench.errors import BasisError, InputError
from workbench.kpis import currency, keep
from workbench.kpis.declare import TIME_CUTS, Definition
from workbench.kpis.periods import Span, fiscal, spans
from workbench.kpis.question import Question
from workbench.kpis.result import SUMS
from workbench.kpis.statement import QUESTION, Statement


@dataclass(frozen=True)
class Figures:
    """Figures of one question.

    Attributes
    ----------
    frame : pandas.DataFrame
        The cuts, value, numerator, denominator.
    currency : str
        Of the amounts, if there are any.
    sql : str
        The statement that gives them; "" where no part of the period is known.
    """

    frame: pd.DataFrame
    currency: str
    sql: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Where the figures of a question stand: the answer of a statement, first row, end."""

    answer: pd.DataFrame
    first: int | None = None
    end: int | None = None

    def of(self, by: Sequence[str]) -> pd.DataFrame:
        """A table of them that may be changed."""
        return self.answer[[*by, *SUMS]][self.first : self.end].reset_index(drop=True)


def figures(question: Question) -> Figures:
    """Figures of a question that has been checked.

    Raises
    ------
    BasisError
        If amounts of several currencies or of an unknown tax basis would be added.
    """
    code, standing_in = _settled(question)
    periods = _spans(question)
    if not periods:
        return Figures(_no_rows(question.by), code, "")
    asked = Statement(
        question.company,
        _definition(question),
        periods,
        question.by,
        question.as_of,
        standing_in,
    )
    key = _key(question)
    known = question.company.remembered
    if key not in known:
        known[key] = Rows(_run(asked, keep.kept(question.company, asked.needs())))
    return Figures(known[key].of(question.by), code, asked.sql())


def ahead(questions: Iterable[Question], others: Mapping[str, keep.Need] | None = None) -> None:
    """Answer questions that have been checked, for when they are asked; faults are told then.

    Parameters
    ----------
    others : mapping of str to Need
        What else will be read of populations, so that rows kept serve both.
    """
    groups: dict[Hashable, list[Question]] = {}
    for question in {(id(each.company), _key(each)): each for each in questions}.values():
        groups.setdefault(_group(question), []).append(question)
    _find_currencies([each[0] for each in groups.values()])
    shared = [found for each in groups.values() if (found := _shared(each))]
    needs = {name: [need] for name, need in (others or {}).items()}
    for _, statement in shared:
        for name, need in statement.needs().items():
            needs.setdefault(name, []).append(need)
    for asked, statement in shared:
        # What one statement alone reads need not be kept first.
        often = {name: _all(needs[name]) for name in statement.needs() if len(needs[name]) > 1}
        try:
            frame = _run(statement, keep.kept(statement.company, often))
        except (BasisError, InputError):
            continue
        _remember(asked, frame)


def _all(needs: Sequence[keep.Need]) -> keep.Need:
    whole = needs[0]
    for need in needs[1:]:
        whole |= need
    return whole


def _definition(question: Question) -> Definition:
    return question.kpi.definitions[question.definition]


def _settled(question: Question) -> tuple[str, dict[str, str]]:
    return currency.settle(question.company, _tables(question))


def _tables(question: Question) -> set[str]:
    definition = _definition(question)
    optional = (name for name in definition.optional if question.company.has(name))
    return {*definition.tables, *optional}


def _find_currencies(questions: Sequence[Question]) -> None:
    """Of all their tables at once; each question then finds those of its own."""
    for company in {id(each.company): each.company for each in questions}.values():
        currency.find(company, set().union(*map(_tables, questions)))


def _spans(question: Question) -> list[Span]:
    return spans(
        question.start,
        question.end,
        as_of=question.as_of,
        by=question.by,
        calendar=fiscal(question.company.settings),
    )


def _key(question: Question) -> Hashable:
    days = (question.start, question.end, question.as_of)
    return ("kpi", question.kpi.id, question.definition, *days, question.by)


def _no_rows(by: tuple[str, ...]) -> pd.DataFrame:
    columns = {cut: pd.Series(dtype="datetime64[us]" if cut in TIME_CUTS else "str") for cut in by}
    return pd.DataFrame({**columns, **{name: pd.Series(dtype="float64") for name in SUMS}})


def _run(statement: Statement, kept: dict[str, str]) -> pd.DataFrame:
    try:
        return statement.company.sql(replace(statement, kept=kept).sql(), money="float")
    except BasisError:
        raise
    except InputError as error:
        if currency.NO_RATE in str(error.do):
            raise BasisError(
                "amounts cannot be brought to one basis: a rate is missing",
                where=str(error.do),
                do="give a rate for each currency and day in exchange_rate",
            ) from error
        raise


# -- several at once ---------------------------------------------------------------------------


def _group(question: Question) -> Hashable:
    """What questions have in common that one statement can answer."""
    times = [cut for cut in question.by if cut in TIME_CUTS]
    # A time cut first or none: months of one question then stand beside the whole of another.
    free = not times or (len(times) == 1 and question.by[0] == times[0])
    by = tuple(cut for cut in question.by if cut not in TIME_CUTS) if free else question.by
    day = question.as_of if _definition(question).asks_the_day else None
    return (id(question.company), question.kpi.id, question.definition, by, free, day)


def _shared(questions: Sequence[Question]) -> tuple[list[Question], Statement] | None:
    """One statement for questions of a group, and those it answers: not what lies ahead."""
    first = questions[0]
    try:
        _, standing_in = _settled(first)
    except BasisError:
        return None
    periods = [(question, _spans(question)) for question in questions]
    asked = [(question, found) for question, found in periods if found]
    if not asked:
        return None
    numbered = [
        (
            number,
            replace(
                span, labels={cut: span.labels[cut] for cut in question.by if cut in TIME_CUTS}
            ),
        )
        for number, (question, found) in enumerate(asked)
        for span in found
    ]
    statement = Statement(
        first.company,
        _definition(first),
        [span for _, span in numbered],
        _cuts([question.by for question, _ in asked]),
        first.as_of,
        standing_in,
        questions=[number for number, _ in numbered],
    )
    return [question for question, _ in asked], statement


def _cuts(every: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Cuts of a statement that answers questions with these cuts."""
    longest = max(every, key=len)
    if all(by == longest for by in every):
        return (QUESTION, *longest)
    times = [cut for cut in TIME_CUTS if any(cut in by for by in every)]
    return (QUESTION, *times, *(cut for cut in longest if cut not in TIME_CUTS))


def _remember(questions: Sequence[Question], frame: pd.DataFrame) -> None:
    numbers = np.arange(len(questions) + 1)
    ends = frame[QUESTION].to_numpy().searchsorted(numbers)
    for question, first, end in zip(questions, ends[:-1], ends[1:], strict=True):
        # The whole of no rows is one row, which only its own statement gives.
        if first < end or question.by:
            question.company.remembered[_key(question)] = Rows(frame, int(first), int(end))
