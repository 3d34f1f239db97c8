"""Ten million order lines by month, product line and region: a company query against pandas.

The file is made once in the system's temporary folder (about 10 s); region and product line stand
on the line, nothing is aggregated beforehand. pandas reads only the columns it needs, as a
careful user would.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Job, main

COLUMNS = ["recognised_date", "product_line", "region", "amount"]
ROWS = 10_000_000
FOLDER = Path(tempfile.gettempdir()) / "workbench-benchmark-company"


def prepare() -> None:
    """Write the company once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = FOLDER / "order_line.parquet"
    if path.exists():
        return
    from workbench.tables.store import decimals

    FOLDER.mkdir(exist_ok=True)
    rng = np.random.default_rng(7)
    day = np.datetime64("2021-08-01") + np.sort(rng.integers(0, 1826, ROWS))

    def choice(*values: str) -> pa.Array:
        return pa.DictionaryArray.from_arrays(
            rng.integers(0, len(values), ROWS).astype("int8"), list(values)
        )

    lines = pa.table(
        {
            "order_line_id": pa.array(np.arange(ROWS)).cast("string"),
            "account_id": pa.array(rng.integers(0, 1_000_000, ROWS)).cast("string"),
            "product_line": choice("equipment", "consumables", "service"),
            "region": choice("east", "north", "south", "central", "southwest", "northwest"),
            "channel": choice("direct", "dealer", "ecommerce"),
            "order_date": pa.array(day.astype("datetime64[D]")),
            "recognised_date": pa.array((day + 10).astype("datetime64[D]")),
            "quantity": rng.integers(1, 20, ROWS).astype(float),
            "amount": decimals(np.exp(rng.normal(8, 1.2, ROWS)).round(2), 2),
            "currency": pa.DictionaryArray.from_arrays(np.zeros(ROWS, "int8"), ["CNY"]),
            "tax_basis": pa.DictionaryArray.from_arrays(np.zeros(ROWS, "int8"), ["incl"]),
            "tax_rate": np.where(rng.random(ROWS) < 0.2, 0.06, 0.13),
        }
    )
    pq.write_table(lines, path, compression="zstd")


def workbench_query() -> Callable[[], object]:
    """Our way: SQL over the Parquet file, exact decimals; opening the company is timed too."""
    import pandas as pd  # noqa: F401  imported before the clock starts, as for pandas itself

    from workbench.company import open_company

    def query() -> object:
        table = open_company(FOLDER).sql(
            """select date_trunc('month', recognised_date) as month, product_line, region,
                sum(amount) as amount from order_line group by all order by all"""
        )
        return [len(table), str(table["amount"].sum())]

    return query


def pandas_query() -> Callable[[], object]:
    """The way of a careful pandas user, exact decimals."""
    import pandas as pd

    def query() -> object:
        lines = pd.read_parquet(
            FOLDER / "order_line.parquet", columns=COLUMNS, dtype_backend="pyarrow"
        )
        month = pd.to_datetime(lines["recognised_date"]).dt.to_period("M")
        table = lines["amount"].groupby([month, lines["product_line"], lines["region"]]).sum()
        return [len(table), str(table.sum())]

    return query


def pandas_floats() -> Callable[[], object]:
    """pandas with float64 amounts and categories, the sum rounded to the cent at the end."""
    import pandas as pd

    def query() -> object:
        lines = pd.read_parquet(FOLDER / "order_line.parquet", columns=COLUMNS)
        lines["amount"] = lines["amount"].astype("float64")
        lines["month"] = pd.to_datetime(lines["recognised_date"]).dt.to_period("M")
        keys = ["month", "product_line", "region"]
        table = lines.groupby(keys, observed=True)["amount"].sum()
        return [len(table), f"{table.sum():.2f}"]

    return query


JOBS = [
    Job(
        title="10 million order lines by month, product line and region",
        ways={"workbench": workbench_query, "pandas": pandas_query, "pandas float": pandas_floats},
        goal="under 1.5 s and 1 GB",
    )
]

if __name__ == "__main__":
    main("benchmarks.company", JOBS, prepare)
