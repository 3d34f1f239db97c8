"""Every chart once, on one page: `python -m workbench.charts.gallery -o FOLDER --lang zh`.

Writes `gallery.html` (colours follow the reader's light or dark mode) and a PNG of each chart.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from workbench.charts import theme
from workbench.charts.examples import examples
from workbench.charts.figure import Figure
from workbench.text import Language, fonts


def write(folder: Path, *, lang: Language, dark: bool = False) -> Path:
    """Draw all examples into a folder.

    Parameters
    ----------
    folder : Path
        Made if it does not exist.
    lang : Language
    dark : bool
        Draw the PNGs in dark colours.

    Returns
    -------
    Path
        The page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = examples(lang)
    for name, figure in figures.items():
        (folder / f"{name}.png").write_bytes(figure.png(dark=dark))
    path = folder / "gallery.html"
    path.write_text(page(figures.values(), lang=lang), encoding="utf-8")
    return path


def page(figures: Iterable[Figure], *, lang: Language) -> str:
    """Return a page of figures, each as wide as its chart, without scripts or outside links."""
    drawn = "".join(figure.html() for figure in figures)
    title = lang.say("Charts")
    style = f"{fonts.embed_css(drawn + title)}{theme.tokens()}"
    wide = ".page{display:flex;flex-wrap:wrap;align-items:flex-start;gap:8px 28px}"
    return (
        f'<!doctype html><html lang="{lang.html}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{style}{wide}</style></head>"
        f'<body><main class="page"><h1>{title}</h1>{drawn}</main></body></html>'
    )


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and write the gallery."""
    parser = argparse.ArgumentParser(description="Draw every chart once.")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--lang", choices=["en", "zh"], default="en")
    parser.add_argument("--dark", action="store_true", help="PNGs in dark colours")
    chosen = parser.parse_args(arguments)
    print(write(chosen.output, lang=Language(chosen.lang), dark=chosen.dark))


if __name__ == "__main__":
    main()
