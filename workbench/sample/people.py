"""People: shared credit, the pay plan in force, what it paid, courses taken.

Pay follows from the plan: base pay, performance pay by the attainment of the last three months
(factor 0 to 1.5), commission on collections at a rate that rises with attainment to date, and
months of base pay at the year's end for those still in post. Surveys: `surveys.py`; selling
expense: `expenses.py`. Pay is before tax; attainment is of revenue without VAT.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.sample import effort, expenses, plan_grid, plans, surveys
from workbench.sample.expenses import ExpenseTruth
from workbench.sample.parameters import planted
from workbench.sample.plan_grid import FIRST_YEAR, MONTHS, YEARS, years_of
from workbench.sample.surveys import SurveyTruth
from workbench.sample.world import AS_OF, Frame, World

Floats = NDArray[np.float64]

EFFECTS: dict[str, tuple[str, str]] = {
    "splits": ("Some contracts are credited to two reps", "部分合同业绩由两人拆分"),
    "overlay": ("Pre-sales get overlay credit", "售前人员双算业绩"),
    "accelerator": ("Commission rates rise above quota", "超额后提成费率上升"),
    **surveys.EFFECTS,
}
SELLING = ("hunter", "farmer", "key_account", "channel")
ROLES = (*SELLING, "presales", "manager", "director")


@dataclass(frozen=True)
class PeopleTruth:
    """Planted parameters of credit, pay and courses."""

    split_share: float = planted(0.13, "share of contracts", "credited to two reps")
    overlay_share: float = planted(0.22, "share of equipment contracts", "with overlay credit")
    performance: float = planted(0.35, "share of variable pay", "performance pay at 100%")
    commission: float = planted(0.45, "share of variable pay", "commission at 100%")
    year_end: float = planted(0.20, "share of variable pay", "year-end bonus at 100%")
    factor_cap: float = planted(1.5, "ratio", "highest factor of performance pay")
    tiers: tuple[float, ...] = planted(
        (0.0, 0.5, 0.8, 1.0), "attainment", "from which commission rates hold"
    )
    tier_rates: tuple[float, ...] = planted(
        (0.5, 0.8, 1.0, 1.6), "ratio", "commission rate of the tiers against the role's"
    )
    bonus_tiers: tuple[float, ...] = planted(
        (0.0, 0.6, 0.8, 1.0), "attainment", "from which the year-end bonus holds"
    )
    bonus_rates: tuple[float, ...] = planted(
        (0.0, 0.6, 1.0, 1.5), "ratio", "year-end bonus of the tiers against that at 100%"
    )
    score_mean: float = planted(78.0, "points", "mean score of a course")
    score_skill: float = planted(8.0, "points per unit of log skill", "skill shows in scores")
    survey: SurveyTruth = field(default_factory=SurveyTruth)
    expense: ExpenseTruth = field(default_factory=ExpenseTruth)


TRUTH = PeopleTruth()


def per_part(world: World) -> None:
    """Credit splits and customer surveys of a part; the staff answers with the first one."""
    contracts = world.tables.get("contract")
    if contracts is not None:
        world.add("credit_split", credit_splits(world, contracts))
    world.add("survey_response", surveys.customers(world, truth=TRUTH.survey))
    if world.part == 0:
        surveys.add_staff(world, truth=TRUTH.survey)


def per_company(frame: Frame, world: World) -> None:
    """Pay plan, payroll, courses, expense, exchange rates."""
    plan = pay_plan(frame)
    paid = payroll(frame, plan)
    frame.add("pay_plan", plan)
    frame.add("payroll", paid)
    frame.add("training", training(frame))
    frame.add("expense", expenses.expense_table(frame, paid, truth=TRUTH.expense))
    frame.add("exchange_rate", expenses.exchange_rates(frame))


def credit_splits(
    world: World, contracts: pd.DataFrame, *, truth: PeopleTruth = TRUTH
) -> pd.DataFrame:
    """Who is credited for contracts of deals: splits sum to 100%, overlay is apart."""
    frame, rng = world.frame, world.rng("people/splits")
    drawn, over, half, pick = rng.random((4, len(contracts)))
    sold = (contracts["contract_type"] != "reversal") & (contracts["opportunity_id"] >= 0)
    sold &= (contracts["rep_id"] >= 0) & (contracts["signed_date"] <= pd.Timestamp(AS_OF))
    rows = contracts[sold].reset_index(drop=True)
    drawn, over, half, pick = (each[sold.to_numpy()] for each in (drawn, over, half, pick))
    day = frame.calendar.index(rows["signed_date"].to_numpy().astype("M8[D]"))
    other = _colleague(frame, rows, day, pick, SELLING)
    helper = _colleague(frame, rows, day, pick, ("presales",))
    mine = rows["rep_id"].to_numpy()
    shared = (drawn < truth.split_share) & (other != mine) & (other >= 0) & world.on("splits")
    overlaid = (over < truth.overlay_share) & (rows["product_line"] == "equipment").to_numpy()
    overlaid &= (helper >= 0) & (helper != mine) & world.on("overlay")
    share = np.where(half < 0.5, 0.7, 0.6)
    parts = [
        _split(rows, mine, "split", np.where(shared, share, 1.0), np.ones(len(rows), bool)),
        _split(rows, other, "split", np.round(1 - share, 2), shared),
        _split(rows, helper, "overlay", np.full(len(rows), 0.5), overlaid),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values(
        ["contract_id", "split_type", "rep_id"], kind="stable", ignore_index=True
    )


def pay_plan(frame: Frame, *, truth: PeopleTruth = TRUTH) -> pd.DataFrame:
    """The plan in force by role: months of base pay, or share of collections.

    Commission rates are set so that a rep whose accounts pay what they usually do, at 100%,
    earns the planned part of variable pay.
    """
    rows: list[dict[str, object]] = []
    rates = commission_rates(frame, truth)
    for role in ROLES:
        months = _variable_months(frame, role)
        rows.append(_plan_row(role, "base", "attainment", 0.0, 1.0, "whole"))
        share = truth.performance if role in SELLING else truth.performance + truth.commission
        rows.append(_plan_row(role, "performance", "attainment", 0.0, months * share / 12, "whole"))
        tiers = zip(truth.bonus_tiers, truth.bonus_rates, strict=True)
        rows += [
            _plan_row(
                role, "year_end", "attainment", start, months * truth.year_end * rate, "whole"
            )
            for start, rate in tiers
        ]
        if role in SELLING:
            rows += [
                _plan_row(role, "commission", "collections", start, rates[role] * rate, "whole")
                for start, rate in zip(truth.tiers, _tier_rates(frame, truth), strict=True)
            ]
    return _with_new_plans(pd.DataFrame(rows))


def commission_rates(frame: Frame, truth: PeopleTruth) -> dict[str, float]:
    """Commission rate by role at 100%: planned commission over usual collections."""
    collected = _rep_months(frame, "rep_collections").sum(axis=1)
    years = _posted(frame).sum(axis=1) / 12
    role = frame.reps["role"].to_numpy()
    rates = {}
    for each in SELLING:
        rows = role == each
        usual = collected[rows].sum() / max(years[rows].sum(), 0.1)
        pay = (
            frame.reps["target_pay"].to_numpy()[rows] - 12 * frame.reps["base_pay"].to_numpy()[rows]
        )
        planned = truth.commission * float(pay.mean()) if rows.any() else 0.0
        rates[each] = round(planned / usual, 5) if usual > 0 else 0.0
    return rates


def payroll(frame: Frame, plan: pd.DataFrame, *, truth: PeopleTruth = TRUTH) -> pd.DataFrame:
    """Pay by rep, month and component up to the end of the data."""
    posted = _posted(frame)
    base = frame.reps["base_pay"].to_numpy()[:, None]
    recent, to_date, of_year = attainments(frame)
    months = np.array([_variable_months(frame, role) for role in frame.reps["role"]])[:, None]
    selling = frame.reps["role"].isin(SELLING).to_numpy()[:, None]
    share = np.where(selling, truth.performance, truth.performance + truth.commission)
    factor = np.clip(recent, 0, truth.factor_cap)
    rate = np.array([_commission(plan, role) for role in frame.reps["role"]])
    tier = np.searchsorted(truth.tiers, to_date, side="right") - 1
    commission = np.take_along_axis(rate, np.clip(tier, 0, 3), axis=1)
    roles = frame.reps["role"].to_numpy(object)
    commission = commission * effort.rate_factor(roles, MONTHS, truth=plans.TRUTH.effort)
    commission = commission * _rep_months(frame, "rep_collections") * (posted > 0)
    parts = {
        "base": base * posted,
        "performance": base * posted * months * share / 12 * factor,
        "commission": np.maximum(commission, 0),
        "year_end": _year_end(frame, posted, of_year, base * months, truth),
    }
    rows = [_pay_rows(values, component) for component, values in parts.items()]
    table = pd.concat(rows, ignore_index=True)
    keys = ["rep_id", "month_end", "component"]
    return table.sort_values(keys, kind="stable", ignore_index=True)


def attainments(frame: Frame) -> tuple[Floats, Floats, Floats]:
    """Attainment of reps by month: of the last three months, of the year to date, of the year.

    People without a quota of their own take the company's.
    """
    actual = _rep_months(frame, "rep_revenue")
    quota = plan_grid.quota_by_month(frame)
    own = frame.reps["quota"].to_numpy()
    actual[~own], quota[~own] = actual[own].sum(axis=0), quota[own].sum(axis=0)
    year = years_of(MONTHS) - FIRST_YEAR
    recent = _ratio(_rolling(actual, 3), _rolling(quota, 3))
    done, asked = np.zeros_like(actual), np.zeros_like(quota)
    whole = np.zeros((len(actual), len(YEARS)))
    for place in range(len(YEARS)):
        here = year == place
        done[:, here] = actual[:, here].cumsum(axis=1)
        asked[:, here] = quota[:, here].cumsum(axis=1)
        whole[:, place] = _ratio(actual[:, here].sum(axis=1), quota[:, here].sum(axis=1))
    return recent, _ratio(done, asked), whole


def training(frame: Frame, *, truth: PeopleTruth = TRUTH) -> pd.DataFrame:
    """Courses taken up to the end of the data, with scores that show skill."""
    taken = frame.trainings[frame.trainings["day"] <= frame.calendar.as_of].reset_index(drop=True)
    skill = frame.reps["skill"].to_numpy()[taken["rep_id"]]
    noise = frame.rng("people/scores").normal(0, 7, len(taken))
    score = np.clip(np.round(truth.score_mean + truth.score_skill * skill + noise), 30, 100)
    return taken.assign(training_id=np.arange(len(taken)), score=score)[
        ["training_id", "rep_id", "course", "training_date", "hours", "score"]
    ]


def _with_new_plans(old: pd.DataFrame) -> pd.DataFrame:
    """The plans by validity: roles whose commission was raised have a second one."""
    told = plans.TRUTH.effort
    start = old["role"].map(told.raised_from).astype("datetime64[s]")
    later = old[start.notna()].copy()
    commission = later["component"] == "commission"
    later["rate"] = (later["rate"] * np.where(commission, told.raised, 1.0)).round(6)
    first = np.datetime64("2021-01-01", "s")
    old = old.assign(valid_from=first, valid_to=start - pd.Timedelta(days=1))
    none = pd.Series(pd.NaT, index=later.index, dtype="datetime64[s]")
    later = later.assign(valid_from=start[start.notna()], valid_to=none)
    code = {role: number for number, role in enumerate(ROLES)}
    old["plan_id"] = old["role"].map(code)
    later["plan_id"] = len(ROLES) + later["role"].map(code)
    return pd.concat([old, later], ignore_index=True)


def _colleague(
    frame: Frame, rows: pd.DataFrame, day: NDArray[np.int64], pick: Floats, roles: tuple[str, ...]
) -> NDArray[np.int64]:
    """Somebody of given roles in the contract's region on the day; -1 for none."""
    out = np.full(len(rows), -1)
    for region in rows["region"].unique():
        here = (rows["region"] == region).to_numpy()
        seats = np.flatnonzero(
            (frame.seats["region"] == region)
            & frame.seats["role"].isin(roles)
            & (frame.seats["group"] != "online")
        )
        if len(seats):
            seat = seats[(pick[here] * len(seats)).astype(int)]
            out[here] = frame.seat_rep[seat, day[here]]
    return out


