"""The study on the sample company: one figure everywhere, sums that close, boxes for what lacks."""

import dataclasses
import datetime as dt
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.errors import InfeasibleError, InputError, NotIdentifiedError, ParameterError
from workbench.forecasting.hierarchy.locks import Lock
from workbench.forecasting.outlook import bookings, judgement, monthly, targets
from workbench.forecasting.outlook.bookings import Settings
from workbench.forecasting.outlook.changes import a_month_ago
from workbench.forecasting.outlook.deals_ahead import deals_ahead
from workbench.forecasting.outlook.fans import cumulated
from workbench.forecasting.outlook.scope import scope
from workbench.forecasting.story import sections
from workbench.forecasting.story.sentences import finding, lead
from workbench.forecasting.story.words import a_month_ago as a_month_ago_draws
from workbench.forecasting.story.words import closed
from workbench.forecasting.study_forecast import ForecastStudy, Params, answer, compute, prepare
from workbench.kpis import kpi
from workbench.params import Params as BaseParams
from workbench.report import MissingBox, SoWhat, WarningBox
from workbench.scenarios import total
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults, texts_of_html
from workbench.told import Missing

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LANGUAGES = [Language("en"), Language("zh")]


@pytest.fixture(scope="module")
def company():
    return open_company(SAMPLE)


@pytest.fixture(scope="module")
def result(company):
    return compute(company, Params(draws=1000))


@pytest.fixture(scope="module")
def pages(result):
    """HTML of the whole report, by language."""

    def whole(lang):
        parts = [
            result.page(lang),
            *(result.section(name, lang) for name in [*sections(), "so_what"]),
        ]
        # texts are read in the language of the document
        body = "".join(part._repr_html_() for part in parts)
        return f'<html lang="{lang.html}"><body>{body}</body></html>'

    return {lang.code: whole(lang) for lang in LANGUAGES}


def test_every_question_has_an_answer(result):
    assert [name for name, answer in result.answers.items() if isinstance(answer, Missing)] == []
    figures = result.summary()
    assert all(np.isfinite(value) for value in figures.values())
    assert {"total_median", "chance_base", "collections_median", "pipeline_coverage"} <= set(
        figures
    )


def test_draws_recorded_are_those_of_the_key_figures(result):
    figures, drawn = result.summary(), result.draws()
    for name, done, median in (
        ("total", figures["total_done"], "total_median"),
        ("collections", result.answer("money").done, "collections_median"),
    ):
        cube = drawn[f"{name}_draws"]
        assert (cube.attrs["unit"], cube.attrs["seed"]) == ("CNY", result.params.seed)
        assert list(cube["period"].values) == list(result.scope.months)
        total_ = total(cube, over="period").values + done
        assert np.median(total_) == pytest.approx(figures[median], rel=1e-9)
    assert set(drawn) <= set(result.labels())


def test_what_is_prepared_once_answers_as_a_whole_computation_does(company, tmp_path):
    ready = prepare(company, Params(draws=200))
    changed = Params(
        draws=200, growth=0.1, tier_gap=0.02, targets="growth", top=3, locks=("east=230000000",)
    )
    plain = answer(ready, Params(draws=200)).summary()
    quick, whole = answer(ready, changed), compute(company, changed)
    assert quick.summary() == whole.summary()
    mine, others = quick.tables(), whole.tables()
    assert list(mine) == list(others)
    for name, table in mine.items():
        pd.testing.assert_frame_equal(table, others[name])
    assert quick.summary()["collections_median"] != plain["collections_median"]
    assert answer(ready, Params(draws=200)).summary() == plain
    # a folder of kept forecasts may change between two answers
    looks_back = Params(draws=200, kept=str(tmp_path / "kept"))
    (tmp_path / "kept").mkdir()
    assert isinstance(answer(ready, looks_back).answers["kept"].error, NotIdentifiedError)
    (tmp_path / "kept").rmdir()
    with pytest.raises(InputError):
        answer(ready, looks_back).answers["kept"]
    # locks that clash are named as they were written, not by what is left of them ahead
    locks = ("company=800000000", "equipment=6e8", "consumables=2e8", "service=2e8")
    with pytest.raises(InfeasibleError, match="contradict") as caught:
        answer(ready, Params(draws=200, locks=locks))
    assert caught.value.where == "; ".join(locks)


