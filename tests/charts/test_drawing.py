"""What is written here is what Vega draws from the Altair definition of the same marks."""

from __future__ import annotations

import json
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.charts import render, theme
from workbench.charts.drawing import Drawing
from workbench.charts.examples import examples
from workbench.charts.plane import Plane
from workbench.charts.theme import Role
from workbench.text import Language

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
PARTS = ("rects", "outlined", "rules", "texts", "lines", "areas", "dots")


def by_vega(drawing: Drawing) -> str:
    """The inside of the SVG that Vega draws, cleaned as a page wants it."""
    config = theme.config() | {"background": None}
    definition = json.dumps(drawing.altair().to_dict(validate=False))
    source = render._engine().vegalite_to_svg(definition, config=config)
    return render._inner(render._EMPTY.sub("", render._LOAD.sub("", source)))


def by_us(drawing: Drawing) -> str:
    return render._inner(render._EMPTY.sub("", f"<svg>{drawing.svg()}</svg>"))


def the_same(ours: str, theirs: str) -> bool:
    """Whether two drawings have the same text but for the last digit of a number.

    vl-convert reads numbers of 17 digits one unit in the last place wrong; points of a path are
    rounded to thousandths of a px, and such a difference may then tip one.
    """
    pairs = zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=False)
    near = all(math.isclose(float(a), float(b), abs_tol=1e-9) or tipped(a, b) for a, b in pairs)
    return near and NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)


def tipped(a: str, b: str) -> bool:
    rounded = all(len(number.partition(".")[2]) <= 3 for number in (a, b))
    return rounded and math.isclose(float(a), float(b), abs_tol=0.0010001)


def test_every_example_is_drawn_as_vega_draws_it() -> None:
    for name, figure in examples(Language("zh")).items():
        assert isinstance(figure.chart, Drawing)
        assert the_same(by_us(figure.chart), by_vega(figure.chart)), name


def test_a_difference_is_seen() -> None:
    drawn = '<text transform="translate(1.25,2)" fill="#1C2733">a</text>'
    assert the_same(drawn, drawn.replace("1.25", "1.2500000000001"))
    for other in ("1.2512", "1.3", "-1.25"):
        assert not the_same(drawn, drawn.replace("1.25", other))
    assert not the_same(drawn, drawn.replace(">a<", ">b<"))
    assert not the_same(drawn, drawn.replace("#1C2733", "#1C2734"))


def row(low: float, high: float) -> st.SearchStrategy[dict[str, object]]:
    place = st.floats(low, high, allow_nan=False).map(lambda value: round(value, 4))
    hole = st.none() | place
    return st.fixed_dictionaries(
        {
            "x": place, "x2": place, "y": hole, "y2": place,
            "text": st.text("aß中& <>\"'.-0", min_size=1, max_size=6).filter(str.strip),
            "fill": st.sampled_from([Role.ACTUAL.light, Role.GOOD.light]),
            "part": st.sampled_from(["", "one", "two"]),
        }
    )  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(
    rows=st.lists(row(-3, 3), min_size=1, max_size=7, unique_by=lambda each: each["x"]),
    size=st.tuples(st.integers(60, 400), st.integers(40, 300)),
    room=st.tuples(*[st.integers(0, 15)] * 4),
    x=st.tuples(st.integers(-9, -3), st.integers(3, 12)),
    y=st.tuples(st.integers(-9, -3), st.integers(3, 12)),
    kinds=st.sets(st.sampled_from(PARTS), min_size=1),
    align=st.sampled_from(["left", "center", "right"]),
    baseline=st.sampled_from(["top", "middle", "bottom", "alphabetic"]),
)
def test_marks_anywhere_are_drawn_as_vega_draws_them(
    rows, size, room, x, y, kinds, align, baseline
) -> None:
    left, right, top, bottom = room
    plane = Plane(
        width=size[0], height=size[1], left=left, right=right, top=top, bottom=bottom, x=x, y=y
    )
    whole = [each for each in rows if each["y"] is not None]
    marks = {
        "rects": plane.rects(whole),
        "outlined": plane.rects(whole, outline=Role.INK),
        "rules": plane.rules(whole, dash=(2, 3), opacity=0.5, width=1.5),
        "texts": plane.texts(whole, bold=True, align=align, baseline=baseline, dx=-3.5, dy=2),
        "lines": plane.lines(rows, dash=(6, 4)),
        "areas": plane.areas(rows, role=Role.INK3),
        "dots": plane.dots(whole, radius=2.5),
    }
    drawing = plane.draw(*(mark for name, mark in marks.items() if name in kinds))
    assert the_same(by_us(drawing), by_vega(drawing))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (0.1 + 0.2, "0.30000000000000004"),
        (1e-6, "0.000001"),
        (5.7e-14, "5.7e-14"),
        (1.5e-7, "1.5e-7"),
        (1e17, "100000000000000000"),
    ],
)
def test_numbers_are_written_as_javascript_does(value: float, written: str) -> None:
    from workbench.charts.drawing import _number

    assert _number(value) == written


def test_a_plane_without_marks_keeps_its_size() -> None:
    drawing = Plane(width=30, height=20).draw()
    assert the_same(by_us(drawing), by_vega(drawing))


def test_the_definition_can_be_taken_on() -> None:
    figure = next(iter(examples(Language("en")).values()))
    assert isinstance(figure.chart, Drawing)
    assert figure.chart.to_dict()["layer"]
