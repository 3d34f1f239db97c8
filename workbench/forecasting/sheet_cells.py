"""What the cells and headers of a sheet say: periods in any form, amounts in one unit.

Amounts are read as the import reads them (1,234.50, 1.2万, ¥; – and N/A are missing), dates too
where they are no period as `periods.py` knows it (03/31/2027, by the order the column proves).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.errors import BasisError, InputError
from workbench.forecasting.periods import period_of
from workbench.text import Language

if TYPE_CHECKING:
    import pyarrow as pa

#: Periods as columns: so many headers that are periods.
FEWEST_PERIODS = 3
#: Share of cells that must be periods, or amounts, for a column to count as such.
SURE = 0.9
#: Cells looked at to tell what a column holds.
SAMPLE = 200
#: Columns of the month or quarter alone, beside one of the year: their words, and their cells.
PARTS = (
    (
        "month",
        ("month", "月份", "月"),
        re.compile(
            r"(0?[1-9]|1[0-2]) ?(?:月份?)?|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
            r"(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?",
            re.IGNORECASE,
        ),
    ),
    (
        "quarter",
        ("quarter", "季度", "季"),
        re.compile(r"(?:Q|第)?([1-4一二三四])(?:季度?)?", re.IGNORECASE),
    ),
)
YEARS = re.compile(r"((?:19|20)\d{2}) ?年?度?")
YEAR_WORDS = ("year", "年份", "年度", "年")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Amounts:
    """Columns of amounts: values by header, their unit as stated, cells brought to that unit."""

    values: dict[str, Any]
    unit: str
    scaled: int


@dataclass(frozen=True)
class Reading:
    """Where cells come from and in which language faults are told.

    Attributes
    ----------
    where : str
        The file.
    lang : Language
    rows : list of int
        Row in the file of each data row.
    unit : str
        That a title above the header states for all amounts (万元).
    """

    where: str
    lang: Language
    rows: list[int] = field(default_factory=list, repr=False)
    unit: str = ""

    def at(self, place: str) -> str:
        """A place in the file."""
        return f"{self.where}{self.lang.colon}{place}"

    def row(self, number: int) -> int:
        """Row in the file of a data row."""
        return self.rows[number]

    def periods(self, cells: pa.ChunkedArray, name: str) -> list[str]:
        """Periods of a column in a form that a panel reads.

        Raises
        ------
        InputError
            If a cell is empty or no period.
        """
        return self._all_read(cells, _periods(cells), name)

    def crossed(self, form: str, beside: pa.ChunkedArray, name: str) -> list[str]:
        """Periods of a column whose header gives the one part, cells beside it the other.

        Raises
        ------
        InputError
            If a cell beside is empty.
        """
        parts = [_part(text) if text else None for text in beside.to_pylist()]
        found = [
            None if part is None else form.format(year=part, month=part, quarter=part)
            for part in parts
        ]
        return self._all_read(beside, found, name)

    def _all_read(self, cells: pa.ChunkedArray, found: list[str | None], name: str) -> list[str]:
        say, read = self.lang.say, [period for period in found if period]
        if len(read) == len(found):
            return read
        number = next(place for place, period in enumerate(found) if not period)
        text = cells[number].as_py()
        if text:
            what = say("{text} is no period", text=self.quoted(text))
            do = say("write 2027-03, 2027Q1, 2027-W09, 2027-03-01 or 2027")
        else:
            what = say("a period is empty")
            do = say("fill in the period or leave the row out")
        raise InputError(what, where=self.at(self._cell(name, number)), do=do)

    def amounts(self, columns: dict[str, pa.ChunkedArray]) -> Amounts:
        """Read columns of amounts in the unit that their header or a title states.

        Raises
        ------
        InputError
            If a cell is no amount.
        BasisError
            If amounts are in several currencies.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        from workbench.loaders.values import flag_bit, money_column, unit_of

        values: dict[str, Any] = {}
        currencies: dict[str, str] = {}
        unit, scaled = "", 0
        for name, cells in columns.items():
            stated = unit_of(name)
            unit = unit or (_unit_in(name) if stated != (1, "") else self.unit)
            factor, currency = stated if stated != (1, "") else unit_of(f"({self.unit})")
            read = money_column(cells, unit=factor, currency=currency)
            wrong = np.flatnonzero(read.reasons)
            if len(wrong):
                raise self._no_amount(cells, read, int(wrong[0]), name)
            own = np.flatnonzero(read.flags & flag_bit("scaled"))
            scaled += len(own)
            for code in read.units.unique().to_pylist() if read.units is not None else ():
                if code:
                    currencies.setdefault(code, name)
            values[name] = pc.divide(read.values.cast(pa.float64(), safe=False), float(factor))
            values[name] = values[name].to_pandas()
        if len(currencies) > 1:
            say, pause = self.lang.say, self.lang.pause
            raise BasisError(
                say("amounts are in several currencies: {codes}", codes=pause.join(currencies)),
                where=self.at(pause.join(dict.fromkeys(currencies.values()))),
                do=say("convert them into one, or forecast each currency in a sheet of its own"),
            )
        return Amounts(values, unit, scaled)

    def faults(self, columns: dict[str, pa.ChunkedArray]) -> Iterable[str]:
        """What stands in the first cell of each column that is no amount, and why it is none."""
        from workbench.loaders.values import money_column

        for name, cells in columns.items():
            read = money_column(cells.slice(0, SAMPLE))
            wrong = np.flatnonzero(read.reasons)
            if len(wrong):
                yield f"{name}{self.lang.colon}{self._why(cells, read, int(wrong[0]))}"

    def _no_amount(self, cells: Any, read: Any, number: int, name: str) -> InputError:
        say = self.lang.say
        return InputError(
            say("a value is not a number: {text}", text=self._why(cells, read, number)),
            where=self.at(self._cell(name, number)),
            do=say("correct the cell, or leave it empty where the value is missing"),
        )

    def _why(self, cells: Any, read: Any, number: int) -> str:
        """A cell that is no amount, and why where that is not plain."""
        from workbench.loaders.reasons import VALUES

        reason = VALUES[read.codes[read.reasons[number] - 1]]
        text = self.quoted(cells[number].as_py())
        if reason.code == "not_a_number":
            return text
        why = reason.say(self.lang)
        return self.lang.pick(f"{text} ({why})", f"{text}（{why}）")

    def quoted(self, text: str) -> str:
        """What stands in a cell or header, set apart."""
        return self.lang.pick(repr(text), f"“{text}”")

    def _cell(self, name: str, number: int) -> str:
        return self.lang.say("column {name}, row {row}", name=name, row=self.row(number))


