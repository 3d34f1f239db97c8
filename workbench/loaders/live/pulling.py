"""One pull: where does it begin, what does it bring, what is there for the next?

The first pull reads an object whole. The next reads only what was changed since and puts it into
the file, which so stays whole; `full` reads all again. A pull that ended early is taken up again.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError, ParameterError
from workbench.loaders.live.calls import Calls
from workbench.loaders.live.gather import Gathered, gather
from workbench.loaders.live.pages import PassLost, System
from workbench.loaders.live.spool import Spool, State

if TYPE_CHECKING:
    import httpx

TARGET = re.compile(r"(zoho|fxiaoke):([A-Za-z][A-Za-z0-9_]*)")

#: Seconds to wait for a connection, and for any sign of life on it.
CONNECT, SILENCE = 15.0, 60.0


#: The next pull asks again for changes this close to the beginning of the one before (seconds):
#: clocks differ, and a change is seen a little later than its time says.
OVERLAP = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull brought.

    Attributes
    ----------
    system, object : str
        "zoho", "Deals".
    path : Path
        JSON lines: what it is, then a record a line, each id once.
    records : int
        Records in the file.
    fetched, deleted : int
        Records that came in this pull (doubles and pieces each), and those removed from the file.
    pages, calls : int
        Pages read and requests sent, those of a pull that was taken up again included.
    resumed : bool
        A pull that had ended early was taken up again.
    incremental : bool
        Only what was changed was asked for.
    complete : bool
        The file holds all records of the object, so what is absent there is gone.
    newest : datetime or None
        Latest modification among the records that came.
    next_since : datetime or None
        Where the next pull begins by itself: before this one began, as a record may have been
        changed behind a page already read.
    warnings : tuple of str
        What the file does not hold.
    """

    system: str
    object: str
    path: Path
    records: int
    fetched: int
    deleted: int
    pages: int
    calls: int
    resumed: bool
    incremental: bool
    complete: bool
    newest: datetime | None
    next_since: datetime | None
    warnings: tuple[str, ...] = ()


def pull(
    target: str,
    *,
    into: Path,
    modified_since: datetime | None = None,
    full: bool = False,
    client: httpx.Client | None = None,
    env: Mapping[str, str] | None = None,
    sleep: Callable[[float], object] = time.sleep,
    now: Callable[[], float] = time.time,
    progress: Callable[[int], object] | None = None,
) -> Pulled:
    """Read an object of a system into `<into>/<system>-<object>.jsonl`.

    Parameters
    ----------
    target : str
        "zoho:Deals", "fxiaoke:NewOpportunityObj", "fxiaoke:my_object__c".
    into : Path
        Folder of the file, and of what a pull under way needs (`spool.py`).
    modified_since : datetime, optional
        Ask for what was changed since, with a time zone; by default since the pull before, if
        there was one, else for all.
    full : bool
        Ask for all, whatever was there; so records deleted in Fxiaoke leave the file.
    client : httpx.Client, optional
        Used and left open; one of our own by default.
    env : mapping of str to str, optional
        Where the secrets are (`Zoho`, `Fxiaoke`); the process's environment by default.
    sleep, now : callable
        Waiting, and the time in seconds since 1970.
    progress : callable, optional
        Told the records so far after each page.

    Raises
    ------
    ParameterError
        If the target or a variable of the environment is wrong or missing.
    InputError
        If the system refuses or stays away; what came is kept, and the same call goes on there.
    ProjectError
        If another process pulls the same object into the same folder.
    """
    system_name, object_name = _parsed(target)
    since = _seconds(modified_since, full=full)
    spool = Spool(into, f"{system_name}-{object_name}")
    with _opened(client) as line:
        calls = Calls(line, sleep=sleep, now=now)
        system = _system(system_name, object_name, calls, os.environ if env is None else env)
        with spool.alone():
            run = _Run(system, object_name, spool, calls, progress)
            with run.told():
                resumed = run.take_up(target, since, full) or run.begin(target, since, full)
                run.read_pages()
            return run.finish(resumed)


