"""Merging accounts of a company: what the merged row knew stays, what named it is re-pointed.

The row of a merged account goes; what it knew and the other did not is filled in; every declared
column that refers to accounts names the one that stands. All of it is one change of the company
(`versions.py`) and can be undone. Tables in which an account may have one row at a time:
`validity.py`. Which accounts: `merge_file.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.loaders.dedup.remembered import remember
from workbench.loaders.dedup.stored import read_stored, table_files
from workbench.loaders.dedup.validity import Moved, move_rows
from workbench.loaders.versions import Change, changes, undo
from workbench.tables import TABLES
from workbench.tables.declare import Table
from workbench.tables.export import write_csv

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Paper of a merge beside the former versions: everything it did, one row each.
PAPER = "merge.csv"
KIND = "merge"


@dataclass(frozen=True, slots=True)
class MergeResult:
    """What a merge did.

    Attributes
    ----------
    merges : dict of str to str
        Merged id to the id that stands.
    filled : pandas.DataFrame
        `account_id`, `column`, `value`, `from_id`: what the account that stands got.
    repointed : pandas.DataFrame
        `table`, `column`, `rows`: rows that named a merged account.
    overlapping : pandas.DataFrame
        `table`, `key`, `done` ("dropped" or "cut to ..."): rows of merged accounts in tables where
        an account has one row at a time, and the account that stands had one already.
    change : str
        Id of the change, under `imports/` of the company.
    """

    merges: dict[str, str]
    filled: pd.DataFrame
    repointed: pd.DataFrame
    overlapping: pd.DataFrame
    change: str

    def summary(self) -> dict[str, int]:
        """Counts: accounts merged, fields filled, rows re-pointed, rows dropped or cut."""
        return {
            "merged": len(self.merges),
            "filled": len(self.filled),
            "repointed": int(self.repointed["rows"].sum()),
            "overlapping": len(self.overlapping),
        }

    def table(self) -> pd.DataFrame:
        """Everything done, one row each: `done`, `table`, `key`, `column`, `value`, `from_id`."""
        import pandas as pd

        merged = pd.DataFrame(
            {"done": "merged", "table": "account", "key": list(self.merges.values()),
             "from_id": list(self.merges)}
        )  # fmt: skip
        filled = self.filled.rename(columns={"account_id": "key"})
        filled = filled.assign(done="filled", table="account")
        counted = self.repointed.assign(done="re-pointed").rename(columns={"rows": "value"})
        columns = ["done", "table", "key", "column", "value", "from_id"]
        return pd.concat(
            [each.reindex(columns=columns).astype(object) for each in
             (merged, filled, counted, self.overlapping)], ignore_index=True,
        )  # fmt: skip


def apply_merge(folder: str | Path, merges: dict[str, str]) -> MergeResult:
    """Merge accounts of a company.

    Parameters
    ----------
    folder : str or Path
        Folder of the company.
    merges : dict of str to str
        Merged id to the id that stands, as `read_merge_file` returns it.

    Returns
    -------
    MergeResult

    Raises
    ------
    InputError
        If nothing is to be merged, an id is not in the table `account`, or an account is to stand
        and to be merged at once.
    """
    company = Path(folder)
    with Change(company, kind=KIND) as change:
        accounts = read_stored(company, "account")
        _check(merges, accounts, company)
        kept, filled = _filled(accounts, merges)
        change.write("account", kept)
        repointed, moved = [], []
        for table, columns in _referring():
            if set(columns) & set(table.key):
                done = move_rows(company, table, columns[0], merges, change)
                moved.append(done)
                counts = {columns[0]: done.rows}
            else:
                counts = _repoint(company, table, columns, merges, change)
            repointed += [(table.name, column, n) for column, n in counts.items() if n]
        remember(company, merges, accounts, {each.table: each for each in moved}, change)
        result = _result(merges, filled, repointed, moved, change)
        write_csv(result.table(), change.folder / PAPER)
        change.facts["merged"] = len(merges)
    return result


def undo_merge(folder: str | Path) -> dict[str, Any]:
    """Undo the newest change of a company, if it is a merge.

    Raises
    ------
    InputError
        If nothing is to be undone, or an import came after the merge and has to be undone first.
    """
    done = [record for record in changes(folder) if record["state"] == "done"]
    if done and done[-1]["kind"] != KIND:
        raise InputError(
            "the newest change of the company is no merge",
            where=f"{folder}: {done[-1]['kind']} {done[-1]['id']}",
            do="undo that change first: workbench import --undo",
        )
    return undo(folder)


# -- the accounts themselves


def _check(merges: dict[str, str], accounts: pa.Table, company: Path) -> None:
    ids = set(accounts.column("account_id").to_pylist())
    unknown = sorted({*merges, *merges.values()} - ids)
    both = sorted(set(merges) & set(merges.values()))
    where = f"{company}: {', '.join([*unknown, *both][:8])}"
    if not merges:
        raise InputError(
            "no merge is approved", where=str(company), do="write yes in the column approve"
        )
    if unknown:
        raise InputError(
            f"{len(unknown)} ids are no accounts of this company",
            where=where,
            do="make the merge file anew: accounts may have changed or been merged since",
        )
    if both:
        raise InputError(
            f"{len(both)} accounts are to stand and to be merged",
            where=where,
            do="name the account that stands in the end, as read_merge_file does",
        )


def _filled(accounts: pa.Table, merges: dict[str, str]) -> tuple[pa.Table, pd.DataFrame]:
    """Accounts without the merged ones, gaps filled from them, and what was filled."""
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    involved = pc.is_in(
        accounts.column("account_id"), pa.array(sorted({*merges, *merges.values()}))
    )
    rows = pd.DataFrame(accounts.filter(involved).to_pylist(), dtype=object)
    rows["stands"] = rows["account_id"].map(merges).fillna(rows["account_id"])
    rows["merged"] = rows["account_id"] != rows["stands"]
    order = [name for name in ("stands", "merged", "created_date", "account_id") if name in rows]
    rows = rows.sort_values(order, kind="stable")
    filled = pd.concat([_gaps(rows), _former_names(rows)], ignore_index=True)
    gone = pc.is_in(accounts.column("account_id"), pa.array(list(merges)))
    kept = accounts.filter(pc.invert(gone.combine_chunks()))
    for column, values in filled.groupby("column", sort=False):
        known = dict(zip(values["account_id"], values["value"], strict=True))
        kept = _with_values(kept, str(column), known)
    return kept, filled


def _gaps(rows: pd.DataFrame) -> pd.DataFrame:
    """What the account that stands lacks and a merged one has; the first that has it."""
    texts = rows.drop(columns=["stands", "merged", "former_name"], errors="ignore")
    cells = texts.melt(id_vars="account_id", var_name="column", ignore_index=False)
    cells["stands"], cells["merged"] = rows["stands"], rows["merged"]
    first = cells[cells["value"].notna()].drop_duplicates(["stands", "column"])
    return _as_filled(first[first["merged"]])


def _former_names(rows: pd.DataFrame) -> pd.DataFrame:
    """The other name as former name, where there is none: to be found again under it."""
    import pandas as pd

    held = rows.assign(former_name=rows.get("former_name"))
    standing = held[~held["merged"]].set_index("stands")
    names = [held[["account_id", "stands", "merged", each]] for each in ("former_name", "name")]
    cells = pd.concat(
        [each.set_axis(["account_id", "stands", "merged", "value"], axis=1) for each in names]
    ).sort_index(kind="stable")
    cells = cells.loc[rows.index[rows["merged"]].unique()]
    lacks = cells["stands"].map(standing["former_name"].isna())
    other = cells["value"].notna() & (cells["value"] != cells["stands"].map(standing["name"]))
    first = cells[lacks & other].drop_duplicates("stands")
    return _as_filled(first.assign(column="former_name"))


def _as_filled(cells: pd.DataFrame) -> pd.DataFrame:
    named = cells.rename(columns={"account_id": "from_id", "stands": "account_id"})
    return named[["account_id", "column", "value", "from_id"]]


def _with_values(accounts: pa.Table, column: str, known: dict[str, Any]) -> pa.Table:
    """Accounts with gaps of a column filled; the column is made where the table lacks it."""
    import pyarrow as pa

    from workbench.tables.store import arrow_schema

    place = accounts.schema.get_field_index(column)
    ids = accounts.column("account_id").to_pylist()
    if place < 0:
        field = arrow_schema("account", [column]).field(0)
        return accounts.append_column(field, pa.array([known.get(i) for i in ids], field.type))
    field = accounts.schema.field(place)
    values = [known.get(i, was) for i, was in zip(ids, accounts[column].to_pylist(), strict=True)]
    return accounts.set_column(place, field, pa.array(values, field.type))


# -- tables that name accounts


def _referring() -> Iterator[tuple[Table, list[str]]]:
    """Declared tables that refer to accounts, and the columns that do."""
    for table in TABLES.values():
        columns = [c.name for c in table.columns if c.references == "account.account_id"]
        if columns:
            yield table, columns


def _repoint(
    company: Path, table: Table, columns: list[str], merges: dict[str, str], change: Change
) -> dict[str, int]:
    """Rewrite a table row group by row group, if it names a merged account; rows by column."""
    import pyarrow.parquet as pq

    from workbench.tables.store import COMPRESSION

    files = [pq.ParquetFile(path) for path in table_files(company, table.name)]
    counts = _named(files, columns, merges)
    if not sum(counts.values()):
        return counts
    schema = files[0].schema_arrow
    with pq.ParquetWriter(change.path(table.name), schema, **COMPRESSION) as writer:
        for part in _groups(files):
            for column in counts:
                part = repointed(part, column, merges)
            writer.write_table(part.cast(schema))
    return counts


def _named(files: list[Any], columns: list[str], merges: dict[str, str]) -> dict[str, int]:
    import pyarrow as pa
    import pyarrow.compute as pc

    there = [c for c in columns if files and all(c in file.schema_arrow.names for file in files)]
    merged = pa.array(list(merges))
    return {
        column: sum(
            pc.sum(pc.is_in(part[column].cast(pa.string()), merged)).as_py() or 0
            for part in _groups(files, [column])
        )
        for column in there
    }


def _groups(files: list[Any], columns: list[str] | None = None) -> Iterator[pa.Table]:
    for file in files:
        for place in range(file.num_row_groups):
            yield file.read_row_group(place, columns=columns)


def repointed(rows: pa.Table, column: str, merges: dict[str, str]) -> pa.Table:
    """Rows with the ids of accounts that stand; other rows and columns as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    field = rows.schema.field(column)
    ids = rows[column].cast(pa.string())
    place = pc.index_in(ids, pa.array(list(merges)))
    stands = pa.array(list(merges.values()), pa.string()).take(pa.chunked_array(place.chunks))
    values = pc.coalesce(stands, ids).cast(field.type)
    return rows.set_column(rows.schema.get_field_index(column), field, values)


def _result(
    merges: dict[str, str],
    filled: pd.DataFrame,
    counts: list[tuple[str, str, int]],
    moved: list[Moved],
    change: Change,
) -> MergeResult:
    import pandas as pd

    overlapping = [(each.table, key, done) for each in moved for key, done in each.overlapping]
    return MergeResult(
        merges=dict(merges),
        filled=filled.reset_index(drop=True),
        repointed=pd.DataFrame(counts, columns=["table", "column", "rows"]),
        overlapping=pd.DataFrame(overlapping, columns=["table", "key", "done"]),
        change=change.id,
    )
