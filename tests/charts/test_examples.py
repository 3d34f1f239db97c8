"""What holds for every chart: words inside, colours by role, dark complete, the same each time."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.charts import reading
from workbench.charts import Figure, Role
from workbench.charts.render import swap
from workbench.text import checks, fonts

HEX = re.compile(r"#[0-9A-Fa-f]{3,8}\b")
LIGHT = {role.light.upper() for role in Role}


def test_words_are_inside_apart_and_known(example: Figure) -> None:
    assert reading.faults(example) == []


def test_words_are_upright_and_of_the_three_sizes(example: Figure) -> None:
    svg = reading.svg_of(example, title=True)
    assert "rotate(" not in svg
    assert {word.size for word in reading.words(svg)} <= {12, 13, 15}


def test_drawing_has_exactly_its_size(example: Figure) -> None:
    svg = reading.svg_of(example)
    assert reading.size(svg) == (example.width, example.height)
    assert f'viewBox="0 0 {example.width} {example.height}"' in svg


def test_every_colour_has_a_role(example: Figure) -> None:
    svg = reading.svg_of(example, title=True)
    assert {colour.upper() for colour in HEX.findall(svg)} <= LIGHT
    assert not re.search(r'(fill|stroke)="(?!#|none|transparent)', svg)


def test_themed_drawing_has_only_variables(example: Figure) -> None:
    svg = reading.svg_of(example, themed=True)
    assert HEX.findall(svg) == []
    assert set(re.findall(r"var\(--(\w+)\)", svg)) <= {role.value for role in Role}


def test_dark_swap_leaves_no_light_colour(example: Figure) -> None:
    dark = {role.light.upper(): role.dark for role in Role}
    left = {colour.upper() for colour in HEX.findall(swap(reading.svg_of(example), dark))}
    assert left <= {role.dark.upper() for role in Role}


def test_nothing_comes_from_outside(example: Figure) -> None:
    page = example._repr_html_()
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<>)]+", page)
    assert set(addresses) <= {"http://www.w3.org/2000/svg"}
    assert "<script" not in page and "<image" not in page and "url(" not in page


def test_same_chart_same_bytes(chinese: Figure) -> None:
    assert chinese.svg(themed=False, title=False) == reading.svg_of(chinese)


def test_chinese_is_chinese(chinese: Figure) -> None:
    said = [word.text for word in reading.words(reading.svg_of(chinese, title=True))]
    for text in (*said, chinese.subtitle, chinese.alt):
        assert checks.half_width_faults(text, code="zh") == [], text
        assert checks.english_faults(text) == [], text


def test_english_has_no_chinese_sign(english: Figure) -> None:
    said = [word.text for word in reading.words(reading.svg_of(english, title=True))]
    for text in (*said, english.subtitle, english.alt):
        assert not re.search(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]", text), text
        assert checks.half_width_faults(text, code="en") == [], text


def test_text_alternative_has_finding_and_numbers(example: Figure) -> None:
    assert example.alt.startswith(example.title)
    assert re.search(r"\d", example.alt.removeprefix(example.title))
    assert fonts.missing(example.alt) == set()
    assert f'<p class="sr">{example.alt}</p>' in example.html()


def test_no_placeholder_is_left(example: Figure) -> None:
    said = "".join(word.text for word in reading.words(reading.svg_of(example, title=True)))
    assert "{" not in said + example.alt


def test_another_process_draws_the_same_bytes() -> None:
    code = (
        "import hashlib; from workbench.charts.examples import growth, to_year_end;"
        "from workbench.text import Language; zh = Language('zh');"
        "print(hashlib.sha256((growth(zh).svg() + to_year_end(zh).svg()).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1
