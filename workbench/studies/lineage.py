"""Where the rows a run has read came from: the imports behind each table.

An import leaves `<company>/imports/<id>/`: `change.json` says which tables it changed,
`report.json`, where it was written, which sheets it read, and how many rows were kept and refused.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.loaders.versions import IMPORTS, changes
from workbench.text import Language

REPORT = "report.json"
#: Imports of one table that a report lists; the manifest has all.
LISTED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One import or merge, as far as it concerns one table.

    Attributes
    ----------
    kind : str
        "import", or "merge" of accounts that were one.
    id : str
        Name of its folder below `imports/`.
    day : str
        Of the import, ISO, UTC.
    files : tuple of str
        Files and sheets read.
    kept, refused : int or None
        Rows of these sheets; None where the import left no report.
    """

    kind: str
    id: str
    day: str
    files: tuple[str, ...]
    kept: int | None
    refused: int | None

    def told(self, lang: Language) -> str:
        """Say it in one line."""
        files = lang.pause.join(self.files)
        day = lang.date(dt.date.fromisoformat(self.day))
        if self.kind == "merge":
            return lang.say("doubles merged on {day}", day=day)
        said = lang.say("import {id} of {day}: {files}", id=self.id, day=day, files=files)
        if self.kept is None or self.refused is None:
            return said
        kept, refused = lang.number(self.kept), lang.number(self.refused)
        rows = lang.say("{kept} rows kept, {refused} refused", kept=kept, refused=refused)
        return said + lang.paren(rows)


@dataclass(frozen=True)
class Lineage:
    """Imports behind tables.

    Attributes
    ----------
    sources : mapping of str to tuple of Source
        By table, oldest first; a table that no import has brought is missing.
    sample : bool
        Whether the company is the sample.
    """

    sources: Mapping[str, tuple[Source, ...]]
    sample: bool = False

    def told(self, table: str, lang: Language) -> str:
        """Say where the rows of a table came from."""
        sources = self.sources.get(table, ())
        if not sources:
            return (
                lang.say("sample data, no import")
                if self.sample
                else lang.say("no import on record; the file lies in the folder")
            )
        lines = [source.told(lang) for source in sources[-LISTED:]]
        earlier = len(sources) - len(lines)
        if earlier:
            lines.insert(0, lang.say_n("{n} earlier import", "{n} earlier imports", earlier))
        return lang.semicolon.join(lines)

    def record(self) -> dict[str, list[dict[str, Any]]]:
        """What the manifest keeps."""
        return {table: [asdict(each) for each in found] for table, found in self.sources.items()}


def lineage(company: Path, tables: Iterable[str], *, sample: bool = False) -> Lineage:
    """Find the imports behind tables of a company; undone ones are left out.

    Parameters
    ----------
    company : Path
        Its folder.
    tables : iterable of str
    sample : bool
        Whether it is the sample company.
    """
    done = [change for change in changes(company) if change.get("state") == "done"]
    reports = {change["id"]: _report(company, change["id"]) for change in done}
    found = {
        name: tuple(
            _source(change, reports[change["id"]], name)
            for change in done
            if f"{name}.parquet" in {file["path"] for file in change["files"]}
        )
        for name in tables
    }
    return Lineage({name: sources for name, sources in found.items() if sources}, sample)


def _source(change: Mapping[str, Any], report: Mapping[str, Any], table: str) -> Source:
    sheets = [sheet for sheet in report.get("sheets", ()) if sheet["table"] == table]
    named = [f"{sheet['file']} {sheet['sheet']}".strip() for sheet in sheets]
    moment = dt.datetime.strptime(change["id"][:8], "%Y%m%d").replace(tzinfo=dt.UTC)
    return Source(
        kind=change["kind"],
        id=change["id"],
        day=moment.date().isoformat(),
        files=tuple(dict.fromkeys(named or change.get("sources", ()))),
        kept=sum(sheet["kept"] for sheet in sheets) if sheets else None,
        refused=sum(sheet["refused"] for sheet in sheets) if sheets else None,
    )


def _report(company: Path, change: str) -> dict[str, Any]:
    path = company / IMPORTS / change / REPORT
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}
