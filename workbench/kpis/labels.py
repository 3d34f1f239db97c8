"""Labels of cuts and directions, for tables, pages and messages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workbench.kpis.declare import Both, pick
from workbench.tables import TABLES

_TIMES: Mapping[str, Both] = MappingProxyType(
    {"month": ("Month", "月份"), "quarter": ("Quarter", "季度"), "year": ("Year", "年度")}
)
_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "approval": "order_line",
        "campaign_id": "campaign",
        "channel": "order_line",
        "expense_type": "expense",
        "method": "receipt",
        "partner_id": "partner",
        "product_id": "product",
        "product_line": "order_line",
        "region": "order_line",
        "rep_id": "order_line",
        "source": "opportunity",
        "stage": "opportunity",
        "team_id": "rep",
    }
)
_DIRECTIONS: Mapping[str, Both] = MappingProxyType(
    {
        "up": ("higher is better", "越高越好"),
        "down": ("lower is better", "越低越好"),
        "context": ("neither way is better by itself", "本身无优劣"),
        "band": ("best from {low} to {high}", "以{low}–{high}为宜"),
    }
)


def cut_label(cut: str, lang: object = "en") -> str:
    """Label of a cut: "region" is Region, 大区; the code itself where it is not known."""
    if cut in _TIMES:
        return pick(_TIMES[cut], lang)
    declared = TABLES[_TABLES.get(cut, "account")]
    if cut not in declared.column_names:
        return cut
    return declared.column(cut).title(lang)


def direction_label(
    direction: str, band: tuple[float, float] | None = None, lang: object = "en"
) -> str:
    """Which way is better, in words."""
    low, high = band or (0, 0)
    return pick(_DIRECTIONS[direction], lang).format(low=f"{low:g}", high=f"{high:g}")
