"""What changed against the last forecast, node by node: the parts add up to the change exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import InputError
from workbench.forecasting.judgement.figures import as_periods, need, with_actuals

if TYPE_CHECKING:
    import pandas as pd

PARTS: dict[str, tuple[str, str]] = {
    "closed": ("Closed periods came in otherwise", "已结期间与预测之差"),
    "new_actuals": ("New actuals, same model", "新增实际（模型不变）"),
    "model": ("Another model", "模型更换"),
    "data_and_model": ("New actuals and another model", "新增实际与模型更换"),
    "pipeline": ("Pipeline", "商机"),
    "override": ("Overrides", "人工调整"),
}


@dataclass(frozen=True)
class Changes:
    """What changed.

    Attributes
    ----------
    cells : pandas.DataFrame
        series_id, period, before, after, change, and one column a part (`PARTS`); the parts of a
        row sum to its change.
    dropped : pandas.DataFrame
        series_id, period, side ("before" or "after"): cells that only one of the two has and
        that nothing else fills; they are in no sum.
    """

    cells: pd.DataFrame
    dropped: pd.DataFrame

    def by_node(self) -> pd.DataFrame:
        """Sums over the periods of each node, largest change first."""
        summed = self.cells.groupby("series_id", sort=True)[[*_MEASURES]].sum().reset_index()
        order = (-summed["change"].abs()).argsort(kind="stable")
        return summed.iloc[order].reset_index(drop=True)


_MEASURES = ("before", "after", "change", *PARTS)
_STAGES = ("statistical", "pipeline", "final")


def what_changed(
    last: pd.DataFrame,
    now: pd.DataFrame,
    *,
    actuals: pd.DataFrame | None = None,
    refitted: pd.DataFrame | None = None,
    freq: str = "M",
) -> Changes:
    """Split the change from one vintage to the next into its causes.

    Parameters
    ----------
    last, now : DataFrame
        One vintage each (`vintages.load`): series_id, period, stage, model, mean, with the stages
        statistical, pipeline and final; a stage that lacks says what the one before says.
    actuals : DataFrame, optional
        series_id, period, actual: what came in periods that `last` forecast and `now` no longer
        does. Without them such cells are dropped.
    refitted : DataFrame, optional
        series_id, period, mean: the model of `last` on the data of `now`. Where the model of a
        node changed, it tells new actuals from the model; without it both stand as one part.
    freq : str
        Length of a period.

    Returns
    -------
    Changes

    Raises
    ------
    InputError
        If columns lack, or a vintage has a cell twice.

    Notes
    -----
    Closed cells: closed = actual - final before. Open cells, with s, p, f the figures after each
    stage: new_actuals = s' - s (same model), or refitted - s and model = s' - refitted;
    pipeline = (p' - s') - (p - s); override = (f' - p') - (f - p).
    """
    import pandas as pd

    before, after = _stages(last, freq=freq), _stages(now, freq=freq)
    key = ["series_id", "period"]
    joined = before.merge(after, on=key, how="outer", suffixes=("", "_now"), indicator="side")
    none = pd.DataFrame({"series_id": [], "period": [], "actual": []})
    joined = with_actuals(joined, none if actuals is None else actuals, freq=freq)
    refit = (
        pd.DataFrame({**{name: [] for name in key}, "mean": []}) if refitted is None else refitted
    )
    need(refit, *key, "mean", what="the refitted forecast")
    refit = refit[[*key, "mean"]].assign(period=as_periods(refit["period"], freq=freq))
    joined = joined.merge(refit.rename(columns={"mean": "refitted"}), on=key, how="left")
    open_cells = joined["side"] == "both"
    closed = (joined["side"] == "left_only") & joined["actual"].notna()
    cells = pd.concat([_open(joined[open_cells]), _closed(joined[closed])], ignore_index=True)
    rest = joined[~(open_cells | closed)]
    dropped = rest[key].assign(side=np.where(rest["side"] == "left_only", "before", "after"))
    return Changes(
        cells[[*key, *_MEASURES]].sort_values(key, ignore_index=True),
        dropped.reset_index(drop=True),
    )


def _stages(vintage: pd.DataFrame, *, freq: str) -> pd.DataFrame:
    """Stages of a vintage beside each other, each filled by the one before."""
    need(vintage, "series_id", "period", "stage", "mean", what="a vintage")
    rows = vintage[vintage["stage"].isin(_STAGES)]
    rows = rows.assign(period=as_periods(rows["period"], freq=freq))
    key = ["series_id", "period"]
    doubled = rows.duplicated([*key, "stage"])
    if doubled.any():
        first = rows[doubled].iloc[0]
        raise InputError(
            "a vintage has a cell twice",
            where=f"series {first['series_id']}, {first['period']}, stage {first['stage']}",
            do="give one vintage, not several",
        )
    wide = rows.pivot(index=key, columns="stage", values="mean").reindex(columns=list(_STAGES))
    # stages in their order; a node without a statistical figure begins with what there is
    wide = wide.ffill(axis=1).bfill(axis=1)
    models = rows[rows["stage"] == "statistical"].set_index(key)
    wide["model"] = models["model"].reindex(wide.index) if "model" in models.columns else ""
    return wide.reset_index()


def _open(rows: pd.DataFrame) -> pd.DataFrame:
    s, p, f = (rows[name] for name in _STAGES)
    s_now, p_now, f_now = (rows[f"{name}_now"] for name in _STAGES)
    same = rows["model"].fillna("") == rows["model_now"].fillna("")
    split = ~same & rows["refitted"].notna()
    zero = s * 0.0
    return rows.assign(
        before=f,
        after=f_now,
        change=f_now - f,
        closed=zero,
        new_actuals=(s_now - s).where(same, (rows["refitted"] - s).where(split, zero)),
        model=(s_now - rows["refitted"]).where(split, zero),
        data_and_model=(s_now - s).where(~same & ~split, zero),
        pipeline=(p_now - s_now) - (p - s),
        override=(f_now - p_now) - (f - p),
    )


def _closed(rows: pd.DataFrame) -> pd.DataFrame:
    change = rows["actual"] - rows["final"]
    parts = dict.fromkeys(PARTS, change * 0.0) | {"closed": change}
    return rows.assign(before=rows["final"], after=rows["actual"], change=change, **parts)
