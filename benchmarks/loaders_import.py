"""A CSV of 200 MB, 1.6 million order lines, into a company: the whole import against pandas.

Ours proves encoding and types, keeps exact decimals, accounts for every row and every sum, finds
doubles, makes accounts, products and reps from names, and can be undone. pandas does what a user
would otherwise write by hand: `read_csv`, commas out, `to_numeric`, `to_datetime`, `to_parquet`.
Both agree on the number of rows and on the sum of the amounts in fen.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Job, main

FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-import"
CSV = FOLDER / "订单明细.csv"
HEADER = "订单行编号,订单编号,客户名称,产品名称,下单日期,数量,成交单价,含税金额,税率,业务员\n"
ROWS = 1_640_000
STEP = 40_000


def prepare() -> None:
    """Write the file once."""
    import numpy as np

    FOLDER.mkdir(exist_ok=True)
    if CSV.exists():
        return
    rng = np.random.default_rng(3)
    with CSV.open("w", encoding="utf-8-sig") as stream:
        stream.write(HEADER)
        for start in range(0, ROWS, STEP):
            account, product, rep = (rng.integers(0, n, STEP) for n in (5_000, 300, 60))
            quantity, price = rng.integers(1, 50, STEP), rng.integers(100, 99_999, STEP)
            days = (np.datetime64("2022-01-01") + rng.integers(0, 1_500, STEP)).astype(str)
            stream.writelines(
                f"L{start + i:08d},SO{(start + i) // 3:07d},演示第{account[i]}号精密机械有限公司,"
                f'产品{product[i]},{days[i]},{quantity[i]},"{price[i]:,}.00",'
                f'"{price[i] * quantity[i]:,}.00",13%,员工{rep[i]}\n'
                for i in range(STEP)
            )


def ours() -> Callable[[], object]:
    from workbench.loaders import Answers, import_paths

    company = FOLDER / "company"
    shutil.rmtree(company, ignore_errors=True)

    def job() -> object:
        report, _ = import_paths([CSV], company, answers=Answers(defaults={"currency": "CNY"}))
        (line,) = report.money.to_dict("records")
        return [report.kept, int(line["kept"] * 100)]

    return job


def pandas() -> Callable[[], object]:
    import pandas as pd

    def job() -> object:
        frame = pd.read_csv(CSV, dtype=str)
        for name in ("成交单价", "含税金额", "数量"):
            frame[name] = pd.to_numeric(frame[name].str.replace(",", ""))
        frame["税率"] = pd.to_numeric(frame["税率"].str.rstrip("%")) / 100
        frame["下单日期"] = pd.to_datetime(frame["下单日期"])
        frame.to_parquet(FOLDER / "pandas.parquet")
        return [len(frame), round(frame["含税金额"].sum() * 100)]

    return job


JOBS = [
    Job(
        "A CSV of 200 MB, 1.64 million order lines, into a company",
        {"workbench": ours, "pandas": pandas},
        goal="peak memory under 1.2 GB",
    )
]

if __name__ == "__main__":
    main("benchmarks.loaders_import", JOBS, prepare)
