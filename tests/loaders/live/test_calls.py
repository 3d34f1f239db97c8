"""Calls: what is tried again, how long, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.loaders.live.servers import Clock
from workbench.errors import InputError, ParameterError
from workbench.loaders.live import calls as module
from workbench.loaders.live.calls import Calls, Pace, needed, safe_address

URL = "https://host.example/path?secret=1"


def made(clock: Clock, *answers: Any) -> Calls:
    """Calls that get these answers: a response, an error, or what makes a response."""
    rest = iter(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        found = next(rest)
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, httpx.Response) else found()

    client = httpx.Client(transport=httpx.MockTransport(answer))
    return Calls(client, sleep=clock.sleep, now=clock)


GOOD = httpx.Response(200, json={"fine": True})


@pytest.mark.parametrize(
    "broken",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("silent"),
        httpx.RemoteProtocolError("closed in the middle"),
        httpx.DecodingError("not gzip after all"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_broken_line_is_tried_again(clock, broken):
    calls = made(clock, broken, broken, GOOD)
    assert calls.send("GET", URL).body == {"fine": True}
    assert calls.count == 3
    assert len(clock.slept) == 2


def test_a_line_that_stays_broken_is_told_without_its_address(clock):
    calls = made(clock, *[httpx.ReadTimeout("reading " + URL)] * 6)
    with pytest.raises(InputError) as caught:
        calls.send("GET", URL)
    assert str(caught.value) == (
        "the system could not be read, 6 times: ReadTimeout\n"
        "  where: host.example\n"
        "  do:    run the same command again later: it goes on where it stopped"
    )
    assert len(clock.slept) == 5
    assert caught.value.__cause__ is None


def test_waits_never_exceed_a_minute(clock, monkeypatch):
    monkeypatch.setattr(module, "ATTEMPTS", 12)
    with pytest.raises(InputError):
        made(clock, *[httpx.Response(503)] * 12).send("GET", URL)
    assert max(clock.slept) <= 60


def test_a_body_that_drips_is_given_up_and_asked_for_again(clock):
    def dripping() -> Iterator[bytes]:
        while True:
            clock.time += 100
            yield b" "

    calls = made(clock, lambda: httpx.Response(200, content=dripping()), GOOD)
    assert calls.send("GET", URL).body == {"fine": True}
    assert calls.count == 2


def test_a_body_without_end_is_refused(clock, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_BODY", 2**20)
    parts = (b" " * 2**18 for _ in range(8))
    with pytest.raises(InputError, match="larger than 1 MB"):
        made(clock, lambda: httpx.Response(200, content=parts)).send("GET", URL)


def test_no_redirect_is_followed(clock):
    calls = made(clock, httpx.Response(302, headers={"Location": "https://evil.example"}), GOOD)
    assert calls.send("GET", URL, headers={"Authorization": "secret"}).status == 302


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"code": "INVALID_TOKEN"}, "INVALID_TOKEN"),
        ({"error": "invalid_code"}, "invalid_code"),
        ({"code": "<script>alert(1)</script>"}, ""),
        ({"code": "A" * 61}, ""),
        ({"code": 7}, ""),
        ({}, ""),
    ],
)
def test_only_a_code_that_looks_like_one_is_shown(clock, body, code):
    assert made(clock, httpx.Response(400, json=body)).send("GET", URL).code == code


@given(
    limit=st.integers(1, 5),
    seconds=st.floats(0.5, 30),
    gaps=st.lists(st.floats(0, 20), max_size=30),
)
def test_in_no_stretch_of_time_are_there_more_calls_than_the_pace_allows(limit, seconds, gaps):
    clock, pace, times = Clock(0.0), Pace(limit, seconds), []
    for gap in gaps:
        clock.time += gap
        pace.wait(clock, clock.sleep)
        times.append(clock.time)
    for first, beyond in zip(times, times[limit:], strict=False):
        assert beyond - first >= seconds * (1 - 1e-9)


def test_a_pace_that_is_kept_costs_no_wait(clock):
    pace = Pace(2, 10)
    for _ in range(5):
        pace.wait(clock, clock.sleep)
        clock.time += 5
    assert sum(clock.slept) == 0


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://accounts.zoho.com/", "https://accounts.zoho.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://accounts.zoho.com", None),
        ("http://127.0.0.1.evil.example", None),
        ("http://127.0.0.1@evil.example", None),
        ("ftp://127.0.0.1", None),
        ("accounts.zoho.com", None),
        ("https://", None),
        ("", None),
    ],
)
def test_secrets_go_over_https_or_stay_on_this_machine(url, kept):
    if kept is not None:
        assert safe_address(url, variable="X") == kept
        return
    with pytest.raises(ParameterError, match="https only"):
        safe_address(url, variable="X")


def test_a_variable_is_needed_and_its_spaces_are_not():
    assert needed({"X": " value\n"}, "X", "what it is") == "value"
    with pytest.raises(ParameterError) as caught:
        needed({}, "X", "what it is")
    assert caught.value.do == "export X=... (what it is)"
