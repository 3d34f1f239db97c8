"""What can be wrong or remarkable with a cell or row, declared once: code, sentence, advice.

A code stands in the import report, in `refused.csv` and in `Parsed.reason`; the sentences are
catalogue keys, so people read them in their language. `verdict` says what was done:

refused   the text is not read; the cell is empty, or the row is left out
changed   the value stands, but it is not what a plain reading of the text would give
flagged   the value stands as written and wants a look
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.text import Language, mark

Verdict = Literal["refused", "changed", "flagged"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One kind of fault or remark.

    Attributes
    ----------
    code : str
        Stable name, as stored.
    verdict : {"refused", "changed", "flagged"}
    title, do : str
        What it is and what to do, catalogue keys (English).
    """

    code: str
    verdict: Verdict
    title: str
    do: str

    def say(self, lang: Language) -> str:
        """What it is, in the language given."""
        return lang.say(self.title)

    def advise(self, lang: Language) -> str:
        """What to do, in the language given."""
        return lang.say(self.do)


def _declare(*rows: tuple[str, Verdict, str, str]) -> dict[str, Reason]:
    return {code: Reason(code, verdict, title, do) for code, verdict, title, do in rows}


# -- values: what `values/` says of one text
VALUES = _declare(
    (
        "not_a_number",
        "refused",
        mark("not a number"),
        mark("write the amount with digits and a point"),
    ),
)

# -- rows and tables: what the import says once values are read
ROWS = _declare(
    (
        "needed_missing",
        "refused",
        mark("a value without which the row says nothing is missing"),
        mark("fill it in and import the row again"),
    ),
    (
        "cell_refused",
        "refused",
        mark("an amount, a key or another value the row needs could not be read"),
        mark("mend the cell named in the list of cells and import the row again"),
    ),
    (
        "deleted_in_system",
        "refused",
        mark("the record was deleted in its system"),
        mark("nothing, unless it was deleted by mistake"),
    ),
    (
        "not_yes_or_no",
        "refused",
        mark("neither yes nor no"),
        mark("write yes or no"),
    ),
    (
        "unknown_choice",
        "refused",
        mark("not one of the words this column may hold"),
        mark("write one of the allowed words, or ask for the word to be added"),
    ),
    (
        "double_same",
        "flagged",
        mark("the same key with the same content stands in another row, which is kept"),
        mark("nothing needs to be done"),
    ),
    (
        "double_other",
        "flagged",
        mark("the same key with other content stands in a later row, which is kept"),
        mark("see which of the two is right"),
    ),
    (
        "equal_line",
        "flagged",
        mark("equal to an earlier line; without a key both are kept"),
        mark("remove the line if it was entered twice"),
    ),
    (
        "place_unknown",
        "flagged",
        mark("no administrative code is known for this place"),
        mark("write province and city in full, or give the six-digit code"),
    ),
    (
        "place_ambiguous",
        "flagged",
        mark("more than one place bears this name"),
        mark("give the province as well"),
    ),
    (
        "place_apart",
        "flagged",
        mark("the city does not lie in the province given"),
        mark("correct the province or the city"),
    ),
    (
        "place_coarse",
        "flagged",
        mark("only the province is known; the code is the province's"),
        mark("give the prefecture-level city where the place itself is a county or district"),
    ),
)

REASONS: dict[str, Reason] = {**VALUES, **ROWS}
