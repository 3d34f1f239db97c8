"""A figure: a chart together with the words that belong to it.

Title, subtitle and colour key are HTML on a page and drawn in when the figure stands alone; the
text alternative gives those who cannot see it the finding and its numbers. Charts say what they
are (`chart`, marks on a plane or an Altair chart) and from which numbers they were made (`data`).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from workbench.charts import theme
from workbench.charts.theme import Role
from workbench.text import Language

if TYPE_CHECKING:
    import altair as alt

    from workbench.charts.drawing import Drawing

Swatch = Literal["fill", "outline", "line", "dash", "dot", "none"]

_SWATCH = {
    "fill": "background:{colour}",
    "outline": "background:var(--paper);border:1.25px solid {colour}",
    "line": "background:{colour};height:2px;width:18px",
    "dash": "background:linear-gradient(90deg,{colour} 0 7px,transparent 7px 11px,{colour} 11px);"
    "height:2px;width:18px",
    "dot": "background:{colour};width:8px;height:8px;border-radius:50%",
    "none": "display:none",
}


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One entry of a colour key.

    Attributes
    ----------
    label : str
        What the colour stands for.
    role : Role
        The colour.
    swatch : {"fill", "outline", "line", "dash", "dot", "none"}
        How it is drawn in the chart; "none" is words alone.
    """

    label: str
    role: Role
    swatch: Swatch = "fill"

    @property
    def css(self) -> str:
        """The style of the swatch in HTML."""
        return _SWATCH[self.swatch].format(colour=self.role.css)

    @property
    def colour(self) -> str:
        """The colour variable: "--good"."""
        return f"--{self.role.value}"


@dataclass(frozen=True, eq=False, repr=False)
class Figure:
    """A chart with its title, subtitle, key and text alternative.

    Attributes
    ----------
    chart : Drawing, altair.Chart or altair.LayerChart
        The drawing, without title; colours are light hex, one a role. `Drawing.altair` gives it
        as an Altair chart.
    title : str
        The finding.
    subtitle : str
        Measure, unit, period and basis.
    key : tuple of KeyEntry
        Colours that the labels of the chart do not explain.
    alt : str
        Text alternative: finding and main numbers, full names.
    data : pandas.DataFrame
        The result table the chart was drawn from.
    lang : Language
    width, height : int
        Size in px, without title.
    """

    chart: Drawing | alt.Chart | alt.LayerChart
    title: str
    subtitle: str
    key: tuple[KeyEntry, ...]
    alt: str
    data: pd.DataFrame
    lang: Language
    width: int
    height: int

    def svg(self, *, themed: bool = True, title: bool = True) -> str:
        """Draw as SVG; see `workbench.charts.render.svg`."""
        from workbench.charts import render

        return render.svg(self, themed=themed, title=title)

    def png(self, *, scale: float = 2, dark: bool = False, title: bool = True) -> bytes:
        """Draw as PNG; see `workbench.charts.render.png`."""
        from workbench.charts import render

        return render.png(self, scale=scale, dark=dark, title=title)

    def html(self, *, level: int = 2) -> str:
        """Return a `figure` element: title as heading of this level, subtitle, key, SVG, text.

        Its classes and colours are those of `tokens.css`.
        """
        head = f"<h{level}>{escape(self.title)}</h{level}>" if self.title else ""
        drawing = self.svg(title=False).replace("<svg", '<svg aria-hidden="true"', 1)
        return (
            f'<figure class="fig" role="group" aria-label="{escape(self.title)}">{head}'
            f'{self._under()}{drawing}<p class="sr">{escape(self.alt)}</p></figure>'
        )

    def _under(self) -> str:
        entries = "".join(
            f'<span><i style="{entry.css}"></i>{escape(entry.label)}</span>' for entry in self.key
        )
        words = escape(self.subtitle)
        if entries:
            words = f'<span class="key">{words} {entries}</span>'
        return f'<p class="u">{words}</p>' if words else ""

    def _repr_html_(self) -> str:
        """Show in a notebook, colours and type travelling along; a page takes the style out."""
        style = f"<style data-workbench>{travelling()}</style>"
        return f'{style}<div class="sw" lang="{self.lang.html}">{self.html(level=3)}</div>'

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Offer HTML, and one line of text where HTML cannot be shown."""
        return {"text/html": self._repr_html_(), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<Figure {self.title}>"


def travelling() -> str:
    """Return the CSS a single figure needs in a notebook, each rule held inside `.sw`.

    Dark where JupyterLab is dark.
    """
    light, dark = (
        "".join(f"--{name}:{colour};" for name, colour in colours.items())
        for colours in theme.palette()
    )
    return (
        f".sw{{{light}color:var(--ink)}}body[data-jp-theme-light=false] .sw{{{dark}}}"
        f".sw .fig{{margin:8px 0;font-family:{theme.font()}}}"
        ".sw .fig h2,.sw .fig h3,.sw .fig h4"
        "{font-size:15px;line-height:1.4;font-weight:700;margin:0}"
        ".sw .fig .u{font-size:12px;line-height:1.45;color:var(--ink2);margin:0 0 4px}"
        ".sw .fig svg{display:block;overflow:visible;max-width:none}"
        ".sw .key{display:inline-flex;gap:14px;flex-wrap:wrap}"
        ".sw .key span{display:inline-flex;align-items:center;gap:5px;white-space:nowrap}"
        ".sw .key i{display:inline-block;flex:none;width:12px;height:10px}"
        ".sw .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);"
        "white-space:nowrap}"
    )
