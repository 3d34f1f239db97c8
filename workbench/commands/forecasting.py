"""The command `workbench forecast`: a sheet in, a forecast with intervals out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.commands.shared import Home, Lang
from workbench.errors import InputError, ParameterError
from workbench.terminal import print_table, progress
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.forecasting.forecaster import Forecast
    from workbench.forecasting.sheet import SheetPanel

app = typer.Typer()


@app.command(help=mark("Forecast the series of a sheet, with intervals and a leaderboard."))
def forecast(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help=mark("CSV or workbook: one row a period, or periods as columns."))
    ],
    horizon: Annotated[int, typer.Option(help=mark("Periods ahead."))] = 12,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=mark("Workbook to write; XLSX or CSV."))
    ] = None,
    period: Annotated[
        str | None, typer.Option(help=mark("Column of the period, if not recognised."))
    ] = None,
    value: Annotated[
        str | None, typer.Option(help=mark("Column to forecast, if not recognised."))
    ] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(help=mark("Column that names a series; may be repeated; else all texts.")),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(help=mark("Sum rows by day, week, month, quarter or year first.")),
    ] = None,
    add_up: Annotated[
        bool, typer.Option("--add-up", help=mark("Forecast sums of the series too, made to agree."))
    ] = False,
    calendar: Annotated[
        bool,
        typer.Option("--calendar", help=mark("Use working days and the Chinese New Year.")),
    ] = False,
    level: Annotated[
        list[int] | None, typer.Option(help=mark("Level of an interval in percent; 80 and 95."))
    ] = None,
    season: Annotated[
        int | None, typer.Option(min=1, help=mark("Periods in a season, if another than usual."))
    ] = None,
    origins: Annotated[
        int, typer.Option(min=0, help=mark("Earlier origins of the leaderboard; 0 for none."))
    ] = 3,
    thorough: Annotated[
        bool, typer.Option("--thorough", help=mark("More models; about ten times as long."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Forecast a sheet and write a workbook."""
    from workbench.forecasting import backtest
    from workbench.forecasting import forecast as make
    from workbench.forecasting.panel import read_panel
    from workbench.forecasting.sheet import read_sheet
    from workbench.forecasting.workbook import (
        REASONS,
        model_title,
        notes_table,
        write_workbook,
    )
    from workbench.tables.export import write_csv

    speak = context.obj
    say = speak.say
    target = out or file.with_name(f"{file.stem}_forecast.xlsx")
    if target.suffix.lower() not in (".xlsx", ".csv"):
        raise ParameterError(
            say("a forecast is written as XLSX or CSV"),
            where=str(target),
            do=say("end the name in .xlsx or .csv"),
        )
    if target.resolve() == file.resolve():
        raise ParameterError(
            say("the forecast would overwrite the sheet it is made from"),
            where=str(target),
            do=say("name another file with -o"),
        )
    if not file.is_file() or not target.parent.is_dir():
        raise ParameterError(
            say("there is no such file") if not file.is_file() else say("there is no such folder"),
            where=str(file if not file.is_file() else target.parent),
            do=say("check the path"),
        )
    _refuse(horizon, level or (), speak)
    sheet = read_sheet(file, period=period, value=value, series=series, by=by, lang=speak)
    effort = "thorough" if thorough else "default"
    panel = read_panel(sheet.table, season=season, lang=speak)
    if not len(panel):
        some = [f"{name}{speak.colon}{say(REASONS[why])}" for name, why in panel.refused.values[:3]]
        raise InputError(
            say("no series can be forecast"),
            where=f"{file.name}{speak.colon}{speak.semicolon.join(some)}",
            do=say("give each series at least one value, and no more gaps than values"),
        )
    longest = int(panel.batch.lengths.max())
    if horizon > longest:
        raise ParameterError(
            say("the history is too short for {horizon} periods ahead", horizon=horizon),
            where=say("{file}: {longest} periods at most", file=file.name, longest=longest),
            do=say("give --horizon {longest} or less, or a longer history", longest=longest),
        )
    with progress(file.name, speak, mark("{name}: series {done} of {whole}")) as tell:
        made = make(
            panel,
            horizon,
            tuple(level or (80, 95)),
            hierarchy=sheet.names if add_up else None,
            regressors="calendar" if calendar else None,
            effort=effort,
            progress=tell,
        )
    tested = None
    if origins and longest >= horizon + 4:
        tested = backtest(panel, horizon, origins, effort=effort)
    flags = [*_read_as(sheet, made, speak)]
    flags += made.days.notes(speak) if made.days is not None else []
    if target.suffix.lower() == ".csv":
        write_csv(made.table(), target)
    else:
        line = say(
            "{series} series, {horizon} periods ahead, from {file}",
            series=speak.number(len(made.panel)),
            horizon=horizon,
            file=file.name,
        )
        write_workbook(
            target,
            made,
            tested=tested,
            lang=speak,
            title=say("Forecast"),
            lines=[line, *flags],
        )
    if tested is not None:
        board = tested.table()
        rows = [
            (
                model_title(row.model, speak),
                *(_error(*pair) for pair in ((row.MASE, 3), (row.sMAPE, 1), (row.OWA, 3))),
            )
            for row in board.itertuples()
        ]
        print_table((say("Model"), "MASE", "sMAPE %", "OWA"), rows, right=(1, 2, 3))
    for flag in flags:
        print(flag)
    notes = notes_table(made, speak)
    for reason, group in notes.groupby("reason", sort=False):
        some = speak.pause.join(group["series_id"].head(3))
        print(say("{count} series: {reason} ({some})", count=len(group), reason=reason, some=some))
    print(say("written: {file}", file=target))


