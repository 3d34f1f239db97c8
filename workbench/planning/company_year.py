"""What a company's own tables say for a year of targets: people, sales, last targets.

The tree is company, region, province (or team), person; a person stands under the province that
brings most of the person's sales. Accounts that nobody owns hang on their region as a leaf of
their own, those without a region on the company, so that sums are those of the company. Months of
sales are counted for today's owner of the account: the target of next year is set for those who
will work it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import NotIdentifiedError
from workbench.planning.tree import Tree
from workbench.text import later

if TYPE_CHECKING:
    from workbench.company import Company

REVENUE = "revenue_net"
ROOT = "company"
#: Kinds between region and person.
MIDDLE = ("province", "team")
#: Kinds of the tree from the root down; "open" is what nobody owns.
KINDS: dict[str, tuple[str, str]] = {
    "company": ("Company", "公司"),
    "region": ("Region", "大区"),
    "province": ("Province", "省区"),
    "team": ("Team", "部门"),
    "person": ("Person", "个人"),
    "open": ("Accounts without owner", "无归属客户"),
}
#: What has neither owner nor region.
NOWHERE = ("No region, no owner", "无大区无归属客户")
_SOLD = ("account_id", "owner", "region", "month", "value")
_PEOPLE = """
with team_now as (select team_id, arg_max(region, valid_from) as region from team group by 1)
select r.rep_id, r.role, r.team_id, t.region, r.hired_date,
    greatest(cast(r.target_pay as double) - 12 * coalesce(cast(r.base_pay as double), 0), 0) as pay,
    r.name, coalesce(r.name_en, r.name) as name_en
from rep r join team_now t using (team_id)
where r.valid_to is null and r.left_date is null
order by r.rep_id
"""
_TARGETS = """
select level, node, tier, date_trunc('month', period_start) as month,
    sum(cast(value as double)) as value
