"""The workbook of a sweep, as people mail it: runs, points, what matters, failures.

Labels, units and words in the language of the sweep; the same with names and codes as declared is
in `table.parquet`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.studies.sweep.table import (
    PARAM,
    RESULT,
    SPREAD,
    SweepResult,
    by_point,
)
from workbench.text import Language, mark

if TYPE_CHECKING:
    import pandas as pd

    from workbench.report.labels import Meaning
    from workbench.report.xlsx import TableSheet

#: Rows of a sheet: a workbook is for reading and mailing, and takes long to write.
MOST_ROWS = 2_000

_HEADS = {
    "number": (mark("Number"), "integer"),
    "study": (mark("Study"), "text"),
    "block": (mark("Block of the file"), "integer"),
    "point": (mark("Point"), "integer"),
    "replicate": (mark("Replicate"), "integer"),
    "status": (mark("Status"), "text"),
    "seconds": (mark("Seconds"), "number"),
    "peak_mb": (mark("Largest memory"), "number"),
    "run": (mark("Folder of the run"), "text"),
    "runs": (mark("Runs finished"), "integer"),
    "failed": (mark("Runs failed"), "integer"),
    "fault": (mark("Reason"), "text"),
    "message": (mark("What it said"), "text"),
    "result": (mark("Key figure"), "text"),
    "parameter": (mark("Parameter"), "text"),
    "method": (mark("Method"), "text"),
    "points": (mark("Points used"), "integer"),
    "left_out": (mark("Points left out"), "integer"),
    "first": (mark("First-order share"), "percent"),
    "first_low": (mark("First-order share, lower end"), "percent"),
    "first_high": (mark("First-order share, upper end"), "percent"),
    "total": (mark("Total share"), "percent"),
    "total_low": (mark("Total share, lower end"), "percent"),
    "total_high": (mark("Total share, upper end"), "percent"),
    "base": (mark("Value changes are counted from"), "number"),
    "low": (mark("Lowest change"), "number"),
    "at_low": (mark("Lowest change, at parameter value"), "text"),
    "high": (mark("Highest change"), "number"),
    "at_high": (mark("Highest change, at parameter value"), "text"),
}
_UNITS = {"peak_mb": ("MB", "MB")}
_WORDS = {
    "status": {
        "finished": mark("finished"),
        "failed": mark("failed"),
        "pending": mark("not done yet"),
    },
    "fault": {
        "error": mark("Error of the study"),
        "crash": mark("Worker crashed"),
        "time": mark("Time limit passed"),
        "memory": mark("Memory limit passed"),
    },
    "method": {
        "saltelli": mark("Sobol indices"),
        "factorial": mark("whole grid"),
        "sample": mark("from the sample"),
        "changes": mark("changes"),
    },
}
_SPREAD = {
    "mean": mark("mean"),
    "sd": mark("standard deviation"),
    "min": mark("lowest"),
    "max": mark("highest"),
}


def write_workbook(result: SweepResult, matters: pd.DataFrame, path: Path) -> Path:
    """Write `results.xlsx`.

    Parameters
    ----------
    result : SweepResult
    matters : DataFrame
        Of `sensitivity_table`; the sheet is left out where it is empty.
    path : Path
    """
    from workbench.report.xlsx import Book

    lang, statuses = result.lang, result.frame["status"]
    cut = ""
    if len(statuses) > MOST_ROWS:
        cut = lang.say(
            "A sheet holds the first {shown} rows; all runs are in {file}.",
            shown=lang.number(MOST_ROWS),
            file="table.parquet",
        )
    finished = int((statuses == "finished").sum())
    return Book(
        lang=lang,
        title=lang.say("Sweep {name}", name=result.spec.name),
        company=result.company,
        lines=[
            lang.say(
                "{finished} of {n} runs finished",
                finished=lang.number(finished),
                n=lang.number(len(statuses)),
            ),
            cut,
            *(f"{name}{lang.colon}{value}" for name, value in result.facts.items()),
        ],
        sheets=list(_sheets(result, matters)),
    ).write(path)


def _sheets(result: SweepResult, matters: pd.DataFrame) -> Iterator[TableSheet]:
    lang, frame = result.lang, result.frame
    runs = frame.drop(columns=["fault", "message"])
    yield _sheet(result, "table", lang.say("All runs"), runs)
    if frame["replicate"].notna().any():
        yield _sheet(result, "points", lang.say("Points"), by_point(result))
    if len(matters):
        yield _sheet(result, "sensitivity", lang.say("Sensitivity"), _named(result, matters))
    failed = frame[frame["status"] == "failed"]
    if len(failed):
        own = [name for name in frame.columns if name.startswith(PARAM)]
        kept = failed[["number", "study", "fault", "message", *own]]
        yield _sheet(result, "failed", lang.say("Failed runs"), kept)


def _sheet(result: SweepResult, name: str, title: str, frame: pd.DataFrame) -> TableSheet:
    import pyarrow as pa

    from workbench.report.xlsx import TableSheet

    lang = result.lang
    frame = frame.head(MOST_ROWS)
    full = frame.loc[:, [frame[column].notna().any() for column in frame.columns]]
    said = {column: _values(result, column, full[column]) for column in full.columns}
    table = pa.table({column: pa.array(v, from_pandas=True) for column, v in said.items()})
    columns = [_meaning(result, column, said[column]) for column in full.columns]
    return TableSheet(name=name, title=title or lang.say("Table"), columns=columns, table=table)


def _values(result: SweepResult, column: str, values: pd.Series) -> Any:
    """A column in words of the language where it holds codes."""
    lang = result.lang
    if column in _WORDS:
        return values.map({code: lang.say(text) for code, text in _WORDS[column].items()})
    if column == "study":
        return values.map(result.title)
    if column.startswith(PARAM):
        return _written(result, column.removeprefix(PARAM), values)
    return values


def _written(result: SweepResult, name: str, values: pd.Series) -> Any:
    """Labels in the place of codes; numbers stay numbers."""
    if str(values.dtype) != "str":
        return values
    declared = next((p for s in result.parameters if (p := result.parameter(s, name))), None)
    known = declared.choices if declared is not None and declared.choices else result.labels
    said = {
        text: result.lang.pause.join(known.get(part, part) for part in text.split(", "))
        for text in values.dropna().unique()
    }
    return values.map(said)


def _meaning(result: SweepResult, column: str, values: Any) -> Meaning:
    """Label, kind and unit of a column."""
    from pandas.api.types import is_bool_dtype, is_integer_dtype, is_numeric_dtype

    from workbench.report.labels import Meaning

    lang = result.lang
    if column in _HEADS:
        label, kind = _HEADS[column]
        unit = lang.pick(*_UNITS.get(column, ("", "")))
        return Meaning(column, lang.say(label), kind, unit)
    if column.startswith(PARAM):
        name = column.removeprefix(PARAM)
        declared = next((p for s in result.parameters if (p := result.parameter(s, name))), None)
        kind = "text"
        if is_numeric_dtype(values) and not is_bool_dtype(values):
            kind = "integer" if is_integer_dtype(values) else "number"
        title, unit = (declared.title, declared.unit) if declared else (name, "")
        return Meaning(column, title, kind, unit)
    return _figure(column.removeprefix(RESULT), values, result, lang)


def _figure(column: str, values: Any, result: SweepResult, lang: Language) -> Meaning:
    """Of a key figure, or of its spread over the runs of a point."""
    from pandas.api.types import is_numeric_dtype

    from workbench.report.labels import Meaning

    stem, _, how = column.rpartition(".")
    name = stem if how in SPREAD and stem else column
    known = next((m[name] for m in result.meanings.values() if name in m), None)
    label = lang.pick(*known.label) if known else name
    kind = known.kind if known and is_numeric_dtype(values) else "number"
    if not is_numeric_dtype(values):
        kind = "text"
    if name != column:
        label += lang.colon + lang.say(_SPREAD[how])
        kind = "number" if kind == "integer" else kind
    unit = lang.pick(*known.unit) if known else ""
    return Meaning(RESULT + column, label, kind, unit)


def _named(result: SweepResult, matters: pd.DataFrame) -> pd.DataFrame:
    """The table of what matters with labels of results, parameters and their values."""
    known = {
        (study, name): result.lang.pick(*meaning.label)
        for study, of in result.meanings.items()
        for name, meaning in of.items()
    }

    def parameter(study: str, name: str) -> str:
        declared = result.parameter(study, name)
        return declared.title if declared else name

    def value(study: str, name: str, text: Any) -> Any:
        declared = result.parameter(study, name)
        return declared.choices.get(text, text) if declared and isinstance(text, str) else text

    rows = list(zip(matters["study"], matters["parameter"], strict=True))
    return matters.assign(
        result=[
            known.get((study, name), name)
            for study, name in zip(matters["study"], matters["result"], strict=True)
        ],
        parameter=[parameter(*row) for row in rows],
        at_low=[value(*row, text) for row, text in zip(rows, matters["at_low"], strict=True)],
        at_high=[value(*row, text) for row, text in zip(rows, matters["at_high"], strict=True)],
    )
