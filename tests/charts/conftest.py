"""Every example drawn once in each language, shared by all tests of charts."""

from __future__ import annotations

from functools import cache

import pytest

from workbench.charts import Figure
from workbench.charts.examples import EXAMPLES
from workbench.text import Language


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


@pytest.fixture(params=sorted(EXAMPLES))
def english(request: pytest.FixtureRequest) -> Figure:
    return _drawn(request.param, "en")


@pytest.fixture(params=sorted(EXAMPLES))
def chinese(request: pytest.FixtureRequest) -> Figure:
    return _drawn(request.param, "zh")


@pytest.fixture(params=sorted(EXAMPLES))
def example(request: pytest.FixtureRequest, lang: Language) -> Figure:
    return _drawn(request.param, lang.code)


@cache
def _drawn(name: str, code: str) -> Figure:
    return EXAMPLES[name](Language(code))
