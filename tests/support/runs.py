"""Made-up runs on disk: a manifest and the files that stand beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.frames import write_table
from workbench.studies import Run

HASH = "0" * 64


def make_run(
    project: Path,
    moment: str = "20261101T080000Z",
    digest: str = "11111111",
    *,
    study: str = "tiny",
    tables: dict[str, pd.DataFrame] | None = None,
    sources: dict[str, str] | None = None,
    company: dict[str, Any] | None = None,
    partial: bool = False,
    **manifest: Any,
) -> Run:
    """Write the folder of a run; what is not given is that of a plain finished one."""
    name = f"{moment}-{digest}"
    folder = project / "runs" / study / (f".{name}.partial" if partial else name)
    folder.mkdir(parents=True)
    if partial:
        return Run(folder)
    for title, frame in (tables or {}).items():
        write_table(frame, folder / "tables" / f"{title}.parquet")
    if sources is not None:
        (folder / "sources.json").write_text(json.dumps(sources), encoding="utf-8")
    whole: dict[str, Any] = {
        "study": study,
        "title": "Tiny study",
        "status": "finished",
        "lang": "en",
        "params": {"top": 3},
        "seconds": {"notebook": 1.0},
        "company": {"path": "data/sample", "name": "Acme", "hash": HASH} | (company or {}),
        "notebook": {"path": "notebooks/01_tiny.ipynb", "hash": HASH},
        "code": HASH,
        "lock": None,
        "git": None,
        "versions": {"python": "3.11"},
        "results": [],
        "tables": [{"name": title} for title in tables or {}],
    }
    text = json.dumps(whole | manifest, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return Run(folder)


def result(name: str, value: Any, kind: str = "number", unit: str = "", **more: Any) -> Any:
    """A recorded result as a manifest keeps it."""
    label = name.capitalize()
    return {"name": name, "label": label, "value": value, "kind": kind, "unit": unit, **more}
