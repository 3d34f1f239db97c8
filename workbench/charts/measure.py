"""What a chart's numbers are and how they are written: one unit a chart, chosen once.

`Measure` says what the values are (money, a count, a share); `writer` gives the words for one
chart's values in one language, so that no chart formats a number itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from workbench.text import Language, Scale

Kind = Literal["money", "number", "share"]


@dataclass(frozen=True, slots=True)
class Measure:
    """Kind of the values of a chart.

    Attributes
    ----------
    kind : {"money", "number", "share"}
        "money" in currency units; "number" as it is; "share" 0.082 for 8.2%.
    currency : str
        ISO 4217, for money.
    decimals : int, optional
        None chooses: money by its unit, numbers 0 if all are whole and else 1, shares 1.
    scale : Scale, optional
        The unit of a table beside the chart, to share it.
    signed : bool
        Values are changes, + and − are always written.
    coarse : bool
        Take 亿元 as soon as it fits, for totals of a company.
    unit : tuple of str, optional
        English and Chinese unit of a number, written once in a subtitle ("{unit}") and at
        single values that stand apart: ("days", "天").
    """

    kind: Kind = "money"
    currency: str = "CNY"
    decimals: int | None = None
    scale: Scale | None = None
    signed: bool = False
    coarse: bool = False
    unit: tuple[str, str] | None = None

    def writer(self, lang: Language, values: Any) -> Writer:
        """Return the words for these values; the largest chooses the unit of money."""
        finite = numbers(values)
        scale = None
        if self.kind == "money":
            scale = self.scale or lang.scale(finite, currency=self.currency, coarse=self.coarse)
        return Writer(lang, self, scale, self._decimals(finite, scale))

    def _decimals(self, values: np.ndarray, scale: Scale | None) -> int:
        if self.decimals is not None:
            return self.decimals
        if scale is not None:
            return scale.decimals
        whole = bool((values == np.round(values)).all())
        return 1 if self.kind == "share" or not whole else 0


MONEY = Measure("money")
TOTAL = Measure("money", coarse=True)
COUNT = Measure("number", decimals=0)
SHARE = Measure("share")
DAYS = Measure("number", decimals=0, unit=("days", "天"))
CHANGE = Measure("share", signed=True)


@dataclass(frozen=True, slots=True)
class Writer:
    """Words for the values of one chart: `writer(v)` is what stands at a mark."""

    lang: Language
    measure: Measure
    scale: Scale | None
    decimals: int

    def __call__(self, value: Any, *, decimals: int | None = None) -> str:
        """Write one value, without the unit of money; a missing one is –."""
        if self.measure.signed:
            return self.signed(value, decimals=decimals)
        places = self.decimals if decimals is None else decimals
        if self.measure.kind == "share":
            return self.lang.percent(value, decimals=places)
        return self.lang.number(self.shown(value), decimals=places)

    def signed(self, value: Any, *, decimals: int | None = None) -> str:
        """Write a change with its sign."""
        places = self.decimals if decimals is None else decimals
        if self.measure.kind == "share":
            return self.lang.signed_percent(value, decimals=places)
        return self.lang.signed(self.shown(value), decimals=places)

    def difference(self, value: Any) -> str:
        """Write the difference of two values: of two shares in points, without the word."""
        if self.measure.kind == "share":
            return self.lang.signed(value * 100, decimals=self.decimals)
        return self.signed(value)

    def full(self, value: Any) -> str:
        """Write one value with its unit, where it stands apart from the chart: 3.86亿元, 49天."""
        if self.scale is not None:
            return self.lang.money(value, currency=self.measure.currency, sign=self.measure.signed)
        return self.single(value)

    def single(self, value: Any) -> str:
        """Write one value at a mark with the unit of a number (49天), money without."""
        unit = self.measure.unit
        text = self(value)
        if unit is None or self.scale is not None or text == self.lang.number(None):
            return text
        return text + self.lang.pick(f" {unit[0]}", unit[1])

    def between(self, low: float, high: float) -> str:
        """Write an interval in the unit of the chart: 36–40%, 6,940–7,560."""
        ends = [self(low), self(high)]
        if self.measure.kind == "share" and not self.measure.signed:
            ends[0] = ends[0].removesuffix("%")
        word = self.lang.pick(" to ", "至")
        return (word if "\u2212" in "".join(ends) else "–").join(ends)

    def axis(self, values: Sequence[float]) -> list[str]:
        """Write the values of an axis, with no more decimals than tell them apart."""
        times = 100 if self.measure.kind == "share" else 1
        shown = [self.shown(value) * times for value in values]
        places = next((n for n in range(4) if np.allclose(shown, np.round(shown, n), atol=1e-9)), 4)
        return [self(value, decimals=places) for value in values]

    def shown(self, value: Any) -> Any:
        """Return the number that stands in the picture: money divided by its unit."""
        if self.scale is None or value is None:
            return value
        return value / self.scale.divisor

    def rounded(self, value: float) -> float:
        """Return the value as it is written, in units of the data."""
        return round(value / self.step) * self.step if np.isfinite(value) else value

    @property
    def step(self) -> float:
        """The last digit written, in units of the data: 10,000 for 万元 without decimals."""
        divisor = self.scale.divisor if self.scale else 1
        shift = 2 if self.measure.kind == "share" else 0
        return float(divisor * 10.0 ** -(self.decimals + shift))

    @property
    def unit(self) -> str:
        """The unit that stands once under the title."""
        if self.scale is not None:
            return self.scale.unit
        if self.measure.kind == "share":
            return "%"
        return self.lang.pick(*self.measure.unit) if self.measure.unit else ""

    def under(self, subtitle: str) -> str:
        """Put the unit where a subtitle says "{unit}"."""
        return subtitle.replace("{unit}", self.unit)


def numbers(values: Any) -> np.ndarray:
    """Return the finite numbers among values of any shape, as floats."""
    if isinstance(values, np.ndarray) and values.dtype == np.float64:
        flat = values.ravel()
    else:
        given = np.ravel(np.asarray(values, object))
        flat = np.asarray([np.nan if value is None else value for value in given], dtype=float)
    return flat[np.isfinite(flat)]
