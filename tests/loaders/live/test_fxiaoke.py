"""Fxiaoke v2: every record once, whatever an HTTP 200 holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.loaders.live.conftest import Puller, lines
from tests.loaders.live.fxiaoke_system import OPTIONS, Fxiaoke, opportunities
from tests.loaders.live.servers import Answer, Clock, served
from workbench.errors import InputError, ParameterError

DEALS = "fxiaoke:NewOpportunityObj"


@pytest.fixture
def fxiaoke(clock: Clock) -> Iterator[Fxiaoke]:
    with served(Fxiaoke(clock, opportunities(250))) as system:
        assert isinstance(system, Fxiaoke)
        yield system


def labelled(system: Fxiaoke) -> list[dict]:
    return [
        {**record, "sales_stage__r": OPTIONS[record["sales_stage"]]}
        for _, record in sorted(system.records.items())
    ]


def error(code: int) -> Answer:
    return Answer(200, {"errorCode": code, "errorMessage": "success", "data": {"dataList": []}})


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101])
def test_every_record_comes_once_and_unchanged(fxiaoke, pulling: Puller, count):
    fxiaoke.records = {record["_id"]: record for record in opportunities(count)}
    done = pulling(DEALS, fxiaoke)
    assert lines(done.path) == labelled(fxiaoke)
    assert (done.records, done.complete, done.warnings) == (count, True, ())


def test_past_the_end_of_offsets_all_comes_at_the_pace_of_the_interface(fxiaoke, pulling, clock):
    fxiaoke.records = {record["_id"]: record for record in opportunities(10_250)}
    done = pulling(DEALS, fxiaoke)
    assert lines(done.path) == labelled(fxiaoke)
    assert fxiaoke.too_fast == 0  # it allows 100 calls within 20 seconds
    assert sum(clock.slept) == 20


def test_an_object_of_the_companys_own_has_its_own_address(clock, pulling):
    with served(Fxiaoke(clock, opportunities(120), object="my_object__c")) as fxiaoke:
        done = pulling("fxiaoke:my_object__c", fxiaoke)
    assert done.records == 120
    assert done.path.name == "fxiaoke-my_object__c.jsonl"
    assert len(fxiaoke.asked_for("/cgi/crm/custom/v2/data/query")) == 3


def test_older_tokens_stand_in_the_body(clock, pulling):
    with served(Fxiaoke(clock, opportunities(120), older=True)) as fxiaoke:
        done = pulling(DEALS, fxiaoke)
    assert done.records == 120
    assert all("authorization" not in request.headers for request in fxiaoke.requests)


@pytest.mark.parametrize("older", [False, True])
def test_token_that_ends_in_mid_page_is_renewed_and_the_page_repeated(clock, pulling, older):
    with served(Fxiaoke(clock, opportunities(250), older=older)) as fxiaoke:
        fxiaoke.faults[2] = lambda: fxiaoke.expire() or error(20016)
        done = pulling(DEALS, fxiaoke)
    assert lines(done.path) == labelled(fxiaoke)
    assert fxiaoke.given == 2


def test_token_is_asked_for_again_only_when_its_time_is_over(fxiaoke, pulling, clock):
    def pass_time() -> None:
        clock.time += 3500

    fxiaoke.faults = dict.fromkeys((1, 2, 3), pass_time)
    pulling(DEALS, fxiaoke)
    assert fxiaoke.given == 2  # 7,200 s, of which the last minute is not used
    assert len(fxiaoke.asked_for("/oauth2.0/token")) == 2


def test_a_token_refused_twice_is_an_error_not_a_loop(fxiaoke, pulling):
    fxiaoke.faults = {n: lambda: error(20016) for n in range(2, 9)}
    with pytest.raises(InputError, match="errorCode 20016") as caught:
        pulling(DEALS, fxiaoke)
    assert caught.value.kept == "100 records in fxiaoke-NewOpportunityObj.jsonl.part"
    assert fxiaoke.asked == 3


def test_an_error_inside_200_that_passes_is_tried_again(fxiaoke, pulling, clock):
    fxiaoke.faults = {2: lambda: error(-1), 3: lambda: error(50_001), 4: lambda: Answer(502)}
    done = pulling(DEALS, fxiaoke)
    assert lines(done.path) == labelled(fxiaoke)
    assert len(clock.slept) == 3


@pytest.mark.parametrize(
    ("code", "asked", "advice"),
    [
        (10013, 2, "goes on where it stopped"),
        (30002, 2, "again tomorrow"),
        (30003, 2, "bought no calls"),
        (12345, 4, "goes on where it stopped"),
    ],
)
def test_an_error_inside_200_ends_the_pull_which_then_goes_on(
    fxiaoke, pulling, code, asked, advice
):
    fxiaoke.faults = {n: lambda: error(code) for n in (2, 3, 4)}
    with pytest.raises(InputError, match=f"errorCode {code}") as caught:
        pulling(DEALS, fxiaoke)
    assert advice in str(caught.value.do)
    assert fxiaoke.asked == asked
    fxiaoke.faults.clear()
    done = pulling(DEALS, fxiaoke)
    assert done.resumed
    assert lines(done.path) == labelled(fxiaoke)


@pytest.mark.parametrize(
    "body", [{}, {"errorCode": "0"}, {"errorCode": None, "errorMessage": "OK"}]
)
def test_only_the_number_0_is_success(fxiaoke, pulling, body):
    fxiaoke.faults = {n: lambda: Answer(200, body) for n in (1, 2, 3)}
    with pytest.raises(InputError, match="Fxiaoke refuses"):
        pulling(DEALS, fxiaoke)


def test_labels_are_added_only_where_they_are_absent(fxiaoke, pulling):
    first, second, third = list(fxiaoke.records.values())[:3]
    first["sales_stage__r"] = "改过的名称"
    second["sales_stage"] = "opt_unknown"
    del third["sales_stage"]
    found = lines(pulling(DEALS, fxiaoke).path)
    assert found[0]["sales_stage__r"] == "改过的名称"
    assert "sales_stage__r" not in found[1]
    assert "sales_stage__r" not in found[2]
    assert found[3]["sales_stage__r"] == "合同谈判"


def test_labels_that_cannot_be_read_do_not_stop_the_pull(fxiaoke, pulling):
    fxiaoke.describes = False
    done = pulling(DEALS, fxiaoke)
    assert lines(done.path) == list(fxiaoke.records.values())
    assert done.warnings == (
        "labels of choices could not be read: Fxiaoke refuses: errorCode 10002",
    )


@pytest.mark.parametrize("order", ["same again", "falling"])
def test_records_out_of_order_are_an_error_not_a_loop_or_a_loss(fxiaoke, pulling, order):
    page = opportunities(100)[:: 1 if order == "same again" else -1]
    answer = Answer(200, {"errorCode": 0, "data": {"dataList": page, "total": 0}})
    fxiaoke.faults = {n: lambda: answer for n in range(1, 9)}
    with pytest.raises(InputError, match="not in the order asked for"):
        pulling(DEALS, fxiaoke)
    assert fxiaoke.asked <= 2


def test_second_pull_asks_for_changes_only(fxiaoke, pulling, clock):
    pulling(DEALS, fxiaoke)
    clock.time += 86_400
    changed = list(fxiaoke.records.values())[17]
    changed.update(sales_stage="opt5", last_modified_time=int(clock.time * 1000))
    fxiaoke.asked = 0
    done = pulling(DEALS, fxiaoke)
    assert (done.incremental, done.complete, done.fetched) == (True, True, 2)
    assert fxiaoke.asked == 2
    assert lines(done.path) == labelled(fxiaoke)


def test_a_value_emptied_in_the_system_is_gone_from_the_file(fxiaoke, pulling, clock):
    pulling(DEALS, fxiaoke)
    clock.time += 86_400
    record = next(iter(fxiaoke.records.values()))
    record.pop("account_id__r")
    record["last_modified_time"] = int(clock.time * 1000)
    assert "account_id__r" not in lines(pulling(DEALS, fxiaoke).path)[0]


def test_a_full_pull_drops_what_was_deleted(fxiaoke, pulling):
    pulling(DEALS, fxiaoke)
    del fxiaoke.records[next(iter(fxiaoke.records))]
    assert pulling(DEALS, fxiaoke).records == 250
    done = pulling(DEALS, fxiaoke, full=True)
    assert (done.records, done.incremental) == (249, False)


@pytest.mark.parametrize(
    "name",
    ["FXIAOKE_APP_ID", "FXIAOKE_APP_SECRET", "FXIAOKE_PERMANENT_CODE", "FXIAOKE_USER_ID"],
)
def test_a_missing_variable_is_named_before_anything_is_sent(fxiaoke, pulling, name):
    env = dict(fxiaoke.env)
    del env[name]
    with pytest.raises(ParameterError, match=f"the variable {name} is not set"):
        pulling(DEALS, fxiaoke, env=env)
    assert fxiaoke.requests == []


def test_wrong_secrets_are_told_by_code_and_by_the_names_of_their_variables(fxiaoke, pulling):
    with pytest.raises(InputError, match="no token: errorCode 10006") as caught:
        pulling(DEALS, fxiaoke, env={**fxiaoke.env, "FXIAOKE_APP_SECRET": "wrongsecret"})
    assert "FXIAOKE_APP_SECRET" in str(caught.value.do)
    assert "wrongsecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"FXIAOKE_URL": "http://open.fxiaoke.com"}, "FXIAOKE_URL"),
        ({"FXIAOKE_URL": "open.fxiaoke.com"}, "FXIAOKE_URL"),
        ({"FXIAOKE_AUTH": "old"}, "FXIAOKE_AUTH=old"),
    ],
)
def test_a_variable_that_cannot_be_is_refused(fxiaoke, pulling, changed, where):
    with pytest.raises(ParameterError) as caught:
        pulling(DEALS, fxiaoke, env={**fxiaoke.env, **changed})
    assert caught.value.where == where


def test_another_cloud_that_answers_pages_for_people_is_told(fxiaoke, pulling):
    fxiaoke.faults[1] = lambda: Answer(302, b"<html>log in</html>")
    with pytest.raises(InputError, match="HTTP 302 instead of 200") as caught:
        pulling(DEALS, fxiaoke)
    assert "FXIAOKE_URL" in str(caught.value.do)
