"""What the commands share: options, and which project, company and language is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import ParameterError, ProjectError
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.studies import Project

#: Exit code of a command ended by Ctrl-C, as shells have it.
INTERRUPTED = 130

Home = Annotated[
    Path | None,
    typer.Option("--project", help=mark("Folder of the project; else looked for upward.")),
]
Lang = Annotated[
    str | None,
    typer.Option("--lang", help=mark("Language, en or zh; else that of the project or system.")),
]
CompanyFolder = Annotated[
    Path | None, typer.Option("--company", help=mark("Folder of the company; else the project's."))
]


def project_or_none(folder: Path | None, lang: Language) -> Project | None:
    """The project named or stood in; None where there is none."""
    from workbench.studies import find_project

    if folder is not None:
        return find_project(folder, lang)
    try:
        return find_project()
    except ProjectError:
        return None


def project_company(folder: Path | None, lang: Language) -> Path:
    """Folder of the project's company; the sample where it names none."""
    from workbench.studies import find_project
    from workbench.studies.plan import SAMPLE

    home = find_project(folder, lang)
    return home.resolve(home.company or SAMPLE)


def own_company(folder: Path | None, lang: Language) -> Path:
    """Company of the project that may be changed: never the sample."""
    from workbench.studies.plan import SAMPLE

    company = project_company(folder, lang)
    if company.as_posix().endswith(SAMPLE):
        raise ParameterError(
            lang.say("the folder of the company to change is not named"),
            do=lang.say("name it, or make a project of your own with `workbench init`"),
        )
    return company
