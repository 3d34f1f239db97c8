"""How likely are two accounts one company? Evidence, its weights, proposals in order.

Weights are log-odds that add up (Fellegi and Sunter, "A Theory for Record Linkage", JASA 1969), set
by hand from what the fields mean, not fitted to any company: they are assumptions, stated in
`WEIGHTS`. Two legal entities are never one account: different valid credit codes, and a company
and its branch, are held under any threshold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.loaders.dedup.names import normal_name
from workbench.loaders.dedup.pairs import PHONE_SHARED_BY, distinct, equal_pairs, near_pairs
from workbench.loaders.dedup.words import replaced

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Ints = np.ndarray[Any, Any]
    Bools = np.ndarray[Any, Any]
    Floats = np.ndarray[Any, Any]

#: Proposals below this score are not made: more likely than not.
LEAST = 0.5

#: Log-odds of evidence. A pair that meets at all starts at `met`: one in twenty.
WEIGHTS: dict[str, float] = {
    "met": -3.0,
    "same_credit_code": 8.0,
    "same_phone": 2.5,  # less the logarithm of the others that have it: shared switchboards
    "same_name": 6.0,  # place, core, trade and kind of form
    "same_name_without_form": 5.3,  # one form is missing or plain 公司
    "other_form": 4.0,  # 有限 against 股份: mostly the same company before and after
    "longer_trade": 2.5,  # 恒拓电子 and 恒拓电子科技 may be sisters
    "short_name": 2.2,  # 恒拓 for 深圳市恒拓电子有限公司
    "unlike_name": -2.5,
    "place_unsaid": -0.9,  # one name has a place, the other none
    "place_nowhere": -0.6,  # neither has
    "different_place": -7.0,
    "different_group": -4.0,  # 集团 stands above its companies
    "different_number": -4.0,  # 第一水泥厂 and 第二水泥厂
    "same_city": 0.7,  # where the names do not say it already
    "different_province": -1.5,
}
NEAR_SLOPE, NEAR_FROM, NEAR_MOST = 10.0, 0.55, 4.0

#: Scores that two legal entities cannot pass, whatever else agrees.
CEILINGS = {"different_credit_code": 0.05, "different_branch": 0.3}

#: Columns of proposals.
COLUMNS = ("account_id", "duplicate_id", "score", "why", "evidence")

_CORE_GROUP = 50
_STEM_GROUP = 20
_COMPANIES = ("", "company", "limited", "shares")


def propose(accounts: pd.DataFrame, *, least: float = LEAST) -> pd.DataFrame:
    """Propose accounts that are one company, with score and evidence.

    Parameters
    ----------
    accounts : pandas.DataFrame
        Rows of the table `account`; `account_id` and `name` are needed, `credit_code`, `phone`,
        `former_name`, `name_en`, `geo_code` and `created_date` help.
    least : float
        Lowest score that is proposed, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        `account_id` (to be kept: it has a valid credit code, or was entered first),
        `duplicate_id`, `score` (0 to 1), `why` (codes apart by a space; see `REASONS` in
        `merge_file.py`) and `evidence` ("code: what agrees", apart by "; "; phones by their last
        four digits), the surest first.

    Notes
    -----
    A score is the probability of Fellegi and Sunter under the weights above, which are set by
    hand: it orders proposals and is no measured frequency. A person approves.
    """
    import numpy as np

    rows = accounts.reset_index(drop=True)
    facts = _facts(rows)
    named = _name_meetings(rows)
    pairs = distinct(
        np.concatenate(
            [
                named[["one", "other"]].to_numpy(np.int64),
                equal_pairs(facts["code"], group=_CORE_GROUP),
                equal_pairs(facts["phone"], group=PHONE_SHARED_BY),
            ]
        )
    )
    scored = _scored(pairs, facts, named)
    return _told(scored[scored["score"] >= least], rows, facts)


# -- what is known of each account


def _facts(rows: pd.DataFrame) -> pd.DataFrame:
    """Comparable credit code, phone and place of each account, and how often each stands."""
    import pandas as pd

    from workbench.tables.checks import credit_code

    facts = pd.DataFrame(index=rows.index)
    code = _text(rows, "credit_code").str.upper().str.replace(r"[\s-]", "", regex=True)
    facts["code"] = code.where((code != "") & credit_code(code), "")
    facts["phone"] = _phones(_text(rows, "phone"))
    geo = _text(rows, "geo_code")
    facts["geo"] = geo.where(geo.str.fullmatch("[1-9][0-9]{5}"), "")
    for name in ("code", "phone"):
        counts = facts.groupby(name)[name].transform("size")
        facts[f"{name}_often"] = counts.where(facts[name] != "", 1)
    facts.loc[facts["phone_often"] > PHONE_SHARED_BY, "phone"] = ""
    return facts


def _phones(phones: pd.Series) -> pd.Series:
    """Digits of the first number: no country code, trunk zero or extension; "" if none is whole."""
    import pandas as pd
    import pyarrow as pa

    steps = (
        (r"^\s*(.*?)[/;,、，；\n].*$", r"\1"),
        (r"(?i)(转|分机|ext\.?|x|#).*$", ""),
        (r"(\d{7,8})-\d{1,5}$", r"\1"),
        (r"\D", ""),
        (r"^(00)?86(\d{9,})$", r"\2"),
        (r"^0+", ""),
        (r"^(\d{0,6}|\d{16,})$", ""),
        (r"^.*(0{6,}|1{7,}|2{7,}|3{7,}|4{7,}|5{7,}|6{7,}|7{7,}|8{7,}|9{7,})$", ""),
    )
    return pd.Series(replaced(pa.array(phones, pa.string()), steps).to_pandas(), phones.index)


def _text(rows: pd.DataFrame, column: str) -> pd.Series:
    import pandas as pd

    if column not in rows:
        return pd.Series("", index=rows.index, dtype=object)
    return rows[column].astype(object).where(rows[column].notna(), "").astype(str).astype(object)


# -- names that meet


def _name_meetings(rows: pd.DataFrame) -> pd.DataFrame:
    """Pairs of accounts whose names meet: one, other, name (code), said (weight), like.

    Where names meet in several ways (of today, former, English) the strongest counts.
    """
    import numpy as np
    import pandas as pd

    aliases = _aliases(rows)
    today = (aliases["kind"] == "name").to_numpy()
    cores = aliases["core"].where(today, "")
    near, like = _near(aliases)
    met = np.concatenate(
        [equal_pairs(aliases["stem"]), equal_pairs(cores, group=_CORE_GROUP), near]
    )
    pairs = pd.DataFrame(met, columns=["i", "j"])
    pairs["like"] = np.concatenate([np.full(len(met) - len(near), np.nan), like])
    pairs = pairs.sort_values("like").drop_duplicates(["i", "j"])
    weighed = _weighed_names(aliases, pairs)
    weighed = weighed[weighed["one"] != weighed["other"]]
    return weighed.sort_values("said", ascending=False, kind="stable").drop_duplicates(
        ["one", "other"]
    )


def _aliases(rows: pd.DataFrame) -> pd.DataFrame:
    """All names of all accounts in parts; `stem` is core and trade."""
    import pandas as pd
    import pyarrow as pa

    today = normal_name(_text(rows, "name"))
    former = _text(rows, "former_name")
    stated = {"name": today, "former": normal_name(former.where(former != "", today["former"]))}
    english = _text(rows, "name_en")
    stated["english"] = normal_name(english.where(english != _text(rows, "name"), ""))
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


# -- the score of a pair


def _scored(pairs: Ints, facts: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Each pair with its evidence as columns, and its score."""
    import numpy as np
    import pandas as pd

    scored = pd.DataFrame(pairs, columns=["one", "other"]).merge(
        named, on=["one", "other"], how="left"
    )
    one, other = (
        facts.take(scored[side].to_numpy()).reset_index(drop=True) for side in ("one", "other")
    )
    scored["same_code"] = (one["code"] != "") & (one["code"] == other["code"])
    scored["other_code"] = (
        (one["code"] != other["code"]) & (one["code"] != "") & (other["code"] != "")
    )
    scored["same_phone"] = (one["phone"] != "") & (one["phone"] == other["phone"])
    known = (one["geo"] != "") & (other["geo"] != "")
    silent = ~scored["where"].isin(["", "different_place"])  # the names do not tell the place
    city = (one["geo"] == other["geo"]) & ~one["geo"].str.endswith("0000")
    scored["same_city"] = known & city & silent
    apart = known & (one["geo"].str[:2] != other["geo"].str[:2])
    scored["apart"] = apart & silent
    total = (
        WEIGHTS["met"]
        + scored["said"].fillna(WEIGHTS["unlike_name"])
        + scored["same_code"] * (WEIGHTS["same_credit_code"] - _others(one["code_often"]))
        + scored["same_phone"] * (WEIGHTS["same_phone"] - _others(one["phone_often"]))
        + scored["same_city"] * WEIGHTS["same_city"]
        + scored["apart"] * WEIGHTS["different_province"]
    )
    score = pd.Series(1 / (1 + np.exp(-total.to_numpy("float64"))))
    for column, ceiling in (
        ("other_code", "different_credit_code"),
        ("branch", "different_branch"),
    ):
        held = scored[column].eq(True)
        score = score.where(~held, score.clip(upper=CEILINGS[ceiling]))
    scored["score"] = score
    return scored


