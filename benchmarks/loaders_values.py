"""A million texts, all written in many ways, into amounts and dates: ours against pandas.

pandas is used as a careful user would: signs and commas taken out with `str.replace`, then
`to_numeric`; `to_datetime(format="mixed")`. It gets forms that it can read (no 万, no brackets,
no Chinese dates); ours also reads a column with all forms. Ways agree on the sum of the amounts
in fen, and on the sum of the days. Ours keeps exact decimals and says of every text what was done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import Job, main

ROWS = 1_000_000
FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-values"

PLAIN_MONEY = ("{y}.{f:02}", "{y:,}.{f:02}", "¥{y:,}.{f:02}", "CNY {y}.{f:02}", "-{y:,}.{f:02}")
ALL_MONEY = (
    *PLAIN_MONEY,
    "({y:,}.{f:02})",
    "（{y:,}.{f:02}）",
    "￥{y}.{f:02}元",
    "约{y}.{f:02}万",
    "{y}.{f:02}万元",
    "{y:,}.{f:02} million",
    "US${y:,}.{f:02}",
    "{y}亿{f}万元",
    "{f}%",
    "{y}-{f}万",
    "待定",
)
PLAIN_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d %b %Y")
ALL_DATES = (
    *PLAIN_DATES,
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%Y年%m月%d日 %H时%M分",
    "%Y/%m/%d 下午%I:%M",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y年%m月",
    "今天",
)


def prepare() -> None:
    """Write the four columns once."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    if (FOLDER / "values.parquet").exists():
        return
    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(11)
    yuan = np.exp(rng.normal(9, 2, ROWS)).astype(int)
    fen = rng.integers(0, 100, ROWS)
    moments = pd.to_datetime(rng.integers(1_262_304_000, 1_893_456_000, ROWS), unit="s")
    order = rng.integers(0, 1 << 30, ROWS)

    def money(forms: tuple[str, ...]) -> list[str]:
        rows = zip(order.tolist(), yuan.tolist(), fen.tolist(), strict=True)
        return [forms[o % len(forms)].format(y=y, f=f) for o, y, f in rows]

    def dates(forms: tuple[str, ...]) -> list[str]:
        columns = [moments.strftime(form) for form in forms]
        return [columns[o % len(forms)][row] for row, o in enumerate(order.tolist())]

    table = pa.table(
        {
            "money": money(PLAIN_MONEY),
            "all_money": money(ALL_MONEY),
            "dates": dates(PLAIN_DATES),
            "all_dates": dates(ALL_DATES),
        }
    )
    pq.write_table(table, FOLDER / "values.parquet")


def _texts(name: str) -> Any:
    import pyarrow.parquet as pq

    return pq.read_table(FOLDER / "values.parquet", columns=[name])[name].combine_chunks()


def _fen(values: Any) -> int:
    import pyarrow.compute as pc

    return round(float(pc.sum(values).as_py()) * 100)


def our_money(name: str) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        from workbench.loaders.values import money_column

        texts = _texts(name)

        def read() -> object:
            parsed = money_column(texts)
            return [len(texts), parsed.values.null_count, _fen(parsed.values)]

        return read

    return way


def pandas_money() -> Callable[[], object]:
    import pandas as pd

    texts = _texts("money").to_pandas()

    def read() -> object:
        plain = texts.str.replace("[¥,]|CNY ", "", regex=True)
        amounts = pd.to_numeric(plain, errors="coerce")
        return [len(texts), int(amounts.isna().sum()), round(amounts.sum() * 100)]

    return read


def our_dates(name: str) -> Callable[[], Callable[[], object]]:
    def way() -> Callable[[], object]:
        import pyarrow as pa
        import pyarrow.compute as pc

        from workbench.loaders.values import date_column

        texts = _texts(name)

        def read() -> object:
            parsed = date_column(texts)
            days = pc.cast(parsed.values, pa.date32(), safe=False).cast(pa.int32())
            return [len(texts), parsed.values.null_count, pc.sum(days).as_py()]

        return read

    return way


def pandas_dates() -> Callable[[], object]:
    import numpy as np
    import pandas as pd

    texts = _texts("dates").to_pandas()

    def read() -> object:
        moments = pd.to_datetime(texts, format="mixed", errors="coerce")
        days = moments.to_numpy().astype("datetime64[D]").astype(np.int64)
        return [len(texts), int(moments.isna().sum()), int(days.sum())]

    return read


JOBS = [
    Job("1,000,000 amounts in forms that pandas can be brought to read",
        {"workbench": our_money("money"), "pandas": pandas_money}, "under 2 s"),
    Job("1,000,000 amounts in all forms, flags and reasons included",
        {"workbench": our_money("all_money")}, "under 2 s"),
    Job("1,000,000 dates in forms that pandas can read",
        {"workbench": our_dates("dates"), "pandas": pandas_dates}, "under 2 s"),
    Job("1,000,000 dates in all forms, flags and reasons included",
        {"workbench": our_dates("all_dates")}, "under 2 s"),
]  # fmt: skip

if __name__ == "__main__":
    main("benchmarks.loaders_values", JOBS, prepare)
