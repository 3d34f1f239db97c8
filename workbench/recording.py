"""What a notebook hands to its run: numbers, tables and figures, each under a name.

Inside a run (`WORKBENCH_RUN` names its folder) tables and figures become files there, and one line
in the run's journal says what was recorded; the runner makes manifest and workbook from it.
Outside a run, in JupyterLab, everything is simply displayed. Imported through `contract.py`.

Tables on disk: `frames.py`.
"""

from __future__ import annotations

import datetime as dt
import inspect
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from workbench.errors import InputError, ParameterError
from workbench.frames import flat, write_table
from workbench.text import Language

#: Lines of JSON in the folder of a run; the first keys are `kind` and `name`.
JOURNAL = "journal.jsonl"
#: Output of a notebook that only says what was recorded; a report leaves it out.
MIME = "application/vnd.sales-workbench.record+json"

Both = tuple[str, str]
_NAME = re.compile(r"[a-z][a-z0-9_]*")
# What stands behind "from" or "join" in a query: a table, or several with commas between them,
# each with or without a short name. A column, a text or the word "case" is no table read.
_READ = re.compile(
    r"""(?i)(?<!distinct )\b(?:from|join)\s+"""
    r"""((?:"?\w+"?(?:\s+(?:as\s+)?"?\w+"?)?\s*,\s*)*"?\w+"?)"""
)


def record(
    name: str,
    value: Any,
    *,
    label: str | Both | None = None,
    unit: str | Both | None = None,
    kind: str | None = None,
    columns: Mapping[str, str | Both] | None = None,
    kinds: Mapping[str, str] | None = None,
    codes: Mapping[str, Mapping[str, Both]] | None = None,
    show: bool = True,
) -> None:
    """File a result of the notebook under a name.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and underscores; once a run.
    value : number, str, bool, date, DataFrame, Series, table, draws, figure or page
        A number goes to the manifest. A DataFrame, or a table of `workbench.report` with its
        labels, becomes ``tables/<name>.parquet`` and a sheet. A scenario cube, an
        ``xarray.DataArray``, becomes ``draws/<name>.parquet``. What has ``.svg()`` becomes
        ``figures/<name>.svg`` and ``.png``. A page, which has ``.picture()`` and
        ``.share_text()``, becomes a PNG and ``share.txt``.
    label, unit : str or (str, str), optional
        Name for people and unit, in the run's language or in English and Chinese; a unit may be
        a word of `contract.UNIT_WORDS` or a currency.
    kind : str, optional
        What a number is: "money", "percent", "points", "integer", "number" ...; else by its unit.
    columns : mapping of str to str or (str, str), optional
        Labels of a DataFrame's columns; declared ones need none.
    kinds : mapping of str to str, optional
        What columns hold: "money", "percent", "points", "integer", "number", "date", "text" ...
    codes : mapping of column to code to (str, str), optional
        Words for the codes of text columns; Parquet keeps the codes.
    show : bool
        Whether it is displayed outside a run.

    Raises
    ------
    ParameterError
        If the name is no such name, or was recorded before in this run.
    InputError
        If the value is nothing that can be kept.
    """
    if not _NAME.fullmatch(name):
        raise ParameterError(
            f"{name!r} is no name for a result",
            where="record(name, ...)",
            do="use lower-case letters, digits and underscores, a letter first",
        )
    entry = _entry(name, value, label=label, unit=unit)
    if kind:
        entry["value_kind"] = kind
    if entry["kind"] == "table":
        value = value.to_frame() if hasattr(value, "to_frame") else value
        entry["columns"] = _described(value, columns or {}, kinds or {}, codes or {})
    folder = run_folder()
    if folder is None:
        if show:
            _display(entry, value)
        return
    _refuse_twice(folder, entry)
    entry |= _keep(folder, entry, value)
    _append(folder, entry)
    if show:
        _say(entry)


