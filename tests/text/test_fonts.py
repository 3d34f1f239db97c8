"""The shipped font: what it holds, what a page gets of it, how wide a text is."""

import base64
import io
import re

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from tests.support.shots import Tab
from workbench.errors import ParameterError
from workbench.text import build_font, fonts

NAMES = "喆堃珺翀昇玥赟镕"
SIGNS = "▲▼△▽−–￥¥，。：；、（）“”《》…×±→①%"
TEXT = "累计收入3.86亿元，同比+8.2%（" + NAMES + "）𬱖 Revenue is CNY 386 million"
FILES = {400: "NotoSansSC-Regular.otf", 700: "NotoSansSC-Bold.otf"}

some_text = st.text(st.sampled_from(sorted(fonts.characters())), max_size=60)


@pytest.fixture(scope="module", params=[400, 700])
def shipped(request):
    return request.param, TTFont(fonts.directory() / FILES[request.param])


def drawing(font, character):
    pen = RecordingPen()
    font.getGlyphSet()[font.getBestCmap()[ord(character)]].draw(pen)
    return pen.value


def test_names_of_people_and_the_signs_of_reports_have_glyphs():
    assert fonts.missing(NAMES + SIGNS + "\n\t\u200b\ufeff") == set()
    assert fonts.missing("收入㐂😀") == {"㐂", "😀"}


def test_gb2312_is_whole():
    everything = "".join(
        bytes((row, cell)).decode("gb2312", errors="ignore")
        for row in range(0xB0, 0xF8)
        for cell in range(0xA1, 0xFF)
    )
    assert len(everything) == 6763 and fonts.missing(everything) == set()
    assert len(fonts.characters()) > 9_000  # with the 8,105 of the standard list


def test_the_files_are_what_the_css_names(shipped):
    weight, font = shipped
    assert font["name"].getDebugName(1) == fonts.FAMILY == "Noto Sans SC"
    assert font["name"].getDebugName(2) == {400: "Regular", 700: "Bold"}[weight]
    assert font["OS/2"].usWeightClass == weight
    assert "OFL" in font["name"].getDebugName(14)
    assert "SIL OPEN FONT LICENSE Version 1.1" in (fonts.directory() / "OFL.txt").read_text()


def test_metrics_are_those_of_the_files(shipped):
    weight, font = shipped
    cmap, advances = font.getBestCmap(), font["hmtx"].metrics
    assert fonts.characters() == {chr(code) for code in cmap}
    for code, name in cmap.items():
        assert fonts.width(chr(code), 1000, bold=weight == 700) == advances[name][0]


def test_a_page_gets_the_glyphs_it_uses_and_no_others(shipped):
    weight, source = shipped
    page = TTFont(io.BytesIO(fonts.woff2(TEXT + "㐂", weight=weight)))
    page.ensureDecompiled()
    assert {chr(code) for code in page.getBestCmap()} == set(TEXT)
    assert page["OS/2"].usWeightClass == weight
    for character in set(TEXT):
        assert drawing(page, character) == drawing(source, character)
        place = page.getBestCmap()[ord(character)]
        assert page["hmtx"][place] == source["hmtx"][source.getBestCmap()[ord(character)]]


@pytest.mark.parametrize("text", ["", "一", " ", "𬱖"])
def test_the_smallest_pages_have_a_font_too(text):
    page = TTFont(io.BytesIO(fonts.woff2(text)))
    page.ensureDecompiled()
    assert {chr(code) for code in page.getBestCmap()} == set(text) | {" "}


def test_css_of_a_page():
    css = fonts.embed_css(TEXT, bold_text="合计")
    assert re.findall(r"font-weight:(\d+)", css) == ["400", "700"]
    assert css.count('font-family:"Noto Sans SC"') == 2 and "http" not in css
    embedded = [base64.b64decode(data) for data in re.findall(r"base64,([^)]+)\)", css)]
    bold = TTFont(io.BytesIO(embedded[1]))
    assert {chr(code) for code in bold.getBestCmap()} == set("合计 ")
    assert css == fonts.embed_css("".join(reversed(TEXT)), bold_text="计合")
    with pytest.raises(ParameterError, match="no weight 300"):
        fonts.woff2(TEXT, weight=300)


@pytest.mark.browser
def test_a_browser_takes_the_font_and_measures_as_we_do(chromium):
    page = (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><style>{fonts.embed_css(TEXT)} '
        'b, i { font: 20px "Noto Sans SC"; white-space: pre } b { font-weight: 700 }</style>'
        f"<p><i>{TEXT}</i><p><b>{TEXT}</b>"
    )
    with Tab.opened(chromium) as tab:
        tab.show(page, width=1200, height=200)
        assert (
            tab.ask("document.fonts.ready.then(f => [...f].map(x => x.status))") == ["loaded"] * 2
        )
        measure = "document.querySelector('{}').getBoundingClientRect().width"
        for tag, bold in (("i", False), ("b", True)):
            expected = fonts.width(TEXT, 20, bold=bold)
            assert tab.ask(measure.format(tag)) == pytest.approx(expected, abs=0.5)


def test_widths():
    assert fonts.width("收入", 20) == 40
    assert fonts.width("386", 20) == pytest.approx(3 * 0.555 * 20)
    assert fonts.width("386", 20, bold=True) > fonts.width("386", 20)
    assert fonts.width("㐂", 20) == 20 and fonts.width("\u200b\u0301", 20) == 0
    assert len({fonts.width(digit, 13) for digit in "0123456789"}) == 1  # figures align


@given(some_text, some_text)
def test_width_is_the_sum_of_its_parts(a, b):
    assert fonts.width(a + b, 13) == pytest.approx(fonts.width(a, 13) + fonts.width(b, 13))


@given(some_text, st.integers(13, 200), st.booleans())
def test_lines_fit_and_hold_the_whole_text(text, width, bold):
    lines = fonts.wrap(text, width, 13, bold=bold)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert len(line) == 1 or fonts.width(line, 13, bold=bold) <= width + 1e-9


@given(st.text("收入同比（），。、“”8%3", max_size=40), st.integers(80, 200))
def test_no_line_starts_or_ends_with_the_wrong_mark(text, width):
    single = re.sub(r"([（）“”，。、])[（）“”，。、]+", r"\1", text)
    lines = fonts.wrap(single, width, 13)
    assert not any(line[0] in "），。、”%" for line in lines[1:] if line)
    assert not any(line[-1] in "（“" for line in lines[:-1] if line)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("累计收入3.86亿元，同比", 100, ["累计收入", "3.86亿元，同比"]),
        ("毛利率下降1.2个百分点", 100, ["毛利率下降", "1.2个百分点"]),
        ("Revenue is CNY 386 million", 110, ["Revenue is CNY", "386 million"]),
        ("一\n二", 100, ["一", "二"]),
        ("", 100, [""]),
    ],
)
def test_where_lines_break(text, width, lines):
    assert fonts.wrap(text, width, 13) == lines


def test_a_line_holds_at_least_one_character():
    with pytest.raises(ParameterError, match="cannot hold"):
        fonts.wrap("收入", 10, 13)


def test_the_builder_adds_gb2312_and_signs_to_the_standard_list():
    wanted = build_font.characters_wanted(NAMES + "\n")
    assert set(NAMES + SIGNS + "收A") <= wanted and "\n" not in wanted
    assert "收" in build_font.characters_wanted("") and "喆" not in build_font.characters_wanted("")
