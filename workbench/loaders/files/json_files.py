"""JSON and JSON lines: records of any nesting as rows under dotted headers.

A JSON file is parsed whole, JSON lines one line at a time. The first line of a live pull tells
system and object (`{"_system": "zoho", "_object": "Deals"}`) and is no row.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import InputError
from workbench.loaders.files.encodings import Encoding, find_encoding, text_lines
from workbench.loaders.files.flatten import Columns, Number, flat
from workbench.loaders.files.shapes import Found, error_in, records_in, system_of
from workbench.loaders.raw import Row, Skipped, Source


@dataclass
class JsonGrid:
    """One list of records of a JSON file (a `Grid`); header is row 0, records count from 1."""

    source: Source
    path: Path
    encoding: Encoding
    at: str
    columns: Columns
    notes: dict[str, str]
    system: str = ""
    object: str = ""
    named: bool = field(default=True, init=False)

    def rows(self) -> Iterator[Row]:
        """Names, then records."""
        headers = self.columns.headers
        yield 0, list(headers)
        value = _parsed(self.path, self.encoding, str(self.source))
        found = next(one for one in records_in(value) if one.path == self.at)
        for number, record in enumerate(found.records, 1):
            yield number, self.columns.cells(flat(record, self.system), headers)


@dataclass
class JsonLinesGrid:
    """JSON lines (a `Grid`); header is row 0, records have the number of their line."""

    source: Source
    path: Path
    encoding: Encoding
    columns: Columns
    notes: dict[str, str]
    system: str = ""
    object: str = ""
    named: bool = field(default=True, init=False)

    def rows(self) -> Iterator[Row]:
        """Names, then records; a broken last line is left out and told in `notes`."""
        headers = self.columns.headers
        yield 0, list(headers)
        for number, record in _lines(self.path, self.encoding, str(self.source)):
            if record is None:
                self.notes["truncated"] = f"line {number}"
            elif "_system" not in record:
                yield number, self.columns.cells(flat(record, self.system), headers)


def open_json(path: Path, name: str) -> list[JsonGrid | JsonLinesGrid | Skipped]:
    """Lists of records in a JSON file, each a grid.

    Raises
    ------
    InputError
        If the file is not JSON, or was cut off.
    """
    encoding = find_encoding(path, name)
    try:
        value = _parsed(path, encoding, name)
    except InputError:
        if _second_line(path, encoding):
            return [open_json_lines(path, name)]
        raise
    if told := error_in(value):
        return [Skipped(name, f"the file holds an error of the interface: {told}", _ASK_AGAIN)]
    found = records_in(value)
    if not found:
        return [Skipped(name, "the JSON holds no list of records", refused=False)]
    return [_grid(path, name, encoding, value, one, len(found) > 1) for one in found]


def open_json_lines(path: Path, name: str) -> JsonLinesGrid | Skipped:
    """JSON lines as a grid; its fields are gathered from all lines.

    Raises
    ------
    InputError
        If a line other than the last is not a record.
    """
    encoding = find_encoding(path, name)
    notes = {"format": "JSON lines", "encoding": encoding.label}
    system = kind = ""
    columns: Columns | None = None
    for _, record in _lines(path, encoding, name):
        if record is None:
            continue
        if "_system" in record:
            system, kind = str(record["_system"]), str(record.get("_object", ""))
            continue
        if columns is None:
            shape = system_of({}, [record])
            system, kind = (system, kind) if system else shape
            columns = Columns(system)
        columns.add(flat(record, system))
    if columns is None:
        return Skipped(name, "the file holds no records", refused=False)
    return JsonLinesGrid(Source(name), path, encoding, columns, notes, system, kind)


_ASK_AGAIN = "export or pull it again"


def _grid(
    path: Path, name: str, encoding: Encoding, value: Any, found: Found, several: bool
) -> JsonGrid:
    system, kind = system_of(value, found.records)
    columns = Columns(system)
    for record in found.records:
        columns.add(flat(record, system))
    notes = {"format": "JSON", "encoding": encoding.label}
    source = Source(name, found.path if several else "")
    return JsonGrid(source, path, encoding, found.path, columns, notes, system, kind)


def _parsed(path: Path, encoding: Encoding, name: str) -> Any:
    text = "".join(text_lines(path, encoding))
    try:
        return _decoder().decode(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) - 1 or "Unterminated" in error.msg
        raise InputError(
            "the JSON was cut off" if cut else f"the file is not JSON ({error.msg})",
            where=f"{name}, line {error.lineno}, column {error.colno}",
            do=_ASK_AGAIN,
        ) from error
    except RecursionError as error:
        raise InputError("the JSON is nested too deeply to be records", where=name) from error


def _second_line(path: Path, encoding: Encoding) -> bool:
    """Whether the first line is a record of its own: JSON lines under the name of JSON."""
    first = next((line for line in text_lines(path, encoding) if line.strip()), "")
    try:
        return isinstance(_decoder().decode(first.strip()), dict)
    except (json.JSONDecodeError, RecursionError):
        return False


def _lines(
    path: Path, encoding: Encoding, name: str
) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Records by line; None for a last line that is not whole."""
    decoder, broken = _decoder(), 0
    for number, line in enumerate(text_lines(path, encoding), 1):
        if not line.strip():
            continue
        if broken:
            raise InputError("the line is no JSON record", where=f"{name}, line {broken}")
        try:
            record = decoder.decode(line.strip())
        except (json.JSONDecodeError, RecursionError):
            broken = number
            continue
        if not isinstance(record, dict):
            raise InputError("the line is no JSON record", where=f"{name}, line {number}")
        yield number, record
    if broken:
        yield broken, None


def _decoder() -> json.JSONDecoder:
    """Numbers as written; NaN and its like, which JSON does not know, as empty."""
    return json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=lambda _: None)
