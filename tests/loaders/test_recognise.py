"""What a sheet is: free-form sheets, our own templates, evidence in the values, open questions."""

import pytest

from tests.support.sheets import ListSheet
from workbench.errors import InputError
from workbench.loaders.headers import own_facts
from workbench.loaders.mapping import FieldMapping, SheetMapping
from workbench.loaders.mapping_files import MappingEntry
from workbench.loaders.raw import DATA, TOTAL, Source
from workbench.loaders.recognise import recognise, sample
from workbench.tables import TABLES

# Headers as people write them, and the table they mean; "" where no one could tell.
FREE_FORM = [
    ("order_line", "订单编号,客户名称,产品名称,数量,单价,金额,下单日期,业务员"),
    ("order_line", "订单号,日期,客户,产品,数量,含税金额"),
    ("order_line", "单据日期,单据编号,购货单位,物料名称,规格型号,数量,含税单价,价税合计,业务员"),
    ("receipt", "客户名称,回款日期,回款金额,业务员,回款方式"),
    ("receipt", "到账日期,付款方,到账金额,币种"),
    ("contract", "合同编号,合同名称,客户名称,签订日期,合同金额,负责人,付款方式"),
    ("contract", "合同号,甲方,签约日期,合同总额"),
    ("invoice", "发票号码,开票日期,购方名称,不含税金额,税额,价税合计,税率"),
    ("account", "客户名称,统一社会信用代码,行业,省份,城市,客户等级,负责人,联系人,联系电话"),
    ("opportunity", "项目名称,客户名称,项目阶段,预计金额,预计签单日期,销售负责人,竞争对手"),
    ("opportunity", "商机,客户,金额,阶段,负责人"),
    ("activity", "跟进时间,客户名称,跟进人,跟进方式,跟进内容"),
    ("rep", "工号,姓名,部门,岗位,入职日期"),
    ("target", "层级,节点,期间起,期间止,目标值"),
    ("partner", "经销商名称,经销商编号,渠道商类型,省份,级别,合作开始日期"),
    ("partner_stock", "经销商名称,产品编码,月末日期,库存数量"),
    ("sell_out", "经销商,产品,月份,终端销量"),
    ("product", "产品编码,产品名称,产品线,目录价,上市日期"),
    ("return_refund", "退货单号,退货日期,退货数量,退货金额,退货原因"),
    ("receivable_plan", "客户名称,合同编号,应收金额,到期日"),
    ("delivery", "发货单号,发货日期,签收日期,发货数量,订单编号"),
    ("expense", "日期,部门,费用类型,金额"),
    ("case", "工单编号,客户名称,受理日期,工单类型,满意度"),
    ("lead", "线索编号,线索来源,创建时间,负责人,公司名称,线索状态"),
    ("contact", "联系人姓名,客户名称,职务,手机,微信号"),
    ("quote", "报价单号,客户名称,产品名称,报价日期,数量,报价单价"),
    ("rebate", "返利编号,经销商名称,返利类型,返利金额,期间起,期间止"),
    ("account_pool_event", "客户名称,动作,操作时间,操作人"),
    ("opportunity", "Deal,Company,Value,Stage,Owner,Close date"),
    ("opportunity", "Customer,Project,Amount,Probability,Expected Close Date,Salesperson"),
    ("opportunity", "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date"),
    ("order_line", "Order ID,Order Date,Customer,Product,Quantity,Unit Price,Total"),
    ("order_line", "Date,Customer,Item,Qty,Price,Amount"),
    ("order_line", "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID"),
    ("account", "account,sector,year_established,revenue,employees,office_location"),
    ("product", "product,series,sales_price"),
    ("rep", "sales_agent,manager,regional_office"),
    ("product", "SKU,Product Name,Category,List Price"),
    ("receipt", "Payment Date,Customer,Payment Amount,Payment Method"),
    ("invoice", "Invoice Number,Invoice Date,Customer,Net Amount,VAT,Total"),
    ("contract", "Contract No,Customer,Signed,Contract Value"),
    ("", "客户名称,金额,日期"),
    ("", "名称,数值"),
    ("", "a,b,c"),
    ("", "Name,Date,Value"),
]


