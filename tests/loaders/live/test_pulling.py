"""A pull that ends by force at any moment goes on later: no record lost, none doubled."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loaders.live.conftest import Puller, lines
from tests.loaders.live.servers import (
    BEGIN,
    DEAL_FIELDS,
    Answer,
    Clock,
    Fxiaoke,
    Request,
    System,
    Zoho,
    deals,
    iso,
    opportunities,
    served,
)  # fmt: skip
from workbench.errors import InputError, ParameterError, ProjectError
from workbench.loaders.files import open_paths
from workbench.loaders.live import pull, spool
from workbench.loaders.live.spool import Spool
from workbench.loaders.read import read_table

DEALS = "zoho:Deals"

CHILD = """
import os, signal, sys
from pathlib import Path
from workbench.loaders.live import gather, pull, pulling, spool

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(owner, name, count, *, after):
    real, seen = getattr(owner, name), []
    def call(*words, **named):
        seen.append(name)
        if len(seen) == count and not after:
            die()
        result = real(*words, **named)
        if len(seen) == count:
            die()
        return result
    setattr(owner, name, call)

where, count, after, target, into = sys.argv[1:]
owners = {"save": spool.Spool, "_append": spool.Spool, "gather": pulling, "clear": spool.Spool}
if where in owners:
    dying(owners[where], where, int(count), after=after == "after")
