"""From chart to picture: SVG whose colours follow the page, and PNG, with the shipped font.

Charts of this package write themselves (`drawing.py`, a few ms). An Altair chart is drawn by
vl-convert, without browser and network; it starts once (half a second), then a chart takes 20 to
60 ms. A PNG of a drawing made here needs no engine either (`raster.py`). The SVG keeps text as
text and is cleaned of what a page does not need. Each hex of a chart has one role (`theme.Role`),
so it is swapped for its CSS variable, or its dark value.
"""

from __future__ import annotations

import json
import re
import warnings
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from workbench.charts import letters, theme
from workbench.charts.drawing import Drawing
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.raster import picture
from workbench.charts.remote import Engine, remote_engine
from workbench.charts.theme import Role
from workbench.errors import WorkbenchWarning
from workbench.text import fonts
from workbench.text.fonts.outlines import outlined

if TYPE_CHECKING:
    import altair as alt

_SVG = re.compile(r"<svg\b[^>]*>(?P<inner>.*)</svg>", re.DOTALL)
_SIZE = re.compile(r'\b(width|height)="([\d.]+)"')
_WORDS = re.compile(r">([^<>]+)<")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}\b")
_VARIABLE = re.compile(r"var\(--(\w+)\)")
# Each word of a drawing carries its font, and each mark its description: the page knows both.
_LOAD = re.compile(
    r' (?:font-family|aria-[a-z]+|role|pointer-events|focusable|class)="[^"]*"'
    r'|<path (?:class="(?:back|fore)ground" )?d="" display="none"/>'
)
_EMPTY = re.compile(r"<g[^<>]*></g>|<path[^<>]*\bd=\"\"[^<>]*/>|<text[^<>]*(?:/>|></text>)")

MARGIN = 16  # around a figure that stands alone
_INDENT = {"fill": 18, "outline": 18, "line": 24, "dash": 24, "dot": 14, "none": 0}
_TITLE_LINE, _NOTE_LINE, _GAP = 21, 18, 10


def svg(chart: Figure | alt.TopLevelMixin, *, themed: bool = True, title: bool = True) -> str:
    """Draw a chart as SVG.

    Parameters
    ----------
    chart : Figure or Altair chart
        An Altair chart has no title, key or language of its own and is drawn bare.
    themed : bool
        Colours as CSS variables, for pages that carry `tokens.css`; else hex, for files.
    title : bool
        Draw a figure's title, subtitle and key above it, with a margin and the page colour
        behind, as it stands in a file. On a page they are HTML.

    Returns
    -------
    str
        One `svg` element; the same bytes for the same chart. Has a viewBox, so that a style
        sheet may scale it.

    Warns
    -----
    WorkbenchWarning
        If the shipped font lacks a character.
    """
    drawn = _drawn(chart)
    if isinstance(chart, Figure):
        drawn = _sized(_inner(drawn), chart.width, chart.height)
        drawn = _alone(chart, drawn) if title else drawn
    _check_glyphs(drawn)
    return swap(drawn, _themed()) if themed else drawn


def png(
    chart: Figure | alt.TopLevelMixin, *, scale: float = 2, dark: bool = False, title: bool = True
) -> bytes:
    """Draw a chart as PNG, `scale` pixels per px, on the light or the dark page colour."""
    return svg_png(svg(chart, themed=False, title=title), scale=scale, dark=dark)


def svg_png(source: str, *, scale: float = 2, dark: bool = False) -> bytes:
    """Turn an SVG made here, or composed of such, into a PNG.

    Parameters
    ----------
    source : str
        SVG with colours as hex of the light page or as CSS variables.
    scale : float
        Pixels per unit of the SVG.
    dark : bool
        Draw in the colours of the dark page.

    Returns
    -------
    bytes
        A PNG without transparency.
    """
    hexes = {role.value: role.light for role in Role}
    plain = _VARIABLE.sub(lambda found: hexes[found[1]], source)
    width, height = size(plain)
    opening, rest = plain[: plain.index(">") + 1], plain[plain.index(">") + 1 :]
    plain = opening + _box(width, height, Role.PAPER.light) + rest
    if dark:
        plain = swap(plain, {role.light.upper(): role.dark for role in Role})
    return _engine().svg_to_png(plain, scale=scale)


def swap(source: str, colours: dict[str, str]) -> str:
    """Replace hex colours by others; `colours` has upper-case hex as keys."""
    return _HEX.sub(lambda found: colours.get(found[0].upper(), found[0]), source)


@cache
def _themed() -> dict[str, str]:
    return {role.light.upper(): role.css for role in Role}


def size(source: str) -> tuple[float, float]:
    """Return width and height from the opening tag of an SVG."""
    found = dict(_SIZE.findall(source[: source.index(">")]))
    return float(found["width"]), float(found["height"])


