"""What one session has prepared is there for the others, each with its own company."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.planners import little
from tests.support.companies import make_company, order_lines
from workbench.company import Company, open_company
from workbench.planners.prepared import MOST_KEPT, STORE, shared
from workbench.studies import manifest


@dataclass(frozen=True)
class Ready:
    """As a study may prepare it."""

    company: Company
    numbers: np.ndarray
    more: Any = None


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
    values = {"plan": "plan.yaml", "year": 2026}
    assert shared(little.STUDY, company, values, lambda: "first") == "first"
    assert shared(little.STUDY, company, values, lambda: "second") == "first"
    if what == "value":
        values["year"] = 2027
    elif what == "file":
        plan.write_text("a: 2")
    elif what == "code":
        monkeypatch.setattr(manifest, "code_hash", lambda project: "other")
    else:
        make_company(company.folder, {"order_line": order_lines(amount=[200.0])})
        company = open_company(company.folder)
    assert shared(little.STUDY, company, values, lambda: "second") == "second"


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


LAYOUT = """
import os
from workbench.planners import Layout

def prepare(company, params):
    return {"process": os.getpid(), "people": params.people, "company": company}

LAYOUT = Layout(prepare=prepare, slow=("people",), compute=lambda company, params, ready: ready)
"""


def test_it_is_prepared_in_a_process_of_its_own(company: Company):
    studies = company.folder.parent / "studies"
    studies.mkdir()
    (studies / "study_little.py").write_text(Path(little.__file__).read_text("utf-8"), "utf-8")
    (studies / "layout_little.py").write_text(LAYOUT, "utf-8")

    def here() -> None:
        raise AssertionError("not here")

    literals = little.Params(people=12).literals()
    found = shared(little.STUDY, company, {"people": 12}, here, params=literals)
    assert found["people"] == 12 and found["process"] != os.getpid()
    assert found["company"] is company


def test_what_fails_apart_fails_here_in_its_own_words(company: Company):
    def here() -> None:
        raise ZeroDivisionError("by nobody")

    with pytest.raises(ZeroDivisionError, match="by nobody"):
        shared(little.STUDY, company, {}, here, params={"no": "such"})
