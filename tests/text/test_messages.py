"""Catalogues: our small reader reads what babel reads."""

import pytest
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import InputError
from workbench.text import messages

SAMPLE = r"""# Translators, read on.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Language: zh_CN\n"

#: workbench/a.py:1
msgid "Revenue is {amount}"
msgstr "收入{amount}"

#. a note
#, fuzzy, python-brace-format
msgctxt "deal"
msgid "Open"
msgstr "在手"

msgid ""
"A long sentence, \"quoted\", "
"with\ta tab and a \\ in it"
msgstr ""
"一个长句，“引用”，"
"带\t制表符和\\"

msgid "{n} row"
msgid_plural "{n} rows"
msgstr[0] "{n}行"
msgid "close by"
msgstr "紧接"

#~ msgid "gone"
#~ msgstr "过去"
"""


def by_babel(path):
    """Messages as babel has them, in the form of our reader."""
    with path.open("rb") as file:
        found = read_po(file, locale="zh_CN")
    entries = []
    for each in found:
        if each.id:
            one, plural = each.id if isinstance(each.id, tuple) else (each.id, None)
            text = each.string[0] if isinstance(each.string, tuple) else each.string
            entries.append((each.context, one, plural, text, each.fuzzy))
    return sorted(entries, key=str)


def by_us(path):
    found = messages.read(path)
    return sorted(((e.context, e.msgid, e.plural, e.msgstr, e.fuzzy) for e in found), key=str)


def test_the_sample_reads_as_babel_reads_it(tmp_path):
    path = tmp_path / "room.po"
    path.write_text(SAMPLE, encoding="utf-8")
    assert by_us(path) == by_babel(path)
    assert len(by_us(path)) == 5
    places = {entry.msgid: entry.line for entry in messages.read(path)}
    assert places["Open"] == SAMPLE.splitlines().index('msgid "Open"') + 1


@pytest.mark.parametrize("path", sorted(messages.FOLDER.glob("*.po")), ids=lambda path: path.name)
def test_every_shipped_catalogue_reads_as_babel_reads_it(path):
    assert by_us(path) == by_babel(path)


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))), max_size=8))
def test_any_text_comes_through(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("po") / "any.po"
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    lines = [f'msgid "{n}{text}"\nmsgstr "{text}"\n' for n, text in enumerate(quoted)]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(e.msgid, e.msgstr) for e in messages.read(path)] == [
        (f"{n}{text}", text) for n, text in enumerate(texts)
    ]


@pytest.mark.parametrize("line", ['mgsid "x"', 'msgid "x', "msgid x", '"before any key"'])
def test_a_broken_line_is_named(tmp_path, line):
    path = tmp_path / "room.po"
    path.write_text(f'# fine\n{line}\nmsgstr "y"\n', encoding="utf-8")
    with pytest.raises(InputError) as refused:
        messages.read(path)
    assert refused.value.where == "room.po, line 2"


def test_all_rooms_are_merged():
    total = {(e.context, e.msgid) for p in messages.FOLDER.glob("*.po") for e in messages.read(p)}
    assert set(messages.chinese()) == total
