"""Populations: the rows that KPIs count, as SQL with a header that says what they are.

    -- rows: ordered                      name
    -- en: Order lines by order date      what they are, English and Chinese
    -- zh: 订单行，按下单日期
    -- tables: order_line, contract?      tables read; ? marks those it can do without
    -- uses: sold                         other populations read
    -- cuts: account, product_line        columns it can be cut by; `account` brings those of the
                                          account and the organisation with it
    -- by: rep                            organisation by `account` (default where it is a cut),
                                          by `rep`, or by own columns
    -- organisation: order_date           day whose organisation counts; default is its own day
    -- settings: stages                   settings it cannot do without
    -- dated: period                      it says the period itself, see below; default is `day`
    -- held: whole                        few rows, found slowly and used by others: kept for them

A population has a column `day`; or, where it shows a state or compares days, `period` and
`org_day`, from joining `periods`: period, first and last day, and `seen`, the last day that is
known. It may also read `stages`: stage, place, status, probability. `{as_of}` is the last day
seen at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ParameterError

FOLDER = Path(__file__).parent / "sql"
ACCOUNT_CUTS = (
    "account_id",
    "customer_type",
    "ownership",
    "industry",
    "size_class",
    "group_id",
    "region",
    "team_id",
    "rep_id",
)
_HEADER = re.compile(r"^-- (\w+): (.*)$")


@dataclass(frozen=True, slots=True)
class Rows:
    """One population.

    Attributes
    ----------
    name, sql : str
        Name, and the query.
    titles : (str, str)
        What the rows are, English and Chinese.
    tables, optional : tuple of str
        Tables it needs, and tables it uses where they are there; those of `uses` included.
    uses : tuple of str
        Other populations that the query reads.
    cuts : tuple of str
        Columns it can be cut by.
    by : {"account", "rep", ""}
        What the organisation is found by; "" is the row's own columns.
    organisation : str
        Column with the day whose organisation counts.
    settings : tuple of str
        Settings of the company that must be given.
    by_period : bool
        Whether the query itself says which period a row belongs to.
    held : bool
        Whether its rows are kept for the populations that use it (keep.py).
    """

    name: str
    sql: str
    titles: tuple[str, str]
    tables: tuple[str, ...]
    optional: tuple[str, ...]
    uses: tuple[str, ...]
    cuts: tuple[str, ...]
    by: str
    organisation: str
    settings: tuple[str, ...]
    by_period: bool
    held: bool = False


def parse(text: str) -> list[dict[str, str]]:
    """Headers of the populations of a file, the query under "sql".

    Raises
    ------
    ParameterError
        If a query has no name.
    """
    found: list[dict[str, str]] = []
    for block in re.split(r"^(?=-- rows: )", text, flags=re.MULTILINE):
        lines = block.strip().splitlines()
        if not lines:
            continue
        headers = [match for line in lines if (match := _HEADER.match(line))]
        head = {match[1]: match[2] for match in headers}
        if "rows" not in head:
            raise ParameterError("a query has no `-- rows:` line", where=lines[0])
        head["sql"] = "\n".join(lines[len(headers) :]).rstrip(";")
        found.append(head)
    return found


def spread(cuts: Iterable[str]) -> tuple[str, ...]:
    """Cuts with `account` replaced by those that come with it."""
    return tuple(each for cut in cuts for each in (ACCOUNT_CUTS if cut == "account" else (cut,)))


def _names(text: str | None, *, needed: bool | None = None) -> tuple[str, ...]:
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if needed is not None:
        names = [name for name in names if name.endswith("?") is not needed]
    return tuple(name.rstrip("?") for name in names)


def read(folder: Path = FOLDER) -> dict[str, Rows]:
    """All populations of the files of a folder, by name."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
    heads = [head for text in texts for head in parse(text)]
    by_name = {head["rows"]: head for head in heads}
    return {name: _rows(head, by_name) for name, head in by_name.items()}


def _rows(head: dict[str, str], heads: dict[str, dict[str, str]]) -> Rows:
    needed, optional, settings = _reach(head, heads)
    cuts = _names(head.get("cuts"))
    by = head.get("by", "account" if "account" in cuts else "")
    return Rows(
        name=head["rows"],
        sql=head["sql"],
        titles=(head["en"], head["zh"]),
        tables=tuple(sorted(needed)),
        optional=tuple(sorted(optional - needed)),
        uses=tuple(dict.fromkeys(_used(head, heads))),
        cuts=spread(cuts),
        by=by,
        organisation=head.get("organisation", ""),
        settings=tuple(sorted(settings)),
        by_period=head.get("dated") == "period",
        held=head.get("held") == "whole",
    )


def _reach(
    head: dict[str, str], heads: dict[str, dict[str, str]]
) -> tuple[set[str], set[str], set[str]]:
    """Tables needed and optional and settings, through all populations used."""
    needed = set(_names(head.get("tables"), needed=True))
    optional = set(_names(head.get("tables"), needed=False))
    settings = set(_names(head.get("settings")))
    for name in _names(head.get("uses"), needed=True):
        more_needed, more_optional, more_settings = _reach(heads[name], heads)
        needed, optional = needed | more_needed, optional | more_optional
        settings |= more_settings
    for name in _names(head.get("uses"), needed=False):
        more_needed, more_optional, _ = _reach(heads[name], heads)
        optional |= more_needed | more_optional
    return needed, optional, settings


def _used(head: dict[str, str], heads: dict[str, dict[str, str]]) -> Iterator[str]:
    """Populations used, each after those that it uses itself."""
    for name in _names(head.get("uses")):
        yield from _used(heads[name], heads)
        yield name


ROWS: dict[str, Rows] = read()
