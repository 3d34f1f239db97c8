"""The file in which a person approves merges: written for a spreadsheet, read back from one.

Nothing is approved beforehand, whatever its score. Proposals: `score.py`; what approval does:
`merge.py`.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError
from workbench.loaders.dedup.vocabulary import city_names
from workbench.tables.export import plain, write_csv
from workbench.text import Language, mark

if TYPE_CHECKING:
    import pandas as pd

    from workbench.loaders.raw import Row

#: Columns of the file and their headings; both are understood when it is read.
HEADINGS: dict[str, str] = {
    "keep_id": mark("id kept"),
    "merge_id": mark("id merged into it"),
    "keep_name": mark("name kept"),
    "merge_name": mark("name merged"),
    "keep_credit_code": mark("credit code kept"),
    "merge_credit_code": mark("credit code merged"),
    "keep_city": mark("city kept"),
    "merge_city": mark("city merged"),
    "score": mark("score"),
    "why": mark("why"),
    "evidence": mark("evidence"),
    "approve": mark("approve (yes)"),
}

#: What a code of `why` says.
REASONS: dict[str, str] = {
    "same_credit_code": mark("same credit code"),
    "same_phone": mark("same phone"),
    "same_name": mark("same name"),
    "same_name_without_form": mark("same name but for the legal form"),
    "other_form": mark("same name, limited against joint-stock company"),
    "former_name": mark("former name"),
    "english_name": mark("name is the other's English name"),
    "longer_trade": mark("same brand, one trade is part of the other"),
    "short_name": mark("one is the short name of the other"),
    "near_name": mark("names alike"),
    "same_city": mark("same city"),
    "unlike_name": mark("but names differ"),
    "different_province": mark("but in another province"),
    "different_place": mark("but another place in the name"),
    "different_group": mark("but one is a group"),
    "different_number": mark("but numbered otherwise"),
    "different_branch": mark("but one is a branch"),
    "different_credit_code": mark("but another credit code"),
}

YES = frozenset({"yes", "y", "1", "true", "√", "✓", "✔", "是", "同意", "合并", "批准"})
NO = frozenset({"", "no", "n", "0", "false", "否", "不", "不同意"})


def write_merge_file(
    proposals: pd.DataFrame,
    accounts: pd.DataFrame,
    path: str | Path,
    *,
    lang: Language | None = None,
) -> Path:
    """Write proposals as a CSV in which a person approves them.

    Parameters
    ----------
    proposals : pandas.DataFrame
        As `propose` returns them.
    accounts : pandas.DataFrame
        The accounts they speak of.
    path : str or Path
    lang : Language, optional
        Language of headings and reasons; English by default.

    Returns
    -------
    Path
        The file: UTF-8 with BOM, one row a proposal, the column `approve` empty.
    """
    import pandas as pd

    said = lang or Language("en")
    known = accounts.assign(account_id=accounts["account_id"].astype(str)).set_index("account_id")
    cities = city_names(said.code)
    frame = pd.DataFrame(index=proposals.index)
    for side, column in (("keep", "account_id"), ("merge", "duplicate_id")):
        ids = proposals[column]
        frame[f"{side}_id"] = ids
        for name in ("name", "credit_code", "geo_code"):
            values = known[name] if name in known else pd.Series(None, index=known.index)
            frame[f"{side}_{name}"] = ids.map(values)
        frame[f"{side}_city"] = frame[f"{side}_geo_code"].map(cities)
    frame["score"] = proposals["score"].map("{:.3f}".format)
    frame["why"] = [_say_why(why, said) for why in proposals["why"]]
    frame["evidence"] = [_say_evidence(text, said) for text in proposals["evidence"]]
    frame["approve"] = ""
    frame = frame[list(HEADINGS)]
    return write_csv(frame.rename(columns=lambda name: said.say(HEADINGS[name])), path)


def read_merge_file(path: str | Path, *, known: Iterable[str] | None = None) -> dict[str, str]:
    """Read what was approved, from CSV or a workbook.

    Parameters
    ----------
    path : str or Path
        Needs the columns `keep_id`, `merge_id` and `approve`, or their headings in English or
        Chinese.
    known : iterable of str, optional
        Ids of the company's accounts.

    Returns
    -------
    dict of str to str
        Merged id to the id that stands; chains are followed to their end.

    Raises
    ------
    InputError
        If columns lack, `approve` holds something else than yes or no, an id is unknown, an id is
        merged into itself, in a circle, or into two that stay apart.
    """
    approved = _approved(Path(path))
    if known is not None:
        _refuse_unknown(approved, set(known), path)
    return resolve([(keep, merge) for _, keep, merge in approved], where=str(path))


def resolve(pairs: Iterable[tuple[str, str]], *, where: str = "merges") -> dict[str, str]:
    """Follow (keep, merge) pairs to the one account that stands.

    Raises
    ------
    InputError
        If an account is merged in a circle, or into two that are not merged themselves.
    """
    into: dict[str, set[str]] = defaultdict(set)
    for keep, merge in pairs:
        into[merge].add(keep)
    stands: dict[str, set[str]] = {}
    try:
        order = list(TopologicalSorter(into).static_order())
    except CycleError as error:
        raise InputError(
            "accounts are merged in a circle",
            where=f"{where}: {' -> '.join(error.args[1])}",
            do="approve only one direction",
        ) from error
    for each in order:  # what an account is merged into comes before it
        stands[each] = {end for keep in into.get(each, ()) for end in stands[keep]} or {each}
    torn = [(merge, ends) for merge, ends in stands.items() if len(ends) > 1]
    if torn:
        merge, ends = torn[0]
        raise InputError(
            f"{len(torn)} accounts are merged into two that stay apart",
            where=f"{where}: {merge} into {' and '.join(sorted(ends))}",
            do="approve one of them, or approve that these are one as well",
        )
    return {merge: min(stands[merge]) for merge in sorted(into)}


# -- reading


def _approved(path: Path) -> list[tuple[int, str, str]]:
    """Row number, id kept, id merged of approved rows."""
    rows = _rows(path)
    number, header = next(((n, cells) for n, cells in rows if any(cells)), (1, []))
    places = _columns(header, path)
    found, unclear = [], []
    for row, cells in rows:
        cells = [*cells, *[None] * (len(header) - len(cells))]
        keep, merge, word = ((cells[places[name]] or "").strip() for name in places)
        if word.lower() in YES and row > number:
            found.append((row, plain(keep), plain(merge)))
        elif word.lower() not in NO and row > number:
            unclear.append((row, word))
    if unclear:
        raise InputError(
            f"{len(unclear)} approvals are neither yes nor no",
            where=f"{path.name}, {_shown(unclear)}",
            do="write yes or 是 to approve, leave it empty otherwise",
        )
    return found


def _rows(path: Path) -> list[Row]:
    from workbench.loaders.files import open_paths

    if not path.exists():
        raise InputError("the merge file is not there", where=str(path), do="give its path")
    with tempfile.TemporaryDirectory() as work:
        grids, skipped = open_paths([path], work=Path(work))
        if not grids:
            said = skipped[0].message if skipped else "no table"
            raise InputError(
                "the merge file cannot be read",
                where=f"{path.name}: {said}",
                do="save it as CSV or XLSX",
            )
        return list(grids[0].rows())


def _columns(header: list[str | None], path: Path) -> dict[str, int]:
    """Places of the three columns that count, under any of their headings."""
    places = {}
    heads = [(cell or "").strip().lower() for cell in header]
    for name in ("keep_id", "merge_id", "approve"):
        words = {name, *(Language(code).say(HEADINGS[name]).lower() for code in ("en", "zh"))}
        found = [place for place, head in enumerate(heads) if head in words]
        if not found:
            raise InputError(
                f"the merge file has no column {name}",
                where=f"{path.name}, first row: {', '.join(head for head in heads if head)}",
                do="take the file that `workbench dedup -o` writes; leave its first row",
            )
        places[name] = found[0]
    return places


def _refuse_unknown(
    approved: list[tuple[int, str, str]], known: set[str], path: str | Path
) -> None:
    unknown = [(row, each) for row, *both in approved for each in both if each not in known]
    if unknown:
        raise InputError(
            f"{len(unknown)} ids are no accounts of this company",
            where=f"{Path(path).name}, {_shown(unknown)}",
            do="format the columns of ids as text before you save; merge each account once",
        )


def _shown(rows: list[tuple[int, str]]) -> str:
    first = ", ".join(f'row {row} ("{text}")' for row, text in rows[:5])
    return first + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")


def _say_why(why: str, lang: Language) -> str:
    return lang.pick(", ", "，").join(lang.say(REASONS[code]) for code in why.split())


def _say_evidence(text: str, lang: Language) -> str:
    said = []
    for part in filter(None, text.split("; ")):
        code, _, detail = part.partition(": ")
        said.append(lang.pick("{}: {}", "{}：{}").format(lang.say(REASONS[code]), detail))
    return lang.pick("; ", "；").join(said)
