"""The command `workbench`: run studies, list and open what they left, make projects and data.

Exit codes: 0 done; 1 something failed (a notebook, data that cannot be used) or an import refused
rows; 2 the command was not right (an unknown parameter, no such study, no project); 3 an import
found nothing usable. Errors are told as three answers, what, where and what to do, in the language
of the command. Heavy imports happen inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.errors import ParameterError, ProjectError, WorkbenchError
from workbench.terminal import error_text, has_browser, language_wanted, print_table, progress
from workbench.text import Language, mark

if TYPE_CHECKING:
    from workbench.company import Company
    from workbench.studies import Project

USAGE, FAILED = 2, 1

app = typer.Typer(
    name="workbench",
    help=mark("Sales Workbench: analyse a company's sales, from data to a report."),
    epilog=mark("Exit codes: 0 done, 1 something failed, 2 the command was not right."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Home = Annotated[
    Path | None,
    typer.Option("--project", help=mark("Folder of the project; else looked for upward.")),
]
Lang = Annotated[
    str | None,
    typer.Option("--lang", help=mark("Language, en or zh; else that of the project or system.")),
]
CompanyFolder = Annotated[
    Path | None, typer.Option("--company", help=mark("Folder of the company; else the project's."))
]


@app.callback()
def root(lang: Lang = None) -> None:
    """Take --lang before the command as well."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with the arguments given, or those of the process, and exit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    lang = Language(language_wanted(words))
    command = typer.main.get_command(app)
    _translate(command, lang)
    try:
        command.main(args=words, prog_name="workbench", obj=lang)
    except WorkbenchError as error:
        print(error_text(error, lang), file=sys.stderr)
        sys.exit(USAGE if isinstance(error, ParameterError | ProjectError) else FAILED)


# -- studies ------------------------------------------------------------------------------------


@app.command(help=mark("Run a study: parameters checked, notebook executed, report written."))
def run(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study."))],
    params: Annotated[
        Path | None, typer.Option("-p", "--params", help=mark("Params file, YAML."))
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help=mark("One parameter, name=value; may be repeated.")),
    ] = None,
    company: CompanyFolder = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Run a study and say where its report is."""
    from workbench.studies import find_project, run_study

    home = find_project(project)
    say = context.obj.say
    asked = lang or context.find_root().params.get("lang")
    with progress(name, context.obj) as on_cell:
        done = run_study(
            name,
            params_file=params,
            sets=sets or (),
            company=company,
            lang=asked or home.lang or context.obj,
            project=home,
            on_cell=on_cell,
        )
    seconds = sum(done.manifest["seconds"].values())
    title = done.manifest["title"]
    print(say("{title}: finished in {seconds} s", title=title, seconds=f"{seconds:.1f}"))
    cared = [w for w in done.manifest["warnings"] if w["category"] == "WorkbenchWarning"]
    for warning in cared:
        print(say("mind: {message}", message=warning["message"]), file=sys.stderr)
    print(say("report: {path}", path=done.report))
    print(say("run: {path}", path=home.shown(done.folder)))


@app.command(help=mark("List the studies: name, question, area."))
def studies(context: typer.Context, project: Home = None, lang: Lang = None) -> None:
    """List all studies that are found."""
    from workbench.studies import studies as known

    speak = context.obj
    rows = [
        (card.name, speak.pick(*card.question), card.area(speak))
        for card in known(_project_or_none(project)).values()
    ]
    heads = (speak.say("Study"), speak.say("Question"), speak.say("Area"))
    print_table(heads, rows)


@app.command(help=mark("Print a params file for a study, every parameter explained."))
def params(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=mark("Name of the study."))],
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Print the template to save under params/NAME/."""
    from workbench.studies import registry
    from workbench.studies.parameters import template

    study = registry.card(name, _project_or_none(project), context.obj).load()
    print(template(study, context.obj), end="")


@app.command(help=mark("List the runs, newest first."))
def runs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help=mark("Only those of this study."))] = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """List runs with status, company and time."""
    from workbench.studies import find_project
    from workbench.studies import runs as known

    say = context.obj.say
    status = {
        "finished": say("finished"),
        "failed": say("failed"),
        "partial": say("not finished"),
    }
    rows = [
        (
            run.id,
            run.study,
            status.get(run.status, run.status),
            run.manifest.get("lang", ""),
            run.manifest.get("company", {}).get("name", ""),
            f"{sum(run.manifest.get('seconds', {}).values()):.1f}",
        )
        for run in known(find_project(project), study=name)
    ]
    print_table(
        (
            say("Run"),
            say("Study"),
            say("Status"),
            say("Language"),
            say("Company", context="run"),
            say("Seconds"),
        ),
        rows,
        right=(5,),
    )


