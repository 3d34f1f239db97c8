"""Columns of dates, read with arrays: the same rules as `dates.parse_date`, no loop over rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.loaders.values.date_forms import date_plan
from workbench.loaders.values.dates import (
    DAY_PARTS,
    EPOCH_SECONDS,
    FIRST_YEAR,
    LAST_YEAR,
    OPEN_END,
    SERIAL_EPOCH,
    Order,
)
from workbench.loaders.values.parsed import ParsedColumn, flag_bit
from workbench.loaders.values.results import Codes, bits
from workbench.loaders.values.texts import Coded, coded, digit_sums, planned

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Array = Any  # a numpy array with one entry a text

_GRAINS = ("day", "instant", "month", "quarter", "half", "year")
_COARSE = {"month": "month", "dot_month": "month", "quarter": "quarter", "half": "half"}
_SPAN = {"quarter": 3, "half": 6}
_DAY = 86_400 * 10**6
_EIGHT_HOURS = 8 * 3600 * 10**6

#: From here on Shanghai keeps the same offset (1992; summer time before), in microseconds.
_STEADY = 694_224_000 * 10**6


def read_dates(texts: Any, *, order: Order | None, serial: bool, epoch: bool) -> ParsedColumn:
    """Read a column; see `dates.date_column`."""
    return _Dates(coded(texts), order, serial, epoch).parsed()


@dataclass
class _Dates:
    column: Coded
    order: Order | None
    serial: bool
    epoch: bool

    def __post_init__(self) -> None:
        import numpy as np

        self.column, self.plans = planned(self.column, date_plan, lambda plan: bool(plan.kind))
        self.codes = self.column.codes
        self.names = Codes()
        self.reasons = self.names.of_forms([plan.reason for plan in self.plans])[self.codes]
        flags = [*(bits(plan.flags) for plan in self.plans), 0]
        self.flags = np.array(flags, np.uint32)[self.codes]
        self.number = digit_sums(
            self.column,
            [plan.day[0] for plan in self.plans],
            [plan.day[1] for plan in self.plans],
            [plan.day_base for plan in self.plans],
        )
        self.known = self.of_kind(*{plan.kind for plan in self.plans if plan.kind})

    def parsed(self) -> ParsedColumn:
        import numpy as np
        import pyarrow as pa

        self._sentinels()
        day = self._days()
        moment = day * _DAY + self._clock()
        moment = self._shifted(moment)
        moment = self._counted(moment)
        low, high = (np.datetime64(f"{y}-01-01", "us").astype(np.int64)
                     for y in (FIRST_YEAR, LAST_YEAR + 1))  # fmt: skip
        self._refuse((moment < low) | (moment >= high), "year_out_of_range")
        self.flags[~self.known & (self.reasons > 0)] = 0
        values = pa.array(moment, mask=~self.known).cast(pa.timestamp("us"))
        return ParsedColumn(
            values, self._grains(moment), self.flags, self.reasons, self.names.codes
        )

    def of_kind(self, *kinds: str) -> Array:
        """Texts whose form is of one of these kinds."""
        return self.by_form(*(plan.kind in kinds for plan in self.plans))

    def by_form(self, *values: Any, null: Any = False) -> Array:
        """Something said of each form, for every text."""
        import numpy as np

        return np.array([*values, null])[self.codes]

    def has(self, *kinds: str) -> bool:
        """Whether any form is of one of these kinds."""
        return any(plan.kind in kinds for plan in self.plans)

    def _refuse(self, where: Array, reason: str) -> None:
        where = where & self.known
        if where.any():
            self.reasons[where] = self.names.code(reason)
            self.known &= ~where

    def _sentinels(self) -> None:
        import numpy as np

        plain = self.of_kind("ymd", "slashed")
        for number, flag in ((0, "zero_date"), (OPEN_END, "open_end")):
            where = plain & (self.number == number)
            if where.any():
                self.flags[where] = np.uint32(flag_bit(flag))
                self.known &= ~where

    def _days(self) -> Array:
        """Days since 1970 of all that has year, month and day, or is coarser."""
        import numpy as np

        year, rest = np.divmod(self.number, 10_000)
        month, day = np.divmod(rest, 100)
        if self.has("slashed"):
            month, day = self._slashed(month, day)
        if self.has("short"):
            year, month, day = self._short(year, month, day)
        self._refuse(self.of_kind("dot_month") & (month == 1), "ambiguous_date")
        if any("two_digit_year" in plan.flags for plan in self.plans):
            two = self.by_form(*("two_digit_year" in plan.flags for plan in self.plans))
            year = np.where(two, year + np.where(year < 70, 2000, 1900), year)
        for kind, span in _SPAN.items():
            if self.has(kind):
                month = np.where(self.of_kind(kind), (month - 1) * span + 1, month)
        counted = self.of_kind("serial", "epoch_ms", "epoch_s")
        good = (month >= 1) & (month <= 12)
        first = np.where(counted | ~good, 0, (year - 1970) * 12 + month - 1)
        starts, ends = (f.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
                        for f in (first, first + 1))  # fmt: skip
        good &= (day >= 1) & (starts + day - 1 < ends)
        self._refuse(~good & ~counted, "invalid_date")
        self.year = np.where(counted, FIRST_YEAR, year)
        return np.where(self.known & ~counted, starts + day - 1, 0)

    def _slashed(self, first: Array, second: Array) -> tuple[Array, Array]:
        import numpy as np

        here = self.of_kind("slashed") & self.known
        either = here & (first != second) & (first <= 12) & (second <= 12)
        if self.order in ("mdy", "dmy"):
            swap = here & (self.order == "dmy")
            self.flags[either] |= np.uint32(flag_bit("order_decided"))
        else:
            self._refuse(either, "ambiguous_date")
            swap = here & ((first == second) | (first > 12))
        return np.where(swap, second, first), np.where(swap, first, second)

    def _short(self, *numbers: Array) -> tuple[Array, ...]:
        import numpy as np

        here = self.of_kind("short")
        if self.order is None:
            self._refuse(here, "short_year")
            return numbers
        self.flags[here] |= np.uint32(flag_bit("order_decided"))
        place = dict(zip(self.order, numbers, strict=True))
        chosen = (place["y"], place["m"], place["d"])
        return tuple(np.where(here, new, old) for new, old in zip(chosen, numbers, strict=True))

    def _clock(self) -> Array:
        """Microseconds of the day."""
        import numpy as np

        if not any(plan.timed for plan in self.plans):
            return 0
        number = self._sums("time")
        hour, rest = np.divmod(number, 10_000)
        minute, second = np.divmod(rest, 100)
        halves = self.by_form(*(plan.half_day for plan in self.plans), null="")
        am, pm, noon = (halves == name for name in ("am", "pm", "noon"))
        wrong = (am & (hour > 12)) | (minute > 59) | (second > 59)
        later = (pm & (hour < 12)) | (noon & (hour < 11))
        hour = np.where(am & (hour == 12), 0, hour + 12 * later)
        self._refuse(wrong | (hour > 23), "invalid_time")
        timed = self.by_form(*(plan.timed for plan in self.plans))
        total = ((hour * 60 + minute) * 60 + second) * 10**6
        return np.where(timed, total + self._sums("part"), 0)

    def _sums(self, part: str) -> Array:
        parts = [getattr(plan, part) for plan in self.plans]
        return digit_sums(self.column, [one[0] for one in parts], [one[1] for one in parts])

    def _shifted(self, moment: Array) -> Array:
        """Instants with an offset moved to Shanghai."""
        import numpy as np

        self._refuse((self.year < FIRST_YEAR) | (self.year > LAST_YEAR), "year_out_of_range")
        if all(plan.zone is None for plan in self.plans):
            return moment
        zoned = self.by_form(*(plan.zone is not None for plan in self.plans))
        sign = self.by_form(*(plan.zone or 0 for plan in self.plans), null=0)
        hours, minutes = np.divmod(self._sums("offset"), 100)
        minutes = hours * 60 + minutes
        self._refuse(
            zoned & ((minutes > 14 * 60) | (self._sums("offset") % 100 > 59)), "invalid_time"
        )
        local = _home(moment - sign * minutes * 60 * 10**6)
        self.flags[zoned & (local != moment)] |= np.uint32(flag_bit("zone_shifted"))
        return np.where(zoned, local, moment)

    def _counted(self, moment: Array) -> Array:
        """Days of a spreadsheet and instants since 1970 put in."""
        import numpy as np

        if not self.has("serial", "epoch_ms", "epoch_s"):
            return moment
        if not self.serial:
            self._refuse(self.of_kind("serial"), "not_a_date")
        if not self.epoch:
            self._refuse(self.of_kind("epoch_ms", "epoch_s"), "not_a_date")
        part = np.where(self.of_kind("serial", "epoch_s"), self._sums("part"), 0)
        return self._instants(self._serials(moment, part), part)

    def _serials(self, moment: Array, part: Array) -> Array:
        import numpy as np

        here = self.of_kind("serial")
        first = np.datetime64(SERIAL_EPOCH, "D").astype(np.int64)
        number = np.where(here, self.number, 0)
        second = (np.where(here, part, 0) * 86_400 * 2 + DAY_PARTS) // (2 * DAY_PARTS)
        return np.where(here, (number + first) * _DAY + second * 10**6, moment)

    def _instants(self, moment: Array, part: Array) -> Array:
        import numpy as np

        here = self.of_kind("epoch_ms", "epoch_s")
        if not here.any():
            return moment
        number = np.where(here, self.number, 0)
        micros = np.where(self.of_kind("epoch_ms"), number * 1000, number * 10**6 + part)
        low, high = (edge * 10**6 for edge in EPOCH_SECONDS)
        self._refuse(here & ((micros < low) | (micros >= high)), "year_out_of_range")
        return np.where(here & self.known, micros + _EIGHT_HOURS, moment)

    def _grains(self, moment: Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        grains = [_COARSE.get(p.kind, "year" if p.kind == "year" else "day") for p in self.plans]
        place = self.by_form(*(_GRAINS.index(grain) for grain in grains), null=0).astype(np.int8)
        place[(place == 0) & (moment % _DAY != 0)] = 1
        indices = pa.array(place, mask=~self.known)
        return pa.DictionaryArray.from_arrays(indices, pa.array(_GRAINS)).dictionary_decode()


def _home(utc: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Instants in UTC as Shanghai time; summer time was kept there until 1991."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    local = utc + _EIGHT_HOURS
    early = np.flatnonzero(utc < _STEADY)
    if len(early):
        stamps = pa.array(utc[early]).cast(pa.timestamp("us", "UTC"))
        moved = pc.local_timestamp(stamps.cast(pa.timestamp("us", "Asia/Shanghai")))
        local[early] = moved.cast(pa.int64()).to_numpy()
    return local
