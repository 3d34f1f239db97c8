"""What is better, and is it chance? Two scenarios compared draw by draw.

With the same seed and streams both scenarios meet the same luck, so the difference of each pair of
draws shows what was changed, and its mean has a much smaller error than that of two scenarios
drawn apart. Cubes of draws: `cube.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from workbench.errors import InputError, ParameterError
from workbench.scenarios.cube import check_cube, total
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

# Values taken of each side to form differences of draws that are not paired.
_SPREAD = 1000
# Amounts of money below this are prices, and written to the cent.
_PRICE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedDifference:
    """How much `b` is above `a`, and how sure that is.

    Attributes
    ----------
    mean : float
        Mean of b - a, in `unit`.
    low, high : float
        Interval of that mean; `level` of such intervals hold the true one. More draws narrow it.
    difference_low, difference_high : float
        Interval of b - a itself: `level` of the draws lie in it. More draws do not narrow it.
    level : float
        Of both intervals, as a share.
    chance_better : float
        Chance that b is better than a; equal draws count half.
    standard_error : float
        Of the mean.
    n : int
        Pairs of draws; of draws that are not paired, the smaller number of the two.
    unit : str or None
        Of the values.
    paired : bool
        Whether draws were compared pair by pair.
    reason : str or None
        Why they were not: "seed", "streams", "draws" (other draws) or "asked".
    correlation : float
        Between the two over the pairs; nan where not paired or one of them never changes.
    higher_is_better : bool
    """

    mean: float
    low: float
    high: float
    difference_low: float
    difference_high: float
    level: float
    chance_better: float
    standard_error: float
    n: int
    unit: str | None
    paired: bool
    reason: str | None
    correlation: float
    higher_is_better: bool

    @property
    def clear(self) -> bool:
        """Whether the interval of the mean leaves out 0."""
        return not self.low <= 0 <= self.high

    def summary(self) -> dict[str, float]:
        """Key figures."""
        return {
            "mean_difference": self.mean,
            "low": self.low,
            "high": self.high,
            "chance_better": self.chance_better,
        }

    def table(self) -> pd.DataFrame:
        """One row with all figures."""
        import pandas as pd

        return pd.DataFrame([{name: getattr(self, name) for name in self.__slots__}])

    def sentence(
        self, lang: Language, *, a: str = "A", b: str = "B", unit: str | None = None
    ) -> str:
        """Say the difference for people.

        Parameters
        ----------
        lang : Language
        a, b : str
            Names of the two scenarios.
        unit : str, optional
            Word for the unit in that language; currencies and shares need none.
        """
        return _sentence(self, lang, a=a, b=b, word=unit)


def paired_difference(
    a: xr.DataArray | ArrayLike,
    b: xr.DataArray | ArrayLike,
    *,
    level: float = 0.9,
    higher_is_better: bool = True,
    paired: bool | None = None,
    unit: str | None = None,
) -> PairedDifference:
    """Compare two scenarios of the same draws.

    Parameters
    ----------
    a, b : DataArray or array_like
        Cubes, which are summed over periods and keys; or one number for each draw.
    level : float
        Of the intervals, between 0 and 1.
    higher_is_better : bool
        False for costs and losses.
    paired : bool, optional
        By default cubes are paired if they share seed, draws and at least one stream (or name no
        streams), and arrays if they are equally long. An array says nothing of its seed: give
        False for arrays that were drawn apart.
    unit : str, optional
        Of arrays; cubes know theirs.

    Returns
    -------
    PairedDifference

    Raises
    ------
    InputError
        If units differ, a cube cannot be summed, there are fewer than two draws, or values are
        missing.
    ParameterError
        If the level is not between 0 and 1, or `paired` asks to pair draws that cannot be.

    Notes
    -----
    Paired: Student's t interval of the differences. Not paired: Welch's t interval (Welch 1947,
    Biometrika 34, 28-35), and the chance is that of two independent draws. Both take draws as
    independent; for Latin hypercube and Sobol draws, which are more even, the interval is as a
    rule too wide, seldom too narrow.

    Examples
    --------
    >>> before, after = [10.0, 12.0, 14.0, 16.0], [11.0, 13.5, 15.0, 17.5]
    >>> result = paired_difference(before, after)
    >>> result.mean, result.chance_better
    (1.25, 1.0)
    """
    if not 0 < level < 1:
        raise ParameterError("a level lies between 0 and 1", where=f"level={level}", do="give 0.9")
    reason = _why_apart(a, b, paired)
    units = [_unit(side, unit) for side in (a, b)]
    if units[0] != units[1]:
        raise InputError(
            f"{units[0]} and {units[1]} are not compared", where="a, b", do="bring both to one unit"
        )
    one, other = _by_draw(a, "a"), _by_draw(b, "b")
    compare = _of_pairs if reason is None else _of_two_samples
    return PairedDifference(
        **compare(one, other, level, 1 if higher_is_better else -1),
        level=level,
        n=min(len(one), len(other)),
        unit=units[0],
        paired=reason is None,
        reason=reason,
        higher_is_better=higher_is_better,
    )


# -- the two ways -------------------------------------------------------------------------------


def _of_pairs(a: np.ndarray, b: np.ndarray, level: float, sign: int) -> dict[str, float]:
    difference = b - a
    error = float(difference.std(ddof=1)) / len(difference) ** 0.5
    better = sign * difference
    constant = a.std() == 0 or b.std() == 0
    return _interval(float(difference.mean()), error, len(difference) - 1, level) | {
        **_range(difference, level),
        "chance_better": float(((better > 0) + 0.5 * (better == 0)).mean()),
        "correlation": float("nan") if constant else float(np.corrcoef(a, b)[0, 1]),
    }


def _of_two_samples(a: np.ndarray, b: np.ndarray, level: float, sign: int) -> dict[str, float]:
    parts = [side.var(ddof=1) / len(side) for side in (a, b)]
    squared = sum(parts)
    below = sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, (a, b), strict=True)
    )  # Welch-Satterthwaite degrees of freedom are squared^2 / below
    freedom = float(squared**2 / below) if below else float(min(len(a), len(b)) - 1)
    apart = np.subtract.outer(_thinned(b), _thinned(a)).ravel()
    return _interval(float(b.mean() - a.mean()), float(squared**0.5), freedom, level) | {
        **_range(apart, level),
        "chance_better": _chance(a, b, sign),
        "correlation": float("nan"),
    }


def _interval(mean: float, error: float, freedom: float, level: float) -> dict[str, float]:
    from scipy.special import stdtrit

    half = error * float(stdtrit(freedom, (1 + level) / 2))
    return {"mean": mean, "standard_error": error, "low": mean - half, "high": mean + half}


def _range(difference: np.ndarray, level: float) -> dict[str, float]:
    low, high = np.quantile(difference, [(1 - level) / 2, (1 + level) / 2])
    return {"difference_low": float(low), "difference_high": float(high)}


def _chance(a: np.ndarray, b: np.ndarray, sign: int) -> float:
    """Share of all pairs in which b is better, equal ones half (Mann and Whitney's U / nm)."""
    lower, upper = np.sort(sign * a), sign * b
    wins = lower.searchsorted(upper, "left") + lower.searchsorted(upper, "right")
    return float(wins.mean()) / 2 / len(a)


def _thinned(values: np.ndarray) -> np.ndarray:
    """Values spread as the given ones are, few enough to pair each with each."""
    if len(values) <= _SPREAD:
        return values
    return np.quantile(values, (np.arange(_SPREAD) + 0.5) / _SPREAD)


# -- what is compared ---------------------------------------------------------------------------


def _why_apart(a: Any, b: Any, paired: bool | None) -> str | None:
    """Return why draws are not paired; None if they are."""
    if paired is False:
        return "asked"
    reason = _mismatch(a, b)
    if paired and reason == "draws":
        raise ParameterError(
            "the two have other draws and cannot be paired",
            where=f"a has {len(a)} draws, b has {len(b)}",
            do="draw both with the same number of draws, or leave out paired=True",
        )
    return None if paired else reason


def _mismatch(a: Any, b: Any) -> str | None:
    if not (_is_cube(a) and _is_cube(b)):
        return None if len(np.asarray(a)) == len(np.asarray(b)) else "draws"
    if not np.array_equal(a["draw"].values, b["draw"].values):
        return "draws"
    seeds = [side.attrs.get("seed") for side in (a, b)]
    if seeds[0] is None or seeds[0] != seeds[1]:
        return "seed"
    names = [set(side.attrs.get("streams", ())) for side in (a, b)]
    return "streams" if all(names) and not names[0] & names[1] else None


def _is_cube(side: Any) -> bool:
    return hasattr(side, "dims") and hasattr(side, "attrs")


def _unit(side: Any, unit: str | None) -> str | None:
    return side.attrs.get("unit", unit) if _is_cube(side) else unit


def _by_draw(side: Any, name: str) -> np.ndarray:
    if _is_cube(side):
        if side.dims != ("draw",):
            side = total(check_cube(side), over=side.dims[1:])
        side = side.values
    values = np.asarray(side, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise InputError(
            "a scenario needs at least two draws, one number each, none missing",
            where=f"{name} has shape {values.shape}",
            do="give one number for each draw",
        )
    return values


# -- words --------------------------------------------------------------------------------------


def _sentence(result: PairedDifference, lang: Language, *, a: str, b: str, word: str | None) -> str:
    size, span = _written(result, lang, word)
    if result.mean == 0:
        first = lang.say("{b} is on average the same as {a}", a=a, b=b)
    elif result.mean > 0:
        first = lang.say("{b} is on average {size} above {a}", a=a, b=b, size=size)
    else:
        first = lang.say("{b} is on average {size} below {a}", a=a, b=b, size=size)
    level = lang.percent(result.level, decimals=0)
    interval = lang.say("{level} interval of the mean difference: {span}", level=level, span=span)
    head = first + lang.paren(interval) + lang.semicolon + _chance_said(result, lang) + lang.stop
    if result.clear or result.mean == 0:
        return head
    doubt = lang.say("The difference may be chance: the interval holds 0.")
    return lang.sentences([head, doubt])


def _chance_said(result: PairedDifference, lang: Language) -> str:
    chance = lang.probability(result.chance_better)
    if result.paired:
        n = lang.number(result.n)
        return lang.say("better in {chance} of {n} draws with the same luck", chance=chance, n=n)
    return lang.say(
        "better with a chance of {chance}; drawn apart, so that the interval is wider",
        chance=chance,
    )


def _written(result: PairedDifference, lang: Language, word: str | None) -> tuple[str, str]:
    """Size of the mean and its interval, in the unit."""
    size, unit = abs(result.mean), result.unit or ""
    if len(unit) == 3 and unit.isupper():
        span = lang.interval(result.low, result.high, currency=unit)
        say = lang.exact_money if size < _PRICE else lang.money
        return say(size, currency=unit), span
    ends = np.array([result.low, result.high])
    if unit in ("share", "per cent"):
        scale = 1.0 if unit == "share" else 0.01
        decimals = max(1, _decimals(result, 100 * scale))
        low, high = (lang.points(end * scale, decimals=decimals) for end in ends)
        written = lang.points(size * scale, decimals=decimals, sign=False)
    else:
        decimals = _decimals(result, 1.0)
        low, high = (lang.signed(end, decimals=decimals) for end in ends)
        written = lang.number(size, decimals=decimals)
        written += lang.pick(" ", "") + (word or unit) if word or unit else ""
    return written, lang.say("{low} to {high}", low=low, high=high)


def _decimals(result: PairedDifference, scale: float) -> int:
    """Decimals that show the first digit of the interval's half width."""
    half = scale * (result.high - result.low) / 2 or scale * abs(result.mean)
    return int(np.clip(-np.floor(np.log10(half)), 0, 9)) if half > 0 else 0
