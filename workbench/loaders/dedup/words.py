"""Steps on arrays of text: cut words off, pull groups out, replace, look up.

Arrow's own patterns are quick where they only match and slow where they capture; words known
beforehand are therefore cut off by slices of their length (`cut`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

HAN = r"\p{Han}"

#: No space beside Chinese characters, brackets and the sign &.
SPACES = ((rf" +([{HAN}()&])", r"\1"), (rf"([{HAN}()&]) +", r"\1"))


def cut(
    text: pa.Array, words: Iterable[str], *, front: bool = False, least: int = 1
) -> tuple[pa.Array, pa.Array]:
    """Cut the longest of the words off the end (or the front).

    Parameters
    ----------
    text : pyarrow.Array of string, shape (n,)
    words : iterable of str
    front : bool
        Cut at the front.
    least : int
        Characters that must stay.

    Returns
    -------
    rest, word : pyarrow.Array of string, shape (n,)
        `word` is "" where none fits.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    left, places = text, np.arange(len(text))
    done: list[tuple[np.ndarray, pa.Array, pa.Array]] = []
    longest = pc.max(pc.utf8_length(text)).as_py() or 0
    for length, group in _by_length(words):
        if length + least > longest or not len(left):
            continue
        piece = _end(left, length, front)
        long = pc.greater_equal(pc.utf8_length(left), length + least)
        hit = pc.and_(pc.is_in(piece, pa.array(group)), long)
        if pc.any(hit).as_py():
            mask = hit.to_numpy(zero_copy_only=False)
            rest = _without_end(left.filter(hit), length, front)
            done.append((places[mask], rest, piece.filter(hit)))
            left, places = left.filter(pc.invert(hit)), places[~mask]
    done.append((places, left, pc.utf8_slice_codeunits(left, 0, 0)))
    order = pa.array(np.argsort(np.concatenate([each for each, _, _ in done]), kind="stable"))
    rests = pa.concat_arrays([each for _, each, _ in done])
    found = pa.concat_arrays([each for _, _, each in done])
    return rests.take(order), found.take(order)


def pulled(text: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    """The text without what the pattern finds first, and its group `found` ("" where none)."""
    import pyarrow.compute as pc

    found = pc.struct_field(pc.extract_regex(text, pattern), "found").fill_null("")
    rest = pc.replace_substring_regex(text, pattern, " ", max_replacements=1)
    return trimmed(replaced(rest, SPACES)), found


def split(text: pa.Array, pattern: str) -> tuple[pa.Array, pa.Array]:
    """Groups `head` and `tail` of a pattern; all is head where it does not fit."""
    import pyarrow.compute as pc

    found = pc.extract_regex(text, pattern)
    head, tail = pc.struct_field(found, "head"), pc.struct_field(found, "tail")
    return pc.if_else(pc.is_null(head), text, head), tail.fill_null("")


def replaced(text: pa.Array, steps: Iterable[tuple[str, str]]) -> pa.Array:
    """Replace patterns, one after the other."""
    import pyarrow.compute as pc

    for pattern, into in steps:
        text = pc.replace_substring_regex(text, pattern, into)
    return text


def looked_up(text: pa.Array, table: Mapping[str, str]) -> pa.Array:
    """What the table has for each text, "" where nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = pc.index_in(text, pa.array(list(table), pa.string()))
    return pa.array(list(table.values()), pa.string()).take(place).fill_null("")


def first(one: pa.Array, other: pa.Array) -> pa.Array:
    """The first text that is not empty."""
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(one, ""), other, one)


def is_said(text: pa.Array) -> pa.Array:
    """True where the text is not empty."""
    import pyarrow.compute as pc

    return pc.not_equal(text, "")


def trimmed(text: pa.Array) -> pa.Array:
    """Without space at the ends."""
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(text)


def _by_length(words: Iterable[str]) -> list[tuple[int, list[str]]]:
    groups: dict[int, list[str]] = defaultdict(list)
    for word in words:
        groups[len(word)].append(word)
    return sorted(groups.items(), reverse=True)


def _end(text: pa.Array, length: int, front: bool) -> pa.Array:
    import pyarrow.compute as pc

    if front:
        return pc.utf8_slice_codeunits(text, 0, length)
    return pc.utf8_slice_codeunits(text, -length)


def _without_end(text: pa.Array, length: int, front: bool) -> pa.Array:
    import pyarrow.compute as pc

    if front:
        return pc.utf8_slice_codeunits(text, length)
    return pc.utf8_slice_codeunits(text, 0, -length)
