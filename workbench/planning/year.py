"""All answers of the study of targets: from a company and what is wanted to what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.errors import NotIdentifiedError, ParameterError
from workbench.planning import year_ahead as ahead
from workbench.planning.company_year import (
    REVENUE,
    ROOT,
    Ground,
    entries_of,
    ground,
    padding_in,
    targets_of,
)
from workbench.planning.prepared import Rules
from workbench.planning.targets import Targets, set_targets
from workbench.planning.tiers import Goal

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.planning.study_targets import Params

#: Growth asked for where no target of the running year tells one.
GROWTH = 0.05
#: Points by which the lever of discounts moves the limit without approval.
TIGHTER = 0.02
FURTHEST = 24


def answers(company: Company, params: Params) -> dict[str, Any]:
    """Attributes of `TargetStudy` by name."""
    found = ground(company)
    year = params.year or company.data_as_of.year + 1
    now = found.last.year
    months = (year - now) * 12 + 12 - found.last.month
    if not 0 < months <= FURTHEST:
        raise ParameterError(
            f"the year {year} is over or further than {FURTHEST} months ahead",
            where=f"year={year}, data up to {found.last:%Y-%m}",
            do="choose the running year or the next",
        )
    near = ahead.forecast_leaves(found, months=months, draws=params.draws, seed=params.seed)
    cube = near.year(found, year)
    before = _before(found, near, year)
    asked = targets_of(company, now)
    growth = _growth(params, asked, found, now)
    padding = padding_in(asked) | _wanted(params)
    promised = ahead.promises(*entries_of(company), cube, near)
    targets = set_targets(
        cube,
        found.tree,
        Goal(
            REVENUE,
            growth=growth,
            last=float(before.to_numpy().sum()),
            steps={"floor": params.floor, "base": 1.0, "stretch": params.stretch},
            unit=float(params.unit),
        ),
        padding=padding,
        rules=Rules(residual=params.residual),  # type: ignore[arg-type]
        bottom_up=promised,
    )
    return {
        "year": year,
        "ground": found,
        "targets": targets,
        "growth": growth,
        "before": before,
        "promised": promised,
        "causes": _causes(targets, promised),
        **_judged(company, params, found, targets, now),
        **_covered(company, found, targets, year),
        "levers": _levers(company, params, found, targets),
        "checks": _checks(company, params, found, targets),
        **_running(company, found, near, asked, now, padding_in(asked), params),
    }


def _wanted(params: Params) -> dict[str, float]:
    told = {
        "region": params.padding_region,
        "team": params.padding_team,
        "person": params.padding_person,
    }
    return {kind: part for kind, part in told.items() if part is not None}


def _before(found: Ground, near: ahead.Ahead, year: int) -> pd.DataFrame:
    """The year before by leaf and month; months to come as the forecast expects."""
    months = pd.date_range(f"{year - 1}-01-01", periods=12, freq="MS")
    mean = pd.DataFrame(near.values.mean(axis=0), index=near.months, columns=near.leaves)
    known = ahead.history(found).reindex(columns=near.leaves)
    whole = pd.concat([known, mean.loc[mean.index > found.last]])
    return whole.reindex(months).fillna(0.0).T


def _growth(params: Params, asked: pd.DataFrame, found: Ground, now: int) -> float:
    """Growth wanted: as told, else what the running year's target asked over the year before."""
    if params.growth is not None:
        return params.growth
    goal = asked[(asked["level"] == "company") & (asked["tier"] == "base")]["value"].sum()
    sold = ahead.history(found)
    last = float(sold[pd.DatetimeIndex(sold.index).year == now - 1].to_numpy().sum())
    return round(float(goal) / last - 1, 3) if goal > 0 and last > 0 else GROWTH


def _causes(targets: Targets, promised: pd.DataFrame | None) -> pd.DataFrame | None:
    from workbench.planning.bottom_up import gap_causes

    if promised is None:
        return None
    return gap_causes(targets, kpi=REVENUE, submitted=promised.set_index("node")["submitted"])


def _judged(
    company: Company, params: Params, found: Ground, targets: Targets, now: int
) -> dict[str, Any]:
    """What padding does, and pay and profit."""
    from workbench.planning.money import pay_and_profit
    from workbench.planning.padding import Response, padding_effect

    pay = ahead.pay_curve(company, now, seed=params.seed)
    target_pay = found.people["pay"].astype(float)
    effect = None
    if targets.prepared.padding:
        effect = padding_effect(
            targets.prepared,
            kpi=REVENUE,
            scales=(0.5, 1.0, 1.5, 2.0),
            response=Response(effort=params.effort, attrition=params.attrition),
            pay=pay,
            target_pay=target_pay,
        )
    money = None
    if pay is not None and company.has("unit_cost"):
        margin, spent = ahead.margin_and_expense(company, found)
        tree = targets.tree
        mean = targets.years()
        expected = mean[mean["tier"] == "base"].set_index("node")["expected"]
        leaves = [tree.nodes[leaf] for leaf in tree.leaves]
        money = pay_and_profit(
            targets,
            kpi=REVENUE,
            pay=pay,
            target_pay=target_pay,
            margin=margin,
            expense=expected.reindex(leaves) * spent,
        )
    plain = targets.change(padding={}).years().query("kind == 'person' and tier == 'base'")
    return {"plain_reach": float(plain["p_hit"].mean()), "padding": effect, "money": money}


