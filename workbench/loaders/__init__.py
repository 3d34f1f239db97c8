"""Any export or sheet into the company, nothing lost.

    from workbench.loaders import read_table
    frame, report = read_table("deals.xlsx")

files -> raw rows (`files/`) -> header, titles, totals (`layout.py`) -> what it is (`recognise.py`)
-> values (`values/`, `readers.py`, `compose.py`, `convert.py`) -> tables (`assemble.py`,
`doubles.py`) -> the company, versions kept (`into.py`, `importing.py`, `versions.py`).
"""

from workbench.loaders.importing import import_paths
from workbench.loaders.intake import Answers
from workbench.loaders.read import read_table
from workbench.loaders.versions import undo

__all__ = ["Answers", "import_paths", "read_table", "undo"]
