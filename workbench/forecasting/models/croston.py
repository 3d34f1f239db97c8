"""Intermittent demand: how much when there is some, and how often there is some.

Croston, "Forecasting and stock control for intermittent demands", Operational Research Quarterly 23
(1972); Syntetos and Boylan, "The accuracy of intermittent demand estimates", International Journal
of Forecasting 21 (2005); Teunter, Syntetos and Babai, "Intermittent demand: linking forecasting to
inventory obsolescence", European Journal of Operational Research 214 (2011).
"""

from __future__ import annotations

import numpy as np

from workbench.compiled import njit
from workbench.forecasting.batch import Batch, Floats, Ints
from workbench.forecasting.models.registry import Model

#: Smoothing parameters tried; the squared one-step errors of the rate decide. The range is that
#: recommended for intermittent demand (Syntetos and Boylan 2005, section 4).
SMOOTHINGS = np.array([0.05, 0.1, 0.15, 0.2, 0.3])
#: Smoothing parameters of the probability of demand, which may have to fall faster.
SMOOTHINGS_OF_PROBABILITY = np.array([0.02, 0.05, 0.1, 0.15, 0.2])


def croston(batch: Batch, horizon: int) -> Floats:
    """Forecast by Croston's method: smoothed size over smoothed interval, both at demands only.

    Notes
    -----
    Where there is demand y after q periods: z += a (y - z), p += a (q - p); rate z / p. First
    size and interval are the first seen. `a` is one of 0.05 to 0.3, that with the least squared
    errors. A series without demand is forecast as zero.
    """
    return _flat(_croston(*_values(batch), False), batch, horizon)


def sba(batch: Batch, horizon: int) -> Floats:
    """Forecast by Croston's method with the correction of Syntetos and Boylan: (1 - a/2) z / p."""
    return _flat(_croston(*_values(batch), True), batch, horizon)


def tsb(batch: Batch, horizon: int) -> Floats:
    """Forecast by the method of Teunter, Syntetos and Babai, whose rate falls while nothing sells.

    Notes
    -----
    Every period: probability d += b (1 or 0 - d); where there is demand y: size z += a (y - z);
    rate d z. Both start from their means; `a` from 0.05 to 0.3 and `b` from 0.02 to 0.2 have the
    least squared errors.
    """
    return _flat(_tsb(*_values(batch)), batch, horizon)


def _values(batch: Batch) -> tuple[Floats, Ints]:
    scaled, _ = batch.scaled()
    return scaled.values, scaled.offsets


def _flat(rates: Floats, batch: Batch, horizon: int) -> Floats:
    _, scale = batch.scaled()
    return np.repeat((rates * scale)[:, None], horizon, axis=1)


@njit(cache=True)
def _croston(values: Floats, offsets: Ints, corrected: bool) -> Floats:
    rates = np.empty(len(offsets) - 1)
    for row in range(len(rates)):
        series = values[offsets[row] : offsets[row + 1]]
        least = np.inf
        for smoothing in SMOOTHINGS:
            squares, rate = croston_rate(series, smoothing, corrected)
            if squares < least:
                least, rates[row] = squares, rate
    return rates


@njit(cache=True)
def croston_rate(series: Floats, smoothing: float, corrected: bool) -> tuple[float, float]:
    """Return squared one-step errors after the first demand, and the rate at the end."""
    share = 1.0 - smoothing / 2.0 if corrected else 1.0
    size, interval, rate = 0.0, 0.0, 0.0
    waited, squares, started = 1.0, 0.0, False
    for value in series:
        if started:
            squares += (value - rate) ** 2
        if value == 0.0:
            waited += 1.0
            continue
        if started:
            size += smoothing * (value - size)
            interval += smoothing * (waited - interval)
        else:
            size, interval, started = value, waited, True
        waited = 1.0
        rate = share * size / interval
    return squares, rate


@njit(cache=True)
def _tsb(values: Floats, offsets: Ints) -> Floats:
    rates = np.empty(len(offsets) - 1)
    for row in range(len(rates)):
        series = values[offsets[row] : offsets[row + 1]]
        least = np.inf
        for of_size in SMOOTHINGS:
            for of_probability in SMOOTHINGS_OF_PROBABILITY:
                squares, rate = tsb_rate(series, of_size, of_probability)
                if squares < least:
                    least, rates[row] = squares, rate
    return rates


@njit(cache=True)
def tsb_rate(series: Floats, of_size: float, of_probability: float) -> tuple[float, float]:
    """Return squared one-step errors, and the rate at the end."""
    demands, total = 0, 0.0
    for value in series:
        if value != 0.0:
            demands += 1
            total += value
    if demands == 0:
        return 0.0, 0.0
    size, probability = total / demands, demands / len(series)
    squares = 0.0
    for value in series:
        squares += (value - probability * size) ** 2
        if value != 0.0:
            size += of_size * (value - size)
            probability += of_probability * (1.0 - probability)
        else:
            probability -= of_probability * probability
    return squares, probability * size


MODEL_CROSTON = Model("croston", ("Croston", "Croston 法"), croston, intermittent=True)
MODEL_SBA = Model("sba", ("Syntetos-Boylan", "Syntetos-Boylan 法"), sba, intermittent=True)
MODEL_TSB = Model(
    "tsb", ("Teunter-Syntetos-Babai", "Teunter-Syntetos-Babai 法"), tsb, intermittent=True
)
