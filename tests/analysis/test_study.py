"""The study as a whole on the sample company: one figure everywhere, both languages, what lacks."""

import datetime as dt
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.support.companies import make_company, order_lines
from workbench.analysis import cuts, margin
from workbench.analysis.measure import measure, value
from workbench.analysis.story import sections
from workbench.analysis.story.first_blocks import rounded_effects
from workbench.analysis.study_sales_analysis import Params, SalesAnalysis, compute
from workbench.analysis.study_sales_analysis import _scope as scope_of
from workbench.company import open_company
from workbench.errors import InputError, MissingTableError, ParameterError
from workbench.report import MissingBox, SoWhat
from workbench.text import Language, fonts
from workbench.text.checks import english_faults, half_width_faults, texts_of_html
from workbench.told import Missing

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
LANGUAGES = [Language("en"), Language("zh")]


@pytest.fixture(scope="module")
def result():
    return compute(open_company(SAMPLE), Params())


@pytest.fixture(scope="module")
def pages(result):
    """HTML of the whole report, by language."""

    def whole(lang):
        parts = [
            result.page(lang),
            *(result.section(name, lang) for name in [*sections(), "so_what"]),
        ]
        return "".join(part._repr_html_() for part in parts)

    return {lang.code: whole(lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def deals_only(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deals")
    for name in ("company.yaml", "opportunity.parquet"):
        shutil.copy(SAMPLE / name, folder / name)
    return compute(open_company(folder), Params())


def test_every_question_has_an_answer(result):
    assert [name for name, answer in result.answers.items() if isinstance(answer, Missing)] == []
    assert all(np.isfinite(v) for v in result.summary().values())


def test_revenue_is_the_same_on_tile_waterfall_and_table(result):
    growth, tile = result.answer("growth"), result.answers["tiles"]["revenue_net"].figure
    assert float(growth.after) == pytest.approx(tile.now, abs=0.05)
    assert float(growth.before) == pytest.approx(tile.before, abs=0.05)
    heat = result.answer("heat").iloc[-1]
    assert heat["after"] == pytest.approx(tile.now, abs=0.05)
    assert heat["growth"] == pytest.approx(tile.growth, abs=1e-9)
    assert result.answer("monthly")["net"].sum() == pytest.approx(tile.now, abs=0.05)
    curve = result.answer("concentration").curve
    assert curve["net"].sum() >= tile.now - 1


def test_overdue_is_the_same_on_tile_trend_and_table(result):
    tile = result.answers["tiles"]["overdue_rate"].figure.now
    assert result.answer("overdue")["overdue"].iloc[-1] == pytest.approx(tile, abs=1e-9)
    shares = result.answer("ageing").set_index("bucket")["share"]
    assert 1 - shares["not_due"] == pytest.approx(tile, abs=1e-9)


def test_what_is_read_in_the_waterfall_adds_up(result):
    for lang in LANGUAGES:
        effects = rounded_effects(result, lang)
        growth = result.answer("growth")
        assert sum(effects.values()) == pytest.approx(float(growth.change), abs=0.01)
        for cause, amount in effects.items():
            assert amount == pytest.approx(float(growth.amount(cause)), abs=6e5)


def test_the_margin_splits_without_remainder_and_meets_the_kpi(result):
    found = result.answer("margin")
    assert found.price + found.cost + found.mix == pytest.approx(found.now - found.before, abs=1e-9)
    tile = result.answers["tiles"]["gross_margin"].figure
    assert (found.now, found.before) == pytest.approx((tile.now, tile.before), abs=2e-3)


def test_chosen_regions_are_parts_of_the_whole(result):
    company = result.scope.company
    everything = {
        r: value(compute_scope(company, (r,)), "revenue_net") for r in result.scope.known_regions
    }
    assert sum(everything.values()) == pytest.approx(value(result.scope, "revenue_net"), rel=1e-9)
    pair = result.scope.known_regions[:2]
    assert value(compute_scope(company, pair), "gross_margin") == pytest.approx(
        _margin_of(company, pair), rel=1e-9
    )


def compute_scope(company, regions):
    from workbench.analysis.scope import Scope, window

    return Scope(company, window("ytd", company.data_as_of), tuple(regions))


def _margin_of(company, regions):
    table = measure(compute_scope(company, ()), "gross_margin", by=("region",))
    chosen = table[table["region"].isin(regions)]
    return chosen["numerator"].sum() / chosen["denominator"].sum()


def test_both_organisations_have_the_same_total_and_other_regions(result):
    # Accounts change hands in January, so last year's revenue moves between regions.
    today = cuts.by(result.scope, "region").set_index("region")["before"]
    then = compute_scope(open_company(SAMPLE).at_the_time(), ())
    other = cuts.by(then, "region").set_index("region")["before"]
    assert other.sum() == pytest.approx(today.sum(), rel=1e-9)
    assert (other - today).abs().max() > 1e5


def test_an_unknown_region_is_one_clear_error():
    with pytest.raises(InputError, match="'moon'") as raised:
        compute(open_company(SAMPLE), Params(regions=("moon",)))
    assert "east" in raised.value.do


def test_other_spans_and_days_make_a_whole_page():
    result = compute(open_company(SAMPLE), Params(span="month", as_of=dt.date(2025, 11, 14)))
    page = result.page(Language("zh"))
    assert page.finding and len(page.tiles) == 6
    assert page._repr_html_().count("<h1") == 1


def test_the_first_year_of_the_data_has_nothing_to_compare_with():
    result = compute(open_company(SAMPLE), Params(as_of=dt.date(2022, 3, 31)))
    page = result.page(Language("en"))
    assert "on the year" not in page.finding
    assert "nan" not in page._repr_html_().lower().replace("finance", "")


def test_without_plan_or_last_year_months_stand_by_themselves(tmp_path):
    for name in ("company.yaml", "order_line.parquet", "product.parquet"):
        shutil.copy(SAMPLE / name, tmp_path / name)
    result = compute(open_company(tmp_path), Params(as_of=dt.date(2022, 3, 31)))
    page = result.page(Language("en"))
    assert "Revenue by month" in {block.title for block in page.blocks}
    assert not any("changed by" in block.title for block in page.blocks)
    assert result.answers["growth"] is None


def test_the_chinese_report_has_no_english_sentence_and_no_half_width_marks(pages):
    names = {"CNY", "So", "Pareto"}
    for text in texts_of_html(pages["zh"]):
        assert not english_faults(text, allowed=names), text
        assert not half_width_faults(text), text


def test_the_english_report_has_no_chinese(pages):
    for text in texts_of_html(pages["en"]):
        assert not re.search("[一-鿿]", text), text
        assert not half_width_faults(text), text


def test_no_glyph_is_missing_and_no_address_leads_out(pages):
    for html in pages.values():
        assert fonts.missing("".join(texts_of_html(html))) == set()
        outside = set(re.findall(r"https?://[^\"'<> ]+", html)) - {"http://www.w3.org/2000/svg"}
        assert {a for a in outside if "w3.org" not in a} == set()


def test_words_that_are_no_numbers_never_reach_the_page(pages):
    for html in pages.values():
        texts = " ".join(texts_of_html(html))
        assert not re.search(r"\b(nan|None|NaT|inf)\b", texts)


def test_opportunities_alone_make_a_report_with_boxes_for_the_rest(deals_only):
    for lang in LANGUAGES:
        page = deals_only.page(lang)
        assert page.finding and page.tiles
        page._repr_html_()
        built = {name: deals_only.section(name, lang) for name in sections()}
        boxes = {name for name, part in built.items() if isinstance(part, MissingBox)}
        assert boxes == set(sections()) - {"funnel"}
        box = built["receivables"]._repr_html_()
        assert "receivable_plan" in box and "workbench template" in box
        assert isinstance(deals_only.section("so_what", lang), SoWhat)


def test_each_table_that_goes_missing_takes_only_its_own_sections(result, tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "c", ignore=shutil.ignore_patterns("truth"))
    for name in ("sell_out", "market_size"):
        (tmp_path / "c" / f"{name}.parquet").unlink()
    partial = compute(open_company(tmp_path / "c"), Params())
    lang = Language("en")
    lost = {n for n in sections() if isinstance(partial.section(n, lang), MissingBox)}
    assert lost == {"market", "dealers"}
    with pytest.raises(MissingTableError, match="sell_out"):
        partial.answer("cover")
    assert partial.page(lang).finding


def test_an_empty_folder_says_what_to_add(tmp_path):
    (tmp_path / "company.yaml").write_text("base_currency: CNY\n")
    with pytest.raises(InputError, match="nothing to analyse"):
        compute(open_company(tmp_path), Params())


@pytest.mark.parametrize("day", ["1990-01-01", "2022-01-01"])
def test_a_period_without_revenue_says_which_days_there_are(day):
    with pytest.raises(ParameterError, match="no revenue was recognised") as told:
        compute(open_company(SAMPLE), Params(as_of=dt.date.fromisoformat(day)))
    assert told.value.where == f"as_of={day}"
    assert "2021-08" in told.value.do and "2026-07-31" in told.value.do


@pytest.mark.parametrize("day", ["2026-08-01", "2026-12-31", "2035-01-01"])
def test_a_day_that_the_data_do_not_reach_is_refused(day):
    """Twelve months beside the seven that are known would look like a fall."""
    company = open_company(SAMPLE)
    with pytest.raises(ParameterError, match=r"the data end before that, on 2026-07-31") as told:
        compute(company, Params(as_of=dt.date.fromisoformat(day)))
    assert told.value.where == f"as_of={day}"
    assert compute(company, Params(as_of=dt.date(2026, 7, 31))).summary()


def test_the_first_days_of_the_data_have_a_page_and_say_what_is_too_early():
    early = compute(open_company(SAMPLE), Params(as_of=dt.date(2021, 9, 1)))
    assert early.page(Language("en")).finding
    for lang in LANGUAGES:
        for name in sections():
            assert early.section(name, lang) is not None


def test_orders_without_a_day_of_revenue_say_what_to_give(tmp_path):
    make_company(tmp_path, {"order_line": order_lines(amount=[9.0]).assign(recognised_date=None)})
    with pytest.raises(ParameterError) as told:
        compute(open_company(tmp_path), Params())
    assert "day their revenue was recognised" in told.value.do


def test_margin_needs_costs(result, tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "c", ignore=shutil.ignore_patterns("truth"))
    (tmp_path / "c" / "unit_cost.parquet").unlink()
    scope = compute_scope(open_company(tmp_path / "c"), ())
    with pytest.raises(MissingTableError, match="unit_cost"):
        margin.margin_change(scope)


def test_every_figure_table_and_column_on_record_has_a_name_in_both_languages(result):
    from workbench.analysis.story.labels import COLUMNS, TABLES
    from workbench.kpis import KPIS
    from workbench.report.labels import COMMON
    from workbench.tables import TABLES as DECLARED

    named = set(result.labels()) | set(KPIS)
    assert set(result.summary()) <= named
    assert set(result.tables()) == set(TABLES)
    assert not set(TABLES) & set(COLUMNS)
    declared = {column.name for table in DECLARED.values() for column in table.columns}
    own_codes = set(result.scope.company.settings.labels["product_line"])
    used = {column for table in result.tables().values() for column in table.columns}
    assert used - set(COLUMNS) - set(COMMON) - declared - own_codes == set()


@pytest.mark.parametrize("lang", LANGUAGES, ids=lambda lang: lang.code)
def test_what_it_takes_for_granted_is_said(result, deals_only, lang):
    stated = dict(result.assumptions(lang))
    assert len(stated) == 6
    assert all(text.endswith(lang.stop.strip()) for text in stated.values())
    assert lang.pick("January to July 2026", "2026年1–7月") in stated[lang.pick("Period", "期间")]
    assert len(deals_only.assumptions(lang)) == 2  # no revenue, no stock to speak of


def test_what_it_takes_for_granted_follows_the_parameters():
    company = open_company(SAMPLE)
    asked = Params(regions=["east"], organisation="at_the_time")
    unanswered = SalesAnalysis(scope=scope_of(company, asked), params=asked, answers={})
    stated = dict(unanswered.assumptions(LANGUAGES[0]))
    assert stated["Regions"] == "Only these regions: East."
    assert stated["Organisation"] == "Rows count for whoever owned the account on their own date."
