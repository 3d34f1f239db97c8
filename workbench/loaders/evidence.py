"""What the values of a column look like: dates, amounts, ids, credit codes, phones, stages.

Recognition asks this only where headers leave something open: whether 客户 holds names or ids,
what an unnamed column is, which columns could be the amount that is missing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from workbench.loaders.stages import stage_status
from workbench.tables.checks import CREDIT_ALPHABET, credit_check_character

#: Share of the values that must look alike.
_MOST = 0.9

_DATE = re.compile(
    r"^(?:(?:19|20)\d\d[-/.年]\s?\d{1,2}(?:[-/.月]\s?\d{1,2}日?)?(?:[T\s]\d{1,2}:\d\d.*)?月?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d(?:\s\d{1,2}:\d\d.*)?"
    r"|1[0-9]{12}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))$"
)
_MONEY = re.compile(
    r"^[（(-]?\s*(?:[¥$€£]|[A-Z]{2,3}\$?|约)?\s*-?\d[\d,]*(?:\.\d+)?\s*"
    r"(?:万|亿|千|百万|万元|亿元|元|[kKmM]|[A-Z]{3})?[)）]?$"
)
_PERCENT = re.compile(r"^-?\d+(?:\.\d+)?\s*%$")
_PHONE = re.compile(r"^(?:\+?86[-\s]?)?(?:1[3-9]\d{9}|0\d{2,3}[-\s]?\d{7,8}(?:-\d+)?)$")
_SYSTEM_ID = re.compile(
    r"^(?:zcrm_\d+|[0-9a-f]{24}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
    r"|\d{1,20}|00[0-9a-z]{13}(?:[0-9a-z]{3})?)$",
    re.I,
)
_CODE = re.compile(r"^[a-z]{0,12}[-_./]?(?:\d{1,8}[-_./])*\d{2,20}$", re.I)


def looks_like(kind: str, values: Sequence[str]) -> bool:
    """Whether nearly all values look like one kind.

    Parameters
    ----------
    kind : str
        A declared kind, "phone", "credit_code", "stage" or "id".
    values : sequence of str
        Sampled values, without empty ones.
    """
    if not values:
        return False
    fits = _TESTS.get(kind)
    if fits is None:
        return False
    texts = [unicodedata.normalize("NFKC", value).strip() for value in values]
    return sum(bool(fits(text)) for text in texts) >= _MOST * len(texts)


def holds_ids(values: Sequence[str], header: str) -> bool:
    """Whether a column that refers to a row holds ids and no names.

    Under a header that speaks of names only the ids of systems count, as "Customer12" may be a
    name; elsewhere codes such as "C-1002" count too.
    """
    named = re.search(r"name|名称|姓名|全称|简称", header, re.I)
    return looks_like("system_id" if named else "id", values)


def holds_names(values: Sequence[str]) -> bool:
    """Whether a column that refers to a row holds names: Chinese, or words with spaces."""
    worded = [v for v in values if re.search(r"[㐀-鿿]|[^\W\d_]{2,}[\s,.]+[^\W\d_]", v)]
    return bool(values) and len(worded) >= 0.5 * len(values)


def _is_credit_code(text: str) -> bool:
    shaped = len(text) == 18 and set(text) <= set(CREDIT_ALPHABET)
    return shaped and credit_check_character(text[:17]) == text[17]


def _is_stage(text: str) -> bool:
    return stage_status([text], "")[0].known


_TESTS: dict[str, Callable[[str], object]] = {
    "date": _DATE.match,
    "datetime": _DATE.match,
    "money": _MONEY.match,
    "price": _MONEY.match,
    "number": _MONEY.match,
    "integer": _MONEY.match,
    "share": lambda text: _PERCENT.match(text) or _MONEY.match(text),
    "phone": _PHONE.match,
    "credit_code": _is_credit_code,
    "system_id": _SYSTEM_ID.match,
    "id": lambda text: _SYSTEM_ID.match(text) or _CODE.match(text),
    "stage": _is_stage,
}
