"""Where do the names of two accounts meet, and how well do they agree?

Each account goes by its name of today, a former and an English one. Parts of names: `names.py`;
pairs: `pairs.py`; what agreement is worth: `weights.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.loaders.dedup.names import normal_name
from workbench.loaders.dedup.pairs import CORE_GROUP, equal_pairs, near_pairs
from workbench.loaders.dedup.weights import NEAR_FROM, NEAR_MOST, NEAR_SLOPE, WEIGHTS
from workbench.loaders.dedup.words import replaced

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Ints = np.ndarray[Any, Any]
    Bools = np.ndarray[Any, Any]
    Floats = np.ndarray[Any, Any]

_STEM_GROUP = 20
_COMPANIES = ("", "company", "limited", "shares")


def name_meetings(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of accounts whose names meet: one, other, name (code), said (weight), like.

    Where names meet in several ways (of today, former, English) the strongest counts.
    """
    import numpy as np
    import pandas as pd

    aliases = _aliases(rows)
    today = (aliases["kind"] == "name").to_numpy()
    cores = aliases["core"].where(today, "")
    near, like = _near(aliases)
    met = np.concatenate([equal_pairs(aliases["stem"]), equal_pairs(cores, group=CORE_GROUP), near])
    pairs = pd.DataFrame(met, columns=["i", "j"])
    pairs["like"] = np.concatenate([np.full(len(met) - len(near), np.nan), like])
    pairs = pairs.sort_values("like").drop_duplicates(["i", "j"])
    weighed = _weighed_names(aliases, pairs)
    weighed = weighed[weighed["one"] != weighed["other"]]
    return weighed.sort_values("said", ascending=False, kind="stable").drop_duplicates(
        ["one", "other"]
    )


def texts_of(rows: pd.DataFrame, column: str) -> pd.Series:
    """A column as text, "" where it is missing or the table lacks it."""
    import pandas as pd

    if column not in rows:
        return pd.Series("", index=rows.index, dtype=object)
    return rows[column].astype(object).where(rows[column].notna(), "").astype(str).astype(object)


def _aliases(rows: pd.DataFrame) -> pd.DataFrame:
    """All names of all accounts in parts; `stem` is core and trade."""
    import pandas as pd
    import pyarrow as pa

    today = normal_name(texts_of(rows, "name"))
    former = texts_of(rows, "former_name")
    stated = {"name": today, "former": normal_name(former.where(former != "", today["former"]))}
    english = texts_of(rows, "name_en")
    stated["english"] = normal_name(english.where(english != texts_of(rows, "name"), ""))
    parts = [one.assign(kind=kind, account=rows.index) for kind, one in stated.items()]
    aliases = pd.concat(parts, ignore_index=True)
    stem = pa.array(aliases["core"] + aliases["trade"], pa.string())
    aliases["stem"] = replaced(stem, ((" ", ""),)).to_pandas()
    aliases["number"] = replaced(stem, (("[^0-9零一二三四五六七八九十]", ""),)).to_pandas()
    return aliases[aliases["stem"] != ""].reset_index(drop=True)


def _near(aliases: pd.DataFrame) -> tuple[Ints, Floats]:
    """Pairs of today's names that are alike, but not the same, in their characters."""
    import pandas as pd

    stems = aliases.loc[aliases["kind"] == "name", "stem"]
    counts = stems.value_counts()
    few = stems[stems.map(counts) <= _STEM_GROUP]
    words = pd.Series(sorted(few.unique()), dtype=object)
    pairs, like = near_pairs(words)
    coded = few.map({word: n for n, word in enumerate(words)}).astype("int64")
    places = pd.DataFrame({"row": coded.index, "stem": coded.to_numpy()})
    alike = pd.DataFrame({"a": pairs[:, 0], "b": pairs[:, 1], "like": like})
    alike = alike.merge(places.rename(columns={"row": "i", "stem": "a"}), on="a")
    alike = alike.merge(places.rename(columns={"row": "j", "stem": "b"}), on="b")
    found = alike[["i", "j"]].to_numpy("int64")
    found.sort(axis=1)
    return found, alike["like"].to_numpy("float64")


