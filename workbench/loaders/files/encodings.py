"""Which encoding a text file has: a strict ladder over the whole file, no statistics.

BOM, then UTF-16 where zero bytes show it, UTF-8, GB18030 (which holds GBK and GB2312). What none
of them decodes to the last byte is refused with the place. Detectors that weigh frequencies misread
short Chinese files; a strict decoder rarely accepts what is not its own, and where it may, the two
checks below say no: text that was UTF-8 up to a damaged byte, and Western text, whose accented
letters GB18030 would join with the letter behind.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError

CHUNK = 1 << 20

#: Control characters that no cell means; tab and line ends are not among them. Neither UTF-8 nor
#: GB18030 uses these bytes within a character.
CONTROLS = bytes(code for code in (*range(32), 127) if code not in (9, 10, 13))

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

#: Characters beyond ASCII that make UTF-8 certain: GBK text passes for one of them about once in
#: eight characters, so eight in a row are no accident.
_SURE = 8

#: Different characters that show whether a text is Chinese.
_ENOUGH = 500

_ADVICE = "save it again as UTF-8 (in Excel: CSV UTF-8) and import that"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes
    ----------
    codec : str
        Name for Python.
    label : str
        Name for people: "UTF-8", "UTF-8 with BOM", "GB18030", "UTF-16".
    cut : int
        Bytes of a last character that is not there whole: the file was cut off.
    controls : int
        Control characters that no text holds (NUL and its like); -1 where not counted.
    """

    codec: str
    label: str
    cut: int = 0
    controls: int = 0


@dataclass(slots=True)
class _Attempt:
    """How far a strict decoder came."""

    failed_at: int | None
    beyond_ascii: int  # counted up to where they make it certain
    pending: int
    controls: int = 0


def find_encoding(path: Path, name: str) -> Encoding:
    """Encoding of a text file, proved on all of it.

    Parameters
    ----------
    path : Path
    name : str
        Name for messages.

    Raises
    ------
    InputError
        If no encoding of the ladder decodes the file, with byte and line of the first fault.
    """
    head = _head(path)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return _marked(path, name, codec)
    wide = _wide(head)
    if wide and (attempt := _attempt(path, wide)).failed_at is None:
        return Encoding(wide, "UTF-16", attempt.pending, controls=-1)
    return _narrow(path, name)


def text_lines(path: Path, encoding: Encoding) -> Iterator[str]:
    """Lines with their ends as they stand; the bytes of a last broken character are left out."""
    errors = "ignore" if encoding.cut else "strict"
    with path.open(encoding=encoding.codec, newline="", errors=errors) as file:
        first = file.readline().removeprefix("\ufeff")
        if first:
            yield first
        yield from file


def _decoded(path: Path, codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            yield decoder.decode(block)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1 << 16)


def _marked(path: Path, name: str, codec: str) -> Encoding:
    """The mark at the start says it; all of the file must keep to it."""
    labels = {"utf-8-sig": "UTF-8 with BOM", "gb18030": "GB18030"}
    attempt = _attempt(path, codec)
    label = labels.get(codec, codec.upper())
    if attempt.failed_at is not None:
        raise _refusal(path, name, f"the file says it is {label}, but is not throughout", attempt)
    controls = attempt.controls if codec in labels else -1
    return Encoding(codec, label, attempt.pending, controls)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: commas, digits and line ends have a zero byte on one side."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if most < max(2, len(head) // 50) or least > most // 20:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _narrow(path: Path, name: str) -> Encoding:
    utf8 = _attempt(path, "utf-8")
    if utf8.failed_at is None and not (utf8.pending and utf8.beyond_ascii < _SURE):
        return Encoding("utf-8", "UTF-8", utf8.pending, utf8.controls)
    if utf8.beyond_ascii >= _SURE:
        raise _refusal(path, name, "the file is UTF-8 up to a damaged place", utf8)
    chinese = _attempt(path, "gb18030")
    if chinese.failed_at is not None:
        furthest = max(utf8, chinese, key=lambda attempt: attempt.failed_at or 0)
        message = "the file is neither UTF-8 nor GB18030 (GBK) nor UTF-16"
        raise _refusal(path, name, message, furthest)
    if _western(path):
        raise _refusal(path, name, "the file is in a Western encoding that it does not name", utf8)
    return Encoding("gb18030", "GB18030", chinese.pending, chinese.controls)


def _attempt(path: Path, codec: str) -> _Attempt:
    """Decode all of it, in pieces; count characters beyond ASCII up to the fault."""
    decoder = codecs.getincrementaldecoder(codec)()
    place = beyond = controls = 0
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                whole = error.object[: error.start]
                beyond += _beyond_ascii(whole.decode(codec, "ignore"))
                return _Attempt(place - pending + error.start, beyond, 0)
            controls += len(block) - len(block.translate(None, CONTROLS))
            if beyond < _SURE:
                beyond += _beyond_ascii(text)
            place += len(block)
    return _Attempt(None, beyond, len(decoder.getstate()[0]), controls)


def _beyond_ascii(text: str) -> int:
    if text.isascii():
        return 0
    return len(text) - len(text.encode("ascii", "ignore"))


def _western(path: Path) -> bool:
    """Whether most "Chinese" characters would end in an ASCII letter, as é and l give one.

    Characters of GB2312, which make up Chinese text, have two bytes from A1 on.
    """
    joined = proper = 0
    for text in _decoded(path, "gb18030"):
        if text.isascii():
            continue
        pairs = [char.encode("gb18030") for char in set(text) if char > "\x7f"]
        joined += sum(1 for pair in pairs if len(pair) == 2 and pair[1] < 0x7F)
        proper += sum(1 for pair in pairs if len(pair) != 2 or pair[1] >= 0xA1)
        if joined + proper > _ENOUGH:
            break
    return joined > proper


def _refusal(path: Path, name: str, message: str, attempt: _Attempt) -> InputError:
    offset = attempt.failed_at or 0
    return InputError(
        message,
        where=f"{name}, byte {offset + 1:,} in line {_line_of(path, offset):,}",
        do=_ADVICE,
    )


def _line_of(path: Path, offset: int) -> int:
    lines = 1
    with path.open("rb") as file:
        while offset > 0 and (block := file.read(min(CHUNK, offset))):
            lines += block.count(b"\n")
            offset -= len(block)
    return lines
