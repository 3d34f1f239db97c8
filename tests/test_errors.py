"""Errors: three answers, written and read back."""

from __future__ import annotations

import pytest

from workbench.errors import InputError, WorkbenchError


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"where": "orders.xlsx, row 3"},
        {"do": "write it\nas a number", "kept": "the rest"},
        {"where": "a: b", "do": "c", "kept": "d"},
    ],
)
def test_what_was_written_is_read_back(answers):
    error = InputError("no number\nin two lines", **answers)
    read = WorkbenchError.read(str(error))
    assert str(read) == str(error)
    assert {name: getattr(read, name) for name in ("where", "do", "kept")} == {
        "where": None, "do": None, "kept": None, **answers,
    }  # fmt: skip


def test_other_words_are_the_message_alone():
    read = WorkbenchError.read("unsupported operand\n where: nowhere")
    assert (read.message, read.where) == ("unsupported operand\n where: nowhere", None)
