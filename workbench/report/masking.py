"""What of a person is not shown in reports: phone numbers, WeChat ids and pay.

A column is private because it is declared so, or because the header of the file says so, since a
sheet of pay is read before anybody declares it. Mobile numbers are masked wherever they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from workbench.loaders.mapping import Question
from workbench.loaders.outcome import Decision, Finding, ImportReport, SheetReport, TotalCheck
from workbench.loaders.raw import Skipped
from workbench.tables import TABLES
from workbench.tables.declare import Column

if TYPE_CHECKING:
    import pandas as pd

Private = Literal["phone", "wechat", "pay", ""]

HIDDEN = "***"
PARTS = ("before", "kept", "refused", "duplicates", "rounding")  # of the money reconciliation
_KEPT_BEFORE, _KEPT_AFTER = 3, 4  # of a mobile number, as phone bills print it

# Words of headers, in the order they are asked. Pay comes last: "奖金" stands in longer names.
_HEADERS: tuple[tuple[Private, re.Pattern[str]], ...] = (
    ("wechat", re.compile(r"微信|wechat|weixin|\bwx\b", re.IGNORECASE)),
    (
        "phone",
        re.compile(
            r"手机|电话|联系方式|\bmobiles?\b|\btel\b"
            r"|\b(?:mobile|home|work|office|other|cell|tele|contact)?phones?\b",
            re.IGNORECASE,
        ),
    ),
    (
        "pay",
        re.compile(
            r"薪|工资|提成|奖金|佣金|年终奖|税前应发|[应实]发金额"
            r"|\b(?:pay|payroll|payout|salary|salaries|wages?|bonus|commissions?|compensation)\b",
            re.IGNORECASE,
        ),
    ),
)
_JOINT = re.compile(r"(?<=[a-z])(?=[A-Z])|_+")  # MobilePhone, base_pay
_MOBILE = re.compile(
    r"(?<![0-9])(?P<country>(?:\+|00)?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])"
)
_PERHAPS = "1[3-9][0-9](?:[ -]?[0-9]{4}){2}"  # for Arrow, which knows no look-around
# Fields of findings that are codes or days, and those that are numbers.
_READ = {"table", "tables", "other", "column", "status", "stages", "day", "first", "last", "month"}
_AMOUNTS = {"value", "product", "middle"}
_DIGITS = re.compile(r"[0-9]")
_AMOUNT = re.compile(r"[0-9][0-9,.，]*[0-9]|[0-9]")


def private_kind(header: str, target: str = "") -> Private:
    """Say what is private about a column.

    Parameters
    ----------
    header : str
        As it stands in the file.
    target : str
        The declared column, "table.column"; "" where there is none.

    Returns
    -------
    "phone", "wechat", "pay" or ""
        "" for a column that may be shown.
    """
    column = _declared(target)
    if column is not None and column.private:
        named = {"phone": "phone", "wechat": "wechat"}
        return named.get(column.name, "pay")  # type: ignore[return-value]
    words = f"{header} {_JOINT.sub(' ', header)}"
    return next((kind for kind, pattern in _HEADERS if pattern.search(words)), "")


def masked(text: str, kind: Private = "") -> str:
    """Mask a text.

    Parameters
    ----------
    text : str
    kind : {"phone", "wechat", "pay", ""}
        What the column holds; "" masks only what looks like a mainland mobile number.

    Returns
    -------
    str
        138****5678; a WeChat id and pay become ***.
    """
    if kind == "phone":
        return _phone(text)
    if kind in ("wechat", "pay"):
        return HIDDEN if text.strip() else text
    return _MOBILE.sub(lambda found: _middle(found[0], found["country"] or ""), text)


def mask_frame(cells: pd.DataFrame) -> pd.DataFrame:
    """Mask `text` and `value` of listed cells (`outcome.CELL_COLUMNS`), in a copy."""
    made = cells.reset_index(drop=True)
    if made.empty:
        return made
    targets = made["target"].fillna("")
    for (header, target), group in made.groupby([made["header"], targets], sort=False):
        kind = private_kind(str(header), str(target))
        for name in ("text", "value"):
            made.loc[group.index, name] = _mask_texts(group[name], kind)
    return made


def _mask_texts(texts: pd.Series, kind: Private) -> list[Any]:
    """Mask texts of one column; where nothing in it is private few are looked at twice."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = texts.tolist()
    if kind:
        once = {text: masked(text, kind) for text in set(values) if isinstance(text, str)}
        return [once.get(text, text) for text in values]
    column = pa.array(texts, pa.string(), from_pandas=True)
    for place in pc.indices_nonzero(pc.match_substring_regex(column, _PERHAPS)).to_pylist():
        values[place] = masked(values[place])
    return values


