"""Figures from entries: horizon, latest of a step, what is left out and why, adding up."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.forecasting.judgement import add_up, from_entries
from workbench.forecasting.judgement.figures import LEFT_OUT, as_periods

ACTUALS = pd.DataFrame({"series_id": ["R1", "T1"], "period": ["2026-03", "2026-03"],
                        "actual": [100.0, 250.0]})  # fmt: skip


def entry(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "entry_id": f"FE{number}", "entry_date": dt.date(2026, 2, 28), "step": "rep",
        "kpi_id": "revenue_net", "level": "rep", "node": "R1",
        "period_start": dt.date(2026, 3, 1), "period_end": dt.date(2026, 3, 31), "value": 90.0,
        "currency": "CNY", "tax_basis": "excl",
    } | changed  # fmt: skip


def read(*rows: dict[str, Any], **options: Any) -> Any:
    return from_entries(pd.DataFrame(list(rows)), ACTUALS, kpi_id="revenue_net", **options)


def test_horizon_runs_from_the_month_it_was_made_in() -> None:
    days = {1: dt.date(2026, 2, 28), 2: dt.date(2026, 1, 1), 0: dt.date(2026, 3, 10)}
    found = read(*(entry(n, entry_date=day) for n, day in enumerate(days.values()))).figures
    assert found["horizon"].tolist() == [0, 1, 2]
    assert (found["actual"] == 100).all() and (found["forecast"] == 90).all()


def test_the_latest_of_a_step_and_horizon_counts() -> None:
    result = read(entry(9, value=1.0), entry(10, value=2.0), entry(8, value=3.0),
                  entry(11, value=4.0, entry_date=dt.date(2026, 2, 1)))  # fmt: skip
    assert result.figures["forecast"].tolist() == [2.0]
    assert set(result.left_out["entry_id"]) == {"FE8", "FE9", "FE11"}
    assert set(result.left_out["reason"]) == {"replaced"}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kpi_id": "bookings"}, "other_kpi"),
        ({"forecast_category": "commit"}, "part"),
        ({"period_end": dt.date(2026, 4, 30)}, "other_span"),
        ({"product_line": "service"}, "no_series"),
        ({"value": None}, "no_value"),
        ({"entry_date": None}, "no_day"),
        ({"tax_basis": "incl"}, "other_money"),
        ({"currency": None}, "other_money"),
    ],
)
def test_what_is_left_out_is_listed(changed: dict[str, Any], reason: str) -> None:
    result = read(entry(1), entry(2, **changed), currency="CNY", tax_basis="excl")
    assert result.left_out.to_dict("records") == [{"entry_id": "FE2", "reason": reason}]
    assert reason in LEFT_OUT and len(result.figures) == 1


def test_mixed_money_is_asked_for() -> None:
    with pytest.raises(InputError, match="several of tax_basis: excl, incl"):
        read(entry(1), entry(2, tax_basis="incl"))
    with pytest.raises(InputError, match="several of currency: CNY, none"):
        read(entry(1), entry(2, currency=None))


def test_nodes_of_product_lines_need_a_name() -> None:
    series = {("rep", "R1", "service"): "R1 service"}
    result = read(entry(1, product_line="service"), entry(2), series=series)
    assert result.figures["series_id"].tolist() == ["R1 service"]
    assert result.left_out["entry_id"].tolist() == ["FE2"]


def test_parts_add_up_and_the_parent_has_its_own_actual() -> None:
    figures = read(entry(1), entry(2, node="R2", value=60.0)).figures
    parents = pd.DataFrame({"series_id": ["R1", "R2"], "parent": "T1"})
    found = add_up(figures, parents, ACTUALS, level="team").iloc[0]
    assert (found["series_id"], found["forecast"], found["actual"]) == ("T1", 150.0, 250.0)
    assert (found["parts"], found["level"], found["horizon"]) == (2, "team", 1)
    moved = parents.assign(period=pd.Period("2026-04", "M"))
    assert add_up(figures, moved, ACTUALS, level="team").empty
    with pytest.raises(InputError, match="two parents"):
        add_up(figures, pd.concat([parents, parents]), ACTUALS, level="team")


def test_doubled_actuals_are_refused() -> None:
    with pytest.raises(InputError, match="actuals are there twice"):
        from_entries(pd.DataFrame([entry(1)]), pd.concat([ACTUALS, ACTUALS]), kpi_id="revenue_net")


@pytest.mark.parametrize(
    "values",
    [
        pd.Series(pd.period_range("2026-01", periods=2, freq="M")),
        pd.Series(pd.to_datetime(["2026-01-15", "2026-02-01"])),
        pd.Series(["2026-01", "2026-02"]),
        pd.Series([dt.date(2026, 1, 31), dt.date(2026, 2, 1)]),
        pd.Series([pd.Period("2026-01", "M"), pd.Period("2026-02", "M")], dtype=object),
    ],
)
def test_periods_are_read_from_anything_that_has_them(values: pd.Series) -> None:
    assert as_periods(values).astype(str).tolist() == ["2026-01", "2026-02"]
    assert np.array_equal(as_periods(values, freq="Q").array.asi8, [224, 224])


def test_a_quarter_is_no_month() -> None:
    with pytest.raises(InputError, match="longer than one of M"):
        as_periods(pd.Series(pd.period_range("2026Q1", periods=2, freq="Q")))
