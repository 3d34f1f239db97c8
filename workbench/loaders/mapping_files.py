"""Mapping files: what was recognised, kept as YAML that people read, correct and use again.

An entry belongs to a sheet whose headers are exactly its own, else to one whose file bears its
name (digits aside) and that shares half of its headers. What an entry says goes before all
recognition; headers it does not name, or beside which `ask` stands, are recognised as usual.
Questions are not kept: those that are still open are found again.
"""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import InputError
from workbench.loaders.mapping import HELPERS, FieldMapping, SheetMapping
from workbench.loaders.raw import Sheet
from workbench.tables import TABLES

#: What stands beside a header that is not used, and one about which a question is open.
IGNORE, ASK = "ignore", "ask"

#: Every scalar stays text: a header 2024 or `no` is a name; the C parser where it is there.
_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_HEAD = """\
# What the sheets of an import are and what their headers mean.
#
# Correct what is wrong and import again with --mapping FILE. Each entry of `sheets` belongs to the
# sheets that have exactly its headers, else to files of its name.
#
#   columns  header: target. A target is a column of the table (amount), a column of a table it
#            refers to (account.name), a helper (@modified_at) or `ignore`; `ask` leaves it open.
#   read     how values are read: unit (万元), order of dates (ymd, dmy, mdy), scale of percentages
#            (share, percent), discount (paid, off, money), tax_basis (incl, excl),
#            prefix of ids that is left out (zcrm_).
#   set      values for columns that the sheet does not have (tax_basis: incl, currency: CNY).
#   stages   what your own stages are: open, won, lost or void.
#   verified headers seen in the documents of the system they come from; the others are inferred.
"""


@dataclass(frozen=True, slots=True)
class MappingEntry:
    """What a mapping file says of one kind of sheet.

    Attributes
    ----------
    headers : tuple of str
        Those that the entry names, in order.
    file, sheet : str
        Pattern of the file's name ("deals-*.csv"; "" for any), name of the sheet.
    mapping : SheetMapping
    """

    headers: tuple[str, ...]
    file: str
    sheet: str
    mapping: SheetMapping


def write_mapping(
    path: str | Path, entries: Iterable[tuple[Sheet, SheetMapping] | MappingEntry]
) -> Path:
    """Write what was recognised as YAML with explanations.

    Parameters
    ----------
    path : str or Path
        File to write; its folder must be there.
    entries : iterable of (Sheet, SheetMapping) or MappingEntry
        Sheets whose table is not known are left out. Of entries with the same headers, table and
        answers one is kept.

    Returns
    -------
    Path
    """
    blocks = list(dict.fromkeys(_dumped(entry) for entry in _entries(entries)))
    body = "sheets:\n" + "\n".join(blocks) if blocks else "sheets: []\n"
    target = Path(path)
    target.write_text(f"{_HEAD}version: 1\n{body}", encoding="utf-8")
    return target


def read_mapping(path: str | Path) -> list[MappingEntry]:
    """Read a mapping file.

    Raises
    ------
    InputError
        If it is no YAML, has keys or values that are not known (the nearest are named), or names
        a table or target that is not declared; says in which line.
    """
    source = Path(path)
    text = source.read_text(encoding="utf-8-sig")
    try:
        root = yaml.compose(text, Loader=_LOADER)
        raw = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InputError(
            "the mapping file is not valid YAML",
            where=f"{source}{line}",
            do="mend the line; names with a colon or a leading * stand in quotes",
        ) from error
    try:
        known = _File.model_validate(raw or {})
    except ValidationError as error:
        raise _explained(error, source, root) from error
    return [_entry(sheet, source, root, place) for place, sheet in enumerate(known.sheets)]


def entry_for(
    sheet: Sheet, entries: Sequence[MappingEntry], *, table: str | None = None
) -> MappingEntry | None:
    """The entry that belongs to a sheet: same headers, else a name that fits; None for none.

    Parameters
    ----------
    sheet : Sheet
    entries : sequence of MappingEntry
    table : str or None
        If given, entries of other tables are passed over.
    """
    usable = [e for e in entries if table in (None, e.mapping.table)]
    headers = frozenset(sheet.headers)
    for entry in usable:
        if frozenset(entry.headers) == headers:
            return entry
    file = sheet.source.file.rsplit("/", 1)[-1]
    for entry in usable:
        named = entry.file and fnmatch.fnmatchcase(file, entry.file)
        same_sheet = entry.sheet in ("", sheet.source.sheet)
        shared = len(headers & set(entry.headers))
        if named and same_sheet and 2 * shared >= len(entry.headers):
            return entry
    return None


def remembered(mapping: SheetMapping) -> SheetMapping:
    """A mapping as it comes back from a file: decided by the file, without questions.

    Headers that a question offers for a column are left out: they are asked about again.
    """
    left = {h for q in mapping.questions if q.code == "column" for h in q.options}
    fields = tuple(
        replace(f, how="mapping", verified=f.verified and f.target is not None)
        for f in mapping.fields
        if f.target is not None or f.header not in left
    )
    return replace(mapping, how="mapping", fields=fields, questions=())


# -- shape of the file ---------------------------------------------------------------------------


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Read(_Strict):
    unit: str | None = None
    order: Literal["ymd", "dmy", "mdy"] | None = None
    scale: Literal["share", "percent", "mixed"] | None = None
    discount: Literal["paid", "off", "money"] | None = None
    tax_basis: Literal["incl", "excl"] | None = None
    prefix: str | None = None


class _Column(_Strict):
    target: str = IGNORE
    read: _Read = _Read()


