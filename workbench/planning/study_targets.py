"""Targets: what each node is asked for, how likely that is, what it costs and brings.

The year is forecast for everybody together; targets, padding, pay and levers are judged on the
same futures. Nothing heavy is imported until `compute` runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.contract import Params as BaseParams
from workbench.contract import Study, field
from workbench.told import Told

if TYPE_CHECKING:
    import pandas as pd

    from workbench.company import Company
    from workbench.planning.company_year import Ground
    from workbench.planning.levers import LeverEffect
    from workbench.planning.padding import PaddingEffect
    from workbench.planning.response import Response as Answer
    from workbench.planning.targets import Targets
    from workbench.text import Language

RESIDUALS = {
    "manager": ("with the manager", "差额归上级"),
    "remainder": ("by largest remainder", "按最大余数"),
}
UNITS = {"10000": ("10,000", "万元"), "1000": ("1,000", "千元"), "1": ("1", "元")}


def _padding(title: str, zh: str) -> Any:
    return field(
        None,
        ge=0,
        le=0.5,
        step=0.01,
        unit="share",
        title=title,
        help="What is added on handing targets down to this level; as in the targets set last if"
        " empty",
        zh=(zh, "向这一级下达时增加的比例；为空时取最近一次下达目标中的比例"),
    )


def _part(default: float, title: str, help_: str, zh: tuple[str, str], *, le: float = 1) -> Any:
    return field(
        default, ge=0, le=le, step=0.01, unit="share", title=title, help=help_, zh=zh
    )  # fmt: skip


class Params(BaseParams):
    """Which year, what is wanted, how it is handed down."""

    year: int | None = field(
        None,
        ge=2000,
        le=2100,
        step=1,
        unit="years",
        title="Year",
        help="Calendar year of the targets; the one after the last day of the data if empty",
        zh=("年度", "目标所在自然年；为空时取数据截止日的次年"),
    )
    growth: float | None = field(
        None,
        ge=-0.5,
        le=1,
        step=0.01,
        unit="share",
        title="Growth of the base target",
        help="Over the year before; as asked for in the running year if empty",
        zh=("基准目标增长", "较上一年的增长；为空时取本年目标所要求的增长"),
    )
    floor: float = _part(
        0.92, "Floor", "Floor over base", ("保底", "保底目标与基准目标之比"), le=1
    )  # fmt: skip
    stretch: float = field(
        1.08,
        ge=1,
        le=2,
        step=0.01,
        unit=("ratio", "倍"),
        title="Stretch",
        help="Stretch over base",
        zh=("挑战", "挑战目标与基准目标之比"),
    )
    padding_region: float | None = _padding("Padding to regions", "大区加码")
    padding_team: float | None = _padding("Padding to teams", "部门加码")
    padding_person: float | None = _padding("Padding to people", "个人加码")
    unit: str = field(
        "10000",
        choices=UNITS,
        title="Unit",
        help="Targets are whole multiples of it, in the company's currency",
        zh=("取整单位", "目标取其整数倍，公司本位币"),
    )
    residual: str = field(
        "manager",
        choices=RESIDUALS,
        title="Residual",
        help="Who gets what rounding leaves",
        zh=("取整差额", "取整差额归谁"),
    )
    effort: float = _part(
        0.2,
        "Answer to padding",
        "Part of more output per part of more target, where the target is sure; an assumption",
        ("加码的努力反应", "目标必达时，目标每多一成产出多几成；为假设"),
    )
    attrition: float = _part(
        0.25,
        "Leavers",
        "Points of more leavers a year per point fewer who reach target; an assumption",
        ("离职反应", "达标比例每降1个百分点，年离职率升几个百分点；为假设"),
    )
    price_change: float = field(
        0.02,
        ge=-0.2,
        le=0.2,
        step=0.01,
        unit="share",
        title="Price lever",
        help="Change of price that is tried",
        zh=("价格杠杆", "试算的价格变动"),
    )
    follow: float = _part(
        0.0,
        "Competitors follow",
        "Part of a price change that competitors follow",
        ("对手跟随", "竞争对手跟随价格变动的比例"),
    )
    hires: int = field(
        2,
        ge=1,
        le=50,
        step=1,
        unit=("people", "人"),
        title="Head count lever",
        help="People added from April on that are tried",
        zh=("人力杠杆", "试算的4月起增员人数"),
    )
    achievable_low: float = _part(
        0.3, "Achievable from", "Chance from which a target is achievable",
        ("可达成下限", "视为可达成的最低概率"),
    )  # fmt: skip
    achievable_high: float = _part(
        0.8, "Achievable to", "Chance up to which a target asks for something",
        ("可达成上限", "视为有要求的最高概率"),
    )  # fmt: skip
    draws: int = field(
        1000,
        ge=200,
        le=20_000,
        step=200,
        unit="draws",
        title="Draws",
        help="Futures drawn",
        zh=("抽样次数", "抽取的未来情形数"),
    )
    seed: int = field(
        7,
        ge=0,
        le=2_000_000_000,
        step=1,
        unit="seed",
        title="Seed",
        help="Seed of the random numbers",
        zh=("种子", "随机数种子"),
    )


@dataclass(frozen=True)
class TargetStudy(Told):
    """All answers of the study; None where the tables do not give one.

    Attributes
    ----------
    company, params, year
        As asked.
    ground : Ground
        Tree, names, sales.
    targets : Targets
        Of the year, padding handed down.
    growth : float
        Of the base target over the year before.
    before : DataFrame
        node x month: the year before, months to come as expected.
    promised : DataFrame or None
        Promises of people, corrected.
    causes : DataFrame or None
        Why top-down and promises differ.
    plain_reach : float
        Share of people who would reach base without padding.
    padding : PaddingEffect or None
        None without padding.
    money : DataFrame or None
        Pay and profit by node.
    cover : DataFrame or None
        Pipeline by node; `win_rate` and `deal_share` with it.
    levers : dict of str to (LeverEffect, Response or None)
    checks : DataFrame
        SMART.
    standing : DataFrame or None
        Pace of the running year; `deals` is what must happen.
    """

    company: Company
    params: Params
    year: int
    ground: Ground
    targets: Targets
    growth: float
    before: pd.DataFrame
    promised: pd.DataFrame | None
    causes: pd.DataFrame | None
    plain_reach: float
    padding: PaddingEffect | None
    money: pd.DataFrame | None
    cover: pd.DataFrame | None
    win_rate: float
    deal_share: float
    levers: dict[str, tuple[LeverEffect, Answer | None]]
    checks: pd.DataFrame
    standing: pd.DataFrame | None
    deals: pd.DataFrame | None

    def story(self) -> Any:
        """The package that tells the study."""
        from workbench.planning import story

        return story

    def summary(self) -> dict[str, float]:
        """Key figures by name."""
        from workbench.planning.story.records import summary

        return summary(self)

    def labels(self) -> dict[str, tuple[str, ...]]:
        """Names of key figures, tables and columns in both languages."""
        from workbench.planning.story.records import LABELS

        return dict(LABELS)

    def codes(self) -> dict[str, dict[str, tuple[str, str]]]:
        """Words for the codes of result tables."""
        from workbench.planning.story.records import codes

        return codes(self)

    def assumptions(self, lang: Language) -> list[tuple[str, str]]:
        """What the figures take for granted: subject and sentence."""
        from workbench.planning.story.assumed import assumptions

        return assumptions(self, lang)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Result tables by name."""
        from workbench.planning.story.records import tables

        return tables(self)


def compute(company: Company, params: Params) -> TargetStudy:
    """Set the year's targets on its forecast and judge them.

    Raises
    ------
    MissingTableError
        If rep, team, account or order_line is not there.
    NotIdentifiedError
        If there are fewer than 24 months of sales, or nobody owns an account.
    ParameterError
        If the year is over, or more than 24 months ahead.
    """
    from workbench.planning.year import answers

    return TargetStudy(company=company, params=params, **answers(company, params))


STUDY = Study(
    name="targets",
    number=2,
    title=("Targets", "销售目标"),
    question=(
        "What is each region, team and person asked for, how likely is it, and what does handing"
        " it down do?",
        "各大区、部门与个人的目标是多少、达成概率多大，层层下达又带来什么？",
    ),
    params=Params,
    compute=compute,
)
