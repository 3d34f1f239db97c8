"""The ledger of overrides: who changed which node and months, from what to what, and why.

`apply_overrides` puts rows of `forecast_entry` on a forecast, under rules (`Rules`). Nothing
vanishes: each row given ends as applied, superseded, expired or refused, with its reason. How the
fate of a row is decided: `fates.py`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.forecasting.judgement.figures import Nodes, as_periods, described, need

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

STATUSES: dict[str, tuple[str, str]] = {
    "applied": ("Applied", "已采用"),
    "superseded": ("Superseded", "已被取代"),
    "expired": ("Expired", "已失效"),
    "refused": ("Refused", "未采用"),
}


@dataclass(frozen=True, slots=True)
class Lock:
    """A node whose figure is fixed: no override may change it.

    Attributes
    ----------
    series_id : str
    first, last : str, optional
        Periods locked, as "2026-08"; None is open to that side.
    why : str
        Shown beside each override that is refused for it.
    """

    series_id: str
    first: str | None = None
    last: str | None = None
    why: str = ""

    def __str__(self) -> str:
        """Say what is locked: "East 2026-08 to 2026-12 (promised to the board)"."""
        span = f" {self.first or '...'} to {self.last or '...'}" if self.first or self.last else ""
        return f"{self.series_id}{span}{f' ({self.why})' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What an override may do, and how long it stands.

    Attributes
    ----------
    locks : tuple of Lock
    days : int, optional
        An override expires so many days after it was made; None never.
    rounds : int, optional
        An override stands for so many forecast rounds, of which the first is the one on its day
        or the next after it; 1 expires it with the round after that. None for all of them.
    round_days : tuple of date
        Days of the forecast rounds, in any order; needed with `rounds`.
    reason_needed : bool
        Refuse an override without a reason.

    A column `expires` of the entries (last day on which a row stands) holds beside both.
    """

    locks: tuple[Lock, ...] = ()
    days: int | None = None
    rounds: int | None = None
    round_days: tuple[dt.date, ...] = ()
    reason_needed: bool = False

    def __post_init__(self) -> None:
        for name, value, least in (("days", self.days, 0), ("rounds", self.rounds, 1)):
            if value is not None and value < least:
                raise ParameterError(
                    f"an override cannot stand for {value} {name}", where=name,
                    do=f"give {least} or more, or None for no end",
                )  # fmt: skip
        if self.rounds is not None and not self.round_days:
            raise ParameterError(
                "rounds are counted, but their days are not given", where="round_days",
                do="give the days on which forecasts were made",
            )  # fmt: skip


@dataclass(frozen=True)
class Overridden:
    """A forecast with its overrides.

    Attributes
    ----------
    forecast : pandas.DataFrame
        As given, `mean` and the ends of its intervals moved; `mean_before`, `override` (entry_id
        of the row that stands, None where none does) and `step` beside them.
    ledger : pandas.DataFrame
        One row an entry and period (an entry without any period of the forecast has one row with
        period missing): entry_id, made, by_id, step, series_id, period, `before`, `after`,
        `reason_given`, `status` (a key of `STATUSES`), `why` (a key of `fates.WHY`) and `detail`.
        `before` is what stood in the node and period below it: the forecast, or the weaker entry.
    draws : xarray.DataArray or None
        As given, moved with the mean.
    """

    forecast: pd.DataFrame
    ledger: pd.DataFrame
    draws: xr.DataArray | None = None

    def entries(self) -> pd.DataFrame:
        """One row an entry: entry_id, status, why, detail, periods, periods_applied.

        An entry counts as applied if it stands in any period; else by its first row.
        """
        rank = self.ledger["status"].map({name: place for place, name in enumerate(STATUSES)})
        rows = self.ledger.assign(rank=rank, stands=self.ledger["status"] == "applied")
        best = rows.sort_values(["entry_id", "rank"], kind="stable").drop_duplicates("entry_id")
        counts = rows.groupby("entry_id").agg(
            periods=("period", "count"), periods_applied=("stands", "sum")
        )
        columns = ["entry_id", "made", "by_id", "step", "series_id", "status", "why", "detail"]
        return best[columns].merge(counts, on="entry_id").reset_index(drop=True)

    def counts(self) -> dict[str, int]:
        """How many entries ended how; they sum to those given."""
        found = self.entries()["status"].value_counts()
        return {name: int(found.get(name, 0)) for name in STATUSES}

    def fixed(self) -> pd.DataFrame:
        """series_id, period, value of the cells overridden: what reconciliation has to keep."""
        rows = self.forecast[self.forecast["override"].notna()]
        return rows[["series_id", "period", "mean"]].rename(columns={"mean": "value"})


