"""Sales analysis as an explorer: period and cuts at left, one page a question at right."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workbench.analysis.study_sales_analysis import answer, prepare
from workbench.planners.key_figures import from_summary
from workbench.planners.layout import Group, Layout, View
from workbench.planners.options import kpis, regions
from workbench.report import Mark

if TYPE_CHECKING:
    from workbench.planners.key_figures import KeyFigure
    from workbench.report import Tile
    from workbench.text import Language

TABS = {
    "overview": ("Overview", "总览"),
    "explored": ("Explorer", "指标透视"),
    "trend": ("Trend", "趋势"),
    "cuts": ("Lines and provinces", "产品与省份"),
    "customers": ("Customers", "客户"),
    "retention": ("Retention", "留存"),
    "baskets": ("Baskets", "连带"),
    "market": ("Market", "市场"),
    "funnel": ("Funnel", "漏斗"),
    "pipeline": ("Pipeline", "商机"),
    "discounts": ("Discounts", "折扣"),
    "receivables": ("Receivables", "应收"),
    "dealers": ("Dealers", "经销商"),
    "anomalies": ("Odd days", "异常日"),
    "so_what": ("So what", "结论"),
}


def view(results: Any, lang: Language, tab: str) -> View:
    """The tiles of the first page, and below them the page of the report that is asked for."""
    first = results.page(lang)
    figures = from_summary(results.summary(), results.labels(), lang)[: len(first.tiles)]
    blocks = first.blocks if tab == "overview" else [results.section(tab, lang)]
    return View(
        figures=[_with_year(*pair) for pair in zip(figures, first.tiles, strict=True)],
        blocks=blocks,
        foot=first.foot,
        lead=first.finding,
    )


def _with_year(figure: KeyFigure, tile: Tile) -> KeyFigure:
    """The figure as the report's tile tells it: short name, basis, and the year before."""
    change = tile.change.words if isinstance(tile.change, Mark) else tile.change
    year = " ".join(filter(None, [change, tile.against])) if change else tile.second
    return replace(figure, label=tile.label, basis=tile.basis, second=year)


LAYOUT = Layout(
    groups=(
        Group(title=("What to look at", "看什么"), fields=("span", "as_of", "regions")),
        Group(
            title=("Explorer", "指标透视"),
            fields=("kpi", "cut"),
            hint=("Shown on the page of the same name.", "结果见右侧同名页。"),
        ),
        Group(title=("Basis", "口径"), fields=("organisation",)),
        Group(title=("Display", "显示"), fields=("top", "anomaly_limit"), folded=True),
    ),
    view=view,
    tabs=TABS,
    prepare=prepare,
    slow=("as_of", "span", "regions", "organisation"),
    compute=lambda company, params, prepared: answer(prepared, params),
    options={"regions": regions, "kpi": kpis},
)
