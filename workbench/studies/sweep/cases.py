"""What a sweep is made of: cases to run, lines of its journal, meanings of results.

Plain values, so that they travel to workers and stand in a journal as JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["finished", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One run of a sweep, to be done once.

    Attributes
    ----------
    number : int
        Place in the sweep, from 0.
    block, point : int
        Which block of the file, and which point of its design, each from 0; replicates of one
        point share them.
    replicate : int or None
        From 0; None where the point is run once.
    study : str
    params : dict
        All parameters, checked, as literals.
    varied : dict
        Those that the design varies.
    key : str
        16 hex digits over all that can change a number of the case: study, parameters, code, data,
        lock, language; the same key is never computed twice.
    """

    number: int
    block: int
    point: int
    replicate: int | None
    study: str
    params: dict[str, Any]
    varied: dict[str, Any]
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a case has no results.

    Attributes
    ----------
    kind : str
        "error" raised by the study, "crash" of the worker, "time" or "memory" limit passed.
    error, message : str
        Name of the error and what it says.
    """

    kind: Literal["error", "crash", "time", "memory"]
    error: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a journal: a case that is done. On disk means done.

    Attributes
    ----------
    key : str
        Of the case.
    status : str
        "finished" or "failed".
    results : dict of str to float, int, str, bool or None
        Key figures by name; empty where it failed.
    fault : Fault or None
    seconds, peak_mb : float
        Time and peak memory of the case in its worker.
    attempts : int
        1, more after crashes.
    run : str or None
        Folder of the full run from the project's root, in mode notebook.
    """

    key: str
    status: Status
    results: dict[str, Any]
    fault: Fault | None = None
    seconds: float = 0.0
    peak_mb: float = 0.0
    attempts: int = 1
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a key figure of a study means: label (English, Chinese), kind and unit.

    Attributes
    ----------
    name : str
    label : (str, str)
    kind : str
        "money", "percent", "points", "integer", "number", "days" ... as in `report.labels`.
    unit : (str, str)
        English and Chinese; a currency code stands for itself; ("", "") for none.
    """

    name: str
    label: tuple[str, str]
    kind: str
    unit: tuple[str, str]
