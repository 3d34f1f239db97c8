"""Words that all parts of the report share: names of nodes, one unit of money, sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.forecasting.batch import Floats
from workbench.forecasting.outlook.bookings import TOTAL
from workbench.text import Language

if TYPE_CHECKING:
    from workbench.forecasting.study_forecast import ForecastStudy


def known(value: float | None) -> bool:
    """Whether there is a number."""
    return value is not None and not math.isnan(value)


def full(lang: Language, clauses: Iterable[str]) -> str:
    """Clauses as sentences one after the other: capital at the head, full stop at the end."""
    ended = (clause[0].upper() + clause[1:] + lang.stop for clause in clauses if clause)
    return lang.sentences(ended)


def currency(result: ForecastStudy) -> str:
    """Base currency of the company."""
    return result.scope.currency


def money(result: ForecastStudy, value: float, lang: Language) -> str:
    """An amount in running text."""
    return lang.money(value, currency=currency(result))


def span(result: ForecastStudy, low: float, high: float, lang: Language) -> str:
    """A range of amounts in running text."""
    return lang.interval(low, high, currency=currency(result))


def measure_name(result: ForecastStudy, lang: Language) -> str:
    """Name of what is forecast."""
    words = ("Bookings", "签约") if result.scope.kpi == "bookings" else ("Revenue", "收入")
    return lang.pick(*words)


def tax(result: ForecastStudy, lang: Language) -> str:
    """Tax basis of what is forecast."""
    with_vat = result.scope.kpi == "bookings"
    return lang.say("VAT included") if with_vat else lang.say("VAT excluded")


def looked_at(result: ForecastStudy, lang: Language) -> str:
    """The months of the total, and the regions where they are not all."""
    label = result.scope.company.label
    names = [str(label("region", code, lang)) for code in result.scope.regions]
    return lang.comma.join([period(result, lang), *([lang.pause.join(names)] if names else [])])


def period(result: ForecastStudy, lang: Language) -> str:
    """The months of the total in words."""
    looked = result.scope
    return lang.period(looked.calendar_start, looked.closing(looked.end))


def ahead(result: ForecastStudy, lang: Language) -> str:
    """The months ahead in words."""
    months = result.scope.months
    return lang.period(months[0], result.scope.closing(months[-1]))


def node_name(result: ForecastStudy, node: str, lang: Language) -> str:
    """Name of a node: the company, a region, a line, or a region and a line."""
    if node == TOTAL:
        part = lang.pick("Regions chosen", "所选大区")
        return part if result.scope.regions else lang.pick("Company", "全公司")
    regions = {name.split("/")[0] for name in result.outlook.tree.series}
    label = result.scope.company.label
    if "/" in node:
        region, line = node.split("/", 1)
        names = (label("region", region, lang), label("product_line", line, lang))
        return lang.pick(" ", "").join(map(str, names))
    return str(label("region" if node in regions else "product_line", node, lang))


def regions(result: ForecastStudy) -> list[str]:
    """Nodes that are regions, in the order of the hierarchy."""
    return _level(result, "region")


def lines(result: ForecastStudy) -> list[str]:
    """Nodes that are product lines, in the order of the hierarchy."""
    return _level(result, "product_line")


def _level(result: ForecastStudy, key: str) -> list[str]:
    place = 0 if key == "region" else 1
    wanted = {name.split("/")[place] for name in result.outlook.tree.series}
    return [node for node in result.outlook.nodes if node in wanted]


def a_month_ago(result: ForecastStudy) -> Floats:
    """Draws of the total as they were a month ago, over the same months as now."""
    before = result.answer("month_ago")
    if before.scope.begin == result.scope.begin:
        return np.asarray(before.total())
    return np.asarray(before.draws[:, 0, -result.scope.horizon :].sum(axis=1))


def one_unit(result: ForecastStudy, values: Iterable[float], lang: Language) -> Any:
    """One unit of money for a table or chart."""
    finite = [value for value in values if known(value)]
    return lang.scale(finite or [1e6], currency=currency(result))


def closed(values: Any, total: float, scale: Any) -> Any:
    """Parts rounded to what is written of them, so that they add up to their total as written.

    Parameters
    ----------
    values : array_like
        Exact parts, in currency units.
    total : float
        Their exact sum.
    scale : Scale
        The unit of the table.

    Returns
    -------
    numpy.ndarray
        Parts in currency units.
    """
    from workbench.charts import rounded_together

    step = scale.divisor / 10**scale.decimals
    return rounded_together(values, total=round(total / step) * step, step=step) * step
