"""Garbage is collected while nobody waits, and nothing is kept for good."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.planners.served import make_little_project
from workbench.planners import Planner
from workbench.planners import tidy as module
from workbench.planners.tidy import Tidier, tidy
from workbench.planners.widgets import UPLOADS


class Node:
    """Something that holds itself, so that only a collection frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_stands_is_left_out_of_later_collections():
    gc.collect()
    assert tidy(many=1)
    assert gc.get_freeze_count() > 1000
    assert len(gc.get_objects(generation=2)) < 1000
    assert not tidy(), "few have come since"


def test_garbage_that_was_left_out_is_freed_the_next_time():
    node = Node()
    tidy(many=1)
    gone = weakref.ref(node)
    del node
    gc.collect()
    assert gone() is not None
    tidy(many=1)
    assert gone() is None


def test_it_waits_until_nothing_moves_and_nothing_is_computed(monkeypatch: pytest.MonkeyPatch):
    done = threading.Event()
    monkeypatch.setattr(module, "tidy", done.set)
    working = True
    tidier = Tidier(lambda: working, rest=0.1)
    for _ in range(5):
        tidier.moved()
        assert not done.wait(0.05)
    assert not done.wait(0.3), "work goes on"
    working = False
    assert done.wait(5)
    done.clear()
    assert not done.wait(0.2), "nothing has happened since"
    tidier.moved()
    assert done.wait(5)


@pytest.mark.parametrize("in_app", [True, False])
def test_a_planner_of_the_app_is_tidied_and_a_notebook_is_left_alone(
    in_app: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    done = threading.Event()
    monkeypatch.setattr(module, "tidy", done.set)
    project = make_little_project(tmp_path / "p")
    monkeypatch.chdir(project)
    monkeypatch.delenv(UPLOADS, raising=False)
    if in_app:
        monkeypatch.setenv(UPLOADS, str(tmp_path))
    planner = Planner(project / "company", "little")
    assert (planner._tidier is not None) is in_app
    if planner._tidier is not None:
        planner._tidier.rest = 0.1
    planner.widget()
    assert planner.session.worker.wait(20)
    assert done.wait(5 if in_app else 0.5) is in_app
    planner.session.worker.close()
