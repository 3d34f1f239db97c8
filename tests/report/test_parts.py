"""Boxes, sentences and sections."""

from __future__ import annotations

from tests.support.pages import charts, document, region_table
from workbench.errors import InputError, MissingTableError
from workbench.report import Block, MissingBox, Reading, Section, SoWhat, WarningBox
from workbench.tables import table
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html


def test_missing_box_says_what_for_what_how_and_what_stands(lang: Language):
    error = MissingTableError("opportunity_snapshot", "no snapshots")
    stands = lang.pick("All else stands.", "其余结果不受影响。")
    box = MissingBox.of(error, lang=lang, stands=stands)
    declared = table("opportunity_snapshot")
    html = box.html()
    for words in (declared.title(lang), declared.help(lang), "opportunity_snapshot", stands):
        assert words in html
    for text in texts_of_html(document(box)):
        assert not half_width_faults(text, code=lang.code)
        assert lang.code == "en" or not english_faults(text)


def test_warning_box_gives_the_answers_of_an_error(lang: Language):
    error = InputError("7 amounts are not numbers", where="orders.xlsx", kept="31,204 rows")
    box = WarningBox.of(error, lang=lang)
    assert box.message == error.message
    assert len(box.sentences()) == 2
    assert all(words in box.html() for words in ("orders.xlsx", "31,204 rows"))
    assert WarningBox.of(UserWarning("care"), lang=lang).sentences() == []


def test_sentences_that_no_longer_hold_disappear(lang: Language, tree):
    so_what = SoWhat(["One.", "", None, "Two."], lang=lang)
    assert [item.text for item in tree(so_what.html()).iter("li")] == ["One.", "Two."]
    assert "<h2" not in SoWhat([None], lang=lang).html()


def test_a_section_puts_the_finding_first(lang: Language, tree):
    drawn = charts(lang)["months"]
    section = Section(
        drawn, Block(region_table(lang), 7), lang=lang, title="T", reading="R", note="N"
    )
    root = tree(section.html()).find("section")
    assert [child.tag for child in root] == ["h2", "p", "figure", "figure", "p"]
    assert [figure.find("h3").text for figure in root.iter("figure")] == [
        drawn.title,
        region_table(lang).title,
    ]
    assert [figure.get("style") for figure in root.iter("figure")] == [
        "grid-column:span 5",
        "grid-column:span 7",
    ]


def test_without_a_finding_of_its_own_the_figure_heads_the_section(lang: Language, tree):
    root = tree(Section(charts(lang)["cover"], lang=lang).html())
    assert [heading.tag for heading in root.iter() if heading.tag in ("h1", "h2", "h3")] == ["h2"]


def test_boxes_stand_in_sections_without_a_frame(lang: Language, tree):
    box = MissingBox(lang=lang, table="x")
    root = tree(Section(box, lang=lang).html())
    assert not list(root.iter("figure"))
    assert root.find("section/div/div[@class='state']") is not None
    assert not list(root.iter("h2"))


def test_a_reading_is_a_sentence(lang: Language):
    assert '<p class="reading">a &lt; b</p>' in Reading("a < b", lang).html()
