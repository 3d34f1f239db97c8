"""Commands on data: import, duplicates, the sample company, templates, KPIs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.shared import (
    CompanyFolder,
    Home,
    Lang,
    own_company,
    project_company,
)
from workbench.errors import ParameterError
from workbench.terminal import print_table
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.company import Company

app = typer.Typer()


@app.command("import", help=mark("Import exports, sheets or a query into a company, nothing lost."))
def import_(
    context: typer.Context,
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            help=mark("Files, folders, zips, a database address, zoho:MODULE or fxiaoke:OBJECT.")
        ),
    ] = None,
    into: Annotated[
        Path | None, typer.Option("--into", help=mark("Folder of the company; else the project's."))
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", "--as", help=mark("Table that the rows are; else recognised.")),
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option(help=mark("Mapping file, YAML, as an import writes it."))
    ] = None,
    tax_basis: Annotated[
        str | None, typer.Option(help=mark("incl or excl, where the files do not say."))
    ] = None,
    tax_rate: Annotated[
        float | None,
        typer.Option(min=0, max=0.2, help=mark("VAT rate, 0.13 is 13%, where they do not say.")),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help=mark("ISO 4217 code, where they do not say."))
    ] = None,
    query: Annotated[
        Path | None, typer.Option(help=mark("File with the SELECT for a database."))
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help=mark("Day of the picture of open opportunities."))
    ] = None,
    partial: Annotated[
        bool, typer.Option("--partial", help=mark("The files hold changes only: none is gone."))
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help=mark("Pull all records again, not only changes."))
    ] = False,
    review: Annotated[
        bool, typer.Option("--review", help=mark("Ask what could not be decided."))
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help=mark("Undo the last import of the company."))
    ] = False,
    unmask: Annotated[
        bool, typer.Option("--unmask", help=mark("Show phone numbers, WeChat ids and pay."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Import, say what was read, changed and refused; exit 0 clean, 1 refusals, 3 nothing."""
    from workbench.commands.importing import Wanted, run_import, undo_import

    speak = context.obj
    folder = into or own_company(project, speak)
    if undo:
        raise typer.Exit(undo_import(folder, speak))
    if not sources:
        raise ParameterError(
            speak.say("nothing to import is named"), do=speak.say("name a file, folder or zip")
        )
    if tax_basis not in (None, "incl", "excl"):
        raise ParameterError(
            speak.say("{value} is no tax basis", value=tax_basis),
            do=speak.say("use incl (with VAT) or excl (without VAT)"),
        )
    wanted = Wanted(
        sources=sources,
        into=folder,
        table=table,
        mapping=mapping,
        tax_basis=tax_basis,
        tax_rate=tax_rate,
        currency=currency,
        query=query,
        day=_day(as_of, speak) if as_of else None,
        partial=partial,
        full=full,
        review=review,
        unmask=unmask,
    )
    raise typer.Exit(run_import(wanted, speak))


