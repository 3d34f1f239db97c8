"""The plan in force, made from a company's own table of pay plans; and variants of a plan."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import NotIdentifiedError, ParameterError
from workbench.incentives.history import COLLECTIONS, REVENUE
from workbench.pay.plan import Plan, load_plan, plan_from
from workbench.pay.words import exact_text
from workbench.text import later

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.text import Language

#: Performance pay is a monthly coefficient of base pay between these.
FACTOR_FLOOR, FACTOR_CAP = "0", "1.5"
_LABELS = {
    "base": ("Base pay", "底薪"),
    "performance": ("Performance pay", "绩效工资"),
    "commission": ("Commission", "提成"),
    "year_end": ("Year-end bonus", "年终奖"),
}


def company_plan(company: Company, year: int) -> Plan:
    """Write the rows of `pay_plan` that hold at a year's end as a plan.

    Base pay and performance pay are by the month, performance pay times the attainment of the
    quarter to date; commission is on collections at the rate of the tier that attainment of the
    year to date has reached; the year-end bonus is months of base pay by the attainment of the
    year, for those in post on its last day. Roles without quotas go by the company's attainment.

    Raises
    ------
    MissingTableError
        If there is no table pay_plan.
    NotIdentifiedError
        If no plan holds in the year.
    """
    company.require("pay_plan", "rep", "target")
    last = dt.date(year, 12, 31)
    rows = company.sql(
        "select role, component, kpi_id, tier_from, rate, tier_rule from pay_plan"
        f" where valid_from <= '{last}' and (valid_to is null or valid_to >= '{last}')"
        " order by role, component, tier_from"
    )
    if rows.empty:
        raise NotIdentifiedError(
            later("no pay plan holds in {year}", year=year),
            where="pay_plan, valid_from, valid_to",
            do=later("add the plan in force, or name a plan file (plan=)"),
        )
    own = company.sql(
        "select distinct r.role from target t join rep r on r.rep_id = t.node"
        f" where t.level = 'rep' and t.period_start <= '{last}'"
        f" and t.period_end >= '{year}-01-01' order by 1"
    )["role"]
    components: dict[str, Any] = {}
    for (role, component), part in rows.groupby(["role", "component"], sort=False):
        level = "own" if role in set(own) else "company"
        components[f"{component}_{role}"] = _component(
            company, str(role), str(component), part, level, last
        )
    return plan_from(
        {
            "plan": f"company_{year}",
            "name": {"en": f"Plan in force {year}", "zh": f"{year}年现行方案"},
            "currency": company.settings.base_currency,
            "starts": f"{year}-01-01",
            "measures": {
                REVENUE: {"events": ["invoiced"], "less": ["returned"]},
                COLLECTIONS: {"events": ["paid"]},
            },
            "indicators": _indicators(),
            "components": components,
        }
    )


def plan_in(company: Company, path: str | Path, *, lang: Language | None = None) -> Plan:
    """Read a plan file for the people of a company.

    Raises
    ------
    ParameterError
        If the file cannot be read, says what no plan can, or names a role that nobody can have.
    """
    from workbench.tables.people import ROLES

    roles = set(ROLES)
    if company.has("rep"):
        roles |= set(company.sql("select distinct role from rep order by 1")["role"].dropna())
    return load_plan(path, lang=lang, roles=roles)


def plan_for_year(company: Company, path: str | Path, year: int) -> Plan:
    """Read a plan file as if it held in a year: its dates are moved by whole years.

    So next year's plan is compared with today's on the same people and draws.

    Raises
    ------
    ParameterError
        As `plan_in`; or if the plan is one of dealers, of another currency than the company's, or
        not of twelve months.
    """
    plan = plan_in(company, path)
    currency = company.settings.base_currency
    for wrong, message in (
        (plan.payees != "people", later("the plan pays dealers, and people are asked for")),
        (
            plan.currency != currency,
            later(
                "the plan pays in {plan}, and the company counts in {own}",
                plan=plan.currency,
                own=currency,
            ),
        ),
        (
            plan.months != 12,
            later("the plan has {n} months, and a year is asked for", n=plan.months),
        ),
    ):
        if wrong:
            raise ParameterError(
                message, where=Path(path).name, do=later("name a plan for people, of a whole year")
            )
    return _moved(plan, year - plan.starts.year) if plan.starts.year != year else plan


def _moved(plan: Plan, years: int) -> Plan:
    written = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    for part in (written, *written["components"].values()):
        for name in ("starts", "valid_from", "valid_to", "in_post"):
            if part.get(name) is not None:
                day = dt.date.fromisoformat(part[name])
                leap = day.month == 2 and day.day == 29
                part[name] = day.replace(year=day.year + years, day=28 if leap else day.day)
    return plan_from(written)


def smoothed(plan: Plan, *, scale: Fraction | float = 1) -> Plan:
    """A plan without cliffs: factors by steps become lines through the same points.

    Whole-amount tables become marginal. Components changed pay `scale` times as much, so that the
    variant may cost what the plan costs.
    """
    written = plan.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    written["plan"] = f"{plan.plan}_smooth"
    written["name"] = {"en": "Without cliffs", "zh": "无台阶方案"}
    times = Fraction(scale).limit_denominator(10_000)
    for name in smoothable(plan):
        component = written["components"][name]
        for modifier in component.get("modify", []):
            if "times" in modifier and modifier["times"].get("steps"):
                modifier["times"]["kind"] = "interpolated"
        rates = component.get("rates")
        if rates is not None:
            if rates.get("kind") == "whole":
                rates["kind"] = "marginal"
            for tier in rates["tiers"]:
                tier["rate"] = exact_text(Fraction(tier["rate"]) * times)
        if component.get("pays") is not None:
            component["pays"] = {
                key: exact_text(Fraction(value) * times) for key, value in component["pays"].items()
            }
    return plan_from(written)


def smoothable(plan: Plan) -> list[str]:
    """Components that jump: factors by steps, or whole-amount tables."""
    return [
        name
        for name, each in plan.components.items()
        if (each.rates is not None and each.rates.kind == "whole")
        or any(
            m.times is not None and m.times.steps and m.times.kind == "step" for m in each.modify
        )
    ]


def _component(
    company: Company, role: str, component: str, rows: pd.DataFrame, level: str, last: dt.date
) -> dict[str, Any]:
    english, chinese = _LABELS[component]
    made: dict[str, Any] = {
        "label": {
            "en": f"{english} ({company.label('role', role, _language('en'))})",
            "zh": f"{chinese}（{company.label('role', role, _language('zh'))}）",
        },
        "payroll": component,
        "roles": [role],
    }
    rates = [Fraction(str(rate)) for rate in rows["rate"]]
    starts = [Fraction(str(start)) for start in rows["tier_from"]]
    if component == "commission":
        made |= {"measure": COLLECTIONS, "settle": "month"}
        tiers = [{"from": 0, "rate": exact_text(rates[0])}]
        made["rates"] = {"tiers": tiers}
        if len(rates) > 1:
            made["modify"] = [
                _by_steps(f"{level}_attainment_year", starts, [r / rates[0] for r in rates])
            ]
        return made
    top = max(rates)
    made["pays"] = {"base_pay": exact_text(top)}
    if component == "performance":
        times = {
            "indicator": f"{level}_attainment_quarter",
            "floor": FACTOR_FLOOR,
            "cap": FACTOR_CAP,
        }
        made["modify"] = [{"times": times}]
    if component == "year_end":
        made |= {"settle": "year", "in_post": last.isoformat()}
        made["modify"] = [_by_steps(f"{level}_attainment_year", starts, [r / top for r in rates])]
    return made


def _by_steps(indicator: str, starts: list[Fraction], factors: list[Fraction]) -> dict[str, Any]:
    steps = [
        {"from": exact_text(start), "factor": exact_text(factor)}
        for start, factor in zip(starts, factors, strict=True)
    ]
    return {"times": {"indicator": indicator, "steps": steps}}


def _indicators() -> dict[str, Any]:
    return {
        f"{level}_attainment_{over}": {
            "attainment": REVENUE,
            "over": over,
            "level": "rep" if level == "own" else "company",
            "otherwise": 0,
        }
        for over in ("quarter", "year")
        for level in ("own", "company")
    }


def _language(code: str) -> Any:
    from workbench.text import Language

    return Language(code)
