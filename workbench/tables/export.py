"""Text that leaves the house: no cell that a spreadsheet would take for a formula, and CSV files.

A text that begins with = + - @ is computed when a sheet is opened, whoever typed it into a CRM.
Such texts get a leading apostrophe (`neutral`), and reading takes it off again (`plain`), so that
what is exported and imported is the same. Numbers and phone numbers are left alone. Workbooks:
`report/xlsx.py`; masking of private columns: `report/masking.py`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MARK = "'"

# The same expressions serve `re` and RE2 (Arrow), so only what both read alike is used.
_SPACE = "[ \\t\\r\\n\\f\\v\\x{a0}\\x{3000}\\x{feff}]"
_DIGIT = "[0-9\\x{ff10}-\\x{ff19}]"  # half and full width
_PLUS, _MINUS = "[+\\x{ff0b}]", "[\\-\\x{ff0d}]"
_BEGINS = f"(?:{_SPACE}*[=+\\-@\\x{{ff1d}}\\x{{ff0b}}\\x{{ff0d}}\\x{{ff20}}]|[\\t\\r\\n])"
_NUMBER = (
    f"(?:{_PLUS}|{_MINUS}){_SPACE}*[\\x{{a5}}\\x{{ffe5}}$\\x{{20ac}}\\x{{a3}}]?{_SPACE}*"
    f"(?:{_DIGIT}(?:{_DIGIT}|[,\\x{{ff0c}}])*(?:[.\\x{{ff0e}}]{_DIGIT}*)?|[.\\x{{ff0e}}]{_DIGIT}+)"
    f"(?:[eE][+\\-]?[0-9]+)?{_SPACE}*"
    "(?:[%\\x{ff05}\\x{2030}]|[百千万亿]{0,2}(?:元|圆|块|[A-Z]{3})?)"
)
_PHONE = (
    f"{_PLUS}(?:[ \\-()./]*{_DIGIT}){{7,18}}[)]?"
    f"(?:{_SPACE}*(?:转|分机|ext\\.?|x){_SPACE}*[0-9]{{1,6}})?"
)
_RISKY = f"^{MARK}*{_BEGINS}"
_SAFE = f"^{MARK}*{_SPACE}*(?:{_NUMBER}|{_PHONE}){_SPACE}*$"


def _for_re(pattern: str) -> re.Pattern[str]:
    points = re.sub(r"\\x\{(\w+)\}", lambda found: chr(int(found[1], 16)), pattern)
    return re.compile(points.removesuffix("$") + (r"\Z" if pattern.endswith("$") else ""))


_RISKY_RE, _SAFE_RE = _for_re(_RISKY), _for_re(_SAFE)


def neutral(value: str) -> str:
    """Mark a text that a spreadsheet would compute.

    Parameters
    ----------
    value : str
        One cell.

    Returns
    -------
    str
        With a leading apostrophe if it begins with = + - @ (full width too), a tab or a line
        break, and is neither number nor phone number; else as it is. A text that already looks
        marked is marked once more, so that `plain` always gives back what was handed in.
    """
    return MARK + value if _risky(value) else value


def plain(value: str) -> str:
    """Take off the mark that `neutral` sets; every other text stays as it is."""
    return value[1:] if value.startswith(MARK) and _risky(value) else value


def neutral_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Mark a column of texts at once; nulls stay null. Others: see `neutral`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    mark, nothing = (pa.scalar(each, texts.type) for each in (MARK, ""))
    marked = pc.binary_join_element_wise(mark, texts, nothing)
    return pc.if_else(_risky_texts(texts), marked, texts)


def plain_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Take the marks off a column of texts at once; nulls stay null. Others: see `plain`."""
    import pyarrow.compute as pc

    marked = pc.and_(pc.starts_with(texts, MARK), _risky_texts(texts))
    if not pc.any(marked).as_py():
        return texts
    return pc.if_else(marked, pc.utf8_slice_codeunits(texts, 1), texts)


def neutral_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark the texts of a frame, its column names among them; other values stay as they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        Not changed.

    Returns
    -------
    pandas.DataFrame
        Same rows and order of columns.
    """
    import pandas as pd

    places = range(len(frame.columns))
    columns = {place: _neutral_column(frame.iloc[:, place]) for place in places}
    made = pd.DataFrame(columns, index=frame.index)
    made.columns = pd.Index([neutral(x) if isinstance(x, str) else x for x in frame.columns])
    return made


def write_csv(frames: pd.DataFrame | Iterable[pd.DataFrame], path: str | Path) -> Path:
    """Write a CSV that spreadsheets of people open as it is meant.

    Parameters
    ----------
    frames : pandas.DataFrame or iterable of them
        Columns of text, numbers, decimals, dates; ids as text. Several frames have the same
        columns and are written one after the other.
    path : str or Path

    Returns
    -------
    Path
        The file: UTF-8 with a BOM, lines end with CR LF, texts marked as `neutral` says, decimals
        and numbers without exponent, dates ISO, truth values TRUE and FALSE, missing empty.
    """
    import pandas as pd

    target = Path(path)
    parts = [frames] if isinstance(frames, pd.DataFrame) else frames
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        for place, frame in enumerate(parts):
            _as_written(frame).to_csv(stream, index=False, header=place == 0, lineterminator="\r\n")
    return target


def _as_written(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    made = neutral_frame(frame)
    places = range(len(made.columns))
    columns = {place: _written_column(made.iloc[:, place]) for place in places}
    written = pd.DataFrame(columns, index=made.index, dtype=object)
    written.columns = made.columns
    return written


def _risky(value: str) -> bool:
    return bool(_RISKY_RE.match(value)) and not _SAFE_RE.match(value)


def _risky_texts(texts: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Few texts begin like a formula, so a column without any is settled by one pass."""
    import pyarrow.compute as pc

    begins = pc.match_substring_regex(texts, _RISKY)
    if not pc.any(begins).as_py():
        return begins
    return pc.and_not(begins, pc.match_substring_regex(texts, _SAFE))


def _neutral_column(column: pd.Series) -> pd.Series:
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    if not pd.api.types.is_string_dtype(column.dtype) and column.dtype != object:
        return column
    if pd.api.types.infer_dtype(column, skipna=True) != "string":
        return column.map(lambda each: neutral(each) if isinstance(each, str) else each)
    texts = pa.array(column, pa.string(), from_pandas=True)
    risky = pc.fill_null(_risky_texts(texts), False)
    places = pc.indices_nonzero(risky).to_numpy()
    if not len(places):
        return column
    marked = column.astype(object).copy()
    marked.iloc[places] = neutral_texts(texts.take(places)).to_pylist()
    return marked


def _written_column(column: pd.Series) -> pd.Series | list[Any]:
    import pandas as pd

    if pd.api.types.infer_dtype(column, skipna=True) == "string":
        return column
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        moments = column.dropna()
        whole = bool((moments == moments.dt.normalize()).all()) and moments.dt.tz is None
        return [_moment(each, whole) for each in column]
    return [_written(each) for each in column]


def _moment(value: Any, whole: bool) -> str | None:
    import pandas as pd

    if pd.isna(value):
        return None
    return str(value.date().isoformat() if whole else value.isoformat())


def _written(value: Any) -> Any:
    import numpy as np

    if isinstance(value, str):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else None
    if isinstance(value, (float, np.floating)):
        return np.format_float_positional(value, trim="-") if np.isfinite(value) else None
    if isinstance(value, (dt.date, dt.datetime)) and value == value:
        return value.isoformat()
    return None if value is None or value != value else value
