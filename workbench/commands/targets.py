"""The command `workbench target-sheets`: targets as they are mailed and imported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workbench.commands.shared import CompanyFolder, Home, Lang
from workbench.text import mark

app = typer.Typer()


@app.command(
    "target-sheets",
    help=mark("Write targets as they are mailed: a workbook a region, files to import."),
)
def target_sheets(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("-o", "--out", help=mark("Folder of the sheets; made if it lacks."))
    ] = Path("target_sheets"),
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
    """Set the targets and write their sheets."""
    from workbench.planning.crm_files import COLUMNS, write_crm
    from workbench.planning.sheets import write_sheets
    from workbench.studies.plan import plan_run

    speak = context.obj
    plan = plan_run(
        "targets", params_file=params, sets=sets or (), company=company, lang=speak, project=project
    )
    result = plan.study.compute(plan.company, plan.params)
    paths = write_sheets(result, out, lang=speak)
    paths += [write_crm(result, out, system=system) for system in COLUMNS]
    typer.echo(speak.say("{n} files in {folder}", n=speak.number(len(paths)), folder=str(out)))
    for path in paths:
        typer.echo(f"  {path.name}")
