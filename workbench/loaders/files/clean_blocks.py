"""Long delimited files in blocks by column: what is regular goes through Arrow's parser.

A block is regular if every quote opens or closes a field and all its records are equally wide; then
Arrow and the `csv` module read the same. Whatever is not goes back to `delimited.py`, record by
record. Arrow is about five times as fast.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.loaders.files.encodings import Encoding

if TYPE_CHECKING:
    import pyarrow as pa

#: Bytes of a block.
SIZE = 4 << 20

#: Bytes in which a record must end; beyond them quotes must be astray.
LONGEST = 8 * SIZE


class IrregularError(Exception):
    """Quotes do not close where records end."""


def record_blocks(path: Path, encoding: Encoding, *, skip: int) -> Iterator[bytes]:
    """The file in UTF-8, in blocks that end where a record ends, after `skip` lines.

    Raises
    ------
    IrregularError
        If no end of a record is found for long.
    """
    rest = b""
    for more in _recoded(path, encoding):
        rest += more
        while skip:
            _, end, after = rest.partition(b"\n")
            if not end:
                break
            rest, skip = after, skip - 1
        if skip or len(rest) < SIZE:
            continue
        if cut := _last_end(rest):
            yield rest[:cut]
            rest = rest[cut:]
        elif len(rest) > LONGEST:
            raise IrregularError
    if rest and not skip:
        yield rest


def parsed(block: bytes, delimiter: str, width: int) -> list[pa.Array] | None:
    """Columns of a regular block, empty cells as null; None if it is not regular."""
    import pyarrow as pa
    from pyarrow import csv

    mark = delimiter.encode()
    if len(mark) > 1 or not _regular(block, mark):
        return None
    names = [f"c{i}" for i in range(width)]
    try:
        table = csv.read_csv(
            io.BytesIO(block),
            csv.ReadOptions(column_names=names, block_size=len(block) + 1),
            csv.ParseOptions(
                delimiter=mark.decode(), newlines_in_values=True, ignore_empty_lines=False
            ),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return [column.combine_chunks() for column in table.columns]


def _regular(block: bytes, mark: bytes) -> bool:
    """Whether every quote stands at an end of its field or is doubled, and all lines end alike."""
    if block.count(b"\r") != block.count(b"\r\n"):
        return False
    quotes = block.count(b'"')
    if not quotes:
        return True
    opening = block.count(mark + b'"') + block.count(b'\n"') + block.startswith(b'"')
    closing = block.count(b'"' + mark) + block.count(b'"\n') + block.count(b'"\r')
    closing += block.endswith(b'"')
    doubled = block.count(b'""')
    if doubled:
        after = rb'""(?=[\r\n%b]|$)' % re.escape(mark)
        starts = (b"\n", re.escape(mark), b"^")
        doubled -= sum(len(re.findall(start + after, block)) for start in starts)
    return opening == closing and opening + closing + 2 * doubled == quotes


def _last_end(block: bytes) -> int:
    """Where the last whole record ends: after a line end with an even count of quotes before it."""
    cut = block.rfind(b"\n") + 1
    odd = block.count(b'"', 0, cut) % 2
    while cut and odd:
        before = block.rfind(b"\n", 0, cut - 1) + 1
        odd = (odd + block.count(b'"', before, cut)) % 2
        cut = before
    return cut


def _recoded(path: Path, encoding: Encoding) -> Iterator[bytes]:
    """The bytes of a text file in UTF-8, without a mark at its start."""
    if encoding.codec in ("utf-8", "utf-8-sig"):
        with path.open("rb") as file:
            yield file.read(SIZE).removeprefix(codecs.BOM_UTF8)
            while block := file.read(SIZE):
                yield block
        return
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    with path.open("rb") as file:
        yield decoder.decode(file.read(SIZE)).removeprefix("\ufeff").encode()
        while block := file.read(SIZE):
            yield decoder.decode(block).encode()
