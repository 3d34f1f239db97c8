"""Which studies are there: found by their files, read without importing them.

A study is a file `study_<name>.py` in an area of the package, or in the project's own `studies/`,
with a module attribute ``STUDY = Study(name=..., number=..., title=..., question=...)``. These
four, and the names of the parameters, are read from the source, so that a list of studies imports
none of them.
"""

from __future__ import annotations

import ast
import difflib
import importlib
import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import workbench
from workbench.contract import Study
from workbench.errors import ProjectError
from workbench.studies.project import Project, find_project
from workbench.text import Language, later

Both = tuple[str, str]

#: Area numbers as in the names of notebooks.
AREAS: dict[int, Both] = {
    1: ("Market", "市场"),
    2: ("Planning", "计划"),
    3: ("Customers", "客户"),
    4: ("Team", "团队"),
    5: ("Performance", "绩效"),
    6: ("Channels", "渠道"),
    7: ("Sales analysis", "销售分析"),
    8: ("Risk", "风险"),
    9: ("Innovation", "创新"),
    10: ("Culture", "文化"),
    11: ("Technology", "技术"),
}

_READ = ("name", "number", "title", "question")
_CONTRACT = ("workbench.contract", "workbench.params")


@dataclass(frozen=True, slots=True)
class StudyCard:
    """What is known of a study before it is imported.

    Attributes
    ----------
    name : str
    number : int
        Area number, 1 to 11.
    title, question : (str, str)
        English and Chinese.
    parameters : tuple of str
        Names of the parameters, in order.
    path : Path
        The file.
    own : bool
        Whether it belongs to the project rather than to the package.
    fault : ProjectError or None
        Why it cannot be read; such a one has the name of its file and stops no other.
    """

    name: str
    number: int
    title: Both
    question: Both
    path: Path
    parameters: tuple[str, ...] = ()
    own: bool = False
    fault: ProjectError | None = None

    def area(self, lang: Language) -> str:
        """Name of the area in the language."""
        return lang.pick(*AREAS.get(self.number, ("–", "–")))

    def load(self) -> Study:
        """Import the study.

        Raises
        ------
        ProjectError
            If the file cannot be read or imported, or holds no `STUDY`.
        """
        if self.fault is not None:
            raise self.fault
        try:
            found = getattr(_module(self.path, own=self.own), "STUDY", None)
        except Exception as error:
            raise ProjectError(
                later("the study {name} cannot be imported", name=self.name),
                where=f"{self.path.name}: {type(error).__name__}: {error}",
                do=later("mend the file; it is plain Python"),
            ) from error
        if not isinstance(found, Study):
            raise ProjectError(
                later("the file holds no study"),
                where=str(self.path),
                do=later("give it STUDY = Study(...)"),
            )
        return found


def studies(project: Project | None = None) -> dict[str, StudyCard]:
    """Return all studies by name, ordered by area and name; the project's own come last.

    Parameters
    ----------
    project : Project, optional
        Adds the studies of its own; one of the same name stands before that of the package.
    """
    package = Path(workbench.__file__).parent
    cards = [_card(path, own=False) for path in sorted(package.glob("*/study_*.py"))]
    if project is not None:
        cards += [_card(path, own=True) for path in sorted(project.studies.glob("study_*.py"))]
    ordered = sorted(cards, key=lambda card: (card.own, card.number, card.name))
    return {card.name: card for card in ordered}


def study(name: str, project: Project | None = None) -> Study:
    """Import one study by name.

    Parameters
    ----------
    name : str
        As `workbench studies` lists it.
    project : Project, optional
        Where to look for own studies; the project one stands in where not given.

    Raises
    ------
    ProjectError
        If there is no study of that name; names the nearest.
    """
    return card(name, project if project is not None else _project_here()).load()


def card(name: str, project: Project | None = None, lang: Language | None = None) -> StudyCard:
    """Return what is known of one study; raises as `study` does."""
    known, lang = studies(project), lang or Language("en")
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=1)
    others = lang.join(known, last="or") or "–"
    raise ProjectError(
        lang.say("there is no study {name}", name=name),
        do=lang.say("did you mean {name}?", name=near[0])
        if near
        else lang.say("use one of: {names}", names=others),
    )


def _project_here() -> Project | None:
    try:
        return find_project()
    except ProjectError:
        return None


def _card(path: Path, *, own: bool) -> StudyCard:
    try:
        about = _literals(path)
        if about is None:  # written in an unusual way: import it after all
            found = getattr(_module(path, own=own), "STUDY", None)
            if not isinstance(found, Study):
                raise LookupError("no STUDY = Study(...)")
            about = {key: getattr(found, key) for key in _READ}
            about["parameters"] = tuple(found.params.model_fields)
    except Exception as error:
        name, words = path.stem.removeprefix("study_"), _unread(path, error)
        both = (str(words.message), Language("zh").again(words.message))
        return StudyCard(
            name=name, number=0, title=both, question=both, path=path, own=own, fault=words
        )
    return StudyCard(path=path, own=own, **about)


def _unread(path: Path, error: Exception) -> ProjectError:
    line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
    example = "STUDY = Study(name=..., number=..., title=..., question=...)"
    return ProjectError(
        later("{file} cannot be read as a study", file=path.name),
        where=f"{path}{line}: {type(error).__name__}: {error}",
        do=later("give it {line}", line=example)
        if isinstance(error, LookupError)
        else later("mend the file; it is plain Python"),
    )


def _literals(path: Path) -> dict[str, Any] | None:
    """Read the four literals of ``STUDY = Study(...)``; None where they are not literals."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id == "STUDY":
                given = {word.arg: word.value for word in node.value.keywords}
                try:
                    about = {key: ast.literal_eval(given[key]) for key in _READ}
                    return about | {"parameters": tuple(_fields(tree, given["params"]))}
                except (KeyError, ValueError):
                    return None
    return None


def _fields(tree: ast.Module, params: ast.expr) -> Iterator[str]:
    """Names of the fields of the class that `params` names, those of its bases first.

    Raises
    ------
    ValueError
        If the class, or a base other than that of the contract, is not in the file.
    """
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    contract = {
        name.asname or name.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module in _CONTRACT
        for name in node.names
        if name.name == "Params"
    }
    if not isinstance(params, ast.Name) or params.id not in classes:
        raise ValueError("the parameters are declared elsewhere")
    found: dict[str, None] = {}
    for base in classes[params.id].bases:
        if not (isinstance(base, ast.Name) and base.id in contract):
            found |= dict.fromkeys(_fields(tree, base))
    for node in classes[params.id].body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = None
    yield from found


def _module(path: Path, *, own: bool) -> ModuleType:
    if not own:
        return importlib.import_module(f"workbench.{path.parent.name}.{path.stem}")
    name = f"_workbench_studies_{path.stem}"
    known = sys.modules.get(name)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pydantic looks the module of a class up by its name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
