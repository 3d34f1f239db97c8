"""Regression with known columns: what the calendar, prices and promotions did and will do.

Effects of all series are estimated together and a family of columns is kept only where the
evidence of the panel speaks for it. The forecast is made on series cleaned of the effects, which
are then put back: `Effects.cleaned` goes to any base forecaster, its points to
`Effects.put_back`. Which families are kept: `selection.py`.

Effects add up on logs; series with zeros or negative values have them in shares of their mean
level. The noise around them: `noise.py`. How series help each other: `pooling.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.regressors import noise as noise_models
from workbench.forecasting.regressors.design import Design
from workbench.forecasting.regressors.selection import Sample, admitted, averaged

SCALES = ("auto", "relative", "additive")
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Effects:
    """Known effects of the series of a batch.

    Attributes
    ----------
    cleaned : Batch
        The series without the effects of kept families, in their own unit.
    future : numpy.ndarray, shape (n, horizon)
        Effects to come: changes in logs where `relative`, else in the unit of the series.
    relative : numpy.ndarray of bool, shape (n,)
    families : pandas.DataFrame
        family, evidence (log odds of keeping it, given those kept before), kept, variant (the
        likeliest).
    coefficients, errors : numpy.ndarray, shape (n, k)
        Effect of one unit of each column (a change in logs where `relative`, else in the unit of
        the series) and its standard deviation; 0 where not kept.
    """

    cleaned: Batch
    future: Floats
    relative: _Mask
    families: pd.DataFrame
    coefficients: Floats
    errors: Floats
    design: Design = field(repr=False)

    def put_back(self, points: ArrayLike) -> Floats:
        """Put the effects to come into forecasts of the cleaned series.

        Parameters
        ----------
        points : array_like, shape (..., n, horizon)
            Points, bounds or draws; at most the horizon of the design.
        """
        plain = np.asarray(points, dtype=np.float64)
        future = self.future[:, : plain.shape[-1]]
        relative = self.relative[:, None]
        return plain * np.exp(np.where(relative, future, 0.0)) + np.where(relative, 0.0, future)

    def share_of(self, family: str) -> tuple[Floats, Floats]:
        """Effects of one family: beside the history's values, and to come, shape (n, horizon).

        Changes in logs where `relative`, else in the unit of the series.
        """
        places = [i for i, c in enumerate(self.design.columns) if c.family == family]
        if not places:
            raise ParameterError(
                f"there is no family {family!r}",
                where="family",
                do=f"choose from {', '.join(self.design.families())}",
            )
        weights = self.coefficients[:, places]
        rows = np.repeat(weights, self.cleaned.lengths, axis=0)
        before: Floats = np.einsum("tk,tk->t", self.design.history[:, places], rows)
        ahead: Floats = np.einsum("nhk,nk->nh", self.design.future[:, :, places], weights)
        return before, ahead

    def table(self, series: Sequence[str] | None = None) -> pd.DataFrame:
        """Coefficients by series and kept column: series, family, column, effect, error."""
        names = list(series) if series is not None else [str(i) for i in range(len(self.cleaned))]
        kept = [i for i in range(len(self.design.columns)) if self.errors[:, i].any()]
        parts = [
            pd.DataFrame(
                {
                    "series": names,
                    "family": self.design.columns[place].family,
                    "column": self.design.columns[place].name,
                    "effect": self.coefficients[:, place],
                    "error": self.errors[:, place],
                }
            )
            for place in kept
        ]
        columns = ["series", "family", "column", "effect", "error"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def fit_effects(
    batch: Batch,
    design: Design,
    *,
    groups: Sequence[object] | None = None,
    observed: ArrayLike | None = None,
    scale: str = "auto",
    keep: Sequence[str] = (),
) -> Effects:
    """Estimate the effects of known columns on all series together.

    Parameters
    ----------
    batch : Batch
        History up to the origin; nothing after it is seen.
    design : Design
        Its rows beside those of the batch.
    groups : sequence, shape (n,), optional
        Series of one group (a brand) share their effects more closely than the panel does.
    observed : array_like of bool, shape (sum of lengths,), optional
        False where a value was filled in; it teaches nothing. Default: all were observed.
    scale : {"auto", "relative", "additive"}
        Effects multiply or add; "auto" multiplies where all values are positive.
    keep : sequence of str
        Families kept whatever the evidence.

    Returns
    -------
    Effects

    Raises
    ------
    InputError
        If design, groups or mask do not fit the batch, or relative effects meet values <= 0.
    ParameterError
        If `scale` or a family in `keep` is unknown.
    """
    seen = _mask(batch, observed)
    names = _checked(batch, design, groups=groups, scale=scale, keep=keep)
    if not len(batch) or not design.columns:
        return _nothing(batch, design)
    working, relative, unit = _on_working_scale(batch, seen, scale)
    labels = _labels(names, relative)
    sample = Sample(working, design, seen, labels)
    families, variants = admitted(sample, keep)
    coefficients, errors = averaged(sample, families, variants)
    cleaned = batch
    if errors.any():
        rows = np.repeat(coefficients, batch.lengths, axis=0)
        history = np.einsum("tk,tk->t", design.history, rows)
        cleaned = _cleaned(batch, working, history, seen, relative, unit)
    own_unit = np.where(relative, 1.0, unit)[:, None]
    coefficients, errors = coefficients * own_unit, errors * own_unit
    future = np.einsum("nhk,nk->nh", design.future, coefficients)
    return Effects(cleaned, future, relative, families, coefficients, errors, design)


def _nothing(batch: Batch, design: Design) -> Effects:
    table = pd.DataFrame(columns=["family", "evidence", "kept", "variant"])
    shape = (len(batch), len(design.columns))
    future = np.zeros(design.future.shape[:2])
    none = np.zeros(len(batch), dtype=bool)
    return Effects(batch, future, none, table, np.zeros(shape), np.zeros(shape), design)


def _mask(batch: Batch, observed: ArrayLike | None) -> _Mask:
    if observed is None:
        return np.ones(len(batch.values), dtype=bool)
    seen = np.asarray(observed, dtype=bool)
    if seen.shape != batch.values.shape:
        raise InputError(
            "`observed` does not fit the batch", where=f"{seen.shape}, {batch.values.shape}"
        )
    return seen


def _checked(
    batch: Batch,
    design: Design,
    *,
    groups: Sequence[object] | None,
    scale: str,
    keep: Sequence[str],
) -> Sequence[object]:
    if len(design.history) != len(batch.values) or len(design.future) != len(batch):
        raise InputError(
            "the design does not fit the batch",
            where=f"{len(design.history)} rows of {len(design.future)} series in the design, "
            f"{len(batch.values)} of {len(batch)} in the batch",
        )
    if scale not in SCALES:
        raise ParameterError(
            f"scale {scale!r} is unknown", where="scale", do=f"choose from {', '.join(SCALES)}"
        )
    if strange := set(keep) - set(design.families()):
        raise ParameterError(
            f"no columns of {', '.join(sorted(strange))}",
            where="keep",
            do=f"choose from {', '.join(design.families())}",
        )
    names = groups if groups is not None else [""] * len(batch)
    if len(names) != len(batch):
        raise InputError(f"{len(names)} groups for {len(batch)} series", where="groups")
    return names


def _on_working_scale(batch: Batch, seen: _Mask, scale: str) -> tuple[Batch, _Mask, Floats]:
    """Values on which effects add up, which series are on logs, and the unit of the others."""
    scaled, unit = batch.scaled()
    positive = scaled.minima() > 0
    relative = positive & (scale != "additive")
    if scale == "relative" and not positive.all():
        raise InputError(
            f"relative effects need positive values; {int((~positive).sum())} series have others",
            where=f"series {np.flatnonzero(~positive)[:3].tolist()} of the batch",
            do='use scale="auto" or "additive"',
        )
    rows = np.repeat(relative, batch.lengths)
    values = scaled.values.copy()
    values[rows] = np.log(values[rows])
    return Batch(values, batch.offsets, batch.season), relative, unit


def _labels(names: Sequence[object], relative: _Mask) -> NDArray[np.int64]:
    """Groups numbered; logs and levels are never pooled with each other."""
    keys = [(str(name), bool(flag)) for name, flag in zip(names, relative, strict=True)]
    numbers = {key: number for number, key in enumerate(sorted(set(keys)))}
    return np.array([numbers[key] for key in keys], dtype=np.int64)


def _cleaned(
    batch: Batch, working: Batch, history: Floats, seen: _Mask, relative: _Mask, unit: Floats
) -> Batch:
    """Values without effects; filled ones lie between their cleaned neighbours if not seasonal."""
    values = working.values - np.where(seen, history, 0.0)
    seasonal = noise_models.seasonal_series(batch)
    for i in np.flatnonzero(~seasonal):
        part = slice(batch.offsets[i], batch.offsets[i + 1])
        known = np.flatnonzero(seen[part])
        if 0 < len(known) < batch.lengths[i]:
            values[part] = np.interp(np.arange(batch.lengths[i]), known, values[part][known])
    rows = np.repeat(relative, batch.lengths)
    values[rows] = np.exp(values[rows])
    return Batch(values * np.repeat(unit, batch.lengths), batch.offsets, batch.season)
