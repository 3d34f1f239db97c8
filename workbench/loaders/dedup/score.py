"""How likely are two accounts one company? Evidence, scores, proposals in order.

Weights and where they come from: `weights.py`; how names agree: `meetings.py`; who meets at all:
`pairs.py`. What becomes of proposals: `merge_file.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.loaders.dedup.meetings import name_meetings, texts_of
from workbench.loaders.dedup.pairs import CORE_GROUP, PHONE_SHARED_BY, distinct, equal_pairs
from workbench.loaders.dedup.weights import CEILINGS, LEAST, WEIGHTS
from workbench.loaders.dedup.words import replaced

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    Ints = np.ndarray[Any, Any]

#: Columns of proposals.
COLUMNS = ("account_id", "duplicate_id", "score", "why", "evidence")


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
    named = name_meetings(rows)
    pairs = distinct(
        np.concatenate(
            [
                named[["one", "other"]].to_numpy(np.int64),
                equal_pairs(facts["code"], group=CORE_GROUP),
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
    code = texts_of(rows, "credit_code").str.upper().str.replace(r"[\s-]", "", regex=True)
    facts["code"] = code.where((code != "") & credit_code(code), "")
    facts["phone"] = _phones(texts_of(rows, "phone"))
    geo = texts_of(rows, "geo_code")
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
