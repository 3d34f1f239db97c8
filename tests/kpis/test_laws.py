"""Laws that hold for every KPI, whatever the rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kpis.little import SETTINGS, tables
from tests.support.companies import make_company, order_lines
from workbench.kpis import KPIS, kpi
from workbench.kpis.declare import TIME_CUTS
from workbench.tables import TABLES

HALF = {"start": "2026-01-01", "end": "2026-07-31"}
EVERY = [(k.id, n) for k in KPIS.values() for n in k.definitions]
COUNTS_OF_CUSTOMERS = ("active_customers", "new_customers")
# Amounts and counts whose cells add up to the whole: not averages, not states at several times.
SUMS = [
    (kpi_id, n)
    for kpi_id, n in EVERY
    if KPIS[kpi_id].unit in ("money", "count") and not KPIS[kpi_id].definitions[n].is_ratio
]
STATES = ("open_pipeline", "weighted_pipeline", "ar_over_90", "active_customers")


@pytest.mark.parametrize(("kpi_id", "definition"), SUMS)
def test_cells_of_an_amount_add_up_to_the_whole(little, kpi_id, definition):
    whole = kpi(little, kpi_id, **HALF, definition=definition).value
    allowed = KPIS[kpi_id].definitions[definition].cuts
    for cut in allowed:
        if cut in TIME_CUTS and kpi_id in STATES:
            continue
        # A customer buys of several lines: only cuts of the account part the customers.
        if kpi_id in COUNTS_OF_CUSTOMERS and cut not in ("customer_type", "group_id"):
            continue
        cells = kpi(little, kpi_id, **HALF, definition=definition, by=cut).table()
        assert cells["value"].sum() == pytest.approx(whole, rel=1e-9), cut


@pytest.mark.parametrize(
    ("kpi_id", "definition"),
    [each for each in EVERY if KPIS[each[0]].unit == "rate" and not each[0].endswith("growth")],
)
def test_numerators_over_denominators_are_the_rates(little, kpi_id, definition):
    table = kpi(little, kpi_id, **HALF, definition=definition, by="region").table()
    assert table.columns.tolist() == ["region", "value", "numerator", "denominator"]
    rates = table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    assert table["value"].tolist() == pytest.approx(rates.tolist(), nan_ok=True)


@pytest.fixture(scope="module")
def thrice(tmp_path_factory):
    """The little company with all money three times as large."""
    frames = tables(np.random.default_rng(1))
    for name, frame in frames.items():
        for column in TABLES[name].columns:
            if column.kind in ("money", "price") and column.name in frame:
                frame[column.name] = frame[column.name].astype(float) * 3
    # Rounding to the cent must come before, or thrice a rounded amount is another.
    return make_company(tmp_path_factory.mktemp("thrice"), frames, SETTINGS)


@pytest.mark.parametrize(("kpi_id", "definition"), EVERY)
def test_money_thrice_as_large_leaves_rates_and_triples_amounts(little, thrice, kpi_id, definition):
    once = kpi(little, kpi_id, **HALF, definition=definition)
    more = kpi(thrice, kpi_id, **HALF, definition=definition)
    factor = 3 if once.kpi.unit in ("money", "money_per_person") else 1
    assert more.value == pytest.approx(once.value * factor, rel=1e-4, nan_ok=True)


@pytest.mark.parametrize("kpi_id", [k.id for k in KPIS.values() if not k.definitions[1].derived])
def test_the_same_question_has_the_same_answer_to_the_last_bit(little, kpi_id):
    allowed = KPIS[kpi_id].definitions[1].cuts
    by = [cut for cut in ("region", "product_line") if cut in allowed]
    once, again = (kpi(little, kpi_id, **HALF, by=by).table() for _ in range(2))
    pd.testing.assert_frame_equal(once, again, check_exact=True)


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=st.lists(
        st.tuples(
            st.dates(pd.Timestamp("2026-01-01").date(), pd.Timestamp("2026-06-30").date()),
            st.integers(-10_000, 10_000_00),
            st.sampled_from(["east", "west"]),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_split_of_the_period_adds_up(tmp_path_factory, lines):
    days, cents, regions = zip(*lines, strict=True)
    frame = order_lines(
        recognised_date=[str(day) for day in days],
        amount=[cent / 100 for cent in cents],
        region=list(regions),
        tax_basis="excl",
    )
    made = make_company(
        tmp_path_factory.mktemp("split"), {"order_line": frame}, {"data_as_of": "2026-06-30"}
    )
    whole = kpi(made, "revenue_net", start="2026-01-01", end="2026-06-30")
    assert whole.value == pytest.approx(sum(cents) / 100, abs=1e-6)
    split = pd.Timestamp(days[0])
    before = kpi(made, "revenue_net", start="2026-01-01", end=split.date())
    after = (split + pd.Timedelta(days=1)).date()
    rest = 0.0
    if after <= pd.Timestamp("2026-06-30").date():
        rest = kpi(made, "revenue_net", start=after, end="2026-06-30").value
    assert before.value + rest == pytest.approx(whole.value, abs=1e-6)
    cells = kpi(made, "revenue_net", start="2026-01-01", end="2026-06-30", by=("month", "region"))
    assert cells.table()["value"].sum() == pytest.approx(whole.value, abs=1e-6)
