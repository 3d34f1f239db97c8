"""Files of any kind as raw rows: `open_paths`.

`walk.py` finds the files, `archives.py` unpacks within bounds, `kinds.py` says what a file is,
`encodings.py` and `delimited.py` read text, `workbooks.py` workbooks, `html_tables.py` pages,
`json_files.py` (with `flatten.py` and `shapes.py`) JSON, `parquet_files.py` Parquet.
"""

from workbench.loaders.files.archives import LIMITS, Limits
from workbench.loaders.files.opening import open_paths

__all__ = ["LIMITS", "Limits", "open_paths"]
