"""What one session has prepared is there for the others, each with its own company."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import pytest

from tests.planners import little
from tests.support.companies import make_company, order_lines
from workbench.company import Company, open_company
from workbench.contract import field
from workbench.planners.prepared import MOST_KEPT, STORE, shared, usual
from workbench.planners.work import Job, Worker
from workbench.studies import manifest


@dataclass(frozen=True)
class Ready:
    """As a study may prepare it."""

    company: Company
    numbers: np.ndarray
    more: Any = None


class WithPlan(little.Params):
    """With the name of a file."""

    plan: str = field("", path=True, title="Plan", help="A file", zh=("方案", "文件"))


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    make_company(tmp_path / "company", {"order_line": order_lines(amount=[100.0])})
    (tmp_path / "store").mkdir()
    monkeypatch.setenv(STORE, str(tmp_path / "store"))
    monkeypatch.setenv("WORKBENCH_PROJECT", str(tmp_path))
    (tmp_path / "workbench.yaml").touch()
    return open_company(tmp_path / "company")


def test_it_is_prepared_once_and_each_has_its_own_company(company: Company):
    made = []

    def make() -> Ready:
        made.append(1)
        return Ready(company.as_of("2026-01-31"), np.arange(1000.0))

    one = shared(little.STUDY, company, {"year": 2026}, make)
    other_company = open_company(company.folder)
    other = shared(little.STUDY, other_company, {"year": 2026}, make)
    assert len(made) == 1
    assert np.array_equal(one.numbers, other.numbers)
    assert (
        other.company is not one.company and other.company.organisation == one.company.organisation
    )
    other.numbers[0] = 7.0
    third = shared(little.STUDY, open_company(company.folder), {"year": 2026}, make)
    assert third.numbers[0] == 0.0, "what one session writes no other sees"


@pytest.mark.parametrize("what", ["value", "data", "file", "code"])
def test_what_it_depends_on_is_never_stale(
    company: Company, what: str, monkeypatch: pytest.MonkeyPatch
):
    root = company.folder.parent
    plan = root / "plan.yaml"
    plan.write_text("a: 1")
    study = replace(little.STUDY, params=WithPlan)
    values = {"plan": "plan.yaml", "year": 2026}
    assert shared(study, company, values, lambda: "first") == "first"
    assert shared(study, company, values, lambda: "second") == "first"
    if what == "value":
        values["year"] = 2027
    elif what == "file":
        plan.write_text("a: 2")
    elif what == "code":
        monkeypatch.setattr(manifest, "code_hash", lambda project: "other")
    else:
        make_company(company.folder, {"order_line": order_lines(amount=[200.0])})
        company = open_company(company.folder)
    assert shared(study, company, values, lambda: "second") == "second"


def test_a_text_that_is_no_file_s_name_is_not_read(company: Company):
    """A parameter may hold the name of a file by chance; what stands in it is no matter then."""
    named = company.folder.parent / "east"
    named.write_text("1")
    assert shared(little.STUDY, company, {"region": "east"}, lambda: "first") == "first"
    named.write_text("2")
    assert shared(little.STUDY, company, {"region": "east"}, lambda: "second") == "first"


def test_what_cannot_be_kept_is_prepared_by_each(company: Company):
    made = [shared(little.STUDY, company, {}, lambda: lambda: 3) for _ in range(2)]
    assert [each() for each in made] == [3, 3] and made[0] is not made[1]


def test_two_at_once_prepare_it_once(company: Company):
    made, found = [], []

    def make() -> np.ndarray:
        made.append(1)
        return np.ones(10)

    def session() -> None:
        found.append(shared(little.STUDY, open_company(company.folder), {}, make))

    threads = [threading.Thread(target=session) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert len(found) == 4 and len(made) == 1


def test_a_failure_is_kept_for_nobody(company: Company):
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shared(little.STUDY, company, {}, fails)
    assert shared(little.STUDY, company, {}, lambda: 1) == 1


def test_the_folder_does_not_grow_without_end(company: Company, tmp_path: Path):
    for year in range(MOST_KEPT + 5):
        shared(little.STUDY, company, {"year": year}, lambda: np.ones(10))
    assert len([each for each in (tmp_path / "store").iterdir() if not each.suffix]) == MOST_KEPT


def test_what_killed_processes_left_is_removed(company: Company, tmp_path: Path):
    store = tmp_path / "store"
    shared(little.STUDY, company, {"year": 1}, lambda: np.ones(10))
    (stands,) = (each for each in store.iterdir() if not each.suffix)
    old, young = store / "a.1.new", store / "b.2.new"
    for each in (old, young, store / "c.lock"):
        each.touch()
    for each in (old, store / "c.lock", stands.with_suffix(".lock")):
        os.utime(each, (0, 0))
    shared(little.STUDY, company, {"year": 2}, lambda: np.ones(10))
    assert not old.exists() and not (store / "c.lock").exists()
    assert young.exists() and stands.with_suffix(".lock").exists()


LAYOUT = """
import contextlib, os, pathlib, time
from workbench.planners import Layout

def tell(place):
    new = place.with_suffix(".new")
    new.write_text(f"{os.getpid()} {os.nice(0)} {weight()}")
    new.replace(place)

