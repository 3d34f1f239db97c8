"""Every sentence of the workbench has its Chinese, and the check that says so can fail."""

import json
from pathlib import Path

import pytest

import workbench
from workbench.errors import InputError
from workbench.text import catalogue, messages

NOTEBOOKS = Path(workbench.__file__).parent.parent / "notebooks"

# Faults that are right where they stand, each with its reason.
ALLOWED: dict[str, str] = {}


def test_every_sentence_has_its_chinese():
    roots = [catalogue.PACKAGE] + [NOTEBOOKS] * NOTEBOOKS.is_dir()
    found = catalogue.faults(catalogue.uses(*roots), catalogue.catalogue_entries())
    assert [fault for fault in found if fault not in ALLOWED] == []
    assert [fault for fault in ALLOWED if fault not in found] == []


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_sentences_are_found_where_they_are_said(tmp_path):
    room = tmp_path / "room"
    code = (
        'lang.say("One {a}", a=1)\n'
        'self.lang.say_n("{n} row", "{n} rows", 3)\n'
        'TITLES = {"x": mark("Price")}\n'
        'lang.say("Open", context="deal")\n'
        'lang.say("Two "\n  "parts")\n'
        'lang.say(TITLES["x"])\nother.tell("not this")\n'
    )
    write(room, "a.py", code)
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", 'lang.say("In a notebook")']},
        {"cell_type": "markdown", "source": ['lang.say("not this")']},
    ]
    write(room, "b.ipynb", json.dumps({"cells": cells}))
    found = catalogue.uses(room)
    assert {(use.msgid, use.plural, use.context) for use in found} == {
        ("One {a}", None, None),
        ("{n} row", "{n} rows", None),
        ("Price", None, None),
        ("Open", None, "deal"),
        ("Two parts", None, None),
        ("In a notebook", None, None),
    }
    assert next(use for use in found if use.msgid == "Price").place == "room/a.py:3"


@pytest.mark.parametrize(
    "argument", ['f"Revenue {x}"', '"Revenue " + x', '"Revenue %s" % x', '"{}".format(x)']
)
def test_a_sentence_put_together_is_refused(tmp_path, argument):
    write(tmp_path, "a.py", f"lang.say({argument})")
    with pytest.raises(InputError, match="put together"):
        catalogue.uses(tmp_path)


def entry(**parts):
    return ("room.po", messages.Entry(**{"line": 7, **parts}))


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"msgid": "Other {a}", "msgstr": "其他{a}"}, "nobody says"),
        ({"msgid": "Revenue {a}", "msgstr": ""}, "no Chinese"),
        ({"msgid": "Revenue {a}", "msgstr": "收入{b}"}, "fields ['b'] instead of ['a']"),
        ({"msgid": "Revenue {a}", "msgstr": "收入"}, "fields [] instead of ['a']"),
        ({"msgid": "Revenue {a}", "msgstr": "收入{a}", "flags": ("fuzzy",)}, "fuzzy"),
        ({"msgid": "Revenue {a}", "msgstr": "收入,{a}"}, "half-width punctuation"),
        ({"msgid": "Revenue {a}", "msgstr": "收入({a})"}, "half-width bracket"),
        ({"msgid": "Revenue {a}", "msgstr": "收入 {a} 元"}, "typed space"),
        ({"msgid": "Revenue {a}", "msgstr": "{a}, {a}"}, "half-width punctuation"),
        ({"msgid": "Revenue {a}", "msgstr": "回扣{a}"}, "回扣 (use 返利)"),
    ],
)
def test_faults_of_an_entry_are_named(parts, fault):
    use = catalogue.Use(msgid="Revenue {a}", plural=None, context=None, place="room/a.py:3")
    good = [entry(msgid="Revenue {a}", msgstr="收入{a}")]
    assert catalogue.faults([use], good) == []
    assert any(fault in found for found in catalogue.faults([use], [entry(**parts)]))


def test_rooms_that_disagree_and_doubles_are_named():
    use = catalogue.Use(msgid="Price", plural=None, context=None, place="room/a.py:3")
    one = entry(msgid="Price", msgstr="价格")
    other = ("other.po", messages.Entry(msgid="Price", msgstr="单价"))
    assert "2 translations" in catalogue.faults([use], [one, other])[0]
    assert "stands there 2 times" in catalogue.faults([use], [one, one])[0]
    assert catalogue.faults([use], [one, ("other.po", one[1])]) == []


def test_plural_sentences_need_one_translation():
    use = catalogue.Use(msgid="{n} row", plural="{n} rows", context=None, place="a.py:1")
    assert catalogue.faults([use], [entry(msgid="{n} row", msgstr="{n}行")]) == []
