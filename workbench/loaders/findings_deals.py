"""Findings about deals: what gives their outcome away, which dates are missing or cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.outcome import Finding
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEALS = ("opportunity",)

#: Filled in when a deal closes by its very meaning, or derived from the status.
OF_THE_OUTCOME = frozenset(
    {"status", "stage", "close_date", "lost_reason", "competitor_id", "probability",
     "forecast_category", "stage_date", "expected_close_date"}
)  # fmt: skip

#: Fewer deals prove no pattern.
ENOUGH = 10
#: A first close later than this, and than twice the usual time to close, says where data begin.
LATE_DAYS = 45


def missing_tells_outcome(view: View) -> Iterator[Finding]:
    """Columns that are missing only among open, only among won or only among lost deals."""
    for name, gaps in _gaps(view):
        status = _only_status(view, gaps)
        if status and not _whole_stages(view, gaps, status):
            yield view.finding("missing_tells_outcome", gaps.sum(), column=name, status=status)


def missing_by_stage(view: View) -> Iterator[Finding]:
    """Columns that are missing in all deals of some stages and in no other."""
    for name, gaps in _gaps(view):
        stages = _whole_stages(view, gaps, _only_status(view, gaps))
        if stages:
            yield view.finding("missing_by_stage", gaps.sum(), column=name, stages=stages)


def zero_when_lost(view: View) -> Iterator[Finding]:
    """Lost deals whose amount was set to 0 when they were lost."""
    if not view.has("amount", "status"):
        return
    amount, lost, won = view.numbers("amount"), view.is_status("lost"), view.is_status("won")
    stated = lost & (amount == amount)
    zero = stated & (amount == 0)
    if stated.sum() >= ENOUGH and zero.sum() >= 0.95 * stated.sum() and (amount[won] > 0).any():
        yield view.finding("zero_when_lost", zero.sum(), lost.sum(), column="amount")


def open_without_expected(view: View) -> Iterator[Finding]:
    """Open deals without a day on which they are expected to close."""
    yield from _of_status(view, "open_without_expected", ("open",), "expected_close_date")


def closed_without_day(view: View) -> Iterator[Finding]:
    """Won and lost deals without the day on which they closed."""
    yield from _of_status(view, "closed_without_day", ("won", "lost"), "close_date")


def expected_past(view: View) -> Iterator[Finding]:
    """Open deals expected to close before the last day that the data know of."""
    if not view.has("status", "expected_close_date"):
        return
    now, still = last_day(view), view.is_status("open")
    if now is not None and still.any():
        past = still & (view.days("expected_close_date") < now).to_numpy()
        if past.any():
            yield view.finding("expected_past", past.sum(), still.sum(), day=now.date())


def closed_before_created(view: View) -> Iterator[Finding]:
    """Deals that closed before they began."""
    if view.has("created_date", "close_date"):
        before = (view.days("close_date") < view.days("created_date")).to_numpy()
        if before.any():
            example = view.key_of(before)
            yield view.finding("closed_before_created", before.sum(), example=example)


def first_close_late(view: View) -> Iterator[Finding]:
    """Data that begin with deals which were still open when closes began to be kept."""
    if not view.has("created_date", "close_date", "status"):
        return
    closed = view.is_status("won", "lost")
    created, close = view.days("created_date"), view.days("close_date")[closed]
    cycle = (close - created[closed]).dt.days.median()
    first, start = close.min(), created.min()
    if len(close) >= ENOUGH and (first - start).days > max(LATE_DAYS, 2 * cycle):
        early = (created < first).sum()
        yield view.finding("first_close_late", early, first=start.date(), day=first.date())


RULES = (
    Rule(
        "missing_tells_outcome",
        mark(
            '{column} is missing in {count} of {of} rows, all of them "{status}": that it is'
            " missing gives the outcome away. Do not predict from it."
        ),
        missing_tells_outcome,
        tables=DEALS,
    ),
    Rule(
        "missing_by_stage",
        mark(
            "{column} is missing in {count} of {of} rows: in all of stage {stages} and in no other."
        ),
        missing_by_stage,
        tables=DEALS,
    ),
    Rule(
        "zero_when_lost",
        mark(
            "{column} is 0 in {count} of {of} lost deals: it is written at the outcome. Do not"
            " predict from it, and do not average it over won and lost deals."
        ),
        zero_when_lost,
        tables=DEALS,
    ),
    Rule(
        "open_without_expected",
        mark("{count} of {of} open deals have no expected close date."),
        open_without_expected,
        tables=DEALS,
    ),
    Rule(
        "closed_without_day",
        mark("{count} of {of} won and lost deals have no date on which they closed."),
        closed_without_day,
        tables=DEALS,
    ),
    Rule(
        "expected_past",
        mark("{count} of {of} open deals should have closed before {day}, the last day of data."),
        expected_past,
        tables=DEALS,
    ),
    Rule(
        "closed_before_created",
        mark("{count} of {of} deals closed before they began, the first of them {example}."),
        closed_before_created,
        tables=DEALS,
    ),
    Rule(
        "first_close_late",
        mark(
            "Deals begin on {first}, but none closes before {day}: of the {count} deals begun until"
            " then, those that closed sooner are not in the data. Leave them out of win rates and"
            " times to close."
        ),
        first_close_late,
        tables=DEALS,
    ),
)


def last_day(view: View) -> pd.Timestamp | None:
    """The last day on which something happened, today at the latest; None without any."""
    import pandas as pd

    names = [n for n in ("created_date", "close_date", "stage_date") if view.has(n)]
    limit = pd.Timestamp(view.today)
    found = [view.days(name)[view.days(name) <= limit].max() for name in names]
    known = [day for day in found if not pd.isna(day)]
    return max(known) if known else None


def _of_status(view: View, code: str, statuses: tuple[str, ...], column: str) -> Iterator[Finding]:
    if not view.has("status"):
        return
    those = view.is_status(*statuses)
    gaps = those & view.frame[column].isna().to_numpy() if column in view.frame else those
    if gaps.any():
        yield view.finding(code, gaps.sum(), those.sum(), column=column)


def _gaps(view: View) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """Columns that could be known beforehand, with enough rows in which they are missing."""
    if not view.has("status", "stage"):
        return
    for name, count in view.filled.items():
        if name not in OF_THE_OUTCOME and len(view) - count >= ENOUGH:
            yield name, view.frame[name].isna().to_numpy()


def _only_status(view: View, gaps: np.ndarray[Any, Any]) -> str:
    """The status (or "won,lost") that all gaps share while enough others have none; else ""."""
    for statuses in (("open",), ("won",), ("lost",), ("won", "lost")):
        those = view.is_status(*statuses)
        if not gaps[~those].any() and (~those).sum() >= ENOUGH:
            return ",".join(statuses)
    return ""


def _whole_stages(view: View, gaps: np.ndarray[Any, Any], status: str) -> str:
    """Stages of which every deal lacks the value, if no other deal does.

    All stages of a status are not stages but the status.
    """
    stages = view.frame["stage"]
    lacking = stages[gaps].unique()
    inside = stages.isin(lacking).to_numpy()
    whole = bool(gaps[inside].all()) and not stages[gaps].isna().any()
    if status and inside.sum() == view.is_status(*status.split(",")).sum():
        return ""
    return ", ".join(map(str, lacking)) if whole and len(lacking) < stages.nunique() else ""
