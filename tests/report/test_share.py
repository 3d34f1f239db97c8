"""The page in 200 characters."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.pages import example_page
from workbench.errors import ParameterError
from workbench.report import Page, share_text
from workbench.text import Language
from workbench.text.checks import half_width_faults


def test_finding_figures_and_date_in_two_hundred_characters(page: Page):
    text = share_text(page)
    assert len(text) <= 200
    assert page.finding in text and "2026-07-31" in text
    assert not half_width_faults(text, code=page.lang.code)
    assert "\n" not in text


def test_tiles_are_said_in_words_and_none_twice():
    text = share_text(example_page(Language("zh")))
    assert "回款额3.97亿元（同比+2.9%）" in text
    assert text.count("3.86亿元") == 1
    english = share_text(example_page(Language("en")), limit=400)
    assert "Collections CNY 397.0 million (+2.9% on the year)" in english


def test_a_unit_that_must_not_be_broken_is_said_like_another():
    page = example_page(Language("en"))
    tile = replace(page.tiles[0], figure="741", unit="CNY\N{NO-BREAK SPACE}m")
    assert tile.said() == "CNY 741 m"


@given(limit=st.integers(150, 500))
def test_more_room_never_says_less_and_is_never_overrun(limit):
    page = example_page(Language("en"))
    text = share_text(page, limit=limit)
    assert len(text) <= limit
    assert len(share_text(page, limit=limit + 40)) >= len(text)


def test_a_finding_too_long_is_told(page: Page):
    with pytest.raises(ParameterError, match="finding"):
        share_text(replace(page, finding="x" * 300))
