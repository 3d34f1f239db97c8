"""Words of an import report: systems, decisions, questions, remarks on values, in both languages.

What is wrong with a cell is said by `loaders/reasons.py`, what is remarkable about the content by
`loaders/findings.py`; the sentences of the first page by `import_sentences.py`.
"""

from __future__ import annotations

import re

from workbench.loaders.mapping import FieldMapping, Question
from workbench.loaders.outcome import Decision, Finding, ImportReport, SheetReport
from workbench.loaders.reasons import REASONS
from workbench.report.masking import HIDDEN
from workbench.tables import TABLES
from workbench.tables.declare import Column
from workbench.text import Language, mark

#: Names of systems; product names are the same in both languages.
SYSTEMS: dict[str, str] = {
    "zoho": "Zoho CRM",
    "salesforce": "Salesforce",
    "hubspot": "HubSpot",
    "odoo": "Odoo",
    "dynamics": "Dynamics 365",
    "dynamics365": "Dynamics 365",
    "erpnext": "ERPNext",
    "espocrm": "EspoCRM",
    "suitecrm": "SuiteCRM",
    "frappe": "Frappe CRM",
    "frappe_crm": "Frappe CRM",
    "cordys": "Cordys CRM",
    "cordys_crm": "Cordys CRM",
    "fxiaoke": mark("Fxiaoke"),
    "generic_zh": mark("Chinese sheet"),
    "generic_en": mark("English sheet"),
    "generic": mark("sheet"),
    "workbench": mark("own template or export"),
    "sql": mark("query of a database"),
}

#: Remarks on values that were read (`loaders/values/parsed.py`).
FLAGS: dict[str, str] = {
    "approximate": mark("an approximate amount, read as the number"),
    "scaled": mark("a unit such as 10,000 was multiplied in"),
    "accounting_negative": mark("an amount in brackets, read as negative"),
    "full_width": mark("full-width digits or signs, read as plain ones"),
    "currency": mark("the currency stands in the cell"),
    "coarse": mark("only a month, quarter, half or year"),
    "serial": mark("a spreadsheet's number of a day, read as a date"),
    "epoch": mark("milliseconds since 1970, read as an instant"),
    "zone_shifted": mark("an instant moved to Shanghai time"),
    "order_decided": mark("day and month told apart by the whole column"),
    "scale_decided": mark("share or percent told apart by the whole column"),
    "mixed_scale": mark("a share among percents"),
    "rounded": mark("more decimals than are kept, rounded"),
    "zero_date": mark("a date of zeros, read as missing"),
    "two_digit_year": mark("a year of two digits, read as one from 1970 to 2069"),
    "open_end": mark("a date that stands for no end, read as missing"),
}

_NOTHING = mark("nothing, unless it was meant otherwise")
_ADVICE: dict[str, str] = {
    "approximate": mark("write the amount once it is known"),
    "scaled": mark("nothing if the unit is right; else set it in the mapping file"),
    "coarse": mark("write the day where it matters"),
    "order_decided": mark("if it is wrong, set the order in the mapping file"),
    "scale_decided": mark("if it is wrong, set the scale in the mapping file"),
    "mixed_scale": mark("see whether a share or a percent was meant"),
    "zero_date": mark("fill in the date if there is one"),
}

