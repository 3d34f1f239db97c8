"""Fxiaoke v2 with one object, as strict as the real one about offsets, tokens and pace."""

from __future__ import annotations

from collections import deque
from typing import Any
from uuid import UUID

from tests.loaders.live.servers import BEGIN, Answer, Clock, Request, System

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
