"""Calls to a system over HTTP: patience with what passes, a clear end with what does not.

Busy systems (429, 5xx), broken lines and torn bodies are tried again, each time later; everything
else goes back to the caller, who knows what his system means by it. No secret reaches a log or an
error: of a reply only its status and code are told.
"""

from __future__ import annotations

import json
import logging
import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from workbench.errors import InputError, ParameterError

if TYPE_CHECKING:
    import httpx

#: Times a call is made before giving up, and the longest wait between two (seconds).
ATTEMPTS = 6
LONGEST_WAIT = 60.0

#: A system that asks for more patience than this is left alone until the next pull (seconds).
PATIENCE = 300.0

#: Largest body of a reply; 200 records of 50 fields stay far below (bytes).
LARGEST_BODY = 64 * 1024 * 1024

#: Longest a whole reply may take, however slowly it drips (seconds).
LONGEST_REPLY = 300.0

AGAIN = "run the same command again later: it goes on where it stopped"

_BUSY = frozenset({408, 429, 500, 502, 503, 504})
_CODE = re.compile(r"[\w .-]{1,60}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes
    ----------
    status : int
        Of HTTP.
    body : dict
        JSON object; empty where there was none (204, 304).
    headers : mapping of str to str
        Names in lower case.
    """

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The system's own code of an error, fit to be shown; "" if there is none."""
        found = self.body.get("code", self.body.get("error", ""))
        return found if isinstance(found, str) and _CODE.fullmatch(found) else ""


@dataclass
class Pace:
    """At most `calls` in any `seconds`, by waiting before the one too many."""

    calls: int
    seconds: float
    _past: deque[float] = field(default_factory=deque)

    def wait(self, now: Callable[[], float], sleep: Callable[[float], object]) -> None:
        """Wait until one more call is within the limit, and count it."""
        while self._past and self._past[0] <= now() - self.seconds:
            self._past.popleft()
        if len(self._past) >= self.calls:
            sleep(max(0.0, self._past[0] + self.seconds - now()))
            self._past.popleft()
        self._past.append(now())


@dataclass
class Calls:
    """Sends requests and counts them.

    Attributes
    ----------
    client : httpx.Client
    sleep, now : callable
        Waiting, and the time in seconds since 1970.
    count : int
        Requests sent so far, repeated ones too.
    server_time : float or None
        The system's clock at its first reply (seconds since 1970), if it told.
    """

    client: httpx.Client
    sleep: Callable[[float], object]
    now: Callable[[], float]
    count: int = 0
    server_time: float | None = None

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        final: Callable[[Reply], bool] = lambda _: False,
        pace: Pace | None = None,
        stamp: str = "",
    ) -> Reply:
        """Send until a reply comes that waiting would not change.

        Parameters
        ----------
        method, url, params, headers, body
            The request; `body` is sent as JSON.
        final : callable
            True for a busy reply (429, 5xx) that will stay so.
        pace : Pace, optional
            Limit of this interface.
        stamp : str
            Query parameter that is a new UUID each time a request leaves, if any.

        Raises
        ------
        InputError
            If the system stays busy, cannot be reached or answers no JSON, or asks for more
            patience than `PATIENCE`.
        """
        told = "no answer"
        for attempt in range(1, ATTEMPTS + 1):
            if pace is not None:
                pace.wait(self.now, self.sleep)
            marked = {**(params or {}), stamp: str(uuid4())} if stamp else params
            reply, told = self._once(method, url, marked, headers, body)
            if reply is not None and (reply.status not in _BUSY or final(reply)):
                return reply
            if attempt < ATTEMPTS:
                self._rest(attempt, reply, url)
        raise InputError(
            f"the system could not be read, {ATTEMPTS} times: {told}", where=host(url), do=AGAIN
        )

    def _once(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
    ) -> tuple[Reply | None, str]:
        """One attempt: the reply if it can be used, and in words how it went."""
        import httpx

        self.count += 1
        try:
            with (
                _without_secrets(),
                self.client.stream(
                    method, url, params=params, headers=headers, json=body, follow_redirects=False
                ) as response,
            ):
                raw = self._read(response, url)
        except httpx.RequestError as broken:
            return None, type(broken).__name__
        except httpx.InvalidURL:
            raise ParameterError(
                "the address of the system cannot be read", do="check its variable"
            ) from None
        names = {name.lower(): value for name, value in response.headers.items()}
        self._note_time(names)
        parsed = _json_object(raw)
        if parsed is None and response.status_code == 200:
            return None, "the reply is not JSON"
        reply = Reply(response.status_code, parsed or {}, names)
        return reply, " ".join(filter(None, (f"HTTP {reply.status}", reply.code)))

    def _read(self, response: httpx.Response, url: str) -> bytes:
        """The body, within bounds of size and time."""
        import httpx

        began, parts, size = self.now(), [], 0
        for part in response.iter_bytes():
            parts.append(part)
            size += len(part)
            if size > LARGEST_BODY:
                raise InputError(
                    f"a reply is larger than {LARGEST_BODY // 2**20} MB",
                    where=host(url),
                    do="check that the address is that of the system",
                )
            if self.now() - began > LONGEST_REPLY:
                raise httpx.ReadTimeout("the reply took too long")
        return b"".join(parts)

    def _rest(self, attempt: int, reply: Reply | None, url: str) -> None:
        """Wait before the next attempt: as long as asked, else ever longer, never in step."""
        asked = _retry_after(reply, self.now()) if reply else None
        if asked is not None and asked > PATIENCE:
            when = datetime.fromtimestamp(self.now() + asked, UTC)
            raise InputError(
                f"the system asks to wait for {asked:,.0f} seconds",
                where=host(url),
                do=f"run the same command again after {when:%Y-%m-%d %H:%M} UTC: "
                "it goes on where it stopped",
            )
        grown = min(LONGEST_WAIT, 2.0**attempt) * random.uniform(0.5, 1.0)
        self.sleep(grown if asked is None else asked)

    def _note_time(self, headers: Mapping[str, str]) -> None:
        if self.server_time is None and "date" in headers:
            self.server_time = _http_date(headers["date"])


