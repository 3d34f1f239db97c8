"""From drawn revenue and collections to the credit and quotas that a plan's measures ask for.

What counts when it is paid follows collections, all else revenue, each at the ratio that the
company's lines of the last twelve months had: margin, pieces, one product line, less returns. What
a person draws is credited as their lines were: shared contracts to those who share them, overlay
credit beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.incentives.blocks import Credit
from workbench.incentives.credit_lines import credit_lines
from workbench.incentives.history import COLLECTIONS, REVENUE, quotas_of
from workbench.incentives.payees import Floats, Traits
from workbench.pay.parts import LineFactor, Measure
from workbench.pay.plan import Plan, plan_from
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company

#: Indicator by which every plan is judged, whether it pays on quotas or not.
JUDGED = "attainment_of_revenue"


@dataclass(frozen=True)
class Sources:
    """A company's lines and quotas, read when first asked for."""

    company: Company

    @cached_property
    def lines(self) -> pd.DataFrame:
        """Credit lines of the last twelve months."""
        end = pd.Timestamp(self.company.data_as_of)
        start = end - pd.DateOffset(years=1) + pd.Timedelta(days=1)
        return credit_lines(self.company, first=f"{start:%Y-%m-%d}", last=f"{end:%Y-%m-%d}")

    @cached_property
    def quotas(self) -> pd.DataFrame:
        """Quotas as the company has them."""
        return quotas_of(self.company)

    @cached_property
    def margin(self) -> float | None:
        """Gross margin of what was invoiced; None where costs are not known."""
        if not self.company.has("unit_cost"):
            return None
        lines = self.lines
        sold = lines[(lines["event"] == "invoiced") & (lines["split_type"] == "split")]
        amount, margin = (float((sold[n] * sold["share"]).sum()) for n in ("amount", "margin"))
        return margin / amount if amount > 0 else None

    def credits_for(self, plan: Plan, drawn: Mapping[str, Any] | Credited) -> dict[str, Credit]:
        """Credit of each measure of a plan.

        Parameters
        ----------
        plan : Plan
        drawn : mapping of str to cube, or Credited
            `revenue_net` and `collections`, from `attainment_draws`.

        Raises
        ------
        NotIdentifiedError
            If the company's lines say nothing of a measure.
        """
        drawn = drawn if isinstance(drawn, Credited) else Credited(self, drawn)
        result = {}
        for name, measure in plan.measures.items():
            values = drawn.values(measure)
            ratio = self.ratio(name, measure)
            result[name] = Credit(values, np.full(values.shape[1:], ratio))
        return result

    def shares(self, event: str, split_type: str, ids: list[str]) -> Floats | None:
        """Whose lines are credited to whom; None where everybody has their own alone.

        Parameters
        ----------
        event : {"invoiced", "paid"}
        split_type : {"split", "overlay"}
        ids : list of str

        Returns
        -------
        array, shape (owners, people) or None
            Share of an owner's money of the last twelve months that a person is credited with.
        """
        lines = self.lines[self.lines["event"] == event]
        part = lines[lines["split_type"] == split_type]
        own = split_type == "split"
        if (own and part["rep_id"].eq(part["owner"]).all()) or (not own and part.empty):
            return None if own else np.zeros((len(ids), len(ids)))
        split = lines[lines["split_type"] == "split"]
        whole = (split["amount"] * split["share"]).groupby(split["owner"]).sum()
        money = (part["amount"] * part["share"]).groupby([part["owner"], part["rep_id"]]).sum()
        table = money.unstack(fill_value=0)
        table = table.reindex(index=pd.Index(ids), columns=pd.Index(ids), fill_value=0.0)
        by_owner = whole.reindex(ids, fill_value=0.0).to_numpy()
        sold = by_owner > 0
        result = table.to_numpy() / np.where(sold, by_owner, 1.0)[:, None]
        # who had no line is credited with what they draw
        return np.where(sold[:, None], result, np.eye(len(ids)) if own else 0.0)

    def quotas_for(self, plan: Plan) -> pd.DataFrame:
        """Quotas under the names a plan asks for; without their own, revenue's at the ratio."""
        asked = {
            (each.quota or each.attainment, each.attainment)
            for each in plan.indicators.values()
            if each.attainment
        }
        asked |= {
            (each.rates.quota or each.measure, each.measure)
            for each in plan.components.values()
            if each.rates is not None and each.rates.on == "attainment" and each.measure
        }
        if not asked:
            return pd.DataFrame(columns=["rep_id", "quota", "period_start", "period_end", "value"])
        known = set(self.quotas["quota"])
        revenue = self.quotas[self.quotas["quota"] == REVENUE]
        parts = [self.quotas]
        for quota, measure in sorted(pair for pair in asked if pair[0] not in known):
            ratio = self.ratio(measure, plan.measures[measure])
            parts.append(revenue.assign(quota=quota, value=(revenue["value"] * ratio).round(2)))
        return pd.concat(parts, ignore_index=True).drop_duplicates(
            ["rep_id", "quota", "period_start"]
        )

    def ratio(self, name: str, measure: Measure) -> float:
        """Credit of a measure over what it follows."""
        plain = measure.value == "amount" and not (
            measure.where or measure.unless or measure.weights
        )
        if plain and ("paid" in measure.events or "invoiced" in measure.events):
            return 1.0
        lines = self.lines
        counts, back = self._counted(name, measure)
        own = lines["split_type"] == "split"
        value = lines[measure.value] * lines["share"] * _factor(lines, measure.weights)
        credited = float(value[counts & own].sum() - value[back & own].sum())
        event = "paid" if _follows(measure) == COLLECTIONS else "invoiced"
        followed = float((lines["amount"] * lines["share"])[own & (lines["event"] == event)].sum())
        return max(credited / followed, 0.0) if followed > 0 else 0.0

    def traits(self, plan: Plan) -> Traits:
        """Transactions of a month and mean line factors of a plan's components.

        Raises
        ------
        NotIdentifiedError
            If the company's lines lack a column of a line factor.
        """
        counts, factors = {}, {}
        for name, each in plan.components.items():
            single = each.kind == "rated" and each.window == "transaction"
            if each.measure is None or not (single or each.line_factors):
                continue
            mine = self.lines[self._counted(each.measure, plan.measures[each.measure])[0]]
            if single and len(mine):
                months = mine.groupby(["rep_id", mine["date"].dt.to_period("M")])["line_id"].size()
                counts[name] = float(months.mean())
            if each.line_factors:
                value = mine[plan.measures[each.measure].value] * mine["share"]
                paid = value * _factor(mine, each.line_factors)
                factors[name] = float(paid.sum() / value.sum()) if value.sum() > 0 else 1.0
        return Traits(counts, factors)

    def _counted(self, name: str, measure: Measure) -> tuple[pd.Series, pd.Series]:
        """Which lines a measure counts, and which it takes back."""
        lines = self.lines
        wanted = [measure.value, *measure.where, *measure.unless]
        lacking = [each for each in wanted if each not in lines]
        counts = lines["event"].isin(measure.events)
        if lacking or not counts.any():
            raise NotIdentifiedError(
                later(
                    "the company's lines say nothing of {column}",
                    column=lacking[0] if lacking else name,
                ),
                where=later(
                    "measures.{name}, events {events}", name=name, events=", ".join(measure.events)
                ),
                do=later("run the plan by incentives.cost.plan_cost with draws of its own"),
            )
        back = lines["event"].isin(measure.less)
        for column, values in measure.where.items():
            counts, back = (each & lines[column].isin(values) for each in (counts, back))
        for column, values in measure.unless.items():
            counts, back = (each & ~lines[column].isin(values) for each in (counts, back))
        return counts, back