_DECISIONS: dict[tuple[str, str], str] = {
    ("date_order", "mdy"): mark("read as month, day, year"),
    ("date_order", "dmy"): mark("read as day, month, year"),
    ("date_order", "ymd"): mark("read as year, month, day"),
    ("percent_scale", "share"): mark("0.3 means 30%"),
    ("percent_scale", "percent"): mark("30 means 30%"),
    ("discount", "paid"): mark("85 means that 85% of the price is paid"),
    ("discount", "off"): mark("15 means 15% off the price"),
    ("discount", "money"): mark("an amount taken off the price"),
    ("tax_basis", "incl"): mark("amounts are with VAT"),
    ("tax_basis", "excl"): mark("amounts are without VAT"),
    ("number_style", "european"): mark("1.234,50 means 1,234.50"),
    ("amount", "quantity × price"): mark("computed as quantity times price"),
}
_DECISIONS_OF_ANY: dict[str, str] = {
    "currency": mark("amounts are in {answer}"),
    "unit": mark("amounts are in {answer}"),
    "tax_rate": mark("the VAT rate is {answer}"),
    "measure": mark("numbers are in {answer}"),
    "stage": mark("stage {name} counts as {answer}"),
    "snapshot_date": mark("kept as it stood on {answer}"),
    "derived_key": mark("keys are made from {answer}"),
    "account_ids": mark("accounts are told apart by {answer}"),
}
_QUESTIONS: dict[str, str] = {
    "table": mark("Which table is it?"),
    "column": mark("Which header holds it?"),
    "tax_basis": mark("Are the amounts with or without VAT?"),
    "tax_rate": mark("Which VAT rate applies?"),
    "date_order": mark("Does the day or the month come first?"),
    "percent_scale": mark("Does 30 mean 30%, or does 0.3?"),
    "discount": mark("Is it the part paid, the part taken off, or money?"),
    "stage": mark("Does this stage count as open, won or lost?"),
    "currency": mark("In which currency are the amounts?"),
    "unit": mark("In which unit are the amounts?"),
}
_OPTIONS: dict[tuple[str, str], str] = {
    ("date_order", "mdy"): mark("month first"),
    ("date_order", "dmy"): mark("day first"),
    ("date_order", "ymd"): mark("year first"),
    ("percent_scale", "share"): mark("0.3 means 30%"),
    ("percent_scale", "percent"): mark("30 means 30%"),
    ("discount", "paid"): mark("part paid"),
    ("discount", "off"): mark("part taken off"),
    ("discount", "money"): mark("money"),
}
_HELPERS: dict[str, str] = {
    "@modified_at": mark("last change, decides which version is newer"),
    "@deleted": mark("mark of a deleted record"),
    "@won": mark("mark of a won deal"),
    "@closed": mark("mark of a closed deal"),
    "@active": mark("mark of a record in use"),
    "@amount_net": mark("amount without VAT"),
    "@discount": mark("discount, held against the prices"),
    "@unit_price": mark("price of a piece"),
    "@expected_revenue": mark("amount times probability, kept out of every sum"),
    "@closing_date": mark("expected close while open, close date once closed"),
    "@province": mark("province, for the administrative code"),
    "@city": mark("city, for the administrative code"),
    "@district": mark("district, for the administrative code"),
    "@split_people": mark("people who share the credit"),
    "@object": mark("kind of record in its system"),
}
_HOW: dict[str, str] = {
    "mapping": mark("mapping file"),
    "values": mark("its values"),
    "answer": mark("an answer"),
}
_EVIDENCE = {
    "company": mark("settings of the company"),
    "mapping": mark("mapping file, or the command"),
    "today": mark("day of the import"),
    "file_name": mark("name of the file"),
    "asked": mark("as asked for"),
    "sheet": mark("the other dates of the sheet"),
    "general": mark("general words for stages"),
    "settings": mark("settings of the company"),
    "several systems": mark("lists of several systems"),
}
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+")
_VERDICTS = {"refused": mark("refused"), "changed": mark("changed"), "flagged": mark("flagged")}


def verdict_word(verdict: str, lang: Language) -> str:
    """Refused, changed or flagged."""
    return lang.say(_VERDICTS[verdict]) if verdict in _VERDICTS else verdict


def system_name(system: str, lang: Language) -> str:
    """Name of a system; "" where none is known."""
    return lang.say(SYSTEMS[system]) if system in SYSTEMS else system


def table_label(table: str, lang: Language) -> str:
    """Label of a declared table; "" for none."""
    return TABLES[table].title(lang) if table in TABLES else table


def target_label(target: str | None, table: str, lang: Language) -> str:
    """Label of what a header is taken for: our column, one of another table, or what it is for."""
    if not target:
        return ""
    if target.startswith("@"):
        return lang.say(_HELPERS[target]) if target in _HELPERS else lang.say("used in reading")
    if target in TABLES and not declared(target, table):
        return table_label(target, lang)
    owner, _, name = target.rpartition(".")
    column = declared(target, table)
    label = column.title(lang) if column else name
    if owner in ("", table):
        return label
    return f"{table_label(owner, lang)}{lang.colon}{label}"


def declared(target: str, table: str = "") -> Column | None:
    """Declaration of "table.column", or of a column of the table given; None if there is none."""
    owner, _, name = target.rpartition(".")
    found = TABLES.get(owner or table)
    return found.column(name) if found and name in found.column_names else None


def how_word(field: FieldMapping, system: str, lang: Language) -> str:
    """By what a header was settled."""
    if field.how in _HOW:
        return lang.say(_HOW[field.how])
    if not field.how:
        return ""
    name = system_name(system, lang)
    if not name or system.startswith("generic"):
        return lang.say("list of headers")
    state = lang.say("verified") if field.verified else lang.say("inferred")
    return f"{name}{lang.comma}{state}"


def decided(
    report: ImportReport, lang: Language
) -> dict[tuple[str, str], list[tuple[SheetReport, Decision]]]:
    """Decisions by what they are about and what was decided, with the sheets they hold for."""
    found: dict[tuple[str, str], list[tuple[SheetReport, Decision]]] = {}
    for sheet in report.sheets:
        for each in sheet.decisions:
            subject = decision_subject(each, sheet.table, lang)
            what = subject, decision_words(each, sheet.table, lang)
            found.setdefault(what, []).append((sheet, each))
    return found


