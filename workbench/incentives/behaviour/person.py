"""How a person answers to pay: the parameters of `dynamic.py`, each an assumption that is shown.

`moments.py` estimates them, the user sets them, or they are as usual (`assumptions.py`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import ParameterError

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How people answer to pay; shares of quota are shares of one window's quota.

    Attributes
    ----------
    reference_rate : float
        Pay per unit of attainment at which effort is 1, currency; from the plan of today.
    elasticity : float
        Relative change of output per relative change of the rate, at the reference.
    pride : float
        What the work is worth by itself, in reference rates; without it nobody works unpaid.
    noise : float
        Standard deviation of a window's attainment, given effort; share of quota.
    hold, pull, concede : float
        Deals that can be held back, pulled in from the next window, or won by a concession.
    hold_cost, pull_cost, concede_cost : float
        Trouble it is to the person, in reference rates per unit.
    lost : float
        Share of deals held back that are lost.
    discount : float
        Price given away on deals pulled in or won by a concession, share of their value.
    patience : float
        Worth of the next window's pay against this one's.
    ratchet : float
        Rise of the next quota per unit of attainment above 100%.
    risk_aversion : float
        Absolute risk aversion times pay on target; 0 counts pay as it is.
    movers : float
        Share of people who move dates or concede at all.
    most : float
        Highest effort possible.
    """

    reference_rate: float
    elasticity: float = 0.4
    pride: float = 1.0
    noise: float = 0.15
    hold: float = 0.03
    pull: float = 0.10
    concede: float = 0.0
    hold_cost: float = 0.05
    pull_cost: float = 0.15
    concede_cost: float = 0.30
    lost: float = 0.05
    discount: float = 0.05
    patience: float = 0.9
    ratchet: float = 0.0
    risk_aversion: float = 0.0
    movers: float = 1.0
    most: float = 3.0

    def __post_init__(self) -> None:
        bounds = {
            "reference_rate": (1e-12, np.inf),
            "elasticity": (0.01, 3.0),
            "noise": (0.005, 1.0),
            "hold": (0.0, 1.0),
            "pull": (0.0, 1.0),
            "concede": (0.0, 1.0),
            "lost": (0.0, 1.0),
            "discount": (0.0, 1.0),
            "patience": (0.0, 1.0),
            "ratchet": (0.0, 1.0),
            "movers": (0.0, 1.0),
            "most": (1.0, 10.0),
        }
        others = ("pride", "hold_cost", "pull_cost", "concede_cost", "risk_aversion")
        for name, (low, high) in {**bounds, **dict.fromkeys(others, (0.0, np.inf))}.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(
                    f"{name} lies outside its bounds",
                    where=f"{name}={value}",
                    do=f"give a value from {low:g} to {high:g}",
                )

    @property
    def gamma(self) -> float:
        """Elasticity of the marginal cost of effort."""
        return 1 / (self.elasticity * (1 + self.pride))

    def effort(self, rate: ArrayLike) -> Floats:
        """Effort where a further unit of attainment pays a constant rate."""
        drive = np.maximum(np.asarray(rate, float) / self.reference_rate + self.pride, 0.0)
        return np.minimum((drive / (1 + self.pride)) ** (1 / self.gamma), self.most)

    def without(self, *names: str) -> Behaviour:
        """Return the same people to whom something is not open: "moves" or "ratchet"."""
        gone = {"moves": ("hold", "pull", "concede"), "ratchet": ("ratchet",)}
        return dataclasses.replace(self, **{each: 0.0 for name in names for each in gone[name]})