def words(source: str) -> list[str]:
    """Return the texts of an SVG, in order."""
    return [text for text in _WORDS.findall(source) if text.strip()]


def own_engine() -> Engine:
    """Return what draws in this process, with the shipped font."""
    return _Own()


class _Own:
    """Draws by itself what was made here, and by vl-convert all else."""

    def vegalite_to_svg(self, vl_spec: str, *, config: dict[str, Any]) -> str:
        return _converter().vegalite_to_svg(vl_spec, config=config)

    def svg_to_png(self, svg: str, *, scale: float) -> bytes:
        return picture(svg, scale=scale) or _converter().svg_to_png(outlined(svg), scale=scale)


@cache
def _converter() -> Engine:
    """Return vl-convert, once."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts.directory()))
    engine: Engine = vl_convert
    return engine


@cache
def _engine() -> Engine:
    """Return what draws, once: the process that offers to, else this one."""
    return remote_engine() or own_engine()


def _drawn(chart: Figure | alt.TopLevelMixin) -> str:
    spec = chart.chart if isinstance(chart, Figure) else chart
    if isinstance(spec, Drawing):  # marks on a plane need no engine
        return _EMPTY.sub("", f"<svg>{spec.svg()}</svg>")
    config = theme.config() | {"background": None}
    source = _engine().vegalite_to_svg(json.dumps(spec.to_dict(validate=False)), config=config)
    return _EMPTY.sub("", _LOAD.sub("", source))


def _inner(source: str) -> str:
    found = _SVG.search(source)
    return found["inner"] if found else source


def _sized(inner: str, width: float, height: float) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="{escape(theme.font())}">{inner}</svg>'
    )


def _alone(figure: Figure, drawn: str) -> str:
    """Draw title, subtitle and key above a chart, a margin around and the page colour behind."""
    y, parts = float(MARGIN), []
    for line in letters.lines(figure.title, figure.width, size=theme.TITLE, bold=True):
        parts.append(_text(line, MARGIN, y + theme.TITLE, theme.TITLE, Role.INK, bold=True))
        y += _TITLE_LINE
    for line in letters.lines(figure.subtitle, figure.width, size=theme.NOTE):
        parts.append(_text(line, MARGIN, y + theme.NOTE + 1, theme.NOTE, Role.INK2))
        y += _NOTE_LINE
    key, y = _key(figure.key, y, figure.width)
    y += _GAP
    parts += [key, f'<g transform="translate({MARGIN},{y:g})">{_inner(drawn)}</g>']
    width, height = figure.width + 2 * MARGIN, y + figure.height + MARGIN
    return _sized(_box(width, height, Role.PAPER.light) + "".join(parts), width, height)


def _key(entries: tuple[KeyEntry, ...], y: float, width: float) -> tuple[str, float]:
    """Draw the key in rows; return it and the y below."""
    x, parts = float(MARGIN), []
    for entry in entries:
        indent = _INDENT[entry.swatch]
        need = indent + letters.wide(entry.label, size=theme.NOTE)
        if x > MARGIN and x + need > MARGIN + width:
            x, y = float(MARGIN), y + _NOTE_LINE
        parts.append(_swatch(entry, x, y))
        parts.append(_text(entry.label, x + indent, y + theme.NOTE + 1, theme.NOTE, Role.INK2))
        x += need + 16
    return "".join(parts), y + (_NOTE_LINE if entries else 0)


def _swatch(entry: KeyEntry, x: float, y: float) -> str:
    colour, middle = entry.role.light, y + 9
    if entry.swatch == "none":
        return ""
    if entry.swatch in ("line", "dash"):
        dash = ' stroke-dasharray="6 4"' if entry.swatch == "dash" else ""
        ends = f'x1="{x:g}" y1="{middle:g}" x2="{x + 18:g}" y2="{middle:g}"'
        return f'<line {ends} stroke="{colour}" stroke-width="2"{dash}/>'
    if entry.swatch == "dot":
        return f'<circle cx="{x + 4:g}" cy="{middle:g}" r="4" fill="{colour}"/>'
    paint = f'fill="{colour}"'
    if entry.swatch == "outline":
        paint = f'fill="{Role.PAPER.light}" stroke="{colour}" stroke-width="1.25"'
    return f'<rect x="{x:g}" y="{middle - 5:g}" width="12" height="10" {paint}/>'


def _text(words: str, x: float, y: float, size: int, role: Role, *, bold: bool = False) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}px"{weight} fill="{role.light}">'
        f"{escape(words, quote=False)}</text>"
    )


def _box(width: float, height: float, colour: str) -> str:
    return f'<rect width="{width:g}" height="{height:g}" fill="{colour}"/>'


def _check_glyphs(drawn: str) -> None:
    lacking = fonts.missing("".join(words(drawn)))
    if lacking:
        warnings.warn(
            WorkbenchWarning(f"the font has no {' '.join(sorted(lacking))}"), stacklevel=3
        )
