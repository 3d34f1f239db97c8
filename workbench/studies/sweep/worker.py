"""One case of a sweep, inside a worker: the computation alone, or the whole run.

A worker opens the company and imports the study once; every case starts from both as they are.
What is random in a study comes from streams named by its seed, so that neither the worker nor the
order of the cases changes a number.
"""

from __future__ import annotations

import atexit
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.contract import Study
from workbench.errors import InputError, WorkbenchError
from workbench.recording import plain_value
from workbench.studies.project import Project, find_project
from workbench.studies.sweep.cases import Meaning
from workbench.studies.sweep.spec import Mode
from workbench.text import Language, later

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.studies.runs import Run
    from workbench.studies.warm import WarmKernels


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all cases of a sweep share; sent to each worker once.

    Attributes
    ----------
    project, company : str
        Folders, absolute.
    mode : str
        "compute" or "notebook".
    lang : str
        Of reports.
    tables : tuple of str
        Result tables to send back.
    """

    project: str
    company: str
    mode: Mode
    lang: str
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A case as a worker gets it: the study and all its parameters."""

    study: str
    params: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a worker found.

    Attributes
    ----------
    results : dict of str to number, str, bool or None
        Key figures.
    meanings : tuple of Meaning
        Of the key figures.
    tables : dict of str to bytes
        Result tables asked for, as Parquet.
    run : str or None
        Folder of the whole run, from the project's root.
    """

    results: dict[str, Any]
    meanings: tuple[Meaning, ...]
    tables: dict[str, bytes]
    run: str | None = None


def run_case(setting: Setting, task: Task) -> Answer:
    """Do one case; raises whatever the study raises, errors of ours in the sweep's language."""
    try:
        return (_run if setting.mode == "notebook" else _compute)(setting, task)
    except WorkbenchError as error:
        raise error.retold(Language(setting.lang).again) from None


def _compute(setting: Setting, task: Task) -> Answer:
    study = _study(setting.project, task.study)
    company = _company(setting.company)
    results = study.compute(company, study.params.model_validate(task.params))
    if not hasattr(results, "summary"):
        raise InputError(
            later("the results of the study have no key figures"),
            where=f"{study.name}: compute -> {type(results).__name__}",
            do=later("return an object with summary(), see docs/adding_a_study.md"),
        )
    figures = {name: plain_value(value)["value"] for name, value in results.summary().items()}
    labels: dict[str, Any] = getattr(results, "labels", dict)()
    currency = company.settings.base_currency
    return Answer(
        results=figures,
        meanings=tuple(_meaning(name, tuple(labels.get(name, ())), currency) for name in figures),
        tables=_tables(results, setting.tables, study) if setting.tables else {},
    )


def _run(setting: Setting, task: Task) -> Answer:
    from workbench.studies.run import run_study

    project = _project(setting.project)
    done = run_study(
        task.study,
        values=task.params,
        company=setting.company,
        lang=setting.lang,
        project=project,
        start_kernel=_warm(project.root).start,
    )
    entries = done.manifest["results"]
    return Answer(
        results={entry["name"]: entry["value"] for entry in entries},
        meanings=tuple(_recorded(entry) for entry in entries),
        tables=_kept(done, setting.tables),
        run=project.shown(done.folder),
    )


def _recorded(entry: Mapping[str, Any]) -> Meaning:
    """Meaning of a key figure as the manifest of a run has it."""
    (en, unit), (zh, unit_zh) = entry["both"]
    return Meaning(name=entry["name"], label=(en, zh), kind=entry["kind"], unit=(unit, unit_zh))


@cache
def _meaning(name: str, label: tuple[str, ...], currency: str) -> Meaning:
    from workbench.report.labels import key_figure

    entry: dict[str, Any] = {"name": name}
    if label:
        entry["label"] = label[:2]
    if len(label) > 2:
        entry["value_kind"] = label[2]
    en, zh = (key_figure(entry, Language(code), currency=currency).meaning for code in ("en", "zh"))
    return Meaning(name=name, label=(en.label, zh.label), kind=en.kind, unit=(en.unit, zh.unit))


def _tables(results: Any, names: tuple[str, ...], study: Study) -> dict[str, bytes]:
    from workbench.frames import table_bytes

    found = results.tables()
    _refuse_missing(names, found, study.name)
    return {name: table_bytes(getattr(found[name], "frame", found[name])) for name in names}


def _kept(run: Run, names: tuple[str, ...]) -> dict[str, bytes]:
    _refuse_missing(names, [entry["name"] for entry in run.manifest["tables"]], run.study)
    return {name: (run.folder / "tables" / f"{name}.parquet").read_bytes() for name in names}


def _refuse_missing(names: Iterable[str], found: Iterable[str], study: str) -> None:
    known = list(found)
    if missing := [name for name in names if name not in known]:
        raise InputError(
            later("the study {study} has no table {name}", study=study, name=missing[0]),
            where="tables",
            do=later("use some of {names}", names=", ".join(known)),
        )


# -- once a worker ------------------------------------------------------------------------------


@cache
def _project(root: str) -> Project:
    return find_project(root)


@cache
def _study(root: str, name: str) -> Study:
    from workbench.studies import registry

    return registry.study(name, _project(root))


@cache
def _company(folder: str) -> Company:
    from workbench.company import open_company

    return open_company(folder)


@cache
def _warm(root: Path) -> WarmKernels:
    from workbench.studies.warm import WarmKernels

    warm = WarmKernels()
    atexit.register(warm.close)
    return warm
