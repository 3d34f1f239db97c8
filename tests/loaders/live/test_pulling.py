"""What a pull asks for, what its file holds, and what it leaves alone."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from tests.loaders.live.conftest import lines
from tests.loaders.live.fxiaoke_system import Fxiaoke, opportunities
from tests.loaders.live.servers import BEGIN, Answer, Clock, served
from tests.loaders.live.zoho_system import DEAL_FIELDS, Zoho, deals, iso
from workbench.errors import InputError, ParameterError, ProjectError
from workbench.loaders.files import open_paths
from workbench.loaders.live.spool import Spool
from workbench.loaders.read import read_table

DEALS = "zoho:Deals"


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
