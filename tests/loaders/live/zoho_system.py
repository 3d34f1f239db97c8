"""Zoho CRM v8 with one module, as strict as the real one about fields, pages and tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.loaders.live.servers import BEGIN, Answer, Clock, Request, System

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
