"""Is a change good or bad, and which triangle shows it?

The triangle points where the number went; filled is favourable, hollow unfavourable. Direction
comes from the KPI dictionary: "up" or "down" is better, "context" is neither, "band" is judged by
whether the value lies in its band.
"""

from __future__ import annotations

from typing import Any

from workbench.errors import ParameterError
from workbench.text import numbers

DIRECTIONS = ("up", "down", "context", "band")


def favourable(
    change: Any,
    direction: str,
    *,
    value: Any = None,
    band: tuple[float, float] | None = None,
) -> bool | None:
    """Tell whether a change is favourable; None where there is nothing to judge.

    Parameters
    ----------
    change : number
        The change; zero and missing are not judged.
    direction : {"up", "down", "context", "band"}
        Which way is better.
    value, band : number and (low, high), for "band" only
        The value reached and its normal band; inside is favourable.

    Raises
    ------
    ParameterError
        If the direction is unknown, or "band" comes without value and band.
    """
    if direction not in DIRECTIONS:
        raise ParameterError(
            f"direction {direction!r} is unknown", do=f"choose one of {', '.join(DIRECTIONS)}"
        )
    if direction == "band" and (value is None or band is None):
        raise ParameterError("a band cannot judge without value and band", do="hand in both")
    if direction == "context" or numbers.is_missing(change) or change == 0:
        return None
    if direction == "band":
        low, high = band or (0, 0)
        return None if numbers.is_missing(value) else bool(low <= value <= high)
    return bool((change > 0) == (direction == "up"))


def triangle(change: Any, direction: str, **judged: Any) -> str:
    """Return ▲ ▼ (favourable), △ ▽ (unfavourable) or "" where there is nothing to judge."""
    good = favourable(change, direction, **judged)
    if good is None:
        return ""
    return ("▲" if good else "△") if change > 0 else ("▼" if good else "▽")
