"""Targets as they are mailed: a workbook for each region with a sign-off sheet, and one table.

Months stand as columns, as planners keep them; `target_sheet.py` reads such a sheet back. The one
table has the columns of `target`, so that what was set can be imported and followed in the year.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.planning.company_year import MIDDLE, REVENUE
from workbench.planning.story.words import (
    TIERS,
    currency,
    kind,
    kpi_name,
    kpi_value,
    money,
    name,
    tier,
    wide,
)
from workbench.planning.year import AVERAGED
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy
    from workbench.report.xlsx import TableSheet

#: Level of the table `target` by kind of node; accounts without an owner have none.
LEVELS = {
    "company": "company",
    "region": "region",
    "province": "province",
    "team": "team",
    "person": "rep",
}

#: Tax basis of KPIs that are money.
TAX = {REVENUE: "excl", "collections": "incl"}


def write_sheets(result: TargetStudy, folder: str | Path, *, lang: Language) -> list[Path]:
    """Write a workbook for each region, and all targets as rows of the table `target`.

    Parameters
    ----------
    result : TargetStudy
    folder : str or Path
        Made if it is not there; files of the same name are replaced.
    lang : Language

    Returns
    -------
    list of Path
        ``targets_<year>_<region>.xlsx`` by region (an underscore for what no file name takes), then
        ``target_<year>.csv``.
    """
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    table = wide(result)
    regions = [str(node) for node in table.index[table["kind"] == "region"]]
    paths = [
        write_region(result, region, where / f"targets_{result.year}_{stem}.xlsx", lang=lang)
        for region, stem in zip(regions, _stems(regions), strict=True)
    ]
    rows = where / f"target_{result.year}.csv"
    target_rows(result).to_csv(rows, index=False, encoding="utf-8-sig")
    return [*paths, rows]


def write_region(result: TargetStudy, region: str, path: Path, *, lang: Language) -> Path:
    """Write the workbook of a region: base by month, tiers with chances, sign-off."""
    from workbench.report.xlsx import Book

    table = wide(result)
    base, p_base = (float(table[column][region]) for column in ("base", "p_base"))
    book = Book(
        lang=lang,
        title=lang.say(
            "Targets {year}, {region}", year=result.year, region=name(result, region, lang)
        ),
        company=result.company.name(lang),
        lines=[
            lang.say(
                "Base {base}, chance {chance}; revenue without VAT, data as of {day}",
                base=money(result, base, lang),
                chance=lang.probability(p_base),
                day=lang.date(result.company.data_as_of),
            ),
            lang.say("Signed by the head of the region: ____________  Date: ____________"),
        ],
        sheets=_sheets(result, region, lang),
    )
    return book.write(path)


def month_rows(result: TargetStudy, region: str, *, code: str = "base") -> pd.DataFrame:
    """Targets under a region with months as columns.

    Returns
    -------
    pandas.DataFrame
        node, total, and a column a month (such as "2027-01"); the region first, then depth first.
    """
    targets = result.targets
    tree, found = targets.tree, targets.kpis[REVENUE]
    at = tree.place[region]
    places = list(range(at, int(tree.end[at])))
    units = found.units[TIERS.index(code)][places] * found.unit
    table = pd.DataFrame(units, columns=[str(month) for month in targets.months])
    table.insert(0, "total", units.sum(axis=1))
    table.insert(0, "node", [tree.nodes[place] for place in places])
    return table


def target_rows(result: TargetStudy) -> pd.DataFrame:
    """All targets as rows of the table `target`: of every KPI that the dictionary has.

    Money is in the company's currency, revenue without VAT and collections with it. A province
    that two regions share is one row; teams are sums of their people where provinces stand in
    their place; of KPIs that are averaged neither is told.
    """
    from workbench.kpis import KPIS

    table = result.targets.table()
    kinds = table["node"].astype(str).map(wide(result)["kind"])
    kept = table[kinds.isin(LEVELS) & table["kpi"].isin(list(KPIS))]
    kpi = kept["kpi"].astype(str)
    first = pd.PeriodIndex([pd.Period(month, freq="M") for month in kept["month"]])
    rows = pd.DataFrame(
        {
            "kpi_id": kpi.to_numpy(),
            "level": kinds[kept.index].map(LEVELS).to_numpy(),
            "node": kept["node"].astype(str).to_numpy(),
            "product_line": "all",
            "period_start": first.start_time.strftime("%Y-%m-%d"),
            "period_end": first.end_time.strftime("%Y-%m-%d"),
            "tier": kept["tier"].astype(str).to_numpy(),
            "value": kept["target"].to_numpy(),
            "currency": kpi.map(dict.fromkeys(TAX, currency(result))).to_numpy(),
            "tax_basis": kpi.map(TAX).to_numpy(),
        }
    )
    if MIDDLE[0] not in set(kinds):
        return rows
    people = rows[rows["level"] == "rep"]
    places = rows[rows["level"] == "province"]
    return pd.concat(
        [
            # those who sold in no known place stand under their team, which is not all of it
            rows[~rows["level"].isin(["province", "team"])],
            _sums(places.assign(node=places["node"].str.partition(":")[2])),
            _sums(
                people.assign(level="team", node=people["node"].map(result.ground.people["team"]))
            ),
        ],
        ignore_index=True,
    )


def _stems(regions: list[str]) -> list[str]:
    """Names of regions as parts of file names, each its own."""
    stems: list[str] = []
    for region in regions:
        stem = plain = re.sub(r"[^\w-]+", "_", region)
        number = 1
        while stem in stems:
            number += 1
            stem = f"{plain}_{number}"
        stems.append(stem)
    return stems


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one node, KPI, month and tier summed, of KPIs that add up."""
    rows = rows[~rows["kpi_id"].isin(AVERAGED)]
    keys = [name for name in rows.columns if name != "value"]
    sums = rows.groupby(keys, sort=False, dropna=False)["value"].sum().reset_index()
    return sums[list(rows.columns)]