def host(url: str) -> str:
    """The host of an address: all of it that is ever shown."""
    return urlsplit(url).hostname or "address of the system"


def safe_address(url: str, *, variable: str) -> str:
    """An address that secrets may be sent to: https, or this very machine.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    parts = urlsplit(url)
    local = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise ParameterError(
            "secrets are sent over https only", where=variable, do="write it as https://host"
        )
    return url.rstrip("/")


def needed(env: Mapping[str, str], name: str, meaning: str) -> str:
    """A variable of the environment.

    Raises
    ------
    ParameterError
        If it is not set or empty.
    """
    value = env.get(name, "").strip()
    if not value:
        raise ParameterError(
            f"the variable {name} is not set",
            where="environment",
            do=f"export {name}=... ({meaning})",
        )
    return value


# -- replies -------------------------------------------------------------------------------------


def _json_object(raw: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:  # a torn or foreign body, in any encoding
        return None
    return found if isinstance(found, dict) else None


def _retry_after(reply: Reply, now: float) -> float | None:
    """Seconds to wait as the reply asks, which may be told as a date; None if it does not ask."""
    asked = reply.headers.get("retry-after", "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked)
    when = _http_date(asked) if asked else None
    return None if when is None else max(0.0, when - now)


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None


# -- logs ----------------------------------------------------------------------------------------


class _QueryHidden(logging.Filter):
    """httpx logs the address of each request; the query of Zoho's holds the secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def _hidden(value: object) -> object:
    import httpx

    return value.copy_with(query=None) if isinstance(value, httpx.URL) else value


@contextmanager
def _without_secrets() -> Iterator[None]:
    logger, hiding = logging.getLogger("httpx"), _QueryHidden()
    logger.addFilter(hiding)
    try:
        yield
    finally:
        logger.removeFilter(hiding)