# -- one figure everywhere, sums that close -----------------------------------------------------


def test_what_is_booked_is_the_kpi_of_the_dictionary(result, company):
    done = kpi(company, "bookings", start="2026-01-01", end="2026-07-31").value
    assert result.outlook.done.iloc[0] == pytest.approx(done, abs=0.05)
    cash = kpi(company, "collections", start="2026-01-01", end="2026-07-31").value
    assert result.answer("money").done == pytest.approx(cash, abs=0.05)


def test_deals_and_the_rest_are_the_whole(result):
    found = result.outlook
    regular = found.regular.panel
    places = {name: place for place, name in enumerate(regular.ids)}
    at = places["Total"]
    rest = regular.batch.values[regular.batch.offsets[at] : regular.batch.offsets[at + 1]]
    whole = found.history["Total"].to_numpy() - found.deals_history["Total"].to_numpy()
    assert rest == pytest.approx(whole, rel=1e-9, abs=0.05)
    assert (found.deals_history["Total"] > 0).all()


def test_every_draw_and_the_mean_add_up(result):
    found = result.outlook
    found.tree.check(found.points)
    found.tree.check(found.draws[17])
    assert found.draws.shape == (1000, len(found.nodes), 5)
    assert found.draws.mean(axis=0)[0] == pytest.approx(found.points[0], rel=0.03)


def test_parts_close_as_computed_and_as_written(result):
    table = result.answer("parts").set_index("part")
    parts = table.drop("total")["mean"]
    assert parts.sum() == pytest.approx(table.loc["total", "mean"], rel=1e-9)
    assert table.loc["total", "mean"] == pytest.approx(result.summary()["total_mean"])
    for lang in LANGUAGES:
        scale = lang.scale([1e9])
        written = closed(parts.to_numpy(), float(parts.sum()), scale)
        step = scale.divisor / 10**scale.decimals
        assert written.sum() == pytest.approx(round(parts.sum() / step) * step, abs=1e-3)


def test_the_pipeline_hands_over_to_the_history_of_deals(result):
    found = result.outlook
    table = found.handover.table
    assert table["month"].tolist() == found.scope.months.tolist()
    assert table["weight"].between(0, 1).all() and (np.diff(table["weight"]) <= 0).all()
    mixed = table["weight"] * table["pipeline"] + (1 - table["weight"]) * table["series"]
    assert table["blend"].to_numpy() == pytest.approx(mixed.to_numpy())
    assert found.deals[0] == pytest.approx(table["blend"].to_numpy())
    # nothing is learnt from a month that was not over
    past = found.handover.past
    ends = pd.PeriodIndex(past["origin"], freq="M") + past["lead"].to_numpy()
    assert ends.max() == pd.Period(found.scope.last, freq="M")
    parts = result.answer("parts").set_index("part")
    assert parts.loc["series", "mean"] == pytest.approx(
        ((1 - table["weight"]) * table["series"]).sum()
    )
    # parts of the draws are those of the total
    inner = [name for name in parts.index if name not in ("won", "total")]
    widest = parts.loc[inner, "hi80"].sum() - parts.loc[inner, "lo80"].sum()
    assert parts.loc["total", "hi80"] - parts.loc["total", "lo80"] < widest


def test_causes_and_changes_add_up_exactly(result):
    causes = result.answer("causes").set_index("cause")["amount"]
    inner = causes.drop(["before", "after"]).sum()
    assert causes["after"] - causes["before"] == pytest.approx(inner, abs=1e-3)
    cells = result.answer("changes").changes.cells
    parts = ["closed", "new_actuals", "model", "data_and_model", "pipeline", "override"]
    assert cells[parts].sum(axis=1).to_numpy() == pytest.approx(
        cells["change"].to_numpy(), abs=1e-2
    )
    assert result.answer("changes").changes.dropped.empty