def decision_words(decision: Decision, table: str, lang: Language) -> str:
    """What was decided for a column, as the predicate of a sentence about it."""
    answer = decision.answer
    if (decision.code, answer) in _DECISIONS:
        return lang.say(_DECISIONS[decision.code, answer])
    if decision.code == "stage":
        stage, _, status = answer.rpartition(": ")
        label = TABLES["opportunity"].column("status").choice(status, lang)
        return lang.say(_DECISIONS_OF_ANY["stage"], name=stage, answer=label)
    if decision.code == "tax_rate":
        answer = _rate(answer, lang)
    if decision.code == "unit" and _NUMBER.fullmatch(answer):
        number = lang.number(float(answer))
        return lang.say("amounts are multiplied by {number}", number=number)
    if decision.code in _DECISIONS_OF_ANY:
        return lang.say(_DECISIONS_OF_ANY[decision.code], answer=_named(answer, table, lang))
    what = target_label(decision.code, table, lang) if declared(decision.code, table) else ""
    if not what:
        return lang.say("decided: {answer}", answer=answer)
    named = _named(answer, table, lang)
    return lang.say("{column} is taken from {answer}", column=what, answer=named)


def decision_subject(decision: Decision, table: str, lang: Language) -> str:
    """The header a decision is about; else the column of ours, by its label."""
    if decision.header:
        return decision.header
    column = declared(decision.code, table)
    return column.title(lang) if column else table_label(table, lang)


def question_words(question: Question, lang: Language) -> str:
    """The question, as people ask it."""
    return lang.say(_QUESTIONS.get(question.code, mark("What does it mean?")))


def question_text(question: Question, lang: Language, table: str = "") -> str:
    """What a question is about and the question, on one line."""
    subject = question_subject(question, table, lang)
    return f"{subject}{lang.colon}{question_words(question, lang)}"


def question_subject(question: Question, table: str, lang: Language) -> str:
    """What a question is about: our labels for tables and columns, else the words of the file."""
    if question.subject in TABLES:
        return table_label(question.subject, lang)
    if question.code == "column" and declared(question.subject, table):
        return target_label(question.subject, table, lang)
    return question.subject


def option_words(question: Question, option: str, table: str, lang: Language) -> str:
    """A possible answer, in words."""
    if (question.code, option) in _OPTIONS:
        return lang.say(_OPTIONS[question.code, option])
    if question.code == "table" and option in TABLES:
        return table_label(option, lang)
    names = {"stage": "status", "tax_basis": "tax_basis"}
    if question.code in names:
        return TABLES["opportunity"].column(names[question.code]).choice(option, lang)
    if question.code == "tax_rate":
        return _rate(option, lang)
    return target_label(option, table, lang) if declared(option, table) else option


def reason_title(code: str, lang: Language) -> str:
    """What a reason or remark is."""
    if code in REASONS:
        return REASONS[code].say(lang)
    return lang.say(FLAGS[code]) if code in FLAGS else code.replace("_", " ")


def reason_advice(code: str, lang: Language) -> str:
    """What to do about a reason or remark."""
    if code in REASONS:
        return REASONS[code].advise(lang)
    return lang.say(_ADVICE.get(code, _NOTHING))


def reason_verdict(code: str) -> str:
    """Refused, changed or flagged, by the code alone."""
    if code in REASONS:
        return REASONS[code].verdict
    return "changed"


def evidence_words(evidence: str, fields: dict[str, str], lang: Language) -> str:
    """Evidence in the reader's language where it is a sentence of ours, else as it stands."""
    if evidence in _EVIDENCE:
        return lang.say(_EVIDENCE[evidence])
    if evidence in SYSTEMS:
        return lang.say("list of {system}", system=system_name(evidence, lang))
    return lang.say(evidence, **fields) if fields else evidence


def finding_words(finding: Finding, lang: Language) -> str:
    """The sentence of a finding; one about pay says no amounts where they are masked."""
    from workbench.loaders.findings import say

    if HIDDEN not in finding.fields.values():
        return say(finding, lang)
    label = target_label(finding.fields.get("column"), finding.fields.get("table", ""), lang)
    count, of = lang.number(finding.count), lang.number(finding.of)
    return lang.say(
        "{column}: {count} of {of} values stand out; the amounts are masked.",
        column=label,
        count=count,
        of=of,
    )


def _rate(text: str, lang: Language) -> str:
    return lang.percent(float(text), decimals=0) if _NUMBER.fullmatch(text) else text


def _named(answer: str, table: str, lang: Language) -> str:
    return target_label(answer, table, lang) if declared(answer, table) else answer
