"""Changing a company's files all or nothing, with the former version kept and a way back.

A change stages its files under `<company>/imports/<id>.partial/`, then moves the former versions
to `before/` and the new ones into place, and is renamed to `<id>` when it is whole. One that was
cut off is rolled back by the next change. `undo` brings the former files back, byte for byte.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from workbench.errors import InputError, ProjectError

if TYPE_CHECKING:
    import pyarrow as pa

IMPORTS = "imports"
RECORD = "change.json"
LOCK = "lock"


class Change:
    """A change of a company's files, to be used in a `with` statement.

    Parameters
    ----------
    folder : str or Path
        Folder of the company; made if it is not there.
    kind : str
        "import" or "merge"; told by `changes`.
    now : datetime.datetime, optional
        Time of the change, in UTC; the present by default.

    Attributes
    ----------
    id : str
        `<UTC time>`, unique in the company and in the order of time.
    folder : Path
        Where papers of the change (reports, refused rows) may be put.
    outcome : str
        "done"; set to "nothing" where there was nothing to change: the papers are kept, the
        company stays as it is.

    Raises
    ------
    ProjectError
        If another change of the same company is under way.
    """

    def __init__(
        self, folder: str | Path, kind: str = "import", *, now: dt.datetime | None = None
    ) -> None:
        self.company = Path(folder)
        self.kind = kind
        self._now = now or dt.datetime.now(dt.UTC)
        self._targets: list[str] = []
        self._removed: list[str] = []
        self.facts: dict[str, Any] = {}
        self.outcome = "done"

    def __enter__(self) -> Change:
        imports = self.company / IMPORTS
        imports.mkdir(parents=True, exist_ok=True)
        _lock(imports)
        recover(self.company)
        self.id = _free_id(imports, self._now)
        self.folder = imports / f"{self.id}.partial"
        (self.folder / "after").mkdir(parents=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._commit()
            else:
                shutil.rmtree(self.folder, ignore_errors=True)
        finally:
            (self.company / IMPORTS / LOCK).unlink(missing_ok=True)

    def write(self, name: str, table: pa.Table) -> None:
        """Stage a declared table as `<name>.parquet`."""
        import pyarrow.parquet as pq

        from workbench.tables.store import COMPRESSION

        pq.write_table(table, self.path(name), **COMPRESSION)

    def path(self, name: str) -> Path:
        """Where to write the new version of a table oneself (large ones, in parts)."""
        if (self.company / name).is_dir():  # a table in parts becomes one file
            self._removed.append(name)
        return self._staged(f"{name}.parquet")

    def write_text(self, name: str, text: str) -> None:
        """Stage a text file; `name` is relative to the company's folder."""
        self.file(name).write_text(text, encoding="utf-8", newline="")

    def file(self, name: str) -> Path:
        """Where to write the new version of any file of the company oneself."""
        return self._staged(name)

    def _staged(self, target: str) -> Path:
        if target not in self._targets:
            self._targets.append(target)
        path = self.folder / "after" / target
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def _commit(self) -> None:
        if self.outcome == "nothing":
            self._targets, self._removed = [], []
        targets = [
            {"path": target, "existed": (self.company / target).exists()}
            for target in (*self._targets, *self._removed)
        ]
        self._record("committing", targets)
        for target in self._targets:
            _keep(self.company / target, self.folder / "before" / target)
            (self.company / target).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / "after" / target).replace(self.company / target)
        for target in self._removed:
            _keep(self.company / target, self.folder / "before" / target)
        shutil.rmtree(self.folder / "after")
        self._record(self.outcome, targets)
        whole = self.folder.with_name(self.id)
        self.folder.replace(whole)
        self.folder = whole

    def _record(self, state: str, targets: list[dict[str, Any]]) -> None:
        record = {"id": self.id, "kind": self.kind, "state": state, "files": targets, **self.facts}
        _write_json(self.folder / RECORD, record)


def changes(folder: str | Path) -> list[dict[str, Any]]:
    """All whole changes of a company, oldest first: id, kind, state ("done", "undone"), files."""
    records = sorted((Path(folder) / IMPORTS).glob(f"*/{RECORD}"))
    whole = [path for path in records if not path.parent.name.endswith(".partial")]
    return [json.loads(path.read_text(encoding="utf-8")) for path in whole]


def undo(folder: str | Path) -> dict[str, Any]:
    """Bring back the files as they were before the newest change that is not undone.

    Returns
    -------
    dict
        Record of the change: id, kind, files.

    Raises
    ------
    InputError
        If there is nothing to undo.
    """
    company = Path(folder)
    done = [record for record in changes(company) if record["state"] == "done"]
    if not done:
        raise InputError(
            "there is nothing to undo",
            where=str(folder),
            do="name the company's folder with --into; imports are listed under imports/",
        )
    imports = company / IMPORTS
    _lock(imports)
    try:
        record = done[-1] | {"state": "undoing"}
        place = imports / record["id"]
        _write_json(place / RECORD, record)
        _restore(company, place, record)
        record["state"] = "undone"
        _write_json(place / RECORD, record)
    finally:
        (imports / LOCK).unlink(missing_ok=True)
    return record


def recover(folder: str | Path) -> None:
    """Roll back a change, or finish an undoing, that was cut off."""
    company = Path(folder)
    for place in sorted((company / IMPORTS).glob("*.partial")):
        if (place / RECORD).exists():
            record = json.loads((place / RECORD).read_text(encoding="utf-8"))
            _restore(company, place, record)
        shutil.rmtree(place, ignore_errors=True)
    for record in changes(company):
        if record["state"] == "undoing":
            place = company / IMPORTS / record["id"]
            _restore(company, place, record)
            _write_json(place / RECORD, record | {"state": "undone"})


def _restore(company: Path, place: Path, record: dict[str, Any]) -> None:
    for file in record["files"]:
        now, before = company / file["path"], place / "before" / file["path"]
        if before.exists():
            if now.is_dir():
                shutil.rmtree(now)
            before.replace(now)
        elif not file["existed"]:
            now.unlink(missing_ok=True)


def _keep(path: Path, before: Path) -> None:
    if path.exists():
        before.parent.mkdir(parents=True, exist_ok=True)
        path.replace(before)


def _write_json(path: Path, record: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.replace(path)


def _free_id(imports: Path, now: dt.datetime) -> str:
    """The time as an id; a later one where an import of the same or a later time is there."""
    taken = [path.name.removesuffix(".partial") for path in imports.iterdir() if path.is_dir()]
    moment = now.astimezone(dt.UTC)
    while (name := f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03d}Z") in taken or any(
        other > name for other in taken if other[:1].isdigit()
    ):
        newest = max([other for other in taken if other[:1].isdigit()] + [name])
        stamp = dt.datetime.strptime(newest[:18] + "000", "%Y%m%dT%H%M%S%f").replace(tzinfo=dt.UTC)
        moment = stamp + dt.timedelta(milliseconds=1)
    return name


def _lock(imports: Path) -> None:
    """Take the company's lock; one left by a process that is gone is taken over."""
    path = imports / LOCK
    for _ in range(2):
        try:
            with path.open("x", encoding="ascii") as stream:
                stream.write(str(os.getpid()))
            return
        except FileExistsError:
            holder = path.read_text(encoding="ascii").strip()
            if holder.isdigit() and _alive(int(holder)):
                break
            path.unlink(missing_ok=True)
    raise ProjectError(
        "another import into this company is under way",
        where=str(path),
        do="wait until it ends",
    )


def _alive(process: int) -> bool:
    if os.name == "nt":
        return True  # a signal would end the process there; the file says whose lock it is
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
