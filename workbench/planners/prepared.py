"""The slow part of a study, prepared once for everybody who uses the app.

What `Layout.prepare` gives follows from the company's data and from a few parameters alone; nothing
of a person is in it. A process of its own works it out for the first session that needs it, writes
it to a folder beside the runs and ends, and its memory with it. Sessions map that file into theirs:
its pages are shared until somebody writes to them. It is there for the next start of the app too,
until data, code, parameters or packages change. What cannot be pickled, or fails there, is prepared
by each session for itself.

What is worked out ahead, before anybody looks, is done by no more processes at once than there are
cores, and gives way to what people do meanwhile; a session that somebody looks at does not queue,
and what was begun for it gives way no longer.

`python -m workbench.planners.prepared` is that process; what to do stands in the first line of its
input as JSON, another line says that somebody waits now, and the end of its input ends it.
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
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from workbench.company import Company

if TYPE_CHECKING:
    from workbench.contract import Study

#: Names the folder of what is shared; set where planners are served by the app.
STORE = "WORKBENCH_PREPARED"
FOLDER = ".prepared"  # below that of the runs
MOST_KEPT = 12  # files; the oldest give way, and live on for those who have mapped them
_AGAIN = 0.02  # seconds between two looks at what others do; a job that waits can be stopped
_LEFT = 3600  # seconds after which a file not finished was left by a process that was killed
_LOW = 10  # priority of what is for later, as `nice` counts
_TRIES = 20
_ALIGNED = 64  # bytes: arrays start where the processor likes it


def shared(
    study: Study,
    company: Company,
    values: Mapping[str, Any],
    make: Callable[[], Any],
    *,
    params: Mapping[str, Any] | None = None,
    ahead: Callable[[], bool] = lambda: False,
    begun: Callable[[], None] = lambda: None,
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
    ahead : callable, optional
        Whether it is for later: nobody looks at the session yet.
    begun : callable, optional
        Told when a process of its own begins.
    """
    folder = os.environ.get(STORE)
    if not folder:
        return make()
    place = Path(folder) / _key(study, company, values)
    with _alone(place.with_suffix(".lock")):
        if params is not None and not place.is_file():
            with _turn(place.parent, ahead):
                begun()
                _apart(study, company, params, place, ahead)
        if place.is_file():
            return _read(place, company)
        made = make()
        _write(place, made)
        return made


def usual(study: Study) -> float | None:
    """Return the seconds it took last to prepare this study here; None where that is not known."""
    folder = os.environ.get(STORE, "")
    try:
        return float(_took(Path(folder), study).read_text())
    except (OSError, ValueError):
        return None


def _took(folder: Path, study: Study) -> Path:
    return folder / f"{study.name}.took"


def _key(study: Study, company: Company, values: Mapping[str, Any]) -> str:
    """Name of the file: what decides a run, of values that matter and files that they name."""
    from workbench.studies import find_project, manifest

    project = find_project()
    parts = [
        study.name,
        company.content_hash,
        str(company.organisation),
        dict(values),
        manifest.named_files(study.params.paths(), values, project),
        manifest.code_hash(project),
        manifest.lock_hash(project),
        manifest.versions(),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


# -- a process of its own -------------------------------------------------------------------------


def _apart(
    study: Study,
    company: Company,
    params: Mapping[str, Any],
    place: Path,
    ahead: Callable[[], bool],
) -> None:
    """Let another process write the file; without one it could not."""
    later = ahead()
    asked = {
        "study": study.name,
        "company": str(company.folder),
        "params": dict(params),
        "place": str(place),
        "later": later,
    }
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.planners.prepared"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    try:
        with contextlib.suppress(BrokenPipeError):  # it stays open: its end ends the process
            process.stdin.write(json.dumps(asked, default=str) + "\n")
            process.stdin.flush()
        while process.poll() is None:  # in short waits, so that it can be cancelled
            time.sleep(_AGAIN)
            if later and not ahead():
                later = False
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write("\n")
                    process.stdin.flush()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    if place.is_file():
        _took(place.parent, study).write_text(f"{time.monotonic() - began:.1f}", encoding="utf-8")


def main() -> int:
    """Prepare what standard input asks for; the exit status is 0 where the file was written."""
    from workbench.company import open_company
    from workbench.planners.layout import layout_of
    from workbench.studies import find_project
    from workbench.studies import study as study_of

    asked = json.loads(sys.stdin.buffer.readline())
    urged = _give_way() if asked["later"] else lambda: None
    threading.Thread(target=_listen, args=(urged,), daemon=True).start()
    project = find_project()
    study = study_of(asked["study"], project)
    prepare = layout_of(study, project).prepare
    if prepare is None:
        return 1
    params = study.params.model_validate(asked["params"])
    place = Path(asked["place"])
    _write(place, prepare(open_company(asked["company"]), params))
    return 0 if place.is_file() else 1


def _give_way() -> Callable[[], None]:
    """Let others have the processor first; what is returned takes that back.

    Linux may weigh whole sessions against each other, or only processes, and a process cannot see
    which: both are told. Not everybody may take the second back; of what is alone in its session
    only the first counts.
    """
    if not hasattr(os, "setsid"):
        return lambda: None
    with contextlib.suppress(PermissionError):  # it leads a group of its own already
        os.setsid()
    usual = os.getpriority(os.PRIO_PGRP, 0)

    def weigh(low: int) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PGRP, 0, usual + low)
        for _ in range(_TRIES):
            try:
                Path("/proc/self/autogroup").write_text(str(low), encoding="ascii")
                break
            except BlockingIOError:  # Linux lets people change one in a tenth of a second
                time.sleep(0.1)
            except OSError:
                break

    weigh(_LOW)
    return lambda: weigh(0)


def _listen(told: Callable[[], None]) -> None:
    """Pass on that somebody waits; end when whoever asked has ended."""
    while os.read(0, 1):
        told()
    os._exit(1)  # what this process would write, nobody waits for


# -- files ----------------------------------------------------------------------------------------


def _write(place: Path, made: Any) -> None:
    """Write arrays one after the other, then what holds them, then where each begins."""
    new = place.with_name(f"{place.name}.{os.getpid()}.new")
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
    _sweep(place.parent)
    kept = sorted(
        (each for each in place.parent.iterdir() if not each.suffix),
        key=lambda each: each.stat().st_mtime,
    )
    for old in kept[:-MOST_KEPT]:
        old.unlink(missing_ok=True)
        old.with_suffix(".lock").unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what killed processes left: files not finished, and locks of what is not there."""
    for left in (*folder.glob("*.new"), *folder.glob("*.lock")):
        with contextlib.suppress(FileNotFoundError):
            stands = left.suffix == ".lock" and left.with_suffix("").exists()
            if not stands and time.time() - left.stat().st_mtime > _LEFT:
                left.unlink()


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
    with lock.open("w") as file:
        while not _locked(file):
            time.sleep(_AGAIN)
        yield


@contextlib.contextmanager
def _turn(folder: Path, ahead: Callable[[], bool]) -> Iterator[None]:
    """Wait until a core is free, as long as it is for later."""
    with contextlib.ExitStack() as opened:
        names = [folder / f"turn-{core}.lock" for core in range(os.cpu_count() or 1)]
        files = [opened.enter_context(name.open("w")) for name in names]
        while ahead() and not any(map(_locked, files)):
            time.sleep(_AGAIN)
        yield


def _locked(file: IO[str]) -> bool:
    """Take the lock of a file, unless somebody has it."""
    try:
        import fcntl
    except ImportError:  # Windows: two sessions may prepare the same at once
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
