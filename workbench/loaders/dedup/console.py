"""What `workbench dedup` does and says: find, apply, undo. The command itself: `cli.py`."""

from __future__ import annotations

from pathlib import Path

from workbench.loaders.dedup.merge import PAPER, apply_merge, undo_merge
from workbench.loaders.dedup.merge_file import read_merge_file, write_merge_file
from workbench.loaders.dedup.score import propose
from workbench.loaders.dedup.stored import read_stored
from workbench.loaders.dedup.weights import LEAST
from workbench.loaders.versions import IMPORTS
from workbench.text import Language

SURE = 0.9


def find_duplicates(
    company: str | Path, out: str | Path, *, lang: Language, least: float = LEAST
) -> list[str]:
    """Write the merge file of a company; what to say, line by line."""
    accounts = read_stored(Path(company), "account").to_pandas()
    proposals = propose(accounts, least=least)
    if proposals.empty:
        return [lang.say("{accounts} accounts, none looks like another", accounts=len(accounts))]
    path = write_merge_file(proposals, accounts, out, lang=lang)
    sure = int((proposals["score"] >= SURE).sum())
    return [
        lang.say(
            "{accounts} accounts, {proposals} pairs that may be one company, {sure} of them nearly"
            " sure",
            accounts=len(accounts),
            proposals=len(proposals),
            sure=sure,
        ),
        lang.say("merge file: {path}", path=path),
        lang.say(
            "write yes in its last column, save it, then: workbench dedup --apply {path}", path=path
        ),
    ]


def apply_merge_file(company: str | Path, path: str | Path, *, lang: Language) -> list[str]:
    """Merge what is approved in a merge file; what to say, line by line."""
    accounts = read_stored(Path(company), "account")
    merges = read_merge_file(path, known=accounts.column("account_id").to_pylist())
    result = apply_merge(company, merges)
    done = result.summary()
    return [
        lang.say(
            "{merged} accounts merged, {filled} gaps filled, {repointed} rows re-pointed",
            merged=done["merged"],
            filled=done["filled"],
            repointed=done["repointed"],
        ),
        lang.say(
            "{rows} rows of owners or credit limits dropped or cut, because the account that stands"
            " had its own",
            rows=done["overlapping"],
        ),
        lang.say(
            "all of it, row by row: {path}", path=Path(company) / IMPORTS / result.change / PAPER
        ),
        lang.say("to take it back: workbench dedup --undo"),
    ]


def undo_newest_merge(company: str | Path, *, lang: Language) -> list[str]:
    """Undo the newest change of a company, if it is a merge; what to say."""
    record = undo_merge(company)
    return [
        lang.say(
            "undone: {id}, {merged} accounts stand again", id=record["id"], merged=record["merged"]
        )
    ]
