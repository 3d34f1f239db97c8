"""Ids, codes and phone numbers: text that looks like numbers and is to stay text.

What a spreadsheet has done to them cannot be undone (9.11E+17 has lost its digits) and is refused.
Credit codes are checked by their last character (`workbench.tables.checks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.loaders.values.parsed import ParsedColumn, flag_bit
from workbench.loaders.values.results import Codes
from workbench.loaders.values.texts import string_array

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: A number that a spreadsheet has cut short, and one that it has turned into a number.
#: 100E10 is neither: a product may be called so, and a credit code may look like it.
_SPOILT = r"^[+-]?(?:\d+\.\d+[eE]\+?\d+|\d+[eE]\+\d+)$"
_POINT_ZERO = r"^\d+\.0+$"
_WIDE = r"[！-～]"
_ERROR = r"^#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|#+)$"
_NOTHING = ("-", "--", "—", "——", "/", "N/A", "n/a", "NULL", "null", "None", "nan", "无", "暂无")

#: Checks of `workbench.tables.checks`, and the reason where one fails.
_FAILED = {"credit_code": "bad_credit_code", "geo_code": "bad_geo_code", "whole_id": "spoilt_id"}


def id_column(texts: Any, *, check: str | None = None, pattern: str | None = None) -> ParsedColumn:
    """Read a column of ids or codes; they stay text.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    check : {"credit_code", "geo_code", "whole_id"}, optional
        Check of the declared column.
    pattern : str, optional
        Regular expression that a whole id has to meet.

    Returns
    -------
    ParsedColumn
        `values` are strings: without the apostrophe that marks text, without spaces around, full
        width made half. Where every text ends in .0, as pandas writes whole numbers beside empty
        cells, that is removed. Credit codes are put in capital letters without spaces.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values, wide = _cleaned(texts)
    if check == "credit_code":
        values = pc.replace_substring_regex(pc.utf8_upper(values), r"[\s-]", "")
    if check == "geo_code" or check is None:
        values = _without_point(values)
    codes = Codes()
    reasons = np.zeros(len(values), np.uint8)
    for wrong, reason in (
        (_matches(values, _ERROR), "spreadsheet_error"),
        (_matches(values, _SPOILT), "spoilt_id"),
        (_fails(values, check), _FAILED.get(check or "", "")),
        (_unlike(values, pattern), "wrong_form"),
    ):
        here = wrong & (reasons == 0)
        if here.any():
            reasons[here] = codes.code(reason)
    values = pc.if_else(pa.array(reasons > 0), None, values)
    flags = np.where(wide & (reasons == 0), np.uint32(flag_bit("full_width")), np.uint32(0))
    return ParsedColumn(values, None, flags.astype(np.uint32), reasons, codes.codes)


def clean_id(texts: Any) -> ParsedColumn:
    """Read a column of ids of any form; see `id_column`."""
    return id_column(texts)


def clean_phone(texts: Any) -> ParsedColumn:
    """Read a column of phone numbers: text as it stands, half width; 1.38E+10 is refused."""
    return id_column(texts)


def _cleaned(texts: Any) -> tuple[pa.Array, np.ndarray[Any, Any]]:
    """Texts trimmed, half width, null where they say nothing; and where full width was changed."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    values = string_array(texts)
    wide = _matches(values, _WIDE)
    if wide.any():
        narrow = pa.array([_narrow(text) for text in values.filter(pa.array(wide)).to_pylist()])
        values = pc.replace_with_mask(values, pa.array(wide), narrow.cast(values.type))
    values = pc.utf8_ltrim(pc.utf8_trim_whitespace(values), "'’‘`")
    nothing = pc.or_(
        pc.equal(values, ""), pc.is_in(values, value_set=pa.array(_NOTHING, values.type))
    )
    return pc.if_else(pc.fill_null(nothing, True), None, values), np.asarray(wide)


def _narrow(text: str) -> str:
    return text.translate(_NARROW)


_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def _matches(values: pa.Array, pattern: str) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow.compute as pc

    found = pc.fill_null(pc.match_substring_regex(values, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False), bool)


def _without_point(values: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    there = len(values) - values.null_count
    if not there or int(_matches(values, _POINT_ZERO).sum()) < there:
        return values
    return pc.replace_substring_regex(values, r"\.0+$", "")


def _fails(values: pa.Array, check: str | None) -> np.ndarray[Any, Any]:
    """Texts that the declared check does not let pass."""
    import numpy as np

    from workbench.tables.checks import CHECKS

    if check is None:
        return np.zeros(len(values), bool)
    good = CHECKS[check](values.to_pandas())
    return ~np.asarray(good, bool)


def _unlike(values: pa.Array, pattern: str | None) -> np.ndarray[Any, Any]:
    import numpy as np
    import pyarrow.compute as pc

    if pattern is None:
        return np.zeros(len(values), bool)
    valid = values.is_valid().to_numpy(zero_copy_only=False)
    fits = pc.fill_null(pc.match_substring_regex(values, f"^(?:{pattern})$"), False)
    return np.asarray(valid & ~fits.to_numpy(zero_copy_only=False), bool)
