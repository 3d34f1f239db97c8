"""Results of sweeps made up for tests: no study runs, the numbers come from a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from workbench.contract import Params as Base
from workbench.contract import field
from workbench.studies.sweep.cases import Case, Fault, Line, Meaning
from workbench.studies.sweep.designs import points
from workbench.studies.sweep.spec import Block, SweepSpec
from workbench.studies.sweep.table import SweepResult
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
REGIONS = {"east": ("East", "华东"), "north": ("North", "华北"), "south": ("South", "华南")}


class Params(Base):
    """Parameters of the made-up study."""

    price: float = field(
        4.0,
        ge=0,
        le=10,
        step=0.5,
        unit="CNY",
        title="Price",
        help="Price asked",
        zh=("单价", "报价"),
    )
    discount: float = field(
        0.1,
        ge=0,
        le=1,
        step=0.01,
        unit="share",
        title="Discount",
        help="Off the list price",
        zh=("折扣", "低于目录价的比例"),
    )
    reps: int = field(
        20,
        ge=1,
        le=99,
        step=1,
        unit="people",
        title="Reps",
        help="Number of reps",
        zh=("销售人数", "销售人员数"),
    )
    region: str = field(
        "east",
        choices=REGIONS,
        title="Region",
        help="Region looked at",
        zh=("大区", "所看大区"),
    )
    lines: tuple[str, ...] = field(
        (),
        title="Product lines",
        help="Lines looked at; all if empty",
        zh=("产品线", "所看产品线；为空时为全部"),
    )
    seed: int = field(
        7, ge=0, le=100_000, step=1, unit="seed", title="Seed", help="Seed of the draws",
        zh=("种子", "抽样种子"),
    )  # fmt: skip


MEANINGS = {
    "profit": Meaning(name="profit", label=("Profit", "利润"), kind="money", unit=("CNY", "CNY")),
    "win_rate": Meaning(
        name="win_rate", label=("Win rate", "赢单率"), kind="percent", unit=("", "")
    ),
    "days": Meaning(name="days", label=("Days to close", "成交天数"), kind="number",
                    unit=("days", "天")),
}  # fmt: skip

Formula = Callable[[Mapping[str, Any]], dict[str, Any]]


def business(params: Mapping[str, Any]) -> dict[str, Any]:
    """A profit that rises and falls with price, and a win rate that discount buys."""
    noise = np.random.default_rng(params["seed"]).normal()
    scale = {"east": 1.0, "north": 0.8, "south": 0.7}[params["region"]]
    profit = 1e6 * scale * params["reps"] * params["price"] * (9 - params["price"])
    profit *= 1 - 0.8 * params["discount"]
    return {
        "profit": profit + 2e7 * noise,
        "win_rate": 0.2 + 0.4 * params["discount"] - 0.01 * params["price"] + 0.01 * noise,
        "days": 60 - 2 * params["price"] + noise,
    }


def swept(
    *blocks: Block,
    formula: Formula = business,
    lang: Language = EN,
    objectives: Mapping[str, Any] | None = None,
    fails: Callable[[Case], str] | None = None,
    skips: Callable[[Case], bool] | None = None,
    meanings: Mapping[str, Meaning] | None = None,
    declared: type[Base] = Params,
    studies: Sequence[str] | None = None,
) -> SweepResult:
    """A sweep over the blocks whose runs give what the formula says.

    `fails` says why a case fails ("" where it does not), `skips` which are not done yet.
    """
    cases: list[Case] = []
    lines: dict[str, Line] = {}
    base = declared().literals()
    names = studies or [block.study for block in blocks]
    for number, block in enumerate(blocks):
        for place, point in enumerate(points(block, base | block.set, frozenset({"reps"}))):
            for replicate in range(block.replicates):
                own = {"seed": base.get("seed", 0) + replicate} if block.replicates > 1 else {}
                params = base | block.set | point | own
                cases.append(
                    Case(
                        number=len(cases), block=number, point=place,
                        replicate=replicate if own else None, study=names[number],
                        params=params, varied=point | own, key=f"{len(cases):016x}",
                    )
                )  # fmt: skip
    for case in cases:
        if skips is not None and skips(case):
            continue
        if why := fails(case) if fails else "":
            fault = Fault(kind="time" if "limit" in why else "error", error="ValueError",
                          message=why)  # fmt: skip
            lines[case.key] = Line(key=case.key, status="failed", results={}, fault=fault)
            continue
        lines[case.key] = Line(
            key=case.key, status="finished", results=formula(case.params),
            seconds=0.01 + 0.001 * (case.number % 7), peak_mb=180.0,
        )  # fmt: skip
    return SweepResult(
        spec=SweepSpec(name="prices", blocks=blocks, objectives=dict(objectives or {})),
        cases=cases,
        lines=lines,
        meanings={name: dict(meanings or MEANINGS) for name in names},
        parameters={name: declared.declared(lang) for name in names},
        company=lang.pick("Acme", "顶点"),
        lang=lang,
        facts={lang.say("Hash of the data"): "0123456789abcdef"},
        labels={"pump": lang.pick("Pumps", "水泵"), "valve": lang.pick("Valves", "阀门")},
        titles=dict.fromkeys(names, lang.pick("Price study", "价格研究")),
    )


def block(design: str = "grid", **given: Any) -> Block:
    """A block of the made-up study."""
    return Block.model_validate({"study": "prices", "design": design, **given})


# -- published functions --------------------------------------------------------------------------


class Unit(Base):
    """Three parameters between 0 and 1."""

    x1: float = field(0.5, ge=0, le=1, step=0.1, unit="points", title="X1", help="First",
                      zh=("甲", "第一个"))  # fmt: skip
    x2: float = field(0.5, ge=0, le=1, step=0.1, unit="points", title="X2", help="Second",
                      zh=("乙", "第二个"))  # fmt: skip
    x3: float = field(0.5, ge=0, le=1, step=0.1, unit="points", title="X3", help="Third",
                      zh=("丙", "第三个"))  # fmt: skip


def ishigami(params: Mapping[str, Any]) -> dict[str, Any]:
    """Ishigami and Homma (1990) with a = 7, b = 0.1, its inputs moved to (0, 1)."""
    x, y, z = (np.pi * (2 * params[name] - 1) for name in ("x1", "x2", "x3"))
    return {"y": float(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))}


UNIT_RANGE = {name: {"from": 0.0, "to": 1.0} for name in ("x1", "x2", "x3")}