def for_people(report: ImportReport, *, unmask: bool = False) -> ImportReport:
    """A report as it is shown: masked unless asked, its money held together by `agrees`.

    Parameters
    ----------
    report : ImportReport
    unmask : bool
        Leave phone numbers, WeChat ids and pay as they are.

    Returns
    -------
    ImportReport
        `money` has two more columns: `difference`, what is unaccounted for, and `agrees`.
    """
    if not unmask:
        return mask_report(report)
    return report.with_(money=_with_agreement(report.money))


def mask_report(report: ImportReport) -> ImportReport:
    """Mask a whole report: cells, sums of pay, evidence, total rows, examples of findings."""
    return report.with_(
        sheets=tuple(_sheet(sheet) for sheet in report.sheets),
        cells=mask_frame(report.cells),
        money=_money(report.money),
        skipped=tuple(_skipped(each) for each in report.skipped),
        findings=tuple(_finding(each) for each in report.findings),
    )


def _declared(target: str) -> Column | None:
    table, _, name = target.rpartition(".")
    if table not in TABLES or name not in TABLES[table].column_names:
        return None
    return TABLES[table].column(name)


def _phone(text: str) -> str:
    found = _MOBILE.search(text)
    if found:
        return masked(text)
    digits = len(_DIGITS.findall(text))
    if not digits:
        return HIDDEN if text.strip() else text
    return _middle(text, "", after=min(2, digits // 4), before=min(_KEPT_BEFORE, digits // 4))


def _middle(
    text: str, country: str, *, before: int = _KEPT_BEFORE, after: int = _KEPT_AFTER
) -> str:
    """Put asterisks for the digits between the first and the last; signs keep their places."""
    own = text[len(country) :]
    places = [found.start() for found in _DIGITS.finditer(own)]
    hidden = set(places[before : len(places) - after])
    return country + "".join("*" if i in hidden else sign for i, sign in enumerate(own))


def _evidence(words: str, kind: Private) -> str:
    if kind == "wechat":
        return HIDDEN if words else words
    if kind == "pay":
        return _AMOUNT.sub(HIDDEN, words)
    if kind == "phone":
        return re.sub(r"[0-9][0-9 -]{5,}[0-9]", lambda found: _phone(found[0]), words)
    return masked(words)


def _fields(fields: dict[str, str], kind: Private = "") -> dict[str, str]:
    return {name: _evidence(words, kind) for name, words in fields.items()}


def _sheet(sheet: SheetReport) -> SheetReport:
    targets = {each.header: each.target or "" for each in sheet.fields}

    def kind(header: str) -> Private:
        target = targets.get(header, "")
        whole = target if "." in target else f"{sheet.table}.{target}"
        return private_kind(header, whole)

    return replace(
        sheet,
        decisions=_each(sheet.decisions, lambda d: _decision(d, kind(d.header))),
        questions=_each(sheet.questions, lambda q: _question(q, kind(q.subject))),
        total_checks=_each(sheet.total_checks, lambda t: _total(t, kind(t.header))),
        findings=_each(sheet.findings, _finding),
    )


def _each(rows: tuple[Any, ...], change: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(change(row) for row in rows)


def _decision(decision: Decision, kind: Private) -> Decision:
    words, fields = _evidence(decision.evidence, kind), _fields(decision.fields, kind)
    return replace(decision, evidence=words, fields=fields)


def _question(question: Question, kind: Private) -> Question:
    words, fields = _evidence(question.evidence, kind), _fields(question.fields, kind)
    return replace(question, evidence=words, fields=fields)


def _total(check: TotalCheck, kind: Private) -> TotalCheck:
    return replace(check, stated=masked(check.stated, kind), computed=masked(check.computed, kind))


def _finding(finding: Finding) -> Finding:
    """Mask examples and amounts of pay; what a sentence must read (days, codes) stays."""
    column, table = finding.fields.get("column", ""), finding.fields.get("table", "")
    kind = private_kind(column, f"{table}.{column}")

    def shown(name: str, words: str) -> str:
        if name in _AMOUNTS:
            return HIDDEN if kind == "pay" else words
        return words if name in _READ else _evidence(words, kind)

    return replace(finding, fields={name: shown(name, w) for name, w in finding.fields.items()})


def _skipped(skipped: Skipped) -> Skipped:
    return replace(skipped, message=masked(skipped.message), do=masked(skipped.do))


def _money(money: pd.DataFrame) -> pd.DataFrame:
    """Take the sums of pay out; `agrees` still says whether they agree."""
    import pandas as pd

    made = _with_agreement(money)
    pairs = zip(money["table"], money["column"], strict=True)
    private = [private_kind("", f"{table}.{column}") == "pay" for table, column in pairs]
    for name in (*PARTS, "difference"):
        shown = zip(made[name], private, strict=True)
        values = [HIDDEN if hide else value for value, hide in shown]
        made[name] = pd.Series(values, index=made.index, dtype=object)
    return made


def _with_agreement(money: pd.DataFrame) -> pd.DataFrame:
    parts = [money[name] for name in PARTS[1:]]
    difference = money["before"] - sum(parts[1:], parts[0])
    return money.assign(difference=difference, agrees=difference == Decimal(0))
