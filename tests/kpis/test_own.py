"""The company's own definitions and formulas, and the errors of wrong ones."""

import pandas as pd
import pytest

from tests.kpis.little import SETTINGS
from tests.support.companies import make_company
from workbench.company import open_company
from workbench.errors import ParameterError
from workbench.kpis import KPIS, dictionary_of, kpi
from workbench.text import Language

HALF = {"start": "2026-01-01", "end": "2026-06-30"}
EN, ZH = Language("en"), Language("zh")
BIG = {
    "name": ["Big lines", "大额订单行"],
    "formula": ["order lines of 20,000 and more", "两万元及以上的订单行数"],
    "unit": "count",
    "direction": "up",
    "cuts": ["account", "product_line"],
    "sql": "select account_id, region, rep_id, product_line, order_date as day, 1 as numerator"
    " from order_line where amount >= 20000",
}


@pytest.fixture
def with_kpis(little, tmp_path):
    """The little company with other settings; its tables stay where they are."""

    def made(**kpis):
        import yaml

        for name in little.tables:
            (tmp_path / f"{name}.parquet").symlink_to(little.folder / f"{name}.parquet")
        text = yaml.safe_dump({**SETTINGS, "kpis": kpis}, allow_unicode=True)
        (tmp_path / "company.yaml").write_text(text, encoding="utf-8")
        return open_company(tmp_path)

    return made


def test_a_company_chooses_the_definition_that_is_usual_there(little, with_kpis):
    company = with_kpis(gross_margin={"definition": 2})
    found = kpi(company, "gross_margin", **HALF)
    assert found.definition == 2
    assert found.value == kpi(little, "gross_margin", **HALF, definition=2).value
    assert found.formula(ZH) == "（不含税收入−成本−返利−运费−提成）/不含税收入（贡献毛利率）"
    assert kpi(company, "gross_margin", **HALF, definition=1).definition == 1


def test_an_own_formula_replaces_the_known_one_and_is_printed(little, with_kpis):
    company = with_kpis(
        bookings={
            "formula": ["signed sales contracts alone", "仅销售合同"],
            "rows": "signed",
            "where": "contract_type = 'sale'",
            "numerator": "sum(gross)",
        }
    )
    found = kpi(company, "bookings", **HALF)
    contracts = little.table("contract", money="float")
    chosen = contracts[
        contracts["signed_date"].between("2026-01-01", "2026-06-30")
        & (contracts["contract_type"] == "sale")
    ]
    rate = (chosen["tax_basis"] == "excl") * chosen["tax_rate"]
    assert found.value == pytest.approx((chosen["amount"] * (1 + rate)).round(2).sum())
    assert (found.definition, found.formula(EN)) == (0, "signed sales contracts alone")
    assert kpi(company, "bookings", **HALF, definition=1).value != found.value
    growth = kpi(company, "yoy_growth", **HALF, of="bookings")
    assert growth.numerator == found.value


def test_a_kpi_of_its_own_has_periods_cuts_and_a_name(little, with_kpis):
    company = with_kpis(big_lines=BIG)
    found = kpi(company, "big_lines", **HALF)
    lines = little.table("order_line", money="float")
    chosen = lines[
        lines["order_date"].between("2026-01-01", "2026-06-30") & (lines["amount"] >= 20000)
    ]
    assert found.value == len(chosen)
    assert (found.name(EN), found.name(ZH)) == ("Big lines", "大额订单行")
    cells = kpi(company, "big_lines", **HALF, by=("month", "region")).table()
    assert cells["value"].sum() == len(chosen)
    assert set(KPIS) < set(dictionary_of(company))


def test_an_own_rate_is_a_sum_over_a_sum_of_populations(with_kpis):
    company = with_kpis(
        share_of_direct={
            **BIG,
            "unit": "rate",
            "sql": "select account_id, region, rep_id, product_line, order_date, day,"
            " case when channel = 'direct' then net else 0 end as numerator, net as denominator"
            " from revenue",
        }
    )
    direct = kpi(company, "revenue_net", **HALF, by="channel").table().set_index("channel")
    found = kpi(company, "share_of_direct", **HALF)
    assert found.value == pytest.approx(direct.loc["direct", "value"] / direct["value"].sum())


@pytest.mark.parametrize(
    ("override", "why"),
    [
        ({"gross_margin": {"definition": 9}}, "no definition 9"),
        ({"gross_margin": {"definiton": 2}}, "definiton"),
        ({"mine": {"unit": "count"}}, "name, formula, unit"),
        ({"mine": {**BIG, "unit": "bananas"}}, "unit is none of"),
        ({"mine": {**BIG, "direction": "sideways"}}, "direction"),
        ({"mine": {k: v for k, v in BIG.items() if k != "formula"}}, "said in words"),
        ({"bookings": {"rows": "signd", "formula": ["a", "b"]}}, "rows is none of"),
        ({"bookings": {"rows": "signed", "formula": ["a", "b"]}}, "needs a numerator"),
    ],
)
def test_a_wrong_override_says_what_is_wrong(tmp_path, override, why):
    company = make_company(tmp_path, {"contract": pd.DataFrame()}, {"kpis": override})
    with pytest.raises(ParameterError, match="cannot be used") as raised:
        dictionary_of(company)
    assert why in str(raised.value)


def test_the_band_of_stock_cover_is_the_companys(tmp_path):
    company = make_company(tmp_path, {"contract": pd.DataFrame()}, {"stock_cover_band": [15, 30]})
    assert dictionary_of(company)["stock_cover_days"].band == (15, 30)
    assert KPIS["stock_cover_days"].band == (20, 45)
