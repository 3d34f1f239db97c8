"""The report of a notebook: one still page in one language, first page on top, code hidden."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.recording import MIME
from workbench.report.notebook import Report, Sheet
from workbench.report.outputs import remarks, still, warned
from workbench.report.prose import in_language, prose
from workbench.text import Language
from workbench.text.checks import english_faults, texts_of_html

EN, ZH = Language("en"), Language("zh")
PAGE = '<div class="sw"><section class="page"><h1>Growth is loading</h1></section></div>'
SECTION = '<div class="sw"><section class="sect"><h2>East leads</h2></section></div>'
STDERR = """\
/srv/me/cell.py:12: WorkbenchWarning: 7 rows were left out
  warnings.warn(message)
/usr/lib/x.py:3: FutureWarning: the old way
  old()
Loading 3 of 3
"""


def text(source: str) -> dict:
    return {"cell_type": "markdown", "source": source}


def code(source: str, *outputs: dict) -> dict:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def shows(html: str, **more: str) -> dict:
    return {"output_type": "execute_result", "data": {"text/html": html, **more}}


def says(words: str, name: str = "stdout") -> dict:
    return {"output_type": "stream", "name": name, "text": words}


CELLS = (
    text("# Sales\n\nFor the director.\n\n<!-- zh -->\n\n# 销售\n\n供总监阅读。"),
    code("import pandas"),
    text("## Where\n\n<!-- zh -->\n\n## 何处"),
    code("section", shows(SECTION)),
    code("page", shows(PAGE)),
)


def report(*cells: dict, lang: Language = EN, **options: object) -> str:
    return Report(cells=cells or CELLS, lang=lang, title="Sales", **options).html()


def body(html: str) -> str:
    return html[html.index("<body") :]


# -- one page ------------------------------------------------------------------------------------


def test_the_first_page_stands_on_top_and_holds_the_only_h1():
    html = body(report())
    places = [
        html.index(mark)
        for mark in ("Growth is loading", "<nav", "For the director", "East leads</h3>")
    ]
    assert places == sorted(places)
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Growth is loading"]


def test_without_a_first_page_the_title_of_the_notebook_stands_on_top():
    html = body(report(*CELLS[:4]))
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Sales"]
    assert html.index("<h1>") < html.index("<nav") < html.index("East")


def test_a_second_page_stays_in_its_place_and_gives_up_its_h1():
    html = body(report(*CELLS, code("again", shows(PAGE.replace("loading", "real")))))
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == ["Growth is loading"]
    assert "<h3>Growth is real</h3>" in html


@pytest.mark.parametrize(
    ("words", "level"), [("Only words", 2), ("# Title", 3), ("## Where", 3), ("### Small", 2)]
)
def test_headings_of_outputs_stand_below_those_of_the_narrative(words, level):
    html = body(report(code("page", shows(PAGE)), text(words), code("section", shows(SECTION))))
    assert re.search(rf"<h{level}[^>]*>East leads</h{level}>", html)


def test_contents_lead_to_headings():
    html = report(sheets=[Sheet("Parameters", ("a",), [["1"]])])
    links = re.findall(r'<li><a href="#(\w+)">(.*?)</a>', html)
    assert [words for _, words in links] == ["Sales", "Where", "Parameters"]
    assert all(f'id="{place}"' in html for place, _ in links)


def test_code_is_there_but_hidden_until_asked_for():
    html = report()
    assert '<pre class="code"><code>import pandas</code></pre>' in html
    assert ".code{display:none}" in html
    assert "#show-code:checked~main .code{display:block}" in html
    assert html.index('id="show-code"') < html.index("<main")
    assert "show-code" not in body(report(text("# Only words")))


def test_the_page_can_be_used_by_keyboard_and_says_its_language():
    html = report(lang=ZH)
    assert '<html lang="zh-CN">' in html
    assert body(html).index('href="#main"') < body(html).index("<main id=")
    assert "@media print" in html
    assert "prefers-color-scheme: dark" in html


def test_fonts_of_the_page_are_inside():
    html = report(lang=ZH)
    assert html.count("@font-face") == 2
    assert "/*fonts*/" not in html


# -- one language --------------------------------------------------------------------------------


def test_only_the_reader_s_language_is_shown():
    texts = texts_of_html(report(*CELLS[:3], lang=ZH))
    assert {"销售", "供总监阅读。", "何处"} <= set(texts)
    assert [f for t in texts for f in english_faults(t, least=1, allowed=["Sales"])] == []
    assert "供总监阅读" not in report(*CELLS[:3])


@pytest.mark.parametrize(
    ("source", "en", "zh"),
    [
        ("A\n\n<!-- zh -->\n\n甲", "A", "甲"),
        ("A\n<!--zh-->\n甲\n  <!-- en -->\nB", "A\n\nB", "甲"),
        ("<!-- zh -->\n甲", "", "甲"),
        ("x = 1", "x = 1", "x = 1"),
        ("A <!-- zh --> B", "A <!-- zh --> B", "A <!-- zh --> B"),
    ],
)
def test_parts_of_a_cell(source, en, zh):
    assert (in_language(source, EN), in_language(source, ZH)) == (en, zh)


@given(
    en=st.text("ab \n#", max_size=20).map(str.strip),
    zh=st.text("甲乙\n", max_size=20).map(str.strip),
)
def test_each_reader_gets_what_was_written_for_them(en, zh):
    source = f"{en}\n<!-- zh -->\n{zh}"
    assert (in_language(source, EN), in_language(source, ZH)) == (en, zh)


def test_headings_move_below_the_page():
    assert prose("# a\n## b\n### c", EN, top=2).split("\n") == [
        "<h2>a</h2>",
        "<h2>b</h2>",
        "<h3>c</h3>",
    ]
    assert prose("# a", EN).startswith("<h1>")


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("[docs](https://example.org/a)", "<p>docs (example.org/a)</p>"),
        ("<https://example.org>", "<p>example.org</p>"),
        ("[up](#s1)", '<p><a href="#s1">up</a></p>'),
        ("![chart](https://example.org/x.png)", "<p><span>chart</span></p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("<!-- note --> a < b", "<p>a &lt; b</p>"),
        ("| a |\n|---|\n| 1 |", "<td>1</td>"),
    ],
)
def test_prose_is_still_and_has_no_address(source, shown):
    html = prose(source, EN)
    assert shown in html
    assert "https:" not in html
    assert "<script" not in html


# -- outputs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<b>a</b><script>x</script>", "<b>a</b>"),
        ('<b>a</b><script src="https://x.y/z.js"></script>', "<b>a</b>"),
        ('<link rel="stylesheet" href="https://x.y"><b>a</b>', "<b>a</b>"),
        ('<img src="https://x.y/a.png" alt="a">', '<img alt="a">'),
        ("<img src='//x.y/a.png' alt='a'>", "<img alt='a'>"),
        ('<a href="http://x.y">a</a>', "<a>a</a>"),
        ('<b onclick="go()">a</b>', "<b>a</b>"),
        ('<iframe src="x"></iframe><b>a</b>', "<b>a</b>"),
        ("<style scoped>.x{}</style><b>a</b>", "<b>a</b>"),
        ("<style data-workbench>.sw{}</style><b>a</b>", "<b>a</b>"),
        ('<img src="data:image/png;base64,AA">', '<img src="data:image/png;base64,AA">'),
    ],
)
def test_what_runs_or_comes_from_elsewhere_is_taken_out(html, left):
    assert still(html) == left


def test_forms_of_an_output_in_order():
    both = {"text/plain": "plain", "image/png": "QUJD"}
    assert "data:image/png;base64,QUJD" in report(
        code("x", {"output_type": "display_data", "data": both})
    )
    html = report(code("x", shows("<script>only()</script>", **{"text/plain": "words"})))
    assert '<pre class="said">words</pre>' in html


@pytest.mark.parametrize(
    "data",
    [
        {MIME: {"name": "x"}, "text/plain": "recorded: 12"},
        {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "recorded: 12"},
    ],
)
def test_records_and_widgets_are_left_out(data):
    assert "recorded" not in report(code("x", {"output_type": "display_data", "data": data}))


def test_plain_words_are_shown_and_escaped():
    html = report(code("x", says("\x1b[31ma < b\x1b[0m\n")))
    assert '<pre class="said">a &lt; b</pre>' in html


def test_our_warnings_stand_at_their_cell_and_others_in_the_notes():
    html = body(report(*CELLS, code("x", says(STDERR, "stderr"))))
    notes = html[html.index("<details") :]
    assert 'class="care"' in html[: html.index("<details")]
    assert html.count("7 rows were left out") == 1
    assert "FutureWarning: the old way" in notes
    assert "Loading 3 of 3" in notes


def test_an_english_warning_in_a_chinese_report_is_marked_as_english():
    html = report(code("x", says(STDERR, "stderr")), lang=ZH)
    assert '<div lang="en"><div class="care"' in html


def test_warnings_are_read_from_what_python_writes():
    found = warned([says(STDERR * 2, "stderr")], 3)
    assert [(each.category, each.message, each.cell) for each in found] == [
        ("WorkbenchWarning", "7 rows were left out", 3),
        ("FutureWarning", "the old way", 3),
    ]
    assert remarks([says(STDERR, "stderr")]) == "Loading 3 of 3"
    assert warned([says(STDERR)], 1) == []


def test_a_sheet_is_a_real_table():
    html = Sheet("Data <used>", ("Table", "Rows"), [["Orders", "1,204"]], frozenset({1})).html()
    assert '<caption class="sr">Data &lt;used&gt;</caption>' in html
    assert '<th scope="row">Orders</th><td class="n">1,204</td>' in html
    assert Sheet("Empty", ("a",), []).html() == ""
