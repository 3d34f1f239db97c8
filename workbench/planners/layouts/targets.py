"""Targets: tiers, split, padding, levers at left; the tree with its chances, padding at right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.planners.key_figures import KeyFigure
from workbench.planners.layout import Group, Layout, Stack, View
from workbench.planners.reported import OVERVIEW
from workbench.planning.study_targets import SLOW, answer, prepare

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy
    from workbench.report import Block
    from workbench.text import Language

TABS = {
    OVERVIEW: ("Overview", "总览"),
    "split": ("All nodes", "各级目标"),
    "gap": ("Promises", "申报差额"),
    "padding": ("Padding", "层层加码"),
    "levers": ("Levers", "杠杆"),
    "money": ("Pay and profit", "薪酬与利润"),
    "smart": ("SMART", "SMART检查"),
    "pace": ("This year", "本年进度"),
}
BESIDE_A_TABLE = 556  # px of a chart, in a window of 1440


def view(results: TargetStudy, lang: Language, tab: str) -> View:
    """Tiles, and the page that is asked for."""
    from workbench.planning.story.first_page import foot, lead

    overview = tab in ("", OVERVIEW)
    return View(
        figures=[*_chances(results, lang), *_means(results, lang)],
        blocks=_overview(results, lang) if overview else [results.section(tab, lang)],
        foot=foot(results, lang),
        lead=lead(results, lang),
    )


def _overview(results: TargetStudy, lang: Language) -> list[Block | Stack]:
    from workbench.planning.story import blocks
    from workbench.report import Block

    cover = blocks.coverage(results, lang)
    return [
        Block(blocks.tree_table(results, lang)),
        Stack((Block(blocks.padding(results, lang)), Block(blocks.attained(results, lang)))),
        Block(blocks.months(results, lang, width=BESIDE_A_TABLE)),
        *([Block(cover)] if cover is not None else []),
    ]


def _chances(results: TargetStudy, lang: Language) -> list[KeyFigure]:
    """Chance of base, what people are asked for, how many of them reach it."""
    from workbench.planning.story.words import chance, currency, handed, money, reach, wide

    table = wide(results)
    people = handed(results).iloc[-1]
    draws = results.targets.draws("revenue_net", str(table.index[0]))
    low, high = np.quantile(draws, [0.1, 0.9])
    ends = lang.interval(float(low), float(high), currency=currency(results))
    count = lang.number(int(results.targets.tree.of_kind("person").sum()))
    return [
        KeyFigure(
            name="chance_base",
            label=lang.pick("Chance of base", "基准目标概率"),
            basis=money(results, float(table["base"].iloc[0]), lang),
            value=chance(results),
            kind="probability",
            direction="up",
            second=lang.say("80% interval {interval}", interval=ends),
        ),
        KeyFigure(
            name="handed",
            label=lang.pick("Asked of people", "个人指标合计"),
            basis=lang.pick("company = 100", "公司=100"),
            value=100 * (1 + float(people["over"])),
            direction="down",
            second=money(results, float(people["amount"]), lang),
        ),
        KeyFigure(
            name="people_reach",
            label=lang.pick("People reach base", "个人达标比例"),
            basis=lang.pick(f"{count} people", f"{count}人"),
            value=reach(results),
            kind="probability",
            direction="up",
            second=lang.pick("without padding ", "不加码时")
            + lang.percent(results.plain_reach, decimals=0),
        ),
    ]


def _means(results: TargetStudy, lang: Language) -> list[KeyFigure]:
    """Coverage, pay and profit, where the tables give them."""
    from workbench.planning.story.words import currency, known

    made = []
    cover, paid = results.cover, results.money
    if cover is not None and known(cover["coverage"].iloc[0]):
        needed = lang.number(float(cover["coverage_needed"].iloc[0]), decimals=1)
        made.append(
            KeyFigure(
                name="coverage",
                label=lang.pick("Coverage", "商机覆盖"),
                basis=lang.pick("open deals", "在手商机"),
                value=float(cover["coverage"].iloc[0]),
                kind="ratio",
                direction="up",
                second=lang.pick(f"needed {needed}", f"需{needed}倍"),
            )
        )
    if paid is None:
        return made
    words: dict[str, tuple[str, str, Any]] = {
        "pay": ("Expected pay", "预计变动薪酬", "context"),
        "profit": ("Profit", "利润", "up"),
    }
    row = paid.iloc[0]
    return made + [
        KeyFigure(
            name=name,
            label=lang.pick(english, chinese),
            value=float(row[name]),
            kind="money",
            currency=currency(results),
            direction=direction,
            low=float(row[f"{name}_low"]),
            high=float(row[f"{name}_high"]),
        )
        for name, (english, chinese, direction) in words.items()
    ]


def standing(results: TargetStudy) -> dict[str, Any]:
    """Growth and padding of the targets set last, which hold where none is given."""
    from workbench.planning.year import padding_of

    held = padding_of(results.made, results.params)
    middle = results.params.middle
    return {
        "year": results.year,
        "growth": round(results.growth, 4),
        "padding_region": round(held["region"], 4),
        "padding_middle": round(held[middle], 4),
        "padding_person": round(held["person"], 4),
    }


LAYOUT = Layout(
    groups=(
        Group(title=("The company's target", "公司目标"), fields=("growth", "floor", "stretch")),
        Group(title=("Split", "分解方式"), fields=("middle", "unit", "residual")),
        Group(
            title=("Padding", "层层加码"),
            fields=("padding_region", "padding_middle", "padding_person"),
        ),
        Group(
            title=("Levers", "杠杆"),
            fields=(
                "price_change",
                "follow",
                "limit_change",
                "hires",
                "hires_from",
                "ramp",
            ),
            folded=True,
            hint=("Shown on the page of the same name.", "结果见右侧同名页。"),
        ),
        Group(
            title=("How people answer", "人员的反应"), fields=("effort", "attrition"), folded=True
        ),
    ),
    view=view,
    tabs=TABS,
    prepare=prepare,
    slow=SLOW,
    compute=lambda company, params, prepared: answer(prepared, params),
    standing=standing,
)
