"""Money of the claims owed on the day, expected and drawn; whatever is booked later leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.forecasting.pipeline.cash import drawn_cash, expected_cash
from workbench.forecasting.pipeline.payments import PaymentHazard
from workbench.scenarios import streams

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OwedCash:
    """What claims owed bring in the months ahead.

    Attributes
    ----------
    rows : pandas.DataFrame
        Claims with something left, as `Claims.rows`.
    hazard : PaymentHazard
    origin, horizon : int
        Last month that is over (number); months ahead.
    exposure : float
        Share of the first month ahead still to come.
    seed : int
    level_stream, own_stream : str
        Names of the streams of the shared level and of each claim.
    """

    rows: pd.DataFrame = field(repr=False)
    hazard: PaymentHazard = field(repr=False)
    origin: int
    horizon: int
    exposure: float
    seed: int
    level_stream: str
    own_stream: str

    @cached_property
    def hazards(self) -> tuple[Floats, Floats]:
        """Hazards of a payment: nothing paid yet, a part paid; the first month in part."""
        start = np.full(len(self.rows), self.origin)
        both = [
            self.hazard.monthly(self.rows, start, self.horizon, partly=partly)
            for partly in (False, True)
        ]
        for each in both:
            each[:, 0] = 1 - (1 - each[:, 0]) ** self.exposure
        return both[0], both[1]

    @cached_property
    def expected(self) -> Floats:
        """Expected money of each claim, shape (n, horizon)."""
        return expected_cash(
            self.rows["left"].to_numpy(float),
            *self.hazards,
            partial=self.hazard.partial(self.rows["amount"].to_numpy(float)),
            part=self.hazard.part,
            part_left=self._part_left,
        )

    def paths(self, count: int) -> Floats:
        """Factors on the odds of a payment that all claims of a draw share."""
        rng = streams(self.seed)[self.level_stream]
        return self.hazard.level.around().paths(rng, count, self.horizon)

    def drawn(self, count: int, regions: list[str]) -> Floats:
        """Money by draw, month and region; made once for a number of draws."""
        key = (count, tuple(regions))
        if key not in self._drawn:
            self._drawn[key] = drawn_cash(
                streams(self.seed)[self.own_stream],
                self.rows["left"].to_numpy(float),
                *self.hazards,
                self.paths(count),
                partial=self.hazard.partial(self.rows["amount"].to_numpy(float)),
                part=self.hazard.part,
                part_left=self._part_left,
                group=pd.Categorical(self.rows["region"], categories=regions).codes,
                groups=len(regions),
            )
        return self._drawn[key]

    @cached_property
    def _part_left(self) -> NDArray[np.bool_]:
        return (self.rows["left"] < 0.98 * self.rows["amount"]).to_numpy()

    @cached_property
    def _drawn(self) -> dict[tuple[int, tuple[str, ...]], Floats]:
        return {}
