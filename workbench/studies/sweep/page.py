"""What came out of a sweep, for people: one HTML file, and the tables beside it.

First page: what matters, how far the runs got, best and worst, the main pictures. Below:
`sections.py`. The workbook: `workbook.py`; the table for programs: `table.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.studies.sweep import plots, sections, words
from workbench.studies.sweep.figures import Objective, objectives
from workbench.studies.sweep.outputs import TABLE
from workbench.studies.sweep.pareto import ranked
from workbench.studies.sweep.sensitivity import sensitivity, sensitivity_table
from workbench.studies.sweep.table import SweepResult
from workbench.studies.sweep.view import View, views

if TYPE_CHECKING:
    import pandas as pd

    from workbench.report import Block, Page, Tile

SENSITIVITY = "sensitivity.parquet"
WORKBOOK, REPORT = "results.xlsx", "report.html"


def write_outputs(result: SweepResult, folder: Path) -> dict[str, Path]:
    """Write what a sweep leaves.

    Parameters
    ----------
    result : SweepResult
    folder : Path
        Must be there.

    Returns
    -------
    dict of str to Path
        "table" (`table.parquet`), "xlsx" (`results.xlsx`), "html" (`report.html`), and
        "sensitivity" (`sensitivity.parquet`) where anything is known of it.
    """
    from workbench.frames import write_table
    from workbench.studies.sweep.workbook import write_workbook

    paths = {
        "table": folder / TABLE,
        "xlsx": folder / WORKBOOK,
        "html": folder / REPORT,
    }
    write_table(result.frame, paths["table"])
    matters = judged(result)
    if len(matters):
        paths["sensitivity"] = folder / SENSITIVITY
        write_table(matters, paths["sensitivity"])
    write_workbook(result, matters, paths["xlsx"])
    paths["html"].write_text(sweep_document(result), encoding="utf-8")
    return paths


def judged(result: SweepResult) -> pd.DataFrame:
    """What the parameters of every block do to every key figure; see `sensitivity_table`."""
    return sensitivity_table(
        [sensitivity(view, name) for view in views(result) for name in view.meanings]
    )


def sweep_document(result: SweepResult) -> str:
    """The report of a sweep as one HTML file that needs nothing else."""
    from workbench.report.document import document

    lang, blocks = result.lang, views(result)
    aims = {view.number: objectives(view, result.spec.objectives, lang) for view in blocks}
    main = _main(blocks, aims)
    several = len(blocks) > 1
    found = [
        section
        for view in blocks
        for section in sections.of_view(
            view, aims[view.number], result, several=several,
            shown=main is not None and main.view is view,
        )
    ]  # fmt: skip
    found += filter(None, [sections.failures(result)])
    for view in blocks:
        found += filter(None, [sections.fixed(view, result, several=several)])
    found.append(sections.record(blocks, result))
    page = first_page(result, blocks, aims)
    return document(
        lang=lang,
        title=" · ".join(filter(None, [page.name, result.company])),
        page=page.fragment(),
        parts=[section.fragment() for section in found],
    )


def first_page(result: SweepResult, blocks: list[View], aims: dict[int, list[Objective]]) -> Page:
    """The first page: finding, tiles, what matters, best and worst, the main responses."""
    from workbench.report import Page

    lang, main = result.lang, _main(blocks, aims)
    return Page(
        study=lang.say("Sweep"),
        period=result.spec.name,
        company=result.company,
        finding=words.finding(main)
        if main is not None
        else lang.say("No run has finished with a result"),
        lead=_lead(result, main),
        tiles=_tiles(result, main),
        blocks=_pictures(main, aims[main.view.number]) if main is not None else [],
        foot=_foot(result, blocks, aims),
        lang=lang,
    )


# -- parts --------------------------------------------------------------------------------------


def _main(blocks: list[View], aims: dict[int, list[Objective]]) -> Objective | None:
    """The first objective of which is known what moves it, else the first with a value."""
    import numpy as np

    own = [aims[view.number][0] for view in blocks if aims[view.number]]
    known = [each for each in own if np.isfinite(each.points).any()]
    told = [each for each in known if each.found.has_shares or each.found.has_changes]
    return next(iter([*told, *known]), None)


def _pictures(objective: Objective, own: list[Objective]) -> list[Block]:
    """What matters beside best and worst; below it responses and, of two results, the front."""
    from dataclasses import replace

    from workbench.charts import columns
    from workbench.report import Block

    width, found = columns(6), objective.found
    effects = plots.effects_plot(found, objective, width=width)
    if effects is not None:  # the finding of the page says it already
        effects = replace(effects, title=words.what_moves(objective))
    table = Block(sections.best_and_worst(objective, own), span=6)
    front = plots.pareto_plot(own[0], own[1], width=width) if len(own) > 1 else None
    rest = [] if front is None else [front]
    if objective.view.block.kind != "list":
        factors = {factor.name: factor for factor in objective.view.factors}
        most = [factors[each.parameter] for each in found.ranked()]
        varied = [factor for factor in most if len(factor.levels) > 1][: 2 - len(rest)]
        rest = [*(plots.response(objective, factor, width=width) for factor in varied), *rest]
    said = (words.not_identified(found, objective.lang), words.shares_note(found, objective.lang))
    note = objective.lang.sentences(said)
    first = [] if effects is None else [Block(effects, span=6, note=note)]
    return [*first, table, *(Block(each, span=6) for each in rest)]


def _lead(result: SweepResult, objective: Objective | None) -> str:
    lang = result.lang
    said = []
    if objective is not None:
        order = ranked(objective.points, aim=objective.aim)
        point = objective.view.point(order[0], lang)
        said.append(
            lang.say(
                "Best: {result} {value}, at {point}.",
                result=objective.label,
                value=objective.written(objective.points[order[0]]),
                point=point,
            )
        )
        if len(order) > 1:
            said.append(
                lang.say("Worst: {value}.", value=objective.written(objective.points[order[-1]]))
            )
        said.append(words.unknown_objectives(result))
        if not result.spec.objectives:
            said.append(lang.say("No objective is given; more is taken as better."))
    return lang.sentences(said)


def _tiles(result: SweepResult, objective: Objective | None) -> list[Tile]:
    tiles = [_runs_tile(result), _time_tile(result)]
    if objective is not None:
        tiles += _result_tiles(objective)
    return tiles


def _runs_tile(result: SweepResult) -> Tile:
    from workbench.report import Tile

    lang, asked = result.lang, len(result.cases)
    statuses = result.frame["status"].value_counts()
    finished, failed = int(statuses.get("finished", 0)), int(statuses.get("failed", 0))
    left = asked - finished - failed
    return Tile(
        label=lang.say("Runs finished"),
        figure=lang.number(finished),
        unit=lang.say("of {n}", n=lang.number(asked)),
        change=lang.say_n("{n} has failed", "{n} have failed", failed)
        if failed
        else lang.say("none has failed"),
        second=lang.say_n("{n} is not done yet", "{n} are not done yet", left) if left else "",
    )


def _time_tile(result: SweepResult) -> Tile:
    from workbench.report import Tile

    lang = result.lang
    # points with the same parameters are one computation
    done = result.frame.assign(key=[case.key for case in result.cases]).drop_duplicates("key")
    seconds = done["seconds"].dropna()
    figure, unit = _duration(float(seconds.sum()), result)
    middle = _duration(float(seconds.median()), result) if len(seconds) else ("–", "")
    return Tile(
        label=lang.say("Time of the runs"),
        basis=lang.say("all workers"),
        figure=figure,
        unit=unit,
        change=lang.say("{time} a run, median", time=lang.pick(" ", "").join(middle)),
        second=lang.say("largest memory {mb} MB", mb=lang.number(done["peak_mb"].max()))
        if done["peak_mb"].gt(0).any()
        else "",
    )


def _duration(seconds: float, result: SweepResult) -> tuple[str, str]:
    lang = result.lang
    if seconds < 1:
        return lang.number(seconds * 1000), lang.pick("ms", "毫秒")
    if seconds < 120:
        return lang.number(seconds, decimals=1 if seconds < 10 else 0), lang.pick("s", "秒")
    if seconds < 7200:
        return lang.number(seconds / 60), lang.pick("min", "分钟")
    return lang.number(seconds / 3600, decimals=1), lang.pick("h", "小时")


def _result_tiles(objective: Objective) -> list[Tile]:
    """Best, worst and spread of the main result."""
    import numpy as np

    from workbench.report import Tile

    lang, view = objective.lang, objective.view
    order = ranked(objective.points, aim=objective.aim)
    values = objective.points[order]
    tiles = []
    for label, place in ((lang.say("Best"), order[0]), (lang.say("Worst"), order[-1])):
        figure, unit = objective.parts(objective.points[place])
        tiles.append(
            Tile(
                label=label,
                basis=objective.label,
                figure=figure,
                unit=unit,
                change=lang.say("point {n}", n=view.first[place].point),
                second=_replicated(objective, place),
            )
        )
    spread = float(values.max() - values.min()) / objective.drawn(1.0)
    figure, unit = objective.change_parts(spread)
    tiles.append(
        Tile(
            label=lang.say("Spread"),
            basis=objective.label,
            figure=figure,
            unit=unit,
            change=lang.say("best against worst"),
            second=lang.say(
                "middle 80%: {range}",
                range=objective.between(*np.quantile(values, [0.1, 0.9])),
            )
            if len(values) >= 10
            else "",
        )
    )
    return tiles


def _replicated(objective: Objective, place: int) -> str:
    """Lowest and highest run of a point."""
    import numpy as np

    values = objective.runs[objective.view.place == place]
    values = values[np.isfinite(values)]
    if len(values) < 2:
        return ""
    lang = objective.lang
    return lang.say("its runs: {range}", range=objective.between(values.min(), values.max()))


def _foot(result: SweepResult, blocks: list[View], aims: dict[int, list[Objective]]) -> Any:
    from workbench.report import Foot

    lang = result.lang
    judged_all = {each.label: words.aim(each) for own in aims.values() for each in own}
    missing = sum(int((view.runs == 0).sum()) for view in blocks)
    designs = lang.semicolon.join(sections.design(view, lang) for view in blocks)
    return Foot(
        basis=lang.semicolon.join([designs, *judged_all.values()]),
        data_as_of="",
        left_out=lang.say_n(
            "{n} point without a finished run", "{n} points without a finished run", missing
        )
        if missing
        else "",
    )
