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
from workbench.text import Language

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


def find_project(folder: str | Path | None = None, lang: Language | None = None) -> Project:
    """Find the project a command is for.

    Parameters
    ----------
    folder : str or Path, optional
        The project itself (`--project`); otherwise it is looked for upward from where one stands.
    lang : Language, optional
        Of errors.

    Raises
    ------
    ProjectError
        If there is none, or its settings cannot be read.
    """
    lang = lang or Language("en")
    if folder is not None and not (Path(folder) / PROJECT_FILE).is_file():
        raise ProjectError(
            lang.say("this folder is no project"),
            where=lang.say("no {file} in {folder}", file=PROJECT_FILE, folder=folder),
            do=lang.say(
                "name the folder that holds {file}, or make one: workbench init FOLDER",
                file=PROJECT_FILE,
            ),
        )
    root = project_root(folder, lang)
    return Project(root=root, **_settings(root / PROJECT_FILE, lang))


def _settings(path: Path, lang: Language) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise ProjectError(
            lang.say("the settings of the project are no readable YAML"),
            where=lang.say("{file}, line {line}", file=path, line=mark.line + 1)
            if mark
            else str(path),
            do=lang.say("mend the line; a setting is written as name: value"),
        ) from error
    if isinstance(values, dict):
        wrong = [key for key in values if key not in SETTINGS or not _fits(key, values[key])]
    else:
        wrong = [values]
    if wrong:
        name = wrong[0]
        raise ProjectError(
            lang.say("{name} of the project cannot be {value}", name=name, value=values[name])
            if name in SETTINGS
            else lang.say("{name} is no setting of a project", name=name),
            where=str(path),
            do=lang.say("use company: FOLDER, and lang: en or lang: zh"),
        )
    return values


def _fits(key: str, value: Any) -> bool:
    return value is None or (value in ("en", "zh") if key == "lang" else isinstance(value, str))