def _split(
    rows: pd.DataFrame,
    rep: NDArray[np.int64],
    kind: str,
    share: Floats,
    chosen: NDArray[np.bool_],
) -> pd.DataFrame:
    none = np.full(int(chosen.sum()), np.datetime64("NaT", "s"))
    return pd.DataFrame(
        {
            "contract_id": rows["contract_id"].to_numpy()[chosen],
            "rep_id": rep[chosen],
            "split_type": kind,
            "share": share[chosen],
            "valid_from": rows["signed_date"].to_numpy()[chosen],
            "valid_to": none,
        }
    )


def _variable_months(frame: Frame, role: str) -> float:
    """Variable pay of a role at 100%, in months of base pay."""
    mine = frame.reps[frame.reps["role"] == role]
    if mine.empty:
        return 0.0
    return round(float((mine["target_pay"] / mine["base_pay"]).mean()) - 12, 2)


def _tier_rates(frame: Frame, truth: PeopleTruth) -> tuple[float, ...]:
    return truth.tier_rates if frame.on("accelerator") else (1.0,) * len(truth.tier_rates)


def _plan_row(
    role: str, component: str, kpi: str, start: float, rate: float, rule: str
) -> dict[str, object]:
    return {
        "role": role,
        "component": component,
        "kpi_id": kpi,
        "tier_from": start,
        "rate": round(rate, 6),
        "tier_rule": rule,
    }


