"""Scenarios as files: a params file that extends the base and states only what differs.

What a planner saves, `workbench run NAME -p FILE` takes as it is. Name and reason stand in its
first lines as comments, so that no parameter is in their way:

    # name: Fewer padded quotas
    # reason: regions asked for it
    extends: base.yaml
    padding: 0.02
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.contract import Params, Study
from workbench.errors import ParameterError
from workbench.studies import Project
from workbench.studies.parameters import checked, read_file, resolve
from workbench.studies.yaml_values import write_value
from workbench.text import Language

BASE = "base.yaml"
MOST_BYTES = 1_000_000  # of a file that is opened; a params file has a few hundred
_HEAD = re.compile(r"^#\s*(name|reason):\s*(.*)$")


@dataclass(frozen=True)
class Saved:
    """A scenario on disk."""

    path: Path
    name: str
    reason: str


def baseline(study: Study, project: Project | None, lang: Language) -> Params:
    """Return the parameters a planner starts with: the base file of the project, else defaults."""
    base = project.params / study.name / BASE if project else None
    return resolve(study, file=base if base and base.is_file() else None, lang=lang)


def scenarios(study: Study, project: Project | None) -> list[Saved]:
    """List the saved scenarios of a study by name, without the base."""
    folder = project.params / study.name if project else None
    if folder is None or not folder.is_dir():
        return []
    found = [_about(path) for path in sorted(folder.glob("*.yaml")) if path.name != BASE]
    return sorted(found, key=lambda each: each.name)


def load(study: Study, path: Path, lang: Language) -> Params:
    """Read the values of a scenario; a ParameterError where they cannot be used."""
    return checked(study, read_file(path, lang), lang)


def load_text(study: Study, text: str, project: Project | None, lang: Language) -> Params:
    """Read a scenario that was handed over as text, as if it lay beside the base.

    Raises
    ------
    ParameterError
        If it is too large, cannot be read, or holds a value that cannot be used.
    """
    import tempfile

    if len(text.encode()) > MOST_BYTES:
        raise ParameterError(
            lang.say("the file is too large for a scenario"),
            do=lang.say("open a params file, such as one saved here"),
        )
    beside = project.params / study.name if project else None
    place = beside if beside is not None and beside.is_dir() else None
    with tempfile.NamedTemporaryFile(
        "w", suffix=".tmp", prefix=".opened-", dir=place, encoding="utf-8", delete=False
    ) as file:
        file.write(text)
    try:
        return load(study, Path(file.name), lang)
    finally:
        Path(file.name).unlink()


def save(
    study: Study,
    project: Project,
    stated: Mapping[str, Any],
    *,
    name: str,
    reason: str,
    lang: Language,
    replace: bool = False,
) -> Saved:
    """Write a scenario into `params/NAME/`.

    Parameters
    ----------
    study : Study
    project : Project
    stated : mapping
        Literals that differ from the base.
    name, reason : str
        For people; the file is named after the name.
    lang : Language
    replace : bool
        Whether a scenario of that name may be written over.

    Raises
    ------
    ParameterError
        If the name is empty, is that of the base, or is taken.
    """
    name, reason = " ".join(name.split()), " ".join(reason.split())
    stem = re.sub(r"[^\w-]+", "_", name).strip("_").lower()[:80]
    if not stem or f"{stem}.yaml" == BASE:
        raise ParameterError(
            lang.say("a scenario needs a name of its own"),
            do=lang.say("give it a name of letters, such as: fewer quotas"),
        )
    folder = project.params / study.name
    path = folder / f"{stem}.yaml"
    if path.exists() and not replace:
        raise ParameterError(
            lang.say("a scenario of this name is there"),
            where=project.shown(path),
            do=lang.say("choose another name, or save again to replace it"),
        )
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(written(stated, name, reason, (folder / BASE).is_file()), encoding="utf-8")
    return Saved(path, name, reason)


def written(stated: Mapping[str, Any], name: str, reason: str, has_base: bool) -> str:
    """Write a scenario as the text of its file."""
    head = [f"# name: {name}", *([f"# reason: {reason}"] if reason else [])]
    lines = [f"extends: {BASE}"] if has_base else []
    lines += [f"{key}: {write_value(value)}" for key, value in stated.items()]
    return "\n".join([*head, *lines]) + "\n"


def _about(path: Path) -> Saved:
    found = {"name": path.stem, "reason": ""}
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            said = _HEAD.match(line.strip())
            if said is None:
                break
            found[said[1]] = said[2]
    return Saved(path, found["name"], found["reason"])
