"""The KPI dictionary: forty KPIs, each computed by any period and cut, formula beside the figure.

    kpi(company, "revenue_net", start="2026-01-01", end="2026-07-31", by=("month", "region"))

Facts and formulas: `kpis.csv`, `formulas.yaml`, `rows/*.sql`. How a statement is built:
`statement.py`; several figures at once, `ask_ahead`: `figures.py`, `keep.py`; organisation:
`places.py`; currencies: `currency.py`; comparisons: `growth.py`, `targets.py`; the company's own:
`own.py`; the pages in `docs/`: `pages.py`.
"""

from workbench.kpis.compute import Ask, ask_ahead, kpi, kpi_many
from workbench.kpis.declare import UNITS, Definition, Kpi, Part, dictionary
from workbench.kpis.keep import rows_of
from workbench.kpis.own import dictionary_of
from workbench.kpis.result import KpiResult

KPIS = dictionary()

__all__ = [
    "KPIS",
    "UNITS",
    "Ask",
    "Definition",
    "Kpi",
    "KpiResult",
    "Part",
    "ask_ahead",
    "dictionary_of",
    "kpi",
    "kpi_many",
    "rows_of",
]
