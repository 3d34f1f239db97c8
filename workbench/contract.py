"""The contract between a study, its notebook and a run: what goes in, what comes out.

`Params` says what may be set (`params.py`), `Results` what a computation hands back, `Study` ties
both to a notebook, `record` files numbers, tables and figures (`recording.py`), and
`open_project_company` finds a notebook its data. Light on purpose, so that parameters are checked
long before a kernel starts.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from workbench.errors import ProjectError
from workbench.params import UNIT_WORDS, Parameter, ParameterRow, Params, field
from workbench.recording import record, record_results
from workbench.terminal import PROJECT_FILE
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company

__all__ = [
    "PROJECT_FILE",
    "UNIT_WORDS",
    "Parameter",
    "ParameterRow",
    "Params",
    "Results",
    "Study",
    "field",
    "in_project",
    "open_project_company",
    "project_root",
    "record",
    "record_results",
]

Both = tuple[str, str]


@runtime_checkable
class Results(Protocol):
    """What `compute` hands back: a frozen dataclass that answers for itself.

    It may also have ``draws()``, ``labels()``, ``codes()`` and ``assumptions(lang)``: see
    `record_results`.
    """

    def tables(self) -> Mapping[str, Any]:
        """Tables by name, each a DataFrame or a table of `workbench.report`."""
        ...

    def figures(self, lang: Language) -> Mapping[str, Any]:
        """Figures of `workbench.charts` by name."""
        ...

    def summary(self) -> Mapping[str, Any]:
        """Key figures by name; the names are glossary terms or KPIs."""
        ...


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study: a question, its parameters, the computation and the notebook that tells it.

    Attributes
    ----------
    name : str
        As in `workbench run NAME`.
    number : int
        Area number in front of the notebook's name, 1 to 11.
    title, question : (str, str)
        English and Chinese.
    params : type of Params
    compute : callable
        ``compute(company, params) -> Results``, pure.
    notebook : str
        File in `notebooks/`; `NN_name.ipynb` where not given.
    """

    name: str
    number: int
    title: Both
    question: Both
    params: type[Params]
    compute: Callable[[Company, Any], Any]
    notebook: str = ""

    def __post_init__(self) -> None:
        if not self.notebook:
            object.__setattr__(self, "notebook", f"{self.number:02d}_{self.name}.ipynb")


# -- where a notebook finds its project and company ---------------------------------------------


def project_root(start: str | Path | None = None, lang: Language | None = None) -> Path:
    """Return the project's folder: the nearest one upward that holds `workbench.yaml`.

    Parameters
    ----------
    start : str or Path, optional
        Where to begin; otherwise the project a run has named, or the working directory.
    lang : Language, optional
        Of the error.

    Raises
    ------
    ProjectError
        If no folder upward holds the file.
    """
    begin = Path(start or os.environ.get("WORKBENCH_PROJECT") or Path.cwd()).resolve()
    for folder in (begin, *begin.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    say = (lang or Language("en")).say
    raise ProjectError(
        say("there is no project here"),
        where=say("{folder} and above: no {file}", folder=begin, file=PROJECT_FILE),
        do=say(
            "change into a project, name one with --project, or make one: workbench init FOLDER"
        ),
    )


def in_project(name: str) -> Path:
    """Return the file or folder that a parameter names: as named, else from the project's folder.

    Parameters
    ----------
    name : str
        Outside a project a relative one starts at the working directory.
    """
    path = Path(name)
    if path.is_absolute() or path.exists():
        return path
    try:
        return project_root() / path
    except ProjectError:
        return path


def open_project_company(company: str | Path) -> Company:
    """Open the company a notebook names; inside a run, note which tables are read.

    Parameters
    ----------
    company : str or Path
        Folder of the company; a relative one starts at the project, never at the working
        directory, so that a notebook finds the same data however it is run.

    Raises
    ------
    ProjectError
        If the path is relative and no project is found.
    InputError
        If there is no company in that place.
    """
    from workbench.company import open_company

    path = Path(company)
    opened = open_company(path if path.is_absolute() else project_root() / path)
    if not os.environ.get("WORKBENCH_RUN"):
        return opened
    return _traced()(
        folder=opened.folder,
        settings=opened.settings,
        files=opened.files,
        organisation=opened.organisation,
    )


@cache
def _traced() -> type[Company]:
    from workbench.company import Company
    from workbench.recording import note_tables

    class TracedCompany(Company):
        """A company that notes the tables its queries name in the journal of the run."""

        def _query(self, query: str, parameters: Any = None) -> Any:
            note_tables(query, self.tables)
            return super()._query(query, parameters)

    return TracedCompany