def share_of_periods(cells: pa.ChunkedArray) -> float:
    """Share of the filled cells, among the first, that are periods."""
    sample = cells.slice(0, SAMPLE).drop_null()
    return sum(one is not None for one in _periods(sample)) / len(sample) if len(sample) else 0.0


def share_of_amounts(cells: pa.ChunkedArray) -> float:
    """Share of the filled cells, among the first, that are amounts; nan where none is filled."""
    from workbench.loaders.values import money_column

    sample = cells.slice(0, SAMPLE).drop_null()
    read = money_column(sample)
    filled = len(sample) - int(((read.reasons == 0) & _null(read.values)).sum())
    return int((~_null(read.values)).sum()) / filled if filled else float("nan")


def period_columns(columns: dict[str, Any]) -> dict[str, str]:
    """Headers that are periods, all of the kind that most are, and the period each names."""
    kinds: dict[str, dict[str, str]] = {}
    for name in columns:
        found = period_of(name.strip())
        if found is not None:
            kinds.setdefault(found[0], {})[name] = name.strip()
    return max(kinds.values(), key=len) if kinds else {}


def crossed(columns: dict[str, Any]) -> tuple[str, dict[str, str]] | None:
    """A table of years by months (or quarters), either way round.

    Returns
    -------
    (str, dict of str to str) or None
        The column beside, and for each header that is a period's part the form of the period, in
        which the cell beside takes the place in braces.
    """
    beside = _year_column(columns)
    for kind, words, pattern in PARTS:
        form = "{{year}}-{part:02d}" if kind == "month" else "{{year}}Q{part}"
        heads = {name: _part(name) for name in columns if pattern.fullmatch(name.strip())}
        if beside is not None and len(heads) >= FEWEST_PERIODS:
            return beside, {name: form.format(part=part) for name, part in heads.items()}
        years = {name: _part(name) for name in columns if YEARS.fullmatch(name.strip())}
        part = _part_column(columns, words, pattern)
        if part is not None and len(years) > 1:
            form = "{year}-{{month:02d}}" if kind == "month" else "{year}Q{{quarter}}"
            return part, {name: form.format(year=year) for name, year in years.items()}
    return None