def _unit(result: TargetStudy, lang: Language) -> tuple[float, str]:
    """What sheets count in, and how their titles say it: 万元 where targets are whole ones."""
    code = currency(result)
    if result.params.unit == "10000" and lang.code == "zh":
        return 10_000.0, lang.paren(lang.scale([1e7], currency=code).unit)
    return 1.0, lang.paren(lang.money_parts(0, currency=code)[1])


def _others(result: TargetStudy, nodes: list[Any], lang: Language) -> pd.DataFrame:
    """Base and chance of the KPIs beside revenue, as words, since each has a unit of its own."""
    found = result.targets
    places = [found.tree.place[str(node)] for node in nodes]
    base = TIERS.index("base")
    columns = {}
    for code in found.kpis:
        if code == REVENUE:
            continue
        goal, chance = found.target(code)[places, base], found.kpis[code].chance[places, base]
        said = kpi_name(code, lang)
        columns[said] = [kpi_value(result, code, float(value), lang) for value in goal]
        columns[lang.say("{tier}, chance", tier=said)] = [lang.probability(p) for p in chance]
    return pd.DataFrame(columns)


def _sheets(result: TargetStudy, region: str, lang: Language) -> list[TableSheet]:
    import pyarrow as pa

    from workbench.report.labels import Meaning
    from workbench.report.xlsx import TableSheet

    months = month_rows(result, region)
    table = wide(result).loc[months["node"]]
    who = [name(result, str(node), lang) for node in table.index]
    level = [kind(str(code), lang) for code in table["kind"]]
    whole, said = _unit(result, lang)
    amounts = [column for column in months.columns if column != "node"]
    months[amounts] = months[amounts] / whole
    months = months.assign(node=who)
    months.insert(1, "level", level)
    tiers = pd.DataFrame({"node": who, "level": level})
    for code in TIERS:
        tiers[code] = table[code].to_numpy() / whole
        tiers[f"p_{code}"] = table[f"p_{code}"].to_numpy()
    heads = [
        str(node) if each == "person" else result.ground.heads.get(str(node), "")
        for node, each in table["kind"].items()
    ]
    sign = pd.DataFrame(
        {
            "node": who,
            "level": level,
            "head": [
                name(result, head, lang) if head in result.ground.names else head for head in heads
            ],
            "base": table["base"].to_numpy() / whole,
            "signature": "",
            "date": "",
        }
    )[(table["kind"] != "open").to_numpy()]
    others = _others(result, list(table.index), lang)
    others.insert(0, "level", level)
    others.insert(0, "node", who)
    kinds = {
        "node": (lang.say("Unit of the organisation"), "text"),
        "level": (lang.say("Level"), "text"),
        "total": (lang.say("Year"), "integer"),
        "head": (lang.say("Head"), "text"),
        "signature": (lang.say("Signature"), "text"),
        "date": (lang.say("Date"), "text"),
        **{code: (tier(code, lang), "integer") for code in TIERS},
        **{
            f"p_{code}": (lang.say("{tier}, chance", tier=tier(code, lang)), "probability")
            for code in TIERS
        },
    }
    return [
        TableSheet(
            key,
            title,
            [
                Meaning(
                    str(c), *kinds.get(str(c), (str(c), "text" if key == "kpis" else "integer"))
                )
                for c in rows.columns
            ],
            pa.Table.from_pandas(rows, preserve_index=False),
        )
        for key, title, rows in (
            ("months", lang.say("Base by month") + said, months),
            ("tiers", lang.say("Tiers and chances") + said, tiers),
            *([("kpis", lang.say("Base of other KPIs"), others)] if others.shape[1] > 2 else []),
            ("sign_off", lang.say("Sign-off") + said, sign),
        )
    ]
