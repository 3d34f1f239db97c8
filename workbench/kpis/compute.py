"""`kpi`: any KPI of the dictionary over any period and cut."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.company import Company
from workbench.errors import BasisError, MissingTableError, ParameterError
from workbench.kpis import figures, growth, places, targets
from workbench.kpis.declare import Definition, Kpi
from workbench.kpis.keep import columns_of
from workbench.kpis.own import dictionary_of
from workbench.kpis.periods import Span, day
from workbench.kpis.question import Question
from workbench.kpis.result import SUMS, KpiResult

MONEY_UNITS = ("money", "money_per_person")


def kpi(
    company: Company,
    kpi_id: str,
    *,
    start: dt.date | str,
    end: dt.date | str,
    by: str | Sequence[str] = (),
    definition: int | None = None,
    as_of: dt.date | str | None = None,
    of: str | None = None,
    tier: str = "base",
) -> KpiResult:
    """Compute a KPI over a period, whole or by cuts.

    Parameters
    ----------
    company : Company
        Its view of the organisation decides region, team and rep of every row.
    kpi_id : str
        A KPI of the dictionary or of the company's own.
    start, end : date
        First and last day.
    by : str or sequence of str
        Cuts; times follow the fiscal calendar and closing day.
    definition : int, optional
        Which of the definitions; by default the company's choice, else the first.
    as_of : date, optional
        Last day seen: later rows are ignored, and states are as on this day. By default the
        end of the period, or the last day of the data if that is earlier; the last day of the
        data for definitions that follow what began in the period (win rate of a cohort).
    of : str, optional
        The KPI that growth or attainment is about; revenue net of VAT by default.
    tier : {"floor", "base", "stretch"}
        Which target, for attainment, pace and coverage.

    Returns
    -------
    KpiResult

    Raises
    ------
    ParameterError
        If the KPI, definition, cut or tier does not exist or does not go with the others.
    MissingTableError
        If the company lacks a table that it needs.
    BasisError
        If amounts of several currencies or of an unknown tax basis would be added.
    """
    return answer(
        _question(
            company,
            Ask(kpi_id, start, end, by=by, definition=definition, as_of=as_of, of=of, tier=tier),
        )
    )


@dataclass(frozen=True)
class Ask:
    """What `kpi` is asked, for `ask_ahead`; the attributes are its arguments."""

    kpi_id: str
    start: dt.date | str
    end: dt.date | str
    by: str | Sequence[str] = ()
    definition: int | None = None
    as_of: dt.date | str | None = None
    of: str | None = None
    tier: str = "base"


def ask_ahead(
    company: Company, asks: Iterable[Ask], rows: Mapping[str, Sequence[str]] | None = None
) -> None:
    """Find the figures of all these at once, before `kpi` is asked for each.

    One statement answers all questions about a KPI that differ only in their days, months beside
    whole periods included. `kpi` then gives the same results as without, sooner; what cannot be
    answered is told when it is asked.

    Parameters
    ----------
    rows : mapping of str to sequence of str
        Columns that `rows_of` will be asked for, by population.
    """
    questions: list[Question] = []
    for ask in asks:
        with suppress(BasisError, MissingTableError, ParameterError):
            question = _question(company, ask)
            _check(question)
            derived = _definition_of(question).derived
            questions += ASKS[derived](question) if derived else [question]
    figures.ahead(questions, {name: columns_of(each) for name, each in (rows or {}).items()})


def kpi_many(
    company: Company,
    ids: Sequence[str],
    *,
    start: dt.date | str,
    end: dt.date | str,
    by: str | Sequence[str] = (),
    as_of: dt.date | str | None = None,
    tier: str = "base",
    missing: Literal["raise", "skip"] = "raise",
) -> dict[str, KpiResult]:
    """Compute several KPIs of the same period, as for the tiles of a page.

    Parameters
    ----------
    ids : sequence of str
        KPIs; ``"yoy_growth:bookings"`` is growth of bookings.
    missing : {"raise", "skip"}
        What to do where the company lacks a table: raise, or leave the KPI out.

    Returns
    -------
    dict of str to KpiResult
        By the ids given, in their order.
    """
    found = {}
    for each in ids:
        kpi_id, _, of = each.partition(":")
        try:
            found[each] = kpi(
                company, kpi_id, start=start, end=end, by=by, as_of=as_of, of=of or None, tier=tier
            )
        except MissingTableError:
            if missing == "raise":
                raise
    return found


def answer(question: Question) -> KpiResult:
    """Answer a question whose names have been looked up."""
    _check(question)
    definition = _definition_of(question)
    if definition.derived:
        return DERIVED[definition.derived](question, answer)
    return _count(question, definition)


DERIVED = {
    "growth_on_year": growth.on_year,
    "growth_on_previous": growth.on_previous,
    "attainment": targets.attainment,
    "pacing_gap": targets.pacing_gap,
    "coverage": targets.coverage,
}

# What these will ask, as far as it is known beforehand.
ASKS = {
    "growth_on_year": growth.asks,
    "growth_on_previous": growth.asks,
    "attainment": targets.asks,
    "pacing_gap": targets.asks,
    "coverage": targets.asks,
}


def _compares(asked: Kpi) -> bool:
    kinds = {definition.derived for definition in asked.definitions.values()}
    return bool(kinds & {"growth_on_year", "growth_on_previous", "attainment", "pacing_gap"})


def _count(question: Question, definition: Definition) -> KpiResult:
    found = figures.figures(question)
    frame = found.frame
    if question.by:  # a cut that was asked for has the cells that have rows
        empty = np.logical_and.reduce([np.isnan(frame[each].to_numpy()) for each in SUMS])
        frame = frame[~empty].reset_index(drop=True) if empty.any() else frame
    return question.result(
        frame,
        currency=found.currency if question.kpi.unit in MONEY_UNITS else None,
        left_out=tuple(name for name in definition.optional if not question.company.has(name)),
        sql=found.sql,
    )


def _question(company: Company, ask: Ask) -> Question:
    known = dictionary_of(company)
    asked = _find(known, ask.kpi_id)
    number = _definition(asked, ask.definition)
    end = day(ask.end, "end")
    return Question(
        company=company,
        kpi=asked,
        definition=number,
        start=day(ask.start, "start"),
        end=end,
        as_of=_as_of(company, asked.definitions[number], end, ask.as_of),
        by=(ask.by,) if isinstance(ask.by, str) else tuple(ask.by),
        of=_find(known, ask.of or "revenue_net") if _compares(asked) else None,
        tier=ask.tier,
    )


def _definition_of(question: Question) -> Definition:
    return question.kpi.definitions[question.definition]


# -- checks ------------------------------------------------------------------------------------


def _check(question: Question) -> None:
    definition = _definition_of(question)
    _check_cuts(question, definition)
    question.company.require(*definition.tables)
    for rows in (part.population for part in definition.all_parts):
        question.company.require(*places.tables(rows, question.by))
        _check_settings(question, rows.settings)


def _find(known: Mapping[str, Kpi], kpi_id: str) -> Kpi:
    if kpi_id in known:
        return known[kpi_id]
    near = difflib.get_close_matches(kpi_id, known, n=3)
    raise ParameterError(
        f"there is no KPI {kpi_id!r}",
        where=f"kpi_id={kpi_id!r}",
        do=f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(known)}",
    )


def _definition(asked: Kpi, number: int | None) -> int:
    chosen = asked.default if number is None else number
    if chosen not in asked.definitions:
        there = "; ".join(f"{n}: {d.formulas[0]}" for n, d in asked.definitions.items())
        raise ParameterError(
            f"{asked.id} has no definition {chosen}", where=f"definition={chosen}", do=there
        )
    return chosen


def _as_of(
    company: Company, definition: Definition, end: dt.date, as_of: dt.date | str | None
) -> dt.date:
    if as_of is not None:
        return day(as_of, "as_of")
    return company.data_as_of if definition.followed else min(end, company.data_as_of)


def _check_cuts(question: Question, definition: Definition) -> None:
    allowed = definition.cuts
    if question.of is not None and not allowed:
        allowed = question.of.definitions[question.of.default].cuts
    elif question.of is not None:
        allowed = tuple(
            cut for cut in allowed if cut in question.of.definitions[question.of.default].cuts
        )
    wrong = [cut for cut in question.by if cut not in allowed]
    if wrong or len(set(question.by)) < len(question.by):
        what = f"cannot be cut by {wrong[0]!r}" if wrong else "is cut twice by the same"
        raise ParameterError(
            f"{question.kpi.id} {what}",
            where=f"by={question.by}",
            do=f"use some of {', '.join(allowed)}",
        )


def _check_settings(question: Question, settings: Sequence[str]) -> None:
    for name in settings:
        if not getattr(question.company.settings, name):
            raise ParameterError(
                f"{question.kpi.id} needs the setting {name!r}",
                where="company.yaml",
                do=f"write the {name} of the company, in order, into company.yaml",
            )


__all__ = ["Ask", "Span", "answer", "ask_ahead", "kpi", "kpi_many"]
