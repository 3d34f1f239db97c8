"""Which system and table a row of headers comes from, from the headers alone.

Each object of each system is a list of headers (`headers.py`); the list that knows most of a
sheet's headers wins, rare headers counting more than common ones. A named system must show headers
that free-form sheets do not have, else the sheet is taken as free-form: Fxiaoke's 客户名称 and
商机金额 stand in every sheet. File and sheet names are weak evidence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from workbench.loaders.headers import (
    GENERIC,
    OWN,
    Fact,
    agreed,
    counterpart,
    facts,
    forms,
    groups,
    has_chinese,
    own_facts,
    own_group,
    plain,
    spread,
)
from workbench.tables import TABLES

#: Constants that an object's very name gives.
OBJECT_CONSTANTS: dict[tuple[str, str], dict[str, str]] = {
    ("zoho", "Calls"): {"activity_type": "call"},
    ("zoho", "Events"): {"activity_type": "visit"},
}

#: Words in names of files and sheets; the longest that is found counts.
NAME_WORDS: dict[str, tuple[str, ...]] = {
    "account": ("客户", "客户名单", "account", "customer", "compan", "client", "organi"),
    "contact": ("联系人", "contact"),
    "lead": ("线索", "lead"),
    "opportunity": ("商机", "销售机会", "销售漏斗", "opportunit", "deal", "pipeline", "crm.lead"),
    "opportunity_snapshot": ("商机快照", "snapshot", "opportunityhistory"),
    "order_line": ("订单", "订单明细", "销售明细", "销售出库", "order", "retail", "sales"),
    "contract": ("合同", "contract"),
    "invoice": ("发票", "开票", "invoice"),
    "receipt": ("回款", "到账", "收款", "receipt", "payment", "collection"),
    "receivable_plan": ("应收", "回款计划", "收款计划", "receivable", "paymentplan"),
    "receipt_match": ("核销", "receipt_match"),
    "return_refund": ("退货", "退款", "return", "refund"),
    "delivery": ("发货", "发货单", "deliver", "shipment"),
    "product": ("产品", "商品", "价目", "product", "price list", "pricelist"),
    "unit_cost": ("成本", "unit_cost", "cost"),
    "partner": ("经销商", "渠道商", "代理商", "合作伙伴", "partner", "dealer", "distributor"),
    "sell_out": ("动销", "终端销售", "终端销量", "sell-out", "sell_out", "sellout"),
    "partner_stock": ("经销商库存", "渠道库存", "库存", "stock", "inventory"),
    "rebate": ("返利", "rebate"),
    "rep": ("人员", "员工", "销售人员", "花名册", "sales_team", "staff", "employee", "reps"),
    "team": ("团队", "部门", "team"),
    "target": ("目标", "销售目标", "任务", "指标", "target", "quota", "goal"),
    "activity": ("跟进", "拜访", "销售记录", "activit", "visit", "calls", "events"),
    "expense": ("费用", "报销", "expense"),
    "case": ("工单", "服务单", "cases", "tickets"),
    "campaign": ("市场活动", "campaign"),
    "quote": ("报价", "quote", "quotation"),
    "exchange_rate": ("汇率", "exchange_rate", "fx rate"),
    "credit_limit": ("信用额度", "授信", "credit_limit"),
}

#: Weights: a known header without a column of ours says less; names of files are weak evidence.
_UNUSED, _NAMED, _DISTINCT, _COMPLETE = 0.3, 0.8, 0.25, 0.6

#: A second table this near to the best leaves the question open.
_NEAR = 0.93

#: A header that more tables (or systems) than this know does not tell them apart.
_TELLING = 3

#: What a line of an order has besides date and amount; without it the sheet may be anything.
_ORDERED = frozenset({"quantity", "product.name", "product_id"})

#: Share of the headers that must be our own in a template or export of ours.
_OWN_SHARE = 0.8

#: Fields that a look-up carries beside name and id, and the way interfaces write them.
_PARTS = re.compile(
    r"^(?P<base>.+?)(?P<part>__r\.name|__r\.id|__r|\.name|\.id|\.email|\.type|\.url|\.code"
    r"|@odata\.community\.display\.v1\.formattedvalue)$",
    re.I,
)
_LOOKUP = re.compile(r"^_(?P<base>\w+)_value$")
_NAME_PARTS = ("__r.name", "__r", ".name", "@odata.community.display.v1.formattedvalue")
_ID_PARTS = ("__r.id", ".id", "_value")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One object of one system held against a sheet.

    Attributes
    ----------
    system, object, table : str
    hits : dict of int to Fact
        Headers it knows, by their place.
    score : float
        The higher, the more it explains.
    distinct : int
        Headers of few systems, which free-form sheets of this table do not have.
    telling : int
        Headers with a target that few tables know.
    """

    system: str
    object: str
    table: str
    hits: dict[int, Fact] = field(default_factory=dict)
    score: float = 0.0
    distinct: int = 0
    telling: int = 0

    @property
    def used(self) -> int:
        """Headers with a target."""
        return sum(fact.target is not None for fact in self.hits.values())


