"""Results of a planner as pictures, and what is kept so that nothing is computed twice.

A picture is small: key figures and HTML. Of the results themselves only the newest and the
baseline's are kept, for another page, another language or the workbook.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.contract import Params, Study
from workbench.planners.key_figures import KeyFigure
from workbench.planners.layout import Layout, Stack
from workbench.planners.prepared import shared
from workbench.report import Block, Section, SoWhat
from workbench.report.html import element

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.text import Language

MOST_PICTURES = 48
MOST_PREPARED = 2


@dataclass(frozen=True)
class Picture:
    """What is shown of one set of parameters.

    Attributes
    ----------
    figures : tuple of KeyFigure
    blocks : tuple of str
        HTML of the charts.
    foot, lead : str
    seconds, drawing : float
        Time of the computation with the drawing, and of the drawing alone.
    """

    figures: tuple[KeyFigure, ...]
    blocks: tuple[str, ...]
    foot: str
    lead: str
    seconds: float
    drawing: float

    def by_name(self) -> dict[str, KeyFigure]:
        """Key figures by name."""
        return {each.name: each for each in self.figures}


@dataclass
class Gallery:
    """Computes and draws; keeps the newest pictures.

    Attributes
    ----------
    company : Company
    study : Study
    layout : Layout
    seen : bool
        Whether somebody looks; until then work is for later.
    preparing : float or None
        When the slow part was begun that all sessions share, by `time.monotonic`; None where it
        is there.
    """

    company: Company
    study: Study
    layout: Layout
    seen: bool = False
    preparing: float | None = field(default=None, init=False)
    _pictures: OrderedDict[tuple[str, str, str], Picture] = field(default_factory=OrderedDict)
    _results: OrderedDict[str, Any] = field(default_factory=OrderedDict)
    _prepared: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def known(self, params: Params, lang: Language, tab: str) -> Picture | None:
        """Return a picture that was drawn before."""
        return self._pictures.get((key_of(params), lang.code, tab))

    def draw(self, params: Params, lang: Language, tab: str) -> Picture:
        """Compute and draw, or return what was drawn before; raises what `compute` raises."""
        key = (key_of(params), lang.code, tab)
        if key not in self._pictures:
            began = time.perf_counter()
            results = self.results(params)
            computed = time.perf_counter()
            view = self.layout.shown(results, lang, tab)
            self._pictures[key] = Picture(
                figures=tuple(view.figures),
                blocks=tuple(map(_fragment, view.blocks)),
                foot=view.foot.fragment(lang) if view.foot else "",
                lead=view.lead,
                seconds=time.perf_counter() - began,
                drawing=time.perf_counter() - computed,
            )
        return _newest(self._pictures, key, MOST_PICTURES)

    def results(self, params: Params) -> Any:
        """Compute the results of a set of parameters; the newest two are kept."""
        key = key_of(params)
        if key not in self._results:
            self._results[key] = self._computed(params)
        return _newest(self._results, key, 2)

    def figures(self, params: Params, lang: Language) -> dict[str, KeyFigure]:
        """Return the key figures alone, by name."""
        tab = next(iter(self.layout.tabs), "")
        return self.draw(params, lang, tab).by_name()

    def _computed(self, params: Params) -> Any:
        if self.layout.prepare is None or self.layout.compute is None:
            return self.study.compute(self.company, params)
        literals = params.literals()
        slow = {name: literals[name] for name in self.layout.slow}
        key = json.dumps(slow, default=str)
        if key not in self._prepared:
            make = partial(self.layout.prepare, self.company, params)
            try:
                self._prepared[key] = shared(
                    self.study,
                    self.company,
                    slow,
                    make,
                    params=literals,
                    ahead=lambda: not self.seen,
                    begun=self._begun,
                )
            finally:
                self.preparing = None
        ready = _newest(self._prepared, key, MOST_PREPARED)
        return self.layout.compute(self.company, params, ready)

    def _begun(self) -> None:
        self.preparing = time.monotonic()


def key_of(params: Params) -> str:
    """A text that is the same for equal parameters only."""
    return json.dumps(params.literals(), sort_keys=True, default=str)


def main_cause(
    moved: Callable[[Params], float | None], whole: float, without: dict[str, Params]
) -> list[str]:
    """Name the parameters that most of a change is due to, the largest first.

    Each changed parameter alone is taken back to the baseline; what then lacks of the change is
    its effect. One that has three fifths of all effects stands alone, else the two largest do.

    Parameters
    ----------
    moved : callable
        The figure's change from the baseline with given parameters.
    whole : float
        Its change with all of them.
    without : dict of str to Params
        By parameter, the values with that one at the baseline.
    """
    effects = {}
    for name, params in without.items():
        rest = moved(params)
        if rest is not None:
            effects[name] = abs(whole - rest)
    total = sum(effects.values())
    if not total:
        return []
    ordered = sorted(effects, key=lambda name: -effects[name])
    return ordered[:1] if effects[ordered[0]] >= 0.6 * total else ordered[:2]


def _fragment(block: Any) -> str:
    """HTML of a block or section, whose titles have a level, or of a box, which has none."""
    if isinstance(block, Stack):
        return element("div", "".join(map(_fragment, block.blocks)), class_="stk")
    levelled = isinstance(block, Block | Section | SoWhat)
    return str(block.fragment(level=2) if levelled else block.fragment())


def _newest(kept: OrderedDict[Any, Any], key: Any, most: int) -> Any:
    kept.move_to_end(key)
    while len(kept) > most:
        kept.popitem(last=False)
    return kept[key]
