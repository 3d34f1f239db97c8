"""What the rules of `findings.py` look at: a table's rows with numbers, days and texts at hand.

A rule has a code, a sentence for people and a function that gives findings. Each column is
converted once, whatever number of rules look at it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from workbench.loaders.outcome import Finding
from workbench.tables import TABLES
from workbench.tables.declare import Column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: The day a row is about, by table: what months are counted by.
MAIN_DAYS = {
    "opportunity": "created_date",
    "lead": "created_at",
    "activity": "activity_date",
    "quote": "quote_date",
    "contract": "signed_date",
    "order_line": "order_date",
    "delivery": "ship_date",
    "invoice": "invoice_date",
    "receipt": "receipt_date",
    "return_refund": "return_date",
    "expense": "expense_date",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding.

    Attributes
    ----------
    code : str
        Stable name, as stored.
    sentence : str
        Catalogue key; its fields are `count`, `of`, `share` and those of the finding.
    look : callable, optional
        From a `View` of one table to findings.
    between : callable, optional
        From several tables (`findings_between.Between`) to findings.
    tables : tuple of str
        Tables it is for; empty for all.
    """

    code: str
    sentence: str
    look: Callable[[View], Iterable[Finding]] | None = None
    between: Callable[[Any], Iterable[Finding]] | None = None
    tables: tuple[str, ...] = ()


@dataclass(eq=False)
class View:
    """The rows of one table.

    Attributes
    ----------
    table : str
        Declared name.
    frame : pandas.DataFrame
        Declared columns, as many as there are; money may be Decimal.
    raw : pandas.DataFrame or None
        Texts as they stood, by header.
    today : datetime.date
        Days after it lie in the future.
    """

    table: str
    frame: pd.DataFrame
    raw: pd.DataFrame | None
    today: dt.date
    _numbers: dict[str, np.ndarray[Any, Any]] = field(default_factory=dict, repr=False)
    _days: dict[str, pd.Series] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def filled(self) -> dict[str, int]:
        """Columns with at least one value: how many they have."""
        counts = self.frame.notna().sum()
        return {str(name): int(count) for name, count in counts.items() if count}

    def has(self, *names: str) -> bool:
        """Whether all of these columns have values."""
        return all(name in self.filled for name in names)

    def declared(self, *kinds: str) -> list[Column]:
        """Declared columns of these kinds that have values."""
        columns = TABLES[self.table].columns if self.table in TABLES else ()
        return [column for column in columns if column.kind in kinds and self.has(column.name)]

    def numbers(self, name: str) -> np.ndarray[Any, Any]:
        """A column as float64, nan where missing."""
        if name not in self._numbers:
            self._numbers[name] = _floats(self.frame[name])
        return self._numbers[name]

    def days(self, name: str) -> pd.Series:
        """A column as naive timestamps, NaT where missing."""
        if name not in self._days:
            self._days[name] = _days(self.frame[name])
        return self._days[name]

    @property
    def main_day(self) -> str | None:
        """Column of the day a row is about; None where there is none with values."""
        name = MAIN_DAYS.get(self.table)
        return name if name and self.has(name) else None

    def is_status(self, *codes: str) -> np.ndarray[Any, Any]:
        """True for deals of these statuses."""
        return self.frame["status"].isin(codes).to_numpy()

    def finding(self, code: str, count: Any, of: Any = None, **fields: Any) -> Finding:
        """A finding about this table; `of` is its rows by default."""
        texts = {name: str(value) for name, value in fields.items()}
        total = len(self) if of is None else int(of)
        return Finding(code, int(count), total, {"table": self.table, **texts})

    def key_of(self, where: np.ndarray[Any, Any]) -> str:
        """Key of the first row where something holds; its place from 1 without a key."""
        place = int(where.argmax())
        keys = TABLES[self.table].key if self.table in TABLES else ()
        key = next((name for name in keys if self.has(name)), None)
        value = self.frame[key].iloc[place] if key else None
        return str(place + 1) if value is None or value != value else str(value)


def _floats(values: pd.Series) -> np.ndarray[Any, Any]:
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if isinstance(values.dtype, pd.ArrowDtype):
        array = pa.chunked_array(pa.array(values)).cast(pa.float64())
        return np.asarray(array.to_numpy(), float)
    return values.to_numpy(dtype=float, na_value=np.nan)


def _days(values: pd.Series) -> pd.Series:
    import pandas as pd

    stamps = values if values.dtype.kind == "M" else pd.to_datetime(values)
    return stamps.dt.tz_localize(None) if getattr(stamps.dtype, "tz", None) else stamps
