"""A company: lazy tables, SQL, organisation by date, one hash, clear errors."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.errors import InputError, MissingTableError, ParameterError

LINES = order_lines(
    account_id=["A1", "A1", "A2"],
    order_date=["2025-02-01", "2026-02-01", "2026-03-01"],
    amount=[113.00, 226.00, 106.00],
    tax_rate=[0.13, 0.13, 0.06],
    product_line=["equipment", "equipment", "service"],
)
ASSIGNED = pd.DataFrame(
    {
        "account_id": ["A1", "A1", "A2"],
        "rep_id": ["R1", "R2", "R3"],
        "team_id": ["T1", "T2", "T2"],
        "region": ["east", "north", "north"],
        "valid_from": ["2021-01-01", "2026-01-01", "2021-01-01"],
        "valid_to": ["2025-12-31", None, "2025-06-30"],
    }
)
BY_REGION = """
    select a.region, sum(net_amount(l.amount, l.tax_basis, l.tax_rate)) as revenue
    from order_line l left join attribution a on a.account_id = l.account_id
     and l.order_date between a.valid_from and a.valid_to
    group by 1 order by 1
"""


@pytest.fixture
def company(tmp_path):
    settings = {"name": {"en": "Pump Works", "zh": "泵业"}, "data_as_of": "2026-03-31"}
    return make_company(tmp_path, {"order_line": LINES, "assignment": ASSIGNED}, settings)


def test_a_table_is_read_in_part_with_exact_money(company):
    part = company.table(
        "order_line",
        columns=["order_line_id", "amount"],
        where="order_date >= ?",
        parameters=[dt.date(2026, 1, 1)],
    )
    assert part["order_line_id"].tolist() == ["L0001", "L0002"]
    assert part["amount"].tolist() == [Decimal("226.00"), Decimal("106.00")]
    floats = company.table("order_line", money="float")
    assert floats["amount"].dtype == "float64"
    assert floats["order_date"].dt.month.tolist() == [2, 2, 3]


def test_declared_columns_a_file_lacks_read_as_missing(company):
    assert company.table("order_line", columns=["partner_id"])["partner_id"].isna().all()


def test_amounts_change_tax_basis_per_line(company):
    totals = company.sql(
        "select sum(net_amount(amount, tax_basis, tax_rate)) net,"
        " sum(gross_amount(amount, tax_basis, tax_rate)) gross from order_line"
    )
    assert totals.iloc[0].tolist() == [Decimal("400.00"), Decimal("445.00")]


def test_an_unknown_tax_basis_is_refused_not_guessed(tmp_path):
    company = make_company(tmp_path, {"order_line": order_lines(tax_basis="?")})
    with pytest.raises(InputError, match="query cannot be run") as raised:
        company.sql("select sum(net_amount(amount, tax_basis, tax_rate)) from order_line")
    assert "neither incl nor excl" in raised.value.do


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("today", {"north": 400}),
        ("at_the_time", {"east": 100, "north": 200, None: 100}),
        ("2025-03-01", {"east": 300, "north": 100}),
    ],
)
def test_rows_follow_the_organisation_asked_for(company, view, expected):
    chosen = {"today": company, "at_the_time": company.at_the_time()}.get(view)
    found = (chosen or company.as_of(view)).sql(BY_REGION, money="float")
    found = {None if r != r else r: v for r, v in found.itertuples(index=False)}
    assert found == pytest.approx(expected)


def test_without_assignments_the_owner_of_the_account_stands_in(tmp_path):
    accounts = pd.DataFrame(
        {"account_id": ["A1", "A2"], "owner_id": ["R1", None], "region": "east"}
    )
    company = make_company(tmp_path, {"order_line": LINES, "account": accounts})
    assert company.sql(BY_REGION)["region"].tolist() == ["east"]


def test_a_missing_table_says_what_it_is_for_and_how_to_add_it(company):
    for ask in (
        lambda: company.require("order_line", "receipt"),
        lambda: company.table("receipt"),
        lambda: company.sql("select * from receipt"),
    ):
        with pytest.raises(MissingTableError, match="receipt") as raised:
            ask()
        assert raised.value.table == "receipt"
        assert "workbench template receipt" in raised.value.do
    assert company.has("order_line") and not company.has("order_line", "receipt")
    assert company.tables == ("order_line", "assignment")


def test_wrong_columns_and_wrong_sql_are_input_errors(company):
    with pytest.raises(InputError, match="no column 'amout'"):
        company.table("order_line", columns=["amout"])
    with pytest.raises(InputError, match="query cannot be run"):
        company.sql("select amout from order_line")


def test_the_hash_changes_with_data_and_settings_only(company, tmp_path):
    first = company.content_hash
    assert open_company(tmp_path).content_hash == first
    (tmp_path / "notes.txt").write_text("nothing to do with it")
    assert open_company(tmp_path).content_hash == first
    (tmp_path / "company.yaml").write_text("base_currency: USD\n")
    changed = open_company(tmp_path).content_hash
    assert changed != first
    make_company(tmp_path, {"order_line": LINES.head(2)}, {"base_currency": "USD"})
    assert open_company(tmp_path).content_hash not in (first, changed)


def test_a_table_may_be_a_folder_of_parts(company, tmp_path):
    whole = tmp_path / "order_line.parquet"
    (tmp_path / "order_line").mkdir()
    whole.rename(tmp_path / "order_line" / "part-0.parquet")
    assert len(open_company(tmp_path).table("order_line")) == 3


def test_names_labels_and_last_day(company, tmp_path):
    assert (company.name("en"), company.name("zh")) == ("Pump Works", "泵业")
    assert company.label("channel", "dealer", "zh") == "经销"
    assert company.label("region", "east", "zh") == "east"
    own = "labels: {region: {east: [East China, 华东]}}\n"
    (tmp_path / "company.yaml").write_text(own, encoding="utf-8")
    other = open_company(tmp_path)
    assert other.label("region", "east", "zh") == "华东"
    assert other.data_as_of == dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fiscal_start_month: 13", "fiscal_start_month"),
        ("clsoing_day: 25", "clsoing_day"),
        ("name: [", "line 1"),
    ],
)
def test_wrong_settings_are_one_clear_error(tmp_path, text, told):
    (tmp_path / "company.yaml").write_text(text)
    with pytest.raises(ParameterError) as raised:
        open_company(tmp_path)
    assert told in str(raised.value)


def test_a_folder_without_company_is_refused(tmp_path):
    with pytest.raises(InputError, match="no company"):
        open_company(tmp_path)
    with pytest.raises(InputError, match="no company"):
        open_company(tmp_path / "nowhere")


def test_an_instant_is_read_as_its_shanghai_date(tmp_path):
    leads = pd.DataFrame(
        {"lead_id": ["E1"], "created_at": pd.to_datetime(["2026-03-01 23:30"], utc=True)}
    )
    company = make_company(tmp_path, {"lead": leads}, {"data_as_of": "2026-03-31"})
    day = company.sql("select created_at::date as day from lead")["day"].iloc[0]
    assert day == pd.Timestamp("2026-03-02")
