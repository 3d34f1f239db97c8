"""The slow part of a study, prepared once for everybody who uses the app.

What `Layout.prepare` gives follows from the company's data and from a few parameters alone; nothing
of a person is in it. A process of its own works it out for the first session that needs it, writes
it to a folder beside the runs and ends, and its memory with it. Sessions map that file into theirs:
its pages are shared until somebody writes to them. It is there for the next start of the app too,
until data, code, parameters or packages change. What cannot be pickled, or fails there, is prepared
by each session for itself.

`python -m workbench.planners.prepared` is that process; what to do stands in its input as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import mmap
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.company import Company

if TYPE_CHECKING:
    from workbench.contract import Study

#: Names the folder of what is shared; set where planners are served by the app.
STORE = "WORKBENCH_PREPARED"
FOLDER = ".prepared"  # below that of the runs
MOST_KEPT = 12  # files; the oldest give way, and live on for those who have mapped them
_ALIGNED = 64  # bytes: arrays start where the processor likes it


def shared(
    study: Study,
    company: Company,
    values: Mapping[str, Any],
    make: Callable[[], Any],
    *,
    params: Mapping[str, Any] | None = None,
) -> Any:
    """Return what another session has prepared, or prepare it; alone where there is no folder.

    Parameters
    ----------
    study : Study
    company : Company
        Stands in for the one that the other session had open.
    values : mapping
        Literals of the parameters that it depends on.
    make : callable
        Prepares it here.
    params : mapping, optional
        Literals of all parameters; with them it is prepared in a process of its own.
    """
    folder = os.environ.get(STORE)
    if not folder:
        return make()
    place = Path(folder) / _key(study, company, values)
    with _alone(place.with_suffix(".lock")):
        if params is not None and not place.is_file():
            _apart(study, company, params, place)
        if place.is_file():
            return _read(place, company)
        made = make()
        _write(place, made)
        return made


def _key(study: Study, company: Company, values: Mapping[str, Any]) -> str:
    """Name of the file: what decides a run, of values that matter and files that they name."""
    from workbench.studies import find_project, manifest

    project = find_project()
    parts = [
        study.name,
        company.content_hash,
        str(company.organisation),
        dict(values),
        manifest.named_files(values, values, project),
        manifest.code_hash(project),
        manifest.lock_hash(project),
        manifest.versions(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


# -- a process of its own -------------------------------------------------------------------------


def _apart(study: Study, company: Company, params: Mapping[str, Any], place: Path) -> None:
    """Let another process write the file; without one it could not."""
    asked = {
        "study": study.name,
        "company": str(company.folder),
        "params": dict(params),
        "place": str(place),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.planners.prepared"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    try:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(asked, default=str))
            process.stdin.close()
        while process.poll() is None:  # in short waits, so that it can be cancelled
            time.sleep(0.02)
    finally:
        if process.poll() is None:
            process.kill()


def main() -> int:
    """Prepare what standard input asks for; the exit status is 0 where the file was written."""
    from workbench.company import open_company
    from workbench.planners.layout import layout_of
    from workbench.studies import find_project
    from workbench.studies import study as study_of

    asked = json.load(sys.stdin)
    project = find_project()
    study = study_of(asked["study"], project)
    prepare = layout_of(study, project).prepare
    if prepare is None:
        return 1
    params = study.params.model_validate(asked["params"])
    place = Path(asked["place"])
    _write(place, prepare(open_company(asked["company"]), params))
    return 0 if place.is_file() else 1


# -- files ----------------------------------------------------------------------------------------


def _write(place: Path, made: Any) -> None:
    """Write arrays one after the other, then what holds them, then where each begins."""
    new = place.with_suffix(".new")
    try:
        with new.open("wb") as file:
            ends: list[tuple[int, int]] = []

            def apart(buffer: pickle.PickleBuffer) -> None:
                raw = buffer.raw()
                file.write(b"\0" * (-file.tell() % _ALIGNED))
                ends.append((file.tell(), raw.nbytes))
                file.write(raw)

            whole = io.BytesIO()
            _Pickler(whole, protocol=5, buffer_callback=apart).dump(made)
            begin = file.tell()
            written = file.write(whole.getbuffer())
            tail = json.dumps([begin, written, ends]).encode()
            file.write(tail + len(tail).to_bytes(8, "little"))
    except (pickle.PicklingError, AttributeError, TypeError):  # as pickle says it
        new.unlink(missing_ok=True)
        return
    new.replace(place)
    kept = sorted(
        (each for each in place.parent.iterdir() if not each.suffix),
        key=lambda each: each.stat().st_mtime,
    )
    for old in kept[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".lock").unlink(missing_ok=True)


def _read(place: Path, company: Company) -> Any:
    with place.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    view = memoryview(mapped)
    size = int.from_bytes(view[-8:], "little")
    begin, length, ends = json.loads(bytes(view[-8 - size : -8]))
    buffers = [view[start : start + each] for start, each in ends]
    found = _Unpickler(io.BytesIO(view[begin : begin + length]), buffers=buffers)
    found.company = company
    return found.load()


class _Pickler(pickle.Pickler):
    """Leaves out the company: every session has its own."""

    def persistent_id(self, obj: Any) -> Any:
        return ("company", obj.organisation) if isinstance(obj, Company) else None


class _Unpickler(pickle.Unpickler):
    """Puts the session's company where one was left out."""

    company: Company

    def persistent_load(self, pid: Any) -> Company:
        _, organisation = pid
        if organisation == self.company.organisation:
            return self.company
        return replace(self.company, organisation=organisation)


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one session in at a time, where the system has such locks; they end with their holder."""
    try:
        import fcntl
    except ImportError:  # Windows: two sessions may prepare the same at once
        yield
        return
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
