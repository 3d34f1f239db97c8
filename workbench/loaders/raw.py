"""Rows of text as they stand in a file, a sheet or a query, before anything is understood.

`files/` makes them, `layout.py` finds header, titles, totals and blank rows, `recognise.py` says
what they are, `convert.py` reads the values. All cells are text or None (empty). Numbers of a
spreadsheet come as the shortest text that Excel would show in 15 digits (`1235000`, `0.6`); whole
numbers beyond 15 digits come as `9.11E+17`, because their digits are already lost; its dates come
as ISO text (`2024-08-21`, `2024-08-21T09:30:00`), its truth values as `TRUE` and `FALSE`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Row = tuple[int, list[str | None]]


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """Where rows come from.

    Attributes
    ----------
    file : str
        Name as people know it: relative to what was handed in, with `/` (`export.zip/2026-01.csv`).
    sheet : str
        Sheet of a workbook, path in a JSON file, "" elsewhere.
    """

    file: str
    sheet: str = ""

    def __str__(self) -> str:
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file


class Grid(Protocol):
    """A source as rows of cells, read from the start each time `rows()` is called.

    Attributes
    ----------
    source : Source
    notes : dict of str to str
        What was found out in reading: "encoding", "delimiter", "format".
    system : str
        System that the very shape gives away (a page of Zoho's interface: "zoho"), else "".
    object : str
        Object of that system ("Deals", "NewOpportunityObj"), else "".
    named : bool
        The first row holds the names of fields for sure (JSON, Parquet, SQL): no header to find.
    """

    @property
    def source(self) -> Source:
        """Where the rows come from."""
        ...

    @property
    def notes(self) -> dict[str, str]:
        """What was found out in reading."""
        ...

    @property
    def system(self) -> str:
        """System that the shape gives away."""
        ...

    @property
    def object(self) -> str:
        """Object of that system."""
        ...

    @property
    def named(self) -> bool:
        """Whether the first row holds the names for sure."""
        ...

    def rows(self) -> Iterator[Row]:
        """Rows with their number in the file (from 1, as a spreadsheet counts them)."""
        ...


@dataclass(frozen=True, slots=True)
class Block:
    """Some data rows, by column.

    Attributes
    ----------
    rows : numpy.ndarray of int64
        Row numbers in the file.
    cells : list of pyarrow.Array
        One string array for each header; null where empty. Texts are stripped of white space.
    kinds : numpy.ndarray of int8
        What each row is: DATA, TOTAL, SUBTOTAL or BLANK.
    """

    rows: np.ndarray[Any, Any]
    cells: list[pa.Array]
    kinds: np.ndarray[Any, Any]


DATA, TOTAL, SUBTOTAL, BLANK = 0, 1, 2, 3


class Sheet(Protocol):
    """A source with its header found, its rows in blocks that can be read again and again.

    Attributes
    ----------
    source : Source
    headers : list of str
        Names as they stand; a doubled one gets " (2)", an empty one "column C".
    first_row : int
        Row number of the first row below the header.
    head_rows : int
        Rows above the data: titles and header.
    counts : dict of int to int
        Rows by kind (DATA, TOTAL, SUBTOTAL, BLANK).
    ragged : list of (row number, cells found)
        Rows with more cells than headers; the cells beyond are kept in the last column.
    notes, system, object
        As in `Grid`.
    """

    source: Source
    headers: list[str]
    first_row: int
    head_rows: int
    counts: dict[int, int]
    ragged: list[tuple[int, int]]
    notes: dict[str, str]
    system: str
    object: str

    def blocks(self) -> Iterator[Block]:
        """All rows below the header, in order."""
        ...

    def column(self, place: int) -> pa.ChunkedArray:
        """One column whole (string)."""
        ...


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read or holds nothing: what, and why (an error's answers)."""

    file: str
    message: str
    do: str = ""
    refused: bool = True  # False: nothing to read in it (a note, a picture)
    details: dict[str, Any] = field(default_factory=dict)
