"""Notebooks as they are committed: without outputs, but for the figures that nbval checks.

A code cell marked `# NBVAL_CHECK_OUTPUT` keeps its output: the test suite runs the notebook and
compares. All other outputs, counters and traces of a run are taken out, so that a change of a
notebook shows what somebody changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

CHECKED = "# NBVAL_CHECK_OUTPUT"
_KEPT_METADATA = ("kernelspec", "language_info")


def strip(notebooks: Iterable[Path], *, write: bool) -> list[Path]:
    """Return the notebooks that hold more than they should; write them stripped if asked.

    Parameters
    ----------
    notebooks : iterable of Path
        Files to read.
    write : bool
        Whether to write those that differ.
    """
    changed = []
    for path in notebooks:
        before = path.read_text(encoding="utf-8")
        after = stripped(before)
        if after != before:
            changed.append(path)
            if write:
                path.write_text(after, encoding="utf-8", newline="\n")
    return changed


def stripped(text: str) -> str:
    """Return the text of a notebook as it is committed, in the layout that nbformat writes."""
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["metadata"] = _tags(cell.get("metadata", {}))
        if cell["cell_type"] == "code":
            _strip_code(cell)
    kept = {key: notebook["metadata"].get(key) for key in _KEPT_METADATA}
    notebook["metadata"] = {key: value for key, value in kept.items() if value}
    notebook["metadata"].get("language_info", {}).pop("version", None)
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _strip_code(cell: dict[str, Any]) -> None:
    source = cell["source"]
    source = source if isinstance(source, str) else "".join(source)
    checked = CHECKED in source
    if not checked:
        cell["outputs"] = []
    # nbval takes a cell without a counter as never run, and refuses to compare its output
    cell["execution_count"] = 1 if checked and cell["outputs"] else None
    bare: dict[str, Any] = {"metadata": {}, "execution_count": cell["execution_count"]}
    for output in cell["outputs"]:
        output.update((key, value) for key, value in bare.items() if key in output)


def _tags(metadata: dict[str, Any]) -> dict[str, Any]:
    return {"tags": metadata["tags"]} if metadata.get("tags") else {}