def record_results(results: Any, lang: Language) -> None:
    """File all that a study's results hold: summary, tables and figures; display nothing.

    Where the results have ``draws()``, its scenario cubes are filed, so that runs can be compared
    draw by draw. Where they have ``labels()``, names of key figures, tables, draws and columns are
    labelled by it: name to (English, Chinese), or to (English, Chinese, kind); where they have
    ``codes()``, codes in text columns are: column to code to (English, Chinese). Where they have
    ``assumptions(lang)``, its sentences, each alone or as (subject, sentence), say in the report
    what the numbers take for granted. A key figure that the notebook has recorded by itself before
    stands as it is.
    """
    labels: Mapping[str, Any] = results.labels() if hasattr(results, "labels") else {}
    codes = results.codes() if hasattr(results, "codes") else {}
    folder = run_folder()
    recorded = {entry["name"] for entry in read_journal(folder)} if folder else set()
    named = {name: tuple(label[:2]) for name, label in labels.items()}
    kinds = {name: label[2] for name, label in labels.items() if len(label) > 2}
    for name, value in results.summary().items():
        if name not in recorded:
            record(name, value, label=named.get(name), kind=kinds.get(name), show=False)
    for name, table in results.tables().items():
        label = named.get(name)
        record(name, table, label=label, columns=named, kinds=kinds, codes=codes, show=False)
    for name, cube in (results.draws() if hasattr(results, "draws") else {}).items():
        record(name, cube, label=named.get(name), show=False)
    for name, figure in results.figures(lang).items():
        record(name, figure, show=False)
    if folder and hasattr(results, "assumptions"):
        for stated in results.assumptions(lang):
            subject, text = ("", stated) if isinstance(stated, str) else stated
            _append(folder, {"kind": "assumption", "name": "", "subject": subject, "text": text})


def run_folder() -> Path | None:
    """Folder of the run this process belongs to; None outside a run."""
    named = os.environ.get("WORKBENCH_RUN")
    return Path(named) if named else None


def note_tables(query: str, present: Iterable[str]) -> None:
    """Note in the journal which of the tables present a query reads."""
    folder = run_folder()
    lists = (found.split(",") for found in _READ.findall(query))
    read = {each.split()[0].strip('"') for names in lists for each in names}
    if "attribution" in read:
        read |= {"assignment", "account"}
    if folder and (named := [name for name in present if name in read]):
        _append(folder, {"kind": "read", "name": "", "tables": named})


def read_journal(folder: Path) -> list[dict[str, Any]]:
    """Read what was recorded, in order; a line cut short by a killed kernel is left out."""
    path = folder / JOURNAL
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


# -- what a value is ----------------------------------------------------------------------------


def _entry(
    name: str, value: Any, *, label: str | Both | None, unit: str | Both | None
) -> dict[str, Any]:
    entry: dict[str, Any] = {"kind": _kind(name, value), "name": name}
    title = label or getattr(value, "title", None)
    unit = unit or (value.attrs.get("unit") if entry["kind"] == "draws" else None)
    if isinstance(title, (str, tuple)) and title:
        entry["label"] = title
    if unit:
        entry["unit"] = unit
    if entry["kind"] == "result":
        entry |= plain_value(value)
    elif entry["kind"] == "draws":
        entry |= _of_cube(value)
    return entry


def _of_cube(cube: Any) -> dict[str, Any]:
    """Size of each dimension, and the seed that the draws were made from."""
    about: dict[str, Any] = {"dims": dict(zip(cube.dims, map(int, cube.shape), strict=True))}
    if (seed := cube.attrs.get("seed")) is not None:
        about["seed"] = int(seed)
    return about


def _kind(name: str, value: Any) -> str:
    if callable(getattr(value, "picture", None)) and hasattr(value, "share_text"):
        return "page"
    if hasattr(value, "dims") and hasattr(value, "attrs") and hasattr(value, "to_dataset"):
        return "draws"
    framed = hasattr(value, "frame") or hasattr(value, "dtypes")
    if hasattr(value, "to_frame") or (framed and hasattr(value, "columns")):
        return "table"
    if callable(getattr(value, "svg", None)):
        return "figure"
    value = value.item() if callable(getattr(value, "item", None)) else value
    if value is None or isinstance(value, (bool, int, float, str, Decimal, dt.date)):
        return "result"
    raise InputError(
        f"{name}: a {type(value).__name__} cannot be recorded",
        where=f"record({name!r}, ...)",
        do="give a number, text, date, DataFrame, table, scenario cube, figure or page",
    )


def plain_value(value: Any) -> dict[str, Any]:
    """Return a value as JSON has it; a decimal keeps its digits beside the number."""
    value = value.item() if callable(getattr(value, "item", None)) else value
    if isinstance(value, Decimal):
        return (
            {"value": float(value), "exact": str(value)} if value.is_finite() else {"value": None}
        )
    if value != value:  # NaN, NaT
        return {"value": None}
    if isinstance(value, dt.datetime) and value.time() == dt.time() and value.tzinfo is None:
        value = value.date()
    if isinstance(value, dt.date):
        return {"value": value.isoformat()}
    if isinstance(value, float) and not math.isfinite(value):
        return {"value": None}
    return {"value": value}