def _weighed_names(aliases: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    i, j = pairs["i"].to_numpy(), pairs["j"].to_numpy()
    side = {name: aliases[name].to_numpy() for name in aliases.columns}
    one, other = side["account"][i], side["account"][j]
    kinds = side["kind"][i], side["kind"][j]
    today = (kinds[0] == "name") & (kinds[1] == "name")
    stem = side["stem"][i] == side["stem"][j]
    code, said = _relation(side, i, j, stem, pairs["like"].to_numpy())
    english = (kinds[0] == "english") | (kinds[1] == "english")
    code = np.where(today, code, np.where(english, "english_name", "former_name"))
    place, where = _places_agree(side, i, j)
    often = aliases.groupby("stem")["account"].transform("nunique").to_numpy()[i]
    vague = np.isin(where, ("place_unsaid", "place_nowhere")) & stem
    said = said + place - np.where(vague, np.log(np.maximum(often - 1, 1)), 0)
    group = side["group"][i] != side["group"][j]
    number = side["number"][i] != side["number"][j]
    branch = side["branch"][i] != side["branch"][j]
    crossed = english & (kinds[0] == kinds[1])  # two translations say nothing of their own
    made = pd.DataFrame(
        {
            "one": np.minimum(one, other),
            "other": np.maximum(one, other),
            "name": code,
            "said": said
            + group * WEIGHTS["different_group"]
            + number * WEIGHTS["different_number"],
            "like": pairs["like"].to_numpy(),
            "stem": np.where(stem, side["stem"][i], ""),
            "where": where,
            "group": group,
            "number": number,
            "branch": branch,
        }
    )
    return made[(code != "") & (today | stem) & ~crossed]


def _relation(
    side: dict[str, Any], i: Ints, j: Ints, stem: Bools, like: Floats
) -> tuple[np.ndarray[Any, Any], Floats]:
    """Code and weight of how two names agree, places left aside."""
    import numpy as np

    forms = side["form"][i], side["form"][j]
    same_form = forms[0] == forms[1]
    loose = np.isin(forms[0], ("", "company")) | np.isin(forms[1], ("", "company"))
    firm = np.isin(forms[0], _COMPANIES) & np.isin(forms[1], _COMPANIES)
    core = side["core"][i] == side["core"][j]
    trades = side["trade"][i].astype(str), side["trade"][j].astype(str)
    short = core & ((trades[0] == "") | (trades[1] == ""))
    longer = core & (np.strings.startswith(*trades) | np.strings.startswith(trades[1], trades[0]))
    near = ~np.isnan(like)
    near_said = np.clip(NEAR_SLOPE * (np.nan_to_num(like) - NEAR_FROM), 0, NEAR_MOST)
    names = ("same_name", "same_name_without_form", "other_form", "short_name", "longer_trade")
    tests = [stem & same_form, stem & firm & loose, stem & firm, short, longer, near]
    code = np.select(tests, [*names, "near_name"], "")
    weights = [WEIGHTS[name] for name in names]
    return code, np.select(tests, [*(np.full(len(i), each) for each in weights), near_said], 0.0)


def _places_agree(side: dict[str, Any], i: Ints, j: Ints) -> tuple[Floats, np.ndarray[Any, Any]]:
    """Weight and code of how the places in two names agree."""
    import numpy as np

    one, other = side["place"][i].astype("U6"), side["place"][j].astype("U6")
    nowhere = (one == "") & (other == "")
    unsaid = (one == "") | (other == "")
    part = one.astype("U2") == other.astype("U2")
    whole = np.strings.endswith(one, "0000") | np.strings.endswith(other, "0000")
    agree = (one == other) | (part & whole)
    tests = [nowhere, unsaid, agree]
    code = np.select(tests, ["place_nowhere", "place_unsaid", ""], "different_place")
    weights = [WEIGHTS["place_nowhere"], WEIGHTS["place_unsaid"], 0.0]
    return np.select(tests, weights, WEIGHTS["different_place"]), code
