"""Where the records are in a reply of an interface, and which system its shape gives away.

Shapes as in the vendors' public interface documents: Zoho CRM v8, Fxiaoke v2, Salesforce REST
query, HubSpot v3, Odoo JSON-RPC, Dynamics 365 Web API (OData), ERPNext and EspoCRM REST.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

Records = list[dict[str, Any]]

#: Fields that describe fields: what a call for the description of an object returns.
_DESCRIBING = ({"api_name", "data_type"}, {"api_name", "field_label"})

#: Keys under which a reply holds its records, as far as is known.
WRAPPERS = ("data", "records", "results", "result", "value", "list", "message", "dataList", "items")


@dataclass(frozen=True, slots=True)
class Found:
    """Records in a JSON value.

    Attributes
    ----------
    path : str
        Keys down to them ("data.dataList"), "" for a bare list.
    records : list of dict
    """

    path: str
    records: Records


def records_in(value: Any) -> list[Found]:
    """All lists of records in a value, no deeper than two keys; one record alone is a list too."""
    if isinstance(value, list):
        return [Found("", value)] if _are_records(value) else []
    if not isinstance(value, dict):
        return []
    found = [
        Found(path, inner)
        for path, inner in _two_levels(value)
        if isinstance(inner, list) and _are_records(inner) and not _describe(inner)
    ]
    known = [one for one in found if one.path.rpartition(".")[2] in WRAPPERS]
    return known[:1] or found


def system_of(value: Any, records: Records) -> tuple[str, str]:
    """System and object that the shape gives away; "" where it does not.

    Parameters
    ----------
    value : object
        The whole of the file (the record itself for JSON lines).
    records : list of dict
    """
    whole = value if isinstance(value, dict) else {}
    first = records[0] if records else {}
    attributes = first.get("attributes")
    if isinstance(attributes, dict) and isinstance(attributes.get("type"), str):
        return "salesforce", attributes["type"]
    if "object_describe_api_name" in first:
        return "fxiaoke", str(first["object_describe_api_name"])
    if "errorCode" in whole and isinstance(whole.get("data"), dict):
        return "fxiaoke", ""
    if isinstance(first.get("properties"), dict) and _hubspot(first):
        return "hubspot", ""
    if "jsonrpc" in whole:
        return "odoo", ""
    if "@odata.context" in whole or any(key.startswith("@odata.") for key in first):
        return "dynamics365", _odata_object(str(whole.get("@odata.context", "")))
    return _by_names(whole, first)


def error_in(value: Any) -> str:
    """What an interface said instead of records; "" where it is no error."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return ""
    code, message = value.get("errorCode"), value.get("errorMessage") or value.get("message")
    if code is not None and str(code) != "0":
        return _told(code, message or value.get("errorDescription"))
    error = value.get("error")
    if isinstance(error, dict):
        return _told(error.get("code", ""), error.get("message"))
    if isinstance(error, str):
        return _told(error, value.get("error_description"))
    if value.get("status") == "error":
        return _told(value.get("code") or value.get("category", ""), message)
    return _told(value["exc_type"], value.get("exception")) if "exc_type" in value else ""


def _two_levels(value: dict[str, Any]) -> list[tuple[str, Any]]:
    pairs = list(value.items())
    for key, inner in value.items():
        if isinstance(inner, dict):
            pairs += [(f"{key}.{below}", part) for below, part in inner.items()]
    return pairs


def _are_records(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(item, dict) for item in value)


def _describe(records: Records) -> bool:
    return any(described <= records[0].keys() for described in _DESCRIBING)


def _hubspot(record: dict[str, Any]) -> bool:
    return "hs_object_id" in record["properties"] or {"createdAt", "updatedAt"} <= record.keys()


def _odata_object(context: str) -> str:
    named = re.search(r"\$metadata#(\w+)", context)
    return named.group(1) if named else ""


def _by_names(whole: dict[str, Any], first: dict[str, Any]) -> tuple[str, str]:
    info = whole.get("info")
    if (isinstance(info, dict) and "more_records" in info) or any(k.startswith("$") for k in first):
        return "zoho", ""
    if "doctype" in first:
        return "erpnext", str(first["doctype"])
    if "list" in whole and "total" in whole:
        return "espocrm", ""
    pairs = [v for v in first.values() if isinstance(v, list) and len(v) == 2]
    if any(_odoo_pair(pair) for pair in pairs):
        return "odoo", ""
    return "", ""


def _odoo_pair(pair: list[Any]) -> bool:
    return isinstance(pair[1], str) and str(pair[0]).isdigit() and not str(pair[1]).isdigit()


def _told(code: Any, message: Any) -> str:
    return ": ".join(str(part) for part in (code, message) if part not in (None, ""))
