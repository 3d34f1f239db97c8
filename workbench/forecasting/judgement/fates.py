"""The fate of each override: which stands in a node and period, which does not, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from workbench.forecasting.judgement.ledger import Lock, Rules

#: Steps from the weakest.
STEPS = ("rep", "manager", "final")
#: Why a row has its status.
WHY: dict[str, tuple[str, str]] = {
    "stands": ("Stands", "生效"),
    "later": ("A later entry of the same step stands", "同环节有更晚的填报"),
    "stronger": ("A stronger step stands", "有更高环节的填报"),
    "days": ("Its days are over", "已过有效天数"),
    "date": ("Its last day has passed", "已过截止日"),
    "rounds": ("Its forecast rounds are over", "已过有效预测轮次"),
    "no_day": ("Without the day it was made", "缺填报日期"),
    "not_yet": ("Made after the day of the forecast", "填报晚于预测日"),
    "other_kpi": ("Of another KPI", "属其他指标"),
    "part": ("Of one category, not a total", "为单一预测类别，并非合计"),
    "unknown_step": ("Of no known step", "环节不明"),
    "no_value": ("Without a value", "无数值"),
    "no_reason": ("Without a reason", "未填理由"),
    "other_money": ("In another currency or tax basis", "币种或税口径不同"),
    "no_series": ("Of a node that is not forecast", "节点不在预测之中"),
    "not_covered": ("Of periods that are not forecast", "期间不在预测之中"),
    "no_forecast": ("The forecast has no figure there", "该处预测无数值"),
    "locked": ("Locked", "已锁定"),
}
_KEPT = ["entry_id", "made", "by_id", "step", "series_id", "reason"]


def decide(
    cells: pd.DataFrame,
    rows: pd.DataFrame,
    *,
    as_of: dt.date,
    kpi_id: str,
    money: tuple[str | None, str | None],
    rules: Rules,
    freq: str,
) -> pd.DataFrame:
    """Give each entry, for each of its periods, a status and a reason.

    Parameters
    ----------
    cells : DataFrame
        The forecast: series_id, period, mean.
    rows : DataFrame
        Entries as `figures.described` gives them.
    as_of, kpi_id, money, rules, freq
        As in `ledger.apply_overrides`; `money` is currency and tax basis.

    Returns
    -------
    DataFrame
        As `ledger.Overridden.ledger`.
    """
    import pandas as pd

    means = {
        (series, period): mean
        for series, period, mean in zip(
            cells["series_id"], cells["period"].array.asi8, cells["mean"].astype(float),
            strict=True,
        )
    }  # fmt: skip
    known = set(cells["series_id"])
    verdicts = [
        _fate(row, as_of=as_of, kpi_id=kpi_id, money=money, rules=rules, freq=freq,
              means=means, known=known)
        for row in rows.to_dict("records")
    ]  # fmt: skip
    listed = rows.assign(
        status=[status for status, _, _ in verdicts],
        why=[why for _, why, _ in verdicts],
        detail=[detail for _, _, detail in verdicts],
    )
    spread = pd.DataFrame(
        [part for row in listed.to_dict("records") for part in _parts(row, means)],
        columns=[*_KEPT, "status", "why", "detail", "ordinal", "after", "strength", "order"],
    )
    chained = _chained(spread, means)
    periods = pd.Series(
        [
            pd.Period(ordinal=int(number), freq=freq) if np.isfinite(number) else pd.NaT
            for number in chained["ordinal"].astype(float)
        ],
        index=chained.index,
        dtype=pd.PeriodDtype(freq),
    )
    return (
        chained.assign(period=periods)
        .rename(columns={"reason": "reason_given"})
        .sort_values(["made", "order", "ordinal"], kind="stable", ignore_index=True)[
            ["entry_id", "made", "by_id", "step", "series_id", "period", "before", "after",
             "reason_given", "status", "why", "detail"]
        ]
    )  # fmt: skip


def meets(lock: Lock, series: str | None, first: Any, last: Any, *, freq: str) -> bool:
    """Whether a lock holds for a series in any of these periods."""
    import pandas as pd

    if lock.series_id != series:
        return False
    begins = pd.Period(lock.first, freq=freq) <= last if lock.first else True
    ends = pd.Period(lock.last, freq=freq) >= first if lock.last else True
    return bool(begins and ends)


def _fate(
    row: Mapping[Any, Any], *, as_of: dt.date, kpi_id: str, money: tuple[str | None, str | None],
    rules: Rules, freq: str, means: dict[tuple[str, int], float], known: set[str],
) -> tuple[str, str, str]:  # fmt: skip
    """Status, why and detail of an entry before it meets the others."""
    refusal = _refusal(row, as_of=as_of, kpi_id=kpi_id, money=money, rules=rules)
    if refusal:
        return ("refused", *refusal)
    series, periods = row["series_id"], _ordinals(row)
    if series not in known:
        return "refused", "no_series", f"{row['level']} {row['node']}"
    lacking = [number for number in periods if (series, number) not in means]
    if lacking or not periods:
        return "refused", "not_covered", f"{row['first']} to {row['last']}"
    if not all(np.isfinite(means[series, number]) for number in periods):
        return "refused", "no_forecast", ""
    for lock in rules.locks:
        if meets(lock, series, row["first"], row["last"], freq=freq):
            return "refused", "locked", str(lock)
    expiry = _expiry(row, as_of=as_of, rules=rules)
    return ("expired", *expiry) if expiry else ("applied", "stands", "")


def _refusal(
    row: Mapping[Any, Any], *, as_of: dt.date, kpi_id: str, money: tuple[str | None, str | None],
    rules: Rules,
) -> tuple[str, str] | None:  # fmt: skip
    """Why an entry cannot be used, whatever the forecast is."""
    if row["made_in"] != row["made_in"]:  # NaT
        return "no_day", ""
    made = row["made"].date()
    said = tuple(_text(row[name]) for name in ("currency", "tax_basis"))
    wanted = tuple(name or "" for name in money)
    rules_broken = (
        (row["kpi_id"] != kpi_id, "other_kpi", str(row["kpi_id"])),
        (made > as_of, "not_yet", made.isoformat()),
        (bool(row["part"]), "part", _text(row["forecast_category"])),
        (row["step"] not in STEPS, "unknown_step", _text(row["step"])),
        (not np.isfinite(row["value"]), "no_value", ""),
        (said != wanted, "other_money", f"{' '.join(said)} / {' '.join(wanted)}"),
        (rules.reason_needed and not _text(row["reason"]).strip(), "no_reason", ""),
    )
    return next(((why, detail) for broken, why, detail in rules_broken if broken), None)


def _expiry(row: Mapping[Any, Any], *, as_of: dt.date, rules: Rules) -> tuple[str, str] | None:
    import pandas as pd

    made = row["made"].date()
    last = row.get("expires")
    if last is not None and not pd.isna(last) and pd.Timestamp(last).date() < as_of:
        return "date", pd.Timestamp(last).date().isoformat()
    if rules.days is not None and (as_of - made).days > rules.days:
        return "days", (made + dt.timedelta(days=rules.days)).isoformat()
    if rules.rounds is not None:
        met = sorted(day for day in rules.round_days if made <= day <= as_of)
        if len(met) > rules.rounds:
            return "rounds", met[rules.rounds].isoformat()
    return None


def _parts(row: Mapping[Any, Any], means: dict[tuple[str, int], float]) -> list[dict[str, Any]]:
    """An entry as one row a period with its part of the value; one without any if refused."""
    kept = {name: row[name] for name in (*_KEPT, "status", "why", "detail", "order")}
    kept["strength"] = STEPS.index(row["step"]) if row["step"] in STEPS else -1
    if row["status"] == "refused" and row["why"] != "locked":
        periods = _ordinals(row)
        place = float(periods[0]) if len(periods) == 1 else np.nan
        return [{**kept, "ordinal": place, "after": row["value"]}]
    periods = _ordinals(row)
    weights = np.array([means[row["series_id"], number] for number in periods])
    if len(periods) == 1 or (weights < 0).any() or weights.sum() <= 0:
        weights = np.ones(len(periods))
    shares = row["value"] * weights / weights.sum()
    return [
        {**kept, "ordinal": float(number), "after": float(share)}
        for number, share in zip(periods, shares, strict=True)
    ]


def _chained(parts: pd.DataFrame, means: dict[tuple[str, int], float]) -> pd.DataFrame:
    """Let the strongest and latest stand, and say of each what it stood upon."""
    order = parts.sort_values(["strength", "made", "order"], kind="stable")
    valid = order[order["status"] == "applied"]
    cell = ["series_id", "ordinal"]
    below = valid.groupby(cell)["after"].shift(1)
    given = [
        means.get((series, int(number)), np.nan) if np.isfinite(number) else np.nan
        for series, number in zip(order["series_id"], order["ordinal"], strict=True)
    ]
    before = below.reindex(order.index)
    order = order.assign(before=before.where(before.notna(), given))
    last = ~valid.duplicated(cell, keep="last")
    beaten = valid[~last]
    top = valid[last].set_index(cell)["strength"]
    strongest = top.reindex(list(zip(beaten["series_id"], beaten["ordinal"], strict=True)))
    same = beaten["strength"].to_numpy() == strongest.to_numpy()
    order.loc[beaten.index, "status"] = "superseded"
    order.loc[beaten.index, "why"] = np.where(same, "later", "stronger")
    return order


def _ordinals(row: Mapping[Any, Any]) -> list[int]:
    """Numbers of the periods that an entry covers; none where an end is missing."""
    if row["first"] != row["first"] or row["last"] != row["last"]:  # NaT
        return []
    return list(range(row["first"].ordinal, row["last"].ordinal + 1))


def _text(value: Any) -> str:
    """A value as text, missing is empty."""
    return value if isinstance(value, str) else ""
