"""What a figure says of itself, in both languages."""

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.kpis import KPIS, kpi
from workbench.text import Language
from workbench.text.checks import english_faults, half_width_faults

HALF = {"start": "2026-01-01", "end": "2026-06-30"}
EN, ZH = Language("en"), Language("zh")


def test_the_formula_in_use_stands_beside_the_figure(little):
    found = kpi(little, "return_rate", **HALF, definition=2)
    assert found.formula(EN) == "returned in the period / shipped in the period"
    assert found.formula(ZH) == "期内退货额/期内发货额"
    assert found.definition == 2


def test_tables_that_could_not_be_counted_are_said(tmp_path):
    company = make_company(tmp_path, {"order_line": order_lines()}, {"data_as_of": "2026-06-30"})
    found = kpi(company, "revenue_net", **HALF)
    assert "(without Channel partners, Rebates and" in found.formula(EN)
    assert found.formula(ZH).endswith("）")
    assert not half_width_faults(found.formula(ZH)) and not english_faults(found.formula(ZH))


def test_the_basis_names_tax_currency_and_organisation(little):
    assert kpi(little, "bookings", **HALF).basis(EN) == "with VAT, CNY, today's organisation"
    assert kpi(little, "gross_margin", **HALF).basis(ZH) == "不含税，现组织口径"
    assert kpi(little.at_the_time(), "bookings", **HALF).basis(ZH).endswith("原口径")
    assert "2025-06-30" in kpi(little.as_of("2025-06-30"), "bookings", **HALF).basis(ZH)


@pytest.mark.parametrize(
    ("kpi_id", "value", "english", "chinese"),
    [
        ("bookings", 386e6, "CNY 386 million", "3.86亿元"),
        ("gross_margin", 0.324, "32.4%", "32.4%"),
        ("pacing_gap", -0.012, "−1.2 pp", "−1.2个百分点"),
        ("pipeline_coverage", 2.4, "2.4×", "2.4倍"),
        ("active_customers", 1912, "1,912", "1,912"),
        ("dso", 75.4, "75 days", "75天"),
        ("revenue_per_rep", 12e6, "CNY 12.0 million a person", "1,200万元/人"),
        ("gross_margin", float("nan"), "–", "–"),
        ("revenue_per_rep", float("nan"), "–", "–"),
    ],
)
def test_values_are_written_in_their_unit(little, kpi_id, value, english, chinese):
    found = kpi(little, kpi_id, **HALF)
    assert (found.format(EN, value), found.format(ZH, value)) == (english, chinese)


def test_tiles_get_figure_and_unit_apart(little):
    assert kpi(little, "bookings", **HALF).parts(ZH, 386e6) == ("3.86", "亿元")
    assert kpi(little, "revenue_per_rep", **HALF).parts(ZH, 12e6) == ("1,200", "万元/人")
    assert kpi(little, "gross_margin", **HALF).parts(ZH, 0.324) == ("32.4%", "")


def test_changes_of_rates_are_points_and_of_amounts_relative(little):
    assert kpi(little, "gross_margin", **HALF).format_change(ZH, -0.012) == "−1.2个百分点"
    assert kpi(little, "bookings", **HALF).format_change(EN, 0.08) == "+8.0%"


def test_growth_is_named_and_judged_as_what_it_compares(little):
    found = kpi(little, "yoy_growth", **HALF, of="ar_over_90")
    assert found.name(ZH) == "同比增长率：逾期90天以上应收"
    assert (found.direction, found.tax_basis) == ("down", "incl")
    assert kpi(little, "discount_rate", **HALF, definition=2).direction == "up"


def test_a_result_cannot_be_changed_from_outside(little):
    found = kpi(little, "bookings", **HALF, by="region")
    taken = found.table()
    taken["value"] = 0.0
    assert (found.table()["value"] != 0).all()


def test_it_shows_itself_in_a_notebook(little):
    whole = kpi(little, "gross_margin", **HALF)._repr_html_()
    assert "Gross margin rate" in whole and "%" in whole and "cost of goods" in whole
    assert "毛利率" in kpi(little, "gross_margin", **HALF).html(ZH)
    assert kpi(little, "dso", **HALF).summary().keys() == {"dso"}
    cut = kpi(little, "bookings", **HALF, by="region")._repr_html_()
    assert "<table" in cut and "net of cancellations" in cut


def test_times_are_days_of_the_calendar(little):
    found = kpi(little, "bookings", **HALF, by=("quarter", "region")).table()
    assert found["quarter"].dtype.kind == "M"
    assert set(found["quarter"]) == {pd.Timestamp("2026-01-01"), pd.Timestamp("2026-04-01")}
    nothing = kpi(little, "bookings", start="2026-01-01", end="2026-06-30", as_of="2025-01-01",
        by="quarter").table()  # fmt: skip
    assert nothing.empty and nothing["quarter"].dtype.kind == "M"


@pytest.mark.parametrize("kpi_id", list(KPIS))
def test_the_dictionary_reads_well_in_both_languages(kpi_id):
    entry = KPIS[kpi_id]
    for lang, code in ((EN, "en"), (ZH, "zh")):
        texts = [entry.name(lang), entry.grain(lang), entry.note(lang), entry.unit_label(lang)]
        for number in entry.definitions:
            texts += [entry.formula(lang, number), entry.population(lang, number)]
        for text in filter(None, texts):
            assert half_width_faults(text, code=code) == []
            if code == "zh":
                assert english_faults(text) == []
    assert entry.names[0] and entry.names[1] and entry.notes[0] and entry.notes[1]
