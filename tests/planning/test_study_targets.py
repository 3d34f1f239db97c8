"""The study of targets on the sample company: sums that close, parameters that act, texts."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.pages import document
from tests.support.shots import Tab
from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.kpis import kpi
from workbench.planning import company_year, judged, year_ahead
from workbench.planning.bottom_up import CAUSES
from workbench.planning.company_year import ground
from workbench.planning.story import sections
from workbench.planning.story.words import handed, wide
from workbench.planning.study_targets import Params, answer, compute, prepare
from workbench.report import SoWhat
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LANGUAGES = [Language("en"), Language("zh")]


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def result(company):
    return compute(company, Params(draws=400))


@pytest.fixture(scope="module")
def plain(company):
    none = {"padding_region": 0, "padding_middle": 0, "padding_person": 0}
    return compute(company, Params(draws=400, growth=0.1, residual="remainder", **none))


@pytest.fixture(scope="module")
def pages(result):
    def whole(lang):
        parts = [
            result.page(lang),
            *(result.section(name, lang) for name in [*sections(), "so_what"]),
        ]
        body = "".join(part._repr_html_() for part in parts)
        return f'<html lang="{lang.html}"><body>{body}</body></html>'

    return {lang.code: whole(lang) for lang in LANGUAGES}


# -- what the company's tables say --------------------------------------------------------------


def test_sales_by_leaf_are_the_kpi_of_the_dictionary(result, company):
    sales = result.ground.sales
    year = sales[sales["month"].dt.year == 2025]["value"].sum()
    told = kpi(company, "revenue_net", start="2025-01-01", end="2025-12-31").value
    assert year == pytest.approx(float(told), rel=1e-9)


def test_padding_is_read_off_the_targets_set_last():
    table = pd.DataFrame(
        [
            ("company", "c", 100.0),
            ("region", "r", 100.0),
            ("team", "t", 104.0),
            ("rep", "p", 109.2),
        ],
        columns=["level", "node", "value"],
    ).assign(tier="base", month=pd.Timestamp("2026-01-01"))
    assert company_year.padding_in(table) == {
        "region": 0.0,
        "province": 0.04,
        "team": 0.04,
        "person": 0.05,
    }
    assert company_year.padding_in(table.iloc[:0]) == {}


@pytest.mark.parametrize(
    ("day", "month"),
    [("2026-07-31", "2026-07"), ("2026-07-30", "2026-06"), ("2026-01-02", "2025-12")],
)
def test_a_month_counts_once_it_is_over(day, month):
    assert f"{company_year.last_month(pd.Timestamp(day).date()):%Y-%m}" == month


# -- targets ------------------------------------------------------------------------------------


def test_sums_are_exact_at_every_level_and_month(result):
    tree = result.targets.tree
    for code in ("revenue_net", "collections", "new_customers"):
        found = result.targets.kpis[code]
        for node in tree.inner:
            below = found.units[:, tree.children(int(node))].sum(axis=1)
            assert (found.units[:, node] == below + found.own[:, node]).all()
        assert (found.units.sum(axis=2) == found.years).all()


def test_without_padding_levels_ask_for_the_same(plain, result):
    assert handed(plain)["over"].abs().max() < 1e-12
    assert plain.padding is None
    rows = handed(result).set_index("kind")["over"]
    assert rows["person"] > rows["province"] > rows["region"] == 0
    assert result.plain_reach > result.figure("people_reach", 6)


def test_padding_is_judged_by_the_people_that_the_first_page_counts(result):
    table = result.padding.table.set_index("scale")
    assert table["reach"][0.0] == pytest.approx(result.plain_reach, abs=1e-9)
    # those who still can try harder, so that a few more reach than without an answer
    assert result.figure("people_reach", 9) <= table["reach"][1.0] < table["reach"][0.0]


def test_the_goal_grows_over_the_year_before(plain):
    base = wide(plain)["base"].iloc[0]
    assert plain.growth == 0.1
    assert base == pytest.approx(1.1 * plain.before.to_numpy().sum(), abs=10_000)


def test_causes_sum_to_the_gap(result):
    causes = result.causes
    parts = causes[list(CAUSES)].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(causes["gap"].to_numpy(), abs=1.0)


def test_the_cause_that_is_named_opens_the_gap(result):
    company = result.causes.iloc[0]
    assert company["gap"] > 0
    most = str(company[list(CAUSES)].astype(float).idxmax())
    assert CAUSES[most][0].lower() in result.section("gap", LANGUAGES[0]).reading.lower()


def test_months_that_are_over_are_known_in_the_running_year(result, company):
    row = result.standing.iloc[0]
    came = kpi(company, "revenue_net", start="2026-01-01", end="2026-07-31").value
    assert row["actual"] == pytest.approx(float(came), rel=1e-9)
    target = company_year.targets_of(company, 2026)
    regions = target[(target["level"] == "region") & (target["tier"] == "base")]
    asked = regions.groupby("node")["value"].sum()
    base = result.standing[result.standing["tier"] == "base"].set_index("node")["target"]
    assert base[asked.index].to_numpy() == pytest.approx(asked.to_numpy(), rel=0.01)


def test_profit_is_margin_less_pay_and_expense(result):
    table = result.money
    left = table["margin"] - table["pay"] - table["expense"]
    assert table["profit"].to_numpy() == pytest.approx(left.to_numpy(), rel=1e-6, abs=1.0)


def test_variable_pay_is_not_counted_twice(result, company):
    days = [pd.Timestamp("2025-08-01").date(), pd.Timestamp("2026-07-31").date()]
    query = "select expense_type = 'pay' as pay, sum(amount) as v from expense"
    rows = company.sql(f"{query} where expense_date between ? and ? group by 1", days)
    spent = rows.astype({"v": float}).set_index("pay")["v"]
    fixed = year_ahead.fixed_part(company, *days)
    assert 0.5 < fixed < 0.75
    sold = year_ahead.history(result.ground).tail(12).to_numpy().sum()
    part = (spent[False] + fixed * spent[True]) / sold
    assert result.made.facts.spent == pytest.approx(part, rel=1e-9)


def test_pay_at_target_is_the_variable_part_as_the_plan_pays_it(result, company):
    rows = company.sql("select * from rep where valid_to is null", money="float")
    rows = rows.set_index("rep_id").reindex(result.ground.people.index)
    variable = rows["target_pay"] - 12 * rows["base_pay"]
    assert result.ground.people["pay"].to_numpy() == pytest.approx(variable.to_numpy())
    at_target = result.made.facts.target_pay
    times = (at_target / variable).groupby(result.ground.people["role"])
    assert times.max().to_numpy() == pytest.approx(times.min().to_numpy())
    plan = year_ahead.pay_plan(company, 2026, seed=7)
    new = pd.DataFrame({"pay": [40_000.0, 40_000.0], "role": ["hunter", "director"]})
    assert plan.at_target(new)[0] == pytest.approx(40_000 * times.mean()["hunter"])
    assert plan.at_target(new)[1] == pytest.approx(40_000 * times.mean().mean())
    assert plan.curve(np.array([[1.0]])) == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_numbers(company, result):
    again = compute(company, Params(draws=400))
    assert again.summary() == result.summary()


def test_what_is_prepared_answers_as_the_whole_does(company, result):
    """Whatever is not in SLOW may move on what was prepared, and gives the numbers of `compute`."""
    made = prepare(company, Params(draws=400, growth=0.2, padding_person=0.0, unit="1000"))
    again = answer(made, result.params)
    assert again.summary() == result.summary()
    for name, table in result.tables().items():
        pd.testing.assert_frame_equal(again.tables()[name], table)


def test_a_person_stands_under_the_province_of_most_sales(result, company):
    tree = result.targets.tree
    kinds = dict(zip(tree.nodes, tree.kinds, strict=True))
    assert list(tree.levels) == ["company", "region", "province", "open", "person"]
    sold = kpi(company, "revenue_net", start="2024-08-01", end="2026-07-31", by=("account_id",))
    places = company.sql("select account_id, owner_id as rep, geo_code from account")
    rows = sold.table().merge(places, on="account_id").dropna(subset=["rep", "geo_code"])
    rows["province"] = rows["geo_code"].str[:2] + "0000"
    sums = rows.groupby(["rep", "province"])["value"].sum().reset_index().sort_values("value")
    main = sums.drop_duplicates("rep", keep="last").set_index("rep")["province"]
    for rep, node in result.ground.people["above"].items():
        assert kinds[rep] == "person"
        assert node.partition(":")[2] == main[rep]
        assert node.partition(":")[0] == result.ground.people["region"][rep]


def test_teams_stand_between_where_that_is_asked_for(company):
    found = ground(company, middle="team")
    assert "team" in found.tree.levels
    assert "province" not in found.tree.levels
    assert (found.people["above"] == found.people["team"]).all()


@pytest.mark.parametrize("year", [2025, 2030])
def test_a_year_that_is_over_or_far_is_refused(company, year):
    with pytest.raises(ParameterError, match=str(year)):
        compute(company, Params(year=year, draws=200))


# -- report -------------------------------------------------------------------------------------


def test_figures_of_several_kpis_say_their_unit(result):
    years = result.tables()["target_years"]
    units = years.groupby("kpi")["unit"].first().to_dict()
    assert units == {
        "revenue_net": "CNY",
        "collections": "CNY",
        "gross_margin": "share",
        "new_customers": "customers",
    }
    # money alone has the currency in its heading
    assert "money" not in result.labels()["target"]
    assert "p_start" not in result.tables()["pace_by_node"]


def test_figures_are_numbers(result):
    assert all(np.isfinite(value) for value in result.summary().values())
    assert {"base_target", "chance_base", "coverage", "pay", "pace_to_date"} <= set(
        result.summary()
    )


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_texts_are_set_right(pages, lang):
    texts = list(texts_of_html(pages[lang.code]))
    assert [fault for text in texts for fault in half_width_faults(text, code=lang.code)] == []
    assert not re.search(r"\bnan\b|NaT", pages[lang.code])


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_the_first_page_fits_a_screen(result, lang, chromium):
    with Tab.opened(chromium) as tab:
        tab.show(document(result.page(lang)), width=1440, height=900)
        assert tab.ask("document.querySelector('.page').getBoundingClientRect().bottom") <= 900


def test_the_chinese_report_has_no_english(pages):
    texts = list(texts_of_html(pages["zh"]))
    assert [f for text in texts for f in english_faults(text, allowed=("SMART",))] == []


def test_what_is_recorded_has_a_name_in_both_languages(result):
    labels = result.labels()
    assert set(result.summary()) <= set(labels)
    assert set(result.tables()) <= set(labels)
    codes = result.codes()
    for name, table in result.tables().items():
        assert set(table.columns) <= set(labels) | {"month"}, name
        for column in set(table.columns) & set(codes) - {"node"}:
            told = set(table[column].dropna().astype(str)) - {""}
            assert told <= set(codes[column]) | set(result.ground.names), (name, column)
    assert isinstance(result.section("so_what", LANGUAGES[0]), SoWhat)
    with pytest.raises(ParameterError, match="nowhere"):
        result.section("nowhere", LANGUAGES[0])


# -- what a move costs --------------------------------------------------------------------------


def test_a_move_splits_only_the_months_that_the_first_page_shows(company, result, monkeypatch):
    from workbench.planners.layouts.targets import LAYOUT
    from workbench.planning import working

    split = []
    whole = working.round_months
    monkeypatch.setattr(working, "round_months", lambda *args: split.append(1) or whole(*args))
    moved = answer(result.made, result.params.model_copy(update={"growth": 0.15}))
    shown = LAYOUT.shown(moved, LANGUAGES[0], "")
    assert len(shown.blocks) == 4 and len(shown.figures) == 6
    assert len(split) == 1  # base of revenue
    assert moved.targets.kpis["revenue_net"].units[0].sum() and len(split) == 3


def test_padding_takes_what_is_worked_out_already(result, monkeypatch):
    from workbench.planning import targets as room

    done = []
    whole = room.of_kpi
    monkeypatch.setattr(room, "of_kpi", lambda *args: done.append(1) or whole(*args))
    moved = answer(result.made, result.params.model_copy(update={"growth": 0.16}))
    done.clear()
    effect = moved.padding
    assert len(done) == len(effect.table) - 1  # today's stands already
    anew = moved.targets.prepared.only(["revenue_net"]).change(padding={})
    assert (effect.plain.kpis["revenue_net"].years == anew.kpis["revenue_net"].years).all()
    row = effect.table.set_index("scale").loc[1.0]
    assert row["handed"] == pytest.approx(float(moved.handed["over"].iloc[-1]))
    assert moved.plain_reach == judged.reach(anew)


def test_bars_over_the_target_are_the_people_who_reach_it(result):
    from workbench.planning.story import blocks

    chart = blocks.attained(result, LANGUAGES[0])
    met = int(re.match(r"\d+", chart.title).group())
    people = int(result.targets.tree.of_kind("person").sum())
    assert met == round(judged.reach(result.targets) * people)
    counts = chart.data["count"]
    assert counts[chart.data["highlight"]].sum() == met and counts.sum() == people
