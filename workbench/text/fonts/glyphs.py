"""Cutting the glyphs of one page out of a shipped font, as slices of bytes.

The shipped fonts are made for this (`workbench.text.build_font`): OpenType with CFF outlines, no
subroutines, one font dictionary, no layout features. So a smaller font is the same glyph programs
under new tables. A general tool (fontTools) needs about 1 s for a page; this needs 10 ms.
Formats: OpenType 1.9, "CFF " (Adobe Technical Note 5176).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

FULL_WIDTH = 1000  # width of a glyph whose program states none


class ShippedFont(NamedTuple):
    """A font file taken apart: tables by tag, glyph numbers by code, programs and advances."""

    tables: dict[str, bytes]
    glyph_of: dict[int, int]
    programs: Sequence[bytes]
    advances: Sequence[bytes]


@lru_cache(maxsize=2)
def read(path: Path) -> ShippedFont:
    """Take a shipped font apart."""
    data = path.read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    rows = [struct.unpack_from(">4s4xLL", data, 12 + 16 * row) for row in range(count)]
    tables = {tag.decode("ascii"): data[start : start + size] for tag, start, size in rows}
    return ShippedFont(
        tables=tables,
        glyph_of=_glyph_numbers(tables["cmap"]),
        programs=_programs(tables["CFF "]),
        advances=_advances(tables),
    )


def cut(font: ShippedFont, codes: Iterable[int]) -> dict[str, bytes]:
    """Make the tables of a font that has only some characters.

    Parameters
    ----------
    font : ShippedFont
    codes : iterable of int
        Unicode code points; those the font lacks are left out. The glyph for missing
        characters is always there.

    Returns
    -------
    dict of str to bytes
        Tables by tag, in the order in which they are written.
    """
    kept = sorted(code for code in codes if code in font.glyph_of)
    numbers = [0, *dict.fromkeys(font.glyph_of[code] for code in kept)]
    place = {number: new for new, number in enumerate(numbers)}
    old = font.tables
    return {
        "CFF ": _cff([font.programs[number] for number in numbers]),
        "OS/2": old["OS/2"],
        "cmap": _cmap([(code, place[font.glyph_of[code]]) for code in kept]),
        "head": old["head"],
        "hhea": old["hhea"][:34] + struct.pack(">H", len(numbers)),
        "hmtx": b"".join(font.advances[number] for number in numbers),
        "maxp": struct.pack(">LH", 0x5000, len(numbers)),
        "name": old["name"],
        "post": old["post"],
    }


def _glyph_numbers(cmap: bytes) -> dict[int, int]:
    """Read the table of code points that reaches beyond the basic plane (format 12)."""
    count = struct.unpack_from(">H", cmap, 2)[0]
    rows = [struct.unpack_from(">HHL", cmap, 4 + 8 * row) for row in range(count)]
    start = next(offset for platform, encoding, offset in rows if (platform, encoding) == (3, 10))
    groups = struct.unpack_from(">L", cmap, start + 12)[0]
    found: dict[int, int] = {}
    for group in range(groups):
        first, last, glyph = struct.unpack_from(">LLL", cmap, start + 16 + 12 * group)
        found |= {code: glyph + code - first for code in range(first, last + 1)}
    return found


def _advances(tables: dict[str, bytes]) -> list[bytes]:
    """Entries of hmtx, one a glyph: advance and left side bearing, four bytes each."""
    full = struct.unpack_from(">H", tables["hhea"], 34)[0]
    glyphs = struct.unpack_from(">H", tables["maxp"], 4)[0]
    table = tables["hmtx"]
    entries = [table[4 * glyph : 4 * glyph + 4] for glyph in range(full)]
    bearings = [table[4 * full + 2 * n : 4 * full + 2 * n + 2] for n in range(glyphs - full)]
    return entries + [entries[-1][:2] + bearing for bearing in bearings]


def _programs(cff: bytes) -> list[bytes]:
    after_names = _index(cff, cff[2])[1]
    (top,), _ = _index(cff, after_names)
    return _index(cff, _operand(top, operator=17))[0]


def _index(data: bytes, start: int) -> tuple[list[bytes], int]:
    """Read an INDEX: its items, and where it ends."""
    count = struct.unpack_from(">H", data, start)[0]
    if not count:
        return [], start + 2
    size = data[start + 2]
    table = data[start + 3 : start + 3 + (count + 1) * size]
    ends = [int.from_bytes(table[n : n + size], "big") for n in range(0, len(table), size)]
    base = start + 2 + len(table)
    items = [data[base + a : base + b] for a, b in pairwise(ends)]
    return items, base + ends[-1]


def _operand(dictionary: bytes, *, operator: int) -> int:
    """Read the last number before an operator of one byte in a DICT."""
    position, number = 0, 0
    while position < len(dictionary):
        byte = dictionary[position]
        if byte == operator:
            return number
        if byte == 29:
            number = struct.unpack_from(">l", dictionary, position + 1)[0]
        elif byte == 28:
            number = struct.unpack_from(">h", dictionary, position + 1)[0]
        elif 32 <= byte <= 246:
            number = byte - 139
        position += _length(dictionary, position)
    raise ValueError(f"the font dictionary has no operator {operator}")


def _length(dictionary: bytes, position: int) -> int:
    byte = dictionary[position]
    if byte == 30:  # a real number: nibbles up to one that is 15
        end = position + 1
        while dictionary[end] & 0xF != 0xF:
            end += 1
        return end + 1 - position
    if byte in (28, 29):
        return 3 if byte == 28 else 5
    return 2 if byte == 12 or 247 <= byte <= 254 else 1


def _cff(programs: Sequence[bytes]) -> bytes:
    """Write a CID-keyed CFF with one font dictionary."""
    head = bytes([1, 0, 4, 4]) + _written_index([b"NotoSansSC"])
    strings = _written_index([b"Adobe", b"Identity"]) + _written_index([])
    charset = b"\2" + struct.pack(">HH", 1, max(len(programs) - 2, 0))
    select = b"\3" + struct.pack(">HHBH", 1, 0, 0, len(programs))
    private = _number(FULL_WIDTH) + b"\x14"
    glyphs = _written_index(programs)
    start = len(head) + len(_written_index([_top([0] * 4, 0)])) + len(strings)
    sizes = [len(charset), len(select), len(glyphs), len(private)]
    places = [start + sum(sizes[:n]) for n in range(5)]
    fonts = _written_index([_number(len(private)) + _number(places[3]) + b"\x12"])
    top = _top([places[0], places[1], places[2], places[4]], len(programs))
    parts = [head, _written_index([top]), strings, charset, select, glyphs, private, fonts]
    return b"".join(parts)


def _top(places: Sequence[int], count: int) -> bytes:
    """Top dictionary; its length does not depend on the numbers."""
    charset, select, glyphs, fonts = map(_number, places)
    registry = _number(391) + _number(392) + _number(0) + b"\x0c\x1e"
    return (
        registry + _number(count) + b"\x0c\x22" + charset + b"\x0f" + glyphs + b"\x11"
        + fonts + b"\x0c\x24" + select + b"\x0c\x25"
    )  # fmt: skip


def _number(number: int) -> bytes:
    return b"\x1d" + struct.pack(">l", number)


def _written_index(items: Sequence[bytes]) -> bytes:
    if not items:
        return b"\0\0"
    ends = [1]
    for item in items:
        ends.append(ends[-1] + len(item))
    offsets = b"".join(struct.pack(">L", end) for end in ends)
    return struct.pack(">HB", len(items), 4) + offsets + b"".join(items)


def _cmap(pairs: Sequence[tuple[int, int]]) -> bytes:
    groups = b"".join(struct.pack(">LLL", code, code, glyph) for code, glyph in pairs)
    table = struct.pack(">HHLLL", 12, 0, 16 + len(groups), 0, len(pairs)) + groups
    return struct.pack(">HHHHL", 0, 1, 3, 10, 12) + table
