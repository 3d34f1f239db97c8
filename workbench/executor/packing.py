"""Tasks into bytes and bytes into values, one at a time, so that a bad one spoils no other."""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.executor.interface import Done, Fault

if TYPE_CHECKING:
    from workbench.text import Language

PROTOCOL = 5


@dataclass(slots=True)
class Packed:
    """A task on its way: its number, its bytes, and how many workers have died under it."""

    place: int
    content: bytes
    deaths: int = 0


@dataclass(slots=True)
class Answer:
    """What came of a packed task; `content` is the pickled value where there is no fault."""

    place: int
    content: bytes
    fault: Fault | None
    seconds: float
    peak_mb: float
    attempts: int


#: Does packed tasks and answers as they are over.
Work = Callable[[Iterator[Packed]], Generator[Answer, None, None]]


def through(work: Work, tasks: Iterable[Any], lang: Language) -> Iterator[Done]:
    """Pack tasks lazily, let them be done, unpack the values."""
    refused: list[Done] = []

    def packed() -> Iterator[Packed]:
        for place, task in enumerate(tasks):
            try:
                content = pickle.dumps(task, PROTOCOL)
            except Exception as error:
                fault = _unsendable(error, lang.say("the task cannot be sent to a worker"), lang)
                refused.append(Done(place, None, fault, 0.0, 0.0, 1))
            else:
                yield Packed(place, content)

    with contextlib.closing(work(packed())) as answers:
        for answer in answers:
            yield from _taken(refused)
            yield _unpacked(answer, lang)
    yield from _taken(refused)


def _taken(refused: list[Done]) -> Iterator[Done]:
    while refused:
        yield refused.pop(0)


def _unpacked(answer: Answer, lang: Language) -> Done:
    value, fault = None, answer.fault
    if fault is None:
        try:
            value = pickle.loads(answer.content)
        except Exception as error:
            fault = _unsendable(error, lang.say("the result cannot be read back"), lang)
    return Done(answer.place, value, fault, answer.seconds, answer.peak_mb, answer.attempts)


def _unsendable(error: Exception, what: str, lang: Language) -> Fault:
    reason = f"{type(error).__name__}: {error}"
    message = lang.say("{what} ({reason})", what=what, reason=reason)
    return Fault("error", type(error).__name__, message)
