"""Sweep files: what is understood, and how a fault is told."""

from __future__ import annotations

import pytest

from workbench.errors import ParameterError
from workbench.studies.sweep.spec import Range, read_sweep
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.fixture
def read(tmp_path):
    def read(text: str, lang: Language = EN):
        path = tmp_path / "prices.yaml"
        path.write_text(text, encoding="utf-8")
        return read_sweep(path, lang)

    return read


def test_one_study_stands_at_the_top(read):
    file = read("study: parabola\nvary:\n  price: [1, 2]\n  reps: {from: 1, to: 9, steps: 3}\n")
    (block,) = file.spec.blocks
    assert (file.spec.name, file.spec.mode, block.kind) == ("prices", "compute", "grid")
    assert block.vary["price"] == [1, 2]
    assert block.vary["reps"] == Range.model_validate({"from": 1, "to": 9, "steps": 3})
    assert file.place(0, "vary", "reps") == "prices.yaml, line 4"


def test_several_studies_are_blocks(read):
    file = read(
        "mode: notebook\nstudies:\n- study: a\n  cases:\n  - {x: 1}\n- study: b\n  vary: {y: [2]}\n"
    )
    assert [block.study for block in file.spec.blocks] == ["a", "b"]
    assert [block.kind for block in file.spec.blocks] == ["list", "grid"]
    assert file.spec.mode == "notebook"
    assert file.place(1, "vary", "y") == "prices.yaml, line 7"


@pytest.mark.parametrize(
    ("text", "message", "where", "do"),
    [
        ("studdy: a\n", "study is missing in the sweep file; studdy is nothing a sweep file knows",
         "prices.yaml, line 1", "did you mean study?"),
        ("study: a\nvarry: {x: [1]}\n", "varry is nothing", "prices.yaml, line 2",
         "did you mean vary?"),
        ("study: a\nreplicates: 0\n", "replicates of the sweep file does not hold",
         "prices.yaml, line 2", "greater than or equal to 1"),
        ("study: a\ndesign: latin\nvary: {x: {from: 0, to: 1}}\n", "does not hold", "prices.yaml",
         "a sample needs its `size`"),
        ("study: a\nvary:\n  x: {from: 2, to: 1}\n", "does not hold", "prices.yaml, line 3",
         "`from` lies below `to`"),
        ("study: a\nvary:\n  x: {from: 0, to: 1, scale: log}\n", "does not hold",
         "prices.yaml, line 3", "lies above 0"),
        ("study: a\nvary: {x: []}\n", "does not hold", "prices.yaml", "x varies over no value"),
        ("study: a\nvary: {x: [1]}\ncases: [{x: 2}]\n", "does not hold", "prices.yaml",
         "exclude each other"),
        ("study: a\nmode: fast\n", "mode of the sweep file", "prices.yaml, line 2", "'compute' or"),
        ("studies:\n- study: a\n- vary: {x: [1]}\n", "study is missing in the sweep file",
         "prices.yaml, line 3", "docs/studies.md"),
    ],
)  # fmt: skip
def test_a_fault_says_what_where_and_what_to_do(read, text, message, where, do):
    with pytest.raises(ParameterError) as caught:
        read(text)
    assert message in caught.value.message
    assert where in (caught.value.where or "")
    assert do in (caught.value.do or "")


def test_the_chinese_of_a_fault(read):
    with pytest.raises(ParameterError) as caught:
        read("study: a\nvarry: 1\n", ZH)
    assert caught.value.message == "批量试算文件中没有varry这一项"
    assert caught.value.do == "您是不是指vary？" or "vary" in (caught.value.do or "")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParameterError) as caught:
        read_sweep(tmp_path / "none.yaml", EN)
    assert "none.yaml" in (caught.value.where or "")
