"""Which accounts could be one company? Pairs worth a look, never all pairs.

Accounts meet where they share a credit code, a phone number, the core of a name (of today, former
or English), or rare pairs of characters in it. What a pair is worth: `score.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Ints = np.ndarray[Any, Any]

#: A phone number of more accounts than this is a switchboard and says nothing.
PHONE_SHARED_BY = 10

#: In larger groups of one key every account meets only the next.
GROUP = 200

#: The same for credit codes and for brands, which say less than whole names.
CORE_GROUP = 50

#: Least likeness of two names (Dice coefficient of their pairs of characters).
LIKE = 0.6

#: Pairs of names looked at at most by their characters; rarer characters come first.
NEAR_PAIRS = 15_000_000

_CHUNK = 20_000


def equal_pairs(keys: pd.Series | Ints, *, group: int = GROUP) -> Ints:
    """Pairs of places whose keys are equal.

    Parameters
    ----------
    keys : array_like, shape (n,)
        Missing and empty ones meet nobody.
    group : int
        Members of a key that all meet each other; in larger groups each meets the next only
        (fifty thousand rows of 散客 are no proposals).

    Returns
    -------
    numpy.ndarray of int64, shape (m, 2)
        Places, the smaller first.
    """
    import numpy as np
    import pandas as pd

    codes, words = pd.factorize(pd.Series(np.asarray(keys, dtype=object)))
    codes = np.where(np.isin(codes, np.flatnonzero(np.asarray(words) == "")), -1, codes)
    order = np.argsort(codes, kind="stable")
    order = order[codes[order] >= 0]
    ordered = codes[order]
    small = np.bincount(ordered)[ordered] <= group
    found = [np.empty((0, 2), np.int64)]
    for apart in range(1, min(group, len(order))):
        same = ordered[apart:] == ordered[:-apart]
        same = np.flatnonzero(same & (small[apart:] | (apart == 1)))
        if not len(same):
            break
        found.append(np.column_stack([order[same], order[same + apart]]))
    return distinct(np.concatenate(found))


def near_pairs(texts: pd.Series) -> tuple[Ints, Ints]:
    """Pairs of distinct texts that share most pairs of characters.

    Parameters
    ----------
    texts : pandas.Series of str, shape (n,)
        Distinct texts.

    Returns
    -------
    pairs : numpy.ndarray of int64, shape (m, 2)
        Places, the smaller first.
    like : numpy.ndarray of float64, shape (m,)
        Dice coefficient, at least `LIKE`.

    Notes
    -----
    Candidates share a character pair that is rare enough for `NEAR_PAIRS` to hold.
    """
    import numpy as np

    grams = _gram_matrix(texts)
    often = np.asarray(grams.sum(axis=0)).ravel()
    rare = grams[:, often <= _rare_enough(often)]
    sizes = np.asarray(grams.sum(axis=1)).ravel()
    common = sizes - np.asarray(rare.sum(axis=1)).ravel()
    columns = rare.T.tocsr()
    pairs, like = [np.empty((0, 2), np.int64)], [np.empty(0)]
    for start in range(0, len(texts), _CHUNK):
        shared = (rare[start : start + _CHUNK] @ columns).tocoo()
        one, other = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        least = LIKE * (sizes[one] + sizes[other]) / 2
        possible = shared.data + np.minimum(common[one], common[other]) >= least
        keep = possible & (one < other)
        one, other = one[keep], other[keep]
        both = np.asarray(grams[one].multiply(grams[other]).sum(axis=1)).ravel()
        dice = 2 * both / (sizes[one] + sizes[other])
        pairs.append(np.column_stack([one, other])[dice >= LIKE])
        like.append(dice[dice >= LIKE])
    return np.concatenate(pairs), np.concatenate(like)


def distinct(pairs: Ints) -> Ints:
    """Pairs once each, smaller place first, ordered; pairs of one with itself are left out."""
    import numpy as np

    pairs = np.sort(pairs, axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return pairs
    width = int(pairs.max()) + 1
    codes = np.unique(pairs[:, 0] * width + pairs[:, 1])
    return np.column_stack([codes // width, codes % width])


def _gram_matrix(texts: pd.Series) -> Any:
    """Texts by pairs of neighbouring characters, ends marked: 0 or 1."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    from scipy.sparse import csr_array

    marked = pc.binary_join_element_wise("^", pa.array(texts, pa.string()), "$", "")
    lengths = pc.utf8_length(marked).to_numpy()
    rows, grams = [], []
    for place in range(int(lengths.max(initial=0)) - 1):
        there = np.flatnonzero(lengths >= place + 2)
        rows.append(there)
        grams.append(pc.utf8_slice_codeunits(marked.take(pa.array(there)), place, place + 2))
    if not rows:
        return csr_array((len(texts), 0), dtype=np.int32)
    coded = pa.concat_arrays(grams).dictionary_encode()
    places = coded.indices.to_numpy()
    shape = (len(texts), len(coded.dictionary))
    matrix = csr_array((np.ones(len(places), np.int32), (np.concatenate(rows), places)), shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _rare_enough(often: Ints) -> int:
    """The highest frequency of characters at which pairs stay within `NEAR_PAIRS`."""
    import numpy as np

    ordered = np.sort(often)
    within = np.cumsum(ordered.astype(np.int64) ** 2) <= 2 * NEAR_PAIRS
    return int(ordered[within].max(initial=1))
