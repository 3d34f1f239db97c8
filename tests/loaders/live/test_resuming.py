"""A pull that ends by force at any moment goes on later: no record lost, none doubled."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.loaders.live.conftest import Puller, lines
from tests.loaders.live.fxiaoke_system import Fxiaoke, opportunities
from tests.loaders.live.servers import Answer, Clock, Request, System, served
from tests.loaders.live.zoho_system import DEAL_FIELDS, Zoho, deals
from workbench.errors import InputError
from workbench.loaders.live import pull, spool

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
