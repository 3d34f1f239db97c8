"""Does every sentence have its Chinese? Run `python -m workbench.text.catalogue` to see.

Sentences are found in the source, not run: the literals of `lang.say("...")`,
`lang.say_n("...", "...")`, `mark("...")` and `later("...")` in Python files and in code cells of
notebooks.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import string
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import InputError
from workbench.text import checks, glossary, messages

PACKAGE = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Use:
    """A sentence where it is said: message, plural, context and place ("charts/trend.py:12")."""

    msgid: str
    plural: str | None
    context: str | None
    place: str


def uses(*roots: Path) -> list[Use]:
    """Find all sentences said under folders; default is the package itself.

    Raises
    ------
    InputError
        If a sentence is put together before it is said (f-string, +, %, .format), because then
        nobody can translate it.
    """
    found: list[Use] = []
    for root in roots or (PACKAGE,):
        for path in sorted([*root.rglob("*.py"), *root.rglob("*.ipynb")]):
            place = path.relative_to(root.parent).as_posix()
            for code in _sources(path):
                found += _uses_in(ast.parse(code), place)
    return found


def faults(found: Iterable[Use], entries: Iterable[tuple[str, messages.Entry]]) -> list[str]:
    """List what is wrong between sentences said and catalogue entries.

    Parameters
    ----------
    found : iterable of Use
    entries : iterable of (catalogue file name, Entry)

    Returns
    -------
    list of str
        Missing, unused, unsure (fuzzy) and double entries, fields that differ, and faults of
        typography and terms, each with its place.
    """
    said = {(use.context, use.msgid): use for use in reversed(list(found))}
    known: dict[tuple[str | None, str], list[tuple[str, messages.Entry]]] = defaultdict(list)
    for name, entry in entries:
        known[entry.context, entry.msgid].append((name, entry))
    report = [
        f"{use.place}: no Chinese for {use.msgid!r}"
        for key, use in said.items()
        if not any(entry.msgstr for _, entry in known.get(key, []))
    ]
    for key, group in known.items():
        report += _group_faults(group)
        report += [f for name, entry in group for f in _entry_faults(name, entry, said.get(key))]
    return report


def catalogue_entries(folder: Path = messages.FOLDER) -> list[tuple[str, messages.Entry]]:
    """Read the entries of all catalogues of a folder, with the name of their file."""
    paths = sorted(folder.glob("*.po"))
    return [(path.name, entry) for path in paths for entry in messages.read(path)]


def fields(sentence: str) -> set[str]:
    """Return the names of the {fields} of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def main() -> int:
    """Print all faults; return 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m workbench.text.catalogue", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="folders besides the package")
    parser.add_argument(
        "--stubs", action="store_true", help="print entries to fill in for sentences without one"
    )
    arguments = parser.parse_args()
    found = uses(PACKAGE, *arguments.folders)
    if arguments.stubs:
        print(_stubs(found))
        return 0
    report = faults(found, catalogue_entries())
    print("\n".join(report) or f"{len(found)} sentences, all with their Chinese")
    return int(bool(report))


def _group_faults(group: list[tuple[str, messages.Entry]]) -> Iterator[str]:
    names = [name for name, _ in group]
    translations = {entry.msgstr for _, entry in group}
    if len(translations) > 1:
        yield f"{', '.join(names)}: {group[0][1].msgid!r} has {len(translations)} translations"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name}: {group[0][1].msgid!r} stands there {names.count(name)} times"


def _entry_faults(name: str, entry: messages.Entry, use: Use | None) -> Iterator[str]:
    place = f"{name}:{entry.line}"
    if use is None:
        yield f"{place}: nobody says {entry.msgid!r}"
    if entry.fuzzy:
        yield f"{place}: marked fuzzy"
    wanted = fields(entry.msgid) | fields((use.plural if use else entry.plural) or "")
    if entry.msgstr and fields(entry.msgstr) != wanted:
        yield f"{place}: fields {sorted(fields(entry.msgstr))} instead of {sorted(wanted)}"
    for fault in _typography(entry):
        yield f"{place}: {fault}"
    for term in dict.fromkeys(
        [*glossary.avoided_terms(entry.msgid, entry.msgstr), *glossary.wrong_terms(entry.msgstr)]
    ):
        yield f"{place}: {term}"


def _typography(entry: messages.Entry) -> list[str]:
    """Faults of both languages; a field counts as a Chinese word and as a number."""
    worded = re.sub(r"\{\w*\}", "数", entry.msgstr)
    chinese = [
        fault
        for text in (entry.msgstr, worded)
        for fault in checks.half_width_faults(text, code="zh")
    ]
    once = {fault.partition(":")[0]: fault for fault in reversed(chinese)}
    return [*once.values(), *checks.half_width_faults(entry.msgid, code="en")]


def _sources(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield text
        return
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "code":
            lines = "".join(cell["source"]).splitlines()
            yield "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def _uses_in(tree: ast.AST, place: str) -> Iterator[Use]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name in ("say", "say_n", "mark", "later") and node.args:
                yield from _use(node, name, f"{place}:{node.lineno}")


def _use(node: ast.Call, name: str, place: str) -> Iterator[Use]:
    msgid = _literal(node.args[0])
    if msgid is None:
        _refuse_composed(node.args[0], place)
        return
    plural = _literal(node.args[1]) if name == "say_n" and len(node.args) > 1 else None
    context = next((_literal(k.value) for k in node.keywords if k.arg == "context"), None)
    yield Use(msgid=msgid, plural=plural, context=context, place=place)


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _refuse_composed(argument: ast.expr, place: str) -> None:
    composed = isinstance(argument, (ast.JoinedStr, ast.BinOp)) or (
        isinstance(argument, ast.Call) and getattr(argument.func, "attr", "") == "format"
    )
    if composed:
        raise InputError(
            "a sentence is put together before it is said",
            where=place,
            do="say one literal with {fields}; mark() those that stand in a table",
        )


def _stubs(found: Iterable[Use]) -> str:
    known = {(entry.context, entry.msgid) for _, entry in catalogue_entries()}
    blocks = []
    for use in {(use.context, use.msgid): use for use in found}.values():
        if (use.context, use.msgid) not in known:
            lines = [f"#: {use.place}"]
            lines += [f"msgctxt {_quoted(use.context)}"] if use.context else []
            lines += [f"msgid {_quoted(use.msgid)}"]
            lines += [f"msgid_plural {_quoted(use.plural)}"] if use.plural else []
            lines += ['msgstr[0] ""' if use.plural else 'msgstr ""']
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
