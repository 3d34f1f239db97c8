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
    (
        "spreadsheet_error",
        "refused",
        mark("an error of a spreadsheet formula"),
        mark("mend the formula in the spreadsheet and export it again"),
    ),
    (
        "not_yet_known",
        "refused",
        mark("not yet known, or kept back"),
        mark("fill it in once it is known"),
    ),
    (
        "percent_in_money",
        "refused",
        mark("a percent where an amount belongs"),
        mark("write the amount, or map the column to a rate"),
    ),
    (
        "discount_in_money",
        "refused",
        mark("a discount where an amount belongs"),
        mark("write the amount, or map the column to a discount"),
    ),
    (
        "date_in_money",
        "refused",
        mark("a date where an amount belongs"),
        mark("write the amount, or map the column to a date"),
    ),
    (
        "numerals_in_words",
        "refused",
        mark("numerals in words"),
        mark("write it with digits"),
    ),
    (
        "amount_range",
        "refused",
        mark("a range, not an amount"),
        mark("write the one amount that counts"),
    ),
    (
        "amount_bound",
        "refused",
        mark("a bound, not an amount"),
        mark("write the amount itself"),
    ),
    (
        "two_numbers",
        "refused",
        mark("more than one number in a cell"),
        mark("give each number a cell of its own"),
    ),
    (
        "misgrouped",
        "refused",
        mark("digits are not grouped in threes"),
        mark("write the amount without commas between digits"),
    ),
    (
        "european_number",
        "refused",
        mark("points between thousands and a decimal comma, which no single cell proves"),
        mark("write it with a decimal point, or say that the column is European"),
    ),
    (
        "ambiguous_comma",
        "refused",
        mark("the comma may be a decimal sign or a slip"),
        mark("write it with a decimal point"),
    ),
    (
        "two_signs",
        "refused",
        mark("more than one sign of minus"),
        mark("write one sign of minus or brackets"),
    ),
    (
        "two_currencies",
        "refused",
        mark("two currencies in a cell"),
        mark("state one currency"),
    ),
    (
        "too_large",
        "refused",
        mark("larger than any amount of a company"),
        mark("see whether it is an id, or its unit is wrong"),
    ),
    (
        "compound_unfinished",
        "refused",
        mark("the unit of the last part is missing (1万2)"),
        mark("write the amount with one unit"),
    ),
    (
        "parts_overlap",
        "refused",
        mark("a part is larger than the unit before it (1万20000)"),
        mark("write the amount with one unit"),
    ),
    (
        "not_a_percent",
        "refused",
        mark("not a percent"),
        mark("write a number with a sign of per cent"),
    ),
    (
        "tenths_in_words",
        "refused",
        mark("tenths (六成), which say no exact percent"),
        mark("write a number with a sign of per cent"),
    ),
    (
        "discount_in_percent",
        "refused",
        mark("a discount where a percent belongs"),
        mark("write the percent that is meant"),
    ),
    (
        "percent_range",
        "refused",
        mark("a range, not a percent"),
        mark("write the one percent that counts"),
    ),
    (
        "ambiguous_percent",
        "refused",
        mark("percent or share: the column does not tell which"),
        mark("write a sign of per cent, or say what the scale of the column is"),
    ),
    (
        "not_a_date",
        "refused",
        mark("not a date"),
        mark("write it as 2026-07-31"),
    ),
    (
        "ambiguous_date",
        "refused",
        mark("may be one of two dates"),
        mark("write it as 2026-07-31, or say what the order of day and month in the column is"),
    ),
    (
        "invalid_date",
        "refused",
        mark("a day that the calendar does not have"),
        mark("correct the date"),
    ),
    (
        "invalid_time",
        "refused",
        mark("a time of day that does not exist"),
        mark("correct the time"),
    ),
    (
        "year_out_of_range",
        "refused",
        mark("outside the years 1970 to 2100"),
        mark("correct the year"),
    ),
    (
        "short_year",
        "refused",
        mark("the year has two digits and the order is not known"),
        mark("write the year with four digits"),
    ),
    (
        "no_year",
        "refused",
        mark("no year is stated"),
        mark("add the year"),
    ),
    (
        "two_dates",
        "refused",
        mark("more than one date in a cell"),
        mark("give each date a cell of its own"),
    ),
    (
        "relative_date",
        "refused",
        mark("a day counted from an unknown one"),
        mark("write the date itself"),
    ),
    (
        "lunar_date",
        "refused",
        mark("a date of the lunar calendar"),
        mark("write the date of the common calendar"),
    ),
    (
        "fiscal_year",
        "refused",
        mark("a fiscal year, whose days depend on the calendar of the company"),
        mark("write the first or last day"),
    ),
    (
        "week",
        "refused",
        mark("a week, not a day or month"),
        mark("write a day of the week"),
    ),
    (
        "vague_date",
        "refused",
        mark("a vague time"),
        mark("write the date itself"),
    ),
    (
        "time_only",
        "refused",
        mark("a time of day without a date"),
        mark("add the date"),
    ),
    (
        "not_a_discount",
        "refused",
        mark("not a discount"),
        mark("write it as 8.5折 or 15% off"),
    ),
    (
        "discount_unclear",
        "refused",
        mark("paid or taken off: nothing tells which"),
        mark("say what the numbers of the column mean"),
    ),
    (
        "discount_out_of_range",
        "refused",
        mark("a discount of less than nothing or more than all"),
        mark("correct the discount"),
    ),
    (
        "discount_is_money",
        "refused",
        mark("an amount off without a list price to hold it against"),
        mark("map the list price as well"),
    ),
    (
        "spoilt_id",
        "refused",
        mark("digits of the id are lost: a spreadsheet has made a number of it"),
        mark("export the column as text again"),
    ),
    (
        "bad_credit_code",
        "refused",
        mark("no valid unified social credit code"),
        mark("correct the code; its last character does not fit the others"),
    ),
    (
        "bad_geo_code",
        "refused",
        mark("no valid administrative division code"),
        mark("give the six-digit code of the place"),
    ),
    (
        "wrong_form",
        "refused",
        mark("not of the form that the column requires"),
        mark("see the form in the data dictionary"),
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
        "merged_account",
        "flagged",
        mark("this account was merged into another, which stands"),
        mark("nothing needs to be done"),
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
