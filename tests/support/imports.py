"""A report of an import with every kind of thing in it, invented, for pages and tests.

Its sums close: rows of every sheet, and money by column, currency and tax basis.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from workbench.loaders.mapping import FieldMapping, Question
from workbench.loaders.outcome import (
    CELL_COLUMNS,
    MONEY_COLUMNS,
    Decision,
    Finding,
    ImportReport,
    SheetReport,
    TableChange,
    TotalCheck,
)
from workbench.loaders.raw import Skipped

DEALS, PEOPLE, ORDERS = ("纷享销客_商机.xlsx", "商机"), ("人员.xlsx", "花名册"), "orders_2026.zip"
NO_NUMBER, GAP = "not_a_number", "needed_missing"  # reasons
PHONE, WECHAT, PAY = "13800138000", "wangli_2024", "12567"

_DEAL_FIELDS = (
    FieldMapping("商机编号", 0, "opportunity_id", "system", verified=True),
    FieldMapping("商机名称", 1, "name", "system", verified=True),
    FieldMapping("客户名称", 2, "account.name", "system", verified=True),
    FieldMapping("商机金额（万元）", 3, "amount", "system", True, {"unit": "万元"}),
    FieldMapping("销售阶段", 4, "stage", "system", verified=True),
    FieldMapping("赢率", 5, "probability", "system", False, {"scale": "percent"}),
    FieldMapping("预计成交日期", 6, "expected_close_date", "system", True, {"order": "ymd"}),
    FieldMapping("最后修改时间", 7, "@modified_at", "system", verified=True),
    FieldMapping("联系电话", 8, "account.phone", "values"),
    FieldMapping("内部备注", 9, None),
    FieldMapping("自定义字段1", 10, None),
)
_ORDER_FIELDS = (
    FieldMapping("Order No", 0, "order_id", "headers"),
    FieldMapping("Order date", 1, "order_date", "headers", False, {"order": "mdy"}),
    FieldMapping("Customer", 2, "account.name", "headers"),
    FieldMapping("Qty", 3, "quantity", "headers"),
    FieldMapping("Net price", 4, "net_price", "mapping"),
    FieldMapping("Amount", 5, "amount", "headers"),
    FieldMapping("Warehouse", 6, None),
)
_PEOPLE_FIELDS = (
    FieldMapping("姓名", 0, "name", "headers"),
    FieldMapping("底薪", 1, "base_pay", "headers"),
    FieldMapping("微信号", 2, None),
    FieldMapping("手机", 3, None),
)


def import_report() -> ImportReport:
    """An import of deals, monthly orders and people, with refusals, questions and findings."""
    return ImportReport(
        id="20261129T061530123Z",
        started="2026-11-29T06:15:30+00:00",
        into="/data/companies/示例制造",
        sheets=(_deals(), *_orders(), _people()),
        cells=_cells(),
        cell_counts=_counts(),
        money=_money(),
        changes=(
            TableChange("opportunity", 15_980, 16_402, 422, 310, 15_400, 12, 96),
            TableChange("order_line", 184_000, 198_992, 14_992, 0, 0, 0, 0),
            TableChange("account", 4_980, 5_003, 23, 0, 0, 0, 0, derived=23),
            TableChange("rep", 60, 61, 1, 58, 1, 0, 1),
        ),
        findings=(
            Finding("unused", 5, 61, {"tables": "opportunity", "other": "rep", "example": "R035"}),
        ),
        skipped=(
            Skipped("11月.xls", "the file ends before its last sheet", "export it once more"),
            Skipped("说明.docx", "not a table", refused=False),
        ),
        lineage={"sources": {"纷享销客_商机.xlsx": "sha256:0123", "contact": PHONE}},
    )


def clean_report() -> ImportReport:
    """One small sheet read without any remark, into no company."""
    sheet = SheetReport("deals.csv", "", "opportunity", "generic_en", 120, 120, 0, 0, 0, 0)
    return ImportReport(
        id="",
        started="2026-11-29T06:15:30+00:00",
        into="",
        sheets=(sheet,),
        cells=pd.DataFrame(columns=list(CELL_COLUMNS)),
        cell_counts={},
        money=pd.DataFrame(columns=list(MONEY_COLUMNS)),
    )


def nothing_report() -> ImportReport:
    """A file whose table could not be told: nothing is usable."""
    question = Question("table", "Sheet1", ("opportunity", "contract", "order_line"), "a, b, c")
    sheet = SheetReport("什么.csv", "", "", "", 12, 0, 12, 0, 0, 0, questions=(question,))
    return clean_report().with_(sheets=(sheet,))


def _deals() -> SheetReport:
    return SheetReport(
        *DEALS, "opportunity", "fxiaoke",
        read=16_260, kept=16_144, refused=5, duplicates=96, totals=3, blank=12, head_rows=3,
        notes={"format": "xlsx"},
        fields=_DEAL_FIELDS,
        decisions=(
            Decision("商机金额（万元）", "unit", "万元", "商机金额（万元）"),
            Decision("赢率", "percent_scale", "percent", "16,122 / 16,144 > 1"),
            Decision("销售阶段", "stage", "商务谈判: open", "stages.csv"),
            Decision("销售阶段", "stage", "搁置: lost", "stages.csv"),
            Decision("", "currency", "CNY", "company"),
            Decision("联系电话", "derived_key", "客户名称", f"{PHONE}, 021-68880000"),
        ),
        findings=(
            Finding(
                "missing_tells_outcome", 1_425, 8_800,
                {"table": "opportunity", "column": "account_id", "status": "open"},
            ),
            Finding(
                "double_names", 37, 4_980, {"table": "account", "example": f"王经理 {PHONE}"}
            ),
        ),
        questions=(
            Question("tax_basis", "商机金额（万元）", ("incl", "excl"), "120, 35.5, 88"),
            Question("stage", "方案复核", ("open", "won", "lost"), "214"),
        ),
        total_checks=(
            TotalCheck(1204, "商机金额（万元）", "45,120.00", "45,120.00", True),
            TotalCheck(16_262, "商机金额（万元）", "612,340.50", "612,304.50", False),
        ),
    )  # fmt: skip


def _orders() -> list[SheetReport]:
    made = []
    for month, (read, kept, refused, doubles, blank) in enumerate(
        [(4_990, 4_984, 2, 3, 0), (5_012, 5_006, 0, 4, 1), (5_008, 5_002, 0, 5, 0)], start=8
    ):
        made.append(
            SheetReport(
                f"{ORDERS}/2026-{month:02d}.csv", "", "order_line", "generic_en",
                read, kept, refused, doubles, 1, blank,
                notes={"format": "csv", "encoding": "GB18030", "delimiter": ","},
                fields=_ORDER_FIELDS,
                decisions=(
                    Decision("Order date", "date_order", "mdy",
                             "13 of 200 values have a second number over 12"),
                    Decision("", "recognised_date", "order_date"),
                ),
                total_checks=(
                    TotalCheck(read + 1, "Amount", "1,203,411.20", "1,203,411.20", True),
                ),
            )
        )  # fmt: skip
    return made


def _people() -> SheetReport:
    return SheetReport(
        *PEOPLE, "rep", "generic_zh", 62, 60, 1, 0, 1, 0, 2,
        notes={"format": "xlsx"},
        fields=_PEOPLE_FIELDS,
        findings=(
            Finding(
                "other_unit",
                2,
                60,
                {"table": "rep", "column": "base_pay", "middle": "9500", "value": PAY + "000"},
            ),
        ),
        questions=(Question("column", "hired_date", ("入职", "转正"), "2024-03-01"),),
        total_checks=(TotalCheck(64, "底薪", "750000", "750000", True),),
    )  # fmt: skip


def _cells() -> pd.DataFrame:
    august, amount = f"{ORDERS}/2026-08.csv", ("商机金额（万元）", "opportunity.amount")
    close = ("预计成交日期", "opportunity.expected_close_date")
    bad, wide = (NO_NUMBER, "refused"), ("full_width", "changed")
    rows = [
        (*DEALS, 118, *amount, "面议", None, *bad),
        (*DEALS, 342, *amount, "12，5OO", None, *bad),
        (*DEALS, 977, "商机编号", "opportunity.opportunity_id", None, None,
         GAP, "refused"),
        (*DEALS, 12, *amount, "120", "1200000", "scaled", "changed"),
        (*DEALS, 13, *amount, "约35.5", "355000", "approximate", "flagged"),
        (*DEALS, 15, "联系电话", "account.phone", PHONE, PHONE, *wide),
        (*DEALS, 16, "客户名称", "account.name", f"王经理 {PHONE}", None, *wide),
        (*DEALS, 20, *close, "2026年三季度", "2026-07-01", "coarse", "flagged"),
        (august, "", 77, "Amount", "order_line.amount", "=SUM(A1:A9)", None, *bad),
        (august, "", 78, "Amount", "order_line.amount", "n/a <b>", None, *bad),
        (*PEOPLE, 9, "底薪", "rep.base_pay", PAY, None, *bad),
        (*PEOPLE, 9, "微信号", "", WECHAT, WECHAT, *wide),
        (*PEOPLE, 9, "手机", "", "+86 139-1234-5678", "8613912345678", *wide),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(CELL_COLUMNS))


def _counts() -> dict[tuple[str, str, str, str], int]:
    cells = _cells()
    keys = ["file", "sheet", "header", "reason"]
    counts: dict[tuple[str, str, str, str], int] = {
        (str(f), str(s), str(h), str(r)): int(n)
        for (f, s, h, r), n in cells.groupby(keys).size().items()  # type: ignore[misc]
    }
    counts[*DEALS, "商机金额（万元）", "scaled"] = 16_139
    counts[*DEALS, "商机金额（万元）", NO_NUMBER] = 4
    return counts


def _money() -> pd.DataFrame:
    lines = [
        ("opportunity amount CNY incl", 16_255, "6123045000 6101520000 1125000 20400000 0"),
        ("order_line amount CNY incl", 15_007, "384120077.913 384000000 20077.91 100000 0.003"),
        ("order_line net_price CNY excl", 15_007, "9120333.125 9100000.125 333 20000 0"),
        ("order_line amount USD excl", 12, "55010 55000 0 0 0"),
        ("rep base_pay CNY -", 61, f"762567 750000 {PAY} 0 0"),
    ]
    rows = [
        (*key.replace("-", "").split(" "), count, *map(Decimal, amounts.split()))
        for key, count, amounts in lines
    ]
    return pd.DataFrame(rows, columns=list(MONEY_COLUMNS))