@app.command("open", help=mark("Open the report of a run, by default of the newest."))
def open_(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(help=mark("Id, part of an id, folder, or study whose newest is meant.")),
    ] = None,
    path: Annotated[
        bool, typer.Option("--path", help=mark("Only print where the report is."))
    ] = False,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Open a report in the browser; where there is none, print its path."""
    from workbench.studies import find_project, find_run

    home = find_project(project)
    found = find_run(home, run, lang=context.obj)
    shown = found.report if found.report.is_file() else found.folder / "notebook.ipynb"
    print(shown)
    if not path and has_browser():
        import webbrowser

        webbrowser.open(shown.as_uri())


# -- projects and data --------------------------------------------------------------------------


@app.command(help=mark("Make a project of one's own: notebooks, params and an empty company."))
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help=mark("Folder to make; empty or new."))],
    lang: Lang = None,
) -> None:
    """Make a project and say what to do next."""
    from workbench.studies.new_project import make_project

    made = make_project(folder, lang=context.obj)
    say = context.obj.say
    print(say("project made: {folder}", folder=made.root))
    print(say("next: read {file}", file=made.root / "README.md"))


@app.command(help=mark("Open JupyterLab on the project, with a kernel of this installation."))
def lab(
    context: typer.Context,
    project: Home = None,
    lang: Lang = None,
    options: Annotated[
        list[str] | None, typer.Argument(help=mark("Options for JupyterLab, after --."))
    ] = None,
) -> None:
    """Start JupyterLab and wait until it ends."""
    from workbench.studies import find_project
    from workbench.studies.lab import start_lab

    raise typer.Exit(start_lab(find_project(project), options or []))


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
    from workbench.import_command import Wanted, run_import, undo_import

    speak = _asked_or_project(context, lang, project)
    folder = into or _own_company(project, speak)
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

    speak = _asked_or_project(context, lang, project)
    changes = undo or approved is not None
    folder = company or (_own_company(project, speak) if changes else _project_company(project))
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
    opened = open_company(company or _project_company(project))
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


@app.command(help=mark("Print the versions of the workbench and of what it computes with."))
def version(context: typer.Context, lang: Lang = None) -> None:
    """Print versions."""
    from workbench.studies.manifest import versions

    for name, number in versions().items():
        print(f"{name} {number}")


# -- parts --------------------------------------------------------------------------------------


def _translate(command: Any, lang: Language) -> None:
    """Put the help of a command, its options and the commands below it into the language."""
    if command.help:
        command.help = lang.say(command.help)
    if command.epilog:
        command.epilog = lang.say(command.epilog)
    for param in command.params:
        if getattr(param, "help", None):
            param.help = lang.say(param.help)
    for below in getattr(command, "commands", {}).values():
        _translate(below, lang)


def _project_or_none(folder: Path | None) -> Project | None:
    from workbench.studies import find_project

    if folder is not None:
        return find_project(folder)
    try:
        return find_project()
    except ProjectError:
        return None


def _project_company(folder: Path | None) -> Path:
    from workbench.studies import find_project
    from workbench.studies.plan import SAMPLE

    home = find_project(folder)
    return home.resolve(home.company or SAMPLE)


def _asked_or_project(context: typer.Context, lang: str | None, folder: Path | None) -> Language:
    """The language asked for, else that of the project, else that of the system."""
    asked = lang or context.find_root().params.get("lang")
    home = None if asked else _project_or_none(folder)
    return Language(home.lang) if home is not None and home.lang else context.obj


def _own_company(folder: Path | None, lang: Language) -> Path:
    """Company of the project that may be changed: never the sample."""
    from workbench.studies.plan import SAMPLE

    company = _project_company(folder)
    if company.as_posix().endswith(SAMPLE):
        raise ParameterError(
            lang.say("the folder of the company to change is not named"),
            do=lang.say("name it, or make a project of your own with `workbench init`"),
        )
    return company


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


if __name__ == "__main__":
    main()
