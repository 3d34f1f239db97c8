"""The command `workbench pay`: statements, payroll file, control totals and exceptions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.commands.shared import (
    CompanyFolder,
    Home,
    Lang,
    project_company,
)
from workbench.errors import InputError, ParameterError
from workbench.terminal import print_table, progress
from workbench.text import later, mark

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.incentives.settle import Settlement
    from workbench.pay.plan import Plan
    from workbench.report.payslip import Payslip
    from workbench.text import Language

#: What a folder keeps for the next period.
_CLOSING = "closing.parquet"
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
    quotas: Annotated[
        Path | None,
        typer.Option(
            help=mark("Quotas (Parquet or CSV): rep_id, quota, period_start, period_end, value.")
        ),
    ] = None,
    absences: Annotated[
        Path | None, typer.Option(help=mark("Leave (Parquet or CSV): rep_id, start, end."))
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option(
            help=mark(
                "Folder of the period paid before: its months stay as paid,"
                " what changed of them is corrected now."
            )
        ),
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
    from workbench.incentives.company_plan import company_plan, plan_in
    from workbench.incentives.settle import settle

    speak = context.obj
    say = speak.say
    source = open_company(company or project_company(project, speak))
    chosen = plan_in(source, plan, lang=speak) if plan else company_plan(source, _year(period))
    lines = _table(credits, speak)
    made = settle(
        source,
        chosen,
        period,
        credits=lines,
        quotas=_table(quotas, speak),
        scores=_table(scores, speak),
        absences=_table(absences, speak),
        closing=_table(after / _CLOSING, speak) if after is not None else None,
    )
    folder = _folder(out, speak)
    payroll, balances = made.payroll(), made.balances()
    wanted = payroll["rep_id"] if not rep else _known(payroll, rep, speak)
    paid = 0.0
    with progress(period, speak, mark("{name}: statement {done} of {whole}")) as tell:
        for number, who in enumerate(wanted):
            slip = _payslip(made, source, str(who), payroll, balances, speak)
            slip.write(folder / "statements", stem=f"{_in_file_name(str(who))}_{period}")
            paid += float(slip.tree.amount)
            if tell is not None:
                tell(number + 1, len(wanted))
    controls = _controls(made, payroll, statements=paid if not rep else None)
    exceptions = made.exceptions(lang=speak)
    _write_tables(made, payroll, balances, controls, exceptions, folder, speak)
    _write_closing(made, folder)
    _tell(made, controls, exceptions, speak)
    _tell_passed_over(lines, chosen, speak)
    if chosen.payees == "dealers":
        said = speak.say_n(
            "{n} statement written to {folder}; dealers in all: {people}",
            "{n} statements written to {folder}; dealers in all: {people}",
            len(wanted), folder=folder, people=len(payroll),
        )  # fmt: skip
    else:
        said = speak.say_n(
            "{n} statement written to {folder}; people in all: {people}",
            "{n} statements written to {folder}; people in all: {people}",
            len(wanted), folder=folder, people=len(payroll),
        )  # fmt: skip
    print(said)
    if (controls["difference"].abs() > 0.004).any():
        raise InputError(
            say("control totals do not agree"),
            where=str(folder / "controls.csv"),
            do=say("do not pay from this folder; report the plan and the period"),
        )


def _payslip(
    made: Settlement,
    source: Company,
    who: str,
    payroll: pd.DataFrame,
    balances: pd.DataFrame,
    lang: Language,
) -> Payslip:
    """The statement of one person."""
    from workbench.report.payslip import Payslip

    statement, row = made.statement, _row(payroll, who)
    plan, staff = statement.plan, statement.book.staff
    person = staff.index.get_loc(who)
    lines = statement.lines(rep=who, period=made.period)
    lines = lines.assign(component=lines["component"].map(_components(plan, lang)))
    role = staff.roles[staff.role[person, statement.book.months.index(made.months[-1])]]
    open_ = _row(balances, who) if (balances["rep_id"] == who).any() else {}
    return Payslip(
        lang=lang,
        rep_id=who,
        name=str(staff.names[lang.code.startswith("zh")][person]),
        role=_role(source, plan, role, lang),
        company=source.name(lang),
        plan=lang.pick(plan.name.en, plan.name.zh),
        period=made.period,
        items={lang.pick(*names): row[item] for item, names in plan.items.items() if row[item]},
        total=row["pay"],
        tree=statement.explain(rep=who, period=made.period, lang=lang),
        lines=lines[["component", "date", "line_id", "credit", "earned"]],
        open_={name: open_[key] for key, name in _open_names(lang).items() if open_.get(key)},
        currency=plan.currency,
        rebate=plan.payees == "dealers",
    )


def _role(source: Company, plan: Plan, role: str, lang: Language) -> str:
    """What somebody is, as people say it."""
    if not role:
        return ""
    return source.label("level" if plan.payees == "dealers" else "role", role, lang)


def _row(table: pd.DataFrame, who: str) -> dict[str, float]:
    """Amounts of one person."""
    row = table[table["rep_id"] == who].iloc[0]
    return {str(name): float(row[name]) for name in table.columns if name != "rep_id"}


def _components(plan: Plan, lang: Language) -> dict[str, str]:
    """What components are called."""
    return {name: lang.pick(each.label.en, each.label.zh) for name, each in plan.components.items()}


def _open_names(lang: Language) -> dict[str, str]:
    """What balances are called."""
    return {
        "held": lang.say("Held back, to be paid later"),
        "carried": lang.say("Deductions carried to later months"),
        "draw": lang.say("Draws to be recovered"),
    }


def _check_names(plan: Plan, lang: Language) -> dict[str, str]:
    """What control totals are called."""
    dealers = plan.payees == "dealers"
    return {
        **{item: lang.pick(*labels) for item, labels in plan.items.items()},
        "pay": lang.say("Rebate in all") if dealers else lang.say("Pay before tax"),
        "statements": lang.say("Sum of statements"),
    }


def _controls(made: Settlement, payroll: pd.DataFrame, *, statements: float | None) -> pd.DataFrame:
    """Sums that must agree, that of the statements among them where all were written."""
    import pandas as pd

    controls = made.controls()
    if statements is None:
        return controls
    whole = float(payroll["pay"].sum())
    row = ("statements", round(whole, 2), round(statements, 2), round(whole - statements, 2))
    added = pd.DataFrame([row], columns=controls.columns)
    return pd.concat([controls, added], ignore_index=True)


def _write_tables(
    made: Settlement,
    payroll: pd.DataFrame,
    balances: pd.DataFrame,
    controls: pd.DataFrame,
    exceptions: pd.DataFrame,
    folder: Path,
    lang: Language,
) -> None:
    """Write the payroll file, balances, control totals, components and exceptions."""
    from workbench.pay.explain import entry_names

    say, plan = lang.say, made.statement.plan
    staff = made.statement.book.staff
    names = dict(zip(staff.ids, staff.names[lang.code.startswith("zh")], strict=True))
    payee = say("Dealer") if plan.payees == "dealers" else say("Person")
    who = {"period": say("Period"), "rep_id": payee, "name": say("Name", context="person")}
    component = {"component": say("Component")}
    for table, name, labels in (
        (payroll, "payroll", who | _check_names(plan, lang)),
        (balances, "balances", who | _open_names(lang)),
    ):
        file = table.assign(name=table["rep_id"].map(names), period=made.period)
        _csv(file, folder / f"{name}.csv", labels)
    checks = {"check": say("Control total"), "payroll": say("Payroll"), "ledger": say("Ledger")}
    controls = controls.assign(check=controls["check"].map(_check_names(plan, lang)))
    _csv(controls, folder / "controls.csv", checks | {"difference": say("Difference")})
    called = _components(plan, lang)
    parts = made.components()
    parts = parts.assign(
        component=parts["component"].map(called),
        entry=parts["entry"].map(entry_names(lang)),
    )
    entries = {"entry": say("Entry"), "people": say("People"), "amount": say("Amount")}
    _csv(parts, folder / "components.csv", component | entries)
    labelled = {
        name: lang.pick(each.label.en, each.label.zh)
        for name, each in plan.indicators.items()
        if each.label is not None
    }
    found = exceptions.assign(
        name=exceptions["rep_id"].map(names),
        component=exceptions["component"].map(called),
        indicator=exceptions["indicator"].replace(labelled),
    )
    about = {"meaning": say("Exception"), "period": say("Period"), "rep_id": payee}
    line = {"name": say("Name", context="person"), "line_id": say("Line"), "date": say("Date")}
    stake = {
        "indicator": say("Indicator"),
        "credit": say("Credit"),
        "at_stake": say("At stake"),
        "currency": say("Currency"),
    }
    _csv(found, folder / "exceptions.csv", about | line | component | stake)


def _write_closing(made: Settlement, folder: Path) -> None:
    """Write what the next period's settlement has to know."""
    import os

    path = folder / _CLOSING
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    made.closing().to_parquet(path, index=False)


