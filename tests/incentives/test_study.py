"""The study as a whole on the sample company: numbers that agree, both languages, no names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.company import open_company
from workbench.errors import NotIdentifiedError, ParameterError
from workbench.incentives.company_plan import company_plan, smoothable, smoothed
from workbench.incentives.story import sections
from workbench.incentives.study_incentives import Params, compute
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
PLANS = Path(__file__).parents[2] / "params" / "incentives" / "plans"
LANGUAGES = [Language("en"), Language("zh")]


@pytest.fixture(scope="module")
def company() -> Any:
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def result(company: Any) -> Any:
    return compute(company, Params(draws=400))


@pytest.fixture(scope="module")
def pages(result: Any) -> dict[str, str]:
    def whole(lang: Language) -> str:
        names = [*sections(), "so_what"]
        parts = [result.page(lang), *(result.section(name, lang) for name in names)]
        return "".join(part._repr_html_() for part in parts)

    return {lang.code: whole(lang) for lang in LANGUAGES}


def test_key_figures_are_numbers_of_the_same_draws(result: Any) -> None:
    figures = result.summary()
    assert all(np.isfinite(value) for value in figures.values())
    assert figures["plan_cost_low"] < figures["plan_cost_median"] < figures["plan_cost_high"]
    assert figures["over_budget"] == np.mean(result.now.total() > result.budget)
    assert result.now.fan()["q50"].iloc[-1] == pytest.approx(figures["plan_cost_median"])


def test_the_expected_cost_is_the_same_wherever_it_stands(
    result: Any, pages: dict[str, str]
) -> None:
    figures = result.summary()
    for lang in LANGUAGES:
        cost = lang.money(figures["plan_cost"], currency="CNY")
        assert cost != lang.money(figures["plan_cost_median"], currency="CNY") or lang.code == "en"
        assert pages[lang.code].count(cost) >= 2  # the headline, and what follows


def test_months_that_are_over_cost_the_same_in_every_draw(result: Any) -> None:
    paths = result.now.to_date()
    assert result.over == 7
    assert np.ptp(paths[:, : result.over], axis=0) == pytest.approx(0, abs=1e-6)
    assert (np.ptp(paths[:, result.over :], axis=0) > 0).all()


def test_past_months_cost_what_payroll_paid(company: Any, result: Any) -> None:
    paid = company.sql(
        "select cast(sum(amount) as double) as paid from payroll where year(month_end) = 2026"
        " and component in ('performance', 'commission')"
    )["paid"].iloc[0]
    cost = result.now.to_date()[0, result.over - 1]
    assert cost == pytest.approx(paid, rel=0.05)


def test_the_default_proposal_has_no_steps_and_costs_the_same(result: Any) -> None:
    assert result.proposal.total().mean() == pytest.approx(result.today.total().mean(), rel=1e-4)
    assert result.cliffs["money"].sum() > 0
    assert result.cliffs_proposal["money"].sum() == 0
    assert not smoothable(result.proposal.people.plan)


def test_a_plan_without_steps_never_jumps(company: Any) -> None:
    plan = company_plan(company, 2026)
    assert smoothable(plan)
    smooth = smoothed(plan, scale=0.9)
    assert smooth.components["commission_hunter"].rates.slopes()[0] == (  # type: ignore[union-attr]
        plan.components["commission_hunter"].rates.slopes()[0] * 9 / 10  # type: ignore[union-attr]
    )


def test_the_pile_over_target_that_was_planted_is_seen(pages: dict[str, str]) -> None:
    over, under = map(int, re.findall(r"(\d+) years just over target, (\d+) just", pages["en"])[0])
    assert over > 1.5 * under


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_texts_are_well_set(pages: dict[str, str], lang: Language) -> None:
    check = english_faults if lang.code == "en" else half_width_faults
    faults = [fault for text in texts_of_html(pages[lang.code]) for fault in check(text)]
    assert not faults, faults[:5]


def test_nobody_is_named_unless_asked(company: Any, result: Any, pages: dict[str, str]) -> None:
    ids = set(result.today.people.ids)
    for page in pages.values():
        assert not ids & set(re.findall(r"R\d{4}", page))
    for table in result.tables().values():
        assert "rep_id" not in table.columns
    names = set(company.sql("select distinct name from rep")["name"])
    assert not [name for name in names if name in pages["zh"]]


def test_tables_columns_and_codes_have_names(result: Any) -> None:
    labels, codes = result.labels(), result.codes()
    for name, table in result.tables().items():
        assert name in labels
        for column in table.columns:
            if column in codes:
                assert set(table[column].dropna()) <= set(codes[column]) | {""}


def test_a_rate_that_rises_costs_more_and_moves_no_draw(company: Any, result: Any) -> None:
    again = compute(company, Params(draws=400, budget=1e6))
    assert np.array_equal(again.now.total(), result.now.total())
    assert again.summary()["over_budget"] == 1
    calm = compute(company, Params(draws=400, market_sd=0.0))
    assert calm.now.total().std() < result.now.total().std() * 1.02


@pytest.mark.parametrize("which", ["plan", "proposal"])
@pytest.mark.parametrize("name", ["simple", "china", "b2b", "team"])
def test_worked_plans_are_read_on_the_company(company: Any, which: str, name: str) -> None:
    path = Path(__file__).parents[2] / "params" / "incentives" / "plans" / f"{name}.yaml"
    found = compute(company, Params(draws=200, **{which: str(path)}))
    for lang in LANGUAGES:
        assert found.page(lang)._repr_html_()
        whole = [found.section(each, lang)._repr_html_() for each in [*sections(), "so_what"]]
        ours = {*found.today.people.plan.components} | {*found.proposal.people.plan.components}
        assert not {text for text in texts_of_html("".join(whole)) if text in ours}
    assert np.isfinite(found.summary()["plan_cost"])


def test_steps_on_amounts_and_matrices_are_found_where_they_are(company: Any) -> None:
    path = Path(__file__).parents[2] / "params" / "incentives" / "plans" / "b2b.yaml"
    found = compute(company, Params(draws=200, plan=str(path)))
    assert found.curves.grid.max() <= 1.81
    steps = found.cliffs.groupby("measured")["step"].unique()
    assert {0.8, 1.0, 1.2} <= set(steps["attainment"])  # of the matrix of the quarterly bonus
    assert set(steps["amount"]) == {200_000, 500_000}  # tiers that re-rate the quarter's margin
    bonus = [
        each for each in found.gaming.findings if each.kind == "cliff" and each.role == "hunter"
    ]
    assert min(abs(each.start - 0.8) for each in bonus) < 0.01
    # nothing steeper than a step is told as a kink
    assert all(each.ratio < 10 for each in found.gaming.findings if each.kind == "kink")


def test_a_plan_file_is_compared(company: Any, tmp_path: Path) -> None:
    plan = company_plan(company, 2026)
    rate = plan.components["commission_hunter"].rates.slopes()[0]  # type: ignore[union-attr]
    written = plan.with_values({"components.commission_hunter.rates.tiers.0.rate": str(rate * 2)})
    import yaml

    path = tmp_path / "double.yaml"
    text = written.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    path.write_text(yaml.safe_dump(text, allow_unicode=True), "utf-8")
    found = compute(company, Params(draws=200, proposal=str(path)))
    people = found.comparison.people
    hunters = people["role"] == "hunter"
    assert (people.loc[hunters & (people["difference"] > 1), "verdict"] == "wins").mean() > 0.9
    assert people.loc[~hunters, "difference"].abs().max() < 1e-6


def test_next_year_s_plan_is_compared_on_this_year_s_people(company: Any, tmp_path: Path) -> None:
    """The plan of 2027, with dates of its own, against today's: as if it held this year."""
    text = (PLANS / "b2b.yaml").read_text("utf-8")
    path = tmp_path / "next.yaml"
    path.write_text(text.replace("2026-", "2027-"), "utf-8")
    found = compute(company, Params(draws=200, proposal=str(path)))
    same = compute(company, Params(draws=200, proposal=str(PLANS / "b2b.yaml")))
    assert found.summary()["proposal_cost"] == same.summary()["proposal_cost"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("CNY", "USD"), "pays in USD"),
        (("starts:", "months: 6\nstarts:"), "6 months"),
        (("starts:", "payees: dealers\nstarts:"), "pays dealers"),
        (("2026-01-01", "2026-04-01"), "begins on 2026-04-01"),
    ],
)
def test_a_plan_that_cannot_be_compared_is_told(
    company: Any, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    path = tmp_path / "other.yaml"
    path.write_text((PLANS / "simple.yaml").read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(ParameterError, match=words):
        compute(company, Params(draws=200, proposal=str(path)))


def test_a_year_without_targets_and_roles_nobody_has_are_told(company: Any) -> None:
    with pytest.raises(NotIdentifiedError, match="nobody has a quota of revenue in 2027"):
        compute(company, Params(draws=200, year=2027))
    with pytest.raises(ParameterError, match="nobody has the role huntr"):
        compute(company, Params(draws=200, roles=["huntr"]))


def test_a_plan_whose_last_months_have_no_targets_yet_is_told_whole(
    company: Any, tmp_path: Path
) -> None:
    path = tmp_path / "april.yaml"
    text = (PLANS / "simple.yaml").read_text("utf-8")
    path.write_text(text.replace("2026-01-01", "2026-04-01"), "utf-8")
    found = compute(company, Params(draws=200, plan=str(path)))
    for lang in LANGUAGES:
        assert all(found.section(each, lang)._repr_html_() for each in sections())


def test_a_tier_far_out_is_found_and_a_role_without_pay_is_no_finding(
    company: Any, tmp_path: Path
) -> None:
    path = tmp_path / "far.yaml"
    text = (PLANS / "quota.yaml").read_text("utf-8")
    text = text.replace(
        "{from: 100%, rate: 2}", "{from: 100%, rate: 2}\n        - {from: 600%, rate: 3}"
    )
    text = text.replace("    measure: booked", "    roles: [hunter]\n    measure: booked")
    text = text.replace("    payroll: performance", "    roles: [hunter]\n    payroll: performance")
    path.write_text(text.replace("- {cap: {target_incentive: 200%}, over: window}", ""), "utf-8")
    found = compute(company, Params(draws=200, plan=str(path))).gaming.findings
    far = [each for each in found if each.kind == "unreachable"]
    assert [(each.role, each.start) for each in far] == [("hunter", pytest.approx(6, abs=0.01))]
    assert {each.role for each in found} == {"hunter"}