def of(headers: str, *rows: str, file: str = "x.csv") -> ListSheet:
    names = headers.split(",")
    cells = [[cell or None for cell in row.split(",")] for row in rows] or [["v"] * len(names)]
    return ListSheet(names, cells, file=file)


def targets(mapping: SheetMapping) -> dict[str, str | None]:
    return {field.header: field.target for field in mapping.fields}


def asked(mapping: SheetMapping, code: str) -> list[str]:
    return [q.subject for q in mapping.questions if q.code == code]


# -- which table ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("table", "headers"), FREE_FORM)
def test_a_free_form_sheet_is_known_or_asked_about(table, headers):
    mapping = recognise(of(headers))
    assert (mapping.table or "") == table
    assert mapping.how == ("headers" if table else "")
    assert asked(mapping, "table") == ([] if table else ["x.csv"])


@pytest.mark.parametrize(("table", "headers"), [row for row in FREE_FORM if row[0]])
def test_the_order_of_headers_changes_nothing(table, headers):
    turned = ",".join(reversed(headers.split(",")))
    assert targets(recognise(of(turned))) == targets(recognise(of(headers)))


def test_the_question_which_table_shows_the_headers_and_the_likeliest():
    (question,) = recognise(of("客户名称,金额,日期")).questions
    assert question.fields == {"headers": "客户名称, 金额, 日期"}
    assert "order_line" in question.options


def test_the_name_of_the_file_helps_where_headers_leave_it_open():
    assert recognise(of("客户名称,金额,日期", file="2026年/3月回款.csv")).table == "receipt"
    assert recognise(of("客户名称,金额,日期", file="费用/订单.csv")).table == "order_line"


def test_a_table_that_is_named_is_taken():
    mapping = recognise(of("客户名称,金额,日期"), table="order_line")
    assert targets(mapping) == {"客户名称": "account.name", "金额": "amount", "日期": "order_date"}
    assert recognise(of("a,b"), table="account").table == "account"
    with pytest.raises(InputError, match="no table 'orders'"):
        recognise(of("a,b"), table="orders")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("kind", ["api", "en", "zh"])
def test_our_own_templates_and_exports_are_known_exactly(table, kind):
    labels = [fact for fact in own_facts(table) if fact.kind == kind]
    headers: list[str] = []
    for fact in labels:
        doubled = headers.count(fact.header)
        headers.append(f"{fact.header} (2)" if doubled else fact.header)
    sheet = ListSheet(headers, [["v"] * len(headers)], file=f"{table}.parquet")
    mapping = recognise(sheet)
    assert (mapping.system, mapping.table, mapping.how) == ("workbench", table, "system")
    assert [f.target for f in mapping.fields] == [fact.target for fact in labels]
    assert all(field.verified for field in mapping.fields)


def test_a_column_added_to_our_template_is_read_too():
    mapping = recognise(of("opportunity_id,stage,status,amount,currency,tax_basis,客户名称"))
    assert mapping.system == "workbench"
    assert mapping.fields[-1].target == "account.name" and not mapping.fields[-1].verified


# -- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "values", "target"),
    [
        ("客户", ("甲公司", "乙公司"), "account.name"),
        ("客户", ("C-0001", "C-0002"), "account_id"),
        ("Customer", ("15100", "18074"), "account_id"),
        ("Customer", ("Acme Corp", "Beta Ltd"), "account.name"),
        ("客户编号", ("甲公司", "乙公司"), "account.name"),
        ("客户名称", ("C-0001", "C-0002"), "account.name"),
        ("客户名称", ("690000000000000000000a01",), "account_id"),
        ("客户名称", ("4000000000000300001",), "account_id"),
    ],
)
def test_values_tell_names_from_ids(header, values, target):
    sheet = of(f"项目名称,{header},项目阶段", *(f"p,{value},报价" for value in values))
    assert targets(recognise(sheet))[header] == target


