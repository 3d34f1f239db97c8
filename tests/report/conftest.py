"""Languages and the example page."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest

from tests.support.pages import example_page
from workbench.report import Page
from workbench.text import Language


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


@pytest.fixture
def page(lang: Language) -> Page:
    return example_page(lang)


@pytest.fixture(scope="session")
def tree() -> Callable[[str], ET.Element]:
    """Read a fragment; ours are well-formed, so a forgotten escape fails here."""

    def read(html: str) -> ET.Element:
        return ET.fromstring(html.replace(' xmlns="http://www.w3.org/2000/svg"', ""))

    return read
