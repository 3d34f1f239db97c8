"""Floors, caps and locks as people write them in a list of parameters.

east=320000000            the year of a node, by its id or its name: 华东=3.2亿
east@2027-03=24000000     a month of it
R0021>=9000000            at least; <= at most
collections/east=1e8      of another KPI than revenue, by its id or its name

Light, because parameters are checked before anything is computed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from workbench.errors import InputError, ParameterError
from workbench.text import later

if TYPE_CHECKING:
    from workbench.planning.limits import Limit

Kind = Literal["floor", "cap", "lock"]
_FORM = re.compile(
    r"(?:(?P<kpi>[^@=<>/]+)/)?(?P<node>[^@=<>/]+)"
    r"(?:@(?P<year>\d{4})[-/年](?P<month>\d{1,2})月?)?"
    r"\s*(?P<sign>>=|<=|=)(?P<value>.+)"
)
_KINDS: dict[str, Kind] = {"=": "lock", ">=": "floor", "<=": "cap"}
_SIGNS = str.maketrans({"≥": ">=", "≤": "<="})
#: A form that can be read, for errors.
FORM = "east=320000000, east@2027-03=24000000, R0021>=9000000, R0021<=9000000"


@dataclass(frozen=True)
class Written:
    """A lock as it is written: KPI and node by id or name, month such as 2027-03."""

    kpi: str | None
    node: str
    kind: Kind
    value: float
    month: str | None


def written(text: str) -> Written | None:
    """Read one text; None if it is none.

    Full-width signs are read too, amounts as the import reads them (3.2亿, 320,000,000).
    """
    from workbench.loaders.values import parse_money

    match = _FORM.fullmatch(unicodedata.normalize("NFKC", text.translate(_SIGNS)).strip())
    if match is None:
        return None
    value = parse_money(match["value"].strip().replace("_", "")).value
    month = int(match["month"] or 1)
    if (
        not isinstance(value, Decimal)
        or value < 0
        or not 1 <= month <= 12
        or not match["node"].strip()
    ):
        return None
    return Written(
        match["kpi"] and match["kpi"].strip(),
        match["node"].strip(),
        _KINDS[match["sign"]],
        float(value),
        f"{match['year']}-{month:02d}" if match["year"] else None,
    )


def read_locks(
    texts: Iterable[str],
    *,
    kpi: str,
    nodes: Mapping[str, tuple[str, str]] | None = None,
    kpis: Mapping[str, tuple[str, str]] | None = None,
) -> tuple[Limit, ...]:
    """Read limits on the base tier; other tiers follow by their distance.

    Parameters
    ----------
    texts : iterable of str
    kpi : str
        That a text means which names none.
    nodes, kpis : mapping of str to (str, str), optional
        English and Chinese name by id, which a text may give in its place.

    Raises
    ------
    ParameterError
        If a text has another form.
    InputError
        If a name means several nodes.
    """
    from workbench.planning.limits import Limit

    found = []
    for text in texts:
        lock = written(text)
        if lock is None:
            raise ParameterError(
                later("{text} is no lock", text=repr(text)),
                where="locks",
                do=later("write it as {form}", form=FORM),
            )
        found.append(
            Limit(
                id_of(lock.node, nodes or {}),
                lock.kind,
                lock.value,
                kpi=id_of(lock.kpi, kpis or {}) if lock.kpi else kpi,
                month=lock.month,
            )
        )
    return tuple(found)


def id_of(word: str, names: Mapping[str, tuple[str, str]], *, where: str = "locks") -> str:
    """The id itself, or the one that has the name; what is neither stays as it is.

    Raises
    ------
    InputError
        If the name is that of several.
    """
    if word in names:
        return word
    meant = [
        each
        for each, both in names.items()
        if word in (unicodedata.normalize("NFKC", name) for name in both)
    ]
    if len(meant) > 1:
        raise InputError(
            later("{name} is the name of {n}", name=word, n=len(meant)),
            where=where,
            do=later("write the id: {ids}", ids=", ".join(meant)),
        )
    return meant[0] if meant else word