def _tell(
    made: Settlement, controls: pd.DataFrame, exceptions: pd.DataFrame, lang: Language
) -> None:
    """Print control totals and exceptions; nobody's pay."""
    say, names = lang.say, _check_names(made.statement.plan, lang)
    rows = [
        (
            names[str(row["check"])],
            *(lang.number(row[each], decimals=2) for each in ("payroll", "ledger", "difference")),
        )
        for row in controls.to_dict("records")
    ]
    heads = (say("Control total"), say("Payroll"), say("Ledger"), say("Difference"))
    print_table(heads, rows, right=(1, 2, 3))
    if made.statement.plan.payment.leaver.rule == "none":
        print(
            say(
                "The plan pays nothing on money that comes in after somebody left;"
                " courts have held such clauses invalid."
            )
        )
    if not len(exceptions):
        print(say("no exceptions"))
        return
    now = exceptions["period"].isin(made.months)
    exceptions = exceptions.assign(now=exceptions["at_stake"].where(now, 0.0))
    grouped = exceptions.groupby("meaning", sort=False).agg(
        count=("at_stake", "size"), at_stake=("at_stake", "sum"), now=("now", "sum")
    )
    listed = [
        (
            str(row["meaning"]),
            lang.number(row["count"]),
            lang.number(row["at_stake"], decimals=2),
            lang.number(row["now"], decimals=2),
        )
        for row in grouped.sort_values("at_stake", ascending=False).reset_index().to_dict("records")
    ]
    heads = (
        say("Exception"),
        say("Count"),
        say("At stake"),
        say("of {period}", period=made.period),
    )
    print_table(heads, listed, right=(1, 2, 3))


