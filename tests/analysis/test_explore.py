"""One KPI closely: the same figures as the dictionary gives, and the planner's quick way."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from workbench.analysis.explore import explore
from workbench.analysis.study_sales_analysis import Params, answer, compute, prepare
from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.kpis import kpi
from workbench.text import Language

ROWS = [
    ("A", "P1", "direct", "2026-02-10", 3, 100.0),
    ("A", "P1", "dealer", "2026-03-10", 2, 100.0),
    ("A", "P1", "direct", "2025-03-10", 4, 100.0),
    ("B", "P3", "direct", "2025-01-10", 1, 50.0),
]


def test_parts_stand_beside_the_year_before(scope_of):
    parts = explore(scope_of(ROWS), "revenue_net", "channel").parts.set_index("channel")
    assert parts.loc["direct", ["after", "before", "change"]].tolist() == [300, 450, -150]
    assert parts.loc["dealer", "after"] == 200 and math.isnan(parts.loc["dealer", "before"])
    assert list(parts.index) == ["direct", "dealer"]


def test_months_stand_beside_last_years(scope_of):
    months = explore(scope_of(ROWS), "revenue_net", "region").months.set_index("month")
    assert len(months) == 13 and months.index[-1] == pd.Timestamp("2026-06-01")
    assert months.loc["2026-03-01", ["value", "last_year"]].tolist() == [200, 400]


def test_an_unknown_kpi_is_one_clear_error(scope_of):
    with pytest.raises(ParameterError, match="revenu"):
        explore(scope_of(ROWS), "revenu", "region")


@pytest.fixture(scope="module")
def sample():
    return open_company(Path(__file__).parents[2] / "data" / "sample")


@pytest.mark.parametrize(("kpi_id", "cut"), [("win_rate_amount", "team_id"), ("dso", "region")])
def test_figures_are_those_of_the_dictionary(sample, kpi_id, cut):
    params = Params(kpi=kpi_id, cut=cut)
    result = answer(prepare(sample, params), params)
    found = result.answer("explored").parts.set_index(cut)["after"]
    window = result.scope.now
    direct = kpi(sample, kpi_id, start=window.start, end=window.end, by=cut).table()
    pd.testing.assert_series_equal(
        found.sort_index(), direct.set_index(cut)["value"].sort_index(), check_names=False
    )


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_kpi_that_cannot_be_cut_says_so(sample, code):
    params = Params(kpi="dso", cut="product_line")
    section = answer(prepare(sample, params), params).section("explored", Language(code))
    words = section.fragment()
    assert ("cannot be told apart" if code == "en" else "不能按") in words


def test_the_quick_way_says_what_compute_says(sample):
    params = Params(span="quarter", regions=("east",), anomaly_limit=5, kpi="win_rate_count")
    whole = compute(sample, params)
    prepared = prepare(sample, Params(span="quarter", regions=("east",)))
    quick = answer(prepared, params)
    assert quick.summary() == whole.summary()
    assert quick.tables().keys() == whole.tables().keys()
    for name, table in whole.tables().items():
        pd.testing.assert_frame_equal(quick.tables()[name], table, obj=name)
    for lang in (Language("en"), Language("zh")):
        for section in ("anomalies", "explored", "so_what"):
            one, other = (each.section(section, lang).fragment() for each in (quick, whole))
            assert one == other
