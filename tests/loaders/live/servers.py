"""Systems on 127.0.0.1 that refuse what the real ones refuse, on a clock that tests move.

`answer` is plain: a server puts it behind a socket (`served`), a property test behind a transport.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

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


# -- Zoho ----------------------------------------------------------------------------------------

ZOHO_SECRETS = {
    "ZOHO_CLIENT_ID": "1000.CLIENTIDSECRET",
    "ZOHO_CLIENT_SECRET": "clientsecretvalue",
    "ZOHO_REFRESH_TOKEN": "1000.refreshsecretvalue",
}


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(timespec="seconds")


class Zoho(System):
    """Zoho CRM v8 with one module."""

    def __init__(self, clock: Clock, records: list[dict[str, Any]], fields: list[str]) -> None:
        super().__init__(clock)
        self.records = {record["id"]: record for record in records}
        self.fields = fields
        self.kinds: dict[str, str] = {}
        self.deleted: dict[str, float] = {}
        self.valid: dict[str, float] = {}
        self.places: dict[str, tuple[str, str | None, int, float]] = {}
        self.given = 0

    @property
    def env(self) -> dict[str, str]:
        return {**ZOHO_SECRETS, "ZOHO_ACCOUNTS_URL": self.url}

    def delete(self, name: str) -> None:
        del self.records[name]
        self.deleted[name] = self.clock.time

    def reply(self, request: Request) -> Answer:
        if request.path == "/oauth/v2/token":
            return self._token(request)
        if request.method != "GET":
            return _refusal(405, "METHOD_NOT_ALLOWED")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Zoho-oauthtoken" or self.valid.get(token, 0) <= self.clock.time:
            return _refusal(401, "INVALID_TOKEN")
        if request.path == "/crm/v8/settings/fields":
            kinds = [
                {"api_name": name, "data_type": self.kinds.get(name, "text")}
                for name in self.fields
            ]
            return Answer(body={"fields": kinds}) if request.query["module"] else _refusal(400, "")
        if request.path == "/crm/v8/Deals/deleted":
            return self._deleted(request)
        if request.path == "/crm/v8/Deals":
            return self.fault() or self._page(request)
        return _refusal(404, "INVALID_URL_PATTERN")

    def revoke(self) -> None:
        """All tokens end now, be they an hour old or not."""
        self.valid.clear()

    def _token(self, request: Request) -> Answer:
        given = {f"ZOHO_{name.upper()}": value for name, value in request.query.items()}
        if given.pop("ZOHO_GRANT_TYPE", "") != "refresh_token" or request.method != "POST":
            return _refusal(400, "invalid_request")
        if given != ZOHO_SECRETS:
            return Answer(body={"error": "invalid_code"})
        self.given += 1
        token = f"accesstokensecret{self.given}"
        self.valid[token] = self.clock.time + 3600
        return Answer(
            body={
                "access_token": token,
                "api_domain": self.url,
                "token_type": "Bearer",
                "expires_in": 3600,
            }
        )

    def _page(self, request: Request) -> Answer:
        query, since = request.query, request.headers.get("if-modified-since")
        fields, size = query.get("fields", ""), int(query.get("per_page", 200))
        if not fields:
            return _refusal(400, "REQUIRED_PARAM_MISSING")
        if len(fields.split(",")) > 50 or size > 200 or ("page" in query and "page_token" in query):
            return _refusal(400, "INVALID_DATA")
        start = (int(query.get("page", 1)) - 1) * size
        if start + size > 2000 and "page_token" not in query:
            return _refusal(400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")
        if token := query.get("page_token"):
            known = self.places.get(token, ("", None, 0, 0.0))
            if known[:2] != (fields, since) or known[3] <= self.clock.time:
                return _refusal(400, "INVALID_DATA")
            start = known[2]
        found = self._matching(query, since)
        if not found:
            return Answer(304 if since else 204)
        return Answer(body=self._body(found, start, size, fields, since))

    def _matching(self, query: dict[str, str], since: str | None) -> list[dict[str, Any]]:
        key, down = query.get("sort_by", "id"), query.get("sort_order", "desc") == "desc"
        found = list(self.records.values())
        if since:
            after = datetime.fromisoformat(since)
            found = [record for record in found if _modified(record) >= after]
        return sorted(found, key=lambda record: record[key], reverse=down)

    def _body(
        self, found: list[dict[str, Any]], start: int, size: int, fields: str, since: str | None
    ) -> dict[str, Any]:
        names = {"id", "$currency_symbol", *fields.split(",")}
        page = [
            {name: value for name, value in record.items() if name in names}
            for record in found[start : start + size]
        ]
        more, token = start + size < len(found), None
        expires = self.clock.time + 24 * 3600
        if more:
            token = f"place-{len(self.places)}"
            self.places[token] = (fields, since, start + size, expires)
        info = {
            "per_page": size,
            "count": len(page),
            "more_records": more,
            "next_page_token": token,
            "page_token_expiry": iso(expires) if more else None,
        }
        return {"data": page, "info": info}

    def _deleted(self, request: Request) -> Answer:
        since = datetime.fromisoformat(request.headers["if-modified-since"]).timestamp()
        found = [
            {"id": name, "deleted_time": iso(when), "type": "recycle"}
            for name, when in self.deleted.items()
            if when >= since
        ]
        size, number = int(request.query["per_page"]), int(request.query["page"])
        page = found[(number - 1) * size : number * size]
        more = number * size < len(found)
        return Answer(body={"data": page, "info": {"more_records": more}}) if page else Answer(204)


def deals(count: int, *, modified: float = BEGIN - 30 * 86400) -> list[dict[str, Any]]:
    """Deals as Zoho shows them, with ids of 19 digits that no float can hold."""
    return [
        {
            "id": str(4_000_000_000_000_200_001 + number),
            "Deal_Name": f"设备采购 {number}",
            "Owner": {"name": "Lin Demo", "id": "4000000000000100001", "email": "lin@example.com"},
            "Account_Name": {"name": f"客户{number % 7}", "id": f"400000000000030000{number % 7}"},
            "Amount": None if number % 5 == 0 else 880_000.5 + number,
            "Stage": "Qualification",
            "Closing_Date": "2026-12-15",
            "Modified_Time": iso(modified + number),
            "$currency_symbol": "¥",
        }
        for number in range(count)
    ]


DEAL_FIELDS = [
    "Deal_Name", "Owner", "Account_Name", "Amount", "Stage", "Closing_Date", "Modified_Time",
]  # fmt: skip


def _modified(record: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(record["Modified_Time"])


def _refusal(status: int, code: str) -> Answer:
    return Answer(status, {"code": code, "details": {}, "message": "demo", "status": "error"})


# -- Fxiaoke -------------------------------------------------------------------------------------

FXIAOKE_SECRETS = {
    "FXIAOKE_APP_ID": "FSAID_secretid",
    "FXIAOKE_APP_SECRET": "appsecretvalue",
    "FXIAOKE_PERMANENT_CODE": "permanentsecretvalue",
}

OPTIONS = {"opt1": "需求确认", "opt3": "合同谈判", "opt5": "赢单"}


class Fxiaoke(System):
    """Fxiaoke v2 with one object; `older` takes the older tokens only."""

    def __init__(
        self,
        clock: Clock,
        records: list[dict[str, Any]],
        *,
        object: str = "NewOpportunityObj",
        older: bool = False,
    ) -> None:
        super().__init__(clock)
        self.records = {record["_id"]: record for record in records}
        self.object = object
        self.older = older
        self.describes = True
        self.token = ("", 0.0)  # the token, and when it was given
        self.expired: set[str] = set()
        self.given = 0
        self.paces: dict[str, deque[float]] = {}
        self.traces: set[str] = set()
        self.too_fast = 0

    @property
    def env(self) -> dict[str, str]:
        user = "FSUID_demo" if self.older else "1000"
        kind = {"FXIAOKE_AUTH": "legacy"} if self.older else {}
        return {**FXIAOKE_SECRETS, "FXIAOKE_URL": self.url, "FXIAOKE_USER_ID": user, **kind}

    def expire(self) -> None:
        """The token in use ends now."""
        self.expired.add(self.token[0])

    def reply(self, request: Request) -> Answer:
        if request.method != "POST":
            return Answer(405)
        if UUID(request.query["thirdTraceId"]).version != 4:
            return _error(10000)
        if request.query["thirdTraceId"] in self.traces:
            return _error(10001)
        self.traces.add(request.query["thirdTraceId"])
        token_path = "/cgi/corpAccessToken/get/V2" if self.older else "/oauth2.0/token"
        if request.path == token_path:
            return self._token(request.body) if self._within(request.path, 10, 60) else _error(1)
        if not self._within(request.path, 100, 20):
            return _error(20010)
        if (refused := self._refused(request)) is not None:
            return refused
        if request.path == "/cgi/crm/v2/object/describe":
            return self._described()
        custom = "custom/" if self.object.endswith("__c") else ""
        if request.path == f"/cgi/crm/{custom}v2/data/query":
            return self.fault() or self._page(request.body["data"])
        return _error(10002)

    def _within(self, path: str, calls: int, seconds: float) -> bool:
        past = self.paces.setdefault(path, deque())
        while past and past[0] <= self.clock.time - seconds:
            past.popleft()
        past.append(self.clock.time)
        self.too_fast += len(past) > calls
        return len(past) <= calls

    def _token(self, body: dict[str, str]) -> Answer:
        wanted = {
            "appId": FXIAOKE_SECRETS["FXIAOKE_APP_ID"],
            "appSecret": FXIAOKE_SECRETS["FXIAOKE_APP_SECRET"],
            "permanentCode": FXIAOKE_SECRETS["FXIAOKE_PERMANENT_CODE"],
        }
        if body != (wanted if self.older else {**wanted, "grantType": "app_secret"}):
            return _error(10006)
        name, since = self.token
        if not name or name in self.expired or self.clock.time >= since + 6600:
            self.given += 1
            self.token = (f"accesstokensecret{self.given}", self.clock.time)
        left = int(self.token[1] + 7200 - self.clock.time)
        if self.older:
            shown = {"corpAccessToken": self.token[0], "corpId": "FSCID_demo"}
        else:
            shown = {"accessToken": self.token[0], "ea": "demo_ea"}
        return Answer(body={"errorCode": 0, "errorMessage": "OK", **shown, "expiresIn": left})

    def _refused(self, request: Request) -> Answer | None:
        name, since = self.token
        if self.older:
            body = request.body
            given = body.get("corpAccessToken"), body.get("corpId"), body.get("currentOpenUserId")
            wanted = name, "FSCID_demo", "FSUID_demo"
        else:
            headers = request.headers
            given = headers.get("authorization"), headers.get("x-fs-ea"), headers.get("x-fs-userid")
            wanted = f"Bearer {name}", "demo_ea", "1000"
        if name in self.expired or self.clock.time >= since + 7200:
            return _error(20016)
        return None if given == wanted else _error(20017)

    def _described(self) -> Answer:
        if not self.describes:
            return _error(10002)
        options = [{"label": label, "value": value} for value, label in OPTIONS.items()]
        fields = {
            "sales_stage": {"type": "select_one", "options": options},
            "amount": {"type": "currency"},
        }
        return Answer(
            body={"errorCode": 0, "data": {"describe": {"api_name": "x", "fields": fields}}}
        )

    def _page(self, data: dict[str, Any]) -> Answer:
        info = data["search_query_info"]
        limit, offset = info["limit"], info["offset"]
        if data["dataObjectApiName"] != self.object or limit > 100 or offset % limit:
            return _error(10003)
        if offset > 10_000:
            return _error(10013)
        found = list(self.records.values())
        for condition in info["filters"]:
            found = _meeting(found, condition)
        for order in reversed(info.get("orders", [])):
            found.sort(key=lambda record: record[order["fieldName"]], reverse=not order["isAsc"])
        page = found[offset : offset + limit]
        data = {"dataList": page, "offset": offset, "limit": limit, "total": 0}
        return Answer(body={"errorCode": 0, "errorMessage": "OK", "data": data})


def opportunities(count: int, *, modified: float = BEGIN - 30 * 86400) -> list[dict[str, Any]]:
    """Opportunities as Fxiaoke shows them: absent where empty, money as text, epoch times."""
    found = []
    for number in range(count):
        record = {
            "_id": f"69{number:022x}",
            "name": f"演示商机{number}",
            "account_id": "690000000000000000000a01",
            "account_id__r": "演示客户甲",
            "amount": f"{120_000 + number}.00",
            "sales_stage": "opt3",
            "close_date": 1_796_054_400_000,
            "owner": ["1000"],
            "owner__r": {"id": "1000", "name": "演示员工"},
            "last_modified_time": int((modified + number) * 1000),
            "is_deleted": False,
        }
        if number % 5 == 0:
            del record["amount"]
        found.append(record)
    return found


def _meeting(records: list[dict[str, Any]], condition: dict[str, Any]) -> list[dict[str, Any]]:
    name, (bound,) = condition["field_name"], condition["field_values"]
    if condition["operator"] == "GTE":
        return [record for record in records if record[name] >= bound]
    assert condition["operator"] == "GT"
    return [record for record in records if record[name] > bound]


def _error(code: int) -> Answer:
    text = "success, or so the message says"
    return Answer(body={"errorCode": code, "errorMessage": text, "errorDescription": text})
