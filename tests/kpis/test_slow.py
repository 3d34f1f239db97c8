"""Every KPI and definition against the same in plain pandas, on the little company."""

import pandas as pd
import pytest

from tests.kpis.slow import SLOW, compute
from tests.kpis.slow_rows import World
from workbench.kpis import KPIS, kpi

PERIODS = {
    ("2026-01-01", "2026-07-31"): ("region", "product_line"),
    ("2025-04-01", "2025-06-30"): ("region", "month"),
}
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


def assert_same(found: dict, expected: dict) -> None:
    """Cells agree; a cell that only one side has must be nothing there."""
    for key in found.keys() | expected.keys():
        here, there = found.get(key, float("nan")), expected.get(key, float("nan"))
        if key in found and key in expected:
            assert here == pytest.approx(there, rel=1e-8, abs=2e-3, nan_ok=True), key
        else:
            alone = there if key in expected else here
            assert pd.isna(alone) or alone == pytest.approx(0, abs=1e-9), key


def test_every_definition_has_a_slow_twin():
    assert set(SLOW) == {(k.id, n) for k in KPIS.values() for n in k.definitions}


@pytest.mark.parametrize(("period", "cuts"), PERIODS.items())
@pytest.mark.parametrize(("kpi_id", "definition"), list(SLOW))
def test_a_kpi_meets_its_slow_twin(little, kept, kpi_id, definition, period, cuts):
    start, end = TARGETED.get((kpi_id, period), period)
    as_of = min(pd.Timestamp(end), pd.Timestamp("2026-07-31"))
    if kpi_id in FOLLOWED:
        as_of = pd.Timestamp("2026-07-31")
    world = World(little, as_of, kept)
    allowed = KPIS[kpi_id].definitions[definition].cuts or cuts
    for by in [None, *(cut for cut in cuts if cut in allowed and (kpi_id, cut) not in WITHOUT)]:
        found = kpi(
            little,
            kpi_id,
            start=start,
            end=end,
            by=by or (),
            definition=definition,
            as_of=as_of.date(),
        )
        expected = compute(world, kpi_id, definition, start, end, by)
        assert_same(cells(found.table(), by), expected)


@pytest.fixture(scope="module")
def kept():
    """Rows that the slow computation has made; they do not depend on the as-of day."""
    return {}