pull(target, into=Path(into))
"""


def child(where: str, count: int, after: str, system: System, into: Path) -> subprocess.Popen:
    target = DEALS if isinstance(system, Zoho) else "fxiaoke:NewOpportunityObj"
    words = [sys.executable, "-c", CHILD, where, str(count), after, target, str(into)]
    return subprocess.Popen(words, env=system.env)


@pytest.mark.parametrize(
    ("where", "count", "after"),
    [
        ("_append", 4, "before"),
        ("_append", 4, "after"),  # the page is there and not yet counted
        ("save", 4, "after"),
        ("gather", 1, "after"),  # the file is made and not yet told
        ("clear", 1, "before"),
    ],
)
def test_killed_at_a_step_it_goes_on_with_nothing_lost_or_doubled(
    pulling: Puller, tmp_path, where, count, after
):
    with served(Zoho(Clock(), deals(1_050), DEAL_FIELDS)) as zoho:
        assert child(where, count, after, zoho, tmp_path).wait() == -signal.SIGKILL
        assert zoho.asked in (3, 6)
        done = pulling(DEALS, zoho)
        assert done.resumed == (where != "clear")
        assert lines(done.path) == list(zoho.records.values())
        assert zoho.asked <= 8
        assert not (tmp_path / "zoho-Deals.jsonl.part").exists()


def test_killed_while_the_system_answers_it_goes_on(pulling, tmp_path):
    with served(Fxiaoke(Clock(), opportunities(620))) as fxiaoke:
        running = child("", 0, "", fxiaoke, tmp_path)
        fxiaoke.faults[4] = running.kill
        assert running.wait() == -signal.SIGKILL
        done = pulling("fxiaoke:NewOpportunityObj", fxiaoke)
        assert done.resumed
        assert [record["_id"] for record in lines(done.path)] == list(fxiaoke.records)
        assert fxiaoke.asked == 9  # eight pages, the last without records, and one of them again


def test_torn_last_page_is_cut_off(pulling, tmp_path, clock):
    with served(Zoho(clock, deals(450), DEAL_FIELDS)) as zoho:
        zoho.faults = {n: lambda: Answer(503) for n in range(2, 8)}
        with pytest.raises(InputError):
            pulling(DEALS, zoho)
        with (tmp_path / "zoho-Deals.jsonl.part").open("ab") as part:
            part.write(b'{"id":"4000000000000200001","Deal_Name":"tor')
        assert lines(pulling(DEALS, zoho).path) == list(zoho.records.values())


@pytest.mark.parametrize("damage", ["state", "part", "other"])
def test_what_cannot_be_gone_on_from_is_begun_again(pulling, tmp_path, clock, damage):
    with served(Zoho(clock, deals(450), DEAL_FIELDS)) as zoho:
        zoho.faults = {n: lambda: Answer(503) for n in range(2, 8)}
        with pytest.raises(InputError):
            pulling(DEALS, zoho)
        state = tmp_path / "zoho-Deals.jsonl.state"
        if damage == "state":
            state.write_text(state.read_text("utf-8")[:40], "utf-8")
        elif damage == "part":
            (tmp_path / "zoho-Deals.jsonl.part").write_bytes(b"")
        else:
            state.write_text(state.read_text("utf-8").replace(DEALS, "zoho:Leads"), "utf-8")
        done = pulling(DEALS, zoho)
        assert not done.resumed
        assert lines(done.path) == list(zoho.records.values())


# -- a law over whatever goes wrong --------------------------------------------------------------


class Cut(BaseException):
    """The end of the process, as a test can survive it."""


class Transport(httpx.BaseTransport):
    """Hands requests to a system without a socket; ends the process at chosen ones."""

    def __init__(self, system: System, cuts: set[int]) -> None:
        self.system, self.cuts, self.count = system, cuts, 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        if self.count in self.cuts:
            raise Cut
        parts = urlsplit(str(request.url))
        query = {name: value[0] for name, value in parse_qs(parts.query).items()}
        raw = request.read()
        asked = Request(
            request.method,
            parts.path,
            query,
            {name.lower(): value for name, value in request.headers.items()},
            json.loads(raw) if raw else None,
        )
        found = self.system.answer(asked)
        return httpx.Response(found.status, headers=found.headers, content=found.raw)


ALL_DEALS, ALL_OPPORTUNITIES = deals(2_450), opportunities(700)

events = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["cut", "busy", "token", "torn"])))


@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 2_450), fields=st.integers(0, 60), events=events)
def test_whatever_happens_on_the_way_zoho_gives_each_record_once(count, fields, events):
    clock = Clock()
    own = [f"Own_{number}" for number in range(fields)]
    zoho = Zoho(clock, ALL_DEALS[:count], [*DEAL_FIELDS, *own])
    happen = {
        "busy": lambda: Answer(503),
        "token": lambda: zoho.revoke() or Answer(401, {"code": "INVALID_TOKEN"}),
        "torn": lambda: Answer(200, b'{"data": ['),
    }
    zoho.faults = {number: happen[kind] for number, kind in events if kind != "cut"}
    _pull_in_spite(zoho, DEALS, clock, {number for number, kind in events if kind == "cut"})


@settings(deadline=None, max_examples=25)
@given(count=st.integers(0, 700), events=events)
def test_whatever_happens_on_the_way_fxiaoke_gives_each_record_once(count, events):
    clock = Clock()
    fxiaoke = Fxiaoke(clock, ALL_OPPORTUNITIES[:count])
    happen = {
        "busy": lambda: Answer(200, {"errorCode": -1, "errorMessage": "OK"}),
        "token": lambda: fxiaoke.expire() or Answer(200, {"errorCode": 20016}),
        "torn": lambda: Answer(200, b'{"data": ['),
    }
    fxiaoke.faults = {number: happen[kind] for number, kind in events if kind != "cut"}
    cuts = {number for number, kind in events if kind == "cut"}
    _pull_in_spite(fxiaoke, "fxiaoke:NewOpportunityObj", clock, cuts)


def _pull_in_spite(system: System, target: str, clock: Clock, cuts: set[int]) -> None:
    """Pull until it ends well; then each record must be there once."""
    transport = Transport(system, cuts)
    with (
        tempfile.TemporaryDirectory() as folder,
        httpx.Client(transport=transport) as client,
        mock.patch.object(spool, "_to_disk"),  # which is for the end of the power, not of a process
    ):
        done = None
        while done is None:
            try:
                done = pull(
                    target,
                    into=Path(folder),
                    client=client,
                    env=system.env,
                    sleep=clock.sleep,
                    now=clock,
                )
            except (Cut, InputError):
                continue
        key = "id" if isinstance(system, Zoho) else "_id"
        assert [record[key] for record in lines(done.path)] == list(system.records)


# -- since when ----------------------------------------------------------------------------------


@pytest.fixture
def zoho(clock: Clock):
    with served(Zoho(clock, deals(30), DEAL_FIELDS)) as system:
        yield system


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_changes_since_a_time_without_a_file_before_are_no_whole_object(zoho, pulling):
    since = at(BEGIN - 30 * 86_400 + 20)
    done = pulling(DEALS, zoho, modified_since=since)
    assert (done.records, done.incremental, done.complete) == (10, True, False)
    done = pulling(DEALS, zoho)
    assert (done.records, done.incremental, done.complete) == (30, False, True)


def test_a_time_given_later_than_needed_leaves_the_gap_to_the_next_pull(zoho, pulling, clock):
    first = pulling(DEALS, zoho)
    clock.time += 86_400
    early, late = list(zoho.records.values())[3:5]
    early["Modified_Time"] = iso(clock.time)
    clock.time += 86_400
    late["Modified_Time"] = iso(clock.time)
    done = pulling(DEALS, zoho, modified_since=at(clock.time - 60))
    assert (done.records, done.fetched, done.complete) == (30, 1, False)
    assert done.next_since == first.next_since
    done = pulling(DEALS, zoho)
    assert done.complete
    assert lines(done.path) == list(zoho.records.values())


def test_a_pull_given_up_for_another_keeps_the_file_whole(zoho, pulling, clock):
    pulling(DEALS, zoho)
    zoho.faults = {n: lambda: Answer(503) for n in range(2, 8)}
    with pytest.raises(InputError):
        pulling(DEALS, zoho)
    done = pulling(DEALS, zoho, modified_since=at(clock.time))
    assert (done.resumed, done.records) == (False, 30)
    done = pulling(DEALS, zoho)
    assert (done.records, done.complete) == (30, True)


def test_a_full_pull_does_not_go_on_with_one_for_changes(zoho, pulling):
    pulling(DEALS, zoho)
    zoho.faults = {n: lambda: Answer(503) for n in range(2, 8)}
    with pytest.raises(InputError):
        pulling(DEALS, zoho)
    done = pulling(DEALS, zoho, full=True)
    assert (done.resumed, done.incremental, done.fetched) == (False, False, 30)


@pytest.mark.parametrize(
    "options",
    [
        {"modified_since": datetime(2026, 11, 1)},
        {"modified_since": at(BEGIN), "full": True},
    ],
)
def test_times_that_say_nothing_are_refused(zoho, pulling, options):
    with pytest.raises(ParameterError):
        pulling(DEALS, zoho, **options)


@pytest.mark.parametrize(
    "target", ["zoho", "zoho:", "odoo:Deals", "zoho:../x", "zoho:a b", "Deals"]
)
def test_a_target_that_cannot_be_is_refused(zoho, pulling, target, tmp_path):
    with pytest.raises(ParameterError, match="names a system and an object"):
        pulling(target, zoho)
    assert list(tmp_path.iterdir()) == []


# -- around it -----------------------------------------------------------------------------------


def test_two_pulls_of_an_object_do_not_meet(zoho, pulling, tmp_path):
    with Spool(tmp_path, "zoho-Deals").alone(), pytest.raises(ProjectError, match="under way"):
        pulling(DEALS, zoho)
    assert pulling(DEALS, zoho).records == 30


def test_progress_is_told_page_by_page(clock, pulling):
    told: list[int] = []
    with served(Zoho(clock, deals(450), DEAL_FIELDS)) as zoho:
        pulling(DEALS, zoho, progress=told.append)
    assert told == [200, 400, 450]


def test_a_damaged_file_is_told_before_it_is_changed(zoho, pulling):
    done = pulling(DEALS, zoho)
    done.path.write_bytes(done.path.read_bytes()[:-10])
    with pytest.raises(InputError, match="is no record") as caught:
        pulling(DEALS, zoho)
    assert caught.value.where == str(done.path)


def test_no_secret_reaches_logs_errors_or_files(zoho, pulling, tmp_path, caplog, clock):
    caplog.set_level(logging.DEBUG)
    zoho.faults = {n: lambda: Answer(503) for n in range(1, 7)}
    with pytest.raises(InputError) as caught:
        pulling(DEALS, zoho)
    pulling(DEALS, zoho)
    with served(Fxiaoke(clock, opportunities(3))) as fxiaoke:
        pulling("fxiaoke:NewOpportunityObj", fxiaoke)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode()
    logged = caplog.text + "".join(map(repr, (record.args for record in caplog.records)))
    assert "HTTP Request: POST" in logged
    for secret in ("secret", "accesstoken"):
        assert secret not in (kept + logged + str(caught.value)).lower()


def test_only_reading_calls_are_made(zoho, pulling, clock):
    pulling(DEALS, zoho)
    pulling(DEALS, zoho)
    made = {(request.method, request.path) for request in zoho.requests}
    assert made == {
        ("POST", "/oauth/v2/token"),
        ("GET", "/crm/v8/settings/fields"),
        ("GET", "/crm/v8/Deals"),
        ("GET", "/crm/v8/Deals/deleted"),
    }


def test_pulled_files_are_read_like_any_export(zoho, pulling, clock, tmp_path):
    paths = [pulling(DEALS, zoho).path]
    with served(Fxiaoke(clock, opportunities(3))) as fxiaoke:
        paths.append(pulling("fxiaoke:NewOpportunityObj", fxiaoke).path)
    grids, skipped = open_paths(paths, work=tmp_path / "work")
    assert skipped == []
    assert [(grid.system, grid.object) for grid in grids] == [
        ("fxiaoke", "NewOpportunityObj"),
        ("zoho", "Deals"),
    ]
    (_, head), *rows = list(grids[1].rows())
    assert len(rows) == 30
    found = dict(zip(head, rows[1][1], strict=True))
    assert found["id"] == "4000000000000200002"
    assert found["Account_Name.name"] == "客户1"
    assert found["Amount"] == "880001.5"


@pytest.mark.parametrize(
    ("make", "target", "expected"),
    [
        pytest.param(
            lambda clock: Zoho(clock, deals(3), DEAL_FIELDS),
            DEALS,
            {
                "opportunity_id": "4000000000000200002",
                "account_id": "4000000000000300001",
                "rep_id": "4000000000000100001",
                "status": "open",
                "amount": "880001.50",
                "expected_close_date": "2026-12-15",
            },
            id="zoho",
        ),
        pytest.param(
            lambda clock: Fxiaoke(clock, opportunities(3)),
            "fxiaoke:NewOpportunityObj",
            {
                "opportunity_id": "690000000000000000000001",
                "account_id": "690000000000000000000a01",
                "stage": "合同谈判",
                "amount": "120001.00",
                "expected_close_date": "2026-12-01",
            },
            id="fxiaoke",
        ),
    ],
)
def test_pulled_files_become_opportunities(clock, pulling, make, target, expected):
    with served(make(clock)) as system:
        done = pulling(target, system)
    frame, _ = read_table(done.path)
    found = frame.iloc[1]
    assert {name: str(found[name]).removesuffix(" 00:00:00") for name in expected} == expected
