"""Settle a plan: credit lines, quotas and people in, a statement out.

What is closed stays as it was paid: `correct` posts what later facts change in the next open month.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.errors import InputError
from workbench.pay.book import Book
from workbench.pay.closing import Closing, kept_rules, posted
from workbench.pay.earnings import earned
from workbench.pay.exceptions import Exceptions, stakes_of
from workbench.pay.payment import paid
from workbench.pay.plan import Plan
from workbench.pay.quotas import read_quotas
from workbench.pay.reading import read_lines
from workbench.pay.staff import plan_months, staff_of
from workbench.pay.statement import Given, Statement
from workbench.text import later


def pay(
    plan: Plan,
    credits: Any,
    quotas: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    *,
    scores: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
    closing: pd.DataFrame | None = None,
    closed: str | None = None,
) -> Statement:
    """Settle a plan for all its people and months.

    Parameters
    ----------
    plan : Plan
    credits : DataFrame, pyarrow.Table, or an iterable of them
        Credit lines: line_id, rep_id, date, the columns that measures name (amount ...); optional:
        event, currency, share, split_type, corrects. Money in currency units.
    quotas : DataFrame, optional
        rep_id, quota (name; else that of the measure), period_start, period_end, value.
    people : DataFrame, optional
        As the table `rep`. Without it, the people are those of the credit lines, without roles.
    scores : DataFrame, optional
        node (rep_id, team_id or anything for the company), name, date, value.
    absences : DataFrame, optional
        rep_id, start, end: days of leave.
    closing : DataFrame, optional
        What closed months posted, as `Statement.closing` gave it when they were closed.
    closed : str, optional
        Last month that is paid and closed, such as "2026-06".

    Returns
    -------
    Statement

    Raises
    ------
    InputError
        If a table lacks a column, or amounts cannot be read or added exactly.
    """
    given = Given(plan, credits, quotas, people, scores, absences)
    statement = _settled(given)
    if closing is not None:
        statement = _after(statement, Closing.read(closing, statement.book))
    return statement.with_closed(closed) if closed is not None else statement


def correct(
    previous: Statement,
    *,
    plan: Plan | None = None,
    credits: Any = None,
    quotas: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    scores: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
    closed: str | None = None,
) -> Statement:
    """Settle anew with later facts; months that were closed keep what they paid.

    Each table handed in replaces the former one whole. What it changes of closed months is posted
    as a correction in the first open month, or apart (`Statement.after`) if none is open.

    Parameters
    ----------
    previous : Statement
        With its closed months.
    plan : Plan, optional
        With other rates, say, that hold from the beginning.
    closed : str, optional
        Last closed month from now on.

    Raises
    ------
    InputError
        If a month that was closed is to be opened, or somebody who was paid, or a component that
        paid, is no longer there.
    """
    was = previous.given
    given = Given(
        was.plan if plan is None else plan,
        was.credits if credits is None else credits,
        was.quotas if quotas is None else quotas,
        was.people if people is None else people,
        was.scores if scores is None else scores,
        was.absences if absences is None else absences,
    )
    fresh = _settled(given)
    if fresh.book.months.names != previous.book.months.names:
        raise InputError(
            later("a correction is of the same plan year"),
            where=later(
                "{first} and {second}",
                first=fresh.book.months.names[0],
                second=previous.book.months.names[0],
            ),
            do=later("settle another year with pay()"),
        )
    statement = _after(fresh, Closing.of(previous))
    return statement.with_closed(closed) if closed is not None else statement


def _after(fresh: Statement, closing: Closing) -> Statement:
    """What closed months posted stays; what changes is posted after them."""
    found = posted(closing, fresh.book, fresh.earned)
    rules = kept_rules(closing, fresh.book, paid(fresh.book, found.posted))
    last = len(closing.months) - 1
    return Statement(
        fresh.given,
        fresh.book,
        fresh.earned,
        found.posted,
        found.corrections,
        found.after,
        rules,
        last,
    )


def _settled(given: Given) -> Statement:
    plan = given.plan
    months = plan_months(plan)
    exceptions = Exceptions()
    staff = staff_of(_people(given), plan, months, given.absences)
    quotas = read_quotas(given.quotas, plan, staff, months)
    stakes = stakes_of(plan, staff, quotas)
    lines = read_lines(given.credits, plan, staff, months, stakes, exceptions)
    book = Book(plan, months, staff, lines, quotas, given.scores, exceptions)
    earnings = {name: earned(book, name) for name in plan.components}
    book.let_go()
    totals = {name: each.total for name, each in earnings.items()}
    return Statement(given, book, earnings, totals, {}, {}, paid(book, totals), -1)


def _people(given: Given) -> pd.DataFrame:
    if given.people is not None:
        return given.people
    if not isinstance(given.credits, pd.DataFrame):
        raise InputError(later("people are needed where credit lines come in chunks"))
    if "rep_id" not in given.credits:
        raise InputError(
            later("credit lines lack the column {column}", column="rep_id"),
            do=later("add it, or name another column in the plan's measures"),
        )
    return pd.DataFrame({"rep_id": sorted(given.credits["rep_id"].dropna().astype(str).unique())})
