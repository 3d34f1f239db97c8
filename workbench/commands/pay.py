"""The command `workbench pay`: statements, payroll file, control totals and exceptions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.shared import (
    CompanyFolder,
    Home,
    Lang,
    asked_or_project,
    project_company,
)
from workbench.errors import InputError, ParameterError
from workbench.terminal import print_table, progress
from workbench.text import mark

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.incentives.settle import Settlement
    from workbench.text import Language

app = typer.Typer()


@app.command(help=mark("Settle a pay plan: statements, payroll file, controls, exceptions."))
def pay(
    context: typer.Context,
    period: Annotated[
        str, typer.Option(help=mark("Month 2026-09, quarter 2026-Q3, or year 2026."))
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help=mark("Folder to write into."))],
    plan: Annotated[
        Path | None,
        typer.Option(help=mark("Plan file; else the company's own table of pay plans.")),
    ] = None,
    credits: Annotated[
        Path | None,
        typer.Option(help=mark("Credit lines (Parquet or CSV) in place of the company's tables.")),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(help=mark("Scores (Parquet or CSV): node, name, date, value.")),
    ] = None,
    rep: Annotated[
        list[str] | None, typer.Option(help=mark("Statements of these people only; else of all."))
    ] = None,
    company: CompanyFolder = None,
    project: Home = None,
    lang: Lang = None,
) -> None:
    """Settle a period and write what payroll and people need."""
    from workbench.company import open_company
    from workbench.incentives.company_plan import company_plan
    from workbench.incentives.settle import settle
    from workbench.pay import load_plan

    speak = asked_or_project(context, lang, project)
    say = speak.say
    source = open_company(company or project_company(project))
    chosen = (
        load_plan(plan, lang=speak) if plan is not None else company_plan(source, _year(period))
    )
    made = settle(
        source,
        chosen,
        period,
        credits=_table(credits, speak),
        scores=_table(scores, speak),
    )
    folder = _folder(out)
    payroll = made.payroll()
    wanted = payroll["rep_id"] if not rep else _known(payroll, rep, speak)
    paid = 0.0
    with progress(period, speak, mark("{name}: statement {done} of {whole}")) as tell:
        for number, who in enumerate(wanted):
            paid += _statement(made, source, str(who), folder / "statements", speak)
            if tell is not None:
                tell(number + 1, len(wanted))
    controls = _write_sums(made, folder, speak, statements=paid if not rep else None)
    exceptions = made.statement.exceptions(lang=speak)
    _csv(exceptions, folder / "exceptions.csv")
    _tell(made, controls, exceptions, speak)
    print(
        say(
            "{people} people, {statements} statements written to {folder}",
            people=len(payroll),
            statements=len(wanted),
            folder=folder,
        )
    )
    if (controls["difference"].abs() > 0.004).any():
        raise InputError(
            say("control totals do not agree"),
            where=str(folder / "controls.csv"),
            do=say("do not pay from this folder; report the plan and the period"),
        )


def _statement(made: Settlement, source: Company, who: str, folder: Path, lang: Language) -> float:
    """Write the statement of one person; returns what its tree adds up to."""
    from workbench.pay.plan import PAYROLL
    from workbench.report.payslip import Payslip

    folder.mkdir(mode=0o700, exist_ok=True)
    statement, row = made.statement, _row(made.payroll(), who)
    plan, staff = statement.plan, statement.book.staff
    person = staff.index.get_loc(who)
    lines = statement.lines(rep=who, period=made.period)
    lines = lines.assign(
        component=[
            lang.pick(plan.components[name].label.en, plan.components[name].label.zh)
            for name in lines["component"]
        ]
    )
    tree = statement.explain(rep=who, period=made.period, lang=lang)
    role = staff.roles[staff.role[person, -1]]
    slip = Payslip(
        lang=lang,
        rep_id=who,
        name=str(staff.names[lang.code.startswith("zh")][person]),
        role=source.label("role", role, lang) if role else "",
        company=source.name(lang),
        plan=lang.pick(plan.name.en, plan.name.zh),
        period=made.period,
        items={lang.pick(*names): row[item] for item, names in PAYROLL.items() if row[item]},
        total=row["pay"],
        tree=tree,
        lines=lines[["component", "date", "line_id", "credit", "earned"]],
        currency=plan.currency,
    )
    slip.write(folder, stem=f"{who}_{made.period}")
    return float(tree.amount)


def _row(payroll: pd.DataFrame, who: str) -> dict[str, float]:
    """Payroll items of one person."""
    row = payroll[payroll["rep_id"] == who].iloc[0]
    return {str(name): float(row[name]) for name in payroll.columns if name != "rep_id"}


def _write_sums(
    made: Settlement, folder: Path, lang: Language, *, statements: float | None
) -> pd.DataFrame:
    """Write payroll file and control totals; returns the controls."""
    import pandas as pd

    from workbench.pay.plan import PAYROLL

    staff, payroll = made.statement.book.staff, made.payroll()
    at = staff.index.get_indexer(pd.Index(payroll["rep_id"], dtype=object))
    names = {
        "rep_id": lang.say("Person"),
        "pay": lang.say("Pay before tax"),
        **{item: lang.pick(*labels) for item, labels in PAYROLL.items()},
    }
    file = payroll.assign(name=staff.names[lang.code.startswith("zh")][at], period=made.period)
    columns = ["period", "rep_id", "name", *PAYROLL, "pay"]
    labels = {"period": lang.say("Period"), "name": lang.say("Name"), **names}
    _csv(file[columns].rename(columns=labels), folder / "payroll.csv")
    controls = made.controls()
    if statements is not None:
        whole = float(payroll["pay"].sum())
        row = ("statements", round(whole, 2), round(statements, 2), round(whole - statements, 2))
        controls = pd.concat(
            [controls, pd.DataFrame([row], columns=controls.columns)], ignore_index=True
        )
    _csv(controls, folder / "controls.csv")
    _csv(made.components(), folder / "components.csv")
    return controls


def _tell(
    made: Settlement, controls: pd.DataFrame, exceptions: pd.DataFrame, lang: Language
) -> None:
    """Print control totals and exceptions; nobody's pay."""
    from workbench.pay.plan import PAYROLL

    say = lang.say
    names = {
        **{item: lang.pick(*labels) for item, labels in PAYROLL.items()},
        "pay": say("Pay before tax"),
        "statements": say("Sum of statements"),
    }
    rows = [
        (
            names[str(row["check"])],
            *(lang.number(row[each], decimals=2) for each in ("payroll", "ledger", "difference")),
        )
        for row in controls.to_dict("records")
    ]
    heads = (say("Control total"), say("Payroll"), say("Ledger"), say("Difference"))
    print_table(heads, rows, right=(1, 2, 3))
    if not len(exceptions):
        print(say("no exceptions"))
        return
    grouped = exceptions.groupby("meaning", sort=False)["at_stake"].agg(["size", "sum"])
    listed = [
        (str(row["meaning"]), lang.number(row["size"]), lang.number(row["sum"], decimals=2))
        for row in grouped.sort_values("sum", ascending=False).reset_index().to_dict("records")
    ]
    print_table((say("Exception"), say("Count"), say("At stake")), listed, right=(1, 2))


def _folder(out: Path) -> Path:
    """The folder to write into, open to its owner only."""
    out.mkdir(parents=True, exist_ok=True)
    out.chmod(0o700)
    return out


def _csv(table: pd.DataFrame, path: Path) -> None:
    from workbench.report.payslip import write_private

    write_private(path, table.to_csv(index=False), encoding="utf-8-sig")


def _table(path: Path | None, lang: Language) -> Any:
    if path is None:
        return None
    import pandas as pd

    if not path.is_file():
        raise InputError(
            lang.say("there is no such file"), where=str(path), do=lang.say("check the path")
        )
    if path.suffix.lower() == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"rep_id": str, "line_id": str, "corrects": str, "node": str})


def _known(payroll: pd.DataFrame, asked: list[str], lang: Language) -> list[str]:
    known = set(payroll["rep_id"])
    for each in asked:
        if each not in known:
            raise ParameterError(
                lang.say("{rep} has no pay in the period", rep=each),
                where="--rep",
                do=lang.say("name somebody of the payroll file"),
            )
    return asked


def _year(period: str) -> int:
    if period[:4].isdigit():
        return int(period[:4])
    raise ParameterError(
        f"{period} is no period", where="--period", do="write 2026-09, 2026-Q3 or 2026"
    )
