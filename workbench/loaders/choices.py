"""Texts of a choice column into the declared codes: 直销 and Direct sales are both `direct`.

A text is looked up among the codes and labels of the declaration, then among the synonyms of the
sheet's system, then among general ones (`facts/choices.csv`). A text that none of them knows is
not read: the value stays empty and the cell is listed. Who uses it: `readers.py`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from workbench.tables.declare import Column

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_FILLERS = re.compile(r"[\s_/\\\-–—·.。、,，:：;；()（）\[\]【】]+")


def choice_column(
    texts: pa.Array, column: Column, system: str = ""
) -> tuple[pa.Array, np.ndarray[Any, Any]]:
    """Read a column of texts as codes of a choice column.

    Parameters
    ----------
    texts : pyarrow.Array of string
    column : Column
        Declared column of kind "choice".
    system : str
        System the texts come from; its own words go before general ones.

    Returns
    -------
    codes : pyarrow.Array of string
        Declared codes; null where missing or unknown.
    unknown : numpy.ndarray of bool
        True where there is a text that is not known.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = pc.dictionary_encode(texts.cast(pa.string()))
    known = [
        code_of(word, column, system) if word is not None else None
        for word in coded.dictionary.to_pylist()
    ]
    if not known:
        codes = pa.nulls(len(texts), pa.string())
    else:
        values = pa.array(known, pa.string())
        codes = pa.DictionaryArray.from_arrays(coded.indices, values).dictionary_decode()
    filled = pc.fill_null(pc.not_equal(pc.utf8_trim_whitespace(texts), ""), False)
    unknown = pc.and_(filled, pc.is_null(codes))
    return codes, unknown.to_numpy(zero_copy_only=False).astype(bool)


def code_of(text: str, column: Column, system: str = "") -> str | None:
    """Declared code that one text stands for; None where it is not known."""
    word = _plain(text)
    declared = _declared(column)
    if word in declared:
        return declared[word]
    synonyms = _facts().get(column.name, {})
    for scope in (system, ""):
        for code in synonyms.get((scope, word), ()):
            if code in column.choices:
                return code
    return None


def _plain(text: str) -> str:
    return _FILLERS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def _declared(column: Column) -> dict[str, str]:
    """Codes and labels in both languages, each as the code it stands for."""
    labels = {_plain(label): code for code, both in column.choices.items() for label in both}
    return {**labels, **{_plain(code): code for code in column.choices}}


@cache
def _facts() -> dict[str, dict[tuple[str, str], list[str]]]:
    """Synonyms by name of the column, then by (system, word): codes, as columns share names."""
    path = files("workbench.loaders") / "facts" / "choices.csv"
    found: dict[str, dict[tuple[str, str], list[str]]] = defaultdict(lambda: defaultdict(list))
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["column"]][row["system"], _plain(row["text"])].append(row["code"])
    return found
