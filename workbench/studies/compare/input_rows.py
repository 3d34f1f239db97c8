"""The rows and sentences that tell what went into two runs and differs; part of `view.py`."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.studies.compare.comparison import Pair
from workbench.studies.compare.inputs import TableChange
from workbench.tables import TABLES
from workbench.text import Language

#: Files of code that are named one by one.
FILES = 12


def data_row(each: TableChange, pair: Pair, lang: Language) -> list[str]:
    """Counts of a table of the data, and what there is to remark."""
    say, title = lang.say, TABLES[each.name].title(lang)
    said = []
    if each.state == "only_before":
        said.append(say("only run {run} has read it", run=pair.a))
    elif each.state == "only_after":
        said.append(say("only run {run} has read it", run=pair.b))
    if each.rows is not None:
        rows = each.rows
        counts = (rows.added, rows.removed, rows.changed, rows.same)
        if not rows.any and each.state == "changed":
            said.append(say("the files differ, no row does"))
        return [title, *(lang.number(n) for n in counts), lang.semicolon.join(said)]
    if each.state == "unknown":
        said.append(say("a run does not say which state it has read"))
    elif each.state == "changed":
        said.append(say("changed; there is no print to tell the rows"))
    if each.rows_before is not None and each.rows_after is not None:
        before, after = lang.number(each.rows_before), lang.number(each.rows_after)
        said.append(say("rows {before} → {after}", before=before, after=after))
    return [title, "?", "?", "?", "?", lang.semicolon.join(said)]


def data_words(pair: Pair, lang: Language) -> Iterable[str]:
    """What differs in the data beside the tables read, in sentences."""
    data = pair.data
    if data.company is not None:
        before, after = data.company
        yield lang.say("The companies are two: {before}, {after}.", before=before, after=after)
    if data.rest:
        yield lang.say("The tables are the same, the settings in company.yaml are not.")
    if data.unread:
        names = lang.pause.join(
            TABLES[name].title(lang) if name in TABLES else name for name in data.unread
        )
        yield lang.say("Differ too, but neither run has read them: {names}.", names=names)
    if data.same and data.tables:
        yield lang.say_n("{n} table read is the same.", "{n} tables read are the same.", data.same)


def code_rows(pair: Pair, lang: Language) -> Iterable[list[str]]:
    """Files, versions and revisions that differ, what and how."""
    say, code = lang.say, pair.code
    changed = say("changed")
    listed = [(name, changed) for name in code.changed]
    listed += [(name, say("new")) for name in code.added]
    listed += [(name, say("gone")) for name in code.removed]
    yield from (list(row) for row in listed[:FILES])
    if len(listed) > FILES:
        yield [say("{n} more files", n=lang.number(len(listed) - FILES)), ""]
    if code.code and not code.told:
        yield [say("Files of code; a run does not list them"), changed]
    if code.notebook:
        yield [say("Notebook"), changed]
    if code.lock:
        yield [say("Lock file of the packages"), changed]
    for name, pair_of in code.versions.items():
        yield [name, " → ".join(pair_of)]
    if code.commits:
        yield [say("Git revision; + has local changes"), " → ".join(code.commits)]
