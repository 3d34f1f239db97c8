"""Texts reduced to their form: which signs stand where, whatever the digits.

Two texts of the same form ("¥1,234.5万", "¥8,020.0万") are read in the same way: the grammar
(`amount_forms.py`, `date_forms.py`) looks at the form once and says which digit counts for what;
the digits of a whole column are then summed up by position, without a loop over rows. A single
text goes through the same grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

#: Signs of full width and their plain twins (U+FF01 to U+FF5E), as typed with a Chinese keyboard.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WIDE_DIGITS = dict.fromkeys(range(65296, 65306), "９")
_SPACES = dict.fromkeys(
    [*range(0x2000, 0x2010), 0x09, 0x0A, 0x0D, 0xA0, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF], " "
)
_DASHES = dict.fromkeys([0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2212, 0xFE63], "-")
_TWINS = {"￥": "¥", "￡": "£", "’": "'", "‘": "'", "～": "~", "∼": "~", "〜": "~", "﹪": "%"}
_SMALL = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}

_NINES: dict[int, str] = {**{ord(str(d)): "9" for d in range(10)}, **_WIDE_DIGITS}
_PLAIN: dict[int, int | str] = {
    **_WIDE,
    **{wide: code - 32 for wide, code in _WIDE.items() if ord("a") <= code <= ord("z")},
    **_SPACES,
    **_DASHES,
    **{ord(sign): twin for sign, twin in _TWINS.items()},
    **_SMALL,
}

#: Rows handled at once: their arrays stay in the cache of the processor.
_ROWS = 1 << 16


def skeleton(text: str) -> str:
    """The text with a 9 for every digit (９ for one of full width)."""
    return text.translate(_NINES)


def plain(form: str) -> str:
    """The same text, sign for sign: half width, capital letters, one kind of space and of dash."""
    return form.translate(_PLAIN)


def has_wide(form: str) -> bool:
    """Whether digits or signs of full width stand in it."""
    return any(sign in _WIDE_SIGNS for sign in form)


#: ￥ and ～ count as plain: Chinese keyboards have no others.
_WIDE_SIGNS = frozenset(map(chr, _WIDE)) - {"～"}


def digit(sign: str) -> int:
    """The value of a digit of either width."""
    return ord(sign) & 0x0F


@dataclass(frozen=True)
class Coded:
    """A column of texts by form.

    Attributes
    ----------
    texts : pyarrow.Array of string
    forms : list of str
        Skeletons that occur.
    codes : numpy.ndarray of int32
        Place of each text's form in `forms`; -1 for null.
    data, starts : numpy.ndarray
        All bytes of the texts, and where each text begins.
    """

    texts: pa.Array
    forms: list[str]
    codes: np.ndarray[Any, Any]
    data: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]

    def __len__(self) -> int:
        """Number of texts."""
        return len(self.codes)

    def counts(self) -> list[int]:
        """How many texts have each form."""
        import numpy as np

        # Nulls are counted in front and left out.
        return np.bincount(self.codes + 1, minlength=len(self.forms) + 1)[1:].tolist()

    def first(self, form: str) -> str:
        """The first text of a form."""
        import numpy as np

        row = int(np.argmax(self.codes == self.forms.index(form)))
        return str(self.texts[row].as_py())


def string_array(texts: Any) -> pa.Array:
    """One string array out of whatever holds texts (array, chunks, list, series)."""
    import pyarrow as pa

    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks() if texts.num_chunks != 1 else texts.chunk(0)
    elif not isinstance(texts, pa.Array):
        texts = pa.array(texts, from_pandas=True)
        if isinstance(texts, pa.ChunkedArray):
            return string_array(texts)
    if pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type):
        return texts
    return texts.cast(pa.string())


def coded(texts: Any) -> Coded:
    """Find the forms of a column of texts.

    Parameters
    ----------
    texts : pyarrow.Array or ChunkedArray of string, or what `pyarrow.array` takes
    """
    import numpy as np
    import pyarrow as pa

    array = string_array(texts)
    wide = pa.types.is_large_string(array.type)
    _, offset_buffer, data_buffer = array.buffers()
    if not len(array) or data_buffer is None:
        codes = np.where(_null(array), -1, 0).astype(np.int32)
        return Coded(array, [""], codes, np.zeros(1, np.uint8), np.zeros(len(array), np.int64))
    size = np.int64 if wide else np.int32
    edges = np.frombuffer(offset_buffer, size)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(data_buffer, np.uint8)[edges[0] : edges[-1]]
    edges = edges - edges[0]
    parts = [None, pa.py_buffer(edges), pa.py_buffer(_without_digits(data))]
    found = pa.Array.from_buffers(array.type, len(array), parts).dictionary_encode()
    codes = found.indices.to_numpy()
    if array.null_count:
        codes = np.where(_null(array), -1, codes)
    return Coded(array, found.dictionary.to_pylist(), codes, data, edges[:-1])


def _null(array: pa.Array) -> np.ndarray[Any, Any]:
    return array.is_null().to_numpy(zero_copy_only=False)


def _without_digits(data: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """UTF-8 bytes with every digit, plain or of full width (EF BC 90 to EF BC 99), as its nine."""
    import numpy as np

    table = np.arange(256, dtype=np.uint8)
    table[ord("0") : ord("9") + 1] = ord("9")
    out = table[data]
    lead = np.flatnonzero(data == 0xEF)
    if len(lead):
        lead = lead[(data[lead + 1] == 0xBC) & (data[lead + 2] >= 0x90) & (data[lead + 2] <= 0x99)]
        out[lead + 2] = 0x99
    return out


Plan = TypeVar("Plan")


def planned(
    column: Coded, plan: Callable[[str], Plan], reads: Callable[[Plan], bool]
) -> tuple[Coded, list[Plan]]:
    """Plans of all forms; forms that are refused alike become one.

    A column of names has as many forms as texts; few are left where none is a number.

    Parameters
    ----------
    column : Coded
    plan : function
        The grammar; it gives the same object for all that is refused for one reason.
    reads : function
        Whether a plan reads its texts.
    """
    import numpy as np

    forms: list[str] = []
    plans: list[Plan] = []
    refused: dict[int, int] = {}
    places = []
    for form in column.forms:
        own = plan(form)
        place = len(forms) if reads(own) else refused.setdefault(id(own), len(forms))
        if place == len(forms):
            forms.append(form)
            plans.append(own)
        places.append(place)
    if len(forms) == len(column.forms):
        return column, plans
    codes = np.array([*places, -1], np.int32)[column.codes]
    return replace(column, forms=forms, codes=codes), plans


def byte_places(form: str) -> list[int]:
    """For every sign of a form the byte that tells a digit: its last one."""
    places, end = [], 0
    for sign in form:
        end += len(sign.encode())
        places.append(end - 1)
    return places


def digit_sums(
    column: Coded,
    places: Sequence[Sequence[int]],
    weights: Sequence[Sequence[int]],
    base: Sequence[int] | None = None,
) -> np.ndarray[Any, Any]:
    """For every text the sum of digit x weight, as its form has it.

    Parameters
    ----------
    column : Coded
    places, weights : one sequence for each form
        Signs of the form that are digits, and what a digit there is worth.
    base : sequence of int, optional
        What each form adds.

    Returns
    -------
    numpy.ndarray of int64
        Zero for nulls.
    """
    import numpy as np

    forms = len(column.forms)
    width = max((len(row) for row in places), default=0)
    at = np.zeros((width, forms + 1), np.int64)  # the last form is that of nulls: code -1
    worth = np.zeros((width, forms + 1), np.int64)
    for form, (spots, values) in enumerate(zip(places, weights, strict=True)):
        if spots:
            last = byte_places(column.forms[form])
            at[: len(spots), form] = [last[spot] for spot in spots]
            worth[: len(spots), form] = values
    first = np.array([*(base or [0] * forms), 0], np.int64)
    out = np.empty(len(column), np.int64)
    for start in range(0, len(column), _ROWS):
        rows = slice(start, start + _ROWS)
        codes, starts = column.codes[rows], column.starts[rows]
        total = first[codes]
        for spot, value in zip(at, worth, strict=True):
            _add(total, column.data, starts, codes, spot, value)
        out[rows] = total
    return out


def _add(
    total: np.ndarray[Any, Any],
    data: np.ndarray[Any, Any],
    starts: np.ndarray[Any, Any],
    codes: np.ndarray[Any, Any],
    spot: np.ndarray[Any, Any],
    value: np.ndarray[Any, Any],
) -> None:
    """Add one digit of every text; only where it counts, once few forms are as long as that."""
    import numpy as np

    worth = value[codes]
    used = np.flatnonzero(worth)
    if not len(used):
        return
    if len(used) * 2 > len(codes):
        where = np.where(worth != 0, starts + spot[codes], 0)
        total += (data[where] & 0x0F) * worth
    else:
        total[used] += (data[starts[used] + spot[codes[used]]] & 0x0F) * worth[used]


def digits_of(text: str, places: Sequence[int], weights: Sequence[int], base: int = 0) -> int:
    """The same sum for one text."""
    return base + sum(digit(text[p]) * w for p, w in zip(places, weights, strict=True))
