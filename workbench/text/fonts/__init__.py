"""The shipped font, Noto Sans SC: its folder, its glyphs for a page, and the measure of a text.

PNG and PDF are drawn with the fonts in `directory()`; an HTML page carries only the glyphs it uses
(`embed_css`). Widths and breaking of lines are computed from `metrics.json`, without a font
library; they are plain sums of advances, which is what the font gives (it has no kerning).
Made by `workbench.text.build_font`; licence in OFL.txt.
"""

from workbench.text.fonts.embedding import embed_css, woff2
from workbench.text.fonts.measure import FAMILY, characters, directory, missing, width, wrap

__all__ = [
    "FAMILY",
    "characters",
    "directory",
    "embed_css",
    "missing",
    "width",
    "woff2",
    "wrap",
]
