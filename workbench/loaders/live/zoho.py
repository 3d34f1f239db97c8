"""Zoho CRM v8: pages of a module, all its fields, and what was deleted.

One call may ask for 50 fields, so a module with more is read in several passes, joined by id in
`gather.py`. Pages are asked for in the order of ids: a new record then comes last and moves no
other; by number up to 2,000 records, beyond by the token of the page before, which lives a day and
holds for its pass alone.
Facts: Zoho, "CRM API v8", pages "Get Records", "Fields Metadata", "Get Deleted Records", "Refresh
Access Tokens".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from workbench.errors import InputError, ParameterError
from workbench.loaders.live.calls import AGAIN, Calls, Reply, needed, safe_address
from workbench.loaders.live.gather import DELETED
from workbench.loaders.live.pages import Page, PassLost

#: Accounts servers by data centre (variable ZOHO_DC).
ACCOUNTS = {
    "com": "https://accounts.zoho.com",
    "eu": "https://accounts.zoho.eu",
    "in": "https://accounts.zoho.in",
    "com.cn": "https://accounts.zoho.com.cn",
    "com.au": "https://accounts.zoho.com.au",
    "jp": "https://accounts.zoho.jp",
}

PER_PAGE = 200
PAGES_BY_NUMBER = 2_000 // PER_PAGE
FIELDS_A_CALL = 50

_ALWAYS = ("id", "Modified_Time")

#: Kinds of fields that no page of records can hold.
_NOT_LISTED = frozenset({"subform", "multiselectlookup", "multiuserlookup"})

_TOKEN_OVER = frozenset({"INVALID_TOKEN", "AUTHENTICATION_FAILURE"})
_NO_CREDITS = "x-api-credits-remaining"


class Zoho:
    """A module of Zoho CRM as pages.

    Parameters
    ----------
    module : str
        Its api name ("Deals").
    calls : Calls
    env : mapping of str to str
        ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN; ZOHO_DC or ZOHO_ACCOUNTS_URL.

    Raises
    ------
    ParameterError
        If a variable is missing or wrong.
    """

    name = "zoho"
    key = "id"

    def __init__(self, module: str, calls: Calls, env: Mapping[str, str]) -> None:
        self.module = module
        self._calls = calls
        self._accounts = _accounts(env)
        self._secrets = {
            "client_id": needed(env, "ZOHO_CLIENT_ID", "client id of a self client"),
            "client_secret": needed(env, "ZOHO_CLIENT_SECRET", "its secret"),
            "refresh_token": needed(env, "ZOHO_REFRESH_TOKEN", "refresh token of a reading user"),
            "grant_type": "refresh_token",
        }
        self._token = ""
        self._token_ends = 0.0
        self._api = ""

    def begin(self) -> dict[str, Any]:
        """Find out the fields: the place of the first page."""
        reply = self._get("settings/fields", {"module": self.module})
        fields = [f for f in reply.body.get("fields", ()) if f.get("api_name")]
        if not fields:
            raise InputError(
                "Zoho names no fields for this module",
                do="check the module's api name (Deals, Accounts, Contacts, ...) and the user's "
                "rights",
            )
        listed = [f["api_name"] for f in fields if f.get("data_type") not in _NOT_LISTED]
        left_out = [f["api_name"] for f in fields if f.get("data_type") in _NOT_LISTED]
        return {"passes": _in_passes(listed), "left_out": left_out, "pass": 0, "page": 1}

    def passes(self, place: Mapping[str, Any]) -> int:
        """Passes that hold pieces of the records."""
        return len(place["passes"])

    def page(self, place: dict[str, Any], since: float | None) -> Page:
        """The page at a place, and where the next one is.

        Raises
        ------
        PassLost
            If the token of the page has expired: the pass must begin anew.
        InputError
            If the system refuses.
        """
        if place["pass"] == len(place["passes"]):
            return self._deleted_page(place, since)
        query = {
            "fields": ",".join(place["passes"][place["pass"]]),
            "per_page": str(PER_PAGE),
            "sort_by": "id",
            "sort_order": "asc",
        }
        if token := place.get("token"):
            if (ends := _instant(place.get("token_ends"))) and ends <= self._calls.now():
                raise PassLost(_pass_begins(place))
            query["page_token"] = token
        else:
            query["page"] = str(place["page"])
        reply = self._get(self.module, query, since=since)
        if token and reply.status == 400:
            raise PassLost(_pass_begins(place))
        _accept(reply)
        return Page(list(reply.body.get("data") or ()), self._next(reply, place))

    def modified(self, record: Mapping[str, Any]) -> float:
        """When a record was modified or deleted (seconds since 1970); -inf where unknown."""
        found = _instant(record.get("Modified_Time") or record.get("deleted_time"))
        return float("-inf") if found is None else found

    def warnings(self, place: Mapping[str, Any]) -> list[str]:
        """What the records do not hold."""
        names = place["left_out"]
        if not names:
            return []
        return [f"fields that no list of records holds were left out: {', '.join(names)}"]

    # -- pages -----------------------------------------------------------------------------------

    def _next(self, reply: Reply, place: dict[str, Any]) -> dict[str, Any] | None:
        """The place after a page; None after the last."""
        info = reply.body.get("info") or {}
        after = {name: value for name, value in place.items() if not name.startswith("token")}
        if not info.get("more_records"):  # 204 and 304 have no body and end the pass, too
            return _pass_after(after)
        after["page"] = place["page"] + 1
        if after["page"] > PAGES_BY_NUMBER:
            if not info.get("next_page_token"):
                raise InputError("Zoho has more records and gives no token for them", do=AGAIN)
            after["token"] = info["next_page_token"]
            after["token_ends"] = info.get("page_token_expiry")
        return after

    def _deleted_page(self, place: dict[str, Any], since: float | None) -> Page:
        """Ids deleted since; a system that does not tell them is no reason to stop."""
        query = {"type": "all", "per_page": str(PER_PAGE), "page": str(place["page"])}
        reply = self._get(f"{self.module}/deleted", query, since=since)
        if reply.status not in (200, 204, 304):
            told = f"Zoho did not tell which records were deleted (HTTP {reply.status})"
            return Page([], None, warnings=(told,))
        info = reply.body.get("info") or {}
        more = bool(info.get("more_records")) and bool(reply.body.get("data"))
        records = [
            {"id": one["id"], DELETED: True, "deleted_time": one["deleted_time"]}
            for one in reply.body.get("data") or ()
            if one.get("deleted_time")
        ]
        return Page(records, {**place, "page": place["page"] + 1} if more else None)

    # -- calls -----------------------------------------------------------------------------------

    def _get(self, path: str, query: Mapping[str, str], *, since: float | None = None) -> Reply:
        """Read, with a new token if the one in use has expired; once."""
        reply = self._call(path, query, since)
        if reply.status == 401 and reply.code in _TOKEN_OVER:
            self._token = ""
            reply = self._call(path, query, since)
        if path.startswith("settings/") or reply.status == 401:
            _accept(reply)
        return reply

    def _call(self, path: str, query: Mapping[str, str], since: float | None) -> Reply:
        token = self._access_token()
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        if since is not None:
            moment = datetime.fromtimestamp(int(since), UTC)
            headers["If-Modified-Since"] = moment.isoformat()
        reply = self._calls.send(
            "GET", f"{self._api}/crm/v8/{path}", params=query, headers=headers, final=_spent
        )
        if _spent(reply):
            raise InputError(
                "the day's API credits of Zoho are used up",
                do="run the same command again when credits are back (they are counted over 24 "
                "hours): it goes on where it stopped",
            )
        return reply

    def _access_token(self) -> str:
        """The token in use, renewed a minute before its hour ends."""
        if self._token and self._calls.now() < self._token_ends:
            return self._token
        url = f"{self._accounts}/oauth/v2/token"
        body = self._calls.send("POST", url, params=self._secrets).body
        token = body.get("access_token")
        if not token:
            code = Reply(0, body, {}).code or "no token"
            raise InputError(
                f"Zoho gives no access token: {code}",
                do="check ZOHO_CLIENT_ID, ZOHO_CLIENT_SECRET, ZOHO_REFRESH_TOKEN and ZOHO_DC; a "
                "token holds in its own data centre only",
            )
        self._token = str(token)
        self._token_ends = self._calls.now() + float(body.get("expires_in") or 3600) - 60
        self._api = safe_address(str(body.get("api_domain") or ""), variable="api_domain of Zoho")
        return self._token


def _accounts(env: Mapping[str, str]) -> str:
    given = env.get("ZOHO_ACCOUNTS_URL", "").strip()
    if given:
        return safe_address(given, variable="ZOHO_ACCOUNTS_URL")
    centre = env.get("ZOHO_DC", "").strip() or "com"
    if centre not in ACCOUNTS:
        raise ParameterError(
            "there is no such data centre of Zoho",
            where=f"ZOHO_DC={centre}",
            do=f"use one of {', '.join(ACCOUNTS)}, or give ZOHO_ACCOUNTS_URL",
        )
    return ACCOUNTS[centre]


def _in_passes(names: list[str]) -> list[list[str]]:
    """Fields in portions that one call may ask for, each with id and time of modification."""
    others = [name for name in names if name not in _ALWAYS]
    room = FIELDS_A_CALL - len(_ALWAYS)
    starts = range(0, max(len(others), 1), room)
    return [[*_ALWAYS, *others[start : start + room]] for start in starts]


def _pass_begins(place: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in place.items() if not name.startswith("token")}
    return {**kept, "page": 1}


def _pass_after(place: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first page of the next pass, over deleted records at last; None after all."""
    following = place["pass"] + 1
    if following < len(place["passes"]) + bool(place.get("changes")):
        return {**_pass_begins(place), "pass": following}
    return None


def _spent(reply: Reply) -> bool:
    """Whether a refusal is for the credits of the day, which no short wait brings back."""
    return reply.status in (403, 429) and reply.headers.get(_NO_CREDITS, "").strip() == "0"


def _accept(reply: Reply) -> None:
    if reply.status in (200, 204, 304):
        return
    advice = {
        401: "give the refresh token the scopes ZohoCRM.modules.READ and ZohoCRM.settings.READ",
        403: "let the user of the refresh token read this module",
    }
    raise InputError(
        f"Zoho refuses: HTTP {reply.status} {reply.code}".rstrip(),
        do=advice.get(reply.status, "check the module's api name and the user's rights"),
    )


def _instant(text: Any) -> float | None:
    """Seconds since 1970 of a time with offset; None where it is no such time."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return moment.timestamp() if moment.tzinfo else None
