"""Zoho CRM v8: every record once, whatever the system refuses, forgets or breaks on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.loaders.live.conftest import Puller, lines
from tests.loaders.live.servers import BEGIN, Answer, Clock, served
from tests.loaders.live.zoho_system import DEAL_FIELDS, Zoho, deals, iso
from workbench.errors import InputError, ParameterError
from workbench.loaders.live.zoho import ACCOUNTS
from workbench.loaders.live.zoho import Zoho as Reader

DEALS = "zoho:Deals"


@pytest.fixture
def zoho(clock: Clock) -> Iterator[Zoho]:
    with served(Zoho(clock, deals(450), DEAL_FIELDS)) as system:
        assert isinstance(system, Zoho)
        yield system


def by_id(system: Zoho) -> list[dict]:
    return sorted(system.records.values(), key=lambda record: record["id"])


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (200, 1), (201, 2), (2000, 10), (2001, 11), (2345, 12)]
)
def test_every_record_comes_once_and_unchanged(zoho, pulling: Puller, count, pages):
    zoho.records = {record["id"]: record for record in deals(count)}
    done = pulling(DEALS, zoho)
    assert lines(done.path) == by_id(zoho)
    assert (done.records, done.pages, done.complete) == (count, pages, True)


def test_pages_beyond_2000_records_are_asked_for_by_token_alone(zoho, pulling):
    zoho.records = {record["id"]: record for record in deals(2345)}
    pulling(DEALS, zoho)
    asked = [
        (request.query.get("page"), "page_token" in request.query)
        for request in zoho.asked_for("Deals")
    ]
    assert asked == [*[(str(n), False) for n in range(1, 11)], (None, True), (None, True)]


def test_first_line_says_what_the_file_is_and_since_when(zoho, pulling):
    done = pulling(DEALS, zoho)
    head = json.loads(done.path.read_text("utf-8").splitlines()[0])
    assert head == {
        "_system": "zoho",
        "_object": "Deals",
        "_started": "2026-11-20T08:00:00+00:00",
    }


@pytest.mark.parametrize(("others", "passes"), [(48, 1), (49, 2), (130, 3)])
def test_more_fields_than_a_call_may_ask_for_come_in_passes_joined_by_id(
    zoho, pulling, others, passes
):
    names = [f"Own_{number}" for number in range(others)]
    for record in zoho.records.values():
        for name in DEAL_FIELDS:
            if name != "Modified_Time":
                del record[name]
        record.update({name: f"{name} of {record['id']}" for name in names})
    zoho.fields = ["Modified_Time", *names]
    done = pulling(DEALS, zoho)
    assert lines(done.path) == by_id(zoho)
    assert len(zoho.asked_for("Deals")) == passes * 3
    assert done.warnings == ()


def test_record_changed_between_passes_is_told_and_whole_after_the_next_pull(zoho, pulling, clock):
    names = [f"Own_{number}" for number in range(60)]
    zoho.fields = ["Modified_Time", *names]
    for record in zoho.records.values():
        record.update(dict.fromkeys(names, "before"))
    first = next(iter(zoho.records.values()))

    def change() -> None:
        first.update(dict.fromkeys(names, "after"), Modified_Time=iso(clock.time))

    zoho.faults[4] = change  # first page of the second pass
    assert "1 records were changed" in " ".join(pulling(DEALS, zoho).warnings)
    done = pulling(DEALS, zoho)
    found = next(record for record in lines(done.path) if record["id"] == first["id"])
    assert {found[name] for name in names} == {"after"}
    assert done.warnings == ()


def test_fields_that_no_list_can_hold_are_left_out_and_told(zoho, pulling):
    zoho.fields = [*DEAL_FIELDS, "Products"]
    zoho.kinds = {"Products": "subform"}
    done = pulling(DEALS, zoho)
    assert done.warnings == ("fields that no list of records holds were left out: Products",)
    assert "Products" not in zoho.asked_for("Deals")[0].query["fields"]


# -- what goes wrong -----------------------------------------------------------------------------


def test_token_that_ends_in_mid_page_is_renewed_and_the_page_repeated(zoho, pulling):
    zoho.faults[2] = lambda: zoho.revoke() or Answer(401, {"code": "INVALID_TOKEN"})
    done = pulling(DEALS, zoho)
    assert lines(done.path) == by_id(zoho)
    assert [request.query["page"] for request in zoho.asked_for("Deals")] == ["1", "2", "2", "3"]
    assert zoho.given == 2


def test_token_is_used_for_its_hour_and_renewed_before_it_ends(zoho, pulling, clock):
    def pass_time(seconds: float) -> None:
        clock.time += seconds

    zoho.faults = {1: lambda: pass_time(3530), 2: lambda: pass_time(20)}
    pulling(DEALS, zoho)
    assert zoho.given == 2
    assert [request.query["page"] for request in zoho.asked_for("Deals")] == ["1", "2", "3"]


def test_a_token_refused_twice_is_an_error_not_a_loop(zoho, pulling):
    zoho.faults = {n: lambda: Answer(401, {"code": "INVALID_TOKEN"}) for n in (2, 3)}
    with pytest.raises(InputError, match="HTTP 401 INVALID_TOKEN"):
        pulling(DEALS, zoho)
    assert zoho.asked == 3


@pytest.mark.parametrize(
    "fault",
    [
        Answer(429, {"code": "TOO_MANY_REQUESTS"}),
        Answer(500, {"code": "INTERNAL_ERROR"}),
        Answer(502, b"<html>bad gateway</html>"),
        Answer(503),
        Answer(200, {"data": [{"id": "1"}] * 50}, torn=True),
        Answer(200, b'{"data": [{"id": "1"}'),
        Answer(200, "\u201cno object\u201d"),
    ],
    ids=lambda fault: f"{fault.status} {'torn' if fault.torn else str(fault.body)[:20]}",
)
def test_what_passes_is_tried_again_later_and_later(zoho, pulling, clock, fault):
    zoho.faults = {n: lambda: fault for n in (2, 3, 4)}
    done = pulling(DEALS, zoho)
    assert lines(done.path) == by_id(zoho)
    assert len(clock.slept) == 3
    for attempt, slept in enumerate(clock.slept, start=1):
        assert 2**attempt / 2 <= slept <= 2**attempt


@pytest.mark.parametrize("asked", ["17", "Fri, 20 Nov 2026 08:00:17 GMT"])
def test_waits_as_long_as_the_system_asks(zoho, pulling, clock, asked):
    zoho.faults[1] = lambda: Answer(429, {"code": "x"}, {"Retry-After": asked})
    pulling(DEALS, zoho)
    assert clock.slept == [17]


def test_a_system_that_asks_for_hours_is_left_alone(zoho, pulling, clock):
    zoho.faults[2] = lambda: Answer(429, {"code": "x"}, {"Retry-After": "7200"})
    with pytest.raises(InputError) as caught:
        pulling(DEALS, zoho)
    assert clock.slept == []
    assert "2026-11-20 10:00 UTC" in str(caught.value.do)


def test_a_system_that_stays_busy_ends_the_pull_which_then_goes_on(zoho, pulling):
    zoho.faults = {n: lambda: Answer(503) for n in range(3, 9)}
    with pytest.raises(InputError) as caught:
        pulling(DEALS, zoho)
    assert (caught.value.message, caught.value.where, caught.value.kept) == (
        "the system could not be read, 6 times: HTTP 503",
        "zoho:Deals, 127.0.0.1",
        "400 records in zoho-Deals.jsonl.part",
    )
    done = pulling(DEALS, zoho)
    assert done.resumed
    assert lines(done.path) == by_id(zoho)
    pages = [request.query["page"] for request in zoho.asked_for("Deals")]
    assert pages == ["1", "2", *["3"] * 7]


def test_used_up_credits_end_the_pull_at_once_and_say_how_to_go_on(zoho, pulling, clock):
    zoho.faults[2] = lambda: Answer(429, {"code": "x"}, {"X-API-CREDITS-REMAINING": "0"})
    with pytest.raises(InputError, match="credits of Zoho are used up") as caught:
        pulling(DEALS, zoho)
    assert clock.slept == []
    assert caught.value.kept == "200 records in zoho-Deals.jsonl.part"
    assert "goes on where it stopped" in str(caught.value.do)
    assert lines(pulling(DEALS, zoho).path) == by_id(zoho)


@pytest.mark.parametrize("told", [True, False], ids=["its end was told", "the system refuses it"])
def test_place_that_has_expired_begins_the_pass_anew_without_doubles(zoho, pulling, clock, told):
    zoho.records = {record["id"]: record for record in deals(2345)}
    zoho.faults = {n: lambda: Answer(503) for n in range(12, 18)}
    with pytest.raises(InputError):
        pulling(DEALS, zoho)
    if told:
        clock.time += 25 * 3600
    else:
        zoho.places.clear()
    gone = next(iter(zoho.records))
    zoho.delete(gone)
    done = pulling(DEALS, zoho)
    assert done.resumed
    assert lines(done.path) == by_id(zoho)


def test_places_that_are_lost_again_and_again_are_an_error_not_a_loop(zoho, pulling):
    zoho.records = {record["id"]: record for record in deals(2345)}
    zoho.faults = {n: lambda: zoho.places.clear() for n in range(1, 50)}
    with pytest.raises(InputError, match="loses the place"):
        pulling(DEALS, zoho)


def test_no_token_for_records_beyond_2000_is_an_error_that_keeps_them(zoho, pulling):
    page = {"data": [{"id": "9"}], "info": {"more_records": True, "next_page_token": None}}
    zoho.records = {record["id"]: record for record in deals(2001)}
    zoho.faults[10] = lambda: Answer(200, page)
    with pytest.raises(InputError, match="gives no token"):
        pulling(DEALS, zoho)


@pytest.mark.parametrize(
    ("answer", "message", "advice"),
    [
        (Answer(400, {"code": "INVALID_MODULE"}), "HTTP 400 INVALID_MODULE", "api name"),
        (Answer(401, {"code": "OAUTH_SCOPE_MISMATCH"}), "OAUTH_SCOPE_MISMATCH", "modules.READ"),
        (Answer(403, {"code": "NO_PERMISSION"}), "NO_PERMISSION", "let the user"),
        (Answer(302, None, {"Location": "https://evil.example/"}), "HTTP 302", "api name"),
    ],
)
def test_a_refusal_is_told_with_what_helps_and_not_repeated(zoho, pulling, answer, message, advice):
    zoho.faults[1] = lambda: answer
    with pytest.raises(InputError, match=message) as caught:
        pulling(DEALS, zoho)
    assert advice in str(caught.value.do)
    assert zoho.asked == 1


# -- what was changed since ----------------------------------------------------------------------


def test_second_pull_asks_for_changes_only_and_the_file_stays_whole(zoho, pulling, clock):
    pulling(DEALS, zoho)
    clock.time += 86_400
    changed = list(zoho.records.values())[17]
    changed.update(Stage="Closed Won", Modified_Time=iso(clock.time))
    fresh = {**deals(451)[-1], "Modified_Time": iso(clock.time)}
    zoho.records[fresh["id"]] = fresh
    clock.time += 3600
    done = pulling(DEALS, zoho)
    assert done.incremental and done.complete
    assert lines(done.path) == by_id(zoho)
    assert done.fetched == 3  # the two, and the newest of before, whose second may hold others
    assert done.newest is not None and done.newest.timestamp() == clock.time - 3600


def test_nothing_changed_is_304_and_the_file_as_it_was(zoho, pulling, clock):
    before = pulling(DEALS, zoho)
    text = before.path.read_bytes()
    newest = max(zoho.records.values(), key=lambda record: record["Modified_Time"])
    del zoho.records[newest["id"]]  # so that the filter finds nothing at all
    done = pulling(DEALS, zoho)
    assert (done.fetched, done.records) == (0, 450)
    assert done.path.read_bytes().splitlines()[1:] == text.splitlines()[1:]
    assert done.next_since == before.next_since


def test_records_deleted_since_leave_the_file(zoho, pulling, clock):
    pulling(DEALS, zoho)
    clock.time += 3600
    for name in list(zoho.records)[:201]:
        zoho.delete(name)
    done = pulling(DEALS, zoho)
    assert (done.deleted, done.records) == (201, 249)
    assert lines(done.path) == by_id(zoho)


def test_a_record_deleted_and_brought_back_stays(zoho, pulling, clock):
    pulling(DEALS, zoho)
    name, record = next(iter(zoho.records.items()))
    clock.time += 3600
    zoho.delete(name)
    clock.time += 3600
    zoho.records[name] = {**record, "Modified_Time": iso(clock.time)}
    done = pulling(DEALS, zoho)
    assert (done.deleted, done.records) == (0, 450)


def test_a_system_that_does_not_tell_deletions_is_read_all_the_same(zoho, pulling, clock):
    pulling(DEALS, zoho)
    answer = zoho._deleted
    zoho._deleted = lambda _: Answer(404, {"code": "INVALID_URL_PATTERN"})  # type: ignore[method-assign]
    done = pulling(DEALS, zoho)
    assert done.warnings == ("Zoho did not tell which records were deleted (HTTP 404)",)
    zoho._deleted = answer  # type: ignore[method-assign]
    assert pulling(DEALS, zoho).warnings == ()


def test_records_are_taken_for_deleted_only_where_it_is_said_when(zoho, pulling, clock):
    pulling(DEALS, zoho)
    body = {"data": [{"id": name} for name in zoho.records], "info": {"more_records": False}}
    zoho._deleted = lambda _: Answer(200, body)  # type: ignore[method-assign]
    assert pulling(DEALS, zoho).records == 450


def test_a_change_behind_a_page_already_read_comes_with_the_next_pull(zoho, pulling, clock):
    first, *_, last = zoho.records.values()

    def change() -> None:
        clock.time += 5
        first.update(Stage="Closed Lost", Modified_Time=iso(clock.time))
        clock.time += 5
        last.update(Stage="Closed Won", Modified_Time=iso(clock.time))

    zoho.faults[3] = change
    done = pulling(DEALS, zoho)
    assert lines(done.path)[0]["Stage"] == "Qualification"  # read before
    assert done.newest is not None and done.newest.timestamp() == clock.time
    assert lines(pulling(DEALS, zoho).path) == by_id(zoho)


def test_the_clock_of_the_system_decides_where_ours_is_ahead(zoho, pulling, clock):
    ahead = 7200.0
    done = pulling(DEALS, zoho, now=lambda: clock.time + ahead)
    assert done.next_since is not None
    zoho.records[next(iter(zoho.records))]["Modified_Time"] = iso(clock.time)
    done = pulling(DEALS, zoho, now=lambda: clock.time + ahead)
    assert done.next_since.timestamp() <= BEGIN - 60


def test_a_field_that_is_new_makes_the_next_pull_a_whole_one(zoho, pulling):
    pulling(DEALS, zoho)
    zoho.fields = [*DEAL_FIELDS, "Own_1"]
    for record in zoho.records.values():
        record["Own_1"] = "filled by a formula, so no record counts as changed"
    done = pulling(DEALS, zoho)
    assert not done.incremental
    assert lines(done.path) == by_id(zoho)


# -- secrets -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET", "ZOHO_REFRESH_TOKEN"])
def test_a_missing_variable_is_named_before_anything_is_sent(zoho, pulling, name):
    env = {**zoho.env, name: " "}
    with pytest.raises(ParameterError, match=f"the variable {name} is not set"):
        pulling(DEALS, zoho, env=env)
    assert zoho.requests == []


def test_a_bad_refresh_token_is_told_by_its_code(zoho, pulling, tmp_path):
    env = {**zoho.env, "ZOHO_REFRESH_TOKEN": "wrong"}
    with pytest.raises(InputError, match="no access token: invalid_code") as caught:
        pulling(DEALS, zoho, env=env)
    assert "wrong" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("centre", sorted(ACCOUNTS))
def test_each_data_centre_has_its_own_accounts_server(zoho, centre):
    env = {**zoho.env, "ZOHO_ACCOUNTS_URL": "", "ZOHO_DC": centre}
    assert Reader("Deals", None, env)._accounts == f"https://accounts.zoho.{centre}"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"ZOHO_ACCOUNTS_URL": "http://accounts.zoho.com"}, "ZOHO_ACCOUNTS_URL"),
        ({"ZOHO_ACCOUNTS_URL": "", "ZOHO_DC": "cn"}, "ZOHO_DC=cn"),
    ],
)
def test_secrets_are_sent_nowhere_else(zoho, pulling, changed, where):
    with pytest.raises(ParameterError) as caught:
        pulling(DEALS, zoho, env={**zoho.env, **changed})
    assert caught.value.where == where


def test_records_are_read_from_https_only(zoho, pulling):
    url = zoho.url
    zoho.url = "http://www.zohoapis.example"
    env = {**zoho.env, "ZOHO_ACCOUNTS_URL": url}
    with pytest.raises(ParameterError, match="https only"):
        pulling(DEALS, zoho, env=env)
