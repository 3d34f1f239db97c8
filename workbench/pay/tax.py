"""A dated tax table for a bonus taxed alone, and the cliffs it makes in net pay.

The engine ends at pay before tax; this table is only asked for by name, to show what is left of a
bonus and where one unit more of it leaves less. Tables are files (params/incentives/tax).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationError, model_validator

from workbench.errors import ParameterError
from workbench.pay.exactly import Ratio
from workbench.pay.faults import plan_error
from workbench.pay.parts import Names
from workbench.pay.source import read_source
from workbench.pay.words import CHINESE, Exact, Part, fault, word
from workbench.text import later
from workbench.units import minor_digits


class Bracket(Part):
    """One bracket: above this monthly amount, the rate on the whole less the deduction."""

    above: Exact = word(title="Above", help="Monthly amount.", zh=("高于", "月均金额。"), ge=0)
    rate: Exact = word(
        title="Rate", help="On the whole.", zh=("费率", "适用全额的税率。"), ge=0, le=1
    )
    deduction: Exact = word(
        Fraction(0),
        title="Deduction",
        help="Taken off the tax.",
        zh=("速算扣除数", "从税额中减除。"),
    )


class TaxTable(Part):
    """Tax on a bonus that is taxed alone, in force between two days."""

    name: Names = word(title="Name", help="Its name.", zh=("方案名称", "名称。"))
    currency: str = word(title="Currency", help="ISO 4217 code.", zh=("币种", "ISO 4217代码。"))
    valid_from: dt.date = word(title="Valid from", help="First day.", zh=("生效日期", "首日。"))
    valid_to: dt.date = word(title="Valid to", help="Last day.", zh=("失效日期", "末日。"))
    months: int = word(
        12, title="Months", help="The bracket is found by the bonus over these.", ge=1,
        zh=("月数", "确定税率的月数。"),
    )  # fmt: skip
    brackets: tuple[Bracket, ...] = word(
        title="Brackets", help="Rising.", zh=("级距", "由低到高。")
    )

    @model_validator(mode="after")
    def _rises(self) -> Self:
        for number, (one, after) in enumerate(pairwise(self.brackets)):
            if after.above <= one.above:
                raise fault("brackets must rise", "级距须由低到高", "brackets", number + 1)
        return self

    def tax(self, bonus: ArrayLike, *, on: dt.date) -> NDArray[np.float64]:
        """Tax on bonuses paid on a day, in currency units, exact to the minor unit.

        Raises
        ------
        ParameterError
            If the table is not in force on that day.
        """
        if not self.valid_from <= on <= self.valid_to:
            raise ParameterError(
                later("{table} is not in force on {on}", table=self.name.en, on=on),
                where=later("{first} to {last}", first=self.valid_from, last=self.valid_to),
                do=later("use the table of that day"),
            )
        unit = 10 ** minor_digits(self.currency)
        minor = np.rint(np.asarray(bonus, float) * unit).astype(np.int64)
        value = Ratio.of(minor)
        tax = Ratio.of(np.zeros(minor.shape, np.int64))
        for bracket in self.brackets:
            above = value.num > int(bracket.above * self.months * unit)
            own = value * Ratio.constant(bracket.rate, minor.shape)
            own = own - Ratio.constant(bracket.deduction * unit, minor.shape)
            tax = own.chosen(np.asarray(above, bool), tax)
        return np.asarray(tax.rounded(even=False) / unit)

    def cliffs(self) -> tuple[Cliff, ...]:
        """Bonuses of which one unit more leaves less after tax."""
        found = []
        for low, high in pairwise(self.brackets):
            at = high.above * self.months
            before = at * low.rate - low.deduction
            after = (at + 1) * high.rate - high.deduction
            if after - before > 1:
                # the net of the lower bracket's top is reached again where tax eats no more of it
                again = (at - before - high.deduction) / (1 - high.rate)
                found.append(Cliff(float(at), float(after - before), float(again)))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Cliff:
    """A step in net pay.

    Attributes
    ----------
    bonus : float
        Largest bonus before the step.
    tax : float
        Tax that one unit more costs.
    again : float
        Bonus from which the net is at least what it was before the step.
    """

    bonus: float
    tax: float
    again: float


def load_tax(path: str | Path) -> TaxTable:
    """Read a tax table; raises ParameterError naming file and line as `load_plan` does."""
    source = read_source(Path(path), chinese=CHINESE)
    values: dict[str, Any] = source.values
    try:
        return TaxTable.model_validate(values)
    except ValidationError as error:
        raise plan_error(error, TaxTable, source) from error
