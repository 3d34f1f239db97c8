"""Put everything that paths, a query or a pull hold into a company's folder.

    intake (intake.py) -> tables (assemble.py, doubles.py) -> company (into.py), all or nothing
    (versions.py), with its papers under imports/<id>/: mapping.yaml, refused.csv, cells.parquet

The pages of the report are drawn by `workbench.report`; the command line joins the two.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from workbench.loaders.content import content_findings
from workbench.loaders.intake import Answers, Intake, assembled_tables
from workbench.loaders.mapping import SheetMapping
from workbench.loaders.outcome import Decision, ImportReport, SheetReport
from workbench.loaders.raw import Grid, Sheet
from workbench.loaders.reasons import REASONS
from workbench.loaders.reporting import report_of
from workbench.loaders.versions import IMPORTS, Change
from workbench.text import Language

if TYPE_CHECKING:
    import duckdb

    from workbench.loaders.assemble import Assembled
    from workbench.loaders.doubles import Placed

MAPPING = f"{IMPORTS}/mapping.yaml"
REFUSED, CELLS, GONE = "refused.csv", "cells.parquet", "gone.csv"
_DAY = re.compile(r"(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


def import_paths(
    paths: Sequence[str | Path],
    into: str | Path,
    *,
    answers: Answers | None = None,
    grids: Iterable[Grid] = (),
    recognised: list[tuple[Sheet, SheetMapping]] | None = None,
    intake: Intake | None = None,
    day: dt.date | None = None,
    partial: bool = False,
    now: dt.datetime | None = None,
    lang: Language | None = None,
) -> tuple[ImportReport, Path]:
    """Import files into a company, all or nothing.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, folders, zips.
    into : str or Path
        Folder of the company; made if it is not there.
    answers : Answers, optional
        What is known beforehand. The mapping of the last import is used as well.
    grids : iterable of Grid
        Sources that are no files.
    recognised, intake
        An intake that has been opened and reviewed already, with what was recognised.
    day : datetime.date, optional
        Day of the picture of open opportunities; else the day in a file's name, else today.
    partial : bool
        The sources hold only what has changed: nothing is called gone.
    now : datetime.datetime, optional
        Time of the import, UTC.
    lang : Language, optional
        Of the words in `refused.csv`; English by default.

    Returns
    -------
    report : ImportReport
    papers : Path
        Folder of the import's papers.

    Raises
    ------
    ProjectError
        If another import into the company is under way.
    """
    company = Path(into)
    started = now or dt.datetime.now(dt.UTC)
    said = lang or Language("en")
    if intake is not None:
        return _take_in(intake, recognised, company, day, partial, started, said)
    known = remembered(company, answers or Answers())
    with Intake(paths, known, grids=grids) as opened:
        return _take_in(opened, None, company, day, partial, started, said)


def remembered(company: Path, answers: Answers) -> Answers:
    """The answers with what the company knows from former imports: mapping, merged accounts."""
    from workbench.loaders.dedup import merged_ids
    from workbench.loaders.mapping_files import read_mapping

    kept = company / MAPPING
    mappings = [*answers.mappings, *(read_mapping(kept) if kept.exists() else ())]
    return replace(answers, mappings=mappings, merged={**merged_ids(company), **answers.merged})


def _take_in(
    intake: Intake,
    recognised: list[tuple[Sheet, SheetMapping]] | None,
    company: Path,
    day: dt.date | None,
    partial: bool,
    started: dt.datetime,
    lang: Language,
) -> tuple[ImportReport, Path]:
    from workbench.loaders.into import existing_tables

    found = intake.recognise() if recognised is None else recognised
    intake.stage(found)
    connection = intake.connection()
    with Change(company, now=started) as change:
        existing = existing_tables(company)
        placed, assembled = assembled_tables(intake, connection, existing)
        _merge_all(connection, intake, placed, assembled, existing, change, partial)
        decisions = _pictures(connection, placed, assembled, existing, change, day, started)
        findings = content_findings(connection, assembled)
        report = report_of(
            intake, placed, assembled, findings, started=started, id=change.id, into=str(company)
        )
        report = _with_decisions(report, decisions)
        _papers(intake, placed, change, company, lang)
        if not report.kept:
            change.outcome = "nothing"
        change.facts["rows"] = {c.table: c.after for c in report.changes}
        change.facts["sources"] = [f"{s.file} {s.sheet}".strip() for s in report.sheets]
    return report, change.folder


def _merge_all(
    connection: duckdb.DuckDBPyConnection,
    intake: Intake,
    placed: dict[str, Placed],
    assembled: dict[str, Assembled],
    existing: dict[str, str],
    change: Change,
    partial: bool,
) -> None:
    from workbench.loaders.into import merge

    origins = {
        place: "" if partial else origin(staged.sheet, staged.table)
        for place, staged in enumerate(intake.staged)
    }
    for name, one in assembled.items():
        merge(
            connection,
            one,
            placed[name],
            existing=existing.get(name),
            change=change,
            origins=origins,
        )


def origin(sheet: Sheet, table: str) -> str:
    """What the same export of another day has in common: system and object, or name less digits."""
    if sheet.system and sheet.object:
        return f"{sheet.system}:{sheet.object}:{table}"
    stem = re.sub(r"[\W\d_]+", "", sheet.source.file.rsplit("/", 1)[-1].rsplit(".", 1)[0])
    return f"{stem}:{sheet.source.sheet}:{table}"


def _pictures(
    connection: duckdb.DuckDBPyConnection,
    placed: dict[str, Placed],
    assembled: dict[str, Assembled],
    existing: dict[str, str],
    change: Change,
    day: dt.date | None,
    now: dt.datetime,
) -> list[Decision]:
    """Keep the picture of open deals, and the shares of those whose cells name several people."""
    from workbench.loaders.into import add_rows, shared_credit, snapshots

    decisions = []
    if "opportunity" in assembled:
        when, why = _picture_day(assembled["opportunity"], day, now)
        picture = snapshots(when, placed["opportunity"].columns)
        if picture:
            add_rows(connection, "opportunity_snapshot", picture, existing, change, placed)
            decisions.append(Decision("", "snapshot_date", when.isoformat(), why))
    parts = [
        part
        for name in ("opportunity", "contract")
        if name in assembled and (part := shared_credit(connection, assembled[name]))
    ]
    if parts:
        add_rows(
            connection, "credit_split", " union all by name ".join(parts), existing, change, placed
        )
    return decisions


def _picture_day(one: Assembled, day: dt.date | None, now: dt.datetime) -> tuple[dt.date, str]:
    """Day of the picture of open deals, and what said so."""
    if day is not None:
        return day, "asked"
    named = [
        dt.date(*map(int, found.groups()))
        for staged in one.staged.values()
        if (found := _DAY.search(staged.sheet.source.file))
    ]
    if named:
        return max(named), "file_name"
    return now.astimezone(ZoneInfo("Asia/Shanghai")).date(), "today"


def _with_decisions(report: ImportReport, made: list[Decision]) -> ImportReport:
    """The report with decisions of the whole import put to the first sheet of deals."""
    sheets: list[SheetReport] = list(report.sheets)
    at = next((i for i, sheet in enumerate(sheets) if sheet.table == "opportunity"), None)
    if at is not None:
        sheets[at] = replace(sheets[at], decisions=(*sheets[at].decisions, *made))
    return report.with_(sheets=tuple(sheets))


# -- papers ----------------------------------------------------------------------------------------


def _papers(
    intake: Intake,
    placed: dict[str, Placed],
    change: Change,
    company: Path,
    lang: Language,
) -> None:
    """Mapping, refused rows, all cells and gone rows, beside the record of the change."""
    from workbench.loaders.mapping_files import write_mapping

    recognised = [
        (staged.sheet, replace(staged.mapping, set={**staged.mapping.set, **staged.constants}))
        for staged in intake.staged
    ]
    if recognised:
        write_mapping(change.folder / "mapping.yaml", recognised)
        remember = change.file(MAPPING)
        write_mapping(remember, _all_mappings(company, recognised))
    write_refused(intake, change.folder / REFUSED, lang)
    if intake.cells.path.exists():
        (change.folder / CELLS).write_bytes(intake.cells.path.read_bytes())
        (change.folder / CELLS).chmod(0o600)  # texts as they stood, not masked
    gone = [(name, key) for name, one in placed.items() for key in one.gone]
    if gone:
        import pandas as pd

        from workbench.tables.export import write_csv

        rows = [(name, key.replace("\x1f", " · ")) for name, key in gone]
        write_csv(pd.DataFrame(rows, columns=["table", "key"]), change.folder / GONE)


def _all_mappings(company: Path, recognised: list[tuple[Sheet, SheetMapping]]) -> list[Any]:
    """The mappings of this import, then those of former ones for other headers."""
    from workbench.loaders.mapping_files import read_mapping

    kept = company / MAPPING
    former = read_mapping(kept) if kept.exists() else []
    now = {frozenset(sheet.headers) for sheet, _ in recognised}
    return [*recognised, *(e for e in former if frozenset(e.headers) not in now)]


def write_refused(intake: Intake, path: Path, lang: Language) -> Path | None:
    """Write the refused rows of all sheets with their texts as they stood; None without any.

    Before the texts stand file, sheet, row, and why: each cell that refused the row.
    """
    import pandas as pd

    from workbench.tables.export import write_csv

    why = _why(intake, lang)
    frames = []
    for staged in intake.staged:
        if staged.refused_path is None:
            continue
        rows = pd.read_parquet(staged.refused_path)
        source = staged.sheet.source
        places = [(source.file, source.sheet, row) for row in rows.pop("_row")]
        codes = rows.pop("_reason")
        said = [
            why.get(place) or REASONS[code].say(lang)
            for place, code in zip(places, codes, strict=True)
        ]
        head = pd.DataFrame(places, columns=[lang.say(n) for n in ("File", "Sheet", "Row")])
        frames.append(pd.concat([head.assign(**{lang.say("Refused because"): said}), rows], axis=1))
    if not frames:
        return None
    write_csv(pd.concat(frames, ignore_index=True), path)
    path.chmod(0o600)  # rows as they stood: phone numbers and pay are not masked here
    return path


def _why(intake: Intake, lang: Language) -> dict[tuple[str, str, int], str]:
    """What refused each row: header and reason of its refused cells."""
    import pyarrow.parquet as pq

    if not intake.cells.path.exists():
        return {}
    cells = pq.read_table(
        intake.cells.path,
        columns=["file", "sheet", "row", "header", "reason"],
        filters=[("verdict", "=", "refused")],
    ).to_pylist()
    found: dict[tuple[str, str, int], list[str]] = {}
    for cell in cells:
        said = REASONS[cell["reason"]].say(lang)
        words = f"{cell['header']}{lang.colon}{said}" if cell["header"] else said
        found.setdefault((cell["file"], cell["sheet"], cell["row"]), []).append(words)
    return {place: lang.semicolon.join(words) for place, words in found.items()}
