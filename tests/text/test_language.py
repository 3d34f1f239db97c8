"""Language: sentences, punctuation, triangles, and a light import."""

import pickle
import subprocess
import sys

import pytest

from workbench.errors import ParameterError
from workbench.text import Language, judgement, later, mark, messages

EN, ZH = Language("en"), Language("zh")


@pytest.fixture
def catalogue(monkeypatch):
    """Messages of a test; the shipped ones change with the rooms."""
    entries = {
        (None, "Revenue is {amount}"): "收入{amount}",
        (None, "{n} row left out"): "{n}行未计入",
        (None, "Open"): "打开",
        ("deal", "Open"): "在手",
    }
    monkeypatch.setattr(messages, "chinese", lambda: entries)


def test_a_sentence_in_both_languages(catalogue):
    assert EN.say("Revenue is {amount}", amount="CNY 3") == "Revenue is CNY 3"
    assert ZH.say("Revenue is {amount}", amount="3元") == "收入3元"


def test_a_missing_translation_comes_in_english(catalogue):
    assert ZH.say("Nobody translated {this}", this="x") == "Nobody translated x"


def test_what_is_told_without_a_language_is_said_in_it_later(catalogue):
    told = later("Revenue is {amount}", amount=later("Open"))
    assert told == "Revenue is Open"
    assert (EN.again(told), ZH.again(told)) == ("Revenue is Open", "收入打开")
    assert ZH.again(pickle.loads(pickle.dumps(told))) == "收入打开"
    assert later("Revenue is {amount}", amount=("little", "不多")) == "Revenue is little"
    assert ZH.again(later("Revenue is {amount}", amount=("little", "不多"))) == "收入不多"
    assert ZH.again("Open") == "打开" and ZH.again("{left} as it is") == "{left} as it is"


def test_context_tells_two_meanings_apart(catalogue):
    assert ZH.say("Open") == "打开" and ZH.say("Open", context="deal") == "在手"
    assert EN.say("Open", context="deal") == "Open"


@pytest.mark.parametrize(
    ("n", "en", "zh"),
    [(1, "1 row left out", "1行未计入"), (0, "0 rows left out", "0行未计入"),
     (1234, "1,234 rows left out", "1,234行未计入")],
)  # fmt: skip
def test_sentences_that_count(catalogue, n, en, zh):
    forms = ("{n} row left out", "{n} rows left out")
    assert EN.say_n(*forms, n) == en and ZH.say_n(*forms, n) == zh


def test_languages_are_two():
    assert (EN.html, ZH.html) == ("en", "zh-CN")
    assert (EN.pick("a", "甲"), ZH.pick("a", "甲")) == ("a", "甲")
    assert Language("zh") == ZH and hash(Language("zh")) == hash(ZH)
    with pytest.raises(ParameterError, match="unknown"):
        Language("de")


@pytest.mark.parametrize(
    ("items", "last", "en", "zh"),
    [
        ([], "and", "", ""),
        (["A"], "and", "A", "A"),
        (["A", "B"], "and", "A and B", "A和B"),
        (["A", "B", "C"], "and", "A, B and C", "A、B和C"),
        (["A", "B", "C"], "or", "A, B or C", "A、B或C"),
        (["A", "B", "C"], "", "A, B, C", "A、B、C"),
    ],
)
def test_lists(items, last, en, zh):
    assert EN.join(items, last=last) == en and ZH.join(items, last=last) == zh


def test_punctuation():
    assert "x" + EN.paren("y") + EN.colon + "z" + EN.stop == "x (y): z."
    assert "x" + ZH.paren("y") + ZH.colon + "z" + ZH.stop == "x（y）：z。"
    assert EN.sentences(["One.", "", "Two."]) == "One. Two."
    assert ZH.sentences(["一。", "", "二。"]) == "一。二。"
    assert EN.comma + EN.pause + EN.semicolon == ", , ; "
    assert ZH.comma + ZH.pause + ZH.semicolon == "，、；"


@pytest.mark.parametrize(
    ("change", "direction", "triangle"),
    [
        (8.2, "up", "▲"),
        (-1.2, "up", "▽"),
        (2.6, "down", "△"),  # overdue rises
        (-150, "down", "▼"),  # cost falls
        (5, "context", ""),
        (0, "up", ""),
        (None, "up", ""),
        (float("nan"), "down", ""),
    ],
)
def test_triangles_point_where_the_number_went_and_fill_when_good(change, direction, triangle):
    assert EN.triangle(change, direction) == ZH.triangle(change, direction) == triangle


@pytest.mark.parametrize(
    ("change", "value", "triangle"), [(15, 49, "△"), (-5, 30, "▼"), (5, 45, "▲"), (-9, 12, "▽")]
)
def test_a_band_is_judged_by_the_value_reached(change, value, triangle):
    assert EN.triangle(change, "band", value=value, band=(20, 45)) == triangle


def test_judgement_refuses_what_it_cannot_judge():
    assert judgement.favourable(-1, "down") is True
    with pytest.raises(ParameterError, match="unknown"):
        judgement.favourable(1, "sideways")
    with pytest.raises(ParameterError, match="band"):
        judgement.favourable(1, "band")


def test_a_mark_is_the_sentence_itself():
    assert mark("Price") == "Price"


def test_the_import_brings_no_heavy_library():
    code = (
        "import sys; from workbench.text import Language; Language('zh').say('x');"
        "print(sorted({'numpy','pandas','babel','fontTools','brotli'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