def own_template(headers: Sequence[str], *, table: str | None, name: str) -> Candidate | None:
    """Our own template or export: nearly all headers are columns or labels of one table.

    Parameters
    ----------
    headers : sequence of str
    table : str or None
        Only this table, if given.
    name : str
        Names of file and sheet.
    """
    found = []
    for owner in TABLES:
        known = own_group(owner)
        near = sum(any(way in known for way in forms(header)) for header in headers)
        if table in (None, owner) and near >= _OWN_SHARE * len(headers):
            hits = _own_hits(headers, owner)
            if _is_own(hits, headers, owner):
                exact = sum(f.kind == "api" and f.header == headers[i] for i, f in hits.items())
                bonus = 0.5 if _is_named(owner, name) else 0.0
                found.append(Candidate(OWN, owner, owner, hits, len(hits) + exact + bonus))
    found.sort(key=lambda c: -c.score)
    alone = len(found) == 1 or (found and found[0].score > found[1].score)
    return found[0] if alone else None


def _is_named(owner: str, name: str) -> bool:
    """Whether the name of the file or sheet is that of the table, or its title."""
    words = re.split(r"[^a-z_]+", name.casefold())
    titles = {title.casefold() for title in TABLES[owner].titles}
    return owner in words or bool(titles & {name.casefold(), *name.casefold().split()})


def candidates(
    headers: Sequence[str],
    *,
    system: str = "",
    object: str = "",
    table: str | None = None,
    name: str = "",
) -> list[Candidate]:
    """Objects of systems that know headers of the sheet, likeliest first.

    Parameters
    ----------
    headers : sequence of str
    system, object : str
        What the shape of the file gives away; only these are looked at then, unless the object
        is one that a company has made for itself.
    table : str or None
        Only this table, if given.
    name : str
        Names of file and sheet.
    """
    found = []
    named = named_table(name)
    if system and object and not _knows(system, object):  # of its own making: like any sheet
        system = object = ""
    for owner, thing, target in groups():
        if not target or (system and owner != system) or (table and target != table):
            continue
        if object and thing.casefold() != object.casefold():
            continue
        candidate = _scored(headers, owner, thing, target, named)
        if candidate.hits and _shows_itself(candidate, given=bool(system)):
            found.append(candidate)
    return sorted(found, key=lambda c: (-c.score, c.system in GENERIC, -_own(c), c.object))


def near_tables(found: Sequence[Candidate]) -> list[str]:
    """Tables that explain a sheet about as well as the first one, itself among them."""
    best: dict[str, float] = {}
    for candidate in found:
        best[candidate.table] = max(best.get(candidate.table, 0.0), candidate.score)
    top = max(best.values(), default=0.0)
    return [
        table for table, score in sorted(best.items(), key=lambda p: -p[1]) if score >= _NEAR * top
    ]


def named_table(name: str) -> str:
    """Table that names of file and sheet point to; "" where they say nothing."""
    text = name.casefold().replace(" ", "_")
    found = [
        (len(word), table)
        for table, words in NAME_WORDS.items()
        for word in words
        if word.replace(" ", "_") in text
    ]
    return max(found)[1] if found else ""


def lookup(header: str, system: str, thing: str, table: str) -> Fact | None:
    """What one object takes a header for, parts of look-ups (`Owner.name`) among them."""
    known = own_group(table) if system == OWN else groups().get((system, thing, table), {})
    for key in forms(header):
        if key in known:
            return known[key]
    return _part_of(header, known, table)


def elsewhere(header: str, table: str) -> Fact | None:
    """What free-form sheets, or all systems alike, take a header for; never a verified fact."""
    order = GENERIC if has_chinese(header) else GENERIC[::-1]
    for system in order:
        fact = lookup(header, system, "sheet", table)
        if fact is not None:
            return replace(fact, verified=False)
    for key in forms(header):
        if key in agreed(table):
            return replace(agreed(table)[key], verified=False)
    return None


# -- helpers -------------------------------------------------------------------------------------


def _own_hits(headers: Sequence[str], table: str) -> dict[int, Fact]:
    """Columns of our own table by place: in one kind of names, then the rest in any.

    A label may stand on two columns of a table; the first header of that label is the first.
    """
    every = own_facts(table)
    kinds = [[f for f in every if f.kind == kind] for kind in ("api", "en", "zh")]
    best = max((_each_once(headers, known, {}) for known in kinds), key=len)
    return _each_once(headers, every, best)


