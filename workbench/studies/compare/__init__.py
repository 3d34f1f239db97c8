"""What changed between runs? Parameters, data, code, results, with sizes and sentences.

What went in: `inputs.py`. What came out: `results.py`, `tables.py`, `draws.py`. Put together, and
what the difference can come from: `comparison.py`. As tables and sentences: `view.py`,
`input_rows.py`. Shown: `console.py`, `page.py`.
"""

from workbench.studies.compare.comparison import Comparison, Pair, compare_runs
from workbench.studies.compare.console import print_comparison
from workbench.studies.compare.page import comparison_page, write_comparison

__all__ = [
    "Comparison",
    "Pair",
    "compare_runs",
    "comparison_page",
    "print_comparison",
    "write_comparison",
]