@dataclass(frozen=True)
class Credited:
    """Draws by owner, and the same by whom they are credited to.

    Attributes
    ----------
    sources : Sources
    drawn : mapping of str to cube
        `revenue_net` and `collections` by owner, from `attainment_draws`.
    """

    sources: Sources
    drawn: Mapping[str, Any]
    _kept: dict[tuple[str, str], Floats] = field(default_factory=dict, repr=False, compare=False)

    def values(self, measure: Measure) -> Floats:
        """What is credited of the money a measure follows; shape (draws, months, people)."""
        follows = _follows(measure)
        kind = measure.credit if measure.credit in ("overlay", "both") else "split"
        if (follows, kind) not in self._kept:
            self._kept[follows, kind] = self._shared(follows, kind)
        return self._kept[follows, kind]

    def _shared(self, follows: str, kind: str) -> Floats:
        cube = self.drawn[follows]
        values, ids = np.asarray(cube.values), [str(each) for each in cube.coords["person"].values]
        event = "paid" if follows == COLLECTIONS else "invoiced"
        wanted = ("split", "overlay") if kind == "both" else (kind,)
        parts = [self.sources.shares(event, each, ids) for each in wanted]
        if kind == "split" and parts[0] is None:
            return values
        whole = np.sum([np.eye(len(ids)) if each is None else each for each in parts], axis=0)
        own = values.T  # (people, months, draws)
        return np.asarray((whole.T @ own.reshape(len(ids), -1)).reshape(own.shape).T)


def judged(plan: Plan) -> Plan:
    """A plan that knows attainment of revenue as well, so that any plan is judged alike."""
    written = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    measures = written.setdefault("measures", {})
    measures.setdefault(REVENUE, {"events": ["invoiced"], "less": ["returned"]})
    written.setdefault("indicators", {})[JUDGED] = {"attainment": REVENUE, "over": "year"}
    return plan_from(written)


def _factor(lines: pd.DataFrame, factors: Iterable[LineFactor]) -> pd.Series:
    """Product of the factors of each line in floats; `pay.lines.line_factors` is its exact twin."""
    product = pd.Series(1.0, index=lines.index)
    for each in factors:
        if each.column not in lines:
            raise NotIdentifiedError(
                later("the company's lines say nothing of {column}", column=each.column),
                where="line_factors",
                do=later("use a column of the credit lines"),
            )
        column = lines[each.column]
        if each.values:
            named = {key: float(value) for key, value in each.values.items()}
            found = column.astype(str).map(named).fillna(float(each.otherwise)).to_numpy()
        else:
            starts = [float(step.from_) for step in each.steps]
            levels = np.array([float(each.otherwise), *(float(step.factor) for step in each.steps)])
            found = levels[np.searchsorted(starts, column.to_numpy(float), side="right")]
        product = product * found
    return product


def _follows(measure: Measure) -> str:
    events = set(measure.events)
    if "paid" in events and not {"booked", "shipped", "invoiced"} & events:
        return COLLECTIONS
    return REVENUE
