"""Settle a plan: credit lines, quotas and people in, a statement out.

What is closed stays as it was paid: `correct` posts what later facts change in the next open month.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import InputError
from workbench.pay.book import Book
from workbench.pay.earnings import earned
from workbench.pay.exactly import Ints
from workbench.pay.exceptions import Exceptions, stakes_of
from workbench.pay.payment import Paid, paid
from workbench.pay.plan import Plan
from workbench.pay.quotas import read_quotas
from workbench.pay.reading import read_lines
from workbench.pay.staff import Staff, plan_months, staff_of
from workbench.pay.statement import Given, Statement


def pay(
    plan: Plan,
    credits: Any,
    quotas: pd.DataFrame | None = None,
    people: pd.DataFrame | None = None,
    *,
    scores: pd.DataFrame | None = None,
    absences: pd.DataFrame | None = None,
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
    return statement.with_closed(closed) if closed is not None else statement


def correct(
    previous: Statement,
    *,
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
    closed : str, optional
        Last closed month from now on.

    Raises
    ------
    InputError
        If a month that was closed is to be opened, or somebody who was paid is no longer there.
    """
    was = previous.given
    given = Given(
        was.plan,
        was.credits if credits is None else credits,
        was.quotas if quotas is None else quotas,
        was.people if people is None else people,
        was.scores if scores is None else scores,
        was.absences if absences is None else absences,
    )
    fresh = _settled(given)
    posted, corrections, after = _posted(previous, fresh)
    rules = _kept_rules(previous, fresh, paid(fresh.book, posted))
    statement = Statement(
        given, fresh.book, fresh.earned, posted, corrections, after, rules, previous.closed
    )
    return statement.with_closed(closed) if closed is not None else statement


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
        raise InputError("people are needed where credit lines come in chunks")
    return pd.DataFrame({"rep_id": sorted(given.credits["rep_id"].dropna().astype(str).unique())})


def _posted(
    previous: Statement, fresh: Statement
) -> tuple[dict[str, Ints], dict[str, Ints], dict[str, Ints]]:
    """Earnings as they are posted: closed months as before, differences in the next one."""
    place = _places(previous.book.staff, fresh.book.staff)
    last = previous.closed + 1
    posted, corrections, after = {}, {}, {}
    for name, each in fresh.earned.items():
        result = each.total.copy()
        old = np.zeros_like(result)
        if name in previous.posted:
            old[place] = previous.posted[name]
        older = np.zeros_like(result)
        if name in previous.corrections:
            older[place] = previous.corrections[name]
        change = (result - old)[:, :last].sum(axis=1)
        result[:, :last] = old[:, :last]
        correction = np.zeros_like(result)
        correction[:, :last] = older[:, :last]
        if last < result.shape[1]:
            result[:, last] += change
            correction[:, last] = change
        elif change.any():
            after[name] = change
        posted[name] = result
        if correction.any():
            corrections[name] = correction
    return posted, corrections, after


def _kept_rules(previous: Statement, fresh: Statement, rules: Paid) -> Paid:
    """Payment rules of closed months as they were; a difference goes to the next month."""
    last, months = previous.closed + 1, fresh.book.shape[1]
    if last == 0:
        return rules
    place = _places(previous.book.staff, fresh.book.staff)
    effects = {}
    for key in dict.fromkeys((*previous.paid.effects, *rules.effects)):
        new = rules.effects.get(key, np.zeros(fresh.book.shape, np.int64)).copy()
        old = np.zeros_like(new)
        if key in previous.paid.effects:
            old[place] = previous.paid.effects[key]
        change = (new - old)[:, :last].sum(axis=1)
        new[:, :last] = old[:, :last]
        if last < months:
            new[:, last] += change
        effects[key] = new
    return Paid(effects, rules.draw_balance, rules.debt, rules.held)


def _places(before: Staff, after: Staff) -> Any:
    place = after.index.get_indexer(before.index)
    if (place < 0).any():
        gone = before.ids[int(np.nonzero(place < 0)[0][0])]
        raise InputError(
            f"{gone} was in the closed statement and is no longer among the people",
            do="keep people who left in the table, with their last day",
        )
    return place
