"""Floors, caps and locks as people write them in a list of parameters.

east=320000000            the year of a node
east@2027-03=24000000     a month of it
R0021>=9000000            at least; <= at most
collections/east=1e8      of another KPI than revenue
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from workbench.errors import ParameterError
from workbench.planning.limits import Limit

_FORM = re.compile(
    r"(?:(?P<kpi>[a-z_]+)/)?(?P<node>[^@=<>/]+?)(?:@(?P<month>\d{4}-\d{2}))?"
    r"\s*(?P<sign>>=|<=|=)\s*(?P<value>[\d,_]+(?:\.\d+)?(?:e\d+)?)"
)
_KINDS = {"=": "lock", ">=": "floor", "<=": "cap"}


def read_locks(texts: Iterable[str], *, kpi: str) -> tuple[Limit, ...]:
    """Read limits on the base tier; other tiers follow by their distance.

    Parameters
    ----------
    texts : iterable of str
    kpi : str
        That a text means which names none.

    Raises
    ------
    ParameterError
        If a text has another form.
    """
    found = []
    for text in texts:
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise ParameterError(
                f"{text!r} is no lock",
                where="locks",
                do="write east=320000000, east@2027-03=24000000, R0021>=9000000 or R0021<=9000000",
            )
        value = float(match["value"].replace(",", "").replace("_", ""))
        kind = _KINDS[match["sign"]]
        found.append(
            Limit(
                match["node"].strip(),
                kind,  # type: ignore[arg-type]
                value,
                kpi=match["kpi"] or kpi,
                month=match["month"],
            )
        )
    return tuple(found)
