"""Effects planted are found, others are not kept, and nothing of the future is used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InputError, ParameterError
from workbench.forecasting.batch import Batch, Floats
from workbench.forecasting.regressors import Column, Design, Effects, calendar_design, fit_effects
from workbench.forecasting.regressors.noise import noise_points
from workbench.scenarios import streams

MONTHS = pd.period_range("2006-01", "2016-12", freq="M")
KNOWN = 120  # ten years of history, one ahead


def _season(months: int) -> Floats:
    return 0.2 * np.sin(2 * np.pi * np.arange(months) / 12)


def _planted(
    n: int, *, new_year: float = 0.0, working_days: float = 0.0, noise: float = 0.03, seed: int = 7
) -> tuple[np.ndarray, np.ndarray]:
    """Logs of monthly series with level, season and effects, and the effects alone."""
    rng = streams(seed)["test/planted"]
    design = calendar_design(MONTHS)
    names = [column.name for column in design.columns]
    effect = new_year * design.matrix[:, names.index("new_year_during_7")]
    effect = effect + working_days * design.matrix[:, names.index("working_days")]
    walk = rng.normal(0, noise / 2, (n, len(MONTHS))).cumsum(axis=1)
    logs = 5 + walk + _season(len(MONTHS)) + rng.normal(0, noise, (n, len(MONTHS)))
    return logs + effect, effect


def _fit(logs: np.ndarray, **options: object) -> Effects:
    batch = Batch.of(list(np.exp(logs[:, :KNOWN])), season=12)
    n = len(logs)
    design = calendar_design(MONTHS).beside(starts=[0] * n, lengths=[KNOWN] * n, horizon=12)
    return fit_effects(batch, design, **options)  # type: ignore[arg-type]


def _kept(effects: Effects) -> set[str]:
    return set(effects.families.loc[effects.families["kept"], "family"])


@pytest.mark.parametrize("n", [1, 8])
def test_a_new_year_effect_is_found_and_put_into_the_future(n: int) -> None:
    logs, planted = _planted(n, new_year=-0.3)
    found = _fit(logs)
    assert "new_year" in _kept(found)
    # The standard error of a single series is about .04 here, that of eight together .015.
    assert np.abs(found.future - planted[KNOWN:]).max() < (0.1 if n == 1 else 0.05)
    base = noise_points(found.cleaned, 12)
    actual = np.exp(logs[:, KNOWN:])
    batch = Batch.of(list(np.exp(logs[:, :KNOWN])), season=12)
    first = slice(0, 3)
    with_effects = np.abs(found.put_back(base) / actual - 1)[:, first].mean()
    without = np.abs(noise_points(batch, 12) / actual - 1)[:, first].mean()
    assert with_effects < 0.75 * without


def test_working_days_are_told_from_the_new_year() -> None:
    found = _fit(_planted(12, new_year=-0.2, working_days=0.8)[0])
    table = found.table()
    assert table[table["column"] == "working_days"]["effect"].mean() == pytest.approx(0.8, abs=0.15)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("n", [1, 10])
def test_nothing_planted_nothing_kept(n: int, seed: int) -> None:
    logs, _ = _planted(n, seed=seed)
    found = _fit(logs)
    assert _kept(found) == set()
    assert not found.future.any()
    np.testing.assert_array_equal(found.cleaned.values, np.exp(logs[:, :KNOWN]).ravel())


def test_short_series_take_the_effect_of_the_long_ones() -> None:
    logs, planted = _planted(10, new_year=-0.3)
    lengths = np.array([KNOWN] * 9 + [14])
    starts = KNOWN - lengths
    batch = Batch.of([np.exp(one[s:KNOWN]) for one, s in zip(logs, starts, strict=True)], season=12)
    design = calendar_design(MONTHS).beside(starts=starts, lengths=lengths, horizon=12)
    found = fit_effects(batch, design)
    assert np.abs(found.future[9] - planted[KNOWN:]).max() < 0.06


def test_the_future_teaches_nothing() -> None:
    logs, _ = _planted(4, new_year=-0.3)
    changed = logs.copy()
    changed[:, KNOWN:] += 5.0
    np.testing.assert_array_equal(_fit(logs).future, _fit(changed).future)
    design = calendar_design(MONTHS).beside(starts=[0] * 4, lengths=[KNOWN] * 4, horizon=12)
    earlier = design.cut([KNOWN] * 4, 12, 12)
    direct = calendar_design(MONTHS).beside(starts=[0] * 4, lengths=[KNOWN - 12] * 4, horizon=12)
    np.testing.assert_array_equal(earlier.history, direct.history)
    np.testing.assert_array_equal(earlier.future, direct.future)


@settings(max_examples=5, deadline=None)
@given(st.floats(1e-4, 1e6), st.permutations(range(5)))
def test_unit_and_order_change_nothing(unit: float, order: list[int]) -> None:
    logs, _ = _planted(5, new_year=-0.3)
    plain, other = _fit(logs), _fit(logs[order] + np.log(unit))
    np.testing.assert_allclose(other.future, plain.future[order], atol=1e-8)
    np.testing.assert_allclose(
        other.cleaned.values.reshape(5, -1), unit * plain.cleaned.values.reshape(5, -1)[order]
    )


def _promoted(n: int, elasticity: float, *, spread: float = 0.3) -> tuple[Batch, Design, Floats]:
    rng = streams(11)["test/promoted"]
    prices = np.log(rng.choice([1.0, 0.9, 0.7], size=(n, 92), p=[0.7, 0.2, 0.1]))
    idle = rng.normal(size=(n, 92))
    own = elasticity + spread * rng.normal(size=n)
    logs = 3 + own[:, None] * prices + rng.normal(0, 0.2, (n, 92))
    both = np.stack([prices, idle], axis=2)
    columns = (
        Column("price", "price", ("Price", "价格"), prior=3.0),
        Column("idle", "idle", ("Idle", "无关"), prior=1.0),
    )
    design = Design(columns, both[:, :80].reshape(-1, 2), both[:, 80:])
    return Batch.of(list(np.exp(logs[:, :80])), season=52), design, own


def test_elasticities_are_found_and_idle_columns_left_out() -> None:
    batch, design, own = _promoted(40, -2.5)
    found = fit_effects(batch, design)
    assert _kept(found) == {"price"}
    # Error of the mean over seeds: .027 (noise .2, prices moving by .13, 3,200 observations).
    assert found.coefficients[:, 0].mean() == pytest.approx(own.mean(), abs=0.08)
    assert np.corrcoef(found.coefficients[:, 0], own)[0, 1] > 0.7
    assert np.mean(np.abs(found.coefficients[:, 0] - own) < 2 * found.errors[:, 0]) > 0.85


def test_errors_in_single_periods_teach_little() -> None:
    batch, design, own = _promoted(40, -2.5)
    spoiled = batch.values.copy()
    spoiled[::97] *= 50
    found = fit_effects(Batch(spoiled, batch.offsets, batch.season), design)
    assert found.coefficients[:, 0].mean() == pytest.approx(own.mean(), abs=0.12)


def test_values_filled_in_teach_nothing() -> None:
    batch, design, _ = _promoted(10, -2.5)
    observed = np.ones(len(batch.values), dtype=bool)
    observed[5:75:7] = False
    first = fit_effects(batch, design, observed=observed)
    changed = batch.values.copy()
    changed[~observed] *= 1.01
    other = fit_effects(Batch(changed, batch.offsets, batch.season), design, observed=observed)
    np.testing.assert_allclose(other.coefficients, first.coefficients, atol=1e-6)


def test_series_with_zeros_have_effects_in_their_own_unit() -> None:
    batch, design, _ = _promoted(20, -2.5, spread=0.0)
    levels = batch.values.copy()
    levels[::40] = 0.0
    found = fit_effects(Batch(levels, batch.offsets, batch.season), design, keep=("price",))
    assert not found.relative.any()
    assert (found.coefficients[:, 0] < 0).all()
    flat = np.ones((20, 12))
    np.testing.assert_allclose(found.put_back(flat), flat + found.future)


def test_families_add_up_to_the_effect_taken_out() -> None:
    logs, _ = _planted(5, new_year=-0.3, working_days=0.8)
    found = _fit(logs)
    parts = [found.share_of(family) for family in found.design.families()]
    np.testing.assert_allclose(sum(ahead for _, ahead in parts), found.future, atol=1e-12)
    np.testing.assert_allclose(
        found.cleaned.values * np.exp(sum(before for before, _ in parts)),
        np.exp(logs[:, :KNOWN]).ravel(),
    )
    draws = np.ones((3, 5, 12))
    assert found.put_back(draws).shape == (3, 5, 12)


@pytest.mark.parametrize("values", [[4.0], [0.0] * 30, [7.0] * 40, [1.0, -2.0] * 20, [1e-300] * 30])
def test_odd_series_stay_finite(values: list[float]) -> None:
    logs, _ = _planted(3, new_year=-0.3)
    batch = Batch.of([*np.exp(logs[:, :KNOWN]), np.array(values)], season=12)
    lengths = batch.lengths
    design = calendar_design(MONTHS).beside(starts=KNOWN - lengths, lengths=lengths, horizon=12)
    found = fit_effects(batch, design)
    assert np.isfinite(found.future).all()
    assert np.isfinite(found.cleaned.values).all()


def test_what_does_not_fit_is_refused() -> None:
    batch, design, _ = _promoted(4, -2.0)
    with pytest.raises(InputError, match="does not fit the batch"):
        fit_effects(batch.take([0, 1]), design)
    with pytest.raises(ParameterError, match="unknown"):
        fit_effects(batch, design, scale="log")
    with pytest.raises(ParameterError, match="no columns of weather"):
        fit_effects(batch, design, keep=("weather",))
    with pytest.raises(InputError, match="positive"):
        fit_effects(Batch(-batch.values, batch.offsets, batch.season), design, scale="relative")
    with pytest.raises(InputError, match="missing values: price"):
        spoiled = design.future.copy()
        spoiled[0, 0, 0] = np.nan
        Design(design.columns, design.history, spoiled)


def test_no_columns_or_no_series_change_nothing() -> None:
    batch, design, _ = _promoted(4, -2.0)
    empty = Design((), design.history[:, :0], design.future[:, :, :0])
    found = fit_effects(batch, empty)
    assert found.cleaned is batch
    assert not found.future.any()
    assert found.table().empty