def test_an_unnamed_column_is_known_by_its_credit_codes_alone():
    code = "91350100M000100Y43"  # the example of GB 32100-2015
    rows = [f"甲公司,制造,{code},2024-01-05", f"乙公司,化工,{code},2024-02-05"]
    mapping = recognise(of("客户名称,所属行业,column C,column D", *rows))
    assert targets(mapping)["column C"] == "credit_code" and mapping.fields[2].how == "values"
    assert targets(mapping)["column D"] is None
    wrong = [row.replace(code, "91350100M000100Y44") for row in rows]
    assert targets(recognise(of("客户名称,所属行业,column C,column D", *wrong)))["column C"] is None


def test_a_header_nearly_a_known_one_needs_values_of_its_kind():
    good = recognise(of("商机名称,客户名称,预计成交日期期,阶段", "p,甲,2024年8月21日,报价"))
    assert (
        targets(good)["预计成交日期期"] == "expected_close_date" and good.fields[2].how == "values"
    )
    bad = recognise(of("商机名称,客户名称,预计成交日期期,阶段", "p,甲,不详,报价"))
    assert targets(bad)["预计成交日期期"] is None and bad.fields[2].how == ""


def test_a_status_that_holds_stages_is_the_stage():
    mapping = recognise(of("商机名称,客户名称,商机状态", "p,甲,方案报价", "q,乙,商务谈判"))
    assert targets(mapping)["商机状态"] == "stage"
    mapping = recognise(of("商机名称,客户名称,商机状态", "p,甲,进行中", "q,乙,赢单"))
    assert targets(mapping)["商机状态"] == "status"


def test_departments_that_are_regions_fill_the_region():
    rows = ["p,甲,华东大区", "q,乙,西南大区"]
    assert targets(recognise(of("商机名称,客户名称,归属部门", *rows)))["归属部门"] == "region"
    rows[1] = "q,乙,市场部"
    assert targets(recognise(of("商机名称,客户名称,归属部门", *rows)))["归属部门"] is None


def test_only_data_rows_are_sampled():
    sheet = ListSheet(["a"], [["1"], ["合计"], [None], ["2"], ["3"]], kinds=[DATA, TOTAL, 0, 0, 0])
    assert sample(sheet, 3) == [["1", "2"]]


def test_ids_of_zoho_exports_are_read_without_their_prefix():
    mapping = recognise(
        of("Record Id,Deal Name,Deal Owner.id,Stage", "zcrm_40001,Demo,zcrm_50001,Qualification")
    )
    assert [f.read for f in mapping.fields][::2] == [{"prefix": "zcrm_"}, {"prefix": "zcrm_"}]


# -- two headers for one column ------------------------------------------------------------------


def test_of_two_amounts_none_is_taken_and_it_is_asked():
    sheet = of("订单编号,下单日期,产品,订单金额,成交金额", "1,2024-01-05,泵,100,90")
    mapping = recognise(sheet)
    assert targets(mapping)["订单金额"] is targets(mapping)["成交金额"] is None
    (question,) = [q for q in mapping.questions if q.code == "column"]
    assert question.subject == "amount" and question.options == ("订单金额", "成交金额")
    assert question.fields == {"examples": "订单金额: 100; 成交金额: 90"}


def test_an_empty_column_gives_way():
    mapping = recognise(of("订单编号,下单日期,产品,订单金额,成交金额", "1,2024-01-05,泵,,90"))
    assert targets(mapping)["成交金额"] == "amount" and not asked(mapping, "column")


