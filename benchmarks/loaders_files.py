"""Reading files: a typed XLSX of 100,000 rows, and a CSV of 200 MB with Chinese text.

The workbook is read by calamine through our grid, by calamine alone and by openpyxl as a careful
user would (read-only, values only). The CSV goes from the path to rows that can be read by column
again and again: encoding proved, header found, totals told from data, on disk; pandas reads the
same cells as text into memory. Files are made once in the system's temporary folder.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-files"
BOOK = FOLDER / "orders.xlsx"
UTF8, GBK = FOLDER / "orders_utf8.csv", FOLDER / "orders_gbk.csv"
HEADER = [
    "订单号",
    "客户名称",
    "负责人",
    "产品",
    "下单日期",
    "数量",
    "单价",
    "金额",
    "阶段",
    "备注",
]
BOOK_ROWS = 100_000
CSV_BYTES = 200_000_000


def prepare() -> None:
    """Write the files once."""
    FOLDER.mkdir(exist_ok=True)
    if not BOOK.exists():
        _write_book()
    if not GBK.exists():
        _write_csv()


def _write_book() -> None:
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("订单")
    sheet.append(HEADER)
    for i in range(BOOK_ROWS):
        day = dt.date(2021, 1, 1) + dt.timedelta(days=i % 1800)
        price = 100 + i % 977 / 7
        sheet.append(
            [
                *(f"SO{i:09d}", f"演示客户{i % 3000}", f"林{i % 40}", f"P-{i % 400}", day),
                *(i % 50, price, round(price * (i % 50), 2), "赢单", None),
            ]
        )
    book.save(BOOK)


def _write_csv() -> None:
    written, i = 0, 0
    with (
        UTF8.open("w", encoding="utf-8", newline="") as utf8,
        GBK.open("w", encoding="gb18030", newline="") as gbk,
    ):
        lines = [",".join(HEADER) + "\n"]
        while written < CSV_BYTES:
            for _ in range(10_000):
                note = '"重点, 加急"' if i % 17 == 0 else ""
                lines.append(
                    f"SO{i:09d},演示客户{i % 3000}有限公司,林{i % 40},P-{i % 400},"
                    f"202{i % 6}-{i % 12 + 1:02d}-{i % 28 + 1:02d},{i % 50},{i % 977 / 7:.2f},"
                    f'"{i % 98000 + 1000:,}.50",赢单,{note}\n'
                )
                i += 1
            text = "".join(lines)
            written += len(text.encode())
            utf8.write(text)
            gbk.write(text)
            lines = []


def _sheet(path: Path) -> Callable[[], object]:
    """Our way: from the path to a sheet whose columns can be read."""
    import pyarrow.compute
    import pyarrow.csv  # noqa: F401  imported before the clock starts, as for the others

    from workbench.loaders.files import open_paths
    from workbench.loaders.layout import open_sheet

    def read() -> object:
        with tempfile.TemporaryDirectory() as work:
            [grid], _ = open_paths([path], work=Path(work))
            sheet = open_sheet(grid, work=Path(work))
            last = sheet.column(0)[-1].as_py()
        return [sum(sheet.counts.values()), last]

    return read


def book_sheet() -> Callable[[], object]:
    """Our way with the workbook."""
    import python_calamine  # noqa: F401

    return _sheet(BOOK)


def book_calamine() -> Callable[[], object]:
    """calamine alone."""
    from python_calamine import CalamineWorkbook

    def read() -> object:
        rows = CalamineWorkbook.from_path(str(BOOK)).get_sheet_by_index(0).to_python()
        return [len(rows) - 1, rows[-1][0]]

    return read


def book_openpyxl() -> Callable[[], object]:
    """openpyxl, read-only."""
    import openpyxl

    def read() -> object:
        sheet = openpyxl.load_workbook(BOOK, read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        return [len(rows) - 1, rows[-1][0]]

    return read


def _pandas(path: Path, encoding: str) -> Callable[[], object]:
    """pandas, every cell as text."""
    import pandas as pd

    def read() -> object:
        table = pd.read_csv(path, dtype=str, encoding=encoding)
        return [len(table), table["订单号"].iloc[-1]]

    return read


def _csv_job(title: str, path: Path, encoding: str) -> Job:
    return Job(
        title=title,
        ways={
            "workbench": lambda: _sheet(path),
            "pandas": lambda: _pandas(path, encoding),
        },
        goal="under 600 MB",
    )


JOBS = [
    Job(
        title=f"A typed XLSX of {BOOK_ROWS:,} rows and 10 columns",
        ways={"workbench": book_sheet, "calamine": book_calamine, "openpyxl": book_openpyxl},
        goal="a fifth of openpyxl's time",
    ),
    _csv_job("A CSV of 200 MB in UTF-8, about 2.1 million rows", UTF8, "utf-8"),
    _csv_job("The same CSV in GBK", GBK, "gb18030"),
]

if __name__ == "__main__":
    main("benchmarks.loaders_files", JOBS, prepare)
