"""Growth assumed on top of the models: what it multiplies, that it adds up, that it is said."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.planners.conftest import Talk
from workbench.company import open_company
from workbench.errors import MissingTableError, ParameterError
from workbench.forecasting.growth import read_growth
from workbench.forecasting.outlook import assumed, bookings, judgement, promotions
from workbench.forecasting.outlook.bookings import Settings
from workbench.forecasting.outlook.named import node_named
from workbench.forecasting.outlook.scope import scope
from workbench.forecasting.story.closer import below
from workbench.forecasting.study_forecast import STUDY, Params, answer, compute, prepare
from workbench.planners.layouts.forecast import LAYOUT
from workbench.planners.session import Session
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html
from workbench.told import Missing

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
EN, ZH = Language("en"), Language("zh")
PARTS = ("east@2026-10=10%", "service=-0.05")


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def ready(company):
    return prepare(company, Params(draws=400))


@pytest.fixture(scope="module")
def plain(company):
    """Without deals: quick."""
    return bookings.outlook(scope(company), Settings(draws=200), pipeline=None)


def asked(**values) -> Params:
    return Params(draws=400, **values)


# -- how it is written --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "node", "first", "share"),
    [
        ("east=0.05", "east", None, 0.05),
        (" east = +5% ", "east", None, 0.05),
        ("华东＠2026-10＝－5％", "华东", (2026, 10), -0.05),
        ("east/equipment@2026-9=-.1", "east/equipment", (2026, 9), -0.1),
        ("NW and NE=−10%", "NW and NE", None, -0.1),
    ],
)
def test_entries_are_read_as_people_write_them(written, node, first, share):
    (made,) = read_growth([written])
    assert (made.node, made.first) == (node, first)
    assert made.share == pytest.approx(share)


@pytest.mark.parametrize(
    ("entries", "english", "chinese"),
    [
        (["east"], "is not read", "无法识别"),
        (["east@2026-13=5%"], "is not read", "无法识别"),
        (["east@October=5%"], "is not read", "无法识别"),
        (["east=5"], "beyond", "超出"),
        (["east=5%", "East=3%"], "keep one", "只留一行"),
    ],
)
def test_what_cannot_be_read_is_refused_in_both_languages(entries, english, chinese):
    with pytest.raises(ValidationError) as raised:
        Params(assumed_parts=entries)
    told = raised.value.errors()[0]["ctx"]
    assert english in told["english"] and chinese in told["zh"]


# -- laws ---------------------------------------------------------------------------------------


def test_nothing_assumed_changes_nothing(ready):
    usual, none = answer(ready, asked()), answer(ready, asked(assumed_parts=("east=0",)))
    assert none.summary() == usual.summary()
    mine, others = none.tables(), usual.tables()
    assert list(mine) == list(others)
    for name, table in mine.items():
        pd.testing.assert_frame_equal(table, others[name])
    assert none.page(EN)._repr_html_() == usual.page(EN)._repr_html_()


def test_growth_of_all_multiplies_what_is_ahead_and_not_what_came(ready):
    before, after = (answer(ready, asked(assumed=each)).outlook for each in (0.0, 0.1))
    np.testing.assert_allclose(after.draws, 1.1 * before.draws, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(
        np.median(after.draws, axis=0), 1.1 * np.median(before.draws, axis=0), rtol=1e-9, atol=1e-3
    )
    pd.testing.assert_series_equal(after.done, before.done)
    ahead = before.totals - before.done.to_numpy()
    np.testing.assert_allclose(after.totals, before.done.to_numpy() + 1.1 * ahead, rtol=1e-9)
    np.testing.assert_allclose(after.points, 1.1 * before.points, rtol=1e-9, atol=1e-3)


NODES = ["company", "east", "south", "equipment", "service", "east/equipment", "north/service"]
ENTRIES = st.lists(
    st.tuples(st.sampled_from(NODES), st.sampled_from(["", "@2026-09", "@2026-11"])),
    unique=True,
    max_size=5,
)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), where=ENTRIES, share=st.floats(-0.5, 1))
def test_parts_add_up_in_every_draw_and_the_order_does_not_matter(plain, data, where, share):
    growth = [data.draw(st.floats(-1, 1)) for _ in where]
    written = [f"{n}{m}={g:.4f}" for (n, m), g in zip(where, growth, strict=True)]
    found = assumed.grown(plain, share, written)
    found.tree.check(found.points)
    for draw in found.draws[::40]:
        found.tree.check(draw)
    other = assumed.grown(plain, share, data.draw(st.permutations(written)))
    np.testing.assert_array_equal(other.draws, found.draws)
    np.testing.assert_array_equal(other.points, found.points)


def test_entries_multiply_where_they_meet_and_hold_from_their_month(plain):
    found = assumed.grown(plain, 0.03, PARTS)
    months, east = plain.scope.months, plain.tree.place("east/equipment")
    factors = found.draws[:, east] / plain.draws[:, east]
    expected = np.where(months >= pd.Timestamp(2026, 10, 1), 1.03 * 1.1, 1.03)
    np.testing.assert_allclose(factors, np.tile(expected, (200, 1)))
    service = plain.tree.place("south/service")
    np.testing.assert_allclose(found.points[service], 1.03 * 0.95 * plain.points[service])


def test_a_month_that_is_over_means_all_that_is_left(plain):
    early, whole = (assumed.grown(plain, 0, [f"east{at}=5%"]) for at in ("@2026-03", ""))
    np.testing.assert_array_equal(early.draws, whole.draws)


def test_nodes_go_by_code_or_name(plain):
    named = ["华东=5%", "East / Equipment=-2%", "全公司=1%"]
    coded = ["east=5%", "east/equipment=-2%", "company=1%"]
    with pytest.raises(ParameterError, match="no node"):
        assumed.grown(plain, 0, named[1:2])  # names are joined without spaces
    named[1] = "east/equipment=-2%"
    one, other = (assumed.grown(plain, 0, each) for each in (named, coded))
    np.testing.assert_array_equal(one.draws, other.draws)
    (lock,) = judgement.read_locks(plain, ["华东=250,000,000"])
    assert lock.node == "east"


@pytest.mark.parametrize(
    ("entry", "said", "do"),
    [
        ("esat=5%", "no node", "east"),
        ("华冻=5%", "no node", "north"),
        ("atlantis=5%", "no node", "company"),
        ("east@2027-02=5%", "after the last month", "2026-12"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_comes_near(plain, entry, said, do):
    with pytest.raises(ParameterError, match=said) as raised:
        assumed.grown(plain, 0, [entry])
    assert do in raised.value.do and entry in raised.value.where


# -- with the rest of the study -----------------------------------------------------------------


def test_what_is_prepared_answers_as_a_whole_computation_does(company, ready):
    values = asked(assumed=0.04, assumed_parts=PARTS, locks=("south=110000000",))
    quick, whole = answer(ready, values), compute(company, values)
    assert quick.summary() == whole.summary()
    for name, table in quick.tables().items():
        pd.testing.assert_frame_equal(table, whole.tables()[name])


def test_parts_causes_and_changes_hold_the_growth_and_close(ready):
    usual, grown = answer(ready, asked()), answer(ready, asked(assumed=0.1))
    added = grown.outlook.mean[0] - usual.outlook.mean[0]
    parts = grown.answer("parts").set_index("part")["mean"]
    assert parts["assumed"] == pytest.approx(added)
    assert parts.drop("total").sum() == pytest.approx(parts["total"], rel=1e-9)
    causes = grown.answer("causes").set_index("cause")["amount"]
    assert causes["assumed"] == pytest.approx(added)
    assert causes.drop("after").sum() == pytest.approx(causes["after"])
    total = [r.answer("changes").changes.by_node().set_index("series_id") for r in (usual, grown)]
    judged = total[1].loc["Total", "override"] - total[0].loc["Total", "override"]
    assert judged == pytest.approx(added)


def test_collections_coverage_and_deals_follow(ready):
    usual, grown = answer(ready, asked()), answer(ready, asked(assumed=0.1))
    for name in ("collections_median", "pipeline_coverage", "chance_base"):
        assert grown.summary()[name] > usual.summary()[name]
    assert (grown.answer("deciding")["lift"] >= 0).all()
    less = answer(ready, asked(assumed=-0.1)).summary()
    assert less["collections_median"] < usual.summary()["collections_median"]


def test_promotions_grow_in_proportion_where_lines_have_them(ready):
    usual = ready.outlook
    made = ready.answers["promotions"]
    _, brought = promotions.brought(usual, made)
    none, twice = (answer(ready, asked(promoted=each)).outlook for each in (0, 2))
    assert twice.mean[0] - usual.mean[0] == pytest.approx(brought)
    assert usual.mean[0] - none.mean[0] == pytest.approx(brought)
    twice.tree.check(twice.draws[11])
    shares = made.usual.groupby("product_line")["share"].sum()
    for line in ("equipment", "service", "consumables"):
        place = usual.tree.place(line)
        moved = not np.allclose(twice.draws[:, place], usual.draws[:, place], rtol=1e-9)
        assert moved == (shares[line] > 0)
    page = answer(ready, asked(promoted=2)).page(EN)
    assert "promotions 2.0×" in page.lead


def test_promotions_nobody_knows_of_are_refused_beside_their_control(ready):
    unknown = Missing(MissingTableError("price_promotion", "no promotions", do="import them"))
    blind = replace(ready, answers={**ready.answers, "promotions": unknown}, held={})
    with pytest.raises(ParameterError, match="no promotions") as raised:
        answer(blind, asked(promoted=2))
    assert raised.value.where == "promoted: 2"
    answer(blind, asked())


def test_a_lock_stands_over_the_growth(ready):
    values = {"locks": ("east=230000000",)}
    held, grown = answer(ready, asked(**values)), answer(ready, asked(assumed=0.1, **values))
    east = grown.outlook.tree.place("east")
    assert grown.outlook.totals[:, east] == pytest.approx(230e6, abs=0.5)
    assert grown.outlook.total().mean() > held.outlook.total().mean()
    np.testing.assert_array_equal(grown.outlook.without.draws, held.outlook.draws)
    causes = grown.answer("causes").set_index("cause")["amount"]
    assert causes.drop("after").sum() == pytest.approx(causes["after"])


@pytest.mark.parametrize("lang", [EN, ZH], ids=["en", "zh"])
def test_the_report_says_what_is_assumed_and_what_it_makes(ready, lang):
    grown = answer(ready, asked(assumed=0.05, assumed_parts=PARTS))
    page = grown.page(lang)
    usual = answer(ready, asked()).summary()["total_median"]
    assert grown.summary()["total_models"] == usual
    for median in (usual, grown.summary()["total_median"]):
        assert lang.money(median, currency="CNY") in page.lead
    added = grown.summary()["total_median"] - usual
    assert lang.signed_money(added, currency="CNY") in page.finding
    october = lang.pick("East +10% from Oct 2026", "华东自2026年10月起+10%")
    stated = dict(grown.assumptions(lang))[lang.pick("Added to the models", "模型之上")]
    for said in (
        page.lead,
        stated,
        page.foot.basis,
        grown.section("hierarchy", lang)._repr_html_(),
    ):
        assert october in said
    first, fans = page._repr_html_(), grown.section("fans", lang)._repr_html_()
    for shown in (first, fans):  # named in the key, and at the end of the line
        assert lang.pick("Models alone", "仅按模型") in shown
    html = first + fans
    texts = list(texts_of_html(f'<html lang="{lang.html}"><body>{html}</body></html>'))
    assert [f for text in texts for f in half_width_faults(text, code=lang.code)] == []
    if lang is ZH:
        assert [f for text in texts for f in english_faults(text)] == []


def test_what_is_assumed_is_recorded(ready):
    grown = answer(ready, asked(assumed=0.05, assumed_parts=PARTS))
    table = grown.tables()["growth_assumed"]
    assert table["node"].tolist() == ["Total", "east", "service"]
    assert table["growth"].tolist() == [0.05, 0.1, -0.05]
    assert table["first"].dt.month.tolist() == [8, 10, 8]
    labels = grown.labels()
    assert {*grown.tables(), *grown.summary(), *table} <= {*labels, "slippage_rate"}


@pytest.mark.parametrize("lang", [EN, ZH], ids=["en", "zh"])
@pytest.mark.parametrize("node", ["", "east", "服务", "east/equipment"])
def test_a_part_looked_at_closely_closes_with_its_own_parts(ready, node, lang):
    result = answer(ready, asked(node=node, assumed=0.05))
    _, table, fan = (part.body for part in result.section("hierarchy", lang).parts)
    name = node_named(ready.outlook, node or "company", where="")
    parts = below(result, name)
    assert len(parts) == {"": 6, "east": 3, "服务": 6, "east/equipment": 0}[node]
    frame, found = table.frame, result.outlook
    if parts:
        step = table.scale.divisor / 10**table.scale.decimals
        apart = frame[parts].sum(axis=1) - frame["total"]
        assert apart.abs().max() <= step  # parts are rounded together, the sum by itself
    assert frame["total"].sum() == pytest.approx(found.points[found.tree.place(name)].sum())
    assert lang.months(8, 8) in table._repr_html_() and fan.title
    with pytest.raises(ParameterError, match="no node"):
        answer(ready, asked(node="atlantis"))


# -- the planner --------------------------------------------------------------------------------


@pytest.fixture
def talk(company, ready):
    session = Session(
        company,
        STUDY,
        asked(),
        layout=replace(LAYOUT, prepare=lambda company, params: ready),
        lang=ZH,
        project=None,
        uid="p1",
    )
    yield Talk(session)
    session.worker.close()


def test_the_planner_moves_growth_and_names_the_nearest_node(talk, ready):
    talk.set("assumed", "5%")
    direct = answer(ready, asked(assumed=0.05)).summary()
    assert talk.figures["total_median"] == direct["total_median"]
    assert talk.figures["chance_base"] == direct["chance_base"]
    wrong = talk.set("assumed_parts", "esat=10%")["controls"]["assumed_parts"]
    assert wrong["held"] == "esat=10%"
    assert wrong["fault"].startswith("没有这个名称的节点（esat=10%）") and "east" in wrong["fault"]
    assert talk.figures["total_median"] == direct["total_median"]
    unread = talk.set("assumed_parts", "华东 10%")["controls"]["assumed_parts"]
    assert unread["fault"].startswith("无法识别")
    right = talk.set("assumed_parts", "华东@2026-10=10%")
    assert right["controls"]["assumed_parts"]["fault"] == ""
    talk.do("tab", value="hierarchy")
    talk.set("node", "east/equipment")
    assert "华东设备：" in "".join(talk.session._shown.blocks)
    both = answer(ready, asked(assumed=0.05, assumed_parts=("east@2026-10=10%",))).summary()
    assert talk.figures["total_median"] == both["total_median"]