def _tell_passed_over(lines: pd.DataFrame | None, plan: Plan, lang: Language) -> None:
    """Name the events of lines handed in that no measure counts: one may be misspelt."""
    if lines is None or "event" not in lines:
        return
    measures = plan.measures.values()
    counted = {event for each in measures for event in (*each.events, *each.less)}
    events = lines["event"].astype(str)
    left = events[~events.isin(counted)].value_counts(sort=False).sort_index()
    named = [f"{event}{lang.paren(lang.number(count))}" for event, count in left.items()]
    if named:
        print(lang.say("Events that the plan does not count: {events}", events=lang.join(named)))


def _folder(out: Path, lang: Language) -> Path:
    """The folder to write into, open to its owner only."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        out.chmod(0o700)
    except OSError as error:
        raise InputError(
            lang.say("the folder cannot be written into"),
            where=str(out),
            do=lang.say("name another folder with --out"),
        ) from error
    return out


def _in_file_name(words: str) -> str:
    """Words as a file's name may have them: signs that some systems refuse as their numbers."""
    return re.sub(r'[\\/:*?"<>|%\x00-\x1f]', lambda sign: f"%{ord(sign[0]):02X}", words)


def _csv(table: pd.DataFrame, path: Path, labels: dict[str, str]) -> None:
    """Write columns under their labels, money to the cent."""
    from workbench.report.payslip import write_private

    shown = table[[name for name in labels if name in table]].rename(columns=labels)
    words = shown.to_csv(index=False, float_format="%.2f")
    write_private(path, words, encoding="utf-8-sig")


def _table(path: Path | None, lang: Language) -> Any:
    if path is None:
        return None
    import pandas as pd

    if not path.is_file():
        raise InputError(
            lang.say("there is no such file"), where=str(path), do=lang.say("check the path")
        )
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        texts = {"rep_id": str, "line_id": str, "corrects": str, "node": str}
        try:
            return pd.read_csv(path, dtype=texts, encoding="utf-8-sig")
        except UnicodeDecodeError:  # as spreadsheets in Chinese save it
            return pd.read_csv(path, dtype=texts, encoding="gb18030")
    except (ValueError, OSError) as error:
        raise InputError(
            lang.say("the file cannot be read as a table"),
            where=str(path),
            do=lang.say("save it as Parquet, or as CSV with its columns named in the first row"),
        ) from error


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
        later("{period} is no period", period=period),
        where="--period",
        do=later("write 2026-09, 2026-Q3 or 2026"),
    )
