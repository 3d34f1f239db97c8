"""Targets as files for CRM systems: rows for Zoho, month columns for Fxiaoke.

Neither vendor publishes a format for importing targets (Zoho has no interface for forecasts at
all; of Fxiaoke only the object GoalValueObj with its field month_value is known). The files are
flat, as both import assistants map columns by hand; headings are the reader's to change:

    write_crm(result, "mail", system="zoho", columns={"owner": "Target Owner", "base": "Quota"})

Ids are those of the company's table `rep`; money is whole, in the company's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import ParameterError
from workbench.planning.company_year import MIDDLE
from workbench.planning.story.words import TIERS, currency, kind, kpi_name, name
from workbench.planning.year import AVERAGED
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy

#: Headings by system and field, in the order of the file. Fields left out are not written.
COLUMNS: dict[str, dict[str, str]] = {
    "zoho": {
        "title": "Target Name",
        "owner_id": "Target Owner.id",
        "owner": "Target Owner",
        "level": "Level",
        "kpi": "KPI",
        "start": "Start Date",
        "end": "End Date",
        "floor": "Floor",
        "base": "Target",
        "stretch": "Stretch",
        "currency": "Currency",
    },
    "fxiaoke": {
        "owner_id": "考核对象编号",
        "owner": "考核对象",
        "level": "层级",
        "kpi": "目标规则",
        "year": "年度",
        **{f"month_{month:02d}": f"{month}月目标值" for month in range(1, 13)},
        "total": "全年目标值",
        "currency": "币种",
    },
}
#: Kinds of nodes that a CRM system knows: people and what they report to; teams where all are.
KINDS = ("company", "region", "person")


def write_crm(
    result: TargetStudy,
    folder: str | Path,
    *,
    system: str,
    columns: Mapping[str, str] | None = None,
) -> Path:
    """Write the file for a system.

    Parameters
    ----------
    result : TargetStudy
    folder : str or Path
        Made if it is not there; a file of the same name is replaced.
    system : {"zoho", "fxiaoke"}
        Zoho: ``targets_<year>_zoho.csv``, one row a node, KPI and month, with three tiers; the
        owner is the person or who heads the node, and empty where nobody does.
        Fxiaoke: ``targets_<year>_fxiaoke.csv``, one row a node and KPI, base by month.
    columns : mapping of field to heading, optional
        In place of those of `COLUMNS`; an empty heading leaves the field out.

    Raises
    ------
    ParameterError
        If there is no such system or field, or two fields have one heading.
    """
    headings = _headings(system, columns or {})
    lang = Language("zh" if system == "fxiaoke" else "en")
    rows = _by_month(result, lang) if system == "zoho" else _by_year(result, lang)
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"targets_{result.year}_{system}.csv"
    rows[list(headings)].rename(columns=headings).to_csv(path, index=False, encoding="utf-8-sig")
    return path


def _headings(system: str, given: Mapping[str, str]) -> dict[str, str]:
    if system not in COLUMNS:
        raise ParameterError(
            f"there is no target file for {system}",
            where=f"system={system}",
            do=f"choose from {', '.join(COLUMNS)}",
        )
    if unknown := [field for field in given if field not in COLUMNS[system]]:
        raise ParameterError(
            f"the target file for {system} has no field {unknown[0]}",
            where=f"columns, {unknown[0]}",
            do=f"choose from {', '.join(COLUMNS[system])}",
        )
    kept = {field: text for field, text in (COLUMNS[system] | dict(given)).items() if text}
    if len(set(kept.values())) < len(kept) or not kept:
        raise ParameterError(
            "each field of a target file has a heading of its own",
            where=f"columns, {', '.join(kept.values())}",
            do="name each once",
        )
    return kept


def _rows(result: TargetStudy, lang: Language) -> pd.DataFrame:
    """KPIs that add up, by node, month and tier, with names of owner, level and KPI."""
    table = result.targets.table()[["node", "kpi", "month", "tier", "target"]]
    table = table.astype({"node": str, "kpi": str, "tier": str})
    kinds = table["node"].map(result.nodes["kind"])
    known = KINDS if MIDDLE[0] in result.targets.tree.levels else (*KINDS, "team")
    kept = table[kinds.isin(known) & ~table["kpi"].isin(AVERAGED)]
    money = kept["kpi"].isin(("revenue_net", "collections"))
    nodes = {node: name(result, node, lang) for node in kept["node"].unique()}
    kpis = {kpi: kpi_name(kpi, lang) for kpi in kept["kpi"].unique()}
    return kept.assign(
        owner_id=kept["node"],
        owner=kept["node"].map(nodes),
        level=[kind(code, lang) for code in kinds[kept.index]],
        kpi=kept["kpi"].map(kpis),
        currency=money.map({True: currency(result), False: ""}),
        target=kept["target"].round().astype("int64"),
    )


def _by_month(result: TargetStudy, lang: Language) -> pd.DataFrame:
    rows = _rows(result, lang)
    keys = ["owner_id", "owner", "level", "kpi", "currency", "month"]
    wide = rows.pivot_table(
        index=keys, columns="tier", values="target", aggfunc="sum", sort=False, observed=True
    )
    wide = wide[list(TIERS)].reset_index()
    months = pd.PeriodIndex([pd.Period(month, freq="M") for month in wide["month"]])
    who = wide["owner"] + " (" + wide["owner_id"] + ")"  # names occur twice
    title = wide["kpi"] + " " + wide["month"].astype(str) + " " + who
    people = set(result.ground.people.index)
    heads = {
        node: node if node in people else result.ground.heads.get(node, "")
        for node in wide["owner_id"].unique()
    }
    owner = wide["owner_id"].map(heads)
    return wide.assign(
        title=title,
        owner_id=owner,
        owner=[name(result, head, lang) if head else "" for head in owner],
        start=months.start_time.strftime("%Y-%m-%d"),
        end=months.end_time.strftime("%Y-%m-%d"),
    )


def _by_year(result: TargetStudy, lang: Language) -> pd.DataFrame:
    rows = _rows(result, lang)
    rows = rows[rows["tier"] == "base"]
    field = "month_" + rows["month"].astype(str).str[-2:]
    keys = ["owner_id", "owner", "level", "kpi", "currency"]
    wide = rows.assign(field=field).pivot_table(
        index=keys, columns="field", values="target", aggfunc="sum", sort=False, observed=True
    )
    months = [f"month_{month:02d}" for month in range(1, 13)]
    total = wide[months].sum(axis=1)
    return wide[months].assign(total=total, year=result.year).reset_index()
