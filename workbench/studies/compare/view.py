"""The differences as tables and sentences, for console and page alike.

What differs: `comparison.py`. Printed: `console.py`. As an HTML file: `page.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.studies.compare.comparison import Comparison, Pair
from workbench.studies.compare.input_rows import code_rows, data_row, data_words
from workbench.studies.compare.results import ResultChange, figures
from workbench.studies.compare.tables import ResultTableChange
from workbench.studies.runs import Run
from workbench.text import Language, mark

_STATUS = {"finished": mark("finished"), "failed": mark("failed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One table of differences with its words.

    Attributes
    ----------
    title : str
    heads : sequence of str
    rows : sequence of sequence of str
    numbers : frozenset of int
        Columns set right.
    reading, note : str
        A sentence above, small print below.
    """

    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    numbers: frozenset[int] = frozenset()
    reading: str = ""
    note: str = ""


def finding(compared: Comparison) -> str:
    """The first sentence: what became of the study's first figure, or that nothing differs."""
    lang = compared.lang
    changes = [each for pair in compared.pairs for each in pair.results.changes]
    if not changes:
        differ = any(pair.results_differ for pair in compared.pairs)
        return (
            lang.say("All key figures are the same; tables or draws differ")
            if differ
            else lang.say("The runs came out the same")
        )
    if len(compared.pairs) == 1:
        pair = compared.pairs[0]
        main = pair.results.main or changes[0]
        return main.sentence(lang, a=pair.a, b=pair.b).rstrip(lang.stop)
    pair = most_different(compared)
    return lang.say(
        "{b} differs most from {a}: {change}",
        a=pair.a,
        b=pair.b,
        change=pair.results.changes[0].sentence(lang, a=pair.a, b=pair.b),
    )


def most_different(compared: Comparison) -> Pair:
    """The run whose largest change is the largest."""
    return max(compared.pairs, key=_largest)


def lead(compared: Comparison) -> str:
    """What the difference can come from, for each run; and which runs are not whole."""
    lang = compared.lang
    reasons: dict[str, list[str]] = {}
    for pair in compared.pairs:
        reasons.setdefault(pair.why(), []).append(pair.b)
    said = [
        why if len(compared.pairs) == 1 else lang.join(letters) + lang.colon + why
        for why, letters in reasons.items()
    ]
    if compared.failed:
        named = lang.join(compared.failed)
        said.append(lang.say("Not finished, so compared by what is there: {names}.", names=named))
    if any(pair.languages for pair in compared.pairs):
        said.append(lang.say("The runs speak two languages; texts are not compared."))
    return lang.sentences(said)


def parts(compared: Comparison, *, everything: bool = True, most: int = 12) -> list[Part]:
    """All tables of differences that have something to say, in the order they are read."""
    made = [
        runs_part(compared),
        results_part(compared, most=None if everything else most),
        tables_part(compared),
        parameters_part(compared),
        data_part(compared),
        code_part(compared),
    ]
    return [part for part in made if part is not None]


def runs_part(compared: Comparison) -> Part:
    """The runs, by letter."""
    lang, say = compared.lang, compared.lang.say
    rows = [
        (
            letter,
            run.id,
            say(_STATUS.get(run.status, run.status)),
            _moment(run, lang),
            run.company,
            lang.pause.join(run.tags) or "–",
        )
        for letter, run in zip(compared.letters, compared.runs, strict=True)
    ]
    heads = ("", say("Run"), say("Status"), say("Started"), say("Company", context="run"))
    return Part(title=say("Runs compared"), heads=(*heads, say("Tags")), rows=rows)


