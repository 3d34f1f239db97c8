"""Systems on 127.0.0.1 that refuse what the real ones refuse, on a clock that tests move.

`answer` is plain: a server puts it behind a socket (`served`), a property test behind a transport.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BEGIN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC).timestamp()


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self, time: float = BEGIN) -> None:
        self.time = time
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass
class Answer:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    torn: bool = False  # the line breaks before the body is through

    @property
    def raw(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False).encode()


class System:
    """Faults by the number of the call for records, and a list of all requests."""

    url = "http://127.0.0.1:1"

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.requests: list[Request] = []
        self.faults: dict[int, Callable[[], Answer | None]] = {}
        self.asked = 0

    @property
    def env(self) -> dict[str, str]:
        """Variables with which the system can be read."""
        raise NotImplementedError

    def fault(self) -> Answer | None:
        """What is to go wrong with this call for records; None: it is answered."""
        self.asked += 1
        return self.faults.get(self.asked, lambda: None)()

    def answer(self, request: Request) -> Answer:
        self.requests.append(request)
        found = self.reply(request)
        found.headers.setdefault("Date", formatdate(self.clock.time, usegmt=True))
        return found

    def reply(self, request: Request) -> Answer:
        raise NotImplementedError

    def asked_for(self, part: str) -> list[Request]:
        return [one for one in self.requests if part in one.path]


@contextmanager
def served(system: System) -> Iterator[System]:
    """The system behind a socket of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together and at once, else the line waits
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: value[0] for name, value in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = json.loads(raw) if raw else None
            found = system.answer(Request(self.command, parts.path, query, headers, body))
            self.send_response_only(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            if found.status not in (204, 304):
                self.send_header("Content-Length", str(len(found.raw)))
            self.end_headers()
            if found.torn:
                self.wfile.write(found.raw[: len(found.raw) // 2])
                self.close_connection = True
            elif found.status not in (204, 304):
                self.wfile.write(found.raw)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_DELETE = _serve

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            if not isinstance(sys.exception(), ConnectionError):  # a reader that was killed
                raise

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    system.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
