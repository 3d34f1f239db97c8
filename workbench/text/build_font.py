"""Make the shipped font: Noto Sans SC, regular and bold, only the characters that names need.

    python -m workbench.text.build_font --regular NotoSansCJK-Regular.ttc \\
        --bold NotoSansCJK-Bold.ttc --characters general_standard_characters.txt

The sources are those of Debian's package fonts-noto-cjk; the characters file is the list of
general standard characters (通用规范汉字表, 8,105), to which GB 2312, Latin, punctuation and signs
are added. Written beside this file, in `fonts/`: two OpenType fonts and `metrics.json` with their
characters and widths, so that measuring a text needs no font library.

Subroutines, hints and layout features are left out and all glyphs share one set of defaults: the
files are no larger for it, and the glyphs of one page can be cut out of them as plain slices of
bytes (`fonts/glyphs.py`), without a font library.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FACE = "Noto Sans CJK SC"
FAMILY = "Noto Sans SC"
STYLES = {400: "Regular", 700: "Bold"}
FULL_WIDTH = 1000
"""Advance of a Chinese character, in units of which the em has 1,000."""

_RANGES = (
    (0x20, 0x7E),  # Latin
    (0xA0, 0xFF),  # Latin with accents
    (0x391, 0x3C9),  # Greek, for statistics
    (0x2010, 0x2027),  # dashes, quotes, bullets, dots
    (0x2030, 0x203B),
    (0x20AC, 0x20AC),  # euro
    (0x2190, 0x2199),  # arrows
    (0x2460, 0x2473),  # numbers in circles
    (0x25A0, 0x25D3),  # squares, triangles, dots
    (0x3000, 0x3017),  # Chinese punctuation
    (0xFF01, 0xFF5E),  # full-width forms
    (0xFFE0, 0xFFE6),
)
_SIGNS = "\u2212\u2009\u202f×÷±≈≠≤≥∞√∑℃№™✓★☆㎡"
# Met in personal names, outside the standard list and GB 2312.
_NAMES = "姵暐叡巖欽濬煖釗顗龑儁凃髙橒澔彣縯諲眘喦"


def characters_wanted(standard: str) -> set[str]:
    """Add GB 2312, Latin, punctuation and signs to the text of the standard list."""
    signs = {chr(code) for first, last in _RANGES for code in range(first, last + 1)}
    return {*standard.split("\n")[0].strip(), *_gb2312(), *signs, *_SIGNS, *_NAMES}


def cut(source: Path, *, characters: Iterable[str], weight: int) -> Any:
    """Cut a font of one weight out of a collection.

    Parameters
    ----------
    source : Path
        Font collection with a face named `FACE`.
    characters : iterable of str
        Characters to keep; those the source lacks are left out.
    weight : {400, 700}

    Returns
    -------
    fontTools.ttLib.TTFont
        Named `FAMILY`, without subroutines, hints and layout features.
    """
    from fontTools import subset

    font = _face(source)
    options = subset.Options(
        desubroutinize=True,
        hinting=False,
        layout_features=[],
        name_IDs=[0, 5, 13, 14],
        notdef_outline=True,
    )
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[ord(character) for character in characters])
    cutter.subset(font)
    _flatten(font)
    _rename(font, STYLES[weight])
    return font


def metrics(fonts: dict[int, Any]) -> dict[str, Any]:
    """Collect the characters of the fonts and the widths that are not full, by weight."""
    tables = {weight: _widths(font) for weight, font in fonts.items()}
    shared = set.intersection(*(set(table) for table in tables.values()))
    return {
        "characters": "".join(sorted(shared)),
        "widths": {
            str(weight): {c: table[c] for c in sorted(shared) if table[c] != FULL_WIDTH}
            for weight, table in tables.items()
        },
    }


def main() -> None:
    """Write the fonts and their metrics."""
    parser = argparse.ArgumentParser(prog="python -m workbench.text.build_font")
    for name in ("regular", "bold", "characters"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("-o", "--folder", type=Path, default=Path(__file__).with_name("fonts"))
    given = parser.parse_args()
    wanted = characters_wanted(given.characters.read_text(encoding="utf-8"))
    sources = {400: given.regular, 700: given.bold}
    fonts = {w: cut(path, characters=wanted, weight=w) for w, path in sources.items()}
    for weight, font in fonts.items():
        font.save(given.folder / f"NotoSansSC-{STYLES[weight]}.otf")
    measured = metrics(fonts)
    text = json.dumps(measured, ensure_ascii=False, separators=(",", ":"))
    (given.folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    left_out = "".join(sorted(wanted - set(measured["characters"])))
    print(f"{len(measured['characters']):,} characters; not in the source: {left_out!r}")


def _gb2312() -> set[str]:
    cells = ((row, cell) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return set("".join(bytes(cell).decode("gb2312", errors="ignore") for cell in cells))


def _face(source: Path) -> Any:
    from fontTools.ttLib import TTCollection, TTFont

    with TTCollection(source, lazy=True) as collection:
        names = [font["name"].getDebugName(1) for font in collection.fonts]
    styled = [name for name in names if name in (FACE, f"{FACE} Bold")]
    return TTFont(source, fontNumber=names.index(styled[0]), lazy=True, recalcTimestamp=False)


def _flatten(font: Any) -> None:
    """Draw every glyph anew under one font dictionary, its width full unless stated."""
    from fontTools.cffLib import PrivateDict
    from fontTools.pens.t2CharStringPen import T2CharStringPen

    top, glyphs, advances = font["CFF "].cff[0], font.getGlyphSet(), font["hmtx"].metrics
    shared = PrivateDict()
    shared.defaultWidthX = FULL_WIDTH
    redrawn = []
    for name in font.getGlyphOrder():
        width = advances[name][0]
        pen = T2CharStringPen(None if width == FULL_WIDTH else width, glyphs)
        glyphs[name].draw(pen)
        redrawn.append(pen.getCharString(shared, top.GlobalSubrs))
    top.CharStrings.charStringsIndex.items[:] = redrawn
    top.FDArray.items = top.FDArray.items[:1]
    top.FDArray[0].Private = shared
    top.FDSelect.gidArray = [0] * len(redrawn)


def _rename(font: Any, style: str) -> None:
    names = {1: FAMILY, 2: style, 3: f"{FAMILY} {style}", 4: f"{FAMILY} {style}"}
    names[6] = f"NotoSansSC-{style}"
    for name_id, text in names.items():
        font["name"].setName(text, name_id, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [names[6]]
    cff[0].FamilyName, cff[0].FullName = FAMILY, names[4]
    cff[0].FDArray[0].FontName = names[6]


def _widths(font: Any) -> dict[str, int]:
    advances = font["hmtx"].metrics
    return {chr(code): advances[name][0] for code, name in font.getBestCmap().items()}


if __name__ == "__main__":
    main()