def test_chances_are_shares_of_draws_and_fall_with_the_tier(result):
    table = result.answer("targets")
    mine = table[table["node"] == "Total"].set_index("tier")
    total = result.outlook.total()
    assert mine.loc["base", "probability"] == np.mean(total >= mine.loc["base", "target"])
    order = mine.loc[["floor", "base", "stretch"], "probability"]
    assert order.is_monotonic_decreasing
    cash = result.answer("money_targets")
    assert set(cash["origin"]) == {"table"}
    set_ = pd.read_parquet(SAMPLE / "target.parquet")
    set_ = set_[(set_["kpi_id"] == "collections") & (set_["level"] == "company")]
    year = set_[pd.to_datetime(set_["period_start"]).dt.year == 2026]
    base = year.loc[year["tier"] == "base", "value"].astype(float).sum()
    assert cash.set_index("tier").loc["base", "target"] == pytest.approx(base)


def test_the_deals_that_decide_lift_the_chance(result):
    table = result.answer("deciding")
    assert len(table) == 10
    assert table["lift"].is_monotonic_decreasing and (table["lift"] >= 0).all()
    assert (table["probability"] > 0).all()
    assert table["name"].notna().all()


def test_what_came_lies_where_the_forecast_says(result):
    """The sample hides what happened next: both totals lie inside the 95% range."""
    orders = pd.read_parquet(SAMPLE / "truth" / "future_collections.parquet")
    came = float(orders["amount"].astype(float).sum()) + result.answer("money").done
    low, high = np.quantile(result.answer("money").total, [0.025, 0.975])
    assert low <= came <= high


# -- what may be asked --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(company):
    """The outlook without deals: fast."""
    looked = scope(company)
    return bookings.outlook(looked, Settings(draws=200), pipeline=None)


def test_the_same_seed_gives_the_same_draws(plain):
    again, other = (
        bookings.outlook(plain.scope, Settings(draws=200, seed=seed), pipeline=None)
        for seed in (0, 1)
    )
    assert np.array_equal(again.draws, plain.draws)
    assert np.array_equal(other.points, plain.points)
    assert not np.array_equal(other.draws, plain.draws)


def test_only_closed_months_are_known(company):
    middle = scope(company, as_of=dt.date(2026, 7, 15))
    assert middle.last == pd.Timestamp(2026, 6, 1) and middle.horizon == 6
    assert monthly.cells(middle, "bookings")["month"].max() == middle.last
    closed_ = scope(company, as_of=dt.date(2025, 12, 31))
    assert closed_.horizon == 12 and closed_.begin == pd.Timestamp(2026, 1, 1)
    assert len(closed_.done) == 0
    ahead = scope(company, horizon=3)
    assert ahead.begin == ahead.months[0] and len(ahead.done) == 0


def test_a_locked_total_is_held_in_mean_and_draws(plain):
    locks = judgement.read_locks(plain, ["east=250,000,000"])
    held = bookings.held(plain, locks)
    east = held.tree.place("east")
    assert held.mean[east] == pytest.approx(250e6, abs=0.5)
    assert held.totals[:, east] == pytest.approx(250e6, abs=0.5)
    held.tree.check(held.draws[3])
    assert held.mean[0] != pytest.approx(plain.mean[0], rel=1e-6)


def test_a_low_lock_pushes_no_part_below_nothing(plain):
    held = bookings.held(plain, judgement.read_locks(plain, ["company=500000000"]))
    assert held.mean[0] == pytest.approx(500e6, abs=0.5)
    assert held.points.min() >= 0 and held.draws.min() >= -1e-6
    held.tree.check(held.draws[3])
    with pytest.raises(InfeasibleError):
        both = [*judgement.read_locks(plain, ["company=450000000"]), Lock("east", 90e6)]
        bookings.held(plain, both)


@pytest.mark.parametrize(
    ("lock", "said"),
    [(["atlantis=1"], "no node"), (["east=1000"], "come already"), (["east=3e8"] * 2, "twice")],
)
def test_a_lock_that_cannot_be_held_is_refused(plain, lock, said):
    with pytest.raises(ParameterError, match=said):
        judgement.read_locks(plain, lock)


def test_locks_are_read_as_people_write_amounts(plain):
    made = [judgement.read_locks(plain, [f"华东＝{text}"])[0].value for text in AMOUNTS]
    assert made == pytest.approx([made[0]] * len(AMOUNTS))


