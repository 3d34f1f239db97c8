"""The results on screen as the workbook a run would leave."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study, record_results
from workbench.studies.outcome import Outcome

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.text import Language

_ONE_AT_A_TIME = threading.Lock()
_RUN = "WORKBENCH_RUN"


def workbook(study: Study, company: Company, params: Params, results: Any, lang: Language) -> bytes:
    """Return the XLSX of results: key figures and tables, labelled as in a run's workbook."""
    with _ONE_AT_A_TIME, tempfile.TemporaryDirectory(prefix="workbench-") as name:
        folder = Path(name)
        (folder / "tables").mkdir()
        before = os.environ.get(_RUN)
        os.environ[_RUN] = name
        try:
            record_results(results, lang)
        finally:
            os.environ.pop(_RUN) if before is None else os.environ.__setitem__(_RUN, before)
        outcome = Outcome(
            folder=folder,
            cells=[],
            study=study,
            rows=params.describe(lang),
            company=company,
            place=str(company.folder),
            lang=lang,
            facts={},
        )
        return outcome.write_workbook().read_bytes()
