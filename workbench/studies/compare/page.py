"""The differences between runs as one HTML file that needs nothing else."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.report.blocks import Block
from workbench.report.document import document
from workbench.report.html import element, text
from workbench.report.import_tables import Grid
from workbench.report.page import Foot, Page, Tile
from workbench.report.section import Section
from workbench.studies.compare import view
from workbench.studies.compare.comparison import Comparison, Pair
from workbench.studies.compare.draws import DrawsChange
from workbench.studies.compare.results import ResultChange
from workbench.studies.whole import write_whole
from workbench.text import Language

if TYPE_CHECKING:
    import numpy as np

    from workbench.charts.figure import Figure

#: Folder below that of the runs, where no file is named.
FOLDER = "compare"
TILES = 5
BINS = 21


def write_comparison(compared: Comparison, path: Path | None = None) -> Path:
    """Write the file, by default ``runs/compare/<first>-<others>.html``; return its path."""
    if path is None:
        name = "-".join(run.id for run in compared.runs)
        path = compared.project.runs / FOLDER / f"{name}.html"
    write_whole(path, comparison_page(compared).encode())
    return path


def comparison_page(compared: Comparison) -> str:
    """Return the HTML document: finding, tiles, key figures; below them all that differs."""
    lang = compared.lang
    title = str(compared.runs[0].manifest.get("title", compared.runs[0].study))
    made = {part.title: part for part in view.parts(compared)}
    results = view.results_part(compared)
    if results is not None:
        made.pop(results.title, None)
    page = Page(
        study=title,
        period=lang.say_n("{n} run compared", "{n} runs compared", len(compared.runs)),
        company=compared.runs[0].company,
        finding=view.finding(compared),
        lead=view.lead(compared),
        tiles=_tiles(compared),
        blocks=[_block(results, lang)] if results is not None else [],
        foot=_foot(compared),
        lang=lang,
    )
    runs, *others = made.values()
    sections = [_section(runs, lang), *_sentences(compared), *_draws(compared)]
    sections += [_section(part, lang) for part in others]
    return document(
        lang=lang,
        title=f"{title} · {page.period}",
        page=page.fragment(),
        parts=[section.fragment() for section in sections],
    )


def _tiles(compared: Comparison) -> list[Tile]:
    """The largest changes of the run that differs most."""
    pair = view.most_different(compared)
    told = [each for each in pair.results.changes if each.change is not None][:TILES]
    return [_tile(each, pair, compared.lang) for each in told]


def _tile(change: ResultChange, pair: Pair, lang: Language) -> Tile:
    known = change.after
    assert known is not None
    figure, unit = change.written(lang)[1], ""
    if known.meaning.kind in ("money", "signed_money"):
        figure, unit = lang.money_parts(known.value, currency=known.meaning.unit or "CNY")
    before = lang.say("run {run}: {value}", run=pair.a, value=change.written(lang)[0])
    return Tile(
        label=change.label,
        basis=lang.say("run {run}", run=pair.b),
        figure=figure,
        unit=unit,
        change=change.size_written(lang),
        second=before,
    )


def _block(part: view.Part, lang: Language) -> Block:
    grid = _grid(part, lang)
    return Block(grid or element("p", ""), 12, title=part.title, subtitle=part.reading)


def _section(part: view.Part, lang: Language) -> Section:
    bodies = [grid] if (grid := _grid(part, lang)) else []
    return Section(*bodies, lang=lang, title=part.title, reading=part.reading, note=part.note)


def _grid(part: view.Part, lang: Language) -> str:
    if not part.rows:
        return ""
    grid = Grid(part.heads, part.rows, lang, part.title, numbers=part.numbers)
    return grid.fragment()


def _sentences(compared: Comparison) -> list[Section]:
    said = view.sentences(compared)
    if len(said) < 2:
        return []
    items = "".join(element("li", text(words)) for words in said)
    body = element("ul", items, class_="sayso words")
    return [Section(body, lang=compared.lang, title=compared.lang.say("The largest changes"))]


def _draws(compared: Comparison) -> list[Section]:
    made = []
    for pair in compared.pairs:
        for change in pair.draws:
            words = change.sentence(compared.lang, a=pair.a, b=pair.b)
            title = _draws_title(change, pair, compared.lang)
            drawn = _histogram(change, pair, compared.lang)
            bodies: list[Any] = [] if drawn is None else [drawn]
            made.append(Section(*bodies, lang=compared.lang, title=title, reading=words))
    return made


def _draws_title(change: DrawsChange, pair: Pair, lang: Language) -> str:
    if change.by_draw is None:
        return lang.say("{label}: {b} against {a}", label=change.label, a=pair.a, b=pair.b)
    return lang.say(
        "{label}: {b} against {a}, draw by draw", label=change.label, a=pair.a, b=pair.b
    )


def _histogram(change: DrawsChange, pair: Pair, lang: Language) -> Figure | None:
    """How the difference spreads over the draws; None where they are not paired or all alike."""
    import numpy as np

    from workbench.charts.histogram import bin_table, histogram
    from workbench.charts.measure import Measure

    if change.by_draw is None or change.difference is None or np.ptp(change.by_draw) == 0:
        return None
    unit, edges = change.difference.unit or "", _edges(change.by_draw)
    measure = Measure("number", signed=True, decimals=_decimals(edges))
    if len(unit) == 3 and unit.isupper():
        scale = lang.scale(edges, currency=unit)
        unit, measure = scale.unit, Measure("money", scale=scale, signed=True)
    elif unit in ("share", "per cent"):
        measure = Measure("share" if unit == "share" else "number", signed=True)
    return histogram(
        bin_table(change.by_draw, edges.tolist()),
        lang=lang,
        title=lang.say("{b} less {a} in each draw", a=pair.a, b=pair.b),
        subtitle=lang.say("Number of draws by size of the difference, {of}", of=unit),
        marks=[(0.0, lang.say("no difference"))] if edges[0] < 0 < edges[-1] else [],
        edge=measure,
        width=860,
    )


def _edges(values: np.ndarray) -> np.ndarray:
    """Edges of about `BINS` bins, one at 0, as wide as 1, 2 or 5 times a power of ten."""
    import numpy as np

    least = float(np.ptp(values)) / BINS
    power = 10.0 ** np.floor(np.log10(least))
    width = next(power * step for step in (1, 2, 5, 10) if power * step >= least)
    first, last = np.floor(values.min() / width), np.ceil(values.max() / width)
    return np.arange(first, max(last, first + 1) + 1) * width


def _decimals(edges: np.ndarray) -> int:
    """Decimals that tell edges apart."""
    width = float(edges[1] - edges[0])
    return max(0, -math.floor(math.log10(width)))


def _foot(compared: Comparison) -> Foot:
    said = compared.lang.say(
        "the first run is the base; changes are those of the others against it"
    )
    return Foot(basis=said, data_as_of="")
