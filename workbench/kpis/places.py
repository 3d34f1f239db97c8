"""Where a row belongs: its account's attributes, and the organisation it is counted in.

Region, team and rep follow the company's view `attribution`: today's organisation (现组织口径)
by default, that of the row's own date (原口径) for `company.at_the_time()`, that of a day for
`company.as_of(day)`. Where nobody owns the account, or the row has none, its own columns stand in;
a team that the row does not carry is that of its rep.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.company import Company
from workbench.kpis.declare import ORGANISATION_CUTS
from workbench.kpis.rows import ACCOUNT_CUTS, Rows

_ATTRIBUTES = tuple(cut for cut in ACCOUNT_CUTS if cut not in (*ORGANISATION_CUTS, "account_id"))


def _attributed(company: Company) -> bool:
    return company.has("assignment") or company.has("account")


def tables(rows: Rows, cuts: Iterable[str]) -> tuple[str, ...]:
    """Tables that these cuts need besides those of the rows."""
    return ("account",) if any(cut in _ATTRIBUTES for cut in cuts) else ()


def needs_reps(company: Company, rows: Rows, cuts: Iterable[str]) -> bool:
    """Whether the rep's own team and region are asked for."""
    cuts = set(cuts)
    if not company.has("rep"):
        return False
    if rows.by == "rep":
        return bool(cuts & {"region", "team_id"})
    return rows.by == "account" and "team_id" in cuts


def expression(company: Company, rows: Rows, cut: str) -> str:
    """SQL of a cut; the row is `src`, its account `acc`, its attribution `a`, its rep `rp`."""
    if cut in _ATTRIBUTES:
        return f"acc.{cut}"
    if rows.by == "rep":
        return f"rp.{cut}" if cut in ("region", "team_id") else f"src.{cut}"
    if rows.by != "account" or cut not in ORGANISATION_CUTS:
        return f"src.{cut}"
    owner = f"a.{cut}" if _attributed(company) else "null::varchar"
    own = f"src.{cut}"
    if cut == "team_id":
        own = "rp.team_id" if company.has("rep") else "null::varchar"
    return f"coalesce({owner}, {own})"


def joins(company: Company, rows: Rows, cuts: Sequence[str]) -> str:
    """SQL joins that the cuts need; each finds at most one row."""
    day = f"src.{rows.organisation or ('org_day' if rows.by_period else 'day')}"
    found = []
    if tables(rows, cuts):
        found.append("left join account acc on acc.account_id = src.account_id")
    organised = rows.by == "account" and any(cut in ORGANISATION_CUTS for cut in cuts)
    if organised and _attributed(company):
        found.append(
            "left join attribution a on a.account_id = src.account_id"
            f" and {day} between a.valid_from and a.valid_to"
        )
    if needs_reps(company, rows, cuts):
        found.append(
            "left join rep_place rp on rp.rep_id = src.rep_id"
            f" and {day} between rp.valid_from and rp.valid_to"
        )
    return "\n  ".join(found)


def rep_place(company: Company) -> str:
    """SQL of the team and region of each rep, by the company's view of the organisation.

    Columns rep_id, team_id, region, valid_from, valid_to.
    """
    if company.organisation == "at_the_time":
        return _at_the_time(company)
    day = company.data_as_of if company.organisation == "today" else company.organisation
    latest = "qualify row_number() over (partition by {} order by valid_from desc) = 1"
    known = f"where valid_from <= date '{day}'"
    team = "select null::varchar as team_id, null::varchar as region where false"
    if company.has("team"):
        team = f"select team_id, region from team {known} {latest.format('team_id')}"
    return (
        "select r.rep_id, r.team_id, t.region, date '0001-01-01' as valid_from,"
        " date '9999-12-31' as valid_to from"
        f" (select rep_id, team_id from rep {known} {latest.format('rep_id')}) r"
        f" left join ({team}) t using (team_id)"
    )


def _at_the_time(company: Company) -> str:
    end = "date '9999-12-31'"
    if not company.has("team"):
        return (
            "select rep_id, team_id, null::varchar as region, valid_from,"
            f" coalesce(valid_to, {end}) as valid_to from rep"
        )
    return f"""select r.rep_id, r.team_id, t.region,
        greatest(r.valid_from, coalesce(t.valid_from, r.valid_from)) as valid_from,
        least(coalesce(r.valid_to, {end}), coalesce(t.valid_to, {end})) as valid_to
    from rep r left join team t on t.team_id = r.team_id
        and t.valid_from <= coalesce(r.valid_to, {end})
        and coalesce(t.valid_to, {end}) >= r.valid_from"""
