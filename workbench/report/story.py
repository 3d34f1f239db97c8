"""Sections of a study's report by name, and the charts that stand in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from workbench.errors import (
    BasisError,
    MissingTableError,
    NotIdentifiedError,
    ParameterError,
)
from workbench.report.boxes import MissingBox, SoWhat, WarningBox
from workbench.text import Language

Builder = Callable[[Any, Language], Any]


def section_of(
    result: Any,
    name: str,
    lang: Language,
    *,
    builders: Mapping[str, Builder],
    so_what: Builder,
) -> Any:
    """One section, or a box that says which table it lacks and how to add it.

    Raises
    ------
    ParameterError
        If there is no section of that name.
    """
    if name == "so_what":
        return SoWhat(so_what(result, lang), lang=lang)
    if name not in builders:
        raise ParameterError(
            f"there is no section {name!r}",
            where=f"section={name!r}",
            do=f"use one of {', '.join([*builders, 'so_what'])}",
        )
    try:
        return builders[name](result, lang)
    except MissingTableError as error:
        return MissingBox.of(error, lang=lang, stands=lang.say("The other sections stand."))
    except (BasisError, NotIdentifiedError) as error:
        return WarningBox.of(error, lang=lang)


def figures_of(result: Any, lang: Language, *, names: Iterable[str]) -> dict[str, Any]:
    """Charts of the first page and of all sections, named after section and place."""
    from workbench.charts.figure import Figure

    found: dict[str, Figure] = {}
    blocks = {"first_page": result.page(lang).blocks}
    blocks |= {name: getattr(result.section(name, lang), "parts", ()) for name in names}
    for name, parts in blocks.items():
        drawn = [part.body for part in parts if isinstance(part.body, Figure)]
        found |= {f"{name}_{place}": figure for place, figure in enumerate(drawn, start=1)}
    return found
