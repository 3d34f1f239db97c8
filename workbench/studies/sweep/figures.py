"""How the numbers of one key figure are written and drawn: kind, unit, decimals, which way is good.

`report.labels` reads the meaning of a figure; here it becomes words for sentences, a `Measure` for
charts and a kind for table columns, all alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.studies.sweep.cases import Meaning
from workbench.studies.sweep.pareto import Aim
from workbench.studies.sweep.view import View

if TYPE_CHECKING:
    import numpy as np

    from workbench.charts import Measure
    from workbench.studies.sweep.sensitivity import Sensitivity
    from workbench.text import Language, Scale

_MONEY = ("money", "signed_money", "price")
_SHARES = ("percent", "signed_percent", "probability")


@dataclass(frozen=True, eq=False)
class Objective:
    """A key figure of a block that is looked at.

    Attributes
    ----------
    view : View
    meaning : Meaning
    aim : {"max", "min"}
        Which way is better.
    lang : Language
    """

    view: View
    meaning: Meaning
    aim: Aim
    lang: Language

    @property
    def name(self) -> str:
        """Name as the study has it."""
        return self.meaning.name

    @property
    def label(self) -> str:
        """Name for people."""
        return self.lang.pick(*self.meaning.label)

    @cached_property
    def found(self) -> Sensitivity:
        """What the parameters do to it."""
        from workbench.studies.sweep.sensitivity import sensitivity

        return sensitivity(self.view, self.name)

    @cached_property
    def points(self) -> np.ndarray:
        """Its value at each point, as drawn: points in per cent of a share."""
        return self.view.means(self.name) * self._times

    @cached_property
    def runs(self) -> np.ndarray:
        """Its value in each run, as drawn."""
        return self.view.values(self.name) * self._times

    def drawn(self, value: float) -> float:
        """A value as it is drawn and written."""
        return value * self._times

    @cached_property
    def measure(self) -> Measure:
        """How charts write it."""
        return self._measure(signed=self.meaning.kind.startswith("signed"))

    @cached_property
    def changes(self) -> Measure:
        """How charts write differences of it; those of shares are points, drawn times 100."""
        return self._measure(signed=True)

    def change_drawn(self, value: Any) -> Any:
        """A difference as `changes` draws it."""
        return value * (100 if self._kind == "share" else self._times)

    def written(self, value: float) -> str:
        """A value for a sentence; as `points` has it."""
        return self.measure.writer(self.lang, [value]).full(value)

    def parts(self, value: float) -> tuple[str, str]:
        """A value and its unit for a tile."""
        if self._kind == "money":
            return self.lang.money_parts(value, currency=self._currency)
        unit = "" if self._kind == "share" else self.lang.pick(*self._unit)
        return self.measure.writer(self.lang, [value])(value), unit

    def change_parts(self, value: float) -> tuple[str, str]:
        """Size of a difference and its unit for a tile; as the study gives it."""
        if self._kind == "money":
            return self.lang.money_parts(abs(value), currency=self._currency)
        writer = self.changes.writer(self.lang, [value])
        return writer(abs(self.change_drawn(value))).removeprefix("+").removesuffix(
            "%"
        ), writer.unit

    def written_change(self, value: float, *, sign: bool = True) -> str:
        """A difference for a sentence, of values as the study gives them."""
        if self._kind == "money":
            return self.lang.money(value, currency=self._currency, sign=sign)
        if self._kind == "share":
            return self.lang.points(value, decimals=self._decimals, sign=sign)
        write = self.lang.signed if sign else self.lang.number
        text = write(value * self._times, decimals=self._decimals)
        unit = self.lang.pick(*self._unit)
        return f"{text}{self.lang.pick(' ', '')}{unit}" if unit else text

    def between(self, low: float, high: float) -> str:
        """A range for a sentence."""
        if self._kind == "money":
            return self.lang.interval(low, high, currency=self._currency)
        text = self.measure.writer(self.lang, [low, high]).between(low, high)
        unit = "" if self._kind == "share" else self.lang.pick(*self._unit)
        return f"{text}{self.lang.pick(' ', '')}{unit}" if unit else text

    @property
    def column(self) -> dict[str, Any]:
        """Kind and decimals of a table column (`report.Col`) of values as drawn."""
        if self._kind == "money":
            return {"kind": "money"}
        if self._kind == "share":
            return {"kind": "percent", "decimals": self._decimals}
        return {"kind": "number", "decimals": self._decimals}

    @property
    def heading(self) -> str:
        """Label with the unit, for the head of a column whose table names no unit."""
        unit = "" if self._kind in ("money", "share") else self.lang.pick(*self._unit)
        return self.label + (self.lang.paren(unit) if unit else "")

    @property
    def currency(self) -> str | None:
        """Of money; None for other kinds."""
        return self._currency if self._kind == "money" else None

    # -- parts ----------------------------------------------------------------------------------

    @property
    def _times(self) -> float:
        return 100.0 if self.meaning.kind == "points" else 1.0

    @property
    def _kind(self) -> str:
        if self.meaning.kind in _MONEY:
            return "money"
        return "share" if self.meaning.kind in _SHARES else "number"

    @property
    def _unit(self) -> tuple[str, str]:
        return ("pp", "个百分点") if self.meaning.kind == "points" else self.meaning.unit

    @property
    def _currency(self) -> str:
        unit = self.meaning.unit[0]
        return unit if len(unit) == 3 and unit.isupper() else "CNY"

    @cached_property
    def _decimals(self) -> int:
        """As many as tell the points apart: three digits of their spread, of shares two."""
        import numpy as np

        if self.meaning.kind == "integer" and self.view.block.replicates == 1:
            return 0
        values = self.view.means(self.name) * (100 if self._kind == "share" else self._times)
        known = values[np.isfinite(values)]
        spread = float(np.ptp(known)) if known.size else 0.0
        least = 1 if self._kind == "share" else 0
        if spread <= 0:
            return least
        return int(min(max(2 - least - math.floor(math.log10(spread)), least), 6))

    @cached_property
    def _scale(self) -> Scale | None:
        """One unit for all its pictures; None where no point has a value."""
        import numpy as np

        known = self.points[np.isfinite(self.points)]
        return (
            self.lang.scale([np.abs(known).max()], currency=self._currency) if len(known) else None
        )

    def _measure(self, *, signed: bool) -> Measure:
        from workbench.charts import Measure

        if self._kind == "money":
            scale = None if signed else self._scale
            return Measure("money", currency=self._currency, signed=signed, scale=scale)
        points = self._kind == "share" and signed and not self.meaning.kind.startswith("signed")
        if self._kind == "share" and not points:
            return Measure("share", decimals=self._decimals, signed=signed)
        unit = ("pp", "个百分点") if self._kind == "share" else self._unit
        return Measure(
            "number", decimals=self._decimals, signed=signed, unit=unit if any(unit) else None
        )


def objectives(view: View, aims: dict[str, Aim], lang: Language) -> list[Objective]:
    """The key figures of a block that are judged: those named, else the first two that vary."""
    from workbench.studies.sweep.indices import enough_spread

    named = {name: aim for name, aim in aims.items() if name in view.meanings}
    if not named:
        means = {name: view.means(name) for name in view.meanings}
        varied = [n for n, m in means.items() if enough_spread(m[m == m])]
        named = dict.fromkeys((varied or list(means))[:2], "max")
    return [Objective(view, view.meanings[name], aim, lang) for name, aim in named.items()]