@app.command(help=mark("Find accounts entered twice, merge those approved, or undo a merge."))
def dedup(
    context: typer.Context,
    company: CompanyFolder = None,
    out: Annotated[
        Path, typer.Option("-o", "--out", help=mark("Merge file to write, to be approved."))
    ] = Path("merge.csv"),
    approved: Annotated[
        Path | None, typer.Option("--apply", help=mark("Merge file with approved pairs."))
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help=mark("Undo the last merge."))] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Propose duplicates of accounts, merge the approved ones, or take a merge back."""
    from workbench.loaders.dedup import console

    speak = context.obj
    changes = undo or approved is not None
    folder = company or (
        own_company(project, speak) if changes else project_company(project, speak)
    )
    if undo:
        said = console.undo_newest_merge(folder, lang=speak)
    elif approved is not None:
        said = console.apply_merge_file(folder, approved, lang=speak)
    else:
        said = console.find_duplicates(folder, out, lang=speak)
    print("\n".join(said))


@app.command(help=mark("Write the sample company, invented, with known truth."))
def sample(
    context: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--out", help=mark("Folder to write to."))],
    seed: Annotated[int, typer.Option(help=mark("Another seed, another company."))] = 7,
    size: Annotated[str, typer.Option(help=mark("small, medium or large."))] = "small",
    lang: Lang = None,
) -> None:
    """Write the sample company and list its tables."""
    from workbench.sample import generate
    from workbench.tables import table

    speak = context.obj
    made = generate(out, seed=seed, size=size)
    rows = [(name, table(name).title(speak), f"{n:,}") for name, n in made.rows.items()]
    print_table((speak.say("Table"), speak.say("Title"), speak.say("Rows")), rows, right=(2,))
    size_mb = f"{made.bytes / 1e6:.1f}"
    print(speak.say("written: {folder}, {size} MB", folder=out, size=size_mb))


@app.command(help=mark("Write an empty sheet for a table, to fill in and import."))
def template(
    context: typer.Context,
    table: Annotated[str, typer.Argument(help=mark("Name of the table, such as order_line."))],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help=mark("File to write; TABLE.xlsx if empty."))
    ] = None,
    lang: Lang = None,
) -> None:
    """Write the template of a declared table."""
    from workbench.tables.template import write_template

    print(write_template(table, out or Path(f"{table}.xlsx"), context.obj))


@app.command(help=mark("Compute a KPI of the dictionary, with the formula in use."))
def kpi(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the KPI, such as revenue_net."))],
    company: CompanyFolder = None,
    start: Annotated[
        str | None, typer.Option("--from", help=mark("First day; else that of the fiscal year."))
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help=mark("Last day; else that of the data."))
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help=mark("Cut, such as month or region; may be repeated.")),
    ] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Print a KPI, whole or by cuts."""
    from workbench.company import open_company
    from workbench.kpis import kpi as compute

    speak = context.obj
    opened = open_company(company or project_company(project, speak))
    first, last = _period(opened, start, end, speak)
    cuts = [part.strip() for cut in by or () for part in cut.split(",")]
    result = compute(opened, name, start=first, end=last, by=cuts)
    period = speak.period(result.start, result.end)
    print(f"{result.name(speak)}{speak.paren(period)}")
    print(result.formula(speak) + speak.semicolon + result.basis(speak))
    if not cuts:
        print(result.format(speak))
        return
    table = result.table()
    unit = result.unit_label(speak)
    values = [result.format(speak, value) for value in table["value"]]
    if result.currency:  # one unit for the whole table
        scale = speak.scale(list(table["value"]), currency=result.currency)
        values, unit = [scale(value) for value in table["value"]], scale.unit
    rows = [
        [*(_cut_value(opened, cut, row[cut], speak) for cut in cuts), value]
        for row, value in zip(table.to_dict("records"), values, strict=True)
    ]
    print_table([*(_cut_label(cut, speak) for cut in cuts), unit], rows, right=(len(cuts),))


# -- parts ----------------------------------------------------------------------------------------


def _period(
    company: Company, start: str | None, end: str | None, lang: Language
) -> tuple[dt.date, dt.date]:
    """First and last day asked for; else the fiscal year to the last day of the data."""
    last = _day(end, lang) if end else company.data_as_of
    month = company.settings.fiscal_start_month
    first = dt.date(last.year if last.month >= month else last.year - 1, month, 1)
    return (_day(start, lang) if start else first, last)


def _day(text: str, lang: Language) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ParameterError(
            lang.say("{value} is no date", value=text), do=lang.say("write it as 2026-07-31")
        ) from None


def _cut_label(cut: str, lang: Language) -> str:
    from workbench.report.labels import title_of

    return title_of(cut, lang)


def _cut_value(company: Company, cut: str, value: Any, lang: Language) -> str:
    if cut == "month":
        return lang.month(value, year=True)
    if cut == "quarter":
        return lang.quarter(value.year, (value.month + 2) // 3)
    if cut == "year":
        return lang.year(value.year)
    return company.label(cut, value, lang)
