"""The report of a sweep: it says what holds, in both languages, and nothing else."""

from __future__ import annotations

import re
from functools import cache
from html import unescape

import numpy as np
import pytest

from tests.studies.sweep.made import EN, UNIT_RANGE, ZH, Unit, block, ishigami, swept
from tests.support.shots import Tab
from workbench.studies.sweep import plots, words
from workbench.studies.sweep.figures import objectives
from workbench.studies.sweep.page import sweep_document
from workbench.studies.sweep.view import views
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html


def ends(low, high, steps=None):
    return {"from": low, "to": high} | ({"steps": steps} if steps else {})


SAMPLE = {"price": ends(2, 8), "discount": ends(0, 0.3), "region": ["east", "north", "south"]}
MADE = {
    "grid": lambda lang: swept(
        block(vary={"region": ["east", "north", "south"], "price": ends(2, 8, 7)}, replicates=4),
        lang=lang, objectives={"profit": "max", "win_rate": "max"},
        fails=lambda case: "no such price" if case.number in (7, 8) else "",
    ),
    "sensitivity": lambda lang: swept(
        block("sensitivity", vary={"price": ends(2, 8), "reps": ends(10, 40)}, size=32), lang=lang
    ),
    "latin": lambda lang: swept(
        block("latin", vary=SAMPLE, size=60), lang=lang,
        objectives={"days": "min", "profit": "max"},
    ),
    "one_at_a_time": lambda lang: swept(
        block("one_at_a_time", vary={"reps": [10, 20, 40], "lines": [[], ["pump", "valve"]],
                                     "price": [2.0, 3.5, 8.0]}),
        lang=lang, objectives={"profit": "max"},
    ),
    "two": lambda lang: swept(
        block("list", cases=[{"price": 3.0, "region": "east"}, {"price": 5.0}]),
        block(vary={"lines": [[], ["pump"]], "discount": [0.0, 0.05, 0.2]}),
        lang=lang, skips=lambda case: case.number == 1,
    ),
    "nothing": lambda lang: swept(
        block("list", cases=[{"price": 3.0}]), lang=lang, fails=lambda case: "time limit of 5 s"
    ),
}  # fmt: skip


@cache
def html(name: str, code: str) -> str:
    return sweep_document(MADE[name](Language(code)))


def words_of(name: str, lang: Language) -> str:
    return " | ".join(texts_of_html(html(name, lang.code)))


