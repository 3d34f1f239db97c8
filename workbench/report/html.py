"""Small tools for writing HTML: escape, wrap, and show in a notebook."""

from __future__ import annotations

import hashlib
import re
from html import escape

from workbench.report import style
from workbench.text import Language

_ID = re.compile(r'\bid="([^"]+)"')


class Shown:
    """Base of everything that draws itself: `html` for a report, `_repr_html_` for a notebook.

    A notebook stores `repr` beside the HTML, so it stays one short line.
    """

    lang: Language

    def html(self) -> str:
        """Return the fragment of HTML, inside one `.sw` element with its language."""
        return f'<div class="{style.SCOPE}" lang="{self.lang.html}">{self.fragment()}</div>'

    def fragment(self) -> str:
        """Return the HTML without the element around it."""
        raise NotImplementedError

    def headline(self) -> str:
        """Return the words that stand for the object where there is room for one line."""
        return ""

    def _repr_html_(self) -> str:
        return style.travelling() + self.html()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline()}>"


def text(words: object) -> str:
    """Escape words for HTML."""
    return escape(str(words), quote=True)


def element(name: str, content: str, **attributes: object) -> str:
    """Wrap content, already HTML, in an element.

    Attributes that are None, empty or False are left out; `class_` is `class`, and other
    underscores are hyphens. Values are escaped.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value not in (None, "", False)
    )
    return f"<{name}{written}>{content}</{name}>"


def paragraph(words: str, class_: str) -> str:
    """Return a paragraph of plain words, or nothing where there are none."""
    return element("p", text(words), class_=class_) if words else ""


def own_ids(svg: str) -> str:
    """Give the ids inside a drawing names of their own.

    Drawings made apart use the same ids for their clips and gradients; on one page a reference
    would find those of the first. The new names come from the content, so they never change
    from run to run.
    """
    names = set(_ID.findall(svg))
    if not names:
        return svg
    tag = "d" + hashlib.sha256(svg.encode()).hexdigest()[:8]
    for name in sorted(names, key=len, reverse=True):
        own = f"{tag}-{name}"
        svg = svg.replace(f'id="{name}"', f'id="{own}"').replace(f"url(#{name})", f"url(#{own})")
        svg = svg.replace(f'href="#{name}"', f'href="#{own}"')
    return svg
