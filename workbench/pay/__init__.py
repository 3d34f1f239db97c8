"""The exact pay engine: what a plan pays to whom, to the cent, and why.

`load_plan` reads a plan (a small YAML file), `pay` settles a year of credit lines by it. The
engine serves incentives and dealer rebates alike. First steps: docs/first_plan.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.pay.plan import Plan, load_plan, plan_from, plan_schema

if TYPE_CHECKING:
    from workbench.pay.curve import Payout, payout
    from workbench.pay.engine import correct, pay
    from workbench.pay.statement import Statement

__all__ = [
    "Payout",
    "Plan",
    "Statement",
    "correct",
    "load_plan",
    "pay",
    "payout",
    "plan_from",
    "plan_schema",
]

_LATER = {
    "pay": "workbench.pay.engine",
    "correct": "workbench.pay.engine",
    "Statement": "workbench.pay.statement",
    "Payout": "workbench.pay.curve",
    "payout": "workbench.pay.curve",
}


def __getattr__(name: str) -> Any:
    """Import the engine, and numba with it, when it is first asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATER[name]), name)