from target where kpi_id = 'revenue_net' and product_line = 'all' and year(period_start) = ?
group by all order by all
"""


@dataclass(frozen=True)
class Ground:
    """People and sales that targets are set on.

    Attributes
    ----------
    tree : Tree
    people : pandas.DataFrame
        By person of the tree: name, name_en, role, team, region, above (node above the person),
        start (first day), pay (of a year at target, less base pay).
    names : dict of str to (str, str)
        Of every node and everybody at work, English and Chinese.
    heads : dict of str to str
        Who answers for a node.
    sales : pandas.DataFrame
        node (leaf), month, value: net revenue by today's owner, months that are over.
    leaf_of : pandas.Series
        Leaf by account.
    last : pandas.Timestamp
        First day of the last month that is over.
    """

    tree: Tree
    people: pd.DataFrame
    names: dict[str, tuple[str, str]]
    heads: dict[str, str]
    sales: pd.DataFrame
    leaf_of: pd.Series
    last: pd.Timestamp

    @property
    def leaves(self) -> list[str]:
        """Names of the leaves, in the order of the tree."""
        return [self.tree.nodes[leaf] for leaf in self.tree.leaves]


def ground(company: Company, *, middle: str = "province") -> Ground:
    """Read tree and sales.

    Parameters
    ----------
    company : Company
    middle : {"province", "team"}
        What stands between region and person.

    Raises
    ------
    MissingTableError
        If rep, team, account or order_line is not there.
    NotIdentifiedError
        If fewer than 24 months of sales are over, or nobody owns an account.
    """
    company.require("rep", "team", "account", "order_line")
    everyone = company.sql(_PEOPLE).drop_duplicates("rep_id", keep="last")
    last = last_month(company.data_as_of)
    rows = _sold(company, last)
    owners = set(rows["owner"])
    people = everyone[everyone["rep_id"].isin(owners)].set_index("rep_id")
    months = rows["month"].nunique()
    if months < 24 or people.empty:
        raise NotIdentifiedError(
            later(
                "{months} months of sales and {people} people with accounts give no year to plan",
                months=months,
                people=len(people),
            ),
            where="order_line, account.owner_id",
            do=later("load two years or more of sales and the owners of accounts"),
        )
    held = rows["owner"].isin(people.index)
    rows["node"] = rows["owner"].where(held, "open:" + rows["region"].fillna(""))
    sales = rows.groupby(["node", "month"])["value"].sum().to_frame().reset_index()
    people = people.rename(columns={"team_id": "team", "hired_date": "start"})
    places = _provinces(company) if middle == "province" else None
    people["above"] = people["team"] if places is None else _main(rows, people, places, last)
    return Ground(
        tree=_tree(people, sales, middle),
        people=people,
        names=_names(company, people, sales, everyone),
        heads=_heads(company, people, sales, at_work=set(everyone["rep_id"])),
        sales=sales,
        leaf_of=_leaf_of(company, rows, people),
        last=last,
    )


def _provinces(company: Company) -> pd.Series | None:
    """Code of the province by account (GB/T 2260), None where accounts have no places."""
    rows = company.sql(
        "select account_id, substr(geo_code, 1, 2) || '0000' as province from account"
        " where length(geo_code) = 6 order by account_id"
    )
    return rows.set_index("account_id")["province"] if len(rows) else None


def _main(
    rows: pd.DataFrame, people: pd.DataFrame, places: pd.Series, last: pd.Timestamp
) -> pd.Series:
    """Node of the province that brought most of each person's sales in the last 24 months.

    A province is one node in each region that has people there; who sold nothing in a known
    place stands under the team.
    """
    known = rows.assign(province=rows["account_id"].map(places)).dropna(subset="province")
    known = known[known["month"] > last - pd.DateOffset(months=24)]
    sums = known.groupby(["owner", "province"])["value"].sum().reset_index()
    sums = sums.sort_values(["owner", "value", "province"], ascending=[True, False, True])
    first = sums.drop_duplicates("owner").set_index("owner")["province"]
    code = pd.Series(people.index, index=people.index).map(first)
    return (people["region"] + ":" + code).where(code.notna(), people["team"])


def _leaf_of(company: Company, rows: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    """Leaf by account: its owner, or what nobody owns in its region."""
    accounts = company.sql("select account_id, owner_id, region from account order by account_id")
    owner = accounts["owner_id"].fillna("")
    leaf = owner.where(owner.isin(people.index), "open:" + accounts["region"].fillna(""))
    known = set(rows["node"])
    return leaf.where(leaf.isin(known)).set_axis(accounts["account_id"])


def _sold(company: Company, last: pd.Timestamp) -> pd.DataFrame:
    """Net revenue by owner, region and month, as the KPI dictionary has it."""
    from workbench.kpis import kpi

    began = company.sql("select min(recognised_date) as day from order_line")["day"].iloc[0]
    if pd.isna(began) or pd.Timestamp(began) > last:
        return pd.DataFrame({name: [] for name in _SOLD})
    table = kpi(
        company,
        REVENUE,
        start=pd.Timestamp(began).replace(day=1).date(),
        end=(last + pd.offsets.MonthEnd(0)).date(),
        by=("month", "region", "account_id"),
    ).table()
    owners = company.sql("select account_id, owner_id from account order by account_id")
    owner = owners.set_index("account_id")["owner_id"]
    return table.assign(
        owner=table["account_id"].map(owner).fillna(""),
        month=pd.to_datetime(table["month"].astype(str)),
        value=table["value"].astype(float),
    )[list(_SOLD)]


def last_month(as_of: dt.date) -> pd.Timestamp:
    """First day of the last month that is over on a day."""
    day = pd.Timestamp(as_of)
    first = day.to_period("M").start_time
    return first if day == day + pd.offsets.MonthEnd(0) else first - pd.DateOffset(months=1)


def targets_of(company: Company, year: int) -> pd.DataFrame:
    """Targets that were set for a year: level, node, tier, month, value; empty without any."""
    columns = ["level", "node", "tier", "month", "value"]
    if not company.has("target"):
        return pd.DataFrame(columns=columns)
    found = company.sql(_TARGETS, [year])
    found["month"] = pd.to_datetime(found["month"])
    return found[columns]


def padding_in(table: pd.DataFrame) -> dict[str, float]:
    """Padding by kind that targets already set contain: a level's sum over that above, less 1.

    Levels that are not there, or lie below the one above, have none. What teams were handed goes
    for provinces too: both stand between region and person.
    """
    base = table[table["tier"] == "base"].groupby("level")["value"].sum()
    out: dict[str, float] = {}
    above = float(base.get("company", 0.0))
    for level, kind in (("region", "region"), ("team", MIDDLE), ("rep", "person")):
        here = float(base.get(level, 0.0))
        if here > 0 and above > 0:
            part = max(round(here / above - 1, 4), 0.0)
            out |= dict.fromkeys((kind,) if isinstance(kind, str) else kind, part)
            above = max(here, above)
    return out


def _tree(people: pd.DataFrame, sales: pd.DataFrame, middle: str) -> Tree:
    loose = sorted(node for node in sales["node"].unique() if node.startswith("open:"))
    regions = sorted({*people["region"], *(node.removeprefix("open:") for node in loose)} - {""})
    above = people[["above", "team", "region"]].drop_duplicates("above")
    rows = [(ROOT, "", "company")]
    rows += [(region, ROOT, "region") for region in regions]
    rows += [
        (node, region, "team" if node == team else middle)
        for node, team, region in above.itertuples(index=False)
    ]
    rows += [(str(rep), node, "person") for rep, node in people["above"].items()]
    rows += [(node, node.removeprefix("open:") or ROOT, "open") for node in loose]
    return Tree.from_table(pd.DataFrame(rows, columns=["node", "parent", "kind"]))


def _names(
    company: Company, people: pd.DataFrame, sales: pd.DataFrame, everyone: pd.DataFrame
) -> dict[str, tuple[str, str]]:
    def region(code: str) -> tuple[str, str]:
        return company.label("region", code, "en"), company.label("region", code, "zh")

    names = {ROOT: KINDS["company"]}
    codes = set(people["region"])
    for node in sales["node"].unique():
        if node.startswith("open:"):
            code = node.removeprefix("open:")
            if not code:
                names[node] = NOWHERE
                continue
            codes.add(code)
            en, zh = region(code)
            names[node] = (f"{en}, no owner", f"{zh}无归属客户")
    names |= {code: region(code) for code in codes}
    teams = company.sql(
        "select team_id, arg_max(coalesce(name_en, name), valid_from) as en,"
        " arg_max(name, valid_from) as zh from team group by 1 order by 1"
    )
    names |= {team: (_line(en), _line(zh)) for team, en, zh in teams.itertuples(index=False)}
    if company.has("geo_unit"):
        places = company.sql(
            "select geo_code, arg_max(coalesce(name_en, name), valid_from) as en,"
            " arg_max(name, valid_from) as zh from geo_unit"
            " where level = 'province' group by 1 order by 1"
        ).set_index("geo_code")
    else:
        places = pd.DataFrame(columns=["zh", "en"])
    for node in people["above"].unique():
        code = str(node).partition(":")[2]
        if code:
            en, zh = (str(places[key].get(code) or code) for key in ("en", "zh"))
            names[str(node)] = (en, zh)
    told = everyone[["rep_id", "name_en", "name"]].itertuples(index=False)
    names |= {str(rep): (_line(en), _line(zh)) for rep, en, zh in told}
    return names


def _line(name: str) -> str:
    """A name on one line: one typed over two breaks files that others read."""
    return " ".join(name.split())


def _heads(
    company: Company, people: pd.DataFrame, sales: pd.DataFrame, *, at_work: set[str]
) -> dict[str, str]:
    """Head of each team today who is at work, and the director of each region where there is one.

    A province answers to the head of the team that most of its people are in, a region without a
    director to the head of its largest team, and accounts nobody owns to their region's head. The
    company answers to whom all directors report to, if that is one.
    """
    rows = company.sql(
        "select team_id, region, head_id from team where valid_to is null order by team_id"
    )
    heads = {team: head for team, _, head in rows.itertuples(index=False) if head in at_work}
    bosses = company.sql(
        "select t.region, min(r.rep_id) as head, arg_min(r.manager_id, r.rep_id) as above"
        " from rep r join team t using (team_id)"
        " where r.role = 'director' and r.valid_to is null and r.left_date is null"
        " group by 1 order by 1"
    )
    heads |= dict(bosses[["region", "head"]].itertuples(index=False, name=None))
    above = bosses["above"].dropna().unique()
    if len(above) == 1 and above[0] in at_work:
        heads[ROOT] = str(above[0])
    for column in ("above", "region"):
        for node, teams in people.groupby(column)["team"]:
            most = str(teams.value_counts().sort_index().idxmax())
            if node not in heads and most in heads:
                heads[str(node)] = heads[most]
    for node in sales["node"].unique():
        region = str(node).removeprefix("open:")
        if region != node and region in heads:
            heads[str(node)] = heads[region]
    return heads
