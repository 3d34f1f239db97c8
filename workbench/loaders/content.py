"""What one should know about the rows of an import: the findings on what its sheets tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.loaders.outcome import Finding

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from workbench.loaders.assemble import Assembled

#: Rows of a table that the findings look at; more say the same and take the memory.
LOOKED_AT = 300_000


def content_findings(
    connection: duckdb.DuckDBPyConnection, assembled: dict[str, Assembled]
) -> dict[str, tuple[Finding, ...]]:
    """What one should know about the rows of each table, and (under "") between tables."""
    from workbench.loaders.findings import find, find_between
    from workbench.loaders.into import as_declared
    from workbench.tables import TABLES

    frames = {}
    for name, one in assembled.items():
        columns = ", ".join(f'"{c}"' for c in _told_by_sheets(one))
        rows = (
            connection.cursor()
            .sql(
                f'select {columns} from "one_{name}" where _source >= 0'
                f" order by _source, _row limit {LOOKED_AT}"
            )
            .to_arrow_table()
        )
        if rows.num_rows:
            frames[name] = as_declared(rows, TABLES[name]).to_pandas(date_as_object=False)
    found = {name: find(name, frame) for name, frame in frames.items()}
    unused = {name: _unused_columns(one) for name, one in assembled.items() if one.staged}
    found[""] = find_between(frames, raw=unused)
    return found


def _unused_columns(one: Assembled) -> pd.DataFrame:
    """Columns of the first sheet that no declared column takes: names in them may be known."""
    import pandas as pd

    staged = next(iter(one.staged.values()))
    free = [f for f in staged.mapping.fields if not f.target]
    columns = {f.header: staged.sheet.column(f.place).slice(0, LOOKED_AT).to_pandas() for f in free}
    return pd.DataFrame(columns)


def _told_by_sheets(one: Assembled) -> list[str]:
    """Columns that the sheets tell something about, not those looked up elsewhere."""
    from workbench.loaders.assemble import MASTERS, referring
    from workbench.tables import TABLES

    declared = TABLES[one.table]
    named = {
        referring(declared, link.partition(".")[0])
        for link in one.links
        if link.partition(".")[0] in MASTERS
    }
    told = {*declared.key, *named}.union(*(staged.columns for staged in one.staged.values()))
    return [c for c in one.columns if c in told] or list(declared.key)


def loose_names(assembled: dict[str, Assembled]) -> tuple[Finding, ...]:
    """Names found in spite of other spaces, case or width, by table."""
    found = []
    for one in assembled.values():
        masters = dict.fromkeys(master for master, *_ in one.loose)
        for master in masters:
            rows = [row for row in one.loose if row[0] == master]
            fields = {"table": one.table, "other": master, "text": rows[0][2], "name": rows[0][3]}
            found.append(Finding("spelled_apart", sum(r[1] for r in rows), len(rows), fields))
    return tuple(found)
