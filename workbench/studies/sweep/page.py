"""What came out of a sweep, for people: the report, the workbook and the tables beside them."""

from __future__ import annotations

from pathlib import Path

from workbench.frames import write_table
from workbench.studies.sweep.table import SweepResult, tidy

TABLE = "table.parquet"


def write_outputs(result: SweepResult, folder: Path) -> dict[str, Path]:
    """Write what a sweep leaves; return the files by what they are."""
    path = folder / TABLE
    write_table(tidy(result), path)
    return {"table": path}
