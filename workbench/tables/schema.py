"""Validation: a declared table as a pandera schema, and its faults as rows one can act on.

`schema(table)` is for those who know pandera; `faults(frame, table)` gives every refused cell
with its row, column, value, reason and what to do, and `validate` raises on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.errors import InputError
from workbench.tables import TABLES, Column, Table, table
from workbench.tables.checks import CHECKS
from workbench.tables.declare import TEXT_KINDS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd
    import pandera.pandas as pandera

FAULT_COLUMNS = ["row", "column", "value", "reason", "do"]

# Why a cell is refused, and what to do: pandera's check -> (reason, advice).
REASONS = {
    "not_nullable": ("a needed value is missing", "fill it in, or leave the row out"),
    "coerce_dtype": (
        "not of the declared kind",
        "write dates as 2026-07-31, numbers with a point",
    ),
    "column_in_dataframe": (
        "a needed column is missing",
        "add the column, or map another to it",
    ),
    "multiple_fields_uniqueness": ("the key stands twice", "keep one row for each key"),
    "choice": ("not one of the allowed values", "use a code of the data dictionary"),
    "pattern": ("not of the declared form", "see the form in the data dictionary"),
    "bounds": ("outside the declared bounds", "check the unit: 13% is written 0.13"),
    "credit_code": (
        "no valid unified social credit code",
        "check the 18 characters; keep as text",
    ),
    "geo_code": (
        "no code of GB/T 2260",
        "use the six digits of the administrative area, as text",
    ),
    "whole_id": (
        "an id spoilt by a spreadsheet",
        "export the column again, formatted as text",
    ),
}


def schema(declared: Table | str) -> pandera.DataFrameSchema:
    """The pandera schema of a declared table.

    Needed columns must be there without gaps; others may be absent or hold gaps; values are
    coerced to the declared types; columns that are not declared are left alone.
    """
    import pandera.pandas as pandera

    declared = table(declared) if isinstance(declared, str) else declared
    return pandera.DataFrameSchema(
        {column.name: _pandera_column(column) for column in declared.columns},
        unique=list(declared.key),
        name=declared.name,
        title=declared.title(),
        description=declared.help(),
    )


def faults(frame: pd.DataFrame, declared: Table | str) -> pd.DataFrame:
    """Every cell and key of a frame that the declaration refuses.

    Returns
    -------
    pandas.DataFrame
        row (position from 0, missing for a whole column), column, value, reason, do.
    """
    import pandas as pd
    import pandera.errors

    declared = table(declared) if isinstance(declared, str) else declared
    plain = _with_whole_key(frame.reset_index(drop=True), declared)
    try:
        schema(declared).validate(plain, lazy=True)
    except pandera.errors.SchemaErrors as error:
        return _fault_rows(error.failure_cases, declared)
    return pd.DataFrame(columns=FAULT_COLUMNS)


def validate(frame: pd.DataFrame, declared: Table | str) -> pd.DataFrame:
    """The frame coerced to the declared types.

    Raises
    ------
    InputError
        If the declaration refuses anything; names the first places and counts the rest.
    """
    declared = table(declared) if isinstance(declared, str) else declared
    found = faults(frame, declared)
    if len(found):
        raise _refusal(found, declared)
    return schema(declared).validate(_with_whole_key(frame, declared))


def broken_references(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Values that point to a row that is not there, over a set of tables.

    Parameters
    ----------
    frames : mapping of table name to DataFrame
        References to tables outside the mapping are not judged.

    Returns
    -------
    pandas.DataFrame
        table, column, references, count, example; one row for each broken reference.
    """
    import pandas as pd

    rows = []
    for name, frame in frames.items():
        for column in TABLES[name].columns:
            target, _, field = (column.references or "").partition(".")
            if target not in frames or column.name not in frame:
                continue
            values = frame[column.name].dropna()
            lost = values[~values.isin(frames[target][field])]
            if len(lost):
                rows.append((name, column.name, column.references, len(lost), lost.iloc[0]))
    return pd.DataFrame(rows, columns=["table", "column", "references", "count", "example"])