def _described(
    value: Any,
    labels: Mapping[str, str | Both],
    kinds: Mapping[str, str],
    codes: Mapping[str, Mapping[str, Both]],
) -> list[dict[str, Any]]:
    if hasattr(value, "frame"):
        return [_column_of_view(value, column) for column in value.columns]
    described = []
    for column in flat(value).columns:
        about: dict[str, Any] = {"name": str(column)}
        if column in labels:
            about["label"] = labels[column]
        if column in kinds:
            about["kind"] = kinds[column]
        if column in codes:
            about["codes"] = codes[column]
        described.append(about)
    return described


def _column_of_view(view: Any, column: Any) -> dict[str, Any]:
    about = {"name": column.name, "label": column.label, "kind": column.kind}
    group = getattr(column, "group", "")
    if group:
        about["group"] = group
    if "money" in column.kind and getattr(view, "currency", None):
        about["unit"] = view.currency
    return about


# -- keeping it ---------------------------------------------------------------------------------


def _keep(folder: Path, entry: dict[str, Any], value: Any) -> dict[str, Any]:
    name = entry["name"]
    if entry["kind"] == "table":
        frame = getattr(value, "frame", value)
        return {"rows": write_table(frame, folder / "tables" / f"{name}.parquet")}
    if entry["kind"] == "draws":
        from workbench.scenarios import save_cube

        draws = folder / "draws"
        draws.mkdir(exist_ok=True)
        save_cube(value, draws / f"{name}.parquet")
        return {"files": [f"{name}.parquet"]}
    if entry["kind"] in ("figure", "page"):
        figures = folder / "figures"
        figures.mkdir(exist_ok=True)
        return {"files": list(_draw(figures / name, value))}
    return {}


def _draw(path: Path, value: Any) -> Iterator[str]:
    """Write the drawing; the runner makes a PNG of each SVG while the notebook goes on."""
    if callable(getattr(value, "svg", None)):
        unfinished = path.with_suffix(".svg.partial")
        unfinished.write_text(_standing_alone(value), encoding="utf-8")
        unfinished.rename(path.with_suffix(".svg"))
        yield f"{path.stem}.svg"
        yield f"{path.stem}.png"
    else:
        path.with_suffix(".png").write_bytes(value.picture())
        (path.parent.parent / "share.txt").write_text(value.share_text() + "\n", encoding="utf-8")
        yield f"{path.stem}.png"


def _standing_alone(value: Any) -> str:
    """Colours as hex where the drawing offers them: a file has no page to take them from."""
    themed = "themed" in inspect.signature(value.svg).parameters
    return str(value.svg(themed=False) if themed else value.svg())


def _refuse_twice(folder: Path, entry: dict[str, Any]) -> None:
    path = folder / JOURNAL
    begins = json.dumps({"kind": entry["kind"], "name": entry["name"]})[:-1]
    if path.exists() and f"\n{begins}," in "\n" + path.read_text(encoding="utf-8"):
        raise ParameterError(
            f"{entry['name']} was recorded before in this run",
            where=f"record({entry['name']!r}, ...)",
            do="record it once, or under another name",
        )


def _append(folder: Path, entry: dict[str, Any]) -> None:
    with (folder / JOURNAL).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry, ensure_ascii=False) + "\n")


# -- displaying it ------------------------------------------------------------------------------


def _display(entry: dict[str, Any], value: Any) -> None:
    if entry["kind"] == "result":
        _say(entry)
    elif _shell() is None:
        print(value)
    else:
        from IPython.display import display

        display(value)


def _say(entry: dict[str, Any]) -> None:
    text = f"{_named(entry)}: {_short(entry)}"
    if _shell() is None:
        print(text)
        return
    from IPython.display import display

    display({"text/plain": text, MIME: entry}, raw=True)


def _shell() -> Any:
    """Return the running IPython, or None; IPython is never imported for it."""
    import sys

    module = sys.modules.get("IPython")
    return module.get_ipython() if module else None


def _named(entry: dict[str, Any]) -> str:
    label = entry.get("label", entry["name"])
    return label if isinstance(label, str) else " ".join(label)


def _short(entry: dict[str, Any]) -> str:
    if entry["kind"] == "table":
        return f"tables/{entry['name']}.parquet, {entry['rows']:,} rows"
    if entry["kind"] == "draws":
        size = " x ".join(f"{count:,} {dim}" for dim, count in entry["dims"].items())
        return f"draws/{entry['name']}.parquet, {size}"
    if entry["kind"] != "result":
        return ", ".join(f"figures/{name}" for name in entry["files"])
    unit = entry.get("unit", "")
    unit = unit if isinstance(unit, str) else unit[0]
    return f"{_digits(entry['value'])} {unit}".strip()


def _digits(value: Any) -> str:
    if value is None or isinstance(value, (bool, str)):
        return "–" if value is None else str(value)
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"
