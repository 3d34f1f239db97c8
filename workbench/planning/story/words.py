"""What several parts of the report of targets say: names, money, rows by node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.planning import judged
from workbench.planning.tiers import TIERS as NAMES
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.planning.target_study import TargetStudy

#: From low to high.
TIERS = tuple(NAMES)


def name(result: TargetStudy, node: str, lang: Language) -> str:
    """What a node is called."""
    return lang.pick(*result.ground.names[node])


def currency(result: TargetStudy) -> str:
    """Currency of targets."""
    return result.company.settings.base_currency


def money(result: TargetStudy, value: float, lang: Language) -> str:
    """An amount in words."""
    return lang.money(value, currency=currency(result))


def scale(result: TargetStudy, lang: Language) -> Any:
    """One unit of money for the tables of targets."""
    return lang.scale([float(result.params.unit) * 1000], currency=currency(result))


def kpi_name(kpi: str, lang: Language) -> str:
    """What a KPI is called."""
    from workbench.planning.year import kpi_names

    return lang.pick(*kpi_names(kpi))


def kpi_value(result: TargetStudy, kpi: str, value: float, lang: Language) -> str:
    """A figure of a KPI as its unit has it."""
    if kpi in ("revenue_net", "collections"):
        return lang.money(value, currency=currency(result))
    if kpi in ("gross_margin", "market_share"):
        return lang.percent(value, decimals=1)
    return lang.number(value, decimals=2 if kpi == "satisfaction" else 0)


def kpi_range(result: TargetStudy, kpi: str, low: float, high: float, lang: Language) -> str:
    """An interval of a KPI as its unit has it."""
    if kpi in ("revenue_net", "collections"):
        return lang.interval(low, high, currency=currency(result))
    if kpi in ("gross_margin", "market_share"):
        return lang.percent_interval(low, high, decimals=1)
    return lang.interval(low, high, decimals=2 if kpi == "satisfaction" else 0)


def tier(code: str, lang: Language) -> str:
    """Name of a tier."""
    return lang.pick(*NAMES[code])


def wide(result: TargetStudy) -> pd.DataFrame:
    """One row a node: kind, depth, floor, base, stretch, p_floor, p_base, p_stretch, expected."""
    return result.nodes


def chance(result: TargetStudy, code: str = "base") -> float:
    """Chance of the company's target."""
    return float(wide(result)[f"p_{code}"].iloc[0])


def reach(result: TargetStudy) -> float:
    """Share of people expected to reach their base target."""
    return judged.reach(result.targets)


def handed(result: TargetStudy) -> pd.DataFrame:
    """Sum of the base targets at each level down to the leaves, over the company's: kind, amount,
    over."""
    return result.handed


def kind(code: str, lang: Language) -> str:
    """Name of a level."""
    from workbench.planning.company_year import KINDS

    return lang.pick(*KINDS[code])


def weakest(result: TargetStudy, of: str = "region") -> str:
    """Node of a kind with the lowest chance of base."""
    return judged.weakest(result.targets, of)


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and bool(np.isfinite(value))
