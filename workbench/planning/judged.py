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
from workbench.planning.company_year import MIDDLE, REVENUE, ROOT, Ground
from workbench.planning.lock_texts import id_of
from workbench.planning.response import Response
from workbench.planning.rounding import kept_years
from workbench.planning.tiers import base_tier

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.levers import LeverEffect
    from workbench.planning.padding import PaddingEffect
    from workbench.planning.study_targets import Params
    from workbench.planning.targets import Targets

Floats = NDArray[np.float64]
MARGIN = "gross_margin"
#: Table that tells what was reached of a KPI.
SOURCES = {
    REVENUE: "order_line",
    "gross_margin": "order_line",
    "collections": "receipt",
    "new_customers": "order_line",
    "market_share": "market_size",
    "satisfaction": "survey_response",
}
#: Times today's padding that are judged.
SCALES = (0.5, 1.0, 1.5, 2.0)


@dataclass(frozen=True, eq=False, repr=False)
class Facts:
    """What the company's tables say beside sales.

    Attributes
    ----------
    pay : callable or None
        Pay over attainment as a multiple of pay at target.
    target_pay : pandas.Series or None
        Variable pay at target by person.
    margin : pandas.Series or None
        Gross margin rate by leaf; None without unit costs.
    spent : float
        Selling expense without variable pay, over revenue.
    pipeline : Pipeline or None
    price : Response
        Elasticity of quantity to price.
    promotion : Response
        Log uplift of quantity while a promotion runs.
    promoted : float
        Part of revenue that is promoted.
    discounts : tuple of numpy.ndarray
        Off list, a value a line of the last twelve months, and the list amounts they are off.
    limit : float or None
        Discount from which approval is needed.
    output : numpy.ndarray
        What people brought in a month of the last twelve.
    """

    pay: Callable[[Floats], Floats] | None
    target_pay: pd.Series | None
    margin: pd.Series | None
    spent: float
    pipeline: ahead.Pipeline | None
    price: Response
    promotion: Response
    promoted: float
    discounts: tuple[Floats, Floats]
    limit: float | None
    output: Floats


def facts_of(company: Company, found: Ground, year: int, *, seed: int) -> Facts:
    """Read them."""
    margin, spent = None, 0.0
    if company.has("unit_cost"):
        margin, spent = ahead.margin_and_expense(company, found)
    limits = company.settings.approval_limits
    uplift, promoted = ahead.promotion_response(company, found)
    sold = ahead.history(found)[list(found.people.index)]
    plan = ahead.pay_plan(company, found.last.year, seed=seed)
    return Facts(
        pay=None if plan is None else plan.curve,
        target_pay=None if plan is None else plan.at_target(found.people),
        margin=margin,
        spent=spent,
        pipeline=ahead.pipeline(company, found, year),
        price=ahead.price_response(company),
        promotion=uplift,
        promoted=promoted,
        discounts=ahead.discounts(company, found),
        limit=float(limits[0]) if limits else None,
        output=sold.tail(12).mean().to_numpy(),
    )


def nodes(targets: Targets) -> pd.DataFrame:
    """One row a node: kind, depth, parent, floor, base, stretch, p_floor ..., expected, own,
    top_down."""
    tree, found = targets.tree, targets.kpis[REVENUE]
    goal, base = targets.target(REVENUE), base_tier(targets.tiers)
    columns: dict[str, Floats] = {}
    for number, code in enumerate(targets.tiers):
        columns |= {code: goal[:, number], f"p_{code}": found.chance[:, number]}
    columns["expected"] = targets.expected(REVENUE)
    columns["own"] = kept_years(tree, found.years[base]).astype(np.float64) * found.unit
    columns["top_down"] = found.top_down_years[base] * found.unit
    table = tree.table().set_index("node")[["kind", "depth", "parent"]]
    return pd.concat([table, pd.DataFrame(columns, index=table.index)], axis=1)


def middle(targets: Targets) -> str:
    """Kind of what stands between regions and people: provinces, or teams where there are none."""
    return next((kind for kind in MIDDLE if kind in targets.tree.levels), MIDDLE[0])


