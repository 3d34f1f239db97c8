"""The small sample company, read and fitted once for all tests of the pipeline."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from workbench.company import open_company
from workbench.forecasting.pipeline import hazard
from workbench.forecasting.pipeline.claims import claims
from workbench.forecasting.pipeline.collections import collections_forecast
from workbench.forecasting.pipeline.features import endings, month_number, pictures
from workbench.forecasting.pipeline.forecast import pipeline_forecast

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
ORIGIN_DAY = dt.date(2025, 7, 31)
ORIGIN = month_number(ORIGIN_DAY)


@pytest.fixture(scope="session")
def sample():
    return open_company(SAMPLE)


@pytest.fixture(scope="session")
def whole(sample):
    """All pictures and endings of the sample."""
    return SimpleNamespace(pictures=pictures(sample), ends=endings(sample))


@pytest.fixture(scope="session")
def early(whole):
    """A hazard fitted two years before the end of the data, so that a year can be judged."""
    return hazard.fit(whole.pictures, whole.ends, origin=ORIGIN - 12)


@pytest.fixture(scope="session")
def forecast(sample):
    """The forecast as of a year before the end of the data."""
    return pipeline_forecast(sample, as_of=ORIGIN_DAY, seed=3)


@pytest.fixture(scope="session")
def owed(sample):
    return claims(sample, until=ORIGIN_DAY)


@pytest.fixture(scope="session")
def money(sample):
    return collections_forecast(sample, as_of=ORIGIN_DAY, seed=3)


@pytest.fixture(scope="session")
def truth():
    """What the sample hides: how each deal really ends."""
    return pd.read_parquet(SAMPLE / "truth" / "deals.parquet")
