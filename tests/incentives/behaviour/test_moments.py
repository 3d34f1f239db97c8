"""Behaviour that made the data is found again; what cannot be found gets no number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.company import open_company
from workbench.errors import InputError, NotIdentifiedError, ParameterError
from workbench.incentives.behaviour.dynamic import respond
from workbench.incentives.behaviour.moments import fit, measure, productivities
from workbench.incentives.behaviour.observe import (
    observed_elasticity,
    observed_years,
    rate_elasticity,
)
from workbench.incentives.behaviour.paths import Luck, Years, simulate
from workbench.incentives.behaviour.person import Behaviour
from workbench.sample.effort import EffortTruth
from workbench.sample.quotas import QuotaTruth
from workbench.scenarios import streams

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
PLANTED = Behaviour(reference_rate=100.0, movers=0.7, pull=0.12, noise=0.18, hold=0.03)
START = Behaviour(reference_rate=100.0, pull=0.08, movers=0.9, noise=0.15)


def plan(attainment):
    reached = np.asarray(attainment, float)
    return 100 * reached + 30.0 * (reached >= 1)


def people(seed: int, count: int = 4000) -> Years:
    luck = Luck.of(streams(seed)["test/years"], people=count)
    types = productivities(0.9, 0.22, types=40)
    return simulate(plan, productivity=types, behaviour=PLANTED, luck=luck)


def luck() -> Luck:
    return Luck.of(streams(9)["test/fit"], people=4500)


def test_simulated_people_follow_the_distribution():
    types = productivities(0.9, 0.22)
    years = simulate(
        plan,
        productivity=types,
        behaviour=PLANTED,
        luck=Luck.of(streams(3)["test/years"], people=15000),
    )
    exact = respond(plan, productivity=types, behaviour=PLANTED, step=0.01)
    assert years.attainment.mean() == pytest.approx(exact.sales.mean(), abs=0.004)
    for low, high in ((0.0, 0.95), (0.95, 1.0), (1.0, 1.05), (1.05, 3.0)):
        share = ((years.attainment >= low) & (years.attainment < high)).mean()
        assert share == pytest.approx(exact.share(low, high).mean(), abs=0.012)
    assert np.maximum(-years.moved, 0).mean() == pytest.approx(exact.pulled.mean(), abs=0.001)


def test_planted_behaviour_is_recovered():
    """Within three standard errors, and these are small enough to be of use."""
    observed = measure(people(1), rng=streams(1)["test/resamples"])
    found = fit(observed, pay=plan, start=START, luck=luck(), step=0.02)
    planted = {"middle": 0.9, "scatter": 0.22, "noise": 0.18, "pull": 0.12, "movers": 0.7}
    tolerance = {"middle": 0.03, "scatter": 0.03, "noise": 0.01, "pull": 0.02, "movers": 0.08}
    for name, truth in planted.items():
        assert found.value(name) == pytest.approx(truth, abs=tolerance[name]), name
        assert found.errors[name] < tolerance[name]
    assert found.distance < 4 * found.freedom
    again = fit(observed, pay=plan, start=START, luck=luck(), step=0.02)
    assert again.errors == found.errors


def test_the_rule_planted_in_the_sample_is_recovered_from_people_who_follow_it():
    """Who is at 86% or more pulls in to 100% with a chance of 90%; effort does not answer."""
    rule, rng = QuotaTruth(), streams(4)["test/rule"]
    natural = rng.lognormal(np.log(0.92), 0.2, 4000)[:, None] / 12
    booked = natural + 0.18 / np.sqrt(12) * rng.standard_normal((4000, 12))
    reached = booked.sum(axis=1)
    pulls = (reached >= rule.pull_from) & (reached < 1) & (rng.random(4000) < rule.pull)
    booked[:, -1] += np.where(pulls, 1 - reached, 0.0)
    observed = measure(Years(booked, np.zeros(4000)), rng=streams(1)["test/resamples"])
    stiff = Behaviour(reference_rate=100.0, elasticity=0.01, hold=0.0, pull_cost=0.2)

    def bonus(attainment):
        return 100 * np.asarray(attainment) + 50.0 * (np.asarray(attainment) >= 1)

    found = fit(observed, pay=bonus, start=stiff, luck=luck())
    assert found.value("pull") == pytest.approx(1 - rule.pull_from, abs=0.01)
    assert found.value("movers") == pytest.approx(rule.pull, abs=0.03)
    assert found.value("middle") == pytest.approx(0.92, abs=0.02)


def test_a_parameter_without_trace_gets_no_number():
    observed = measure(people(2), rng=streams(1)["test/resamples"])
    with pytest.raises(NotIdentifiedError, match="do not tell"):
        # nobody conceals anything under this plan: the price of holding back leaves no trace
        fit(
            observed,
            pay=plan,
            start=START,
            luck=luck(),
            step=0.02,
            names=("middle", "hold_cost"),
        )
    with pytest.raises(ParameterError, match="cannot be estimated"):
        fit(observed, pay=plan, start=START, luck=luck(), names=("middle", "mood"))
    with pytest.raises(InputError, match="too few"):
        measure(people(2, count=60), rng=streams(1)["test/resamples"])


# -- elasticity -----------------------------------------------------------------------------------


@pytest.mark.parametrize("planted", [0.0, 0.4, 0.8])
def test_elasticity_is_found_in_a_staggered_change(planted):
    rng = streams(5)["test/elasticity"]
    frame = pd.MultiIndex.from_product([range(120), range(36)], names=["who", "when"])
    rows = frame.to_frame(index=False)
    start = np.array([12, 24, 99])[rows["who"] % 3]
    rate = np.where(rows["when"] >= start, 1.4, 1.0)
    mean = (
        np.exp(rng.normal(0, 0.5, 120))[rows["who"]] * np.exp(rng.normal(0, 0.3, 36))[rows["when"]]
    )
    output = mean * rate**planted * rng.gamma(1.5, 1 / 1.5, len(rows))
    output[rng.random(len(rows)) < 0.05] = 0.0  # months without a sale
    found = rate_elasticity(output, rate=rate, person=rows["who"], time=rows["when"])
    assert found.value == pytest.approx(planted, abs=3 * found.error)
    assert 0.02 < found.error < 0.2
    assert (found.people, found.changed) == (120, 80)


def test_no_elasticity_where_rates_change_for_all_at_once():
    rows = pd.MultiIndex.from_product([range(20), range(10)]).to_frame(index=False)
    output = np.ones(len(rows)) + rows[0] / 10
    with pytest.raises(NotIdentifiedError, match="do not change for some"):
        rate_elasticity(output, rate=1 + (rows[1] > 5), person=rows[0], time=rows[1])


# -- the sample company ---------------------------------------------------------------------------


def sample_plan(attainment):
    """Performance pay, commission and year-end bonus of the sample, of a variable pay of 80,000."""
    reached = np.asarray(attainment, float)
    sold = np.clip(reached, 0, None)
    starts, rates = np.array([0, 0.5, 0.8, 1.0]), np.array([0.5, 0.8, 1.0, 1.6])
    widths = np.diff(starts, append=np.inf)
    commission = np.clip(sold[..., None] - starts, 0, widths) @ rates
    bonus = np.select([reached >= 1, reached >= 0.8, reached >= 0.6], [1.5, 1.0, 0.6], 0.0)
    return 80000 * (0.35 * np.minimum(sold, 1.5) + 0.45 * commission + 0.20 * bonus)


def test_sample_company_shows_what_was_done():
    """Productivity, luck, what people far above held back, and the answer to higher rates.

    Its 191 years are too few to tell how far from how many people pull in: see the rule above.
    """
    company = open_company(SAMPLE)
    seen = observed_years(company, first=2022, last=2025)
    observed = measure(seen.years, months=seen.months, rng=streams(1)["test/resamples"])
    found = fit(
        observed,
        pay=sample_plan,
        start=Behaviour(reference_rate=80000.0, pull=0.05, movers=0.3),
        luck=luck(),
        months=seen.months,
        names=("middle", "scatter", "noise"),
    )
    assert found.distance < 2 * found.freedom
    assert found.errors["middle"] < 0.03
    truth = pd.read_parquet(SAMPLE / "truth" / "rep_years.parquet")
    both = seen.people.merge(truth, on=["rep_id", "year"], suffixes=("", "_true"))
    natural = both["revenue_without_timing"] / both["quota_true"]
    held = (both["attainment"] - natural)[both["attainment"] >= 1.15].mean()
    last = observed.table().set_index("moment").loc["last_high"]
    assert last["value"] == pytest.approx(held, abs=2 * last["error"])
    assert held < -0.01
    assert observed_elasticity(company, first=2022, last=2026).value == pytest.approx(
        EffortTruth().elasticity,
        abs=0.41,  # two standard errors: 33 people changed plans
    )
