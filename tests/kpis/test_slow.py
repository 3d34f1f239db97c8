"""Every KPI and definition against the same in plain pandas.

On the little company, whose random rows meet every rule, and on the sample company.
"""

from pathlib import Path

import pandas as pd
import pytest

from tests.kpis.slow import SLOW, compute
from tests.kpis.slow_rows import World
from workbench.company import open_company
from workbench.kpis import KPIS, kpi

LAST = pd.Timestamp("2026-07-31")
PERIODS = {
    ("2026-01-01", "2026-07-31"): ("region", "product_line"),
    ("2025-04-01", "2025-06-30"): (None, "month"),
}
SAMPLED = [
    (("2026-01-01", "2026-07-31"), "region"),
    (("2025-04-01", "2025-06-30"), None),
]
# Targets are there for 2026; a year that is not over shows what pace means.
TARGETED = {
    (kpi_id, period): year
    for kpi_id in ("attainment", "pacing_gap", "pipeline_coverage")
    for period, year in zip(
        PERIODS, [("2026-01-01", "2026-12-31"), ("2026-04-01", "2026-06-30")], strict=True
    )
}
FOLLOWED = ("win_rate_count", "customer_retention", "return_rate", "stage_conversion")
"""KPIs that follow what began in the period beyond its end."""
# Slow forms of these cuts would only repeat how targets are looked up.
WITHOUT = {
    ("attainment", "product_line"),
    ("pipeline_coverage", "product_line"),
    ("pacing_gap", "product_line"),
    ("yoy_growth", "month"),
    ("pop_growth", "month"),
    ("pipeline_coverage", "month"),
}


def cells(found: pd.DataFrame, by: str | None) -> dict[object, float]:
    if by is None:
        return {None: found["value"].iloc[0]}
    keys = [None if pd.isna(key) else key for key in found[by]]
    return dict(zip(keys, found["value"], strict=True))


def assert_same(kpi_id: str, found: dict, expected: dict) -> None:
    """Cells agree; a cell that only one side has must be nothing there.

    Sums of floats may differ by less than a cent; rates by nothing that is seen.
    """
    cent = 5e-3 if KPIS[kpi_id].unit in ("money", "money_per_person") else 1e-9
    for key in found.keys() | expected.keys():
        here, there = found.get(key, float("nan")), expected.get(key, float("nan"))
        if key in found and key in expected:
            assert here == pytest.approx(there, rel=1e-9, abs=cent, nan_ok=True), key
        else:
            alone = there if key in expected else here
            assert pd.isna(alone) or alone == pytest.approx(0, abs=cent), key


def compare(company, kept, kpi_id, definition, period, cuts):
    """Ask both sides the same, whole or by each cut that the KPI allows."""
    as_of = min(pd.Timestamp(period[1]), LAST)
    if kpi_id in FOLLOWED:
        as_of = LAST
    world = World(company, as_of, kept)
    allowed = KPIS[kpi_id].definitions[definition].cuts or cuts
    for by in (cut for cut in cuts if cut in (None, *allowed) and (kpi_id, cut) not in WITHOUT):
        found = kpi(
            company,
            kpi_id,
            start=period[0],
            end=period[1],
            by=by or (),
            definition=definition,
            as_of=as_of.date(),
        )
        expected = compute(world, kpi_id, definition, *period, by)
        assert_same(kpi_id, cells(found.table(), by), expected)


def test_every_definition_has_a_slow_twin():
    assert set(SLOW) == {(k.id, n) for k in KPIS.values() for n in k.definitions}


@pytest.mark.parametrize(("period", "cuts"), PERIODS.items())
@pytest.mark.parametrize(("kpi_id", "definition"), list(SLOW))
def test_a_kpi_meets_its_slow_twin(little, kept, kpi_id, definition, period, cuts):
    period = TARGETED.get((kpi_id, period), period)
    compare(little, kept, kpi_id, definition, period, cuts)


@pytest.mark.parametrize(("kpi_id", "definition"), list(SLOW))
def test_a_kpi_meets_its_slow_twin_on_the_sample(sample, kept_of_sample, kpi_id, definition):
    for period, cut in SAMPLED:
        compare(sample, kept_of_sample, kpi_id, definition, period, (cut,))


@pytest.fixture(scope="module")
def sample():
    """The sample company of the repository."""
    return open_company(Path(__file__).parents[2] / "data" / "sample")


@pytest.fixture(scope="module")
def kept():
    """Rows that the slow computation has made; they do not depend on the as-of day."""
    return {}


@pytest.fixture(scope="module")
def kept_of_sample():
    """The same for the sample company."""
    return {}
