"""What a sweep will do, all of it checked, nothing started: file, company, cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Study
from workbench.studies import manifest
from workbench.studies.plan import company_folder, notebook_of, open_at, sources_of
from workbench.studies.project import Project, find_project
from workbench.studies.sweep.cases import Case
from workbench.studies.sweep.designs import Designed, design
from workbench.studies.sweep.spec import SweepFile, SweepSpec, read_sweep
from workbench.studies.sweep.status import sweep_folder
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company


@dataclass(frozen=True, kw_only=True)
class SweepPlan:
    """All that a sweep will do; checked, nothing started.

    Attributes
    ----------
    file : SweepFile
    project : Project
    company : Company
    lang : Language
    designed : Designed
    code, lock : str, str or None
        Hashes of the code and of the lock file that the cases are named by.
    """

    file: SweepFile
    project: Project
    company: Company
    lang: Language
    designed: Designed
    code: str
    lock: str | None

    @property
    def spec(self) -> SweepSpec:
        """What the file says."""
        return self.file.spec

    @property
    def cases(self) -> list[Case]:
        """Cases in order."""
        return self.designed.cases

    @property
    def folder(self) -> Path:
        """Folder of the sweep."""
        return sweep_folder(self.project, self.spec.name)


def plan_sweep(
    path: str | Path,
    *,
    project: str | Path | Project | None = None,
    company: str | Path | None = None,
    lang: str | Language | None = None,
) -> SweepPlan:
    """Read a sweep file and lay it out; raises as `run_sweep` does, starts nothing."""
    home = project if isinstance(project, Project) else find_project(project)
    asked = lang.code if isinstance(lang, Language) else lang
    file = read_sweep(Path(path), Language(asked or home.lang or "en"))
    language = Language(asked or file.spec.lang or home.lang or "en")
    opened = open_at(company_folder(home, company or _named(file, home)), language)
    code, lock = manifest.code_hash(home), manifest.lock_hash(home)
    fixed = {"mode": file.spec.mode, "code": code, "lock": lock, "data": opened.content_hash}
    return SweepPlan(
        file=file,
        project=home,
        company=opened,
        lang=language,
        designed=design(
            file, project=home, base=_base(file.spec, home, fixed, language), lang=language
        ),
        code=code,
        lock=lock,
    )


def _named(file: SweepFile, project: Project) -> Path | None:
    return project.resolve(file.spec.company) if file.spec.company else None


def _base(
    spec: SweepSpec, project: Project, fixed: Mapping[str, Any], lang: Language
) -> Callable[[Study], Mapping[str, Any]]:
    """All but the parameters that can change what is kept of a case."""

    def base(study: Study) -> dict[str, Any]:
        shared: dict[str, Any] = {"study": study.name, "tables": spec.tables, **fixed}
        if spec.mode == "notebook":
            shared |= {"lang": lang.code, "notebook": sources_of(notebook_of(project, study, lang))}
        return shared

    return base
