"""One style sheet for reports and notebooks."""

from __future__ import annotations

import re

from workbench.report import bare, style
from workbench.report.html import own_ids
from workbench.report.style import travelling


def selectors(css: str) -> list[str]:
    """Selectors of all plain rules, those inside at-rules too."""
    inner = re.sub(r"@[^{]+\{((?:[^{}]*\{[^{}]*\})*)\s*\}", r"\1", css)
    heads = re.findall(r"([^{}]+)\{[^{}]*\}", inner)
    return [part.strip() for head in heads for part in head.split(",")]


def test_a_notebook_is_styled_inside_outputs_only():
    found = selectors(style("notebook"))
    assert len(found) > 60
    assert all(".sw.sw.sw" in selector for selector in found)


def test_a_notebook_follows_its_own_theme_and_width():
    css = style("notebook")
    assert "prefers-color-scheme" not in css
    assert re.search(r"body\[data-jp-theme-light=false\] \.sw\.sw\.sw,[^{]*\{[^}]*#11171E", css)
    assert "@container sw (max-width:1100px)" in css


def test_a_document_has_dark_print_and_narrow():
    css = style("document")
    for rule in ("prefers-color-scheme: dark", "@media print", "(max-width:1100px)", "size:A4"):
        assert rule in css


def test_styles_lead_nowhere():
    assert not re.search(r"https?:|url\(|@import", style("document") + style("notebook"))


def test_bare_takes_out_only_what_travelled():
    html = f"<style>a{{}}</style>{travelling()}<p>x</p>{travelling()}"
    assert bare(html) == "<style>a{}</style><p>x</p>"


def test_ids_change_with_their_references_and_stay_the_same_from_run_to_run():
    svg = (
        '<svg><clipPath id="c"/><clipPath id="c1"/><g clip-path="url(#c1)"/><use href="#c"/></svg>'
    )
    own = own_ids(svg)
    first, second = re.findall(r'id="([^"]+)"', own)
    assert f"url(#{second})" in own and f'href="#{first}"' in own
    assert first.endswith("-c") and second.endswith("-c1")
    assert own == own_ids(svg)
    assert own_ids("<svg/>") == "<svg/>"
