"""What open deals bring by the models' say: the same whatever is assumed, locked or aimed at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import TOTAL
from workbench.forecasting.outlook.scope import Scope
from workbench.kpis import kpi

if TYPE_CHECKING:
    from workbench.forecasting.outlook.handover import HandOver
    from workbench.forecasting.pipeline.forecast import PipelineForecast
    from workbench.forecasting.pipeline.simulate import Wins

#: Open deals whose lift is worked out: the others carry next to nothing of the spread.
MOST_TRIED = 200


@dataclass(frozen=True, eq=False)
class OpenDeals:
    """Open deals of a pipeline, each figure worked out when it is first wanted.

    Attributes
    ----------
    scope : Scope
    pipeline : PipelineForecast
    handover : HandOver
        By how much the pipeline counts in each month ahead.
    count : int
        Draws.
    """

    scope: Scope
    pipeline: PipelineForecast = field(repr=False)
    handover: HandOver = field(repr=False)
    count: int

    @cached_property
    def parts(self) -> tuple[dict[str, Any], ...]:
        """Rows of `deals.parts`: open deals by forecast category, and deals to come."""
        pipeline = self.pipeline
        category = pipeline.rows["forecast_category"].to_numpy(object)
        expected = pipeline.amounts * (pipeline.curves[..., 0] @ self._weights)
        wins = pipeline.wins(self.count)
        rows = []
        for name in ("commit", "best_case", "pipeline", "omitted", "unknown"):
            of = self._mine & (category == name)
            if of.any():
                draws = self._sums(wins["open"], of)
                rows.append(part(name, float(expected[of].sum()), draws) | self._stated(of))
                rows[-1]["measured"] = _share(rows[-1]["mean"], rows[-1]["stated"])
        draws = self._sums(wins["new"], self._in_regions(pipeline.coming.like))
        draws += self._sums(wins["unseen"], self._in_regions(pipeline.coming.unseen_like))
        inside = self._in_regions(pipeline.cells)
        mean = float(self._weights @ pipeline.means[1:].sum(axis=0)[:, inside].sum(axis=1))
        return (*rows, part("to_come", mean, draws))

    @cached_property
    def tried(self) -> pd.DataFrame:
        """The deals with the largest spread.

        Returns
        -------
        pandas.DataFrame
            opportunity_id, probability (won within the months looked at), spread (share of that
            of all open deals), then as `PipelineForecast.deals`, name, account, account_en.
        """
        table = pd.DataFrame(
            {
                "opportunity_id": self.pipeline.rows["opportunity_id"].to_numpy()[self._chosen],
                "probability": self._chance[self._chosen],
                "spread": self._spread[self._chosen] / max(self._spread.sum(), 1e-12),
            }
        )
        told = self.pipeline.deals().drop(columns="probability")
        return _with_names(table.merge(told, on="opportunity_id", how="left"), self.scope)

    @cached_property
    def gained(self) -> Floats:
        """What the total gains in each draw if a deal is taken out of it and put in as won.

        Shape (deals tried, draws).
        """
        return self._gained(np.tile(self._weights, (len(self._chosen), 1)))

    def gained_under(self, growth: Floats, series: Sequence[str]) -> Floats:
        """The same under growth assumed.

        Parameters
        ----------
        growth : numpy.ndarray, shape (series, horizon)
            What months of the lowest nodes are multiplied by.
        series : sequence of str
            Region and product line of these nodes, as the hierarchy names them.
        """
        factors = np.ones((len(series) + 1, len(self._weights)))  # the last row: no series
        factors[:-1, self._inside] = growth
        return self._gained(self._weights * factors[pd.Index(series).get_indexer(self._series)])

    def _gained(self, weights: Floats) -> Floats:
        """The same by the weight of each deal tried in each month, shape (deals tried, months)."""
        pipeline, chosen = self.pipeline, self._chosen
        counts = np.einsum("dm,dm->d", pipeline.curves[chosen, :, 0], weights)
        expected = pipeline.amounts[chosen] * (counts / np.maximum(self._chance[chosen], 1e-12))
        gained = np.repeat(expected[:, None], self.count, axis=1)
        row, wins = self._wins_tried
        # a deal is won once at most in a draw
        gained[row, wins.draw] -= wins.amount * weights[row, wins.month]
        return gained

    @cached_property
    def cover(self) -> dict[str, tuple[float, float]]:
        """Cover of the company and each region that has open deals.

        Returns
        -------
        dict of str to (float, float)
            Stated amount of deals expected to close in the months; the cover needed, 1 over the
            share of closed amounts won in the last twelve months.
        """
        rows, looked = self.pipeline.rows, self.scope
        region = rows["region"].to_numpy(object)
        closes = pd.to_datetime(rows["day"]) + pd.to_timedelta(rows["to_close"], unit="D")
        until = pd.Timestamp(looked.closing(looked.end))
        in_time = (closes <= until).to_numpy() & self._mine
        rates = _win_rates(looked)
        found = {}
        for node in {TOTAL, *region}:
            mine = in_time if node == TOTAL else in_time & (region == node)
            rate = rates.get(node, np.nan)
            needed = 1 / rate if rate and rate > 0 else np.nan
            found[node] = (float(self.pipeline.stated[mine].sum()), needed)
        return found

    # -- underneath ----------------------------------------------------------------------------

    @cached_property
    def _weights(self) -> Floats:
        """Weight of each month of the pipeline in the total; 0 for those not looked at."""
        out = np.zeros(self.pipeline.horizon)
        out[self._inside] = self.handover.weights
        return out

    @cached_property
    def _inside(self) -> np.ndarray:
        return np.asarray(self.pipeline.periods.isin(self.scope.months))

    @cached_property
    def _mine(self) -> np.ndarray:
        return self._in_regions(self.pipeline.rows)

    def _in_regions(self, rows: pd.DataFrame) -> np.ndarray:
        if not self.scope.regions:
            return np.ones(len(rows), dtype=bool)
        return np.asarray(rows["region"].isin(self.scope.regions))

    @cached_property
    def _chance(self) -> Floats:
        return np.asarray(self.pipeline.curves[:, self._inside, 0].sum(axis=1))

    @cached_property
    def _spread(self) -> Floats:
        variance = self._chance * (1 - self._chance) * self.pipeline.amounts**2
        return np.where(self._mine, variance, 0.0)

    @cached_property
    def _chosen(self) -> np.ndarray:
        """The deals tried, by their place in the picture."""
        most = np.argsort(-self._spread, kind="stable")[:MOST_TRIED]
        return np.asarray(most[self._spread[most] > 0])

    @cached_property
    def _series(self) -> pd.Index:
        """Region and product line of the deals tried."""
        rows = self.pipeline.rows.iloc[self._chosen]
        return pd.Index(rows["region"].astype(str) + "/" + rows["product_line"].astype(str))

    @cached_property
    def _wins_tried(self) -> tuple[np.ndarray, Wins]:
        """Wins of the deals tried, and the row of each among these."""
        from workbench.forecasting.pipeline.simulate import Wins

        row = np.full(len(self._mine), -1)
        row[self._chosen] = np.arange(len(self._chosen))
        wins = self.pipeline.wins(self.count)["open"]
        its = np.flatnonzero(row[wins.deal] >= 0)
        kept = Wins(wins.draw[its], wins.month[its], wins.deal[its], wins.amount[its])
        return row[kept.deal], kept

    def _stated(self, of: np.ndarray) -> dict[str, Any]:
        """How many deals, their stated amount, and their typed probability weighted by it."""
        stated = self.pipeline.stated[of]
        typed = self.pipeline.rows["typed"].to_numpy(float)[of]
        known = np.isfinite(typed)
        weight = float(stated[known].sum())
        return {
            "deals": int(of.sum()),
            "stated": float(stated.sum()),
            "typed": _share(float(typed[known] @ stated[known]), weight),
        }

    def _sums(self, wins: Wins, chosen: np.ndarray) -> Floats:
        """What chosen deals bring in each draw."""
        its = chosen[wins.deal]
        amounts = wins.amount[its] * self._weights[wins.month[its]]
        return np.bincount(wins.draw[its], weights=amounts, minlength=self.count).astype(float)


def part(name: str, mean: float, draws: Floats | None = None) -> dict[str, Any]:
    """A row of `deals.parts`: what a part is expected to bring, and its 80% range."""
    low, high = (np.nan, np.nan) if draws is None else np.quantile(draws, [0.1, 0.9])
    empty = dict.fromkeys(("stated", "measured", "typed"), np.nan)
    return {"part": name, "deals": np.nan, **empty, "mean": mean, "lo80": low, "hi80": high}


def _share(part_: float, whole: float) -> float:
    return part_ / whole if whole else np.nan


def _win_rates(looked: Scope) -> dict[str, float]:
    """Share of closed amounts won in twelve months, of the company and each region."""
    first = looked.last - pd.DateOffset(months=11)
    start = looked.calendar.month_period(first.year, first.month).start
    whole = kpi(looked.company, "win_rate_amount", start=start, end=looked.day).table()
    by_region = kpi(
        looked.company, "win_rate_amount", start=start, end=looked.day, by="region"
    ).table()
    by_region = looked.chosen(by_region)
    found = dict(zip(by_region["region"], by_region["value"].astype(float), strict=True))
    if looked.regions:
        total = by_region["numerator"].sum() / max(by_region["denominator"].sum(), 1e-9)
        return {str(key): value for key, value in found.items()} | {TOTAL: float(total)}
    first_value = float(whole["value"].iloc[0]) if len(whole) else np.nan
    return {str(key): value for key, value in found.items()} | {TOTAL: first_value}


def _with_names(table: pd.DataFrame, looked: Scope) -> pd.DataFrame:
    ids = "', '".join(str(one).replace("'", "''") for one in table["opportunity_id"])
    has = looked.company.has("account")
    names = looked.company.sql(
        f"""select o.opportunity_id, o.name, {"a.name" if has else "null"} as account,
            {"a.name_en" if has else "null"} as account_en
        from opportunity o {"left join account a using (account_id)" if has else ""}
        where o.opportunity_id in ('{ids}') order by 1"""
    )
    return table.merge(names, on="opportunity_id", how="left")
