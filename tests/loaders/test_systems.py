"""Exports of each system, in both languages, are known for what they are.

`systems/` holds small files with the systems' own headers and invented values; `expected.yaml` says
what each header means. The traps between systems have tests of their own.
"""

import re
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from tests.support.sheets import ListSheet
from workbench.loaders import headers
from workbench.loaders.files import open_paths
from workbench.loaders.header_pages import FILES, SYSTEMS, page, write
from workbench.loaders.headers import counterpart, facts, forms, plain, referring
from workbench.loaders.layout import open_sheet
from workbench.loaders.mapping import HELPERS
from workbench.loaders.recognise import recognise
from workbench.loaders.systems import known_systems, named_table
from workbench.tables import TABLES

HERE = Path(__file__).parent / "systems"
DOCS = Path(__file__).parents[2] / "docs"
EXPECTED = yaml.safe_load((HERE / "expected.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def mappings():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        grids, skipped = open_paths([HERE / name for name in EXPECTED], work=work)
        assert not skipped
        yield {grid.source.file: recognise(open_sheet(grid, work=work)) for grid in grids}


@pytest.mark.parametrize("name", EXPECTED)
def test_an_export_is_known(mappings, name):
    mapping, expected = mappings[name], EXPECTED[name]
    assert (mapping.system, mapping.table) == (expected["system"], expected["table"])
    assert {f.header: f.target for f in mapping.fields if f.target} == expected["targets"]
    unused = [f.header for f in mapping.fields if f.target is None]
    assert unused == expected.get("unused", [])
    assert not [q for q in mapping.questions if q.code in ("table", "column", "stage")]


def test_every_system_has_a_file_in_each_language_it_has():
    languages = defaultdict(set)
    for name, expected in EXPECTED.items():
        found = re.search(r"_(en|zh)\.csv$", name)
        if found:
            languages[expected["system"]].add(found[1])
    both = {"zoho", "salesforce", "hubspot", "odoo", "dynamics365", "erpnext", "espocrm"}
    assert all(languages[system] == {"en", "zh"} for system in both)
    assert languages["fxiaoke"] == languages["cordys"] == {"zh"}
    assert {e["system"] for e in EXPECTED.values()} == {*known_systems()} - {"generic_en"}


# -- traps between systems -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("system", "thing", "table", "header", "target"),
    [
        ("odoo", "crm.lead", "opportunity", "Expected Revenue", "amount"),
        ("zoho", "Deals", "opportunity", "Expected Revenue", "@expected_revenue"),
        ("salesforce", "Opportunity", "opportunity", "Expected Revenue", "@expected_revenue"),
        ("suitecrm", "Opportunities", "opportunity", "date_closed", "expected_close_date"),
        ("odoo", "crm.lead", "opportunity", "date_closed", "close_date"),
        ("hubspot", "deals", "opportunity", "closedate", "@closing_date"),
        ("zoho", "Deals", "opportunity", "Closing_Date", "@closing_date"),
        ("salesforce", "Opportunity", "opportunity", "CloseDate", "@closing_date"),
        ("fxiaoke", "NewOpportunityObj", "opportunity", "close_date", "@closing_date"),
        ("fxiaoke", "AccountObj", "account", "客户分类", "customer_type"),
        ("fxiaoke", "AccountObj", "account", "客户类型", "size_class"),
        ("zoho", "Accounts", "account", "客户类型", "customer_type"),
        ("zoho", "Invoices", "invoice", "发货单编号", "invoice_id"),
        ("generic_zh", "sheet", "delivery", "发货单编号", "delivery_id"),
        ("generic_zh", "sheet", "rep", "绩效奖金", None),
        ("generic_zh", "sheet", "order_line", "含税单价", "@unit_price"),
        ("generic_zh", "sheet", "order_line", "不含税金额", "@amount_net"),
    ],
)
def test_a_word_means_what_its_system_says(system, thing, table, header, target):
    known = headers.groups()[system, thing, table]
    assert known[plain(header)].target == target


def test_agents_are_told_from_dealers_by_their_own_column():
    from workbench.loaders.choices import code_of

    column = TABLES["partner"].column("partner_type")
    assert [code_of(w, column) for w in ("代理商", "经销商")] == ["agent", "dealer"]


# -- facts ---------------------------------------------------------------------------------------


def test_every_target_is_declared():
    for fact in facts():
        if fact.target is None or fact.target in HELPERS:
            continue
        master, dot, column = fact.target.partition(".")
        if dot:
            assert column in TABLES[master].column_names
            assert referring(TABLES[fact.table], master), fact
        else:
            assert fact.target in TABLES[fact.table].column_names, fact


def test_no_object_takes_one_header_for_two_columns():
    taken = defaultdict(set)
    for fact in facts():
        taken[fact.system, fact.object, fact.table, fact.kind, plain(fact.header)].add(fact.target)
    assert not {key: found for key, found in taken.items() if len(found) > 1}


def test_every_fact_names_a_source_that_the_readme_explains():
    readme = (Path(headers.__file__).parent / "facts" / "README.md").read_text(encoding="utf-8")
    assert all(f"| {source} |" in readme for source in {fact.source for fact in facts()})


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("Closing_Date", "closingdate"),
        ("客户名称 *", "客户名称"),
        ("客户名称：", "客户名称"),
        ("商机金额（万元）", "商机金额"),
        ("合同金额/万元", "合同金额"),
        ("负责人（必填）", "负责人"),
        ("ＳＫＵ", "sku"),
        ("可能性(%)", "可能性"),
        ("Deal  Value", "dealvalue"),
    ],
)
def test_headers_are_looked_up_without_dress(header, form):
    assert form in forms(header)


def test_a_reference_has_a_name_and_an_id():
    assert counterpart(TABLES["opportunity"], "account.name") == ("account.name", "account_id")
    assert counterpart(TABLES["account"], "owner_id") == ("rep.name", "owner_id")
    assert counterpart(TABLES["opportunity"], "amount") is None


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("2026年订单", "order_line"),
        ("客户订单明细", "order_line"),
        ("回款计划表", "receivable_plan"),
        ("回款", "receipt"),
        ("deals", "opportunity"),
        ("客户", "account"),
        ("经销商库存", "partner_stock"),
        ("xyz", ""),
    ],
)
def test_names_of_files_point_to_tables(name, table):
    assert named_table(name) == table


# -- pages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", FILES)
def test_the_page_in_docs_is_in_step_with_the_facts(lang):
    written = (DOCS / FILES[lang]).read_text(encoding="utf-8")
    assert written == page(lang), "run: python -m workbench.loaders.header_pages docs"


def test_pages_name_every_system_and_are_written_where_asked(tmp_path):
    assert {*SYSTEMS} == {*known_systems()}
    assert [path.name for path in write(tmp_path)] == list(FILES.values())
    assert (tmp_path / FILES["zh"]).read_text(encoding="utf-8").startswith("# 导入所识别的表头")


def test_a_shape_that_gives_the_system_away_needs_few_headers():
    sheet = ListSheet(["id", "Deal_Name", "Stage"], [["1", "Demo", "Qualification"]])
    sheet.system, sheet.object = "zoho", "Deals"
    mapping = recognise(sheet)
    assert (mapping.system, mapping.table, mapping.how) == ("zoho", "opportunity", "system")
    assert [f.target for f in mapping.fields] == ["opportunity_id", "name", "stage"]