def handed(targets: Targets) -> pd.DataFrame:
    """Sum of the base targets at each level down to the leaves, over the company's: kind, amount,
    over."""
    goal = targets.target(REVENUE)[:, base_tier(targets.tiers)]
    # accounts without an owner are leaves beside provinces and people, or beside regions
    tree = targets.tree
    levels = {
        ROOT: tree.of_kind(ROOT),
        "region": tree.of_kind("region", "open") & (tree.depth == 1),
        middle(targets): tree.of_kind(*MIDDLE, "open"),
        "person": tree.of_kind("person", "open"),
    }
    amounts = np.array([goal[level].sum() for level in levels.values()])
    return pd.DataFrame({"kind": list(levels), "amount": amounts, "over": amounts / goal[0] - 1})


def padding(targets: Targets, facts: Facts, params: Params) -> PaddingEffect | None:
    """What padding does as it grows; None without any."""
    from workbench.planning.padding import Response as Answer
    from workbench.planning.padding import padding_effect

    if not targets.prepared.padding:
        return None
    return padding_effect(
        targets.prepared.only([REVENUE]),
        kpi=REVENUE,
        scales=SCALES,
        response=Answer(effort=params.effort, attrition=params.attrition),
        kind="person",
        pay=facts.pay,
        target_pay=facts.target_pay,
    )


def money(targets: Targets, facts: Facts) -> pd.DataFrame | None:
    """Pay and profit by node; None without a pay plan or unit costs."""
    from workbench.planning.money import pay_and_profit

    if facts.pay is None or facts.target_pay is None or facts.margin is None:
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
    won = _expected(targets) * (1 - known.share)
    there = known.open.reindex(won.index).fillna(0.0).to_numpy()
    table = pd.DataFrame({"node": won.index, "won": won.to_numpy(), "open": there})
    return coverage(targets, kpi=REVENUE, pipeline=table, win_rate=known.win_rate)


@dataclass(frozen=True, eq=False, repr=False)
class Lever:
    """What a lever does, alone.

    Attributes
    ----------
    effect : LeverEffect
        On revenue and on the chance of base.
    rate : float or None
        Change of the gross margin rate, in points, where margins are known.
    profit : float or None
        Change of expected gross profit, where margins are known.
    response : Response or None
        It rests on; None of head count.
    """

    effect: LeverEffect
    rate: float | None
    profit: float | None
    response: Response | None


def first_open(found: Ground, year: int) -> int:
    """First month of a year that is not over: months that are over are as they came."""
    return found.last.month + 1 if found.last.year == year else 1


def levers(targets: Targets, facts: Facts, params: Params, *, first: int = 1) -> dict[str, Lever]:
    """Price, limit of discounts, promotion, head count, each alone on the same futures.

    They are pulled from the month `first` of the year on; a promotion before it is none.
    """
    from workbench.planning.levers import discount_limit, hires, price, promotion

    before = targets.prepared.only([REVENUE]).targets()
    prepared, year = before.prepared, str(targets.months[0])[:4]
    margin = _margin(targets, facts)
    rest = sum(_month_part(before, month) for month in range(first, 13))

    def priced(change: float) -> Any:
        return price(
            prepared,
            change=change,
            response=facts.price,
            revenue=REVENUE,
            follow=params.follow,
            start=f"{year}-{first:02d}",
        )

    def tried(effects: Any, response: Response | None, *, off: float = 0.0) -> Lever:
        return _tried(before, effects, margin, response, off=off)

    change = params.price_change
    out = {"price": tried(priced(change), facts.price, off=change * rest)}
    if facts.limit is not None:
        new = max(facts.limit + params.limit_change, 0.0)
        try:
            given, worth = facts.discounts
            change = discount_limit(given, now=facts.limit, new=new, worth=worth)
        except NotIdentifiedError:
            change = 0.0
        if change:
            out["discount"] = tried(priced(change), facts.price, off=change * rest)
    if params.promotion_month >= first:
        effects = promotion(
            prepared,
            months=[f"{year}-{params.promotion_month:02d}"],
            response=facts.promotion,
            kpi=REVENUE,
            discount=params.promotion_discount,
            follow=params.follow,
            share=facts.promoted,
        )
        part = _month_part(before, params.promotion_month) * facts.promoted
        off = -params.promotion_discount * part
        out["promotion"] = tried(effects, facts.promotion, off=off)
    effects = hires(
        prepared,
        leaf=weakest(targets, "person"),
        count=float(params.hires),
        start=f"{year}-{max(params.hires_from, first):02d}",
        output=facts.output,
        ramp=params.ramp,
        kpi=REVENUE,
    )
    out["hires"] = tried(effects, None)
    return out


