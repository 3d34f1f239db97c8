"""Total rows of a sheet (合计, 小计) held against the sum of the rows they stand for."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from workbench.loaders.outcome import TotalCheck
from workbench.loaders.raw import DATA, SUBTOTAL, TOTAL, Block
from workbench.loaders.readers import Read, Reader
from workbench.tables.declare import MONEY_KINDS

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_SUMMED = {*MONEY_KINDS, "number", "integer"}
_HALF_CENT = Decimal("0.005")


class Totals:
    """Running sums of the columns of a sheet, fed block by block, before any row is dropped.

    Attributes
    ----------
    checks : list of TotalCheck
        One for each figure of a total or subtotal row, in the order of the rows.
    """

    def __init__(self, readers: list[Reader]) -> None:
        self.checks: list[TotalCheck] = []
        # All rows so far, and those since the last subtotal.
        self._sums = {
            place: [Decimal(0), Decimal(0)]
            for place, reader in enumerate(readers)
            if reader.kind in _SUMMED
        }
        self._headers = [reader.field.header for reader in readers]

    def take(self, block: Block, reads: list[Read]) -> None:
        """Add the data rows of a block and hold its total rows against the sums."""
        import numpy as np

        totals = np.flatnonzero((block.kinds == TOTAL) | (block.kinds == SUBTOTAL)).tolist()
        data = block.kinds == DATA
        for place, sums in self._sums.items():
            read = reads[place]
            values = read.exact if read.exact is not None else read.values
            start = 0
            for at in totals:
                _add(sums, values, data, start, at)
                self._hold(place, values[at].as_py(), block, at, sums)
                start = at + 1
            _add(sums, values, data, start, len(data))

    def _hold(self, place: int, stated: Any, block: Block, at: int, sums: list[Decimal]) -> None:
        part = block.kinds[at] == SUBTOTAL
        computed = sums[1] if part else sums[0]
        if stated is not None:
            amount = Decimal(str(stated))
            agrees = abs(amount - computed) < _HALF_CENT
            texts = _plain(amount), _plain(computed)
            row = int(block.rows[at])
            self.checks.append(TotalCheck(row, self._headers[place], *texts, agrees))
        if part:
            sums[1] = Decimal(0)


def _add(
    sums: list[Decimal], values: pa.Array, data: np.ndarray[Any, Any], start: int, end: int
) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    part = values.slice(start, end - start).filter(pa.array(data[start:end]))
    amount = Decimal(str(pc.sum(part).as_py() or 0))
    sums[0] += amount
    sums[1] += amount


def _plain(amount: Decimal) -> str:
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{min(places, 6)}f}"
