"""Nodes as people name them: the code or the name, in either language."""

from __future__ import annotations

import unicodedata
from difflib import get_close_matches

from workbench.errors import ParameterError
from workbench.forecasting.outlook.bookings import TOTAL, Outlook
from workbench.text import mark

COMPANY = "company"
#: Names offered where none comes near.
MOST_OFFERED = 12


def node_named(found: Outlook, said: str, *, where: str) -> str:
    """The node that is meant.

    Parameters
    ----------
    found : Outlook
    said : str
        "company", the code of a region or line, ``region/line``, or the names of these.
    where : str
        Parameter and entry, for the error.

    Raises
    ------
    ParameterError
        If there is none; the nearest names are offered.
    """
    names = _names(found)
    plain = _plain(said)
    if plain in names:
        return names[plain]
    near = list(dict.fromkeys(names[name] for name in get_close_matches(plain, names, n=3)))
    offered = near or [*found.nodes[:MOST_OFFERED], "…"]
    raise ParameterError(
        mark("there is no node of this name"),
        where=where,
        do=f"{said.strip()} → {', '.join(offered).replace(TOTAL, COMPANY)}",
    )


def _names(found: Outlook) -> dict[str, str]:
    """Nodes by all names they go by; where two share one, the higher node has it."""
    label = found.scope.company.label
    series = [name.partition("/") for name in found.tree.series]
    regions = {region for region, _, _ in series}

    def called(column: str, code: str) -> tuple[str, ...]:
        return code, label(column, code, "en"), label(column, code, "zh")

    names = {_plain(name): TOTAL for name in (TOTAL, COMPANY, "全公司")}
    for node in found.nodes[1:]:
        region, between, line = node.partition("/")
        if not between:
            said = called("region" if node in regions else "product_line", node)
        else:
            pairs = zip(called("region", region), called("product_line", line), strict=True)
            said = (node, *(f"{one}/{two}" for one, two in pairs))
        for name in said:
            names.setdefault(_plain(name), node)
    return names


def _plain(name: str) -> str:
    """A name without regard to width, case and spaces around it."""
    return unicodedata.normalize("NFKC", name).strip().casefold()
