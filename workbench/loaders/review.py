"""Walk through what could not be decided: ask, and put the answers into the mapping.

The asking itself is handed in, so that a console, a notebook or a test can do it. What is answered
goes into the mapping file of the import; the next import asks no more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.loaders.mapping import Question, SheetMapping
from workbench.loaders.raw import Sheet

if TYPE_CHECKING:
    from workbench.loaders.intake import Answers

#: Asked with the sheet and the question; returns an answer, or "" to leave it open.
Ask = Callable[[Sheet, Question], str]

#: Where the answer to a question about reading goes in `FieldMapping.read`.
_READ = {"date_order": "order", "percent_scale": "scale", "discount": "discount", "unit": "unit"}


def review(
    found: list[tuple[Sheet, SheetMapping]], answers: Answers, ask: Ask
) -> list[tuple[Sheet, SheetMapping]]:
    """Ask every open question of every sheet; the mappings with the answers.

    Parameters
    ----------
    found : list of (Sheet, SheetMapping)
        As recognised.
    answers : Answers
        What is known beforehand; questions it settles are not asked.
    ask : callable
        Called with the sheet and the question.
    """
    return [(sheet, _reviewed(sheet, mapping, answers, ask)) for sheet, mapping in found]


def _reviewed(sheet: Sheet, mapping: SheetMapping, answers: Answers, ask: Ask) -> SheetMapping:
    from workbench.loaders.convert import open_questions
    from workbench.loaders.recognise import recognise

    asked: set[tuple[str, str]] = set()
    while True:
        questions = list(mapping.questions)
        if mapping.table is not None:
            questions = open_questions(sheet, mapping, defaults=answers.defaults)
        question = next((q for q in questions if (q.code, q.subject) not in asked), None)
        if question is None:
            return mapping
        asked.add((question.code, question.subject))
        answer = ask(sheet, question).strip()
        if answer and question.code == "table":
            mapping = recognise(
                sheet,
                table=answer,
                mappings=answers.mappings,
                settings_stages=answers.stages,
            )
        elif answer:
            mapping = answered(mapping, question, answer)


def answered(mapping: SheetMapping, question: Question, answer: str) -> SheetMapping:
    """The mapping with the answer to one question, and without the question."""
    left = tuple(q for q in mapping.questions if q != question)
    mapping = replace(mapping, questions=left)
    if question.code == "stage":
        return replace(mapping, stages={**mapping.stages, question.subject: answer})
    if question.code in _READ:
        return _with_field(mapping, question.subject, read={_READ[question.code]: answer})
    if question.code == "column":
        return _with_field(mapping, answer, target=question.subject)
    return replace(mapping, set={**mapping.set, question.code: answer})


def _with_field(
    mapping: SheetMapping, header: str, *, target: str = "", read: dict[str, str] | None = None
) -> SheetMapping:
    fields = []
    for field in mapping.fields:
        if field.header == header:
            field = replace(
                field,
                target=target or field.target,
                how="answer",
                read={**field.read, **(read or {})},
            )
        fields.append(field)
    return replace(mapping, fields=tuple(fields))