AMOUNTS = ("320000000", "320,000,000", "3.2亿", "32000万元", "3.2e8")


@pytest.mark.parametrize("lock", ["east", "east=", "=5", "east=much"])
def test_a_lock_that_is_not_read_is_refused_before_anything_is_computed(lock):
    with pytest.raises(ValueError, match="node=total"):
        Params(locks=(lock,))


def test_overrides_of_a_file_are_held_and_listed(plain, tmp_path):
    rows = pd.DataFrame(
        {
            "entry_id": ["E1", "E2"],
            "entry_date": "2026-07-31",
            "by_id": "R1",
            "step": "final",
            "kpi_id": ["bookings", "revenue_net"],
            "level": "region",
            "node": "south",
            "product_line": "all",
            "period_start": "2026-09-01",
            "period_end": "2026-09-30",
            "value": 30e6,
            "currency": "CNY",
            "tax_basis": "incl",
        }
    )
    path = tmp_path / "overrides.csv"
    rows.to_csv(path, index=False)
    made = judgement.overridden(plain, judgement.read_entries(str(path)), ())
    assert made.counts() == {"applied": 1, "superseded": 0, "expired": 0, "refused": 1}
    held = bookings.held(plain, judgement.locks_of(made, plain))
    assert held.points[held.tree.place("south"), 1] == pytest.approx(30e6, abs=0.5)
    with pytest.raises(InputError, match="no file"):
        judgement.read_entries(str(tmp_path / "none.csv"))
    rows["entry_date"] = "2026-04-30"
    assert judgement.overridden(plain, rows, (), days=120).counts()["applied"] == 1
    assert judgement.overridden(plain, rows, (), days=90).counts()["expired"] == 1


def test_overrides_take_dates_and_amounts_as_people_write_them(plain, tmp_path):
    path = tmp_path / "overrides.csv"
    rows = [
        "entry_id,entry_date,step,kpi_id,level,node,product_line,period_start,period_end,value,currency,tax_basis",
        "E1,2026年7月20日,final,bookings,region,south,all,2026/9/1,2026年9月30日,3000万,CNY,incl",
        "E2,2026-07-20,final,bookings,region,north,all,九月,2026-09-30,3000万,CNY,incl",
        "E3,2026-07-20,final,bookings,region,east,all,2026-09-01,2026-09-30,待定,CNY,incl",
    ]
    path.write_text("\n".join(rows), encoding="utf-8")
    made = judgement.overridden(plain, judgement.read_entries(str(path)), ())
    assert made.ledger.set_index("entry_id")["status"].to_dict() == {
        "E1": "applied", "E2": "refused", "E3": "refused",
    }  # fmt: skip
    assert made.fixed()["value"].tolist() == [30e6]


