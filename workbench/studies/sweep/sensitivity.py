"""Which parameters matter: what the design of each block allows to say, and nothing more.

One parameter at a time and grids give the change of a result from parameter to parameter. A whole
grid gives exact shares of its variance, Saltelli's design first-order and total indices with an
interval, any other sample of 50 points or more first-order shares. The arithmetic: `indices.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from workbench.studies.sweep import indices
from workbench.studies.sweep.table import as_text
from workbench.studies.sweep.view import Factor, View

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: How shares of the variance were found; "" where they are not identified.
Method = Literal["saltelli", "factorial", "sample", ""]
#: Why they were not.
Why = Literal["", "list", "few", "one", "one_at_a_time", "holes", "constant"]

#: Points of a sample, and complete base points of Saltelli's design, below which nothing is said.
FEWEST, FEWEST_BASE = 50, 16


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a parameter does to a result.

    Attributes
    ----------
    parameter : str
    first, first_low, first_high : float or None
        First-order share of the variance with its 95% interval.
    total, total_low, total_high : float or None
        Total share, interactions with it.
    low, high : float or None
        Lowest and highest change of the result over the values of the parameter: from the base
        point where one parameter varies at a time, else from the mean over the grid.
    at_low, at_high : int or None
        At which of its levels.
    """

    parameter: str
    first: float | None = None
    first_low: float | None = None
    first_high: float | None = None
    total: float | None = None
    total_low: float | None = None
    total_high: float | None = None
    low: float | None = None
    high: float | None = None
    at_low: int | None = None
    at_high: int | None = None

    @property
    def reach(self) -> float:
        """Distance from the lowest to the highest change; 0 where not known."""
        return 0.0 if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What the parameters of one block do to one result.

    Attributes
    ----------
    view : View
    result : str
    method : Method
        Of the shares.
    why : Why
        Reason where there are none.
    effects : tuple of Effect
        One a varied parameter, in the order of the file.
    points, left_out : int
        Points used and points without a result; of Saltelli's design base points.
    base : float or None
        From which changes are counted.
    """

    view: View
    result: str
    method: Method
    why: Why
    effects: tuple[Effect, ...]
    points: int
    left_out: int
    base: float | None = None

    @property
    def has_shares(self) -> bool:
        """Whether shares of the variance are identified."""
        return bool(self.method)

    @property
    def has_changes(self) -> bool:
        """Whether changes of the result are identified for any parameter."""
        return any(effect.low is not None for effect in self.effects)

    def ranked(self) -> list[Effect]:
        """Effects by what matters: total share, else first-order share, else change."""
        size = (lambda e: e.total if e.total is not None else e.first or 0.0) if self.method else (
            lambda e: e.reach
        )  # fmt: skip
        return sorted(self.effects, key=size, reverse=True)


def sensitivity(view: View, name: str) -> Sensitivity:
    """Judge what the parameters of a block do to one of its results."""
    import numpy as np

    values = view.means(name)
    known = np.isfinite(values)
    found = _Found(view, values)
    kind = view.block.kind
    if not indices.enough_spread(values[known]):
        found.why = "constant"
    elif kind == "sensitivity":
        found.by_saltelli()
    elif kind in ("latin", "sobol"):
        found.by_sample()
    elif kind == "grid":
        found.by_grid()
    elif kind == "one_at_a_time":
        found.one_at_a_time()
    else:
        found.why = "list"
    return Sensitivity(
        view=view,
        result=name,
        method=found.method,
        why=found.why,
        effects=tuple(
            Effect(parameter=factor.name, **found.effects[factor.name]) for factor in view.factors
        ),
        points=found.points if found.points is not None else int(known.sum()),
        left_out=found.left_out if found.left_out is not None else int((~known).sum()),
        base=found.base,
    )


def sensitivity_table(found: list[Sensitivity]) -> pd.DataFrame:
    """All effects as one table: a row a block, result and parameter that has any number.

    Returns
    -------
    DataFrame
        `block`, `study`, `result`, `parameter`, `method`, `points`, `left_out`, the shares with
        their intervals, `base`, `low`, `high`, and `at_low`, `at_high` as in the tidy table.
    """
    import pandas as pd

    rows = [
        {
            "block": each.view.number,
            "study": each.view.study,
            "result": each.result,
            "parameter": effect.parameter,
            "method": each.method or "changes",
            "points": each.points,
            "left_out": each.left_out,
            **{
                name: getattr(effect, name)
                for share in ("first", "total")
                for name in (share, f"{share}_low", f"{share}_high")
            },
            "base": each.base,
            "low": effect.low,
            "high": effect.high,
            "at_low": _text(factor, effect.at_low),
            "at_high": _text(factor, effect.at_high),
        }
        for each in found
        for effect, factor in zip(each.effects, each.view.factors, strict=True)
        if effect.first is not None or effect.low is not None
    ]
    frame = pd.DataFrame(rows)
    for name in frame.columns:
        if name in _NUMBERS:
            frame[name] = frame[name].astype("float64")
    return frame


_NUMBERS = {
    *(f"{share}{end}" for share in ("first", "total") for end in ("", "_low", "_high")),
    *("base", "low", "high"),
}


def _text(factor: Factor, code: int | None) -> str | None:
    return None if code is None else as_text(factor.levels[code])


class _Found:
    """What has been found of one result, step by step."""

    def __init__(self, view: View, values: np.ndarray) -> None:
        self.view, self.values = view, values
        self.effects: dict[str, dict[str, Any]] = {factor.name: {} for factor in view.factors}
        self.method: Method = ""
        self.why: Why = ""
        self.base: float | None = None
        self.points: int | None = None
        self.left_out: int | None = None

    def by_saltelli(self) -> None:
        """Both indices, from the base points that are complete across all matrices."""
        import numpy as np

        width = len(self.view.factors)
        matrices = self.values.reshape(width + 2, -1)
        whole = np.isfinite(matrices).all(axis=0)
        self.points, self.left_out = int(whole.sum()), int((~whole).sum())
        if self.points < FEWEST_BASE:
            self.why = "few"
            return
        a, b, *ab = matrices[:, whole]
        if not indices.enough_spread(np.concatenate([a, b])):
            self.why = "constant"
            return
        made = indices.Saltelli(a, b, np.stack(ab), self.view.block.seed)
        self.method = "saltelli"
        self._shares("first", made.first())
        self._shares("total", made.total())

    def by_sample(self) -> None:
        """First-order shares alone."""
        import numpy as np

        known = np.isfinite(self.values)
        if known.sum() < FEWEST:
            self.why = "few"
            return
        self.method = "sample"
        factors = self.view.factors
        made = indices.first_order(
            [factor.numbers[known].astype(float) for factor in factors],
            self.values[known],
            levels=[factor.by_level for factor in factors],
            even=self.view.block.kind != "latin",
            seed=self.view.block.seed,
        )
        self._shares("first", made)

    def by_grid(self) -> None:
        """Changes over like combinations of the others; exact shares where the grid is whole."""
        import numpy as np

        factors = self.view.factors
        if not factors:
            self.why = "one"
            return
        cube = np.full([len(factor.levels) for factor in factors], np.nan)
        cube[tuple(factor.codes for factor in factors)] = self.values
        whole = bool(np.isfinite(cube).all())
        for axis, factor in enumerate(factors):
            rows = np.moveaxis(cube, axis, 0).reshape(len(factor.levels), -1)
            rows = rows[:, np.isfinite(rows).all(axis=0)]
            if rows.shape[1] and len(rows) > 1:
                self._changes(factor, rows.mean(axis=1) - rows.mean(), np.arange(len(rows)))
        self.base = float(np.nanmean(cube))
        if len([size for size in cube.shape if size > 1]) < 2:
            self.why = "one"
        elif whole:
            first, total = indices.factorial_shares(cube)
            self.method = "factorial"
            for factor, one, all_of_it in zip(factors, first, total, strict=True):
                self.effects[factor.name] |= {"first": float(one), "total": float(all_of_it)}
        elif np.isfinite(cube).sum() >= FEWEST:
            self.by_sample()
        else:
            self.why = "holes"

    def one_at_a_time(self) -> None:
        """Changes from the base point, which is the first."""
        import numpy as np

        self.why = "one_at_a_time"
        if not np.isfinite(self.values[0]):
            return
        self.base = float(self.values[0])
        for factor in self.view.factors:
            own = self.view.own_points(factor)
            places = np.flatnonzero(own & np.isfinite(self.values))
            if len(places) > 1:
                self._changes(factor, self.values[places] - self.base, factor.codes[places])

    def _changes(self, factor: Factor, changes: np.ndarray, codes: np.ndarray) -> None:
        low, high = int(changes.argmin()), int(changes.argmax())
        self.effects[factor.name] |= {
            "low": float(changes[low]),
            "high": float(changes[high]),
            "at_low": int(codes[low]),
            "at_high": int(codes[high]),
        }

    def _shares(self, name: str, shares: indices.Shares) -> None:
        ends = zip(shares.value, shares.low, shares.high, strict=True)
        for factor, (value, low, high) in zip(self.view.factors, ends, strict=True):
            self.effects[factor.name] |= {
                name: float(value),
                f"{name}_low": float(low),
                f"{name}_high": float(high),
            }