def _covered(company: Company, found: Ground, targets: Targets, year: int) -> dict[str, Any]:
    from workbench.planning.money import coverage

    mean = targets.years()
    expected = mean[mean["tier"] == "base"].set_index("node")["expected"]
    leaves = [targets.tree.nodes[leaf] for leaf in targets.tree.leaves]
    known = ahead.pipeline(company, found, year, expected.reindex(leaves))
    if known is None:
        return {"cover": None, "win_rate": float("nan"), "deal_share": float("nan")}
    rows, rate, share = known
    table = coverage(targets, kpi=REVENUE, pipeline=rows, win_rate=rate)
    return {"cover": table, "win_rate": rate, "deal_share": share}


def _levers(company: Company, params: Params, found: Ground, targets: Targets) -> dict[str, Any]:
    """Price, limit of discounts, head count, each alone on the same futures."""
    from workbench.planning.levers import hires, lever_effect, price
    from workbench.planning.response import discount_limit

    answer = ahead.price_response(company)
    prepared, out = targets.prepared, {}

    def tried(name: str, effects: Any, response: Any) -> None:
        after = targets.change(effects=effects)
        out[name] = (lever_effect(targets, after, kpi=REVENUE), response)

    def priced(change: float) -> Any:
        return price(
            prepared, change=change, response=answer, revenue=REVENUE, follow=params.follow
        )

    tried("price", priced(params.price_change), answer)
    limits = company.settings.approval_limits
    if limits:
        given = company.sql(
            "select cast(1 - net_price / list_price as double) as off from order_line"
            " where list_price > 0 and net_price <= list_price and order_date > ? order by all",
            [(found.last - pd.DateOffset(months=11)).date()],
        )["off"]
        now = float(limits[0])
        try:
            change = discount_limit(given, now=now, new=max(now - TIGHTER, 0.0))
        except NotIdentifiedError:
            change = 0.0
        if change:
            tried("discount", priced(change), answer)
    people = list(found.people.index)
    output = ahead.history(found)[people].tail(12).mean()
    start = f"{str(targets.months[0])[:4]}-04"
    weakest = targets.years().query("kind == 'person' and tier == 'base'").set_index("node")
    leaf = str(weakest["p_hit"].idxmin())
    tried(
        "hires",
        hires(
            prepared,
            leaf=leaf,
            count=float(params.hires),
            start=start,
            output=output.to_numpy(),
            kpi=REVENUE,
        ),
        None,
    )
    return out


def _checks(company: Company, params: Params, found: Ground, targets: Targets) -> pd.DataFrame:
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


def _running(
    company: Company,
    found: Ground,
    near: ahead.Ahead,
    asked: pd.DataFrame,
    now: int,
    padding: dict[str, float],
    params: Params,
) -> dict[str, Any]:
    """Pace of the running year against the company's own targets."""
    from workbench.planning.pace import deals_needed, pace

    goals = asked[asked["level"] == "company"].groupby("tier")["value"].sum()
    tiers = ("floor", "base", "stretch")
    if found.last.month == 12 or not set(tiers) <= set(goals.index):
        return {"standing": None, "deals": None}
    cube = near.year(found, now)
    leaves = list(cube["node"].values)
    reps = asked[(asked["level"] == "rep") & (asked["tier"] == "base")]
    wide = reps.assign(month=reps["month"].dt.strftime("%Y-%m")).pivot_table(
        index="node", columns="month", values="value", aggfunc="sum"
    )
    expected = pd.DataFrame(
        cube.mean("draw").to_numpy().T, index=leaves, columns=list(cube["period"].values)
    )
    basis = wide.reindex(index=leaves, columns=expected.columns)
    basis = basis.where(basis.notna(), expected.clip(lower=0)).fillna(0.0)
    basis = _as_regions(basis, asked, ahead.regions(found))
    targets = set_targets(
        cube,
        found.tree,
        Goal(REVENUE, value={code: float(goals[code]) for code in tiers}, unit=float(params.unit)),
        padding=padding,
        basis={REVENUE: basis},
    )
    came = found.sales[found.sales["month"].dt.year == now]
    end = (found.last + pd.offsets.MonthEnd(0)).date()
    standing = pace(targets, came[["node", "value"]], kpi=REVENUE, on=end)
    return {"standing": standing, "deals": _deals(company, standing, deals_needed)}


def _as_regions(basis: pd.DataFrame, asked: pd.DataFrame, region: dict[str, str]) -> pd.DataFrame:
    """Weights of leaves scaled so that each region has the share it was set."""
    rows = asked[(asked["level"] == "region") & (asked["tier"] == "base")]
    goal = rows.groupby("node")["value"].sum()
    of = pd.Series([region[str(leaf)] for leaf in basis.index], index=basis.index)
    if goal.empty or not set(of) <= set(goal.index):
        return basis
    sums = basis.sum(axis=1).groupby(of).sum()
    factor = (goal / sums.where(sums > 0)).fillna(1.0)
    return basis.mul(of.map(factor), axis=0)


def _deals(company: Company, standing: pd.DataFrame, needed: Any) -> pd.DataFrame | None:
    if not company.has("opportunity"):
        return None
    size = company.sql(
        "select median(cast(net_amount(amount, tax_basis, tax_rate) as double)) as size"
        " from opportunity where status = 'won'"
    )["size"].iloc[0]
    return needed(standing, float(size)) if size and size > 0 else None