def results_part(compared: Comparison, *, most: int | None = None) -> Part | None:
    """Key figures that differ, a column a run, largest change first."""
    lang, say = compared.lang, compared.lang.say
    names = _by_size(compared)
    same = _same(compared)
    if not names and not same:
        return None
    known = [figures(run, lang) for run in compared.runs]
    changes = [{c.name: c for c in pair.results.changes} for pair in compared.pairs]
    two = len(compared.pairs) == 1
    rows = [
        _result_row(name, [each.get(name) for each in changes], known, lang, two=two)
        for name in names[:most]
    ]
    heads = [say("Key figure"), *compared.letters]
    heads += [say("Change"), say("In per cent")] if two else []
    left = len(names) - len(rows)
    return Part(
        title=say("Key figures that differ") if rows else say("Key figures"),
        heads=heads if rows else (),
        rows=rows,
        numbers=frozenset(range(1, len(heads))),
        reading=_same_words(compared, same),
        note=say("{n} more differ; --all prints them", n=lang.number(left)) if left else "",
    )


def sentences(compared: Comparison, *, most: int = 8) -> list[str]:
    """The largest changes, each a sentence."""
    lang = compared.lang
    said = []
    for pair in compared.pairs:
        head = "" if len(compared.pairs) == 1 else f"{pair.b}{lang.colon}"
        said += [head + each.sentence(lang, a=pair.a, b=pair.b) for each in
                 pair.results.changes[:most]]  # fmt: skip
    return said


def draws_sentences(compared: Comparison) -> list[str]:
    """What is known of recorded draws, each with its interval."""
    lang = compared.lang
    return [
        each.label + lang.colon + each.sentence(lang, a=pair.a, b=pair.b)
        for pair in compared.pairs
        for each in pair.draws
    ]


def tables_part(compared: Comparison) -> Part | None:
    """Result tables that differ, by rows and cells."""
    lang, say = compared.lang, compared.lang.say
    rows = [
        _with_run(compared, pair, _table_row(each, pair, lang))
        for pair in compared.pairs
        for each in pair.tables[0]
    ]
    if not rows:
        return None
    heads = [say("Result table"), say("Rows added"), say("Rows removed"), say("Rows changed")]
    heads += [say("Rows the same"), say("Cells changed"), say("Remark")]
    return Part(
        title=say("Result tables that differ"),
        heads=_with_run_head(compared, heads, say("Run")),
        rows=rows,
        numbers=_numbers(compared, range(1, 6)),
        reading=say(
            "Rows are told by their texts, dates and flags; where these do not name each row once,"
            " rows are compared whole."
        ),
    )


def parameters_part(compared: Comparison) -> Part | None:
    """Parameters that differ, a column a run."""
    say = compared.lang.say
    changes = [{each.name: each for each in pair.parameters} for pair in compared.pairs]
    names = list(dict.fromkeys(name for each in changes for name in each))
    if not names:
        return Part(title=say("Parameters"), reading=say("All parameters are the same."))
    rows = []
    for name in names:
        first = next(each[name] for each in changes if name in each)
        values = [each[name].after if name in each else first.before for each in changes]
        rows.append((first.label, first.before, *values, first.unit))
    return Part(
        title=say("Parameters that differ"),
        heads=(say("Parameter"), *compared.letters, say("Unit")),
        rows=rows,
        numbers=frozenset(range(1, len(compared.runs) + 1)),
    )


def data_part(compared: Comparison) -> Part:
    """Tables of the data that differ, by rows."""
    lang, say = compared.lang, compared.lang.say
    rows = [
        _with_run(compared, pair, data_row(each, pair, lang))
        for pair in compared.pairs
        for each in pair.data.tables
    ]
    said = [words for pair in compared.pairs for words in data_words(pair, lang)]
    if not rows and not said:
        return Part(title=say("Data"), reading=say("All tables that were read are the same."))
    heads = [say("Table"), say("Rows added"), say("Rows removed"), say("Rows changed")]
    heads += [say("Rows the same"), say("Remark")]
    return Part(
        title=say("Data that differ"),
        heads=_with_run_head(compared, heads, say("Run")) if rows else (),
        rows=rows,
        numbers=_numbers(compared, range(1, 5)),
        reading=lang.sentences(dict.fromkeys(said)),
    )