def _each_once(
    headers: Sequence[str], known: Sequence[Fact], taken: dict[int, Fact]
) -> dict[int, Fact]:
    hits, used = dict(taken), {fact.target for fact in taken.values()}
    for place, header in enumerate(headers):
        if place not in hits:
            ways = forms(header)
            fits = (f for f in known if f.target not in used and plain(f.header) in ways)
            fact = next(fits, None)
            if fact is not None:
                hits[place] = fact
                used.add(fact.target)
    return hits


def _is_own(hits: dict[int, Fact], headers: Sequence[str], table: str) -> bool:
    targets = {fact.target for fact in hits.values()}
    declared = TABLES[table]
    key = [k for k in declared.key if k != "valid_from" and declared.column(k).needed]
    return len(targets) >= 3 and len(hits) >= _OWN_SHARE * len(headers) and targets.issuperset(key)


def _knows(system: str, object: str) -> bool:
    return any(s == system and o.casefold() == object.casefold() for s, o, _ in groups())


def _scored(headers: Sequence[str], system: str, thing: str, table: str, named: str) -> Candidate:
    hits, score, distinct, telling = {}, 0.0, 0, 0
    for place, header in enumerate(headers):
        fact = _looked_up(header, system, thing, table)
        if fact is None:
            continue
        hits[place] = fact
        tables, owners = _spread(fact.header)
        score += (1.0 if fact.target else _UNUSED) / tables**0.5
        telling += fact.target is not None and tables <= _TELLING
        if system not in GENERIC and owners <= _TELLING and not _generic(header, table):
            distinct += 1
            score += _DISTINCT
    if hits and _complete(table, {fact.target for fact in hits.values()}):
        score += _COMPLETE
    if hits and named == table:
        score += _NAMED
    return Candidate(system, thing, table, hits, score, distinct, telling)


def _looked_up(header: str, system: str, thing: str, table: str) -> Fact | None:
    """What an object takes a header for; free-form sheets mix Chinese and English."""
    fact = lookup(header, system, thing, table)
    if fact is None and system in GENERIC:
        (other,) = {*GENERIC} - {system}
        fact = lookup(header, other, thing, table)
    return fact


def _own(candidate: Candidate) -> int:
    """Headers in the candidate's own language."""
    return sum(fact.system == candidate.system for fact in candidate.hits.values())


def _spread(header: str) -> tuple[int, int]:
    """Tables and systems that know a header; those of the look-up for a part of it."""
    key = plain(header)
    return spread().get(key) or spread().get(plain(_split(header)[0])) or (1, 1)


def _generic(header: str, table: str) -> bool:
    return any(lookup(header, system, "sheet", table) for system in GENERIC)


def _complete(table: str, targets: set[str | None]) -> bool:
    """Whether rows of the table would say something; tables without such rules need three."""
    from workbench.loaders.compose import ESSENTIAL

    needed = ESSENTIAL.get(table)
    if needed is None:
        return len(targets - {None}) >= 3
    if table == "order_line" and not targets & _ORDERED:
        return False
    derived = {"amount"} if targets & {"@unit_price", "net_price", "@amount_net"} else set()
    return all((targets | derived) & set(group) for group in needed)


def _shows_itself(candidate: Candidate, *, given: bool) -> bool:
    """Whether a named system shows what free-form sheets do not; free-form ones always do."""
    return given or candidate.system in GENERIC or candidate.distinct >= 1


def _part_of(header: str, known: dict[str, Fact], table: str) -> Fact | None:
    """A part of a look-up: `Owner.name` and `Owner.id` from what is known of `Owner`."""
    base, part = _split(header)
    fact = known.get(plain(base)) if base else None
    if fact is None:
        return None
    if fact.target is None:
        return replace(fact, header=header)
    both = counterpart(TABLES[table], fact.target)
    if part in _NAME_PARTS:
        target = both[0] if both else fact.target
        return replace(fact, header=header, target=target, rank=fact.rank - 1)
    if part in _ID_PARTS and both:
        return replace(fact, header=header, target=both[1], rank=fact.rank - 1)
    return replace(fact, header=header, target=None)


@lru_cache(maxsize=2_000)
def _split(header: str) -> tuple[str, str]:
    found = _PARTS.match(header.strip())
    if found:
        base, part = found["base"], found["part"].casefold()
        inner = _LOOKUP.match(base)
        return (inner["base"] if inner else base), part
    inner = _LOOKUP.match(header.strip())
    return (inner["base"], "_value") if inner else ("", "")


def known_systems() -> tuple[str, ...]:
    """Names of all systems whose headers are known, free-form sheets last."""
    return tuple(dict.fromkeys(fact.system for fact in facts()))
