"""What deals bring is mixed by month ahead: weights of what was over, draws of the same rank."""

import types

import numpy as np
import pandas as pd
import pytest

from workbench.forecasting.outlook.handover import NO_PAST, handed_over, partners

LAST = pd.Timestamp("2026-07-01")
AHEAD = types.SimpleNamespace(
    last=LAST, horizon=3, months=pd.date_range("2026-08-01", periods=3, freq="MS")
)


def test_without_a_series_the_pipeline_stands_alone():
    found = handed_over(AHEAD, NO_PAST, pipeline=np.array([3.0, 2.0, 1.0]), series=None)
    assert (found.weights == 1).all()
    assert found.table["blend"].tolist() == [3.0, 2.0, 1.0]
    assert found.table["month"].tolist() == list(AHEAD.months)


def test_nothing_is_learnt_from_a_month_that_is_not_over():
    rows = [
        (LAST - pd.DateOffset(months=back), lead, 5.0, 1.0, 1.0)
        for back in range(1, 40)
        for lead in (1, 2, 3)
    ]
    past = pd.DataFrame(rows, columns=list(NO_PAST.columns))
    found = handed_over(AHEAD, past, pipeline=np.full(3, 5.0), series=np.ones(3))
    # of the newest origins the later months are still to come
    assert found.table["origins"].tolist() == [39, 38, 37]
    # the series was right each time: what the prior leaves of the pipeline is little
    assert (found.weights < 0.35).all()
    assert found.table["blend"].to_numpy() == pytest.approx(found.weights * 4 + 1)


def test_partners_keep_the_spread_of_the_parts():
    rng = np.random.default_rng(3)
    near, far = rng.normal(10, 2, (4000, 3)), rng.normal(12, 2, (4000, 3))
    pairs = partners(near, far)
    assert sorted(pairs.tolist()) == list(range(4000))
    mixed = (0.5 * near + 0.5 * far[pairs]).sum(axis=1)
    assert mixed.std() == pytest.approx(near.sum(axis=1).std(), rel=0.05)
    assert mixed.mean() == pytest.approx(33, rel=0.01)
