"""What a sheet is and what its headers mean.

In this order: a mapping file, the system it comes from, the table most of its headers belong to,
evidence in the values. What is left open becomes a question; nothing is guessed silently.

    headers.py  what is known of headers       systems.py   which system, which table
    columns.py  one target for each header     evidence.py  what values look like
    questions.py  what is left open            stages.py  open, won or lost
    mapping_files.py  the answers kept as YAML
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.loaders import columns, questions, systems
from workbench.loaders.headers import GENERIC, has_chinese
from workbench.loaders.mapping import FieldMapping, How, Question, SheetMapping
from workbench.loaders.raw import DATA, Sheet
from workbench.tables import table as declared_table
from workbench.text import mark

if TYPE_CHECKING:
    from workbench.loaders.mapping_files import MappingEntry
    from workbench.loaders.systems import Candidate

#: Tables offered where a sheet says nothing about itself, the usual ones.
USUAL_TABLES = ("opportunity", "account", "order_line", "contract", "receipt", "product", "rep")


def recognise(
    sheet: Sheet,
    *,
    table: str | None = None,
    mappings: Sequence[MappingEntry] = (),
    sample_rows: int = 500,
    settings_stages: Mapping[str, str] | None = None,
) -> SheetMapping:
    """Say what a sheet is and what its headers mean.

    Parameters
    ----------
    sheet : Sheet
        Header found, rows as text.
    table : str or None
        Declared table, if it is known beforehand.
    mappings : sequence of MappingEntry
        Entries of mapping files (`mapping_files.read_mapping`); the first that fits is used.
    sample_rows : int
        Rows whose values are looked at.
    settings_stages : mapping of str to str, optional
        The company's own stages: open, won, lost or void.

    Returns
    -------
    SheetMapping
        One field for each header, in order; `table` is None where it could not be told, with a
        question that offers the likeliest.

    Raises
    ------
    InputError
        If `table` is not declared.
    """
    if table is not None:
        declared_table(table)
    entry = _entry_for(sheet, table, mappings)
    chosen, question = (_of_entry(entry), None) if entry else _choose(sheet, table)
    if chosen is None:
        fields = tuple(FieldMapping(h, place, None) for place, h in enumerate(sheet.headers))
        system = _language(sheet.headers) if not sheet.system else sheet.system
        return SheetMapping(None, system, "", fields, questions=(question,) if question else ())
    samples = sample(sheet, sample_rows)
    taken = columns.take(sheet, chosen, samples, given=entry.mapping if entry else None)
    mapping = SheetMapping(
        chosen.table,
        chosen.system,
        "mapping" if entry else _how(chosen),
        tuple(taken.fields),
        set={**systems.OBJECT_CONSTANTS.get((chosen.system, chosen.object), {})},
        questions=tuple(taken.questions),
    )
    if entry:
        mapping = replace(mapping, set=dict(entry.mapping.set), stages=dict(entry.mapping.stages))
    asked = questions.open_questions(sheet, mapping, samples, settings_stages or {})
    return replace(mapping, questions=(*mapping.questions, *asked))


def sample(sheet: Sheet, rows: int) -> list[list[str]]:
    """Values of each column in the first data rows, without empty ones."""
    import numpy as np

    found: list[list[str]] = [[] for _ in sheet.headers]
    left = rows
    for block in sheet.blocks():
        at = np.flatnonzero(block.kinds == DATA)[:left]
        for place, cells in enumerate(block.cells):
            found[place] += [v for v in cells.take(at).to_pylist() if v]
        left -= len(at)
        if left <= 0:
            break
    return found


# -- helpers -------------------------------------------------------------------------------------


def _entry_for(
    sheet: Sheet, table: str | None, mappings: Sequence[MappingEntry]
) -> MappingEntry | None:
    if not mappings:
        return None
    from workbench.loaders.mapping_files import entry_for

    return entry_for(sheet, mappings, table=table)


def _of_entry(entry: MappingEntry) -> Candidate:
    table = str(entry.mapping.table)
    found = systems.candidates(entry.headers, system=entry.mapping.system, table=table)
    thing = found[0].object if found else "sheet"
    return systems.Candidate(entry.mapping.system, thing, table)


def _choose(sheet: Sheet, table: str | None) -> tuple[Candidate | None, Question | None]:
    """The object a sheet is likeliest to be, or the question which table it is."""
    name = _name_of(sheet)
    if not sheet.system:
        own = systems.own_template(sheet.headers, table=table, name=name)
        if own is not None:
            return own, None
    found = systems.candidates(
        sheet.headers, system=sheet.system, object=sheet.object, table=table, name=name
    )
    if table is not None:
        free = systems.Candidate(_language(sheet.headers), "sheet", table)
        return (found[0] if found else free), None
    return _settled(sheet, found, name)


def _settled(
    sheet: Sheet, found: list[Candidate], name: str
) -> tuple[Candidate | None, Question | None]:
    best = found[0] if found else None
    named = systems.named_table(name)
    if best is not None and not _speaks(best, sheet.headers) and not sheet.object:
        best = next((c for c in found if c.table == named and c.used >= 2), None)
        if best is not None:
            return best, None
    if best is None:
        offered = tuple(dict.fromkeys(c.table for c in found)) or USUAL_TABLES
        return None, _table_question(sheet, offered)
    near = systems.near_tables(found)
    if len(near) > 1 and named in near:
        return next(c for c in found if c.table == named), None
    if len(near) > 1 and not sheet.object:
        return None, _table_question(sheet, tuple(near))
    return best, None


def _speaks(best: Candidate, headers: Sequence[str]) -> bool:
    """Whether enough headers point to the table, one of them at least to few others."""
    if best.used < 2:
        return False
    named = sum(not header.startswith(columns.UNNAMED) for header in headers)
    enough = best.telling >= 2 or best.used >= 3 or len(best.hits) == named
    return best.distinct > 0 or (best.telling > 0 and enough)


def _table_question(sheet: Sheet, options: tuple[str, ...]) -> Question:
    shown = ", ".join(sheet.headers[:8]) + (" ..." if len(sheet.headers) > 8 else "")
    return Question(
        "table", str(sheet.source), options, mark("its headers: {headers}"), {"headers": shown}
    )


def _how(chosen: Candidate) -> How:
    return "headers" if chosen.system in GENERIC else "system"


def _language(headers: Sequence[str]) -> str:
    return "generic_zh" if any(map(has_chinese, headers)) else "generic_en"


def _name_of(sheet: Sheet) -> str:
    """Names of file and sheet, without folders and endings."""
    stem = re.sub(r"(\.\w{2,7})+$", "", sheet.source.file.rsplit("/", 1)[-1])
    return f"{stem} {sheet.source.sheet}".strip()