def _tried(
    before: Targets,
    effects: Any,
    margin: Floats | None,
    response: Response | None,
    *,
    off: float,
) -> Lever:
    """Effects on the same draws; gross profit moves with volume at the old margin, and with price.

    `off` is the change of the price of all that is sold; cost stays as it is.
    """
    from workbench.planning.levers import lever_effect

    after = before.change(effects=effects)
    rate = profit = None
    if margin is not None:
        volume = after.draws(REVENUE, ROOT) / (1 + off)  # at the old price
        profit = float((volume * (margin + off) - before.draws(REVENUE, ROOT) * margin).mean())
        rate = float(((margin + off) / (1 + off) - margin).mean())
    return Lever(lever_effect(before, after, kpi=REVENUE), rate, profit, response)


def _margin(targets: Targets, facts: Facts) -> Floats | None:
    """Gross margin rate of the company draw by draw, or as it is; None without unit costs."""
    if MARGIN in targets.kpis:
        return targets.draws(MARGIN, ROOT)
    if facts.margin is None:
        return None
    mean = _expected(targets)
    rate = float((mean * facts.margin.reindex(mean.index)).sum() / mean.sum())
    return np.full(targets.prepared.draws.count, rate)


def _month_part(targets: Targets, month: int) -> float:
    mean = targets.prepared.grounds[REVENUE].months.mean[0]
    return float(mean[month - 1] / mean.sum())


def weakest(targets: Targets, kind: str) -> str:
    """The node of a kind that is least likely to reach base."""
    places = np.flatnonzero(targets.tree.of_kind(kind))
    chance = targets.kpis[REVENUE].chance[places, base_tier(targets.tiers)]
    return targets.tree.nodes[places[int(chance.argmin())]]


def reach(targets: Targets) -> float:
    """Share of people expected to reach base."""
    people = targets.tree.of_kind("person")
    return float(targets.kpis[REVENUE].chance[people, base_tier(targets.tiers)].mean())


def handed_over(targets: Targets, found: Ground, params: Params) -> pd.DataFrame | None:
    """Months of a leaver and of the colleagues who take over, before and after; `resplit`.

    Colleagues of the team, by their own targets; those of the region where there are none, then
    everybody. None where nobody else has a target.
    """
    from workbench.planning.pace import resplit

    tree, team = targets.tree, found.people["team"]
    people = {str(person): found.names[str(person)] for person in team.index}
    leaver = id_of(params.leaver.strip(), people, where="leaver") or weakest(targets, "person")
    at = int(tree.find([leaver], where="leaver")[0])
    goal = targets.target(REVENUE)[:, base_tier(targets.tiers)]
    ways = [[str(node) for node in team.index[team == team.get(leaver)]]]
    while at > 0:
        at = int(tree.parent[at])
        ways.append(list(tree.nodes[at : int(tree.end[at])]))
    for way in ways:
        mates = [node for node in way if node in team.index and node != leaver]
        to = {node: float(goal[tree.place[node]]) for node in mates if goal[tree.place[node]] > 0}
        if to:
            break
    else:
        return None
    first = f"{str(targets.months[0])[:4]}-{params.leaver_from:02d}"
    return resplit(targets, kpi=REVENUE, leaver=leaver, first=first, to=to)


def checks(company: Company, targets: Targets, found: Ground, params: Params) -> pd.DataFrame:
    """SMART, by node."""
    from workbench.planning.smart import smart

    owners = dict(found.heads)
    owners |= {rep: rep for rep in found.people.index}
    return smart(
        targets,
        owners=owners,
        sources=SOURCES,
        tables=[table for table in SOURCES.values() if company.has(table)],
        chance=(params.achievable_low, params.achievable_high),
    )


def _expected(targets: Targets) -> pd.Series:
    leaves = targets.tree.leaves
    names = [targets.tree.nodes[leaf] for leaf in leaves]
    return pd.Series(targets.expected(REVENUE)[leaves], index=names)