@pytest.mark.parametrize(("name", "text"), [("o.csv", ""), ("o.xlsx", "abc"), ("o.xls", "abc")])
def test_a_file_of_overrides_that_is_no_table_is_one_error(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read as a table"):
        judgement.read_entries(str(tmp_path / name))


def test_a_day_before_the_data_is_one_error(company):
    with pytest.raises(InputError, match="no closed month has anything"):
        prepare(company, Params(as_of=dt.date(2019, 1, 31)))


def test_overrides_in_the_template_of_chinese_excel_are_read(plain, tmp_path):
    path = tmp_path / "调整.csv"
    text = (
        "填报编号,填报日期,填报人,环节,绩效指标,层级,节点,产品线,期间起,期间止,预测值,币种,税口径,理由\n"
        "E1,2026-07-31,R0018,最终,签约额,大区,华南,,2026-09-01,2026-09-30,30000000,CNY,含税,框架协议\n"
        "E2,2026-07-31,R0018,最终,签约额,产品线,设备,,2026-10-01,2026-10-31,40000000,CNY,含税,\n"
        ",,,,,,,,,,,,,\n"
    )
    path.write_bytes(text.encode("gb18030"))
    made = judgement.overridden(plain, judgement.read_entries(str(path)), ())
    assert made.counts()["applied"] == 2
    assert set(made.fixed()["series_id"]) == {"south", "equipment"}
    assert made.ledger["reason_given"].iloc[0] == "框架协议"


def test_entries_of_the_table_are_those_about_what_is_forecast(plain):
    rows = judgement.entries_ahead(plain)
    assert len(rows) and set(rows["kpi_id"]) == {"bookings"}
    assert pd.to_datetime(rows["period_end"]).min() > pd.Timestamp(plain.scope.day)


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_the_ledger_shows_who_changed_what_and_whether_it_stands(result, lang):
    made = judgement.overridden(result.outlook, judgement.entries_ahead(result.outlook), ())
    shown = dataclasses.replace(
        result, answers=dict(result.answers) | {"overrides": made}, drawn={}
    )
    table, *_, ledger = (part.body for part in shown.section("hierarchy", lang).parts)
    assert len(table.frame) == 6
    assert len(ledger.frame) == sum(made.counts().values())
    applied = ledger.frame[ledger.frame["why"] == "stands"]
    assert len(applied) == made.counts()["applied"] > 0
    standing = made.ledger[made.ledger["status"] == "applied"]
    assert applied["after"].sum() == pytest.approx(standing["after"].sum())


def test_growth_makes_targets_where_it_is_asked_for(plain):
    before = pd.Series({node: plain.last_year(node).sum() for node in plain.nodes})
    pd.testing.assert_series_equal(before, plain.last_year_totals, check_names=False)
    table = targets.tiers(before, known={}, growth=0.1, gap=0.05)
    company = targets.of(table)
    assert company["base"] == pytest.approx(before["Total"] * 1.1)
    assert company["floor"] == pytest.approx(company["base"] * 0.95)
    regions = table[(table["tier"] == "base") & table["node"].isin(["east", "north", "south"])]
    assert set(regions["origin"]) == {"share"}


def test_targets_that_were_set_are_taken(plain):
    before = pd.Series({node: plain.last_year(node).sum() for node in plain.nodes})
    known = targets.set_targets(plain.scope, "bookings")
    table = targets.tiers(before, known=known, growth=0.1, gap=0.05)
    assert set(table["origin"]) >= {"table"}
    names = ["central", "east", "north", "northwest_northeast", "south", "southwest"]
    regions = table[(table["tier"] == "base") & table["node"].isin(names)]
    assert regions["target"].sum() == pytest.approx(targets.of(table)["base"])


def test_a_region_that_is_not_there_is_refused(company):
    with pytest.raises(ParameterError, match="no region of this code"):
        scope(company, regions=("atlantis",))


def test_a_month_ago_counts_the_same_months_where_the_fiscal_year_turns(company):
    found = bookings.outlook(
        scope(company, as_of=dt.date(2025, 12, 31)), Settings(draws=200), pipeline=None
    )
    before = a_month_ago(found)
    answers = {"outlook": found, "month_ago": before}
    study = ForecastStudy(found.scope, Params(), answers=answers)
    assert len(before.scope.months) == 13
    np.testing.assert_allclose(a_month_ago_draws(study), before.draws[:, 0, 1:].sum(axis=1))
    assert np.median(a_month_ago_draws(study)) == pytest.approx(found.mean[0], rel=0.1)


def test_the_page_names_the_regions_it_is_about(result):
    scope_ = dataclasses.replace(result.scope, regions=("east", "south"))
    page = dataclasses.replace(result, scope=scope_, drawn={}).page(LANGUAGES[1])
    assert page.period == "2026年，华东、华南"


def test_some_regions_alone(company):
    looked = scope(company, regions=("east", "south"))
    found = bookings.outlook(looked, Settings(draws=200), pipeline=None)
    assert {name.split("/")[0] for name in found.tree.series} == {"east", "south"}


def test_a_locked_company_has_no_range_in_its_headline(result):
    locks = judgement.read_locks(result.outlook, ["company=780000000"])
    held = bookings.held(result.outlook, locks)
    locked = dataclasses.replace(result, answers=dict(result.answers) | {"outlook": held}, drawn={})
    assert finding(locked, LANGUAGES[1]) == "签约已锁定为7.80亿元"
    assert "含锁定与调整，影响+" in lead(locked, LANGUAGES[1])
    assert "锁定" not in lead(result, LANGUAGES[1])


def test_a_part_of_last_year_is_no_whole_to_grow_targets_from():
    before = pd.Series({"Total": 100.0, "east": 40.0})
    asked = {"growth": 0.1, "gap": 0.05, "complete": False}
    assert targets.tiers(before, known={}, **asked).empty
    set_ = targets.tiers(before, known={("Total", "base"): 300.0}, **asked)
    assert set_.set_index("node")["target"].to_dict() == {"Total": 300.0, "east": 120.0}


def test_data_that_begin_within_the_last_month_are_one_error(tmp_path):
    rows = pd.read_parquet(SAMPLE / "contract.parquet")
    rows = rows[pd.to_datetime(rows["signed_date"]) >= "2026-07-20"]
    rows.to_parquet(tmp_path / "contract.parquet")
    shutil.copy(SAMPLE / "company.yaml", tmp_path / "company.yaml")
    with pytest.raises(InputError, match="no closed month has anything"):
        compute(open_company(tmp_path), Params(draws=200))


def test_months_of_the_total_that_are_not_in_the_data_are_named(tmp_path):
    rows = pd.read_parquet(SAMPLE / "contract.parquet")
    rows = rows[pd.to_datetime(rows["signed_date"]) >= "2026-03-01"]
    rows.to_parquet(tmp_path / "contract.parquet")
    shutil.copy(SAMPLE / "company.yaml", tmp_path / "company.yaml")
    made = compute(open_company(tmp_path), Params(draws=200))
    assert made.page(LANGUAGES[1]).foot.left_out.startswith("2026年3月之前各月")


def test_deals_that_change_nothing_do_not_decide(result):
    flat = dict(result.answers) | {"deciding": result.answer("deciding").assign(lift=0.0)}
    page = dataclasses.replace(result, answers=flat, drawn={}).page(LANGUAGES[0])
    assert "No single deal changes the chance" in page.blocks[4].fragment()


def test_the_foot_names_the_day_of_the_forecast(result):
    then = dataclasses.replace(result, params=Params(as_of=dt.date(2026, 7, 30)), drawn={})
    assert then.page(LANGUAGES[0]).foot.data_as_of.startswith("2026-07-30")
    assert result.page(LANGUAGES[0]).foot.data_as_of == "2026-07-31"


def test_a_fan_opens_at_the_last_closed_month(plain):
    table = cumulated(plain.scope, plain.history["Total"], plain.draws[:, 0], plain.last_year())
    last = table[table["period"] == plain.scope.last].iloc[0]
    assert last["actual"] == last["median"] == last["low95"] == last["high95"]
    assert table["actual"].notna().sum() == 3
    assert table["median"].dropna().is_monotonic_increasing
    end = table.iloc[-1]
    assert end["low95"] < end["low80"] < end["low50"] < end["median"] < end["high50"]


# -- the report ---------------------------------------------------------------------------------


def test_the_headline_holds_the_range_and_the_chance(result):
    english, chinese = (result.page(lang).finding for lang in LANGUAGES)
    low, high = result.outlook.quantiles([0.1, 0.9])
    assert Language("zh").interval(low, high, currency="CNY") in chinese
    assert "十次有八次落在" in chinese and "80% interval" in english


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_the_page_has_six_tiles_and_five_blocks(result, lang):
    page = result.page(lang)
    assert len(page.tiles) == 6 and len(page.blocks) == 5
    assert sum(block.span for block in page.blocks[:3]) == 12
    assert sum(block.span for block in page.blocks[3:]) == 12


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_texts_are_set_right(pages, lang):
    texts = list(texts_of_html(pages[lang.code]))
    assert texts
    faults = [fault for text in texts for fault in half_width_faults(text, code=lang.code)]
    assert faults == []


def test_the_chinese_report_has_no_english(pages):
    allowed = ("Theta", "OWA", "MASE", "sMAPE")
    texts = list(texts_of_html(pages["zh"]))
    assert [fault for text in texts for fault in english_faults(text, allowed=allowed)] == []


def test_no_number_is_lost_on_the_way_to_the_page(pages):
    for html in pages.values():
        assert not re.search(r"\bnan\b|NaT|None", html)


def test_what_is_recorded_has_a_name_in_both_languages(result):
    labels, tables = result.labels(), result.tables()
    assert set(result.summary()) - set(labels) <= {"slippage_rate"}
    assert set(tables) <= set(labels)
    for name, table in tables.items():
        assert len(table), name
    assert set(result.figures(LANGUAGES[0])) == set(result.figures(LANGUAGES[1]))


def test_the_so_what_follows_from_the_findings(result):
    assert isinstance(result.section("so_what", LANGUAGES[0]), SoWhat)
    assert len(tuple(result.section("so_what", LANGUAGES[0]).sentences)) >= 3
    weak = dataclasses.replace(result, answers=dict(result.answers) | {"people": None}, drawn={})
    fewer = weak.section("so_what", LANGUAGES[0])
    assert len(tuple(fewer.sentences)) < len(
        tuple(result.section("so_what", LANGUAGES[0]).sentences)
    )


def test_assumptions_say_where_targets_come_from(result):
    said = dict(result.assumptions(LANGUAGES[0]))
    assert {"Months", "Deals", "Targets", "Collections"} <= set(said)


# -- what lacks ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lines_only(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lines")
    for name in ("company.yaml", "order_line.parquet"):
        shutil.copy(SAMPLE / name, folder / name)
    return compute(open_company(folder), Params(draws=200))


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_order_lines_alone_give_revenue_and_boxes(lines_only, lang):
    assert lines_only.scope.kpi == "revenue_net"
    assert not lines_only.has("pipeline", "money")
    page = lines_only.page(lang)
    boxes = [block for block in page.blocks if isinstance(block.body, (MissingBox, WarningBox))]
    assert len(boxes) == 2
    for name in sections():
        assert lines_only.section(name, lang)._repr_html_()
    assert isinstance(lines_only.section("collections", lang), MissingBox)


def test_a_short_history_still_gives_a_page(tmp_path):
    months = pd.period_range("2026-01", "2026-06", freq="M")
    days = [str(month.end_time.date()) for month in months]
    lines = order_lines(
        order_line_id=[f"L{n}" for n in range(6)],
        order_date=days,
        recognised_date=days,
        amount=[100.0, 120.0, 90.0, 110.0, 130.0, 105.0],
    )
    small = make_company(tmp_path / "small", {"order_line": lines}, {"data_as_of": "2026-06-30"})
    result = compute(small, Params(draws=200))
    assert np.isfinite(result.summary()["total_median"])
    assert not result.has("year_ago")
    for lang in LANGUAGES:
        assert result.page(lang)._repr_html_()
        for name in [*sections(), "so_what"]:
            assert result.section(name, lang)._repr_html_() is not None


def test_nothing_to_forecast_is_said(tmp_path):
    empty = make_company(tmp_path / "empty", {"account": pd.DataFrame({"account_id": ["A1"]})})
    with pytest.raises(InputError, match="nothing to forecast"):
        compute(empty, Params())


def test_parameters_are_declared_in_both_languages():
    assert issubclass(Params, BaseParams)
    assert set(Params.model_fields) >= {"as_of", "horizon", "locks", "targets", "seed", "effort"}


def test_a_rolling_total_is_held_against_the_same_months(result):
    """A month ago those months lay one further: the month that closed since is not counted."""
    from workbench.forecasting.story.words import a_month_ago

    rolling = dataclasses.replace(
        result, scope=dataclasses.replace(result.scope, from_year_start=False), drawn={}
    )
    before = result.answer("changes").before
    found = a_month_ago(rolling)
    assert found == pytest.approx(before.draws[:, 0, 1:].sum(axis=1))
    assert np.median(found) < np.median(a_month_ago(result))


def test_what_lacks_is_said_in_the_language_of_the_page(company):
    other = scope(company, kpi="revenue_net")
    with pytest.raises(NotIdentifiedError) as caught:
        deals_ahead(other, Settings(draws=200))
    said = [WarningBox.of(caught.value, lang=lang) for lang in LANGUAGES]
    assert said[0].message == caught.value.message
    assert said[1].message == "在手商机对应签约，而非收入"
