"""Checks of Chinese identifiers: credit codes, administrative codes, ids spoilt by spreadsheets.

Each check takes a series of text and returns a boolean series, true where the value is good;
missing values are good (whether they may be missing is the column's affair).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

# GB 32100-2015: 17 characters and a check character modulo 31; the letters I O S V Z are not used.
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

# GB/T 2260: first two digits of the codes of provincial level.
PROVINCE_CODES = frozenset(
    f"{part}{place}"
    for part, places in {1: "12345", 2: "123", 3: "1234567", 4: "123456", 5: "01234"}.items()
    for place in places
) | {"61", "62", "63", "64", "65", "71", "81", "82"}


def credit_check_character(first17: str) -> str:
    """Check character of a unified social credit code (GB 32100-2015).

    Parameters
    ----------
    first17 : str
        The first 17 characters.

    Returns
    -------
    str
        One character, such that the weighted sum of all 18 is divisible by 31.
    """
    total = sum(
        CREDIT_ALPHABET.index(character) * weight
        for character, weight in zip(first17, CREDIT_WEIGHTS, strict=True)
    )
    return CREDIT_ALPHABET[-total % 31]


def credit_code(values: pd.Series) -> pd.Series:
    """True for 18 characters of the alphabet with the right check character."""
    text = values.astype("str")
    shaped = text.str.fullmatch(f"[{CREDIT_ALPHABET}]{{18}}").fillna(False).astype(bool)
    good = values.isna() | shaped
    if shaped.any():
        places = np.array([list(code) for code in text[shaped]])
        digits = np.searchsorted(list(CREDIT_ALPHABET), places)
        weights = np.array([*CREDIT_WEIGHTS, 1])
        good[shaped] = (digits * weights).sum(axis=1) % 31 == 0
    return good


def geo_code(values: pd.Series) -> pd.Series:
    """True for six digits that begin with a code of provincial level (GB/T 2260)."""
    text = values.astype("str")
    shaped = text.str.fullmatch("[0-9]{6}").fillna(False).astype(bool)
    return values.isna() | (shaped & text.str[:2].isin(PROVINCE_CODES))


def whole_id(values: pd.Series) -> pd.Series:
    """False for ids a spreadsheet has spoilt: 9.11E+17, or 123.0."""
    text = values.astype("str")
    form = r"[0-9]+\.[0-9]+[eE]\+?[0-9]+|[0-9]+[eE]\+[0-9]+|[0-9]+\.0+"
    spoilt = text.str.fullmatch(form).fillna(False).astype(bool)
    return values.isna() | ~spoilt


CHECKS = {"credit_code": credit_code, "geo_code": geo_code, "whole_id": whole_id}
