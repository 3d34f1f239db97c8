"""What stands below the first page of a sweep's report: responses, points, failures, the record.

The first page: `page.py`. Pictures: `plots.py`. A section with nothing to say is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.studies.sweep import plots, words
from workbench.studies.sweep.cases import Fault
from workbench.studies.sweep.figures import Objective
from workbench.studies.sweep.pareto import ranked
from workbench.studies.sweep.sensitivity import Sensitivity, sensitivity
from workbench.studies.sweep.table import SweepResult
from workbench.studies.sweep.view import Factor, View
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.report import Col, TableView
    from workbench.report.section import Section

#: Best and worst points listed, parameters in such a table, reasons of failures.
BEST, WORST, PARAMETERS, REASONS = 5, 3, 4, 20
#: Key figures in the table of what matters.
FIGURES = 12

_FAULTS = {
    "error": mark("Error of the study"),
    "crash": mark("Worker crashed"),
    "time": mark("Time limit passed"),
    "memory": mark("Memory limit passed"),
}
_DESIGNS = {
    "grid": mark("Grid of all combinations"),
    "list": mark("List of points"),
    "latin": mark("Latin hypercube sample"),
    "sobol": mark("Sobol sample"),
    "one_at_a_time": mark("One parameter at a time"),
    "sensitivity": mark("Sobol sample for sensitivity"),
}


def of_view(
    view: View, objectives: list[Objective], result: SweepResult, *, several: bool, shown: bool
) -> Iterator[Section]:
    """Sections of one block: what matters, how results respond, points, the front.

    `shown` where the first page has the main pictures of the block's first objective.
    """
    lang = result.lang
    over = view.title + lang.colon if several else ""
    for objective in objectives:
        yield from _matters(objective, over, shown=shown and objective is objectives[0])
        yield from _responses(objective, over)
    if matters := every_figure(view, result):
        yield _section(matters, lang=lang, title=over + matters.title)
    for objective in objectives[1:] if shown else objectives:
        table = best_and_worst(objective, objectives)
        yield _section(table, lang=lang, title=over + table.title)
    if len(objectives) > 1 and not shown:
        chart = plots.pareto_plot(objectives[0], objectives[1], width=_columns(8))
        if chart is not None:
            yield _section(chart, lang=lang, title=over + chart.title)


def best_and_worst(objective: Objective, objectives: list[Objective]) -> TableView:
    """The best and the worst points by a result, with their parameters and the other results."""
    import numpy as np
    import pandas as pd

    from workbench.report import Col, TableView

    view, lang = objective.view, objective.lang
    order = ranked(objective.points, aim=objective.aim)
    count = len(order)
    few = count <= BEST + WORST
    places = list(range(count)) if few else [*range(BEST), *range(count - WORST, count)]
    shown = order[places] if count else order
    factors = view.factors[:PARAMETERS]
    others = [each for each in objectives if each is not objective]
    columns: dict[str, Any] = {
        "rank": [lang.number(place + 1) for place in places],
        "point": [view.first[at].point for at in shown],
    }
    for factor in factors:
        columns[f"p.{factor.name}"] = (
            factor.numbers[shown]
            if factor.numeric
            else [factor.written(factor.codes[at], lang) for at in shown]
        )
    for each in (objective, *others):
        columns[f"r.{each.name}"] = each.points[shown]
    columns["first"] = np.array(places, dtype=int) < (1 if count else 0)
    cols = [Col("rank", lang.say("Rank")), Col("point", lang.say("Point"), kind="integer")]
    cols += [_column(factor, lang) for factor in factors]
    cols += [Col(f"r.{each.name}", each.heading, **each.column) for each in (objective, *others)]
    money = next((each.currency for each in (objective, *others) if each.currency), None)
    table = TableView(
        frame=pd.DataFrame(columns),
        columns=cols,
        lang=lang,
        title=words.best_title(objective),
        subtotal="first",
        currency=money or "CNY",
        max_rows=BEST + WORST,
    )
    subtitle = lang.say_n(
        "{n} point with a result; {aim}", "{n} points with a result; {aim}", count,
        aim=words.aim(objective),
    )  # fmt: skip
    if table.unit:
        subtitle = lang.semicolon.join([subtitle, lang.say("in {unit}", unit=table.unit)])
    return _with(table, subtitle=subtitle)


def every_figure(view: View, result: SweepResult) -> TableView | None:
    """Which parameter matters for each key figure; None where no share is identified."""
    import pandas as pd

    from workbench.report import Col, TableView

    lang = result.lang
    found = [sensitivity(view, name) for name in view.meanings]
    known = [each for each in found if each.has_shares][:FIGURES]
    if len(known) < 2 or len(view.factors) < 2:
        return None
    factors = view.factors[:8]
    rows = [
        {"label": lang.pick(*view.meanings[each.result].label)}
        | {f.name: _share(each, f.name) for f in factors}
        for each in known
    ]
    total = all(each.method != "sample" for each in known)
    subtitle = (
        lang.say("Total share of the variance, with all interactions")
        if total
        else lang.say("First-order share of the variance")
    )
    return TableView(
        frame=pd.DataFrame(rows),
        columns=[
            Col("label", lang.say("Key figure")),
            *(Col(f.name, f.title, kind="percent", decimals=0) for f in factors),
        ],
        lang=lang,
        title=lang.say("What matters for each key figure"),
        subtitle=subtitle,
        max_rows=FIGURES,
    )


def failures(result: SweepResult) -> Section | None:
    """Failed runs by their reason."""
    from workbench.report.import_tables import Foreign, Grid

    lang = result.lang
    reasons: dict[tuple[str, str], list[int]] = {}
    for case, line in zip(result.cases, result.done, strict=True):
        if line is not None and line.fault is not None:
            reason = (line.fault.kind, _reason(line.fault, lang))
            reasons.setdefault(reason, []).append(case.number)
    if not reasons:
        return None
    count = sum(len(runs) for runs in reasons.values())
    most = sorted(reasons.items(), key=lambda each: (-len(each[1]), each[1][0]))
    rows: list[list[Any]] = [
        [
            lang.say(_FAULTS[kind]),
            lang.number(len(runs)),
            Foreign(message),
            _varied(result, runs[0]),
            lang.pause.join(map(str, runs[:6])) + ("…" if len(runs) > 6 else ""),
        ]
        for (kind, message), runs in most[:REASONS]
    ]
    title = lang.say_n("{n} run has failed", "{n} runs have failed", count)
    heads = [lang.say("Reason"), lang.say("Runs"), lang.say("What it said"),
             lang.say("First of them"), lang.say("Numbers")]  # fmt: skip
    note = ""
    if (more := len(most) - REASONS) > 0:
        note = lang.say_n("{n} more reason in {file}", "{n} more reasons in {file}", more,
                          file="results.xlsx")  # fmt: skip
    return _section(
        Grid(heads, rows, lang, title, {1}).fragment(),
        lang=lang,
        title=title,
        reading=lang.say("The others stand; the points of failed runs are missing from pictures."),
        note=note,
    )


def _reason(fault: Fault, lang: Language) -> str:
    """What a fault says, alike for all runs that failed alike: not where each was kept."""
    said = WorkbenchError.read(fault.message)
    where = lang.paren(said.where) if said.where else ""
    return lang.semicolon.join(filter(None, [f"{fault.error}: {said.message}{where}", said.do]))


def fixed(view: View, result: SweepResult, *, several: bool) -> Section | None:
    """Parameters that are alike in all runs of a block."""
    from workbench.report.import_tables import Grid

    lang = result.lang
    varied = {name for case in view.first for name in case.varied}
    varied |= {"seed"} if view.block.replicates > 1 else set()
    declared = [each for each in result.parameters.get(view.study, ()) if each.name not in varied]
    given = view.first[0].params
    rows: list[list[Any]] = [
        [
            each.title,
            result.written(view.study, each.name, given.get(each.name)),
            each.unit,
            each.help,
        ]
        for each in declared
        if each.name in given
    ]
    if not rows:
        return None
    title = lang.say("Parameters alike in all runs")
    heads = [lang.say("Parameter"), lang.say("Value"), lang.say("Unit"), lang.say("Meaning")]
    return _section(
        Grid(heads, rows, lang, title, {1}).fragment(),
        lang=lang,
        title=view.title + lang.colon + title if several else title,
    )


def record(views: list[View], result: SweepResult) -> Section:
    """How the sweep was run."""
    from workbench.report.import_tables import Grid, Own

    lang = result.lang
    rows: list[list[Any]] = []
    for view in views:
        name = lang.say("Design") + (lang.paren(view.title) if len(views) > 1 else "")
        rows.append([name, design(view, lang)])
    modes = {"compute": lang.say("results only"), "notebook": lang.say("a full report of each run")}
    rows.append([lang.say("Mode"), modes[result.spec.mode]])
    rows += [[name, Own(value)] for name, value in result.facts.items()]
    title = lang.say("How the sweep was run")
    heads = [lang.say("Entry"), lang.say("Value")]
    return _section(Grid(heads, rows, lang, title).fragment(), lang=lang, title=title)


def design(view: View, lang: Language) -> str:
    """The design of a block and its size, in words."""
    block = view.block
    points = lang.say_n("{n} point", "{n} points", view.points)
    parts = [lang.say(_DESIGNS[block.kind]), points]
    if block.replicates > 1:
        parts.append(lang.say_n("{n} run each", "{n} runs each", block.replicates))
    if block.kind in ("latin", "sobol", "sensitivity"):
        parts.append(lang.say("seed of the sample {seed}", seed=block.seed))
    return lang.comma.join(parts)


# -- parts --------------------------------------------------------------------------------------


def _matters(objective: Objective, over: str, *, shown: bool) -> Iterator[Section]:
    """Shares and changes, or why there are none; what the first page shows is not repeated."""
    lang, found = objective.lang, objective.found
    why = words.not_identified(found, lang)
    charts: list[Any] = []
    if found.has_shares and not shown:
        charts.append(plots.effects_plot(found, objective, width=_columns(6)))
    if found.has_changes and (found.has_shares or not shown):
        charts.append(plots.changes_plot(found, objective, width=_columns(6)))
    note = words.shares_note(found, lang)
    if not charts and (shown or found.why == "list"):
        return
    if not charts and not why:
        return
    title = charts[0].title if len(charts) == 1 else words.what_moves(objective)
    yield _section(*charts, lang=lang, title=over + title, reading=why or note,
                   note=note if why else "")  # fmt: skip


def _responses(objective: Objective, over: str) -> Iterator[Section]:
    """The result against each parameter, and two together."""
    lang = objective.lang
    some = [factor for factor in objective.view.factors if len(factor.levels) > 1]
    if objective.view.block.kind == "list" and len(some) > 1:
        return
    charts: list[Any] = [plots.response(objective, factor, width=_columns(6)) for factor in some]
    together = plots.heat(objective)
    charts += [together] if together is not None else []
    if charts:
        title = lang.say("{result} by what was varied", result=objective.label)
        yield _section(*charts, lang=lang, title=over + title)


def _column(factor: Factor, lang: Language) -> Col:
    """Column of a varied parameter."""
    from workbench.report import Col

    label = factor.with_unit(lang)
    if not factor.numeric:
        return Col(f"p.{factor.name}", label)
    kind: Any = "percent" if factor.is_share else "number"
    return Col(f"p.{factor.name}", label, kind=kind, decimals=factor.decimals)


def _share(found: Sensitivity, name: str) -> float:
    effect = next(each for each in found.effects if each.parameter == name)
    size = effect.first if effect.total is None else effect.total
    return max(size, 0.0) if size is not None else float("nan")


def _varied(result: SweepResult, number: int) -> str:
    """Varied values of a case, as words."""
    case = next(case for case in result.cases if case.number == number)
    lang = result.lang
    parts = []
    for name, value in case.varied.items():
        declared = result.parameter(case.study, name)
        title, written = (
            declared.title if declared else name,
            result.written(case.study, name, value),
        )
        parts.append(f"{title}{lang.colon}{written}")
    return lang.semicolon.join(parts)


def _columns(count: int) -> int:
    from workbench.charts import columns

    return columns(count)


def _with(table: TableView, *, subtitle: str) -> TableView:
    from dataclasses import replace

    return replace(table, subtitle=subtitle)


def _section(*parts: Any, title: str, **given: Any) -> Section:
    """A section; its only picture or table does not repeat the title."""
    from dataclasses import replace

    from workbench.report import Block
    from workbench.report.section import Section

    blocks = [Block(part) for part in parts]
    if len(blocks) == 1 and blocks[0].title and title.endswith(blocks[0].title):
        blocks = [replace(blocks[0], title="", body=_bare(parts[0]))]
    return Section(*blocks, title=title, **given)


def _bare(body: Any) -> Any:
    from dataclasses import replace

    return replace(body, title="") if getattr(body, "title", "") else body
