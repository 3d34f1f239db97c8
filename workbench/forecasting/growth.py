"""Growth that a planner assumes of a part, as it is written: ``east@2026-10=0.05``.

Light, because parameters are checked before anything is computed. What the growth makes of a
forecast: `outlook/assumed.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.params import broken_rule

_FORM = re.compile(
    r"(?P<node>[^@=]*[^@=\s])\s*(?:@\s*(?P<year>\d{4})-(?P<month>\d{1,2})\s*)?"
    r"=\s*(?P<share>[+-]?(?:\d+\.?\d*|\.\d+))\s*(?P<percent>%?)"
)
MOST = 1.0  # twice what the models say; more is a slip of the decimal point


@dataclass(frozen=True)
class Growth:
    """Growth of one node on top of the models.

    Attributes
    ----------
    node : str
        As written: a code or a name.
    first : tuple of (int, int) or None
        Year and number of the month from which it holds; None for all months ahead.
    share : float
        0.05 for 5% more.
    text : str
        The entry as written.
    """

    node: str
    first: tuple[int, int] | None
    share: float
    text: str


def read_growth(written: Iterable[str]) -> Iterator[Growth]:
    """Read entries: ``node=share`` or ``node@year-month=share``, the share also in per cent.

    Parameters
    ----------
    written : iterable of str
        Full-width signs are read too.

    Raises
    ------
    PydanticCustomError
        If an entry cannot be read, its share is out of bounds, or a node and month come twice:
        for a validator, in both languages.
    """
    seen: set[tuple[str, tuple[int, int] | None]] = set()
    for text in written:
        made = _read(text)
        key = (made.node.casefold(), made.first)
        if key in seen:
            raise broken_rule(
                f"{made.text} stands beside another growth of the same node and month: keep one",
                f"{made.text}与同一节点、同一起始月的另一行重复，请只留一行",
            )
        seen.add(key)
        yield made


def _read(text: str) -> Growth:
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").strip()
    found = _FORM.fullmatch(plain)
    month = int(found["month"] or 1) if found else 0
    if not found or not 1 <= month <= 12:
        raise broken_rule(
            f"{text!r} is not read: write node=growth or node@month=growth, as east@2026-10=5%",
            f"无法识别“{text}”：请写作 节点=增幅 或 节点@年-月=增幅，如 east@2026-10=5%",
        )
    share = float(found["share"]) / (100 if found["percent"] else 1)
    if not -1 <= share <= MOST:
        raise broken_rule(
            f"{text!r} lies beyond −100% to 100%: write 0.05 or 5% for 5% more",
            f"“{text}”超出−100%至100%：增长5%请写作0.05或5%",
        )
    first = (int(found["year"]), month) if found["year"] else None
    return Growth(found["node"].strip(), first, share, plain)
