"""What a study may say about its planner: groups of controls, what is shown, what is slow.

None of it is needed: without a layout all parameters stand in one group, the key figures are those
of ``summary()``, named by ``labels()``, and the charts those of ``figures(lang)``. A layout is the
attribute ``LAYOUT = Layout(...)`` of `planners/layouts/NAME.py`, or of a project's own
`studies/layout_NAME.py`.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study
from workbench.errors import ProjectError
from workbench.planners.key_figures import KeyFigure, from_summary

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.report import Block, Foot, Section
    from workbench.report.html import Shown
    from workbench.studies import Project
    from workbench.text import Language

Both = tuple[str, str]

#: Parameters that stand folded away where a layout does not place them.
USUALLY_FOLDED = frozenset({"seed", "draws"})


@dataclass(frozen=True, kw_only=True)
class Group:
    """Controls under one heading.

    Attributes
    ----------
    title : (str, str)
        English and Chinese.
    fields : tuple of str
        Names of parameters, in order.
    folded : bool
        Whether the group stands closed until it is opened: for what is seldom changed.
    hint : (str, str)
        Small print below the controls.
    """

    title: Both
    fields: tuple[str, ...]
    folded: bool = False
    hint: Both = ("", "")


@dataclass(frozen=True)
class Stack:
    """Blocks one below the other, beside what stands next to them."""

    blocks: Sequence[Block | Section | Shown]


@dataclass(frozen=True, kw_only=True)
class View:
    """What is shown of one result.

    Attributes
    ----------
    figures : sequence of KeyFigure
        Five or six; the first ones stand in the sentence and the comparison.
    blocks : sequence of Block, Section, box or Stack of them
        Charts and tables; those that fit stand side by side.
    foot : Foot or None
    lead : str
        Second line of the sentence: what else is to be said of this result.
    """

    figures: Sequence[KeyFigure]
    blocks: Sequence[Block | Section | Shown | Stack] = ()
    foot: Foot | None = None
    lead: str = ""


Compute = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The page of a planner.

    Attributes
    ----------
    groups : tuple of Group
        Parameters that no group names stand folded at the end, so that none is lost.
    view : callable, optional
        ``view(results, lang, tab) -> View``.
    tabs : mapping of str to (str, str)
        Pages of the answer, by the name `view` is given; the first one is shown at first.
    prepare : callable, optional
        ``prepare(company, params)``: the slow part, computed again only when one of `slow` changes.
    slow : tuple of str
        Parameters `prepare` depends on.
    compute : callable, optional
        ``compute(company, params, prepared) -> Results`` where there is a `prepare`; equal to the
        study's own `compute`, only faster.
    options : mapping of str to callable
        ``options(company) -> {code: (English, Chinese)}`` of a parameter whose choices only the
        company knows, such as its regions.
    hidden : tuple of str
        Parameters that get no control.
    standing : callable, optional
        ``standing(results) -> {parameter: literal}``: what the baseline uses for parameters that
        are left empty; shown in their controls until a value is given.
    """

    groups: tuple[Group, ...] = ()
    view: Callable[[Any, Language, str], View] | None = None
    tabs: Mapping[str, Both] = field(default_factory=dict)
    prepare: Callable[[Company, Any], Any] | None = None
    slow: tuple[str, ...] = ()
    compute: Compute | None = None
    options: Mapping[str, Callable[[Company], Mapping[str, Both]]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    standing: Callable[[Any], Mapping[str, Any]] | None = None

    def placed(self, params: type[Params]) -> tuple[Group, ...]:
        """Return the groups with every parameter in one of them.

        Raises
        ------
        ProjectError
            If a group names a parameter the study does not have.
        """
        named = {name for group in self.groups for name in group.fields} | set(self.hidden)
        unknown = sorted(named - set(params.model_fields))
        if unknown:
            raise ProjectError(
                f"the layout names {unknown[0]}, which is no parameter of the study",
                do=f"use some of {', '.join(params.model_fields)}",
            )
        rest = tuple(name for name in params.model_fields if name not in named)
        shown = () if self.groups else tuple(n for n in rest if n not in USUALLY_FOLDED)
        folded = tuple(name for name in rest if name not in shown)
        return (
            *self.groups,
            *([Group(title=("Assumptions", "参数"), fields=shown)] if shown else []),
            *([Group(title=("More", "更多"), fields=folded, folded=True)] if folded else []),
        )

    def shown(self, results: Any, lang: Language, tab: str) -> View:
        """Return what is shown of a result."""
        return self.view(results, lang, tab) if self.view else plain_view(results, lang)


def plain_view(results: Any, lang: Language) -> View:
    """Show the key figures and charts of any study as its results give them."""
    from workbench.report import Block

    labels = results.labels() if hasattr(results, "labels") else {}
    figures = from_summary(results.summary(), labels, lang)
    return View(
        figures=figures[:6], blocks=[Block(each) for each in results.figures(lang).values()]
    )


def layout_of(study: Study, project: Project | None = None) -> Layout:
    """Find the layout of a study: the project's own, that of the package, or the plain one.

    Raises
    ------
    ProjectError
        If the file of a layout cannot be read or holds none.
    """
    own = project.studies / f"layout_{study.name}.py" if project else None
    if own is not None and own.is_file():
        spec = importlib.util.spec_from_file_location(f"_workbench_layout_{study.name}", own)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    elif importlib.util.find_spec(f"workbench.planners.layouts.{study.name}"):
        module = importlib.import_module(f"workbench.planners.layouts.{study.name}")
    else:
        return Layout()
    found = getattr(module, "LAYOUT", None)
    if not isinstance(found, Layout):
        raise ProjectError(
            "the file holds no layout",
            where=str(module.__file__),
            do="give it LAYOUT = Layout(...)",
        )
    return found
