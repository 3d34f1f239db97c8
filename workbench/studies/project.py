"""A project: the folder with notebooks, params, studies and runs, marked by `workbench.yaml`.

workbench.yaml      marks the root; may say `company: FOLDER` and `lang: zh`
notebooks/          NN_name.ipynb
params/NAME/        base.yaml and others
sweeps/             NAME.yaml: many runs from one file
studies/            study_*.py of one's own
runs/NAME/          written by `workbench run`
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workbench.contract import PROJECT_FILE, project_root
from workbench.errors import ProjectError

SETTINGS = ("company", "lang")


@dataclass(frozen=True, slots=True)
class Project:
    """A project on disk.

    Attributes
    ----------
    root : Path
        Absolute.
    company : str or None
        Company used where a run names none, as written: relative to the root or absolute.
    lang : str or None
        Language used where a run names none.
    """

    root: Path
    company: str | None = None
    lang: str | None = None

    @property
    def notebooks(self) -> Path:
        """Folder of the notebooks."""
        return self.root / "notebooks"

    @property
    def params(self) -> Path:
        """Folder of the params files, one folder a study."""
        return self.root / "params"

    @property
    def studies(self) -> Path:
        """Folder of the project's own studies; it need not exist."""
        return self.root / "studies"

    @property
    def runs(self) -> Path:
        """Folder of the runs; it need not exist."""
        return self.root / "runs"

    def resolve(self, path: str | Path) -> Path:
        """Absolute path of one that starts at the root."""
        return (self.root / path).resolve()

    def shown(self, path: Path) -> str:
        """A path as people read it: from the root where it lies below it."""
        inside = path.is_relative_to(self.root)
        return path.relative_to(self.root).as_posix() if inside else str(path)


def find_project(folder: str | Path | None = None) -> Project:
    """Find the project a command is for.

    Parameters
    ----------
    folder : str or Path, optional
        The project itself (`--project`); otherwise it is looked for upward from where one stands.

    Raises
    ------
    ProjectError
        If there is none, or its settings cannot be read.
    """
    if folder is not None and not (Path(folder) / PROJECT_FILE).is_file():
        raise ProjectError(
            "this folder is no project",
            where=f"{folder}: no {PROJECT_FILE}",
            do=f"name the folder that holds {PROJECT_FILE}, or make one: workbench init FOLDER",
        )
    root = project_root(folder)
    return Project(root=root, **_settings(root / PROJECT_FILE))


def _settings(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProjectError(
            "the settings of the project are no readable YAML",
            where=f"{path}, line {mark.line + 1}" if mark else str(path),
            do="mend the line; a setting is written as `name: value`",
        ) from error
    wrong = [key for key in values if key not in SETTINGS] if isinstance(values, dict) else ["?"]
    if wrong or values.get("lang") not in (None, "en", "zh"):
        raise ProjectError(
            f"{wrong[0]!r} is no setting of a project" if wrong else "lang is en or zh",
            where=str(path),
            do="use `company: FOLDER` and `lang: en` or `lang: zh`",
        )
    return values
