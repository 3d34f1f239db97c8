"""Kept forecasts: every vintage stays as it was made, so that it can be scored later.

One Parquet file a vintage in a folder of the caller; files are added, never changed. What changed
from one to the next: `changes.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import InputError
from workbench.forecasting.judgement.figures import (
    COLUMNS,
    as_periods,
    need,
    with_actuals,
)
from workbench.forecasting.judgement.over_time import LEAST_PERIODS, ratio_over_time
from workbench.forecasting.judgement.value_added import check_share, period_sums

if TYPE_CHECKING:
    import pandas as pd

#: Columns of a vintage: when it was made, from data up to which day, of what, in which unit.
SCHEMA = (
    "made_at", "origin", "kpi_id", "unit", "freq", "series_id", "level", "period", "stage",
    "model", "mean", "lo80", "hi80", "lo95", "hi95",
)  # fmt: skip
_NEEDED = ("series_id", "period", "stage", "mean")
_TEXTS = ("kpi_id", "unit", "freq", "series_id", "level", "period", "stage", "model")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def keep(
    table: pd.DataFrame,
    folder: str | Path,
    *,
    made_at: dt.datetime,
    origin: dt.date,
    kpi_id: str,
    unit: str,
    freq: str = "M",
) -> Path:
    """Keep a forecast as it was made.

    Parameters
    ----------
    table : DataFrame
        series_id, period, stage, mean; optional level, model, lo80, hi80, lo95, hi95.
    folder : str or Path
        Made if it does not exist.
    made_at : datetime
        When the forecast was made; names the file, to the second.
    origin : date
        Last day of the data it was made from.
    kpi_id, unit : str
        What is forecast, and in what: "CNY excl" and "CNY incl" are different units.
    freq : str
        Length of a period.

    Returns
    -------
    Path
        The file. Keeping the same forecast again is no fault and changes nothing.

    Raises
    ------
    InputError
        If another forecast of this KPI was kept for this moment, a column lacks, a mean is
        missing, or a series, period and stage is there twice.
    """
    from workbench.frames import table_bytes

    if not _NAME.fullmatch(kpi_id):
        raise InputError("a KPI id is letters, digits, - and _", where=f"kpi_id={kpi_id!r}")
    rows = _rows(table, made_at=made_at, origin=origin, kpi_id=kpi_id, unit=unit, freq=freq)
    content = table_bytes(rows)
    path = Path(folder) / f"{kpi_id}-{made_at:%Y%m%dT%H%M%S}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not _written_once(path, content) and path.read_bytes() != content:
        raise InputError(
            "another forecast was kept for this moment; kept forecasts are never changed",
            where=str(path),
            do="give the time at which this one was made",
            kept="the earlier one",
        )
    return path


def load(
    folder: str | Path,
    *,
    kpi_id: str | None = None,
    series: Sequence[str] | None = None,
    stages: Sequence[str] | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> pd.DataFrame:
    """Read kept forecasts, oldest first.

    Parameters
    ----------
    folder : str or Path
    kpi_id : str, optional
        All if there is none.
    series, stages : sequence of str, optional
        Only these.
    since, until : datetime, optional
        Made in this span, both ends included.

    Returns
    -------
    DataFrame
        `SCHEMA`; period as periods where all are of one length, else as text.

    Raises
    ------
    InputError
        If the folder does not exist, or a file is no vintage.
    """
    import pandas as pd

    place = Path(folder)
    if not place.is_dir():
        raise InputError(
            "there is no folder of kept forecasts", where=str(place), do="keep a forecast first"
        )
    parts = [_read(path) for path in sorted(place.glob(f"{kpi_id or '*'}-*.parquet"))]
    rows = pd.concat(parts, ignore_index=True) if parts else _empty()
    chosen = pd.Series(True, index=rows.index)
    for name, wanted in (("kpi_id", [kpi_id] if kpi_id else None), ("series_id", series),
                         ("stage", stages)):  # fmt: skip
        if wanted is not None:
            chosen &= rows[name].isin(list(wanted))
    chosen &= rows["made_at"] >= pd.Timestamp(since) if since else True
    chosen &= rows["made_at"] <= pd.Timestamp(until) if until else True
    rows = rows[chosen].sort_values(["made_at", "kpi_id"], kind="stable", ignore_index=True)
    if rows["freq"].nunique() == 1:
        rows["period"] = pd.PeriodIndex(rows["period"], freq=rows["freq"].iloc[0])
    return rows


def scored(vintages: pd.DataFrame, actuals: pd.DataFrame) -> pd.DataFrame:
    """Put what came beside kept forecasts: rows as `figures.COLUMNS`, and the vintage's own.

    `horizon` is the number of periods from that of the origin. Of several vintages with one
    horizon the latest counts. Rows whose period is not closed have no actual.

    Raises
    ------
    InputError
        If vintages of several KPIs or units are mixed.
    """
    need(vintages, *SCHEMA, what="vintages")
    _refuse_mixed(vintages)
    freq = vintages["freq"].iloc[0] if len(vintages) else "M"
    rows = vintages.assign(
        period=as_periods(vintages["period"], freq=freq), forecast=vintages["mean"]
    )
    ahead = as_periods(rows["origin"], freq=freq).array.asi8
    rows = with_actuals(rows.assign(horizon=rows["period"].array.asi8 - ahead), actuals, freq=freq)
    rows = rows.sort_values("made_at", kind="stable").drop_duplicates(
        ["series_id", "period", "horizon", "stage"], keep="last"
    )
    more = [name for name in SCHEMA if name not in COLUMNS and name != "mean"]
    return rows[[*COLUMNS, *more]].reset_index(drop=True)


def accuracy_over_time(
    vintages: pd.DataFrame,
    actuals: pd.DataFrame,
    *,
    by: Sequence[str] = ("stage", "horizon"),
    share: float = 0.95,
) -> pd.DataFrame:
    """How good kept forecasts have been, origin by origin.

    Parameters
    ----------
    vintages : DataFrame
        From `load`, of one KPI.
    actuals : DataFrame
        series_id, period, actual.
    by : sequence of str
        Columns of `scored` told apart, beside the origin.
    share : float
        How often the intervals of the totals hold.

    Returns
    -------
    DataFrame
        `by`, origin, rows, error (sum of absolute errors over sum of absolute actuals), bias (sum
        of errors over the same; positive is too high), inside80, inside95 (shares of actuals in
        the intervals, missing where none were kept). Below the origins of each group one row
        without origin has all of them, with low and high of its error.
    """
    import pandas as pd

    check_share(share)
    known = scored(vintages, actuals).dropna(subset=["actual", "forecast"])
    rows = []
    for key, group in known.groupby(list(by), sort=True):
        names = dict(zip(by, key, strict=True))
        for origin, part in group.groupby("origin", sort=True):
            rows.append({**names, "origin": origin, **_accuracy(part)})
        low, high = _error_interval(group, share)
        rows.append({**names, "origin": None, **_accuracy(group), "low": low, "high": high})
    columns = [*by, "origin", "rows", "error", "low", "high", "bias", "inside80", "inside95"]
    return pd.DataFrame(rows, columns=columns)


def _error_interval(group: pd.DataFrame, share: float) -> tuple[float, float]:
    errors = (group["forecast"] - group["actual"]).abs().to_numpy(float)
    sums = period_sums(group, np.stack([errors, group["actual"].abs().to_numpy(float)]))
    overlap = max(int(group["horizon"].max()), 1)
    return ratio_over_time(*sums, overlap=overlap, least=LEAST_PERIODS).interval(share)


def _accuracy(part: pd.DataFrame) -> dict[str, float]:
    actual = part["actual"].to_numpy(float)
    error, total = part["forecast"].to_numpy(float) - actual, np.abs(actual).sum()
    found = {
        "rows": len(part),
        "error": np.abs(error).sum() / total if total else np.nan,
        "bias": error.sum() / total if total else np.nan,
    }
    for level in (80, 95):
        low, high = (part[f"{end}{level}"].to_numpy(float) for end in ("lo", "hi"))
        kept = np.isfinite(low) & np.isfinite(high)
        inside = (low <= actual) & (actual <= high)
        found[f"inside{level}"] = float(inside[kept].mean()) if kept.any() else np.nan
    return found


def _rows(
    table: pd.DataFrame, *, made_at: dt.datetime, origin: dt.date, kpi_id: str, unit: str, freq: str
) -> pd.DataFrame:
    """A forecast as a vintage is kept: all columns of `SCHEMA`, in one order of rows."""
    import pandas as pd

    need(table, *_NEEDED, what="the forecast")
    given = {name: table[name] for name in SCHEMA if name in table.columns}
    rows = pd.DataFrame(given).reset_index(drop=True)
    rows["period"] = as_periods(rows["period"], freq=freq).astype(str)
    fixed: dict[str, Any] = {
        "made_at": pd.Timestamp(made_at).floor("s").as_unit("s"), "origin": pd.Timestamp(origin),
        "kpi_id": kpi_id, "unit": unit, "freq": freq,
    }  # fmt: skip
    rows = rows.assign(**fixed).reindex(columns=list(SCHEMA))
    for name in _TEXTS:
        rows[name] = rows[name].where(rows[name].notna(), "").astype(str)
    numbers = list(SCHEMA[SCHEMA.index("mean") :])
    rows[numbers] = rows[numbers].astype(float)
    lacking = ~np.isfinite(rows["mean"])
    doubled = rows.duplicated(["series_id", "period", "stage"])
    for wrong, what in ((lacking, "without a mean"), (doubled, "there twice")):
        if wrong.any():
            first = rows[wrong].iloc[0]
            raise InputError(
                f"{int(wrong.sum())} rows of the forecast are {what}",
                where=f"series {first['series_id']}, {first['period']}, stage {first['stage']}",
                do="keep one finite row for each series, period and stage",
            )
    return rows.sort_values(["series_id", "stage", "period"], ignore_index=True)


def _written_once(path: Path, content: bytes) -> bool:
    """Put a file in its place whole, if there is none; whether it was put there."""
    mark = hashlib.sha256(content).hexdigest()[:12]
    draft = path.with_name(f".{path.name}.{os.getpid()}.{mark}")
    draft.write_bytes(content)
    try:
        os.link(draft, path)  # fails where the place is taken, also by another process just now
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def _read(path: Path) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # `partitioning=None`: a name with "=" in the path is no column
        rows: pd.DataFrame = pq.read_table(path, partitioning=None).to_pandas()
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(
            "a file among kept forecasts cannot be read", where=str(path),
            do="put the file back from a copy, or take it out of the folder",
        ) from error  # fmt: skip
    lacking = [name for name in SCHEMA if name not in rows.columns]
    if lacking:
        raise InputError(
            f"a file among kept forecasts lacks {', '.join(lacking)}", where=str(path),
            do="take it out of the folder",
        )  # fmt: skip
    rows["made_at"], rows["origin"] = (
        pd.to_datetime(rows["made_at"]),
        pd.to_datetime(rows["origin"]),
    )
    return rows[list(SCHEMA)]


def _empty() -> pd.DataFrame:
    import pandas as pd

    numbers = dict.fromkeys(SCHEMA[SCHEMA.index("mean") :], float)
    days = dict.fromkeys(("made_at", "origin"), "datetime64[us]")
    return pd.DataFrame({name: pd.Series(dtype=numbers.get(name, days.get(name, "object")))
                         for name in SCHEMA})  # fmt: skip


def _refuse_mixed(vintages: pd.DataFrame) -> None:
    for name in ("kpi_id", "unit", "freq"):
        found = sorted(set(vintages[name]))
        if len(found) > 1:
            raise InputError(
                f"kept forecasts of several {name} are mixed: {', '.join(found)}",
                where=f"column {name}",
                do="load one of them",
            )