def _commission(plan: pd.DataFrame, role: str) -> Floats:
    """Commission rates of a role's first plan by tier; zeros for roles without."""
    rows = plan[(plan["role"] == role) & (plan["component"] == "commission")]
    rows = rows[rows["valid_from"] == rows["valid_from"].min()]
    return rows["rate"].to_numpy() if len(rows) else np.zeros(4)


def _year_end(
    frame: Frame, posted: Floats, of_year: Floats, variable: Floats, truth: PeopleTruth
) -> Floats:
    """Bonus of a year, paid in January to those in post at its end."""
    out = np.zeros_like(posted)
    year = years_of(MONTHS) - FIRST_YEAR
    tier = np.searchsorted(truth.bonus_tiers, of_year, side="right") - 1
    level = np.asarray(truth.bonus_rates)[np.clip(tier, 0, 3)]
    for place in range(1, len(YEARS)):
        january = int(np.flatnonzero(year == place)[0])
        share = posted[:, year == place - 1].sum(axis=1) / 12
        due = variable[:, 0] * truth.year_end * level[:, place - 1] * share
        out[:, january] = np.where(posted[:, january] >= 1, due, 0.0)
    return out


def _pay_rows(values: Floats, component: str) -> pd.DataFrame:
    ends = ((MONTHS + 1).astype("M8[D]") - 1).astype("M8[s]")
    rep, month = np.nonzero(np.round(values, 2) > 0)
    rows = pd.DataFrame(
        {
            "rep_id": rep,
            "month_end": ends[month],
            "component": component,
            "amount": np.round(values[rep, month], 2),
            "currency": "CNY",
        }
    )
    return rows[rows["month_end"] <= pd.Timestamp(AS_OF)]


def _posted(frame: Frame) -> Floats:
    return plan_grid.posted_months(frame)


def _rep_months(frame: Frame, name: str) -> Floats:
    """A total by rep and month as a matrix."""
    out = np.zeros((len(frame.reps), len(MONTHS)))
    table = frame.totals[name]
    out[table["rep_id"], table["month"]] = table["amount"]
    return out


def _rolling(values: Floats, window: int) -> Floats:
    sums = np.cumsum(np.pad(values, ((0, 0), (window, 0))), axis=1)
    return sums[:, window:] - sums[:, :-window]


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1e-9), 0.0)
