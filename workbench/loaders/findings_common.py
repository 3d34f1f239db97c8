"""Findings about any table: what is missing, equal, too early or late, of another size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.loaders.findings_view import Rule, View
from workbench.loaders.outcome import Finding
from workbench.tables import TABLES
from workbench.text import mark

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Columns that are empty for good reasons in many rows, or hold words nobody counts by.
GAPS_EXPECTED = frozenset(
    {
        "name", "name_en", "former_name", "phone", "wechat", "job_title", "valid_to", "end_date",
        "left_date", "close_date", "closed_date", "expected_close_date", "stage_date",
        "lost_reason", "competitor_id",
        "forecast_category", "probability", "entered_date", "entered_at", "corrects_id",
        "reverses_id", "draft_due_date", "promotion_id", "approval", "fulfilled_by", "group_id",
        "reason", "payer", "terms", "received_date", "settled_in", "settled_date", "converted_date",
        "opportunity_id", "contract_id", "campaign_id", "partner_id", "parent_code", "manager_id",
        "head_id", "first_response_at", "score", "source", "response", "owner", "answer",
    }
)  # fmt: skip

#: Tables whose gaps are told: people, things and happenings, not plans and settings.
WITH_GAPS = (
    "account", "contact", "product", "partner", "rep", "lead", "opportunity", "activity", "quote",
    "contract", "order_line", "delivery", "invoice", "receivable_plan", "receipt", "return_refund",
    "expense", "sell_out",
)  # fmt: skip

#: Tables whose amounts are of one kind, so that one far from the others is odd.
ONE_SCALE = (
    "opportunity", "opportunity_snapshot", "quote", "contract", "order_line", "invoice",
    "receivable_plan", "receipt", "return_refund", "expense", "product", "unit_cost", "sell_out",
    "credit_limit",
)  # fmt: skip

#: Days on which something happened: none of them can lie ahead.
HAPPENED = frozenset(
    {
        "order_date", "signed_date", "invoice_date", "receipt_date", "ship_date", "received_date",
        "return_date", "expense_date", "activity_date", "entered_at", "entered_date",
        "created_date", "created_at", "close_date", "stage_date", "opened_date", "closed_date",
        "answer_date", "event_date", "matched_date", "first_response_at", "converted_date",
        "snapshot_date", "quote_date", "training_date",
    }
)  # fmt: skip

#: Tables of happenings, in which two rows equal in everything are one entered twice, or two.
LINES = (
    "order_line", "contract", "invoice", "receipt", "delivery", "return_refund", "expense", "quote",
    "sell_out",
)  # fmt: skip

#: Before this year no sales system kept a day; 1900 and 1970 are empty cells of others.
FIRST_YEAR = 1980
#: A last day that lies further before the end of its month leaves the month incomplete.
DAYS_LEFT = 3
#: Times the middle value from which a value looks like one of another unit.
OTHER_UNIT = 1_000.0
#: Fewer values have no middle worth the name.
ENOUGH = 20


def missing(view: View) -> Iterator[Finding]:
    """Columns that are filled in some rows only."""
    for name in _own(view):
        gaps = len(view) - view.filled[name]
        if gaps and name not in GAPS_EXPECTED:
            yield view.finding("missing", gaps, column=name)


def equal_lines(view: View) -> Iterator[Finding]:
    """Rows equal to an earlier one in everything but their key."""
    keys = TABLES[view.table].key
    names = [name for name in view.filled if name not in keys and _varies(view.frame[name])]
    if len(names) < 3:
        return
    again = _again(view, names)
    if again.any():
        yield view.finding("equal_lines", again.sum(), example=view.key_of(again))


def future_days(view: View) -> Iterator[Finding]:
    """Days of what has happened that lie ahead."""
    import pandas as pd

    for column in view.declared("date", "datetime"):
        if column.name in HAPPENED:
            ahead = (view.days(column.name) >= _after(pd.Timestamp(view.today))).to_numpy()
            if ahead.any():
                day = view.days(column.name)[ahead].max().date()
                yield view.finding("future_days", ahead.sum(), column=column.name, day=day)


def old_days(view: View) -> Iterator[Finding]:
    """Days that stand for an empty cell."""
    for column in view.declared("date", "datetime"):
        days = view.days(column.name)
        old = (days.dt.year < FIRST_YEAR).to_numpy()
        if old.any():
            yield view.finding("old_days", old.sum(), column=column.name, day=days.min().date())


def last_month_cut(view: View) -> Iterator[Finding]:
    """The last month, where data that come nearly every day end before it does."""
    import pandas as pd

    days = _past_days(view)
    if days is None or not _daily(days):
        return
    last = days.iloc[-1]
    end = last + pd.offsets.MonthEnd(0)
    if (end - last).days > DAYS_LEFT:
        rows = (view.days(str(view.main_day)) >= last.replace(day=1)).sum()
        yield view.finding("last_month_cut", rows, column=view.main_day, day=last.date())


def empty_months(view: View) -> Iterator[Finding]:
    """Months without a row between months that have many: a file may be missing."""
    if _past_days(view) is None:
        return
    months = view.days(str(view.main_day)).dropna().dt.to_period("M").value_counts()
    span = (months.index.max() - months.index.min()).n + 1
    if len(months) >= 6 and months.median() >= ENOUGH and 0 < span - len(months) <= span / 4:
        first = next(m for m in sorted(months.index) if m + 1 not in months.index) + 1
        yield view.finding(
            "empty_months", span - len(months), span, column=view.main_day, month=first
        )


def other_unit(view: View) -> Iterator[Finding]:
    """Amounts so far from the middle one that their unit may be another."""
    import numpy as np

    for column in view.declared("money", "price"):
        size = np.abs(view.numbers(column.name))
        with np.errstate(divide="ignore", invalid="ignore"):
            far = np.log10(size / np.nanmedian(size[size > 0])) if (size > 0).any() else size
        there = np.isfinite(far)
        if there.sum() < ENOUGH:
            continue
        low, high = np.quantile(far[there], [0.25, 0.75])
        bound = max(np.log10(OTHER_UNIT), 3 * (high - low))
        odd = there & (np.abs(far) >= bound)
        if odd.any():
            at = int(np.where(odd, np.abs(far), 0).argmax())
            yield view.finding(
                "other_unit", odd.sum(), there.sum(), column=column.name,
                value=f"{view.numbers(column.name)[at]:.2f}",
                middle=f"{np.median(size[there]):.2f}",
            )  # fmt: skip


RULES = (
    Rule(
        "missing",
        mark("{column} is missing in {count} of {of} rows ({share})."),
        missing,
        tables=WITH_GAPS,
    ),
    Rule(
        "equal_lines",
        mark(
            "{count} of {of} rows ({share}) equal an earlier row in everything but their number,"
            " the first of them {example}: entered twice, or sold twice?"
        ),
        equal_lines,
        tables=LINES,
    ),
    Rule(
        "future_days",
        mark("{column} lies in the future in {count} of {of} rows, as late as {day}."),
        future_days,
    ),
    Rule(
        "old_days",
        mark("{column} is before 1980 in {count} of {of} rows, as early as {day}: an empty cell?"),
        old_days,
    ),
    Rule(
        "last_month_cut",
        mark(
            "{column} ends on {day}, before its month does ({count} of {of} rows lie in it):"
            " leave that month out of comparisons."
        ),
        last_month_cut,
    ),
    Rule(
        "empty_months",
        mark(
            "{count} of {of} months have no row by {column}, the first of them {month}: a file may"
            " be missing."
        ),
        empty_months,
    ),
    Rule(
        "other_unit",
        mark(
            "{column} is over 1,000 times larger or smaller than its middle value {middle} in"
            " {count} of {of} rows, such as {value}: is its unit another (yuan or 10,000 yuan)?"
        ),
        other_unit,
        tables=ONE_SCALE,
    ),
)


def _own(view: View) -> list[str]:
    """Declared columns that have values."""
    return [name for name in TABLES[view.table].column_names if view.has(name)]


def _varies(values: pd.Series) -> bool:
    """Whether a column has more than one value."""
    head = values.iloc[0]
    same = values.isna() if head is None or head != head else values == head
    return not bool(same.all())


def _again(view: View, names: list[str]) -> np.ndarray[Any, Any]:
    """Rows equal to an earlier one in the columns, by a 64-bit hash of each row."""
    import numpy as np
    import pandas as pd

    amounts = {column.name for column in view.declared("money", "price", "number", "share")}
    mixed = np.zeros(len(view), np.uint64)
    for name in names:
        amount = name in amounts
        codes = view.numbers(name) if amount else pd.factorize(view.frame[name])[0]
        codes = pd.util.hash_array(codes)
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + codes
    return pd.Series(mixed).duplicated().to_numpy()


def _after(day: pd.Timestamp) -> pd.Timestamp:
    import pandas as pd

    return day + pd.Timedelta(days=1)


def _past_days(view: View) -> pd.Series | None:
    """Distinct days that rows are about, in order, none ahead; None without any."""
    import pandas as pd

    if view.main_day is None:
        return None
    days = view.days(view.main_day).dropna()
    days = days[(days < _after(pd.Timestamp(view.today))) & (days.dt.year >= FIRST_YEAR)]
    distinct = pd.Series(days.dt.normalize().unique()).sort_values(ignore_index=True)
    return distinct if len(distinct) else None


def _daily(days: pd.Series) -> bool:
    """Whether most days of the quarter before the last month have rows."""
    import pandas as pd

    start = days.iloc[-1].replace(day=1)
    before = days[(days < start) & (days >= start - pd.DateOffset(months=3))]
    return len(before) >= 45
