"""The ledger: rules, order of steps and days, nothing lost, draws that keep their spread."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InfeasibleError, InputError, ParameterError
from workbench.forecasting.judgement import Lock, Overridden, Rules, apply_overrides, check_locks
from workbench.forecasting.judgement.fates import WHY
from workbench.forecasting.judgement.ledger import STATUSES

MONTHS = pd.period_range("2026-08", "2026-10", freq="M")
AS_OF = dt.date(2026, 7, 31)
MONEY = {"currency": "CNY", "tax_basis": "excl"}


def forecast() -> pd.DataFrame:
    rows = [(name, month, 100.0 + 10 * place, 80.0, 120.0, "theta")
            for name in ("east", "north") for place, month in enumerate(MONTHS)]  # fmt: skip
    return pd.DataFrame(rows, columns=["series_id", "period", "mean", "lo80", "hi80", "model"])


def entry(number: int, **changed: Any) -> dict[str, Any]:
    month = pd.Period(changed.pop("month", "2026-08"), freq="M")
    last = pd.Period(changed.pop("last", str(month)), freq="M")
    return {
        "entry_id": f"FE{number:03d}", "entry_date": dt.date(2026, 7, 20), "by_id": "R0001",
        "step": "rep", "kpi_id": "revenue_net", "level": "region", "node": "east",
        "product_line": "all", "period_start": month.start_time.date(),
        "period_end": last.end_time.date(), "value": 130.0, **MONEY,
        "forecast_category": None, "reason": "large tender", "expires": None,
    } | changed  # fmt: skip


def apply(*rows: dict[str, Any], **options: Any) -> Overridden:
    columns = list(entry(0))
    given_rows = pd.DataFrame(list(rows), columns=columns)
    options = {"as_of": AS_OF, "kpi_id": "revenue_net", **MONEY} | options
    return apply_overrides(forecast(), given_rows, **options)


def fate(result: Overridden) -> dict[str, tuple[str, str]]:
    rows = result.entries()
    return {row.entry_id: (row.status, row.why) for row in rows.itertuples()}


def mean(result: Overridden, series: str, month: str) -> float:
    rows = result.forecast.set_index(["series_id", "period"])["mean"]
    return float(rows[series, pd.Period(month, freq="M")])


def test_an_override_moves_its_cell_and_its_interval_and_nothing_else() -> None:
    result = apply(entry(1))
    row = result.forecast.iloc[0]
    assert (row["mean"], row["lo80"], row["hi80"], row["mean_before"]) == (130, 110, 150, 100)
    assert (row["override"], row["step"], row["model"]) == ("FE001", "rep", "theta")
    rest = result.forecast.iloc[1:]
    assert (rest["mean"] == rest["mean_before"]).all() and rest["override"].isna().all()
    line = result.ledger.iloc[0]
    assert (line["before"], line["after"], line["reason_given"]) == (100, 130, "large tender")
    assert result.fixed().to_dict("records") == [
        {"series_id": "east", "period": MONTHS[0], "value": 130.0}
    ]


def test_step_comes_before_day_and_the_chain_adds_up() -> None:
    result = apply(
        entry(1, step="final", value=150.0, entry_date=dt.date(2026, 7, 10)),
        entry(2, step="manager", value=110.0, entry_date=dt.date(2026, 7, 25)),
        entry(3, step="rep", value=140.0, entry_date=dt.date(2026, 7, 30)),
        entry(4, step="manager", value=120.0, entry_date=dt.date(2026, 7, 11)),
    )
    assert mean(result, "east", "2026-08") == 150
    assert fate(result) == {
        "FE001": ("applied", "stands"), "FE002": ("superseded", "stronger"),
        "FE003": ("superseded", "stronger"), "FE004": ("superseded", "stronger"),
    }  # fmt: skip
    moves = result.ledger["after"] - result.ledger["before"]
    assert moves.sum() == pytest.approx(50)


def test_later_of_a_step_stands_and_ties_go_to_the_higher_number() -> None:
    result = apply(
        entry(9, value=1.0), entry(10, value=2.0), entry(11, value=3.0,
                                                         entry_date=dt.date(2026, 7, 1)),
    )  # fmt: skip
    assert fate(result)["FE010"] == ("applied", "stands")
    assert fate(result)["FE009"] == fate(result)["FE011"] == ("superseded", "later")


def test_a_quarter_is_spread_by_the_forecast_and_a_month_inside_it_wins() -> None:
    quarter = entry(1, month="2026-08", last="2026-10", value=660.0)
    result = apply(quarter)
    assert [mean(result, "east", str(m)) for m in MONTHS] == pytest.approx([200, 220, 240])
    result = apply(quarter, entry(2, month="2026-09", value=50.0, step="manager"))
    assert [mean(result, "east", str(m)) for m in MONTHS] == pytest.approx([200, 50, 240])
    row = result.entries().set_index("entry_id").loc["FE001"]
    assert (row["periods"], row["periods_applied"], row["status"]) == (3, 2, "applied")


@pytest.mark.parametrize(
    ("changed", "status", "why"),
    [
        ({"kpi_id": "bookings"}, "refused", "other_kpi"),
        ({"entry_date": dt.date(2026, 8, 1)}, "refused", "not_yet"),
        ({"entry_date": None}, "refused", "no_day"),
        ({"forecast_category": "commit"}, "refused", "part"),
        ({"step": "guess"}, "refused", "unknown_step"),
        ({"value": None}, "refused", "no_value"),
        ({"tax_basis": "incl"}, "refused", "other_money"),
        ({"currency": None}, "refused", "other_money"),
        ({"node": "mars"}, "refused", "no_series"),
        ({"product_line": "service"}, "refused", "no_series"),
        ({"month": "2026-07", "last": "2026-09"}, "refused", "not_covered"),
        ({"month": "2026-10", "last": "2026-09"}, "refused", "not_covered"),
        ({"period_end": None}, "refused", "not_covered"),
        ({"expires": dt.date(2026, 7, 30)}, "expired", "date"),
        ({"expires": dt.date(2026, 7, 31)}, "applied", "stands"),
    ],
)
def test_each_rule_has_its_reason(changed: dict[str, Any], status: str, why: str) -> None:
    result = apply(entry(1, **changed))
    assert fate(result) == {"FE001": (status, why)}
    assert (result.forecast["mean"] == result.forecast["mean_before"]).all() == (
        status != "applied"
    )


def test_locks_refuse_and_name_themselves() -> None:
    lock = Lock("east", first="2026-09", why="promised to the board")
    rules = Rules(locks=(lock,))
    result = apply(entry(1), entry(2, month="2026-10"), entry(3, last="2026-09"), rules=rules)
    assert fate(result) == {
        "FE001": ("applied", "stands"), "FE002": ("refused", "locked"),
        "FE003": ("refused", "locked"),
    }  # fmt: skip
    assert "promised to the board" in result.ledger.iloc[-1]["detail"]
    with pytest.raises(InfeasibleError, match=r"FE002 meets the lock on east 2026-09 to \.\.\."):
        check_locks(pd.DataFrame([entry(1), entry(2, month="2026-10")]), (lock,))
    check_locks(pd.DataFrame([entry(1)]), (lock,))


def test_overrides_expire_after_days_and_rounds() -> None:
    old = entry(1, entry_date=dt.date(2026, 6, 30))
    assert fate(apply(old, rules=Rules(days=31)))["FE001"][0] == "applied"
    assert fate(apply(old, rules=Rules(days=30)))["FE001"] == ("expired", "days")
    rounds = tuple(dt.date(2026, month, 28) for month in (5, 6, 7))
    once = Rules(rounds=1, round_days=rounds)
    # made after the round of June, so the round of July is its first
    assert fate(apply(old, rules=once))["FE001"][0] == "applied"
    older = entry(2, entry_date=dt.date(2026, 6, 28))
    assert fate(apply(older, rules=once))["FE002"] == ("expired", "rounds")
    twice = Rules(rounds=2, round_days=rounds)
    assert fate(apply(older, rules=twice))["FE002"][0] == "applied"


def test_an_expired_stronger_entry_makes_way() -> None:
    result = apply(
        entry(1, step="final", value=1.0, expires=dt.date(2026, 7, 1)), entry(2, value=2.0)
    )
    assert mean(result, "east", "2026-08") == 2


def test_a_reason_may_be_asked_for() -> None:
    rules = Rules(reason_needed=True)
    assert fate(apply(entry(1, reason="  "), rules=rules))["FE001"] == ("refused", "no_reason")
    assert fate(apply(entry(1), rules=rules))["FE001"][0] == "applied"


def test_draws_move_and_keep_their_spread() -> None:
    values = np.random.default_rng(1).normal(100, 10, (50, 3, 2))
    draws = xr.DataArray(
        values, dims=("draw", "period", "series_id"), attrs={"unit": "CNY"},
        coords={"period": [str(m) for m in MONTHS], "series_id": ["north", "east"]},
    )  # fmt: skip
    moved = apply(entry(1, month="2026-09", value=150.0), draws=draws).draws
    assert moved is not None and moved.dims == draws.dims and moved.attrs == draws.attrs
    shift = moved - draws
    assert np.allclose(shift.sel(period="2026-09", series_id="east"), 40.0)
    assert float(np.abs(shift).sum()) == pytest.approx(50 * 40)
    assert np.allclose(moved.std("draw"), draws.std("draw"))
    with pytest.raises(InputError, match="draws lack 1 cells"):
        apply(entry(1, month="2026-09"), draws=draws.isel(period=[0]))


def test_bad_tables_and_rules_are_named() -> None:
    with pytest.raises(InputError, match="lack the column value"):
        apply_overrides(forecast(), pd.DataFrame([entry(1)]).drop(columns="value"),
                        as_of=AS_OF, kpi_id="revenue_net")  # fmt: skip
    with pytest.raises(InputError, match="there twice among entries"):
        apply(entry(1), entry(1))
    with pytest.raises(ParameterError, match="rounds are counted"):
        Rules(rounds=1)
    with pytest.raises(ParameterError, match="cannot stand"):
        Rules(days=-1)


def test_no_entries_change_nothing() -> None:
    result = apply()
    assert result.ledger.empty and sum(result.counts().values()) == 0
    assert (result.forecast["mean"] == forecast()["mean"]).all()


@st.composite
def ledgers(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        first = draw(st.integers(0, 3))
        span = draw(st.integers(0, 2))
        rows.append(
            entry(
                number,
                month=str(pd.Period("2026-07", freq="M") + first),
                last=str(pd.Period("2026-07", freq="M") + first + span),
                step=draw(st.sampled_from(["rep", "manager", "final"])),
                node=draw(st.sampled_from(["east", "north", "mars"])),
                entry_date=dt.date(2026, 7, 1) + dt.timedelta(draw(st.integers(0, 40))),
                value=draw(st.floats(-1e6, 1e6) | st.none()),
                tax_basis=draw(st.sampled_from(["excl", "excl", "incl"])),
            )
        )
    return rows


@settings(max_examples=30, deadline=None)
@given(
    rows=ledgers(), shuffle=st.randoms(use_true_random=False), days=st.none() | st.integers(0, 20)
)
def test_order_of_rows_is_nothing_and_nothing_is_lost(rows: Any, shuffle: Any, days: Any) -> None:
    rules = Rules(locks=(Lock("north", last="2026-08"),), days=days)
    result = apply(*rows, rules=rules)
    assert sum(result.counts().values()) == len(rows)
    assert set(result.ledger["entry_id"]) == {row["entry_id"] for row in rows}
    assert set(result.ledger["status"]) <= set(STATUSES) and set(result.ledger["why"]) <= set(WHY)
    mixed = list(rows)
    shuffle.shuffle(mixed)
    again = apply(*mixed, rules=rules)
    pd.testing.assert_frame_equal(again.forecast, result.forecast)
    pd.testing.assert_frame_equal(again.ledger, result.ledger)
    # each cell has at most one that stands, and the chain of a cell leads from forecast to figure
    standing = result.ledger[result.ledger["status"] == "applied"]
    assert not standing.duplicated(["series_id", "period"]).any()
    chain = result.ledger[result.ledger["status"].isin(["applied", "superseded"])]
    moves = (chain["after"] - chain["before"]).groupby([chain["series_id"], chain["period"]]).sum()
    cells = result.forecast.set_index(["series_id", "period"])
    moved = (cells["mean"] - cells["mean_before"]).reindex(moves.index)
    assert np.allclose(moved.to_numpy(float), moves.to_numpy(float), atol=1e-6)
