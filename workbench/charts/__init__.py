"""Charts: one definition for each question, from a result table to a `Figure`.

`lines.py` trend and fan                    `levels.py` level in its normal band
`named.py` up to five lines by name         `small.py` sparks and panels
`waterfall.py` from total to total          `variance.py` actual, plan and last year
`bars.py` bars and intervals                `funnel.py` stages of one cohort
`heat.py` heat table and cohort             `tiles.py` tile map
`histogram.py`, `pareto.py`, `scatter.py`   distribution, concentration, relation
`dots.py` a forecast as twenty outcomes     `staircase.py` an error stage by stage
`signals.py` a signal between its limits    `payout.py` pay over attainment, and who stands where
`theme.py` colours by role, page grid       `measure.py` how numbers are written
`figure.py` chart and words together        `render.py` to SVG and PNG
`drawing.py` marks on a plane as SVG, or as an Altair chart
`plane.py`, `axes.py`, `rows.py`, `letters.py`, `compose.py`, `sums.py` are what charts are made of.

Result tables hold raw values (currency units, shares, days); charts choose the unit and write it.
"""

from workbench.charts.bars import bars, interval_bars
from workbench.charts.dots import quantile_dots
from workbench.charts.figure import Figure, KeyEntry
from workbench.charts.funnel import funnel
from workbench.charts.heat import cohort, heat_table
from workbench.charts.histogram import bin_table, histogram
from workbench.charts.levels import band_line
from workbench.charts.lines import Target, fan, trend_band
from workbench.charts.measure import CHANGE, COUNT, DAYS, MONEY, SHARE, TOTAL, Measure
from workbench.charts.named import named_lines
from workbench.charts.pareto import pareto
from workbench.charts.payout import payout_curve
from workbench.charts.scatter import scatter
from workbench.charts.signals import signal_line
from workbench.charts.small import small_multiples, spark
from workbench.charts.staircase import staircase
from workbench.charts.sums import rounded_together
from workbench.charts.theme import Role, columns
from workbench.charts.tiles import tile_map
from workbench.charts.variance import variance_bars
from workbench.charts.waterfall import waterfall

__all__ = [
    "CHANGE",
    "COUNT",
    "DAYS",
    "MONEY",
    "SHARE",
    "TOTAL",
    "Figure",
    "KeyEntry",
    "Measure",
    "Role",
    "Target",
    "band_line",
    "bars",
    "bin_table",
    "cohort",
    "columns",
    "fan",
    "funnel",
    "heat_table",
    "histogram",
    "interval_bars",
    "named_lines",
    "pareto",
    "payout_curve",
    "quantile_dots",
    "rounded_together",
    "scatter",
    "signal_line",
    "small_multiples",
    "spark",
    "staircase",
    "tile_map",
    "trend_band",
    "variance_bars",
    "waterfall",
]