class _Run:
    """The steps of one pull."""

    def __init__(
        self,
        system: System,
        object_name: str,
        spool: Spool,
        calls: Calls,
        progress: Callable[[int], object] | None,
    ) -> None:
        self.system = system
        self.object = object_name
        self.spool = spool
        self.calls = calls
        self.progress = progress or (lambda records: None)
        self.state = State(target="", started=0.0)
        self.calls_before = 0

    def take_up(self, target: str, since: float | None, full: bool) -> bool:
        """Go on with a pull that ended early, if it asked for no less than is wanted now."""
        state = self.spool.load(target)
        if state is None or not self.spool.can_go_on(state):
            return False
        wanted = state.since is None if full else since is None or since == state.since
        if not wanted:
            return False
        self.state, self.calls_before = state, state.calls
        self.spool.go_on(state)
        return True

    def begin(self, target: str, since: float | None, full: bool) -> bool:
        """Start anew; False, as nothing was taken up."""
        before = self.spool.load(target) if self.spool.path.exists() else None
        state = State(target, self.calls.now(), since=since, place=self.system.begin())
        state.started = min(state.started, self.calls.server_time or state.started)
        state.warnings = self.system.warnings(state.place)
        if before is not None:
            state.whole, state.next_since = before.whole, before.next_since
            # A field that is new must be read for all records, changed or not.
            same = before.place.get("passes") == state.place.get("passes")
            if since is None and not full and before.whole and same:
                state.since = before.next_since
        state.merge = state.since is not None and self.spool.path.exists()
        state.place["changes"] = state.merge
        state.calls = self.calls.count
        self.state = state
        head = {
            "_system": self.system.name,
            "_object": self.object,
            "_started": _moment(state.started).isoformat(),
        }
        self.spool.begin(state, head)
        return False

    def read_pages(self) -> None:
        """Read until the last page, each one kept before the next is asked for."""
        state, lost = self.state, 0
        while not state.ended:
            try:
                page = self.system.page(state.place, state.since)
            except PassLost as anew:
                lost += 1
                if lost > 1:
                    raise InputError(
                        "the system loses the place of the next page again and again",
                        do="run the same command again later",
                    ) from None
                state.place = anew.place
                self.spool.back_to_mark(state)
                continue
            times = [self.system.modified(record) for record in page.records]
            known = [time for time in (*times, state.newest) if time not in (None, float("-inf"))]
            state.newest = max(known, default=None)
            state.ended = page.next is None
            passes_on = page.next is not None and page.next.get("pass") != state.place.get("pass")
            state.place = page.next or state.place
            state.pages += 1
            state.calls = self.calls_before + self.calls.count
            state.warnings += page.warnings
            self.spool.add(state, page.records, new_pass=passes_on)
            self.progress(state.records)

    def finish(self, resumed: bool) -> Pulled:
        """Make the file and note where the next pull begins."""
        state = self.state
        former = self.spool.path if state.merge and self.spool.path.exists() else None
        done = gather(
            self.spool.part,
            former,
            self.spool.path,
            marks=state.marks,
            passes=self.system.passes(state.place),
            key=self.system.key,
            modified=self.system.modified,
        )
        gap = _has_gap(state, former)
        state.complete = True
        state.whole = state.since is None or (former is not None and state.whole)
        state.next_since = state.next_since if gap and state.whole else _next_since(state)
        if done.uneven:
            state.warnings.append(
                f"{done.uneven} records were changed while they were read in pieces; the next pull "
                "brings them whole"
            )
        self.spool.save(state)
        self.spool.clear()
        return self._pulled(done, resumed, complete=not gap)

    @contextmanager
    def told(self) -> Iterator[None]:
        """Say of an error which object it was and what is kept."""
        try:
            yield
        except InputError as problem:
            where = ", ".join(filter(None, (f"{self.system.name}:{self.object}", problem.where)))
            kept = f"{self.state.records:,} records in {self.spool.part.name}"
            raise InputError(
                problem.message,
                where=where,
                do=problem.do,
                kept=kept if self.state.records else None,
            ) from None

    def _pulled(self, done: Gathered, resumed: bool, *, complete: bool) -> Pulled:
        state = self.state
        return Pulled(
            system=self.system.name,
            object=self.object,
            path=self.spool.path,
            records=done.records,
            fetched=state.records,
            deleted=done.deleted,
            pages=state.pages,
            calls=state.calls,
            resumed=resumed,
            incremental=state.since is not None,
            complete=complete,
            newest=None if state.newest is None else _moment(state.newest),
            next_since=None if state.next_since is None else _moment(state.next_since),
            warnings=tuple(state.warnings),
        )


def _parsed(target: str) -> tuple[str, str]:
    match = TARGET.fullmatch(target)
    if match is None:
        raise ParameterError(
            "a pull names a system and an object",
            where=target,
            do="write zoho:Deals, zoho:Accounts, fxiaoke:NewOpportunityObj, fxiaoke:AccountObj",
        )
    return match.group(1), match.group(2)


def _seconds(moment: datetime | None, *, full: bool) -> float | None:
    if moment is None:
        return None
    if full or moment.tzinfo is None:
        raise ParameterError(
            "a full pull has no beginning" if full else "the time has no time zone",
            where=f"modified_since={moment.isoformat()}",
            do="leave out one of the two" if full else "give it one, such as +08:00",
        )
    return moment.timestamp()


def _system(name: str, object_name: str, calls: Calls, env: Mapping[str, str]) -> System:
    if name == "zoho":
        from workbench.loaders.live.zoho import Zoho

        return Zoho(object_name, calls, env)
    from workbench.loaders.live.fxiaoke import Fxiaoke

    return Fxiaoke(object_name, calls, env)


@contextmanager
def _opened(client: httpx.Client | None) -> Iterator[httpx.Client]:
    import httpx

    if client is not None:
        yield client
        return
    with httpx.Client(timeout=httpx.Timeout(SILENCE, connect=CONNECT)) as own:
        yield own


def _has_gap(state: State, former: Path | None) -> bool:
    """Whether the file may lack records: changes of a time before were neither here nor asked."""
    if state.since is None:
        return False
    whole_until = state.next_since if former is not None and state.whole else None
    return whole_until is None or state.since > whole_until


def _next_since(state: State) -> float | None:
    """The latest change seen, yet none from after the pull began; as before where nothing came."""
    times = [time for time in (state.newest, state.since) if time is not None]
    return min(max(times), state.started - OVERLAP) if times else None


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
