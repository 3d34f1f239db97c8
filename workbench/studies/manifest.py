"""The manifest of a run: all that decides its numbers, and what came out.

The identity of a run is a hash of what can change a number: resolved parameters and the files that
they name, language, notebook source, package code, data, lock file. Time, docs and tests are not
in it. It is cheap to take again: within one process a file is read once while its time and size
stay the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

import workbench
from workbench.company import file_hash
from workbench.studies.project import Project
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.company import Company

MANIFEST = "manifest.json"
#: Files behind the hash of the code, each with its own; beside the manifest, for comparing runs.
SOURCES = "sources.json"
#: Parameters of a run as a params file, whole: `workbench run NAME -p FILE` repeats it.
PARAMS = "params.yaml"
LOCK = "requirements.lock"

#: Under what a YAML file names those it builds on, in either language.
EXTENDS = ("extends", "继承")

#: What is shipped with the package and can change a number or a word.
_CODE = frozenset({".py", ".sql", ".po", ".css", ".json", ".csv", ".j2", ".yaml", ".yml", ".otf"})

#: Packages whose version can change a number or a picture.
PACKAGES = (
    "altair", "duckdb", "highspy", "numba", "numpy", "pandas", "papermill", "pyarrow", "pydantic",
    "scikit-learn", "scipy", "statsmodels", "vl-convert-python", "xarray",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides the numbers of a run; all hashes are SHA-256 in hex.

    Attributes
    ----------
    study, lang : str
    params : dict
        Resolved, as literals.
    files : dict of str to str
        Hash of what stands in the file or folder that a parameter names, by parameter.
    seed : int or None
        Of the parameters, where the study draws random numbers.
    notebook, code, data : str
        Hash of the notebook's source, of the package with the project's own studies, of the
        company's settings and tables.
    lock : str or None
        Hash of `requirements.lock`; None where there is none.
    """

    study: str
    lang: str
    params: dict[str, Any]
    files: dict[str, str]
    seed: int | None
    notebook: str
    code: str
    data: str
    lock: str | None

    @property
    def digest(self) -> str:
        """Hash of it all, 64 hex digits; a run is named by the first 8."""
        return sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False))


def identity(
    *,
    study: str,
    lang: str,
    params: Mapping[str, Any],
    sources: Iterable[str],
    data: str,
    project: Project,
    files: Mapping[str, str] | None = None,
    code: str | None = None,
) -> Identity:
    """Put together what decides the numbers of a run.

    Parameters
    ----------
    sources : iterable of str
        Cells of the notebook in order, kind and source: `Plan.sources`.
    data : str
        Content hash of the company.
    files : mapping of str to str, optional
        As `named_files` gives them.
    code : str, optional
        Hash of the code where it has been taken already.
    """
    seed = params.get("seed")
    return Identity(
        study=study,
        lang=lang,
        params=dict(params),
        files=dict(files or {}),
        seed=seed if isinstance(seed, int) else None,
        notebook=sha256(json.dumps(list(sources), ensure_ascii=False)),
        code=code or code_hash(project),
        data=data,
        lock=lock_hash(project),
    )


def named_files(
    names: Iterable[str], params: Mapping[str, Any], project: Project
) -> dict[str, str]:
    """Hash what stands in the files and folders that parameters name.

    Parameters
    ----------
    names : iterable of str
        Parameters that name one: `Params.paths`.
    params : mapping
        Of the run, as literals.
    project : Project
        Where relative names start.

    Returns
    -------
    dict of str to str
        By parameter; without those that are empty or name nothing that is there. A YAML file
        counts with the files it extends, a folder with the tables in it.
    """
    found = {}
    for name in names:
        value = params.get(name)
        place = project.resolve(value) if isinstance(value, str) and value else None
        if place is not None and place.exists():
            inside = sorted(place.rglob("*.parquet")) if place.is_dir() else _with_extended(place)
            found[name] = sha256("\n".join(map(file_hash, inside)))
    return found


