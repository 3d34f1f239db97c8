"""KPIs beside revenue on the sample company: they are the dictionary's, join its draws, add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from workbench.company import open_company
from workbench.errors import InfeasibleError, InputError, MissingTableError, ParameterError
from workbench.kpis import kpi
from workbench.planning.company_year import ground
from workbench.planning.lock_texts import read_locks
from workbench.planning.measures import measured
from workbench.planning.measures.collections import LAGS, _lagged, _parts
from workbench.planning.measures.measured import by_leaf, by_month, shrunk
from workbench.planning.study_targets import Params, answer, compute, prepare
from workbench.planning.year_ahead import Ahead, forecast_leaves, history
from workbench.text import Language

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
ALL = Params(draws=400, weight_share=0.1, weight_satisfaction=0.1)


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def made(company):
    return prepare(company, ALL)


@pytest.fixture(scope="module")
def result(made):
    return answer(made, ALL)


# -- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "start", "end", "rel"),
    [
        ("gross_margin", "2025-08-01", "2026-07-31", 1e-9),
        ("market_share", "2025-07-01", "2026-06-30", 1e-6),
    ],
)
def test_what_an_average_starts_from_is_the_kpi_of_the_dictionary(
    made, company, code, start, end, rel
):
    told = kpi(company, code, start=start, end=end).value
    assert made.last[code] == pytest.approx(float(told), rel=rel)


def test_months_that_are_over_are_as_they_came(company):
    found = ground(company)
    near = forecast_leaves(found, months=5, draws=200, seed=7)
    others = measured(company, found, near, 2026)
    for code in ("collections", "new_customers"):
        cube = others[code].cube.sel(period=[f"2026-{month:02d}" for month in range(1, 8)])
        told = kpi(company, code, start="2026-01-01", end="2026-07-31").value
        sums = cube.sum(["period", "node"]).to_numpy()
        assert np.ptp(sums) == 0
        assert sums[0] == pytest.approx(float(told), rel=1e-9)


def test_collections_follow_the_draws_of_revenue(result):
    sold, came = (result.targets.draws(code, "company") for code in ("revenue_net", "collections"))
    assert np.corrcoef(sold, came)[0, 1] > 0.7
    assert 0.9 < came.mean() / (1.12 * sold.mean()) < 1.15  # VAT of 13, 6 and less


def test_share_follows_revenue_and_new_customers_are_counted(result):
    sold = result.targets.draws("revenue_net", "company")
    share = result.targets.draws("market_share", "company")
    assert np.corrcoef(sold, share)[0, 1] > 0.5
    counted = result.targets.draws("new_customers", "company")
    assert (counted == np.round(counted)).all()
    assert counted.var() > counted.mean()  # good and bad years beside chance


def test_parts_of_revenue_by_lag_are_found_again():
    rng = np.random.default_rng(3)
    sold = rng.lognormal(3, 0.4, 72)
    true = np.array([0.2, 0.4, 0.2, 0.1, 0.1, 0.05, 0.05])
    came = np.zeros(72)
    came[LAGS - 1 :] = _lagged(sold[None, :, None], true)[0, :, 0]
    parts, calendar = _parts(came, sold, pd.date_range("2020-01-01", periods=72, freq="MS"))
    assert parts == pytest.approx(true, abs=1e-6)
    assert calendar == pytest.approx(np.ones(12), abs=1e-6)


def test_rates_are_shrunk_by_how_little_they_weigh():
    weights = np.array([1e6, 1e6, 1.0, 0.0])
    rates, error = shrunk(np.array([0.3, 0.5, 0.9, 0.0]) * weights, weights, noise=10.0)
    assert rates[:2] == pytest.approx([0.3, 0.5], abs=2e-3)
    assert rates[2] == pytest.approx(0.4, abs=0.01)
    assert rates[3] == pytest.approx(0.4, abs=1e-6)
    assert error[2] > error[0]


def test_a_kpi_without_its_table_has_no_target(company, monkeypatch):
    found = ground(company)
    sold = history(found)
    months = pd.date_range("2026-08-01", periods=17, freq="MS")
    flat = np.broadcast_to(sold.tail(12).mean().to_numpy(), (50, 17, sold.shape[1])).copy()
    near = Ahead(found.leaves, months, flat, 7, sold)
    require = type(company).require
    gone = {"receipt", "survey_response", "market_size", "unit_cost"}

    def lacking(self, *names):
        if gone & set(names):
            raise MissingTableError(names[0], "not there")
        require(self, *names)

    monkeypatch.setattr(type(company), "require", lacking)
    assert set(measured(company, found, near, 2027)) == {"new_customers"}


# -- weights, splits, locks ---------------------------------------------------------------------


def test_a_kpi_without_weight_has_no_target(made):
    few = answer(made, Params(draws=400, weight_collections=0, weight_customers=0))
    assert list(few.targets.kpis) == ["revenue_net", "gross_margin"]
    assert few.summary()["chance_all_kpis"] <= few.summary()["chance_base"]


def test_the_score_is_the_weighted_attainment(result):
    goals = result.targets.prepared.goals
    whole = sum(goal.weight for goal in goals.values())
    mean = sum(
        goal.weight
        / whole
        * result.targets.draws(code, "company").mean()
        / result.targets.target(code)[0, 1]
        for code, goal in goals.items()
    )
    assert result.summary()["score_expected"] == pytest.approx(mean, rel=1e-6)


def regions(found):
    rows = found.nodes[found.nodes["kind"] == "region"]
    return rows["top_down"]


def test_ways_to_split_change_the_shares_but_not_the_goal(made):
    base = answer(made, ALL)
    seen = [regions(base)]
    for way in ("history", "potential", "capacity"):
        other = answer(made, ALL.model_copy(update={"split_by": way}))
        assert other.nodes["base"].iloc[0] == base.nodes["base"].iloc[0]
        assert all(not np.allclose(regions(other), each) for each in seen)
        seen.append(regions(other))


def test_whose_figures_count_is_chosen(made):
    top, both, low = (
        answer(made, ALL.model_copy(update={"side": side, "padding_person": 0.0}))
        for side in ("top_down", "both", "bottom_up")
    )
    people = top.nodes["kind"] == "person"
    entered = made.promised.set_index("node")["value"]
    rows = low.nodes[people]["base"].reindex(entered.index)
    ratio = rows / entered
    inside = low.targets.tree.table().set_index("node")["parent"].reindex(entered.index)
    for _, each in ratio.groupby(inside):  # under one node all have the same part of their promise
        assert each.max() / each.min() < 1.02
    apart = [(found.nodes[people]["base"] - top.nodes[people]["base"]).abs().sum()
             for found in (both, low)]  # fmt: skip
    assert 0 < apart[0] < apart[1]


@pytest.mark.parametrize("way", ["new_year", "last_year", "even"])
def test_months_are_split_as_asked(made, way):
    found = answer(made, ALL.model_copy(update={"season": way})).targets.kpis["revenue_net"]
    share = found.units[1][0] / found.years[1][0]
    assert share == pytest.approx(made.seasons[way], abs=2e-4)


def test_locks_are_read_and_hold(made):
    locks = ("east@2027-03=30000000", "south=120,000,000", "collections/east=300000000")
    found = answer(made, ALL.model_copy(update={"locks": locks})).targets
    place = found.tree.place["east"]
    sold = found.kpis["revenue_net"]
    assert sold.units[1][place][2] * sold.unit == 30_000_000
    assert found.target("revenue_net")[found.tree.place["south"], 1] == 120_000_000
    assert found.target("collections")[place, 1] == 300_000_000


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("east=320000000", ("revenue_net", "east", "lock", 3.2e8, None)),
        ("east:310000@2027-03 = 1e6", ("revenue_net", "east:310000", "lock", 1e6, "2027-03")),
        ("华东＝3.2亿", ("revenue_net", "east", "lock", 3.2e8, None)),
        ("回款额/华东@2027年3月≥300万", ("collections", "east", "floor", 3e6, "2027-03")),
        ("R0021>=9,000,000", ("revenue_net", "R0021", "floor", 9e6, None)),
        ("collections/R0021<=9_000_000", ("collections", "R0021", "cap", 9e6, None)),
    ],
)
def test_locks_are_written_as_people_write_them(text, told):
    nodes = {"east": ("East", "华东"), "R0021": ("Li", "李")}
    kpis = {"collections": ("Collections", "回款额")}
    (limit,) = read_locks([text], kpi="revenue_net", nodes=nodes, kpis=kpis)
    assert (limit.kpi, limit.node, limit.kind, limit.value, limit.month) == told


def test_a_name_of_two_is_no_lock():
    nodes = {"R1": ("Ma", "马军"), "R2": ("Ma", "马军")}
    with pytest.raises(InputError, match="write the id: R1, R2"):
        read_locks(["马军=100万"], kpi="revenue_net", nodes=nodes)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"locks": ("east",)}, "不是锁定写法"),
        ({"locks": ("east=-5",)}, "不是锁定写法"),
        ({"locks": ("east@2027-13=5",)}, "不是锁定写法"),
        ({"achievable_low": 0.8}, "须小于"),
        ({f"weight_{kpi}": 0 for kpi in ("revenue", "margin", "collections", "customers")}, "权重"),
    ],
)
def test_parameters_that_contradict_are_told_before_anything_is_computed(wrong, said):
    with pytest.raises(ValidationError) as caught:
        Params(**wrong)
    (error,) = caught.value.errors()
    assert said in error["ctx"]["zh"] and error["ctx"]["english"]


def test_errors_can_be_said_in_chinese(made):
    wrong = ("华东=9亿",)
    with pytest.raises(InfeasibleError) as caught:
        answer(made, ALL.model_copy(update={"locks": wrong}))
    zh = Language("zh")
    assert zh.again(caught.value.message).startswith("company以下的规则至少需要900,000,000")
    assert zh.again(caught.value.do) == "请修改或取消其中一项，或调整公司目标"


@pytest.mark.parametrize(
    ("locks", "error"),
    [
        (("east is 3",), ParameterError),
        (("nowhere=10000",), InputError),
        (("colections/east=10000",), ParameterError),
        (("east=900000000",), InfeasibleError),
    ],
)
def test_locks_that_cannot_hold_are_named(made, locks, error):
    with pytest.raises(error) as caught:
        answer(made, ALL.model_copy(update={"locks": locks}))
    assert "east" in str(caught.value) or "nowhere" in str(caught.value)


# -- levers and the leaver ----------------------------------------------------------------------


def test_levers_have_responses_and_cost(result):
    assert list(result.levers) == ["price", "discount", "promotion", "hires"]
    price = result.levers["price"]
    assert price.effect.amount.mean < 0 < price.rate  # dearer: less is sold, at more margin
    assert result.levers["promotion"].profit < 0  # what is given off is not earned back
    assert result.levers["hires"].rate == 0


def test_levers_leave_months_that_are_over(company):
    params = Params(draws=200, year=2026, hires_from=2, promotion_month=3)
    running = compute(company, params)
    assert set(running.levers) == {"price", "discount", "hires"}  # March is over
    months = running.targets.prepared.grounds["revenue_net"].months.mean[0]
    over = months[:7].sum()
    assert over == pytest.approx(running.ground.sales.query("month >= '2026-01-01'")["value"].sum())
    rest = running.targets.draws("revenue_net", "company") - over
    factor = np.exp(running.made.facts.price.estimate * np.log1p(0.02)) * 1.02 - 1
    change = running.levers["price"].effect.amount.mean
    assert change == pytest.approx(factor * rest.mean(), rel=0.1)
    said = running.section("levers", Language("en"))._repr_html_()
    assert "2 people more from August" in said


def test_competitors_who_follow_leave_more_of_a_rise(made):
    found = [
        answer(made, ALL.model_copy(update={"follow": part})).levers["price"].effect.amount.mean
        for part in (0.0, 0.5, 1.0)
    ]
    assert found == sorted(found)
    sold = made.prepared.grounds["revenue_net"].years[0].mean()
    assert found[-1] == pytest.approx(0.02 * sold, rel=1e-4)


def test_a_leavers_target_goes_to_others_and_the_total_stays(made):
    person = made.ground.people.index[3]
    params = ALL.model_copy(update={"leaver": person, "leaver_from": 4})
    table = answer(made, params).handed_over
    sums = table.groupby("month")[["before", "after"]].sum()
    assert (sums["before"] == sums["after"]).all()
    gone = table[table["node"] == person].set_index("month")
    assert (gone.loc["2027-04":, "after"] == 0).all()
    assert (gone.loc[:"2027-03", "after"] == gone.loc[:"2027-03", "before"]).all()


def test_milestones_are_plan_less_what_came_and_regular_business(result):
    rows = result.milestones
    left = (rows["planned"] - rows["actual"] - rows["regular"]).clip(lower=0)
    assert rows["left"].to_numpy() == pytest.approx(left.to_numpy())
    assert (rows["deals"] == np.ceil(rows["left"] / rows["size"])).all()
    assert [str(day) for day in rows["by"].unique()] == ["2026-09-30", "2026-12-31"]
    whole = rows[rows["node"] == "company"].set_index("by")["planned"]
    assert whole.is_monotonic_increasing


# -- product lines ------------------------------------------------------------------------------


def test_lines_sum_to_their_regions_in_every_tier(result):
    table = result.lines
    sums = table.groupby(["node", "tier"])["target"].sum()
    for code in ("floor", "base", "stretch"):
        for region in result.made.lines.parts.index:
            assert sums[region, code] == result.nodes[code][region]
    whole = table[table["node"] == "company"].groupby("tier")["target"].sum()
    regions_ = table[table["node"] != "company"].groupby("tier")["target"].sum()
    assert whole.to_dict() == regions_.to_dict()
    assert (table["target"] % 10_000 == 0).all()


def test_lines_have_the_parts_they_had(result, company):
    told = kpi(
        company, "revenue_net", start="2025-08-01", end="2026-07-31", by=("product_line",)
    ).table()
    whole = result.lines[result.lines["node"] == "company"].drop_duplicates("line")
    last = whole.set_index("line")["last"]
    for line, value in zip(told["product_line"], told["value"].astype(float), strict=True):
        assert last[line] == pytest.approx(value, rel=0.01)
    assert whole["expected"].sum() == pytest.approx(
        result.targets.expected("revenue_net")[0], rel=1e-5
    )


def test_collections_are_foretold_better_than_by_last_year(company):
    """Parts of four years, applied to the revenue of the fifth, month by month."""
    found = ground(company)
    start = pd.Timestamp("2021-08-01")
    rows = by_leaf(company, found, "collections", start=start)
    came = by_month(rows, found, "numerator", start=start).sum(axis=1)
    sold = history(found).reindex(came.index).sum(axis=1)
    parts, calendar = _parts(came.to_numpy()[:48], sold.to_numpy()[:48], came.index[:48])
    said = _lagged(sold.to_numpy()[None, :, None], parts)[0, :, 0][-12:]
    said = said * calendar[came.index[-12:].month - 1]
    plain = came.to_numpy()[-24:-12] * sold[-12:].sum() / sold[-24:-12].sum()
    off, off_plain = (np.abs(each - came[-12:]).sum() for each in (said, plain))
    assert off < 0.9 * off_plain
    assert said.sum() == pytest.approx(came[-12:].sum(), rel=0.03)
