"""One target for each header of a sheet whose table is known.

A header is looked up in its own system's object, then among free-form sheets; values decide
between name and id, and settle headers that are empty or nearly those of a known column. Of two
headers for one target the better known is taken; where that leaves two amounts, it is asked. What
else is left to be asked: `questions.py`.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from workbench.loaders import evidence, systems
from workbench.loaders.headers import GENERIC, OWN, Fact, agreed, counterpart, plain
from workbench.loaders.mapping import FieldMapping, How, Question, SheetMapping
from workbench.loaders.raw import Sheet
from workbench.loaders.readers import HELPER_KINDS
from workbench.loaders.systems import Candidate
from workbench.tables import TABLES
from workbench.tables.declare import MONEY_KINDS, Table
from workbench.text import mark

#: How alike a header must be to a known one for its values to settle it.
_ALIKE = 0.82

#: What exports of Zoho put before ids that its interface gives without.
_ZOHO_PREFIX = "zcrm_"

#: How a header begins that the sheet leaves empty.
UNNAMED = "column "

_REGION_ENDINGS = ("大区", "战区", "片区", "省区", "区域", "Region", "region")


@dataclass
class Taken:
    """Fields of a sheet, and the questions that two headers for one column leave."""

    fields: list[FieldMapping]
    questions: list[Question] = field(default_factory=list)


@dataclass
class _Claim:
    """What one header claims to be."""

    place: int
    header: str
    target: str | None
    how: How
    verified: bool
    rank: int
    values: Sequence[str]
    own: bool = True  # known to the sheet's own system
    read: dict[str, str] = field(default_factory=dict)


def take(
    sheet: Sheet,
    chosen: Candidate,
    samples: Sequence[Sequence[str]],
    *,
    given: SheetMapping | None = None,
) -> Taken:
    """Find the target of each header.

    Parameters
    ----------
    sheet : Sheet
    chosen : Candidate
        System, object and table.
    samples : sequence of sequences of str
        Values of each column (`recognise.sample`).
    given : SheetMapping, optional
        Of a mapping file: its headers are taken as they stand there.
    """
    declared = TABLES[chosen.table]
    known = {f.header: f for f in given.fields} if given else {}
    claims = [
        _given(place, known[header], samples[place])
        if header in known
        else _claim(place, header, chosen, declared, samples[place])
        for place, header in enumerate(sheet.headers)
    ]
    free = [claim for claim in claims if claim.header not in known]
    settled = {claim.target for claim in claims if claim.header in known}
    for claim in free:
        _name_or_id(claim, declared, chosen.system)
        _by_values(claim, declared)
    _stage_in_status(free, claims, declared)
    _region_in_department(free, claims, declared)
    questions = _one_each(free, settled, declared)
    _closing_dates(free, claims)
    for claim in free:
        claim.read.update(_options(claim, declared, sheet.notes))
    questions += _other_basis(free, claims, declared)
    fields = [
        FieldMapping(
            c.header,
            c.place,
            c.target,
            c.how,
            c.verified and c.target is not None,
            c.read if c.target else {},
        )
        if c.header not in known
        else replace(known[c.header], place=c.place)
        for c in claims
    ]
    return Taken(fields, questions)


def target_kind(target: str | None, declared: Table) -> str:
    """Declared kind of a target, helpers among them; "" for none."""
    if not target:
        return ""
    if target.startswith("@"):
        return HELPER_KINDS.get(target, "text")
    owner, dot, name = target.partition(".")
    return (TABLES[owner].column(name) if dot else declared.column(target)).kind


# -- one header ----------------------------------------------------------------------------------


def _given(place: int, known: FieldMapping, values: Sequence[str]) -> _Claim:
    return _Claim(
        place, known.header, known.target, known.how, known.verified, 0, values, True, known.read
    )


def _claim(
    place: int, header: str, chosen: Candidate, declared: Table, values: Sequence[str]
) -> _Claim:
    fact = chosen.hits.get(place)
    if fact is None and not chosen.hits:  # of a mapping file, or a table that was named
        fact = systems.lookup(header, chosen.system, chosen.object, declared.name)
    if fact is not None:
        how: How = "headers" if chosen.system in GENERIC else "system"
        return _Claim(place, header, fact.target, how, fact.verified, fact.rank, values)
    fact = systems.elsewhere(header, declared.name)
    if fact is not None and chosen.system != OWN:
        return _Claim(place, header, fact.target, "headers", False, fact.rank, values, own=False)
    if fact is not None:
        return _Claim(place, header, fact.target, "headers", False, fact.rank + 1, values, False)
    return _Claim(place, header, None, "", False, 9, values, own=False)


def _name_or_id(claim: _Claim, declared: Table, system: str) -> None:
    """Values decide whether a reference holds names or ids."""
    both = counterpart(declared, claim.target) if claim.target else None
    if both is None or (system == OWN and claim.header == claim.target):
        return
    name, id_ = both
    if claim.target == name and evidence.holds_ids(claim.values, claim.header):
        claim.target, claim.how, claim.verified = id_, "values", False
    elif claim.target == id_ and evidence.holds_names(claim.values):
        claim.target, claim.how, claim.verified = name, "values", False


def _by_values(claim: _Claim, declared: Table) -> None:
    """Settle a header that is empty or nearly a known one, if its values bear it out."""
    if claim.target is not None or claim.how or not claim.values:
        return
    target = _nameless(claim, declared) or _nearly(claim, declared)
    if target:
        claim.target, claim.how, claim.rank = target, "values", 8


def _nameless(claim: _Claim, declared: Table) -> str | None:
    if not claim.header.startswith(UNNAMED):
        return None
    for target in ("credit_code", "phone", "stage"):
        if target in declared.column_names and evidence.looks_like(target, claim.values):
            return target
    return None


def _nearly(claim: _Claim, declared: Table) -> str | None:
    """Target of the known header that this one is nearly; its values must be of that kind."""
    known = {**_free_form(declared.name), **agreed(declared.name)}
    near = difflib.get_close_matches(plain(claim.header), known, n=1, cutoff=_ALIKE)
    target = known[near[0]].target if near else None
    kind = target_kind(target, declared) if target else ""
    special = target if target in ("stage", "phone", "credit_code") else kind
    fits = special in ("text", "choice") or evidence.looks_like(special, claim.values)
    return target if target and special and fits else None


def _free_form(table: str) -> dict[str, Fact]:
    from workbench.loaders.headers import groups

    found: dict[str, Fact] = {}
    for system in GENERIC:
        found |= groups().get((system, "sheet", table), {})
    return found


# -- all headers together ------------------------------------------------------------------------


def _one_each(free: list[_Claim], settled: set[str | None], declared: Table) -> list[Question]:
    """Leave each target to one header; amounts that stand equal are asked about."""
    by_target: dict[str, list[_Claim]] = defaultdict(list)
    for claim in free:
        if claim.target:
            by_target[claim.target].append(claim)
    questions = []
    for target, claims in by_target.items():
        ordered = sorted(claims, key=_order)
        first = ordered[0]
        equal = [c for c in ordered if _order(c)[:-1] == _order(first)[:-1]]
        for claim in ordered[1:]:
            claim.target = None
        if target in settled:
            first.target = None
        elif len(equal) > 1 and target_kind(target, declared) in MONEY_KINDS:
            first.target = None
            questions.append(_which(target, equal))
    return questions


def _order(claim: _Claim) -> tuple[bool, int, bool, bool, int]:
    """Filled before empty, the system's own before others, seen before inferred.

    In free-form sheets "seen" says that a header is in use, not that it is the better one.
    """
    inferred = claim.how != "headers" and not claim.verified
    return (not claim.values, claim.rank, not claim.own, inferred, claim.place)


def _which(target: str, claims: Sequence[_Claim]) -> Question:
    shown = "; ".join(f"{c.header}: {', '.join(c.values[:2])}" for c in claims[:4])
    return Question(
        "column",
        target,
        tuple(c.header for c in claims),
        mark("several columns could be it: {examples}"),
        {"examples": shown},
    )


def _closing_dates(free: list[_Claim], claims: Sequence[_Claim]) -> None:
    """A closing date beside an expected one is the day of the closing, and the reverse."""
    targets = {claim.target for claim in claims}
    for claim in free:
        if claim.target == "@closing_date" and "expected_close_date" in targets:
            claim.target = None if "close_date" in targets else "close_date"
        elif claim.target == "@closing_date" and "close_date" in targets:
            claim.target = "expected_close_date"


def _stage_in_status(free: list[_Claim], claims: Sequence[_Claim], declared: Table) -> None:
    """A "status" of deals that holds names of stages is the stage."""
    from workbench.loaders.choices import code_of

    if declared.name != "opportunity" or any(c.target == "stage" for c in claims):
        return
    for claim in free:
        if claim.target == "status" and claim.values:
            column = declared.column("status")
            words = set(claim.values)
            coded = sum(code_of(word, column) is not None for word in words)
            if coded < len(words) and evidence.looks_like("stage", sorted(words)):
                claim.target, claim.how = "stage", "values"


def _region_in_department(free: list[_Claim], claims: Sequence[_Claim], declared: Table) -> None:
    """A department is the sales region where all its names say so (华东大区)."""
    if "region" not in declared.column_names or any(c.target == "region" for c in claims):
        return
    for claim in free:
        department = "部门" in claim.header or "department" in claim.header.casefold()
        named = [v for v in claim.values if v.endswith(_REGION_ENDINGS)]
        if claim.target is None and department and named and len(named) == len(claim.values):
            claim.target, claim.how, claim.verified = "region", "values", False
            return


def _options(claim: _Claim, declared: Table, notes: Mapping[str, str]) -> dict[str, str]:
    """What the header, or the title of the sheet, says about reading its values."""
    read: dict[str, str] = {}
    kind = target_kind(claim.target, declared)
    if kind == "id" and claim.values and all(v.startswith(_ZOHO_PREFIX) for v in claim.values):
        read["prefix"] = _ZOHO_PREFIX
    if kind in MONEY_KINDS:
        from workbench.loaders.values import tax_basis_of, unit_of

        basis = tax_basis_of(claim.header) or tax_basis_of(notes.get("titles", ""))
        if basis and claim.target != "@amount_net":  # that one says so by itself
            read["tax_basis"] = basis
        if notes.get("unit") and unit_of(claim.header) == (1, ""):
            read["unit"] = notes["unit"]
    return read


def _other_basis(free: list[_Claim], claims: Sequence[_Claim], declared: Table) -> list[Question]:
    """Amounts of a row share one tax basis: a column that states another is not taken unasked."""
    if "tax_basis" not in declared.column_names:
        return []
    stated = [c for c in claims if c.target and c.read.get("tax_basis")]
    stated.sort(key=lambda c: (c.target != "amount", c.place))
    questions = []
    for claim in stated[1:]:
        if claim in free and claim.read["tax_basis"] != stated[0].read["tax_basis"]:
            questions.append(
                Question(
                    "column",
                    str(claim.target),
                    (claim.header,),
                    mark("its tax basis is not that of {header}"),
                    {"header": stated[0].header},
                )
            )
            claim.target = None
    return questions
