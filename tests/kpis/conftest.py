"""The little company, written once for all tests of the KPIs."""

import pytest

from tests.kpis.little import little_company


@pytest.fixture(scope="session")
def little(tmp_path_factory):
    return little_company(tmp_path_factory.mktemp("little"))
