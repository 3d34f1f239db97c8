"""The glyphs of one page as @font-face rules, so that a report needs nothing from outside.

A page of 600 different characters takes 0.3 s for both weights, nearly all of it compression at
the last level but one; the highest takes three times as long to save 1%.
"""

from __future__ import annotations

import base64
import struct
from functools import lru_cache

from workbench.errors import ParameterError
from workbench.text.fonts import glyphs
from workbench.text.fonts.measure import FAMILY, characters, directory

_FILES = {400: "NotoSansSC-Regular.otf", 700: "NotoSansSC-Bold.otf"}
_BROTLI_LEVEL = 10
# WOFF2, section 4.1: tables with a number of their own; others carry their tag.
_KNOWN_TAGS = (
    "cmap", "head", "hhea", "hmtx", "maxp", "name", "OS/2", "post", "cvt ", "fpgm", "glyf", "loca",
    "prep", "CFF ",
)  # fmt: skip


def embed_css(text: str, *, bold_text: str | None = None) -> str:
    """Return the @font-face rules of a page, with the glyphs of its text inside.

    Parameters
    ----------
    text : str
        All text of the page (its HTML will do); its order does not matter.
    bold_text : str, optional
        The text set in bold, if known, which makes the page smaller; default is all of it.

    Returns
    -------
    str
        CSS of two rules, weight 400 and 700, family "Noto Sans SC"; the same text gives the same
        bytes.
    """
    rules = [(400, text), (700, text if bold_text is None else bold_text)]
    return "\n".join(_rule(weight, woff2(used, weight=weight)) for weight, used in rules)


def woff2(text: str, *, weight: int = 400) -> bytes:
    """Return a WOFF2 font with the glyphs of a text that the shipped font has.

    Raises
    ------
    ParameterError
        If the weight is neither 400 nor 700.
    """
    if weight not in _FILES:
        raise ParameterError(f"the font has no weight {weight}", do="choose 400 or 700")
    return _woff2(frozenset(text) & characters(), weight)


@lru_cache(maxsize=16)
def _woff2(used: frozenset[str], weight: int) -> bytes:
    font = glyphs.read(directory() / _FILES[weight])
    return _packed(glyphs.cut(font, (ord(each) for each in used | {" "})))


def _rule(weight: int, font: bytes) -> str:
    data = base64.b64encode(font).decode("ascii")
    return (
        f'@font-face{{font-family:"{FAMILY}";font-style:normal;font-weight:{weight};'
        f'font-display:block;src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


def _packed(tables: dict[str, bytes]) -> bytes:
    """Pack the tables of an OpenType font as WOFF2 (W3C, 2022), none of them transformed."""
    import brotli

    listed = b"".join(_entry(tag, len(table)) for tag, table in tables.items())
    packed = brotli.compress(
        b"".join(tables.values()), mode=brotli.MODE_FONT, quality=_BROTLI_LEVEL
    )
    unpacked = 12 + sum(16 + (len(table) + 3 & ~3) for table in tables.values())
    size = 48 + len(listed) + len(packed)
    padding = -size % 4
    header = struct.pack(
        ">4s4sLHHLL24x", b"wOF2", b"OTTO", size + padding, len(tables), 0, unpacked, len(packed)
    )  # fmt: skip
    return header + listed + packed + bytes(padding)


def _entry(tag: str, length: int) -> bytes:
    known = tag in _KNOWN_TAGS
    flags = _KNOWN_TAGS.index(tag) if known else 63
    return bytes([flags]) + (b"" if known else tag.encode("ascii")) + _base128(length)


def _base128(number: int) -> bytes:
    """UIntBase128 of WOFF2: seven bits a byte, most significant first."""
    digits = [number & 0x7F]
    while number := number >> 7:
        digits.append(number & 0x7F | 0x80)
    return bytes(reversed(digits))
