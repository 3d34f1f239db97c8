"""What a run will do, all of it checked, nothing started: study, parameters, company, notebook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study
from workbench.errors import ProjectError
from workbench.studies import registry
from workbench.studies.manifest import named_files
from workbench.studies.parameters import Given, checked, resolve
from workbench.studies.project import Project, find_project
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company

#: Company of a run where neither the command nor the project names one.
SAMPLE = "data/sample"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run will do; all of it checked.

    Attributes
    ----------
    project : Project
    study : Study
    params : Params
    company : Company
    place : str
        Path of the company as the notebook gets it.
    lang : Language
    notebook : Path
    """

    project: Project
    study: Study
    params: Params
    company: Company
    place: str
    lang: Language
    notebook: Path

    @property
    def sources(self) -> list[str]:
        """What each cell of the notebook is and says: what can change a number."""
        return sources_of(self.notebook)

    @property
    def files(self) -> dict[str, str]:
        """Hash of each file or folder that a parameter names."""
        return named_files(self.params.paths(), self.params.literals(), self.project)

    @property
    def code(self) -> list[str]:
        """Sources of its code cells."""
        return [joined(c["source"]) for c in self._cells if c["cell_type"] == "code"]

    @property
    def _cells(self) -> list[dict[str, Any]]:
        return list(json.loads(self.notebook.read_text(encoding="utf-8"))["cells"])

    def literals(self) -> dict[str, Any]:
        """Return what papermill writes into the notebook."""
        return {"company": self.place, "lang": self.lang.code, **self.params.literals()}


def plan_run(
    name: str,
    *,
    params_file: str | Path | None = None,
    sets: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    company: str | Path | None = None,
    lang: str | Language | None = None,
    project: str | Path | Project | None = None,
) -> Plan:
    """Check everything a run needs and start nothing.

    Takes and raises what `run_study` does; `values` are parameters as literals, in the place of
    a file: those of a former run, or of one case of a sweep.
    """
    home = project if isinstance(project, Project) else find_project(project)
    code = lang.code if isinstance(lang, Language) else lang or home.lang or "en"
    language = Language(code)
    study = registry.card(name, home, language).load()
    if values is not None:
        params = checked(study, Given(dict(values)), language)
    else:
        file = Path(params_file) if params_file else home.params / name / "base.yaml"
        known = file if params_file or file.is_file() else None
        params = resolve(study, file=known, sets=sets, lang=language)
    folder = company_folder(home, company)
    return Plan(
        project=home,
        study=study,
        params=params,
        company=open_at(folder, language),
        place=home.shown(folder),
        lang=language,
        notebook=notebook_of(home, study, language),
    )


def company_folder(project: Project, company: str | Path | None = None) -> Path:
    """Folder of the company named, from the working directory; else that of the project."""
    return Path(company).resolve() if company else project.resolve(project.company or SAMPLE)


def open_at(folder: Path, lang: Language) -> Company:
    """Open the company in a folder; a ProjectError where there is no folder."""
    from workbench.company import open_company

    if not folder.is_dir():
        raise ProjectError(
            lang.say("there is no company in this place"),
            where=str(folder),
            do=lang.say(
                "name its folder: --company FOLDER; or make one: workbench sample -o FOLDER"
            ),
        )
    return open_company(folder)


def notebook_of(project: Project, study: Study, lang: Language) -> Path:
    """File of the notebook of a study; a ProjectError where there is none."""
    path = project.notebooks / study.notebook
    if not path.is_file():
        raise ProjectError(
            lang.say("the project has no notebook {name}", name=study.notebook),
            where=project.shown(project.notebooks),
            do=lang.say("copy it from the workbench, or make a project with all: workbench init"),
        )
    return path


def sources_of(notebook: Path) -> list[str]:
    """What each cell of a notebook file is and says; outputs and other metadata do not count."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [f"{_kind(cell)}\n{joined(cell['source'])}" for cell in cells]


def _kind(cell: Mapping[str, Any]) -> str:
    """Kind of a cell; the one that papermill writes behind is a kind of its own."""
    tags = cell.get("metadata", {}).get("tags", ())
    return "parameters" if "parameters" in tags else str(cell["cell_type"])


def joined(source: str | list[str]) -> str:
    """Source of a cell as one text; a notebook file may hold it as lines."""
    return source if isinstance(source, str) else "".join(source)
