"""Forecast entries: what reps, managers and the company said each month, and how they err.

Far ahead reps are optimistic, near the month they sandbag; each has a habit of his own. Managers
cut the sum of their reps far ahead; the final figure moves half way to what will happen. Every
vintage is kept, so each judgement can be scored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.sample.parameters import planted

Floats = NDArray[np.float64]

EFFECTS: dict[str, tuple[str, str]] = {
    "rep_optimism": ("Reps are optimistic far ahead", "销售员远期预测偏乐观"),
    "rep_sandbagging": ("Reps sandbag the coming month", "销售员近月预测留有余地"),
    "manager_cut": ("Managers cut their reps' forecasts", "经理下调下属预测"),
}


@dataclass(frozen=True)
class ForecastTruth:
    """Planted bias and noise of forecasts, by months ahead (1, 2, 3)."""

    horizons: tuple[int, ...] = planted((1, 2, 3), "months", "ahead of the month forecast")
    knowledge: tuple[float, ...] = planted(
        (0.85, 0.60, 0.40), "share", "of a month's deviation from the plan that is foreseen"
    )
    optimism: tuple[float, ...] = planted(
        (0.0, 0.07, 0.14), "log units", "reps' optimism by months ahead"
    )
    sandbagging: tuple[float, ...] = planted(
        (-0.07, 0.0, 0.0), "log units", "reps' reserve by months ahead"
    )
    habit: float = planted(0.08, "log units", "spread of bias between reps")
    noise: tuple[float, ...] = planted(
        (0.07, 0.12, 0.17), "log units", "error of a rep's forecast by months ahead"
    )
    manager_cut: tuple[float, ...] = planted(
        (0.0, -0.06, -0.10), "log units", "managers' change of their reps' sum"
    )
    manager_noise: float = planted(0.03, "log units", "error of managers' changes")
    final_pull: float = planted(
        0.5, "share", "of what still is wrong taken out by the final figure"
    )
    final_noise: float = planted(0.015, "log units", "error of the final figure")


def rep_forecasts(
    actual: Floats,
    plan: Floats,
    *,
    truth: ForecastTruth,
    rng: np.random.Generator,
    off: frozenset[str],
) -> Floats:
    """Forecasts of reps by month forecast and horizon.

    Parameters
    ----------
    actual, plan : arrays, shape (reps, months)
        What will happen and what was planned; 0 where a rep is not in post.

    Returns
    -------
    numpy.ndarray, shape (reps, months, horizons)
    """
    habit = rng.normal(0, truth.habit, len(actual))[:, None]
    out = np.zeros((*actual.shape, len(truth.horizons)))
    usual = np.where(plan > 0, plan, 1.0)
    happens = np.log(np.maximum(actual, 0.05 * usual) / usual)
    for place in range(len(truth.horizons)):
        bias = habit.copy()
        bias += 0 if "rep_optimism" in off else truth.optimism[place]
        bias = bias + (0 if "rep_sandbagging" in off else truth.sandbagging[place])
        noise = truth.noise[place] * rng.standard_normal(actual.shape)
        out[:, :, place] = usual * np.exp(truth.knowledge[place] * happens + bias + noise)
    return np.where((plan > 0)[:, :, None], out, 0.0)


def manager_forecasts(
    summed: Floats, *, truth: ForecastTruth, rng: np.random.Generator, off: frozenset[str]
) -> Floats:
    """Managers' figures from the sums of their reps, shape (teams, months, horizons)."""
    cut = np.zeros(3) if "manager_cut" in off else np.asarray(truth.manager_cut)
    return summed * np.exp(cut + truth.manager_noise * rng.standard_normal(summed.shape))


def final_forecasts(
    summed: Floats, actual: Floats, *, truth: ForecastTruth, rng: np.random.Generator
) -> Floats:
    """The company's figure, shape (months, horizons): managers' sum moved towards the truth."""
    wrong = np.log(np.maximum(actual, 1.0)[:, None] / np.maximum(summed, 1.0))
    noise = truth.final_noise * rng.standard_normal(summed.shape)
    return summed * np.exp(truth.final_pull * wrong + noise)
