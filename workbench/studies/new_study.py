"""A new study that works at once: its file, notebook, params file and tests, to be changed.

What is written stands in `skeleton/`, as it will be read; words between double underscores are
filled in.
"""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from workbench.errors import ParameterError, ProjectError
from workbench.params import RESERVED
from workbench.recording import MIME
from workbench.setup.notebooks import stripped
from workbench.studies import registry
from workbench.studies.parameters import template
from workbench.studies.plan import SAMPLE
from workbench.studies.project import Project
from workbench.text import Language

Both = tuple[str, str]

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True, slots=True)
class NewStudy:
    """The files of a study that was made.

    Attributes
    ----------
    name : str
    study, notebook, params, tests : Path
    """

    name: str
    study: Path
    notebook: Path
    params: Path
    tests: Path

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order they are read."""
        return (self.study, self.notebook, self.params, self.tests)


def make_study(
    project: Project,
    name: str,
    *,
    area: int = 7,
    title: tuple[str | None, str | None] = (None, None),
    lang: Language,
) -> NewStudy:
    """Make a study that runs at once on a company with order lines.

    Parameters
    ----------
    project : Project
    name : str
        Lower-case letters, digits and underscores, as in `workbench run NAME`.
    area : int
        1 to 11, the number in front of the notebook's name.
    title : (str or None, str or None)
        English and Chinese; made of the name where not given.
    lang : Language
        Of errors, of the comments in the params file and of the notebook by hand.

    Raises
    ------
    ParameterError
        If the name is no such name or the area none of the eleven.
    ProjectError
        If there is such a study, or one of the files; nothing is overwritten, nothing written.
    """
    _check(project, name, area, lang)
    made = NewStudy(
        name=name,
        study=project.studies / f"study_{name}.py",
        notebook=project.notebooks / f"{area:02d}_{name}.ipynb",
        params=project.params / name / "base.yaml",
        tests=project.root / "tests" / f"test_{name}.py",
    )
    for path in made.files:
        _refuse_existing(path, project, lang)
    words = _words(project, name, area, _titled(name, *title), lang)
    write_new(made.study, _filled("study.py.tmpl", words), lang)
    write_new(made.notebook, _notebook(words), lang)
    write_new(made.tests, _filled("test.py.tmpl", words), lang)
    study = registry.card(name, project, lang).load()
    write_new(made.params, template(study, lang), lang)
    return made


def write_new(path: Path, text: str, lang: Language) -> None:
    """Write a file that is not there yet, with the folders above it.

    Raises
    ------
    ProjectError
        If there is such a file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise _exists(str(path), lang) from error


# -- what is asked for --------------------------------------------------------------------------


def _check(project: Project, name: str, area: int, lang: Language) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in RESERVED:
        raise ParameterError(
            lang.say("{name} is no name for a study", name=repr(name)),
            do=lang.say("use lower-case letters, digits and underscores, a letter first"),
        )
    if area not in registry.AREAS:
        known = (f"{number} {lang.pick(*both)}" for number, both in registry.AREAS.items())
        raise ParameterError(
            lang.say("there is no area {number}", number=area),
            where="--area",
            do=lang.say("use one of: {names}", names=lang.join(known, last="or")),
        )
    if name in registry.studies(project):
        raise ProjectError(
            lang.say("there is a study {name} already", name=name),
            where=project.shown(registry.studies(project)[name].path),
            do=lang.say("choose another name"),
        )


def _refuse_existing(path: Path, project: Project, lang: Language) -> None:
    if path.exists():
        raise _exists(project.shown(path), lang)


def _exists(place: str, lang: Language) -> ProjectError:
    return ProjectError(
        lang.say("the file is there already; nothing is overwritten"),
        where=place,
        do=lang.say("choose another name"),
    )


# -- filling in ---------------------------------------------------------------------------------


def _titled(name: str, english: str | None, chinese: str | None) -> Both:
    """Titles on one line; the Chinese one is the English one where there is none."""
    spoken = " ".join((english or name.replace("_", " ").capitalize()).split())
    return (spoken, " ".join((chinese or spoken).split()))


def _words(project: Project, name: str, area: int, title: Both, lang: Language) -> dict[str, str]:
    plain = {
        "TITLE": title[0],
        "TITLE_ZH": title[1],
        "COMPANY": project.company or SAMPLE,
        "LANG": project.lang or lang.code,
    }
    quoted = {key: json.dumps(text, ensure_ascii=False) for key, text in plain.items()}
    spoken = {f"{key}_PLAIN": text for key, text in plain.items()}
    doc = title[0].replace("\\", "").replace('"', "'").rstrip(".")
    return quoted | spoken | {"NAME": name, "AREA": str(area), "DOC": f"{doc}."}


def _filled(file: str, words: Mapping[str, str]) -> str:
    text = (resources.files("workbench.studies") / "skeleton" / file).read_text(encoding="utf-8")
    return re.sub(r"__([A-Z_]+)__", lambda found: words[found[1]], text)


def _notebook(words: Mapping[str, str]) -> str:
    cells = [
        {"id": f"c{number:02d}", **cell}
        for number, cell in enumerate(_cells(_filled("notebook.tmpl", words)))
    ]
    whole = {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return stripped(json.dumps(whole))


def _cells(text: str) -> Iterator[dict[str, Any]]:
    """Cells of a text in which a line `# %%` begins one; what stands behind it says its kind.

    `[markdown]`; `parameters`; `check`, with the result it records, which the suite compares.
    """
    for part in re.split(r"(?m)^# %%", text)[1:]:
        kind, _, source = part.partition("\n")
        kind, _, value = kind.strip().partition(" ")
        lines = source.rstrip("\n").splitlines(keepends=True)
        if kind == "[markdown]":
            yield {"cell_type": "markdown", "metadata": {}, "source": lines}
            continue
        tags = {"tags": ["parameters"]} if kind == "parameters" else {}
        yield {
            "cell_type": "code",
            "execution_count": 1 if kind == "check" else None,
            "metadata": tags,
            "outputs": [_output(value)] if kind == "check" else [],
            "source": lines,
        }


def _output(entry: str) -> dict[str, Any]:
    """The output of `record` as the notebook keeps it."""
    result = json.loads(entry)
    said = f"{' '.join(result['label'])}: {result['value']}"
    return {
        "data": {MIME: result, "text/plain": [said]},
        "metadata": {},
        "output_type": "display_data",
    }