def code_part(compared: Comparison) -> Part:
    """Files and versions of code that differ."""
    lang, say = compared.lang, compared.lang.say
    rows = [
        _with_run(compared, pair, row) for pair in compared.pairs for row in code_rows(pair, lang)
    ]
    if not rows:
        return Part(title=say("Code"), reading=say("Code, notebook and packages are the same."))
    heads = _with_run_head(compared, [say("What"), say("Change")], say("Run"))
    return Part(title=say("Code that differs"), heads=heads, rows=rows)


# -- rows -----------------------------------------------------------------------------------------


def _moment(run: Run, lang: Language) -> str:
    """When a run was started."""
    if run.started is None:
        return "–"
    return f"{lang.date(run.started.date())} {run.started:%H:%M} UTC"


def _largest(pair: Pair) -> float:
    return max((each.size for each in pair.results.changes), default=-1.0)


def _by_size(compared: Comparison) -> list[str]:
    """Names of results that differ anywhere, largest change first; what is no number last."""
    best: dict[str, tuple[bool, float]] = {}
    for pair in compared.pairs:
        for each in pair.results.changes:
            rank = (each.change is None, -each.size)
            best[each.name] = min(best.get(each.name, rank), rank)
    return sorted(best, key=lambda name: best[name])


def _same(compared: Comparison) -> int:
    return min(pair.results.same for pair in compared.pairs)


def _same_words(compared: Comparison, same: int) -> str:
    lang = compared.lang
    said = [
        lang.say_n("{n} key figure is the same.", "{n} key figures are the same.", same)
        if same
        else lang.say("No key figure is the same.")
    ]
    rounding = max(len(pair.results.rounding) for pair in compared.pairs)
    if rounding:
        said.append(
            lang.say_n(
                "{n} differs in its last digits only, by rounding of the machine.",
                "{n} differ in their last digits only, by rounding of the machine.",
                rounding,
            )
        )
    return lang.sentences(said)


def _result_row(
    name: str,
    changes: Sequence[ResultChange | None],
    known: Sequence[dict[str, Any]],
    lang: Language,
    *,
    two: bool,
) -> list[str]:
    first = next(each for each in changes if each is not None)
    before = first.written(lang)[0]
    if two:
        change = first.change_written(lang)
        size = first.size_written(lang) if first.relative is not None else ""
        return [first.label, before, first.written(lang)[1], change, size]
    cells = [first.label, before]
    for each, values in zip(changes, known[1:], strict=True):
        figure = values.get(name)
        if each is None:
            cells.append("–" if figure is None else figure.written(lang))
        else:
            size = each.size_written(lang)
            cells.append(each.written(lang)[1] + (lang.paren(size) if size else ""))
    return cells


def _table_row(each: ResultTableChange, pair: Pair, lang: Language) -> list[str]:
    if each.only:
        run = pair.a if each.only == "A" else pair.b
        return [each.label, "", "", "", "", "", lang.say("only in run {run}", run=run)]
    counts = (each.added, each.removed, each.changed, each.same, each.cells)
    said = []
    if each.columns_added:
        names = lang.pause.join(each.columns_added)
        said.append(lang.say("new columns: {names}", names=names))
    if each.columns_removed:
        names = lang.pause.join(each.columns_removed)
        said.append(lang.say("columns gone: {names}", names=names))
    if not each.key:
        said.append(lang.say("compared whole"))
    return [each.label, *(lang.number(n) for n in counts), lang.semicolon.join(said)]


def _with_run(compared: Comparison, pair: Pair, row: list[str]) -> list[str]:
    """Where several runs are compared with the base, a row begins with its run."""
    return row if len(compared.pairs) == 1 else [pair.b, *row]


def _with_run_head(compared: Comparison, heads: list[str], run: str) -> list[str]:
    return heads if len(compared.pairs) == 1 else [run, *heads]


def _numbers(compared: Comparison, places: Iterable[int]) -> frozenset[int]:
    return frozenset(place + (len(compared.pairs) > 1) for place in places)
