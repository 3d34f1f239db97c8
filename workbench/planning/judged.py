"""What targets of a year cost and bring, what covers them, what levers would do, SMART.

`facts_of` reads what the judgements need once; the others work on targets as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.errors import NotIdentifiedError
from workbench.planning import year_ahead as ahead
from workbench.planning.company_year import REVENUE, ROOT, Ground
from workbench.planning.response import Response

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.levers import LeverEffect
    from workbench.planning.padding import PaddingEffect
    from workbench.planning.study_targets import Params
    from workbench.planning.targets import Targets

Floats = NDArray[np.float64]
#: Times today's padding that are judged.
SCALES = (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False, repr=False)
class Facts:
    """What the company's tables say beside sales.

    Attributes
    ----------
    pay : callable or None
        Pay over attainment as a multiple of pay at target.
    target_pay : pandas.Series
        Variable pay at target by person.
    margin : pandas.Series or None
        Gross margin rate by leaf; None without unit costs.
    spent : float
        Selling expense over revenue.
    pipeline : Pipeline or None
    price : Response
        Elasticity of quantity to price.
    discounts : numpy.ndarray
        Off list, of the last twelve months.
    limit : float or None
        Discount from which approval is needed.
    output : numpy.ndarray
        What people brought in a month of the last twelve.
    """

    pay: Callable[[Floats], Floats] | None
    target_pay: pd.Series
    margin: pd.Series | None
    spent: float
    pipeline: ahead.Pipeline | None
    price: Response
    discounts: Floats
    limit: float | None
    output: Floats


def facts_of(company: Company, found: Ground, year: int, *, seed: int) -> Facts:
    """Read them."""
    margin, spent = None, 0.0
    if company.has("unit_cost"):
        margin, spent = ahead.margin_and_expense(company, found)
    limits = company.settings.approval_limits
    sold = ahead.history(found)[list(found.people.index)]
    return Facts(
        pay=ahead.pay_curve(company, found.last.year, seed=seed),
        target_pay=found.people["pay"].astype(float),
        margin=margin,
        spent=spent,
        pipeline=ahead.pipeline(company, found, year),
        price=ahead.price_response(company),
        discounts=ahead.discounts(company, found),
        limit=float(limits[0]) if limits else None,
        output=sold.tail(12).mean().to_numpy(),
    )


def nodes(targets: Targets) -> pd.DataFrame:
    """One row a node: kind, depth, parent, floor, base, stretch, p_floor ..., expected, own,
    top_down."""
    table = targets.years()
    table = table[table["kpi"] == REVENUE]
    out = targets.tree.table().set_index("node")[["kind", "depth", "parent"]]
    for code in targets.tiers:
        rows = table[table["tier"] == code].set_index("node")
        out[code], out[f"p_{code}"] = rows["target"], rows["p_hit"]
        if code == "base":
            out[["expected", "own", "top_down"]] = rows[["expected", "own", "top_down"]]
    return out


def padding(targets: Targets, facts: Facts, params: Params) -> PaddingEffect | None:
    """What padding does as it grows; None without any."""
    from workbench.planning.padding import Response as Answer
    from workbench.planning.padding import padding_effect

    if not targets.prepared.padding:
        return None
    return padding_effect(
        targets.prepared,
        kpi=REVENUE,
        scales=SCALES,
        response=Answer(effort=params.effort, attrition=params.attrition),
        pay=facts.pay,
        target_pay=facts.target_pay,
    )


def money(targets: Targets, facts: Facts) -> pd.DataFrame | None:
    """Pay and profit by node; None without a pay plan or unit costs."""
    from workbench.planning.money import pay_and_profit

    if facts.pay is None or facts.margin is None:
        return None
    return pay_and_profit(
        targets,
        kpi=REVENUE,
        pay=facts.pay,
        target_pay=facts.target_pay,
        margin=facts.margin,
        expense=_expected(targets) * facts.spent,
    )


def cover(targets: Targets, facts: Facts) -> pd.DataFrame | None:
    """Pipeline that base needs and what is there; None without opportunities."""
    from workbench.planning.money import coverage

    known = facts.pipeline
    if known is None:
        return None
    rows = pd.DataFrame({"won": _expected(targets) * (1 - known.share)})
    rows["open"] = known.open.reindex(rows.index).fillna(0.0)
    table = rows.rename_axis("node").reset_index()
    return coverage(targets, kpi=REVENUE, pipeline=table, win_rate=known.win_rate)


def levers(
    targets: Targets, facts: Facts, params: Params
) -> dict[str, tuple[LeverEffect, Response | None]]:
    """Price, limit of discounts, head count, each alone on the same futures."""
    from workbench.planning.levers import discount_limit, hires, lever_effect, price

    prepared = targets.prepared
    out: dict[str, tuple[LeverEffect, Response | None]] = {}

    def tried(name: str, effects: Any, response: Response | None) -> None:
        after = targets.change(effects=effects)
        out[name] = (lever_effect(targets, after, kpi=REVENUE), response)

    def priced(change: float) -> Any:
        return price(
            prepared, change=change, response=facts.price, revenue=REVENUE, follow=params.follow
        )

    tried("price", priced(params.price_change), facts.price)
    if facts.limit is not None:
        new = max(facts.limit + params.limit_change, 0.0)
        try:
            change = discount_limit(facts.discounts, now=facts.limit, new=new)
        except NotIdentifiedError:
            change = 0.0
        if change:
            tried("discount", priced(change), facts.price)
    start = f"{str(targets.months[0])[:4]}-{params.hires_from:02d}"
    tried(
        "hires",
        hires(
            prepared,
            leaf=weakest_person(targets),
            count=float(params.hires),
            start=start,
            output=facts.output,
            ramp=params.ramp,
            kpi=REVENUE,
        ),
        None,
    )
    return out


def weakest_person(targets: Targets) -> str:
    """The person least likely to reach base."""
    rows = targets.years().query("kind == 'person' and tier == 'base' and kpi == @REVENUE")
    return str(rows.set_index("node")["p_hit"].idxmin())


def plain_reach(targets: Targets) -> float:
    """Share of people who would reach base without padding."""
    rows = targets.change(padding={}).years()
    rows = rows[(rows["kind"] == "person") & (rows["tier"] == "base") & (rows["kpi"] == REVENUE)]
    return float(rows["p_hit"].mean())


def checks(targets: Targets, found: Ground, params: Params) -> pd.DataFrame:
    """SMART, by node."""
    from workbench.planning.smart import smart

    owners = dict(found.heads)
    owners[ROOT] = next(iter(sorted(found.heads.values())), "")
    owners |= {rep: rep for rep in found.people.index}
    return smart(
        targets,
        owners=owners,
        sources={REVENUE: "order_line"},
        tables=("order_line",),
        chance=(params.achievable_low, params.achievable_high),
    )


def _expected(targets: Targets) -> pd.Series:
    rows = targets.years()
    mean = rows[(rows["tier"] == "base") & (rows["kpi"] == REVENUE)].set_index("node")["expected"]
    return mean.reindex([targets.tree.nodes[leaf] for leaf in targets.tree.leaves])