def joined_periods(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns with the year and the month (or quarter) of a row in one, where they stand apart."""
    import pyarrow as pa

    year = _year_column(columns)
    for kind, words, pattern in PARTS:
        part = _part_column(columns, words, pattern)
        if year is None or part is None:
            continue
        form = "{}-{:02d}" if kind == "month" else "{}Q{}"
        pairs = zip(columns[year].to_pylist(), columns[part].to_pylist(), strict=True)
        joined = [
            form.format(_part(one), _part(two)) if one and two else None for one, two in pairs
        ]
        rest = {name: cells for name, cells in columns.items() if name not in (year, part)}
        return {f"{year} {part}": pa.chunked_array([joined], type=pa.string()), **rest}
    return columns


def _year_column(columns: dict[str, Any]) -> str | None:
    """The column of years alone, called so where there are several."""
    fitting = [name for name, cells in columns.items() if _all(cells, YEARS)]
    return min(fitting, key=lambda name: name.strip().casefold() not in YEAR_WORDS, default=None)


def _part_column(
    columns: dict[str, Any], words: tuple[str, ...], pattern: re.Pattern[str]
) -> str | None:
    """The column of months or quarters alone, which is called so."""
    named = (name for name in columns if name.strip().casefold() in words)
    return next((name for name in named if _all(columns[name], pattern)), None)


def _all(cells: pa.ChunkedArray, pattern: re.Pattern[str]) -> bool:
    texts = [text.strip() for text in cells.unique().to_pylist() if text]
    return bool(texts) and all(pattern.fullmatch(text) for text in texts)


def _part(text: str) -> int:
    """The number of a year, month or quarter that stands alone."""
    text = text.strip()
    if text[:3].lower() in _MONTHS:
        return _MONTHS.index(text[:3].lower()) + 1
    found = re.search(r"\d+|[一二三四]", text)
    assert found is not None  # the pattern of its column holds
    return "一二三四".find(found.group()) + 1 or int(found.group())


def _periods(cells: pa.ChunkedArray) -> list[str | None]:
    """Each cell as a period that a panel reads; None where it names none."""
    distinct = cells.unique().to_pylist()
    known: dict[str | None, str | None] = {None: None}
    dates: list[str] = []
    for text in filter(None, distinct):
        known[text] = text.strip() if period_of(text.strip()) else None
        if known[text] is None:
            dates.append(text)
    if dates:
        from workbench.loaders.values import DateEvidence, parse_date

        order = DateEvidence().update(dates).decide().order
        for text in dates:
            read = parse_date(text, order=order, serial=False, epoch=False)
            known[text] = str(read.value)[:10] if read.value and read.grain != "half" else None
    return [known.get(text) for text in cells.to_pylist()]


def _unit_in(header: str) -> str:
    """The unit as a header states it: 万元 of 销售额（万元）."""
    from workbench.loaders.values import unit_of

    inside = re.findall(r"[（(\[]([^（）()\[\]]+)[）)\]]", header)
    return next((text.strip() for text in inside if unit_of(f"({text})") != (1, "")), header)


def _null(values: Any) -> Any:
    return values.is_null().to_numpy(zero_copy_only=False)
