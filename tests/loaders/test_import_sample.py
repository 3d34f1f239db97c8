"""The sample company written as sheets for people and imported: the same tables come back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from workbench.company import open_company
from workbench.loaders import import_paths
from workbench.tables import TABLES
from workbench.tables.export import write_csv

SAMPLE = Path(__file__).parents[2] / "data" / "sample"

#: Every kind of column and key, without the largest tables: the whole sample takes a minute.
CHOSEN = (
    "account", "opportunity", "contract", "product", "rep", "team", "assignment", "target",
    "credit_split", "credit_limit", "pay_plan", "exchange_rate", "geo_unit", "lead", "risk",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_sample_comes_back_from_its_own_sheets(tmp_path: Path, lang: str) -> None:
    sample, company = open_company(SAMPLE), tmp_path / "company"
    for name in CHOSEN:
        declared = TABLES[name]
        frame = sample.table(name)
        labels = {column.name: column.title(lang) for column in declared.columns}
        (tmp_path / "sheets").mkdir(exist_ok=True)
        write_csv(frame.rename(columns=labels), tmp_path / "sheets" / f"{declared.title(lang)}.csv")
    company.mkdir()
    shutil.copy(SAMPLE / "company.yaml", company)
    report, _ = import_paths([tmp_path / "sheets"], company)
    assert report.exit_code == 0 and not report.questions
    assert report.read == report.kept
    back = open_company(company)
    for name in CHOSEN:
        key = list(TABLES[name].key)
        there, came = (
            one.table(name).sort_values(key, ignore_index=True) for one in (sample, back)
        )
        pd.testing.assert_frame_equal(there, came, check_dtype=False, obj=name)
