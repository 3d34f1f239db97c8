"""An import report as JSON: everything in it, stable keys, amounts as decimal strings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from workbench.loaders.outcome import ImportReport
from workbench.report.import_words import reason_advice, reason_title, reason_verdict
from workbench.report.masking import masked
from workbench.text import Language

#: Version of the keys; a new one only where a key is renamed or goes.
FORMAT = 1
_ROWS = ("read", "kept", "refused", "duplicates", "totals", "blank")


def as_json(report: ImportReport, *, unmask: bool = False) -> dict[str, Any]:
    """Write a report as plain data.

    Parameters
    ----------
    report : ImportReport
        As people see it (`masking.for_people`).
    unmask : bool
        Whether it was left unmasked; also leaves the lineage as it is.

    Returns
    -------
    dict
        Of dicts, lists, strings, integers and truth values.
    """
    return {
        "format": FORMAT,
        "id": report.id,
        "started": report.started,
        "into": report.into,
        "masked": not unmask,
        "exit_code": report.exit_code,
        "rows": {name: getattr(report, name) for name in _ROWS},
        "balanced": all(sheet.balanced for sheet in report.sheets),
        "refused_cells": report.refused_cells,
        "sheets": [{**_plain(sheet), "balanced": sheet.balanced} for sheet in report.sheets],
        "money": [_plain(line) for line in report.money.to_dict("records")],
        "cells": [_plain(cell) for cell in report.cells.to_dict("records")],
        "cell_counts": _counts(report),
        "reasons": _reasons(report),
        "changes": _plain(report.changes),
        "skipped": _plain(report.skipped),
        "findings": _plain(report.findings),
        "lineage": _plain(report.lineage) if unmask else _masked(_plain(report.lineage)),
    }


def _counts(report: ImportReport) -> list[dict[str, Any]]:
    names = ("file", "sheet", "header", "reason")
    return [
        {**dict(zip(names, key, strict=True)), "count": count}
        for key, count in sorted(report.cell_counts.items())
    ]


def _reasons(report: ImportReport) -> dict[str, Any]:
    """Every code that occurs, said in both languages."""
    codes = sorted({code for (*_, code) in report.cell_counts})
    return {
        code: {
            "verdict": reason_verdict(code),
            **{lang.code: _said(code, lang) for lang in (Language("en"), Language("zh"))},
        }
        for code in codes
    }


def _said(code: str, lang: Language) -> dict[str, str]:
    return {"title": reason_title(code, lang), "do": reason_advice(code, lang)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, Iterable):
        return [_plain(each) for each in value]
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, (bool, int)):
        return value
    return None if value != value else value if isinstance(value, float) else str(value)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    return [_masked(each) for each in value] if isinstance(value, list) else value