def _refuse(horizon: int, levels: Sequence[int], lang: Language) -> None:
    """Refuse what no forecast can have, in the reader's language."""
    from workbench.forecasting.forecaster import LONGEST_HORIZON

    if not 1 <= horizon <= LONGEST_HORIZON:
        raise ParameterError(
            lang.say("a horizon of {horizon} periods cannot be forecast", horizon=horizon),
            where=f"--horizon {horizon}",
            do=lang.say("give 1 to {most}", most=LONGEST_HORIZON),
        )
    for level in levels:
        if not 1 <= level <= 99:
            raise ParameterError(
                lang.say("an interval of {level} percent is not possible", level=level),
                where=f"--level {level}",
                do=lang.say("give whole percents from 1 to 99"),
            )


def _read_as(sheet: SheetPanel, made: Forecast, lang: Language) -> Iterator[str]:
    """How the sheet was understood, so that a wrong reading is seen."""
    words = {"period": sheet.period, "value": sheet.value}
    if sheet.beside:
        said = [
            lang.say("Read: periods from the headers and column {column}.", column=sheet.beside)
        ]
    elif sheet.period == "columns":
        said = [lang.say("Read: periods are the headers of columns.")]
    else:
        said = [lang.say("Read: period from {period}, value from {value}.", **words)]
    if sheet.keys:
        said.append(lang.say("Series are named by {keys}.", keys=lang.pause.join(sheet.keys)))
    if sheet.unit:
        said.append(lang.say("Unit: {unit}.", unit=sheet.unit))
    if sheet.scaled:
        said.append(
            lang.say_n(
                "{n} cell with a unit of its own was brought to that of the column.",
                "{n} cells with a unit of their own were brought to that of the column.",
                sheet.scaled,
            )
            if sheet.unit
            else lang.say("Amounts such as 1.2万 are multiplied out.")
        )
    if sheet.left_out:
        said.append(
            lang.say("Not used: columns {columns}.", columns=lang.pause.join(sheet.left_out))
        )
    if sheet.totals:
        said.append(
            lang.say_n(
                "{n} row of totals was left out.", "{n} rows of totals were left out.", sheet.totals
            )
        )
    yield lang.sentences(said)
    if sheet.idle:
        yield lang.say_n(
            "{n} period without a row counts as zero.",
            "{n} periods without a row count as zero.",
            sheet.idle,
        )
    if sheet.until:
        yield lang.say(
            "The sheet ends on {day}, before its last period does: if that is not over, its sum is"
            " too low; leave it out.",
            day=sheet.until,
        )
    last, write = int(made.panel.last.max()), made.panel.calendar.text
    yield lang.say(
        "Known until {last}, forecast from {first} to {end}.",
        last=write(last),
        first=write(last + 1),
        end=write(last + made.horizon),
    )


def _error(value: float, decimals: int) -> str:
    """An error measure; a dash where a series has none."""
    return f"{value:.{decimals}f}" if math.isfinite(value) else "–"