def _with_extended(path: Path, known: frozenset[Path] = frozenset()) -> list[Path]:
    """A file and, where it is YAML, the files it extends."""
    if path.suffix not in (".yaml", ".yml") or path in known or not path.is_file():
        return [path] if path.is_file() and path not in known else []
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        return [path]  # whoever reads it says what is wrong
    named = [values.get(word) for word in EXTENDS] if isinstance(values, dict) else []
    below = [
        path.parent / str(name)
        for each in named
        if each
        for name in ([each] if isinstance(each, str) else each)
    ]
    known |= {path}
    return [path, *(file for each in below for file in _with_extended(each, known))]


def sources(project: Project) -> dict[str, str]:
    """SHA-256 of every file of the package, and of the project's own studies, by name."""
    package = Path(workbench.__file__).parent
    found = {f"{package.name}/{name}": path for name, path in _files(str(package))}
    found |= {f"studies/{path.name}": str(path) for path in project.studies.glob("*.py")}
    return {name: file_hash(found[name]) for name in sorted(found)}


def code_hash(project: Project) -> str:
    """Hash over `sources`: names and content."""
    return hash_of(sources(project))


def hash_of(files: Mapping[str, str]) -> str:
    """One hash over those of many files: names and content."""
    return sha256("".join(f"{name} {digest}\n" for name, digest in files.items()))


def table_hashes(company: Company) -> dict[str, str]:
    """Hash of each table present: of its file, or of the files of its parts in order."""
    hashes = {
        name: [company.file_hashes[part.relative_to(company.folder).as_posix()] for part in parts]
        for name, parts in company.files.items()
    }
    return {
        name: parts[0] if len(parts) == 1 else sha256("\n".join(parts))
        for name, parts in hashes.items()
    }


def lock_hash(project: Project) -> str | None:
    """Hash of the lock file in use; None where there is none."""
    for folder in (project.root, Path(workbench.__file__).parent.parent):
        if (folder / LOCK).is_file():
            return file_hash(folder / LOCK)
    return None


def versions() -> dict[str, str]:
    """Versions of Python, of the workbench and of the packages that compute and draw."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    """Those of this process, in which they stay as they are."""
    found = {"python": platform.python_version(), "sales-workbench": workbench.__version__}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def git_state(root: Path) -> dict[str, Any] | None:
    """Commit and whether anything differs from it; None outside a repository or without git."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return None
    changes = _git(root, "status", "--porcelain", "--untracked-files=normal")
    return {"commit": commit, "dirty": bool(changes)}


def code_facts(
    git: Mapping[str, Any] | None, versions: Mapping[str, str], shown: Iterable[str], lang: Language
) -> dict[str, str]:
    """Commit and versions for people: label to text."""
    facts = {}
    if git:
        changed = lang.paren(lang.say("with changes not committed")) if git["dirty"] else ""
        facts[lang.say("Code version")] = git["commit"][:12] + changed
    named = (f"{name} {versions[name]}" for name in shown if name in versions)
    return facts | {lang.say("Versions"): lang.pause.join(named)}


def write(folder: Path, manifest: Mapping[str, Any]) -> Path:
    """Write the manifest of a run into its folder."""
    path = folder / MANIFEST
    text = json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def write_sources(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the hashes of all files of code, as `sources` gives them, into the folder of a run."""
    path = folder / SOURCES
    path.write_text(json.dumps(files, indent=0) + "\n", encoding="utf-8")
    return path


def sha256(text: str) -> str:
    """Hash of a text, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _files(package: str) -> Iterator[tuple[str, str]]:
    """Files of the package that count: name from its folder, and path."""
    for folder, below, names in os.walk(package):
        inside = folder[len(package) + 1 :].replace(os.sep, "/")
        # compiled code; and what a new project is made of, which no run reads
        below[:] = [
            name for name in below if name != "__pycache__" and (inside or name != "template")
        ]
        for name in names:
            if os.path.splitext(name)[1] in _CODE:  # noqa: PTH122 - hundreds of files a run
                yield f"{inside}/{name}".lstrip("/"), f"{folder}{os.sep}{name}"


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
