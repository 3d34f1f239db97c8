"""What a system hands over: pages, one after the other, each with the place of the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Page:
    """Some records.

    Attributes
    ----------
    records : sequence of dict
        As the system gave them.
    next : dict or None
        Where the next page is; None: this was the last.
    warnings : tuple of str
        What the reader should know.
    """

    records: Sequence[Mapping[str, Any]]
    next: dict[str, Any] | None
    warnings: tuple[str, ...] = ()


class PassLost(Exception):
    """The system no longer knows the place: the pass begins anew at `place`."""

    def __init__(self, place: dict[str, Any]) -> None:
        super().__init__("the place of the next page is lost")
        self.place = place


class System(Protocol):
    """An object of a system, read page by page.

    A place is a small dict that goes into the state of the pull; its "pass", if any, counts the
    passes over the object, its "changes" says that a file that is there is to be changed.
    """

    name: str
    key: str

    def begin(self) -> dict[str, Any]:
        """The place of the first page; "passes", if any, names the fields."""
        ...

    def page(self, place: dict[str, Any], since: float | None) -> Page:
        """The page at a place."""
        ...

    def passes(self, place: Mapping[str, Any]) -> int:
        """Passes that hold pieces of the records."""
        ...

    def modified(self, record: Mapping[str, Any]) -> float:
        """When a record was modified (seconds since 1970), -inf where it does not say."""
        ...

    def warnings(self, place: Mapping[str, Any]) -> list[str]:
        """What the records do not hold."""
        ...
