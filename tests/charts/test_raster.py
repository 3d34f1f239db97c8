"""Pictures made without the engine: those the engine makes, up to the shades along edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.charts import reading
from workbench.charts import Figure, Role, render
from workbench.charts.pixels import SHADES, Canvas, discs, mask
from workbench.charts.raster import picture
from workbench.text.fonts.outlines import outlined

WHITE, RED = (255, 255, 255), (255, 0, 0)


def drawn(inside: str, *, size: int = 40) -> np.ndarray:
    """Pixels of a drawing on white."""
    made = picture(whole(inside, size), scale=1)
    assert made is not None
    return reading.png(made)


def whole(inside: str, size: int = 40) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}">'
        f'<rect width="{size}" height="{size}" fill="#FFFFFF"/>{inside}</svg>'
    )


def by_engine(svg: str, scale: float) -> np.ndarray:
    return reading.png(render._converter().svg_to_png(outlined(svg), scale=scale))


def apart(svg: str, scale: float) -> np.ndarray:
    """How far each pixel is from that of the engine."""
    own = picture(svg, scale=scale)
    assert own is not None
    pixels, other = reading.png(own).astype(int), by_engine(svg, scale).astype(int)
    assert pixels.shape == other.shape
    return np.abs(pixels - other).max(axis=2)


def test_every_example_is_drawn_as_the_engine_draws_it(example: Figure) -> None:
    svg = render.svg(example, themed=False)
    difference = apart(svg, 2)
    assert difference.mean() < 1
    assert (difference > 96).mean() < 1e-3  # thin strokes of letters that stand half a pixel off


def test_colours_of_the_drawing_are_exact(english: Figure) -> None:
    svg = render.svg(english, themed=False)
    own = picture(svg, scale=1)
    assert own is not None
    colours = {tuple(each) for each in np.unique(reading.png(own).reshape(-1, 3), axis=0).tolist()}
    assert tuple(bytes.fromhex(Role.PAPER.light[1:])) in colours
    assert tuple(bytes.fromhex(Role.INK.light[1:])) in colours


@pytest.mark.parametrize(
    "inside",
    [
        '<rect x="3.3" y="4.6" width="20.5" height="9.25" fill="#FF0000"/>',
        '<rect x="3" y="4" width="20" height="9" fill="none" stroke="#FF0000" stroke-width="2"/>',
        '<rect x="3" y="4" width="30" height="20" fill="none" stroke="#FF0000" stroke-width="2" '
        'stroke-dasharray="8 6"/>',
        '<rect x="3" y="4" width="30" height="12" rx="6.0" fill="#FF0000"/>',
        '<circle cx="20" cy="19.5" r="9" fill="#FF0000"/>',
        '<line x1="3" y1="5.5" x2="33" y2="5.5" stroke="#FF0000" stroke-width="3"/>',
        '<line x1="3" y1="5" x2="33" y2="25" stroke="#FF0000" stroke-width="3" '
        'stroke-dasharray="6,3"/>',
        '<line transform="translate(5,6)" x2="0" y2="20" stroke="#FF0000" opacity="0.5"/>',
        '<path d="M5,5L30,12L12,33Z" fill="#FF0000"/>',
        '<path d="M5,5L30,12L12,33" fill="none" stroke="#FF0000" stroke-width="5" '
        'stroke-linecap="round" stroke-linejoin="round"/>',
        '<path d="M9,9Z" fill="none" stroke="#FF0000" stroke-width="6" stroke-linecap="round" '
        'stroke-linejoin="round"/>',
        '<path transform="translate(20,20)" d="M8,0A8,8,0,1,1,-8,0A8,8,0,1,1,8,0" '
        'fill="#FF0000" stroke-width="2" opacity="1"/>',
        '<g fill="none" transform="translate(4,3)"><path d="M0,0h9v9h-9Z"/>'
        '<g transform="translate(4,4)"><path d="M0,0h9v9h-9Z" fill="#FF0000"/></g></g>',
        '<svg x="5" y="6" width="30" height="15" viewBox="0 0 60 30" overflow="visible">'
        '<rect x="-4" y="4" width="50" height="20" fill="#FF0000"/></svg>',
        '<text x="20" y="30" font-size="24px" font-weight="700" text-anchor="middle" '
        'fill="#FF0000">8元</text>',
    ],
)  # fmt: skip
def test_each_shape_is_that_of_the_engine(inside: str) -> None:
    difference = apart(whole(inside), 4)
    assert difference.mean() < 2
    assert (difference > 128).mean() < 2e-3


@pytest.mark.parametrize(
    "inside",
    [
        '<ellipse cx="9" cy="9" rx="5" ry="4" fill="#FF0000"/>',
        '<rect width="9" height="9" fill="#FF0000" clip-path="url(#a)"/>',
        '<g transform="rotate(45)"><rect width="9" height="9" fill="#FF0000"/></g>',
        '<path d="M5,5C9,9,12,3,20,20" fill="#FF0000"/>',
        '<path d="M5,5L30,12L12,33" fill="none" stroke="#FF0000"/>',
        '<rect width="9" height="9" fill="red"/>',
        '<rect width="9" height="9" rx="2" fill="#FF0000"/>',
        '<text x="9" y="9" font-size="9px" fill="#FF0000">\U0001f600</text>',
        '<text x="9" y="9" font-size="9px" fill="#FF0000"><tspan>A</tspan></text>',
        '<svg width="9" height="9" viewBox="0 0 9 9"><rect fill="#FF0000"/></svg>',
    ],
)
def test_what_is_not_known_here_is_left_to_the_engine(inside: str) -> None:
    assert picture(whole(inside), scale=1) is None
    assert render._Own().svg_to_png(whole(inside), scale=1).startswith(b"\x89PNG")


def test_a_drawing_of_too_many_colours_is_left_to_the_engine() -> None:
    boxes = "".join(
        f'<rect x="{n}" width="1" height="1" fill="#{n:06X}"/>' for n in range(300)
    )  # fmt: skip
    assert picture(whole(boxes), scale=1) is None


def test_shades_of_many_crossings_stay_close_when_numbers_run_out() -> None:
    lines = "".join(
        f'<line x1="0" y1="{n}.3" x2="40" y2="{39 - n}.7" stroke="#{n * 6:02X}{255 - n * 6:02X}80"'
        ' stroke-width="1.5"/>'
        for n in range(40)
    )
    difference = apart(whole(lines), 4)
    assert difference.mean() < 8


def test_a_share_of_a_pixel_is_a_shade_of_it() -> None:
    pixels = drawn('<rect x="1" y="1" width="1.5" height="1" fill="#FF0000"/>')
    assert pixels[1, 1].tolist() == [255, 0, 0]
    assert abs(int(pixels[1, 2, 1]) - 128) <= 255 / SHADES / 2 + 4
    assert (pixels[1, 3] == 255).all() and (pixels[0] == 255).all()


def test_areas_are_exact() -> None:
    found = mask([discs(np.array([[20.3, 17.8]]), 9.0)[0]])
    assert found is not None
    covered, left, top = found
    points = 8 + 4 * 3
    exact = points / 2 * math.sin(2 * math.pi / points) * 9**2
    assert covered.sum() == pytest.approx(exact, rel=2e-3)
    down, across = (np.arange(length) + 0.5 for length in covered.shape)
    middle = [covered.sum(axis=1) @ down + top * covered.sum(),
              covered.sum(axis=0) @ across + left * covered.sum()]  # fmt: skip
    assert np.array(middle) / covered.sum() == pytest.approx([17.8, 20.3], abs=0.02)


def test_a_hole_is_not_filled_and_what_overlaps_is_filled_once() -> None:
    square = np.array([[1.0, 1], [9, 1], [9, 9], [1, 9]])
    hole = np.array([[3.0, 3], [3, 7], [7, 7], [7, 3]])
    ring, both = mask([square, hole]), mask([square, square + 2])
    assert ring is not None and ring[0].sum() == pytest.approx(64 - 16)
    assert both is not None and both[0].sum() == pytest.approx(64 + 64 - 36)


def test_what_lies_outside_is_left_out() -> None:
    canvas = Canvas(10, 10, WHITE, [RED])
    canvas.box(-5, -5, 3, 2, RED)
    canvas.box(20, 20, 30, 30, RED)
    canvas.lay(np.full((4, 4), SHADES, np.uint8), 8, -2, RED)
    canvas.lay(np.full((4, 4), SHADES, np.uint8), 12, 12, RED)
    red = (reading.png(canvas.png()) == RED).all(axis=2)
    assert red[:2, :3].all() and red[:2, 8:].all() and red.sum() == 6 + 4