def _with_whole_key(frame: pd.DataFrame, declared: Table) -> pd.DataFrame:
    """The frame with every part of the key that may be absent, so that doubles can be told."""
    absent = [
        name
        for name in declared.key
        if name not in frame.columns and not declared.column(name).needed
    ]
    return frame.assign(**dict.fromkeys(absent)) if absent else frame


def _pandera_column(column: Column) -> Any:
    import pandera.pandas as pandera

    return pandera.Column(
        _dtype(column),
        checks=_checks(column),
        nullable=not column.needed,
        required=column.needed,
        coerce=True,
        title=column.title(),
        description=column.help(),
        metadata={
            "unit": column.unit,
            "currency": column.currency,
            "tax_basis": column.tax_basis,
        },
    )


def _dtype(column: Column) -> Any:
    import pandas as pd
    import pyarrow as pa

    return {
        "money": pd.ArrowDtype(pa.decimal128(18, 2)),
        "price": pd.ArrowDtype(pa.decimal128(18, 4)),
        "date": "datetime64[us]",
        "datetime": "datetime64[us, Asia/Shanghai]",
        "number": "float64",
        "share": "float64",
        "integer": "Int64",
        "flag": "boolean",
    }.get(column.kind, "str")


def _checks(column: Column) -> list[Any]:
    import pandera.pandas as pandera

    checks = []
    if column.choices:
        checks.append(pandera.Check.isin(list(column.choices), error="choice"))
    if column.pattern:
        checks.append(pandera.Check.str_matches(f"^(?:{column.pattern})$", error="pattern"))
    if column.kind == "id":
        name = column.check or "whole_id"
        checks.append(pandera.Check(CHECKS[name], error=name))
    bounds = {"min_value": column.minimum, "max_value": column.maximum}
    if column.kind not in TEXT_KINDS and any(bound is not None for bound in bounds.values()):
        low = -float("inf") if column.minimum is None else column.minimum
        high = float("inf") if column.maximum is None else column.maximum
        checks.append(
            pandera.Check(lambda values: (values >= low) & (values <= high), error="bounds")
        )
    return checks


def _fault_rows(cases: pd.DataFrame, declared: Table) -> pd.DataFrame:
    import pandas as pd

    # A cell that cannot be coerced is reported by itself and once more as the column's type.
    cases = cases[~cases["check"].astype("str").str.startswith("dtype(")]
    checks = cases["check"].astype("str").str.partition("(")[0]
    reasons = checks.map(lambda name: REASONS.get(name, (name, "see the data dictionary")))
    whole_column = checks.eq("column_in_dataframe")
    found = pd.DataFrame(
        {
            "row": cases["index"].astype("Int64"),
            "column": cases["column"].where(~whole_column, cases["failure_case"]),
            "value": cases["failure_case"].where(~whole_column),
            "reason": reasons.str[0],
            "do": reasons.str[1],
        }
    )
    keyed = checks.eq("multiple_fields_uniqueness")
    found.loc[keyed, "column"] = ", ".join(declared.key)
    found = found.drop_duplicates(["row", "column", "reason"])
    return found.sort_values(["row", "column"], ignore_index=True)


def _refusal(found: pd.DataFrame, declared: Table) -> InputError:
    first = found.head(5).astype(object)
    shown = [_place(fault) for fault in first.where(first.notna(), None).to_dict("records")]
    more = f" and {len(found) - 5} more" if len(found) > 5 else ""
    return InputError(
        f"{len(found)} values of table {declared.name} are refused",
        where="; ".join(shown) + more,
        do=found["do"].iloc[0],
    )


def _place(fault: dict[Hashable, Any]) -> str:
    row = "" if fault["row"] is None else f" row {fault['row']}"
    value = "" if fault["value"] is None else f" ({fault['value']!r})"
    return f"{fault['column']}{row}: {fault['reason']}{value}"
