"""What people did, in a few numbers, and the behaviour that would have done the same.

Moments of booked attainment by person and year: its middle and spread, the pile over 100% and the
gap under it, what the last month holds beyond what the year so far promised, and how much months
go up and down. `fit` chooses the parameters of `dynamic.py` so that simulated people, with common
draws, show the same moments (McFadden, "A Method of Simulated Moments", Econometrica 57, 1989).
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from workbench.errors import InputError, NotIdentifiedError, ParameterError
from workbench.incentives.behaviour.dynamic import MONTHS, Pay
from workbench.incentives.behaviour.paths import Luck, Years, simulate
from workbench.incentives.behaviour.person import Behaviour

Floats = NDArray[np.float64]
TYPES = 15  # strata of productivity
LEAST_PEOPLE = 100
NAMES = (
    "mean", "spread", "below_half", "reached", "approach", "gap", "pile", "beyond",
    "last_rest", "last_pile", "last_high", "noise",
)  # fmt: skip
"""Mean and standard deviation of attainment (a median may lie in the pile); shares below 50%, at or
above 100%, in 85-95%, 95-100%, 100-105%, above 120%; excess of the last month of people at 50-85%,
100-105% and above 115%; standard deviation of a year made of such months."""

BOUNDS: dict[str, tuple[float, float]] = {
    "middle": (0.3, 2.0),
    "scatter": (0.02, 0.8),
    "noise": (0.02, 0.6),
    "pull": (0.0, 0.4),
    "movers": (0.0, 1.0),
    "hold": (0.0, 0.2),
    "pull_cost": (0.0, 1.0),
    "hold_cost": (0.0, 1.0),
    "patience": (0.0, 1.0),
    "ratchet": (0.0, 1.0),
}
"""Parameters that can be estimated: median and log spread of productivity, and of `Behaviour`."""

_FIRST = {"pull": (0.04, 0.10, 0.20), "movers": (0.3, 0.6, 0.9), "ratchet": (0.02, 0.2)}
# many who move a little and few who move much look alike from afar: the search begins at the
# nearest of these, not where it was told


@dataclass(frozen=True)
class Moments:
    """Moments of people, with standard errors by resampling people.

    Attributes
    ----------
    values, errors : array, shape (moments,)
        In the order of `NAMES`; missing where nobody is in the group.
    people : int
    """

    values: Floats
    errors: Floats
    people: int

    def table(self) -> pd.DataFrame:
        """moment, value, error."""
        return pd.DataFrame({"moment": NAMES, "value": self.values, "error": self.errors})


@dataclass(frozen=True)
class Estimate:
    """Behaviour by simulated moments.

    Attributes
    ----------
    behaviour : Behaviour
    middle, scatter : float
        Median of productivity over people, and its standard deviation in logs.
    errors : dict of str to float
        Standard errors of the estimated parameters.
    fitted : pandas.DataFrame
        moment, observed, error, simulated, gap (in standard errors).
    distance : float
        Sum of squared gaps; about its degrees of freedom where the model holds.
    freedom : int
    """

    behaviour: Behaviour
    middle: float
    scatter: float
    errors: dict[str, float]
    fitted: pd.DataFrame
    distance: float
    freedom: int

    @property
    def productivity(self) -> Floats:
        """Types of equal weight, shape (TYPES,)."""
        return productivities(self.middle, self.scatter)

    def value(self, name: str) -> float:
        """An estimated parameter."""
        own = {"middle": self.middle, "scatter": self.scatter}
        return own[name] if name in own else float(getattr(self.behaviour, name))


def productivities(middle: float, scatter: float, *, types: int = TYPES) -> Floats:
    """Middles of strata of equal weight of a lognormal productivity."""
    from scipy.special import ndtri

    return np.asarray(middle * np.exp(scatter * ndtri((np.arange(types) + 0.5) / types)))


def measure(
    years: Years, *, months: ArrayLike = MONTHS, rng: np.random.Generator, resamples: int = 200
) -> Moments:
    """Moments of people's years.

    Parameters
    ----------
    years : Years
    months : array_like, shape (months,)
        Usual share of each month in a year.
    rng : numpy.random.Generator
        Of a named stream; for resampling people.

    Raises
    ------
    InputError
        If there are fewer than 100 people and years.
    """
    people = len(years.booked)
    if people < LEAST_PEOPLE:
        raise InputError(
            "too few people and years for moments of their behaviour",
            where=f"{people}, needed are {LEAST_PEOPLE}",
            do="take more years, or set the behaviour by hand",
        )
    facts = _facts(years, months)
    draws = [_moments(facts[rng.integers(0, people, people)]) for _ in range(resamples)]
    with np.errstate(invalid="ignore"):
        errors = np.nanstd(np.array(draws), axis=0, ddof=1)
    # a share of none has no spread among resamples, yet is not sure: one person more or less
    floor = np.where([name in _SHARES for name in NAMES], 1 / people, 1e-4)
    return Moments(_moments(facts), np.maximum(errors, floor), people)


def fit(
    observed: Moments,
    *,
    pay: Pay,
    start: Behaviour,
    luck: Luck,
    names: tuple[str, ...] = ("middle", "scatter", "noise", "pull", "movers"),
    middle: float = 1.0,
    scatter: float = 0.25,
    months: ArrayLike = MONTHS,
    step: float = 0.01,
) -> Estimate:
    """Behaviour whose simulated people show the observed moments.

    Parameters
    ----------
    observed : Moments
    pay : callable
        Pay of a year at attainment under the plan in force then.
    start : Behaviour
        Parameters that are not estimated, and where the search begins.
    luck : Luck
        Common draws; several thousand people.
    names : tuple of str
        Which parameters to estimate, of `BOUNDS`.
    middle, scatter : float
        Productivity, or where its search begins.

    Raises
    ------
    ParameterError
        If a name cannot be estimated.
    NotIdentifiedError
        If the moments do not tell the parameters apart.
    """
    from scipy.optimize import least_squares

    _check_names(names)
    used = np.isfinite(observed.values)
    first = {"middle": middle, "scatter": scatter}
    begin = np.array([first[name] if name in first else getattr(start, name) for name in names])
    low, high = np.array([BOUNDS[name] for name in names]).T
    begin = np.clip(begin, low + 0.02 * (high - low), high - 0.02 * (high - low))

    def given(theta: Floats) -> tuple[Behaviour, float, float]:
        values = {**first, **dict(zip(names, map(float, theta), strict=True))}
        own = {name: values[name] for name in names if name not in first}
        return dataclasses.replace(start, **own), values["middle"], values["scatter"]

    def simulated(theta: Floats) -> Floats:
        behaviour, centre, spread = given(theta)
        years = simulate(
            pay,
            productivity=productivities(centre, spread),
            behaviour=behaviour,
            luck=luck,
            months=months,
            step=step,
        )
        return _moments(_facts(years, months))

    def gaps(theta: Floats) -> Floats:
        # a group that is empty among the simulated counts as if nothing happened in it
        found = np.nan_to_num(simulated(theta))
        return np.asarray(((found - observed.values) / observed.errors)[used])

    begin = min(_starts(names, begin), key=lambda theta: float((gaps(theta) ** 2).sum()))
    # shares move in steps of one simulated person: differences are taken over wide steps
    found = least_squares(
        gaps, begin, bounds=(low, high), x_scale=high - low, diff_step=0.04, xtol=1e-5, ftol=1e-6,
        max_nfev=40,
    )  # fmt: skip
    errors = _errors(found.jac, names, high - low)
    behaviour, centre, spread = given(found.x)
    fitted = pd.DataFrame(
        {
            "moment": NAMES,
            "observed": observed.values,
            "error": observed.errors,
            "simulated": simulated(found.x),
        }
    )
    fitted["gap"] = (fitted["simulated"] - fitted["observed"]) / fitted["error"]
    return Estimate(
        behaviour,
        centre,
        spread,
        errors,
        fitted,
        float(2 * found.cost),
        int(used.sum()) - len(names),
    )


def _starts(names: tuple[str, ...], begin: Floats) -> list[Floats]:
    """Places from which a search may begin."""
    options = [_FIRST.get(name, (value,)) for name, value in zip(names, begin, strict=True)]
    return [np.array(each) for each in itertools.product(*options)]


# -- moments --------------------------------------------------------------------------------------

_SHARES = ("below_half", "reached", "approach", "gap", "pile", "beyond")


def _facts(years: Years, months: ArrayLike) -> Floats:
    """Attainment, excess of the last month and variance of months, shape (people, 3)."""
    weights = np.asarray(months, float) / np.sum(months)
    booked = years.booked
    early, share = booked[:, :-1], weights[:-1] / weights[:-1].sum()
    so_far = early.sum(axis=1)
    excess = booked[:, -1] - weights[-1] / (1 - weights[-1]) * so_far
    # the last month is left out: people work on it
    rest = (early - share * so_far[:, None]) ** 2 / weights[:-1]
    variance = rest.sum(axis=1) / (len(share) - 1)
    return np.column_stack([years.attainment, excess, variance])


def _moments(facts: Floats) -> Floats:
    reached, excess, variance = facts.T

    def share(low: float, high: float) -> float:
        return float(((reached >= low) & (reached < high)).mean())

    def mean(low: float, high: float) -> float:
        inside = (reached >= low) & (reached < high)
        return float(excess[inside].mean()) if inside.any() else np.nan

    values = {
        "mean": reached.mean(),
        "spread": reached.std(),
        "below_half": share(-np.inf, 0.5),
        "reached": share(1.0, np.inf),
        "approach": share(0.85, 0.95),
        "gap": share(0.95, 1.0),
        "pile": share(1.0, 1.05),
        "beyond": share(1.2, np.inf),
        "last_rest": mean(0.5, 0.85),
        "last_pile": mean(1.0, 1.05),
        "last_high": mean(1.15, np.inf),
        "noise": np.sqrt(np.median(variance)),
    }
    return np.array([values[name] for name in NAMES])


# -- identification -------------------------------------------------------------------------------


def _errors(jacobian: Floats, names: tuple[str, ...], width: Floats) -> dict[str, float]:
    """Standard errors; refuses parameters that the moments do not show."""
    scaled = jacobian * width
    _, sizes, directions = np.linalg.svd(scaled, full_matrices=False)
    weakest = names[int(np.argmax(np.abs(directions[-1])))]
    # an error as wide as a quarter of what is possible says nothing
    if sizes[-1] <= 1e-8 * sizes[0] or 1 / sizes[-1] > 0.25:
        raise NotIdentifiedError(
            f"the moments do not tell {weakest} from the other parameters",
            where=f"estimated together: {', '.join(names)}",
            do=f"set {weakest} by hand, or take more people and years",
        )
    spread = np.sqrt(np.diag(np.linalg.inv(scaled.T @ scaled))) * width
    return dict(zip(names, map(float, spread), strict=True))


def _check_names(names: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in BOUNDS]
    if unknown or not names or len(set(names)) < len(names):
        raise ParameterError(
            "these parameters cannot be estimated",
            where=", ".join(unknown or names) or "none",
            do=f"choose from {', '.join(BOUNDS)}, each once",
        )
