"""What recognition leaves open in a sheet whose table is known.

A column without which its rows say nothing, the tax basis of amounts, stages that nothing says to
be open, won or lost. Two headers for one column: `columns.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.loaders import evidence
from workbench.loaders.columns import target_kind
from workbench.loaders.mapping import Question, SheetMapping
from workbench.loaders.raw import Sheet
from workbench.loaders.stages import STATUSES, stage_status
from workbench.tables import TABLES
from workbench.tables.declare import MONEY_KINDS, Table
from workbench.text import mark

#: Stages asked about at most; more means that the column holds something else.
_STAGES_ASKED = 20


def open_questions(
    sheet: Sheet,
    mapping: SheetMapping,
    samples: Sequence[Sequence[str]],
    settings_stages: Mapping[str, str],
) -> list[Question]:
    """Questions about a sheet.

    Parameters
    ----------
    sheet : Sheet
    mapping : SheetMapping
        Its table and targets.
    samples : sequence of sequences of str
        Values of each column (`recognise.sample`).
    settings_stages : mapping of str to str
        The company's own stages.
    """
    declared = TABLES[str(mapping.table)]
    return [
        *_missing(mapping, declared, samples),
        *_tax_basis(mapping, declared),
        *_stages(sheet, mapping, settings_stages),
    ]


def _missing(
    mapping: SheetMapping, declared: Table, samples: Sequence[Sequence[str]]
) -> list[Question]:
    from workbench.loaders.compose import ESSENTIAL

    have = {f.target for f in mapping.fields if f.target} | set(mapping.set)
    if have & {"@unit_price", "net_price", "@amount_net"}:
        have.add("amount")
    asked = {q.subject for q in mapping.questions if q.code == "column"}
    questions = []
    for group in ESSENTIAL.get(declared.name, ()):
        if not have & set(group) and not asked & set(group):
            kind = target_kind(group[0], declared)
            options = _likely(mapping, samples, kind)
            questions.append(Question("column", group[0], options, mark("no header names it")))
    return questions


def _likely(mapping: SheetMapping, samples: Sequence[Sequence[str]], kind: str) -> tuple[str, ...]:
    """Unused headers whose values are of a kind."""
    unused = [f for f in mapping.fields if f.target is None and samples[f.place]]
    fitting = [
        f.header
        for f in unused
        if kind in ("text", "choice") or evidence.looks_like(kind, samples[f.place])
    ]
    return tuple(fitting)


def _tax_basis(mapping: SheetMapping, declared: Table) -> list[Question]:
    """Ask for the basis of amounts that neither a column, the header nor a constant states."""
    if "tax_basis" not in declared.column_names or "tax_basis" in mapping.set:
        return []
    if mapping.place_of("tax_basis") is not None:
        return []
    amounts = [
        f
        for f in mapping.fields
        if f.target
        and "." not in f.target
        and f.target != "@amount_net"
        and target_kind(f.target, declared) in MONEY_KINDS
    ]
    stated = any(f.read.get("tax_basis") for f in amounts)
    if not amounts or stated:
        return []
    asked = next((f for f in amounts if f.target == "amount"), amounts[0])
    return [Question("tax_basis", asked.header, ("incl", "excl"))]


def _stages(
    sheet: Sheet, mapping: SheetMapping, settings_stages: Mapping[str, str]
) -> list[Question]:
    """Ask about stages that nothing says to be open, won or lost."""
    place = mapping.place_of("stage")
    told = {f.target for f in mapping.fields} & {"status", "@won"}
    if mapping.table not in ("opportunity", "opportunity_snapshot") or place is None or told:
        return []
    own = {**settings_stages, **mapping.stages}
    counted = {
        row["values"]: row["counts"] for row in sheet.column(place).value_counts().to_pylist()
    }
    names = [name for name in counted if name]
    unknown = [s.stage for s in stage_status(names, mapping.system, own) if not s.known]
    of = str(sum(counted.values()))
    return [
        Question(
            "stage",
            name,
            STATUSES,
            mark("{count} of {of} rows"),
            {"count": str(counted.get(name, "")), "of": of},
        )
        for name in unknown[:_STAGES_ASKED]
    ]
