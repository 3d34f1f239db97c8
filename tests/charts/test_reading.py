"""The eyes of these tests: they have to see a fault where there is one."""

from __future__ import annotations

from tests.charts import reading

SHEET = '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40">{}</svg>'
LABEL = '<text text-anchor="{}" transform="translate({},{})" font-size="12px" fill="#000">{}</text>'


def test_sees_words_past_the_edge() -> None:
    past = LABEL.format("start", 90, 20, "Revenue")
    inside = LABEL.format("end", 99, 20, "Revenue")
    assert reading.cut_off(SHEET.format(past)) == ["Revenue"]
    assert reading.cut_off(SHEET.format(inside)) == []
    assert reading.cut_off(SHEET.format(LABEL.format("start", 0, 3, "high"))) == ["high"]


def test_sees_words_over_each_other() -> None:
    a, b = LABEL.format("start", 0, 20, "收入"), LABEL.format("start", 20, 22, "毛利")
    assert reading.overlapping(SHEET.format(a + b)) == [("收入", "毛利")]
    apart = LABEL.format("start", 26, 22, "毛利")
    assert reading.overlapping(SHEET.format(a + apart)) == []


def test_adds_up_nested_shifts() -> None:
    nested = f'<g transform="translate(10,5)">{LABEL.format("middle", 30, 20, "8")}</g>'
    (word,) = reading.words(SHEET.format(nested))
    assert (word.left + word.right) / 2 == 40


def test_reads_bars() -> None:
    bar = '<g transform="translate(5,0)"><path d="M10,20h30v8h-30Z" fill="#22324A"/></g>'
    assert reading.bars(SHEET.format(bar)) == [reading.Bar(15, 20, 30, 8, "#22324A")]
