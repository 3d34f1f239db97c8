"""Small companies for tests: frames in, an opened company out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import yaml

from workbench.company import Company, open_company
from workbench.tables.store import write_parquet


def make_company(
    folder: Path, tables: dict[str, pd.DataFrame], settings: dict[str, object] | None = None
) -> Company:
    """Write frames (and settings) to a folder and open it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        write_parquet(frame, name, folder)
    text = yaml.safe_dump(settings or {"base_currency": "CNY"}, allow_unicode=True)
    (folder / "company.yaml").write_text(text, encoding="utf-8")
    return open_company(folder)


def order_lines(**columns: object) -> pd.DataFrame:
    """Order lines with sensible values in every needed column; scalars are repeated."""
    lengths = [len(v) for v in columns.values() if isinstance(v, (list, pd.Series))]
    n = lengths[0] if lengths else 1
    base: dict[str, object] = {
        "order_line_id": [f"L{i:04d}" for i in range(n)],
        "order_id": [f"O{i:04d}" for i in range(n)],
        "account_id": "A1",
        "product_id": "P1",
        "product_line": "equipment",
        "region": "east",
        "channel": "direct",
        "order_date": "2026-03-02",
        "recognised_date": "2026-03-10",
        "quantity": 1.0,
        "amount": 113.0,
        "currency": "CNY",
        "tax_basis": "incl",
        "tax_rate": 0.13,
    }
    return pd.DataFrame({**base, **columns}, index=range(n))
