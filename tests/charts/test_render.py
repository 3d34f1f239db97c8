"""From figure to file: title and key drawn in when alone, light and dark PNG, glyphs told."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from tests.charts import reading
from workbench.charts import Figure, KeyEntry, Role, bars, columns, gallery, render, theme
from workbench.charts.examples import overdue, to_year_end
from workbench.charts.figure import travelling
from workbench.errors import ParameterError, WorkbenchWarning
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


def pixels(png: bytes) -> tuple[int, int, tuple[int, int, int]]:
    """Width, height and the colour of the first pixel of a PNG."""
    read = reading.png(png)
    return read.shape[1], read.shape[0], tuple(read[0, 0].tolist())  # type: ignore[return-value]


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def test_png_has_the_size_and_the_colour_of_the_page() -> None:
    figure = overdue(ZH)
    width, height, corner = pixels(figure.png(scale=2, title=False))
    assert (width, height) == (2 * figure.width, 2 * figure.height)
    assert corner == rgb(Role.PAPER.light)
    assert pixels(figure.png(scale=1, dark=True))[2] == rgb(Role.PAPER.dark)


def test_title_subtitle_and_key_are_drawn_in_when_alone() -> None:
    figure = to_year_end(EN)
    alone = [word.text for word in reading.words(reading.svg_of(figure, title=True))]
    bare = [word.text for word in reading.words(reading.svg_of(figure))]
    assert figure.title in alone and figure.title not in bare
    assert {"50%", "80%", "95% interval", "Median"} <= set(alone)
    assert "95% interval" not in bare


def test_long_titles_wrap() -> None:
    table = pd.DataFrame({"label": ["a"], "value": [0.5]})
    figure = bars(table, lang=EN, title="A finding with many words " * 6, width=columns(3))
    svg = reading.svg_of(figure, title=True)
    assert reading.cut_off(svg) == []
    assert sum(word.size == 15 for word in reading.words(svg)) > 2


def test_missing_glyphs_are_told() -> None:
    figure = bars(pd.DataFrame({"label": ["\U0001f600"], "value": [0.5]}), lang=EN, title="")
    with pytest.warns(WorkbenchWarning, match="\U0001f600"):
        figure.svg()


def test_texts_are_escaped() -> None:
    table = pd.DataFrame({"label": ["R&D <b>"], "value": [0.5]})
    figure = bars(table, lang=EN, title='A & B "c"', subtitle="x < y")
    assert "R&D <b>" in [word.text for word in reading.words(reading.svg_of(figure, title=True))]
    assert 'aria-label="A &amp; B &quot;c&quot;"' in figure.html()
    assert "<b>" not in figure._repr_html_()


def test_a_bare_altair_chart_is_drawn_in_the_theme() -> None:
    data = alt.Data(values=[{"a": "x", "b": 3}])
    svg = render.svg(alt.Chart(data).mark_bar().encode(x="a:N", y="b:Q"))
    assert Role.ACTUAL.css in svg and Role.GRID.css in svg
    assert "#" not in svg.replace("&#", "")


def test_importing_charts_loads_no_drawing_library() -> None:
    import subprocess
    import sys

    code = "import sys, workbench.charts; print({'altair', 'vl_convert'} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert run.stdout.strip() == "set()"


def test_notebook_output_travels_with_its_colours(lang: Language) -> None:
    figure = overdue(lang)
    shown = figure._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/html"].startswith("<style data-workbench>")
    assert f'<div class="sw" lang="{lang.html}"' in shown["text/html"]
    assert f"--ink:{Role.INK.light}" in travelling()
    assert f"--ink:{Role.INK.dark}" in travelling()
    assert len(shown["text/plain"]) < 100


@pytest.mark.parametrize("swatch", ["fill", "outline", "line", "dash", "dot", "none"])
def test_swatches_show_their_colour(swatch: str) -> None:
    entry = KeyEntry("x", Role.GOOD, swatch)  # type: ignore[arg-type]
    assert entry.colour == "--good"
    assert (Role.GOOD.css in entry.css) == (swatch != "none")


def test_roles_are_the_variables_of_the_style_sheet() -> None:
    light, dark = theme.palette()
    assert set(light) == set(dark) == {role.value for role in Role}
    assert len(set(light.values())) == len(light)
    assert len(set(dark.values())) == len(dark)


def test_config_has_only_colours_with_a_role() -> None:
    import json
    import re

    used = set(re.findall(r"#[0-9A-F]{6}", json.dumps(theme.config())))
    assert used <= {role.light for role in Role}


@pytest.mark.parametrize(("count", "px"), [(1, 89), (5, 557), (7, 791), (12, 1376)])
def test_columns_are_those_of_the_page(count: int, px: int) -> None:
    assert columns(count) == px
    assert columns(5) + 28 + columns(7) == columns(12)


def test_a_page_has_twelve_columns() -> None:
    with pytest.raises(ParameterError):
        columns(13)


def test_gallery_is_one_page_and_a_picture_each(
    tmp_path: Path, lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {"overdue": overdue(lang), "to_year_end": to_year_end(lang)}
    monkeypatch.setattr(gallery, "examples", lambda _: drawn)
    page = gallery.write(tmp_path, lang=lang).read_text("utf-8")
    assert {path.name for path in tmp_path.iterdir()} == {
        "gallery.html", "overdue.png", "to_year_end.png"
    }  # fmt: skip
    assert page.count("<figure") == 2 and "<script" not in page
    assert Figure.__name__ not in page
