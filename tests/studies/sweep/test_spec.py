"""Sweep files: what is understood, and how a fault is told."""

from __future__ import annotations

import re

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


#: What is written; message, place and advice.
FAULTS = {
    "no study": (
        "studdy: a\n",
        "study is missing in the sweep file; studdy is nothing a sweep file knows",
        "prices.yaml; prices.yaml, line 1",
        "docs/studies.md shows how one is written; did you mean study?",
    ),
    "no study in a block": (
        "studies:\n- study: a\n- vary: {x: [1]}\n",
        "study is missing in the sweep file",
        "prices.yaml, line 3",
        "docs/studies.md shows how one is written",
    ),
    "unknown entry": (
        "study: a\nvarry: {x: [1]}\n",
        "varry is nothing a sweep file knows",
        "prices.yaml, line 2",
        "did you mean vary?",
    ),
    "unknown entry of a range": (
        "study: a\nvary:\n  x: {from: 0, to: 1, step: 3}\n",
        "step is nothing a sweep file knows",
        "prices.yaml, line 3",
        "did you mean steps?",
    ),
    "a name is that of the file": (
        "study: a\nname: ../elsewhere\n",
        "name is nothing a sweep file knows",
        "prices.yaml, line 2",
        None,
    ),
    "entry of a block beside blocks": (
        "studies:\n- study: a\nsize: 8\n",
        "size stands beside studies",
        "prices.yaml, line 3",
        "write it into each block below studies",
    ),
    "unknown entry beside blocks": (
        "studies:\n- study: a\nname: b\n",
        "name is nothing a sweep file knows",
        "prices.yaml, line 3",
        None,
    ),
    "below a bound": (
        "study: a\nreplicates: 0\n",
        "replicates of the sweep file cannot be 0",
        "prices.yaml, line 2",
        "allowed: from 1",
    ),
    "above a bound": (
        "study: a\nretries: 11\n",
        "retries of the sweep file cannot be 11",
        "prices.yaml, line 2",
        "allowed: up to 10",
    ),
    "not above a bound": (
        "study: a\ntime_limit: 0\n",
        "time_limit of the sweep file cannot be 0",
        "prices.yaml, line 2",
        "allowed: above 0",
    ),
    "no whole number": (
        "study: a\nseed: x\n",
        "seed of the sweep file cannot be 'x'",
        "prices.yaml, line 2",
        "allowed: a whole number",
    ),
    "none of a few words": (
        "study: a\nmode: fast\n",
        "mode of the sweep file cannot be 'fast'",
        "prices.yaml, line 2",
        "use one of: compute or notebook",
    ),
    "one value in the place of a list": (
        "study: a\nvary:\n  x: 3\n",
        "vary.x of the sweep file cannot be 3",
        "prices.yaml, line 3",
        "a list of values, [a, b], or a range, {from: 1, to: 9}",
    ),
    "end of a range that is no number": (
        "study: a\nvary:\n  x: {from: low, to: 1}\n",
        "vary.x.from of the sweep file cannot be 'low'",
        "prices.yaml, line 3",
        "allowed: a number",
    ),
    "no value": (
        "study: a\nvary: {x: []}\n",
        "x varies over no value",
        "prices.yaml, line 2",
        None,
    ),
    "range upside down": (
        "study: a\nvary:\n  x: {from: 2, to: 1}\n",
        "`from` lies below `to`",
        "prices.yaml, line 3",
        None,
    ),
    "even ratios from zero": (
        "study: a\nvary:\n  x: {from: 0, to: 1, scale: log}\n",
        "a logarithmic range lies above 0",
        "prices.yaml, line 3",
        None,
    ),
    "sample without size": (
        "study: a\ndesign: latin\nvary: {x: {from: 0, to: 1}}\n",
        "a sample needs its `size`",
        "prices.yaml",
        None,
    ),
    "vary and cases": (
        "study: a\nvary: {x: [1]}\ncases: [{x: 2}]\n",
        "`vary` and `cases` exclude each other",
        "prices.yaml",
        None,
    ),
    "set and varied": (
        "study: a\nset: {x: 3}\nvary: {x: [1]}\n",
        "x stands both in `set` and in `vary`",
        "prices.yaml",
        None,
    ),
}


@pytest.mark.parametrize(("text", "message", "where", "do"), FAULTS.values(), ids=FAULTS)
def test_a_fault_says_what_where_and_what_to_do(read, text, message, where, do):
    with pytest.raises(ParameterError) as caught:
        read(text)
    assert (caught.value.message, caught.value.where) == (message, where)
    assert caught.value.do if do is None else caught.value.do == do


@pytest.mark.parametrize("text", [fault[0] for fault in FAULTS.values()], ids=FAULTS)
def test_a_fault_is_told_in_chinese(read, text):
    with pytest.raises(ParameterError) as caught:
        read(text, ZH)
    for said in (caught.value.message, caught.value.do or ""):
        assert all(re.search("[\u4e00-\u9fff]", part) for part in said.split("；"))


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ParameterError) as caught:
        read_sweep(tmp_path / "none.yaml", EN)
    assert "none.yaml" in (caught.value.where or "")
