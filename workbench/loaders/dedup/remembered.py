"""Merged accounts are remembered: the next export still brings their ids.

`imports/merged_accounts.csv` names them; an import re-points what it reads. What the company knows
of the origin of rows (`imports/keys/`) follows the merge too, so that a merged account is not
called gone. Both are part of the change and undone with it.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.loaders.dedup.validity import Moved
from workbench.loaders.versions import IMPORTS, Change
from workbench.tables.export import plain, write_csv

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ALIASES = f"{IMPORTS}/merged_accounts.csv"
_APART = "\x1f"


def merged_ids(folder: str | Path) -> dict[str, str]:
    """Accounts of a company that were merged: id to the id that stands; empty where none was."""
    return {row["merged_id"]: row["keep_id"] for row in _aliases(Path(folder))}


def remember(
    company: Path,
    merges: dict[str, str],
    accounts: pa.Table,
    moved: dict[str, Moved],
    change: Change,
) -> None:
    """Write down what was merged, and let the origins of rows follow."""
    import pandas as pd

    names = dict(zip(accounts["account_id"].to_pylist(), accounts["name"].to_pylist(), strict=True))
    former = [
        row | {"keep_id": merges.get(row["keep_id"], row["keep_id"])} for row in _aliases(company)
    ]
    fresh = [
        {"merged_id": merged, "keep_id": keep, "merged_name": names[merged]}
        for merged, keep in merges.items()
    ]
    known = {row["merged_id"]: row for row in (*former, *fresh)}
    write_csv(pd.DataFrame([known[each] for each in sorted(known)]), change.file(ALIASES))
    _follow(company, "account", merges, None, change)
    for name, done in moved.items():
        if done.rows:
            _follow(company, name, merges, done.keys, change)


def _aliases(company: Path) -> list[dict[str, str]]:
    path = company / ALIASES
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{name: plain(text) for name, text in row.items()} for row in csv.DictReader(stream)]


def _follow(
    company: Path,
    name: str,
    merges: dict[str, str],
    standing: set[tuple[str, ...]] | None,
    change: Change,
) -> None:
    """Origins of a table whose keys hold accounts: re-keyed, those of rows that went left out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.loaders.into import KEYS

    path = company / KEYS / f"{name}.parquet"
    if not path.exists():
        return
    keys = pq.ParquetFile(path).read()
    rows = keys.to_pandas(types_mapper=None)
    left = _followed(rows["key"], merges, standing)
    rows = rows.loc[left.index].assign(key=left).drop_duplicates("key").sort_values("key")
    table = pa.Table.from_pandas(rows, schema=keys.schema, preserve_index=False)
    pq.write_table(table, change.file(f"{KEYS}/{name}.parquet"), compression="zstd")


def _followed(
    keys: pd.Series, merges: dict[str, str], standing: set[tuple[str, ...]] | None
) -> pd.Series:
    """Keys with the ids that stand; those of rows that are there no more left out."""
    if standing is None:
        return keys[~keys.isin(list(merges))]
    parts = keys.str.split(_APART)
    new = parts.map(lambda key: (merges.get(key[0], key[0]), *key[1:]))
    there = new.map(standing.__contains__)
    return new[there].map(_APART.join)
