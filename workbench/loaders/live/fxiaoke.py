"""Fxiaoke v2: records of an object in the order of their ids, choices with their labels.

Every page asks for ids beyond the last one, never by offset: that has no end at 10,000 records, a
record added or removed meanwhile moves no other, and a pull that was ended by force goes on from
the last id. Every reply is HTTP 200; only its `errorCode` says how it went.
Facts: Fxiaoke, developer documentation "OpenAPI v2", pages on tokens, query of objects, description
of objects, limits and error codes; the address of the older token is in the older wiki.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import InputError, ParameterError
from workbench.loaders.live.calls import AGAIN, Calls, Pace, Reply, needed, safe_address
from workbench.loaders.live.pages import Page

URL = "https://open.fxiaoke.com"

TOKEN, OLDER_TOKEN = "/oauth2.0/token", "/cgi/corpAccessToken/get/V2"
QUERY, CUSTOM_QUERY = "/cgi/crm/v2/data/query", "/cgi/crm/custom/v2/data/query"
DESCRIBE = "/cgi/crm/v2/object/describe"

LIMIT = 100  # records a page, the most there is

#: Limits are 100 calls in 20 s an interface and 10 tokens a minute; the rest is for what the line
#: does to the rhythm.
CALLS, SECONDS = 95, 20.0
TOKENS, MINUTE = 8, 60.0

OK, TOKEN_OVER, _BUSY = 0, 20016, -1

#: Codes that trying again does not change, and what helps.
_FINAL = {
    10006: "check FXIAOKE_APP_ID, FXIAOKE_APP_SECRET and FXIAOKE_PERMANENT_CODE",
    10013: AGAIN,
    20017: "check FXIAOKE_AUTH: the company may use the other kind of token",
    30002: "the day's calls are used up; run the same command again tomorrow: it goes on where it "
    "stopped",
    30003: "the company has bought no calls of the open interface; ask its administrator",
}

_TRIES = 3  # of a call whose errorCode is not known to be final

_CHOICES = frozenset({"select_one", "select_many", "record_type"})


class Fxiaoke:
    """An object of Fxiaoke as pages.

    Parameters
    ----------
    object : str
        Its api name ("NewOpportunityObj", or "my_object__c" for one of the company's own).
    calls : Calls
    env : mapping of str to str
        FXIAOKE_APP_ID, FXIAOKE_APP_SECRET, FXIAOKE_PERMANENT_CODE, FXIAOKE_USER_ID (whose rights
        hold: an employee's id, an openUserId with the older tokens); FXIAOKE_AUTH ("new" or
        "legacy"), FXIAOKE_URL.

    Raises
    ------
    ParameterError
        If a variable is missing or wrong.
    """

    name = "fxiaoke"
    key = "_id"

    def __init__(self, object: str, calls: Calls, env: Mapping[str, str]) -> None:
        self.object = object
        self._calls = calls
        self._url = safe_address(env.get("FXIAOKE_URL", "").strip() or URL, variable="FXIAOKE_URL")
        self._older = _older(env)
        self._secrets = {
            "appId": needed(env, "FXIAOKE_APP_ID", "id of the company's own app"),
            "appSecret": needed(env, "FXIAOKE_APP_SECRET", "its secret"),
            "permanentCode": needed(env, "FXIAOKE_PERMANENT_CODE", "its permanent code"),
        }
        self._user = needed(env, "FXIAOKE_USER_ID", "employee whose rights hold, such as 1000")
        self._paces: dict[str, Pace] = {}
        self._session: dict[str, str] = {}
        self._session_ends = 0.0

    def begin(self) -> dict[str, Any]:
        """Read the labels of choices: the place of the first page."""
        self._open_session()
        try:
            body = self._ask(DESCRIBE, {"apiName": self.object, "includeDetail": True})
        except InputError as refused:
            return {"last": "", "labels": {}, "unlabelled": refused.message}
        described = (body.get("data") or {}).get("describe") or {}
        return {"last": "", "labels": _labels(described.get("fields") or {}), "unlabelled": ""}

    def passes(self, place: Mapping[str, Any]) -> int:
        """One pass holds the whole records."""
        return 1

    def page(self, place: dict[str, Any], since: float | None) -> Page:
        """The page beyond the last id, and where the next one is.

        Raises
        ------
        InputError
            If the system refuses, or gives ids that do not rise.
        """
        path = CUSTOM_QUERY if self.object.endswith("__c") else QUERY
        body = self._ask(path, {"data": self._query(place["last"], since)})
        records = (body.get("data") or {}).get("dataList") or []
        if not records:
            return Page([], None)
        ids = [str(record.get("_id") or "") for record in records]
        if place["last"] in ids or (len(set(map(len, ids))) == 1 and ids != sorted(ids)):
            raise InputError("Fxiaoke gives records that are not in the order asked for", do=AGAIN)
        labelled = [_with_labels(record, place["labels"]) for record in records]
        return Page(labelled, {**place, "last": ids[-1]})

    def modified(self, record: Mapping[str, Any]) -> float:
        """When a record was modified (seconds since 1970); -inf where unknown."""
        try:
            return int(record["last_modified_time"]) / 1000
        except (KeyError, TypeError, ValueError):
            return float("-inf")

    def warnings(self, place: Mapping[str, Any]) -> list[str]:
        """Whether choices may stand without their labels."""
        told = place["unlabelled"]
        return [f"labels of choices could not be read: {told}"] if told else []

    # -- calls -----------------------------------------------------------------------------------

    def _query(self, last: str, since: float | None) -> dict[str, Any]:
        filters: list[dict[str, Any]] = []
        if last:
            filters.append({"field_name": "_id", "operator": "GT", "field_values": [last]})
        if since is not None:
            filters.append(
                {
                    "field_name": "last_modified_time",
                    "operator": "GTE",
                    "field_values": [int(since * 1000)],
                }
            )
        return {
            "dataObjectApiName": self.object,
            "search_query_info": {
                "limit": LIMIT,
                "offset": 0,
                "filters": filters,
                "orders": [{"fieldName": "_id", "isAsc": True}],
            },
        }

    def _ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask until `errorCode` is 0: once more with a new token, a few times where it may pass."""
        renewed, tries = False, 0
        while True:
            reply = self._call(path, body)
            code = _error_code(reply)
            if code == OK:
                return reply.body
            if code == TOKEN_OVER and not renewed:
                renewed, self._session = True, {}
                continue
            tries += 1
            if code == TOKEN_OVER or code in _FINAL or tries == _TRIES:
                raise InputError(f"Fxiaoke refuses: errorCode {code}", do=_FINAL.get(code, AGAIN))
            self._calls.sleep(2.0**tries)

    def _call(self, path: str, body: Mapping[str, Any]) -> Reply:
        session = self._open_session()
        headers: dict[str, str] = {}
        if self._older:
            body = {**body, **session, "currentOpenUserId": self._user}
        else:
            headers = {
                "authorization": f"Bearer {session['accessToken']}",
                "x-fs-ea": session["ea"],
                "x-fs-userid": self._user,
            }
        return self._post(path, body, headers, Pace(CALLS, SECONDS))

    def _open_session(self) -> dict[str, str]:
        """Token and company, asked for again a minute before they end."""
        if self._session and self._calls.now() < self._session_ends:
            return self._session
        path = OLDER_TOKEN if self._older else TOKEN
        kind = {} if self._older else {"grantType": "app_secret"}
        reply = self._post(path, {**self._secrets, **kind}, {}, Pace(TOKENS, MINUTE))
        code = _error_code(reply)
        names = ("corpAccessToken", "corpId") if self._older else ("accessToken", "ea")
        if code != OK or not all(reply.body.get(name) for name in names):
            raise InputError(
                f"Fxiaoke gives no token: errorCode {code}", do=_FINAL.get(code, _FINAL[10006])
            )
        self._session = {name: str(reply.body[name]) for name in names}
        self._session_ends = self._calls.now() + float(reply.body.get("expiresIn") or 7200) - 60
        return self._session

    def _post(
        self, path: str, body: Mapping[str, Any], headers: Mapping[str, str], pace: Pace
    ) -> Reply:
        """One call with a trace id of its own, at the pace of its interface."""
        reply = self._calls.send(
            "POST",
            self._url + path,
            headers=headers,
            body=body,
            pace=self._paces.setdefault(path, pace),
            stamp="thirdTraceId",
        )
        if reply.status != 200:
            raise InputError(
                f"Fxiaoke answers HTTP {reply.status} instead of 200",
                do="check FXIAOKE_URL: each cloud of Fxiaoke has its own address",
            )
        return reply


def _older(env: Mapping[str, str]) -> bool:
    kind = env.get("FXIAOKE_AUTH", "").strip() or "new"
    if kind not in ("new", "legacy"):
        raise ParameterError(
            "there is no such kind of token", where=f"FXIAOKE_AUTH={kind}", do="use new or legacy"
        )
    return kind == "legacy"


def _error_code(reply: Reply) -> int:
    """The code of a reply; that of a busy system where it has none."""
    code = reply.body.get("errorCode")
    return code if isinstance(code, int) else _BUSY


def _labels(fields: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Labels of the values of each choice."""
    return {
        name: {
            str(option["value"]): str(option["label"])
            for option in described.get("options") or ()
            if "value" in option and "label" in option
        }
        for name, described in fields.items()
        if described.get("type") in _CHOICES and described.get("options")
    }


def _with_labels(
    record: Mapping[str, Any], labels: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The record with `field__r` where a choice came without it."""
    added = {
        f"{name}__r": _label(record[name], known)
        for name, known in labels.items()
        if record.get(name) and f"{name}__r" not in record
    }
    return {**record, **{name: label for name, label in added.items() if label}}


def _label(value: Any, known: Mapping[str, str]) -> str | list[str] | None:
    if isinstance(value, list):
        return [known.get(str(one), str(one)) for one in value]
    return known.get(str(value))