def weight():  # of the session; a process that no session began is in none, and the file empty
    with contextlib.suppress(OSError, IndexError):
        return int(pathlib.Path("/proc/self/autogroup").read_text().split()[-1])
    return 0

def prepare(company, params):
    project = pathlib.Path(os.environ["WORKBENCH_PROJECT"])
    tell(project / f"begun-{params.people}")
    while params.people > 20 and not (project / f"go-{params.people}").exists():
        tell(project / f"begun-{params.people}")
        time.sleep(0.02)
    return {"process": os.getpid(), "people": params.people, "company": company}

LAYOUT = Layout(prepare=prepare, slow=("people",), compute=lambda company, params, ready: ready)
"""


@pytest.fixture
def root(company: Company) -> Path:
    """Project of a study that has something to prepare: more than 20 people wait for a file."""
    root = company.folder.parent
    (root / "studies").mkdir()
    text = Path(little.__file__).read_text("utf-8")
    (root / "studies" / "study_little.py").write_text(text, "utf-8")
    (root / "studies" / "layout_little.py").write_text(LAYOUT, "utf-8")
    return root


def here() -> None:
    raise AssertionError("not here")


def apart(company: Company, people: int, **more: Any) -> Any:
    literals = little.Params(people=people).literals()
    return shared(little.STUDY, company, {"people": people}, here, params=literals, **more)


class Begun(NamedTuple):
    """Process that prepares, and how much it gives way: alone, and with its session."""

    process: int
    nice: int
    weight: int

    def gives_way(self) -> bool:
        """Whether others come first, as far as it may be taken back."""
        return self.weight > 0 or (may_hasten() and self.nice > os.nice(0))


@cache
def may_hasten() -> bool:
    """Whether a process here may take back that it gives way to others."""
    code = "import os; os.nice(1); os.nice(-1)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


def begun(root: Path, people: int, seconds: float = 20.0) -> Begun:
    """Wait until it is being prepared."""
    place, end = root / f"begun-{people}", time.monotonic() + seconds
    while not place.exists():
        assert time.monotonic() < end, "nothing has begun"
        time.sleep(0.02)
    return Begun(*map(int, place.read_text().split()))


def test_it_is_prepared_in_a_process_of_its_own(company: Company, root: Path):
    told = []
    assert usual(little.STUDY) is None
    found = apart(company, 12, begun=lambda: told.append(1))
    assert found["people"] == 12 and found["process"] != os.getpid()
    assert found["company"] is company
    assert told == [1] and (usual(little.STUDY) or 0) > 0
    apart(company, 12, begun=lambda: told.append(2))
    assert told == [1], "what is there is not begun"


def test_work_ahead_takes_turns_and_gives_way_and_who_is_waited_for_does_not(
    company: Company, root: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    looks, found = threading.Event(), threading.Event()
    jobs = [
        threading.Thread(
            target=apart, args=(company, 21), kwargs={"ahead": lambda: not found.is_set()}
        ),
        threading.Thread(
            target=apart, args=(company, 22), kwargs={"ahead": lambda: not looks.is_set()}
        ),
    ]
    jobs[0].start()
    first = begun(root, 21)
    assert first.nice > os.nice(0)
    jobs[1].start()
    time.sleep(0.3)
    assert not (root / "begun-22").exists(), "its turn has not come"
    looks.set()
    assert begun(root, 22).nice == os.nice(0)
    found.set()
    end = time.monotonic() + 20
    while begun(root, 21).gives_way():
        assert time.monotonic() < end, "it gives way to others still"
        time.sleep(0.05)
    for people, job in zip((21, 22), jobs, strict=True):
        (root / f"go-{people}").touch()
        job.join(20)
        assert not job.is_alive()


ASKS = """
from pathlib import Path
from tests.planners.test_prepared import apart
from workbench.company import open_company
apart(open_company(Path({company!r})), 23)
"""


def test_what_a_killed_session_had_begun_ends_and_blocks_nobody(company: Company, root: Path):
    """As when a page's kernel is killed: its lock, its process and its half file are gone."""
    asks = subprocess.Popen([sys.executable, "-c", ASKS.format(company=str(company.folder))])
    first = begun(root, 23).process
    asks.kill()
    asks.wait()
    psutil.wait_procs([psutil.Process(first)] if psutil.pid_exists(first) else [], timeout=20)
    assert not psutil.pid_exists(first) or psutil.Process(first).status() == "zombie"
    (root / "go-23").touch()
    assert apart(company, 23)["process"] != first


def test_who_waits_for_another_can_be_stopped(company: Company, root: Path):
    other = threading.Thread(target=apart, args=(company, 24))
    other.start()
    begun(root, 24)
    worker = Worker()
    worker.submit(Job("picture", lambda: apart(company, 24), lambda _: None, lambda _: None))
    while worker.busy_since is None:
        time.sleep(0.01)
    assert worker.cancel("picture")
    assert worker.wait(5), "it waits on"
    assert other.is_alive()
    (root / "go-24").touch()
    other.join(20)
    worker.close()


def test_what_fails_apart_fails_here_in_its_own_words(company: Company):
    def here() -> None:
        raise ZeroDivisionError("by nobody")

    with pytest.raises(ZeroDivisionError, match="by nobody"):
        shared(little.STUDY, company, {}, here, params={"no": "such"})
