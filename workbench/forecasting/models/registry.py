"""Which models there are, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from workbench.errors import ParameterError
from workbench.forecasting.batch import Batch, Floats

#: Name of each model to the file that defines it as ``MODEL_<NAME>``; imported when asked for.
MODELS = {
    "naive": "naive",
    "seasonal_naive": "naive",
    "drift": "naive",
    "naive2": "naive",
    "theta": "theta",
    "dynamic_theta": "theta_dynamic",
    "ets": "smoothing",
    "damped": "smoothing",
    "ces": "smoothing_complex",
    "ar": "autoregression",
    "arima": "arima",
    "mean": "naive",
    "croston": "croston",
    "sba": "croston",
    "tsb": "croston",
    "imapa": "aggregation",
    "boost": "boost",
}


@dataclass(frozen=True)
class Model:
    """One model.

    Attributes
    ----------
    name : str
    title : (str, str)
        English and Chinese.
    points : callable
        ``points(batch, horizon) -> ndarray (n, horizon)``: expected values in the unit of the
        series, NaN rows for series it declines. Pure; same input, same bits.
    intermittent : bool
        Made for demand with many zeros.
    """

    name: str
    title: tuple[str, str]
    points: Callable[[Batch, int], Floats]
    intermittent: bool = False


def model(name: str) -> Model:
    """Return a model by name.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name not in MODELS:
        raise ParameterError(
            f"there is no model {name!r}", where="models", do=f"choose from {', '.join(MODELS)}"
        )
    module = import_module(f"workbench.forecasting.models.{MODELS[name]}")
    found: Model = getattr(module, f"MODEL_{name.upper()}")
    return found


def models(names: list[str] | tuple[str, ...]) -> tuple[Model, ...]:
    """Return models by name, in this order."""
    return tuple(model(name) for name in names)