@pytest.mark.parametrize("lang", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("name", list(MADE))
def test_each_page_is_one_file_in_its_language(name, lang):
    made = html(name, lang.code)
    assert made.count("<h1") == 1
    assert "<script" not in made and "http://" not in made.replace("http://www.w3.org", "")
    texts = texts_of_html(made)
    assert not [text for text in texts if re.search(r"\bnan\b|\bNone\b|\{\w*\}", text)]
    assert not [f for text in texts for f in half_width_faults(text, code=lang.code)]
    if lang is ZH:
        assert not [f for text in texts for f in english_faults(text, allowed=["prices"])]


@pytest.mark.parametrize(
    ("name", "english", "chinese"),
    [
        ("one_at_a_time", "Reps moves Profit most, by CNY 552 million",
         "销售人数对利润影响最大，相差5.52亿元"),
        ("nothing", "No run has finished with a result", "尚无得出结果的运行"),
    ],
)  # fmt: skip
def test_the_finding_is_the_head(name, english, chinese):
    for lang, said in ((EN, english), (ZH, chinese)):
        head = re.search(r"<h1[^>]*>(.*?)</h1>", html(name, lang.code), re.DOTALL)
        assert head and unescape(head[1]) == said


def test_best_worst_and_failures_are_told():
    said = words_of("grid", EN)
    assert re.search(r"Best: Profit CNY \d+ million, at Region = East; Price = [45]\.", said)
    assert "2 runs have failed" in said
    assert "ValueError: no such price" in said
    assert "Region: East; Price: 3; Seed: 10" in said


@pytest.mark.parametrize(
    ("name", "says", "never"),
    [
        ("latin", "Total shares, with interactions, are not identified", "total "),
        ("sensitivity", "total ", "not identified"),
        ("one_at_a_time", "shares of the variance are not identified", "explains"),
        ("two", "1 is not done yet", "Best: Win rate"),
        ("nothing", "Time limit passed", "Best"),
        ("grid", "4 runs each", "No objective is given"),
    ],
)
def test_what_does_not_hold_is_not_said(name, says, never):
    said = words_of(name, EN)
    assert says in said
    assert never not in said


def test_codes_of_the_company_go_by_their_labels():
    assert "Pumps, Valves" in words_of("one_at_a_time", EN)
    assert "水泵、阀门" in words_of("one_at_a_time", ZH)
    assert "pump" not in words_of("one_at_a_time", EN)


def test_without_objectives_more_is_taken_as_better_and_said():
    assert "No objective is given; more is taken as better." in words_of("two", EN)
    (view,) = views(swept(block(vary={"price": [2, 4]})))
    assert [(each.name, each.aim) for each in objectives(view, {}, EN)] == [
        ("profit", "max"), ("win_rate", "max"),
    ]  # fmt: skip


def test_a_response_shows_the_runs_at_each_value():
    result = swept(block(vary={"price": [2, 4, 6]}, replicates=12))
    (view,) = views(result)
    (profit, *_) = objectives(view, {"profit": "max"}, EN)
    table = plots.levels(profit, view.factors[0])
    runs = result.frame.groupby("param.price")["result.profit"]
    assert table["runs"].tolist() == [12, 12, 12]
    assert table["mean"].tolist() == pytest.approx(runs.mean().tolist())
    assert table["low"].tolist() == pytest.approx(runs.quantile(0.1).tolist())
    assert table["high"].tolist() == pytest.approx(runs.quantile(0.9).tolist())


def test_one_at_a_time_responses_hold_their_own_points_and_the_base():
    result = swept(block("one_at_a_time", vary={"price": [2.0, 6.0], "reps": [10, 40]}))
    (view,) = views(result)
    (profit, *_) = objectives(view, {"profit": "max"}, EN)
    assert plots.levels(profit, view.factors[0])["runs"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("values", "told"),
    [([1, 2, 3], "steps"), ([1, 2, 4, 8], "ratios"), ([1, 2, 4], "ratios"), ([0, 1, 5], "")],
)
def test_only_even_values_become_a_line(values, told):
    assert plots.even(np.array(values, dtype=float)) == told


def test_parameters_that_chance_could_swap_are_not_ranked():
    # with 64 base points the intervals of the two first parameters of Ishigami's function overlap
    result = swept(
        block("sensitivity", vary=UNIT_RANGE, size=64),
        declared=Unit, meanings={}, formula=ishigami, objectives={"y": "max"},
    )  # fmt: skip
    (view,) = views(result)
    (y,) = objectives(view, {"y": "max"}, EN)
    first, second = y.found.ranked()[:2]
    assert first.total_low < second.total_high
    assert words.finding(y) == "X1 and X2 matter alike for Y"


def test_a_trend_is_told_only_where_there_is_one():
    result = swept(block("latin", vary=SAMPLE, size=200))
    (view,) = views(result)
    rate = objectives(view, {"win_rate": "max"}, EN)[0]
    price, discount, _ = view.factors
    assert words.scatter_title(rate, price) == "Win rate falls with Price"
    assert words.scatter_title(rate, discount) == "Win rate rises with Discount"
    days = objectives(view, {"days": "min"}, EN)[0]
    assert words.scatter_title(days, discount) == (
        "Days to close neither clearly rises nor falls with Discount"
    )


@pytest.mark.browser
def test_the_first_page_fits_a_screen_and_nothing_runs_over(chromium):
    with Tab.opened(chromium) as tab:
        for name in ("grid", "latin"):
            tab.show(html(name, "zh"), width=1440, height=900)
            assert tab.ask("document.querySelector('.page').getBoundingClientRect().bottom") <= 900
        for name in ("grid", "latin", "two"):
            for width in (1440, 400):
                tab.show(html(name, "zh"), width=width, height=900)
                assert tab.ask("document.documentElement.scrollWidth") <= width
