"""What the name of a stage says about a deal: open, won, lost or void, and a prior probability.

Names are looked up in the company's own settings, then in the system the sheet comes from, then
among names that mean the same in every system. A name that none of them knows is asked for. The
probabilities are the vendors' defaults: a prior for deals that state none, nothing to rely on.
Facts: `facts/stages.csv`. Who uses it: `table_rules.py` for deals, `recognise.py` for questions.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Status = Literal["open", "won", "lost"]

#: What a settings file or an answer may say of a stage.
STATUSES = ("open", "won", "lost", "void")

#: Systems whose names count as general where the sheet's own system knows nothing.
_GENERAL = ("generic_zh", "generic_en")

_NUMBERED = re.compile(r"^\s*(?:阶段|stage|step|s|p|l)?\s*[\d①-⑩]{1,2}\s*[-_.、:：)）\s]\s*", re.I)
_PERCENT = re.compile(r"[（(\s\-–—_]*(\d{1,3}(?:\.\d+)?)\s*[%％]\s*[)）]?\s*$")
_FILLERS = re.compile(r"[\s_/\\\-–—·.。、,，:：;；()（）\[\]【】]+")


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage and what is taken of it.

    Attributes
    ----------
    stage : str
        Name as it stands in the data.
    status : {"open", "won", "lost"}
        Void deals (put aside, cancelled) are lost; `note` tells them apart.
    probability : float or None
        Prior as a share; None where none is known.
    evidence : str
        "settings", a system ("zoho"), "general", "several systems", or "" where the name
        is not known: then the deal is taken as open until the question is answered.
    note : str
        "void: 搁置" for void deals, else "".
    known : bool
        Whether the name was known.
    """

    stage: str
    status: Status
    probability: float | None
    evidence: str
    note: str = ""
    known: bool = True


def stage_status(
    names: Iterable[str], system: str, own: Mapping[str, str] | None = None
) -> list[StageStatus]:
    """Say for each stage whether deals in it are open, won or lost.

    Parameters
    ----------
    names : iterable of str
        Names of stages as they stand; doubles and empty ones are left out.
    system : str
        System of the sheet ("zoho", "generic_zh", ...).
    own : mapping of str to str, optional
        The company's own stages: open, won, lost or void. They go before everything else.

    Returns
    -------
    list of StageStatus
        In the order of the names.

    Notes
    -----
    A number before the name ("3-方案报价") is passed over; a percentage behind it ("谈判 80%") is
    the prior, before any vendor's.
    """
    settings = {plain_stage(name): status for name, status in (own or {}).items()}
    wanted = dict.fromkeys(name.strip() for name in names if name and name.strip())
    return [_one(name, system, settings) for name in wanted]


def plain_stage(name: str) -> str:
    """A stage's name without number, percentage, case, width, spaces and punctuation."""
    text = unicodedata.normalize("NFKC", name).strip()
    text = _PERCENT.sub("", text) or text
    shorter = _NUMBERED.sub("", text)
    return _FILLERS.sub("", shorter or text).casefold()


def _one(name: str, system: str, settings: Mapping[str, str]) -> StageStatus:
    plain = plain_stage(name)
    if plain in settings:
        return _say(name, settings[plain], None, "settings")
    facts = _facts()
    if (system, plain) in facts:
        status, prior = facts[system, plain]
        return _say(name, status, prior, "general" if system in _GENERAL else system)
    for general in _GENERAL:
        if (general, plain) in facts:
            return _say(name, facts[general, plain][0], None, "general")
    elsewhere = [status for (_, known), (status, _) in facts.items() if known == plain]
    if len(elsewhere) > 1 and len(set(elsewhere)) == 1:
        return _say(name, elsewhere[0], None, "several systems")
    return StageStatus(name, "open", _stated(name), "", known=False)


def _say(name: str, status: str, prior: float | None, evidence: str) -> StageStatus:
    note = f"void: {name}" if status == "void" else ""
    outcome: Status = "won" if status == "won" else "open" if status == "open" else "lost"
    certain = {"won": 1.0, "lost": 0.0}.get(outcome)
    stated = _stated(name)
    probability = certain if certain is not None else stated if stated is not None else prior
    return StageStatus(name, outcome, probability, evidence, note)


def _stated(name: str) -> float | None:
    """A percentage that stands in the name itself, as a share."""
    found = _PERCENT.search(unicodedata.normalize("NFKC", name))
    share = float(found[1]) / 100 if found else None
    return share if share is not None and share <= 1 else None


@cache
def _facts() -> dict[tuple[str, str], tuple[str, float | None]]:
    path = files("workbench.loaders") / "facts" / "stages.csv"
    found = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            prior = float(row["probability_pct"]) / 100 if row["probability_pct"] else None
            found[row["system"], plain_stage(row["stage"])] = (row["status"], prior)
    return found
