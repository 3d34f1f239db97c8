"""Tile map: the provinces of China as equal squares, each with its name and value.

Squares stand roughly where the provinces lie. There is no boundary and no outline, and none may
be added: a map of China needs a review number, a table of squares does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.charts import compose
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.heat import Limits, check_limits, heat_key, tint
from workbench.charts.measure import Measure
from workbench.charts.plane import Plane
from workbench.charts.rows import floats, need
from workbench.charts.theme import Role, columns
from workbench.errors import InputError
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.charts.drawing import Mark

#: GB/T 2260 province code: short name (简称), letter code (ISO 3166-2:CN), row and column.
PROVINCES: dict[str, tuple[str, str, int, int]] = {
    "11": ("京", "BJ", 2, 5), "12": ("津", "TJ", 2, 6), "13": ("冀", "HE", 2, 4),
    "14": ("晋", "SX", 2, 3), "15": ("蒙", "NM", 1, 5), "21": ("辽", "LN", 1, 6),
    "22": ("吉", "JL", 1, 7), "23": ("黑", "HL", 0, 7), "31": ("沪", "SH", 3, 7),
    "32": ("苏", "JS", 3, 6), "33": ("浙", "ZJ", 4, 6), "34": ("皖", "AH", 3, 4),
    "35": ("闽", "FJ", 5, 6), "36": ("赣", "JX", 4, 5), "37": ("鲁", "SD", 3, 5),
    "41": ("豫", "HA", 3, 3), "42": ("鄂", "HB", 4, 3), "43": ("湘", "HN", 4, 4),
    "44": ("粤", "GD", 5, 5), "45": ("桂", "GX", 6, 3), "46": ("琼", "HI", 7, 4),
    "50": ("渝", "CQ", 4, 2), "51": ("川", "SC", 4, 1), "52": ("贵", "GZ", 5, 3),
    "53": ("云", "YN", 5, 1), "54": ("藏", "XZ", 3, 0), "61": ("陕", "SN", 3, 2),
    "62": ("甘", "GS", 2, 2), "63": ("青", "QH", 2, 1), "64": ("宁", "NX", 1, 2),
    "65": ("新", "XJ", 1, 0), "71": ("台", "TW", 5, 7), "81": ("港", "HK", 6, 6),
    "82": ("澳", "MO", 6, 5),
}  # fmt: skip

_ROWS, _COLUMNS = 8, 8
_TILE = 58.0, 38.0


def tile_map(
    table: pd.DataFrame,
    *,
    lang: Language,
    title: str,
    subtitle: str = "",
    limits: Limits = (0.01, 0.05, 0.10),
    direction: str = "up",
    measure: Measure | None = None,
    width: float = columns(5),
    alt: str = "",
) -> Figure:
    """Draw a value for each province as a grid of squares.

    Parameters
    ----------
    table : DataFrame
        `geo_code` (GB/T 2260, its first two digits are the province), `value`, one row a
        province. Provinces without a row or value are quiet.
    lang, title, subtitle
        "{unit}" in the subtitle is replaced by the unit chosen.
    limits : three floats
        From where the steps begin, on the size of the value; the key states them.
    direction : {"up", "down"}
        Whether more is favourable.
    measure : Measure, optional
        None writes changes in whole per cent, without the sign %.
    width : float
        Size in px; tiles keep their proportion.
    alt : str
        Own text alternative.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If columns are missing, a code is no province of China or comes twice.
    ParameterError
        If the limits do not rise from above zero.
    """
    table = need(table, "geo_code", "value", chart="tile_map")
    check_limits(limits)
    values = _by_province(table)
    chosen = measure or Measure("share", decimals=0, signed=True)
    writer = chosen.writer(lang, list(values.values()))
    plane = _plane(width)
    tints = {
        code: tint(writer.rounded(values.get(code, np.nan)), limits, direction)
        for code in PROVINCES
    }
    words = {
        code: writer(value).removesuffix("%")
        for code, value in values.items()
        if np.isfinite(value)
    }
    chart = plane.draw(
        plane.rects([_tile(plane, code, role) for code, role in tints.items()]),
        *_names(plane, words, lang),
    )
    key = heat_key([list(tints.values())], limits, direction, writer)
    small = any(tints[code] is Role.WASH for code in words)
    lacking = len(words) < len(PROVINCES)
    quiet = [text for text, flag in (
        (lang.say("within ±{value}", value=writer.axis([limits[0]])[0].removeprefix("+")), small),
        (lang.say("no data"), lacking),
    ) if flag]  # fmt: skip
    if quiet:
        key.append(KeyEntry(lang.join(quiet, last="or"), Role.WASH))
    order = sorted(words, key=lambda code: -values[code])
    percent = "%" if chosen.kind == "share" else ""
    facts = [compose.fact(_name(code, lang), words[code] + percent, lang) for code in order]
    return compose.figure(
        chart, plane, table=table, writer=writer, title=title, subtitle=subtitle, key=key,
        facts=_ends(facts, lang), alt=alt,
    )  # fmt: skip


def _by_province(table: pd.DataFrame) -> dict[str, float]:
    codes = [str(code)[:2] for code in table["geo_code"]]
    unknown = sorted(set(codes) - set(PROVINCES))
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if unknown or twice:
        what = "no provinces of GB/T 2260" if unknown else "there twice"
        raise InputError(
            f"geo codes {', '.join(unknown or twice)} are {what}",
            where="column geo_code",
            do="give one row a province, its code beginning with the two digits of the province",
        )
    return dict(zip(codes, floats(table, "value"), strict=True))


def _plane(width: float) -> Plane:
    across = min(width, _COLUMNS * _TILE[0])
    height = _ROWS * _TILE[1] * across / (_COLUMNS * _TILE[0])
    return Plane(
        width=width, height=max(height, _ROWS * 34), right=width - across, x=(0, _COLUMNS),
        y=(_ROWS, 0),
    )  # fmt: skip


def _tile(plane: Plane, code: str, role: Role) -> dict[str, object]:
    _, _, row, place = PROVINCES[code]
    gap_x, gap_y = 1.4 / plane.across * _COLUMNS, 1.0 / plane.up * _ROWS
    return {
        "x": place + gap_x, "x2": place + 1 - gap_x, "y": row + gap_y, "y2": row + 1 - gap_y,
        "fill": role.light,
    }  # fmt: skip


def _names(plane: Plane, words: dict[str, str], lang: Language) -> list[Mark]:
    rows = [
        {"x": place + 0.5, "y": row + 0.5, "text": lang.pick(letters, name),
         "value": words.get(code, "")}
        for code, (name, letters, row, place) in PROVINCES.items()
    ]  # fmt: skip
    values = [{**row, "text": row["value"]} for row in rows]
    return [
        plane.texts(rows, bold=True, align="center", dy=-7),
        plane.texts(values, align="center", dy=8),
    ]


def _name(code: str, lang: Language) -> str:
    name, letters, _, _ = PROVINCES[code]
    return lang.pick(letters, name)


def _ends(facts: Sequence[str], lang: Language) -> list[str]:
    """Name highest and lowest, not all of 34."""
    if len(facts) <= 10:
        return list(facts)
    return [
        lang.say("highest") + lang.colon + lang.pause.join(facts[:5]),
        lang.say("lowest") + lang.colon + lang.pause.join(reversed(facts[-5:])),
    ]