class _SheetEntry(_Strict):
    table: str
    system: str = ""
    file: str = ""
    sheet: str = ""
    columns: dict[str, str | _Column | None] = Field(default_factory=dict)
    verified: list[str] = Field(default_factory=list)
    set: dict[str, str] = Field(default_factory=dict)
    stages: dict[str, Literal["open", "won", "lost", "void"]] = Field(default_factory=dict)


class _File(_Strict):
    version: Literal["1"] = "1"
    sheets: list[_SheetEntry] = Field(default_factory=list)


# -- reading -------------------------------------------------------------------------------------


def _entry(known: _SheetEntry, source: Path, root: Any, place: int) -> MappingEntry:
    at = ("sheets", place)
    if known.table not in TABLES:
        raise _unknown("table", known.table, TABLES, source, _line(root, (*at, "table")))
    fields = []
    for number, (header, said) in enumerate(known.columns.items()):
        column = said if isinstance(said, _Column) else _Column(target=said or IGNORE)
        if column.target == ASK:
            continue
        line = _line(root, (*at, "columns", header))
        target = _target(column.target, known.table, source, line)
        read = {k: str(v) for k, v in column.read.model_dump(exclude_none=True).items()}
        verified = header in known.verified and target is not None
        fields.append(FieldMapping(header, number, target, "mapping", verified, read))
    for name in known.set:
        if name not in TABLES[known.table].column_names:
            names = TABLES[known.table].column_names
            raise _unknown("column", name, names, source, _line(root, (*at, "set", name)))
    mapping = SheetMapping(
        known.table, known.system, "mapping", tuple(fields), dict(known.set), dict(known.stages)
    )
    return MappingEntry(tuple(known.columns), known.file, known.sheet, mapping)


def _target(text: str, table: str, source: Path, line: str) -> str | None:
    if text == IGNORE:
        return None
    owner, dot, name = text.partition(".")
    if text.startswith("@"):
        if text not in HELPERS:
            raise _unknown("helper", text, HELPERS, source, line)
    elif dot:
        if owner not in TABLES:
            raise _unknown("table", owner, TABLES, source, line)
        if name not in TABLES[owner].column_names:
            raise _unknown("column", name, TABLES[owner].column_names, source, line)
    elif text not in TABLES[table].column_names:
        raise _unknown("column", text, TABLES[table].column_names, source, line)
    return text


def _unknown(what: str, name: str, known: Iterable[str], source: Path, line: str) -> InputError:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3)
    return InputError(
        f"there is no {what} {name!r}",
        where=f"{source}{line}",
        do=f"did you mean {' or '.join(near)}?" if near else f"use one of {', '.join(names)}",
    )


def _explained(error: ValidationError, source: Path, root: Any) -> InputError:
    first = max(error.errors(), key=lambda found: len(found["loc"]))  # the innermost says most
    location = [part for part in first["loc"] if part not in ("_Column", "str")]
    keys = {n for model in (_File, _SheetEntry, _Column, _Read) for n in model.model_fields}
    message = f"{'.'.join(map(str, location))}: {first['msg'].lower()}"
    near = difflib.get_close_matches(str(location[-1]) if location else "", keys, n=1)
    forbidden = first["type"] == "extra_forbidden"
    do = f"did you mean {near[0]}?" if forbidden and near else "see the head of a written file"
    return InputError(message, where=f"{source}{_line(root, location)}", do=do)


def _line(root: Any, location: Sequence[Any]) -> str:
    """Line of a place in the file, as ", line 12"; "" where it cannot be told."""
    node, line = root, None
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pairs = [(k, v) for k, v in node.value if k.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return f", line {line}" if line else ""


# -- writing -------------------------------------------------------------------------------------


def _entries(
    entries: Iterable[tuple[Sheet, SheetMapping] | MappingEntry],
) -> Iterator[MappingEntry]:
    for entry in entries:
        if isinstance(entry, MappingEntry):
            yield entry
        elif entry[1].table is not None:
            sheet, mapping = entry
            headers = tuple(field.header for field in mapping.fields)
            known = remembered(mapping)
            yield MappingEntry(headers, _pattern(sheet), sheet.source.sheet, known)


def _pattern(sheet: Sheet) -> str:
    """Name of the file with its digits open, so that next month's export fits as well."""
    name = sheet.source.file.rsplit("/", 1)[-1]
    safe = re.sub(r"([*?\[])", r"[\1]", name)
    return re.sub(r"\d+", "*", safe)


def _dumped(entry: MappingEntry) -> str:
    mapping = entry.mapping
    said: dict[str, Any] = {"table": mapping.table}
    if mapping.system:
        said["system"] = mapping.system
    if entry.file:
        said["file"] = entry.file
    if entry.sheet:
        said["sheet"] = entry.sheet
    known = {field.header: _column(field) for field in mapping.fields}
    said["columns"] = {header: known.get(header, ASK) for header in entry.headers}
    verified = [f.header for f in mapping.fields if f.verified and f.target]
    for key, value in (("verified", verified), ("set", mapping.set), ("stages", mapping.stages)):
        if value:
            said[key] = value if isinstance(value, list) else dict(value)
    dumped = "".join(_yaml({key: value}) for key, value in said.items())
    first, *others = dumped.splitlines()
    return "\n".join([f"  - {first}", *(f"    {line}" for line in others)]) + "\n"


def _yaml(said: dict[str, Any]) -> str:
    """One key and what it holds; lists in one line, everything else a line each."""
    (value,) = said.values()
    flow = None if isinstance(value, list) else False
    return yaml.safe_dump(
        said, allow_unicode=True, sort_keys=False, width=10**6, default_flow_style=flow
    )


def _column(field: FieldMapping) -> str | dict[str, Any]:
    target = field.target or IGNORE
    return {"target": target, "read": dict(field.read)} if field.read else target