def test_the_better_known_of_two_headers_is_taken():
    mapping = recognise(of("发票号码,开票日期,购方名称,金额,价税合计", "1,2024-01-05,甲,88,100"))
    assert targets(mapping)["价税合计"] == "amount" and targets(mapping)["金额"] is None
    mapping = recognise(of("客户名称,行业,手机,电话", "甲,制造,13800000000,021-60000000"))
    assert targets(mapping)["电话"] == "phone" and targets(mapping)["手机"] is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("商机名称,阶段,成交日期", {"成交日期": "@closing_date"}),
        (
            "商机名称,阶段,预计成交日期,成交日期",
            {"预计成交日期": "expected_close_date", "成交日期": "close_date"},
        ),
        (
            "商机名称,阶段,赢单日期,成交日期",
            {"赢单日期": "close_date", "成交日期": "expected_close_date"},
        ),
        (
            "商机名称,阶段,预计成交日期,赢单日期,成交日期",
            {"预计成交日期": "expected_close_date", "赢单日期": "close_date", "成交日期": None},
        ),
    ],
)
def test_a_closing_date_follows_what_stands_beside_it(headers, expected):
    found = targets(recognise(of(headers)))
    assert {header: found[header] for header in expected} == expected


# -- questions -----------------------------------------------------------------------------------


def test_what_the_table_needs_is_asked_with_likely_headers():
    sheet = of("回款方式,付款方,某数,某日", "转账,甲,100.5,2024-01-05", "转账,乙,200,2024-02-05")
    mapping = recognise(sheet, table="receipt")
    found = {q.subject: q.options for q in mapping.questions if q.code == "column"}
    assert found == {"receipt_date": ("某日",), "amount": ("某数",)}


def test_an_amount_from_quantity_and_price_is_not_asked_for():
    mapping = recognise(of("订单编号,下单日期,产品,数量,单价"))
    assert not asked(mapping, "column")


@pytest.mark.parametrize(
    ("headers", "table", "subject"),
    [
        ("商机名称,阶段,商机金额", None, ["商机金额"]),
        ("商机名称,阶段,商机金额,税口径", None, []),
        ("商机名称,阶段", None, []),
        ("客户名称,行业,所在省", None, []),
        ("客户名称,回款日期,回款金额", None, []),  # receipts are always with VAT
        ("订单编号,下单日期,数量,单价,金额", None, ["金额"]),
    ],
)
def test_the_tax_basis_is_asked_where_nothing_states_it(headers, table, subject):
    assert asked(recognise(of(headers), table=table), "tax_basis") == subject


def test_unknown_stages_are_asked_with_their_rows_unless_settled():
    sheet = of("商机名称,阶段", "p,奇怪", "q,报价", "r,奇怪", "s,搁置")
    (question,) = [q for q in recognise(sheet).questions if q.code == "stage"]
    assert (question.subject, question.fields) == ("奇怪", {"count": "2", "of": "4"})
    assert question.options == ("open", "won", "lost", "void")
    assert not asked(recognise(sheet, settings_stages={"奇怪": "won"}), "stage")


def test_stages_are_not_asked_where_the_status_is_told():
    assert not asked(recognise(of("商机名称,阶段,商机状态", "p,奇怪,进行中")), "stage")


# -- mapping files -------------------------------------------------------------------------------


def entry(headers: dict[str, str | None], **more: object) -> MappingEntry:
    fields = tuple(FieldMapping(h, i, t, "mapping") for i, (h, t) in enumerate(headers.items()))
    mapping = SheetMapping("opportunity", "zoho", "mapping", fields, **more)  # type: ignore[arg-type]
    return MappingEntry(tuple(headers), "deals-*.csv", "", mapping)


def test_a_mapping_file_goes_before_everything():
    known = entry(
        {"Amount": "first_amount", "Stage": None, "Deal Name": "name"},
        set={"tax_basis": "excl"},
        stages={"奇怪": "won"},
    )
    sheet = of("Deal Name,Amount,Stage", "Demo,100,Qualification")
    mapping = recognise(sheet, mappings=[known])
    assert (mapping.system, mapping.how, mapping.set) == ("zoho", "mapping", {"tax_basis": "excl"})
    assert targets(mapping) == {"Deal Name": "name", "Amount": "first_amount", "Stage": None}
    assert [f.place for f in mapping.fields] == [0, 1, 2]
    assert mapping.stages == {"奇怪": "won"} and not mapping.questions


