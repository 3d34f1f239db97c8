"""Recorded tables of two runs that differ: which rows and cells, and where most.

A row is told by the texts, dates and flags it holds, if these name each row once; else rows are
compared as they are, and one that differs counts as removed and added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.studies.runs import Run
from workbench.text import Language

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTableChange:
    """A recorded table that differs.

    Attributes
    ----------
    name, label : str
    added, removed, changed, same : int
        Rows; a changed one has the same key in both.
    cells : int
        Cells that differ in the changed rows.
    columns_added, columns_removed : list of str
        Not compared.
    key : list of str
        Columns that tell the rows; [] where rows are compared whole.
    only : "A", "B" or ""
        Where only the first or the second run has the table.
    """

    name: str
    label: str
    added: int = 0
    removed: int = 0
    changed: int = 0
    same: int = 0
    cells: int = 0
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    only: str = ""


def table_changes(before: Run, after: Run, lang: Language) -> tuple[list[ResultTableChange], int]:
    """Recorded tables that differ, in the order recorded, and how many are the same."""
    sides = [_recorded(run) for run in (before, after)]
    found, same = [], 0
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        label = _label(name, before, after, sides, lang)
        if name not in sides[0] or name not in sides[1]:
            only = "A" if name in sides[0] else "B"
            found.append(ResultTableChange(name=name, label=label, only=only))
            continue
        change = _change(name, label, _path(before, name), _path(after, name))
        if change is None:
            same += 1
        else:
            found.append(change)
    return found, same


def _recorded(run: Run) -> dict[str, Mapping[str, Any]]:
    """Tables of the manifest that are still there."""
    return {
        entry["name"]: entry
        for entry in run.manifest.get("tables", ())
        if _path(run, entry["name"]).is_file()
    }


def _path(run: Run, name: str) -> Path:
    return run.folder / "tables" / f"{name}.parquet"


def _label(
    name: str, before: Run, after: Run, sides: list[dict[str, Mapping[str, Any]]], lang: Language
) -> str:
    """The label of the run that speaks the language; of the first where neither does."""
    from workbench.report.labels import label

    holding = [
        (run, side[name]) for run, side in zip((before, after), sides, strict=True) if name in side
    ]
    speaking = [entry for run, entry in holding if run.manifest.get("lang") == lang.code]
    return label(next(iter(speaking), holding[0][1]), lang)


def _change(name: str, label: str, before: Path, after: Path) -> ResultTableChange | None:
    if before.read_bytes() == after.read_bytes():
        return None
    a, b = _read(before), _read(after)
    both = [column for column in a.columns if column in set(b.columns)]
    change = {
        "name": name,
        "label": label,
        "columns_added": tuple(column for column in b.columns if column not in both),
        "columns_removed": tuple(column for column in a.columns if column not in both),
    }
    key = _key(a[both], b[both])
    counts = _by_key(a[both], b[both], key) if key else _whole(a[both], b[both])
    return ResultTableChange(**change, **counts, key=tuple(key))  # type: ignore[arg-type]


def _read(path: Path) -> pd.DataFrame:
    """Values as Python has them, so that decimals stay exact; what is missing is None."""
    import pyarrow.parquet as pq

    return pq.read_table(path).to_pandas(types_mapper=None, date_as_object=True)


def _key(a: pd.DataFrame, b: pd.DataFrame) -> list[str]:
    """Columns of text, dates and flags, if each row of both has its own values there."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype, is_object_dtype

    def names_rows(column: str) -> bool:
        for side in (a, b):
            values = side[column]
            if is_numeric_dtype(values) and not is_bool_dtype(values):
                return False
            if is_object_dtype(values) and values.map(_is_decimal).any():
                return False
        return True

    key = [column for column in a.columns if names_rows(column)]
    unique = key and not a.duplicated(key).any() and not b.duplicated(key).any()
    return key if unique else []


def _is_decimal(value: Any) -> bool:
    from decimal import Decimal

    return isinstance(value, Decimal)


def _by_key(a: pd.DataFrame, b: pd.DataFrame, key: list[str]) -> dict[str, int]:
    """Rows and cells that differ, rows told by their key."""
    merged = a.merge(b, on=key, how="outer", suffixes=("_before", "_after"), indicator=True)
    both = merged[merged["_merge"] == "both"]
    values = [column for column in a.columns if column not in key]
    differs = [_differ(both[f"{column}_before"], both[f"{column}_after"]) for column in values]
    changed = sum(differs[1:], differs[0]) if differs else both["_merge"] != "both"
    return {
        "added": int((merged["_merge"] == "right_only").sum()),
        "removed": int((merged["_merge"] == "left_only").sum()),
        "changed": int((changed > 0).sum()),
        "same": int((changed == 0).sum()),
        "cells": int(sum(int(each.sum()) for each in differs)),
    }


def _differ(before: pd.Series, after: pd.Series) -> pd.Series:
    """1 where values differ; two that are missing are the same."""
    gaps = before.isna() & after.isna()
    return ((before != after).fillna(True) & ~gaps).astype(int)


def _whole(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, int]:
    """Rows that only one of them has, doubles counted."""
    counted = [side.value_counts(dropna=False) for side in (a.astype(str), b.astype(str))]
    one, other = counted[0].align(counted[1], fill_value=0)
    return {
        "added": int((other - one).clip(lower=0).sum()),
        "removed": int((one - other).clip(lower=0).sum()),
        "same": int(one.where(one < other, other).sum()),
    }
