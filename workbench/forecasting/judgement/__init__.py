"""Judgement: what people do to a forecast, kept, ruled and scored.

`ledger.py` overrides under rules          `value_added.py` does a stage help or hurt?
`gate.py` where naive is the better one    `bias.py`, `tracking.py` too high or too low?
`vintages.py` forecasts as they were made  `changes.py` what changed against the last
`figures.py` rows that are scored          `over_time.py` how sure a mean over time is
`fates.py` why an override stands or not   `plain.py` the naive stage
"""

from workbench.forecasting.judgement.bias import bias_tests
from workbench.forecasting.judgement.changes import Changes, what_changed
from workbench.forecasting.judgement.figures import STAGES, EntryFigures, add_up, from_entries
from workbench.forecasting.judgement.gate import Gate, use_naive
from workbench.forecasting.judgement.ledger import (
    Lock,
    Overridden,
    Rules,
    apply_overrides,
    check_locks,
)
from workbench.forecasting.judgement.plain import naive_figures
from workbench.forecasting.judgement.tracking import Tracking, tracking
from workbench.forecasting.judgement.value_added import ValueAdded, value_added
from workbench.forecasting.judgement.vintages import accuracy_over_time, keep, load, scored

__all__ = [
    "STAGES",
    "Changes",
    "EntryFigures",
    "Gate",
    "Lock",
    "Overridden",
    "Rules",
    "Tracking",
    "ValueAdded",
    "accuracy_over_time",
    "add_up",
    "apply_overrides",
    "bias_tests",
    "check_locks",
    "from_entries",
    "keep",
    "load",
    "naive_figures",
    "scored",
    "tracking",
    "use_naive",
    "value_added",
    "what_changed",
]