def _others(often: pd.Series) -> pd.Series:
    """Logarithm of how many other accounts have the same."""
    import numpy as np
    import pandas as pd

    return pd.Series(np.log(np.maximum(often.to_numpy() - 1, 1)), often.index)


# -- proposals


def _told(scored: pd.DataFrame, rows: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Pairs as proposals: which account is kept, why, in order."""
    import numpy as np
    import pandas as pd

    rank = _rank(rows, facts)
    one, other = scored["one"].to_numpy(), scored["other"].to_numpy()
    first = rank[one] < rank[other]
    ids = rows["account_id"].astype(str).to_numpy()
    why, evidence = _reasons(scored, facts)
    made = pd.DataFrame(
        {
            "account_id": ids[np.where(first, one, other)],
            "duplicate_id": ids[np.where(first, other, one)],
            "score": scored["score"].round(3).to_numpy(),
            "why": why,
            "evidence": evidence,
        },
        columns=list(COLUMNS),
    )
    order = ["score", "account_id", "duplicate_id"]
    return made.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _rank(rows: pd.DataFrame, facts: pd.DataFrame) -> Ints:
    """Which account stays: one with a valid credit code, entered first, with the lowest id."""
    import numpy as np
    import pandas as pd

    order = pd.DataFrame({"lacks": facts["code"] == "", "id": rows["account_id"].astype(str)})
    created = rows.get("created_date", pd.Series(pd.NaT, index=rows.index))
    order["created"] = pd.to_datetime(created, errors="coerce")
    places = order.sort_values(["lacks", "created", "id"], na_position="last").index.to_numpy()
    rank = np.empty(len(rows), np.int64)
    rank[places] = np.arange(len(rows))
    return rank


def _reasons(scored: pd.DataFrame, facts: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Codes of each pair, for and against, and what they rest on."""
    import numpy as np
    import pandas as pd

    one = facts.take(scored["one"].to_numpy()).reset_index(drop=True)
    pairs = scored.reset_index(drop=True)
    name = pairs["name"].fillna("unlike_name")
    like = pairs["like"].map("{:.2f}".format, na_action="ignore")
    told = {
        "same_credit_code": (pairs["same_code"], one["code"]),
        "same_phone": (pairs["same_phone"], "…" + one["phone"].str[-4:]),
        "name": (name != "", pairs["stem"].fillna("").where(name != "near_name", like)),
        "same_city": (pairs["same_city"], one["geo"]),
        "different_province": (pairs["apart"], ""),
        "different_place": (pairs["where"] == "different_place", ""),
        "different_group": (pairs["group"].eq(True), ""),
        "different_number": (pairs["number"].eq(True), ""),
        "different_branch": (pairs["branch"].eq(True), ""),
        "different_credit_code": (pairs["other_code"], ""),
    }
    why = np.full(len(pairs), "", object)
    evidence = why.copy()
    for code, (holds, detail) in told.items():
        word = name.to_numpy(object) if code == "name" else np.full(len(pairs), code, object)
        text = pd.Series(detail, index=pairs.index).fillna("").to_numpy(object)
        at = holds.to_numpy(bool)
        why[at] = why[at] + " " + word[at]
        shown = at & (text != "")
        evidence[shown] = evidence[shown] + "; " + word[shown] + ": " + text[shown]
    return [each.strip() for each in why], [each.removeprefix("; ") for each in evidence]