def apply_overrides(
    forecast: pd.DataFrame,
    entries: pd.DataFrame,
    *,
    as_of: dt.date,
    kpi_id: str,
    currency: str | None = None,
    tax_basis: str | None = None,
    freq: str = "M",
    rules: Rules | None = None,
    series: Nodes | None = None,
    draws: xr.DataArray | None = None,
) -> Overridden:
    """Put overrides on a forecast.

    Parameters
    ----------
    forecast : DataFrame
        series_id, period, mean; further columns lo*, hi* and median move along, any other
        stays.
    entries : DataFrame
        Columns of the table `forecast_entry`; optional `expires` (last day a row stands). Order
        of the rows does not matter.
    as_of : date
        Day of the forecast; later entries are refused, as they were not known.
    kpi_id : str
    currency, tax_basis : str, optional
        Of the forecast; None where it is no money. Entries in another are refused, never
        converted.
    freq : str
        Length of a period of the forecast.
    rules : Rules, optional
    series : mapping of (level, node, product line) to series id, optional
        As in `figures.from_entries`.
    draws : DataArray, optional
        With dimensions draw, period and the series; labels of the last as series_id.

    Returns
    -------
    Overridden

    Raises
    ------
    InputError
        If a column is missing, a cell or an entry_id is there twice, or draws lack a cell that is
        overridden.

    Notes
    -----
    In a node and period the strongest step wins (rep, manager, final), within a step the latest
    day, within a day the higher entry_id. An entry over several periods gives their sum; it is
    spread in proportion to the forecast (evenly where that is not positive), and where a stronger
    entry stands in one of its periods the others keep their part.

    Draws move by after - before, each by the same amount: the spread around the mean is kept, as
    are the ranks between nodes. A judgement that says nothing on risk does not change it. A node
    moved far down may so get draws below zero.
    """
    from workbench.forecasting.judgement import fates

    need(forecast, "series_id", "period", "mean", what="the forecast")
    need(entries, "entry_id", "entry_date", "step", "kpi_id", "level", "node", "value",
         "period_start", "period_end", what="entries")  # fmt: skip
    cells = forecast.reset_index(drop=True)
    cells = cells.assign(period=as_periods(cells["period"], freq=freq))
    _refuse_doubled(cells, ["series_id", "period"], "cells of the forecast")
    _refuse_doubled(entries, ["entry_id"], "entries")
    rows = described(entries, freq=freq, series=series)
    ledger = fates.decide(
        cells, rows, as_of=as_of, kpi_id=kpi_id, money=(currency, tax_basis),
        rules=rules or Rules(), freq=freq,
    )  # fmt: skip
    moved = _moved(cells, ledger)
    return Overridden(moved, ledger, None if draws is None else _shifted(draws, moved))


def check_locks(
    entries: pd.DataFrame, locks: tuple[Lock, ...], *, freq: str = "M", series: Nodes | None = None
) -> None:
    """Refuse entries that would change what is locked, as a form does while they are typed.

    Raises
    ------
    InfeasibleError
        Naming each entry and the lock it meets.
    """
    from workbench.forecasting.judgement import fates

    rows = described(entries, freq=freq, series=series)
    met = [
        f"{entry} meets the lock on {lock}"
        for entry, name, first, last in zip(
            rows["entry_id"], rows["series_id"], rows["first"], rows["last"], strict=True
        )
        for lock in locks
        if fates.meets(lock, name, first, last, freq=freq)
    ]
    if met:
        raise InfeasibleError(
            "an override cannot change a figure that is locked",
            where="; ".join(met[:5]) + (f"; {len(met) - 5} more" if len(met) > 5 else ""),
            do="leave these periods out, or lift the lock first",
        )


def _moved(cells: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Set the means that stand, and move the intervals with them."""
    standing = ledger[ledger["status"] == "applied"]
    standing = standing[["series_id", "period", "after", "entry_id", "step"]]
    names = {"entry_id": "override"}
    moved = cells.drop(columns=["step", "override"], errors="ignore").merge(
        standing.rename(columns=names), on=["series_id", "period"], how="left"
    )
    changed = moved["after"].notna()
    shift = (moved["after"] - moved["mean"]).where(changed, 0.0)
    along = [name for name in cells.columns if _is_end(str(name))]
    before = moved["mean"].astype(float)
    moved["mean"] = moved["after"].where(changed, before)
    moved[along] = moved[along].add(shift, axis=0)
    return moved.drop(columns="after").assign(mean_before=before)


def _is_end(name: str) -> bool:
    """Whether a column is an end of an interval or another point of the distribution."""
    return name == "median" or (name[:2] in ("lo", "hi") and name[2:].replace(".", "").isdigit())


def _shifted(draws: xr.DataArray, moved: pd.DataFrame) -> xr.DataArray:
    import pandas as pd
    import xarray as xr

    rest = [str(dim) for dim in draws.dims if dim not in ("draw", "period")]
    if len(rest) != 1 or len(draws.dims) != 3:
        raise InputError(
            "draws need the dimensions draw, period and one of series",
            where=f"dimensions {', '.join(map(str, draws.dims))}",
            do="stack the keys of a cube into one",
        )
    changed = moved[moved["override"].notna()]
    labels = draws["period"].values
    cells = pd.PeriodIndex(moved["period"])
    texts = pd.PeriodIndex(labels, freq=cells.freq)
    place = pd.Series(np.arange(len(texts)), index=texts)
    column = pd.Series(np.arange(draws.sizes[rest[0]]), index=draws[rest[0]].values)
    at = place.reindex(changed["period"]).to_numpy(float)
    of = column.reindex(changed["series_id"]).to_numpy(float)
    lacking = np.isnan(at) | np.isnan(of)
    if lacking.any():
        first = changed[lacking].iloc[0]
        raise InputError(
            f"draws lack {int(lacking.sum())} cells that are overridden",
            where=f"series {first['series_id']}, period {first['period']}",
            do="give the draws of the same series and periods as the forecast",
        )
    shift = np.zeros((len(texts), len(column)))
    shift[at.astype(int), of.astype(int)] = changed["mean"] - changed["mean_before"]
    moves = xr.DataArray(shift, dims=("period", rest[0]))
    return (draws + moves).transpose(*draws.dims).assign_attrs(draws.attrs).rename(draws.name)


def _refuse_doubled(table: pd.DataFrame, key: list[str], what: str) -> None:
    doubled = table.duplicated(key)
    if doubled.any():
        first = table[doubled].iloc[0]
        raise InputError(
            f"a row is there twice among {what} ({int(doubled.sum())} such rows in all)",
            where=", ".join(f"{name} {first[name]}" for name in key),
            do="keep one of each",
        )
