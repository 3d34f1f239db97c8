"""Two public sets imported as they are: every row kept, every trap in them told.

They are read from the folder that WORKBENCH_REFERENCE names (see benchmarks/README.md for their
public sources) and are not part of the project. The counts are those of the published files.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.loaders import Answers, import_paths
from workbench.loaders.outcome import Finding, ImportReport

FOLDER = os.environ.get("WORKBENCH_REFERENCE", "")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="set WORKBENCH_REFERENCE to the folder of the public sets"
)
CRM = ("crm_sales_pipeline.csv.gz", "crm_accounts.csv", "crm_products.csv", "crm_sales_teams.csv")


def imported(into: Path, *names: str, currency: str) -> ImportReport:
    known = {"currency": currency, "tax_basis": "excl", "tax_rate": "0"}
    paths = [Path(FOLDER) / "customer" / name for name in names]
    report, _ = import_paths(paths, into, answers=Answers(defaults=known))
    assert all(sheet.balanced for sheet in report.sheets)
    return report


def found(report: ImportReport) -> dict[tuple[str, str], Finding]:
    """Findings by code and what they are about."""
    findings = [*report.findings, *(f for sheet in report.sheets for f in sheet.findings)]
    return {(f.code, f.fields.get("column", "")): f for f in reversed(findings)}


def test_crm_sales_opportunities(tmp_path: Path) -> None:
    report = imported(tmp_path / "c", *CRM, currency="USD")
    tables = {sheet.file: sheet.table for sheet in report.sheets}
    assert tables == dict(zip(CRM, ("opportunity", "account", "product", "rep"), strict=True))
    assert (report.read, report.kept, report.exit_code) == (8_927, 8_927, 0)
    (line,) = report.money.to_dict("records")
    assert line["before"] == line["kept"] == 10_005_534
    told = found(report)
    assert told["spelled_apart", "product"].count == 1_480
    assert told["spelled_apart", "product"].fields["text"] == "GTXPro"
    assert told["missing_tells_outcome", "account_id"].count == 1_425
    assert told["missing_by_stage", "created_date"].fields["stages"] == "Prospecting"
    assert told["zero_when_lost", "amount"].count == 2_473
    assert told["open_without_expected", "expected_close_date"].count == 2_089
    assert told["first_close_late", ""].fields["day"] == "2017-03-01"
    assert (told["unused", ""].count, told["unused", ""].of) == (5, 35)
    words = {f.fields["text"] for (code, _), f in told.items() if code == "near_word"}
    assert words == {"technolgy", "Philipines"}


def test_online_retail(tmp_path: Path) -> None:
    report = imported(tmp_path / "c", "online_retail_sample.csv.gz", currency="GBP")
    assert report.sheets[0].table == "order_line"
    assert (report.read, report.kept, report.refused) == (33_422, 33_422, 0)
    told = found(report)
    assert told["missing", "account_id"].count == 7_529  # 22.5 %
    assert told["cancellations", ""].count == 496
    assert told["negative_quantity", ""].count == 89
    assert told["zero_price", "net_price"].count == 203
    assert told["last_month_cut", "order_date"].fields["day"] == "2011-12-09"
    equal = sum(n for (*_, reason), n in report.cell_counts.items() if reason == "equal_line")
    assert equal == 398
