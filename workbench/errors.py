"""One error family: what is wrong, where, what to do, and what was kept.

WorkbenchError
├── InputError              data handed in cannot be used as it is
│   ├── MissingTableError   a study asks for a table the company does not have
│   └── BasisError          amounts of different tax basis or currency were mixed
├── ParameterError          a parameter is unknown, missing or out of bounds
├── ProjectError            no project, study, run or company where one was expected
├── RunError                a notebook failed; the partial run is kept
├── InfeasibleError         the rules given cannot all hold
└── NotIdentifiedError      the data cannot answer the question; no number is returned
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Self


class WorkbenchError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message : str
        What is wrong, one sentence without a full stop.
    where : str, optional
        The place: file, sheet, line, row, column or argument.
    do : str, optional
        What the reader can do about it.
    kept : str, optional
        What was kept in spite of it.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        do: str | None = None,
        kept: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.do = do
        self.kept = kept

    def __str__(self) -> str:
        answers = [("where", self.where), ("do", self.do), ("kept", self.kept)]
        lines = [f"  {name + ':':<7}{text}" for name, text in answers if text]
        return "\n".join([self.message, *lines])

    def retold(self, say: Callable[[str], str]) -> Self:
        """The same error, its answers said by a function of texts, as `Language.again`."""
        for name in ("message", "where", "do", "kept"):
            if (text := getattr(self, name)) is not None:
                setattr(self, name, say(text))
        return self

    @classmethod
    def read(cls, text: str) -> WorkbenchError:
        """Read back what `str` made of an error, as it comes out of another process."""
        message, *rest = re.split(r"^  (where|do|kept): +", text, flags=re.MULTILINE)
        answers = dict(zip(rest[::2], (each.rstrip("\n") for each in rest[1::2]), strict=True))
        return cls(message.rstrip("\n"), **answers)


class InputError(WorkbenchError):
    """Data handed in cannot be used as it is."""


class MissingTableError(InputError):
    """A study or query asks for a table the company does not have."""

    def __init__(self, table: str, message: str, **answers: str) -> None:
        super().__init__(message, **answers)
        self.table = table


class BasisError(InputError):
    """Amounts of different tax basis or currency were to be added or divided."""


class ParameterError(WorkbenchError):
    """A parameter is unknown, missing or out of its bounds."""


class ProjectError(WorkbenchError):
    """No project, study, run or company was found where one was expected."""


class RunError(WorkbenchError):
    """A notebook failed; what it had written is kept beside the error."""


class InfeasibleError(WorkbenchError):
    """The rules given cannot all hold; the message names those that clash."""


class NotIdentifiedError(WorkbenchError):
    """The data cannot answer the question, so no number is returned."""


class WorkbenchWarning(UserWarning):
    """The result stands but needs care."""