def test_headers_that_a_mapping_file_does_not_name_are_recognised():
    known = entry({"Amount": "first_amount", "Deal Name": "name"})
    sheet = of("Deal Name,Amount,Stage,Closing Date", file="in/deals-12.csv")
    mapping = recognise(sheet, mappings=[known])
    assert targets(mapping)["Closing Date"] == "@closing_date"
    assert [f.how for f in mapping.fields] == ["mapping", "mapping", "system", "system"]


def test_a_target_that_a_mapping_file_gives_is_not_given_twice():
    known = entry({"某列": "amount", "Deal Name": "name"})
    sheet = of("Deal Name,某列,Amount", file="deals-12.csv")
    found = targets(recognise(sheet, mappings=[known]))
    assert (found["某列"], found["Amount"]) == ("amount", None)


def test_entries_of_other_tables_are_passed_over_when_the_table_is_named():
    known = entry({"Amount": "first_amount", "Deal Name": "name"})
    sheet = of("Deal Name,Amount")
    assert recognise(sheet, table="quote", mappings=[known]).table == "quote"


def test_objects_of_a_system_bring_their_constants():
    sheet = of("Call Owner,Call Start Time,Subject", "Lin,2026-01-05 09:00,Hello")
    sheet.system, sheet.object = "zoho", "Calls"
    assert recognise(sheet).set == {"activity_type": "call"}


def test_an_object_of_its_own_making_is_taken_like_any_sheet():
    sheet = of("_id,name,订单编号,下单日期,产品名称,数量,金额", "1,x,2,2024-01-05,泵,1,100")
    sheet.system, sheet.object = "fxiaoke", "my_order__c"
    assert recognise(sheet).table == "order_line"


def test_the_sheet_of_a_workbook_names_its_table():
    sheet = of("客户名称,金额,日期")
    sheet.source = Source("2026.xlsx", "回款")
    assert recognise(sheet).table == "receipt"


# -- how values are read -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("价税合计", {"tax_basis": "incl"}),
        ("金额（不含税）", {"tax_basis": "excl"}),
        ("订单金额（元）", {}),
        ("订单金额", {}),
    ],
)
def test_headers_say_the_tax_basis(header, read):
    mapping = recognise(of(f"订单编号,下单日期,产品,{header}"))
    assert mapping.fields[3].target == "amount" and mapping.fields[3].read == read
    assert asked(mapping, "tax_basis") == ([] if read else [header])


def test_the_unit_of_the_title_holds_for_amounts_that_state_none():
    sheet = of("订单编号,下单日期,数量,目录价（元）,订单金额", "1,2024-01-05,2,100,200")
    sheet.notes["unit"] = "万元"
    assert {f.header: f.read for f in recognise(sheet).fields if f.read} == {
        "订单金额": {"unit": "万元"}
    }


def test_net_and_gross_amounts_stand_side_by_side():
    mapping = recognise(of("发票号码,开票日期,购方名称,不含税金额,价税合计"))
    assert [f.target for f in mapping.fields][3:] == ["@amount_net", "amount"]
    assert [f.read for f in mapping.fields][3:] == [{}, {"tax_basis": "incl"}]
    assert not asked(mapping, "tax_basis")


def test_a_price_of_another_tax_basis_is_not_taken_unasked():
    mapping = recognise(of("订单编号,下单日期,数量,不含税单价,含税金额"))
    assert targets(mapping)["不含税单价"] is None
    (question,) = mapping.questions
    assert (question.code, question.subject, question.options) == (
        "column",
        "@unit_price",
        ("不含税单价",),
    )


def test_a_title_says_the_tax_basis_of_amounts_that_state_none():
    sheet = of("订单编号,下单日期,产品,订单金额")
    sheet.notes["titles"] = "2026年订单（不含税） | 单位：万元"
    mapping = recognise(sheet)
    assert mapping.fields[3].read == {"tax_basis": "excl"} and not asked(mapping, "tax_basis")
